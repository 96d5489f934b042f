/* Reads SQL text just far enough for sqlc: words, parameters and the selected columns at the
 * outermost level. It does not know SQL's grammar. */
#ifndef TOOLS_COMMON_SQL_TEXT_H
#define TOOLS_COMMON_SQL_TEXT_H

#include "common/tool.h"

/* Adds the statement to `out` on one line where possible: comments gone, blanks shrunk outside
 * quotes, the final semicolon dropped. Returns SIZE_MAX when it is one sound statement, else
 * the offset of the trouble with *trouble saying what it is. */
size_t sql_compact(struct text *out, const char *sql, size_t len, const char **trouble);

/* Highest $n used (0: none); *used has bit n-1 set for each of $1..$64. */
int sql_parameters(uint64_t *used, const char *sql);

enum { SQL_COLUMNS_UNKNOWN = -1, SQL_COLUMNS_STAR = -2 };
/* Number of columns a compacted statement returns: 0 when it returns none,
 * SQL_COLUMNS_UNKNOWN where it cannot be told, SQL_COLUMNS_STAR when `*` is selected. */
int sql_columns(const char *sql);

#endif
