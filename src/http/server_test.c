/* What the server answers: pages, forms, files, streams, headers; and how it stops. */
#include "http/http_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <zlib.h>

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

static void body_is(const char *expected)
{
    struct str body = raw_body(&answer);
    assert_int_equal(body.len, strlen(expected));
    assert_memory_equal(body.p, expected, body.len);
}

/* A page is found, its query decoded; a percent-encoded name in UTF-8 comes back as sent. */
static void answers_a_page(void **state)
{
    (void)state;
    ask("GET /hello?name=%E7%8E%8B+x HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(answer.status, 200);
    body_is("hello 王 x");
    assert_non_null(header("Date"));
}

/* Every kind of answer (page, refusal, failure, 304, file, stream, redirect) has the security
 * headers; by a table of requests. */
static void has_security_headers(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        int status;
    } rows[] = {
        {"GET /page HTTP/1.1\r\nHost: x\r\n\r\n", 200},
        {"GET /page HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"p1\"\r\n\r\n", 304},
        {"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404},
        {"GET /../etc HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"POST /page HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405},
        {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n", 413},
        {"GET /fail/8 HTTP/1.1\r\nHost: x\r\n\r\n", 500},
        {"GET /events HTTP/1.1\r\nHost: x\r\n\r\n", 200},
        {"HEAD /download HTTP/1.1\r\nHost: x\r\n\r\n", 200},
        {"GET /go HTTP/1.1\r\nHost: x\r\n\r\n", 303},
        {"GET /embedded HTTP/1.1\r\nHost: x\r\n\r\n", 200},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ask(rows[i].request);
        assert_int_equal(answer.status, rows[i].status);
        assert_non_null(header("Content-Security-Policy"));
        assert_non_null(strstr(header("Content-Security-Policy"), "frame-ancestors 'none'"));
        assert_string_equal(header("X-Content-Type-Options"), "nosniff");
        assert_string_equal(header("Referrer-Policy"), "same-origin");
        assert_string_equal(header("Cross-Origin-Opener-Policy"), "same-origin");
        assert_non_null(header("Permissions-Policy"));
        assert_non_null(header("Cache-Control"));
        assert_null(header("Strict-Transport-Security")); /* no TLS here */
    }
}

/* 405 names the methods there are; HEAD has the header of GET, its length, and no body. */
static void knows_methods(void **state)
{
    (void)state;
    ask("DELETE /upload HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(answer.status, 405);
    assert_string_equal(header("Allow"), "POST, PUT");
    ask("OPTIONS /page HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(answer.status, 405);
    assert_string_equal(header("Allow"), "GET, HEAD");
    ask("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(answer.status, 200);
    assert_string_equal(header("Content-Length"), "6");
    assert_int_equal(raw_body(&answer).len, 0);
}

/* With its ETag a page is answered 304 without a body; with another it comes whole. */
static void answers_not_modified(void **state)
{
    (void)state;
    ask("GET /page HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(answer.status, 200);
    assert_string_equal(header("ETag"), "\"p1\"");
    assert_string_equal(header("Cache-Control"), "private, no-cache");
    ask("GET /page HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"a\", W/\"p1\"\r\n\r\n");
    assert_int_equal(answer.status, 304);
    assert_int_equal(raw_body(&answer).len, 0);
    ask("GET /page HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"p2\"\r\n\r\n");
    assert_int_equal(answer.status, 200);
}

/* A long page is compressed for a client that takes gzip, and inflates to the plain page; a
 * client that does not, or says q=0, gets it plain; short answers stay plain. */
static void compresses(void **state)
{
    (void)state;
    static char plain[16 * 1024];
    ask("GET /page HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip;q=0, br\r\n\r\n");
    assert_null(header("Content-Encoding"));
    assert_string_equal(header("Vary"), "Accept-Encoding");
    size_t len = raw_body(&answer).len;
    memcpy(plain, raw_body(&answer).p, len);
    ask("GET /page HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br, gzip\r\n\r\n");
    assert_string_equal(header("Content-Encoding"), "gzip");
    assert_string_equal(header("ETag"), "W/\"p1\"");
    struct str body = raw_body(&answer);
    assert_true(body.len < len / 4);
    static unsigned char back[16 * 1024];
    z_stream z = {.next_in = (unsigned char *)(uintptr_t)body.p, .avail_in = (uInt)body.len};
    z.next_out = back;
    z.avail_out = sizeof back;
    assert_int_equal(inflateInit2(&z, 31), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    inflateEnd(&z);
    assert_int_equal(z.total_out, len);
    assert_memory_equal(back, plain, len);
    ask("GET /hello HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
    assert_null(header("Content-Encoding"));
}

/* A failing handler's half page and headers are gone; the status follows the result. */
static void turns_failures_into_answers(void **state)
{
    (void)state;
    static const int statuses[] = {0, 404, 400, 403, 409, 503, 413, 500, 500};
    for (int rc = 1; rc <= 8; rc++) {
        char request[100];
        snprintf(request, sizeof request, "GET /fail/%d HTTP/1.1\r\nHost: x\r\n\r\n", rc);
        ask(request);
        assert_int_equal(answer.status, statuses[rc]);
        assert_null(header("X-Lost"));
        body_is("it failed\n");
        if (rc == 5)
            assert_non_null(header("Retry-After"));
    }
    ask("GET /fail/x HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(answer.status, 404);
}

/* Forms: urlencoded pairs in order, decoded; a bad escape is 400; other bodies come as bytes.
 */
static void reads_forms(void **state)
{
    (void)state;
    ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 24\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n\r\n"
        "a=1&b=%E7%8E%8B+%26&&c&a");
    assert_int_equal(answer.status, 200);
    body_is("len=24 body=0 file=\na=1\nb=王 &\nc=\na=\n");
    ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\na=%4");
    assert_int_equal(answer.status, 400);
    ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Encoding: "
        "gzip\r\n\r\n12345");
    assert_int_equal(answer.status, 415);
    ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Type: "
        "text/csv\r\n\r\n12345");
    body_is("len=5 body=5 file=\n");
}

/* Multipart with a text and a file: the file in memory on one route, in a descriptor on the
 * other, the name without its folder. */
static void reads_multipart(void **state)
{
    (void)state;
    static const char parts[] =
        "--B\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n"
        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\x\\王.csv\"\r\n"
        "Content-Type: text/csv\r\n\r\na,b\r\n1,2\r\n--B--\r\n";
    char request[2000];
    static const char *const paths[] = {"/echo", "/upload"};
    for (int i = 0; i < 2; i++) {
        snprintf(request, sizeof request,
                 "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n"
                 "Content-Type: multipart/form-data; boundary=\"B\"\r\n\r\n%s",
                 paths[i], strlen(parts), parts);
        ask(request);
        assert_int_equal(answer.status, 200);
        assert_non_null(strstr(answer.bytes, i ? "len=8 body=0 file=王.csv\nnote=hello\nread=8"
                                               : "len=8 body=8 file=王.csv\nnote=hello\n"));
    }
    static const char cut[] =
        "--B\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello";
    snprintf(request, sizeof request,
             "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n"
             "Content-Type: multipart/form-data; boundary=B\r\n\r\n%s",
             strlen(cut), cut);
    ask(request);
    assert_int_equal(answer.status, 400);
}

/* An upload of 3 MB arrives whole (equal hash), with a length and in chunks of odd sizes. */
static void takes_uploads_into_a_file(void **state)
{
    (void)state;
    enum { LEN = 3 * 1024 * 1024 };
    unsigned char *bytes = malloc(LEN);
    uint32_t x = 1;
    for (int i = 0; i < LEN; i++)
        bytes[i] = (unsigned char)((x = x * 1664525u + 1013904223u) >> 24);
    char expected[100];
    snprintf(expected, sizeof expected, "read=%d hash=%" PRIu64 "\n", LEN,
             fixture_hash(14695981039346656037u, bytes, LEN));
    for (int chunked = 0; chunked < 2; chunked++) {
        int fd = raw_connect(f.port);
        char head[200];
        snprintf(head, sizeof head, "PUT /upload HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n",
                 chunked ? "Transfer-Encoding: chunked" : "Content-Length: 3145728");
        assert_true(raw_send_z(fd, head));
        for (size_t at = 0, n = 1; at < LEN; at += n, n = n * 3 % 40009 + 1) {
            if (n > LEN - at)
                n = LEN - at;
            snprintf(head, sizeof head, "%zx\r\n", n);
            if (chunked)
                assert_true(raw_send_z(fd, head));
            assert_true(raw_send(fd, bytes + at, n));
            if (chunked)
                assert_true(raw_send_z(fd, "\r\n"));
        }
        if (chunked)
            assert_true(raw_send_z(fd, "0\r\n\r\n"));
        raw_receive(&answer, fd, 3000, false, false);
        close(fd);
        assert_int_equal(answer.status, 200);
        assert_non_null(strstr(answer.bytes, expected));
    }
    free(bytes);
}

/* Server-sent events come one after another in time, then the stream ends; stream_end is
 * called. */
static void streams_events(void **state)
{
    (void)state;
    int ended = atomic_load(&fixture_streams_ended);
    int64_t began = time_mono_ms();
    ask("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_in_range(time_mono_ms() - began, 38, 1000);
    assert_string_equal(header("Content-Type"), "text/event-stream");
    assert_non_null(strstr(answer.bytes, "data: 1\n\n"));
    assert_non_null(strstr(answer.bytes, "data: 3\n\n"));
    assert_non_null(strstr(answer.bytes, "\r\n0\r\n\r\n"));
    for (int i = 0; i < 200 && atomic_load(&fixture_streams_ended) == ended; i++)
        usleep(5000);
    assert_int_equal(atomic_load(&fixture_streams_ended), ended + 1);
}

/* A waiting stream moves at once when server_wake is called, and not before. */
static void wakes_streams(void **state)
{
    (void)state;
    int fd = raw_connect(f.port);
    assert_true(raw_send_z(fd, "GET /ticker HTTP/1.1\r\nHost: x\r\n\r\n"));
    raw_receive(&answer, fd, 100, false, false);
    assert_non_null(strstr(answer.bytes, "data: 1\n\n"));
    assert_null(strstr(answer.bytes, "data: 2\n\n"));
    server_wake(f.server);
    raw_receive(&answer, fd, 100, false, false);
    assert_non_null(strstr(answer.bytes, "data: 2\n\n"));
    close(fd);
}

/* A file is sent whole with its name in both forms. */
static void sends_files(void **state)
{
    (void)state;
    int fd = raw_connect(f.port);
    int64_t total = 0;
    raw_send_z(fd, "GET /download HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    do {
        raw_receive(&answer, fd, 2000, true, false);
        if (total == 0) {
            assert_int_equal(answer.status, 200);
            assert_string_equal(header("Content-Length"), "3145728");
            assert_string_equal(header("Content-Disposition"),
                                "attachment; filename=\"______ _list_.csv\"; "
                                "filename*=UTF-8''%E7%8E%8B%E5%AE%B6%20%22list%22.csv");
            total -= (int64_t)answer.head_len;
        }
        total += (int64_t)answer.len;
    } while (!answer.closed && answer.len);
    close(fd);
    assert_int_equal(total, 3145728);
}

/* Embedded files: compressed form when taken, a year's cache only under their version. */
static void sends_embedded_files(void **state)
{
    (void)state;
    ask("GET /embedded HTTP/1.1\r\nHost: x\r\n\r\n");
    body_is("body { color: black }");
    assert_string_equal(header("Content-Type"), "text/css");
    assert_string_equal(header("Cache-Control"), "public, max-age=600");
    assert_string_equal(header("X-Link"), "/static/style.css?v=e1");
    ask("GET /embedded?v=e1 HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
    body_is("pretend gzip");
    assert_string_equal(header("Content-Encoding"), "gzip");
    assert_string_equal(header("Cache-Control"), "public, max-age=31536000, immutable");
    ask("GET /embedded HTTP/1.1\r\nHost: x\r\nIf-None-Match: W/\"e1\"\r\n\r\n");
    assert_int_equal(answer.status, 304);
}

/* Cookies carry their attributes; a line break in a redirect's address cannot make a header. */
static void writes_headers_safely(void **state)
{
    (void)state;
    ask("GET /self?page=1&q=a%26b HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_non_null(strstr(answer.bytes,
                           "\r\nSet-Cookie: sid=abc; Path=/; HttpOnly; SameSite=Lax; "
                           "Max-Age=60; Secure\r\n"));
    assert_non_null(
        strstr(answer.bytes, "\r\nSet-Cookie: other=x; Path=/; HttpOnly; SameSite=Lax\r\n"));
    body_is("client=127.0.0.1 tls=0 path=/self with=?page=2&q=a%26b\n");
    ask("GET /go HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(answer.status, 303);
    assert_string_equal(header("Location"), "/hello?name=%0D%0AX:%20y");
    assert_null(header("X"));
}

/* X-Forwarded-For is believed only from the trusted proxy, and then its last address. */
static void believes_only_the_proxy(void **state)
{
    (void)state;
    static const char request[] = "GET /self HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.1.1.1, "
                                  "2.2.2.2\r\nX-Forwarded-Proto: https\r\n\r\n";
    ask(request);
    assert_non_null(strstr(answer.bytes, "client=127.0.0.1 tls=0"));
    struct fixture g;
    fixture_prepare(&g);
    g.options.trusted_proxy = "127.0.0.1";
    fixture_start(&g);
    raw_exchange(&answer, g.port, request, 2000);
    fixture_stop(&g);
    assert_non_null(strstr(answer.bytes, "client=2.2.2.2 tls=1"));
    assert_non_null(header("Strict-Transport-Security"));
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
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    raw_send_z(fd, "GET /self HTTP/1.1\r\nHost: x\r\n\r\n");
    raw_receive(&answer, fd, 1000, false, false);
    close(fd);
    fixture_stop(&g);
    assert_non_null(strstr(answer.bytes, "client=::1 "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_a_page),
        cmocka_unit_test(has_security_headers),
        cmocka_unit_test(knows_methods),
        cmocka_unit_test(answers_not_modified),
        cmocka_unit_test(compresses),
        cmocka_unit_test(turns_failures_into_answers),
        cmocka_unit_test(reads_forms),
        cmocka_unit_test(reads_multipart),
        cmocka_unit_test(takes_uploads_into_a_file),
        cmocka_unit_test(streams_events),
        cmocka_unit_test(wakes_streams),
        cmocka_unit_test(sends_files),
        cmocka_unit_test(sends_embedded_files),
        cmocka_unit_test(writes_headers_safely),
        cmocka_unit_test(believes_only_the_proxy),
        cmocka_unit_test(heavy_work_does_not_delay),
        cmocka_unit_test(refuses_when_full_and_recovers),
        cmocka_unit_test(refuses_what_waited_too_long),
        cmocka_unit_test(stops_gracefully),
        cmocka_unit_test(stops_in_time),
        cmocka_unit_test(refuses_to_start_wrongly),
        cmocka_unit_test(listens_on_ipv6),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
