/* What the pages of baskets, checkout and orders share. */
#include "base/format.h"
#include "people/actor.h"
#include "profile/profile.h"
#include "sale/sale_view.h"

#include <string.h>

enum { KG_DECIMALS = 3, PER_KG = 1000 };

const char basket_cookie[] = "fumin_basket";

const char *sale_money(struct cx *cx, int64_t minor)
{
    return arena_printf(cx->arena, "%s %s", cx->profile->currency_sign,
                        format_money(cx, minor, cx->profile->currency_decimals));
}

const char *sale_quantity_value(struct cx *cx, enum stock_unit unit, int64_t quantity)
{
    if (unit != STOCK_GRAMS)
        return arena_printf(cx->arena, "%" PRId64, quantity);
    const char *z =
        arena_printf(cx->arena, "%" PRId64 ".%03" PRId64, quantity / PER_KG, quantity % PER_KG);
    size_t len = strlen(z);
    while (len && z[len - 1] == '0')
        len--;
    if (len && z[len - 1] == '.')
        len--;
    return arena_copy(cx->arena, (struct str){z, len});
}

const char *sale_quantity(struct cx *cx, enum stock_unit unit, int64_t quantity)
{
    const char *z = sale_quantity_value(cx, unit, quantity);
    return unit == STOCK_GRAMS ? arena_printf(cx->arena, "%s kg", z) : z;
}

const char *sale_price(struct cx *cx, enum stock_unit unit, int64_t price_minor)
{
    const char *money = sale_money(cx, price_minor);
    return unit == STOCK_GRAMS ? arena_printf(cx->arena, "%s / kg", money) : money;
}

bool sale_quantity_parse(int64_t *out, enum stock_unit unit, struct str typed)
{
    struct str s = str_trim(typed);
    return unit == STOCK_GRAMS ? str_to_scaled(out, s, KG_DECIMALS) : str_to_i64(out, s);
}

const char *sale_state_tone(enum order_state s)
{
    switch (s) {
    case ORDER_PLACED:
    case ORDER_PAID:
        return "warn";
    case ORDER_PACKED:
    case ORDER_SHIPPED:
    case ORDER_DELIVERED:
    case ORDER_SETTLED:
        return "good";
    case ORDER_NONE:
    case ORDER_CANCELLED:
    case ORDER_EXPIRED:
        break;
    }
    return "muted";
}

const char *sale_form_text(struct cx *cx, const struct request *q, const char *name)
{
    return arena_copy(cx->arena, request_form(q, name));
}

int64_t sale_form_id(const struct request *q, const char *name)
{
    int64_t id;
    return str_to_i64(&id, request_form(q, name)) && id > 0 ? id : 0;
}

bool sale_told(const char **error, struct cx *cx, struct response *a, enum rc rc)
{
    if (rc == RC_OK || rc == RC_IO || rc == RC_DB || !cx->err.text[0])
        return false;
    *error = arena_copy(cx->arena, str_of(cx->err.text));
    a->status = sale_key_was_used(cx) ? 422 : http_status_of(rc);
    err_clear(cx);
    return true;
}

const struct actor *sale_public(struct cx *cx)
{
    const struct actor *self = cx->actor;
    cx->actor = NULL;
    return self;
}

const char *order_who_text(struct cx *cx, enum order_who who)
{
    switch (who) {
    case WHO_BUYER:
        return _("the buyer");
    case WHO_SHOP:
        return _("the shop");
    case WHO_SYSTEM:
        return _("by itself");
    case WHO_PROVIDER:
        return _("the payment provider");
    }
    return "";
}

const char *order_event_text(struct cx *cx, enum order_event event)
{
    switch (event) {
    case EVENT_PAY:
        return _("Paid, or to be paid on delivery");
    case EVENT_EXPIRE:
        return _("Not paid in time");
    case EVENT_CANCEL:
        return _("Cancelled");
    case EVENT_PACK:
        return _("Packed");
    case EVENT_SHIP:
        return _("Sent");
    case EVENT_DELIVER:
        return _("Handed over");
    case EVENT_SETTLE:
        return _("Settled");
    case EVENT_PAY_LATE:
        return _("Paid too late or twice: goes back");
    case EVENT_PLACED:
        break;
    }
    return _("Ordered");
}

const char *refund_text(struct cx *cx, const struct refund *r)
{
    switch (r->state) {
    case REFUND_NEW:
    case REFUND_ASKED:
        return _("on its way back");
    case REFUND_DONE:
        return _("gone back");
    case REFUND_FAILED:
        return _("did not go through; the shop looks after it");
    }
    return "";
}

enum rc order_view_fill(struct order_view *v, struct cx *cx, const struct order *o)
{
    struct shop shop;
    struct order_item *items;
    struct refund *refunds;
    TRY(order_items(&items, &v->item_count, cx, o->county, o->id));
    TRY(refund_list(&refunds, &v->refund_count, cx, o->county, o->id));
    v->order = o;
    v->items = items;
    v->refunds = refunds;
    v->shop_name = "";
    /* A shop that was closed since still has its orders. */
    const struct actor *self = sale_public(cx);
    enum rc rc = shop_get(&shop, cx, o->county, o->shop_id);
    cx->actor = self;
    if (rc == RC_NOTFOUND)
        err_clear(cx);
    else if (rc)
        return rc;
    else
        v->shop_name = shop.name;
    v->state = order_state_text(cx, o->state);
    v->tone = sale_state_tone(o->state);
    v->may_cancel = order_next(o->state, EVENT_CANCEL) != 0;
    v->may_receive = order_next(o->state, EVENT_DELIVER) != 0 && !o->on_delivery;
    return RC_OK;
}
