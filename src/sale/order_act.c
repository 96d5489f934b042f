/* What shops, buyers and clocks do with an order: pack, send, hand over, cancel, expire. Each
 * is one write closure that reads the order first, by the version that was seen. */
#include "base/money.h"
#include "base/text.h"
#include "base/utf8.h"
#include "db/db.h"
#include "sale/order.sql.h"
#include "sale/sale_inner.h"

#include <assert.h>
#include <string.h>

enum { SENT_CHARS_MAX = 60, HOUR_S = 3600, OVER_SHARE = 10 };

struct act {
    int64_t county, id;
    int32_t version;
    struct str token; /* of the buyer; empty: the shop */
    enum order_who who;
    const int64_t *packed;
    size_t count;
    struct str carrier, tracking;
};

static enum rc no_order(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such order, or not for you to see."),
                "order=%" PRId64, id);
}

/* The shop's people, or whoever holds the purchase's link. Outside the closure: neither a
 * shop's people nor a token change what was decided by the version. */
static enum rc allow(struct act *a, struct cx *cx)
{
    struct order o;
    struct purchase p;
    if (!a->token.len) {
        a->who = WHO_SHOP;
        return order_get(&o, cx, a->county, a->id);
    }
    a->who = WHO_BUYER;
    TRY(purchase_by_token(&p, cx, a->token));
    for (size_t i = 0; i < p.order_count; i++)
        if (p.orders[i].id == a->id && p.county == a->county)
            return RC_OK;
    return no_order(cx, a->id);
}

static enum rc begin(struct order *o, struct cx *cx, const struct act *a)
{
    enum rc rc = order_row(o, cx, a->county, a->id);
    if (rc == RC_NOTFOUND)
        return no_order(cx, a->id);
    TRY(rc);
    if (a->version && o->version != a->version)
        return fail(cx, RC_CONFLICT,
                    _("Somebody else has just changed this order. Look at it again."),
                    "order=%" PRId64 " version", o->id);
    return RC_OK;
}

enum rc order_release(struct cx *cx, const struct order *o)
{
    struct order_item *items;
    size_t count;
    TRY(order_items(&items, &count, cx, o->county, o->id));
    for (size_t i = 0; i < count; i++)
        TRY(stock_release(cx, o->county, items[i].reservation_id));
    return RC_OK;
}

/* ---- packing ---- */

static enum rc check_packed(struct cx *cx, const struct order_item *it, int64_t quantity)
{
    int64_t most = it->quantity;
    if (it->unit == STOCK_GRAMS)
        most += it->quantity / OVER_SHARE;
    if (quantity < 0)
        return fail(cx, RC_INVALID, _("A weight or number cannot be below 0."), "packed");
    if (quantity > most)
        return fail_f(cx, RC_INVALID,
                      it->unit == STOCK_GRAMS
                          ? _("%s: this is more than a tenth above what was ordered.")
                          : _("%s: this is more than was ordered."),
                      it->title);
    return RC_OK;
}

/* What is taken out of the store and what it costs now; *off grows by what is not paid. */
static enum rc pack_item(int64_t *off, struct cx *cx, const struct order *o,
                         const struct order_item *it, int64_t quantity)
{
    int64_t amount, take, move_id;
    TRY(check_packed(cx, it, quantity));
    if (!sale_amount(&amount, it->unit, it->price_minor, quantity) ||
        !money_mul(&take, quantity, it->take))
        return fail(cx, RC_LIMIT, _("This is too much for one order. Please order less."),
                    "packed overflow");
    if (amount > it->amount_minor)
        amount = it->amount_minor; /* what was put in beyond it is a gift */
    TRY(db_ids(&move_id, cx, 1));
    TRY(stock_consume(cx, o->county, it->reservation_id, take, move_id));
    TRY(DB_RUN(cx, &ORDER_ITEM_PACKED, V_I(o->county), V_I(it->id), V_I(quantity),
               V_I(amount)));
    *off += it->amount_minor - amount;
    return RC_OK;
}

static enum rc pack_write(struct cx *cx, void *arg)
{
    const struct act *a = arg;
    struct order o;
    struct order_item *items;
    size_t count;
    int64_t off = 0, all = 0, refund_id;
    TRY(begin(&o, cx, a));
    TRY(order_items(&items, &count, cx, o.county, o.id));
    if (count != a->count)
        return fail(cx, RC_INVALID, _("Say for each thing how much was packed."), "packed");
    TRY(order_step(&o, cx, &(struct step){EVENT_PACK, a->who, ""}));
    for (size_t i = 0; i < count; i++) {
        TRY(pack_item(&off, cx, &o, &items[i], a->packed[i]));
        all += a->packed[i] > 0;
    }
    if (!all || off >= o.items_minor)
        return fail(cx, RC_INVALID,
                    _("Nothing was packed. When there is nothing to send, cancel the order."),
                    "packed nothing");
    if (!off)
        return RC_OK;
    TRY(DB_RUN(cx, &ORDER_ADJUST, V_I(o.county), V_I(o.id), V_I(off)));
    if (o.on_delivery)
        return RC_OK;
    return refund_add(&refund_id, cx, &(struct refund_ask){o.county, o.id, off, "weight"});
}

enum rc order_pack(struct cx *cx, int64_t county, int64_t id, int32_t version,
                   const int64_t *packed, size_t count)
{
    struct act a = {
        .county = county, .id = id, .version = version, .packed = packed, .count = count};
    TRY(allow(&a, cx));
    return db_write(cx, county, pack_write, &a);
}

/* ---- sending ---- */

static enum rc clean_sent(struct str *s, struct cx *cx)
{
    *s = str_trim(*s);
    bool good = utf8_bad_at(*s) == s->len && utf8_length(*s) <= SENT_CHARS_MAX;
    for (size_t i = 0; good && i < s->len; i++)
        good = (unsigned char)s->p[i] >= ' ';
    if (!good)
        return fail_f(cx, RC_INVALID, _("Carrier and number: at most %d characters each."),
                      SENT_CHARS_MAX);
    *s = utf8_normal(cx, *s, true);
    return RC_OK;
}

static enum rc ship_write(struct cx *cx, void *arg)
{
    const struct act *a = arg;
    struct order o;
    TRY(begin(&o, cx, a));
    TRY(order_step(&o, cx, &(struct step){EVENT_SHIP, a->who, ""}));
    return DB_RUN(cx, &ORDER_SENT, V_I(o.county), V_I(o.id), V_S(a->carrier), V_S(a->tracking));
}

enum rc order_ship(struct cx *cx, const struct order_sent *s)
{
    struct act a = {.county = s->county,
                    .id = s->id,
                    .version = s->version,
                    .carrier = s->carrier,
                    .tracking = s->tracking};
    TRY(allow(&a, cx));
    TRY(clean_sent(&a.carrier, cx));
    TRY(clean_sent(&a.tracking, cx));
    return db_write(cx, s->county, ship_write, &a);
}

/* ---- handing over ---- */

static enum rc deliver_write(struct cx *cx, void *arg)
{
    const struct act *a = arg;
    struct order o;
    struct order_item *items;
    size_t count;
    int32_t hours = 0;
    TRY(begin(&o, cx, a));
    if (o.on_delivery && a->who == WHO_BUYER)
        return fail(cx, RC_CONFLICT,
                    _("This order is paid when it is handed over: the shop says so."),
                    "deliver by buyer");
    TRY(order_items(&items, &count, cx, o.county, o.id));
    for (size_t i = 0; i < count; i++)
        hours = items[i].claim_hours > hours ? items[i].claim_hours : hours;
    TRY(order_step(&o, cx, &(struct step){EVENT_DELIVER, a->who, ""}));
    TRY(DB_RUN(cx, &ORDER_CLAIM_UNTIL, V_I(o.county), V_I(o.id),
               V_I(cx->now_at + (int64_t)hours * HOUR_S)));
    return o.on_delivery ? payment_cash(cx, &o) : RC_OK;
}

enum rc order_deliver(struct cx *cx, int64_t county, int64_t id, int32_t version,
                      struct str token)
{
    struct act a = {.county = county, .id = id, .version = version, .token = token};
    TRY(allow(&a, cx));
    return db_write(cx, county, deliver_write, &a);
}

/* ---- cancelling, expiring ---- */

static enum rc cancel_write(struct cx *cx, void *arg)
{
    const struct act *a = arg;
    struct order o;
    int64_t refund_id;
    TRY(begin(&o, cx, a));
    int64_t back = o.paid_minor - o.refunded_minor;
    TRY(order_step(&o, cx, &(struct step){EVENT_CANCEL, a->who, ""}));
    TRY(order_release(cx, &o));
    TRY(deadline_clear(cx, o.county, "sale.expire", o.id));
    if (!back)
        return RC_OK;
    return refund_add(&refund_id, cx, &(struct refund_ask){o.county, o.id, back, "cancelled"});
}

enum rc order_cancel(struct cx *cx, int64_t county, int64_t id, int32_t version,
                     struct str token)
{
    struct act a = {.county = county, .id = id, .version = version, .token = token};
    TRY(allow(&a, cx));
    return db_write(cx, county, cancel_write, &a);
}

enum rc order_expire(struct order *o, struct cx *cx)
{
    struct order_item *items;
    size_t count;
    TRY(order_step(o, cx, &(struct step){EVENT_EXPIRE, WHO_SYSTEM, ""}));
    TRY(deadline_clear(cx, o->county, "sale.expire", o->id));
    TRY(order_items(&items, &count, cx, o->county, o->id));
    for (size_t i = 0; i < count; i++)
        TRY(stock_expire(cx, o->county, items[i].reservation_id));
    return order_release(cx, o); /* by the order's clock its time is over in any case */
}

/* An order that was paid or ended meanwhile has nothing to expire. */
static enum rc expire_fire(struct cx *cx, const struct deadline *d)
{
    struct order o;
    TRY(order_row(&o, cx, d->county, d->subject_id));
    if (o.state != ORDER_PLACED)
        return RC_OK;
    return order_expire(&o, cx);
}

const struct deadline_kind sale_deadline_kinds[] = {{"sale.expire", expire_fire}};
const size_t sale_deadline_kind_count = 1;
