-- As at the end of 0040: the shape of the sheets (made from the profile) and of the imports, for
-- SQLite's choice of indexes.
-- lite:
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('household_sheet', 'household_sheet', '1500000 1500000 5 1'),
    ('person_sheet', 'person_sheet', '5000000 5000000 5 1'),
    ('import_change', 'import_change', '10000 10000 1000 1'),
    ('import_finding', 'sqlite_autoindex_import_finding_1', '100000 1000 1');
