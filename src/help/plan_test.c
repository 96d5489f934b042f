/* Tests of help plans, on both databases: from the proposal to the household's word and back,
 * two officers at once, a fault between approving and the tasks, every state with every event,
 * rights, tokens, order of tasks, effects. */
#include "help/plan.h"

#include "base/fault.h"
#include "help/help_fixture.h"
#include "people/org.h"
#include "profile/calendar.h"

#define SQL(id, text, arg_letters, col_letters)                                                \
    static const struct sql id = {                                                             \
        .name = #id, .lite = (text), .args = (arg_letters), .cols = (col_letters)}
SQL(TEST_ITEM_STATE,
    "UPDATE plan_item SET state = $2, delivered_day = $3, due_day = $4, objected_at = 0 WHERE "
    "id = $1",
    "iiii", "");
SQL(TEST_PLAN_RUNS, "UPDATE plan SET state = 2, ended_at = 0 WHERE id = $1", "i", "");

static const struct actor *officer(struct cx *cx, int64_t area, const char *role)
{
    return fixture_officer(cx, &f, area, role);
}

/* Another person than the one of fixture_officer. */
static const struct actor *other_officer(struct cx *cx, int64_t area, const char *role)
{
    struct actor *a = arena_new(cx->arena, sizeof *a);
    *a = *fixture_officer(cx, &f, area, role);
    a->user_id = 8;
    return a;
}

struct set_state {
    const struct plan_item *item;
    int state;
    int32_t day;
};
static enum rc write_set_state(struct cx *cx, void *arg)
{
    const struct set_state *s = arg;
    bool delivered =
        s->state == ITEM_DELIVERED || s->state == ITEM_CONFIRMED || s->state == ITEM_DENIED;
    TRY(DB_RUN(cx, &TEST_ITEM_STATE, V_I(s->item->id), V_I(s->state),
               V_I(delivered ? s->day : 0), V_I(s->item->start_day)));
    return DB_RUN(cx, &TEST_PLAN_RUNS, V_I(s->item->plan_id));
}

static struct task task_of(struct cx *cx, const struct plan_item *x)
{
    struct task t;
    check_ok(cx, task_get(&t, cx, x->task_id));
    return t;
}

static void today_deliver(struct cx *cx, struct help_plan *h, size_t i)
{
    check_ok(cx, plan_item_deliver(cx, h->items[i].id, h->items[i].version,
                                   local_day(cx->profile, cx->now_at), 1900000, 0));
    help_plan_read(h, cx);
}

/* ---- the way of a plan ---- */

static void check_effect(struct cx *cx, struct help_plan *h)
{
    check_ok(cx, plan_effects(h->items, h->count, cx, &h->p));
    assert_int_equal(h->items[0].before_value, 6000);
    assert_int_equal(h->items[0].before_year, YEAR);
    assert_int_equal(h->items[0].after_value, COLUMN_MISSING);
    help_household(cx, 0, "H1", (struct help_family){"B", "Unsafe housing", 30, -1, 9000},
                   YEAR + 1);
    check_ok(cx, plan_effects(h->items, h->count, cx, &h->p));
    assert_int_equal(h->items[0].after_value, 9000);
    assert_int_equal(h->items[0].after_year, YEAR + 1);
    assert_int_equal(h->items[1].after_value, COLUMN_MISSING);
}

/* Proposed with a frozen copy; taken, approved: tasks with their place and day; delivered ends
 * the task; received solves the need; all received ends the plan; "did not happen" afterwards
 * brings plan, task and need back. */
static void story_on(struct cx *cx)
{
    struct help_plan h;
    struct need *needs;
    struct plan_event *events;
    size_t count;
    int64_t again;
    help_fixture_open(cx);
    help_plan_propose(&h, cx, 0, "H1");
    assert_int_equal(h.p.state, PLAN_DRAFT);
    assert_int_equal(strlen(h.p.token), PLAN_TOKEN_CHARS);
    assert_true(h.p.proposal_id > 0);
    assert_int_equal(h.items[0].measure, REPAIR);
    assert_int_equal(h.items[0].sure, 100);
    assert_non_null(strstr(h.items[0].reason.in[LANG_EN], "House repair"));
    assert_int_equal(plan_propose(&again, cx, h.household, 0), RC_CONFLICT);
    assert_int_equal(again, h.id);
    err_clear(cx);
    assert_int_equal(plan_approve(cx, h.id, h.p.version), RC_INVALID);
    err_clear(cx);
    help_plan_approve(&h, cx);
    assert_int_equal(h.p.state, PLAN_RUNNING);
    assert_true(h.items[0].task_id && h.items[1].task_id);
    struct task t = task_of(cx, &h.items[0]);
    assert_int_equal(t.state, TASK_OPEN);
    assert_string_equal(t.kind, "plan_item");
    assert_int_equal(t.due_at,
                     ((int64_t)calendar_after(cx->profile, h.items[0].due_day, 0) + 1) * 86400 -
                         (int64_t)cx->profile->zone_offset_min * 60);
    assert_null(strstr(t.title.in[LANG_EN], "王"));
    today_deliver(cx, &h, 0);
    assert_int_equal(h.items[0].state, ITEM_DELIVERED);
    assert_int_equal(task_of(cx, &h.items[0]).state, TASK_DONE);
    check_effect(cx, &h);
    check_ok(cx, plan_item_confirm(cx, h.items[0].id, str_of(h.p.token), true, STR("修好了")));
    check_ok(cx, needs_of(&needs, &count, cx, f.county, h.household, true));
    assert_int_equal(count, 1);
    help_plan_read(&h, cx);
    assert_int_equal(h.items[0].state, ITEM_CONFIRMED);
    assert_int_equal(h.p.state, PLAN_RUNNING);
    today_deliver(cx, &h, 1);
    check_ok(cx, plan_item_confirm(cx, h.items[1].id, (struct str){NULL, 0}, true, STR("")));
    help_plan_read(&h, cx);
    assert_int_equal(h.p.state, PLAN_DONE);
    assert_true(h.p.ended_at > 0);
    int64_t task = h.items[0].task_id;
    check_ok(cx, plan_item_confirm(cx, h.items[0].id, str_of(h.p.token), false, STR("又漏了")));
    help_plan_read(&h, cx);
    assert_int_equal(h.p.state, PLAN_RUNNING);
    assert_int_equal(h.items[0].state, ITEM_DENIED);
    assert_true(h.items[0].task_id != task);
    assert_int_equal(task_of(cx, &h.items[0]).state, TASK_OPEN);
    assert_int_equal(task_of(cx, &h.items[0]).weight, NOTICE_URGENT);
    check_ok(cx, needs_of(&needs, &count, cx, f.county, h.household, true));
    assert_int_equal(count, 1);
    today_deliver(cx, &h, 0);
    check_ok(cx, plan_item_confirm(cx, h.items[0].id, str_of(h.p.token), true, STR("")));
    help_plan_read(&h, cx);
    assert_int_equal(h.p.state, PLAN_DONE);
    check_ok(cx, plan_events(&events, &count, cx, h.id));
    assert_true(count >= 10);
    assert_string_equal(events[0].what, "proposed");
    assert_string_equal(events[count - 1].what, "done");
    bool words = false;
    for (size_t i = 0; i < count; i++)
        words = words || (events[i].by_household && !strcmp(events[i].text, "又漏了"));
    assert_true(words);
    help_fixture_close(cx);
}
static void test_story(void **state)
{
    (void)state;
    db_fixture_each(story_on);
}

/* ---- deciding ---- */

static void decide_on(struct cx *cx)
{
    struct help_plan h;
    int64_t id;
    const char *doubt;
    help_fixture_open(cx);
    help_plan_propose(&h, cx, 0, "H1");
    struct plan_item x = h.items[0];
    x.cost_minor = 1500000;
    assert_int_equal(plan_item_decide(cx, &x, ITEM_AGREED), RC_INVALID); /* no reason */
    err_clear(cx);
    x.why = "材料便宜";
    x.due_day = x.start_day - 1;
    assert_int_equal(plan_item_decide(cx, &x, ITEM_AGREED), RC_INVALID);
    err_clear(cx);
    x.due_day = x.start_day + 5;
    check_ok(cx, plan_item_decide(cx, &x, ITEM_AGREED));
    assert_int_equal(plan_item_decide(cx, &x, ITEM_REFUSED), RC_CONFLICT); /* the other's */
    err_clear(cx);
    assert_int_equal(plan_approve(cx, h.id, h.p.version), RC_CONFLICT);
    err_clear(cx);
    help_plan_read(&h, cx);
    assert_true(h.items[0].changed);
    assert_int_equal(h.items[0].cost_minor, 1500000);
    x = h.items[1];
    assert_int_equal(plan_item_decide(cx, &x, ITEM_REFUSED), RC_INVALID);
    err_clear(cx);
    x.why = "已有助学金";
    check_ok(cx, plan_item_decide(cx, &x, ITEM_REFUSED));
    check_ok(cx, plan_measure_doubt(&doubt, cx, &h.p, WATER));
    assert_non_null(strstr(doubt, "not known"));
    check_ok(cx, plan_measure_doubt(&doubt, cx, &h.p, REPAIR));
    assert_string_equal(doubt, "");
    x = (struct plan_item){.plan_id = h.id, .measure = WATER, .why = ""};
    assert_int_equal(plan_item_add(&id, cx, &x), RC_INVALID);
    err_clear(cx);
    x.why = "井水浑浊";
    check_ok(cx, plan_item_add(&id, cx, &x));
    x.measure = SCHOOL; /* for whom? */
    assert_int_equal(plan_item_add(&id, cx, &x), RC_INVALID);
    err_clear(cx);
    x.measure = ROAD; /* of areas */
    assert_int_equal(plan_item_add(&id, cx, &x), RC_INVALID);
    err_clear(cx);
    help_plan_read(&h, cx);
    assert_int_equal(h.count, 3);
    check_ok(cx, plan_approve(cx, h.id, h.p.version));
    help_plan_read(&h, cx);
    assert_int_equal(h.items[1].state, ITEM_REFUSED);
    assert_int_equal(h.items[1].task_id, 0);
    assert_true(h.items[2].task_id > 0);
    assert_int_equal(plan_approve(cx, h.id, h.p.version), RC_INVALID); /* nothing waits */
    err_clear(cx);
    x = (struct plan_item){.plan_id = h.id, .measure = VISIT, .why = "每月走访"};
    check_ok(cx, plan_item_add(&id, cx, &x));
    help_plan_read(&h, cx);
    check_ok(cx, plan_approve(cx, h.id, h.p.version));
    help_plan_read(&h, cx);
    assert_true(h.items[3].task_id > 0);
    assert_int_equal(plan_stop(cx, h.id, h.p.version, STR("")), RC_INVALID);
    err_clear(cx);
    check_ok(cx, plan_stop(cx, h.id, h.p.version, STR("搬走了")));
    help_plan_read(&h, cx);
    assert_int_equal(h.p.state, PLAN_STOPPED);
    assert_int_equal(h.items[0].state, ITEM_STOPPED);
    assert_int_equal(task_of(cx, &h.items[0]).state, TASK_CANCELLED);
    check_ok(cx, plan_propose(&id, cx, h.household, 0)); /* a new one may begin */
    help_fixture_close(cx);
}
static void test_decide(void **state)
{
    (void)state;
    db_fixture_each(decide_on);
}

/* A fault between the approval and the tasks leaves neither; then it can be approved. */
static void fault_on(struct cx *cx)
{
    struct help_plan h;
    struct task *tasks;
    size_t count;
    const char *next;
    help_fixture_open(cx);
    help_plan_propose(&h, cx, 0, "H1");
    check_ok(cx, plan_take_all(cx, h.id, h.p.version));
    help_plan_read(&h, cx);
    int32_t version = h.p.version;
    assert_true(fault_set("help.approve:1"));
    assert_int_equal(plan_approve(cx, h.id, version), RC_IO);
    fault_set(NULL);
    err_clear(cx);
    help_plan_read(&h, cx);
    assert_int_equal(h.p.state, PLAN_DRAFT);
    assert_int_equal(h.p.version, version);
    const struct task_query q = {.household_id = h.household, .state = STR("all"), .limit = 10};
    check_ok(cx, task_list(&tasks, &count, &next, cx, &q));
    assert_int_equal(count, 0);
    check_ok(cx, plan_approve(cx, h.id, version));
    check_ok(cx, task_list(&tasks, &count, &next, cx, &q));
    assert_int_equal(count, 2);
    help_fixture_close(cx);
}
static void test_fault(void **state)
{
    (void)state;
    db_fixture_each(fault_on);
}

/* ---- states and events ---- */

enum event {
    AGREE,
    REFUSE,
    UNDECIDE,
    STOP,
    START,
    DELIVER,
    RECEIVED,
    NOT_COME,
    OBJECT,
    EVENTS
};

static enum rc do_event(struct cx *cx, const struct plan *p, const struct plan_item *x,
                        enum event e)
{
    struct plan_item to = *x;
    struct str token = str_of(p->token);
    int32_t today = local_day(cx->profile, cx->now_at);
    to.why = "理由";
    switch (e) {
    case AGREE:
        return plan_item_decide(cx, &to, ITEM_AGREED);
    case REFUSE:
        return plan_item_decide(cx, &to, ITEM_REFUSED);
    case UNDECIDE:
        return plan_item_decide(cx, &to, ITEM_PROPOSED);
    case STOP:
        return plan_item_decide(cx, &to, ITEM_STOPPED);
    case START:
        return plan_item_start(cx, x->id, x->version);
    case DELIVER:
        return plan_item_deliver(cx, x->id, x->version, today, 0, 0);
    case RECEIVED:
        return plan_item_confirm(cx, x->id, token, true, STR(""));
    case NOT_COME:
        return plan_item_confirm(cx, x->id, token, false, STR(""));
    case OBJECT:
        return plan_object(cx, token, x->id, STR("不同意"));
    case EVENTS:
        break;
    }
    return RC_DB;
}

/* For every state of an approved measure (its day is over) each event ends in the state named
 * here; 0: it is refused with a sentence and nothing changes. Saying again what is said already
 * (a second tap) changes nothing and is no mistake. */
static void states_on(struct cx *cx)
{
    static const int expected[9][EVENTS] = {
        [ITEM_AGREED] = {[AGREE] = ITEM_AGREED,
                         [STOP] = ITEM_STOPPED,
                         [START] = ITEM_STARTED,
                         [DELIVER] = ITEM_DELIVERED,
                         [NOT_COME] = ITEM_DENIED,
                         [OBJECT] = ITEM_AGREED},
        [ITEM_STARTED] = {[AGREE] = ITEM_STARTED,
                          [STOP] = ITEM_STOPPED,
                          [DELIVER] = ITEM_DELIVERED,
                          [NOT_COME] = ITEM_DENIED,
                          [OBJECT] = ITEM_STARTED},
        [ITEM_DELIVERED] = {[RECEIVED] = ITEM_CONFIRMED, [NOT_COME] = ITEM_DENIED},
        [ITEM_CONFIRMED] = {[RECEIVED] = ITEM_CONFIRMED, [NOT_COME] = ITEM_DENIED},
        [ITEM_DENIED] = {[AGREE] = ITEM_DENIED,
                         [STOP] = ITEM_STOPPED,
                         [START] = ITEM_STARTED,
                         [DELIVER] = ITEM_DELIVERED,
                         [RECEIVED] = ITEM_CONFIRMED,
                         [NOT_COME] = ITEM_DENIED},
        [ITEM_STOPPED] = {0}};
    static const enum item_state states[] = {ITEM_AGREED,    ITEM_STARTED, ITEM_DELIVERED,
                                             ITEM_CONFIRMED, ITEM_DENIED,  ITEM_STOPPED};
    struct help_plan h;
    help_fixture_open(cx);
    help_plan_propose(&h, cx, 0, "H1");
    help_plan_approve(&h, cx);
    int32_t today = local_day(cx->profile, cx->now_at);
    for (size_t s = 0; s < sizeof states / sizeof states[0]; s++)
        for (int e = 0; e < EVENTS; e++) {
            int want = expected[states[s]][e];
            struct set_state set = {&h.items[0], (int)states[s], today};
            cx->now_at += 86400; /* the measure's day, its first, is over */
            check_ok(cx, db_write(cx, f.county, write_set_state, &set));
            help_plan_read(&h, cx);
            enum rc rc = do_event(cx, &h.p, &h.items[0], (enum event)e);
            help_plan_read(&h, cx);
            if (rc != (want ? RC_OK : RC_INVALID) ||
                (int)h.items[0].state != (want ? want : (int)states[s]))
                fail_msg("state %d, event %d: rc %d (%s), state %d, not %d", (int)states[s], e,
                         rc, cx->err.text, (int)h.items[0].state, want);
            err_clear(cx);
        }
    help_fixture_close(cx);
}
static void test_states(void **state)
{
    (void)state;
    db_fixture_each(states_on);
}

/* While the plan is a draft: deciding back and forth, objecting to what is proposed; nothing
 * can be delivered or received. What the household objects to is not approved until decided
 * again. */
static void draft_on(struct cx *cx)
{
    struct help_plan h;
    help_fixture_open(cx);
    help_plan_propose(&h, cx, 0, "H1");
    static const enum event no[] = {STOP, START, DELIVER, RECEIVED, NOT_COME};
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        assert_int_equal(do_event(cx, &h.p, &h.items[0], no[i]), RC_INVALID);
        err_clear(cx);
    }
    static const enum event way[] = {AGREE, UNDECIDE, REFUSE, AGREE, OBJECT};
    for (size_t i = 0; i < sizeof way / sizeof way[0]; i++) {
        check_ok(cx, do_event(cx, &h.p, &h.items[0], way[i]));
        help_plan_read(&h, cx);
    }
    assert_true(h.items[0].objected_at > 0);
    check_ok(cx, plan_take_all(cx, h.id, h.p.version));
    help_plan_read(&h, cx);
    assert_int_equal(plan_approve(cx, h.id, h.p.version), RC_INVALID);
    err_clear(cx);
    check_ok(cx, do_event(cx, &h.p, &h.items[0], AGREE));
    help_plan_read(&h, cx);
    check_ok(cx, plan_approve(cx, h.id, h.p.version));
    help_plan_read(&h, cx);
    check_ok(cx, do_event(cx, &h.p, &h.items[1], OBJECT));
    help_plan_read(&h, cx);
    assert_int_equal(do_event(cx, &h.p, &h.items[1], DELIVER), RC_INVALID); /* waits */
    err_clear(cx);
    check_ok(cx, do_event(cx, &h.p, &h.items[1], AGREE));
    help_plan_read(&h, cx);
    check_ok(cx, do_event(cx, &h.p, &h.items[1], DELIVER));
    help_fixture_close(cx);
}
static void test_draft(void **state)
{
    (void)state;
    db_fixture_each(draft_on);
}

/* ---- rights, tokens ---- */

static void rights_on(struct cx *cx)
{
    struct help_plan h;
    int64_t id;
    struct plan *list;
    size_t count;
    const char *next;
    help_fixture_open(cx);
    help_plan_propose(&h, cx, 0, "H1");
    cx->actor = officer(cx, f.town[1], "township_officer");
    assert_int_equal(plan_get(&h.p, &h.items, &h.count, cx, h.id), RC_NOTFOUND);
    err_clear(cx);
    assert_int_equal(plan_propose(&id, cx, h.household, 0), RC_NOTFOUND);
    err_clear(cx);
    assert_int_equal(plan_take_all(cx, h.id, h.p.version), RC_NOTFOUND);
    err_clear(cx);
    check_ok(cx, plan_list(&list, &count, &next, cx, 0, STR(""), STR(""), 10));
    assert_int_equal(count, 0);
    cx->actor = officer(cx, f.village[0], "village_worker");
    help_plan_read(&h, cx);
    check_ok(cx, plan_take_all(cx, h.id, h.p.version));
    help_plan_read(&h, cx);
    assert_int_equal(plan_approve(cx, h.id, h.p.version), RC_DENIED);
    err_clear(cx);
    cx->actor = officer(cx, f.county_area, "auditor");
    assert_int_equal(plan_stop(cx, h.id, h.p.version, STR("x")), RC_DENIED);
    err_clear(cx);
    cx->actor = officer(cx, f.county_area, "county_officer");
    check_ok(cx, plan_approve(cx, h.id, h.p.version));
    help_plan_read(&h, cx);
    check_ok(cx, plan_list(&list, &count, &next, cx, f.town[0], STR("running"), STR(""), 10));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].item_count, 2);
    assert_int_equal(list[0].late_count, 0);
    check_ok(cx, plan_list(&list, &count, &next, cx, f.town[0], STR("late"), STR(""), 10));
    assert_int_equal(count, 0);
    cx->now_at += INT64_C(60) * 86400;
    check_ok(cx, plan_list(&list, &count, &next, cx, f.town[0], STR("late"), STR(""), 10));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].late_count, 2);
    cx->actor = other_officer(cx, f.village[1], "village_worker");
    assert_int_equal(plan_item_start(cx, h.items[0].id, h.items[0].version), RC_NOTFOUND);
    err_clear(cx);
    cx->actor = other_officer(cx, f.village[0], "village_worker");
    assert_int_equal(plan_item_start(cx, h.items[0].id, h.items[0].version), RC_DENIED);
    err_clear(cx);
    /* What was approved costs what was approved; another day is the worker's to say. */
    struct plan_item x = h.items[0];
    x.why = "later";
    x.cost_minor += 100;
    assert_int_equal(plan_item_decide(cx, &x, ITEM_AGREED), RC_DENIED);
    err_clear(cx);
    x.cost_minor -= 100;
    x.due_day += 200;
    check_ok(cx, plan_item_decide(cx, &x, ITEM_AGREED));
    cx->actor = officer(cx, f.county_area, "county_officer");
    help_plan_read(&h, cx);
    x = h.items[0];
    x.why = "dearer";
    x.cost_minor = INT64_C(1000000000001);
    assert_int_equal(plan_item_decide(cx, &x, ITEM_AGREED), RC_INVALID);
    err_clear(cx);
    x.cost_minor = h.items[0].cost_minor + 100;
    check_ok(cx, plan_item_decide(cx, &x, ITEM_AGREED));
    cx->actor = NULL;
    help_fixture_close(cx);
}
static void test_rights(void **state)
{
    (void)state;
    db_fixture_each(rights_on);
}

/* The token opens its own plan only, until it is renewed or the plan ended 90 days ago; it
 * confirms items of its own plan only. */
static void token_on(struct cx *cx)
{
    struct help_plan h, other;
    struct plan p;
    struct plan_item *items;
    size_t count;
    const char *renewed;
    help_fixture_open(cx);
    help_plan_propose(&h, cx, 0, "H1");
    help_plan_propose(&other, cx, 1, "H2");
    const char *old = h.p.token;
    assert_string_not_equal(old, other.p.token);
    check_ok(cx, plan_by_token(&p, &items, &count, cx, str_of(old)));
    assert_int_equal(p.id, h.id);
    assert_int_equal(plan_by_token(&p, &items, &count, cx, STR("aaaaaaaaaaaaaaaaaaaaaa")),
                     RC_NOTFOUND);
    err_clear(cx);
    assert_int_equal(plan_by_token(&p, &items, &count, cx, STR("")), RC_NOTFOUND);
    err_clear(cx);
    assert_int_equal(plan_object(cx, str_of(old), other.items[0].id, STR("x")), RC_NOTFOUND);
    err_clear(cx);
    assert_int_equal(plan_item_confirm(cx, h.items[0].id, STR(""), true, STR("")), RC_NOTFOUND);
    err_clear(cx);
    check_ok(cx, plan_token_new(&renewed, cx, h.id));
    assert_int_equal(plan_by_token(&p, &items, &count, cx, str_of(old)), RC_NOTFOUND);
    err_clear(cx);
    check_ok(cx, plan_by_token(&p, &items, &count, cx, str_of(renewed)));
    help_plan_read(&h, cx);
    assert_string_equal(h.p.token, renewed);
    check_ok(cx, plan_stop(cx, h.id, h.p.version, STR("试用")));
    cx->now_at += INT64_C(90) * 86400;
    check_ok(cx, plan_by_token(&p, &items, &count, cx, str_of(renewed)));
    cx->now_at += 86400;
    assert_int_equal(plan_by_token(&p, &items, &count, cx, str_of(renewed)), RC_NOTFOUND);
    err_clear(cx);
    help_fixture_close(cx);
}
static void test_token(void **state)
{
    (void)state;
    db_fixture_each(token_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_story), cmocka_unit_test(test_decide),
        cmocka_unit_test(test_fault), cmocka_unit_test(test_states),
        cmocka_unit_test(test_draft), cmocka_unit_test(test_rights),
        cmocka_unit_test(test_token)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
