-- Documents as received.

-- name: document_get(county i64, id i64)
-- -> one (id i64, county i64, kind text, name text, type text, len i64, received_at i64,
--    user_id i64, hash text)
SELECT id, county, kind, name, type, len, received_at, user_id, hash
FROM document WHERE county = $1 AND id = $2

-- name: document_same(county i64, kind text, hash text) -> one (id i64)
SELECT id FROM document WHERE county = $1 AND kind = $2 AND hash = $3

-- name: document_insert(county i64, id i64, kind text, name text, type text, len i64,
--   received_at i64, user_id i64, hash text) -> run
INSERT INTO document (county, id, kind, name, type, len, received_at, user_id, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- The next ones behind (county, id), for verify, which holds no transaction while it reads files.
-- name: document_after(county i64, id i64, max i64)
-- -> many (county i64, id i64, len i64, hash text)
SELECT county, id, len, hash FROM document WHERE (county, id) > ($1, $2)
ORDER BY county, id LIMIT $3
