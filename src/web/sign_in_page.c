/* Signing in and out, and a new password by a recovery code. */
#include "web/session.h"
#include "web/sign_in.html.h"

enum { SESSION_AGE_S = 30 * 24 * 3600 };

static enum rc show_sign_in(struct cx *cx, const struct request *q, struct response *a,
                            const struct sign_in_view *view)
{
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Sign in"), .no_index = true});
    sign_in_body(o, cx, view);
    return page_end(cx, q, a, o);
}

static enum rc sign_in_get(struct cx *cx, const struct request *q, struct response *a)
{
    const char *next = session_safe_path(cx, request_query(q, "next"));
    if (visitor_of(q)->signed_in) {
        response_redirect(cx, a, next);
        return RC_OK;
    }
    return show_sign_in(cx, q, a,
                        &(struct sign_in_view){
                            .next = next, .login = "", .synthetic = visitor_of(q)->synthetic});
}

static enum rc sign_in_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct str login = str_trim(request_form(q, "login"));
    const char *next = session_safe_path(cx, request_form(q, "next"));
    const char *token;
    struct str device = request_header(q, "User-Agent");
    enum rc rc =
        session_open(&token, cx, login, request_form(q, "password"), str_of(q->client), device);
    if (!rc) {
        response_cookie(cx, a, session_cookie(q), token, SESSION_AGE_S, q->tls);
        response_redirect(cx, a, next);
        return RC_OK;
    }
    if (rc != RC_DENIED && rc != RC_INVALID && rc != RC_NOTFOUND && rc != RC_BUSY)
        return rc;
    struct sign_in_view view = {
        .next = next,
        .login = arena_copy(cx->arena, login),
        .error = arena_copy(cx->arena, str_of(cx->err.text)),
        .synthetic = visitor_of(q)->synthetic,
    };
    err_clear(cx);
    a->status = rc == RC_BUSY ? 429 : 403;
    return show_sign_in(cx, q, a, &view);
}

static enum rc sign_out_post(struct cx *cx, const struct request *q, struct response *a)
{
    TRY(session_end(cx, visitor_of(q)->session.id));
    response_cookie(cx, a, session_cookie(q), "", -1, q->tls);
    page_notice(cx, a, "signed-out");
    response_redirect(cx, a, "/sign-in");
    return RC_OK;
}

static enum rc show_recovery(struct cx *cx, const struct request *q, struct response *a,
                             const char *login, const char *error)
{
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Set a new password"),
                                              .no_index = true,
                                              .back_href = "/sign-in",
                                              .back_label = _("Sign in")});
    recovery_body(o, cx, login, error);
    return page_end(cx, q, a, o);
}

static enum rc recovery_get(struct cx *cx, const struct request *q, struct response *a)
{
    return show_recovery(cx, q, a, "", NULL);
}

static enum rc recovery_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct str login = str_trim(request_form(q, "login"));
    enum rc rc = user_recovery_use(cx, login, str_trim(request_form(q, "code")),
                                   request_form(q, "password"));
    if (!rc) {
        page_notice(cx, a, "password");
        response_redirect(cx, a, "/sign-in");
        return RC_OK;
    }
    if (rc != RC_DENIED && rc != RC_INVALID && rc != RC_NOTFOUND && rc != RC_BUSY)
        return rc;
    const char *error = arena_copy(cx->arena, str_of(cx->err.text));
    err_clear(cx);
    a->status = 403;
    return show_recovery(cx, q, a, arena_copy(cx->arena, login), error);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/sign-in",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE,
     .handle = sign_in_get},
    {.method = METHOD_POST,
     .path = "/sign-in",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_TOKEN,
     .body_max = 4096,
     .time_ms_max = 15000,
     .handle = sign_in_post},
    {.method = METHOD_POST,
     .path = "/sign-out",
     .scope = SCOPE_SIGNED_IN,
     .csrf = CSRF_TOKEN,
     .body_max = 4096,
     .handle = sign_out_post},
    {.method = METHOD_GET,
     .path = "/recover",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE,
     .handle = recovery_get},
    {.method = METHOD_POST,
     .path = "/recover",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_TOKEN,
     .body_max = 4096,
     .time_ms_max = 15000,
     .handle = recovery_post},
};
const struct route_table sign_in_routes = ROUTE_TABLE(rows);
