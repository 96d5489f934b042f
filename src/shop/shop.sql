-- Sellers, shops, products, variants.

-- name: seller_put(county i64, id i64, kind i64, area_id i64, alias text, name blob, phone blob?, account blob?,
--   user_id i64, consent_day i64, assist_day i64, story_day i64, state i64, at i64) -> run
INSERT INTO seller (county, id, kind, area_id, alias, name, phone, account, user_id, shop_id, consent_day, assist_day,
    story_day, state, version, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12, $13, 1, $14)
ON CONFLICT (county, id) DO UPDATE SET kind = excluded.kind, area_id = excluded.area_id, name = excluded.name,
    phone = excluded.phone, account = excluded.account,
    user_id = CASE WHEN excluded.user_id <> 0 THEN excluded.user_id ELSE seller.user_id END,
    consent_day = excluded.consent_day, assist_day = excluded.assist_day, story_day = excluded.story_day,
    state = excluded.state, version = seller.version + 1

-- name: seller_one(county i64, id i64) -> one (id i64, kind i64, area_id i64, alias text, name blob, phone blob?,
--   account blob?, user_id i64, shop_id i64, consent_day i64, assist_day i64, story_day i64, state i64, version i64,
--   created_at i64, path text?, county i64)
SELECT s.id, s.kind, s.area_id, s.alias, s.name, s.phone, s.account, s.user_id, s.shop_id, s.consent_day, s.assist_day,
    s.story_day, s.state, s.version, s.created_at, a.path, s.county
FROM seller s LEFT JOIN area a ON a.id = s.area_id WHERE s.county = $1 AND s.id = $2

-- name: seller_of_user(user_id i64) -> one (id i64, kind i64, area_id i64, alias text, name blob, phone blob?,
--   account blob?, user_id i64, shop_id i64, consent_day i64, assist_day i64, story_day i64, state i64, version i64,
--   created_at i64, path text?, county i64)
SELECT s.id, s.kind, s.area_id, s.alias, s.name, s.phone, s.account, s.user_id, s.shop_id, s.consent_day, s.assist_day,
    s.story_day, s.state, s.version, s.created_at, a.path, s.county
FROM seller s LEFT JOIN area a ON a.id = s.area_id WHERE s.user_id = $1 AND s.user_id <> 0

-- name: seller_under(county i64, path text, path_end text, after i64, max i64) -> many (id i64, kind i64, area_id i64,
--   alias text, name blob, phone blob?, account blob?, user_id i64, shop_id i64, consent_day i64, assist_day i64,
--   story_day i64, state i64, version i64, created_at i64, path text?, county i64)
SELECT s.id, s.kind, s.area_id, s.alias, s.name, s.phone, s.account, s.user_id, s.shop_id, s.consent_day, s.assist_day,
    s.story_day, s.state, s.version, s.created_at, a.path, s.county
FROM seller s JOIN area a ON a.id = s.area_id
WHERE s.county = $1 AND a.path >= $2 AND a.path < $3 AND s.id > $4 ORDER BY s.id LIMIT $5

-- name: seller_shop_put(county i64, id i64, shop_id i64) -> run
UPDATE seller SET shop_id = $3 WHERE county = $1 AND id = $2

-- name: seller_act_insert(county i64, id i64, seller_id i64, user_id i64, what text, detail text, thing_id i64,
--   at i64) -> run
INSERT INTO seller_act (county, id, seller_id, user_id, what, detail, thing_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: shop_insert(county i64, id i64, seller_id i64, area_id i64, slug text, name text, about text, state i64,
--   at i64) -> run
INSERT INTO shop (county, id, seller_id, area_id, slug, name, about, state, version, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)

-- name: shop_change(county i64, id i64, version i64, name text, about text, state i64) -> run
UPDATE shop SET name = $4, about = $5, state = $6, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3

-- name: shop_slug_taken(slug text) -> one (count i64)
SELECT count(*) FROM shop WHERE slug = $1

-- name: shop_one(county i64, id i64) -> one (county i64, id i64, seller_id i64, area_id i64, path text?,
--   area_name text?, kind i64, slug text, name text, about text, state i64, version i64, created_at i64)
SELECT h.county, h.id, h.seller_id, h.area_id, a.path, a.name, s.kind, h.slug, h.name, h.about, h.state, h.version,
    h.created_at
FROM shop h JOIN seller s ON s.county = h.county AND s.id = h.seller_id LEFT JOIN area a ON a.id = h.area_id
WHERE h.county = $1 AND h.id = $2

-- name: shop_of_slug(slug text) -> one (county i64, id i64, seller_id i64, area_id i64, path text?,
--   area_name text?, kind i64, slug text, name text, about text, state i64, version i64, created_at i64)
SELECT h.county, h.id, h.seller_id, h.area_id, a.path, a.name, s.kind, h.slug, h.name, h.about, h.state, h.version,
    h.created_at
FROM shop h JOIN seller s ON s.county = h.county AND s.id = h.seller_id LEFT JOIN area a ON a.id = h.area_id
WHERE h.slug = $1

-- name: product_insert(county i64, id i64, shop_id i64, category text, name text, story text, season_from i64,
--   season_to i64, claim_hours i64, cost_minor i64, at i64) -> run
INSERT INTO product (county, id, shop_id, category, name, story, state, season_from, season_to, claim_hours,
    cost_minor, photo_id, low_minor, version, created_at, shown_at)
VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, 0, 0, 1, $11, 0)

-- name: product_change(county i64, id i64, version i64, category text, name text, story text, season_from i64,
--   season_to i64, claim_hours i64, cost_minor i64) -> run
UPDATE product SET category = $4, name = $5, story = $6, season_from = $7, season_to = $8, claim_hours = $9,
    cost_minor = $10, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3 AND state <> 4

-- name: product_state_put(county i64, id i64, version i64, state i64, at i64) -> run
UPDATE product SET state = $4, shown_at = CASE WHEN $4 = 2 AND shown_at = 0 THEN $5 ELSE shown_at END,
    version = version + 1
WHERE county = $1 AND id = $2 AND version = $3

-- name: product_low(county i64, id i64) -> run
UPDATE product SET low_minor = coalesce((SELECT min(v.price_minor) FROM variant v
    WHERE v.county = product.county AND v.product_id = product.id AND v.ended = 0), 0)
WHERE county = $1 AND id = $2

-- name: product_one(county i64, id i64) -> one (id i64, shop_id i64, category text, name text, story text, state i64,
--   season_from i64, season_to i64, claim_hours i64, cost_minor i64, photo_id i64, version i64, created_at i64,
--   shown_at i64)
SELECT id, shop_id, category, name, story, state, season_from, season_to, claim_hours, cost_minor, photo_id, version,
    created_at, shown_at
FROM product WHERE county = $1 AND id = $2

-- name: product_of_shop(county i64, shop_id i64, max i64) -> many (id i64, shop_id i64, category text, name text,
--   story text, state i64, season_from i64, season_to i64, claim_hours i64, cost_minor i64, photo_id i64, version i64,
--   created_at i64, shown_at i64)
SELECT id, shop_id, category, name, story, state, season_from, season_to, claim_hours, cost_minor, photo_id, version,
    created_at, shown_at
FROM product WHERE county = $1 AND shop_id = $2 AND state <> 4 ORDER BY id DESC LIMIT $3

-- name: product_county(id i64) -> one (county i64)
SELECT county FROM product WHERE id = $1

-- name: variant_insert(county i64, id i64, product_id i64, name text, grade text, unit i64, price_minor i64,
--   net_grams i64, step i64, weight_grams i64, item_id i64, take i64, lot_id i64, at i64) -> run
INSERT INTO variant (county, id, product_id, name, grade, unit, price_minor, net_grams, step, weight_grams, item_id,
    take, lot_id, ended, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14)

-- What it is taken from never changes: orders rest on it.
-- name: variant_change(county i64, id i64, product_id i64, name text, grade text, price_minor i64, net_grams i64,
--   step i64, weight_grams i64, ended i64) -> run
UPDATE variant SET name = $4, grade = $5, price_minor = $6, net_grams = $7, step = $8, weight_grams = $9, ended = $10
WHERE county = $1 AND id = $2 AND product_id = $3

-- name: variant_one(county i64, id i64) -> one (id i64, product_id i64, name text, grade text, unit i64,
--   price_minor i64, net_grams i64, step i64, weight_grams i64, item_id i64, take i64, lot_id i64, ended i64,
--   on_hand i64, reserved i64, on_demand i64)
SELECT v.id, v.product_id, v.name, v.grade, v.unit, v.price_minor, v.net_grams, v.step, v.weight_grams, v.item_id,
    v.take, v.lot_id, v.ended, i.on_hand, i.reserved, i.on_demand
FROM variant v JOIN stock_item i ON i.county = v.county AND i.id = v.item_id
WHERE v.county = $1 AND v.id = $2

-- name: variant_list(county i64, product_id i64, max i64) -> many (id i64, product_id i64, name text, grade text,
--   unit i64, price_minor i64, net_grams i64, step i64, weight_grams i64, item_id i64, take i64, lot_id i64, ended i64,
--   on_hand i64, reserved i64, on_demand i64)
SELECT v.id, v.product_id, v.name, v.grade, v.unit, v.price_minor, v.net_grams, v.step, v.weight_grams, v.item_id,
    v.take, v.lot_id, v.ended, i.on_hand, i.reserved, i.on_demand
FROM variant v JOIN stock_item i ON i.county = v.county AND i.id = v.item_id
WHERE v.county = $1 AND v.product_id = $2 ORDER BY v.id LIMIT $3

-- name: seller_area_merged(county i64, from_id i64, to_id i64) -> run
UPDATE seller SET area_id = $3 WHERE county = $1 AND area_id = $2

-- name: shop_area_merged(county i64, from_id i64, to_id i64) -> run
UPDATE shop SET area_id = $3 WHERE county = $1 AND area_id = $2

-- ---- search ----

-- FTS5 has its own way to name a row.
-- name: product_words_add(county i64, product_id i64, words text) -> run
-- lite:
INSERT INTO product_search (rowid, words) VALUES ($2 + 0 * $1, $3)
-- pg:
INSERT INTO product_search (county, product_id, words)
VALUES ($1, $2, array_to_tsvector(array_remove(string_to_array($3, ' '), '')))

-- And to say which row.
-- name: product_words_drop(county i64, product_id i64) -> run
-- lite:
DELETE FROM product_search WHERE rowid = $2 AND $1 >= 0
-- pg:
DELETE FROM product_search WHERE county = $1 AND product_id = $2

-- sort: 0 newest, 1 price rising, 2 price falling. '' and 0: any.
-- name: product_window(category text, shop_id i64, path text, path_end text, sort i64, skip i64, max i64)
-- -> many (county i64, id i64, shop_id i64, category text, name text, photo_id i64, low_minor i64, shop_name text,
--    slug text, area_name text?)
SELECT p.county, p.id, p.shop_id, p.category, p.name, p.photo_id, p.low_minor, h.name, h.slug, a.name
FROM product p JOIN shop h ON h.county = p.county AND h.id = p.shop_id LEFT JOIN area a ON a.id = h.area_id
WHERE p.state = 2 AND h.state = 1 AND ($1 = '' OR p.category = $1) AND ($2 = 0 OR p.shop_id = $2)
  AND ($3 = '' OR (a.path >= $3 AND a.path < $4))
ORDER BY CASE WHEN $5 = 1 THEN p.low_minor WHEN $5 = 2 THEN -p.low_minor ELSE -p.id END, p.id DESC LIMIT $7 OFFSET $6

-- FTS5 has its own operator.
-- name: product_searched(query text, category text, shop_id i64, path text, path_end text, sort i64, skip i64, max i64)
-- -> many (county i64, id i64, shop_id i64, category text, name text, photo_id i64, low_minor i64, shop_name text,
--    slug text, area_name text?)
-- lite:
SELECT p.county, p.id, p.shop_id, p.category, p.name, p.photo_id, p.low_minor, h.name, h.slug, a.name
FROM product p JOIN shop h ON h.county = p.county AND h.id = p.shop_id LEFT JOIN area a ON a.id = h.area_id
WHERE p.id IN (SELECT rowid FROM product_search WHERE product_search MATCH $1)
  AND p.state = 2 AND h.state = 1 AND ($2 = '' OR p.category = $2) AND ($3 = 0 OR p.shop_id = $3)
  AND ($4 = '' OR (a.path >= $4 AND a.path < $5))
ORDER BY CASE WHEN $6 = 1 THEN p.low_minor WHEN $6 = 2 THEN -p.low_minor ELSE -p.id END, p.id DESC LIMIT $8 OFFSET $7
-- pg:
SELECT p.county, p.id, p.shop_id, p.category, p.name, p.photo_id, p.low_minor, h.name, h.slug, a.name
FROM product_search w JOIN product p ON p.county = w.county AND p.id = w.product_id
JOIN shop h ON h.county = p.county AND h.id = p.shop_id LEFT JOIN area a ON a.id = h.area_id
WHERE w.words @@ CAST($1 AS tsquery)
  AND p.state = 2 AND h.state = 1 AND ($2 = '' OR p.category = $2) AND ($3 = 0 OR p.shop_id = $3)
  AND ($4 = '' OR (a.path >= $4 AND a.path < $5))
ORDER BY CASE WHEN $6 = 1 THEN p.low_minor WHEN $6 = 2 THEN -p.low_minor ELSE -p.id END, p.id DESC LIMIT $8 OFFSET $7

-- ---- cards ----

-- name: card_insert(county i64, id i64, seller_id i64, user_id i64, token_hash text, pin text, at i64, by i64) -> run
INSERT INTO seller_card (county, id, seller_id, user_id, token_hash, pin, tries, made_at, made_by, used_at, ended_at)
VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, 0, 0)

-- name: card_finish(county i64, seller_id i64, at i64) -> run
UPDATE seller_card SET ended_at = $3 WHERE county = $1 AND seller_id = $2 AND ended_at = 0

-- name: card_of_seller(county i64, seller_id i64) -> one (user_id i64, tries i64, made_at i64, used_at i64)
SELECT user_id, tries, made_at, used_at FROM seller_card WHERE county = $1 AND seller_id = $2 AND ended_at = 0

-- name: card_of_token(token_hash text) -> one (county i64, id i64, user_id i64, pin text)
SELECT c.county, c.id, c.user_id, c.pin
FROM seller_card c JOIN seller s ON s.county = c.county AND s.id = c.seller_id
WHERE c.token_hash = $1 AND c.ended_at = 0 AND c.user_id = s.user_id AND s.state = 1 AND s.consent_day <> 0

-- name: card_try(county i64, id i64, max i64) -> run
UPDATE seller_card SET tries = tries + 1 WHERE county = $1 AND id = $2 AND ended_at = 0 AND tries < $3

-- name: card_try_back(county i64, id i64) -> run
UPDATE seller_card SET tries = tries - 1 WHERE county = $1 AND id = $2 AND tries > 0

-- name: card_used(county i64, id i64, at i64) -> run
UPDATE seller_card SET tries = 0, used_at = $3 WHERE county = $1 AND id = $2

-- name: seller_user_put(county i64, id i64, user_id i64) -> run
UPDATE seller SET user_id = $3 WHERE county = $1 AND id = $2

-- ---- photos ----

-- name: photo_insert(county i64, id i64, product_id i64, small_id i64, middle_id i64, large_id i64, width i64,
--   height i64, user_id i64, at i64) -> run
INSERT INTO photo (county, id, product_id, small_id, middle_id, large_id, width, height, user_id, added_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: photo_count(county i64, product_id i64) -> one (count i64)
SELECT count(*) FROM photo WHERE county = $1 AND product_id = $2

-- name: photo_one(id i64) -> one (county i64, product_id i64, small_id i64, middle_id i64, large_id i64, width i64,
--   height i64)
SELECT county, product_id, small_id, middle_id, large_id, width, height FROM photo WHERE id = $1

-- name: photo_of_product(county i64, product_id i64, max i64) -> many (id i64, width i64, height i64)
SELECT id, width, height FROM photo WHERE county = $1 AND product_id = $2 ORDER BY id LIMIT $3

-- name: photo_delete(county i64, product_id i64, id i64) -> run
DELETE FROM photo WHERE county = $1 AND product_id = $2 AND id = $3

-- The one that was chosen as long as it is there, else the oldest, else 0.
-- name: product_photo_put(county i64, id i64, wanted i64) -> run
UPDATE product SET photo_id = coalesce(
    (SELECT p.id FROM photo p WHERE p.county = $1 AND p.product_id = $2 AND p.id = $3),
    (SELECT p.id FROM photo p WHERE p.county = $1 AND p.product_id = $2 AND p.id = product.photo_id),
    (SELECT min(p.id) FROM photo p WHERE p.county = $1 AND p.product_id = $2), 0)
WHERE county = $1 AND id = $2
