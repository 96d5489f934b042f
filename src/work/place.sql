-- Areas, read only: the table is the register's.

-- name: place_get(id i64) -> one (id i64, county i64, parent_id i64, level i64, path text, code text, name text)
SELECT id, county, parent_id, level, path, code, name FROM area WHERE id = $1

-- name: place_chain(a text, b text, c text, d text, e text, f text, g text, h text) -> many (id i64,
--   county i64, parent_id i64, level i64, path text, code text, name text)
SELECT id, county, parent_id, level, path, code, name FROM area
WHERE path IN ($1, $2, $3, $4, $5, $6, $7, $8) ORDER BY path

-- name: place_of_county(level i64, county i64) -> one (id i64, county i64, parent_id i64, level i64,
--   path text, code text, name text)
SELECT id, county, parent_id, level, path, code, name FROM area WHERE level = $1 AND county = $2

-- name: place_below(path text, path_end text, max i64) -> many (id i64)
SELECT id FROM area WHERE path >= $1 AND path < $2 ORDER BY path LIMIT $3

-- name: place_roles(area_id i64) -> many (role text)
SELECT DISTINCT g.role FROM user_grant g JOIN app_user u ON u.id = g.user_id
WHERE g.area_id = $1 AND u.state = 1
