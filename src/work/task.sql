-- Tasks. All statements that deliver whole tasks have the columns of task_get, in its order.

-- name: task_get(id i64) -> one (county i64, id i64, parent_id i64, kind text, subject_id i64,
--   household_id i64, area_id i64, area_path text, owner_kind i64, owner_id i64, owner_permission text,
--   held_id i64, giver_id i64, title_en text, title_zh text, why_en text, why_zh text, href text, state i64,
--   weight i64, made_at i64, due_at i64, done_at i64, done_by i64, escalated i64, version i64,
--   needs_evidence i64, outcome text)
SELECT county, id, parent_id, kind, subject_id, household_id, area_id, area_path, owner_kind, owner_id,
    owner_permission, held_id, giver_id, title_en, title_zh, why_en, why_zh, href, state, weight, made_at,
    due_at, done_at, done_by, escalated, version, needs_evidence, outcome
FROM task WHERE id = $1

-- Nothing when an open one is there.
-- name: task_insert(county i64, id i64, parent_id i64, kind text, subject_id i64, household_id i64,
--   area_id i64, area_path text, owner_kind i64, owner_id i64, owner_permission text, held_id i64,
--   giver_id i64, title_en text, title_zh text, why_en text, why_zh text, href text, state i64, weight i64,
--   made_at i64, due_at i64, needs_evidence i64) -> run
INSERT INTO task (county, id, parent_id, kind, subject_id, household_id, area_id, area_path, owner_kind,
    owner_id, owner_permission, held_id, giver_id, title_en, title_zh, why_en, why_zh, href, state, weight,
    made_at, due_at, done_at, done_by, escalated, version, needs_evidence, outcome)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
    0, 0, 0, 1, $23, '')
ON CONFLICT DO NOTHING

-- name: task_open_same(county i64, kind text, subject_id i64, parent_id i64, owner_kind i64, owner_id i64,
--   owner_permission text) -> one (id i64)
SELECT id FROM task WHERE county = $1 AND kind = $2 AND subject_id = $3 AND parent_id = $4
    AND owner_kind = $5 AND owner_id = $6 AND owner_permission = $7 AND subject_id <> 0 AND state IN (1, 2)

-- name: task_open_of(county i64, kind text, subject_id i64) -> many (id i64)
SELECT id FROM task WHERE county = $1 AND kind = $2 AND subject_id = $3 AND subject_id <> 0
    AND state IN (1, 2) ORDER BY id

-- name: task_end(county i64, id i64, version i64, state i64, done_at i64, done_by i64, outcome text) -> run
UPDATE task SET state = $4, done_at = $5, done_by = $6, outcome = $7, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3 AND state IN (1, 2)

-- name: task_open_again(county i64, id i64, version i64, state i64, due_at i64) -> run
UPDATE task SET state = $4, due_at = $5, done_at = 0, done_by = 0, outcome = '', version = version + 1
WHERE county = $1 AND id = $2 AND version = $3

-- name: task_set_owner(county i64, id i64, version i64, owner_kind i64, owner_id i64,
--   owner_permission text, held_id i64) -> run
UPDATE task SET owner_kind = $4, owner_id = $5, owner_permission = $6, held_id = $7, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3 AND state IN (1, 2)

-- name: task_set_due_at(county i64, id i64, version i64, due_at i64) -> run
UPDATE task SET due_at = $4, escalated = 0, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3 AND state IN (1, 2)

-- name: task_escalated(county i64, id i64, escalated i64) -> run
UPDATE task SET escalated = $3 WHERE county = $1 AND id = $2

-- name: task_late_add(county i64, task_id i64, owner_kind i64, owner_id i64, owner_permission text,
--   due_at i64, at i64) -> run
INSERT INTO task_late (county, task_id, owner_kind, owner_id, owner_permission, due_at, at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING

-- name: task_late_clear(county i64, task_id i64) -> run
DELETE FROM task_late WHERE county = $1 AND task_id = $2

-- name: task_late_told(county i64, task_id i64) -> many (owner_kind i64, owner_id i64, owner_permission text)
SELECT owner_kind, owner_id, owner_permission FROM task_late WHERE county = $1 AND task_id = $2

-- name: task_event_add(county i64, thread_id i64, id i64, task_id i64, at i64, user_id i64, what text,
--   text text, document_id i64) -> run
INSERT INTO task_event (county, thread_id, id, task_id, at, user_id, what, text, document_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: task_events(county i64, thread_id i64, max i64) -> many (task_id i64, at i64, user_id i64, what text,
--   text text, document_id i64)
SELECT task_id, at, user_id, what, text, document_id
FROM task_event WHERE county = $1 AND thread_id = $2 ORDER BY id LIMIT $3

-- name: task_evidence_count(county i64, thread_id i64, task_id i64) -> one (count i64)
SELECT count(*) FROM task_event
WHERE county = $1 AND thread_id = $2 AND task_id = $3 AND what = 'evidence'

-- name: task_has_document(county i64, thread_id i64, document_id i64) -> one (count i64)
SELECT count(*) FROM task_event WHERE county = $1 AND thread_id = $2 AND document_id = $3

-- ---- waiting and parts ----

-- name: task_after_add(county i64, id i64, before_id i64) -> run
INSERT INTO task_after (county, id, before_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- What a task waits for: those it comes after, and its own parts.
-- name: task_needs(county i64, id i64) -> many (id i64, state i64)
SELECT t.id, t.state FROM task_after a JOIN task t ON t.county = a.county AND t.id = a.before_id
WHERE a.county = $1 AND a.id = $2
UNION ALL
SELECT t.id, t.state FROM task t WHERE t.parent_id = $2 AND t.parent_id <> 0 AND t.county = $1

-- Of those that a task comes after, how many have not ended well.
-- name: task_befores_open(county i64, id i64) -> one (count i64)
SELECT count(*) FROM task_after a JOIN task t ON t.county = a.county AND t.id = a.before_id
WHERE a.county = $1 AND a.id = $2 AND t.state IN (1, 2, 4)

-- name: task_afters(county i64, before_id i64, state i64) -> many (id i64)
SELECT t.id FROM task_after a JOIN task t ON t.county = a.county AND t.id = a.id
WHERE a.county = $1 AND a.before_id = $2 AND t.state = $3 ORDER BY t.id

-- name: task_befores(county i64, id i64) -> many (id i64)
SELECT before_id FROM task_after WHERE county = $1 AND id = $2 ORDER BY before_id

-- name: task_parts_sum(parent_id i64) -> one (open i64, refused i64, done i64)
SELECT CAST(coalesce(sum(CASE WHEN state IN (1, 2) THEN 1 ELSE 0 END), 0) AS BIGINT),
    CAST(coalesce(sum(CASE WHEN state = 4 THEN 1 ELSE 0 END), 0) AS BIGINT),
    CAST(coalesce(sum(CASE WHEN state = 3 THEN 1 ELSE 0 END), 0) AS BIGINT)
FROM task WHERE parent_id = $1 AND parent_id <> 0

-- name: task_parts(parent_id i64) -> many (id i64, due_at i64)
SELECT id, due_at FROM task WHERE parent_id = $1 AND parent_id <> 0 ORDER BY id

-- ---- lists: numbers and deadlines only, by range; the tasks of a page are read by number ----

-- name: task_keys_owner(kind i64, owner_id i64, permission text, state i64, after_due i64, after_id i64,
--   task_kind text, max i64) -> many (id i64, due_at i64)
SELECT id, due_at FROM task
WHERE owner_kind = $1 AND owner_id = $2 AND owner_permission = $3 AND state = $4 AND due_at >= $5
    AND (due_at > $5 OR id > $6) AND ($7 = '' OR kind = $7)
ORDER BY due_at, id LIMIT $8

-- name: task_keys_held(held_id i64, permission text, state i64, after_due i64, after_id i64,
--   task_kind text, max i64) -> many (id i64, due_at i64)
SELECT id, due_at FROM task
WHERE held_id = $1 AND held_id <> 0 AND owner_permission = $2 AND state = $3 AND due_at >= $4
    AND (due_at > $4 OR id > $5) AND ($6 = '' OR kind = $6)
ORDER BY due_at, id LIMIT $7

-- name: task_keys_late(kind i64, owner_id i64, permission text, after_due i64, after_id i64,
--   max i64) -> many (id i64, due_at i64)
SELECT task_id, due_at FROM task_late
WHERE owner_kind = $1 AND owner_id = $2 AND owner_permission = $3 AND due_at >= $4
    AND (due_at > $4 OR task_id > $5)
ORDER BY due_at, task_id LIMIT $6

-- name: task_keys_given(giver_id i64, state i64, after_due i64, after_id i64, task_kind text,
--   max i64) -> many (id i64, due_at i64)
SELECT id, due_at FROM task
WHERE giver_id = $1 AND giver_id <> 0 AND state = $2 AND due_at >= $3 AND (due_at > $3 OR id > $4)
    AND ($5 = '' OR kind = $5)
ORDER BY due_at, id LIMIT $6

-- name: task_keys_area(area_id i64, state i64, after_due i64, after_id i64, task_kind text,
--   max i64) -> many (id i64, due_at i64)
SELECT id, due_at FROM task
WHERE area_id = $1 AND state = $2 AND due_at >= $3 AND (due_at > $3 OR id > $4) AND ($5 = '' OR kind = $5)
ORDER BY due_at, id LIMIT $6

-- Of an area with very many areas under it: nearly every task on the way belongs to it.
-- name: task_keys_wide(path text, path_end text, state i64, after_due i64, after_id i64, task_kind text,
--   max i64) -> many (id i64, due_at i64)
SELECT id, due_at FROM task
WHERE state = $3 AND due_at >= $4 AND (due_at > $4 OR id > $5) AND area_path >= $1 AND area_path < $2
    AND ($6 = '' OR kind = $6)
ORDER BY due_at, id LIMIT $7

-- Newest first.
-- name: task_keys_ended(done_by i64, before_at i64, before_id i64, task_kind text,
--   max i64) -> many (id i64, done_at i64)
SELECT id, done_at FROM task
WHERE done_by = $1 AND done_by <> 0 AND done_at <= $2 AND (done_at < $2 OR id < $3) AND ($4 = '' OR kind = $4)
ORDER BY done_at DESC, id DESC LIMIT $5

-- name: task_keys_household(household_id i64, max i64) -> many (id i64, due_at i64, state i64)
SELECT id, due_at, state FROM task WHERE household_id = $1 AND household_id <> 0 ORDER BY id LIMIT $2

-- In the order of deadlines, so that late ones and those of today are counted first.
-- name: task_count_owner(kind i64, owner_id i64, permission text, now_at i64, tonight i64,
--   max i64) -> one (open i64, late i64, today i64)
SELECT count(*), CAST(coalesce(sum(CASE WHEN due_at <= $4 THEN 1 ELSE 0 END), 0) AS BIGINT),
    CAST(coalesce(sum(CASE WHEN due_at > $4 AND due_at <= $5 THEN 1 ELSE 0 END), 0) AS BIGINT)
FROM (SELECT due_at FROM task WHERE owner_kind = $1 AND owner_id = $2 AND owner_permission = $3 AND state = 1
    ORDER BY due_at LIMIT $6) AS found

-- name: task_count_held(held_id i64, permission text, now_at i64, tonight i64,
--   max i64) -> one (open i64, late i64, today i64)
SELECT count(*), CAST(coalesce(sum(CASE WHEN due_at <= $3 THEN 1 ELSE 0 END), 0) AS BIGINT),
    CAST(coalesce(sum(CASE WHEN due_at > $3 AND due_at <= $4 THEN 1 ELSE 0 END), 0) AS BIGINT)
FROM (SELECT due_at FROM task WHERE held_id = $1 AND held_id <> 0 AND owner_permission = $2 AND state = 1
    ORDER BY due_at LIMIT $5) AS found

-- name: task_count_late(kind i64, owner_id i64, permission text, max i64) -> one (count i64)
SELECT count(*) FROM (SELECT 1 FROM task_late WHERE owner_kind = $1 AND owner_id = $2
    AND owner_permission = $3 LIMIT $4) AS found

-- ---- handing over ----

-- name: task_open_owned(kind i64, owner_id i64, permission text, after_id i64, max i64) -> many (id i64)
SELECT id FROM task WHERE owner_kind = $1 AND owner_id = $2 AND ($3 = '*' OR owner_permission = $3)
    AND state IN (1, 2) AND id > $4 ORDER BY id LIMIT $5

-- name: task_area_owned(after_id i64, after_permission text) -> many (owner_id i64, owner_permission text,
--   held_id i64)
SELECT DISTINCT owner_id, owner_permission, held_id FROM task
WHERE owner_kind = 3 AND state IN (1, 2)
    AND (owner_id > $1 OR (owner_id = $1 AND owner_permission > $2))
ORDER BY owner_id, owner_permission, held_id LIMIT 1000

-- name: task_hold(owner_id i64, permission text, held_id i64) -> run
UPDATE task SET held_id = $3 WHERE owner_kind = 3 AND owner_id = $1 AND owner_permission = $2
    AND state IN (1, 2) AND held_id <> $3

-- name: task_move_place(county i64, from_area i64, to_area i64, to_path text) -> run
UPDATE task SET area_id = $3, area_path = $4 WHERE county = $1 AND area_id = $2

-- name: task_of_place(county i64, area_id i64) -> many (id i64)
SELECT id FROM task WHERE owner_kind = 3 AND owner_id = $2 AND state IN (1, 2) AND county = $1 ORDER BY id

-- name: task_late_move(county i64, from_area i64, to_area i64) -> run
UPDATE task_late SET owner_id = $3 WHERE county = $1 AND owner_kind = 3 AND owner_id = $2
    AND NOT EXISTS (SELECT 1 FROM task_late o WHERE o.county = task_late.county
        AND o.task_id = task_late.task_id AND o.owner_kind = 3 AND o.owner_id = $3
        AND o.owner_permission = task_late.owner_permission)

-- ---- pages: read only, the tables are those of people ----

-- Members of a county's organisations today.
-- name: task_members(county i64, day i64, max i64) -> many (user_id i64, name text, org_name text)
SELECT d.user_id, u.name, o.name FROM duty d JOIN org o ON o.id = d.org_id JOIN app_user u ON u.id = d.user_id
WHERE d.county = $1 AND o.ended_day = 0 AND u.state = 1 AND d.from_day <= $2 AND (d.to_day = 0 OR d.to_day >= $2)
ORDER BY o.name, d.heads DESC, u.name LIMIT $3
