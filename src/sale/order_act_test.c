/* From paid to delivered: packing by real weight with the difference going back, sending,
 * handing over, cash, cancelling; who may; versions; a pack and a cancel at once. */
#include "sale/sale_fixture.h"

static void by_weight(struct cx *cx)
{
    struct order o = paid_order(cx, V_LOOSE, 1500);
    struct order_item *items;
    struct refund *refunds;
    size_t count, refund_count;
    int64_t before = stock_of(cx, V_LOOSE).on_hand, packed = 1400;
    /* 1.4 x 29.99 = 41.986 -> 41.99 instead of 44.99 */
    check_ok(cx, order_pack(cx, f.county, o.id, o.version, &packed, 1));
    check_ok(cx, order_row(&o, cx, f.county, o.id));
    check_ok(cx, order_items(&items, &count, cx, f.county, o.id));
    check_ok(cx, refund_list(&refunds, &refund_count, cx, f.county, o.id));
    assert_int_equal(o.state, ORDER_PACKED);
    assert_int_equal(items[0].amount_minor, 4499);
    assert_int_equal(items[0].packed_amount_minor, 4199);
    assert_int_equal(o.adjust_minor, 300);
    assert_int_equal(o.refunded_minor, 300);
    assert_int_equal(refund_count, 1);
    assert_int_equal(refunds[0].amount_minor, 300);
    assert_int_equal(stock_of(cx, V_LOOSE).on_hand, before - 1400);
    assert_int_equal(balance(cx, MONEY_ORDER, o.id), o.total_minor - 300);
    check_sound(cx);
}

static void more_weight(struct cx *cx)
{
    struct order o = paid_order(cx, V_LOOSE, 1500);
    int64_t packed = 1651, before = stock_of(cx, V_LOOSE).on_hand;
    check_refused(cx, order_pack(cx, f.county, o.id, o.version, &packed, 1), RC_INVALID);
    packed = -1;
    check_refused(cx, order_pack(cx, f.county, o.id, o.version, &packed, 1), RC_INVALID);
    packed = INT64_MAX;
    check_refused(cx, order_pack(cx, f.county, o.id, o.version, &packed, 1), RC_INVALID);
    packed = 0;
    check_refused(cx, order_pack(cx, f.county, o.id, o.version, &packed, 1), RC_INVALID);
    check_refused(cx, order_pack(cx, f.county, o.id, o.version, &packed, 0), RC_INVALID);
    packed = 1600;
    check_refused(cx, order_pack(cx, f.county, o.id, o.version + 1, &packed, 1), RC_CONFLICT);
    assert_int_equal(stock_of(cx, V_LOOSE).on_hand, before);
    check_ok(cx, order_pack(cx, f.county, o.id, o.version, &packed, 1));
    check_ok(cx, order_row(&o, cx, f.county, o.id));
    assert_int_equal(o.adjust_minor, 0); /* 100 g more are a gift */
    assert_int_equal(o.refunded_minor, 0);
    assert_int_equal(stock_of(cx, V_LOOSE).on_hand, before - 1600);
    check_refused(cx, order_pack(cx, f.county, o.id, o.version, &packed, 1), RC_CONFLICT);
    check_sound(cx);
}

static void fewer_pieces(struct cx *cx)
{
    struct order o = paid_order(cx, V_SHARED, 3); /* boxes of 5 kg */
    int64_t packed = 4, before = stock_of(cx, V_LOOSE).on_hand;
    check_refused(cx, order_pack(cx, f.county, o.id, o.version, &packed, 1), RC_INVALID);
    packed = 2;
    check_ok(cx, order_pack(cx, f.county, o.id, o.version, &packed, 1));
    check_ok(cx, order_row(&o, cx, f.county, o.id));
    assert_int_equal(o.adjust_minor, 13000);
    assert_int_equal(stock_of(cx, V_LOOSE).on_hand, before - 10000);
    check_sound(cx);
}

static void sent_and_handed_over(struct cx *cx)
{
    struct placed p;
    int64_t packed = 1;
    check_ok(cx, place_one(&p, cx, PAY_TRANSFER, V_BOX, 1));
    assert_int_equal(pay(cx, &p), PAY_DONE);
    struct order o = first_order(cx, &p);
    struct order_sent s = {f.county, o.id, o.version, STR("顺丰"), STR("SF123")};
    check_refused(cx, order_ship(cx, &s), RC_CONFLICT); /* not packed */
    check_ok(cx, order_pack(cx, f.county, o.id, o.version, &packed, 1));
    s.version = o.version + 1;
    s.tracking = STR("bad\x01");
    check_refused(cx, order_ship(cx, &s), RC_INVALID);
    s.tracking = STR("SF123");
    check_ok(cx, order_ship(cx, &s));
    check_refused(cx, order_cancel(cx, f.county, o.id, 0, str_of(p.token)), RC_CONFLICT);
    check_refused(cx, order_deliver(cx, f.county, o.id, 0, STR("another token")), RC_NOTFOUND);
    check_ok(cx, order_deliver(cx, f.county, o.id, 0, str_of(p.token)));
    o = first_order(cx, &p);
    assert_int_equal(o.state, ORDER_DELIVERED);
    assert_string_equal(o.carrier, "顺丰");
    assert_int_equal(o.claim_until, o.delivered_at + 48 * 3600);
    check_refused(cx, order_deliver(cx, f.county, o.id, 0, STR("")), RC_CONFLICT);
    check_sound(cx);
}

static void cash(struct cx *cx)
{
    struct placed p;
    int64_t packed = 1000, held = balance(cx, MONEY_PROVIDER, PAY_COD);
    check_ok(cx, place_one(&p, cx, PAY_COD, V_LOOSE, 1500));
    assert_int_equal(p.payment_id, 0);
    struct order o = first_order(cx, &p);
    assert_int_equal(o.state, ORDER_PAID);
    assert_true(o.on_delivery);
    assert_int_equal(o.paid_minor, 0);
    check_ok(cx, order_pack(cx, f.county, o.id, o.version, &packed, 1));
    check_refused(cx, order_deliver(cx, f.county, o.id, 0, str_of(p.token)), RC_CONFLICT);
    check_ok(cx, order_deliver(cx, f.county, o.id, 0, STR("")));
    o = first_order(cx, &p);
    assert_int_equal(o.state, ORDER_DELIVERED);
    assert_int_equal(o.adjust_minor, 4499 - 2999);
    assert_int_equal(o.paid_minor, o.total_minor - o.adjust_minor);
    assert_int_equal(o.refunded_minor, 0);
    assert_int_equal(balance(cx, MONEY_PROVIDER, PAY_COD), held - o.paid_minor);
    check_sound(cx);
    /* Cancelled before packing: nothing was paid, nothing goes back. */
    check_ok(cx, place_one(&p, cx, PAY_COD, V_BOX, 1));
    o = first_order(cx, &p);
    check_ok(cx, order_cancel(cx, f.county, o.id, o.version, str_of(p.token)));
    check_sound(cx);
}

static void cancelled(struct cx *cx)
{
    struct placed p;
    struct refund *refunds;
    size_t count;
    int64_t reserved = stock_of(cx, V_BOX).reserved;
    check_ok(cx, place_one(&p, cx, PAY_TRANSFER, V_BOX, 2));
    assert_int_equal(pay(cx, &p), PAY_DONE);
    struct order o = first_order(cx, &p);
    check_refused(cx, order_cancel(cx, f.county, o.id, o.version - 1, str_of(p.token)),
                  RC_CONFLICT);
    check_ok(cx, order_cancel(cx, f.county, o.id, o.version, str_of(p.token)));
    check_refused(cx, order_cancel(cx, f.county, o.id, 0, str_of(p.token)), RC_CONFLICT);
    o = first_order(cx, &p);
    assert_int_equal(o.state, ORDER_CANCELLED);
    assert_int_equal(o.refunded_minor, o.total_minor);
    assert_int_equal(stock_of(cx, V_BOX).reserved, reserved);
    check_ok(cx, refund_list(&refunds, &count, cx, f.county, o.id));
    assert_int_equal(count, 1);
    assert_string_equal(refunds[0].reason, "cancelled");
    assert_int_equal(balance(cx, MONEY_ORDER, o.id), 0);
    check_sound(cx);
}

/* Strangers do not learn that it exists; a buyer's link does not open another's order. */
static void who_may(struct cx *cx)
{
    struct placed mine;
    struct order o = paid_order(cx, V_BOX, 1), got;
    int64_t packed = 1;
    check_ok(cx, place_one(&mine, cx, PAY_TRANSFER, V_BOX, 1));
    check_refused(cx, order_cancel(cx, f.county, o.id, 0, str_of(mine.token)), RC_NOTFOUND);
    cx->actor = fixture_officer(cx, &f, f.village[3], "village");
    check_refused(cx, order_get(&got, cx, f.county, o.id), RC_NOTFOUND);
    check_refused(cx, order_pack(cx, f.county, o.id, 0, &packed, 1), RC_NOTFOUND);
    check_refused(cx, order_cancel(cx, f.county, o.id, 0, STR("")), RC_NOTFOUND);
    cx->actor = NULL;
    check_ok(cx, order_get(&got, cx, f.county, o.id));
    assert_string_equal(got.buyer.name, "王小明");
    check_refused(cx, order_get(&got, cx, f.county, 4711), RC_NOTFOUND);
    check_refused(cx, order_get(&got, cx, f.county + 1, o.id), RC_NOTFOUND);
}

static const struct actor *somebody(struct cx *cx, int64_t user_id, int64_t area,
                                    const char *role)
{
    struct actor *a = arena_new(cx->arena, sizeof *a);
    *a = *fixture_officer(cx, &f, area, role);
    a->user_id = user_id;
    return a;
}

/* A seller its own, a station those of its village, the county all; refunds only the county. */
static void who_works(struct cx *cx)
{
    struct order o = paid_order(cx, V_BOX, 1), got;
    struct refund *r;
    size_t count;
    int64_t packed = 1;
    const struct actor *seller = somebody(cx, 501, f.village[0], "seller");
    const struct actor *other = somebody(cx, 502, f.village[1], "seller");
    const struct actor *station = somebody(cx, 600, f.village[0], "station_operator");
    const struct actor *far_station = somebody(cx, 601, f.village[3], "station_operator");
    const struct actor *admin = somebody(cx, 602, f.county_area, "county_admin");
    cx->actor = other;
    check_refused(cx, order_get(&got, cx, f.county, o.id), RC_NOTFOUND);
    cx->actor = far_station;
    check_refused(cx, order_get(&got, cx, f.county, o.id), RC_NOTFOUND);
    cx->actor = station;
    check_ok(cx, order_get(&got, cx, f.county, o.id));
    cx->actor = seller;
    check_ok(cx, order_pack(cx, f.county, o.id, o.version, &packed, 1));
    o = paid_order(cx, V_BOX, 1);
    check_ok(cx, order_cancel(cx, f.county, o.id, o.version, STR("")));
    check_ok(cx, refund_list(&r, &count, cx, f.county, o.id));
    check_refused(cx, refund_confirm(cx, f.county, r[0].id), RC_DENIED);
    cx->actor = admin;
    check_ok(cx, refund_confirm(cx, f.county, r[0].id));
    struct order_event_row *rows;
    check_ok(cx, order_events(&rows, &count, cx, f.county, o.id));
    assert_int_equal(rows[count - 1].who, WHO_SHOP);
    assert_int_equal(rows[count - 1].user_id, 501);
    cx->actor = NULL;
}

/* ---- two at once ---- */

struct acting {
    const struct cx *cx;
    int64_t id;
    bool packs;
    enum rc rc;
};
static void *act_main(void *arg)
{
    struct acting *a = arg;
    struct cx cx;
    int64_t one = 1;
    thread_open(&cx, a->cx);
    a->rc = a->packs ? order_pack(&cx, f.county, a->id, 0, &one, 1)
                     : order_cancel(&cx, f.county, a->id, 0, STR(""));
    thread_close(&cx);
    return NULL;
}

static void at_once(struct cx *cx)
{
    for (int i = 0; i < 10; i++) {
        struct order o = paid_order(cx, V_BOX, 1);
        struct acting a[4];
        pthread_t threads[4];
        int done = 0;
        for (int k = 0; k < 4; k++) {
            a[k] = (struct acting){cx, o.id, k % 2 == 0, RC_OK};
            assert_int_equal(pthread_create(&threads[k], NULL, act_main, &a[k]), 0);
        }
        for (int k = 0; k < 4; k++) {
            pthread_join(threads[k], NULL);
            assert_true(a[k].rc == RC_OK || a[k].rc == RC_CONFLICT);
            done += a[k].rc == RC_OK;
        }
        assert_int_equal(done, 1);
    }
    check_sound(cx);
}

static void acts_on(struct cx *cx)
{
    sale_fixture_open(cx);
    second_server_open(cx);
    by_weight(cx);
    more_weight(cx);
    fewer_pieces(cx);
    sent_and_handed_over(cx);
    cash(cx);
    cancelled(cx);
    who_may(cx);
    who_works(cx);
    at_once(cx);
    second_server_close();
    sale_fixture_close(cx);
}

static void acts(void **state)
{
    (void)state;
    db_fixture_each(acts_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(acts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
