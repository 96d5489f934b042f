-- Lists of other departments: compare*.c. The blocks that deliver findings are completed by db/filter.c.

-- ---- lists ----
-- name: compare_list_add(id i64, county i64, kind text, area_path text, document_id i64, file_name text, user_id i64,
--   owner_id i64, list_day i64, deadline_day i64, upper i64, lower i64, at i64) -> run
INSERT INTO compare_list (id, county, kind, area_path, document_id, file_name, user_id, owner_id, list_day, deadline_day,
    state, job_id, run, upper, lower, rows_total, rows_refused, rows_identity, rows_score, rows_decided, rows_review,
    rows_lost, pairs, dropped, model, newer_id, created_at, done_at, message)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0, $11, $12, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', 0, $13, 0, '')

-- name: compare_list_get(id i64) -> one (id i64, county i64, kind text, area_path text, document_id i64, file_name text,
--   user_id i64, owner_id i64, list_day i64, deadline_day i64, state i64, job_id i64, run i64, upper i64, lower i64,
--   rows_total i64, rows_refused i64, rows_identity i64, rows_score i64, rows_decided i64, rows_review i64, rows_lost i64,
--   pairs i64, dropped i64, model text, newer_id i64, created_at i64, done_at i64, message text)
SELECT id, county, kind, area_path, document_id, file_name, user_id, owner_id, list_day, deadline_day, state, job_id, run,
    upper, lower, rows_total, rows_refused, rows_identity, rows_score, rows_decided, rows_review, rows_lost, pairs, dropped,
    model, newer_id, created_at, done_at, message
FROM compare_list WHERE id = $1

-- name: compare_list_ids(before i64, max i64) -> many (id i64)
SELECT id FROM compare_list WHERE id < $1 ORDER BY id DESC LIMIT $2

-- The same file of the same kind and area that was not taken back.
-- name: compare_list_same(county i64, kind text, area_path text, document_id i64) -> one (id i64)
SELECT id FROM compare_list
WHERE document_id = $4 AND county = $1 AND kind = $2 AND area_path = $3 AND state IN (0, 1, 2, 3)
ORDER BY id DESC LIMIT 1

-- name: compare_list_later(county i64, kind text, area_path text, list_day i64) -> one (id i64, list_day i64)
SELECT id, list_day FROM compare_list
WHERE county = $1 AND kind = $2 AND area_path = $3 AND list_day > $4 AND state IN (1, 2)
ORDER BY list_day DESC LIMIT 1

-- name: compare_list_step(id i64, from_a i64, from_b i64, to_state i64, job_id i64) -> run
UPDATE compare_list SET state = $4, job_id = $5, message = '' WHERE id = $1 AND state IN ($2, $3)

-- name: compare_list_state(id i64, state i64, message text) -> run
UPDATE compare_list SET state = $2, message = $3 WHERE id = $1

-- name: compare_list_thresholds(id i64, upper i64, lower i64) -> run
UPDATE compare_list SET upper = $2, lower = $3 WHERE id = $1

-- name: compare_list_done(id i64, run i64, total i64, refused i64, identity i64, score i64, decided i64, review i64,
--   lost i64, pairs i64, dropped i64, model text, at i64) -> run
UPDATE compare_list SET state = 2, run = $2, rows_total = $3, rows_refused = $4, rows_identity = $5, rows_score = $6,
    rows_decided = $7, rows_review = $8, rows_lost = $9, pairs = $10, dropped = $11, model = $12, done_at = $13,
    message = '' WHERE id = $1

-- name: compare_list_counts(id i64, score i64, decided i64, review i64, lost i64) -> run
UPDATE compare_list SET rows_score = rows_score + $2, rows_decided = rows_decided + $3, rows_review = rows_review + $4,
    rows_lost = rows_lost + $5 WHERE id = $1

-- A newer list takes the place of those before it that it covers.
-- name: compare_list_replace(county i64, kind text, area_path text, area_end text, newer_id i64, list_day i64) -> run
UPDATE compare_list SET state = 3, newer_id = $5
WHERE county = $1 AND kind = $2 AND area_path >= $3 AND area_path < $4 AND list_day <= $6 AND id <> $5 AND state = 2

-- name: compare_list_restore(county i64, newer_id i64) -> run
UPDATE compare_list SET state = 2, newer_id = 0 WHERE county = $1 AND newer_id = $2 AND state = 3

-- name: compare_tenant(level i64, county i64) -> one (id i64, path text, name text)
SELECT id, path, name FROM area WHERE level = $1 AND county = $2

-- name: compare_tenants(level i64) -> many (id i64, county i64, path text, name text)
SELECT id, county, path, name FROM area WHERE level = $1 AND ended_day = 0 ORDER BY path

-- name: compare_areas(county i64) -> many (id i64, parent_id i64, path text, name text)
SELECT id, parent_id, path, name FROM area WHERE county = $1 AND ended_day = 0 ORDER BY path

-- ---- matching ----
-- Present people by a blind index.
-- name: compare_by_bind(county i64, hash blob) -> many (id i64, household_id i64)
SELECT p.id, p.household_id FROM person_bind b
JOIN person_seen p ON p.county = b.county AND p.id = b.person_id
JOIN household_seen h ON h.county = p.county AND h.id = p.household_id
WHERE b.county = $1 AND b.hash = $2 AND p.county = $1 AND h.county = $1 AND p.to_day = 0 AND h.ended = 0
ORDER BY p.id LIMIT 2

-- name: compare_people(county i64) -> many (id i64, household_id i64, name text, sex i64, birth_day i64, phone_key blob?,
--   area_path text, wrapped blob?, identity blob?)
SELECT p.id, p.household_id, p.name, p.sex, p.birth_day, p.phone_key, h.area_path, s.wrapped, s.identity
FROM person_seen p JOIN household_seen h ON h.county = p.county AND h.id = p.household_id
LEFT JOIN person_secret s ON s.county = p.county AND s.person_id = p.id
WHERE p.county = $1 AND h.county = $1 AND p.to_day = 0 AND h.ended = 0

-- name: compare_people_count(county i64) -> one (count i64)
SELECT count(*) FROM person_seen WHERE county = $1 AND to_day = 0

-- ---- rows ----
-- name: compare_row_add(county i64, list_id i64, run i64, row_number i64, state i64, reason i64, person_id i64,
--   chance i64, row_key blob?, sealed blob?) -> run
INSERT INTO compare_row (county, list_id, run, row_number, state, reason, person_id, chance, row_key, sealed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: compare_pair_add(county i64, list_id i64, run i64, row_number i64, person_id i64, chance i64, weight i64,
--   pattern i64) -> run
INSERT INTO compare_pair (county, list_id, run, row_number, person_id, chance, weight, pattern)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: compare_row_get(county i64, list_id i64, run i64, row_number i64) -> one (row_number i64, state i64, reason i64,
--   person_id i64, chance i64, row_key blob?, sealed blob?)
SELECT row_number, state, reason, person_id, chance, row_key, sealed FROM compare_row
WHERE county = $1 AND list_id = $2 AND run = $3 AND row_number = $4

-- name: compare_rows(county i64, list_id i64, run i64, state i64, after i64, max i64) -> many (row_number i64, state i64,
--   reason i64, person_id i64, chance i64, row_key blob?, sealed blob?)
SELECT row_number, state, reason, person_id, chance, row_key, sealed FROM compare_row
WHERE county = $1 AND list_id = $2 AND run = $3 AND state = $4 AND row_number > $5 ORDER BY row_number LIMIT $6

-- Rows about which somebody decided.
-- name: compare_rows_decided(county i64, list_id i64, run i64, kind text, after i64, max i64) -> many (row_number i64)
SELECT DISTINCT r.row_number FROM compare_verdict v JOIN compare_row r ON r.county = v.county AND r.row_key = v.row_key
WHERE v.county = $1 AND v.kind = $4 AND r.county = $1 AND r.list_id = $2 AND r.run = $3 AND r.row_key IS NOT NULL
    AND r.row_number > $5 ORDER BY r.row_number LIMIT $6

-- name: compare_pairs(county i64, list_id i64, run i64, row_number i64) -> many (person_id i64, chance i64, weight i64,
--   pattern i64)
SELECT person_id, chance, weight, pattern FROM compare_pair
WHERE county = $1 AND list_id = $2 AND run = $3 AND row_number = $4 ORDER BY chance DESC, person_id

-- Rows of a person: in the list, or perhaps in it.
-- name: compare_person_rows(county i64, list_id i64, run i64, person_id i64) -> many (row_number i64, chance i64)
SELECT row_number, chance FROM compare_row
WHERE county = $1 AND list_id = $2 AND run = $3 AND person_id = $4 AND person_id <> 0 AND state IN (1, 2, 3)
ORDER BY row_number

-- name: compare_person_pairs(county i64, list_id i64, run i64, person_id i64, kind text) -> many (row_number i64)
SELECT p.row_number FROM compare_pair p JOIN compare_row r ON r.county = p.county AND r.list_id = p.list_id
    AND r.run = p.run AND r.row_number = p.row_number
LEFT JOIN compare_verdict v ON v.county = p.county AND v.kind = $5 AND v.row_key = r.row_key AND v.person_id = p.person_id
WHERE p.county = $1 AND p.list_id = $2 AND p.run = $3 AND p.person_id = $4 AND r.state = 4
    AND (v.verdict IS NULL OR v.verdict <> 2) LIMIT 1

-- name: compare_row_set(county i64, list_id i64, run i64, row_number i64, state i64, person_id i64, chance i64) -> run
UPDATE compare_row SET state = $5, person_id = $6, chance = $7
WHERE county = $1 AND list_id = $2 AND run = $3 AND row_number = $4

-- Everything of other runs of a list, in pieces: rubbish of a crash or of the run before.
-- name: compare_rows_drop(county i64, list_id i64, run i64, max i64) -> run
DELETE FROM compare_row WHERE county = $1 AND list_id = $2 AND (run, row_number) IN (SELECT run, row_number
    FROM compare_row WHERE county = $1 AND list_id = $2 AND run <> $3 LIMIT $4)

-- name: compare_pairs_drop(county i64, list_id i64, run i64, max i64) -> run
DELETE FROM compare_pair WHERE county = $1 AND list_id = $2 AND (run, row_number, person_id) IN (SELECT run, row_number,
    person_id FROM compare_pair WHERE county = $1 AND list_id = $2 AND run <> $3 LIMIT $4)

-- name: compare_stage_drop(county i64, list_id i64, run i64, max i64) -> run
DELETE FROM compare_stage WHERE county = $1 AND list_id = $2 AND (run, rule, person_id) IN (SELECT run, rule, person_id
    FROM compare_stage WHERE county = $1 AND list_id = $2 AND run <> $3 LIMIT $4)

-- ---- what people decided ----
-- name: compare_verdict_put(county i64, kind text, row_key blob, person_id i64, verdict i64, user_id i64, at i64) -> run
INSERT INTO compare_verdict (county, kind, row_key, person_id, verdict, user_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (county, kind, row_key, person_id) DO UPDATE SET verdict = excluded.verdict, user_id = excluded.user_id,
    at = excluded.at

-- name: compare_verdict_drop(county i64, kind text, row_key blob, person_id i64) -> run
DELETE FROM compare_verdict WHERE county = $1 AND kind = $2 AND row_key = $3 AND person_id = $4

-- name: compare_verdicts(county i64, kind text) -> many (row_key blob, person_id i64, verdict i64)
SELECT row_key, person_id, verdict FROM compare_verdict WHERE county = $1 AND kind = $2 ORDER BY row_key, person_id

-- name: compare_verdicts_of_row(county i64, kind text, row_key blob) -> many (person_id i64, verdict i64, user_id i64,
--   at i64)
SELECT person_id, verdict, user_id, at FROM compare_verdict
WHERE county = $1 AND kind = $2 AND row_key = $3 ORDER BY person_id

-- ---- findings ----
-- name: compare_stage_add(county i64, list_id i64, run i64, rule text, person_id i64, id i64, household_id i64,
--   row_number i64, chance i64) -> run
INSERT INTO compare_stage (county, list_id, run, rule, person_id, id, household_id, row_number, chance)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- The staged findings become real. What an earlier list of the kind found of the same person keeps its state, owner,
-- reason and deadline; what this list found before is kept, and comes back when it had gone.
-- name: compare_flip_add(county i64, list_id i64, run i64, kind text, owner_id i64, deadline_day i64, at i64,
--   area_path text, area_end text) -> run
INSERT INTO compare_finding (county, id, list_id, kind, rule, household_id, person_id, row_number, chance, state, gone,
    was_state, newer_id, owner_id, deadline_day, reason, opened_at, changed_at, changed_by)
SELECT s.county, s.id, s.list_id, CAST($4 AS TEXT), s.rule, s.household_id, s.person_id, s.row_number, s.chance,
    CASE WHEN o.id IS NULL OR o.gone = 1 THEN 1 ELSE o.state END, 0, 1, 0,
    coalesce(o.owner_id, CAST($5 AS BIGINT)), coalesce(o.deadline_day, CAST($6 AS INTEGER)), coalesce(o.reason, ''),
    coalesce(o.opened_at, CAST($7 AS BIGINT)), coalesce(o.changed_at, CAST($7 AS BIGINT)), coalesce(o.changed_by, 0)
FROM compare_stage s LEFT JOIN compare_finding o ON o.county = s.county AND o.rule = s.rule AND o.person_id = s.person_id
    AND o.id = (SELECT max(x.id) FROM compare_finding x JOIN compare_list l ON l.id = x.list_id
        WHERE x.county = s.county AND x.list_id <> s.list_id AND x.rule = s.rule AND x.person_id = s.person_id
        AND x.newer_id = 0 AND l.kind = CAST($4 AS TEXT) AND l.state = 2 AND l.area_path >= $8 AND l.area_path < $9)
WHERE s.county = $1 AND s.list_id = $2 AND s.run = $3
ON CONFLICT (county, list_id, rule, person_id) DO UPDATE SET household_id = excluded.household_id,
    row_number = excluded.row_number, chance = excluded.chance,
    state = CASE WHEN compare_finding.gone = 1 THEN compare_finding.was_state ELSE compare_finding.state END, gone = 0

-- What this list does not find any more.
-- name: compare_flip_gone(county i64, list_id i64, run i64, at i64) -> run
UPDATE compare_finding SET was_state = state, state = 3, gone = 1, changed_at = $4, changed_by = 0
WHERE county = $1 AND list_id = $2 AND gone = 0 AND newer_id = 0 AND NOT EXISTS (SELECT 1 FROM compare_stage s
    WHERE s.county = $1 AND s.list_id = $2 AND s.run = $3 AND s.rule = compare_finding.rule
    AND s.person_id = compare_finding.person_id)

-- Findings of the lists that this one replaces: those it finds too live on in it, the others are closed.
-- name: compare_flip_old(county i64, list_id i64, at i64) -> run
UPDATE compare_finding SET newer_id = $2, was_state = CASE WHEN gone = 1 THEN was_state ELSE state END,
    gone = CASE WHEN gone = 1 THEN 1 ELSE 2 END, state = 3, changed_at = CASE WHEN gone = 1 THEN changed_at ELSE $3 END
WHERE county = $1 AND newer_id = 0 AND list_id IN (SELECT id FROM compare_list WHERE county = $1 AND newer_id = $2)

-- The newer list was taken back.
-- name: compare_restore_old(county i64, newer_id i64) -> run
UPDATE compare_finding SET newer_id = 0, state = CASE WHEN gone = 2 THEN was_state ELSE state END,
    gone = CASE WHEN gone = 2 THEN 0 ELSE gone END
WHERE county = $1 AND newer_id = $2

-- name: compare_findings_drop(county i64, list_id i64) -> run
DELETE FROM compare_finding WHERE county = $1 AND list_id = $2

-- name: compare_finding_add(county i64, id i64, list_id i64, kind text, rule text, household_id i64, person_id i64,
--   row_number i64, chance i64, owner_id i64, deadline_day i64, at i64) -> run
INSERT INTO compare_finding (county, id, list_id, kind, rule, household_id, person_id, row_number, chance, state, gone,
    was_state, newer_id, owner_id, deadline_day, reason, opened_at, changed_at, changed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, 0, 1, 0, $10, $11, '', $12, $12, 0)
ON CONFLICT (county, list_id, rule, person_id) DO UPDATE SET household_id = excluded.household_id,
    row_number = excluded.row_number, chance = excluded.chance,
    state = CASE WHEN compare_finding.gone = 1 THEN compare_finding.was_state ELSE compare_finding.state END, gone = 0

-- name: compare_finding_gone(county i64, list_id i64, rule text, person_id i64, at i64) -> run
UPDATE compare_finding SET was_state = state, state = 3, gone = 1, changed_at = $5, changed_by = 0
WHERE county = $1 AND list_id = $2 AND rule = $3 AND person_id = $4 AND gone = 0

-- name: compare_finding_get(id i64, county i64) -> one (county i64, id i64, list_id i64, state i64, owner_id i64, gone i64,
--   newer_id i64, area_path text)
SELECT f.county, f.id, f.list_id, f.state, f.owner_id, f.gone, f.newer_id, h.area_path
FROM compare_finding f JOIN household_seen h ON h.county = f.county AND h.id = f.household_id
WHERE f.id = $1 AND f.county = $2

-- name: compare_finding_set(county i64, id i64, state i64, reason text, at i64, user_id i64) -> run
UPDATE compare_finding SET state = $3, reason = $4, changed_at = $5, changed_by = $6, gone = 0 WHERE county = $1 AND id = $2

-- name: compare_finding_assign(county i64, id i64, owner_id i64, deadline_day i64, at i64, user_id i64) -> run
UPDATE compare_finding SET owner_id = $3, deadline_day = CASE WHEN $4 = 0 THEN deadline_day ELSE $4 END, changed_at = $5, changed_by = $6 WHERE county = $1 AND id = $2

-- In force: not replaced, and (but for the household's page) of a list that is done.
-- name: compare_findings(county i64, list_id i64) -> many (county i64, id i64, list_id i64, kind text, rule text,
--   household_id i64, person_id i64, row_number i64, chance i64, state i64, gone i64, newer_id i64, owner_id i64,
--   deadline_day i64, reason text, opened_at i64, changed_at i64, changed_by i64, person_name text, head_name text,
--   household_code text, area_id i64, place text)
SELECT f.county, f.id, f.list_id, f.kind, f.rule, f.household_id, f.person_id, f.row_number, f.chance, f.state, f.gone,
    f.newer_id, f.owner_id, f.deadline_day, f.reason, f.opened_at, f.changed_at, f.changed_by, p.name, h.head_name, h.code,
    h.area_id, h.place
FROM compare_finding f JOIN household_seen h ON h.county = f.county AND h.id = f.household_id
JOIN person_seen p ON p.county = f.county AND p.id = f.person_id
WHERE f.county = $1 AND h.county = $1 AND p.county = $1 AND f.list_id = $2 /*FILTER*/ /*ORDER*/

-- name: compare_findings_owned(owner_id i64, owner_again i64) -> many (county i64, id i64, list_id i64, kind text, rule text,
--   household_id i64, person_id i64, row_number i64, chance i64, state i64, gone i64, newer_id i64, owner_id i64,
--   deadline_day i64, reason text, opened_at i64, changed_at i64, changed_by i64, person_name text, head_name text,
--   household_code text, area_id i64, place text)
SELECT f.county, f.id, f.list_id, f.kind, f.rule, f.household_id, f.person_id, f.row_number, f.chance, f.state, f.gone,
    f.newer_id, f.owner_id, f.deadline_day, f.reason, f.opened_at, f.changed_at, f.changed_by, p.name, h.head_name, h.code,
    h.area_id, h.place
FROM compare_finding f JOIN household_seen h ON h.county = f.county AND h.id = f.household_id
JOIN person_seen p ON p.county = f.county AND p.id = f.person_id
WHERE f.owner_id = $1 AND f.owner_id = $2 AND f.newer_id = 0 /*FILTER*/ /*ORDER*/

-- name: compare_findings_of_household(county i64, household_id i64) -> many (county i64, id i64, list_id i64, kind text,
--   rule text, household_id i64, person_id i64, row_number i64, chance i64, state i64, gone i64, newer_id i64, owner_id i64,
--   deadline_day i64, reason text, opened_at i64, changed_at i64, changed_by i64, person_name text, head_name text,
--   household_code text, area_id i64, place text)
SELECT f.county, f.id, f.list_id, f.kind, f.rule, f.household_id, f.person_id, f.row_number, f.chance, f.state, f.gone,
    f.newer_id, f.owner_id, f.deadline_day, f.reason, f.opened_at, f.changed_at, f.changed_by, p.name, h.head_name, h.code,
    h.area_id, h.place
FROM compare_finding f JOIN household_seen h ON h.county = f.county AND h.id = f.household_id
JOIN person_seen p ON p.county = f.county AND p.id = f.person_id
WHERE f.county = $1 AND h.county = $1 AND p.county = $1 AND f.household_id = $2 AND f.newer_id = 0
ORDER BY f.state, f.deadline_day, f.id LIMIT 50

-- name: compare_finding_counts(county i64, list_id i64, today i64) -> many (rule text, state i64, count i64, overdue i64)
SELECT f.rule, f.state, count(*), CAST(coalesce(sum(CASE WHEN f.state = 1 AND f.deadline_day < CAST($3 AS INTEGER)
    THEN 1 ELSE 0 END), 0) AS BIGINT)
FROM compare_finding f JOIN household_seen h ON h.county = f.county AND h.id = f.household_id
WHERE f.county = $1 AND h.county = $1 AND f.list_id = $2 /*FILTER*/ GROUP BY f.rule, f.state

-- name: compare_finding_owners(county i64, list_id i64) -> many (owner_id i64)
SELECT DISTINCT owner_id FROM compare_finding WHERE county = $1 AND list_id = $2 ORDER BY owner_id LIMIT 100

-- People who may be given findings.
-- name: compare_users(county i64) -> many (id i64, name text)
SELECT DISTINCT u.id, u.name FROM app_user u JOIN user_grant g ON g.user_id = u.id LEFT JOIN area a ON a.id = g.area_id
WHERE u.state = 1 AND (a.county IS NULL OR a.county IN (0, $1)) ORDER BY u.name, u.id LIMIT 500

-- Households under an area: what a list that does not cover the whole county is about.
-- name: compare_covered(county i64, area_path text, area_end text) -> many (id i64)
SELECT id FROM household_seen WHERE county = $1 AND ended = 0 AND area_path >= $2 AND area_path < $3
