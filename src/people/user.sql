-- Users, grants, recovery codes and the log of changes to them.

-- name: user_get_by_id(id i64)
-- -> one (id i64, login text, name text, state i64, lang i64, password text, must_change i64,
--    keeper_id i64, created_at i64, signed_in_at i64)
SELECT id, login, name, state, lang, password, must_change, keeper_id, created_at, signed_in_at
FROM app_user WHERE id = $1

-- name: user_get_by_login(login text)
-- -> one (id i64, login text, name text, state i64, lang i64, password text, must_change i64,
--    keeper_id i64, created_at i64, signed_in_at i64)
SELECT id, login, name, state, lang, password, must_change, keeper_id, created_at, signed_in_at
FROM app_user WHERE login = $1

-- name: user_insert(id i64, login text, name text, lang i64, password text, must_change i64,
--   keeper_id i64, created_at i64) -> run
INSERT INTO app_user (id, login, name, state, lang, password, must_change, keeper_id,
                      created_at, signed_in_at)
VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, 0)

-- name: user_update_password(id i64, password text, must_change i64) -> run
UPDATE app_user SET password = $2, must_change = $3 WHERE id = $1

-- name: user_update_state(id i64, state i64) -> run
UPDATE app_user SET state = $2 WHERE id = $1

-- name: user_update_name(id i64, name text) -> run
UPDATE app_user SET name = $2 WHERE id = $1

-- name: user_update_lang(id i64, lang i64) -> run
UPDATE app_user SET lang = $2 WHERE id = $1

-- name: user_update_keeper(id i64, keeper_id i64) -> run
UPDATE app_user SET keeper_id = $2 WHERE id = $1

-- Every user with every grant, a line each; a user without grants has one line with NULLs.
-- name: user_page(after text)
-- -> many (id i64, login text, name text, state i64, lang i64, must_change i64, keeper_id i64,
--    created_at i64, signed_in_at i64, role text?, area_id i64?, county i64?, path text?)
SELECT u.id, u.login, u.name, u.state, u.lang, u.must_change, u.keeper_id, u.created_at,
       u.signed_in_at, g.role, g.area_id, a.county, a.path
FROM app_user u
LEFT JOIN user_grant g ON g.user_id = u.id
LEFT JOIN area a ON a.id = g.area_id
WHERE u.login > $1
ORDER BY u.login, g.role, g.area_id

-- name: user_grant_list(user_id i64) -> many (role text, area_id i64, county i64?, path text?)
SELECT g.role, g.area_id, a.county, a.path
FROM user_grant g LEFT JOIN area a ON a.id = g.area_id
WHERE g.user_id = $1 ORDER BY g.area_id, g.role

-- The grants of all active users but one: for "an area never loses its last administrator".
-- name: user_grant_others(user_id i64) -> many (role text, area_id i64, path text?)
SELECT g.role, g.area_id, a.path
FROM user_grant g
JOIN app_user u ON u.id = g.user_id
LEFT JOIN area a ON a.id = g.area_id
WHERE g.user_id <> $1 AND u.state = 1

-- name: user_grant_insert(user_id i64, role text, area_id i64, created_at i64) -> run
INSERT INTO user_grant (user_id, role, area_id, created_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (user_id, role, area_id) DO NOTHING

-- name: user_grant_delete(user_id i64, role text, area_id i64) -> run
DELETE FROM user_grant WHERE user_id = $1 AND role = $2 AND area_id = $3

-- name: people_area(id i64) -> one (county i64, level i64, path text)
SELECT county, level, path FROM area WHERE id = $1

-- name: recovery_put(user_id i64, code_hash text, created_at i64, expires_at i64) -> run
INSERT INTO recovery (user_id, code_hash, created_at, expires_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (user_id) DO UPDATE SET code_hash = excluded.code_hash,
    created_at = excluded.created_at, expires_at = excluded.expires_at

-- name: recovery_known(user_id i64, code_hash text, now_at i64) -> one (expires_at i64)
SELECT expires_at FROM recovery WHERE user_id = $1 AND code_hash = $2 AND expires_at > $3

-- name: recovery_delete(user_id i64) -> run
DELETE FROM recovery WHERE user_id = $1

-- name: user_event_insert(id i64, at i64, by_user_id i64, user_id i64, what text, role text,
--   area_id i64) -> run
INSERT INTO user_event (id, at, by_user_id, user_id, what, role, area_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- Newest first; user_id 0: of everybody.
-- name: user_event_page(user_id i64, before_id i64)
-- -> many (id i64, at i64, by_user_id i64, by_login text?, user_id i64, login text?, what text,
--    role text, area_id i64)
SELECT e.id, e.at, e.by_user_id, b.login, e.user_id, u.login, e.what, e.role, e.area_id
FROM user_event e
LEFT JOIN app_user b ON b.id = e.by_user_id
LEFT JOIN app_user u ON u.id = e.user_id
WHERE (CAST($1 AS BIGINT) = 0 OR e.user_id = $1) AND e.id < $2
ORDER BY e.id DESC

-- name: user_grant_of_area(area_id i64) -> many (user_id i64, role text)
SELECT user_id, role FROM user_grant WHERE area_id = $1 ORDER BY user_id, role
