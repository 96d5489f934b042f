/* How fast the HTTP room alone is: wrk against the test server's routes (no database),
 * compression on, generator on the same cores. Prints one line per case: name, requests/s, p50,
 * p99 in ms. Seconds per case: FUMIN_BENCH_SECONDS (2). */
#include "base/log.h"
#include "base/time.h"
#include "http/http_fixture.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { IDLE_MAX = 5000 };
static int idle[IDLE_MAX];

/* The text behind `key` in wrk's report, or "". */
static const char *behind(const char *report, const char *key)
{
    const char *at = strstr(report, key);
    return at ? at + strlen(key) + strspn(at + strlen(key), " ") : "";
}

static bool wrk(char *report, size_t size, const char *url, const char *connections,
                const char *seconds)
{
    int out[2], status = 0;
    size_t len = 0;
    ssize_t n;
    if (pipe(out) != 0)
        return false;
    pid_t child = fork();
    if (child == 0) {
        dup2(out[1], 1);
        execlp("wrk", "wrk", "-t1", "-c", connections, "-d", seconds, "--latency", "-H",
               "Accept-Encoding: gzip", url, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    while (len < size - 1 && (n = read(out[0], report + len, size - 1 - len)) > 0)
        len += (size_t)n;
    report[len] = 0;
    close(out[0]);
    return waitpid(child, &status, 0) == child && status == 0;
}

static void run_case(const struct fixture *f, const char *name, const char *path,
                     const char *connections)
{
    static char report[16 * 1024];
    char url[100];
    const char *seconds = getenv("FUMIN_BENCH_SECONDS");
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", f->port, path);
    if (!wrk(report, sizeof report, url, connections, seconds ? seconds : "2")) {
        printf("%-28s wrk failed\n", name);
        return;
    }
    const char *p50 = behind(report, "50%"), *p99 = behind(report, "99%");
    const char *rate = behind(report, "Requests/sec:"), *bad = strstr(report, "Non-2xx");
    printf("%-28s %.*s requests/s  p50 %.*s  p99 %.*s%s\n", name, (int)strcspn(rate, "\n"),
           rate, (int)strcspn(p50, "\n"), p50, (int)strcspn(p99, "\n"), p99,
           bad ? "  WITH REFUSALS" : "");
}

static void rest_idle(const struct fixture *f, int from, int to)
{
    static struct raw_answer answer;
    for (int i = from; i < to; i++) {
        idle[i] = raw_connect(f->port);
        raw_send_z(idle[i], "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
        raw_receive(&answer, idle[i], 3000, false, false);
    }
}

int main(void)
{
    struct fixture f;
    struct rusage usage;
    setenv("FUMIN_LOG", "warn", 0);
    log_init();
    fixture_prepare(&f);
    f.options.workers = 0;
    f.options.idle_s = 120;
    f.options.header_ms = f.options.answer_ms = 60000;
    fixture_start(&f);
    run_case(&f, "short text, 16", "/hello", "16");
    run_case(&f, "short text, 256", "/hello", "256");
    run_case(&f, "3.4 KB page gzipped, 16", "/page", "16");
    run_case(&f, "3.4 KB page gzipped, 256", "/page", "256");
    rest_idle(&f, 0, 1000);
    run_case(&f, "short text, 16 + 1000 idle", "/hello", "16");
    rest_idle(&f, 1000, IDLE_MAX);
    run_case(&f, "short text, 16 + 5000 idle", "/hello", "16");
    getrusage(RUSAGE_SELF, &usage);
    printf("%-28s %.1f MB\n", "memory at most", (double)usage.ru_maxrss / 1024);
    for (int i = 0; i < IDLE_MAX; i++)
        close(idle[i]);
    fixture_stop(&f);
    return 0;
}
