-- Small facts about a person's sealed identity number and phone, made while the plain value is at hand
-- (register/facts.c): checks over the whole county need no keys. -1: not made yet (register_refresh_facts).
ALTER TABLE person ADD COLUMN identity_facts INTEGER NOT NULL DEFAULT -1;
-- SQLite reads the view's * anew each time; PostgreSQL keeps the columns of its making.
-- pg:
CREATE OR REPLACE VIEW person_seen AS
    SELECT * FROM person WHERE import_id NOT IN (SELECT import_id FROM import_hidden);
