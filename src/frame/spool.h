/* Rows put aside in an unnamed file until their widths and number are known: Stata and SPSS
 * want both in the file's head. Remembers what it saw of each column. */
#ifndef FRAME_SPOOL_H
#define FRAME_SPOOL_H

#include "frame/frame.h"

struct spool_column {
    int64_t min, max;  /* of values that are not missing; min > max: there are none */
    size_t text_bytes; /* longest text */
};
struct spool;
/* Owned by caller, free with spool_free. */
enum rc spool_open(struct spool **out, struct cx *cx, const struct column_spec *columns,
                   size_t count, const char *dir) MUST_USE;
void spool_free(struct spool *s);
enum rc spool_put(struct cx *cx, struct spool *s, const struct out_cell *cells) MUST_USE;
/* Goes back to the first row; may be done again. */
enum rc spool_rewind(struct cx *cx, struct spool *s) MUST_USE;
/* The next row; texts until the next call. */
enum rc spool_get(struct out_cell *cells, struct cx *cx, struct spool *s) MUST_USE;
const struct spool_column *spool_column(const struct spool *s, size_t i);
int64_t spool_row_count(const struct spool *s);

#endif
