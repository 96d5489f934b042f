/* The market as a child of the office's process: started, watched, stopped. See market.h. */
#include "web/market.h"

#include "base/log.h"
#include "base/text.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_WAIT_MS = 30000, LINE_MAX_BYTES = 300, ARGS_MAX = 16 };
extern char **environ;

/* The first line of the child's output, without its end; false: none came in time. */
static bool read_line(char line[LINE_MAX_BYTES], int fd)
{
    int64_t until = time_mono_ms() + START_WAIT_MS;
    size_t len = 0;
    while (len + 1 < LINE_MAX_BYTES) {
        int64_t left = until - time_mono_ms();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (left <= 0 || (poll(&p, 1, (int)left) < 0 && errno != EINTR))
            return false;
        ssize_t n = read(fd, line + len, 1);
        if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
            return false;
        if (n == 1 && line[len++] == '\n') {
            line[len - 1] = '\0';
            return true;
        }
    }
    return false;
}

static int64_t spawn(const char *root, const char *listen, const char *const *more, int out_fd)
{
    static const char self[] = "/proc/self/exe";
    char parent[32];
    snprintf(parent, sizeof parent, "%d", (int)getpid());
    const char *argv[ARGS_MAX] = {"fumin",    "market", "--db",     root,
                                  "--listen", listen,   "--parent", parent};
    for (size_t n = 8; n + 1 < ARGS_MAX && *more; n++)
        argv[n] = *more++;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    pid_t pid = 0;
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3); /* nothing of the office's */
    union { /* posix_spawn wants char *, and changes none of them */
        const char *const *in;
        char *const *out;
    } args = {.in = argv};
    int failed = posix_spawn(&pid, self, &actions, &attributes, args.out, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    errno = failed;
    return failed ? 0 : pid;
}

enum rc market_spawn(int64_t *pid, const char **address, struct cx *cx, const char *root,
                     const char *listen, const char *const *more)
{
    int fds[2];
    char line[LINE_MAX_BYTES];
    *pid = 0;
    if (pipe2(fds, O_CLOEXEC))
        return fail(cx, RC_IO, _("The market could not be started."), "pipe: %s",
                    strerror(errno));
    int64_t child = spawn(root, listen, more, fds[1]);
    close(fds[1]);
    if (!child) {
        close(fds[0]);
        return fail(cx, RC_IO, _("The market could not be started."), "spawn: %s",
                    strerror(errno));
    }
    bool there = read_line(line, fds[0]);
    close(fds[0]);
    if (!there) {
        market_stop(child, 0);
        return fail(cx, RC_IO,
                    _("The market could not be started: its log line says why. The office "
                      "goes on without it."),
                    "no address");
    }
    *pid = child;
    *address = arena_copy(cx->arena, str_of(line));
    return RC_OK;
}

void market_stop(int64_t pid, int wait_ms)
{
    const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    int64_t until = time_mono_ms() + wait_ms;
    if (pid <= 0)
        return;
    kill((pid_t)pid, SIGTERM);
    while (time_mono_ms() < until) {
        pid_t ended = waitpid((pid_t)pid, NULL, WNOHANG);
        if (ended == (pid_t)pid || (ended < 0 && errno == ECHILD))
            return;
        nanosleep(&pause, NULL);
    }
    kill((pid_t)pid, SIGKILL);
    waitpid((pid_t)pid, NULL, 0);
}
