/* Tests of survey designs: against R's survey, by invariance, and at the edges. */
#include "stats/design.h"

#include "stats/design_fixture.h"

struct room {
    struct cx cx;
    struct survey_rows rows;
    struct sample all;
    double *u;
};

static void open_room(struct room *r)
{
    check_open(&r->cx);
    survey_rows_read(&r->rows, &r->cx);
    check_ok(&r->cx, sample_make(&r->all, &r->cx, &r->rows.x, NULL, r->rows.x.n));
    r->u = arena_array(r->cx.arena, r->rows.x.n, sizeof *r->u);
}

/* All columns of the design; a test takes away what it does not want. */
static struct design_columns columns(const struct room *r)
{
    return (struct design_columns){.n = r->rows.x.n,
                                   .strata = r->rows.stratum,
                                   .stages = 1,
                                   .cluster = {r->rows.psu, r->rows.ssu},
                                   .w = r->rows.x.w};
}

static double se_mean(struct room *r, const struct design_columns *c)
{
    struct surveyed s;
    surveyed_make(&s, &r->cx, c);
    influence_mean(r->u, &r->all);
    return se_of(&s, &r->all, r->u);
}

static double reference(const struct room *r, const char *measure)
{
    return fixture_reference(&r->rows.reference, measure);
}

static void test_designs(void **state)
{
    (void)state;
    /* Rows, strata, clusters, finite populations and two stages: the standard error of a mean
     * is that of R's survey for each design, to 9 digits. */
    struct room r;
    open_room(&r);
    struct design_columns c = columns(&r), rows = c;
    check_near(se_mean(&r, &c), reference(&r, "se_psu"), 1e-9);
    rows.stages = 0;
    check_near(se_mean(&r, &rows), reference(&r, "se_rows_strata"), 1e-9);
    rows.strata = NULL;
    check_near(se_mean(&r, &rows), reference(&r, "se_srs"), 1e-9);
    c.stages = 2;
    check_near(se_mean(&r, &c), reference(&r, "se_psu"), 1e-9); /* ultimate clusters */
    c.fpc[0] = r.rows.fpc1;
    c.fpc[1] = r.rows.fpc2;
    c.lonely = LONELY_CERTAINTY; /* some clusters have one unit of the second stage */
    c.stages = 1;
    check_near(se_mean(&r, &c), reference(&r, "se_fpc1"), 1e-9);
    check_close(&r.cx);
}

static void test_two_stages(void **state)
{
    (void)state;
    /* Finite populations at both stages: as R's survey, and between the ultimate clusters'
     * error without and with the first finite population. */
    struct room r;
    open_room(&r);
    struct design_columns c = columns(&r);
    c.stages = 2;
    c.fpc[0] = r.rows.fpc1;
    c.fpc[1] = r.rows.fpc2;
    double se = se_mean(&r, &c);
    check_near(se, reference(&r, "se_two_stages"), 1e-9);
    assert_true(se > reference(&r, "se_fpc1") && se < reference(&r, "se_psu"));
    check_close(&r.cx);
}

static void test_total_ratio_deff(void **state)
{
    (void)state;
    /* A total, a ratio, the degrees of freedom and the design effect are those of R's survey.
     */
    struct room r;
    open_room(&r);
    struct design_columns c = columns(&r);
    struct surveyed s;
    double df = 0, *fpc2 = arena_array(r.cx.arena, r.all.ranked.n, sizeof *fpc2);
    surveyed_make(&s, &r.cx, &c);
    influence_total(r.u, &r.all, r.all.ranked.y);
    check_near(se_of(&s, &r.all, r.u), reference(&r, "se_total"), 1e-9);
    for (size_t i = 0; i < r.all.ranked.n; i++)
        fpc2[i] = r.rows.fpc2[r.all.row[i]];
    influence_ratio(r.u, &r.all, r.all.ranked.y, fpc2);
    check_near(se_of(&s, &r.all, r.u), reference(&r, "se_ratio"), 1e-9);
    influence_mean(r.u, &r.all);
    design_sums_add(&s.sums, r.all.row, r.all.ranked.w, r.u, r.all.ranked.n);
    double v = design_variance(&s.sums, &df);
    assert_true(df == reference(&r, "df_psu"));
    check_near(design_effect(v, r.all.ranked.w, r.u, r.all.ranked.n), reference(&r, "deff"),
               1e-9);
    check_close(&r.cx);
}

/* Rows of a region. */
static size_t rows_of(struct room *r, uint32_t *out, const char *region)
{
    const struct str *cells = fixture_cells(&r->rows.file, "region");
    size_t n = 0;
    for (uint32_t i = 0; i < r->rows.x.n; i++)
        if (str_eq_z(cells[i], region))
            out[n++] = i;
    return n;
}

static void test_domains(void **state)
{
    (void)state;
    /* The mean of a region keeps the full design, as R's subset(); it is not what a file of
     * the region's rows alone gives. The difference of two regions has their covariance. */
    struct room r;
    open_room(&r);
    struct design_columns c = columns(&r);
    struct surveyed s, scratch;
    struct design_sums a, b;
    struct sample part;
    double df = 0;
    uint32_t *rows = arena_array(r.cx.arena, r.rows.x.n, sizeof *rows);
    surveyed_make(&s, &r.cx, &c);
    surveyed_make(&scratch, &r.cx, &c);
    check_ok(&r.cx, design_sums_make(&a, &r.cx, &s.d));
    check_ok(&r.cx, design_sums_make(&b, &r.cx, &s.d));
    check_ok(&r.cx, sample_make(&part, &r.cx, &r.rows.x, rows, rows_of(&r, rows, "a")));
    influence_mean(r.u, &part);
    design_sums_add(&a, part.row, part.ranked.w, r.u, part.ranked.n);
    design_sums_add(&s.sums, part.row, part.ranked.w, r.u, part.ranked.n);
    double var_a = design_variance(&s.sums, &df);
    check_near(sqrt(var_a), reference(&r, "se_domain"), 1e-9);
    assert_true(df == reference(&r, "df_domain"));
    assert_true(fabs(sqrt(var_a) - reference(&r, "se_subset_wrong")) > 0.1);
    check_ok(&r.cx, sample_make(&part, &r.cx, &r.rows.x, rows, rows_of(&r, rows, "b")));
    influence_mean(r.u, &part);
    design_sums_add(&b, part.row, part.ranked.w, r.u, part.ranked.n);
    double cov = design_covariance(&s.sums, &a, &b), var_b;
    design_sums_merge(&s.sums, &b, 1);
    var_b = design_variance(&s.sums, NULL);
    check_near(sqrt(var_a + var_b - 2 * cov), reference(&r, "se_difference"), 1e-9);
    check_close(&r.cx);
}

static void test_lonely(void **state)
{
    (void)state;
    /* A stratum with one cluster: refused by name, or as R's survey does by the three rules. */
    struct room r;
    open_room(&r);
    struct design_columns c = columns(&r);
    struct design d;
    static const char *const labels[] = {"North", "2", "3", "4", "5"};
    uint32_t *psu = arena_array(r.cx.arena, c.n, sizeof *psu);
    for (size_t i = 0; i < c.n; i++)
        psu[i] = r.rows.stratum[i] ? r.rows.psu[i] : 0;
    c.cluster[0] = psu;
    c.strata_labels = labels;
    c.strata_name = "zone";
    assert_int_equal(design_make(&d, &r.cx, &c), RC_INVALID);
    assert_non_null(strstr(r.cx.err.text, "North"));
    assert_non_null(strstr(r.cx.err.text, "zone"));
    err_clear(&r.cx);
    c.lonely = LONELY_ADJUST;
    check_near(se_mean(&r, &c), reference(&r, "se_lonely_adjust"), 1e-9);
    c.lonely = LONELY_CERTAINTY;
    check_near(se_mean(&r, &c), reference(&r, "se_lonely_certainty"), 1e-9);
    c.lonely = LONELY_AVERAGE;
    check_near(se_mean(&r, &c), reference(&r, "se_lonely_average"), 1e-9);
    check_close(&r.cx);
}

/* Standard error of the mean by replicates. */
static double se_replicates(struct room *r, const struct replicates *p)
{
    double *w = arena_array(r->cx.arena, r->rows.x.n, sizeof *w);
    double *value = arena_array(r->cx.arena, p->count, sizeof *value);
    struct fgt_sums full = {0};
    fgt_add(&full, &r->rows.x, NULL, 1, false);
    for (size_t k = 0; k < p->count; k++) {
        struct welfare x = {r->rows.x.y, w, r->rows.x.n};
        struct fgt_sums s = {0};
        replicate_weights(w, p, k, r->rows.x.w);
        fgt_add(&s, &x, NULL, 1, false);
        value[k] = s.y / s.weight;
    }
    return sqrt(replicate_variance(p, value, full.y / full.weight));
}

static void test_replicates(void **state)
{
    (void)state;
    /* JKn and JK1 as R's survey; the same weights given as columns give the same; a bootstrap
     * is within a tenth of the linearised error, the same for the same seed only. */
    struct room r;
    open_room(&r);
    struct design_columns c = columns(&r);
    struct design d, simple;
    struct replicates p, given, boot;
    check_ok(&r.cx, design_make(&d, &r.cx, &c));
    check_ok(&r.cx, replicates_made(&p, &r.cx, &d, REPLICATE_JACKKNIFE, 0));
    check_near(se_replicates(&r, &p), reference(&r, "se_jkn"), 1e-9);
    c.strata = NULL;
    check_ok(&r.cx, design_make(&simple, &r.cx, &c));
    check_ok(&r.cx, replicates_made(&p, &r.cx, &simple, REPLICATE_JACKKNIFE, 0));
    check_near(se_replicates(&r, &p), reference(&r, "se_jk1"), 1e-9);
    const double **column = arena_array(r.cx.arena, p.count, sizeof *column);
    for (size_t k = 0; k < p.count; k++) {
        double *w = arena_array(r.cx.arena, c.n, sizeof *w);
        replicate_weights(w, &p, k, r.rows.x.w);
        column[k] = w;
    }
    check_ok(&r.cx, replicates_given(&given, &r.cx, REPLICATE_JACKKNIFE, column, p.count, c.n));
    check_near(se_replicates(&r, &given), reference(&r, "se_jk1"), 1e-9);
    check_ok(&r.cx, replicates_made(&boot, &r.cx, &d, REPLICATE_BOOTSTRAP, 1000));
    boot.seed = 7;
    double once = se_replicates(&r, &boot), again = se_replicates(&r, &boot);
    assert_true(once == again);
    check_near(once, reference(&r, "se_psu"), 0.1);
    boot.seed = 8;
    assert_true(se_replicates(&r, &boot) != once);
    check_close(&r.cx);
}

static void test_parts_in_any_order(void **state)
{
    (void)state;
    /* Rows added in blocks to several sums that are then merged, in a random order: the same
     * bits as all rows at once. */
    struct room r;
    open_room(&r);
    struct design_columns c = columns(&r);
    struct surveyed whole, part;
    struct design_sums other;
    surveyed_make(&whole, &r.cx, &c);
    surveyed_make(&part, &r.cx, &c);
    check_ok(&r.cx, design_sums_make(&other, &r.cx, &part.d));
    influence_gini(r.u, &r.all, 0.4, false);
    double want = se_of(&whole, &r.all, r.u);
    for_each_seed (seed, 50) {
        uint64_t random = seed;
        size_t n = r.all.ranked.n, cut = (size_t)check_int(&random, 0, (int64_t)n);
        design_sums_add(&part.sums, r.all.row + cut, r.all.ranked.w + cut, r.u + cut, n - cut);
        design_sums_add(&other, r.all.row, r.all.ranked.w, r.u, cut);
        design_sums_merge(&part.sums, &other, 1);
        design_sums_clear(&other);
        check_near(sqrt(design_variance(&part.sums, NULL)), want, 4e-16);
    }
    check_close(&r.cx);
}

static void test_shift(void **state)
{
    (void)state;
    /* A region's mean moved by everybody's: the quick variance is that of the merged sums, with
     * one stage and two, and by each rule for lonely strata. */
    struct room r;
    open_room(&r);
    uint32_t *rows = arena_array(r.cx.arena, r.rows.x.n, sizeof *rows);
    uint32_t *psu = arena_array(r.cx.arena, r.rows.x.n, sizeof *psu);
    double *half = arena_array(r.cx.arena, r.rows.x.n, sizeof *half);
    struct sample part;
    check_ok(&r.cx, sample_make(&part, &r.cx, &r.rows.x, rows, rows_of(&r, rows, "a")));
    for (size_t i = 0; i < r.rows.x.n; i++) {
        psu[i] = r.rows.stratum[i] ? r.rows.psu[i] : 0;
        half[i] = 0.5;
    }
    for (int rule = 1; rule < 7; rule++) {
        struct design_columns c = columns(&r);
        struct surveyed a;
        struct design_sums line;
        struct design_shift shift;
        c.lonely = (enum design_lonely)(rule % 3 + 1);
        c.cluster[0] = psu;
        c.stages = rule > 3 ? 2 : 1;
        c.fpc[0] = r.rows.fpc1;
        c.fpc[1] = rule > 3 ? half : NULL;
        surveyed_make(&a, &r.cx, &c);
        check_ok(&r.cx, design_sums_make(&line, &r.cx, &a.d));
        influence_mean(r.u, &r.all);
        design_sums_add(&line, r.all.row, r.all.ranked.w, r.u, r.all.ranked.n);
        check_ok(&r.cx, design_shift_make(&shift, &r.cx, &a.sums, &line));
        influence_mean(r.u, &part);
        design_sums_add(&a.sums, part.row, part.ranked.w, r.u, part.ranked.n);
        double quick = design_variance_shifted(&a.sums, &shift, -0.7);
        design_sums_add(&a.sums, part.row, part.ranked.w, r.u, part.ranked.n);
        design_sums_merge(&a.sums, &line, -0.7);
        check_near(quick, design_variance(&a.sums, NULL), 1e-12);
    }
    check_close(&r.cx);
}

static void test_bad_designs(void **state)
{
    (void)state;
    /* One cluster, one cluster in every stratum, no rows with a weight, finite populations
     * that are wrong: a sentence each. */
    struct room r;
    open_room(&r);
    struct design_columns c = columns(&r), bad = c;
    struct design d;
    uint32_t *one = arena_array(r.cx.arena, c.n, sizeof *one);
    double *x = arena_array(r.cx.arena, c.n, sizeof *x);
    bad.strata = NULL;
    bad.cluster[0] = one;
    bad.cluster_name = "village";
    assert_int_equal(design_make(&d, &r.cx, &bad), RC_INVALID);
    assert_non_null(strstr(r.cx.err.text, "village"));
    err_clear(&r.cx);
    bad.strata = r.rows.stratum;
    bad.lonely = LONELY_ADJUST;
    check_refused(&r.cx, design_make(&d, &r.cx, &bad), RC_INVALID);
    bad = c;
    bad.w = x;
    for (size_t i = 0; i < c.n; i++)
        x[i] = NAN;
    check_refused(&r.cx, design_make(&d, &r.cx, &bad), RC_INVALID);
    bad.w = c.w;
    bad.fpc[0] = x;
    check_refused(&r.cx, design_make(&d, &r.cx, &bad), RC_INVALID); /* not a number */
    for (size_t i = 0; i < c.n; i++)
        x[i] = 2;
    check_refused(&r.cx, design_make(&d, &r.cx, &bad), RC_INVALID); /* fewer than drawn */
    for (size_t i = 0; i < c.n; i++)
        x[i] = 100 + (double)(i % 2);
    check_refused(&r.cx, design_make(&d, &r.cx, &bad), RC_INVALID); /* differs */
    check_close(&r.cx);
}

static void test_student(void **state)
{
    (void)state;
    /* Quantiles of Student's distribution to 12 digits. Source: R 4.2.2, qt() and qnorm(). */
    static const struct {
        double p, df, t;
    } rows[] = {{0.975, 1, 12.7062047361747},    {0.975, 2, 4.30265272974946},
                {0.975, 25, 2.0595385527533},    {0.975, 250, 1.96949839342115},
                {0.975, 5991, 1.96036003568755}, {0.995, 3, 5.84090930973336},
                {0.025, 10, -2.22813885198627},  {0.975, INFINITY, 1.95996398454005},
                {0.6, 7.5, 0.262501898804295}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_near(student_quantile(rows[i].p, rows[i].df), rows[i].t, 1e-12);
}

static void test_intervals(void **state)
{
    (void)state;
    /* A proportion's interval is on the logit scale, stays in 0..1 and needs degrees of
     * freedom; nobody poor says nothing about the error; each gap has its sentence. */
    struct cx cx;
    check_open(&cx);
    struct estimate e = {.value = 0.01, .se = NAN}, none = {.value = 0, .se = NAN}, lone = e,
                    mean = {.value = 5, .se = NAN}, flat = mean;
    estimate_error(&e, &cx, 1e-4, 25, true);
    assert_true(e.se == 0.01 && e.df == 25 && e.low > 0 && e.low < 0.01 && e.high > 0.03);
    check_near(log(e.high / (1 - e.high)) + log(e.low / (1 - e.low)), 2 * log(0.01 / 0.99),
               1e-12);
    estimate_error(&none, &cx, 0, 25, true);
    assert_true(isnan(none.se) && none.se_refused && none.df == 0);
    estimate_error(&lone, &cx, 1e-4, 0, true);
    assert_true(lone.se == 0.01 && lone.se_refused && lone.df == 0);
    estimate_error(&flat, &cx, 0, 25, false);
    assert_true(flat.se == 0 && flat.df == 0 && flat.se_refused);
    estimate_error(&mean, &cx, 4, INFINITY, false);
    check_near(mean.high, 5 + 2 * 1.95996398454005, 1e-12);
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_designs),
        cmocka_unit_test(test_two_stages),
        cmocka_unit_test(test_total_ratio_deff),
        cmocka_unit_test(test_domains),
        cmocka_unit_test(test_lonely),
        cmocka_unit_test(test_replicates),
        cmocka_unit_test(test_parts_in_any_order),
        cmocka_unit_test(test_bad_designs),
        cmocka_unit_test(test_shift),
        cmocka_unit_test(test_student),
        cmocka_unit_test(test_intervals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
