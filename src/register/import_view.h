/* What the import templates show. */
#ifndef REGISTER_IMPORT_VIEW_H
#define REGISTER_IMPORT_VIEW_H

#include "register/import.h"
#include "web/page.h"

struct import_list_view {
    const struct table *table;
    const struct field_choice *mappings;
    size_t mapping_count;
    const struct field_choice *counties;
    size_t county_count;
    const char *csrf, *error;
    int32_t year;
    bool may_run;
};
struct import_page_view {
    struct import i;
    struct job job;
    bool has_job, running;
    const char *state, *tone;
    const char *who, *mapping_label;
    const char *progress_text; /* "12,000 of 70,000 rows, 8,000 rows/s, about 7 s left" */
    int progress_percent;      /* -1 unknown */
    struct finding_count *kinds;
    size_t kind_count;
    struct finding *findings;
    size_t finding_count;
    const char *older_href, *shown_code;
    const char *csrf, *error;
    bool may_apply, may_undo, may_check;
};

#endif
