-- Room help: needs of households, help plans with their items, what happened to them. Nothing is
-- deleted. Words of households are sealed (purpose "help.words").
-- lite:
CREATE TABLE need (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    area_path TEXT NOT NULL,
    kind INTEGER NOT NULL,
    urgency INTEGER NOT NULL,
    amount_minor BIGINT NOT NULL,
    words BLOB,
    state SMALLINT NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    solved_at BIGINT NOT NULL,
    plan_item_id BIGINT NOT NULL,
    may_be_listed SMALLINT NOT NULL,
    why TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id)
) WITHOUT ROWID;
CREATE TABLE plan (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    -- 0: a village's plan.
    household_id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    area_path TEXT NOT NULL,
    flow_id BIGINT NOT NULL,
    state SMALLINT NOT NULL,
    -- The page's token: its keyed hash to find it, and sealed to print it again.
    token_hash BLOB,
    token BLOB,
    journal_seq BIGINT NOT NULL,
    proposal_id BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    made_by BIGINT NOT NULL,
    approved_at BIGINT NOT NULL,
    approved_by BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id)
) WITHOUT ROWID;
CREATE TABLE plan_item (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    plan_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    task_id BIGINT NOT NULL,
    measure INTEGER NOT NULL,
    state SMALLINT NOT NULL,
    by_program SMALLINT NOT NULL,
    changed SMALLINT NOT NULL,
    reason_en TEXT NOT NULL,
    reason_zh TEXT NOT NULL,
    why TEXT NOT NULL,
    owner_kind SMALLINT NOT NULL,
    owner_id BIGINT NOT NULL,
    owner_permission TEXT NOT NULL,
    cost_minor BIGINT NOT NULL,
    paid_minor BIGINT NOT NULL,
    quantity INTEGER NOT NULL,
    start_day INTEGER NOT NULL,
    due_day INTEGER NOT NULL,
    delivered_day INTEGER NOT NULL,
    confirmed_day INTEGER NOT NULL,
    document_id BIGINT NOT NULL,
    before_value BIGINT,
    before_year INTEGER NOT NULL,
    sure INTEGER NOT NULL,
    -- The household does not agree: since when (0: it does), and its grievance.
    objected_at BIGINT NOT NULL,
    grievance_id BIGINT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, plan_id, id)
) WITHOUT ROWID;
CREATE TABLE plan_event (
    county BIGINT NOT NULL,
    plan_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    item_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    by_household SMALLINT NOT NULL,
    what TEXT NOT NULL,
    words BLOB,
    PRIMARY KEY (county, plan_id, id)
) WITHOUT ROWID;
-- pg:
CREATE TABLE need (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    area_path TEXT NOT NULL,
    kind INTEGER NOT NULL,
    urgency INTEGER NOT NULL,
    amount_minor BIGINT NOT NULL,
    words BYTEA,
    state SMALLINT NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    solved_at BIGINT NOT NULL,
    plan_item_id BIGINT NOT NULL,
    may_be_listed SMALLINT NOT NULL,
    why TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE TABLE plan (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    area_path TEXT NOT NULL,
    flow_id BIGINT NOT NULL,
    state SMALLINT NOT NULL,
    token_hash BYTEA,
    token BYTEA,
    journal_seq BIGINT NOT NULL,
    proposal_id BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    made_by BIGINT NOT NULL,
    approved_at BIGINT NOT NULL,
    approved_by BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE TABLE plan_item (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    plan_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    task_id BIGINT NOT NULL,
    measure INTEGER NOT NULL,
    state SMALLINT NOT NULL,
    by_program SMALLINT NOT NULL,
    changed SMALLINT NOT NULL,
    reason_en TEXT NOT NULL,
    reason_zh TEXT NOT NULL,
    why TEXT NOT NULL,
    owner_kind SMALLINT NOT NULL,
    owner_id BIGINT NOT NULL,
    owner_permission TEXT NOT NULL,
    cost_minor BIGINT NOT NULL,
    paid_minor BIGINT NOT NULL,
    quantity INTEGER NOT NULL,
    start_day INTEGER NOT NULL,
    due_day INTEGER NOT NULL,
    delivered_day INTEGER NOT NULL,
    confirmed_day INTEGER NOT NULL,
    document_id BIGINT NOT NULL,
    before_value BIGINT,
    before_year INTEGER NOT NULL,
    sure INTEGER NOT NULL,
    objected_at BIGINT NOT NULL,
    grievance_id BIGINT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, plan_id, id)
);
CREATE TABLE plan_event (
    county BIGINT NOT NULL,
    plan_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    item_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    by_household SMALLINT NOT NULL,
    what TEXT NOT NULL,
    words BYTEA,
    PRIMARY KEY (county, plan_id, id)
);
-- both:
CREATE INDEX need_by_household ON need (county, household_id, state);
CREATE INDEX need_by_id ON need (id);
CREATE INDEX need_listed ON need (county, kind, id) WHERE may_be_listed = 1 AND state = 1;
CREATE UNIQUE INDEX plan_open ON plan (county, household_id) WHERE state <= 2 AND household_id <> 0;
CREATE UNIQUE INDEX plan_open_area ON plan (county, area_id) WHERE state <= 2 AND household_id = 0;
CREATE INDEX plan_by_household ON plan (county, household_id, id);
CREATE INDEX plan_by_id ON plan (id);
CREATE UNIQUE INDEX plan_by_token ON plan (token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX plan_item_by_id ON plan_item (id);
-- Of an organisation: what it is to deliver (agreed, started, denied).
CREATE INDEX plan_item_owner ON plan_item (county, owner_kind, owner_id, due_day, id)
    WHERE state IN (3, 4, 7);
