/* Statements, rows, transactions and savepoints: checks the arguments, keeps the state of the
 * connection the same for both databases and hands over to the driver (db_lite.c, db_pg.c). */
#include "db/db_impl.h"

#include "base/log.h"
#include "base/text.h"
#include "base/utf8.h"
#include "db/db.sql.h"

#include <assert.h>
#include <math.h>

struct db_arg db_text_z(const char *z)
{
    return db_text(str_of(z));
}

struct db_arg db_text(struct str s)
{
    if (!s.p)
        return V_NULL;
    return (struct db_arg){.kind = DB_TEXT, .p = s.p, .len = s.len};
}

bool db_is_pg(const struct cx *cx)
{
    if (cx->db)
        return cx->db->driver->is_pg;
    return cx->pool && cx->pool->driver->is_pg;
}

const char *db_text_of(const struct db *db, const struct sql *sql)
{
    return db->driver->is_pg && sql->pg ? sql->pg : sql->lite;
}

enum rc db_fail(struct cx *cx, enum rc rc, const char *detail, ...)
{
    char text[400];
    va_list ap;
    va_start(ap, detail);
    vsnprintf(text, sizeof text, detail, ap);
    va_end(ap);
    if (rc == RC_BUSY)
        return fail(cx, rc, _("The database is busy. Please try again in a moment."), "%s",
                    text);
    log_event(LOG_LEVEL_ERROR, "db", "rc=%s detail=\"%s\"", rc_name(rc), text);
    if (rc == RC_IO)
        return fail(cx, rc,
                    _("Nothing was saved: the disk is full or does not work. Please tell the "
                      "administrator."),
                    "%s", text);
    return fail(cx, rc,
                _("The database could not do this. Please tell the administrator; the log says "
                  "why."),
                "%s", text);
}

/* Both databases shall take and refuse the same values: PostgreSQL refuses bad UTF-8 and NUL,
 * SQLite stores NaN as NULL. */
static enum rc args_check(struct cx *cx, const struct sql *sql, const struct db_arg *args,
                          size_t arg_count)
{
    assert(sql->args && strlen(sql->args) == arg_count && arg_count <= DB_ARGS_MAX);
    for (size_t i = 0; i < arg_count; i++) {
        switch (args[i].kind) {
        case DB_NULL:
            break;
        case DB_I64:
            assert(sql->args[i] == 'i');
            break;
        case DB_F64:
            assert(sql->args[i] == 'f');
            if (!isfinite(args[i].f))
                return db_fail(cx, RC_DB, "sql=%s arg=%zu not finite", sql->name, i + 1);
            break;
        case DB_TEXT:
            assert(sql->args[i] == 't');
            if (utf8_bad_at((struct str){args[i].p, args[i].len}) != args[i].len)
                return fail(cx, RC_INVALID,
                            _("A text holds characters that cannot be stored (broken UTF-8)."),
                            "sql=%s arg=%zu", sql->name, i + 1);
            break;
        case DB_BLOB:
            assert(sql->args[i] == 'b');
            break;
        }
    }
    return RC_OK;
}

/* A failure inside a transaction ends it up to the innermost savepoint, as PostgreSQL has it.
 */
static enum rc note(struct db *db, enum rc rc)
{
    if (rc && db->state != DB_STATE_IDLE)
        db->aborted = true;
    return rc;
}

static enum rc rows_start(struct db_rows *rows, struct cx *cx, const struct sql *sql,
                          const struct db_arg *args, size_t arg_count)
{
    struct db *db = cx->db;
    assert(db && sql);
    *rows = (struct db_rows){.cx = cx, .db = db, .sql = sql};
    db->deadline_ms = db->role == DB_ROLE_READ ? cx->deadline_ms : 0;
    if (db->aborted)
        return db_fail(cx, RC_DB, "sql=%s after a failed statement without db_undo", sql->name);
    return note(db, args_check(cx, sql, args, arg_count));
}

enum rc db_select(struct db_rows *rows, struct cx *cx, const struct sql *sql,
                  const struct db_arg *args, size_t arg_count)
{
    TRY(rows_start(rows, cx, sql, args, arg_count));
    enum rc rc = rows->db->driver->start(rows, args, arg_count, DB_MODE_STREAM);
    return note(rows->db, rc);
}

bool db_next(struct db_rows *rows)
{
    if (!rows->handle || rows->rc)
        return false;
    if (!rows->db->driver->next(rows)) {
        note(rows->db, rows->rc);
        return false;
    }
    rows->at++;
    return true;
}

enum rc db_done(struct db_rows *rows)
{
    if (rows->handle)
        rows->db->driver->finish(rows);
    rows->handle = NULL;
    return rows->rc;
}

enum rc db_one(struct db_rows *rows, struct cx *cx, const struct sql *sql,
               const struct db_arg *args, size_t arg_count)
{
    TRY(rows_start(rows, cx, sql, args, arg_count));
    TRY(note(rows->db, rows->db->driver->start(rows, args, arg_count, DB_MODE_ALL)));
    if (db_next(rows))
        return RC_OK;
    enum rc rc = db_done(rows);
    return rc ? rc : RC_NOTFOUND;
}

static enum rc run(int64_t *changed, struct db_rows *rows, const struct db_arg *args,
                   size_t arg_count)
{
    TRY(rows->db->driver->start(rows, args, arg_count, DB_MODE_ALL));
    while (rows->db->driver->next(rows))
        ;
    enum rc rc = rows->rc;
    if (!rc && changed)
        *changed = rows->db->driver->changed(rows);
    rows->db->driver->finish(rows);
    return rc;
}

enum rc db_run_count(int64_t *changed, struct cx *cx, const struct sql *sql,
                     const struct db_arg *args, size_t arg_count)
{
    struct db_rows rows;
    TRY(rows_start(&rows, cx, sql, args, arg_count));
    return note(rows.db, run(changed, &rows, args, arg_count));
}

enum rc db_run(struct cx *cx, const struct sql *sql, const struct db_arg *args,
               size_t arg_count)
{
    return db_run_count(NULL, cx, sql, args, arg_count);
}

enum rc db_control(struct cx *cx, const struct sql *sql)
{
    struct db_rows rows = {.cx = cx, .db = cx->db, .sql = sql};
    cx->db->deadline_ms = 0;
    return run(NULL, &rows, NULL, 0);
}

enum rc db_check(struct cx *cx, const struct sql *sql)
{
    assert(cx->db && cx->db->state == DB_STATE_IDLE);
    return cx->db->driver->check(cx->db, cx, sql);
}

/* ---- columns ---- */

static void check_col(const struct db_rows *rows, int col, char letter)
{
    assert(rows->handle && rows->at > 0 && col >= 0);
    assert((size_t)col < strlen(rows->sql->cols));
    char is = rows->sql->cols[col];
    assert(is == letter || (letter == 't' && is == 'b') || (letter == 'f' && is == 'i'));
    (void)is;
}

int64_t row_i64(const struct db_rows *rows, int col)
{
    check_col(rows, col, 'i');
    return rows->db->driver->i64(rows, col);
}

double row_f64(const struct db_rows *rows, int col)
{
    check_col(rows, col, 'f');
    return rows->db->driver->f64(rows, col);
}

struct str row_str(const struct db_rows *rows, int col)
{
    check_col(rows, col, 't');
    return rows->db->driver->str(rows, col);
}

struct str row_copy(const struct db_rows *rows, int col)
{
    struct str s = row_str(rows, col);
    return s.p ? arena_str(rows->cx->arena, s) : s;
}

bool row_null(const struct db_rows *rows, int col)
{
    assert(rows->handle && rows->at > 0 && (size_t)col < strlen(rows->sql->cols));
    return rows->db->driver->null(rows, col);
}

/* ---- transactions ---- */

enum rc db_read_begin(struct cx *cx)
{
    struct db *db = cx->db;
    assert(db && db->role == DB_ROLE_READ && db->state == DB_STATE_IDLE);
    TRY(db->driver->revive(db, cx));
    TRY(db_control(cx, &DB_BEGIN_READ));
    db->state = DB_STATE_READ;
    db->aborted = db->lost = db->again = false;
    return RC_OK;
}

void db_read_end(struct cx *cx)
{
    struct db *db = cx->db;
    if (!db || db->state != DB_STATE_READ)
        return;
    /* Nothing was written: when the end itself fails, the connection is lost and made anew. */
    db->driver->rollback(db);
    db->state = DB_STATE_IDLE;
    db->aborted = db->lost = db->again = false;
}

enum rc db_savepoint(struct cx *cx)
{
    struct db *db = cx->db;
    assert(db && db->state == DB_STATE_WRITE);
    if (db->aborted)
        return db_fail(cx, RC_DB, "savepoint after a failed statement without db_undo");
    TRY(note(db, db_control(cx, &DB_SAVEPOINT_SET)));
    db->depth++;
    return RC_OK;
}

enum rc db_release(struct cx *cx)
{
    struct db *db = cx->db;
    assert(db && db->state == DB_STATE_WRITE && db->depth > 0);
    if (db->aborted)
        return db_fail(cx, RC_DB, "release after a failed statement without db_undo");
    TRY(note(db, db_control(cx, &DB_SAVEPOINT_KEEP)));
    db->depth--;
    return RC_OK;
}

enum rc db_undo(struct cx *cx)
{
    struct db *db = cx->db;
    assert(db && db->state == DB_STATE_WRITE && db->depth > 0);
    db->depth--;
    if (db->lost)
        return db_fail(cx, RC_BUSY, "undo: the transaction is lost");
    TRY(note(db, db_control(cx, &DB_SAVEPOINT_UNDO)));
    TRY(note(db, db_control(cx, &DB_SAVEPOINT_KEEP)));
    db->aborted = false;
    return RC_OK;
}

enum rc db_run_in_savepoint(struct cx *cx, db_write_fn fn, void *arg)
{
    struct db *db = cx->db;
    int depth = db->depth;
    TRY(db_savepoint(cx));
    enum rc rc = fn(cx, arg);
    if (!rc && db->aborted)
        rc = db_fail(cx, RC_DB, "a closure went on after a failed statement");
    if (!rc && db->depth != depth + 1)
        rc = db_fail(cx, RC_DB, "a closure left a savepoint open");
    if (depth == 0)
        db->driver->finish_all(db);
    if (!rc)
        rc = db_release(cx);
    while (db->depth > depth && rc) {
        enum rc undo_rc = db_undo(cx);
        if (undo_rc && !db->lost)
            db->lost = true; /* cannot be undone alone: the batch is run again without it */
    }
    return rc;
}
