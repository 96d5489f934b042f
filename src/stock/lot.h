/* Lots: what many growers delivered, pooled and sold as one product; and the way back from a
 * sale to each of them. A lot takes deliveries until it is closed, then it is sold; its grams
 * are the deliveries' grams to the gram. Tables `lot`, `delivery`. */
#ifndef STOCK_LOT_H
#define STOCK_LOT_H

#include "stock/stock.h"

enum { LOT_DELIVERY_MAX = 5000, LOT_SHARE_HOUSEHOLDS_MIN = 10 };
enum lot_state { LOT_OPEN = 1, LOT_CLOSED = 2, LOT_ENDED = 3 };
struct lot {
    int64_t county, id, shop_id; /* the cooperative's (station's, firm's) shop that sells it */
    const char *name;            /* "Walnuts of Bapa, October" */
    int64_t item_id;             /* its stock, in grams */
    enum lot_state state;
    int32_t harvested_day; /* 0 unknown */
    int64_t grams;         /* sum of the deliveries that count */
    int64_t deliveries;
    /* Told by the office when the lot was closed (work/outbox.h): grams and number of
     * deliverers that belong to helped households on `share_day`; -1: not known yet. Shown only
     * when households >= LOT_SHARE_HOUSEHOLDS_MIN. */
    int64_t helped_grams, helped_households;
    int32_t share_day;
    int32_t version;
    int64_t created_at, closed_at;
};
/* In a write closure; makes its stock item. */
enum rc lot_add(int64_t *id, struct cx *cx, int64_t county, int64_t shop_id, struct str name,
                int32_t harvested_day) MUST_USE;
enum rc lot_get(struct lot *out, struct cx *cx, int64_t county, int64_t id) MUST_USE;
/* Newest first. */
enum rc lot_list(struct lot **out, size_t *count, struct cx *cx, int64_t county,
                 int64_t shop_id, int64_t from_id, size_t max) MUST_USE;

struct delivery {
    int64_t county, id, lot_id, seller_id; /* who delivered */
    int64_t grams;                         /* 1 to 100,000,000 */
    int32_t grade;                         /* 1 best to 9 */
    int64_t price_minor;                   /* promised per kg; 0 to 100,000,000 */
    int64_t advance_minor;                 /* paid at weighing (payout/) */
    int32_t day;
    int64_t user_id;        /* who weighed */
    const char *client_uid; /* UUID made where there is no network; unique in the county */
    int64_t cancelled_at;   /* 0; a mistake taken back while the lot is open */
    const char *note;
    int64_t at;
};
/* Weighed: the lot must be open. Adds grams to the lot's stock. The same client_uid with the
 * same content changes nothing and gives the same id; other content RC_CONFLICT. In a write
 * closure. Prices and grades are the caller's to check against the product. */
enum rc delivery_add(int64_t *id, struct cx *cx, const struct delivery *d) MUST_USE;
/* Only while the lot is open; needs a note. A movement takes the grams back. */
enum rc delivery_cancel(struct cx *cx, int64_t county, int64_t id, struct str note) MUST_USE;
enum rc delivery_list(struct delivery **out, size_t *count, struct cx *cx, int64_t county,
                      int64_t lot_id) MUST_USE;
enum rc delivery_of_seller(struct delivery **out, size_t *count, struct cx *cx, int64_t county,
                           int64_t seller_id, int64_t from_id, size_t max) MUST_USE;
/* No more deliveries: it can be sold. RC_CONFLICT: version, or nothing was delivered. Sends
 * "lot.closed" to the office (work/outbox.h), which answers with the helped share. */
enum rc lot_close(struct cx *cx, int64_t county, int64_t id, int32_t version) MUST_USE;
/* The office's answer: of how many households and grams the register said, on that day, that
 * they are helped. In a write closure. */
enum rc lot_helped_set(struct cx *cx, int64_t county, int64_t id, int64_t grams,
                       int64_t households, int32_t day) MUST_USE;
/* What is left is written off with a note, and nothing more is sold of it. */
enum rc lot_end(struct cx *cx, int64_t county, int64_t id, int32_t version,
                struct str note) MUST_USE;

/* Splits an amount over the deliveries of a closed lot by grams x promised price (all prices
 * 0: by grams), exactly: largest remainder, ties to the delivery whose id hashed with `salt`
 * (the order's item) is smaller, so that no place in the list is favoured. amount may be
 * negative (a refund). The sum of out[i].amount_minor is the amount. One row per delivery that
 * counts, by id. Pure but for reading the deliveries. */
struct lot_part {
    int64_t delivery_id, seller_id, grams, amount_minor;
};
enum rc lot_split(struct lot_part **out, size_t *count, struct cx *cx, int64_t county,
                  int64_t lot_id, int64_t amount_minor, int64_t salt) MUST_USE;
/* The arithmetic alone: parts of `amount` by weights (>= 0, sum > 0; a weight at most 10^17).
 * `keys` break ties, smaller first. RC_INVALID when all weights are 0 or one is below. Largest
 * remainder (Hamilton). The parts of -amount are those of amount, negated. After a refund of a
 * part, split what is left anew with the sale's keys and book the differences: then nobody ever
 * gives back more than was got (splitting each refund alone takes every odd unit from the same
 * one). */
enum rc split_exactly(int64_t *parts, struct cx *cx, int64_t amount, const int64_t *weights,
                      const uint64_t *keys, size_t count) MUST_USE;

#endif
