/* Grouped commits against one commit per closure: 256 threads post small durable writes, first
 * one commit each, then grouped. Prints rates, waiting times and the ratio; the house promises
 * at least 10. On SQLite in a temporary folder (TMPDIR should be on the disk that counts), and
 * on PostgreSQL when FUMIN_TEST_PG is set. db_bench [seconds]      default 3 */
#include "db/db_fixture.h"

#include "base/time.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 256, WAITS_MAX = 1 << 20 };

static const struct sql BENCH_MAKE = {
    .name = "bench_make",
    .lite = "CREATE TABLE IF NOT EXISTS bench (county BIGINT NOT NULL, id BIGINT NOT NULL,"
            " amount_minor BIGINT NOT NULL, note TEXT, PRIMARY KEY (county, id))",
    .args = "",
    .cols = "",
};
static const struct sql BENCH_ADD = {
    .name = "bench_add",
    .lite = "INSERT INTO bench (county, id, amount_minor, note) VALUES ($1, $2, $3, $4)",
    .args = "iiit",
    .cols = "",
};

static struct db_pool *pool;
static atomic_bool stop;
static atomic_llong next_id, wait_count;
static int32_t waits_us[WAITS_MAX];
static int64_t seconds = 3;

static enum rc make(struct cx *cx, void *arg)
{
    (void)arg;
    return DB_RUN0(cx, &BENCH_MAKE);
}

static enum rc add(struct cx *cx, void *arg)
{
    int64_t id = *(const int64_t *)arg;
    return DB_RUN(
        cx, &BENCH_ADD, V_I(id % 4), V_I(id), V_I(id * 100),
        V_T("a form of about eighty bytes, as a household's visit would leave it here"));
}

static void *thread_main(void *arg)
{
    struct cx cx;
    (void)arg;
    cx_init(&cx, arena_open(65536));
    cx.pool = pool;
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        int64_t id = atomic_fetch_add(&next_id, 1), start_us = time_mono_us();
        if (db_write(&cx, id % 4, add, &id)) {
            fprintf(stderr, "db_bench: %s (%s)\n", cx.err.text, cx.err.detail);
            abort();
        }
        long long at = atomic_fetch_add(&wait_count, 1);
        if (at < WAITS_MAX)
            waits_us[at] = (int32_t)(time_mono_us() - start_us);
    }
    arena_free(cx.arena);
    return NULL;
}

static int by_value(const void *a, const void *b)
{
    const int32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Writes per second with at most `batch_max` closures in a commit. */
static double run(struct cx *cx, const char *name, int batch_max)
{
    static pthread_t threads[THREADS];
    struct db_options options = {.url = db_fixture_url(cx), .batch_max = batch_max};
    if (db_open(&pool, cx, &options))
        abort();
    atomic_store(&stop, false);
    atomic_store(&wait_count, 0);
    int64_t start_us = time_mono_us();
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, thread_main, NULL);
    struct timespec nap = {seconds, 0};
    nanosleep(&nap, NULL);
    atomic_store(&stop, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    double took = (double)(time_mono_us() - start_us) / 1e6;
    struct db_figures f = db_figures_get(pool);
    size_t count = (size_t)atomic_load(&wait_count);
    count = count < WAITS_MAX ? count : WAITS_MAX;
    qsort(waits_us, count, sizeof *waits_us, by_value);
    size_t middle = count / 2, late = count - 1 - count / 100;
    double p50_ms = waits_us[middle] / 1e3, p99_ms = waits_us[late] / 1e3;
    printf("%-10s %-22s %8.0f writes/s  p50 %6.2f ms  p99 %6.2f ms  %6.1f writes/commit\n",
           db_is_pg(cx) ? "postgresql" : "sqlite", name, (double)f.closures / took, p50_ms,
           p99_ms, (double)f.closures / (double)f.commits);
    db_close(pool);
    return (double)f.closures / took;
}

static enum rc chunk(struct cx *cx, void *arg)
{
    int64_t *id = arg;
    do
        TRY(DB_RUN(cx, &BENCH_ADD, V_I(9), V_I((*id)++), V_I(1), V_T("bulk")));
    while (db_chunk_left_ms(cx) > 0);
    return RC_OK;
}

/* Rows per second of one thread that loads in chunks. */
static void bulk(struct cx *cx)
{
    int64_t id = 0, start_us = time_mono_us();
    while (time_mono_us() - start_us < seconds * 1000000) {
        if (db_write_bulk(cx, 9, chunk, &id))
            abort();
    }
    printf("%-10s %-22s %8.0f rows/s\n", db_is_pg(cx) ? "postgresql" : "sqlite", "bulk chunks",
           (double)id * 1e6 / (double)(time_mono_us() - start_us));
}

static void bench(struct cx *cx)
{
    if (db_write(cx, 0, make, NULL))
        abort();
    double single = run(cx, "one commit per write", 1);
    double grouped = run(cx, "grouped commits", 0);
    bulk(cx);
    printf("%-10s ratio %.1f\n", db_is_pg(cx) ? "postgresql" : "sqlite", grouped / single);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !str_to_i64(&seconds, str_of(argv[1])))
        return 2;
    db_fixture_each_empty(bench);
    return 0;
}
