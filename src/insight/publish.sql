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

-- name: publish_select(withdrawn_too i64) -> many (county i64, id i64, at i64, user_id i64, area_id i64, year i64,
--   title text, line_label text, line_minor i64, welfare text, weak i64, seq i64, withdrawn_at i64)
SELECT county, id, at, user_id, area_id, year, title, line_label, line_minor, welfare, weak, seq,
       withdrawn_at
FROM published_figure WHERE withdrawn_at = 0 OR $1 = 1 ORDER BY id DESC LIMIT 500

-- name: publish_one(id i64) -> one (county i64, id i64, at i64, user_id i64, area_id i64, year i64,
--   title text, line_label text, line_minor i64, welfare text, weak i64, seq i64, withdrawn_at i64)
SELECT county, id, at, user_id, area_id, year, title, line_label, line_minor, welfare, weak, seq,
       withdrawn_at
FROM published_figure WHERE id = $1

-- name: publish_rows(county i64, figure_id i64) -> many (area_id i64, label text, households i64,
--   people i64, poor_households i64, poor_people i64)
SELECT area_id, label, households, people, poor_households, poor_people
FROM published_row WHERE county = $1 AND figure_id = $2 ORDER BY place

-- All figures of a year, also withdrawn ones, with the place of their area in the tree.
-- name: publish_said(year i64) -> many (county i64, id i64, at i64, area_id i64, parent_id i64, path text,
--   name text, line_minor i64, welfare text, weak i64)
SELECT f.county, f.id, f.at, f.area_id, a.parent_id, a.path, a.name, f.line_minor, f.welfare, f.weak
FROM published_figure f JOIN area a ON a.id = f.area_id
WHERE f.year = $1 ORDER BY f.id

-- name: publish_withdraw(county i64, id i64, at i64, user_id i64) -> run
UPDATE published_figure SET withdrawn_at = $3, withdrawn_by = $4
WHERE county = $1 AND id = $2 AND withdrawn_at = 0
