/* Arithmetic and days of rule_sql, exact in int64 on both databases (see rule_sql.c): nothing
 * overflows, whatever a column holds; what does not fit is NULL. */
#include "rule/rule_sql_impl.h"

#include "base/time.h"

#include <assert.h>

#define MAX_TEXT "9223372036854775807"

int64_t sql_power(int64_t k)
{
    assert(k >= 0 && k <= 18);
    int64_t power = 1;
    while (k-- > 0)
        power *= 10;
    return power;
}

/* a + b or a - b of constants; RULE_MISSING when missing or out of range. */
static int64_t add_constants(int64_t a, int64_t b)
{
    int64_t sum;
    if (a == RULE_MISSING || b == RULE_MISSING || __builtin_add_overflow(a, b, &sum))
        return RULE_MISSING;
    return sum; /* the lowest int64 is missing itself */
}

/* x + k where one side is known: one comparison guards it. */
static struct sql_piece add_known(struct sql_maker *s, struct sql_piece *x, int64_t k)
{
    if (k == RULE_MISSING || x->constant)
        return sql_constant(s->cx, add_constants(x->constant ? x->k : k, k));
    const char *a = sql_as_atom(s, x);
    int64_t limit = k >= 0 ? INT64_MAX - k : -INT64_MAX - k;
    return sql_value(arena_printf(s->cx->arena,
                                  "CASE WHEN %s %s (%" PRId64 ") THEN %s + (%" PRId64 ") END",
                                  a, k >= 0 ? "<=" : ">=", limit, a, k),
                     x->depth + 2);
}

/* a + b or a - b. The halves and what they leave tell, within range, where the result lies. */
struct sql_piece sql_add(struct sql_maker *s, struct sql_piece *x, struct sql_piece *y,
                         bool minus)
{
    if (y->constant)
        return add_known(s, x, minus && y->k != RULE_MISSING ? -y->k : y->k);
    if (x->constant && !minus)
        return add_known(s, y, x->k);
    if (x->constant && x->k == RULE_MISSING)
        return *x;
    const char *a = sql_as_atom(s, x), *b = sql_as_atom(s, y), *op = minus ? "-" : "+";
    return sql_value(
        arena_printf(s->cx->arena,
                     "CASE WHEN %s / 2 %s %s / 2 + (%s %% 2 %s %s %% 2) / 2 BETWEEN "
                     "-4611686018427387903 AND 4611686018427387903 THEN %s %s %s END",
                     a, op, b, a, op, b, a, op, b),
        3);
}

/* x * k with k known; also OP_UP. */
struct sql_piece sql_multiply_known(struct sql_maker *s, struct sql_piece *x, int64_t k)
{
    if (k == RULE_MISSING || (x->constant && x->k == RULE_MISSING))
        return sql_constant(s->cx, RULE_MISSING);
    if (x->constant) {
        int64_t product;
        bool over = __builtin_mul_overflow(x->k, k, &product);
        return sql_constant(s->cx, over ? RULE_MISSING : product);
    }
    if (k == 1)
        return *x;
    const char *a = sql_as_atom(s, x);
    if (k == 0 || k == -1)
        return sql_value(arena_printf(s->cx->arena, "(%s * (%" PRId64 "))", a, k), 1);
    int64_t limit = INT64_MAX / (k < -1 ? -k : k); /* k is not -1, 0, 1 here */
    return sql_value(arena_printf(s->cx->arena,
                                  "CASE WHEN %s BETWEEN -%" PRId64 " AND %" PRId64
                                  " THEN %s * (%" PRId64 ") END",
                                  a, limit, limit, a, k),
                     2);
}

struct sql_piece sql_multiply(struct sql_maker *s, struct sql_piece *x, struct sql_piece *y)
{
    if (y->constant)
        return sql_multiply_known(s, x, y->k);
    if (x->constant)
        return sql_multiply_known(s, y, x->k);
    const char *a = sql_as_atom(s, x), *b = sql_as_atom(s, y);
    return sql_value(arena_printf(s->cx->arena,
                                  "CASE WHEN %s = 0 OR abs(%s) <= " MAX_TEXT
                                  " / NULLIF(abs(%s), 0) THEN %s * %s END",
                                  b, a, b, a, b),
                     3);
}

/* The digits behind the whole quotient, when rest * 10^k does not fit: the long division in
 * base 2, doubling and adding modulo the divisor, in which nothing passes the divisor. `rest` <
 * `by`, both atoms. */
static const char *long_division(struct sql_maker *s, const char *rest, const char *by,
                                 int64_t power)
{
    int bits = 64 - __builtin_clzll((unsigned long long)power);
    const char *more = arena_printf(s->cx->arena,
                                    "CASE WHEN i %% 2 = 0 THEN r WHEN ((CAST(%" PRId64
                                    " AS BIGINT) >> (%d - i / 2)) & 1) = 1 "
                                    "THEN %s ELSE 0 END",
                                    power, bits - 1, rest);
    return arena_printf(
        s->cx->arena,
        "(WITH RECURSIVE rule_d(i, q, r) AS (SELECT 0, CAST(0 AS BIGINT), CAST(0 AS BIGINT) "
        "UNION ALL SELECT i + 1, q * (2 - i %% 2) + CASE WHEN r >= %s - %s THEN 1 ELSE 0 END, "
        "CASE WHEN r >= %s - %s THEN r - (%s - %s) ELSE r + %s END FROM rule_d WHERE i < %d) "
        "SELECT q + CASE WHEN r >= %s - r THEN 1 ELSE 0 END FROM rule_d WHERE i = %d)",
        by, more, by, more, by, more, more, 2 * bits, by, 2 * bits);
}

/* x * 10^k / y, halves away from zero. */
struct sql_piece sql_divide(struct sql_maker *s, struct sql_piece *x, struct sql_piece *y,
                            int64_t k)
{
    if ((x->constant && x->k == RULE_MISSING) ||
        (y->constant && (y->k == RULE_MISSING || y->k == 0)))
        return sql_constant(s->cx, RULE_MISSING);
    struct arena *arena = s->cx->arena;
    int64_t power = sql_power(k);
    const char *a = sql_as_atom(s, x), *b = sql_as_atom(s, y);
    const char *by = y->constant ? arena_printf(arena, "CAST(%" PRId64 " AS BIGINT)",
                                                y->k < 0 ? -y->k : y->k)
                                 : sql_step(s, arena_printf(arena, "NULLIF(abs(%s), 0)", b));
    const char *rest = sql_step(s, arena_printf(arena, "abs(%s) %% %s", a, by));
    const char *n = power == 1 ? rest : arena_printf(arena, "(%s * %" PRId64 ")", rest, power);
    const char *digits =
        arena_printf(arena, "%s / %s + CASE WHEN %s %% %s >= %s - %s %% %s THEN 1 ELSE 0 END",
                     n, by, n, by, by, n, by);
    if (power > 1)
        digits = arena_printf(
            arena, "CASE WHEN %s <= %" PRId64 " THEN %s WHEN %s IS NOT NULL THEN %s END", rest,
            INT64_MAX / power, digits, rest, long_division(s, rest, by, power));
    digits = sql_step(s, digits);
    return sql_value(arena_printf(arena,
                                  "CASE WHEN abs(%s) / %s < %" PRId64
                                  " OR (abs(%s) / %s = %" PRId64 " AND %s <= %" PRId64
                                  ") THEN (abs(%s) / %s * %" PRId64 " + %s) * CASE WHEN "
                                  "(%s < 0) = (%s < 0) THEN 1 ELSE -1 END END",
                                  a, by, INT64_MAX / power, a, by, INT64_MAX / power, digits,
                                  INT64_MAX % power, a, by, power, digits, a, b),
                     4);
}

/* a / 10^k, halves away from zero: the rest over half the power is -1, 0 or 1. */
struct sql_piece sql_round(struct sql_maker *s, struct sql_piece *x, int64_t k)
{
    int64_t power = sql_power(k);
    if (x->constant && x->k == RULE_MISSING)
        return *x;
    if (power == 1)
        return *x;
    const char *a = sql_as_atom(s, x);
    return sql_value(arena_printf(s->cx->arena,
                                  "(%s / %" PRId64 " + %s %% %" PRId64 " / %" PRId64 ")", a,
                                  power, a, power, power / 2),
                     2);
}

struct sql_piece sql_lesser(struct sql_maker *s, struct sql_piece *x, struct sql_piece *y,
                            bool most)
{
    const char *a = sql_as_atom(s, x), *b = sql_as_atom(s, y);
    return sql_value(
        arena_printf(s->cx->arena,
                     "CASE WHEN %s %s %s THEN %s WHEN %s IS NOT NULL AND %s IS NOT "
                     "NULL THEN %s END",
                     a, most ? ">=" : "<=", b, a, a, b, b),
        2);
}

struct sql_piece sql_sign(struct sql_maker *s, const struct rule_ins *in)
{
    struct sql_piece *a = &s->pieces[in->a];
    if (a->constant && a->k != RULE_MISSING)
        return sql_constant(s->cx, in->op == OP_NEG || a->k < 0 ? -a->k : a->k);
    return sql_value(
        arena_printf(s->cx->arena, in->op == OP_NEG ? "(-(%s))" : "abs(%s)", sql_as_wide(s, a)),
        a->depth + 1);
}

/* ---- days ---- */

/* A day as one number that compares and subtracts: months since year -6,000,000 times 32, and
 * the day of the month. Days beyond two million years are held at that, as in rule_scalar.h.
 * Source: Hinnant, civil_from_days, moved by 15,000 times 400 years: nothing is negative. */
enum {
    ERAS = 15000,
    MONTHS_MOVED = ERAS * 400 * 12,
    DAY_MAX = 700000000,
    MONTH_MAX = 24000000
};

/* An atom held between -most and most. */
static const char *held(struct sql_maker *s, struct sql_piece *x, int64_t most)
{
    const char *a = sql_as_atom(s, x);
    return arena_printf(s->cx->arena,
                        "CASE WHEN %s < -%" PRId64 " THEN -%" PRId64 " WHEN %s > %" PRId64
                        " THEN %" PRId64 " ELSE %s END",
                        a, most, most, a, most, most, a);
}

/* The number of a day, or of a month's first day; the text is short. */
static const char *civil(struct sql_maker *s, struct sql_piece *x, bool is_month)
{
    struct arena *arena = s->cx->arena;
    if (x->civil)
        return x->civil;
    if (x->constant && x->k == RULE_MISSING)
        return x->text;
    if (x->constant && !is_month && x->k >= -DAY_MAX && x->k <= DAY_MAX) {
        struct date d = day_date((int32_t)x->k);
        int64_t months = (int64_t)d.year * 12 + d.month - 1 + MONTHS_MOVED;
        return arena_printf(arena, "%" PRId64, months * 32 + d.day);
    }
    if (is_month)
        return x->civil = sql_step(s, arena_printf(arena, "(%s + %d) * 32 + 1",
                                                   held(s, x, MONTH_MAX), MONTHS_MOVED));
    const char *z = sql_step(s, arena_printf(arena, "%s + %" PRId64, held(s, x, DAY_MAX),
                                             (int64_t)719468 + (int64_t)146097 * ERAS));
    const char *of_era = sql_step(s, arena_printf(arena, "%s %% 146097", z));
    const char *year =
        sql_step(s, arena_printf(arena, "(%s - %s / 1460 + %s / 36524 - %s / 146096) / 365",
                                 of_era, of_era, of_era, of_era));
    const char *of_year = sql_step(s, arena_printf(arena, "%s - (365 * %s + %s / 4 - %s / 100)",
                                                   of_era, year, year, year));
    const char *month = sql_step(s, arena_printf(arena, "(5 * %s + 2) / 153", of_year));
    const char *text = arena_printf(
        arena, "((%s + %s / 146097 * 400) * 12 + %s + 2) * 32 + %s - (153 * %s + 2) / 5 + 1",
        year, z, month, of_year, month);
    return x->civil = sql_step(s, text);
}

struct sql_piece sql_date(struct sql_maker *s, const struct rule_ins *in)
{
    struct arena *arena = s->cx->arena;
    struct sql_piece *a = &s->pieces[in->a];
    if (in->op == OP_MONTH_OF)
        return sql_value(
            arena_printf(arena, "(%s / 32 - %d)", civil(s, a, false), MONTHS_MOVED), 2);
    bool months = in->op == OP_MONTHS;
    const char *from = civil(s, a, months && in->k & 1);
    const char *to = civil(s, &s->pieces[in->b], months && in->k & 2);
    return sql_value(arena_printf(arena, "((%s - %s) / 32%s)", to, from, months ? "" : " / 12"),
                     2);
}
