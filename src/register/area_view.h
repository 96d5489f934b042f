/* What the area template shows. */
#ifndef REGISTER_AREA_VIEW_H
#define REGISTER_AREA_VIEW_H

#include "register/area.h"
#include "web/page.h"

struct area_view {
    struct area area;
    bool has_area, own, may_see_households;
    const char *level;
    struct area *chain;
    size_t chain_count;
    const struct table *table;
};

#endif
