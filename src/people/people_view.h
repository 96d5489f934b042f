/* What the templates of accounts and users show. */
#ifndef PEOPLE_PEOPLE_VIEW_H
#define PEOPLE_PEOPLE_VIEW_H

#include "people/org_view.h"
#include "web/page.h"

struct grant_view {
    const char *role, *role_label, *area_label;
    int64_t area_id;
};
struct account_view {
    struct user user;
    const char *csrf;
    struct grant_view *grants;
    size_t grant_count;
    struct session *sessions;
    size_t session_count;
    int64_t this_session;
    const char *error;
    bool must_change;
    struct reach_view reach; /* contact, substitutes, duties */
};
struct user_form_view {
    const char *csrf, *error;
    const char *login, *name;
    const struct field_choice *roles, *areas;
    size_t role_count, area_count;
};
struct user_page_view {
    struct user user;
    const char *csrf, *error;
    struct grant_view *grants;
    size_t grant_count;
    struct session *sessions;
    size_t session_count;
    struct user_event *events;
    size_t event_count;
    const struct field_choice *roles, *areas;
    size_t role_count, area_count;
    const char *secret_label, *secret; /* a password or code shown once */
    bool is_self;
};

/* Grants with labels. */
enum rc grant_views(struct grant_view **out, size_t *count, struct cx *cx,
                    int64_t user_id) MUST_USE;

#endif
