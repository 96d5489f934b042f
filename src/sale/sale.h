/* Orders and their money: from a basket to a paid, packed, delivered and settled order. One
 * order is of one shop (so of one county); a checkout over several shops makes several orders
 * under one purchase, which is paid once. Prices are frozen when it is placed; every total can
 * be computed again from its rows. Tables `basket`, `purchase`, `sale_order`, `order_item`,
 * `order_event` (append-only), `payment`, `payment_part`, `refund`, `payment_event`
 * (append-only), `idempotency`.
 * Here: states, rows, accounts. Then sale/basket.h, sale/order.h, sale/payment.h.
 * Money lies in ledger/ accounts; kinds below. */
#ifndef SALE_SALE_H
#define SALE_SALE_H

#include "shop/shop.h"
#include "work/deadline.h"
#include "work/job.h"

enum {
    SALE_ITEMS_MAX = 50,      /* lines of a basket */
    SALE_PIECES_MAX = 10000,  /* of a line */
    SALE_GRAMS_MAX = 10000000 /* of a line: 10 t */
};
#define SALE_TOTAL_MAX INT64_C(10000000000) /* minor units of a purchase */

enum order_state {
    ORDER_NONE = 0,   /* before it is placed; no order has it */
    ORDER_PLACED = 1, /* goods are reserved, payment is awaited */
    ORDER_PAID = 2,   /* or to be paid on delivery */
    ORDER_PACKED = 3,
    ORDER_SHIPPED = 4,
    ORDER_DELIVERED = 5,
    ORDER_SETTLED = 6,
    ORDER_CANCELLED = 7, /* by buyer or shop before packing; money goes back */
    ORDER_EXPIRED = 8    /* not paid in time; a payment that comes later goes back */
};
enum order_event {
    EVENT_PLACED = 0,
    EVENT_PAY = 1,
    EVENT_EXPIRE = 2,
    EVENT_CANCEL = 3,
    EVENT_PACK = 4,
    EVENT_SHIP = 5,
    EVENT_DELIVER = 6,
    EVENT_SETTLE = 7,
    EVENT_PAY_LATE = 8 /* a payment for what has ended, or was paid before: refunded; the state
                          stays */
};
enum order_who { WHO_BUYER = 1, WHO_SHOP = 2, WHO_SYSTEM = 3, WHO_PROVIDER = 4 };
/* The state machine as a table: ORDER_NONE when the event is refused in that state (or either
 * is not one). */
enum order_state order_next(enum order_state from, enum order_event event);
/* Who may cause it at all. */
bool order_event_by(enum order_event event, enum order_who who);

/* Who bought: sealed at rest, erased when the profile's time is over. */
struct buyer {
    const char *name, *phone, *address, *mail;
    const char *zone; /* code of the profile's shipping.csv */
};
struct order_item {
    int64_t county, id, order_id, product_id, variant_id, lot_id, reservation_id;
    const char *title; /* "Walnuts, 5 kg box", frozen */
    enum stock_unit unit;
    int64_t quantity, price_minor, amount_minor; /* as ordered; price per piece or kg */
    int64_t take;                                /* stock per piece (GRAMS: per gram), frozen */
    int64_t packed_quantity, packed_amount_minor; /* -1 until packed */
    int64_t cost_minor;                           /* own cost per piece or kg, frozen */
    int64_t refunded_minor;                       /* of packed_amount_minor, by claims */
    int32_t claim_hours;
};
struct order {
    int64_t county, id, purchase_id, shop_id;
    const char *number; /* for people: 10 characters, says nothing */
    const char *token;  /* the purchase's link; only right after placing, else "" */
    enum order_state state;
    bool on_delivery; /* paid in cash when handed over */
    int64_t items_minor, shipping_minor, discount_minor, total_minor; /* frozen */
    int64_t adjust_minor; /* what packing by real weight took off: to be paid is total - this */
    int64_t paid_minor;   /* captured for it */
    int64_t
        refunded_minor; /* gone back or asked to go back, the adjustment of a paid order too */
    int64_t placed_at, expires_at, paid_at, packed_at, shipped_at, delivered_at, settled_at;
    int64_t claim_until; /* set when delivered */
    const char *carrier, *tracking;
    int32_t version;
    struct buyer buyer; /* filled only for those who may see it; else "" */
};

/* Ledger accounts of a county, unit = currency of the profile. Ids are kept in `sale_account`.
 */
enum money_kind {
    MONEY_PROVIDER = 1, /* owner: provider number. What providers hold for orders: debits;
                           credit_max 0: none gives back more than it took */
    MONEY_ORDER = 2,    /* owner: order id; credits: paid by the buyer; debit_max 0 */
    MONEY_SELLER = 3,   /* owner: seller id: earned and not yet paid out; debit_max 0 */
    MONEY_FEES = 4,
    MONEY_CARRIER = 5,
    MONEY_TAX = 6,
    MONEY_CLAIMS = 7,  /* what the county's rule bears of claims */
    MONEY_PAYOUT = 8,  /* instructed payouts: pending until confirmed */
    MONEY_CASH = 9,    /* owner: station: its drawer; credit_max 0 */
    MONEY_CAPITAL = 10 /* working capital lent for part-payments */
};
/* Reasons of transfers (ledger code): 1 to 99 are this room's. */
enum money_code { MONEY_CODE_PAID = 1, MONEY_CODE_REFUND = 2 };
/* The account of that kind and owner, made when it is not there. In a write closure. */
enum rc money_account(int64_t *id, struct cx *cx, int64_t county, enum money_kind kind,
                      int64_t owner_id) MUST_USE;
/* 0 when there is none yet. */
enum rc money_account_find(int64_t *id, struct cx *cx, int64_t county, enum money_kind kind,
                           int64_t owner_id) MUST_USE;

/* Recomputes from the rows: totals of orders and purchases, what packing took off, the chain of
 * events of each order, payments and their parts, refunds, the balance of each order's account
 * (unless it is settled), reservations whose owner is no item, items whose reservation does not
 * fit their order's state. At most 1,000 are kept, *count counts those. */
enum rc sale_verify(struct verify_fault **out, size_t *count, struct cx *cx) MUST_USE;

/* "sale.expire": ends orders that were not paid in time. */
extern const struct deadline_kind sale_deadline_kinds[];
extern const size_t sale_deadline_kind_count;
/* "sale.instruct": tells a provider of a payment or refund. "sale.tend": forgets old baskets
 * and kept answers; once an hour (sale_begin registers it). */
extern const struct job_kind sale_job_kinds[];
extern const size_t sale_job_kind_count;

#endif
