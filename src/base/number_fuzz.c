/* Fuzz target: any bytes as numbers, money, days, check digits and fault specifications. What
 * is taken must format back to a text that is taken as the same. */
#include "base/check_digit.h"
#include "base/format.h"
#include "base/money.h"
#include "base/time.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                        \
    do {                                                                                       \
        if (!(condition))                                                                      \
            abort();                                                                           \
    } while (0)

static void check_numbers(struct cx *cx, struct str s, unsigned decimals)
{
    int64_t n = 0, again = 0;
    double x = 0;
    if (str_to_i64(&n, s)) {
        const char *text = arena_printf(cx->arena, "%" PRId64, n);
        MUST(str_to_i64(&again, str_of(text)) && again == n);
        MUST(str_to_scaled(&again, s, 0) && again == n);
    }
    if (str_to_f64(&x, s))
        MUST(isfinite(x));
    if (str_to_scaled(&n, s, decimals) || money_parse(&n, s, decimals)) {
        const char *text = format_money(cx, n, decimals);
        MUST(money_parse(&again, str_of(text), decimals) && again == n);
    }
}

static void check_days(struct cx *cx, struct str s)
{
    int32_t day = 0, again = 0;
    if (day_parse(&day, s)) {
        MUST(date_valid(day_date(day)));
        MUST(day_parse(&again, str_of(day_iso(cx->arena, day))) && again == day);
    }
}

static void check_splits(const uint8_t *data, size_t size)
{
    int64_t shares[20], parts[20], total, sum = 0;
    if (size < 16)
        return;
    size_t count = size / 8 - 1;
    count = count > 20 ? 20 : count;
    memcpy(&total, data, 8);
    memcpy(shares, data + 8, count * 8);
    for (size_t i = 0; i < count; i++)
        shares[i] &= INT64_MAX;
    if (!money_split(parts, total, shares, count))
        return;
    for (size_t i = 0; i < count; i++)
        MUST(!__builtin_add_overflow(sum, parts[i], &sum) || total != 0);
    MUST(sum == total);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    struct cx cx;
    if (!arena)
        arena = arena_open(1 << 20);
    cx_init(&cx, arena);
    struct str s = str_trim((struct str){(const char *)data, size});
    check_numbers(&cx, s, size % 5);
    check_days(&cx, s);
    check_splits(data, size);
    struct str digits = {s.p, s.len ? s.len - 1 : 0};
    MUST(check_mod11_2(s) == (s.len > 1 && check_mod11_2_of(digits) == s.p[s.len - 1] &&
                              check_mod11_2_of(digits) != 0));
    MUST(!check_luhn(s) || check_luhn_of(digits) == s.p[s.len - 1]);
    arena_reset(arena);
    return 0;
}
