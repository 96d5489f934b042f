/* What the server does by itself: jobs, deadlines, clocks, and what follows from what. */
#include "web/jobs.h"

#include "base/log.h"
#include "base/text.h"
#include "casework/posting.h"
#include "casework/tip.h"
#include "help/help_area.h"
#include "help/loan.h"
#include "help/plan.h"
#include "ledger/ledger.h"
#include "office/office_area.h"
#include "register/apply.h"
#include "register/area_merge.h"
#include "register/check.h"
#include "register/compare.h"
#include "register/import.h"
#include "shop/shop.h"
#include "store/store.h"
#include "watch/alert.h"
#include "web/market.h"
#include "work/flow.h"
#include "work/outbox.h"

#include <assert.h>

enum { KINDS_MAX = 32, NIGHT_S = 24 * 3600, HOUR_S = 3600, WATCH_S = 30, NIGHT_SAMPLE = 500 };

/* Reads every document, checks the journal's chain and counts, compares a sample of households,
 * and recomputes the ledger. A fault fails the job, which the status page shows;
 * `fumin verify` lists the faults. */
static enum rc verify_nightly(struct cx *cx, const struct job *job)
{
    int64_t documents, document_faults;
    struct verify_fault *faults;
    struct verify_fault *ledger;
    size_t fault_count, ledger_count;
    (void)job;
    TRY(store_verify(&documents, &document_faults, cx));
    TRY(register_verify(&faults, &fault_count, cx, NIGHT_SAMPLE));
    TRY(ledger_verify(&ledger, &ledger_count, cx));
    log_event(LOG_LEVEL_INFO, "verified",
              "documents=%" PRId64 " document_faults=%" PRId64 " faults=%zu"
              " ledger_faults=%zu",
              documents, document_faults, fault_count, ledger_count);
    if (document_faults || fault_count || ledger_count)
        return fail(
            cx, RC_INVALID,
            _("Something does not agree any more: run `fumin verify` and keep the backups."),
            "verify found faults");
    return RC_OK;
}

static const struct job_kind own_kinds[] = {{"office.verify", verify_nightly, 1}};

const struct job_kind *jobs_all(size_t *count)
{
    const struct {
        const struct job_kind *kinds;
        size_t count;
    } rooms[] = {
        {import_job_kinds, import_job_kind_count},
        {area_merge_job_kinds, area_merge_job_kind_count},
        {check_job_kinds, check_job_kind_count},
        {compare_job_kinds, compare_job_kind_count},
        {task_job_kinds, task_job_kind_count},
        {flow_job_kinds, flow_job_kind_count},
        {casework_job_kinds, casework_job_kind_count},
        {watch_job_kinds, watch_job_kind_count},
        {own_kinds, 1},
    };
    static struct job_kind all[KINDS_MAX];
    static size_t filled;
    bool is_first = filled == 0;
    for (size_t i = 0; is_first && i < sizeof rooms / sizeof *rooms; i++) {
        assert(filled + rooms[i].count <= KINDS_MAX);
        memcpy(all + filled, rooms[i].kinds, rooms[i].count * sizeof *all);
        filled += rooms[i].count;
    }
    *count = filled;
    return all;
}

/* ---- deadlines and clocks ---- */

static void join_deadlines(void)
{
    const struct {
        const struct deadline_kind *kinds;
        size_t count;
    } rooms[] = {
        {task_deadline_kinds, task_deadline_kind_count},
        {flow_deadline_kinds, flow_deadline_kind_count},
        {posting_deadline_kinds, posting_deadline_kind_count},
        {loan_deadline_kinds, loan_deadline_kind_count},
        {ledger_deadline_kinds, ledger_deadline_kind_count},
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

static enum rc run_deadlines(struct cx *cx)
{
    int64_t fired;
    return deadline_fire_due(&fired, cx);
}

static enum rc run_sending(struct cx *cx)
{
    int64_t sent;
    return notice_send_due(&sent, cx);
}

static enum rc run_summaries(struct cx *cx)
{
    int64_t made;
    return notice_summaries_due(&made, cx);
}

static enum rc run_inbox(struct cx *cx)
{
    int64_t taken;
    return inbox_take_due(&taken, cx);
}

/* The rooms above the register follow areas that move or end (register/area_merge.h). */
static enum rc follow_area(struct cx *cx, const struct area_moved *m)
{
    TRY(help_area_moved(cx, m));
    TRY(alert_area_merged(cx, m->county, m->from_id, m->to_id));
    if (m->from_id == m->to_id)
        return RC_OK; /* what follows keeps no paths */
    TRY(casework_area_merged(cx, m->county, m->from_id, m->to_id));
    TRY(shop_area_moved(cx, m->county, m->from_id, m->to_id));
    return office_area_merged(cx, m->county, m->from_id, m->to_id);
}

void office_begin(void)
{
    static const struct job_clock clocks[] = {{"deadlines", 1000, run_deadlines},
                                              {"sending", 2000, run_sending},
                                              {"summaries", 60000, run_summaries},
                                              {"bridge", 1000, bridge_carry},
                                              {"inbox", 1000, run_inbox}};
    static bool begun;
    if (begun)
        return;
    begun = true;
    join_deadlines();
    casework_begin();
    help_begin();
    watch_begin();
    area_moved_hook_add(follow_area);
    job_clocks_set(clocks, sizeof clocks / sizeof *clocks);
}

enum rc jobs_register(struct cx *cx)
{
    TRY(job_every(cx, "check.nightly", "", NIGHT_S));
    TRY(job_every(cx, "casework.follow", "", HOUR_S));
    TRY(job_every(cx, "task.tend", "", NIGHT_S));
    TRY(job_every(cx, "watch.tick", "", WATCH_S));
    return job_every(cx, "office.verify", "", NIGHT_S);
}
