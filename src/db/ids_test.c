/* Tests of db_ids: rising, unique over threads, pools and undone closures, below 2^53, in order
 * of time. On both databases. */
#include "base/check.h"
#include "base/time.h"
#include "db/db_fixture.h"

#include <pthread.h>

struct take {
    int64_t count, first;
    enum rc rc;
};

static enum rc take(struct cx *cx, void *arg)
{
    struct take *t = arg;
    TRY(db_ids(&t->first, cx, t->count));
    return t->rc;
}

static int64_t take_ok(struct cx *cx, int64_t count)
{
    struct take t = {.count = count};
    check_ok(cx, db_write(cx, 1, take, &t));
    return t.first;
}

static void rising(struct cx *cx)
{
    int64_t end = 0;
    check_ok(cx, db_migrate_to(cx, 1));
    /* Blocks of a million, several in one second: each begins behind the one before. */
    static const int64_t counts[] = {1, 1000000, 1000000, 1000000, 1000000,
                                     7, 1,       4096,    4097,    1};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        int64_t first = take_ok(cx, counts[i]);
        assert_true(first >= end);
        end = first + counts[i];
    }
    assert_true(end < INT64_C(1) << 53);
    /* Seconds since 2020-01-01 in the upper bits; five million ids borrow three seconds at
     * most. */
    int64_t now = time_now() - 1577836800;
    assert_in_range(end >> 21, now - 5, now + 5);
    /* What an undone closure got is not given again. */
    struct take undone = {.count = 10, .rc = RC_CONFLICT};
    assert_int_equal(db_write(cx, 1, take, &undone), RC_CONFLICT);
    assert_true(undone.first >= end);
    assert_true(take_ok(cx, 1) >= undone.first + 10);
    struct take bad[] = {{.count = 0}, {.count = 1000001}, {.count = -1}};
    for (size_t i = 0; i < 3; i++)
        check_refused(cx, db_write(cx, 1, take, &bad[i]), RC_LIMIT);
}

static void test_rising(void **state)
{
    (void)state;
    db_fixture_each_empty(rising);
}

enum { TAKERS = 6, TAKES = 150 };
struct taker {
    pthread_t thread;
    struct db_pool *pool;
    int number;
    int64_t got[TAKES];
};

static void *taker_main(void *arg)
{
    struct taker *t = arg;
    struct cx cx;
    check_open(&cx);
    cx.pool = t->pool;
    for (int i = 0; i < TAKES; i++) {
        struct take one = {.count = 3};
        check_ok(&cx, db_write(&cx, t->number, take, &one));
        t->got[i] = one.first;
    }
    check_close(&cx);
    return NULL;
}

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void unique(struct cx *cx)
{
    static struct taker takers[TAKERS];
    static int64_t all[TAKERS * TAKES];
    struct cx own = *cx;
    struct db_options options = {.url = db_fixture_url(cx)};
    own.db = NULL;
    check_ok(cx, db_migrate_to(cx, 1));
    check_ok(&own, db_open(&own.pool, &own, &options));
    for (int i = 0; i < TAKERS; i++) {
        takers[i].pool = i % 2 ? own.pool : cx->pool;
        takers[i].number = i;
        pthread_create(&takers[i].thread, NULL, taker_main, &takers[i]);
    }
    for (int i = 0; i < TAKERS; i++) {
        pthread_join(takers[i].thread, NULL);
        memcpy(all + i * TAKES, takers[i].got, sizeof takers[i].got);
    }
    qsort(all, TAKERS * TAKES, sizeof *all, by_value);
    for (int i = 1; i < TAKERS * TAKES; i++)
        assert_true(all[i] >= all[i - 1] + 3);
    db_close(own.pool);
}

static void test_unique(void **state)
{
    (void)state;
    /* Six threads on two pools (two servers) of one database: no block overlaps another. */
    db_fixture_each_empty(unique);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rising),
        cmocka_unit_test(test_unique),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
