/* The way from the office into the market: a page there that makes a pass, a door here that
 * takes it. */
#include "people/user_pass.h"
#include "web/gate.html.h"
#include "web/gate_view.h"
#include "web/market.h"
#include "web/session.h"

enum { SESSION_AGE_S = 12 * 3600, PASS_BODY_MAX = 64 * 1024 };

/* ---- in the office ---- */

static enum rc go_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct gate_view v = {.url = visitor_of(q)->market_url};
    const struct vault *market = bridge_vault();
    if (!market)
        v.url = NULL;
    if (v.url) {
        TRY(user_pass_make(&v.pass, cx, market));
        /* The pass may go to the market and nowhere else. */
        response_header(
            cx, a, "Content-Security-Policy",
            arena_printf(cx->arena,
                         "default-src 'none'; img-src 'self' data:; style-src 'self'; "
                         "frame-ancestors 'none'; base-uri 'none'; form-action "
                         "'self' %s",
                         v.url));
    }
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Market"), .nav = "market"});
    gate_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route office_rows[] = {
    {.method = METHOD_GET,
     .path = "/market",
     .scope = SCOPE_SIGNED_IN,
     .csrf = CSRF_NONE,
     .handle = go_get},
};
const struct route_table gate_office_routes = ROUTE_TABLE(office_rows);

/* ---- in the market ---- */

static enum rc sign_in_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Sign in"), .no_index = true});
    gate_sign_in_body(o, cx);
    return page_end(cx, q, a, o);
}

static enum rc enter_post(struct cx *cx, const struct request *q, struct response *a)
{
    const char *token;
    TRY(user_pass_use(&token, cx, request_form(q, "pass"), str_of(q->client),
                      request_header(q, "User-Agent")));
    response_cookie(cx, a, session_cookie(q), token, SESSION_AGE_S, q->tls);
    response_redirect(cx, a, "/");
    return RC_OK;
}

static enum rc leave_post(struct cx *cx, const struct request *q, struct response *a)
{
    TRY(session_end(cx, visitor_of(q)->session.id));
    response_cookie(cx, a, session_cookie(q), "", -1, q->tls);
    page_notice(cx, a, "signed-out");
    response_redirect(cx, a, "/");
    return RC_OK;
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/sign-in",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE,
     .handle = sign_in_get},
    {.method = METHOD_POST,
     .path = "/enter",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE, /* comes from the office's page; the pass is the proof */
     .body_max = PASS_BODY_MAX,
     .handle = enter_post},
    {.method = METHOD_POST,
     .path = "/sign-out",
     .scope = SCOPE_SIGNED_IN,
     .csrf = CSRF_TOKEN,
     .body_max = 4096,
     .handle = leave_post},
};
const struct route_table gate_routes = ROUTE_TABLE(rows);
