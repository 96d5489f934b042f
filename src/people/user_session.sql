-- Sessions and the throttle of signing in.

-- name: session_insert(id i64, user_id i64, token_hash text, created_at i64, device text,
--   client text) -> run
INSERT INTO session (id, user_id, token_hash, created_at, seen_at, ended_at, device, client)
VALUES ($1, $2, $3, $4, $4, 0, $5, $6)

-- name: session_by_token(token_hash text)
-- -> one (id i64, user_id i64, created_at i64, seen_at i64, ended_at i64, device text,
--    client text)
SELECT id, user_id, created_at, seen_at, ended_at, device, client
FROM session WHERE token_hash = $1

-- name: session_by_id(id i64) -> one (user_id i64, ended_at i64)
SELECT user_id, ended_at FROM session WHERE id = $1

-- name: session_of_user(user_id i64, since_at i64)
-- -> many (id i64, user_id i64, created_at i64, seen_at i64, ended_at i64, device text,
--    client text)
SELECT id, user_id, created_at, seen_at, ended_at, device, client
FROM session WHERE user_id = $1 AND (ended_at = 0 OR ended_at > $2)
ORDER BY created_at DESC, id DESC

-- name: session_touch(id i64, seen_at i64) -> run
UPDATE session SET seen_at = $2 WHERE id = $1 AND ended_at = 0 AND seen_at < $2

-- name: session_finish(id i64, ended_at i64) -> run
UPDATE session SET ended_at = $2 WHERE id = $1 AND ended_at = 0

-- name: session_finish_all(user_id i64, except_id i64, ended_at i64) -> run
UPDATE session SET ended_at = $3 WHERE user_id = $1 AND id <> $2 AND ended_at = 0

-- Sessions older than this are closed and past their time on the list.
-- name: session_forget(created_before i64) -> run
DELETE FROM session WHERE created_at < $1

-- name: session_user_seen(user_id i64, at i64) -> run
UPDATE app_user SET signed_in_at = $2 WHERE id = $1

-- name: failure_get(door text) -> one (failures i64, last_at i64, forget_at i64)
SELECT failures, last_at, forget_at FROM sign_in_failure WHERE door = $1

-- name: failure_put(door text, failures i64, last_at i64, forget_at i64) -> run
INSERT INTO sign_in_failure (door, failures, last_at, forget_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (door) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at,
    forget_at = excluded.forget_at

-- name: failure_take_back(door text) -> run
UPDATE sign_in_failure SET failures = failures - 1 WHERE door = $1 AND failures > 0

-- name: failure_clear(door text) -> run
DELETE FROM sign_in_failure WHERE door = $1

-- name: failure_forget(now_at i64) -> run
DELETE FROM sign_in_failure WHERE forget_at < $1
