/* Transfers a second: batches of 500 (and single ones, 8 threads) over 10,000 accounts, a third
 * of them pending and then posted; then the whole verified from zero. On SQLite in a temporary
 * folder (TMPDIR should be on the disk that counts), and on PostgreSQL when FUMIN_TEST_PG is
 * set. Fails (exit 1) when a transfer is refused or the verification finds a fault.
 * ledger_bench [count]      default 1000000 */
#include "db/db_fixture.h"

#include "base/crypto.h"
#include "base/time.h"
#include "ledger/ledger.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { COUNTY = 1, ACCOUNTS = 10000, BATCH = 500, THREADS = 8, SINGLE = 1000 };

static int64_t count = 1000000;

static void must(struct cx *cx, enum rc rc)
{
    if (!rc)
        return;
    fprintf(stderr, "ledger_bench: %s (%s)\n", cx->err.text, cx->err.detail);
    exit(1);
}

static enum rc add_accounts(struct cx *cx, void *arg)
{
    (void)arg;
    for (int64_t i = 1; i <= ACCOUNTS; i++) {
        struct ledger_account a = {.county = COUNTY,
                                   .id = i,
                                   .unit = "CNY",
                                   .kind = i == 1 ? 1 : 2,
                                   .owner_id = i,
                                   .debit_max = i == 1 ? LEDGER_NO_LIMIT : 0,
                                   .credit_max = LEDGER_NO_LIMIT};
        TRY(ledger_account_add(cx, &a));
    }
    return RC_OK;
}

/* Of three: money comes in, a payout is held, and the one held before is posted. */
static struct ledger_transfer nth(int64_t i)
{
    int64_t account = 2 + i / 3 * 7919 % (ACCOUNTS - 1);
    struct ledger_transfer t = {.id = i + 1, .amount = 100 + i % 50, .code = 1};
    if (i % 3 == 2)
        return (struct ledger_transfer){.id = i + 1, .type = LEDGER_POST, .pending_id = i};
    t.type = i % 3 == 1 ? LEDGER_PENDING : LEDGER_PLAIN;
    t.debit_id = i % 3 == 1 ? account : 1;
    t.credit_id = i % 3 == 1 ? 1 : account;
    t.amount = i % 3 == 1 ? 100 : t.amount;
    return t;
}

static void run_batches(struct cx *cx)
{
    static struct ledger_transfer t[BATCH];
    for (int64_t i = 0; i < count; i += BATCH) {
        struct arena_mark mark = arena_mark(cx->arena);
        size_t n = 0;
        for (; n < BATCH && i + (int64_t)n < count; n++)
            t[n] = nth(i + (int64_t)n);
        must(cx, ledger_require(cx, COUNTY, t, n));
        arena_back(cx->arena, mark);
    }
}

struct single {
    pthread_t thread;
    struct db_pool *pool;
    int64_t first;
};
static void *single_main(void *arg)
{
    const struct single *s = arg;
    struct cx cx;
    cx_init(&cx, arena_open(1 << 20));
    cx.pool = s->pool;
    for (int64_t i = 0; i < SINGLE; i++) {
        struct ledger_transfer t = {.id = s->first + i,
                                    .debit_id = 1,
                                    .credit_id = 2 + i % (ACCOUNTS - 1),
                                    .amount = 5,
                                    .code = 2};
        must(&cx, ledger_require(&cx, COUNTY, &t, 1));
        arena_reset(cx.arena);
    }
    arena_free(cx.arena);
    return NULL;
}
static void run_singles(struct cx *cx)
{
    struct single s[THREADS];
    for (int i = 0; i < THREADS; i++) {
        s[i] = (struct single){.pool = cx->pool, .first = INT64_C(1) << 40 | (int64_t)i << 20};
        if (pthread_create(&s[i].thread, NULL, single_main, &s[i]))
            exit(1);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(s[i].thread, NULL);
}

static void bench(struct cx *cx)
{
    struct verify_fault *faults;
    size_t fault_count;
    const char *name = db_is_pg(cx) ? "postgresql" : "sqlite";
    crypto_init();
    must(cx, db_write(cx, COUNTY, add_accounts, NULL));
    int64_t start_us = time_mono_us();
    run_batches(cx);
    double batch_s = (double)(time_mono_us() - start_us) / 1e6;
    start_us = time_mono_us();
    run_singles(cx);
    double single_s = (double)(time_mono_us() - start_us) / 1e6;
    start_us = time_mono_us();
    must(cx, ledger_verify(&faults, &fault_count, cx));
    double verify_s = (double)(time_mono_us() - start_us) / 1e6;
    printf("%-10s %" PRId64 " transfers in batches of %d: %.0f a second; one at a time, %d "
           "threads: %.0f a second; all verified in %.1f s\n",
           name, count, BATCH, (double)count / batch_s, THREADS,
           (double)(THREADS * SINGLE) / single_s, verify_s);
    fflush(stdout);
    for (size_t i = 0; i < fault_count && i < 5; i++)
        fprintf(stderr, "%s (id %" PRId64 ")\n", faults[i].what, faults[i].id);
    if (fault_count)
        exit(1);
}

int main(int argc, char **argv)
{
    if (argc > 1 && (!str_to_i64(&count, str_of(argv[1])) || count < 1))
        return 2;
    db_fixture_each(bench);
    return 0;
}
