/* A product for those who sell it: what it is, its photos, what can be chosen, the store. */
#include "db/db.h"
#include "profile/goods.h"
#include "sale/sale_view.h"
#include "shop/sell_product.html.h"
#include "shop/sell_view.h"

#include <string.h>

enum { LOTS_SHOWN = 50, DAY_LEN = 5 };

/* ---- showing ---- */

static enum rc read_ids(int64_t *county, int64_t *id, struct cx *cx, const struct request *q)
{
    TRY(request_param_id(county, cx, q, "county"));
    return request_param_id(id, cx, q, "id");
}

/* "09-15" */
static const char *day_value(struct cx *cx, int32_t day)
{
    return day ? arena_printf(cx->arena, "%02d-%02d", (int)day / 100, (int)day % 100) : "";
}

static void fill_kinds(struct sell_product_view *v, struct cx *cx)
{
    const struct goods *g = cx->profile->goods;
    size_t count = g ? g->count : 0;
    struct field_choice *c = arena_new(cx->arena, (count + 1) * sizeof *c);
    c[v->kind_count++] = (struct field_choice){"", _("not chosen yet"), false};
    for (size_t i = 0; i < count; i++)
        c[v->kind_count++] =
            (struct field_choice){g->kinds[i].code, LABEL(cx, g->kinds[i].label),
                                  !strcmp(v->product->category, g->kinds[i].code)};
    v->kinds = c;
}

/* A new store, made when ordered, or a lot of this shop. */
static enum rc fill_sources(struct sell_product_view *v, struct cx *cx)
{
    struct lot *lots;
    size_t count;
    TRY(lot_list(&lots, &count, cx, v->shop->county, v->shop->id, 0, LOTS_SHOWN));
    struct field_choice *c = arena_new(cx->arena, (count + 2) * sizeof *c);
    c[v->source_count++] = (struct field_choice){"", _("a store of its own"), true};
    c[v->source_count++] =
        (struct field_choice){"demand", _("nothing: made when it is ordered"), false};
    for (size_t i = 0; i < count; i++)
        if (lots[i].state != LOT_ENDED)
            c[v->source_count++] = (struct field_choice){
                arena_printf(cx->arena, "%" PRId64, lots[i].id),
                arena_printf(cx->arena, _("the lot %s"), lots[i].name), false};
    v->sources = c;
    return RC_OK;
}

static enum rc fill_choices(struct sell_product_view *v, struct cx *cx)
{
    struct variant *list;
    size_t count;
    TRY(product_variants(&list, &count, cx, v->product->county, v->product->id));
    struct sell_choice *c = arena_new(cx->arena, (count + 1) * sizeof *c);
    for (size_t i = 0; i < count; i++) {
        struct stock_item item;
        TRY(stock_item_get(&item, cx, list[i].county, list[i].item_id));
        c[i] = (struct sell_choice){
            .v = &list[i],
            .price = sell_money_value(cx, list[i].price_minor),
            .net = sell_kg_value(cx, list[i].net_grams),
            .weight = sell_kg_value(cx, list[i].weight_grams),
            .on_hand = item.on_hand,
            .is_grams = item.unit == STOCK_GRAMS,
            .there = sale_quantity(cx, item.unit, item.on_hand),
            .reserved = item.reserved ? sale_quantity(cx, item.unit, item.reserved) : ""};
    }
    v->choices = c;
    v->choice_count = count;
    return RC_OK;
}

static enum rc fill_photos(struct sell_product_view *v, struct cx *cx)
{
    struct photo *list;
    size_t count;
    TRY(photo_list(&list, &count, cx, v->product->county, v->product->id));
    struct sell_photo *p = arena_new(cx->arena, (count + 1) * sizeof *p);
    for (size_t i = 0; i < count; i++)
        p[i] = (struct sell_photo){list[i].id,
                                   arena_printf(cx->arena, "/photo/%" PRId64 "/s", list[i].id),
                                   list[i].id == v->product->photo_id};
    v->photos = p;
    v->photo_count = count;
    return RC_OK;
}

static enum rc fill_product(struct sell_product_view *v, struct cx *cx, struct product *p)
{
    const char **missing;
    v->product = p;
    v->base = sell_product_href(cx, p->county, p->id);
    v->state = product_state_text(cx, p->state);
    v->tone = product_state_tone(p->state);
    v->cost = sell_money_value(cx, p->cost_minor);
    v->season_from = day_value(cx, p->season_from);
    v->season_to = day_value(cx, p->season_to);
    v->may_show = p->state == PRODUCT_DRAFT || p->state == PRODUCT_HIDDEN;
    v->may_hide = p->state == PRODUCT_SHOWN;
    v->may_change = p->state != PRODUCT_ENDED;
    TRY(product_missing(&missing, &v->missing_count, cx, p));
    v->missing = missing;
    fill_kinds(v, cx);
    TRY(fill_sources(v, cx));
    TRY(fill_choices(v, cx));
    return fill_photos(v, cx);
}

/* `typed`: what was refused, shown again; NULL: as it is kept. */
static enum rc show(struct cx *cx, const struct request *q, struct response *a,
                    const char *error, const struct product *typed)
{
    struct product p;
    struct shop shop;
    int64_t county, id;
    struct sell_product_view v = {.error = error, .csrf = visitor_of(q)->csrf, .shop = &shop};
    TRY(read_ids(&county, &id, cx, q));
    TRY(db_read_begin(cx));
    TRY(product_get(&p, cx, county, id));
    TRY(shop_get(&shop, cx, county, p.shop_id));
    TRY(shop_require(cx, &shop));
    if (typed) {
        p.name = typed->name;
        p.story = typed->story;
        p.category = typed->category;
    }
    TRY(fill_product(&v, cx, &p));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = p.name,
                                              .nav = "shop",
                                              .back_href = sell_shop_href(cx, &shop),
                                              .back_label = shop.name});
    sell_product_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc sell_product_get(struct cx *cx, const struct request *q, struct response *a)
{
    return show(cx, q, a, NULL, NULL);
}

static enum rc ended(struct cx *cx, const struct request *q, struct response *a, enum rc rc,
                     const struct product *typed)
{
    const char *error;
    int64_t county, id;
    if (rc == RC_NOTFOUND)
        return rc;
    if (rc)
        return sale_told(&error, cx, a, rc) ? show(cx, q, a, error, typed) : rc;
    TRY(read_ids(&county, &id, cx, q));
    page_notice(cx, a, "saved");
    response_redirect(cx, a, sell_product_href(cx, county, id));
    return RC_OK;
}

/* ---- what it is ---- */

static enum rc day_read(int32_t *day, struct cx *cx, const struct request *q, const char *name)
{
    struct str s = str_trim(request_form(q, name));
    int64_t month, d;
    *day = 0;
    if (!s.len)
        return RC_OK;
    if (s.len != DAY_LEN || s.p[2] != '-' || !str_to_i64(&month, (struct str){s.p, 2}) ||
        !str_to_i64(&d, (struct str){s.p + 3, 2}) || month < 1 || month > 12 || d < 1 || d > 31)
        return fail(cx, RC_INVALID,
                    _("A season has a first and a last day, such as 09-15 and 11-30."),
                    "season day");
    *day = (int32_t)(month * 100 + d);
    return RC_OK;
}

static enum rc details_read(struct product *p, struct cx *cx, const struct request *q)
{
    int64_t hours;
    p->name = sale_form_text(cx, q, "name");
    p->story = sale_form_text(cx, q, "story");
    p->category = sale_form_text(cx, q, "kind");
    p->version = (int32_t)sale_form_id(q, "version");
    TRY(day_read(&p->season_from, cx, q, "from"));
    TRY(day_read(&p->season_to, cx, q, "until"));
    TRY(sell_number_read(&hours, cx, q, "claim",
                         _("Hours for a complaint after the delivery")));
    p->claim_hours = hours < 0 || hours > INT32_MAX ? -1 : (int32_t)hours;
    return sell_money_read(&p->cost_minor, cx, q, "cost", _("Own cost per kg or piece"));
}

static enum rc details_write(struct cx *cx, void *arg)
{
    return product_set(cx, arg);
}

static enum rc details_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct product p = {0};
    TRY(read_ids(&p.county, &p.id, cx, q));
    enum rc rc = details_read(&p, cx, q);
    if (!rc)
        rc = db_write(cx, p.county, details_write, &p);
    return ended(cx, q, a, rc, &p);
}

static enum rc state_write(struct cx *cx, void *arg)
{
    const struct product *p = arg;
    return product_show(cx, p->county, p->id, p->state, p->version);
}

static enum rc state_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct product p = {.version = (int32_t)sale_form_id(q, "version")};
    int64_t to = sale_form_id(q, "to");
    TRY(read_ids(&p.county, &p.id, cx, q));
    p.state =
        to >= PRODUCT_DRAFT && to <= PRODUCT_ENDED ? (enum product_state)to : PRODUCT_DRAFT;
    return ended(cx, q, a, db_write(cx, p.county, state_write, &p), NULL);
}

/* ---- what can be chosen ---- */

struct choosing {
    struct variant v;
    bool on_demand;
    int64_t have;
};

static enum rc own_variant(struct variant *out, struct cx *cx, const struct variant *asked)
{
    struct variant *list;
    size_t count;
    TRY(product_variants(&list, &count, cx, asked->county, asked->product_id));
    for (size_t i = 0; i < count; i++)
        if (list[i].id == asked->id) {
            *out = list[i];
            return RC_OK;
        }
    return fail(cx, RC_NOTFOUND, _("There is no such product, or it is not sold now."),
                "variant=%" PRId64, asked->id);
}

static enum rc may_sell(struct product *p, struct shop *shop, struct cx *cx, int64_t county,
                        int64_t product_id)
{
    TRY(product_get(p, cx, county, product_id));
    TRY(shop_get(shop, cx, county, p->shop_id));
    return shop_require(cx, shop);
}

/* The store of a new choice: the shop's own lot, or a new one with what is there. */
static enum rc take_source(struct choosing *c, struct cx *cx, const struct shop *shop)
{
    struct variant *v = &c->v;
    struct lot lot;
    int64_t move_id;
    if (v->lot_id) {
        enum rc rc = lot_get(&lot, cx, v->county, v->lot_id);
        if (rc && rc != RC_NOTFOUND)
            return rc;
        if (rc || lot.shop_id != shop->id) {
            err_clear(cx);
            return fail(cx, RC_INVALID, _("Choose the store it is taken from."), "lot");
        }
        v->item_id = lot.item_id;
        v->take = v->unit == STOCK_GRAMS ? 1 : v->net_grams;
        return v->take ? RC_OK
                       : fail(cx, RC_INVALID,
                              _("Say how many kilograms of the lot are in a piece."), "take");
    }
    v->take = 1;
    TRY(stock_item_add(&v->item_id, cx, v->county, v->unit, c->on_demand, 0));
    if (!c->have)
        return RC_OK;
    TRY(db_ids(&move_id, cx, 1));
    return stock_move_add(cx, &(struct stock_move){.county = v->county,
                                                   .id = move_id,
                                                   .item_id = v->item_id,
                                                   .kind = STOCK_IN,
                                                   .quantity = c->have,
                                                   .note = ""});
}

static enum rc choice_write(struct cx *cx, void *arg)
{
    struct choosing c = *(struct choosing *)arg;
    struct variant now;
    struct product p;
    struct shop shop;
    int64_t id;
    TRY(may_sell(&p, &shop, cx, c.v.county, c.v.product_id));
    if (!c.v.id) {
        TRY(take_source(&c, cx, &shop));
        return variant_set(&id, cx, &c.v);
    }
    /* Unit and store stay what they were. */
    TRY(own_variant(&now, cx, &c.v));
    c.v.unit = now.unit;
    c.v.step = now.step;
    c.v.item_id = now.item_id;
    c.v.take = now.take;
    c.v.lot_id = now.lot_id;
    return variant_set(&id, cx, &c.v);
}

static enum rc choice_read(struct choosing *c, struct cx *cx, const struct request *q)
{
    enum { STEP_GRAMS = 500 };
    struct variant *v = &c->v;
    struct str source = request_form(q, "source");
    v->id = sale_form_id(q, "variant");
    v->name = sale_form_text(cx, q, "name");
    v->grade = sale_form_text(cx, q, "grade");
    v->ended = request_form(q, "ended").len > 0;
    v->unit = sale_form_id(q, "unit") == STOCK_GRAMS ? STOCK_GRAMS : STOCK_PIECES;
    v->step = v->unit == STOCK_GRAMS ? STEP_GRAMS : 1;
    c->on_demand = str_eq_z(source, "demand");
    v->lot_id = source.len && !c->on_demand ? sale_form_id(q, "source") : 0;
    TRY(sell_money_read(&v->price_minor, cx, q, "price", _("Price")));
    TRY(sell_kg_read(&v->net_grams, cx, q, "net", _("Kilograms in it")));
    TRY(sell_kg_read(&v->weight_grams, cx, q, "weight", _("Kilograms with packing")));
    if (v->unit == STOCK_GRAMS)
        TRY(sell_kg_read(&c->have, cx, q, "have", _("In the store")));
    else
        TRY(sell_number_read(&c->have, cx, q, "have", _("In the store")));
    return c->have < 0 ? fail(cx, RC_INVALID, _("The quantity must be more than 0."), "have")
                       : RC_OK;
}

static enum rc choice_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct choosing c = {0};
    TRY(read_ids(&c.v.county, &c.v.product_id, cx, q));
    enum rc rc = choice_read(&c, cx, q);
    if (!rc)
        rc = db_write(cx, c.v.county, choice_write, &c);
    return ended(cx, q, a, rc, NULL);
}

/* ---- the store ---- */

struct noting {
    struct variant v;
    enum stock_kind kind;
    int64_t seen; /* what the form showed: the same form sent twice changes it once */
    struct str quantity;
};

static enum rc stock_write(struct cx *cx, void *arg)
{
    const struct noting *n = arg;
    struct variant now;
    struct product p;
    struct shop shop;
    struct stock_item item;
    int64_t move_id, quantity;
    TRY(may_sell(&p, &shop, cx, n->v.county, n->v.product_id));
    TRY(own_variant(&now, cx, &n->v));
    TRY(stock_item_get(&item, cx, n->v.county, now.item_id));
    if (item.lot_id)
        return fail(cx, RC_INVALID, _("What lies in a lot changes by its deliveries."), "lot");
    if (item.on_hand != n->seen)
        return fail(cx, RC_CONFLICT,
                    _("The store has changed since you opened this page. Look again."),
                    "on_hand");
    if (!sale_quantity_parse(&quantity, item.unit, n->quantity) || quantity <= 0)
        return fail(cx, RC_INVALID, _("The quantity must be more than 0."), "quantity");
    TRY(db_ids(&move_id, cx, 1));
    TRY(stock_move_add(
        cx, &(struct stock_move){.county = n->v.county,
                                 .id = move_id,
                                 .item_id = now.item_id,
                                 .kind = n->kind,
                                 .quantity = n->kind == STOCK_LOSS ? -quantity : quantity,
                                 .note = ""}));
    return seller_act_add(cx, n->v.county, shop.seller_id,
                          n->kind == STOCK_LOSS ? "stock.loss" : "stock.in", "", n->v.id);
}

static enum rc stock_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct noting n = {.v.id = sale_form_id(q, "variant"),
                       .seen = sale_form_id(q, "seen"),
                       .kind = sale_form_id(q, "what") == STOCK_LOSS ? STOCK_LOSS : STOCK_IN,
                       .quantity = request_form(q, "quantity")};
    TRY(read_ids(&n.v.county, &n.v.product_id, cx, q));
    return ended(cx, q, a, db_write(cx, n.v.county, stock_write, &n), NULL);
}

/* ---- photos ---- */

static enum rc photo_add_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t county, id, photo_id;
    TRY(read_ids(&county, &id, cx, q));
    return ended(cx, q, a, photo_add(&photo_id, cx, county, id, q->body_fd), NULL);
}

static enum rc photo_first_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t county, id, photo_id;
    TRY(read_ids(&county, &id, cx, q));
    TRY(request_param_id(&photo_id, cx, q, "photo"));
    return ended(cx, q, a, photo_first(cx, county, id, photo_id), NULL);
}

static enum rc photo_remove_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t county, id, photo_id;
    TRY(read_ids(&county, &id, cx, q));
    TRY(request_param_id(&photo_id, cx, q, "photo"));
    return ended(cx, q, a, photo_remove(cx, county, id, photo_id), NULL);
}

#define DO   .method = METHOD_POST, .scope = SCOPE_SIGNED_IN, .csrf = CSRF_TOKEN
#define FORM .body_max = SELL_FORM_BYTES
static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/sell/product/{county}/{id}",
     .scope = SCOPE_SIGNED_IN,
     .csrf = CSRF_NONE,
     .handle = sell_product_get,
     .test_path = "/sell/product/1/1"},
    {DO, FORM, .path = "/sell/product/{county}/{id}", .handle = details_post,
     .test_path = "/sell/product/1/1"},
    {DO, FORM, .path = "/sell/product/{county}/{id}/state", .handle = state_post,
     .test_path = "/sell/product/1/1/state"},
    {DO, FORM, .path = "/sell/product/{county}/{id}/choice", .handle = choice_post,
     .test_path = "/sell/product/1/1/choice"},
    {DO, FORM, .path = "/sell/product/{county}/{id}/stock", .handle = stock_post,
     .test_path = "/sell/product/1/1/stock"},
    {DO, .path = "/sell/product/{county}/{id}/photo", .body_max = PHOTO_BYTES_MAX + 64 * 1024,
     .body_to_file = true, .time_ms_max = 60000, .heavy = true, .handle = photo_add_post,
     .test_path = "/sell/product/1/1/photo"},
    {DO, FORM, .path = "/sell/product/{county}/{id}/photo/{photo}/first",
     .handle = photo_first_post, .test_path = "/sell/product/1/1/photo/1/first"},
    {DO, FORM, .path = "/sell/product/{county}/{id}/photo/{photo}/remove",
     .handle = photo_remove_post, .test_path = "/sell/product/1/1/photo/1/remove"},
};
const struct route_table sell_product_routes = ROUTE_TABLE(rows);
