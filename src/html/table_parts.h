/* Small parts of the table's template, in C: classes and addresses. */
#ifndef HTML_TABLE_PARTS_H
#define HTML_TABLE_PARTS_H

#include "html/table.h"

const char *table_cell_class(const struct table_column *c); /* static */
/* Addresses that keep the table's query; in cx->arena. */
const char *table_sort_href(struct cx *cx, const struct table *t, const struct table_column *c,
                            bool down);
const char *table_page_href(struct cx *cx, const struct table *t,
                            const char *token); /* NULL: first */
const char *table_file_href(struct cx *cx, const struct table *t, const char *format);
/* "42.0%": width of the bar below a cell; NULL: there is none. */
const char *table_bar_width(struct cx *cx, const struct table *t, const struct table_cell *row,
                            size_t column);
/* One select of the filter form. */
void table_choice(struct out *o, struct cx *cx, const struct table_filter *f);

#endif
