/* What the templates of alerts, alert rules and disasters show; filled by alert_page.c,
 * alert_rule_page.c and disaster_page.c. */
#ifndef WATCH_WATCH_VIEW_H
#define WATCH_WATCH_VIEW_H

#include "html/map.h"
#include "watch/alert.h"
#include "web/page.h"

enum { WATCH_FORM_BYTES = 512 * 1024 };

struct alert_list_view {
    const struct table *table, *sums;
    const char *open, *late, *right; /* right: share of the answered that were right; "–" */
    bool may_disaster;
};
struct alert_fact_view {
    const char *label, *value, *year;
};
struct alert_page_view {
    const struct alert *alert;
    const char *rule, *message, *todo, *colour, *tone, *state, *state_tone, *household,
        *household_href, *person, *place, *at, *due, *outcome, *closed_by, *closed_at, *cause,
        *measure, *measure_help, *disaster, *rule_href;
    bool late, may_handle, can_reopen;
    const struct alert_fact_view *facts;
    size_t fact_count;
    const char *csrf, *error;
    const struct field_choice *outcomes;
    size_t outcome_count;
};
struct alert_rule_view {
    const struct alert_rule *rule;
    const char *colour, *tone, *subject, *source, *cause, *measure;
    struct alert_sum sum;
    const char *open, *late, *closed, *right;
    /* trying */
    bool can_try;
    const char *csrf, *text, *error, *place;
    int64_t area_id;
    const struct field_choice *areas;
    size_t area_choice_count;
    const struct table *trial; /* NULL: not tried yet */
    const char *where;         /* of a fault in the text; NULL */
    const char *in_words;
};
struct disaster_area_view {
    int64_t id;
    const char *name;
    bool chosen;
    const struct disaster_area_view *below;
    size_t below_count;
};
struct disaster_form_view {
    const char *csrf, *name, *polygon, *codes, *longitude, *latitude, *radius, *days, *error;
    const struct disaster_area_view *areas;
    size_t area_count;
    int64_t area_id;
    const char *place;
    const struct area *choices; /* where no county is chosen yet */
    size_t choice_count;
    bool counted;
    const char *households, *without_place;
    int64_t household_count;
    const char *const *unknown;
    size_t unknown_count;
    const struct map *map; /* NULL: nothing with a place */
};
struct disaster_page_view {
    const struct disaster *d;
    const char *place, *by, *at, *ended, *households, *raised, *checked, *in_trouble, *open,
        *without_place, *csrf, *error, *share;
    int percent;
    bool may_end;
    const struct table *areas;
};

const char *colour_text(struct cx *cx, enum alert_colour colour);
const char *colour_tone(enum alert_colour colour);
const char *share_text(struct cx *cx, int64_t part, int64_t of);
const char *alert_rule_label(struct cx *cx, const struct alert_rule *rule, int32_t number);
int64_t watch_number(struct str text);
/* A failure that the form shows: takes the text out of cx->err; false for other failures. */
bool watch_told(const char **error, struct cx *cx, struct response *a, enum rc rc);
/* The actor's areas to choose from: those under `area_id` (0: the top ones). */
enum rc watch_area_choices(const struct filter_choice **out, size_t *count, struct cx *cx,
                           int64_t area_id) MUST_USE;

#endif
