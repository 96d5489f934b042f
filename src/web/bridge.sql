-- The areas, as the market needs them: names and places, no counts of people.

-- name: bridge_areas(after i64, max i64) -> many (id i64, county i64, parent_id i64, level i64, path text, code text,
--   name text, name_key text, ended_day i64, merged_into i64)
SELECT id, county, parent_id, level, path, code, name, name_key, ended_day, merged_into
FROM area WHERE id > $1 ORDER BY id LIMIT $2

-- Two areas may change places: out of the way first.
-- name: bridge_area_aside(id i64) -> run
UPDATE area SET path = '~' || CAST(id AS TEXT) WHERE id = $1

-- name: bridge_area_put(id i64, county i64, parent_id i64, level i64, path text, code text, name text, name_key text,
--   ended_day i64, merged_into i64) -> run
INSERT INTO area (id, county, parent_id, level, path, code, name, name_key, ended_day, merged_into)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id) DO UPDATE SET county = excluded.county, parent_id = excluded.parent_id, level = excluded.level,
    path = excluded.path, code = excluded.code, name = excluded.name, name_key = excluded.name_key,
    ended_day = excluded.ended_day, merged_into = excluded.merged_into
