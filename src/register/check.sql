-- name: check_explained_list(county i64, year i64) -> many (id i64, household_id i64, subject_id i64,
--   check_number i64, facts blob, reason text, user_id i64, at i64)
SELECT id, household_id, subject_id, check_number, facts, reason, user_id, at FROM check_explained
WHERE county = $1 AND year = $2 AND ended_at = 0 ORDER BY check_number, id

-- name: check_explained_of_household(county i64, year i64, household_id i64) -> many (id i64, household_id i64,
--   subject_id i64, check_number i64, facts blob, reason text, user_id i64, at i64)
SELECT id, household_id, subject_id, check_number, facts, reason, user_id, at FROM check_explained
WHERE county = $1 AND year = $2 AND household_id = $3 AND ended_at = 0 ORDER BY check_number, id

-- An earlier explanation of the same finding is replaced.
-- name: check_explained_replace(county i64, year i64, check_number i64, subject_id i64, ended_at i64, ended_by i64) -> run
UPDATE check_explained SET ended_at = $5, ended_by = $6
WHERE county = $1 AND year = $2 AND check_number = $3 AND subject_id = $4 AND ended_at = 0

-- name: check_explained_add(county i64, id i64, year i64, check_number i64, household_id i64, subject_id i64,
--   facts blob, reason text, user_id i64, at i64) -> run
INSERT INTO check_explained (county, id, year, check_number, household_id, subject_id, facts, reason,
    user_id, at, ended_at, ended_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0)

-- name: check_explained_end(county i64, id i64, household_id i64, subject_id i64, ended_at i64, ended_by i64) -> run
UPDATE check_explained SET ended_at = $5, ended_by = $6
WHERE county = $1 AND id = $2 AND household_id = $3 AND ($3 <> 0 OR subject_id = $4) AND ended_at = 0

-- name: check_run_add(county i64, id i64, job_id i64, year i64, at i64, user_id i64, seq i64,
--   household_count i64) -> run
INSERT INTO check_run (county, id, job_id, year, at, ended_at, user_id, seq, household_count,
    finding_count, duration_ms)
VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, 0, 0)

-- What a run that died left behind: only one runs at a time in a county.
-- name: check_run_dead(county i64) -> many (id i64)
SELECT id FROM check_run WHERE county = $1 AND ended_at = 0

-- name: check_run_drop(county i64, id i64) -> run
DELETE FROM check_run WHERE county = $1 AND id = $2

-- name: check_count_drop(county i64, run_id i64) -> run
DELETE FROM check_count WHERE county = $1 AND run_id = $2

-- name: check_count_add(county i64, run_id i64, area_id i64, check_number i64, open_count i64, people_count i64,
--   explained_count i64) -> run
INSERT INTO check_count (county, run_id, area_id, check_number, open_count, people_count, explained_count)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: check_run_end(county i64, id i64, ended_at i64, finding_count i64, duration_ms i64) -> run
UPDATE check_run SET ended_at = $3, finding_count = $4, duration_ms = $5 WHERE county = $1 AND id = $2

-- name: check_run_list(county i64, year i64, max i64) -> many (id i64, job_id i64, year i64, at i64,
--   user_id i64, seq i64, household_count i64, finding_count i64, duration_ms i64)
SELECT id, job_id, year, at, user_id, seq, household_count, finding_count, duration_ms FROM check_run
WHERE county = $1 AND ($2 = 0 OR year = $2) AND ended_at > 0 ORDER BY id DESC LIMIT $3

-- name: check_count_of_run(county i64, run_id i64, area_id i64) -> many (check_number i64, open_count i64,
--   explained_count i64)
SELECT check_number, open_count, explained_count FROM check_count
WHERE county = $1 AND run_id = $2 AND area_id = $3 ORDER BY check_number

-- name: check_tenant(level i64, county i64) -> one (id i64)
SELECT id FROM area WHERE level = $1 AND county = $2

-- name: check_counties(level i64) -> many (county i64)
SELECT county FROM area WHERE level = $1 AND household_count > 0 ORDER BY county
