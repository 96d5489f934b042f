/* Money: int64 minor units with a currency of the profile. Only this file multiplies, divides
 * and rounds money; every operation is checked for overflow and says its rounding in its name.
 */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include "base/str.h"

/* False on overflow, *out untouched. */
bool money_add(int64_t *out_minor, int64_t a_minor, int64_t b_minor);
bool money_sub(int64_t *out_minor, int64_t a_minor, int64_t b_minor);
bool money_mul(int64_t *out_minor, int64_t a_minor, int64_t times);
/* a * rate_bp / 10000, halves away from zero. */
bool money_mul_bp_half_up(int64_t *out_minor, int64_t a_minor, int64_t rate_bp);
/* a / divisor, halves away from zero; divisor > 0. */
bool money_div_half_up(int64_t *out_minor, int64_t a_minor, int64_t divisor);
/* Splits `total` over `count` parts in proportion to non-negative shares, exactly: each part
 * gets the floor, the units left over go to the largest remainders (ties: lower index).
 * False when all shares are 0 or on overflow. */
bool money_split(int64_t *parts_minor, int64_t total_minor, const int64_t *shares,
                 size_t count);
/* Reads "1234", "1,234.50", "-12.5", "¥ 12", "1.2万" with `decimals` of the currency. False
 * when it is not money or has more decimals than the currency. */
bool money_parse(int64_t *out_minor, struct str s, unsigned decimals);

#endif
