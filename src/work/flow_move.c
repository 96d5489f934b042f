/* Flows: opening, moving, signing. All that follows from a move (its step, answers, the old
 * state's task closed, the new one's task and deadlines, the hooks) is one transaction,
 * conditional on the version that was looked at. */
#include "base/text.h"
#include "base/utf8.h"
#include "people/user.h"
#include "profile/calendar.h"
#include "work/flow.sql.h"
#include "work/flow_inner.h"

#include <assert.h>
#include <string.h>

enum { HOOKS_MAX = 8, PASSED_MAX = 16, CODES_MAX = 8 };

static flow_hook hooks[HOOKS_MAX]; /* filled at start, before threads */
static size_t hook_count;

void flow_hook_add(flow_hook hook)
{
    for (size_t i = 0; i < hook_count; i++)
        if (hooks[i] == hook)
            return;
    assert(hook_count < HOOKS_MAX);
    hooks[hook_count++] = hook;
}

/* ---- steps ---- */

static enum rc last_step(int64_t *seq, int64_t *user_id, struct cx *cx, const struct flow *f)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &FLOW_LAST, V_I(f->county), V_I(f->id));
    *seq = *user_id = 0;
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    *seq = row_i64(&rows, FLOW_LAST_SEQ);
    *user_id = row_i64(&rows, FLOW_LAST_USER_ID);
    return db_done(&rows);
}

enum rc flow_step_add(int64_t *seq, struct cx *cx, const struct flow *f,
                      const struct flow_written *s)
{
    int64_t last, user;
    TRY(last_step(&last, &user, cx, f));
    *seq = last + 1;
    return DB_RUN(cx, &FLOW_MOVE_ADD, V_I(f->county), V_I(f->id), V_I(*seq), V_I(cx->now_at),
                  V_I(work_user(cx)), V_T(s->event), V_T(s->from), V_T(s->to),
                  V_S(s->reason.p ? str_trim(s->reason) : STR("")), V_I(s->advice),
                  V_I(s->followed), V_S(s->advice_text.p ? s->advice_text : STR("")),
                  V_I(s->journal_seq), V_I(s->snapshot_id));
}

static enum rc write_answers(struct cx *cx, const struct flow *f, int64_t seq,
                             const struct flow_ask *ask)
{
    for (size_t i = 0; i < ask->answer_count; i++) {
        const struct flow_answer *a = &ask->answers[i];
        struct str text = a->value.kind == VALUE_TEXT ? a->value.s : STR("");
        TRY(DB_RUN(cx, &FLOW_ANSWER_ADD, V_I(f->county), V_I(f->id), V_I(seq), V_I(i),
                   V_T(a->field->code), V_I(a->value.kind),
                   V_I(a->value.kind == VALUE_INT ? a->value.i : 0),
                   V_S(text.p ? text : STR("")), V_I(a->document_id)));
    }
    return RC_OK;
}

/* ---- passing over ---- */

static enum rc area_codes(struct str *codes, size_t *count, struct cx *cx, const char *path)
{
    struct place *chain;
    size_t n, kept = 0;
    TRY(place_chain(&chain, &n, cx, path));
    for (size_t i = n; i-- > 0;)
        if (chain[i].code[0] && kept < CODES_MAX)
            codes[kept++] = str_of(chain[i].code);
    *count = kept;
    return RC_OK;
}

/* The states from `to` on that are switched off here, and the first that is not. */
static enum rc pass_over(const struct workflow_state *passed[], size_t *count,
                         const struct workflow_state **to, struct cx *cx, const struct flow *f)
{
    struct str codes[CODES_MAX];
    size_t code_count, n = 0;
    const struct workflow_state *s = *to;
    TRY(area_codes(codes, &code_count, cx, f->area_path));
    while (s->option[0] &&
           !option_on(profile_option(cx->profile, str_of(s->option), codes, code_count))) {
        if (n == PASSED_MAX)
            return fail(cx, RC_INVALID,
                        _("The workflow's switched-off states lead in a circle."),
                        "workflow=%s state=%s", f->workflow_code, s->code);
        passed[n++] = s;
        s = workflow_state(f->workflow, str_of(s->skip_to));
        if (!s)
            return fail(cx, RC_INVALID,
                        _("The workflow does not say what follows a switched-off state."),
                        "workflow=%s", f->workflow_code);
    }
    *to = s;
    *count = n;
    return RC_OK;
}

/* A step per state: the reason is the option's code. */
static enum rc write_passed(int64_t *seq, struct cx *cx, const struct flow *f,
                            const struct workflow_state *const passed[], size_t count,
                            const struct workflow_state *to)
{
    for (size_t i = 0; i < count; i++) {
        const char *next = i + 1 < count ? passed[i + 1]->code : to->code;
        const struct flow_written step = {.event = "passed",
                                          .from = passed[i]->code,
                                          .to = next,
                                          .reason = str_of(passed[i]->option),
                                          .followed = true};
        TRY(flow_step_add(seq, cx, f, &step));
    }
    return RC_OK;
}

/* ---- entering a state ---- */

enum rc flow_task(struct cx *cx, const struct flow *f)
{
    const struct workflow_state *s = f->state;
    struct place place;
    int64_t id;
    if (s->kind == STATE_END || !s->permission[0])
        return RC_OK;
    TRY(flow_where(&place, cx, f, s->level));
    bool says = LABEL(cx, s->todo) && LABEL(cx, s->todo)[0];
    struct task t = {
        .county = f->county,
        .kind = "flow",
        .subject_id = f->id,
        .household_id = f->workflow->subject == FLOW_HOUSEHOLD ? f->subject_id : 0,
        .area_id = f->area_id,
        .owner = {OWNER_AREA, place.id, s->permission},
        .giver_id = 0,
        .title = both_of(says ? s->todo : s->label),
        .href = flow_href(cx, f),
        .due_at = f->due_at,
    };
    for (int i = 0; i < LANG_COUNT; i++)
        t.why.in[i] =
            arena_printf(cx->arena, "%s · %s", f->workflow->label.in[i], s->label.in[i]);
    return task_add(&id, cx, &t);
}

static bool has_auto(const struct workflow *w, const struct workflow_state *s)
{
    for (size_t i = 0; i < w->move_count; i++)
        if (w->moves[i].kind == MOVE_AUTO && !strcmp(w->moves[i].from, s->code))
            return true;
    return false;
}

/* The row is in the state already; its task and clock. */
static enum rc begin_state(struct cx *cx, const struct flow *f)
{
    const struct workflow_state *s = f->state;
    bool runs = has_auto(f->workflow, s) && !f->closed_at;
    int64_t at = flow_earliest(cx, f);
    TRY(deadline_set(cx, f->county, "flow.due", f->id, f->due_at, 0));
    TRY(deadline_set(cx, f->county, "flow.auto", f->id, runs ? at ? at : cx->now_at : 0, 0));
    return flow_task(cx, f);
}

enum rc flow_enter(struct cx *cx, struct flow *f, const struct workflow_state *to,
                   int64_t visit)
{
    int64_t changed;
    struct flow next = *f;
    next.state = to;
    next.state_code = to->code;
    next.version = f->version + 1;
    next.visit = (int32_t)visit;
    next.entered_at = cx->now_at;
    next.closed_at = to->kind == STATE_END ? cx->now_at : 0;
    next.due_at = to->days >= 0 && to->kind != STATE_END
                      ? deadline_after(cx->profile, cx->now_at, to->days, to->working)
                      : 0;
    enum rc rc = DB_RUN_COUNT(&changed, cx, &FLOW_STEP_ON, V_I(f->county), V_I(f->id),
                              V_I(f->version), V_T(to->code), V_I(visit), V_I(next.entered_at),
                              V_I(due_stored(next.due_at)), V_I(next.closed_at));
    if (rc == RC_CONFLICT) /* a closed one would open again beside an open one */
        return fail(cx, rc, _("Another one about the same is open already; go on with that."),
                    "flow=%" PRId64 " reopens", f->id);
    TRY(rc);
    if (changed != 1)
        return flow_moved(cx, f);
    TRY(task_close_of(cx, f->county, "flow", f->id, TASK_DONE));
    *f = next;
    return begin_state(cx, f);
}

enum rc flow_tell(struct cx *cx, const struct flow *f, const struct workflow_move *move,
                  const struct flow_ask *ask)
{
    for (size_t i = 0; i < hook_count; i++)
        TRY(hooks[i](cx, f, move, ask));
    return RC_OK;
}

enum rc flow_moved(struct cx *cx, const struct flow *f)
{
    int64_t seq, user;
    struct flow now;
    TRY(flow_read(&now, cx, f->id));
    TRY(last_step(&seq, &user, cx, f));
    return fail(cx, RC_CONFLICT,
                arena_printf(cx->arena,
                             _("%s was quicker: it stands at \"%s\" now. Look at it again."),
                             user_name(cx, user),
                             now.state ? LABEL(cx, now.state->label) : now.state_code),
                "flow=%" PRId64 " version=%d", f->id, now.version);
}

/* ---- opening ---- */

struct open_write {
    const struct workflow *w;
    int64_t county, subject_id, back_id, id;
    const struct place *place;
    bool there;
};

static enum rc find_open(bool *there, struct cx *cx, struct open_write *o)
{
    struct db_rows rows;
    enum rc rc =
        DB_ONE(&rows, cx, &FLOW_OPEN_OF, V_I(o->county), V_T(o->w->code), V_I(o->subject_id));
    *there = rc == RC_OK;
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    o->id = row_i64(&rows, FLOW_OPEN_OF_ID);
    return db_done(&rows);
}

static enum rc insert_flow(struct cx *cx, struct open_write *o,
                           const struct workflow_state *start)
{
    int64_t changed;
    TRY(find_open(&o->there, cx, o));
    if (!o->there) {
        TRY(db_ids(&o->id, cx, 1));
        TRY(DB_RUN_COUNT(&changed, cx, &FLOW_INSERT, V_I(o->county), V_I(o->id),
                         V_T(o->w->code), V_T(start->code), V_I(o->subject_id),
                         V_I(o->place->id), V_T(o->place->path), V_I(cx->now_at),
                         V_I(work_user(cx)), V_I(o->back_id)));
        if (!changed)
            TRY(find_open(&o->there, cx, o));
    }
    return o->there ? RC_CONFLICT : RC_OK;
}

static enum rc write_open(struct cx *cx, void *arg)
{
    struct open_write *o = arg;
    const struct workflow_state *passed[PASSED_MAX], *to = workflow_start(o->w);
    size_t passed_count;
    struct flow f;
    int64_t seq;
    assert(to);
    o->there = false;
    TRY(insert_flow(cx, o, to));
    TRY(flow_read(&f, cx, o->id));
    TRY(pass_over(passed, &passed_count, &to, cx, &f));
    const struct flow_written step = {.event = "open",
                                      .from = "",
                                      .to = passed_count ? passed[0]->code : to->code,
                                      .followed = true};
    TRY(flow_step_add(&seq, cx, &f, &step));
    TRY(write_passed(&seq, cx, &f, passed, passed_count, to));
    TRY(flow_enter(cx, &f, to, seq));
    return flow_tell(cx, &f, NULL, NULL);
}

enum rc flow_open(int64_t *id, struct cx *cx, const struct workflow *w, int64_t county,
                  int64_t subject_id, int64_t area_id, int64_t back_id)
{
    struct place place, opener;
    bool may;
    assert(w && subject_id > 0);
    TRY(place_get(&place, cx, area_id));
    TRY(place_at_level(&opener, cx, place.path, w->level));
    TRY(work_may(&may, cx, w->permission, opener.path));
    if (!may)
        TRY(actor_require_in(cx, w->permission, str_of(opener.path)));
    struct open_write o = {.w = w,
                           .county = county,
                           .subject_id = subject_id,
                           .back_id = back_id,
                           .place = &place};
    enum rc rc = db_write(cx, county, write_open, &o);
    if (rc == RC_CONFLICT && o.there) {
        *id = o.id;
        return fail(cx, rc, _("This is under way already."), "flow=%" PRId64, o.id);
    }
    TRY(rc);
    *id = o.id;
    return RC_OK;
}

/* ---- moving ---- */

static enum rc write_move(struct cx *cx, void *arg)
{
    const struct flow_ask *ask = arg;
    const struct workflow_state *passed[PASSED_MAX], *to;
    const struct workflow_move *m;
    size_t passed_count;
    struct flow f;
    int64_t seq, visit;
    TRY(flow_read(&f, cx, ask->id));
    if (f.version != ask->version)
        return flow_moved(cx, &f);
    TRY(flow_check(cx, &f, &m, ask));
    to = workflow_state(f.workflow, str_of(m->to));
    if (!to)
        return fail(cx, RC_INVALID, _("The profile does not know where this step leads."),
                    "workflow=%s to=%s", f.workflow_code, m->to);
    TRY(pass_over(passed, &passed_count, &to, cx, &f));
    const struct flow_written step = {.event = m->event,
                                      .from = m->from,
                                      .to = m->to,
                                      .reason = ask->reason,
                                      .advice = ask->advice,
                                      .followed = flow_followed(m, ask->advice),
                                      .advice_text = ask->advice_text,
                                      .journal_seq = ask->journal_seq,
                                      .snapshot_id = ask->snapshot_id};
    TRY(flow_step_add(&seq, cx, &f, &step));
    TRY(write_answers(cx, &f, seq, ask));
    if (m->two && work_user(cx))
        TRY(DB_RUN(cx, &FLOW_SIGN_ADD, V_I(f.county), V_I(f.id), V_I(f.visit),
                   V_I(work_user(cx)), V_I(cx->now_at)));
    visit = seq;
    TRY(write_passed(&visit, cx, &f, passed, passed_count, to));
    TRY(flow_enter(cx, &f, to, visit));
    return flow_tell(cx, &f, m, ask);
}

enum rc flow_move(struct cx *cx, const struct flow_ask *ask)
{
    struct flow f;
    struct flow_ask copy = *ask;
    TRY(flow_get(&f, cx, ask->id));
    if (f.version == ask->version)
        TRY(flow_can(cx, &f, ask));
    return db_write(cx, f.county, write_move, &copy);
}

/* ---- signing ---- */

struct sign_write {
    struct flow flow;
    int32_t version;
    bool twice, late;
};

static enum rc write_sign(struct cx *cx, void *arg)
{
    struct sign_write *s = arg;
    const struct flow *f = &s->flow;
    int64_t changed;
    s->twice = s->late = false;
    TRY(DB_RUN_COUNT(&changed, cx, &FLOW_HOLD, V_I(f->county), V_I(f->id), V_I(s->version)));
    s->late = !changed;
    if (s->late)
        return RC_CONFLICT;
    TRY(DB_RUN_COUNT(&changed, cx, &FLOW_SIGN_ADD, V_I(f->county), V_I(f->id), V_I(f->visit),
                     V_I(work_user(cx)), V_I(cx->now_at)));
    s->twice = !changed;
    return s->twice ? RC_CONFLICT : RC_OK;
}

/* One who could make a move that needs two signs. */
static enum rc may_sign(struct cx *cx, const struct flow *f)
{
    struct flow_choice *choices;
    size_t count;
    bool needed = false;
    for (size_t i = 0; f->state && i < f->workflow->move_count; i++)
        needed |=
            f->workflow->moves[i].two && !strcmp(f->workflow->moves[i].from, f->state_code);
    if (!needed || f->closed_at || !work_user(cx))
        return fail(cx, RC_INVALID, _("Nothing is to be signed here now."),
                    "flow=%" PRId64 " sign", f->id);
    TRY(flow_choices(&choices, &count, cx, f));
    for (size_t i = 0; i < count; i++)
        if (choices[i].move->two)
            return RC_OK;
    return fail(cx, RC_DENIED, _("Signing is for those who may take the step."),
                "flow=%" PRId64 " sign", f->id);
}

enum rc flow_sign(struct cx *cx, int64_t id, int32_t version)
{
    struct sign_write s = {.version = version};
    TRY(flow_get(&s.flow, cx, id));
    TRY(may_sign(cx, &s.flow));
    enum rc rc = db_write(cx, s.flow.county, write_sign, &s);
    if (rc == RC_CONFLICT && s.twice)
        return fail(cx, rc, _("You have signed already. Another officer signs too."),
                    "flow=%" PRId64, id);
    if (rc == RC_CONFLICT && s.late)
        return flow_moved(cx, &s.flow);
    return rc;
}
