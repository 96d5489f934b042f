/* The SQLite driver: one file in WAL mode, synchronous FULL. Prepared statements are kept per
 * connection by the address of their struct sql; at most LITE_KEPT_MAX, the longest unused
 * goes. */
#include "db/db_impl.h"

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LITE_BUCKETS = 256, LITE_KEPT_MAX = 256, LITE_PROGRESS_STEPS = 10000 };

struct lite_stmt {
    const struct sql *key;
    sqlite3_stmt *stmt;
    struct lite_stmt *next;                   /* in its bucket */
    struct lite_stmt *open_next, **open_link; /* in the list of open ones */
    uint64_t used;                            /* lite.tick of its last use */
    bool open, kept;
    bool has_row; /* `start` stepped to a row that `next` has not given out yet */
    bool ended;
    int64_t changed;
    int index[]; /* SQLite's index of $1, $2, ...: it numbers by first appearance */
};

struct lite {
    sqlite3 *conn;
    struct lite_stmt *buckets[LITE_BUCKETS];
    struct lite_stmt *open;
    int kept;
    uint64_t tick;
    int64_t busy_wait_ms, busy_end_ms;
};

/* ---- failures ---- */

static enum rc rc_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return RC_OK;
    case SQLITE_CONSTRAINT:
        return RC_CONFLICT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
        return RC_BUSY;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
        return RC_IO;
    default:
        return RC_DB;
    }
}

/* SQLite's messages name tables and columns, never values, but for syntax errors, which stand
 * in our own texts. */
static enum rc lite_fail(struct db *db, struct cx *cx, int code, const char *name)
{
    struct lite *lite = db->native;
    enum rc rc = rc_of(code);
    if (db->state != DB_STATE_IDLE && sqlite3_get_autocommit(lite->conn))
        db->lost = true;
    if (rc == RC_CONFLICT) {
        log_event(LOG_LEVEL_DEBUG, "db_conflict", "sql=%s detail=\"%s\"", name,
                  sqlite3_errmsg(lite->conn));
        return rc;
    }
    return db_fail(cx, rc, "sql=%s code=%d %s", name, sqlite3_extended_errcode(lite->conn),
                   sqlite3_errmsg(lite->conn));
}

/* ---- opening ---- */

/* Short naps: the server and a command beside it hand the lock to each other between batches.
 */
static int on_busy(void *arg, int count)
{
    struct lite *lite = arg;
    if (count == 0)
        lite->busy_end_ms = time_mono_ms() + lite->busy_wait_ms;
    if (time_mono_ms() >= lite->busy_end_ms)
        return 0;
    struct timespec nap = {0, 400 * 1000};
    nanosleep(&nap, NULL);
    return 1;
}

static int on_progress(void *arg)
{
    const struct db *db = arg;
    return db->deadline_ms && time_mono_ms() > db->deadline_ms;
}

static int on_wal(void *arg, sqlite3 *conn, const char *name, int pages)
{
    struct db *db = arg;
    (void)conn;
    (void)name;
    atomic_store_explicit(&db->pool->wal_pages, pages, memory_order_relaxed);
    return SQLITE_OK;
}

static enum rc pragmas(struct db *db, struct cx *cx)
{
    static const char *const common = "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
                                      "PRAGMA case_sensitive_like=ON; PRAGMA temp_store=MEMORY;"
                                      "PRAGMA mmap_size=0;";
    struct lite *lite = db->native;
    const struct db_options *options = &db->pool->options;
    int code = sqlite3_exec(lite->conn, common, NULL, NULL, NULL);
    if (!code && db->role == DB_ROLE_READ)
        code = sqlite3_exec(lite->conn, "PRAGMA cache_size=-2000; PRAGMA query_only=ON", NULL,
                            NULL, NULL);
    if (!code && db->role != DB_ROLE_READ)
        code = sqlite3_exec(lite->conn,
                            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                            "PRAGMA journal_size_limit=67108864; PRAGMA wal_autocheckpoint=0",
                            NULL, NULL, NULL);
    if (!code && db->role == DB_ROLE_WRITE)
        code = sqlite3_exec(lite->conn,
                            options->single_thread
                                ? "PRAGMA cache_size=-64000; PRAGMA wal_autocheckpoint=40000"
                                : "PRAGMA cache_size=-16000",
                            NULL, NULL, NULL);
    if (!code && db->role == DB_ROLE_CHECKPOINT)
        code = sqlite3_exec(lite->conn, "PRAGMA cache_size=-500", NULL, NULL, NULL);
    return code ? lite_fail(db, cx, code, "pragma") : RC_OK;
}

static enum rc configure(struct db *db, struct cx *cx)
{
    struct lite *lite = db->native;
    sqlite3 *conn = lite->conn;
    int on = 0;
    sqlite3_extended_result_codes(conn, 1);
    sqlite3_busy_handler(conn, on_busy, lite);
    /* "A1" is a column name, never a text, as in PostgreSQL. */
    sqlite3_db_config(conn, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(conn, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(conn, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(conn, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
    TRY(pragmas(db, cx));
    sqlite3_db_config(conn, SQLITE_DBCONFIG_ENABLE_FKEY, -1, &on);
    if (!on)
        return db_fail(cx, RC_DB, "this SQLite has no foreign keys");
    if (db->role == DB_ROLE_READ)
        sqlite3_progress_handler(conn, LITE_PROGRESS_STEPS, on_progress, db);
    if (db->role == DB_ROLE_WRITE && !db->pool->options.single_thread)
        sqlite3_wal_hook(conn, on_wal, db);
    return RC_OK;
}

static void lite_close(struct db *db);

static enum rc lite_open(struct db *db, struct cx *cx)
{
    const char *path = db->pool->path;
    struct lite *lite = calloc(1, sizeof *lite);
    if (!lite)
        return db_fail(cx, RC_IO, "no memory");
    db->native = lite;
    lite->busy_wait_ms = DB_READER_WAIT_MS;
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE;
    if (db->pool->options.read_only)
        flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READONLY;
    else if (db->role == DB_ROLE_WRITE) {
        /* Made here so that nobody but the owner may read it; -wal and -shm follow its mode.
         * Only a file that is new is opened and closed: closing any descriptor of a database
         * drops all locks that this process's other connections hold on it (POSIX), and another
         * process that ends would then take itself for the last one and delete our -wal. */
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0 && errno != EEXIST) {
            enum rc rc = file_fail(cx, errno, path);
            free(lite);
            db->native = NULL;
            return rc;
        }
        if (fd >= 0)
            close(fd);
    }
    int code = sqlite3_open_v2(path, &lite->conn, flags, NULL);
    enum rc rc = RC_OK;
    if (code)
        rc = fail_f(cx, rc_of(code), _("The database %s cannot be opened."), path);
    if (!rc)
        rc = configure(db, cx);
    if (rc)
        lite_close(db);
    else if (db->role == DB_ROLE_WRITE)
        lite->busy_wait_ms = DB_LOCK_STEP_MS; /* the writer looks at deadlines in between */
    return rc;
}

static enum rc lite_revive(struct db *db, struct cx *cx)
{
    (void)db, (void)cx;
    return RC_OK;
}

/* ---- statements ---- */

static size_t bucket_of(const struct sql *key)
{
    return ((uintptr_t)key >> 4) * 0x9E3779B97F4A7C15u >> 56;
}

static void stmt_free(struct lite_stmt *s)
{
    sqlite3_finalize(s->stmt);
    free(s);
}

/* Drops the kept statement whose last use is longest ago. */
static void drop_oldest(struct lite *lite)
{
    struct lite_stmt **oldest = NULL;
    for (int i = 0; i < LITE_BUCKETS; i++) {
        for (struct lite_stmt **at = &lite->buckets[i]; *at; at = &(*at)->next) {
            if (!(*at)->open && (!oldest || (*at)->used < (*oldest)->used))
                oldest = at;
        }
    }
    if (!oldest)
        return;
    struct lite_stmt *s = *oldest;
    *oldest = s->next;
    stmt_free(s);
    lite->kept--;
}

static enum rc stmt_make(struct lite_stmt **out, struct db *db, struct cx *cx,
                         const struct sql *sql)
{
    struct lite *lite = db->native;
    size_t args = strlen(sql->args), cols = strlen(sql->cols);
    sqlite3_stmt *stmt;
    int code = sqlite3_prepare_v3(lite->conn, db_text_of(db, sql), -1,
                                  SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
    if (code)
        return lite_fail(db, cx, code, sql->name);
    int col_count = sqlite3_column_count(stmt), arg_count = sqlite3_bind_parameter_count(stmt);
    if ((cols > 0 && (size_t)col_count != cols) || (size_t)arg_count > args) {
        sqlite3_finalize(stmt);
        return db_fail(cx, RC_DB, "sql=%s has %d columns and %d arguments", sql->name,
                       col_count, arg_count);
    }
    struct lite_stmt *s = calloc(1, sizeof *s + args * sizeof s->index[0]);
    if (!s) {
        sqlite3_finalize(stmt);
        return db_fail(cx, RC_IO, "no memory");
    }
    s->key = sql;
    s->stmt = stmt;
    for (size_t i = 0; i < args; i++) {
        char name[32];
        snprintf(name, sizeof name, "$%zu", i + 1);
        s->index[i] = sqlite3_bind_parameter_index(stmt, name);
    }
    *out = s;
    return RC_OK;
}

/* The kept statement, or a fresh one when it is open already (a loop within a loop) or not to
 * be kept. */
static enum rc stmt_get(struct lite_stmt **out, struct db *db, struct cx *cx,
                        const struct sql *sql)
{
    struct lite *lite = db->native;
    struct lite_stmt **bucket = &lite->buckets[bucket_of(sql)];
    bool is_transient = db_is_transient(sql);
    for (struct lite_stmt *s = *bucket; s && !is_transient; s = s->next) {
        if (s->key == sql) {
            *out = s;
            if (!s->open)
                return RC_OK;
            is_transient = true;
        }
    }
    struct lite_stmt *made = NULL;
    TRY(stmt_make(&made, db, cx, sql));
    assert(made);
    *out = made;
    if (is_transient)
        return RC_OK;
    if (lite->kept >= LITE_KEPT_MAX)
        drop_oldest(lite);
    made->kept = true;
    made->next = *bucket;
    *bucket = made;
    lite->kept++;
    return RC_OK;
}

static enum rc lite_check(struct db *db, struct cx *cx, const struct sql *sql)
{
    struct lite_stmt *s = NULL;
    TRY(stmt_make(&s, db, cx, sql));
    assert(s);
    stmt_free(s);
    return RC_OK;
}

static void stmt_open(struct lite *lite, struct lite_stmt *s)
{
    s->open = true;
    s->has_row = s->ended = false;
    s->changed = 0;
    s->used = ++lite->tick;
    s->open_next = lite->open;
    s->open_link = &lite->open;
    if (lite->open)
        lite->open->open_link = &s->open_next;
    lite->open = s;
}

static void stmt_close(struct lite_stmt *s)
{
    *s->open_link = s->open_next;
    if (s->open_next)
        s->open_next->open_link = s->open_link;
    s->open = false;
    if (!s->kept) {
        stmt_free(s);
        return;
    }
    sqlite3_reset(s->stmt);
    sqlite3_clear_bindings(s->stmt);
}

static int bind(struct lite_stmt *s, const struct db_arg *args, size_t arg_count,
                enum db_mode mode)
{
    /* A stream may outlive the caller's buffers. */
    sqlite3_destructor_type life = mode == DB_MODE_STREAM ? SQLITE_TRANSIENT : SQLITE_STATIC;
    int code = SQLITE_OK;
    for (size_t i = 0; i < arg_count && !code; i++) {
        const struct db_arg *a = &args[i];
        int at = s->index[i];
        if (at == 0)
            continue;
        switch (a->kind) {
        case DB_NULL:
            code = sqlite3_bind_null(s->stmt, at);
            break;
        case DB_I64:
            code = sqlite3_bind_int64(s->stmt, at, a->i);
            break;
        case DB_F64:
            code = sqlite3_bind_double(s->stmt, at, a->f);
            break;
        case DB_TEXT:
            code =
                sqlite3_bind_text64(s->stmt, at, a->len ? a->p : "", a->len, life, SQLITE_UTF8);
            break;
        case DB_BLOB:
            code = sqlite3_bind_blob64(s->stmt, at, a->len ? a->p : "", a->len, life);
            break;
        }
    }
    return code;
}

/* One step. False at the end and on failure. */
static bool step(struct db_rows *rows)
{
    struct lite_stmt *s = rows->handle;
    const struct lite *lite = rows->db->native;
    int code = sqlite3_step(s->stmt);
    if (code == SQLITE_ROW)
        return true;
    s->ended = true;
    if (code == SQLITE_DONE)
        s->changed = sqlite3_changes64(lite->conn);
    else
        rows->rc = lite_fail(rows->db, rows->cx, code, rows->sql->name);
    return false;
}

static void lite_finish(struct db_rows *rows)
{
    stmt_close(rows->handle);
    rows->handle = NULL;
}

static enum rc lite_start(struct db_rows *rows, const struct db_arg *args, size_t arg_count,
                          enum db_mode mode)
{
    struct lite_stmt *s = NULL;
    TRY(stmt_get(&s, rows->db, rows->cx, rows->sql));
    assert(s);
    stmt_open(rows->db->native, s);
    rows->handle = s;
    int code = bind(s, args, arg_count, mode);
    if (code)
        rows->rc = lite_fail(rows->db, rows->cx, code, rows->sql->name);
    else
        s->has_row = step(rows);
    if (rows->rc)
        lite_finish(rows);
    return rows->rc;
}

static bool lite_next(struct db_rows *rows)
{
    struct lite_stmt *s = rows->handle;
    if (s->has_row) {
        s->has_row = false;
        return true;
    }
    return !s->ended && step(rows);
}

static int64_t lite_changed(const struct db_rows *rows)
{
    const struct lite_stmt *s = rows->handle;
    return s->changed;
}

static void lite_finish_all(struct db *db)
{
    struct lite *lite = db->native;
    for (struct lite_stmt *s = lite->open, *next; s; s = next) {
        next = s->open_next;
        log_event(LOG_LEVEL_DEBUG, "db_left_open", "sql=%s", s->key->name);
        stmt_close(s);
    }
}

static void lite_close(struct db *db)
{
    struct lite *lite = db->native;
    lite_finish_all(db);
    for (int i = 0; i < LITE_BUCKETS; i++) {
        while (lite->buckets[i]) {
            struct lite_stmt *s = lite->buckets[i];
            lite->buckets[i] = s->next;
            stmt_free(s);
        }
    }
    sqlite3_close(lite->conn);
    free(lite);
    db->native = NULL;
}

/* ---- columns ---- */

static sqlite3_stmt *stmt_of(const struct db_rows *rows)
{
    const struct lite_stmt *s = rows->handle;
    return s->stmt;
}

static int64_t lite_i64(const struct db_rows *rows, int col)
{
    return sqlite3_column_int64(stmt_of(rows), col);
}

static double lite_f64(const struct db_rows *rows, int col)
{
    return sqlite3_column_double(stmt_of(rows), col);
}

static struct str lite_str(const struct db_rows *rows, int col)
{
    sqlite3_stmt *stmt = stmt_of(rows);
    if (sqlite3_column_type(stmt, col) == SQLITE_NULL)
        return (struct str){0, 0};
    const char *p = rows->sql->cols[col] == 'b' ? sqlite3_column_blob(stmt, col)
                                                : (const char *)sqlite3_column_text(stmt, col);
    return (struct str){p ? p : "", (size_t)sqlite3_column_bytes(stmt, col)};
}

static bool lite_null(const struct db_rows *rows, int col)
{
    return sqlite3_column_type(stmt_of(rows), col) == SQLITE_NULL;
}

/* ---- whole database ---- */

static void lite_rollback(struct db *db)
{
    struct lite *lite = db->native;
    lite_finish_all(db);
    if (!sqlite3_get_autocommit(lite->conn))
        (void)sqlite3_exec(lite->conn, "ROLLBACK", NULL, NULL, NULL);
}

static enum rc lite_script(struct db *db, struct cx *cx, const char *text)
{
    struct lite *lite = db->native;
    int code = sqlite3_exec(lite->conn, text, NULL, NULL, NULL);
    return code ? lite_fail(db, cx, code, "migration") : RC_OK;
}

static enum rc lite_backup(struct db *db, struct cx *cx, const char *path)
{
    struct lite *lite = db->native;
    sqlite3_stmt *stmt;
    int code = sqlite3_prepare_v2(lite->conn, "VACUUM INTO $1", -1, &stmt, NULL);
    if (!code)
        code = sqlite3_bind_text(stmt, 1, path, -1, SQLITE_STATIC);
    if (!code && sqlite3_step(stmt) != SQLITE_DONE)
        code = sqlite3_extended_errcode(lite->conn);
    enum rc rc = code ? lite_fail(db, cx, code, "backup") : RC_OK;
    sqlite3_finalize(stmt);
    TRY(rc);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || fchmod(fd, 0600) || fsync(fd))
        rc = file_fail(cx, errno, path);
    if (fd >= 0)
        close(fd);
    return rc ? rc : file_sync_dir(cx, file_dir(cx, path));
}

void db_lite_shorten_log(struct db *db)
{
    const struct lite *lite = db->native;
    /* Readers that still need the log only make this attempt fall short; the next one comes. */
    (void)sqlite3_wal_checkpoint_v2(lite->conn, NULL, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
}

const struct db_driver db_lite = {
    .is_pg = false,
    .open = lite_open,
    .close = lite_close,
    .revive = lite_revive,
    .check = lite_check,
    .start = lite_start,
    .next = lite_next,
    .finish = lite_finish,
    .changed = lite_changed,
    .finish_all = lite_finish_all,
    .i64 = lite_i64,
    .f64 = lite_f64,
    .str = lite_str,
    .null = lite_null,
    .rollback = lite_rollback,
    .script = lite_script,
    .backup = lite_backup,
};
