-- Assemblies and the cases on their lists.

-- name: assembly_by_number(id i64) -> one (county i64, id i64, area_id i64, path text, place text, chair text,
--   recorder text, minutes text, at i64, state i64, entitled i64, present i64, attendance_id i64,
--   made_by i64, closed_at i64, version i64)
SELECT s.county, s.id, s.area_id, a.path, s.place, s.chair, s.recorder, s.minutes, s.at, s.state, s.entitled,
    s.present, s.attendance_id, s.made_by, s.closed_at, s.version
FROM assembly s JOIN area a ON a.id = s.area_id WHERE s.id = $1

-- Newest first.
-- name: assembly_page(from_county i64, to_county i64, path text, path_end text, before i64, max i64)
-- -> many (county i64, id i64, area_id i64, path text, place text, chair text, recorder text,
--   minutes text, at i64, state i64, entitled i64, present i64, attendance_id i64, made_by i64,
--   closed_at i64, version i64)
SELECT s.county, s.id, s.area_id, a.path, s.place, s.chair, s.recorder, s.minutes, s.at, s.state, s.entitled,
    s.present, s.attendance_id, s.made_by, s.closed_at, s.version
FROM assembly s JOIN area a ON a.id = s.area_id
WHERE s.county >= $1 AND s.county <= $2 AND a.path >= $3 AND a.path < $4 AND s.id < $5
ORDER BY s.id DESC LIMIT $6

-- name: assembly_add_row(county i64, id i64, area_id i64, place text, chair text, recorder text, at i64,
--   entitled i64, made_by i64) -> run
INSERT INTO assembly (county, id, area_id, place, chair, recorder, minutes, at, state, entitled, present,
    attendance_id, made_by, closed_at, closed_by, version)
VALUES ($1, $2, $3, $4, $5, $6, '', $7, 1, $8, -1, 0, $9, 0, 0, 1)

-- name: assembly_put_row(county i64, id i64, version i64, place text, chair text, recorder text, minutes text,
--   at i64, entitled i64, present i64, attendance_id i64) -> run
UPDATE assembly SET place = $4, chair = $5, recorder = $6, minutes = $7, at = $8, entitled = $9, present = $10,
    attendance_id = $11, state = CASE WHEN $10 >= 0 THEN 2 ELSE 1 END, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3 AND state IN (1, 2)

-- name: assembly_most_hands(county i64, id i64) -> one (hands i64)
SELECT CAST(coalesce(max(CASE WHEN agree < 0 THEN 0 ELSE agree + disagree + abstain END), 0) AS BIGINT)
FROM assembly_item WHERE county = $1 AND assembly_id = $2

-- name: assembly_item_list(county i64, assembly_id i64, max i64) -> many (flow_id i64, agree i64, disagree i64,
--   abstain i64, remark text, passed i64, moved i64, failed text, version i64, flow_version i64, event text)
SELECT flow_id, agree, disagree, abstain, remark, passed, moved, failed, version, flow_version, event
FROM assembly_item WHERE county = $1 AND assembly_id = $2 ORDER BY flow_id LIMIT $3

-- On how many lists of meetings that are not over a case stands.
-- name: assembly_lists_of(county i64, flow_id i64) -> one (count i64)
SELECT count(*) FROM assembly_item i JOIN assembly s ON s.county = i.county AND s.id = i.assembly_id
WHERE i.county = $1 AND i.flow_id = $2 AND s.state <> 3

-- name: assembly_items_open(county i64) -> many (flow_id i64)
SELECT i.flow_id FROM assembly s JOIN assembly_item i ON i.county = s.county AND i.assembly_id = s.id
WHERE s.county = $1 AND s.state <> 3

-- name: assembly_item_add(county i64, assembly_id i64, flow_id i64, flow_version i64) -> run
INSERT INTO assembly_item (county, assembly_id, flow_id, agree, disagree, abstain, remark, passed, event, moved,
    failed, flow_version, version)
VALUES ($1, $2, $3, -1, -1, -1, '', 0, '', 0, '', $4, 1)

-- name: assembly_item_drop(county i64, assembly_id i64, flow_id i64) -> run
DELETE FROM assembly_item WHERE county = $1 AND assembly_id = $2 AND flow_id = $3

-- name: assembly_item_vote(county i64, assembly_id i64, flow_id i64, version i64, agree i64, disagree i64,
--   abstain i64, remark text, flow_version i64) -> run
UPDATE assembly_item SET agree = $5, disagree = $6, abstain = $7, remark = $8, flow_version = $9,
    version = version + 1
WHERE county = $1 AND assembly_id = $2 AND flow_id = $3 AND version = $4

-- ---- closing ----
-- name: assembly_begin_close(county i64, id i64, version i64, user_id i64) -> run
UPDATE assembly SET state = 4, closed_by = $4, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3 AND state IN (2, 4)

-- name: assembly_item_result(county i64, assembly_id i64, flow_id i64, passed i64, event text) -> run
UPDATE assembly_item SET passed = $4, event = $5 WHERE county = $1 AND assembly_id = $2 AND flow_id = $3

-- name: assembly_item_moved(county i64, flow_id i64, event text) -> run
UPDATE assembly_item SET moved = 1, failed = '' WHERE county = $1 AND flow_id = $2 AND event = $3 AND moved = 0
    AND assembly_id IN (SELECT id FROM assembly WHERE county = $1 AND state = 4)

-- name: assembly_item_failed(county i64, assembly_id i64, flow_id i64, failed text) -> run
UPDATE assembly_item SET failed = $4 WHERE county = $1 AND assembly_id = $2 AND flow_id = $3 AND moved = 0

-- name: assembly_end_close(county i64, id i64, version i64, at i64) -> run
UPDATE assembly SET state = 3, closed_at = $4, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3 AND state = 4
