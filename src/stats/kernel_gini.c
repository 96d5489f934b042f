/* Gini of packed incomes: exact by radix sort and whole numbers, or bounded by classes. */
#include "base/text.h"
#include "stats/inner.h"
#include "stats/kernel.h"
#include "stats/sort.h"

__extension__ typedef __int128 wide;

#define WEIGHT_MAX ((int64_t)1 << 44) /* keeps every product below 2^127 */

static enum rc check(struct cx *cx, int64_t weight, wide total)
{
    if (weight >= WEIGHT_MAX)
        return fail(cx, RC_LIMIT, _("The weights are too large in all."), "weight");
    if (!weight)
        return fail(cx, RC_INVALID, _(STATS_NOBODY), "gini of nobody");
    if (total <= 0)
        return fail(cx, RC_INVALID,
                    _("The mean is not above zero: shares of it have no meaning."), "mean");
    return RC_OK;
}

static enum rc no_room(struct cx *cx, size_t n)
{
    return fail(cx, RC_LIMIT, _("There are too many rows to rank in the memory allowed."),
                "n=%zu", n);
}

/* ---- exact ---- */

enum rc packed_gini(double *out, struct cx *cx, const struct packed *p)
{
    size_t first = p->offset[0], rows = p->offset[p->groups] - first, n = 0;
    struct arena_mark mark = arena_mark(cx->arena);
    uint64_t *items = arena_array(cx->arena, rows + 1, sizeof *items);
    uint64_t *scratch = arena_array(cx->arena, rows + 1, sizeof *scratch);
    uint32_t *counts = arena_array(cx->arena, SORT_COUNTS, sizeof *counts);
    if (!items || !scratch || !counts || rows >= UINT32_MAX)
        return no_room(cx, rows);
    for (size_t i = first; i < first + rows; i++) {
        items[n] =
            (uint64_t)((uint32_t)p->income[i] ^ 0x80000000U) << 32 | (uint32_t)p->weight[i];
        n += p->income[i] != PACKED_MISSING;
    }
    items = sort_high32(items, scratch, n, counts);
    int64_t weight = 0;
    wide total = 0, ranked = 0; /* sum w y; sum w y (2W - w), W including the row */
    for (size_t i = 0; i < n; i++) {
        int64_t w = (uint32_t)items[i];
        int64_t wy = w * (int32_t)((uint32_t)(items[i] >> 32) ^ 0x80000000U);
        total += wy;
        ranked += (wide)wy * (2 * weight + w);
        weight += w;
    }
    arena_back(cx->arena, mark);
    TRY(check(cx, weight, total));
    *out = (double)((long double)(ranked - weight * total) / (long double)(weight * total));
    return RC_OK;
}

/* ---- between bounds ---- */

enum { BITS = 10, CLASSES = (32 - BITS) << BITS }; /* 344 KB that somebody falls into */
struct class
{
    int64_t weight, above; /* above: sum of w (|y| - the class's smallest |y|) */
};

static inline unsigned class_of(uint32_t *above, uint32_t size)
{
    unsigned shift = 31 - BITS - (unsigned)__builtin_clz(size | 1U << BITS);
    *above = size & ((1U << shift) - 1);
    return (shift << BITS) + (size >> shift);
}

/* One read and one write of a class a row, no branch. `class` holds CLASSES of incomes from
 * zero up, then CLASSES of those below. */
static void count(struct class *class, const int32_t *income, const int32_t *weight, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int32_t y = income[i];
        uint32_t sign = 0U - (uint32_t)(y < 0), above; /* all ones below zero */
        int64_t w = y == PACKED_MISSING ? 0 : weight[i];
        struct class *c = class + (sign & CLASSES);
        c += class_of(&above, y == PACKED_MISSING ? 0 : ((uint32_t)y ^ sign) - sign);
        c->weight += w;
        c->above += w * above;
    }
}

struct walk { /* classes from the lowest income up */
    const struct class *positive, *negative;
    double before, weight, mean;
    struct sum between, within;
};

/* The smallest and the widest |y| of a class less the smallest. */
static double class_low(size_t at, double *range)
{
    size_t shift = at < ((size_t)2 << BITS) ? 0 : (at >> BITS) - 1;
    *range = (double)(((uint64_t)1 << shift) - 1);
    return (double)((uint64_t)(at - (shift << BITS)) << shift);
}

static void step(struct walk *k, const struct class *c, size_t at, double sign)
{
    double range, low = class_low(at, &range), w = (double)c->weight;
    if (!c->weight)
        return;
    double above = (double)c->above / w;
    sum_add(&k->between, w * (sign * (low + above) - k->mean) * (2 * k->before + w));
    if (range > 0) /* half the mean difference is at most (high - m)(m - low)/(high - low) */
        sum_add(&k->within, w * w * (range - above) * above / range);
    k->before += w;
}

static void walk(struct walk *k)
{
    for (size_t i = CLASSES; i-- > 0;)
        step(k, &k->negative[i], i, -1);
    for (size_t i = 0; i < CLASSES; i++)
        step(k, &k->positive[i], i, 1);
}

enum rc packed_gini_bounds(struct gini_bounds *out, struct cx *cx, const struct packed *p)
{
    struct arena_mark mark = arena_mark(cx->arena);
    struct class *positive = arena_array(cx->arena, (size_t)2 * CLASSES, sizeof *positive);
    if (!positive)
        return no_room(cx, CLASSES);
    const struct class *negative = positive + CLASSES;
    size_t from = p->offset[0];
    count(positive, p->income + from, p->weight + from, p->offset[p->groups] - from);
    int64_t weight = 0;
    wide total = 0;
    for (size_t i = 0; i < CLASSES; i++) {
        double range;
        wide low = (wide)class_low(i, &range);
        total += low * positive[i].weight + positive[i].above;
        total -= low * negative[i].weight + negative[i].above;
        weight += positive[i].weight + negative[i].weight;
    }
    TRY(check(cx, weight, total));
    struct walk k = {positive, negative, 0, (double)weight, 0, {0, 0}, {0, 0}};
    k.mean = (double)((long double)total / weight);
    walk(&k);
    arena_back(cx->arena, mark);
    double scale = k.weight * k.weight * k.mean;
    out->low = k.between.hi / scale;
    out->high = (k.between.hi + k.within.hi) / scale;
    return RC_OK;
}
