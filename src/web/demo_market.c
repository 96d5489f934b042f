/* The made-up county's market: a cooperative that pools walnuts of thirty households, a
 * household with a shop of its own, a village station. Names and goods are invented. */
#include "web/demo_market.h"

#include "base/limits.h"
#include "db/db.h"
#include "profile/calendar.h"
#include "register/area.h"
#include "sale/payment.h"
#include "shop/shop.h"
#include "stock/lot.h"
#include "web/app.h"
#include "web/market.h"

enum { SHOPS = 3, GROWERS = 30, IDS = SHOPS + GROWERS, VILLAGES_MAX = 8 };

struct market_plan {
    int64_t county, seller_ids, villages[VILLAGES_MAX];
    size_t village_count;
};

/* ---- what is sold ---- */

static const struct {
    enum seller_kind kind;
    const char *name, *slug, *about;
} shops[SHOPS] = {
    {SELLER_COOPERATIVE, "青石核桃专业合作社", "qingshi-walnut",
     "三十户乡亲的核桃，统一分级、统一烘干。每一批都能查到是谁家交的货。"},
    {SELLER_HOUSEHOLD, "石头寨土货", "shitou",
     "自家养的鸡、自家采的菌子，量不大，卖完就没有。"},
    {SELLER_STATION, "云岭村服务站", "yunling", "替不会上网的乡亲代卖，打包发货都在站里。"},
};
static const struct {
    int shop;
    const char *category, *name, *story;
    int32_t season_from, season_to, claim_hours;
    int64_t cost_minor;
    const char *choice, *grade;
    enum stock_unit unit;
    int64_t price_minor, net_grams, step, weight_grams, stock;
} goods[] = {
    {1, "egg", "土鸡蛋", "林下散养，每天捡一次蛋。装在谷壳里，寄到不碎。", 0, 0, 24, 1800,
     "三十枚", "", STOCK_PIECES, 4500, 1800, 1, 2300, 120},
    {1, "mushroom", "干香菇", "春天的花菇，柴火烘干。泡两小时，水别倒掉。", 0, 0, 72, 4200,
     "500 克", "一级", STOCK_PIECES, 6800, 500, 1, 600, 64},
    {1, "meat", "散养土鸡", "养足八个月，当天杀当天发。", 0, 0, 24, 6500, "整只，按实际重量",
     "", STOCK_GRAMS, 7200, 0, 500, 1150, 90000},
    {2, "honey", "百花蜜", "山里的土蜂一年取一次蜜，会结晶，是真的。", 0, 0, 168, 5200,
     "一斤装", "", STOCK_PIECES, 8800, 500, 1, 800, 75},
    {2, "tea", "云雾绿茶", "清明后手工炒制。", 0, 0, 168, 12000, "二两装", "特级", STOCK_PIECES,
     9600, 100, 1, 200, 200},
    {2, "grain", "高山红米", "海拔一千四百米的梯田，一年一季。", 0, 0, 72, 700, "五公斤装", "",
     STOCK_PIECES, 7500, 5000, 1, 5200, 310},
    {2, "fruit", "猕猴桃", "带硬度采摘，放软了再吃。", 915, 1230, 24, 500, "散装", "",
     STOCK_GRAMS, 1680, 0, 500, 1080, 800000},
    {2, "craft", "竹编提篮", "村里老篾匠的手艺，一个要编两天。", 0, 0, 168, 5000, "中号", "",
     STOCK_PIECES, 12800, 0, 1, 900, 0},
    {2, "herb", "天麻", "林下仿野生种植，切片晒干。", 0, 0, 168, 9000, "250 克", "",
     STOCK_PIECES, 15800, 250, 1, 320, 40},
};

/* ---- writing it ---- */

static enum rc put_seller(struct cx *cx, const struct market_plan *p, int at,
                          enum seller_kind kind, const char *name)
{
    const struct seller s = {.county = p->county,
                             .id = p->seller_ids + at,
                             .kind = kind,
                             .area_id = p->villages[(size_t)at % p->village_count],
                             .alias = arena_printf(cx->arena, "demo-%d", at),
                             .name = name,
                             .phone = "",
                             .account = "",
                             .consent_day = local_day(cx->profile, cx->now_at),
                             .assist_day = local_day(cx->profile, cx->now_at),
                             .state = SELLER_ACTIVE};
    return seller_set(cx, &s);
}

static enum rc put_stock(int64_t *item_id, struct cx *cx, int64_t county, size_t at)
{
    int64_t move_id;
    TRY(stock_item_add(item_id, cx, county, goods[at].unit, false, 0));
    if (!goods[at].stock)
        return RC_OK;
    TRY(db_ids(&move_id, cx, 1));
    return stock_move_add(cx, &(struct stock_move){.county = county,
                                                   .id = move_id,
                                                   .item_id = *item_id,
                                                   .kind = STOCK_IN,
                                                   .quantity = goods[at].stock,
                                                   .note = ""});
}

static enum rc put_goods(struct cx *cx, int64_t county, const int64_t *shop_ids, size_t at)
{
    int64_t id, variant_id, item_id;
    const struct product p = {.county = county,
                              .shop_id = shop_ids[goods[at].shop],
                              .category = goods[at].category,
                              .name = goods[at].name,
                              .story = goods[at].story,
                              .season_from = goods[at].season_from,
                              .season_to = goods[at].season_to,
                              .claim_hours = goods[at].claim_hours,
                              .cost_minor = goods[at].cost_minor};
    TRY(product_add(&id, cx, &p));
    TRY(put_stock(&item_id, cx, county, at));
    const struct variant v = {.county = county,
                              .product_id = id,
                              .name = goods[at].choice,
                              .grade = goods[at].grade,
                              .unit = goods[at].unit,
                              .price_minor = goods[at].price_minor,
                              .net_grams = goods[at].net_grams,
                              .step = goods[at].step,
                              .weight_grams = goods[at].weight_grams,
                              .item_id = item_id,
                              .take = 1};
    TRY(variant_set(&variant_id, cx, &v));
    return product_show(cx, county, id, PRODUCT_SHOWN, 1);
}

/* Walnuts of thirty households in one lot, sold in two sizes. */
static enum rc put_lot(struct cx *cx, const struct market_plan *p, int64_t shop_id)
{
    int64_t lot_id, id, product_id;
    int32_t today = local_day(cx->profile, cx->now_at);
    struct lot lot;
    TRY(lot_add(&lot_id, cx, p->county, shop_id, STR("十月核桃"), today - 30));
    for (int i = 0; i < GROWERS; i++) {
        const struct delivery d = {.county = p->county,
                                   .lot_id = lot_id,
                                   .seller_id = p->seller_ids + SHOPS + i,
                                   .grams = 40000 + 2370 * i,
                                   .grade = 1 + i % 3,
                                   .price_minor = 1600 - 200 * (i % 3),
                                   .day = today - 28 + i % 7,
                                   .client_uid =
                                       arena_printf(cx->arena, "demo-delivery-%d", i)};
        TRY(delivery_add(&id, cx, &d));
    }
    TRY(lot_get(&lot, cx, p->county, lot_id));
    TRY(lot_close(cx, p->county, lot_id, lot.version));
    const struct product walnuts = {
        .county = p->county,
        .shop_id = shop_id,
        .category = "walnut",
        .name = "薄皮核桃",
        .story =
            "手一捏就开。三十户一起交货、一起分级，卖得的钱按各家斤两和等级分回去，一分不差。",
        .claim_hours = 72,
        .cost_minor = 900};
    TRY(product_add(&product_id, cx, &walnuts));
    for (int i = 0; i < 2; i++) {
        const struct variant v = {.county = p->county,
                                  .product_id = product_id,
                                  .name = i ? "散装" : "五公斤箱装",
                                  .grade = "一级",
                                  .unit = i ? STOCK_GRAMS : STOCK_PIECES,
                                  .price_minor = i ? 2800 : 13000,
                                  .net_grams = i ? 0 : 5000,
                                  .step = i ? 500 : 1,
                                  .weight_grams = i ? 1040 : 5300,
                                  .item_id = lot.item_id,
                                  .take = i ? 1 : 5000,
                                  .lot_id = lot_id};
        TRY(variant_set(&id, cx, &v));
    }
    return product_show(cx, p->county, product_id, PRODUCT_SHOWN, 1);
}

static enum rc market_write(struct cx *cx, void *arg)
{
    const struct market_plan *p = arg;
    int64_t shop_ids[SHOPS];
    for (int i = 0; i < IDS; i++)
        TRY(put_seller(cx, p, i, i < SHOPS ? shops[i].kind : SELLER_HOUSEHOLD,
                       i < SHOPS ? shops[i].name
                                 : arena_printf(cx->arena, "示范户%d", i - SHOPS + 1)));
    for (int i = 0; i < SHOPS; i++) {
        const struct shop s = {.county = p->county,
                               .seller_id = p->seller_ids + i,
                               .slug = shops[i].slug,
                               .name = shops[i].name,
                               .about = shops[i].about,
                               .state = SHOP_OPEN};
        TRY(shop_add(&shop_ids[i], cx, &s));
    }
    for (size_t i = 0; i < sizeof goods / sizeof *goods; i++)
        TRY(put_goods(cx, p->county, shop_ids, i));
    return put_lot(cx, p, shop_ids[0]);
}

/* ---- where ---- */

static enum rc find_villages(struct market_plan *p, struct cx *cx, int64_t area_id, int depth)
{
    struct area *list;
    size_t count;
    TRY(area_children(&list, &count, cx, area_id));
    for (size_t i = 0; i < count && p->village_count < VILLAGES_MAX; i++) {
        if (list[i].county && depth >= 2 && list[i].level == cx->profile->tenant_level + 2) {
            p->county = list[i].county;
            p->villages[p->village_count++] = list[i].id;
        }
        TRY(find_villages(p, cx, list[i].id, depth + 1));
    }
    return RC_OK;
}

static enum rc seller_ids_write(struct cx *cx, void *arg)
{
    return db_ids(arg, cx, IDS);
}

static enum rc fill_market(struct cx *office, struct cx *market)
{
    struct market_plan p = {0};
    int64_t areas;
    TRY(areas_copy(&areas, office, market));
    TRY(find_villages(&p, market, 0, 0));
    if (!p.village_count)
        return RC_OK;
    TRY(db_write(office, 0, seller_ids_write, &p.seller_ids));
    TRY(db_write(market, p.county, market_write, &p));
    const struct pay_setting transfer = {.county = p.county,
                                         .provider = PAY_TRANSFER,
                                         .active = true,
                                         .holder = "示范县电商公共服务中心（虚构）",
                                         .account = "0000 0000 0000 0000",
                                         .bank = "示范银行",
                                         .qr_id = "org.example.fumin",
                                         .qr_city = "DEMO",
                                         .url = "",
                                         .secret = ""};
    const struct pay_setting cash = {.county = p.county,
                                     .provider = PAY_COD,
                                     .active = true,
                                     .holder = "",
                                     .account = "",
                                     .bank = "",
                                     .qr_id = "",
                                     .qr_city = "",
                                     .url = "",
                                     .secret = ""};
    TRY(pay_setting_set(market, &transfer));
    return pay_setting_set(market, &cash);
}

enum rc demo_market_make(struct cx *cx, const char *dir)
{
    struct app app;
    struct cx market;
    cx_init(&market, arena_open(LIMIT_JOB_ARENA));
    market.now_at = cx->now_at;
    enum rc rc = app_open_beside(&app, &market, dir);
    if (!rc) {
        rc = fill_market(cx, &market);
        app_close(&app, &market);
    } else if (rc == RC_NOTFOUND) {
        rc = RC_OK; /* no database for it */
        err_clear(&market);
    }
    if (rc && !cx->err.text[0])
        cx->err = market.err;
    arena_free(market.arena);
    return rc;
}
