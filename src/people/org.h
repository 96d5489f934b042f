/* Organisations and who does what in them: lead office, departments, townships, villages,
 * firms, cooperatives, stations, banks, insurers, platforms, charities (kinds:
 * profile/workflows.h); duties of users, substitutes, helpers and the households they are
 * paired with. Writes open their own write unless they say otherwise; permission org.manage in
 * the organisation's area. Nothing is deleted: what ends has an end day. */
#ifndef PEOPLE_ORG_H
#define PEOPLE_ORG_H

#include "people/user.h"

struct org {
    int64_t county, id, parent_id, area_id; /* area_id: where it works (with all below it) */
    const char *area_path;                  /* filled on reading */
    const char *kind, *name;
    int32_t from_day, ended_day; /* 0 = exists */
    int64_t merged_into;         /* 0 */
    int32_t version;             /* for conditional changes */
};
/* The county is that of the area (o->county is not read). RC_INVALID: unknown kind, empty or
 * long name, parent of another county or below itself; RC_CONFLICT: the same kind and name
 * exist, or a second lead office; RC_NOTFOUND: no such area. */
enum rc org_add(int64_t *id, struct cx *cx, const struct org *o) MUST_USE;
/* One organisation at the county's area for each of the kinds, with the kind's label as name;
 * what exists (or a second lead office) is passed over. *added counts. */
enum rc org_add_usual(int64_t *added, struct cx *cx, int64_t county_area,
                      const char *const *kinds, size_t count) MUST_USE;
/* Name, kind, parent, area. RC_CONFLICT when the version is not the newest. */
enum rc org_set(struct cx *cx, const struct org *o) MUST_USE;
/* Ends it today (the version is the one looked at): its duties end, and what it owned (the
 * organisations below it, its helpers) goes to `into`, or (0) to its parent; with `into` it is
 * merged: duties go on there. Tasks follow by work/task.h task_hand_over, resources by
 * office/resource.h, in the same write of the page. RC_CONFLICT: changed or ended since;
 * RC_INVALID: `into` is itself, ended, below it or of another county. */
enum rc org_end(struct cx *cx, int64_t id, int32_t version, int64_t into) MUST_USE;
/* What its things belong to now: itself while it exists, else what it was merged into, or its
 * parent; 0 none. */
enum rc org_now(int64_t *out, struct cx *cx, int64_t id) MUST_USE;
/* An area was merged into another: its organisations follow. In a write closure. */
enum rc org_area_merged(struct cx *cx, int64_t county, int64_t from_area,
                        int64_t to_area) MUST_USE;
/* Organisations are seen by everybody who holds household.view somewhere in their county; for
 * others RC_NOTFOUND. */
enum rc org_get(struct org *out, struct cx *cx, int64_t id) MUST_USE;
/* By kind (in the profile's order), then name; at most 2,000. kind "": all; search in the name
 * or its pinyin. */
enum rc org_list(struct org **out, size_t *count, struct cx *cx, int64_t county,
                 struct str kind, struct str search, bool with_ended) MUST_USE;
/* "Civil Affairs Bureau"; "" unknown. For anybody who is signed in. */
const char *org_name(struct cx *cx, int64_t id);
/* May the actor see what belongs to the county of this area path: household.view there, above
 * it or in a part of it? */
bool org_may_look(struct cx *cx, struct str area_path);
/* The counties in which the actor may look, the largest first, at most 200. */
struct org_county {
    int64_t county, area_id;
    const char *name, *path;
};
enum rc org_counties(struct org_county **out, size_t *count, struct cx *cx) MUST_USE;
/* The county's lead office; 0 none. */
enum rc org_lead(int64_t *id, struct cx *cx, int64_t county) MUST_USE;
/* The only organisation of that kind that works at the area (nearest above); 0 none. */
enum rc org_for(int64_t *id, struct cx *cx, int64_t county, const char *kind,
                struct str area_path) MUST_USE;

struct duty {
    int64_t county, id, org_id, user_id;
    const char *title;        /* "deputy head" */
    bool heads;               /* leads the organisation: is told when something is late */
    int32_t from_day, to_day; /* to_day 0 = open */
};
/* RC_INVALID: ended organisation, unknown or blocked user, bad title or dates; RC_CONFLICT: the
 * user has an open duty there already. */
enum rc duty_add(int64_t *id, struct cx *cx, const struct duty *d) MUST_USE;
/* The last day is to_day (today or earlier: over at once). */
enum rc duty_end(struct cx *cx, int64_t id, int32_t to_day) MUST_USE;
enum rc duties_of_user(struct duty **out, size_t *count, struct cx *cx, int64_t user_id,
                       bool with_past) MUST_USE;
enum rc duties_of_org(struct duty **out, size_t *count, struct cx *cx, int64_t org_id,
                      bool with_past) MUST_USE;

/* While one is away, another sees and does their tasks, within the other's own rights. */
struct substitute {
    int64_t id, user_id, by_user_id;
    int32_t from_day, to_day;
    const char *reason;
};
/* One's own, or of a user one may manage. RC_INVALID: oneself, dates in the wrong order;
 * RC_CONFLICT: dates overlap another. */
enum rc substitute_add(int64_t *id, struct cx *cx, const struct substitute *s) MUST_USE;
/* Back at work: yesterday was the last day (what had not begun never happens). */
enum rc substitute_end(struct cx *cx, int64_t id) MUST_USE;
/* Newest first, at most 50. */
enum rc substitutes_of(struct substitute **out, size_t *count, struct cx *cx,
                       int64_t user_id) MUST_USE;
/* Whom the actor stands in for today, also through others who are away themselves. */
enum rc substituting_for(int64_t **user_ids, size_t *count, struct cx *cx) MUST_USE;

/* Who in the organisation (heads only, or all) is to be told: active users today, with the
 * substitutes of those who are away. */
enum rc org_users(int64_t **user_ids, size_t *count, struct cx *cx, int64_t org_id,
                  bool heads) MUST_USE;
/* Active users who hold a permission by a grant on just this area (none: on the nearest area
 * above that has one). At most 200. */
enum rc area_users(int64_t **user_ids, size_t *count, struct cx *cx, int64_t area_id,
                   const char *permission) MUST_USE;

/* A helper is a person, with or without an account, who stands by households. */
struct helper {
    int64_t county, id, user_id, org_id; /* user_id 0: no account */
    const char *name, *title, *phone;    /* phone: masked when read; sealed at rest */
    int32_t from_day, to_day;
    int64_t household_count; /* paired today */
};
struct pairing {
    int64_t county, id, helper_id, household_id;
    const char *helper_name; /* filled on reading */
    int32_t from_day, to_day;
};
/* org_id is needed: its area decides who may (org.manage there). RC_INVALID: name, title,
 * phone, user or organisation; RC_CONFLICT: the user is a helper already. */
enum rc helper_add(int64_t *id, struct cx *cx, const struct helper *h) MUST_USE;
/* Name, title, organisation, user; phone NULL: stays. */
enum rc helper_set(struct cx *cx, const struct helper *h) MUST_USE;
/* Ends the helper and all pairs; *left: households that have no helper now. */
enum rc helper_end(int64_t **left, size_t *count, struct cx *cx, int64_t id,
                   int32_t to_day) MUST_USE;
/* The plain phone: household.reveal in the helper's organisation's area. */
enum rc helper_phone(const char **out, struct cx *cx, int64_t id) MUST_USE;
enum rc helper_get(struct helper *out, struct cx *cx, int64_t id) MUST_USE;
/* By id, present ones, those after `after`; search in name, pinyin. */
enum rc helper_list(struct helper **out, size_t *count, struct cx *cx, int64_t county,
                    struct str search, int64_t after, size_t max) MUST_USE;
/* The helper of an account; 0 none. */
enum rc helper_of_user(int64_t *id, struct cx *cx, int64_t user_id) MUST_USE;
/* The caller has checked that the actor may change the household (household.edit). RC_CONFLICT:
 * paired already; RC_INVALID: the helper has left, 500 households at most. */
enum rc pair_add(int64_t *id, struct cx *cx, int64_t county, int64_t helper_id,
                 int64_t household_id, int32_t from_day) MUST_USE;
enum rc pair_end(struct cx *cx, int64_t id, int32_t to_day) MUST_USE;
enum rc pairs_of_household(struct pairing **out, size_t *count, struct cx *cx, int64_t county,
                           int64_t household_id, bool with_past) MUST_USE;
enum rc pairs_of_helper(struct pairing **out, size_t *count, struct cx *cx, int64_t helper_id,
                        bool with_past) MUST_USE;

/* Households that this helper (who may have left) stood by and that nobody stands by now; at
 * most 500. */
enum rc pairs_left(int64_t **households, size_t *count, struct cx *cx,
                   int64_t helper_id) MUST_USE;

/* A person leaves: duties, what they are a helper for (with all pairs), substitutes they make.
 * Roles are not touched. *left as helper_end. Permission org.manage in the area of each of
 * their organisations, or user.manage over the user. Tasks follow by work/task.h
 * task_hand_over. */
enum rc person_leaves(int64_t **left, size_t *count, struct cx *cx, int64_t user_id,
                      int32_t last_day) MUST_USE;

/* How an officer can be reached (sealed at rest); for work/notice.h. */
struct contact {
    const char *mail, *phone; /* plain; "" none */
    bool wants_mail, wants_sms, wants_summary;
};
enum rc contact_get(struct contact *out, struct cx *cx, int64_t user_id) MUST_USE;
/* Own, or of a user one may manage. RC_INVALID names the field. */
enum rc contact_set(struct cx *cx, int64_t user_id, const struct contact *c) MUST_USE;

#endif
