-- Needs, plans, their items and events. All statements that select needs (plans, items) have the
-- same columns in the same order.

-- ---- needs ----
-- name: need_one(id i64) -> one (county i64, id i64, household_id i64, person_id i64, area_path text, kind i64,
--   urgency i64, amount_minor i64, words blob?, state i64, at i64, user_id i64, solved_at i64, plan_item_id i64,
--   may_be_listed i64, version i64)
SELECT county, id, household_id, person_id, area_path, kind, urgency, amount_minor, words, state, at,
    user_id, solved_at, plan_item_id, may_be_listed, version
FROM need WHERE id = $1

-- name: need_list(county i64, household i64, max_state i64) -> many (county i64, id i64, household_id i64, person_id i64, area_path text, kind i64,
--   urgency i64, amount_minor i64, words blob?, state i64, at i64, user_id i64, solved_at i64, plan_item_id i64,
--   may_be_listed i64, version i64)
SELECT county, id, household_id, person_id, area_path, kind, urgency, amount_minor, words, state, at,
    user_id, solved_at, plan_item_id, may_be_listed, version
FROM need WHERE county = $1 AND household_id = $2 AND state <= $3 ORDER BY state, id

-- name: need_list_public(county i64, kind i64, path text, path_end text, after i64, max i64) -> many (county i64, id i64, household_id i64, person_id i64, area_path text, kind i64,
--   urgency i64, amount_minor i64, words blob?, state i64, at i64, user_id i64, solved_at i64, plan_item_id i64,
--   may_be_listed i64, version i64)
SELECT county, id, household_id, person_id, area_path, kind, urgency, amount_minor, words, state, at,
    user_id, solved_at, plan_item_id, may_be_listed, version
FROM need WHERE county = $1 AND kind = $2 AND may_be_listed = 1 AND state = 1
    AND area_path >= $3 AND area_path < $4 AND id > $5 ORDER BY id LIMIT $6

-- name: need_insert(county i64, id i64, household_id i64, person_id i64, area_path text, kind i64, urgency i64,
--   amount i64, words blob?, at i64, user_id i64, listed i64) -> run
INSERT INTO need (county, id, household_id, person_id, area_path, kind, urgency, amount_minor, words, state,
    at, user_id, solved_at, plan_item_id, may_be_listed, why, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, 0, 0, $12, '', 1)

-- name: need_state_set(county i64, id i64, version i64, state i64, at i64, why text) -> run
UPDATE need SET state = $4, solved_at = $5, why = $6, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3

-- What a confirmed item answers.
-- name: need_item_set(county i64, id i64, item i64, at i64) -> run
UPDATE need SET state = 2, solved_at = $4, plan_item_id = $3, version = version + 1
WHERE county = $1 AND id = $2 AND state = 1

-- Taken back with the confirmation.
-- name: need_item_clear(county i64, household i64, item i64) -> run
UPDATE need SET state = 1, solved_at = 0, plan_item_id = 0, version = version + 1
WHERE county = $1 AND household_id = $2 AND plan_item_id = $3 AND state = 2

-- ---- plans ----
-- name: plan_one(id i64) -> one (county i64, id i64, household_id i64, area_id i64,
--   area_path text, flow_id i64, state i64, token blob?, journal_seq i64, proposal_id i64, made_at i64, made_by i64,
--   approved_at i64, approved_by i64, ended_at i64, version i64)
SELECT county, id, household_id, area_id, area_path, flow_id, state, token, journal_seq, proposal_id,
    made_at, made_by, approved_at, approved_by, ended_at, version
FROM plan WHERE id = $1

-- name: plan_of_token(hash blob) -> one (county i64, id i64, household_id i64, area_id i64,
--   area_path text, flow_id i64, state i64, token blob?, journal_seq i64, proposal_id i64, made_at i64, made_by i64,
--   approved_at i64, approved_by i64, ended_at i64, version i64)
SELECT county, id, household_id, area_id, area_path, flow_id, state, token, journal_seq, proposal_id,
    made_at, made_by, approved_at, approved_by, ended_at, version
FROM plan WHERE token_hash = $1

-- name: plan_list_household(county i64, household i64) -> many (county i64, id i64, household_id i64, area_id i64,
--   area_path text, flow_id i64, state i64, token blob?, journal_seq i64, proposal_id i64, made_at i64, made_by i64,
--   approved_at i64, approved_by i64, ended_at i64, version i64)
SELECT county, id, household_id, area_id, area_path, flow_id, state, token, journal_seq, proposal_id,
    made_at, made_by, approved_at, approved_by, ended_at, version
FROM plan WHERE county = $1 AND household_id = $2 ORDER BY id DESC

-- name: plan_open_one(county i64, household i64) -> one (id i64)
SELECT id FROM plan WHERE county = $1 AND household_id = $2 AND state <= 2 AND household_id <> 0

-- name: plan_open_of_area(county i64, area i64) -> one (id i64)
SELECT id FROM plan WHERE county = $1 AND area_id = $2 AND state <= 2 AND household_id = 0

-- Newest first; late: items that wait past their day.
-- name: plan_list_under(path text, path_end text, lowest i64, highest i64, before i64, today i64) -> many (county i64, id i64, household_id i64, area_id i64,
--   area_path text, flow_id i64, state i64, token blob?, journal_seq i64, proposal_id i64, made_at i64, made_by i64,
--   approved_at i64, approved_by i64, ended_at i64, version i64,
--   items i64, ended i64, late i64)
SELECT p.county, p.id, p.household_id, p.area_id, p.area_path, p.flow_id, p.state, p.token, p.journal_seq, p.proposal_id, p.made_at, p.made_by, p.approved_at, p.approved_by, p.ended_at, p.version,
    (SELECT count(*) FROM plan_item i WHERE i.county = p.county AND i.plan_id = p.id AND i.state <> 2),
    (SELECT count(*) FROM plan_item i WHERE i.county = p.county AND i.plan_id = p.id AND i.state IN (6, 8)),
    (SELECT count(*) FROM plan_item i WHERE i.county = p.county AND i.plan_id = p.id
        AND i.state IN (3, 4, 7) AND i.task_id <> 0 AND i.due_day < $6)
FROM plan p
WHERE p.area_path >= $1 AND p.area_path < $2 AND p.state BETWEEN $3 AND $4 AND p.id < $5
ORDER BY p.id DESC

-- name: plan_insert(county i64, id i64, household i64, area i64, path text, flow i64, token_hash blob?, token blob?,
--   seq i64, proposal i64, at i64, user i64) -> run
INSERT INTO plan (county, id, household_id, area_id, area_path, flow_id, state, token_hash, token,
    journal_seq, proposal_id, made_at, made_by, approved_at, approved_by, ended_at, version)
VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $11, $12, 0, 0, 0, 1)

-- Changes the state if nobody else changed the plan meanwhile.
-- name: plan_state_set(county i64, id i64, version i64, state i64, ended_at i64) -> run
UPDATE plan SET state = $4, ended_at = $5, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3

-- name: plan_approve_set(county i64, id i64, version i64, at i64, user i64) -> run
UPDATE plan SET state = 2, approved_at = $4, approved_by = $5, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3 AND state <= 2

-- The items' own versions guard them; the plan's says that something in it changed.
-- name: plan_touch(county i64, id i64) -> run
UPDATE plan SET version = version + 1 WHERE county = $1 AND id = $2

-- name: plan_place_set(county i64, id i64, area i64, path text) -> run
UPDATE plan SET area_id = $3, area_path = $4 WHERE county = $1 AND id = $2 AND area_path <> $4

-- name: plan_token_set(county i64, id i64, hash blob, token blob) -> run
UPDATE plan SET token_hash = $3, token = $4, version = version + 1 WHERE county = $1 AND id = $2

-- The open plan of an area stays about it where the other has one of its own; the other's people end it.
-- name: plan_area_move(county i64, from_area i64, to_area i64, path text) -> run
UPDATE plan SET area_path = $4, area_id = CASE WHEN household_id = 0 AND state <= 2 AND EXISTS (
    SELECT 1 FROM plan o WHERE o.county = $1 AND o.area_id = $3 AND o.household_id = 0 AND o.state <= 2)
    THEN area_id ELSE CAST($3 AS BIGINT) END
WHERE county = $1 AND area_id = $2

-- ---- items ----
-- name: item_one(id i64) -> one (county i64, id i64, plan_id i64, person_id i64,
--   task_id i64, measure i64, state i64, by_program i64, changed i64, reason_en text, reason_zh text, why text,
--   owner_kind i64, owner_id i64, owner_permission text, cost_minor i64, paid_minor i64, quantity i64,
--   start_day i64, due_day i64, delivered_day i64, confirmed_day i64, document_id i64, before_value i64?,
--   before_year i64, sure i64, objected_at i64, grievance_id i64, version i64)
SELECT county, id, plan_id, person_id, task_id, measure, state, by_program, changed, reason_en, reason_zh,
    why, owner_kind, owner_id, owner_permission, cost_minor, paid_minor, quantity, start_day, due_day,
    delivered_day, confirmed_day, document_id, before_value, before_year, sure, objected_at, grievance_id, version
FROM plan_item WHERE id = $1

-- name: item_list(county i64, plan i64) -> many (county i64, id i64, plan_id i64, person_id i64,
--   task_id i64, measure i64, state i64, by_program i64, changed i64, reason_en text, reason_zh text, why text,
--   owner_kind i64, owner_id i64, owner_permission text, cost_minor i64, paid_minor i64, quantity i64,
--   start_day i64, due_day i64, delivered_day i64, confirmed_day i64, document_id i64, before_value i64?,
--   before_year i64, sure i64, objected_at i64, grievance_id i64, version i64)
SELECT county, id, plan_id, person_id, task_id, measure, state, by_program, changed, reason_en, reason_zh,
    why, owner_kind, owner_id, owner_permission, cost_minor, paid_minor, quantity, start_day, due_day,
    delivered_day, confirmed_day, document_id, before_value, before_year, sure, objected_at, grievance_id, version
FROM plan_item WHERE county = $1 AND plan_id = $2 ORDER BY id

-- What a household has or gets: items under way in running plans, and those confirmed lately.
-- name: item_running(county i64, household i64, since_day i64) -> many (measure i64, person_id i64)
SELECT i.measure, i.person_id
FROM plan p JOIN plan_item i ON i.county = p.county AND i.plan_id = p.id
WHERE p.county = $1 AND p.household_id = $2
    AND ((p.state = 2 AND i.state IN (3, 4, 5, 7)) OR (i.state = 6 AND i.confirmed_day >= $3))
ORDER BY i.id

-- Of an organisation, by date.
-- name: item_owned(county i64, kind i64, owner i64, after_day i64, after_id i64, max i64) -> many (
--   county i64, id i64, plan_id i64, person_id i64,
--   task_id i64, measure i64, state i64, by_program i64, changed i64, reason_en text, reason_zh text, why text,
--   owner_kind i64, owner_id i64, owner_permission text, cost_minor i64, paid_minor i64, quantity i64,
--   start_day i64, due_day i64, delivered_day i64, confirmed_day i64, document_id i64, before_value i64?,
--   before_year i64, sure i64, objected_at i64, grievance_id i64, version i64)
SELECT i.county, i.id, i.plan_id, i.person_id, i.task_id, i.measure, i.state, i.by_program, i.changed, i.reason_en, i.reason_zh, i.why, i.owner_kind, i.owner_id, i.owner_permission, i.cost_minor, i.paid_minor, i.quantity, i.start_day, i.due_day, i.delivered_day, i.confirmed_day, i.document_id, i.before_value, i.before_year, i.sure, i.objected_at, i.grievance_id, i.version
FROM plan_item i JOIN plan p ON p.county = i.county AND p.id = i.plan_id
WHERE i.county = $1 AND i.owner_kind = $2 AND i.owner_id = $3 AND i.state IN (3, 4, 7) AND i.task_id <> 0
    AND p.state = 2 AND (i.due_day, i.id) > ($4, $5)
ORDER BY i.due_day, i.id LIMIT $6

-- name: item_insert(county i64, id i64, plan i64, person i64, measure i64, state i64, by_program i64, en text, zh text,
--   why text, owner_kind i64, owner_id i64, owner_permission text, cost i64, quantity i64, start i64, due i64,
--   sure i64) -> run
INSERT INTO plan_item (county, id, plan_id, person_id, task_id, measure, state, by_program, changed,
    reason_en, reason_zh, why, owner_kind, owner_id, owner_permission, cost_minor, paid_minor, quantity,
    start_day, due_day, delivered_day, confirmed_day, document_id, before_value, before_year, sure,
    objected_at, grievance_id, version)
VALUES ($1, $2, $3, $4, 0, $5, $6, $7, 0, $8, $9, $10, $11, $12, $13, $14, 0, $15, $16, $17, 0, 0, 0, NULL,
    0, $18, 0, 0, 1)

-- name: item_decide(county i64, plan i64, id i64, version i64, state i64, changed i64, why text, owner_kind i64,
--   owner_id i64, owner_permission text, cost i64, quantity i64, start i64, due i64) -> run
UPDATE plan_item SET state = $5, changed = $6, why = $7, owner_kind = $8, owner_id = $9,
    owner_permission = $10, cost_minor = $11, quantity = $12, start_day = $13, due_day = $14,
    objected_at = 0, version = version + 1
WHERE county = $1 AND plan_id = $2 AND id = $3 AND version = $4

-- name: item_take_all(county i64, plan i64) -> run
UPDATE plan_item SET state = 3, version = version + 1
WHERE county = $1 AND plan_id = $2 AND state = 1 AND objected_at = 0

-- name: item_state_set(county i64, plan i64, id i64, version i64, state i64) -> run
UPDATE plan_item SET state = $5, version = version + 1
WHERE county = $1 AND plan_id = $2 AND id = $3 AND version = $4

-- name: item_task_set(county i64, plan i64, id i64, task i64) -> run
UPDATE plan_item SET task_id = $4 WHERE county = $1 AND plan_id = $2 AND id = $3

-- name: item_before_set(county i64, plan i64, id i64, value i64?, year i64) -> run
UPDATE plan_item SET before_value = $4, before_year = $5 WHERE county = $1 AND plan_id = $2 AND id = $3

-- name: item_deliver(county i64, plan i64, id i64, version i64, day i64, paid i64, document i64) -> run
UPDATE plan_item SET state = 5, delivered_day = $5, paid_minor = $6, document_id = $7, version = version + 1
WHERE county = $1 AND plan_id = $2 AND id = $3 AND version = $4

-- name: item_confirm(county i64, plan i64, id i64, version i64, state i64, day i64) -> run
UPDATE plan_item SET state = $5, confirmed_day = $6, version = version + 1
WHERE county = $1 AND plan_id = $2 AND id = $3 AND version = $4

-- name: item_object(county i64, plan i64, id i64, version i64, at i64, grievance i64) -> run
UPDATE plan_item SET objected_at = $5, grievance_id = $6, version = version + 1
WHERE county = $1 AND plan_id = $2 AND id = $3 AND version = $4

-- ---- events ----
-- name: event_insert(county i64, plan i64, id i64, item i64, at i64, user i64, household i64, what text,
--   words blob?) -> run
INSERT INTO plan_event (county, plan_id, id, item_id, at, user_id, by_household, what, words)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: event_list(county i64, plan i64) -> many (id i64, item_id i64, at i64, user_id i64, by_household i64,
--   what text, words blob?)
SELECT id, item_id, at, user_id, by_household, what, words
FROM plan_event WHERE county = $1 AND plan_id = $2 ORDER BY id
