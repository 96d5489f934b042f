/* What the templates of causes and of changes show. */
#ifndef INSIGHT_WHY_VIEW_H
#define INSIGHT_WHY_VIEW_H

#include "html/chart.h"
#include "insight/board_view.h"
#include "insight/cause.h"
#include "insight/how.h"
#include "insight/split.h"
#include "web/page.h"

struct cause_view {
    struct board board;
    const char *summary;
    const struct table *causes, *pairs, *areas;
    const struct how *how;
};
struct split_view {
    struct board board;
    const char *summary, *moves;
    const struct chart *chart;
    const struct table *table;
    const struct how *how;
};

#endif
