/* Placing a purchase: key, stock, prices, shipping, totals, orders, payment and deadline in one
 * write closure, so that it is there whole or not at all. */
#include "base/fault.h"
#include "base/money.h"
#include "base/text.h"
#include "db/db.h"
#include "sale/order.sql.h"
#include "sale/sale_inner.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_LEN_BYTES = 24 };

struct draft_item {
    int64_t variant_id, quantity;
    struct for_sale sale;
    struct sale_line line;
    size_t part;
    int64_t id, reservation_id;
};
/* What is being placed: items by variant, grouped into parts by shop. */
struct draft {
    struct draft_item items[SALE_ITEMS_MAX];
    size_t item_count;
    struct quote quote;
    struct quote_part parts[SALE_ITEMS_MAX];
    int64_t order_ids[SALE_ITEMS_MAX];
};

/* ---- what was asked ---- */

static int by_variant(const void *a, const void *b)
{
    const struct draft_item *x = a, *y = b;
    return (x->variant_id > y->variant_id) - (x->variant_id < y->variant_id);
}

/* The same variant twice is one line. */
static enum rc gather(struct draft *d, struct cx *cx, const struct purchase_ask *ask)
{
    if (!ask->item_count)
        return fail(cx, RC_INVALID, _("The basket is empty."), "no items");
    if (ask->item_count > SALE_ITEMS_MAX)
        return fail_f(cx, RC_LIMIT, _("A basket holds at most %d different things."),
                      SALE_ITEMS_MAX);
    for (size_t i = 0; i < ask->item_count; i++) {
        const struct purchase_item *in = &ask->items[i];
        size_t k = 0;
        if (in->quantity <= 0)
            return fail(cx, RC_INVALID, _("The quantity must be more than 0."), "quantity");
        while (k < d->item_count && d->items[k].variant_id != in->variant_id)
            k++;
        if (k == d->item_count)
            d->items[d->item_count++] = (struct draft_item){.variant_id = in->variant_id};
        if (!money_add(&d->items[k].quantity, d->items[k].quantity, in->quantity))
            return fail(cx, RC_LIMIT, _("This is too much for one order. Please order less."),
                        "quantity overflow");
    }
    qsort(d->items, d->item_count, sizeof *d->items, by_variant);
    return RC_OK;
}

static enum rc check_key(struct cx *cx, struct str key)
{
    bool good = key.len >= SALE_KEY_MIN && key.len <= SALE_KEY_MAX;
    for (size_t i = 0; good && i < key.len; i++)
        good = key.p[i] > ' ' && key.p[i] < 0x7f;
    if (good)
        return RC_OK;
    return fail(cx, RC_INVALID,
                _("The key of the order must be 16 to 100 letters, digits or signs."),
                "idempotency key");
}

/* Everything that makes it another order. */
static void body_hash(uint8_t out[HASH_BYTES], struct cx *cx, const struct purchase_ask *ask,
                      const struct draft *d, const struct buyer *b)
{
    struct hash_state h;
    struct str words = buyer_text(cx, b);
    int64_t head[] = {ask->county, ask->provider, (int64_t)d->item_count};
    hash_begin(&h);
    hash_add(&h, head, sizeof head);
    for (size_t i = 0; i < d->item_count; i++) {
        hash_add(&h, &d->items[i].variant_id, sizeof(int64_t));
        hash_add(&h, &d->items[i].quantity, sizeof(int64_t));
    }
    hash_add(&h, words.p, words.len);
    hash_add(&h, b->zone, strlen(b->zone) + 1);
    hash_end(&h, out);
}

/* ---- prices and shipping ---- */

static size_t part_of(struct draft *d, const struct shop *shop)
{
    struct quote *q = &d->quote;
    for (size_t i = 0; i < q->count; i++)
        if (d->parts[i].shop_id == shop->id)
            return i;
    d->parts[q->count] = (struct quote_part){.shop_id = shop->id, .shop_name = shop->name};
    return q->count++;
}

static enum rc too_much(struct cx *cx)
{
    return fail(cx, RC_LIMIT, _("This is too much for one order. Please order less."),
                "total overflow");
}

static enum rc price_items(struct draft *d, struct cx *cx, int64_t county)
{
    d->quote = (struct quote){.parts = d->parts};
    for (size_t i = 0; i < d->item_count; i++) {
        struct draft_item *it = &d->items[i];
        TRY(for_sale_get(&it->sale, cx, county, it->variant_id));
        TRY(sale_line_of(&it->line, cx, &it->sale.variant, it->quantity));
        it->part = part_of(d, &it->sale.shop);
        struct quote_part *p = &d->parts[it->part];
        if (!money_add(&p->items_minor, p->items_minor, it->line.amount_minor) ||
            !money_add(&p->weight_grams, p->weight_grams, it->line.weight_grams))
            return too_much(cx);
    }
    return RC_OK;
}

static enum rc price_shipping(struct draft *d, struct cx *cx, const char *zone)
{
    const struct shipping_zone *z = profile_zone(cx->profile, str_of(zone));
    struct quote *q = &d->quote;
    if (!z)
        return fail(cx, RC_INVALID, _("Choose where to send it."), "zone");
    for (size_t i = 0; i < q->count; i++) {
        struct quote_part *p = &d->parts[i];
        if (!shipping_cost(&p->shipping_minor, z, p->weight_grams))
            return fail_f(cx, RC_INVALID,
                          _("The parcel of %s would be too heavy for this way of sending. "
                            "Order less, or choose another one."),
                          p->shop_name);
        if (!money_add(&q->items_minor, q->items_minor, p->items_minor) ||
            !money_add(&q->shipping_minor, q->shipping_minor, p->shipping_minor))
            return too_much(cx);
    }
    if (!money_add(&q->total_minor, q->items_minor, q->shipping_minor) ||
        q->total_minor > SALE_TOTAL_MAX)
        return too_much(cx);
    return RC_OK;
}

enum rc purchase_quote(struct quote *out, struct cx *cx, const struct purchase_ask *ask)
{
    struct draft *d = arena_new(cx->arena, sizeof *d);
    TRY(gather(d, cx, ask));
    TRY(price_items(d, cx, ask->county));
    TRY(price_shipping(d, cx, ask->buyer.zone));
    *out = d->quote;
    return RC_OK;
}

/* ---- placing ---- */

struct placing {
    const struct purchase_ask *ask;
    const struct pay_provider *provider;
    struct buyer buyer;
    uint8_t key_hash[HASH_BYTES], body[HASH_BYTES];
    struct draft asked; /* as gathered: the closure may run again */
    struct placed out;
};

/* The same key of the same purchase gives the same link, though only its hash is kept. */
static const char *make_token(struct cx *cx, struct str key, int64_t purchase_id)
{
    uint8_t hash[HASH_BYTES];
    const char *of = arena_printf(cx->arena, "%" PRId64 "\n%.*s", purchase_id, STR_ARG(key));
    sale_token_hash(hash, cx, "order.make", str_of(of));
    return hex_of(cx->arena, hash, TOKEN_LEN_BYTES);
}

static enum rc answer(struct placing *p, struct cx *cx, int64_t purchase_id, bool again)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &PURCHASE_COUNTS, V_I(p->ask->county), V_I(purchase_id)));
    p->out = (struct placed){
        .purchase_id = purchase_id,
        .payment_id = row_i64(&rows, PURCHASE_COUNTS_PAYMENT_ID),
        .total_minor = row_i64(&rows, PURCHASE_COUNTS_TOTAL_MINOR),
        .order_count = (size_t)row_i64(&rows, PURCHASE_COUNTS_ORDERS),
        .again = again,
    };
    return db_done(&rows);
}

/* True in *again: the key was there, and p->out is the answer of then. */
static enum rc take_key(bool *again, struct placing *p, struct cx *cx, int64_t purchase_id)
{
    int64_t changed;
    struct db_rows rows;
    TRY(DB_RUN_COUNT(&changed, cx, &IDEMPOTENCY_INSERT, V_I(p->ask->county),
                     V_B(p->key_hash, HASH_BYTES), V_B(p->body, HASH_BYTES), V_I(purchase_id),
                     V_I(cx->now_at)));
    *again = !changed;
    if (changed)
        return RC_OK;
    TRY(DB_ONE(&rows, cx, &IDEMPOTENCY_ONE, V_I(p->ask->county), V_B(p->key_hash, HASH_BYTES)));
    struct str body = row_str(&rows, IDEMPOTENCY_ONE_BODY_HASH);
    bool same = body.len == HASH_BYTES && !memcmp(body.p, p->body, HASH_BYTES);
    int64_t first_id = row_i64(&rows, IDEMPOTENCY_ONE_PURCHASE_ID);
    TRY(db_done(&rows));
    if (!same)
        return fail(cx, RC_INVALID,
                    _("This order was sent before with other content. Begin again from the "
                      "basket."),
                    "%s", SALE_KEY_USED);
    return answer(p, cx, first_id, true);
}

static enum rc reserve(struct draft *d, struct cx *cx, const struct placing *p,
                       int64_t expires_at)
{
    struct stock_take takes[SALE_ITEMS_MAX];
    int64_t ids[SALE_ITEMS_MAX], left = 0;
    size_t short_at = 0;
    assert(d->item_count <= STOCK_TAKE_MAX);
    for (size_t i = 0; i < d->item_count; i++)
        takes[i] = (struct stock_take){d->items[i].sale.variant.item_id, d->items[i].id,
                                       d->items[i].line.take};
    TRY(stock_reserve(ids, &short_at, &left, cx, p->ask->county, takes, d->item_count,
                      expires_at));
    for (size_t i = 0; i < d->item_count; i++)
        d->items[i].reservation_id = ids[i];
    return RC_OK;
}

static enum rc insert_items(struct cx *cx, const struct draft *d, int64_t county)
{
    for (size_t i = 0; i < d->item_count; i++) {
        const struct draft_item *it = &d->items[i];
        const struct variant *v = &it->sale.variant;
        TRY(DB_RUN(cx, &ORDER_ITEM_INSERT, V_I(county), V_I(it->id),
                   V_I(d->order_ids[it->part]), V_I(v->product_id), V_I(v->id), V_I(v->lot_id),
                   V_I(it->reservation_id), V_T(sale_title(cx, &it->sale)), V_I(v->unit),
                   V_I(it->quantity), V_I(v->price_minor), V_I(it->line.amount_minor),
                   V_I(v->unit == STOCK_GRAMS ? 1 : v->take), V_I(it->sale.product.cost_minor),
                   V_I(it->sale.product.claim_hours)));
    }
    return RC_OK;
}

/* Orders with their deadlines; what is paid on delivery is ready to be packed at once. */
static enum rc insert_orders(struct cx *cx, const struct draft *d, const struct placing *p,
                             int64_t purchase_id, int64_t expires_at)
{
    int64_t county = p->ask->county;
    bool on_delivery = !expires_at;
    for (size_t i = 0; i < d->quote.count; i++) {
        const struct quote_part *part = &d->parts[i];
        struct order o = {.county = county, .id = d->order_ids[i], .version = 1};
        TRY(DB_RUN(cx, &ORDER_INSERT, V_I(county), V_I(o.id), V_I(purchase_id),
                   V_I(part->shop_id), V_T(sale_number(cx)), V_I(on_delivery),
                   V_I(part->items_minor), V_I(part->shipping_minor), V_I(0),
                   V_I(part->items_minor + part->shipping_minor), V_I(cx->now_at),
                   V_I(expires_at)));
        TRY(order_event_add(cx, &o, ORDER_PLACED, &(struct step){EVENT_PLACED, WHO_BUYER, ""}));
        o.state = ORDER_PLACED;
        if (on_delivery)
            TRY(order_step(&o, cx, &(struct step){EVENT_PAY, WHO_SYSTEM, "on delivery"}));
        else
            TRY(deadline_set(cx, county, "sale.expire", o.id, expires_at, 0));
    }
    return RC_OK;
}

/* The totals again, from the rows that were written. */
static enum rc check_sums(struct cx *cx, int64_t county, int64_t purchase_id, int64_t total)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &PURCHASE_SUMS, V_I(county), V_I(purchase_id)));
    bool good = row_i64(&rows, PURCHASE_SUMS_PURCHASE_MINOR) == total &&
                row_i64(&rows, PURCHASE_SUMS_ORDERS_MINOR) == total &&
                row_i64(&rows, PURCHASE_SUMS_PARTS_MINOR) == total &&
                row_i64(&rows, PURCHASE_SUMS_ITEMS_MINOR) == total;
    TRY(db_done(&rows));
    if (!good)
        return fail(cx, RC_DB, _("The sums of this order do not agree. Nothing was ordered."),
                    "purchase=%" PRId64 " sums", purchase_id);
    return RC_OK;
}

static enum rc fault_at(struct cx *cx, const char *point)
{
    if (fault_hit(point))
        return fail(cx, RC_IO, _("The order could not be kept. Try again."), "%s", point);
    return RC_OK;
}

/* Ids: orders first, then items, so that each lot of one closure is one block. */
static enum rc number_all(struct draft *d, struct cx *cx)
{
    int64_t first;
    TRY(db_ids(&first, cx, (int64_t)(d->quote.count + d->item_count)));
    for (size_t i = 0; i < d->quote.count; i++)
        d->order_ids[i] = first + (int64_t)i;
    for (size_t i = 0; i < d->item_count; i++)
        d->items[i].id = first + (int64_t)(d->quote.count + i);
    return RC_OK;
}

static enum rc write_purchase(struct cx *cx, struct draft *d, struct placing *p,
                              int64_t purchase_id)
{
    const struct purchase_ask *ask = p->ask;
    int64_t payment_id, expires_at = p->provider->wait_s ? cx->now_at + p->provider->wait_s : 0;
    uint8_t hash[HASH_BYTES];
    struct str words = sale_seal(cx, buyer_text(cx, &p->buyer), "buyer", purchase_id);
    TRY(number_all(d, cx));
    TRY(reserve(d, cx, p, expires_at));
    TRY(fault_at(cx, "sale.reserved"));
    sale_token_hash(hash, cx, "order", str_of(make_token(cx, ask->key, purchase_id)));
    TRY(DB_RUN(cx, &PURCHASE_INSERT, V_I(ask->county), V_I(purchase_id), V_B(hash, sizeof hash),
               V_I(ask->provider), V_T(p->buyer.zone), V_T(cx->profile->currency),
               V_I(d->quote.total_minor), V_B(words.p, words.len), V_I(cx->now_at)));
    TRY(insert_orders(cx, d, p, purchase_id, expires_at));
    TRY(insert_items(cx, d, ask->county));
    TRY(fault_at(cx, "sale.ordered"));
    if (expires_at)
        TRY(payment_add(&payment_id, cx,
                        &(struct payment_ask){.county = ask->county,
                                              .purchase_id = purchase_id,
                                              .amount_minor = d->quote.total_minor,
                                              .provider = ask->provider,
                                              .currency = cx->profile->currency}));
    TRY(fault_at(cx, "sale.paying"));
    return check_sums(cx, ask->county, purchase_id, d->quote.total_minor);
}

static enum rc place_write(struct cx *cx, void *arg)
{
    struct placing *p = arg;
    int64_t purchase_id;
    bool again;
    TRY(db_ids(&purchase_id, cx, 1));
    TRY(take_key(&again, p, cx, purchase_id));
    if (again)
        return RC_OK;
    TRY(fault_at(cx, "sale.key"));
    struct draft *d = arena_new(cx->arena, sizeof *d);
    *d = p->asked;
    TRY(price_items(d, cx, p->ask->county));
    TRY(price_shipping(d, cx, p->buyer.zone));
    if (p->ask->total_minor >= 0 && p->ask->total_minor != d->quote.total_minor)
        return fail(cx, RC_CONFLICT,
                    _("A price has changed since you looked. Look at the new total and order "
                      "again."),
                    "total changed");
    TRY(write_purchase(cx, d, p, purchase_id));
    if (p->ask->basket_id)
        TRY(DB_RUN(cx, &BASKET_EMPTY, V_I(p->ask->basket_id)));
    TRY(answer(p, cx, purchase_id, false));
    return fault_at(cx, "sale.placed");
}

enum rc purchase_place(struct placed *out, struct cx *cx, const struct purchase_ask *ask)
{
    struct pay_setting setting;
    struct placing *p = arena_new(cx->arena, sizeof *p);
    *p = (struct placing){
        .ask = ask, .provider = pay_provider_of(ask->provider), .buyer = ask->buyer};
    TRY(check_key(cx, ask->key));
    TRY(gather(&p->asked, cx, ask));
    TRY(buyer_clean(&p->buyer, cx));
    if (!p->provider)
        return fail(cx, RC_INVALID, _("Choose how to pay."), "provider=%d", ask->provider);
    TRY(pay_setting_get(&setting, cx, ask->county, ask->provider));
    if (!setting.active)
        return fail(cx, RC_INVALID, _("This way of paying is not offered here."), "provider=%d",
                    ask->provider);
    sale_token_hash(p->key_hash, cx, "key", ask->key);
    body_hash(p->body, cx, ask, &p->asked, &p->buyer);
    TRY(db_write(cx, ask->county, place_write, p));
    *out = p->out;
    out->token = make_token(cx, ask->key, out->purchase_id);
    return RC_OK;
}

bool sale_key_was_used(const struct cx *cx)
{
    return cx->err.rc == RC_INVALID && str_starts(str_of(cx->err.detail), STR(SALE_KEY_USED));
}
