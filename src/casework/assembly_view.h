/* What the templates of assemblies show (assembly_page.c, assembly_show_page.c). */
#ifndef CASEWORK_ASSEMBLY_VIEW_H
#define CASEWORK_ASSEMBLY_VIEW_H

#include "casework/assembly.h"
#include "casework/public_view.h"

struct assembly_item_view {
    const struct assembly_item *item;
    const char *title, *workflow, *shown, *result, *tone, *told;
    const char *agree, *disagree, *abstain; /* "" not voted yet */
    const char *kept; /* what is kept, where the form comes back with other numbers; NULL */
    bool gone;        /* decided in the meantime */
    bool away;        /* … because it belongs to another area now */
};
struct assembly_waiting_view {
    int64_t flow_id;
    const char *title, *workflow, *place;
};
struct assembly_page_view {
    const struct assembly *a;
    const char *place, *state, *tone, *when, *date, *time, *entitled, *present, *rule, *csrf,
        *error, *attendance_href;
    bool may_work, open, closing, has_quorum;
    const struct assembly_item_view *items;
    size_t item_count;
    const struct assembly_waiting_view *waiting;
    size_t waiting_count;
};
struct assembly_new_view {
    const struct area *areas;
    size_t area_count;
    int64_t area_id;
    const char *area, *date, *time, *place, *chair, *recorder, *entitled, *error, *csrf;
};
struct assembly_show_view {
    const struct assembly *a;
    const char *place, *when, *script;
    const struct assembly_item_view *item; /* NULL: no case */
    size_t number, count;
    const char *previous, *next; /* NULL */
};

const char *assembly_state_text(struct cx *cx, enum assembly_state s);
const char *assembly_state_tone(enum assembly_state s);
/* "At least 67 % … present; more than 50 % …" */
const char *assembly_rule_text(struct cx *cx, const struct assembly_rule *rule);
enum rc assembly_items_fill(struct assembly_item_view **out, size_t *count, struct cx *cx,
                            const struct assembly *a) MUST_USE;
/* Local day and minute of a moment as input fields have them, and back. */
const char *assembly_date(struct cx *cx, int64_t at);
const char *assembly_clock(struct cx *cx, int64_t at);
bool assembly_moment(int64_t *at, const struct cx *cx, struct str date, struct str clock);

#endif
