/* Tests of base/fault: which hit fails, how, and how it is switched on. */
#include "base/fault.h"

#include "base/check.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

static void test_hits(void **state)
{
    (void)state;
    /* Off by default; then exactly the n-th hit, or the n-th and all later ones, of that name.
     */
    assert_false(fault_hit("a"));
    assert_true(fault_set("a:3,b:2+:enospc"));
    const bool a[] = {false, false, true, false, false}, b[] = {false, true, true, true, true};
    for (int i = 0; i < 5; i++) {
        errno = 0;
        assert_int_equal(fault_hit("a"), a[i]);
        assert_int_equal(errno, a[i] ? EIO : 0);
        errno = 0;
        assert_int_equal(fault_hit("b"), b[i]);
        assert_int_equal(errno, b[i] ? ENOSPC : 0);
        assert_false(fault_hit("other"));
    }
    assert_true(fault_set(NULL));
    assert_false(fault_armed);
    assert_false(fault_hit("b"));
}

static void test_bad_specification(void **state)
{
    (void)state;
    /* A specification that cannot be read switches all off and says so. */
    static const char *const bad[] = {
        "a",
        ":1",
        "a:",
        "a:0",
        "a:-1",
        "a:x",
        "a:1:no",
        "a:1:",
        "a:1,",
        "a:1,b",
        "a:+",
        "a:1,a:1,a:1,a:1,a:1,a:1,a:1,a:1,a:1",
        "a_name_that_is_much_longer_than_any_point_would_ever_be:1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_true(fault_set("a:1+"));
        if (fault_set(bad[i]))
            fail_msg("“%s” was taken", bad[i]);
        assert_false(fault_hit("a"));
    }
}

static void test_kill(void **state)
{
    (void)state;
    /* The kill mode ends a child by SIGKILL at its 2nd hit, not before. */
    int channel[2];
    assert_int_equal(pipe(channel), 0);
    pid_t child = fork();
    if (child == 0) {
        fault_set("x:2:kill");
        for (int i = 1; i <= 3; i++) {
            char hit = (char)('0' + i);
            (void)fault_hit("x"); /* the second does not come back */
            if (write(channel[1], &hit, 1) != 1)
                _exit(1);
        }
        _exit(0);
    }
    close(channel[1]);
    char got[4] = {0};
    int status = 0;
    assert_int_equal(read(channel[0], got, 3), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    close(channel[0]);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(got[0], '1');
}

static void test_environment(void **state)
{
    (void)state;
    /* FUMIN_FAULT of the environment arms a new process: this program run again as a child. */
    pid_t child = fork();
    if (child == 0) {
        check_env("FUMIN_FAULT", "probe:1");
        execl("/proc/self/exe", "fault_test", "probe", (char *)NULL);
        _exit(99);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "probe") == 0)
        return fault_hit("probe") && !fault_hit("probe") ? 7 : 8;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hits),
        cmocka_unit_test(test_bad_specification),
        cmocka_unit_test(test_kill),
        cmocka_unit_test(test_environment),
    };
    return cmocka_run_group_tests_name("base/fault", tests, NULL, NULL);
}
