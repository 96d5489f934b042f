/* Charts as SVG drawn on the server, each with its data as a table below (in <details>), titles
 * and descriptions for screen readers, readable in print and for the colour-blind (patterns and
 * labels, not colour alone). No JavaScript. */
#ifndef HTML_CHART_H
#define HTML_CHART_H

#include "html/html.h"

struct chart_series {
    const char *label;
    const double *values; /* one per category; NaN = none */
};
struct chart {
    const char *title; /* sentence that says what is seen */
    const char *unit;
    const char *const *categories;
    size_t category_count;
    const struct chart_series *series;
    size_t series_count;
    unsigned decimals;
};
/* Stacked bars (negative values go below the zero line). */
void html_chart_bars(struct out *o, struct cx *cx, const struct chart *c);
/* The same lying: a row per category, for many categories with long names. No negative values.
 */
void html_chart_rows(struct out *o, struct cx *cx, const struct chart *c);
/* Lines over ordered categories (years). */
void html_chart_lines(struct out *o, struct cx *cx, const struct chart *c);

#endif
