/* Flows and time: deadlines, automatic moves; and what befalls a flow from outside: a profile
 * that does not know its state any more, an area that was merged into another. */
#include "base/text.h"
#include "base/utf8.h"
#include "profile/calendar.h"
#include "work/flow.sql.h"
#include "work/flow_inner.h"

#include <string.h>

static flow_auto_fn auto_fn; /* set at start, before threads */

void flow_auto_set(flow_auto_fn fn)
{
    auto_fn = fn;
}

/* ---- deadlines ---- */

static enum rc fire_due(struct cx *cx, const struct deadline *d)
{
    struct flow f;
    int64_t seq;
    TRY(flow_read(&f, cx, d->subject_id));
    if (f.closed_at)
        return RC_OK;
    const struct flow_written step = {
        .event = "late", .from = f.state_code, .to = f.state_code, .followed = true};
    return flow_step_add(&seq, cx, &f, &step);
}

static bool is_plain(const struct workflow_move *m)
{
    return !m->guard[0] && !m->snapshot && !m->field_count && !m->set_count;
}

static enum rc make_move(struct cx *cx, const struct flow *f, const struct workflow_move *m)
{
    const struct flow_ask ask = {.id = f->id, .version = f->version, .event = str_of(m->event)};
    return flow_move(cx, &ask);
}

static bool is_auto(const struct flow *f, const struct workflow_move *m)
{
    return m->kind == MOVE_AUTO && !strcmp(m->from, f->state_code);
}

/* When a flow whose moment has come is to be looked at again, 0: it is to be moved now. The
 * profile may have changed since: more days or holidays make the moment later, and a state that
 * it does not know any more may come back. */
static int64_t look_again_at(struct cx *cx, const struct flow *f)
{
    if (!f->state)
        return deadline_after(cx->profile, cx->now_at, 0, true);
    int64_t earliest = flow_earliest(cx, f);
    return earliest > cx->now_at ? earliest : 0;
}

/* A plain move is made here; others need their caller, outside of this write. */
static enum rc fire_auto(struct cx *cx, const struct deadline *d)
{
    struct flow f;
    int64_t job;
    TRY(flow_read(&f, cx, d->subject_id));
    if (f.closed_at)
        return RC_OK;
    int64_t again_at = look_again_at(cx, &f);
    if (again_at)
        return deadline_set(cx, f.county, "flow.auto", f.id, again_at, 0);
    for (size_t i = 0; i < f.workflow->move_count; i++) {
        const struct workflow_move *m = &f.workflow->moves[i];
        if (!is_auto(&f, m))
            continue;
        if (is_plain(m))
            return make_move(cx, &f, m);
        return job_add(&job, cx, f.county, "flow.auto",
                       arena_printf(cx->arena, "%" PRId64, f.id), 0);
    }
    return RC_OK;
}

const struct deadline_kind flow_deadline_kinds[] = {{"flow.due", fire_due},
                                                    {"flow.auto", fire_auto}};
const size_t flow_deadline_kind_count =
    sizeof flow_deadline_kinds / sizeof flow_deadline_kinds[0];

static enum rc write_again(struct cx *cx, void *arg)
{
    const struct flow *f = arg;
    struct flow now;
    TRY(flow_read(&now, cx, f->id));
    if (now.version != f->version)
        return RC_OK;
    int64_t at = look_again_at(cx, &now);
    return deadline_set(cx, f->county, "flow.auto", f->id,
                        at ? at : deadline_after(cx->profile, cx->now_at, 0, true), 0);
}

/* Not made: the guard does not hold, or there is nobody who could evaluate it. */
static enum rc try_move(bool *made, struct cx *cx, const struct flow *f,
                        const struct workflow_move *m)
{
    struct flow now;
    enum rc rc = RC_OK;
    if (is_plain(m))
        rc = make_move(cx, f, m);
    else if (auto_fn)
        rc = auto_fn(cx, f, m);
    if (rc == RC_INVALID || rc == RC_CONFLICT) {
        err_clear(cx);
        rc = RC_OK;
    }
    TRY(rc);
    TRY(flow_read(&now, cx, f->id));
    *made = now.version != f->version;
    return RC_OK;
}

enum rc flow_auto_run(struct cx *cx, int64_t id)
{
    struct flow f;
    TRY(flow_read(&f, cx, id));
    if (f.closed_at)
        return RC_OK;
    if (look_again_at(cx, &f))
        return db_write(cx, f.county, write_again, &f);
    for (size_t i = 0; i < f.workflow->move_count; i++) {
        bool made = false;
        if (!is_auto(&f, &f.workflow->moves[i]))
            continue;
        TRY(try_move(&made, cx, &f, &f.workflow->moves[i]));
        if (made)
            return RC_OK;
    }
    return db_write(cx, f.county, write_again, &f);
}

static enum rc run_auto(struct cx *cx, const struct job *job)
{
    int64_t id;
    if (!str_to_i64(&id, str_of(job->argument)))
        return fail(cx, RC_INVALID, _("This job does not say what to work on."), "argument");
    return flow_auto_run(cx, id);
}

const struct job_kind flow_job_kinds[] = {{"flow.auto", run_auto, 0}};
const size_t flow_job_kind_count = sizeof flow_job_kinds / sizeof flow_job_kinds[0];

/* ---- repair ---- */

struct repair_write {
    struct flow flow;
    int32_t version;
    const struct workflow_state *to; /* NULL: closed */
    struct str reason;
};

static enum rc close_flow(struct cx *cx, struct flow *f, int64_t seq)
{
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &FLOW_STEP_ON, V_I(f->county), V_I(f->id), V_I(f->version),
                     V_T(f->state_code), V_I(seq), V_I(cx->now_at), V_I(NO_DUE),
                     V_I(cx->now_at)));
    if (changed != 1)
        return flow_moved(cx, f);
    TRY(deadline_clear(cx, f->county, "flow.due", f->id));
    TRY(deadline_clear(cx, f->county, "flow.auto", f->id));
    return task_close_of(cx, f->county, "flow", f->id, TASK_CANCELLED);
}

static enum rc write_repair(struct cx *cx, void *arg)
{
    struct repair_write *r = arg;
    struct flow f;
    int64_t seq;
    TRY(flow_read(&f, cx, r->flow.id));
    if (f.version != r->version)
        return flow_moved(cx, &f);
    const struct flow_written step = {.event = "repair",
                                      .from = f.state_code,
                                      .to = r->to ? r->to->code : "",
                                      .reason = r->reason,
                                      .followed = true};
    TRY(flow_step_add(&seq, cx, &f, &step));
    if (!r->to)
        return close_flow(cx, &f, seq);
    TRY(flow_enter(cx, &f, r->to, seq));
    return flow_tell(cx, &f, NULL, NULL);
}

enum rc flow_set_state(struct cx *cx, int64_t id, int32_t version, struct str state,
                       struct str reason)
{
    struct repair_write r = {.version = version, .reason = str_trim(reason)};
    TRY(flow_get(&r.flow, cx, id));
    TRY(actor_require_in(cx, "flow.repair", str_of(r.flow.area_path)));
    if (r.flow.state || r.flow.closed_at)
        return fail(cx, RC_INVALID, _("This is where it should be; it needs no repair."),
                    "flow=%" PRId64 " not stranded", id);
    if (state.len && r.flow.workflow)
        r.to = workflow_state(r.flow.workflow, state);
    if (state.len && !r.to)
        return fail(cx, RC_INVALID, _("The profile has no such state."), "flow=%" PRId64, id);
    if (!r.reason.len || utf8_length(r.reason) > REASON_MAX)
        return fail(cx, RC_INVALID, _("Say why, please."), "flow=%" PRId64 " reason", id);
    return db_write(cx, r.flow.county, write_repair, &r);
}

/* ---- areas ---- */

struct relocating {
    struct flow flow;
    struct place to;
};

static enum rc write_relocate(struct cx *cx, void *arg)
{
    const struct relocating *r = arg;
    struct flow f = r->flow;
    int64_t changed, seq;
    TRY(DB_RUN_COUNT(&changed, cx, &FLOW_SET_PLACE, V_I(f.county), V_I(f.id), V_I(f.version),
                     V_I(r->to.id), V_T(r->to.path)));
    if (changed != 1)
        return flow_moved(cx, &f);
    f.area_id = r->to.id;
    f.area_path = r->to.path;
    const struct flow_written step = {
        .event = "relocated", .from = f.state_code, .to = f.state_code, .followed = true};
    TRY(flow_step_add(&seq, cx, &f, &step));
    TRY(task_close_of(cx, f.county, "flow", f.id, TASK_CANCELLED));
    return f.state ? flow_task(cx, &f) : RC_OK;
}

enum rc flow_relocate(struct cx *cx, int64_t id, int32_t version, int64_t area_id)
{
    struct relocating r;
    TRY(flow_read(&r.flow, cx, id));
    TRY(place_get(&r.to, cx, area_id));
    r.flow.version = version;
    return db_write(cx, r.flow.county, write_relocate, &r);
}

enum rc flow_area_merged(struct cx *cx, int64_t county, int64_t from_area, int64_t to_area)
{
    struct place from, to;
    TRY(place_get(&from, cx, from_area));
    TRY(place_get(&to, cx, to_area));
    return DB_RUN(cx, &FLOW_MOVE_AREA, V_I(county), V_I(from_area), V_T(from.path),
                  V_I(to_area), V_T(to.path));
}
