/* For those who sell: whom one sells for, a seller with its card, a shop with its products.
 * seller_get and shop_require decide who may. */
#include "base/format.h"
#include "db/db.h"
#include "html/qr.h"
#include "people/actor.h"
#include "sale/sale_view.h"
#include "shop/sell.html.h"
#include "shop/sell_view.h"

#include <string.h>

static enum rc read_ids(int64_t *county, int64_t *id, struct cx *cx, const struct request *q)
{
    TRY(request_param_id(county, cx, q, "county"));
    return request_param_id(id, cx, q, "id");
}

/* ---- whom one sells for ---- */

static const char *kind_text(struct cx *cx, enum seller_kind k)
{
    switch (k) {
    case SELLER_HOUSEHOLD:
        return _("Household");
    case SELLER_COOPERATIVE:
        return _("Cooperative");
    case SELLER_FIRM:
        return _("Firm");
    case SELLER_STATION:
        return _("Station");
    }
    return "";
}

static bool sells(const struct seller *s)
{
    return s->state == SELLER_ACTIVE && s->consent_day;
}

static enum rc sell_row(struct sell_row *r, struct cx *cx, const struct seller *s)
{
    struct shop shop;
    *r = (struct sell_row){.href = sell_seller_href(cx, s),
                           .name = s->name,
                           .kind = kind_text(cx, s->kind),
                           .shop = _("no shop of its own"),
                           .paused = !sells(s)};
    if (!s->shop_id)
        return RC_OK;
    TRY(shop_get(&shop, cx, s->county, s->shop_id));
    r->href = sell_shop_href(cx, &shop);
    r->shop = shop.name;
    return RC_OK;
}

static enum rc sell_home_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct seller *list;
    size_t count;
    struct str search = str_trim(request_query(q, "q"));
    struct sell_home_view v = {.search = search.len ? arena_copy(cx->arena, search) : ""};
    TRY(db_read_begin(cx));
    TRY(seller_mine(&list, &count, cx, search, SELL_SELLERS_MAX));
    struct sell_row *rows = arena_new(cx->arena, (count + 1) * sizeof *rows);
    for (size_t i = 0; i < count; i++)
        TRY(sell_row(&rows[i], cx, &list[i]));
    if (count == 1 && !search.len) {
        response_redirect(cx, a, rows[0].href);
        return RC_OK;
    }
    v.rows = rows;
    v.count = count;
    struct out *o = page_begin(cx, q, &(struct page){.title = _("My shop"), .nav = "shop"});
    sell_home_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

/* ---- a seller ---- */

static bool may_make_card(const struct cx *cx, const struct seller *s)
{
    struct str path = str_of(s->area_path);
    return s->user_id <= 0 && sells(s) &&
           (actor_may_in(cx, "shop.manage", path) ||
            (s->assist_day && actor_may_in(cx, "shop.assist", path)));
}

static enum rc show_seller(struct cx *cx, const struct request *q, struct response *a,
                           const struct sell_seller_view *begun)
{
    struct sell_seller_view v = *begun;
    struct seller s;
    struct card_state card;
    int64_t county, id;
    TRY(read_ids(&county, &id, cx, q));
    TRY(db_read_begin(cx));
    TRY(seller_get(&s, cx, county, id));
    TRY(card_get(&card, cx, county, id));
    v.seller = &s;
    v.card = &card;
    v.csrf = visitor_of(q)->csrf;
    v.base = sell_seller_href(cx, &s);
    v.made = card.made_at ? format_time(cx, card.made_at) : "";
    v.used = card.used_at ? format_time(cx, card.used_at) : "";
    v.sells = sells(&s);
    v.may_make = may_make_card(cx, &s);
    if (s.shop_id)
        v.shop_href = sell_shop_href(cx, &(struct shop){.county = county, .id = s.shop_id});
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = s.name,
                                              .nav = "shop",
                                              .no_index = true,
                                              .back_href = "/sell",
                                              .back_label = _("Sellers")});
    sell_seller_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc seller_page_get(struct cx *cx, const struct request *q, struct response *a)
{
    return show_seller(cx, q, a, &(struct sell_seller_view){0});
}

/* What was wrong, on the seller's page. */
static enum rc seller_told(struct cx *cx, const struct request *q, struct response *a,
                           enum rc rc)
{
    struct sell_seller_view v = {0};
    if (rc == RC_NOTFOUND || !sale_told(&v.error, cx, a, rc))
        return rc;
    return show_seller(cx, q, a, &v);
}

struct opening {
    struct shop shop;
    int64_t id;
};
static enum rc open_write(struct cx *cx, void *arg)
{
    struct opening *o = arg;
    return shop_add(&o->id, cx, &o->shop);
}

static enum rc shop_open_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct opening o = {.shop = {.slug = "", .state = SHOP_OPEN}};
    TRY(read_ids(&o.shop.county, &o.shop.seller_id, cx, q));
    o.shop.name = sale_form_text(cx, q, "name");
    o.shop.about = sale_form_text(cx, q, "about");
    enum rc rc = db_write(cx, o.shop.county, open_write, &o);
    if (rc)
        return seller_told(cx, q, a, rc);
    o.shop.id = o.id;
    page_notice(cx, a, "created");
    response_redirect(cx, a, sell_shop_href(cx, &o.shop));
    return RC_OK;
}

/* The answer shows the code; it cannot be shown again. */
static enum rc card_make_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct sell_seller_view v = {0};
    const char *token;
    int64_t county, id;
    struct str host = request_header(q, "Host");
    TRY(read_ids(&county, &id, cx, q));
    enum rc rc = card_make(&token, cx, county, id, str_trim(request_form(q, "pin")));
    if (rc)
        return seller_told(cx, q, a, rc);
    v.card_url = arena_printf(cx->arena, "%s://%.*s/card/%s", q->tls ? "https" : "http",
                              STR_ARG(host), token);
    TRY(qr_svg(&v.qr, cx, v.card_url, _("Code of the market card")));
    return show_seller(cx, q, a, &v);
}

static enum rc card_lost_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t county, id;
    TRY(read_ids(&county, &id, cx, q));
    enum rc rc = card_end(cx, county, id);
    if (rc)
        return seller_told(cx, q, a, rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a,
                      sell_seller_href(cx, &(struct seller){.county = county, .id = id}));
    return RC_OK;
}

/* ---- a shop ---- */

static enum rc product_row(struct sell_product_row *r, struct cx *cx, const struct product *p)
{
    const char **missing;
    size_t missing_count;
    struct variant *v;
    size_t count;
    TRY(product_variants(&v, &count, cx, p->county, p->id));
    TRY(product_missing(&missing, &missing_count, cx, p));
    *r = (struct sell_product_row){.href = sell_product_href(cx, p->county, p->id),
                                   .name = p->name,
                                   .state = product_state_text(cx, p->state),
                                   .tone = product_state_tone(p->state),
                                   .price = "",
                                   .missing = missing_count ? missing[0] : ""};
    for (size_t i = 0; i < count && !r->price[0]; i++)
        if (!v[i].ended)
            r->price = sale_price(cx, v[i].unit, v[i].price_minor);
    if (p->photo_id)
        r->photo = arena_printf(cx->arena, "/photo/%" PRId64 "/s", p->photo_id);
    return RC_OK;
}

static enum rc fill_shop(struct sell_shop_view *v, struct cx *cx, const struct shop *s)
{
    struct product *products;
    size_t count;
    struct field_choice *states = arena_new(cx->arena, SHOP_CLOSED * sizeof *states);
    TRY(product_list(&products, &count, cx, s->county, s->id, SELL_PRODUCTS_MAX));
    struct sell_product_row *rows = arena_new(cx->arena, (count + 1) * sizeof *rows);
    for (size_t i = 0; i < count; i++)
        TRY(product_row(&rows[i], cx, &products[i]));
    for (int i = SHOP_OPEN; i <= SHOP_CLOSED; i++)
        states[i - 1] =
            (struct field_choice){arena_printf(cx->arena, "%d", i),
                                  shop_state_text(cx, (enum shop_state)i), (int)s->state == i};
    v->rows = rows;
    v->count = count;
    v->states = states;
    v->state_count = SHOP_CLOSED;
    return RC_OK;
}

static enum rc show_shop(struct cx *cx, const struct request *q, struct response *a,
                         const char *error)
{
    struct shop s;
    int64_t county, id;
    TRY(read_ids(&county, &id, cx, q));
    TRY(db_read_begin(cx));
    TRY(shop_get(&s, cx, county, id));
    TRY(shop_require(cx, &s));
    struct sell_shop_view v = {
        .shop = &s,
        .error = error,
        .csrf = visitor_of(q)->csrf,
        .base = sell_shop_href(cx, &s),
        .seller_href =
            sell_seller_href(cx, &(struct seller){.county = county, .id = s.seller_id}),
        .orders_href = arena_printf(cx->arena, "/sell/order?county=%" PRId64 "&shop=%" PRId64,
                                    county, s.id)};
    TRY(fill_shop(&v, cx, &s));
    struct out *o = page_begin(cx, q, &(struct page){.title = s.name, .nav = "shop"});
    sell_shop_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc shop_sell_get(struct cx *cx, const struct request *q, struct response *a)
{
    return show_shop(cx, q, a, NULL);
}

static enum rc shop_told(struct cx *cx, const struct request *q, struct response *a, enum rc rc)
{
    const char *error;
    if (rc == RC_NOTFOUND || !sale_told(&error, cx, a, rc))
        return rc;
    return show_shop(cx, q, a, error);
}

static enum rc shop_set_write(struct cx *cx, void *arg)
{
    return shop_set(cx, arg);
}

static enum rc shop_sell_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct shop s = {0};
    TRY(read_ids(&s.county, &s.id, cx, q));
    s.version = (int32_t)sale_form_id(q, "version");
    s.name = sale_form_text(cx, q, "name");
    s.about = sale_form_text(cx, q, "about");
    int64_t state = sale_form_id(q, "state");
    s.state = state <= SHOP_CLOSED ? (enum shop_state)state : 0;
    enum rc rc = db_write(cx, s.county, shop_set_write, &s);
    if (rc)
        return shop_told(cx, q, a, rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, sell_shop_href(cx, &s));
    return RC_OK;
}

struct beginning {
    struct product p;
    int64_t id;
};
static enum rc product_write(struct cx *cx, void *arg)
{
    struct beginning *b = arg;
    return product_add(&b->id, cx, &b->p);
}

static enum rc product_new_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct beginning b = {.p = {.category = "", .story = ""}};
    TRY(read_ids(&b.p.county, &b.p.shop_id, cx, q));
    b.p.name = sale_form_text(cx, q, "product");
    enum rc rc = db_write(cx, b.p.county, product_write, &b);
    if (rc)
        return shop_told(cx, q, a, rc);
    response_redirect(cx, a, sell_product_href(cx, b.p.county, b.id));
    return RC_OK;
}

#define SHOW .method = METHOD_GET, .scope = SCOPE_SIGNED_IN, .csrf = CSRF_NONE
#define DO                                                                                     \
    .method = METHOD_POST, .scope = SCOPE_SIGNED_IN, .csrf = CSRF_TOKEN,                       \
    .body_max = SELL_FORM_BYTES
static const struct route rows[] = {
    {SHOW, .path = "/sell", .handle = sell_home_get},
    {SHOW, .path = "/sell/seller/{county}/{id}", .handle = seller_page_get,
     .test_path = "/sell/seller/1/1"},
    {DO, .path = "/sell/seller/{county}/{id}/shop", .handle = shop_open_post,
     .test_path = "/sell/seller/1/1/shop"},
    {DO, .path = "/sell/seller/{county}/{id}/card", .handle = card_make_post,
     .test_path = "/sell/seller/1/1/card"},
    {DO, .path = "/sell/seller/{county}/{id}/card-lost", .handle = card_lost_post,
     .test_path = "/sell/seller/1/1/card-lost"},
    {SHOW, .path = "/sell/shop/{county}/{id}", .handle = shop_sell_get,
     .test_path = "/sell/shop/1/1"},
    {DO, .path = "/sell/shop/{county}/{id}", .handle = shop_sell_post,
     .test_path = "/sell/shop/1/1"},
    {DO, .path = "/sell/shop/{county}/{id}/product", .handle = product_new_post,
     .test_path = "/sell/shop/1/1/product"},
};
const struct route_table sell_routes = ROUTE_TABLE(rows);
