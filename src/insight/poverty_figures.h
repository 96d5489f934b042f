/* All figures of money poverty and inequality of one group of rows, in the order in which
 * `fumin poverty` prints them. */
#ifndef INSIGHT_POVERTY_FIGURES_H
#define INSIGHT_POVERTY_FIGURES_H

#include "insight/survey.h"

enum { POVERTY_FIGURES = 32 }; /* rows of output a group at most */
struct poverty_group {
    const struct welfare *rows;
    const struct fgt_sums *sums; /* of these rows, each against its line */
    const struct ranked *ranked;
    double line; /* NaN: it differs between the rows */
    bool weak;
    enum quantile_kind kind;
    size_t group; /* of figure_rows; FIGURE_ALL */
};
void poverty_figures_add(struct figure_rows *out, struct cx *cx, const struct poverty_group *g);

/* Rows of a group one behind the other, in row order; start[g] is where group g begins, start
 * has groups->count + 1 places. `rows` gets columns of its own. */
enum rc poverty_rows_by_group(size_t **start, struct cx *cx, struct welfare *rows,
                              const struct file_groups *groups) MUST_USE;

/* Linearised standard errors of the figures of a table's groups. */
struct poverty_errors {
    struct survey *survey;
    const struct welfare *rows; /* of the whole table */
    const struct line_spec *line;
    enum quantile_kind kind;
    bool weak, own_line;
};
/* Fills se, df, intervals and deff of all rows of `out`, differences included. Groups stand one
 * behind the other, all rows together first. */
enum rc poverty_errors_fill(struct figure_rows *out, struct cx *cx,
                            const struct poverty_errors *e) MUST_USE;

/* `fumin poverty DIR`: what was asked for of a database's folder; NULL: the default. */
struct poverty_asked {
    const char *dir, *welfare, *line, *area, *year, *by;
    bool weak, households;
    enum figure_format format;
};
enum rc poverty_of_register(struct cx *cx, const struct poverty_asked *asked) MUST_USE;

#endif
