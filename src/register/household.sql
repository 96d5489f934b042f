-- Reading whole rows. household_seen and person_seen leave out what an import still hides; the
-- statements on the tables themselves are for writing.
-- All statements that deliver households have the columns of household_row, in its order.
-- name: household_row(county i64, id i64) -> one (county i64, id i64, area_id i64, area_path text, code text,
--   head_id i64, head_name text, people_count i64, from_day i64, ended_day i64, changed_at i64,
--   sheet_year i64, import_id i64, name_key text)
SELECT county, id, area_id, area_path, code, head_id, head_name, people_count, from_day, ended_day,
    changed_at, sheet_year, import_id, name_key
FROM household WHERE county = $1 AND id = $2

-- name: household_row_seen(county i64, id i64) -> one (county i64, id i64, area_id i64, area_path text, code text,
--   head_id i64, head_name text, people_count i64, from_day i64, ended_day i64, changed_at i64,
--   sheet_year i64, import_id i64, name_key text)
SELECT county, id, area_id, area_path, code, head_id, head_name, people_count, from_day, ended_day,
    changed_at, sheet_year, import_id, name_key
FROM household_seen WHERE county = $1 AND id = $2

-- By the id alone: one probe per tenant.
-- name: household_row_anywhere(level i64, id i64) -> one (county i64, id i64, area_id i64, area_path text, code text,
--   head_id i64, head_name text, people_count i64, from_day i64, ended_day i64, changed_at i64,
--   sheet_year i64, import_id i64, name_key text)
SELECT h.county, h.id, h.area_id, h.area_path, h.code, h.head_id, h.head_name, h.people_count, h.from_day,
    h.ended_day, h.changed_at, h.sheet_year, h.import_id, h.name_key
FROM area a CROSS JOIN household_seen h WHERE a.level = $1 AND h.county = a.county AND h.id = $2

-- name: household_of_code(county i64, code text) -> one (id i64)
SELECT id FROM household WHERE county = $1 AND ended IN (0, 1) AND code = $2

-- name: household_of_code_seen(county i64, code text) -> one (id i64)
SELECT id FROM household_seen WHERE county = $1 AND ended IN (0, 1) AND code = $2

-- name: person_row(county i64, id i64) -> one (county i64, id i64, household_id i64, code text, name text,
--   sex i64, birth_day i64, relation i64, from_day i64, to_day i64, import_id i64, identity_key blob?,
--   phone_key blob?, account_key blob?, identity_facts i64)
SELECT county, id, household_id, code, name, sex, birth_day, relation, from_day, to_day, import_id,
    identity_key, phone_key, account_key, identity_facts
FROM person WHERE county = $1 AND id = $2

-- name: person_row_anywhere(level i64, id i64) -> one (county i64, id i64, household_id i64, code text, name text,
--   sex i64, birth_day i64, relation i64, from_day i64, to_day i64, import_id i64, identity_key blob?,
--   phone_key blob?, account_key blob?, identity_facts i64)
SELECT p.county, p.id, p.household_id, p.code, p.name, p.sex, p.birth_day, p.relation, p.from_day, p.to_day,
    p.import_id, p.identity_key, p.phone_key, p.account_key, p.identity_facts
FROM area a CROSS JOIN person_seen p WHERE a.level = $1 AND p.county = a.county AND p.id = $2

-- name: person_of_household(county i64, household_id i64) -> many (county i64, id i64, household_id i64, code text,
--   name text, sex i64, birth_day i64, relation i64, from_day i64, to_day i64, import_id i64,
--   identity_key blob?, phone_key blob?, account_key blob?, identity_facts i64)
SELECT county, id, household_id, code, name, sex, birth_day, relation, from_day, to_day, import_id,
    identity_key, phone_key, account_key, identity_facts
FROM person WHERE county = $1 AND household_id = $2 ORDER BY id

-- People who were members before and are elsewhere now.
-- name: person_past(county i64, household_id i64) -> many (county i64, id i64, household_id i64, code text,
--   name text, sex i64, birth_day i64, relation i64, from_day i64, to_day i64, import_id i64,
--   identity_key blob?, phone_key blob?, account_key blob?, identity_facts i64)
SELECT p.county, p.id, m.household_id, p.code, p.name, p.sex, p.birth_day, m.relation, m.from_day, m.to_day,
    p.import_id, p.identity_key, p.phone_key, p.account_key, p.identity_facts
FROM membership m JOIN person_seen p ON p.county = m.county AND p.id = m.person_id
WHERE m.county = $1 AND m.household_id = $2 ORDER BY m.to_day DESC, p.id

-- name: person_by_bind(county i64, hash blob) -> many (id i64, household_id i64)
SELECT p.id, p.household_id FROM person_bind b JOIN person p ON p.county = b.county AND p.id = b.person_id
WHERE b.county = $1 AND b.hash = $2 ORDER BY b.person_id LIMIT 100

-- name: person_by_code(county i64, code text) -> many (id i64, household_id i64)
SELECT id, household_id FROM person WHERE county = $1 AND code = $2 AND code <> '' ORDER BY id LIMIT 1

-- name: person_secret_get(county i64, person_id i64) -> one (wrapped blob?, identity blob?, phone blob?, account blob?)
SELECT wrapped, identity, phone, account FROM person_secret WHERE county = $1 AND person_id = $2

-- name: income_of_household(county i64, household_id i64) -> many (year i64, kind i64, person_id i64, amount_minor i64,
--   document_id i64, journal_seq i64)
SELECT year, kind, person_id, amount_minor, document_id, journal_seq FROM income
WHERE county = $1 AND household_id = $2 ORDER BY year DESC, kind, person_id

-- name: income_of_year(county i64, household_id i64, year i64) -> many (kind i64, amount_minor i64)
SELECT kind, amount_minor FROM income
WHERE county = $1 AND household_id = $2 AND year = $3 AND person_id = 0
