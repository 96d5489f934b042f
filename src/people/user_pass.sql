-- Passes of the office, in the market's database.

-- name: pass_take(nonce text, user_id i64, at i64) -> run
INSERT INTO user_pass (nonce, user_id, at) VALUES ($1, $2, $3)

-- name: pass_forget(before i64) -> run
DELETE FROM user_pass WHERE at < $1

-- name: pass_user(id i64, login text, name text, lang i64, at i64) -> run
INSERT INTO app_user (id, login, name, state, lang, password, must_change, keeper_id, created_at, signed_in_at)
VALUES ($1, $2, $3, 1, $4, '', 0, 0, $5, $5)
ON CONFLICT (id) DO UPDATE SET login = excluded.login, name = excluded.name, state = 1, lang = excluded.lang

-- name: pass_grants_clear(user_id i64) -> run
DELETE FROM user_grant WHERE user_id = $1

-- name: pass_grant(user_id i64, role text, area_id i64, at i64) -> run
INSERT INTO user_grant (user_id, role, area_id, created_at) VALUES ($1, $2, $3, $4)
