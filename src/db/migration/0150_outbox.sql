-- Room work: letters from one process to the other (office, market). The sender keeps what it
-- sent; the receiver takes each once. Bodies are sealed with the keys of the database they lie in.
CREATE TABLE outbox (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    at BIGINT NOT NULL,
    -- 0: not carried yet.
    carried_at BIGINT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE carried_at = 0;
CREATE TABLE inbox (
    county BIGINT NOT NULL,
    -- The sender's.
    id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    at BIGINT NOT NULL,
    -- 0: not taken yet.
    taken_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    tries INTEGER NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE INDEX inbox_waiting ON inbox (next_at, id) WHERE taken_at = 0;
