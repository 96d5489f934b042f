/* What effect_synthetic.c and effect_synthetic_search.c share. */
#ifndef STATS_EFFECT_SYNTHETIC_INNER_H
#define STATS_EFFECT_SYNTHETIC_INNER_H

#include "stats/effect_inner.h"

/* One treated series against controls. */
struct block {
    size_t controls, before, after; /* units; periods before and after */
    const double *y;                /* controls × (before + after) */
    const double *treated;          /* before + after */
    size_t k;
    const double *x, *x_treated; /* controls × k, k; k = 0: none */
};
/* Weights of the controls (a simplex) that fit the treated's predictors best, where the
 * predictors' own weights are searched so that the outcomes before fit best. Source: Abadie and
 * Gardeazabal 2003; R's Synth: the simplex problem is solved exactly (Wolfe 1976), the search
 * is Nelder and Mead's from equal weights and from a regression's. */
enum rc synthetic_search(double *weight, struct cx *cx, const struct block *b) MUST_USE;

#endif
