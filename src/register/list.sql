-- The list's blocks, completed by db/filter.c. They begin with the columns of household_row.
-- name: household_list(county i64, ended i64) -> many (county i64, id i64, area_id i64, area_path text, code text,
--   head_id i64, head_name text, people_count i64, from_day i64, ended_day i64, changed_at i64, sheet_year i64,
--   import_id i64, name_key text, place text, s0 i64?, s1 i64?, s2 i64?, s3 i64?, s4 i64?, s5 i64?,
--   s6 i64?, s7 i64?)
SELECT h.county, h.id, h.area_id, h.area_path, h.code, h.head_id, h.head_name, h.people_count, h.from_day,
    h.ended_day, h.changed_at, h.sheet_year, h.import_id, h.name_key, h.place, h.shown_0, h.shown_1, h.shown_2,
    h.shown_3, h.shown_4, h.shown_5, h.shown_6, h.shown_7
FROM household_seen h
WHERE h.county = $1 AND h.ended = $2 /*FILTER*/ /*ORDER*/

-- Search with few finds: from the finds to the households. FTS5 has its own operator.
-- name: household_list_few(county i64, ended i64, query text) -> many (county i64, id i64, area_id i64,
--   area_path text, code text, head_id i64, head_name text, people_count i64, from_day i64, ended_day i64,
--   changed_at i64, sheet_year i64, import_id i64, name_key text, place text, s0 i64?, s1 i64?, s2 i64?,
--   s3 i64?, s4 i64?, s5 i64?, s6 i64?, s7 i64?)
-- lite:
SELECT h.county, h.id, h.area_id, h.area_path, h.code, h.head_id, h.head_name, h.people_count, h.from_day,
    h.ended_day, h.changed_at, h.sheet_year, h.import_id, h.name_key, h.place, h.shown_0, h.shown_1, h.shown_2,
    h.shown_3, h.shown_4, h.shown_5, h.shown_6, h.shown_7
FROM household_search f CROSS JOIN household_seen h
WHERE f.household_search MATCH $3 AND h.county = $1 AND h.id = f.rowid AND h.ended = $2 /*FILTER*/ /*ORDER*/
-- pg:
SELECT h.county, h.id, h.area_id, h.area_path, h.code, h.head_id, h.head_name, h.people_count, h.from_day,
    h.ended_day, h.changed_at, h.sheet_year, h.import_id, h.name_key, h.place, h.shown_0, h.shown_1, h.shown_2,
    h.shown_3, h.shown_4, h.shown_5, h.shown_6, h.shown_7
FROM household_search f JOIN household_seen h ON h.county = f.county AND h.id = f.household_id
WHERE f.words @@ CAST($3 AS tsquery) AND f.county = $1 AND h.county = $1 AND h.ended = $2 /*FILTER*/ /*ORDER*/

-- Search with many finds: along the list, keeping those found. FTS5 has its own operator.
-- name: household_list_many(county i64, ended i64, query text) -> many (county i64, id i64, area_id i64,
--   area_path text, code text, head_id i64, head_name text, people_count i64, from_day i64, ended_day i64,
--   changed_at i64, sheet_year i64, import_id i64, name_key text, place text, s0 i64?, s1 i64?, s2 i64?,
--   s3 i64?, s4 i64?, s5 i64?, s6 i64?, s7 i64?)
-- lite:
SELECT h.county, h.id, h.area_id, h.area_path, h.code, h.head_id, h.head_name, h.people_count, h.from_day,
    h.ended_day, h.changed_at, h.sheet_year, h.import_id, h.name_key, h.place, h.shown_0, h.shown_1, h.shown_2,
    h.shown_3, h.shown_4, h.shown_5, h.shown_6, h.shown_7
FROM household_seen h
WHERE h.county = $1 AND h.ended = $2
    AND +h.id IN (SELECT f.rowid FROM household_search f WHERE f.household_search MATCH $3) /*FILTER*/ /*ORDER*/
-- pg:
SELECT h.county, h.id, h.area_id, h.area_path, h.code, h.head_id, h.head_name, h.people_count, h.from_day,
    h.ended_day, h.changed_at, h.sheet_year, h.import_id, h.name_key, h.place, h.shown_0, h.shown_1, h.shown_2,
    h.shown_3, h.shown_4, h.shown_5, h.shown_6, h.shown_7
FROM household_seen h
WHERE h.county = $1 AND h.ended = $2 AND h.id IN (SELECT f.household_id FROM household_search f
    WHERE f.county = $1 AND f.words @@ CAST($3 AS tsquery)) /*FILTER*/ /*ORDER*/

-- How many finds in a county (0: all), up to a bound: chooses between the two. FTS5 has its own operator.
-- name: search_count(county i64, query text, max i64) -> one (count i64)
-- lite:
SELECT count(*) FROM (SELECT rowid FROM household_search WHERE household_search MATCH $2 AND $1 >= 0 LIMIT $3)
-- pg:
SELECT count(*) FROM (SELECT 1 FROM household_search
    WHERE ($1 = 0 OR county = $1) AND words @@ CAST($2 AS tsquery) LIMIT $3) x

-- name: household_sort_values(county i64, id i64) -> one (place text, code text, name_key text, people_count i64,
--   changed_at i64)
SELECT place, code, name_key, people_count, changed_at FROM household WHERE county = $1 AND id = $2
