/* Loans with a late part: the deadline "loan.late" stands at the end of the day on which the
 * oldest unpaid part falls due; when it fires, the bank gets a task. */
#include "base/text.h"
#include "help/help_inner.h"
#include "help/loan.sql.h"
#include "help/loan_inner.h"
#include "register/area.h"
#include "work/task.h"

static const char late_kind[] = "loan.late", task_kind[] = "loan_late";
enum { TASK_DAYS = 7 };

static enum rc sums_today(struct loan_sums *out, struct cx *cx, const struct loan *l)
{
    struct loan_entry *entries;
    size_t count;
    TRY(loan_entries(&entries, &count, cx, l));
    return loan_sums_at(out, cx, l, entries, count, help_today(cx));
}

static struct db_arg day_arg(int32_t day)
{
    return day == INT32_MIN ? V_NULL : V_I(day);
}

enum rc loan_follow(struct cx *cx, const struct loan *l)
{
    struct loan_sums s = {.late_since = INT32_MIN, .next_day = INT32_MIN};
    if (l->state == LOAN_PAID_OUT)
        TRY(sums_today(&s, cx, l));
    int32_t due = s.late_since == INT32_MIN ? s.next_day : s.late_since - 1;
    TRY(DB_RUN(cx, &LOAN_DUE_SET, V_I(l->county), V_I(l->id), day_arg(due)));
    TRY(deadline_set(cx, l->county, late_kind, l->id,
                     due == INT32_MIN ? 0 : help_day_end(cx, due), 0));
    if (s.late_minor)
        return RC_OK;
    return task_close_of(cx, l->county, task_kind, l->id,
                         l->state == LOAN_WRITTEN_OFF ? TASK_CANCELLED : TASK_DONE);
}

static enum rc add_task(struct cx *cx, const struct loan *l)
{
    int64_t id;
    struct owner owner = {OWNER_ORG, l->bank_org_id, ""};
    if (!l->bank_org_id)
        owner = (struct owner){OWNER_AREA, l->area_id, "work.manage"};
    const struct task t = {
        .county = l->county,
        .kind = task_kind,
        .subject_id = l->id,
        .household_id = l->household_id,
        .area_id = l->area_id,
        .owner = owner,
        .title =
            both_f(cx, N_("A part of a small loan in %s is late"), area_label(cx, l->area_id)),
        .why = both_f(
            cx, N_("Talk with the household first: why could it not pay? Agree on when it "
                   "can, or tell its helper. When the money came, enter the receipt; then this "
                   "task ends by itself.")),
        .href = arena_printf(cx->arena, "/loan/%" PRId64, l->id),
        .due_at = help_day_end(cx, help_today(cx) + TASK_DAYS),
        .outcome = ""};
    return task_add(&id, cx, &t);
}

static enum rc fire_late(struct cx *cx, const struct deadline *d)
{
    struct loan l;
    struct household h;
    struct loan_sums s;
    TRY(loan_load(&l, &h, cx, d->subject_id));
    if (l.state != LOAN_PAID_OUT)
        return RC_OK;
    TRY(sums_today(&s, cx, &l));
    if (s.late_minor)
        TRY(add_task(cx, &l));
    return s.next_day == INT32_MIN ? RC_OK
                                   : deadline_set(cx, l.county, late_kind, l.id,
                                                  help_day_end(cx, s.next_day), d->step + 1);
}

const struct deadline_kind loan_deadline_kinds[] = {{late_kind, fire_late}};
const size_t loan_deadline_kind_count = 1;
