-- Orders. All statements that give orders have the columns of order_one, in its order.

-- name: order_one(county i64, id i64) -> one (county i64, id i64, purchase_id i64, shop_id i64, number text,
--   state i64, on_delivery i64, items_minor i64, shipping_minor i64, discount_minor i64, total_minor i64,
--   adjust_minor i64, paid_minor i64, refunded_minor i64, placed_at i64, expires_at i64, paid_at i64,
--   packed_at i64, shipped_at i64, delivered_at i64, settled_at i64, claim_until i64, carrier text,
--   tracking text, version i64)
SELECT county, id, purchase_id, shop_id, number, state, on_delivery, items_minor, shipping_minor,
    discount_minor, total_minor, adjust_minor, paid_minor, refunded_minor, placed_at, expires_at, paid_at,
    packed_at, shipped_at, delivered_at, settled_at, claim_until, carrier, tracking, version
FROM sale_order WHERE county = $1 AND id = $2

-- name: order_of_purchase_rows(county i64, purchase_id i64) -> many (county i64, id i64, purchase_id i64, shop_id i64, number text,
--   state i64, on_delivery i64, items_minor i64, shipping_minor i64, discount_minor i64, total_minor i64,
--   adjust_minor i64, paid_minor i64, refunded_minor i64, placed_at i64, expires_at i64, paid_at i64,
--   packed_at i64, shipped_at i64, delivered_at i64, settled_at i64, claim_until i64, carrier text,
--   tracking text, version i64)
SELECT county, id, purchase_id, shop_id, number, state, on_delivery, items_minor, shipping_minor,
    discount_minor, total_minor, adjust_minor, paid_minor, refunded_minor, placed_at, expires_at, paid_at,
    packed_at, shipped_at, delivered_at, settled_at, claim_until, carrier, tracking, version
FROM sale_order WHERE county = $1 AND purchase_id = $2 ORDER BY id

-- name: order_of_shop(county i64, shop_id i64, from_id i64, max i64) -> many (county i64, id i64, purchase_id i64, shop_id i64, number text,
--   state i64, on_delivery i64, items_minor i64, shipping_minor i64, discount_minor i64, total_minor i64,
--   adjust_minor i64, paid_minor i64, refunded_minor i64, placed_at i64, expires_at i64, paid_at i64,
--   packed_at i64, shipped_at i64, delivered_at i64, settled_at i64, claim_until i64, carrier text,
--   tracking text, version i64)
SELECT county, id, purchase_id, shop_id, number, state, on_delivery, items_minor, shipping_minor,
    discount_minor, total_minor, adjust_minor, paid_minor, refunded_minor, placed_at, expires_at, paid_at,
    packed_at, shipped_at, delivered_at, settled_at, claim_until, carrier, tracking, version
FROM sale_order WHERE county = $1 AND shop_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4

-- name: order_of_shop_in(county i64, shop_id i64, from_id i64, max i64, state i64) -> many (county i64, id i64, purchase_id i64, shop_id i64, number text,
--   state i64, on_delivery i64, items_minor i64, shipping_minor i64, discount_minor i64, total_minor i64,
--   adjust_minor i64, paid_minor i64, refunded_minor i64, placed_at i64, expires_at i64, paid_at i64,
--   packed_at i64, shipped_at i64, delivered_at i64, settled_at i64, claim_until i64, carrier text,
--   tracking text, version i64)
SELECT county, id, purchase_id, shop_id, number, state, on_delivery, items_minor, shipping_minor,
    discount_minor, total_minor, adjust_minor, paid_minor, refunded_minor, placed_at, expires_at, paid_at,
    packed_at, shipped_at, delivered_at, settled_at, claim_until, carrier, tracking, version
FROM sale_order WHERE county = $1 AND shop_id = $2 AND state = $5 AND id < $3 ORDER BY id DESC LIMIT $4

-- name: order_insert(county i64, id i64, purchase_id i64, shop_id i64, number text, on_delivery i64,
--   items_minor i64, shipping_minor i64, discount_minor i64, total_minor i64, placed_at i64, expires_at i64) -> run
INSERT INTO sale_order (county, id, purchase_id, shop_id, number, state, on_delivery, items_minor, shipping_minor,
    discount_minor, total_minor, adjust_minor, paid_minor, refunded_minor, placed_at, expires_at, paid_at,
    packed_at, shipped_at, delivered_at, settled_at, claim_until, carrier, tracking, version)
VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, $10, 0, 0, 0, $11, $12, 0, 0, 0, 0, 0, 0, '', '', 1)

-- name: order_step(county i64, id i64, version i64, state i64, to_state i64, paid_at i64, packed_at i64,
--   shipped_at i64, delivered_at i64, settled_at i64) -> run
UPDATE sale_order SET state = $5, version = version + 1, paid_at = $6, packed_at = $7, shipped_at = $8,
    delivered_at = $9, settled_at = $10
WHERE county = $1 AND id = $2 AND version = $3 AND state = $4

-- name: order_add_paid(county i64, id i64, minor i64) -> run
UPDATE sale_order SET paid_minor = paid_minor + $3 WHERE county = $1 AND id = $2

-- name: order_add_refunded(county i64, id i64, minor i64) -> run
UPDATE sale_order SET refunded_minor = refunded_minor + $3
WHERE county = $1 AND id = $2 AND refunded_minor + $3 <= paid_minor

-- name: order_adjust(county i64, id i64, minor i64) -> run
UPDATE sale_order SET adjust_minor = $3 WHERE county = $1 AND id = $2

-- name: order_sent(county i64, id i64, carrier text, tracking text) -> run
UPDATE sale_order SET carrier = $3, tracking = $4 WHERE county = $1 AND id = $2

-- name: order_claim_until(county i64, id i64, at i64) -> run
UPDATE sale_order SET claim_until = $3 WHERE county = $1 AND id = $2

-- name: order_items_rows(county i64, order_id i64) -> many (id i64, product_id i64, variant_id i64, lot_id i64,
--   reservation_id i64, title text, unit i64, quantity i64, price_minor i64, amount_minor i64, take i64,
--   cost_minor i64, claim_hours i64, packed_quantity i64, packed_amount_minor i64, refunded_minor i64)
SELECT id, product_id, variant_id, lot_id, reservation_id, title, unit, quantity, price_minor, amount_minor, take,
    cost_minor, claim_hours, packed_quantity, packed_amount_minor, refunded_minor
FROM order_item WHERE county = $1 AND order_id = $2 ORDER BY id

-- name: order_item_insert(county i64, id i64, order_id i64, product_id i64, variant_id i64, lot_id i64,
--   reservation_id i64, title text, unit i64, quantity i64, price_minor i64, amount_minor i64, take i64,
--   cost_minor i64, claim_hours i64) -> run
INSERT INTO order_item (county, id, order_id, product_id, variant_id, lot_id, reservation_id, title, unit, quantity,
    price_minor, amount_minor, take, cost_minor, claim_hours, packed_quantity, packed_amount_minor, refunded_minor)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, -1, -1, 0)

-- name: order_item_packed(county i64, id i64, quantity i64, amount_minor i64) -> run
UPDATE order_item SET packed_quantity = $3, packed_amount_minor = $4
WHERE county = $1 AND id = $2 AND packed_quantity = -1

-- name: order_event_insert(county i64, id i64, order_id i64, event i64, from_state i64, to_state i64, who i64,
--   user_id i64, note text, at i64) -> run
INSERT INTO order_event (county, id, order_id, event, from_state, to_state, who, user_id, note, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: order_event_rows(county i64, order_id i64) -> many (event i64, from_state i64, to_state i64, who i64,
--   user_id i64, note text, at i64)
SELECT event, from_state, to_state, who, user_id, note, at FROM order_event
WHERE county = $1 AND order_id = $2 ORDER BY id

-- Purchases.
-- name: purchase_insert(county i64, id i64, token_hash blob, provider i64, zone text, currency text,
--   total_minor i64, buyer blob, placed_at i64) -> run
INSERT INTO purchase (county, id, token_hash, provider, zone, currency, total_minor, buyer, placed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: purchase_one(county i64, id i64) -> one (county i64, id i64, provider i64, zone text, currency text,
--   total_minor i64, buyer blob?, placed_at i64)
SELECT county, id, provider, zone, currency, total_minor, buyer, placed_at FROM purchase
WHERE county = $1 AND id = $2

-- name: purchase_of_token(token_hash blob) -> one (county i64, id i64, provider i64, zone text, currency text,
--   total_minor i64, buyer blob?, placed_at i64)
SELECT county, id, provider, zone, currency, total_minor, buyer, placed_at FROM purchase WHERE token_hash = $1

-- name: purchase_counts(county i64, id i64) -> one (orders i64, payment_id i64?, total_minor i64)
SELECT (SELECT count(*) FROM sale_order o WHERE o.county = p.county AND o.purchase_id = p.id),
    (SELECT min(m.id) FROM payment m WHERE m.county = p.county AND m.purchase_id = p.id AND m.order_id = 0),
    p.total_minor
FROM purchase p WHERE p.county = $1 AND p.id = $2

-- Keys of answers.
-- name: idempotency_insert(county i64, key_hash blob, body_hash blob, purchase_id i64, at i64) -> run
INSERT INTO idempotency (county, key_hash, body_hash, purchase_id, at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (county, key_hash) DO NOTHING

-- name: idempotency_one(county i64, key_hash blob) -> one (body_hash blob, purchase_id i64)
SELECT body_hash, purchase_id FROM idempotency WHERE county = $1 AND key_hash = $2

-- name: idempotency_forget(before i64) -> run
DELETE FROM idempotency WHERE at < $1

-- Accounts.
-- name: sale_account_one(county i64, kind i64, owner_id i64) -> one (account_id i64)
SELECT account_id FROM sale_account WHERE county = $1 AND kind = $2 AND owner_id = $3

-- name: sale_account_insert(county i64, kind i64, owner_id i64, account_id i64) -> run
INSERT INTO sale_account (county, kind, owner_id, account_id) VALUES ($1, $2, $3, $4)

-- Baskets.
-- name: basket_of_token(token_hash blob) -> one (id i64)
SELECT id FROM basket WHERE token_hash = $1

-- name: basket_insert(id i64, token_hash blob, at i64) -> run
INSERT INTO basket (id, token_hash, created_at, touched_at) VALUES ($1, $2, $3, $3)

-- name: basket_touch(id i64, at i64) -> run
UPDATE basket SET touched_at = $2 WHERE id = $1

-- name: basket_items(basket_id i64) -> many (county i64, variant_id i64, quantity i64)
SELECT county, variant_id, quantity FROM basket_item WHERE basket_id = $1 ORDER BY added_at, variant_id

-- name: basket_item_one(basket_id i64, county i64, variant_id i64) -> one (quantity i64)
SELECT quantity FROM basket_item WHERE basket_id = $1 AND county = $2 AND variant_id = $3

-- name: basket_item_put(basket_id i64, county i64, variant_id i64, quantity i64, at i64) -> run
INSERT INTO basket_item (basket_id, county, variant_id, quantity, added_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (basket_id, county, variant_id) DO UPDATE SET quantity = excluded.quantity

-- name: basket_item_delete(basket_id i64, county i64, variant_id i64) -> run
DELETE FROM basket_item WHERE basket_id = $1 AND county = $2 AND variant_id = $3

-- name: basket_count(basket_id i64) -> one (lines i64)
SELECT count(*) FROM basket_item WHERE basket_id = $1

-- name: basket_empty(basket_id i64) -> run
DELETE FROM basket_item WHERE basket_id = $1

-- name: basket_items_forget(before i64) -> run
DELETE FROM basket_item WHERE basket_id IN (SELECT id FROM basket WHERE touched_at < $1)

-- name: basket_forget(before i64) -> run
DELETE FROM basket WHERE touched_at < $1

-- What was placed, added up again from its rows.
-- name: purchase_sums(county i64, id i64) -> one (purchase_minor i64, orders_minor i64, parts_minor i64, items_minor i64)
SELECT (SELECT total_minor FROM purchase p WHERE p.county = $1 AND p.id = $2),
    CAST((SELECT coalesce(sum(total_minor), 0) FROM sale_order o WHERE o.county = $1 AND o.purchase_id = $2) AS BIGINT),
    CAST((SELECT coalesce(sum(items_minor + shipping_minor - discount_minor), 0) FROM sale_order o
        WHERE o.county = $1 AND o.purchase_id = $2) AS BIGINT),
    CAST((SELECT coalesce(sum(i.amount_minor), 0) FROM sale_order o JOIN order_item i ON i.county = o.county AND i.order_id = o.id
        WHERE o.county = $1 AND o.purchase_id = $2)
      + (SELECT coalesce(sum(shipping_minor - discount_minor), 0) FROM sale_order o
        WHERE o.county = $1 AND o.purchase_id = $2) AS BIGINT)
