/* Making transfers. A batch holds the county's head, works on the accounts in memory while it
 * adds the rows, and writes the balances once at its end, from exactly what was read. */
#include "base/fault.h"
#include "base/text.h"
#include "base/time.h"
#include "db/db.h"
#include "ledger/ledger.sql.h"
#include "ledger/ledger_inner.h"

#include <string.h>

#define DEADLINE_KIND "ledger.expire"

/* An account of the batch: as read, and as it is now. */
struct held {
    struct ledger_account a;
    struct ledger_balance was, now;
    bool is_there;
};
/* What to put back when a chain is undone. */
struct undo {
    struct held *held;
    struct ledger_balance before;
};
struct batch {
    struct cx *cx;
    int64_t county, now_at;
    struct ledger_head head;
    struct held *held;
    size_t held_count, slot_count; /* slots: open addressing, index + 1 into `held` */
    uint32_t *slots;
    struct undo *undo;
    size_t undo_count;
    bool in_chain, by_clock;
    int64_t late_id; /* a pending transfer whose time was found to be over; 0 none */
};

static enum rc damaged(struct cx *cx, const char *what, int64_t id)
{
    return fail(cx, RC_DB,
                _("The ledger does not agree with itself. Nothing was done. Run `fumin verify` "
                  "and keep the backups."),
                "ledger: %s id=%" PRId64, what, id);
}

/* ---- accounts of the batch ---- */

static enum rc batch_open(struct batch *b, struct cx *cx, int64_t county, size_t count)
{
    *b = (struct batch){.cx = cx, .county = county, .now_at = time_now(), .slot_count = 16};
    while (b->slot_count < 5 * count)
        b->slot_count *= 2;
    b->slots = arena_array(cx->arena, b->slot_count, sizeof *b->slots);
    b->held = arena_array(cx->arena, 2 * count + 2, sizeof *b->held);
    b->undo = arena_array(cx->arena, 2 * count + 2, sizeof *b->undo);
    if (!b->slots || !b->held || !b->undo)
        return fail(cx, RC_LIMIT, _("There is not enough memory for this."), "ledger batch");
    memset(b->slots, 0, b->slot_count * sizeof *b->slots);
    TRY(ledger_head_hold(&b->head, cx, county));
    if (b->head.at < b->now_at)
        b->head.at = b->now_at;
    return RC_OK;
}

static enum rc hold(struct held **out, struct batch *b, int64_t id)
{
    size_t i = (size_t)((uint64_t)id * 0x9E3779B97F4A7C15u >> 32) & (b->slot_count - 1);
    while (b->slots[i] && b->held[b->slots[i] - 1].a.id != id)
        i = (i + 1) & (b->slot_count - 1);
    if (!b->slots[i]) {
        struct held *h = &b->held[b->held_count];
        *h = (struct held){.a = {.id = id}};
        enum rc rc = ledger_account_get(&h->a, b->cx, b->county, id);
        if (rc != RC_NOTFOUND)
            TRY(rc);
        h->is_there = rc == RC_OK;
        h->a.id = id;
        h->was = (struct ledger_balance){h->a.debits_pending, h->a.debits_posted,
                                         h->a.credits_pending, h->a.credits_posted};
        h->now = h->was;
        b->slots[i] = (uint32_t)++b->held_count;
    }
    *out = &b->held[b->slots[i] - 1];
    return RC_OK;
}

static void change(struct batch *b, struct held *h, const struct ledger_transfer *t)
{
    if (b->in_chain)
        b->undo[b->undo_count++] = (struct undo){h, h->now};
    ledger_effect(&h->now, h->a.id, t, 1);
}

/* ---- what may be ---- */

static bool ends_another(enum ledger_type type)
{
    return type == LEDGER_POST || type == LEDGER_VOID || type == LEDGER_EXPIRE;
}

static enum ledger_result check_form(const struct batch *b, const struct ledger_transfer *t)
{
    bool ends = ends_another(t->type);
    unsigned balance = LEDGER_BALANCE_DEBIT | LEDGER_BALANCE_CREDIT;
    if (t->id <= 0 || t->id > LEDGER_ID_MAX)
        return LEDGER_ID_INVALID;
    if ((unsigned)t->type > (b->by_clock ? LEDGER_EXPIRE : LEDGER_VOID))
        return LEDGER_TYPE_INVALID;
    if ((t->flags & ~(unsigned)LEDGER_FLAGS) || (ends && (t->flags & balance)))
        return LEDGER_FLAGS_INVALID;
    if (t->amount < 0 || (t->amount == 0 && !ends))
        return LEDGER_AMOUNT_INVALID;
    if (t->amount > LEDGER_TOTAL_MAX)
        return LEDGER_OVERFLOW;
    if (t->code < 0 || t->code > LEDGER_CODE_MAX || (t->code == 0 && !ends))
        return LEDGER_CODE_INVALID;
    if (t->document_id < 0)
        return LEDGER_DOCUMENT_INVALID;
    if (t->timeout_s < 0 || t->timeout_s > LEDGER_TIMEOUT_MAX_S ||
        (t->timeout_s > 0 && t->type != LEDGER_PENDING))
        return LEDGER_TIMEOUT_INVALID;
    if ((t->pending_id != 0) != ends)
        return LEDGER_NO_PENDING;
    if (!ends && t->debit_id == t->credit_id)
        return LEDGER_SAME_ACCOUNT;
    return LEDGER_OK;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* All sums stay below 2^63: each side of an account, each limit and the amount are below 2^62.
 */
static enum ledger_result check_room(struct ledger_transfer *row, const struct held *debit,
                                     const struct held *credit)
{
    const struct ledger_balance *d = &debit->now, *c = &credit->now;
    int64_t debits = d->debits_pending + d->debits_posted;
    int64_t credits = c->credits_pending + c->credits_posted;
    if (row->flags & LEDGER_BALANCE_DEBIT)
        row->amount = smaller(row->amount, d->credits_posted - debits);
    if (row->amount <= 0)
        return LEDGER_DEBIT_LIMIT;
    if (row->flags & LEDGER_BALANCE_CREDIT)
        row->amount = smaller(row->amount, c->debits_posted - credits);
    if (row->amount <= 0)
        return LEDGER_CREDIT_LIMIT;
    if (debits > LEDGER_TOTAL_MAX - row->amount || credits > LEDGER_TOTAL_MAX - row->amount)
        return LEDGER_OVERFLOW;
    if (debit->a.debit_max != LEDGER_NO_LIMIT &&
        debits + row->amount - d->credits_posted > debit->a.debit_max)
        return LEDGER_DEBIT_LIMIT;
    if (credit->a.credit_max != LEDGER_NO_LIMIT &&
        credits + row->amount - c->debits_posted > credit->a.credit_max)
        return LEDGER_CREDIT_LIMIT;
    return LEDGER_OK;
}

static enum rc check_new(enum ledger_result *result, struct ledger_transfer *row,
                         struct batch *b)
{
    struct held *debit, *credit;
    TRY(hold(&debit, b, row->debit_id));
    TRY(hold(&credit, b, row->credit_id));
    if (!debit->is_there)
        *result = LEDGER_NO_DEBIT_ACCOUNT;
    else if (!credit->is_there)
        *result = LEDGER_NO_CREDIT_ACCOUNT;
    else if (strcmp(debit->a.unit, credit->a.unit) != 0)
        *result = LEDGER_UNITS_DIFFER;
    else if (debit->a.closed)
        *result = LEDGER_DEBIT_CLOSED;
    else if (credit->a.closed)
        *result = LEDGER_CREDIT_CLOSED;
    else
        *result = check_room(row, debit, credit);
    if (row->type == LEDGER_PENDING && row->timeout_s > 0)
        row->expires_at = b->now_at + row->timeout_s;
    return RC_OK;
}

/* Whether a pending transfer is still open for `row`. */
static enum rc check_open(enum ledger_result *result, struct batch *b,
                          const struct ledger_transfer *row,
                          const struct ledger_transfer *pending)
{
    struct ledger_transfer end;
    enum rc rc = ledger_end_get(&end, b->cx, b->county, pending->id);
    if (rc != RC_OK && rc != RC_NOTFOUND)
        return rc;
    if (rc == RC_OK) {
        *result = end.type == LEDGER_POST   ? LEDGER_ALREADY_POSTED
                  : end.type == LEDGER_VOID ? LEDGER_ALREADY_VOIDED
                                            : LEDGER_EXPIRED;
        return RC_OK;
    }
    bool is_late = pending->expires_at != 0 && b->now_at >= pending->expires_at;
    if (is_late && row->type != LEDGER_EXPIRE) {
        *result = LEDGER_EXPIRED;
        b->late_id = pending->id;
    }
    return RC_OK;
}

static enum rc check_end(enum ledger_result *result, struct ledger_transfer *row,
                         struct batch *b)
{
    struct ledger_transfer p;
    enum rc rc = ledger_transfer_get(&p, b->cx, b->county, row->pending_id);
    if (rc != RC_OK && rc != RC_NOTFOUND)
        return rc;
    if (rc == RC_NOTFOUND)
        *result = LEDGER_NO_PENDING;
    else if (p.type != LEDGER_PENDING)
        *result = LEDGER_NOT_PENDING;
    else if ((row->debit_id && row->debit_id != p.debit_id) ||
             (row->credit_id && row->credit_id != p.credit_id) ||
             (row->code && row->code != p.code))
        *result = LEDGER_PENDING_DIFFERS;
    else if (row->amount > p.amount ||
             (row->type != LEDGER_POST && row->amount && row->amount != p.amount))
        *result = LEDGER_OVER_PENDING;
    else
        TRY(check_open(result, b, row, &p));
    if (*result != LEDGER_OK)
        return RC_OK;
    row->debit_id = p.debit_id;
    row->credit_id = p.credit_id;
    row->code = p.code;
    row->released = p.amount;
    row->expires_at = p.expires_at;
    row->amount = row->amount ? row->amount : p.amount;
    return RC_OK;
}

/* ---- rows ---- */

static enum rc insert(bool *inserted, struct batch *b, struct ledger_transfer *row)
{
    uint8_t hash[HASH_BYTES];
    int64_t count;
    row->seq = b->head.seq + 1;
    row->at = b->head.at;
    ledger_row_hash(hash, b->head.hash, b->county, row);
    TRY(DB_RUN_COUNT(&count, b->cx, &LEDGER_TRANSFER_INSERT, V_I(b->county), V_I(row->seq),
                     V_I(row->id), V_I(row->type), V_I(row->flags), V_I(row->debit_id),
                     V_I(row->credit_id), V_I(row->amount), V_I(row->asked), V_I(row->released),
                     V_I(row->code), V_I(row->document_id), V_I(row->pending_id),
                     V_I(row->timeout_s), V_I(row->expires_at), V_I(row->at),
                     V_B(hash, sizeof hash)));
    *inserted = count == 1;
    if (count == 1) {
        b->head.seq = row->seq;
        memcpy(b->head.hash, hash, sizeof hash);
    }
    return RC_OK;
}

static enum rc add_row(bool *added, struct batch *b, struct ledger_transfer *row)
{
    struct held *debit, *credit;
    TRY(insert(added, b, row));
    if (!*added)
        return RC_OK;
    TRY(hold(&debit, b, row->debit_id));
    TRY(hold(&credit, b, row->credit_id));
    change(b, debit, row);
    change(b, credit, row);
    if (row->expires_at == 0)
        return RC_OK;
    if (row->type == LEDGER_PENDING)
        return deadline_set(b->cx, b->county, DEADLINE_KIND, row->id, row->expires_at, 0);
    return deadline_clear(b->cx, b->county, DEADLINE_KIND, row->pending_id);
}

/* The same content as what was made with this id before? *found false: there is none. */
static enum rc compare(bool *found, enum ledger_result *result, struct batch *b,
                       const struct ledger_transfer *t)
{
    struct ledger_transfer was;
    enum rc rc = ledger_transfer_get(&was, b->cx, b->county, t->id);
    *found = rc == RC_OK;
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    bool ends = ends_another(was.type);
    bool is_same = was.type == t->type && was.flags == t->flags && was.asked == t->amount &&
                   was.document_id == t->document_id && was.pending_id == t->pending_id &&
                   was.timeout_s == t->timeout_s &&
                   (was.debit_id == t->debit_id || (ends && t->debit_id == 0)) &&
                   (was.credit_id == t->credit_id || (ends && t->credit_id == 0)) &&
                   (was.code == t->code || (ends && t->code == 0));
    *result = is_same ? LEDGER_EXISTS : LEDGER_ID_TAKEN;
    return RC_OK;
}

static enum rc apply_one(enum ledger_result *result, struct batch *b,
                         const struct ledger_transfer *t)
{
    struct ledger_transfer row = *t;
    bool added = false, found;
    row.asked = t->amount;
    row.released = row.expires_at = 0;
    b->late_id = 0;
    enum ledger_result why = check_form(b, t);
    if (why == LEDGER_OK)
        TRY(ends_another(t->type) ? check_end(&why, &row, b) : check_new(&why, &row, b));
    if (why == LEDGER_OK)
        TRY(add_row(&added, b, &row));
    *result = why;
    if (added || why == LEDGER_ID_INVALID)
        return RC_OK;
    TRY(compare(&found, result, b, t));
    if (!found && why == LEDGER_OK)
        return damaged(b->cx, "a row is in the way of transfer", t->id);
    return RC_OK;
}

/* Ends what was found late, so that no clock that goes back brings it to life again. */
static enum rc expire_late(struct batch *b)
{
    struct ledger_transfer e = {.type = LEDGER_EXPIRE, .pending_id = b->late_id};
    enum ledger_result result;
    bool by_clock = b->by_clock;
    if (b->late_id == 0)
        return RC_OK;
    TRY(db_ids(&e.id, b->cx, 1));
    b->by_clock = true;
    enum rc rc = apply_one(&result, b, &e);
    b->by_clock = by_clock;
    TRY(rc);
    return result == LEDGER_OK ? RC_OK : damaged(b->cx, "cannot expire", e.pending_id);
}

/* ---- chains ---- */

static void chain_refused(enum ledger_result *results, size_t count, size_t culprit)
{
    for (size_t i = 0; i < count; i++)
        if (i != culprit)
            results[i] = LEDGER_LINKED_FAILED;
}

static enum rc apply_chain(enum ledger_result *results, struct batch *b,
                           const struct ledger_transfer *t, size_t count)
{
    struct ledger_head before = b->head;
    size_t added = 0, there = 0, culprit = count;
    b->undo_count = 0;
    b->in_chain = true;
    TRY(db_savepoint(b->cx));
    for (size_t i = 0; i < count && culprit == count; i++) {
        TRY(apply_one(&results[i], b, &t[i]));
        added += results[i] == LEDGER_OK;
        there += results[i] == LEDGER_EXISTS;
        if (results[i] > LEDGER_EXISTS || (added && there))
            culprit = i;
    }
    b->in_chain = false;
    if (culprit == count)
        return db_release(b->cx);
    TRY(db_undo(b->cx));
    b->head = before;
    while (b->undo_count > 0) {
        struct undo *u = &b->undo[--b->undo_count];
        u->held->now = u->before;
    }
    /* Some were there and some not: no chain that was ever sent. */
    if (results[culprit] <= LEDGER_EXISTS)
        results[culprit] = LEDGER_LINKED_FAILED;
    chain_refused(results, count, culprit);
    return RC_OK;
}

static enum rc apply_all(enum ledger_result *results, struct batch *b,
                         const struct ledger_transfer *t, size_t count)
{
    for (size_t i = 0, end; i < count; i = end) {
        end = i + 1;
        while (end < count && (t[end - 1].flags & LEDGER_LINKED))
            end++;
        if (t[end - 1].flags & LEDGER_LINKED) {
            results[end - 1] = LEDGER_CHAIN_OPEN;
            chain_refused(results + i, end - i, end - i - 1);
        } else if (end - i > 1) {
            TRY(apply_chain(results + i, b, t + i, end - i));
        } else {
            TRY(apply_one(&results[i], b, &t[i]));
            TRY(expire_late(b));
        }
    }
    return RC_OK;
}

/* ---- the write ---- */

static enum rc faulty(struct cx *cx, const char *point)
{
    return fault_hit(point) ? fail(cx, RC_IO, _("Please try again."), "fault %s", point)
                            : RC_OK;
}

static enum rc write_account(struct batch *b, const struct held *h)
{
    const struct ledger_balance *was = &h->was, *now = &h->now;
    int64_t changed;
    enum rc rc = DB_RUN_COUNT(&changed, b->cx, &LEDGER_ACCOUNT_MOVE, V_I(b->county),
                              V_I(h->a.id), V_I(now->debits_pending), V_I(now->debits_posted),
                              V_I(now->credits_pending), V_I(now->credits_posted),
                              V_I(was->debits_pending), V_I(was->debits_posted),
                              V_I(was->credits_pending), V_I(was->credits_posted));
    if (rc != RC_CONFLICT)
        TRY(rc);
    if (rc == RC_CONFLICT || changed != 1)
        return damaged(b->cx, "balances cannot be written of account", h->a.id);
    return RC_OK;
}

static enum rc batch_write(struct batch *b, int64_t from_seq)
{
    int64_t changed;
    if (b->head.seq == from_seq)
        return RC_OK;
    TRY(faulty(b->cx, "ledger.inserted"));
    for (size_t i = 0; i < b->held_count; i++) {
        struct held *h = &b->held[i];
        if (!memcmp(&h->was, &h->now, sizeof h->was))
            continue;
        TRY(write_account(b, h));
        TRY(faulty(b->cx, "ledger.account"));
    }
    TRY(DB_RUN_COUNT(&changed, b->cx, &LEDGER_HEAD_MOVE, V_I(b->county), V_I(from_seq),
                     V_I(b->head.seq), V_I(b->head.at), V_B(b->head.hash, HASH_BYTES)));
    if (changed != 1)
        return damaged(b->cx, "the head moved in county", b->county);
    return faulty(b->cx, "ledger.written");
}

struct work {
    int64_t county;
    enum ledger_result *results;
    const struct ledger_transfer *t;
    size_t count;
    bool by_clock, all_or_fail;
};

static enum rc run(struct cx *cx, void *arg)
{
    const struct work *w = arg;
    struct batch b;
    TRY(batch_open(&b, cx, w->county, w->count));
    b.by_clock = w->by_clock;
    int64_t from_seq = b.head.seq;
    TRY(apply_all(w->results, &b, w->t, w->count));
    for (size_t i = 0; w->all_or_fail && i < w->count; i++)
        if (w->results[i] > LEDGER_EXISTS)
            return fail(cx, RC_CONFLICT, ledger_result_text(cx, w->results[i]),
                        "ledger %s transfer=%" PRId64, ledger_result_name(w->results[i]),
                        w->t[i].id);
    return batch_write(&b, from_seq);
}

static enum rc apply(struct cx *cx, struct work *w)
{
    if (w->count > LEDGER_BATCH_MAX)
        return fail_f(cx, RC_LIMIT, _("At most %d transfers at a time."), LEDGER_BATCH_MAX);
    return w->count == 0 ? RC_OK : db_write(cx, w->county, run, w);
}

enum rc ledger_apply(enum ledger_result *results, struct cx *cx, int64_t county,
                     const struct ledger_transfer *t, size_t count)
{
    return apply(cx,
                 &(struct work){.county = county, .results = results, .t = t, .count = count});
}

enum rc ledger_require(struct cx *cx, int64_t county, const struct ledger_transfer *t,
                       size_t count)
{
    enum ledger_result *results =
        count > LEDGER_BATCH_MAX ? NULL : arena_new(cx->arena, (count + 1) * sizeof *results);
    return apply(
        cx,
        &(struct work){
            .county = county, .results = results, .t = t, .count = count, .all_or_fail = true});
}

/* ---- the clock ---- */

static enum rc expire(struct cx *cx, const struct deadline *d)
{
    struct ledger_transfer e = {.type = LEDGER_EXPIRE, .pending_id = d->subject_id};
    enum ledger_result result;
    TRY(db_ids(&e.id, cx, 1));
    TRY(apply(
        cx,
        &(struct work){
            .county = d->county, .results = &result, .t = &e, .count = 1, .by_clock = true}));
    return result == LEDGER_OK ? RC_OK : RC_NOTFOUND; /* it had ended otherwise */
}

const struct deadline_kind ledger_deadline_kinds[] = {{DEADLINE_KIND, expire}};
const size_t ledger_deadline_kind_count = 1;
