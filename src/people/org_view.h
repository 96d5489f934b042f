/* What the pages of organisations, helpers and (room office) meetings, resources and papers
 * share: whose county, choices of forms, what was typed. Implemented in org_parts_page.c. */
#ifndef PEOPLE_ORG_VIEW_H
#define PEOPLE_ORG_VIEW_H

#include "people/org.h"
#include "web/page.h"

/* The five pages of the navigation's one entry "Offices". */
enum office_tab { OFFICE_ORG, OFFICE_HELPER, OFFICE_MEETING, OFFICE_RESOURCE, OFFICE_PAPER };

/* The county a list is of: ?county=, else the largest in which the actor may look. */
struct office_place {
    struct org_county *list;
    size_t count;
    struct org_county here; /* zeros: there is none yet */
    bool has;
};
enum rc office_place_find(struct office_place *out, struct cx *cx, int64_t county) MUST_USE;
/* … of a request's query. */
enum rc office_place_of(struct office_place *out, struct cx *cx,
                        const struct request *q) MUST_USE;
/* Fills the filter "County"; false: there is only one, no filter is needed. */
bool office_county_filter(struct table_filter *out, struct cx *cx,
                          const struct office_place *p);
/* May the actor do this in all or a part of the county? */
bool office_may(struct cx *cx, const char *permission, const struct office_place *p);

/* Areas of the county in which the actor holds the permission, indented by depth. */
enum rc office_area_choices(const struct field_choice **out, size_t *count, struct cx *cx,
                            const char *permission, const struct org_county *c,
                            int64_t chosen) MUST_USE;
/* The county's organisations; with `none` a first choice of value "". */
enum rc office_org_choices(const struct field_choice **out, size_t *count, struct cx *cx,
                           int64_t county, int64_t chosen, const char *none) MUST_USE;
/* Logins and names of active users of the county, for a <datalist>. */
enum rc office_user_choices(const struct field_choice **out, size_t *count, struct cx *cx,
                            const struct org_county *c) MUST_USE;
/* The active user of a login typed into a form. RC_INVALID. `may_be_empty`: 0. */
enum rc office_user_typed(int64_t *id, struct cx *cx, struct str login,
                          bool may_be_empty) MUST_USE;

/* ---- what was typed ---- */
const char *typed_text(struct cx *cx, const struct request *q, const char *name);
/* A whole number > 0; else 0. */
int64_t typed_id(const struct request *q, const char *name);
/* A day; empty: `otherwise`. RC_INVALID names the field. */
enum rc typed_day(int32_t *out, struct cx *cx, const struct request *q, const char *name,
                  const char *label, int32_t otherwise) MUST_USE;
/* Is it a mistake of the person (shown on the form) rather than a failure? */
bool typed_mistake(enum rc rc);
/* The text of the present error, which is cleared. */
const char *typed_error(struct cx *cx);
/* The error when it is about the field of this label ("Name: …"); else NULL. */
const char *error_at(const char *error, const char *label);

/* ---- organisations ---- */
struct org_list_view {
    const struct table *table;
    const struct office_place *place;
    bool may_edit, is_empty; /* no organisation at all yet */
    const struct field_choice *usual;
    size_t usual_count;
    const char *csrf;
};
struct org_edit_view {
    struct org org;
    const char *title_action, *action, *csrf, *error;
    const struct field_choice *kinds, *areas, *parents;
    size_t kind_count, area_count, parent_count;
    int64_t county;
};
struct duty_view {
    struct duty duty;
    const char *name, *org_name, *days;
    bool is_past;
};
struct org_one_view {
    struct org org;
    const char *kind, *area, *parent, *merged, *csrf, *error;
    struct duty_view *duties;
    size_t duty_count;
    const struct org *below;
    size_t below_count;
    int64_t task_count;
    bool may_edit, shows_past;
    const struct field_choice *users, *others;
    size_t user_count, other_count;
};
const char *org_kind_label(struct cx *cx, const char *kind);
/* Open tasks, at most 1,000. */
enum rc office_task_count(int64_t *count, struct cx *cx, int owner_kind, int64_t id) MUST_USE;

/* ---- helpers ---- */
struct pairing_view {
    struct pairing pairing;
    const char *label; /* household; NULL: outside of the actor's areas */
    const char *days;
};
struct helper_view {
    struct helper helper;
    const char *org, *login, *days, *csrf, *error, *phone;
    struct pairing_view *pairs, *left;
    size_t pair_count, left_count;
    bool may_edit, may_pair, may_reveal, shows_past;
    const struct field_choice *orgs, *users, *helpers;
    size_t org_count, user_count, helper_count;
    int32_t today;
};
/* Present helpers of a county, to choose from. */
enum rc helper_choices(const struct field_choice **out, size_t *count, struct cx *cx,
                       int64_t county, int64_t but) MUST_USE;

/* The part of the household's page: who stands by it. */
struct household_helpers_view {
    int64_t household_id;
    struct pairing *pairs;
    size_t pair_count;
    bool may_edit;
    const struct field_choice *helpers;
    size_t helper_count;
    const char *csrf;
};
enum rc household_helpers_load(struct household_helpers_view *out, struct cx *cx,
                               const struct request *q, int64_t county, int64_t household_id,
                               struct str area_path) MUST_USE;

/* ---- one's own account ---- */
struct stand_in_view {
    struct substitute substitute;
    const char *name, *days;
    bool is_over;
};
struct reach_view {
    struct contact contact;
    struct stand_in_view *list;
    size_t count;
    const struct field_choice *users;
    size_t user_count;
    struct duty_view *duties;
    size_t duty_count;
    const char *standing_for; /* names; NULL */
    const char *csrf, *error;
};
enum rc reach_view_fill(struct reach_view *out, struct cx *cx,
                        const struct request *q) MUST_USE;

/* ---- somebody leaves ---- */
struct leave_view {
    int64_t user_id;
    const char *name, *csrf, *error, *today;
    struct duty_view *duties;
    size_t duty_count;
    int64_t household_count, helper_id, task_count;
    bool may_block;
    const struct field_choice *users;
    size_t user_count;
};
enum rc duty_views(struct duty_view **out, size_t *count, struct cx *cx,
                   const struct duty *duties, size_t duty_count) MUST_USE;

#endif
