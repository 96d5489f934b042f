/* Tests of transitions and spells: against R's survey (testdata/mobility.R) on a made-up panel
 * and on the rice farms of ../shared/data. */
#include "stats/mobility.h"

#include "stats/mobility_fixture.h"

static void check_transitions(struct cx *cx, const struct panel_file *p)
{
    struct transition t;
    struct design d;
    struct design_columns c = {
        .n = p->n, .strata = p->stratum, .stages = 1, .cluster = {p->psu}};
    struct state_rows s = {p->before, p->after, p->w, p->n, 3};
    check_ok(cx, design_make(&d, cx, &c));
    check_ok(cx, transition_make(&t, cx, &s, &d));
    for (int k = 0; k < 9; k++) {
        int i = k / 3, j = k % 3;
        double share =
            fixture_reference(&p->want, arena_printf(cx->arena, "share%d%d", i + 1, j + 1));
        double se =
            fixture_reference(&p->want, arena_printf(cx->arena, "se%d%d", i + 1, j + 1));
        check_near(t.share[i][j], share, 1e-12);
        if (share > 0)
            check_near(t.se[i][j], se, 1e-10);
        else
            assert_true(isnan(t.se[i][j]));
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal((int)t.df[i], (int)fixture_reference(
                                           &p->want, arena_printf(cx->arena, "df%d", i + 1)));
    check_near(t.stayers, fixture_reference(&p->want, "stayers"), 1e-12);
    check_near(t.stayers_se, fixture_reference(&p->want, "se_stayers"), 1e-10);
    check_near(t.shorrocks, fixture_reference(&p->want, "shorrocks"), 1e-12);
    check_near(t.shorrocks_se, fixture_reference(&p->want, "se_shorrocks"), 1e-10);
    assert_null(t.why);
    double all = t.weight + t.left_out;
    for (size_t i = 0; i < p->n; i++)
        all -= p->w[i];
    assert_true(fabs(all) < 1e-9);
    assert_int_equal(t.rows + t.rows_left_out, (int64_t)p->n);
}

static void check_spells(struct cx *cx, const struct panel_file *p)
{
    struct spells s;
    double events = 0, duration = 0, left = 0, sum = 0;
    check_ok(cx, spells_make(&s, cx, p->id, p->period, p->poor, p->n));
    for (size_t k = 0; k < s.n; k++) {
        uint32_t row = s.row[k];
        events += s.event[k];
        duration += s.duration[k];
        left += s.left[k];
        sum += (double)p->id[row] * p->period[row] * (1 + s.event[k]) * s.duration[k];
        assert_true(p->poor[row] == 0 && s.spell[k] < s.spell_count);
    }
    assert_int_equal(s.n, (size_t)fixture_reference(&p->want, "periods"));
    assert_int_equal((int)events, (int)fixture_reference(&p->want, "events"));
    assert_int_equal((int)duration, (int)fixture_reference(&p->want, "duration"));
    assert_int_equal((int)left, (int)fixture_reference(&p->want, "left_periods"));
    assert_true(sum == fixture_reference(&p->want, "check"));
    assert_int_equal(s.spell_count, (int64_t)fixture_reference(&p->want, "spells"));
    assert_int_equal(s.censored_left, (int64_t)fixture_reference(&p->want, "left"));
    assert_int_equal(s.censored_right, (int64_t)fixture_reference(&p->want, "right"));
}

static void test_panel(void **state)
{
    (void)state;
    /* A panel with gaps, missing values and shuffled rows: shares, errors, spells. */
    struct cx cx;
    struct panel_file p = {0};
    check_open(&cx);
    read_panel(&p, &cx);
    check_transitions(&cx, &p);
    check_spells(&cx, &p);
    check_close(&cx);
}

static void test_ricefarms(void **state)
{
    (void)state;
    /* 171 farms in 6 seasons; poor: yield below its 30 % quantile. */
    struct cx cx;
    struct panel_file p = {0};
    check_open(&cx);
    if (!read_farms(&p, &cx)) {
        check_close(&cx);
        skip();
    }
    check_transitions(&cx, &p);
    check_spells(&cx, &p);
    check_close(&cx);
}

static void test_empty_state(void **state)
{
    (void)state;
    /* Nobody was in state 2 before: its row and the index are NaN, with a sentence. */
    uint32_t before[] = {0, 0, 1, 1}, after[] = {0, 2, 1, 0};
    struct cx cx;
    struct transition t;
    check_open(&cx);
    check_ok(&cx,
             transition_make(&t, &cx, &(struct state_rows){before, after, NULL, 4, 3}, NULL));
    assert_true(isnan(t.share[2][0]) && isnan(t.shorrocks) && t.why);
    assert_true(t.share[0][2] == 0.5 && t.stayers == 0.5 && isnan(t.se[0][0]));
    /* Nobody moves: no error can be had. */
    check_ok(&cx,
             transition_make(&t, &cx, &(struct state_rows){before, before, NULL, 4, 2}, NULL));
    assert_true(t.shorrocks == 0 && t.stayers == 1 && isnan(t.stayers_se));
    check_close(&cx);
}

static void test_spells_by_hand(void **state)
{
    (void)state;
    /* Person 7: poor, out, out, poor, out, (gap), out, poor; person -2 is never known. */
    int64_t id[] = {7, 7, 7, 7, 7, 7, 7, -2};
    int32_t period[] = {1, 2, 3, 4, 5, 7, 8, INT32_MAX};
    double poor[] = {1, 0, 0, 1, 0, 0, 1, NAN};
    struct cx cx;
    struct spells s;
    check_open(&cx);
    check_ok(&cx, spells_make(&s, &cx, id, period, poor, 8));
    assert_int_equal(s.n, 3);
    assert_int_equal(s.spell_count, 3);
    assert_int_equal(s.censored_left, 1);
    assert_int_equal(s.censored_right, 1);
    assert_int_equal(s.left_out, 1);
    assert_true(s.row[0] == 1 && s.duration[0] == 1 && s.event[0] == 0 && !s.left[0]);
    assert_true(s.row[1] == 2 && s.duration[1] == 2 && s.event[1] == 1 && s.spell[1] == 0);
    assert_true(s.row[2] == 5 && s.duration[2] == 1 && s.event[2] == 1 && s.left[2]);
    check_ok(&cx, spells_make(&s, &cx, id, period, poor, 0));
    assert_int_equal(s.n, 0);
    check_close(&cx);
}

static void test_refusals(void **state)
{
    (void)state;
    /* Each bad input has its sentence. */
    uint32_t ok[] = {0, 1, 0}, wrong[] = {0, 5, 1},
             missing[] = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
    double negative[] = {1, -1, 1}, poor[] = {0, 1, 2}, fine[] = {0, 1, 0};
    int64_t id[] = {4, 4, 4};
    int32_t twice[] = {1, 2, 1}, period[] = {1, 2, 3};
    struct cx cx;
    struct transition t;
    struct spells s;
    struct design d = {.n = 9};
    check_open(&cx);
    check_refused(&cx,
                  transition_make(&t, &cx, &(struct state_rows){ok, wrong, NULL, 3, 2}, NULL),
                  RC_INVALID);
    check_refused(&cx,
                  transition_make(&t, &cx, &(struct state_rows){ok, ok, negative, 3, 2}, NULL),
                  RC_INVALID);
    check_refused(&cx,
                  transition_make(&t, &cx, &(struct state_rows){ok, missing, NULL, 3, 2}, NULL),
                  RC_INVALID);
    check_refused(&cx, transition_make(&t, &cx, &(struct state_rows){ok, ok, NULL, 3, 1}, NULL),
                  RC_INVALID);
    check_refused(&cx,
                  transition_make(&t, &cx, &(struct state_rows){ok, ok, NULL, 3, 11}, NULL),
                  RC_INVALID);
    check_refused(&cx, transition_make(&t, &cx, &(struct state_rows){ok, ok, NULL, 3, 2}, &d),
                  RC_INVALID);
    check_refused(&cx, spells_make(&s, &cx, id, period, poor, 3), RC_INVALID);
    check_refused(&cx, spells_make(&s, &cx, id, twice, fine, 3), RC_INVALID);
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_panel),       cmocka_unit_test(test_ricefarms),
        cmocka_unit_test(test_empty_state), cmocka_unit_test(test_spells_by_hand),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
