/* Signing in with a card, and photos for everybody. */
#include "db/db.h"
#include "sale/sale_view.h"
#include "shop/sell.html.h"
#include "shop/sell_view.h"
#include "web/session.h"

#include <string.h>
#include <unistd.h>

enum { CARD_SESSION_S = 12 * 3600, CARD_BODY_MAX = 4096 };

/* ---- cards ---- */

static enum rc show_card(struct cx *cx, const struct request *q, struct response *a,
                         const char *error)
{
    struct card_view v = {.token = arena_copy(cx->arena, request_param(q, "token")),
                          .error = error,
                          .csrf = visitor_of(q)->csrf};
    struct out *o =
        page_begin(cx, q, &(struct page){.title = _("Market card"), .no_index = true});
    card_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

/* Whether there is such a card is not said before the PIN is right. */
static enum rc card_page_get(struct cx *cx, const struct request *q, struct response *a)
{
    return show_card(cx, q, a, NULL);
}

static enum rc card_page_post(struct cx *cx, const struct request *q, struct response *a)
{
    const char *session, *error;
    enum rc rc =
        card_enter(&session, cx, request_param(q, "token"), str_trim(request_form(q, "pin")),
                   str_of(q->client), request_header(q, "User-Agent"));
    if (rc) {
        if (!sale_told(&error, cx, a, rc))
            return rc;
        return show_card(cx, q, a, error);
    }
    response_cookie(cx, a, session_cookie(q), session, CARD_SESSION_S, q->tls);
    response_redirect(cx, a, "/sell");
    return RC_OK;
}

/* ---- photos ---- */

/* A photo never changes under its number; a day, so that one that was hidden goes. */
static enum rc photo_get(struct cx *cx, const struct request *q, struct response *a)
{
    static const char sizes[] = "sml";
    int64_t id;
    int fd;
    struct str size = request_param(q, "size");
    TRY(request_param_id(&id, cx, q, "id"));
    const char *at = size.len == 1 ? memchr(sizes, size.p[0], sizeof sizes - 1) : NULL;
    if (!at)
        return fail(cx, RC_NOTFOUND, _("There is no such photo."), "photo size");
    TRY(db_read_begin(cx));
    TRY(photo_open(&fd, cx, id, (enum photo_size)(at - sizes), !cx->actor));
    a->file_fd = fd;
    a->file_len = lseek(fd, 0, SEEK_END);
    a->type = "image/jpeg";
    a->no_store = false;
    a->etag = arena_printf(cx->arena, "%" PRId64 "%c", id, *at);
    response_header(cx, a, "Cache-Control",
                    cx->actor ? "private, max-age=3600" : "public, max-age=86400");
    return RC_OK;
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/card/{token}",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE,
     .handle = card_page_get,
     .test_path = "/card/none"},
    {.method = METHOD_POST,
     .path = "/card/{token}",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_TOKEN,
     .body_max = CARD_BODY_MAX,
     .handle = card_page_post,
     .test_path = "/card/none"},
    {.method = METHOD_GET,
     .path = "/photo/{id}/{size}",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE,
     .handle = photo_get,
     .test_path = "/photo/1/s"},
};
const struct route_table card_routes = ROUTE_TABLE(rows);
