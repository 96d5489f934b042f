/* Tests of tasks in time and in lists, on both databases: escalation level by level each
 * working day, areas without people, substitutes, and lists that equal what plain SQL finds. */
#include "people/org.h"
#include "work/task_inner.h"
#include "work/work_fixture.h"

enum { WORKER = 41, TOWNSMAN, COUNTY_MAN, NEXT_WORKER, HEAD, STANDIN, LATER, LEAD = 911 };

#define SQL(id, text, arg_letters, col_letters)                                                \
    static const struct sql id = {                                                             \
        .name = #id, .lite = text, .args = arg_letters, .cols = col_letters}
SQL(TEST_LEAD,
    "INSERT INTO org (county, id, parent_id, area_id, kind, name, name_key, lead, from_day, "
    "ended_day, merged_into, version) VALUES ($1, $2, 0, $3, 'lead_office', 'Lead', 'lead', 1, "
    "1, 0, 0, 1)",
    "iii", "");
SQL(TEST_HEAD,
    "INSERT INTO duty (county, id, org_id, user_id, title, heads, from_day, to_day) VALUES "
    "($1, $2, $3, $4, 'head', 1, 1, 0)",
    "iiii", "");
SQL(TEST_LATE_NOTICES,
    "SELECT count(*) FROM notice WHERE user_id = $1 AND text_en LIKE 'Late:%'", "i", "i");
SQL(TEST_LATE_ROWS, "SELECT count(*) FROM task_late WHERE task_id = $1", "i", "i");
SQL(TEST_MINE,
    "SELECT count(*) FROM task WHERE state = 1 AND owner_kind = 3 AND owner_id = $1 AND "
    "owner_permission = 'case.check'",
    "i", "i");

static void open_fixture(struct cx *cx)
{
    static struct deadline_kind kinds[4];
    work_fixture_open(cx, "cn");
    cx->now_at = fixture_noon("2026-06-10");
    fixture_user(cx, WORKER, "village_worker", f.village);
    fixture_user(cx, TOWNSMAN, "township_officer", f.town);
    fixture_user(cx, COUNTY_MAN, "county_officer", f.county_area);
    fixture_user(cx, HEAD, "county_admin", f.county_area);
    fixture_user(cx, STANDIN, NULL, 0);
    FIXTURE_RUN(cx, &TEST_LEAD, V_I(COUNTY), V_I(LEAD), V_I(f.county_area));
    FIXTURE_RUN(cx, &TEST_HEAD, V_I(COUNTY), V_I(LEAD + 1), V_I(LEAD), V_I(HEAD));
    memcpy(kinds, task_deadline_kinds, task_deadline_kind_count * sizeof *kinds);
    deadline_kinds_set(kinds, task_deadline_kind_count);
}

static enum rc add_write(struct cx *cx, void *arg)
{
    struct task *t = arg;
    return task_add(&t->id, cx, t);
}
static int64_t add(struct cx *cx, int64_t village, const char *permission, int64_t due_at)
{
    struct task t = {.county = COUNTY,
                     .kind = "free",
                     .area_id = village,
                     .owner = {OWNER_AREA, village, permission},
                     .title = both_typed("Look at the house"),
                     .due_at = due_at};
    check_ok(cx, db_write(cx, COUNTY, add_write, &t));
    return t.id;
}

static struct task get(struct cx *cx, int64_t id)
{
    struct task t;
    check_ok(cx, task_read(&t, cx, id));
    return t;
}

static void fire_at(struct cx *cx, int64_t at)
{
    int64_t fired;
    const struct actor *me = cx->actor;
    cx->actor = NULL;
    check_env("FUMIN_NOW", arena_printf(cx->arena, "%" PRId64, at));
    check_ok(cx, deadline_fire_due(&fired, cx));
    check_env("FUMIN_NOW", NULL);
    cx->now_at = at;
    cx->actor = me;
}

static size_t count_list(struct cx *cx, const struct task_query *q)
{
    struct task *list;
    size_t count;
    const char *next;
    check_ok(cx, task_list(&list, &count, &next, cx, q));
    return count;
}

static int64_t late_notices(struct cx *cx, int64_t user)
{
    return fixture_i64(cx, &TEST_LATE_NOTICES, user);
}

/* Late on Friday midnight: the village and its township are told; after the next working day,
 * Monday's end, the county; then the lead office's heads; then every fifth working day again.
 * Nobody is told twice of one step; done, it stands in nobody's late list. */
static void escalation_on(struct cx *cx)
{
    const struct task_query below = {.late_below = true};
    struct task_sums sums;
    open_fixture(cx);
    int64_t friday = fixture_noon("2026-06-12") + 12 * 3600;
    int64_t id = add(cx, f.village, "case.check", friday);
    fire_at(cx, friday - 1);
    assert_int_equal(get(cx, id).escalated, 0);
    fire_at(cx, friday);
    fire_at(cx, friday + 60);
    assert_int_equal(get(cx, id).escalated, 1);
    assert_int_equal(late_notices(cx, WORKER), 1);
    assert_int_equal(late_notices(cx, TOWNSMAN), 1);
    assert_int_equal(late_notices(cx, COUNTY_MAN), 0);
    fixture_as(cx, COUNTY_MAN);
    assert_int_equal(count_list(cx, &below), 0);
    fixture_as(cx, TOWNSMAN);
    assert_int_equal(count_list(cx, &below), 1);
    fire_at(cx, fixture_noon("2026-06-14"));
    assert_int_equal(get(cx, id).escalated, 1);
    fire_at(cx, fixture_noon("2026-06-15") + 12 * 3600);
    assert_int_equal(get(cx, id).escalated, 2);
    assert_int_equal(late_notices(cx, WORKER), 2);
    assert_int_equal(late_notices(cx, TOWNSMAN), 1);
    assert_int_equal(late_notices(cx, HEAD), 1); /* holds case.check at the county */
    fire_at(cx, fixture_noon("2026-06-16") + 12 * 3600);
    assert_int_equal(get(cx, id).escalated, 3);
    assert_int_equal(fixture_i64(cx, &TEST_LATE_ROWS, id), 3);
    fire_at(cx, fixture_noon("2026-06-17") + 12 * 3600); /* the top: not every day */
    assert_int_equal(get(cx, id).escalated, 3);
    fire_at(cx, fixture_noon("2026-06-30"));
    assert_int_equal(get(cx, id).escalated, 4);
    fixture_as(cx, HEAD);
    assert_int_equal(count_list(cx, &below), 1);
    check_ok(cx, task_sums_mine(&sums, cx));
    assert_true(sums.escalated >= 1);
    fixture_as(cx, WORKER);
    check_ok(cx, task_sums_mine(&sums, cx));
    assert_int_equal(sums.late, 1);
    assert_int_equal(sums.open, 1);
    check_ok(cx, task_done(cx, id, get(cx, id).version, STR("")));
    fixture_as(cx, TOWNSMAN);
    assert_int_equal(count_list(cx, &below), 0);
    fire_at(cx, fixture_noon("2026-12-30"));
    assert_int_equal(late_notices(cx, WORKER), 4);
    work_fixture_close(cx);
}
static void test_escalation(void **state)
{
    (void)state;
    db_fixture_each(escalation_on);
}

/* A village without anybody: its township has the task and may do it. When the village gets its
 * worker, and when that one leaves, the nightly look moves it. */
static void nobody_on(struct cx *cx)
{
    const struct task_query mine = {.mine = true};
    int64_t moved;
    open_fixture(cx);
    int64_t id = add(cx, NEXT_VILLAGE, "case.check", fixture_noon("2026-06-12"));
    assert_int_equal(get(cx, id).held_id, f.town);
    fixture_as(cx, TOWNSMAN);
    assert_int_equal(count_list(cx, &mine), 1);
    fixture_user(cx, NEXT_WORKER, "village_worker", NEXT_VILLAGE);
    fixture_as(cx, NEXT_WORKER);
    assert_int_equal(count_list(cx, &mine), 1); /* at once */
    check_ok(cx, task_tend(&moved, cx));
    assert_int_equal(moved, 1);
    fixture_as(cx, TOWNSMAN);
    assert_int_equal(count_list(cx, &mine), 0);
    fixture_ungrant(cx, NEXT_WORKER);
    cx->actor = NULL;
    check_ok(cx, task_tend(&moved, cx));
    assert_int_equal(moved, 1);
    check_ok(cx, task_tend(&moved, cx));
    assert_int_equal(moved, 0);
    fixture_as(cx, TOWNSMAN);
    assert_int_equal(count_list(cx, &mine), 1);
    struct task t = get(cx, id);
    assert_true(task_may(cx, &t));
    check_ok(cx, task_done(cx, id, t.version, STR("did it myself")));
    fixture_as(cx, WORKER); /* of another village */
    assert_false(task_may(cx, &t));
    work_fixture_close(cx);
}
static void test_nobody(void **state)
{
    (void)state;
    db_fixture_each(nobody_on);
}

/* A substitute has the tasks of whom they stand in for, while it lasts, and may do them. */
static void substitute_on(struct cx *cx)
{
    const struct task_query mine = {.mine = true};
    int64_t id, substitute;
    open_fixture(cx);
    id = add(cx, f.village, "case.check", fixture_noon("2026-06-12"));
    fixture_as(cx, STANDIN);
    assert_int_equal(count_list(cx, &mine), 0);
    int32_t today = local_day(cx->profile, cx->now_at);
    fixture_as(cx, WORKER);
    check_ok(cx, substitute_add(&substitute, cx,
                                &(struct substitute){.user_id = WORKER,
                                                     .by_user_id = STANDIN,
                                                     .from_day = today,
                                                     .to_day = today + 1,
                                                     .reason = "away"}));
    fixture_as(cx, STANDIN);
    assert_int_equal(count_list(cx, &mine), 1);
    cx->now_at += 3 * 86400;
    assert_int_equal(count_list(cx, &mine), 0);
    cx->now_at -= 3 * 86400;
    check_ok(cx, task_done(cx, id, 1, STR("for my colleague")));
    assert_int_equal(get(cx, id).done_by, STANDIN);
    assert_int_equal(count_list(cx, &(struct task_query){.mine = true, .state = STR("done")}),
                     1);
    work_fixture_close(cx);
}
static void test_substitute(void **state)
{
    (void)state;
    db_fixture_each(substitute_on);
}

/* All pages of a list together, in order, each task once. */
static size_t read_all(struct cx *cx, struct task_query q)
{
    struct task *list;
    const char *next;
    size_t count, all = 0;
    int64_t last_due = 0, last_id = 0;
    q.limit = 7;
    do {
        check_ok(cx, task_list(&list, &count, &next, cx, &q));
        for (size_t i = 0; i < count; i++) {
            int64_t due = due_stored(list[i].due_at);
            assert_true(due > last_due || (due == last_due && list[i].id > last_id));
            last_due = due;
            last_id = list[i].id;
        }
        all += count;
        q.after = str_of(next);
    } while (next);
    return all;
}

/* Tasks over villages, rights and days, some without a deadline, some the same second: my list
 * over its pages is what plain SQL counts; an area's list has its villages'; sums agree; a bad
 * token and a strange area are refused. */
static void lists_on(struct cx *cx)
{
    struct task_sums sums;
    struct task *list;
    const char *next;
    size_t count;
    open_fixture(cx);
    const int64_t villages[] = {f.village, NEXT_VILLAGE, OTHER_VILLAGE};
    uint64_t r = 1;
    for (int i = 0; i < 90; i++) {
        int64_t day = check_int(&r, 0, 6);
        add(cx, villages[i % 3], i % 9 ? "case.check" : "plan.edit",
            day == 6 ? 0 : cx->now_at - 2 * 86400 + day * 86400);
    }
    int64_t checks = fixture_i64(cx, &TEST_MINE, f.village);
    fixture_as(cx, WORKER);
    assert_int_equal(read_all(cx, (struct task_query){.mine = true}), 30);
    assert_true(checks > 15 && checks < 30);
    check_ok(cx, task_sums_mine(&sums, cx));
    assert_int_equal(sums.open, 30);
    assert_true(sums.late > 0 && sums.late < 30);
    assert_int_equal(read_all(cx, (struct task_query){.area_id = f.village}), 30);
    assert_int_equal(
        task_list(&list, &count, &next, cx, &(struct task_query){.area_id = OTHER_VILLAGE}),
        RC_DENIED);
    err_clear(cx);
    fixture_as(cx, TOWNSMAN);
    assert_int_equal(read_all(cx, (struct task_query){.area_id = f.town}), 60);
    assert_int_equal(read_all(cx, (struct task_query){.mine = true}), 30); /* the empty one's */
    assert_int_equal(read_all(cx, (struct task_query){.area_id = f.town, .kind = STR("alert")}),
                     0);
    assert_int_equal(task_list(&list, &count, &next, cx,
                               &(struct task_query){.mine = true, .after = STR("1.x")}),
                     RC_INVALID);
    err_clear(cx);
    work_fixture_close(cx);
}
static void test_lists(void **state)
{
    (void)state;
    db_fixture_each(lists_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escalation), cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_substitute), cmocka_unit_test(test_lists)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
