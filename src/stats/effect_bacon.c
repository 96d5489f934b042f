/* Goodman-Bacon's weights: the regression with effects of units and periods as a mean of all
 * 2×2 comparisons of groups. Source: Goodman-Bacon 2021, eq. 7–10. */
#include "stats/effect_within_inner.h"

#include "base/text.h"

struct bacon_work {
    const struct grid *g;
    double *mean; /* [group][period] of the outcome */
};

/* Group k's mean outcome over the periods from <= t < end. */
static double mean_of_periods(const struct bacon_work *w, size_t k, size_t from, size_t end)
{
    double sum = 0;
    for (size_t t = from; t < end; t++)
        sum += w->mean[k * w->g->periods + t];
    return sum / (double)(end - from);
}

/* The first period's index in which group k is treated; `periods`: never. */
static size_t start_of(const struct grid *g, size_t k)
{
    size_t t = 0;
    while (t < g->periods && !grid_treated(g, k, t))
        t++;
    return t;
}

/* Adds the comparison of `treated`, which changes at `at`, with `control` over from … end. */
static void compare(struct twfe *out, const struct bacon_work *w, const size_t pair[2],
                    const size_t span[3], double weight)
{
    const struct grid *g = w->g;
    size_t k = pair[0], l = pair[1], control = start_of(g, l);
    double change =
        mean_of_periods(w, k, span[1], span[2]) - mean_of_periods(w, k, span[0], span[1]) -
        mean_of_periods(w, l, span[1], span[2]) + mean_of_periods(w, l, span[0], span[1]);
    double units =
        (double)(g->start[k + 1] - g->start[k]) * (double)(g->start[l + 1] - g->start[l]);
    out->bacon[out->bacon_count++] = (struct bacon){.treated = g->group[k],
                                                    .control = control == g->periods ? INT32_MAX
                                                               : control ? g->group[l]
                                                                         : INT32_MIN,
                                                    .kind = control == g->periods ? 0
                                                            : control < span[1]   ? 2
                                                                                  : 1,
                                                    .weight = weight * units,
                                                    .estimate = change};
}

static void compare_pair(struct twfe *out, const struct bacon_work *w, size_t k, size_t l)
{
    const struct grid *g = w->g;
    size_t n = g->periods, a = start_of(g, k), b = start_of(g, l);
    double dk = (double)(n - a) / (double)n, dl = (double)(n - b) / (double)n;
    if (a == 0 || a == n || g->start[l] == g->start[l + 1])
        return; /* k does not change */
    if (b == n || b == 0) {
        compare(out, w, (size_t[]){k, l}, (size_t[]){0, a, n}, dk * (1 - dk));
        return;
    }
    if (a < b) { /* k earlier: l is not treated yet, up to b */
        compare(out, w, (size_t[]){k, l}, (size_t[]){0, a, b}, (dk - dl) * (1 - dk));
        compare(out, w, (size_t[]){l, k}, (size_t[]){a, b, n}, dl * (dk - dl));
    }
}

static bool complete(const struct within *v)
{
    const struct grid *g = v->g;
    return !g->w && (size_t)v->n == g->units * g->periods;
}

enum rc bacon_make(struct twfe *out, struct cx *cx, const struct within *v)
{
    const struct grid *g = v->g;
    size_t groups = g->groups + 1;
    struct bacon_work w = {.g = g};
    double all = 0;
    if (!complete(v)) {
        out->bacon_refused = N_("The comparisons behind this figure can be listed only when "
                                "every unit has a row in every period and there are no "
                                "weights.");
        return RC_OK;
    }
    w.mean = arena_array(cx->arena, groups * g->periods, sizeof *w.mean);
    out->bacon = arena_array(cx->arena, groups * groups, sizeof *out->bacon);
    TRY(effect_room(cx, w.mean && out->bacon));
    for (size_t k = 0; k < groups; k++)
        for (size_t t = 0; t < g->periods; t++) {
            struct sum s = {0};
            for (size_t i = g->start[k]; i < g->start[k + 1]; i++)
                sum_add(&s, g->y[t * g->units + i]);
            w.mean[k * g->periods + t] = s.hi / (double)(g->start[k + 1] - g->start[k]);
        }
    for (size_t k = 0; k < g->groups; k++)
        for (size_t l = 0; l < groups; l++)
            if (l != k)
                compare_pair(out, &w, k, l);
    for (size_t c = 0; c < out->bacon_count; c++)
        all += out->bacon[c].weight;
    for (size_t c = 0; c < out->bacon_count; c++)
        out->bacon[c].weight /= all;
    return RC_OK;
}
