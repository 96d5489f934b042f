/* What libmicrohttpd leaves open: the framing rules, and time. A connection that is past its
 * due (header, body, answer) is cut by a reaper thread with shutdown(); its I/O thread then
 * sees the end of the stream and cleans up. Measured need: domain facts http.md, "Robustness".
 */
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "http/http_parts.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct guard {
    pthread_mutex_t lock;
    pthread_cond_t stop_now;
    pthread_t thread;
    struct peer *first;
    int tick_ms;
    bool stopping;
    _Atomic int64_t cut_count;
};

static void cut_late_peers(struct guard *g)
{
    int64_t now = time_mono_ms();
    for (struct peer *p = g->first; p; p = p->next) {
        if (atomic_load_explicit(&p->due_ms, memory_order_relaxed) > now)
            continue;
        /* The fd is open: guard_remove comes before close and needs this lock. */
        shutdown(p->fd, SHUT_RDWR);
        atomic_store_explicit(&p->due_ms, INT64_MAX, memory_order_relaxed);
        atomic_fetch_add(&g->cut_count, 1);
    }
}

static void *reap(void *arg)
{
    struct guard *g = arg;
    pthread_mutex_lock(&g->lock);
    while (!g->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += (long)g->tick_ms * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&g->stop_now, &g->lock, &until);
        cut_late_peers(g);
    }
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

enum rc guard_start(struct guard **out, struct cx *cx, int tick_ms)
{
    struct guard *g = calloc(1, sizeof *g);
    if (!g)
        return fail(cx, RC_LIMIT, _("There is not enough memory."), "guard");
    g->tick_ms = tick_ms;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->stop_now, &attributes);
    pthread_condattr_destroy(&attributes);
    int error = pthread_create(&g->thread, NULL, reap, g);
    if (error) {
        free(g);
        return fail(cx, RC_IO, _("A thread could not be started."), "guard errno=%d", error);
    }
    *out = g;
    return RC_OK;
}

void guard_stop(struct guard *g)
{
    if (!g)
        return;
    pthread_mutex_lock(&g->lock);
    g->stopping = true;
    pthread_cond_signal(&g->stop_now);
    pthread_mutex_unlock(&g->lock);
    pthread_join(g->thread, NULL);
    pthread_cond_destroy(&g->stop_now);
    pthread_mutex_destroy(&g->lock);
    free(g);
}

void guard_add(struct guard *g, struct peer *p)
{
    pthread_mutex_lock(&g->lock);
    p->before = NULL;
    p->next = g->first;
    if (g->first)
        g->first->before = p;
    g->first = p;
    pthread_mutex_unlock(&g->lock);
}

void guard_remove(struct guard *g, struct peer *p)
{
    pthread_mutex_lock(&g->lock);
    if (p->before)
        p->before->next = p->next;
    else
        g->first = p->next;
    if (p->next)
        p->next->before = p->before;
    pthread_mutex_unlock(&g->lock);
}

int64_t guard_cut_count(const struct guard *g)
{
    return atomic_load(&g->cut_count);
}

/* ---- framing ---- */

/* Source: RFC 9110, 5.6.2 "token". */
static bool is_token(struct str s)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        bool ok = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  (c && strchr(marks, c));
        if (!ok)
            return false;
    }
    return s.len > 0;
}

static bool has_control(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return true;
    }
    return false;
}

static bool is_digits(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.len > 0 && s.len <= 18;
}

int guard_check_headers(const struct pair *headers, size_t count, bool http_1_0)
{
    size_t lengths = 0, codings = 0, hosts = 0;
    bool known_coding = true;
    for (size_t i = 0; i < count; i++) {
        const struct pair *h = &headers[i];
        if (!is_token(h->name) || has_control(h->value))
            return 400;
        if (str_eq_case(h->name, "content-length")) {
            lengths++;
            if (!is_digits(h->value))
                return 400;
        } else if (str_eq_case(h->name, "transfer-encoding")) {
            codings++;
            known_coding = str_eq_case(h->value, "chunked");
        } else if (str_eq_case(h->name, "host")) {
            hosts++;
        }
    }
    if (lengths > 1 || codings > 1 || (lengths && codings) || hosts > 1)
        return 400;
    if (http_1_0 ? codings > 0 : hosts == 0)
        return 400;
    return known_coding ? 0 : 501;
}
