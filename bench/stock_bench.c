/* Pairs of reserving and packing a second, each of both durable by itself: one buyer alone,
 * twenty at once over 1,000 items, twenty at once on one item; twenty buyers for 5 units, over
 * and over: exactly 5 get one each time. Then everything verified from zero. On SQLite in a
 * temporary folder (TMPDIR should be on the disk that counts), and on PostgreSQL when
 * FUMIN_TEST_PG is set. Fails (exit 1) when one unit too many or too few is sold, or the
 * verification finds a fault.
 * stock_bench [pairs]      default 20000 */
#include "db/db_fixture.h"

#include "base/time.h"
#include "stock/stock.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { COUNTY = 1, ITEMS = 1000, BUYERS = 20, UNITS = 5, ROUNDS = 100 };

static int64_t count = 20000;

static void must(struct cx *cx, enum rc rc)
{
    if (!rc)
        return;
    fprintf(stderr, "stock_bench: %s (%s)\n", cx->err.text, cx->err.detail);
    exit(1);
}

static int64_t items[ITEMS];
struct filling {
    int64_t each;
    size_t count;
};
static enum rc fill(struct cx *cx, void *arg)
{
    const struct filling *f = arg;
    for (size_t i = 0; i < f->count; i++) {
        struct stock_move m = {.county = COUNTY, .kind = STOCK_IN, .quantity = f->each};
        TRY(stock_item_add(&items[i], cx, COUNTY, STOCK_PIECES, false, 0));
        m.item_id = items[i];
        TRY(db_ids(&m.id, cx, 1));
        TRY(stock_move_add(cx, &m));
    }
    return RC_OK;
}
static void fill_items(struct cx *cx, size_t n, int64_t each)
{
    must(cx, db_write(cx, COUNTY, fill, &(struct filling){each, n}));
}

static enum rc take(struct cx *cx, void *arg)
{
    int64_t *id = arg, left;
    size_t short_at;
    struct stock_take t = {*id, 1, 1};
    return stock_reserve(id, &short_at, &left, cx, COUNTY, &t, 1, 0);
}
static enum rc pack(struct cx *cx, void *arg)
{
    const int64_t *id = arg;
    int64_t move_id;
    TRY(db_ids(&move_id, cx, 1));
    return stock_consume(cx, COUNTY, *id, 1, move_id);
}

struct buyer {
    pthread_t thread;
    struct db_pool *pool;
    int64_t pairs, bought;
    size_t first, items; /* goes round these */
};
/* Buys until it has all it wants, or the store is empty. */
static void *buyer_main(void *arg)
{
    struct buyer *b = arg;
    struct cx cx;
    cx_init(&cx, arena_open(1 << 20));
    cx.pool = b->pool;
    for (int64_t i = 0; i < b->pairs; i++) {
        int64_t id = items[(b->first + (size_t)i) % b->items];
        enum rc rc = db_write(&cx, COUNTY, take, &id);
        if (rc == RC_CONFLICT) {
            err_clear(&cx);
            break;
        }
        must(&cx, rc);
        must(&cx, db_write(&cx, COUNTY, pack, &id));
        b->bought++;
        arena_reset(cx.arena);
    }
    arena_free(cx.arena);
    return NULL;
}
/* Seconds; *bought by all together. */
static double run(int64_t *bought, struct cx *cx, size_t buyers, size_t item_count,
                  int64_t pairs)
{
    struct buyer b[BUYERS];
    int64_t start_us = time_mono_us();
    for (size_t i = 0; i < buyers; i++) {
        b[i] = (struct buyer){.pool = cx->pool,
                              .pairs = pairs,
                              .first = i * item_count / buyers,
                              .items = item_count};
        if (pthread_create(&b[i].thread, NULL, buyer_main, &b[i]))
            exit(1);
    }
    *bought = 0;
    for (size_t i = 0; i < buyers; i++) {
        pthread_join(b[i].thread, NULL);
        *bought += b[i].bought;
    }
    return (double)(time_mono_us() - start_us) / 1e6;
}

static void expect(int64_t got, int64_t want)
{
    if (got == want)
        return;
    fprintf(stderr, "stock_bench: sold %" PRId64 " instead of %" PRId64 "\n", got, want);
    exit(1);
}

static void bench(struct cx *cx)
{
    struct verify_fault *faults;
    size_t fault_count;
    int64_t bought, alone = count / BUYERS, start_us;
    const char *name = db_is_pg(cx) ? "postgresql" : "sqlite";
    fill_items(cx, ITEMS, 3 * count);
    double alone_s = run(&bought, cx, 1, ITEMS, alone);
    expect(bought, alone);
    double wide_s = run(&bought, cx, BUYERS, ITEMS, alone);
    expect(bought, alone * BUYERS);
    double narrow_s = run(&bought, cx, BUYERS, 1, alone);
    expect(bought, alone * BUYERS);
    double few_s = 0;
    for (int i = 0; i < ROUNDS; i++) {
        fill_items(cx, 1, UNITS);
        few_s += run(&bought, cx, BUYERS, 1, 1);
        expect(bought, UNITS);
    }
    start_us = time_mono_us();
    must(cx, stock_verify(&faults, &fault_count, cx));
    double verify_s = (double)(time_mono_us() - start_us) / 1e6;
    printf("%-10s pairs of reserving and packing a second: %.0f by one buyer, %.0f by %d over "
           "%d items, %.0f by %d on one item; %d buyers for %d units %d times: %d sold each "
           "time, %.1f ms a time; all verified in %.2f s\n",
           name, (double)alone / alone_s, (double)(alone * BUYERS) / wide_s, BUYERS, ITEMS,
           (double)(alone * BUYERS) / narrow_s, BUYERS, BUYERS, UNITS, ROUNDS, UNITS,
           few_s * 1e3 / ROUNDS, verify_s);
    (void)fflush(stdout);
    for (size_t i = 0; i < fault_count && i < 5; i++)
        fprintf(stderr, "%s (id %" PRId64 ")\n", faults[i].what, faults[i].id);
    if (fault_count)
        exit(1);
}

int main(int argc, char **argv)
{
    if (argc > 1 && (!str_to_i64(&count, str_of(argv[1])) || count < BUYERS))
        return 2;
    db_fixture_each(bench);
    return 0;
}
