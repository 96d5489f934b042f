/* Columns of any table file (CSV, XLSX, Stata, SPSS) as numbers or labels, read by name in one
 * pass: what `fumin poverty` and `fumin mpi` compute from. */
#ifndef INSIGHT_FILE_FRAME_H
#define INSIGHT_FILE_FRAME_H

#include "base/cx.h"

/* One column asked for and, after reading, its values; all in cx->arena. */
struct file_want {
    const char *name; /* of the first row, exactly; else case and full width folded */
    bool as_labels;
    bool as_codes;   /* as labels, but as many as there are, in order of appearance */
    bool as_auto;    /* as numbers; as labels (as_labels is set), as many as there are,
                      when a cell is no number */
    bool optional;   /* no such column: neither number nor label afterwards */
    double *number;  /* by row; NaN: missing */
    uint32_t *label; /* by row: index into labels */
    const char *
        *labels; /* distinct texts, numbers by size first, then by bytes; "" = missing */
    size_t label_count;
};
struct file_from {
    const char *path, *sheet; /* sheet: of an XLSX; NULL the first */
};
/* Missing: empty, ".", "-", NA, N/A, NaN, NULL in any case, a spreadsheet's error. RC_INVALID
 * with a sentence: no such column (tells those that exist and the nearest), two columns of that
 * name, a cell that is no number (row and column); RC_NOTFOUND: no such file. */
enum rc file_frame_read(size_t *rows, struct cx *cx, const struct file_from *from,
                        struct file_want *wants, size_t count) MUST_USE;
/* All columns, as_auto, in the file's order; one without a name is called "column 3". */
enum rc file_frame_read_all(struct file_want **out, size_t *count, size_t *rows, struct cx *cx,
                            const struct file_from *from) MUST_USE;
/* "a, b" as trimmed texts; empty parts are refused. */
enum rc file_frame_list(const char ***out, size_t *count, struct cx *cx,
                        const char *text) MUST_USE;

/* The groups that rows fall into by several columns of labels. */
struct file_groups {
    const struct file_want *by;
    size_t by_count, count;
    uint32_t *of_row;  /* by row */
    uint32_t **labels; /* by group: index into by[i].labels */
};
enum rc file_groups_make(struct file_groups *out, struct cx *cx, const struct file_want *by,
                         size_t by_count, size_t rows) MUST_USE;

#endif
