-- Room register, lists of other departments: the lists, what became of their rows, what people decided,
-- and the differences found. Names and numbers of a list are sealed; row_key is a keyed hash.
-- lite:
CREATE TABLE compare_list (
    id BIGINT PRIMARY KEY,
    county BIGINT NOT NULL,
    kind TEXT NOT NULL,
    -- What of the county the list covers: the path of an area of it.
    area_path TEXT NOT NULL,
    document_id BIGINT NOT NULL,
    file_name TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    owner_id BIGINT NOT NULL,
    list_day INTEGER NOT NULL,
    deadline_day INTEGER NOT NULL,
    state SMALLINT NOT NULL,
    job_id BIGINT NOT NULL,
    -- The run whose rows are seen; rows of other runs are rubbish of a crash.
    run BIGINT NOT NULL,
    -- Thresholds: chances of a pair in millionths.
    upper BIGINT NOT NULL,
    lower BIGINT NOT NULL,
    rows_total BIGINT NOT NULL,
    rows_refused BIGINT NOT NULL,
    rows_identity BIGINT NOT NULL,
    rows_score BIGINT NOT NULL,
    rows_decided BIGINT NOT NULL,
    rows_review BIGINT NOT NULL,
    rows_lost BIGINT NOT NULL,
    pairs BIGINT NOT NULL,
    dropped BIGINT NOT NULL,
    model TEXT NOT NULL,
    -- The newer list that took its place; 0: it is in force.
    newer_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    done_at BIGINT NOT NULL,
    message TEXT NOT NULL
);
CREATE TABLE compare_row (
    county BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    run BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    state SMALLINT NOT NULL,
    reason SMALLINT NOT NULL,
    person_id BIGINT NOT NULL,
    chance BIGINT NOT NULL,
    row_key BLOB,
    sealed BLOB,
    PRIMARY KEY (county, list_id, run, row_number)
) WITHOUT ROWID;
CREATE TABLE compare_pair (
    county BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    run BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    chance BIGINT NOT NULL,
    weight BIGINT NOT NULL,
    pattern INTEGER NOT NULL,
    PRIMARY KEY (county, list_id, run, row_number, person_id)
) WITHOUT ROWID;
CREATE TABLE compare_verdict (
    county BIGINT NOT NULL,
    kind TEXT NOT NULL,
    row_key BLOB NOT NULL,
    person_id BIGINT NOT NULL,
    verdict SMALLINT NOT NULL,
    user_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (county, kind, row_key, person_id)
) WITHOUT ROWID;
CREATE TABLE compare_stage (
    county BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    run BIGINT NOT NULL,
    rule TEXT NOT NULL,
    person_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    chance BIGINT NOT NULL,
    PRIMARY KEY (county, list_id, run, rule, person_id)
) WITHOUT ROWID;
CREATE TABLE compare_finding (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    rule TEXT NOT NULL,
    household_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    -- The row of the list, 0: of somebody who is not in it.
    row_number BIGINT NOT NULL,
    chance BIGINT NOT NULL,
    state SMALLINT NOT NULL,
    -- Closed because it was not found again (gone = 1): what it was before.
    gone SMALLINT NOT NULL,
    was_state SMALLINT NOT NULL,
    -- The newer list that took its place; 0: in force.
    newer_id BIGINT NOT NULL,
    owner_id BIGINT NOT NULL,
    deadline_day INTEGER NOT NULL,
    reason TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by BIGINT NOT NULL,
    PRIMARY KEY (county, id),
    UNIQUE (county, list_id, rule, person_id)
) WITHOUT ROWID;
-- pg:
CREATE TABLE compare_list (
    id BIGINT PRIMARY KEY,
    county BIGINT NOT NULL,
    kind TEXT NOT NULL,
    area_path TEXT NOT NULL,
    document_id BIGINT NOT NULL,
    file_name TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    owner_id BIGINT NOT NULL,
    list_day INTEGER NOT NULL,
    deadline_day INTEGER NOT NULL,
    state SMALLINT NOT NULL,
    job_id BIGINT NOT NULL,
    run BIGINT NOT NULL,
    upper BIGINT NOT NULL,
    lower BIGINT NOT NULL,
    rows_total BIGINT NOT NULL,
    rows_refused BIGINT NOT NULL,
    rows_identity BIGINT NOT NULL,
    rows_score BIGINT NOT NULL,
    rows_decided BIGINT NOT NULL,
    rows_review BIGINT NOT NULL,
    rows_lost BIGINT NOT NULL,
    pairs BIGINT NOT NULL,
    dropped BIGINT NOT NULL,
    model TEXT NOT NULL,
    newer_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    done_at BIGINT NOT NULL,
    message TEXT NOT NULL
);
CREATE TABLE compare_row (
    county BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    run BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    state SMALLINT NOT NULL,
    reason SMALLINT NOT NULL,
    person_id BIGINT NOT NULL,
    chance BIGINT NOT NULL,
    row_key BYTEA,
    sealed BYTEA,
    PRIMARY KEY (county, list_id, run, row_number)
);
CREATE TABLE compare_pair (
    county BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    run BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    chance BIGINT NOT NULL,
    weight BIGINT NOT NULL,
    pattern INTEGER NOT NULL,
    PRIMARY KEY (county, list_id, run, row_number, person_id)
);
CREATE TABLE compare_verdict (
    county BIGINT NOT NULL,
    kind TEXT NOT NULL,
    row_key BYTEA NOT NULL,
    person_id BIGINT NOT NULL,
    verdict SMALLINT NOT NULL,
    user_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (county, kind, row_key, person_id)
);
CREATE TABLE compare_stage (
    county BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    run BIGINT NOT NULL,
    rule TEXT NOT NULL,
    person_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    chance BIGINT NOT NULL,
    PRIMARY KEY (county, list_id, run, rule, person_id)
);
CREATE TABLE compare_finding (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    list_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    rule TEXT NOT NULL,
    household_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    chance BIGINT NOT NULL,
    state SMALLINT NOT NULL,
    gone SMALLINT NOT NULL,
    was_state SMALLINT NOT NULL,
    newer_id BIGINT NOT NULL,
    owner_id BIGINT NOT NULL,
    deadline_day INTEGER NOT NULL,
    reason TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by BIGINT NOT NULL,
    PRIMARY KEY (county, id),
    UNIQUE (county, list_id, rule, person_id)
);
-- both:
CREATE INDEX compare_list_of_county ON compare_list (county, kind, list_day);
CREATE INDEX compare_list_by_document ON compare_list (document_id);
CREATE INDEX compare_row_of_person ON compare_row (county, list_id, run, person_id) WHERE person_id <> 0;
CREATE INDEX compare_row_by_key ON compare_row (county, list_id, run, row_key) WHERE row_key IS NOT NULL;
CREATE INDEX compare_row_of_state ON compare_row (county, list_id, run, state, row_number);
CREATE INDEX compare_pair_of_person ON compare_pair (county, list_id, run, person_id);
CREATE INDEX compare_finding_of_household ON compare_finding (county, household_id);
CREATE INDEX compare_finding_of_person ON compare_finding (county, person_id);
CREATE INDEX compare_finding_of_owner ON compare_finding (owner_id, state, deadline_day);
-- lite:
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('compare_row', 'compare_row', '400000 400000 40000 20000 1'),
    ('compare_row', 'compare_row_of_person', '100000 100000 10000 5000 1'),
    ('compare_row', 'compare_row_by_key', '5000 5000 1000 500 1'),
    ('compare_row', 'compare_row_of_state', '400000 400000 40000 20000 5000 1'),
    ('compare_pair', 'compare_pair', '20000 20000 2000 1000 2 1'),
    ('compare_pair', 'compare_pair_of_person', '20000 20000 2000 1000 2'),
    ('compare_finding', 'compare_finding', '100000 100000 1'),
    ('compare_finding', 'sqlite_autoindex_compare_finding_2', '100000 100000 10000 2000 1'),
    ('compare_finding', 'compare_finding_of_household', '100000 100000 2'),
    ('compare_finding', 'compare_finding_of_person', '100000 100000 2'),
    ('compare_finding', 'compare_finding_of_owner', '100000 5000 2000 100');
