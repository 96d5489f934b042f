-- Room shop (the market's database): cards with a PIN, photos.
CREATE TABLE seller_card (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    seller_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    -- Of the text on the card; the text itself is nowhere.
    token_hash TEXT NOT NULL UNIQUE,
    -- Argon2id.
    pin TEXT NOT NULL,
    -- Wrong PINs since the last right one.
    tries INTEGER NOT NULL CHECK (tries >= 0),
    made_at BIGINT NOT NULL,
    made_by BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    -- 0: it holds.
    ended_at BIGINT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX seller_card_open ON seller_card (county, seller_id) WHERE ended_at = 0;
-- A product's photos; the three documents are JPEG files made here, without what the camera added.
CREATE TABLE photo (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    small_id BIGINT NOT NULL,
    middle_id BIGINT NOT NULL,
    large_id BIGINT NOT NULL,
    width INTEGER NOT NULL CHECK (width > 0),
    height INTEGER NOT NULL CHECK (height > 0),
    user_id BIGINT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX photo_number ON photo (id);
CREATE INDEX photo_product ON photo (county, product_id, id);
