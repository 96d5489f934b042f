/* Rows in order of welfare, and quantiles of them. */
#include "stats/poverty.h"

#include "base/text.h"
#include "stats/inner.h"
#include "stats/sort.h"

#include <float.h>
#include <string.h>

/* Counts the rows that take part and those left out. RC_INVALID: a negative weight. */
static enum rc count_rows(struct ranked *r, struct cx *cx, const struct welfare *x)
{
    struct sum left_out = {0};
    for (size_t i = 0; i < x->n; i++) {
        double w = x->w ? x->w[i] : 1.0;
        if (w < 0)
            return fail(cx, RC_INVALID, _("A weight is negative; weights are zero or more."),
                        "row=%zu", i);
        if (!isfinite(x->y[i]) || !isfinite(w)) {
            r->rows_left_out++;
            sum_add(&left_out, isfinite(w) ? w : 0.0);
        } else if (w > 0) {
            r->n++;
        }
    }
    r->weight_left_out = left_out.hi;
    return r->n < UINT32_MAX
               ? RC_OK
               : fail(cx, RC_LIMIT, _("There are too many rows to rank."), "n=%zu", r->n);
}

static void fill(struct sort_pairs *s, const struct welfare *x)
{
    size_t n = 0;
    for (size_t i = 0; i < x->n; i++) {
        double w = x->w ? x->w[i] : 1.0;
        if (isfinite(x->y[i]) && isfinite(w) && w > 0) {
            s->key[n] = sort_key(x->y[i]);
            s->w[n++] = w;
        }
    }
}

enum rc ranked_make(struct ranked *out, struct cx *cx, const struct welfare *x)
{
    struct ranked r = {.mean = NAN};
    TRY(count_rows(&r, cx, x));
    double *y = arena_array(cx->arena, r.n + 1, sizeof *y);
    double *w = arena_array(cx->arena, r.n + 1, sizeof *w);
    double *cum = arena_array(cx->arena, r.n + 1, sizeof *cum);
    struct arena_mark mark = arena_mark(cx->arena);
    uint64_t *key = arena_array(cx->arena, r.n + 1, sizeof *key);
    uint32_t *counts = arena_array(cx->arena, SORT_COUNTS, sizeof *counts);
    if (!y || !w || !cum || !key || !counts)
        return fail(cx, RC_LIMIT, _("There are too many rows to rank in the memory allowed."),
                    "n=%zu", r.n);
    /* y and cum are the sort's scratch until they get their values. */
    struct sort_pairs s = {key, (uint64_t *)(void *)y, w, cum, counts, r.n};
    fill(&s, x);
    sort_pairs(&s);
    struct sum weight = {0}, total = {0};
    for (size_t i = 0; i < r.n; i++) {
        y[i] = sort_key_value(key[i]);
        sum_add(&weight, w[i]);
        sum_add(&total, w[i] * y[i]);
        cum[i] = weight.hi;
    }
    arena_back(cx->arena, mark);
    r.y = y;
    r.w = w;
    r.cum = cum;
    r.weight = weight.hi;
    if (r.n)
        r.mean = total.hi / weight.hi;
    *out = r;
    return RC_OK;
}

/* The first row whose running weight is at least `target` (within rounding). */
static size_t reach(const struct ranked *r, double target)
{
    size_t low = 0, high = r->n - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->cum[middle] >= target)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

double ranked_quantile(const struct ranked *r, double p, enum quantile_kind kind)
{
    if (!r->n)
        return NAN;
    p = p < 0 ? 0 : p > 1 ? 1 : p;
    /* p and the running weight are rounded: a hit is a hit within a few units. */
    double target = p * r->weight, near = 8 * DBL_EPSILON * r->weight;
    size_t at = reach(r, target - near);
    bool hit = r->cum[at] <= target + near;
    if (kind == QUANTILE_LAEKEN && hit && p > 0 && at + 1 < r->n)
        return r->y[at] / 2 + r->y[at + 1] / 2;
    return r->y[at];
}
