-- Room office: meetings, the resource book, policy papers. Nothing is deleted.
-- both:
CREATE TABLE meeting (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    title TEXT NOT NULL,
    place TEXT NOT NULL,
    agenda TEXT NOT NULL,
    minutes TEXT NOT NULL,
    chair_id BIGINT NOT NULL,
    closed_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX meeting_by_id ON meeting (id);
CREATE INDEX meeting_by_time ON meeting (county, at, id);

CREATE TABLE meeting_org (
    county BIGINT NOT NULL,
    meeting_id BIGINT NOT NULL,
    org_id BIGINT NOT NULL,
    PRIMARY KEY (county, meeting_id, org_id)
);

CREATE TABLE meeting_decision (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    meeting_id BIGINT NOT NULL,
    text TEXT NOT NULL,
    -- 0: nothing is to be done, the minutes only keep it.
    due_day INTEGER NOT NULL,
    task_id BIGINT NOT NULL,
    -- 1: taken back before the meeting was closed.
    dropped SMALLINT NOT NULL CHECK (dropped IN (0, 1)),
    PRIMARY KEY (county, id)
);
CREATE INDEX meeting_decision_of ON meeting_decision (county, meeting_id, id);

CREATE TABLE meeting_owner (
    county BIGINT NOT NULL,
    decision_id BIGINT NOT NULL,
    n INTEGER NOT NULL,
    kind SMALLINT NOT NULL CHECK (kind IN (1, 2)),
    owner_id BIGINT NOT NULL,
    PRIMARY KEY (county, decision_id, n)
);

CREATE TABLE resource (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    org_id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    note TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    ended_day INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX resource_by_id ON resource (id);
CREATE INDEX resource_of_org ON resource (org_id);

CREATE TABLE booking (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    resource_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    task_id BIGINT NOT NULL,
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    -- asked 1, given 2, refused 3, cancelled 4
    state SMALLINT NOT NULL CHECK (state IN (1, 2, 3, 4)),
    purpose TEXT NOT NULL,
    reason TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    decided_by BIGINT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX booking_by_id ON booking (id);
CREATE INDEX booking_of_resource ON booking (county, resource_id, to_day, from_day);
CREATE INDEX booking_of_user ON booking (user_id, to_day);

CREATE TABLE paper (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    document_id BIGINT NOT NULL,
    replaces_id BIGINT NOT NULL,
    number TEXT NOT NULL,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    -- Folded number, title and pinyin, for finding.
    name_key TEXT NOT NULL,
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX paper_by_id ON paper (id);
CREATE UNIQUE INDEX paper_number ON paper (county, number);

CREATE TABLE paper_link (
    county BIGINT NOT NULL,
    paper_id BIGINT NOT NULL,
    n INTEGER NOT NULL,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (county, paper_id, n)
);
CREATE INDEX paper_link_of ON paper_link (county, kind, code);
