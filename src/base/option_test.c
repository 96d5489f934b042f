/* Tests of base/option: command lines, good and bad, and the help. */
#include "base/option.h"

#include "base/check.h"
#include "base/text.h"

enum { ROW_FILE, ROW_DB, ROW_ROWS, ROW_DRY, ROW_NOTE, ROW_COUNT };
static const struct option_row rows[ROW_COUNT] = {
    {NULL, "FILE", OPTION_TEXT, N_("the file"), true},
    {"db", "DIR", OPTION_TEXT, N_("the folder"), true},
    {"rows", "N", OPTION_INT, N_("how many"), false},
    {"dry-run", NULL, OPTION_FLAG, N_("try only"), false},
    {NULL, "NOTE", OPTION_TEXT, NULL, false},
};

enum { ARGS_MAX = 10 };

/* Splits a command line at blanks and parses it. */
static enum rc parse(struct option_value *values, struct cx *cx, const char *line)
{
    char *argv[ARGS_MAX + 1];
    int argc = 0;
    struct str rest = str_of(line);
    while (rest.p && argc < ARGS_MAX) {
        struct str word = str_cut(&rest, ' ');
        argv[argc] = arena_new(cx->arena, word.len + 1);
        memcpy(argv[argc++], word.p, word.len);
    }
    return options_parse(values, cx, rows, ROW_COUNT, argc, argv);
}

static void test_good(void **state)
{
    (void)state;
    /* Both ways to give a value, in any order, and everything behind -- as positional. */
    struct cx cx;
    struct option_value v[ROW_COUNT];
    check_open(&cx);
    check_ok(&cx, parse(v, &cx, "import a.csv --db=x=y --rows -5 --dry-run"));
    assert_string_equal(v[ROW_FILE].text, "a.csv");
    assert_string_equal(v[ROW_DB].text, "x=y");
    assert_int_equal(v[ROW_ROWS].number, -5);
    assert_true(v[ROW_DRY].given);
    assert_false(v[ROW_NOTE].given);
    check_ok(&cx, parse(v, &cx, "import --db x -- --dry-run -n"));
    assert_string_equal(v[ROW_FILE].text, "--dry-run");
    assert_string_equal(v[ROW_NOTE].text, "-n");
    assert_false(v[ROW_DRY].given);
    check_ok(&cx, parse(v, &cx, "import --db= a"));
    assert_string_equal(v[ROW_DB].text, "");
    check_close(&cx);
}

static void test_bad(void **state)
{
    (void)state;
    /* Every mistake is refused by a sentence that names the option or argument. */
    static const struct {
        const char *line, *named;
    } cases[] = {
        {"import", "FILE"},
        {"import a", "--db"},
        {"import a --db", "--db"},
        {"import a --db --dry-run", "--db"},
        {"import a --db x --rows 1x", "--rows"},
        {"import a --db x --rows=", "--rows"},
        {"import a --db x --db y", "--db"},
        {"import a --db x --dry-run=1", "--dry-run"},
        {"import a --db x --nothing", "--nothing"},
        {"import a --db x --dry", "--dry"},
        {"import a b c --db x", "“c”"},
    };
    struct cx cx;
    struct option_value v[ROW_COUNT];
    check_open(&cx);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum rc rc = parse(v, &cx, cases[i].line);
        if (!strstr(cx.err.text, cases[i].named))
            fail_msg("“%s” said “%s”", cases[i].line, cx.err.text);
        check_refused(&cx, rc, RC_INVALID);
    }
    check_close(&cx);
}

struct help_call {
    struct option_value *values;
    struct cx *cx;
    enum rc rc;
};

static void ask_help(void *argument)
{
    struct help_call *call = argument;
    call->rc = parse(call->values, call->cx, "import --help");
}

static void test_help(void **state)
{
    (void)state;
    /* --help prints every row to standard output and comes back as RC_NOTFOUND without a text;
     * behind -- it is an ordinary argument. */
    struct cx cx;
    struct option_value v[ROW_COUNT];
    struct help_call call = {v, &cx, RC_OK};
    check_open(&cx);
    struct str text = check_captured(&cx, STDOUT_FILENO, ask_help, &call);
    enum rc rc = call.rc;
    assert_int_equal(rc, RC_NOTFOUND);
    assert_string_equal(cx.err.text, "");
    err_clear(&cx);
    check_str_z(text, "Usage: fumin import FILE --db DIR [--rows N] [--dry-run] [NOTE]\n"
                      "\n"
                      "  FILE       the file\n"
                      "  --db DIR   the folder\n"
                      "  --rows N   how many\n"
                      "  --dry-run  try only\n"
                      "  NOTE       \n"
                      "  --help     Print this help.\n");
    check_ok(&cx, parse(v, &cx, "import --db x -- --help"));
    assert_string_equal(v[ROW_FILE].text, "--help");
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_help),
    };
    return cmocka_run_group_tests_name("base/option", tests, NULL, NULL);
}
