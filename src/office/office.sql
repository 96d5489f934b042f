-- Meetings, resources, policy papers.

-- ---- shared ----

-- name: office_area(id i64) -> one (county i64, path text, ended_day i64)
SELECT county, path, ended_day FROM area WHERE id = $1

-- ---- resources ----

-- name: resource_insert(county i64, id i64, org_id i64, area_id i64, kind text, name text,
--   unit text, note text, amount i64) -> run
INSERT INTO resource (county, id, org_id, area_id, kind, name, unit, note, amount, ended_day, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 1)

-- name: resource_update(id i64, version i64, org_id i64, area_id i64, kind text, name text,
--   unit text, note text, amount i64, ended_day i64) -> run
UPDATE resource SET org_id = $3, area_id = $4, kind = $5, name = $6, unit = $7, note = $8,
       amount = $9, ended_day = $10, version = version + 1
WHERE id = $1 AND version = $2

-- name: resource_org_to(county i64, org_id i64, to_id i64) -> run
UPDATE resource SET org_id = $3, version = version + 1 WHERE county = $1 AND org_id = $2

-- name: resource_one(id i64) -> one (county i64, id i64, org_id i64, area_id i64, area_path text?,
--   kind text, name text, unit text, note text, amount i64, ended_day i64, version i64)
SELECT r.county, r.id, r.org_id, r.area_id, a.path, r.kind, r.name, r.unit, r.note, r.amount,
       r.ended_day, r.version
FROM resource r LEFT JOIN area a ON a.id = r.area_id WHERE r.id = $1

-- name: resource_page(county i64, kind text, max i64) -> many (county i64, id i64, org_id i64,
--   area_id i64, area_path text?, kind text, name text, unit text, note text, amount i64,
--   ended_day i64, version i64)
SELECT r.county, r.id, r.org_id, r.area_id, a.path, r.kind, r.name, r.unit, r.note, r.amount,
       r.ended_day, r.version
FROM resource r LEFT JOIN area a ON a.id = r.area_id
WHERE r.county = $1 AND (CAST($2 AS TEXT) = '' OR r.kind = $2) AND r.ended_day = 0
ORDER BY r.kind, r.name, r.id LIMIT $3

-- What is given of a resource and touches the days, but one booking.
-- name: booking_taken(county i64, resource_id i64, from_day i64, to_day i64, but_id i64)
-- -> many (from_day i64, to_day i64, amount i64)
SELECT from_day, to_day, amount FROM booking
WHERE county = $1 AND resource_id = $2 AND to_day >= $3 AND from_day <= $4 AND state = 2
  AND id <> $5

-- The last day on which anything is given.
-- name: booking_last(county i64, resource_id i64) -> one (day i64)
SELECT coalesce(max(to_day), 0) FROM booking WHERE county = $1 AND resource_id = $2 AND state = 2

-- name: booking_insert(county i64, id i64, resource_id i64, user_id i64, task_id i64, from_day i64,
--   to_day i64, amount i64, state i64, purpose text, asked_at i64, decided_by i64) -> run
INSERT INTO booking (county, id, resource_id, user_id, task_id, from_day, to_day, amount, state,
                     purpose, reason, asked_at, decided_by, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', $11, $12, 1)

-- name: booking_update(id i64, version i64, state i64, reason text, decided_by i64) -> run
UPDATE booking SET state = $3, reason = $4, decided_by = $5, version = version + 1
WHERE id = $1 AND version = $2

-- name: booking_one(id i64) -> one (county i64, id i64, resource_id i64, user_id i64, task_id i64,
--   from_day i64, to_day i64, amount i64, state i64, purpose text, reason text, decided_by i64,
--   version i64)
SELECT county, id, resource_id, user_id, task_id, from_day, to_day, amount, state, purpose, reason,
       decided_by, version
FROM booking WHERE id = $1

-- name: booking_page(county i64, resource_id i64, from_day i64, to_day i64, max i64) -> many (county i64,
--   id i64, resource_id i64, user_id i64, task_id i64, from_day i64, to_day i64, amount i64,
--   state i64, purpose text, reason text, decided_by i64, version i64)
SELECT county, id, resource_id, user_id, task_id, from_day, to_day, amount, state, purpose, reason,
       decided_by, version
FROM booking
WHERE county = $1 AND resource_id = $2 AND to_day >= $3 AND from_day <= $4
ORDER BY from_day, id LIMIT $5

-- name: booking_own(user_id i64, from_day i64, to_day i64, max i64) -> many (county i64,
--   id i64, resource_id i64, user_id i64, task_id i64, from_day i64, to_day i64, amount i64,
--   state i64, purpose text, reason text, decided_by i64, version i64)
SELECT county, id, resource_id, user_id, task_id, from_day, to_day, amount, state, purpose, reason,
       decided_by, version
FROM booking
WHERE user_id = $1 AND to_day >= $2 AND from_day <= $3
ORDER BY from_day, id LIMIT $4

-- ---- meetings ----

-- name: meeting_insert(county i64, id i64, area_id i64, at i64, title text, place text,
--   agenda text, minutes text, chair_id i64) -> run
INSERT INTO meeting (county, id, area_id, at, title, place, agenda, minutes, chair_id, closed_at, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 1)

-- name: meeting_update(id i64, version i64, area_id i64, at i64, title text, place text,
--   agenda text, chair_id i64) -> run
UPDATE meeting SET area_id = $3, at = $4, title = $5, place = $6, agenda = $7, chair_id = $8,
       version = version + 1
WHERE id = $1 AND version = $2 AND closed_at = 0

-- name: meeting_update_minutes(id i64, version i64, minutes text) -> run
UPDATE meeting SET minutes = $3, version = version + 1
WHERE id = $1 AND version = $2 AND closed_at = 0

-- name: meeting_shut(id i64, version i64, closed_at i64) -> run
UPDATE meeting SET closed_at = $3, version = version + 1
WHERE id = $1 AND version = $2 AND closed_at = 0

-- name: meeting_one(id i64) -> one (county i64, id i64, area_id i64, area_path text?, at i64,
--   title text, place text, agenda text, minutes text, chair_id i64, closed_at i64, version i64)
SELECT m.county, m.id, m.area_id, a.path, m.at, m.title, m.place, m.agenda, m.minutes, m.chair_id,
       m.closed_at, m.version
FROM meeting m LEFT JOIN area a ON a.id = m.area_id WHERE m.id = $1

-- name: meeting_page(county i64, at i64, after_id i64, max i64) -> many (county i64, id i64,
--   area_id i64, area_path text?, at i64, title text, place text, agenda text, minutes text,
--   chair_id i64, closed_at i64, version i64)
SELECT m.county, m.id, m.area_id, a.path, m.at, m.title, m.place, m.agenda, m.minutes, m.chair_id,
       m.closed_at, m.version
FROM meeting m LEFT JOIN area a ON a.id = m.area_id
WHERE m.county = $1 AND (m.at, m.id) < ($2, $3)
ORDER BY m.at DESC, m.id DESC LIMIT $4

-- name: meeting_org_clear(county i64, meeting_id i64) -> run
DELETE FROM meeting_org WHERE county = $1 AND meeting_id = $2

-- name: meeting_org_insert(county i64, meeting_id i64, org_id i64) -> run
INSERT INTO meeting_org (county, meeting_id, org_id) VALUES ($1, $2, $3)
ON CONFLICT (county, meeting_id, org_id) DO NOTHING

-- name: meeting_org_list(county i64, meeting_id i64) -> many (org_id i64)
SELECT org_id FROM meeting_org WHERE county = $1 AND meeting_id = $2 ORDER BY org_id LIMIT 60

-- name: decision_insert(county i64, id i64, meeting_id i64, text text, due_day i64) -> run
INSERT INTO meeting_decision (county, id, meeting_id, text, due_day, task_id, dropped)
VALUES ($1, $2, $3, $4, $5, 0, 0)

-- name: decision_owner_insert(county i64, decision_id i64, n i64, kind i64, owner_id i64) -> run
INSERT INTO meeting_owner (county, decision_id, n, kind, owner_id) VALUES ($1, $2, $3, $4, $5)

-- name: decision_drop(county i64, id i64, meeting_id i64) -> run
UPDATE meeting_decision SET dropped = 1
WHERE county = $1 AND id = $2 AND meeting_id = $3 AND dropped = 0 AND task_id = 0

-- name: decision_set_task(county i64, id i64, task_id i64) -> run
UPDATE meeting_decision SET task_id = $3 WHERE county = $1 AND id = $2

-- name: decision_list(county i64, meeting_id i64) -> many (id i64, text text, due_day i64, task_id i64)
SELECT id, text, due_day, task_id FROM meeting_decision
WHERE county = $1 AND meeting_id = $2 AND dropped = 0 ORDER BY id LIMIT 60

-- name: decision_owners(county i64, decision_id i64) -> many (kind i64, owner_id i64)
SELECT kind, owner_id FROM meeting_owner WHERE county = $1 AND decision_id = $2 ORDER BY n

-- ---- papers ----

-- name: paper_insert(county i64, id i64, area_id i64, document_id i64, replaces_id i64,
--   number text, title text, summary text, name_key text, from_day i64, to_day i64) -> run
INSERT INTO paper (county, id, area_id, document_id, replaces_id, number, title, summary, name_key,
                   from_day, to_day, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)

-- name: paper_update(id i64, version i64, area_id i64, document_id i64, replaces_id i64,
--   number text, title text, summary text, name_key text, from_day i64, to_day i64) -> run
UPDATE paper SET area_id = $3, document_id = $4, replaces_id = $5, number = $6, title = $7,
       summary = $8, name_key = $9, from_day = $10, to_day = $11, version = version + 1
WHERE id = $1 AND version = $2

-- name: paper_end(county i64, id i64, to_day i64) -> run
UPDATE paper SET to_day = $3, version = version + 1
WHERE county = $1 AND id = $2 AND (to_day = 0 OR to_day > $3)

-- name: paper_same_number(county i64, number text, id i64) -> one (count i64)
SELECT count(*) FROM paper WHERE county = $1 AND number = $2 AND id <> $3

-- name: paper_heir(county i64, replaces_id i64) -> one (id i64)
SELECT id FROM paper WHERE county = $1 AND replaces_id = $2 ORDER BY from_day DESC LIMIT 1

-- name: paper_one(id i64) -> one (county i64, id i64, area_id i64, area_path text?, document_id i64,
--   replaces_id i64, number text, title text, summary text, from_day i64, to_day i64, version i64)
SELECT p.county, p.id, p.area_id, a.path, p.document_id, p.replaces_id, p.number, p.title, p.summary,
       p.from_day, p.to_day, p.version
FROM paper p LEFT JOIN area a ON a.id = p.area_id WHERE p.id = $1

-- The databases call "where is this text in that" differently.
-- name: paper_page(county i64, on_day i64, search text, max i64) -> many (county i64, id i64,
--   area_id i64, area_path text?, document_id i64, replaces_id i64, number text, title text,
--   summary text, from_day i64, to_day i64, version i64)
-- lite:
SELECT p.county, p.id, p.area_id, a.path, p.document_id, p.replaces_id, p.number, p.title, p.summary,
       p.from_day, p.to_day, p.version
FROM paper p LEFT JOIN area a ON a.id = p.area_id
WHERE p.county = $1 AND ($2 = 0 OR (p.from_day <= $2 AND (p.to_day = 0 OR p.to_day >= $2)))
  AND ($3 = '' OR instr(p.name_key, $3) > 0)
ORDER BY p.from_day DESC, p.id DESC LIMIT $4
-- pg:
SELECT p.county, p.id, p.area_id, a.path, p.document_id, p.replaces_id, p.number, p.title, p.summary,
       p.from_day, p.to_day, p.version
FROM paper p LEFT JOIN area a ON a.id = p.area_id
WHERE p.county = $1
  AND (CAST($2 AS BIGINT) = 0 OR (p.from_day <= $2 AND (p.to_day = 0 OR p.to_day >= $2)))
  AND (CAST($3 AS TEXT) = '' OR strpos(p.name_key, $3) > 0)
ORDER BY p.from_day DESC, p.id DESC LIMIT $4

-- name: paper_setting(county i64, kind text, code text, on_day i64) -> many (county i64, id i64,
--   area_id i64, area_path text?, document_id i64, replaces_id i64, number text, title text,
--   summary text, from_day i64, to_day i64, version i64)
SELECT DISTINCT p.county, p.id, p.area_id, a.path, p.document_id, p.replaces_id, p.number, p.title,
       p.summary, p.from_day, p.to_day, p.version
FROM paper_link l JOIN paper p ON p.county = l.county AND p.id = l.paper_id
     LEFT JOIN area a ON a.id = p.area_id
WHERE l.county = $1 AND l.kind = $2 AND l.code = $3 AND p.from_day <= $4
  AND (p.to_day = 0 OR p.to_day >= $4)
ORDER BY p.from_day DESC, p.id DESC LIMIT 500

-- name: paper_link_clear(county i64, paper_id i64) -> run
DELETE FROM paper_link WHERE county = $1 AND paper_id = $2

-- name: paper_link_insert(county i64, paper_id i64, n i64, kind text, code text, note text) -> run
INSERT INTO paper_link (county, paper_id, n, kind, code, note) VALUES ($1, $2, $3, $4, $5, $6)

-- name: paper_link_list(county i64, paper_id i64) -> many (kind text, code text, note text)
SELECT kind, code, note FROM paper_link WHERE county = $1 AND paper_id = $2 ORDER BY n LIMIT 40
