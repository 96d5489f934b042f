-- Messages and webhooks. State: 0 waiting, 1 sent, 2 failed; channel: 1 mail, 2 SMS, 3 webhook.

-- name: notice_send_insert(county i64, id i64, lane i64, channel i64, user_id i64, event text,
--   subject text, body text, at i64, next_at i64) -> run
INSERT INTO notice_send (county, id, lane, channel, user_id, event, subject, body, at, next_at,
                         sent_at, state, tries, error)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0, '')

-- The lanes with something due: from one to the next by the index.
-- name: notice_send_lanes(now i64) -> many (lane i64)
WITH RECURSIVE c (lane) AS (
    SELECT min(lane) FROM notice_send WHERE state = 0
    UNION ALL
    SELECT (SELECT min(s.lane) FROM notice_send s WHERE s.state = 0 AND s.lane > c.lane)
    FROM c WHERE c.lane IS NOT NULL)
SELECT c.lane FROM c
WHERE c.lane IS NOT NULL
  AND EXISTS (SELECT 1 FROM notice_send s
              WHERE s.state = 0 AND s.lane = c.lane AND s.next_at <= $1)

-- name: notice_send_of_lane(lane i64, now i64, max i64)
-- -> many (county i64, id i64, channel i64, user_id i64, event text, subject text, body text,
--    at i64, next_at i64, tries i64)
SELECT county, id, channel, user_id, event, subject, body, at, next_at, tries FROM notice_send
WHERE state = 0 AND lane = $1 AND next_at <= $2 ORDER BY next_at, id LIMIT $3

-- Takes a due one for a while, unless somebody else did.
-- name: notice_send_claim(county i64, id i64, tries i64, seen_at i64, lease_at i64) -> run
UPDATE notice_send SET next_at = $5, tries = tries + 1
WHERE county = $1 AND id = $2 AND state = 0 AND tries = $3 AND next_at = $4

-- Only by who claimed this try.
-- name: notice_send_sent(county i64, id i64, tries i64, at i64) -> run
UPDATE notice_send SET state = 1, sent_at = $4, error = ''
WHERE county = $1 AND id = $2 AND state = 0 AND tries = $3

-- name: notice_send_failed(county i64, id i64, tries i64, state i64, next_at i64, error text)
-- -> run
UPDATE notice_send SET state = $4, next_at = $5, error = $6
WHERE county = $1 AND id = $2 AND state = 0 AND tries = $3

-- `at` begins anew: another 3 days.
-- name: notice_send_retry(county i64, id i64, at i64) -> run
UPDATE notice_send SET state = 0, at = $3, next_at = $3
WHERE county = $1 AND id = $2 AND state IN (0, 2)

-- name: notice_send_get(county i64, id i64) -> one (state i64)
SELECT state FROM notice_send WHERE county = $1 AND id = $2

-- name: notice_send_give_up(lane i64, error text) -> run
UPDATE notice_send SET state = 2, error = $2 WHERE state = 0 AND lane = $1

-- name: notice_send_of_state(county i64, state i64, max i64)
-- -> many (county i64, id i64, channel i64, user_id i64, at i64, next_at i64, sent_at i64,
--    state i64, tries i64, error text)
SELECT county, id, channel, user_id, at, next_at, sent_at, state, tries, error FROM notice_send
WHERE county = $1 AND state = $2 ORDER BY id DESC LIMIT $3

-- name: notice_send_of_county(county i64, max i64)
-- -> many (county i64, id i64, channel i64, user_id i64, at i64, next_at i64, sent_at i64,
--    state i64, tries i64, error text)
SELECT county, id, channel, user_id, at, next_at, sent_at, state, tries, error FROM notice_send
WHERE county = $1 ORDER BY id DESC LIMIT $2

-- name: notice_send_figures() -> one (waiting i64, failing i64?)
SELECT count(*), CAST(sum(CASE WHEN tries > 1 THEN 1 ELSE 0 END) AS BIGINT)
FROM (SELECT tries FROM notice_send WHERE state = 0 LIMIT 10000) few

-- name: notice_send_failed_count() -> one (count i64)
SELECT count(*) FROM (SELECT 1 AS n FROM notice_send WHERE state = 2 LIMIT 10000) few

-- name: notice_send_forget(before i64, max i64) -> run
DELETE FROM notice_send WHERE state = 1 AND sent_at < $1 AND id IN (
    SELECT s.id FROM notice_send s WHERE s.state = 1 AND s.sent_at < $1
    ORDER BY s.sent_at LIMIT $2)

-- ---- webhooks ----

-- name: webhook_insert(county i64, id i64, url text, events text, secret text, at i64,
--   user_id i64) -> run
INSERT INTO webhook (county, id, url, events, secret, active, failed_since, last_error, at,
                     user_id)
VALUES ($1, $2, $3, $4, $5, 1, 0, '', $6, $7)

-- name: webhook_get(id i64)
-- -> one (county i64, id i64, url text, events text, secret text, active i64,
--    failed_since i64, last_error text)
SELECT county, id, url, events, secret, active, failed_since, last_error FROM webhook
WHERE id = $1

-- name: webhook_of_county(county i64, max i64)
-- -> many (county i64, id i64, url text, events text, secret text, active i64,
--    failed_since i64, last_error text)
SELECT county, id, url, events, secret, active, failed_since, last_error FROM webhook
WHERE county = $1 ORDER BY id LIMIT $2

-- name: webhook_listening(county i64) -> many (id i64, events text)
SELECT id, events FROM webhook WHERE county IN (0, $1) AND active = 1 ORDER BY county, id

-- name: webhook_count(county i64) -> one (count i64)
SELECT count(*) FROM webhook WHERE county = $1

-- name: webhook_switch(id i64, active i64) -> run
UPDATE webhook SET active = $2 WHERE id = $1

-- name: webhook_worked(id i64) -> run
UPDATE webhook SET failed_since = 0, last_error = '' WHERE id = $1 AND failed_since <> 0

-- name: webhook_failed(id i64, at i64, error text) -> run
UPDATE webhook SET failed_since = CASE WHEN failed_since = 0 THEN $2 ELSE failed_since END,
    last_error = $3
WHERE id = $1
