-- Statements of every kind; test/tools looks at what comes out.

-- name: good_get(county i64, code text?) -> one (id i64, share f64, seal blob?, name text?)
SELECT DISTINCT id, 1.5 AS share, -- with 'a comment'
    seal, (SELECT max(a, b) FROM c) AS name
FROM t WHERE county = $1 AND code IS DISTINCT FROM $2;

-- name: good_add(county i64,
--   code text) -> run
INSERT INTO t (county, code, mark) VALUES ($1, $2, 'it''s; -- no ??/ comment')

-- PostgreSQL has no rowid.
-- name: good_both(words text) -> many (id i64)
-- lite:
SELECT rowid FROM s WHERE words MATCH $1
-- pg:
WITH a AS (SELECT 1, 2, 3) SELECT id FROM s WHERE words @@ $1
