/* What the map's template shows. */
#ifndef INSIGHT_MAP_VIEW_H
#define INSIGHT_MAP_VIEW_H

#include "html/map.h"
#include "insight/how.h"
#include "web/page.h"

struct map_view {
    const struct scope *scope;
    const struct map *map;
    const struct table *table;
    const struct how *how;
    const struct field_choice *figures, *years, *indexes;
    size_t figure_count, year_count, index_count;
    const char *line, *error;
    const struct pair *kept; /* the rest of the address, as hidden fields */
    size_t kept_count;
    const char *publish_href; /* NULL: may not */
    bool by_index;            /* the chosen figure is of an index */
    const char *points_note;  /* NULL */
};

#endif
