/* Accounts, the county's head, and what a transfer does to balances. */
#include "base/text.h"
#include "db/db.h"
#include "ledger/ledger.sql.h"
#include "ledger/ledger_inner.h"

#include <string.h>

enum rc ledger_head_hold(struct ledger_head *out, struct cx *cx, int64_t county)
{
    static const uint8_t zero[HASH_BYTES];
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &LEDGER_HEAD_HOLD, V_I(county), V_B(zero, sizeof zero)));
    struct str hash = row_str(&rows, LEDGER_HEAD_HOLD_HASH);
    bool is_whole = hash.len == HASH_BYTES;
    out->seq = row_i64(&rows, LEDGER_HEAD_HOLD_SEQ);
    out->at = row_i64(&rows, LEDGER_HEAD_HOLD_AT);
    memcpy(out->hash, is_whole ? hash.p : (const char *)zero, HASH_BYTES);
    TRY(db_done(&rows));
    return is_whole ? RC_OK
                    : fail(cx, RC_DB,
                           _("The ledger does not agree with itself. Nothing was done. Run "
                             "`fumin verify` and keep the backups."),
                           "ledger head of county %" PRId64, county);
}

void ledger_row_hash(uint8_t out[HASH_BYTES], const uint8_t before[HASH_BYTES], int64_t county,
                     const struct ledger_transfer *t)
{
    const int64_t fields[] = {county,        t->seq,       t->id,         t->type,
                              t->flags,      t->debit_id,  t->credit_id,  t->amount,
                              t->asked,      t->released,  t->code,       t->document_id,
                              t->pending_id, t->timeout_s, t->expires_at, t->at};
    enum { COUNT = sizeof fields / sizeof *fields };
    uint8_t bytes[HASH_BYTES + COUNT * 8];
    memcpy(bytes, before, HASH_BYTES);
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < 8; k++)
            bytes[HASH_BYTES + i * 8 + k] = (uint8_t)((uint64_t)fields[i] >> (8 * k));
    hash_bytes(out, bytes, sizeof bytes);
}

bool ledger_halves(int64_t *out, int64_t high, int64_t low)
{
    int64_t upper;
    return !__builtin_mul_overflow(high, INT64_C(1) << 32, &upper) &&
           !__builtin_add_overflow(upper, low, out);
}

void ledger_effect(struct ledger_balance *b, int64_t id, const struct ledger_transfer *t,
                   int64_t sign)
{
    int64_t posted = t->type == LEDGER_PLAIN || t->type == LEDGER_POST ? t->amount : 0;
    int64_t pending = t->type == LEDGER_PENDING ? t->amount : -t->released;
    if (t->debit_id == id) {
        b->debits_posted += sign * posted;
        b->debits_pending += sign * pending;
    }
    if (t->credit_id == id) {
        b->credits_posted += sign * posted;
        b->credits_pending += sign * pending;
    }
}

/* ---- reading ---- */

/* The statements that give accounts have the same columns. */
static void read_account(struct ledger_account *out, struct cx *cx, int64_t county,
                         const struct db_rows *rows)
{
    *out = (struct ledger_account){
        .county = county,
        .id = row_i64(rows, LEDGER_ACCOUNT_ONE_ID),
        .unit = arena_copy(cx->arena, row_str(rows, LEDGER_ACCOUNT_ONE_UNIT)),
        .kind = (int32_t)row_i64(rows, LEDGER_ACCOUNT_ONE_KIND),
        .owner_id = row_i64(rows, LEDGER_ACCOUNT_ONE_OWNER_ID),
        .debit_max = row_i64(rows, LEDGER_ACCOUNT_ONE_DEBIT_MAX),
        .credit_max = row_i64(rows, LEDGER_ACCOUNT_ONE_CREDIT_MAX),
        .closed = row_i64(rows, LEDGER_ACCOUNT_ONE_CLOSED) != 0,
        .created_at = row_i64(rows, LEDGER_ACCOUNT_ONE_CREATED_AT),
        .debits_pending = row_i64(rows, LEDGER_ACCOUNT_ONE_DEBITS_PENDING),
        .debits_posted = row_i64(rows, LEDGER_ACCOUNT_ONE_DEBITS_POSTED),
        .credits_pending = row_i64(rows, LEDGER_ACCOUNT_ONE_CREDITS_PENDING),
        .credits_posted = row_i64(rows, LEDGER_ACCOUNT_ONE_CREDITS_POSTED),
    };
}

enum rc ledger_account_get(struct ledger_account *out, struct cx *cx, int64_t county,
                           int64_t id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &LEDGER_ACCOUNT_ONE, V_I(county), V_I(id)));
    read_account(out, cx, county, &rows);
    return db_done(&rows);
}

enum rc ledger_accounts_of(struct ledger_account **out, size_t *count, struct cx *cx,
                           const struct ledger_page *page)
{
    struct db_rows rows;
    size_t n = 0, most = page->max < LEDGER_PAGE_MAX ? page->max : LEDGER_PAGE_MAX;
    struct ledger_account *list = arena_new(cx->arena, (most + 1) * sizeof *list);
    TRY(DB_SELECT(&rows, cx, &LEDGER_ACCOUNT_LIST, V_I(page->county), V_I(page->id),
                  V_I(page->from), V_I(most)));
    while (n < most && db_next(&rows))
        read_account(&list[n++], cx, page->county, &rows);
    *out = list;
    *count = n;
    return db_done(&rows);
}

/* ---- writing ---- */

static bool is_unit(const char *unit)
{
    size_t len = unit ? strlen(unit) : 0;
    return len > 0 && len <= LEDGER_UNIT_BYTES &&
           strspn(unit, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") ==
               len;
}

static bool is_limit(int64_t max)
{
    return max >= LEDGER_NO_LIMIT && max <= LEDGER_TOTAL_MAX;
}

static enum rc add(struct cx *cx, void *arg)
{
    const struct ledger_account *a = arg;
    struct ledger_account was;
    struct ledger_head head;
    int64_t count;
    TRY(ledger_head_hold(&head, cx, a->county));
    TRY(DB_RUN_COUNT(&count, cx, &LEDGER_ACCOUNT_INSERT, V_I(a->county), V_I(a->id),
                     V_T(a->unit), V_I(a->kind), V_I(a->owner_id), V_I(a->debit_max),
                     V_I(a->credit_max), V_I(a->closed), V_I(cx->now_at)));
    if (count == 1)
        return RC_OK;
    TRY(ledger_account_get(&was, cx, a->county, a->id));
    /* Limits and `closed` may have changed since: they are not part of what it is. */
    if (strcmp(was.unit, a->unit) != 0 || was.kind != a->kind || was.owner_id != a->owner_id)
        return fail(cx, RC_CONFLICT,
                    _("This number is of another account already. Take a new one."),
                    "ledger account=%" PRId64, a->id);
    return RC_OK;
}

enum rc ledger_account_add(struct cx *cx, const struct ledger_account *a)
{
    struct ledger_account given = *a;
    if (a->id <= 0 || a->id > LEDGER_ID_MAX || !is_unit(a->unit) || a->kind < 1 ||
        a->kind > LEDGER_CODE_MAX || a->owner_id < 0 || !is_limit(a->debit_max) ||
        !is_limit(a->credit_max))
        return fail(cx, RC_INVALID,
                    _("An account needs a number, a unit such as CNY, a kind from 1 to 65535, "
                      "and limits that are not negative."),
                    "ledger account=%" PRId64, a->id);
    return db_write(cx, a->county, add, &given);
}

struct account_change {
    int64_t county, id, debit_max, credit_max;
    const struct sql *sql;
    bool closed;
};

static enum rc change_account(int64_t *changed, struct cx *cx, const struct account_change *c)
{
    if (c->sql == &LEDGER_ACCOUNT_SHUT)
        return DB_RUN_COUNT(changed, cx, c->sql, V_I(c->county), V_I(c->id), V_I(c->closed));
    return DB_RUN_COUNT(changed, cx, c->sql, V_I(c->county), V_I(c->id), V_I(c->debit_max),
                        V_I(c->credit_max));
}

static enum rc change_write(struct cx *cx, void *arg)
{
    const struct account_change *c = arg;
    struct ledger_account a;
    struct ledger_head head;
    int64_t changed;
    TRY(ledger_head_hold(&head, cx, c->county));
    TRY(change_account(&changed, cx, c));
    if (changed == 1)
        return RC_OK;
    enum rc rc = ledger_account_get(&a, cx, c->county, c->id);
    if (rc == RC_NOTFOUND)
        return fail(cx, rc, _("There is no such account."), "ledger account=%" PRId64, c->id);
    TRY(rc);
    return fail(cx, RC_CONFLICT,
                c->sql == &LEDGER_ACCOUNT_SHUT
                    ? _("Something is still pending on this account. Post or void it first.")
                    : _("The account's balance does not keep within these limits."),
                "ledger account=%" PRId64, c->id);
}

enum rc ledger_account_close(struct cx *cx, int64_t county, int64_t id, bool closed)
{
    struct account_change c = {
        .county = county, .id = id, .sql = &LEDGER_ACCOUNT_SHUT, .closed = closed};
    return db_write(cx, county, change_write, &c);
}

enum rc ledger_account_limit(struct cx *cx, int64_t county, int64_t id, int64_t debit_max,
                             int64_t credit_max)
{
    struct account_change c = {.county = county,
                               .id = id,
                               .debit_max = debit_max,
                               .credit_max = credit_max,
                               .sql = &LEDGER_ACCOUNT_SET_MAX};
    if (!is_limit(debit_max) || !is_limit(credit_max))
        return fail(cx, RC_INVALID, _("A limit is not negative."), "ledger account=%" PRId64,
                    id);
    return db_write(cx, county, change_write, &c);
}
