/* Double entry after TigerBeetle's model: accounts with four balances, and transfers that move
 * an amount from one account (debit) to another (credit) and are never changed or deleted.
 * Whole numbers of the smallest unit; what would overflow is refused. Ids are made by the
 * client (db_ids) and make every call safe to repeat: the same id with the same content is
 * "exists", with other content a refusal. Works on whichever database cx carries; all of one
 * ledger lies in one county. Decides nothing about who may do what: callers do.
 * Tables `ledger_account`, `ledger_transfer` (append-only by trigger), `ledger_head`. */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "base/cx.h"
#include "base/verify.h"
#include "work/deadline.h"

#define LEDGER_ID_MAX ((INT64_C(1) << 53) - 1)
/* The most that the debits (pending and posted) or the credits of an account add up to. */
#define LEDGER_TOTAL_MAX ((INT64_C(1) << 62) - 1)
enum {
    LEDGER_NO_LIMIT = -1,
    LEDGER_UNIT_BYTES = 12,
    LEDGER_CODE_MAX = 65535,
    LEDGER_BATCH_MAX = 1000,
    LEDGER_TIMEOUT_MAX_S = 10 * 366 * 86400,
    LEDGER_PAGE_MAX = 1000
};

/* ---- accounts ---- */
struct ledger_account {
    int64_t county, id;
    const char *unit; /* "CNY", "kg": what its numbers count; 1 to 12 of A-Z a-z 0-9 _ . - */
    int32_t kind;     /* the caller's own kinds: 1 to 65535 */
    int64_t owner_id; /* whose, of the caller: 0 none */
    /* At every moment debits_pending + debits_posted - credits_posted <= debit_max, and the
     * same with sides exchanged; LEDGER_NO_LIMIT: free. debit_max 0 is TigerBeetle's
     * "debits must not exceed credits" (a seller's earnings), credit_max 0 its opposite (cash
     * in a drawer); larger: so much overdraft, or so much cash at most. */
    int64_t debit_max, credit_max;
    bool closed; /* nothing more may be moved */
    int64_t created_at;
    int64_t debits_pending, debits_posted, credits_pending, credits_posted;
};
/* Adds an account with zero balances (those given are not looked at). The same account again
 * changes nothing; RC_CONFLICT: the id is of an account with other content; RC_INVALID. */
enum rc ledger_account_add(struct cx *cx, const struct ledger_account *a) MUST_USE;
/* RC_NOTFOUND without a text. */
enum rc ledger_account_get(struct ledger_account *out, struct cx *cx, int64_t county,
                           int64_t id) MUST_USE;
/* A page of a list: of an owner, a document or an account (`id`); `from` 0: the first page,
 * else where the page before ended. At most LEDGER_PAGE_MAX rows. */
struct ledger_page {
    int64_t county, id, from;
    size_t max;
};
/* The accounts of an owner, by id; `from`: the last id of the page before. */
enum rc ledger_accounts_of(struct ledger_account **out, size_t *count, struct cx *cx,
                           const struct ledger_page *page) MUST_USE;
/* Closes or opens again. RC_CONFLICT: something is pending on it. RC_NOTFOUND with a text. */
enum rc ledger_account_close(struct cx *cx, int64_t county, int64_t id, bool closed) MUST_USE;
/* Other limits. RC_CONFLICT: the balances of now do not keep within them. */
enum rc ledger_account_limit(struct cx *cx, int64_t county, int64_t id, int64_t debit_max,
                             int64_t credit_max) MUST_USE;

/* ---- transfers ---- */
enum ledger_type {
    LEDGER_PLAIN = 0,
    LEDGER_PENDING = 1, /* counts in the pending balances and in the limits until it ends */
    LEDGER_POST = 2,    /* ends a pending one: `amount` of it is posted, the rest given back */
    LEDGER_VOID = 3,    /* ends a pending one: all is given back */
    LEDGER_EXPIRE = 4   /* ends a pending one whose time is over: by the ledger itself only */
};
enum ledger_flag {
    LEDGER_LINKED = 1,         /* together with the next one of the batch, or neither */
    LEDGER_BALANCE_DEBIT = 2,  /* at most what the debit account's credits leave */
    LEDGER_BALANCE_CREDIT = 4, /* at most what the credit account's debits leave */
    LEDGER_FLAGS = 7
};
struct ledger_transfer {
    int64_t id; /* 1 to LEDGER_ID_MAX; unique in the county */
    enum ledger_type type;
    unsigned flags;
    int64_t debit_id, credit_id; /* POST, VOID: 0 or those of the pending one */
    int64_t amount;              /* > 0; POST and VOID: 0 = all of it */
    int32_t code;                /* the caller's reason, 1 to 65535; POST, VOID: 0 = the same */
    int64_t document_id;         /* what it is for, of the caller: 0 none */
    int64_t pending_id;          /* POST, VOID: which; else 0 */
    int64_t timeout_s;           /* PENDING: expires after so many seconds; 0 never */
    /* Read only. `amount` is what was moved, `asked` what the client gave. */
    int64_t asked, released, seq, at, expires_at;
};
enum ledger_result {
    LEDGER_OK,
    LEDGER_EXISTS,        /* was made before, with the same content: as good as LEDGER_OK */
    LEDGER_LINKED_FAILED, /* another one of its chain was refused (or was there before) */
    LEDGER_CHAIN_OPEN,    /* the last one of the batch is linked to a next one */
    LEDGER_ID_INVALID,
    LEDGER_ID_TAKEN, /* the id is of a transfer with other content */
    LEDGER_TYPE_INVALID,
    LEDGER_FLAGS_INVALID,
    LEDGER_AMOUNT_INVALID,
    LEDGER_CODE_INVALID,
    LEDGER_DOCUMENT_INVALID,
    LEDGER_TIMEOUT_INVALID,
    LEDGER_SAME_ACCOUNT,
    LEDGER_NO_DEBIT_ACCOUNT,
    LEDGER_NO_CREDIT_ACCOUNT,
    LEDGER_UNITS_DIFFER,
    LEDGER_DEBIT_CLOSED,
    LEDGER_CREDIT_CLOSED,
    LEDGER_OVERFLOW,
    LEDGER_DEBIT_LIMIT,  /* of the debit account; also: nothing left to balance */
    LEDGER_CREDIT_LIMIT, /* of the credit account */
    LEDGER_NO_PENDING,
    LEDGER_NOT_PENDING,     /* pending_id is not of a pending transfer */
    LEDGER_PENDING_DIFFERS, /* accounts or code are not those of the pending one */
    LEDGER_OVER_PENDING,    /* more than the pending amount; VOID: another amount */
    LEDGER_ALREADY_POSTED,
    LEDGER_ALREADY_VOIDED,
    LEDGER_EXPIRED,
    LEDGER_RESULT_COUNT
};
/* Makes the transfers in order, each (or each chain of linked ones) whole or not at all, all
 * in one commit; results[i] says what became of t[i]. RC_OK also when some or all are refused;
 * what is refused leaves no trace and its id may be used again. A failure: nothing was done.
 * At most LEDGER_BATCH_MAX (RC_LIMIT). In a write closure of the county, or makes its own. A
 * POST or VOID that comes after the pending one's time is over ends it as expired, for good,
 * whatever the clock says later. Fault points "ledger.inserted", "ledger.account",
 * "ledger.written". */
enum rc ledger_apply(enum ledger_result *results, struct cx *cx, int64_t county,
                     const struct ledger_transfer *t, size_t count) MUST_USE;
/* As ledger_apply for what must succeed: unless each is LEDGER_OK or LEDGER_EXISTS it fails
 * with RC_CONFLICT and the first refusal's text, and nothing was done. */
enum rc ledger_require(struct cx *cx, int64_t county, const struct ledger_transfer *t,
                       size_t count) MUST_USE;
/* "debit_limit", for logs and answers of programs. Static. */
const char *ledger_result_name(enum ledger_result r);
/* For people, translated: what is wrong and what to do. */
const char *ledger_result_text(const struct cx *cx, enum ledger_result r);

/* ---- reading ---- */
/* RC_NOTFOUND without a text. */
enum rc ledger_transfer_get(struct ledger_transfer *out, struct cx *cx, int64_t county,
                            int64_t id) MUST_USE;
/* How a pending transfer ended: its POST, VOID or EXPIRE. RC_NOTFOUND: it has not. */
enum rc ledger_end_get(struct ledger_transfer *out, struct cx *cx, int64_t county,
                       int64_t pending_id) MUST_USE;
/* The transfers of a document in order; `from`: the last seq of the page before. */
enum rc ledger_of_document(struct ledger_transfer **out, size_t *count, struct cx *cx,
                           const struct ledger_page *page) MUST_USE;
struct ledger_balance {
    int64_t debits_pending, debits_posted, credits_pending, credits_posted;
};
/* After all transfers of `at` and before; read from the transfers of the account. An account
 * that is not there has zeros. */
enum rc ledger_balance_at(struct ledger_balance *out, struct cx *cx, int64_t county, int64_t id,
                          int64_t at) MUST_USE;
/* The transfers of an account, newest first, each with the account's balances after it; `from`:
 * the last seq of the page before. The first page costs the same however many there are; read
 * it in one read transaction (db_read_begin). */
struct ledger_line {
    struct ledger_transfer t;
    struct ledger_balance after;
};
enum rc ledger_statement(struct ledger_line **out, size_t *count, struct cx *cx,
                         const struct ledger_page *page) MUST_USE;
/* A row per unit and kind, by unit; posted (and pending) debits of a unit equal its credits. */
struct ledger_trial {
    const char *unit;
    int32_t kind;
    int64_t accounts;
    struct ledger_balance sum;
};
enum rc ledger_trial_balance(struct ledger_trial **out, size_t *count, struct cx *cx,
                             int64_t county) MUST_USE;

/* Recomputes everything from zero from the transfers, county by county: the order, the chain
 * of hashes, what each refers to, how pending ones ended, every account's four balances, and
 * that debits equal credits. `id` is the transfer's or the account's, as `what` says (in the
 * arena); at most 1,000 are kept, *count counts those. */
enum rc ledger_verify(struct verify_fault **out, size_t *count, struct cx *cx) MUST_USE;

/* "ledger.expire": ends pending transfers when their time is over (web/jobs.c joins it). */
extern const struct deadline_kind ledger_deadline_kinds[];
extern const size_t ledger_deadline_kind_count;

#endif
