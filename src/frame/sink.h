/* Where the readers put rows: writes the normal form (normal.h) to a descriptor and holds every
 * reader to the same limits. Runs in the sandboxed child. */
#ifndef FRAME_SINK_H
#define FRAME_SINK_H

#include "frame/normal.h"

struct sink_limits {
    size_t rows, columns, cell_bytes;
    size_t row_bytes; /* all texts of one row */
};
/* LIMIT_IMPORT_ROWS, LIMIT_IMPORT_COLUMNS, LIMIT_CELL_BYTES, 16 MiB. */
struct sink_limits sink_limits_standard(void);

struct sink;
/* Owned by caller, free with sink_free. `limits` may only be lower than the standard ones. */
enum rc sink_open(struct sink **out, struct cx *cx, int fd,
                  const struct sink_limits *limits) MUST_USE;
void sink_free(struct sink *s);
/* Begins a row; `number` is its place in the file, counted from 1. */
void sink_row_begin(struct sink *s, int64_t number);
/* Sets the cell of a column (from 0) of the present row; a second time replaces. The text is
 * copied. Empty texts are empty cells whatever their kind. RC_LIMIT, naming row and column. */
enum rc sink_cell(struct cx *cx, struct sink *s, size_t column, enum cell_kind kind,
                  struct str text) MUST_USE;
/* Ends the row. A row without a cell that is not empty is dropped, unless `keep_empty`. */
enum rc sink_row_end(struct cx *cx, struct sink *s, bool keep_empty) MUST_USE;
/* Refuses the cell at hand: longer than the limit. */
enum rc sink_cell_too_long(struct cx *cx, const struct sink *s, size_t column) MUST_USE;
size_t sink_row_count(const struct sink *s);
size_t sink_cell_bytes_max(const struct sink *s);
/* Index, sheet names (at least one, "" where the format has none) and foot. */
enum rc sink_finish(struct cx *cx, struct sink *s, enum rows_file file,
                    enum rows_charset charset, const struct str *sheets,
                    size_t sheet_count) MUST_USE;

#endif
