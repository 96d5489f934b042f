/* Reading the ledger: transfers, statements, balances at a moment, the trial balance. */
#include "base/text.h"
#include "db/db.h"
#include "ledger/ledger.sql.h"
#include "ledger/ledger_inner.h"

/* The statements that give transfers have the same columns. */
static struct ledger_transfer read_transfer(const struct db_rows *rows)
{
    return (struct ledger_transfer){
        .seq = row_i64(rows, LEDGER_TRANSFER_ONE_SEQ),
        .id = row_i64(rows, LEDGER_TRANSFER_ONE_ID),
        .type = (enum ledger_type)row_i64(rows, LEDGER_TRANSFER_ONE_TYPE),
        .flags = (unsigned)row_i64(rows, LEDGER_TRANSFER_ONE_FLAGS),
        .debit_id = row_i64(rows, LEDGER_TRANSFER_ONE_DEBIT_ID),
        .credit_id = row_i64(rows, LEDGER_TRANSFER_ONE_CREDIT_ID),
        .amount = row_i64(rows, LEDGER_TRANSFER_ONE_AMOUNT),
        .asked = row_i64(rows, LEDGER_TRANSFER_ONE_ASKED),
        .released = row_i64(rows, LEDGER_TRANSFER_ONE_RELEASED),
        .code = (int32_t)row_i64(rows, LEDGER_TRANSFER_ONE_CODE),
        .document_id = row_i64(rows, LEDGER_TRANSFER_ONE_DOCUMENT_ID),
        .pending_id = row_i64(rows, LEDGER_TRANSFER_ONE_PENDING_ID),
        .timeout_s = row_i64(rows, LEDGER_TRANSFER_ONE_TIMEOUT_S),
        .expires_at = row_i64(rows, LEDGER_TRANSFER_ONE_EXPIRES_AT),
        .at = row_i64(rows, LEDGER_TRANSFER_ONE_AT),
    };
}

static enum rc one_transfer(struct ledger_transfer *out, struct cx *cx, const struct sql *sql,
                            int64_t county, int64_t id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, sql, V_I(county), V_I(id)));
    *out = read_transfer(&rows);
    return db_done(&rows);
}

enum rc ledger_transfer_get(struct ledger_transfer *out, struct cx *cx, int64_t county,
                            int64_t id)
{
    return one_transfer(out, cx, &LEDGER_TRANSFER_ONE, county, id);
}

enum rc ledger_end_get(struct ledger_transfer *out, struct cx *cx, int64_t county,
                       int64_t pending_id)
{
    return one_transfer(out, cx, &LEDGER_TRANSFER_END, county, pending_id);
}

enum rc ledger_of_document(struct ledger_transfer **out, size_t *count, struct cx *cx,
                           const struct ledger_page *page)
{
    struct db_rows rows;
    size_t n = 0, most = page->max < LEDGER_PAGE_MAX ? page->max : LEDGER_PAGE_MAX;
    struct ledger_transfer *list = arena_new(cx->arena, (most + 1) * sizeof *list);
    TRY(DB_SELECT(&rows, cx, &LEDGER_TRANSFER_DOCUMENT, V_I(page->county), V_I(page->id),
                  V_I(page->from), V_I(most)));
    while (n < most && db_next(&rows))
        list[n++] = read_transfer(&rows);
    *out = list;
    *count = n;
    return db_done(&rows);
}

/* ---- balances ---- */

static enum rc balance_of(struct ledger_balance *out, struct cx *cx, int64_t county, int64_t id,
                          int64_t at, int64_t before_seq)
{
    struct db_rows rows;
    struct ledger_balance b;
    TRY(DB_ONE(&rows, cx, &LEDGER_DEBITS_AT, V_I(county), V_I(id), V_I(at), V_I(before_seq)));
    b.debits_posted = row_i64(&rows, LEDGER_DEBITS_AT_POSTED);
    b.debits_pending = row_i64(&rows, LEDGER_DEBITS_AT_PENDING);
    TRY(db_done(&rows));
    TRY(DB_ONE(&rows, cx, &LEDGER_CREDITS_AT, V_I(county), V_I(id), V_I(at), V_I(before_seq)));
    b.credits_posted = row_i64(&rows, LEDGER_CREDITS_AT_POSTED);
    b.credits_pending = row_i64(&rows, LEDGER_CREDITS_AT_PENDING);
    TRY(db_done(&rows));
    *out = b;
    return RC_OK;
}

enum rc ledger_balance_at(struct ledger_balance *out, struct cx *cx, int64_t county, int64_t id,
                          int64_t at)
{
    return balance_of(out, cx, county, id, at, INT64_MAX);
}

/* Present balances come from the account: the first page costs the same however long it is. */
static enum rc balance_before(struct ledger_balance *out, struct cx *cx, int64_t county,
                              int64_t id, int64_t before_seq)
{
    struct ledger_account a;
    if (before_seq > 0)
        return balance_of(out, cx, county, id, INT64_MAX, before_seq);
    *out = (struct ledger_balance){0};
    enum rc rc = ledger_account_get(&a, cx, county, id);
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    *out = (struct ledger_balance){a.debits_pending, a.debits_posted, a.credits_pending,
                                   a.credits_posted};
    return RC_OK;
}

enum rc ledger_statement(struct ledger_line **out, size_t *count, struct cx *cx,
                         const struct ledger_page *page)
{
    struct db_rows rows;
    struct ledger_balance after;
    size_t n = 0, most = page->max < LEDGER_PAGE_MAX ? page->max : LEDGER_PAGE_MAX;
    struct ledger_line *list = arena_new(cx->arena, (most + 1) * sizeof *list);
    TRY(balance_before(&after, cx, page->county, page->id, page->from));
    TRY(DB_SELECT(&rows, cx, &LEDGER_TRANSFER_ACCOUNT, V_I(page->county), V_I(page->id),
                  V_I(page->from > 0 ? page->from : INT64_MAX), V_I(most)));
    while (n < most && db_next(&rows)) {
        list[n] = (struct ledger_line){read_transfer(&rows), after};
        ledger_effect(&after, page->id, &list[n++].t, -1);
    }
    *out = list;
    *count = n;
    return db_done(&rows);
}

/* ---- the trial balance ---- */

static bool read_sum(int64_t *out, const struct db_rows *rows, int high)
{
    return ledger_halves(out, row_i64(rows, high), row_i64(rows, high + 1));
}

enum rc ledger_trial_balance(struct ledger_trial **out, size_t *count, struct cx *cx,
                             int64_t county)
{
    enum { KINDS_MAX = 4096 };
    struct db_rows rows;
    struct ledger_trial *list = arena_new(cx->arena, KINDS_MAX * sizeof *list);
    size_t n = 0;
    bool fits = true;
    TRY(DB_SELECT(&rows, cx, &LEDGER_TRIAL_SUMS, V_I(county)));
    while (fits && n < KINDS_MAX && db_next(&rows)) {
        struct ledger_trial *t = &list[n++];
        t->unit = arena_copy(cx->arena, row_str(&rows, LEDGER_TRIAL_SUMS_UNIT));
        t->kind = (int32_t)row_i64(&rows, LEDGER_TRIAL_SUMS_KIND);
        t->accounts = row_i64(&rows, LEDGER_TRIAL_SUMS_ACCOUNTS);
        fits =
            read_sum(&t->sum.debits_pending, &rows, LEDGER_TRIAL_SUMS_DEBITS_PENDING_HIGH) &&
            read_sum(&t->sum.debits_posted, &rows, LEDGER_TRIAL_SUMS_DEBITS_POSTED_HIGH) &&
            read_sum(&t->sum.credits_pending, &rows, LEDGER_TRIAL_SUMS_CREDITS_PENDING_HIGH) &&
            read_sum(&t->sum.credits_posted, &rows, LEDGER_TRIAL_SUMS_CREDITS_POSTED_HIGH);
    }
    TRY(db_done(&rows));
    if (!fits)
        return fail(cx, RC_LIMIT, _("The sum is too large to be shown."), "ledger trial");
    *out = list;
    *count = n;
    return RC_OK;
}

/* ---- what results are called ---- */

static const struct {
    const char *name, *text;
} results[LEDGER_RESULT_COUNT] = {
    [LEDGER_OK] = {"ok", N_("Done.")},
    [LEDGER_EXISTS] = {"exists", N_("This was done before.")},
    [LEDGER_LINKED_FAILED] = {"linked_failed", N_("Something that belongs to it was refused.")},
    [LEDGER_CHAIN_OPEN] = {"chain_open", N_("What belongs together was not sent as a whole.")},
    [LEDGER_ID_INVALID] = {"id_invalid", N_("The transfer has no valid number.")},
    [LEDGER_ID_TAKEN] = {"id_taken",
                         N_("This number is of another transfer already. Take a new one.")},
    [LEDGER_TYPE_INVALID] = {"type_invalid", N_("There is no such kind of transfer.")},
    [LEDGER_FLAGS_INVALID] = {"flags_invalid", N_("There is no such kind of transfer.")},
    [LEDGER_AMOUNT_INVALID] = {"amount_invalid", N_("The amount must be more than zero.")},
    [LEDGER_CODE_INVALID] = {"code_invalid", N_("A transfer needs a reason.")},
    [LEDGER_DOCUMENT_INVALID] = {"document_invalid", N_("There is no such document.")},
    [LEDGER_TIMEOUT_INVALID] = {"timeout_invalid",
                                N_("Only what is pending can run out, in at most ten years.")},
    [LEDGER_SAME_ACCOUNT] = {"same_account",
                             N_("An amount cannot be moved to the account it comes from.")},
    [LEDGER_NO_DEBIT_ACCOUNT] = {"no_debit_account",
                                 N_("There is no account to take this from.")},
    [LEDGER_NO_CREDIT_ACCOUNT] = {"no_credit_account",
                                  N_("There is no account to bring this to.")},
    [LEDGER_UNITS_DIFFER] = {"units_differ",
                             N_("The two accounts do not count the same unit.")},
    [LEDGER_DEBIT_CLOSED] = {"debit_closed", N_("The account to take this from is closed.")},
    [LEDGER_CREDIT_CLOSED] = {"credit_closed", N_("The account to bring this to is closed.")},
    [LEDGER_OVERFLOW] = {"overflow", N_("The amount is too large.")},
    [LEDGER_DEBIT_LIMIT] = {"debit_limit",
                            N_("There is not enough left on the account to take this from.")},
    [LEDGER_CREDIT_LIMIT] = {"credit_limit",
                             N_("The account to bring this to cannot take so much.")},
    [LEDGER_NO_PENDING] = {"no_pending", N_("There is no such pending transfer.")},
    [LEDGER_NOT_PENDING] = {"not_pending", N_("That transfer was never pending.")},
    [LEDGER_PENDING_DIFFERS] = {"pending_differs",
                                N_("The pending transfer is of other accounts or reasons.")},
    [LEDGER_OVER_PENDING] = {"over_pending", N_("The pending transfer is of another amount.")},
    [LEDGER_ALREADY_POSTED] = {"already_posted", N_("The pending transfer was posted before.")},
    [LEDGER_ALREADY_VOIDED] = {"already_voided", N_("The pending transfer was voided before.")},
    [LEDGER_EXPIRED] = {"expired", N_("The pending transfer has run out. Begin anew.")},
};

const char *ledger_result_name(enum ledger_result r)
{
    return results[r].name;
}

const char *ledger_result_text(const struct cx *cx, enum ledger_result r)
{
    return _(results[r].text);
}
