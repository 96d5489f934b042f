/* See db_fixture.h. SQLite in a temporary folder; PostgreSQL in a database of its own, named
 * fumin_test_PID_N. Databases left by test processes that died are removed on the way. */
#include "db/db_fixture.h"

#include "db/db_impl.h"

#include <errno.h>
#include <ftw.h>
#include <libpq-fe.h>
#include <signal.h>
#include <unistd.h>

enum { FIXTURE_ARENA = 32 * 1024 * 1024 };

static void die(const char *what, const char *why)
{
    fprintf(stderr, "db_fixture: %s: %s\n", what, why);
    abort();
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static void run_on(const char *url, const char *dir, bool is_empty, void (*test)(struct cx *cx))
{
    struct arena *arena = arena_open(FIXTURE_ARENA);
    struct cx cx;
    const char *backup = NULL;
    cx_init(&cx, arena);
    cx.dir = dir;
    struct db_options options = {.url = url};
    if (db_open(&cx.pool, &cx, &options))
        die("db_open", cx.err.detail);
    if (!is_empty && db_migrate(&backup, &cx))
        die("db_migrate", cx.err.detail);
    if (db_attach(&cx))
        die("db_attach", cx.err.detail);
    test(&cx);
    db_detach(&cx);
    db_close(cx.pool);
    arena_free(arena);
}

static PGconn *admin_open(const char *url)
{
    PGconn *conn = PQconnectdb(url);
    if (PQstatus(conn) != CONNECTION_OK)
        die("FUMIN_TEST_PG", PQerrorMessage(conn));
    return conn;
}

static void admin_run(PGconn *conn, const char *before, const char *name, const char *after)
{
    char text[256];
    snprintf(text, sizeof text, "%s %s %s", before, name, after);
    PGresult *res = PQexec(conn, text);
    if (PQresultStatus(res) != PGRES_COMMAND_OK)
        fprintf(stderr, "db_fixture: %s: %s", text, PQresultErrorMessage(res));
    PQclear(res);
}

/* Databases of test processes that are no more: a failed test leaves its own behind. */
static void remove_stale(PGconn *conn)
{
    PGresult *res = PQexec(conn, "TABLE pg_catalog.pg_database");
    int col = PQfnumber(res, "datname");
    for (int i = 0; col >= 0 && i < PQntuples(res); i++) {
        const char *name = PQgetvalue(res, i, col);
        struct str rest = str_of(name);
        int64_t pid;
        if (!str_starts(rest, STR("fumin_test_")))
            continue;
        rest.p += strlen("fumin_test_");
        rest.len -= strlen("fumin_test_");
        if (str_to_i64(&pid, str_cut(&rest, '_')) && pid > 1 && kill((pid_t)pid, 0) &&
            errno == ESRCH)
            admin_run(conn, "DROP DATABASE IF EXISTS", name, "WITH (FORCE)");
    }
    PQclear(res);
}

static void run_pg(const char *url, const char *dir, bool is_empty, void (*test)(struct cx *cx))
{
    static int number;
    char name[64], own_url[1024];
    PGconn *conn = admin_open(url);
    if (number++ == 0)
        remove_stale(conn);
    snprintf(name, sizeof name, "fumin_test_%d_%d", (int)getpid(), number);
    snprintf(own_url, sizeof own_url, "%s%cdbname=%s", url, strchr(url, '?') ? '&' : '?', name);
    admin_run(conn, "CREATE DATABASE", name,
              "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'");
    PQfinish(conn);
    run_on(own_url, dir, is_empty, test);
    conn = admin_open(url);
    admin_run(conn, "DROP DATABASE", name, "WITH (FORCE)");
    PQfinish(conn);
}

static void run_each(bool is_empty, void (*test)(struct cx *cx))
{
    static bool told;
    const char *tmp = getenv("TMPDIR"), *url = getenv("FUMIN_TEST_PG");
    char dir[512], pg_dir[512];
    snprintf(dir, sizeof dir, "%s/fumin-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(dir))
        die(dir, "mkdtemp");
    run_on(dir, dir, is_empty, test);
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    if (!url || !*url) {
        if (!told)
            fprintf(stderr, "note: FUMIN_TEST_PG is not set, PostgreSQL is skipped\n");
        told = true;
        return;
    }
    snprintf(pg_dir, sizeof pg_dir, "%s/fumin-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(pg_dir))
        die(pg_dir, "mkdtemp");
    run_pg(url, pg_dir, is_empty, test);
    nftw(pg_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *db_fixture_url(const struct cx *cx)
{
    return cx->pool->url;
}

void db_fixture_each(void (*test)(struct cx *cx))
{
    run_each(false, test);
}

void db_fixture_each_empty(void (*test)(struct cx *cx))
{
    run_each(true, test);
}
