/* Arithmetic on money: integers, checked, with the rounding in the name. 128-bit products are
 * exact, so nothing here loses a unit on the way. */
#include "base/money.h"

#include <assert.h>
#include <string.h>

__extension__ typedef __int128 wide;

static bool narrow(int64_t *out, wide n)
{
    if (n > INT64_MAX || n < INT64_MIN)
        return false;
    *out = (int64_t)n;
    return true;
}

bool money_add(int64_t *out_minor, int64_t a_minor, int64_t b_minor)
{
    return narrow(out_minor, (wide)a_minor + b_minor);
}

bool money_sub(int64_t *out_minor, int64_t a_minor, int64_t b_minor)
{
    return narrow(out_minor, (wide)a_minor - b_minor);
}

bool money_mul(int64_t *out_minor, int64_t a_minor, int64_t times)
{
    return narrow(out_minor, (wide)a_minor * times);
}

/* n / divisor, halves away from zero. */
static wide div_half_up(wide n, wide divisor)
{
    wide whole = n / divisor, rest = n % divisor;
    if (rest >= 0)
        return whole + (rest * 2 >= divisor);
    return whole - (-rest * 2 >= divisor);
}

bool money_mul_bp_half_up(int64_t *out_minor, int64_t a_minor, int64_t rate_bp)
{
    return narrow(out_minor, div_half_up((wide)a_minor * rate_bp, 10000));
}

bool money_div_half_up(int64_t *out_minor, int64_t a_minor, int64_t divisor)
{
    assert(divisor > 0);
    return narrow(out_minor, div_half_up(a_minor, divisor));
}

/* total * share = floor * sum + remainder with 0 <= remainder < sum. */
static int64_t floor_part(int64_t *remainder, int64_t total, int64_t share, int64_t sum)
{
    wide n = (wide)total * share;
    wide whole = n / sum, rest = n % sum;
    if (rest < 0) {
        rest += sum;
        whole--;
    }
    *remainder = (int64_t)rest;
    return (int64_t)whole; /* |whole| <= |total|, as share <= sum */
}

/* The remainder at which the left-over units run out: every part with a larger one gets a unit,
 * and some of those that equal it. Bisection, so that no sorted copy is needed. */
static int64_t last_remainder(int64_t total, const int64_t *shares, size_t count, int64_t sum,
                              int64_t left)
{
    int64_t low = 0, high = sum;
    while (low < high) {
        int64_t middle = low + (high - low) / 2, above = 0;
        for (size_t i = 0; i < count; i++) {
            int64_t remainder;
            (void)floor_part(&remainder, total, shares[i], sum); /* only the remainder here */
            above += remainder > middle;
        }
        if (above <= left)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

bool money_split(int64_t *parts_minor, int64_t total_minor, const int64_t *shares, size_t count)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        assert(shares[i] >= 0);
        if (!money_add(&sum, sum, shares[i]))
            return false;
    }
    if (sum == 0)
        return false;
    int64_t left = total_minor, remainder;
    for (size_t i = 0; i < count; i++)
        left -= floor_part(&remainder, total_minor, shares[i], sum);
    assert(left >= 0 && (uint64_t)left < count);
    int64_t limit = left ? last_remainder(total_minor, shares, count, sum, left) : sum;
    int64_t equal = left; /* units for parts whose remainder is the limit itself */
    for (size_t i = 0; i < count; i++) {
        parts_minor[i] = floor_part(&remainder, total_minor, shares[i], sum);
        if (remainder > limit) {
            parts_minor[i]++;
            equal--;
        }
    }
    for (size_t i = 0; i < count && equal > 0; i++) {
        (void)floor_part(&remainder, total_minor, shares[i], sum); /* only the remainder here */
        if (remainder == limit) {
            parts_minor[i]++;
            equal--;
        }
    }
    assert(equal == 0);
    return true;
}

static bool take_start(struct str *s, struct str word)
{
    if (!str_starts(*s, word))
        return false;
    *s = str_trim((struct str){s->p + word.len, s->len - word.len});
    return true;
}

static bool take_end(struct str *s, struct str word)
{
    if (!str_ends(*s, word))
        return false;
    *s = str_trim((struct str){s->p, s->len - word.len});
    return true;
}

/* Copies the number without its thousands separators; false when a group is not of three. */
static bool ungroup(char *out, size_t size, size_t *len, struct str s)
{
    size_t in_group = 0, n = 0;
    bool grouped = false, behind_point = false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (c == ',') {
            if (behind_point || in_group == 0 || in_group > 3 || (grouped && in_group != 3))
                return false;
            grouped = true;
            in_group = 0;
            continue;
        }
        if (c == '.') {
            if (grouped && in_group != 3)
                return false;
            behind_point = true;
        }
        in_group++;
        if (n >= size)
            return false;
        out[n++] = c;
    }
    if (grouped && !behind_point && in_group != 3)
        return false;
    *len = n;
    return true;
}

bool money_parse(int64_t *out_minor, struct str s, unsigned decimals)
{
    char digits[64];
    size_t len = 1;
    assert(decimals <= 9);
    s = str_trim(s);
    bool negative = take_start(&s, STR("-")) || take_start(&s, STR("\u2212"));
    bool symbol = take_start(&s, STR("\u00a5")) || take_start(&s, STR("\uffe5"));
    if (symbol && !negative)
        negative = take_start(&s, STR("-")) || take_start(&s, STR("\u2212"));
    bool unit = take_end(&s, STR("元"));
    if (symbol && unit)
        return false;
    /* 1.2万 with 2 decimals is 1.2 with 6. */
    unsigned shift = take_end(&s, STR("万")) ? 4 : take_end(&s, STR("亿")) ? 8 : 0;
    if (s.len == 0 || s.p[0] < '0' || s.p[0] > '9')
        return false;
    digits[0] = '-';
    if (!ungroup(digits + 1, sizeof digits - 1, &len, s))
        return false;
    struct str number = {digits + 1 - negative, len + negative};
    return str_to_scaled(out_minor, number, decimals + shift);
}
