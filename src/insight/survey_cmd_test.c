/* Tests of survey designs in `fumin poverty` and `fumin mpi`: the numbers of R's survey for
 * the rows of stats/testdata, notes and warnings, and messages for mistakes. */
#include "web/commands.h"

#include "insight/poverty_cmd_fixture.h"

#include "base/crypto.h"
#include "frame/rows.h"
#include "stats/stats_fixture.h"

#define ROWS    "src/stats/testdata/design_rows.csv"
#define POVERTY "poverty|" ROWS "|--welfare|y|--weight|w|--format|json|--line|"
#define DESIGN  "|--strata|stratum|--cluster|psu"

/* The row with this measure, region (NULL: all) and difference. */
static json_t *row_of(json_t *rows, const char *measure, const char *region, bool difference)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i), *by = json_object_get(row, "by");
        const char *r = json_string_value(json_object_get(by, "region"));
        bool minus = json_object_get(row, "minus") != NULL;
        if (!strcmp(json_string_value(json_object_get(row, "measure")), measure) &&
            minus == difference && (region ? r && !strcmp(r, region) : !r))
            return row;
    }
    fail_msg("no row %s %s", measure, region ? region : "");
    return NULL;
}

static double number(json_t *row, const char *name)
{
    return json_number_value(json_object_get(row, name));
}

static void near(double got, double want)
{
    if (fabs(got - want) > 1e-9 * fabs(want))
        fail_msg("got %.15g, want %.15g", got, want);
}

static json_t *ran(struct cx *cx, const char *words)
{
    int code = run(cx, words);
    if (code != EXIT_OK)
        fail_msg("%s: %d, %s", words, code, errors);
    return parsed();
}

static void test_linearised(void **state)
{
    (void)state;
    /* Everybody, a region under the full design and the difference of two regions: R's numbers;
     * the interval holds the estimate; a headcount's is on the logit scale. */
    struct cx cx;
    struct fixture ref;
    check_open(&cx);
    fixture_read(&ref, &cx, "src/stats/testdata/design_reference.csv");
    json_t *rows = ran(&cx, POVERTY "4000|--by|region|--difference|region" DESIGN);
    static const struct {
        const char *measure, *region, *reference;
        bool difference;
    } wanted[] = {{"mean", NULL, "se_psu", false},      {"mean", "a", "se_domain", false},
                  {"mean", "b", "se_difference", true}, {"fgt1", NULL, "se_fgt1", false},
                  {"gini", NULL, "se_gini", false},     {"s80s20", NULL, "se_s80s20", false}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        json_t *row = row_of(rows, wanted[i].measure, wanted[i].region, wanted[i].difference);
        double want = fixture_reference(&ref, wanted[i].reference), got = number(row, "se");
        json_t *ci = json_object_get(row, "ci");
        double x = number(row, "estimate"), low = json_number_value(json_array_get(ci, 0));
        assert_true(fabs(got - want) <= 1e-8 * want);
        assert_true(low < x && x < json_number_value(json_array_get(ci, 1)));
    }
    near(number(row_of(rows, "mean", NULL, false), "df"), fixture_reference(&ref, "df_psu"));
    near(number(row_of(rows, "mean", "a", false), "df"), fixture_reference(&ref, "df_domain"));
    near(number(row_of(rows, "mean", NULL, false), "deff"), fixture_reference(&ref, "deff"));
    json_t *line = row_of(rows, "line", NULL, false);
    assert_true(json_is_null(json_object_get(line, "se")));
    assert_non_null(strstr(json_string_value(json_object_get(line, "se_refused")), "given"));
    json_decref(rows);
    rows = ran(&cx, POVERTY "60%median|--by|region|--quantile|convey" DESIGN);
    near(number(row_of(rows, "line", NULL, false), "se"),
         fixture_reference(&ref, "se_line_median"));
    near(number(row_of(rows, "fgt0", "a", false), "se"),
         fixture_reference(&ref, "se_fgt0_domain_national"));
    json_decref(rows);
    check_close(&cx);
}

static void test_stages_and_rows(void **state)
{
    (void)state;
    /* Two stages with finite populations, and a simple random sample: R's numbers. */
    struct cx cx;
    struct fixture ref;
    check_open(&cx);
    fixture_read(&ref, &cx, "src/stats/testdata/design_reference.csv");
    json_t *rows = ran(&cx, POVERTY "4000|--strata|stratum|--cluster|psu,ssu|--fpc|fpc1,fpc2");
    near(number(row_of(rows, "mean", NULL, false), "se"),
         fixture_reference(&ref, "se_two_stages"));
    json_decref(rows);
    rows = ran(&cx, POVERTY "4000|--srs");
    near(number(row_of(rows, "mean", NULL, false), "se"), fixture_reference(&ref, "se_srs"));
    json_decref(rows);
    check_close(&cx);
}

static void test_replicates(void **state)
{
    (void)state;
    /* The jackknife is R's JKn; a bootstrap prints its seed, repeats with it and agrees with
     * the linearised error within a fifth; columns of weights with a scale are taken. */
    struct cx cx;
    struct fixture ref;
    check_open(&cx);
    fixture_read(&ref, &cx, "src/stats/testdata/design_reference.csv");
    json_t *rows = ran(&cx, POVERTY "4000|--jackknife" DESIGN);
    near(number(row_of(rows, "mean", NULL, false), "se"), fixture_reference(&ref, "se_jkn"));
    json_decref(rows);
    rows = ran(&cx, POVERTY "4000|--bootstrap|200|--seed|7" DESIGN);
    double once = number(row_of(rows, "gini", NULL, false), "se");
    assert_non_null(strstr(errors, "--seed 7"));
    assert_true(fabs(once / fixture_reference(&ref, "se_gini") - 1) < 0.2);
    json_decref(rows);
    rows = ran(&cx, POVERTY "4000|--bootstrap|200|--seed|7" DESIGN);
    assert_true(number(row_of(rows, "gini", NULL, false), "se") == once);
    json_decref(rows);
    /* y = 1, 3 with weights 1, 1: mean 2; replicates (2, 0) and (0, 2): 1 and 3; scale 1/2. */
    const char *dir = check_dir(&cx),
               *path = file_of(&cx, dir, "r.csv", "y,w,r1,r2\n1,1,2,0\n3,1,0,2\n");
    rows = ran(&cx, arena_printf(cx.arena,
                                 "poverty|%s|--welfare|y|--line|2|--weight|w|--replicate|"
                                 "r1..r2|--format|json",
                                 path));
    near(number(row_of(rows, "mean", NULL, false), "se"), 1);
    json_decref(rows);
    rows = ran(&cx, arena_printf(cx.arena,
                                 "poverty|%s|--welfare|y|--line|2|--weight|w|--replicate|"
                                 "r1,r2|--replicate-scale|2|--format|json",
                                 path));
    near(number(row_of(rows, "mean", NULL, false), "se"), 2);
    json_decref(rows);
    check_dir_remove(&cx, dir);
    check_close(&cx);
}

static void test_mpi(void **state)
{
    (void)state;
    /* H, M0 and A with standard errors and H's interval: R's svymean, subset and svyciprop;
     * the jackknife is near. */
    struct cx cx;
    struct fixture ref;
    check_open(&cx);
    fixture_read(&ref, &cx, "src/stats/testdata/design_reference.csv");
    const char *words = "mpi|" ROWS "|--indicators|a,b,c|--weights|2,1,1|--k|1/2|--weight|w"
                        "|--by|region|--difference|region|--format|json" DESIGN;
    static const char *const names[] = {"h", "m0", "a"};
    json_t *rows = ran(&cx, words);
    json_t *jack = ran(&cx, arena_printf(cx.arena, "%s|--jackknife", words));
    for (size_t i = 0; i < 3; i++) {
        double se = number(row_of(rows, names[i], NULL, false), "se");
        near(se, fixture_reference(&ref, arena_printf(cx.arena, "se_%s", names[i])));
        double other = number(row_of(jack, names[i], "b", true), "se");
        se = number(row_of(rows, names[i], "b", true), "se");
        assert_true(se > 0 && fabs(other / se - 1) < 0.1);
    }
    json_t *ci = json_object_get(row_of(rows, "h", NULL, false), "ci");
    near(json_number_value(json_array_get(ci, 0)), fixture_reference(&ref, "h_low"));
    near(json_number_value(json_array_get(ci, 1)), fixture_reference(&ref, "h_high"));
    json_decref(rows);
    json_decref(jack);
    check_close(&cx);
}

static void test_notes(void **state)
{
    (void)state;
    /* No design: null errors with a reason, and a note. People of a household without clusters:
     * a warning that names the column. */
    struct cx cx;
    check_open(&cx);
    json_t *rows = ran(&cx, POVERTY "4000");
    json_t *row = row_of(rows, "mean", NULL, false);
    assert_true(json_is_null(json_object_get(row, "se")));
    assert_non_null(strstr(json_string_value(json_object_get(row, "se_refused")), "No survey"));
    assert_non_null(strstr(errors, "--srs"));
    json_decref(rows);
    rows = ran(&cx, POVERTY "4000|--srs|--household|psu");
    assert_non_null(strstr(errors, "column psu"));
    assert_non_null(strstr(errors, "Add --cluster psu"));
    json_decref(rows);
    rows = ran(&cx, POVERTY "4000|--household|psu" DESIGN);
    assert_null(strstr(errors, "Warning"));
    json_decref(rows);
    check_close(&cx);
}

static void test_mistakes(void **state)
{
    (void)state;
    /* One cluster, lonely strata, missing clusters, weights below zero or all zero, nobody with
     * a value, and options against each other: a sentence that names what is wrong. */
    struct cx cx;
    check_open(&cx);
    const char *dir = check_dir(&cx);
    const char *path = file_of(&cx, dir, "bad.csv",
                               "y,w,s,c,one,gap,neg,zero,none\n1,1,N,1,1,1,1,0,\n"
                               "2,1,S,2,1,,1,0,\n3,1,S,3,1,2,-1,0,\n");
    static const struct {
        const char *words, *message;
    } cases[] = {
        {"--weight|w|--cluster|one", "column one"},
        {"--weight|w|--strata|s|--cluster|c", "Stratum “N” of column s"},
        {"--weight|w|--cluster|gap", "Column gap, data row 2: empty"},
        {"--weight|neg|--srs", "A weight is negative"},
        {"--weight|zero|--srs", "No row has a weight above zero"},
        {"--srs|--strata|s", "--srs is a sample without strata"},
        {"--bootstrap|50", "name it with"},
        {"--replicate|w|--srs", "leave out --strata"},
        {"--replicate|w", "two columns or more"},
        {"--cluster|c|--fpc|w,w", "--fpc has one column"},
        {"--cluster|c|--fpc|none", "Column none, data row 1"},
        {"--cluster|c|--lonely|merge", "adjust, certainty or average"},
        {"--cluster|c|--by|s|--difference|y", "--difference names a column of --by"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *words =
            arena_printf(cx.arena, "poverty|%s|--welfare|y|--line|2|%s", path, cases[i].words);
        int code = run(&cx, words);
        if (code == EXIT_OK || !strstr(errors, cases[i].message) || output[0])
            fail_msg("%s: %d, %s", words, code, errors);
    }
    json_t *rows = ran(&cx, arena_printf(cx.arena,
                                         "poverty|%s|--welfare|one|--line|2|--cluster|c"
                                         "|--format|json",
                                         path));
    for (size_t i = 0; i < json_array_size(rows); i++) { /* all have the same: no bare null */
        json_t *row = json_array_get(rows, i);
        assert_true(json_is_number(json_object_get(row, "se")) ||
                    json_is_string(json_object_get(row, "se_refused")) ||
                    json_is_string(json_object_get(row, "refused")));
    }
    json_decref(rows);
    check_dir_remove(&cx, dir);
    check_close(&cx);
}

int main(int argc, char **argv)
{
    crypto_init();
    sandbox_child_main(argc, argv, frame_sandbox_kinds, frame_sandbox_kind_count);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linearised), cmocka_unit_test(test_stages_and_rows),
        cmocka_unit_test(test_replicates), cmocka_unit_test(test_mpi),
        cmocka_unit_test(test_notes),      cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
