/* Tests of sellers, shops, products and the shop window on both databases: what is sealed, who
 * may work for whom, wrong prices and texts, seasons, what is missing before it is shown,
 * search in both scripts, paging. */
#include "base/time.h"
#include "profile/calendar.h"
#include "sale/sale_fixture.h"
#include "shop/shop_inner.h"

static const struct sql TEST_SEALED = {.name = "test_sealed",
                                       .lite = "SELECT name, phone FROM seller WHERE id = 1001",
                                       .args = "",
                                       .cols = "bb"};

struct doing {
    enum { PRODUCT, SET, VARIANT, SHOW, SHOP, SELLER } what;
    struct product p;
    struct variant v;
    struct shop shop;
    struct seller seller;
    enum product_state to;
    int64_t id;
};
static enum rc do_write(struct cx *cx, void *arg)
{
    struct doing *d = arg;
    switch (d->what) {
    case PRODUCT:
        return product_add(&d->id, cx, &d->p);
    case SET:
        return product_set(cx, &d->p);
    case VARIANT:
        return variant_set(&d->id, cx, &d->v);
    case SHOW:
        return product_show(cx, f.county, d->p.id, d->to, d->p.version);
    case SHOP:
        return d->shop.id ? shop_set(cx, &d->shop) : shop_add(&d->id, cx, &d->shop);
    case SELLER:
        return seller_set(cx, &d->seller);
    }
    return RC_INVALID;
}
static enum rc act(struct cx *cx, struct doing *d)
{
    enum rc rc = db_write(cx, f.county, do_write, d);
    err_clear(cx);
    return rc;
}

static struct product tea(void)
{
    return (struct product){.county = f.county,
                            .shop_id = shops[0],
                            .category = "tea",
                            .name = "云雾绿茶",
                            .story = "<script>alert(1)</script>",
                            .claim_hours = 24};
}

static struct product product_of(struct cx *cx, int64_t id)
{
    struct product p;
    const struct actor *actor = cx->actor;
    cx->actor = NULL;
    check_ok(cx, product_get(&p, cx, f.county, id));
    cx->actor = actor;
    return p;
}

static size_t found(struct cx *cx, const char *search, const char *kind, int64_t from)
{
    struct shown *list;
    size_t count;
    check_ok(cx, product_find(
                     &list, &count, cx,
                     &(struct find){
                         .search = str_of(search), .category = kind, .from = from, .max = 10}));
    return count;
}

/* ---- sellers ---- */

static void sealed(struct cx *cx)
{
    struct db_rows rows;
    struct seller s;
    check_ok(cx, DB_ONE0(&rows, cx, &TEST_SEALED));
    assert_true(str_find(row_str(&rows, 0), STR("坝芒")) == SIZE_MAX);
    assert_true(str_find(row_str(&rows, 1), STR("13800000000")) == SIZE_MAX);
    check_ok(cx, db_done(&rows));
    check_ok(cx, seller_get(&s, cx, f.county, 1001));
    assert_string_equal(s.name, "坝芒合作社");
    assert_string_equal(s.phone, "13800000000");
    assert_int_equal(s.shop_id, shops[0]);
    struct doing again = {.what = SELLER, .seller = s};
    again.seller.name = "";
    assert_int_equal(act(cx, &again), RC_INVALID);
    again.seller.name = "坝芒核桃合作社";
    assert_int_equal(act(cx, &again), RC_OK);
    check_ok(cx, seller_get(&s, cx, f.county, 1001));
    assert_string_equal(s.name, "坝芒核桃合作社");
    assert_int_equal(s.shop_id, shops[0]); /* the office does not know of it */
}

/* The seller itself, a station in its area as long as it agrees, the county; nobody else. */
static void who_may(struct cx *cx)
{
    struct seller s, *list;
    struct shop shop;
    size_t count;
    check_ok(cx, shop_get(&shop, cx, f.county, shops[0]));
    cx->actor = fixture_officer(cx, &f, f.village[0], "station_operator");
    check_ok(cx, shop_require(cx, &shop));
    check_ok(cx, seller_list(&list, &count, cx, f.county, STR(""), 100));
    assert_int_equal(count, 1);
    cx->actor = fixture_officer(cx, &f, f.village[1], "station_operator");
    assert_int_equal(shop_require(cx, &shop), RC_NOTFOUND);
    err_clear(cx);
    struct doing d = {.what = PRODUCT, .p = tea()};
    assert_int_equal(act(cx, &d), RC_NOTFOUND);
    cx->actor = fixture_officer(cx, &f, f.county_area, "county_officer");
    check_ok(cx, shop_require(cx, &shop));
    cx->actor = fixture_officer(cx, &f, f.county_area, "auditor");
    assert_int_equal(shop_require(cx, &shop), RC_NOTFOUND);
    err_clear(cx);
    cx->actor = NULL;
    check_ok(cx, seller_get(&s, cx, f.county, 1001));
    s.assist_day = 0;
    struct doing no_help = {.what = SELLER, .seller = s};
    assert_int_equal(act(cx, &no_help), RC_OK);
    cx->actor = fixture_officer(cx, &f, f.village[0], "station_operator");
    assert_int_equal(shop_require(cx, &shop), RC_NOTFOUND);
    err_clear(cx);
    check_ok(cx, seller_list(&list, &count, cx, f.county, STR(""), 100));
    assert_int_equal(count, 0);
    cx->actor = NULL;
    s.user_id = 4711;
    no_help.seller = s;
    assert_int_equal(act(cx, &no_help), RC_OK);
    struct actor own = {.user_id = 4711, .name = "own"};
    cx->actor = &own;
    check_ok(cx, shop_require(cx, &shop));
    check_ok(cx, seller_of_actor(&s, cx));
    assert_int_equal(s.id, 1001);
    own.user_id = 4712;
    assert_int_equal(shop_require(cx, &shop), RC_NOTFOUND);
    err_clear(cx);
    cx->actor = NULL;
}

/* ---- products ---- */

static void wrong_things(struct cx *cx)
{
    struct doing d = {.what = PRODUCT, .p = tea()};
    d.p.name = " ";
    assert_int_equal(act(cx, &d), RC_INVALID);
    d.p.name = "a\x01";
    assert_int_equal(act(cx, &d), RC_INVALID);
    d.p.name = "\xff\xfe";
    assert_int_equal(act(cx, &d), RC_INVALID);
    d.p = tea();
    d.p.category = "gold";
    assert_int_equal(act(cx, &d), RC_INVALID);
    d.p = tea();
    d.p.season_from = 1305;
    d.p.season_to = 1231;
    assert_int_equal(act(cx, &d), RC_INVALID);
    d.p.season_from = 0;
    assert_int_equal(act(cx, &d), RC_INVALID);
    d.p = tea();
    d.p.cost_minor = -1;
    assert_int_equal(act(cx, &d), RC_INVALID);
    d.p = tea();
    assert_int_equal(act(cx, &d), RC_OK);
    struct variant v = {.county = f.county,
                        .product_id = d.id,
                        .name = "二两",
                        .grade = "",
                        .unit = STOCK_PIECES,
                        .price_minor = 9600,
                        .step = 1,
                        .weight_grams = 200,
                        .take = 1,
                        .item_id = stock_items[V_BOX]};
    static const int64_t prices[] = {0, -5, INT64_C(100000001)};
    for (size_t i = 0; i < 3; i++) {
        struct doing w = {.what = VARIANT, .v = v};
        w.v.price_minor = prices[i];
        assert_int_equal(act(cx, &w), RC_INVALID);
    }
    struct doing w = {.what = VARIANT, .v = v};
    w.v.item_id = 999;
    assert_int_equal(act(cx, &w), RC_INVALID);
    w.v = v;
    w.v.unit = STOCK_GRAMS; /* by weight what lies in pieces */
    w.v.step = 500;
    assert_int_equal(act(cx, &w), RC_INVALID);
    w.v = v;
    w.v.weight_grams = 0;
    assert_int_equal(act(cx, &w), RC_INVALID);
}

/* Draft, what is missing, shown, hidden, ended; two that change it at once. */
static void showing(struct cx *cx)
{
    struct doing d = {.what = PRODUCT, .p = tea()};
    const char **missing;
    size_t count;
    d.p.category = "";
    d.p.claim_hours = 0;
    assert_int_equal(act(cx, &d), RC_OK);
    struct product p = product_of(cx, d.id);
    check_ok(cx, product_missing(&missing, &count, cx, &p));
    assert_int_equal(count, 3);
    struct doing show = {.what = SHOW, .p = p, .to = PRODUCT_SHOWN};
    assert_int_equal(act(cx, &show), RC_INVALID);
    struct product anybody;
    assert_int_equal(product_public(&anybody, cx, f.county, p.id), RC_NOTFOUND);
    err_clear(cx);
    struct doing v = {.what = VARIANT,
                      .v = {.county = f.county,
                            .product_id = p.id,
                            .name = "二两",
                            .grade = "",
                            .unit = STOCK_PIECES,
                            .price_minor = 9600,
                            .step = 1,
                            .weight_grams = 200,
                            .take = 1,
                            .item_id = stock_items[V_BOX]}};
    assert_int_equal(act(cx, &v), RC_OK);
    struct doing set = {.what = SET, .p = p};
    set.p.category = "tea";
    set.p.claim_hours = 48;
    assert_int_equal(act(cx, &set), RC_OK);
    assert_int_equal(act(cx, &set), RC_CONFLICT); /* an older version */
    show.p = product_of(cx, p.id);
    assert_int_equal(act(cx, &show), RC_OK);
    check_ok(cx, product_public(&anybody, cx, f.county, p.id));
    assert_int_equal(found(cx, "绿茶", "", 0), 1);
    assert_int_equal(found(cx, "lvcha", "", 0), 1);
    assert_int_equal(found(cx, "yunwu", "tea", 0), 1);
    assert_int_equal(found(cx, "yunwu", "egg", 0), 0);
    assert_int_equal(found(cx, "茶绿", "", 0), 0);
    show.p = product_of(cx, p.id);
    show.to = PRODUCT_HIDDEN;
    assert_int_equal(act(cx, &show), RC_OK);
    assert_int_equal(found(cx, "绿茶", "", 0), 0);
    show.p = product_of(cx, p.id);
    show.to = PRODUCT_DRAFT;
    assert_int_equal(act(cx, &show), RC_CONFLICT);
    show.to = PRODUCT_ENDED;
    assert_int_equal(act(cx, &show), RC_OK);
    show.p = product_of(cx, p.id);
    show.to = PRODUCT_SHOWN;
    assert_int_equal(act(cx, &show), RC_CONFLICT);
}

/* Out of season (also over new year), a paused shop, a consent taken back: nothing is sold. */
static void not_for_sale(struct cx *cx)
{
    struct for_sale sale;
    struct seller s;
    struct shop shop;
    check_ok(cx, for_sale_get(&sale, cx, f.county, variants[V_BOX]));
    struct product p = sale.product;
    struct date d = day_date(local_day(cx->profile, cx->now_at));
    int32_t other = d.month == 7 ? 101 : 701, end = d.month == 7 ? 131 : 731;
    struct doing set = {.what = SET, .p = p};
    set.p.season_from = other;
    set.p.season_to = end;
    assert_int_equal(act(cx, &set), RC_OK);
    assert_int_equal(for_sale_get(&sale, cx, f.county, variants[V_BOX]), RC_NOTFOUND);
    err_clear(cx);
    set.p = product_of(cx, p.id);
    set.p.season_from = end; /* from then over new year until before */
    set.p.season_to = d.month == 7 ? 1231 : 630;
    assert_int_equal(act(cx, &set), RC_OK);
    check_ok(cx, for_sale_get(&sale, cx, f.county, variants[V_BOX]));
    check_ok(cx, shop_get(&shop, cx, f.county, shops[0]));
    shop.state = SHOP_PAUSED;
    struct doing pause = {.what = SHOP, .shop = shop};
    assert_int_equal(act(cx, &pause), RC_OK);
    assert_int_equal(for_sale_get(&sale, cx, f.county, variants[V_BOX]), RC_NOTFOUND);
    err_clear(cx);
    assert_int_equal(found(cx, "核桃", "", 0), 0);
    check_ok(cx, seller_get(&s, cx, f.county, 1002));
    s.consent_day = 0;
    struct doing back = {.what = SELLER, .seller = s};
    assert_int_equal(act(cx, &back), RC_OK);
    assert_int_equal(for_sale_get(&sale, cx, f.county, variants[V_OTHER]), RC_NOTFOUND);
    err_clear(cx);
}

static void shops_on(struct cx *cx)
{
    struct shop shop;
    struct doing second = {.what = SHOP,
                           .shop = {.county = f.county,
                                    .seller_id = 1001,
                                    .slug = "",
                                    .name = "又一家",
                                    .about = "",
                                    .state = SHOP_OPEN}};
    assert_int_equal(act(cx, &second), RC_CONFLICT); /* one shop a seller */
    check_ok(cx, shop_by_slug(&shop, cx, STR("bamang")));
    assert_int_equal(shop.id, shops[0]);
    assert_int_equal(shop_by_slug(&shop, cx, STR("' OR 1=1")), RC_NOTFOUND);
    err_clear(cx);
    shop.name = "坝芒山货";
    struct doing set = {.what = SHOP, .shop = shop};
    assert_int_equal(act(cx, &set), RC_OK);
    assert_int_equal(act(cx, &set), RC_CONFLICT);
}

#define EACH(test)                                                                             \
    static void test##_on(struct cx *cx)                                                       \
    {                                                                                          \
        sale_fixture_open(cx);                                                                 \
        test(cx);                                                                              \
        sale_fixture_close(cx);                                                                \
    }                                                                                          \
    static void test##_each(void **state)                                                      \
    {                                                                                          \
        (void)state;                                                                           \
        db_fixture_each(test##_on);                                                            \
    }
EACH(sealed)
EACH(shops_on)
EACH(wrong_things)
EACH(showing)
EACH(who_may)
EACH(not_for_sale)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealed_each),       cmocka_unit_test(shops_on_each),
        cmocka_unit_test(wrong_things_each), cmocka_unit_test(showing_each),
        cmocka_unit_test(who_may_each),      cmocka_unit_test(not_for_sale_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
