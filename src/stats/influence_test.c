/* Tests of influence values: standard errors of every figure against R, and against the
 * numbers of shared/domain/statistics.md a and b on the shared data. */
#include "stats/influence.h"

#include "stats/design_fixture.h"

struct room {
    struct cx cx;
    struct survey_rows rows;
    struct sample all;
    struct surveyed design;
    double *u, *line_u;
};

static void open_room(struct room *r)
{
    check_open(&r->cx);
    survey_rows_read(&r->rows, &r->cx);
    struct design_columns c = {.n = r->rows.x.n,
                               .strata = r->rows.stratum,
                               .stages = 1,
                               .cluster = {r->rows.psu},
                               .w = r->rows.x.w};
    surveyed_make(&r->design, &r->cx, &c);
    check_ok(&r->cx, sample_make(&r->all, &r->cx, &r->rows.x, NULL, r->rows.x.n));
    r->u = arena_array(r->cx.arena, r->rows.x.n, sizeof *r->u);
    r->line_u = arena_array(r->cx.arena, r->rows.x.n, sizeof *r->line_u);
}

/* Fails unless the influence in r->u has the reference's standard error. */
static void check_se(struct room *r, const char *measure, double relative)
{
    double se = se_of(&r->design, &r->all, r->u);
    print_message("%s\n", measure);
    check_near(se, fixture_reference(&r->rows.reference, measure), relative);
}

static void test_poverty(void **state)
{
    (void)state;
    /* FGT, Watts and SST at a fixed line: as R's survey with numerical derivatives. */
    struct room r;
    open_room(&r);
    influence_fgt(r.u, &r.all, 4000, false, 0);
    check_se(&r, "se_fgt0", 1e-8);
    influence_fgt(r.u, &r.all, 4000, false, 1);
    check_se(&r, "se_fgt1", 1e-8);
    influence_fgt(r.u, &r.all, 4000, false, 2);
    check_se(&r, "se_fgt2", 1e-8);
    influence_watts(r.u, &r.all, 4000, false);
    check_se(&r, "se_watts", 1e-8);
    check_ok(&r.cx, influence_sst(r.u, &r.cx, &r.all, 4000));
    check_se(&r, "se_sst", 1e-8);
    check_close(&r.cx);
}

static void test_inequality(void **state)
{
    (void)state;
    /* Gini in both forms, entropy, Atkinson, S80/S20, the Lorenz curve and quantiles. */
    static const double order[] = {0, 1, 2}, epsilon[] = {0.5, 1, 2};
    static const char *const ge[] = {"se_ge0", "se_ge1", "se_ge2"}, *const atkinson[] = {
                                                                        "se_atkinson05",
                                                                        "se_atkinson1",
                                                                        "se_atkinson2"};
    struct room r;
    open_room(&r);
    influence_gini(r.u, &r.all, ranked_gini(&r.cx, &r.all.ranked, false).value, false);
    check_se(&r, "se_gini", 1e-8);
    influence_gini(r.u, &r.all, ranked_gini(&r.cx, &r.all.ranked, true).value, true);
    check_near(se_of(&r.design, &r.all, r.u),
               fixture_reference(&r.rows.reference, "se_gini_convey_form"), 0.02);
    for (size_t i = 0; i < 3; i++) {
        influence_ge(r.u, &r.all, order[i]);
        check_se(&r, ge[i], 1e-8);
        influence_atkinson(r.u, &r.all, epsilon[i]);
        check_se(&r, atkinson[i], 1e-8);
    }
    influence_s80s20(r.u, &r.all);
    check_se(&r, "se_s80s20", 1e-9);
    for (int p = 1; p < 10; p++) {
        influence_share(r.u, &r.all, 0, p / 10.0);
        check_se(&r, arena_printf(r.cx.arena, "se_lorenz%d", p), 1e-6);
    }
    for (int p = 10; p <= 90; p += 40) {
        double q = ranked_quantile(&r.all.ranked, p / 100.0, QUANTILE_INVERSE);
        influence_quantile(r.u, &r.all, p / 100.0, q);
        check_se(&r, arena_printf(r.cx.arena, "se_q%d", p), 1e-9);
    }
    check_close(&r.cx);
}

/* Figures at a line of everybody's, each with the line's part. */
static void check_relative(struct room *r, const struct line_spec *spec, const char *tag)
{
    double line = 0;
    size_t n = r->all.ranked.n;
    check_ok(&r->cx, line_value(&line, &r->cx, spec, &r->all.ranked, QUANTILE_INVERSE));
    influence_line(r->line_u, &r->all, spec, QUANTILE_INVERSE);
    for (int figure = 0; figure < 5; figure++) {
        static const char *const names[] = {"fgt0", "fgt1", "fgt2", "watts", "sst"};
        double slope = 0;
        if (figure < 3) {
            influence_fgt(r->u, &r->all, line, false, figure);
            slope = slope_fgt(&r->all, line, false, figure, r->all.bandwidth);
        } else if (figure == 3) {
            influence_watts(r->u, &r->all, line, false);
            slope = slope_watts(&r->all, line, false);
        } else {
            check_ok(&r->cx, influence_sst(r->u, &r->cx, &r->all, line));
            slope = slope_sst(&r->cx, &r->all, line, false);
        }
        for (size_t i = 0; i < n; i++)
            r->u[i] += slope * r->line_u[i];
        check_se(r, arena_printf(r->cx.arena, "se_%s_%s", names[figure], tag), 1e-6);
    }
}

static void test_relative_lines(void **state)
{
    (void)state;
    /* Lines of the median and of the mean are estimated too: their part is in the error. */
    struct room r;
    open_room(&r);
    check_relative(&r, &(struct line_spec){.kind = LINE_OF_MEDIAN, .value = 0.6}, "median");
    check_relative(&r, &(struct line_spec){.kind = LINE_OF_MEAN, .value = 0.5}, "mean");
    influence_line(r.u, &r.all, &(struct line_spec){.kind = LINE_OF_MEDIAN, .value = 0.6},
                   QUANTILE_INVERSE);
    check_se(&r, "se_line_median", 1e-9);
    check_close(&r.cx);
}

static void test_domain_with_national_line(void **state)
{
    (void)state;
    /* A region's headcount at the line of everybody: its own rows, and all rows through the
     * line, under the full design. */
    struct room r;
    open_room(&r);
    const struct str *region = fixture_cells(&r.rows.file, "region");
    uint32_t *rows = arena_array(r.cx.arena, r.rows.x.n, sizeof *rows);
    size_t n = 0;
    for (uint32_t i = 0; i < r.rows.x.n; i++)
        if (str_eq_z(region[i], "a"))
            rows[n++] = i;
    struct sample part;
    struct line_spec spec = {.kind = LINE_OF_MEDIAN, .value = 0.6};
    double line = 0;
    check_ok(&r.cx, sample_make(&part, &r.cx, &r.rows.x, rows, n));
    check_ok(&r.cx, line_value(&line, &r.cx, &spec, &r.all.ranked, QUANTILE_INVERSE));
    influence_line(r.line_u, &r.all, &spec, QUANTILE_INVERSE);
    double slope = slope_fgt(&part, line, false, 0, r.all.bandwidth);
    for (size_t i = 0; i < r.all.ranked.n; i++)
        r.line_u[i] *= slope;
    influence_fgt(r.u, &part, line, false, 0);
    design_sums_add(&r.design.sums, part.row, part.ranked.w, r.u, part.ranked.n);
    check_near(se_of(&r.design, &r.all, r.line_u),
               fixture_reference(&r.rows.reference, "se_fgt0_domain_national"), 1e-9);
    check_close(&r.cx);
}

/* ---- Alkire–Foster ---- */

static void test_mpi(void **state)
{
    (void)state;
    /* H, M0, A of the poor, headcounts and contributions: as R's svymean, svyratio and
     * subset(); H's logit interval as svyciprop. */
    struct room r;
    open_room(&r);
    struct mpi_spec spec = {.n = 3, .weight = {2, 1, 1}, .k_num = 1, .k_den = 2};
    uint16_t *pattern = arena_array(r.cx.arena, r.rows.x.n, sizeof *pattern);
    static const char *const columns[] = {"a", "b", "c"};
    for (size_t j = 0; j < 3; j++) {
        const double *x = fixture_numbers(&r.cx, &r.rows.file, columns[j]);
        for (size_t i = 0; i < r.rows.x.n; i++)
            pattern[i] = (uint16_t)(pattern[i] | (unsigned)x[i] << j);
    }
    struct mpi_hist hist;
    struct mpi_result result;
    check_ok(&r.cx, mpi_hist_make(&hist, &r.cx, 3, 1));
    mpi_hist_add(&hist, &(struct mpi_rows){pattern, NULL, r.rows.x.w, NULL, r.rows.x.n});
    mpi_of(&result, &spec, &hist, 0);
    static const struct {
        enum mpi_figure figure;
        size_t j;
        const char *name;
    } rows[] = {{MPI_H, 0, "se_h"},      {MPI_M0, 0, "se_m0"},   {MPI_A, 0, "se_a"},
                {MPI_HD, 1, "se_hd"},    {MPI_HDK, 1, "se_hdk"}, {MPI_ACTB, 1, "se_actb"},
                {MPI_PCTB, 1, "se_pctb"}};
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        double by_pattern[8], df = 0;
        influence_mpi(by_pattern, &spec, &result, rows[k].figure, rows[k].j);
        for (size_t i = 0; i < r.rows.x.n; i++)
            r.u[i] = by_pattern[pattern[i]];
        design_sums_add(&r.design.sums, NULL, r.rows.x.w, r.u, r.rows.x.n);
        double v = design_variance(&r.design.sums, &df);
        check_near(sqrt(v), fixture_reference(&r.rows.reference, rows[k].name), 1e-9);
        if (rows[k].figure != MPI_H)
            continue;
        struct estimate e = {.value = result.h, .se = NAN};
        estimate_error(&e, &r.cx, v, df, true);
        check_near(e.low, fixture_reference(&r.rows.reference, "h_low"), 1e-9);
        check_near(e.high, fixture_reference(&r.rows.reference, "h_high"), 1e-9);
    }
    check_close(&r.cx);
}

/* ---- the shared data ---- */

/* The table of statistics.md a under one design; u is filled by figure `k`; 0: no more. */
static const char *eusilc_figure(double *u, struct cx *cx, const struct sample *s, int k)
{
    double median = ranked_quantile(&s->ranked, 0.5, QUANTILE_INVERSE);
    double line = 0.6 * (k == 5 ? s->ranked.mean : median), z = 10000;
    struct line_spec of = {.kind = k == 5 ? LINE_OF_MEAN : LINE_OF_MEDIAN, .value = 0.6};
    double *line_u = arena_array(cx->arena, s->ranked.n + 1, sizeof *line_u);
    static const char *const names[] = {"fgt0", "fgt1", "fgt2",  "arpt", "arpr", "fgt0_mean",
                                        "gini", "qsr",  "ge0",   "ge1",  "ge2",  "atk05",
                                        "atk1", "atk2", "watts", "mean"};
    influence_line(line_u, s, &of, QUANTILE_INVERSE);
    if (k < 3)
        influence_fgt(u, s, z, true, k);
    else if (k == 3)
        memcpy(u, line_u, s->ranked.n * sizeof *u);
    else if (k < 6) {
        double slope = slope_fgt(s, line, true, 0, s->bandwidth);
        influence_fgt(u, s, line, true, 0);
        for (size_t i = 0; i < s->ranked.n; i++)
            u[i] += slope * line_u[i];
    } else if (k == 6)
        influence_gini(u, s, ranked_gini(cx, &s->ranked, true).value, true);
    else if (k == 7)
        influence_s80s20(u, s);
    else if (k < 11)
        influence_ge(u, s, k - 8);
    else if (k < 14)
        influence_atkinson(u, s, k == 11 ? 0.5 : k - 11);
    else if (k == 14)
        influence_watts(u, s, z, true);
    else
        influence_mean(u, s);
    return k < 16 ? names[k] : NULL;
}

/* Printed by R's convey and survey for persons in strata | households as clusters; 0: the
 * table has no number. Source: shared/domain/statistics.md a. */
static const struct {
    double persons, households;
} eusilc[16] = {{0.002676787, 0.004502108}, {0.001050190, 0.001667798},
                {0.000735424, 0.001119200}, {50.6362, 0},
                {0.002756769, 0.004759543}, {0.002813259, 0},
                {0.001946982, 0.003082456}, {0.042550410, 0},
                {0.002433791, 0},           {0.002087808, 0},
                {0.003464136, 0},           {0.000953336, 0},
                {0.002134177, 0},           {0.026476635, 0},
                {0.002292636, 0},           {86.8295, 141.1641}};

static void test_eusilc(void **state)
{
    (void)state;
    /* Every standard error of the table, at its printed precision. */
    struct cx cx;
    struct fixture f;
    check_open(&cx);
    if (!fixture_shared(&f, &cx, "eusilc/eusilc.csv")) {
        check_close(&cx);
        skip();
    }
    struct welfare x = {fixture_numbers(&cx, &f, "eqIncome"), fixture_numbers(&cx, &f, "rb050"),
                        f.rows};
    struct sample s;
    check_ok(&cx, sample_make(&s, &cx, &x, NULL, x.n));
    double *u = arena_array(cx.arena, x.n, sizeof *u);
    const double *household = fixture_numbers(&cx, &f, "db030");
    uint32_t *cluster = arena_array(cx.arena, x.n, sizeof *cluster);
    for (size_t i = 0; i < x.n; i++)
        cluster[i] = (uint32_t)household[i];
    struct design_columns c = {
        .n = x.n, .strata = fixture_codes(&cx, &f, "db040"), .cluster = {cluster}, .w = x.w};
    for (c.stages = 0; c.stages < 2; c.stages++) {
        struct arena_mark mark = arena_mark(cx.arena);
        struct surveyed d;
        surveyed_make(&d, &cx, &c);
        for (int k = 0; k < 16; k++) {
            struct arena_mark inner = arena_mark(cx.arena);
            double want = c.stages ? eusilc[k].households : eusilc[k].persons;
            print_message("%s\n", eusilc_figure(u, &cx, &s, k));
            if (want > 0) /* half a unit of the last printed digit */
                assert_true(fabs(se_of(&d, &s, u) - want) <= (want > 1 ? 5.1e-5 : 5.1e-10));
            arena_back(cx.arena, inner);
        }
        arena_back(cx.arena, mark);
    }
    check_close(&cx);
}

struct cdta {
    struct mpi_spec spec;
    uint16_t *pattern, *known;
    uint32_t *round;
    double *w;
    size_t n;
};

static void cdta_read(struct cdta *d, struct cx *cx, const struct fixture *f)
{
    static const char *const columns[] = {"d_nutr", "d_cm",  "d_satt", "d_educ", "d_elct",
                                          "d_sani", "d_wtr", "d_hsg",  "d_ckfl", "d_asst"};
    *d = (struct cdta){
        .spec = {.n = 10, .weight = {3, 3, 3, 3, 1, 1, 1, 1, 1, 1}, .k_num = 33, .k_den = 100}};
    d->n = f->rows;
    d->pattern = arena_array(cx->arena, d->n, sizeof *d->pattern);
    d->known = arena_array(cx->arena, d->n, sizeof *d->known);
    d->round = arena_array(cx->arena, d->n, sizeof *d->round);
    d->w = fixture_numbers(cx, f, "weight");
    const double *t = fixture_numbers(cx, f, "t");
    for (size_t i = 0; i < d->n; i++)
        d->round[i] = (uint32_t)t[i] - 1;
    for (unsigned j = 0; j < 10; j++) {
        const double *x = fixture_numbers(cx, f, columns[j]);
        for (size_t i = 0; i < d->n; i++)
            if (!isnan(x[i])) {
                d->known[i] = (uint16_t)(d->known[i] | 1U << j);
                d->pattern[i] = (uint16_t)(d->pattern[i] | (x[i] == 1 ? 1U << j : 0));
            }
    }
}

static void cdta_add(struct design_sums *sums, const struct cdta *d, const double *by_pattern,
                     uint32_t round, double sign)
{
    for (uint32_t i = 0; i < d->n; i++) {
        double u = sign * by_pattern[d->pattern[i]];
        if (d->known[i] == 1023 && d->round[i] == round)
            design_sums_add(sums, &i, &d->w[i], &u, 1);
    }
}

static void test_cdta(void **state)
{
    (void)state;
    /* Levels of two rounds and their change, under the joint design of both rounds: mpitb's
     * numbers. Source: shared/domain/statistics.md b. */
    static const double want[2][3] = {{0.005541809, 0.002485918, 0.001859749},
                                      {0.004738173, 0.001954607, 0.001934573}};
    struct cx cx;
    struct fixture f;
    struct cdta d;
    struct surveyed design;
    struct mpi_hist hist;
    check_open(&cx);
    if (!fixture_shared(&f, &cx, "mpi-syn-cdta/syn_cdta.csv")) {
        check_close(&cx);
        skip();
    }
    cdta_read(&d, &cx, &f);
    struct design_columns c = {.n = d.n,
                               .strata = fixture_codes(&cx, &f, "stratum"),
                               .stages = 1,
                               .cluster = {fixture_codes(&cx, &f, "psu")},
                               .w = d.w};
    surveyed_make(&design, &cx, &c);
    check_ok(&cx, mpi_hist_make(&hist, &cx, 10, 2));
    mpi_hist_add(&hist, &(struct mpi_rows){d.pattern, d.known, d.w, d.round, d.n});
    double *u[2] = {arena_array(cx.arena, 1024, sizeof **u),
                    arena_array(cx.arena, 1024, sizeof **u)};
    for (uint32_t t = 0; t < 2; t++) {
        struct mpi_result r;
        mpi_of(&r, &d.spec, &hist, t);
        for (int k = 0; k < 3; k++) {
            influence_mpi(u[t], &d.spec, &r, (enum mpi_figure)((int)MPI_H + k), 0);
            cdta_add(&design.sums, &d, u[t], t, 1);
            double se = sqrt(design_variance(&design.sums, NULL));
            print_message("%.9f %.9f\n", se, want[t][k]);
            assert_true(fabs(se - want[t][k]) <= 5.1e-10);
        }
        influence_mpi(u[t], &d.spec, &r, MPI_M0, 0);
    }
    cdta_add(&design.sums, &d, u[1], 1, 1);
    cdta_add(&design.sums, &d, u[0], 0, -1);
    assert_true(fabs(sqrt(design_variance(&design.sums, NULL)) - 0.003196129) <= 5.1e-10);
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_poverty),
        cmocka_unit_test(test_inequality),
        cmocka_unit_test(test_relative_lines),
        cmocka_unit_test(test_domain_with_national_line),
        cmocka_unit_test(test_mpi),
        cmocka_unit_test(test_eusilc),
        cmocka_unit_test(test_cdta),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
