/* Builds answers: what handlers set, then the defaults that every answer carries. Sending them
 * is server.c's. */
#include "base/log.h"
#include "base/text.h"
#include "http/http_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { HEADER_VALUE_MAX = 8 * 1024 };

int http_status_of(enum rc rc)
{
    switch (rc) {
    case RC_OK:
        return 200;
    case RC_NOTFOUND:
        return 404;
    case RC_INVALID:
        return 400;
    case RC_DENIED:
        return 403;
    case RC_CONFLICT:
        return 409;
    case RC_BUSY:
        return 503;
    case RC_LIMIT:
        return 413;
    case RC_IO:
    case RC_DB:
        return 500;
    }
    return 500;
}

/* ---- what handlers call ---- */

void response_init(struct cx *cx, struct response *a)
{
    *a = (struct response){
        .status = 200, .type = "text/html; charset=utf-8", .file_fd = -1, .no_store = true};
    buf_init(&a->body, cx->arena, LIMIT_REQUEST_ARENA);
}

void response_drop(struct cx *cx, struct response *a)
{
    if (a->file_fd >= 0)
        close(a->file_fd);
    if (a->stream && a->stream_end)
        a->stream_end(a->stream_arg);
    response_init(cx, a);
}

/* A copy without control characters, which could end the header early. */
static struct str clean_value(struct arena *a, struct str value)
{
    char *to = arena_try(a, value.len + 1);
    if (!to)
        return (struct str){NULL, 0};
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.p[i];
        to[i] = c < 0x20 || c == 0x7f ? '_' : value.p[i];
    }
    return (struct str){to, value.len};
}

void response_header(struct cx *cx, struct response *a, const char *name, const char *value)
{
    struct str text = str_of(value);
    size_t i = a->header_count;
    if (!str_eq_case(str_of(name), "set-cookie"))
        for (i = 0; i < a->header_count && !str_eq_case(a->headers[i].name, name); i++)
            continue;
    struct str copy = {NULL, 0};
    if (text.len <= HEADER_VALUE_MAX && i < sizeof a->headers / sizeof a->headers[0])
        copy = clean_value(cx->arena, text);
    if (!copy.p) {
        log_event(LOG_LEVEL_WARN, "header_dropped", "name=%s bytes=%zu", name, text.len);
        return;
    }
    a->headers[i] = (struct pair){str_of(arena_copy(cx->arena, str_of(name))), copy};
    if (i == a->header_count)
        a->header_count++;
}

/* Addresses in headers are ASCII; what is not is escaped. */
static const char *ascii_address(struct cx *cx, struct str path)
{
    struct buf b;
    buf_init(&b, cx->arena, path.len * 3 + 1);
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.p[i];
        if (c <= 0x20 || c >= 0x7f || c == '"' || c == '<' || c == '>')
            buf_printf(&b, "%%%02X", c);
        else
            buf_char(&b, path.p[i]);
    }
    return b.p ? b.p : "/";
}

void response_redirect(struct cx *cx, struct response *a, const char *path)
{
    /* "//host" and "/\host" lead to other sites. */
    if (path[0] != '/' || path[1] == '/' || path[1] == '\\') {
        log_event(LOG_LEVEL_WARN, "redirect_not_local", "bytes=%zu", strlen(path));
        path = "/";
    }
    a->status = 303;
    buf_clear(&a->body);
    response_header(cx, a, "Location", ascii_address(cx, str_of(path)));
}

void response_cookie(struct cx *cx, struct response *a, const char *name, const char *value,
                     int64_t age_s, bool secure)
{
    if (value[strcspn(value, " ,;\"\\")] != 0) {
        log_event(LOG_LEVEL_WARN, "cookie_dropped", "name=%s", name);
        return;
    }
    const char *age = "";
    if (age_s != 0)
        age = arena_printf(cx->arena, "; Max-Age=%" PRId64, age_s > 0 ? age_s : 0);
    response_header(cx, a, "Set-Cookie",
                    arena_printf(cx->arena, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s", name,
                                 value, age, secure ? "; Secure" : ""));
}

/* The ETag's text without quotes. */
static struct str etag_bare(const char *etag)
{
    struct str s = str_of(etag);
    if (str_starts(s, STR("W/")))
        s = (struct str){s.p + 2, s.len - 2};
    if (s.len >= 2 && s.p[0] == '"' && s.p[s.len - 1] == '"')
        s = (struct str){s.p + 1, s.len - 2};
    return s;
}

void response_embedded(struct cx *cx, const struct request *q, struct response *a,
                       const struct embedded *file)
{
    struct str version = request_query(q, "v");
    bool lasting = version.p && str_eq(version, etag_bare(file->etag));
    a->embedded = file;
    a->type = file->type;
    a->etag = file->etag;
    a->no_store = false;
    response_header(cx, a, "Cache-Control",
                    lasting ? "public, max-age=31536000, immutable" : "public, max-age=600");
}

const char *embedded_url(struct cx *cx, const char *prefix, const struct embedded *file)
{
    const char *slash = strchr(file->path, '/');
    const char *version = url_encode(cx->arena, etag_bare(file->etag));
    return arena_printf(cx->arena, "%s%s?v=%s", prefix, slash ? slash + 1 : file->path,
                        version);
}

void response_download(struct cx *cx, struct response *a, const char *file_name)
{
    struct buf plain;
    buf_init(&plain, cx->arena, strlen(file_name) + 1);
    for (const char *p = file_name; *p; p++) {
        unsigned char c = (unsigned char)*p;
        buf_char(&plain, c < 0x20 || c >= 0x7f || strchr("\"\\/%", *p) ? '_' : *p);
    }
    response_header(
        cx, a, "Content-Disposition",
        arena_printf(cx->arena, "attachment; filename=\"%.*s\"; filename*=UTF-8''%s",
                     STR_ARG(buf_view(&plain)), url_encode(cx->arena, str_of(file_name))));
}

/* ---- failures ---- */

void response_failed(struct cx *cx, const struct request *q, struct response *a, int status,
                     const struct server_options *o)
{
    response_drop(cx, a);
    a->status = status;
    if (o->failed) {
        o->failed(cx, q, a, status, o->arg);
    } else {
        a->type = "text/plain; charset=utf-8";
        buf_z(&a->body, cx->err.text);
        buf_z(&a->body, "\n");
    }
    if (a->status == 503)
        response_header(cx, a, "Retry-After", "2");
}

/* ---- compression ---- */

struct squeezer {
    z_stream z;
    bool ready;
};

struct squeezer *squeezer_new(void)
{
    struct squeezer *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    /* Level 4: half the time of 6 for 3 % more bytes on our pages. 31: gzip, full window. */
    s->ready = deflateInit2(&s->z, 4, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    return s;
}

void squeezer_free(struct squeezer *s)
{
    if (!s)
        return;
    if (s->ready)
        deflateEnd(&s->z);
    free(s);
}

/* The gzip of `body`, from malloc; NULL when it is not smaller or cannot be made. */
static void *squeeze(size_t *len, struct squeezer *s, struct str body)
{
    if (!s || !s->ready || body.len > UINT32_MAX / 2 || deflateReset(&s->z) != Z_OK)
        return NULL;
    unsigned char *to = malloc(body.len);
    if (!to)
        return NULL;
    s->z.next_in = (unsigned char *)(uintptr_t)body.p; /* zlib does not write it */
    s->z.avail_in = (uInt)body.len;
    s->z.next_out = to;
    s->z.avail_out = (uInt)body.len;
    if (deflate(&s->z, Z_FINISH) != Z_STREAM_END) {
        free(to);
        return NULL;
    }
    *len = body.len - s->z.avail_out;
    return to;
}

static bool type_shrinks(const char *type)
{
    static const char *const types[] = {
        "application/json",      "application/javascript",
        "application/xml",       "image/svg+xml",
        "application/xhtml+xml", "application/manifest+json",
        "application/ld+json",   "application/problem+json",
        "application/geo+json",  "application/x-javascript",
    };
    struct str t = str_of(type);
    if (str_starts(t, STR("text/")))
        return !type_is(t, "text/event-stream");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (type_is(t, types[i]))
            return true;
    return false;
}

/* ---- finishing ---- */

void answer_header(struct answer *out, struct arena *arena, const char *name, const char *value)
{
    if (out->header_count == sizeof out->headers / sizeof out->headers[0])
        return;
    out->headers[out->header_count].name = arena_copy(arena, str_of(name));
    out->headers[out->header_count].value = arena_copy(arena, str_of(value));
    out->header_count++;
}

static void default_header(struct answer *out, struct arena *arena, const char *name,
                           const char *value)
{
    for (size_t i = 0; i < out->header_count; i++)
        if (str_eq_case(str_of(out->headers[i].name), name))
            return;
    answer_header(out, arena, name, value);
}

static void security_headers(struct answer *out, struct arena *arena, bool tls)
{
    static const char *const defaults[][2] = {
        {"Content-Security-Policy",
         "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
         "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Permissions-Policy", "camera=(self), geolocation=(self), microphone=(), payment=()"},
    };
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        default_header(out, arena, defaults[i][0], defaults[i][1]);
    if (tls)
        default_header(out, arena, "Strict-Transport-Security", "max-age=31536000");
}

static void put_body_bytes(struct answer *out, const void *p, size_t len, bool is_static)
{
    out->body = p;
    out->body_len = len;
    out->body_static = is_static;
}

/* Chooses the form in which the body is sent. True: compressed. */
static bool finish_body(struct answer *out, const struct request *q, struct response *a,
                        struct squeezer *z)
{
    bool gzip = accepts_gzip(request_header(q, "accept-encoding"));
    if (a->embedded) {
        const struct embedded *f = a->embedded;
        gzip = gzip && f->gzip;
        put_body_bytes(out, gzip ? f->gzip : f->data, gzip ? f->gzip_len : f->len, true);
        return gzip;
    }
    struct str body = buf_view(&a->body);
    if (gzip && body.len >= HTTP_GZIP_MIN && type_shrinks(a->type)) {
        size_t len = 0;
        void *small = squeeze(&len, z, body);
        if (small) {
            put_body_bytes(out, small, len, false);
            return true;
        }
    }
    void *copy = body.len ? malloc(body.len) : NULL;
    if (copy) {
        memcpy(copy, body.p, body.len);
        put_body_bytes(out, copy, body.len, false);
    } else if (body.len) {
        out->status = 503;
    }
    return false;
}

static const char *etag_header(struct arena *arena, const char *etag, bool weak)
{
    weak = weak || str_starts(str_of(etag), STR("W/"));
    return arena_printf(arena, "%s\"%.*s\"", weak ? "W/" : "", STR_ARG(etag_bare(etag)));
}

static bool is_unchanged(const struct request *q, const struct response *a)
{
    struct str known = request_header(q, "if-none-match");
    return a->etag && a->status == 200 && known.p &&
           (q->method == METHOD_GET || q->method == METHOD_HEAD) &&
           etag_matches(known, (struct str){a->etag, strlen(a->etag)});
}

static void finish_content(struct answer *out, struct arena *arena, const struct request *q,
                           struct response *a, struct squeezer *z)
{
    bool squeezed = false;
    if (a->status == 304 || a->status == 204) {
        if (a->file_fd >= 0)
            close(a->file_fd);
        if (a->stream && a->stream_end)
            a->stream_end(a->stream_arg);
    } else if (a->stream) {
        out->stream = a->stream;
        out->stream_end = a->stream_end;
        out->stream_arg = a->stream_arg;
        default_header(out, arena, "X-Accel-Buffering", "no"); /* nginx in front: pass it on */
    } else if (a->file_fd >= 0) {
        out->file_fd = a->file_fd;
        out->file_len = a->file_len;
    } else {
        squeezed = finish_body(out, q, a, z);
    }
    a->file_fd = -1;
    a->stream = NULL;
    if (squeezed)
        answer_header(out, arena, "Content-Encoding", "gzip");
    if (a->etag && (out->status == 200 || out->status == 304))
        answer_header(out, arena, "ETag", etag_header(arena, a->etag, squeezed));
}

void response_finish(struct answer *out, struct arena *arena, const struct request *q,
                     struct response *a, struct squeezer *z)
{
    if (is_unchanged(q, a))
        a->status = 304;
    *out = (struct answer){.status = a->status, .file_fd = -1};
    for (size_t i = 0; i < a->header_count; i++)
        answer_header(out, arena, a->headers[i].name.p, a->headers[i].value.p);
    bool set_type = a->status != 304 && a->status != 204;
    if (set_type)
        default_header(out, arena, "Content-Type", a->type);
    finish_content(out, arena, q, a, z);
    if (type_shrinks(a->type))
        default_header(out, arena, "Vary", "Accept-Encoding");
    default_header(out, arena, "Cache-Control", a->no_store ? "no-store" : "private, no-cache");
    security_headers(out, arena, q->tls);
}

void answer_drop(struct answer *out)
{
    if (out->body && !out->body_static) {
        void *p = (void *)(uintptr_t)out->body;
        free(p);
    }
    out->body = NULL;
    if (out->file_fd >= 0)
        close(out->file_fd);
    out->file_fd = -1;
    if (out->stream && out->stream_end)
        out->stream_end(out->stream_arg);
    out->stream = NULL;
}
