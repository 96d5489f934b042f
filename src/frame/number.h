/* Numbers and days as the texts of cells: the shortest decimal that reads back to the same
 * value, in plain digits wherever people would write plain digits. */
#ifndef FRAME_NUMBER_H
#define FRAME_NUMBER_H

#include "base/str.h"

enum { NUMBER_TEXT_MAX = 40 };

/* "12", "0.1", "110101199003070000", "1e+21", "-2.5e-7": plain digits when the decimal point
 * stands between 6 zeros before and 21 digits behind the first digit (ECMAScript's rule). Not
 * for NaN and infinities. `out` holds NUMBER_TEXT_MAX bytes; shares them. */
struct str number_text(char *out, double x);
/* As number_text for a 32-bit value: the shortest that reads back as that float ("0.1"). */
struct str number_text_f32(char *out, float x);
/* "12", "-3". */
struct str number_text_i64(char *out, int64_t n);
/* n / 10^decimals without trailing zeros: 1250, 2 gives "12.5". */
struct str number_text_scaled(char *out, int64_t n, unsigned decimals);
/* "2026-11-23" for a day; empty when its year is not 0001..9999. */
struct str number_text_day(char *out, int32_t day);
/* True when the text is already what number_text would give: at most 15 digits, nothing to
 * shorten. False only says that it is not known. */
bool number_is_short(struct str s);

#endif
