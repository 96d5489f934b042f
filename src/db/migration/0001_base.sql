-- What db/ itself owns. schema_version is made by migrate.c before the first migration.

-- Ids handed out so far: the next one that is free (see db/ids.c). One row.
CREATE TABLE id_block (
    name TEXT NOT NULL PRIMARY KEY,
    next_id BIGINT NOT NULL CHECK (next_id >= 0)
);
INSERT INTO id_block (name, next_id) VALUES ('all', 0);

-- So that all later migrations may say BLOB for bytes.
-- pg:
CREATE DOMAIN blob AS bytea;
