/* Telling providers, as durable jobs: the row of the payment or refund and its job are written
 * in one transaction; the job calls the provider outside of any lock and writes what came of
 * it. Without an answer another job is queued later, with the same idempotency key. */
#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "db/db.h"
#include "sale/order.sql.h"
#include "sale/payment.sql.h"
#include "sale/sale_inner.h"

#include <string.h>

enum { RETRY_FIRST_S = 2, RETRY_MAX_S = 3600, RETRY_STEPS = 10, DAY_S = 86400, KEY_DAYS = 90 };

enum rc instruct_add(struct cx *cx, int64_t county, const char *kind, int64_t id,
                     int64_t run_at)
{
    int64_t job_id;
    return job_add(&job_id, cx, county, "sale.instruct",
                   arena_printf(cx->arena, "%" PRId64 " %s %" PRId64, county, kind, id),
                   run_at);
}

struct instruction {
    int64_t county, id;
    bool is_refund;
    enum rc rc; /* of the call */
    struct pay_answer answer;
    int64_t tries;
};

static bool parse_argument(struct instruction *out, struct str s)
{
    struct str county = str_cut(&s, ' '), kind = s.p ? str_cut(&s, ' ') : STR("");
    out->is_refund = str_eq_z(kind, "refund");
    return s.p && (out->is_refund || str_eq_z(kind, "payment")) &&
           str_to_i64(&out->county, county) && str_to_i64(&out->id, s);
}

static enum rc written_answer(struct cx *cx, const struct instruction *in)
{
    const struct pay_answer *a = &in->answer;
    if (in->is_refund)
        return a->accepted ? DB_RUN(cx, &REFUND_SET_ASKED, V_I(in->county), V_I(in->id),
                                    V_T(a->provider_reference))
                           : DB_RUN(cx, &REFUND_SET_FAILED, V_I(in->county), V_I(in->id));
    return a->accepted ? DB_RUN(cx, &PAYMENT_SET_ASKED, V_I(in->county), V_I(in->id),
                                V_T(a->provider_reference), V_T(a->pay_url))
                       : DB_RUN(cx, &PAYMENT_SET_FAILED, V_I(in->county), V_I(in->id));
}

static enum rc end_write(struct cx *cx, void *arg)
{
    const struct instruction *in = arg;
    if (!in->rc)
        return written_answer(cx, in);
    int64_t wait = in->tries < RETRY_STEPS ? (int64_t)RETRY_FIRST_S << in->tries : RETRY_MAX_S;
    TRY(in->is_refund ? DB_RUN(cx, &REFUND_TRIED, V_I(in->county), V_I(in->id))
                      : DB_RUN(cx, &PAYMENT_TRIED, V_I(in->county), V_I(in->id)));
    return instruct_add(cx, in->county, in->is_refund ? "refund" : "payment", in->id,
                        cx->now_at + wait);
}

/* *needed false: told already, or no longer wanted. */
static enum rc call(bool *needed, struct instruction *in, struct cx *cx)
{
    struct payment p;
    struct refund r = {0};
    struct pay_setting s;
    *needed = false;
    if (in->is_refund)
        TRY(refund_get(&r, cx, in->county, in->id));
    TRY(payment_get(&p, cx, in->county, in->is_refund ? r.payment_id : in->id));
    const struct pay_provider *provider = pay_provider_of(p.provider);
    if (in->is_refund ? r.state != REFUND_NEW : p.state != PAYMENT_NEW)
        return RC_OK;
    if (!in->is_refund && p.created_at + DAY_S < cx->now_at)
        return RC_OK; /* its order has expired long ago */
    *needed = true;
    in->tries = in->is_refund ? r.tries : p.tries;
    TRY(pay_setting_get(&s, cx, in->county, p.provider));
    in->rc = in->is_refund ? provider->refund(&in->answer, cx, &s, &r)
                           : provider->begin(&in->answer, cx, &s, &p);
    if (in->rc != RC_IO && in->rc != RC_BUSY)
        return in->rc;
    log_event(LOG_LEVEL_WARN, "instruct",
              "county=%" PRId64 " id=%" PRId64 " tries=%" PRId64 " detail=\"%s\"", in->county,
              in->id, in->tries, cx->err.detail);
    err_clear(cx);
    return RC_OK;
}

enum rc instruct_run(struct cx *cx, const struct job *job)
{
    struct instruction in = {0};
    bool needed;
    if (!parse_argument(&in, str_of(job->argument)))
        return fail(cx, RC_INVALID, _("This job cannot be read."), "sale.instruct argument");
    TRY(call(&needed, &in, cx));
    if (!needed)
        return RC_OK;
    if (fault_hit("sale.instructed"))
        return fail(cx, RC_IO, _("The payment provider does not answer."), "sale.instructed");
    return db_write(cx, in.county, end_write, &in);
}

/* ---- tidying ---- */

static enum rc tend_write(struct cx *cx, void *arg)
{
    int64_t basket = cx->now_at - (int64_t)BASKET_DAYS * DAY_S;
    (void)arg;
    TRY(DB_RUN(cx, &BASKET_ITEMS_FORGET, V_I(basket)));
    TRY(DB_RUN(cx, &BASKET_FORGET, V_I(basket)));
    return DB_RUN(cx, &IDEMPOTENCY_FORGET, V_I(cx->now_at - (int64_t)KEY_DAYS * DAY_S));
}

enum rc sale_tend(struct cx *cx, const struct job *job)
{
    (void)job;
    return db_write(cx, 0, tend_write, NULL);
}

const struct job_kind sale_job_kinds[] = {{"sale.instruct", instruct_run, 5},
                                          {"sale.tend", sale_tend, 1}};
const size_t sale_job_kind_count = sizeof sale_job_kinds / sizeof *sale_job_kinds;
