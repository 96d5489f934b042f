/* What the templates of published figures show. */
#ifndef INSIGHT_PUBLISH_VIEW_H
#define INSIGHT_PUBLISH_VIEW_H

#include "insight/publish.h"
#include "web/page.h"

struct publish_view {
    struct publish_figure figure;
    const struct table *table;
    const struct pair *pairs; /* the scope, as hidden fields */
    size_t pair_count;
    const char *csrf, *error, *title;
    const char *line, *rule; /* "4,000 yuan per person (National poverty line)" */
    const char *poor_share;  /* of the whole area */
    bool can_withdraw;
};
struct publish_list_view {
    const struct publish_figure *figures;
    size_t count;
    const char *csrf;
    bool manage;
};

#endif
