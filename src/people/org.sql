-- Organisations, duties and substitutes.

-- An area with what lies above it; for whom to tell and for rights.
-- name: org_area(id i64) -> one (county i64, level i64, path text, parent_id i64, ended_day i64)
SELECT county, level, path, parent_id, ended_day FROM area WHERE id = $1

-- name: org_one(id i64) -> one (county i64, id i64, parent_id i64, area_id i64, area_path text?,
--   kind text, name text, from_day i64, ended_day i64, merged_into i64, version i64)
SELECT o.county, o.id, o.parent_id, o.area_id, a.path, o.kind, o.name, o.from_day, o.ended_day,
       o.merged_into, o.version
FROM org o LEFT JOIN area a ON a.id = o.area_id
WHERE o.id = $1

-- The databases call "where is this text in that" differently.
-- name: org_page(county i64, kind text, search text, with_ended i64, max i64)
-- -> many (county i64, id i64, parent_id i64, area_id i64, area_path text?,
--   kind text, name text, from_day i64, ended_day i64, merged_into i64, version i64)
-- lite:
SELECT o.county, o.id, o.parent_id, o.area_id, a.path, o.kind, o.name, o.from_day, o.ended_day,
       o.merged_into, o.version
FROM org o LEFT JOIN area a ON a.id = o.area_id
WHERE o.county = $1 AND ($2 = '' OR o.kind = $2) AND ($3 = '' OR instr(o.name_key, $3) > 0)
  AND ($4 = 1 OR o.ended_day = 0)
ORDER BY o.name_key, o.id LIMIT $5
-- pg:
SELECT o.county, o.id, o.parent_id, o.area_id, a.path, o.kind, o.name, o.from_day, o.ended_day,
       o.merged_into, o.version
FROM org o LEFT JOIN area a ON a.id = o.area_id
WHERE o.county = $1 AND (CAST($2 AS TEXT) = '' OR o.kind = $2)
  AND (CAST($3 AS TEXT) = '' OR strpos(o.name_key, $3) > 0)
  AND (CAST($4 AS BIGINT) = 1 OR o.ended_day = 0)
ORDER BY o.name_key, o.id LIMIT $5

-- Another one of that kind and name, or another that leads.
-- name: org_twin(county i64, kind text, name text, id i64) -> one (count i64)
SELECT count(*) FROM org
WHERE county = $1 AND kind = $2 AND name = $3 AND ended_day = 0 AND id <> $4

-- name: org_leader(county i64) -> one (id i64)
SELECT id FROM org WHERE county = $1 AND lead = 1 AND ended_day = 0

-- name: org_insert(county i64, id i64, parent_id i64, area_id i64, kind text, name text,
--   name_key text, lead i64, from_day i64) -> run
INSERT INTO org (county, id, parent_id, area_id, kind, name, name_key, lead, from_day, ended_day,
                 merged_into, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 1)

-- name: org_update(id i64, version i64, parent_id i64, area_id i64, kind text, name text,
--   name_key text, lead i64) -> run
UPDATE org SET parent_id = $3, area_id = $4, kind = $5, name = $6, name_key = $7, lead = $8,
       version = version + 1
WHERE id = $1 AND version = $2 AND ended_day = 0

-- name: org_close(id i64, version i64, ended_day i64, merged_into i64) -> run
UPDATE org SET ended_day = $3, merged_into = $4, version = version + 1
WHERE id = $1 AND version = $2 AND ended_day = 0

-- name: org_children_to(parent_id i64, to_id i64) -> run
UPDATE org SET parent_id = $2, version = version + 1 WHERE parent_id = $1 AND ended_day = 0

-- name: org_area_to(county i64, from_area i64, to_area i64) -> run
UPDATE org SET area_id = $3, version = version + 1 WHERE county = $1 AND area_id = $2

-- The nearest first; two at one area: none is the only one.
-- name: org_at(county i64, kind text, area_path text) -> many (id i64, path text)
SELECT o.id, a.path
FROM org o JOIN area a ON a.id = o.area_id
WHERE o.county = $1 AND o.kind = $2 AND o.ended_day = 0
  AND substr($3, 1, length(a.path)) = a.path
ORDER BY length(a.path) DESC LIMIT 2

-- Counties below a path, the largest first.
-- name: org_county_list(level i64, path text, path_end text) -> many (county i64, id i64, name text, path text)
SELECT county, id, name, path FROM area
WHERE level = $1 AND path >= $2 AND path < $3 AND ended_day = 0
ORDER BY household_count DESC, path LIMIT 200

-- ---- duties ----

-- name: duty_insert(county i64, id i64, org_id i64, user_id i64, title text, heads i64,
--   from_day i64, to_day i64) -> run
INSERT INTO duty (county, id, org_id, user_id, title, heads, from_day, to_day)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: duty_one(id i64) -> one (county i64, id i64, org_id i64, user_id i64, title text,
--   heads i64, from_day i64, to_day i64)
SELECT county, id, org_id, user_id, title, heads, from_day, to_day FROM duty WHERE id = $1

-- name: duty_open_of(org_id i64, user_id i64) -> one (count i64)
SELECT count(*) FROM duty WHERE org_id = $1 AND user_id = $2 AND to_day = 0

-- name: duty_close(id i64, to_day i64) -> run
UPDATE duty SET to_day = $2 WHERE id = $1 AND (to_day = 0 OR to_day > $2)

-- name: duty_close_org(org_id i64, to_day i64) -> run
UPDATE duty SET to_day = $2 WHERE org_id = $1 AND (to_day = 0 OR to_day > $2)

-- Present ones first, heads before others.
-- name: duty_list_user(user_id i64, today i64, with_past i64) -> many (county i64, id i64, org_id i64,
--   user_id i64, title text, heads i64, from_day i64, to_day i64)
SELECT county, id, org_id, user_id, title, heads, from_day, to_day FROM duty
WHERE user_id = $1 AND (CAST($3 AS BIGINT) = 1 OR to_day = 0 OR to_day >= $2)
ORDER BY to_day <> 0, heads DESC, id LIMIT 200

-- name: duty_list_org(org_id i64, today i64, with_past i64) -> many (county i64, id i64, org_id i64,
--   user_id i64, title text, heads i64, from_day i64, to_day i64)
SELECT county, id, org_id, user_id, title, heads, from_day, to_day FROM duty
WHERE org_id = $1 AND (CAST($3 AS BIGINT) = 1 OR to_day = 0 OR to_day >= $2)
ORDER BY to_day <> 0, heads DESC, id LIMIT 1000

-- ---- whom to tell ----

-- name: org_user_list(org_id i64, heads i64, today i64) -> many (user_id i64)
SELECT d.user_id
FROM duty d JOIN app_user u ON u.id = d.user_id
WHERE d.org_id = $1 AND d.heads >= $2 AND d.from_day <= $3 AND (d.to_day = 0 OR d.to_day >= $3)
  AND u.state = 1
ORDER BY d.user_id

-- name: area_user_list(area_id i64) -> many (user_id i64, role text)
SELECT g.user_id, g.role
FROM user_grant g JOIN app_user u ON u.id = g.user_id
WHERE g.area_id = $1 AND u.state = 1
ORDER BY g.user_id

-- ---- substitutes ----

-- Who stands in for the user on that day, if they may sign in.
-- name: substitute_for(user_id i64, today i64) -> many (user_id i64)
SELECT s.by_user_id
FROM substitute s JOIN app_user u ON u.id = s.by_user_id
WHERE s.user_id = $1 AND s.to_day >= $2 AND s.from_day <= $2 AND u.state = 1

-- For whom the user stands in on that day.
-- name: substitute_whom(by_user_id i64, today i64) -> many (user_id i64)
SELECT user_id FROM substitute WHERE by_user_id = $1 AND to_day >= $2 AND from_day <= $2

-- name: substitute_overlap(user_id i64, from_day i64, to_day i64) -> one (count i64)
SELECT count(*) FROM substitute
WHERE user_id = $1 AND to_day >= $2 AND from_day <= $3 AND from_day <= to_day

-- name: substitute_insert(id i64, user_id i64, by_user_id i64, from_day i64, to_day i64,
--   reason text) -> run
INSERT INTO substitute (id, user_id, by_user_id, from_day, to_day, reason)
VALUES ($1, $2, $3, $4, $5, $6)

-- name: substitute_one(id i64) -> one (id i64, user_id i64, by_user_id i64, from_day i64,
--   to_day i64, reason text)
SELECT id, user_id, by_user_id, from_day, to_day, reason FROM substitute WHERE id = $1

-- name: substitute_close(id i64, to_day i64) -> run
UPDATE substitute SET to_day = $2 WHERE id = $1 AND to_day > $2

-- Who leaves stands in for nobody any more.
-- name: substitute_close_by(by_user_id i64, to_day i64) -> run
UPDATE substitute SET to_day = $2 WHERE by_user_id = $1 AND to_day > $2

-- name: substitute_list(user_id i64) -> many (id i64, user_id i64, by_user_id i64, from_day i64,
--   to_day i64, reason text)
SELECT id, user_id, by_user_id, from_day, to_day, reason FROM substitute
WHERE user_id = $1 ORDER BY from_day DESC, id DESC LIMIT 50

-- ---- for pages ----

-- Open tasks of an organisation or (kind 1) a user, counted to at most 1,000. Reads room work.
-- name: org_task_count(owner_kind i64, owner_id i64) -> one (count i64)
SELECT count(*) FROM (SELECT 1 AS one FROM task
    WHERE owner_kind = $1 AND owner_id = $2 AND owner_permission = '' AND state IN (1, 2)
    LIMIT 1000) AS t

-- Present duties of an organisation.
-- name: org_duty_count(org_id i64, today i64) -> one (count i64)
SELECT count(*) FROM duty
WHERE org_id = $1 AND from_day <= $2 AND (to_day = 0 OR to_day >= $2)

-- Active users with a role in the county: to choose from.
-- name: org_user_choices(path text, path_end text) -> many (login text, name text)
SELECT DISTINCT u.login, u.name
FROM area a JOIN user_grant g ON g.area_id = a.id JOIN app_user u ON u.id = g.user_id
WHERE a.path >= $1 AND a.path < $2 AND u.state = 1
ORDER BY u.login LIMIT 1000

-- Areas below a path, from the top down; to choose from.
-- name: org_area_choices(path text, path_end text, max_level i64) -> many (id i64, level i64, name text)
SELECT id, level, name FROM area
WHERE path >= $1 AND path < $2 AND level <= $3 AND ended_day = 0
ORDER BY path LIMIT 1500

-- An active user by login, for forms.
-- name: org_user_by_login(login text) -> one (id i64)
SELECT id FROM app_user WHERE login = $1 AND state = 1
