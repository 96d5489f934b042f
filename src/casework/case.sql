-- Cases: what is read across many of them. The tables belong to the room work.

-- Steps of all cases of a county under a path, newest first, before (at, flow, seq).
-- name: case_audit_list(county i64, path text, path_end text, from_at i64, to_at i64, user_id i64, other i64,
--   before_at i64, before_flow i64, before_seq i64, max i64) -> many (flow_id i64, seq i64, at i64, user_id i64,
--   event text, from_state text, to_state text, reason text, advice i64, followed i64, snapshot_id i64,
--   workflow text, subject_id i64, area_id i64)
SELECT m.flow_id, m.seq, m.at, m.user_id, m.event, m.from_state, m.to_state, m.reason, m.advice, m.followed,
    m.snapshot_id, f.workflow, f.subject_id, f.area_id
FROM flow_move m JOIN flow f ON f.county = m.county AND f.id = m.flow_id
WHERE m.county = $1 AND f.area_path >= $2 AND f.area_path < $3 AND m.at >= $4 AND m.at < $5
    AND ($6 = 0 OR m.user_id = $6) AND ($7 = 0 OR (m.followed = 0 AND m.advice IN (1, 2)))
    AND (m.at < $8 OR (m.at = $8 AND (m.flow_id < $9 OR (m.flow_id = $9 AND m.seq < $10))))
ORDER BY m.at DESC, m.flow_id DESC, m.seq DESC LIMIT $11

-- The step that froze a document.
-- name: case_of_snapshot(snapshot_id i64) -> one (flow_id i64, seq i64)
SELECT flow_id, seq FROM flow_move WHERE snapshot_id = $1 AND snapshot_id <> 0 ORDER BY flow_id, seq LIMIT 1

-- Open cases of households that have moved within the county or have ended.
-- name: case_astray(after_id i64, max i64) -> many (county i64, id i64, workflow text, state text, version i64,
--   area_id i64, home_id i64, ended_day i64)
SELECT f.county, f.id, f.workflow, f.state, f.version, f.area_id, h.area_id, h.ended_day
FROM flow f JOIN household h ON h.county = f.county AND h.id = f.subject_id
WHERE f.id > $1 AND f.closed_at = 0 AND (h.ended_day <> 0 OR h.area_id <> f.area_id)
ORDER BY f.id LIMIT $2

-- name: case_tip_state(id i64) -> one (state i64)
SELECT state FROM tip WHERE id = $1
