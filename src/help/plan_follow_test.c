/* Tests of what follows from help plans and what they follow, on both databases: the order of
 * tasks, tasks that end on their own page, plans of villages, cases that come under watch, what
 * a household has already, and a kill between approving and the tasks. */
#include "help/plan.h"

#include "base/fault.h"
#include "casework/grievance.h"
#include "help/help_fixture.h"
#include "people/org.h"
#include "profile/calendar.h"
#include "work/flow.h"

#include <pthread.h>
#include <sys/wait.h>

/* A state that the profile has no more: flow_set_state mends it. */
static const struct sql test_strand = {.name = "TEST_STRAND",
                                       .lite = "UPDATE flow SET state = 'gone' WHERE id = $1",
                                       .args = "i",
                                       .cols = ""};
static enum rc strand(struct cx *cx, void *arg)
{
    return DB_RUN(cx, &test_strand, V_I(*(const int64_t *)arg));
}

static struct task task_of(struct cx *cx, const struct plan_item *x)
{
    struct task t;
    check_ok(cx, task_get(&t, cx, x->task_id));
    return t;
}

static size_t tasks_of(struct task **out, struct cx *cx, int64_t household, const char *kind,
                       const char *state)
{
    size_t count;
    const char *next;
    const struct task_query q = {
        .household_id = household, .kind = str_of(kind), .state = str_of(state), .limit = 20};
    check_ok(cx, task_list(out, &count, &next, cx, &q));
    return count;
}

/* What begins when another is due waits for it; when that is delivered, it is open. */
static void order_on(struct cx *cx)
{
    struct help_plan h;
    help_fixture_open(cx);
    help_begin();
    help_plan_propose(&h, cx, 0, "H1");
    struct plan_item x = h.items[1];
    x.start_day = h.items[0].due_day;
    x.due_day = x.start_day + 20;
    x.why = "房子修好以后";
    check_ok(cx, plan_item_decide(cx, &x, ITEM_AGREED));
    help_plan_read(&h, cx);
    help_plan_approve(&h, cx);
    assert_int_equal(task_of(cx, &h.items[0]).state, TASK_OPEN);
    assert_int_equal(task_of(cx, &h.items[1]).state, TASK_WAITING);
    check_ok(cx, plan_item_deliver(cx, h.items[0].id, h.items[0].version,
                                   local_day(cx->profile, cx->now_at), 0, 0));
    assert_int_equal(task_of(cx, &h.items[1]).state, TASK_OPEN);
    help_fixture_close(cx);
}
static void test_order(void **state)
{
    (void)state;
    db_fixture_each(order_on);
}

/* A task done on its own page is a delivery; one that is refused brings its measure back to be
 * decided, and approving makes a new task. */
static void task_page_on(struct cx *cx)
{
    struct help_plan h;
    help_fixture_open(cx);
    help_begin();
    help_plan_propose(&h, cx, 0, "H1");
    help_plan_approve(&h, cx);
    struct task t = task_of(cx, &h.items[0]);
    check_ok(cx, task_done(cx, t.id, t.version, STR("已完工")));
    struct task refused = task_of(cx, &h.items[1]);
    check_ok(cx, task_refuse(cx, refused.id, refused.version, STR("没有名额")));
    help_plan_read(&h, cx);
    assert_int_equal(h.items[0].state, ITEM_DELIVERED);
    assert_int_equal(h.items[0].delivered_day, local_day(cx->profile, cx->now_at));
    assert_int_equal(h.items[1].state, ITEM_PROPOSED);
    assert_int_equal(h.items[1].task_id, 0);
    assert_int_equal(plan_approve(cx, h.id, h.p.version), RC_INVALID);
    err_clear(cx);
    struct plan_item x = h.items[1];
    check_ok(cx, plan_item_decide(cx, &x, ITEM_AGREED));
    help_plan_read(&h, cx);
    check_ok(cx, plan_approve(cx, h.id, h.p.version));
    help_plan_read(&h, cx);
    assert_true(h.items[1].task_id && h.items[1].task_id != refused.id);
    /* undone by whoever did it: not delivered after all */
    t = task_of(cx, &h.items[0]);
    check_ok(cx, task_reopen(cx, t.id, t.version));
    help_plan_read(&h, cx);
    assert_int_equal(h.items[0].state, ITEM_STARTED);
    help_fixture_close(cx);
}
static void test_task_page(void **state)
{
    (void)state;
    db_fixture_each(task_page_on);
}

/* What the household does not agree with is not delivered by ending its task either. */
static void objected_on(struct cx *cx)
{
    struct help_plan h;
    help_fixture_open(cx);
    help_begin();
    help_plan_propose(&h, cx, 0, "H1");
    help_plan_approve(&h, cx);
    check_ok(cx, plan_object(cx, str_of(h.p.token), h.items[0].id, STR("没有用")));
    struct task t = task_of(cx, &h.items[0]);
    assert_int_equal(task_done(cx, t.id, t.version, STR("已完工")), RC_INVALID);
    err_clear(cx);
    assert_int_equal(task_of(cx, &h.items[0]).state, t.state);
    help_plan_read(&h, cx);
    assert_int_not_equal(h.items[0].state, ITEM_DELIVERED);
    help_fixture_close(cx);
}
static void test_objected(void **state)
{
    (void)state;
    db_fixture_each(objected_on);
}

/* The household says of a plan that is done that something did not arrive, while a newer plan
 * is open: the word is kept, and it is delivered under the old plan. */
static void denied_late_on(struct cx *cx)
{
    struct help_plan h;
    int64_t newer;
    int32_t today;
    help_fixture_open(cx);
    help_begin();
    help_plan_propose(&h, cx, 0, "H1");
    help_plan_approve(&h, cx);
    today = local_day(cx->profile, cx->now_at);
    for (size_t i = 0; i < h.count; i++) {
        check_ok(cx, plan_item_deliver(cx, h.items[i].id, h.items[i].version, today, 0, 0));
        check_ok(cx, plan_item_confirm(cx, h.items[i].id, str_of(h.p.token), true, STR("")));
    }
    help_plan_read(&h, cx);
    assert_int_equal(h.p.state, PLAN_DONE);
    check_ok(cx, plan_propose(&newer, cx, h.household, 0));
    check_ok(cx, plan_item_confirm(cx, h.items[0].id, str_of(h.p.token), false, STR("没到")));
    help_plan_read(&h, cx);
    assert_int_equal(h.p.state, PLAN_DONE);
    assert_int_equal(h.items[0].state, ITEM_DENIED);
    check_ok(cx, plan_item_deliver(cx, h.items[0].id, h.items[0].version, today, 0, 0));
    help_plan_read(&h, cx);
    assert_int_equal(h.items[0].state, ITEM_DELIVERED);
    help_fixture_close(cx);
}
static void test_denied_late(void **state)
{
    (void)state;
    db_fixture_each(denied_late_on);
}

/* The one who made the plan does not answer what the household objects to it. */
static void against_on(struct cx *cx)
{
    struct help_plan h;
    struct grievance g;
    struct flow flow;
    help_fixture_open(cx);
    const struct actor *officer = fixture_officer(cx, &f, f.county_area, "county_admin");
    cx->actor = officer;
    help_plan_propose(&h, cx, 0, "H1");
    cx->actor = NULL;
    check_ok(cx, plan_object(cx, str_of(h.p.token), h.items[0].id, STR("没有用")));
    help_plan_read(&h, cx);
    assert_true(h.items[0].grievance_id > 0);
    check_ok(cx, grievance_get(&g, &flow, cx, h.items[0].grievance_id));
    assert_int_equal(g.against_user, officer->user_id);
    cx->actor = officer;
    assert_int_equal(grievance_answer(cx, g.id, flow.version, STR("answer"), STR("有用")),
                     RC_DENIED);
    err_clear(cx);
    cx->actor = NULL;
    help_fixture_close(cx);
}
static void test_against(void **state)
{
    (void)state;
    db_fixture_each(against_on);
}

/* A village's plan has the measures of areas that are true there; one is open at a time; it has
 * no page for a household. */
static void village_on(struct cx *cx)
{
    struct plan p;
    struct plan_item *items;
    size_t count;
    int64_t id, again;
    help_fixture_open(cx);
    help_household(cx, 0, "H1", (struct help_family){"D", NULL, -1, -1, 6000}, YEAR);
    check_ok(cx, plan_open_area(&id, cx, f.village[0]));
    check_ok(cx, plan_get(&p, &items, &count, cx, id));
    assert_int_equal(count, 1);
    assert_int_equal(items[0].measure, ROAD);
    assert_string_equal(p.token, "");
    assert_int_equal(plan_open_area(&again, cx, f.village[0]), RC_CONFLICT);
    assert_int_equal(again, id);
    err_clear(cx);
    check_ok(cx, plan_open_area(&again, cx, f.village[1])); /* nobody lives there */
    check_ok(cx, plan_get(&p, &items, &count, cx, again));
    assert_int_equal(count, 0);
    check_ok(cx, plan_get(&p, &items, &count, cx, id));
    check_ok(cx, plan_take_all(cx, id, p.version));
    check_ok(cx, plan_get(&p, &items, &count, cx, id));
    check_ok(cx, plan_approve(cx, id, p.version));
    check_ok(cx, plan_get(&p, &items, &count, cx, id));
    assert_int_equal(p.state, PLAN_RUNNING);
    assert_int_equal(task_of(cx, &items[0]).area_id, f.village[0]);
    cx->actor = fixture_officer(cx, &f, f.town[1], "township_officer");
    assert_int_equal(plan_get(&p, &items, &count, cx, id), RC_NOTFOUND);
    err_clear(cx);
    assert_int_equal(plan_open_area(&id, cx, f.village[0]), RC_NOTFOUND);
    err_clear(cx);
    cx->actor = NULL;
    help_fixture_close(cx);
}
static void test_village(void **state)
{
    (void)state;
    db_fixture_each(village_on);
}

/* A case that comes under watch asks for a plan within the profile's 30 days (measure_days);
 * approving the plan ends that task, also when the plan was begun on the household's page. With
 * an open plan nothing is asked. */
static void watch_on(struct cx *cx)
{
    struct help_plan h = {0};
    struct task *tasks;
    int64_t flow, plan;
    help_fixture_open(cx);
    help_begin();
    h.household =
        help_household(cx, 0, "H1", (struct help_family){"D", NULL, -1, -1, 6000}, YEAR);
    help_need(cx, h.household, NEED_HOUSE, AT_ONCE, 0, "");
    const struct workflow *w = profile_workflow_kind(cx->profile, "identify");
    assert_non_null(w);
    check_ok(cx, flow_open(&flow, cx, w, f.county, h.household, f.village[0], 0));
    assert_int_equal(tasks_of(&tasks, cx, h.household, "plan", "open"), 0);
    check_ok(cx, db_write(cx, f.county, strand, &flow));
    struct flow now;
    check_ok(cx, flow_get(&now, cx, flow));
    check_ok(cx, flow_set_state(cx, flow, now.version, STR("watch"), STR("试验")));
    assert_int_equal(tasks_of(&tasks, cx, h.household, "plan", "open"), 1);
    assert_int_equal(tasks[0].due_at, deadline_after(cx->profile, cx->now_at, 30, false));
    assert_int_equal(tasks[0].subject_id, flow);
    check_ok(cx, plan_propose(&plan, cx, h.household, 0));
    h.id = plan;
    help_plan_read(&h, cx);
    assert_int_equal(h.p.flow_id, flow);
    help_plan_approve(&h, cx);
    assert_int_equal(tasks_of(&tasks, cx, h.household, "plan", "open"), 0);
    help_fixture_close(cx);
}
static void test_watch(void **state)
{
    (void)state;
    db_fixture_each(watch_on);
}

/* What is under way is not proposed again, and keeps out what it excludes. */
static void has_on(struct cx *cx)
{
    struct help_plan h;
    struct proposal p;
    help_fixture_open(cx);
    help_plan_propose(&h, cx, 0, "H1");
    check_ok(cx, proposal_make(&p, cx, f.county, h.household));
    assert_int_equal(p.list[0].fit, FIT_YES); /* a draft gives nothing */
    help_plan_approve(&h, cx);
    check_ok(cx, proposal_make(&p, cx, f.county, h.household));
    assert_int_equal(p.fit_count, 0);
    size_t seen = 0;
    for (size_t i = 0; i < p.count; i++) {
        if (p.list[i].measure->number == REPAIR || p.list[i].measure->number == SCHOOL) {
            assert_int_equal(p.list[i].fit, FIT_HAS_IT);
            seen++;
        }
        if (p.list[i].measure->number == RESETTLE) {
            assert_int_equal(p.list[i].fit, FIT_CONFLICT);
            assert_int_equal(p.list[i].conflict->number, REPAIR);
            seen++;
        }
    }
    assert_int_equal(seen, 3);
    assert_int_equal(p.unanswered_count, 0); /* the cause is being answered */
    help_fixture_close(cx);
}
static void test_has(void **state)
{
    (void)state;
    db_fixture_each(has_on);
}

/* The process is killed between the approval and its tasks: another finds the draft as it was,
 * without tasks, and approves it. */
static void kill_on(struct cx *cx)
{
    struct help_plan h;
    struct task *tasks;
    struct db_pool *pool = cx->pool;
    int status;
    help_fixture_open(cx);
    help_plan_propose(&h, cx, 0, "H1");
    check_ok(cx, plan_take_all(cx, h.id, h.p.version));
    help_plan_read(&h, cx);
    const struct db_options options = {.url = db_fixture_url(cx), .single_thread = true};
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (!pid) {
        struct cx own = *cx;
        own.pool = NULL;
        own.db = NULL;
        if (!fault_set("help.approve:1:kill") || db_open(&own.pool, &own, &options) ||
            db_attach(&own))
            _exit(3);
        _exit(plan_approve(&own, h.id, h.p.version) ? 4 : 5);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_ptr_equal(cx->pool, pool);
    help_plan_read(&h, cx);
    assert_int_equal(h.p.state, PLAN_DRAFT);
    assert_int_equal(tasks_of(&tasks, cx, h.household, "plan_item", "all"), 0);
    check_ok(cx, plan_approve(cx, h.id, h.p.version));
    assert_int_equal(tasks_of(&tasks, cx, h.household, "plan_item", "all"), 2);
    help_fixture_close(cx);
}
static void test_kill(void **state)
{
    (void)state;
    db_fixture_each(kill_on);
}

/* ---- departments ---- */

static const struct actor *with_id(struct cx *cx, int64_t user, int64_t area, const char *role)
{
    struct actor *a = arena_new(cx->arena, sizeof *a);
    *a = *fixture_officer(cx, &f, area, role);
    a->user_id = user;
    return a;
}

/* An organisation of the measure's department gets it: its people see and deliver it, those of
 * another do not; "did not happen" tells its heads. */
static void department_on(struct cx *cx)
{
    struct help_plan h;
    struct plan_item *items;
    struct notice *notices;
    int64_t housing, water, head, other, duty;
    size_t count;
    help_fixture_open(cx);
    help_begin();
    check_ok(cx, org_add(&housing, cx,
                         &(struct org){.county = f.county,
                                       .area_id = f.county_area,
                                       .kind = "housing",
                                       .name = "住房局"}));
    check_ok(cx, org_add(&water, cx,
                         &(struct org){.county = f.county,
                                       .area_id = f.county_area,
                                       .kind = "water",
                                       .name = "水利局"}));
    check_ok(cx,
             user_add(&head, cx, STR("head"), STR("Head"), STR("a long password 1"), false));
    check_ok(cx,
             user_add(&other, cx, STR("other"), STR("Other"), STR("a long password 1"), false));
    check_ok(cx, user_grant(cx, head, "department_officer", f.county_area));
    check_ok(cx, user_grant(cx, other, "department_officer", f.county_area));
    check_ok(cx,
             duty_add(&duty, cx,
                      &(struct duty){
                          .org_id = housing, .user_id = head, .title = "局长", .heads = true}));
    check_ok(cx, duty_add(&duty, cx,
                          &(struct duty){.org_id = water, .user_id = other, .title = "科员"}));
    help_plan_propose(&h, cx, 0, "H1");
    assert_int_equal(h.items[0].owner.kind, OWNER_ORG);
    assert_int_equal(h.items[0].owner.id, housing);
    assert_int_equal(h.items[1].owner.kind, OWNER_AREA); /* there is no education bureau */
    help_plan_approve(&h, cx);
    check_ok(cx, plan_items_owned(&items, &count, cx, f.county, h.items[0].owner, 0, 0, 10));
    assert_int_equal(count, 1);
    assert_int_equal(items[0].id, h.items[0].id);
    int32_t today = local_day(cx->profile, cx->now_at);
    cx->actor = with_id(cx, other, f.county_area, "department_officer");
    assert_int_equal(plan_item_deliver(cx, h.items[0].id, h.items[0].version, today, 0, 0),
                     RC_DENIED);
    err_clear(cx);
    cx->actor = with_id(cx, head, f.county_area, "department_officer");
    check_ok(cx, plan_item_start(cx, h.items[0].id, h.items[0].version));
    help_plan_read(&h, cx);
    check_ok(cx, plan_item_deliver(cx, h.items[0].id, h.items[0].version, today, 5, 0));
    cx->actor = NULL;
    help_plan_read(&h, cx);
    assert_int_equal(h.items[0].paid_minor, 5);
    assert_int_equal(task_of(cx, &h.items[0]).done_by, head);
    check_ok(cx, plan_items_owned(&items, &count, cx, f.county, h.items[0].owner, 0, 0, 10));
    assert_int_equal(count, 0);
    check_ok(cx, plan_item_confirm(cx, h.items[0].id, str_of(h.p.token), false, STR("")));
    cx->actor = with_id(cx, head, f.county_area, "department_officer");
    check_ok(cx, notice_list(&notices, &count, cx, 0, true, 20));
    bool told = false;
    for (size_t i = 0; i < count; i++) {
        told = told || strstr(notices[i].text.in[LANG_EN], "did not happen");
        assert_null(strstr(notices[i].text.in[LANG_EN], "王"));
    }
    assert_true(told);
    cx->actor = NULL;
    help_fixture_close(cx);
}
static void test_department(void **state)
{
    (void)state;
    db_fixture_each(department_on);
}

/* ---- at once ---- */

struct racer {
    struct cx *from;
    struct plan_item x;
    enum item_state state;
    enum rc rc;
};

static void *race(void *arg)
{
    struct racer *r = arg;
    struct cx cx;
    cx_init(&cx, arena_open(8 << 20));
    cx.pool = r->from->pool;
    cx.profile = r->from->profile;
    cx.vault = r->from->vault;
    cx.columns = r->from->columns;
    cx.dir = r->from->dir;
    r->rc = db_attach(&cx);
    if (!r->rc)
        r->rc = plan_item_decide(&cx, &r->x, r->state);
    db_detach(&cx);
    arena_free(cx.arena);
    return NULL;
}

/* Two officers decide one measure at the same moment, many times: one of them is made, the
 * other is told, and what stands is the first one's. */
static void race_on(struct cx *cx)
{
    struct help_plan h;
    pthread_t threads[2];
    help_fixture_open(cx);
    help_plan_propose(&h, cx, 0, "H1");
    for (int round = 0; round < 20; round++) {
        struct racer racers[2] = {{.from = cx, .x = h.items[0], .state = ITEM_AGREED},
                                  {.from = cx, .x = h.items[0], .state = ITEM_REFUSED}};
        for (int i = 0; i < 2; i++) {
            racers[i].x.why = "理由";
            assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
        }
        for (int i = 0; i < 2; i++)
            assert_int_equal(pthread_join(threads[i], NULL), 0);
        help_plan_read(&h, cx);
        int made = racers[0].rc ? 1 : 0;
        assert_int_equal(racers[made].rc, RC_OK);
        assert_int_equal(racers[1 - made].rc, RC_CONFLICT);
        assert_int_equal(h.items[0].state, racers[made].state);
        assert_int_equal(h.items[0].version, round + 2);
    }
    help_fixture_close(cx);
}
static void test_race(void **state)
{
    (void)state;
    db_fixture_each(race_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),       cmocka_unit_test(test_task_page),
        cmocka_unit_test(test_village),     cmocka_unit_test(test_objected),
        cmocka_unit_test(test_denied_late), cmocka_unit_test(test_against),
        cmocka_unit_test(test_watch),       cmocka_unit_test(test_has),
        cmocka_unit_test(test_kill),        cmocka_unit_test(test_department),
        cmocka_unit_test(test_race)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
