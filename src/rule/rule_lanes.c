/* The inner loops over columns. Plain C over int64 that gcc vectorises; in release builds on
 * x86-64 each stands twice, for AVX2 and for any processor, and the loader picks one. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__)
#pragma GCC optimize("O3") /* gcc 12 vectorises little at -O2 */
#endif
#include "rule/rule_lanes.h"
#include "rule/rule_scalar.h"

#include <assert.h>

#if defined(__x86_64__) && defined(__OPTIMIZE__) && defined(__GNUC__) &&                       \
    !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define LANES __attribute__((target_clones("avx2", "default"))) static void
#else
#define LANES static void
#endif

/* What the loops of two operands read; not all of it in each. */
#define OPERANDS                                                                               \
    int64_t *restrict out = x->out;                                                            \
    const int64_t *restrict as = x->a, *restrict bs = x->b;                                    \
    const int64_t ak = x->ka, bk = x->kb;                                                      \
    const size_t n = x->count;                                                                 \
    (void)as;                                                                                  \
    (void)bs;                                                                                  \
    (void)ak;                                                                                  \
    (void)bk

/* Two operands, in the three forms that are not the same in all rows. */
#define TWO(name, ONE)                                                                         \
    TWO_FORM(name##_vv, ONE(as[i], bs[i]))                                                     \
    TWO_FORM(name##_vk, ONE(as[i], bk))                                                        \
    TWO_FORM(name##_kv, ONE(ak, bs[i]))
#define TWO_FORM(name, ONE)                                                                    \
    LANES name(struct lanes *x)                                                                \
    {                                                                                          \
        OPERANDS;                                                                              \
        for (size_t i = 0; i < n; i++)                                                         \
            out[i] = (ONE);                                                                    \
    }
/* The same with a count of overflows. */
#define TWO_COUNTED(name, ONE)                                                                 \
    TWO_COUNTED_FORM(name##_vv, ONE(as[i], bs[i], &over))                                      \
    TWO_COUNTED_FORM(name##_vk, ONE(as[i], bk, &over))                                         \
    TWO_COUNTED_FORM(name##_kv, ONE(ak, bs[i], &over))
#define TWO_COUNTED_FORM(name, ONE)                                                            \
    LANES name(struct lanes *x)                                                                \
    {                                                                                          \
        OPERANDS;                                                                              \
        int64_t over = 0;                                                                      \
        for (size_t i = 0; i < n; i++)                                                         \
            out[i] = (ONE);                                                                    \
        x->figures->overflows += over;                                                         \
    }
/* One operand; `ONE` is an expression of a and k. */
#define UNARY(name, ONE)                                                                       \
    LANES name(struct lanes *x)                                                                \
    {                                                                                          \
        int64_t *restrict out = x->out;                                                        \
        const int64_t *restrict as = x->a;                                                     \
        const size_t n = x->count;                                                             \
        const int64_t k = x->k;                                                                \
        (void)k;                                                                               \
        for (size_t i = 0; i < n; i++) {                                                       \
            const int64_t a = as[i];                                                           \
            out[i] = ONE;                                                                      \
        }                                                                                      \
    }

TWO_COUNTED(add, lane_add)
TWO_COUNTED(sub, lane_sub)
TWO_COUNTED(mul, lane_mul)
TWO(least2, lane_min)
TWO(most2, lane_max)
TWO(eq, lane_eq)
TWO(ne, lane_ne)
TWO(lt, lane_lt)
TWO(le, lane_le)
TWO(and2, lane_and)
TWO(or2, lane_or)
TWO(first, lane_first)
TWO(years, lane_years)
UNARY(neg, lane_neg(a))
UNARY(absolute, lane_abs(a))
UNARY(not1, lane_not(a))
UNARY(missing, lane_missing(a))
UNARY(has_any, lane_has_any(a, k))
UNARY(has_all, lane_has_all(a, k))
UNARY(month_of, lane_month_of(a))

/* A product that cannot overflow needs no check: with |a| <= largest. */
LANES up(struct lanes *x)
{
    int64_t *restrict out = x->out;
    const int64_t *restrict as = x->a;
    const int64_t power = rule_power[x->k], largest = INT64_MAX / power;
    const size_t n = x->count;
    int64_t over = 0;
    for (size_t i = 0; i < n; i++) {
        const int64_t a = as[i];
        const bool bad = (a > largest) | (a < -largest), gone = a == RULE_MISSING;
        over += (int64_t)(bad & !gone);
        out[i] = bad ? RULE_MISSING : (int64_t)((uint64_t)a * (uint64_t)power);
    }
    x->figures->overflows += over;
}

/* The power is known in each case, so that the division becomes a multiplication. */
#define ROUND_CASE(K)                                                                          \
    case K:                                                                                    \
        for (size_t i = 0; i < n; i++)                                                         \
            out[i] = lane_round(as[i], rule_power[K]);                                         \
        break;
LANES rounded(struct lanes *x)
{
    int64_t *restrict out = x->out;
    const int64_t *restrict as = x->a;
    const size_t n = x->count;
    switch (x->k) {
        ROUND_CASE(1)
        ROUND_CASE(2)
        ROUND_CASE(4)
        ROUND_CASE(6)
    default:
        for (size_t i = 0; i < n; i++)
            out[i] = lane_round(as[i], rule_power[x->k]);
    }
}

#define DIVIDE(name, A, B)                                                                     \
    static void name(struct lanes *x)                                                          \
    {                                                                                          \
        const int64_t power = rule_power[x->k];                                                \
        for (size_t i = 0; i < x->count; i++)                                                  \
            x->out[i] = lane_div(A, B, power, x->figures);                                     \
    }
DIVIDE(div_vv, x->a[i], x->b[i])
DIVIDE(div_vk, x->a[i], x->kb)
DIVIDE(div_kv, x->ka, x->b[i])

/* Four loops, so that which side is a month is not asked for each row. */
#define MONTHS_CASE(K, A, B)                                                                   \
    case K:                                                                                    \
        for (size_t i = 0; i < n; i++)                                                         \
            out[i] = lane_months(A, B, K);                                                     \
        break;
#define MONTHS(name, A, B)                                                                     \
    LANES name(struct lanes *x)                                                                \
    {                                                                                          \
        OPERANDS;                                                                              \
        switch (x->k) {                                                                        \
            MONTHS_CASE(0, A, B)                                                               \
            MONTHS_CASE(1, A, B)                                                               \
            MONTHS_CASE(2, A, B)                                                               \
        default:                                                                               \
            for (size_t i = 0; i < n; i++)                                                     \
                out[i] = lane_months(A, B, 3);                                                 \
        }                                                                                      \
    }
MONTHS(months_vv, as[i], bs[i])
MONTHS(months_vk, as[i], bk)
MONTHS(months_kv, ak, bs[i])

#define CHOOSE(name, B, C)                                                                     \
    LANES name(struct lanes *x)                                                                \
    {                                                                                          \
        int64_t *restrict out = x->out;                                                        \
        const int64_t *restrict as = x->a, *restrict bs = x->b, *restrict cs = x->c;           \
        const int64_t bk = x->kb, ck = x->kc;                                                  \
        const size_t n = x->count;                                                             \
        (void)bs;                                                                              \
        (void)cs;                                                                              \
        (void)bk;                                                                              \
        (void)ck;                                                                              \
        for (size_t i = 0; i < n; i++)                                                         \
            out[i] = lane_if(as[i], B, C);                                                     \
    }
CHOOSE(choose_vv, bs[i], cs[i])
CHOOSE(choose_vk, bs[i], ck)
CHOOSE(choose_kv, bk, cs[i])
CHOOSE(choose_kk, bk, ck)

static void in_set(struct lanes *x)
{
    for (size_t i = 0; i < x->count; i++)
        x->out[i] = lane_in(x->a[i], x->set);
}

LANES in_mask(struct lanes *x)
{
    int64_t *restrict out = x->out;
    const int64_t *restrict as = x->a;
    const uint64_t mask = x->mask, from = (uint64_t)x->k;
    const size_t n = x->count;
    for (size_t i = 0; i < n; i++) {
        const uint64_t at = (uint64_t)as[i] - from;
        const int64_t r = at < 64 ? (int64_t)(mask >> (at & 63) & 1) : 0;
        out[i] = as[i] == RULE_MISSING ? RULE_MISSING : r;
    }
}

void rule_lanes_in_mask(struct lanes *x)
{
    in_mask(x);
}

static void spread(struct lanes *x)
{
    for (size_t i = 0; i < x->count; i++)
        x->out[i] = x->a[x->parent[i]];
}

/* ---- folds: children are added to their parents' rows ---- */

static void zero(int64_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = 0;
}

static void count_all(struct lanes *x)
{
    zero(x->out, x->count);
    for (size_t j = 0; j < x->child_count; j++)
        x->out[x->parent[j]]++;
}

static void count_true(struct lanes *x)
{
    zero(x->out, x->count);
    for (size_t j = 0; j < x->child_count; j++)
        x->out[x->parent[j]] += x->b[j] & 1;
}

/* The total has 128 bits, its low half in out, so that only the end must fit. In scratch: bit 0
 * somebody is chosen, bit 1 a value is known, from bit 2 the total's high half. */
static void sum(struct lanes *x)
{
    zero(x->out, x->count);
    zero(x->scratch, x->count);
    for (size_t j = 0; j < x->child_count; j++) {
        const uint32_t p = x->parent[j];
        const bool chosen = x->b ? (x->b[j] & 1) != 0 : true, known = x->a[j] != RULE_MISSING;
        const int64_t a = (chosen & known) ? x->a[j] : 0;
        const uint64_t low = (uint64_t)x->out[p], total = low + (uint64_t)a;
        const int64_t carry = (int64_t)(total < low) - (a < 0);
        x->out[p] = (int64_t)total;
        x->scratch[p] =
            (x->scratch[p] + carry * 4) | (int64_t)chosen | (int64_t)(chosen & known) << 1;
    }
    for (size_t i = 0; i < x->count; i++) {
        const int64_t seen = x->scratch[i], high = seen >> 2;
        const bool over = high != (x->out[i] < 0 ? -1 : 0) || x->out[i] == RULE_MISSING;
        x->figures->overflows += over;
        if (over || (seen & 3) == 1)
            x->out[i] = RULE_MISSING;
    }
}

/* One less than the value, so that the largest number says "none yet". */
static void least(struct lanes *x)
{
    for (size_t i = 0; i < x->count; i++)
        x->out[i] = INT64_MAX;
    for (size_t j = 0; j < x->child_count; j++) {
        const int64_t a = x->a[j];
        const bool counts = a != RULE_MISSING && (!x->b || (x->b[j] & 1));
        int64_t *out = &x->out[x->parent[j]];
        const int64_t candidate = counts ? a - 1 : INT64_MAX;
        *out = candidate < *out ? candidate : *out;
    }
    for (size_t i = 0; i < x->count; i++)
        x->out[i] = x->out[i] == INT64_MAX ? RULE_MISSING : x->out[i] + 1;
}

static void most(struct lanes *x)
{
    for (size_t i = 0; i < x->count; i++)
        x->out[i] = RULE_MISSING;
    for (size_t j = 0; j < x->child_count; j++) {
        const int64_t candidate = !x->b || (x->b[j] & 1) ? x->a[j] : RULE_MISSING;
        int64_t *out = &x->out[x->parent[j]];
        *out = candidate > *out ? candidate : *out;
    }
}

/* Bits are gathered with |, as in lane_or, and put right at the end. */
static void any(struct lanes *x)
{
    zero(x->out, x->count);
    for (size_t j = 0; j < x->child_count; j++)
        x->out[x->parent[j]] |= x->b[j];
    for (size_t i = 0; i < x->count; i++)
        x->out[i] = lane_or(x->out[i], 0);
}

/* Not any of "chosen and not a". */
static void all(struct lanes *x)
{
    zero(x->out, x->count);
    for (size_t j = 0; j < x->child_count; j++)
        x->out[x->parent[j]] |= lane_and(x->b ? x->b[j] : 1, lane_not(x->a[j]));
    for (size_t i = 0; i < x->count; i++)
        x->out[i] = lane_not(lane_or(x->out[i], 0));
}

static void count(struct lanes *x)
{
    if (x->b)
        count_true(x);
    else
        count_all(x);
}

#define FORMS2(name) {name##_vv, name##_vk, name##_kv, NULL}
static const lanes_fn loops[OP_OPS][LANES_FORMS] = {
    [OP_NEG] = {neg},
    [OP_ABS] = {absolute},
    [OP_ADD] = FORMS2(add),
    [OP_SUB] = FORMS2(sub),
    [OP_MUL] = FORMS2(mul),
    [OP_DIV] = FORMS2(div),
    [OP_UP] = {up},
    [OP_ROUND] = {rounded},
    [OP_MIN] = FORMS2(least2),
    [OP_MAX] = FORMS2(most2),
    [OP_EQ] = FORMS2(eq),
    [OP_NE] = FORMS2(ne),
    [OP_LT] = FORMS2(lt),
    [OP_LE] = FORMS2(le),
    [OP_AND] = FORMS2(and2),
    [OP_OR] = FORMS2(or2),
    [OP_NOT] = {not1},
    [OP_MISSING] = {missing},
    [OP_IF] = {choose_vv, choose_vk, choose_kv, choose_kk},
    [OP_FIRST] = FORMS2(first),
    [OP_IN] = {in_set},
    [OP_HAS_ANY] = {has_any},
    [OP_HAS_ALL] = {has_all},
    [OP_YEARS] = FORMS2(years),
    [OP_MONTHS] = FORMS2(months),
    [OP_MONTH_OF] = {month_of},
    [OP_SPREAD] = {spread},
    [OP_COUNT] = {count},
    [OP_SUM] = {sum},
    [OP_LEAST] = {least},
    [OP_MOST] = {most},
    [OP_ANY] = {any},
    [OP_ALL] = {all},
};

lanes_fn rule_lanes(enum rule_op op, enum lanes_form form)
{
    assert(op < OP_OPS && loops[op][form]);
    return loops[op][form];
}

void rule_lanes_fill(int64_t *out, int64_t k, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = k;
}

void rule_lanes_bits(uint64_t *bits, const int64_t *a, size_t n)
{
    for (size_t from = 0; from < n; from += 64) {
        uint64_t word = 0;
        const size_t here = n - from < 64 ? n - from : 64;
        for (size_t i = 0; i < here; i++)
            word |= (uint64_t)(a[from + i] & 1) << i;
        bits[from / 64] = word;
    }
}
