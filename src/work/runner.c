/* The runner: threads that take due jobs, one that keeps their leases, buries dead servers and
 * adds jobs that come again, and the clocks (job_clock.c). Threads share the runner's list of
 * running jobs (its lock) and the atomics in struct running; nothing else. */
#include "base/limits.h"
#include "base/log.h"
#include "base/time.h"
#include "people/user.h"
#include "work/job.sql.h"
#include "work/job_inner.h"

#include <assert.h>
#include <unistd.h>

struct job_runner {
    struct cx cx; /* what every thread's context starts from */
    const struct job_kind *kinds;
    size_t kind_count;
    struct job_server server;
    pthread_mutex_t take_lock; /* one thread looks for a job at a time */
    pthread_mutex_t lock;      /* guards the following */
    struct running *slots[JOB_THREADS_MAX];
    bool beating[JOB_THREADS_MAX]; /* the beat thread uses the slot's job just now */
    pthread_cond_t beaten;
    atomic_bool stop;
    int thread_count;
    pthread_t threads[JOB_THREADS_MAX], beater;
    bool has_beater;
    struct job_clocks clocks;
    atomic_int next_slot;
};

static void thread_cx(struct cx *cx, const struct job_runner *r, size_t arena)
{
    *cx = r->cx;
    cx->arena = arena_open(arena);
    cx->db = NULL;
    cx->actor = NULL;
    cx->deadline_ms = 0;
    cx->now_at = time_now();
    err_clear(cx);
}

/* ---- taking ---- */

struct taking {
    const char *server;
    int64_t id, wall_at, turn_ms, changed, at;
};

static enum rc take_write(struct cx *cx, void *arg)
{
    struct taking *t = arg;
    return DB_RUN_COUNT(&t->changed, cx, &JOB_TAKE, V_I(t->id), V_I(t->wall_at), V_T(t->server),
                        V_I(t->wall_at + JOB_LEASE_S), V_I(t->turn_ms), V_I(t->at));
}

/* RC_NOTFOUND (no text): nothing is due. */
static enum rc find_due(int64_t *id, int64_t *county, struct cx *cx, int64_t wall_at)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &JOB_COUNTY_NEXT, V_I(wall_at)));
    *county = row_i64(&rows, JOB_COUNTY_NEXT_COUNTY);
    TRY(db_done(&rows));
    TRY(DB_ONE(&rows, cx, &JOB_DUE, V_I(*county), V_I(wall_at)));
    *id = row_i64(&rows, JOB_DUE_ID);
    return db_done(&rows);
}

static enum rc load_running(struct running *out, struct cx *cx, int64_t id, const char *server,
                            int64_t before_ms)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &JOB_GET_ROW, V_I(id));
    if (rc)
        return rc == RC_NOTFOUND ? RC_BUSY : rc;
    out->job = job_read(cx, &rows, &out->lang, &out->crashes);
    TRY(db_done(&rows));
    out->server = server;
    snprintf(out->unit, sizeof out->unit, "%s", out->job.unit);
    out->job.unit = out->unit;
    atomic_init(&out->stop, false);
    atomic_init(&out->cancel, out->job.cancel_wanted);
    atomic_init(&out->lost, false);
    atomic_init(&out->lease_ms, before_ms + JOB_LEASE_S * 1000);
    return RC_OK;
}

/* RC_OK: *out is ours. RC_NOTFOUND: nothing is due. RC_BUSY: somebody else was faster. */
static enum rc take(struct running *out, struct cx *cx, struct job_runner *r)
{
    int64_t id, county, wall_ms = job_wall_ms(), before_ms = time_mono_ms();
    TRY(find_due(&id, &county, cx, wall_ms / 1000));
    struct taking t = {.server = r->server.name,
                       .id = id,
                       .wall_at = wall_ms / 1000,
                       .turn_ms = wall_ms,
                       .at = time_now()};
    TRY(db_write(cx, county, take_write, &t));
    if (t.changed == 0)
        return RC_BUSY;
    return load_running(out, cx, id, r->server.name, before_ms);
}

static const struct job_kind *kind_of(const struct job_runner *r, const char *name)
{
    for (size_t i = 0; i < r->kind_count; i++) {
        if (strcmp(r->kinds[i].name, name) == 0)
            return &r->kinds[i];
    }
    return NULL;
}

/* ---- the list of running jobs ---- */

static void put_slot(struct job_runner *r, int slot, struct running *job)
{
    pthread_mutex_lock(&r->lock);
    while (r->beating[slot])
        pthread_cond_wait(&r->beaten, &r->lock);
    r->slots[slot] = job;
    if (job && atomic_load(&r->stop))
        atomic_store(&job->stop, true);
    pthread_mutex_unlock(&r->lock);
}

/* Runs a job that was taken: as its user, in the user's language. */
static void run_taken(struct cx *cx, struct job_runner *r, struct running *job)
{
    const struct actor *actor = NULL;
    cx->now_at = time_now();
    cx->lang = job->lang;
    enum rc rc = actor_of_user(&actor, cx, job->job.user_id);
    const struct job_kind *kind = kind_of(r, job->job.kind);
    cx->actor = actor;
    if (actor)
        cx->lang = actor->lang;
    if (rc == RC_DENIED || rc == RC_NOTFOUND)
        job->refused = rc;
    else
        err_clear(cx);
    (void)job_perform(cx, job, kind, true); /* written down with the job */
    cx->actor = NULL;
}

/* One round: RC_OK when a job was run, RC_NOTFOUND when there was none. */
static enum rc work_once(struct cx *cx, struct job_runner *r, int slot)
{
    TRY(db_attach(cx));
    struct running *job = arena_new(cx->arena, sizeof *job);
    pthread_mutex_lock(&r->take_lock);
    enum rc rc = atomic_load(&r->stop) ? RC_NOTFOUND : take(job, cx, r);
    pthread_mutex_unlock(&r->take_lock);
    if (rc == RC_OK) {
        put_slot(r, slot, job);
        run_taken(cx, r, job);
        put_slot(r, slot, NULL);
    }
    db_detach(cx);
    return rc;
}

static void *worker_main(void *arg)
{
    struct job_runner *r = arg;
    struct cx cx;
    thread_cx(&cx, r, LIMIT_JOB_ARENA);
    int slot = atomic_fetch_add(&r->next_slot, 1);
    while (!atomic_load(&r->stop)) {
        uint64_t mark = job_wake_mark();
        enum rc rc = work_once(&cx, r, slot);
        if (rc != RC_OK && rc != RC_NOTFOUND && rc != RC_BUSY)
            log_event(LOG_LEVEL_ERROR, "job.take_failed", "rc=%s detail=\"%s\"", rc_name(rc),
                      cx.err.detail);
        err_clear(&cx);
        arena_reset(cx.arena);
        if (rc != RC_OK && !atomic_load(&r->stop))
            job_wait(mark, rc == RC_BUSY ? 20 : JOB_POLL_MS);
    }
    arena_free(cx.arena);
    return NULL;
}

/* ---- the beat ---- */

static void beat_slot(struct cx *cx, struct job_runner *r, int slot)
{
    pthread_mutex_lock(&r->lock);
    struct running *job = r->slots[slot];
    r->beating[slot] = job != NULL;
    pthread_mutex_unlock(&r->lock);
    if (!job)
        return;
    enum rc rc = job_beat(cx, job);
    if (rc != RC_OK)
        log_event(LOG_LEVEL_WARN, "job.beat_failed", "job=%" PRId64 " rc=%s", job->job.id,
                  rc_name(rc));
    err_clear(cx);
    pthread_mutex_lock(&r->lock);
    r->beating[slot] = false;
    pthread_cond_broadcast(&r->beaten);
    pthread_mutex_unlock(&r->lock);
}

/* Everything that is not a job's own: failures are logged, the next round tries again. */
static void housekeep(struct cx *cx, struct job_runner *r)
{
    enum rc rc = db_attach(cx);
    if (rc == RC_OK)
        rc = job_server_bury(cx, &r->server);
    if (rc == RC_OK)
        rc = job_clock_tick(cx);
    if (cx->db)
        db_detach(cx);
    if (rc != RC_OK)
        log_event(LOG_LEVEL_WARN, "job.housekeeping_failed", "rc=%s detail=\"%s\"", rc_name(rc),
                  cx->err.detail);
    err_clear(cx);
}

static void *beater_main(void *arg)
{
    struct job_runner *r = arg;
    struct cx cx;
    thread_cx(&cx, r, LIMIT_REQUEST_ARENA);
    int64_t beat_ms = time_mono_ms(), house_ms = 0;
    while (!atomic_load(&r->stop)) {
        uint64_t mark = job_wake_mark();
        int64_t now_ms = time_mono_ms();
        cx.now_at = time_now();
        if (now_ms - house_ms >= 1000) {
            housekeep(&cx, r);
            house_ms = now_ms;
        }
        if (now_ms - beat_ms >= JOB_BEAT_MS) {
            for (int i = 0; i < JOB_THREADS_MAX; i++)
                beat_slot(&cx, r, i);
            beat_ms = now_ms;
        }
        arena_reset(cx.arena);
        if (!atomic_load(&r->stop))
            job_wait(mark, JOB_POLL_MS);
    }
    arena_free(cx.arena);
    return NULL;
}

/* ---- start and stop ---- */

static struct job_runner *runner_new(struct cx *cx, const struct job_kind *kinds, size_t count)
{
    struct job_runner *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->cx = *cx;
    r->cx.dir = cx->dir ? strdup(cx->dir) : NULL;
    r->kinds = kinds;
    r->kind_count = count;
    pthread_mutex_init(&r->take_lock, NULL);
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->beaten, NULL);
    job_server_open(&r->server, cx);
    return r;
}

static void runner_free(struct job_runner *r)
{
    job_server_close(&r->server);
    pthread_mutex_destroy(&r->take_lock);
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->beaten);
    free((void *)(uintptr_t)r->cx.dir);
    free(r);
}

static enum rc no_threads(struct cx *cx)
{
    return fail(cx, RC_IO, _("The server is short of threads. Try again."), "job runner");
}

void job_runner_stop(struct job_runner *r)
{
    if (!r)
        return;
    pthread_mutex_lock(&r->lock);
    atomic_store(&r->stop, true);
    for (int i = 0; i < JOB_THREADS_MAX; i++) {
        if (r->slots[i])
            atomic_store(&r->slots[i]->stop, true);
    }
    pthread_mutex_unlock(&r->lock);
    job_wake();
    for (int i = 0; i < r->thread_count; i++)
        pthread_join(r->threads[i], NULL);
    if (r->has_beater)
        pthread_join(r->beater, NULL);
    job_clocks_join(&r->clocks);
    runner_free(r);
}

enum rc job_runner_start(struct job_runner **out, struct cx *cx, const struct job_kind *kinds,
                         size_t kind_count, int threads)
{
    assert(threads > 0 && threads <= JOB_THREADS_MAX && cx->pool);
    struct job_runner *r = runner_new(cx, kinds, kind_count);
    if (!r)
        return no_threads(cx);
    r->has_beater = pthread_create(&r->beater, NULL, beater_main, r) == 0;
    while (r->has_beater && r->thread_count < threads &&
           pthread_create(&r->threads[r->thread_count], NULL, worker_main, r) == 0)
        r->thread_count++;
    if (!r->has_beater || r->thread_count < threads ||
        !job_clocks_start(&r->clocks, &r->cx, &r->stop)) {
        job_runner_stop(r);
        return no_threads(cx);
    }
    *out = r;
    return RC_OK;
}

/* ---- one job in this thread ---- */

struct starting {
    int64_t id, county;
    const char *server, *kind, *argument;
};

/* Added and taken in one step, so that no server beside us takes it first. */
static enum rc start_write(struct cx *cx, void *arg)
{
    struct starting *s = arg;
    TRY(job_add_row(&s->id, cx, s->county, s->kind, s->argument, 0));
    return DB_RUN(cx, &JOB_TAKE_OWN, V_I(s->id), V_T(s->server),
                  V_I(job_wall_at() + JOB_LEASE_S), V_I(job_wall_ms()), V_I(cx->now_at));
}

static enum rc run_own(struct cx *cx, struct job_runner *r, const struct job_kind *kind,
                       int64_t county, const char *argument)
{
    struct running *job = arena_new(cx->arena, sizeof *job);
    struct starting s = {
        .county = county, .server = r->server.name, .kind = kind->name, .argument = argument};
    int64_t before_ms = time_mono_ms();
    TRY(db_write(cx, county, start_write, &s));
    TRY(load_running(job, cx, s.id, r->server.name, before_ms));
    job->is_shown = isatty(STDERR_FILENO) == 1;
    put_slot(r, 0, job);
    enum rc rc = job_perform(cx, job, kind, false);
    put_slot(r, 0, NULL);
    return rc;
}

enum rc job_run_now(struct cx *cx, const struct job_kind *kind, int64_t county,
                    const char *argument)
{
    struct job_runner *r = runner_new(cx, kind, 1);
    if (!r)
        return no_threads(cx);
    r->has_beater = pthread_create(&r->beater, NULL, beater_main, r) == 0;
    enum rc rc = r->has_beater ? run_own(cx, r, kind, county, argument) : no_threads(cx);
    job_runner_stop(r);
    return rc;
}
