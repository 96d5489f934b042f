/* The robustness table of domain facts http.md as a test: hostile, broken and slow clients,
 * each a row of bytes, rhythm and expected outcome. FUMIN_SOAK=1 adds the real deadlines and
 * 5,000 idle connections. */
#include "http/http_fixture.h"
#include "http/http_parts.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>
#undef fail /* cmocka's; ours is base/cx.h's */

static struct fixture f;

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

#define GET_HELLO "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
#define POST_ECHO "POST /echo HTTP/1.1\r\nHost: x\r\n"

/* `first` is sent at once, then `fill` times the byte 'a', then `last`; then, if drip_ms, one
 * 'a' every drip_ms until the server ends the connection. */
struct row {
    const char *name, *first;
    size_t fill;
    const char *last;
    int drip_ms;
    int status;                       /* of the first answer; 0: none */
    int answers;                      /* how many came in all */
    int closed;                       /* 1: the server ended the connection, 0: it did not */
    int closed_from_ms, closed_to_ms; /* when, if dripped */
};

/* The fixture's deadlines: header 300 ms, body 400 ms, idle 1 s. */
static const struct row rows[] = {
    /* The table of http.md, in its order. */
    {"header dripped", "GET /hello HTTP/1.1\r\nHost: x\r\nX-A: ", 0, "", 20, 0, 0, 1, 250, 900},
    {"body dripped", POST_ECHO "Content-Length: 1000\r\n\r\n", 0, "", 20, 0, 0, 1, 350, 1000},
    {"100 KB header", "GET /hello HTTP/1.1\r\nHost: x\r\nX-A: ", 100 * 1024, "\r\n\r\n", 0, 431,
     1, 1, 0, 0},
    {"1 MB body over the limit", POST_ECHO "Content-Length: 1048576\r\n\r\n", 1024 * 1024, "",
     0, 413, 1, 1, 0, 0},
    {"Content-Length and chunked",
     POST_ECHO "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, "", 0,
     400, 1, 1, 0, 0},
    {"two Content-Lengths", POST_ECHO "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 0,
     "", 0, 400, 1, 1, 0, 0},
    {"two equal Content-Lengths",
     POST_ECHO "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 0, "", 0, 400, 1, 1, 0,
     0},
    {"chunked upload",
     "PUT /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
     "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
     0, "", 0, 200, 1, 0, 0, 0},
    {"bad chunk", POST_ECHO "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n", 0, "", 0, 400, 1,
     1, 0, 0},
    {"missing Host", "GET /hello HTTP/1.1\r\n\r\n", 0, "", 0, 400, 1, 1, 0, 0},
    {"three pipelined", GET_HELLO GET_HELLO GET_HELLO, 0, "", 0, 200, 3, 0, 0, 0},
    /* Slowness in other places. */
    {"nothing but a connection", "", 0, "", 5000, 0, 0, 1, 250, 900},
    {"first line dripped", "GET /", 0, "", 20, 0, 0, 1, 250, 900},
    {"second header dripped", GET_HELLO "GET /", 0, "", 20, 200, 1, 1, 1000, 1900},
    {"upload to a file dripped",
     "PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", 0, "", 20, 0, 0, 1, 350,
     1000},
    {"chunk dripped", POST_ECHO "Transfer-Encoding: chunked\r\n\r\nfff\r\n", 0, "", 20, 0, 0, 1,
     350, 1000},
    {"idle after an answer", GET_HELLO, 0, "", 5000, 200, 1, 1, 900, 2300},
    /* Framing that could smuggle a second request past a proxy. */
    {"two Transfer-Encodings",
     POST_ECHO "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0,
     "", 0, 400, 1, 1, 0, 0},
    {"coding other than chunked", POST_ECHO "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
     0, "", 0, 501, 1, 1, 0, 0},
    {"chunked in HTTP/1.0",
     "POST /echo HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, "", 0,
     400, 1, 1, 0, 0},
    /* libmicrohttpd 0.9.75 refuses a wrong length itself, with its head sent twice; it closes.
     */
    {"negative length", POST_ECHO "Content-Length: -5\r\n\r\nhello", 0, "", 0, 400, 2, 1, 0, 0},
    {"signed length", POST_ECHO "Content-Length: +5\r\n\r\nhello", 0, "", 0, 400, 2, 1, 0, 0},
    {"length list", POST_ECHO "Content-Length: 5, 5\r\n\r\nhello", 0, "", 0, 400, 2, 1, 0, 0},
    {"hexadecimal length", POST_ECHO "Content-Length: 0x5\r\n\r\nhello", 0, "", 0, 400, 2, 1, 0,
     0},
    {"blank before the colon", POST_ECHO "Content-Length : 5\r\n\r\nhello", 0, "", 0, 400, 1, 1,
     0, 0},
    {"two Hosts", "GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 0, "", 0, 400, 1, 1, 0,
     0},
    {"GET with a body that is a request",
     "GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 35\r\n\r\n" GET_HELLO, 0, "", 0, 413, 1,
     1, 0, 0},
    {"refused path with a body that is a request",
     "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 35\r\n\r\n" GET_HELLO, 0, "", 0, 404,
     1, 1, 0, 0},
    {"delete with a body that is a request",
     "DELETE /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 35\r\n\r\n" GET_HELLO, 0, "", 0, 405,
     1, 1, 0, 0},
    /* Sizes. */
    {"chunked over the limit, ending", POST_ECHO "Transfer-Encoding: chunked\r\n\r\n186a0\r\n",
     100000, "\r\n0\r\n\r\n", 0, 413, 1, 0, 0, 0},
    {"chunked far over the limit", POST_ECHO "Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n",
     3 * 1024 * 1024, "", 0, 0, 0, 1, 0, 0},
    {"address of 5 KB", "GET /", 5000, " HTTP/1.1\r\nHost: x\r\n\r\n", 0, 414, 1, 0, 0, 0},
    {"body where none is allowed, empty",
     "GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 0, "", 0, 200, 1, 0, 0, 0},
    /* Addresses. */
    {"dots", "GET /hello/../page HTTP/1.1\r\nHost: x\r\n\r\n", 0, "", 0, 400, 1, 0, 0, 0},
    {"encoded dots", "GET /%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 0, "", 0, 400, 1, 0,
     0, 0},
    {"encoded slash", "GET /..%2fetc HTTP/1.1\r\nHost: x\r\n\r\n", 0, "", 0, 400, 1, 0, 0, 0},
    {"two slashes", "GET //hello HTTP/1.1\r\nHost: x\r\n\r\n", 0, "", 0, 400, 1, 0, 0, 0},
    {"NUL in the path", "GET /hello%00 HTTP/1.1\r\nHost: x\r\n\r\n", 0, "", 0, 400, 1, 0, 0, 0},
    {"bad UTF-8 in the path", "GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n", 0, "", 0, 400, 1, 0, 0,
     0},
    {"half an escape", "GET /hello?a=%4 HTTP/1.1\r\nHost: x\r\n\r\n", 0, "", 0, 400, 1, 0, 0,
     0},
    {"address with a host", "GET http://x/hello HTTP/1.1\r\nHost: x\r\n\r\n", 0, "", 0, 200, 1,
     0, 0, 0},
    {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 0, "", 0, 400, 1, 0, 0, 0},
    /* Other nonsense. */
    {"control character in a header", "GET /hello HTTP/1.1\r\nHost: x\r\nX: a\x01\r\n\r\n", 0,
     "", 0, 400, 1, 1, 0, 0},
    {"unknown method", "BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n", 0, "", 0, 405, 1, 0, 0, 0},
    {"no HTTP at all", "\x16\x03\x01\x02\r\n\r\n", 0, "", 0, 0, 0, 1, 0, 0},
    {"blank in the address", "GET /hello /page HTTP/1.1\r\nHost: x\r\n\r\n", 0, "", 0, 400, 1,
     0, 0, 0},
    {"no version", "GET /hello\r\nHost: x\r\n\r\n", 0, "", 0, 400, 1, 1, 0, 0},
    {"unknown version", "GET /hello HTTP/7.3\r\nHost: x\r\n\r\n", 0, "", 0, 505, 1, 1, 0, 0},
    {"folded header", "GET /hello HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n", 0, "", 0, 200, 1,
     0, 0, 0},
    {"line ends without carriage return", "GET /hello HTTP/1.1\nHost: x\n\n", 0, "", 0, 200, 1,
     0, 0, 0},
    {"multipart without boundary",
     POST_ECHO "Content-Type: multipart/form-data\r\nContent-Length: 5\r\n\r\nhello", 0, "", 0,
     400, 1, 1, 0, 0},
    {"old HTTP without Host", "GET /hello HTTP/1.0\r\n\r\n", 0, "", 0, 200, 1, 1, 0, 0},
};
enum { ROW_COUNT = sizeof rows / sizeof *rows };

struct outcome {
    const struct row *row;
    struct raw_answer answer;
    int answers;
    int64_t closed_ms;
};

static int count_answers(const struct raw_answer *a)
{
    int n = 0;
    const char *p = a->bytes;
    for (; (p = strstr(p, "HTTP/1.")) != NULL;
         p++) /* pages name the protocol too, without status */
        n += strspn(p, "HTP/1.0 23459") >= 12 && p[8] == ' ';
    return n;
}

/* Whether the server has ended the connection; what it sends before is passed over. */
static bool ended(int fd, int wait_ms)
{
    char bytes[1000];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (fd >= 0 && poll(&p, 1, wait_ms) > 0)
        if (recv(fd, bytes, sizeof bytes, 0) <= 0)
            return true;
    return false;
}

static void *try_row(void *arg)
{
    struct outcome *o = arg;
    const struct row *r = o->row;
    int fd = raw_connect(f.port);
    int64_t began = time_mono_ms();
    char *fill = malloc(r->fill + 1);
    memset(fill, 'a', r->fill);
    bool open =
        raw_send_z(fd, r->first) && raw_send(fd, fill, r->fill) && raw_send_z(fd, r->last);
    free(fill);
    if (r->drip_ms == 0) {
        raw_receive(&o->answer, fd, 450, true, false);
    } else {
        /* An answer first, if one is due; then the drip. */
        raw_receive(&o->answer, fd, r->status ? 200 : 0, true, false);
        while (open && time_mono_ms() - began < 4000 && !ended(fd, r->drip_ms))
            if (r->drip_ms < 1000)
                open = raw_send_z(fd, "a");
        o->closed_ms = time_mono_ms() - began;
        o->answer.closed = o->closed_ms < 4000;
    }
    o->answers = count_answers(&o->answer);
    close(fd);
    return NULL;
}

/* Every row at the same time, each on its own connection; afterwards an ordinary request is
 * still answered. */
static void survives_the_robustness_table(void **state)
{
    (void)state;
    struct outcome *outcomes = calloc(ROW_COUNT, sizeof *outcomes);
    pthread_t threads[ROW_COUNT];
    int wrong = 0;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        outcomes[i].row = &rows[i];
        assert_int_equal(pthread_create(&threads[i], NULL, try_row, &outcomes[i]), 0);
    }
    for (size_t i = 0; i < ROW_COUNT; i++) {
        struct outcome *o = &outcomes[i];
        const struct row *r = &rows[i];
        pthread_join(threads[i], NULL);
        bool in_time = r->drip_ms == 0 ||
                       (o->closed_ms >= r->closed_from_ms && o->closed_ms <= r->closed_to_ms);
        if (o->answer.status == r->status && o->answers == r->answers &&
            o->answer.closed == (r->closed == 1) && in_time)
            continue;
        wrong++;
        print_error("%s: status %d (%d), answers %d (%d), closed %d (%d) at %d ms\n", r->name,
                    o->answer.status, r->status, o->answers, r->answers, o->answer.closed,
                    r->closed, (int)o->closed_ms);
    }
    free(outcomes);
    assert_int_equal(wrong, 0);
    static struct raw_answer answer;
    raw_exchange(&answer, f.port, GET_HELLO, 1000);
    assert_int_equal(answer.status, 200);
    assert_true(server_figures_get(f.server).cut_late >= 6); /* the dripping rows */
}

/* A body is told to go on when the client waits for 100, and refused instead when it is too
 * long. */
static void knows_expect_continue(void **state)
{
    (void)state;
    static struct raw_answer answer;
    int fd = raw_connect(f.port);
    raw_send_z(fd, POST_ECHO "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    raw_receive(&answer, fd, 1000, false, false);
    assert_int_equal(answer.status, 100);
    raw_send_z(fd, "hello");
    raw_receive(&answer, fd, 1000, false, false);
    assert_int_equal(answer.status, 200);
    raw_send_z(fd, POST_ECHO "Content-Length: 99999\r\nExpect: 100-continue\r\n\r\n");
    raw_receive(&answer, fd, 1000, false, false);
    assert_int_equal(answer.status, 413);
    close(fd);
}

/* More than HTTP_HEADERS_MAX headers are refused with 431. */
static void limits_headers(void **state)
{
    (void)state;
    static struct raw_answer answer;
    char request[4096] = "GET /hello HTTP/1.1\r\nHost: x\r\n";
    size_t len = strlen(request);
    for (int i = 0; i < HTTP_HEADERS_MAX; i++)
        len += (size_t)snprintf(request + len, sizeof request - len, "X-%d: a\r\n", i);
    snprintf(request + len, sizeof request - len, "\r\n");
    raw_exchange(&answer, f.port, request, 1000);
    assert_int_equal(answer.status, 431);
}

/* Clients that ask for 3 MB and read nothing do not delay others, and are let go after the idle
 * time. */
static void outlives_slow_readers(void **state)
{
    (void)state;
    enum { READERS = 20 };
    static struct raw_answer answer;
    int fds[READERS];
    for (int i = 0; i < READERS; i++) {
        const int small = 4096;
        fds[i] = raw_connect(f.port);
        setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        raw_send_z(fds[i], "GET /download HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    usleep(50000);
    int64_t began = time_mono_ms();
    raw_exchange(&answer, f.port, GET_HELLO, 1000);
    assert_int_equal(answer.status, 200);
    assert_true(time_mono_ms() - began < 200);
    assert_true(server_figures_get(f.server).connections_now >= READERS);
    began = time_mono_ms();
    while (server_figures_get(f.server).connections_now > 0 && time_mono_ms() - began < 4000)
        usleep(10000);
    assert_int_equal(server_figures_get(f.server).connections_now, 0);
    for (int i = 0; i < READERS; i++)
        close(fds[i]);
}

static bool soaking(void)
{
    const char *soak = getenv("FUMIN_SOAK");
    return soak && *soak == '1';
}

/* With 1,000 (soak: 5,000) kept connections that rest, requests are answered at once. */
static void serves_beside_idle_connections(void **state)
{
    (void)state;
    const int count = soaking() ? 5000 : 1000;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit); /* both ends of every connection are in this process */
    static struct raw_answer answer;
    static int fds[5000];
    struct fixture g;
    fixture_prepare(&g);
    g.options.idle_s = 60;
    g.options.header_ms = 30000;
    fixture_start(&g);
    for (int i = 0; i < count; i++) {
        fds[i] = raw_connect(g.port);
        assert_true(fds[i] >= 0);
        raw_send_z(fds[i], GET_HELLO);
        raw_receive(&answer, fds[i], 3000, false, false);
        assert_int_equal(answer.status, 200);
    }
    assert_int_equal(server_figures_get(g.server).connections_now, count);
    int64_t slowest = 0;
    for (size_t i = 0; i < 50; i++) {
        int64_t began = time_mono_ms();
        if (i % 2)
            raw_exchange(&answer, g.port, GET_HELLO, 3000);
        else
            raw_send_z(fds[i * 7], GET_HELLO),
                raw_receive(&answer, fds[i * 7], 3000, false, false);
        assert_int_equal(answer.status, 200);
        int64_t took = time_mono_ms() - began;
        slowest = took > slowest ? took : slowest;
    }
    assert_true(slowest < 300);
    fixture_stop(&g);
    for (int i = 0; i < count; i++)
        close(fds[i]);
}

/* Soak only: with the defaults a dripped header is ended after 5 s, a dripped body after 10 s.
 */
static void keeps_the_real_deadlines(void **state)
{
    (void)state;
    static const struct row real[] = {
        {"header", "GET /hello HTTP/1.1\r\nX: ", 0, "", 500, 0, 0, 1, 5000, 6500},
        {"body", POST_ECHO "Content-Length: 1000\r\n\r\n", 0, "", 500, 0, 0, 1, 10000, 11500}};
    if (!soaking())
        skip();
    struct fixture g;
    fixture_prepare(&g);
    g.options.header_ms = g.options.body_ms = g.options.idle_s = g.options.answer_ms = 0;
    fixture_start(&g);
    for (int i = 0; i < 2; i++) {
        int fd = raw_connect(g.port);
        int64_t began = time_mono_ms();
        raw_send_z(fd, real[i].first);
        while (time_mono_ms() - began < 20000 && !ended(fd, real[i].drip_ms))
            raw_send_z(fd, "a");
        assert_in_range(time_mono_ms() - began, real[i].closed_from_ms, real[i].closed_to_ms);
        close(fd);
    }
    fixture_stop(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_the_robustness_table),
        cmocka_unit_test(knows_expect_continue),
        cmocka_unit_test(limits_headers),
        cmocka_unit_test(outlives_slow_readers),
        cmocka_unit_test(serves_beside_idle_connections),
        cmocka_unit_test(keeps_the_real_deadlines),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
