-- Items, movements, reservations.

-- name: stock_item_insert(county i64, id i64, unit i64, on_demand i64, lot_id i64, at i64) -> run
INSERT INTO stock_item (county, id, unit, on_hand, reserved, on_demand, lot_id, created_at)
VALUES ($1, $2, $3, 0, 0, $4, $5, $6)

-- name: stock_item_get(county i64, id i64) -> one (unit i64, on_hand i64, reserved i64, on_demand i64, lot_id i64)
SELECT unit, on_hand, reserved, on_demand, lot_id FROM stock_item WHERE county = $1 AND id = $2

-- More or less is there; never less than what is reserved.
-- name: stock_item_change(county i64, id i64, by i64) -> run
UPDATE stock_item SET on_hand = on_hand + $3
WHERE county = $1 AND id = $2 AND on_hand + $3 >= 0 AND on_hand + $3 <= 1000000000000
  AND (on_demand = 1 OR on_hand + $3 >= reserved)

-- The one statement by which anything is taken. Of a lot only while it is closed (2): neither filling nor ended.
-- name: stock_item_reserve(county i64, id i64, quantity i64) -> run
UPDATE stock_item SET reserved = reserved + $3
WHERE county = $1 AND id = $2 AND reserved + $3 <= 1000000000000 AND (on_demand = 1 OR on_hand - reserved >= $3)
  AND (lot_id = 0 OR EXISTS (SELECT 1 FROM lot l
    WHERE l.county = stock_item.county AND l.id = stock_item.lot_id AND l.state = 2))

-- name: stock_item_give_back(county i64, id i64, quantity i64) -> run
UPDATE stock_item SET reserved = reserved - $3 WHERE county = $1 AND id = $2 AND reserved >= $3

-- name: stock_item_leave(county i64, id i64, reserved i64, quantity i64) -> run
UPDATE stock_item SET reserved = reserved - $3, on_hand = on_hand - $4
WHERE county = $1 AND id = $2 AND reserved >= $3 AND on_hand >= $4
  AND (on_demand = 1 OR on_hand - $4 >= reserved - $3)

-- name: stock_move_insert(county i64, id i64, item_id i64, kind i64, quantity i64, document_id i64, note text,
--   user_id i64, at i64) -> run
INSERT INTO stock_move (county, id, item_id, kind, quantity, document_id, note, user_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: stock_move_get(county i64, id i64) -> one (item_id i64, kind i64, quantity i64, document_id i64)
SELECT item_id, kind, quantity, document_id FROM stock_move WHERE county = $1 AND id = $2

-- name: stock_move_list(county i64, item_id i64, before i64, max i64)
-- -> many (id i64, kind i64, quantity i64, document_id i64, note text, user_id i64, at i64)
SELECT id, kind, quantity, document_id, note, user_id, at FROM stock_move
WHERE county = $1 AND item_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4

-- name: reservation_insert(county i64, id i64, item_id i64, owner_id i64, quantity i64, expires_at i64) -> run
INSERT INTO reservation (county, id, item_id, owner_id, quantity, consumed, state, expires_at, ended_at, move_id)
VALUES ($1, $2, $3, $4, $5, 0, 1, $6, 0, 0)

-- name: reservation_get(county i64, id i64) -> one (item_id i64, owner_id i64, quantity i64, consumed i64,
--   state i64, expires_at i64, ended_at i64, move_id i64)
SELECT item_id, owner_id, quantity, consumed, state, expires_at, ended_at, move_id
FROM reservation WHERE county = $1 AND id = $2

-- name: reservation_end(county i64, id i64, state i64, consumed i64, move_id i64, at i64) -> run
UPDATE reservation SET state = $3, consumed = $4, move_id = $5, ended_at = $6 WHERE county = $1 AND id = $2 AND state = 1

-- name: reservation_keep(county i64, id i64) -> run
UPDATE reservation SET expires_at = 0 WHERE county = $1 AND id = $2 AND state = 1

-- ---- proof ----
-- Sums in two halves: SQLite refuses a sum that does not fit, and tampered numbers may be any.

-- name: wrong_on_hand(max i64) -> many (county i64, id i64)
SELECT i.county, i.id FROM stock_item i
WHERE i.on_hand <> coalesce((SELECT sum(m.quantity / 1048576) * 1048576 + sum(m.quantity % 1048576) FROM stock_move m
    WHERE m.county = i.county AND m.item_id = i.id), 0)
ORDER BY i.county, i.id LIMIT $1

-- name: wrong_reserved(max i64) -> many (county i64, id i64)
SELECT i.county, i.id FROM stock_item i
WHERE i.reserved <> coalesce((SELECT sum(r.quantity / 1048576) * 1048576 + sum(r.quantity % 1048576) FROM reservation r
    WHERE r.county = i.county AND r.item_id = i.id AND r.state = 1), 0)
ORDER BY i.county, i.id LIMIT $1

-- What a reservation says has left is what its movement says.
-- name: wrong_consumed(max i64) -> many (county i64, id i64)
SELECT r.county, r.id FROM reservation r
LEFT JOIN stock_move m ON m.county = r.county AND m.id = r.move_id
WHERE r.state = 2 AND r.consumed > 0
  AND (m.id IS NULL OR m.kind <> 2 OR m.quantity <> -r.consumed OR m.item_id <> r.item_id OR m.document_id <> r.id)
ORDER BY r.county, r.id LIMIT $1

-- name: wrong_sold(max i64) -> many (county i64, id i64)
SELECT m.county, m.id FROM stock_move m
LEFT JOIN reservation r ON r.county = m.county AND r.id = m.document_id
WHERE m.kind = 2 AND (r.id IS NULL OR r.move_id <> m.id)
ORDER BY m.county, m.id LIMIT $1

-- The grams of a lot are its deliveries', to the gram, and came into its store.
-- name: wrong_lot(max i64) -> many (county i64, id i64)
SELECT l.county, l.id FROM lot l
WHERE l.grams <> coalesce((SELECT sum(d.grams / 1048576) * 1048576 + sum(d.grams % 1048576) FROM delivery d
        WHERE d.county = l.county AND d.lot_id = l.id AND d.cancelled_at = 0), 0)
   OR l.deliveries <> (SELECT count(*) FROM delivery d
        WHERE d.county = l.county AND d.lot_id = l.id AND d.cancelled_at = 0)
   OR l.grams <> coalesce((SELECT sum(m.quantity / 1048576) * 1048576 + sum(m.quantity % 1048576) FROM stock_move m
        WHERE m.county = l.county AND m.item_id = l.item_id AND m.kind = 1), 0)
ORDER BY l.county, l.id LIMIT $1

-- A lot and its store name each other.
-- name: wrong_lot_item(max i64) -> many (county i64, id i64)
SELECT i.county, i.id FROM stock_item i
WHERE i.lot_id <> 0 AND NOT EXISTS (SELECT 1 FROM lot l
    WHERE l.county = i.county AND l.id = i.lot_id AND l.item_id = i.id)
UNION
SELECT l.county, l.item_id FROM lot l
WHERE NOT EXISTS (SELECT 1 FROM stock_item i
    WHERE i.county = l.county AND i.id = l.item_id AND i.lot_id = l.id AND i.unit = 2 AND i.on_demand = 0)
ORDER BY 1, 2 LIMIT $1
