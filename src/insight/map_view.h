/* What the map's template shows. */
#ifndef INSIGHT_MAP_VIEW_H
#define INSIGHT_MAP_VIEW_H

#include "html/map.h"
#include "insight/board_view.h"
#include "insight/how.h"
#include "web/page.h"

struct map_view {
    struct board board;
    const struct map *map;
    const struct table *table;
    const struct how *how;
    const char *publish_href;           /* NULL: may not */
    const char *points_note, *far_note; /* NULL */
};

#endif
