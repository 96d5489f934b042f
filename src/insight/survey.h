/* The survey design as `fumin poverty` and `fumin mpi` are told it on the command line, and
 * standard errors of figures from it. Weights: one per row, of what the row counts (persons or
 * households); the command multiplies several columns before. */
#ifndef INSIGHT_SURVEY_H
#define INSIGHT_SURVEY_H

#include "base/option.h"
#include "insight/figure_rows.h"
#include "stats/design.h"

enum {
    SURVEY_STRATA,
    SURVEY_CLUSTER,
    SURVEY_FPC,
    SURVEY_LONELY,
    SURVEY_SRS,
    SURVEY_HOUSEHOLD,
    SURVEY_REPLICATE,
    SURVEY_KIND,
    SURVEY_SCALE,
    SURVEY_BOOTSTRAP,
    SURVEY_JACKKNIFE,
    SURVEY_SEED,
    SURVEY_DIFFERENCE,
    SURVEY_OPTIONS
};
extern const struct option_row survey_option_rows[SURVEY_OPTIONS];
/* A command's table with these options at its end; `own` has `count` rows. Static storage of
 * `all`: count + SURVEY_OPTIONS places. */
void survey_option_table(struct option_row *all, const struct option_row *own, size_t count);

enum survey_errors { SURVEY_NONE, SURVEY_LINEAR, SURVEY_REPLICATED };
struct survey {
    enum survey_errors errors;
    const char *why_none; /* sentence of SURVEY_NONE */
    bool own_errors;      /* in: the command has errors without a design, so no note then */
    const struct option_value *v;
    struct file_want *names; /* columns to read besides the command's */
    size_t name_count, strata, clusters, fpcs, replicates; /* how many of each, in this order */
    size_t household;  /* 1 when asked for: the last column */
    size_t difference; /* which column of --by; SIZE_MAX: none */
    struct design design;
    struct design_sums sums, other;
    struct replicates plan;
};
/* What was asked for, checked as far as it can be without the file. `by` are the columns of
 * --by. RC_INVALID: options that exclude each other, a difference of no --by column, a kind, a
 * number out of range. */
enum rc survey_options(struct survey *out, struct cx *cx, const struct option_value *v,
                       const char *const *by, size_t by_count) MUST_USE;
/* After the file was read into `wants` (the columns of out->names, in order): makes the design.
 * w NULL: 1. Notes go to standard error. `line` says whether the rows are all of a file. */
enum rc survey_make(struct survey *s, struct cx *cx, const struct file_want *wants,
                    const double *w, size_t n) MUST_USE;

/* Rows of each group: order[start[g]] … order[start[g + 1] - 1], in row order. */
enum rc survey_rows_by_group(uint32_t **order, size_t **start, struct cx *cx,
                             const struct file_groups *groups, size_t n) MUST_USE;
/* For group g the one it is compared with: the group with the same labels but the first of the
 * difference's column; SIZE_MAX: g itself is that, or there is none. */
size_t survey_base(const struct survey *s, const struct file_groups *groups, size_t g);

/* Replicates: `compute` makes all figures with the weights it gets into `rows`, which has room
 * for as many as `full`; their errors are written into `full`. */
typedef enum rc survey_compute(struct figure_rows *rows, struct cx *cx, const double *w,
                               void *context);
enum rc survey_replicate(struct survey *s, struct cx *cx, struct figure_rows *full,
                         const double *w, survey_compute *compute, void *context) MUST_USE;
/* Differences of the rows of groups and their bases, behind the rows of `full` (SURVEY_NONE
 * and SURVEY_REPLICATED: values only). Room for as many rows again is needed. */
void survey_differences(struct survey *s, struct cx *cx, struct figure_rows *full);
/* Room that `rows` figures need with the differences asked for. */
size_t survey_room(const struct survey *s, size_t rows);
/* Whether a measure is a share of people or of the highest index, whose interval is on the
 * logit scale: fgt0, h, m0, a, hd, hdk, actb, pctb, and the shares of a table. */
bool survey_is_proportion(const char *measure);

#endif
