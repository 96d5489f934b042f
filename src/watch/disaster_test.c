/* Tests of disasters and of trying a rule on the past, on both databases. */
#include "watch/watch.sql.h"
#include "watch/watch_fixture.h"

#include "base/fault.h"

#include <math.h>

/* ---- shapes ---- */

/* Points in and out of a square with a bite (counted by eye) and of a circle: 0.1 degree of
 * latitude is 11.12 km. */
static void shapes(void **state)
{
    struct cx cx;
    struct disaster_shape s;
    (void)state;
    check_open(&cx);
    struct disaster_ask a = {.polygon = STR("0 0, 4 0\n4 4, 2 1; 0 4")};
    check_ok(&cx, disaster_shape_read(&s, &cx, &a));
    assert_int_equal(s.corner_count, 5);
    assert_true(disaster_shape_holds(&s, 0.5, 0.5));
    assert_true(disaster_shape_holds(&s, 3.8, 3));
    assert_false(disaster_shape_holds(&s, 2, 2)); /* the bite */
    assert_false(disaster_shape_holds(&s, 5, 1));
    a = (struct disaster_ask){.longitude = 106, .latitude = 26, .radius_km = 11.2};
    check_ok(&cx, disaster_shape_read(&s, &cx, &a));
    assert_true(disaster_shape_holds(&s, 106, 26.1));
    assert_true(disaster_shape_holds(&s, 106.1, 26)); /* 10 km at that latitude */
    assert_false(disaster_shape_holds(&s, 106, 26.102));
    static const char *const wrong[] = {"1 2, 3 4",        "1 2, 3 4, x 5",  "1 2, 3, 4 5",
                                        "181 0, 1 1, 2 2", "0 91, 1 1, 2 2", "nan 1, 1 1, 2 2"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        a = (struct disaster_ask){.polygon = str_of(wrong[i])};
        assert_int_equal(disaster_shape_read(&s, &cx, &a), RC_INVALID);
        err_clear(&cx);
    }
    a = (struct disaster_ask){.latitude = NAN, .radius_km = 1};
    assert_int_equal(disaster_shape_read(&s, &cx, &a), RC_INVALID);
    check_close(&cx);
}

/* ---- a disaster ---- */

static void place(struct cx *cx, int64_t id, int64_t lon, int64_t lat)
{
    const struct indicator *x = cx->profile->longitude, *y = cx->profile->latitude;
    int64_t scale = 1;
    for (unsigned i = 0; i < x->decimals; i++)
        scale *= 10;
    watch_set(cx, id, x->code, value_int(lon * scale), 2026);
    watch_set(cx, id, y->code, value_int(lat * scale), 2026);
}

/* Of five households the polygon holds two (one has no coordinates), a code names a third; all
 * get a red alert with a task at once in the household's village. An officer of the other
 * township is told nothing; ending it takes open checks back and leaves what was found. */
static void a_flood(struct cx *cx)
{
    int64_t ids[5], households, without, id, raised = 0;
    const char *const *unknown;
    size_t unknown_count, count;
    struct disaster d, *all;
    watch_fixture_open(cx);
    for (int i = 0; i < 5; i++)
        ids[i] = watch_household(cx, i % 4, arena_printf(cx->arena, "H%d", i), 1, 9000, 2026);
    for (int i = 0; i < 4; i++)
        place(cx, ids[i], 100 + 2 * i, 26);
    struct disaster_ask a = {.name = " Flood ",
                             .area_id = w.f.county_area,
                             .polygon = STR("99 25, 103 25, 103 27, 99 27"),
                             .codes = STR("H4\n\nNOBODY\nH0\n"),
                             .days = 2};
    cx->actor = fixture_officer(cx, &w.f, w.f.town[0], "county_admin");
    assert_int_equal(disaster_begin(&id, cx, &a), RC_NOTFOUND);
    err_clear(cx);
    cx->actor = fixture_officer(cx, &w.f, w.f.county_area, "county_admin");
    check_ok(cx, disaster_count(&households, &without, &unknown, &unknown_count, cx, &a));
    assert_int_equal(households, 3);
    assert_int_equal(without, 1);
    assert_int_equal(unknown_count, 1);
    assert_string_equal(unknown[0], "NOBODY");
    check_ok(cx, disaster_begin(&id, cx, &a));
    check_ok(cx, disaster_get(&d, cx, id));
    assert_string_equal(d.name, "Flood");
    assert_int_equal(d.household_count, 3);
    assert_int_equal(d.raised_count, 0);
    const struct actor *admin = cx->actor;
    cx->actor = NULL;
    check_ok(cx, disasters_go_on(&raised, cx, w.f.county));
    assert_int_equal(raised, 3);
    check_ok(cx, disasters_go_on(&raised, cx, w.f.county));
    assert_int_equal(raised, 3); /* nothing twice */
    struct alert *list = watch_list(&count, cx, RULE_FLOOD, "open");
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(list[i].colour, ALERT_RED);
        assert_int_equal(list[i].disaster_id, id);
        assert_int_equal(watch_task_state(cx, list[i].id), TASK_OPEN);
        assert_true(list[i].due_at > cx->now_at + FIXTURE_DAY_S);
        assert_true(list[i].due_at <= cx->now_at + 3 * FIXTURE_DAY_S);
    }
    cx->actor = admin;
    check_ok(cx, alert_close(cx, list[0].id, 1, OUTCOME_TRUE, STR("")));
    check_ok(cx, disaster_get(&d, cx, id));
    assert_int_equal(d.raised_count, 3);
    assert_int_equal(d.checked_count, 1);
    assert_int_equal(d.true_count, 1);
    assert_int_equal(d.open_count, 2);
    cx->actor = fixture_officer(cx, &w.f, w.f.town[1], "township_officer");
    assert_int_equal(disaster_get(&d, cx, id), RC_NOTFOUND);
    err_clear(cx);
    check_ok(cx, disaster_list(&all, &count, cx, 0));
    assert_int_equal(count, 0);
    cx->actor = admin;
    assert_int_equal(disaster_end(cx, id, STR(" ")), RC_INVALID);
    err_clear(cx);
    check_ok(cx, disaster_end(cx, id, STR("The water has gone")));
    assert_int_equal(disaster_end(cx, id, STR("again")), RC_CONFLICT);
    err_clear(cx);
    check_ok(cx, disaster_list(&all, &count, cx, 0));
    assert_int_equal(count, 1);
    assert_int_equal(all[0].open_count, 0);
    assert_int_equal(all[0].checked_count, 1);
    assert_true(all[0].ended_at > 0);
    watch_fixture_close(cx);
}

/* Areas choose all under them; nobody, a bad name and a wrong area are said. */
static void areas_and_mistakes(struct cx *cx)
{
    int64_t id, households, without;
    const char *const *unknown;
    size_t unknown_count;
    watch_fixture_open(cx);
    for (int i = 0; i < 4; i++)
        (void)watch_household(cx, i, arena_printf(cx->arena, "H%d", i), 1, 9000, 2026);
    struct disaster_ask a = {
        .name = "Hail", .area_id = w.f.town[0], .area_ids = &w.f.village[0], .area_count = 1};
    check_ok(cx, disaster_count(&households, &without, &unknown, &unknown_count, cx, &a));
    assert_int_equal(households, 1);
    a.area_ids = &w.f.town[0];
    check_ok(cx, disaster_count(&households, &without, &unknown, &unknown_count, cx, &a));
    assert_int_equal(households, 2);
    a.area_ids = &w.f.village[2]; /* of the other township */
    assert_int_equal(disaster_begin(&id, cx, &a), RC_NOTFOUND);
    err_clear(cx);
    a.area_count = 0;
    assert_int_equal(disaster_begin(&id, cx, &a), RC_INVALID);
    err_clear(cx);
    a.area_count = 1;
    a.area_ids = &w.f.village[0];
    a.name = "";
    assert_int_equal(disaster_begin(&id, cx, &a), RC_INVALID);
    err_clear(cx);
    a.name = "Hail";
    a.days = 61;
    assert_int_equal(disaster_begin(&id, cx, &a), RC_INVALID);
    err_clear(cx);
    a.days = 0;
    check_ok(cx, disaster_begin(&id, cx, &a));
    watch_fixture_close(cx);
}

/* One that died before it began is seen by nobody and raises nothing; one that died among its
 * alerts goes on with the rest. */
static void died_on_the_way(struct cx *cx)
{
    int64_t id, raised = 0;
    size_t count;
    struct disaster *all, d;
    watch_fixture_open(cx);
    for (int i = 0; i < 5; i++)
        (void)watch_household(cx, i % 4, arena_printf(cx->arena, "H%d", i), 1, 9000, 2026);
    const struct disaster_ask a = {.name = "Hail",
                                   .area_id = w.f.county_area,
                                   .area_ids = &w.f.county_area,
                                   .area_count = 1};
    assert_true(fault_set("disaster.begun:1"));
    assert_int_equal(disaster_begin(&id, cx, &a), RC_IO);
    err_clear(cx);
    assert_true(fault_set(""));
    check_ok(cx, disaster_list(&all, &count, cx, 0));
    assert_int_equal(count, 0);
    check_ok(cx, disasters_go_on(&raised, cx, w.f.county));
    assert_int_equal(raised, 0);
    check_ok(cx, disaster_begin(&id, cx, &a));
    assert_true(fault_set("disaster.chunk:1"));
    assert_int_equal(disasters_go_on(&raised, cx, w.f.county), RC_IO);
    err_clear(cx);
    assert_true(fault_set(""));
    raised = 0;
    check_ok(cx, disasters_go_on(&raised, cx, w.f.county));
    assert_int_equal(raised, 5);
    check_ok(cx, disaster_get(&d, cx, id));
    assert_int_equal(d.raised_count, 5);
    assert_int_equal(watch_count(cx, RULE_FLOOD, "all"), 5);
    watch_fixture_close(cx);
}

/* ---- trying a rule on the past ---- */

/* Four households of two years: named and right (and told early), named and wrong, not named
 * and missed, named without a later sheet. Counted by hand. */
static void trying(struct cx *cx)
{
    struct watch_trial *t;
    struct rule_fault fault;
    size_t count;
    static const int64_t income[4][2] = {{4000, 2000}, {4500, 6000}, {8000, 100}, {3500, -1}};
    watch_fixture_open(cx);
    for (int i = 0; i < 4; i++) {
        int64_t id =
            watch_household(cx, 0, arena_printf(cx->arena, "H%d", i), 1, income[i][0], 2025);
        if (income[i][1] >= 0)
            watch_set(cx, id, "net_income_per_head", value_int(income[i][1] * 100), 2026);
    }
    (void)watch_household(cx, 3, "H9", 1, 10, 2025); /* elsewhere */
    check_ok(cx, watch_try(&t, &count, &fault, cx, w.f.town[0], &w.list[0], STR("")));
    assert_int_equal(count, 1);
    assert_int_equal(t[0].year, 2025);
    assert_int_equal(t[0].households, 4);
    assert_int_equal(t[0].named, 3);
    assert_int_equal(t[0].right, 1);
    assert_int_equal(t[0].wrong, 1);
    assert_int_equal(t[0].unknown, 1);
    assert_int_equal(t[0].missed, 1);
    assert_int_equal(t[0].early, 1);
    check_ok(cx, watch_try(&t, &count, &fault, cx, w.f.town[0], &w.list[0],
                           STR("net_income_per_head < 9000")));
    assert_int_equal(t[0].named, 4);
    assert_int_equal(t[0].right, 2);
    assert_int_equal(t[0].missed, 0);
    assert_int_equal(watch_try(&t, &count, &fault, cx, w.f.town[0], &w.list[0],
                               STR("net_incom_per_head < 9000")),
                     RC_INVALID);
    assert_non_null(fault.message);
    assert_string_equal(fault.nearest, "net_income_per_head");
    fault.message = NULL;
    assert_int_equal(watch_try(&t, &count, &fault, cx, w.f.town[0], &w.list[2], STR("")),
                     RC_INVALID);
    assert_null(fault.message);
    err_clear(cx);
    cx->actor = fixture_officer(cx, &w.f, w.f.town[1], "township_officer");
    assert_int_equal(watch_try(&t, &count, &fault, cx, w.f.town[0], &w.list[0], STR("")),
                     RC_NOTFOUND);
    watch_fixture_close(cx);
}

static int64_t whole_county(struct cx *cx, const char *name)
{
    int64_t id, raised = 0;
    const struct actor *admin = cx->actor;
    const struct disaster_ask a = {.name = name,
                                   .area_id = w.f.county_area,
                                   .area_ids = &w.f.county_area,
                                   .area_count = 1};
    check_ok(cx, disaster_begin(&id, cx, &a));
    cx->actor = NULL;
    check_ok(cx, disasters_go_on(&raised, cx, w.f.county));
    cx->actor = admin;
    return id;
}

/* Two at once share their checks: these end with the last of the two. A third, the day after,
 * asks everybody anew, whatever was found before. */
static void two_at_once(struct cx *cx)
{
    size_t count;
    watch_fixture_open(cx);
    for (int i = 0; i < 3; i++)
        (void)watch_household(cx, i, arena_printf(cx->arena, "H%d", i), 1, 9000, 2026);
    cx->actor = fixture_officer(cx, &w.f, w.f.county_area, "county_admin");
    int64_t hail = whole_county(cx, "Hail"), flood = whole_county(cx, "Flood");
    assert_int_equal(watch_count(cx, RULE_FLOOD, "all"), 3);
    struct alert *list = watch_list(&count, cx, RULE_FLOOD, "open");
    check_ok(cx, alert_close(cx, list[0].id, 1, OUTCOME_FALSE, STR("dry")));
    check_ok(cx, disaster_end(cx, hail, STR("over")));
    assert_int_equal(watch_count(cx, RULE_FLOOD, "open"), 2);
    check_ok(cx, disaster_end(cx, flood, STR("over too")));
    assert_int_equal(watch_count(cx, RULE_FLOOD, "open"), 0);
    cx->now_at += FIXTURE_DAY_S;
    (void)whole_county(cx, "Frost");
    assert_int_equal(watch_count(cx, RULE_FLOOD, "open"), 3);
    assert_int_equal(watch_count(cx, RULE_FLOOD, "all"), 6);
    watch_fixture_close(cx);
}

#define EACH(test)                                                                             \
    static void test##_each(void **state)                                                      \
    {                                                                                          \
        (void)state;                                                                           \
        db_fixture_each(test);                                                                 \
    }
EACH(a_flood)
EACH(areas_and_mistakes)
EACH(died_on_the_way)
EACH(two_at_once)
EACH(trying)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes),
        cmocka_unit_test(a_flood_each),
        cmocka_unit_test(areas_and_mistakes_each),
        cmocka_unit_test(died_on_the_way_each),
        cmocka_unit_test(two_at_once_each),
        cmocka_unit_test(trying_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
