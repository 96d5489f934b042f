-- The households of one county below a path, in the order of lists; keyset over (place, id). The
-- columns are household_row's, then the place. $2, $3: behind which row; $4: the first place behind the path.
-- name: export_place_list(county i64, place text, id i64, place_end text, limit i64) -> many (county i64, id i64,
--   area_id i64, area_path text, code text, head_id i64, head_name text, people_count i64, from_day i64,
--   ended_day i64, changed_at i64, sheet_year i64, import_id i64, name_key text, place text)
SELECT county, id, area_id, area_path, code, head_id, head_name, people_count, from_day, ended_day,
    changed_at, sheet_year, import_id, name_key, place
FROM household_seen
WHERE county = $1 AND ended = 0 AND (place, id) > ($2, $3) AND place < $4
ORDER BY place, id LIMIT $5

