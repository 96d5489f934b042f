-- name: refresh_next(county i64, id i64, max i64) -> many (county i64, id i64, changed_at i64)
SELECT county, id, changed_at FROM household WHERE (county, id) > ($1, $2) ORDER BY county, id LIMIT $3

-- name: refresh_facts_next(county i64, id i64, max i64) -> many (county i64, id i64)
SELECT county, id FROM person WHERE (county, id) > ($1, $2) AND identity_facts = -1 ORDER BY county, id LIMIT $3
