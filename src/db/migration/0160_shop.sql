-- Room shop (the market's database): who sells, and what.
CREATE TABLE seller (
    county BIGINT NOT NULL,
    -- Given by the office.
    id BIGINT NOT NULL,
    -- 1 household, 2 cooperative, 3 firm, 4 station.
    kind SMALLINT NOT NULL CHECK (kind BETWEEN 1 AND 4),
    area_id BIGINT NOT NULL,
    alias TEXT NOT NULL UNIQUE,
    -- Sealed.
    name BLOB NOT NULL,
    phone BLOB,
    account BLOB,
    user_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    consent_day INTEGER NOT NULL,
    assist_day INTEGER NOT NULL,
    story_day INTEGER NOT NULL,
    state SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 3),
    version INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX seller_user ON seller (user_id) WHERE user_id <> 0;
-- What was done for a seller, by whom.
CREATE TABLE seller_act (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    seller_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL,
    thing_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE INDEX seller_act_of ON seller_act (county, seller_id, id);
CREATE TABLE shop (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    seller_id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    about TEXT NOT NULL,
    -- 1 open, 2 paused, 3 closed.
    state SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 3),
    version INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE INDEX shop_seller ON shop (county, seller_id);
CREATE TABLE product (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    category TEXT NOT NULL,
    name TEXT NOT NULL,
    story TEXT NOT NULL,
    -- 1 draft, 2 shown, 3 hidden, 4 ended.
    state SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 4),
    season_from INTEGER NOT NULL,
    season_to INTEGER NOT NULL,
    claim_hours INTEGER NOT NULL,
    cost_minor BIGINT NOT NULL,
    photo_id BIGINT NOT NULL,
    -- The lowest of its variants, for lists; 0 none.
    low_minor BIGINT NOT NULL,
    version INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    shown_at BIGINT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX product_number ON product (id);
CREATE INDEX product_shop ON product (county, shop_id, id);
CREATE INDEX product_newest ON product (id) WHERE state = 2;
CREATE INDEX product_category ON product (category, id) WHERE state = 2;
CREATE INDEX product_price ON product (low_minor, id) WHERE state = 2;
CREATE TABLE variant (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    grade TEXT NOT NULL,
    unit SMALLINT NOT NULL CHECK (unit IN (1, 2)),
    price_minor BIGINT NOT NULL CHECK (price_minor > 0),
    net_grams BIGINT NOT NULL CHECK (net_grams >= 0),
    step BIGINT NOT NULL CHECK (step > 0),
    weight_grams BIGINT NOT NULL CHECK (weight_grams > 0),
    item_id BIGINT NOT NULL,
    take BIGINT NOT NULL CHECK (take > 0),
    lot_id BIGINT NOT NULL,
    ended SMALLINT NOT NULL CHECK (ended IN (0, 1)),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (county, id),
    FOREIGN KEY (county, item_id) REFERENCES stock_item (county, id)
);
CREATE INDEX variant_product ON variant (county, product_id, id);
-- Words of products' names and shops (utf8_search_words). On SQLite the rowid is the product.
-- lite:
CREATE VIRTUAL TABLE product_search USING fts5(words, detail = none, columnsize = 0, tokenize = 'ascii');
-- pg:
CREATE TABLE product_search (
    county BIGINT NOT NULL,
    product_id BIGINT NOT NULL,
    words TSVECTOR NOT NULL,
    PRIMARY KEY (county, product_id)
);
CREATE INDEX product_search_words ON product_search USING gin (words);
