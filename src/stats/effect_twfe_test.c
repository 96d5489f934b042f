/* Tests of regressions with effects of units and periods, Sun and Abraham's and imputed
 * effects: against the numbers of R's fixest and didimputation, by invariance, with bad input.
 */
#include "stats/effect.h"

#include "base/text.h"
#include "stats/effect_fixture.h"

static void test_mpdta(void **state)
{
    (void)state;
    /* fixest's and didimputation's numbers on the minimum wage panel. */
    struct cx cx;
    struct panel p;
    struct twfe t;
    struct effects e;
    check_open(&cx);
    if (!mpdta_read(&p, &cx, false))
        skip();
    check_ok(&cx, twfe_make(&t, &cx, &p));
    fixture_close(t.b, -0.03654894, 8);
    fixture_close(t.se_iid, 0.01264647, 8);
    fixture_close(t.se_cluster, 0.01326516, 8);
    check_ok(&cx, sunab_make(&e, &cx, &p));
    check_sum(e.att, -0.03995128, 0.01179628);
    static const double sunab[] = {-0.01993182, -0.05095737, -0.13725874, -0.10081136};
    /* R's lm (testdata/effect.R). statistics.md prints the first two as …692 and …485: fixest's
     * iteration stopped at 7 digits. */
    static const double imputed[] = {-0.0310669271926, -0.0522348567485, -0.13607811444,
                                     -0.104707471577};
    for (size_t k = 0; k < 4; k++) {
        assert_int_equal(e.event[e.events - 4 + k], (int)k);
        fixture_close(e.by_event[e.events - 4 + k].value, sunab[k], 8);
    }
    check_ok(&cx, imputation_make(&e, &cx, &p));
    check_sum(e.att, -0.04770992, 0.01322249);
    assert_int_equal(e.events, 4);
    for (size_t k = 0; k < 4; k++)
        fixture_close(e.by_event[k].value, imputed[k], 11);
    check_close(&cx);
}

/* Only the rows of two years and one group or the never treated. */
static void keep(struct panel *p, struct cx *cx, int32_t from, int32_t group)
{
    uint32_t *unit = arena_array(cx->arena, p->n, sizeof *unit);
    int32_t *period = arena_array(cx->arena, p->n, sizeof *period);
    int32_t *first = arena_array(cx->arena, p->n, sizeof *first);
    double *y = arena_array(cx->arena, p->n, sizeof *y);
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        if (p->period[i] >= from && (p->first[i] == group || p->first[i] == INT32_MAX)) {
            unit[n] = p->unit[i];
            period[n] = p->period[i];
            first[n] = p->first[i];
            y[n++] = p->y[i];
        }
    p->unit = unit;
    p->period = period;
    p->first = first;
    p->y = y;
    p->n = n;
}

static void test_two_by_two(void **state)
{
    (void)state;
    /* Two years, one group: the plain difference in differences, as fixest gives it. */
    struct cx cx;
    struct panel p;
    struct twfe t;
    struct did d;
    check_open(&cx);
    if (!mpdta_read(&p, &cx, false))
        skip();
    keep(&p, &cx, 2006, 2007);
    check_ok(&cx, twfe_make(&t, &cx, &p));
    fixture_close(t.b, -0.02605441, 8);
    /* The printed error is of the regression on treated, after and both (4 coefficients); with
     * the units' effects out, 3 count. */
    fixture_close(t.se_cluster * sqrt(877.0 / 876), 0.01670292, 8);
    check_ok(&cx, did_make(&d, &cx, &p, &(struct did_spec){.method = DID_DR}));
    fixture_close(d.simple.value, -0.02605441, 8);
    check_close(&cx);
}

static void test_castle(void **state)
{
    (void)state;
    /* Castle doctrine and homicide with population weights, as fixest gives it. */
    struct cx cx;
    struct fixture f;
    struct twfe t;
    check_open(&cx);
    if (!fixture_shared(&f, &cx, "effects-castle/castle.csv"))
        skip();
    struct panel p = {.n = f.rows};
    p.unit = effect_codes(&cx, fixture_numbers(&cx, &f, "sid"), f.rows, &p.units);
    p.period = effect_whole(&cx, fixture_numbers(&cx, &f, "year"), f.rows, false);
    const double *post = fixture_numbers(&cx, &f, "post");
    int32_t *first = arena_array(cx.arena, f.rows, sizeof *first);
    for (size_t i = 0; i < f.rows; i++) {
        first[i] = INT32_MAX;
        for (size_t j = 0; j < f.rows; j++)
            if (p.unit[i] == p.unit[j] && post[j] > 0 && p.period[j] < first[i])
                first[i] = p.period[j];
    }
    p.first = first;
    p.y = fixture_numbers(&cx, &f, "l_homicide");
    p.w = fixture_numbers(&cx, &f, "popwt");
    check_ok(&cx, twfe_make(&t, &cx, &p));
    fixture_close(t.b, 0.07553, 5);
    fixture_close(t.se_cluster, 0.03319, 5);
    assert_true(!t.bacon && t.bacon_refused);
    check_close(&cx);
}

static void test_bacon(void **state)
{
    (void)state;
    /* The comparisons' weights add up to 1 and their mean is the coefficient itself, also with
     * a group that is always treated; the treated cells' weights turn negative when early
     * groups are the controls of late ones. */
    struct cx cx;
    struct made_panel m;
    struct twfe t;
    check_open(&cx);
    for_each_seed (seed, 20) {
        made_panel_make(&m, seed);
        if (seed % 2)
            for (size_t i = 0; i < 3 * MADE_PERIODS; i++)
                m.first[i] = 2001;
        check_ok(&cx, twfe_make(&t, &cx, &m.p));
        double all = 0, mean = 0;
        for (size_t c = 0; c < t.bacon_count; c++) {
            assert_true(t.bacon[c].weight > 0);
            all += t.bacon[c].weight;
            mean += t.bacon[c].weight * t.bacon[c].estimate;
        }
        assert_true(t.bacon_count == (seed % 2 ? 6 : 4));
        assert_true(fabs(all - 1) < 1e-12 && fabs(mean - t.b) < 1e-12);
        assert_true(t.negative_weight >= 0 && t.negative_cells <= t.treated_cells);
    }
    made_panel_make(&m, 1);
    for (size_t i = 0; i < MADE_ROWS; i++) /* nobody is never treated; the early for long */
        m.first[i] = m.unit[i] % 2 ? 2002 : 2008;
    check_ok(&cx, twfe_make(&t, &cx, &m.p));
    assert_true(t.negative_cells > 0 && t.negative_weight > 0);
    check_close(&cx);
}

static void test_unbalanced(void **state)
{
    (void)state;
    /* With an exact effect and no noise every estimator finds it, also with missing rows,
     * weights, always treated units (counted) and no never treated ones. */
    struct cx cx;
    struct made_panel m;
    struct twfe t;
    struct effects e;
    check_open(&cx);
    made_panel_make(&m, 1);
    for (size_t i = 0; i < MADE_ROWS; i++) {
        if (m.unit[i] % 3 == 0)
            m.first[i] = m.unit[i] ? 2008 : 2001;
        m.y[i] = m.unit[i] * 0.3 + m.period[i] * 0.5 + 2 * (m.period[i] >= m.first[i]);
        if (i % 13 == 5)
            m.y[i] = NAN;
    }
    m.p.w = m.w;
    check_ok(&cx, twfe_make(&t, &cx, &m.p));
    assert_true(fabs(t.b - 2) < 1e-9 && t.se_cluster < 1e-9);
    check_ok(&cx, imputation_make(&e, &cx, &m.p));
    assert_true(fabs(e.att.value - 2) < 1e-9 && e.att.se < 1e-9 && e.dropped_units == 1);
    assert_true(e.dropped_rows > 0); /* of 2008, when nobody is untreated */
    check_ok(&cx, sunab_make(&e, &cx, &m.p));
    assert_true(fabs(e.att.value - 2) < 1e-9 && e.dropped_units == 1);
    for (size_t k = 0; k < e.events; k++)
        assert_true(fabs(e.by_event[k].value - 2 * (e.event[k] >= 0)) < 1e-9);
    check_close(&cx);
}

static void test_bad_input(void **state)
{
    (void)state;
    /* Refused with a sentence: nobody treated, everybody always, a unit twice, one cluster. */
    struct cx cx;
    struct made_panel m;
    struct twfe t;
    struct effects e;
    check_open(&cx);
    made_panel_make(&m, 1);
    m.period[3] = m.period[4];
    assert_int_equal(twfe_make(&t, &cx, &m.p), RC_INVALID);
    assert_non_null(strstr(cx.err.text, "Data row 5"));
    err_clear(&cx);
    for (int first = 0; first < 2; first++) {
        made_panel_make(&m, 1);
        for (size_t i = 0; i < MADE_ROWS; i++)
            m.first[i] = first ? 1999 : INT32_MAX;
        assert_int_equal(twfe_make(&t, &cx, &m.p), RC_INVALID);
        assert_non_null(strstr(cx.err.text, first ? "Everybody" : "Nobody"));
        err_clear(&cx);
        check_refused(&cx, sunab_make(&e, &cx, &m.p), RC_INVALID);
        err_clear(&cx);
        check_refused(&cx, imputation_make(&e, &cx, &m.p), RC_INVALID);
        err_clear(&cx);
    }
    made_panel_make(&m, 1);
    for (size_t i = 0; i < MADE_ROWS; i++)
        m.first[i] = 2004; /* all at once */
    check_refused(&cx, twfe_make(&t, &cx, &m.p), RC_INVALID);
    err_clear(&cx);
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mpdta),      cmocka_unit_test(test_two_by_two),
        cmocka_unit_test(test_castle),     cmocka_unit_test(test_bacon),
        cmocka_unit_test(test_unbalanced), cmocka_unit_test(test_bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
