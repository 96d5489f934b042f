/* What matching and weighting share: a cross-section in order, scores, balance tables. */
#ifndef STATS_EFFECT_COHORT_INNER_H
#define STATS_EFFECT_COHORT_INNER_H

#include "stats/effect_inner.h"

/* The rows that count: the treated first, then the controls, each in the caller's order. */
struct cases {
    const struct cohort *c;
    size_t n, treated;
    uint32_t *row;     /* by place: the caller's row */
    double *y, *w, *x; /* w NULL: 1; x: rows of `columns`: 1, then standardised */
    size_t columns;
    int64_t left_out;
};
/* RC_INVALID with a sentence naming what: d not 0/1, nobody or everybody treated, negative
 * weights, a constant covariate. Rows with a missing value or the weight zero are left out. */
enum rc cases_make(struct cases *out, struct cx *cx, const struct cohort *c) MUST_USE;
/* The contrast of the cases and its fit; RC_INVALID: the score separates or columns are sums of
 * others. */
enum rc cases_fit(struct contrast_fit *f, struct contrast *c, struct cx *cx,
                  const struct cases *a, enum did_method method) MUST_USE;
static inline double case_w(const struct cases *a, size_t i)
{
    return a->w ? a->w[i] : 1;
}
/* weight by place: the adjusted one; NULL: all as they are. */
enum rc cases_balance(struct balance **out, struct cx *cx, const struct cases *a,
                      const double *weight) MUST_USE;
/* Coefficient of treatment in the regression of y on treatment and x with these weights. */
enum rc cases_adjusted(double *out, struct cx *cx, const struct cases *a,
                       const double *weight) MUST_USE;
/* (sum w)²/sum w² of the places from … end. */
double effective_size(const double *weight, size_t from, size_t end);
/* Weights by place as weights by the caller's row (0 where none). */
enum rc cases_rows(double **out, struct cx *cx, const struct cases *a,
                   const double *weight) MUST_USE;

#endif
