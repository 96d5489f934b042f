/* Tests of db.h: values, rows, failures, savepoints and read transactions, each on SQLite and
 * on PostgreSQL. The traps are those of domain/sql.md's table. */
#include "db/db_fixture.h"

#include "base/check.h"
#include "base/time.h"

#include <math.h>

#define SQL(id, text, arg_letters, col_letters)                                                \
    static const struct sql id = {                                                             \
        .name = #id, .lite = text, .args = arg_letters, .cols = col_letters}

SQL(MAKE,
    "CREATE TABLE thing (id BIGINT PRIMARY KEY, code TEXT UNIQUE, size SMALLINT "
    "CHECK (size >= 0), weight DOUBLE PRECISION, seal BLOB, parent BIGINT REFERENCES thing "
    "(id))",
    "", "");
SQL(ADD,
    "INSERT INTO thing (id, code, size, weight, seal, parent) VALUES ($1, $2, $3, $4, $5, $6)",
    "itifbi", "");
SQL(GET, "SELECT id, code, size, weight, seal, parent FROM thing WHERE id = $1", "i", "itifbi");
SQL(LIST, "SELECT id FROM thing ORDER BY id", "", "i");
SQL(COUNT, "SELECT count(*) FROM thing", "", "i");
SQL(NUMBERS,
    "WITH RECURSIVE n (i) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i "
    "< $2)"
    " SELECT i FROM n",
    "ii", "i");

/* Thing `id` without anything else. */
static enum rc add(struct cx *cx, int64_t id)
{
    return DB_RUN(cx, &ADD, V_I(id), V_NULL, V_NULL, V_NULL, V_NULL, V_NULL);
}

static enum rc make(struct cx *cx, void *arg)
{
    (void)arg;
    return DB_RUN0(cx, &MAKE);
}

static void write_ok(struct cx *cx, db_write_fn fn, void *arg)
{
    if (fn == make) /* PostgreSQL has BLOB from the first migration */
        check_ok(cx, db_migrate_to(cx, 1));
    check_ok(cx, db_write(cx, 1, fn, arg));
}

static int64_t count(struct cx *cx)
{
    struct db_rows rows;
    check_ok(cx, DB_ONE0(&rows, cx, &COUNT));
    int64_t n = row_i64(&rows, 0);
    check_ok(cx, db_done(&rows));
    return n;
}

/* ---- values ---- */

static const struct db_arg *row_in;
static enum rc add_row(struct cx *cx, void *arg)
{
    (void)arg;
    return db_run(cx, &ADD, row_in, 6);
}

static void check_row(struct cx *cx, int64_t id, struct db_arg code, struct db_arg weight,
                      struct db_arg seal)
{
    struct db_rows rows;
    const struct db_arg args[] = {V_I(id), code, V_NULL, weight, seal, V_NULL};
    row_in = args;
    write_ok(cx, add_row, NULL);
    check_ok(cx, DB_ONE(&rows, cx, &GET, V_I(id)));
    assert_true(row_i64(&rows, 0) == id);
    assert_int_equal(row_null(&rows, 1), code.kind == DB_NULL);
    check_str(row_str(&rows, 1), ((struct str){code.p, code.len}));
    assert_true(row_null(&rows, 2) && row_i64(&rows, 2) == 0);
    assert_true(row_f64(&rows, 3) == weight.f);
    assert_int_equal(row_null(&rows, 4), seal.kind == DB_NULL);
    check_str(row_copy(&rows, 4), ((struct str){seal.p, seal.len}));
    check_ok(cx, db_done(&rows));
}

static void values(struct cx *cx)
{
    static const unsigned char bytes[] = {0, 1, 255, 0, 39};
    char large[100000];
    memset(large, 'x', sizeof large);
    write_ok(cx, make, NULL);
    check_row(cx, INT64_MAX, V_T("王小明 ' \" \\ %"), V_F(0.1), V_B(bytes, sizeof bytes));
    check_row(cx, INT64_MIN, V_T(""), V_F(-1e300), V_B(bytes, 0));
    check_row(cx, -1, V_NULL, V_F(5e-324), V_NULL);
    check_row(cx, 7, V_S(((struct str){large, sizeof large})), V_NULL, V_NULL);
}

static void test_values(void **state)
{
    (void)state;
    /* Extremes of every type come back as they went in, NULL apart from the empty text. */
    db_fixture_each_empty(values);
}

static enum rc add_bad_text(struct cx *cx, void *arg)
{
    const char *bad = arg;
    return DB_RUN(cx, &ADD, V_I(1), V_S(((struct str){bad, 3})), V_NULL, V_NULL, V_NULL,
                  V_NULL);
}

static enum rc add_nan(struct cx *cx, void *arg)
{
    (void)arg;
    return DB_RUN(cx, &ADD, V_I(1), V_NULL, V_NULL, V_F(NAN), V_NULL, V_NULL);
}

static void bad_values(struct cx *cx)
{
    char nul[] = "a\0b", broken[] = "a\xff"
                                    "b";
    write_ok(cx, make, NULL);
    check_refused(cx, db_write(cx, 1, add_bad_text, nul), RC_INVALID);
    check_refused(cx, db_write(cx, 1, add_bad_text, broken), RC_INVALID);
    check_refused(cx, db_write(cx, 1, add_nan, NULL), RC_DB);
    assert_int_equal(count(cx), 0);
}

static void test_bad_values(void **state)
{
    (void)state;
    /* What only one of the databases would store (NUL, broken UTF-8, NaN) is refused on both.
     */
    db_fixture_each_empty(bad_values);
}

SQL(TRAP_LIKE, "SELECT CASE WHEN 'quince' LIKE 'Q%' THEN 1 ELSE 0 END", "", "i");
SQL(TRAP_ORDER,
    "SELECT v.column1 FROM (VALUES ('a'), ('B'), ('é'), ('Z'), ('王'), ('_')) AS v ORDER BY 1",
    "", "t");
SQL(TRAP_SUM, "SELECT sum(v.column1) FROM (VALUES (CAST($1 AS BIGINT)), (-5), (0)) AS v", "i",
    "i");
SQL(TRAP_INDEX, "SELECT $2 || '-' || $1", "tt", "t");
SQL(TRAP_QUOTES, "SELECT id FROM thing WHERE code = \"A1\"", "", "i");
SQL(TRAP_KEYSET, "SELECT id FROM thing WHERE (code, id) > ($1, $2) ORDER BY code, id LIMIT $3",
    "tii", "i");
SQL(TRAP_UPSERT,
    "INSERT INTO thing (id, size) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE "
    "SET size = thing.size + excluded.size RETURNING size",
    "ii", "i");

static enum rc upsert(struct cx *cx, void *arg)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &TRAP_UPSERT, V_I(5), V_I(20)));
    *(int64_t *)arg = row_i64(&rows, 0);
    return db_done(&rows);
}

static int64_t one_i64(struct cx *cx, const struct sql *sql)
{
    struct db_rows rows;
    check_ok(cx, DB_ONE0(&rows, cx, sql));
    int64_t n = row_i64(&rows, 0);
    check_ok(cx, db_done(&rows));
    return n;
}

static void traps(struct cx *cx)
{
    struct db_rows rows;
    char order[64] = "";
    int64_t size = 0;
    write_ok(cx, make, NULL);
    assert_int_equal(one_i64(cx, &TRAP_LIKE), 0);
    check_ok(cx, DB_SELECT0(&rows, cx, &TRAP_ORDER));
    while (db_next(&rows))
        snprintf(order + strlen(order), sizeof order - strlen(order), "%.*s ",
                 STR_ARG(row_str(&rows, 0)));
    check_ok(cx, db_done(&rows));
    assert_string_equal(order, "B Z _ a é 王 ");
    /* sum(bigint) is numeric on PostgreSQL. */
    static const int64_t sums[] = {
        0, 5, 9999, 10000, 123456789012345678, -9000000000000000000, INT64_MAX};
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
        check_ok(cx, DB_ONE(&rows, cx, &TRAP_SUM, V_I(sums[i])));
        assert_true(row_i64(&rows, 0) == sums[i] - 5);
        check_ok(cx, db_done(&rows));
    }
    check_ok(cx, DB_ONE(&rows, cx, &TRAP_INDEX, V_T("one"), V_T("two")));
    check_str_z(row_str(&rows, 0), "two-one");
    check_ok(cx, db_done(&rows));
    check_refused(cx, DB_SELECT0(&rows, cx, &TRAP_QUOTES), RC_DB);
    check_ok(cx, DB_SELECT(&rows, cx, &TRAP_KEYSET, V_T("a"), V_I(1), V_I(10)));
    assert_false(db_next(&rows));
    check_ok(cx, db_done(&rows));
    write_ok(cx, upsert, &size);
    write_ok(cx, upsert, &size);
    assert_int_equal(size, 40);
}

static void test_traps(void **state)
{
    (void)state;
    /* Case of LIKE, order by bytes, sums, parameters out of order, "A1", keyset, upsert: the
     * same on both. */
    db_fixture_each_empty(traps);
}

/* ---- rows ---- */

static void nested(struct cx *cx)
{
    /* The same statement three deep, more rows than one network buffer holds. */
    struct db_rows outer, inner, third;
    int64_t sum = 0;
    check_ok(cx, DB_SELECT(&outer, cx, &NUMBERS, V_I(1), V_I(20000)));
    while (db_next(&outer)) {
        if (row_i64(&outer, 0) % 1000 != 0) {
            sum += row_i64(&outer, 0);
            continue;
        }
        check_ok(cx, DB_SELECT(&inner, cx, &NUMBERS, V_I(1), V_I(3)));
        while (db_next(&inner)) {
            check_ok(cx, DB_ONE(&third, cx, &NUMBERS, V_I(5), V_I(6)));
            sum += row_i64(&inner, 0) * row_i64(&third, 0);
            check_ok(cx, db_done(&third));
        }
        check_ok(cx, db_done(&inner));
        sum += row_i64(&outer, 0);
    }
    check_ok(cx, db_done(&outer));
    assert_int_equal(outer.at, 20000);
    assert_int_equal(sum, 20000 * 20001 / 2 + 20 * 6 * 5);
    /* Stopping early leaves the connection fit for use. */
    check_ok(cx, DB_SELECT(&outer, cx, &NUMBERS, V_I(1), V_I(20000)));
    assert_true(db_next(&outer));
    check_ok(cx, db_done(&outer));
    check_ok(cx, DB_ONE(&outer, cx, &NUMBERS, V_I(9), V_I(1)));
    assert_int_equal(row_i64(&outer, 0), 9);
    check_ok(cx, db_done(&outer));
    struct sql none = {
        .name = "~none", .lite = "SELECT 1 WHERE 1 = 0", .args = "", .cols = "i"};
    assert_int_equal(DB_ONE0(&outer, cx, &none), RC_NOTFOUND);
    assert_int_equal(cx->err.rc, RC_OK);
}

static void test_nested(void **state)
{
    (void)state;
    /* Statements within the rows of others, the same one too, and rows left unread. */
    db_fixture_each_empty(nested);
}

static void deadline(struct cx *cx)
{
    struct db_rows rows;
    cx->deadline_ms = time_mono_ms() + 100;
    int64_t start_ms = time_mono_ms();
    enum rc rc = DB_SELECT(&rows, cx, &NUMBERS, V_I(1), V_I(2000000000));
    while (!rc && db_next(&rows))
        ;
    if (!rc)
        rc = db_done(&rows);
    check_refused(cx, rc, RC_BUSY);
    assert_in_range(time_mono_ms() - start_ms, 50, 2000);
    cx->deadline_ms = 0;
    check_ok(cx, DB_ONE(&rows, cx, &NUMBERS, V_I(9), V_I(1)));
    check_ok(cx, db_done(&rows));
}

static void test_deadline(void **state)
{
    (void)state;
    /* An endless statement ends at the context's deadline with RC_BUSY. */
    db_fixture_each_empty(deadline);
}

/* ---- failures and savepoints ---- */

static enum rc conflicts(struct cx *cx, void *arg)
{
    (void)arg;
    int64_t changed = 0;
    TRY(add(cx, 1));
    const struct db_arg bad[][6] = {
        {V_I(1), V_NULL, V_NULL, V_NULL, V_NULL, V_NULL},
        {V_I(2), V_NULL, V_I(-1), V_NULL, V_NULL, V_NULL},
        {V_I(2), V_NULL, V_NULL, V_NULL, V_NULL, V_I(99)},
    };
    for (size_t i = 0; i < 3; i++) {
        TRY(db_savepoint(cx));
        assert_int_equal(db_run(cx, &ADD, bad[i], 6), RC_CONFLICT);
        assert_int_equal(cx->err.rc, RC_OK);
        /* Nothing but going back is possible now, on both. */
        assert_int_equal(add(cx, 3), RC_DB);
        assert_int_equal(db_release(cx), RC_DB);
        err_clear(cx);
        TRY(db_undo(cx));
    }
    TRY(db_savepoint(cx));
    TRY(add(cx, 4));
    TRY(db_savepoint(cx));
    TRY(add(cx, 5));
    TRY(db_undo(cx));
    TRY(db_release(cx));
    TRY(DB_RUN_COUNT(&changed, cx, &ADD, V_I(6), V_NULL, V_NULL, V_NULL, V_NULL, V_NULL));
    assert_int_equal(changed, 1);
    return RC_OK;
}

static enum rc fail_late(struct cx *cx, void *arg)
{
    (void)arg;
    TRY(add(cx, 100));
    TRY(db_savepoint(cx));
    TRY(add(cx, 101));
    struct db_rows rows;
    TRY(DB_SELECT0(&rows, cx, &LIST));
    assert_true(db_next(&rows));
    return add(cx, 100); /* leaves rows and a savepoint open */
}

static enum rc swallow(struct cx *cx, void *arg)
{
    (void)arg;
    TRY(add(cx, 200));
    (void)add(cx, 200);
    return RC_OK;
}

static void failures(struct cx *cx)
{
    struct db_rows rows;
    static const int64_t want[] = {1, 4, 6};
    write_ok(cx, make, NULL);
    write_ok(cx, conflicts, NULL);
    assert_int_equal(db_write(cx, 1, fail_late, NULL), RC_CONFLICT);
    err_clear(cx);
    check_refused(cx, db_write(cx, 1, swallow, NULL), RC_DB);
    check_ok(cx, DB_SELECT0(&rows, cx, &LIST));
    for (size_t i = 0; i < 3; i++) {
        assert_true(db_next(&rows));
        assert_int_equal(row_i64(&rows, 0), want[i]);
    }
    assert_false(db_next(&rows));
    check_ok(cx, db_done(&rows));
}

static void test_failures(void **state)
{
    (void)state;
    /* Unique, check and foreign key are RC_CONFLICT; a failed statement blocks until db_undo; a
     * closure that fails, leaves things open or swallows a failure leaves nothing behind. */
    db_fixture_each_empty(failures);
}

static enum rc no_table(struct cx *cx, void *arg)
{
    (void)arg;
    return add(cx, 1);
}

static void misuse(struct cx *cx)
{
    struct db_rows rows;
    check_refused(cx, db_write(cx, 0, no_table, NULL), RC_DB);
    write_ok(cx, make, NULL);
    /* A reading connection cannot write. */
    check_refused(cx, add(cx, 1), RC_DB);
    static const struct sql WRONG = {
        .name = "wrong", .lite = "SELECT 1, 2", .args = "", .cols = "i"};
    check_refused(cx, DB_SELECT0(&rows, cx, &WRONG), RC_DB);
    assert_int_equal(count(cx), 0);
}

static void test_misuse(void **state)
{
    (void)state;
    /* Unknown table, writing outside a closure, wrong column count: RC_DB with a text. */
    db_fixture_each_empty(misuse);
}

/* ---- reading ---- */

static enum rc add_two(struct cx *cx, void *arg)
{
    int64_t id = *(const int64_t *)arg;
    TRY(add(cx, id));
    return add(cx, id + 1);
}

static void snapshot(struct cx *cx)
{
    int64_t id = 10;
    write_ok(cx, make, NULL);
    check_ok(cx, db_read_begin(cx));
    assert_int_equal(count(cx), 0);
    write_ok(cx, add_two, &id);
    assert_int_equal(count(cx), 0);
    db_read_end(cx);
    assert_int_equal(count(cx), 2);
    /* A failure inside a reading transaction ends it; the next one is sound. */
    struct db_rows rows;
    check_ok(cx, db_read_begin(cx));
    check_refused(cx, DB_SELECT0(&rows, cx, &TRAP_QUOTES), RC_DB);
    check_refused(cx, DB_SELECT0(&rows, cx, &COUNT), RC_DB);
    db_read_end(cx);
    check_ok(cx, db_read_begin(cx));
    assert_int_equal(count(cx), 2);
    db_read_end(cx);
}

static void test_snapshot(void **state)
{
    (void)state;
    /* A page's reading transaction sees one state while a write is committed beside it. */
    db_fixture_each_empty(snapshot);
}

static void many_statements(struct cx *cx)
{
    /* More statements than a connection keeps: the oldest are dropped, all still work. */
    enum { STATEMENTS = 400 };
    struct sql *all = arena_array(cx->arena, STATEMENTS, sizeof *all);
    struct db_rows rows;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < STATEMENTS; i++) {
            const char *text = arena_printf(cx->arena, "SELECT $1 + %d", i);
            if (round == 0)
                all[i] = (struct sql){.name = "many", .lite = text, .args = "i", .cols = "i"};
            check_ok(cx, DB_ONE(&rows, cx, &all[i], V_I(1000)));
            assert_int_equal(row_i64(&rows, 0), 1000 + i);
            check_ok(cx, db_done(&rows));
        }
    }
}

static void test_many_statements(void **state)
{
    (void)state;
    db_fixture_each_empty(many_statements);
}

static void readers(struct cx *cx)
{
    /* The pool lends at most reader_count_max connections, then refuses at the deadline. */
    struct cx others[9];
    for (int i = 0; i < 8; i++) {
        others[i] = *cx;
        others[i].db = NULL;
        others[i].deadline_ms = time_mono_ms() + 50;
        if (i < 7)
            check_ok(&others[i], db_attach(&others[i]));
    }
    check_refused(&others[7], db_attach(&others[7]), RC_BUSY);
    db_detach(&others[3]);
    others[7].deadline_ms = time_mono_ms() + 1000;
    check_ok(&others[7], db_attach(&others[7]));
    for (int i = 0; i < 8; i++)
        db_detach(&others[i]);
}

static void test_readers(void **state)
{
    (void)state;
    db_fixture_each_empty(readers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),   cmocka_unit_test(test_bad_values),
        cmocka_unit_test(test_traps),    cmocka_unit_test(test_nested),
        cmocka_unit_test(test_deadline), cmocka_unit_test(test_failures),
        cmocka_unit_test(test_misuse),   cmocka_unit_test(test_snapshot),
        cmocka_unit_test(test_readers),  cmocka_unit_test(test_many_statements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
