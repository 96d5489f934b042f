/* Tests of marginal effects, the wild bootstrap, and of what models say to bad input. */
#include "stats/model_fixture.h"

static void test_margins(void **state)
{
    (void)state;
    /* Average effects of a column of 0 and 1 and of a number, with their errors: as made in R
     * from glm's fit by numerical derivatives. Of least squares they are the coefficients. */
    static const char *const name[] = {"logit", "probit", "poisson", "cloglog"};
    static const size_t columns[] = {1, 4, 0};
    struct model_room r;
    struct model_fit f;
    struct model_margin m[3];
    double effect[2], se[2];
    model_room_open(&r);
    check_ok(&r.cx, model_fit_make(&f, &r.cx, &r.s));
    check_ok(&r.cx, model_margins(m, &r.cx, &r.s, &f, columns, 3));
    check_near(m[0].effect, f.b[1], 1e-9);
    check_near(m[1].se, f.se[4], 1e-12);
    assert_true(isnan(m[2].effect) && isnan(m[2].se)); /* the constant */
    r.s.y = r.poor;
    for (enum model_family g = MODEL_LOGIT; g <= MODEL_CLOGLOG; g++) {
        if (g == MODEL_POISSON)
            continue;
        r.s.family = g;
        check_ok(&r.cx, model_fit_make(&f, &r.cx, &r.s));
        check_ok(&r.cx, model_margins(m, &r.cx, &r.s, &f, columns, 2));
        for (int i = 0; i < 2; i++) {
            effect[i] = m[i].effect;
            se[i] = m[i].se;
        }
        const char *n = name[g - MODEL_LOGIT];
        model_near(&r, effect, arena_printf(r.cx.arena, "%s_ame", n), 2, 1e-8);
        model_near(&r, se, arena_printf(r.cx.arena, "%s_ame_se", n), 2, 1e-6);
    }
    check_close(&r.cx);
}

/* The p-value of b[j] = value. */
static double wild_p(struct model_room *r, size_t j, double value)
{
    struct wild w;
    check_ok(&r->cx,
             model_wild(&w, &r->cx, &r->s, &(struct wild_spec){.j = j, .value = value}));
    assert_true(isnan(w.low) && w.draws == 256);
    return w.p;
}

static void test_wild(void **state)
{
    (void)state;
    /* With 8 clusters all 256 sign vectors: the p-values are those of R's brute force over the
     * rows. The interval's ends are where the p-value crosses 0.05. */
    struct model_room r;
    struct wild w;
    model_room_open(&r);
    uint32_t *cluster = arena_array(r.cx.arena, r.s.n, sizeof *cluster);
    double *psu = fixture_numbers(&r.cx, &r.rows.file, "psu");
    for (size_t i = 0; i < r.s.n; i++)
        cluster[i] = (uint32_t)psu[i] % 8;
    r.s.cluster = cluster;
    r.s.cluster_count = 8;
    r.s.errors = ERRORS_CLUSTER;
    for (size_t j = 1; j < 5; j++) {
        const char *name = arena_printf(r.cx.arena, "wild_p%zu", j);
        check_near(wild_p(&r, j, 0), model_reference(&r, name), 1e-9);
    }
    struct wild_spec spec = {.j = 1, .value = 500, .interval = true};
    check_ok(&r.cx, model_wild(&w, &r.cx, &r.s, &spec));
    check_near(w.p, model_reference(&r, "wild_p1_500"), 1e-9);
    double width = w.high - w.low;
    assert_true(width > 0 && isfinite(width));
    for (int side = 0; side < 2; side++) {
        double end = side ? w.high : w.low, out = side ? width : -width;
        assert_true(wild_p(&r, 1, end - out * 1e-4) >= 0.05);
        assert_true(wild_p(&r, 1, end + out * 1e-4) < 0.05);
    }
    check_close(&r.cx);
}

static void test_wild_draws(void **state)
{
    (void)state;
    /* Drawn signs: the same seed gives the same p, another seed one near it; other families,
     * the constant and errors without clusters are refused. */
    struct model_room r;
    struct wild w[3];
    struct wild_spec spec = {.j = 2, .draws = 999, .seed = 7};
    model_room_open(&r);
    r.s.errors = ERRORS_CLUSTER;
    for (int i = 0; i < 3; i++) {
        spec.seed = i == 2 ? 8 : 7;
        check_ok(&r.cx, model_wild(&w[i], &r.cx, &r.s, &spec));
    }
    assert_true(w[0].p == w[1].p && w[0].p > 0 && w[0].p <= 1);
    assert_true(fabs(w[2].p - w[0].p) < 0.1 && w[0].draws == 999);
    /* Eight clusters and fewer draws than sign vectors: Webb's six points. */
    uint32_t *cluster = arena_array(r.cx.arena, r.s.n, sizeof *cluster);
    for (size_t i = 0; i < r.s.n; i++)
        cluster[i] = (uint32_t)i % 8;
    r.s.cluster = cluster;
    spec.draws = 199;
    check_ok(&r.cx, model_wild(&w[0], &r.cx, &r.s, &spec));
    assert_true(w[0].draws == 199 && w[0].p >= 0 && w[0].p <= 1);
    r.s.family = MODEL_LOGIT;
    check_refused(&r.cx, model_wild(w, &r.cx, &r.s, &spec), RC_INVALID);
    r.s.family = MODEL_OLS;
    spec.j = 0;
    check_refused(&r.cx, model_wild(w, &r.cx, &r.s, &spec), RC_INVALID);
    spec.j = 2;
    r.s.errors = ERRORS_HC1;
    check_refused(&r.cx, model_wild(w, &r.cx, &r.s, &spec), RC_INVALID);
    check_close(&r.cx);
}

/* ---- bad input ---- */

/* Refused with a sentence that names `name`. */
static void refused(struct model_room *r, const char *name)
{
    struct model_fit f;
    assert_int_equal(model_fit_make(&f, &r->cx, &r->s), RC_INVALID);
    if (!strstr(r->cx.err.text, name))
        fail_msg("“%s” does not name %s", r->cx.err.text, name);
    err_clear(&r->cx);
}

static double *copy(struct model_room *r, const double *x)
{
    double *out = arena_array(r->cx.arena, r->s.n, sizeof *out);
    memcpy(out, x, r->s.n * sizeof *out);
    return out;
}

static void test_refused(void **state)
{
    (void)state;
    /* A constant outcome, an outcome of a logit that is not 0 and 1, a negative count, weight,
     * infinite or huge value, one cluster, nobody left, more columns than rows: a sentence that
     * names the variable or the row. */
    struct model_room r;
    model_room_open(&r);
    struct model_spec good = r.s;
    double *w = copy(&r, r.rows.x.w), *x = copy(&r, r.x[4]), *nothing = copy(&r, x);
    uint32_t *one = arena_array(r.cx.arena, r.s.n, sizeof *one);
    r.s.y = r.one;
    refused(&r, "income");
    r.s = good;
    r.s.family = MODEL_LOGIT;
    refused(&r, "income");
    r.s.family = MODEL_POISSON;
    refused(&r, "-350");
    r.s = good;
    w[17] = -1;
    r.s.w = w;
    refused(&r, "18");
    r.s = good;
    x[3] = INFINITY;
    r.x[4] = x;
    refused(&r, "fpc1");
    x[3] = -1e200;
    refused(&r, "fpc1");
    for (size_t i = 0; i < r.s.n; i++)
        nothing[i] = NAN;
    r.x[4] = nothing;
    refused(&r, "missing");
    r.x[4] = good.x[5];
    r.s.cluster = one;
    r.s.errors = ERRORS_CLUSTER;
    refused(&r, "cluster");
    r.s = good;
    r.s.n = 2;
    refused(&r, "rows");
    r.s = good;
    r.s.family = MODEL_QUANTILE;
    refused(&r, "0 and 1");
    check_close(&r.cx);
}

static void test_collinear(void **state)
{
    (void)state;
    /* Columns that others determine are dropped in their order and named with the others; the
     * rest is as without them. A zero column and a second constant too. */
    struct model_room r;
    struct model_fit f, plain;
    model_room_open(&r);
    check_ok(&r.cx, model_fit_make(&plain, &r.cx, &r.s));
    const double *x[9];
    const char *names[] = {"constant", "a", "b", "c", "fpc1", "fpc2", "sum", "zero", "two"};
    memcpy(x, r.x, sizeof r.x);
    double *sum = copy(&r, r.x[1]), *zero = copy(&r, sum), *two = copy(&r, sum);
    for (size_t i = 0; i < r.s.n; i++) {
        sum[i] = 3 - 2 * r.x[1][i] + r.x[5][i] / 3;
        zero[i] = 0;
        two[i] = 2;
    }
    x[6] = sum;
    x[7] = zero;
    x[8] = two;
    r.s.x = x;
    r.s.k = 9;
    r.s.names = names;
    check_ok(&r.cx, model_fit_make(&f, &r.cx, &r.s));
    assert_true(f.dropped_count == 3 && f.dropped[6] && f.dropped[7] && f.dropped[8]);
    assert_true(isnan(f.b[6]) && isnan(f.se[8]) && isnan(f.vcov[6]));
    assert_true(strstr(f.why, "sum") && strstr(f.why, "a, fpc2") && strstr(f.why, "zero"));
    for (size_t j = 0; j < MODEL_K; j++) {
        check_near(f.b[j], plain.b[j], 1e-11);
        check_near(f.se[j], plain.se[j], 1e-11);
    }
    r.s.family = MODEL_LOGIT;
    r.s.y = r.poor;
    check_ok(&r.cx, model_fit_make(&f, &r.cx, &r.s));
    assert_true(f.converged && f.dropped_count == 3 && isfinite(f.se[1]));
    check_close(&r.cx);
}

static void test_separation(void **state)
{
    (void)state;
    /* A dummy that is always right on one side goes out with its rows, as Stata's logit does
     * it, and the rest is the fit of the other rows; a number or a pair of columns that
     * separates the outcome is refused by name. */
    struct model_room r;
    struct model_fit f, rest;
    model_room_open(&r);
    struct model_spec good = r.s;
    double *dummy = copy(&r, r.one), *wide = copy(&r, r.one), *other = copy(&r, r.one);
    double *y = copy(&r, r.poor), *w = copy(&r, r.one);
    for (size_t i = 0; i < r.s.n; i++) {
        dummy[i] = i % 11 == 0;
        y[i] = dummy[i] != 0 ? 1 : r.poor[i];
        w[i] = dummy[i] == 0;
        wide[i] = r.rows.x.y[i] / 7;
        other[i] = (double)(i * 37 % 100) * 20;
    }
    r.s.y = y;
    for (enum model_family g = MODEL_LOGIT; g <= MODEL_CLOGLOG; g++) {
        if (g == MODEL_POISSON)
            continue;
        r.s.family = g;
        r.x[4] = dummy;
        r.s.w = NULL;
        check_ok(&r.cx, model_fit_make(&f, &r.cx, &r.s));
        assert_true(f.converged && f.dropped[4] && f.dropped_count == 1);
        assert_true(f.separated == 28 && f.n == r.s.n - 28 && strstr(f.why, "fpc1"));
        r.s.w = w;
        check_ok(&r.cx, model_fit_make(&rest, &r.cx, &r.s));
        assert_true(rest.n == f.n);
        check_near(f.b[1], rest.b[1], 1e-9);
        check_near(f.se[1], rest.se[1], 1e-9);
    }
    r.s = good;
    r.s.family = MODEL_LOGIT;
    r.s.y = r.poor; /* income below 5000 */
    r.x[4] = wide;
    refused(&r, "fpc1");
    for (size_t i = 0; i < r.s.n; i++)
        y[i] = wide[i] + other[i] > 1700;
    r.x[5] = other;
    r.s.y = y;
    struct model_fit none;
    assert_int_equal(model_fit_make(&none, &r.cx, &r.s), RC_INVALID);
    assert_true(strstr(r.cx.err.text, "fpc1") && strstr(r.cx.err.text, "fpc2"));
    check_close(&r.cx);
}

static void test_counts_separated(void **state)
{
    (void)state;
    /* A dummy whose rows all count zero has no Poisson coefficient: out with its rows. */
    struct model_room r;
    struct model_fit f;
    model_room_open(&r);
    double *dummy = copy(&r, r.one), *y = copy(&r, r.count);
    for (size_t i = 0; i < r.s.n; i++) {
        dummy[i] = i % 10 == 3;
        y[i] = dummy[i] != 0 ? 0 : y[i];
    }
    r.x[5] = dummy;
    r.s.y = y;
    r.s.family = MODEL_POISSON;
    check_ok(&r.cx, model_fit_make(&f, &r.cx, &r.s));
    assert_true(f.converged && f.dropped[5] && f.separated == 30 && strstr(f.why, "fpc2"));
    check_close(&r.cx);
}

static void test_leverage(void **state)
{
    (void)state;
    /* A column of one row only: HC2 and HC3 have no value and say so; HC1 has. */
    struct model_room r;
    struct model_fit f;
    model_room_open(&r);
    double *lone = copy(&r, r.one);
    for (size_t i = 0; i < r.s.n; i++)
        lone[i] = i == 12;
    r.x[5] = lone;
    r.s.errors = ERRORS_HC3;
    refused(&r, "HC1");
    r.s.errors = ERRORS_HC1;
    check_ok(&r.cx, model_fit_make(&f, &r.cx, &r.s));
    check_close(&r.cx);
}

static void test_memory(void **state)
{
    (void)state;
    /* With any cap on memory a fit works or says that there is too little. */
    struct model_room r;
    model_room_open(&r);
    for (size_t cap = 20000; cap < 3000000; cap = cap * 5 / 4) {
        for (enum model_family g = MODEL_OLS; g <= MODEL_QUANTILE; g++) {
            struct cx cx;
            struct model_fit f;
            cx_init(&cx, arena_open(cap));
            r.s.family = g;
            r.s.tau = 0.4;
            r.s.y = g == MODEL_OLS || g == MODEL_QUANTILE ? r.unique
                    : g == MODEL_POISSON                  ? r.count
                                                          : r.poor;
            r.s.errors = g % 2 ? ERRORS_CLUSTER : ERRORS_IID;
            enum rc rc = model_fit_make(&f, &cx, &r.s);
            assert_true(rc == RC_OK || (rc == RC_LIMIT && cx.err.text[0]));
            arena_free(cx.arena);
        }
    }
    check_close(&r.cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_margins),          cmocka_unit_test(test_wild),
        cmocka_unit_test(test_wild_draws),       cmocka_unit_test(test_refused),
        cmocka_unit_test(test_collinear),        cmocka_unit_test(test_separation),
        cmocka_unit_test(test_counts_separated), cmocka_unit_test(test_leverage),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
