/* The parent's side: starts the child with three descriptors, waits no longer than allowed,
 * and turns the way it ended into a result. */
#include "sandbox/sandbox.h"

#include "base/text.h"
#include "base/time.h"
#include "sandbox/child.h"
#include "sandbox/report.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    MEMORY_DEFAULT = 512 * 1024 * 1024,
    CPU_S_DEFAULT = 120,
    FIRST_FREE_FD = 10, /* descriptors that are handed over are first moved above 0..2 */
    ARGUMENT_MAX = 4096,
};
static const int64_t output_default = 4LL * 1024 * 1024 * 1024;

struct run {
    int in, out, report_read, report_write, pidfd;
    pid_t pid;
    unsigned char report[REPORT_MAX + 1]; /* one more, to see that it is too long */
    size_t report_len;
    bool report_done;
    bool late, flooded; /* why it was killed by us */
};

static void fd_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* pipes and read-only or duplicate descriptors: nothing is lost */
    *fd = -1;
}

static void run_close(struct run *r)
{
    fd_close(&r->in);
    fd_close(&r->out);
    fd_close(&r->report_read);
    fd_close(&r->report_write);
    fd_close(&r->pidfd);
}

static int fd_high(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
}

/* A fresh read-only view of the input, from offset 0; what cannot be opened again (a socket)
 * is handed over as it is. */
static int input_view(int fd)
{
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int again = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (again < 0)
        return fd_high(fd);
    (void)fcntl(again, F_SETFL, 0); /* non-blocking was for opening a pipe only */
    int high = fd_high(again);
    (void)close(again); /* read-only */
    return high;
}

static bool fds_open(struct run *r, int in_fd, int out_fd)
{
    int pipe_fd[2];
    if (pipe2(pipe_fd, O_CLOEXEC) != 0)
        return false;
    r->report_read = pipe_fd[0];
    r->report_write = fd_high(pipe_fd[1]);
    (void)close(pipe_fd[1]); /* its high copy stays */
    r->in = input_view(in_fd);
    r->out = fd_high(out_fd);
    return r->report_write >= 0 && r->in >= 0 && r->out >= 0;
}

/* The child's command line; posix_spawn takes char *, the texts are not changed by it. */
static int spawn_with(struct run *r, posix_spawn_file_actions_t *fa, posix_spawnattr_t *attr,
                      const char *kind, const char *order)
{
    char program[] = "fumin", command[] = "convert", proc_exe[] = "/proc/self/exe";
    char kind_text[32];
    char order_text[ARGUMENT_MAX];
    snprintf(kind_text, sizeof kind_text, "%s", kind);
    snprintf(order_text, sizeof order_text, "%s", order);
    char *argv[] = {program, command, kind_text, order_text, NULL};
    char zone[] = "TZ=UTC0"; /* so that no library looks for the local zone's file */
    char in_child[] = "FUMIN_CONVERT=1";
#if SANDBOX_SANITISED
    char options[] = "ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=0:handle_segv=0:"
                     "handle_sigbus=0:handle_sigfpe=0:handle_sigill=0";
    char *env[] = {options, zone, in_child, NULL};
#else
    char *env[] = {zone, in_child, NULL};
#endif
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    int e = posix_spawn_file_actions_adddup2(fa, r->in, SANDBOX_IN);
    e = e ? e : posix_spawn_file_actions_adddup2(fa, r->out, SANDBOX_OUT);
    e = e ? e : posix_spawn_file_actions_adddup2(fa, r->report_write, SANDBOX_REPORT);
    e = e ? e : posix_spawn_file_actions_addclosefrom_np(fa, SANDBOX_REPORT + 1);
    e = e ? e : posix_spawnattr_setsigdefault(attr, &all);
    e = e ? e : posix_spawnattr_setsigmask(attr, &none);
    e = e ? e : posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    return e ? e : posix_spawn(&r->pid, proc_exe, fa, attr, argv, env);
}

static int child_start(struct run *r, const char *kind, const char *order)
{
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t attr;
    int e = posix_spawn_file_actions_init(&fa);
    if (e)
        return e;
    e = posix_spawnattr_init(&attr);
    if (e == 0) {
        e = spawn_with(r, &fa, &attr, kind, order);
        (void)posix_spawnattr_destroy(&attr);
    }
    (void)posix_spawn_file_actions_destroy(&fa);
    return e;
}

/* Takes what stands in the pipe. */
static void report_take(struct run *r)
{
    ssize_t n =
        read(r->report_read, r->report + r->report_len, sizeof r->report - r->report_len);
    if (n < 0 && errno == EINTR)
        return;
    if (n > 0)
        r->report_len += (size_t)n;
    r->flooded = r->report_len == sizeof r->report;
    if (n <= 0)
        r->report_done = true;
}

/* Waits until the child has ended or `until_ms`; then it is killed. Returns its wait status. */
static int child_wait(struct run *r, int64_t until_ms)
{
    struct pollfd poll_fd[2] = {{r->pidfd, POLLIN, 0}, {r->report_read, POLLIN, 0}};
    while (!r->flooded) {
        int64_t left = until_ms - time_mono_ms();
        if (left <= 0) {
            r->late = true;
            break;
        }
        poll_fd[1].fd = r->report_done ? -1 : r->report_read;
        int n = poll(poll_fd, 2, left > 60000 ? 60000 : (int)left);
        if (n > 0 && poll_fd[1].revents)
            report_take(r);
        else if (n > 0 && poll_fd[0].revents)
            break;
    }
    if (r->late || r->flooded)
        (void)kill(r->pid, SIGKILL); /* it cannot be gone: it has not been waited for */
    int status = 0;
    while (waitpid(r->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

static enum rc killed(struct cx *cx, int sig, const char *kind)
{
    switch (sig) {
    case SIGXCPU:
    case SIGKILL:
        return fail(cx, RC_LIMIT,
                    _("Reading the file took more computing time than allowed. Split it into "
                      "smaller files."),
                    "kind=%s signal=%d", kind, sig);
    case SIGXFSZ:
        return fail(cx, RC_LIMIT,
                    _("The file becomes too large when it is unpacked. Split it into smaller "
                      "files."),
                    "kind=%s signal=%d", kind, sig);
    case SIGABRT:
        return fail(cx, RC_LIMIT,
                    _("Reading the file needs more memory than allowed. Split it into smaller "
                      "files."),
                    "kind=%s signal=%d", kind, sig);
    case SIGSYS:
        return fail(cx, RC_LIMIT,
                    _("The file made its reader do something that is not allowed; it was "
                      "stopped. Nothing was read."),
                    "kind=%s signal=%d forbidden system call", kind, sig);
    default:
        return fail(cx, RC_INVALID,
                    _("The file is damaged in a way that its reader could not handle. Open it "
                      "in its own program and save it again."),
                    "kind=%s signal=%d", kind, sig);
    }
}

static enum rc judge(struct cx *cx, const struct run *r, int status, const char *kind)
{
    if (r->late)
        return fail(cx, RC_LIMIT,
                    _("Reading the file took longer than allowed. Try again later, or split it "
                      "into smaller files."),
                    "kind=%s wall time", kind);
    if (WIFSIGNALED(status) && !r->flooded)
        return killed(cx, WTERMSIG(status), kind);
    struct err err;
    if (r->flooded || WEXITSTATUS(status) != 0 || !report_read(&err, r->report, r->report_len))
        return fail(cx, RC_INVALID,
                    _("The file is damaged in a way that its reader could not handle. Open it "
                      "in its own program and save it again."),
                    "kind=%s exit=%d report=%zu bytes", kind, WEXITSTATUS(status),
                    r->report_len);
    if (err.rc == RC_OK)
        return RC_OK;
    return fail(cx, err.rc, err.text, "%s", err.detail);
}

enum rc sandbox_run(struct cx *cx, const char *kind, struct str argument, int in_fd, int out_fd,
                    const struct sandbox_limits *limits)
{
    struct sandbox_limits l = limits ? *limits : (struct sandbox_limits){0};
    /* A main without sandbox_child_main would start itself again and again. */
    assert(!getenv("FUMIN_CONVERT"));
    l.memory_max = l.memory_max ? l.memory_max : MEMORY_DEFAULT;
    l.cpu_s_max = l.cpu_s_max ? l.cpu_s_max : CPU_S_DEFAULT;
    l.output_max = l.output_max ? l.output_max : output_default;
    const char *order = child_order(cx, &l, argument);
    if (strlen(order) >= ARGUMENT_MAX || memchr(argument.p ? argument.p : "", 0, argument.len))
        return fail(cx, RC_INVALID, _("The name is too long."), "sandbox argument=%zu bytes",
                    argument.len);
    int64_t until_ms = time_mono_ms() + (int64_t)l.cpu_s_max * 3000 + 10000;
    if (cx->deadline_ms && cx->deadline_ms < until_ms)
        until_ms = cx->deadline_ms;
    struct run r = {.in = -1, .out = -1, .report_read = -1, .report_write = -1, .pidfd = -1};
    int e = fds_open(&r, in_fd, out_fd) ? child_start(&r, kind, order) : errno;
    fd_close(&r.report_write);
    fd_close(&r.in);
    fd_close(&r.out);
    if (e == 0 && (r.pidfd = pidfd_open(r.pid, 0)) < 0) {
        e = errno;
        (void)kill(r.pid, SIGKILL); /* cannot be watched, so it must not run */
        (void)waitpid(r.pid, NULL, 0);
    }
    if (e) {
        run_close(&r);
        return fail(cx, RC_IO, _("The file reader could not be started. Try again later."),
                    "kind=%s: %s", kind, strerrorname_np(e));
    }
    int status = child_wait(&r, until_ms);
    run_close(&r);
    return judge(cx, &r, status, kind);
}
