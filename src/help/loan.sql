-- Small loans and grants. All statements that select loans have the same columns; the place is the
-- household's of today.

-- name: loan_one(id i64) -> one (county i64, id i64,
--   household_id i64, area_id i64, area_path text, bank_org_id i64, guarantor_org_id i64, kind i64, state i64,
--   amount_minor i64, months i64, rate_bp i64, subsidy_bp i64, asked_day i64, granted_day i64?, paid_day i64?,
--   due_day i64?, purpose text, reason text, version i64)
SELECT l.county, l.id, l.household_id, h.area_id, h.area_path, l.bank_org_id, l.guarantor_org_id, l.kind, l.state,
    l.amount_minor, l.months, l.rate_bp, l.subsidy_bp, l.asked_day, l.granted_day, l.paid_day, l.due_day,
    l.purpose, l.reason, l.version
FROM loan l JOIN household h ON h.county = l.county AND h.id = l.household_id
WHERE l.id = $1

-- name: loan_of_household(county i64, household i64, before i64, max i64) -> many (county i64, id i64,
--   household_id i64, area_id i64, area_path text, bank_org_id i64, guarantor_org_id i64, kind i64, state i64,
--   amount_minor i64, months i64, rate_bp i64, subsidy_bp i64, asked_day i64, granted_day i64?, paid_day i64?,
--   due_day i64?, purpose text, reason text, version i64)
SELECT l.county, l.id, l.household_id, h.area_id, h.area_path, l.bank_org_id, l.guarantor_org_id, l.kind, l.state,
    l.amount_minor, l.months, l.rate_bp, l.subsidy_bp, l.asked_day, l.granted_day, l.paid_day, l.due_day,
    l.purpose, l.reason, l.version
FROM loan l JOIN household h ON h.county = l.county AND h.id = l.household_id
WHERE l.county = $1 AND l.household_id = $2 AND l.id < $3 ORDER BY l.id DESC LIMIT $4

-- state 0: all; late_on 0: all, else those whose oldest unpaid part fell due before that day.
-- name: loan_of_county(county i64, before i64, state i64, late_on i64, max i64) -> many (county i64, id i64,
--   household_id i64, area_id i64, area_path text, bank_org_id i64, guarantor_org_id i64, kind i64, state i64,
--   amount_minor i64, months i64, rate_bp i64, subsidy_bp i64, asked_day i64, granted_day i64?, paid_day i64?,
--   due_day i64?, purpose text, reason text, version i64)
SELECT l.county, l.id, l.household_id, h.area_id, h.area_path, l.bank_org_id, l.guarantor_org_id, l.kind, l.state,
    l.amount_minor, l.months, l.rate_bp, l.subsidy_bp, l.asked_day, l.granted_day, l.paid_day, l.due_day,
    l.purpose, l.reason, l.version
FROM loan l JOIN household h ON h.county = l.county AND h.id = l.household_id
WHERE l.county = $1 AND l.id < $2 AND ($3 = 0 OR l.state = $3)
    AND ($4 = 0 OR (l.state = 3 AND l.due_day < $4)) ORDER BY l.id DESC LIMIT $5

-- name: loan_due_set(county i64, id i64, due i64?) -> run
UPDATE loan SET due_day = $3 WHERE county = $1 AND id = $2

-- name: loan_insert(county i64, id i64, household i64, area i64, path text, bank i64, guarantor i64,
--   kind i64, amount i64, months i64, rate i64, subsidy i64, day i64, purpose text, user i64) -> run
INSERT INTO loan (county, id, household_id, area_id, area_path, bank_org_id, guarantor_org_id, kind,
    state, amount_minor, months, rate_bp, subsidy_bp, asked_day, purpose, reason, made_by, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $11, $12, $13, $14, '', $15, 1)

-- name: loan_state_set(county i64, id i64, version i64, state i64, granted i64?, paid i64?, reason text) -> run
UPDATE loan SET state = $4, granted_day = $5, paid_day = $6, reason = $7, version = version + 1
WHERE county = $1 AND id = $2 AND version = $3

-- name: loan_touch(county i64, id i64, version i64, state i64) -> run
UPDATE loan SET state = $4, version = version + 1 WHERE county = $1 AND id = $2 AND version = $3

-- name: loan_entries(county i64, loan i64) -> many (id i64, day i64, amount_minor i64, receipt text,
--   user_id i64, at i64)
SELECT id, day, amount_minor, receipt, user_id, at FROM loan_entry
WHERE county = $1 AND loan_id = $2 ORDER BY day, id

-- name: loan_entry_insert(county i64, loan i64, id i64, day i64, amount i64, receipt text, user i64,
--   at i64) -> run
INSERT INTO loan_entry (county, loan_id, id, day, amount_minor, receipt, user_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
