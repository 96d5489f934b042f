/* Tests of Zenga's index: against numerical integration and differentiation in R
 * (testdata/zenga.R) and the printed numbers of convey. */
#include "stats/design_fixture.h"

static void test_reference(void **state)
{
    (void)state;
    /* Both forms and their errors under strata and clusters; a row below zero is left out. */
    struct cx cx;
    struct survey_rows rows = {0};
    struct fixture want = {0};
    struct surveyed d;
    struct sample s;
    check_open(&cx);
    survey_rows_read(&rows, &cx);
    fixture_read(&want, &cx, "src/stats/testdata/zenga_reference.csv");
    struct design_columns c = {
        .n = rows.x.n, .strata = rows.stratum, .stages = 1, .cluster = {rows.psu}};
    surveyed_make(&d, &cx, &c);
    check_ok(&cx, sample_make(&s, &cx, &rows.x, NULL, rows.x.n));
    double *u = arena_array(cx.arena, rows.x.n, sizeof *u);
    for (int convey = 0; convey < 2; convey++) {
        struct estimate e = ranked_zenga(&cx, &s.ranked, convey);
        assert_int_equal(e.rows_left_out, 1);
        assert_true(e.weight_left_out > 0);
        check_near(e.value, fixture_reference(&want, convey ? "zenga_convey" : "zenga"), 1e-10);
        influence_zenga(u, &s, convey);
        check_near(se_of(&d, &s, u),
                   fixture_reference(&want, convey ? "se_zenga_convey" : "se_zenga"), 1e-7);
    }
    check_close(&cx);
}

static void test_by_hand(void **state)
{
    (void)state;
    /* Two people with 0 and 2: at ranks up to 1/2 the lower mean is 0 (curve 1); at rank p
     * above, (2p - 1)/p over 2 is the ratio of means, so that the rest is ln 2 / 2. All equal:
     * 0; the richest alone: 0. Nothing above zero: refused. */
    double two[] = {0, 2}, same[] = {5, 5, 5}, none[] = {0, 0, -1};
    struct cx cx;
    struct ranked r;
    check_open(&cx);
    check_ok(&cx, ranked_make(&r, &cx, &(struct welfare){two, NULL, 2}));
    check_near(ranked_zenga(&cx, &r, false).value, 0.5 + log(2) / 2, 1e-14);
    check_ok(&cx, ranked_make(&r, &cx, &(struct welfare){same, NULL, 3}));
    assert_true(fabs(ranked_zenga(&cx, &r, false).value) < 1e-15);
    check_ok(&cx, ranked_make(&r, &cx, &(struct welfare){same, NULL, 1}));
    assert_true(ranked_zenga(&cx, &r, false).value == 0);
    check_ok(&cx, ranked_make(&r, &cx, &(struct welfare){none, NULL, 3}));
    assert_non_null(ranked_zenga(&cx, &r, false).refused);
    check_ok(&cx, ranked_make(&r, &cx, &(struct welfare){none, NULL, 0}));
    assert_non_null(ranked_zenga(&cx, &r, true).refused);
    check_close(&cx);
}

static void test_invariance(void **state)
{
    (void)state;
    /* The standard form does not change when rows are repeated, weights or money scaled. */
    struct cx cx;
    check_open(&cx);
    for_each_seed (seed, 50) {
        enum { N = 60 };
        struct arena_mark mark = arena_mark(cx.arena);
        double y[2 * N], w[2 * N], big[N];
        uint64_t random = seed;
        struct ranked once, twice, scaled;
        for (size_t i = 0; i < N; i++) {
            y[i] = y[i + N] = (double)check_int(&random, 0, 40) * 10;
            w[i] = w[i + N] = (double)check_int(&random, 1, 900) / 7;
            big[i] = y[i] * 1e9;
        }
        check_ok(&cx, ranked_make(&once, &cx, &(struct welfare){y, w, N}));
        check_ok(&cx, ranked_make(&twice, &cx, &(struct welfare){y, w, N + N}));
        check_ok(&cx, ranked_make(&scaled, &cx, &(struct welfare){big, w, N}));
        double z = ranked_zenga(&cx, &once, false).value;
        assert_true(z > 0 && z < 1);
        check_near(ranked_zenga(&cx, &twice, false).value, z, 1e-12);
        check_near(ranked_zenga(&cx, &scaled, false).value, z, 1e-12);
        arena_back(cx.arena, mark);
    }
    check_close(&cx);
}

static void test_eusilc(void **state)
{
    (void)state;
    /* convey prints 0.591316266 (0.002826612) for persons in strata.
     * Source: shared/domain/statistics.md a. */
    struct cx cx;
    struct fixture f = {0};
    struct sample s;
    struct surveyed d;
    check_open(&cx);
    if (!fixture_shared(&f, &cx, "eusilc/eusilc.csv")) {
        check_close(&cx);
        skip();
    }
    struct welfare x = {fixture_numbers(&cx, &f, "eqIncome"), fixture_numbers(&cx, &f, "rb050"),
                        f.rows};
    struct design_columns c = {.n = x.n, .strata = fixture_codes(&cx, &f, "db040")};
    check_ok(&cx, sample_make(&s, &cx, &x, NULL, x.n));
    surveyed_make(&d, &cx, &c);
    double *u = arena_array(cx.arena, x.n, sizeof *u);
    fixture_close(ranked_zenga(&cx, &s.ranked, true).value, 0.591316266, 9);
    influence_zenga(u, &s, true);
    fixture_close(se_of(&d, &s, u), 0.002826612, 9);
    /* The standard form is near it. */
    assert_true(fabs(ranked_zenga(&cx, &s.ranked, false).value - 0.5913) < 1e-3);
    influence_zenga(u, &s, false);
    check_near(se_of(&d, &s, u), 0.002826612, 0.005);
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_invariance),
        cmocka_unit_test(test_eusilc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
