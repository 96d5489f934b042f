-- The ledger. Who writes holds the county's row of ledger_head first.

-- name: ledger_head_hold(county i64, hash blob) -> one (seq i64, at i64, hash blob)
INSERT INTO ledger_head (county, seq, at, hash) VALUES ($1, 0, 0, $2)
ON CONFLICT (county) DO UPDATE SET seq = ledger_head.seq
RETURNING seq, at, hash

-- name: ledger_head_move(county i64, from_seq i64, seq i64, at i64, hash blob) -> run
UPDATE ledger_head SET seq = $3, at = $4, hash = $5 WHERE county = $1 AND seq = $2

-- The next county that has anything of a ledger; its head may be missing.
-- name: ledger_county_after(county i64) -> one (county i64, seq i64?, at i64?, hash blob?)
SELECT n.county, h.seq, h.at, h.hash
FROM (SELECT min(c.county) AS county FROM (
        SELECT min(county) AS county FROM ledger_head WHERE county > $1
        UNION ALL
        SELECT min(county) FROM ledger_account WHERE county > $1
        UNION ALL
        SELECT min(county) FROM ledger_transfer WHERE county > $1) c) n
LEFT JOIN ledger_head h ON h.county = n.county
WHERE n.county IS NOT NULL

-- name: ledger_account_insert(county i64, id i64, unit text, kind i64, owner_id i64,
--   debit_max i64, credit_max i64, closed i64, created_at i64) -> run
INSERT INTO ledger_account (county, id, unit, kind, owner_id, debit_max, credit_max, closed,
    created_at, debits_pending, debits_posted, credits_pending, credits_posted)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0, 0)
ON CONFLICT (county, id) DO NOTHING

-- name: ledger_account_one(county i64, id i64) -> one (id i64, unit text, kind i64,
--   owner_id i64, debit_max i64, credit_max i64, closed i64, created_at i64,
--   debits_pending i64, debits_posted i64, credits_pending i64, credits_posted i64)
SELECT id, unit, kind, owner_id, debit_max, credit_max, closed, created_at,
       debits_pending, debits_posted, credits_pending, credits_posted
FROM ledger_account WHERE county = $1 AND id = $2

-- name: ledger_account_list(county i64, owner_id i64, after_id i64, max i64) -> many (id i64,
--   unit text, kind i64, owner_id i64, debit_max i64, credit_max i64, closed i64,
--   created_at i64, debits_pending i64, debits_posted i64, credits_pending i64,
--   credits_posted i64)
SELECT id, unit, kind, owner_id, debit_max, credit_max, closed, created_at,
       debits_pending, debits_posted, credits_pending, credits_posted
FROM ledger_account WHERE county = $1 AND owner_id = $2 AND id > $3 ORDER BY id LIMIT $4

-- Only from the balances that were read.
-- name: ledger_account_move(county i64, id i64, debits_pending i64, debits_posted i64,
--   credits_pending i64, credits_posted i64, old_debits_pending i64, old_debits_posted i64,
--   old_credits_pending i64, old_credits_posted i64) -> run
UPDATE ledger_account SET debits_pending = $3, debits_posted = $4, credits_pending = $5,
    credits_posted = $6
WHERE county = $1 AND id = $2 AND closed = 0 AND debits_pending = $7 AND debits_posted = $8
  AND credits_pending = $9 AND credits_posted = $10

-- name: ledger_account_shut(county i64, id i64, closed i64) -> run
UPDATE ledger_account SET closed = $3
WHERE county = $1 AND id = $2 AND ($3 = 0 OR (debits_pending = 0 AND credits_pending = 0))

-- name: ledger_account_set_max(county i64, id i64, debit_max i64, credit_max i64) -> run
UPDATE ledger_account SET debit_max = $3, credit_max = $4
WHERE county = $1 AND id = $2
  AND ($3 = -1 OR debits_pending + debits_posted - credits_posted <= $3)
  AND ($4 = -1 OR credits_pending + credits_posted - debits_posted <= $4)

-- name: ledger_transfer_insert(county i64, seq i64, id i64, type i64, flags i64, debit_id i64,
--   credit_id i64, amount i64, asked i64, released i64, code i64, document_id i64,
--   pending_id i64, timeout_s i64, expires_at i64, at i64, hash blob) -> run
INSERT INTO ledger_transfer (county, seq, id, type, flags, debit_id, credit_id, amount, asked,
    released, code, document_id, pending_id, timeout_s, expires_at, at, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT DO NOTHING

-- name: ledger_transfer_one(county i64, id i64) -> one (seq i64, id i64, type i64, flags i64,
--   debit_id i64, credit_id i64, amount i64, asked i64, released i64, code i64,
--   document_id i64, pending_id i64, timeout_s i64, expires_at i64, at i64)
SELECT seq, id, type, flags, debit_id, credit_id, amount, asked, released, code, document_id,
       pending_id, timeout_s, expires_at, at
FROM ledger_transfer WHERE county = $1 AND id = $2

-- name: ledger_transfer_end(county i64, pending_id i64) -> one (seq i64, id i64, type i64,
--   flags i64, debit_id i64, credit_id i64, amount i64, asked i64, released i64, code i64,
--   document_id i64, pending_id i64, timeout_s i64, expires_at i64, at i64)
SELECT seq, id, type, flags, debit_id, credit_id, amount, asked, released, code, document_id,
       pending_id, timeout_s, expires_at, at
FROM ledger_transfer WHERE county = $1 AND pending_id = $2 AND pending_id <> 0

-- name: ledger_transfer_document(county i64, document_id i64, after_seq i64, max i64)
-- -> many (seq i64, id i64, type i64, flags i64, debit_id i64, credit_id i64, amount i64,
--   asked i64, released i64, code i64, document_id i64, pending_id i64, timeout_s i64,
--   expires_at i64, at i64)
SELECT seq, id, type, flags, debit_id, credit_id, amount, asked, released, code, document_id,
       pending_id, timeout_s, expires_at, at
FROM ledger_transfer
WHERE county = $1 AND document_id = $2 AND document_id <> 0 AND seq > $3 ORDER BY seq LIMIT $4

-- name: ledger_transfer_account(county i64, account_id i64, before_seq i64, max i64)
-- -> many (seq i64, id i64, type i64, flags i64, debit_id i64, credit_id i64, amount i64,
--   asked i64, released i64, code i64, document_id i64, pending_id i64, timeout_s i64,
--   expires_at i64, at i64)
SELECT seq, id, type, flags, debit_id, credit_id, amount, asked, released, code, document_id,
       pending_id, timeout_s, expires_at, at
FROM ledger_transfer WHERE county = $1 AND debit_id = $2 AND seq < $3
UNION ALL
SELECT seq, id, type, flags, debit_id, credit_id, amount, asked, released, code, document_id,
       pending_id, timeout_s, expires_at, at
FROM ledger_transfer WHERE county = $1 AND credit_id = $2 AND seq < $3
ORDER BY seq DESC LIMIT $4

-- name: ledger_debits_at(county i64, account_id i64, at i64, before_seq i64)
-- -> one (posted i64, pending i64)
SELECT CAST(coalesce(sum(CASE WHEN type IN (0, 2) THEN amount ELSE 0 END), 0) AS BIGINT),
       CAST(coalesce(sum(CASE WHEN type = 1 THEN amount ELSE -released END), 0) AS BIGINT)
FROM ledger_transfer WHERE county = $1 AND debit_id = $2 AND at <= $3 AND seq < $4

-- name: ledger_credits_at(county i64, account_id i64, at i64, before_seq i64)
-- -> one (posted i64, pending i64)
SELECT CAST(coalesce(sum(CASE WHEN type IN (0, 2) THEN amount ELSE 0 END), 0) AS BIGINT),
       CAST(coalesce(sum(CASE WHEN type = 1 THEN amount ELSE -released END), 0) AS BIGINT)
FROM ledger_transfer WHERE county = $1 AND credit_id = $2 AND at <= $3 AND seq < $4

-- Upper and lower halves apart: the sum of many accounts may be over 64 bits.
-- name: ledger_trial_sums(county i64) -> many (unit text, kind i64, accounts i64,
--   debits_pending_high i64, debits_pending_low i64, debits_posted_high i64,
--   debits_posted_low i64, credits_pending_high i64, credits_pending_low i64,
--   credits_posted_high i64, credits_posted_low i64)
SELECT unit, kind, count(*),
    CAST(sum(debits_pending >> 32) AS BIGINT), CAST(sum(debits_pending & 4294967295) AS BIGINT),
    CAST(sum(debits_posted >> 32) AS BIGINT), CAST(sum(debits_posted & 4294967295) AS BIGINT),
    CAST(sum(credits_pending >> 32) AS BIGINT), CAST(sum(credits_pending & 4294967295) AS BIGINT),
    CAST(sum(credits_posted >> 32) AS BIGINT), CAST(sum(credits_posted & 4294967295) AS BIGINT)
FROM ledger_account WHERE county = $1 GROUP BY unit, kind ORDER BY unit, kind

-- All in order, with what each refers to. The caller reads it once.
-- name: ledger_verify_transfers(county i64) -> many (seq i64, id i64, type i64, flags i64,
--   debit_id i64, credit_id i64, amount i64, asked i64, released i64, code i64,
--   document_id i64, pending_id i64, timeout_s i64, expires_at i64, at i64, hash blob,
--   debit_unit text?, credit_unit text?, p_seq i64?, p_type i64?, p_debit_id i64?,
--   p_credit_id i64?, p_amount i64?, p_expires_at i64?)
SELECT t.seq, t.id, t.type, t.flags, t.debit_id, t.credit_id, t.amount, t.asked, t.released,
       t.code, t.document_id, t.pending_id, t.timeout_s, t.expires_at, t.at, t.hash,
       d.unit, c.unit, p.seq, p.type, p.debit_id, p.credit_id, p.amount, p.expires_at
FROM ledger_transfer t
LEFT JOIN ledger_account d ON d.county = t.county AND d.id = t.debit_id
LEFT JOIN ledger_account c ON c.county = t.county AND c.id = t.credit_id
LEFT JOIN ledger_transfer p ON p.county = t.county AND p.id = t.pending_id
WHERE t.county = $1 ORDER BY t.seq

-- name: ledger_verify_ends(county i64, max i64) -> many (pending_id i64, ends i64)
SELECT pending_id, count(*) FROM ledger_transfer
WHERE county = $1 AND pending_id <> 0 GROUP BY pending_id HAVING count(*) > 1
ORDER BY pending_id LIMIT $2

-- Each account beside the sums of its transfers, in halves. An account may have none.
-- name: ledger_verify_accounts(county i64) -> many (id i64, debit_max i64, credit_max i64,
--   debits_pending i64, debits_posted i64, credits_pending i64, credits_posted i64,
--   debits_pending_high i64, debits_pending_low i64, debits_posted_high i64,
--   debits_posted_low i64, credits_pending_high i64, credits_pending_low i64,
--   credits_posted_high i64, credits_posted_low i64)
SELECT a.id, a.debit_max, a.credit_max, a.debits_pending, a.debits_posted, a.credits_pending,
    a.credits_posted,
    coalesce(s.dph, 0), coalesce(s.dpl, 0), coalesce(s.doh, 0), coalesce(s.dol, 0),
    coalesce(s.cph, 0), coalesce(s.cpl, 0), coalesce(s.coh, 0), coalesce(s.col, 0)
FROM ledger_account a
LEFT JOIN (
    SELECT m.account_id AS account_id,
        CAST(sum(m.dp >> 32) AS BIGINT) AS dph, CAST(sum(m.dp & 4294967295) AS BIGINT) AS dpl,
        CAST(sum(m.dt >> 32) AS BIGINT) AS doh, CAST(sum(m.dt & 4294967295) AS BIGINT) AS dol,
        CAST(sum(m.cp >> 32) AS BIGINT) AS cph, CAST(sum(m.cp & 4294967295) AS BIGINT) AS cpl,
        CAST(sum(m.ct >> 32) AS BIGINT) AS coh, CAST(sum(m.ct & 4294967295) AS BIGINT) AS col
    FROM (
        SELECT debit_id AS account_id, CASE WHEN type = 1 THEN amount ELSE -released END AS dp,
            CASE WHEN type IN (0, 2) THEN amount ELSE 0 END AS dt, 0 AS cp, 0 AS ct
        FROM ledger_transfer WHERE county = $1
        UNION ALL
        SELECT credit_id, 0, 0, CASE WHEN type = 1 THEN amount ELSE -released END,
            CASE WHEN type IN (0, 2) THEN amount ELSE 0 END
        FROM ledger_transfer WHERE county = $1) m
    GROUP BY m.account_id) s ON s.account_id = a.id
WHERE a.county = $1 ORDER BY a.id
