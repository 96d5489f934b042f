/* The figures of the poverty pages on six households, against sums done by hand. */
#include "insight/insight_fixture.h"

#include <math.h>

static void near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-9 * fmax(1, fabs(b))))
        print_error("%.12g is not %.12g\n", a, b);
    assert_true(fabs(a - b) <= 1e-9 * fmax(1, fabs(b)));
}

/* 12 people are known; a (2) has 1,000 and b (1) has 3,000 below the line of 4,000:
 * 3/12; gaps 3/4 and 1/4: (2*.75 + .25)/12; squared: (2*.5625 + .0625)/12. c stands at the
 * line: poor only when asked so, then 6/12. e is left out. */
static void counts_people(struct cx *cx)
{
    struct register_fixture f;
    struct scope s;
    struct money m;
    insight_fixture_open(&f, cx);
    check_ok(cx, insight_scope(&s, cx, "line=4000"));
    struct population *p = insight_population(cx, &s, POPULATION_CHILD | POPULATION_CODE);
    check_ok(cx, money_read(&m, cx, p));
    near(fgt_of(&m.all, 0).value, 3. / 12);
    near(fgt_of(&m.all, 1).value, 1.75 / 12);
    near(fgt_of(&m.all, 2).value, 1.1875 / 12);
    assert_int_equal(m.all.poor_rows, 2);
    assert_int_equal(p->rows_used, 5);
    assert_int_equal(p->rows_missing, 1);
    assert_int_equal(p->rows_empty, 1);
    near(p->weight_missing, 2);
    assert_int_equal(m.child_count, 2);
    near(fgt_of(&m.children[0].sums, 0).value, 3. / 6);
    near(fgt_of(&m.children[1].sums, 0).value, 0);
    double bins = m.bins.above;
    for (size_t i = 0; i < m.bins.count; i++)
        bins += m.bins.weight[i];
    near(bins, 12);
    population_close(p);
    check_ok(cx, insight_scope(&s, cx, "line=4000&poor=at"));
    p = insight_population(cx, &s, 0);
    check_ok(cx, money_read(&m, cx, p));
    near(fgt_of(&m.all, 0).value, 6. / 12);
    population_close(p);
    insight_fixture_close(&f, cx);
}

/* Households instead of people: 2 of 5. A village has one of its own: a and b. The split by
 * size has a group for each number of people that occurs. */
static void counts_households(struct cx *cx)
{
    struct register_fixture f;
    struct scope s;
    struct money m;
    insight_fixture_open(&f, cx);
    check_ok(cx, insight_scope(&s, cx, "line=4000&unit=household&group=size"));
    struct population *p = insight_population(cx, &s, POPULATION_CODE);
    check_ok(cx, money_read(&m, cx, p));
    near(fgt_of(&m.all, 0).value, 2. / 5);
    assert_int_equal(m.code_count, 4); /* 1, 2, 3, 4 people */
    near(fgt_of(&m.codes[0].sums, 0).value, 1);
    near(fgt_of(&m.codes[1].sums, 0).value, 1. / 2); /* a and f; e is not known */
    population_close(p);
    check_ok(cx, insight_scope(
                     &s, cx, arena_printf(cx->arena, "line=4000&area=%" PRId64, f.village[0])));
    p = insight_population(cx, &s, POPULATION_CHILD);
    check_ok(cx, money_read(&m, cx, p));
    near(fgt_of(&m.all, 0).value, 1);
    assert_int_equal(p->n, 2);
    population_close(p);
    insight_fixture_close(&f, cx);
}

/* Moving the line from 2,000 to 4,500: b (1) and c (3) are newly poor, nobody is less so; back
 * again they are no longer. The population keeps its own line. */
static void finds_newly_poor(struct cx *cx)
{
    struct register_fixture f;
    struct scope s;
    struct money_newly n;
    insight_fixture_open(&f, cx);
    check_ok(cx, insight_scope(&s, cx, "line=4500&from_line=2000"));
    struct population *p = insight_population(cx, &s, 0);
    check_ok(cx, money_newly(&n, cx, p));
    assert_int_equal(n.rows, 2);
    near(n.weight, 4);
    assert_int_equal(n.fewer_rows, 0);
    near(n.line, 2000);
    near(p->line, 4500);
    population_close(p);
    check_ok(cx, insight_scope(&s, cx, "line=2000&from_line=4500"));
    p = insight_population(cx, &s, 0);
    check_ok(cx, money_newly(&n, cx, p));
    assert_int_equal(n.rows, 0);
    assert_int_equal(n.fewer_rows, 2);
    population_close(p);
    insight_fixture_close(&f, cx);
}

/* Lines by name: the value in force at the income year's end in that area; in Guizhou the
 * monitoring line of 2023 is the province's own 7,300. A year before the line began is refused
 * and a gap in the curve over years. A relative line is the share of the weighted median. */
static void looks_lines_up(struct cx *cx)
{
    struct register_fixture f;
    struct scope s;
    struct money_year *years;
    size_t count;
    insight_fixture_open(&f, cx);
    insight_apply(cx, &f, &insight_households[0], 2023, 1);
    insight_apply(cx, &f, &insight_households[0], 2005, 1);
    check_ok(cx, insight_scope(&s, cx, "line=monitoring_line&year=2023"));
    struct population *p = insight_population(cx, &s, 0);
    near(p->line, 7300);
    population_close(p);
    insight_refuses(cx, "line=monitoring_line&year=2005", "2005");
    check_ok(cx, insight_scope(&s, cx, "line=monitoring_line"));
    check_ok(cx, money_trend(&years, &count, cx, &s));
    assert_int_equal(count, 3);
    assert_non_null(years[0].refused);
    assert_null(years[1].refused);
    near(years[1].line, 7300);
    check_ok(cx, insight_scope(&s, cx, "line=50%median"));
    p = insight_population(cx, &s, 0);
    near(p->line,
         .5 * 4500); /* cumulated 2 3 6 10 12: six of twelve end at 4,000, so between */
    population_close(p);
    insight_fixture_close(&f, cx);
}

/* Incomes of zero or less: they are poor and counted, Watts and Theil leave them out and say
 * how many; when no income is above zero, Gini is refused with a sentence. */
static void refuses_measures(struct cx *cx)
{
    static const struct insight_household debts = {"g", 2, 3, -500};
    struct register_fixture f;
    struct scope s;
    struct inequality q;
    insight_fixture_open(&f, cx);
    insight_apply(cx, &f, &debts, 2025, 1);
    check_ok(cx, insight_scope(&s, cx, "line=4000"));
    struct population *p = insight_population(cx, &s, 0);
    check_ok(cx, inequality_read(&q, cx, p));
    assert_int_equal(q.of[STATISTIC_WATTS].rows_left_out, 2); /* e and g */
    near(q.of[STATISTIC_WATTS].value, (2 * log(4.) + log(4. / 3)) / 12);
    assert_int_equal(q.of[STATISTIC_GE0].rows_left_out, 2);
    near(q.of[STATISTIC_MEAN].value, (2000. + 3000 + 12000 + 20000 + 20000 - 1500) / 15);
    population_close(p);
    check_ok(cx, insight_scope(
                     &s, cx, arena_printf(cx->arena, "line=4000&area=%" PRId64, f.village[2])));
    insight_apply(cx, &f, &(struct insight_household){"d", 2, 4, -100}, 2025, 1);
    check_ok(cx, insight_scope(
                     &s, cx, arena_printf(cx->arena, "line=4000&area=%" PRId64, f.village[2])));
    p = insight_population(cx, &s, 0);
    check_ok(cx, inequality_read(&q, cx, p));
    assert_true(isnan(q.of[STATISTIC_GINI].value));
    assert_non_null(q.of[STATISTIC_GINI].refused);
    population_close(p);
    insight_fixture_close(&f, cx);
}

/* Everybody's income doubled between 2023 and 2025: growth at every place is 100 %, all of the
 * change of poverty is growth, none redistribution. Before: of 12 people those under 4,000 when
 * incomes are halved are a, b, c, d (500, 1,500, 2,000, 2,500): 10/12; after: 3/12. */
static void splits_growth(struct cx *cx)
{
    struct register_fixture f;
    struct scope s;
    struct growth g;
    insight_fixture_open(&f, cx);
    for (size_t i = 0; i < INSIGHT_HOUSEHOLDS; i++)
        insight_apply(cx, &f, &insight_households[i], 2023, .5);
    check_ok(cx, insight_scope(&s, cx, "line=4000"));
    struct population *p = insight_population(cx, &s, 0);
    check_ok(cx, growth_read(&g, cx, p));
    assert_null(g.refused);
    for (int i = 0; i < MONEY_GROWTH; i++)
        near(g.incidence[i], 1);
    near(g.parts[0].before, 10. / 12);
    near(g.parts[0].after, 3. / 12);
    near(g.parts[0].growth, -7. / 12);
    near(g.parts[0].redistribution, 0);
    population_close(p);
    check_ok(cx, insight_scope(&s, cx, "line=4000&year=2023"));
    p = insight_population(cx, &s, 0);
    check_ok(cx, growth_read(&g, cx, p));
    assert_non_null(g.refused); /* no earlier year */
    population_close(p);
    insight_fixture_close(&f, cx);
}

/* Nobody lives in a village: no figure, no division by nothing. */
static void says_nobody(struct cx *cx)
{
    struct register_fixture f;
    struct scope s;
    struct money m;
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    insight_apply(cx, &f, &insight_households[0], 2025, 1);
    check_ok(cx, insight_scope(
                     &s, cx, arena_printf(cx->arena, "line=4000&area=%" PRId64, f.village[3])));
    struct population *p = insight_population(cx, &s, POPULATION_CHILD | POPULATION_CODE);
    assert_int_equal(p->n, 0);
    check_ok(cx, money_read(&m, cx, p));
    assert_true(isnan(fgt_of(&m.all, 0).value));
    population_close(p);
    insight_fixture_close(&f, cx);
}

/* clang-format off */
static void on_each_people(void **state) { (void)state; db_fixture_each(counts_people); }
static void on_each_homes(void **state) { (void)state; db_fixture_each(counts_households); }
static void on_each_newly(void **state) { (void)state; db_fixture_each(finds_newly_poor); }
static void on_each_lines(void **state) { (void)state; db_fixture_each(looks_lines_up); }
static void on_each_odd(void **state) { (void)state; db_fixture_each(refuses_measures); }
static void on_each_growth(void **state) { (void)state; db_fixture_each(splits_growth); }
static void on_each_nobody(void **state) { (void)state; db_fixture_each(says_nobody); }
/* clang-format on */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_each_people), cmocka_unit_test(on_each_homes),
        cmocka_unit_test(on_each_newly),  cmocka_unit_test(on_each_lines),
        cmocka_unit_test(on_each_odd),    cmocka_unit_test(on_each_growth),
        cmocka_unit_test(on_each_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
