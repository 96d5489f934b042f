/* The states of an order as a table, who may move it, and moving it. */
#include "base/text.h"
#include "db/db.h"
#include "people/actor.h"
#include "sale/order.sql.h"
#include "sale/sale_inner.h"

#include <string.h>

enum { STATES = 9, EVENTS = 9 };

static const unsigned char next_state[STATES][EVENTS] = {
    [ORDER_PLACED] = {[EVENT_PAY] = ORDER_PAID,
                      [EVENT_EXPIRE] = ORDER_EXPIRED,
                      [EVENT_CANCEL] = ORDER_CANCELLED},
    [ORDER_PAID] = {[EVENT_CANCEL] = ORDER_CANCELLED,
                    [EVENT_PACK] = ORDER_PACKED,
                    [EVENT_PAY_LATE] = ORDER_PAID},
    [ORDER_PACKED] = {[EVENT_SHIP] = ORDER_SHIPPED,
                      [EVENT_DELIVER] = ORDER_DELIVERED, /* fetched at the station */
                      [EVENT_PAY_LATE] = ORDER_PACKED},
    [ORDER_SHIPPED] = {[EVENT_DELIVER] = ORDER_DELIVERED, [EVENT_PAY_LATE] = ORDER_SHIPPED},
    [ORDER_DELIVERED] = {[EVENT_SETTLE] = ORDER_SETTLED, [EVENT_PAY_LATE] = ORDER_DELIVERED},
    [ORDER_SETTLED] = {[EVENT_PAY_LATE] = ORDER_SETTLED},
    [ORDER_CANCELLED] = {[EVENT_PAY_LATE] = ORDER_CANCELLED},
    [ORDER_EXPIRED] = {[EVENT_PAY_LATE] = ORDER_EXPIRED},
};

enum order_state order_next(enum order_state from, enum order_event event)
{
    unsigned f = (unsigned)from, e = (unsigned)event;
    return f < STATES && e < EVENTS ? (enum order_state)next_state[f][e] : ORDER_NONE;
}

bool order_event_by(enum order_event event, enum order_who who)
{
    static const unsigned char allowed[EVENTS] = {
        [EVENT_PAY] = 1 << WHO_PROVIDER | 1 << WHO_SYSTEM,
        [EVENT_EXPIRE] = 1 << WHO_SYSTEM,
        [EVENT_CANCEL] = 1 << WHO_BUYER | 1 << WHO_SHOP | 1 << WHO_SYSTEM,
        [EVENT_PACK] = 1 << WHO_SHOP,
        [EVENT_SHIP] = 1 << WHO_SHOP,
        [EVENT_DELIVER] = 1 << WHO_SHOP | 1 << WHO_BUYER | 1 << WHO_SYSTEM,
        [EVENT_SETTLE] = 1 << WHO_SYSTEM,
        [EVENT_PAY_LATE] = 1 << WHO_PROVIDER | 1 << WHO_SYSTEM,
    };
    unsigned e = (unsigned)event, w = (unsigned)who;
    return e < EVENTS && w >= 1 && w <= 4 && (allowed[e] >> w & 1);
}

const char *order_state_text(struct cx *cx, enum order_state s)
{
    switch (s) {
    case ORDER_NONE:
        break;
    case ORDER_PLACED:
        return _("waits for payment");
    case ORDER_PAID:
        return _("to be packed");
    case ORDER_PACKED:
        return _("packed");
    case ORDER_SHIPPED:
        return _("on the way");
    case ORDER_DELIVERED:
        return _("delivered");
    case ORDER_SETTLED:
        return _("settled");
    case ORDER_CANCELLED:
        return _("cancelled");
    case ORDER_EXPIRED:
        return _("not paid in time");
    }
    return "";
}

enum rc order_event_add(struct cx *cx, const struct order *from, enum order_state to,
                        const struct step *s)
{
    int64_t id, user_id = s->who == WHO_SHOP && cx->actor ? cx->actor->user_id : 0;
    TRY(db_ids(&id, cx, 1));
    return DB_RUN(cx, &ORDER_EVENT_INSERT, V_I(from->county), V_I(id), V_I(from->id),
                  V_I(s->event), V_I(from->state), V_I(to), V_I(s->who), V_I(user_id),
                  V_T(s->note ? s->note : ""), V_I(cx->now_at));
}

/* Which moment the event sets; 0 none. */
static int64_t *moment_of(struct order *o, enum order_event event)
{
    switch (event) {
    case EVENT_PAY:
        return &o->paid_at;
    case EVENT_PACK:
        return &o->packed_at;
    case EVENT_SHIP:
        return &o->shipped_at;
    case EVENT_DELIVER:
        return &o->delivered_at;
    case EVENT_SETTLE:
        return &o->settled_at;
    case EVENT_PLACED:
    case EVENT_EXPIRE:
    case EVENT_CANCEL:
    case EVENT_PAY_LATE:
        break;
    }
    return NULL;
}

enum rc order_step(struct order *o, struct cx *cx, const struct step *s)
{
    enum order_state to = order_next(o->state, s->event);
    int64_t changed, *moment;
    if (!to || !order_event_by(s->event, s->who))
        return fail_f(cx, RC_CONFLICT, _("This is not possible any more: the order is “%s”."),
                      order_state_text(cx, o->state));
    struct order n = *o;
    moment = moment_of(&n, s->event);
    if (moment)
        *moment = cx->now_at;
    TRY(DB_RUN_COUNT(&changed, cx, &ORDER_STEP, V_I(o->county), V_I(o->id), V_I(o->version),
                     V_I(o->state), V_I(to), V_I(n.paid_at), V_I(n.packed_at),
                     V_I(n.shipped_at), V_I(n.delivered_at), V_I(n.settled_at)));
    if (!changed)
        return fail(cx, RC_CONFLICT,
                    _("Somebody else has just changed this order. Look at it again."),
                    "order=%" PRId64 " version", o->id);
    TRY(order_event_add(cx, o, to, s));
    *o = n;
    o->state = to;
    o->version++;
    return RC_OK;
}

enum rc order_move(struct cx *cx, const struct order_step *s)
{
    struct order o;
    TRY(order_row(&o, cx, s->county, s->id));
    if (s->version && s->version != o.version)
        return fail(cx, RC_CONFLICT,
                    _("Somebody else has just changed this order. Look at it again."),
                    "order=%" PRId64 " version", o.id);
    return order_step(&o, cx, &(struct step){s->event, s->who, s->note});
}
