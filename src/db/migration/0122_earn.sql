-- Room help: what brings a household money: vacancies, placements and their wages; small loans
-- with what was repaid; offers of donors and what they were matched to.
-- lite:
CREATE TABLE vacancy (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    org_id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    area_path TEXT NOT NULL,
    title TEXT NOT NULL,
    words TEXT NOT NULL,
    rule TEXT NOT NULL,
    places INTEGER NOT NULL CHECK (places > 0),
    -- Placements that run; never more than places.
    taken INTEGER NOT NULL CHECK (taken >= 0 AND taken <= places),
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    wage_month_minor BIGINT NOT NULL,
    public_post SMALLINT NOT NULL,
    channel INTEGER NOT NULL,
    made_by BIGINT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id)
) WITHOUT ROWID;
CREATE TABLE placement (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    vacancy_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    end_reason TEXT NOT NULL,
    made_by BIGINT NOT NULL,
    PRIMARY KEY (county, id)
) WITHOUT ROWID;
-- One row per placement and month: a corrected amount takes the place of the former one.
CREATE TABLE wage (
    county BIGINT NOT NULL,
    placement_id BIGINT NOT NULL,
    month INTEGER NOT NULL,
    household_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    income_year INTEGER NOT NULL,
    amount_minor BIGINT NOT NULL,
    document_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (county, placement_id, month)
) WITHOUT ROWID;
CREATE TABLE loan (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    area_path TEXT NOT NULL,
    bank_org_id BIGINT NOT NULL,
    guarantor_org_id BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    state SMALLINT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    months INTEGER NOT NULL,
    rate_bp INTEGER NOT NULL,
    subsidy_bp INTEGER NOT NULL,
    asked_day INTEGER NOT NULL,
    -- NULL: not yet.
    granted_day INTEGER,
    paid_day INTEGER,
    purpose TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_by BIGINT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id)
) WITHOUT ROWID;
CREATE TABLE loan_entry (
    county BIGINT NOT NULL,
    loan_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    day INTEGER NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    receipt TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (county, loan_id, id)
) WITHOUT ROWID;
CREATE TABLE offer (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    org_id BIGINT NOT NULL,
    -- Sealed (purpose "help.words").
    giver BLOB,
    words TEXT NOT NULL,
    kind INTEGER NOT NULL,
    amount_minor BIGINT NOT NULL,
    left_minor BIGINT NOT NULL CHECK (left_minor >= 0),
    until_day INTEGER NOT NULL,
    made_by BIGINT NOT NULL,
    at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id)
) WITHOUT ROWID;
CREATE TABLE offer_match (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    offer_id BIGINT NOT NULL,
    need_id BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    delivered_at BIGINT NOT NULL,
    document_id BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    PRIMARY KEY (county, id)
) WITHOUT ROWID;
-- pg:
CREATE TABLE vacancy (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    org_id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    area_path TEXT NOT NULL,
    title TEXT NOT NULL,
    words TEXT NOT NULL,
    rule TEXT NOT NULL,
    places INTEGER NOT NULL CHECK (places > 0),
    taken INTEGER NOT NULL CHECK (taken >= 0 AND taken <= places),
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    wage_month_minor BIGINT NOT NULL,
    public_post SMALLINT NOT NULL,
    channel INTEGER NOT NULL,
    made_by BIGINT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE TABLE placement (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    vacancy_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    end_reason TEXT NOT NULL,
    made_by BIGINT NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE TABLE wage (
    county BIGINT NOT NULL,
    placement_id BIGINT NOT NULL,
    month INTEGER NOT NULL,
    household_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    income_year INTEGER NOT NULL,
    amount_minor BIGINT NOT NULL,
    document_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (county, placement_id, month)
);
CREATE TABLE loan (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    area_id BIGINT NOT NULL,
    area_path TEXT NOT NULL,
    bank_org_id BIGINT NOT NULL,
    guarantor_org_id BIGINT NOT NULL,
    kind SMALLINT NOT NULL,
    state SMALLINT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    months INTEGER NOT NULL,
    rate_bp INTEGER NOT NULL,
    subsidy_bp INTEGER NOT NULL,
    asked_day INTEGER NOT NULL,
    granted_day INTEGER,
    paid_day INTEGER,
    purpose TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_by BIGINT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE TABLE loan_entry (
    county BIGINT NOT NULL,
    loan_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    day INTEGER NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    receipt TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (county, loan_id, id)
);
CREATE TABLE offer (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    org_id BIGINT NOT NULL,
    giver BLOB,
    words TEXT NOT NULL,
    kind INTEGER NOT NULL,
    amount_minor BIGINT NOT NULL,
    left_minor BIGINT NOT NULL CHECK (left_minor >= 0),
    until_day INTEGER NOT NULL,
    made_by BIGINT NOT NULL,
    at BIGINT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (county, id)
);
CREATE TABLE offer_match (
    county BIGINT NOT NULL,
    id BIGINT NOT NULL,
    offer_id BIGINT NOT NULL,
    need_id BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    at BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    delivered_at BIGINT NOT NULL,
    document_id BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    PRIMARY KEY (county, id)
);
-- both:
CREATE INDEX vacancy_by_id ON vacancy (id);
CREATE INDEX vacancy_open ON vacancy (county, to_day, id);
CREATE UNIQUE INDEX placement_once ON placement (county, vacancy_id, person_id) WHERE to_day = 0;
CREATE INDEX placement_by_id ON placement (id);
CREATE INDEX placement_of_household ON placement (county, household_id, id);
CREATE INDEX wage_of_household ON wage (county, household_id, income_year);
CREATE INDEX loan_by_id ON loan (id);
CREATE INDEX loan_of_household ON loan (county, household_id, id);
CREATE UNIQUE INDEX loan_receipt ON loan_entry (county, loan_id, receipt);
CREATE INDEX offer_by_id ON offer (id);
CREATE INDEX offer_match_of_offer ON offer_match (county, offer_id, id);
CREATE INDEX offer_match_of_need ON offer_match (county, need_id, id);
CREATE INDEX offer_match_by_id ON offer_match (id);
