/* The buyer's order: /order/{token} shows where it is, how to pay (reference, account, code,
 * the gateway's page), what went back, where the money goes; cancelling and saying that it
 * came. Whoever holds the link may do so. And what payment providers send: POST /pay/{county}.
 */
#include "base/format.h"
#include "html/qr.h"
#include "profile/shipping.h"
#include "sale/emvco.h"
#include "sale/order.html.h"
#include "sale/sale_view.h"

#include <string.h>

enum { HOST_MAX = 200 };

/* ---- how to pay ---- */

/* Our code only asks; money counts when the bank's line is matched. */
static enum rc fill_qr(struct order_page_view *v, struct cx *cx)
{
    const struct pay_setting *s = v->setting;
    const char *currency = emvco_currency(cx->profile->currency), *text;
    if (!s->qr_id[0] || !currency)
        return RC_OK;
    struct emvco e = {.account_id = s->qr_id,
                      .account = s->account,
                      .account_reference = v->payment->reference,
                      .category = "5411",
                      .currency = currency,
                      .amount_minor = v->payment->amount_minor,
                      .decimals = cx->profile->currency_decimals,
                      .country = cx->profile->country,
                      .name = "RURAL MARKET",
                      .city = s->qr_city,
                      .reference = v->payment->reference,
                      .lang = "ZH",
                      .lang_name = s->holder};
    enum rc rc = emvco_text(&text, cx, &e);
    if (!rc)
        rc = qr_svg(&v->qr, cx, text, _("Code for paying with a bank's app"));
    v->has_qr = rc == RC_OK;
    if (rc == RC_INVALID || rc == RC_LIMIT) {
        err_clear(cx); /* without a code the account and reference stand there all the same */
        return RC_OK;
    }
    return rc;
}

static enum rc fill_payment(struct order_page_view *v, struct cx *cx)
{
    const struct purchase *p = v->purchase;
    struct payment *list;
    size_t count;
    int64_t until = 0;
    for (size_t i = 0; i < p->order_count; i++)
        if (p->orders[i].state == ORDER_PLACED)
            until = p->orders[i].expires_at;
    if (!until)
        return RC_OK;
    TRY(payment_list(&list, &count, cx, p->county, p->id));
    for (size_t i = 0; i < count; i++)
        if (list[i].state != PAYMENT_CAPTURED)
            v->payment = &list[i];
    if (!v->payment)
        return RC_OK;
    struct pay_setting *s = arena_new(cx->arena, sizeof *s);
    TRY(pay_setting_get(s, cx, p->county, v->payment->provider));
    v->setting = s;
    v->until = format_time(cx, until);
    return v->payment->provider == PAY_TRANSFER ? fill_qr(v, cx) : RC_OK;
}

/* ---- the page ---- */

static enum rc read_page(struct order_page_view *v, struct cx *cx, struct str token)
{
    struct purchase *p = arena_new(cx->arena, sizeof *p);
    TRY(purchase_by_token(p, cx, token));
    struct order_view *orders = arena_new(cx->arena, (p->order_count + 1) * sizeof *orders);
    for (size_t i = 0; i < p->order_count; i++)
        TRY(order_view_fill(&orders[i], cx, &p->orders[i]));
    v->purchase = p;
    v->orders = orders;
    const struct shipping_zone *z = profile_zone(cx->profile, str_of(p->zone));
    v->address = arena_printf(cx->arena, "%s%s%s", z ? LABEL(cx, z->label) : p->zone,
                              p->buyer.address[0] ? ", " : "", p->buyer.address);
    return fill_payment(v, cx);
}

static enum rc show(struct cx *cx, const struct request *q, struct response *a,
                    const char *error)
{
    struct str token = request_param(q, "token");
    struct order_page_view v = {
        .error = error, .csrf = visitor_of(q)->csrf, .token = arena_copy(cx->arena, token)};
    const struct actor *self = sale_public(cx);
    enum rc rc = read_page(&v, cx, token);
    cx->actor = self;
    TRY(rc);
    /* The link is the key: it is told to no other site. */
    response_header(cx, a, "Referrer-Policy", "no-referrer");
    struct out *o =
        page_begin(cx, q, &(struct page){.title = _("Your order"), .no_index = true});
    order_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc order_page_get(struct cx *cx, const struct request *q, struct response *a)
{
    TRY(db_read_begin(cx));
    return show(cx, q, a, NULL);
}

typedef enum rc (*act_fn)(struct cx *cx, int64_t county, int64_t id, int32_t version,
                          struct str token);

static enum rc act(struct cx *cx, const struct request *q, act_fn fn)
{
    struct purchase p;
    struct str token = request_param(q, "token");
    int64_t version = sale_form_id(q, "version");
    TRY(purchase_by_token(&p, cx, token));
    return fn(cx, p.county, sale_form_id(q, "order"),
              version > 0 && version < INT32_MAX ? (int32_t)version : -1, token);
}

static enum rc act_post(struct cx *cx, const struct request *q, struct response *a, act_fn fn)
{
    const char *error = NULL;
    const struct actor *self = sale_public(cx);
    enum rc rc = act(cx, q, fn);
    cx->actor = self;
    if (!rc) {
        page_notice(cx, a, "saved");
        response_redirect(cx, a,
                          arena_printf(cx->arena, "/order/%s",
                                       url_encode(cx->arena, request_param(q, "token"))));
        return RC_OK;
    }
    if (rc == RC_NOTFOUND || !sale_told(&error, cx, a, rc))
        return rc;
    TRY(db_read_begin(cx));
    return show(cx, q, a, error);
}

static enum rc cancel_post(struct cx *cx, const struct request *q, struct response *a)
{
    return act_post(cx, q, a, order_cancel);
}

static enum rc received_post(struct cx *cx, const struct request *q, struct response *a)
{
    return act_post(cx, q, a, order_deliver);
}

/* ---- what providers send ---- */

/* 200 also for what was seen before or changes nothing: the provider need not send it again. */
static enum rc hook_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct pay_hook h = {
        .provider = PAY_GATEWAY, .body = q->body, .signature = request_header(q, "Signature")};
    enum pay_result result;
    TRY(request_param_id(&h.county, cx, q, "county"));
    const struct actor *self = sale_public(cx);
    enum rc rc = pay_hook_take(&result, cx, &h);
    cx->actor = self;
    TRY(rc);
    a->type = "text/plain; charset=utf-8";
    buf_z(&a->body, "ok\n");
    return RC_OK;
}

#define OPEN .scope = SCOPE_PUBLIC
static const struct route rows[] = {
    {OPEN, .method = METHOD_GET, .path = "/order/{token}", .csrf = CSRF_NONE,
     .handle = order_page_get, .test_path = "/order/0"},
    {OPEN, .method = METHOD_POST, .path = "/order/{token}/cancel", .csrf = CSRF_TOKEN,
     .body_max = SALE_FORM_BYTES, .handle = cancel_post, .test_path = "/order/0/cancel"},
    {OPEN, .method = METHOD_POST, .path = "/order/{token}/received", .csrf = CSRF_TOKEN,
     .body_max = SALE_FORM_BYTES, .handle = received_post, .test_path = "/order/0/received"},
    /* Proved by its signature instead of a token. */
    {OPEN, .method = METHOD_POST, .path = "/pay/{county}", .csrf = CSRF_NONE,
     .body_max = PAY_HOOK_BYTES, .handle = hook_post, .test_path = "/pay/1"},
};
const struct route_table order_routes = ROUTE_TABLE(rows);
