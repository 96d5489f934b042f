/* Charts over a number (not over categories): curves, steps and bars over bins, with marked
 * places such as a poverty line. SVG by the server with the figures as a table below. */
#ifndef HTML_CHART_XY_H
#define HTML_CHART_XY_H

#include "html/html.h"

enum chart_shape {
    SHAPE_LINE,
    SHAPE_STEP, /* the value at x[i] holds since x[i - 1] */
    SHAPE_BARS  /* values[i] stands between x[i] and x[i + 1]: the last is not used */
};
enum chart_number { NUMBER_PLAIN, NUMBER_PERCENT /* 0.123 is shown as 12.3 */ };
struct chart_curve {
    const char *label;
    const double *values; /* one per x; NaN: none */
    enum chart_shape shape;
    bool quiet; /* a help line (equality): thin and grey */
};
struct chart_mark {
    double at;
    const char *label;
};
struct chart_xy {
    const char *title; /* sentence that says what is seen */
    const char *x_label, *y_label;
    enum chart_number x_number, y_number;
    unsigned x_decimals, y_decimals;
    const double *x; /* ascending */
    size_t count;
    const struct chart_curve *curves;
    size_t curve_count;
    const struct chart_mark *marks; /* upright lines */
    size_t mark_count;
    bool from_zero;    /* the upright axis begins at zero */
    double highlight;  /* bars that end at or before it have the second colour; NaN: none */
    bool no_table;     /* the caller shows the figures itself */
    size_t table_step; /* every how many points stand in the table; 0: all */
};
void html_chart_xy(struct out *o, struct cx *cx, const struct chart_xy *c);

#endif
