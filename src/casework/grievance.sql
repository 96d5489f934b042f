-- Grievances: what was said and answered; state and deadline are the flow's. All have the same columns.

-- name: grievance_by_number(id i64) -> one (county i64, id i64, flow_id i64, area_id i64, path text,
--   about_flow i64, about_plan i64, posting_id i64, tip_id i64, household_id i64, against_user i64,
--   channel i64, words blob, answer blob?, answered_at i64, answered_by i64, at i64)
SELECT g.county, g.id, g.flow_id, g.area_id, a.path, g.about_flow, g.about_plan, g.posting_id, g.tip_id,
    g.household_id, g.against_user, g.channel, g.words, g.answer, g.answered_at, g.answered_by, g.at
FROM grievance g JOIN area a ON a.id = g.area_id WHERE g.id = $1

-- name: grievance_of_reference(reference blob) -> one (county i64, id i64, flow_id i64, area_id i64, path text,
--   about_flow i64, about_plan i64, posting_id i64, tip_id i64, household_id i64, against_user i64,
--   channel i64, words blob, answer blob?, answered_at i64, answered_by i64, at i64)
SELECT g.county, g.id, g.flow_id, g.area_id, a.path, g.about_flow, g.about_plan, g.posting_id, g.tip_id,
    g.household_id, g.against_user, g.channel, g.words, g.answer, g.answered_at, g.answered_by, g.at
FROM grievance g JOIN area a ON a.id = g.area_id WHERE g.reference = $1

-- name: grievance_of_case(county i64, about_flow i64, max i64) -> many (county i64, id i64, flow_id i64,
--   area_id i64, path text, about_flow i64, about_plan i64, posting_id i64, tip_id i64,
--   household_id i64, against_user i64, channel i64, words blob, answer blob?, answered_at i64,
--   answered_by i64, at i64)
SELECT g.county, g.id, g.flow_id, g.area_id, a.path, g.about_flow, g.about_plan, g.posting_id, g.tip_id,
    g.household_id, g.against_user, g.channel, g.words, g.answer, g.answered_at, g.answered_by, g.at
FROM grievance g JOIN area a ON a.id = g.area_id WHERE g.county = $1 AND g.about_flow = $2
ORDER BY g.id DESC LIMIT $3

-- name: grievance_add_row(county i64, id i64, flow_id i64, area_id i64, about_flow i64, about_plan i64,
--   posting_id i64, tip_id i64, household_id i64, against_user i64, channel i64, words blob,
--   reference blob, at i64) -> run
INSERT INTO grievance (county, id, flow_id, area_id, about_flow, about_plan, posting_id, tip_id, household_id,
    against_user, channel, words, answer, answered_at, answered_by, reference, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL, 0, 0, $13, $14)

-- name: grievance_put_flow(county i64, id i64, flow_id i64) -> run
UPDATE grievance SET flow_id = $3 WHERE county = $1 AND id = $2

-- name: grievance_put_answer(county i64, id i64, answer blob, at i64, user_id i64) -> run
UPDATE grievance SET answer = $3, answered_at = $4, answered_by = $5 WHERE county = $1 AND id = $2

-- name: grievance_put_words(county i64, id i64, words blob) -> run
UPDATE grievance SET words = $3 WHERE county = $1 AND id = $2
