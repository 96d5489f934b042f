-- Published figures and their rows.

-- name: publish_insert(county i64, id i64, at i64, user_id i64, area_id i64, year i64, title text,
--   line_label text, line_minor i64, welfare text, weak i64, seq i64) -> run
INSERT INTO published_figure (county, id, at, user_id, area_id, year, title, line_label, line_minor,
                              welfare, weak, seq)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- name: publish_row_insert(county i64, figure_id i64, place i64, area_id i64, label text,
--   households i64, people i64, poor_households i64, poor_people i64) -> run
INSERT INTO published_row (county, figure_id, place, area_id, label, households, people,
                           poor_households, poor_people)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: publish_select() -> many (county i64, id i64, at i64, user_id i64, area_id i64, year i64,
--   title text, line_label text, line_minor i64, welfare text, weak i64, seq i64, withdrawn_at i64)
SELECT county, id, at, user_id, area_id, year, title, line_label, line_minor, welfare, weak, seq,
       withdrawn_at
FROM published_figure ORDER BY id DESC LIMIT 500

-- name: publish_one(id i64) -> one (county i64, id i64, at i64, user_id i64, area_id i64, year i64,
--   title text, line_label text, line_minor i64, welfare text, weak i64, seq i64, withdrawn_at i64)
SELECT county, id, at, user_id, area_id, year, title, line_label, line_minor, welfare, weak, seq,
       withdrawn_at
FROM published_figure WHERE id = $1

-- name: publish_rows(county i64, figure_id i64) -> many (area_id i64, label text, households i64,
--   people i64, poor_households i64, poor_people i64)
SELECT area_id, label, households, people, poor_households, poor_people
FROM published_row WHERE county = $1 AND figure_id = $2 ORDER BY place

-- What was said of an area in a year by figures that are not withdrawn.
-- name: publish_said(area_id i64, year i64) -> many (figure_id i64, at i64, title text,
--   households i64, poor_households i64)
SELECT r.figure_id, f.at, f.title, r.households, r.poor_households
FROM published_row r JOIN published_figure f ON f.county = r.county AND f.id = r.figure_id
WHERE r.area_id = $1 AND f.year = $2 AND f.withdrawn_at = 0

-- name: publish_withdraw(county i64, id i64, at i64, user_id i64) -> run
UPDATE published_figure SET withdrawn_at = $3, withdrawn_by = $4
WHERE county = $1 AND id = $2 AND withdrawn_at = 0
