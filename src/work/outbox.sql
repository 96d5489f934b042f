-- Letters between the office and the market.

-- name: outbox_insert(county i64, id i64, kind text, body blob, at i64) -> run
INSERT INTO outbox (county, id, kind, body, at, carried_at) VALUES ($1, $2, $3, $4, $5, 0)

-- name: outbox_next(max i64) -> many (county i64, id i64, kind text, body blob, at i64)
SELECT county, id, kind, body, at FROM outbox WHERE carried_at = 0 ORDER BY id LIMIT $1

-- name: outbox_done(county i64, id i64, now i64) -> run
UPDATE outbox SET carried_at = $3 WHERE county = $1 AND id = $2 AND carried_at = 0

-- name: inbox_insert(county i64, id i64, kind text, body blob, at i64, now i64) -> run
INSERT INTO inbox (county, id, kind, body, at, taken_at, next_at, tries, error)
VALUES ($1, $2, $3, $4, $5, 0, $6, 0, '')
ON CONFLICT (county, id) DO NOTHING

-- name: inbox_next(now i64, max i64)
-- -> many (county i64, id i64, kind text, body blob, at i64, tries i64)
SELECT county, id, kind, body, at, tries FROM inbox
WHERE taken_at = 0 AND next_at <= $1 ORDER BY next_at, id LIMIT $2

-- Takes it, unless another server did.
-- name: inbox_take(county i64, id i64, now i64) -> run
UPDATE inbox SET taken_at = $3, error = '' WHERE county = $1 AND id = $2 AND taken_at = 0

-- name: inbox_failed(county i64, id i64, next_at i64, error text) -> run
UPDATE inbox SET next_at = $3, tries = tries + 1, error = $4
WHERE county = $1 AND id = $2 AND taken_at = 0

-- name: outbox_figures() -> one (waiting i64, oldest_at i64?)
SELECT count(*), min(at) FROM outbox WHERE carried_at = 0

-- name: inbox_figures() -> one (arrived i64, failing i64, oldest_at i64?, error text?)
SELECT count(*), CAST(coalesce(sum(CASE WHEN tries > 0 THEN 1 ELSE 0 END), 0) AS BIGINT),
       min(at), max(CASE WHEN tries > 0 THEN kind || ': ' || error END)
FROM inbox WHERE taken_at = 0
