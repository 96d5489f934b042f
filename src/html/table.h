/* A table page: rows with sortable headers, filters, paging, an empty state, and the same data
 * as CSV, XLSX or JSON (?format=). Filters, sort and page are in the address, so a view can be
 * shared. The data come from the caller, already limited to one page. */
#ifndef HTML_TABLE_H
#define HTML_TABLE_H

#include "html/html.h"

enum column_align { ALIGN_TEXT = 0, ALIGN_NUMBER = 1 };
struct table_column {
    const char *key;   /* sort key and export name; NULL: not sortable */
    const char *title; /* translated */
    enum column_align align;
    bool narrow_hidden; /* left out at phone width (its value is repeated under the first cell)
                         */
};
struct table_cell {
    const char *text; /* translated, formatted; NULL = empty */
    const char *href; /* NULL: no link */
    const char *tone; /* NULL, "good", "warn", "bad", "muted": a label, never colour alone */
};
enum filter_kind { FILTER_SEARCH, FILTER_CHOICE, FILTER_HIDDEN };
struct filter_choice {
    const char *value, *label;
};
struct table_filter {
    enum filter_kind kind;
    const char *name; /* query parameter */
    const char *label;
    const char *value;                   /* present value */
    const struct filter_choice *choices; /* FILTER_CHOICE; first is "all" with value "" */
    size_t choice_count;
};
struct table {
    const char *caption; /* for screen readers and print */
    const char *base;    /* path of the page, "/household" */
    const char *query;   /* present query without paging, encoded, "" or "q=x&sort=name" */
    const struct table_column *columns;
    size_t column_count;
    const struct table_cell *cells; /* row after row */
    size_t row_count;
    const struct table_filter *filters;
    size_t filter_count;
    const char *sort; /* key, or NULL */
    bool descending;
    const char *total;      /* "20,114 households", "more than 10,000 …"; NULL */
    const char *next_token; /* ?after=; NULL: last page */
    bool is_first_page;
    const char *empty_title, *empty_hint, *empty_href,
        *empty_action;  /* what to do when nothing is there */
    const double *bars; /* one per row, share 0..1 of the longest, drawn under the cell of
                           bar_column; NaN: none; NULL: no bars */
    size_t bar_column;
    bool can_export; /* shows CSV, XLSX, JSON links: ?format=csv */
};
void html_table(struct out *o, struct cx *cx, const struct table *t);

#endif
