/* Movement in and out of poverty, vulnerability, hazard of becoming poor again, alarm lists.
 * Pure functions. Sources: domain/statistics.md d; Chaudhuri, Jalan and Suryahadi 2002; Amemiya
 * 1977 (the three steps); Allison 1982; Shorrocks 1978. */
#ifndef STATS_MOBILITY_H
#define STATS_MOBILITY_H

#include "stats/model.h"
#include "stats/validate.h"

/* ---- transitions ---- */

enum { MOBILITY_STATES_MAX = 10 };
struct state_rows {
    const uint32_t *before, *after; /* 0 … states-1; UINT32_MAX: missing */
    const double *w;                /* NULL: 1; no number: left out */
    size_t n, states;
};
/* Weighted shares with linearised errors (NaN: no design, or the share is 0 or 1, where the
 * sample does not tell, or nobody was in the state). Rows with a missing state are left out and
 * counted; the design keeps them (a domain). */
struct transition {
    size_t states;
    double count[MOBILITY_STATES_MAX][MOBILITY_STATES_MAX]; /* weight: [before][after] */
    double share[MOBILITY_STATES_MAX][MOBILITY_STATES_MAX]; /* of the row; NaN: nobody in it */
    double se[MOBILITY_STATES_MAX][MOBILITY_STATES_MAX];
    double df[MOBILITY_STATES_MAX]; /* of the row's errors: clusters less strata with rows */
    double stayers, stayers_se;     /* share that stays */
    double shorrocks, shorrocks_se; /* (m - trace) / (m - 1) */
    double weight, left_out;        /* weight with a missing state */
    int64_t rows, rows_left_out;
    const char *why; /* sentence when shorrocks is NaN: a state that nobody was in; else NULL */
};
/* RC_INVALID: fewer than 2 states or more than MOBILITY_STATES_MAX, a state that is not among
 * them, a negative weight, nobody left. */
enum rc transition_make(struct transition *out, struct cx *cx, const struct state_rows *s,
                        const struct design *design) MUST_USE;

/* ---- vulnerability as expected poverty ---- */

/* Three steps: y = Xb + e by least squares; e² = Xt by least squares and again with the weights
 * w/(Xt)²; b again with the weights w/Xt. VEP = Phi((line - Xb)/sqrt(Xt)). A fitted variance
 * that is not above zero is counted and floored at the smallest positive one (in the second
 * step such rows weigh the most: a count above zero is a warning). The variance of a
 * cross-section mixes risk with errors of measurement. */
struct vulnerability {
    double *expected; /* by row: probability of being poor; NaN where an x is missing */
    double mean;      /* of the rows of the fit, weighted, as are the two below */
    double share_vulnerable, observed;       /* expected above `cut`; y below the line */
    struct model_fit mean_fit, variance_fit; /* the last ones */
    int64_t negative_variance[2];            /* rows of either step that were floored */
};
/* `s` has MODEL_OLS; y is log welfare, line the log of the line, cut in 0 … 1. RC_INVALID: as
 * model_fit_make; a cut outside 0 … 1; no fitted variance above zero. */
enum rc vulnerability_make(struct vulnerability *out, struct cx *cx, const struct model_spec *s,
                           double line, double cut) MUST_USE;

/* ---- spells ---- */

/* Person-periods for a discrete-time hazard (model.h, MODEL_CLOGLOG or MODEL_LOGIT with dummies
 * of the duration): each period in which somebody was out of poverty and seen again in the next
 * one, with whether they were poor then. A spell begins in a period out of poverty and ends
 * with an event, or is censored on the right when the next period is not there or not known.
 * One whose period before is not known is censored on the left: its durations count from where
 * it is first seen; leave them out (`left`) where that matters. */
struct spells {
    size_t n; /* person-periods, by person and period */
    uint32_t *row,
        *duration;   /* row of the panel at the beginning; 1 in a spell's first period */
    uint32_t *spell; /* from 0 */
    uint8_t *left;   /* of a spell censored on the left */
    double *event;   /* 0/1: poor at the end */
    int64_t spell_count, censored_left, censored_right; /* spells, those seen once among them */
    int64_t left_out;                                   /* rows where `poor` is missing */
};
/* Panels of id and period (whole numbers, one apart), sorted or not; poor 0, 1 or NaN.
 * RC_INVALID: another value, two rows of one person and period. */
enum rc spells_make(struct spells *out, struct cx *cx, const int64_t *id, const int32_t *period,
                    const double *poor, size_t n) MUST_USE;

/* ---- alarm lists ---- */

/* The top share of weight by a score from before the event (ties in part); calibration is
 * validate_score's work. */
struct alarm {
    double listed, right;     /* weight listed; of it with the event */
    double precision, recall; /* right of listed; right of all events */
    double lead; /* mean periods until the event of those listed rightly; NaN: none known */
    double weight_left_out;
    int64_t rows_left_out;
};
/* s->truth: whether the event came; periods_until by row (NaN: unknown), or NULL. Errors:
 * targeting_at (validate.h). */
enum rc alarm_at(struct alarm *out, struct cx *cx, const struct scored *s,
                 const double *periods_until, double quota) MUST_USE;

#endif
