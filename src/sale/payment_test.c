/* Money: a payment is real once, whatever a provider repeats, reorders, signs badly or gets
 * wrong; what goes back never exceeds what came in, also with 20 at once; every amount stands
 * in the ledger. */
#include "sale/sale_fixture.h"

enum { REFUNDERS = 20 };

/* ---- webhooks ---- */

static const char *hook_body(struct cx *cx, const char *id, const char *type, int64_t payment,
                             const char *amount, const char *currency)
{
    return arena_printf(cx->arena,
                        "{\"id\":\"%s\",\"type\":\"%s\",\"payment\":\"%" PRId64
                        "\",\"amount\":%s,\"currency\":\"%s\",\"more\":[1]}",
                        id, type, payment, amount, currency);
}

static enum rc send(enum pay_result *r, struct cx *cx, const char *body, const char *secret,
                    int64_t at)
{
    struct pay_hook h = {f.county, PAY_GATEWAY, str_of(body),
                         str_of(pay_sign(cx, secret, at, str_of(body)))};
    return pay_hook_take(r, cx, &h);
}

static enum pay_result sent(struct cx *cx, const char *body)
{
    enum pay_result r;
    check_ok(cx, send(&r, cx, body, gateway_secret, cx->now_at));
    return r;
}

static const char *minor(struct cx *cx, int64_t n)
{
    return arena_printf(cx->arena, "%" PRId64, n);
}

/* 5 times the same event, others in any order, before our own answer (the payment is NEW: the
 * provider was not told yet): one effect. */
static void repeated(struct cx *cx)
{
    struct placed p;
    struct payment pay_row;
    int64_t held = balance(cx, MONEY_PROVIDER, PAY_GATEWAY);
    check_ok(cx, place_one(&p, cx, PAY_GATEWAY, V_BOX, 1));
    check_ok(cx, payment_get(&pay_row, cx, f.county, p.payment_id));
    assert_int_equal(pay_row.state, PAYMENT_NEW);
    const char *total = minor(cx, p.total_minor);
    const char *paid = hook_body(cx, "ev-1", "payment.captured", p.payment_id, total, "CNY");
    assert_int_equal(sent(cx, paid), PAY_DONE);
    for (int i = 0; i < 4; i++)
        assert_int_equal(sent(cx, paid), PAY_SEEN);
    /* What came before it comes after it. */
    assert_int_equal(
        sent(cx, hook_body(cx, "ev-0", "payment.authorised", p.payment_id, total, "CNY")),
        PAY_NOTHING);
    assert_int_equal(
        sent(cx, hook_body(cx, "ev-2", "payment.failed", p.payment_id, total, "CNY")),
        PAY_NOTHING);
    /* The same again under another number. */
    assert_int_equal(
        sent(cx, hook_body(cx, "ev-3", "payment.captured", p.payment_id, total, "CNY")),
        PAY_NOTHING);
    struct order o = first_order(cx, &p);
    assert_int_equal(o.state, ORDER_PAID);
    assert_int_equal(o.paid_minor, o.total_minor);
    assert_int_equal(balance(cx, MONEY_ORDER, o.id), o.total_minor);
    assert_int_equal(balance(cx, MONEY_PROVIDER, PAY_GATEWAY), held - o.total_minor);
    check_sound(cx);
}

static void failed_then_paid(struct cx *cx)
{
    struct placed p;
    check_ok(cx, place_one(&p, cx, PAY_GATEWAY, V_BOX, 1));
    const char *total = minor(cx, p.total_minor);
    assert_int_equal(
        sent(cx, hook_body(cx, "ev-10", "payment.failed", p.payment_id, total, "CNY")),
        PAY_DONE);
    assert_int_equal(first_order(cx, &p).state, ORDER_PLACED);
    assert_int_equal(
        sent(cx, hook_body(cx, "ev-11", "payment.captured", p.payment_id, total, "CNY")),
        PAY_DONE);
    assert_int_equal(first_order(cx, &p).state, ORDER_PAID);
}

static void wrong_content(struct cx *cx)
{
    struct placed p;
    enum pay_result r;
    check_ok(cx, place_one(&p, cx, PAY_GATEWAY, V_BOX, 1));
    const char *total = minor(cx, p.total_minor);
    int64_t id = p.payment_id;
    static const char type[] = "payment.captured";
    assert_int_equal(sent(cx, hook_body(cx, "w1", type, id, "1", "CNY")), PAY_DIFFERS);
    assert_int_equal(
        sent(cx, hook_body(cx, "w2", type, id, minor(cx, p.total_minor + 1), "CNY")),
        PAY_DIFFERS);
    assert_int_equal(sent(cx, hook_body(cx, "w3", type, id, total, "USD")), PAY_DIFFERS);
    assert_int_equal(sent(cx, hook_body(cx, "w4", type, id, "-5", "CNY")), PAY_DIFFERS);
    assert_int_equal(sent(cx, hook_body(cx, "w5", type, 12345, total, "CNY")), PAY_UNKNOWN);
    static const char *const bad[] = {
        "",
        "[]",
        "{",
        "{\"id\":\"\"}",
        "{\"id\":\"x\",\"type\":\"payment.invented\"}",
        "{\"id\":\"x\",\"id\":\"y\",\"type\":\"payment.captured\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_refused(cx, send(&r, cx, bad[i], gateway_secret, cx->now_at), RC_INVALID);
    /* 68.5 is not a number of cents; a number of ours is whole and above 0. */
    check_refused(cx,
                  send(&r, cx, hook_body(cx, "w6", type, id, "7850.0", "CNY"), gateway_secret,
                       cx->now_at),
                  RC_INVALID);
    check_refused(
        cx,
        send(&r, cx, hook_body(cx, "w7", type, -id, total, "CNY"), gateway_secret, cx->now_at),
        RC_INVALID);
    assert_int_equal(first_order(cx, &p).state, ORDER_PLACED);
    assert_int_equal(balance(cx, MONEY_ORDER, first_order(cx, &p).id), 0);
}

static void badly_signed(struct cx *cx)
{
    struct placed p;
    enum pay_result r;
    check_ok(cx, place_one(&p, cx, PAY_GATEWAY, V_BOX, 1));
    const char *body =
        hook_body(cx, "s1", "payment.captured", p.payment_id, minor(cx, p.total_minor), "CNY");
    check_refused(cx, send(&r, cx, body, "another secret 12345", cx->now_at), RC_DENIED);
    check_refused(cx, send(&r, cx, body, gateway_secret, cx->now_at - 301), RC_DENIED);
    check_refused(cx, send(&r, cx, body, gateway_secret, cx->now_at + 301), RC_DENIED);
    const char *good = pay_sign(cx, gateway_secret, cx->now_at, str_of(body));
    const char *const signatures[] = {
        "",
        "t=",
        "v1=",
        "t=1,v1=",
        "t=99999999999999999999,v1=00",
        arena_printf(cx->arena, "%.*s", (int)strlen(good) - 1, good),
        arena_printf(cx->arena, "%s0", good)};
    struct pay_hook h = {f.county, PAY_GATEWAY, str_of(body), STR("")};
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        h.signature = str_of(signatures[i]);
        check_refused(cx, pay_hook_take(&r, cx, &h), RC_DENIED);
    }
    h.signature = str_of(good);
    h.body = str_of(arena_printf(cx->arena, "%s ", body)); /* one byte more */
    check_refused(cx, pay_hook_take(&r, cx, &h), RC_DENIED);
    h.body = str_of(body);
    h.county = f.county + 1; /* another county has no gateway */
    check_refused(cx, pay_hook_take(&r, cx, &h), RC_DENIED);
    h.county = f.county;
    h.provider = PAY_TRANSFER;
    check_refused(cx, pay_hook_take(&r, cx, &h), RC_NOTFOUND);
    /* Nothing of it was kept: the same event, well signed, has its effect. */
    assert_int_equal(sent(cx, body), PAY_DONE);
}

/* A bank's line is matched by its reference. */
static void by_reference(struct cx *cx)
{
    struct placed p;
    struct payment row;
    enum pay_result r;
    check_ok(cx, place_one(&p, cx, PAY_TRANSFER, V_BOX, 1));
    check_ok(cx, payment_get(&row, cx, f.county, p.payment_id));
    struct pay_event e = {.provider = PAY_TRANSFER,
                          .event_id = "bank-line-1",
                          .kind = PAY_CAPTURE,
                          .reference = str_of(row.reference),
                          .amount_minor = p.total_minor,
                          .currency = "CNY",
                          .raw = STR("2026-11-24;78.50")};
    e.reference = STR("XXXXXXXXXX");
    check_ok(cx, pay_event_take(&r, cx, f.county, &e));
    assert_int_equal(r, PAY_UNKNOWN);
    e.reference = str_of(row.reference);
    check_ok(cx, pay_event_take(&r, cx, f.county, &e));
    assert_int_equal(r, PAY_SEEN); /* the same line twice in a file */
    e.event_id = "bank-line-2";
    check_ok(cx, pay_event_take(&r, cx, f.county, &e));
    assert_int_equal(r, PAY_DONE);
    /* A gateway cannot say it of a bank transfer. */
    check_ok(cx, place_one(&p, cx, PAY_TRANSFER, V_BOX, 1));
    assert_int_equal(
        tell(cx, PAY_GATEWAY, PAY_CAPTURE, p.payment_id, p.total_minor, "not-yours"),
        PAY_DIFFERS);
}

/* ---- the same at once ---- */

struct telling {
    const struct cx *cx;
    const struct placed *p;
    const char *event;
    enum pay_result result;
};
static void *tell_main(void *arg)
{
    struct telling *t = arg;
    struct cx cx;
    thread_open(&cx, t->cx);
    t->result =
        tell(&cx, PAY_TRANSFER, PAY_CAPTURE, t->p->payment_id, t->p->total_minor, t->event);
    thread_close(&cx);
    return NULL;
}

static void captures_at_once(struct cx *cx)
{
    struct placed p;
    struct telling t[REFUNDERS];
    pthread_t threads[REFUNDERS];
    int done = 0;
    check_ok(cx, place_one(&p, cx, PAY_TRANSFER, V_BOX, 1));
    for (int i = 0; i < REFUNDERS; i++) {
        t[i] = (struct telling){cx, &p, i % 2 ? "same-event" : token_new(cx->arena), 0};
        assert_int_equal(pthread_create(&threads[i], NULL, tell_main, &t[i]), 0);
    }
    for (int i = 0; i < REFUNDERS; i++) {
        pthread_join(threads[i], NULL);
        done += t[i].result == PAY_DONE;
    }
    assert_int_equal(done, 1);
    assert_int_equal(first_order(cx, &p).paid_minor, p.total_minor);
    check_sound(cx);
}

struct refunding {
    const struct cx *cx;
    struct refund_ask ask;
    int64_t id;
    enum rc rc;
};
static enum rc refund_write(struct cx *cx, void *arg)
{
    struct refunding *r = arg;
    return refund_add(&r->id, cx, &r->ask);
}
static void *refund_main(void *arg)
{
    struct refunding *r = arg;
    struct cx cx;
    thread_open(&cx, r->cx);
    r->rc = db_write(&cx, f.county, refund_write, r);
    thread_close(&cx);
    return NULL;
}

/* 78.50 paid, 20 ask for 25.00 at once: 3 get it; the rest of 3.50 once. */
static void refunds_at_once(struct cx *cx)
{
    struct refunding r[REFUNDERS];
    pthread_t threads[REFUNDERS];
    struct order o = paid_order(cx, V_BOX, 1);
    int given = 0;
    int64_t given_id = 0;
    for (int i = 0; i < REFUNDERS; i++) {
        r[i] = (struct refunding){.cx = cx, .ask = {f.county, o.id, 2500, "claim"}};
        assert_int_equal(pthread_create(&threads[i], NULL, refund_main, &r[i]), 0);
    }
    for (int i = 0; i < REFUNDERS; i++) {
        pthread_join(threads[i], NULL);
        assert_true(r[i].rc == RC_OK || r[i].rc == RC_CONFLICT);
        given += r[i].rc == RC_OK;
        given_id = r[i].rc == RC_OK ? r[i].id : given_id;
    }
    assert_int_equal(given, o.total_minor / 2500);
    assert_int_equal(balance(cx, MONEY_ORDER, o.id), o.total_minor % 2500);
    struct refunding more = {.cx = cx, .ask = {f.county, o.id, 0, "claim"}};
    check_refused(cx, db_write(cx, f.county, refund_write, &more), RC_INVALID);
    more.ask.amount_minor = -1;
    check_refused(cx, db_write(cx, f.county, refund_write, &more), RC_INVALID);
    more.ask.amount_minor = INT64_MAX;
    check_refused(cx, db_write(cx, f.county, refund_write, &more), RC_CONFLICT);
    check_sound(cx);
    /* Done by hand, once. */
    struct refund row;
    check_ok(cx, refund_confirm(cx, f.county, given_id));
    check_ok(cx, refund_confirm(cx, f.county, given_id));
    check_ok(cx, refund_get(&row, cx, f.county, given_id));
    assert_int_equal(row.state, REFUND_DONE);
    check_refused(cx, refund_confirm(cx, f.county, 99), RC_NOTFOUND);
    check_sound(cx);
}

/* ---- late ---- */

/* Two orders under one purchase; one was cancelled before the money came: it goes back. */
static void partly_late(struct cx *cx)
{
    const struct purchase_item both[] = {{variants[V_BOX], 1}, {variants[V_OTHER], 1}};
    struct placed p;
    struct purchase q;
    check_ok(cx, place_key(&p, cx, PAY_TRANSFER, both, 2, "two-orders-one-late"));
    check_ok(cx, purchase_by_token(&q, cx, str_of(p.token)));
    check_ok(cx, order_cancel(cx, f.county, q.orders[0].id, 1, str_of(p.token)));
    assert_int_equal(pay(cx, &p), PAY_BACK);
    check_ok(cx, purchase_by_token(&q, cx, str_of(p.token)));
    assert_int_equal(q.orders[0].state, ORDER_CANCELLED);
    assert_int_equal(q.orders[0].paid_minor, q.orders[0].refunded_minor);
    assert_int_equal(q.orders[1].state, ORDER_PAID);
    assert_int_equal(q.orders[1].refunded_minor, 0);
    check_sound(cx);
}

/* Its time is over, but no clock has come by yet: the goods are gone all the same. */
static void late_before_clock(struct cx *cx)
{
    struct placed p;
    int64_t start = cx->now_at, reserved = stock_of(cx, V_BOX).reserved;
    check_ok(cx, place_one(&p, cx, PAY_GATEWAY, V_BOX, 1));
    fixture_now(cx, start + 1801);
    assert_int_equal(tell(cx, PAY_GATEWAY, PAY_CAPTURE, p.payment_id, p.total_minor, "l1"),
                     PAY_BACK);
    assert_int_equal(first_order(cx, &p).state, ORDER_EXPIRED);
    assert_int_equal(stock_of(cx, V_BOX).reserved, reserved);
    fixture_now(cx, start);
    assert_int_equal(tell(cx, PAY_GATEWAY, PAY_CAPTURE, p.payment_id, p.total_minor, "l2"),
                     PAY_NOTHING);
    assert_int_equal(first_order(cx, &p).state, ORDER_EXPIRED);
    fixture_now(cx, 0);
    check_sound(cx);
}

static void settings(struct cx *cx)
{
    struct pay_setting s;
    check_ok(cx, pay_setting_get(&s, cx, f.county, PAY_GATEWAY));
    assert_string_equal(s.secret, gateway_secret);
    check_ok(cx, pay_setting_get(&s, cx, f.county + 1, PAY_GATEWAY));
    assert_false(s.active);
    s = (struct pay_setting){f.county, PAY_GATEWAY, true, "", "", "", "", "", "ftp://x", ""};
    check_refused(cx, pay_setting_set(cx, &s), RC_INVALID);
    s.url = "https://pay.example";
    check_refused(cx, pay_setting_set(cx, &s), RC_INVALID);
    s.secret = gateway_secret;
    cx->actor = fixture_officer(cx, &f, f.village[0], "village");
    enum rc rc = pay_setting_set(cx, &s);
    cx->actor = NULL;
    check_refused(cx, rc, RC_DENIED);
}

static void payments_on(struct cx *cx)
{
    sale_fixture_open(cx);
    second_server_open(cx);
    repeated(cx);
    failed_then_paid(cx);
    wrong_content(cx);
    badly_signed(cx);
    by_reference(cx);
    captures_at_once(cx);
    refunds_at_once(cx);
    partly_late(cx);
    late_before_clock(cx);
    settings(cx);
    second_server_close();
    sale_fixture_close(cx);
}

static void payments(void **state)
{
    (void)state;
    db_fixture_each(payments_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(payments)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
