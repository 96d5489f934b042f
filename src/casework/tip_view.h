/* What the templates of tips show. */
#ifndef CASEWORK_TIP_VIEW_H
#define CASEWORK_TIP_VIEW_H

#include "casework/public_view.h"
#include "casework/tip.h"

struct tip_candidate {
    int64_t id;
    const char *label, *place;
};
struct tip_page_view {
    const struct tip *tip;
    const char *place, *source, *state, *tone, *at, *due, *closed_by, *household, *csrf, *error;
    const char *phone; /* shown in full just now; NULL */
    bool may_work, late, may_reveal;
    const char *search;
    const struct tip_candidate *found;
    size_t found_count;
    bool searched;
};
struct tip_form_view {
    const struct field_choice *sources;
    size_t source_count;
    const struct area *areas; /* to choose from below the actor's own */
    size_t area_count;
    const struct area *chain;
    size_t chain_count;
    int64_t area_id;
    const char *place, *error, *csrf, *once, *name, *phone, *text, *household;
};
struct poster_view {
    const char *place, *address, *pdf_href;
    struct html qr;
    const struct area *areas;
    size_t area_count;
};

#endif
