-- All statements that deliver areas have the columns of area_get, in its order.
-- name: area_get(id i64) -> one (id i64, county i64, parent_id i64, level i64, path text, code text,
--   name text, name_key text, household_count i64, person_count i64, ended_day i64, merged_into i64)
SELECT id, county, parent_id, level, path, code, name, name_key, household_count, person_count, ended_day, merged_into
FROM area WHERE id = $1

-- name: area_get_by_path(path text) -> one (id i64, county i64, parent_id i64, level i64, path text,
--   code text, name text, name_key text, household_count i64, person_count i64, ended_day i64, merged_into i64)
SELECT id, county, parent_id, level, path, code, name, name_key, household_count, person_count, ended_day, merged_into
FROM area WHERE path = $1

-- name: area_of_parent(parent_id i64) -> many (id i64, county i64, parent_id i64, level i64, path text,
--   code text, name text, name_key text, household_count i64, person_count i64, ended_day i64, merged_into i64)
SELECT id, county, parent_id, level, path, code, name, name_key, household_count, person_count, ended_day, merged_into
FROM area WHERE parent_id = $1 AND ended_day = 0 ORDER BY code, name_key, id

-- Codes in force on the day come first, then the newest of the others.
-- name: area_of_code(code text, day i64) -> many (id i64, county i64, parent_id i64, level i64, path text,
--   code text, name text, name_key text, household_count i64, person_count i64, ended_day i64, merged_into i64, in_force i64)
SELECT a.id, a.county, a.parent_id, a.level, a.path, a.code, a.name, a.name_key,
    a.household_count, a.person_count, a.ended_day, a.merged_into,
    CASE WHEN n.from_day <= $2 AND (n.to_day = 0 OR n.to_day > $2) THEN 1 ELSE 0 END AS in_force
FROM area_name n JOIN area a ON a.id = n.area_id WHERE n.code = $1
ORDER BY in_force DESC, n.from_day DESC, a.id LIMIT 8

-- name: area_former_names(parent_id i64) -> many (area_id i64, name text)
SELECT n.area_id, n.name FROM area a JOIN area_name n ON n.area_id = a.id
WHERE a.parent_id = $1 AND a.ended_day = 0 AND n.to_day <> 0

-- For the search: by the beginning of the normalised name, under a path; of a merged area the place
-- where its households went.
-- name: area_named(key text, key_end text, path text, path_end text) -> many (id i64, county i64, path text, name_key text)
SELECT a.id, a.county, coalesce(i.path, a.path) AS place, a.name_key
FROM area a LEFT JOIN area i ON i.id = a.merged_into
WHERE a.name_key >= $1 AND a.name_key < $2 AND a.path >= $3 AND a.path < $4 AND a.county <> 0
ORDER BY place LIMIT 50

-- Tenants under a path, in its order.
-- name: area_tenants(level i64, path text, path_end text) -> many (county i64, path text, household_count i64)
SELECT county, path, household_count FROM area WHERE level = $1 AND path >= $2 AND path < $3 ORDER BY path

-- What lies above the tenant is added up from the tenants.
-- name: area_sum(level i64, path text, path_end text) -> one (household_count i64, person_count i64)
SELECT CAST(coalesce(sum(household_count), 0) AS BIGINT), CAST(coalesce(sum(person_count), 0) AS BIGINT)
FROM area WHERE level = $1 AND path >= $2 AND path < $3

-- name: area_child_count(parent_id i64) -> one (count i64)
SELECT count(*) FROM area WHERE parent_id = $1

-- name: area_county_next() -> one (county i64)
SELECT coalesce(max(county), 0) + 1 FROM area

-- name: area_add_row(id i64, county i64, parent_id i64, level i64, path text, code text, name text,
--   name_key text) -> run
INSERT INTO area (id, county, parent_id, level, path, code, name, name_key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: area_name_add(area_id i64, from_day i64, to_day i64, code text, name text) -> run
INSERT INTO area_name (area_id, from_day, to_day, code, name) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (area_id, from_day, code) DO UPDATE SET name = excluded.name, to_day = excluded.to_day

-- The name in force ends on the day; one that would not have lasted a day goes.
-- name: area_name_end(area_id i64, day i64) -> run
UPDATE area_name SET to_day = $2 WHERE area_id = $1 AND to_day = 0

-- name: area_name_drop_empty(area_id i64, day i64) -> run
DELETE FROM area_name WHERE area_id = $1 AND to_day = $2 AND from_day >= $2

-- name: area_set_name(id i64, code text, name text, name_key text) -> run
UPDATE area SET code = $2, name = $3, name_key = $4 WHERE id = $1

-- name: area_names(area_id i64) -> many (from_day i64, to_day i64, code text, name text)
SELECT from_day, to_day, code, name FROM area_name WHERE area_id = $1 ORDER BY from_day, code

-- The county's areas on the way to a path: it and everything above it that has a count.
-- name: area_count_add(county i64, path text, households i64, people i64) -> run
UPDATE area SET household_count = household_count + $3, person_count = person_count + $4
WHERE county = $1 AND path = $2
