/* Tests of matching and weighting: LaLonde's training programme as R's MatchIt and plain R give
 * it, by invariance, with bad input. */
#include "stats/effect.h"

#include "base/text.h"
#include "stats/effect_fixture.h"

enum { LALONDE = 8 };
struct lalonde {
    struct cohort c;
    const double *x[LALONDE];
};

/* MatchIt's example: treat ~ age + educ + race + married + nodegree + re74 + re75. */
static bool lalonde_read(struct lalonde *l, struct cx *cx)
{
    static const char *const names[] = {"age",     "educ",     "black", "hispan",
                                        "married", "nodegree", "re74",  "re75"};
    struct fixture f;
    if (!fixture_shared(&f, cx, "effects-lalonde/lalonde.csv"))
        return false;
    const struct str *race = fixture_cells(&f, "race");
    for (size_t j = 0; j < LALONDE; j++) {
        if (j != 2 && j != 3) {
            l->x[j] = fixture_numbers(cx, &f, names[j]);
            continue;
        }
        double *x = arena_array(cx->arena, f.rows, sizeof *x);
        for (size_t i = 0; i < f.rows; i++)
            x[i] = str_eq_z(race[i], names[j]);
        l->x[j] = x;
    }
    l->c = (struct cohort){.n = f.rows,
                           .k = LALONDE,
                           .y = fixture_numbers(cx, &f, "re78"),
                           .d = fixture_numbers(cx, &f, "treat"),
                           .x = l->x,
                           .names = names};
    return true;
}

static void test_matching(void **state)
{
    (void)state;
    /* The numbers of statistics.md f for each way of matching. */
    struct cx cx;
    struct lalonde l;
    struct matching m;
    check_open(&cx);
    if (!lalonde_read(&l, &cx))
        skip();
    check_ok(&cx, matching_make(&m, &cx, &l.c, &(struct matching_spec){.kind = MATCH_NEAREST}));
    fixture_close(m.att, 894.3675, 8 - 1);
    fixture_close(m.att_adjusted, 1344.936, 7);
    assert_int_equal(m.pairs, 185);
    check_ok(&cx,
             matching_make(&m, &cx, &l.c,
                           &(struct matching_spec){.kind = MATCH_NEAREST, .caliper = 0.2}));
    assert_int_equal(m.pairs, 113);
    fixture_close(m.att, 1571.744, 7);
    fixture_close(m.att_adjusted, 1510.982, 7);
    check_ok(&cx,
             matching_make(&m, &cx, &l.c,
                           &(struct matching_spec){.kind = MATCH_NEAREST, .replace = true}));
    fixture_close(m.att, 1991.615, 7);
    assert_int_equal(m.controls, 82);
    fixture_close(m.effective_controls, 46.31, 4);
    check_ok(&cx,
             matching_make(&m, &cx, &l.c,
                           &(struct matching_spec){.kind = MATCH_SUBCLASS, .subclasses = 6}));
    fixture_close(m.att, 1359.488, 7);
    /* R's weighted lm (testdata/effect.R). statistics.md prints 1643.207 without its formula;
     * none of ten tried gives it. */
    fixture_close(m.att_adjusted, 1594.41020, 9);
    check_ok(&cx,
             matching_make(&m, &cx, &l.c, &(struct matching_spec){.kind = MATCH_EXACT_COARSE}));
    assert_int_equal(m.pairs, 65);
    assert_int_equal(m.controls, 75);
    fixture_close(m.att, 1070.907, 7);
    check_close(&cx);
}

static void test_weighting(void **state)
{
    (void)state;
    /* The numbers of statistics.md f for each way of weighting. */
    struct cx cx;
    struct lalonde l;
    struct weighting w;
    check_open(&cx);
    if (!lalonde_read(&l, &cx))
        skip();
    check_ok(&cx, weighting_make(&w, &cx, &l.c, WEIGHT_IPW_ATT));
    fixture_close(w.effect, 1214.071, 7);
    check_ok(&cx, weighting_make(&w, &cx, &l.c, WEIGHT_IPW_ATE));
    fixture_close(w.effect, 224.676, 6);
    check_ok(&cx, weighting_make(&w, &cx, &l.c, WEIGHT_AIPW_ATT));
    fixture_close(w.effect, 1226.544, 7);
    fixture_close(w.se, 814.079, 6);
    check_ok(&cx, weighting_make(&w, &cx, &l.c, WEIGHT_AIPW_ATE));
    fixture_close(w.effect, 469.640, 6);
    fixture_close(w.se, 926.155, 6);
    l.c.k = 0;
    check_ok(&cx, weighting_make(&w, &cx, &l.c, WEIGHT_IPW_ATT));
    fixture_close(w.effect, -635.0262, 7);
    check_close(&cx);
}

static void test_plain(void **state)
{
    (void)state;
    /* The regression, the experiment's own difference with its error, and the difference from
     * the CPS, with which the others are to be compared. */
    struct cx cx;
    struct lalonde l;
    struct model_fit fit;
    struct fixture nsw, cps;
    struct weighting w;
    check_open(&cx);
    if (!lalonde_read(&l, &cx) ||
        !fixture_shared(&nsw, &cx, "effects-lalonde/nsw_mixtape.csv") ||
        !fixture_shared(&cps, &cx, "effects-lalonde/cps_mixtape.csv"))
        skip();
    size_t n = nsw.rows + cps.rows, kept = 0;
    double *y = arena_array(cx.arena, n, sizeof *y), *d = arena_array(cx.arena, n, sizeof *d);
    double *one = arena_array(cx.arena, n, sizeof *one);
    const double *x[LALONDE + 2] = {one, l.c.d};
    for (size_t i = 0; i < n; i++)
        one[i] = 1;
    memcpy(x + 2, l.x, sizeof l.x);
    check_ok(&cx, model_fit_make(
                      &fit, &cx,
                      &(struct model_spec){.n = l.c.n, .k = LALONDE + 2, .y = l.c.y, .x = x}));
    fixture_close(fit.b[1], 1548.2438, 8);
    const double *own = fixture_numbers(&cx, &nsw, "re78"),
                 *treat = fixture_numbers(&cx, &nsw, "treat");
    const double *arms[2] = {one, treat};
    check_ok(&cx,
             model_fit_make(&fit, &cx,
                            &(struct model_spec){.n = nsw.rows, .k = 2, .y = own, .x = arms}));
    fixture_close(fit.b[1], 1794.34, 6);
    fixture_close(fit.se[1], 632.85, 5);
    for (size_t i = 0; i < nsw.rows; i++)
        if (treat[i] == 1) {
            y[kept] = own[i];
            d[kept++] = 1;
        }
    memcpy(y + kept, fixture_numbers(&cx, &cps, "re78"), cps.rows * sizeof *y);
    check_ok(&cx,
             weighting_make(&w, &cx, &(struct cohort){.n = kept + cps.rows, .y = y, .d = d},
                            WEIGHT_IPW_ATT));
    fixture_close(w.effect, -8497.52, 6);
    check_close(&cx);
}

/* 60 rows, made up: treatment goes with x[0]; the effect is 3. */
enum { MADE = 60 };
struct made_cohort {
    struct cohort c;
    double y[MADE], d[MADE], w[MADE], x0[MADE], x1[MADE];
    const double *x[2];
    const char *names[2];
};
static void made_cohort_make(struct made_cohort *m, uint64_t seed)
{
    uint64_t state = seed;
    for (size_t i = 0; i < MADE; i++) {
        m->x0[i] = (double)check_int(&state, 0, 1000) / 100;
        m->x1[i] = (double)(i % 3);
        m->d[i] = check_int(&state, 0, 20) < 4 + m->x0[i];
        m->w[i] = 1 + (double)(i % 2);
        m->y[i] = 1 + 2 * m->x0[i] - m->x1[i] + 3 * m->d[i];
    }
    m->x[0] = m->x0;
    m->x[1] = m->x1;
    m->names[0] = "land";
    m->names[1] = "village";
    m->c = (struct cohort){MADE, 2, m->y, m->d, m->x, m->names, NULL};
}

static void test_exact(void **state)
{
    (void)state;
    /* An outcome that is linear in the covariates: what uses a regression or balances means
     * exactly finds the effect itself; balancing leaves no difference of means; scaled weights
     * change nothing; a control is used once without replacement. */
    struct cx cx;
    struct made_cohort m;
    struct matching k;
    struct weighting w, v;
    static const enum weighting_kind kinds[] = {WEIGHT_AIPW_ATT, WEIGHT_AIPW_ATE,
                                                WEIGHT_ENTROPY_ATT};
    check_open(&cx);
    for_each_seed (seed, 20) {
        made_cohort_make(&m, seed);
        m.c.w = m.w;
        for (size_t i = 0; i < 3; i++) {
            check_ok(&cx, weighting_make(&w, &cx, &m.c, kinds[i]));
            assert_true(fabs(w.effect - 3) < 1e-8);
        }
        for (size_t j = 0; j < 2; j++)
            assert_true(fabs(w.balance[j].difference_after) < 1e-8);
        check_ok(&cx, weighting_make(&w, &cx, &m.c, WEIGHT_IPW_ATE));
        for (size_t i = 0; i < MADE; i++)
            m.w[i] *= 7;
        check_ok(&cx, weighting_make(&v, &cx, &m.c, WEIGHT_IPW_ATE));
        assert_true(fabs(w.effect - v.effect) < 1e-9 && fabs(w.se - v.se) < 1e-9);
        m.c.w = NULL;
        check_ok(&cx, matching_make(&k, &cx, &m.c, &(struct matching_spec){0}));
        assert_true(fabs(k.att_adjusted - 3) < 1e-8);
        assert_true(k.pairs == k.controls && k.effective_controls == (double)k.controls);
    }
    check_close(&cx);
}

static void check_says(struct cx *cx, const struct cohort *c, const char *words)
{
    struct weighting w;
    assert_int_equal(weighting_make(&w, cx, c, WEIGHT_AIPW_ATE), RC_INVALID);
    if (!strstr(cx->err.text, words))
        fail_msg("“%s” does not say “%s”", cx->err.text, words);
    err_clear(cx);
}

static void test_bad_input(void **state)
{
    (void)state;
    /* Each wrong cohort is refused with a sentence that names what is wrong; rows with missing
     * values are left out and counted. */
    struct cx cx;
    struct made_cohort m;
    struct matching k;
    check_open(&cx);
    made_cohort_make(&m, 1);
    m.d[6] = 2;
    check_says(&cx, &m.c, "Data row 7");
    for (int treated = 0; treated < 2; treated++) {
        for (size_t i = 0; i < MADE; i++)
            m.d[i] = treated;
        check_says(&cx, &m.c, treated ? "Everybody is treated" : "Nobody is treated");
    }
    for (size_t i = 0; i < MADE; i++)
        m.d[i] = m.x0[i] > 5; /* separates */
    check_says(&cx, &m.c, "decides who is treated");
    made_cohort_make(&m, 1);
    for (size_t i = 0; i < MADE; i++)
        m.x1[i] = 4;
    check_says(&cx, &m.c, "village");
    made_cohort_make(&m, 1);
    m.c.w = m.w;
    m.w[2] = -1;
    check_says(&cx, &m.c, "Data row 3");
    made_cohort_make(&m, 1);
    m.x0[0] = m.y[1] = NAN;
    check_ok(&cx, matching_make(&k, &cx, &m.c, &(struct matching_spec){.replace = true}));
    assert_true(k.left_out == 2 && k.weight[0] == 0 && k.weight[1] == 0);
    check_refused(&cx,
                  matching_make(&k, &cx, &m.c, &(struct matching_spec){.kind = MATCH_SUBCLASS}),
                  RC_INVALID);
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matching),  cmocka_unit_test(test_weighting),
        cmocka_unit_test(test_plain),     cmocka_unit_test(test_exact),
        cmocka_unit_test(test_bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
