-- Tips. All that deliver tips have the same columns in the same order.

-- name: tip_by_number(id i64) -> one (county i64, id i64, area_id i64, household_id i64, source i64, state i64,
--   source_id i64, words blob, at i64, due_at i64, flow_id i64, closed_by i64, reason text, version i64,
--   path text)
SELECT t.county, t.id, t.area_id, t.household_id, t.source, t.state, t.source_id, t.words, t.at, t.due_at,
    t.flow_id, t.closed_by, t.reason, t.version, a.path
FROM tip t JOIN area a ON a.id = t.area_id WHERE t.id = $1

-- name: tip_of_reference(reference blob) -> one (county i64, id i64, area_id i64, household_id i64, source i64,
--   state i64, source_id i64, words blob, at i64, due_at i64, flow_id i64, closed_by i64, reason text,
--   version i64, path text)
SELECT t.county, t.id, t.area_id, t.household_id, t.source, t.state, t.source_id, t.words, t.at, t.due_at,
    t.flow_id, t.closed_by, t.reason, t.version, a.path
FROM tip t JOIN area a ON a.id = t.area_id WHERE t.reference = $1

-- state 0: any. Newest first.
-- name: tip_page(from_county i64, to_county i64, state i64, path text, path_end text, before i64, max i64)
-- -> many (county i64, id i64, area_id i64, household_id i64, source i64, state i64, source_id i64,
--   words blob, at i64, due_at i64, flow_id i64, closed_by i64, reason text, version i64, path text)
SELECT t.county, t.id, t.area_id, t.household_id, t.source, t.state, t.source_id, t.words, t.at, t.due_at,
    t.flow_id, t.closed_by, t.reason, t.version, a.path
FROM tip t JOIN area a ON a.id = t.area_id
WHERE t.county >= $1 AND t.county <= $2 AND (t.state = $3 OR $3 = 0) AND a.path >= $4 AND a.path < $5
    AND t.id < $6
ORDER BY t.id DESC LIMIT $7

-- name: tip_of_case(county i64, flow_id i64, max i64) -> many (county i64, id i64, area_id i64,
--   household_id i64, source i64, state i64, source_id i64, words blob, at i64, due_at i64, flow_id i64,
--   closed_by i64, reason text, version i64, path text)
SELECT t.county, t.id, t.area_id, t.household_id, t.source, t.state, t.source_id, t.words, t.at, t.due_at,
    t.flow_id, t.closed_by, t.reason, t.version, a.path
FROM tip t JOIN area a ON a.id = t.area_id WHERE t.county = $1 AND t.flow_id = $2 ORDER BY t.id DESC LIMIT $3

-- name: tip_recent(county i64, household_id i64, source i64, since i64) -> one (id i64, words blob)
SELECT id, words FROM tip WHERE county = $1 AND household_id = $2 AND source = $3 AND at > $4 AND state <> 3
ORDER BY at DESC LIMIT 1

-- name: reference_used(reference blob) -> one (count i64)
SELECT (SELECT count(*) FROM tip WHERE reference = $1) + (SELECT count(*) FROM grievance WHERE reference = $1)

-- name: tip_add_row(county i64, id i64, area_id i64, household_id i64, source i64, source_id i64, words blob,
--   reference blob?, at i64, due_at i64, made_by i64) -> run
INSERT INTO tip (county, id, area_id, household_id, source, state, source_id, words, reference, at, due_at,
    flow_id, made_by, closed_by, closed_at, reason, version)
VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, $10, 0, $11, 0, 0, '', 1)

-- name: tip_put_household(county i64, id i64, version i64, household_id i64, area_id i64) -> run
UPDATE tip SET household_id = $4, area_id = $5, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3 AND state = 1

-- name: tip_take_row(county i64, id i64, version i64, user_id i64, at i64) -> run
UPDATE tip SET state = 2, closed_by = $4, closed_at = $5, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3 AND state = 1

-- name: tip_put_flow(county i64, id i64, flow_id i64) -> run
UPDATE tip SET flow_id = $3 WHERE county = $1 AND id = $2

-- name: tip_close_row(county i64, id i64, version i64, user_id i64, at i64, reason text) -> run
UPDATE tip SET state = 3, closed_by = $4, closed_at = $5, reason = $6, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3 AND state = 1

-- Areas that were merged.
-- name: tip_area_moved(county i64, from_area i64, to_area i64) -> run
UPDATE tip SET area_id = $3 WHERE county = $1 AND area_id = $2

-- name: grievance_area_moved(county i64, from_area i64, to_area i64) -> run
UPDATE grievance SET area_id = $3 WHERE county = $1 AND area_id = $2

-- name: assembly_area_moved(county i64, from_area i64, to_area i64) -> run
UPDATE assembly SET area_id = $3 WHERE county = $1 AND area_id = $2

-- A posting of the same day may stand in the other area already, and that area may be merged too:
-- the day makes way for a number of the posting's own, below 0.
-- name: posting_area_moved(county i64, from_area i64, to_area i64) -> run
UPDATE posting SET area_id = $3, day = -1 - id % 2000000000 WHERE county = $1 AND area_id = $2
