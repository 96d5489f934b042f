-- Helpers, the households they are paired with, and contacts of users.

-- name: helper_insert(county i64, id i64, user_id i64, org_id i64, name text, name_key text,
--   title text, phone blob?, from_day i64) -> run
INSERT INTO helper (county, id, user_id, org_id, name, name_key, title, phone, from_day, to_day)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)

-- name: helper_update(id i64, user_id i64, org_id i64, name text, name_key text, title text) -> run
UPDATE helper SET user_id = $2, org_id = $3, name = $4, name_key = $5, title = $6
WHERE id = $1 AND to_day = 0

-- name: helper_update_phone(id i64, phone blob?) -> run
UPDATE helper SET phone = $2 WHERE id = $1

-- name: helper_close(id i64, to_day i64) -> run
UPDATE helper SET to_day = $2 WHERE id = $1 AND to_day = 0

-- name: helper_org_to(org_id i64, to_id i64) -> run
UPDATE helper SET org_id = $2 WHERE org_id = $1 AND to_day = 0

-- name: helper_one(id i64) -> one (county i64, id i64, user_id i64, org_id i64, name text,
--   title text, phone blob?, from_day i64, to_day i64, household_count i64, area_path text?)
SELECT h.county, h.id, h.user_id, h.org_id, h.name, h.title, h.phone, h.from_day, h.to_day,
       (SELECT count(*) FROM helper_pair p
        WHERE p.county = h.county AND p.helper_id = h.id AND p.to_day = 0),
       a.path
FROM helper h LEFT JOIN org o ON o.id = h.org_id LEFT JOIN area a ON a.id = o.area_id
WHERE h.id = $1

-- name: helper_user(user_id i64) -> one (id i64)
SELECT id FROM helper WHERE user_id = $1 AND user_id <> 0 AND to_day = 0

-- The databases call "where is this text in that" differently.
-- name: helper_page(county i64, search text, after i64, max i64) -> many (county i64, id i64,
--   user_id i64, org_id i64, name text, title text, phone blob?, from_day i64, to_day i64,
--   household_count i64, area_path text?)
-- lite:
SELECT h.county, h.id, h.user_id, h.org_id, h.name, h.title, h.phone, h.from_day, h.to_day,
       (SELECT count(*) FROM helper_pair p
        WHERE p.county = h.county AND p.helper_id = h.id AND p.to_day = 0),
       a.path
FROM helper h LEFT JOIN org o ON o.id = h.org_id LEFT JOIN area a ON a.id = o.area_id
WHERE h.county = $1 AND ($2 = '' OR instr(h.name_key, $2) > 0) AND h.id > $3 AND h.to_day = 0
ORDER BY h.id LIMIT $4
-- pg:
SELECT h.county, h.id, h.user_id, h.org_id, h.name, h.title, h.phone, h.from_day, h.to_day,
       (SELECT count(*) FROM helper_pair p
        WHERE p.county = h.county AND p.helper_id = h.id AND p.to_day = 0),
       a.path
FROM helper h LEFT JOIN org o ON o.id = h.org_id LEFT JOIN area a ON a.id = o.area_id
WHERE h.county = $1 AND (CAST($2 AS TEXT) = '' OR strpos(h.name_key, $2) > 0) AND h.id > $3
  AND h.to_day = 0
ORDER BY h.id LIMIT $4

-- ---- pairs ----

-- name: pair_insert(county i64, id i64, helper_id i64, household_id i64, from_day i64) -> run
INSERT INTO helper_pair (county, id, helper_id, household_id, from_day, to_day)
VALUES ($1, $2, $3, $4, $5, 0)

-- name: pair_one(id i64) -> one (county i64, helper_id i64, household_id i64, from_day i64, to_day i64)
SELECT county, helper_id, household_id, from_day, to_day FROM helper_pair WHERE id = $1

-- name: pair_open_count(county i64, helper_id i64, household_id i64) -> one (same i64, all_count i64)
SELECT coalesce(sum(CASE WHEN household_id = $3 THEN 1 ELSE 0 END), 0), count(*)
FROM helper_pair WHERE county = $1 AND helper_id = $2 AND to_day = 0

-- name: pair_close(county i64, id i64, to_day i64) -> run
UPDATE helper_pair SET to_day = $3 WHERE county = $1 AND id = $2 AND to_day = 0

-- name: pair_close_helper(county i64, helper_id i64, to_day i64) -> run
UPDATE helper_pair SET to_day = $3 WHERE county = $1 AND helper_id = $2 AND to_day = 0

-- Households that only this helper stands by.
-- name: pair_only(county i64, helper_id i64) -> many (household_id i64)
SELECT p.household_id FROM helper_pair p
WHERE p.county = $1 AND p.helper_id = $2 AND p.to_day = 0
  AND NOT EXISTS (SELECT 1 FROM helper_pair q
                  WHERE q.county = p.county AND q.household_id = p.household_id
                    AND q.helper_id <> p.helper_id AND q.to_day = 0)
ORDER BY p.household_id

-- Households whose last helper left on or after a day and that have had none since.
-- name: pair_left(county i64, helper_id i64) -> many (household_id i64)
SELECT DISTINCT p.household_id FROM helper_pair p
WHERE p.county = $1 AND p.helper_id = $2 AND p.to_day <> 0
  AND NOT EXISTS (SELECT 1 FROM helper_pair q
                  WHERE q.county = p.county AND q.household_id = p.household_id AND q.to_day = 0)
ORDER BY p.household_id LIMIT 500

-- name: pair_of_household(county i64, household_id i64, with_past i64) -> many (county i64, id i64,
--   helper_id i64, household_id i64, helper_name text, from_day i64, to_day i64)
SELECT p.county, p.id, p.helper_id, p.household_id, h.name, p.from_day, p.to_day
FROM helper_pair p JOIN helper h ON h.id = p.helper_id
WHERE p.county = $1 AND p.household_id = $2 AND (CAST($3 AS BIGINT) = 1 OR p.to_day = 0)
ORDER BY p.to_day <> 0, p.from_day, p.id LIMIT 100

-- name: pair_of_helper(county i64, helper_id i64, with_past i64) -> many (county i64, id i64,
--   helper_id i64, household_id i64, helper_name text, from_day i64, to_day i64)
SELECT p.county, p.id, p.helper_id, p.household_id, h.name, p.from_day, p.to_day
FROM helper_pair p JOIN helper h ON h.id = p.helper_id
WHERE p.county = $1 AND p.helper_id = $2 AND (CAST($3 AS BIGINT) = 1 OR p.to_day = 0)
ORDER BY p.to_day <> 0, p.from_day, p.id LIMIT 1000

-- ---- contacts ----

-- name: contact_one(user_id i64) -> one (mail blob?, phone blob?, wants_mail i64, wants_sms i64,
--   wants_summary i64)
SELECT mail, phone, wants_mail, wants_sms, wants_summary FROM user_contact WHERE user_id = $1

-- name: contact_put(user_id i64, mail blob?, phone blob?, wants_mail i64, wants_sms i64,
--   wants_summary i64) -> run
INSERT INTO user_contact (user_id, mail, phone, wants_mail, wants_sms, wants_summary)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (user_id) DO UPDATE SET mail = excluded.mail, phone = excluded.phone,
    wants_mail = excluded.wants_mail, wants_sms = excluded.wants_sms,
    wants_summary = excluded.wants_summary
