/* How well a score tells who is poor: ranking, calibration, errors at a quota; and folds that
 * keep what belongs together. Sources: domain/statistics.md c; Hanley and McNeil 1982; Brier
 * 1950; Coady, Grosh and Hoddinott 2004. */
#ifndef STATS_VALIDATE_H
#define STATS_VALIDATE_H

#include "base/cx.h"

/* fold[i] in 0 … folds-1: whole groups, balanced by weight; the same seed, the same folds. */
enum rc folds_make(uint32_t *fold, struct cx *cx, size_t n, const uint32_t *group,
                   size_t group_count, const double *w, uint32_t folds, uint64_t seed) MUST_USE;

struct validation {
    double auc, brier, log_loss;
    double calibration_intercept, calibration_slope; /* logit of outcome on logit of p */
    double rows, weight;
};
/* truth 0/1, p: score between 0 and 1, higher = more likely; ties count half. NaN: left out. */
enum rc validate_score(struct validation *out, struct cx *cx, const double *truth,
                       const double *p, const double *w, size_t n) MUST_USE;
struct roc_point {
    double threshold, true_rate, false_rate;
};
enum rc validate_roc(struct roc_point **out, size_t *count, struct cx *cx, const double *truth,
                     const double *p, const double *w, size_t n) MUST_USE;

/* Errors when the top share `quota` of weight by score is taken (ties at the edge are taken in
 * part). welfare NULL: no distance tables. */
struct targeting {
    double selected, poor;       /* shares of weight */
    double exclusion, inclusion; /* poor not selected / poor; selected not poor / selected */
    double cgh;                  /* share of benefit that goes to the poorest `quota` / quota */
    double exclusion_by[5], weight_by[5]; /* by fifths of welfare below the line */
    double precision, recall, accuracy;
};
enum rc targeting_at(struct targeting *out, struct cx *cx, const double *truth,
                     const double *score, const double *welfare, double line, const double *w,
                     size_t n, double quota) MUST_USE;

#endif
