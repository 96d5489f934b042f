-- Users of things with a PIN.

-- name: pin_user_add(id i64, login text, name text, at i64) -> run
INSERT INTO app_user (id, login, name, state, lang, password, must_change, keeper_id, created_at, signed_in_at)
VALUES ($1, $2, $3, 1, 1, '', 0, 0, $4, 0)
