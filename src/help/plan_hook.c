/* What a case's way through its workflow means for help: a household that comes under watch
 * gets a task "make a help plan", due as the profile's limit measure_days says. */
#include "base/text.h"
#include "help/help.sql.h"
#include "help/help_inner.h"
#include "profile/calendar.h"
#include "register/area.h"
#include "work/flow.h"

#include <string.h>

/* The limit in days in force at the area today; -1: the profile has none. */
static enum rc days_for_measures(int32_t *days, struct cx *cx, int64_t area_id)
{
    struct area *chain;
    size_t count;
    *days = -1;
    TRY(area_chain(&chain, &count, cx, area_id));
    struct str *codes = arena_new(cx->arena, (count + 1) * sizeof *codes);
    for (size_t i = 0; i < count; i++)
        codes[i] = str_of(chain[count - 1 - i].code);
    const struct threshold *t =
        profile_threshold(cx->profile, STR("measure_days"), codes, count, help_today(cx));
    int64_t scale = 1;
    for (unsigned d = 0; t && d < t->decimals; d++)
        scale *= 10;
    if (t)
        *days = (int32_t)(t->value / scale);
    return RC_OK;
}

static enum rc has_open_plan(bool *has, struct cx *cx, const struct flow *f)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &PLAN_OPEN_ONE, V_I(f->county), V_I(f->subject_id));
    *has = rc == RC_OK;
    return rc == RC_NOTFOUND ? RC_OK : rc ? rc : db_done(&rows);
}

static enum rc add_plan_task(struct cx *cx, const struct flow *f)
{
    int64_t id;
    int32_t days;
    TRY(days_for_measures(&days, cx, f->area_id));
    const struct task t = {
        .county = f->county,
        .kind = "plan",
        .subject_id = f->id,
        .household_id = f->subject_id,
        .area_id = f->area_id,
        .owner = {OWNER_AREA, f->area_id, "plan.edit"},
        .giver_id = help_user(cx),
        .title = both_f(cx, N_("Make a help plan for a household in %s"),
                        area_label(cx, f->area_id)),
        .why =
            both_f(cx, N_("The household is being watched. Propose measures, talk about them "
                          "with the household and agree on a plan.")),
        .href = arena_printf(cx->arena, "/plan/new?household=%" PRId64 "&flow=%" PRId64,
                             f->subject_id, f->id),
        .due_at = days < 0 ? 0 : deadline_after(cx->profile, cx->now_at, days, false),
        .outcome = ""};
    return task_add(&id, cx, &t);
}

/* Nothing is asked of a profile without measures. */
static enum rc on_flow(struct cx *cx, const struct flow *now, const struct workflow_move *move,
                       const struct flow_ask *ask)
{
    bool has;
    (void)ask;
    if (!now->workflow || now->workflow->subject != FLOW_HOUSEHOLD || !now->state ||
        !cx->profile->measures->count)
        return RC_OK;
    if (now->state->kind == STATE_END)
        return move ? task_close_of(cx, now->county, "plan", now->id, TASK_CANCELLED) : RC_OK;
    /* A visit under watch asks for no second plan. */
    if (now->state->kind != STATE_WATCH || (move && !strcmp(move->from, now->state_code)))
        return RC_OK;
    TRY(has_open_plan(&has, cx, now));
    return has ? RC_OK : add_plan_task(cx, now);
}

/* ---- tasks of items ---- */

/* The owner ended the task on its own page: done is delivered; what cannot be done has to be
 * decided again; undone is not delivered. What this room did itself is as it should be. */
static enum rc on_task(struct cx *cx, const struct task *now)
{
    struct plan p;
    struct plan_item x;
    enum item_state to;
    if (strcmp(now->kind, "plan_item") != 0)
        return RC_OK;
    TRY(item_load(&x, cx, now->subject_id));
    TRY(plan_load(&p, cx, x.plan_id));
    bool waits = x.state == ITEM_AGREED || x.state == ITEM_STARTED || x.state == ITEM_DENIED;
    bool ended = now->state == TASK_DONE;
    bool refused = now->state == TASK_REFUSED || now->state == TASK_CANCELLED;
    if (x.task_id != now->id ||
        !((waits && (ended || refused)) || (x.state == ITEM_DELIVERED && !ended && !refused)))
        return RC_OK;
    if (ended && x.objected_at)
        return item_objected(cx);
    to = ended ? ITEM_DELIVERED : refused ? ITEM_PROPOSED : ITEM_STARTED;
    if (ended)
        TRY(DB_RUN(cx, &ITEM_DELIVER, V_I(p.county), V_I(p.id), V_I(x.id), V_I(x.version),
                   V_I(help_today(cx)), V_I(0), V_I(x.document_id)));
    else
        TRY(DB_RUN(cx, &ITEM_STATE_SET, V_I(p.county), V_I(p.id), V_I(x.id), V_I(x.version),
                   V_I(to)));
    if (refused)
        TRY(DB_RUN(cx, &ITEM_TASK_SET, V_I(p.county), V_I(p.id), V_I(x.id), V_I(0)));
    TRY(DB_RUN(cx, &PLAN_TOUCH, V_I(p.county), V_I(p.id)));
    return plan_note(cx, &p, x.id,
                     ended     ? "delivered"
                     : refused ? "given_back"
                               : "started",
                     str_of(now->outcome));
}

void help_begin(void)
{
    task_hook_add(on_task);
    flow_hook_add(on_flow);
}
