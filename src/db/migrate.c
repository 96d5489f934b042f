/* Brings the schema to a numbered state: each migration in one transaction, forward only, after
 * a backup. The files are src/db/migration/NNNN_what.sql (doc/tools.md). */
#include "db/db_impl.h"
#include "db/migration.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "db/db.sql.h"

#include <assert.h>

/* A lock no county can have: two servers that start at once must not both migrate. */
static const int64_t LOCK_MIGRATION = -1;

static enum rc version_read(int *number, struct cx *cx)
{
    struct db_rows rows;
    TRY(DB_ONE0(&rows, cx, &DB_HAS_SCHEMA));
    bool has_schema = row_i64(&rows, DB_HAS_SCHEMA_COUNT) > 0;
    TRY(db_done(&rows));
    int found = 0;
    if (has_schema) {
        TRY(DB_ONE0(&rows, cx, &DB_SCHEMA_VERSION));
        found = (int)row_i64(&rows, DB_SCHEMA_VERSION_NUMBER);
        TRY(db_done(&rows));
    }
    *number = found;
    return RC_OK;
}

enum rc db_version(int *number, struct cx *cx)
{
    if (cx->db)
        return version_read(number, cx);
    TRY(db_attach(cx));
    enum rc rc = version_read(number, cx);
    db_detach(cx);
    return rc;
}

/* ---- one migration ---- */

/* The next statement for this database, NUL-terminated in the arena, or NULL at the end. A
 * statement ends with ';' at the end of a line. */
static const char *statement_next(struct str *rest, bool *is_mine, struct cx *cx)
{
    bool is_pg = cx->db->driver->is_pg;
    struct buf text;
    buf_init(&text, cx->arena, 1024 * 1024);
    while (rest->p) {
        struct str line = str_cut(rest, '\n');
        struct str trimmed = str_trim(line);
        if (str_starts(line, STR("-- lite:")))
            *is_mine = !is_pg;
        else if (str_starts(line, STR("-- pg:")))
            *is_mine = is_pg;
        else if (str_starts(line, STR("-- both:")))
            *is_mine = true;
        if (!*is_mine || trimmed.len == 0 || str_starts(trimmed, STR("--")))
            continue;
        buf_str(&text, line);
        buf_char(&text, '\n');
        if (trimmed.p[trimmed.len - 1] == ';')
            break;
    }
    assert(buf_ok(&text));
    return text.len > 0 ? buf_view(&text).p : NULL;
}

static enum rc statements_run(struct cx *cx, const struct migration *m)
{
    struct str rest = str_of(m->text);
    const char *text;
    bool is_mine = true;
    for (int i = 1; (text = statement_next(&rest, &is_mine, cx)); i++) {
        enum rc rc = cx->db->driver->script(cx->db, cx, text);
        if (rc) {
            log_event(LOG_LEVEL_ERROR, "db_migration_failed", "name=%s statement=%d", m->name,
                      i);
            return rc == RC_CONFLICT ? db_fail(cx, RC_DB, "%s: conflict", m->name) : rc;
        }
    }
    return DB_RUN(cx, &DB_SCHEMA_ADD, V_I(m->number), V_T(m->name), V_I(time_now()));
}

static enum rc begin(struct cx *cx)
{
    struct db_rows rows;
    int64_t end_ms = cx->deadline_ms ? cx->deadline_ms : time_mono_ms() + DB_WAIT_MS;
    enum rc rc;
    while ((rc = db_control(cx, &DB_BEGIN_WRITE)) == RC_BUSY && time_mono_ms() < end_ms)
        err_clear(cx);
    TRY(rc);
    cx->db->state = DB_STATE_WRITE;
    TRY(DB_ONE(&rows, cx, &DB_LOCK_COUNTY, V_I(LOCK_MIGRATION)));
    return db_done(&rows);
}

static void rollback(struct cx *cx)
{
    struct db *db = cx->db;
    db->driver->rollback(db);
    db->state = DB_STATE_IDLE;
    db->aborted = db->lost = db->again = false;
}

/* Whether another process has run it meanwhile is asked under the lock. */
static enum rc run_if_missing(struct cx *cx, const struct migration *m)
{
    struct db_rows rows;
    TRY(DB_RUN0(cx, &DB_SCHEMA_CREATE));
    enum rc rc = DB_ONE(&rows, cx, &DB_SCHEMA_HAS, V_I(m->number));
    if (rc == RC_NOTFOUND)
        return statements_run(cx, m);
    return rc ? rc : db_done(&rows);
}

static enum rc migration_run(struct cx *cx, const struct migration *m)
{
    enum rc rc = begin(cx);
    if (!rc)
        rc = run_if_missing(cx, m);
    if (!rc)
        rc = db_control(cx, &DB_COMMIT);
    if (rc) {
        rollback(cx);
        return rc;
    }
    cx->db->state = DB_STATE_IDLE;
    log_event(LOG_LEVEL_DEBUG, "db_migrated", "name=%s", m->name);
    return RC_OK;
}

/* ---- backup ---- */

static enum rc backup_take(const char **out, struct cx *cx, int version)
{
    const char *no_backup = getenv("FUMIN_NO_BACKUP");
    bool is_pg = cx->db->driver->is_pg;
    const char *root = is_pg ? (cx->dir ? cx->dir : ".") : cx->pool->url;
    const char *dir = arena_printf(cx->arena, "%s/backup", root);
    const char *path =
        arena_printf(cx->arena, "%s/schema-%04d-%" PRId64 "-%" PRId64 ".%s", dir, version,
                     time_now(), time_mono_us() % 1000000, is_pg ? "dump" : "db");
    if (is_pg && no_backup && strcmp(no_backup, "1") == 0) {
        log_event(LOG_LEVEL_WARN, "db_no_backup", "version=%d", version);
        return RC_OK;
    }
    TRY(file_mkdir(cx, dir));
    TRY(cx->db->driver->backup(cx->db, cx, path));
    log_event(LOG_LEVEL_INFO, "db_backup", "version=%d", version);
    *out = path;
    return RC_OK;
}

/* ---- all of them ---- */

/* SQLite: tables are rebuilt with foreign keys off (a pragma that works only outside a
 * transaction), then all references are checked. */
static enum rc foreign_keys(struct cx *cx, bool on)
{
    struct db *db = cx->db;
    if (db->driver->is_pg)
        return RC_OK;
    return db->driver->script(db, cx,
                              on ? "PRAGMA foreign_keys=ON" : "PRAGMA foreign_keys=OFF");
}

static const struct sql FOREIGN_KEY_CHECK = {
    .name = "db_foreign_key_check",
    .lite = "PRAGMA foreign_key_check",
    .args = "",
    .cols = "titi",
};

static enum rc references_check(struct cx *cx)
{
    struct db_rows rows;
    if (cx->db->driver->is_pg)
        return RC_OK;
    enum rc rc = DB_ONE0(&rows, cx, &FOREIGN_KEY_CHECK);
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    struct str table = row_copy(&rows, 0);
    TRY(db_done(&rows));
    return db_fail(cx, RC_DB, "table %.*s has references to nothing", STR_ARG(table));
}

/* Sets done[i] for each migration the database has had. A number we do not know comes from a
 * newer program. */
static enum rc done_read(bool *done, struct cx *cx)
{
    struct db_rows rows;
    int unknown = 0;
    TRY(DB_SELECT0(&rows, cx, &DB_SCHEMA_LIST));
    while (db_next(&rows)) {
        int64_t number = row_i64(&rows, DB_SCHEMA_LIST_NUMBER);
        size_t i = 0;
        while (i < migration_count && migrations[i].number != number)
            i++;
        if (i < migration_count)
            done[i] = true;
        else
            unknown = (int)number;
    }
    TRY(db_done(&rows));
    if (unknown)
        return fail(cx, RC_INVALID,
                    _("This database was made by a newer Fumin. Please install the newest "
                      "version."),
                    "migration %d is unknown", unknown);
    return RC_OK;
}

/* Those missing, by number: a room may add one that lies between others' numbers. */
static enum rc migrate(const char **backup, struct cx *cx, int last)
{
    int version;
    size_t missing = 0;
    bool *done = arena_array(cx->arena, migration_count + 1, sizeof *done);
    assert(done);
    TRY(version_read(&version, cx));
    if (version > 0)
        TRY(done_read(done, cx));
    for (size_t i = 0; i < migration_count; i++)
        missing += !done[i] && migrations[i].number <= last;
    if (missing == 0)
        return RC_OK;
    if (version > 0 && backup)
        TRY(backup_take(backup, cx, version));
    TRY(foreign_keys(cx, false));
    enum rc rc = RC_OK;
    for (size_t i = 0; i < migration_count && !rc; i++) {
        if (!done[i] && migrations[i].number <= last)
            rc = migration_run(cx, &migrations[i]);
    }
    if (!rc && version > 0)
        rc = references_check(cx);
    if (!rc)
        log_event(LOG_LEVEL_INFO, "db_migrated", "count=%zu", missing);
    return rc ? rc : foreign_keys(cx, true);
}

/* On a connection of its own, so that the writer's keeps its settings. */
static enum rc migrate_apart(const char **backup, struct cx *cx, int last)
{
    struct db *before = cx->db, *own = NULL;
    TRY(db_connection_open(&own, cx, DB_ROLE_WRITE));
    cx->db = own;
    enum rc rc = migrate(backup, cx, last);
    cx->db = before;
    db_connection_close(own);
    return rc;
}

enum rc db_migrate(const char **backup, struct cx *cx)
{
    assert(cx->pool && !cx->pool->options.read_only);
    const char *path = NULL;
    TRY(migrate_apart(&path, cx, INT32_MAX));
    if (backup)
        *backup = path;
    return RC_OK;
}

enum rc db_migrate_to(struct cx *cx, int number)
{
    assert(cx->pool && !cx->pool->options.read_only);
    return migrate_apart(NULL, cx, number);
}
