/* Tests of scores, folds and targeting: against R (testdata/validate.R), and what must hold. */
#include "stats/validate.h"

#include "stats/design_fixture.h"
#include "stats/mobility.h"

struct people {
    struct cx cx;
    struct fixture file, want;
    struct scored s;
    double *welfare;
};

static void open_people(struct people *p)
{
    check_open(&p->cx);
    fixture_read(&p->file, &p->cx, "src/stats/testdata/validate_rows.csv");
    fixture_read(&p->want, &p->cx, "src/stats/testdata/validate_reference.csv");
    p->s = (struct scored){fixture_numbers(&p->cx, &p->file, "truth"),
                           fixture_numbers(&p->cx, &p->file, "score"),
                           fixture_numbers(&p->cx, &p->file, "w"), p->file.rows};
    p->welfare = fixture_numbers(&p->cx, &p->file, "welfare");
}

static double want(const struct people *p, const char *measure)
{
    return fixture_reference(&p->want, measure);
}

static void test_score(void **state)
{
    (void)state;
    /* AUC over pairs, Brier, log loss and glm's calibration line, with ties, weights and rows
     * left out. */
    struct people p = {0};
    struct validation v;
    open_people(&p);
    check_ok(&p.cx, validate_score(&v, &p.cx, &p.s));
    check_near(v.auc, want(&p, "auc"), 1e-12);
    check_near(v.brier, want(&p, "brier"), 1e-12);
    check_near(v.log_loss, want(&p, "log_loss"), 1e-12);
    check_near(v.calibration_in_large, want(&p, "in_large"), 1e-10);
    check_near(v.calibration_intercept, want(&p, "intercept"), 1e-9);
    check_near(v.calibration_slope, want(&p, "slope"), 1e-9);
    check_near(v.weight, want(&p, "weight"), 1e-12);
    assert_int_equal(v.rows, (int64_t)want(&p, "rows"));
    assert_int_equal(v.rows_left_out, 3);
    assert_null(v.why);
    check_close(&p.cx);
}

static void test_auc_error(void **state)
{
    (void)state;
    /* The AUC's linearised error under strata and clusters: R's survey with a numerical
     * derivative. The influence values add to zero. */
    struct people p = {0};
    struct surveyed d;
    open_people(&p);
    struct design_columns c = {.n = p.s.n,
                               .strata = fixture_codes(&p.cx, &p.file, "stratum"),
                               .stages = 1,
                               .cluster = {fixture_codes(&p.cx, &p.file, "psu")}};
    double *u = arena_array(p.cx.arena, p.s.n, sizeof *u), total = 0;
    check_ok(&p.cx, validate_auc_influence(u, &p.cx, &p.s));
    surveyed_make(&d, &p.cx, &c);
    for (uint32_t i = 0; i < p.s.n; i++) {
        double w = isfinite(p.s.w[i]) ? p.s.w[i] : 0;
        total += w * u[i];
        design_sums_add(&d.sums, &i, &w, &u[i], 1);
    }
    assert_true(fabs(total) < 1e-12);
    check_near(sqrt(design_variance(&d.sums, NULL)), want(&p, "se_auc"), 1e-8);
    check_close(&p.cx);
}

static void test_roc(void **state)
{
    (void)state;
    /* From nobody to everybody; the area under the points is the AUC. */
    struct people p = {0};
    struct roc_point *r;
    size_t n;
    double area = 0;
    open_people(&p);
    check_ok(&p.cx, validate_roc(&r, &n, &p.cx, &p.s));
    assert_true(isinf(r[0].threshold) && r[0].true_rate == 0 && r[0].false_rate == 0);
    assert_true(r[n - 1].true_rate == 1 && r[n - 1].false_rate == 1);
    for (size_t i = 1; i < n; i++) {
        assert_true(r[i].threshold < r[i - 1].threshold);
        area +=
            (r[i].false_rate - r[i - 1].false_rate) * (r[i].true_rate + r[i - 1].true_rate) / 2;
    }
    check_near(area, want(&p, "auc"), 1e-12);
    check_close(&p.cx);
}

static void test_no_probabilities(void **state)
{
    (void)state;
    /* Scores that only rank: the AUC, and a sentence for the rest. Perfect scores have no
     * calibration line; one that is sure and wrong has an infinite loss. */
    double truth[] = {0, 1, 0, 1, 1}, rank[] = {-3, 7, 1, 1, 12};
    double parted[] = {.1, .9, .2, .8, .7}, wrong[] = {1, .9, .2, .8, 0},
           same[] = {.5, .5, .5, .5, .5};
    struct cx cx;
    struct validation v;
    check_open(&cx);
    check_ok(&cx, validate_score(&v, &cx, &(struct scored){truth, rank, NULL, 5}));
    check_near(v.auc, 5.5 / 6, 1e-15);
    assert_true(isnan(v.brier) && isnan(v.log_loss) && isnan(v.calibration_slope));
    assert_non_null(v.why);
    check_ok(&cx, validate_score(&v, &cx, &(struct scored){truth, parted, NULL, 5}));
    assert_true(v.auc == 1 && isnan(v.calibration_slope) && v.why);
    check_near(v.brier, (.01 + .01 + .04 + .04 + .09) / 5, 1e-12);
    check_ok(&cx, validate_score(&v, &cx, &(struct scored){truth, wrong, NULL, 5}));
    assert_true(isinf(v.log_loss) && isnan(v.calibration_slope) && v.why);
    check_ok(&cx, validate_score(&v, &cx, &(struct scored){truth, same, NULL, 5}));
    assert_true(v.auc == 0.5 && isnan(v.calibration_slope) && v.why);
    check_close(&cx);
}

static void test_bins(void **state)
{
    (void)state;
    /* Bins of equal weight whose means add to those of all rows. */
    struct people p = {0};
    struct calibration_bin bin[10];
    struct validation v;
    double score = 0, truth = 0;
    open_people(&p);
    check_ok(&p.cx, validate_calibration(bin, 10, &p.cx, &p.s));
    check_ok(&p.cx, validate_score(&v, &p.cx, &p.s));
    for (size_t k = 0; k < 10; k++) {
        check_near(bin[k].weight, v.weight / 10, 1e-9);
        assert_true(k == 0 || bin[k].score >= bin[k - 1].score);
        score += bin[k].score / 10;
        truth += bin[k].truth / 10;
    }
    check_near(truth - score, v.calibration_in_large, 1e-8);
    check_close(&p.cx);
}

static void test_targeting(void **state)
{
    (void)state;
    /* Errors at three quotas, ties in part, CGH and bands of distance: as R. */
    static const double quota[] = {.1, .25, .6};
    struct people p = {0};
    struct targeting t;
    open_people(&p);
    for (size_t k = 0; k < 3; k++) {
        int percent = (int)(quota[k] * 100 + 0.5);
        check_ok(&p.cx, targeting_at(&t, &p.cx, &p.s, NULL, NAN, quota[k]));
        check_near(t.selected, quota[k], 1e-12);
        check_near(t.exclusion, want(&p, arena_printf(p.cx.arena, "exclusion_%d", percent)),
                   1e-12);
        check_near(t.inclusion, want(&p, arena_printf(p.cx.arena, "inclusion_%d", percent)),
                   1e-12);
        check_near(t.accuracy, want(&p, arena_printf(p.cx.arena, "accuracy_%d", percent)),
                   1e-12);
        check_near(t.precision, 1 - t.inclusion, 1e-12);
        check_near(t.recall, 1 - t.exclusion, 1e-12);
        assert_true(isnan(t.cgh) && isnan(t.exclusion_by[0]));
    }
    check_ok(&p.cx, targeting_at(&t, &p.cx, &p.s, p.welfare, 2400, 0.25));
    check_near(t.cgh, want(&p, "cgh"), 1e-12);
    check_near(t.exclusion, want(&p, "exclusion_welfare"), 1e-12);
    for (int k = 0; k < TARGETING_BANDS; k++) {
        double missed = want(&p, arena_printf(p.cx.arena, "exclusion_band%d", k));
        assert_true(fabs(t.exclusion_by[k] - missed) < 1e-12);
        check_near(t.weight_by[k], want(&p, arena_printf(p.cx.arena, "weight_band%d", k)),
                   1e-12);
    }
    check_close(&p.cx);
}

static void test_order_does_not_matter(void **state)
{
    (void)state;
    /* Shuffled rows give the same errors; at the quota of the poor both errors are equal. */
    struct people p = {0};
    struct targeting a, b;
    struct validation v, v2;
    open_people(&p);
    check_ok(&p.cx, targeting_at(&a, &p.cx, &p.s, p.welfare, 2400, 0.3));
    check_ok(&p.cx, validate_score(&v, &p.cx, &p.s));
    double *c[4];
    for (size_t k = 0; k < 4; k++)
        c[k] = arena_array(p.cx.arena, p.s.n, sizeof **c);
    for_each_seed (seed, 20) {
        uint64_t r = seed;
        const double *from[] = {p.s.truth, p.s.score, p.s.w, p.welfare};
        for (size_t k = 0; k < 4; k++)
            memcpy(c[k], from[k], p.s.n * sizeof **c);
        for (size_t i = p.s.n; i > 1; i--) {
            size_t j = (size_t)check_int(&r, 0, (int64_t)i - 1);
            for (size_t k = 0; k < 4; k++) {
                double held = c[k][i - 1];
                c[k][i - 1] = c[k][j];
                c[k][j] = held;
            }
        }
        struct scored s = {c[0], c[1], c[2], p.s.n};
        check_ok(&p.cx, targeting_at(&b, &p.cx, &s, c[3], 2400, 0.3));
        check_ok(&p.cx, validate_score(&v2, &p.cx, &s));
        check_near(b.exclusion, a.exclusion, 1e-12);
        check_near(b.cgh, a.cgh, 1e-12);
        check_near(v2.auc, v.auc, 1e-12);
        check_near(v2.calibration_slope, v.calibration_slope, 1e-8);
    }
    check_ok(&p.cx, targeting_at(&b, &p.cx, &p.s, NULL, NAN, a.poor));
    check_ok(&p.cx, targeting_at(&b, &p.cx, &p.s, NULL, NAN, b.poor));
    check_near(b.exclusion, b.inclusion, 1e-9);
    check_close(&p.cx);
}

static void test_alarm(void **state)
{
    (void)state;
    /* Six people, two listed and two tied at the edge, who count half each. */
    double event[] = {1, 0, 1, 0, 1, 0}, score[] = {.9, .8, .5, .5, .2, .1};
    double until[] = {3, NAN, 1, NAN, 2, NAN};
    struct cx cx;
    struct alarm a;
    check_open(&cx);
    check_ok(&cx, alarm_at(&a, &cx, &(struct scored){event, score, NULL, 6}, until, 0.5));
    check_near(a.listed, 3, 1e-12);
    check_near(a.right, 1.5, 1e-12);
    check_near(a.precision, 0.5, 1e-12);
    check_near(a.recall, 0.5, 1e-12);
    check_near(a.lead, (3 + 0.5) / 1.5, 1e-12);
    check_ok(&cx, alarm_at(&a, &cx, &(struct scored){event, score, NULL, 6}, NULL, 0.5));
    assert_true(isnan(a.lead));
    check_refused(&cx, alarm_at(&a, &cx, &(struct scored){event, score, NULL, 6}, NULL, 1),
                  RC_INVALID);
    check_close(&cx);
}

/* ---- folds ---- */

static void test_folds(void **state)
{
    (void)state;
    /* Groups stay whole, loads differ by at most one group's weight, the same seed gives the
     * same folds, another one others. */
    enum { N = 2000, GROUPS = 150 };
    struct cx cx;
    uint32_t fold[N], again[N];
    static uint32_t group[N];
    static double w[N];
    check_open(&cx);
    for_each_seed (seed, 20) {
        uint64_t r = seed;
        uint32_t of[GROUPS];
        double load[10] = {0}, weight[GROUPS] = {0}, heaviest = 0, low = INFINITY, high = 0;
        for (size_t i = 0; i < N; i++) {
            group[i] = (uint32_t)check_int(&r, 0, GROUPS - 1);
            w[i] = (double)check_int(&r, 1, 400) / 7;
            weight[group[i]] += w[i];
        }
        struct folds_spec s = {N, group, GROUPS, w, 10, seed};
        check_ok(&cx, folds_make(fold, &cx, &s));
        check_ok(&cx, folds_make(again, &cx, &s));
        assert_memory_equal(fold, again, sizeof fold);
        memset(of, 255, sizeof of);
        for (size_t i = 0; i < N; i++) {
            assert_true(fold[i] < 10 &&
                        (of[group[i]] == UINT32_MAX || of[group[i]] == fold[i]));
            of[group[i]] = fold[i];
            load[fold[i]] += w[i];
            heaviest = weight[group[i]] > heaviest ? weight[group[i]] : heaviest;
        }
        for (size_t f = 0; f < 10; f++) {
            low = load[f] < low ? load[f] : low;
            high = load[f] > high ? load[f] : high;
        }
        assert_true(high - low <= heaviest);
    }
    struct folds_spec rows = {N, NULL, 0, NULL, 10, 1}, other = {N, NULL, 0, NULL, 10, 2};
    size_t count[10] = {0};
    check_ok(&cx, folds_make(fold, &cx, &rows));
    check_ok(&cx, folds_make(again, &cx, &other));
    assert_memory_not_equal(fold, again, sizeof fold);
    for (size_t i = 0; i < N; i++)
        count[fold[i]]++;
    for (size_t f = 0; f < 10; f++)
        assert_int_equal(count[f], N / 10);
    check_close(&cx);
}

static void test_heavy_group(void **state)
{
    (void)state;
    /* One group as heavy as all others of a fold together shares its fold with nobody. */
    enum { N = 41 };
    uint32_t fold[N];
    double w[N], load[5] = {0};
    struct cx cx;
    check_open(&cx);
    for (size_t i = 0; i < N; i++)
        w[i] = i == 17 ? 10 : 1;
    check_ok(&cx, folds_make(fold, &cx, &(struct folds_spec){N, NULL, 0, w, 5, 3}));
    for (size_t i = 0; i < N; i++) {
        assert_true(i == 17 || fold[i] != fold[17]);
        load[fold[i]] += w[i];
    }
    for (size_t f = 0; f < 5; f++)
        assert_true(load[f] == 10);
    check_close(&cx);
}

static void test_leave_one_out(void **state)
{
    (void)state;
    /* As many folds as groups with rows: one group each (leave one region out). */
    uint32_t group[] = {3, 1, 3, 0, 1, 5}, fold[6];
    bool seen[4] = {0};
    struct cx cx;
    check_open(&cx);
    check_ok(&cx, folds_make(fold, &cx, &(struct folds_spec){6, group, 6, NULL, 4, 9}));
    assert_true(fold[0] == fold[2] && fold[1] == fold[4]);
    for (size_t i = 0; i < 6; i++)
        seen[fold[i]] = true;
    assert_true(seen[0] && seen[1] && seen[2] && seen[3]);
    check_close(&cx);
}

static void test_refusals(void **state)
{
    (void)state;
    /* Each bad input has its sentence. */
    double truth[] = {0, 1, 1}, score[] = {.1, .2, .3}, two[] = {0, 2, 1}, ones[] = {1, 1, 1};
    double bad[] = {1, -1, 1}, nan[] = {NAN, NAN, NAN}, zero[] = {0, 0, 0};
    uint32_t fold[3];
    struct cx cx;
    struct validation v;
    struct targeting t;
    check_open(&cx);
    check_refused(&cx, validate_score(&v, &cx, &(struct scored){two, score, NULL, 3}),
                  RC_INVALID);
    check_refused(&cx, validate_score(&v, &cx, &(struct scored){ones, score, NULL, 3}),
                  RC_INVALID);
    check_refused(&cx, validate_score(&v, &cx, &(struct scored){truth, score, bad, 3}),
                  RC_INVALID);
    check_refused(&cx, validate_score(&v, &cx, &(struct scored){truth, nan, NULL, 3}),
                  RC_INVALID);
    check_refused(&cx, validate_score(&v, &cx, &(struct scored){truth, score, zero, 3}),
                  RC_INVALID);
    check_refused(&cx, validate_score(&v, &cx, &(struct scored){truth, score, NULL, 0}),
                  RC_INVALID);
    struct scored s = {truth, score, NULL, 3};
    check_refused(&cx, targeting_at(&t, &cx, &s, NULL, NAN, 0), RC_INVALID);
    check_refused(&cx, targeting_at(&t, &cx, &s, NULL, NAN, 20), RC_INVALID);
    check_refused(&cx, targeting_at(&t, &cx, &s, NULL, NAN, NAN), RC_INVALID);
    check_refused(&cx, targeting_at(&t, &cx, &s, score, -1, .5), RC_INVALID);
    check_refused(&cx, targeting_at(&t, &cx, &s, nan, 1, .5), RC_INVALID);
    check_refused(&cx, folds_make(fold, &cx, &(struct folds_spec){3, NULL, 0, NULL, 1, 1}),
                  RC_INVALID);
    check_refused(&cx, folds_make(fold, &cx, &(struct folds_spec){3, NULL, 0, NULL, 4, 1}),
                  RC_INVALID);
    check_refused(&cx, folds_make(fold, &cx, &(struct folds_spec){3, NULL, 0, NULL, 1001, 1}),
                  RC_INVALID);
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_score),
        cmocka_unit_test(test_auc_error),
        cmocka_unit_test(test_roc),
        cmocka_unit_test(test_no_probabilities),
        cmocka_unit_test(test_bins),
        cmocka_unit_test(test_targeting),
        cmocka_unit_test(test_order_does_not_matter),
        cmocka_unit_test(test_alarm),
        cmocka_unit_test(test_folds),
        cmocka_unit_test(test_heavy_group),
        cmocka_unit_test(test_leave_one_out),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
