/* Tests of running the rules over a register, on both databases: whom they name, what is over,
 * what is left alone, and that looking at what changed comes to the same as looking at all. */
#include "watch/watch_fixture.h"

#include "base/fault.h"

/* Two of three households are poor, one has a woman who is not the head: three alerts, each
 * with its task and the facts it read; a second run raises nothing. */
static void whole_county(struct cx *cx)
{
    size_t count;
    watch_fixture_open(cx);
    int64_t poor = watch_household(cx, 0, "H1", 1, 4000, 2026);
    (void)watch_household(cx, 1, "H2", 2, 3000, 2026);
    (void)watch_household(cx, 2, "H3", 1, 9000, 2026);
    (void)watch_household(cx, 2, "H4", 1, -1, 2026);
    watch_now(3, 0, cx, false);
    struct alert *low = watch_list(&count, cx, RULE_LOW, "open");
    assert_int_equal(count, 2);
    const struct alert *a = &low[low[1].household_id == poor];
    assert_int_equal(a->household_id, poor);
    assert_int_equal(a->area_id, w.f.village[0]);
    assert_int_equal(a->colour, ALERT_ORANGE);
    assert_non_null(strstr(a->facts, "4,000"));
    assert_non_null(strstr(a->facts, "\"year\":2026"));
    assert_int_equal(watch_task_state(cx, a->id), TASK_OPEN);
    struct alert *girl = watch_list(&count, cx, RULE_GIRL, "open");
    assert_int_equal(count, 1);
    assert_true(girl[0].person_id > 0);
    watch_now(0, 0, cx, false);
    watch_now(0, 0, cx, true);
    watch_fixture_close(cx);
}

/* One household's change raises one alert; back again it is over and its task cancelled; data
 * that went missing end nothing; within the rule's days it is not raised again, after them it
 * is. */
static void changes_of_one(struct cx *cx)
{
    size_t count;
    watch_fixture_open(cx);
    int64_t id = watch_household(cx, 0, "H1", 1, 9000, 2026);
    int64_t other = watch_household(cx, 1, "H2", 1, 9000, 2026);
    watch_now(0, 0, cx, false);
    watch_income(cx, id, 100);
    watch_now(1, 0, cx, false);
    watch_set(cx, id, "net_income_per_head", value_missing(), 2026);
    watch_now(0, 0, cx, false);
    assert_int_equal(watch_count(cx, RULE_LOW, "open"), 1);
    watch_income(cx, id, 6000);
    watch_now(0, 1, cx, false);
    struct alert *list = watch_list(&count, cx, RULE_LOW, "closed");
    assert_int_equal(count, 1);
    assert_int_equal(list[0].outcome, OUTCOME_OVER);
    assert_int_equal(watch_task_state(cx, list[0].id), TASK_CANCELLED);
    watch_income(cx, id, 200);
    watch_income(cx, other, 300);
    watch_now(1, 0, cx, false);
    cx->now_at += (AGAIN_LOW + 1) * FIXTURE_DAY_S;
    watch_now(1, 0, cx, false); /* another day: everybody is looked at */
    assert_int_equal(watch_count(cx, RULE_LOW, "open"), 2);
    watch_fixture_close(cx);
}

/* A rule that became more urgent is raised again within its days. */
static void colour_rose(struct cx *cx)
{
    watch_fixture_open(cx);
    int64_t id = watch_household(cx, 0, "H1", 1, 100, 2026);
    watch_now(1, 0, cx, false);
    watch_income(cx, id, 6000);
    watch_now(0, 1, cx, false);
    watch_income(cx, id, 100);
    watch_now(0, 0, cx, false);
    w.list[0].colour = ALERT_RED;
    watch_now(1, 0, cx, true);
    watch_fixture_close(cx);
}

/* Other rules of the profile are seen without a change of the register: those that no longer
 * hold end, alerts of a rule that is gone end too. */
static void other_rules(struct cx *cx)
{
    bool behind;
    watch_fixture_open(cx);
    (void)watch_household(cx, 0, "H1", 2, 4000, 2026);
    watch_now(2, 0, cx, false);
    check_ok(cx, watch_behind(&behind, cx, w.f.county));
    assert_false(behind);
    watch_fixture_rules(cx, "net_income_per_head < 2000");
    check_ok(cx, watch_behind(&behind, cx, w.f.county));
    assert_true(behind);
    watch_now(0, 1, cx, false);
    w.list[1].number = 99; /* the number of another rule */
    watch_now(1, 1, cx, true);
    watch_fixture_close(cx);
}

struct moving {
    int64_t id, area_id;
};
static const struct sql MOVE_ALERT = {
    .name = "watch_test_move",
    .lite = "UPDATE alert SET area_id = $2, area_path = 'zzz' WHERE id = $1",
    .args = "ii",
    .cols = ""};
static enum rc move_alert(struct cx *cx, void *arg)
{
    const struct moving *m = arg;
    return DB_RUN(cx, &MOVE_ALERT, V_I(m->id), V_I(m->area_id));
}

/* An alert that stands in another area than its household comes home. */
static void alert_follows(struct cx *cx)
{
    size_t count;
    watch_fixture_open(cx);
    (void)watch_household(cx, 0, "H1", 1, 4000, 2026);
    watch_now(1, 0, cx, false);
    struct moving m = {watch_list(&count, cx, 0, "open")[0].id, w.f.village[3]};
    check_ok(cx, db_write(cx, w.f.county, move_alert, &m));
    watch_now(0, 0, cx, true);
    struct alert *list = watch_list(&count, cx, 0, "open");
    assert_int_equal(list[0].area_id, w.f.village[0]);
    assert_string_not_equal(list[0].area_path, "zzz");
    watch_fixture_close(cx);
}

/* Two servers that see the same county at once raise each alert once. */
static void two_servers(struct cx *cx)
{
    struct columns_cache *second, *first = cx->columns;
    int64_t raised = 0, over = 0;
    watch_fixture_open(cx);
    for (int i = 0; i < 30; i++)
        (void)watch_household(cx, i % 4, arena_printf(cx->arena, "H%d", i), 2, 1000 + i, 2026);
    first = cx->columns;
    check_ok(cx, columns_cache_open(&second, cx));
    watch_now(60, 0, cx, false);
    cx->columns = second;
    check_ok(cx, watch_register(&raised, &over, cx, w.f.county, true, NULL));
    assert_int_equal(raised + over, 0);
    assert_int_equal(watch_count(cx, 0, "all"), 60);
    columns_cache_close(second);
    cx->columns = first;
    watch_fixture_close(cx);
}

/* A run that stops before any of its writes is made again by the next one: at the end every
 * alert is there once, and the cursor has gone on. */
static void stopped_anywhere(struct cx *cx)
{
    enum { HOUSEHOLDS = 130 };
    static const char *const points[] = {"watch.chunk:1", "watch.chunk:2", "watch.cursor:1"};
    int64_t raised = 0, over = 0;
    bool behind;
    watch_fixture_open(cx);
    for (int i = 0; i < HOUSEHOLDS; i++)
        (void)watch_household(cx, i % 4, arena_printf(cx->arena, "H%d", i), 1, 1000, 2026);
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        assert_true(fault_set(points[i]));
        assert_int_equal(watch_register(&raised, &over, cx, w.f.county, false, NULL), RC_IO);
        err_clear(cx);
        assert_true(fault_set(""));
        check_ok(cx, watch_behind(&behind, cx, w.f.county));
        assert_true(behind);
    }
    assert_int_equal(raised, HOUSEHOLDS); /* the last one failed behind all alerts */
    watch_now(0, 0, cx, false);
    check_ok(cx, watch_behind(&behind, cx, w.f.county));
    assert_false(behind);
    assert_int_equal(watch_count(cx, RULE_LOW, "all"), HOUSEHOLDS);
    watch_fixture_close(cx);
}

static uint32_t below(uint64_t *state, uint32_t n)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*state >> 33) % n);
}

/* After random changes, what was followed step by step is what a run over everybody finds:
 * nothing more to raise, nothing more to end. */
static void following_equals_all(struct cx *cx)
{
    enum { HOUSEHOLDS = 12, STEPS = 40 };
    int64_t ids[HOUSEHOLDS], raised, over;
    uint64_t state = 20261123;
    watch_fixture_open(cx);
    for (int i = 0; i < HOUSEHOLDS; i++)
        ids[i] = watch_household(cx, i % 4, arena_printf(cx->arena, "R%d", i), 1 + i % 2,
                                 3000 + 500 * i, 2026);
    for (int step = 0; step < STEPS; step++) {
        struct arena_mark mark = arena_mark(cx->arena);
        for (uint32_t n = below(&state, 4); n > 0; n--)
            watch_income(cx, ids[below(&state, HOUSEHOLDS)], 100 * below(&state, 100));
        check_ok(cx, watch_county(&raised, &over, cx, w.f.county, false));
        if (step % 8 == 7)
            watch_now(0, 0, cx, true);
        arena_back(cx->arena, mark);
    }
    watch_fixture_close(cx);
}

#define EACH(test)                                                                             \
    static void test##_each(void **state)                                                      \
    {                                                                                          \
        (void)state;                                                                           \
        db_fixture_each(test);                                                                 \
    }
EACH(whole_county)
EACH(changes_of_one)
EACH(colour_rose)
EACH(other_rules)
EACH(alert_follows)
EACH(two_servers)
EACH(following_equals_all)
EACH(stopped_anywhere)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_county_each),         cmocka_unit_test(changes_of_one_each),
        cmocka_unit_test(colour_rose_each),          cmocka_unit_test(other_rules_each),
        cmocka_unit_test(alert_follows_each),        cmocka_unit_test(two_servers_each),
        cmocka_unit_test(following_equals_all_each), cmocka_unit_test(stopped_anywhere_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
