/* Tests of the engine over every workflow of the profiles that the program carries, on both
 * databases: each (state, event) pair either moves to where the profile says (over what is
 * switched off), with its step, task and clock, or is refused and changes nothing. */
#include "work/work_fixture.h"

enum { EVENTS_MAX = 64, FIELDS_MAX = 32, PAST = 500 * 86400, ME = 11, COLLEAGUE = 12 };

#define SQL(id, text, arg_letters, col_letters)                                                \
    static const struct sql id = {                                                             \
        .name = #id, .lite = text, .args = arg_letters, .cols = col_letters}
SQL(TEST_PUT,
    "UPDATE flow SET state = $2, entered_at = $3, closed_at = $4, due_at = 32503680000 "
    "WHERE id = $1",
    "itii", "");
SQL(TEST_STEPS, "SELECT count(*) FROM flow_move WHERE flow_id = $1", "i", "i");
SQL(TEST_TASKS, "SELECT count(*) FROM task WHERE subject_id = $1 AND state IN (1, 2)", "i",
    "i");
SQL(TEST_TASK, "SELECT id FROM task WHERE subject_id = $1 AND state IN (1, 2)", "i", "i");
SQL(TEST_ANSWERS, "SELECT count(*) FROM flow_answer WHERE flow_id = $1", "i", "i");

static const char *profile_name;
static int64_t pairs_good, pairs_bad;

/* An answer that fits the field. */
static struct flow_answer good_answer(struct cx *cx, const struct workflow_field *x)
{
    struct flow_answer a = {.field = x};
    size_t length = x->has_min && x->min > 3 ? (size_t)x->min : 3;
    char *text = arena_new(cx->arena, length + 1);
    memset(text, 'x', length);
    switch (x->type) {
    case FIELD_TYPE_TEXT:
    case FIELD_TYPE_SIGNATURE:
        a.value = value_text((struct str){text, length});
        break;
    case FIELD_TYPE_FILE:
        a.document_id = 99;
        break;
    case FIELD_TYPE_CODE:
        a.value = value_int(x->list->codes[0].code);
        break;
    case FIELD_TYPE_CODES:
        a.value = value_int(INT64_C(1) << x->list->codes[0].code);
        break;
    case FIELD_TYPE_BOOL:
        a.value = value_int(1);
        break;
    case FIELD_TYPE_INTEGER:
    case FIELD_TYPE_MONEY:
    case FIELD_TYPE_DAY:
    case FIELD_TYPE_MONTH:
        a.value = value_int(x->has_min ? x->min : x->has_max ? x->max : 5);
        break;
    }
    return a;
}

static struct flow_ask ask_for(struct cx *cx, const struct flow *flow, const char *event,
                               const struct workflow_move *m)
{
    struct flow_answer *answers = arena_new(cx->arena, FIELDS_MAX * sizeof *answers);
    struct flow_ask ask = {.id = flow->id,
                           .version = flow->version,
                           .event = str_of(event),
                           .reason = STR("because"),
                           .answers = answers,
                           .advice = ADVICE_YES};
    for (size_t i = 0; m && i < m->field_count; i++)
        answers[ask.answer_count++] = good_answer(cx, &m->fields[i]);
    return ask;
}

static const struct workflow_state *after_passing(struct cx *cx, const struct workflow *w,
                                                  const char *code)
{
    const struct workflow_state *s = workflow_state(w, str_of(code));
    struct str codes[8];
    for (int i = 0; i < f.levels; i++)
        codes[i] =
            str_of(arena_printf(cx->arena, "9%d", f.levels - 1 - i)); /* most specific first */
    while (s->option[0] &&
           !option_on(profile_option(cx->profile, str_of(s->option), codes, (size_t)f.levels)))
        s = workflow_state(w, str_of(s->skip_to));
    return s;
}

/* The state's task, owner, deadlines. */
static void check_entered(struct cx *cx, const struct flow *now)
{
    const struct workflow_state *s = now->state;
    bool has_task = s->kind != STATE_END && s->permission[0];
    struct deadline d;
    assert_int_equal(now->closed_at != 0, s->kind == STATE_END);
    assert_int_equal(fixture_i64(cx, &TEST_TASKS, now->id), has_task);
    int64_t due = s->days >= 0 && s->kind != STATE_END
                      ? deadline_after(cx->profile, cx->now_at, s->days, s->working)
                      : 0;
    assert_int_equal(now->due_at, due);
    enum rc rc = deadline_get(&d, cx, now->county, "flow.due", now->id);
    assert_int_equal(rc, due ? RC_OK : RC_NOTFOUND);
    err_clear(cx);
    if (!has_task)
        return;
    struct task t;
    struct place place;
    check_ok(cx, task_get(&t, cx, fixture_i64(cx, &TEST_TASK, now->id)));
    check_ok(cx, place_at_level(&place, cx, now->area_path, s->level));
    assert_int_equal(t.owner.kind, OWNER_AREA);
    assert_int_equal(t.owner.id, place.id);
    assert_string_equal(t.owner.permission, s->permission);
    assert_int_equal(t.due_at, due);
    assert_true(t.title.in[0][0] && t.title.in[1][0] && t.href[0] == '/');
}

static void try_good(struct cx *cx, const struct flow *flow, const struct workflow_move *m)
{
    struct flow now;
    struct flow_step *steps;
    size_t count;
    const struct workflow_state *to = after_passing(cx, flow->workflow, m->to);
    int64_t before = fixture_i64(cx, &TEST_STEPS, flow->id);
    int64_t answers = fixture_i64(cx, &TEST_ANSWERS, flow->id);
    struct flow_ask ask = ask_for(cx, flow, m->event, m);
    struct flow_ask stale = ask;
    stale.version--;
    assert_int_equal(flow_move(cx, &stale), RC_CONFLICT);
    err_clear(cx);
    check_ok(cx, flow_can(cx, flow, &ask));
    check_ok(cx, flow_move(cx, &ask));
    check_ok(cx, flow_get(&now, cx, flow->id));
    assert_string_equal(now.state_code, to->code);
    assert_int_equal(now.version, flow->version + 1);
    assert_int_equal(fixture_i64(cx, &TEST_ANSWERS, flow->id),
                     answers + (int64_t)m->field_count);
    check_entered(cx, &now);
    check_ok(cx, flow_history(&steps, &count, cx, flow->id));
    bool passed = strcmp(to->code, m->to) != 0;
    assert_int_equal(count > (size_t)before + 1, passed);
    assert_string_equal(steps[before].event, m->event);
    assert_string_equal(steps[before].to, m->to);
    assert_int_equal(steps[before].answer_count, m->field_count);
    for (size_t i = (size_t)before + 1; i < count; i++)
        assert_string_equal(steps[i].event, "passed");
    assert_string_equal(steps[count - 1].to, to->code);
    pairs_good++;
}

static void try_bad(struct cx *cx, const struct flow *flow, const char *event,
                    const struct workflow_move *m)
{
    struct flow now;
    int64_t steps = fixture_i64(cx, &TEST_STEPS, flow->id);
    int64_t tasks = fixture_i64(cx, &TEST_TASKS, flow->id);
    struct flow_ask ask = ask_for(cx, flow, event, m);
    assert_int_equal(flow_move(cx, &ask), RC_INVALID);
    assert_true(cx->err.text[0]);
    err_clear(cx);
    check_ok(cx, flow_get(&now, cx, flow->id));
    assert_int_equal(now.version, flow->version);
    assert_string_equal(now.state_code, flow->state_code);
    assert_int_equal(fixture_i64(cx, &TEST_STEPS, flow->id), steps);
    assert_int_equal(fixture_i64(cx, &TEST_TASKS, flow->id), tasks);
    pairs_bad++;
}

static void put(struct cx *cx, int64_t id, const struct workflow_state *s)
{
    FIXTURE_RUN(cx, &TEST_PUT, V_I(id), V_T(s->code), V_I(cx->now_at - PAST),
                V_I(s->kind == STATE_END ? cx->now_at : 0));
}

static enum rc sign_as(struct cx *cx, int64_t user_id, const struct flow *flow)
{
    const struct actor *me = cx->actor;
    cx->actor = fixture_all(cx, user_id);
    enum rc rc = flow_sign(cx, flow->id, flow->version);
    cx->actor = me;
    return rc;
}

static void try_pair(struct cx *cx, int64_t id, const struct workflow *w,
                     const struct workflow_state *s, const char *event)
{
    struct flow flow;
    const struct workflow_move *m = workflow_move(w, str_of(s->code), str_of(event));
    put(cx, id, s);
    check_ok(cx, flow_get(&flow, cx, id));
    if (!m) {
        try_bad(cx, &flow, event, NULL);
        return;
    }
    if (m->two) {
        try_bad(cx, &flow, event, m);
        check_ok(cx, sign_as(cx, COLLEAGUE, &flow));
    }
    if (m->kind == MOVE_AUTO) {
        try_bad(cx, &flow, event, m);
        cx->actor = NULL;
    }
    if (m->guard[0] && m->guard_must) {
        struct flow_ask ask = ask_for(cx, &flow, event, m);
        for (int advice = ADVICE_NONE; advice <= ADVICE_UNKNOWN; advice++) {
            ask.advice = (enum advice)advice;
            assert_int_equal(flow_can(cx, &flow, &ask),
                             advice == ADVICE_YES ? RC_OK : RC_INVALID);
            err_clear(cx);
        }
    }
    try_good(cx, &flow, m);
    cx->actor = fixture_all(cx, ME);
}

static size_t events_of(const char **events, const struct workflow *w)
{
    size_t n = 0;
    events[n++] = "no_such_event";
    for (size_t i = 0; i < w->move_count; i++) {
        bool known = false;
        for (size_t k = 0; k < n; k++)
            known |= !strcmp(events[k], w->moves[i].event);
        assert_true(n < EVENTS_MAX);
        if (!known)
            events[n++] = w->moves[i].event;
    }
    return n;
}

static void pairs_on(struct cx *cx)
{
    const char *events[EVENTS_MAX];
    work_fixture_open(cx, profile_name);
    cx->actor = fixture_all(cx, ME);
    cx->now_at = fixture_noon("2026-06-10");
    assert_true(cx->profile->workflows->count >= 3);
    pairs_good = pairs_bad = 0;
    for (size_t i = 0; i < cx->profile->workflows->count; i++) {
        const struct workflow *w = &cx->profile->workflows->list[i];
        size_t n = events_of(events, w);
        int64_t id;
        check_ok(cx, flow_open(&id, cx, w, COUNTY, 1000 + (int64_t)i, f.village, 0));
        for (size_t s = 0; s < w->state_count; s++)
            for (size_t e = 0; e < n; e++) {
                struct arena_mark mark = arena_mark(cx->arena);
                try_pair(cx, id, w, &w->states[s], events[e]);
                cx->actor = NULL;
                arena_back(cx->arena, mark);
                cx->actor = fixture_all(cx, ME);
            }
    }
    print_message("%s: %" PRId64 " pairs move, %" PRId64 " are refused\n", profile_name,
                  pairs_good, pairs_bad);
    assert_true(pairs_good >= 20 && pairs_bad > pairs_good);
    work_fixture_close(cx);
}
static void test_pairs_cn(void **state)
{
    (void)state;
    profile_name = "cn";
    db_fixture_each(pairs_on);
}
static void test_pairs_mirea(void **state)
{
    (void)state;
    profile_name = "mirea";
    db_fixture_each(pairs_on);
}

/* ---- answers ---- */

/* Leaves one answer out, or spoils it, and sees its field named. */
static void spoil(struct cx *cx, const struct flow *flow, const struct workflow_move *m,
                  size_t at, struct flow_answer bad)
{
    struct flow_problem *problems;
    size_t count;
    struct flow_ask ask = ask_for(cx, flow, m->event, m);
    struct flow_answer answers[FIELDS_MAX];
    memcpy(answers, ask.answers, ask.answer_count * sizeof *answers);
    answers[at] = bad;
    answers[at].field = &m->fields[at];
    ask.answers = answers;
    check_ok(cx, flow_problems(&problems, &count, cx, flow, &ask));
    assert_int_equal(count, 1);
    assert_string_equal(problems[0].field, m->fields[at].code);
    assert_true(problems[0].text[0]);
    assert_int_equal(flow_can(cx, flow, &ask), RC_INVALID);
    assert_non_null(strstr(cx->err.text, problems[0].text));
    err_clear(cx);
}

static void spoil_field(struct cx *cx, const struct flow *flow, const struct workflow_move *m,
                        size_t at)
{
    const struct workflow_field *x = &m->fields[at];
    bool text = x->type == FIELD_TYPE_TEXT || x->type == FIELD_TYPE_SIGNATURE;
    char *far_too_long = arena_new(cx->arena, 5001);
    memset(far_too_long, 'y', 5000);
    if (x->required)
        spoil(cx, flow, m, at, (struct flow_answer){0});
    if (x->type == FIELD_TYPE_FILE)
        return;
    spoil(cx, flow, m, at,
          (struct flow_answer){.value = text ? value_int(3) : value_text(STR("three"))});
    if (text)
        spoil(cx, flow, m, at,
              (struct flow_answer){.value = value_text((struct str){far_too_long, 5000})});
    if (x->type == FIELD_TYPE_BOOL)
        spoil(cx, flow, m, at, (struct flow_answer){.value = value_int(2)});
    if (x->type == FIELD_TYPE_CODE)
        spoil(cx, flow, m, at, (struct flow_answer){.value = value_int(987654)});
    if (x->type == FIELD_TYPE_CODES)
        spoil(cx, flow, m, at, (struct flow_answer){.value = value_int(INT64_C(1) << 61)});
    if (!text && x->has_min && x->type != FIELD_TYPE_CODE && x->type != FIELD_TYPE_CODES)
        spoil(cx, flow, m, at, (struct flow_answer){.value = value_int(x->min - 1)});
    if (!text && x->has_max && x->type != FIELD_TYPE_CODE && x->type != FIELD_TYPE_CODES)
        spoil(cx, flow, m, at, (struct flow_answer){.value = value_int(x->max + 1)});
}

/* Every field of every move of cn: missing, of the wrong kind, too long, too small, too large,
 * not in the list; answers that the move does not ask for; a reason that is wanted. */
static void answers_on(struct cx *cx)
{
    int64_t fields = 0;
    work_fixture_open(cx, "cn");
    cx->actor = NULL;
    cx->now_at = fixture_noon("2026-06-10");
    for (size_t i = 0; i < cx->profile->workflows->count; i++) {
        const struct workflow *w = &cx->profile->workflows->list[i];
        for (size_t k = 0; k < w->move_count; k++) {
            const struct workflow_move *m = &w->moves[k];
            struct flow flow = {.county = COUNTY,
                                .id = 1,
                                .workflow = w,
                                .workflow_code = w->code,
                                .state_code = m->from,
                                .state = workflow_state(w, str_of(m->from)),
                                .area_path = f.path[f.levels - 1],
                                .version = 1};
            if (m->two)
                continue;
            for (size_t at = 0; at < m->field_count; at++, fields++)
                spoil_field(cx, &flow, m, at);
            struct flow_ask ask = ask_for(cx, &flow, m->event, m);
            ask.reason = STR(" ");
            assert_int_equal(flow_can(cx, &flow, &ask), m->needs_reason ? RC_INVALID : RC_OK);
            err_clear(cx);
        }
    }
    assert_true(fields > 5);
    work_fixture_close(cx);
}
static void test_answers(void **state)
{
    (void)state;
    db_fixture_each(answers_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pairs_cn),
                                       cmocka_unit_test(test_pairs_mirea),
                                       cmocka_unit_test(test_answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
