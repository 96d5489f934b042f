-- Imports and what was found in their rows.
CREATE TABLE import (
    id BIGINT PRIMARY KEY,
    county BIGINT NOT NULL,
    document_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    file_name TEXT NOT NULL,
    mapping TEXT NOT NULL,
    mapping_text TEXT NOT NULL,
    year INTEGER NOT NULL,
    state INTEGER NOT NULL,
    job_id BIGINT NOT NULL,
    rows_total BIGINT NOT NULL,
    rows_good BIGINT NOT NULL,
    rows_refused BIGINT NOT NULL,
    error_count BIGINT NOT NULL,
    warning_count BIGINT NOT NULL,
    households_new BIGINT NOT NULL,
    households_changed BIGINT NOT NULL,
    households_same BIGINT NOT NULL,
    people_new BIGINT NOT NULL,
    people_changed BIGINT NOT NULL,
    people_same BIGINT NOT NULL,
    incomes_new BIGINT NOT NULL,
    incomes_changed BIGINT NOT NULL,
    incomes_same BIGINT NOT NULL,
    people_missing BIGINT NOT NULL,
    groups_done BIGINT NOT NULL,
    rows_done BIGINT NOT NULL,
    kept_count BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    checked_at BIGINT NOT NULL,
    applied_at BIGINT NOT NULL,
    undone_at BIGINT NOT NULL,
    message TEXT NOT NULL
);
CREATE INDEX import_by_county ON import (county, id);

CREATE TABLE import_finding (
    import_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    level INTEGER NOT NULL,
    code TEXT NOT NULL,
    column_title TEXT NOT NULL,
    value TEXT NOT NULL,
    message_en TEXT NOT NULL,
    message_zh TEXT NOT NULL,
    PRIMARY KEY (import_id, number)
);

CREATE TABLE import_finding_count (
    import_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    level INTEGER NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (import_id, code, level)
);

-- Which rows were refused: one bit per row of the file, 64,000 rows a piece.
-- lite:
CREATE TABLE import_refused (
    import_id BIGINT NOT NULL,
    piece BIGINT NOT NULL,
    bits BLOB NOT NULL,
    PRIMARY KEY (import_id, piece)
);
-- pg:
CREATE TABLE import_refused (
    import_id BIGINT NOT NULL,
    piece BIGINT NOT NULL,
    bits BYTEA NOT NULL,
    PRIMARY KEY (import_id, piece)
);
-- both:
