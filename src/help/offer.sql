-- Offers and what they were matched to.

-- name: offer_one(id i64) -> one (county i64, id i64, org_id i64, giver blob?, words text, kind i64,
--   amount_minor i64, left_minor i64, until_day i64, at i64, version i64)
SELECT county, id, org_id, giver, words, kind, amount_minor, left_minor, until_day, at, version
FROM offer WHERE id = $1

-- name: offer_all(county i64, max i64) -> many (county i64, id i64, org_id i64, giver blob?, words text,
--   kind i64, amount_minor i64, left_minor i64, until_day i64, at i64, version i64)
SELECT county, id, org_id, giver, words, kind, amount_minor, left_minor, until_day, at, version
FROM offer WHERE county = $1 ORDER BY id DESC LIMIT $2

-- name: offer_insert(county i64, id i64, org i64, giver blob?, words text, kind i64, amount i64,
--   until_day i64, user i64, at i64) -> run
INSERT INTO offer (county, id, org_id, giver, words, kind, amount_minor, left_minor, until_day, made_by, at, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10, 1)

-- name: offer_take(county i64, id i64, amount i64, today i64) -> run
UPDATE offer SET left_minor = left_minor - $3, version = version + 1
WHERE county = $1 AND id = $2 AND left_minor >= $3 AND (until_day = 0 OR until_day >= $4)

-- name: offer_give_back(county i64, id i64, amount i64) -> run
UPDATE offer SET left_minor = left_minor + $3, version = version + 1 WHERE county = $1 AND id = $2

-- name: offer_match_one(id i64) -> one (county i64, id i64, offer_id i64, need_id i64, amount_minor i64,
--   at i64, user_id i64, delivered_at i64, document_id i64, ended_at i64)
SELECT county, id, offer_id, need_id, amount_minor, at, user_id, delivered_at, document_id, ended_at
FROM offer_match WHERE id = $1

-- name: offer_match_list(county i64, offer i64) -> many (county i64, id i64, offer_id i64, need_id i64,
--   amount_minor i64, at i64, user_id i64, delivered_at i64, document_id i64, ended_at i64)
SELECT county, id, offer_id, need_id, amount_minor, at, user_id, delivered_at, document_id, ended_at
FROM offer_match WHERE county = $1 AND offer_id = $2 ORDER BY id

-- name: offer_match_insert(county i64, id i64, offer i64, need i64, amount i64, at i64, user i64) -> run
INSERT INTO offer_match (county, id, offer_id, need_id, amount_minor, at, user_id, delivered_at, document_id, ended_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0)

-- name: offer_match_deliver(county i64, id i64, at i64, document i64) -> run
UPDATE offer_match SET delivered_at = $3, document_id = $4
WHERE county = $1 AND id = $2 AND delivered_at = 0 AND ended_at = 0

-- name: offer_match_close(county i64, id i64, at i64) -> run
UPDATE offer_match SET ended_at = $3 WHERE county = $1 AND id = $2 AND delivered_at = 0 AND ended_at = 0

-- What a need was matched with, delivered or under way; waits: of this offer, not yet delivered.
-- name: offer_need_sum(county i64, need i64, offer i64) -> one (amount_minor i64, waits i64)
SELECT CAST(coalesce(sum(amount_minor), 0) AS BIGINT),
    CAST(coalesce(sum(CASE WHEN offer_id = $3 AND delivered_at = 0 THEN 1 ELSE 0 END), 0) AS BIGINT)
FROM offer_match WHERE county = $1 AND need_id = $2 AND ended_at = 0

-- name: offer_need_delivered(county i64, need i64) -> one (amount_minor i64)
SELECT CAST(coalesce(sum(amount_minor), 0) AS BIGINT) FROM offer_match
WHERE county = $1 AND need_id = $2 AND delivered_at > 0
