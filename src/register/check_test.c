/* Tests of the data checks with a profile of a few checks of its own: counts against plain SQL,
 * whom they concern, findings that are explained, areas, runs and their trend; on both
 * databases. */
#include "register/check.h"

#include "base/time.h"
#include "register/check_fixture.h"

#include <time.h>

#define SQL(id, text, arg_letters, col_letters)                                                \
    static const struct sql id = {                                                             \
        .name = #id, .lite = text, .args = arg_letters, .cols = col_letters}
SQL(TEST_BIG_HOUSE,
    "SELECT count(*) FROM household h JOIN household_sheet s ON s.county = h.county AND "
    "s.household_id = h.id WHERE s.year = 2026 AND h.ended = 0 AND s.house_m2 > 30000 AND "
    "h.area_path >= $1 AND h.area_path < $2",
    "tt", "i");
SQL(TEST_NO_LAND,
    "SELECT count(*) FROM household h LEFT JOIN household_sheet s ON s.county = h.county AND "
    "s.household_id = h.id AND s.year = 2026 WHERE h.ended = 0 AND s.arable_mu IS NULL AND "
    "h.area_path >= $1 AND h.area_path < $2",
    "tt", "i");
SQL(TEST_CHILD_WORKS,
    "SELECT count(DISTINCT h.id), count(*) FROM household h JOIN person p ON p.county = "
    "h.county AND p.household_id = h.id JOIN person_sheet s ON s.county = p.county AND "
    "s.person_id = p.id WHERE s.year = 2026 AND h.ended = 0 AND p.birth_day > 16000 AND "
    "s.work_months > 0 AND h.area_path >= $1 AND h.area_path < $2",
    "tt", "ii");
SQL(TEST_DEAD_RUN,
    "INSERT INTO check_run (county, id, job_id, year, at, ended_at, user_id, seq, "
    "household_count, finding_count, duration_ms) VALUES ($1, 5, 1, 2026, 1, 0, 0, 1, 1, 1, 1)",
    "i", "");
SQL(TEST_DEAD_COUNT,
    "INSERT INTO check_count (county, run_id, area_id, check_number, open_count, people_count, "
    "explained_count) VALUES ($1, 5, 1, 9001, 1, 1, 1)",
    "i", "");
SQL(TEST_RUNS, "SELECT count(*), coalesce(min(id), 0) FROM check_run", "", "ii");

static void sums_of(struct check_sum *sums, struct cx *cx, int64_t area_id)
{
    struct check_scope scope;
    memset(sums, 0, FIXTURE_CHECKS * sizeof *sums);
    check_ok(cx, check_scope_find(&scope, cx, area_id));
    for (size_t i = 0; i < scope.place_count; i++) {
        struct check_county c;
        struct check_nodes nodes = {.sum = sums};
        check_ok(cx, check_county_open(
                         &c, cx, &(struct check_ask){.place = &scope.places[i], .year = YEAR}));
        check_ok(cx, check_nodes_of(&nodes.node_of, cx, &c, NULL, 0));
        check_ok(cx, check_count(&nodes, cx, &c));
        check_county_close(&c);
    }
}

static int64_t one_of(struct cx *cx, const struct sql *sql, int64_t area_id, int column)
{
    struct db_rows rows;
    struct area area;
    check_ok(cx, area_get(&area, cx, area_id));
    struct str end = area_path_end(cx, str_of(area.path));
    check_ok(cx, DB_ONE(&rows, cx, sql, V_T(area.path), V_S(end)));
    int64_t n = row_i64(&rows, column);
    check_ok(cx, db_done(&rows));
    return n;
}

/* Counts of each area equal what plain SQL finds in the tables, a check about areas fires where
 * three households do, and one of another era does not count. By comparing all areas. */
static void counts_on(struct cx *cx)
{
    check_fixture_open(cx);
    const int64_t areas[] = {f.county_area, f.town[0],    f.town[1],   f.village[0],
                             f.village[1],  f.village[2], f.village[3]};
    for (size_t i = 0; i < sizeof areas / sizeof areas[0]; i++) {
        struct check_sum s[FIXTURE_CHECKS];
        sums_of(s, cx, areas[i]);
        assert_int_equal(s[BIG_HOUSE].households, one_of(cx, &TEST_BIG_HOUSE, areas[i], 0));
        assert_int_equal(s[NO_LAND].households, one_of(cx, &TEST_NO_LAND, areas[i], 0));
        assert_int_equal(s[CHILD_WORKS].households, one_of(cx, &TEST_CHILD_WORKS, areas[i], 0));
        assert_int_equal(s[CHILD_WORKS].people, one_of(cx, &TEST_CHILD_WORKS, areas[i], 1));
        assert_int_equal(s[RETIRED].households, 0);
        if (i >= 3) /* a village alone */
            assert_int_equal(s[MANY_BIG].areas >= 1,
                             one_of(cx, &TEST_BIG_HOUSE, areas[i], 0) >= 3);
        assert_true(s[BIG_HOUSE].households > 0);
    }
    check_fixture_close(cx);
}
static void test_counts(void **state)
{
    (void)state;
    db_fixture_each(counts_on);
}

/* Walks the list of a check by pages of `max`. */
static size_t walk(struct cx *cx, size_t check, enum check_show show, size_t max, int64_t *ids)
{
    struct check_place place;
    size_t n = 0;
    int64_t after = 0;
    bool more = true;
    check_ok(cx, check_place_of_county(&place, cx, f.county));
    while (more) {
        struct check_county c;
        struct check_found *found;
        size_t count;
        check_ok(cx,
                 check_county_open(&c, cx, &(struct check_ask){.place = &place, .year = YEAR}));
        check_ok(cx, check_list(&found, &count, &more, cx, &c,
                                &(struct check_find){check, show, after, max}));
        assert_true(count <= max && (!more || count == max));
        for (size_t i = 0; i < count; i++) {
            struct columns_fact *facts;
            size_t fact_count;
            assert_int_equal(found[i].row_count, 1);
            check_ok(cx, check_facts(&facts, &fact_count, cx, &c, check, found[i].rows[0]));
            assert_true(fact_count > 0 && facts[0].label[0] && facts[0].value[0]);
            after = ids[n++] = found[i].household_id ? found[i].household_id : found[i].area_id;
        }
        check_county_close(&c);
    }
    return n;
}

/* Pages of any size meet every household once, in the same order, and as many as are counted;
 * by walking with several sizes. */
static void pages_on(struct cx *cx)
{
    check_fixture_open(cx);
    struct check_sum s[FIXTURE_CHECKS];
    sums_of(s, cx, 0);
    for (size_t check = 0; check < RETIRED; check++) {
        int64_t all[HOUSEHOLDS + 8], some[HOUSEHOLDS + 8];
        size_t count = walk(cx, check, CHECK_OPEN, 1000, all);
        assert_int_equal(count, check_sum_shown(&f.profile->rules->checks[check], &s[check]));
        for (size_t max = 1; max <= 7; max += 3) {
            assert_int_equal(walk(cx, check, CHECK_OPEN, max, some), count);
            assert_memory_equal(all, some, count * sizeof *all);
        }
        assert_int_equal(walk(cx, check, CHECK_EXPLAINED, 10, some), 0);
    }
    check_fixture_close(cx);
}
static void test_pages(void **state)
{
    (void)state;
    db_fixture_each(pages_on);
}

static const struct check_finding *finding(struct cx *cx, int64_t household, int32_t number)
{
    struct check_finding *all;
    size_t count;
    check_ok(cx, check_household(&all, &count, cx, f.county, household, YEAR));
    for (size_t i = 0; i < count; i++)
        if (all[i].check->number == number)
            return &all[i];
    return NULL;
}

static void check_open_and_explained(struct cx *cx, size_t check, int64_t open,
                                     int64_t explained)
{
    struct check_sum s[FIXTURE_CHECKS];
    sums_of(s, cx, 0);
    assert_int_equal(check_sum_shown(&f.profile->rules->checks[check], &s[check]), open);
    assert_int_equal(s[check].explained, explained);
}

/* An explained finding is counted apart, in any language, comes back when a value of the check
 * changes (another value does not matter), is explained again when the value is the old one,
 * and is open after the explanation was taken back. */
static void explained_on(struct cx *cx)
{
    check_fixture_open(cx);
    check_fixture_put(cx, 1, 1, (struct check_family){39000, true, true});
    struct check_sum s[FIXTURE_CHECKS];
    sums_of(s, cx, 0);
    int64_t open = s[BIG_HOUSE].households, home = fixture_id(cx, &f, "H001");
    struct check_explain e = {
        .number = NUMBER, .year = YEAR, .household_id = home, .reason = STR(" x ")};
    assert_non_null(finding(cx, home, NUMBER));
    check_refused(cx, check_explain_add(cx, &e), RC_INVALID);
    e.reason = STR("三代同住，经实地丈量");
    check_ok(cx, check_explain_add(cx, &e));
    check_open_and_explained(cx, BIG_HOUSE, open - 1, 1);
    cx->lang = LANG_ZH;
    check_open_and_explained(cx, BIG_HOUSE, open - 1, 1);
    assert_true(finding(cx, home, NUMBER)->explained);
    cx->lang = LANG_EN;
    int64_t ids[HOUSEHOLDS + 8];
    assert_int_equal(walk(cx, BIG_HOUSE, CHECK_EXPLAINED, 10, ids), 1);
    assert_int_equal(ids[0], home);
    assert_int_equal(walk(cx, BIG_HOUSE, CHECK_OPEN, 10, ids), open - 1);
    assert_int_equal(walk(cx, BIG_HOUSE, CHECK_ALL, 10, ids), open);

    check_fixture_put(cx, 1, 1,
                      (struct check_family){39000, true, false}); /* not what the check reads */
    check_open_and_explained(cx, BIG_HOUSE, open - 1, 1);
    check_fixture_put(cx, 1, 1, (struct check_family){39500, true, false});
    check_open_and_explained(cx, BIG_HOUSE, open, 0);
    const struct check_finding *back = finding(cx, home, NUMBER);
    assert_non_null(back);
    assert_false(back->explained);
    assert_non_null(back->explanation); /* still told: it was explained before */
    check_str_z(str_of(back->explanation->reason), "三代同住，经实地丈量");
    check_fixture_put(cx, 1, 1, (struct check_family){39000, true, false});
    check_open_and_explained(cx, BIG_HOUSE, open - 1, 1);

    check_ok(cx, check_explain_end(cx, home, 0, back->explanation->id));
    check_open_and_explained(cx, BIG_HOUSE, open, 0);
    check_refused(cx, check_explain_end(cx, home, 0, back->explanation->id), RC_CONFLICT);
    check_fixture_put(cx, 1, 1, (struct check_family){20000, true, false});
    check_refused(cx, check_explain_add(cx, &e), RC_CONFLICT);
    assert_null(finding(cx, home, NUMBER));
    check_fixture_close(cx);
}
static void test_explained(void **state)
{
    (void)state;
    db_fixture_each(explained_on);
}

/* A person's and an area's findings are explained too: the person's comes back when the months
 * of work change, the area's when one of the houses it counts does. */
static void others_explained_on(struct cx *cx)
{
    check_fixture_open(cx);
    check_fixture_put(cx, 1, 1, (struct check_family){39000, true, true});
    struct check_sum s[FIXTURE_CHECKS];
    sums_of(s, cx, 0);
    int64_t children = s[CHILD_WORKS].households, villages = s[MANY_BIG].areas;
    int64_t home = fixture_id(cx, &f, "H001");
    const struct check_finding *child = finding(cx, home, 9003);
    assert_non_null(child);
    assert_true(child->person_id > 0);
    struct check_explain e = {.number = 9003,
                              .year = YEAR,
                              .household_id = home,
                              .person_id = child->person_id,
                              .reason = STR("holiday job")};
    check_ok(cx, check_explain_add(cx, &e));
    check_open_and_explained(cx, CHILD_WORKS, children - 1, 1);
    check_fixture_put(cx, 1, 1, (struct check_family){39000, true, false});
    check_open_and_explained(cx, CHILD_WORKS, children - 1, 0);

    e = (struct check_explain){
        .number = 9004, .year = YEAR, .area_id = f.village[1], .reason = STR("stilt houses")};
    check_ok(cx, check_explain_add(cx, &e));
    check_open_and_explained(cx, MANY_BIG, villages - 1, 1);
    check_fixture_put(cx, 0, 0,
                      (struct check_family){39900, true, false}); /* another village's */
    check_open_and_explained(cx, MANY_BIG, villages - 1, 1);
    check_fixture_put(cx, 1, 1, (struct check_family){39900, true, false});
    check_open_and_explained(cx, MANY_BIG, villages, 0);
    check_fixture_close(cx);
}
static void test_others_explained(void **state)
{
    (void)state;
    db_fixture_each(others_explained_on);
}

/* A township officer counts and explains in the own township only, an analyst explains nothing;
 * by comparing with the county's counts and asking for the other township. */
static void scope_on(struct cx *cx)
{
    check_fixture_open(cx);
    check_fixture_put(cx, 2, 2, (struct check_family){39000, true, true});
    struct check_sum all[FIXTURE_CHECKS], own[FIXTURE_CHECKS], town[FIXTURE_CHECKS];
    int64_t other = fixture_id(cx, &f, "H002");
    sums_of(all, cx, 0);
    sums_of(town, cx, f.town[0]);
    cx->actor = fixture_officer(cx, &f, f.town[0], "township_officer");
    sums_of(own, cx, 0);
    assert_memory_equal(own, town, sizeof own);
    sums_of(own, cx, f.county_area); /* asked for more, gets the own part */
    assert_memory_equal(own, town, sizeof own);
    assert_true(own[NO_LAND].households < all[NO_LAND].households);
    struct check_scope scope;
    check_refused(cx, check_scope_find(&scope, cx, f.town[1]), RC_NOTFOUND);
    check_refused(cx, check_scope_find(&scope, cx, f.village[2]), RC_NOTFOUND);
    struct check_explain e = {
        .number = NUMBER, .year = YEAR, .household_id = other, .reason = STR("no reason")};
    assert_int_equal(check_explain_add(cx, &e), RC_NOTFOUND);
    err_clear(cx);
    int64_t job;
    check_refused(cx, check_run_queue(&job, cx, f.county, YEAR), RC_DENIED);
    cx->actor = fixture_officer(cx, &f, f.county_area, "analyst");
    check_refused(cx, check_explain_add(cx, &e), RC_DENIED);
    cx->actor = fixture_officer(cx, &f, f.county_area, "county_officer");
    check_ok(cx, check_explain_add(cx, &e));
    cx->actor = NULL;
    check_open_and_explained(cx, BIG_HOUSE, all[BIG_HOUSE].households - 1, 1);
    check_fixture_close(cx);
}
static void test_scope(void **state)
{
    (void)state;
    db_fixture_each(scope_on);
}

static enum rc write_dead(struct cx *cx, void *arg)
{
    (void)arg;
    TRY(DB_RUN(cx, &TEST_DEAD_RUN, V_I(f.county)));
    return DB_RUN(cx, &TEST_DEAD_COUNT, V_I(f.county));
}

static void check_runs_are(struct cx *cx, int64_t count)
{
    struct db_rows rows;
    check_ok(cx, DB_ONE0(&rows, cx, &TEST_RUNS));
    assert_int_equal(row_i64(&rows, 0), count);
    assert_true(!count || row_i64(&rows, 1) != 5);
    check_ok(cx, db_done(&rows));
}

/* A run writes the counts of every area, removes what a dead run left, and the trend gives each
 * run's counts for the county and for one township. By two runs with a change between. */
static void trend_on(struct cx *cx)
{
    check_fixture_open(cx);
    struct check_place county;
    struct check_trend t;
    struct check_sum first[FIXTURE_CHECKS], second[FIXTURE_CHECKS], town[FIXTURE_CHECKS];
    check_ok(cx, db_write(cx, f.county, write_dead, NULL));
    check_ok(cx, check_place_of_county(&county, cx, f.county));
    sums_of(first, cx, 0);
    check_ok(cx, job_run_now(cx, &check_job_kinds[0], f.county, "0"));
    check_runs_are(cx, 1);
    check_fixture_put(cx, 5, 1, (struct check_family){39999, true, true});
    check_fixture_put(cx, 9, 1, (struct check_family){100, true, false});
    sums_of(second, cx, 0);
    sums_of(town, cx, f.town[0]);
    check_ok(cx, job_run_now(cx, &check_job_kinds[0], f.county, "2026"));
    check_runs_are(cx, 2);
    check_ok(cx, check_trend_get(&t, cx, &county, YEAR));
    assert_int_equal(t.run_count, 2);
    for (size_t i = 0; i < RETIRED; i++) {
        const struct check *k = &f.profile->rules->checks[i];
        assert_int_equal(t.open[i], check_sum_shown(k, &first[i]));
        assert_int_equal(t.open[FIXTURE_CHECKS + i], check_sum_shown(k, &second[i]));
    }
    assert_int_equal(t.runs[1].household_count, HOUSEHOLDS);
    cx->actor = fixture_officer(cx, &f, f.town[0], "township_officer");
    struct check_scope scope;
    check_ok(cx, check_scope_find(&scope, cx, 0));
    check_ok(cx, check_trend_get(&t, cx, &scope.places[0], YEAR));
    assert_int_equal(t.open[FIXTURE_CHECKS + BIG_HOUSE], town[BIG_HOUSE].households);
    check_fixture_close(cx);
}
static void test_trend(void **state)
{
    (void)state;
    db_fixture_each(trend_on);
}

static void wait_for(struct cx *cx, int64_t id, enum job_state state)
{
    struct job job = {0};
    for (int i = 0; i < 2000; i++) {
        check_ok(cx, job_get(&job, cx, id));
        if (job.state == state)
            return;
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    }
    fail_msg("job is in state %d (%s)", (int)job.state, job.message);
}

/* A person stops the run just as it begins. */
static enum rc run_and_stop(struct cx *cx, const struct job *job)
{
    TRY(job_cancel(cx, job->id));
    return check_job_kinds[0].run(cx, job);
}

/* A run that is stopped leaves nothing; the next one is complete; one that is asked for while
 * another waits is that one. By a runner whose first job is stopped by itself. */
static void stopped_on(struct cx *cx)
{
    check_fixture_open(cx);
    struct job_runner *runner;
    int64_t id, again;
    const struct job_kind stopping[] = {{"check.run", run_and_stop, 1}};
    check_ok(cx, check_run_queue(&id, cx, f.county, YEAR));
    check_ok(cx, check_run_queue(&again, cx, f.county, YEAR));
    assert_int_equal(id, again);
    check_ok(cx, job_runner_start(&runner, cx, stopping, 1, 1));
    wait_for(cx, id, JOB_CANCELLED);
    job_runner_stop(runner);
    check_runs_are(cx, 0);
    check_ok(cx, check_run_queue(&again, cx, f.county, YEAR));
    assert_true(again != id);
    check_ok(cx, job_runner_start(&runner, cx, check_job_kinds, check_job_kind_count, 1));
    wait_for(cx, again, JOB_DONE);
    job_runner_stop(runner);
    check_runs_are(cx, 1);
    check_fixture_close(cx);
}
static void test_stopped(void **state)
{
    (void)state;
    db_fixture_each(stopped_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),    cmocka_unit_test(test_pages),
        cmocka_unit_test(test_explained), cmocka_unit_test(test_others_explained),
        cmocka_unit_test(test_scope),     cmocka_unit_test(test_trend),
        cmocka_unit_test(test_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
