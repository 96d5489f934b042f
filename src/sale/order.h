/* Placing, reading and moving orders. */
#ifndef SALE_ORDER_H
#define SALE_ORDER_H

#include "sale/basket.h"

/* ---- checkout ---- */
struct purchase_item {
    int64_t variant_id, quantity;
};
struct purchase_ask {
    int64_t county;
    const struct purchase_item *items; /* of one county; the same variant twice is added up */
    size_t item_count;
    struct buyer buyer;
    int provider;        /* sale/payment.h; must be switched on in the county */
    struct str key;      /* idempotency key made by the client: 16 to 100 printable ASCII */
    int64_t basket_id;   /* emptied in the same transaction; 0 none */
    int64_t total_minor; /* what the buyer was shown: another total is RC_CONFLICT; -1 any */
};
struct placed {
    int64_t purchase_id, payment_id, total_minor; /* payment_id 0: nothing is to be paid now */
    const char *token;                            /* the buyer's link: /order/TOKEN */
    size_t order_count;
    bool again; /* the key was used before with the same content: nothing was done */
};
/* One write closure: key, stock of all shops in one take, prices, shipping, totals, orders,
 * payment, deadline: all or nothing. The same key and content give the same answer (also after
 * a restart, also two at once). RC_INVALID with SALE_KEY_USED in cx->err.detail: the key was
 * used with other content (422). RC_CONFLICT: something is short, or the total is another one.
 * RC_NOTFOUND: not for sale. RC_INVALID: words, quantities, zone, provider.
 * Fault points "sale.key", "sale.reserved", "sale.ordered", "sale.paying", "sale.placed". */
#define SALE_KEY_USED "key used with other content"
enum rc purchase_place(struct placed *out, struct cx *cx,
                       const struct purchase_ask *ask) MUST_USE;
bool sale_key_was_used(const struct cx *cx);

/* What a checkout would cost now, without placing anything: shipping per shop and totals. */
struct quote_part {
    int64_t shop_id, items_minor, shipping_minor, weight_grams;
    const char *shop_name;
};
struct quote {
    struct quote_part *parts;
    size_t count;
    int64_t items_minor, shipping_minor, total_minor;
};
enum rc purchase_quote(struct quote *out, struct cx *cx,
                       const struct purchase_ask *ask) MUST_USE;
/* Cleans and checks the words of a buyer in place; RC_INVALID with a sentence. */
enum rc buyer_clean(struct buyer *b, struct cx *cx) MUST_USE;

/* ---- reading ---- */
struct purchase {
    int64_t county, id;
    int provider;
    const char *zone, *currency;
    int64_t total_minor, placed_at;
    struct buyer buyer;
    struct order *orders;
    size_t order_count;
};
/* Whoever holds the token may see all of it. RC_NOTFOUND with a text. */
enum rc purchase_by_token(struct purchase *out, struct cx *cx, struct str token) MUST_USE;
/* With the buyer, for those whom shop_require lets in (the system too); RC_NOTFOUND. */
enum rc order_get(struct order *out, struct cx *cx, int64_t county, int64_t id) MUST_USE;
/* For the rooms above: no actor is looked at, no buyer. RC_NOTFOUND without a text. */
enum rc order_row(struct order *out, struct cx *cx, int64_t county, int64_t id) MUST_USE;
enum rc order_items(struct order_item **out, size_t *count, struct cx *cx, int64_t county,
                    int64_t order_id) MUST_USE;
/* A shop's orders, newest first; state 0: all; from_id: the last one of the page before, or 0.
 * shop_require is the caller's. No buyers. */
struct order_find {
    int64_t county, shop_id;
    enum order_state state;
    int64_t from_id;
    size_t max;
};
enum rc order_list(struct order **out, size_t *count, struct cx *cx,
                   const struct order_find *f) MUST_USE;
struct order_event_row {
    enum order_event event; /* 0: placed */
    enum order_state from, to;
    enum order_who who;
    int64_t user_id, at;
    const char *note;
};
enum rc order_events(struct order_event_row **out, size_t *count, struct cx *cx, int64_t county,
                     int64_t order_id) MUST_USE;
const char *order_state_text(struct cx *cx, enum order_state s);

/* ---- moving: each in one write closure, by the version that was seen ---- */
/* For the rooms above (settling): moves the order and keeps the event; nothing else. In a write
 * closure. RC_CONFLICT: refused in its state, or somebody was faster. */
struct order_step {
    int64_t county, id;
    enum order_event event;
    enum order_who who;
    const char *note; /* plain words, nothing personal; "" */
    int32_t version;  /* 0: the present one */
};
enum rc order_move(struct cx *cx, const struct order_step *s) MUST_USE;

/* Packed with what was really put in: pieces, or grams as weighed, one per item in the order of
 * order_items. Pieces at most as ordered; grams at most a tenth more than ordered, which the
 * buyer does not pay. Less makes the price less; of a paid order the difference goes back.
 * RC_INVALID: nothing at all packed (cancel instead). shop_require. */
enum rc order_pack(struct cx *cx, int64_t county, int64_t id, int32_t version,
                   const int64_t *packed, size_t count) MUST_USE;
/* carrier and tracking may be empty. shop_require. */
struct order_sent {
    int64_t county, id;
    int32_t version;
    struct str carrier, tracking;
};
enum rc order_ship(struct cx *cx, const struct order_sent *s) MUST_USE;
/* Handed over: by the shop, or (token not empty) by the buyer. What is paid on delivery is
 * captured as cash; only the shop can say so. */
enum rc order_deliver(struct cx *cx, int64_t county, int64_t id, int32_t version,
                      struct str token) MUST_USE;
/* Before packing: stock is given back, what was paid goes back. By the shop, or (token not
 * empty) by the buyer. */
enum rc order_cancel(struct cx *cx, int64_t county, int64_t id, int32_t version,
                     struct str token) MUST_USE;

#endif
