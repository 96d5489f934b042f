/* Orders for those who sell: the shops one may work for, a shop's orders, and one order with
 * packing by weight, sending, handing over and cancelling. shop_require decides. */
#include "base/format.h"
#include "people/actor.h"
#include "profile/shipping.h"
#include "sale/sale_view.h"
#include "sale/sell_order.html.h"

#include <string.h>

enum { LIST_COLUMNS = 5, SELLERS_MAX = 200, STATES = 8 };

/* ---- which shop ---- */

static enum rc open_shop(struct shop *out, struct cx *cx, int64_t county, int64_t id)
{
    TRY(shop_get(out, cx, county, id));
    return shop_require(cx, out);
}

static int64_t query_number(const struct request *q, const char *name)
{
    int64_t n;
    return str_to_i64(&n, request_query(q, name)) && n > 0 ? n : 0;
}

static enum rc shops_of(struct sell_shops_view *v, struct cx *cx)
{
    struct seller *sellers;
    size_t count;
    struct shop_choice *list = arena_new(cx->arena, SELLERS_MAX * sizeof *list);
    TRY(seller_mine(&sellers, &count, cx, STR(""), SELLERS_MAX));
    for (size_t i = 0; i < count; i++)
        if (sellers[i].shop_id)
            list[v->count++] = (struct shop_choice){
                sellers[i].name,
                arena_printf(cx->arena, "/sell/order?county=%" PRId64 "&shop=%" PRId64,
                             sellers[i].county, sellers[i].shop_id)};
    v->shops = list;
    return RC_OK;
}

static enum rc show_shops(struct cx *cx, const struct request *q, struct response *a)
{
    struct sell_shops_view v = {0};
    TRY(shops_of(&v, cx));
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Orders"), .nav = "sell"});
    sell_shops_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

/* ---- the list ---- */

static const struct table_filter *state_filter(struct cx *cx, const struct shop *s,
                                               enum order_state state)
{
    struct table_filter *f = arena_new(cx->arena, 3 * sizeof *f);
    struct filter_choice *c = arena_new(cx->arena, (STATES + 1) * sizeof *c);
    c[0] = (struct filter_choice){"", _("all")};
    for (int i = 1; i <= STATES; i++)
        c[i] = (struct filter_choice){arena_printf(cx->arena, "%d", i),
                                      order_state_text(cx, (enum order_state)i)};
    f[0] = (struct table_filter){FILTER_CHOICE,
                                 "state",
                                 _("State"),
                                 state ? arena_printf(cx->arena, "%d", (int)state) : "",
                                 c,
                                 STATES + 1};
    f[1] = (struct table_filter){.kind = FILTER_HIDDEN,
                                 .name = "county",
                                 .value = arena_printf(cx->arena, "%" PRId64, s->county)};
    f[2] = (struct table_filter){.kind = FILTER_HIDDEN,
                                 .name = "shop",
                                 .value = arena_printf(cx->arena, "%" PRId64, s->id)};
    return f;
}

static void fill_row(struct table_cell *row, struct cx *cx, const struct order *x)
{
    row[0] = (struct table_cell){
        x->number,
        arena_printf(cx->arena, "/sell/order/%" PRId64 "/%" PRId64, x->county, x->id), NULL};
    row[1] =
        (struct table_cell){order_state_text(cx, x->state), NULL, sale_state_tone(x->state)};
    row[2].text = format_time(cx, x->placed_at);
    row[3].text = sale_money(cx, x->total_minor - x->adjust_minor);
    row[4].text = x->on_delivery && x->state < ORDER_DELIVERED ? _("cash on delivery") : "";
}

static const struct table *order_table(struct cx *cx, const struct shop *s,
                                       const struct order *list, size_t count,
                                       const struct order_find *f)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *c = arena_new(cx->arena, LIST_COLUMNS * sizeof *c);
    struct table_cell *cells = arena_new(cx->arena, (count + 1) * LIST_COLUMNS * sizeof *cells);
    bool more = count > SALE_LIST_ROWS;
    count = more ? SALE_LIST_ROWS : count;
    c[0] = (struct table_column){NULL, _("Order"), ALIGN_TEXT, false};
    c[1] = (struct table_column){NULL, _("State"), ALIGN_TEXT, false};
    c[2] = (struct table_column){NULL, _("Placed"), ALIGN_TEXT, true};
    c[3] = (struct table_column){NULL, _("Amount"), ALIGN_NUMBER, false};
    c[4] = (struct table_column){NULL, _("Payment"), ALIGN_TEXT, true};
    for (size_t i = 0; i < count; i++)
        fill_row(cells + i * LIST_COLUMNS, cx, &list[i]);
    *t = (struct table){
        .caption = _("Orders"),
        .base = "/sell/order",
        .query =
            f->state
                ? arena_printf(cx->arena, "county=%" PRId64 "&shop=%" PRId64 "&state=%d",
                               s->county, s->id, (int)f->state)
                : arena_printf(cx->arena, "county=%" PRId64 "&shop=%" PRId64, s->county, s->id),
        .columns = c,
        .column_count = LIST_COLUMNS,
        .cells = cells,
        .row_count = count,
        .filters = state_filter(cx, s, f->state),
        .filter_count = 3,
        .next_token = more ? arena_printf(cx->arena, "%" PRId64, list[count - 1].id) : NULL,
        .is_first_page = !f->from_id,
        .can_export = true,
        .empty_title = _("No orders here"),
        .empty_hint = _("New orders stand here as soon as somebody buys.")};
    return t;
}

static enum rc sell_list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct shop s;
    struct order *list;
    size_t count;
    struct order_find f = {.county = query_number(q, "county"),
                           .shop_id = query_number(q, "shop"),
                           .from_id = query_number(q, "after"),
                           .max = page_wants_file(q) ? 1000 : SALE_LIST_ROWS + 1};
    int64_t state = query_number(q, "state");
    f.state = state <= STATES ? (enum order_state)state : ORDER_NONE;
    TRY(db_read_begin(cx));
    if (!f.shop_id)
        return show_shops(cx, q, a);
    TRY(open_shop(&s, cx, f.county, f.shop_id));
    TRY(order_list(&list, &count, cx, &f));
    const struct table *t = order_table(cx, &s, list, count, &f);
    if (page_wants_file(q))
        return page_table_file(cx, q, a, t, "orders");
    struct sell_list_view v = {t, s.name};
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Orders"),
                                              .nav = "sell",
                                              .back_href = "/sell/order",
                                              .back_label = _("Shops")});
    sell_list_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

/* ---- one ---- */

static enum rc read_ids(int64_t *county, int64_t *id, struct cx *cx, const struct request *q)
{
    TRY(request_param_id(county, cx, q, "county"));
    return request_param_id(id, cx, q, "id");
}

static enum rc show_one(struct cx *cx, const struct request *q, struct response *a,
                        const char *error)
{
    struct order x;
    struct order_event_row *events;
    int64_t county, id;
    struct sell_view v = {.error = error};
    TRY(read_ids(&county, &id, cx, q));
    TRY(order_get(&x, cx, county, id));
    TRY(order_view_fill(&v.v, cx, &x));
    TRY(order_events(&events, &v.event_count, cx, county, id));
    const struct shipping_zone *z = profile_zone(cx->profile, str_of(x.buyer.zone));
    v.v.csrf = visitor_of(q)->csrf;
    v.zone = z ? LABEL(cx, z->label) : x.buyer.zone;
    v.way = x.on_delivery ? pay_provider_text(cx, PAY_COD) : _("paid before sending");
    v.events = events;
    v.base = arena_printf(cx->arena, "/sell/order/%" PRId64 "/%" PRId64, county, id);
    v.may_pack = order_next(x.state, EVENT_PACK) != 0;
    v.may_ship = order_next(x.state, EVENT_SHIP) != 0;
    v.may_deliver = order_next(x.state, EVENT_DELIVER) != 0;
    v.may_cancel = order_next(x.state, EVENT_CANCEL) != 0;
    struct out *o =
        page_begin(cx, q,
                   &(struct page){.title = arena_printf(cx->arena, _("Order %s"), x.number),
                                  .nav = "sell",
                                  .back_href = arena_printf(
                                      cx->arena, "/sell/order?county=%" PRId64 "&shop=%" PRId64,
                                      county, x.shop_id),
                                  .back_label = _("Orders")});
    sell_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc sell_one_get(struct cx *cx, const struct request *q, struct response *a)
{
    TRY(db_read_begin(cx));
    return show_one(cx, q, a, NULL);
}

static int32_t form_version(const struct request *q)
{
    int64_t version = sale_form_id(q, "version");
    return version > 0 && version < INT32_MAX ? (int32_t)version : -1;
}

/* After a move: the page again, or with what was wrong. */
static enum rc ended(struct cx *cx, const struct request *q, struct response *a, enum rc rc)
{
    const char *error = NULL;
    int64_t county, id;
    if (rc == RC_NOTFOUND)
        return rc;
    if (rc) {
        if (!sale_told(&error, cx, a, rc))
            return rc;
        TRY(db_read_begin(cx));
        return show_one(cx, q, a, error);
    }
    TRY(read_ids(&county, &id, cx, q));
    page_notice(cx, a, "saved");
    response_redirect(cx, a,
                      arena_printf(cx->arena, "/sell/order/%" PRId64 "/%" PRId64, county, id));
    return RC_OK;
}

/* Fields p0, p1 …: pieces, or kilograms as weighed. */
static enum rc pack(struct cx *cx, const struct request *q)
{
    struct order x;
    struct order_item *items;
    size_t count;
    int64_t county, id, packed[SALE_ITEMS_MAX];
    TRY(read_ids(&county, &id, cx, q));
    TRY(order_get(&x, cx, county, id));
    TRY(order_items(&items, &count, cx, county, id));
    for (size_t i = 0; i < count; i++)
        if (!sale_quantity_parse(&packed[i], items[i].unit,
                                 request_form(q, arena_printf(cx->arena, "p%zu", i))))
            return fail_f(cx, RC_INVALID,
                          _("%s: write the quantity as a number, for example 2 or 1.455."),
                          items[i].title);
    return order_pack(cx, county, id, form_version(q), packed, count);
}

static enum rc pack_post(struct cx *cx, const struct request *q, struct response *a)
{
    return ended(cx, q, a, pack(cx, q));
}

static enum rc ship_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct order_sent s = {.version = form_version(q),
                           .carrier = request_form(q, "carrier"),
                           .tracking = request_form(q, "tracking")};
    TRY(read_ids(&s.county, &s.id, cx, q));
    return ended(cx, q, a, order_ship(cx, &s));
}

static enum rc deliver_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t county, id;
    TRY(read_ids(&county, &id, cx, q));
    return ended(cx, q, a, order_deliver(cx, county, id, form_version(q), STR("")));
}

static enum rc sell_cancel_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t county, id;
    TRY(read_ids(&county, &id, cx, q));
    return ended(cx, q, a, order_cancel(cx, county, id, form_version(q), STR("")));
}

/* Who may is asked of the shop in question (shop_require): a seller, its station, its county.
 */
#define MOVE                                                                                   \
    .method = METHOD_POST, .scope = SCOPE_SIGNED_IN, .csrf = CSRF_TOKEN,                       \
    .body_max = SALE_FORM_BYTES
static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/sell/order",
     .scope = SCOPE_SIGNED_IN,
     .csrf = CSRF_NONE,
     .handle = sell_list_get},
    {.method = METHOD_GET,
     .path = "/sell/order/{county}/{id}",
     .scope = SCOPE_SIGNED_IN,
     .csrf = CSRF_NONE,
     .handle = sell_one_get,
     .test_path = "/sell/order/1/1"},
    {MOVE, .path = "/sell/order/{county}/{id}/pack", .handle = pack_post,
     .test_path = "/sell/order/1/1/pack"},
    {MOVE, .path = "/sell/order/{county}/{id}/ship", .handle = ship_post,
     .test_path = "/sell/order/1/1/ship"},
    {MOVE, .path = "/sell/order/{county}/{id}/deliver", .handle = deliver_post,
     .test_path = "/sell/order/1/1/deliver"},
    {MOVE, .path = "/sell/order/{county}/{id}/cancel", .handle = sell_cancel_post,
     .test_path = "/sell/order/1/1/cancel"},
};
const struct route_table sell_order_routes = ROUTE_TABLE(rows);
