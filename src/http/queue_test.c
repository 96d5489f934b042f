/* The work queue and the waker by themselves: bounds, closing, failing starts, arenas that go
 * back, and each sleeper woken exactly once. Meant for TSan as much as for ASan. */
#include "base/text.h"
#include "base/time.h"
#include "http/http_parts.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#undef fail /* cmocka's; ours is base/cx.h's */

static struct arena *arena;
static struct cx cx;
static _Atomic int started, stopped, ran, arena_wrong;

static int start(void **state)
{
    (void)state;
    arena = arena_open(LIMIT_JOB_ARENA);
    cx_init(&cx, arena);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static enum rc start_some(struct cx *c, void *arg)
{
    int n = atomic_fetch_add(&started, 1);
    (void)arena_copy(c->arena, STR("what a worker keeps"));
    if (arg && n == 2)
        return fail(c, RC_DB, "third worker", "of purpose");
    return RC_OK;
}

static void stop_one(struct cx *c, void *arg)
{
    (void)c;
    (void)arg;
    atomic_fetch_add(&stopped, 1);
}

static void run(struct cx *c, struct squeezer *z, struct work_item *item, void *arg)
{
    (void)z;
    (void)arg;
    free(item);
    if (arena_used(c->arena) > 64)
        atomic_fetch_add(&arena_wrong, 1);
    memset(arena_new(c->arena, 100000), 1, 100000);
    atomic_fetch_add(&ran, 1);
}

static void *put_many(void *arg)
{
    struct work_queue *w = arg;
    for (int i = 0; i < 500; i++) {
        while (!work_queue_reserve(w))
            usleep(100);
        work_queue_put(w, calloc(1, sizeof(struct work_item)));
    }
    return NULL;
}

/* 4 threads put 500 items each through a queue of 8: all run, none is lost at the close, each
 * worker's arena is back at its start for every item. */
static void runs_everything(void **state)
{
    (void)state;
    struct work_queue *w;
    struct work_queue_options o = {
        .queue_max = 8, .workers = 3, .start = start_some, .stop = stop_one, .run = run};
    pthread_t threads[4];
    atomic_store(&started, 0);
    assert_int_equal(work_queue_open(&w, &cx, &o), RC_OK);
    assert_int_equal(atomic_load(&started), 3);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, put_many, w);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    work_queue_close(w);
    assert_int_equal(atomic_load(&ran), 2000);
    assert_int_equal(atomic_load(&arena_wrong), 0);
    assert_int_equal(atomic_load(&stopped), 3);
    assert_false(work_queue_reserve(w));
    assert_int_equal(work_queue_waiting(w), 0);
    work_queue_free(w);
}

/* One failing start fails the whole; the workers that had started are stopped. */
static void fails_as_a_whole(void **state)
{
    (void)state;
    struct work_queue *w;
    struct work_queue_options o = {.queue_max = 8,
                                   .workers = 4,
                                   .start = start_some,
                                   .stop = stop_one,
                                   .arg = &cx,
                                   .run = run};
    atomic_store(&started, 0);
    atomic_store(&stopped, 0);
    assert_int_equal(work_queue_open(&w, &cx, &o), RC_DB);
    assert_string_equal(cx.err.text, "third worker");
    assert_int_equal(atomic_load(&stopped), 3);
    err_clear(&cx);
}

struct dreamer {
    struct sleeper s;
    _Atomic int asleep, woken;
    _Atomic int64_t woken_ms;
};

static void fall_asleep(struct sleeper *s)
{
    atomic_fetch_add(&((struct dreamer *)s)->asleep, 1);
}

static void wake_up(struct sleeper *s)
{
    struct dreamer *d = (struct dreamer *)s;
    atomic_store(&d->woken_ms, time_mono_ms());
    atomic_fetch_add(&d->woken, 1);
}

/* 200 sleepers due at different times, woken by time, by wake_all and by close: each once, none
 * before its time unless told, none after the close. */
static void wakes_each_once(void **state)
{
    (void)state;
    enum { COUNT = 200 };
    static struct dreamer d[COUNT];
    struct waker *w;
    assert_int_equal(waker_start(&w, &cx), RC_OK);
    int64_t began = time_mono_ms();
    for (int i = 0; i < COUNT; i++) {
        d[i].s.wake = wake_up;
        assert_true(waker_sleep(w, &d[i].s, i < 100 ? 60 - i / 2 : 3600 * 1000, fall_asleep));
    }
    usleep(150000);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(atomic_load(&d[i].asleep), 1);
        assert_int_equal(atomic_load(&d[i].woken), i < 100);
        if (i < 100)
            assert_true(atomic_load(&d[i].woken_ms) - began >= 60 - i / 2);
    }
    waker_wake_all(w);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(atomic_load(&d[i].woken), 1);
    assert_true(waker_sleep(w, &d[0].s, 3600 * 1000, fall_asleep));
    waker_close(w);
    assert_int_equal(atomic_load(&d[0].woken), 2);
    assert_false(waker_sleep(w, &d[0].s, 1, fall_asleep));
    assert_int_equal(atomic_load(&d[0].asleep), 2);
    waker_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_everything),
        cmocka_unit_test(fails_as_a_whole),
        cmocka_unit_test(wakes_each_once),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
