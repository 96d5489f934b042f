-- The workflow engine. All statements that deliver flows have the columns of flow_get, in its order.

-- name: flow_get(id i64) -> one (county i64, id i64, workflow text, state text, subject_id i64, area_id i64,
--   area_path text, version i64, visit i64, opened_at i64, entered_at i64, due_at i64, closed_at i64,
--   opened_by i64, back_id i64)
SELECT county, id, workflow, state, subject_id, area_id, area_path, version, visit, opened_at, entered_at,
    due_at, closed_at, opened_by, back_id
FROM flow WHERE id = $1

-- name: flow_open_of(county i64, workflow text, subject_id i64) -> one (id i64)
SELECT id FROM flow WHERE county = $1 AND workflow = $2 AND subject_id = $3 AND closed_at = 0

-- Nothing when an open one is there already.
-- name: flow_insert(county i64, id i64, workflow text, state text, subject_id i64, area_id i64,
--   area_path text, opened_at i64, opened_by i64, back_id i64) -> run
INSERT INTO flow (county, id, workflow, state, subject_id, area_id, area_path, version, visit, opened_at,
    entered_at, due_at, closed_at, opened_by, back_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 1, $8, $8, 32503680000, 0, $9, $10)
ON CONFLICT DO NOTHING

-- name: flow_step_on(county i64, id i64, version i64, state text, visit i64, entered_at i64, due_at i64,
--   closed_at i64) -> run
UPDATE flow SET version = version + 1, state = $4, visit = $5, entered_at = $6, due_at = $7, closed_at = $8
WHERE county = $1 AND id = $2 AND version = $3

-- Holds the row while the closure goes on.
-- name: flow_hold(county i64, id i64, version i64) -> run
UPDATE flow SET version = version WHERE county = $1 AND id = $2 AND version = $3 AND closed_at = 0

-- name: flow_last(county i64, flow_id i64) -> one (seq i64, user_id i64)
SELECT seq, user_id FROM flow_move WHERE county = $1 AND flow_id = $2 ORDER BY seq DESC LIMIT 1

-- name: flow_move_add(county i64, flow_id i64, seq i64, at i64, user_id i64, event text, from_state text,
--   to_state text, reason text, advice i64, followed i64, advice_text text, journal_seq i64,
--   snapshot_id i64) -> run
INSERT INTO flow_move (county, flow_id, seq, at, user_id, event, from_state, to_state, reason, advice,
    followed, advice_text, journal_seq, snapshot_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)

-- name: flow_answer_add(county i64, flow_id i64, seq i64, no i64, code text, kind i64, number i64,
--   text text, document_id i64) -> run
INSERT INTO flow_answer (county, flow_id, seq, no, code, kind, number, text, document_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: flow_moves(county i64, flow_id i64) -> many (seq i64, at i64, user_id i64, event text,
--   from_state text, to_state text, reason text, advice i64, followed i64, advice_text text,
--   journal_seq i64, snapshot_id i64)
SELECT seq, at, user_id, event, from_state, to_state, reason, advice, followed, advice_text, journal_seq,
    snapshot_id
FROM flow_move WHERE county = $1 AND flow_id = $2 ORDER BY seq

-- name: flow_answers(county i64, flow_id i64) -> many (seq i64, code text, kind i64, number i64, text text,
--   document_id i64)
SELECT seq, code, kind, number, text, document_id
FROM flow_answer WHERE county = $1 AND flow_id = $2 ORDER BY seq, no

-- name: flow_sign_add(county i64, flow_id i64, visit i64, user_id i64, at i64) -> run
INSERT INTO flow_sign (county, flow_id, visit, user_id, at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING

-- name: flow_signs(county i64, flow_id i64, visit i64) -> many (user_id i64)
SELECT user_id FROM flow_sign WHERE county = $1 AND flow_id = $2 AND visit = $3 ORDER BY at, user_id

-- open: 1 open, 0 closed, -1 both. late_at 0: late or not. By deadline; none is the year 3000.
-- name: flow_list_in(path text, path_end text, open i64, workflow text, state text, late_at i64,
--   after_due i64, after_id i64, max i64) -> many (county i64, id i64, workflow text, state text,
--   subject_id i64, area_id i64, area_path text, version i64, visit i64, opened_at i64, entered_at i64,
--   due_at i64, closed_at i64, opened_by i64, back_id i64)
SELECT county, id, workflow, state, subject_id, area_id, area_path, version, visit, opened_at, entered_at,
    due_at, closed_at, opened_by, back_id
FROM flow
WHERE area_path >= $1 AND area_path < $2
    AND ($3 < 0 OR ($3 = 1 AND closed_at = 0) OR ($3 = 0 AND closed_at <> 0))
    AND ($4 = '' OR workflow = $4) AND ($5 = '' OR state = $5) AND ($6 = 0 OR due_at <= $6)
    AND (due_at > $7 OR (due_at = $7 AND id > $8))
ORDER BY due_at, id LIMIT $9

-- Newest first.
-- name: flow_of_subject(subject_id i64) -> many (county i64, id i64, workflow text, state text,
--   subject_id i64, area_id i64, area_path text, version i64, visit i64, opened_at i64, entered_at i64,
--   due_at i64, closed_at i64, opened_by i64, back_id i64)
SELECT county, id, workflow, state, subject_id, area_id, area_path, version, visit, opened_at, entered_at,
    due_at, closed_at, opened_by, back_id
FROM flow WHERE subject_id = $1 ORDER BY id DESC LIMIT 1000

-- name: flow_states(path text, path_end text) -> many (workflow text, state text, count i64)
SELECT workflow, state, count(*) FROM flow
WHERE area_path >= $1 AND area_path < $2 AND closed_at = 0 GROUP BY workflow, state ORDER BY workflow, state

-- name: flow_set_place(county i64, id i64, version i64, area_id i64, area_path text) -> run
UPDATE flow SET area_id = $4, area_path = $5 WHERE county = $1 AND id = $2 AND version = $3 AND closed_at = 0

-- name: flow_move_area(county i64, from_area i64, from_path text, to_area i64, to_path text) -> run
UPDATE flow SET area_id = $4, area_path = $5 WHERE county = $1 AND area_id = $2 AND area_path = $3
