/* Tests of Callaway and Sant'Anna's effects: against R's did, by invariance, with bad input. */
#include "stats/effect.h"

#include "base/text.h"
#include "stats/effect_fixture.h"

static void test_mpdta(void **state)
{
    (void)state;
    /* The sums over groups and periods and their analytic errors, without and with a covariate,
     * are those of R's did on its own worked example. */
    struct cx cx;
    struct panel p;
    struct did d;
    check_open(&cx);
    if (!mpdta_read(&p, &cx, false))
        skip();
    check_ok(&cx, did_make(&d, &cx, &p, &(struct did_spec){.method = DID_DR}));
    check_sum(d.simple, -0.03995128, 0.01203401);
    check_sum(d.dynamic, -0.07723982, 0.01996499);
    fixture_close(d.group.value, -0.03101828, 8);
    check_sum(d.calendar, -0.04170043, 0.01597185);
    p.k = 1;
    check_ok(&cx, did_make(&d, &cx, &p, &(struct did_spec){.method = DID_DR}));
    check_sum(d.simple, -0.04175177, 0.01150284);
    check_sum(d.dynamic, -0.08035395, 0.01895756);
    fixture_close(d.group.value, -0.03281960, 8);
    check_sum(d.calendar, -0.04417736, 0.01503818);
    check_close(&cx);
}

static struct did made(struct cx *cx, struct made_panel *m, const struct did_spec *s)
{
    struct did d;
    made_panel_make(m, 7);
    check_ok(cx, did_make(&d, cx, &m->p, s));
    return d;
}

static void test_group_error(void **state)
{
    (void)state;
    /* The error over groups as testdata/effect.R derives it. statistics.md prints 0.01241527,
     * which is did's before its pull request 223 (2025): there the shares' part took the group
     * of the wrong cells; the script has both. */
    struct cx cx;
    struct panel p;
    struct did d;
    check_open(&cx);
    if (!mpdta_read(&p, &cx, false))
        skip();
    check_ok(&cx, did_make(&d, &cx, &p, &(struct did_spec){.method = DID_DR}));
    fixture_close(d.group.se, 0.0124460593, 10);
    check_close(&cx);
}

static void test_invariance(void **state)
{
    (void)state;
    /* Threads change no bit; without covariates the three methods are one; with one treated
     * group left the two controls are one; bands hold the intervals. */
    struct cx cx;
    struct made_panel m;
    check_open(&cx);
    struct did_spec s = {.method = DID_DR, .draws = 500, .seed = 3, .threads = 1};
    struct did one = made(&cx, &m, &s);
    s.threads = 3;
    struct did three = made(&cx, &m, &s);
    assert_memory_equal(&one.simple, &three.simple, sizeof one.simple);
    assert_memory_equal(one.by_event, three.by_event, one.events * sizeof *one.by_event);
    for (size_t k = 0; k < one.events; k++)
        assert_true(one.by_event[k].band_low < one.by_event[k].low &&
                    one.by_event[k].band_high > one.by_event[k].high);
    s.method = DID_IPW;
    struct did ipw = made(&cx, &m, &s);
    s.method = DID_REG;
    struct did reg = made(&cx, &m, &s);
    assert_true(fabs(ipw.simple.value - one.simple.value) < 1e-12 &&
                fabs(reg.simple.se - one.simple.se) < 1e-12 &&
                fabs(ipw.simple.se - one.simple.se) < 1e-12);
    assert_true(fabs(one.simple.value - 2) < 4 * one.simple.se);
    assert_true(one.pretrend_p > 0 && one.pretrend_p <= 1 && one.pretrend_df == 6);
    check_close(&cx);
}

static void test_options(void **state)
{
    (void)state;
    /* A universal base period moves no effect after treatment and is itself 0; anticipation
     * moves the base one period back; clusters of two units change the error only; weights
     * scaled change nothing. */
    struct cx cx;
    struct made_panel m;
    struct did d;
    check_open(&cx);
    struct did plain = made(&cx, &m, &(struct did_spec){.method = DID_DR});
    struct did fixed = made(&cx, &m, &(struct did_spec){.method = DID_DR, .universal = true});
    assert_true(fabs(plain.simple.value - fixed.simple.value) < 1e-12);
    for (size_t c = 0; c < fixed.cells; c++)
        if (fixed.cell[c].period == fixed.cell[c].group - 1)
            assert_true(fixed.cell[c].att == 0 && fixed.cell[c].se == 0);
    struct did early = made(&cx, &m, &(struct did_spec){.method = DID_DR, .anticipation = 1});
    assert_true(early.simple.value != plain.simple.value);
    m.p.cluster = m.cluster;
    m.p.clusters = MADE_UNITS / 2;
    check_ok(&cx, did_make(&d, &cx, &m.p, &(struct did_spec){.method = DID_DR}));
    assert_true(d.simple.value == plain.simple.value && d.simple.se != plain.simple.se &&
                d.clusters == MADE_UNITS / 2);
    m.p.cluster = NULL;
    m.p.w = m.w;
    check_ok(&cx, did_make(&d, &cx, &m.p, &(struct did_spec){.method = DID_DR}));
    for (size_t i = 0; i < MADE_ROWS; i++)
        m.w[i] *= 1024;
    check_ok(&cx, did_make(&fixed, &cx, &m.p, &(struct did_spec){.method = DID_DR}));
    assert_true(fabs(d.simple.value - fixed.simple.value) < 1e-12 &&
                fabs(d.simple.se - fixed.simple.se) < 1e-12);
    check_close(&cx);
}

/* Fails unless the call is refused and the sentence holds `words`. */
static void check_says(struct cx *cx, const struct made_panel *m, const struct did_spec *s,
                       const char *words)
{
    struct did d;
    assert_int_equal(did_make(&d, cx, &m->p, s), RC_INVALID);
    if (!strstr(cx->err.text, words))
        fail_msg("“%s” does not say “%s”", cx->err.text, words);
    err_clear(cx);
}

static void test_bad_input(void **state)
{
    (void)state;
    /* Each wrong panel is refused with a sentence that names what is wrong. */
    struct cx cx;
    struct made_panel m;
    const struct did_spec never = {.method = DID_DR};
    check_open(&cx);
    made_panel_make(&m, 1);
    m.period[3] = m.period[4];
    check_says(&cx, &m, &never, "Data row 5");
    made_panel_make(&m, 1);
    m.first[9] = 2007;
    check_says(&cx, &m, &never, "Data row 10");
    made_panel_make(&m, 1);
    for (size_t i = 0; i < MADE_ROWS; i++)
        m.first[i] = INT32_MAX;
    check_says(&cx, &m, &never, "Nobody is treated");
    for (size_t i = 0; i < MADE_ROWS; i++)
        m.first[i] = 2000;
    check_says(&cx, &m, &never, "No unit is left");
    for (size_t i = 0; i < MADE_ROWS; i++)
        m.first[i] = 2004;
    check_says(&cx, &m, &never, "Everybody is treated");
    made_panel_make(&m, 1);
    m.p.cluster = m.cluster;
    m.p.clusters = MADE_UNITS;
    for (size_t i = 0; i < MADE_ROWS; i++)
        m.cluster[i] = 0;
    check_says(&cx, &m, &never, "one cluster");
    made_panel_make(&m, 1);
    m.p.w = m.w;
    m.w[17] = -1;
    check_says(&cx, &m, &never, "Data row 18");
    made_panel_make(&m, 1);
    m.p.k = 1;
    m.p.x = m.columns;
    m.p.names = m.names;
    for (size_t i = 0; i < MADE_ROWS; i++)
        m.x[i] = 5;
    check_says(&cx, &m, &never, "size");
    check_close(&cx);
}

static void test_missing_and_separated(void **state)
{
    (void)state;
    /* A unit that lacks a period is left out and counted; a covariate that decides who is
     * treated refuses the cells, and the sums say they have no value. */
    struct cx cx;
    struct made_panel m;
    struct did d;
    check_open(&cx);
    made_panel_make(&m, 1);
    m.y[0] = NAN;
    m.y[2 * MADE_PERIODS + 1] = NAN;
    check_ok(&cx, did_make(&d, &cx, &m.p, &(struct did_spec){.method = DID_DR}));
    assert_int_equal(d.dropped_units, 2);
    assert_int_equal(d.units, MADE_UNITS - 2);
    made_panel_make(&m, 1);
    m.p.k = 1;
    m.p.x = m.columns;
    for (size_t i = 0; i < MADE_ROWS; i++)
        m.x[i] = m.first[i] == INT32_MAX ? m.unit[i] : 100 + m.unit[i];
    check_ok(&cx, did_make(&d, &cx, &m.p, &(struct did_spec){.method = DID_DR}));
    for (size_t c = 0; c < d.cells; c++)
        assert_true(d.cell[c].refused && isnan(d.cell[c].att) && isnan(d.cell[c].se));
    assert_true(isnan(d.simple.value) && isnan(d.simple.se));
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mpdta),      cmocka_unit_test(test_group_error),
        cmocka_unit_test(test_invariance), cmocka_unit_test(test_options),
        cmocka_unit_test(test_bad_input),  cmocka_unit_test(test_missing_and_separated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
