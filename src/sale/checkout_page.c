/* Ordering in two pages after the basket: /checkout asks who, where and how to pay; POST
 * /checkout shows what will be ordered with shipping; POST /checkout/place orders and leads to
 * the order's page. Sent twice, it is one order: the form carries its key. */
#include "base/crypto.h"
#include "base/format.h"
#include "profile/shipping.h"
#include "sale/checkout.html.h"
#include "sale/sale_view.h"

enum { KEY_BYTES_RANDOM = 16 };

static enum rc read_basket(struct basket *b, struct cx *cx, const struct request *q)
{
    TRY(basket_get(b, cx, request_cookie(q, basket_cookie)));
    if (!b->count)
        return fail(cx, RC_INVALID, _("The basket is empty."), "basket empty");
    if (b->county < 0)
        return fail(
            cx, RC_INVALID,
            _("Your basket holds goods of several counties. Each county sends and is "
              "paid by itself: take out those of all but one, order, and then order the "
              "others."),
            "basket of several counties");
    if (!b->can_buy)
        return fail(cx, RC_INVALID,
                    _("Change or take out what is marked; then you can order the rest."),
                    "basket problem");
    return RC_OK;
}

static void read_buyer(struct buyer *b, struct cx *cx, const struct request *q)
{
    *b = (struct buyer){sale_form_text(cx, q, "name"), sale_form_text(cx, q, "phone"),
                        sale_form_text(cx, q, "address"), sale_form_text(cx, q, "mail"),
                        sale_form_text(cx, q, "zone")};
}

static enum rc fill_choices(struct checkout_view *v, struct cx *cx, int64_t county)
{
    const struct shipping *s = cx->profile->shipping;
    size_t zones = s ? s->count : 0, ways = 0;
    struct field_choice *z = arena_new(cx->arena, (zones + 1) * sizeof *z);
    struct field_choice *w = arena_new(cx->arena, (PAY_PROVIDERS + 1) * sizeof *w);
    for (size_t i = 0; i < zones; i++)
        z[i] = (struct field_choice){s->zones[i].code, LABEL(cx, s->zones[i].label),
                                     str_eq_z(str_of(v->buyer.zone), s->zones[i].code)};
    for (int n = 1; n <= PAY_PROVIDERS; n++) {
        struct pay_setting setting;
        TRY(pay_setting_get(&setting, cx, county, n));
        if (setting.active)
            w[ways++] = (struct field_choice){arena_printf(cx->arena, "%d", n),
                                              pay_provider_text(cx, n), n == v->provider};
    }
    v->zones = z;
    v->zone_count = zones;
    v->ways = w;
    v->way_count = ways;
    return RC_OK;
}

static enum rc show_form(struct cx *cx, const struct request *q, struct response *a,
                         struct checkout_view *v)
{
    TRY(fill_choices(v, cx, v->basket->county));
    v->csrf = visitor_of(q)->csrf;
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Order"),
                                              .no_index = true,
                                              .back_href = "/basket",
                                              .back_label = _("Your basket")});
    checkout_form_body(o, cx, v);
    return page_end(cx, q, a, o);
}

/* What is wrong with the basket is shown there. */
static enum rc checkout_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct basket b;
    struct checkout_view v = {.basket = &b, .buyer = {"", "", "", "", ""}};
    TRY(db_read_begin(cx));
    const struct actor *self = sale_public(cx);
    enum rc rc = read_basket(&b, cx, q);
    cx->actor = self;
    if (rc == RC_INVALID) {
        err_clear(cx);
        response_redirect(cx, a, "/basket");
        return RC_OK;
    }
    TRY(rc);
    return show_form(cx, q, a, &v);
}

static struct purchase_ask ask_of(struct cx *cx, const struct checkout_view *v)
{
    const struct basket *b = v->basket;
    struct purchase_item *items = arena_new(cx->arena, (b->count + 1) * sizeof *items);
    for (size_t i = 0; i < b->count; i++)
        items[i] = (struct purchase_item){b->lines[i].variant_id, b->lines[i].quantity};
    return (struct purchase_ask){.county = b->county,
                                 .items = items,
                                 .item_count = b->count,
                                 .buyer = v->buyer,
                                 .provider = v->provider,
                                 .basket_id = b->id,
                                 .total_minor = -1};
}

static enum rc fill_review(struct checkout_view *v, struct cx *cx)
{
    struct quote *quote = arena_new(cx->arena, sizeof *quote);
    struct pay_setting setting;
    uint8_t bytes[KEY_BYTES_RANDOM];
    TRY(buyer_clean(&v->buyer, cx));
    if (!pay_provider_of(v->provider))
        return fail(cx, RC_INVALID, _("Choose how to pay."), "provider");
    TRY(pay_setting_get(&setting, cx, v->basket->county, v->provider));
    if (!setting.active)
        return fail(cx, RC_INVALID, _("This way of paying is not offered here."), "provider");
    struct purchase_ask ask = ask_of(cx, v);
    TRY(purchase_quote(quote, cx, &ask));
    crypto_random(bytes, sizeof bytes);
    v->quote = quote;
    v->key = hex_of(cx->arena, bytes, sizeof bytes);
    v->zone_label = LABEL(cx, profile_zone(cx->profile, str_of(v->buyer.zone))->label);
    v->way_label = pay_provider_text(cx, v->provider);
    return RC_OK;
}

static void read_form(struct checkout_view *v, struct cx *cx, const struct request *q)
{
    read_buyer(&v->buyer, cx, q);
    v->provider = (int)sale_form_id(q, "provider");
    if (v->provider > PAY_PROVIDERS)
        v->provider = 0;
}

static enum rc show_review(struct cx *cx, const struct request *q, struct response *a,
                           struct checkout_view *v)
{
    v->csrf = visitor_of(q)->csrf;
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Look over your order"),
                                              .no_index = true,
                                              .back_href = "/basket",
                                              .back_label = _("Your basket")});
    checkout_review_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc checkout_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct basket b = {0};
    struct checkout_view v = {.basket = &b};
    TRY(db_read_begin(cx));
    const struct actor *self = sale_public(cx);
    read_form(&v, cx, q);
    enum rc rc = read_basket(&b, cx, q);
    bool is_form = rc == RC_OK && request_form(q, "back").len > 0;
    if (!rc && !is_form)
        rc = fill_review(&v, cx);
    cx->actor = self;
    if (!b.can_buy && rc == RC_INVALID) {
        err_clear(cx);
        response_redirect(cx, a, "/basket");
        return RC_OK;
    }
    if (is_form)
        return show_form(cx, q, a, &v);
    if (!rc)
        return show_review(cx, q, a, &v);
    return sale_told(&v.error, cx, a, rc) ? show_form(cx, q, a, &v) : rc;
}

/* The items as the buyer saw them, from the form: a basket that changed in another window, or
 * was emptied by this very order sent twice, does not change the order. */
static enum rc read_items(struct purchase_ask *ask, struct cx *cx, const struct request *q)
{
    struct purchase_item *items = arena_new(cx->arena, (SALE_ITEMS_MAX + 1) * sizeof *items);
    struct str rest = request_form(q, "items");
    size_t n = 0;
    while (rest.len && n <= SALE_ITEMS_MAX) {
        struct str quantity = str_cut(&rest, ' '), variant = str_cut(&quantity, ':');
        if (!str_to_i64(&items[n].variant_id, variant) ||
            !str_to_i64(&items[n].quantity, quantity))
            return fail(cx, RC_INVALID, _("The basket is empty."), "items field");
        n++;
    }
    ask->items = items;
    ask->item_count = n;
    ask->county = sale_form_id(q, "county");
    return RC_OK;
}

static enum rc place(struct placed *p, struct cx *cx, const struct request *q,
                     struct checkout_view *v, const struct basket *b)
{
    struct purchase_ask ask = {.buyer = v->buyer,
                               .provider = v->provider,
                               .key = request_form(q, "key"),
                               .basket_id = b->id,
                               .total_minor = sale_form_id(q, "total")};
    TRY(read_items(&ask, cx, q));
    return purchase_place(p, cx, &ask);
}

static enum rc place_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct basket b = {0};
    struct placed p;
    struct checkout_view v = {.basket = &b};
    const struct actor *self = sale_public(cx);
    read_form(&v, cx, q);
    enum rc rc = basket_get(&b, cx, request_cookie(q, basket_cookie));
    if (!rc)
        rc = place(&p, cx, q, &v, &b);
    cx->actor = self;
    if (!rc) {
        response_redirect(cx, a, arena_printf(cx->arena, "/order/%s", p.token));
        return RC_OK;
    }
    if (!sale_told(&v.error, cx, a, rc))
        return rc;
    if (!b.count)
        b.county = sale_form_id(q, "county");
    TRY(db_read_begin(cx));
    return show_form(cx, q, a, &v);
}

#define OPEN .scope = SCOPE_PUBLIC
static const struct route rows[] = {
    {OPEN, .method = METHOD_GET, .path = "/checkout", .csrf = CSRF_NONE,
     .handle = checkout_get},
    {OPEN, .method = METHOD_POST, .path = "/checkout", .csrf = CSRF_TOKEN,
     .body_max = SALE_FORM_BYTES, .handle = checkout_post},
    {OPEN, .method = METHOD_POST, .path = "/checkout/place", .csrf = CSRF_TOKEN,
     .body_max = SALE_FORM_BYTES, .handle = place_post},
};
const struct route_table checkout_routes = ROUTE_TABLE(rows);
