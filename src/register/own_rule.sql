-- Rules of the office's own.

-- name: own_rule_list(county i64, max i64) -> many (county i64, id i64, version i64, origin i64, code text,
--   subject i64, kind i64, severity i64, state i64, rule text, message text, hint text, note text,
--   cases text, at i64, user_id i64)
SELECT county, id, version, origin, code, subject, kind, severity, state, rule, message, hint, note,
       cases, at, user_id
FROM own_rule WHERE county = $1 AND newest = 1 ORDER BY state, kind, code LIMIT $2

-- name: own_rule_one(id i64) -> one (county i64, id i64, version i64, origin i64, code text,
--   subject i64, kind i64, severity i64, state i64, rule text, message text, hint text, note text,
--   cases text, at i64, user_id i64)
SELECT county, id, version, origin, code, subject, kind, severity, state, rule, message, hint, note,
       cases, at, user_id
FROM own_rule WHERE id = $1 AND newest = 1

-- name: own_rule_version(county i64, id i64, version i64) -> one (county i64, id i64, version i64,
--   origin i64, code text, subject i64, kind i64, severity i64, state i64, rule text, message text,
--   hint text, note text, cases text, at i64, user_id i64)
SELECT county, id, version, origin, code, subject, kind, severity, state, rule, message, hint, note,
       cases, at, user_id
FROM own_rule WHERE county = $1 AND id = $2 AND version = $3

-- name: own_rule_history(county i64, id i64, max i64) -> many (county i64, id i64, version i64,
--   origin i64, code text, subject i64, kind i64, severity i64, state i64, rule text, message text,
--   hint text, note text, cases text, at i64, user_id i64)
SELECT county, id, version, origin, code, subject, kind, severity, state, rule, message, hint, note,
       cases, at, user_id
FROM own_rule WHERE county = $1 AND id = $2 ORDER BY version DESC LIMIT $3

-- name: own_rule_newest(county i64, id i64) -> one (version i64)
SELECT version FROM own_rule WHERE county = $1 AND id = $2 AND newest = 1

-- name: own_rule_same_code(county i64, code text, id i64) -> one (count i64)
SELECT count(*) FROM own_rule WHERE county = $1 AND code = $2 AND newest = 1 AND id <> $3

-- name: own_rule_count(county i64) -> one (count i64)
SELECT count(*) FROM own_rule WHERE county = $1 AND newest = 1

-- name: own_rule_old(county i64, id i64) -> run
UPDATE own_rule SET newest = 0 WHERE county = $1 AND id = $2 AND newest = 1

-- name: own_rule_add(county i64, id i64, version i64, origin i64, code text, subject i64, kind i64,
--   severity i64, state i64, rule text, message text, hint text, note text, cases text, at i64,
--   user_id i64) -> run
INSERT INTO own_rule (county, id, version, newest, origin, code, subject, kind, severity, state, rule,
    message, hint, note, cases, at, user_id)
VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
