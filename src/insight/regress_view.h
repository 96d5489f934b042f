/* What `fumin regress` is told, and its results: regress_cmd.c reads and fits,
 * regress_fit_cmd.c makes figures of a fit, regress_print_cmd.c prints them. */
#ifndef INSIGHT_REGRESS_VIEW_H
#define INSIGHT_REGRESS_VIEW_H

#include "insight/formula_columns.h"
#include "insight/study.h"
#include "stats/model.h"

enum regress_kind { REGRESS_FIT, REGRESS_LASSO, REGRESS_RIDGE, REGRESS_NET };
struct regress {
    struct study study;
    struct formula formula;
    struct formula_columns columns;
    struct figure_rows out;
    enum regress_kind kind;
    enum model_family family;
    double tau, alpha;
    enum model_errors errors;
    bool wild, margins, best_1se, quiet;
    int64_t draws, folds, seed;
    const struct option_value *v;
    int argc;
    char **argv;
    const double *zeros;
};
/* Fits the rows with a weight in w and adds the figures of the group. */
enum rc regress_fit(struct figure_rows *out, struct cx *cx, struct regress *run,
                    const double *w, size_t group) MUST_USE;
/* Room that one group's figures need. */
size_t regress_room(const struct regress *run);
/* Tables for people. */
enum rc regress_print(struct regress *run, struct cx *cx) MUST_USE;

#endif
