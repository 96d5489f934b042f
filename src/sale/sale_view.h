/* What the pages of baskets, checkout and orders share (sale_parts_page.c). */
#ifndef SALE_SALE_VIEW_H
#define SALE_SALE_VIEW_H

#include "db/db.h"
#include "sale/payment.h"
#include "web/page.h"

enum { SALE_FORM_BYTES = 16 * 1024, SALE_LIST_ROWS = 50 };
extern const char basket_cookie[];

/* "¥ 12.50" */
const char *sale_money(struct cx *cx, int64_t minor);
/* "3", "1.5 kg" */
const char *sale_quantity(struct cx *cx, enum stock_unit unit, int64_t quantity);
/* "¥ 29.99 / kg" */
const char *sale_price(struct cx *cx, enum stock_unit unit, int64_t price_minor);
/* A quantity as typed: pieces, or kilograms with at most three decimals. False: no number. */
bool sale_quantity_parse(int64_t *out, enum stock_unit unit, struct str typed);
/* As in a field: "3", "1.5". */
const char *sale_quantity_value(struct cx *cx, enum stock_unit unit, int64_t quantity);
const char *sale_state_tone(enum order_state s);
const char *sale_form_text(struct cx *cx, const struct request *q, const char *name);
int64_t sale_form_id(const struct request *q, const char *name);
/* Shows the failure on the page itself? Then *error is its sentence and the answer has the
 * status. */
bool sale_told(const char **error, struct cx *cx, struct response *a, enum rc rc);
/* Public pages belong to nobody: what they do is done by the system. Gives the actor to put
 * back. */
const struct actor *sale_public(struct cx *cx);

struct basket_view {
    const struct basket *basket;
    const char *error, *csrf;
};

struct checkout_view {
    const struct basket *basket;
    const char *error, *csrf;
    struct buyer buyer;
    const struct field_choice *zones, *ways;
    size_t zone_count, way_count;
    /* The second page: what will be ordered. */
    const struct quote *quote;
    const char *key, *zone_label, *way_label;
    int provider;
};

/* One order on the buyer's page or the shop's. */
struct order_view {
    const struct order *order;
    const struct order_item *items;
    size_t item_count;
    const struct refund *refunds;
    size_t refund_count;
    const char *shop_name, *state, *tone, *csrf;
    bool may_cancel, may_receive;
};
struct order_page_view {
    const struct purchase *purchase;
    const struct order_view *orders;
    const char *token, *error, *csrf;
    /* What is still to be paid, and how; payment NULL: nothing. */
    const struct payment *payment;
    const struct pay_setting *setting;
    const char *until;
    bool has_qr;
    struct html qr, link_qr;
    const char *address;
};
struct sell_list_view {
    const struct table *table;
    const char *shop_name;
};
struct shop_choice {
    const char *name, *href;
};
struct sell_shops_view {
    const struct shop_choice *shops;
    size_t count;
};
struct sell_view {
    struct order_view v;
    const char *zone, *way, *error, *base;
    const struct order_event_row *events;
    size_t event_count;
    bool may_pack, may_ship, may_deliver, may_cancel;
};
const char *order_who_text(struct cx *cx, enum order_who who);
const char *order_event_text(struct cx *cx, enum order_event event);
const char *refund_text(struct cx *cx, const struct refund *r);
/* Items, refunds, shop. */
enum rc order_view_fill(struct order_view *v, struct cx *cx, const struct order *o) MUST_USE;

#endif
