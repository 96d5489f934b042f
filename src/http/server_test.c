/* What the server answers: pages, forms, files, streams, headers. */
#include "http/http_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <zlib.h>

#include <cmocka.h>

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
    };
    return cmocka_run_group_tests(tests, start, stop);
}
