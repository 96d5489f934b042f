-- An area is another one now, or (the same number) stands at another path.
-- name: need_area_path(county i64, from_path text, to_path text) -> run
UPDATE need SET area_path = $3 WHERE county = $1 AND area_path = $2

-- name: vacancy_area_to(county i64, from_area i64, to_area i64, to_path text) -> run
UPDATE vacancy SET area_id = $3, area_path = $4 WHERE county = $1 AND area_id = $2

-- name: loan_area_to(county i64, from_area i64, to_area i64, to_path text) -> run
UPDATE loan SET area_id = $3, area_path = $4 WHERE county = $1 AND area_id = $2

-- Items that the people of an area deliver (owner_kind 3: its number stands in owner_id).
-- name: plan_item_area_to(county i64, from_area i64, to_area i64) -> run
UPDATE plan_item SET owner_id = $3 WHERE county = $1 AND owner_kind = 3 AND owner_id = $2
