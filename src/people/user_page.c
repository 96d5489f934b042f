/* Users: list, new ones, roles, recovery codes, blocking. Only those whom the actor may manage.
 */
#include "base/crypto.h"
#include "base/format.h"
#include "people/people.html.h"
#include "people/people_view.h"
#include "profile/profile.h"
#include "register/area.h"

enum { AREA_CHOICES_MAX = 4000, EVENTS_ON_PAGE = 100, USER_COLUMNS = 4 };

static enum rc user_list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct user *users;
    size_t count;
    struct str search = str_trim(request_query(q, "q"));
    TRY(user_list(&users, &count, cx, search));
    const struct table_column columns[USER_COLUMNS] = {
        {NULL, _("User name"), ALIGN_TEXT, false},
        {NULL, _("Name"), ALIGN_TEXT, true},
        {NULL, _("State"), ALIGN_TEXT, true},
        {NULL, _("Last sign-in"), ALIGN_TEXT, true},
    };
    struct table_cell *cells = arena_new(cx->arena, (count * USER_COLUMNS + 1) * sizeof *cells);
    for (size_t i = 0; i < count; i++) {
        struct table_cell *c = cells + i * USER_COLUMNS;
        bool blocked = users[i].state == USER_BLOCKED;
        c[0] = (struct table_cell){
            users[i].login, arena_printf(cx->arena, "/user/%" PRId64, users[i].id), NULL};
        c[1].text = users[i].name;
        c[2] = (struct table_cell){blocked ? _("blocked") : _("active"), NULL,
                                   blocked ? "bad" : "good"};
        c[3].text = users[i].signed_in_at ? format_time(cx, users[i].signed_in_at) : _("never");
    }
    const struct table_filter filter = {.kind = FILTER_SEARCH,
                                        .name = "q",
                                        .label = _("User name or name"),
                                        .value = arena_copy(cx->arena, search)};
    struct table t = {
        .caption = _("Users"),
        .base = "/user",
        .query =
            search.len ? arena_printf(cx->arena, "q=%s", url_encode(cx->arena, search)) : "",
        .columns = columns,
        .column_count = USER_COLUMNS,
        .cells = cells,
        .row_count = count,
        .filters = &filter,
        .filter_count = 1,
        .is_first_page = true,
        .can_export = true,
        .empty_title = _("No user fits"),
        .empty_href = "/user",
        .empty_action = _("Show all"),
        .total = arena_printf(cx->arena, _n("%s user", "%s users", count),
                              format_int(cx, (int64_t)count))};
    if (page_wants_file(q))
        return page_table_file(cx, q, a, &t, "users");
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Users"), .nav = "user"});
    user_list_body(o, cx, &t);
    return page_end(cx, q, a, o);
}

static void role_choices(const struct field_choice **out, size_t *count, struct cx *cx)
{
    const struct profile *p = cx->profile;
    struct field_choice *choices = arena_new(cx->arena, (p->role_count + 1) * sizeof *choices);
    for (size_t i = 0; i < p->role_count; i++)
        choices[i] =
            (struct field_choice){p->roles[i].code, LABEL(cx, p->roles[i].label), false};
    *out = choices;
    *count = p->role_count;
}

/* Adds the children of an area, indented by depth; the deepest levels are left to the area
 * pages. */
static enum rc add_children(struct field_choice *choices, size_t *count, struct cx *cx,
                            int64_t parent, int depth)
{
    struct area *children;
    size_t n;
    TRY(area_children(&children, &n, cx, parent));
    for (size_t i = 0; i < n && *count < AREA_CHOICES_MAX; i++) {
        if (actor_may_in(cx, "user.manage", str_of(children[i].path))) {
            const char *indent = "      " + (depth < 6 ? 6 - depth : 0);
            choices[(*count)++] = (struct field_choice){
                arena_printf(cx->arena, "%" PRId64, children[i].id),
                arena_printf(cx->arena, "%s%s", indent, children[i].name), false};
        }
        if (children[i].level < cx->profile->tenant_level + 2)
            TRY(add_children(choices, count, cx, children[i].id, depth + 1));
    }
    return RC_OK;
}

static enum rc area_choices(const struct field_choice **out, size_t *count, struct cx *cx)
{
    struct field_choice *choices =
        arena_new(cx->arena, (AREA_CHOICES_MAX + 1) * sizeof *choices);
    *count = 0;
    if (actor_may_in(cx, "user.manage", STR("")))
        choices[(*count)++] = (struct field_choice){"0", _("everything"), false};
    TRY(add_children(choices, count, cx, 0, 0));
    *out = choices;
    return RC_OK;
}

static enum rc show_new(struct cx *cx, const struct request *q, struct response *a,
                        struct user_form_view *v)
{
    v->csrf = visitor_of(q)->csrf;
    role_choices(&v->roles, &v->role_count, cx);
    TRY(area_choices(&v->areas, &v->area_count, cx));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Add a user"),
                                              .nav = "user",
                                              .back_href = "/user",
                                              .back_label = _("Users")});
    user_form_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc user_new_get(struct cx *cx, const struct request *q, struct response *a)
{
    return show_new(cx, q, a, &(struct user_form_view){.login = "", .name = ""});
}

/* What a one-time secret is for, shown once on the user's page. */
struct shown_once {
    const char *label, *secret, *error;
};

static enum rc show_user(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                         const struct shown_once *once)
{
    struct user_page_view v = {.csrf = visitor_of(q)->csrf,
                               .secret_label = once->label,
                               .secret = once->secret,
                               .error = once->error,
                               .is_self = cx->actor && cx->actor->user_id == id};
    TRY(user_get(&v.user, cx, id));
    TRY(grant_views(&v.grants, &v.grant_count, cx, id));
    TRY(session_list(&v.sessions, &v.session_count, cx, id));
    TRY(user_event_list(&v.events, &v.event_count, cx, id, 0, EVENTS_ON_PAGE));
    role_choices(&v.roles, &v.role_count, cx);
    TRY(area_choices(&v.areas, &v.area_count, cx));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = v.user.name,
                                              .nav = "user",
                                              .back_href = "/user",
                                              .back_label = _("Users")});
    user_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static bool is_users_mistake(enum rc rc)
{
    return rc == RC_INVALID || rc == RC_DENIED || rc == RC_CONFLICT || rc == RC_NOTFOUND;
}

static const char *take_error(struct cx *cx)
{
    const char *text = arena_copy(cx->arena, str_of(cx->err.text));
    err_clear(cx);
    return text;
}

static enum rc grant_from_form(struct cx *cx, const struct request *q, int64_t id)
{
    int64_t area;
    if (!str_to_i64(&area, request_form(q, "area")) || area < 0)
        return fail(cx, RC_INVALID, _("Please choose an area."), "area");
    return user_grant(cx, id, arena_copy(cx->arena, request_form(q, "role")), area);
}

static enum rc user_new_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct str login = str_trim(request_form(q, "login")),
               name = str_trim(request_form(q, "name"));
    const char *password = arena_printf(cx->arena, "%.14s", token_new(cx->arena));
    int64_t id;
    enum rc rc = user_add(&id, cx, login, name, str_of(password), true);
    if (is_users_mistake(rc)) {
        a->status = 400;
        return show_new(cx, q, a,
                        &(struct user_form_view){.login = arena_copy(cx->arena, login),
                                                 .name = arena_copy(cx->arena, name),
                                                 .error = take_error(cx)});
    }
    TRY(rc);
    struct shown_once once = {.label = _("The first password:"), .secret = password};
    rc = grant_from_form(cx, q, id);
    if (is_users_mistake(rc))
        once.error = take_error(cx);
    else
        TRY(rc);
    return show_user(cx, q, a, id, &once);
}

static enum rc user_page_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return show_user(cx, q, a, id, &(struct shown_once){0});
}

/* Goes back to the user's page with a notice, or shows it with what was wrong. */
static enum rc after_change(struct cx *cx, const struct request *q, struct response *a,
                            int64_t id, enum rc rc, const char *notice)
{
    if (is_users_mistake(rc) && cx->err.text[0]) {
        a->status = 400;
        return show_user(cx, q, a, id, &(struct shown_once){.error = take_error(cx)});
    }
    TRY(rc);
    page_notice(cx, a, notice);
    response_redirect(cx, a, arena_printf(cx->arena, "/user/%" PRId64, id));
    return RC_OK;
}

static enum rc user_grant_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return after_change(cx, q, a, id, grant_from_form(cx, q, id), "granted");
}

static enum rc user_revoke_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, area;
    TRY(request_param_id(&id, cx, q, "id"));
    if (!str_to_i64(&area, request_form(q, "area")))
        return fail(cx, RC_INVALID, _("Please choose an area."), "area");
    enum rc rc = user_revoke(cx, id, arena_copy(cx->arena, request_form(q, "role")), area);
    return after_change(cx, q, a, id, rc, "revoked");
}

static enum rc user_block_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return after_change(cx, q, a, id, user_set_state(cx, id, USER_BLOCKED), "blocked");
}

static enum rc user_unblock_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return after_change(cx, q, a, id, user_set_state(cx, id, USER_ACTIVE), "unblocked");
}

static enum rc user_recovery_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    const char *code;
    TRY(user_recovery_new(&code, cx, id));
    return show_user(
        cx, q, a, id,
        &(struct shown_once){.label = _("Recovery code, valid for 24 hours and once:"),
                             .secret = code});
}

static enum rc user_events_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct user_event *events;
    size_t count;
    TRY(user_event_list(&events, &count, cx, 0, 0, EVENTS_ON_PAGE));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("What was changed"),
                                              .nav = "user",
                                              .back_href = "/user",
                                              .back_label = _("Users")});
    event_list(o, cx, events, count);
    return page_end(cx, q, a, o);
}

#define MANAGES      .scope = SCOPE_PERMISSION, .permission = "user.manage"
#define MANAGES_POST .method = METHOD_POST, MANAGES, .csrf = CSRF_TOKEN, .body_max = 16384
static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/user",
     MANAGES,
     .csrf = CSRF_NONE,
     .handle = user_list_get},
    {.method = METHOD_GET,
     .path = "/user/new",
     MANAGES,
     .csrf = CSRF_NONE,
     .handle = user_new_get},
    {.method = METHOD_GET,
     .path = "/user/events",
     MANAGES,
     .csrf = CSRF_NONE,
     .handle = user_events_get},
    {MANAGES_POST, .path = "/user/new", .time_ms_max = 15000, .handle = user_new_post},
    {.method = METHOD_GET,
     .path = "/user/{id}",
     MANAGES,
     .csrf = CSRF_NONE,
     .handle = user_page_get,
     .test_path = "/user/1"},
    {MANAGES_POST, .path = "/user/{id}/grant", .handle = user_grant_post,
     .test_path = "/user/1/grant"},
    {MANAGES_POST, .path = "/user/{id}/revoke", .handle = user_revoke_post,
     .test_path = "/user/1/revoke"},
    {MANAGES_POST, .path = "/user/{id}/block", .handle = user_block_post,
     .test_path = "/user/1/block"},
    {MANAGES_POST, .path = "/user/{id}/unblock", .handle = user_unblock_post,
     .test_path = "/user/1/unblock"},
    {MANAGES_POST, .path = "/user/{id}/recovery", .handle = user_recovery_post,
     .test_path = "/user/1/recovery"},
};
const struct route_table user_routes = ROUTE_TABLE(rows);
