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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mpdta),
        cmocka_unit_test(test_two_by_two),
        cmocka_unit_test(test_castle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
