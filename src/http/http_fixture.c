/* The test server of this room. Linked into tests only (nothing else asks for it). */
#include "http/http_fixture.h"

#include "base/limits.h"

#include <assert.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

_Atomic int fixture_streams_ended, fixture_workers_live;

uint64_t fixture_hash(uint64_t hash, const void *p, size_t len)
{
    const unsigned char *bytes = p;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * 1099511628211u;
    return hash;
}

static enum rc hello(struct cx *cx, const struct request *q, struct response *a)
{
    (void)cx;
    a->type = "text/plain; charset=utf-8";
    buf_printf(&a->body, "hello %.*s", STR_ARG(request_query(q, "name")));
    return RC_OK;
}

static enum rc page(struct cx *cx, const struct request *q, struct response *a)
{
    (void)q;
    (void)cx;
    a->etag = "p1";
    a->no_store = false;
    for (int i = 0; i < 100; i++)
        buf_printf(&a->body, "<p>This is line %d of a page.</p>\n", i);
    return RC_OK;
}

static enum rc echo(struct cx *cx, const struct request *q, struct response *a)
{
    (void)cx;
    a->type = "text/plain; charset=utf-8";
    buf_printf(&a->body, "len=%" PRId64 " body=%zu file=%.*s\n", q->body_len, q->body.len,
               STR_ARG(q->file_name));
    for (size_t i = 0; i < q->form_count; i++)
        buf_printf(&a->body, "%.*s=%.*s\n", STR_ARG(q->form[i].name),
                   STR_ARG(q->form[i].value));
    return RC_OK;
}

static enum rc upload(struct cx *cx, const struct request *q, struct response *a)
{
    char bytes[4096];
    uint64_t hash = 14695981039346656037u;
    int64_t len = 0;
    ssize_t n;
    while (q->body_fd >= 0 && (n = read(q->body_fd, bytes, sizeof bytes)) > 0) {
        hash = fixture_hash(hash, bytes, (size_t)n);
        len += n;
    }
    TRY(echo(cx, q, a));
    buf_printf(&a->body, "read=%" PRId64 " hash=%" PRIu64 "\n", len, hash);
    return RC_OK;
}

static enum rc wait_ms(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t ms = 0;
    TRY(request_param_id(&ms, cx, q, "ms"));
    const struct timespec nap = {.tv_sec = (time_t)(ms / 1000),
                                 .tv_nsec = (long)(ms % 1000) * 1000000L};
    nanosleep(&nap, NULL);
    buf_printf(&a->body, "slept %" PRId64, ms);
    return RC_OK;
}

struct events {
    int sent, count;
    int64_t gap_ms;
};

static bool next_event(struct buf *out, void *arg, int64_t *gap_ms)
{
    struct events *s = arg;
    if (s->sent < s->count)
        buf_printf(out, "data: %d\n\n", ++s->sent);
    *gap_ms = s->gap_ms;
    return s->sent < s->count || s->count == 0;
}

static void events_end(void *arg)
{
    free(arg);
    atomic_fetch_add(&fixture_streams_ended, 1);
}

static enum rc stream_of(struct response *a, int count, int64_t gap_ms)
{
    struct events *s = calloc(1, sizeof *s);
    assert(s);
    s->count = count;
    s->gap_ms = gap_ms;
    a->type = "text/event-stream";
    a->stream = next_event;
    a->stream_end = events_end;
    a->stream_arg = s;
    return RC_OK;
}

static enum rc events(struct cx *cx, const struct request *q, struct response *a)
{
    (void)cx;
    (void)q;
    return stream_of(a, 3, 20);
}

static enum rc forever(struct cx *cx, const struct request *q, struct response *a)
{
    (void)cx;
    (void)q;
    return stream_of(a, 0, 3600 * 1000);
}

static enum rc ticker(struct cx *cx, const struct request *q, struct response *a)
{
    (void)cx;
    (void)q;
    return stream_of(a, 2, 3600 * 1000);
}

static enum rc download(struct cx *cx, const struct request *q, struct response *a)
{
    (void)q;
    const int64_t len = 3 * 1024 * 1024;
    a->file_fd = memfd_create("download", MFD_CLOEXEC);
    assert(a->file_fd >= 0);
    int error = ftruncate(a->file_fd, len);
    assert(error == 0);
    (void)error;
    a->file_len = len;
    a->type = "application/octet-stream";
    response_download(cx, a, "王家 \"list\".csv");
    return RC_OK;
}

static enum rc fail_as(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t n = 0;
    TRY(request_param_id(&n, cx, q, "rc"));
    response_header(cx, a, "X-Lost", "yes");
    buf_z(&a->body, "half a page");
    return fail(cx, (enum rc) - n, "it failed", "on purpose");
}

static enum rc embedded(struct cx *cx, const struct request *q, struct response *a)
{
    static const unsigned char text[] = "body { color: black }";
    static const unsigned char gzip[] = "pretend gzip";
    static const struct embedded file = {.path = "web/style.css",
                                         .data = text,
                                         .len = sizeof text - 1,
                                         .etag = "\"e1\"",
                                         .type = "text/css",
                                         .gzip = gzip,
                                         .gzip_len = sizeof gzip - 1};
    response_embedded(cx, q, a, &file);
    response_header(cx, a, "X-Link", embedded_url(cx, "/static/", &file));
    return RC_OK;
}

static enum rc self(struct cx *cx, const struct request *q, struct response *a)
{
    a->type = "text/plain";
    buf_printf(&a->body, "client=%s tls=%d path=%.*s with=%s\n", q->client, q->tls,
               STR_ARG(q->path), url_with(cx, q, "page", "2"));
    response_cookie(cx, a, "sid", "abc", 60, true);
    response_cookie(cx, a, "other", "x", 0, false);
    return RC_OK;
}

static enum rc go(struct cx *cx, const struct request *q, struct response *a)
{
    (void)q;
    response_redirect(cx, a, "/hello?name=\r\nX: y");
    return RC_OK;
}

static const struct route routes[] = {
    {.method = METHOD_GET, .path = "/hello", .handle = hello},
    {.method = METHOD_GET, .path = "/page", .handle = page},
    {.method = METHOD_POST, .path = "/echo", .handle = echo, .body_max = 64 * 1024},
    {.method = METHOD_POST,
     .path = "/upload",
     .handle = upload,
     .body_max = 64 * 1024 * 1024,
     .body_to_file = true},
    {.method = METHOD_PUT,
     .path = "/upload",
     .handle = upload,
     .body_max = 64 * 1024 * 1024,
     .body_to_file = true},
    {.method = METHOD_GET, .path = "/sleep/{ms}", .handle = wait_ms},
    {.method = METHOD_GET, .path = "/heavy/{ms}", .handle = wait_ms, .heavy = true},
    {.method = METHOD_GET, .path = "/brief", .handle = hello, .time_ms_max = 50},
    {.method = METHOD_GET, .path = "/events", .handle = events},
    {.method = METHOD_GET, .path = "/forever", .handle = forever},
    {.method = METHOD_GET, .path = "/ticker", .handle = ticker},
    {.method = METHOD_GET, .path = "/download", .handle = download},
    {.method = METHOD_GET, .path = "/fail/{rc}", .handle = fail_as},
    {.method = METHOD_GET, .path = "/embedded", .handle = embedded},
    {.method = METHOD_GET, .path = "/self", .handle = self},
    {.method = METHOD_GET, .path = "/go", .handle = go},
};

static enum rc start_worker(struct cx *cx, void *arg)
{
    (void)cx;
    (void)arg;
    atomic_fetch_add(&fixture_workers_live, 1);
    return RC_OK;
}

static void stop_worker(struct cx *cx, void *arg)
{
    (void)cx;
    (void)arg;
    atomic_fetch_sub(&fixture_workers_live, 1);
}

void fixture_prepare(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    f->arena = arena_open(LIMIT_JOB_ARENA);
    cx_init(&f->cx, f->arena);
    f->options = (struct server_options){
        .address = "127.0.0.1",
        .routes = routes,
        .route_count = sizeof routes / sizeof *routes,
        .workers = 4,
        .heavy_workers = 1,
        .connections_per_client_max = 6000,
        .worker_start = start_worker,
        .worker_stop = stop_worker,
        .header_ms = 300,
        .body_ms = 400,
        .idle_s = 1,
        .answer_ms = 600,
    };
}

void fixture_start(struct fixture *f)
{
    enum rc rc = server_start(&f->server, &f->cx, &f->options);
    if (rc) {
        fprintf(stderr, "server_start: %s (%s)\n", f->cx.err.text, f->cx.err.detail);
        abort();
    }
    f->port = server_port(f->server);
}

void fixture_stop(struct fixture *f)
{
    server_stop(f->server, 2000);
    arena_free(f->arena);
}
