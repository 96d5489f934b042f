/* Tests of tasks, on both databases: joint tasks and their thread, waiting and circles,
 * evidence, undo, two at once, giving away, handing over, who may, and work that is done
 * elsewhere. */
#include "people/org.h"
#include "work/work_fixture.h"

enum {
    WORKER = 31,
    TOWNSMAN,
    GIVER,
    HEALTH_MAN,
    SCHOOL_MAN,
    STRANGER,
    ORG_HEALTH = 901,
    ORG_SCHOOL
};

#define SQL(id, text, arg_letters, col_letters)                                                \
    static const struct sql id = {                                                             \
        .name = #id, .lite = text, .args = arg_letters, .cols = col_letters}
SQL(TEST_ORG,
    "INSERT INTO org (county, id, parent_id, area_id, kind, name, name_key, lead, from_day, "
    "ended_day, merged_into, version) VALUES ($1, $2, 0, $3, $4, $4, $4, 0, 1, 0, 0, 1)",
    "iiit", "");
SQL(TEST_DUTY,
    "INSERT INTO duty (county, id, org_id, user_id, title, heads, from_day, to_day) VALUES "
    "($1, $2, $3, $4, 'x', $5, 1, 0)",
    "iiiii", "");
SQL(TEST_NOTICES, "SELECT count(*) FROM notice WHERE user_id = $1", "i", "i");
SQL(TEST_DUE, "SELECT count(*) FROM deadline WHERE kind = 'task.due' AND subject_id = $1", "i",
    "i");
SQL(TEST_ALL, "SELECT count(*) FROM task WHERE county = $1", "i", "i");

static void add_org(struct cx *cx, int64_t id, const char *kind, int64_t user, bool heads)
{
    FIXTURE_RUN(cx, &TEST_ORG, V_I(COUNTY), V_I(id), V_I(f.county_area), V_T(kind));
    FIXTURE_RUN(cx, &TEST_DUTY, V_I(COUNTY), V_I(id + 100), V_I(id), V_I(user), V_I(heads));
}

static void open_fixture(struct cx *cx)
{
    work_fixture_open(cx, "cn");
    cx->now_at = fixture_noon("2026-06-10");
    fixture_user(cx, WORKER, "village_worker", f.village);
    fixture_user(cx, TOWNSMAN, "township_officer", f.town);
    fixture_user(cx, GIVER, "county_officer", f.county_area);
    fixture_user(cx, HEALTH_MAN, "department_officer", f.county_area);
    fixture_user(cx, SCHOOL_MAN, "department_officer", f.county_area);
    fixture_user(cx, STRANGER, "village_worker", OTHER_VILLAGE);
    add_org(cx, ORG_HEALTH, "health", HEALTH_MAN, true);
    add_org(cx, ORG_SCHOOL, "education", SCHOOL_MAN, true);
}

static struct task plain(const char *title, struct owner owner)
{
    return (struct task){.county = COUNTY,
                         .kind = "free",
                         .area_id = f.village,
                         .owner = owner,
                         .title = both_typed(title),
                         .why = both_typed("so that it is done"),
                         .due_at = fixture_noon("2026-06-15")};
}
static struct owner worker_owner(void)
{
    return (struct owner){OWNER_AREA, f.village, "case.check"};
}

struct add {
    struct task task;
    int64_t id, before;
};
static enum rc add_write(struct cx *cx, void *arg)
{
    struct add *a = arg;
    TRY(task_add(&a->id, cx, &a->task));
    return a->before ? task_after(cx, COUNTY, a->id, a->before) : RC_OK;
}
static int64_t add(struct cx *cx, struct task t, int64_t before)
{
    struct add a = {.task = t, .before = before};
    check_ok(cx, db_write(cx, COUNTY, add_write, &a));
    return a.id;
}
static enum rc after_write(struct cx *cx, void *arg)
{
    const int64_t *ids = arg;
    return task_after(cx, COUNTY, ids[0], ids[1]);
}

static struct task get(struct cx *cx, int64_t id)
{
    struct task t;
    const struct actor *me = cx->actor;
    cx->actor = NULL;
    check_ok(cx, task_get(&t, cx, id));
    cx->actor = me;
    return t;
}
static void refused(struct cx *cx, enum rc rc, enum rc expected)
{
    assert_int_equal(rc, expected);
    assert_true(cx->err.text[0]);
    err_clear(cx);
}
static enum rc done(struct cx *cx, int64_t id)
{
    return task_done(cx, id, get(cx, id).version, STR("it is done"));
}

/* Three departments, one task: each part is its owner's, all read one thread; the last part
 * done ends the whole and the giver is told; an undo of a part opens the whole again. */
static void joint_on(struct cx *cx)
{
    struct owner parts[] = {{OWNER_ORG, ORG_HEALTH, ""},
                            {OWNER_ORG, ORG_SCHOOL, ""},
                            {OWNER_AREA, 0, "case.check"}};
    struct task_new n = {
        .task = plain("Help the family", (struct owner){0}), .parts = parts, .part_count = 3};
    struct task *list;
    struct task_event *thread;
    size_t count;
    const char *next, *field;
    int64_t id;
    open_fixture(cx);
    n.task.area_id = f.village;
    parts[2].id = f.village;
    fixture_as(cx, WORKER);
    refused(cx, task_give_new(&id, &field, cx, &n), RC_DENIED);
    fixture_as(cx, GIVER);
    check_ok(cx, task_give_new(&id, &field, cx, &n));
    check_ok(cx, task_list(&list, &count, &next, cx, &(struct task_query){.parent_id = id}));
    assert_int_equal(count, 3);
    refused(cx, done(cx, id), RC_INVALID); /* its parts are open */
    fixture_as(cx, HEALTH_MAN);
    assert_int_equal(fixture_i64(cx, &TEST_NOTICES, HEALTH_MAN), 1);
    refused(cx, done(cx, list[1].id), RC_DENIED); /* the school's */
    check_ok(cx, task_remark(cx, list[0].id, STR("We visit on Friday")));
    check_ok(cx, done(cx, list[0].id));
    fixture_as(cx, SCHOOL_MAN);
    check_ok(cx, task_thread(&thread, &count, cx, list[1].id));
    assert_int_equal(count, 6); /* four given, a remark, a done */
    assert_string_equal(thread[4].text, "We visit on Friday");
    assert_int_equal(thread[4].task_id, list[0].id);
    check_ok(cx, done(cx, list[1].id));
    assert_int_equal(get(cx, id).state, TASK_OPEN);
    fixture_as(cx, WORKER);
    check_ok(cx, done(cx, list[2].id));
    assert_int_equal(get(cx, id).state, TASK_DONE);
    check_ok(cx, task_reopen(cx, list[2].id, get(cx, list[2].id).version));
    assert_int_equal(get(cx, id).state, TASK_OPEN);
    check_ok(cx, task_refuse(cx, list[2].id, get(cx, list[2].id).version, STR("moved away")));
    assert_int_equal(get(cx, id).state, TASK_OPEN); /* somebody decides what now */
    fixture_as(cx, GIVER);
    check_ok(cx, done(cx, id));
    fixture_as(cx, STRANGER);
    struct task t;
    refused(cx, task_get(&t, cx, id), RC_NOTFOUND);
    work_fixture_close(cx);
}
static void test_joint(void **state)
{
    (void)state;
    db_fixture_each(joint_on);
}

/* B comes after A, C after B: only A is told and counts; done, the next opens with time to do
 * it; a circle is refused, also through parts; undo makes the next wait again. */
static void waiting_on(struct cx *cx)
{
    open_fixture(cx);
    struct task t = plain("A", worker_owner());
    int64_t a = add(cx, t, 0);
    t.title = both_typed("B");
    t.state = TASK_WAITING;
    int64_t b = add(cx, t, a);
    t.title = both_typed("C");
    int64_t c = add(cx, t, b);
    assert_int_equal(fixture_i64(cx, &TEST_NOTICES, WORKER), 1);
    assert_int_equal(get(cx, b).state, TASK_WAITING);
    assert_int_equal(fixture_i64(cx, &TEST_DUE, b), 0);
    int64_t circles[][2] = {{a, c}, {a, a}, {b, c}};
    for (size_t i = 0; i < 3; i++)
        refused(cx, db_write(cx, COUNTY, after_write, circles[i]), RC_INVALID);
    t.parent_id = a;
    t.state = TASK_OPEN;
    int64_t part = add(cx, t, 0), through[2] = {part, b};
    refused(cx, db_write(cx, COUNTY, after_write, through), RC_INVALID);
    fixture_as(cx, WORKER);
    refused(cx, done(cx, b), RC_INVALID);
    cx->now_at = fixture_noon("2026-06-19"); /* a Friday and a holiday; all are late by now */
    check_ok(cx, done(cx, part));
    assert_int_equal(get(cx, a).state, TASK_DONE);
    assert_int_equal(get(cx, b).state, TASK_OPEN);
    assert_int_equal(get(cx, b).due_at, fixture_noon("2026-06-22") + 12 * 3600);
    assert_int_equal(fixture_i64(cx, &TEST_DUE, b), 1);
    assert_int_equal(get(cx, c).state, TASK_WAITING);
    check_ok(cx, task_reopen(cx, part, get(cx, part).version));
    assert_int_equal(get(cx, a).state, TASK_OPEN);
    assert_int_equal(get(cx, b).state, TASK_WAITING);
    check_ok(cx, done(cx, part));
    check_ok(cx, task_cancel(cx, b, get(cx, b).version, STR("not needed")));
    assert_int_equal(get(cx, c).state, TASK_OPEN);
    work_fixture_close(cx);
}
static void test_waiting(void **state)
{
    (void)state;
    db_fixture_each(waiting_on);
}

/* Evidence first; the second of two is told who was quicker; undo is for who ended it, and for
 * a day; refusing and cancelling need a reason. */
static void ends_on(struct cx *cx)
{
    open_fixture(cx);
    struct task t = plain("Repair the roof", worker_owner());
    t.needs_evidence = true;
    int64_t id = add(cx, t, 0);
    fixture_as(cx, WORKER);
    refused(cx, done(cx, id), RC_INVALID);
    refused(cx, task_evidence(cx, id, 0, STR("")), RC_INVALID);
    check_ok(cx, task_evidence(cx, id, 77, STR("the new roof")));
    refused(cx, task_refuse(cx, id, 1, STR("  ")), RC_INVALID);
    int32_t version = get(cx, id).version;
    check_ok(cx, task_done(cx, id, version, STR("")));
    assert_int_equal(fixture_i64(cx, &TEST_DUE, id), 0);
    fixture_as(cx, GIVER);
    enum rc rc = task_cancel(cx, id, version, STR("too late"));
    assert_non_null(strstr(cx->err.text, "user31"));
    refused(cx, rc, RC_CONFLICT);
    refused(cx, task_reopen(cx, id, get(cx, id).version), RC_DENIED);
    fixture_as(cx, WORKER);
    cx->now_at += 25 * 3600;
    refused(cx, task_reopen(cx, id, get(cx, id).version), RC_INVALID);
    cx->now_at -= 2 * 3600;
    check_ok(cx, task_reopen(cx, id, get(cx, id).version));
    assert_int_equal(get(cx, id).state, TASK_OPEN);
    assert_int_equal(fixture_i64(cx, &TEST_DUE, id), 1);
    refused(cx, task_reopen(cx, id, get(cx, id).version), RC_INVALID);
    refused(cx, task_done(cx, id, version, STR("")), RC_CONFLICT);
    work_fixture_close(cx);
}
static void test_ends(void **state)
{
    (void)state;
    db_fixture_each(ends_on);
}

/* Of one subject and owner only one task is open; the same may come again when it is done; an
 * undo that would double it is refused. Work with a page of its own is not ended here. */
static void once_on(struct cx *cx)
{
    open_fixture(cx);
    struct task t = plain("Look", worker_owner());
    t.kind = "alert";
    t.subject_id = 5;
    int64_t first = add(cx, t, 0);
    assert_int_equal(add(cx, t, 0), first);
    t.owner = (struct owner){OWNER_ORG, ORG_HEALTH, ""};
    assert_int_not_equal(add(cx, t, 0), first);
    t.owner = worker_owner();
    fixture_as(cx, WORKER);
    check_ok(cx, done(cx, first));
    int64_t second = add(cx, t, 0);
    assert_int_not_equal(second, first);
    refused(cx, task_reopen(cx, first, get(cx, first).version), RC_CONFLICT);
    t.kind = "flow";
    t.subject_id = 6;
    t.href = "/case/6";
    int64_t flow = add(cx, t, 0);
    enum rc rc = done(cx, flow);
    assert_non_null(strstr(cx->err.text, "/case/6"));
    refused(cx, rc, RC_INVALID);
    refused(cx, task_cancel(cx, flow, 1, STR("why")), RC_INVALID);
    refused(cx, task_set_due(cx, flow, 1, fixture_noon("2026-07-01"), STR("why")), RC_DENIED);
    work_fixture_close(cx);
}
static void test_once(void **state)
{
    (void)state;
    db_fixture_each(once_on);
}

/* Given to another: theirs now, told, with the reason in the thread; the deadline is moved by
 * those who give tasks, not by the owner; unknown and foreign owners are refused. */
static void given_on(struct cx *cx)
{
    struct task_event *thread;
    size_t count;
    open_fixture(cx);
    int64_t id = add(cx, plain("Bring the form", worker_owner()), 0);
    const struct owner health = {OWNER_ORG, ORG_HEALTH, ""}, nobody = {OWNER_ORG, 12345, ""};
    fixture_as(cx, WORKER);
    refused(cx, task_give_to(cx, id, 1, health, STR("")), RC_INVALID);
    refused(cx, task_give_to(cx, id, 1, nobody, STR("why")), RC_INVALID);
    refused(cx, task_set_due(cx, id, 1, fixture_noon("2026-07-01"), STR("why")), RC_DENIED);
    check_ok(cx, task_give_to(cx, id, 1, health, STR("It is about the clinic")));
    refused(cx, task_give_to(cx, id, 1, health, STR("again")), RC_DENIED);
    fixture_as(cx, HEALTH_MAN);
    assert_int_equal(fixture_i64(cx, &TEST_NOTICES, HEALTH_MAN), 1);
    check_ok(cx, task_thread(&thread, &count, cx, id));
    assert_non_null(strstr(thread[1].text, "It is about the clinic"));
    fixture_as(cx, GIVER);
    refused(cx, task_set_due(cx, id, 2, cx->now_at, STR("why")), RC_INVALID);
    check_ok(cx, task_set_due(cx, id, 2, fixture_noon("2026-07-01"), STR("rain")));
    assert_int_equal(get(cx, id).due_at, fixture_noon("2026-07-01"));
    refused(cx, task_set_due(cx, id, 2, fixture_noon("2026-07-02"), STR("why")), RC_CONFLICT);
    work_fixture_close(cx);
}
static void test_given(void **state)
{
    (void)state;
    db_fixture_each(given_on);
}

/* Who leaves: 450 tasks go to the organisation, or to a named person; of a pair that would be
 * the same twice one is cancelled. */
static void leaves_on(struct cx *cx)
{
    enum { MANY = 450 };
    int64_t moved;
    struct task *list;
    size_t count;
    const char *next;
    open_fixture(cx);
    struct task t = plain("Something", (struct owner){OWNER_USER, HEALTH_MAN, ""});
    for (int i = 0; i < MANY; i++)
        add(cx, t, 0);
    t.kind = "alert";
    t.subject_id = 8;
    add(cx, t, 0);
    t.owner = (struct owner){OWNER_ORG, ORG_HEALTH, ""};
    add(cx, t, 0);
    fixture_as(cx, WORKER);
    const struct owner from = {OWNER_USER, HEALTH_MAN, ""}, back = {OWNER_USER, 0, ""};
    refused(cx, task_hand_over(&moved, cx, COUNTY, from, back), RC_DENIED);
    fixture_as(cx, GIVER);
    check_ok(cx, task_hand_over(&moved, cx, COUNTY, from, back));
    assert_int_equal(moved, MANY + 1);
    fixture_as(cx, HEALTH_MAN);
    check_ok(cx, task_list(&list, &count, &next, cx, &(struct task_query){.mine = true}));
    assert_int_equal(count, MANY + 1); /* as a member of the organisation; one cancelled */
    fixture_as(cx, GIVER);
    check_ok(cx, task_hand_over(&moved, cx, COUNTY, (struct owner){OWNER_ORG, ORG_HEALTH, ""},
                                (struct owner){OWNER_USER, SCHOOL_MAN, ""}));
    assert_int_equal(moved, MANY + 1);
    fixture_as(cx, HEALTH_MAN);
    check_ok(cx, task_list(&list, &count, &next, cx, &(struct task_query){.mine = true}));
    assert_int_equal(count, 0);
    assert_int_equal(fixture_i64(cx, &TEST_ALL, COUNTY), MANY + 2);
    work_fixture_close(cx);
}
static void test_leaves(void **state)
{
    (void)state;
    db_fixture_each(leaves_on);
}

/* What a person types for a new task: each mistake at its field. */
static void new_on(struct cx *cx)
{
    struct task_new n, good;
    const char *field;
    int64_t id;
    char *title;
    open_fixture(cx);
    fixture_as(cx, GIVER);
    title = arena_new(cx->arena, 1002);
    memset(title, 'x', 1001);
    good = (struct task_new){.task = plain("Count the wells", worker_owner())};
    struct {
        const char *field;
        struct task_new n;
    } bad[5];
    for (int i = 0; i < 5; i++)
        bad[i].n = good;
    bad[0].field = "title";
    bad[0].n.task.title = both_typed("  ");
    bad[1].field = "title";
    bad[1].n.task.title = both_typed(title);
    bad[2].field = "due";
    bad[2].n.task.due_at = cx->now_at - 1;
    bad[3].field = "owner";
    bad[3].n.task.owner.id = 0;
    bad[4].field = "after";
    bad[4].n.after_id = 12345;
    for (int i = 0; i < 5; i++) {
        refused(cx, task_give_new(&id, &field, cx, &bad[i].n), RC_INVALID);
        assert_string_equal(field, bad[i].field);
    }
    n = good;
    n.task.area_id = f.area[0];
    refused(cx, task_give_new(&id, &field, cx, &n), RC_DENIED);
    assert_int_equal(fixture_i64(cx, &TEST_ALL, COUNTY), 0);
    check_ok(cx, task_give_new(&id, &field, cx, &good));
    good.after_id = id;
    check_ok(cx, task_give_new(&id, &field, cx, &good));
    assert_int_equal(get(cx, id).state, TASK_WAITING);
    assert_int_equal(get(cx, id).giver_id, GIVER);
    work_fixture_close(cx);
}
static void test_new(void **state)
{
    (void)state;
    db_fixture_each(new_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_joint), cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_ends),  cmocka_unit_test(test_once),
        cmocka_unit_test(test_given), cmocka_unit_test(test_leaves),
        cmocka_unit_test(test_new)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
