-- name: refresh_next(county i64, id i64, max i64) -> many (county i64, id i64, changed_at i64)
SELECT county, id, changed_at FROM household WHERE (county, id) > ($1, $2) ORDER BY county, id LIMIT $3
