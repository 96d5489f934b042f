-- What the live columns are loaded and followed from (columns_load.c, columns_follow.c).

-- The chain of the whole database (county 0) has the areas above and the counties themselves.
-- name: columns_heads(county i64) -> many (county i64, seq i64)
SELECT county, seq FROM journal_head WHERE county IN (0, $1)

-- name: columns_areas(county i64) -> many (id i64, parent_id i64, level i64, path text, code text, name text)
SELECT id, parent_id, level, path, code, name FROM area WHERE county = $1 ORDER BY path

-- name: columns_households(county i64) -> many (id i64, area_id i64)
SELECT id, area_id FROM household_seen WHERE county = $1 AND ended = 0 ORDER BY place, id

-- name: columns_household(county i64, id i64) -> one (area_id i64)
SELECT area_id FROM household_seen WHERE county = $1 AND id = $2 AND ended = 0

-- Both have the same columns. Who has left is there too: earlier years tell of them.
-- name: columns_people(county i64) -> many (id i64, household_id i64, sex i64, birth_day i64, relation i64, to_day i64,
--   identity_facts i64, identity_key blob?, phone_key blob?)
SELECT id, household_id, sex, birth_day, relation, to_day, identity_facts, identity_key, phone_key
FROM person_seen WHERE county = $1 ORDER BY id

-- name: columns_people_of(county i64, household_id i64) -> many (id i64, household_id i64, sex i64, birth_day i64,
--   relation i64, to_day i64, identity_facts i64, identity_key blob?, phone_key blob?)
SELECT id, household_id, sex, birth_day, relation, to_day, identity_facts, identity_key, phone_key
FROM person_seen WHERE county = $1 AND household_id = $2 ORDER BY id

-- name: columns_incomes(county i64, year i64) -> many (household_id i64, year i64, kind i64, amount_minor i64)
SELECT household_id, year, kind, amount_minor FROM income WHERE county = $1 AND year = $2

-- name: columns_incomes_of(county i64, household_id i64) -> many (household_id i64, year i64, kind i64, amount_minor i64)
SELECT household_id, year, kind, amount_minor FROM income WHERE county = $1 AND household_id = $2 ORDER BY year

-- Entries of imports that nobody sees yet are none of ours: their last one makes them seen.
-- name: columns_entries(county i64, after_seq i64, last_seq i64) -> many (seq i64, body blob)
SELECT seq, body FROM journal WHERE county = $1 AND seq > $2 AND seq <= $3
AND (import_id = 0 OR import_id NOT IN (SELECT import_id FROM import_hidden)) ORDER BY seq

-- name: columns_of_import(county i64, import_id i64) -> many (id i64)
SELECT id FROM household_seen WHERE county = $1 AND import_id = $2
