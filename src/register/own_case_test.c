/* Tests of test cases, without a database: what each outcome needs, people, earlier years,
 * limits, money, derived names, and what is said of a line that is not understood. */
#include "register/own_case.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/file.h"
#include "base/text.h"

#include <string.h>

struct trial {
    struct cx cx;
    struct profile *profile;
    struct own_rule rule;
};

static void begin(struct trial *t)
{
    struct profile_faults faults = {0};
    *t = (struct trial){0};
    cx_init(&t->cx, arena_open(64 * 1024 * 1024));
    check_ok(&t->cx, profile_load_embedded(&t->profile, &faults, &t->cx, "cn"));
    t->cx.profile = t->profile;
    t->rule = (struct own_rule){.code = "trial",
                                .subject = SUBJECT_HOUSEHOLD,
                                .kind = OWN_CHECK,
                                .message = "",
                                .hint = "",
                                .note = ""};
}

static void end(struct trial *t)
{
    profile_free(t->profile);
    arena_free(t->cx.arena);
}

/* The only case of a text; on 1 May 2026, in a county of Guizhou. */
static struct own_case one(struct trial *t, const char *rule, const char *text)
{
    static const struct str codes[] = {{"520181", 6}, {"5201", 4}, {"52", 2}};
    const struct case_place place = {codes, 3, 20574};
    struct own_case *cases;
    size_t count;
    t->rule.rule = rule;
    t->rule.cases = text;
    check_ok(&t->cx, case_run_all(&cases, &count, &t->cx, &t->rule, &place));
    assert_int_equal(count, 1);
    return cases[0];
}

static void passes(struct trial *t, const char *rule, const char *text)
{
    struct own_case c = one(t, rule, text);
    if (!c.passed)
        print_error("%s | %s: %s (%s, %s)\n", rule, text, c.problem ? c.problem : "failed",
                    c.expected, c.got);
    assert_true(c.passed);
    assert_null(c.problem);
}

static void fails(struct trial *t, const char *rule, const char *text, const char *got)
{
    struct own_case c = one(t, rule, text);
    assert_null(c.problem);
    assert_false(c.passed);
    assert_string_equal(c.got, got);
}

static void refused(struct trial *t, const char *rule, const char *text, const char *says)
{
    struct own_case c = one(t, rule, text);
    assert_false(c.passed);
    assert_non_null(c.problem);
    if (!strstr(c.problem, says))
        print_error("%s: %s\n", text, c.problem);
    assert_non_null(strstr(c.problem, says));
}

/* Yes, no and unknown come out where the rule's truth tables (doc/rules.md) say so, and another
 * expectation than what comes out fails and tells it. */
static void outcomes(void **state)
{
    struct trial t;
    (void)state;
    begin(&t);
    const char *rule = "size = 3 and house_grade = 'D级'";
    passes(&t, rule, "yes: size = 3; house_grade = 'D级'");
    passes(&t, rule, "no: size = 2; house_grade = 'D级'");
    passes(&t, rule, "no: size = 2");
    passes(&t, rule, "unknown: size = 3");
    passes(&t, rule, "unknown: size = 3; house_grade = missing");
    passes(&t, rule, "是：size ＝ 3；house_grade ＝ ‘D级’");
    passes(&t, rule, "不详: size = 3 # nobody wrote the grade down");
    fails(&t, rule, "yes: size = 2", "no");
    fails(&t, rule, "no: size = 3", "not known");
    fails(&t, rule, "unknown: size = 3; house_grade = 'D级'", "yes");
    end(&t);
}

/* Behind each bar stands a person; size is the number of them unless it is given. */
static void people(void **state)
{
    struct trial t;
    (void)state;
    begin(&t);
    const char *rule = "count(members where age < 16) = 2 and size = 3";
    passes(&t, rule, "yes: | birth = 2015-03-01 | birth = 2020-01-01 | birth = 1970-01-01");
    passes(&t, rule, "no: | birth = 2015-03-01 | birth = 1970-01-01 |");
    passes(&t, rule, "no: size = 4 | age = 3 | age = 4 | age = 40");
    passes(&t, rule, "yes: today = 2027-01-01 | birth = 2011-01-02 | age = 4 | age = 40");
    passes(&t, rule, "no: today = 2027-01-02 | birth = 2011-01-02 | age = 4 | age = 40");
    passes(&t, "any(members where health has 'Disability')",
           "yes: | health = 'Healthy' | health = 'Long-term illness', 'Disability'");
    t.rule.subject = SUBJECT_PERSON;
    passes(&t, "age in 6 .. 15 and student = 'Not at school'",
           "yes: birth = 2015-03-01; student = 'Not at school'");
    passes(&t, "age in 6 .. 15 and size = 2", "yes: | age = 7 | age = 40");
    passes(&t, "age in 6 .. 15 and size = 2", "yes: age = 7 | age = 40");
    passes(&t, "not household.water_safe and age < 6", "yes: water_safe = no; age = 5");
    end(&t);
}

/* Values of years before, limits by name and as they hold in the county, and money of kinds
 * with what lies below them. */
static void years_limits_money(void **state)
{
    struct trial t;
    (void)state;
    begin(&t);
    const char *fell = "net_income_per_head < last_year(net_income_per_head) * 0.7";
    passes(&t, fell, "yes: net_income_per_head = 6000; last_year.net_income_per_head = 9000");
    passes(&t, fell, "no: net_income_per_head = 6300; last_year.net_income_per_head = 9000");
    passes(&t, fell, "unknown: net_income_per_head = 6000");
    passes(&t, "earlier(3, size) = 2", "yes: earlier.3.size = 2; size = 9");
    passes(&t, "earlier(3, size) = 2", "yes: earlier.2.last_year.size = 2; size = 9");
    /* thresholds.csv: 4000 yuan from 2020 on, 2800 in 2014 to 2019 */
    const char *poor = "net_income_per_head < national_line";
    passes(&t, poor, "yes: net_income_per_head = 3999.99");
    passes(&t, poor, "no: net_income_per_head = 4000");
    passes(&t, poor, "no: today = 2016-06-01; net_income_per_head = 3000");
    passes(&t, poor, "yes: national_line = 5000; net_income_per_head = 4000");
    passes(&t, "income.wages > 0", "unknown: size = 1");
    passes(&t, "income.wages > 0", "no: income.crops = 100");
    t.rule.kind = OWN_FIGURE;
    passes(&t, "income.production", "150.5: income.rice = 100.5; income.maize = 50");
    passes(&t, "income.production",
           "70: income.crops = 70; income.rice = 100; income.wages = 1");
    passes(&t, "house_m2 / size", "unknown: size = 3");
    passes(&t, "round(house_m2 / size, 1)", "33.3: size = 3; house_m2 = 100");
    fails(&t, "round(house_m2 / size, 1)", "33.4: size = 3; house_m2 = 100", "33.3");
    end(&t);
}

/* What is said of a line that is not understood: the name, its place, the value. */
static void broken(void **state)
{
    struct trial t;
    (void)state;
    begin(&t);
    const char *rule = "size = 3";
    refused(&t, rule, "size = 3", "Begin with what the rule must answer");
    refused(&t, rule, "maybe: size = 3", "cannot be what the rule answers");
    refused(&t, rule, "yes: size", "write name = value");
    refused(&t, rule, "yes: hous_grade = 'D级'", "Did you mean “house_grade”?");
    refused(&t, rule, "yes: size = three", "a number with at most 0 decimals");
    refused(&t, rule, "yes: house_grade = 'Z'", "does not fit house_grade");
    refused(&t, rule, "yes: age = 3", "belongs to a person: write it behind a |");
    refused(&t, rule, "yes: | size = 3", "belongs to the household");
    refused(&t, rule, "yes: earlier.99.size = 3", "at most 20 years");
    refused(&t, rule, "yes: today = soon", "write today = 2026-11-23");
    refused(&t, rule, "yes: | | | | | | | | | | | | | | | | | | | | | | | | | | | | | | |",
            "at most 30 people");
    refused(&t, "hous = 3", "yes: size = 3", "hous");
    t.cx.lang = LANG_ZH;
    text_use(LANG_ZH, &messages_zh);
    refused(&t, rule, "是: hous_grade = 'D级'", "house_grade");
    end(&t);
}

/* More lines than the limit are refused as a whole; empty ones and notes are no cases. */
static void many(void **state)
{
    struct trial t;
    const struct case_place place = {NULL, 0, 20574};
    struct own_case *cases;
    size_t count;
    struct buf b;
    (void)state;
    begin(&t);
    buf_init(&b, t.cx.arena, OWN_CASES_BYTES);
    buf_z(&b, "# two of them\n\n");
    for (int i = 0; i < OWN_CASES_MAX; i++)
        buf_z(&b, "yes: size = 3\n\n");
    t.rule.rule = "size = 3";
    t.rule.cases = buf_view(&b).p;
    check_ok(&t.cx, case_run_all(&cases, &count, &t.cx, &t.rule, &place));
    assert_int_equal(count, OWN_CASES_MAX);
    assert_int_equal(cases[1].line, 5);
    buf_z(&b, "yes: size = 3");
    t.rule.cases = buf_view(&b).p;
    assert_int_equal(case_run_all(&cases, &count, &t.cx, &t.rule, &place), RC_LIMIT);
    end(&t);
}

static void read_document(struct trial *t, const char *path)
{
    struct str text;
    size_t lines = 0;
    check_ok(&t->cx, file_read(&text, &t->cx, path, 1 << 20));
    size_t at = str_find(text, STR("```text\n"));
    assert_true(at != SIZE_MAX);
    struct str rest = {text.p + at + 8, text.len - at - 8};
    for (struct str line = str_cut(&rest, '\n'); !str_eq(line, STR("```"));
         line = str_cut(&rest, '\n'), lines++) {
        bool figure = line.p[0] >= '0' && line.p[0] <= '9';
        t->rule.kind = figure ? OWN_FIGURE : OWN_CHECK;
        struct own_case c = one(t, figure ? "round(house_m2 / size, 1)" : "size = 3",
                                arena_copy(t->cx.arena, line));
        if (c.problem)
            print_error("%s: %.*s: %s\n", path, STR_ARG(line), c.problem);
        assert_null(c.problem);
        assert_true(!figure || c.passed);
    }
    assert_int_equal(lines, 6);
}

/* The cases of doc/rules.md and its Chinese twin are understood, in their language. */
static void documented(void **state)
{
    struct trial t;
    (void)state;
    begin(&t);
    read_document(&t, "doc/rules.md");
    t.cx.lang = LANG_ZH;
    read_document(&t, "doc/rules.zh.md");
    end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documented), cmocka_unit_test(outcomes),
        cmocka_unit_test(people),     cmocka_unit_test(years_limits_money),
        cmocka_unit_test(broken),     cmocka_unit_test(many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
