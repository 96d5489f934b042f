/* What the template of capability shows. */
#ifndef INSIGHT_CAPABILITY_VIEW_H
#define INSIGHT_CAPABILITY_VIEW_H

#include "html/chart.h"
#include "insight/board_view.h"
#include "insight/capability.h"
#include "insight/how.h"
#include "web/page.h"

struct capability_view {
    struct board board;
    const char *summary, *ended_note, *ended_refused;
    const struct chart *chart;
    const struct table *years, *kinds, *rules, *ended;
    const struct how *how;
};

#endif
