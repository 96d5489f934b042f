/* The geometry of a chart over a number: computed by chart_xy.c, drawn by chart_xy.html. */
#ifndef HTML_CHART_XY_PARTS_H
#define HTML_CHART_XY_PARTS_H

#include "html/chart_parts.h"
#include "html/chart_xy.h"

struct chart_xy_drawing {
    const struct chart_xy *chart;
    const char *view_box, *summary, *x_title_x, *x_title_y;
    struct chart_box *boxes;
    size_t box_count;
    struct chart_text *texts, *mark_texts;
    size_t text_count, mark_text_count;
    struct chart_rule *rules, *marks;
    size_t rule_count, mark_count;
    struct chart_line *lines;
    size_t line_count;
};
/* A number as text, "–" for none. */
const char *chart_xy_x(struct cx *cx, const struct chart_xy *c, size_t i);
const char *chart_xy_y(struct cx *cx, const struct chart_xy *c, size_t curve, size_t i);
/* What stands in the table's row i: "4,000 – 4,500" for bars. */
const char *chart_xy_row(struct cx *cx, const struct chart_xy *c, size_t i);
/* How many points the table has. */
size_t chart_xy_rows(const struct chart_xy *c);

#endif
