/* Messages between two databases, on every pair of SQLite and PostgreSQL: carried and taken
 * once over faults at every step, failing handlers, two servers that take at once, sealed. */
#include "work/outbox.h"

#include "base/check.h"
#include "base/fault.h"
#include "base/vault.h"
#include "db/db_fixture.h"
#include "db/db_impl.h"

#include <pthread.h>
#include <unistd.h>

#define SQL(id, text, arg_letters, col_letters)                                                \
    static const struct sql id = {                                                             \
        .name = #id, .lite = (text), .args = (arg_letters), .cols = (col_letters)}
SQL(TEST_MAKE, "CREATE TABLE test_taken (county BIGINT, id BIGINT, body TEXT)", "", "");
SQL(TEST_PUT, "INSERT INTO test_taken (county, id, body) VALUES ($1, $2, $3)", "iit", "");
SQL(TEST_COUNT,
    "SELECT count(*), (SELECT count(*) FROM (SELECT DISTINCT county, id FROM test_taken) d) "
    "FROM test_taken",
    "", "ii");
SQL(TEST_BODIES, "SELECT body FROM test_taken ORDER BY id", "", "t");
SQL(TEST_SEALED, "SELECT body FROM outbox ORDER BY id LIMIT 1", "", "b");
SQL(TEST_ARRIVED, "SELECT body FROM inbox ORDER BY id LIMIT 1", "", "b");

static struct cx *office;
static bool is_ill;

static struct vault *make_vault(struct cx *cx)
{
    struct vault *v;
    char path[] = "/tmp/fumin_outbox_XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
    check_ok(cx, vault_create(cx, path));
    check_ok(cx, vault_open(&v, cx, path));
    unlink(path);
    return v;
}

static enum rc take(struct cx *cx, const struct letter *m)
{
    TRY(DB_RUN(cx, &TEST_PUT, V_I(m->county), V_I(m->id), V_S(m->body)));
    if (is_ill && str_find(m->body, STR("7")) != SIZE_MAX)
        return fail(cx, RC_INVALID, "it is ill", "on purpose");
    return RC_OK;
}
static const struct letter_kind kinds[] = {{"test.said", take}};

struct saying {
    int64_t county;
    int from, to;
};
static enum rc say_write(struct cx *cx, void *arg)
{
    const struct saying *s = arg;
    for (int i = s->from; i < s->to; i++)
        TRY(outbox_put(cx, s->county, "test.said",
                       str_of(arena_printf(cx->arena, "word %d", i))));
    return RC_OK;
}

static void say(int64_t county, int from, int to)
{
    struct saying s = {county, from, to};
    check_ok(office, db_write(office, county, say_write, &s));
}

static void check_count(struct cx *market, int64_t expected)
{
    struct db_rows rows;
    check_ok(market, DB_ONE0(&rows, market, &TEST_COUNT));
    int64_t all = row_i64(&rows, 0), different = row_i64(&rows, 1);
    check_ok(market, db_done(&rows));
    assert_int_equal(all, expected);
    assert_int_equal(different, expected);
}

static enum rc make_write(struct cx *cx, void *arg)
{
    (void)arg;
    return DB_RUN0(cx, &TEST_MAKE);
}

static bool reads(struct cx *cx, const struct sql *sql, const char *word)
{
    struct db_rows rows;
    check_ok(cx, DB_ONE0(&rows, cx, sql));
    struct str s = row_copy(&rows, 0);
    check_ok(cx, db_done(&rows));
    return str_find(s, str_of(word)) != SIZE_MAX;
}

/* Sealed in both, with different keys; carried once whatever fails between. */
static void carries(struct cx *market)
{
    int64_t n;
    struct letter_figures f;
    say(1, 0, 3);
    say(2, 3, 130);
    assert_false(reads(office, &TEST_SEALED, "word"));
    check_ok(office, letter_figures_get(&f, office));
    assert_int_equal(f.waiting, 130);
    assert_true(f.oldest_at > 0);
    assert_true(fault_set("outbox.kept:1"));
    assert_int_equal(outbox_carry(&n, office, market), RC_IO);
    err_clear(office);
    assert_true(fault_set("outbox.carried:2"));
    assert_int_equal(outbox_carry(&n, office, market), RC_IO);
    err_clear(office);
    assert_true(fault_set(""));
    check_ok(office, outbox_carry(&n, office, market));
    assert_false(reads(market, &TEST_ARRIVED, "word"));
    check_ok(office, letter_figures_get(&f, office));
    assert_int_equal(f.waiting, 0);
    check_ok(market, letter_figures_get(&f, market));
    assert_int_equal(f.arrived, 130);
    check_ok(market, inbox_take_due(&n, market));
    assert_int_equal(n, 130);
    check_count(market, 130);
    check_ok(market, inbox_take_due(&n, market));
    assert_int_equal(n, 0);
    /* In order. */
    struct db_rows rows;
    int at = 0;
    check_ok(market, DB_SELECT0(&rows, market, &TEST_BODIES));
    while (db_next(&rows))
        assert_true(str_eq_z(row_str(&rows, 0), arena_printf(market->arena, "word %d", at++)));
    check_ok(market, db_done(&rows));
}

/* A handler that fails leaves nothing, is told, and is tried again later; others go on. */
static void fails(struct cx *market)
{
    int64_t n;
    struct letter_figures f;
    is_ill = true;
    say(1, 7, 9);
    check_ok(office, outbox_carry(&n, office, market));
    assert_int_equal(n, 2);
    check_ok(market, inbox_take_due(&n, market));
    assert_int_equal(n, 1);
    check_count(market, 131);
    check_ok(market, letter_figures_get(&f, market));
    assert_int_equal(f.failing, 1);
    assert_string_equal(f.error, "test.said: invalid on purpose");
    is_ill = false;
    check_ok(market, inbox_take_due(&n, market));
    assert_int_equal(n, 0); /* not yet */
    market->now_at += 3;
    check_ok(market, inbox_take_due(&n, market));
    assert_int_equal(n, 1);
    check_count(market, 132);
}

static void *server_main(void *arg)
{
    const struct cx *market = arg;
    struct cx cx = *market;
    int64_t n;
    cx.arena = arena_open(8 * 1024 * 1024);
    cx.db = NULL;
    check_ok(&cx, db_attach(&cx));
    check_ok(&cx, inbox_take_due(&n, &cx));
    db_detach(&cx);
    arena_free(cx.arena);
    return NULL;
}

static void at_once(struct cx *market)
{
    pthread_t threads[4];
    int64_t n;
    say(1, 1000, 1100);
    check_ok(office, outbox_carry(&n, office, market));
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, server_main, market), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    check_count(market, 232);
}

static void too_long(struct cx *market)
{
    static char big[LETTER_BYTES_MAX + 1];
    memset(big, 'x', sizeof big);
    (void)market;
    assert_int_equal(outbox_put(office, 1, "test.said", (struct str){big, sizeof big}),
                     RC_LIMIT);
    err_clear(office);
}

static void with_market(struct cx *market)
{
    market->vault = make_vault(market);
    check_ok(market, db_write(market, 0, make_write, NULL));
    carries(market);
    fails(market);
    at_once(market);
    too_long(market);
    vault_close(market->vault);
}

static void with_office(struct cx *cx)
{
    office = cx;
    cx->vault = make_vault(cx);
    db_fixture_each(with_market);
    vault_close(cx->vault);
}

static void messages_once(void **state)
{
    (void)state;
    crypto_init();
    letter_kinds_set(kinds, 1);
    db_fixture_each(with_office);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(messages_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
