/* The columns of numbers that a formula (formula.h) makes of a file's columns. */
#ifndef INSIGHT_FORMULA_COLUMNS_H
#define INSIGHT_FORMULA_COLUMNS_H

#include "insight/file_frame.h"
#include "insight/formula.h"

struct formula_columns {
    size_t k;
    const double **x;   /* by column; NaN: missing */
    const char **names; /* "(constant)", "age", "region=North", "age#region=North" */
    /* Whether a marginal effect makes sense: a column in no other term. The columns of one
     * factor have the same number above 0 in `factor`; others 0. */
    bool *margin;
    size_t *factor;
    const double *y;
    const char *y_name;
    size_t notes; /* lines for people: the groups that others are compared with */
    const char **note;
};
/* The file's columns that the formula reads, as numbers or as labels. */
enum rc formula_wants(struct file_want **out, size_t *count, struct cx *cx,
                      const struct formula *f) MUST_USE;
/* The columns of formula_wants as read. `inside` (NULL: all) says which rows count for groups
 * and for what a function can take. */
struct formula_data {
    const struct file_want *wants;
    size_t want_count, rows;
    const uint8_t *inside;
};
/* Groups in an interaction lose their first level when the term without
 * them is in the formula (as R codes them). RC_INVALID with a sentence that names the column:
 * groups with one value, a base that does not occur, the logarithm of zero. RC_LIMIT. */
enum rc formula_columns_make(struct formula_columns *out, struct cx *cx,
                             const struct formula *f, const struct formula_data *d) MUST_USE;

#endif
