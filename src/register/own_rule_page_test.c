/* Tests of what the pages of own rules make: the list of whom a rule concerns as a file, what
 * differs between versions, where a mistake is marked, and names that are searched. */
#include "frame/rows.h"
#include "register/check_file_view.h"
#include "register/check_fixture.h"
#include "register/own_rule_view.h"

#include <fcntl.h>

static struct own_rule new_rule(const char *rule)
{
    return (struct own_rule){.county = f.county,
                             .code = "big",
                             .subject = SUBJECT_HOUSEHOLD,
                             .severity = SEVERITY_WARNING,
                             .state = OWN_DRAFT,
                             .rule = rule,
                             .message = "面积过大",
                             .hint = "",
                             .note = "",
                             .cases = ""};
}

/* The file has a row for each household that the rule is true of, in the asked area. */
static void file_on(struct cx *cx)
{
    struct check_scope scope;
    struct rule_fault fault;
    struct own_tally *tally;
    struct str text;
    int64_t rows, lines = 0;
    check_fixture_open(cx);
    struct own_rule rule = new_rule("house_m2 > 200");
    struct check_file file = {.check = own_rule_check(cx, &rule),
                              .scope = &scope,
                              .year = YEAR,
                              .show = CHECK_ALL,
                              .format = FRAME_CSV,
                              .own = &rule};
    check_ok(cx, own_rule_compile(&file.own_program, &fault, cx, &rule));
    check_ok(cx, check_scope_find(&scope, cx, f.town[0]));
    check_ok(cx, own_rules_count(&tally, cx, &scope.places[0], YEAR, &rule, 1));
    const char *path = arena_printf(cx->arena, "%s/list.csv", f.dir);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    check_ok(cx, check_file_write(&rows, cx, &file, fd));
    close(fd);
    assert_int_equal(rows, tally[0].yes);
    check_ok(cx, file_read(&text, cx, path, 1 << 20));
    for (size_t i = 0; i < text.len; i++)
        lines += text.p[i] == '\n';
    assert_int_equal(lines, rows + 1);
    assert_true(str_find(text, STR("面积过大")) != SIZE_MAX);
    check_fixture_close(cx);
}
static void test_file(void **state)
{
    (void)state;
    db_fixture_each(file_on);
}

/* Only what changed is told, and of a text only the lines that did. */
static void test_diff(void **state)
{
    struct cx cx;
    const struct own_diff *d;
    (void)state;
    check_open(&cx);
    struct own_rule a = new_rule("size > 3\nand water_safe\nor power"), b = a;
    assert_int_equal(own_diff_fill(&d, &cx, &a, &b), 0);
    b.rule = "size > 4\nand water_safe\nor power\nor road";
    b.state = OWN_IN_FORCE;
    assert_int_equal(own_diff_fill(&d, &cx, &a, &b), 2);
    assert_string_equal(d[0].lines[0].text, "Draft");
    assert_int_equal(d[1].count, 5);
    const char kinds[] = "-+  +";
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(d[1].lines[i].kind, kinds[i]);
    assert_string_equal(d[1].lines[4].text, "or road");
    check_close(&cx);
}

/* The line of the mistake is cut in three, and the sign under it is as far to the right as the
 * text before is wide. */
static void test_fault(void **state)
{
    struct cx cx;
    struct own_fault_view v;
    (void)state;
    check_open(&cx);
    struct own_rule r = new_rule("size > 3\nor main_cause = '因病' and hous = 1 or power");
    const struct rule_fault fault = {

        .at = (size_t)(strstr(r.rule, "hous ") - r.rule),
        .length = 4,
        .line = 2,
        .column = 27,
        .message = "x"};
    own_fault_fill(&v, &cx, &r, &fault);
    assert_string_equal(v.before, "or main_cause = '因病' and ");
    assert_string_equal(v.marked, "hous");
    assert_string_equal(v.after, " = 1 or power");
    assert_int_equal(strlen(v.caret), strlen(v.before) + 1);
    assert_string_equal(v.caret + strlen(v.caret) - 1, "^");
    assert_int_equal(v.length, 4);
    check_close(&cx);
}

/* Names are found by name and by label in both languages, those of the subject first. */
static void test_names(void **state)
{
    struct cx cx;
    struct profile *p;
    struct profile_faults faults = {0};
    struct own_names_view v;
    (void)state;
    check_open(&cx);
    check_ok(&cx, profile_load_embedded(&p, &faults, &cx, "cn"));
    cx.profile = p;
    own_names_fill(&v, &cx, STR("house_grade"), SUBJECT_HOUSEHOLD, 10);
    assert_int_equal(v.count, 1);
    assert_non_null(strstr(v.names[0].values, "'"));
    own_names_fill(&v, &cx, STR(""), SUBJECT_PERSON, 5);
    assert_int_equal(v.count, 5);
    assert_true(v.all > 100);
    assert_string_equal(v.names[0].level, "person");
    cx.lang = LANG_ZH;
    own_names_fill(&v, &cx, STR("年龄"), SUBJECT_PERSON, 10);
    assert_true(v.count > 0);
    own_names_fill(&v, &cx, STR("no such thing"), SUBJECT_PERSON, 10);
    assert_int_equal(v.all, 0);
    profile_free(p);
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_file), cmocka_unit_test(test_diff),
                                       cmocka_unit_test(test_fault),
                                       cmocka_unit_test(test_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
