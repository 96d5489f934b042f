/* What the templates of causes and of changes show. */
#ifndef INSIGHT_WHY_VIEW_H
#define INSIGHT_WHY_VIEW_H

#include "html/chart.h"
#include "insight/cause.h"
#include "insight/how.h"
#include "insight/split.h"
#include "web/page.h"

struct why_form {
    const char *action;
    const struct field_choice *years, *from_years, *who;
    size_t year_count, from_year_count, who_count;
    const char *line;
    const struct pair *kept;
    size_t kept_count;
};
struct cause_view {
    const struct scope *scope;
    struct why_form form;
    const char *error, *summary;
    const struct table *causes, *pairs, *areas;
    const struct how *how;
};
struct split_view {
    const struct scope *scope;
    struct why_form form;
    const char *error, *summary, *moves;
    const struct chart *chart;
    const struct table *table;
    const struct how *how;
};

#endif
