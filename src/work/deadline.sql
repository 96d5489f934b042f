-- Deadlines: one row each; firing deletes the row in the transaction of what it sets off.

-- name: deadline_put(county i64, kind text, subject_id i64, id i64, at i64, step i64) -> run
INSERT INTO deadline (county, kind, subject_id, id, at, next_at, step, tries, error)
VALUES ($1, $2, $3, $4, $5, $5, $6, 0, '')
ON CONFLICT (county, kind, subject_id) DO UPDATE SET
    id = excluded.id, at = excluded.at, next_at = excluded.next_at, step = excluded.step,
    tries = 0, error = ''

-- name: deadline_delete(county i64, kind text, subject_id i64) -> run
DELETE FROM deadline WHERE county = $1 AND kind = $2 AND subject_id = $3

-- name: deadline_one(county i64, kind text, subject_id i64) -> one (id i64, at i64, step i64)
SELECT id, at, step FROM deadline WHERE county = $1 AND kind = $2 AND subject_id = $3

-- The counties with something due: from one county to the next by the index.
-- name: deadline_counties(now i64) -> many (county i64)
WITH RECURSIVE c (county) AS (
    SELECT min(county) FROM deadline
    UNION ALL
    SELECT (SELECT min(d.county) FROM deadline d WHERE d.county > c.county)
    FROM c WHERE c.county IS NOT NULL)
SELECT c.county FROM c
WHERE c.county IS NOT NULL
  AND EXISTS (SELECT 1 FROM deadline d WHERE d.county = c.county AND d.next_at <= $1)

-- name: deadline_next(county i64, now i64, from_at i64, from_id i64, max i64)
-- -> many (kind text, subject_id i64, id i64, at i64, next_at i64, step i64)
SELECT kind, subject_id, id, at, next_at, step FROM deadline
WHERE county = $1 AND next_at <= $2 AND (next_at, id) > ($3, $4)
ORDER BY next_at, id LIMIT $5

-- Takes it, unless another server did or it was set anew since it was read.
-- name: deadline_take(county i64, kind text, subject_id i64, id i64) -> run
DELETE FROM deadline WHERE county = $1 AND kind = $2 AND subject_id = $3 AND id = $4

-- name: deadline_failed(county i64, kind text, subject_id i64, id i64, next_at i64,
--   error text) -> run
UPDATE deadline SET next_at = $5, tries = tries + 1, error = $6
WHERE county = $1 AND kind = $2 AND subject_id = $3 AND id = $4

-- Of each county at most 10,000 are counted.
-- name: deadline_late(before i64) -> one (late i64?, oldest_at i64?)
WITH RECURSIVE c (county) AS (
    SELECT min(county) FROM deadline
    UNION ALL
    SELECT (SELECT min(d.county) FROM deadline d WHERE d.county > c.county)
    FROM c WHERE c.county IS NOT NULL)
SELECT CAST(sum((SELECT count(*) FROM (SELECT 1 AS n FROM deadline d
            WHERE d.county = c.county AND d.next_at <= $1 LIMIT 10000) few)) AS BIGINT),
       CAST(min((SELECT min(d.next_at) FROM deadline d WHERE d.county = c.county)) AS BIGINT)
FROM c WHERE c.county IS NOT NULL

-- name: deadline_failing() -> one (count i64)
SELECT count(*) FROM deadline WHERE tries > 0
