/* Reading purchases, orders, their items and what happened to them. */
#include "base/text.h"
#include "db/db.h"
#include "sale/order.sql.h"
#include "sale/sale_inner.h"

#include <string.h>

enum { ORDERS_MAX = SALE_ITEMS_MAX, LIST_MAX = 1000, EVENTS_SHOWN = 200 };

/* The statements that give orders have the same columns. */
static struct order row_order(struct cx *cx, const struct db_rows *r)
{
    return (struct order){
        .county = row_i64(r, ORDER_ONE_COUNTY),
        .id = row_i64(r, ORDER_ONE_ID),
        .purchase_id = row_i64(r, ORDER_ONE_PURCHASE_ID),
        .shop_id = row_i64(r, ORDER_ONE_SHOP_ID),
        .number = arena_copy(cx->arena, row_str(r, ORDER_ONE_NUMBER)),
        .token = "",
        .state = (enum order_state)row_i64(r, ORDER_ONE_STATE),
        .on_delivery = row_i64(r, ORDER_ONE_ON_DELIVERY) != 0,
        .items_minor = row_i64(r, ORDER_ONE_ITEMS_MINOR),
        .shipping_minor = row_i64(r, ORDER_ONE_SHIPPING_MINOR),
        .discount_minor = row_i64(r, ORDER_ONE_DISCOUNT_MINOR),
        .total_minor = row_i64(r, ORDER_ONE_TOTAL_MINOR),
        .adjust_minor = row_i64(r, ORDER_ONE_ADJUST_MINOR),
        .paid_minor = row_i64(r, ORDER_ONE_PAID_MINOR),
        .refunded_minor = row_i64(r, ORDER_ONE_REFUNDED_MINOR),
        .placed_at = row_i64(r, ORDER_ONE_PLACED_AT),
        .expires_at = row_i64(r, ORDER_ONE_EXPIRES_AT),
        .paid_at = row_i64(r, ORDER_ONE_PAID_AT),
        .packed_at = row_i64(r, ORDER_ONE_PACKED_AT),
        .shipped_at = row_i64(r, ORDER_ONE_SHIPPED_AT),
        .delivered_at = row_i64(r, ORDER_ONE_DELIVERED_AT),
        .settled_at = row_i64(r, ORDER_ONE_SETTLED_AT),
        .claim_until = row_i64(r, ORDER_ONE_CLAIM_UNTIL),
        .carrier = arena_copy(cx->arena, row_str(r, ORDER_ONE_CARRIER)),
        .tracking = arena_copy(cx->arena, row_str(r, ORDER_ONE_TRACKING)),
        .version = (int32_t)row_i64(r, ORDER_ONE_VERSION),
        .buyer = buyer_none(),
    };
}

enum rc order_row(struct order *out, struct cx *cx, int64_t county, int64_t id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &ORDER_ONE, V_I(county), V_I(id)));
    *out = row_order(cx, &rows);
    return db_done(&rows);
}

int64_t order_due(const struct order *o)
{
    int64_t due = o->total_minor - o->adjust_minor - o->paid_minor;
    return due > 0 ? due : 0;
}

enum rc order_of_purchase(struct order **out, size_t *count, struct cx *cx, int64_t county,
                          int64_t purchase_id)
{
    struct db_rows rows;
    size_t n = 0;
    struct order *list = arena_new(cx->arena, ORDERS_MAX * sizeof *list);
    TRY(DB_SELECT(&rows, cx, &ORDER_OF_PURCHASE_ROWS, V_I(county), V_I(purchase_id)));
    while (n < ORDERS_MAX && db_next(&rows))
        list[n++] = row_order(cx, &rows);
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc order_list(struct order **out, size_t *count, struct cx *cx, const struct order_find *f)
{
    struct db_rows rows;
    size_t n = 0, max = f->max < LIST_MAX ? f->max : LIST_MAX;
    int64_t from = f->from_id ? f->from_id : INT64_MAX;
    struct order *list = arena_new(cx->arena, (max + 1) * sizeof *list);
    if (f->state)
        TRY(DB_SELECT(&rows, cx, &ORDER_OF_SHOP_IN, V_I(f->county), V_I(f->shop_id), V_I(from),
                      V_I(max), V_I(f->state)));
    else
        TRY(DB_SELECT(&rows, cx, &ORDER_OF_SHOP, V_I(f->county), V_I(f->shop_id), V_I(from),
                      V_I(max)));
    while (n < max && db_next(&rows))
        list[n++] = row_order(cx, &rows);
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

/* Both statements that give a purchase have these columns. */
static enum rc read_purchase(struct purchase *out, struct cx *cx, struct db_rows *r)
{
    struct purchase p = {
        .county = row_i64(r, PURCHASE_ONE_COUNTY),
        .id = row_i64(r, PURCHASE_ONE_ID),
        .provider = (int)row_i64(r, PURCHASE_ONE_PROVIDER),
        .zone = arena_copy(cx->arena, row_str(r, PURCHASE_ONE_ZONE)),
        .currency = arena_copy(cx->arena, row_str(r, PURCHASE_ONE_CURRENCY)),
        .total_minor = row_i64(r, PURCHASE_ONE_TOTAL_MINOR),
        .placed_at = row_i64(r, PURCHASE_ONE_PLACED_AT),
    };
    struct str sealed = row_copy(r, PURCHASE_ONE_BUYER);
    TRY(db_done(r));
    TRY(buyer_open(&p.buyer, cx, sealed, p.zone, p.id));
    *out = p;
    return RC_OK;
}

enum rc purchase_by_token(struct purchase *out, struct cx *cx, struct str token)
{
    struct db_rows rows;
    uint8_t hash[HASH_BYTES];
    struct purchase p;
    if (!token.len || token.len > SALE_TOKEN_MAX)
        return fail(cx, RC_NOTFOUND, _("There is no such order. Look at the link again."),
                    "order token");
    sale_token_hash(hash, cx, "order", token);
    enum rc rc = DB_ONE(&rows, cx, &PURCHASE_OF_TOKEN, V_B(hash, sizeof hash));
    if (rc == RC_NOTFOUND)
        return fail(cx, RC_NOTFOUND, _("There is no such order. Look at the link again."),
                    "order token");
    TRY(rc);
    TRY(read_purchase(&p, cx, &rows));
    TRY(order_of_purchase(&p.orders, &p.order_count, cx, p.county, p.id));
    *out = p;
    return RC_OK;
}

static enum rc no_order(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such order, or not for you to see."),
                "order=%" PRId64, id);
}

enum rc order_get(struct order *out, struct cx *cx, int64_t county, int64_t id)
{
    struct db_rows rows;
    struct order o;
    struct shop shop;
    struct purchase p;
    enum rc rc = order_row(&o, cx, county, id);
    if (rc == RC_NOTFOUND)
        return no_order(cx, id);
    TRY(rc);
    if (cx->actor) {
        rc = shop_get(&shop, cx, county, o.shop_id);
        if (!rc)
            rc = shop_require(cx, &shop);
        if (rc == RC_NOTFOUND || rc == RC_DENIED) {
            err_clear(cx);
            return no_order(cx, id);
        }
        TRY(rc);
    }
    TRY(DB_ONE(&rows, cx, &PURCHASE_ONE, V_I(county), V_I(o.purchase_id)));
    TRY(read_purchase(&p, cx, &rows));
    o.buyer = p.buyer;
    *out = o;
    return RC_OK;
}

enum rc order_items(struct order_item **out, size_t *count, struct cx *cx, int64_t county,
                    int64_t order_id)
{
    struct db_rows rows;
    size_t n = 0;
    struct order_item *list = arena_new(cx->arena, SALE_ITEMS_MAX * sizeof *list);
    TRY(DB_SELECT(&rows, cx, &ORDER_ITEMS_ROWS, V_I(county), V_I(order_id)));
    while (n < SALE_ITEMS_MAX && db_next(&rows))
        list[n++] = (struct order_item){
            .county = county,
            .id = row_i64(&rows, ORDER_ITEMS_ROWS_ID),
            .order_id = order_id,
            .product_id = row_i64(&rows, ORDER_ITEMS_ROWS_PRODUCT_ID),
            .variant_id = row_i64(&rows, ORDER_ITEMS_ROWS_VARIANT_ID),
            .lot_id = row_i64(&rows, ORDER_ITEMS_ROWS_LOT_ID),
            .reservation_id = row_i64(&rows, ORDER_ITEMS_ROWS_RESERVATION_ID),
            .title = arena_copy(cx->arena, row_str(&rows, ORDER_ITEMS_ROWS_TITLE)),
            .unit = (enum stock_unit)row_i64(&rows, ORDER_ITEMS_ROWS_UNIT),
            .quantity = row_i64(&rows, ORDER_ITEMS_ROWS_QUANTITY),
            .price_minor = row_i64(&rows, ORDER_ITEMS_ROWS_PRICE_MINOR),
            .amount_minor = row_i64(&rows, ORDER_ITEMS_ROWS_AMOUNT_MINOR),
            .take = row_i64(&rows, ORDER_ITEMS_ROWS_TAKE),
            .cost_minor = row_i64(&rows, ORDER_ITEMS_ROWS_COST_MINOR),
            .claim_hours = (int32_t)row_i64(&rows, ORDER_ITEMS_ROWS_CLAIM_HOURS),
            .packed_quantity = row_i64(&rows, ORDER_ITEMS_ROWS_PACKED_QUANTITY),
            .packed_amount_minor = row_i64(&rows, ORDER_ITEMS_ROWS_PACKED_AMOUNT_MINOR),
            .refunded_minor = row_i64(&rows, ORDER_ITEMS_ROWS_REFUNDED_MINOR),
        };
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc order_events(struct order_event_row **out, size_t *count, struct cx *cx, int64_t county,
                     int64_t order_id)
{
    struct db_rows rows;
    size_t n = 0;
    struct order_event_row *list = arena_new(cx->arena, EVENTS_SHOWN * sizeof *list);
    TRY(DB_SELECT(&rows, cx, &ORDER_EVENT_ROWS, V_I(county), V_I(order_id)));
    while (n < EVENTS_SHOWN && db_next(&rows))
        list[n++] = (struct order_event_row){
            .event = (enum order_event)row_i64(&rows, ORDER_EVENT_ROWS_EVENT),
            .from = (enum order_state)row_i64(&rows, ORDER_EVENT_ROWS_FROM_STATE),
            .to = (enum order_state)row_i64(&rows, ORDER_EVENT_ROWS_TO_STATE),
            .who = (enum order_who)row_i64(&rows, ORDER_EVENT_ROWS_WHO),
            .user_id = row_i64(&rows, ORDER_EVENT_ROWS_USER_ID),
            .note = arena_copy(cx->arena, row_str(&rows, ORDER_EVENT_ROWS_NOTE)),
            .at = row_i64(&rows, ORDER_EVENT_ROWS_AT)};
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}
