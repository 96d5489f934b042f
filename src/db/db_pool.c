/* The pool: which database, its reading connections, its figures; for SQLite also the thread
 * that moves the write-ahead log into the file in idle moments. */
#include "db/db_impl.h"

#include "base/log.h"
#include "base/text.h"
#include "base/time.h"

#include <assert.h>
#include <errno.h>
#include <sqlite3.h>

enum rc db_connection_open(struct db **out, struct cx *cx, enum db_role role)
{
    struct db_pool *pool = cx->pool;
    struct db *db = calloc(1, sizeof *db);
    if (!db)
        return db_fail(cx, RC_IO, "no memory");
    db->driver = pool->driver;
    db->pool = pool;
    db->role = role;
    enum rc rc = db->driver->open(db, cx);
    if (rc) {
        free(db);
        return rc;
    }
    *out = db;
    return RC_OK;
}

void db_connection_close(struct db *db)
{
    if (!db)
        return;
    db->driver->close(db);
    free(db);
}

static void cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
}

static struct timespec mono_at(int64_t ms)
{
    return (struct timespec){ms / 1000, ms % 1000 * 1000000};
}

static bool is_pg_url(const char *url)
{
    struct str s = str_of(url);
    return str_starts(s, STR("postgresql://")) || str_starts(s, STR("postgres://"));
}

static struct db_pool *pool_new(const struct db_options *options)
{
    struct db_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        abort();
    pool->options = *options;
    pool->url = strdup(options->url);
    if (!pool->url || asprintf(&pool->path, "%s/fumin.db", options->url) < 0)
        abort();
    pool->options.url = pool->url;
    pool->driver = is_pg_url(options->url) ? &db_pg : &db_lite;
    pool->reader_count_max = options->reader_count_max > 0 ? options->reader_count_max : 8;
    pool->batch_max = LIMIT_WRITE_BATCH;
    if (options->batch_max > 0 && options->batch_max < LIMIT_WRITE_BATCH)
        pool->batch_max = (size_t)options->batch_max;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_mutex_init(&pool->solo, NULL);
    pthread_mutex_init(&pool->id_lock, NULL);
    pthread_mutex_init(&pool->checkpoint_lock, NULL);
    cond_init(&pool->reader_free);
    cond_init(&pool->checkpoint_wake);
    return pool;
}

enum rc db_open(struct db_pool **out, struct cx *cx, const struct db_options *options)
{
    assert(options->url);
    struct db_pool *pool = pool_new(options), *before = cx->pool;
    struct db *db = NULL;
    cx->pool = pool;
    /* The first connection makes the file, and tells at once whether the address is right. */
    enum rc rc = db_connection_open(&db, cx, options->read_only ? DB_ROLE_READ : DB_ROLE_WRITE);
    db_connection_close(db);
    if (!rc && !options->read_only)
        rc = db_writers_start(pool, cx);
    cx->pool = before;
    if (rc) {
        db_close(pool);
        return rc;
    }
    if (!pool->driver->is_pg && !options->read_only && !options->single_thread)
        db_checkpointer_start(pool);
    *out = pool;
    return RC_OK;
}

void db_close(struct db_pool *pool)
{
    if (!pool)
        return;
    db_writers_stop(pool);
    db_checkpointer_stop(pool);
    while (pool->idle) {
        struct db *db = pool->idle;
        pool->idle = db->next;
        db_connection_close(db);
        pool->reader_count--;
    }
    assert(pool->reader_count == 0); /* every db_attach has had its db_detach */
    db_connection_close(pool->id_db);
    for (size_t i = 0; i < 2 * DB_SHAPES_MAX; i++)
        free(pool->shapes[i]);
    pthread_mutex_destroy(&pool->lock);
    pthread_mutex_destroy(&pool->solo);
    pthread_mutex_destroy(&pool->id_lock);
    pthread_mutex_destroy(&pool->checkpoint_lock);
    pthread_cond_destroy(&pool->reader_free);
    pthread_cond_destroy(&pool->checkpoint_wake);
    free(pool->url);
    free(pool->path);
    free(pool);
}

/* An idle connection, or NULL with *may_open when one more may be made. The lock is held. */
static struct db *take_idle(struct db_pool *pool, bool *may_open)
{
    struct db *db = pool->idle;
    *may_open = !db && pool->reader_count < pool->reader_count_max;
    if (db)
        pool->idle = db->next;
    pool->reader_count += *may_open;
    return db;
}

enum rc db_attach(struct cx *cx)
{
    struct db_pool *pool = cx->pool;
    assert(pool && !cx->db);
    int64_t end_ms = cx->deadline_ms ? cx->deadline_ms : time_mono_ms() + DB_READER_WAIT_MS;
    struct timespec end = mono_at(end_ms);
    bool may_open = false;
    struct db *db;
    pthread_mutex_lock(&pool->lock);
    while (!(db = take_idle(pool, &may_open)) && !may_open) {
        if (pthread_cond_timedwait(&pool->reader_free, &pool->lock, &end) == ETIMEDOUT)
            break;
    }
    pthread_mutex_unlock(&pool->lock);
    if (!db && !may_open)
        return db_fail(cx, RC_BUSY, "all %d reading connections are lent",
                       pool->reader_count_max);
    if (may_open) {
        enum rc rc = db_connection_open(&db, cx, DB_ROLE_READ);
        if (rc) {
            pthread_mutex_lock(&pool->lock);
            pool->reader_count--;
            pthread_cond_signal(&pool->reader_free);
            pthread_mutex_unlock(&pool->lock);
            return rc;
        }
    }
    db->next = NULL;
    cx->db = db;
    return RC_OK;
}

void db_detach(struct cx *cx)
{
    struct db *db = cx->db;
    if (!db)
        return;
    assert(db->role == DB_ROLE_READ);
    struct db_pool *pool = db->pool;
    db_read_end(cx);
    db->driver->finish_all(db);
    cx->db = NULL;
    pthread_mutex_lock(&pool->lock);
    db->next = pool->idle;
    pool->idle = db;
    pthread_cond_signal(&pool->reader_free);
    pthread_mutex_unlock(&pool->lock);
}

/* ---- the checkpointer: SQLite only ---- */

/* Whether now is the moment: an idle one, or the log has grown long beside running writers. */
static bool is_due(struct db_pool *pool)
{
    int64_t pages = atomic_load_explicit(&pool->wal_pages, memory_order_relaxed);
    int64_t quiet_ms =
        time_mono_ms() - atomic_load_explicit(&pool->last_write_ms, memory_order_relaxed);
    return pages > DB_WAL_PAGES_BUSY || (pages > DB_WAL_PAGES_IDLE && quiet_ms > 50) ||
           (pages > 0 && quiet_ms > 2000);
}

static void checkpoint_once(struct db_pool *pool, sqlite3 *conn)
{
    int log_pages = 0, moved = 0;
    int code =
        sqlite3_wal_checkpoint_v2(conn, NULL, SQLITE_CHECKPOINT_PASSIVE, &log_pages, &moved);
    if (code && code != SQLITE_BUSY)
        log_event(LOG_LEVEL_WARN, "db_checkpoint", "code=%d detail=\"%s\"", code,
                  sqlite3_errmsg(conn));
    /* The writer's next commit says how long the log is then. */
    if (!code && moved == log_pages)
        atomic_store_explicit(&pool->wal_pages, 0, memory_order_relaxed);
}

static void *checkpointer_main(void *arg)
{
    struct db_pool *pool = arg;
    sqlite3 *conn = NULL;
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE;
    if (sqlite3_open_v2(pool->path, &conn, flags, NULL) ||
        sqlite3_exec(conn, "PRAGMA cache_size=-500; PRAGMA synchronous=FULL", NULL, NULL, NULL))
        log_event(LOG_LEVEL_ERROR, "db_checkpoint", "detail=\"no connection\"");
    pthread_mutex_lock(&pool->checkpoint_lock);
    while (!pool->checkpoint_stop) {
        struct timespec until = mono_at(time_mono_ms() + 100);
        bool has_pages = atomic_load_explicit(&pool->wal_pages, memory_order_relaxed) > 0;
        if (has_pages)
            (void)pthread_cond_timedwait(&pool->checkpoint_wake, &pool->checkpoint_lock,
                                         &until);
        else
            pthread_cond_wait(&pool->checkpoint_wake, &pool->checkpoint_lock);
        if (pool->checkpoint_stop || !is_due(pool))
            continue;
        pthread_mutex_unlock(&pool->checkpoint_lock);
        checkpoint_once(pool, conn);
        pthread_mutex_lock(&pool->checkpoint_lock);
    }
    pthread_mutex_unlock(&pool->checkpoint_lock);
    sqlite3_close(conn);
    return NULL;
}

void db_checkpointer_start(struct db_pool *pool)
{
    pool->has_checkpointer =
        pthread_create(&pool->checkpointer, NULL, checkpointer_main, pool) == 0;
}

void db_checkpointer_wake(struct db_pool *pool)
{
    pthread_mutex_lock(&pool->checkpoint_lock);
    pthread_cond_signal(&pool->checkpoint_wake);
    pthread_mutex_unlock(&pool->checkpoint_lock);
}

void db_checkpointer_stop(struct db_pool *pool)
{
    if (!pool->has_checkpointer)
        return;
    pthread_mutex_lock(&pool->checkpoint_lock);
    pool->checkpoint_stop = true;
    pthread_cond_signal(&pool->checkpoint_wake);
    pthread_mutex_unlock(&pool->checkpoint_lock);
    pthread_join(pool->checkpointer, NULL);
    pool->has_checkpointer = false;
}
