/* Many at once, over two servers, on both databases: never more sold than there is (S1 to S3),
 * crossed baskets (S6), and what many try to end ends once, though the servers' clocks differ
 * (S5). */
#include "stock/stock_fixture.h"

#include <pthread.h>

enum { BUYERS_MAX = 200 };

struct buyer {
    struct db_pool *pool;
    struct doing d;
    int64_t now_at;
    pthread_t thread;
    enum rc rc;
};
static pthread_barrier_t gate;

static void *buy(void *arg)
{
    struct buyer *b = arg;
    struct cx cx;
    cx_init(&cx, arena_open(4 * 1024 * 1024));
    cx.pool = b->pool;
    cx.now_at = b->now_at;
    pthread_barrier_wait(&gate);
    b->rc = act(&cx, &b->d);
    arena_free(cx.arena);
    return NULL;
}

/* How many of them were done; the others must be refused. Every second one is the other
 * server's. */
static int race(struct cx *cx, struct buyer *all, size_t count)
{
    int won = 0;
    struct db_pool *second = second_pool(cx);
    assert_int_equal(pthread_barrier_init(&gate, NULL, (unsigned)count), 0);
    for (size_t i = 0; i < count; i++) {
        all[i].pool = i % 2 ? second : cx->pool;
        all[i].now_at = all[i].now_at ? all[i].now_at : NOW;
        assert_int_equal(pthread_create(&all[i].thread, NULL, buy, &all[i]), 0);
    }
    for (size_t i = 0; i < count; i++) {
        pthread_join(all[i].thread, NULL);
        assert_true(all[i].rc == RC_OK || all[i].rc == RC_CONFLICT);
        won += all[i].rc == RC_OK;
    }
    pthread_barrier_destroy(&gate);
    db_close(second);
    return won;
}

static void many_for_few(struct cx *cx)
{
    static const int cases[][3] = {{20, 5, 1}, {10, 1, 1}, {200, 50, 1}, {30, 20, 3}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        static struct buyer all[BUYERS_MAX];
        int64_t item = item_new(cx, STOCK_PIECES, false);
        int n = cases[c][0], stock = cases[c][1], q = cases[c][2];
        assert_int_equal(move(cx, item, STOCK_IN, stock), RC_OK);
        for (int i = 0; i < n; i++)
            all[i] =
                (struct buyer){.d = {.what = RESERVE, .t = {{item, i + 1, q}}, .count = 1}};
        assert_int_equal(race(cx, all, (size_t)n), stock / q);
        check_item(cx, item, stock, stock / q * q);
    }
    check_sound(cx);
}

/* A+B and B+A, a hundred baskets at once: none waits for ever, none lost; and two rows of one
 * basket on the same goods count together. */
static void crossed(struct cx *cx)
{
    static struct buyer all[BUYERS_MAX];
    int64_t a = item_new(cx, STOCK_PIECES, false), b = item_new(cx, STOCK_PIECES, false);
    assert_int_equal(move(cx, a, STOCK_IN, 60), RC_OK);
    assert_int_equal(move(cx, b, STOCK_IN, 70), RC_OK);
    for (int i = 0; i < 100; i++)
        all[i] =
            (struct buyer){.d = {.what = RESERVE,
                                 .t = {{i / 2 % 2 ? a : b, 1, 1}, {i / 2 % 2 ? b : a, 2, 1}},
                                 .count = 2}};
    assert_int_equal(race(cx, all, 100), 60);
    check_item(cx, a, 60, 60);
    check_item(cx, b, 70, 60);
    struct doing d = {.what = RESERVE, .t = {{b, 1, 6}, {b, 2, 5}}, .count = 2};
    assert_int_equal(act(cx, &d), RC_CONFLICT);
    assert_int_equal(d.short_at, 1);
    assert_int_equal(d.left, 4);
    check_item(cx, b, 70, 60);
    check_sound(cx);
}

/* Packed by ten and given back by ten: one of both happens. */
static void ended_by_many(struct cx *cx)
{
    for (int round = 0; round < 5; round++) {
        static struct buyer all[20];
        int64_t item = item_new(cx, STOCK_PIECES, false), id;
        struct reservation r;
        int packed = 0, released = 0;
        assert_int_equal(move(cx, item, STOCK_IN, 5), RC_OK);
        assert_int_equal(reserve(&id, cx, item, 2, 0), RC_OK);
        for (int i = 0; i < 20; i++)
            all[i] = (struct buyer){
                .d = {.what = i / 2 % 2 ? CONSUME : RELEASE, .id = id, .quantity = 1}};
        race(cx, all, 20);
        for (int i = 0; i < 20; i++) {
            packed += all[i].d.what == CONSUME && !all[i].rc;
            released += all[i].d.what == RELEASE && !all[i].rc;
        }
        check_ok(cx, stock_reservation_get(&r, cx, COUNTY, id));
        assert_int_equal(packed, r.state == RESERVATION_CONSUMED);
        assert_int_equal(released, packed ? 0 : 10);
        check_item(cx, item, packed ? 4 : 5, 0);
        check_sound(cx);
    }
}

/* One server's clock says it is over, the other's does not: kept by all or by none. */
static void clocks_differ(struct cx *cx)
{
    for (int round = 0; round < 5; round++) {
        static struct buyer all[20];
        int64_t item = item_new(cx, STOCK_PIECES, false), id;
        struct reservation r;
        int kept = 0;
        cx->now_at = NOW;
        assert_int_equal(move(cx, item, STOCK_IN, 5), RC_OK);
        assert_int_equal(reserve(&id, cx, item, 2, NOW + 60), RC_OK);
        for (int i = 0; i < 20; i++)
            all[i] = (struct buyer){.d = {.what = i % 2 ? EXPIRE : KEEP, .id = id},
                                    .now_at = i % 2 ? NOW + 60 : NOW};
        assert_int_equal(race(cx, all, 20), 20);
        for (int i = 0; i < 20; i++)
            kept += all[i].d.kept;
        check_ok(cx, stock_reservation_get(&r, cx, COUNTY, id));
        assert_int_equal(kept, r.state == RESERVATION_HELD ? 10 : 0);
        assert_true(kept || r.state == RESERVATION_EXPIRED);
        check_item(cx, item, 5, kept ? 2 : 0);
        check_sound(cx);
    }
}

EACH(many_for_few)
EACH(crossed)
EACH(ended_by_many)
EACH(clocks_differ)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_for_few_each),
        cmocka_unit_test(crossed_each),
        cmocka_unit_test(ended_by_many_each),
        cmocka_unit_test(clocks_differ_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
