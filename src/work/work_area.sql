-- An area stands at another path: the same ids.
-- name: work_task_path(county i64, area_id i64, to_path text) -> run
UPDATE task SET area_path = $3 WHERE county = $1 AND area_id = $2

-- name: work_flow_path(county i64, area_id i64, from_path text, to_path text) -> run
UPDATE flow SET area_path = $4 WHERE county = $1 AND area_id = $2 AND area_path = $3

-- Whose people act for others because nobody else can.
-- name: work_held_to(county i64, from_area i64, to_area i64) -> run
UPDATE task SET held_id = $3 WHERE county = $1 AND held_id = $2 AND held_id <> 0
