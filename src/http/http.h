/* HTTP/1.1 server over libmicrohttpd, wrapped: no MHD type leaves this room. I/O threads parse
 * and write; complete requests are queued to workers, each with its own cx (arena, reading
 * connection); heavy routes go to a second, smaller pool. Every route states its limits.
 * It knows no session, no permission: `server_options.before` (web/) decides those.
 * Read first: src/http/README.md (threads, deadlines) and domain facts named there. */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/buf.h"
#include "base/cx.h"
#include "base/embed.h"

enum method {
    METHOD_GET = 1,
    METHOD_POST = 2,
    METHOD_PUT = 4,
    METHOD_DELETE = 8,
    METHOD_HEAD = 16
};

struct pair {
    struct str name, value;
};

struct request;
struct response;
struct route;
typedef enum rc (*http_handler)(struct cx *cx, const struct request *q, struct response *a);

enum csrf_rule {
    CSRF_TOKEN,
    CSRF_NONE /* safe methods, or other proof; say why beside the row */
};
enum route_scope {
    SCOPE_PUBLIC, /* no account */
    SCOPE_SIGNED_IN,
    SCOPE_PERMISSION, /* .permission, within the actor's areas: the handler checks the area */
};
/* A handler without a row in the route table cannot be reached. */
struct route {
    enum method method; /* GET rows answer HEAD too */
    const char *path;   /* "/household/{id}" : {name} is one path segment */
    enum route_scope scope;
    const char *permission; /* SCOPE_PERMISSION: "household.view" */
    enum csrf_rule csrf;
    size_t body_max;   /* bytes; 0 = no body allowed */
    int body_rate_min; /* bytes/s a sender must keep up; 0 = 1000 */
    int time_ms_max;   /* the handler's deadline; 0 = 5000 */
    bool heavy;        /* second pool */
    bool body_to_file; /* body straight into an unnamed file: request.body_fd */
    http_handler handle;
    const char
        *test_path; /* a path for the access test when {id}s are needed: "/household/1" */
};

struct request {
    enum method method;
    const struct route *route;
    struct str path; /* decoded, normalised, begins with "/" */
    struct str query_raw;
    const struct pair *params; /* {name} parts of the path, in order */
    size_t param_count;
    const struct pair *query; /* decoded */
    size_t query_count;
    const struct pair *form; /* application/x-www-form-urlencoded or multipart text parts */
    size_t form_count;
    struct str body; /* other types, in memory */
    int body_fd;     /* -1, or the uploaded file (route.body_to_file) at offset 0 */
    int64_t body_len;
    struct str file_name; /* of the (single) uploaded file, base name only */
    struct str content_type;
    const struct pair *headers;
    size_t header_count;
    const struct pair *cookies;
    size_t cookie_count;
    const char *client; /* address of the peer; behind a trusted proxy X-Forwarded-For's last */
    bool tls;
    void *session; /* web/ puts its session here in `before` */
};
/* p == NULL when absent. */
struct str request_query(const struct request *q, const char *name);
struct str request_form(const struct request *q, const char *name);
struct str request_param(const struct request *q, const char *name);
struct str request_header(const struct request *q, const char *name); /* case-blind */
struct str request_cookie(const struct request *q, const char *name);
/* A {name} that must be a positive integer. RC_NOTFOUND otherwise. */
enum rc request_param_id(int64_t *out, struct cx *cx, const struct request *q,
                         const char *name) MUST_USE;

struct response {
    int status;       /* 200 unless set */
    const char *type; /* "text/html; charset=utf-8" unless set */
    struct buf body;  /* in the arena; compressed when the client takes gzip and it helps */
    int file_fd;      /* -1, or a file to send instead; closed by the server */
    int64_t file_len;
    struct pair headers[24];
    size_t header_count;
    bool no_store;    /* default true: personal pages are not kept in caches */
    const char *etag; /* answers If-None-Match with 304 */
    /* Server-sent events or a long download: called on the I/O side until it returns false. */
    bool (*stream)(struct buf *out, void *arg, int64_t *wait_ms);
    void (*stream_end)(void *arg);
    void *stream_arg;
    const struct embedded *embedded; /* a file of the program to send instead of the body */
};
/* The stream function puts what it has into `out` (at most 256 KiB a call; empty is fine), sets
 * *wait_ms to how long the server shall wait before it calls again (0: as soon as the client
 * took the bytes) and returns false when nothing follows. It must not block: it runs on an I/O
 * thread. stream_end is called exactly once, also when the client left or the server stops. */

/* Adds a header; it replaces the server's default of that name (Content-Security-Policy,
 * Cache-Control ...). Control characters in the value become '_'; a value over 8 KiB or a 25th
 * header is dropped with a line in the log. Copies both texts. */
void response_header(struct cx *cx, struct response *a, const char *name, const char *value);
/* 303 to a local path. */
void response_redirect(struct cx *cx, struct response *a, const char *path);
void response_cookie(struct cx *cx, struct response *a, const char *name, const char *value,
                     int64_t age_s, bool secure); /* HttpOnly; SameSite=Lax; Path=/ */
/* age_s: 0 = until the browser closes, negative = delete it. */

/* Answers with a file of the program, pre-compressed when the client takes gzip. Public cache:
 * a year when the address carries ?v=ETAG (see embedded_url), else 10 minutes; 304 by ETag. */
void response_embedded(struct cx *cx, const struct request *q, struct response *a,
                       const struct embedded *file);
/* "/static/style.css?v=1f3a": `prefix` and the file's path behind its first folder ("web/"),
 * with the version that lets browsers keep it for a year. In the arena. */
const char *embedded_url(struct cx *cx, const char *prefix, const struct embedded *file);
/* Content-Disposition: attachment under that name (any UTF-8; RFC 6266 with filename*). */
void response_download(struct cx *cx, struct response *a, const char *file_name);

struct server_options {
    const char *address; /* "127.0.0.1", "::1", "0.0.0.0" */
    int port;            /* 0 = any free one, see server_port */
    const struct route *routes;
    size_t route_count;
    int io_threads, workers, heavy_workers; /* 0 = 2, 4 x cores (max 32), 2 */
    int queue_max;                  /* 0 = LIMIT_WORK_QUEUE; full: 503 with Retry-After */
    int connections_max;            /* 0 = 6000 */
    int connections_per_client_max; /* 0 = 512 */
    const char *tls_cert, *tls_key; /* PEM texts; NULL: plain */
    const char *trusted_proxy;      /* address whose X-Forwarded-For is believed; NULL: none */
    /* Prepares a worker's context once (pool, profile, vault, dir, db attach) and undoes it. */
    enum rc (*worker_start)(struct cx *cx, void *arg);
    void (*worker_stop)(struct cx *cx, void *arg);
    /* Before the handler: language, session, permission, CSRF. Not RC_OK: `failed` answers. */
    enum rc (*before)(struct cx *cx, struct request *q, struct response *a, void *arg);
    /* Turns a failure (also the server's own 400, 404, 405, 413, 503 …) into a page. `status`
     * is the proposed one and already in `a`, cx->err.text says what happened. Must not fail.
     * The server's own refusals come from an I/O thread with a context of its own: arena, lang
     * (from Accept-Language) and now_at are set, db, pool, profile, vault and dir are NULL, and
     * q->route may be NULL. NULL: a plain page of the server's. */
    void (*failed)(struct cx *cx, const struct request *q, struct response *a, int status,
                   void *arg);
    /* After the answer was made, whatever became of it: ends what the handler left open (its
     * read transaction). */
    void (*after)(struct cx *cx, void *arg);
    void *arg;
    /* Deadlines of the guard; 0 = the value in brackets. A header must be complete in header_ms
     * (5000); a body in body_ms (10000) + bytes/rate; a kept connection may rest idle_s (30);
     * an answer may take answer_ms (30000) + bytes at 1000 bytes/s. */
    int header_ms, body_ms, idle_s, answer_ms;
    const char
        *tmp_dir; /* for uploaded files, which have no name there; NULL: TMPDIR, /var/tmp */
};
struct server;
/* Checks the route table, starts the workers (each runs worker_start), listens and serves. The
 * options' texts and routes must outlive the server. SIGPIPE is ignored from now on.
 * RC_INVALID: wrong table, address or certificate; RC_IO: the address is in use; else
 * worker_start's. */
enum rc server_start(struct server **out, struct cx *cx,
                     const struct server_options *options) MUST_USE;
/* The port that is listened on. */
int server_port(const struct server *s);
/* No new connections; requests in flight finish (at most wait_ms); then everything is freed.
 * A handler that ignores cx->deadline_ms holds this up, since a thread cannot be taken back. */
void server_stop(struct server *s, int wait_ms);
/* Lets every waiting stream look again at once: something happened. Any thread. */
void server_wake(struct server *s);
struct server_figures {
    int64_t requests, refused_busy, connections, connections_now, queue_now, bytes_out;
    int64_t cut_late; /* connections ended because they were too slow */
};
/* Counts since the start; bytes_out counts bodies of answers given to the network side. */
struct server_figures server_figures_get(const struct server *s);
/* RC_NOTFOUND → 404, INVALID 400, DENIED 403, CONFLICT 409, BUSY 503, LIMIT 413, IO and DB 500.
 */
int http_status_of(enum rc rc);
/* Percent-encoding for a path segment or query value; in the arena. */
const char *url_encode(struct arena *a, struct str s);
/* "?a=1&b=2" of the query with `name` set to `value` (NULL: removed): links of filters. */
const char *url_with(struct cx *cx, const struct request *q, const char *name,
                     const char *value);

#endif
