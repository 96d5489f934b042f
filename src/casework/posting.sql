-- Postings: the public notice of cases. All that deliver postings have the same columns.

-- name: posting_of_token(token text) -> one (county i64, id i64, area_id i64, token text, from_at i64, to_at i64,
--   ended_at i64, village_only i64, title_en text, title_zh text)
SELECT county, id, area_id, token, from_at, to_at, ended_at, village_only, title_en, title_zh
FROM posting WHERE token = $1

-- name: posting_public(county i64, now_at i64, max i64) -> many (county i64, id i64, area_id i64, token text,
--   from_at i64, to_at i64, ended_at i64, village_only i64, title_en text, title_zh text)
SELECT p.county, p.id, p.area_id, p.token, p.from_at, p.to_at, p.ended_at, p.village_only, p.title_en, p.title_zh
FROM posting p WHERE p.county = $1 AND p.ended_at = 0 AND p.to_at > $2 AND p.village_only = 0
    AND EXISTS (SELECT 1 FROM posting_item i WHERE i.county = p.county AND i.posting_id = p.id AND i.gone_at = 0)
ORDER BY p.id DESC LIMIT $3

-- name: posting_page(from_county i64, to_county i64, path text, path_end text, before i64, max i64)
-- -> many (county i64, id i64, area_id i64, token text, from_at i64, to_at i64, ended_at i64,
--   village_only i64, title_en text, title_zh text)
SELECT p.county, p.id, p.area_id, p.token, p.from_at, p.to_at, p.ended_at, p.village_only, p.title_en, p.title_zh
FROM posting p JOIN area a ON a.id = p.area_id
WHERE p.county >= $1 AND p.county <= $2 AND a.path >= $3 AND a.path < $4 AND p.id < $5
ORDER BY p.id DESC LIMIT $6

-- name: posting_of_case(county i64, flow_id i64, max i64) -> many (county i64, id i64, area_id i64, token text,
--   from_at i64, to_at i64, ended_at i64, village_only i64, title_en text, title_zh text)
SELECT p.county, p.id, p.area_id, p.token, p.from_at, p.to_at, p.ended_at, p.village_only, p.title_en, p.title_zh
FROM posting_item i JOIN posting p ON p.county = i.county AND p.id = i.posting_id
WHERE i.county = $1 AND i.flow_id = $2 ORDER BY p.id DESC LIMIT $3

-- name: posting_items(county i64, posting_id i64, max i64) -> many (flow_id i64, shown text, what_en text,
--   what_zh text)
SELECT flow_id, shown, what_en, what_zh FROM posting_item
WHERE county = $1 AND posting_id = $2 AND gone_at = 0 ORDER BY flow_id LIMIT $3

-- name: posting_today(county i64, area_id i64, workflow text, state text, day i64) -> one (id i64)
SELECT id FROM posting WHERE county = $1 AND area_id = $2 AND workflow = $3 AND state = $4 AND day = $5
    AND ended_at = 0

-- name: posting_add_row(county i64, id i64, area_id i64, workflow text, state text, day i64, token text,
--   from_at i64, to_at i64, village_only i64, title_en text, title_zh text) -> run
INSERT INTO posting (county, id, area_id, workflow, state, day, token, from_at, to_at, ended_at, village_only,
    title_en, title_zh)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12)

-- A case that comes back to the notice on the same day stands there again.
-- name: posting_item_put(county i64, posting_id i64, flow_id i64, shown text, what_en text, what_zh text) -> run
INSERT INTO posting_item (county, posting_id, flow_id, shown, what_en, what_zh, gone_at)
VALUES ($1, $2, $3, $4, $5, $6, 0)
ON CONFLICT (county, posting_id, flow_id) DO UPDATE SET gone_at = 0, shown = excluded.shown,
    what_en = excluded.what_en, what_zh = excluded.what_zh

-- name: posting_item_gone(county i64, flow_id i64, at i64) -> run
UPDATE posting_item SET gone_at = $3 WHERE county = $1 AND flow_id = $2 AND gone_at = 0

-- name: posting_end(county i64, id i64, at i64) -> run
UPDATE posting SET ended_at = $3 WHERE county = $1 AND id = $2 AND ended_at = 0

-- Who stands behind a case.
-- name: posting_household(county i64, id i64) -> one (code text, head_name text)
SELECT code, head_name FROM household WHERE county = $1 AND id = $2

-- Objections that nobody has looked at: open tasks (room work).
-- name: posting_objections(county i64, flow_id i64) -> one (count i64)
SELECT count(*) FROM task WHERE county = $1 AND kind = 'objection' AND subject_id = $2 AND state IN (1, 2)
