-- Room register: areas, households, people, incomes, the journal. Every big table is led by the
-- county (tenant number). The sheets are made from the profile (profile/sheet.c).
-- On SQLite the big tables of small rows are WITHOUT ROWID: their key is their place.
-- household.place is area_path, '/' and code: the order of lists, and an area's households are a range of it.
CREATE TABLE area (
    id BIGINT PRIMARY KEY,
    county BIGINT NOT NULL,
    parent_id BIGINT NOT NULL,
    level INTEGER NOT NULL,
    path TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    -- Visible, active; everything under the area. Kept at the tenant's level and below; summed above.
    household_count BIGINT NOT NULL DEFAULT 0,
    person_count BIGINT NOT NULL DEFAULT 0,
    ended_day INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX area_of_parent ON area (parent_id, code);
CREATE INDEX area_of_level ON area (level, path);
CREATE INDEX area_by_name_key ON area (name_key);

-- Codes and names with their days; to_day 0 = in force.
CREATE TABLE area_name (
    area_id BIGINT NOT NULL REFERENCES area (id),
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (area_id, from_day, code)
);
CREATE INDEX area_name_by_code ON area_name (code);

-- lite:
CREATE TABLE household (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    area_path TEXT NOT NULL,
    code TEXT NOT NULL,
    place TEXT NOT NULL,
    head_id BIGINT NOT NULL,
    head_name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    people_count BIGINT NOT NULL,
    from_day INTEGER NOT NULL,
    ended_day INTEGER NOT NULL,
    ended SMALLINT NOT NULL CHECK (ended IN (0, 1)),
    changed_at BIGINT NOT NULL,
    sheet_year INTEGER NOT NULL,
    import_id BIGINT NOT NULL,
    shown_0 BIGINT, shown_1 BIGINT, shown_2 BIGINT, shown_3 BIGINT,
    shown_4 BIGINT, shown_5 BIGINT, shown_6 BIGINT, shown_7 BIGINT,
    PRIMARY KEY (county, id)
) WITHOUT ROWID;
-- pg:
CREATE TABLE household (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    area_path TEXT NOT NULL,
    code TEXT NOT NULL,
    place TEXT NOT NULL,
    head_id BIGINT NOT NULL,
    head_name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    people_count BIGINT NOT NULL,
    from_day INTEGER NOT NULL,
    ended_day INTEGER NOT NULL,
    ended SMALLINT NOT NULL CHECK (ended IN (0, 1)),
    changed_at BIGINT NOT NULL,
    sheet_year INTEGER NOT NULL,
    import_id BIGINT NOT NULL,
    shown_0 BIGINT, shown_1 BIGINT, shown_2 BIGINT, shown_3 BIGINT,
    shown_4 BIGINT, shown_5 BIGINT, shown_6 BIGINT, shown_7 BIGINT,
    PRIMARY KEY (county, id)
);
-- both:
CREATE INDEX household_by_place ON household (county, ended, place, id);
CREATE INDEX household_by_code ON household (county, ended, code, id);
CREATE INDEX household_by_name ON household (county, ended, name_key, id, place);
CREATE INDEX household_by_size ON household (county, ended, people_count, id, place);
CREATE INDEX household_by_change ON household (county, ended, changed_at, id, place);
CREATE INDEX household_by_shown_0 ON household (county, ended, shown_0, place, id);
CREATE INDEX household_by_shown_1 ON household (county, ended, shown_1, place, id);
CREATE INDEX household_by_shown_2 ON household (county, ended, shown_2, place, id);

-- A person with the membership of today (to_day 0) or the last one; former ones are in
-- membership. The *_key columns are blind indexes: keyed hashes of the secret values; identity
-- and phone are found through person_bind. It is a table, not an index: hashes are spread evenly, so
-- an import that wrote them one by one would touch a page for each; they are put in sorted before the flip.
-- lite:
CREATE TABLE person (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    sex INTEGER NOT NULL,
    birth_day INTEGER NOT NULL,
    relation INTEGER NOT NULL,
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    import_id BIGINT NOT NULL,
    identity_key BLOB,
    phone_key BLOB,
    account_key BLOB,
    PRIMARY KEY (county, id)
) WITHOUT ROWID;
CREATE TABLE person_secret (
    county BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    wrapped BLOB,
    identity BLOB,
    phone BLOB,
    account BLOB,
    PRIMARY KEY (county, person_id)
) WITHOUT ROWID;
CREATE TABLE person_bind (
    county BIGINT NOT NULL,
    hash BLOB NOT NULL,
    person_id BIGINT NOT NULL,
    PRIMARY KEY (county, hash, person_id)
) WITHOUT ROWID;
CREATE TABLE membership (
    county BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    relation INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (county, household_id, person_id, from_day)
) WITHOUT ROWID;
CREATE TABLE income (
    county BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    year INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    person_id BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    document_id BIGINT NOT NULL,
    journal_seq BIGINT NOT NULL,
    PRIMARY KEY (county, household_id, year, kind, person_id)
) WITHOUT ROWID;
-- pg:
CREATE TABLE person (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    sex INTEGER NOT NULL,
    birth_day INTEGER NOT NULL,
    relation INTEGER NOT NULL,
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    import_id BIGINT NOT NULL,
    identity_key BYTEA,
    phone_key BYTEA,
    account_key BYTEA,
    PRIMARY KEY (county, id)
);
CREATE TABLE person_secret (
    county BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    wrapped BYTEA,
    identity BYTEA,
    phone BYTEA,
    account BYTEA,
    PRIMARY KEY (county, person_id)
);
CREATE TABLE person_bind (
    county BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    person_id BIGINT NOT NULL,
    PRIMARY KEY (county, hash, person_id)
);
CREATE TABLE membership (
    county BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    relation INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (county, household_id, person_id, from_day)
);
CREATE TABLE income (
    county BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    year INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    person_id BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    document_id BIGINT NOT NULL,
    journal_seq BIGINT NOT NULL,
    PRIMARY KEY (county, household_id, year, kind, person_id)
);
-- both:
CREATE INDEX person_of_household ON person (county, household_id);
CREATE INDEX person_by_code ON person (county, code) WHERE code <> '';
CREATE INDEX membership_of_person ON membership (county, person_id);

-- The journal: append-only; body holds the whole entry, the other columns find it.
-- lite:
CREATE TABLE journal (
    county BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    thing_id BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    hash BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (county, seq)
);
CREATE TABLE journal_head (
    county BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash BLOB NOT NULL
);
CREATE TABLE import_change (
    county BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    no BIGINT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (county, import_id, no)
);
-- pg:
CREATE TABLE journal (
    county BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    thing_id BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (county, seq)
);
CREATE TABLE journal_head (
    county BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL
);
CREATE TABLE import_change (
    county BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    no BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (county, import_id, no)
);
-- both:
CREATE INDEX journal_of_thing ON journal (county, thing_id, seq);

-- What an import did so far: the span of its journal entries, up to which person its blind
-- indexes are found, and how far its undo has come.
CREATE TABLE import_trace (
    county BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    change_count BIGINT NOT NULL,
    bound_id BIGINT NOT NULL,
    undo_seq BIGINT NOT NULL,
    kept_count BIGINT NOT NULL,
    state SMALLINT NOT NULL CHECK (state IN (0, 1, 2, 3)),
    PRIMARY KEY (county, import_id)
);
-- Imports that nobody sees yet: normally none or one. Ids are unique in the database.
CREATE TABLE import_hidden (
    import_id BIGINT PRIMARY KEY,
    county BIGINT NOT NULL
);
-- New households and people of a hidden import by lowest area: added up at the flip.
CREATE TABLE import_count (
    county BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    household_count BIGINT NOT NULL,
    person_count BIGINT NOT NULL,
    PRIMARY KEY (county, import_id, area_id)
);

-- The one place that says what can be seen.
CREATE VIEW household_seen AS
    SELECT * FROM household WHERE import_id NOT IN (SELECT import_id FROM import_hidden);
CREATE VIEW person_seen AS
    SELECT * FROM person WHERE import_id NOT IN (SELECT import_id FROM import_hidden);

-- Search: the words of a household's people (utf8_search_words). On SQLite the rowid is the household.
-- lite:
CREATE VIRTUAL TABLE household_search USING fts5(words, detail = none, columnsize = 0, tokenize = 'ascii');
CREATE TRIGGER journal_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER journal_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- pg:
CREATE TABLE household_search (
    county BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (county, household_id)
);
CREATE INDEX household_search_words ON household_search USING gin (words);
CREATE FUNCTION register_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'append-only'; END $$;
CREATE TRIGGER journal_keep BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION register_append_only();

-- SQLite's planner is told how the tables will look in a county, once and for all: without it the
-- county alone seems to lead to a handful of rows. (PostgreSQL analyzes by itself.)
-- lite:
ANALYZE;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('area', 'sqlite_autoindex_area_1', '45000 1'),
    ('area', 'sqlite_autoindex_area_2', '45000 1'),
    ('area', 'area_of_parent', '45000 15 1'),
    ('area', 'area_of_level', '45000 9000 1'),
    ('area', 'area_by_name_key', '45000 2'),
    ('household', 'household', '300000 300000 1'),
    ('household', 'household_by_place', '300000 300000 290000 1 1'),
    ('household', 'household_by_code', '300000 300000 290000 1 1'),
    ('household', 'household_by_name', '300000 300000 290000 30 1 1'),
    ('household', 'household_by_size', '300000 300000 290000 40000 1 1'),
    ('household', 'household_by_change', '300000 300000 290000 50 1 1'),
    ('household', 'household_by_shown_0', '300000 300000 290000 60000 1 1'),
    ('household', 'household_by_shown_1', '300000 300000 290000 60000 1 1'),
    ('household', 'household_by_shown_2', '300000 300000 290000 60000 1 1'),
    ('person', 'person', '1000000 1000000 1'),
    ('person', 'person_of_household', '1000000 1000000 4'),
    ('person_bind', 'person_bind', '1300000 1300000 1 1'),
    ('person', 'person_by_code', '1000000 1000000 1'),
    ('person_secret', 'person_secret', '1000000 1000000 1'),
    ('membership', 'membership', '50000 50000 2 1 1'),
    ('membership', 'membership_of_person', '50000 50000 1'),
    ('income', 'income', '2000000 2000000 8 4 1 1'),
    ('journal', 'sqlite_autoindex_journal_1', '400000 400000 1'),
    ('journal', 'journal_of_thing', '400000 400000 2 1');
ANALYZE sqlite_schema;
