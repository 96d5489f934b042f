/* Tests of stores and reservations on both databases: never more sold than there is by any
 * number of buyers at once (S1 to S3), crossed baskets (S6), each reservation ends once
 * whatever the clock says (S5), corrections by weight (S9), random work against a model, faults
 * between the steps, tampering found (S4). */
#include "stock/stock_inner.h"

#include "base/check.h"
#include "base/fault.h"
#include "db/db_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

#define SQL(id, text, arg_letters, col_letters)                                                \
    static const struct sql id = {                                                             \
        .name = #id, .lite = (text), .args = (arg_letters), .cols = (col_letters)}
SQL(TEST_TAMPER, "UPDATE stock_item SET on_hand = on_hand + 1 WHERE id = $1", "i", "");
SQL(TEST_TAMPER_HELD, "UPDATE reservation SET quantity = quantity + 1 WHERE id = $1", "i", "");
SQL(TEST_EDIT, "UPDATE stock_move SET quantity = quantity + 1 WHERE county = $1", "i", "");
SQL(TEST_DROP, "DELETE FROM stock_move WHERE county = $1", "i", "");

enum { COUNTY = 7, NOW = 1800000000 };

/* One call of the room in a write of its own. */
struct doing {
    enum { ADD, MOVE, RESERVE, KEEP, EXPIRE, CONSUME, RELEASE } what;
    enum stock_unit unit;
    bool on_demand, kept;
    struct stock_move m;
    struct stock_take t[8];
    size_t count, short_at;
    int64_t ids[8], left, id, quantity, move_id, expires_at;
};
static enum rc do_write(struct cx *cx, void *arg)
{
    struct doing *d = arg;
    switch (d->what) {
    case ADD:
        return stock_item_add(&d->id, cx, COUNTY, d->unit, d->on_demand, 0);
    case MOVE:
        if (!d->m.id)
            TRY(db_ids(&d->m.id, cx, 1));
        return stock_move_add(cx, &d->m);
    case RESERVE:
        return stock_reserve(d->ids, &d->short_at, &d->left, cx, COUNTY, d->t, d->count,
                             d->expires_at);
    case KEEP:
        return stock_keep(&d->kept, cx, COUNTY, d->id);
    case EXPIRE:
        return stock_expire(cx, COUNTY, d->id);
    case CONSUME:
        if (!d->move_id)
            TRY(db_ids(&d->move_id, cx, 1));
        return stock_consume(cx, COUNTY, d->id, d->quantity, d->move_id);
    case RELEASE:
        return stock_release(cx, COUNTY, d->id);
    }
    return RC_INVALID;
}
static enum rc act(struct cx *cx, struct doing *d)
{
    enum rc rc = db_write(cx, COUNTY, do_write, d);
    err_clear(cx);
    return rc;
}

static int64_t item_new(struct cx *cx, enum stock_unit unit, bool on_demand)
{
    struct doing d = {.what = ADD, .unit = unit, .on_demand = on_demand};
    assert_int_equal(act(cx, &d), RC_OK);
    return d.id;
}

static enum rc move(struct cx *cx, int64_t item, enum stock_kind kind, int64_t quantity)
{
    struct doing d = {
        .what = MOVE,
        .m = {.county = COUNTY, .item_id = item, .kind = kind, .quantity = quantity}};
    return act(cx, &d);
}

static enum rc reserve(int64_t *id, struct cx *cx, int64_t item, int64_t quantity,
                       int64_t expires_at)
{
    struct doing d = {
        .what = RESERVE, .t = {{item, 1, quantity}}, .count = 1, .expires_at = expires_at};
    enum rc rc = act(cx, &d);
    *id = d.ids[0];
    return rc;
}

static enum rc end(struct cx *cx, int what, int64_t id, int64_t quantity, int64_t move_id)
{
    struct doing d = {.what = what, .id = id, .quantity = quantity, .move_id = move_id};
    return act(cx, &d);
}

static bool keep(struct cx *cx, int64_t id)
{
    struct doing d = {.what = KEEP, .id = id};
    assert_int_equal(act(cx, &d), RC_OK);
    return d.kept;
}

static void check_item(struct cx *cx, int64_t item, int64_t on_hand, int64_t reserved)
{
    struct stock_item i;
    check_ok(cx, stock_item_get(&i, cx, COUNTY, item));
    assert_int_equal(i.on_hand, on_hand);
    assert_int_equal(i.reserved, reserved);
}

static size_t faults(struct cx *cx)
{
    struct verify_fault *list;
    size_t count;
    check_ok(cx, stock_verify(&list, &count, cx));
    return count;
}

/* ---- what is taken, and ends ---- */

static void ends_once(struct cx *cx)
{
    int64_t item = item_new(cx, STOCK_GRAMS, false), id, other, move_id = 12345;
    struct reservation r;
    cx->now_at = NOW;
    assert_int_equal(move(cx, item, STOCK_IN, 5000), RC_OK);
    assert_int_equal(reserve(&id, cx, item, 5001, 0), RC_CONFLICT);
    assert_int_equal(reserve(&id, cx, item, 0, 0), RC_INVALID);
    assert_int_equal(reserve(&id, cx, item, -3, 0), RC_INVALID);
    assert_int_equal(reserve(&id, cx, item, STOCK_QUANTITY_MAX + 1, 0), RC_INVALID);
    assert_int_equal(reserve(&id, cx, 999, 1, 0), RC_CONFLICT);
    check_item(cx, item, 5000, 0);
    /* By real weight: less, more (as far as the store has it), never what others hold. */
    assert_int_equal(reserve(&id, cx, item, 1500, NOW + 60), RC_OK);
    assert_int_equal(reserve(&other, cx, item, 3000, 0), RC_OK);
    assert_true(keep(cx, id));
    assert_int_equal(end(cx, CONSUME, id, 2001, 1), RC_CONFLICT);
    assert_int_equal(end(cx, CONSUME, id, -1, 1), RC_INVALID);
    check_item(cx, item, 5000, 4500);
    assert_int_equal(end(cx, CONSUME, id, 1620, move_id), RC_OK);
    check_item(cx, item, 3380, 3000);
    assert_int_equal(end(cx, CONSUME, id, 1620, move_id), RC_OK); /* the same again */
    assert_int_equal(end(cx, CONSUME, id, 1620, 99), RC_CONFLICT);
    assert_int_equal(end(cx, CONSUME, id, 1600, move_id), RC_CONFLICT);
    assert_int_equal(end(cx, RELEASE, id, 0, 0), RC_CONFLICT);
    assert_false(keep(cx, id));
    check_item(cx, item, 3380, 3000);
    assert_int_equal(end(cx, RELEASE, other, 0, 0), RC_OK);
    assert_int_equal(end(cx, RELEASE, other, 0, 0), RC_OK);
    assert_int_equal(end(cx, CONSUME, other, 1, 5), RC_CONFLICT);
    check_item(cx, item, 3380, 0);
    check_ok(cx, stock_reservation_get(&r, cx, COUNTY, other));
    assert_int_equal(r.state, RESERVATION_RELEASED);
    assert_int_equal(end(cx, KEEP, 4711, 0, 0), RC_NOTFOUND);
    assert_int_equal(faults(cx), 0);
}

/* A payment that comes too late keeps nothing, and no clock makes it hold again. */
static void too_late(struct cx *cx)
{
    int64_t item = item_new(cx, STOCK_PIECES, false), id;
    struct reservation r;
    cx->now_at = NOW;
    assert_int_equal(move(cx, item, STOCK_IN, 2), RC_OK);
    assert_int_equal(reserve(&id, cx, item, 2, NOW + 60), RC_OK);
    assert_int_equal(end(cx, EXPIRE, id, 0, 0), RC_OK); /* not yet: nothing happens */
    check_item(cx, item, 2, 2);
    cx->now_at = NOW + 60;
    assert_int_equal(end(cx, CONSUME, id, 2, 1), RC_CONFLICT);
    assert_false(keep(cx, id));
    check_ok(cx, stock_reservation_get(&r, cx, COUNTY, id));
    assert_int_equal(r.state, RESERVATION_EXPIRED);
    check_item(cx, item, 2, 0);
    cx->now_at = NOW;
    assert_false(keep(cx, id));
    assert_int_equal(end(cx, CONSUME, id, 2, 1), RC_CONFLICT);
    assert_int_equal(end(cx, EXPIRE, id, 0, 0), RC_OK);
    check_item(cx, item, 2, 0);
    assert_int_equal(reserve(&id, cx, item, 2, NOW + 60), RC_OK);
    assert_true(keep(cx, id));
    cx->now_at = NOW + 600;
    assert_int_equal(end(cx, EXPIRE, id, 0, 0), RC_OK);
    check_item(cx, item, 2, 2);                           /* paid: it does not expire */
    assert_int_equal(end(cx, CONSUME, id, 0, 77), RC_OK); /* nothing fit to be sold */
    check_item(cx, item, 2, 0);
    assert_int_equal(faults(cx), 0);
}

/* Signs, what is reserved is not written off, the same id again, made when ordered. */
static void movements(struct cx *cx)
{
    int64_t item = item_new(cx, STOCK_GRAMS, false), made = item_new(cx, STOCK_PIECES, true),
            id;
    struct stock_move *list;
    size_t count;
    assert_int_equal(move(cx, item, STOCK_IN, -1), RC_INVALID);
    assert_int_equal(move(cx, item, STOCK_LOSS, 1), RC_INVALID);
    assert_int_equal(move(cx, item, STOCK_SOLD, -1), RC_INVALID);
    assert_int_equal(move(cx, item, STOCK_COUNTED, 0), RC_INVALID);
    assert_int_equal(move(cx, item, STOCK_IN, STOCK_QUANTITY_MAX + 1), RC_INVALID);
    assert_int_equal(move(cx, item, STOCK_IN, STOCK_QUANTITY_MAX), RC_OK);
    assert_int_equal(move(cx, item, STOCK_IN, 1), RC_CONFLICT); /* more than any store has */
    assert_int_equal(move(cx, item, STOCK_COUNTED, 100 - STOCK_QUANTITY_MAX), RC_OK);
    assert_int_equal(reserve(&id, cx, item, 60, 0), RC_OK);
    assert_int_equal(move(cx, item, STOCK_LOSS, -41), RC_CONFLICT);
    assert_int_equal(move(cx, item, STOCK_LOSS, -40), RC_OK);
    struct doing d = {
        .what = MOVE,
        .m = {.county = COUNTY, .id = 5, .item_id = item, .kind = STOCK_BACK, .quantity = 3}};
    assert_int_equal(act(cx, &d), RC_OK);
    assert_int_equal(act(cx, &d), RC_OK);
    check_item(cx, item, 63, 60);
    d.m.quantity = 4;
    assert_int_equal(act(cx, &d), RC_CONFLICT);
    check_ok(cx, stock_moves(&list, &count, cx, COUNTY, item, 0, 10));
    assert_int_equal(count, 4);
    assert_int_equal(reserve(&id, cx, made, 9, 0), RC_OK);
    check_item(cx, made, 0, 9);
    assert_int_equal(end(cx, CONSUME, id, 9, 8), RC_OK);
    check_item(cx, made, 0, 0);
    assert_int_equal(faults(cx), 0);
}

/* ---- many at once ---- */

struct buyer {
    struct cx *cx;
    int64_t items[2], quantity[2];
    size_t count;
    pthread_t thread;
    enum rc rc;
};
static pthread_barrier_t gate;

static void *buy(void *arg)
{
    struct buyer *b = arg;
    struct cx cx = *b->cx;
    cx.arena = arena_open(4 * 1024 * 1024);
    cx.db = NULL;
    pthread_barrier_wait(&gate);
    struct doing d = {.what = RESERVE, .count = b->count};
    for (size_t i = 0; i < b->count; i++)
        d.t[i] = (struct stock_take){b->items[i], 1, b->quantity[i]};
    b->rc = act(&cx, &d);
    arena_free(cx.arena);
    return NULL;
}

static int race(struct buyer *all, size_t count)
{
    int won = 0;
    assert_int_equal(pthread_barrier_init(&gate, NULL, (unsigned)count), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_create(&all[i].thread, NULL, buy, &all[i]), 0);
    for (size_t i = 0; i < count; i++) {
        pthread_join(all[i].thread, NULL);
        assert_true(all[i].rc == RC_OK || all[i].rc == RC_CONFLICT);
        won += all[i].rc == RC_OK;
    }
    pthread_barrier_destroy(&gate);
    return won;
}

static void many_for_few(struct cx *cx)
{
    static const int cases[][3] = {{20, 5, 1}, {10, 1, 1}, {200, 50, 1}, {30, 20, 3}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct buyer all[200];
        int64_t item = item_new(cx, STOCK_PIECES, false);
        int n = cases[c][0], stock = cases[c][1], q = cases[c][2];
        assert_int_equal(move(cx, item, STOCK_IN, stock), RC_OK);
        for (int i = 0; i < n; i++)
            all[i] = (struct buyer){.cx = cx, .items = {item}, .quantity = {q}, .count = 1};
        assert_int_equal(race(all, (size_t)n), stock / q);
        check_item(cx, item, stock, stock / q * q);
    }
    assert_int_equal(faults(cx), 0);
}

/* A+B and B+A, a hundred of each at once: none waits for ever, none lost; and two rows of one
 * basket on the same goods count together. */
static void crossed(struct cx *cx)
{
    struct buyer all[100];
    int64_t a = item_new(cx, STOCK_PIECES, false), b = item_new(cx, STOCK_PIECES, false);
    assert_int_equal(move(cx, a, STOCK_IN, 60), RC_OK);
    assert_int_equal(move(cx, b, STOCK_IN, 70), RC_OK);
    for (int i = 0; i < 100; i++)
        all[i] = (struct buyer){
            .cx = cx, .items = {i % 2 ? a : b, i % 2 ? b : a}, .quantity = {1, 1}, .count = 2};
    assert_int_equal(race(all, 100), 60);
    check_item(cx, a, 60, 60);
    check_item(cx, b, 70, 60);
    struct doing d = {.what = RESERVE, .t = {{b, 1, 6}, {b, 2, 5}}, .count = 2};
    assert_int_equal(act(cx, &d), RC_CONFLICT);
    assert_int_equal(d.short_at, 1);
    assert_int_equal(d.left, 4);
    check_item(cx, b, 70, 60);
    assert_int_equal(faults(cx), 0);
}

/* ---- faults and tampering ---- */

static void half_way(struct cx *cx)
{
    int64_t a = item_new(cx, STOCK_PIECES, false), b = item_new(cx, STOCK_PIECES, false);
    assert_int_equal(move(cx, a, STOCK_IN, 5), RC_OK);
    assert_int_equal(move(cx, b, STOCK_IN, 5), RC_OK);
    struct doing d = {.what = RESERVE, .t = {{a, 1, 1}, {b, 2, 1}}, .count = 2};
    for (int hit = 1; hit <= 2; hit++) {
        assert_true(fault_set(hit == 1 ? "stock.reserved:1" : "stock.reserved:2"));
        assert_int_equal(act(cx, &d), RC_IO);
        assert_true(fault_set(""));
        check_item(cx, a, 5, 0);
        check_item(cx, b, 5, 0);
    }
    assert_int_equal(faults(cx), 0);
}

struct tampering {
    const struct sql *sql;
    int64_t id;
};
static enum rc tamper_write(struct cx *cx, void *arg)
{
    const struct tampering *t = arg;
    return DB_RUN(cx, t->sql, V_I(t->id));
}

static void tampering_found(struct cx *cx)
{
    int64_t item = item_new(cx, STOCK_PIECES, false), id;
    assert_int_equal(move(cx, item, STOCK_IN, 5), RC_OK);
    assert_int_equal(reserve(&id, cx, item, 2, 0), RC_OK);
    struct tampering edit = {&TEST_EDIT, COUNTY}, drop = {&TEST_DROP, COUNTY};
    assert_int_not_equal(db_write(cx, COUNTY, tamper_write, &edit), RC_OK);
    err_clear(cx);
    assert_int_not_equal(db_write(cx, COUNTY, tamper_write, &drop), RC_OK);
    err_clear(cx);
    assert_int_equal(faults(cx), 0);
    struct tampering more = {&TEST_TAMPER, item}, held = {&TEST_TAMPER_HELD, id};
    check_ok(cx, db_write(cx, COUNTY, tamper_write, &more));
    assert_int_equal(faults(cx), 1);
    check_ok(cx, db_write(cx, COUNTY, tamper_write, &held));
    assert_int_equal(faults(cx), 2);
}

/* ---- random work against a model ---- */

enum { ITEMS = 3, HELD_MAX = 40, STEPS = 600 };
struct model {
    int64_t item[ITEMS], on_hand[ITEMS], reserved[ITEMS];
    struct {
        int64_t id, quantity;
        int item;
    } held[HELD_MAX];
    int held_count;
    uint32_t seed;
};

static int64_t dice(struct model *m, int64_t below)
{
    m->seed = m->seed * 1664525u + 1013904223u;
    return (int64_t)(m->seed >> 8) % below;
}

static void model_step(struct cx *cx, struct model *m)
{
    int i = (int)dice(m, ITEMS);
    int64_t q = 1 + dice(m, 30), id;
    int what = (int)dice(m, 5);
    if (what == 0) {
        assert_int_equal(move(cx, m->item[i], STOCK_IN, q), RC_OK);
        m->on_hand[i] += q;
    } else if (what == 1) {
        bool may = m->on_hand[i] - q >= m->reserved[i];
        assert_int_equal(move(cx, m->item[i], STOCK_LOSS, -q), may ? RC_OK : RC_CONFLICT);
        m->on_hand[i] -= may ? q : 0;
    } else if (what == 2 && m->held_count < HELD_MAX) {
        bool may = m->on_hand[i] - m->reserved[i] >= q;
        assert_int_equal(reserve(&id, cx, m->item[i], q, 0), may ? RC_OK : RC_CONFLICT);
        m->reserved[i] += may ? q : 0;
        if (may) {
            m->held[m->held_count].id = id;
            m->held[m->held_count].quantity = q;
            m->held[m->held_count++].item = i;
        }
    } else if (what >= 3 && m->held_count) {
        int h = (int)dice(m, m->held_count);
        int at = m->held[h].item;
        int64_t held = m->held[h].quantity;
        bool may = what == 3 || m->on_hand[at] - q >= m->reserved[at] - held;
        assert_int_equal(end(cx, what == 3 ? RELEASE : CONSUME, m->held[h].id, q, 0),
                         may ? RC_OK : RC_CONFLICT);
        if (may) {
            m->reserved[at] -= held;
            m->on_hand[at] -= what == 3 ? 0 : q;
            m->held[h] = m->held[--m->held_count];
        }
    }
}

static void as_the_model(struct cx *cx)
{
    struct model m = {.seed = 20261124};
    for (int i = 0; i < ITEMS; i++)
        m.item[i] = item_new(cx, STOCK_GRAMS, false);
    for (int step = 0; step < STEPS; step++)
        model_step(cx, &m);
    for (int i = 0; i < ITEMS; i++)
        check_item(cx, m.item[i], m.on_hand[i], m.reserved[i]);
    assert_int_equal(faults(cx), 0);
}

#define EACH(test)                                                                             \
    static void test##_each(void **state)                                                      \
    {                                                                                          \
        (void)state;                                                                           \
        db_fixture_each(test);                                                                 \
    }
EACH(ends_once)
EACH(too_late)
EACH(movements)
EACH(many_for_few)
EACH(crossed)
EACH(half_way)
EACH(tampering_found)
EACH(as_the_model)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_once_each),       cmocka_unit_test(too_late_each),
        cmocka_unit_test(movements_each),       cmocka_unit_test(many_for_few_each),
        cmocka_unit_test(crossed_each),         cmocka_unit_test(half_way_each),
        cmocka_unit_test(tampering_found_each), cmocka_unit_test(as_the_model_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
