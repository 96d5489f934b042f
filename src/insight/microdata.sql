-- De-identified files.

-- Approved files of a county and year: records of two files can be joined.
-- name: microdata_approved_count(county i64, year i64) -> one (count i64)
SELECT COUNT(*) FROM microdata WHERE county = $1 AND year = $2 AND state = 1

-- name: microdata_insert(county i64, id i64, at i64, user_id i64, area_id i64, year i64,
--   purpose text, variables text) -> run
INSERT INTO microdata (county, id, at, user_id, area_id, year, purpose, variables, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)

-- name: microdata_one(id i64) -> one (county i64, id i64, at i64, user_id i64, area_id i64, year i64,
--   purpose text, variables text, state i64, decided_at i64, decided_by i64, reason text,
--   document_id i64, records i64, dropped i64, blanked i64, user_name text, path text)
SELECT m.county, m.id, m.at, m.user_id, m.area_id, m.year, m.purpose, m.variables, m.state,
       m.decided_at, m.decided_by, m.reason, m.document_id, m.records, m.dropped, m.blanked,
       COALESCE(u.name, ''), a.path
FROM microdata m JOIN area a ON a.id = m.area_id LEFT JOIN app_user u ON u.id = m.user_id
WHERE m.id = $1

-- name: microdata_list() -> many (county i64, id i64, at i64, user_id i64, area_id i64, year i64,
--   purpose text, variables text, state i64, decided_at i64, decided_by i64, reason text,
--   document_id i64, records i64, dropped i64, blanked i64, user_name text, path text)
SELECT m.county, m.id, m.at, m.user_id, m.area_id, m.year, m.purpose, m.variables, m.state,
       m.decided_at, m.decided_by, m.reason, m.document_id, m.records, m.dropped, m.blanked,
       COALESCE(u.name, ''), a.path
FROM microdata m JOIN area a ON a.id = m.area_id LEFT JOIN app_user u ON u.id = m.user_id
ORDER BY m.id DESC

-- name: microdata_decide(county i64, id i64, state i64, decided_at i64, decided_by i64, reason text,
--   document_id i64, records i64, dropped i64, blanked i64) -> run
UPDATE microdata SET state = $3, decided_at = $4, decided_by = $5, reason = $6, document_id = $7,
                     records = $8, dropped = $9, blanked = $10
WHERE county = $1 AND id = $2 AND state = 0

-- name: microdata_access_add(county i64, microdata_id i64, at i64, user_id i64) -> run
INSERT INTO microdata_access (county, microdata_id, at, user_id) VALUES ($1, $2, $3, $4)

-- name: microdata_access_list(county i64, microdata_id i64) -> many (at i64, user_name text)
SELECT a.at, COALESCE(u.name, '') FROM microdata_access a LEFT JOIN app_user u ON u.id = a.user_id
WHERE a.county = $1 AND a.microdata_id = $2 ORDER BY a.at DESC LIMIT 500
