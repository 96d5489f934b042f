/* Tests of `fumin poverty` and `fumin mpi` as an analyst at a terminal sees them: the JSON of a
 * CSV, figures worked out on paper, the same figures from Stata, and messages for mistakes. */
#include "web/commands.h"

#include "insight/poverty_cmd_fixture.h"

#include "base/crypto.h"
#include "frame/frame.h"
#include "frame/rows.h"

static const char people[] = "Income,w,size,group,a,b\n"
                             "1,2,1,east,1,0\n2,1,2,east,0,0\n2,1,1,west,1,1\n"
                             "4,1,1,west,0,1\n6,1,1,,1,1\nNA,3,1,west,,1\n";

/* The row of the output with this measure (and indicator), group and k; NULL: any or none. */
static json_t *row_of(json_t *rows, const char *measure, const char *indicator,
                      const char *group, const char *k)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i), *by = json_object_get(row, "by");
        const char *g = json_string_value(json_object_get(by, "group"));
        const char *j = json_string_value(json_object_get(row, "indicator"));
        const char *at = json_string_value(json_object_get(row, "k"));
        bool same_group = group ? g && !strcmp(g, group) : json_object_size(by) == 0;
        if (!strcmp(json_string_value(json_object_get(row, "measure")), measure) &&
            same_group && (!indicator || (j && !strcmp(j, indicator))) &&
            (!k || (at && !strcmp(at, k))))
            return row;
    }
    fail_msg("no row %s %s", measure, group ? group : "");
    return NULL;
}

static void is(json_t *row, double want)
{
    json_t *x = json_object_get(row, "estimate");
    assert_true(json_is_number(x));
    if (fabs(json_number_value(x) - want) > 1e-14)
        fail_msg("got %.17g, want %.17g", json_number_value(x), want);
    assert_true(json_is_null(json_object_get(row, "se")));
}

static void test_poverty(void **state)
{
    (void)state;
    /* Six people at a line of 3, weighted, by group: worked out on paper; the missing income is
     * left out with its weight; an empty label is null; --weak and several weights count. */
    struct cx cx;
    check_open(&cx);
    const char *dir = check_dir(&cx), *path = file_of(&cx, dir, "people.csv", people);
    int code = run(&cx, arena_printf(cx.arena,
                                     "poverty|%s|--welfare|income|--line|3|--weight|w"
                                     "|--by|group|--format|json",
                                     path));
    assert_int_equal(code, EXIT_OK);
    json_t *rows = parsed(), *all = row_of(rows, "fgt0", NULL, NULL, NULL);
    is(all, 4.0 / 6);
    assert_int_equal(json_integer_value(json_object_get(all, "rows")), 5);
    assert_int_equal(json_integer_value(json_object_get(all, "rows_left_out")), 1);
    assert_true(json_number_value(json_object_get(all, "weight_left_out")) == 3);
    is(row_of(rows, "fgt1", NULL, "east", NULL), (2 * 2.0 / 3 + 1.0 / 3) / 3);
    is(row_of(rows, "fgt0", NULL, "west", NULL), 0.5);
    is(row_of(rows, "mean", NULL, NULL, NULL), 16.0 / 6);
    assert_non_null(strstr(output, "\"by\":{\"group\":null}"));
    json_decref(rows);
    code = run(&cx, arena_printf(cx.arena,
                                 "poverty|%s|--welfare|Income|--line|2|--weight|w,"
                                 "size|--weak|--format|json",
                                 path));
    assert_int_equal(code, EXIT_OK);
    rows = parsed();
    is(row_of(rows, "fgt0", NULL, NULL, NULL), 5.0 / 7);
    json_decref(rows);
    assert_int_equal(run(&cx, arena_printf(cx.arena,
                                           "poverty|%s|--welfare|Income|--line|"
                                           "50%%median|--by|group|--own-line",
                                           path)),
                     EXIT_OK);
    assert_non_null(strstr(output, "(missing)"));
    check_dir_remove(&cx, dir);
    check_close(&cx);
}

static void test_mpi(void **state)
{
    (void)state;
    /* Two indicators with weights 1/3 and 2/3: figures at two k and at all k, on paper; the row
     * with a missing indicator is left out. */
    struct cx cx;
    check_open(&cx);
    const char *dir = check_dir(&cx), *path = file_of(&cx, dir, "people.csv", people);
    int code = run(&cx, arena_printf(cx.arena,
                                     "mpi|%s|--indicators|a,b|--weights|1/3,2/3|--k|"
                                     "1/3,50%%|--weight|w|--by|group|--format|json",
                                     path));
    assert_int_equal(code, EXIT_OK);
    json_t *rows = parsed();
    is(row_of(rows, "h", NULL, NULL, "1/3"), 5.0 / 6);
    is(row_of(rows, "h", NULL, NULL, "50%"), 3.0 / 6);
    is(row_of(rows, "m0", NULL, NULL, "1/3"), (2.0 / 3 + 1 + 2.0 / 3 + 1) / 6);
    is(row_of(rows, "hd", "a", NULL, "50%"), 4.0 / 6);
    is(row_of(rows, "hdk", "a", NULL, "50%"), 2.0 / 6);
    is(row_of(rows, "h", NULL, "east", "1/3"), 2.0 / 3);
    assert_int_equal(json_integer_value(json_object_get(row_of(rows, "h", NULL, "west", "50%"),
                                                        "rows_left_out")),
                     1);
    json_decref(rows);
    code = run(&cx, arena_printf(cx.arena,
                                 "mpi|%s|--indicators|a,b|--weights|1,2|--k|all|"
                                 "--format|json",
                                 path));
    assert_int_equal(code, EXIT_OK);
    rows = parsed();
    is(row_of(rows, "h", NULL, NULL, "1/3"), 4.0 / 5);
    is(row_of(rows, "h", NULL, NULL, "2/3"), 3.0 / 5);
    is(row_of(rows, "h", NULL, NULL, "3/3"), 2.0 / 5);
    json_decref(rows);
    check_dir_remove(&cx, dir);
    check_close(&cx);
}

static void test_stata(void **state)
{
    (void)state;
    /* The same people as a Stata file: the same output, byte for byte. */
    struct cx cx;
    check_open(&cx);
    const char *dir = check_dir(&cx),
               *csv = file_of(&cx, dir, "p.csv", "y,w\n10.5,2\n3,1\n,4\n");
    const char *dta = arena_printf(cx.arena, "%s/p.dta", dir);
    static const struct column_spec columns[] = {{.name = "y", .type = COLUMN_F64},
                                                 {.name = "w", .type = COLUMN_I64}};
    const struct out_cell cells[3][2] = {
        {{.f = 10.5}, {.i = 2}}, {{.f = 3}, {.i = 1}}, {{.missing = true}, {.i = 4}}};
    struct frame_writer *writer;
    int fd = open(dta, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    check_ok(&cx, frame_writer_open(
                      &writer, &cx, fd, columns, 2,
                      &(struct frame_write_options){.format = FRAME_DTA, .row_count = 3}));
    for (int i = 0; i < 3; i++)
        check_ok(&cx, frame_writer_row(&cx, writer, cells[i]));
    check_ok(&cx, frame_writer_close(&cx, writer));
    close(fd);
    const char *rest = "--welfare|y|--line|60%median|--weight|w|--format|csv";
    assert_int_equal(run(&cx, arena_printf(cx.arena, "poverty|%s|%s", csv, rest)), EXIT_OK);
    const char *first = arena_copy(cx.arena, str_of(output));
    assert_int_equal(run(&cx, arena_printf(cx.arena, "poverty|%s|%s", dta, rest)), EXIT_OK);
    assert_string_equal(output, first);
    assert_non_null(strstr(output, "fgt0,0.3333333333333333,,2,1,4,,,,,,No survey"));
    check_dir_remove(&cx, dir);
    check_close(&cx);
}

static void test_mistakes(void **state)
{
    (void)state;
    /* Each mistake has its exit code and a message that names what was wrong. */
    struct cx cx;
    check_open(&cx);
    const char *dir = check_dir(&cx), *path = file_of(&cx, dir, "people.csv", people);
    static const struct {
        const char *words, *message;
        int code;
    } cases[] = {
        {"poverty|F|--welfare|Incom|--line|3", "Did you mean “Income”?", EXIT_FAILED},
        {"poverty|F|--welfare|nothing|--line|3", "Income, w, size, group, a, b", EXIT_FAILED},
        {"poverty|F|--welfare|group|--line|3", "Row 2, column group: “east”", EXIT_FAILED},
        {"poverty|F|--welfare|Income|--line|0", "above zero", EXIT_USAGE},
        {"poverty|F|--welfare|Income|--line|60%modus", "60%median", EXIT_USAGE},
        {"poverty|F|--welfare|Income|--line|3|--format|xml", "table, json, csv or", EXIT_USAGE},
        {"poverty|F|--welfare|Income|--line|3|--by|group,,a", "is empty", EXIT_FAILED},
        {"poverty|F-not|--welfare|Income|--line|3", "does not exist", EXIT_FAILED},
        {"mpi|F|--indicators|a,b|--weights|1|--k|1/3", "1 weights for 2", EXIT_USAGE},
        {"mpi|F|--indicators|a,b|--weights|0.5,0.4|--k|1/3", "add up to 0.9", EXIT_USAGE},
        {"mpi|F|--indicators|a,b|--weights|0,0|--k|1/3", "All weights are zero", EXIT_USAGE},
        {"mpi|F|--indicators|a,b|--weights|1,-2|--k|1/3", "“-2” is no weight", EXIT_USAGE},
        {"mpi|F|--indicators|a,b|--weights|1,1|--k|33", "33% or 0.33", EXIT_USAGE},
        {"mpi|F|--indicators|a,size|--weights|1,1|--k|1", "Column size holds 2", EXIT_FAILED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *at = strchr(cases[i].words, 'F');
        const char *words = arena_printf(cx.arena, "%.*s%s%s", (int)(at - cases[i].words),
                                         cases[i].words, path, at + 1);
        int code = run(&cx, words);
        if (code != cases[i].code || !strstr(errors, cases[i].message) || output[0])
            fail_msg("%s: %d, %s", cases[i].words, code, errors);
    }
    check_dir_remove(&cx, dir);
    check_close(&cx);
}

int main(int argc, char **argv)
{
    crypto_init();
    sandbox_child_main(argc, argv, frame_sandbox_kinds, frame_sandbox_kind_count);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_poverty),
        cmocka_unit_test(test_mpi),
        cmocka_unit_test(test_stata),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
