/* Reads one CSV table of a profile strictly: UTF-8 (a byte-order mark is let through), commas,
 * quotes, a header line with exactly the known columns in any order. Records whose first cell
 * begins with `#` are comments. Spreadsheets' blank records are passed over. */
#ifndef PROFILE_PROFILE_TABLE_H
#define PROFILE_PROFILE_TABLE_H

#include "base/str.h"

struct loader;
struct source_file;

enum { TABLE_CELLS_MAX = 200 * 1000, TABLE_PLACES_MAX = 1000 * 1000 };

struct table {
    const char *file;
    const char *const *columns;
    size_t column_count;
    const struct str *cells; /* row after row, in the order of `columns` */
    const int64_t *lines;    /* where each row begins */
    size_t row_count;
};

/* Mistakes are noted in the loader; rows that can be read are given all the same. False when
 * there is no header to go by. Lives until the loader's temp arena is reset. */
bool table_read(struct table *out, struct loader *l, const struct source_file *file,
                const char *const *columns, size_t column_count);

#endif
