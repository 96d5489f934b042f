-- name: area_merge_add(county i64, from_id i64, into_id i64, from_day i64, user_id i64, at i64, total i64) -> run
INSERT INTO area_merge (county, from_id, into_id, from_day, user_id, at, job_id, total, moved, done_at)
VALUES ($1, $2, $3, $4, $5, $6, 0, $7, 0, 0)

-- name: area_merge_job(county i64, from_id i64, job_id i64) -> run
UPDATE area_merge SET job_id = $3 WHERE county = $1 AND from_id = $2

-- name: area_merge_one(county i64, from_id i64) -> one (into_id i64, from_day i64, user_id i64, at i64,
--   job_id i64, total i64, moved i64, done_at i64)
SELECT into_id, from_day, user_id, at, job_id, total, moved, done_at FROM area_merge
WHERE county = $1 AND from_id = $2

-- name: area_merge_progress(county i64, from_id i64, moved i64) -> run
UPDATE area_merge SET moved = moved + $3 WHERE county = $1 AND from_id = $2

-- name: area_merge_done(county i64, from_id i64, at i64) -> run
UPDATE area_merge SET done_at = $3 WHERE county = $1 AND from_id = $2 AND done_at = 0

-- name: area_merge_step_add(county i64, from_id i64, n i64, area_id i64, into_id i64, moves i64) -> run
INSERT INTO area_merge_step (county, from_id, n, area_id, into_id, moves, done) VALUES ($1, $2, $3, $4, $5, $6, 0)

-- name: area_merge_step_next(county i64, from_id i64) -> one (n i64, area_id i64, into_id i64, moves i64)
SELECT n, area_id, into_id, moves FROM area_merge_step
WHERE county = $1 AND from_id = $2 AND done = 0 ORDER BY n LIMIT 1

-- name: area_merge_step_done(county i64, from_id i64, n i64) -> run
UPDATE area_merge_step SET done = 1 WHERE county = $1 AND from_id = $2 AND n = $3 AND done = 0

-- What leads to an area leads to the one it is merged into: never more than one step to go.
-- name: area_merge_mark(id i64, into_id i64) -> run
UPDATE area SET merged_into = $2 WHERE id = $1 OR merged_into = $1

-- name: area_merge_under_way(path text, path_end text) -> many (id i64)
SELECT id FROM area WHERE path >= $1 AND path < $2 AND merged_into <> 0 AND ended_day = 0 LIMIT 1

-- name: area_merge_hidden(county i64, area_id i64) -> many (import_id i64)
SELECT c.import_id FROM import_count c JOIN import_hidden h ON h.import_id = c.import_id
WHERE c.county = $1 AND c.area_id = $2 LIMIT 1

-- Households of the area itself, the active first: their places begin with its path and '/'.
-- name: area_merge_households(county i64, ended i64, place text, place_end text, max i64) -> many (id i64)
SELECT id FROM household WHERE county = $1 AND ended = $2 AND place >= $3 AND place < $4
ORDER BY place, id LIMIT $5

-- name: area_merge_subtree(path text, path_end text) -> many (id i64, path text)
SELECT id, path FROM area WHERE path >= $1 AND path < $2 ORDER BY path

-- name: area_merge_set_path(id i64, path text) -> run
UPDATE area SET path = $2 WHERE id = $1

-- name: area_merge_set_parent(id i64, parent_id i64) -> run
UPDATE area SET parent_id = $2 WHERE id = $1

-- `tail`: where the path's rest begins.
-- name: area_merge_places(county i64, ended i64, path text, path_end text, to_path text, tail i64) -> run
UPDATE household SET area_path = $5 || substr(area_path, CAST($6 AS INTEGER)),
    place = $5 || substr(place, CAST($6 AS INTEGER))
WHERE county = $1 AND ended = $2 AND place >= $3 AND place < $4

-- Lists that were compared with what lies here.
-- name: area_merge_lists(county i64, path text, path_end text, to_path text, tail i64) -> run
UPDATE compare_list SET area_path = $4 || substr(area_path, CAST($5 AS INTEGER))
WHERE county = $1 AND area_path >= $2 AND area_path < $3

-- name: area_merge_end(id i64, day i64) -> run
UPDATE area SET ended_day = $2 WHERE id = $1 AND ended_day = 0

-- name: area_merge_named(area_id i64, from_day i64, code text) -> many (from_day i64)
SELECT from_day FROM area_name WHERE area_id = $1 AND from_day = $2 AND code = $3

-- For the page that asks: tables of other rooms, read only.
-- name: area_merge_tasks(path text, path_end text) -> one (count i64)
SELECT count(*) FROM task WHERE state IN (1, 2)
    AND area_id IN (SELECT id FROM area WHERE path >= $1 AND path < $2)

-- name: area_merge_flows(path text, path_end text) -> one (count i64)
SELECT count(*) FROM flow WHERE area_path >= $1 AND area_path < $2 AND closed_at = 0

-- name: area_merge_users(area_id i64) -> many (user_id i64)
SELECT DISTINCT user_id FROM user_grant WHERE area_id = $1

-- name: area_merge_orgs(path text, path_end text) -> one (count i64)
SELECT count(*) FROM org WHERE ended_day = 0
    AND area_id IN (SELECT id FROM area WHERE path >= $1 AND path < $2)
