/* What providers tell: kept once by (provider, event id), matched with a payment or refund of
 * ours by id or reference, amount and currency, and only then of effect; all in one write. */
#include "base/log.h"
#include "base/text.h"
#include "db/db.h"
#include "sale/payment.sql.h"
#include "sale/sale_inner.h"

#include <string.h>

enum { EVENT_ID_MAX = 100 };

struct taking {
    int64_t county;
    const struct pay_event *e;
    enum pay_result result;
    int64_t payment_id;
};

static enum rc find_payment(bool *found, struct payment *p, struct cx *cx,
                            const struct taking *t)
{
    const struct pay_event *e = t->e;
    enum rc rc = RC_NOTFOUND;
    if (e->payment_id)
        rc = payment_get(p, cx, t->county, e->payment_id);
    else if (e->reference.len)
        rc = payment_by_reference(p, cx, t->county, e->reference);
    *found = rc == RC_OK;
    return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc take_payment(struct taking *t, struct cx *cx)
{
    struct payment p;
    bool found;
    int64_t changed;
    const struct pay_event *e = t->e;
    TRY(find_payment(&found, &p, cx, t));
    t->result = PAY_UNKNOWN;
    if (!found)
        return RC_OK;
    t->payment_id = p.id;
    t->result = PAY_DIFFERS;
    if (p.provider != e->provider)
        return RC_OK;
    t->result = PAY_NOTHING;
    if (e->kind == PAY_FAIL) {
        TRY(DB_RUN_COUNT(&changed, cx, &PAYMENT_SET_FAILED, V_I(p.county), V_I(p.id)));
        t->result = changed ? PAY_DONE : PAY_NOTHING;
        return RC_OK;
    }
    if (e->amount_minor != p.amount_minor || strcmp(e->currency, p.currency) != 0) {
        t->result = PAY_DIFFERS;
        return RC_OK;
    }
    return e->kind == PAY_CAPTURE ? payment_capture(&t->result, cx, &p, WHO_PROVIDER) : RC_OK;
}

static enum rc take_refund(struct taking *t, struct cx *cx)
{
    struct refund r;
    struct payment p;
    int64_t changed;
    const struct pay_event *e = t->e;
    t->result = PAY_UNKNOWN;
    enum rc rc = refund_get(&r, cx, t->county, e->refund_id);
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    TRY(payment_get(&p, cx, t->county, r.payment_id));
    t->payment_id = p.id;
    t->result = PAY_DIFFERS;
    if (p.provider != e->provider || (e->payment_id && e->payment_id != p.id))
        return RC_OK;
    if (e->kind == PAY_REFUND_FAIL) {
        TRY(DB_RUN_COUNT(&changed, cx, &REFUND_SET_FAILED, V_I(r.county), V_I(r.id)));
        t->result = changed ? PAY_DONE : PAY_NOTHING;
        return RC_OK;
    }
    if (e->amount_minor != r.amount_minor || strcmp(e->currency, r.currency) != 0)
        return RC_OK;
    return refund_done(&t->result, cx, &r);
}

static enum rc was_there(bool *there, struct cx *cx, const struct taking *t)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &PAYMENT_EVENT_ONE, V_I(t->county), V_I(t->e->provider),
                        V_T(t->e->event_id));
    *there = rc == RC_OK;
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    return db_done(&rows);
}

static enum rc take_write(struct cx *cx, void *arg)
{
    struct taking *t = arg;
    const struct pay_event *e = t->e;
    bool there;
    t->payment_id = e->payment_id;
    TRY(was_there(&there, cx, t));
    if (there) {
        t->result = PAY_SEEN;
        return RC_OK;
    }
    switch (e->kind) {
    case PAY_AUTHORISED:
    case PAY_CAPTURE:
    case PAY_FAIL:
        TRY(take_payment(t, cx));
        break;
    case PAY_REFUNDED:
    case PAY_REFUND_FAIL:
        TRY(take_refund(t, cx));
        break;
    }
    struct str raw = sale_seal(cx, e->raw, "hook", t->payment_id);
    return DB_RUN(cx, &PAYMENT_EVENT_INSERT, V_I(t->county), V_I(e->provider), V_T(e->event_id),
                  V_I(e->kind), V_I(t->payment_id), V_I(e->refund_id), V_T(e->currency),
                  V_I(e->amount_minor), V_I(t->result), V_B(raw.p, raw.len), V_I(cx->now_at));
}

static bool fits(const struct pay_event *e)
{
    size_t len = e->event_id ? strlen(e->event_id) : 0;
    return len > 0 && len <= EVENT_ID_MAX && e->kind >= PAY_AUTHORISED &&
           e->kind <= PAY_REFUND_FAIL && e->currency && strlen(e->currency) <= 3 &&
           pay_provider_of(e->provider) && e->payment_id >= 0 && e->refund_id >= 0;
}

enum rc pay_event_take(enum pay_result *out, struct cx *cx, int64_t county,
                       const struct pay_event *e)
{
    struct taking t = {.county = county, .e = e};
    bool there;
    if (!fits(e))
        return fail(cx, RC_INVALID, _("The payment provider sent what cannot be read."),
                    "pay event");
    enum rc rc = db_write(cx, county, take_write, &t);
    if (rc == RC_CONFLICT) { /* another server was faster with the same event */
        TRY(was_there(&there, cx, &t));
        if (!there)
            return rc;
        err_clear(cx);
        t.result = PAY_SEEN;
        rc = RC_OK;
    }
    TRY(rc);
    if (t.result == PAY_UNKNOWN || t.result == PAY_DIFFERS)
        log_event(LOG_LEVEL_WARN, "pay_event",
                  "county=%" PRId64 " provider=%d kind=%d payment=%" PRId64 " refund=%" PRId64
                  " result=%d",
                  county, e->provider, e->kind, t.payment_id, e->refund_id, t.result);
    *out = t.result;
    return RC_OK;
}

enum rc pay_hook_take(enum pay_result *out, struct cx *cx, const struct pay_hook *h)
{
    struct pay_setting s;
    struct pay_event e;
    const struct pay_provider *p = pay_provider_of(h->provider);
    if (!p || !p->parse)
        return fail(cx, RC_NOTFOUND, _("There is no such payment provider."), "provider=%d",
                    h->provider);
    TRY(pay_setting_get(&s, cx, h->county, h->provider));
    TRY(p->parse(&e, cx, &s, h));
    return pay_event_take(out, cx, h->county, &e);
}
