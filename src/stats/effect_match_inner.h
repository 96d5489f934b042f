/* What effect_match.c and effect_match_coarse.c share. */
#ifndef STATS_EFFECT_MATCH_INNER_H
#define STATS_EFFECT_MATCH_INNER_H

#include "stats/effect_cohort_inner.h"

struct match_work {
    const struct cases *a;
    const struct matching_spec *s;
    double *score, *weight; /* by place; weight 0: not matched */
    uint32_t *stratum;      /* by place, from 1; 0: none */
    size_t strata;
    uint32_t *partner; /* of the treated: place of the control; NULL: strata */
};
/* Strata of equal coarsened covariates. */
enum rc match_coarse(struct match_work *m, struct cx *cx) MUST_USE;
/* The error of the difference of means (weights are final). */
enum rc match_error(double *out, struct cx *cx, const struct match_work *m,
                    double att) MUST_USE;

#endif
