-- name: office_setting_get(county i64, key text) -> one (value text)
SELECT value FROM office_setting WHERE county = $1 AND key = $2

-- name: office_setting_set(county i64, key text, value text) -> run
INSERT INTO office_setting (county, key, value) VALUES ($1, $2, $3)
ON CONFLICT (county, key) DO UPDATE SET value = excluded.value

-- name: office_synthetic_any() -> one (found i64)
SELECT CAST(1 AS BIGINT) FROM office_setting WHERE key = 'synthetic' AND value = '1' LIMIT 1
