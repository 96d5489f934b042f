/* What the portrait on a household's page shows. */
#ifndef INSIGHT_PORTRAIT_VIEW_H
#define INSIGHT_PORTRAIT_VIEW_H

#include "html/chart_xy.h"
#include "html/table.h"
#include "insight/portrait.h"

struct portrait_view {
    bool shown;
    const struct table **indexes; /* deprivations over the years, one table an index */
    size_t index_count;
    const struct table *lines; /* income and distance to each line over the years */
    const struct chart_xy *place;
    const char *place_text;
};
/* Fills the section for a household's page; where there is nothing to say it is not shown. */
enum rc portrait_view_fill(struct portrait_view *v, struct cx *cx,
                           const struct household *h) MUST_USE;

#endif
