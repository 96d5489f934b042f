/* `fumin serve`: the office's server, its job runner and, as a child, the market; `fumin
 * market`: the market alone. Until SIGTERM or SIGINT. */
#include "base/file.h"
#include "base/format.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "db/db.h"
#include "web/app.h"
#include "web/commands.h"
#include "web/jobs.h"
#include "web/market.h"
#include "web/routes.h"
#include "web/session.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    OPT_DB,
    OPT_LISTEN,
    OPT_TLS_CERT,
    OPT_TLS_KEY,
    OPT_PROXY,
    OPT_LAST, /* of `fumin serve` the market's address, of `fumin market` the parent */
    OPT_COUNT
};
#define COMMON_ROWS                                                                            \
    {"db", "DIR", OPTION_TEXT, N_("the database's folder"), true},                             \
        {"listen", "ADDRESS:PORT", OPTION_TEXT,                                                \
         N_("default 127.0.0.1:8080; port 0 takes any free one"), false},                      \
        {"tls-cert", "FILE", OPTION_TEXT, N_("certificate chain (PEM) for HTTPS"), false},     \
        {"tls-key", "FILE", OPTION_TEXT, N_("its private key (PEM)"), false},                  \
    {                                                                                          \
        "proxy", "ADDRESS", OPTION_TEXT,                                                       \
            N_("a reverse proxy whose X-Forwarded-For is believed"), false                     \
    }
static const struct option_row serve_rows[OPT_COUNT] = {
    COMMON_ROWS,
    {"market", "ADDRESS:PORT|off", OPTION_TEXT,
     N_("where the market opens; default the next port (any free one after port 0)"), false},
};
static const struct option_row market_rows[OPT_COUNT] = {
    COMMON_ROWS,
    {"parent", "PID", OPTION_INT, N_("end when this process ends"), false},
};
enum { STOP_WAIT_MS = 10000, JOB_THREADS = 2, AGAIN_FIRST_S = 1, AGAIN_MAX_S = 60 };

static enum rc worker_start(struct cx *cx, void *arg)
{
    return app_attach(arg, cx);
}

static void worker_stop(struct cx *cx, void *arg)
{
    (void)arg;
    db_detach(cx);
}

/* "127.0.0.1:8080", "[::1]:0", ":8080" */
static enum rc parse_listen(struct server_options *o, struct cx *cx, const char *text)
{
    const char *colon = strrchr(text, ':');
    int64_t port;
    if (!colon || !str_to_i64(&port, str_of(colon + 1)) || port < 0 || port > 65535)
        return fail_f(cx, RC_INVALID,
                      _("--listen %s: expected ADDRESS:PORT, such as 127.0.0.1:8080"), text);
    struct str address = {text, (size_t)(colon - text)};
    if (address.len >= 2 && address.p[0] == '[')
        address = (struct str){address.p + 1, address.len - 2};
    o->address = address.len ? arena_copy(cx->arena, address) : "127.0.0.1";
    o->port = (int)port;
    return RC_OK;
}

static enum rc read_tls(struct server_options *o, struct cx *cx, const struct option_value *v)
{
    if (!v[OPT_TLS_CERT].given && !v[OPT_TLS_KEY].given)
        return RC_OK;
    if (!v[OPT_TLS_CERT].given || !v[OPT_TLS_KEY].given)
        return fail(cx, RC_INVALID, _("--tls-cert and --tls-key belong together."), "tls");
    struct str cert, key;
    TRY(file_read(&cert, cx, v[OPT_TLS_CERT].text, 1024 * 1024));
    TRY(file_read(&key, cx, v[OPT_TLS_KEY].text, 1024 * 1024));
    o->tls_cert = cert.p;
    o->tls_key = key.p;
    return RC_OK;
}

static enum rc start_jobs(struct job_runner **jobs, struct cx *cx, enum app_place place)
{
    size_t count = 0;
    const struct job_kind *kinds =
        place == PLACE_MARKET ? market_jobs_all(&count) : jobs_all(&count);
    TRY(place == PLACE_MARKET ? market_jobs_register(cx) : jobs_register(cx));
    return job_runner_start(jobs, cx, kinds, count, JOB_THREADS);
}

/* ---- the market as a child ---- */

struct child {
    const char *root, *listen; /* listen NULL: no market */
    const char *more[7];       /* options that both share */
    int64_t pid, again_s;      /* pid 0: not running; started again after so long */
};

/* The address that it printed; NULL: it did not start. */
static const char *start_child(struct child *c, struct cx *cx)
{
    const char *address;
    if (!c->listen)
        return NULL;
    if (!market_spawn(&c->pid, &address, cx, c->root, c->listen, c->more))
        return address;
    log_event(LOG_LEVEL_ERROR, "market_failed", "again_s=%" PRId64 " detail=\"%s\"", c->again_s,
              cx->err.detail);
    err_clear(cx);
    return NULL;
}

/* A market that died is started again, later and later while it goes on dying. */
static void look_after_child(struct child *c, struct cx *cx, bool timed_out)
{
    int status;
    if (c->pid && waitpid((pid_t)c->pid, &status, WNOHANG) == (pid_t)c->pid) {
        log_event(LOG_LEVEL_ERROR, "market_ended", "status=%d again_s=%" PRId64, status,
                  c->again_s);
        c->pid = 0;
    } else if (timed_out && c->pid) {
        c->again_s = AGAIN_FIRST_S; /* it lived that long */
    } else if (timed_out) {
        c->again_s = c->again_s * 2 < AGAIN_MAX_S ? c->again_s * 2 : AGAIN_MAX_S;
        (void)start_child(c, cx);
    }
}

/* Waits for a signal to stop; the signals were blocked before any thread started. */
static void wait_for_stop(const sigset_t *signals, struct child *c, struct cx *cx)
{
    for (;;) {
        struct timespec wait = {.tv_sec = c->pid ? AGAIN_MAX_S : c->again_s};
        int signal_number =
            c->listen ? sigtimedwait(signals, NULL, &wait) : sigwaitinfo(signals, NULL);
        if (signal_number == SIGTERM || signal_number == SIGINT) {
            log_event(LOG_LEVEL_INFO, "stopping", "signal=%d", signal_number);
            return;
        }
        if (signal_number == SIGCHLD || errno == EAGAIN)
            look_after_child(c, cx, signal_number != SIGCHLD);
    }
}

/* ---- serving ---- */

/* The port of "http://127.0.0.1:8081/". */
static int port_of(const char *address)
{
    const char *colon = strrchr(address, ':');
    int64_t port = 0;
    struct str s = str_of(colon ? colon + 1 : "");
    while (s.len && (s.p[s.len - 1] < '0' || s.p[s.len - 1] > '9'))
        s.len--;
    return str_to_i64(&port, s) ? (int)port : 0;
}

static enum rc listen_on(struct cx *cx, struct app *app, struct server_options *options,
                         const sigset_t *signals, struct child *child)
{
    struct server *server;
    const char *market = start_child(child, cx);
    app->market_port = market ? port_of(market) : 0;
    enum rc rc = server_start(&server, cx, options);
    if (rc) {
        market_stop(child->pid, STOP_WAIT_MS);
        return rc;
    }
    int port = server_port(server);
    const char *address = strchr(options->address, ':')
                              ? arena_printf(cx->arena, "[%s]", options->address)
                              : options->address;
    printf("%s://%s:%d/\n", options->tls_cert ? "https" : "http", address, port);
    fflush(stdout);
    log_event(LOG_LEVEL_INFO, "serving", "place=%s address=%s port=%d dir=%s",
              app->place == PLACE_MARKET ? "market" : "office", options->address, port,
              app->dir);
    if (market)
        printf("%s %s\n", _("Market:"), market);
    fflush(stdout);
    wait_for_stop(signals, child, cx);
    server_stop(server, STOP_WAIT_MS);
    market_stop(child->pid, STOP_WAIT_MS);
    return RC_OK;
}

static enum rc serve(struct cx *cx, struct app *app, struct server_options *options,
                     const sigset_t *signals, struct child *child)
{
    struct job_runner *jobs;
    TRY(start_jobs(&jobs, cx, app->place));
    enum rc rc = listen_on(cx, app, options, signals, child);
    job_runner_stop(jobs);
    return rc;
}

/* SIGCHLD too, so that the market's end is heard of. */
static void block_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, signals, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static enum rc read_options(struct server_options *options, struct cx *cx,
                            const struct option_value *v)
{
    TRY(parse_listen(options, cx, v[OPT_LISTEN].given ? v[OPT_LISTEN].text : "127.0.0.1:8080"));
    TRY(read_tls(options, cx, v));
    options->worker_start = worker_start;
    options->worker_stop = worker_stop;
    options->before = session_before;
    options->failed = session_failed;
    options->after = session_after;
    options->trusted_proxy = v[OPT_PROXY].given ? v[OPT_PROXY].text : NULL;
    return RC_OK;
}

static int run(struct cx *cx, struct app *app, struct server_options *options,
               struct child *child)
{
    sigset_t signals;
    block_signals(&signals);
    if (app_open(app, cx, child->root,
                 &(struct app_options){.place = app->place, .server = true}))
        return command_failed(cx);
    options->arg = app;
    struct bridge *bridge = NULL;
    if (child->listen && bridge_open(&bridge, cx, child->root)) {
        log_event(LOG_LEVEL_WARN, "no_market", "detail=\"%s\"", cx->err.detail);
        fprintf(stderr, "fumin: %s\n", cx->err.text);
        err_clear(cx);
        child->listen = NULL;
    }
    enum rc rc = serve(cx, app, options, &signals, child);
    int code = rc ? command_failed(cx) : EXIT_OK;
    bridge_close(bridge);
    app_close(app, cx);
    return code;
}

/* The market opens on the next port of the same address unless said otherwise. */
static const char *market_listen(struct cx *cx, const struct server_options *o,
                                 const struct option_value *wanted)
{
    if (wanted->given)
        return strcmp(wanted->text, "off") ? wanted->text : NULL;
    int port = o->port && o->port < 65535 ? o->port + 1 : 0;
    bool six = strchr(o->address, ':') != NULL;
    return arena_printf(cx->arena, six ? "[%s]:%d" : "%s:%d", o->address, port);
}

int serve_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[OPT_COUNT];
    struct server_options options = {0};
    struct app app = {.place = PLACE_OFFICE};
    enum rc rc = options_parse(v, cx, serve_rows, OPT_COUNT, argc, argv);
    if (rc || (rc = read_options(&options, cx, v)))
        return command_usage(cx, rc);
    struct child child = {.root = v[OPT_DB].text, .again_s = AGAIN_FIRST_S};
    child.listen = market_listen(cx, &options, &v[OPT_LAST]);
    size_t n = 0;
    for (int o = OPT_TLS_CERT; o <= OPT_PROXY; o++)
        if (v[o].given) {
            child.more[n++] = arena_printf(cx->arena, "--%s", serve_rows[o].name);
            child.more[n++] = v[o].text;
        }
    options.routes = routes_all(&options.route_count);
    return run(cx, &app, &options, &child);
}

int market_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[OPT_COUNT];
    struct server_options options = {0};
    struct app app = {.place = PLACE_MARKET};
    enum rc rc = options_parse(v, cx, market_rows, OPT_COUNT, argc, argv);
    if (rc || (rc = read_options(&options, cx, v)))
        return command_usage(cx, rc);
    if (v[OPT_LAST].given) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != (pid_t)v[OPT_LAST].number) /* it ended before we could ask */
            return EXIT_FAILED;
    }
    struct child none = {.root = v[OPT_DB].text};
    options.routes = market_routes_all(&options.route_count);
    return run(cx, &app, &options, &none);
}
