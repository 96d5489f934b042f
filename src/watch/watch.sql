-- Alerts. All that deliver alerts have the same columns in the same order.

-- name: alert_by_number(id i64) -> one (county i64, id i64, rule i64, household_id i64, person_id i64, area_id i64,
--   area_path text, colour i64, state i64, outcome i64, at i64, due_at i64, closed_at i64, closed_by i64,
--   journal_seq i64, source_id i64, facts text, words blob, task_id i64, tip_id i64, flow_id i64,
--   disaster_id i64, version i64)
SELECT county, id, rule, household_id, person_id, area_id, area_path, colour, state, outcome, at, due_at,
    closed_at, closed_by, journal_seq, source_id, facts, words, task_id, tip_id, flow_id, disaster_id, version
FROM alert WHERE id = $1

-- Completed by db/filter.c.
-- name: alert_page(from_county i64, to_county i64) -> many (county i64, id i64, rule i64, household_id i64,
--   person_id i64, area_id i64, area_path text, colour i64, state i64, outcome i64, at i64, due_at i64,
--   closed_at i64, closed_by i64, journal_seq i64, source_id i64, facts text, words blob, task_id i64,
--   tip_id i64, flow_id i64, disaster_id i64, version i64)
SELECT a.county, a.id, a.rule, a.household_id, a.person_id, a.area_id, a.area_path, a.colour, a.state, a.outcome,
    a.at, a.due_at, a.closed_at, a.closed_by, a.journal_seq, a.source_id, a.facts, a.words, a.task_id, a.tip_id,
    a.flow_id, a.disaster_id, a.version
FROM alert a WHERE a.county >= $1 AND a.county <= $2 /*FILTER*/ /*ORDER*/

-- name: alert_rule_sums(from_county i64, to_county i64, path text, path_end text, now i64) -> many (rule i64,
--   open i64, late i64, closed i64, answered i64, hits i64)
SELECT rule, sum(CASE WHEN state <> 3 THEN 1 ELSE 0 END), sum(CASE WHEN state <> 3 AND due_at <= $5 THEN 1 ELSE 0 END),
    sum(CASE WHEN state = 3 THEN 1 ELSE 0 END), sum(CASE WHEN outcome IN (1, 2) THEN 1 ELSE 0 END),
    sum(CASE WHEN outcome = 1 THEN 1 ELSE 0 END)
FROM alert WHERE county >= $1 AND county <= $2 AND area_path >= $3 AND area_path < $4 GROUP BY rule

-- What waits in the actor's areas, for the daily summary.
-- name: alert_open_sums(from_county i64, to_county i64, path text, path_end text, now i64) -> one (open i64, red i64, late i64)
SELECT count(*), coalesce(sum(CASE WHEN colour = 3 THEN 1 ELSE 0 END), 0),
    coalesce(sum(CASE WHEN due_at <= $5 THEN 1 ELSE 0 END), 0)
FROM alert WHERE county >= $1 AND county <= $2 AND state IN (1, 2) AND area_path >= $3 AND area_path < $4

-- The last one of a rule and household.
-- name: alert_last(county i64, household_id i64, rule i64) -> one (id i64, state i64, colour i64, closed_at i64)
SELECT id, state, colour, closed_at FROM alert WHERE county = $1 AND household_id = $2 AND rule = $3
ORDER BY id DESC LIMIT 1

-- Nothing when an open one is there.
-- name: alert_add(county i64, id i64, rule i64, household_id i64, person_id i64, area_id i64, area_path text,
--   colour i64, at i64, due_at i64, journal_seq i64, source_id i64, facts text, words blob, disaster_id i64) -> run
INSERT INTO alert (county, id, rule, household_id, person_id, area_id, area_path, colour, state, outcome, at, due_at,
    closed_at, closed_by, journal_seq, source_id, facts, words, task_id, tip_id, flow_id, disaster_id, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, 0, $9, $10, 0, 0, $11, $12, $13, $14, 0, 0, 0, $15, 1)
ON CONFLICT DO NOTHING

-- name: alert_put_task(county i64, id i64, task_id i64) -> run
UPDATE alert SET task_id = $3 WHERE county = $1 AND id = $2

-- name: alert_take_row(county i64, id i64, version i64) -> run
UPDATE alert SET state = 2, version = version + 1 WHERE county = $1 AND id = $2 AND version = $3 AND state = 1

-- name: alert_close_row(county i64, id i64, version i64, outcome i64, at i64, user_id i64, words blob) -> run
UPDATE alert SET state = 3, outcome = $4, closed_at = $5, closed_by = $6, words = $7, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3 AND state IN (1, 2)

-- The rule is no longer true: closed by the program, unless somebody was quicker.
-- name: alert_over_row(county i64, id i64, at i64) -> run
UPDATE alert SET state = 3, outcome = 4, closed_at = $3, closed_by = 0, version = version + 1
WHERE county = $1 AND id = $2 AND state IN (1, 2)

-- name: alert_put_case(county i64, id i64, tip_id i64, flow_id i64) -> run
UPDATE alert SET tip_id = $3, flow_id = $4 WHERE county = $1 AND id = $2

-- name: alert_reopen_row(county i64, id i64, version i64) -> run
UPDATE alert SET state = 1, outcome = 0, closed_at = 0, closed_by = 0, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3 AND state = 3

-- name: alert_moved(county i64, id i64, area_id i64, area_path text) -> run
UPDATE alert SET area_id = $3, area_path = $4 WHERE county = $1 AND id = $2 AND state IN (1, 2)

-- name: alert_area_merged(county i64, from_area i64, to_area i64, path text) -> run
UPDATE alert SET area_id = $3, area_path = $4 WHERE county = $1 AND area_id = $2

-- name: disaster_area_merged(county i64, from_area i64, to_area i64, path text) -> run
UPDATE disaster SET area_id = $3, area_path = $4 WHERE county = $1 AND area_id = $2

-- name: alert_home(county i64, id i64) -> one (area_id i64, area_path text)
SELECT h.area_id, a.path FROM household_seen h JOIN area a ON a.id = h.area_id
WHERE h.county = $1 AND h.id = $2 AND h.ended = 0

-- name: alert_open_case(county i64, household_id i64) -> many (id i64, workflow text)
SELECT id, workflow FROM flow WHERE county = $1 AND subject_id = $2 AND closed_at = 0 ORDER BY id

-- ---- running ----

-- name: alerts_open(county i64) -> many (id i64, rule i64, household_id i64, area_id i64, source_id i64)
SELECT id, rule, household_id, area_id, source_id FROM alert WHERE county = $1 AND state IN (1, 2) ORDER BY id

-- name: alerts_open_of(county i64, household_id i64) -> many (id i64, rule i64, household_id i64, area_id i64, source_id i64)
SELECT id, rule, household_id, area_id, source_id FROM alert
WHERE county = $1 AND household_id = $2 AND state IN (1, 2) ORDER BY id

-- name: alerts_closed_since(county i64, since i64) -> many (rule i64, household_id i64, colour i64, closed_at i64)
SELECT rule, household_id, colour, closed_at FROM alert WHERE county = $1 AND state = 3 AND closed_at >= $2

-- name: alerts_closed_of(county i64, household_id i64, since i64) -> many (rule i64, household_id i64, colour i64, closed_at i64)
SELECT rule, household_id, colour, closed_at FROM alert
WHERE county = $1 AND household_id = $2 AND state = 3 AND closed_at >= $3

-- name: alert_cursor_get(county i64) -> one (seq i64, day i64, year i64, rules i64, finding_at i64, run_at i64)
SELECT seq, day, year, rules, finding_at, run_at FROM alert_cursor WHERE county = $1

-- name: alert_cursor_make(county i64) -> run
INSERT INTO alert_cursor (county, seq, day, year, rules, finding_at, run_at) VALUES ($1, 0, 0, 0, 0, 0, 0)
ON CONFLICT DO NOTHING

-- Only forwards: of two servers the one that is behind changes nothing.
-- name: alert_cursor_put(county i64, seq i64, day i64, year i64, rules i64, at i64) -> run
UPDATE alert_cursor SET seq = $2, day = $3, year = $4, rules = $5, run_at = $6
WHERE county = $1 AND (seq <= $2 OR rules <> $5)

-- name: alert_cursor_finding(county i64, finding_at i64) -> run
UPDATE alert_cursor SET finding_at = $2 WHERE county = $1 AND finding_at < $2

-- Counties that have a journal.
-- name: watch_counties(after i64, max i64) -> many (county i64, seq i64)
SELECT county, seq FROM journal_head WHERE county > $1 ORDER BY county LIMIT $2

-- Findings in force of lists in force that no alert came from yet.
-- name: watch_findings(county i64, since i64, after_id i64, max i64) -> many (id i64, kind text, rule text, household_id i64,
--   person_id i64, opened_at i64)
SELECT f.id, f.kind, f.rule, f.household_id, f.person_id, f.opened_at
FROM compare_finding f JOIN compare_list l ON l.id = f.list_id
WHERE f.county = $1 AND f.opened_at >= $2 AND (f.opened_at > $2 OR f.id > $3) AND f.state = 1 AND f.newer_id = 0 AND f.gone = 0 AND l.state = 2
    AND NOT EXISTS (SELECT 1 FROM alert a WHERE a.county = f.county AND a.source_id = f.id)
ORDER BY f.opened_at, f.id LIMIT $4

-- Open alerts whose finding turned out wrong or was not found again.
-- name: watch_findings_over(county i64, max i64) -> many (id i64, rule i64)
SELECT a.id, a.rule FROM alert a LEFT JOIN compare_finding f ON f.county = a.county AND f.id = a.source_id
WHERE a.county = $1 AND a.state IN (1, 2) AND a.source_id <> 0 AND a.disaster_id = 0
    AND NOT EXISTS (SELECT 1 FROM task t WHERE t.county = a.county AND t.id = a.source_id)
    AND (f.id IS NULL OR f.state = 4 OR (f.state = 3 AND f.gone = 1 AND f.newer_id = 0))
ORDER BY a.id LIMIT $2

-- Open tasks about a household that are late, but for checks of alerts; not where the rule's alert is open or
-- ended lately.
-- name: watch_late_tasks(county i64, before_at i64, rule i64, closed_after i64, max i64) -> many (id i64, household_id i64, title_en text,
--   title_zh text, due_at i64)
SELECT t.id, t.household_id, t.title_en, t.title_zh, t.due_at FROM task t
WHERE t.state = 1 AND t.due_at < $2 AND t.county = $1 AND t.household_id <> 0 AND t.kind NOT IN ('alert', 'tip')
    AND NOT EXISTS (SELECT 1 FROM alert a WHERE a.county = t.county AND a.household_id = t.household_id
        AND a.rule = $3 AND (a.state IN (1, 2) OR a.closed_at > $4))
ORDER BY t.due_at, t.id LIMIT $5

-- name: watch_tasks_over(county i64, max i64) -> many (id i64, rule i64)
SELECT a.id, a.rule FROM alert a JOIN task t ON t.county = a.county AND t.id = a.source_id
WHERE a.county = $1 AND a.state IN (1, 2) AND a.source_id <> 0 AND t.state > 2 ORDER BY a.id LIMIT $2

-- ---- disasters ----

-- name: disaster_by_number(id i64) -> one (county i64, id i64, area_id i64, area_path text, rule i64, user_id i64,
--   at i64, name text, shape text, days i64, household_count i64, without_place i64, ended_at i64, ended_by i64,
--   reason text)
SELECT county, id, area_id, area_path, rule, user_id, at, name, shape, days, household_count, without_place,
    ended_at, ended_by, reason
FROM disaster WHERE id = $1 AND begun = 1

-- name: disaster_page(path text, path_end text, max i64) -> many (county i64, id i64, area_id i64, area_path text,
--   rule i64, user_id i64, at i64, name text, shape text, days i64, household_count i64, without_place i64,
--   ended_at i64, ended_by i64, reason text)
SELECT county, id, area_id, area_path, rule, user_id, at, name, shape, days, household_count, without_place,
    ended_at, ended_by, reason
FROM disaster WHERE begun = 1 AND area_path >= $1 AND area_path < $2 ORDER BY id DESC LIMIT $3

-- name: disaster_add(county i64, id i64, area_id i64, area_path text, rule i64, user_id i64, at i64, name text,
--   shape text, days i64, household_count i64, without_place i64) -> run
INSERT INTO disaster (county, id, area_id, area_path, rule, user_id, at, name, shape, days, household_count,
    without_place, begun, ended_at, ended_by, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, 0, '')

-- name: disaster_target_add(county i64, disaster_id i64, household_id i64) -> run
INSERT INTO disaster_target (county, disaster_id, household_id, alert_id) VALUES ($1, $2, $3, 0)
ON CONFLICT DO NOTHING

-- name: disaster_begun(county i64, id i64) -> run
UPDATE disaster SET begun = 1 WHERE county = $1 AND id = $2 AND begun = 0

-- name: disaster_open_targets(county i64, disaster_id i64, max i64) -> many (household_id i64)
SELECT t.household_id FROM disaster_target t JOIN disaster d ON d.county = t.county AND d.id = t.disaster_id
WHERE t.county = $1 AND t.disaster_id = $2 AND t.alert_id = 0 AND d.ended_at = 0
ORDER BY t.household_id LIMIT $3

-- name: disaster_put_alert(county i64, disaster_id i64, household_id i64, alert_id i64) -> run
UPDATE disaster_target SET alert_id = $4 WHERE county = $1 AND disaster_id = $2 AND household_id = $3 AND alert_id = 0

-- checked: a person said what they found.
-- name: disaster_sums(county i64, disaster_id i64) -> one (raised i64, checked i64, hits i64, open i64, gone i64)
SELECT coalesce(sum(CASE WHEN t.alert_id > 0 THEN 1 ELSE 0 END), 0),
    coalesce(sum(CASE WHEN a.outcome IN (1, 2, 3) THEN 1 ELSE 0 END), 0),
    coalesce(sum(CASE WHEN a.outcome = 1 THEN 1 ELSE 0 END), 0),
    coalesce(sum(CASE WHEN a.state IN (1, 2) THEN 1 ELSE 0 END), 0),
    coalesce(sum(CASE WHEN t.alert_id = -1 THEN 1 ELSE 0 END), 0)
FROM disaster_target t LEFT JOIN alert a ON a.county = t.county AND a.id = t.alert_id
WHERE t.county = $1 AND t.disaster_id = $2

-- By village, for the page of one disaster.
-- name: disaster_by_area(county i64, disaster_id i64, max i64) -> many (area_id i64, total i64, checked i64, hits i64, open i64)
SELECT a.area_id, count(*), sum(CASE WHEN a.outcome IN (1, 2, 3) THEN 1 ELSE 0 END),
    sum(CASE WHEN a.outcome = 1 THEN 1 ELSE 0 END), sum(CASE WHEN a.state IN (1, 2) THEN 1 ELSE 0 END)
FROM disaster_target t JOIN alert a ON a.county = t.county AND a.id = t.alert_id
WHERE t.county = $1 AND t.disaster_id = $2 GROUP BY a.area_id, a.area_path ORDER BY a.area_path LIMIT $3

-- name: disaster_end_row(county i64, id i64, at i64, user_id i64, reason text) -> run
UPDATE disaster SET ended_at = $3, ended_by = $4, reason = $5 WHERE county = $1 AND id = $2 AND ended_at = 0

-- Those of a disaster (its own, or of another that has ended) on which no other open disaster rests.
-- name: disaster_open_alerts(county i64, disaster_id i64, max i64) -> many (id i64)
SELECT a.id FROM disaster_target t JOIN alert a ON a.county = t.county AND a.id = t.alert_id
WHERE t.county = $1 AND t.disaster_id = $2 AND a.state IN (1, 2) AND a.disaster_id <> 0
  AND NOT EXISTS (SELECT 1 FROM disaster d JOIN disaster_target u
      ON u.county = d.county AND u.disaster_id = d.id AND u.household_id = t.household_id
      WHERE d.county = t.county AND d.id <> t.disaster_id AND d.begun = 1 AND d.ended_at = 0
        AND u.alert_id = t.alert_id)
ORDER BY a.id LIMIT $3

-- name: disaster_is_open(county i64, id i64) -> one (id i64)
SELECT id FROM disaster WHERE county = $1 AND id = $2 AND begun = 1 AND ended_at = 0

-- name: disasters_unfinished(county i64, max i64) -> many (id i64)
SELECT DISTINCT t.disaster_id FROM disaster_target t JOIN disaster d ON d.county = t.county AND d.id = t.disaster_id
WHERE t.county = $1 AND t.alert_id = 0 AND d.begun = 1 AND d.ended_at = 0 LIMIT $2
