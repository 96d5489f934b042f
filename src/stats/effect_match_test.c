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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matching),
        cmocka_unit_test(test_weighting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
