/* What a running job says: progress, the last word, its beat, and its end. */
#include "base/format.h"
#include "base/log.h"
#include "base/time.h"
#include "work/job.sql.h"
#include "work/job_inner.h"

#include <assert.h>
#include <unistd.h>

/* The job that this thread runs. */
static _Thread_local struct running *current;

void job_enter(struct running *r)
{
    assert(!r || !current);
    current = r;
}

/* One row, gone when the job is no longer ours. */
static enum rc read_cancel(struct cx *cx, struct running *r, enum rc rc, struct db_rows *rows)
{
    if (rc == RC_NOTFOUND) {
        atomic_store(&r->lost, true);
        return RC_OK;
    }
    TRY(rc);
    if (row_i64(rows, 0) != 0)
        atomic_store(&r->cancel, true);
    (void)cx;
    return db_done(rows);
}

static enum rc beat_write(struct cx *cx, void *arg)
{
    struct running *r = arg;
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &JOB_BEAT, V_I(r->job.id), V_T(r->server),
                        V_I(job_wall_at() + JOB_LEASE_S));
    return read_cancel(cx, r, rc, &rows);
}

enum rc job_beat(struct cx *cx, struct running *r)
{
    int64_t before_ms = time_mono_ms();
    enum rc rc = db_write(cx, r->job.county, beat_write, r);
    if (rc == RC_OK)
        atomic_store(&r->lease_ms, before_ms + JOB_LEASE_S * 1000);
    return rc;
}

static enum rc note_write(struct cx *cx, void *arg)
{
    struct running *r = arg;
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &JOB_NOTE, V_I(r->job.id), V_T(r->server),
                        V_I(job_wall_at() + JOB_LEASE_S), V_I(r->job.done), V_I(r->job.total),
                        V_T(r->unit), V_T(r->message));
    return read_cancel(cx, r, rc, &rows);
}

/* Progress is worth less than the work: a queue that is full does not fail the job. */
static void note(struct cx *cx, struct running *r)
{
    int64_t before_ms = time_mono_ms();
    struct err kept = cx->err;
    if (db_write(cx, r->job.county, note_write, r) == RC_OK)
        atomic_store(&r->lease_ms, before_ms + JOB_LEASE_S * 1000);
    cx->err = kept;
    r->noted_ms = time_mono_ms();
}

/* "\r import.apply: 12,345 of 70,000 rows, 25,000 a second, 2 s left" */
static void show(struct cx *cx, const struct running *r)
{
    struct arena_mark mark = arena_mark(cx->arena);
    double seconds = (double)(time_mono_ms() - r->begun_ms) / 1000;
    double per_s = seconds > 0.5 ? (double)(r->job.done - r->job.from_done) / seconds : 0;
    const char *unit = r->unit[0] ? text_in(cx->lang, r->unit) : "";
    fprintf(stderr, "\r\033[K%s", format_int(cx, r->job.done));
    if (r->job.total > 0)
        fprintf(stderr, " / %s", format_int(cx, r->job.total));
    fprintf(stderr, " %s", unit);
    if (per_s >= 1)
        fprintf(stderr, _(", %s a second"), format_int(cx, (int64_t)per_s));
    if (per_s > 0 && r->job.total > r->job.done)
        fprintf(stderr, _(", %s left"),
                format_duration(cx, (int64_t)((double)(r->job.total - r->job.done) / per_s)));
    fflush(stderr);
    arena_back(cx->arena, mark);
}

static enum rc must_end(struct cx *cx, struct running *r)
{
    if (atomic_load(&r->cancel))
        return fail(cx, RC_BUSY, _("The job was cancelled."), "job=%" PRId64, r->job.id);
    if (atomic_load(&r->stop))
        return fail(cx, RC_BUSY, _("The server is stopping. The job goes on when it is back."),
                    "job=%" PRId64, r->job.id);
    if (atomic_load(&r->lost) || time_mono_ms() > atomic_load(&r->lease_ms))
        return fail(cx, RC_BUSY, _("Another server has taken over this job."), "job=%" PRId64,
                    r->job.id);
    return RC_OK;
}

enum rc job_progress(struct cx *cx, const struct job *job, int64_t done, int64_t total,
                     const char *unit)
{
    struct running *r = current;
    assert(r && job == &r->job); /* called by the thread that runs the job */
    r->job.done = done;
    r->job.total = total;
    if (unit && strcmp(unit, r->unit) != 0)
        snprintf(r->unit, sizeof r->unit, "%s", unit);
    if (time_mono_ms() - r->noted_ms >= JOB_NOTE_MS) {
        note(cx, r);
        if (r->is_shown)
            show(cx, r);
    }
    return must_end(cx, r);
}

void job_say(struct cx *cx, const struct job *job, const char *text)
{
    struct running *r = current;
    assert(r && job == &r->job);
    (void)cx;
    snprintf(r->message, sizeof r->message, "%s", text);
}

static enum rc mine_fail(struct cx *cx, const struct running *r)
{
    return fail(cx, RC_BUSY, _("Another server has taken over this job."), "job=%" PRId64,
                r->job.id);
}

enum rc job_fence(struct cx *cx, const struct job *job)
{
    /* The closure runs on the writer's thread, so `current` is not ours here. */
    const struct running *r = (const struct running *)(const void *)job;
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &JOB_MINE, V_I(r->job.id), V_T(r->server));
    if (rc == RC_NOTFOUND)
        return mine_fail(cx, r);
    TRY(rc);
    return db_done(&rows);
}

/* ---- the end ---- */

struct ending {
    struct running *r;
    enum job_state state;
    const char *message;
    int tries;
    int64_t run_at, ended_at;
};

static enum rc end_write(struct cx *cx, void *arg)
{
    const struct ending *e = arg;
    const struct job *j = &e->r->job;
    return DB_RUN(cx, &JOB_FINISH, V_I(j->id), V_T(e->r->server), V_I(e->state), V_I(j->done),
                  V_I(j->total), V_T(e->r->unit), V_T(e->message), V_I(e->ended_at),
                  V_I(e->tries), V_I(e->run_at));
}

static enum rc give_back_write(struct cx *cx, void *arg)
{
    const struct running *r = arg;
    return DB_RUN(cx, &JOB_GIVE_BACK, V_I(r->job.id), V_T(r->server), V_I(r->job.done),
                  V_I(r->job.total), V_T(r->unit));
}

/* Would another try give the same answer? */
static bool is_final(enum rc rc)
{
    return rc == RC_INVALID || rc == RC_DENIED || rc == RC_NOTFOUND || rc == RC_LIMIT;
}

static struct ending judge(struct cx *cx, struct running *r, const struct job_kind *kind,
                           enum rc rc, bool retry)
{
    int64_t now_at = time_now();
    struct ending e = {.r = r,
                       .state = JOB_FAILED,
                       .message = cx->err.text[0] ? cx->err.text : r->message,
                       .tries = r->job.tries + 1,
                       .ended_at = now_at};
    int tries_max = kind && kind->tries_max > 0 ? kind->tries_max : 3;
    if (rc == RC_OK) {
        e.state = JOB_DONE;
        e.message = r->message;
    } else if (atomic_load(&r->cancel)) {
        e.state = JOB_CANCELLED;
        e.message = r->message[0] ? r->message : _("Cancelled.");
    } else if (retry && !is_final(rc) && e.tries < tries_max) {
        int64_t wait_s = 1;
        for (int i = 1; i < e.tries && i < 5; i++)
            wait_s *= 10;
        e.state = JOB_WAITING;
        e.run_at = job_wall_at() + wait_s;
        e.ended_at = 0;
    }
    return e;
}

/* The end must be known: tried again when the database refuses for the moment. */
static void write_end(struct cx *cx, struct running *r, db_write_fn fn, void *arg)
{
    enum rc rc = RC_OK;
    for (int i = 0; i < 3; i++) {
        struct err kept = cx->err;
        rc = db_write(cx, r->job.county, fn, arg);
        cx->err = kept;
        if (rc == RC_OK)
            return;
        struct timespec pause = {.tv_nsec = 200 * 1000000};
        nanosleep(&pause, NULL);
    }
    log_event(LOG_LEVEL_ERROR, "job.end_lost", "job=%" PRId64 " rc=%s", r->job.id, rc_name(rc));
}

enum rc job_perform(struct cx *cx, struct running *r, const struct job_kind *kind, bool retry)
{
    enum rc rc = RC_OK;
    r->begun_ms = time_mono_ms();
    if (atomic_load(&r->cancel)) {
        rc = fail(cx, RC_BUSY, _("The job was cancelled."), "before start");
    } else if (r->refused) {
        rc = r->refused;
    } else if (!kind) {
        rc = fail(cx, RC_INVALID, _("This program does not know this kind of job."), "kind=%s",
                  r->job.kind);
    } else if (r->crashes > JOB_CRASHES_MAX) {
        rc = fail(cx, RC_LIMIT,
                  _("The job made the server stop again and again. Tell the people who keep up "
                    "the program."),
                  "crashes=%" PRId64, r->crashes);
    } else {
        job_enter(r);
        rc = kind->run(cx, &r->job);
        job_enter(NULL);
    }
    if (r->is_shown && r->noted_ms > r->begun_ms)
        fputs("\r\033[K", stderr);
    if (atomic_load(&r->lost))
        return rc ? rc : mine_fail(cx, r);
    if (rc != RC_OK && atomic_load(&r->stop) && !atomic_load(&r->cancel)) {
        write_end(cx, r, give_back_write, r);
        return rc;
    }
    struct ending e = judge(cx, r, kind, rc, retry);
    log_event(e.state == JOB_FAILED ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "job.end",
              "job=%" PRId64 " kind=%s county=%" PRId64 " state=%d rc=%s ms=%" PRId64
              " detail=\"%s\"",
              r->job.id, r->job.kind, r->job.county, (int)e.state, rc_name(rc),
              time_mono_ms() - r->begun_ms, rc ? cx->err.detail : "");
    write_end(cx, r, end_write, &e);
    return rc;
}
