/* Every statement of the program is prepared on SQLite and on PostgreSQL, after all migrations:
 * tables, columns, parameters and (on PostgreSQL) the types of columns are what the .sql says.
 */
#include "base/check.h"
#include "db/db_fixture.h"

extern const struct sql *const sql_all[];
extern const size_t sql_all_count;

static void prepare_all(struct cx *cx)
{
    size_t bad = 0;
    for (size_t i = 0; i < sql_all_count; i++) {
        if (db_check(cx, sql_all[i]) == RC_OK)
            continue;
        print_error("%s: %s: %s\n", db_is_pg(cx) ? "postgresql" : "sqlite", sql_all[i]->name,
                    cx->err.detail);
        err_clear(cx);
        bad++;
    }
    assert_true(sql_all_count > 10);
    assert_int_equal(bad, 0);
}

static void test_prepare_all(void **state)
{
    (void)state;
    /* Prepares each block on each database; all failures are listed before the test fails. */
    db_fixture_each(prepare_all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_prepare_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
