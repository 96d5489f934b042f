/* One SQL layer over SQLite and PostgreSQL. Statements come from `.sql` files through
 * tools/sqlc and are prepared once per connection. The connection is cx->db.
 * It does not build SQL (db/filter.h does) and knows no table.
 * Read first: shared rules in doc/tools.md (sqlc) and src/db/README.md. */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/cx.h"

/* One named statement, made by sqlc. `pg` is NULL where the text is common. `args` and `cols`
 * are one letter each: i i64, f f64, t text, b blob. */
struct sql {
    const char *name;
    const char *lite;
    const char *pg;
    const char *args;
    const char *cols;
};

enum db_arg_kind { DB_NULL, DB_I64, DB_F64, DB_TEXT, DB_BLOB };
struct db_arg {
    enum db_arg_kind kind;
    int64_t i;
    double f;
    const void *p;
    size_t len;
};
#define V_I(x) ((struct db_arg){.kind = DB_I64, .i = (int64_t)(x)})
#define V_F(x) ((struct db_arg){.kind = DB_F64, .f = (double)(x)})
/* NUL-terminated text; NULL becomes SQL NULL. */
#define V_T(z) db_text_z(z)
/* struct str; p == NULL becomes SQL NULL. */
#define V_S(s)      db_text(s)
#define V_B(ptr, n) ((struct db_arg){.kind = DB_BLOB, .p = (ptr), .len = (n)})
#define V_NULL      ((struct db_arg){.kind = DB_NULL})
struct db_arg db_text_z(const char *z);
struct db_arg db_text(struct str s);

/* Runs a statement. Number and kinds of arguments are asserted against it.
 * RC_CONFLICT on a unique, foreign key or check violation (no err text is set: the caller
 * knows what it means), RC_BUSY, RC_IO (disk full), RC_DB. */
#define DB_RUN(cx, sql, ...) DB_CALL_(db_run, cx, sql, __VA_ARGS__)
/* As DB_RUN and gives the number of changed rows. */
#define DB_RUN_COUNT(out, cx, sql, ...)                                                        \
    db_run_count((out), (cx), (sql), (const struct db_arg[]){__VA_ARGS__},                     \
                 sizeof((const struct db_arg[]){__VA_ARGS__}) / sizeof(struct db_arg))
#define DB_CALL_(fn, cx, sql, ...)                                                             \
    fn((cx), (sql), (const struct db_arg[]){__VA_ARGS__},                                      \
       sizeof((const struct db_arg[]){__VA_ARGS__}) / sizeof(struct db_arg))
/* A statement without arguments: DB_RUN0(cx, &X). */
#define DB_RUN0(cx, sql) db_run((cx), (sql), NULL, 0)

enum rc db_run(struct cx *cx, const struct sql *sql, const struct db_arg *args,
               size_t arg_count) MUST_USE;
enum rc db_run_count(int64_t *changed, struct cx *cx, const struct sql *sql,
                     const struct db_arg *args, size_t arg_count) MUST_USE;

/* Rows of a SELECT or RETURNING, streamed:
 *     struct db_rows rows;
 *     TRY(DB_SELECT(&rows, cx, &PERSON_LIST, V_I(county)));
 *     while (db_next(&rows))
 *         use(row_i64(&rows, PERSON_LIST_ID));
 *     TRY(db_done(&rows));
 * A failure while stepping ends the loop and is returned by db_done, which must be called. */
struct db_rows {
    struct cx *cx;
    struct db *db;
    const struct sql *sql;
    void *handle;
    int64_t at; /* rows delivered so far */
    enum rc rc;
    int state;
};
#define DB_SELECT(rows, cx, sql, ...)                                                          \
    db_select((rows), (cx), (sql), (const struct db_arg[]){__VA_ARGS__},                       \
              sizeof((const struct db_arg[]){__VA_ARGS__}) / sizeof(struct db_arg))
#define DB_SELECT0(rows, cx, sql) db_select((rows), (cx), (sql), NULL, 0)
enum rc db_select(struct db_rows *rows, struct cx *cx, const struct sql *sql,
                  const struct db_arg *args, size_t arg_count) MUST_USE;
bool db_next(struct db_rows *rows);
enum rc db_done(struct db_rows *rows);
/* Selects and steps to the first row; RC_NOTFOUND when there is none (then nothing to close,
 * no err text). On RC_OK read the columns, then call db_done. */
#define DB_ONE(rows, cx, sql, ...)                                                             \
    db_one((rows), (cx), (sql), (const struct db_arg[]){__VA_ARGS__},                          \
           sizeof((const struct db_arg[]){__VA_ARGS__}) / sizeof(struct db_arg))
#define DB_ONE0(rows, cx, sql) db_one((rows), (cx), (sql), NULL, 0)
enum rc db_one(struct db_rows *rows, struct cx *cx, const struct sql *sql,
               const struct db_arg *args, size_t arg_count) MUST_USE;

/* Columns of the present row. Text and blobs live until the next db_next/db_done, copy with
 * row_copy (into cx->arena). A NULL reads as 0, 0.0 or the empty str (p == NULL). */
int64_t row_i64(const struct db_rows *rows, int col);
double row_f64(const struct db_rows *rows, int col);
struct str row_str(const struct db_rows *rows, int col); /* text or blob */
struct str row_copy(const struct db_rows *rows, int col);
bool row_null(const struct db_rows *rows, int col);

/* ---- statements made at run time: only profile/ (its tables) and db/filter, rule/ ---- */
/* A statement whose text lives as long as the pool (e.g. built once from the profile): cached
 * by the address of the struct sql, exactly as generated ones. A statement that does not live
 * so long must have a name that begins with '~': it is prepared for this one use. */

/* Prepares the statement without running it: RC_DB when this database refuses it, or when the
 * number of columns or (PostgreSQL) their types are not the declared ones. For tests. */
enum rc db_check(struct cx *cx, const struct sql *sql) MUST_USE;

/* ---- transactions ---- */
/* A read transaction: one consistent state for a page. Request and command code only. */
enum rc db_read_begin(struct cx *cx) MUST_USE;
void db_read_end(struct cx *cx);
/* Savepoints inside a write closure, for work that is expected to fail in part. A statement
 * that fails (a conflict too) leaves the closure unable to go on until db_undo, on both
 * databases: further statements are RC_DB, and a closure that returns RC_OK all the same is
 * undone with RC_DB. What a closure leaves open when it returns is closed for it. */
enum rc db_savepoint(struct cx *cx) MUST_USE;
enum rc db_release(struct cx *cx) MUST_USE;
enum rc db_undo(struct cx *cx) MUST_USE; /* back to the savepoint, which ends */

/* ---- writing ---- */
/* The closure runs on a writer's thread, with its own cx (arena, language, actor and now_at
 * copied from the caller's; db = writer's connection) inside a savepoint. What it returns
 * becomes db_write's result; a failure undoes only this closure. It must be quick (parse and
 * validate before), call nothing outside the database, and be safe to run twice: on a lost
 * connection or serialisation failure the whole batch is undone and run again. `arg` is
 * the caller's memory, shared while the caller waits. */
typedef enum rc (*db_write_fn)(struct cx *cx, void *arg);
/* Queues the closure to the writer of `county` (0: the office as a whole) and waits until it
 * is durably committed. RC_BUSY when the queue is full. On failure the closure's err is
 * copied into cx->err. Called inside a write closure it runs at once, in a savepoint. */
enum rc db_write(struct cx *cx, int64_t county, db_write_fn fn, void *arg) MUST_USE;
/* As db_write, for the chunks of long imports: a queue of its own that waits while ordinary
 * closures are there (at most 200 ms), one chunk per commit. The chunk does as much as it can
 * while db_chunk_left_ms(cx) > 0, leaves in `arg` where it stopped, and is called for the next
 * chunk by its owner; it must do at least one step. */
enum rc db_write_bulk(struct cx *cx, int64_t county, db_write_fn fn, void *arg) MUST_USE;
/* Milliseconds left of the 20 ms this closure may use, or of 400 ms while no ordinary closure
 * waits; 0 when they are over. */
int64_t db_chunk_left_ms(const struct cx *cx);

/* ---- pool ---- */
struct db_options {
    const char *url;      /* folder path: SQLite file DIR/fumin.db; "postgresql://…": libpq */
    int reader_count_max; /* connections for reading; 0 = 8 */
    bool read_only;       /* fumin verify, export on a copy */
    bool single_thread;   /* commands: db_write runs the closure in the calling thread */
    int batch_max;        /* closures in one commit; 0 = LIMIT_WRITE_BATCH (bench: 1) */
};
enum rc db_open(struct db_pool **out, struct cx *cx, const struct db_options *options) MUST_USE;
void db_close(struct db_pool *pool);
/* Lends a reading connection to cx (cx->db); each worker thread has its own. */
enum rc db_attach(struct cx *cx) MUST_USE;
void db_detach(struct cx *cx);
bool db_is_pg(const struct cx *cx);

/* Brings the schema to the newest migration. When the database is not empty, a backup is
 * taken first (SQLite: VACUUM INTO DIR/backup/…; PostgreSQL: pg_dump when available, else
 * refused unless FUMIN_NO_BACKUP=1) and its path returned in *backup (NULL: none needed). */
enum rc db_migrate(const char **backup, struct cx *cx) MUST_USE;
/* For tests: migrate up to and with `number` only. */
enum rc db_migrate_to(struct cx *cx, int number) MUST_USE;
enum rc db_version(int *number, struct cx *cx) MUST_USE;

/* A block of `count` (1 to 1,000,000) consecutive ids: time-ordered, unique in the database,
 * below 2^53, never handed out twice. From a write closure only (kept in the table `id_block`).
 * An id is seconds since 2020-01-01 shifted left by 21 bits plus a number within the second;
 * see ids.c. */
enum rc db_ids(int64_t *first, struct cx *cx, int64_t count) MUST_USE;

/* Figures for the status page and bench: commits, closures, largest batch, queue length. */
struct db_figures {
    int64_t commits, closures, batch_max, queue_length, retries;
};
struct db_figures db_figures_get(const struct db_pool *pool);

#endif
