-- Room work: tasks and flows (runs of workflows of the profile). Nothing is deleted but late rows and
-- waiting, which say only what is so now. due_at 32503680000 (year 3000): no deadline.
CREATE TABLE task (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    parent_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    area_path TEXT NOT NULL,
    owner_kind SMALLINT NOT NULL CHECK (owner_kind IN (1, 2, 3)),
    owner_id BIGINT NOT NULL,
    owner_permission TEXT NOT NULL,
    -- The area above whose people act because nobody of the owner's area can; else 0.
    held_id BIGINT NOT NULL,
    giver_id BIGINT NOT NULL,
    title_en TEXT NOT NULL,
    title_zh TEXT NOT NULL,
    why_en TEXT NOT NULL,
    why_zh TEXT NOT NULL,
    href TEXT NOT NULL,
    state SMALLINT NOT NULL CHECK (state IN (1, 2, 3, 4, 5)),
    weight SMALLINT NOT NULL,
    made_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    done_at BIGINT NOT NULL,
    done_by BIGINT NOT NULL,
    escalated INTEGER NOT NULL,
    version INTEGER NOT NULL,
    needs_evidence SMALLINT NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX task_by_id ON task (id);
CREATE UNIQUE INDEX task_open_once ON task
    (county, kind, subject_id, parent_id, owner_kind, owner_id, owner_permission)
    WHERE subject_id <> 0 AND state IN (1, 2);
-- "My tasks": one range per key of the actor, in the order of deadlines. A user has tasks of several
-- counties, so these are not led by the county; owners' numbers are of one county each.
CREATE INDEX task_of_owner ON task (owner_kind, owner_id, owner_permission, state, due_at, id);
CREATE INDEX task_held ON task (held_id, owner_permission, state, due_at, id) WHERE held_id <> 0;
CREATE INDEX task_given ON task (giver_id, state, due_at, id) WHERE giver_id <> 0;
CREATE INDEX task_ended ON task (done_by, done_at) WHERE done_by <> 0;
CREATE INDEX task_of_area ON task (area_id, state, due_at, id);
CREATE INDEX task_by_due ON task (state, due_at, id);
CREATE INDEX task_of_household ON task (household_id, id) WHERE household_id <> 0;
CREATE INDEX task_of_parent ON task (parent_id, id) WHERE parent_id <> 0;

-- To whom a late task was told, level by level; gone when the task ends.
CREATE TABLE task_late (
    county BIGINT NOT NULL,
    task_id BIGINT NOT NULL,
    owner_kind SMALLINT NOT NULL,
    owner_id BIGINT NOT NULL,
    owner_permission TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (county, task_id, owner_kind, owner_id, owner_permission)
);
CREATE INDEX task_late_of ON task_late (owner_kind, owner_id, owner_permission, due_at, task_id);

CREATE TABLE task_after (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    before_id BIGINT NOT NULL,
    PRIMARY KEY (county, id, before_id)
);
CREATE INDEX task_before ON task_after (county, before_id, id);

-- What happened, by thread: a joint task and its parts are one thread.
CREATE TABLE task_event (
    county BIGINT NOT NULL,
    thread_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    task_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    what TEXT NOT NULL,
    text TEXT NOT NULL,
    document_id BIGINT NOT NULL,
    PRIMARY KEY (county, thread_id, id)
);

-- One run of a workflow; codes of the profile only. visit: number of the step that entered the state.
CREATE TABLE flow (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    workflow TEXT NOT NULL,
    state TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    area_path TEXT NOT NULL,
    version INTEGER NOT NULL,
    visit INTEGER NOT NULL,
    opened_at BIGINT NOT NULL,
    entered_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    closed_at BIGINT NOT NULL,
    opened_by BIGINT NOT NULL,
    back_id BIGINT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX flow_by_id ON flow (id);
CREATE UNIQUE INDEX flow_open_once ON flow (county, workflow, subject_id) WHERE closed_at = 0;
CREATE INDEX flow_of_subject ON flow (subject_id, id);
CREATE INDEX flow_by_place ON flow (area_path, due_at, id);
CREATE INDEX flow_by_due ON flow (due_at, id);

-- Every step; append-only.
CREATE TABLE flow_move (
    county BIGINT NOT NULL,
    flow_id BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    event TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    reason TEXT NOT NULL,
    advice SMALLINT NOT NULL,
    followed SMALLINT NOT NULL,
    advice_text TEXT NOT NULL,
    journal_seq BIGINT NOT NULL,
    snapshot_id BIGINT NOT NULL,
    PRIMARY KEY (county, flow_id, seq)
);
-- What the form of a move said. kind: of struct value.
CREATE TABLE flow_answer (
    county BIGINT NOT NULL,
    flow_id BIGINT NOT NULL,
    seq INTEGER NOT NULL,
    no INTEGER NOT NULL,
    code TEXT NOT NULL,
    kind SMALLINT NOT NULL,
    number BIGINT NOT NULL,
    text TEXT NOT NULL,
    document_id BIGINT NOT NULL,
    PRIMARY KEY (county, flow_id, seq, no)
);
CREATE TABLE flow_sign (
    county BIGINT NOT NULL,
    flow_id BIGINT NOT NULL,
    visit INTEGER NOT NULL,
    user_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (county, flow_id, visit, user_id)
);
-- lite:
CREATE TRIGGER flow_move_update BEFORE UPDATE ON flow_move BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER flow_move_delete BEFORE DELETE ON flow_move BEGIN SELECT RAISE(ABORT, 'append-only'); END;
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('task', 'sqlite_autoindex_task_1', '3000000 30000 1'),
    ('task', 'task_by_id', '3000000 1'),
    ('task', 'task_open_once', '1000000 10000 5000 1 1 1 1 1'),
    ('task', 'task_of_owner', '3000000 1000000 100 60 20 1 1'),
    ('task', 'task_held', '10000 100 50 20 1 1'),
    ('task', 'task_given', '1000000 1000 300 1 1'),
    ('task', 'task_ended', '2000000 1000 1'),
    ('task', 'task_of_area', '3000000 300 100 1 1'),
    ('task', 'task_by_due', '3000000 1000000 100 1'),
    ('task', 'task_of_household', '2000000 3 1'),
    ('task', 'task_of_parent', '100000 3 1'),
    ('task_late', 'task_late_of', '100000 50000 100 100 2 1'),
    ('flow', 'flow_by_id', '300000 1'),
    ('flow', 'flow_open_once', '100000 1000 300 1'),
    ('flow', 'flow_of_subject', '300000 2 1'),
    ('flow', 'flow_by_place', '300000 30 2 1'),
    ('flow', 'flow_by_due', '300000 100 1');
-- pg:
CREATE FUNCTION work_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'append-only'; END $$;
CREATE TRIGGER flow_move_keep BEFORE UPDATE OR DELETE ON flow_move FOR EACH ROW EXECUTE FUNCTION work_append_only();
