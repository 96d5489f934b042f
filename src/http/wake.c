/* Wakes streams that wait: at their time, or all at once when something happened. One thread;
 * no I/O thread ever sleeps in a callback. */
#include "base/text.h"
#include "base/time.h"
#include "http/http_parts.h"

#include <pthread.h>
#include <stdlib.h>

struct waker {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    struct sleeper *first;
    int64_t next_ms; /* when the thread looks again; INT64_MAX: when told */
    bool closed, ending;
};

static void take_out(struct waker *w, struct sleeper *s)
{
    if (s->before)
        s->before->next = s->next;
    else
        w->first = s->next;
    if (s->next)
        s->next->before = s->before;
}

/* Wakes who is due by `now` and notes when the next one is. */
static void wake_due(struct waker *w, int64_t now)
{
    struct sleeper *next;
    w->next_ms = INT64_MAX;
    for (struct sleeper *s = w->first; s; s = next) {
        next = s->next;
        if (s->due_ms <= now) {
            take_out(w, s);
            s->wake(s); /* s may be gone or asleep again from here on */
        } else if (s->due_ms < w->next_ms) {
            w->next_ms = s->due_ms;
        }
    }
}

static void wait_for_change(struct waker *w)
{
    if (w->next_ms == INT64_MAX) {
        pthread_cond_wait(&w->changed, &w->lock);
        return;
    }
    struct timespec until = {.tv_sec = (time_t)(w->next_ms / 1000),
                             .tv_nsec = (long)(w->next_ms % 1000) * 1000000L};
    pthread_cond_timedwait(&w->changed, &w->lock, &until);
}

static void *watch(void *arg)
{
    struct waker *w = arg;
    pthread_mutex_lock(&w->lock);
    while (!w->ending) {
        wake_due(w, time_mono_ms());
        if (!w->ending)
            wait_for_change(w);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

enum rc waker_start(struct waker **out, struct cx *cx)
{
    struct waker *w = calloc(1, sizeof *w);
    if (!w)
        return fail(cx, RC_LIMIT, _("There is not enough memory."), "waker");
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    w->next_ms = INT64_MAX;
    int error = pthread_create(&w->thread, NULL, watch, w);
    if (error) {
        free(w);
        return fail(cx, RC_IO, _("A thread could not be started."), "waker errno=%d", error);
    }
    *out = w;
    return RC_OK;
}

bool waker_sleep(struct waker *w, struct sleeper *s, int64_t wait_ms,
                 void (*sleep)(struct sleeper *s))
{
    const int64_t day_ms = 24 * 3600 * 1000;
    pthread_mutex_lock(&w->lock);
    bool ok = !w->closed;
    if (ok) {
        sleep(s);
        s->due_ms = time_mono_ms() + (wait_ms < day_ms ? wait_ms : day_ms);
        s->before = NULL;
        s->next = w->first;
        if (w->first)
            w->first->before = s;
        w->first = s;
        if (s->due_ms < w->next_ms) {
            w->next_ms = s->due_ms;
            pthread_cond_signal(&w->changed);
        }
    }
    pthread_mutex_unlock(&w->lock);
    return ok;
}

void waker_wake_all(struct waker *w)
{
    pthread_mutex_lock(&w->lock);
    wake_due(w, INT64_MAX);
    pthread_mutex_unlock(&w->lock);
}

void waker_close(struct waker *w)
{
    pthread_mutex_lock(&w->lock);
    w->closed = true;
    wake_due(w, INT64_MAX);
    pthread_mutex_unlock(&w->lock);
}

void waker_free(struct waker *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
