/* Test fixture: an empty, migrated database on SQLite (a temporary folder) and, when
 * FUMIN_TEST_PG holds a libpq URL, on a new PostgreSQL database. Runs the test on each. */
#ifndef DB_DB_FIXTURE_H
#define DB_DB_FIXTURE_H

#include "db/db.h"

/* Calls `test(cx)` once per available database with a fresh context (32 MiB arena, db
 * attached, pool open with writer threads, migrations done) and removes the database after. */
void db_fixture_each(void (*test)(struct cx *cx));
/* As db_fixture_each without migrations. */
void db_fixture_each_empty(void (*test)(struct cx *cx));

/* What db_options.url was: for tests that open a second pool on the same database. */
const char *db_fixture_url(const struct cx *cx);

#endif
