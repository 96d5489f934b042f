/* Mistakes in rules: the sentence, the place (what of the text is marked, line and column), and
 * what was probably meant. */
#include "base/buf.h"
#include "base/check.h"
#include "base/text.h"
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

/* One mistake: `marked` is the part of the text that is pointed at. */
struct mistake {
    const char *text, *marked, *says, *nearest;
    enum rule_level level;
};

static void check_mistake(const struct mistake *m, bool want_bool)
{
    const struct rule_program *p = NULL;
    enum rc rc = fixture_compile(&p, &f, m->level, m->text, want_bool);
    if (rc != RC_INVALID)
        fail_msg("%s: %s, want a mistake", m->text, rc_name(rc));
    if (!strstr(f.fault.message, m->says))
        fail_msg("%s\n got: %s\nwant: %s", m->text, f.fault.message, m->says);
    if (!strstr(cx.err.text, f.fault.message) && strlen(f.fault.message) < 300)
        fail_msg("%s: the context says %s", m->text, cx.err.text);
    struct str marked = {m->text + f.fault.at, f.fault.length};
    check_str_z(marked, m->marked);
    if (m->nearest ? !f.fault.nearest || strcmp(f.fault.nearest, m->nearest) != 0
                   : f.fault.nearest != NULL)
        fail_msg("%s: nearest is %s, want %s", m->text, f.fault.nearest ? f.fault.nearest : "-",
                 m->nearest ? m->nearest : "-");
    err_clear(&cx);
}

static void check_mistakes(const struct mistake *m, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_mistake(&m[i], true);
}
#define CHECK_MISTAKES(m) check_mistakes((m), sizeof(m) / sizeof *(m))
#define H                 RULE_HOUSEHOLD

/* Types that do not go together: told with what is there and what to write. */
static void test_types(void **state)
{
    static const struct mistake m[] = {
        {"size / 0 > 1", "0", "Division by zero: “0” is 0", NULL, H},
        {"size / (2 - 2.0) > 1", "(2 - 2.0)", "Division by zero", NULL, H},
        {"housing_grade = 3", "3",
         "“housing_grade” is one of: A, B, C, D. Write the answer in quotes: 'C'", NULL, H},
        {"7 <> housing_grade", "7", "Write the answer in quotes, for example 'A'", NULL, H},
        {"housing_grade in (1, 2)", "1", "in quotes: 'A'", NULL, H},
        {"housing_grade = cause", "cause",
         "“housing_grade” and “cause” are answers of different lists", NULL, H},
        {"housing_grade > 'A'", "housing_grade", "has no order", NULL, H},
        {"visited > 60", "60",
         "“visited” is a day and “60” is a number. Write a day as 2026-11-23, or count with "
         "years(visited)",
         NULL, H},
        {"visited + 30 > today", "visited",
         "“visited” is a day, and here a number is expected. Count with years(…) or months(…)",
         NULL, H},
        {"yes = 1", "1", "“yes” is a condition (true or false) and “1” is a number", NULL, H},
        {"size and yes", "size", "Here a condition is expected, but “size” is a number", NULL,
         H},
        {"size", "size", "Here a condition is expected", NULL, H},
        {"size = 1 or 'A'", "'A'", "name in ('A', 'B')", NULL, H},
        {"'A' = 'A'", "'A'", "it can only be compared with a name that has such a list", NULL,
         H},
        {"size = '3'", "'3'", "“size” is a number: write 3 without quotes", NULL, H},
        {"causes = 'illness'", "'illness'", "write causes has 'illness'", NULL, H},
        {"housing_grade has 'A'", "housing_grade", "has asks for one of several answers", NULL,
         H},
        {"note = 'x'", "'x'", "write note is missing", NULL, H},
        {"size = missing", "missing", "Write: size is missing", NULL, H},
        {"size in (1, missing)", "missing", "Add: or size is missing", NULL, H},
        {"size in (1, debt)", "debt", "Only fixed values can stand in a list", NULL, H},
        {"round(size, debt) > 1", "debt", "a whole number from 0 to 18", NULL, H},
        {"years(moved) > 1", "moved", "use months(…)", NULL, H},
        {"sum(members, student) > 1", "student", "count(members where student)", NULL, H},
        {"max(yes, no)", "yes", "has no order", NULL, H},
        {"if(size, 1, 2) = 1", "size", "Here a condition is expected", NULL, H},
        {"if(yes, 1, housing_grade) = 1", "1", "in quotes: 'A'", NULL, H},
        {"999999999999999999 * 999999999999999999 > 1",
         "999999999999999999 * 999999999999999999", "too large to compute with", NULL, H},
        {"land * 0.1234567890123456789 > 1", "0.1234567890123456789", "at most 18 digits", NULL,
         H},
        {"land * 1.0123456789 * 1.0123456789 > 1", "land * 1.0123456789 * 1.0123456789",
         "more than 18 decimals", NULL, H},
    };
    (void)state;
    CHECK_MISTAKES(m);
}

/* Words and signs: unknown names, wrong order, parentheses, too few parts. */
static void test_grammar(void **state)
{
    static const struct mistake m[] = {
        {"", "", "The rule is empty", NULL, H},
        {"  # nothing", "", "The rule is empty", NULL, H},
        {"siez > 1", "siez", "“siez” is not a name that is known here. Did you mean “size”?",
         "size", H},
        {"Size > 1", "Size", "Did you mean “size”?", "size", H},
        {"income.wage > 1", "income.wage", "not a name", "income.wages", H},
        {"qwertzuiop > 1", "qwertzuiop", "not a name", NULL, H},
        {"agee(birth) > 1", "agee", "There is no function “agee”", NULL, H},
        {"yers(visited) > 1", "yers", "There is no function “yers”", "years", H},
        {"size > 1 AND yes", "AND", "does not belong here", "and", H},
        {"size >", "", "The rule ends here, but a value is expected", NULL, H},
        {"size > > 1", ">", "Before “>” a value is expected", NULL, H},
        {"(size > 1", "", "closing parenthesis ) is expected", NULL, H},
        {"size > 1)", ")", "closes nothing", NULL, H},
        {"size 1", "1", "does not belong here", NULL, H},
        {"1 < size < 5", "<", "Two comparisons in a row", NULL, H},
        {"size is 4", "4", "to compare write =", NULL, H},
        {"size not 4", "4", "can only stand as “not in”", NULL, H},
        {"size in 4", "4", "a list in parentheses", NULL, H},
        {"size in ()", ")", "a value is expected", NULL, H},
        {"if(yes, 1) = 1", "if", "if(condition, value, other value)", NULL, H},
        {"years() > 1", ")", "a value is expected", NULL, H},
        {"years(visited, today, 3) > 1", "years", "years(day) or years(day, until day)", NULL,
         H},
        {"count(size) > 1", "count", "count(members where condition)", NULL, H},
        {"count(members, yes) > 1", "count", "count(members where condition)", NULL, H},
        {"sum(members) > 1", "sum", "sum(members, value)", NULL, H},
        {"earlier(0, size) > 1", "earlier", "1 to 20 years", NULL, H},
        {"earlier(15, earlier(6, size)) > 1", "earlier", "20 years at most", NULL, H},
        {"members > 1", "members", "stands only in count(…)", NULL, H},
        {"housing_grade = 'E'", "'E'", "“E” is not an answer of “housing_grade”", NULL, H},
        {"cause = 'ilness'", "'ilness'", "one of: illness, school", "illness", H},
        {"causes has 'scool'", "'scool'", "Did you mean “school”?", "school", H},
        {"cause = 'illness", "'", "not closed", NULL, H},
        {"size > 1e5", "1e", "followed by a letter", NULL, H},
        {"visited > 2026-02-30", "2026-02-30", "is not a day or a month", NULL, H},
        {"visited > 2026-13", "2026-13", "is not a day or a month", NULL, H},
        {"visited > 2026-1-5", "2026-1-5", "Write a day as 2026-11-23", NULL, H},
        {"size > 99999999999999999999", "99999999999999999999", "too long", NULL, H},
    };
    (void)state;
    CHECK_MISTAKES(m);
}

/* Signs of Chinese keyboards and of other languages: told with the right one. */
static void test_signs(void **state)
{
    static const struct mistake m[] = {
        {"size ≥ 3", "≥", "“≥” is not a sign of this language. Did you mean “>=”?", ">=", H},
        {"size 《 3", "《", "is not a sign", "<", H},
        {"min（size, 3) > 1", "（", "is not a sign", "(", H},
        {"size in (1，2)", "，", "is not a sign", ",", H},
        {"size == 3", "==", "is not a sign", "=", H},
        {"size != 3", "!=", "is not a sign", "<>", H},
        {"yes && no", "&&", "is not a sign", "and", H},
        {"size => 3", "=>", "is not a sign", ">=", H},
        {"cause = “因病”", "“", "is not a sign", "'", H},
        {"cause = \"illness\"", "\"", "is not a sign", "'", H},
        {"size > ３", "３", "full width", "3", H},
        {"ｓｉｚｅ > 3", "ｓｉｚｅ", "full width", "size", H},
        {"家庭人口 > 3", "家庭人口", "names are written with their code", "size", H},
        {"yes 且 no", "且", "is not a sign", "and", H},
        {"size @ 3", "@", "“@” is not a sign", NULL, H},
        {"size > \x01", "\x01", "cannot be read", NULL, H},
        {"size > \xff", "\xff", "cannot be read", NULL, H},
    };
    (void)state;
    CHECK_MISTAKES(m);
}

/* Names of inner levels, and folds where they cannot be. */
static void test_scopes(void **state)
{
    static const struct mistake m[] = {
        {"age > 18", "age", "“age” belongs to each person", NULL, H},
        {"person.age > 18", "person.age", "count(members where …)", NULL, H},
        {"income.total > 1", "income.total", "belongs to each household", NULL, RULE_AREA},
        {"count(households) > 1", "households",
         "Households can only be counted in a rule for areas", NULL, H},
        {"count(members) > 1", "members", "sum(households, count(members))", NULL, RULE_AREA},
        {"count(members where count(members) > 1) > 1", "members",
         "Members cannot be asked inside members", NULL, H},
        {"count(members where count(households) > 1) > 1", "households", "rule for areas", NULL,
         H},
        {"poor_rate > 0.5", "poor_rate", "In the rule “poor_rate”, line 1, column 7", NULL, H},
        {"household.altitude > 1", "household.altitude", "not a name", "altitude", H},
        {"area.poor_rate > 0 and student", "student", "belongs to each person", NULL,
         RULE_AREA},
    };
    (void)state;
    CHECK_MISTAKES(m);
}

/* Rules that need themselves are named in a ring, from wherever one begins; a mistake inside
 * another rule is told with that rule's place, at the name that led there. */
static void test_rings(void **state)
{
    static const struct mistake m[] = {
        {"ring_a > 1", "ring_a",
         "The rule “ring_a” needs itself: ring_a → ring_b → ring_c → ring_a", NULL, H},
        {"size > ring_c", "ring_c", "ring_c → ring_a → ring_b → ring_c", NULL, H},
        {"yes and broken > 1", "broken",
         "In the rule “broken”, line 2, column 3: “siez” is not a name that is known here",
         "size", H},
    };
    const struct rule_program *p = NULL;
    const struct rule_text self = {"adults", H, STR("adults + 1"), false};
    (void)state;
    CHECK_MISTAKES(m);
    check_refused(&cx, rule_compile(&p, &f.fault, &cx, &f.d, &self, 1), RC_INVALID);
    assert_non_null(strstr(f.fault.message, "The rule “adults” needs itself: adults → adults"));
}

/* A text of `open` and `close` around a name, `depth` times. */
static enum rc nested(const char *open, const char *close, size_t depth)
{
    struct buf b;
    const struct rule_program *p = NULL;
    buf_init(&b, cx.arena, 1 << 20);
    for (size_t n = 0; n < depth; n++)
        buf_z(&b, open);
    buf_z(&b, "size");
    for (size_t n = 0; n < depth; n++)
        buf_z(&b, close);
    err_clear(&cx);
    return fixture_compile(&p, &f, H, arena_copy(cx.arena, buf_view(&b)), false);
}

/* 10,000 parentheses, minus signs and calls: an answer, whatever the depth. What really nests
 * is refused behind its `most`, at that very place; a chain is only bound by the text's length.
 */
static void test_deep(void **state)
{
    static const struct {
        const char *open, *close;
        size_t most;
        const char *says;
    } forms[] = {{"(", ")", 100, "nested too deep: at most 100"},
                 {"abs(", ")", 100, "nested too deep: at most 100"},
                 {"min(1, ", ")", 100, "nested too deep: at most 100"},
                 {"last_year(", ")", 20, "20 years at most"},
                 {"sum(households, ", ")", 0, "rule for areas"},
                 {"-", "", 10000, ""},
                 {"1+", "", 8000, ""}};
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        check_ok(&cx, nested(forms[i].open, forms[i].close, forms[i].most));
        if (forms[i].most < 1000) {
            assert_int_equal(nested(forms[i].open, forms[i].close, forms[i].most + 1),
                             RC_INVALID);
            assert_non_null(strstr(f.fault.message, forms[i].says));
        }
        enum rc rc = nested(forms[i].open, forms[i].close, 10000);
        assert_int_equal(rc, strcmp(forms[i].open, "-") == 0 ? RC_OK : RC_INVALID);
    }
    assert_int_equal(nested("(", ")", 9000), RC_INVALID);
    assert_non_null(strstr(f.fault.message, "at most 16384 bytes"));
    assert_int_equal(nested("(", ")", 8000), RC_INVALID);
    assert_int_equal(f.fault.at, 101);
}

/* Line and column count from 1, columns in characters, not bytes; the second text of a program
 * is named. */
static void test_places(void **state)
{
    const struct rule_program *p = NULL;
    const struct rule_text texts[] = {
        {"one", H, STR("size > 1"), true},
        {"two", H, STR("cause = '因病' # 病\n  and cause = '因病' and siez > 1"), true},
    };
    (void)state;
    check_refused(&cx, rule_compile(&p, &f.fault, &cx, &f.d, texts, 2), RC_INVALID);
    assert_int_equal(f.fault.rule, 1);
    assert_int_equal(f.fault.line, 2);
    assert_int_equal(f.fault.column, 24);
    assert_string_equal(f.fault.nearest, "size");
}

/* The same in Chinese, with Chinese labels as suggestions. */
static void test_chinese(void **state)
{
    static const struct mistake m[] = {
        {"housing_grade = 3", "3",
         "“housing_grade”的选项有：A级, B级, C级, D级危房。请写带引号的选项：'C级'", NULL, H},
        {"cause = '因灾害'", "'因灾害'", "不是“cause”的选项", "因灾", H},
        {"housing_grade = '危房'", "'危房'", "是不是想写“D级危房”", "D级危房", H},
        {"出生日 > 2000-01-01", "出生日", "指标要写它的代码", "birth", H},
    };
    (void)state;
    text_use(LANG_ZH, &messages_zh);
    cx.lang = LANG_ZH;
    CHECK_MISTAKES(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_types, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_grammar, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_signs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_scopes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rings, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_deep, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_places, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_chinese, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
