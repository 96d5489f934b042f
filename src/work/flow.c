/* Flows: reading one, who may act on it, and what a move needs. Moving is flow_move.c, lists
 * and history are flow_list.c, clock and repair are flow_clock.c. */
#include "work/flow.h"

#include "base/format.h"
#include "base/text.h"
#include "base/utf8.h"
#include "people/org.h"
#include "people/user.h"
#include "profile/calendar.h"
#include "work/flow.sql.h"
#include "work/work_inner.h"

#include <assert.h>
#include <string.h>

enum { SIGNERS_MAX = 100, NAME_MAX_LENGTH = 60, TEXT_FIELD_MAX = 4000, SET_MAX = 62 };

void *work_grow(struct cx *cx, void *rows, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return rows;
    size_t wanted = *cap ? *cap * 2 : 16;
    void *grown = arena_new(cx->arena, wanted * size);
    if (count > 0)
        memcpy(grown, rows, count * size);
    *cap = wanted;
    return grown;
}

/* ---- who ---- */

enum rc work_selves(const struct actor *const **out, size_t *count, struct cx *cx)
{
    int64_t *others = NULL;
    size_t other_count = 0, n = 0;
    if (cx->actor && cx->actor->user_id)
        TRY(substituting_for(&others, &other_count, cx));
    const struct actor **list = arena_new(cx->arena, (other_count + 1) * sizeof *list);
    list[n++] = cx->actor;
    for (size_t i = 0; i < other_count; i++) {
        enum rc rc = actor_of_user(&list[n], cx, others[i]);
        if (rc == RC_NOTFOUND || rc == RC_DENIED) {
            err_clear(cx);
            continue;
        }
        TRY(rc);
        n++;
    }
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc work_may(bool *may, struct cx *cx, const char *permission, const char *path)
{
    const struct actor *const *selves, *self = cx->actor;
    size_t count;
    *may = actor_may_in(cx, permission, str_of(path));
    if (*may || !self)
        return RC_OK;
    TRY(work_selves(&selves, &count, cx));
    for (size_t i = 1; i < count && !*may; i++) {
        cx->actor = selves[i];
        *may = actor_may_in(cx, permission, str_of(path));
    }
    cx->actor = self;
    return RC_OK;
}

static enum rc require(struct cx *cx, const char *permission, const char *path)
{
    bool may;
    TRY(work_may(&may, cx, permission, path));
    return may ? RC_OK : actor_require_in(cx, permission, str_of(path));
}

/* ---- reading ---- */

struct flow flow_of_row(struct cx *cx, const struct db_rows *r)
{
    struct flow f = {
        .county = row_i64(r, FLOW_GET_COUNTY),
        .id = row_i64(r, FLOW_GET_ID),
        .workflow_code = row_copy(r, FLOW_GET_WORKFLOW).p,
        .state_code = row_copy(r, FLOW_GET_STATE).p,
        .subject_id = row_i64(r, FLOW_GET_SUBJECT_ID),
        .area_id = row_i64(r, FLOW_GET_AREA_ID),
        .area_path = row_copy(r, FLOW_GET_AREA_PATH).p,
        .version = (int32_t)row_i64(r, FLOW_GET_VERSION),
        .visit = (int32_t)row_i64(r, FLOW_GET_VISIT),
        .opened_at = row_i64(r, FLOW_GET_OPENED_AT),
        .entered_at = row_i64(r, FLOW_GET_ENTERED_AT),
        .due_at = due_read(row_i64(r, FLOW_GET_DUE_AT)),
        .closed_at = row_i64(r, FLOW_GET_CLOSED_AT),
        .opened_by = row_i64(r, FLOW_GET_OPENED_BY),
        .back_id = row_i64(r, FLOW_GET_BACK_ID),
    };
    f.workflow = profile_workflow(cx->profile, str_of(f.workflow_code));
    f.state = f.workflow ? workflow_state(f.workflow, str_of(f.state_code)) : NULL;
    return f;
}

static enum rc no_flow(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such case, or not for you to see."),
                "flow=%" PRId64, id);
}

enum rc flow_read(struct flow *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &FLOW_GET, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_flow(cx, id);
    TRY(rc);
    *out = flow_of_row(cx, &rows);
    return db_done(&rows);
}

enum rc flow_where(struct place *out, struct cx *cx, const struct flow *f, const char *level)
{
    return place_at_level(out, cx, f->area_path, level);
}

/* Its own people: who may act in its state, or open flows of its kind there. */
static enum rc is_own(bool *own, struct cx *cx, const struct flow *f)
{
    struct place place;
    TRY(work_may(own, cx, "case.view", f->area_path));
    if (*own || !f->workflow)
        return RC_OK;
    TRY(flow_where(&place, cx, f, f->workflow->level));
    TRY(work_may(own, cx, f->workflow->permission, place.path));
    if (*own || !f->state || !f->state->permission[0])
        return RC_OK;
    TRY(flow_where(&place, cx, f, f->state->level));
    return work_may(own, cx, f->state->permission, place.path);
}

enum rc flow_get(struct flow *out, struct cx *cx, int64_t id)
{
    struct flow f;
    bool own;
    TRY(flow_read(&f, cx, id));
    TRY(is_own(&own, cx, &f));
    if (!own)
        return no_flow(cx, id);
    *out = f;
    return RC_OK;
}

const char *flow_href(struct cx *cx, const struct flow *f)
{
    bool grievance = f->workflow && !strcmp(f->workflow->kind, "grievance");
    return grievance ? arena_printf(cx->arena, "/grievance/%" PRId64, f->subject_id)
                     : arena_printf(cx->arena, "/case/%" PRId64, f->id);
}

/* ---- when ---- */

int64_t flow_earliest(const struct cx *cx, const struct flow *f)
{
    const struct workflow_state *s = f->state;
    if (!s || s->after_days <= 0)
        return 0;
    return deadline_after(cx->profile, f->entered_at, s->after_days, s->working);
}

enum rc flow_signers(int64_t **user_ids, size_t *count, struct cx *cx, const struct flow *f)
{
    struct db_rows rows;
    int64_t *list = arena_new(cx->arena, SIGNERS_MAX * sizeof *list);
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &FLOW_SIGNS, V_I(f->county), V_I(f->id), V_I(f->visit)));
    while (n < SIGNERS_MAX && db_next(&rows))
        list[n++] = row_i64(&rows, FLOW_SIGNS_USER_ID);
    TRY(db_done(&rows));
    *user_ids = list;
    *count = n;
    return RC_OK;
}

/* Signs of the state with that of whoever acts: are there two different people? */
static enum rc two_signed(bool *two, struct cx *cx, const struct flow *f)
{
    int64_t *ids;
    size_t count, others = 0;
    TRY(flow_signers(&ids, &count, cx, f));
    for (size_t i = 0; i < count; i++)
        others += ids[i] != work_user(cx);
    *two = others + (work_user(cx) != 0) >= 2;
    return RC_OK;
}

enum rc flow_not_yet(const char **why, struct cx *cx, const struct flow *f,
                     const struct workflow_move *m)
{
    bool waits = m->kind == MOVE_FORWARD || m->kind == MOVE_AUTO, two;
    int64_t earliest = waits ? flow_earliest(cx, f) : 0;
    *why = NULL;
    if (earliest > cx->now_at) {
        *why = arena_printf(cx->arena, _("It is too early: this can be done from %s."),
                            format_time(cx, earliest));
        return RC_OK;
    }
    if (!m->two)
        return RC_OK;
    TRY(two_signed(&two, cx, f));
    if (!two)
        *why = _("Two different people must have signed. Another officer signs first.");
    return RC_OK;
}

/* ---- answers ---- */

static const char *check_number(struct cx *cx, const struct workflow_field *x, int64_t n)
{
    if (x->has_min && n < x->min)
        return x->type == FIELD_TYPE_MONEY
                   ? arena_printf(cx->arena, _("At least %s, please."),
                                  format_money(cx, x->min, cx->profile->currency_decimals))
                   : arena_printf(cx->arena, _("At least %s, please."), format_int(cx, x->min));
    if (x->has_max && n > x->max)
        return x->type == FIELD_TYPE_MONEY
                   ? arena_printf(cx->arena, _("At most %s, please."),
                                  format_money(cx, x->max, cx->profile->currency_decimals))
                   : arena_printf(cx->arena, _("At most %s, please."), format_int(cx, x->max));
    return NULL;
}

static const char *check_text(struct cx *cx, const struct workflow_field *x, struct str s)
{
    size_t most = x->has_max                        ? (size_t)x->max
                  : x->type == FIELD_TYPE_SIGNATURE ? NAME_MAX_LENGTH
                                                    : TEXT_FIELD_MAX;
    size_t length = utf8_length(s);
    if (x->has_min && length < (size_t)x->min)
        return arena_printf(cx->arena, _("At least %zu characters, please."), (size_t)x->min);
    if (length > most)
        return arena_printf(cx->arena, _("At most %zu characters, please."), most);
    return NULL;
}

static const char *check_codes(struct cx *cx, const struct workflow_field *x, int64_t bits)
{
    for (int i = 0; i <= SET_MAX; i++)
        if ((bits >> i & 1) && !code_of(x->list, i))
            return _("Choose from the list, please.");
    return bits < 0 ? _("Choose from the list, please.") : NULL;
}

static bool is_empty(const struct workflow_field *x, const struct flow_answer *a)
{
    if (x->type == FIELD_TYPE_FILE)
        return a->document_id <= 0;
    if (a->value.kind == VALUE_TEXT)
        return !str_trim(a->value.s).len;
    if (a->value.kind == VALUE_INT && x->type == FIELD_TYPE_CODES)
        return a->value.i == 0;
    return a->value.kind == VALUE_MISSING;
}

/* What is wrong with an answer that is not empty; NULL. */
static const char *check_value(struct cx *cx, const struct workflow_field *x, struct value v)
{
    bool wants_text = x->type == FIELD_TYPE_TEXT || x->type == FIELD_TYPE_SIGNATURE;
    if (x->type == FIELD_TYPE_FILE)
        return NULL;
    if (wants_text != (v.kind == VALUE_TEXT))
        return wants_text ? _("Words are wanted here.") : _("A number is wanted here.");
    switch (x->type) {
    case FIELD_TYPE_TEXT:
    case FIELD_TYPE_SIGNATURE:
        return check_text(cx, x, v.s);
    case FIELD_TYPE_BOOL:
        return v.i == 0 || v.i == 1 ? NULL : _("Yes or no, please.");
    case FIELD_TYPE_CODE:
        return x->list && code_of(x->list, v.i) ? NULL : _("Choose from the list, please.");
    case FIELD_TYPE_CODES:
        return x->list ? check_codes(cx, x, v.i) : _("Choose from the list, please.");
    case FIELD_TYPE_INTEGER:
    case FIELD_TYPE_MONEY:
    case FIELD_TYPE_DAY:
    case FIELD_TYPE_MONTH:
    case FIELD_TYPE_FILE:
        return check_number(cx, x, v.i);
    }
    return NULL;
}

static const struct flow_answer *answer_of(const struct flow_ask *ask,
                                           const struct workflow_field *x)
{
    for (size_t i = 0; i < ask->answer_count; i++)
        if (ask->answers[i].field && !strcmp(ask->answers[i].field->code, x->code))
            return &ask->answers[i];
    return NULL;
}

static bool asks(const struct workflow_move *m, const struct workflow_field *x)
{
    for (size_t i = 0; x && i < m->field_count; i++)
        if (!strcmp(m->fields[i].code, x->code))
            return true;
    return false;
}

bool flow_followed(const struct workflow_move *move, enum advice advice)
{
    bool forward = move->kind == MOVE_FORWARD || move->kind == MOVE_AUTO ||
                   move->kind == MOVE_REOPEN || move->guard[0];
    if (advice == ADVICE_YES)
        return forward;
    return advice == ADVICE_NO ? !forward : true;
}

static const char *check_reason(struct cx *cx, const struct workflow_move *m,
                                const struct flow_ask *ask)
{
    struct str reason = str_trim(ask->reason);
    if (!reason.len && m->needs_reason)
        return _("Say why, please.");
    if (!reason.len && !flow_followed(m, ask->advice) && cx->actor)
        return _("The rules say otherwise. Say why this is right all the same.");
    if (utf8_length(reason) > REASON_MAX)
        return arena_printf(cx->arena, _("At most %zu characters, please."),
                            (size_t)REASON_MAX);
    return NULL;
}

static size_t find_problems(struct flow_problem *out, struct cx *cx,
                            const struct workflow_move *m, const struct flow_ask *ask)
{
    size_t n = 0;
    const char *text = check_reason(cx, m, ask);
    if (text)
        out[n++] = (struct flow_problem){"reason", text};
    for (size_t i = 0; i < m->field_count; i++) {
        const struct workflow_field *x = &m->fields[i];
        const struct flow_answer *a = answer_of(ask, x);
        bool empty = !a || is_empty(x, a);
        text = empty ? (x->required ? _("This must be filled in.") : NULL)
                     : check_value(cx, x, a->value);
        if (text)
            out[n++] = (struct flow_problem){x->code, text};
    }
    for (size_t i = 0; i < ask->answer_count; i++)
        if (!asks(m, ask->answers[i].field))
            out[n++] =
                (struct flow_problem){ask->answers[i].field ? ask->answers[i].field->code : "",
                                      _("This step does not ask for it.")};
    return n;
}

enum rc flow_problems(struct flow_problem **out, size_t *count, struct cx *cx,
                      const struct flow *f, const struct flow_ask *ask)
{
    const struct workflow_move *m =
        f->state ? workflow_move(f->workflow, str_of(f->state_code), ask->event) : NULL;
    *count = 0;
    *out =
        arena_new(cx->arena, (1 + (m ? m->field_count : 0) + ask->answer_count) * sizeof **out);
    if (m)
        *count = find_problems(*out, cx, m, ask);
    return RC_OK;
}

static const char *field_label(struct cx *cx, const struct workflow_move *m, const char *code)
{
    for (size_t i = 0; i < m->field_count; i++)
        if (!strcmp(m->fields[i].code, code))
            return LABEL(cx, m->fields[i].label);
    return strcmp(code, "reason") ? code : _("Reason");
}

static enum rc check_answers(struct cx *cx, const struct flow *f, const struct workflow_move *m,
                             const struct flow_ask *ask)
{
    struct flow_problem *problems;
    size_t count;
    TRY(flow_problems(&problems, &count, cx, f, ask));
    if (!count)
        return RC_OK;
    const char *all = "";
    for (size_t i = 0; i < count; i++)
        all = arena_printf(cx->arena, "%s%s%s: %s", all, i ? " " : "",
                           field_label(cx, m, problems[i].field), problems[i].text);
    return fail(cx, RC_INVALID, all, "flow=%" PRId64 " event=%s field=%s", f->id, m->event,
                problems[0].field);
}

/* ---- all together ---- */

static enum rc check_guard(struct cx *cx, const struct flow *f, const struct workflow_move *m,
                           const struct flow_ask *ask)
{
    if (!m->guard[0] || !m->guard_must || ask->advice == ADVICE_YES)
        return RC_OK;
    return fail(cx, RC_INVALID,
                ask->advice == ADVICE_NO
                    ? _("What the rule asks for is not so: this step cannot be made.")
                    : _("The rule cannot be worked out: something that it needs is missing in "
                        "the register."),
                "flow=%" PRId64 " event=%s guard", f->id, m->event);
}

static enum rc find_move(const struct workflow_move **out, struct cx *cx, const struct flow *f,
                         struct str event)
{
    *out = f->state ? workflow_move(f->workflow, str_of(f->state_code), event) : NULL;
    if (f->closed_at && !*out) /* an end may have moves: appeal, reopening */
        return fail(cx, RC_INVALID, _("This is closed; nothing more can be done with it."),
                    "flow=%" PRId64 " closed", f->id);
    if (!f->state)
        return fail(cx, RC_INVALID,
                    _("The profile does not know this state any more. Whoever may repair cases "
                      "sets it into another one."),
                    "flow=%" PRId64 " stranded", f->id);
    if (!*out)
        return fail_f(cx, RC_INVALID, _("This cannot be done while it stands at \"%s\"."),
                      LABEL(cx, f->state->label));
    if ((*out)->kind == MOVE_AUTO && cx->actor)
        return fail(cx, RC_INVALID, _("This step is made by the clock, not by people."),
                    "flow=%" PRId64 " auto", f->id);
    return RC_OK;
}

/* A move without a permission is nobody's but the system's. */
static enum rc require_move(struct cx *cx, const struct flow *f, const struct workflow_move *m)
{
    struct place place;
    if (!cx->actor)
        return RC_OK;
    if (!m->permission[0])
        return fail(cx, RC_DENIED, _("This step is not made by people of the office."),
                    "flow=%" PRId64 " event=%s", f->id, m->event);
    TRY(flow_where(&place, cx, f, m->level));
    return require(cx, m->permission, place.path);
}

enum rc flow_check(struct cx *cx, const struct flow *f, const struct workflow_move **move,
                   const struct flow_ask *ask)
{
    const struct workflow_move *m;
    const char *why;
    TRY(find_move(&m, cx, f, ask->event));
    TRY(require_move(cx, f, m));
    TRY(flow_not_yet(&why, cx, f, m));
    if (why)
        return fail(cx, RC_INVALID, why, "flow=%" PRId64 " event=%s not yet", f->id, m->event);
    TRY(check_answers(cx, f, m, ask));
    TRY(check_guard(cx, f, m, ask));
    *move = m;
    return RC_OK;
}

enum rc flow_can(struct cx *cx, const struct flow *f, const struct flow_ask *ask)
{
    const struct workflow_move *m;
    return flow_check(cx, f, &m, ask);
}

enum rc flow_choices(struct flow_choice **out, size_t *count, struct cx *cx,
                     const struct flow *f)
{
    size_t most = f->workflow ? f->workflow->move_count : 0, n = 0;
    struct flow_choice *list = arena_new(cx->arena, (most + 1) * sizeof *list);
    for (size_t i = 0; f->state && i < most; i++) {
        const struct workflow_move *m = &f->workflow->moves[i];
        struct place place;
        bool may;
        if (strcmp(m->from, f->state_code) || m->kind == MOVE_AUTO || !m->permission[0])
            continue;
        TRY(flow_where(&place, cx, f, m->level));
        TRY(work_may(&may, cx, m->permission, place.path));
        if (!may)
            continue;
        list[n].move = m;
        TRY(flow_not_yet(&list[n].why_not, cx, f, m));
        n++;
    }
    *out = list;
    *count = n;
    return RC_OK;
}
