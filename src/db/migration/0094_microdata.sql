-- Room insight: de-identified files for analysts: who asked for what and why, who approved it, and who
-- took it. The file itself is a document of the store.
CREATE TABLE microdata (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    year INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    variables TEXT NOT NULL,
    state SMALLINT NOT NULL CHECK (state IN (0, 1, 2, 3)),
    decided_at BIGINT NOT NULL DEFAULT 0,
    decided_by BIGINT NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    document_id BIGINT NOT NULL DEFAULT 0,
    records BIGINT NOT NULL DEFAULT 0,
    dropped BIGINT NOT NULL DEFAULT 0,
    blanked BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (county, id)
);
CREATE TABLE microdata_access (
    county BIGINT NOT NULL,
    microdata_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT NOT NULL
);
CREATE INDEX microdata_access_of ON microdata_access (county, microdata_id, at);
