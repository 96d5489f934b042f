/* `fumin serve`: the office's server and its job runner, until SIGTERM or SIGINT. */
#include "base/file.h"
#include "base/format.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "db/db.h"
#include "web/app.h"
#include "web/commands.h"
#include "web/jobs.h"
#include "web/routes.h"
#include "web/session.h"

#include <signal.h>

enum { OPT_DB, OPT_LISTEN, OPT_TLS_CERT, OPT_TLS_KEY, OPT_PROXY, OPT_COUNT };
static const struct option_row rows[OPT_COUNT] = {
    {"db", "DIR", OPTION_TEXT, N_("the database's folder"), true},
    {"listen", "ADDRESS:PORT", OPTION_TEXT,
     N_("default 127.0.0.1:8080; port 0 takes any free one"), false},
    {"tls-cert", "FILE", OPTION_TEXT, N_("certificate chain (PEM) for HTTPS"), false},
    {"tls-key", "FILE", OPTION_TEXT, N_("its private key (PEM)"), false},
    {"proxy", "ADDRESS", OPTION_TEXT, N_("a reverse proxy whose X-Forwarded-For is believed"),
     false},
};
enum { STOP_WAIT_MS = 10000, JOB_THREADS = 2 };

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

static enum rc start_jobs(struct job_runner **jobs, struct cx *cx)
{
    size_t count;
    const struct job_kind *kinds = jobs_all(&count);
    TRY(jobs_register(cx));
    return job_runner_start(jobs, cx, kinds, count, JOB_THREADS);
}

/* Waits for a signal to stop; the signals were blocked before any thread started. */
static void wait_for_stop(const sigset_t *signals)
{
    int signal_number;
    while (sigwait(signals, &signal_number))
        ;
    log_event(LOG_LEVEL_INFO, "stopping", "signal=%d", signal_number);
}

static enum rc serve(struct cx *cx, struct app *app, struct server_options *options,
                     const sigset_t *signals)
{
    struct server *server;
    struct job_runner *jobs;
    TRY(start_jobs(&jobs, cx));
    enum rc rc = server_start(&server, cx, options);
    if (!rc) {
        const char *scheme = options->tls_cert ? "https" : "http";
        printf("%s://%s:%d/\n", scheme, options->address, server_port(server));
        fflush(stdout);
        log_event(LOG_LEVEL_INFO, "serving", "address=%s port=%d dir=%s", options->address,
                  server_port(server), app->dir);
        wait_for_stop(signals);
        server_stop(server, STOP_WAIT_MS);
    }
    job_runner_stop(jobs);
    return rc;
}

int serve_cmd(struct cx *cx, int argc, char **argv)
{
    struct option_value v[OPT_COUNT];
    enum rc rc = options_parse(v, cx, rows, OPT_COUNT, argc, argv);
    if (rc)
        return command_usage(cx, rc);
    struct server_options options = {0};
    if (parse_listen(&options, cx, v[OPT_LISTEN].given ? v[OPT_LISTEN].text : "127.0.0.1:8080"))
        return command_usage(cx, RC_INVALID);
    if (read_tls(&options, cx, v))
        return command_failed(cx);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct app app;
    if (app_open(&app, cx, v[OPT_DB].text, &(struct app_options){.server = true}))
        return command_failed(cx);
    options.routes = routes_all(&options.route_count);
    options.worker_start = worker_start;
    options.worker_stop = worker_stop;
    options.before = session_before;
    options.failed = session_failed;
    options.after = session_after;
    options.arg = &app;
    options.trusted_proxy = v[OPT_PROXY].given ? v[OPT_PROXY].text : NULL;
    rc = serve(cx, &app, &options, &signals);
    int code = rc ? command_failed(cx) : EXIT_OK;
    app_close(&app, cx);
    return code;
}
