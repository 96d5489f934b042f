/* Tables of texts for a terminal or as Markdown. */
#ifndef INSIGHT_TEXT_TABLE_H
#define INSIGHT_TEXT_TABLE_H

#include "base/buf.h"
#include "base/cx.h"

/* Places that a terminal gives the text: two for a Chinese character. */
size_t text_width(const char *z);
/* One line of left-aligned cells; the last one is not filled up. Markdown: `| a | b |`, with
 * bars and line ends inside a cell escaped. */
void text_line(struct buf *b, const char *const *cell, const size_t *width, size_t columns,
               bool markdown);
/* The line below a Markdown table's heading; right[c]: numbers. right NULL: none. */
void text_rule(struct buf *b, const bool *right, size_t columns);

/* A whole table: the first row is the heading. Columns of which every cell is a number, "-" or
 * empty are aligned to the right. */
struct text_table {
    const char **cell;
    size_t columns, count, room; /* cells put; room in cells */
};
enum rc text_table_make(struct text_table *out, struct cx *cx, size_t columns,
                        size_t rows) MUST_USE;
/* The next cell, left to right; the text must live until the table is printed. */
void text_table_put(struct text_table *t, const char *z);
/* Onto standard output. */
enum rc text_table_print(struct cx *cx, const struct text_table *t, bool markdown) MUST_USE;

#endif
