-- Proof from zero: each gives what does not agree, as county and id.

-- name: sale_wrong_items(max i64) -> many (county i64, id i64)
SELECT o.county, o.id FROM sale_order o
WHERE o.items_minor <> (SELECT coalesce(sum(i.amount_minor), 0) FROM order_item i
    WHERE i.county = o.county AND i.order_id = o.id)
   OR o.total_minor <> o.items_minor + o.shipping_minor - o.discount_minor LIMIT $1

-- name: sale_wrong_line(max i64) -> many (county i64, id i64)
SELECT county, id FROM order_item
WHERE amount_minor <> CASE unit WHEN 1 THEN price_minor * quantity ELSE (price_minor * quantity + 500) / 1000 END
   OR (packed_quantity >= 0 AND packed_amount_minor <> CASE WHEN
        (CASE unit WHEN 1 THEN price_minor * packed_quantity ELSE (price_minor * packed_quantity + 500) / 1000 END)
            < amount_minor
        THEN (CASE unit WHEN 1 THEN price_minor * packed_quantity ELSE (price_minor * packed_quantity + 500) / 1000 END)
        ELSE amount_minor END)
   OR (packed_quantity < 0) <> (packed_amount_minor < 0) LIMIT $1

-- name: sale_wrong_purchase(max i64) -> many (county i64, id i64)
SELECT p.county, p.id FROM purchase p
WHERE p.total_minor <> (SELECT coalesce(sum(o.total_minor), 0) FROM sale_order o
    WHERE o.county = p.county AND o.purchase_id = p.id) LIMIT $1

-- name: sale_wrong_packing(max i64) -> many (county i64, id i64)
SELECT o.county, o.id FROM sale_order o
WHERE o.adjust_minor <> (SELECT coalesce(sum(i.amount_minor - i.packed_amount_minor), 0) FROM order_item i
        WHERE i.county = o.county AND i.order_id = o.id AND i.packed_quantity >= 0)
   OR (SELECT count(*) FROM order_item i WHERE i.county = o.county AND i.order_id = o.id AND i.packed_quantity >= 0)
      <> CASE WHEN o.state IN (3, 4, 5, 6) THEN (SELECT count(*) FROM order_item i
            WHERE i.county = o.county AND i.order_id = o.id) ELSE 0 END
LIMIT $1

-- Each event begins where the one before it ended, and the last one is the order's state.
-- name: sale_wrong_events(max i64) -> many (county i64, id i64)
SELECT o.county, o.id FROM sale_order o
WHERE o.state <> coalesce((SELECT e.to_state FROM order_event e WHERE e.county = o.county AND e.order_id = o.id
        ORDER BY e.id DESC LIMIT 1), 0)
   OR EXISTS (SELECT 1 FROM (SELECT e.from_state AS f, lag(e.to_state, 1, 0) OVER (ORDER BY e.id) AS t
        FROM order_event e WHERE e.county = o.county AND e.order_id = o.id) c WHERE c.f <> c.t)
LIMIT $1

-- name: sale_wrong_paid(max i64) -> many (county i64, id i64)
SELECT o.county, o.id FROM sale_order o
WHERE o.paid_minor <> (SELECT coalesce(sum(m.amount_minor), 0) FROM payment_part m
        WHERE m.county = o.county AND m.order_id = o.id)
   OR o.refunded_minor <> (SELECT coalesce(sum(r.amount_minor), 0) FROM refund r
        WHERE r.county = o.county AND r.order_id = o.id)
   OR (o.on_delivery = 0 AND o.state IN (2, 3, 4, 5, 6) AND o.paid_minor < o.total_minor)
   OR (o.on_delivery = 1 AND o.state IN (5, 6) AND o.paid_minor < o.total_minor - o.adjust_minor)
   OR (o.state IN (1, 7, 8) AND o.paid_minor <> o.refunded_minor)
LIMIT $1

-- name: sale_wrong_payment(max i64) -> many (county i64, id i64)
SELECT p.county, p.id FROM payment p
WHERE p.captured_minor <> (SELECT coalesce(sum(m.amount_minor), 0) FROM payment_part m
        WHERE m.county = p.county AND m.payment_id = p.id)
   OR p.refunding_minor <> (SELECT coalesce(sum(r.amount_minor), 0) FROM refund r
        WHERE r.county = p.county AND r.payment_id = p.id)
   OR p.refunded_minor <> (SELECT coalesce(sum(r.amount_minor), 0) FROM refund r
        WHERE r.county = p.county AND r.payment_id = p.id AND r.state = 3)
   OR (p.state = 3) <> (p.captured_minor > 0)
LIMIT $1

-- name: sale_wrong_part(max i64) -> many (county i64, id i64)
SELECT m.county, m.payment_id FROM payment_part m
WHERE m.refunding_minor <> (SELECT coalesce(sum(r.amount_minor), 0) FROM refund r
        WHERE r.county = m.county AND r.payment_id = m.payment_id AND r.order_id = m.order_id)
   OR NOT EXISTS (SELECT 1 FROM ledger_transfer t JOIN sale_account a ON a.county = t.county AND a.account_id = t.credit_id
        WHERE t.county = m.county AND t.id = m.transfer_id AND t.amount = m.amount_minor AND a.kind = 2
          AND a.owner_id = m.order_id)
LIMIT $1

-- name: sale_wrong_refund(max i64) -> many (county i64, id i64)
SELECT r.county, r.id FROM refund r
WHERE NOT EXISTS (SELECT 1 FROM ledger_transfer t JOIN sale_account a ON a.county = t.county AND a.account_id = t.debit_id
        WHERE t.county = r.county AND t.id = r.transfer_id AND t.type = 1 AND t.amount = r.amount_minor AND a.kind = 2
          AND a.owner_id = r.order_id)
   OR (r.state = 3) <> EXISTS (SELECT 1 FROM ledger_transfer t
        WHERE t.county = r.county AND t.pending_id = r.transfer_id AND t.type = 2 AND t.amount = r.amount_minor)
LIMIT $1

-- What lies on an order's account is what was paid and has not gone back, until it is settled.
-- name: sale_wrong_balance(max i64) -> many (county i64, id i64)
SELECT o.county, o.id FROM sale_order o
LEFT JOIN sale_account s ON s.county = o.county AND s.kind = 2 AND s.owner_id = o.id
LEFT JOIN ledger_account a ON a.county = s.county AND a.id = s.account_id
WHERE o.state <> 6
  AND coalesce(a.credits_posted - a.debits_posted - a.debits_pending, 0) <> o.paid_minor - o.refunded_minor
LIMIT $1

-- name: sale_ownerless(max i64) -> many (county i64, id i64)
SELECT r.county, r.id FROM reservation r
WHERE NOT EXISTS (SELECT 1 FROM order_item i WHERE i.county = r.county AND i.id = r.owner_id
    AND i.reservation_id = r.id)
LIMIT $1

-- name: sale_wrong_reservation(max i64) -> many (county i64, id i64)
SELECT i.county, i.id FROM order_item i
JOIN sale_order o ON o.county = i.county AND o.id = i.order_id
LEFT JOIN reservation r ON r.county = i.county AND r.id = i.reservation_id
WHERE r.id IS NULL
   OR r.quantity <> i.quantity * i.take
   OR (o.state IN (1, 2) AND NOT (r.state = 1 OR (o.state = 1 AND r.state = 4)))
   OR (o.state IN (3, 4, 5, 6) AND (r.state = 1 OR r.consumed <> i.packed_quantity * i.take))
   OR (o.state IN (7, 8) AND r.state NOT IN (3, 4))
LIMIT $1
