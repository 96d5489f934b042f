/* Tests of `fumin describe`, `tabulate` and `regress`: R's numbers (stats/testdata/commands.R),
 * conditions, groups, formats, and messages for mistakes. */
#include "web/commands.h"

#include "insight/poverty_cmd_fixture.h"

#include "base/crypto.h"
#include "frame/rows.h"
#include "insight/formula.h"
#include "stats/stats_fixture.h"

#define ROWS   "src/stats/testdata/design_rows.csv"
#define DESIGN "|--weight|w|--strata|stratum|--cluster|psu|--format|json"

static json_t *ran(struct cx *cx, const char *words)
{
    int code = run(cx, words);
    if (code != EXIT_OK)
        fail_msg("%s: %d, %s", words, code, errors);
    return parsed();
}

static bool is_label(json_t *by, const char *name, const char *label)
{
    const char *z = json_string_value(json_object_get(by, name));
    return label ? z && !strcmp(z, label) : !z;
}

/* The row of this measure and indicator (NULL: any), and with these labels of two columns. */
static json_t *row_of(json_t *rows, const char *measure, const char *indicator,
                      const char *region, const char *a)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i), *by = json_object_get(row, "by");
        const char *own = json_string_value(json_object_get(row, "indicator"));
        if (!strcmp(json_string_value(json_object_get(row, "measure")), measure) &&
            (!indicator || (own && !strcmp(own, indicator))) &&
            is_label(by, "region", region) && is_label(by, "a", a))
            return row;
    }
    fail_msg("no row %s %s", measure, indicator ? indicator : "");
    return NULL;
}

static double number(json_t *row, const char *name)
{
    json_t *x = json_object_get(row, name);
    if (!json_is_number(x))
        fail_msg("%s is no number", name);
    return json_number_value(x);
}

static void near(double got, double want, double relative)
{
    if (!(fabs(got - want) <= relative * fabs(want) + 1e-13))
        fail_msg("got %.15g, want %.15g", got, want);
}

static double reference(struct cx *cx, struct fixture *ref, const char *name, size_t i)
{
    return fixture_reference(ref, arena_printf(cx->arena, "%s%zu", name, i));
}

/* ---- describe ---- */

static void test_describe(void **state)
{
    (void)state;
    /* A mean of the rows of a condition keeps the full design; the spread is svyvar's; a column
     * of texts tells how many values it has. */
    struct cx cx;
    struct fixture ref;
    check_open(&cx);
    fixture_read(&ref, &cx, "src/stats/testdata/commands_reference.csv");
    json_t *rows =
        ran(&cx, "describe|" ROWS DESIGN "|--columns|y,region|--if|y >= 2000 and region = 'a'");
    json_t *mean = row_of(rows, "mean", "y", NULL, NULL);
    near(number(mean, "estimate"), fixture_reference(&ref, "mean_if0"), 1e-12);
    near(number(mean, "se"), fixture_reference(&ref, "mean_if1"), 1e-8);
    near(number(mean, "df"), fixture_reference(&ref, "mean_if2"), 0);
    near(number(row_of(rows, "distinct", "region", NULL, NULL), "estimate"), 1, 0);
    json_decref(rows);
    rows = ran(&cx, "describe|" ROWS DESIGN "|--by|region");
    near(number(row_of(rows, "sd", "y", NULL, NULL), "estimate"), fixture_reference(&ref, "sd"),
         1e-10);
    near(number(row_of(rows, "n", "y", "a", NULL), "estimate"), 133, 0);
    near(number(row_of(rows, "min", "y", NULL, NULL), "estimate"), -350, 0);
    assert_true(json_is_null(json_object_get(row_of(rows, "n", "y", NULL, NULL), "se")));
    assert_non_null(strstr(errors, "The same again: fumin describe"));
    json_decref(rows);
    check_close(&cx);
}

static void test_describe_texts(void **state)
{
    (void)state;
    /* A text among numbers makes the column text, and is named; all missing tells why; a table
     * for people and Markdown come out. */
    struct cx cx;
    check_open(&cx);
    const char *dir = check_dir(&cx);
    const char *path = file_of(&cx, dir, "t.csv", "x,none,z\n1,,5\n2,,5\nabc,NA,5\n4,,\n");
    json_t *rows = ran(&cx, arena_printf(cx.arena, "describe|%s|--format|json|--srs", path));
    assert_non_null(strstr(errors, "column x"));
    assert_non_null(strstr(errors, "“abc” in data row 3"));
    near(number(row_of(rows, "distinct", "x", NULL, NULL), "estimate"), 4, 0);
    json_t *none = row_of(rows, "mean", "none", NULL, NULL);
    assert_true(json_is_null(json_object_get(none, "estimate")));
    assert_non_null(strstr(json_string_value(json_object_get(none, "refused")), "missing"));
    near(number(row_of(rows, "missing", "z", NULL, NULL), "estimate"), 1, 0);
    json_decref(rows);
    assert_int_equal(run(&cx, arena_printf(cx.arena, "describe|%s", path)), EXIT_OK);
    assert_non_null(strstr(output, "text, 4 different"));
    assert_int_equal(run(&cx, arena_printf(cx.arena, "describe|%s|--format|markdown", path)),
                     EXIT_OK);
    assert_non_null(strstr(output, "| z | number | 3 | 1 | 5 |"));
    check_dir_remove(&cx, dir);
    check_close(&cx);
}

/* ---- tabulate ---- */

static void test_tabulate(void **state)
{
    (void)state;
    /* Shares and totals of one column, with the interval on the logit scale; shares of a row of
     * two columns: R's svymean, svyciprop, svytotal and svyby. */
    struct cx cx;
    struct fixture ref;
    check_open(&cx);
    fixture_read(&ref, &cx, "src/stats/testdata/commands_reference.csv");
    json_t *rows = ran(&cx, "tabulate|" ROWS "|region" DESIGN);
    static const char *const regions[] = {"a", "b"};
    for (size_t i = 0; i < 2; i++) {
        json_t *share = row_of(rows, "share", NULL, regions[i], NULL);
        near(number(share, "estimate"), reference(&cx, &ref, "share", i), 1e-12);
        near(number(share, "se"), reference(&cx, &ref, "share_se", i), 1e-9);
        near(number(row_of(rows, "weight", NULL, regions[i], NULL), "se"),
             reference(&cx, &ref, "total_se", i), 1e-9);
    }
    json_t *ci = json_object_get(row_of(rows, "share", NULL, "a", NULL), "ci");
    near(json_number_value(json_array_get(ci, 0)), reference(&cx, &ref, "share_ci", 0), 1e-8);
    near(json_number_value(json_array_get(ci, 1)), reference(&cx, &ref, "share_ci", 1), 1e-8);
    json_t *all = row_of(rows, "share", NULL, NULL, NULL);
    near(number(all, "estimate"), 1, 0);
    assert_true(json_is_null(json_object_get(all, "se")));
    json_decref(rows);
    rows = ran(&cx, "tabulate|" ROWS "|region|a" DESIGN);
    for (size_t i = 0; i < 2; i++) {
        json_t *share = row_of(rows, "row_share", NULL, regions[i], "1");
        near(number(share, "estimate"), reference(&cx, &ref, "row_share", i), 1e-12);
        near(number(share, "se"), reference(&cx, &ref, "row_share_se", i), 1e-9);
    }
    near(number(row_of(rows, "rows", NULL, NULL, NULL), "estimate"), 300, 0);
    json_decref(rows);
    check_close(&cx);
}

static void test_tabulate_missing(void **state)
{
    (void)state;
    /* Empty cells are left out and counted, or a value of their own; an empty cell of the table
     * is 0; column shares of a column add up to 100. */
    struct cx cx;
    check_open(&cx);
    const char *dir = check_dir(&cx);
    const char *path = file_of(&cx, dir, "t.csv", "v,u\nx,1\nx,2\ny,1\n,1\n");
    json_t *rows = ran(&cx, arena_printf(cx.arena, "tabulate|%s|v|--format|json", path));
    json_t *row = json_array_get(rows, 0);
    near(number(row, "rows_left_out"), 1, 0);
    json_decref(rows);
    rows = ran(&cx, arena_printf(cx.arena, "tabulate|%s|v|--missing|--format|json", path));
    near(number(json_array_get(rows, 0), "rows_left_out"), 0, 0);
    json_decref(rows);
    assert_int_equal(run(&cx, arena_printf(cx.arena, "tabulate|%s|v|u|--percent|column", path)),
                     EXIT_OK);
    assert_non_null(strstr(output, "u = 2"));
    assert_non_null(strstr(output, "50.00  100.00   66.67"));
    check_dir_remove(&cx, dir);
    check_close(&cx);
}

/* ---- regress ---- */

static void check_coefficients(struct cx *cx, json_t *rows, struct fixture *ref,
                               const char *const *names, size_t count, const char *tag,
                               const char *se)
{
    for (size_t i = 0; i < count; i++) {
        json_t *row = row_of(rows, "coefficient", names[i], NULL, NULL);
        near(number(row, "estimate"),
             reference(cx, ref, arena_printf(cx->arena, "%s_b", tag), i), 1e-9);
        near(number(row, "se"),
             reference(cx, ref, arena_printf(cx->arena, "%s_%s", tag, se), i), 1e-6);
    }
}

static void test_regress(void **state)
{
    (void)state;
    /* Groups, interactions, a spline and HC3; a model without constant of some rows; a logit
     * under a survey design with the marginal effects of a factor. */
    struct cx cx;
    struct fixture ref;
    check_open(&cx);
    fixture_read(&ref, &cx, "src/stats/testdata/commands_reference.csv");
    static const char *const lm[] = {"(constant)", "region=b", "fpc2",   "region=b#fpc2",
                                     "a#b",        "fpc1",     "fpc1>30"};
    json_t *rows = ran(&cx, "regress|" ROWS "|y ~ i.region##c.fpc2 + c.a#c.b + spline(fpc1, 30)"
                            "|--errors|hc3|--format|json");
    check_coefficients(&cx, rows, &ref, lm, 7, "lm", "hc3");
    for (size_t i = 0; i < 7; i++)
        near(number(row_of(rows, "coefficient", lm[i], NULL, NULL), "p"),
             reference(&cx, &ref, "lm_p", i), 1e-6);
    json_decref(rows);
    static const char *const none[] = {"fpc2=4", "fpc2=5", "fpc2=6"};
    rows = ran(&cx, "regress|" ROWS "|log(w) ~ i.fpc2 - 1|--if|region = 'b'|--format|json");
    check_coefficients(&cx, rows, &ref, none, 3, "none", "iid");
    json_decref(rows);
    static const char *const logit[] = {"(constant)", "fpc2=5", "fpc2=6", "b"};
    rows = ran(&cx, "regress|" ROWS "|a ~ i.fpc2 + b|--model|logit|--margins" DESIGN);
    check_coefficients(&cx, rows, &ref, logit, 4, "logit", "se");
    for (size_t i = 2; i < 4; i++) {
        json_t *row = row_of(rows, "margin", logit[i - 1], NULL, NULL);
        near(number(row, "estimate"), reference(&cx, &ref, "ame", i), 1e-9);
        near(number(row, "se"), reference(&cx, &ref, "ame_se", i), 1e-6);
    }
    json_decref(rows);
    check_close(&cx);
}

static void test_regress_kinds(void **state)
{
    (void)state;
    /* Every model and kind of errors gives numbers; replicates are near the linearised errors;
     * groups are fitted apart; the base can be named. */
    struct cx cx;
    check_open(&cx);
    static const char *const words[] = {
        "--model|probit",        "--model|cloglog",
        "--model|poisson",       "--model|quantile(0.25)|--errors|hc0",
        "--model|lasso",         "--model|ridge|--family|logit|--lambda|1se",
        "--model|net|--alpha|1", "--errors|cluster|--cluster|psu",
        "--errors|hc2",          "--errors|wild|--draws|99|--cluster|psu"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        json_t *rows = ran(
            &cx, arena_printf(cx.arena, "regress|" ROWS "|a ~ b + c + fpc1|--format|json|%s",
                              words[i]));
        json_t *row = row_of(rows, "coefficient", "b", NULL, NULL);
        assert_true(isfinite(number(row, "estimate")));
        assert_true(json_is_number(json_object_get(row, "se")) ||
                    json_is_string(json_object_get(row, "se_refused")));
        json_decref(rows);
    }
    json_t *linear = ran(&cx, "regress|" ROWS "|y ~ ib6.fpc2" DESIGN);
    json_t *jack = ran(&cx, "regress|" ROWS "|y ~ ib6.fpc2|--jackknife" DESIGN);
    double a = number(row_of(linear, "coefficient", "fpc2=4", NULL, NULL), "se");
    double b = number(row_of(jack, "coefficient", "fpc2=4", NULL, NULL), "se");
    assert_true(a > 0 && fabs(b / a - 1) < 0.15);
    json_decref(linear);
    json_decref(jack);
    json_t *groups = ran(&cx, "regress|" ROWS "|y ~ b|--by|region|--format|json");
    near(number(row_of(groups, "n", NULL, "a", NULL), "estimate"), 133, 0);
    json_decref(groups);
    assert_int_equal(run(&cx, "regress|" ROWS "|y ~ b|--margins"), EXIT_OK);
    assert_non_null(strstr(output, "average marginal effect"));
    check_close(&cx);
}

static void test_mistakes(void **state)
{
    (void)state;
    /* Each mistake: a sentence that names the column or the place, nothing on standard output.
     */
    struct cx cx;
    check_open(&cx);
    const char *dir = check_dir(&cx);
    const char *path = file_of(&cx, dir, "bad.csv",
                               "y,x,twice,same,none,text,d,one,neg\n1,1,2,7,,a,0,1,-1\n"
                               "2,2,4,7,,a,0,1,1\n4,3,6,7,,3,1,1,1\n8,5,10,7,,a,1,1,1\n"
                               "9,6,12,7,,a,1,1,1\n");
    static const struct {
        const char *words, *message;
        int code;
    } cases[] = {
        {"regress|F|y ~ x +", "the end stands here; expected a column's name", EXIT_USAGE},
        {"regress|F|y x", "character 3: “x” stands here", EXIT_USAGE},
        {"regress|F|y ~ x#d", "c.age for a number", EXIT_USAGE},
        {"regress|F|y ~ spline(x, 3, 2)", "the knots of a spline ascend", EXIT_USAGE},
        {"regress|F|y ~ exp(x)", "no function “exp”", EXIT_USAGE},
        {"regress|F|y ~ x|--model|magic", "no --model “magic”", EXIT_USAGE},
        {"regress|F|y ~ x|--errors|cluster", "need --cluster V", EXIT_USAGE},
        {"regress|F|y ~ z", "no column “z”", EXIT_FAILED},
        {"regress|F|y ~ text", "Column text, data row 1: “a” is not a number", EXIT_FAILED},
        {"regress|F|y ~ text", "write i.text", EXIT_FAILED},
        {"regress|F|y ~ i.same", "Column same has one value only", EXIT_FAILED},
        {"regress|F|y ~ ib9.d", "Column d has no value “9”", EXIT_FAILED},
        {"regress|F|y ~ log(neg)", "Data row 1: log of -1", EXIT_FAILED},
        {"regress|F|same ~ x", "same", EXIT_FAILED},
        {"regress|F|y ~ none", "Column none has no values", EXIT_FAILED},
        {"regress|F|d ~ x|--model|logit", "x", EXIT_FAILED},
        {"regress|F|y ~ x|--model|logit", "needs an outcome of 0 and 1", EXIT_FAILED},
        {"regress|F|y ~ x|--errors|cluster|--cluster|one", "one", EXIT_FAILED},
        {"regress|F|y ~ x|--weight|neg", "A weight is negative", EXIT_FAILED},
        {"regress|F|y ~ x|--if|x > 100", "No row is left", EXIT_FAILED},
        {"regress|F|y ~ x|--if|zz > 100", "zz", EXIT_FAILED},
        {"tabulate|F|none", "Every value of column none is missing", EXIT_FAILED},
        {"tabulate|F|x|d|--percent|all", "total, row, column or none", EXIT_USAGE},
        {"describe|F|--columns|q", "no column “q”", EXIT_FAILED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *f = strchr(cases[i].words, 'F');
        const char *words = arena_printf(cx.arena, "%.*s%s%s", (int)(f - cases[i].words),
                                         cases[i].words, path, f + 1);
        int code = run(&cx, words);
        if (code != cases[i].code || !strstr(errors, cases[i].message) || output[0])
            fail_msg("%s: %d, %s", words, code, errors);
    }
    /* A sum of other columns is left out, with a note; the others stay. */
    json_t *rows =
        ran(&cx, arena_printf(cx.arena, "regress|%s|y ~ x + twice|--format|json", path));
    json_t *row = row_of(rows, "coefficient", "twice", NULL, NULL);
    assert_true(json_is_null(json_object_get(row, "estimate")));
    assert_non_null(strstr(json_string_value(json_object_get(row, "refused")), "twice"));
    json_decref(rows);
    check_dir_remove(&cx, dir);
    check_close(&cx);
}

/* ---- the formula ---- */

static void test_formula(void **state)
{
    (void)state;
    /* ## expands, a term twice counts once, back quotes take any name. */
    struct cx cx;
    struct formula f;
    check_open(&cx);
    check_ok(&cx, formula_parse(&f, &cx, "log(`my y`) ~ c.a##i.b##c.d + a + a^2 + ib2.`x y`"));
    assert_true(f.count == 9 && f.constant && f.outcome.kind == FORMULA_LOG);
    assert_string_equal(f.outcome.name, "my y");
    assert_string_equal(f.terms[8].part[0].base, "2");
    assert_string_equal(f.terms[8].part[0].name, "x y");
    assert_true(f.terms[6].count == 3 && f.terms[7].part[0].power == 2);
    check_ok(&cx, formula_parse(&f, &cx, "收入 ~ 0 + 年龄"));
    assert_true(f.count == 1 && !f.constant);
    check_ok(&cx, formula_parse(&f, &cx, "y ~ 1"));
    assert_true(!f.count && f.constant);
    assert_int_equal(formula_parse(&f, &cx, "y ~ 0"), RC_INVALID);
    check_close(&cx);
}

int main(int argc, char **argv)
{
    crypto_init();
    sandbox_child_main(argc, argv, frame_sandbox_kinds, frame_sandbox_kind_count);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_describe), cmocka_unit_test(test_describe_texts),
        cmocka_unit_test(test_tabulate), cmocka_unit_test(test_tabulate_missing),
        cmocka_unit_test(test_regress),  cmocka_unit_test(test_regress_kinds),
        cmocka_unit_test(test_mistakes), cmocka_unit_test(test_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
