/* Tests of base/log: what reaches standard error. */
#include "base/log.h"

#include "base/check.h"

#include <fcntl.h>

/* Runs `write_log` with standard error going into a file and gives what was written. */
static struct str captured(struct cx *cx, void (*write_log)(void))
{
    static char text[8192];
    FILE *f = tmpfile();
    int saved = dup(STDERR_FILENO);
    assert_non_null(f);
    dup2(fileno(f), STDERR_FILENO);
    write_log();
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(f);
    size_t len = fread(text, 1, sizeof text, f);
    fclose(f);
    (void)cx;
    return (struct str){text, len};
}

static void write_three(void)
{
    log_event(LOG_LEVEL_INFO, "import_done", "rows=%d file=%s", 7, "a\nlevel=error\x1b[31m");
    log_event(LOG_LEVEL_DEBUG, "hidden", "x=1");
    log_event(LOG_LEVEL_ERROR, "plain", "%s", "");
}

static void write_long(void)
{
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
    setenv("FUMIN_NOW", "1795392000", 1); /* date -u -d @1795392000: 2026-11-23 00:00:00 */
    unsetenv("FUMIN_LOG");
    log_init();
    check_str_z(captured(&cx, write_three),
                "level=info at=2026-11-23T00:00:00Z event=import_done rows=7 "
                "file=a level=error [31m\n"
                "level=error at=2026-11-23T00:00:00Z event=plain \n");
    unsetenv("FUMIN_NOW");
    check_close(&cx);
}

static void test_level_and_length(void **state)
{
    (void)state;
    /* FUMIN_LOG=error hides the rest; a line that is too long is cut and still ends. */
    struct cx cx;
    check_open(&cx);
    struct str line = captured(&cx, write_long);
    assert_true(line.len > 900 && line.len <= 1024);
    assert_int_equal(line.p[line.len - 1], '\n');
    setenv("FUMIN_LOG", "error", 1);
    log_init();
    struct str only = captured(&cx, write_three);
    assert_true(str_starts(only, STR("level=error")));
    assert_true(str_find(only, STR("level=info")) == SIZE_MAX);
    setenv("FUMIN_LOG", "debug", 1);
    log_init();
    assert_true(str_find(captured(&cx, write_three), STR("event=hidden x=1\n")) != SIZE_MAX);
    unsetenv("FUMIN_LOG");
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
