-- Room people: who may sign in, what they may, what they did to each other, and who looked at
-- personal data. area_id points to table area (room register); no foreign key, that room is above.
CREATE TABLE app_user (
    id BIGINT PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    state SMALLINT NOT NULL CHECK (state IN (1, 2)),
    lang SMALLINT NOT NULL CHECK (lang IN (0, 1)),
    password TEXT NOT NULL,
    must_change SMALLINT NOT NULL CHECK (must_change IN (0, 1)),
    keeper_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    signed_in_at BIGINT NOT NULL
);

CREATE TABLE user_grant (
    user_id BIGINT NOT NULL REFERENCES app_user (id),
    role TEXT NOT NULL,
    area_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, role, area_id)
);

CREATE TABLE session (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES app_user (id),
    token_hash TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    device TEXT NOT NULL,
    client TEXT NOT NULL
);
CREATE INDEX session_of_user ON session (user_id, created_at);
CREATE INDEX session_by_age ON session (created_at);

CREATE TABLE recovery (
    user_id BIGINT PRIMARY KEY REFERENCES app_user (id),
    code_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Attempts to sign in that are running or have failed, by login and by client (hashed).
CREATE TABLE sign_in_failure (
    door TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    forget_at BIGINT NOT NULL
);
CREATE INDEX sign_in_failure_by_age ON sign_in_failure (forget_at);

CREATE TABLE user_event (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    by_user_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    what TEXT NOT NULL,
    role TEXT NOT NULL,
    area_id BIGINT NOT NULL
);
CREATE INDEX user_event_of_user ON user_event (user_id, id);

CREATE TABLE look (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    field TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE INDEX look_of_person ON look (county, person_id, id);

-- Both logs are append-only, also for our own mistakes.
-- lite:
CREATE TRIGGER user_event_update BEFORE UPDATE ON user_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER user_event_delete BEFORE DELETE ON user_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER look_update BEFORE UPDATE ON look BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER look_delete BEFORE DELETE ON look BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- pg:
CREATE FUNCTION people_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'append-only'; END $$;
CREATE TRIGGER user_event_keep BEFORE UPDATE OR DELETE ON user_event FOR EACH ROW EXECUTE FUNCTION people_append_only();
CREATE TRIGGER look_keep BEFORE UPDATE OR DELETE ON look FOR EACH ROW EXECUTE FUNCTION people_append_only();
