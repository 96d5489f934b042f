-- An area was merged into another.
-- name: resource_area_to(county i64, from_area i64, to_area i64) -> run
UPDATE resource SET area_id = $3, version = version + 1 WHERE county = $1 AND area_id = $2

-- name: meeting_area_to(county i64, from_area i64, to_area i64) -> run
UPDATE meeting SET area_id = $3, version = version + 1 WHERE county = $1 AND area_id = $2

-- name: paper_area_to(county i64, from_area i64, to_area i64) -> run
UPDATE paper SET area_id = $3, version = version + 1 WHERE county = $1 AND area_id = $2
