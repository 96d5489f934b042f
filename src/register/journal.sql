-- name: journal_head_get(county i64) -> one (seq i64, hash blob)
SELECT seq, hash FROM journal_head WHERE county = $1

-- name: journal_head_put(county i64, seq i64, hash blob) -> run
INSERT INTO journal_head (county, seq, hash) VALUES ($1, $2, $3)
ON CONFLICT (county) DO UPDATE SET seq = excluded.seq, hash = excluded.hash

-- name: journal_add(county i64, seq i64, thing_id i64, import_id i64, hash blob, body blob) -> run
INSERT INTO journal (county, seq, thing_id, import_id, hash, body) VALUES ($1, $2, $3, $4, $5, $6)

-- name: journal_of_thing(county i64, thing_id i64, before_seq i64, max i64) -> many (seq i64, body blob)
SELECT seq, body FROM journal WHERE county = $1 AND thing_id = $2 AND seq < $3
ORDER BY seq DESC LIMIT $4

-- name: journal_all(county i64) -> many (seq i64, thing_id i64, import_id i64, hash blob, body blob)
SELECT seq, thing_id, import_id, hash, body FROM journal WHERE county = $1 ORDER BY seq

-- The entries of an import, newest first, for its undo.
-- name: journal_of_import(county i64, import_id i64, first_seq i64, below_seq i64, max i64) -> many (seq i64, body blob)
SELECT seq, body FROM journal
WHERE county = $1 AND import_id = $2 AND seq >= $3 AND seq < $4
ORDER BY seq DESC LIMIT $5

-- What others than this import changed in the thing since.
-- name: journal_later(county i64, thing_id i64, after_seq i64, import_id i64) -> many (seq i64, body blob)
SELECT seq, body FROM journal WHERE county = $1 AND thing_id = $2 AND seq > $3 AND import_id <> $4
ORDER BY seq

-- name: journal_counties(after i64, max i64) -> many (county i64)
SELECT county FROM journal_head WHERE county > $1 ORDER BY county LIMIT $2

-- Where a person has been: today's or last household, then the former ones.
-- name: journal_households_of(county i64, person_id i64) -> many (household_id i64)
SELECT household_id FROM person WHERE county = $1 AND id = $2
UNION SELECT household_id FROM membership WHERE county = $1 AND person_id = $2
