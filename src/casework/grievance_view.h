/* What the templates of grievances show. */
#ifndef CASEWORK_GRIEVANCE_VIEW_H
#define CASEWORK_GRIEVANCE_VIEW_H

#include "casework/grievance.h"
#include "casework/public_view.h"

struct grievance_step_view {
    const char *when, *who, *what, *reason;
};
struct grievance_page_view {
    const struct grievance *g;
    const struct flow *flow;
    const char *place, *channel, *state, *tone, *at, *due, *todo, *answered, *against, *csrf,
        *error, *typed;
    bool late, is_against;
    const struct flow_choice *choices;
    size_t choice_count;
    const struct grievance_step_view *steps;
    size_t step_count;
};
struct grievance_new_view {
    const struct field_choice *channels;
    size_t channel_count;
    const struct area *areas;
    size_t area_count;
    int64_t area_id, about_flow, household_id, about_plan;
    const char *place, *error, *csrf, *once, *name, *phone, *text;
};

#endif
