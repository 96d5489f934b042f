/* What lies in the market's stores: whole numbers of pieces or grams, moved only by movements
 * that are never changed, taken only by one conditional statement. A reservation has exactly
 * one owner and ends exactly once. Decides nothing about who may do what: callers do.
 * Tables `stock_item`, `stock_move` (append-only by trigger), `reservation`; lots in
 * stock/lot.h. */
#ifndef STOCK_STOCK_H
#define STOCK_STOCK_H

#include "base/cx.h"
#include "base/verify.h"

#define STOCK_QUANTITY_MAX INT64_C(1000000000000) /* of one movement, and of one item */
enum stock_unit { STOCK_PIECES = 1, STOCK_GRAMS = 2 };
enum { STOCK_TAKE_MAX = 200, STOCK_PAGE_MAX = 1000 };

struct stock_item {
    int64_t county, id;
    enum stock_unit unit;
    int64_t on_hand, reserved; /* 0 <= reserved <= on_hand unless on_demand (CHECK) */
    bool on_demand;            /* made when ordered: may be reserved beyond on_hand */
    int64_t lot_id;            /* what it is of (made by lot_add), or 0 */
};
/* In a write closure of the county. */
enum rc stock_item_add(int64_t *id, struct cx *cx, int64_t county, enum stock_unit unit,
                       bool on_demand, int64_t lot_id) MUST_USE;
/* RC_NOTFOUND without a text. */
enum rc stock_item_get(struct stock_item *out, struct cx *cx, int64_t county,
                       int64_t id) MUST_USE;

enum stock_kind {
    STOCK_IN = 1,      /* came in: a delivery, a harvest, a purchase */
    STOCK_SOLD = 2,    /* left with a parcel (made by stock_consume) */
    STOCK_LOSS = 3,    /* written off: rotten, lost, eaten */
    STOCK_COUNTED = 4, /* a count found more or less */
    STOCK_BACK = 5     /* came back from a buyer, fit for sale */
};
/* Adds a movement and changes on_hand with it. `id` is made by the client (db_ids) and makes it
 * safe to repeat: the same id with the same content changes nothing; with other content
 * RC_CONFLICT. Quantity > 0 for IN and BACK, < 0 for LOSS, either for COUNTED. RC_CONFLICT with
 * a text when less than what is reserved would be left. IN is RC_INVALID for the store of a lot
 * (delivery_add fills it). In a write closure. */
struct stock_move {
    int64_t county, id, item_id;
    enum stock_kind kind;
    int64_t quantity;
    int64_t document_id; /* of the caller: delivery, reservation …; 0 none */
    const char *note;    /* why, for people; at most 300 bytes */
    int64_t user_id, at; /* read only */
};
enum rc stock_move_add(struct cx *cx, const struct stock_move *m) MUST_USE;
/* Newest first; `from_id` 0 or the last id of the page before. */
enum rc stock_moves(struct stock_move **out, size_t *count, struct cx *cx, int64_t county,
                    int64_t item_id, int64_t from_id, size_t max) MUST_USE;

enum reservation_state {
    RESERVATION_HELD = 1,
    RESERVATION_CONSUMED = 2,
    RESERVATION_RELEASED = 3,
    RESERVATION_EXPIRED = 4
};
struct reservation {
    int64_t county, id, item_id, owner_id; /* owner: an order's item (sale/) */
    int64_t quantity, consumed;
    enum reservation_state state;
    int64_t expires_at, ended_at; /* expires_at 0: never */
};
struct stock_take {
    int64_t item_id, owner_id, quantity;
};
/* Reserves all of them or none, items in rising order, each by one conditional UPDATE. ids[i]
 * belongs to t[i]. RC_CONFLICT with a text when something is short: *short_at is its index and
 * *left how much there is (0 of a lot that is not closed: only a closed one is sold).
 * expires_at 0: until released or consumed. In a write closure. */
enum rc stock_reserve(int64_t *ids, size_t *short_at, int64_t *left, struct cx *cx,
                      int64_t county, const struct stock_take *t, size_t count,
                      int64_t expires_at) MUST_USE;
/* What is paid for does not expire any more. *kept false: it has ended before, or its time is
 * over: then it is ended as expired for good, whatever the clock says later. */
enum rc stock_keep(bool *kept, struct cx *cx, int64_t county, int64_t reservation_id) MUST_USE;
/* Its time is over (the owner's deadline says so): given back as expired. Held still or ended
 * before: changes nothing. */
enum rc stock_expire(struct cx *cx, int64_t county, int64_t reservation_id) MUST_USE;
/* Packed: `quantity` (0: none; more than reserved only as far as the store has it) leaves as
 * STOCK_SOLD with move id `move_id`, the rest of the reservation is given back. RC_CONFLICT
 * with a text: it ended otherwise, or may still expire (stock_keep comes first, so that this
 * does not depend on the clock), or move_id is another movement's. The same again changes
 * nothing. */
enum rc stock_consume(struct cx *cx, int64_t county, int64_t reservation_id, int64_t quantity,
                      int64_t move_id) MUST_USE;
/* Given back. Ended before: changes nothing when it was released or expired; RC_CONFLICT when
 * consumed. */
enum rc stock_release(struct cx *cx, int64_t county, int64_t reservation_id) MUST_USE;
enum rc stock_reservation_get(struct reservation *out, struct cx *cx, int64_t county,
                              int64_t id) MUST_USE;

/* Recomputes on_hand from the movements and reserved from the open reservations; lots too
 * (lot.h). At most 1,000 are kept, *count counts those. */
enum rc stock_verify(struct verify_fault **out, size_t *count, struct cx *cx) MUST_USE;

#endif
