-- SQLite chooses indexes by statistics, and a fresh file has none: it would read a whole county by the
-- primary key where an index names the household. The shape of a county is the same everywhere, so
-- it is written down here once (sqlite.org/fileformat2.html, 2.6.3: rows, then rows per equal prefix).
-- lite:
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('household', 'household', '50000 50000 1'),
    ('household', 'household_by_change', '50000 50000 25000 50 1 1'),
    ('household', 'household_by_code', '50000 50000 25000 1 1'),
    ('household', 'household_by_name', '50000 50000 25000 2 1 1'),
    ('household', 'household_by_place', '50000 50000 25000 1 1'),
    ('household', 'household_by_shown_0', '50000 50000 25000 10000 1 1'),
    ('household', 'household_by_shown_1', '50000 50000 25000 10000 1 1'),
    ('household', 'household_by_shown_2', '50000 50000 25000 4000 1 1'),
    ('household', 'household_by_size', '50000 50000 25000 5000 1 1'),
    ('household_sheet', 'household_sheet', '250000 250000 5 1'),
    ('person', 'person', '175000 175000 1'),
    ('person', 'person_by_code', '175000 175000 1'),
    ('person', 'person_by_identity', '175000 175000 1'),
    ('person', 'person_by_phone', '90000 90000 1'),
    ('person', 'person_of_household', '175000 175000 4'),
    ('person_secret', 'person_secret', '175000 175000 1'),
    ('person_sheet', 'person_sheet', '875000 875000 5 1'),
    ('membership', 'membership', '10000 10000 2 1 1'),
    ('membership', 'membership_of_person', '10000 10000 1'),
    ('income', 'income', '1000000 1000000 20 10 1 1'),
    ('journal', 'journal_of_thing', '500000 250000 8 1'),
    ('journal', 'sqlite_autoindex_journal_1', '500000 250000 1'),
    ('import_change', 'import_change', '10000 10000 1000 1'),
    ('import_finding', 'sqlite_autoindex_import_finding_1', '100000 1000 1');
