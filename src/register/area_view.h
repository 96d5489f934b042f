/* What the area template shows. */
#ifndef REGISTER_AREA_VIEW_H
#define REGISTER_AREA_VIEW_H

#include "register/area_merge.h"
#include "web/page.h"

struct case_parts_view; /* casework/case_view.h */
/* Where an area went, or is on its way to. */
struct merge_state {
    const char *into, *day;
    int64_t into_id, moved, total;
    bool done;
};
struct area_view {
    struct area area;
    bool has_area, own, may_see_households;
    const char *level;
    struct area *chain;
    size_t chain_count;
    const struct table *table;
    const struct case_parts_view *cases; /* NULL: none here, or not for the actor */
    const struct merge_state *merge;     /* NULL: it stays */
    bool may_merge;
};

/* The page that asks before a merge: which area, or (facts) what it concerns. */
struct merge_view {
    struct area from;
    const struct area_merge_facts *facts; /* NULL: not chosen yet */
    const struct field_choice *choices;   /* areas beside it */
    size_t choice_count;
    const char *other, *day, *error, *csrf;
};

#endif
