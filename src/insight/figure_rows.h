/* Figures as a table for people, as CSV and as JSON rows
 * {"measure":…,"by":{…},"estimate":…,"se":…,"df":…,"ci":[low,high],"rows":…}: what `fumin
 * poverty` and `fumin mpi` print. */
#ifndef INSIGHT_FIGURE_ROWS_H
#define INSIGHT_FIGURE_ROWS_H

#include "insight/file_frame.h"
#include "stats/poverty.h"

/* A test of "it is zero". */
struct figure_test {
    double statistic, p; /* t, or z where the estimate's df is INFINITY */
};
struct figure_row {
    const char *measure;
    const char *indicator, *k; /* NULL: the measure has none */
    size_t group;              /* FIGURE_ALL: all rows */
    const char *minus;         /* a difference from the group with this label; NULL: none */
    const struct figure_test *test; /* NULL: none */
    struct estimate e;
};
#define FIGURE_ALL SIZE_MAX
struct figure_rows {
    const struct file_groups *groups; /* NULL: none */
    struct figure_row *rows;
    size_t count, room;
};
/* Room for `room` rows in cx->arena. */
enum rc figure_rows_make(struct figure_rows *out, struct cx *cx,
                         const struct file_groups *groups, size_t room) MUST_USE;
void figure_rows_add(struct figure_rows *f, struct figure_row row);

enum figure_format { FIGURE_TABLE, FIGURE_JSON, FIGURE_CSV, FIGURE_MARKDOWN };
enum rc figure_format_parse(enum figure_format *out, struct cx *cx,
                            const char *text) MUST_USE; /* NULL: the table */
/* A group's label that stands for all of that column (a margin). */
#define FIGURE_MARGIN UINT32_MAX
/* Onto standard output. */
enum rc figure_rows_print(struct cx *cx, const struct figure_rows *f,
                          enum figure_format format) MUST_USE;

#endif
