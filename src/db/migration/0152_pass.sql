-- Room people, in the market's database: passes of the office that were used (people/user_pass.h).
CREATE TABLE user_pass (
    nonce TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX user_pass_at ON user_pass (at);
