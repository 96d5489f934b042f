-- Room work: durable jobs and the clock that adds jobs again and again.
CREATE TABLE job (
    id BIGINT PRIMARY KEY,
    county BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    lang SMALLINT NOT NULL,
    kind TEXT NOT NULL,
    argument TEXT NOT NULL,
    state SMALLINT NOT NULL CHECK (state IN (0, 1, 2, 3, 4)),
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    unit TEXT NOT NULL,
    message TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    crashes BIGINT NOT NULL,
    cancel_wanted SMALLINT NOT NULL,
    from_at BIGINT NOT NULL,
    from_done BIGINT NOT NULL,
    -- Which runner holds it, until when (Unix seconds), and the county's turn (Unix milliseconds).
    server TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    turn_ms BIGINT NOT NULL
);
CREATE INDEX job_open ON job (county, run_at, id) WHERE state IN (0, 1);
CREATE INDEX job_of_county ON job (county, id);
CREATE INDEX job_turn ON job (county, turn_ms);
CREATE INDEX job_ended ON job (ended_at) WHERE state = 2 AND user_id = 0;

CREATE TABLE job_every (
    kind TEXT NOT NULL,
    argument TEXT NOT NULL,
    seconds BIGINT NOT NULL CHECK (seconds > 0),
    next_at BIGINT NOT NULL,
    PRIMARY KEY (kind, argument)
);
