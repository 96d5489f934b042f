/* A split-payment gateway over HTTP: ours instructs, the licensed provider holds and pays.
 * Bodies are JSON, signed both ways: header `Signature: t=SECONDS,v1=HEX`, HMAC-SHA256 of
 * "SECONDS.body". Instructions: POST URL/payments, URL/refunds, with the header Idempotency-Key
 * made of our number, so that a repetition is the same one. Answers: {"reference", "pay_url"}.
 * Webhooks: {"id", "type", "payment", "refund", "amount", "currency"}; numbers are ours, as
 * texts. What else stands there is not looked at. */
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "sale/sale_inner.h"

#include <curl/curl.h>
#include <jansson.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONNECT_MS = 5000,
    TRY_MS = 15000,
    ANSWER_MAX = 64 * 1024,
    BODY_MAX = 4096,
    TEXT_MAX = 500,
    HEADERS = 3,
    WAIT_S = 30 * 60
};

/* ---- signing ---- */

static const char *sign_hex(struct cx *cx, const char *secret, int64_t at, struct str body)
{
    crypto_auth_hmacsha256_state state;
    unsigned char out[crypto_auth_hmacsha256_BYTES];
    const char *time = arena_printf(cx->arena, "%" PRId64 ".", at);
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)time, strlen(time));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)body.p, body.len);
    crypto_auth_hmacsha256_final(&state, out);
    return hex_of(cx->arena, out, sizeof out);
}

const char *pay_sign(struct cx *cx, const char *secret, int64_t at, struct str body)
{
    return arena_printf(cx->arena, "t=%" PRId64 ",v1=%s", at, sign_hex(cx, secret, at, body));
}

static bool signed_well(struct cx *cx, const struct pay_setting *s, const struct pay_hook *h)
{
    struct str rest = h->signature, time = str_cut(&rest, ',');
    int64_t at, off;
    if (!s->active || !s->secret[0] || !rest.p || !str_starts(time, STR("t=")) ||
        !str_starts(rest, STR("v1=")) ||
        !str_to_i64(&at, (struct str){time.p + 2, time.len - 2}))
        return false;
    if (__builtin_sub_overflow(cx->now_at, at, &off) || off > PAY_HOOK_AGE_S ||
        off < -PAY_HOOK_AGE_S)
        return false;
    const char *want = sign_hex(cx, s->secret, at, h->body);
    return rest.len - 3 == strlen(want) && bytes_equal(rest.p + 3, want, rest.len - 3);
}

/* ---- webhooks ---- */

static enum rc unread(struct cx *cx, const char *detail)
{
    return fail(cx, RC_INVALID, _("The payment provider sent what cannot be read."), "%s",
                detail);
}

static const char *text_of(struct cx *cx, const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);
    const char *z = json_string_value(v);
    if (!z || json_string_length(v) > TEXT_MAX)
        return "";
    return arena_copy(cx->arena, str_of(z));
}

/* Ours, as a text; "" is 0. */
static bool number_of(int64_t *out, struct cx *cx, const json_t *o, const char *name)
{
    const char *z = text_of(cx, o, name);
    *out = 0;
    return !z[0] || (str_to_i64(out, str_of(z)) && *out > 0);
}

static bool kind_of(enum pay_kind *out, const char *type)
{
    static const struct {
        const char *type;
        enum pay_kind kind;
    } kinds[] = {{"payment.authorised", PAY_AUTHORISED},
                 {"payment.captured", PAY_CAPTURE},
                 {"payment.failed", PAY_FAIL},
                 {"refund.done", PAY_REFUNDED},
                 {"refund.failed", PAY_REFUND_FAIL}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(type, kinds[i].type)) {
            *out = kinds[i].kind;
            return true;
        }
    return false;
}

static enum rc read_event(struct pay_event *out, struct cx *cx, const json_t *o)
{
    struct pay_event e = {.provider = PAY_GATEWAY};
    const json_t *amount = json_object_get(o, "amount");
    e.event_id = text_of(cx, o, "id");
    e.currency = text_of(cx, o, "currency");
    bool good = e.event_id[0] && kind_of(&e.kind, text_of(cx, o, "type")) &&
                number_of(&e.payment_id, cx, o, "payment") &&
                number_of(&e.refund_id, cx, o, "refund");
    if (amount && !json_is_integer(amount)) /* never a fraction */
        good = false;
    if (!good)
        return unread(cx, "webhook fields");
    e.amount_minor = json_integer_value(amount);
    *out = e;
    return RC_OK;
}

static enum rc gateway_parse(struct pay_event *out, struct cx *cx, const struct pay_setting *s,
                             const struct pay_hook *h)
{
    if (h->body.len > PAY_HOOK_BYTES || !signed_well(cx, s, h))
        return fail(cx, RC_DENIED, _("This is not signed as agreed."), "webhook signature");
    json_t *o = json_loadb(h->body.p, h->body.len, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(o)) {
        json_decref(o);
        return unread(cx, "webhook json");
    }
    enum rc rc = read_event(out, cx, o);
    json_decref(o);
    if (!rc)
        out->raw = h->body;
    return rc;
}

/* ---- instructions ---- */

struct call {
    const char *path, *key;
    struct str body;
    char answer[ANSWER_MAX];
    size_t len;
    bool too_long;
};

static size_t take(char *data, size_t size, size_t n, void *arg)
{
    struct call *c = arg;
    size_t len = size * n;
    if (len > sizeof c->answer - c->len) {
        c->too_long = true;
        return 0;
    }
    memcpy(c->answer + c->len, data, len);
    c->len += len;
    return len;
}

static bool set_up(CURL *e, struct call *c, const char *url, struct curl_slist *headers)
{
    return !curl_easy_setopt(e, CURLOPT_URL, url) &&
           !curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) &&
           !curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") &&
           !curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L) &&
           !curl_easy_setopt(e, CURLOPT_PROXY, "") &&
           !curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) &&
           !curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) &&
           !curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)TRY_MS) &&
           !curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers) &&
           !curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->body.len) &&
           !curl_easy_setopt(e, CURLOPT_POSTFIELDS, c->body.p) &&
           !curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take) &&
           !curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void start_curl(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT); /* on failure curl_easy_init gives NULL */
}

/* The status of the answer, 0 when there was none. */
static long post(struct call *c, struct cx *cx, const struct pay_setting *s)
{
    const char *const lines[HEADERS] = {
        "Content-Type: application/json",
        arena_printf(cx->arena, "Idempotency-Key: %s", c->key),
        arena_printf(cx->arena, "Signature: %s", pay_sign(cx, s->secret, time_now(), c->body))};
    const char *url = arena_printf(cx->arena, "%s%s", s->url, c->path);
    struct curl_slist *headers = NULL;
    long status = 0;
    pthread_once(&once, start_curl);
    CURL *e = curl_easy_init();
    for (size_t i = 0; i < HEADERS; i++) {
        struct curl_slist *longer = curl_slist_append(headers, lines[i]);
        headers = longer ? longer : headers;
    }
    if (e && set_up(e, c, url, headers) && !curl_easy_perform(e))
        (void)curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(e);
    return status;
}

static enum rc read_answer(struct pay_answer *out, struct cx *cx, const struct call *c)
{
    json_t *o = json_loadb(c->answer, c->len, 0, NULL);
    struct pay_answer a = {true, "", ""};
    if (json_is_object(o)) {
        a.provider_reference = text_of(cx, o, "reference");
        a.pay_url = text_of(cx, o, "pay_url");
    }
    json_decref(o);
    /* Shown to the buyer as a link: nothing but a web address. */
    if (a.pay_url[0] && !str_starts(str_of(a.pay_url), STR("https://")) &&
        !str_starts(str_of(a.pay_url), STR("http://")))
        a.pay_url = "";
    *out = a;
    return RC_OK;
}

static enum rc instruct(struct pay_answer *out, struct cx *cx, const struct pay_setting *s,
                        struct call *c)
{
    if (!s->active)
        return fail(cx, RC_BUSY, _("This way of paying is not offered here."), "gateway off");
    long status = post(c, cx, s);
    if (status >= 200 && status < 300)
        return read_answer(out, cx, c);
    if (status >= 400 && status < 500 && status != 408 && status != 409 && status != 425 &&
        status != 429) {
        *out = (struct pay_answer){false, "", ""};
        return RC_OK;
    }
    return fail(cx, RC_IO, _("The payment provider does not answer."), "gateway status=%ld",
                status);
}

static struct str body_of(struct cx *cx, int64_t payment_id, int64_t refund_id, int64_t minor,
                          const char *currency, const char *reference)
{
    struct buf *b = arena_new(cx->arena, sizeof *b);
    struct json j;
    buf_init(b, cx->arena, BODY_MAX);
    json_init(&j, b);
    json_object_begin(&j);
    json_put_z(&j, "payment", arena_printf(cx->arena, "%" PRId64, payment_id));
    if (refund_id)
        json_put_z(&j, "refund", arena_printf(cx->arena, "%" PRId64, refund_id));
    json_put_i64(&j, "amount", minor);
    json_put_z(&j, "currency", currency);
    if (reference)
        json_put_z(&j, "reference", reference);
    json_object_end(&j);
    return buf_view(b);
}

static enum rc gateway_begin(struct pay_answer *out, struct cx *cx, const struct pay_setting *s,
                             const struct payment *p)
{
    struct call *c = arena_new(cx->arena, sizeof *c);
    c->path = "/payments";
    c->key = arena_printf(cx->arena, "payment-%" PRId64, p->id);
    c->body = body_of(cx, p->id, 0, p->amount_minor, p->currency, p->reference);
    return instruct(out, cx, s, c);
}

static enum rc gateway_refund(struct pay_answer *out, struct cx *cx,
                              const struct pay_setting *s, const struct refund *r)
{
    struct call *c = arena_new(cx->arena, sizeof *c);
    c->path = "/refunds";
    c->key = arena_printf(cx->arena, "refund-%" PRId64, r->id);
    c->body = body_of(cx, r->payment_id, r->id, r->amount_minor, r->currency, NULL);
    return instruct(out, cx, s, c);
}

const struct pay_provider pay_gateway = {.number = PAY_GATEWAY,
                                         .name = "gateway",
                                         .wait_s = WAIT_S,
                                         .begin = gateway_begin,
                                         .refund = gateway_refund,
                                         .parse = gateway_parse};
