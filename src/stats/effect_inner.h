/* What the files effect_*.c share: tasks over threads, small dense systems, a panel sorted by
 * group, the doubly robust comparison of a treated and a control group. */
#ifndef STATS_EFFECT_INNER_H
#define STATS_EFFECT_INNER_H

#include "stats/effect.h"
#include "stats/inner.h"

/* ---- tasks ---- */

/* f(arg, i) for each i < count, on up to `threads` threads. Each i writes only what is its own,
 * so that the result does not depend on who does what. */
void effect_run(int threads, size_t count, void (*f)(void *arg, size_t i), void *arg);

/* ---- small symmetric systems, row by row, without an arena (tasks use them) ---- */

/* Cholesky factor in place (lower part). A column whose pivot falls below 1e-11 of its own
 * square is a sum of those before it: it becomes zero, dropped[j] true (NULL: not wanted).
 * Returns how many were dropped. */
size_t spd_factor(double *a, size_t k, bool *dropped);
/* b := A^-1 b; zero for dropped columns. */
void spd_solve(const double *factor, size_t k, double *b);
void spd_inverse(double *inverse, const double *factor, size_t k);
/* P(X > x) of chi-square. */
double chi2_tail(double x, double df);
/* SplitMix64 (Steele, Lea, Flood 2014) and a standard normal from it (Box and Muller 1958). */
uint64_t effect_random(uint64_t *state);
double effect_normal(uint64_t *state);
struct did_sum effect_sum(double value, double se, double level, double df);

/* ---- a panel in order ---- */

/* Units sorted by group (the never treated last), then by number; columns by period. */
struct grid {
    size_t units, periods, groups; /* groups: treated ones */
    int32_t *period, *group;       /* ascending */
    size_t *start;                 /* groups + 2: units of group g are start[g] … start[g + 1];
                                      g == groups: the controls that are never treated here */
    uint32_t *unit;                /* by position: the caller's number */
    double *y;                     /* periods × units, y[t * units + i]; NaN: none */
    double *w;                     /* the same shape; NULL: 1 */
    double *x;                     /* units × (1 + k): 1, then columns standardised */
    size_t columns;                /* 1 + k */
    uint32_t *cluster;             /* by position, numbered from 0; NULL: the unit */
    size_t clusters;
    int64_t dropped; /* units left out */
};
struct grid_spec {
    bool balanced;        /* leave out units that lack a period */
    bool untreated_first; /* leave out units treated from their first period */
    bool covariates;
    int32_t anticipation;
};
/* RC_INVALID with a sentence: a unit twice in a period, a unit with two treatment periods or
 * two clusters, negative weights, nobody or everybody treated (no untreated row at all), one
 * cluster, one period. */
enum rc grid_make(struct grid *out, struct cx *cx, const struct panel *p,
                  const struct grid_spec *s) MUST_USE;
static inline double grid_w(const struct grid *g, size_t t, size_t i)
{
    return g->w ? g->w[t * g->units + i] : 1;
}
static inline bool grid_has(const struct grid *g, size_t t, size_t i)
{
    return !isnan(g->y[t * g->units + i]) && grid_w(g, t, i) > 0;
}
/* RC_LIMIT: the arena is full. */
enum rc effect_room(struct cx *cx, bool ok) MUST_USE;

/* ---- treated against controls, with covariates ---- */

/* Positions first[0]–end[0] are treated, the other two ranges controls. */
struct contrast {
    const double *y1, *y0; /* outcome less base; y0 NULL: 0 */
    const double *w, *x;   /* w NULL: 1; x: rows of k columns, the first 1; NULL: only that */
    size_t k, first[3], end[3];
    enum did_method method;
};
struct contrast_fit {
    double att, eta_treated, eta_control, sum_treated, sum_control, smallest, largest;
    double share;            /* the score of everybody when there are no covariates */
    double *score, *outcome; /* k: logit of treatment; regression of the controls */
    double *from_score, *from_outcome;
    const char *refused;
};
/* Doubles that contrast_make needs behind `scratch`. */
size_t contrast_scratch(size_t k);
/* The four vectors of f (k doubles each) are the caller's. `overlap`: scores above are refused.
 * Source: Sant'Anna and Zhao 2020 (traditional DR), Abadie 2005 (Hájek weights), Heckman,
 * Ichimura and Todd 1997; formulas as in R's DRDID drdid_panel, std_ipw_did_panel,
 * reg_did_panel. */
void contrast_make(struct contrast_fit *f, const struct contrast *c, double overlap,
                   double *scratch);
/* What position i adds to the error of att: its influence over the number of rows. */
double contrast_influence(const struct contrast_fit *f, const struct contrast *c, size_t i,
                          bool treated);
/* P(treated | x of position i). */
double contrast_score(const struct contrast_fit *f, const struct contrast *c, size_t i);

#endif
