/* Tests of the writer: grouped commits, failing closures, overflow, deadlines, bulk chunks, a
 * full disk. Each on SQLite and on PostgreSQL unless its comment says why not. */
#include "db/db_fixture.h"

#include "base/check.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/time.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#define SQL(id, text, arg_letters, col_letters)                                                \
    static const struct sql id = {                                                             \
        .name = #id, .lite = text, .args = arg_letters, .cols = col_letters}

SQL(MAKE,
    "CREATE TABLE mark (county BIGINT NOT NULL, id BIGINT NOT NULL, note TEXT,"
    " PRIMARY KEY (county, id))",
    "", "");
SQL(ADD, "INSERT INTO mark (county, id, note) VALUES ($1, $2, $3)", "iit", "");
SQL(COUNT, "SELECT count(*), count(DISTINCT id) FROM mark", "", "ii");

struct mark {
    int64_t county, id;
    enum rc want;
};

static enum rc make(struct cx *cx, void *arg)
{
    (void)arg;
    return DB_RUN0(cx, &MAKE);
}

/* Adds the mark; fails behind it when the mark wants so. */
static enum rc add(struct cx *cx, void *arg)
{
    const struct mark *m = arg;
    TRY(DB_RUN(cx, &ADD, V_I(m->county), V_I(m->id), V_NULL));
    if (m->want == RC_INVALID)
        return fail(cx, RC_INVALID, "refused by the test", "id=%" PRId64, m->id);
    return m->want;
}

static int64_t count(struct cx *cx)
{
    struct db_rows rows;
    check_ok(cx, DB_ONE0(&rows, cx, &COUNT));
    int64_t n = row_i64(&rows, 0);
    check_ok(cx, db_done(&rows));
    return n;
}

static void setup(struct cx *cx)
{
    check_ok(cx, db_write(cx, 0, make, NULL));
}

/* ---- threads that write ---- */

struct worker {
    pthread_t thread;
    struct db_pool *pool;
    int number, writes;
    int64_t done, refused, busy;
    int64_t worst_ms;
};

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    struct cx cx;
    check_open(&cx);
    cx.pool = w->pool;
    for (int i = 0; i < w->writes; i++) {
        struct mark m = {.county = 1 + w->number % 3,
                         .id = (int64_t)w->number * 100000 + i,
                         .want = i % 10 == 7 ? RC_INVALID : RC_OK};
        int64_t start_ms = time_mono_ms();
        err_clear(&cx);
        enum rc rc = db_write(&cx, m.county, add, &m);
        int64_t took_ms = time_mono_ms() - start_ms;
        w->done += rc == RC_OK && m.want == RC_OK;
        w->refused += rc == RC_INVALID && m.want == RC_INVALID &&
                      strcmp(cx.err.text, "refused by the test") == 0;
        w->busy += rc == RC_BUSY;
        if (took_ms > w->worst_ms)
            w->worst_ms = took_ms;
    }
    check_close(&cx);
    return NULL;
}

enum { THREADS = 64 };

static void run_workers(struct cx *cx, struct worker *w, int threads, int writes)
{
    for (int i = 0; i < threads; i++) {
        w[i].pool = cx->pool;
        w[i].number = i;
        w[i].writes = writes;
        assert_int_equal(pthread_create(&w[i].thread, NULL, worker_main, &w[i]), 0);
    }
    for (int i = 0; i < threads; i++)
        pthread_join(w[i].thread, NULL);
}

static void grouped(struct cx *cx)
{
    static struct worker w[THREADS];
    enum { WRITES = 200 };
    memset(w, 0, sizeof w);
    setup(cx);
    struct db_figures before = db_figures_get(cx->pool);
    run_workers(cx, w, THREADS, WRITES);
    struct db_figures after = db_figures_get(cx->pool);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(w[i].done, WRITES * 9 / 10);
        assert_int_equal(w[i].refused, WRITES / 10);
    }
    assert_int_equal(count(cx), THREADS * WRITES * 9 / 10);
    assert_int_equal(after.closures - before.closures, THREADS * WRITES);
    assert_true(after.commits - before.commits < THREADS * WRITES / 4);
    assert_true(after.batch_max > 4 && after.batch_max <= LIMIT_WRITE_BATCH);
    assert_int_equal(after.queue_length, 0);
}

static void test_grouped(void **state)
{
    (void)state;
    /* 64 threads × 200 writes, every tenth refused: far fewer commits than writes; exactly the
     * accepted rows are there; each refusal comes back with its own text. */
    db_fixture_each_empty(grouped);
}

/* ---- closures within closures ---- */

static enum rc outer(struct cx *cx, void *arg)
{
    struct mark good = {.county = 1, .id = 1}, bad = {.county = 1, .id = 2, .want = RC_INVALID};
    (void)arg;
    TRY(db_write(cx, 1, add, &good));
    assert_int_equal(db_write(cx, 1, add, &bad), RC_INVALID);
    err_clear(cx);
    good.id = 3;
    TRY(db_write_bulk(cx, 1, add, &good));
    return RC_OK;
}

static enum rc outer_fails(struct cx *cx, void *arg)
{
    struct mark good = {.county = 1, .id = 10};
    (void)arg;
    TRY(db_write(cx, 1, add, &good));
    return fail(cx, RC_DENIED, "no", "test");
}

static void nested(struct cx *cx)
{
    setup(cx);
    check_ok(cx, db_write(cx, 1, outer, NULL));
    assert_int_equal(count(cx), 2);
    check_refused(cx, db_write(cx, 1, outer_fails, NULL), RC_DENIED);
    assert_int_equal(count(cx), 2);
}

static void test_nested(void **state)
{
    (void)state;
    /* An inner closure that fails undoes itself; an outer one that fails undoes the inner too.
     */
    db_fixture_each_empty(nested);
}

/* ---- overflow and deadlines ---- */

static sem_t gate_reached, gate_open;
static enum rc wait_at_gate(struct cx *cx, void *arg)
{
    (void)cx, (void)arg;
    sem_post(&gate_reached);
    while (sem_wait(&gate_open))
        ;
    return RC_OK;
}

static void *gate_main(void *arg)
{
    struct cx cx;
    check_open(&cx);
    cx.pool = arg;
    check_ok(&cx, db_write(&cx, 1, wait_at_gate, NULL));
    check_close(&cx);
    return NULL;
}

static atomic_int overflow_busy, overflow_ok;
static void *overflow_main(void *arg)
{
    struct cx cx;
    struct worker *w = arg;
    struct mark m = {.county = 1, .id = w->number};
    cx_init(&cx, arena_open(4096));
    cx.pool = w->pool;
    enum rc rc = db_write(&cx, 1, add, &m);
    atomic_fetch_add(rc == RC_BUSY && cx.err.text[0] ? &overflow_busy : &overflow_ok, 1);
    arena_free(cx.arena);
    return NULL;
}

/* `count` small threads that each write once; a queue of 4,096 needs more than that. */
static void overflow(struct cx *cx)
{
    enum { MORE = 20, COUNT_ALL = LIMIT_WRITE_QUEUE + MORE };
    struct worker *w = calloc(COUNT_ALL, sizeof *w);
    pthread_attr_t attr;
    pthread_t gate;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 64 * 1024);
    sem_init(&gate_reached, 0, 0);
    sem_init(&gate_open, 0, 0);
    atomic_store(&overflow_busy, 0);
    atomic_store(&overflow_ok, 0);
    setup(cx);
    pthread_create(&gate, NULL, gate_main, cx->pool);
    sem_wait(&gate_reached);
    for (int i = 0; i < COUNT_ALL; i++) {
        w[i].pool = cx->pool;
        w[i].number = i;
        if (pthread_create(&w[i].thread, &attr, overflow_main, &w[i]))
            fail_msg("thread %d", i);
    }
    for (int i = 0; i < 500 && atomic_load(&overflow_busy) < MORE; i++)
        usleep(10000);
    assert_int_equal(atomic_load(&overflow_busy), MORE);
    assert_int_equal(db_figures_get(cx->pool).queue_length, LIMIT_WRITE_QUEUE);
    sem_post(&gate_open);
    for (int i = 0; i < COUNT_ALL; i++)
        pthread_join(w[i].thread, NULL);
    pthread_join(gate, NULL);
    assert_int_equal(atomic_load(&overflow_ok), LIMIT_WRITE_QUEUE);
    assert_int_equal(count(cx), LIMIT_WRITE_QUEUE);
    struct mark m = {.county = 1, .id = 1000000};
    check_ok(cx, db_write(cx, 1, add, &m));
    pthread_attr_destroy(&attr);
    free(w);
}

static void test_overflow(void **state)
{
    (void)state;
    /* The writer is held; 4,096 closures queue, 20 more are refused with RC_BUSY; let go, all
     * the queued ones are done and writing goes on. */
    db_fixture_each_empty(overflow);
}

static void *open_gate_late(void *arg)
{
    (void)arg;
    usleep(100 * 1000);
    sem_post(&gate_open);
    return NULL;
}

static void late(struct cx *cx)
{
    struct mark m = {.county = 1, .id = 5};
    pthread_t gate;
    sem_init(&gate_reached, 0, 0);
    sem_init(&gate_open, 0, 0);
    setup(cx);
    cx->deadline_ms = time_mono_ms() + 30;
    pthread_create(&gate, NULL, gate_main, cx->pool);
    sem_wait(&gate_reached);
    pthread_t opener;
    pthread_create(&opener, NULL, open_gate_late, NULL);
    check_refused(cx, db_write(cx, 1, add, &m), RC_BUSY);
    pthread_join(opener, NULL);
    pthread_join(gate, NULL);
    cx->deadline_ms = 0;
    assert_int_equal(count(cx), 0);
}

static void test_late(void **state)
{
    (void)state;
    /* A closure whose caller's deadline passes while it waits is not run at all. */
    db_fixture_each_empty(late);
}

/* ---- bulk ---- */

struct load {
    int64_t next, end;
    int chunks;
    int64_t longest_ms;
};
static enum rc load_chunk(struct cx *cx, void *arg)
{
    struct load *l = arg;
    int64_t start_ms = time_mono_ms(), next = l->next;
    do
        TRY(DB_RUN(cx, &ADD, V_I(2), V_I(next), V_T("bulk")));
    while (++next < l->end && db_chunk_left_ms(cx) > 0);
    l->next = next;
    l->chunks++;
    if (time_mono_ms() - start_ms > l->longest_ms)
        l->longest_ms = time_mono_ms() - start_ms;
    return RC_OK;
}

static void *load_main(void *arg)
{
    struct cx cx;
    static struct load l;
    l = (struct load){.next = 1000000, .end = 1005000};
    check_open(&cx);
    cx.pool = arg;
    while (l.next < l.end)
        check_ok(&cx, db_write_bulk(&cx, 2, load_chunk, &l));
    check_close(&cx);
    return &l;
}

static void bulk(struct cx *cx)
{
    static struct worker w[8];
    pthread_t loader;
    void *result;
    memset(w, 0, sizeof w);
    setup(cx);
    pthread_create(&loader, NULL, load_main, cx->pool);
    run_workers(cx, w, 8, 30);
    pthread_join(loader, &result);
    const struct load *l = result;
    assert_int_equal(count(cx), 5000 + 8 * 27);
    assert_true(l->chunks >= 1);
    for (int i = 0; i < 8; i++)
        assert_int_equal(w[i].busy, 0);
}

static void test_bulk(void **state)
{
    (void)state;
    /* A load of 5,000 rows in chunks beside eight ordinary writers: all arrive. */
    db_fixture_each_empty(bulk);
}

/* Writes without end until the flag. */
static atomic_bool endless_stop;
static void *endless_main(void *arg)
{
    struct worker *w = arg;
    struct cx cx;
    check_open(&cx);
    cx.pool = w->pool;
    while (!atomic_load(&endless_stop)) {
        struct mark m = {.county = 1, .id = (int64_t)w->number * 1000000 + w->done++};
        check_ok(&cx, db_write(&cx, m.county, add, &m));
    }
    check_close(&cx);
    return NULL;
}

static void bulk_starved(struct cx *cx)
{
    static struct worker w[8];
    struct mark m = {.county = 1, .id = -1};
    memset(w, 0, sizeof w);
    setup(cx);
    atomic_store(&endless_stop, false);
    for (int i = 0; i < 8; i++) {
        w[i].pool = cx->pool;
        w[i].number = i;
        pthread_create(&w[i].thread, NULL, endless_main, &w[i]);
    }
    usleep(50 * 1000);
    int64_t start_ms = time_mono_ms();
    check_ok(cx, db_write_bulk(cx, 1, add, &m));
    int64_t took_ms = time_mono_ms() - start_ms;
    atomic_store(&endless_stop, true);
    for (int i = 0; i < 8; i++)
        pthread_join(w[i].thread, NULL);
    assert_true(took_ms < 1500);
}

static void test_bulk_starved(void **state)
{
    (void)state;
    /* A bulk chunk comes to its turn (200 ms) while eight threads write without end. */
    db_fixture_each_empty(bulk_starved);
}

/* ---- faults ---- */

static void commit_fails(struct cx *cx)
{
    struct mark m = {.county = 1, .id = 1};
    setup(cx);
    /* One failing commit: the closure is run again by itself and succeeds. */
    fault_set("db.commit:1:enospc");
    check_ok(cx, db_write(cx, 1, add, &m));
    assert_int_equal(count(cx), 1);
    /* The disk stays full: refused with a text; nothing is left; later writes work. */
    fault_set("db.commit:1+:enospc");
    m.id = 2;
    check_refused(cx, db_write(cx, 1, add, &m), RC_IO);
    fault_set(NULL);
    assert_int_equal(count(cx), 1);
    m.id = 3;
    check_ok(cx, db_write(cx, 1, add, &m));
    assert_int_equal(count(cx), 2);
}

static void test_commit_fails(void **state)
{
    (void)state;
    /* Fault point db.commit once and for good. */
    db_fixture_each_empty(commit_fails);
}

SQL(PAGES, "PRAGMA page_count", "", "i");
static enum rc set_max_pages(struct cx *cx, void *arg)
{
    struct sql sql = {.name = "~max", .args = "", .cols = "i"};
    struct db_rows rows;
    sql.lite = arena_printf(cx->arena, "PRAGMA max_page_count = %" PRId64, *(int64_t *)arg);
    TRY(DB_ONE0(&rows, cx, &sql));
    return db_done(&rows);
}

static enum rc add_large(struct cx *cx, void *arg)
{
    const struct mark *m = arg;
    char *note = arena_new(cx->arena, 100001);
    memset(note, 'x', 100000);
    return DB_RUN(cx, &ADD, V_I(m->county), V_I(m->id), V_T(note));
}

static void disk_full(struct cx *cx)
{
    struct db_rows rows;
    struct mark large = {.county = 1, .id = 1}, small = {.county = 1, .id = 2};
    int64_t pages = 0, no_limit = 1000000000;
    if (db_is_pg(cx))
        return; /* max_page_count is SQLite's */
    setup(cx);
    check_ok(cx, DB_ONE0(&rows, cx, &PAGES));
    pages = row_i64(&rows, 0) + 10;
    check_ok(cx, db_done(&rows));
    check_ok(cx, db_write(cx, 1, set_max_pages, &pages));
    check_refused(cx, db_write(cx, 1, add_large, &large), RC_IO);
    check_ok(cx, db_write(cx, 1, add, &small));
    check_ok(cx, db_write(cx, 1, set_max_pages, &no_limit));
    check_ok(cx, db_write(cx, 1, add_large, &large));
    assert_int_equal(count(cx), 2);
}

static void test_disk_full(void **state)
{
    (void)state;
    /* A file that may grow by ten pages refuses a large row with RC_IO, takes a small one, and
     * takes the large one when there is room again. */
    db_fixture_each_empty(disk_full);
}

SQL(TERMINATE,
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    "", "i");
static atomic_bool terminate_stop;
static void *terminate_main(void *arg)
{
    struct cx cx;
    check_open(&cx);
    cx.pool = arg;
    while (!atomic_load(&terminate_stop)) {
        struct db_rows rows;
        usleep(30000);
        if (db_attach(&cx))
            continue;
        if (!DB_ONE0(&rows, &cx, &TERMINATE))
            (void)db_done(&rows);
        db_detach(&cx);
        err_clear(&cx);
    }
    check_close(&cx);
    return NULL;
}

static void lost_connections(struct cx *cx)
{
    static struct worker w[8];
    pthread_t killer;
    if (!db_is_pg(cx))
        return; /* SQLite has no connection to lose */
    memset(w, 0, sizeof w);
    setup(cx);
    atomic_store(&terminate_stop, false);
    pthread_create(&killer, NULL, terminate_main, cx->pool);
    run_workers(cx, w, 8, 100);
    atomic_store(&terminate_stop, true);
    pthread_join(killer, NULL);
    for (int i = 0; i < 8; i++)
        assert_int_equal(w[i].done + w[i].refused, 100);
    assert_int_equal(count(cx), 8 * 90);
}

static void test_lost_connections(void **state)
{
    (void)state;
    /* PostgreSQL's connections are cut every 30 ms while eight threads write: every write is
     * answered with success and is there once. */
    db_fixture_each_empty(lost_connections);
}

static void single_thread(struct cx *cx)
{
    /* A command's pool beside the server's on the same database: its closures run in the
     * calling thread and are seen by the other. */
    struct cx own = *cx;
    struct mark m = {.county = 1, .id = 1}, bad = {.county = 1, .id = 2, .want = RC_INVALID};
    struct db_options options = {.url = NULL, .single_thread = true};
    setup(cx);
    options.url = db_fixture_url(cx);
    own.db = NULL;
    check_ok(&own, db_open(&own.pool, &own, &options));
    check_ok(&own, db_write(&own, 1, add, &m));
    check_refused(&own, db_write(&own, 1, add, &bad), RC_INVALID);
    assert_int_equal(count(cx), 1);
    m.id = 3;
    check_ok(cx, db_write(cx, 1, add, &m));
    db_close(own.pool);
    options.single_thread = false;
    options.read_only = true;
    check_ok(&own, db_open(&own.pool, &own, &options));
    check_refused(&own, db_write(&own, 1, add, &bad), RC_DENIED);
    check_ok(&own, db_attach(&own));
    assert_int_equal(count(&own), 2);
    db_detach(&own);
    db_close(own.pool);
}

static void test_single_thread(void **state)
{
    (void)state;
    db_fixture_each_empty(single_thread);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grouped),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_late),
        cmocka_unit_test(test_bulk),
        cmocka_unit_test(test_bulk_starved),
        cmocka_unit_test(test_commit_fails),
        cmocka_unit_test(test_disk_full),
        cmocka_unit_test(test_lost_connections),
        cmocka_unit_test(test_single_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
