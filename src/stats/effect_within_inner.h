/* Regressions with effects of units and periods: the units' effects are taken out exactly, what
 * is left depends on a row's group and period only, so that systems are small. */
#ifndef STATS_EFFECT_WITHIN_INNER_H
#define STATS_EFFECT_WITHIN_INNER_H

#include "stats/effect_inner.h"

/* Sums over the units of each group (groups + 1 of them), after the units' means are out:
 * h[k][t][s] = sum of w_t 1(t = s) - w_t w_s/W, r[k][t] = sum of w_t (y_t - mean). */
struct within {
    const struct grid *g;
    bool untreated; /* of the rows before treatment only */
    double *h, *r;
    double *rows; /* [k][t]: weight of the rows */
    int64_t n;    /* rows */
};
enum rc within_make(struct within *out, struct cx *cx, const struct grid *g,
                    bool untreated) MUST_USE;
/* Whether a row of a unit of group k counts. */
static inline bool within_has(const struct within *v, size_t k, size_t t, size_t i)
{
    return grid_has(v->g, t, i) &&
           !(v->untreated && k < v->g->groups && v->g->period[t] >= v->g->group[k]);
}
/* out = sum over groups of h[k]; factored by the caller. */
void within_total(double *out, const struct within *v);
static inline bool grid_treated(const struct grid *g, size_t k, size_t t)
{
    return k < g->groups && g->period[t] >= g->group[k];
}
/* Weighted means of unit i of group k: of f[t], or of its outcome where f is NULL. */
double within_mean(const struct within *v, size_t k, size_t i, const double *f);
/* G/(G - 1)·(n - 1)/(n - k). */
double cluster_factor(double clusters, double n, double k);
/* Fills the Bacon weights of out, or why there are none. */
enum rc bacon_make(struct twfe *out, struct cx *cx, const struct within *v) MUST_USE;

#endif
