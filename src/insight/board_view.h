/* What all pages of the evidence share: the way from one to the next, the area, and the form of
 * what they are asked for. A page fills struct board and calls board_put under its title. */
#ifndef INSIGHT_BOARD_VIEW_H
#define INSIGHT_BOARD_VIEW_H

#include "html/html.h"
#include "insight/scope.h"

/* Fields of the form; what has none stays in the address as it is. */
enum board_field {
    BOARD_LINE = 1, /* the poverty line with its ready-made choices */
    BOARD_FROM_LINE = 2,
    BOARD_YEAR = 4,
    BOARD_FROM_YEAR = 8,
    BOARD_WELFARE = 16,
    BOARD_UNIT = 32,
    BOARD_POOR = 64, /* below the line, or at it too */
    BOARD_GROUP = 128,
    BOARD_INDEX = 256
};
struct board_link {
    const char *href, *label;
    bool current;
};
struct board_choice {
    const char *value, *label;
    bool chosen;
};
struct board_select {
    const char *name, *label;
    struct board_choice *choices;
    size_t count;
};
struct board {
    const struct scope *scope;
    const char *path;               /* of this page: "/poverty" */
    unsigned fields;                /* enum board_field */
    const char *error;              /* a sentence to show above the form; NULL */
    const struct board_select *own; /* the page's own choices: shown first, kept in the links of
                                       lines and areas */
    size_t own_count;
    double line; /* the line's value for "a little lower, a little higher"; NaN: none */
    /* What board_put makes of it. */
    struct board_link *tabs, *crumbs, *lines;
    size_t tab_count, crumb_count, line_count;
    struct board_select *selects;
    size_t select_count, select_first; /* the first ones always show, the others fold away */
    struct pair *hidden;
    size_t hidden_count;
    const char *line_hint, *line_value; /* the field's hint and text */
};
void board_put(struct out *o, struct cx *cx, struct board *b);
/* Another page with the same scope, or with one thing changed: "/poverty?area=12&line=5000". */
const char *board_href(struct cx *cx, const struct scope *s, const char *path, const char *name,
                       const char *value);
const char *board_href_i64(struct cx *cx, const struct scope *s, const char *path,
                           const char *name, int64_t value);
/* The address of this page's figures as a file. */
const char *board_file(struct cx *cx, const struct scope *s, const char *path,
                       const char *format);

#endif
