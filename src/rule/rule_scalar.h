/* What each instruction does to one row: the one place in C where the arithmetic of rules
 * stands. Used for folding constants and, in loops, for columns (rule_lanes.c). */
#ifndef RULE_RULE_SCALAR_H
#define RULE_RULE_SCALAR_H

#include "rule/code.h"

#define LANE     static inline __attribute__((always_inline)) int64_t
#define LANE_TOP ((uint64_t)1 << 63)

static const int64_t rule_power[19] = {1,
                                       10,
                                       100,
                                       1000,
                                       10000,
                                       100000,
                                       1000000,
                                       10000000,
                                       100000000,
                                       1000000000,
                                       10000000000,
                                       100000000000,
                                       1000000000000,
                                       10000000000000,
                                       100000000000000,
                                       1000000000000000,
                                       10000000000000000,
                                       100000000000000000,
                                       1000000000000000000};

/* RULE_MISSING is its own negative in 64 bits, and no other value overflows. */
LANE lane_neg(int64_t a)
{
    return (int64_t)(0 - (uint64_t)a);
}
LANE lane_abs(int64_t a)
{
    return a < 0 ? lane_neg(a) : a;
}
/* Is one of both missing? Without a branch, so that loops vectorise. */
static inline __attribute__((always_inline)) bool lane_gone(int64_t a, int64_t b)
{
    return ((a == RULE_MISSING) | (b == RULE_MISSING)) != 0;
}
LANE lane_add(int64_t a, int64_t b, int64_t *overflows)
{
    int64_t r = (int64_t)((uint64_t)a + (uint64_t)b);
    bool missing = lane_gone(a, b);
    bool bad = (((a ^ r) & (b ^ r)) < 0) | (r == RULE_MISSING);
    *overflows += (int64_t)(bad & !missing);
    return (missing | bad) ? RULE_MISSING : r;
}
LANE lane_sub(int64_t a, int64_t b, int64_t *overflows)
{
    int64_t r = (int64_t)((uint64_t)a - (uint64_t)b);
    bool missing = lane_gone(a, b);
    bool bad = (((a ^ b) & (a ^ r)) < 0) | (r == RULE_MISSING);
    *overflows += (int64_t)(bad & !missing);
    return (missing | bad) ? RULE_MISSING : r;
}
LANE lane_mul(int64_t a, int64_t b, int64_t *overflows)
{
    int64_t r;
    if (a == RULE_MISSING || b == RULE_MISSING)
        return RULE_MISSING;
    if (__builtin_mul_overflow(a, b, &r) || r == RULE_MISSING) {
        ++*overflows;
        return RULE_MISSING;
    }
    return r;
}
/* a * p / b with 128 bits between, half away from zero; b is not 0, nothing is missing. */
LANE lane_quotient(int64_t a, int64_t p, int64_t b, int64_t *overflows)
{
    int64_t n;
    uint64_t size = b < 0 ? 0 - (uint64_t)b : (uint64_t)b;
    if (!__builtin_mul_overflow(a, p, &n) && n != RULE_MISSING) {
        uint64_t of = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
        uint64_t q = of / size, rest = of % size;
        q += (uint64_t)(rest >= size - rest);
        return (n < 0) != (b < 0) ? (int64_t)(0 - q) : (int64_t)q;
    }
    __int128 wide = (__int128)a * p;
    unsigned __int128 of = wide < 0 ? 0 - (unsigned __int128)wide : (unsigned __int128)wide;
    unsigned __int128 q = of / size, rest = of % size;
    q += (unsigned __int128)(rest >= size - rest);
    if (q > INT64_MAX) {
        ++*overflows;
        return RULE_MISSING;
    }
    return (wide < 0) != (b < 0) ? -(int64_t)q : (int64_t)q;
}
LANE lane_div(int64_t a, int64_t b, int64_t p, struct rule_figures *figures)
{
    if (a == RULE_MISSING || b == RULE_MISSING)
        return RULE_MISSING;
    if (b == 0) {
        figures->zero_divisions++;
        return RULE_MISSING;
    }
    return lane_quotient(a, p, b, &figures->overflows);
}
/* a / p, half away from zero; p = 10^k. */
LANE lane_round(int64_t a, int64_t p)
{
    if (a == RULE_MISSING)
        return RULE_MISSING;
    int64_t q = a / p, rest = a % p;
    return q + (rest >= p - rest) - (-rest >= p + rest);
}
LANE lane_min(int64_t a, int64_t b)
{
    return a < b ? a : b; /* RULE_MISSING is the smallest */
}
LANE lane_max(int64_t a, int64_t b)
{
    int64_t r = a > b ? a : b;
    return lane_gone(a, b) ? RULE_MISSING : r;
}
LANE lane_compared(int64_t a, int64_t b, bool r)
{
    return lane_gone(a, b) ? RULE_MISSING : (int64_t)r;
}
LANE lane_eq(int64_t a, int64_t b)
{
    return lane_compared(a, b, a == b);
}
LANE lane_ne(int64_t a, int64_t b)
{
    return lane_compared(a, b, a != b);
}
LANE lane_lt(int64_t a, int64_t b)
{
    return lane_compared(a, b, a < b);
}
LANE lane_le(int64_t a, int64_t b)
{
    return lane_compared(a, b, a <= b);
}
/* Booleans are 0, 1 and the top bit alone, so that Kleene's tables are bit operations.
 * and: not false on both sides, and then missing if one is missing. */
LANE lane_and(int64_t a, int64_t b)
{
    uint64_t x = (uint64_t)a, y = (uint64_t)b;
    uint64_t not_false = (x | x >> 63) & (y | y >> 63) & 1, missing = (x | y) >> 63;
    return (int64_t)((not_false & ~missing) | (not_false & missing) << 63);
}
LANE lane_or(int64_t a, int64_t b)
{
    uint64_t r = (uint64_t)(a | b);
    return (int64_t)(r & ~((r & 1) << 63));
}
LANE lane_not(int64_t a)
{
    return (int64_t)((uint64_t)a ^ (((uint64_t)a >> 63) ^ 1));
}
LANE lane_missing(int64_t a)
{
    return a == RULE_MISSING;
}
LANE lane_if(int64_t a, int64_t b, int64_t c)
{
    int64_t r = a ? b : c;
    return a == RULE_MISSING ? RULE_MISSING : r;
}
LANE lane_first(int64_t a, int64_t b)
{
    return a == RULE_MISSING ? b : a;
}
LANE lane_in(int64_t a, const struct rule_set *set)
{
    size_t low = 0, high = set->count;
    if (a == RULE_MISSING)
        return RULE_MISSING;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->items[middle] < a)
            low = middle + 1;
        else
            high = middle;
    }
    return low < set->count && set->items[low] == a;
}
LANE lane_has_any(int64_t a, int64_t k)
{
    return a == RULE_MISSING ? RULE_MISSING : (a & k) != 0;
}
LANE lane_has_all(int64_t a, int64_t k)
{
    return a == RULE_MISSING ? RULE_MISSING : (a & k) == k;
}

/* A day as year * 512 + month * 32 + day. Source: Hinnant, "chrono-compatible low-level date
 * algorithms", civil_from_days. Days beyond two million years are held at that. */
LANE lane_civil(int64_t day)
{
    /* In unsigned 32 bits, 5,000 eras of 400 years up, so that gcc vectorises it. */
    int64_t limit = 700000000, held = day < -limit ? -limit : day > limit ? limit : day;
    uint32_t z = (uint32_t)(held + 719468 + (int64_t)146097 * 5000);
    uint32_t era = z / 146097, of_era = z - era * 146097;
    uint32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint32_t of_year = of_era - (365 * year + year / 4 - year / 100);
    uint32_t m = (5 * of_year + 2) / 153, d = of_year - (153 * m + 2) / 5 + 1;
    uint32_t month = m < 10 ? m + 3 : m - 9;
    int32_t y = (int32_t)(year + era * 400 + (month <= 2)) - 2000000;
    return (int64_t)y * 512 + (int64_t)(month * 32 + d);
}
LANE lane_month_of(int64_t a)
{
    int64_t c = lane_civil(a), year = c >> 9;
    return a == RULE_MISSING ? RULE_MISSING : year * 12 + ((c >> 5) & 15) - 1;
}
/* Full years and months between two civil days, a not after b. */
LANE lane_years_civil(int64_t a, int64_t b)
{
    return (b >> 9) - (a >> 9) - ((b & 511) < (a & 511));
}
LANE lane_months_civil(int64_t a, int64_t b)
{
    int64_t months = ((b >> 9) - (a >> 9)) * 12 + ((b >> 5) & 15) - ((a >> 5) & 15);
    return months - ((b & 31) < (a & 31));
}
/* A month's first day; months are year * 12 + month - 1. */
LANE lane_month_civil(int64_t m)
{
    int64_t limit = 12 * 2000000, held = m < -limit ? -limit : m > limit ? limit : m;
    uint32_t n = (uint32_t)(held + limit), year = n / 12;
    return ((int64_t)year - 2000000) * 512 + (int64_t)(n - year * 12 + 1) * 32 + 1;
}
LANE lane_years(int64_t a, int64_t b)
{
    int64_t x = lane_civil(a), y = lane_civil(b);
    int64_t r = y >= x ? lane_years_civil(x, y) : -lane_years_civil(y, x);
    return lane_gone(a, b) ? RULE_MISSING : r;
}
LANE lane_months(int64_t a, int64_t b, int64_t k)
{
    int64_t x = k & 1 ? lane_month_civil(a) : lane_civil(a);
    int64_t y = k & 2 ? lane_month_civil(b) : lane_civil(b);
    int64_t r = y >= x ? lane_months_civil(x, y) : -lane_months_civil(y, x);
    return lane_gone(a, b) ? RULE_MISSING : r;
}

#endif
