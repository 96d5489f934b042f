/* What the statistics commands on a file share (`fumin describe`, `tabulate`, `regress` …): the
 * file, weights, groups, the rows of --if, the survey design, and the line that repeats the
 * run. */
#ifndef INSIGHT_STUDY_H
#define INSIGHT_STUDY_H

#include "insight/survey.h"

enum {
    STUDY_WEIGHT,
    STUDY_BY,
    STUDY_IF,
    STUDY_SHEET,
    STUDY_FORMAT,
    STUDY_SURVEY,
    STUDY_OPTIONS = STUDY_SURVEY + SURVEY_OPTIONS
};
/* A command's table with these options at its end; static storage of `all`. */
void study_option_table(struct option_row *all, const struct option_row *own, size_t count);

struct study {
    struct file_from from;
    const char *rule; /* --if; NULL: all rows */
    enum figure_format format;
    struct survey survey;
    struct file_want *wants;                /* the command's own columns first */
    size_t own;                             /* how many of them */
    const struct file_want *survey_columns; /* those of survey.names */
    size_t n;                               /* rows of the file */
    double *w;                              /* NULL: 1 */
    struct file_groups groups;
    uint8_t *inside; /* by row: --if holds; NULL: all */
    /* Rows of all (group 0) and of group g (g + 1) for which --if holds:
     * order[start[g]] … order[end[g] - 1]. */
    uint32_t *order;
    size_t *start, *end, group_count;
    /* As given, for study_read. */
    const char **weights, **by;
    size_t weight_count, by_count;
};
/* The options, as far as they can be checked without the file. `v` are those from the table's
 * study part on. RC_INVALID as survey_options, and for a format. */
enum rc study_options(struct study *out, struct cx *cx, const char *path,
                      const struct option_value *v) MUST_USE;
/* Reads own[0 .. count-1] (afterwards out->wants) and the columns of the options; count 0 and
 * own NULL: all columns of the file as own ones. Notes go to standard error. */
enum rc study_read(struct study *s, struct cx *cx, const struct file_want *own,
                   size_t count) MUST_USE;
/* Rows of group g, FIGURE_ALL: all. */
const uint32_t *study_rows(const struct study *s, size_t group, size_t *count);
/* Onto standard error: the command line, quoted for a shell, that repeats the run. */
void study_say_again(struct cx *cx, int argc, char **argv);
/* Runs `compute` with an arena for a file of millions of rows. */
enum rc study_compute(struct cx *cx, enum rc (*compute)(void *run, struct cx *cx),
                      void *run) MUST_USE;

#endif
