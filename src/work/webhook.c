/* Webhooks: whom a county tells of events, with a signing secret each. Sending is
 * notice_send.c.
 */
#include "base/crypto.h"
#include "people/actor.h"
#include "work/notice_inner.h"
#include "work/notice_send.sql.h"

#include <arpa/inet.h>
#include <assert.h>
#include <curl/curl.h>
#include <sodium.h>
#include <string.h>

enum { WEBHOOKS_MAX = 50, EVENTS_MAX = 500 };

static enum rc require(struct cx *cx, int64_t county)
{
    bool may;
    TRY(actor_require(cx, "notice.manage"));
    TRY(notice_may_manage(&may, cx, county));
    if (may)
        return RC_OK;
    return fail(cx, RC_NOTFOUND, _("There is no such county, or not for you to see."),
                "webhook county=%" PRId64, county);
}

static enum rc no_webhook(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such webhook, or not for you to see."),
                "webhook=%" PRId64, id);
}

/* ---- signing ---- */

const char *webhook_sign(struct arena *a, struct str secret, int64_t at, struct str body)
{
    crypto_auth_hmacsha256_state state;
    unsigned char out[crypto_auth_hmacsha256_BYTES];
    const char *time = arena_printf(a, "%" PRId64 ".", at);
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret.p, secret.len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)time, strlen(time));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)body.p, body.len);
    crypto_auth_hmacsha256_final(&state, out);
    return hex_of(a, out, sizeof out);
}

/* ---- adding ---- */

/* A host written as a number is looked at now; names when they are looked up (notice_carry.c).
 */
static bool is_local_host(const char *url)
{
    CURLU *u = curl_url();
    char *host = NULL;
    bool local = true; /* what curl cannot read is refused as well */
    unsigned char address[16];
    if (u && !curl_url_set(u, CURLUPART_URL, url, 0) &&
        !curl_url_get(u, CURLUPART_HOST, &host, 0)) {
        size_t len = strlen(host);
        char bare[256] = "";
        bool bracket = host[0] == '[' && len > 2 && len < sizeof bare;
        if (bracket)
            memcpy(bare, host + 1, len - 2);
        local =
            !strcmp(host, "localhost") || str_ends(str_of(host), STR(".localhost")) ||
            (inet_pton(AF_INET, host, address) == 1 && carrier_is_local(AF_INET, address)) ||
            (bracket &&
             (inet_pton(AF_INET6, bare, address) != 1 || carrier_is_local(AF_INET6, address)));
    }
    curl_free(host);
    curl_url_cleanup(u);
    return local;
}

static bool events_ok(const char *events)
{
    for (const char *p = events; *p; p++)
        if (!((*p >= 'a' && *p <= 'z') || strchr("._* ", *p)))
            return false;
    return str_trim(str_of(events)).len > 0 && strlen(events) <= EVENTS_MAX;
}

static enum rc check(struct cx *cx, const struct webhook *w)
{
    static const char *const http[] = {"http://", "https://", NULL};
    if (!notice_url_ok(w->url, http) || strchr(w->url, '@'))
        return fail(cx, RC_INVALID,
                    _("An address begins with http:// or https:// and has no blanks."),
                    "webhook url");
    if (!notice_local_allowed() && is_local_host(w->url))
        return fail(cx, RC_INVALID,
                    _("Webhooks do not go to this machine or to private addresses."),
                    "webhook local");
    if (!events_ok(w->events))
        return fail(cx, RC_INVALID,
                    _("Events are names in small letters, separated by blanks, or * for all."),
                    "webhook events");
    return RC_OK;
}

struct adding {
    int64_t id;
    const struct webhook *w;
    const char *secret;
};

static enum rc add_write(struct cx *cx, void *arg)
{
    struct adding *a = arg;
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &WEBHOOK_COUNT, V_I(a->w->county)));
    int64_t count = row_i64(&rows, 0);
    TRY(db_done(&rows));
    if (count >= WEBHOOKS_MAX)
        return fail(cx, RC_LIMIT, _("A county has at most 50 webhooks."), "webhooks");
    TRY(db_ids(&a->id, cx, 1));
    return DB_RUN(cx, &WEBHOOK_INSERT, V_I(a->w->county), V_I(a->id), V_T(a->w->url),
                  V_S(str_trim(str_of(a->w->events))),
                  V_T(notice_seal(cx, a->secret, "webhook", a->id)), V_I(cx->now_at),
                  V_I(cx->actor ? cx->actor->user_id : 0));
}

enum rc webhook_add(int64_t *id, const char **secret, struct cx *cx, const struct webhook *w)
{
    struct adding a = {.w = w, .secret = token_new(cx->arena)};
    TRY(require(cx, w->county));
    TRY(check(cx, w));
    TRY(db_write(cx, 0, add_write, &a));
    *id = a.id;
    *secret = a.secret;
    return RC_OK;
}

/* ---- reading, switching ---- */

/* Both selecting statements have the same columns. */
static struct webhook webhook_of_row(const struct db_rows *r)
{
    return (struct webhook){
        .county = row_i64(r, WEBHOOK_GET_COUNTY),
        .id = row_i64(r, WEBHOOK_GET_ID),
        .url = row_copy(r, WEBHOOK_GET_URL).p,
        .events = row_copy(r, WEBHOOK_GET_EVENTS).p,
        .active = row_i64(r, WEBHOOK_GET_ACTIVE) != 0,
        .failed_since = row_i64(r, WEBHOOK_GET_FAILED_SINCE),
        .last_error = row_copy(r, WEBHOOK_GET_LAST_ERROR).p,
    };
}

enum rc webhook_list(struct webhook **out, size_t *count, struct cx *cx, int64_t county)
{
    struct db_rows rows;
    size_t n = 0;
    TRY(require(cx, county));
    struct webhook *list = arena_new(cx->arena, (WEBHOOKS_MAX + 1) * sizeof *list);
    TRY(DB_SELECT(&rows, cx, &WEBHOOK_OF_COUNTY, V_I(county), V_I(WEBHOOKS_MAX)));
    while (n < WEBHOOKS_MAX && db_next(&rows))
        list[n++] = webhook_of_row(&rows);
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc webhook_open(const char **url, const char **secret, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &WEBHOOK_GET, V_I(id)));
    struct webhook w = webhook_of_row(&rows);
    struct str sealed = row_copy(&rows, WEBHOOK_GET_SECRET);
    TRY(db_done(&rows));
    if (!w.active)
        return RC_CONFLICT;
    TRY(notice_unseal(secret, cx, sealed, "webhook", id));
    *url = w.url;
    return RC_OK;
}

struct switching {
    int64_t id;
    bool active;
};

static enum rc switch_write(struct cx *cx, void *arg)
{
    const struct switching *s = arg;
    TRY(DB_RUN(cx, &WEBHOOK_SWITCH, V_I(s->id), V_I(s->active)));
    if (!s->active)
        TRY(DB_RUN(cx, &NOTICE_SEND_GIVE_UP, V_I(s->id), V_T("off")));
    return RC_OK;
}

enum rc webhook_set_active(struct cx *cx, int64_t id, bool active)
{
    struct db_rows rows;
    bool may;
    TRY(actor_require(cx, "notice.manage"));
    enum rc rc = DB_ONE(&rows, cx, &WEBHOOK_GET, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_webhook(cx, id);
    TRY(rc);
    int64_t county = row_i64(&rows, WEBHOOK_GET_COUNTY);
    TRY(db_done(&rows));
    TRY(notice_may_manage(&may, cx, county));
    if (!may)
        return no_webhook(cx, id);
    struct switching s = {id, active};
    return db_write(cx, 0, switch_write, &s);
}

/* ---- telling ---- */

static bool listens(struct str events, const char *event)
{
    while (events.p) {
        struct str one = str_cut(&events, ' ');
        if (str_eq(one, STR("*")) || str_eq_z(one, event))
            return true;
    }
    return false;
}

enum rc webhook_tell(struct cx *cx, int64_t county, const char *event, struct str json)
{
    struct db_rows rows;
    int64_t ids[2 * WEBHOOKS_MAX];
    size_t count = 0;
    assert(json.len <= NOTICE_BODY_MAX);
    TRY(DB_SELECT(&rows, cx, &WEBHOOK_LISTENING, V_I(county)));
    while (count < 2 * WEBHOOKS_MAX && db_next(&rows))
        if (listens(row_str(&rows, WEBHOOK_LISTENING_EVENTS), event))
            ids[count++] = row_i64(&rows, WEBHOOK_LISTENING_ID);
    TRY(db_done(&rows));
    for (size_t i = 0; i < count; i++) {
        struct dispatch m = {.county = county,
                             .lane = ids[i],
                             .next_at = cx->now_at,
                             .channel = CHANNEL_WEBHOOK,
                             .event = event,
                             .subject = "",
                             .body = arena_copy(cx->arena, json)};
        TRY(notice_send_add(cx, &m));
    }
    return RC_OK;
}
