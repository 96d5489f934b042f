-- Vacancies, placements, wages. All statements that select vacancies (placements) have the same
-- columns.

-- name: vacancy_one(id i64) -> one (county i64, id i64, org_id i64, area_id i64, area_path text,
--   title text, words text, rule text, places i64, taken i64, from_day i64, to_day i64, wage_month_minor i64,
--   public_post i64, channel i64, version i64)
SELECT county, id, org_id, area_id, area_path, title, words, rule, places, taken, from_day, to_day,
    wage_month_minor, public_post, channel, version
FROM vacancy WHERE id = $1

-- name: vacancy_all(county i64, today i64, max i64) -> many (county i64, id i64, org_id i64, area_id i64,
--   area_path text, title text, words text, rule text, places i64, taken i64, from_day i64, to_day i64,
--   wage_month_minor i64, public_post i64, channel i64, version i64)
-- Those that end on `today` or later; today 0: all.
SELECT county, id, org_id, area_id, area_path, title, words, rule, places, taken, from_day, to_day,
    wage_month_minor, public_post, channel, version
FROM vacancy WHERE county = $1 AND ($2 = 0 OR to_day = 0 OR to_day >= $2) ORDER BY id DESC LIMIT $3

-- name: vacancy_insert(county i64, id i64, org i64, area i64, path text, title text, words text,
--   rule text, places i64, from_day i64, to_day i64, wage i64, public i64, channel i64, user i64) -> run
INSERT INTO vacancy (county, id, org_id, area_id, area_path, title, words, rule, places, taken, from_day,
    to_day, wage_month_minor, public_post, channel, made_by, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12, $13, $14, $15, 1)

-- name: vacancy_update(county i64, id i64, version i64, org i64, title text, words text, rule text,
--   places i64, from_day i64, to_day i64, wage i64, public i64, channel i64) -> run
UPDATE vacancy SET org_id = $4, title = $5, words = $6, rule = $7, places = $8, from_day = $9,
    to_day = $10, wage_month_minor = $11, public_post = $12, channel = $13, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3 AND taken <= $8

-- One place more is taken, when there is one.
-- name: vacancy_take(county i64, id i64, day i64) -> run
UPDATE vacancy SET taken = taken + 1
WHERE county = $1 AND id = $2 AND taken < places AND (to_day = 0 OR to_day >= $3)

-- name: vacancy_give_back(county i64, id i64) -> run
UPDATE vacancy SET taken = taken - 1 WHERE county = $1 AND id = $2 AND taken > 0

-- name: vacancy_helped(county i64) -> many (household_id i64)
SELECT DISTINCT household_id FROM plan WHERE county = $1 AND state = 2 ORDER BY household_id

-- name: placement_one(id i64) -> one (county i64, id i64, vacancy_id i64, person_id i64, household_id i64,
--   from_day i64, to_day i64, end_reason text)
SELECT county, id, vacancy_id, person_id, household_id, from_day, to_day, end_reason
FROM placement WHERE id = $1

-- name: placement_of_vacancy(county i64, vacancy i64) -> many (county i64, id i64, vacancy_id i64,
--   person_id i64, household_id i64, from_day i64, to_day i64, end_reason text)
SELECT county, id, vacancy_id, person_id, household_id, from_day, to_day, end_reason
FROM placement WHERE county = $1 AND vacancy_id = $2 ORDER BY to_day, id

-- name: placement_of_household(county i64, household i64) -> many (county i64, id i64, vacancy_id i64,
--   person_id i64, household_id i64, from_day i64, to_day i64, end_reason text)
SELECT county, id, vacancy_id, person_id, household_id, from_day, to_day, end_reason
FROM placement WHERE county = $1 AND household_id = $2 ORDER BY to_day, id

-- name: placement_insert(county i64, id i64, vacancy i64, person i64, household i64, from_day i64,
--   user i64) -> run
INSERT INTO placement (county, id, vacancy_id, person_id, household_id, from_day, to_day, end_reason, made_by)
VALUES ($1, $2, $3, $4, $5, $6, 0, '', $7)

-- name: placement_close(county i64, id i64, to_day i64, reason text) -> run
UPDATE placement SET to_day = $3, end_reason = $4 WHERE county = $1 AND id = $2 AND to_day = 0

-- name: wage_put(county i64, placement i64, month i64, household i64, person i64, year i64, amount i64,
--   document i64, user i64, at i64) -> run
INSERT INTO wage (county, placement_id, month, household_id, person_id, income_year, amount_minor,
    document_id, user_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (county, placement_id, month) DO UPDATE SET household_id = excluded.household_id,
    amount_minor = excluded.amount_minor, document_id = excluded.document_id,
    user_id = excluded.user_id, at = excluded.at

-- name: wage_household(county i64, placement i64, month i64) -> one (household_id i64)
SELECT household_id FROM wage WHERE county = $1 AND placement_id = $2 AND month = $3

-- name: wage_sum(county i64, household i64, year i64) -> one (amount_minor i64)
SELECT CAST(coalesce(sum(amount_minor), 0) AS BIGINT) FROM wage
WHERE county = $1 AND household_id = $2 AND income_year = $3

-- name: wage_list(county i64, placement i64) -> many (month i64, amount_minor i64, document_id i64,
--   user_id i64, at i64)
SELECT month, amount_minor, document_id, user_id, at FROM wage
WHERE county = $1 AND placement_id = $2 ORDER BY month DESC

-- name: wage_month(county i64, vacancy i64, month i64) -> many (placement_id i64, amount_minor i64,
--   document_id i64, user_id i64, at i64)
SELECT w.placement_id, w.amount_minor, w.document_id, w.user_id, w.at
FROM placement p JOIN wage w ON w.county = p.county AND w.placement_id = p.id
WHERE p.county = $1 AND p.vacancy_id = $2 AND w.month = $3 ORDER BY w.placement_id

-- The first month with a wage of any placement of the household in the last years.
-- name: wage_first(county i64, household i64, from_year i64) -> one (month i64)
SELECT CAST(coalesce(min(month), 0) AS BIGINT) FROM wage
WHERE county = $1 AND household_id = $2 AND income_year >= $3 AND amount_minor > 0
