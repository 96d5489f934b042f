-- Lots and the deliveries in them.

-- name: lot_insert(county i64, id i64, shop_id i64, name text, item_id i64, harvested_day i64, at i64) -> run
INSERT INTO lot (county, id, shop_id, name, item_id, state, harvested_day, grams, deliveries, helped_grams,
    helped_households, share_day, version, created_at, closed_at)
VALUES ($1, $2, $3, $4, $5, 1, $6, 0, 0, -1, -1, 0, 1, $7, 0)

-- name: lot_get(county i64, id i64) -> one (id i64, shop_id i64, name text, item_id i64, state i64, harvested_day i64,
--   grams i64, deliveries i64, helped_grams i64, helped_households i64, share_day i64, version i64, created_at i64,
--   closed_at i64)
SELECT id, shop_id, name, item_id, state, harvested_day, grams, deliveries, helped_grams, helped_households,
    share_day, version, created_at, closed_at
FROM lot WHERE county = $1 AND id = $2

-- name: lot_list(county i64, shop_id i64, before i64, max i64) -> many (id i64, shop_id i64, name text, item_id i64,
--   state i64, harvested_day i64, grams i64, deliveries i64, helped_grams i64, helped_households i64, share_day i64,
--   version i64, created_at i64, closed_at i64)
SELECT id, shop_id, name, item_id, state, harvested_day, grams, deliveries, helped_grams, helped_households,
    share_day, version, created_at, closed_at
FROM lot WHERE county = $1 AND shop_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4

-- Open lots only.
-- name: lot_grow(county i64, id i64, grams i64, deliveries i64) -> run
UPDATE lot SET grams = grams + $3, deliveries = deliveries + $4, version = version + 1
WHERE county = $1 AND id = $2 AND state = 1 AND deliveries + $4 <= 5000

-- name: lot_close_row(county i64, id i64, version i64, at i64) -> run
UPDATE lot SET state = 2, closed_at = $4, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3 AND state = 1 AND grams > 0

-- name: lot_end_row(county i64, id i64, version i64) -> run
UPDATE lot SET state = 3, version = version + 1 WHERE county = $1 AND id = $2 AND version = $3 AND state = 2

-- name: lot_helped(county i64, id i64, grams i64, households i64, day i64) -> run
UPDATE lot SET helped_grams = $3, helped_households = $4, share_day = $5
WHERE county = $1 AND id = $2 AND state <> 1 AND $3 <= grams

-- name: delivery_insert(county i64, id i64, lot_id i64, seller_id i64, grams i64, grade i64, price_minor i64,
--   advance_minor i64, day i64, user_id i64, client_uid text, note text, at i64) -> run
INSERT INTO delivery (county, id, lot_id, seller_id, grams, grade, price_minor, advance_minor, day, user_id,
    client_uid, cancelled_at, note, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, $13)

-- name: delivery_of_uid(county i64, client_uid text) -> one (id i64, lot_id i64, seller_id i64, grams i64, grade i64,
--   price_minor i64, advance_minor i64, day i64)
SELECT id, lot_id, seller_id, grams, grade, price_minor, advance_minor, day FROM delivery
WHERE county = $1 AND client_uid = $2

-- name: delivery_get(county i64, id i64) -> one (lot_id i64, grams i64, cancelled_at i64)
SELECT lot_id, grams, cancelled_at FROM delivery WHERE county = $1 AND id = $2

-- name: delivery_cancel_row(county i64, id i64, at i64, note text) -> run
UPDATE delivery SET cancelled_at = $3, note = $4 WHERE county = $1 AND id = $2 AND cancelled_at = 0

-- counting 1: without those taken back.
-- name: delivery_of_lot(county i64, lot_id i64, counting i64) -> many (id i64, lot_id i64, seller_id i64, grams i64, grade i64,
--   price_minor i64, advance_minor i64, day i64, user_id i64, client_uid text, cancelled_at i64, note text, at i64)
SELECT id, lot_id, seller_id, grams, grade, price_minor, advance_minor, day, user_id, client_uid, cancelled_at,
    note, at
FROM delivery WHERE county = $1 AND lot_id = $2 AND ($3 = 0 OR cancelled_at = 0) ORDER BY id

-- name: delivery_of_seller(county i64, seller_id i64, before i64, max i64) -> many (id i64, lot_id i64, seller_id i64,
--   grams i64, grade i64, price_minor i64, advance_minor i64, day i64, user_id i64, client_uid text, cancelled_at i64,
--   note text, at i64)
SELECT id, lot_id, seller_id, grams, grade, price_minor, advance_minor, day, user_id, client_uid, cancelled_at,
    note, at
FROM delivery WHERE county = $1 AND seller_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4
