/* Tests of accounts and transfers on both databases: every result, every (state, event) pair of
 * a pending transfer, chains, balancing, expiry, reading, threads that race, the triggers. */
#include "ledger/ledger_fixture.h"

#include <pthread.h>

/* ---- accounts ---- */

static void accounts(struct cx *cx)
{
    struct ledger_account a = {.county = COUNTY,
                               .id = 50,
                               .unit = "CNY",
                               .kind = 3,
                               .owner_id = 8,
                               .debit_max = 0,
                               .credit_max = LEDGER_NO_LIMIT};
    struct ledger_account got, *list;
    size_t count;
    fixture_open(cx);
    check_ok(cx, ledger_account_add(cx, &a));
    check_ok(cx, ledger_account_add(cx, &a)); /* again: nothing */
    struct ledger_account wrong[] = {a, a, a, a, a, a, a, a};
    wrong[0].id = 0;
    wrong[1].id = LEDGER_ID_MAX + 1;
    wrong[2].unit = "";
    wrong[3].unit = "C N";
    wrong[4].kind = 0;
    wrong[5].debit_max = -2;
    wrong[6].credit_max = LEDGER_TOTAL_MAX + 1;
    wrong[7].owner_id = -1;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check_refused(cx, ledger_account_add(cx, &wrong[i]), RC_INVALID);
    a.kind = 4;
    check_refused(cx, ledger_account_add(cx, &a), RC_CONFLICT);
    a.kind = 3;
    a.unit = "kg";
    check_refused(cx, ledger_account_add(cx, &a), RC_CONFLICT);
    check_ok(cx, ledger_account_get(&got, cx, COUNTY, 50));
    assert_string_equal(got.unit, "CNY");
    assert_int_equal(ledger_account_get(&got, cx, COUNTY + 1, 50), RC_NOTFOUND);
    check_ok(cx,
             ledger_accounts_of(&list, &count, cx, &(struct ledger_page){COUNTY, 8, 0, 10}));
    assert_int_equal(count, 1);
    check_ok(cx,
             ledger_accounts_of(&list, &count, cx, &(struct ledger_page){COUNTY, 8, 50, 10}));
    assert_int_equal(count, 0);
    check_sound(cx);
}

static void closing(struct cx *cx)
{
    fixture_open(cx);
    check_result(give(cx, plain(1, BANK, SELLER, 500)), LEDGER_OK);
    check_result(give(cx, pend(2, SELLER, BANK, 100, 0)), LEDGER_OK);
    check_refused(cx, ledger_account_close(cx, COUNTY, SELLER, true), RC_CONFLICT);
    check_result(give(cx, ends(3, LEDGER_VOID, 2, 0)), LEDGER_OK);
    check_ok(cx, ledger_account_close(cx, COUNTY, SELLER, true));
    check_result(give(cx, plain(4, BANK, SELLER, 1)), LEDGER_CREDIT_CLOSED);
    check_result(give(cx, plain(4, SELLER, BANK, 1)), LEDGER_DEBIT_CLOSED);
    check_result(give(cx, plain(1, BANK, SELLER, 500)), LEDGER_EXISTS);
    check_ok(cx, ledger_account_close(cx, COUNTY, SELLER, false));
    check_result(give(cx, plain(4, SELLER, BANK, 1)), LEDGER_OK);
    check_refused(cx, ledger_account_close(cx, COUNTY, NOBODY, true), RC_NOTFOUND);
    check_account(cx, SELLER, 0, 1, 0, 500);
    /* Limits: only such as the balance keeps within. */
    check_ok(cx, ledger_account_limit(cx, COUNTY, SELLER, 0, 499));
    check_refused(cx, ledger_account_limit(cx, COUNTY, SELLER, 0, 498), RC_CONFLICT);
    check_refused(cx, ledger_account_limit(cx, COUNTY, SELLER, -2, 0), RC_INVALID);
    check_result(give(cx, plain(5, BANK, SELLER, 1)), LEDGER_CREDIT_LIMIT);
    check_ok(cx, ledger_account_limit(cx, COUNTY, SELLER, 20, LEDGER_NO_LIMIT));
    check_result(give(cx, plain(6, SELLER, BANK, 520)), LEDGER_DEBIT_LIMIT);
    check_result(give(cx, plain(6, SELLER, BANK, 519)), LEDGER_OK);
    check_sound(cx);
}

/* ---- every refusal ---- */

static void refusals(struct cx *cx)
{
    fixture_open(cx);
    struct ledger_transfer t = plain(10, BANK, SELLER, 100), x;
    check_result(give(cx, t), LEDGER_OK);
    check_result(give(cx, t), LEDGER_EXISTS);
#define TAKEN(change) (x = t, x.change, check_result(give(cx, x), LEDGER_ID_TAKEN))
    TAKEN(amount = 101);
    TAKEN(debit_id = OTHER);
    TAKEN(credit_id = OTHER);
    TAKEN(code = 2);
    TAKEN(document_id = 1);
    TAKEN(type = LEDGER_PENDING);
    TAKEN(flags = LEDGER_BALANCE_DEBIT);
    TAKEN(amount = -1); /* the id is known: that is told first */
    t = plain(11, BANK, SELLER, 100);
#define REFUSED(change, want) (x = t, x.change, check_result(give(cx, x), want))
    REFUSED(id = 0, LEDGER_ID_INVALID);
    REFUSED(id = -5, LEDGER_ID_INVALID);
    REFUSED(id = LEDGER_ID_MAX + 1, LEDGER_ID_INVALID);
    REFUSED(type = LEDGER_EXPIRE, LEDGER_TYPE_INVALID);
    REFUSED(type = (enum ledger_type)9, LEDGER_TYPE_INVALID);
    REFUSED(flags = 8, LEDGER_FLAGS_INVALID);
    REFUSED(amount = 0, LEDGER_AMOUNT_INVALID);
    REFUSED(amount = INT64_MIN, LEDGER_AMOUNT_INVALID);
    REFUSED(amount = INT64_MAX, LEDGER_OVERFLOW);
    REFUSED(code = 0, LEDGER_CODE_INVALID);
    REFUSED(code = LEDGER_CODE_MAX + 1, LEDGER_CODE_INVALID);
    REFUSED(document_id = -1, LEDGER_DOCUMENT_INVALID);
    REFUSED(timeout_s = 5, LEDGER_TIMEOUT_INVALID);
    REFUSED(credit_id = BANK, LEDGER_SAME_ACCOUNT);
    REFUSED(debit_id = NOBODY, LEDGER_NO_DEBIT_ACCOUNT);
    REFUSED(credit_id = NOBODY, LEDGER_NO_CREDIT_ACCOUNT);
    REFUSED(credit_id = STORE, LEDGER_UNITS_DIFFER);
    REFUSED(pending_id = 10, LEDGER_NO_PENDING);
    REFUSED(flags = LEDGER_LINKED, LEDGER_CHAIN_OPEN);
    REFUSED(amount = LEDGER_TOTAL_MAX, LEDGER_OVERFLOW);
    check_result(give(cx, pend(12, BANK, SELLER, 1, -1)), LEDGER_TIMEOUT_INVALID);
    check_result(give(cx, plain(12, SELLER, BANK, 101)), LEDGER_DEBIT_LIMIT);
    check_result(give(cx, plain(12, BANK, DRAWER, 1)), LEDGER_CREDIT_LIMIT);
    check_result(give(cx, plain(12, DRAWER, BANK, 1001)), LEDGER_DEBIT_LIMIT);
    check_result(give(cx, ends(12, LEDGER_POST, 0, 0)), LEDGER_NO_PENDING);
    check_result(give(cx, ends(12, LEDGER_POST, 77, 0)), LEDGER_NO_PENDING);
    check_result(give(cx, ends(12, LEDGER_VOID, 10, 0)), LEDGER_NOT_PENDING);
    /* Nothing of it left a trace. */
    check_account(cx, SELLER, 0, 0, 0, 100);
    check_result(give(cx, plain(12, SELLER, BANK, 100)), LEDGER_OK);
    check_account(cx, BANK, 0, 100, 0, 100);
    for (int r = 0; r < LEDGER_RESULT_COUNT; r++) {
        assert_non_null(ledger_result_name((enum ledger_result)r));
        assert_true(strlen(ledger_result_text(cx, (enum ledger_result)r)) > 4);
    }
    check_sound(cx);
}

static enum rc require_two(struct cx *cx, void *arg)
{
    struct ledger_transfer good = plain(1, BANK, SELLER, 10), bad = plain(2, SELLER, BANK, 11);
    (void)arg;
    TRY(ledger_require(cx, COUNTY, &good, 1));
    return ledger_require(cx, COUNTY, &bad, 1);
}
static void requiring(struct cx *cx)
{
    static struct ledger_transfer many[LEDGER_BATCH_MAX + 1];
    static enum ledger_result results[LEDGER_BATCH_MAX + 1];
    fixture_open(cx);
    struct ledger_transfer two[] = {plain(1, BANK, SELLER, 10), plain(2, SELLER, BANK, 11)};
    check_refused(cx, ledger_require(cx, COUNTY, two, 2), RC_CONFLICT);
    check_refused(cx, db_write(cx, COUNTY, require_two, NULL), RC_CONFLICT);
    check_account(cx, SELLER, 0, 0, 0, 0);
    two[1].amount = 10;
    check_ok(cx, ledger_require(cx, COUNTY, two, 2));
    check_ok(cx, ledger_require(cx, COUNTY, two, 2));
    check_account(cx, SELLER, 0, 10, 0, 10);
    check_refused(cx, ledger_apply(results, cx, COUNTY, many, LEDGER_BATCH_MAX + 1), RC_LIMIT);
    check_ok(cx, ledger_apply(results, cx, COUNTY, many, 0));
    /* A whole batch of the largest size, ten times as many accounts touched as before. */
    for (int64_t i = 0; i < LEDGER_BATCH_MAX; i++)
        many[i] = plain(100 + i, BANK, i % 2 ? SELLER : OTHER, i + 1);
    check_ok(cx, ledger_require(cx, COUNTY, many, LEDGER_BATCH_MAX));
    check_account(cx, BANK, 0, 10 + 500500, 0, 10);
    check_sound(cx);
}

/* ---- pending: every state, every event ---- */

enum state { OPEN, POSTED, PARTLY, VOIDED, EXPIRED, LATE, STATES };
enum event { FULL, PART, OVER, VOID, VOID_OTHER, DIFFERENT, REPEAT, EVENTS };

static void reach(struct cx *cx, int64_t id, enum state state)
{
    int64_t fired, now = time_now();
    check_result(give(cx, pend(id, BANK, SELLER, 100, state >= EXPIRED ? 60 : 0)), LEDGER_OK);
    if (state == POSTED)
        check_result(give(cx, ends(id + 1, LEDGER_POST, id, 0)), LEDGER_OK);
    if (state == PARTLY)
        check_result(give(cx, ends(id + 1, LEDGER_POST, id, 40)), LEDGER_OK);
    if (state == VOIDED)
        check_result(give(cx, ends(id + 1, LEDGER_VOID, id, 0)), LEDGER_OK);
    if (state >= EXPIRED)
        fixture_now(cx, now + 60);
    if (state == EXPIRED)
        check_ok(cx, deadline_fire_due(&fired, cx));
}

static void pairs(struct cx *cx)
{
    static const enum ledger_result end_of[STATES] = {
        LEDGER_OK,      LEDGER_ALREADY_POSTED, LEDGER_ALREADY_POSTED, LEDGER_ALREADY_VOIDED,
        LEDGER_EXPIRED, LEDGER_EXPIRED};
    static const int64_t posted[STATES] = {0, 100, 40, 0, 0, 0};
    struct ledger_account a;
    int64_t id = 1000, total = 0;
    fixture_open(cx);
    fixture_now(cx, 1795392000);
    deadline_kinds_set(ledger_deadline_kinds, ledger_deadline_kind_count);
    for (int s = 0; s < STATES; s++)
        for (int e = 0; e < EVENTS; e++, id += 10) {
            struct ledger_transfer t = ends(id + 5, LEDGER_POST, id, 0);
            enum ledger_result want = end_of[s];
            int64_t more = s == OPEN ? 100 : 0;
            reach(cx, id, (enum state)s);
            if (e == PART)
                t.amount = 30, more = s == OPEN ? 30 : 0;
            if (e == OVER)
                t.amount = 101, want = LEDGER_OVER_PENDING;
            if (e == VOID || e == VOID_OTHER)
                t.type = LEDGER_VOID, more = 0;
            if (e == VOID_OTHER)
                t.amount = 99, want = LEDGER_OVER_PENDING;
            if (e == DIFFERENT)
                t.credit_id = OTHER, want = LEDGER_PENDING_DIFFERS;
            if (e == REPEAT)
                t = pend(id, BANK, SELLER, 100, s >= EXPIRED ? 60 : 0), want = LEDGER_EXISTS;
            check_result(give(cx, t), want);
            /* What ends it once: the same again exists, another one is refused. */
            if (want == LEDGER_OK)
                check_result(give(cx, t), LEDGER_EXISTS);
            if (want == LEDGER_OK)
                check_result(give(cx, ends(id + 6, LEDGER_POST, id, 0)),
                             t.type == LEDGER_VOID ? LEDGER_ALREADY_VOIDED
                                                   : LEDGER_ALREADY_POSTED);
            bool is_open =
                (s == OPEN && want != LEDGER_OK) || (s == LATE && want != LEDGER_EXPIRED);
            total += posted[s] + (want == LEDGER_OK ? more : 0);
            check_ok(cx, ledger_account_get(&a, cx, COUNTY, SELLER));
            assert_int_equal(a.credits_posted, total);
            assert_int_equal(a.credits_pending, is_open ? 100 : 0);
            if (is_open)
                check_result(give(cx, ends(id + 7, LEDGER_VOID, id, 100)),
                             s == LATE ? LEDGER_EXPIRED : LEDGER_OK);
            check_account(cx, SELLER, 0, 0, 0, total);
        }
    check_sound(cx);
    check_env("FUMIN_NOW", NULL);
}

static void expiring(struct cx *cx)
{
    struct ledger_transfer end;
    int64_t fired, at = 1795392000;
    fixture_open(cx);
    fixture_now(cx, at);
    deadline_kinds_set(ledger_deadline_kinds, ledger_deadline_kind_count);
    check_result(give(cx, plain(1, BANK, SELLER, 100)), LEDGER_OK);
    for (int64_t i = 0; i < 3; i++)
        check_result(give(cx, pend(10 + i, SELLER, BANK, 30, 100)), LEDGER_OK);
    check_result(give(cx, plain(2, SELLER, BANK, 11)), LEDGER_DEBIT_LIMIT);
    check_result(give(cx, ends(3, LEDGER_POST, 10, 0)), LEDGER_OK);
    fixture_now(cx, at + 99);
    check_ok(cx, deadline_fire_due(&fired, cx));
    check_account(cx, SELLER, 60, 30, 0, 100);
    /* Too late for a payment, before the clock saw it; then the clock goes back. */
    fixture_now(cx, at + 100);
    check_result(give(cx, ends(4, LEDGER_POST, 11, 0)), LEDGER_EXPIRED);
    fixture_now(cx, at);
    check_result(give(cx, ends(4, LEDGER_POST, 11, 0)), LEDGER_EXPIRED);
    check_account(cx, SELLER, 30, 30, 0, 100);
    fixture_now(cx, at + 1000);
    check_ok(cx, deadline_fire_due(&fired, cx));
    assert_int_equal(fired, 1); /* of three only the last one was left */
    check_ok(cx, deadline_fire_due(&fired, cx));
    assert_int_equal(fired, 0);
    check_ok(cx, ledger_end_get(&end, cx, COUNTY, 12));
    assert_int_equal(end.type, LEDGER_EXPIRE);
    check_account(cx, SELLER, 0, 30, 0, 100);
    check_result(give(cx, plain(2, SELLER, BANK, 70)), LEDGER_OK);
    check_sound(cx);
    check_env("FUMIN_NOW", NULL);
}

/* ---- chains and balancing ---- */

static void chains(struct cx *cx)
{
    enum ledger_result r[6];
    fixture_open(cx);
    struct ledger_transfer t[] = {
        plain(1, BANK, SELLER, 50),  plain(2, SELLER, OTHER, 20), plain(3, SELLER, BANK, 31),
        plain(4, BANK, SELLER, 100), plain(5, SELLER, BANK, 1),   plain(6, BANK, OTHER, 1),
    };
    t[0].flags = t[1].flags = t[4].flags = LEDGER_LINKED; /* 1-2-3, 4, 5-6 */
    check_ok(cx, ledger_apply(r, cx, COUNTY, t, 6));
    check_result(r[0], LEDGER_LINKED_FAILED);
    check_result(r[1], LEDGER_LINKED_FAILED);
    check_result(r[2], LEDGER_DEBIT_LIMIT);
    for (int i = 3; i < 6; i++)
        check_result(r[i], LEDGER_OK);
    check_account(cx, SELLER, 0, 1, 0, 100);
    check_account(cx, OTHER, 0, 0, 0, 1);
    t[2].amount = 30;
    check_ok(cx, ledger_apply(r, cx, COUNTY, t, 6));
    for (int i = 0; i < 3; i++)
        check_result(r[i], LEDGER_OK);
    for (int i = 3; i < 6; i++)
        check_result(r[i], LEDGER_EXISTS);
    check_ok(cx, ledger_apply(r, cx, COUNTY, t, 3));
    for (int i = 0; i < 3; i++)
        check_result(r[i], LEDGER_EXISTS);
    check_account(cx, SELLER, 0, 51, 0, 150);
    /* Partly there: never sent so. The last one linked: not whole. */
    struct ledger_transfer mixed[] = {t[0], plain(20, BANK, SELLER, 5)};
    check_ok(cx, ledger_apply(r, cx, COUNTY, mixed, 2));
    check_result(r[0], LEDGER_LINKED_FAILED);
    check_result(r[1], LEDGER_LINKED_FAILED);
    struct ledger_transfer open[] = {plain(21, BANK, SELLER, 5), plain(22, BANK, SELLER, 5)};
    open[0].flags = open[1].flags = LEDGER_LINKED;
    check_ok(cx, ledger_apply(r, cx, COUNTY, open, 2));
    check_result(r[0], LEDGER_LINKED_FAILED);
    check_result(r[1], LEDGER_CHAIN_OPEN);
    /* A pending one made and posted in one chain; then the same chain again. */
    struct ledger_transfer both[] = {pend(30, BANK, SELLER, 8, 0),
                                     ends(31, LEDGER_POST, 30, 7)};
    both[0].flags = LEDGER_LINKED;
    check_ok(cx, ledger_apply(r, cx, COUNTY, both, 2));
    check_result(r[1], LEDGER_OK);
    check_ok(cx, ledger_apply(r, cx, COUNTY, both, 2));
    check_result(r[0], LEDGER_EXISTS);
    check_result(r[1], LEDGER_EXISTS);
    check_account(cx, SELLER, 0, 51, 0, 157);
    check_sound(cx);
}

static void balancing(struct cx *cx)
{
    struct ledger_transfer got, t = plain(2, SELLER, BANK, 1000);
    fixture_open(cx);
    t.flags = LEDGER_BALANCE_DEBIT;
    check_result(give(cx, t), LEDGER_DEBIT_LIMIT); /* nothing there */
    check_result(give(cx, plain(1, BANK, SELLER, 300)), LEDGER_OK);
    check_result(give(cx, pend(3, SELLER, BANK, 50, 0)), LEDGER_OK);
    check_result(give(cx, t), LEDGER_OK);
    check_ok(cx, ledger_transfer_get(&got, cx, COUNTY, 2));
    assert_int_equal(got.amount, 250);
    assert_int_equal(got.asked, 1000);
    check_result(give(cx, t), LEDGER_EXISTS);
    t.amount = 250;
    check_result(give(cx, t), LEDGER_ID_TAKEN);
    check_result(give(cx, plain(4, DRAWER, BANK, 70)), LEDGER_OK);
    t = plain(5, BANK, DRAWER, 1000);
    t.flags = LEDGER_BALANCE_CREDIT;
    check_result(give(cx, t), LEDGER_OK);
    check_account(cx, DRAWER, 0, 70, 0, 70);
    t.id = 6;
    check_result(give(cx, t), LEDGER_CREDIT_LIMIT);
    check_sound(cx);
}

/* ---- reading ---- */

static void reading(struct cx *cx)
{
    struct ledger_line *lines;
    struct ledger_trial *trial;
    struct ledger_transfer *docs;
    struct ledger_balance b;
    size_t count;
    int64_t at = 1795392000, before = 0, seen = 0, posted = 0;
    fixture_open(cx);
    for (int64_t i = 1; i <= 25; i++) {
        struct ledger_transfer t = i % 5 == 0   ? pend(i, BANK, SELLER, i, 0)
                                   : i % 5 == 1 ? plain(i, BANK, OTHER, i)
                                                : plain(i, BANK, SELLER, i);
        t.document_id = i % 2 ? 900 : 0;
        fixture_now(cx, at + i);
        check_result(give(cx, t), LEDGER_OK);
    }
    check_result(give(cx, ends(26, LEDGER_POST, 20, 4)), LEDGER_OK);
    check_account(cx, SELLER, 0, 0, 5 + 10 + 15 + 25, 195 + 4);
    do {
        check_ok(cx, ledger_statement(&lines, &count, cx,
                                      &(struct ledger_page){COUNTY, SELLER, before, 6}));
        for (size_t i = 0; i < count; i++) {
            assert_int_not_equal(lines[i].t.id % 5, lines[i].t.id == 26 ? 9 : 1);
            if (seen++ == 0)
                assert_int_equal(lines[i].after.credits_posted, 199);
            else
                assert_int_equal(lines[i].after.credits_posted, posted);
            posted = lines[i].after.credits_posted -
                     (lines[i].t.type == LEDGER_PENDING ? 0 : lines[i].t.amount);
            before = lines[i].t.seq;
        }
    } while (count > 0);
    assert_int_equal(seen, 21);
    assert_int_equal(posted, 0);
    check_ok(cx, ledger_balance_at(&b, cx, COUNTY, SELLER, at + 10));
    assert_int_equal(b.credits_posted, 2 + 3 + 4 + 7 + 8 + 9);
    assert_int_equal(b.credits_pending, 15);
    assert_int_equal(b.debits_posted + b.debits_pending, 0);
    check_ok(cx, ledger_balance_at(&b, cx, COUNTY, NOBODY, at + 10));
    assert_int_equal(b.credits_posted, 0);
    check_ok(cx,
             ledger_of_document(&docs, &count, cx, &(struct ledger_page){COUNTY, 900, 0, 100}));
    assert_int_equal(count, 13);
    check_ok(cx, ledger_of_document(&docs, &count, cx,
                                    &(struct ledger_page){COUNTY, 900, docs[9].seq, 100}));
    assert_int_equal(count, 3);
    check_ok(cx, ledger_trial_balance(&trial, &count, cx, COUNTY));
    assert_int_equal(count, 5); /* a kind each; CNY before kg */
    assert_string_equal(trial[4].unit, "kg");
    assert_int_equal(trial[0].sum.debits_posted,
                     trial[1].sum.credits_posted + trial[2].sum.credits_posted);
    check_sound(cx);
    check_env("FUMIN_NOW", NULL);
}

/* ---- races ---- */

enum { THREADS = 8, EACH = 40, FIT = 100 };
struct racer {
    pthread_t thread;
    struct db_pool *pool;
    int64_t first, done, refused, other;
};
static void *race_main(void *arg)
{
    struct racer *w = arg;
    struct cx cx;
    check_open(&cx);
    cx.pool = w->pool;
    for (int64_t i = 0; i < EACH; i++) {
        enum ledger_result r = LEDGER_RESULT_COUNT;
        struct ledger_transfer t = plain(w->first + i, SELLER, BANK, 3);
        bool failed = ledger_apply(&r, &cx, COUNTY, &t, 1) != RC_OK;
        w->done += !failed && r == LEDGER_OK;
        w->refused += !failed && r == LEDGER_DEBIT_LIMIT;
        w->other += failed || (r != LEDGER_OK && r != LEDGER_DEBIT_LIMIT);
        err_clear(&cx);
    }
    check_close(&cx);
    return NULL;
}
/* A second server on the same database: a pool of its own, with its own writer. */
static struct db_pool *second_pool(struct cx *cx)
{
    struct db_pool *pool;
    struct cx other = *cx;
    other.db = NULL;
    const char *url = arena_copy(cx->arena, str_of(db_fixture_url(cx)));
    check_ok(&other, db_open(&pool, &other, &(struct db_options){.url = url}));
    return pool;
}
static void racing(struct cx *cx)
{
    struct racer w[THREADS] = {0};
    int64_t done = 0, refused = 0;
    fixture_open(cx);
    struct db_pool *second = second_pool(cx);
    check_result(give(cx, plain(1, BANK, SELLER, 3 * FIT + 2)), LEDGER_OK);
    for (int i = 0; i < THREADS; i++) {
        w[i].pool = i % 2 ? second : cx->pool;
        w[i].first = 1000 + i * 1000;
        assert_int_equal(pthread_create(&w[i].thread, NULL, race_main, &w[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(w[i].thread, NULL);
        done += w[i].done;
        refused += w[i].refused;
        assert_int_equal(w[i].other, 0);
    }
    db_close(second);
    assert_int_equal(done, FIT);
    assert_int_equal(refused, THREADS * EACH - FIT);
    check_account(cx, SELLER, 0, 3 * FIT, 0, 3 * FIT + 2);
    check_sound(cx);
}

/* Twenty of two servers at once try to end the same pending transfer, each with its own id. */
static void *end_main(void *arg)
{
    struct racer *w = arg;
    struct cx cx;
    enum ledger_result r = LEDGER_RESULT_COUNT;
    struct ledger_transfer t = ends(w->first, w->first % 2 ? LEDGER_POST : LEDGER_VOID, 500, 0);
    check_open(&cx);
    cx.pool = w->pool;
    bool failed = ledger_apply(&r, &cx, COUNTY, &t, 1) != RC_OK;
    w->done = !failed && r == LEDGER_OK;
    w->refused = !failed && (r == LEDGER_ALREADY_POSTED || r == LEDGER_ALREADY_VOIDED);
    check_close(&cx);
    return NULL;
}
static void ending_once(struct cx *cx)
{
    enum { MANY = 20 };
    struct racer w[MANY] = {0};
    int64_t done = 0, refused = 0;
    fixture_open(cx);
    struct db_pool *second = second_pool(cx);
    check_result(give(cx, pend(500, BANK, SELLER, 10, 0)), LEDGER_OK);
    for (int i = 0; i < MANY; i++) {
        w[i].pool = i % 3 ? second : cx->pool;
        w[i].first = 1000 + i;
        assert_int_equal(pthread_create(&w[i].thread, NULL, end_main, &w[i]), 0);
    }
    for (int i = 0; i < MANY; i++) {
        pthread_join(w[i].thread, NULL);
        done += w[i].done;
        refused += w[i].refused;
    }
    db_close(second);
    assert_int_equal(done, 1);
    assert_int_equal(refused, MANY - 1);
    check_sound(cx);
}

/* ---- the database refuses too ---- */

static void triggers(struct cx *cx)
{
    /* A row that moves nothing. */
    static const char zero[] =
        "INSERT INTO ledger_transfer SELECT 8, 1, 1, 0, 0, 1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 1, "
        "hash FROM ledger_head";
    const char *const hands[] = {
        "UPDATE ledger_transfer SET amount = 1 WHERE id = 1",
        "UPDATE ledger_transfer SET document_id = 5",
        "DELETE FROM ledger_transfer WHERE id = 1",
        "DELETE FROM ledger_transfer",
        "DELETE FROM ledger_account WHERE id = 5",
        "UPDATE ledger_account SET unit = 'EUR' WHERE id = 2",
        "UPDATE ledger_account SET owner_id = 1 WHERE id = 2",
        "UPDATE ledger_account SET debits_posted = credits_posted + 1 WHERE id = 2",
        "UPDATE ledger_account SET credits_posted = -1 WHERE id = 2",
        zero,
    };
    fixture_open(cx);
    check_result(give(cx, plain(1, BANK, SELLER, 100)), LEDGER_OK);
    for (size_t i = 0; i < sizeof hands / sizeof *hands; i++) {
        enum rc rc = fixture_run(cx, hands[i]);
        if (rc != RC_CONFLICT && (rc != RC_DB || !db_is_pg(cx)))
            fail_msg("%s: %s", hands[i], rc_name(rc));
        err_clear(cx);
    }
    check_account(cx, SELLER, 0, 0, 0, 100);
    check_sound(cx);
}

#define TEST(name)                                                                             \
    static void test_##name(void **state)                                                      \
    {                                                                                          \
        (void)state;                                                                           \
        db_fixture_each(name);                                                                 \
    }
TEST(accounts)
TEST(closing)
TEST(refusals)
TEST(requiring)
TEST(pairs)
TEST(expiring)
TEST(chains)
TEST(balancing)
TEST(reading)
TEST(racing)
TEST(ending_once)
TEST(triggers)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accounts),    cmocka_unit_test(test_closing),
        cmocka_unit_test(test_refusals),    cmocka_unit_test(test_requiring),
        cmocka_unit_test(test_pairs),       cmocka_unit_test(test_expiring),
        cmocka_unit_test(test_chains),      cmocka_unit_test(test_balancing),
        cmocka_unit_test(test_reading),     cmocka_unit_test(test_racing),
        cmocka_unit_test(test_ending_once), cmocka_unit_test(test_triggers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
