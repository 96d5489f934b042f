-- The room's own statements: transactions, the schema's version, ids.
-- Whoever wants a table of a higher room writes that room's .sql file.

-- PostgreSQL gives one state of the database to a transaction only at this level.
-- name: db_begin_read() -> run
-- lite:
BEGIN
-- pg:
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY

-- SQLite must take the write lock at once: an upgrade later cannot wait.
-- name: db_begin_write() -> run
-- lite:
BEGIN IMMEDIATE
-- pg:
BEGIN ISOLATION LEVEL READ COMMITTED

-- name: db_commit() -> run
COMMIT

-- name: db_savepoint_set() -> run
SAVEPOINT s

-- name: db_savepoint_keep() -> run
RELEASE s

-- name: db_savepoint_undo() -> run
ROLLBACK TO s

-- One writer per county, also among several servers. The transaction's number tells after a
-- lost connection whether its COMMIT arrived. SQLite has one writer anyway.
-- name: db_lock_county(county i64) -> one (xid text, locked text)
-- lite:
SELECT '', CAST($1 AS TEXT)
-- pg:
SELECT CAST(pg_current_xact_id() AS TEXT), CAST(pg_advisory_xact_lock($1) AS TEXT)

-- "committed", "aborted" or "in progress"; only PostgreSQL has connections to lose.
-- name: db_transaction_status(xid text) -> one (status text?)
-- lite:
SELECT CAST($1 AS TEXT)
-- pg:
SELECT pg_xact_status(CAST($1 AS xid8))

-- The two catalogues have different names.
-- name: db_has_schema() -> one (count i64)
-- lite:
SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'
-- pg:
SELECT count(*) FROM information_schema.tables
WHERE table_schema = current_schema() AND table_name = 'schema_version'

-- name: db_schema_create() -> run
CREATE TABLE IF NOT EXISTS schema_version (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, done_at BIGINT NOT NULL)

-- name: db_schema_version() -> one (number i64)
SELECT coalesce(max(number), 0) FROM schema_version

-- name: db_schema_list() -> many (number i64)
SELECT number FROM schema_version ORDER BY number

-- name: db_schema_has(number i64) -> one (number i64)
SELECT number FROM schema_version WHERE number = $1

-- name: db_schema_add(number i64, name text, done_at i64) -> run
INSERT INTO schema_version (number, name, done_at) VALUES ($1, $2, $3)

-- $1 is the lowest id of the present second; the row's lock makes blocks of several servers
-- different.
-- name: db_id_take(floor_id i64, count i64) -> one (next_id i64)
UPDATE id_block SET next_id = CASE WHEN next_id > $1 THEN next_id ELSE $1 END + $2
WHERE name = 'all' RETURNING next_id

-- The same in two statements for SQLite: one that returns what it changed opens a savepoint of its
-- own, whose end takes longer the more pages the closure has changed.
-- name: db_id_raise(floor_id i64, count i64) -> run
UPDATE id_block SET next_id = CASE WHEN next_id > $1 THEN next_id ELSE $1 END + $2
WHERE name = 'all'

-- name: db_id_next() -> one (next_id i64)
SELECT next_id FROM id_block WHERE name = 'all'

-- Whether texts sort by their bytes, as the program expects; and no answer before the commit is
-- on the disk, whatever the server's default says.
-- name: db_server_check() -> one (sorts_by_bytes i64, durable text)
-- lite:
SELECT CASE WHEN 'Z' < 'a' AND 'z' < 'é' THEN 1 ELSE 0 END, ''
-- pg:
SELECT CASE WHEN 'Z' < 'a' AND 'z' < 'é' THEN 1 ELSE 0 END,
    CASE WHEN current_setting('synchronous_commit') = 'off'
        THEN set_config('synchronous_commit', 'on', false) ELSE '' END
