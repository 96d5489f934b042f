-- Room profile: which versions of the profile this database has seen. The sheet tables are made
-- from the profile itself (profile/sheet.c).
CREATE TABLE profile_version (
    hash TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    version TEXT NOT NULL,
    installed_at BIGINT NOT NULL
);
