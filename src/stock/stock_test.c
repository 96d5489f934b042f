/* Tests of stores and reservations on both databases: each reservation ends once whatever the
 * clock says (S5), corrections by weight (S9), what the database itself refuses (S1), faults
 * between the steps, random work against a model (S4). */
#include "stock/stock_fixture.h"

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
    struct doing taken = {
        .what = MOVE,
        .m = {.county = COUNTY, .id = 6, .item_id = item, .kind = STOCK_BACK, .quantity = 1}};
    assert_int_equal(act(cx, &taken), RC_OK);
    assert_int_equal(move(cx, item, STOCK_LOSS, -1), RC_OK);
    assert_int_equal(end(cx, CONSUME, id, 1, 6), RC_CONFLICT); /* another movement's id */
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
    check_sound(cx);
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
    assert_int_equal(end(cx, CONSUME, id, 2, 1), RC_CONFLICT); /* not paid */
    cx->now_at = NOW + 60;
    assert_int_equal(end(cx, CONSUME, id, 2, 1), RC_CONFLICT);
    cx->now_at = NOW; /* the clock set back right after the refusal */
    assert_int_equal(end(cx, CONSUME, id, 2, 1), RC_CONFLICT);
    cx->now_at = NOW + 60;
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
    check_sound(cx);
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
    d.m.note = "\xff";
    assert_int_equal(act(cx, &d), RC_INVALID);
    d.m.note = NULL;
    d.m.quantity = 4;
    assert_int_equal(act(cx, &d), RC_CONFLICT);
    check_ok(cx, stock_moves(&list, &count, cx, COUNTY, item, 0, 10));
    assert_int_equal(count, 4);
    assert_int_equal(reserve(&id, cx, made, 9, 0), RC_OK);
    check_item(cx, made, 0, 9);
    assert_int_equal(end(cx, CONSUME, id, 9, 8), RC_OK);
    check_item(cx, made, 0, 0);
    check_sound(cx);
}

/* ---- faults between the steps ---- */

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
    check_sound(cx);
}

static void half_ended(struct cx *cx)
{
    static const char *const points[] = {"stock.ended:1", "stock.left:1"};
    int64_t item = item_new(cx, STOCK_PIECES, false), made = item_new(cx, STOCK_PIECES, true);
    int64_t id, on_order;
    struct reservation r;
    cx->now_at = NOW;
    assert_int_equal(move(cx, item, STOCK_IN, 5), RC_OK);
    assert_int_equal(reserve(&id, cx, item, 2, 0), RC_OK);
    assert_int_equal(reserve(&on_order, cx, made, 2, 0), RC_OK);
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        assert_true(fault_set(points[i]));
        assert_int_equal(end(cx, CONSUME, id, 2, 0), RC_IO);
        assert_true(fault_set(points[i]));
        assert_int_equal(end(cx, CONSUME, on_order, 2, 0), RC_IO);
        check_item(cx, item, 5, 2);
        check_item(cx, made, 0, 2);
    }
    assert_true(fault_set("stock.ended:1"));
    assert_int_equal(end(cx, RELEASE, id, 0, 0), RC_IO);
    assert_true(fault_set(""));
    check_ok(cx, stock_reservation_get(&r, cx, COUNTY, id));
    assert_int_equal(r.state, RESERVATION_HELD);
    check_sound(cx);
    assert_int_equal(end(cx, CONSUME, id, 2, 0), RC_OK);
    check_item(cx, item, 3, 0);
    check_sound(cx);
}

/* ---- the database refuses too (S1) ---- */

static void by_hand(struct cx *cx)
{
    int64_t item = item_new(cx, STOCK_PIECES, false), id;
    static const char *const hands[] = {
        "UPDATE stock_item SET reserved = on_hand + 1",
        "UPDATE stock_item SET on_hand = reserved - 1",
        "UPDATE stock_item SET on_hand = -1, on_demand = 1",
        "UPDATE stock_item SET reserved = -1",
        "UPDATE stock_item SET on_hand = 1000000000001",
        "UPDATE stock_item SET unit = 3",
        "UPDATE reservation SET state = 3",
        "UPDATE reservation SET consumed = 1",
        "UPDATE reservation SET quantity = 0",
        "UPDATE stock_move SET quantity = 1",
        "DELETE FROM stock_move",
        "INSERT INTO stock_move SELECT 7, 99, id, 1, 0, 0, '', 0, 0 FROM stock_item",
        "INSERT INTO stock_move VALUES (7, 99, 98, 1, 1, 0, '', 0, 0)",
    };
    assert_int_equal(move(cx, item, STOCK_IN, 5), RC_OK);
    assert_int_equal(reserve(&id, cx, item, 2, 0), RC_OK);
    for (size_t i = 0; i < sizeof hands / sizeof *hands; i++) {
        enum rc rc = fixture_run(cx, hands[i]);
        if (rc != RC_CONFLICT && (rc != RC_DB || !db_is_pg(cx)))
            fail_msg("%s: %s", hands[i], rc_name(rc));
        err_clear(cx);
    }
    check_item(cx, item, 5, 2);
    check_sound(cx);
}

/* ---- random work against a model, the clock going to and fro ---- */

enum { ITEMS = 3, MADE = 2, HELD_MAX = 60, STEPS = 400, SEEDS = 3 };
struct held {
    int64_t id, quantity, expires_at, consumed, move_id;
    int at;
    enum reservation_state state;
};
struct model {
    int64_t item[ITEMS], on_hand[ITEMS], reserved[ITEMS];
    struct held held[HELD_MAX];
    int held_count;
    uint64_t dice;
};

/* A movement of any kind and sign. */
static void model_move(struct cx *cx, struct model *m, int at, int64_t q)
{
    static const enum stock_kind kinds[] = {STOCK_IN, STOCK_BACK, STOCK_LOSS, STOCK_COUNTED};
    enum stock_kind kind = kinds[check_int(&m->dice, 0, 3)];
    int64_t by = kind == STOCK_LOSS || (kind == STOCK_COUNTED && q % 2) ? -q : q;
    bool may = m->on_hand[at] + by >= (at == MADE ? 0 : m->reserved[at]);
    assert_int_equal(move(cx, m->item[at], kind, by), may ? RC_OK : RC_CONFLICT);
    m->on_hand[at] += may ? by : 0;
}

static void model_reserve(struct cx *cx, struct model *m, int at, int64_t q)
{
    struct held h = {.quantity = q, .at = at, .state = RESERVATION_HELD};
    bool may = at == MADE || m->on_hand[at] - m->reserved[at] >= q;
    if (m->held_count == HELD_MAX)
        return;
    h.expires_at = q % 3 ? cx->now_at + check_int(&m->dice, 1, 100) : 0;
    assert_int_equal(reserve(&h.id, cx, m->item[at], q, h.expires_at),
                     may ? RC_OK : RC_CONFLICT);
    m->reserved[at] += may ? q : 0;
    if (may)
        m->held[m->held_count++] = h;
}

static void model_give_back(struct model *m, struct held *h, enum reservation_state state)
{
    m->reserved[h->at] -= h->quantity;
    h->state = state;
}

static void model_consume(struct cx *cx, struct model *m, struct held *h, int64_t q)
{
    bool again = h->state == RESERVATION_CONSUMED && q % 2, may = again;
    struct doing d = {.what = CONSUME, .id = h->id, .quantity = q};
    if (again) {
        d.quantity = h->consumed;
        d.move_id = h->move_id;
    } else if (h->state == RESERVATION_HELD && !h->expires_at) {
        may = h->at == MADE || m->on_hand[h->at] - q >= m->reserved[h->at] - h->quantity;
    }
    assert_int_equal(act(cx, &d), may ? RC_OK : RC_CONFLICT);
    if (!may || again)
        return;
    model_give_back(m, h, RESERVATION_CONSUMED);
    m->on_hand[h->at] = m->on_hand[h->at] > q ? m->on_hand[h->at] - q : 0;
    h->consumed = q;
    h->move_id = d.move_id;
}

static void model_end(struct cx *cx, struct model *m, int64_t q)
{
    struct held *h = &m->held[check_int(&m->dice, 0, m->held_count - 1)];
    bool held = h->state == RESERVATION_HELD;
    bool over = held && h->expires_at && cx->now_at >= h->expires_at;
    switch (check_int(&m->dice, 0, 3)) {
    case 0:
        assert_int_equal(keep(cx, h->id), held && !over);
        h->expires_at = held && !over ? 0 : h->expires_at;
        if (over)
            model_give_back(m, h, RESERVATION_EXPIRED);
        return;
    case 1:
        assert_int_equal(end(cx, EXPIRE, h->id, 0, 0), RC_OK);
        if (over)
            model_give_back(m, h, RESERVATION_EXPIRED);
        return;
    case 2:
        assert_int_equal(end(cx, RELEASE, h->id, 0, 0),
                         h->state == RESERVATION_CONSUMED ? RC_CONFLICT : RC_OK);
        if (held)
            model_give_back(m, h, RESERVATION_RELEASED);
        return;
    default:
        model_consume(cx, m, h, q);
    }
}

static void model_step(struct cx *cx, struct model *m)
{
    int at = (int)check_int(&m->dice, 0, ITEMS - 1);
    int64_t what = check_int(&m->dice, 0, 9), q = check_int(&m->dice, 1, 30);
    if (what < 3)
        model_move(cx, m, at, q);
    else if (what < 5)
        model_reserve(cx, m, at, q);
    else if (what == 5)
        cx->now_at = NOW + check_int(&m->dice, -200, 200);
    else if (m->held_count)
        model_end(cx, m, q);
    for (int i = 0; i < ITEMS; i++)
        check_item(cx, m->item[i], m->on_hand[i], m->reserved[i]);
}

static void as_the_model(struct cx *cx)
{
    for_each_seed (seed, SEEDS) {
        struct model m = {.dice = seed};
        struct reservation r;
        cx->now_at = NOW;
        for (int i = 0; i < ITEMS; i++)
            m.item[i] = item_new(cx, STOCK_PIECES, i == MADE);
        for (int step = 0; step < STEPS; step++)
            model_step(cx, &m);
        for (int i = 0; i < m.held_count; i++) {
            check_ok(cx, stock_reservation_get(&r, cx, COUNTY, m.held[i].id));
            assert_int_equal(r.state, m.held[i].state);
            assert_int_equal(r.consumed, m.held[i].consumed);
        }
        check_sound(cx);
    }
}

EACH(ends_once)
EACH(too_late)
EACH(movements)
EACH(half_way)
EACH(half_ended)
EACH(by_hand)
EACH(as_the_model)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_once_each),    cmocka_unit_test(too_late_each),
        cmocka_unit_test(movements_each),    cmocka_unit_test(half_way_each),
        cmocka_unit_test(half_ended_each),   cmocka_unit_test(by_hand_each),
        cmocka_unit_test(as_the_model_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
