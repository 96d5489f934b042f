-- name: import_insert(id i64, county i64, document_id i64, user_id i64, file_name text, mapping text, mapping_text text, year i64, at i64) -> run
INSERT INTO import (id, county, document_id, user_id, file_name, mapping, mapping_text, year, state, job_id,
    rows_total, rows_good, rows_refused, error_count, warning_count,
    households_new, households_changed, households_same, people_new, people_changed, people_same,
    incomes_new, incomes_changed, incomes_same, people_missing, groups_done, rows_done, kept_count,
    created_at, checked_at, applied_at, undone_at, message)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $9, 0, 0, 0, '')

-- name: import_select(id i64) -> one (id i64, county i64, document_id i64, user_id i64, file_name text, mapping text, year i64, state i64, job_id i64, rows_total i64, rows_good i64, rows_refused i64, error_count i64, warning_count i64, households_new i64, households_changed i64, households_same i64, people_new i64, people_changed i64, people_same i64, incomes_new i64, incomes_changed i64, incomes_same i64, people_missing i64, rows_done i64, kept_count i64, created_at i64, checked_at i64, applied_at i64, undone_at i64, message text)
SELECT id, county, document_id, user_id, file_name, mapping, year, state, job_id, rows_total, rows_good,
    rows_refused, error_count, warning_count, households_new, households_changed, households_same,
    people_new, people_changed, people_same, incomes_new, incomes_changed, incomes_same, people_missing,
    rows_done, kept_count, created_at, checked_at, applied_at, undone_at, message
FROM import WHERE id = $1

-- name: import_ids(before i64, max i64) -> many (id i64)
SELECT id FROM import WHERE id < $1 ORDER BY id DESC LIMIT $2

-- The groups already written and the mapping's own text, if it came from a file.
-- name: import_more(id i64) -> one (groups_done i64, mapping_text text)
SELECT groups_done, mapping_text FROM import WHERE id = $1

-- A step begins only from the states that allow it: two clicks start it once.
-- name: import_step(id i64, from_a i64, from_b i64, to_state i64, job_id i64) -> run
UPDATE import SET state = $4, job_id = $5, message = '' WHERE id = $1 AND state IN ($2, $3)

-- name: import_state_set(id i64, state i64, message text) -> run
UPDATE import SET state = $2, message = $3 WHERE id = $1

-- name: import_county_set(id i64, county i64) -> run
UPDATE import SET county = $2 WHERE id = $1

-- name: import_checked_set(id i64, state i64, rows_total i64, rows_good i64, rows_refused i64, error_count i64, warning_count i64, year i64, at i64, mapping text) -> run
UPDATE import SET state = $2, rows_total = $3, rows_good = $4, rows_refused = $5, error_count = $6,
    warning_count = $7, year = $8, checked_at = $9, message = '', mapping = $10 WHERE id = $1

-- name: import_counts_set(id i64, hn i64, hc i64, hs i64, pn i64, pc i64, ps i64, inew i64, ic i64, isame i64, missing i64) -> run
UPDATE import SET households_new = $2, households_changed = $3, households_same = $4,
    people_new = $5, people_changed = $6, people_same = $7,
    incomes_new = $8, incomes_changed = $9, incomes_same = $10, people_missing = $11 WHERE id = $1

-- name: import_progress(id i64, groups_done i64, rows_done i64) -> run
UPDATE import SET groups_done = $2, rows_done = $3 WHERE id = $1

-- name: import_finish(id i64, state i64, applied_at i64, undone_at i64, kept i64) -> run
UPDATE import SET state = $2, applied_at = $3, undone_at = $4, kept_count = $5 WHERE id = $1

-- name: finding_insert(import_id i64, number i64, row_number i64, level i64, code text, column_title text, value text, message_en text, message_zh text) -> run
INSERT INTO import_finding (import_id, number, row_number, level, code, column_title, value, message_en, message_zh)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: finding_count_add(import_id i64, code text, level i64, count i64) -> run
INSERT INTO import_finding_count (import_id, code, level, count) VALUES ($1, $2, $3, $4)
ON CONFLICT (import_id, code, level) DO UPDATE SET count = import_finding_count.count + excluded.count

-- name: finding_clear(import_id i64) -> run
DELETE FROM import_finding WHERE import_id = $1

-- name: finding_count_clear(import_id i64) -> run
DELETE FROM import_finding_count WHERE import_id = $1

-- name: refused_clear(import_id i64) -> run
DELETE FROM import_refused WHERE import_id = $1

-- name: refused_insert(import_id i64, piece i64, bits blob) -> run
INSERT INTO import_refused (import_id, piece, bits) VALUES ($1, $2, $3)

-- name: refused_list(import_id i64) -> many (piece i64, bits blob)
SELECT piece, bits FROM import_refused WHERE import_id = $1 ORDER BY piece

-- level 0 and code '' mean all.
-- name: finding_list(import_id i64, level i64, code text, after i64, max i64) -> many (row_number i64, level i64, code text, column_title text, value text, message_en text, message_zh text)
SELECT row_number, level, code, column_title, value, message_en, message_zh FROM import_finding
WHERE import_id = $1 AND (CAST($2 AS BIGINT) = 0 OR level = CAST($2 AS BIGINT)) AND (CAST($3 AS TEXT) = '' OR code = CAST($3 AS TEXT))
ORDER BY row_number, number LIMIT $5 OFFSET $4

-- Errors of one row, for the file of refused rows.
-- name: finding_errors(import_id i64) -> many (row_number i64, column_title text, message_en text, message_zh text)
SELECT row_number, column_title, message_en, message_zh FROM import_finding
WHERE import_id = $1 AND level = 1 ORDER BY row_number, number

-- name: finding_kinds(import_id i64) -> many (code text, level i64, count i64)
SELECT code, level, count FROM import_finding_count WHERE import_id = $1 ORDER BY level, count DESC, code

-- name: import_tenant_area(level i64, county i64) -> one (id i64, path text, name text)
SELECT id, path, name FROM area WHERE level = $1 AND county = $2

-- name: import_tenants(level i64) -> many (id i64, county i64, name text, code text)
SELECT id, county, name, code FROM area WHERE level = $1 AND ended_day = 0

-- name: import_household(county i64, code text) -> one (id i64, area_path text)
SELECT id, area_path FROM household WHERE county = $1 AND ended IN (0, 1) AND code = $2

-- name: import_lives_in(county i64, id i64) -> one (area_path text)
SELECT area_path FROM household WHERE county = $1 AND id = $2

-- name: import_any_household(county i64) -> one (id i64)
SELECT id FROM household WHERE county = $1 LIMIT 1

-- name: import_any_hidden(county i64, import_id i64) -> one (id i64)
SELECT id FROM household WHERE county = $1 AND import_id = $2 LIMIT 1
