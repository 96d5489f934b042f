-- Room work: deadlines; notices, the messages that carry them, webhooks, daily summaries.
-- lite:
CREATE TABLE deadline (
    county BIGINT NOT NULL,
    kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    -- New at each setting: a deadline that was set anew is another one.
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- `at`, or later after a failure.
    next_at BIGINT NOT NULL,
    step INTEGER NOT NULL,
    tries BIGINT NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (county, kind, subject_id)
) WITHOUT ROWID;
CREATE TABLE notice (
    user_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    county BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- 0: new.
    read_at BIGINT NOT NULL,
    weight SMALLINT NOT NULL,
    key TEXT NOT NULL,
    text_en TEXT NOT NULL,
    text_zh TEXT NOT NULL,
    href TEXT NOT NULL,
    -- When it is to be made into messages of its own; 0: never (only in summaries) or done.
    wait_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, id)
) WITHOUT ROWID;
-- pg:
CREATE TABLE deadline (
    county BIGINT NOT NULL,
    kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    step INTEGER NOT NULL,
    tries BIGINT NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (county, kind, subject_id)
);
CREATE TABLE notice (
    user_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    county BIGINT NOT NULL,
    at BIGINT NOT NULL,
    read_at BIGINT NOT NULL,
    weight SMALLINT NOT NULL,
    key TEXT NOT NULL,
    text_en TEXT NOT NULL,
    text_zh TEXT NOT NULL,
    href TEXT NOT NULL,
    wait_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, id)
);
-- both:
CREATE INDEX deadline_due ON deadline (county, next_at, id);
CREATE INDEX deadline_failing ON deadline (county, id) WHERE tries > 0;
CREATE UNIQUE INDEX notice_by_key ON notice (user_id, key);
CREATE INDEX notice_new ON notice (user_id, id) WHERE read_at = 0;
CREATE INDEX notice_wait ON notice (wait_at) WHERE wait_at > 0;

-- How the office sends; county 0: of all that have no own. Secrets are sealed, in hex; empty: none.
CREATE TABLE notice_setting (
    county BIGINT PRIMARY KEY,
    mail_url TEXT NOT NULL,
    mail_from TEXT NOT NULL,
    mail_user TEXT NOT NULL,
    mail_password TEXT NOT NULL,
    sms_url TEXT NOT NULL,
    sms_token TEXT NOT NULL,
    page_url TEXT NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT NOT NULL
);

-- Messages. state 0 waiting, 1 sent, 2 failed; channel 1 mail, 2 SMS, 3 webhook. `lane`: what may
-- be slow together, a webhook's id, or twice the county whose settings are used (+ 1: SMS).
-- next_at: when it is due; a message under way is due again when its sender has died.
CREATE TABLE notice_send (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    lane BIGINT NOT NULL,
    channel SMALLINT NOT NULL,
    user_id BIGINT NOT NULL,
    event TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
    state SMALLINT NOT NULL CHECK (state IN (0, 1, 2)),
    tries BIGINT NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE INDEX notice_send_due ON notice_send (lane, next_at, id) WHERE state = 0;
CREATE INDEX notice_send_state ON notice_send (county, state, id);
CREATE INDEX notice_send_sent ON notice_send (sent_at) WHERE state = 1;

CREATE TABLE webhook (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    secret TEXT NOT NULL,
    active SMALLINT NOT NULL,
    failed_since BIGINT NOT NULL,
    last_error TEXT NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX webhook_by_id ON webhook (id);

-- The last day (of the office's zone) for which somebody's summary was made, and the newest
-- notice it told of.
CREATE TABLE notice_summary (
    user_id BIGINT PRIMARY KEY,
    day INTEGER NOT NULL,
    last_id BIGINT NOT NULL
);
