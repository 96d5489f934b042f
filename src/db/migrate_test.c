/* Tests of migrations: from nothing, from an older number with a backup that can be opened, two
 * at once, a newer database, and all of the program's migrations on both databases. */
#include "base/check.h"
#include "db/db_fixture.h"
#include "db/migration.h"

#include <pthread.h>

static const struct sql VERSIONS = {
    .name = "versions", .lite = "SELECT count(*) FROM schema_version", .args = "", .cols = "i"};
static const struct sql FORGET = {.name = "forget",
                                  .lite = "DELETE FROM schema_version WHERE number > 1",
                                  .args = "",
                                  .cols = ""};
static const struct sql FUTURE = {
    .name = "future",
    .lite = "INSERT INTO schema_version (number, name, done_at) VALUES (9999, 'future', 0)",
    .args = "",
    .cols = ""};
static const struct sql NEXT = {
    .name = "next", .lite = "SELECT next_id FROM id_block", .args = "", .cols = "i"};

static int64_t one(struct cx *cx, const struct sql *sql)
{
    struct db_rows rows;
    check_ok(cx, DB_ONE0(&rows, cx, sql));
    int64_t n = row_i64(&rows, 0);
    check_ok(cx, db_done(&rows));
    return n;
}

static enum rc run(struct cx *cx, void *sql)
{
    return DB_RUN0(cx, (const struct sql *)sql);
}

static int version(struct cx *cx)
{
    int number = -1;
    check_ok(cx, db_version(&number, cx));
    return number;
}

static void from_nothing(struct cx *cx)
{
    const char *backup = "x";
    assert_int_equal(version(cx), 0);
    check_ok(cx, db_migrate(&backup, cx));
    assert_null(backup);
    assert_int_equal(version(cx), migrations[migration_count - 1].number);
    assert_int_equal(one(cx, &VERSIONS), migration_count);
    /* Again: nothing to do, no backup. */
    check_ok(cx, db_migrate(&backup, cx));
    assert_null(backup);
}

static void test_from_nothing(void **state)
{
    (void)state;
    /* All of the program's migrations run on an empty database; a second run does nothing. */
    db_fixture_each_empty(from_nothing);
}

static enum rc take(struct cx *cx, void *arg)
{
    return db_ids(arg, cx, 5);
}

static void from_older(struct cx *cx)
{
    const char *backup = NULL;
    int64_t first = 0;
    struct stat st;
    if (migration_count < 2)
        return;
    check_ok(cx, db_migrate_to(cx, 1));
    assert_int_equal(version(cx), 1);
    check_ok(cx, db_write(cx, 0, take, &first));
    check_ok(cx, db_migrate(&backup, cx));
    assert_non_null(backup);
    assert_int_equal(version(cx), migrations[migration_count - 1].number);
    assert_int_equal(stat(backup, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(st.st_size > 1000);
    if (db_is_pg(cx))
        return; /* pg_restore is PostgreSQL's own matter */
    const char *dir = arena_printf(cx->arena, "%s/restored", cx->dir);
    assert_int_equal(mkdir(dir, 0700), 0);
    assert_int_equal(rename(backup, arena_printf(cx->arena, "%s/fumin.db", dir)), 0);
    struct cx own = *cx;
    struct db_options options = {.url = dir, .single_thread = true};
    own.db = NULL;
    check_ok(&own, db_open(&own.pool, &own, &options));
    check_ok(&own, db_attach(&own));
    assert_int_equal(version(&own), 1);
    assert_true(one(&own, &NEXT) == first + 5);
    db_detach(&own);
    db_close(own.pool);
}

static void test_from_older(void **state)
{
    (void)state;
    /* From number 1 with data: a backup readable by the owner alone, which holds the old state
     * and the data; then the newest number. */
    db_fixture_each_empty(from_older);
}

static void *migrate_main(void *arg)
{
    struct cx cx;
    const char *backup = NULL;
    check_open(&cx);
    cx.pool = arg;
    check_ok(&cx, db_migrate(&backup, &cx));
    check_close(&cx);
    return NULL;
}

static void at_once(struct cx *cx)
{
    struct cx own = *cx;
    struct db_options options = {.url = db_fixture_url(cx)};
    pthread_t threads[2];
    own.db = NULL;
    setenv("FUMIN_NO_BACKUP", "1", 1);
    check_ok(&own, db_open(&own.pool, &own, &options));
    pthread_create(&threads[0], NULL, migrate_main, cx->pool);
    pthread_create(&threads[1], NULL, migrate_main, own.pool);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    db_close(own.pool);
    unsetenv("FUMIN_NO_BACKUP");
    assert_int_equal(one(cx, &VERSIONS), migration_count);
}

static void test_at_once(void **state)
{
    (void)state;
    /* Two servers that start together: both succeed, each migration runs once. */
    db_fixture_each_empty(at_once);
}

static void newer(struct cx *cx)
{
    const char *backup = NULL;
    check_ok(cx, db_migrate(&backup, cx));
    check_ok(cx, db_write(cx, 0, run, (void *)(uintptr_t)&FUTURE));
    check_refused(cx, db_migrate(&backup, cx), RC_INVALID);
}

static void test_newer(void **state)
{
    (void)state;
    /* A database with a migration this program does not know is left alone. */
    db_fixture_each_empty(newer);
}

static void failing(struct cx *cx)
{
    /* The second migration finds its tables there already: it fails as a whole, its number is
     * not noted, and the refusal comes back. */
    const char *backup = NULL;
    if (migration_count < 2)
        return;
    check_ok(cx, db_migrate(&backup, cx));
    check_ok(cx, db_write(cx, 0, run, (void *)(uintptr_t)&FORGET));
    check_refused(cx, db_migrate(&backup, cx), RC_DB);
    assert_int_equal(version(cx), 1);
}

static void test_failing(void **state)
{
    (void)state;
    db_fixture_each_empty(failing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_nothing), cmocka_unit_test(test_from_older),
        cmocka_unit_test(test_at_once),      cmocka_unit_test(test_newer),
        cmocka_unit_test(test_failing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
