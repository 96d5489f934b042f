-- Room register, rules of the office's own: every version of every rule. Nothing is ever deleted.
-- lite:
CREATE TABLE own_rule (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    version INTEGER NOT NULL,
    -- 1: the version that holds; the others are history.
    newest SMALLINT NOT NULL,
    -- The version whose content this is: itself, or the one that was brought back.
    origin INTEGER NOT NULL,
    code TEXT NOT NULL,
    subject SMALLINT NOT NULL,
    kind SMALLINT NOT NULL,
    severity SMALLINT NOT NULL,
    state SMALLINT NOT NULL,
    rule TEXT NOT NULL,
    message TEXT NOT NULL,
    hint TEXT NOT NULL,
    note TEXT NOT NULL,
    cases TEXT NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    PRIMARY KEY (county, id, version)
) WITHOUT ROWID;
-- pg:
CREATE TABLE own_rule (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    version INTEGER NOT NULL,
    newest SMALLINT NOT NULL,
    origin INTEGER NOT NULL,
    code TEXT NOT NULL,
    subject SMALLINT NOT NULL,
    kind SMALLINT NOT NULL,
    severity SMALLINT NOT NULL,
    state SMALLINT NOT NULL,
    rule TEXT NOT NULL,
    message TEXT NOT NULL,
    hint TEXT NOT NULL,
    note TEXT NOT NULL,
    cases TEXT NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    PRIMARY KEY (county, id, version)
);
-- both:
CREATE UNIQUE INDEX own_rule_newest ON own_rule (county, id) WHERE newest = 1;
CREATE UNIQUE INDEX own_rule_code ON own_rule (county, code) WHERE newest = 1;
CREATE INDEX own_rule_by_id ON own_rule (id) WHERE newest = 1;
