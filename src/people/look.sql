-- Looks at personal data, append-only.

-- name: look_insert(county i64, id i64, at i64, user_id i64, person_id i64, field text,
--   reason text) -> run
INSERT INTO look (county, id, at, user_id, person_id, field, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- Newest first.
-- name: look_of_person(county i64, person_id i64)
-- -> many (at i64, user_id i64, person_id i64, user_name text?, field text, reason text)
SELECT l.at, l.user_id, l.person_id, u.name, l.field, l.reason
FROM look l LEFT JOIN app_user u ON u.id = l.user_id
WHERE l.county = $1 AND l.person_id = $2
ORDER BY l.id DESC

-- name: look_of_county(county i64)
-- -> many (at i64, user_id i64, person_id i64, user_name text?, field text, reason text)
SELECT l.at, l.user_id, l.person_id, u.name, l.field, l.reason
FROM look l LEFT JOIN app_user u ON u.id = l.user_id
WHERE l.county = $1
ORDER BY l.id DESC
