/* A bounded queue and its worker threads, each with an arena and a context of its own. Used
 * twice: for ordinary requests, and for heavy ones, so that a dashboard never delays a form. */
#include "base/log.h"
#include "base/text.h"
#include "http/http_parts.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct work_queue {
    struct work_queue_options o;
    pthread_mutex_t lock;
    pthread_cond_t work, started;
    struct work_item *first, **last;
    int held;    /* places taken: items waiting and reservations */
    int ready;   /* workers whose start succeeded */
    int settled; /* workers whose start has returned */
    bool closed;
    enum rc start_rc;
    char start_text[480], start_detail[480];
    int thread_count;
    pthread_t threads[];
};

static void start_settled(struct work_queue *w, enum rc rc, const struct cx *cx)
{
    pthread_mutex_lock(&w->lock);
    w->settled++;
    if (!rc) {
        w->ready++;
    } else if (!w->start_rc) {
        w->start_rc = rc;
        snprintf(w->start_text, sizeof w->start_text, "%s", cx->err.text);
        snprintf(w->start_detail, sizeof w->start_detail, "%s", cx->err.detail);
    }
    pthread_cond_signal(&w->started);
    pthread_mutex_unlock(&w->lock);
}

/* The next item; NULL when the queue is closed and empty. */
static struct work_item *take(struct work_queue *w)
{
    pthread_mutex_lock(&w->lock);
    while (!w->first && !(w->closed && w->held == 0))
        pthread_cond_wait(&w->work, &w->lock);
    struct work_item *item = w->first;
    if (item) {
        w->first = item->next;
        if (!w->first)
            w->last = &w->first;
        w->held--;
        if (w->closed && w->held == 0)
            pthread_cond_broadcast(&w->work);
    }
    pthread_mutex_unlock(&w->lock);
    return item;
}

static void work_until_closed(struct work_queue *w, struct cx *cx, struct arena *arena)
{
    struct squeezer *z = squeezer_new();
    struct arena_mark mark = arena_mark(arena);
    struct work_item *item;
    while ((item = take(w)) != NULL) {
        err_clear(cx);
        w->o.run(cx, z, item, w->o.run_arg);
        cx->actor = NULL;
        arena_back(arena, mark);
    }
    squeezer_free(z);
}

static void *worker(void *arg)
{
    struct work_queue *w = arg;
    struct arena *arena = arena_open(LIMIT_REQUEST_ARENA);
    struct cx cx;
    cx_init(&cx, arena);
    enum rc rc = w->o.start ? w->o.start(&cx, w->o.arg) : RC_OK;
    start_settled(w, rc, &cx);
    if (!rc) {
        work_until_closed(w, &cx, arena);
        if (w->o.stop)
            w->o.stop(&cx, w->o.arg);
    }
    arena_free(arena);
    return NULL;
}

static void wait_for_starts(struct work_queue *w)
{
    pthread_mutex_lock(&w->lock);
    while (w->settled < w->thread_count)
        pthread_cond_wait(&w->started, &w->lock);
    pthread_mutex_unlock(&w->lock);
}

enum rc work_queue_open(struct work_queue **out, struct cx *cx,
                        const struct work_queue_options *o)
{
    assert(o->workers > 0 && o->queue_max > 0);
    struct work_queue *w = calloc(1, sizeof *w + (size_t)o->workers * sizeof w->threads[0]);
    if (!w)
        return fail(cx, RC_LIMIT, _("There is not enough memory."), "queue");
    w->o = *o;
    w->last = &w->first;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
    pthread_cond_init(&w->started, NULL);
    int error = 0;
    while (w->thread_count < o->workers && !error) {
        error = pthread_create(&w->threads[w->thread_count], NULL, worker, w);
        w->thread_count += !error;
    }
    wait_for_starts(w);
    enum rc rc = RC_OK;
    if (error)
        rc = fail(cx, RC_IO, _("A thread could not be started."), "worker errno=%d", error);
    else if (w->start_rc)
        rc = fail(cx, w->start_rc, w->start_text, "%s", w->start_detail);
    if (rc) {
        work_queue_close(w);
        work_queue_free(w);
        return rc;
    }
    *out = w;
    return RC_OK;
}

bool work_queue_reserve(struct work_queue *w)
{
    pthread_mutex_lock(&w->lock);
    bool ok = !w->closed && w->held < w->o.queue_max;
    w->held += ok;
    pthread_mutex_unlock(&w->lock);
    return ok;
}

void work_queue_put(struct work_queue *w, struct work_item *item)
{
    item->next = NULL;
    pthread_mutex_lock(&w->lock);
    assert(w->held > 0);
    *w->last = item;
    w->last = &item->next;
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
}

int work_queue_waiting(struct work_queue *w)
{
    pthread_mutex_lock(&w->lock);
    int n = w->held;
    pthread_mutex_unlock(&w->lock);
    return n;
}

void work_queue_close(struct work_queue *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->closed = true;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->lock);
    for (int i = 0; i < w->thread_count; i++)
        pthread_join(w->threads[i], NULL);
    w->thread_count = 0;
}

void work_queue_free(struct work_queue *w)
{
    if (!w)
        return;
    assert(w->thread_count == 0);
    pthread_cond_destroy(&w->work);
    pthread_cond_destroy(&w->started);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
