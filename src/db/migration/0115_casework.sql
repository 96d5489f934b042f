-- Room casework, what the public and the village see: tips, assemblies, public notices, grievances.
-- What people say is sealed (words, answer); codes for asking again are kept as keyed hashes.
-- both:
CREATE TABLE tip (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    source SMALLINT NOT NULL,
    state SMALLINT NOT NULL,
    source_id BIGINT NOT NULL,
    -- Key wrapped by the master key, then name, phone and text sealed with it.
    words BLOB NOT NULL,
    -- 16 bytes of a keyed hash; NULL: nobody was given one.
    reference BLOB,
    at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    flow_id BIGINT NOT NULL,
    made_by BIGINT NOT NULL,
    closed_by BIGINT NOT NULL,
    closed_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE INDEX tip_by_id ON tip (id);
CREATE INDEX tip_by_state ON tip (county, state, id);
CREATE INDEX tip_of_household ON tip (county, household_id, at) WHERE household_id <> 0;
CREATE INDEX tip_of_flow ON tip (county, flow_id) WHERE flow_id <> 0;
CREATE UNIQUE INDEX tip_by_reference ON tip (reference);

CREATE TABLE grievance (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    flow_id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    about_flow BIGINT NOT NULL,
    about_plan BIGINT NOT NULL,
    posting_id BIGINT NOT NULL,
    tip_id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    against_user BIGINT NOT NULL,
    channel SMALLINT NOT NULL,
    words BLOB NOT NULL,
    answer BLOB,
    answered_at BIGINT NOT NULL,
    answered_by BIGINT NOT NULL,
    reference BLOB NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE INDEX grievance_by_id ON grievance (id);
CREATE INDEX grievance_of_flow ON grievance (county, about_flow) WHERE about_flow <> 0;
CREATE INDEX grievance_of_household ON grievance (county, household_id) WHERE household_id <> 0;
CREATE UNIQUE INDEX grievance_by_reference ON grievance (reference);

CREATE TABLE posting (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    workflow TEXT NOT NULL,
    state TEXT NOT NULL,
    day INTEGER NOT NULL,
    token TEXT NOT NULL UNIQUE,
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    village_only SMALLINT NOT NULL CHECK (village_only IN (0, 1)),
    title_en TEXT NOT NULL,
    title_zh TEXT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE INDEX posting_by_id ON posting (id);
CREATE UNIQUE INDEX posting_of_day ON posting (county, area_id, workflow, state, day) WHERE ended_at = 0;

CREATE TABLE posting_item (
    county BIGINT NOT NULL,
    posting_id BIGINT NOT NULL,
    flow_id BIGINT NOT NULL,
    shown TEXT NOT NULL,
    what_en TEXT NOT NULL,
    what_zh TEXT NOT NULL,
    -- The case moved on before the notice's end: its line is taken off. 0: stands.
    gone_at BIGINT NOT NULL,
    PRIMARY KEY (county, posting_id, flow_id)
);
CREATE INDEX posting_item_of_flow ON posting_item (county, flow_id);

CREATE TABLE assembly (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    place TEXT NOT NULL,
    chair TEXT NOT NULL,
    recorder TEXT NOT NULL,
    minutes TEXT NOT NULL,
    at BIGINT NOT NULL,
    state SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 4),
    entitled INTEGER NOT NULL,
    present INTEGER NOT NULL,
    attendance_id BIGINT NOT NULL,
    made_by BIGINT NOT NULL,
    closed_at BIGINT NOT NULL,
    closed_by BIGINT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id),
    CHECK (present <= entitled)
);
CREATE INDEX assembly_by_id ON assembly (id);

CREATE TABLE assembly_item (
    county BIGINT NOT NULL,
    assembly_id BIGINT NOT NULL,
    flow_id BIGINT NOT NULL,
    agree INTEGER NOT NULL,
    disagree INTEGER NOT NULL,
    abstain INTEGER NOT NULL,
    remark TEXT NOT NULL,
    passed SMALLINT NOT NULL,
    -- The move that the meeting's result asks for, and whether it was made (by the hook, in the move's own
    -- transaction).
    event TEXT NOT NULL,
    moved SMALLINT NOT NULL,
    failed TEXT NOT NULL,
    flow_version INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, assembly_id, flow_id)
);
CREATE INDEX assembly_item_of_flow ON assembly_item (county, flow_id);

-- How often a client of the public pages tried: keyed hashes of addresses.
CREATE TABLE public_door (
    door TEXT PRIMARY KEY,
    tries BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    forget_at BIGINT NOT NULL
);
CREATE INDEX public_door_by_time ON public_door (forget_at);
