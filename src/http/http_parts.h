/* What the files of this room share and nobody else sees. No MHD type is here: only server.c
 * knows libmicrohttpd. Read first: src/http/README.md. */
#ifndef HTTP_PARTS_H
#define HTTP_PARTS_H

#include "base/limits.h"
#include "http/http.h"
#include "http/multipart.h"

#include <stdatomic.h>

enum {
    HTTP_PARAMS_MAX = 8,    /* {name}s of a route */
    HTTP_HEADERS_MAX = 100, /* headers of a request */
    HTTP_COOKIES_MAX = 50,
    HTTP_QUERY_MAX = 100, /* name=value pairs of an address */
    HTTP_EXCHANGE_ARENA = 1024 * 1024,
    HTTP_STREAM_MAX = 256 * 1024,   /* bytes of one call of a stream function */
    HTTP_SWALLOW_MAX = 1024 * 1024, /* read beyond a limit so that the refusal is seen */
    HTTP_RATE_MIN = 1000,           /* bytes/s */
    HTTP_GZIP_MIN = 600,
};

/* ---- parse.c ---- */

/* Percent-decoding. False on an incomplete or non-hex escape, on a control character other than
 * tab and line ends, and on bad UTF-8. With `plus`, '+' is a blank. In the arena. */
bool url_decode(struct str *out, struct arena *a, struct str raw, bool plus) MUST_USE;
/* The path of a request target (also of the absolute form http://host/path), decoded, and the
 * query behind '?'. False: no leading '/', an empty, "." or ".." segment, an encoded '/', a
 * blank or control character as it is, a backslash, a control character, bad UTF-8. A single
 * '/' at the end stays. */
bool url_split(struct str *path, struct str *query_raw, struct arena *a,
               struct str target) MUST_USE;
/* application/x-www-form-urlencoded. RC_INVALID: bad escapes; RC_LIMIT: over `max` pairs. */
enum rc pairs_parse(const struct pair **out, size_t *count, struct cx *cx, struct str raw,
                    size_t max) MUST_USE;
/* The Cookie header; what is malformed is left out, beyond HTTP_COOKIES_MAX is ignored. */
void cookies_parse(const struct pair **out, size_t *count, struct cx *cx, struct str raw);
/* Whether Accept-Encoding lets gzip in (q > 0). */
bool accepts_gzip(struct str header);
/* Whether If-None-Match names that ETag ("..." or W/"..."), by weak comparison, or is "*". */
bool etag_matches(struct str header, struct str etag);
/* Whether a Content-Type is that media type (lower case), whatever its parameters. */
bool type_is(struct str content_type, const char *type);
/* Case-blind comparison of ASCII. */
bool str_eq_case(struct str a, const char *z);

/* ---- route.c ---- */

struct route_hit {
    const struct route *route;
    struct pair params[HTTP_PARAMS_MAX];
    size_t param_count;
    unsigned allowed; /* methods of all rows with that path */
};
/* The row for a method and a decoded path. Literal segments go before {names}, leftmost first.
 * `route` is NULL when there is none; then `allowed` tells 405 from 404. A HEAD takes GET rows.
 */
void route_find(struct route_hit *hit, const struct server_options *o, enum method method,
                struct str path);
/* The method of that exact name; 0 when it is none of ours. */
enum method method_of(const char *name);
/* "GET", "HEAD" ...; "-" for others. Static. */
const char *method_name(enum method method);
/* "GET, HEAD, POST"; in the arena. */
const char *route_allow(struct arena *a, unsigned allowed);
/* Refuses (RC_INVALID, detail names the row) a table with a row without handler, path or
 * scope's permission, with unequal braces, too many names, a body on a GET, or two equal rows.
 */
enum rc routes_check(struct cx *cx, const struct route *routes, size_t count) MUST_USE;

/* ---- response.c ---- */

/* A finished answer, apart from any arena of a worker: headers lie in the exchange's arena. */
struct answer {
    int status;
    struct {
        const char *name, *value;
    } headers[48];
    size_t header_count;
    const void *body; /* from malloc, or static when body_static */
    size_t body_len;
    bool body_static;
    int file_fd; /* -1, or owned */
    int64_t file_len;
    bool (*stream)(struct buf *out, void *arg, int64_t *wait_ms);
    void (*stream_end)(void *arg);
    void *stream_arg;
    bool close; /* no further request on this connection */
};
/* zlib's state, kept by a worker from answer to answer. */
struct squeezer;
struct squeezer *squeezer_new(void);
void squeezer_free(struct squeezer *z);

/* An empty response with the defaults of http.h. */
void response_init(struct cx *cx, struct response *a);
/* Releases what a response owns and makes it empty again. */
void response_drop(struct cx *cx, struct response *a);
/* Turns a response into an answer: ETag, compression (not without `z`), default headers. Takes
 * over the file and the stream. `arena` must live until the answer is sent. */
void response_finish(struct answer *out, struct arena *arena, const struct request *q,
                     struct response *a, struct squeezer *z);
/* Frees what the answer still owns. */
void answer_drop(struct answer *out);
void answer_header(struct answer *out, struct arena *arena, const char *name,
                   const char *value);
/* The page of a failure: calls options.failed or writes a plain one. cx->err is set. */
void response_failed(struct cx *cx, const struct request *q, struct response *a, int status,
                     const struct server_options *o);

/* ---- guard.c ---- */

/* One connection as the guard sees it. due_ms is written by its I/O thread, read by the reaper.
 */
struct peer {
    struct peer *next, *before;
    int fd;
    _Atomic int64_t due_ms; /* monotonic; INT64_MAX: not watched */
    char address[64];
};
struct guard;
/* Starts the reaper, a thread that looks every tick_ms and shuts down the sockets of peers that
 * are past their due. */
enum rc guard_start(struct guard **out, struct cx *cx, int tick_ms) MUST_USE;
void guard_stop(struct guard *g);
/* The peer must be removed before its fd is closed. */
void guard_add(struct guard *g, struct peer *p);
void guard_remove(struct guard *g, struct peer *p);
/* Sockets shut down so far. */
int64_t guard_cut_count(const struct guard *g);

/* The framing rules that libmicrohttpd leaves open. 0, or the status to refuse with: twice
 * Content-Length, Transfer-Encoding or Host, both lengths, a coding other than chunked (501), a
 * name that is not a token, a control character, chunked in HTTP/1.0, no Host in HTTP/1.1. */
int guard_check_headers(const struct pair *headers, size_t count, bool http_1_0);

/* ---- queue.c ---- */

struct work_item {
    struct work_item *next;
};
struct work_queue;
struct work_queue_options {
    int queue_max, workers;
    enum rc (*start)(struct cx *cx, void *arg); /* per worker; may be NULL */
    void (*stop)(struct cx *cx, void *arg);
    void *arg;
    void (*run)(struct cx *cx, struct squeezer *z, struct work_item *item, void *run_arg);
    void *run_arg;
};
/* Starts the workers and waits until all have prepared their contexts. Each gets an arena of
 * LIMIT_REQUEST_ARENA that goes back to what `start` left after every item. The first failure
 * of a start is the result; then nothing runs. */
enum rc work_queue_open(struct work_queue **out, struct cx *cx,
                        const struct work_queue_options *o) MUST_USE;
/* Takes a place; false when the queue is full or closed. Must be followed by work_queue_put. */
bool work_queue_reserve(struct work_queue *w) MUST_USE;
void work_queue_put(struct work_queue *w, struct work_item *item);
int work_queue_waiting(struct work_queue *w);
/* Refuses further places, waits until all items are run, and ends the workers. Once. */
void work_queue_close(struct work_queue *w);
/* After work_queue_close, when nobody can call work_queue_reserve any more. */
void work_queue_free(struct work_queue *w);

/* ---- wake.c ---- */

/* A stream that waits. Being in the list is the right to wake it: whoever takes it out wakes.
 */
struct sleeper {
    struct sleeper *next, *before;
    int64_t due_ms;
    void (*wake)(struct sleeper *s);
};
struct waker;
enum rc waker_start(struct waker **out, struct cx *cx) MUST_USE;
/* Calls `sleep` under the waker's lock and enters s, due in wait_ms; false (and nothing done)
 * when the waker is closed. Waking happens under the same lock. */
bool waker_sleep(struct waker *w, struct sleeper *s, int64_t wait_ms,
                 void (*sleep)(struct sleeper *s)) MUST_USE;
/* Wakes all that sleep now. */
void waker_wake_all(struct waker *w);
/* Lets nobody sleep any more and wakes all. */
void waker_close(struct waker *w);
/* Ends the thread and frees; waker_close must have been called. */
void waker_free(struct waker *w);

/* ---- listen.c ---- */

/* Puts the defaults of http.h where an option is 0. */
void options_fill(struct server_options *o);
/* Raises the process's limit of descriptors to what connections_max needs, or lowers
 * connections_max (with a line in the log) to what there is. */
void options_fit_descriptors(struct server_options *o);
/* A socket that listens on options.address and port. RC_INVALID: no address; RC_IO: in use. */
enum rc listen_on(int *fd_out, int *port_out, struct cx *cx,
                  const struct server_options *o) MUST_USE;
struct sockaddr;
/* "127.0.0.1", "::1"; an IPv4 address inside IPv6 is written as IPv4. */
void address_write(char *out, size_t size, const struct sockaddr *sa);

/* ---- exchange.c ---- */

/* One request and its answer. Belongs to the connection's I/O thread, then (queued) to a
 * worker, then to the I/O thread again; the hand-overs are the queue's lock and the resume. */
struct exchange {
    struct work_item item; /* first: a work_item is cast back */
    struct server *server;
    const struct server_options *options;
    void *connection; /* MHD's */
    struct peer *peer;
    struct arena *arena;
    struct str target; /* as sent, cut at LIMIT_URL_BYTES + 1 */
    struct request q;
    struct route_hit hit;
    int64_t began_ms;  /* header complete */
    int64_t queued_ms; /* put into the queue */
    int64_t body_max;
    int refused; /* 0, or the status that will be answered */
    bool head_done, body_to_file, queued, sent;
    bool body_unread; /* refused before the body: the connection must close */
    struct buf body;  /* heap; also the file part of a multipart body kept in memory */
    struct multipart *multipart;
    struct answer answer;
    int64_t sent_len;
};
/* When the first line is there. NULL when there is no memory. */
struct exchange *exchange_new(struct server *s, const struct server_options *o,
                              const char *target);
void exchange_free(struct exchange *e);
/* When the header is complete: checks framing, finds the route, compares the declared length
 * with the route's limit. Afterwards e->refused is 0 or a status. */
void exchange_head(struct exchange *e, const char *method, struct pair *headers, size_t count,
                   bool http_1_0);
/* A piece of the body. False: give the connection up. */
bool exchange_body(struct exchange *e, const void *p, size_t len) MUST_USE;
/* The body is complete. Sets e->refused when it turns out wrong. */
void exchange_body_end(struct exchange *e);
/* By a worker: decodes, calls before and the handler, fills e->answer. */
void exchange_run(struct cx *cx, struct squeezer *z, struct exchange *e);
/* On the I/O thread: fills e->answer with the page of the refusal `status`. */
void exchange_refuse(struct exchange *e, int status);
/* Milliseconds (monotonic) by which the body must have come so far. */
int64_t exchange_body_due_ms(const struct exchange *e);

#endif
