/* Tests of regression models: against R, by invariance, and at the edges. */
#include "stats/model_fixture.h"

#include "stats/matrix.h"

static const char *tag(struct model_room *r, const char *family, const char *what)
{
    return arena_printf(r->cx.arena, "%s_%s", family, what);
}

/* Coefficients to 1e-9, all errors to 1e-6 of R's lm, glm and sandwich. */
static void check_family(struct model_room *r, const char *name)
{
    static const char *const errors[] = {"iid", "hc0", "hc1", "hc2", "hc3", "cluster"};
    for (enum model_errors e = ERRORS_IID; e <= ERRORS_CLUSTER; e++) {
        struct model_fit f;
        r->s.errors = e;
        check_ok(&r->cx, model_fit_make(&f, &r->cx, &r->s));
        assert_true(f.converged && !f.why && f.n == r->s.n && !f.left_out);
        model_near(r, f.b, tag(r, name, "b"), MODEL_K, 1e-9);
        model_near(r, f.se, tag(r, name, errors[e]), MODEL_K, 1e-9);
    }
}

static void test_least_squares(void **state)
{
    (void)state;
    /* Plain and weighted least squares with every kind of error, R², sigma, likelihood,
     * covariance and a prediction are those of R's lm, sandwich and predict. */
    struct model_room r;
    struct model_fit f;
    double at, se;
    const double point[MODEL_K] = {1, 1, 0, 1, 33, 5};
    const double *columns[MODEL_K];
    for (size_t j = 0; j < MODEL_K; j++)
        columns[j] = &point[j];
    model_room_open(&r);
    check_family(&r, "ols");
    r.s.errors = ERRORS_IID;
    check_ok(&r.cx, model_fit_make(&f, &r.cx, &r.s));
    check_near(f.r2, model_reference(&r, "ols_r2"), 1e-9);
    check_near(f.r2_adjusted, model_reference(&r, "ols_r2a"), 1e-9);
    check_near(f.sigma, model_reference(&r, "ols_sigma"), 1e-9);
    check_near(f.log_likelihood, model_reference(&r, "ols_ll"), 1e-12);
    check_near(f.vcov[1], model_reference(&r, "ols_cov12"), 1e-9);
    check_ok(&r.cx, model_predict(&at, &se, &r.cx, &f, columns, 1));
    check_near(at, model_reference(&r, "ols_at"), 1e-9);
    check_near(se, model_reference(&r, "ols_at_se"), 1e-9);
    assert_true(f.df == 294);
    r.s.w = r.rows.x.w;
    check_family(&r, "wls");
    check_ok(&r.cx, model_fit_make(&f, &r.cx, &r.s));
    check_near(f.log_likelihood, model_reference(&r, "wls_ll"), 1e-12);
    check_near(f.r2, model_reference(&r, "wls_r2"), 1e-9);
    assert_true(f.df == (double)f.clusters - 1 && f.clusters > 20);
    check_close(&r.cx);
}

static void test_no_constant(void **state)
{
    (void)state;
    /* Without a constant nothing is centred, and R² is of the squares themselves, as in R. */
    struct model_room r;
    struct model_fit f;
    model_room_open(&r);
    r.s.x += 4;
    r.s.names += 4;
    r.s.k = 2;
    check_ok(&r.cx, model_fit_make(&f, &r.cx, &r.s));
    model_near(&r, f.b, "none_b", 2, 1e-9);
    model_near(&r, f.se, "none_iid", 2, 1e-9);
    check_near(f.r2, model_reference(&r, "none_r2"), 1e-9);
    check_close(&r.cx);
}

static void test_survey(void **state)
{
    (void)state;
    /* Linearised errors of a design, of all rows and of a domain that keeps the full design,
     * are those of R's svyglm, for squares and for the logit's kin. */
    static const char *const name[] = {"logit", "probit", "poisson", "cloglog"};
    struct model_room r;
    struct model_fit f;
    struct design d;
    model_room_open(&r);
    struct design_columns c = {.n = r.s.n,
                               .strata = r.rows.stratum,
                               .stages = 1,
                               .cluster = {r.rows.psu},
                               .w = r.rows.x.w};
    check_ok(&r.cx, design_make(&d, &r.cx, &c));
    r.s.w = r.rows.x.w;
    r.s.design = &d;
    r.s.errors = ERRORS_SURVEY;
    check_ok(&r.cx, model_fit_make(&f, &r.cx, &r.s));
    model_near(&r, f.b, "svy_b", MODEL_K, 1e-9);
    model_near(&r, f.se, "svy_se", MODEL_K, 1e-8);
    assert_true(f.df == fixture_reference(&r.rows.reference, "df_psu"));
    r.s.y = r.poor;
    for (enum model_family g = MODEL_LOGIT; g <= MODEL_CLOGLOG; g++) {
        if (g == MODEL_POISSON)
            continue;
        r.s.family = g;
        check_ok(&r.cx, model_fit_make(&f, &r.cx, &r.s));
        model_near(&r, f.b, tag(&r, name[g - MODEL_LOGIT], "w_b"), MODEL_K, 1e-9);
        model_near(&r, f.se, tag(&r, name[g - MODEL_LOGIT], "svy_se"), MODEL_K, 1e-8);
    }
    const struct str *region = fixture_cells(&r.rows.file, "region");
    double *w = arena_array(r.cx.arena, r.s.n, sizeof *w);
    for (size_t i = 0; i < r.s.n; i++)
        w[i] = str_eq_z(region[i], "a") ? r.rows.x.w[i] : 0;
    r.s.w = w;
    r.s.y = r.rows.x.y;
    r.s.family = MODEL_OLS;
    check_ok(&r.cx, model_fit_make(&f, &r.cx, &r.s));
    model_near(&r, f.b, "dom_b", MODEL_K, 1e-9);
    model_near(&r, f.se, "dom_se", MODEL_K, 1e-8);
    assert_true(f.n < r.s.n && !f.left_out && f.df == model_reference(&r, "dom_df"));
    check_close(&r.cx);
}

static void test_families(void **state)
{
    (void)state;
    /* Logit, probit, cloglog and Poisson: coefficients, errors, likelihoods and deviances are
     * those of R's glm and sandwich. */
    static const char *const name[] = {"logit", "probit", "poisson", "cloglog"};
    struct model_room r;
    struct model_fit f;
    model_room_open(&r);
    for (enum model_family g = MODEL_LOGIT; g <= MODEL_CLOGLOG; g++) {
        const char *family = name[g - MODEL_LOGIT];
        r.s.family = g;
        r.s.y = g == MODEL_POISSON ? r.count : r.poor;
        check_family(&r, family);
        check_ok(&r.cx, model_fit_make(&f, &r.cx, &r.s));
        check_near(f.log_likelihood, model_reference(&r, tag(&r, family, "ll")), 1e-12);
        check_near(f.objective, model_reference(&r, tag(&r, family, "dev")), 1e-10);
        assert_true(isinf(f.df) && f.iterations < 30);
        if (g != MODEL_POISSON)
            check_near(f.log_likelihood_0, model_reference(&r, tag(&r, family, "ll0")), 1e-12);
    }
    check_close(&r.cx);
}

static void test_offset(void **state)
{
    (void)state;
    /* A Poisson rate with an exposure: as R's offset(), the empty model's likelihood too. */
    struct model_room r;
    struct model_fit f;
    model_room_open(&r);
    double *exposure = arena_array(r.cx.arena, r.s.n, sizeof *exposure);
    for (size_t i = 0; i < r.s.n; i++)
        exposure[i] = log(r.rows.x.w[i]);
    r.s.family = MODEL_POISSON;
    r.s.y = r.count;
    r.s.k = 3;
    r.s.offset = exposure;
    check_ok(&r.cx, model_fit_make(&f, &r.cx, &r.s));
    model_near(&r, f.b, "offset_b", 3, 1e-9);
    model_near(&r, f.se, "offset_iid", 3, 1e-9);
    check_near(f.log_likelihood_0, model_reference(&r, "offset_ll0"), 1e-10);
    check_close(&r.cx);
}

static void test_quantiles(void **state)
{
    (void)state;
    /* Quantile regressions at 0.111, 0.317, 0.513, 0.893 and a weighted one: coefficients,
     * objective, sparsity and kernel errors are those of quantreg (br, iid, ker). */
    struct model_room r;
    struct model_fit f;
    model_room_open(&r);
    r.s.family = MODEL_QUANTILE;
    r.s.y = r.unique;
    for (int i = 0; i < 4; i++) {
        const int thousandths = (const int[]){111, 317, 513, 893}[i];
        const char *name = arena_printf(r.cx.arena, "rq%d", thousandths);
        r.s.tau = thousandths / 1000.0;
        r.s.errors = ERRORS_IID;
        check_ok(&r.cx, model_fit_make(&f, &r.cx, &r.s));
        if (!f.converged || f.iterations > 20)
            fail_msg("%s: %d steps from the interior point", name, f.iterations);
        check_near(f.objective, model_reference(&r, tag(&r, name, "v")), 1e-11);
        model_near(&r, f.b, tag(&r, name, "b"), MODEL_K, 1e-9);
        model_near(&r, f.se, tag(&r, name, "iid"), MODEL_K, 1e-8);
        r.s.errors = ERRORS_HC0;
        check_ok(&r.cx, model_fit_make(&f, &r.cx, &r.s));
        model_near(&r, f.se, tag(&r, name, "ker"), MODEL_K, 1e-8);
    }
    r.s.tau = 0.3;
    r.s.w = r.rows.x.w;
    r.s.errors = ERRORS_CLUSTER;
    check_ok(&r.cx, model_fit_make(&f, &r.cx, &r.s));
    model_near(&r, f.b, "rqw_b", MODEL_K, 1e-9);
    assert_true(f.se[1] > 0 && f.df == (double)f.clusters - 1);
    check_close(&r.cx);
}

/* ---- properties ---- */

static void test_same_bits(void **state)
{
    (void)state;
    /* 1, 2, 3 and 4 threads give the same bits: squares with clusters, a logit, HC3; with
     * every kernel the machine has. 30,000 made-up rows, some with a missing value. */
    enum { N = 30000, K = 19 };
    struct cx cx;
    check_open(&cx);
    double *x[K], *y = arena_array(cx.arena, N, sizeof *y);
    uint32_t *cluster = arena_array(cx.arena, N, sizeof *cluster);
    uint64_t random = 7;
    for (size_t j = 0; j < K; j++) {
        x[j] = arena_array(cx.arena, N, sizeof **x);
        for (size_t i = 0; i < N; i++)
            x[j][i] = j ? (double)check_int(&random, -1000, 1000) / 300 : 1;
    }
    for (size_t i = 0; i < N; i++) {
        y[i] = x[1][i] + x[2][i] + (double)check_int(&random, -900, 900) / 200 > 0.5;
        cluster[i] = (uint32_t)check_int(&random, 0, 99);
    }
    x[3][77] = y[20001] = NAN;
    for (int level = 0; level < 3; level++)
        for (int kind = 0; kind < 3; kind++) {
            struct model_fit first = {0}, f;
            matrix_use(level);
            for (int threads = 1; threads <= 4; threads++) {
                struct model_spec s = {.family = kind == 1 ? MODEL_LOGIT : MODEL_OLS,
                                       .n = N,
                                       .k = K,
                                       .y = y,
                                       .x = (const double *const *)x,
                                       .errors = kind == 2 ? ERRORS_HC3 : ERRORS_CLUSTER,
                                       .cluster = cluster,
                                       .cluster_count = 100,
                                       .threads = threads};
                check_ok(&cx, model_fit_make(&f, &cx, &s));
                assert_true(f.n == N - 2 && f.left_out == 2 && f.converged);
                if (threads == 1)
                    first = f;
                assert_memory_equal(first.b, f.b, K * sizeof *f.b);
                assert_memory_equal(first.vcov, f.vcov, K * K * sizeof *f.vcov);
                assert_true(first.log_likelihood == f.log_likelihood);
            }
        }
    matrix_use(2);
    check_close(&cx);
}

static void test_kernels(void **state)
{
    (void)state;
    /* Cross-products of plain C, AVX2 and AVX-512 are those of a plain double loop, for any
     * number of columns and rows. */
    for_each_seed (seed, 40) {
        struct cx cx;
        uint64_t random = seed;
        check_open(&cx);
        size_t k = (size_t)check_int(&random, 1, 37), n = (size_t)check_int(&random, 0, 700);
        const double **x = arena_array(cx.arena, k, sizeof *x);
        double *w = arena_array(cx.arena, n + 1, sizeof *w),
               *y = arena_array(cx.arena, n + 1, 8);
        double *xx = arena_array(cx.arena, k * k, 8), *xy = arena_array(cx.arena, k, 8);
        for (size_t j = 0; j < k; j++) {
            double *column = arena_array(cx.arena, n + 1, sizeof *column);
            for (size_t i = 0; i < n; i++)
                column[i] = (double)check_int(&random, -99, 99);
            x[j] = column;
        }
        for (size_t i = 0; i < n; i++) {
            w[i] = (double)check_int(&random, 0, 9);
            y[i] = (double)check_int(&random, -99, 99);
        }
        for (int level = 0; level < 3; level++) {
            matrix_use(level);
            struct matrix_table t = {.x = x, .k = k, .n = n, .threads = 2};
            check_ok(&cx, matrix_cross(xx, xy, &cx, &t, w, y));
            for (size_t a = 0; a < k; a++) {
                double score = 0;
                for (size_t i = 0; i < n; i++)
                    score += x[a][i] * w[i] * y[i];
                assert_true(xy[a] == score); /* whole numbers: exact */
                for (size_t b = 0; b < k; b++) {
                    double sum = 0;
                    for (size_t i = 0; i < n; i++)
                        sum += x[a][i] * w[i] * x[b][i];
                    assert_true(xx[a * k + b] == sum);
                }
            }
        }
        check_close(&cx);
    }
    matrix_use(2);
}

static void test_hard_columns(void **state)
{
    (void)state;
    /* Years and their squares beside a constant, in large and small units: the fit of an exact
     * polynomial is exact, where normal equations of the raw columns lose every digit. */
    enum { N = 40 };
    struct cx cx;
    struct model_fit f;
    double one[N], year[N], square[N], tiny[N], y[N];
    const double *x[] = {one, year, square, tiny};
    check_open(&cx);
    for (size_t i = 0; i < N; i++) {
        one[i] = 2;
        year[i] = 1985 + (double)i;
        square[i] = year[i] * year[i];
        tiny[i] = (double)(i * i * i % 17) * 1e-120;
        y[i] = 1e100 * (3 - 5 * year[i] + 0.25 * square[i] + 1e120 * tiny[i]);
    }
    struct model_spec s = {.n = N, .k = 4, .y = y, .x = x};
    check_ok(&cx, model_fit_make(&f, &cx, &s));
    assert_true(f.dropped_count == 0);
    check_near(f.b[2], 0.25e100, 1e-8);
    check_near(f.b[1], -5e100, 1e-6);
    check_near(f.b[3], 1e220, 1e-8);
    check_close(&cx);
}

/* ---- shared data: the [run] numbers of domain/statistics.md ---- */

static void test_vietnam(void **state)
{
    (void)state;
    /* The proxy means test of VietNamH: R² 0.4372204 with 7 predictors. */
    struct cx cx;
    struct fixture v;
    struct model_fit f;
    check_open(&cx);
    if (!fixture_shared(&v, &cx, "vietnam-vlss/VietNamH.csv"))
        skip();
    double *age = fixture_numbers(&cx, &v, "age"), *educ = fixture_numbers(&cx, &v, "educyr");
    double *size = fixture_numbers(&cx, &v, "hhsize"),
           *total = fixture_numbers(&cx, &v, "lntotal");
    const struct str *sex = fixture_cells(&v, "sex"), *farm = fixture_cells(&v, "farm"),
                     *urban = fixture_cells(&v, "urban");
    double *x[8], *y = arena_array(cx.arena, v.rows, sizeof *y);
    for (size_t j = 0; j < 8; j++)
        x[j] = arena_array(cx.arena, v.rows, sizeof **x);
    for (size_t i = 0; i < v.rows; i++) {
        const double row[] = {1,
                              str_eq_z(sex[i], "male"),
                              age[i],
                              age[i] * age[i],
                              educ[i],
                              str_eq_z(farm[i], "yes"),
                              str_eq_z(urban[i], "yes"),
                              log(size[i])};
        for (size_t j = 0; j < 8; j++)
            x[j][i] = row[j];
        y[i] = total[i] - log(size[i]);
    }
    struct model_spec s = {.n = v.rows, .k = 8, .y = y, .x = (const double *const *)x};
    check_ok(&cx, model_fit_make(&f, &cx, &s));
    assert_true(fabs(f.r2 - 0.4372204) < 5e-8);
    check_close(&cx);
}

static void test_lalonde(void **state)
{
    (void)state;
    /* The training programme: naive -635.0262, with covariates 1548.2438. */
    static const char *const plain[] = {"treat",    "age",  "educ", "married",
                                        "nodegree", "re74", "re75"};
    struct cx cx;
    struct fixture l;
    struct model_fit f;
    check_open(&cx);
    if (!fixture_shared(&l, &cx, "effects-lalonde/lalonde.csv"))
        skip();
    double *one = arena_array(cx.arena, l.rows, sizeof *one);
    double *hispan = arena_array(cx.arena, l.rows, sizeof *one);
    double *white = arena_array(cx.arena, l.rows, sizeof *one);
    const struct str *race = fixture_cells(&l, "race");
    for (size_t i = 0; i < l.rows; i++) {
        one[i] = 1;
        hispan[i] = str_eq_z(race[i], "hispan");
        white[i] = str_eq_z(race[i], "white");
    }
    const double *x[10] = {one, NULL, hispan, white};
    for (size_t j = 0; j < 7; j++)
        x[j ? j + 3 : 1] = fixture_numbers(&cx, &l, plain[j]);
    struct model_spec s = {.n = l.rows, .k = 10, .y = fixture_numbers(&cx, &l, "re78"), .x = x};
    check_ok(&cx, model_fit_make(&f, &cx, &s));
    assert_true(fabs(f.b[1] - 1548.2438) < 5e-5);
    s.k = 2;
    check_ok(&cx, model_fit_make(&f, &cx, &s));
    assert_true(fabs(f.b[1] + 635.0262) < 5e-5);
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_least_squares), cmocka_unit_test(test_no_constant),
        cmocka_unit_test(test_survey),        cmocka_unit_test(test_families),
        cmocka_unit_test(test_offset),        cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_same_bits),     cmocka_unit_test(test_kernels),
        cmocka_unit_test(test_hard_columns),  cmocka_unit_test(test_vietnam),
        cmocka_unit_test(test_lalonde),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
