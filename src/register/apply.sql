-- Writing: apply.c, change.c, flip.c, undo.c.
-- name: household_add(county i64, id i64, area_id i64, area_path text, code text, head_id i64, head_name text,
--   name_key text, people_count i64, from_day i64, changed_at i64, sheet_year i64, import_id i64,
--   s0 i64?, s1 i64?, s2 i64?, s3 i64?, s4 i64?, s5 i64?, s6 i64?, s7 i64?) -> run
INSERT INTO household (county, id, area_id, area_path, code, place, head_id, head_name, name_key, people_count,
    from_day, ended_day, ended, changed_at, sheet_year, import_id,
    shown_0, shown_1, shown_2, shown_3, shown_4, shown_5, shown_6, shown_7)
VALUES ($1, $2, $3, $4, $5, $4 || '/' || $5, $6, $7, $8, $9, $10, 0, 0, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)

-- name: household_set(county i64, id i64, area_id i64, area_path text, code text, changed_at i64) -> run
UPDATE household SET area_id = $3, area_path = $4, code = $5, place = $4 || '/' || $5, changed_at = $6
WHERE county = $1 AND id = $2

-- name: household_touch(county i64, id i64, changed_at i64) -> run
UPDATE household SET changed_at = $3 WHERE county = $1 AND id = $2

-- name: household_set_people(county i64, id i64, head_id i64, head_name text, name_key text, people_count i64) -> run
UPDATE household SET head_id = $3, head_name = $4, name_key = $5, people_count = $6
WHERE county = $1 AND id = $2

-- name: household_set_shown(county i64, id i64, changed_at i64, sheet_year i64, s0 i64?, s1 i64?, s2 i64?, s3 i64?, s4 i64?,
--   s5 i64?, s6 i64?, s7 i64?) -> run
UPDATE household SET changed_at = $3, sheet_year = $4, shown_0 = $5, shown_1 = $6, shown_2 = $7, shown_3 = $8,
    shown_4 = $9, shown_5 = $10, shown_6 = $11, shown_7 = $12
WHERE county = $1 AND id = $2

-- name: household_drop(county i64, id i64) -> run
DELETE FROM household WHERE county = $1 AND id = $2

-- name: person_add(county i64, id i64, household_id i64, code text, name text, sex i64, birth_day i64, relation i64,
--   from_day i64, import_id i64, identity_key blob?, phone_key blob?, account_key blob?, identity_facts i64) -> run
INSERT INTO person (county, id, household_id, code, name, sex, birth_day, relation, from_day, to_day, import_id,
    identity_key, phone_key, account_key, identity_facts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12, $13, $14)

-- name: person_set(county i64, id i64, household_id i64, code text, name text, sex i64, birth_day i64,
--   relation i64, from_day i64, to_day i64, identity_key blob?, phone_key blob?, account_key blob?, identity_facts i64) -> run
UPDATE person SET household_id = $3, code = $4, name = $5, sex = $6, birth_day = $7, relation = $8, from_day = $9,
    to_day = $10, identity_key = $11, phone_key = $12, account_key = $13, identity_facts = $14
WHERE county = $1 AND id = $2

-- name: person_drop(county i64, id i64) -> run
DELETE FROM person WHERE county = $1 AND id = $2

-- name: person_secret_put(county i64, person_id i64, wrapped blob?, identity blob?, phone blob?, account blob?) -> run
INSERT INTO person_secret (county, person_id, wrapped, identity, phone, account) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (county, person_id) DO UPDATE SET wrapped = excluded.wrapped, identity = excluded.identity,
    phone = excluded.phone, account = excluded.account

-- name: person_secret_drop(county i64, person_id i64) -> run
DELETE FROM person_secret WHERE county = $1 AND person_id = $2

-- name: person_bind_add(county i64, hash blob, person_id i64) -> run
INSERT INTO person_bind (county, hash, person_id) VALUES ($1, $2, $3)
ON CONFLICT (county, hash, person_id) DO NOTHING

-- name: person_bind_drop(county i64, hash blob, person_id i64) -> run
DELETE FROM person_bind WHERE county = $1 AND hash = $2 AND person_id = $3

-- name: person_bind_has(county i64, hash blob, person_id i64) -> one (person_id i64)
SELECT person_id FROM person_bind WHERE county = $1 AND hash = $2 AND person_id = $3

-- What is left of an import at its flip, in the order of the hashes.
-- name: person_bind_rest(county i64, import_id i64, after i64) -> run
INSERT INTO person_bind (county, hash, person_id)
SELECT county, identity_key, id FROM person
WHERE county = $1 AND import_id = $2 AND id > $3 AND identity_key IS NOT NULL
UNION ALL SELECT county, phone_key, id FROM person
WHERE county = $1 AND import_id = $2 AND id > $3 AND phone_key IS NOT NULL
ORDER BY 2
ON CONFLICT (county, hash, person_id) DO NOTHING

-- The people of an import from one id on, and their blind indexes.
-- name: person_bind_next(county i64, import_id i64, after i64, max i64) -> many (id i64, identity_key blob?, phone_key blob?)
SELECT id, identity_key, phone_key FROM person
WHERE county = $1 AND id > $3 AND import_id = $2 ORDER BY id LIMIT $4

-- name: import_bound(county i64, import_id i64, bound_id i64) -> run
UPDATE import_trace SET bound_id = $3 WHERE county = $1 AND import_id = $2

-- name: membership_add(county i64, household_id i64, person_id i64, from_day i64, to_day i64, relation i64,
--   reason text) -> run
INSERT INTO membership (county, household_id, person_id, from_day, to_day, relation, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (county, household_id, person_id, from_day) DO UPDATE SET to_day = excluded.to_day,
    relation = excluded.relation, reason = excluded.reason

-- The membership that a move closed, for taking the move back.
-- name: membership_last(county i64, household_id i64, person_id i64) -> one (from_day i64, to_day i64, relation i64)
SELECT from_day, to_day, relation FROM membership
WHERE county = $1 AND household_id = $2 AND person_id = $3 ORDER BY from_day DESC LIMIT 1

-- name: membership_drop(county i64, household_id i64, person_id i64, from_day i64) -> run
DELETE FROM membership WHERE county = $1 AND household_id = $2 AND person_id = $3 AND from_day = $4

-- name: membership_drop_person(county i64, person_id i64) -> run
DELETE FROM membership WHERE county = $1 AND person_id = $2

-- name: income_put(county i64, household_id i64, year i64, kind i64, person_id i64, amount_minor i64,
--   document_id i64, journal_seq i64) -> run
INSERT INTO income (county, household_id, year, kind, person_id, amount_minor, document_id, journal_seq)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (county, household_id, year, kind, person_id) DO UPDATE SET amount_minor = excluded.amount_minor,
    document_id = excluded.document_id, journal_seq = excluded.journal_seq

-- name: income_drop(county i64, household_id i64, year i64, kind i64) -> run
DELETE FROM income WHERE county = $1 AND household_id = $2 AND year = $3 AND kind = $4 AND person_id = 0

-- name: income_one(county i64, household_id i64, year i64, kind i64) -> one (amount_minor i64)
SELECT amount_minor FROM income
WHERE county = $1 AND household_id = $2 AND year = $3 AND kind = $4 AND person_id = 0

-- name: membership_drop_household(county i64, household_id i64) -> run
DELETE FROM membership WHERE county = $1 AND household_id = $2

-- name: income_drop_household(county i64, household_id i64) -> run
DELETE FROM income WHERE county = $1 AND household_id = $2

-- FTS5 has its own way to name a row. One VALUES row on purpose: before an INSERT ... SELECT it
-- writes all it holds in memory to the disk, every time.
-- name: search_add(county i64, household_id i64, words text) -> run
-- lite:
INSERT INTO household_search (rowid, words) VALUES ($2 + 0 * $1, $3)
-- pg:
INSERT INTO household_search (county, household_id, words)
VALUES ($1, $2, array_to_tsvector(array_remove(string_to_array($3, ' '), '')))

-- FTS5 names a row by its rowid.
-- name: search_drop(county i64, household_id i64) -> run
-- lite:
DELETE FROM household_search WHERE rowid = $2 AND $1 >= 0
-- pg:
DELETE FROM household_search WHERE county = $1 AND household_id = $2

-- ---- imports ----
-- name: import_hide(county i64, import_id i64) -> run
INSERT INTO import_hidden (import_id, county) VALUES ($2, $1) ON CONFLICT (import_id) DO NOTHING

-- name: import_is_hidden(import_id i64) -> one (import_id i64)
SELECT import_id FROM import_hidden WHERE import_id = $1

-- name: import_unhide(import_id i64) -> run
DELETE FROM import_hidden WHERE import_id = $1

-- name: import_trace_get(county i64, import_id i64) -> one (first_seq i64, last_seq i64, change_count i64, bound_id i64,
--   undo_seq i64, kept_count i64, state i64)
SELECT first_seq, last_seq, change_count, bound_id, undo_seq, kept_count, state FROM import_trace
WHERE county = $1 AND import_id = $2

-- name: import_trace_put(county i64, import_id i64, first_seq i64, last_seq i64, change_count i64, bound_id i64,
--   undo_seq i64, kept_count i64, state i64) -> run
INSERT INTO import_trace (county, import_id, first_seq, last_seq, change_count, bound_id, undo_seq, kept_count, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (county, import_id) DO UPDATE SET first_seq = excluded.first_seq, last_seq = excluded.last_seq,
    change_count = excluded.change_count, bound_id = excluded.bound_id, undo_seq = excluded.undo_seq, kept_count = excluded.kept_count,
    state = excluded.state

-- name: import_count_add(county i64, import_id i64, area_id i64, households i64, people i64) -> run
INSERT INTO import_count (county, import_id, area_id, household_count, person_count) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (county, import_id, area_id) DO UPDATE SET
    household_count = import_count.household_count + excluded.household_count,
    person_count = import_count.person_count + excluded.person_count

-- name: import_counts(county i64, import_id i64) -> many (area_id i64, path text, households i64, people i64)
SELECT a.id, a.path, c.household_count, c.person_count FROM import_count c JOIN area a ON a.id = c.area_id
WHERE c.county = $1 AND c.import_id = $2 ORDER BY a.path

-- name: import_count_drop(county i64, import_id i64) -> run
DELETE FROM import_count WHERE county = $1 AND import_id = $2

-- name: import_change_add(county i64, import_id i64, no i64, body blob) -> run
INSERT INTO import_change (county, import_id, no, body) VALUES ($1, $2, $3, $4)

-- name: import_change_next(county i64, import_id i64, after i64, max i64) -> many (no i64, body blob)
SELECT no, body FROM import_change WHERE county = $1 AND import_id = $2 AND no > $3 ORDER BY no LIMIT $4

-- name: import_change_drop(county i64, import_id i64, up_to i64) -> run
DELETE FROM import_change WHERE county = $1 AND import_id = $2 AND no <= $3

-- ---- verify ----
-- name: verify_counts(county i64) -> many (path text, households i64, people i64)
SELECT area_path, count(*), CAST(coalesce(sum(people_count), 0) AS BIGINT) FROM household_seen
WHERE county = $1 AND ended = 0 GROUP BY area_path ORDER BY area_path

-- name: verify_areas(county i64) -> many (id i64, path text, households i64, people i64)
SELECT id, path, household_count, person_count FROM area WHERE county = $1 ORDER BY path

-- Where a household's path is not that of its area, or its area is gone.
-- name: verify_places(county i64) -> many (id i64)
SELECT h.id FROM household h JOIN area a ON a.id = h.area_id
WHERE h.county = $1 AND (h.area_path <> a.path OR a.ended_day <> 0) ORDER BY h.id LIMIT 100

-- name: verify_households(county i64, after i64, max i64) -> many (id i64)
SELECT id FROM household WHERE county = $1 AND id > $2 ORDER BY id LIMIT $3

-- name: verify_household_ids(county i64) -> one (lowest i64, highest i64, count i64)
SELECT coalesce(min(id), 0), coalesce(max(id), 0), count(*) FROM household WHERE county = $1
