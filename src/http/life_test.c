/* The life of a server: starting and refusing to, pools and full queues, TLS, stopping in
 * grace. */
#include "http/http_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cmocka.h>
#undef fail /* cmocka's; ours is base/cx.h's */

static struct fixture f;
static struct raw_answer answer;

static int start(void **state)
{
    (void)state;
    fixture_prepare(&f);
    fixture_start(&f);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    fixture_stop(&f);
    return 0;
}

static void ask(const char *request)
{
    raw_exchange(&answer, f.port, request, 2000);
}

static const char *header(const char *name)
{
    static char value[4096];
    return raw_header(value, sizeof value, &answer, name) ? value : NULL;
}

struct asker {
    int port, wait_ms;
    const char *request;
    struct raw_answer *answer;
    int64_t took_ms;
};

static void *ask_in_thread(void *arg)
{
    struct asker *a = arg;
    int64_t began = time_mono_ms();
    raw_exchange(a->answer, a->port, a->request, a->wait_ms);
    a->took_ms = time_mono_ms() - began;
    return NULL;
}

/* While the heavy pool's one worker is busy and two more heavy requests wait, an ordinary
 * request is answered at once. */
static void heavy_work_does_not_delay(void **state)
{
    (void)state;
    static struct raw_answer answers[3];
    struct asker askers[3];
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        askers[i] = (struct asker){f.port, 3000, "GET /heavy/150 HTTP/1.1\r\nHost: x\r\n\r\n",
                                   &answers[i], 0};
        pthread_create(&threads[i], NULL, ask_in_thread, &askers[i]);
    }
    usleep(30000);
    int64_t began = time_mono_ms();
    ask("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(answer.status, 200);
    assert_true(time_mono_ms() - began < 100);
    int64_t slowest = 0;
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(answers[i].status, 200);
        slowest = askers[i].took_ms > slowest ? askers[i].took_ms : slowest;
    }
    assert_true(slowest >= 440); /* they did go through one worker */
}

/* A full queue answers 503 with Retry-After at once, counts it, and the server recovers. */
static void refuses_when_full_and_recovers(void **state)
{
    (void)state;
    enum { CLIENTS = 12 };
    struct fixture g;
    int fds[CLIENTS], busy = 0, served = 0;
    fixture_prepare(&g);
    g.options.workers = 1;
    g.options.queue_max = 2;
    fixture_start(&g);
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = raw_connect(g.port);
        raw_send_z(fds[i], "GET /sleep/100 HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    for (int i = 0; i < CLIENTS; i++) {
        raw_receive(&answer, fds[i], 2000, false, false);
        busy += answer.status == 503 && header("Retry-After");
        served += answer.status == 200;
        close(fds[i]);
    }
    assert_int_equal(busy + served, CLIENTS);
    assert_in_range(served, 2, 4);
    assert_int_equal(server_figures_get(g.server).refused_busy, busy);
    raw_exchange(&answer, g.port, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", 1000);
    assert_int_equal(answer.status, 200);
    assert_int_equal(server_figures_get(g.server).queue_now, 0);
    fixture_stop(&g);
}

/* A request that waited for a worker longer than its own time limit is refused, not run. */
static void refuses_what_waited_too_long(void **state)
{
    (void)state;
    struct fixture g;
    fixture_prepare(&g);
    g.options.workers = 1;
    fixture_start(&g);
    int slow = raw_connect(g.port), late = raw_connect(g.port);
    raw_send_z(slow, "GET /sleep/150 HTTP/1.1\r\nHost: x\r\n\r\n");
    usleep(30000);
    raw_send_z(late, "GET /brief HTTP/1.1\r\nHost: x\r\n\r\n");
    raw_receive(&answer, late, 1000, false, false);
    assert_int_equal(answer.status, 503);
    raw_receive(&answer, slow, 1000, false, false);
    assert_int_equal(answer.status, 200);
    close(slow);
    close(late);
    fixture_stop(&g);
}

static void *stop_in_thread(void *arg)
{
    server_stop(arg, 3000);
    return NULL;
}

/* server_stop lets a request of 400 ms finish with 200 and Connection: close, ends a waiting
 * stream, refuses new connections meanwhile, and ends every worker. */
static void stops_gracefully(void **state)
{
    (void)state;
    struct fixture g;
    pthread_t stopper;
    int before = atomic_load(&fixture_workers_live);
    fixture_prepare(&g);
    fixture_start(&g);
    assert_int_equal(atomic_load(&fixture_workers_live), before + 5);
    int fd = raw_connect(g.port), stream = raw_connect(g.port);
    raw_send_z(fd, "GET /sleep/400 HTTP/1.1\r\nHost: x\r\n\r\n");
    raw_send_z(stream, "GET /forever HTTP/1.1\r\nHost: x\r\n\r\n");
    usleep(60000);
    int64_t began = time_mono_ms();
    pthread_create(&stopper, NULL, stop_in_thread, g.server);
    usleep(60000);
    int refused = raw_connect(g.port);
    assert_int_equal(refused, -1);
    raw_receive(&answer, fd, 2000, false, false);
    assert_int_equal(answer.status, 200);
    assert_string_equal(header("Connection"), "close");
    raw_receive(&answer, stream, 2000, false, false);
    assert_non_null(strstr(answer.bytes, "\r\n0\r\n\r\n"));
    pthread_join(stopper, NULL);
    assert_in_range(time_mono_ms() - began, 300, 1500);
    assert_int_equal(atomic_load(&fixture_workers_live), before);
    close(fd);
    close(stream);
    arena_free(g.arena);
}

/* With wait_ms passed, requests that wait for a worker are refused and the stop goes on. */
static void stops_in_time(void **state)
{
    (void)state;
    struct fixture g;
    int fds[8];
    fixture_prepare(&g);
    g.options.workers = 1;
    fixture_start(&g);
    for (int i = 0; i < 8; i++) {
        fds[i] = raw_connect(g.port);
        raw_send_z(fds[i], "GET /sleep/200 HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    usleep(50000);
    int64_t began = time_mono_ms();
    server_stop(g.server, 50);
    assert_true(time_mono_ms() - began < 1000); /* 8 x 200 ms were asked for */
    for (int i = 0; i < 8; i++)
        close(fds[i]);
    arena_free(g.arena);
}

static enum rc fail_to_start(struct cx *cx, void *arg)
{
    (void)arg;
    return fail(cx, RC_DB, "no database", "worker_start");
}

/* A failing worker_start, a taken port, a wrong address, a wrong certificate: each is a result,
 * and everything is given back (ASan looks for leaks). */
static void refuses_to_start_wrongly(void **state)
{
    (void)state;
    struct fixture g;
    fixture_prepare(&g);
    g.options.worker_start = fail_to_start;
    assert_int_equal(server_start(&g.server, &g.cx, &g.options), RC_DB);
    assert_string_equal(g.cx.err.text, "no database");
    err_clear(&g.cx);
    g.options.worker_start = NULL;
    g.options.worker_stop = NULL;
    g.options.port = f.port;
    assert_int_equal(server_start(&g.server, &g.cx, &g.options), RC_IO);
    err_clear(&g.cx);
    g.options.port = 0;
    g.options.address = "999.1.1.1.1";
    assert_int_equal(server_start(&g.server, &g.cx, &g.options), RC_INVALID);
    err_clear(&g.cx);
    g.options.address = "127.0.0.1";
    g.options.tls_cert = g.options.tls_key = "no PEM";
    assert_int_equal(server_start(&g.server, &g.cx, &g.options), RC_INVALID);
    arena_free(g.arena);
}

/* IPv6 loopback is listened on when asked for. */
static void listens_on_ipv6(void **state)
{
    (void)state;
    struct fixture g;
    fixture_prepare(&g);
    g.options.address = "::1";
    fixture_start(&g);
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)g.port)};
    to.sin6_addr = in6addr_loopback;
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    if (fd >= 0)
        assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    raw_send_z(fd, "GET /self HTTP/1.1\r\nHost: x\r\n\r\n");
    raw_receive(&answer, fd, 1000, false, false);
    close(fd);
    fixture_stop(&g);
    assert_non_null(strstr(answer.bytes, "client=::1 "));
}

static void read_whole(char *out, size_t size, const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        print_error("%s is missing: tests run from the tree's root\n", path);
        abort();
    }
    out[fread(out, 1, size - 1, file)] = 0;
    fclose(file);
}

/* With a certificate the pages come over TLS, with Strict-Transport-Security; asked with curl.
 */
static void speaks_tls(void **state)
{
    (void)state;
    static char cert[4000], key[4000], text[8000];
    read_whole(cert, sizeof cert, "src/http/tls_test.crt");
    read_whole(key, sizeof key, "src/http/tls_test.key");
    struct fixture g;
    int out[2], status = 0;
    fixture_prepare(&g);
    g.options.tls_cert = cert;
    g.options.tls_key = key;
    fixture_start(&g);
    assert_int_equal(pipe(out), 0);
    char url[100];
    snprintf(url, sizeof url, "https://127.0.0.1:%d/self", g.port);
    pid_t child = fork();
    if (child == 0) {
        dup2(out[1], 1);
        execlp("curl", "curl", "-ski", "--max-time", "5", url, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    size_t len = 0;
    ssize_t n;
    while ((n = read(out[0], text + len, sizeof text - 1 - len)) > 0)
        len += (size_t)n;
    close(out[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    fixture_stop(&g);
    assert_non_null(strstr(text, "client=127.0.0.1 tls=1"));
    assert_non_null(strcasestr(text, "\r\nStrict-Transport-Security: max-age="));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heavy_work_does_not_delay),
        cmocka_unit_test(refuses_when_full_and_recovers),
        cmocka_unit_test(refuses_what_waited_too_long),
        cmocka_unit_test(stops_gracefully),
        cmocka_unit_test(stops_in_time),
        cmocka_unit_test(refuses_to_start_wrongly),
        cmocka_unit_test(listens_on_ipv6),
        cmocka_unit_test(speaks_tls),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
