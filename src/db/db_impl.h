/* Inside of db/: the connection, the table of driver functions, the pool. Only files of this
 * room include it; db.h is what others may use. */
#ifndef DB_DB_IMPL_H
#define DB_DB_IMPL_H

#include "base/limits.h"
#include "db/db.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    DB_ARGS_MAX = 512,        /* arguments of one statement */
    DB_LOCK_STEP_MS = 250,    /* one try for SQLite's write lock */
    DB_WAIT_MS = 30 * 1000,   /* how long a closure without a deadline waits for its turn */
    DB_READER_WAIT_MS = 5000, /* how long db_attach waits for a free connection */
    DB_CHUNK_ALONE_MS = 400, /* longest bulk chunk when nobody waits: pages that many rows touch
                              * are written once instead of in every small commit */
    DB_BULK_WAIT_MS = 200,   /* longest that ordinary closures pass a bulk chunk */
    DB_WRITERS_PG = 4,       /* writer threads on PostgreSQL */
    DB_SHAPES_MAX = 512,     /* kept statements of db/filter.c */
    DB_WAL_PAGES_IDLE = 1000,  /* a checkpoint in an idle moment above this (4 MB) */
    DB_WAL_PAGES_BUSY = 16000, /* beside running writers above this (64 MB) */
    DB_WAL_PAGES_STOP = 65536, /* the writer itself, between two batches (256 MB) */
};

enum db_role { DB_ROLE_READ, DB_ROLE_WRITE, DB_ROLE_CHECKPOINT };
enum db_state { DB_STATE_IDLE, DB_STATE_READ, DB_STATE_WRITE };
/* How a statement's rows are wanted: all of a few at once, or one by one. */
enum db_mode { DB_MODE_ALL, DB_MODE_STREAM };

struct db_driver;

/* One connection; used by one thread at a time. */
struct db {
    const struct db_driver *driver;
    struct db_pool *pool;
    void *native; /* the driver's own */
    enum db_role role;
    enum db_state state;
    int depth;                /* open savepoints */
    bool aborted;             /* a statement failed since the innermost savepoint */
    bool lost;                /* the database ended the whole transaction by itself */
    bool again;               /* the transaction may succeed when it is run again */
    int64_t deadline_ms;      /* of the statement that runs; 0 = none */
    int64_t chunk_end_ms;     /* of a bulk chunk while others wait */
    int64_t chunk_last_ms;    /* of a bulk chunk in any case */
    struct db_writer *writer; /* whose connection this is; NULL for readers */
    struct db *next;          /* in the pool's list of idle readers */
};

struct db_driver {
    bool is_pg;
    enum rc (*open)(struct db *db, struct cx *cx);
    void (*close)(struct db *db);
    /* Makes a lost connection anew (PostgreSQL); RC_OK when nothing is wrong. */
    enum rc (*revive)(struct db *db, struct cx *cx);
    /* Prepares the statement and checks its columns. */
    enum rc (*check)(struct db *db, struct cx *cx, const struct sql *sql);
    /* Sets rows->handle and runs up to the first row. On failure nothing is left open. */
    enum rc (*start)(struct db_rows *rows, const struct db_arg *args, size_t arg_count,
                     enum db_mode mode);
    bool (*next)(struct db_rows *rows); /* false: end, or failure in rows->rc */
    void (*finish)(struct db_rows *rows);
    int64_t (*changed)(const struct db_rows *rows);
    /* Ends every statement that is still open on the connection. */
    void (*finish_all)(struct db *db);
    int64_t (*i64)(const struct db_rows *rows, int col);
    double (*f64)(const struct db_rows *rows, int col);
    struct str (*str)(const struct db_rows *rows, int col);
    bool (*null)(const struct db_rows *rows, int col);
    /* Ends whatever transaction there is without saying so when it fails. */
    void (*rollback)(struct db *db);
    /* One statement of a migration. */
    enum rc (*script)(struct db *db, struct cx *cx, const char *text);
    /* A consistent copy of the whole database at `path`, durable. */
    enum rc (*backup)(struct db *db, struct cx *cx, const char *path);
};
extern const struct db_driver db_lite, db_pg;

/* A closure that waits; lives on its caller's stack. */
struct db_job;
struct db_writer;

struct db_pool {
    const struct db_driver *driver;
    struct db_options options;
    char *url;  /* libpq URL, or the folder */
    char *path; /* SQLite's file */
    int reader_count_max;
    size_t batch_max;

    pthread_mutex_t lock; /* guards the readers and the shapes */
    pthread_cond_t reader_free;
    struct db *idle;
    int reader_count;
    struct sql *shapes[2 * DB_SHAPES_MAX]; /* open hash of db/filter.c's statements */
    int shape_count;

    struct db_writer *writers;
    int writer_count;
    pthread_mutex_t solo; /* single_thread: one closure at a time */

    pthread_mutex_t id_lock; /* guards the following */
    struct db *id_db; /* PostgreSQL: reserves blocks outside the closures' transactions */
    int64_t id_next, id_end; /* reserved and not yet handed out */
    int64_t id_second;       /* of the reservation */

    atomic_llong wal_pages;     /* SQLite: pages in the write-ahead log */
    atomic_llong last_write_ms; /* when the last batch ended */
    pthread_t checkpointer;
    bool has_checkpointer;
    pthread_mutex_t checkpoint_lock;
    pthread_cond_t checkpoint_wake;
    bool checkpoint_stop;
};

/* ---- db.c ---- */
/* As db_run and db_one, also while the transaction is aborted: begin, commit, savepoints. */
enum rc db_control(struct cx *cx, const struct sql *sql) MUST_USE;
/* The texts of failures that are nobody's data's fault. `rc` is RC_BUSY, RC_IO or RC_DB. */
enum rc db_fail(struct cx *cx, enum rc rc, const char *detail, ...)
    __attribute__((format(printf, 3, 4)));
/* Opens savepoint, runs, releases or undoes; whatever `fn` leaves open is closed. */
enum rc db_run_in_savepoint(struct cx *cx, db_write_fn fn, void *arg) MUST_USE;
/* The statement text for this connection. */
const char *db_text_of(const struct db *db, const struct sql *sql);
static inline bool db_is_transient(const struct sql *sql)
{
    return sql->name[0] == '~';
}

/* ---- db_pool.c ---- */
enum rc db_connection_open(struct db **out, struct cx *cx, enum db_role role) MUST_USE;
void db_connection_close(struct db *db);

/* ---- db_writer.c ---- */
enum rc db_writers_start(struct db_pool *pool, struct cx *cx) MUST_USE;
void db_writers_stop(struct db_pool *pool);

/* ---- db_lite.c ---- */
void db_checkpointer_start(struct db_pool *pool);
void db_checkpointer_stop(struct db_pool *pool);
void db_checkpointer_wake(struct db_pool *pool);
/* Between two batches on the writer's thread, when the log has grown too long. */
void db_lite_shorten_log(struct db *db);

#endif
