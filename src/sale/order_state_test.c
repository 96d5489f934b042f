/* The order's state machine: every pair of state and event, in the table and in the database,
 * where what is refused leaves no trace; who may; the events cannot be changed. */
#include "sale/sale_fixture.h"

#include "sale/sale_inner.h"

enum { N = 9 };
/* Written down a second time by hand: from, event, to. All others are refused. */
static const struct {
    enum order_state from;
    enum order_event event;
    enum order_state to;
} allowed[] = {
    {ORDER_PLACED, EVENT_PAY, ORDER_PAID},
    {ORDER_PLACED, EVENT_EXPIRE, ORDER_EXPIRED},
    {ORDER_PLACED, EVENT_CANCEL, ORDER_CANCELLED},
    {ORDER_PAID, EVENT_CANCEL, ORDER_CANCELLED},
    {ORDER_PAID, EVENT_PACK, ORDER_PACKED},
    {ORDER_PACKED, EVENT_SHIP, ORDER_SHIPPED},
    {ORDER_PACKED, EVENT_DELIVER, ORDER_DELIVERED},
    {ORDER_SHIPPED, EVENT_DELIVER, ORDER_DELIVERED},
    {ORDER_DELIVERED, EVENT_SETTLE, ORDER_SETTLED},
    {ORDER_PAID, EVENT_PAY_LATE, ORDER_PAID},
    {ORDER_PACKED, EVENT_PAY_LATE, ORDER_PACKED},
    {ORDER_SHIPPED, EVENT_PAY_LATE, ORDER_SHIPPED},
    {ORDER_DELIVERED, EVENT_PAY_LATE, ORDER_DELIVERED},
    {ORDER_SETTLED, EVENT_PAY_LATE, ORDER_SETTLED},
    {ORDER_CANCELLED, EVENT_PAY_LATE, ORDER_CANCELLED},
    {ORDER_EXPIRED, EVENT_PAY_LATE, ORDER_EXPIRED},
};

static enum order_state expected(int from, int event)
{
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if ((int)allowed[i].from == from && (int)allowed[i].event == event)
            return allowed[i].to;
    return (enum order_state)0;
}

static void table(void **state)
{
    (void)state;
    for (int from = -1; from <= N + 1; from++)
        for (int event = -1; event <= N + 1; event++)
            assert_int_equal(order_next((enum order_state)from, (enum order_event)event),
                             expected(from, event));
    /* Buyers cannot pay by saying so, nor pack; shops cannot say that money came. */
    assert_false(order_event_by(EVENT_PAY, WHO_BUYER));
    assert_false(order_event_by(EVENT_PAY, WHO_SHOP));
    assert_false(order_event_by(EVENT_PACK, WHO_BUYER));
    assert_false(order_event_by(EVENT_SETTLE, WHO_SHOP));
    assert_false(order_event_by(EVENT_EXPIRE, WHO_BUYER));
    assert_true(order_event_by(EVENT_CANCEL, WHO_BUYER));
    assert_false(order_event_by(EVENT_CANCEL, (enum order_who)0));
    assert_false(order_event_by(EVENT_CANCEL, (enum order_who)5));
}

static enum order_who someone(enum order_event event)
{
    for (int who = 1; who <= 4; who++)
        if (order_event_by(event, (enum order_who)who))
            return (enum order_who)who;
    return WHO_SYSTEM;
}

static enum rc move_write(struct cx *cx, void *arg)
{
    return order_move(cx, arg);
}

/* A state by hand, so that each pair can be tried on its own. */
struct hand {
    int64_t id;
    int state;
};
static enum rc hand_write(struct cx *cx, void *arg)
{
    static const struct sql sql = {.name = "~hand_state",
                                   .lite = "UPDATE sale_order SET state = $2 WHERE id = $1",
                                   .args = "ii",
                                   .cols = ""};
    const struct hand *h = arg;
    return DB_RUN(cx, &sql, V_I(h->id), V_I(h->state));
}

static void all_pairs(struct cx *cx, int64_t id)
{
    for (int from = 1; from < N; from++)
        for (int event = 1; event < N; event++) {
            struct hand h = {id, from};
            struct order before, after;
            struct order_event_row *rows;
            size_t events_before, events_after;
            check_ok(cx, db_write(cx, f.county, hand_write, &h));
            check_ok(cx, order_row(&before, cx, f.county, id));
            check_ok(cx, order_events(&rows, &events_before, cx, f.county, id));
            struct order_step s = {.county = f.county,
                                   .id = id,
                                   .event = (enum order_event)event,
                                   .who = someone((enum order_event)event),
                                   .note = ""};
            enum rc rc = db_write(cx, f.county, move_write, &s);
            enum order_state to = expected(from, event);
            check_ok(cx, order_row(&after, cx, f.county, id));
            check_ok(cx, order_events(&rows, &events_after, cx, f.county, id));
            if (to) {
                check_ok(cx, rc);
                assert_int_equal(after.state, to);
                assert_int_equal(after.version, before.version + 1);
                assert_int_equal(events_after, events_before + 1);
            } else {
                check_refused(cx, rc, RC_CONFLICT);
                assert_int_equal(after.state, from);
                assert_int_equal(after.version, before.version);
                assert_int_equal(events_after, events_before);
            }
        }
}

static enum rc tamper_write(struct cx *cx, void *arg)
{
    struct sql sql = {.name = "~tamper", .lite = arg, .args = "", .cols = ""};
    return DB_RUN0(cx, &sql);
}

static void kept_for_good(struct cx *cx)
{
    static char texts[][120] = {"UPDATE order_event SET note = 'x'", "DELETE FROM order_event",
                                "UPDATE sale_order SET total_minor = 1, items_minor = 1",
                                "UPDATE order_item SET price_minor = 1"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_not_equal(db_write(cx, f.county, tamper_write, texts[i]), RC_OK);
        err_clear(cx);
    }
}

static void states_on(struct cx *cx)
{
    struct placed p;
    sale_fixture_open(cx);
    check_ok(cx, place_one(&p, cx, PAY_TRANSFER, V_BOX, 1));
    int64_t id = first_order(cx, &p).id;
    all_pairs(cx, id);
    /* The wrong person; another version. */
    struct hand h = {id, ORDER_PLACED};
    check_ok(cx, db_write(cx, f.county, hand_write, &h));
    struct order_step s = {f.county, id, EVENT_PAY, WHO_BUYER, "", 0};
    check_refused(cx, db_write(cx, f.county, move_write, &s), RC_CONFLICT);
    s.who = WHO_SYSTEM;
    s.version = 1;
    check_refused(cx, db_write(cx, f.county, move_write, &s), RC_CONFLICT);
    kept_for_good(cx);
    sale_fixture_close(cx);
}

static void states(void **state)
{
    (void)state;
    db_fixture_each(states_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(table), cmocka_unit_test(states)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
