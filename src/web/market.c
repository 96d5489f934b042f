/* What the market's process does by itself, and its routes: see market.h. */
#include "web/market.h"

#include "base/log.h"
#include "base/text.h"
#include "ledger/ledger.h"
#include "sale/sale.h"
#include "store/store.h"
#include "work/deadline.h"
#include "work/outbox.h"

#include <assert.h>
#include <string.h>

enum { KINDS_MAX = 32, ROUTE_MAX = 300, NIGHT_S = 24 * 3600, HOUR_S = 3600 };

/* Each stands at the end of the page file it is named after. */
extern const struct route_table static_routes, gate_routes, window_routes, basket_routes,
    checkout_routes, order_routes, sell_order_routes, sell_routes, sell_product_routes,
    card_routes;

static const struct route_table *const tables[] = {
    &static_routes, &gate_routes,       &window_routes, &basket_routes,       &checkout_routes,
    &order_routes,  &sell_order_routes, &sell_routes,   &sell_product_routes, &card_routes,
};

const struct route *market_routes_all(size_t *count)
{
    static struct route all[ROUTE_MAX];
    static size_t filled;
    if (!filled)
        for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
            for (size_t i = 0; i < tables[t]->count; i++) {
                assert(filled < ROUTE_MAX);
                all[filled++] = tables[t]->rows[i];
            }
    *count = filled;
    return all;
}

/* Documents, ledger, stores and orders, recomputed. A fault fails the job. */
static enum rc verify_nightly(struct cx *cx, const struct job *job)
{
    int64_t documents, document_faults;
    struct verify_fault *faults;
    size_t ledger, stock, orders;
    (void)job;
    TRY(store_verify(&documents, &document_faults, cx));
    TRY(ledger_verify(&faults, &ledger, cx));
    TRY(stock_verify(&faults, &stock, cx));
    TRY(sale_verify(&faults, &orders, cx));
    log_event(LOG_LEVEL_INFO, "verified",
              "place=market documents=%" PRId64 " document_faults=%" PRId64
              " ledger_faults=%zu stock_faults=%zu order_faults=%zu",
              documents, document_faults, ledger, stock, orders);
    if (document_faults || ledger || stock || orders)
        return fail(
            cx, RC_INVALID,
            _("Something does not agree any more: run `fumin verify` and keep the backups."),
            "verify found faults");
    return RC_OK;
}

const struct job_kind *market_jobs_all(size_t *count)
{
    static struct job_kind all[KINDS_MAX] = {{"market.verify", verify_nightly, 1}};
    *count = 1;
    for (size_t i = 0; i < sale_job_kind_count && *count < KINDS_MAX; i++)
        all[(*count)++] = sale_job_kinds[i];
    return all;
}

enum rc market_jobs_register(struct cx *cx)
{
    TRY(job_every(cx, "sale.tend", "", HOUR_S));
    return job_every(cx, "market.verify", "", NIGHT_S);
}

static enum rc run_deadlines(struct cx *cx)
{
    int64_t fired;
    return deadline_fire_due(&fired, cx);
}

static enum rc run_inbox(struct cx *cx)
{
    int64_t taken;
    return inbox_take_due(&taken, cx);
}

static void join_deadlines(void)
{
    const struct {
        const struct deadline_kind *kinds;
        size_t count;
    } rooms[] = {
        {ledger_deadline_kinds, ledger_deadline_kind_count},
        {sale_deadline_kinds, sale_deadline_kind_count},
    };
    static struct deadline_kind all[KINDS_MAX];
    size_t filled = 0;
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        assert(filled + rooms[i].count <= KINDS_MAX);
        memcpy(all + filled, rooms[i].kinds, rooms[i].count * sizeof *all);
        filled += rooms[i].count;
    }
    deadline_kinds_set(all, filled);
}

void market_begin(void)
{
    static const struct job_clock clocks[] = {{"deadlines", 1000, run_deadlines},
                                              {"inbox", 1000, run_inbox}};
    static bool begun;
    if (begun)
        return;
    begun = true;
    join_deadlines();
    job_clocks_set(clocks, sizeof clocks / sizeof *clocks);
}
