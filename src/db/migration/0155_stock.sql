-- Room stock (the market's database): what lies in the stores, reservations, lots and the deliveries in them.
CREATE TABLE stock_item (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    -- 1 pieces, 2 grams.
    unit SMALLINT NOT NULL CHECK (unit IN (1, 2)),
    on_hand BIGINT NOT NULL CHECK (on_hand >= 0 AND on_hand <= 1000000000000),
    reserved BIGINT NOT NULL CHECK (reserved >= 0 AND reserved <= 1000000000000),
    on_demand SMALLINT NOT NULL CHECK (on_demand IN (0, 1)),
    lot_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (county, id),
    CHECK (on_demand = 1 OR reserved <= on_hand)
);
-- Append-only by trigger.
CREATE TABLE stock_move (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    item_id BIGINT NOT NULL,
    -- 1 in, 2 sold, 3 loss, 4 counted, 5 back.
    kind SMALLINT NOT NULL CHECK (kind BETWEEN 1 AND 5),
    quantity BIGINT NOT NULL CHECK (quantity <> 0),
    document_id BIGINT NOT NULL,
    note TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (county, id),
    FOREIGN KEY (county, item_id) REFERENCES stock_item (county, id)
);
CREATE INDEX stock_move_item ON stock_move (county, item_id, id);
CREATE TABLE reservation (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    item_id BIGINT NOT NULL,
    owner_id BIGINT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    consumed BIGINT NOT NULL CHECK (consumed >= 0),
    -- 1 held, 2 consumed, 3 released, 4 expired.
    state SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 4),
    -- 0: never.
    expires_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    -- The movement by which it left; 0 none.
    move_id BIGINT NOT NULL,
    PRIMARY KEY (county, id),
    FOREIGN KEY (county, item_id) REFERENCES stock_item (county, id),
    CHECK ((state = 1) = (ended_at = 0)),
    CHECK (state = 2 OR consumed = 0)
);
CREATE INDEX reservation_owner ON reservation (county, owner_id);
CREATE INDEX reservation_held ON reservation (county, item_id) WHERE state = 1;
CREATE TABLE lot (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    item_id BIGINT NOT NULL,
    -- 1 open, 2 closed (can be sold), 3 ended.
    state SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 3),
    harvested_day INTEGER NOT NULL,
    grams BIGINT NOT NULL CHECK (grams >= 0),
    deliveries BIGINT NOT NULL CHECK (deliveries >= 0),
    -- -1: the office has not answered yet.
    helped_grams BIGINT NOT NULL,
    helped_households BIGINT NOT NULL,
    share_day INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at BIGINT NOT NULL,
    PRIMARY KEY (county, id),
    FOREIGN KEY (county, item_id) REFERENCES stock_item (county, id)
);
CREATE INDEX lot_shop ON lot (county, shop_id, id);
CREATE TABLE delivery (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    lot_id BIGINT NOT NULL,
    seller_id BIGINT NOT NULL,
    grams BIGINT NOT NULL CHECK (grams > 0),
    grade SMALLINT NOT NULL CHECK (grade BETWEEN 1 AND 9),
    price_minor BIGINT NOT NULL CHECK (price_minor >= 0),
    advance_minor BIGINT NOT NULL CHECK (advance_minor >= 0),
    day INTEGER NOT NULL,
    user_id BIGINT NOT NULL,
    client_uid TEXT NOT NULL,
    cancelled_at BIGINT NOT NULL,
    note TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (county, id),
    UNIQUE (county, client_uid),
    FOREIGN KEY (county, lot_id) REFERENCES lot (county, id)
);
CREATE INDEX delivery_lot ON delivery (county, lot_id, id);
CREATE INDEX delivery_seller ON delivery (county, seller_id, id);
-- lite:
CREATE TRIGGER stock_move_update BEFORE UPDATE ON stock_move BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER stock_move_delete BEFORE DELETE ON stock_move BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- pg:
CREATE TRIGGER stock_move_keep BEFORE UPDATE OR DELETE ON stock_move FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER stock_move_whole BEFORE TRUNCATE ON stock_move FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
