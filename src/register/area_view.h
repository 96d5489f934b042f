/* What the area template shows. */
#ifndef REGISTER_AREA_VIEW_H
#define REGISTER_AREA_VIEW_H

#include "register/area.h"
#include "web/page.h"

struct case_parts_view; /* casework/case_view.h */
struct area_view {
    struct area area;
    bool has_area, own, may_see_households;
    const char *level;
    struct area *chain;
    size_t chain_count;
    const struct table *table;
    const struct case_parts_view *cases; /* NULL: none here, or not for the actor */
};

#endif
