-- Room sale (the market's database): baskets, purchases, their orders and items, what happened to
-- them (append-only), payments, what providers told (append-only), refunds, answers kept by key.
-- Amounts are minor units. Tokens and keys are kept as hashes only; who bought is sealed.
CREATE TABLE basket (
    id BIGINT PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    touched_at BIGINT NOT NULL
);
CREATE INDEX basket_touched ON basket (touched_at);
CREATE TABLE basket_item (
    basket_id BIGINT NOT NULL,
    county BIGINT NOT NULL,
    variant_id BIGINT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    added_at BIGINT NOT NULL,
    PRIMARY KEY (basket_id, county, variant_id)
);
CREATE TABLE idempotency (
    county BIGINT NOT NULL,
    key_hash BLOB NOT NULL,
    body_hash BLOB NOT NULL,
    purchase_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (county, key_hash)
);
CREATE INDEX idempotency_at ON idempotency (at);
CREATE TABLE purchase (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    provider SMALLINT NOT NULL,
    zone TEXT NOT NULL,
    currency TEXT NOT NULL,
    total_minor BIGINT NOT NULL CHECK (total_minor > 0),
    -- Sealed; NULL once erased.
    buyer BLOB,
    placed_at BIGINT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE TABLE sale_order (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    purchase_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    number TEXT NOT NULL,
    state SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 8),
    on_delivery SMALLINT NOT NULL CHECK (on_delivery IN (0, 1)),
    items_minor BIGINT NOT NULL CHECK (items_minor > 0),
    shipping_minor BIGINT NOT NULL CHECK (shipping_minor >= 0),
    discount_minor BIGINT NOT NULL CHECK (discount_minor >= 0),
    total_minor BIGINT NOT NULL CHECK (total_minor = items_minor + shipping_minor - discount_minor AND total_minor >= 0),
    -- What packing by real weight took off the items.
    adjust_minor BIGINT NOT NULL CHECK (adjust_minor >= 0 AND adjust_minor <= items_minor),
    paid_minor BIGINT NOT NULL CHECK (paid_minor >= 0),
    refunded_minor BIGINT NOT NULL CHECK (refunded_minor >= 0 AND refunded_minor <= paid_minor),
    placed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    paid_at BIGINT NOT NULL,
    packed_at BIGINT NOT NULL,
    shipped_at BIGINT NOT NULL,
    delivered_at BIGINT NOT NULL,
    settled_at BIGINT NOT NULL,
    claim_until BIGINT NOT NULL,
    carrier TEXT NOT NULL,
    tracking TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id),
    UNIQUE (county, number)
);
CREATE INDEX sale_order_purchase ON sale_order (county, purchase_id, id);
CREATE INDEX sale_order_shop ON sale_order (county, shop_id, id);
CREATE INDEX sale_order_shop_state ON sale_order (county, shop_id, state, id);
CREATE TABLE order_item (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    variant_id BIGINT NOT NULL,
    lot_id BIGINT NOT NULL,
    reservation_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    unit SMALLINT NOT NULL CHECK (unit IN (1, 2)),
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    price_minor BIGINT NOT NULL CHECK (price_minor > 0),
    amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
    take BIGINT NOT NULL CHECK (take > 0),
    cost_minor BIGINT NOT NULL CHECK (cost_minor >= 0),
    claim_hours INTEGER NOT NULL,
    -- -1 until packed.
    packed_quantity BIGINT NOT NULL CHECK (packed_quantity >= -1),
    packed_amount_minor BIGINT NOT NULL CHECK (packed_amount_minor >= -1 AND packed_amount_minor <= amount_minor),
    refunded_minor BIGINT NOT NULL CHECK (refunded_minor >= 0 AND refunded_minor <= amount_minor),
    PRIMARY KEY (county, id)
);
CREATE INDEX order_item_order ON order_item (county, order_id, id);
CREATE INDEX order_item_variant ON order_item (county, variant_id, id);
CREATE TABLE order_event (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    -- 0: placed.
    event SMALLINT NOT NULL,
    from_state SMALLINT NOT NULL,
    to_state SMALLINT NOT NULL,
    -- 1 buyer, 2 shop (user_id), 3 the system, 4 a payment provider.
    who SMALLINT NOT NULL CHECK (who BETWEEN 1 AND 4),
    user_id BIGINT NOT NULL,
    -- Plain words, nothing personal.
    note TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE INDEX order_event_order ON order_event (county, order_id, id);
CREATE TABLE sale_account (
    county BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    owner_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    PRIMARY KEY (county, kind, owner_id)
);
CREATE TABLE pay_setting (
    county BIGINT NOT NULL,
    provider SMALLINT NOT NULL,
    active SMALLINT NOT NULL CHECK (active IN (0, 1)),
    -- Sealed: account, address of the gateway, secret.
    sealed BLOB NOT NULL,
    changed_at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    PRIMARY KEY (county, provider)
);
CREATE TABLE payment (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    purchase_id BIGINT NOT NULL,
    -- 0: the whole purchase.
    order_id BIGINT NOT NULL,
    provider SMALLINT NOT NULL,
    -- 1 to be instructed, 2 awaited, 3 captured, 4 failed.
    state SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 4),
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    captured_minor BIGINT NOT NULL CHECK (captured_minor >= 0 AND captured_minor <= amount_minor),
    refunding_minor BIGINT NOT NULL CHECK (refunding_minor >= 0 AND refunding_minor <= captured_minor),
    refunded_minor BIGINT NOT NULL CHECK (refunded_minor >= 0 AND refunded_minor <= refunding_minor),
    reference TEXT NOT NULL,
    provider_reference TEXT NOT NULL,
    pay_url TEXT NOT NULL,
    tries INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    captured_at BIGINT NOT NULL,
    PRIMARY KEY (county, id),
    UNIQUE (county, reference)
);
CREATE INDEX payment_purchase ON payment (county, purchase_id, id);
CREATE TABLE payment_part (
    county BIGINT NOT NULL,
    payment_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    refunding_minor BIGINT NOT NULL CHECK (refunding_minor >= 0 AND refunding_minor <= amount_minor),
    transfer_id BIGINT NOT NULL,
    PRIMARY KEY (county, payment_id, order_id)
);
CREATE INDEX payment_part_order ON payment_part (county, order_id, payment_id);
CREATE TABLE refund (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    payment_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    -- 1 to be instructed, 2 awaited, 3 done, 4 failed (tried again by hand).
    state SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 4),
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    reason TEXT NOT NULL,
    -- The pending transfer of the ledger, and its end.
    transfer_id BIGINT NOT NULL,
    end_id BIGINT NOT NULL,
    provider_reference TEXT NOT NULL,
    tries INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    done_at BIGINT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE INDEX refund_order ON refund (county, order_id, id);
CREATE INDEX refund_open ON refund (county, id) WHERE state <> 3;
CREATE TABLE payment_event (
    county BIGINT NOT NULL,
    provider SMALLINT NOT NULL,
    event_id TEXT NOT NULL,
    kind SMALLINT NOT NULL,
    payment_id BIGINT NOT NULL,
    refund_id BIGINT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    -- What came of it (payment.h, enum pay_result).
    result SMALLINT NOT NULL,
    -- As received, sealed.
    raw BLOB NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (county, provider, event_id)
);
CREATE INDEX payment_event_at ON payment_event (county, at);
-- lite:
CREATE TRIGGER order_event_update BEFORE UPDATE ON order_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER order_event_delete BEFORE DELETE ON order_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER payment_event_update BEFORE UPDATE ON payment_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER payment_event_delete BEFORE DELETE ON payment_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER sale_order_frozen BEFORE UPDATE OF county, id, purchase_id, shop_id, number, on_delivery, items_minor, shipping_minor, discount_minor, total_minor, placed_at ON sale_order BEGIN SELECT RAISE(ABORT, 'frozen'); END;
CREATE TRIGGER order_item_frozen BEFORE UPDATE OF county, id, order_id, product_id, variant_id, lot_id, title, unit, quantity, price_minor, amount_minor, take, cost_minor ON order_item BEGIN SELECT RAISE(ABORT, 'frozen'); END;
-- pg:
CREATE FUNCTION sale_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'append-only'; END $$;
CREATE TRIGGER order_event_keep BEFORE UPDATE OR DELETE ON order_event FOR EACH ROW EXECUTE FUNCTION sale_append_only();
CREATE TRIGGER order_event_whole BEFORE TRUNCATE ON order_event FOR EACH STATEMENT EXECUTE FUNCTION sale_append_only();
CREATE TRIGGER payment_event_keep BEFORE UPDATE OR DELETE ON payment_event FOR EACH ROW EXECUTE FUNCTION sale_append_only();
CREATE TRIGGER payment_event_whole BEFORE TRUNCATE ON payment_event FOR EACH STATEMENT EXECUTE FUNCTION sale_append_only();
CREATE TRIGGER sale_order_frozen BEFORE UPDATE OF county, id, purchase_id, shop_id, number, on_delivery, items_minor, shipping_minor, discount_minor, total_minor, placed_at ON sale_order FOR EACH ROW EXECUTE FUNCTION sale_append_only();
CREATE TRIGGER order_item_frozen BEFORE UPDATE OF county, id, order_id, product_id, variant_id, lot_id, title, unit, quantity, price_minor, amount_minor, take, cost_minor ON order_item FOR EACH ROW EXECUTE FUNCTION sale_append_only();
