/* The child's side: closes the walls (limits, no new privileges, seccomp), runs one kind,
 * reports, ends. It never returns to main and never runs atexit functions. */
#include "sandbox/child.h"

#include "base/text.h"
#include "sandbox/report.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EXIT_NO_WALLS = 70 };

const char *child_order(struct cx *cx, const struct sandbox_limits *limits, struct str argument)
{
    return arena_printf(cx->arena, "%c%zu,%d,%" PRId64 ":%.*s", cx->lang == LANG_ZH ? 'z' : 'e',
                        limits->memory_max, limits->cpu_s_max, limits->output_max,
                        STR_ARG(argument));
}

bool child_order_read(enum lang *lang, struct sandbox_limits *limits, struct str *argument,
                      const char *order)
{
    struct str rest = str_of(order);
    if (rest.len == 0 || (rest.p[0] != 'e' && rest.p[0] != 'z'))
        return false;
    *lang = rest.p[0] == 'z' ? LANG_ZH : LANG_EN;
    rest.p++;
    rest.len--;
    struct str head = str_cut(&rest, ':');
    if (rest.p == NULL)
        return false;
    int64_t memory, cpu, output;
    if (!str_to_i64(&memory, str_cut(&head, ',')) || head.p == NULL ||
        !str_to_i64(&cpu, str_cut(&head, ',')) || head.p == NULL || !str_to_i64(&output, head))
        return false;
    if (memory <= 0 || cpu <= 0 || cpu > 86400 || output < 0)
        return false;
    *limits = (struct sandbox_limits){(size_t)memory, (int)cpu, output};
    *argument = rest;
    return true;
}

/* Address space in use now, bytes; the limit is counted on top of it, so that shared libraries
 * (ICU's 30 MB, a sanitiser's shadow of terabytes) do not eat the converter's share. */
static rlim_t address_space_used(void)
{
    char text[64];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    (void)close(fd); /* read-only: nothing to lose */
    struct str rest = {text, n > 0 ? (size_t)n : 0};
    int64_t pages;
    if (!str_to_i64(&pages, str_cut(&rest, ' ')) || pages < 0)
        return 0;
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static bool limit_set(__rlimit_resource_t what, rlim_t soft, rlim_t hard)
{
    return setrlimit(what, &(struct rlimit){soft, hard}) == 0;
}

static bool limits_set(const struct sandbox_limits *limits)
{
    rlim_t used = address_space_used();
    rlim_t cpu = (rlim_t)limits->cpu_s_max;
    rlim_t file = (rlim_t)limits->output_max;
    rlim_t memory = (rlim_t)limits->memory_max;
#if SANDBOX_SANITISED
    memory *= 4; /* red zones and quarantine */
#endif
    return used > 0 && limit_set(RLIMIT_AS, used + memory, used + memory) &&
           limit_set(RLIMIT_CPU, cpu, cpu + 1) && limit_set(RLIMIT_FSIZE, file, file) &&
           limit_set(RLIMIT_NOFILE, 8, 8) && limit_set(RLIMIT_CORE, 0, 0) &&
           limit_set(RLIMIT_NPROC, 0, 0) && limit_set(RLIMIT_MSGQUEUE, 0, 0);
}

/* Calls that need no look at their arguments: descriptors 0, 1 and 2 are all there is. */
static const int plain_calls[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(lseek),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(futex),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getrandom),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(sched_yield),
    SCMP_SYS(dup),
};

static bool filter_rules(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < sizeof plain_calls / sizeof plain_calls[0]; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, plain_calls[i], 0) != 0)
            return false;
    const struct scmp_arg_cmp not_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    const struct scmp_arg_cmp by_fd = SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH, 0);
    const struct scmp_arg_cmp get_flags = SCMP_A1(SCMP_CMP_EQ, F_GETFL, 0);
    const struct scmp_arg_cmp own = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);
    const struct scmp_arg_cmp abort_only = SCMP_A2(SCMP_CMP_EQ, SIGABRT, 0);
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, not_exec) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, not_exec) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1, by_fd) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1, get_flags) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 2, own, abort_only) == 0;
}

static bool filter_load(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL)
        return false;
    bool ok = filter_rules(filter) && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return ok;
}

static bool walls_close(const struct sandbox_limits *limits)
{
    /* The filter itself needs memory, so the limits come first and are wide enough for it. */
    return limits_set(limits) && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
           prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           filter_load();
}

static _Noreturn void child_end(int code)
{
    /* Not exit(): nothing of atexit (stdio, a sanitiser's leak check) may run in here. */
    for (;;)
        (void)syscall(SYS_exit_group, code); /* does not return */
}

static _Noreturn void child_report(const struct err *err)
{
    unsigned char record[REPORT_MAX];
    size_t len = report_write(record, err);
    ssize_t n = write(SANDBOX_REPORT, record, len);
    child_end(n == (ssize_t)len ? 0 : EXIT_NO_WALLS);
}

static _Noreturn void child_run(const struct sandbox_kind *kind, const char *order)
{
    enum lang lang;
    struct sandbox_limits limits;
    struct str argument;
    if (!child_order_read(&lang, &limits, &argument, order))
        child_end(EXIT_NO_WALLS);
    if (kind->prepare)
        kind->prepare();
    /* Descriptors opened by prepare are not for the converter. */
    if (close_range(SANDBOX_REPORT + 1, ~0U, 0) != 0 || !walls_close(&limits))
        child_end(EXIT_NO_WALLS);
    struct arena *arena = arena_open(limits.memory_max / 2);
    struct cx cx;
    cx_init(&cx, arena);
    cx.lang = lang;
    enum rc rc = kind->run(&cx, SANDBOX_IN, SANDBOX_OUT, argument);
    cx.err.rc = rc;
    child_report(&cx.err);
}

void sandbox_child_main(int argc, char **argv, const struct sandbox_kind *kinds, size_t count)
{
    if (argc != 4 || strcmp(argv[1], "convert") != 0)
        return;
    for (size_t i = 0; i < count; i++)
        if (strcmp(argv[2], kinds[i].name) == 0)
            child_run(&kinds[i], argv[3]);
    child_end(EXIT_NO_WALLS);
}
