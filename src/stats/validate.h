/* How well a score tells who is poor: ranking, calibration, errors at a quota; and folds that
 * keep what belongs together. Pure functions. Sources: domain/statistics.md c; Hanley and
 * McNeil 1982; DeLong 1988; Brier 1950; Cox 1958 (calibration); Coady, Grosh and Hoddinott
 * 2004.
 *
 * In every function rows whose truth, score or weight is no number are left out and counted,
 * those with the weight zero are left out; RC_INVALID with a sentence: nobody is left, a
 * negative weight, a truth other than 0 and 1, the same truth in all rows. */
#ifndef STATS_VALIDATE_H
#define STATS_VALIDATE_H

#include "base/cx.h"

/* ---- folds ---- */

enum { FOLDS_MAX = 1000 };
struct folds_spec {
    size_t n;
    const uint32_t *group; /* by row, from 0; NULL: every row is a group */
    size_t group_count;
    const double *w; /* NULL: 1; what is no number or below zero counts as zero */
    uint32_t folds;
    uint64_t seed;
};
/* fold[i] in 0 … folds-1: whole groups, the heaviest first to the lightest fold (so no two
 * folds differ by more than one group's weight), groups of the same weight in an order drawn
 * with the seed; the same seed, the same folds. As many folds as groups: one group each.
 * RC_INVALID: fewer than 2 folds, more than FOLDS_MAX, more than groups with rows. */
enum rc folds_make(uint32_t *fold, struct cx *cx, const struct folds_spec *s) MUST_USE;

/* ---- ranking and calibration ---- */

struct scored {
    const double *truth; /* 0/1 */
    const double *score; /* higher = more likely */
    const double *w;     /* NULL: 1 */
    size_t n;
};
struct validation {
    double auc;                                      /* ties count half */
    double brier, log_loss;                          /* log_loss INFINITY: sure and wrong */
    double calibration_intercept, calibration_slope; /* logit of truth on logit of score */
    double calibration_in_large;                     /* mean truth less mean score */
    double weight, weight_left_out;
    int64_t rows, rows_left_out;
    const char *why; /* sentence when one of the five is NaN: scores that are no probabilities
                        (brier to in_large), or no calibration line; else NULL */
};
enum rc validate_score(struct validation *out, struct cx *cx, const struct scored *s) MUST_USE;
/* How each row moves the AUC, by row (0 where left out): its variance is that of the total
 * sum w_i u_i under the design (design.h). DeLong's, with weights. */
enum rc validate_auc_influence(double *u, struct cx *cx, const struct scored *s) MUST_USE;

struct roc_point {
    double threshold;             /* rows with a score of at least this are taken */
    double true_rate, false_rate; /* taken of those with truth 1, of those with truth 0 */
};
/* From nobody (threshold INFINITY) to everybody, one point for each different score. */
enum rc validate_roc(struct roc_point **out, size_t *count, struct cx *cx,
                     const struct scored *s) MUST_USE;
/* Rows by tenths (bins) of weight in order of score; rows of one score may be parted. */
struct calibration_bin {
    double weight, score, truth; /* means; NaN where weight is 0 */
};
enum rc validate_calibration(struct calibration_bin *bin, size_t bins, struct cx *cx,
                             const struct scored *s) MUST_USE;

/* ---- errors at a quota ---- */

enum { TARGETING_BANDS = 5 };
/* The top share `quota` of weight by score is taken; of rows with the score at the edge the
 * same part each. `welfare` NULL: cgh NaN, no bands; else rows without welfare are left out
 * too. */
struct targeting {
    double selected, poor;       /* shares of weight */
    double exclusion, inclusion; /* poor not selected / poor; selected not poor / selected */
    double cgh;                  /* share of benefit that goes to the poorest `quota` / quota */
    /* Poor rows with welfare below the line, by its fifths from the poorest on: band b is
     * [b, b + 1) · line/5, what is below zero in band 0; all NaN when line is NaN. */
    double exclusion_by[TARGETING_BANDS]; /* NaN: nobody there */
    double weight_by[TARGETING_BANDS];
    double table[2][2]; /* shares of weight: [truth][taken] */
    double precision, recall, accuracy;
    double weight, weight_left_out;
    int64_t rows, rows_left_out;
};
/* RC_INVALID: as above; a quota not inside (0, 1); a line not above zero. */
enum rc targeting_at(struct targeting *out, struct cx *cx, const struct scored *s,
                     const double *welfare, double line, double quota) MUST_USE;

#endif
