/* A person's own account: roles, sessions, password. */
#include "people/people.html.h"
#include "people/people_view.h"
#include "profile/profile.h"
#include "register/area.h"

enum rc grant_views(struct grant_view **out, size_t *count, struct cx *cx, int64_t user_id)
{
    struct grant *grants;
    TRY(user_grants(&grants, count, cx, user_id));
    *out = arena_new(cx->arena, (*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++) {
        const struct role *role = profile_role(cx->profile, str_of(grants[i].role));
        (*out)[i] = (struct grant_view){
            .role = grants[i].role,
            .role_label = role ? LABEL(cx, role->label) : grants[i].role,
            .area_id = grants[i].area_id,
            .area_label =
                grants[i].area_id ? area_label(cx, grants[i].area_id) : _("everything"),
        };
    }
    return RC_OK;
}

static enum rc account_get(struct cx *cx, const struct request *q, struct response *a)
{
    const struct visitor *visitor = visitor_of(q);
    struct account_view v = {.csrf = visitor->csrf, .this_session = visitor->session.id};
    TRY(user_get(&v.user, cx, cx->actor->user_id));
    TRY(grant_views(&v.grants, &v.grant_count, cx, v.user.id));
    TRY(session_list(&v.sessions, &v.session_count, cx, v.user.id));
    TRY(reach_view_fill(&v.reach, cx, q));
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Your account")});
    account_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc show_password(struct cx *cx, const struct request *q, struct response *a,
                             const char *error)
{
    struct account_view v = {.csrf = visitor_of(q)->csrf,
                             .error = error,
                             .must_change = cx->actor->must_change_password};
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Change the password")});
    password_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc password_get(struct cx *cx, const struct request *q, struct response *a)
{
    return show_password(cx, q, a, NULL);
}

static enum rc password_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct str fresh = request_form(q, "new");
    if (!str_eq(fresh, request_form(q, "again"))) {
        a->status = 400;
        return show_password(cx, q, a, _("The two new passwords are not the same."));
    }
    enum rc rc = user_change_password(cx, request_form(q, "old"), fresh);
    if (!rc) {
        page_notice(cx, a, "password");
        response_redirect(cx, a, "/account");
        return RC_OK;
    }
    if (rc != RC_INVALID && rc != RC_DENIED && rc != RC_BUSY)
        return rc;
    const char *error = arena_copy(cx->arena, str_of(cx->err.text));
    err_clear(cx);
    a->status = 400;
    return show_password(cx, q, a, error);
}

static enum rc session_end_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(session_end(cx, id));
    page_notice(cx, a, "session-ended");
    response_redirect(cx, a, "/account");
    return RC_OK;
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/account",
     .scope = SCOPE_SIGNED_IN,
     .csrf = CSRF_NONE,
     .handle = account_get},
    {.method = METHOD_GET,
     .path = "/account/password",
     .scope = SCOPE_SIGNED_IN,
     .csrf = CSRF_NONE,
     .handle = password_get},
    {.method = METHOD_POST,
     .path = "/account/password",
     .scope = SCOPE_SIGNED_IN,
     .csrf = CSRF_TOKEN,
     .body_max = 4096,
     .time_ms_max = 15000,
     .handle = password_post},
    {.method = METHOD_POST,
     .path = "/session/{id}/end",
     .scope = SCOPE_SIGNED_IN,
     .csrf = CSRF_TOKEN,
     .body_max = 4096,
     .handle = session_end_post,
     .test_path = "/session/1/end"},
};
const struct route_table account_routes = ROUTE_TABLE(rows);
