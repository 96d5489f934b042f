/* Reservations: taken by one conditional statement each, ended once. See stock.h. */
#include "stock/stock_inner.h"

#include "base/fault.h"
#include "base/text.h"
#include "people/actor.h"
#include "stock/stock.sql.h"

#include <assert.h>
#include <stdlib.h>

/* ---- taking ---- */

struct place_of {
    int64_t item_id;
    size_t at; /* in the caller's list */
};

static int by_item(const void *a, const void *b)
{
    const struct place_of *x = a, *y = b;
    if (x->item_id != y->item_id)
        return x->item_id < y->item_id ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

static enum rc too_short(int64_t *left, struct cx *cx, int64_t county,
                         const struct stock_take *t)
{
    struct stock_item item;
    struct lot lot = {.state = LOT_CLOSED};
    enum rc rc = stock_item_get(&item, cx, county, t->item_id);
    if (rc == RC_NOTFOUND)
        item = (struct stock_item){0};
    else
        TRY(rc);
    if (item.lot_id)
        TRY(lot_get(&lot, cx, county, item.lot_id));
    bool any = lot.state == LOT_CLOSED && item.on_hand > item.reserved;
    *left = any ? item.on_hand - item.reserved : 0;
    return fail(cx, RC_CONFLICT, _("There is not so much of it any more."),
                "item=%" PRId64 " asked=%" PRId64 " left=%" PRId64, t->item_id, t->quantity,
                *left);
}

static enum rc reserve_one(int64_t *left, struct cx *cx, int64_t county, int64_t id,
                           const struct stock_take *t, int64_t expires_at)
{
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &STOCK_ITEM_RESERVE, V_I(county), V_I(t->item_id),
                     V_I(t->quantity)));
    if (!changed)
        return too_short(left, cx, county, t);
    return DB_RUN(cx, &RESERVATION_INSERT, V_I(county), V_I(id), V_I(t->item_id),
                  V_I(t->owner_id), V_I(t->quantity), V_I(expires_at));
}

/* NOLINTNEXTLINE(readability-function-size): three results, and all of one taking */
enum rc stock_reserve(int64_t *ids, size_t *short_at, int64_t *left, struct cx *cx,
                      int64_t county, const struct stock_take *t, size_t count,
                      int64_t expires_at)
{
    struct place_of places[STOCK_TAKE_MAX];
    int64_t first;
    *short_at = count;
    *left = 0;
    if (!count || count > STOCK_TAKE_MAX)
        return fail(cx, RC_LIMIT, _("An order has 1 to 200 items."), "takes=%zu", count);
    for (size_t i = 0; i < count; i++) {
        places[i] = (struct place_of){t[i].item_id, i};
        if (t[i].quantity <= 0 || t[i].quantity > STOCK_QUANTITY_MAX)
            return fail(cx, RC_INVALID, _("Give an amount above 0 that can be real."),
                        "take quantity");
    }
    /* Always in the same order, so that no two orders wait for each other. */
    qsort(places, count, sizeof *places, by_item);
    TRY(db_ids(&first, cx, (int64_t)count));
    for (size_t i = 0; i < count; i++) {
        size_t at = places[i].at;
        ids[at] = first + (int64_t)at;
        *short_at = at;
        TRY(reserve_one(left, cx, county, ids[at], &t[at], expires_at));
        if (fault_hit("stock.reserved"))
            return fail(cx, RC_IO, _("The order could not be written."), "stock.reserved");
    }
    *short_at = count;
    return RC_OK;
}

/* ---- reading ---- */

static enum rc read_one(struct reservation *out, int64_t *move_id, struct cx *cx,
                        int64_t county, int64_t id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &RESERVATION_GET, V_I(county), V_I(id)));
    *out = (struct reservation){
        .county = county,
        .id = id,
        .item_id = row_i64(&rows, RESERVATION_GET_ITEM_ID),
        .owner_id = row_i64(&rows, RESERVATION_GET_OWNER_ID),
        .quantity = row_i64(&rows, RESERVATION_GET_QUANTITY),
        .consumed = row_i64(&rows, RESERVATION_GET_CONSUMED),
        .state = (enum reservation_state)row_i64(&rows, RESERVATION_GET_STATE),
        .expires_at = row_i64(&rows, RESERVATION_GET_EXPIRES_AT),
        .ended_at = row_i64(&rows, RESERVATION_GET_ENDED_AT)};
    *move_id = row_i64(&rows, RESERVATION_GET_MOVE_ID);
    return db_done(&rows);
}

enum rc stock_reservation_get(struct reservation *out, struct cx *cx, int64_t county,
                              int64_t id)
{
    int64_t move_id;
    return read_one(out, &move_id, cx, county, id);
}

static enum rc find(struct reservation *out, int64_t *move_id, struct cx *cx, int64_t county,
                    int64_t id)
{
    enum rc rc = read_one(out, move_id, cx, county, id);
    if (rc != RC_NOTFOUND)
        return rc;
    return fail(cx, RC_NOTFOUND, _("There is no such reservation."), "reservation=%" PRId64,
                id);
}

/* ---- ending ---- */

static enum rc changed_meanwhile(struct cx *cx, const struct reservation *r)
{
    return fail(cx, RC_CONFLICT, _("This reservation has ended; the goods may be sold."),
                "reservation=%" PRId64 " state=%d", r->id, (int)r->state);
}

static enum rc not_written(struct cx *cx, const char *point)
{
    return fail(cx, RC_IO, _("The order could not be written."), "%s", point);
}

static enum rc give_back(struct cx *cx, const struct reservation *r,
                         enum reservation_state state)
{
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &RESERVATION_END, V_I(r->county), V_I(r->id), V_I(state),
                     V_I(0), V_I(0), V_I(cx->now_at)));
    if (!changed)
        return changed_meanwhile(cx, r);
    if (fault_hit("stock.ended"))
        return not_written(cx, "stock.ended");
    TRY(DB_RUN_COUNT(&changed, cx, &STOCK_ITEM_GIVE_BACK, V_I(r->county), V_I(r->item_id),
                     V_I(r->quantity)));
    return changed ? RC_OK : changed_meanwhile(cx, r);
}

static bool is_over(const struct cx *cx, const struct reservation *r)
{
    return r->expires_at && cx->now_at >= r->expires_at;
}

enum rc stock_keep(bool *kept, struct cx *cx, int64_t county, int64_t reservation_id)
{
    struct reservation r;
    int64_t move_id;
    *kept = false;
    TRY(find(&r, &move_id, cx, county, reservation_id));
    if (r.state != RESERVATION_HELD)
        return RC_OK;
    if (is_over(cx, &r))
        return give_back(cx, &r, RESERVATION_EXPIRED);
    *kept = true;
    return r.expires_at ? DB_RUN(cx, &RESERVATION_KEEP, V_I(county), V_I(reservation_id))
                        : RC_OK;
}

enum rc stock_expire(struct cx *cx, int64_t county, int64_t reservation_id)
{
    struct reservation r;
    int64_t move_id;
    TRY(find(&r, &move_id, cx, county, reservation_id));
    if (r.state != RESERVATION_HELD || !is_over(cx, &r))
        return RC_OK;
    return give_back(cx, &r, RESERVATION_EXPIRED);
}

enum rc stock_release(struct cx *cx, int64_t county, int64_t reservation_id)
{
    struct reservation r;
    int64_t move_id;
    TRY(find(&r, &move_id, cx, county, reservation_id));
    if (r.state == RESERVATION_RELEASED || r.state == RESERVATION_EXPIRED)
        return RC_OK;
    return r.state == RESERVATION_HELD ? give_back(cx, &r, RESERVATION_RELEASED)
                                       : changed_meanwhile(cx, &r);
}

/* What is made when it is ordered comes in as it leaves. */
static enum rc make_it(struct cx *cx, const struct reservation *r, int64_t quantity)
{
    struct stock_item item;
    int64_t id;
    TRY(stock_item_get(&item, cx, r->county, r->item_id));
    if (!item.on_demand || item.on_hand >= quantity)
        return RC_OK;
    TRY(db_ids(&id, cx, 1));
    return stock_move_put(cx, &(struct stock_move){.county = r->county,
                                                   .id = id,
                                                   .item_id = r->item_id,
                                                   .kind = STOCK_IN,
                                                   .quantity = quantity - item.on_hand,
                                                   .document_id = r->id});
}

static enum rc leave(struct cx *cx, const struct reservation *r, int64_t quantity,
                     int64_t move_id)
{
    int64_t changed;
    TRY(make_it(cx, r, quantity));
    TRY(DB_RUN_COUNT(&changed, cx, &RESERVATION_END, V_I(r->county), V_I(r->id),
                     V_I(RESERVATION_CONSUMED), V_I(quantity), V_I(quantity ? move_id : 0),
                     V_I(cx->now_at)));
    if (!changed)
        return changed_meanwhile(cx, r);
    if (fault_hit("stock.ended"))
        return not_written(cx, "stock.ended");
    TRY(DB_RUN_COUNT(&changed, cx, &STOCK_ITEM_LEAVE, V_I(r->county), V_I(r->item_id),
                     V_I(r->quantity), V_I(quantity)));
    if (!changed)
        return fail(cx, RC_CONFLICT,
                    _("The store does not have so much: the rest is reserved for others."),
                    "reservation=%" PRId64 " quantity=%" PRId64, r->id, quantity);
    if (fault_hit("stock.left"))
        return not_written(cx, "stock.left");
    if (!quantity)
        return RC_OK;
    enum rc rc = DB_RUN(cx, &STOCK_MOVE_INSERT, V_I(r->county), V_I(move_id), V_I(r->item_id),
                        V_I(STOCK_SOLD), V_I(-quantity), V_I(r->id), V_T(""),
                        V_I(cx->actor ? cx->actor->user_id : 0), V_I(cx->now_at));
    if (rc != RC_CONFLICT)
        return rc;
    return fail(cx, rc, _("This movement of the store was made before, with other content."),
                "move=%" PRId64, move_id);
}

enum rc stock_consume(struct cx *cx, int64_t county, int64_t reservation_id, int64_t quantity,
                      int64_t move_id)
{
    struct reservation r;
    int64_t before;
    assert(move_id > 0);
    if (quantity < 0 || quantity > STOCK_QUANTITY_MAX)
        return fail(cx, RC_INVALID, _("Give an amount above 0 that can be real."), "consume");
    TRY(find(&r, &before, cx, county, reservation_id));
    if (r.state == RESERVATION_CONSUMED && r.consumed == quantity &&
        (!quantity || before == move_id))
        return RC_OK; /* done before */
    if (r.state != RESERVATION_HELD || is_over(cx, &r))
        return changed_meanwhile(cx, &r);
    if (r.expires_at) /* so that no clock set back makes good what came too late */
        return fail(cx, RC_CONFLICT,
                    _("These goods are only held for a while: they can be packed when they "
                      "are paid."),
                    "reservation=%" PRId64 " not kept", r.id);
    return leave(cx, &r, quantity, move_id);
}
