/* Placing orders: prices frozen and totals that add up, stock reserved for all or none, keys
 * that work once (again, other content, two at once), quantities of every wrong kind, several
 * shops, 20 buyers for 5 units at two servers, crossed baskets without a deadlock, what
 * expires. */
#include "sale/sale_fixture.h"

enum { BUYERS = 20, BUYERS_MAX = 100 };

static void places(struct cx *cx)
{
    const struct purchase_item items[] = {{variants[V_BOX], 2},
                                          {variants[V_LOOSE], 1500},
                                          {variants[V_OTHER], 1},
                                          {variants[V_BOX], 1}};
    struct placed p;
    struct purchase q;
    check_ok(cx, place_key(&p, cx, PAY_TRANSFER, items, 4, "key-of-the-first-one"));
    assert_int_equal(p.order_count, 2);
    check_ok(cx, purchase_by_token(&q, cx, str_of(p.token)));
    assert_string_equal(q.buyer.name, "王小明");
    assert_string_equal(q.buyer.phone, "138 0013 8000");
    assert_string_equal(q.currency, "CNY");
    int64_t total = 0;
    for (size_t i = 0; i < q.order_count; i++) {
        const struct order *o = &q.orders[i];
        assert_int_equal(o->state, ORDER_PLACED);
        assert_int_equal(o->total_minor, o->items_minor + o->shipping_minor);
        assert_int_equal(strlen(o->number), 10);
        total += o->total_minor;
        if (o->shop_id == shops[0]) {
            /* 3 x 68.50 + 1.5 kg x 29.99 = 44.985, half up; 3 x 2300 g + 1530 g = 8,430 g:
             * 8.00 + 8 x 2.00. */
            assert_int_equal(o->items_minor, 3 * 6850 + 4499);
            assert_int_equal(o->shipping_minor, 800 + 8 * 200);
        } else {
            assert_int_equal(o->items_minor, 4500);
            assert_int_equal(o->shipping_minor, 800 + 200);
        }
    }
    assert_int_equal(total, q.total_minor);
    assert_int_equal(total, p.total_minor);
    assert_int_equal(stock_of(cx, V_BOX).reserved, 3);
    assert_int_equal(stock_of(cx, V_LOOSE).reserved, 1500);
    /* Later prices do not touch it. */
    struct payment *list;
    size_t count;
    check_ok(cx, payment_list(&list, &count, cx, f.county, p.purchase_id));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].amount_minor, p.total_minor);
    assert_int_equal(list[0].state, PAYMENT_ASKED);
    check_refused(cx, purchase_by_token(&q, cx, STR("0123")), RC_NOTFOUND);
    check_sound(cx);
}

/* ---- keys ---- */

static void keys(struct cx *cx)
{
    const struct purchase_item one = {variants[V_OTHER], 1}, two = {variants[V_OTHER], 2};
    struct placed a, b;
    int64_t before = stock_of(cx, V_OTHER).reserved;
    check_ok(cx, place_key(&a, cx, PAY_TRANSFER, &one, 1, "another-key-0001"));
    assert_false(a.again);
    check_ok(cx, place_key(&b, cx, PAY_TRANSFER, &one, 1, "another-key-0001"));
    assert_true(b.again);
    assert_int_equal(a.purchase_id, b.purchase_id);
    assert_int_equal(a.payment_id, b.payment_id);
    assert_string_equal(a.token, b.token);
    assert_int_equal(stock_of(cx, V_OTHER).reserved, before + 1);
    assert_int_equal(place_key(&b, cx, PAY_TRANSFER, &two, 1, "another-key-0001"), RC_INVALID);
    assert_true(sale_key_was_used(cx));
    err_clear(cx);
    assert_int_equal(place_key(&b, cx, PAY_COD, &one, 1, "another-key-0001"), RC_INVALID);
    assert_true(sale_key_was_used(cx));
    err_clear(cx);
    check_refused(cx, place_key(&b, cx, PAY_TRANSFER, &one, 1, "short"), RC_INVALID);
    assert_int_equal(stock_of(cx, V_OTHER).reserved, before + 1);
}

/* ---- wrong content ---- */

static void refuses(struct cx *cx)
{
    static const struct {
        int variant;
        int64_t quantity;
        enum rc rc;
    } cases[] = {
        {V_BOX, 0, RC_INVALID},         {V_BOX, -1, RC_INVALID},
        {V_BOX, INT64_MIN, RC_INVALID}, {V_BOX, INT64_MAX, RC_LIMIT},
        {V_BOX, 10001, RC_LIMIT},       {V_LOOSE, 499, RC_INVALID},
        {V_LOOSE, 750, RC_INVALID},     {V_LOOSE, 10000500, RC_LIMIT},
        {V_LOOSE, -500, RC_INVALID},    {V_BOX, 9999, RC_INVALID}, /* too heavy */
        {V_LOOSE, 200000, RC_INVALID},
    };
    struct placed p;
    int64_t box = stock_of(cx, V_BOX).reserved, loose = stock_of(cx, V_LOOSE).reserved;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_refused(cx, place_one(&p, cx, PAY_TRANSFER, cases[i].variant, cases[i].quantity),
                      cases[i].rc);
    const struct purchase_item huge[] = {{variants[V_BOX], INT64_MAX}, {variants[V_BOX], 1}};
    check_refused(cx, place_key(&p, cx, PAY_TRANSFER, huge, 2, "huge-quantities-01"), RC_LIMIT);
    const struct purchase_item none = {987654321, 1};
    check_refused(cx, place_key(&p, cx, PAY_TRANSFER, &none, 1, "no-such-variant-1"),
                  RC_NOTFOUND);
    check_refused(cx, place_key(&p, cx, PAY_TRANSFER, &none, 0, "nothing-in-it-0001"),
                  RC_INVALID);
    const struct purchase_item one = {variants[V_BOX], 1};
    check_refused(cx, place_key(&p, cx, 9, &one, 1, "no-such-provider-1"), RC_INVALID);
    assert_int_equal(stock_of(cx, V_BOX).reserved, box);
    assert_int_equal(stock_of(cx, V_LOOSE).reserved, loose);
}

static void words(struct cx *cx)
{
    const struct purchase_item one = {variants[V_BOX], 1};
    struct purchase_ask ask = {.county = f.county,
                               .items = &one,
                               .item_count = 1,
                               .provider = PAY_TRANSFER,
                               .key = STR("words-of-the-buyer"),
                               .total_minor = -1};
    struct placed p;
    static const struct buyer bad[] = {
        {"", "13800138000", "一号", "", "province"},
        {"王", "", "一号", "", "province"},
        {"王", "12", "一号", "", "province"},
        {"王", "abc123456", "一号", "", "province"},
        {"王", "13800138000", "", "", "province"},
        {"王", "13800138000", "一号", "no mail", "province"},
        {"王", "13800138000", "一号", "", "nowhere"},
        {"王\x01", "13800138000", "一号", "", "province"},
        {"\xff\xfe", "13800138000", "一号", "", "province"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ask.buyer = bad[i];
        check_refused(cx, purchase_place(&p, cx, &ask), RC_INVALID);
    }
    /* What comes for it needs no street. */
    ask.buyer = (struct buyer){"王", "13800138000", "", "", "station"};
    check_ok(cx, purchase_place(&p, cx, &ask));
    assert_int_equal(first_order(cx, &p).shipping_minor, 0);
    /* Another total than was shown. */
    ask.key = STR("words-of-the-buyer-2");
    ask.total_minor = 1;
    check_refused(cx, purchase_place(&p, cx, &ask), RC_CONFLICT);
    struct quote q;
    check_ok(cx, purchase_quote(&q, cx, &ask));
    ask.total_minor = q.total_minor;
    check_ok(cx, purchase_place(&p, cx, &ask));
    assert_int_equal(p.total_minor, q.total_minor);
}

/* Nothing personal and no token lies readable in the database. */
static void sealed(struct cx *cx)
{
    static const struct sql sql = {.name = "~sealed",
                                   .lite = "SELECT buyer, token_hash FROM purchase",
                                   .args = "",
                                   .cols = "bb"};
    struct db_rows rows;
    int seen = 0;
    check_ok(cx, DB_SELECT0(&rows, cx, &sql));
    while (db_next(&rows)) {
        assert_true(str_find(row_str(&rows, 0), STR("王")) == SIZE_MAX);
        assert_true(str_find(row_str(&rows, 0), STR("138")) == SIZE_MAX);
        assert_int_equal(row_str(&rows, 1).len, HASH_BYTES);
        seen++;
    }
    check_ok(cx, db_done(&rows));
    assert_true(seen > 0);
}

/* ---- many at once ---- */

struct buying {
    const struct cx *cx;
    struct purchase_item items[2];
    size_t count;
    const char *key; /* NULL: one of its own */
    enum rc rc;
    struct placed p;
};

static void *buy(void *arg)
{
    struct buying *b = arg;
    struct cx cx;
    thread_open(&cx, b->cx);
    b->rc = place_key(&b->p, &cx, PAY_TRANSFER, b->items, b->count,
                      b->key ? b->key : token_new(cx.arena));
    if (b->rc)
        assert_true(cx.err.text[0] != '\0');
    thread_close(&cx);
    return NULL;
}

static void at_once(struct buying *b, size_t count)
{
    pthread_t threads[100];
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, buy, &b[i]), 0);
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

struct scarce {
    int64_t item, variant, units;
};
static enum rc scarce_write(struct cx *cx, void *arg)
{
    struct scarce *s = arg;
    struct for_sale sale;
    TRY(for_sale_get(&sale, cx, f.county, variants[V_BOX]));
    TRY(fixture_stock(&s->item, cx, STOCK_PIECES, s->units));
    struct variant v = sale.variant;
    v.id = 0;
    v.name = "少";
    v.item_id = s->item;
    return variant_set(&s->variant, cx, &v);
}

/* `buyers` want one each of `units`: exactly so many get it, the others are refused before they
 * are asked for money. */
static void race(struct cx *cx, int buyers, int units)
{
    struct scarce s = {.units = units};
    static struct buying b[BUYERS_MAX];
    int sold = 0;
    check_ok(cx, db_write(cx, f.county, scarce_write, &s));
    for (int i = 0; i < buyers; i++)
        b[i] = (struct buying){.cx = cx, .items = {{s.variant, 1}}, .count = 1};
    at_once(b, (size_t)buyers);
    for (int i = 0; i < buyers; i++) {
        sold += b[i].rc == RC_OK;
        assert_true(b[i].rc == RC_OK || b[i].rc == RC_CONFLICT);
    }
    assert_int_equal(sold, units);
    struct stock_item item;
    check_ok(cx, stock_item_get(&item, cx, f.county, s.item));
    assert_int_equal(item.reserved, units);
    check_sound(cx);
}

static void one_key_at_once(struct cx *cx)
{
    struct buying b[BUYERS];
    int64_t before = stock_of(cx, V_OTHER).reserved;
    int first = 0;
    for (int i = 0; i < BUYERS; i++)
        b[i] = (struct buying){.cx = cx,
                               .items = {{variants[V_OTHER], 1}},
                               .count = 1,
                               .key = "the-same-key-for-all"};
    at_once(b, BUYERS);
    for (int i = 0; i < BUYERS; i++) {
        assert_int_equal(b[i].rc, RC_OK);
        assert_int_equal(b[i].p.purchase_id, b[0].p.purchase_id);
        first += !b[i].p.again;
    }
    assert_int_equal(first, 1);
    assert_int_equal(stock_of(cx, V_OTHER).reserved, before + 1);
}

/* A+B beside B+A, also through one stock item that two variants share. */
static void crossed(struct cx *cx)
{
    enum { PAIRS = 100 };
    static struct buying b[PAIRS];
    struct stock_item before = stock_of(cx, V_OTHER);
    for (int i = 0; i < PAIRS; i++) {
        int64_t x = variants[i % 2 ? V_BOX : V_OTHER], y = variants[i % 2 ? V_OTHER : V_BOX];
        b[i] = (struct buying){.cx = cx, .items = {{x, 1}, {y, 1}}, .count = 2};
    }
    at_once(b, PAIRS);
    for (int i = 0; i < PAIRS; i++)
        assert_int_equal(b[i].rc, RC_OK);
    assert_int_equal(stock_of(cx, V_OTHER).reserved, before.reserved + PAIRS);
    check_sound(cx);
}

/* Two lines of one stock item cannot pass one by one: 60 kg of walnuts, 12 boxes of 5 kg. */
static void shared(struct cx *cx)
{
    struct placed p;
    struct stock_item s = stock_of(cx, V_LOOSE);
    int64_t left = s.on_hand - s.reserved, boxes = left / 5000;
    const struct purchase_item both[] = {{variants[V_SHARED], boxes},
                                         {variants[V_LOOSE], left - boxes * 5000 + 500}};
    struct purchase_ask ask = {.county = f.county,
                               .items = both,
                               .item_count = 2,
                               .buyer = {"王", "13800138000", "", "", "station"},
                               .provider = PAY_TRANSFER,
                               .key = STR("two-of-one-stock-item"),
                               .total_minor = -1};
    check_refused(cx, purchase_place(&p, cx, &ask), RC_CONFLICT);
    assert_int_equal(stock_of(cx, V_LOOSE).reserved, s.reserved);
}

/* Nobody pays: the goods come back, once, and the payment that comes then goes back. */
static void expires(struct cx *cx)
{
    struct placed p;
    int64_t fired, before = stock_of(cx, V_BOX).reserved, start = cx->now_at;
    check_ok(cx, place_one(&p, cx, PAY_GATEWAY, V_BOX, 4));
    assert_int_equal(first_order(cx, &p).expires_at, cx->now_at + 30 * 60);
    fixture_now(cx, start + 30 * 60 + 1);
    check_ok(cx, deadline_fire_due(&fired, cx));
    assert_true(fired >= 1);
    struct order o = first_order(cx, &p);
    assert_int_equal(o.state, ORDER_EXPIRED);
    assert_int_equal(stock_of(cx, V_BOX).reserved, before);
    assert_int_equal(
        tell(cx, PAY_GATEWAY, PAY_CAPTURE, p.payment_id, p.total_minor, "late-event-1"),
        PAY_BACK);
    o = first_order(cx, &p);
    assert_int_equal(o.state, ORDER_EXPIRED);
    assert_int_equal(o.paid_minor, p.total_minor);
    assert_int_equal(o.refunded_minor, p.total_minor);
    assert_int_equal(balance(cx, MONEY_ORDER, o.id), 0);
    check_sound(cx);
    fixture_now(cx, start);
    check_sound(cx);
    fixture_now(cx, 0);
}

static void checkout_on(struct cx *cx)
{
    sale_fixture_open(cx);
    second_server_open(cx);
    places(cx);
    keys(cx);
    refuses(cx);
    words(cx);
    sealed(cx);
    race(cx, 20, 5);
    race(cx, 10, 1);
    race(cx, BUYERS_MAX, 25);
    one_key_at_once(cx);
    crossed(cx);
    shared(cx);
    expires(cx);
    second_server_close();
    sale_fixture_close(cx);
}

static void checkout(void **state)
{
    (void)state;
    db_fixture_each(checkout_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(checkout)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
