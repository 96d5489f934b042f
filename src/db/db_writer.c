/* The writer: one thread (PostgreSQL: several, a county always at the same one) takes the whole
 * queue, runs each closure in a savepoint, commits once, and only then answers anyone.
 * Source of the shape and its limits: domain/http.md, "Durable writes". */
#include "db/db_impl.h"

#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "db/db.sql.h"

#include <assert.h>
#include <errno.h>
#include <semaphore.h>

enum { RERUNS_MAX = 10, COURTESY_EVERY_MS = 100 };

struct db_job {
    struct db_job *next;
    const struct cx *caller;
    int64_t county, queued_ms, end_ms;
    db_write_fn fn;
    void *arg;
    enum rc rc;
    bool is_bulk;
    bool settled; /* rc is final; answered when the batch ends */
    sem_t done;
    struct err err;
};

struct queue {
    struct db_job *first, **last;
};

struct db_writer {
    struct db_pool *pool;
    struct db *db;
    struct arena *own, *closure; /* of the thread, and of the closure that runs */
    struct cx cx;                /* for begin, commit, rollback */
    char xid[32];                /* PostgreSQL: number of the running transaction */
    enum rc split_rc;            /* why the last batch was undone, with split_err */
    struct err split_err;
    int64_t batch_end_ms;

    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* guards the following */
    pthread_cond_t wake;
    struct queue ordinary, bulk;
    size_t queue_length;
    bool stop;
    struct db_figures figures;
};

/* ---- queue; the lock is held ---- */

static void queue_put(struct queue *q, struct db_job *job)
{
    job->next = NULL;
    *q->last = job;
    q->last = &job->next;
}

static struct db_job *queue_take(struct queue *q, struct db_job **at)
{
    struct db_job *job = *at;
    *at = job->next;
    if (!job->next)
        q->last = at;
    return job;
}

/* The next batch, in order of arrival; on PostgreSQL of one county only. Bulk chunks go alone,
 * when nobody else waits or the chunk has waited long enough. */
static size_t take_batch(struct db_writer *w, struct db_job **jobs)
{
    size_t count = 0;
    struct db_job *bulk = w->bulk.first;
    if (bulk && (!w->ordinary.first || time_mono_ms() - bulk->queued_ms > DB_BULK_WAIT_MS)) {
        jobs[count++] = queue_take(&w->bulk, &w->bulk.first);
    } else {
        int64_t county = w->ordinary.first->county;
        struct db_job **at = &w->ordinary.first;
        while (*at && count < w->pool->batch_max) {
            if (w->pool->driver->is_pg && (*at)->county != county)
                at = &(*at)->next;
            else
                jobs[count++] = queue_take(&w->ordinary, at);
        }
    }
    w->queue_length -= count;
    return count;
}

/* ---- one batch ---- */

static void settle(struct db_job *job, enum rc rc, const struct err *err)
{
    job->rc = rc;
    job->err = *err;
    job->settled = true;
}

/* Gives up closures whose caller's deadline has passed, or all of them. Returns how many
 * remain. */
static size_t settle_late(struct db_writer *w, struct db_job **jobs, size_t count, bool all)
{
    size_t left = 0;
    int64_t now_ms = time_mono_ms();
    for (size_t i = 0; i < count; i++) {
        if (jobs[i]->settled)
            continue;
        if (all || now_ms >= jobs[i]->end_ms) {
            struct cx *cx = &w->cx;
            err_clear(cx);
            settle(jobs[i],
                   fail(cx, RC_BUSY, _("The database is busy. Please try again in a moment."),
                        "deadline passed before the write's turn"),
                   &cx->err);
        } else {
            left++;
        }
    }
    return left;
}

static void settle_all(struct db_job **jobs, size_t count, enum rc rc, const struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!jobs[i]->settled)
            settle(jobs[i], rc, err);
    }
}

static void nap_ms(int64_t ms)
{
    struct timespec nap = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&nap, NULL);
}

static void rollback(struct db_writer *w)
{
    struct db *db = w->db;
    db->driver->rollback(db);
    db->state = DB_STATE_IDLE;
    db->depth = 0;
    db->aborted = db->lost = db->again = false;
}

static enum rc begin_once(struct db_writer *w, int64_t county)
{
    struct cx *cx = &w->cx;
    struct db *db = w->db;
    TRY(db->driver->revive(db, cx));
    TRY(db_control(cx, &DB_BEGIN_WRITE));
    db->state = DB_STATE_WRITE;
    db->depth = 0;
    db->aborted = db->lost = db->again = false;
    if (!db->driver->is_pg)
        return RC_OK;
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &DB_LOCK_COUNTY, V_I(county)));
    snprintf(w->xid, sizeof w->xid, "%.*s", STR_ARG(row_str(&rows, DB_LOCK_COUNTY_XID)));
    return db_done(&rows);
}

/* Begins, waiting for the lock as long as a closure has time. False: nothing is left to do. */
static bool begin(struct db_writer *w, struct db_job **jobs, size_t count)
{
    for (int64_t tries = 0; settle_late(w, jobs, count, false) > 0; tries++) {
        err_clear(&w->cx);
        enum rc rc = begin_once(w, jobs[0]->county);
        if (!rc)
            return true;
        rollback(w);
        if (rc != RC_BUSY) {
            settle_all(jobs, count, rc, &w->cx.err);
            return false;
        }
        if (w->pool->driver->is_pg)
            nap_ms(tries < 10 ? 20 : 200);
    }
    return false;
}

/* Runs one closure in its savepoint. Its answer stands only after the commit. */
static void job_run(struct db_writer *w, struct db_job *job)
{
    struct cx cx = *job->caller;
    cx.arena = w->closure;
    cx.db = w->db;
    err_clear(&cx);
    w->db->writer = w;
    w->db->chunk_end_ms = time_mono_ms() + LIMIT_WRITE_BATCH_MS;
    w->db->chunk_last_ms = w->db->chunk_end_ms - LIMIT_WRITE_BATCH_MS + DB_CHUNK_ALONE_MS;
    job->rc = db_run_in_savepoint(&cx, job->fn, job->arg);
    job->err = cx.err;
    arena_reset(w->closure);
}

/* After a COMMIT whose answer was lost: did it arrive? RC_OK: committed; RC_BUSY: it did not,
 * run again; anything else: nobody can tell. */
static enum rc commit_found(struct db_writer *w)
{
    struct cx *cx = &w->cx;
    int64_t end_ms = time_mono_ms() + DB_WAIT_MS;
    enum rc rc = RC_DB;
    while (time_mono_ms() < end_ms) {
        struct db_rows rows;
        err_clear(cx);
        rc = w->db->driver->revive(w->db, cx);
        if (!rc)
            rc = DB_ONE(&rows, cx, &DB_TRANSACTION_STATUS, V_T(w->xid));
        if (!rc) {
            struct str status = row_str(&rows, DB_TRANSACTION_STATUS_STATUS);
            bool is_committed = str_eq(status, STR("committed"));
            bool is_aborted = str_eq(status, STR("aborted"));
            (void)db_done(&rows);
            if (is_committed)
                return RC_OK;
            if (is_aborted)
                return RC_BUSY;
        }
        nap_ms(50);
    }
    return db_fail(cx, RC_DB, "commit of transaction %s: result unknown", w->xid);
}

static enum rc commit(struct db_writer *w)
{
    struct db *db = w->db;
    err_clear(&w->cx);
    enum rc rc = fault_hit("db.commit")
                     ? db_fail(&w->cx, RC_IO, "fault point db.commit errno=%d", errno)
                     : db_control(&w->cx, &DB_COMMIT);
    if (!rc) {
        db->state = DB_STATE_IDLE;
        return RC_OK;
    }
    if (!db->driver->is_pg || !db->lost)
        return rc;
    db->state = DB_STATE_IDLE;
    rc = commit_found(w);
    db->again = rc == RC_BUSY;
    return rc;
}

enum outcome { OUTCOME_DONE, OUTCOME_AGAIN, OUTCOME_SPLIT };

/* One transaction over the closures. What did not fit into the 20 ms stays unsettled. */
static enum outcome batch_once(struct db_writer *w, struct db_job **jobs, size_t count)
{
    struct db *db = w->db;
    size_t ran = 0;
    if (!begin(w, jobs, count))
        return OUTCOME_DONE;
    w->batch_end_ms = time_mono_ms() + LIMIT_WRITE_BATCH_MS;
    for (; ran < count && (ran == 0 || time_mono_ms() < w->batch_end_ms); ran++) {
        if (jobs[ran]->settled)
            continue;
        job_run(w, jobs[ran]);
        if (db->again || db->lost) {
            enum outcome outcome = db->again ? OUTCOME_AGAIN : OUTCOME_SPLIT;
            w->split_rc = jobs[ran]->rc ? jobs[ran]->rc : RC_IO;
            w->split_err = jobs[ran]->err;
            rollback(w);
            return outcome;
        }
    }
    enum rc rc = commit(w);
    if (rc) {
        bool again = db->again;
        w->split_rc = rc;
        w->split_err = w->cx.err;
        rollback(w);
        if (rc == RC_DB)
            settle_all(jobs, ran, rc, &w->split_err);
        return rc == RC_DB ? OUTCOME_DONE : again ? OUTCOME_AGAIN : OUTCOME_SPLIT;
    }
    int64_t closures = 0;
    for (size_t i = 0; i < ran; i++) {
        closures += !jobs[i]->settled;
        jobs[i]->settled = true;
    }
    pthread_mutex_lock(&w->lock);
    w->figures.commits++;
    w->figures.closures += closures;
    if (closures > w->figures.batch_max)
        w->figures.batch_max = closures;
    pthread_mutex_unlock(&w->lock);
    return OUTCOME_DONE;
}

static void count_retry(struct db_writer *w)
{
    pthread_mutex_lock(&w->lock);
    w->figures.retries++;
    pthread_mutex_unlock(&w->lock);
}

/* Until it is committed, or has failed in a way that running again cannot help. */
static enum outcome batch_try(struct db_writer *w, struct db_job **jobs, size_t count)
{
    for (int reruns = 0;; reruns++) {
        enum outcome outcome = batch_once(w, jobs, count);
        if (outcome != OUTCOME_AGAIN)
            return outcome;
        count_retry(w);
        if (settle_late(w, jobs, count, reruns >= RERUNS_MAX) == 0)
            return OUTCOME_DONE;
        nap_ms(1 + reruns * 7 % 20);
    }
}

/* The database undid everything (disk full, input/output error): each closure alone, so that
 * only those fail that cannot be done. Closures may run twice by contract. */
static void batch_split(struct db_writer *w, struct db_job **jobs, size_t count)
{
    count_retry(w);
    for (size_t i = 0; i < count; i++) {
        if (jobs[i]->settled)
            continue;
        if (batch_try(w, &jobs[i], 1) == OUTCOME_SPLIT)
            settle(jobs[i], w->split_rc, &w->split_err);
    }
}

/* Puts back, in order, what the batch did not get to. */
static void put_back(struct db_writer *w, struct db_job **jobs, size_t count)
{
    pthread_mutex_lock(&w->lock);
    for (size_t i = count; i-- > 0;) {
        struct db_job *job = jobs[i];
        if (job->settled)
            continue;
        if (!w->ordinary.first)
            w->ordinary.last = &job->next;
        job->next = w->ordinary.first;
        w->ordinary.first = job;
        w->queue_length++;
    }
    pthread_mutex_unlock(&w->lock);
}

static void batch_run(struct db_writer *w, struct db_job **jobs, size_t count)
{
    if (batch_try(w, jobs, count) == OUTCOME_SPLIT)
        batch_split(w, jobs, count);
    arena_reset(w->own);
}

/* ---- the thread ---- */

/* A busy server hands SQLite's lock to a command beside it for a moment; and the log must not
 * grow without end. */
static void between_batches(struct db_writer *w, int64_t *busy_since_ms, bool is_idle)
{
    struct db_pool *pool = w->pool;
    int64_t now_ms = time_mono_ms();
    atomic_store_explicit(&pool->last_write_ms, now_ms, memory_order_relaxed);
    if (pool->driver->is_pg)
        return;
    int64_t pages = atomic_load_explicit(&pool->wal_pages, memory_order_relaxed);
    if (pages > DB_WAL_PAGES_STOP)
        db_lite_shorten_log(w->db);
    if (is_idle || pages > DB_WAL_PAGES_BUSY)
        db_checkpointer_wake(pool);
    if (is_idle) {
        *busy_since_ms = now_ms;
    } else if (now_ms - *busy_since_ms > COURTESY_EVERY_MS) {
        struct timespec nap = {0, 600 * 1000};
        nanosleep(&nap, NULL);
        *busy_since_ms = now_ms;
    }
}

static void *writer_main(void *arg)
{
    struct db_writer *w = arg;
    struct db_job *jobs[LIMIT_WRITE_BATCH];
    int64_t busy_since_ms = time_mono_ms();
    for (;;) {
        pthread_mutex_lock(&w->lock);
        while (!w->ordinary.first && !w->bulk.first && !w->stop)
            pthread_cond_wait(&w->wake, &w->lock);
        if (!w->ordinary.first && !w->bulk.first) {
            pthread_mutex_unlock(&w->lock);
            return NULL;
        }
        size_t count = take_batch(w, jobs);
        pthread_mutex_unlock(&w->lock);
        batch_run(w, jobs, count);
        put_back(w, jobs, count);
        /* A caller's memory is gone as soon as it is answered. */
        for (size_t i = 0; i < count; i++) {
            if (jobs[i]->settled)
                sem_post(&jobs[i]->done);
        }
        pthread_mutex_lock(&w->lock);
        bool is_idle = !w->ordinary.first && !w->bulk.first;
        pthread_mutex_unlock(&w->lock);
        between_batches(w, &busy_since_ms, is_idle);
    }
}

static enum rc writer_open(struct db_writer *w, struct db_pool *pool, struct cx *cx)
{
    w->pool = pool;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, NULL);
    w->ordinary.last = &w->ordinary.first;
    w->bulk.last = &w->bulk.first;
    w->own = arena_open(LIMIT_REQUEST_ARENA);
    w->closure = arena_open(LIMIT_JOB_ARENA);
    cx_init(&w->cx, w->own);
    w->cx.pool = pool;
    TRY(db_connection_open(&w->db, cx, DB_ROLE_WRITE));
    w->cx.db = w->db;
    if (pool->options.single_thread)
        return RC_OK;
    w->has_thread = pthread_create(&w->thread, NULL, writer_main, w) == 0;
    return w->has_thread ? RC_OK : db_fail(cx, RC_IO, "no thread for the writer");
}

enum rc db_writers_start(struct db_pool *pool, struct cx *cx)
{
    int count = pool->driver->is_pg && !pool->options.single_thread ? DB_WRITERS_PG : 1;
    pool->writers = calloc((size_t)count, sizeof *pool->writers);
    if (!pool->writers)
        return db_fail(cx, RC_IO, "no memory");
    for (int i = 0; i < count; i++) {
        pool->writer_count++;
        TRY(writer_open(&pool->writers[i], pool, cx));
    }
    return RC_OK;
}

void db_writers_stop(struct db_pool *pool)
{
    for (int i = 0; i < pool->writer_count; i++) {
        struct db_writer *w = &pool->writers[i];
        pthread_mutex_lock(&w->lock);
        w->stop = true;
        pthread_cond_signal(&w->wake);
        pthread_mutex_unlock(&w->lock);
        if (w->has_thread)
            pthread_join(w->thread, NULL);
        db_connection_close(w->db);
        arena_free(w->own);
        arena_free(w->closure);
        pthread_mutex_destroy(&w->lock);
        pthread_cond_destroy(&w->wake);
    }
    free(pool->writers);
}

/* ---- callers ---- */

static enum rc write_queued(struct db_writer *w, struct cx *cx, struct db_job *job)
{
    pthread_mutex_lock(&w->lock);
    assert(!w->stop);
    bool is_full = w->queue_length >= LIMIT_WRITE_QUEUE;
    if (!is_full) {
        queue_put(job->is_bulk ? &w->bulk : &w->ordinary, job);
        w->queue_length++;
        pthread_cond_signal(&w->wake);
    }
    pthread_mutex_unlock(&w->lock);
    if (is_full)
        return db_fail(cx, RC_BUSY, "the write queue is full");
    while (sem_wait(&job->done))
        assert(errno == EINTR);
    return job->rc;
}

/* Commands: in the calling thread, a transaction of its own. */
static enum rc write_solo(struct db_writer *w, struct db_job *job)
{
    struct db_pool *pool = w->pool;
    pthread_mutex_lock(&pool->solo);
    batch_run(w, &job, 1);
    pthread_mutex_unlock(&pool->solo);
    /* A server beside an importing command waits for the lock in naps of 0.4 ms. */
    if (job->is_bulk && !pool->driver->is_pg)
        nap_ms(1);
    return job->rc;
}

static enum rc write_any(struct cx *cx, struct db_job *job)
{
    struct db_pool *pool = cx->pool;
    assert(pool && job->county >= 0);
    if (cx->db && cx->db->state == DB_STATE_WRITE)
        return db_run_in_savepoint(cx, job->fn, job->arg);
    if (pool->options.read_only)
        return fail(cx, RC_DENIED, _("This database was opened for reading only."),
                    "db_write on a read-only pool");
    job->caller = cx;
    job->queued_ms = time_mono_ms();
    job->end_ms = cx->deadline_ms ? cx->deadline_ms : job->queued_ms + DB_WAIT_MS;
    struct db_writer *w = &pool->writers[job->county % pool->writer_count];
    sem_init(&job->done, 0, 0);
    enum rc rc = pool->options.single_thread ? write_solo(w, job) : write_queued(w, cx, job);
    sem_destroy(&job->done);
    if (rc && job->err.rc)
        cx->err = job->err;
    return rc;
}

enum rc db_write(struct cx *cx, int64_t county, db_write_fn fn, void *arg)
{
    struct db_job job = {.county = county, .fn = fn, .arg = arg};
    return write_any(cx, &job);
}

enum rc db_write_bulk(struct cx *cx, int64_t county, db_write_fn fn, void *arg)
{
    struct db_job job = {.county = county, .fn = fn, .arg = arg, .is_bulk = true};
    return write_any(cx, &job);
}

static bool somebody_waits(struct db_writer *w)
{
    pthread_mutex_lock(&w->lock);
    bool waits = w->ordinary.first != NULL;
    pthread_mutex_unlock(&w->lock);
    return waits;
}

int64_t db_chunk_left_ms(const struct cx *cx)
{
    assert(cx->db && cx->db->state == DB_STATE_WRITE);
    const struct db *db = cx->db;
    int64_t now_ms = time_mono_ms();
    if (now_ms < db->chunk_end_ms)
        return db->chunk_end_ms - now_ms;
    if (now_ms >= db->chunk_last_ms || !db->writer || somebody_waits(db->writer))
        return 0;
    return db->chunk_last_ms - now_ms;
}

struct db_figures db_figures_get(const struct db_pool *pool)
{
    struct db_figures sum = {0};
    for (int i = 0; i < pool->writer_count; i++) {
        struct db_writer *w = &pool->writers[i];
        pthread_mutex_lock(&w->lock);
        sum.commits += w->figures.commits;
        sum.closures += w->figures.closures;
        sum.retries += w->figures.retries;
        if (w->figures.batch_max > sum.batch_max)
            sum.batch_max = w->figures.batch_max;
        sum.queue_length += (int64_t)w->queue_length;
        pthread_mutex_unlock(&w->lock);
    }
    return sum;
}
