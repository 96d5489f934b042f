/* What rules compute: logic, arithmetic, days, choices, folds, earlier years. Every expected
 * value is written out here by hand from rule.h; each is asked of constants (folded by the
 * compiler) and of columns (the loops) where both exist. */
#include "base/check.h"
#include "rule/rule_fixture.h"

static struct cx cx;
static struct fixture f;

static int set_up(void **state)
{
    (void)state;
    check_open(&cx);
    fixture_open(&f, &cx);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    check_close(&cx);
    return 0;
}

/* Sets a name's values, this year's or of `back` years earlier, for the first rows. */
static void set(const char *name, int back, int64_t a, int64_t b, int64_t c, int64_t d)
{
    const int64_t v[] = {a, b, c, d};
    memcpy(fixture_values(&f, name, back), v, sizeof v);
}

/* The values of a text in the rows of a level. */
static const int64_t *values(enum rule_level level, const char *text)
{
    const struct rule_program *p = NULL;
    struct rule_runner *r = NULL;
    if (fixture_compile(&p, &f, level, text, false))
        fail_msg("%s: %s", text, f.fault.message);
    check_ok(&cx, rule_runner_make(&r, &cx, p, f.block.count));
    rule_run(&f.figures, r, &f.source, &f.block);
    return rule_value(r, 0);
}

static void expect_at(int line, enum rule_level level, size_t row, const char *text,
                      int64_t want)
{
    int64_t got = values(level, text)[row];
    if (got != want)
        fail_msg("line %d: %s in row %zu: got %" PRId64 ", want %" PRId64, line, text, row, got,
                 want);
}
#define EXPECT(text, want)          expect_at(__LINE__, RULE_HOUSEHOLD, 0, (text), (want))
#define EXPECT_ROW(row, text, want) expect_at(__LINE__, RULE_HOUSEHOLD, (row), (text), (want))

/* Kleene's three tables, written out: each pair as literals, as columns, and mixed. */
static void test_logic(void **state)
{
    static const int64_t truth[3] = {0, 1, M};
    static const char *const literal[] = {"false", "true", "missing"};
    static const char *const column[] = {"no", "yes", "maybe"};
    static const int64_t and_table[3][3] = {{0, 0, 0}, {0, 1, M}, {0, M, M}};
    static const int64_t or_table[3][3] = {{0, 1, M}, {1, 1, 1}, {M, 1, M}};
    static const int64_t not_table[3] = {1, 0, M};
    (void)state;
    for (size_t i = 0; i < 3; i++)
        set(column[i], 0, truth[i], truth[i], truth[i], truth[i]);
    for (size_t i = 0; i < 3; i++) {
        EXPECT(arena_printf(cx.arena, "not %s", literal[i]), not_table[i]);
        EXPECT(arena_printf(cx.arena, "not %s", column[i]), not_table[i]);
        for (size_t j = 0; j < 3; j++)
            for (size_t form = 0; form < 4; form++) {
                const char *a = (form & 1 ? column : literal)[i];
                const char *b = (form & 2 ? column : literal)[j];
                EXPECT(arena_printf(cx.arena, "%s and %s", a, b), and_table[i][j]);
                EXPECT(arena_printf(cx.arena, "%s or %s", a, b), or_table[i][j]);
            }
    }
    EXPECT("yes or no and no", 1); /* and binds closer */
    EXPECT("(yes or no) and no", 0);
    EXPECT("not no and no", 0); /* not binds closer than and */
    EXPECT("not not yes", 1);
}

/* Numbers of different decimals are brought to one before + and -; * adds them; / keeps six and
 * rounds halves away from zero. land has 1 decimal, income 2, debt none. */
static void test_arithmetic(void **state)
{
    (void)state;
    set("land", 0, 25, -25, M, 0);             /* 2.5, -2.5 */
    set("income.total", 0, 123456, 100, 0, 0); /* 1234.56, 1.00 */
    set("debt", 0, 7, 3, 0, 0);
    EXPECT("land + income.total", 123706);    /* 1237.06 */
    EXPECT("land - debt", -45);               /* -4.5 */
    EXPECT("land * income.total", 3086400);   /* 3086.400 */
    EXPECT("income.total / debt", 176365714); /* 176.365714 of 176.3657142… */
    EXPECT_ROW(1, "debt / land", -1200000);   /* -1.2 */
    EXPECT("2 / 3", 666667);
    EXPECT("-2 / 3", -666667);
    EXPECT("1 / 8000000", 0); /* 0.000000125 */
    EXPECT("1 / 2000000", 1); /* half of the last: away from zero */
    EXPECT("-1 / 2000000", -1);
    EXPECT("0.1 + 0.2 = 0.3", 1);
    EXPECT("-land", -25);
    EXPECT("--land", 25);
    EXPECT_ROW(1, "abs(land)", 25);
    EXPECT("1 + 2 * 3 - 4", 3);
    EXPECT("10 - 4 - 3", 3); /* from the left */
    EXPECT("round(income.total, 1)", 12346);
    EXPECT("round(2.5, 0)", 3);
    EXPECT("round(-2.5, 0)", -3);
    EXPECT("round(2.4999, 0)", 2);
    EXPECT_ROW(1, "round(land, 0)", -3); /* -2.5 */
    EXPECT("round(land, 3)", 25);        /* has fewer already */
    EXPECT("land > 2.49", 1);
    EXPECT("land <= 2.5", 1);
    EXPECT("land < 2.5", 0);
    EXPECT("debt in 7 .. 9", 1);
    EXPECT("debt not in (1, 7.0)", 0);
    EXPECT("land in (1, 2.50, 100)", 1);
    EXPECT("land in (2.51, 3, 400)", 0);
    EXPECT("min(land, 3, debt)", 25);
    EXPECT("max(land, 3, debt)", 70);
}

/* Each operator with a missing side gives missing; only the questions for it do not. */
static void test_missing(void **state)
{
    static const char *const missing[] = {
        "land + debt",
        "debt - land",
        "land * 2",
        "land / 2",
        "2 / land",
        "-land",
        "abs(land)",
        "round(land, 0)",
        "land = 1",
        "land <> 1",
        "1 < land",
        "land <= 1",
        "land > land",
        "land in (1, 2)",
        "land in (1, 1000)",
        "land in 1 .. 2",
        "min(land, debt)",
        "max(debt, land)",
        "if(maybe, 1, 2)",
        "if(yes, land, 2)",
        "years(visited)",
        "months(visited)",
        "housing_grade = 'A'",
        "causes has 'illness'",
        "causes has all 'school'",
        "visited = moved",
        "first(land, income.total)",
        "maybe and yes",
        "land + missing",
    };
    (void)state;
    set("debt", 0, 7, 0, 0, 0);
    set("yes", 0, 1, 1, 1, 1);
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
        EXPECT(missing[i], M);
    EXPECT("land is missing", 1);
    EXPECT("land is not missing", 0);
    EXPECT("debt is missing", 0);
    EXPECT("missing is missing", 1);
    EXPECT("note is missing", 1);
    EXPECT("if(yes, debt, land)", 70); /* with land's one decimal */
    EXPECT("first(land, debt)", 70);
    EXPECT("first(debt, 3)", 7);
    EXPECT("first(missing, debt, 3)", 7);
    EXPECT("land = 1 or yes", 1);
    EXPECT("land = 1 and not yes", 0);
    EXPECT("if(land = 1, 1, 2) is missing", 1);
    assert_int_equal(f.figures.overflows, 0);
}

/* A column divided by zero, and what is too large, is missing and counted. */
static void test_counted(void **state)
{
    (void)state;
    set("debt", 0, 0, 2, 0, 0);
    set("land", 0, 10, INT64_MAX, M, 0);
    EXPECT("5 / debt", M);
    assert_int_equal(f.figures.zero_divisions, 2); /* rows 0 and 2 */
    EXPECT_ROW(1, "5 / debt", 2500000);
    EXPECT_ROW(1, "land + 1.0", M);
    assert_int_equal(f.figures.overflows, 1);
    EXPECT_ROW(1, "land - -1.0", M);
    EXPECT_ROW(1, "land * 2", M);
    assert_int_equal(f.figures.overflows, 1);
    EXPECT_ROW(1, "land > 1.00", M); /* as hundredths it does not fit */
    assert_int_equal(f.figures.overflows, 1);
    EXPECT_ROW(1, "land / 0.1", M);
    EXPECT_ROW(1, "land * debt / debt", M);
    EXPECT_ROW(0, "land + 1.0", 20);
    set("land", 0, -INT64_MAX, 0, 0, 0);
    EXPECT("-land", INT64_MAX);
    EXPECT("land - 0.1", M); /* would be the number that stands for missing */
    assert_int_equal(f.figures.overflows, 1);
    /* 128 bits in between: 9,000,000,000,000.00 / 3 with six decimals */
    set("income.total", 0, 900000000000000, 0, 0, 0);
    EXPECT("income.total / 3", 3000000000000000000);
    EXPECT("income.total * 1.0000 / 3000.0000", 3000000000000000);
}

/* Full years and months; 29 February; a day before. Numbers of days from the calendar. */
static void test_days(void **state)
{
    (void)state;
    set("visited", 0, 20780, M, 0, 0);               /* 2026-11-23 */
    set("moved", 0, 2026 * 12 + 7, 2020 * 12, M, 0); /* 2026-08, 2020-01 */
    EXPECT("years(2000-11-23)", 26);
    EXPECT("years(2000-11-24)", 25);
    EXPECT("years(2027-11-23)", -1);
    EXPECT("years(2027-11-22)", 0);
    EXPECT("years(2000-02-29, 2001-02-28)", 0);
    EXPECT("years(2000-02-29, 2001-03-01)", 1);
    EXPECT("years(1899-12-31, visited)", 126);
    EXPECT("years(visited, 2036-11-22)", 9);
    EXPECT("months(2026-01-31, 2026-02-28)", 0);
    EXPECT("months(2026-01-31, 2026-03-01)", 1);
    EXPECT("months(2026-03-01, 2026-01-31)", -1);
    EXPECT("months(moved)", 3);
    EXPECT_ROW(1, "months(moved)", 82);
    EXPECT("months(moved, 2026-07-31)", 0);
    EXPECT("months(moved, 2026-07-01)", -1);
    EXPECT("months(2026-01-15, moved)", 6);
    EXPECT("visited = 2026-11", 1);
    EXPECT("visited > moved", 1);
    EXPECT("visited in 2026-11-01 .. 2026-11-30", 1);
    EXPECT("visited in 2026-09 .. 2026-10", 0);
    EXPECT("visited in (2026-10, 2026-11)", 1);
    EXPECT("visited = today", 1);
    EXPECT("min(visited, 2026-01-01)", 20454);
    EXPECT("moved < 2026-09", 1);
    EXPECT("year", 2026);
    EXPECT("last_year(year)", 2025);
    EXPECT("last_year(today) = 2025-11-23", 1);
    f.source.day = 19782; /* 2024-02-29 */
    EXPECT("last_year(today) = 2023-02-28", 1);
    EXPECT("earlier(4, today) = 2020-02-29", 1);
}

/* Codes by label in both languages, by number in quotes; sets of codes. */
static void test_codes(void **state)
{
    (void)state;
    set("housing_grade", 0, 3, 1, M, 0);
    set("old_grade", 0, 3, 2, M, 0);
    set("causes", 0, 1 << 1 | 1 << 3, 0, M, 0); /* illness, disaster */
    EXPECT("housing_grade = 'C'", 1);
    EXPECT("'C级' = housing_grade", 1);
    EXPECT("housing_grade <> '3'", 0);
    EXPECT("housing_grade = old_grade", 1);
    EXPECT_ROW(1, "housing_grade <> old_grade", 1);
    EXPECT("housing_grade in ('C', 'D')", 1);
    EXPECT_ROW(1, "housing_grade not in ('C', 'D级危房')", 1);
    EXPECT("if(housing_grade = 'C', 'A', old_grade)", 1);
    EXPECT("first(housing_grade, 'B')", 3);
    EXPECT_ROW(2, "first(housing_grade, 'B')", 2);
    EXPECT("causes has 'illness'", 1);
    EXPECT("causes has any ('school', 'disaster')", 1);
    EXPECT("causes has all ('illness', 'disaster')", 1);
    EXPECT("causes has all ('illness', 'school')", 0);
    EXPECT_ROW(1, "causes has ('illness', 'no water')", 0);
}

/* Folds over 3, 1 and 0 people. Conditions: true, missing, false | missing | nobody. */
static void test_folds(void **state)
{
    (void)state;
    set("student", 0, 1, M, 0, M);
    set("earned", 0, 150, 250, M, M); /* 1.50, 2.50, missing | missing */
    set("birth", 0, 7304, 20000, 0, -3653);
    static const struct {
        const char *text;
        int64_t want[3];
    } cases[] = {
        {"count(members)", {3, 1, 0}},
        {"count(members where student)", {1, 0, 0}},
        {"count(members where not student)", {1, 0, 0}},
        {"count(members where true)", {3, 1, 0}},
        {"count(members where false)", {0, 0, 0}},
        {"sum(members, earned)", {400, M, 0}},
        {"sum(members where student, earned)", {150, 0, 0}},
        {"sum(members where not student, earned)", {M, 0, 0}}, /* his is not known */
        {"sum(members, 2)", {6, 2, 0}},
        {"sum(members, size)", {12, M, 0}},
        {"min(members, earned)", {150, M, M}},
        {"max(members, earned)", {250, M, M}},
        {"max(members where student, earned)", {150, M, M}},
        {"min(members where false, earned)", {M, M, M}},
        {"any(members where student)", {1, M, 0}},
        {"any(members where student and false)", {0, 0, 0}},
        {"any(members where earned > 3)", {M, M, 0}},
        {"any(members)", {1, 1, 0}},
        {"all(members, student)", {0, M, 1}},
        {"all(members, earned > 1)", {M, M, 1}},
        {"all(members, true)", {1, 1, 1}},
        {"all(members where student, earned > 1)", {1, M, 1}},
        {"all(members where student, earned > 2)", {0, M, 1}},
        {"all(members where earned > 1, earned > 1)", {M, M, 1}},
        {"count(members where years(birth) >= 18)", {2, 1, 0}},
        {"adults", {2, 1, 0}},
        {"oldest", {56, 66, M}},
        {"count(members where age < oldest)", {2, 0, 0}},
        {"min(members, birth) = 1970-01-01", {1, 0, M}},
    };
    set("size", 0, 4, M, 1, 0); /* of the households: the first of that name */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t row = 0; row < 3; row++)
            expect_at((int)i, RULE_HOUSEHOLD, row, cases[i].text, cases[i].want[row]);
}

/* The exact total counts, whatever is added on the way; only a total that does not fit is
 * missing. */
static void test_large_sums(void **state)
{
    (void)state;
    set("earned", 0, INT64_MAX, 10, -20, 5);
    EXPECT("sum(members, earned)", INT64_MAX - 10);
    set("earned", 0, INT64_MAX, 1, 0, 5);
    EXPECT("sum(members, earned)", M);
    assert_int_equal(f.figures.overflows, 1);
    set("earned", 0, -INT64_MAX, -INT64_MAX, -INT64_MAX, 5);
    EXPECT("sum(members, earned)", M);
    assert_int_equal(f.figures.overflows, 1);
}

/* Names from outer levels, named levels, rules for people and for areas. */
static void test_levels(void **state)
{
    (void)state;
    set("size", 0, 4, 5, 6, 0);
    set("altitude", 0, 3500, 10, 0, 0);
    set("poverty_line", 0, 400000, 300000, 0, 0);
    set("income.total", 0, 1600000, 2000000, 1799999, 0); /* 4000, 4000, 2999.998 a head */
    set("student", 0, 1, 0, 1, 1);
    set("birth", 0, 0, 0, 0, 0);
    expect_at(__LINE__, RULE_PERSON, 3, "size", 5);
    expect_at(__LINE__, RULE_PERSON, 3, "household.size * 2", 10);
    expect_at(__LINE__, RULE_PERSON, 3, "altitude", 3500);
    expect_at(__LINE__, RULE_PERSON, 0, "student and size > 3", 1);
    expect_at(__LINE__, RULE_PERSON, 1, "student or high", 1);
    expect_at(__LINE__, RULE_PERSON, 2, "count(members where student)", 2);
    expect_at(__LINE__, RULE_PERSON, 1, "years(person.birth, today) + year", 2026 + 56);
    EXPECT_ROW(2, "area.altitude", 10);
    EXPECT_ROW(0, "high", 1);
    EXPECT_ROW(2, "high", 0);
    EXPECT_ROW(0, "poor", 0); /* at the line is not below it */
    EXPECT_ROW(2, "poor", 1);
    expect_at(__LINE__, RULE_AREA, 0, "count(households)", 2);
    expect_at(__LINE__, RULE_AREA, 0, "sum(households, size)", 9);
    expect_at(__LINE__, RULE_AREA, 0, "sum(households, count(members where student))", 3);
    expect_at(__LINE__, RULE_AREA, 1, "poor_rate", 1000000);
    expect_at(__LINE__, RULE_AREA, 0, "poor_rate", 0);
    expect_at(__LINE__, RULE_AREA, 0, "poverty_line", 400000);
    expect_at(__LINE__, RULE_AREA, 0, "count(households where altitude > 3000)", 2);
    expect_at(__LINE__, RULE_AREA, 1, "all(households, any(members where student))", 0);
}

/* last_year and earlier read the values of those years; within folds too, and through rules. */
static void test_earlier(void **state)
{
    (void)state;
    for (int back = 0; back < 3; back++) {
        set("size", back, 4 - back, 1, 1, 0);
        set("student", back, back == 1, 0, back != 2, 0);
        set("income.total", back, 100000 * (back + 1), 0, 0, 0);
    }
    EXPECT("size - last_year(size)", 1);
    EXPECT("earlier(2, size)", 2);
    EXPECT("earlier(1, size + last_year(size))", 5);
    EXPECT("last_year(count(members where student))", 2);
    EXPECT("count(members where last_year(student))", 2);
    EXPECT("earlier(2, count(members where student))", 0);
    EXPECT("earlier(3, size)", M);
    EXPECT("last_year(per_head)", 666666667); /* 2000.00 / 3 */
    EXPECT("earlier(2, 5)", 5);
}

/* Blanks, comments, wide blanks and a BOM do not matter; '' is a quote. */
static void test_blanks(void **state)
{
    (void)state;
    set("size", 0, 4, 1, 1, 0);
    EXPECT("\xEF\xBB\xBFsize # people\n\t+\xE3\x80\x80 1 # 'and one", 5);
    EXPECT("size-1", 3);
    EXPECT("2026-11 = 2026-11", 1);
    EXPECT("2026 - 11", 2015);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_logic, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_arithmetic, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_missing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_days, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_codes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_folds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_large_sums, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_levels, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_earlier, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_blanks, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
