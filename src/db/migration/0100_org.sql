-- Room people: organisations, duties, substitutes, helpers and their households, contacts.
-- Nothing is deleted: what ends has an end day (0 = open).
-- both:
CREATE TABLE org (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    parent_id BIGINT NOT NULL,
    -- Where it works, with all below it (table area; no foreign key, that room is above).
    area_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Folded name and pinyin, for finding.
    name_key TEXT NOT NULL,
    -- 1: of the kind that leads; one per county.
    lead SMALLINT NOT NULL CHECK (lead IN (0, 1)),
    from_day INTEGER NOT NULL,
    ended_day INTEGER NOT NULL,
    merged_into BIGINT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX org_by_id ON org (id);
CREATE UNIQUE INDEX org_name ON org (county, kind, name) WHERE ended_day = 0;
CREATE UNIQUE INDEX org_lead ON org (county) WHERE lead = 1 AND ended_day = 0;
CREATE INDEX org_of_parent ON org (parent_id);
CREATE INDEX org_of_area ON org (area_id);

-- to_day: the last day.
CREATE TABLE duty (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    org_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    heads SMALLINT NOT NULL CHECK (heads IN (0, 1)),
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX duty_by_id ON duty (id);
CREATE UNIQUE INDEX duty_open ON duty (org_id, user_id) WHERE to_day = 0;
CREATE INDEX duty_of_org ON duty (org_id, heads);
CREATE INDEX duty_of_user ON duty (user_id);

CREATE TABLE substitute (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    by_user_id BIGINT NOT NULL,
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX substitute_of_user ON substitute (user_id, to_day);
CREATE INDEX substitute_by ON substitute (by_user_id, to_day);

CREATE TABLE helper (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    org_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    title TEXT NOT NULL,
    phone BLOB,
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX helper_by_id ON helper (id);
CREATE UNIQUE INDEX helper_of_user ON helper (user_id) WHERE user_id <> 0 AND to_day = 0;
CREATE INDEX helper_of_org ON helper (org_id);

CREATE TABLE helper_pair (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    helper_id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX helper_pair_by_id ON helper_pair (id);
CREATE UNIQUE INDEX helper_pair_open ON helper_pair (county, helper_id, household_id) WHERE to_day = 0;
CREATE INDEX helper_pair_of_household ON helper_pair (county, household_id);

-- Sealed with a key of the vault (purpose people.contact).
CREATE TABLE user_contact (
    user_id BIGINT PRIMARY KEY,
    mail BLOB,
    phone BLOB,
    wants_mail SMALLINT NOT NULL,
    wants_sms SMALLINT NOT NULL,
    wants_summary SMALLINT NOT NULL
);
-- Who holds a role in just this area.
CREATE INDEX user_grant_of_area ON user_grant (area_id, user_id);
-- lite:
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('duty', 'duty_of_org', '20000 10 5'),
    ('duty', 'duty_of_user', '20000 2'),
    ('substitute', 'substitute_of_user', '2000 2 1'),
    ('substitute', 'substitute_by', '2000 2 1'),
    ('helper_pair', 'helper_pair_open', '300000 300000 20 1'),
    ('helper_pair', 'helper_pair_of_household', '300000 300000 1'),
    ('user_grant', 'user_grant_of_area', '20000 3 1'),
    ('user_grant', 'sqlite_autoindex_user_grant_1', '20000 2 1 1');
ANALYZE sqlite_schema;
