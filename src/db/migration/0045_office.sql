-- Settings of a county's office (county 0: of the whole database).
CREATE TABLE office_setting (
    county BIGINT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (county, key)
);
