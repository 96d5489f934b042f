-- Room register, data checks: findings that somebody explained, and the trend that the runs write.
-- lite:
CREATE TABLE check_explained (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    year INTEGER NOT NULL,
    check_number INTEGER NOT NULL,
    -- The household (0: an area's finding) and what the check is about: household, person or area.
    household_id BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    -- Of the facts the check reads: an explanation counts only while they are the same.
    facts BLOB NOT NULL,
    reason TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- 0: not taken back and not replaced. Rows are never deleted.
    ended_at BIGINT NOT NULL,
    ended_by BIGINT NOT NULL,
    PRIMARY KEY (county, id)
) WITHOUT ROWID;
CREATE TABLE check_count (
    county BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    check_number INTEGER NOT NULL,
    open_count BIGINT NOT NULL,
    people_count BIGINT NOT NULL,
    explained_count BIGINT NOT NULL,
    PRIMARY KEY (county, run_id, area_id, check_number)
) WITHOUT ROWID;
-- pg:
CREATE TABLE check_explained (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    year INTEGER NOT NULL,
    check_number INTEGER NOT NULL,
    household_id BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    facts BYTEA NOT NULL,
    reason TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    ended_by BIGINT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE TABLE check_count (
    county BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    check_number INTEGER NOT NULL,
    open_count BIGINT NOT NULL,
    people_count BIGINT NOT NULL,
    explained_count BIGINT NOT NULL,
    PRIMARY KEY (county, run_id, area_id, check_number)
);
-- both:
CREATE INDEX check_explained_of_year ON check_explained (county, year, check_number) WHERE ended_at = 0;
CREATE INDEX check_explained_of_household ON check_explained (county, household_id, year) WHERE ended_at = 0;

-- One evaluation of a whole county; ended_at 0: not complete, its counts are not shown.
CREATE TABLE check_run (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    job_id BIGINT NOT NULL,
    year INTEGER NOT NULL,
    at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    -- The journal's entry up to which the county was checked.
    seq BIGINT NOT NULL,
    household_count BIGINT NOT NULL,
    finding_count BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    PRIMARY KEY (county, id)
);
-- lite:
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('check_explained', 'check_explained', '20000 20000 1'),
    ('check_explained', 'check_explained_of_year', '20000 20000 5000 100'),
    ('check_explained', 'check_explained_of_household', '20000 20000 2 2'),
    ('check_count', 'check_count', '1000000 1000000 30000 100 1'),
    ('check_run', 'sqlite_autoindex_check_run_1', '1000 1000 1');
