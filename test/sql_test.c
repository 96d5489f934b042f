/* Every SQL block of the program is prepared on SQLite and on PostgreSQL, against the newest
 * schema with the sheet tables of profile/cn, past the program's own layer: arguments and
 * columns must be as many as sqlc read from the block's heading. */
#include "base/check.h"
#include "base/text.h"
#include "db/db_fixture.h"
#include "profile/sheet.h"

#include <libpq-fe.h>
#include <sqlite3.h>

extern const struct sql *const sql_all[];
extern const size_t sql_all_count;

enum { OID_OF_INT8 = 20, OID_OF_TEXT = 25, OID_OF_FLOAT8 = 701, OID_OF_BYTEA = 17 };
enum { ARGS_MAX = 64, BLOCKS_MIN = 100 };

static int faults;

static void compare(const struct sql *sql, const char *where, int args, int cols)
{
    if (args == (int)strlen(sql->args) && cols == (int)strlen(sql->cols))
        return;
    faults++;
    fprintf(stderr, "%s on %s: %d arguments and %d columns; its heading says %zu and %zu\n",
            sql->name, where, args, cols, strlen(sql->args), strlen(sql->cols));
}

static enum rc install(struct cx *cx, void *arg)
{
    (void)arg;
    return sheet_install(cx);
}

static void prepare_lite(struct cx *cx)
{
    sqlite3 *lite;
    assert_int_equal(
        sqlite3_open(arena_printf(cx->arena, "%s/fumin.db", db_fixture_url(cx)), &lite),
        SQLITE_OK);
    for (size_t i = 0; i < sql_all_count; i++) {
        sqlite3_stmt *stmt = NULL;
        if (sqlite3_prepare_v2(lite, sql_all[i]->lite, -1, &stmt, NULL)) {
            faults++;
            fprintf(stderr, "%s on SQLite: %s\n", sql_all[i]->name, sqlite3_errmsg(lite));
        } else {
            compare(sql_all[i], "SQLite", sqlite3_bind_parameter_count(stmt),
                    sqlite3_column_count(stmt));
        }
        sqlite3_finalize(stmt);
    }
    sqlite3_close(lite);
}

static Oid oid_of(char letter)
{
    switch (letter) {
    case 'i':
        return OID_OF_INT8;
    case 'f':
        return OID_OF_FLOAT8;
    case 'b':
        return OID_OF_BYTEA;
    default:
        return OID_OF_TEXT;
    }
}

static void prepare_one_pg(PGconn *conn, const struct sql *sql)
{
    Oid types[ARGS_MAX];
    size_t count = strlen(sql->args);
    assert_true(count <= ARGS_MAX);
    for (size_t i = 0; i < count; i++)
        types[i] = oid_of(sql->args[i]);
    PGresult *made =
        PQprepare(conn, sql->name, sql->pg ? sql->pg : sql->lite, (int)count, types);
    if (PQresultStatus(made) != PGRES_COMMAND_OK) {
        faults++;
        fprintf(stderr, "%s on PostgreSQL: %s", sql->name, PQresultErrorMessage(made));
    } else {
        PGresult *told = PQdescribePrepared(conn, sql->name);
        compare(sql, "PostgreSQL", PQnparams(told), PQnfields(told));
        PQclear(told);
    }
    PQclear(made);
}

static void prepare_pg(struct cx *cx)
{
    PGconn *conn = PQconnectdb(db_fixture_url(cx));
    assert_int_equal(PQstatus(conn), CONNECTION_OK);
    for (size_t i = 0; i < sql_all_count; i++)
        prepare_one_pg(conn, sql_all[i]);
    PQfinish(conn);
}

static void prepare_all(struct cx *cx)
{
    struct profile *profile;
    struct profile_faults found = {0};
    assert_int_equal(profile_load_embedded(&profile, &found, cx, "cn"), RC_OK);
    cx->profile = profile;
    assert_int_equal(db_write(cx, 0, install, NULL), RC_OK);
    if (db_is_pg(cx))
        prepare_pg(cx);
    else
        prepare_lite(cx);
    cx->profile = NULL;
    profile_free(profile);
}

/* Shows that every block is sound on both databases, by preparing each with the drivers' own
 * calls on a fresh database. */
static void test_blocks_prepare(void **state)
{
    (void)state;
    assert_true(sql_all_count >= BLOCKS_MIN);
    db_fixture_each(prepare_all);
    assert_int_equal(faults, 0);
}

/* Shows that no two blocks share a name (it is the statement's name on PostgreSQL), by
 * comparing all pairs. */
static void test_names_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < sql_all_count; i++)
        for (size_t k = i + 1; k < sql_all_count; k++)
            assert_string_not_equal(sql_all[i]->name, sql_all[k]->name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_prepare),
        cmocka_unit_test(test_names_are_unique),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
