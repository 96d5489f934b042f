-- Room ledger: double entry. Transfers are append-only by trigger; of an account only the four
-- balances, the limits and `closed` may change. `max` -1: no limit.
CREATE TABLE ledger_account (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    unit TEXT NOT NULL,
    kind INTEGER NOT NULL,
    owner_id BIGINT NOT NULL,
    debit_max BIGINT NOT NULL CHECK (debit_max >= -1),
    credit_max BIGINT NOT NULL CHECK (credit_max >= -1),
    closed SMALLINT NOT NULL CHECK (closed IN (0, 1)),
    created_at BIGINT NOT NULL,
    debits_pending BIGINT NOT NULL CHECK (debits_pending >= 0),
    debits_posted BIGINT NOT NULL CHECK (debits_posted >= 0),
    credits_pending BIGINT NOT NULL CHECK (credits_pending >= 0),
    credits_posted BIGINT NOT NULL CHECK (credits_posted >= 0),
    PRIMARY KEY (county, id),
    CHECK (debit_max = -1 OR debits_pending + debits_posted - credits_posted <= debit_max),
    CHECK (credit_max = -1 OR credits_pending + credits_posted - debits_posted <= credit_max),
    CHECK (closed = 0 OR debits_pending + credits_pending = 0)
);
CREATE INDEX ledger_account_owner ON ledger_account (county, owner_id, id);
CREATE TABLE ledger_transfer (
    county BIGINT NOT NULL,
    -- The order of the county's ledger: 1, 2, 3 …
    seq BIGINT NOT NULL,
    id BIGINT NOT NULL,
    -- 0 plain, 1 pending, 2 post, 3 void, 4 expire.
    type SMALLINT NOT NULL CHECK (type IN (0, 1, 2, 3, 4)),
    flags SMALLINT NOT NULL,
    debit_id BIGINT NOT NULL,
    credit_id BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    -- What the client asked for: more than `amount` when balancing, 0 for all of a pending one.
    asked BIGINT NOT NULL,
    -- What a post, void or expire takes out of the pending balances: the whole pending amount.
    released BIGINT NOT NULL CHECK (released >= 0),
    code INTEGER NOT NULL,
    document_id BIGINT NOT NULL,
    pending_id BIGINT NOT NULL CHECK ((pending_id <> 0) = (type >= 2)),
    timeout_s BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- Of this row and the hash before it.
    hash BLOB NOT NULL,
    PRIMARY KEY (county, seq),
    UNIQUE (county, id),
    CHECK (debit_id <> credit_id)
);
-- A pending transfer ends at most once.
CREATE UNIQUE INDEX ledger_transfer_end ON ledger_transfer (county, pending_id) WHERE pending_id <> 0;
CREATE INDEX ledger_transfer_debit ON ledger_transfer (county, debit_id, seq);
CREATE INDEX ledger_transfer_credit ON ledger_transfer (county, credit_id, seq);
CREATE INDEX ledger_transfer_document ON ledger_transfer (county, document_id, seq) WHERE document_id <> 0;
CREATE TABLE ledger_head (
    county BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    hash BLOB NOT NULL
);
-- lite:
CREATE TRIGGER ledger_transfer_update BEFORE UPDATE ON ledger_transfer BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER ledger_transfer_delete BEFORE DELETE ON ledger_transfer BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER ledger_account_update BEFORE UPDATE OF county, id, unit, kind, owner_id, created_at ON ledger_account BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER ledger_account_delete BEFORE DELETE ON ledger_account BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- pg:
CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'append-only'; END $$;
CREATE TRIGGER ledger_transfer_keep BEFORE UPDATE OR DELETE ON ledger_transfer FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_transfer_whole BEFORE TRUNCATE ON ledger_transfer FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_account_update BEFORE UPDATE OF county, id, unit, kind, owner_id, created_at ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_account_delete BEFORE DELETE ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_account_whole BEFORE TRUNCATE ON ledger_account FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
