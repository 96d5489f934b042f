/* What the pages of tasks show; filled by task_*_page.c. */
#ifndef WORK_TASK_VIEW_H
#define WORK_TASK_VIEW_H

#include "web/page.h"
#include "work/task.h"

enum { TASK_FORM_BYTES = 16 * 1024, TASK_FILE_BYTES = 32 * 1024 * 1024 };

/* One task in a list. */
struct task_item {
    const char *title, *why, *href, *own_href, *due, *tone, *place, *owner, *state;
    const char *group; /* heading before it; NULL: the one before goes on */
};
struct task_tab {
    const char *href, *label;
    bool current;
};
struct task_list_view {
    struct task_tab tabs[4];
    size_t tab_count;
    struct task_sums sums;
    const struct table *filters; /* filters only */
    const struct task_item *items;
    size_t item_count;
    const char *next_href, *new_href, *empty_title, *empty_hint, *area, *export_query;
    bool first_page, may_export;
};
/* The first tasks of the actor, for the start page. */
struct task_next_view {
    struct task_item *items;
    size_t count;
    struct task_sums sums;
};
enum rc task_next_fill(struct task_next_view *v, struct cx *cx, size_t max) MUST_USE;
/* Words and links of one task; `before` is the group of the one before it (or NULL). */
void task_item_fill(struct task_item *out, struct cx *cx, const struct task *t,
                    const char **before);
/* "Step of a case", "alert" … */
const char *task_kind_text(struct cx *cx, const char *kind);

struct task_event_view {
    const char *when, *who, *what, *text, *href, *part;
};
struct task_link_view {
    const char *title, *href, *state, *owner;
};
/* What may be done with one task. */
struct task_one_view {
    const struct task *task;
    const char *title, *why, *state, *tone, *due, *owner, *giver, *place, *kind, *csrf, *error,
        *done_by, *held, *household_href, *href;
    const struct task_event_view *events;
    size_t event_count;
    const struct task_link_view *parts, *befores;
    size_t part_count, before_count;
    struct task_link_view parent;
    bool may, open, may_done, may_due, may_reopen, elsewhere, joint; /* joint: parts are open */
    const struct field_choice *owners; /* to whom it can be given */
    size_t owner_count;
};
struct task_new_view {
    const char *csrf, *error, *area, *area_href;
    int64_t area_id;
    struct field title, due, after;
    const char *why, *why_error, *owner_error;
    const struct field_choice *owners;
    size_t owner_count;
    bool evidence;
};
/* Whom one may give a task to at an area: its people, organisations of the county, their
 * members. Values: "area:ID:PERMISSION", "org:ID", "user:ID". */
enum rc task_owner_choices(struct field_choice **out, size_t *count, struct cx *cx,
                           int64_t county, int64_t area_id) MUST_USE;
/* False: not such a value. The permission lies in the arena. */
bool task_owner_parse(struct owner *out, struct cx *cx, struct str value);

#endif
