/* What effect_did.c and effect_did_sum.c share: the cells, their fits, their covariance. */
#ifndef STATS_EFFECT_DID_INNER_H
#define STATS_EFFECT_DID_INNER_H

#include "stats/effect_inner.h"

struct part; /* of the sums of products (effect_did.c) */

struct did_place { /* of a cell: index of the group, the period, the base period */
    size_t group, t, base;
    bool post;
};
struct did_role {
    uint32_t cell;
    bool treated;
};
struct did_work {
    const struct did_spec *s;
    struct grid g;
    size_t cells;
    struct did_place *place;
    struct contrast *contrast;
    struct contrast_fit *fit;
    double *scratch;
    struct did_role *role; /* by group, `cells` places each */
    size_t *roles, *from;
    uint32_t *member;
    struct part *part;
    double *share; /* by group: weight over units */
    size_t dim;    /* cells + groups */
    double *v;     /* dim × dim: covariance of the effects and the shares */
};
/* Fills the sums over cells of out, whose cells are there. */
enum rc did_sums(struct did *out, struct cx *cx, const struct did_work *w) MUST_USE;

#endif
