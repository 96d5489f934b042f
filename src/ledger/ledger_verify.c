/* Proving the ledger from zero: every transfer in order with its hash and what it refers to,
 * then every account beside the sums of its transfers, then debits beside credits. */
#include "base/text.h"
#include "db/db.h"
#include "ledger/ledger.sql.h"
#include "ledger/ledger_inner.h"

#include <string.h>

enum { FAULTS_MAX = 1000 };

struct verifier {
    struct cx *cx;
    struct verify_fault *faults;
    size_t count;
    int64_t county;
    struct ledger_head head; /* as far as the transfers were read */
};

static void fault(struct verifier *v, const char *what, int64_t id)
{
    if (v->count < FAULTS_MAX)
        v->faults[v->count++] =
            (struct verify_fault){.what = what, .county = v->county, .id = id};
}

/* ---- transfers ---- */

/* A pending transfer as the row beside the one that ends it. */
static const char *end_fault(const struct db_rows *rows, const struct ledger_transfer *t)
{
    if (row_null(rows, LEDGER_VERIFY_TRANSFERS_P_SEQ) ||
        row_i64(rows, LEDGER_VERIFY_TRANSFERS_P_TYPE) != LEDGER_PENDING)
        return "transfer: what it ends is not a pending transfer";
    if (row_i64(rows, LEDGER_VERIFY_TRANSFERS_P_SEQ) >= t->seq)
        return "transfer: it ends a pending one that is later";
    if (row_i64(rows, LEDGER_VERIFY_TRANSFERS_P_DEBIT_ID) != t->debit_id ||
        row_i64(rows, LEDGER_VERIFY_TRANSFERS_P_CREDIT_ID) != t->credit_id)
        return "transfer: the pending one is of other accounts";
    int64_t amount = row_i64(rows, LEDGER_VERIFY_TRANSFERS_P_AMOUNT);
    int64_t expires_at = row_i64(rows, LEDGER_VERIFY_TRANSFERS_P_EXPIRES_AT);
    if (t->released != amount || t->amount > amount ||
        (t->type != LEDGER_POST && t->amount != amount))
        return "transfer: its amount does not go with the pending one";
    if (t->type == LEDGER_EXPIRE && (expires_at == 0 || t->at < expires_at))
        return "transfer: it expired before its time";
    return NULL;
}

static const char *transfer_fault(const struct db_rows *rows, const struct ledger_transfer *t)
{
    bool ends = t->type == LEDGER_POST || t->type == LEDGER_VOID || t->type == LEDGER_EXPIRE;
    if (row_null(rows, LEDGER_VERIFY_TRANSFERS_DEBIT_UNIT) ||
        row_null(rows, LEDGER_VERIFY_TRANSFERS_CREDIT_UNIT))
        return "transfer: one of its accounts is not there";
    if (!str_eq(row_str(rows, LEDGER_VERIFY_TRANSFERS_DEBIT_UNIT),
                row_str(rows, LEDGER_VERIFY_TRANSFERS_CREDIT_UNIT)))
        return "transfer: its accounts count different units";
    if (t->id <= 0 || t->id > LEDGER_ID_MAX || t->amount <= 0 || t->amount > LEDGER_TOTAL_MAX ||
        t->debit_id == t->credit_id || (unsigned)t->type > LEDGER_EXPIRE)
        return "transfer: its number, type or amount cannot be";
    if (ends)
        return end_fault(rows, t);
    return t->released != 0 || t->pending_id != 0
               ? "transfer: it releases without ending a pending one"
               : NULL;
}

static struct ledger_transfer read_row(const struct db_rows *rows)
{
    return (struct ledger_transfer){
        .seq = row_i64(rows, LEDGER_VERIFY_TRANSFERS_SEQ),
        .id = row_i64(rows, LEDGER_VERIFY_TRANSFERS_ID),
        .type = (enum ledger_type)row_i64(rows, LEDGER_VERIFY_TRANSFERS_TYPE),
        .flags = (unsigned)row_i64(rows, LEDGER_VERIFY_TRANSFERS_FLAGS),
        .debit_id = row_i64(rows, LEDGER_VERIFY_TRANSFERS_DEBIT_ID),
        .credit_id = row_i64(rows, LEDGER_VERIFY_TRANSFERS_CREDIT_ID),
        .amount = row_i64(rows, LEDGER_VERIFY_TRANSFERS_AMOUNT),
        .asked = row_i64(rows, LEDGER_VERIFY_TRANSFERS_ASKED),
        .released = row_i64(rows, LEDGER_VERIFY_TRANSFERS_RELEASED),
        .code = (int32_t)row_i64(rows, LEDGER_VERIFY_TRANSFERS_CODE),
        .document_id = row_i64(rows, LEDGER_VERIFY_TRANSFERS_DOCUMENT_ID),
        .pending_id = row_i64(rows, LEDGER_VERIFY_TRANSFERS_PENDING_ID),
        .timeout_s = row_i64(rows, LEDGER_VERIFY_TRANSFERS_TIMEOUT_S),
        .expires_at = row_i64(rows, LEDGER_VERIFY_TRANSFERS_EXPIRES_AT),
        .at = row_i64(rows, LEDGER_VERIFY_TRANSFERS_AT),
    };
}

/* The chain goes on from the hash that stands there, so that one changed row is one fault. */
static void verify_row(struct verifier *v, const struct db_rows *rows)
{
    struct ledger_transfer t = read_row(rows);
    struct str stored = row_str(rows, LEDGER_VERIFY_TRANSFERS_HASH);
    uint8_t hash[HASH_BYTES];
    const char *what = transfer_fault(rows, &t);
    ledger_row_hash(hash, v->head.hash, v->county, &t);
    if (t.seq != v->head.seq + 1)
        fault(v, "transfer: one before it is missing", t.id);
    else if (stored.len != HASH_BYTES || memcmp(stored.p, hash, HASH_BYTES) != 0)
        fault(v, "transfer: it, or what was before it, was changed", t.id);
    if (t.at < v->head.at)
        fault(v, "transfer: it is older than the one before it", t.id);
    if (what)
        fault(v, what, t.id);
    v->head.seq = t.seq;
    v->head.at = t.at;
    if (stored.len == HASH_BYTES)
        memcpy(v->head.hash, stored.p, HASH_BYTES);
}

/* `want`: where they must end; NULL: not known. */
static enum rc verify_transfers(struct verifier *v, const struct ledger_head *want)
{
    struct db_rows rows;
    v->head = (struct ledger_head){0};
    TRY(DB_SELECT(&rows, v->cx, &LEDGER_VERIFY_TRANSFERS, V_I(v->county)));
    while (db_next(&rows))
        verify_row(v, &rows);
    TRY(db_done(&rows));
    if (want && (v->head.seq != want->seq || memcmp(v->head.hash, want->hash, HASH_BYTES) != 0))
        fault(v, "county: the last transfers are missing, or its head was changed",
              v->head.seq);
    TRY(DB_SELECT(&rows, v->cx, &LEDGER_VERIFY_ENDS, V_I(v->county), V_I(FAULTS_MAX)));
    while (db_next(&rows))
        fault(v, "transfer: the pending one ended more than once",
              row_i64(&rows, LEDGER_VERIFY_ENDS_PENDING_ID));
    return db_done(&rows);
}

/* ---- accounts ---- */

static void compare(struct verifier *v, const struct db_rows *rows, const char *name,
                    int stored_column, int high)
{
    int64_t sum, stored = row_i64(rows, stored_column);
    int64_t id = row_i64(rows, LEDGER_VERIFY_ACCOUNTS_ID);
    if (!ledger_halves(&sum, row_i64(rows, high), row_i64(rows, high + 1)))
        fault(v, "account: its transfers add up to more than can be", id);
    else if (sum != stored)
        fault(v,
              arena_printf(v->cx->arena,
                           "account: %s stored %" PRId64 ", by its transfers %" PRId64, name,
                           stored, sum),
              id);
}

/* How far one side may be above the other; 128 bits, since tampered numbers may be any. */
static bool is_over(int64_t pending, int64_t posted, int64_t other, int64_t max)
{
    return max != LEDGER_NO_LIMIT && (__int128)pending + posted - other > max;
}

static enum rc verify_accounts(struct verifier *v)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, v->cx, &LEDGER_VERIFY_ACCOUNTS, V_I(v->county)));
    while (db_next(&rows)) {
        int64_t id = row_i64(&rows, LEDGER_VERIFY_ACCOUNTS_ID);
        int64_t dp = row_i64(&rows, LEDGER_VERIFY_ACCOUNTS_DEBITS_PENDING);
        int64_t dt = row_i64(&rows, LEDGER_VERIFY_ACCOUNTS_DEBITS_POSTED);
        int64_t cp = row_i64(&rows, LEDGER_VERIFY_ACCOUNTS_CREDITS_PENDING);
        int64_t ct = row_i64(&rows, LEDGER_VERIFY_ACCOUNTS_CREDITS_POSTED);
        compare(v, &rows, "pending debits", LEDGER_VERIFY_ACCOUNTS_DEBITS_PENDING,
                LEDGER_VERIFY_ACCOUNTS_DEBITS_PENDING_HIGH);
        compare(v, &rows, "posted debits", LEDGER_VERIFY_ACCOUNTS_DEBITS_POSTED,
                LEDGER_VERIFY_ACCOUNTS_DEBITS_POSTED_HIGH);
        compare(v, &rows, "pending credits", LEDGER_VERIFY_ACCOUNTS_CREDITS_PENDING,
                LEDGER_VERIFY_ACCOUNTS_CREDITS_PENDING_HIGH);
        compare(v, &rows, "posted credits", LEDGER_VERIFY_ACCOUNTS_CREDITS_POSTED,
                LEDGER_VERIFY_ACCOUNTS_CREDITS_POSTED_HIGH);
        if (is_over(dp, dt, ct, row_i64(&rows, LEDGER_VERIFY_ACCOUNTS_DEBIT_MAX)) ||
            is_over(cp, ct, dt, row_i64(&rows, LEDGER_VERIFY_ACCOUNTS_CREDIT_MAX)))
            fault(v, "account: its balance is over its limit", id);
    }
    return db_done(&rows);
}

/* Debits and credits per unit: `kind`s of a unit follow each other. */
static enum rc verify_trial(struct verifier *v)
{
    struct ledger_trial *list;
    size_t count;
    __int128 posted = 0, pending = 0;
    struct arena_mark mark = arena_mark(v->cx->arena);
    TRY(ledger_trial_balance(&list, &count, v->cx, v->county));
    for (size_t i = 0; i < count; i++) {
        const struct ledger_balance *s = &list[i].sum;
        posted += (__int128)s->debits_posted - s->credits_posted;
        pending += (__int128)s->debits_pending - s->credits_pending;
        if (i + 1 < count && !strcmp(list[i].unit, list[i + 1].unit))
            continue;
        if (posted != 0 || pending != 0)
            fault(v, "county: debits and credits of a unit differ", 0);
        posted = pending = 0;
    }
    arena_back(v->cx->arena, mark);
    return RC_OK;
}

/* ---- all ---- */

/* *has_head false: the county's row of ledger_head is missing or has no whole hash. */
static enum rc next_county(struct verifier *v, struct ledger_head *head, bool *has_head)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, v->cx, &LEDGER_COUNTY_AFTER, V_I(v->county)));
    struct str hash = row_str(&rows, LEDGER_COUNTY_AFTER_HASH);
    *head = (struct ledger_head){.seq = row_i64(&rows, LEDGER_COUNTY_AFTER_SEQ),
                                 .at = row_i64(&rows, LEDGER_COUNTY_AFTER_AT)};
    *has_head = hash.len == HASH_BYTES;
    if (*has_head)
        memcpy(head->hash, hash.p, HASH_BYTES);
    v->county = row_i64(&rows, LEDGER_COUNTY_AFTER_COUNTY);
    return db_done(&rows);
}

/* A county is read in one transaction: a server may write at the same time. */
static enum rc verify_county(struct verifier *v, enum rc *found)
{
    struct ledger_head head;
    bool has_head;
    *found = next_county(v, &head, &has_head);
    if (*found)
        return *found == RC_NOTFOUND ? RC_OK : *found;
    if (!has_head)
        fault(v, "county: the head of its ledger is missing", 0);
    TRY(verify_transfers(v, has_head ? &head : NULL));
    TRY(verify_accounts(v));
    return verify_trial(v);
}

enum rc ledger_verify(struct verify_fault **out, size_t *count, struct cx *cx)
{
    struct verifier v = {.cx = cx, .county = -1};
    enum rc found = RC_OK;
    v.faults = arena_array(cx->arena, FAULTS_MAX, sizeof *v.faults);
    if (!v.faults)
        return fail(cx, RC_LIMIT, _("There is not enough memory for this check."), "verify");
    while (found == RC_OK) {
        TRY(db_read_begin(cx));
        enum rc rc = verify_county(&v, &found);
        db_read_end(cx);
        TRY(rc);
    }
    *out = v.faults;
    *count = v.count;
    return RC_OK;
}
