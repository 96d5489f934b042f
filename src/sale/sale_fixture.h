/* For the tests of sale: the small register's areas, two shops with goods of every kind, ways
 * of paying, orders placed by short calls, buyers in threads. */
#ifndef SALE_SALE_FIXTURE_H
#define SALE_SALE_FIXTURE_H

#include "base/fault.h"
#include "ledger/ledger.h"
#include "register/register_fixture.h"
#include "sale/payment.h"
#include "stock/stock.h"

#include <pthread.h>

static struct register_fixture f;

/* Variants of the two shops; V_OTHER is the second shop's. */
enum { V_BOX, V_LOOSE, V_SHARED, V_OTHER, V_COUNT };
enum { SHOPS = 2, WALNUTS = 60000 };
static int64_t shops[SHOPS], variants[V_COUNT], stock_items[V_COUNT];

static const char gateway_secret[] = "0123456789abcdef0123";

struct fixture_goods {
    int64_t county, area_id;
};

static CHECK_UNUSED enum rc fixture_shop(struct cx *cx, int at)
{
    struct seller s = {.county = f.county,
                       .id = 1001 + at,
                       .kind = at ? SELLER_HOUSEHOLD : SELLER_COOPERATIVE,
                       .area_id = f.village[at],
                       .alias = at ? "alias-two" : "alias-one",
                       .name = at ? "李家" : "坝芒合作社",
                       .phone = "13800000000",
                       .account = "6222000000000000",
                       .user_id = 501 + at,
                       .consent_day = 20000,
                       .assist_day = 20000,
                       .state = SELLER_ACTIVE};
    TRY(seller_set(cx, &s));
    struct shop shop = {.county = f.county,
                        .seller_id = s.id,
                        .area_id = s.area_id,
                        .kind = s.kind,
                        .slug = at ? "li" : "bamang",
                        .name = at ? "李家小店" : "坝芒核桃",
                        .about = "自家种的",
                        .state = SHOP_OPEN};
    return shop_add(&shops[at], cx, &shop);
}

static CHECK_UNUSED enum rc fixture_product(int64_t *id, struct cx *cx, int shop,
                                            const char *name)
{
    struct product p = {.county = f.county,
                        .shop_id = shops[shop],
                        .category = "walnut",
                        .name = name,
                        .story = "老树核桃",
                        .state = PRODUCT_DRAFT,
                        .claim_hours = 48,
                        .cost_minor = 600};
    return product_add(id, cx, &p);
}

static CHECK_UNUSED enum rc fixture_stock(int64_t *item, struct cx *cx, enum stock_unit unit,
                                          int64_t quantity)
{
    int64_t move_id;
    TRY(stock_item_add(item, cx, f.county, unit, false, 0));
    TRY(db_ids(&move_id, cx, 1));
    return stock_move_add(cx, &(struct stock_move){.county = f.county,
                                                   .id = move_id,
                                                   .item_id = *item,
                                                   .kind = STOCK_IN,
                                                   .quantity = quantity,
                                                   .note = ""});
}

static CHECK_UNUSED enum rc fixture_goods_write(struct cx *cx, void *arg)
{
    int64_t walnuts, eggs;
    (void)arg;
    for (int i = 0; i < SHOPS; i++)
        TRY(fixture_shop(cx, i));
    TRY(fixture_product(&walnuts, cx, 0, "核桃"));
    TRY(fixture_product(&eggs, cx, 1, "土鸡蛋"));
    TRY(fixture_stock(&stock_items[V_BOX], cx, STOCK_PIECES, 1000));
    TRY(fixture_stock(&stock_items[V_LOOSE], cx, STOCK_GRAMS, WALNUTS));
    stock_items[V_SHARED] = stock_items[V_LOOSE]; /* a 5 kg box of the same walnuts */
    TRY(fixture_stock(&stock_items[V_OTHER], cx, STOCK_PIECES, 1000));
    struct variant v[V_COUNT] = {
        [V_BOX] = {.name = "礼盒",
                   .unit = STOCK_PIECES,
                   .price_minor = 6850,
                   .take = 1,
                   .net_grams = 2000,
                   .weight_grams = 2300,
                   .step = 1},
        [V_LOOSE] = {.name = "散装",
                     .unit = STOCK_GRAMS,
                     .price_minor = 2999,
                     .take = 1,
                     .weight_grams = 1020,
                     .step = 500},
        [V_SHARED] = {.name = "5公斤",
                      .unit = STOCK_PIECES,
                      .price_minor = 13000,
                      .take = 5000,
                      .net_grams = 5000,
                      .weight_grams = 5200,
                      .step = 1},
        [V_OTHER] = {.name = "三十枚",
                     .unit = STOCK_PIECES,
                     .price_minor = 4500,
                     .take = 1,
                     .net_grams = 1800,
                     .weight_grams = 2000,
                     .step = 1},
    };
    for (int i = 0; i < V_COUNT; i++) {
        v[i].county = f.county;
        v[i].product_id = i == V_OTHER ? eggs : walnuts;
        v[i].item_id = stock_items[i];
        v[i].grade = "";
        TRY(variant_set(&variants[i], cx, &v[i]));
    }
    TRY(product_show(cx, f.county, walnuts, PRODUCT_SHOWN, 1));
    return product_show(cx, f.county, eggs, PRODUCT_SHOWN, 1);
}

static CHECK_UNUSED void fixture_pays(struct cx *cx, const char *url)
{
    struct pay_setting t = {f.county, PAY_TRANSFER,  true,      "坝芒合作社", "6222",
                            "农行",   "org.example", "GUIYANG", "",           ""};
    struct pay_setting g = {f.county, PAY_GATEWAY, true, "",  "",
                            "",       "",          "",   url, gateway_secret};
    struct pay_setting c = {f.county, PAY_COD, true, "", "", "", "", "", "", ""};
    check_ok(cx, pay_setting_set(cx, &t));
    check_ok(cx, pay_setting_set(cx, &g));
    check_ok(cx, pay_setting_set(cx, &c));
}

static CHECK_UNUSED void sale_fixture_open(struct cx *cx)
{
    register_fixture_open(&f, cx);
    deadline_kinds_set(sale_deadline_kinds, sale_deadline_kind_count);
    check_ok(cx, db_write(cx, f.county, fixture_goods_write, NULL));
    fixture_pays(cx, "http://127.0.0.1:9");
}

static CHECK_UNUSED void sale_fixture_close(struct cx *cx)
{
    register_fixture_close(&f, cx);
}

/* ---- placing ---- */

static struct buyer fixture_buyer(void)
{
    return (struct buyer){"王小明", "138 0013 8000", "贵阳市观山湖区一号", "", "province"};
}

static CHECK_UNUSED enum rc place_key(struct placed *out, struct cx *cx, int provider,
                                      const struct purchase_item *items, size_t count,
                                      const char *key)
{
    struct purchase_ask ask = {.county = f.county,
                               .items = items,
                               .item_count = count,
                               .buyer = fixture_buyer(),
                               .provider = provider,
                               .key = str_of(key),
                               .total_minor = -1};
    return purchase_place(out, cx, &ask);
}

static CHECK_UNUSED enum rc place_one(struct placed *out, struct cx *cx, int provider,
                                      int variant, int64_t quantity)
{
    struct purchase_item item = {variants[variant], quantity};
    return place_key(out, cx, provider, &item, 1, token_new(cx->arena));
}

static CHECK_UNUSED struct order first_order(struct cx *cx, const struct placed *p)
{
    struct purchase purchase;
    check_ok(cx, purchase_by_token(&purchase, cx, str_of(p->token)));
    assert_true(purchase.order_count > 0);
    return purchase.orders[0];
}

static CHECK_UNUSED struct stock_item stock_of(struct cx *cx, int variant)
{
    struct stock_item s;
    check_ok(cx, stock_item_get(&s, cx, f.county, stock_items[variant]));
    return s;
}

/* What a provider says about a payment. */
static CHECK_UNUSED enum pay_result tell(struct cx *cx, int provider, enum pay_kind kind,
                                         int64_t payment_id, int64_t minor, const char *event)
{
    enum pay_result r;
    struct pay_event e = {.provider = provider,
                          .event_id = event,
                          .kind = kind,
                          .payment_id = payment_id,
                          .amount_minor = minor,
                          .currency = "CNY",
                          .raw = STR("{}")};
    check_ok(cx, pay_event_take(&r, cx, f.county, &e));
    return r;
}
static CHECK_UNUSED enum pay_result pay(struct cx *cx, const struct placed *p)
{
    return tell(cx, PAY_TRANSFER, PAY_CAPTURE, p->payment_id, p->total_minor,
                token_new(cx->arena));
}

/* A placed order that was paid by transfer. */
static CHECK_UNUSED struct order paid_order(struct cx *cx, int variant, int64_t quantity)
{
    struct placed p;
    check_ok(cx, place_one(&p, cx, PAY_TRANSFER, variant, quantity));
    assert_int_equal(pay(cx, &p), PAY_DONE);
    return first_order(cx, &p);
}

static CHECK_UNUSED int64_t balance(struct cx *cx, enum money_kind kind, int64_t owner)
{
    int64_t id;
    struct ledger_account a;
    check_ok(cx, money_account_find(&id, cx, f.county, kind, owner));
    if (!id)
        return 0;
    check_ok(cx, ledger_account_get(&a, cx, f.county, id));
    return a.credits_posted - a.debits_posted - a.debits_pending + a.credits_pending;
}

static CHECK_UNUSED void print_faults(const struct verify_fault *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        print_error("%s (county %" PRId64 ", id %" PRId64 ")\n", list[i].what, list[i].county,
                    list[i].id);
}

/* Orders, stock and ledger agree. */
static CHECK_UNUSED void check_sound(struct cx *cx)
{
    struct verify_fault *sale, *stock, *ledger;
    size_t a, b, c;
    check_ok(cx, sale_verify(&sale, &a, cx));
    check_ok(cx, stock_verify(&stock, &b, cx));
    check_ok(cx, ledger_verify(&ledger, &c, cx));
    print_faults(sale, a);
    print_faults(stock, b);
    print_faults(ledger, c);
    assert_int_equal(a + b + c, 0);
}

static CHECK_UNUSED void fixture_now(struct cx *cx, int64_t at)
{
    check_env("FUMIN_NOW", at ? arena_printf(cx->arena, "%" PRId64, at) : NULL);
    if (at)
        cx->now_at = at;
}

/* ---- many at once ---- */

/* A second server on the same database: every other thread is one of its. */
static struct db_pool *second_server;
static _Atomic unsigned threads_opened;

static CHECK_UNUSED void second_server_open(struct cx *cx)
{
    const struct db_options options = {.url = db_fixture_url(cx)};
    check_ok(cx, db_open(&second_server, cx, &options));
}
static CHECK_UNUSED void second_server_close(void)
{
    db_close(second_server);
    second_server = NULL;
}

/* A context of its own for a thread. */
static CHECK_UNUSED void thread_open(struct cx *cx, const struct cx *of)
{
    *cx = *of;
    cx->arena = arena_open(16 * 1024 * 1024);
    cx->db = NULL;
    if (second_server && threads_opened++ % 2)
        cx->pool = second_server;
    err_clear(cx);
    check_ok(cx, db_attach(cx));
}
static CHECK_UNUSED void thread_close(struct cx *cx)
{
    db_detach(cx);
    arena_free(cx->arena);
}

#endif
