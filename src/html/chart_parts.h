/* The geometry of a chart, computed by chart.c and drawn by chart.html. Coordinates are in
 * tenths of a pixel so that they are integers. */
#ifndef HTML_CHART_PARTS_H
#define HTML_CHART_PARTS_H

#include "html/chart.h"

struct chart_box {
    const char *x, *y, *width, *height; /* decimal texts */
    const char *fill;
    const char *title; /* tooltip and screen readers: "2025 · Wages: 12,300" */
};
struct chart_text {
    const char *x, *y, *text, *anchor;
};
struct chart_rule {
    const char *x1, *y1, *x2, *y2;
    bool strong;
};
struct chart_line {
    const char *points, *stroke, *dash; /* dash NULL: solid */
};
struct chart_drawing {
    const struct chart *chart;
    const char *view_box;
    const char *id;
    const char *summary;
    struct chart_box *boxes;
    size_t box_count;
    struct chart_text *texts;
    size_t text_count;
    struct chart_rule *rules;
    size_t rule_count;
    struct chart_line *lines;
    size_t line_count;
};
const char *chart_colour(size_t series); /* static */
/* The value as text, "–" for none. */
const char *chart_value(struct cx *cx, const struct chart *c, size_t series, size_t category);

#endif
