/* Tests of flows in time and among people, on both databases: deadlines over midnight and New
 * Year, automatic moves, switched-off states, two officers at once, two signatures, advice that
 * is not followed, who may, substitutes, a profile that changed, areas merged, hooks that fail.
 */
#include "people/org.h"
#include "work/work_fixture.h"

#include <pthread.h>

enum {
    WORKER = 21,   /* of the village */
    TOWNSMAN = 22, /* of its township */
    COUNTY_A = 23,
    COUNTY_B = 24,
    NEIGHBOUR = 25, /* worker of another village */
    STANDIN = 26,
    SUBJECT = 5000
};

#define SQL(id, text, arg_letters, col_letters)                                                \
    static const struct sql id = {                                                             \
        .name = #id, .lite = text, .args = arg_letters, .cols = col_letters}
SQL(TEST_STATE, "UPDATE flow SET state = $2 WHERE id = $1", "it", "");
SQL(TEST_WORKFLOW, "UPDATE flow SET workflow = $2 WHERE id = $1", "it", "");
SQL(TEST_CODE, "UPDATE area SET code = $2 WHERE id = $1", "it", "");
SQL(TEST_STEPS_OF, "SELECT count(*) FROM flow_move WHERE flow_id = $1", "i", "i");
SQL(TEST_FLOWS, "SELECT count(*) FROM flow WHERE subject_id = $1", "i", "i");
SQL(TEST_OPEN_TASKS, "SELECT count(*) FROM task WHERE subject_id = $1 AND state IN (1, 2)", "i",
    "i");
SQL(TEST_DEADLINES, "SELECT count(*) FROM deadline WHERE subject_id = $1", "i", "i");
SQL(TEST_NOTICES, "SELECT count(*) FROM notice WHERE user_id = $1", "i", "i");

static void open_fixture(struct cx *cx)
{
    work_fixture_open(cx, "cn");
    cx->now_at = fixture_noon("2026-06-10");
    fixture_user(cx, WORKER, "village_worker", f.village);
    fixture_user(cx, TOWNSMAN, "township_officer", f.town);
    fixture_user(cx, COUNTY_A, "county_officer", f.county_area);
    fixture_user(cx, COUNTY_B, "county_admin", f.county_area);
    fixture_user(cx, NEIGHBOUR, "village_worker", NEXT_VILLAGE);
    fixture_user(cx, STANDIN, "analyst", 0);
}

static int64_t open_flow(struct cx *cx, const char *workflow, int64_t subject)
{
    int64_t id;
    const struct workflow *w = profile_workflow(cx->profile, str_of(workflow));
    assert_non_null(w);
    check_ok(cx, flow_open(&id, cx, w, COUNTY, subject, f.village, 0));
    return id;
}

static struct flow get(struct cx *cx, int64_t id)
{
    struct flow flow;
    const struct actor *me = cx->actor;
    cx->actor = NULL;
    check_ok(cx, flow_get(&flow, cx, id));
    cx->actor = me;
    return flow;
}

/* Moves with no more than the version and a reason; fields are filled by the smallest value. */
static enum rc move_by(struct cx *cx, int64_t id, const char *event, enum advice advice,
                       const char *reason)
{
    struct flow flow = get(cx, id);
    const struct workflow_move *m =
        workflow_move(flow.workflow, str_of(flow.state_code), str_of(event));
    struct flow_answer answers[32];
    struct flow_ask ask = {.id = id,
                           .version = flow.version,
                           .event = str_of(event),
                           .reason = str_of(reason),
                           .advice = advice,
                           .answers = answers};
    for (size_t i = 0; m && i < m->field_count; i++) {
        const struct workflow_field *x = &m->fields[i];
        if (!x->required)
            continue;
        struct flow_answer *a = &answers[ask.answer_count++];
        *a = (struct flow_answer){.field = x, .value = value_int(x->has_min ? x->min : 1)};
        if (x->type == FIELD_TYPE_TEXT || x->type == FIELD_TYPE_SIGNATURE)
            a->value = value_text(STR("a few words, twenty or so"));
        if (x->type == FIELD_TYPE_CODE)
            a->value = value_int(x->list->codes[0].code);
        if (x->type == FIELD_TYPE_FILE)
            a->document_id = 9;
    }
    return flow_move(cx, &ask);
}

static void set_state(struct cx *cx, int64_t id, const char *state)
{
    FIXTURE_RUN(cx, &TEST_STATE, V_I(id), V_T(state));
}

static void refused(struct cx *cx, enum rc rc, enum rc expected)
{
    assert_int_equal(rc, expected);
    assert_true(cx->err.text[0]);
    err_clear(cx);
}

/* ---- time ---- */

/* 2 working days from 23:59:59 of a Wednesday end on Friday, from midnight on Thursday's on
 * Monday; 3 from New Year's Eve of 2025 skip the holiday and count the working Sunday. */
static void deadlines_on(struct cx *cx)
{
    open_fixture(cx);
    int64_t noon = fixture_noon("2026-06-10"), midnight = noon + 12 * 3600;
    cx->now_at = midnight - 1;
    int64_t id = open_flow(cx, "identify", SUBJECT);
    assert_int_equal(get(cx, id).due_at, fixture_noon("2026-06-12") + 12 * 3600);
    cx->now_at = midnight;
    id = open_flow(cx, "identify", SUBJECT + 1);
    assert_int_equal(get(cx, id).due_at, fixture_noon("2026-06-15") + 12 * 3600);
    cx->now_at = fixture_noon("2025-12-31");
    check_ok(cx, move_by(cx, id, "accept", ADVICE_YES, ""));
    assert_string_equal(get(cx, id).state_code, "check");
    assert_int_equal(get(cx, id).due_at, fixture_noon("2026-01-06") + 12 * 3600);
    work_fixture_close(cx);
}
static void test_deadlines(void **state)
{
    (void)state;
    db_fixture_each(deadlines_on);
}

static void fire_at(struct cx *cx, int64_t at)
{
    int64_t fired;
    const struct actor *me = cx->actor;
    cx->actor = NULL;
    check_env("FUMIN_NOW", arena_printf(cx->arena, "%" PRId64, at));
    check_ok(cx, deadline_fire_due(&fired, cx));
    check_env("FUMIN_NOW", NULL);
    cx->actor = me;
}

static void all_kinds(void)
{
    static struct deadline_kind kinds[8];
    memcpy(kinds, task_deadline_kinds, task_deadline_kind_count * sizeof *kinds);
    memcpy(kinds + task_deadline_kind_count, flow_deadline_kinds,
           flow_deadline_kind_count * sizeof *kinds);
    deadline_kinds_set(kinds, task_deadline_kind_count + flow_deadline_kind_count);
}

/* A public notice of 5 days from 29 December ends in the new year: not a second before its
 * midnight, and by itself at midnight; no person makes the clock's step. */
static void auto_on(struct cx *cx)
{
    struct flow_choice *choices;
    size_t count;
    open_fixture(cx);
    all_kinds();
    cx->now_at = fixture_noon("2026-12-29");
    int64_t id = open_flow(cx, "identify", SUBJECT);
    set_state(cx, id, "vote");
    check_ok(cx, move_by(cx, id, "agree", ADVICE_NONE, ""));
    struct flow flow = get(cx, id);
    int64_t over = fixture_noon("2027-01-03") + 12 * 3600;
    assert_string_equal(flow.state_code, "notice");
    assert_int_equal(flow_earliest(cx, &flow), over);
    fixture_as(cx, WORKER);
    refused(cx, move_by(cx, id, "over", ADVICE_NONE, ""), RC_INVALID);
    check_ok(cx, flow_choices(&choices, &count, cx, &flow));
    for (size_t i = 0; i < count; i++)
        assert_int_not_equal(choices[i].move->kind, MOVE_AUTO);
    cx->actor = NULL;
    cx->now_at = over - 1;
    refused(cx, move_by(cx, id, "over", ADVICE_NONE, ""), RC_INVALID);
    fire_at(cx, over - 1);
    assert_string_equal(get(cx, id).state_code, "notice");
    fire_at(cx, over);
    assert_string_equal(get(cx, id).state_code, "review");
    fire_at(cx, over);
    assert_int_equal(get(cx, id).version, flow.version + 1);
    work_fixture_close(cx);
}
static void test_auto(void **state)
{
    (void)state;
    db_fixture_each(auto_on);
}

static int guard_calls;
static bool guard_holds;
static enum rc auto_guard(struct cx *cx, const struct flow *flow, const struct workflow_move *m)
{
    struct flow_ask ask = {.id = flow->id,
                           .version = flow->version,
                           .event = str_of(m->event),
                           .advice = guard_holds ? ADVICE_YES : ADVICE_NO};
    guard_calls++;
    if (!guard_holds)
        return fail(cx, RC_INVALID, "no", "guard");
    return flow_move(cx, &ask);
}

/* An automatic move with a guard is made by the job: while the guard does not hold it is tried
 * again at the end of the next working day. A late flow has its step "late" once. */
static void guarded_on(struct cx *cx)
{
    struct deadline d;
    struct flow_step *steps;
    size_t count, late = 0;
    open_fixture(cx);
    all_kinds();
    flow_auto_set(auto_guard);
    guard_calls = 0;
    guard_holds = false;
    int64_t id = open_flow(cx, "identify", SUBJECT);
    set_state(cx, id, "decide");
    check_ok(cx, move_by(cx, id, "recognise", ADVICE_YES, ""));
    assert_string_equal(get(cx, id).state_code, "watch");
    int64_t due = get(cx, id).due_at;
    cx->now_at = fixture_noon("2026-06-13"); /* a Saturday */
    check_ok(cx, flow_auto_run(cx, id));
    assert_int_equal(guard_calls, 1);
    assert_string_equal(get(cx, id).state_code, "watch");
    check_ok(cx, deadline_get(&d, cx, COUNTY, "flow.auto", id));
    assert_int_equal(d.at, fixture_noon("2026-06-15") + 12 * 3600); /* Monday's end */
    fire_at(cx, due);
    fire_at(cx, due + 1);
    guard_holds = true;
    check_ok(cx, flow_auto_run(cx, id));
    assert_string_equal(get(cx, id).state_code, "cleared");
    assert_int_equal(fixture_i64(cx, &TEST_OPEN_TASKS, id), 0);
    check_ok(cx, flow_history(&steps, &count, cx, id));
    for (size_t i = 0; i < count; i++)
        late += !strcmp(steps[i].event, "late");
    assert_int_equal(late, 1);
    check_ok(cx, flow_auto_run(cx, id));
    assert_int_equal(guard_calls, 2);
    flow_auto_set(NULL);
    work_fixture_close(cx);
}
static void test_guarded(void **state)
{
    (void)state;
    db_fixture_each(guarded_on);
}

/* ---- switched off ---- */

/* In a county that votes neither nor puts up names, both states are passed over at once, each
 * with a step that says which switch; the household's own county decides, not the profile. */
static void passed_on(struct cx *cx)
{
    struct flow_step *steps;
    size_t count;
    open_fixture(cx);
    int64_t id = open_flow(cx, "identify", SUBJECT);
    set_state(cx, id, "compare");
    check_ok(cx, move_by(cx, id, "matches", ADVICE_NONE, ""));
    assert_string_equal(get(cx, id).state_code, "vote");
    FIXTURE_RUN(cx, &TEST_CODE, V_I(f.county_area), V_T("999902"));
    id = open_flow(cx, "identify", SUBJECT + 1);
    set_state(cx, id, "compare");
    check_ok(cx, move_by(cx, id, "matches", ADVICE_NONE, ""));
    assert_string_equal(get(cx, id).state_code, "review");
    check_ok(cx, flow_history(&steps, &count, cx, id));
    assert_int_equal(count, 4);
    assert_string_equal(steps[1].to, "vote");
    assert_string_equal(steps[2].from, "vote");
    assert_string_equal(steps[3].from, "notice");
    assert_string_equal(steps[3].to, "review");
    assert_non_null(strstr(steps[2].label.in[LANG_EN], "Village meeting"));
    assert_string_equal(steps[2].reason, "");
    assert_int_equal(fixture_i64(cx, &TEST_OPEN_TASKS, id), 1);
    work_fixture_close(cx);
}
static void test_passed(void **state)
{
    (void)state;
    db_fixture_each(passed_on);
}

/* ---- people ---- */

struct racer {
    const struct cx *from;
    struct cx cx;
    const struct actor *actor;
    struct flow_ask ask;
    enum rc rc;
    char text[480];
};

static void *race(void *arg)
{
    struct racer *r = arg;
    r->cx = *r->from;
    r->cx.arena = arena_open(64 * 1024 * 1024);
    r->cx.actor = r->actor;
    r->cx.db = NULL;
    err_clear(&r->cx);
    r->rc = db_attach(&r->cx);
    if (!r->rc)
        r->rc = flow_move(&r->cx, &r->ask);
    snprintf(r->text, sizeof r->text, "%s", r->cx.err.text);
    db_detach(&r->cx);
    arena_free(r->cx.arena);
    return NULL;
}

/* Two officers of the county decide one case at the same moment, twenty times: one wins, the
 * other is told who was quicker, and there is one step and one task. */
static void race_on(struct cx *cx)
{
    open_fixture(cx);
    const struct actor *both[2];
    fixture_as(cx, COUNTY_A);
    both[0] = cx->actor;
    fixture_as(cx, COUNTY_B);
    both[1] = cx->actor;
    cx->actor = NULL;
    for (int n = 0; n < 20; n++) {
        struct racer r[2];
        pthread_t threads[2];
        int64_t id = open_flow(cx, "identify", SUBJECT + n);
        set_state(cx, id, "decide");
        int32_t version = get(cx, id).version;
        for (int i = 0; i < 2; i++) {
            r[i] = (struct racer){.from = cx, .actor = both[i]};
            r[i].ask = (struct flow_ask){.id = id,
                                         .version = version,
                                         .event = i ? STR("return") : STR("refuse"),
                                         .reason = STR("so it is"),
                                         .advice = ADVICE_NONE};
            assert_int_equal(pthread_create(&threads[i], NULL, race, &r[i]), 0);
        }
        for (int i = 0; i < 2; i++)
            pthread_join(threads[i], NULL);
        int won = r[0].rc == RC_OK ? 0 : 1;
        assert_int_equal(r[won].rc, RC_OK);
        assert_int_equal(r[!won].rc, RC_CONFLICT);
        assert_non_null(strstr(r[!won].text, won ? "user24" : "user23"));
        assert_string_equal(get(cx, id).state_code, won ? "review" : "rejected");
        assert_int_equal(fixture_i64(cx, &TEST_STEPS_OF, id), 2);
        assert_int_equal(fixture_i64(cx, &TEST_OPEN_TASKS, id), won);
    }
    work_fixture_close(cx);
}
static void test_race(void **state)
{
    (void)state;
    db_fixture_each(race_on);
}

/* One flow of a workflow and subject; who is of another village sees and moves nothing, who
 * lacks the right is refused, a substitute acts with the other's right only while it lasts. */
static void people_on(struct cx *cx)
{
    struct flow flow;
    int64_t again, id, substitute;
    const struct workflow *w;
    open_fixture(cx);
    w = profile_workflow(cx->profile, STR("identify"));
    fixture_as(cx, NEIGHBOUR);
    refused(cx, flow_open(&id, cx, w, COUNTY, SUBJECT, f.village, 0), RC_DENIED);
    fixture_as(cx, WORKER);
    check_ok(cx, flow_open(&id, cx, w, COUNTY, SUBJECT, f.village, 0));
    refused(cx, flow_open(&again, cx, w, COUNTY, SUBJECT, f.village, 0), RC_CONFLICT);
    assert_int_equal(again, id);
    assert_int_equal(fixture_i64(cx, &TEST_FLOWS, SUBJECT), 1);
    assert_int_equal(fixture_i64(cx, &TEST_NOTICES, WORKER), 0); /* did it himself */
    fixture_as(cx, NEIGHBOUR);
    refused(cx, flow_get(&flow, cx, id), RC_NOTFOUND);
    refused(cx, move_by(cx, id, "accept", ADVICE_YES, ""), RC_NOTFOUND);
    fixture_as(cx, STANDIN);
    refused(cx, flow_get(&flow, cx, id), RC_NOTFOUND);
    fixture_as(cx, WORKER);
    int32_t today = local_day(cx->profile, cx->now_at);
    check_ok(cx, substitute_add(&substitute, cx,
                                &(struct substitute){.user_id = WORKER,
                                                     .by_user_id = STANDIN,
                                                     .from_day = today,
                                                     .to_day = today + 2,
                                                     .reason = "ill"}));
    set_state(cx, id, "decide");
    refused(cx, move_by(cx, id, "refuse", ADVICE_NONE, "why"), RC_DENIED);
    set_state(cx, id, "tip");
    fixture_as(cx, STANDIN);
    check_ok(cx, move_by(cx, id, "accept", ADVICE_YES, ""));
    cx->now_at += 5 * 86400;
    refused(cx, move_by(cx, id, "reject", ADVICE_YES, "why"), RC_NOTFOUND);
    work_fixture_close(cx);
}
static void test_people(void **state)
{
    (void)state;
    db_fixture_each(people_on);
}

/* Advice: followed or not stands in the history; not following needs a reason, and a guard of a
 * refusal advises the refusal. */
static void advice_on(struct cx *cx)
{
    struct flow_step *steps;
    size_t count;
    open_fixture(cx);
    int64_t id = open_flow(cx, "identify", SUBJECT);
    fixture_as(cx, WORKER);
    refused(cx, move_by(cx, id, "accept", ADVICE_NO, " "), RC_INVALID);
    check_ok(cx, move_by(cx, id, "accept", ADVICE_NO, "I saw the house"));
    check_ok(cx, flow_history(&steps, &count, cx, id));
    assert_int_equal(steps[1].advice, ADVICE_NO);
    assert_false(steps[1].followed);
    assert_string_equal(steps[1].reason, "I saw the house");
    set_state(cx, id, "decide");
    fixture_as(cx, COUNTY_A);
    refused(cx, move_by(cx, id, "recognise", ADVICE_NO, ""), RC_INVALID);
    check_ok(cx, move_by(cx, id, "refuse", ADVICE_YES, "not in trouble"));
    check_ok(cx, flow_history(&steps, &count, cx, id));
    assert_int_equal(steps[2].advice, ADVICE_YES);
    assert_true(steps[2].followed);
    assert_string_equal(steps[2].user_name, "user23");
    assert_int_equal(count, 3);
    assert_true(get(cx, id).closed_at);
    work_fixture_close(cx);
}
static void test_advice(void **state)
{
    (void)state;
    db_fixture_each(advice_on);
}

/* ---- what comes from outside ---- */

/* The profile loses a state, then the whole workflow: such flows are listed as stranded, move
 * nowhere, and are set by hand or closed, with a reason, by whoever may. */
static void stranded_on(struct cx *cx)
{
    struct flow *list;
    size_t count;
    const char *next;
    struct flow_query q = {.state = STR("stranded")};
    open_fixture(cx);
    int64_t a = open_flow(cx, "identify", SUBJECT), b = open_flow(cx, "exit", SUBJECT);
    fixture_as(cx, COUNTY_B);
    check_ok(cx, flow_list(&list, &count, &next, cx, &q));
    assert_int_equal(count, 0);
    refused(cx, flow_set_state(cx, a, get(cx, a).version, STR("check"), STR("why")),
            RC_INVALID);
    set_state(cx, a, "gone_state");
    FIXTURE_RUN(cx, &TEST_WORKFLOW, V_I(b), V_T("gone_workflow"));
    check_ok(cx, flow_list(&list, &count, &next, cx, &q));
    assert_int_equal(count, 2);
    assert_null(get(cx, a).state);
    assert_null(get(cx, b).workflow);
    refused(cx, move_by(cx, b, "confirm", ADVICE_YES, "x"), RC_INVALID);
    fixture_as(cx, TOWNSMAN);
    refused(cx, flow_set_state(cx, a, get(cx, a).version, STR("check"), STR("why")), RC_DENIED);
    fixture_as(cx, COUNTY_B);
    refused(cx, flow_set_state(cx, a, 99, STR("check"), STR("why")), RC_CONFLICT);
    refused(cx, flow_set_state(cx, a, get(cx, a).version, STR("check"), STR(" ")), RC_INVALID);
    refused(cx, flow_set_state(cx, b, get(cx, b).version, STR("check"), STR("why")),
            RC_INVALID);
    check_ok(cx, flow_set_state(cx, a, get(cx, a).version, STR("check"), STR("new rules")));
    check_ok(cx, flow_set_state(cx, b, get(cx, b).version, STR(""), STR("not used any more")));
    assert_string_equal(get(cx, a).state->code, "check");
    assert_int_equal(fixture_i64(cx, &TEST_OPEN_TASKS, a), 1);
    assert_true(get(cx, b).closed_at);
    assert_int_equal(fixture_i64(cx, &TEST_OPEN_TASKS, b), 0);
    assert_int_equal(fixture_i64(cx, &TEST_DEADLINES, b), 0);
    check_ok(cx, flow_list(&list, &count, &next, cx, &q));
    assert_int_equal(count, 0);
    work_fixture_close(cx);
}
static void test_stranded(void **state)
{
    (void)state;
    db_fixture_each(stranded_on);
}

static enum rc write_merge(struct cx *cx, void *arg)
{
    (void)arg;
    TRY(flow_area_merged(cx, COUNTY, f.village, NEXT_VILLAGE));
    return task_area_merged(cx, COUNTY, f.village, NEXT_VILLAGE);
}

/* The village is merged into the next: its flows and their tasks belong to the next one's
 * people; lists page by deadline and count by state. */
static void merged_on(struct cx *cx)
{
    struct flow *list;
    struct task *tasks;
    size_t count, all = 0;
    const char *next;
    int64_t counts[64];
    open_fixture(cx);
    const struct workflow *w = profile_workflow(cx->profile, STR("identify"));
    for (int i = 0; i < 5; i++) {
        cx->now_at += 86400;
        open_flow(cx, "identify", SUBJECT + i);
    }
    check_ok(cx, db_write(cx, COUNTY, write_merge, NULL));
    fixture_as(cx, WORKER);
    check_ok(cx, flow_list(&list, &count, &next, cx, &(struct flow_query){0}));
    assert_int_equal(count, 0);
    fixture_as(cx, NEIGHBOUR);
    struct flow_query q = {.limit = 2};
    do {
        check_ok(cx, flow_list(&list, &count, &next, cx, &q));
        all += count;
        assert_int_equal(list[0].area_id, NEXT_VILLAGE);
        assert_true(count < 2 || list[0].due_at <= list[1].due_at);
        q.after = str_of(next);
    } while (next);
    assert_int_equal(all, 5);
    check_ok(cx, flow_counts(counts, cx, w, 0));
    assert_int_equal(counts[0], 5);
    check_ok(cx, task_list(&tasks, &count, &next, cx, &(struct task_query){.mine = true}));
    assert_int_equal(count, 5);
    check_ok(cx, move_by(cx, list[0].id, "accept", ADVICE_YES, ""));
    work_fixture_close(cx);
}
static void test_merged(void **state)
{
    (void)state;
    db_fixture_each(merged_on);
}

static bool hook_fails;
static int hook_calls;
static enum rc hook(struct cx *cx, const struct flow *now, const struct workflow_move *m,
                    const struct flow_ask *ask)
{
    (void)now;
    (void)ask;
    hook_calls++;
    if (m && hook_fails)
        return fail(cx, RC_INVALID, "not so", "hook");
    return RC_OK;
}

/* A hook that fails undoes the whole move: state, step, task, deadline. */
static void hook_on(struct cx *cx)
{
    open_fixture(cx);
    flow_hook_add(hook);
    hook_fails = true;
    hook_calls = 0;
    int64_t id = open_flow(cx, "identify", SUBJECT);
    struct flow before = get(cx, id);
    refused(cx, move_by(cx, id, "accept", ADVICE_YES, ""), RC_INVALID);
    assert_true(hook_calls >= 2);
    struct flow now = get(cx, id);
    assert_int_equal(now.version, before.version);
    assert_int_equal(now.due_at, before.due_at);
    assert_int_equal(fixture_i64(cx, &TEST_STEPS_OF, id), 1);
    assert_int_equal(fixture_i64(cx, &TEST_OPEN_TASKS, id), 1);
    hook_fails = false;
    check_ok(cx, move_by(cx, id, "accept", ADVICE_YES, ""));
    work_fixture_close(cx);
}
static void test_hook(void **state)
{
    (void)state;
    db_fixture_each(hook_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deadlines), cmocka_unit_test(test_auto),
        cmocka_unit_test(test_guarded),   cmocka_unit_test(test_passed),
        cmocka_unit_test(test_race),      cmocka_unit_test(test_people),
        cmocka_unit_test(test_advice),    cmocka_unit_test(test_stranded),
        cmocka_unit_test(test_merged),    cmocka_unit_test(test_hook)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
