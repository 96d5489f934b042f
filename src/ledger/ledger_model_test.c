/* Random batches against a simple model in memory: the same results, the same balances, and
 * nothing for the verification to find. A fixed set of seeds, on both databases. */
#include "ledger/ledger_fixture.h"

enum { ACCOUNTS = 6, MADE_MAX = 4000, SEEDS = 8, ROUNDS = 150, BATCH = 12 };

/* The model: everything in arrays, looked through from the front, copied to be undone. */
struct made {
    struct ledger_transfer t; /* as asked */
    int64_t debit, credit, amount, expires_at;
    int ended; /* 0 open, else the type that ended it */
};
struct model {
    int64_t now;
    size_t made_count;
    struct ledger_balance b[ACCOUNTS + 1];
    int64_t debit_max[ACCOUNTS + 1], credit_max[ACCOUNTS + 1];
    struct made made[MADE_MAX];
};
static struct model m, saved;

static struct made *made_of(int64_t id)
{
    for (size_t i = 0; i < m.made_count; i++)
        if (m.made[i].t.id == id)
            return &m.made[i];
    return NULL;
}

static bool is_there(int64_t id)
{
    return id >= 1 && id <= ACCOUNTS;
}

static enum ledger_result model_new(struct made *row)
{
    struct ledger_transfer *t = &row->t;
    if (t->debit_id == t->credit_id)
        return LEDGER_SAME_ACCOUNT;
    if (!is_there(t->debit_id))
        return LEDGER_NO_DEBIT_ACCOUNT;
    if (!is_there(t->credit_id))
        return LEDGER_NO_CREDIT_ACCOUNT;
    if ((t->debit_id == ACCOUNTS) != (t->credit_id == ACCOUNTS))
        return LEDGER_UNITS_DIFFER;
    struct ledger_balance *d = &m.b[t->debit_id], *c = &m.b[t->credit_id];
    int64_t room = d->credits_posted - d->debits_pending - d->debits_posted;
    int64_t place = c->debits_posted - c->credits_pending - c->credits_posted;
    if ((t->flags & LEDGER_BALANCE_DEBIT) && row->amount > room)
        row->amount = room;
    if (row->amount <= 0)
        return LEDGER_DEBIT_LIMIT;
    if ((t->flags & LEDGER_BALANCE_CREDIT) && row->amount > place)
        row->amount = place;
    if (row->amount <= 0)
        return LEDGER_CREDIT_LIMIT;
    if (m.debit_max[t->debit_id] >= 0 && row->amount > room + m.debit_max[t->debit_id])
        return LEDGER_DEBIT_LIMIT;
    if (m.credit_max[t->credit_id] >= 0 && row->amount > place + m.credit_max[t->credit_id])
        return LEDGER_CREDIT_LIMIT;
    row->debit = t->debit_id;
    row->credit = t->credit_id;
    row->expires_at = t->timeout_s ? m.now + t->timeout_s : 0;
    if (t->type == LEDGER_PENDING) {
        d->debits_pending += row->amount;
        c->credits_pending += row->amount;
    } else {
        d->debits_posted += row->amount;
        c->credits_posted += row->amount;
    }
    return LEDGER_OK;
}

static void model_release(struct made *p, int ended)
{
    p->ended = ended;
    m.b[p->debit].debits_pending -= p->amount;
    m.b[p->credit].credits_pending -= p->amount;
}

static enum ledger_result model_end(struct made *row, bool in_chain)
{
    struct made *p = made_of(row->t.pending_id);
    if (!p)
        return LEDGER_NO_PENDING;
    if (p->t.type != LEDGER_PENDING)
        return LEDGER_NOT_PENDING;
    if (row->t.amount > p->amount ||
        (row->t.type == LEDGER_VOID && row->t.amount && row->t.amount != p->amount))
        return LEDGER_OVER_PENDING;
    if (p->ended)
        return p->ended == LEDGER_POST   ? LEDGER_ALREADY_POSTED
               : p->ended == LEDGER_VOID ? LEDGER_ALREADY_VOIDED
                                         : LEDGER_EXPIRED;
    if (p->expires_at && m.now >= p->expires_at) {
        if (!in_chain && !made_of(row->t.id))
            model_release(p, LEDGER_EXPIRE);
        return LEDGER_EXPIRED;
    }
    model_release(p, (int)row->t.type);
    row->debit = p->debit;
    row->credit = p->credit;
    row->amount = row->t.amount ? row->t.amount : p->amount;
    if (row->t.type == LEDGER_POST) {
        m.b[p->debit].debits_posted += row->amount;
        m.b[p->credit].credits_posted += row->amount;
    }
    return LEDGER_OK;
}

static bool is_same(const struct ledger_transfer *a, const struct ledger_transfer *b)
{
    return a->type == b->type && a->flags == b->flags && a->debit_id == b->debit_id &&
           a->credit_id == b->credit_id && a->amount == b->amount && a->code == b->code &&
           a->document_id == b->document_id && a->pending_id == b->pending_id &&
           a->timeout_s == b->timeout_s;
}

static enum ledger_result model_one(const struct ledger_transfer *t, bool in_chain)
{
    struct made row = {.t = *t, .amount = t->amount}, *was = made_of(t->id);
    if (was)
        return is_same(&was->t, t) ? LEDGER_EXISTS : LEDGER_ID_TAKEN;
    enum ledger_result r = t->pending_id ? model_end(&row, in_chain) : model_new(&row);
    if (r == LEDGER_OK) {
        assert_true(m.made_count < MADE_MAX);
        m.made[m.made_count++] = row;
    }
    return r;
}

static void model_chain(enum ledger_result *r, const struct ledger_transfer *t, size_t count)
{
    size_t culprit = count, added = 0, there = 0;
    saved = m;
    for (size_t i = 0; i < count && culprit == count; i++) {
        r[i] = model_one(&t[i], true);
        added += r[i] == LEDGER_OK;
        there += r[i] == LEDGER_EXISTS;
        if (r[i] > LEDGER_EXISTS || (added && there))
            culprit = i;
    }
    if (culprit == count)
        return;
    m = saved;
    for (size_t i = 0; i < count; i++)
        if (i != culprit || r[i] <= LEDGER_EXISTS)
            r[i] = LEDGER_LINKED_FAILED;
}

static void model_apply(enum ledger_result *r, const struct ledger_transfer *t, size_t count)
{
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && (t[end - 1].flags & LEDGER_LINKED);)
            end++;
        if (t[end - 1].flags & LEDGER_LINKED) {
            for (size_t k = i; k < end; k++)
                r[k] = LEDGER_LINKED_FAILED;
            r[end - 1] = LEDGER_CHAIN_OPEN;
        } else if (end - i > 1) {
            model_chain(r + i, t + i, end - i);
        } else {
            r[i] = model_one(&t[i], false);
        }
    }
}

/* ---- random batches ---- */

/* Mostly one of the five that may meet. */
static int64_t random_account(uint64_t *r)
{
    return check_int(r, 0, 19) ? check_int(r, 1, ACCOUNTS - 1)
                               : check_int(r, ACCOUNTS, ACCOUNTS + 1);
}

/* Mostly a pending transfer of lately, open or ended; sometimes any number. */
static int64_t random_pending(uint64_t *r, int64_t before)
{
    size_t from = m.made_count > 30 ? m.made_count - 30 : 0;
    for (int tries = 0; tries < 8 && m.made_count > 0; tries++) {
        struct made *p = &m.made[check_int(r, (int64_t)from, (int64_t)m.made_count - 1)];
        if (p->t.type == LEDGER_PENDING || tries == 7)
            return p->t.id;
    }
    return check_int(r, 1, before);
}

static struct ledger_transfer random_transfer(uint64_t *r, int64_t *id)
{
    struct ledger_transfer t =
        plain(++*id, random_account(r), random_account(r), check_int(r, 1, 60));
    int64_t kind = check_int(r, 0, 9);
    if (kind >= 3 && kind <= 5) {
        t.type = LEDGER_PENDING;
        t.timeout_s = check_int(r, 0, 3) * 20;
    } else if (kind >= 6 && kind <= 8 && *id > 3) {
        t = ends(*id, kind == 8 ? LEDGER_VOID : LEDGER_POST,
                 check_int(r, 0, 5) ? random_pending(r, *id) : check_int(r, 1, *id - 1), 0);
        if (check_int(r, 0, 2) == 0)
            t.amount = check_int(r, 1, 60);
    }
    if (!t.pending_id && check_int(r, 0, 5) == 0)
        t.flags |= check_int(r, 0, 1) ? LEDGER_BALANCE_DEBIT : LEDGER_BALANCE_CREDIT;
    if (check_int(r, 0, 5) == 0)
        t.flags |= LEDGER_LINKED;
    t.document_id = check_int(r, 0, 2);
    return t;
}

static void check_balances(struct cx *cx)
{
    for (int64_t i = 1; i <= ACCOUNTS; i++)
        check_account(cx, i, m.b[i].debits_pending, m.b[i].debits_posted,
                      m.b[i].credits_pending, m.b[i].credits_posted);
}

static void fire(struct cx *cx)
{
    int64_t fired, open = 0;
    for (size_t i = 0; i < m.made_count; i++) {
        struct made *p = &m.made[i];
        if (p->t.type == LEDGER_PENDING && !p->ended && p->expires_at &&
            m.now >= p->expires_at) {
            model_release(p, LEDGER_EXPIRE);
            open++;
        }
    }
    check_ok(cx, deadline_fire_due(&fired, cx));
    assert_int_equal(fired, open);
}

static uint64_t model_seed; /* of the database that db_fixture_each made */

static int64_t met[LEDGER_RESULT_COUNT]; /* how often each result came */
/* The batch before, of the same seed. */
static struct ledger_transfer last[BATCH];
static size_t last_count;

static void one_round(struct cx *cx, uint64_t *r, int64_t *id)
{
    struct ledger_transfer t[BATCH];
    enum ledger_result got[BATCH], want[BATCH];
    size_t count = (size_t)check_int(r, 1, BATCH);
    for (size_t i = 0; i < count; i++)
        t[i] = random_transfer(r, id);
    if (check_int(r, 0, 4) == 0 && last_count > 0) { /* an answer that was lost */
        memcpy(t, last, sizeof t);
        count = last_count;
        if (check_int(r, 0, 1))
            t[check_int(r, 0, (int64_t)count - 1)].amount++;
    }
    memcpy(last, t, sizeof t);
    last_count = count;
    m.now += check_int(r, 0, 12);
    fixture_now(cx, m.now);
    check_ok(cx, ledger_apply(got, cx, COUNTY, t, count));
    model_apply(want, t, count);
    for (size_t i = 0; i < count; i++)
        check_result(got[i], want[i]), met[want[i]]++;
    if (check_int(r, 0, 9) == 0)
        fire(cx);
}

static void one_seed(struct cx *cx, uint64_t seed)
{
    static const int64_t limits[ACCOUNTS + 1][2] = {{0, 0},    {-1, -1}, {0, -1}, {-1, 0},
                                                    {50, 400}, {-1, -1}, {-1, -1}};
    uint64_t r = seed;
    int64_t id = 0;
    memset(&m, 0, sizeof m);
    last_count = 0;
    m.now = 1795392000;
    fixture_now(cx, m.now);
    for (int64_t i = 1; i <= ACCOUNTS; i++) {
        m.debit_max[i] = limits[i][0];
        m.credit_max[i] = limits[i][1];
        fixture_account(cx, COUNTY, i, i == ACCOUNTS ? "kg" : "CNY", limits[i][0],
                        limits[i][1]);
    }
    for (int round = 0; round < ROUNDS; round++)
        one_round(cx, &r, &id);
    check_balances(cx);
    check_sound(cx);
    if (m.made_count < 150)
        fail_msg("only %zu made", m.made_count);
}

static void model(struct cx *cx)
{
    deadline_kinds_set(ledger_deadline_kinds, ledger_deadline_kind_count);
    one_seed(cx, model_seed);
}

static void test_model(void **state)
{
    (void)state;
    crypto_init();
    for_each_seed (seed, SEEDS) {
        model_seed = seed;
        db_fixture_each(model);
    }
    check_env("FUMIN_NOW", NULL);
    /* The seeds reach all that well-formed transfers can meet. */
    static const enum ledger_result wanted[] = {LEDGER_OK,
                                                LEDGER_EXISTS,
                                                LEDGER_LINKED_FAILED,
                                                LEDGER_CHAIN_OPEN,
                                                LEDGER_ID_TAKEN,
                                                LEDGER_SAME_ACCOUNT,
                                                LEDGER_UNITS_DIFFER,
                                                LEDGER_DEBIT_LIMIT,
                                                LEDGER_CREDIT_LIMIT,
                                                LEDGER_NO_PENDING,
                                                LEDGER_NOT_PENDING,
                                                LEDGER_OVER_PENDING,
                                                LEDGER_ALREADY_POSTED,
                                                LEDGER_ALREADY_VOIDED,
                                                LEDGER_EXPIRED};
    for (size_t i = 0; !getenv("FUMIN_SEED") && i < sizeof wanted / sizeof *wanted; i++)
        if (met[wanted[i]] < 10)
            fail_msg("%s only %" PRId64 " times", ledger_result_name(wanted[i]),
                     met[wanted[i]]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_model)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
