/* Clocks: what a server does again and again, each in a thread of its own. Threads share the
 * runner's stop flag; nothing else. */
#include "base/limits.h"
#include "base/log.h"
#include "base/time.h"
#include "work/job_inner.h"

#include <assert.h>

enum { PAUSE_MAX_MS = 60000 };

static const struct job_clock *all_clocks;
static size_t all_count;
static _Thread_local const atomic_bool
    *stop_here; /* of the runner whose clock this thread is */

void job_clocks_set(const struct job_clock *clocks, size_t count)
{
    assert(count <= JOB_CLOCKS_MAX);
    all_clocks = clocks;
    all_count = count;
}

bool job_clock_stopping(void)
{
    return stop_here && atomic_load(stop_here);
}

/* One run with a connection of its own for this time. A failure is logged; the next comes later
 * and later. */
static void run_once(struct cx *cx, const struct job_clock *clock, int64_t *pause_ms)
{
    cx->now_at = time_now();
    enum rc rc = db_attach(cx);
    if (rc == RC_OK)
        rc = clock->run(cx);
    if (cx->db)
        db_detach(cx);
    if (rc) {
        *pause_ms = *pause_ms * 2 < PAUSE_MAX_MS ? *pause_ms * 2 : PAUSE_MAX_MS;
        log_event(LOG_LEVEL_WARN, "clock.failed", "clock=%s rc=%s detail=\"%s\"", clock->name,
                  rc_name(rc), cx->err.detail);
    } else {
        *pause_ms = clock->every_ms;
    }
    cx->actor = NULL;
    err_clear(cx);
    arena_reset(cx->arena);
}

static void *clock_main(void *arg)
{
    const struct job_clock_thread *t = arg;
    struct cx cx = *t->cx;
    cx.arena = arena_open(LIMIT_JOB_ARENA);
    cx.db = NULL;
    cx.actor = NULL;
    cx.deadline_ms = 0;
    err_clear(&cx);
    stop_here = t->stop;
    int64_t pause_ms = t->clock->every_ms, next_ms = time_mono_ms();
    while (!atomic_load(t->stop)) {
        uint64_t mark = job_wake_mark();
        int64_t now_ms = time_mono_ms();
        if (now_ms >= next_ms) {
            run_once(&cx, t->clock, &pause_ms);
            next_ms = time_mono_ms() + pause_ms;
        } else {
            job_wait(mark, next_ms - now_ms);
        }
    }
    arena_free(cx.arena);
    return NULL;
}

bool job_clocks_start(struct job_clocks *c, const struct cx *cx, const atomic_bool *stop)
{
    for (size_t i = 0; i < all_count; i++) {
        struct job_clock_thread *t = &c->threads[i];
        *t = (struct job_clock_thread){.cx = cx, .clock = &all_clocks[i], .stop = stop};
        if (pthread_create(&t->thread, NULL, clock_main, t) != 0)
            return false;
        c->count++;
    }
    return true;
}

void job_clocks_join(struct job_clocks *c)
{
    for (size_t i = 0; i < c->count; i++)
        pthread_join(c->threads[i].thread, NULL);
    c->count = 0;
}
