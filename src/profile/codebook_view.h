/* What the codebook templates show. */
#ifndef PROFILE_CODEBOOK_VIEW_H
#define PROFILE_CODEBOOK_VIEW_H

#include "profile/profile.h"
#include "web/page.h"

struct indicator_fact {
    const char *label, *value;
};
struct indicator_view {
    struct indicator_fact facts[12];
    size_t fact_count;
    const struct code_list *list;
};

#endif
