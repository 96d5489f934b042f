/* The PostgreSQL driver over libpq: binary values both ways, statements prepared once per
 * connection, large results row by row. libpq carries one statement at a time: when a second
 * one comes while rows still stream, the rest of the stream is taken in first (pg_quiet).
 * Cells and arguments are in db_pg_value.c, pg_dump in db_pg_dump.c. */
#include "db/db_pg_impl.h"

#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "db/db.sql.h"

#include <assert.h>
#include <poll.h>

/* ---- failures ---- */

static bool is_class(const char *state, const char *class)
{
    return strncmp(state, class, strlen(class)) == 0;
}

static enum rc rc_of(const char *state)
{
    if (is_class(state, "23"))
        return RC_CONFLICT;
    if (is_class(state, "40") || is_class(state, "08") || is_class(state, "57") ||
        strcmp(state, "55P03") == 0 || strcmp(state, "53300") == 0)
        return RC_BUSY;
    if (is_class(state, "53") || is_class(state, "58"))
        return RC_IO;
    return RC_DB;
}

/* `res` may be NULL: the connection itself failed. The message goes to the log only where it
 * cannot hold a value: 22 (data) and 23 (constraints) may. */
static enum rc pg_fail(struct db *db, struct cx *cx, const PGresult *res, const char *name)
{
    struct pg *pg = db->native;
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    const char *message = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *rule = res ? PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME) : NULL;
    if (PQstatus(pg->conn) != CONNECTION_OK || !state || is_class(state, "57P")) {
        pg->lost = true;
        db->lost = db->state != DB_STATE_IDLE;
        db->again = db->state == DB_STATE_WRITE;
        log_event(LOG_LEVEL_WARN, "db_lost", "sql=%s state=%s", name, state ? state : "-");
        return db_fail(cx, RC_BUSY, "sql=%s connection lost", name);
    }
    enum rc rc = rc_of(state);
    if (db->state == DB_STATE_WRITE &&
        (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0))
        db->again = true;
    if (rc == RC_CONFLICT) {
        log_event(LOG_LEVEL_DEBUG, "db_conflict", "sql=%s state=%s rule=%s", name, state,
                  rule ? rule : "-");
        return rc;
    }
    return db_fail(cx, rc, "sql=%s state=%s %s", name, state,
                   message && !is_class(state, "22") ? message : "");
}

static bool is_failure(const PGresult *res)
{
    ExecStatusType status = PQresultStatus(res);
    return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
           status != PGRES_SINGLE_TUPLE;
}

/* ---- connection ---- */

static void on_notice(void *arg, const PGresult *res)
{
    (void)arg;
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    log_event(LOG_LEVEL_DEBUG, "db_notice", "state=%s", state ? state : "-");
}

static void forget_statements(struct pg *pg)
{
    for (int i = 0; i < PG_BUCKETS; i++) {
        while (pg->buckets[i]) {
            struct pg_stmt *s = pg->buckets[i];
            pg->buckets[i] = s->next;
            free(s);
        }
    }
}

static enum rc exec(struct db *db, struct cx *cx, const char *text, const char *name)
{
    const struct pg *pg = db->native;
    PGresult *res = PQexec(pg->conn, text);
    enum rc rc = is_failure(res) ? pg_fail(db, cx, res, name) : RC_OK;
    PQclear(res);
    return rc;
}

/* Settings of a new or renewed connection, and whether the server is one we can use. */
static enum rc setup(struct db *db, struct cx *cx)
{
    const struct pg *pg = db->native;
    const struct db_options *options = &db->pool->options;
    const char *encoding = PQparameterStatus(pg->conn, "server_encoding");
    if (!encoding || strcmp(encoding, "UTF8") != 0)
        return fail(cx, RC_INVALID,
                    _("The PostgreSQL database must have the encoding UTF8. Create it with: "
                      "createdb -T template0 -E UTF8 --locale=C.UTF-8 NAME"),
                    "encoding=%s", encoding ? encoding : "-");
    TRY(exec(db, cx,
             "SET timezone = 'UTC'; SET client_min_messages = warning;"
             "SET standard_conforming_strings = on; SET bytea_output = hex;"
             "SET extra_float_digits = 1; SET lock_timeout = '10s'",
             "setup"));
    TRY(exec(db, cx,
             options->single_thread ? "SET statement_timeout = 0"
                                    : "SET statement_timeout = '10min'",
             "setup"));
    if (db->role == DB_ROLE_READ)
        TRY(exec(db, cx, "SET default_transaction_read_only = on", "setup"));
    struct db *before = cx->db;
    struct db_rows rows;
    cx->db = db;
    enum rc rc = DB_ONE0(&rows, cx, &DB_SERVER_CHECK);
    bool is_sorted = !rc && row_i64(&rows, DB_SERVER_CHECK_SORTS_BY_BYTES);
    if (!rc)
        rc = db_done(&rows);
    cx->db = before;
    if (!rc && !is_sorted)
        return fail(cx, RC_INVALID,
                    _("The PostgreSQL database must sort by bytes. Create it with: "
                      "createdb -T template0 -E UTF8 --locale=C.UTF-8 NAME"),
                    "collation");
    return rc;
}

static void pg_close(struct db *db)
{
    struct pg *pg = db->native;
    db->driver->finish_all(db);
    forget_statements(pg);
    PQfinish(pg->conn);
    free(pg);
    db->native = NULL;
}

static enum rc refuse(struct cx *cx, const struct pg *pg)
{
    log_event(LOG_LEVEL_ERROR, "db_connect", "detail=\"%.200s\"", PQerrorMessage(pg->conn));
    return fail(cx, RC_BUSY, _("The PostgreSQL server cannot be reached. Is it running?"),
                "connect");
}

static enum rc pg_open(struct db *db, struct cx *cx)
{
    /* What stands in the URL wins over what stands before it. */
    const char *const names[] = {"connect_timeout", "fallback_application_name", "dbname",
                                 "client_encoding", NULL};
    const char *const values[] = {"10", "fumin", db->pool->url, "UTF8", NULL};
    struct pg *pg = calloc(1, sizeof *pg);
    if (!pg)
        return db_fail(cx, RC_IO, "no memory");
    db->native = pg;
    pg->conn = PQconnectdbParams(names, values, 1);
    enum rc rc = RC_OK;
    if (PQstatus(pg->conn) != CONNECTION_OK)
        rc = refuse(cx, pg);
    if (!rc) {
        PQsetNoticeReceiver(pg->conn, on_notice, NULL);
        rc = setup(db, cx);
    }
    if (rc)
        pg_close(db);
    return rc;
}

static enum rc pg_revive(struct db *db, struct cx *cx)
{
    struct pg *pg = db->native;
    if (PQstatus(pg->conn) == CONNECTION_OK && !pg->lost)
        return RC_OK;
    db->driver->finish_all(db);
    forget_statements(pg);
    PQreset(pg->conn);
    pg->lost = false;
    if (PQstatus(pg->conn) != CONNECTION_OK)
        return refuse(cx, pg);
    log_event(LOG_LEVEL_INFO, "db_connected_again", "role=%d", (int)db->role);
    return setup(db, cx);
}

/* ---- one statement at a time ---- */

static void cancel(struct pg *pg)
{
    char trouble[256];
    PGcancel *c = PQgetCancel(pg->conn);
    if (c)
        (void)PQcancel(c, trouble, sizeof trouble); /* too late is as good */
    PQfreeCancel(c);
}

/* The next result; NULL at the end. The deadline cancels the statement, which then fails. */
static PGresult *fetch(struct db *db)
{
    struct pg *pg = db->native;
    bool is_cancelled = false;
    while (db->deadline_ms && PQisBusy(pg->conn)) {
        int64_t left_ms = db->deadline_ms - time_mono_ms();
        if (left_ms <= 0 && !is_cancelled) {
            cancel(pg);
            is_cancelled = true;
        }
        struct pollfd p = {.fd = PQsocket(pg->conn), .events = POLLIN};
        (void)poll(&p, 1, is_cancelled || left_ms > 10000 ? 10000 : (int)left_ms);
        if (!PQconsumeInput(pg->conn))
            break;
    }
    return PQgetResult(pg->conn);
}

/* Reads to the end of the statement's results. */
static void fetch_rest(struct db *db)
{
    PGresult *res;
    while ((res = fetch(db)))
        PQclear(res);
}

/* Takes in the rest of a stream, so that the connection is free for another statement. */
static void pg_quiet(struct db *db, struct cx *cx)
{
    struct pg *pg = db->native;
    struct pg_cursor *c = pg->live;
    PGresult *res;
    if (!c)
        return;
    pg->live = NULL;
    c->live = false;
    c->spilled = true;
    buf_init(&c->spill, NULL, PG_SPILL_MAX);
    while ((res = fetch(db))) {
        if (is_failure(res))
            c->spill_rc = pg_fail(db, cx, res, c->sql->name);
        else if (PQntuples(res) > 0 && !c->spill_rc && !pg_spill_put(c, res))
            c->spill_rc = fail(cx, RC_LIMIT, _("Too much data at once. Narrow the selection."),
                               "sql=%s: another statement while its rows stream", c->sql->name);
        PQclear(res);
    }
}

static enum rc check_columns(struct db *db, struct cx *cx, const struct sql *sql,
                             const char *name)
{
    const struct pg *pg = db->native;
    size_t cols = strlen(sql->cols);
    PGresult *res = PQdescribePrepared(pg->conn, name);
    enum rc rc = is_failure(res) ? pg_fail(db, cx, res, sql->name) : RC_OK;
    if (!rc && cols > 0 && (size_t)PQnfields(res) != cols)
        rc = db_fail(cx, RC_DB, "sql=%s has %d columns", sql->name, PQnfields(res));
    for (size_t i = 0; i < cols && !rc; i++) {
        Oid type = PQftype(res, (int)i);
        if (!pg_type_fits(sql->cols[i], type))
            rc = db_fail(cx, RC_DB, "sql=%s column %zu is declared %c, has type %u", sql->name,
                         i + 1, sql->cols[i], type);
    }
    PQclear(res);
    return rc;
}

static enum rc prepare(struct db *db, struct cx *cx, const struct sql *sql, const char *name)
{
    struct pg *pg = db->native;
    size_t args = strlen(sql->args);
    for (size_t i = 0; i < args; i++)
        pg->types[i] = pg_arg_type(sql->args[i]);
    PGresult *res = PQprepare(pg->conn, name, db_text_of(db, sql), (int)args, pg->types);
    enum rc rc = is_failure(res) ? pg_fail(db, cx, res, sql->name) : RC_OK;
    PQclear(res);
    return rc ? rc : check_columns(db, cx, sql, name);
}

static size_t bucket_of(const struct sql *key)
{
    return ((uintptr_t)key >> 4) * 0x9E3779B97F4A7C15u >> 56;
}

/* The statement's name on the server, prepared on first use; "" for one that is not kept. */
static enum rc name_get(const char **out, struct db *db, struct cx *cx, const struct sql *sql)
{
    struct pg *pg = db->native;
    struct pg_stmt **bucket = &pg->buckets[bucket_of(sql)];
    *out = "";
    if (db_is_transient(sql))
        return prepare(db, cx, sql, "");
    for (struct pg_stmt *s = *bucket; s; s = s->next) {
        if (s->key == sql) {
            *out = s->name;
            return RC_OK;
        }
    }
    struct pg_stmt *s = calloc(1, sizeof *s);
    if (!s)
        return db_fail(cx, RC_IO, "no memory");
    snprintf(s->name, sizeof s->name, "s%u", ++pg->names);
    enum rc rc = prepare(db, cx, sql, s->name);
    if (rc) {
        free(s);
        return rc;
    }
    s->key = sql;
    s->next = *bucket;
    *bucket = s;
    *out = s->name;
    return RC_OK;
}

static enum rc pg_check(struct db *db, struct cx *cx, const struct sql *sql)
{
    pg_quiet(db, cx);
    return prepare(db, cx, sql, "");
}

static struct pg_cursor *cursor_open(struct pg *pg, const struct sql *sql)
{
    size_t cols = strlen(sql->cols);
    struct pg_cursor *c = calloc(1, sizeof *c + cols * sizeof c->cells[0]);
    if (!c)
        abort();
    c->sql = sql;
    c->col_count = (int)cols;
    c->open_next = pg->open;
    c->open_link = &pg->open;
    if (pg->open)
        pg->open->open_link = &c->open_next;
    pg->open = c;
    return c;
}

static void cursor_close(struct db *db, struct pg_cursor *c)
{
    struct pg *pg = db->native;
    if (pg->live == c) {
        pg->live = NULL;
        fetch_rest(db);
    }
    *c->open_link = c->open_next;
    if (c->open_next)
        c->open_next->open_link = c->open_link;
    PQclear(c->res);
    if (c->spilled)
        buf_free(&c->spill);
    free(c);
}

static void pg_finish(struct db_rows *rows)
{
    cursor_close(rows->db, rows->handle);
    rows->handle = NULL;
}

static void pg_finish_all(struct db *db)
{
    const struct pg *pg = db->native;
    for (struct pg_cursor *c = pg->open, *next; c; c = next) {
        next = c->open_next;
        log_event(LOG_LEVEL_DEBUG, "db_left_open", "sql=%s", c->sql->name);
        cursor_close(db, c);
    }
}

/* Sends the statement and takes its first result. */
static enum rc send(struct db_rows *rows, const struct db_arg *args, size_t arg_count,
                    enum db_mode mode)
{
    struct db *db = rows->db;
    struct pg *pg = db->native;
    const char *name;
    pg_quiet(db, rows->cx);
    TRY(name_get(&name, db, rows->cx, rows->sql));
    pg_args_set(pg, args, arg_count);
    if (!PQsendQueryPrepared(pg->conn, name, (int)arg_count, pg->values, pg->lengths,
                             pg->formats, 1))
        return pg_fail(db, rows->cx, NULL, rows->sql->name);
    if (mode == DB_MODE_STREAM)
        PQsetSingleRowMode(pg->conn);
    PGresult *res = fetch(db);
    if (!res || is_failure(res)) {
        enum rc rc = pg_fail(db, rows->cx, res, rows->sql->name);
        PQclear(res);
        fetch_rest(db);
        return rc;
    }
    struct pg_cursor *c = cursor_open(pg, rows->sql);
    rows->handle = c;
    c->res = res;
    c->pending = PQntuples(res) > 0;
    c->live = PQresultStatus(res) == PGRES_SINGLE_TUPLE;
    if (c->live)
        pg->live = c;
    else
        fetch_rest(db);
    return RC_OK;
}

static enum rc pg_start(struct db_rows *rows, const struct db_arg *args, size_t arg_count,
                        enum db_mode mode)
{
    struct db *db = rows->db;
    const struct pg *pg = db->native;
    enum rc rc = send(rows, args, arg_count, mode);
    if (!rc || db->state != DB_STATE_IDLE || !pg->lost || db->role != DB_ROLE_READ)
        return rc;
    /* The server was restarted while the connection lay idle. Reading again is harmless. */
    struct err before = rows->cx->err;
    err_clear(rows->cx);
    rc = pg_revive(db, rows->cx);
    if (!rc)
        rc = send(rows, args, arg_count, mode);
    if (rc)
        rows->cx->err = before;
    return rc;
}

static bool stream_next(struct db_rows *rows, struct pg_cursor *c)
{
    struct db *db = rows->db;
    struct pg *pg = db->native;
    PQclear(c->res);
    c->res = fetch(db);
    if (c->res && PQresultStatus(c->res) == PGRES_SINGLE_TUPLE) {
        pg_cells_set(c, c->res, 0);
        return true;
    }
    if (!c->res || is_failure(c->res))
        rows->rc = pg_fail(db, rows->cx, c->res, c->sql->name);
    c->live = false;
    pg->live = NULL;
    fetch_rest(db);
    return false;
}

static bool pg_next(struct db_rows *rows)
{
    struct pg_cursor *c = rows->handle;
    if (c->pending) {
        c->pending = false;
        pg_cells_set(c, c->res, 0);
        return true;
    }
    if (c->live)
        return stream_next(rows, c);
    if (c->spilled) {
        if (pg_spill_next(c))
            return true;
        rows->rc = c->spill_rc;
        return false;
    }
    if (!c->res || c->row + 1 >= PQntuples(c->res))
        return false;
    pg_cells_set(c, c->res, ++c->row);
    return true;
}

static int64_t pg_changed(const struct db_rows *rows)
{
    const struct pg_cursor *c = rows->handle;
    int64_t count = 0;
    (void)str_to_i64(&count, str_of(PQcmdTuples(c->res))); /* "" for what changes no rows */
    return count;
}

static void pg_rollback(struct db *db)
{
    const struct pg *pg = db->native;
    pg_finish_all(db);
    if (!pg->lost && PQstatus(pg->conn) == CONNECTION_OK &&
        PQtransactionStatus(pg->conn) != PQTRANS_IDLE)
        PQclear(PQexec(pg->conn, "ROLLBACK"));
}

static enum rc pg_script(struct db *db, struct cx *cx, const char *text)
{
    return exec(db, cx, text, "migration");
}

const struct db_driver db_pg = {
    .is_pg = true,
    .open = pg_open,
    .close = pg_close,
    .revive = pg_revive,
    .check = pg_check,
    .start = pg_start,
    .next = pg_next,
    .finish = pg_finish,
    .changed = pg_changed,
    .finish_all = pg_finish_all,
    .i64 = pg_i64,
    .f64 = pg_f64,
    .str = pg_str,
    .null = pg_null,
    .rollback = pg_rollback,
    .script = pg_script,
    .backup = pg_backup,
};
