/* Tests of lots on both databases: grams in are grams sold, in store and written off (S8); a
 * delivery sent five times is one; the split is exact to the minor unit for any amount (M7),
 * favours nobody and needs no more than 128 bits. */
#include "stock/stock_inner.h"

#include "base/check.h"
#include "base/crypto.h"
#include "base/fault.h"
#include "base/vault.h"
#include "db/db_fixture.h"
#include "work/outbox.h"

#include <pthread.h>
#include <unistd.h>

enum { COUNTY = 7, SHOP = 70, TODAY = 20000 };

struct doing {
    enum { LOT, DELIVER, CANCEL, CLOSE, END, HELPED, RESERVE, CONSUME, MOVE } what;
    enum stock_kind kind;
    struct delivery d;
    int64_t lot, id, item, quantity;
    int32_t version;
    const char *note;
};
static enum rc do_write(struct cx *cx, void *arg)
{
    struct doing *d = arg;
    size_t short_at;
    int64_t left;
    struct stock_take t = {d->item, 1, d->quantity};
    struct stock_move m = {.county = COUNTY, .item_id = d->item, .kind = d->kind};
    switch (d->what) {
    case LOT:
        return lot_add(&d->lot, cx, COUNTY, SHOP, str_of(d->note), TODAY);
    case DELIVER:
        return delivery_add(&d->id, cx, &d->d);
    case CANCEL:
        return delivery_cancel(cx, COUNTY, d->id, str_of(d->note));
    case CLOSE:
        return lot_close(cx, COUNTY, d->lot, d->version);
    case END:
        return lot_end(cx, COUNTY, d->lot, d->version, str_of(d->note));
    case HELPED:
        return lot_helped_set(cx, COUNTY, d->lot, d->quantity, 12, TODAY);
    case RESERVE:
        return stock_reserve(&d->id, &short_at, &left, cx, COUNTY, &t, 1, 0);
    case CONSUME:
        return stock_consume(cx, COUNTY, d->id, d->quantity, d->id + 1000000);
    case MOVE:
        m.quantity = d->quantity;
        TRY(db_ids(&m.id, cx, 1));
        return stock_move_add(cx, &m);
    }
    return RC_INVALID;
}
static enum rc act(struct cx *cx, struct doing *d)
{
    enum rc rc = db_write(cx, COUNTY, do_write, d);
    if (rc)
        assert_true(cx->err.text[0] != '\0'); /* every refusal says why */
    err_clear(cx);
    return rc;
}

static int64_t lot_new(struct cx *cx)
{
    struct doing d = {.what = LOT, .note = "十月核桃"};
    assert_int_equal(act(cx, &d), RC_OK);
    return d.lot;
}

static struct lot lot_of(struct cx *cx, int64_t id)
{
    struct lot l;
    check_ok(cx, lot_get(&l, cx, COUNTY, id));
    return l;
}

/* NOLINTNEXTLINE(readability-function-size): what a scale tells, each plain */
static enum rc deliver(int64_t *id, struct cx *cx, int64_t lot, int64_t seller, int64_t grams,
                       int64_t price, const char *uid)
{
    struct doing d = {.what = DELIVER,
                      .d = {.county = COUNTY,
                            .lot_id = lot,
                            .seller_id = seller,
                            .grams = grams,
                            .grade = 1,
                            .price_minor = price,
                            .day = TODAY,
                            .client_uid = uid}};
    enum rc rc = act(cx, &d);
    *id = d.d.id = d.id;
    return rc;
}

static enum rc on_lot(struct cx *cx, int what, int64_t lot, int64_t quantity, const char *note)
{
    struct doing d = {.what = what,
                      .lot = lot,
                      .version = lot_of(cx, lot).version,
                      .quantity = quantity,
                      .note = note};
    return act(cx, &d);
}

static size_t faults(struct cx *cx)
{
    struct verify_fault *list;
    size_t count;
    check_ok(cx, stock_verify(&list, &count, cx));
    return count;
}

static const char *uid_of(struct cx *cx, int i)
{
    return arena_printf(cx->arena, "uid-%08d", i);
}

/* ---- in and out ---- */

static void to_the_gram(struct cx *cx)
{
    int64_t id, again, lot = lot_new(cx);
    struct letter_figures letters;
    struct stock_item item;
    assert_int_equal(on_lot(cx, CLOSE, lot, 0, ""), RC_CONFLICT); /* nothing in it */
    assert_int_equal(deliver(&id, cx, lot, 1, 0, 100, "uid-00000"), RC_INVALID);
    assert_int_equal(deliver(&id, cx, lot, 1, 100000001, 100, "uid-00000"), RC_INVALID);
    assert_int_equal(deliver(&id, cx, lot, 1, 10, -1, "uid-00000"), RC_INVALID);
    assert_int_equal(deliver(&id, cx, lot, 1, 10, 1, "short"), RC_INVALID);
    assert_int_equal(deliver(&id, cx, 999, 1, 10, 1, "uid-00000"), RC_NOTFOUND);
    assert_true(fault_set("stock.delivery:1"));
    assert_int_equal(deliver(&id, cx, lot, 1, 12345, 800, "uid-00001"), RC_IO);
    assert_true(fault_set(""));
    assert_int_equal(lot_of(cx, lot).grams, 0);
    assert_int_equal(deliver(&id, cx, lot, 1, 12345, 800, "uid-00001"), RC_OK);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(deliver(&again, cx, lot, 1, 12345, 800, "uid-00001"), RC_OK);
        assert_int_equal(again, id);
    }
    assert_int_equal(deliver(&again, cx, lot, 1, 12346, 800, "uid-00001"), RC_CONFLICT);
    assert_int_equal(deliver(&again, cx, lot, 2, 5000, 700, "uid-00002"), RC_OK);
    assert_int_equal(lot_of(cx, lot).grams, 17345);
    struct doing early = {.what = RESERVE, .item = lot_of(cx, lot).item_id, .quantity = 1};
    assert_int_equal(act(cx, &early), RC_CONFLICT); /* it still takes deliveries */
    struct doing slip = {.what = MOVE, .item = early.item, .quantity = 10, .kind = STOCK_IN};
    assert_int_equal(act(cx, &slip), RC_INVALID);
    struct doing back = {.what = CANCEL, .id = again, .note = " "};
    assert_int_equal(act(cx, &back), RC_INVALID);
    back.note = "重复称重";
    assert_int_equal(act(cx, &back), RC_OK);
    assert_int_equal(act(cx, &back), RC_CONFLICT);
    assert_int_equal(lot_of(cx, lot).grams, 12345);
    assert_int_equal(lot_of(cx, lot).deliveries, 1);
    assert_int_equal(on_lot(cx, HELPED, lot, 1, ""), RC_INVALID); /* still open */
    assert_int_equal(on_lot(cx, CLOSE, lot, 0, ""), RC_OK);
    check_ok(cx, letter_figures_get(&letters, cx));
    assert_int_equal(letters.waiting, 1);
    assert_int_equal(deliver(&again, cx, lot, 3, 10, 1, "uid-00003"), RC_CONFLICT);
    back = (struct doing){.what = CANCEL, .id = id, .note = "late"};
    assert_int_equal(act(cx, &back), RC_CONFLICT);
    assert_int_equal(lot_of(cx, lot).helped_households, -1);
    assert_int_equal(on_lot(cx, HELPED, lot, 12346, ""), RC_INVALID); /* more than there is */
    assert_int_equal(on_lot(cx, HELPED, lot, 6000, ""), RC_OK);
    assert_int_equal(lot_of(cx, lot).helped_households, 12);
    /* Sold, and the rest written off. */
    struct doing sale = {.what = RESERVE, .item = lot_of(cx, lot).item_id, .quantity = 5000};
    assert_int_equal(act(cx, &sale), RC_OK);
    assert_int_equal(on_lot(cx, END, lot, 0, "霉变"), RC_CONFLICT);
    sale.what = CONSUME;
    sale.quantity = 4980;
    assert_int_equal(act(cx, &sale), RC_OK);
    assert_int_equal(on_lot(cx, END, lot, 0, ""), RC_INVALID);
    assert_int_equal(on_lot(cx, END, lot, 0, "霉变"), RC_OK);
    check_ok(cx, stock_item_get(&item, cx, COUNTY, lot_of(cx, lot).item_id));
    assert_int_equal(item.on_hand, 0);
    /* What comes back of an ended lot is not sold again. */
    slip.kind = STOCK_BACK;
    assert_int_equal(act(cx, &slip), RC_OK);
    assert_int_equal(act(cx, &early), RC_CONFLICT);
    assert_int_equal(faults(cx), 0);
}

/* Twenty phones of two servers send the same delivery at once: one is weighed. */
struct sending {
    struct db_pool *pool;
    struct doing d;
    pthread_t thread;
    enum rc rc;
};
static void *send_it(void *arg)
{
    struct sending *s = arg;
    struct cx cx;
    cx_init(&cx, arena_open(4 * 1024 * 1024));
    cx.pool = s->pool;
    s->rc = act(&cx, &s->d);
    arena_free(cx.arena);
    return NULL;
}
static void sent_at_once(struct cx *cx)
{
    enum { PHONES = 20 };
    struct sending all[PHONES];
    int64_t lot = lot_new(cx);
    struct db_pool *second;
    struct cx other = *cx;
    other.db = NULL;
    const char *url = arena_copy(cx->arena, str_of(db_fixture_url(cx)));
    check_ok(&other, db_open(&second, &other, &(struct db_options){.url = url}));
    for (int i = 0; i < PHONES; i++) {
        all[i] = (struct sending){.pool = i % 2 ? second : cx->pool,
                                  .d = {.what = DELIVER,
                                        .d = {.county = COUNTY,
                                              .lot_id = lot,
                                              .seller_id = 1,
                                              .grams = 2500,
                                              .grade = 2,
                                              .day = TODAY,
                                              .client_uid = "uid-the-same"}}};
        assert_int_equal(pthread_create(&all[i].thread, NULL, send_it, &all[i]), 0);
    }
    for (int i = 0; i < PHONES; i++) {
        pthread_join(all[i].thread, NULL);
        assert_int_equal(all[i].rc, RC_OK);
        assert_int_equal(all[i].d.id, all[0].d.id);
    }
    db_close(second);
    assert_int_equal(lot_of(cx, lot).grams, 2500);
    assert_int_equal(lot_of(cx, lot).deliveries, 1);
    assert_int_equal(faults(cx), 0);
}

/* Grams in are grams sold, in store and written off, whatever happens in between. */
static void in_is_out(struct cx *cx)
{
    for_each_seed (seed, 3) {
        uint64_t dice = seed;
        int64_t ids[60], id, lot = lot_new(cx), in = 0, sold = 0, lost = 0, back = 0;
        struct stock_item item;
        for (int i = 0; i < 60; i++) {
            int64_t grams = check_int(&dice, 1, 50000);
            int at = (int)check_int(&dice, 0, i ? i - 1 : 0);
            assert_int_equal(deliver(&ids[i], cx, lot, i % 9 + 1, grams, 0,
                                     uid_of(cx, (int)seed * 1000 + i)),
                             RC_OK);
            struct doing off = {.what = CANCEL, .id = ids[at], .note = "重复"};
            if (i % 7 == 6)
                assert_in_set(act(cx, &off), ((uintmax_t[]){RC_OK, RC_CONFLICT}), 2);
        }
        assert_int_equal(on_lot(cx, CLOSE, lot, 0, ""), RC_OK);
        in = lot_of(cx, lot).grams;
        struct doing d = {.item = lot_of(cx, lot).item_id};
        for (int i = 0; i < 60; i++) {
            int64_t asked = check_int(&dice, 1, 20000), real = check_int(&dice, 0, 20000);
            d.what = RESERVE;
            d.quantity = asked;
            bool held = act(cx, &d) == RC_OK;
            d.what = CONSUME; /* by real weight, less or more */
            d.quantity = real;
            id = d.id;
            sold += held && act(cx, &d) == RC_OK ? real : 0;
            d.id = id;
            d.what = MOVE;
            d.kind = i % 2 ? STOCK_LOSS : STOCK_BACK;
            d.quantity = i % 2 ? -check_int(&dice, 1, 900) : check_int(&dice, 1, 50);
            if (act(cx, &d) == RC_OK)
                *(i % 2 ? &lost : &back) += d.quantity;
        }
        check_ok(cx, stock_item_get(&item, cx, COUNTY, d.item));
        assert_int_equal(in, sold - back + item.on_hand - lost);
        assert_true(sold > 0 && lost < 0 && back > 0);
        assert_int_equal(faults(cx), 0);
    }
}

/* ---- the way back ---- */

static void exact_for_thirty(struct cx *cx)
{
    static const int64_t amounts[] = {0, 1, 29, 6850, 999999, INT64_C(1000000000000), -6850};
    int64_t id, lot = lot_new(cx);
    struct lot_part *parts;
    size_t count;
    for (int i = 0; i < 30; i++)
        assert_int_equal(
            deliver(&id, cx, lot, 100 + i, 1000 + 137 * i, 500 + 10 * (i % 3), uid_of(cx, i)),
            RC_OK);
    assert_int_equal(lot_split(&parts, &count, cx, COUNTY, lot, 1, 1), RC_CONFLICT);
    err_clear(cx);
    assert_int_equal(on_lot(cx, CLOSE, lot, 0, ""), RC_OK);
    for (size_t a = 0; a < sizeof amounts / sizeof *amounts; a++) {
        int64_t sum = 0;
        check_ok(cx, lot_split(&parts, &count, cx, COUNTY, lot, amounts[a], 4711));
        assert_int_equal(count, 30);
        for (size_t i = 0; i < count; i++) {
            assert_true(amounts[a] < 0 ? parts[i].amount_minor <= 0
                                       : parts[i].amount_minor >= 0);
            sum += parts[i].amount_minor;
        }
        assert_int_equal(sum, amounts[a]);
    }
    /* Equal ones: the odd cent goes to another with another sale. */
    int64_t equal = lot_new(cx), got[10] = {0};
    for (int i = 0; i < 10; i++)
        assert_int_equal(deliver(&id, cx, equal, 200 + i, 1000, 0, uid_of(cx, 100 + i)), RC_OK);
    assert_int_equal(on_lot(cx, CLOSE, equal, 0, ""), RC_OK);
    for (int sale = 1; sale <= 300; sale++) {
        check_ok(cx, lot_split(&parts, &count, cx, COUNTY, equal, 101, sale));
        for (size_t i = 0; i < count; i++)
            got[i] += parts[i].amount_minor;
    }
    for (int i = 0; i < 10; i++)
        assert_true(got[i] > 3000 && got[i] < 3070); /* 3,030 each on the long run */
    assert_int_equal(faults(cx), 0);
}

/* 10,000 random splits: exact, and nobody is further than one from the due share. */
static void any_split(struct cx *cx)
{
    uint64_t seed = 88172645463325252u;
    for (int round = 0; round < 10000; round++) {
        int64_t weights[40], parts[40], sum = 0, all = 0;
        uint64_t keys[40];
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17; /* xorshift64 */
        size_t n = 1 + (size_t)(seed % 40);
        int64_t top = round % 2 ? INT64_C(100000000000000000) : 50;
        int64_t amount = (int64_t)(seed >> 24) % (round % 3 ? 10000 : INT64_C(1000000000000));
        if (round % 5 == 0)
            amount = -amount;
        for (size_t i = 0; i < n; i++) {
            seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
            weights[i] = (int64_t)(seed % (uint64_t)top) + (i == 0);
            keys[i] = seed;
        }
        check_ok(cx, split_exactly(parts, cx, amount, weights, keys, n));
        double total = 0;
        for (size_t i = 0; i < n; i++) {
            sum += parts[i];
            total += (double)weights[i];
            all += weights[i] == 0 ? parts[i] : 0;
        }
        assert_int_equal(sum, amount);
        assert_int_equal(all, 0); /* nothing for a weight of nothing */
        for (size_t i = 0; i < n; i++) {
            double due = (double)amount * (double)weights[i] / total;
            assert_true((double)parts[i] - due < 1.01 && due - (double)parts[i] < 1.01);
        }
        arena_reset(cx->arena);
    }
    int64_t none[2] = {0, 0}, below[2] = {3, -1}, parts[2];
    uint64_t keys[2] = {1, 2};
    check_refused(cx, split_exactly(parts, cx, 5, none, keys, 2), RC_INVALID);
    check_refused(cx, split_exactly(parts, cx, 5, below, keys, 2), RC_INVALID);
    check_refused(cx, split_exactly(parts, cx, 5, below, keys, 0), RC_INVALID);
}

/* The largest numbers there are, in 128 bits; a refund is the sale, negated. */
static void extreme_splits(struct cx *cx)
{
    const int64_t amounts[] = {INT64_MAX, INT64_MIN, INT64_MIN + 1, INT64_MAX - 1, 1, -1, 0};
    int64_t one = 1, part;
    uint64_t key = 9;
    for (size_t a = 0; a < sizeof amounts / sizeof *amounts; a++) {
        check_ok(cx, split_exactly(&part, cx, amounts[a], &one, &key, 1));
        assert_int_equal(part, amounts[a]);
    }
    for_each_seed (seed, 200) {
        enum { N = 50 };
        int64_t weights[N], parts[N], back[N];
        uint64_t dice = seed, keys[N];
        int64_t amount = check_any_i64(&dice);
        __int128 sum = 0;
        for (int i = 0; i < N; i++) {
            weights[i] = seed % 2 ? 1 : INT64_C(100000000000000000) - check_int(&dice, 0, 3);
            keys[i] = check_random(&dice);
        }
        check_ok(cx, split_exactly(parts, cx, amount, weights, keys, N));
        for (int i = 0; i < N; i++)
            sum += parts[i];
        assert_true(sum == amount);
        if (amount == INT64_MIN)
            continue;
        check_ok(cx, split_exactly(back, cx, -amount, weights, keys, N));
        for (int i = 0; i < N; i++)
            assert_int_equal(back[i], -parts[i]);
        arena_reset(cx->arena);
    }
}

static void with_vault(struct cx *cx, void (*test)(struct cx *cx))
{
    char path[] = "/tmp/fumin_lot_XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
    check_ok(cx, vault_create(cx, path));
    check_ok(cx, vault_open(&cx->vault, cx, path));
    unlink(path);
    test(cx);
    vault_close(cx->vault);
}

static void grams_on(struct cx *cx)
{
    with_vault(cx, to_the_gram);
}
static void model_on(struct cx *cx)
{
    with_vault(cx, in_is_out);
}
static void split_on(struct cx *cx)
{
    with_vault(cx, exact_for_thirty);
}

static void grams_in_and_out(void **state)
{
    (void)state;
    db_fixture_each(grams_on);
}
static void grams_of_any_work(void **state)
{
    (void)state;
    db_fixture_each(model_on);
}
static void one_of_twenty(void **state)
{
    (void)state;
    db_fixture_each(sent_at_once);
}
static void split_of_a_lot(void **state)
{
    (void)state;
    db_fixture_each(split_on);
}
static void splits(void **state)
{
    struct cx cx;
    (void)state;
    cx_init(&cx, arena_open(1024 * 1024));
    any_split(&cx);
    extreme_splits(&cx);
    arena_free(cx.arena);
}

int main(void)
{
    crypto_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grams_in_and_out), cmocka_unit_test(grams_of_any_work),
        cmocka_unit_test(one_of_twenty),    cmocka_unit_test(split_of_a_lot),
        cmocka_unit_test(splits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
