-- What sheet_install needs to know. The sheets' own statements are made from the profile
-- (sheet_sql.c).

-- The two databases describe their tables in different places.
-- name: sheet_columns(sheet text) -> many (name text, type text)
-- lite:
SELECT name, lower(type) FROM pragma_table_info($1)
-- pg:
SELECT CAST(column_name AS TEXT), CAST(data_type AS TEXT) FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = $1

-- name: profile_version_put(hash text, code text, version text, at i64) -> run
INSERT INTO profile_version (hash, code, version, installed_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (hash) DO UPDATE SET installed_at = excluded.installed_at

-- The database's profile: a database has one, of many versions.
-- name: profile_version_code() -> many (code text)
SELECT DISTINCT code FROM profile_version
