/* Tests of base/log: what reaches standard error. */
#include "base/log.h"

#include "base/check.h"

static void write_three(void *none)
{
    (void)none;
    log_event(LOG_LEVEL_INFO, "import_done", "rows=%d file=%s", 7, "a\nlevel=error\x1b[31m");
    log_event(LOG_LEVEL_DEBUG, "hidden", "x=1");
    log_event(LOG_LEVEL_ERROR, "plain", "%s", "");
}

static void write_long(void *none)
{
    (void)none;
    char big[4000];
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = 0;
    log_event(LOG_LEVEL_WARN, "long", "big=%s", big);
}

static void test_lines(void **state)
{
    (void)state;
    /* One line an event with level, time and event; debug is off by default; a line end inside
     * a value cannot forge a second line. */
    struct cx cx;
    check_open(&cx);
    check_env("FUMIN_NOW", "1795392000"); /* date -u -d @1795392000: 2026-11-23 00:00:00 */
    check_env("FUMIN_LOG", NULL);
    log_init();
    check_str_z(check_captured(&cx, STDERR_FILENO, write_three, NULL),
                "level=info at=2026-11-23T00:00:00Z event=import_done rows=7 "
                "file=a level=error [31m\n"
                "level=error at=2026-11-23T00:00:00Z event=plain \n");
    check_env("FUMIN_NOW", NULL);
    check_close(&cx);
}

static void test_level_and_length(void **state)
{
    (void)state;
    /* FUMIN_LOG=error hides the rest; a line that is too long is cut and still ends. */
    struct cx cx;
    check_open(&cx);
    struct str line = check_captured(&cx, STDERR_FILENO, write_long, NULL);
    assert_true(line.len > 900 && line.len <= 1024);
    assert_int_equal(line.p[line.len - 1], '\n');
    check_env("FUMIN_LOG", "error");
    log_init();
    struct str only = check_captured(&cx, STDERR_FILENO, write_three, NULL);
    assert_true(str_starts(only, STR("level=error")));
    assert_true(str_find(only, STR("level=info")) == SIZE_MAX);
    check_env("FUMIN_LOG", "debug");
    log_init();
    assert_true(str_find(check_captured(&cx, STDERR_FILENO, write_three, NULL),
                         STR("event=hidden x=1\n")) != SIZE_MAX);
    check_env("FUMIN_LOG", NULL);
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_level_and_length),
    };
    return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
