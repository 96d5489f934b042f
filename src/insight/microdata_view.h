/* What the templates of de-identified files show. */
#ifndef INSIGHT_MICRODATA_VIEW_H
#define INSIGHT_MICRODATA_VIEW_H

#include "insight/microdata.h"
#include "web/page.h"

struct microdata_choice {
    const char *code, *label, *group; /* group: heading, NULL when as before */
    bool chosen;
};
struct microdata_view {
    struct microdata m;
    const char *area_label, *user_name, *state_label, *state_tone;
    const char *csrf, *error;
    const struct microdata_risk *risk; /* NULL: none was computed */
    const char *reidentify;
    int64_t approved; /* files of the same county and year that exist already */
    const struct microdata_access *accesses;
    size_t access_count;
    const struct field_choice *areas, *years;
    size_t area_count, year_count;
    const struct microdata_choice *variables;
    size_t variable_count;
    bool can_decide;
};
struct microdata_list_view {
    const struct table *table;
    bool can_ask;
};

#endif
