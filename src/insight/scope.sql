-- Tenants at or under a path, in its order.
-- name: scope_counties(level i64, path text, path_end text) -> many (county i64, id i64, path text, code text, name text)
SELECT county, id, path, code, name FROM area
WHERE level = $1 AND path >= $2 AND path < $3 AND ended_day = 0 ORDER BY path

-- name: scope_area_at(path text) -> one (id i64)
SELECT id FROM area WHERE path = $1
