/* Tests of base/file: limits, atomic replacement under injected failures, temporary files. */
#include "base/file.h"

#include "base/check.h"
#include "base/fault.h"

#include <dirent.h>
#include <fcntl.h>

static const char *in(struct cx *cx, const char *dir, const char *name)
{
    return arena_printf(cx->arena, "%s/%s", dir, name);
}

static int count_names(const char *dir)
{
    DIR *d = opendir(dir);
    int count = 0;
    while (d && readdir(d))
        count++;
    if (d)
        closedir(d);
    return count - 2;
}

static void test_read(void **state)
{
    (void)state;
    /* What was written is read; the limit is exact; a missing file is RC_NOTFOUND. */
    struct cx cx;
    struct str got;
    check_open(&cx);
    const char *dir = check_dir(&cx), *path = in(&cx, dir, "a");
    static char big[50000];
    memset(big, 'q', sizeof big);
    check_ok(&cx, file_write(&cx, path, (struct str){big, sizeof big}, 0640));
    check_ok(&cx, file_read(&got, &cx, path, sizeof big));
    check_str(got, ((struct str){big, sizeof big}));
    check_refused(&cx, file_read(&got, &cx, path, sizeof big - 1), RC_LIMIT);
    check_refused(&cx, file_read(&got, &cx, in(&cx, dir, "none"), 100), RC_NOTFOUND);
    check_refused(&cx, file_read(&got, &cx, dir, 100), RC_IO);
    check_ok(&cx, file_write(&cx, path, STR(""), 0600));
    check_ok(&cx, file_read(&got, &cx, path, 0));
    check_str_z(got, "");
    check_dir_remove(&cx, dir);
    check_close(&cx);
}

static void test_write_is_atomic(void **state)
{
    (void)state;
    /* With each step failing in turn the old content stays, nothing else is left in the folder,
     * and the failure is told; a full disk gets its own sentence. */
    struct cx cx;
    struct str got;
    check_open(&cx);
    const char *dir = check_dir(&cx), *path = in(&cx, dir, "a");
    check_ok(&cx, file_write(&cx, path, STR("old"), 0600));
    static const char *const points[] = {"file.write:1", "file.fsync:1", "file.rename:1",
                                         "file.write:1:enospc"};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        assert_true(fault_set(points[i]));
        enum rc rc = file_write(&cx, path, STR("new content"), 0600);
        assert_true(fault_set(NULL));
        bool full = i == 3;
        assert_int_equal(strstr(cx.err.text, "disk is full") != NULL, full);
        check_refused(&cx, rc, RC_IO);
        check_ok(&cx, file_read(&got, &cx, path, 100));
        check_str_z(got, "old");
        assert_int_equal(count_names(dir), 1);
    }
    struct stat st;
    check_ok(&cx, file_write(&cx, path, STR("new"), 0640));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    check_ok(&cx, file_read(&got, &cx, path, 100));
    check_str_z(got, "new");
    check_dir_remove(&cx, dir);
    check_close(&cx);
}

static void test_mkdir(void **state)
{
    (void)state;
    /* Missing folders are made private, existing ones are fine, a file in the way is refused.
     */
    struct cx cx;
    struct stat st;
    check_open(&cx);
    const char *dir = check_dir(&cx);
    check_ok(&cx, file_mkdir(&cx, in(&cx, dir, "x/y/")));
    check_ok(&cx, file_mkdir(&cx, in(&cx, dir, "x/y")));
    check_ok(&cx, file_mkdir(&cx, "/"));
    assert_int_equal(stat(in(&cx, dir, "x/y"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    check_ok(&cx, file_write(&cx, in(&cx, dir, "x/f"), STR("1"), 0600));
    check_refused(&cx, file_mkdir(&cx, in(&cx, dir, "x/f/z")), RC_NOTFOUND);
    check_refused(&cx, file_mkdir(&cx, ""), RC_NOTFOUND);
    check_dir_remove(&cx, dir);
    assert_int_not_equal(stat(dir, &st), 0);
    check_close(&cx);
}

static void test_temp(void **state)
{
    (void)state;
    /* With and without O_TMPFILE: a kept file has its content and never replaces another; a
     * dropped one leaves nothing behind. */
    struct cx cx;
    struct str got;
    check_open(&cx);
    for (int without = 0; without < 2; without++) {
        const char *dir = check_dir(&cx), *path = in(&cx, dir, "kept");
        struct file_temp t;
        for (int round = 0; round < 3; round++) {
            assert_true(fault_set(without ? "file.tmpfile:1" : NULL));
            check_ok(&cx, file_temp_open(&t, &cx, dir));
            assert_true(fault_set(NULL));
            assert_true(!without || t.path);
            check_ok(&cx, file_put(&cx, t.fd, round ? "two" : "one", 3, path));
            if (round == 0)
                check_ok(&cx, file_temp_keep(&cx, &t, path));
            else if (round == 1)
                check_refused(&cx, file_temp_keep(&cx, &t, path), RC_CONFLICT);
            else
                file_temp_drop(&t);
            assert_int_equal(t.fd, -1);
            assert_int_equal(count_names(dir), 1);
        }
        check_ok(&cx, file_read(&got, &cx, path, 100));
        check_str_z(got, "one");
        check_refused(&cx, file_temp_open(&t, &cx, in(&cx, dir, "none")), RC_NOTFOUND);
        check_dir_remove(&cx, dir);
    }
    check_close(&cx);
}

static void test_dir_of(void **state)
{
    (void)state;
    /* The folder's part of a path, as dirname(1) gives it. */
    struct cx cx;
    check_open(&cx);
    assert_string_equal(file_dir(&cx, "a/b/c"), "a/b");
    assert_string_equal(file_dir(&cx, "/a"), "/");
    assert_string_equal(file_dir(&cx, "a"), ".");
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),   cmocka_unit_test(test_write_is_atomic),
        cmocka_unit_test(test_mkdir),  cmocka_unit_test(test_temp),
        cmocka_unit_test(test_dir_of),
    };
    return cmocka_run_group_tests_name("base/file", tests, NULL, NULL);
}
