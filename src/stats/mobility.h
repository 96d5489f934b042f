/* Movement in and out of poverty, vulnerability, hazard of becoming poor again. Sources:
 * domain/statistics.md d; Chaudhuri, Jalan and Suryahadi 2002; Allison 1982; Shorrocks 1978. */
#ifndef STATS_MOBILITY_H
#define STATS_MOBILITY_H

#include "stats/model.h"

enum { MOBILITY_STATES_MAX = 10 };
/* State 0 … states-1 by row then and now, UINT32_MAX missing (left out, counted). Weighted
 * shares with linearised errors when a design is given (NULL: none). */
struct transition {
    size_t states;
    double count[MOBILITY_STATES_MAX][MOBILITY_STATES_MAX]; /* weight */
    double share[MOBILITY_STATES_MAX][MOBILITY_STATES_MAX]; /* of the row */
    double se[MOBILITY_STATES_MAX][MOBILITY_STATES_MAX];
    double stayers, shorrocks; /* share that stays; (m - trace) / (m - 1) */
    double left_out;           /* weight with a missing state */
};
enum rc transition_make(struct transition *out, struct cx *cx, const uint32_t *before,
                        const uint32_t *after, size_t states, const double *w, size_t n,
                        const struct design *design) MUST_USE;

/* Vulnerability as expected poverty, three steps; y is log welfare, line the log of the line.
 */
struct vulnerability {
    double *expected;              /* by row: probability of being poor */
    double mean, share_vulnerable; /* above `cut` */
    struct model_fit mean_fit, variance_fit;
    int64_t negative_variance[2]; /* rows with a negative fitted variance in either step:
                                     floored at the smallest positive one */
};
enum rc vulnerability_make(struct vulnerability *out, struct cx *cx, const struct model_spec *s,
                           double line, double cut) MUST_USE;

/* Person-periods of spells for a discrete-time hazard: who was out of poverty at the beginning
 * of a period, for how long, and whether poor at its end. Panels of id and period, sorted or
 * not. */
struct spells {
    size_t n;
    uint32_t *row, *duration; /* by person-period: row of the panel at its beginning; periods
                                 since the spell began */
    double *event;            /* 0/1 */
    int64_t censored_left, censored_right;
};
enum rc spells_make(struct spells *out, struct cx *cx, const int64_t *id, const int32_t *period,
                    const double *poor, size_t n) MUST_USE;
/* An alarm list: the top share by score a year before; precision, recall and mean lead time in
 * periods until the first event (NaN: none). */
struct alarm {
    double listed, right, precision, recall, lead;
};
enum rc alarm_at(struct alarm *out, struct cx *cx, const double *score, const double *event,
                 const double *periods_until, const double *w, size_t n, double quota) MUST_USE;

#endif
