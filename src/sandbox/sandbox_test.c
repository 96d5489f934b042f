/* The sandbox: what a good child does comes back, what a bad one does is stopped and named. */
#include "sandbox/sandbox.h"

#include "base/text.h"
#include "base/time.h"
#include "sandbox/child.h"
#include "sandbox/report.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>
#undef fail /* cmocka's; ours is base/cx.h's */

/* ---- children ---- */

static enum rc run_copy(struct cx *cx, int in, int out, struct str argument)
{
    char p[512];
    ssize_t n;
    while ((n = read(in, p, sizeof p)) > 0)
        if (write(out, p, (size_t)n) != n)
            return fail(cx, RC_IO, "write", "errno=%d", errno);
    return write(out, argument.p, argument.len) == (ssize_t)argument.len ? RC_OK : RC_IO;
}

static enum rc run_fail(struct cx *cx, int in, int out, struct str argument)
{
    (void)in, (void)out, (void)argument;
    return fail_f(cx, RC_NOTFOUND, _("Row %d is wrong 中文"), 7);
}

static enum rc run_lang(struct cx *cx, int in, int out, struct str argument)
{
    (void)in, (void)argument;
    return write(out, lang_tag(cx->lang), 2) == 2 ? RC_OK : RC_IO;
}

static enum rc run_open(struct cx *cx, int in, int out, struct str argument)
{
    (void)cx, (void)in, (void)out, (void)argument;
    (void)open("/etc/passwd", O_RDONLY);
    return RC_OK;
}

static enum rc run_socket(struct cx *cx, int in, int out, struct str argument)
{
    (void)cx, (void)in, (void)out, (void)argument;
    (void)socket(AF_INET, SOCK_STREAM, 0);
    return RC_OK;
}

static enum rc run_fork(struct cx *cx, int in, int out, struct str argument)
{
    (void)cx, (void)in, (void)out, (void)argument;
    (void)fork();
    return RC_OK;
}

static enum rc run_exec_page(struct cx *cx, int in, int out, struct str argument)
{
    (void)cx, (void)in, (void)out, (void)argument;
    (void)syscall(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return RC_OK;
}

static enum rc run_memory(struct cx *cx, int in, int out, struct str argument)
{
    (void)in, (void)out, (void)argument;
    for (int i = 0; i < 4096; i++) {
        char *p =
            mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            return fail(cx, RC_LIMIT, "memory", "mebibytes=%d", i);
        p[0] = 1;
    }
    return RC_OK;
}

static enum rc run_arena(struct cx *cx, int in, int out, struct str argument)
{
    (void)in, (void)out, (void)argument;
    return arena_new(cx->arena, (size_t)1 << 40) ? RC_OK : RC_IO;
}

static enum rc run_loop(struct cx *cx, int in, int out, struct str argument)
{
    (void)cx, (void)in, (void)out, (void)argument;
    volatile int busy = 1;
    while (busy)
        continue;
    return RC_OK;
}

static enum rc run_sleep(struct cx *cx, int in, int out, struct str argument)
{
    (void)cx, (void)out, (void)argument;
    char c;
    (void)close(
        SANDBOX_REPORT); /* a child that hides its end from a parent that waits for it */
    return read(in, &c, 1) < 0 ? RC_IO : RC_OK;
}

static enum rc run_write(struct cx *cx, int in, int out, struct str argument)
{
    (void)cx, (void)in, (void)argument;
    static char block[65536];
    while (write(out, block, sizeof block) > 0)
        continue;
    return RC_OK;
}

static enum rc run_crash(struct cx *cx, int in, int out, struct str argument)
{
    (void)cx, (void)in, (void)out, (void)argument;
    syscall(SYS_write, SANDBOX_REPORT, "junk", 4);
    __builtin_trap();
}

static enum rc run_lie(struct cx *cx, int in, int out, struct str argument)
{
    (void)cx, (void)in, (void)out, (void)argument;
    static char junk[100000];
    memset(junk, 'F', sizeof junk);
    for (int i = 0; i < 100; i++)
        if (write(SANDBOX_REPORT, junk, sizeof junk) <= 0)
            break;
    return RC_OK;
}

static enum rc run_steal(struct cx *cx, int in, int out, struct str argument)
{
    (void)in, (void)out, (void)argument;
    if (write(in, "x", 1) == 1)
        return RC_OK; /* the input could be changed: the test sees it */
    for (int fd = 3; fd < 64; fd++) {
        struct stat st;
        if (fstat(fd, &st) == 0)
            return RC_OK;
    }
    return fail(cx, RC_DENIED, "read-only and alone", "errno=%d", errno);
}

static const struct sandbox_kind kinds[] = {
    {"copy", run_copy, NULL},      {"fail", run_fail, NULL},     {"lang", run_lang, NULL},
    {"open", run_open, NULL},      {"socket", run_socket, NULL}, {"fork", run_fork, NULL},
    {"exec", run_exec_page, NULL}, {"memory", run_memory, NULL}, {"arena", run_arena, NULL},
    {"loop", run_loop, NULL},      {"sleep", run_sleep, NULL},   {"write", run_write, NULL},
    {"crash", run_crash, NULL},    {"lie", run_lie, NULL},       {"steal", run_steal, NULL},
};

/* ---- tests ---- */

struct fixture {
    struct cx cx;
    int in, out;
};

static int setup(void **state)
{
    static struct fixture f;
    cx_init(&f.cx, arena_open(1 << 20));
    f.in = memfd_create("in", MFD_CLOEXEC);
    f.out = memfd_create("out", MFD_CLOEXEC);
    assert_int_equal(write(f.in, "hello ", 6), 6);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    arena_free(f->cx.arena);
    close(f->in);
    close(f->out);
    return 0;
}

static enum rc run(struct fixture *f, const char *kind, const struct sandbox_limits *limits)
{
    return sandbox_run(&f->cx, kind, STR("argument"), f->in, f->out, limits);
}

static void test_copy(void **state)
{
    /* Input from offset 0 and the argument reach the child, its output reaches us. */
    struct fixture *f = *state;
    assert_int_equal(run(f, "copy", NULL), RC_OK);
    char p[32] = {0};
    assert_int_equal(pread(f->out, p, sizeof p, 0), 14);
    assert_string_equal(p, "hello argument");
}

static void test_low_descriptors(void **state)
{
    /* Descriptors that lie where the child's own must lie are not mixed up: 1 as input, 0 as
     * output. */
    struct fixture *f = *state;
    int keep0 = dup(0), keep1 = dup(1);
    dup2(f->in, 1);
    dup2(f->out, 0);
    enum rc rc = sandbox_run(&f->cx, "copy", STR("!"), 1, 0, NULL);
    dup2(keep0, 0);
    dup2(keep1, 1);
    close(keep0);
    close(keep1);
    assert_int_equal(rc, RC_OK);
    char p[32] = {0};
    assert_int_equal(pread(f->out, p, sizeof p, 0), 7);
}

static void test_failure_comes_back(void **state)
{
    /* A child's failure arrives with its code, its text and its detail. */
    struct fixture *f = *state;
    assert_int_equal(run(f, "fail", NULL), RC_NOTFOUND);
    assert_string_equal(f->cx.err.text, "Row 7 is wrong 中文");
    assert_int_equal(f->cx.err.rc, RC_NOTFOUND);
}

static void test_language(void **state)
{
    /* The child speaks the language of the parent's context. */
    struct fixture *f = *state;
    f->cx.lang = LANG_ZH;
    assert_int_equal(run(f, "lang", NULL), RC_OK);
    char p[3] = {0};
    assert_int_equal(pread(f->out, p, 2, 0), 2);
    assert_string_equal(p, "zh");
}

static void expect(struct fixture *f, const char *kind, enum rc rc, const char *detail)
{
    const struct sandbox_limits small = {64 << 20, 1, 1 << 20};
    err_clear(&f->cx);
    int64_t start_ms = time_mono_ms();
    assert_int_equal(run(f, kind, &small), rc);
    if (strstr(f->cx.err.detail, detail) == NULL)
        assert_string_equal(f->cx.err.detail, detail); /* shows both */
    assert_true(f->cx.err.text[0] != 0);
    assert_true(time_mono_ms() - start_ms < 4000);
}

static void test_forbidden_calls(void **state)
{
    /* Opening a file, a socket, a process, or an executable page kills the child; seccomp's
     * signal is reported. */
    struct fixture *f = *state;
    expect(f, "open", RC_LIMIT, "signal=31");
    expect(f, "socket", RC_LIMIT, "signal=31");
    expect(f, "fork", RC_LIMIT, "signal=31");
    expect(f, "exec", RC_LIMIT, "signal=31");
}

static void test_limits(void **state)
{
    /* Memory (64 MiB; four times that under a sanitiser), computing time (1 s) and output
     * (1 MiB) end where the limits say. */
    struct fixture *f = *state;
    expect(f, "memory", RC_LIMIT, "mebibytes=");
    int64_t got = 0;
    assert_true(str_to_i64(&got, str_of(strchr(f->cx.err.detail, '=') + 1)));
    assert_in_range(got, 8, SANDBOX_SANITISED ? 256 : 64);
    expect(f, "arena", RC_LIMIT, "signal=6");
    expect(f, "write", RC_LIMIT, "signal=25");
    struct stat st;
    assert_int_equal(fstat(f->out, &st), 0);
    assert_true(st.st_size <= 1 << 20);
    expect(f, "loop", RC_LIMIT, "signal=24");
}

static void test_crash(void **state)
{
    /* A crash is the file's fault (RC_INVALID), and so is a report that is not one. */
    struct fixture *f = *state;
    expect(f, "crash", RC_INVALID, "kind=crash");
    expect(f, "lie", RC_INVALID, "report=");
    expect(f, "no such kind", RC_INVALID, "exit=70");
}

static void test_deadline(void **state)
{
    /* A child that sleeps and has closed its report pipe is killed at the context's deadline.
     */
    struct fixture *f = *state;
    int pipe_fd[2];
    assert_int_equal(pipe(pipe_fd), 0);
    int64_t start_ms = time_mono_ms();
    f->cx.deadline_ms = start_ms + 200;
    assert_int_equal(sandbox_run(&f->cx, "sleep", STR(""), pipe_fd[0], f->out, NULL), RC_LIMIT);
    assert_in_range(time_mono_ms() - start_ms, 150, 2000);
    assert_non_null(strstr(f->cx.err.detail, "wall time"));
    close(pipe_fd[0]);
    close(pipe_fd[1]);
}

static void test_alone(void **state)
{
    /* The child can neither change its input nor see another descriptor of the parent. */
    struct fixture *f = *state;
    int extra = fcntl(f->in, F_DUPFD, 20); /* without close-on-exec */
    assert_int_equal(run(f, "steal", NULL), RC_DENIED);
    close(extra);
    struct stat st;
    assert_int_equal(fstat(f->in, &st), 0);
    assert_int_equal(st.st_size, 6);
}

static void test_report_hostile(void **state)
{
    /* Every changed byte of a good record gives a refusal or a clean record; cut records and
     * control characters are refused. */
    (void)state;
    struct err err = {RC_INVALID, "text", "detail"}, got;
    unsigned char p[REPORT_MAX], q[REPORT_MAX];
    size_t len = report_write(p, &err);
    assert_true(report_read(&got, p, len));
    assert_int_equal(got.rc, RC_INVALID);
    assert_string_equal(got.text, "text");
    assert_string_equal(got.detail, "detail");
    for (size_t cut = 0; cut < len; cut++)
        assert_false(report_read(&got, p, cut));
    for (size_t at = 0; at < REPORT_HEAD; at++) {
        memcpy(q, p, len);
        q[at] ^= 0x80;
        assert_false(report_read(&got, q, len));
    }
    memcpy(q, p, len);
    q[REPORT_HEAD] = 0x1b;
    assert_false(report_read(&got, q, len));
    q[REPORT_HEAD] = 0xff;
    assert_false(report_read(&got, q, len));
}

static void test_order(void **state)
{
    /* The command line is read back as written; nonsense is refused. */
    struct fixture *f = *state;
    const struct sandbox_limits limits = {7, 8, 9};
    struct sandbox_limits got;
    enum lang lang;
    struct str argument;
    f->cx.lang = LANG_ZH;
    const char *order = child_order(&f->cx, &limits, STR("a:b,c"));
    assert_true(child_order_read(&lang, &got, &argument, order));
    assert_int_equal(lang, LANG_ZH);
    assert_int_equal(got.memory_max, 7);
    assert_int_equal(got.cpu_s_max, 8);
    assert_int_equal(got.output_max, 9);
    assert_true(str_eq_z(argument, "a:b,c"));
    static const char *const bad[] = {"", "e", "e1,2", "e1,2,3", "x1,2,3:", "e,,:", "e1,2,3x:"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(child_order_read(&lang, &got, &argument, bad[i]));
}

int main(int argc, char **argv)
{
    sandbox_child_main(argc, argv, kinds, sizeof kinds / sizeof kinds[0]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_copy, setup, teardown),
        cmocka_unit_test_setup_teardown(test_low_descriptors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failure_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_language, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forbidden_calls, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_crash, setup, teardown),
        cmocka_unit_test_setup_teardown(test_deadline, setup, teardown),
        cmocka_unit_test_setup_teardown(test_alone, setup, teardown),
        cmocka_unit_test(test_report_hostile),
        cmocka_unit_test_setup_teardown(test_order, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
