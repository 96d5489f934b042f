/* Language, session, permission and CSRF of a request: see session.h. */
#include "web/session.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"
#include "db/db.h"
#include "profile/profile.h"
#include "web/error.html.h"

/* Cookies do not know ports: office and market may share a host. */
const char *session_cookie(const struct request *q)
{
    const struct visitor *v = visitor_of(q);
    return v && v->market ? "fumin_market" : "fumin_session";
}

static const char language_cookie[] = "fumin_lang";

enum { CSRF_BYTES = 16, LANGUAGE_COOKIE_AGE_S = 365 * 24 * 3600 };

const char *session_safe_path(struct cx *cx, struct str path)
{
    bool local = path.len && path.p[0] == '/' &&
                 (path.len < 2 || (path.p[1] != '/' && path.p[1] != '\\'));
    for (size_t i = 0; local && i < path.len; i++)
        local = (unsigned char)path.p[i] > 0x20 && path.p[i] != 0x7f;
    return local ? arena_copy(cx->arena, path) : "/";
}

/* ?lang= wins and is remembered; then the cookie, the account's own language, the browser's. */
static void choose_language(struct cx *cx, const struct request *q, struct response *a,
                            const struct actor *actor)
{
    struct str wanted = request_query(q, "lang");
    if (wanted.p) {
        cx->lang = lang_parse(wanted, LANG_EN);
        response_cookie(cx, a, language_cookie, lang_tag(cx->lang), LANGUAGE_COOKIE_AGE_S,
                        q->tls);
        return;
    }
    struct str cookie = request_cookie(q, language_cookie);
    if (cookie.p)
        cx->lang = lang_parse(cookie, LANG_EN);
    else if (actor)
        cx->lang = actor->lang;
    else
        cx->lang = lang_parse(request_header(q, "Accept-Language"), LANG_EN);
}

/* The first bytes of the hash of the session's secret. */
static void csrf_secret(uint8_t out[CSRF_BYTES], const struct session *s)
{
    uint8_t hash[HASH_BYTES];
    struct str secret = str_of(s->csrf);
    hash_bytes(hash, secret.p, secret.len);
    memcpy(out, hash, CSRF_BYTES);
}

/* A new mask for every answer, so that compression tells nothing (BREACH). */
static const char *csrf_token(struct cx *cx, const struct session *s)
{
    uint8_t secret[CSRF_BYTES], token[2 * CSRF_BYTES];
    csrf_secret(secret, s);
    crypto_random(token, CSRF_BYTES);
    for (size_t i = 0; i < CSRF_BYTES; i++)
        token[CSRF_BYTES + i] = token[i] ^ secret[i];
    return hex_of(cx->arena, token, sizeof token);
}

static bool csrf_holds(const struct request *q, const struct session *s)
{
    uint8_t secret[CSRF_BYTES], token[2 * CSRF_BYTES];
    struct str given = request_form(q, "csrf");
    if (!given.p)
        given = request_header(q, "X-CSRF");
    if (!given.p || !hex_parse(token, sizeof token, given))
        return false;
    csrf_secret(secret, s);
    for (size_t i = 0; i < CSRF_BYTES; i++)
        token[CSRF_BYTES + i] ^= token[i];
    return bytes_equal(secret, token + CSRF_BYTES, CSRF_BYTES);
}

/* A browser says where a form comes from; another site's form is refused even without a
 * session. */
static bool same_origin(const struct request *q)
{
    struct str site = request_header(q, "Sec-Fetch-Site");
    if (site.p)
        return str_eq_z(site, "same-origin") || str_eq_z(site, "none");
    struct str origin = request_header(q, "Origin"), host = request_header(q, "Host");
    if (!origin.p)
        return true; /* not a browser */
    size_t at = str_find(origin, STR("://"));
    if (at == SIZE_MAX)
        return false;
    return str_eq((struct str){origin.p + at + 3, origin.len - at - 3}, host);
}

static enum rc check_csrf(struct cx *cx, const struct request *q, const struct visitor *v)
{
    if (q->method == METHOD_GET || q->method == METHOD_HEAD || q->route->csrf == CSRF_NONE)
        return RC_OK;
    if (!same_origin(q))
        return fail(cx, RC_DENIED, _("This form was sent from another site and was refused."),
                    "csrf origin");
    if (v->signed_in && !csrf_holds(q, &v->session))
        return fail(cx, RC_DENIED,
                    _("This form is too old. Go back, reload the page and send it again."),
                    "csrf token");
    return RC_OK;
}

static enum rc find_session(struct visitor *v, struct cx *cx, const struct request *q)
{
    struct str token = request_cookie(q, session_cookie(q));
    if (!token.p || !token.len)
        return RC_OK;
    const struct actor *actor = NULL;
    enum rc rc = session_find(&v->session, &actor, cx, token);
    if (rc == RC_DENIED || rc == RC_NOTFOUND) {
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    cx->actor = actor;
    v->signed_in = true;
    v->csrf = csrf_token(cx, &v->session);
    return RC_OK;
}

static bool is_path(const struct request *q, const char *path)
{
    return str_eq_z(q->path, path);
}

/* Where a browser finds the market: as said in fumin.conf, or beside this office. */
static const char *market_url(struct cx *cx, const struct request *q, const struct app *app)
{
    struct str host = request_header(q, "Host");
    size_t end = host.len;
    if (app->market_url || !app->market_port || !host.len)
        return app->market_url;
    while (end > 0 && host.p[end - 1] >= '0' && host.p[end - 1] <= '9')
        end--;
    if (end > 0 && host.p[end - 1] == ':')
        host.len = end - 1;
    return arena_printf(cx->arena, "%s://%.*s:%d", q->tls ? "https" : "http", STR_ARG(host),
                        app->market_port);
}

enum rc session_before(struct cx *cx, struct request *q, struct response *a, void *arg)
{
    const struct app *app = arg;
    struct visitor *v = arena_new(cx->arena, sizeof *v);
    v->csrf = "";
    v->synthetic = app->synthetic;
    v->market = app->place == PLACE_MARKET;
    v->market_url = market_url(cx, q, app);
    q->session = v;
    cx->actor = NULL;
    enum rc rc = find_session(v, cx, q);
    choose_language(cx, q, a, cx->actor);
    v->office = LABEL(cx, app->profile->name);
    TRY(rc);
    if (!q->route) /* not found: the error page is all */
        return RC_OK;
    TRY(check_csrf(cx, q, v));
    if (q->route->scope == SCOPE_PUBLIC)
        return RC_OK;
    if (!v->signed_in || !cx->actor)
        return fail(cx, RC_DENIED, _("Please sign in."), "no session");
    if (cx->actor->must_change_password && !is_path(q, "/account/password") &&
        !is_path(q, "/sign-out"))
        return fail(cx, RC_DENIED, _("Please choose a password of your own first."),
                    "must change password");
    if (q->route->scope == SCOPE_PERMISSION)
        return actor_require(cx, q->route->permission);
    return RC_OK;
}

void session_after(struct cx *cx, void *arg)
{
    (void)arg;
    db_read_end(cx);
}

/* What the person reads when the failure itself brought no sentence. */
static const char *status_text(struct cx *cx, int status)
{
    switch (status) {
    case 400:
        return _("The request could not be understood.");
    case 403:
        return _(
            "Your role does not allow this. Ask your county's administrator if you need it.");
    case 404:
        return _(
            "There is nothing at this address, or it lies outside the areas you look after.");
    case 405:
        return _("This address does not take that kind of request.");
    case 409:
        return _("Someone else changed this in the meantime. Reload the page and try again.");
    case 413:
        return _("This is larger than the page accepts.");
    case 503:
        return _(
            "Too many requests at once. Please try again in a few seconds; nothing was lost.");
    default:
        return _("Something went wrong on our side. Nothing was changed; please try again.");
    }
}

static const char *status_title(struct cx *cx, int status)
{
    switch (status) {
    case 403:
        return _("Not allowed");
    case 404:
        return _("Not found");
    case 409:
        return _("Changed meanwhile");
    case 413:
        return _("Too large");
    case 503:
        return _("Very busy");
    default:
        return status < 500 ? _("This did not work") : _("Something went wrong");
    }
}

/* Sends people who are not signed in to the sign-in page, and back afterwards. */
static bool redirect_instead(struct cx *cx, const struct request *q, struct response *a,
                             int status)
{
    const struct visitor *v = visitor_of(q);
    if (status != 403 || !v || (q->method != METHOD_GET && q->method != METHOD_HEAD))
        return false;
    if (!v->signed_in) {
        response_redirect(
            cx, a, arena_printf(cx->arena, "/sign-in?next=%s", url_encode(cx->arena, q->path)));
        return true;
    }
    if (cx->actor && cx->actor->must_change_password) {
        response_redirect(cx, a, "/account/password");
        return true;
    }
    return false;
}

void session_failed(struct cx *cx, const struct request *q, struct response *a, int status,
                    void *arg)
{
    (void)arg;
    /* Refused before session_before saw it: no visitor, and a sentence in the browser's
     * language. */
    const struct visitor *v = visitor_of(q);
    struct str language = request_cookie(q, language_cookie);
    bool signed_in = v ? v->signed_in : request_cookie(q, session_cookie(q)).len > 0;
    if (!v && language.p) {
        cx->lang = lang_parse(language, LANG_EN);
        cx->err.text[0] = 0;
    }
    if (redirect_instead(cx, q, a, status))
        return;
    if (status >= 500 && cx->err.detail[0])
        log_event(LOG_LEVEL_ERROR, "request_failed", "route=%s rc=%s detail=\"%s\"",
                  q->route ? q->route->path : "-", rc_name(cx->err.rc), cx->err.detail);
    const char *text =
        cx->err.text[0] && status != 500 ? cx->err.text : status_text(cx, status);
    text = arena_copy(cx->arena, str_of(text));
    err_clear(cx);
    a->status = status;
    struct out *o =
        page_begin(cx, q, &(struct page){.title = status_title(cx, status), .no_index = true});
    error_body(o, cx, text, signed_in);
    if (page_end(cx, q, a, o)) {
        a->type = "text/plain; charset=utf-8";
        buf_clear(&a->body);
        buf_z(&a->body, text);
    }
}
