/* Payments in the write closure: made, captured, given back; each amount by one conditional
 * statement, each with its transfer in the ledger. */
#include "base/text.h"
#include "db/db.h"
#include "ledger/ledger.h"
#include "people/actor.h"
#include "sale/order.sql.h"
#include "sale/payment.sql.h"
#include "sale/sale_inner.h"

#include <assert.h>
#include <string.h>

enum { PAYMENTS_MAX = 100, REFUNDS_MAX = 200, PARTS_MAX = 20 };

/* ---- reading ---- */

static struct payment row_payment(struct cx *cx, const struct db_rows *r)
{
    return (struct payment){
        .county = row_i64(r, PAYMENT_ONE_COUNTY),
        .id = row_i64(r, PAYMENT_ONE_ID),
        .purchase_id = row_i64(r, PAYMENT_ONE_PURCHASE_ID),
        .order_id = row_i64(r, PAYMENT_ONE_ORDER_ID),
        .provider = (int)row_i64(r, PAYMENT_ONE_PROVIDER),
        .state = (enum payment_state)row_i64(r, PAYMENT_ONE_STATE),
        .currency = arena_copy(cx->arena, row_str(r, PAYMENT_ONE_CURRENCY)),
        .amount_minor = row_i64(r, PAYMENT_ONE_AMOUNT_MINOR),
        .captured_minor = row_i64(r, PAYMENT_ONE_CAPTURED_MINOR),
        .refunding_minor = row_i64(r, PAYMENT_ONE_REFUNDING_MINOR),
        .refunded_minor = row_i64(r, PAYMENT_ONE_REFUNDED_MINOR),
        .reference = arena_copy(cx->arena, row_str(r, PAYMENT_ONE_REFERENCE)),
        .provider_reference = arena_copy(cx->arena, row_str(r, PAYMENT_ONE_PROVIDER_REFERENCE)),
        .pay_url = arena_copy(cx->arena, row_str(r, PAYMENT_ONE_PAY_URL)),
        .tries = row_i64(r, PAYMENT_ONE_TRIES),
        .created_at = row_i64(r, PAYMENT_ONE_CREATED_AT),
        .captured_at = row_i64(r, PAYMENT_ONE_CAPTURED_AT),
    };
}

enum rc payment_get(struct payment *out, struct cx *cx, int64_t county, int64_t id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &PAYMENT_ONE, V_I(county), V_I(id)));
    *out = row_payment(cx, &rows);
    return db_done(&rows);
}

enum rc payment_by_reference(struct payment *out, struct cx *cx, int64_t county,
                             struct str reference)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &PAYMENT_OF_REFERENCE, V_I(county), V_S(reference)));
    *out = row_payment(cx, &rows);
    return db_done(&rows);
}

enum rc payment_list(struct payment **out, size_t *count, struct cx *cx, int64_t county,
                     int64_t purchase_id)
{
    struct db_rows rows;
    size_t n = 0;
    struct payment *list = arena_new(cx->arena, PAYMENTS_MAX * sizeof *list);
    TRY(DB_SELECT(&rows, cx, &PAYMENT_OF_PURCHASE, V_I(county), V_I(purchase_id)));
    while (n < PAYMENTS_MAX && db_next(&rows))
        list[n++] = row_payment(cx, &rows);
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

static struct refund row_refund(struct cx *cx, const struct db_rows *r, int64_t county)
{
    return (struct refund){
        .county = county,
        .id = row_i64(r, REFUND_ONE_ID),
        .payment_id = row_i64(r, REFUND_ONE_PAYMENT_ID),
        .order_id = row_i64(r, REFUND_ONE_ORDER_ID),
        .state = (enum refund_state)row_i64(r, REFUND_ONE_STATE),
        .currency = arena_copy(cx->arena, row_str(r, REFUND_ONE_CURRENCY)),
        .amount_minor = row_i64(r, REFUND_ONE_AMOUNT_MINOR),
        .reason = arena_copy(cx->arena, row_str(r, REFUND_ONE_REASON)),
        .tries = row_i64(r, REFUND_ONE_TRIES),
        .created_at = row_i64(r, REFUND_ONE_CREATED_AT),
        .done_at = row_i64(r, REFUND_ONE_DONE_AT),
        .transfer_id = row_i64(r, REFUND_ONE_TRANSFER_ID),
    };
}

enum rc refund_get(struct refund *out, struct cx *cx, int64_t county, int64_t id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &REFUND_ONE, V_I(county), V_I(id)));
    *out = row_refund(cx, &rows, county);
    return db_done(&rows);
}

enum rc refund_list(struct refund **out, size_t *count, struct cx *cx, int64_t county,
                    int64_t order_id)
{
    struct db_rows rows;
    size_t n = 0;
    struct refund *list = arena_new(cx->arena, REFUNDS_MAX * sizeof *list);
    TRY(DB_SELECT(&rows, cx, &REFUND_OF_ORDER, V_I(county), V_I(order_id)));
    while (n < REFUNDS_MAX && db_next(&rows))
        list[n++] = row_refund(cx, &rows, county);
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

/* ---- making ---- */

enum rc payment_add(int64_t *id, struct cx *cx, const struct payment_ask *a)
{
    int64_t new_id;
    const struct pay_provider *p = pay_provider_of(a->provider);
    assert(p && a->amount_minor > 0);
    TRY(db_ids(&new_id, cx, 1));
    TRY(DB_RUN(cx, &PAYMENT_INSERT, V_I(a->county), V_I(new_id), V_I(a->purchase_id),
               V_I(a->order_id), V_I(a->provider), V_I(p->begin ? PAYMENT_NEW : PAYMENT_ASKED),
               V_T(a->currency), V_I(a->amount_minor), V_T(sale_number(cx)), V_I(cx->now_at)));
    *id = new_id;
    return p->begin ? instruct_add(cx, a->county, "payment", new_id, 0) : RC_OK;
}

/* ---- giving back ---- */

struct refund_part {
    const struct order *order;
    int64_t payment_id, amount_minor;
    const char *reason;
};

static enum rc too_much_back(struct cx *cx, int64_t order_id)
{
    return fail(cx, RC_CONFLICT, _("More cannot go back than was paid and has not gone back."),
                "refund order=%" PRId64, order_id);
}

/* Counts the amount as going back on the payment and its part, or refuses. */
static enum rc hold_back(struct cx *cx, const struct refund_part *r)
{
    int64_t changed;
    const struct order *o = r->order;
    TRY(DB_RUN_COUNT(&changed, cx, &PAYMENT_PART_REFUNDING, V_I(o->county), V_I(r->payment_id),
                     V_I(o->id), V_I(r->amount_minor)));
    if (changed)
        TRY(DB_RUN_COUNT(&changed, cx, &PAYMENT_REFUNDING, V_I(o->county), V_I(r->payment_id),
                         V_I(r->amount_minor)));
    if (changed)
        TRY(DB_RUN_COUNT(&changed, cx, &ORDER_ADD_REFUNDED, V_I(o->county), V_I(o->id),
                         V_I(r->amount_minor)));
    return changed ? RC_OK : too_much_back(cx, o->id);
}

static enum rc refund_part(int64_t *id, struct cx *cx, const struct refund_part *r)
{
    const struct order *o = r->order;
    struct payment p;
    int64_t ids;
    TRY(hold_back(cx, r));
    TRY(payment_get(&p, cx, o->county, r->payment_id));
    const struct pay_provider *provider = pay_provider_of(p.provider);
    assert(provider);
    TRY(db_ids(&ids, cx, 2));
    struct ledger_transfer t = {.id = ids + 1,
                                .type = LEDGER_PENDING,
                                .amount = r->amount_minor,
                                .code = MONEY_CODE_REFUND,
                                .document_id = ids};
    TRY(money_account(&t.debit_id, cx, o->county, MONEY_ORDER, o->id));
    TRY(money_account(&t.credit_id, cx, o->county, MONEY_PROVIDER, p.provider));
    TRY(ledger_require(cx, o->county, &t, 1));
    TRY(DB_RUN(cx, &REFUND_INSERT, V_I(o->county), V_I(ids), V_I(p.id), V_I(o->id),
               V_I(provider->refund ? REFUND_NEW : REFUND_ASKED), V_T(p.currency),
               V_I(r->amount_minor), V_T(r->reason), V_I(t.id), V_I(cx->now_at)));
    *id = ids;
    return provider->refund ? instruct_add(cx, o->county, "refund", ids, 0) : RC_OK;
}

enum rc refund_add(int64_t *id, struct cx *cx, const struct refund_ask *r)
{
    struct db_rows rows;
    struct order o;
    struct {
        int64_t payment_id, left;
    } parts[PARTS_MAX];
    size_t count = 0;
    int64_t left = r->amount_minor, first_id = 0, one_id;
    if (left <= 0)
        return fail(cx, RC_INVALID, _("The amount must be more than 0."), "refund amount");
    TRY(order_row(&o, cx, r->county, r->order_id));
    TRY(DB_SELECT(&rows, cx, &PAYMENT_PARTS_OF_ORDER, V_I(r->county), V_I(r->order_id)));
    while (count < PARTS_MAX && db_next(&rows)) {
        parts[count].payment_id = row_i64(&rows, PAYMENT_PARTS_OF_ORDER_PAYMENT_ID);
        parts[count++].left = row_i64(&rows, PAYMENT_PARTS_OF_ORDER_LEFT_MINOR);
    }
    TRY(db_done(&rows));
    for (size_t i = 0; i < count && left; i++) {
        int64_t amount = left < parts[i].left ? left : parts[i].left;
        TRY(refund_part(&one_id, cx,
                        &(struct refund_part){&o, parts[i].payment_id, amount, r->reason}));
        first_id = first_id ? first_id : one_id;
        left -= amount;
    }
    if (left)
        return too_much_back(cx, r->order_id);
    *id = first_id;
    return RC_OK;
}

enum rc refund_done(enum pay_result *result, struct cx *cx, const struct refund *r)
{
    int64_t end_id, changed;
    TRY(db_ids(&end_id, cx, 1));
    TRY(DB_RUN_COUNT(&changed, cx, &REFUND_END, V_I(r->county), V_I(r->id), V_I(end_id),
                     V_I(cx->now_at)));
    *result = changed ? PAY_DONE : PAY_NOTHING;
    if (!changed)
        return RC_OK;
    struct ledger_transfer t = {
        .id = end_id, .type = LEDGER_POST, .pending_id = r->transfer_id, .document_id = r->id};
    TRY(ledger_require(cx, r->county, &t, 1));
    TRY(DB_RUN_COUNT(&changed, cx, &PAYMENT_REFUNDED, V_I(r->county), V_I(r->payment_id),
                     V_I(r->amount_minor)));
    return changed ? RC_OK : too_much_back(cx, r->order_id);
}

static enum rc confirm_write(struct cx *cx, void *arg)
{
    const struct refund *r = arg;
    enum pay_result result;
    return refund_done(&result, cx, r);
}

enum rc refund_confirm(struct cx *cx, int64_t county, int64_t id)
{
    struct refund r;
    struct order o;
    struct shop shop;
    struct payment p;
    enum rc rc = refund_get(&r, cx, county, id);
    if (rc == RC_NOTFOUND)
        return fail(cx, rc, _("There is no such refund."), "refund=%" PRId64, id);
    TRY(rc);
    TRY(order_get(&o, cx, county, r.order_id));
    TRY(payment_get(&p, cx, county, r.payment_id));
    if (cx->actor) {
        TRY(shop_get(&shop, cx, county, o.shop_id));
        TRY(actor_require_in(cx, "shop.manage", str_of(shop.area_path)));
    }
    const struct pay_provider *provider = pay_provider_of(p.provider);
    if (provider && provider->refund && r.state != REFUND_FAILED)
        return fail(cx, RC_CONFLICT, _("The payment provider itself says when this went back."),
                    "refund=%" PRId64, id);
    return db_write(cx, county, confirm_write, &r);
}

/* ---- capturing ---- */

/* The goods are kept for good, or (their time is over) the order ends as expired. */
static enum rc keep_goods(bool *kept, struct cx *cx, const struct order *o)
{
    struct order_item *items;
    size_t count;
    TRY(order_items(&items, &count, cx, o->county, o->id));
    *kept = true;
    for (size_t i = 0; i < count && *kept; i++)
        TRY(stock_keep(kept, cx, o->county, items[i].reservation_id));
    return RC_OK;
}

/* An order that waits is paid; what ended, or was paid before, gets its money back. */
static enum rc use_money(bool *goes_back, struct cx *cx, struct order *o,
                         const struct payment *p, int64_t amount, enum order_who who)
{
    bool kept = false;
    int64_t refund_id;
    if (o->state == ORDER_PLACED) {
        TRY(keep_goods(&kept, cx, o));
        if (!kept)
            TRY(order_expire(o, cx));
    }
    if (kept) {
        TRY(deadline_clear(cx, o->county, "sale.expire", o->id));
        return order_step(o, cx, &(struct step){EVENT_PAY, who, ""});
    }
    *goes_back = true;
    TRY(order_step(o, cx, &(struct step){EVENT_PAY_LATE, who, ""}));
    return refund_part(&refund_id, cx, &(struct refund_part){o, p->id, amount, "late"});
}

static enum rc book_part(struct cx *cx, const struct payment *p, const struct order *o,
                         int64_t amount)
{
    struct ledger_transfer t = {
        .amount = amount, .code = MONEY_CODE_PAID, .document_id = p->id};
    TRY(db_ids(&t.id, cx, 1));
    TRY(money_account(&t.debit_id, cx, o->county, MONEY_PROVIDER, p->provider));
    TRY(money_account(&t.credit_id, cx, o->county, MONEY_ORDER, o->id));
    TRY(ledger_require(cx, o->county, &t, 1));
    TRY(DB_RUN(cx, &PAYMENT_PART_INSERT, V_I(o->county), V_I(p->id), V_I(o->id), V_I(amount),
               V_I(t.id)));
    return DB_RUN(cx, &ORDER_ADD_PAID, V_I(o->county), V_I(o->id), V_I(amount));
}

enum rc payment_capture(enum pay_result *result, struct cx *cx, const struct payment *p,
                        enum order_who who)
{
    struct order *orders, one;
    size_t count = 1;
    int64_t changed, spread = 0;
    bool goes_back = false;
    TRY(DB_RUN_COUNT(&changed, cx, &PAYMENT_SET_CAPTURED, V_I(p->county), V_I(p->id),
                     V_I(cx->now_at)));
    *result = PAY_NOTHING;
    if (!changed)
        return RC_OK;
    if (p->order_id) {
        TRY(order_row(&one, cx, p->county, p->order_id));
        orders = &one;
    } else {
        TRY(order_of_purchase(&orders, &count, cx, p->county, p->purchase_id));
    }
    for (size_t i = 0; i < count; i++) {
        int64_t amount = p->order_id ? p->amount_minor : orders[i].total_minor;
        TRY(book_part(cx, p, &orders[i], amount));
        TRY(use_money(&goes_back, cx, &orders[i], p, amount, who));
        spread += amount;
    }
    if (spread != p->amount_minor)
        return fail(cx, RC_DB, _("The sums of this order do not agree. Nothing was ordered."),
                    "payment=%" PRId64 " spread", p->id);
    *result = goes_back ? PAY_BACK : PAY_DONE;
    return RC_OK;
}

/* The order is DELIVERED in this closure; cash is captured in the same. */
enum rc payment_cash(struct cx *cx, const struct order *o)
{
    struct payment p;
    int64_t id, due = order_due(o), changed;
    if (!due)
        return RC_OK;
    TRY(payment_add(&id, cx,
                    &(struct payment_ask){o->county, o->purchase_id, o->id, due, PAY_COD,
                                          cx->profile->currency}));
    TRY(payment_get(&p, cx, o->county, id));
    TRY(DB_RUN_COUNT(&changed, cx, &PAYMENT_SET_CAPTURED, V_I(p.county), V_I(p.id),
                     V_I(cx->now_at)));
    assert(changed == 1);
    return book_part(cx, &p, o, due);
}
