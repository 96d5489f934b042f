-- Payments, their parts, refunds, what providers told, how counties are paid.

-- All statements that give payments have the columns of payment_one.
-- name: payment_one(county i64, id i64) -> one (county i64, id i64, purchase_id i64, order_id i64, provider i64,
--   state i64, currency text, amount_minor i64, captured_minor i64, refunding_minor i64, refunded_minor i64,
--   reference text, provider_reference text, pay_url text, tries i64, created_at i64, captured_at i64)
SELECT county, id, purchase_id, order_id, provider, state, currency, amount_minor, captured_minor, refunding_minor,
    refunded_minor, reference, provider_reference, pay_url, tries, created_at, captured_at
FROM payment WHERE county = $1 AND id = $2

-- name: payment_of_reference(county i64, reference text) -> one (county i64, id i64, purchase_id i64, order_id i64, provider i64,
--   state i64, currency text, amount_minor i64, captured_minor i64, refunding_minor i64, refunded_minor i64,
--   reference text, provider_reference text, pay_url text, tries i64, created_at i64, captured_at i64)
SELECT county, id, purchase_id, order_id, provider, state, currency, amount_minor, captured_minor, refunding_minor,
    refunded_minor, reference, provider_reference, pay_url, tries, created_at, captured_at
FROM payment WHERE county = $1 AND reference = $2

-- name: payment_of_purchase(county i64, purchase_id i64) -> many (county i64, id i64, purchase_id i64, order_id i64, provider i64,
--   state i64, currency text, amount_minor i64, captured_minor i64, refunding_minor i64, refunded_minor i64,
--   reference text, provider_reference text, pay_url text, tries i64, created_at i64, captured_at i64)
SELECT county, id, purchase_id, order_id, provider, state, currency, amount_minor, captured_minor, refunding_minor,
    refunded_minor, reference, provider_reference, pay_url, tries, created_at, captured_at
FROM payment WHERE county = $1 AND purchase_id = $2 ORDER BY id

-- name: payment_insert(county i64, id i64, purchase_id i64, order_id i64, provider i64, state i64, currency text,
--   amount_minor i64, reference text, at i64) -> run
INSERT INTO payment (county, id, purchase_id, order_id, provider, state, currency, amount_minor, captured_minor,
    refunding_minor, refunded_minor, reference, provider_reference, pay_url, tries, created_at, captured_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, $9, '', '', 0, $10, 0)

-- Once, whole.
-- name: payment_set_captured(county i64, id i64, at i64) -> run
UPDATE payment SET state = 3, captured_minor = amount_minor, captured_at = $3
WHERE county = $1 AND id = $2 AND captured_minor = 0

-- name: payment_set_failed(county i64, id i64) -> run
UPDATE payment SET state = 4 WHERE county = $1 AND id = $2 AND state IN (1, 2)

-- Our own answer may come after the provider's event.
-- name: payment_set_asked(county i64, id i64, provider_reference text, pay_url text) -> run
UPDATE payment SET state = CASE WHEN state = 1 THEN 2 ELSE state END, provider_reference = $3, pay_url = $4
WHERE county = $1 AND id = $2

-- name: payment_tried(county i64, id i64) -> run
UPDATE payment SET tries = tries + 1 WHERE county = $1 AND id = $2

-- name: payment_refunding(county i64, id i64, minor i64) -> run
UPDATE payment SET refunding_minor = refunding_minor + $3
WHERE county = $1 AND id = $2 AND refunding_minor + $3 <= captured_minor

-- name: payment_refunded(county i64, id i64, minor i64) -> run
UPDATE payment SET refunded_minor = refunded_minor + $3
WHERE county = $1 AND id = $2 AND refunded_minor + $3 <= refunding_minor

-- name: payment_part_insert(county i64, payment_id i64, order_id i64, amount_minor i64, transfer_id i64) -> run
INSERT INTO payment_part (county, payment_id, order_id, amount_minor, refunding_minor, transfer_id)
VALUES ($1, $2, $3, $4, 0, $5)

-- name: payment_part_refunding(county i64, payment_id i64, order_id i64, minor i64) -> run
UPDATE payment_part SET refunding_minor = refunding_minor + $4
WHERE county = $1 AND payment_id = $2 AND order_id = $3 AND refunding_minor + $4 <= amount_minor

-- name: payment_parts_of_order(county i64, order_id i64) -> many (payment_id i64, left_minor i64)
SELECT payment_id, amount_minor - refunding_minor FROM payment_part
WHERE county = $1 AND order_id = $2 AND amount_minor > refunding_minor ORDER BY payment_id DESC

-- name: refund_insert(county i64, id i64, payment_id i64, order_id i64, state i64, currency text, amount_minor i64,
--   reason text, transfer_id i64, at i64) -> run
INSERT INTO refund (county, id, payment_id, order_id, state, currency, amount_minor, reason, transfer_id, end_id,
    provider_reference, tries, created_at, done_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, '', 0, $10, 0)

-- Both statements that give refunds have the same columns.
-- name: refund_one(county i64, id i64) -> one (id i64, payment_id i64, order_id i64, state i64, currency text,
--   amount_minor i64, reason text, tries i64, created_at i64, done_at i64, transfer_id i64)
SELECT id, payment_id, order_id, state, currency, amount_minor, reason, tries, created_at, done_at, transfer_id
FROM refund WHERE county = $1 AND id = $2

-- name: refund_of_order(county i64, order_id i64) -> many (id i64, payment_id i64, order_id i64, state i64, currency text,
--   amount_minor i64, reason text, tries i64, created_at i64, done_at i64, transfer_id i64)
SELECT id, payment_id, order_id, state, currency, amount_minor, reason, tries, created_at, done_at, transfer_id
FROM refund WHERE county = $1 AND order_id = $2 ORDER BY id

-- name: refund_end(county i64, id i64, end_id i64, at i64) -> run
UPDATE refund SET state = 3, end_id = $3, done_at = $4 WHERE county = $1 AND id = $2 AND state <> 3

-- name: refund_set_failed(county i64, id i64) -> run
UPDATE refund SET state = 4 WHERE county = $1 AND id = $2 AND state <> 3

-- name: refund_set_asked(county i64, id i64, provider_reference text) -> run
UPDATE refund SET state = CASE WHEN state = 1 THEN 2 ELSE state END, provider_reference = $3
WHERE county = $1 AND id = $2

-- name: refund_tried(county i64, id i64) -> run
UPDATE refund SET tries = tries + 1 WHERE county = $1 AND id = $2

-- name: payment_event_one(county i64, provider i64, event_id text) -> one (result i64)
SELECT result FROM payment_event WHERE county = $1 AND provider = $2 AND event_id = $3

-- name: payment_event_insert(county i64, provider i64, event_id text, kind i64, payment_id i64, refund_id i64,
--   currency text, amount_minor i64, result i64, raw blob, at i64) -> run
INSERT INTO payment_event (county, provider, event_id, kind, payment_id, refund_id, currency, amount_minor, result,
    raw, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- name: pay_setting_one(county i64, provider i64) -> one (active i64, sealed blob)
SELECT active, sealed FROM pay_setting WHERE county = $1 AND provider = $2

-- name: pay_setting_put(county i64, provider i64, active i64, sealed blob, at i64, user_id i64) -> run
INSERT INTO pay_setting (county, provider, active, sealed, changed_at, user_id) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (county, provider) DO UPDATE SET active = excluded.active, sealed = excluded.sealed,
    changed_at = excluded.changed_at, user_id = excluded.user_id
