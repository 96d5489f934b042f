-- Room watch: alerts, how far each county's journal was looked at, disasters with those concerned.
-- both:
CREATE TABLE alert (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    rule INTEGER NOT NULL,
    household_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    area_path TEXT NOT NULL,
    colour SMALLINT NOT NULL CHECK (colour IN (1, 2, 3)),
    state SMALLINT NOT NULL CHECK (state IN (1, 2, 3)),
    outcome SMALLINT NOT NULL,
    at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    closed_at BIGINT NOT NULL,
    closed_by BIGINT NOT NULL,
    journal_seq BIGINT NOT NULL,
    -- Finding of a comparison, task, disaster; 0.
    source_id BIGINT NOT NULL,
    facts TEXT NOT NULL,
    -- What the checker found, sealed.
    words BLOB NOT NULL,
    task_id BIGINT NOT NULL,
    tip_id BIGINT NOT NULL,
    flow_id BIGINT NOT NULL,
    disaster_id BIGINT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX alert_by_id ON alert (id);
-- One open alert of a rule and household, whoever raises it.
CREATE UNIQUE INDEX alert_open_once ON alert (county, rule, household_id) WHERE state IN (1, 2);
CREATE INDEX alert_of_household ON alert (county, household_id, rule, id);
CREATE INDEX alert_by_state ON alert (county, state, id);
CREATE INDEX alert_of_source ON alert (county, source_id) WHERE source_id <> 0;
CREATE INDEX alert_of_disaster ON alert (county, disaster_id, state) WHERE disaster_id <> 0;

-- seq: entries of the journal that were looked at; day, year, rules: the day, the year of the sheets and a
-- fingerprint of the profile's rules of the last run over everything; finding_at: findings opened until then.
CREATE TABLE alert_cursor (
    county BIGINT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    day INTEGER NOT NULL,
    year INTEGER NOT NULL,
    rules BIGINT NOT NULL,
    finding_at BIGINT NOT NULL,
    run_at BIGINT NOT NULL
);

CREATE TABLE disaster (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    area_path TEXT NOT NULL,
    rule INTEGER NOT NULL,
    user_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    name TEXT NOT NULL,
    shape TEXT NOT NULL,
    days INTEGER NOT NULL,
    household_count BIGINT NOT NULL,
    without_place BIGINT NOT NULL,
    -- 0: its households are still being written; nobody sees it.
    begun SMALLINT NOT NULL,
    ended_at BIGINT NOT NULL,
    ended_by BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX disaster_by_id ON disaster (id);

-- alert_id 0: none yet; -1: the household is gone.
CREATE TABLE disaster_target (
    county BIGINT NOT NULL,
    disaster_id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    alert_id BIGINT NOT NULL,
    PRIMARY KEY (county, disaster_id, household_id)
);
CREATE INDEX disaster_target_open ON disaster_target (county, disaster_id, household_id) WHERE alert_id = 0;

CREATE INDEX compare_finding_opened ON compare_finding (county, opened_at);
-- lite:
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('alert', 'alert_by_id', '100000 1'),
    ('alert', 'alert_open_once', '20000 20000 1000 1'),
    ('alert', 'alert_of_household', '100000 100000 3 2 1'),
    ('alert', 'alert_by_state', '100000 100000 30000 1'),
    ('alert', 'alert_of_source', '20000 20000 1'),
    ('alert', 'alert_of_disaster', '10000 10000 1000 500'),
    ('disaster_target', 'disaster_target_open', '10000 10000 1000 1'),
    ('compare_finding', 'compare_finding_opened', '100000 100000 100');
