-- Room store: documents as received. The bytes lie in DIR/store under the hash.
CREATE TABLE document (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    len BIGINT NOT NULL CHECK (len >= 0),
    received_at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (county, id),
    UNIQUE (county, kind, hash)
);
