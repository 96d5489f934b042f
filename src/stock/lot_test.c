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

#include <unistd.h>

enum { COUNTY = 7, SHOP = 70, TODAY = 20000 };

struct doing {
    enum { LOT, DELIVER, CANCEL, CLOSE, END, HELPED, RESERVE, CONSUME } what;
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
    }
    return RC_INVALID;
}
static enum rc act(struct cx *cx, struct doing *d)
{
    enum rc rc = db_write(cx, COUNTY, do_write, d);
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
    assert_int_equal(faults(cx), 0);
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
    int64_t none[2] = {0, 0}, parts[2];
    uint64_t keys[2] = {1, 2};
    assert_int_equal(split_exactly(parts, cx, 5, none, keys, 2), RC_INVALID);
    err_clear(cx);
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
static void split_on(struct cx *cx)
{
    with_vault(cx, exact_for_thirty);
}

static void grams_in_and_out(void **state)
{
    (void)state;
    db_fixture_each(grams_on);
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
    arena_free(cx.arena);
}

int main(void)
{
    crypto_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grams_in_and_out),
        cmocka_unit_test(split_of_a_lot),
        cmocka_unit_test(splits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
