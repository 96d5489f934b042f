/* The only file that knows libmicrohttpd (0.9.75, poll mode; epoll of that version loses
 * wake-ups, see domain facts http.md "Stalls"). It owns the threads and carries bytes between
 * connections and exchanges; what a request means is in exchange.c. Read first:
 * src/http/README.md. */
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "http/http_parts.h"

#include <assert.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct server {
    struct server_options o; /* with the defaults filled in; never written after the start */
    struct MHD_Daemon *daemon;
    struct guard *guard;
    struct waker *waker;
    struct work_queue *normal, *heavy;
    int port;
    _Atomic bool stopping, abandoning;
    _Atomic int64_t in_flight;
    _Atomic int64_t requests, refused_busy, connections, connections_now, bytes_out;
};

/* ---- connections ---- */

static void set_due(struct peer *p, int64_t due_ms)
{
    atomic_store_explicit(&p->due_ms, due_ms, memory_order_relaxed);
}

static void connection_started(struct server *s, struct MHD_Connection *connection,
                               void **context)
{
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *address =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct peer *p = calloc(1, sizeof *p);
    if (!p || !fd)
        abort(); /* no memory for 120 bytes: the supervisor starts us again */
    p->fd = fd->connect_fd;
    set_due(p, time_mono_ms() + s->o.header_ms);
    if (address && address->client_addr)
        address_write(p->address, sizeof p->address, address->client_addr);
    guard_add(s->guard, p);
    *context = p;
    atomic_fetch_add(&s->connections, 1);
    atomic_fetch_add(&s->connections_now, 1);
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct server *s = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        connection_started(s, connection, context);
        return;
    }
    guard_remove(s->guard, *context);
    free(*context);
    *context = NULL;
    atomic_fetch_sub(&s->connections_now, 1);
}

static struct peer *peer_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info->socket_context;
}

/* ---- streams ---- */

struct stream {
    struct sleeper sleeper; /* first: a sleeper is cast back */
    struct server *server;
    struct MHD_Connection *connection;
    struct peer *peer;
    bool (*next)(struct buf *out, void *arg, int64_t *wait_ms);
    void (*end)(void *arg);
    void *arg;
    struct buf out;
    size_t given;    /* bytes of `out` that are sent */
    int64_t next_ms; /* not called again before */
    bool ended;
};

static void stream_suspend(struct sleeper *sleeper)
{
    struct stream *t = (struct stream *)sleeper;
    MHD_suspend_connection(t->connection);
}

static void stream_resume(struct sleeper *sleeper)
{
    struct stream *t = (struct stream *)sleeper;
    t->next_ms = 0; /* woken is due, also before its time */
    MHD_resume_connection(t->connection);
}

static void stream_free(void *cls)
{
    struct stream *t = cls;
    if (t->end)
        t->end(t->arg);
    buf_free(&t->out);
    free(t);
}

/* Asks the stream for more. False: nothing now; it sleeps. */
static bool stream_fill(struct stream *t)
{
    int64_t wait_ms = 0, now = time_mono_ms();
    if (now >= t->next_ms) {
        buf_clear(&t->out);
        t->given = 0;
        t->ended = !t->next(&t->out, t->arg, &wait_ms);
        t->next_ms = now + (wait_ms > 0 ? wait_ms : 0);
        if (t->out.len || t->ended)
            return true;
        if (t->next_ms == now)
            t->next_ms = now + 1; /* neither bytes nor a time: do not spin */
    }
    set_due(t->peer, INT64_MAX);
    t->sleeper.wake = stream_resume;
    t->ended = !waker_sleep(t->server->waker, &t->sleeper, t->next_ms - now, stream_suspend);
    return t->ended;
}

static ssize_t stream_read(void *cls, uint64_t at, char *to, size_t max)
{
    struct stream *t = cls;
    (void)at; /* streams are read once, in order */
    if (t->given == t->out.len && !t->ended && !stream_fill(t))
        return 0;
    if (!buf_ok(&t->out))
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t len = t->out.len - t->given;
    if (len == 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (len > max)
        len = max;
    memcpy(to, t->out.p + t->given, len);
    t->given += len;
    atomic_fetch_add(&t->server->bytes_out, (int64_t)len);
    /* The bytes given before were taken; these have their own time. */
    set_due(t->peer,
            time_mono_ms() + t->server->o.answer_ms + (int64_t)len * 1000 / HTTP_RATE_MIN);
    return (ssize_t)len;
}

static struct MHD_Response *stream_response(struct exchange *e)
{
    struct answer *a = &e->answer;
    struct stream *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->server = e->server;
    t->connection = e->connection;
    t->peer = e->peer;
    t->next = a->stream;
    t->end = a->stream_end;
    t->arg = a->stream_arg;
    buf_init(&t->out, NULL, HTTP_STREAM_MAX);
    struct MHD_Response *r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16 * 1024,
                                                               stream_read, t, stream_free);
    if (r)
        a->stream = NULL; /* stream_free has it now */
    else
        free(t);
    return r;
}

/* ---- answers ---- */

/* Makes MHD's response and hands over what the answer owns. NULL: no memory. */
static struct MHD_Response *make_response(struct exchange *e)
{
    struct answer *a = &e->answer;
    struct MHD_Response *r = NULL;
    if (a->stream)
        return stream_response(e);
    if (a->file_fd >= 0 && a->file_len > 0) {
        e->sent_len = a->file_len;
        r = MHD_create_response_from_fd_at_offset64((uint64_t)a->file_len, a->file_fd, 0);
        if (r)
            a->file_fd = -1;
        return r;
    }
    e->sent_len = (int64_t)a->body_len;
    void *body = a->body_len ? (void *)(uintptr_t)a->body : NULL;
    r = MHD_create_response_from_buffer(a->body_len, body,
                                        a->body_static || !body ? MHD_RESPMEM_PERSISTENT
                                                                : MHD_RESPMEM_MUST_FREE);
    if (r)
        a->body = NULL;
    return r;
}

static enum MHD_Result send_answer(struct exchange *e)
{
    struct answer *a = &e->answer;
    struct server *s = e->server;
    struct MHD_Response *r = make_response(e);
    if (!r)
        return MHD_NO;
    for (size_t i = 0; i < a->header_count; i++)
        (void)MHD_add_response_header(r, a->headers[i].name, a->headers[i].value);
    if (a->close || atomic_load(&s->stopping))
        (void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
    set_due(e->peer, time_mono_ms() + s->o.answer_ms + e->sent_len * 1000 / HTTP_RATE_MIN);
    enum MHD_Result ok = MHD_queue_response(e->connection, (unsigned)a->status, r);
    MHD_destroy_response(r);
    e->sent = true;
    if (e->q.method != METHOD_HEAD)
        atomic_fetch_add(&s->bytes_out, e->sent_len);
    return ok;
}

static enum MHD_Result refuse(struct exchange *e, int status)
{
    exchange_refuse(e, status);
    return send_answer(e);
}

/* ---- requests ---- */

/* By a worker. */
static void run_item(struct cx *cx, struct squeezer *z, struct work_item *item, void *arg)
{
    struct server *s = arg;
    struct exchange *e = (struct exchange *)item;
    if (atomic_load(&s->abandoning))
        exchange_refuse(e, 503);
    else
        exchange_run(cx, z, e);
    MHD_resume_connection(e->connection); /* from here on e is the I/O thread's */
}

struct header_list {
    struct exchange *e;
    struct pair *headers;
    size_t count;
};

static enum MHD_Result collect_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                      size_t name_len, const char *value, size_t value_len)
{
    struct header_list *list = cls;
    struct arena *arena = list->e->arena;
    (void)kind;
    if (list->count == HTTP_HEADERS_MAX)
        return MHD_NO;
    struct pair *h = &list->headers[list->count++];
    h->name = arena_str(arena, (struct str){name, name_len});
    h->value = str_trim(arena_str(arena, (struct str){value ? value : "", value_len}));
    return MHD_YES;
}

static enum MHD_Result on_head(struct exchange *e, struct MHD_Connection *connection,
                               const char *method, const char *version)
{
    struct header_list list = {.e = e};
    atomic_fetch_add(&e->server->requests, 1);
    atomic_fetch_add(&e->server->in_flight, 1);
    e->connection = connection;
    e->peer = peer_of(connection);
    e->q.tls = e->options->tls_cert != NULL;
    list.headers = arena_new(e->arena, HTTP_HEADERS_MAX * sizeof *list.headers);
    int given = MHD_get_connection_values_n(connection, MHD_HEADER_KIND, collect_header, &list);
    exchange_head(e, method, list.headers, list.count, strcmp(version, "HTTP/1.1") != 0);
    if (given > (int)list.count) {
        e->refused = 431;
        e->body_unread = true;
    }
    /* An answer before the body ends the connection; without a body it can wait for the next
     * call and the connection is kept. */
    if (e->body_unread)
        return refuse(e, e->refused);
    set_due(e->peer, exchange_body_due_ms(e));
    return MHD_YES;
}

static enum MHD_Result on_body_end(struct exchange *e)
{
    struct server *s = e->server;
    exchange_body_end(e);
    if (e->refused)
        return refuse(e, e->refused);
    struct work_queue *w = e->q.route->heavy ? s->heavy : s->normal;
    if (!work_queue_reserve(w)) {
        atomic_fetch_add(&s->refused_busy, 1);
        return refuse(e, 503);
    }
    e->queued = true;
    e->queued_ms = time_mono_ms();
    set_due(e->peer, INT64_MAX);
    /* Suspended first: a worker may be done before this function returns. */
    MHD_suspend_connection(e->connection);
    work_queue_put(w, &e->item);
    return MHD_YES;
}

/* The parameters are MHD's. NOLINTNEXTLINE(readability-function-size) */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version,
                                  const char *upload_data, size_t *upload_len, void **req_cls)
{
    struct exchange *e = *req_cls;
    (void)cls;
    (void)url; /* the raw target was kept by on_target */
    if (!e)
        return MHD_NO;
    if (!e->head_done)
        return on_head(e, connection, method, version);
    if (*upload_len) {
        size_t len = *upload_len;
        *upload_len = 0;
        bool ok = exchange_body(e, upload_data, len);
        set_due(e->peer, exchange_body_due_ms(e));
        return ok ? MHD_YES : MHD_NO;
    }
    if (e->sent)
        return MHD_YES;
    return e->queued ? send_answer(e) : on_body_end(e);
}

/* The first line is there: the raw target, before MHD changes it. */
static void *on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
    struct server *s = cls;
    struct peer *p = peer_of(connection);
    int64_t due = time_mono_ms() + s->o.header_ms;
    if (due < atomic_load_explicit(&p->due_ms, memory_order_relaxed))
        set_due(p, due);
    return exchange_new(s, &s->o, target);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **req_cls,
                         enum MHD_RequestTerminationCode code)
{
    struct server *s = cls;
    struct exchange *e = *req_cls;
    if (!e)
        return;
    *req_cls = NULL;
    int64_t rest_ms = (int64_t)s->o.idle_s * 1000 + s->o.header_ms;
    set_due(peer_of(connection), time_mono_ms() + rest_ms);
    if (e->head_done) {
        /* The pattern of the route, never the address: that may hold personal data. */
        log_event(LOG_LEVEL_INFO, "request",
                  "method=%s route=%s status=%d ms=%" PRId64 " bytes=%" PRId64 " end=%d",
                  method_name(e->q.method), e->q.route ? e->q.route->path : "-",
                  e->sent ? e->answer.status : 0, time_mono_ms() - e->began_ms, e->sent_len,
                  (int)code);
        atomic_fetch_sub(&s->in_flight, 1);
    }
    exchange_free(e);
}

/* MHD shall not decode the address: exchange.c does, strictly. */
static size_t keep_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls;
    (void)connection;
    return strlen(text);
}

static void mhd_log(void *cls, const char *format, va_list ap)
    __attribute__((format(printf, 2, 0)));
static void mhd_log(void *cls, const char *format, va_list ap)
{
    char text[300];
    (void)cls;
    vsnprintf(text, sizeof text, format, ap);
    log_event(LOG_LEVEL_DEBUG, "mhd", "text=\"%s\"", text);
}

/* ---- start ---- */

static enum rc start_daemon(struct cx *cx, struct server *s)
{
    int listener = -1;
    TRY(listen_on(&listener, &s->port, cx, &s->o));
    const struct server_options *o = &s->o;
    unsigned flags =
        MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    if (o->tls_cert)
        flags |= MHD_USE_TLS;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)o->tls_cert},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)o->tls_key},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    /* Strictness 0, though 1 is advised: 1 refuses a missing Host and blanks in the address,
     * which guard_check_headers and url_split do too, but with a page that 0.9.75 sends with
     * two heads. Behind a proxy all connections come from one address, so there is no limit per
     * client. */
    unsigned per_client = o->trusted_proxy ? 0 : (unsigned)o->connections_per_client_max;
    s->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, mhd_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned)o->io_threads, MHD_OPTION_STRICT_FOR_CLIENT, 0,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LIMIT_HEADER_BYTES,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)o->connections_max,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, per_client, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)o->idle_s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_URI_LOG_CALLBACK, on_target, s,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_ARRAY,
        o->tls_cert ? tls : none, MHD_OPTION_END);
    if (s->daemon)
        return RC_OK;
    close(listener);
    return fail(cx, o->tls_cert ? RC_INVALID : RC_IO,
                o->tls_cert
                    ? _("The server could not start: look at the certificate and its key.")
                    : _("The server could not start."),
                "MHD_start_daemon");
}

static enum rc start_parts(struct cx *cx, struct server *s)
{
    int shortest = s->o.header_ms < s->o.body_ms ? s->o.header_ms : s->o.body_ms;
    int tick_ms = shortest / 20 < 10 ? 10 : shortest / 20 > 250 ? 250 : shortest / 20;
    struct work_queue_options w = {
        .queue_max = s->o.queue_max,
        .workers = s->o.workers,
        .start = s->o.worker_start,
        .stop = s->o.worker_stop,
        .arg = s->o.arg,
        .run = run_item,
        .run_arg = s,
    };
    TRY(guard_start(&s->guard, cx, tick_ms));
    TRY(waker_start(&s->waker, cx));
    TRY(work_queue_open(&s->normal, cx, &w));
    w.workers = s->o.heavy_workers;
    TRY(work_queue_open(&s->heavy, cx, &w));
    return start_daemon(cx, s);
}

/* ---- stop ---- */

/* In the order of the hand-overs: no new work, no one asleep, no worker; then the connections.
 */
static void stop_parts(struct server *s)
{
    if (s->waker)
        waker_close(s->waker);
    work_queue_close(s->normal);
    work_queue_close(s->heavy);
    if (s->daemon)
        MHD_stop_daemon(s->daemon);
    work_queue_free(s->normal);
    work_queue_free(s->heavy);
    waker_free(s->waker);
    guard_stop(s->guard);
    free(s);
}

enum rc server_start(struct server **out, struct cx *cx, const struct server_options *options)
{
    TRY(routes_check(cx, options->routes, options->route_count));
    struct server *s = calloc(1, sizeof *s);
    if (!s)
        return fail(cx, RC_LIMIT, _("There is not enough memory."), "server");
    s->o = *options;
    options_fill(&s->o);
    options_fit_descriptors(&s->o);
    (void)signal(SIGPIPE, SIG_IGN); /* a client that leaves is an error code, not a death */
    enum rc rc = start_parts(cx, s);
    if (rc) {
        stop_parts(s);
        return rc;
    }
    *out = s;
    return RC_OK;
}

void server_stop(struct server *s, int wait_ms)
{
    const struct timespec nap = {.tv_nsec = 2 * 1000000L};
    atomic_store(&s->stopping, true);
    int listener = MHD_quiesce_daemon(s->daemon);
    if (listener >= 0)
        close(listener);
    waker_close(s->waker); /* waiting streams end */
    int64_t until = time_mono_ms() + wait_ms;
    while (atomic_load(&s->in_flight) > 0 && time_mono_ms() < until)
        nanosleep(&nap, NULL);
    atomic_store(&s->abandoning, true);
    stop_parts(s);
}

int server_port(const struct server *s)
{
    return s->port;
}

void server_wake(struct server *s)
{
    waker_wake_all(s->waker);
}

struct server_figures server_figures_get(const struct server *s)
{
    return (struct server_figures){
        .requests = atomic_load(&s->requests),
        .refused_busy = atomic_load(&s->refused_busy),
        .connections = atomic_load(&s->connections),
        .connections_now = atomic_load(&s->connections_now),
        .queue_now = work_queue_waiting(s->normal) + work_queue_waiting(s->heavy),
        .bytes_out = atomic_load(&s->bytes_out),
        .cut_late = guard_cut_count(s->guard),
    };
}
