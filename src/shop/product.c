/* Products and what of them can be bought: see shop.h. */
#include "shop/shop_inner.h"

#include "base/text.h"
#include "base/time.h"
#include "base/utf8.h"
#include "profile/calendar.h"
#include "profile/goods.h"
#include "profile/profile.h"
#include "shop/shop.sql.h"

#include <string.h>

enum {
    NAME_CHARS = 80,
    STORY_CHARS = 5000,
    VARIANT_CHARS = 40,
    GRADE_CHARS = 20,
    VARIANTS_MAX = 50,
    CLAIM_HOURS_MAX = 24 * 30
};
static const int64_t PRICE_MAX_MINOR = 100000000, GRAMS_MAX = 1000000;

/* ---- products ---- */

static bool season_fits(int32_t day)
{
    return day == 0 || (day / 100 >= 1 && day / 100 <= 12 && day % 100 >= 1 && day % 100 <= 31);
}

static enum rc product_ok(struct product *out, struct cx *cx, const struct product *p)
{
    *out = *p;
    TRY(shop_text(&out->name, cx, p->name, NAME_CHARS, false, _("Name of the product")));
    TRY(shop_text(&out->story, cx, p->story, STORY_CHARS, true, _("Its story")));
    TRY(shop_text(&out->category, cx, p->category, NAME_CHARS, true, _("Kind of goods")));
    if (out->category[0] && !profile_goods(cx->profile, str_of(out->category)))
        return fail(cx, RC_INVALID, _("Choose the kind of goods."), "category");
    if (!season_fits(p->season_from) || !season_fits(p->season_to) ||
        !p->season_from != !p->season_to)
        return fail(cx, RC_INVALID,
                    _("A season has a first and a last day, such as 09-15 and 11-30."),
                    "season");
    if (p->claim_hours < 0 || p->claim_hours > CLAIM_HOURS_MAX)
        return fail(cx, RC_INVALID, _("The time for claims is at most 30 days."), "claim");
    if (p->cost_minor < 0 || p->cost_minor > PRICE_MAX_MINOR)
        return fail(cx, RC_INVALID, _("The own cost is an amount of 0 or more."), "cost");
    return RC_OK;
}

/* The columns of both statements are the same. */
static struct product product_row(const struct db_rows *r, int64_t county)
{
    return (struct product){.county = county,
                            .id = row_i64(r, PRODUCT_ONE_ID),
                            .shop_id = row_i64(r, PRODUCT_ONE_SHOP_ID),
                            .category = row_copy(r, PRODUCT_ONE_CATEGORY).p,
                            .name = row_copy(r, PRODUCT_ONE_NAME).p,
                            .story = row_copy(r, PRODUCT_ONE_STORY).p,
                            .state = (enum product_state)row_i64(r, PRODUCT_ONE_STATE),
                            .season_from = (int32_t)row_i64(r, PRODUCT_ONE_SEASON_FROM),
                            .season_to = (int32_t)row_i64(r, PRODUCT_ONE_SEASON_TO),
                            .claim_hours = (int32_t)row_i64(r, PRODUCT_ONE_CLAIM_HOURS),
                            .cost_minor = row_i64(r, PRODUCT_ONE_COST_MINOR),
                            .photo_id = row_i64(r, PRODUCT_ONE_PHOTO_ID),
                            .version = (int32_t)row_i64(r, PRODUCT_ONE_VERSION),
                            .created_at = row_i64(r, PRODUCT_ONE_CREATED_AT),
                            .shown_at = row_i64(r, PRODUCT_ONE_SHOWN_AT)};
}

enum rc product_list(struct product **out, size_t *count, struct cx *cx, int64_t county,
                     int64_t shop_id, size_t max)
{
    struct db_rows rows;
    size_t n = 0;
    struct product *list = arena_new(cx->arena, (max + 1) * sizeof *list);
    TRY(DB_SELECT(&rows, cx, &PRODUCT_OF_SHOP, V_I(county), V_I(shop_id), V_I(max)));
    while (n < max && db_next(&rows))
        list[n++] = product_row(&rows, county);
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc product_read(struct product *out, struct cx *cx, int64_t county, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &PRODUCT_ONE, V_I(county), V_I(id));
    if (rc == RC_NOTFOUND)
        return fail(cx, RC_NOTFOUND, _("There is no such product, or it is not sold now."),
                    "product=%" PRId64, id);
    TRY(rc);
    *out = product_row(&rows, county);
    return db_done(&rows);
}

static enum rc not_shown(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such product, or it is not sold now."),
                "product=%" PRId64, id);
}

enum rc product_public(struct product *out, struct cx *cx, int64_t county, int64_t id)
{
    struct shop shop;
    TRY(product_read(out, cx, county, id));
    TRY(shop_read(&shop, cx, county, out->shop_id));
    return out->state == PRODUCT_SHOWN && shop.state == SHOP_OPEN ? RC_OK : not_shown(cx, id);
}

enum rc product_get(struct product *out, struct cx *cx, int64_t county, int64_t id)
{
    struct shop shop;
    TRY(product_read(out, cx, county, id));
    TRY(shop_read(&shop, cx, county, out->shop_id));
    if (out->state == PRODUCT_SHOWN && shop.state == SHOP_OPEN)
        return RC_OK;
    enum rc rc = shop_require(cx, &shop);
    if (rc != RC_NOTFOUND)
        return rc;
    err_clear(cx);
    return not_shown(cx, id);
}

enum rc product_add(int64_t *id, struct cx *cx, const struct product *p)
{
    struct product clean;
    struct shop shop;
    TRY(product_ok(&clean, cx, p));
    TRY(shop_read(&shop, cx, p->county, p->shop_id));
    TRY(shop_require(cx, &shop));
    TRY(db_ids(id, cx, 1));
    TRY(DB_RUN(cx, &PRODUCT_INSERT, V_I(p->county), V_I(*id), V_I(p->shop_id),
               V_T(clean.category), V_T(clean.name), V_T(clean.story), V_I(p->season_from),
               V_I(p->season_to), V_I(p->claim_hours), V_I(p->cost_minor), V_I(cx->now_at)));
    TRY(product_words_put(cx, p->county, *id));
    return seller_act_add(cx, p->county, shop.seller_id, "product.add", "", *id);
}

enum rc product_set(struct cx *cx, const struct product *p)
{
    struct product now, clean;
    struct shop shop;
    int64_t changed;
    TRY(product_read(&now, cx, p->county, p->id));
    TRY(shop_read(&shop, cx, p->county, now.shop_id));
    TRY(shop_require(cx, &shop));
    TRY(product_ok(&clean, cx, p));
    TRY(DB_RUN_COUNT(&changed, cx, &PRODUCT_CHANGE, V_I(p->county), V_I(p->id), V_I(p->version),
                     V_T(clean.category), V_T(clean.name), V_T(clean.story),
                     V_I(p->season_from), V_I(p->season_to), V_I(p->claim_hours),
                     V_I(p->cost_minor)));
    if (!changed)
        return shop_stale(cx, p->id);
    TRY(product_words_put(cx, p->county, p->id));
    return seller_act_add(cx, p->county, shop.seller_id, "product.set", "", p->id);
}

/* ---- variants ---- */

/* The columns of both statements are the same. */
static struct variant variant_row(const struct db_rows *r, int64_t county)
{
    struct variant v = {.county = county,
                        .id = row_i64(r, VARIANT_ONE_ID),
                        .product_id = row_i64(r, VARIANT_ONE_PRODUCT_ID),
                        .name = row_copy(r, VARIANT_ONE_NAME).p,
                        .grade = row_copy(r, VARIANT_ONE_GRADE).p,
                        .unit = (enum stock_unit)row_i64(r, VARIANT_ONE_UNIT),
                        .price_minor = row_i64(r, VARIANT_ONE_PRICE_MINOR),
                        .net_grams = row_i64(r, VARIANT_ONE_NET_GRAMS),
                        .step = row_i64(r, VARIANT_ONE_STEP),
                        .weight_grams = row_i64(r, VARIANT_ONE_WEIGHT_GRAMS),
                        .item_id = row_i64(r, VARIANT_ONE_ITEM_ID),
                        .take = row_i64(r, VARIANT_ONE_TAKE),
                        .lot_id = row_i64(r, VARIANT_ONE_LOT_ID),
                        .ended = row_i64(r, VARIANT_ONE_ENDED) != 0};
    int64_t there = row_i64(r, VARIANT_ONE_ON_HAND) - row_i64(r, VARIANT_ONE_RESERVED);
    v.left = there > 0 ? there / v.take : 0;
    v.left -= v.left % v.step;
    if (row_i64(r, VARIANT_ONE_ON_DEMAND))
        v.left = -1;
    return v;
}

static enum rc variant_read(struct variant *out, struct cx *cx, int64_t county, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &VARIANT_ONE, V_I(county), V_I(id));
    if (rc == RC_NOTFOUND)
        return fail(cx, RC_NOTFOUND, _("There is no such product, or it is not sold now."),
                    "variant=%" PRId64, id);
    TRY(rc);
    *out = variant_row(&rows, county);
    return db_done(&rows);
}

enum rc product_variants(struct variant **out, size_t *count, struct cx *cx, int64_t county,
                         int64_t product_id)
{
    struct db_rows rows;
    size_t n = 0;
    struct variant *list = arena_new(cx->arena, VARIANTS_MAX * sizeof *list);
    TRY(DB_SELECT(&rows, cx, &VARIANT_LIST, V_I(county), V_I(product_id), V_I(VARIANTS_MAX)));
    while (n < VARIANTS_MAX && db_next(&rows))
        list[n++] = variant_row(&rows, county);
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

static enum rc variant_ok(struct variant *out, struct cx *cx, const struct variant *v)
{
    *out = *v;
    TRY(shop_text(&out->name, cx, v->name, VARIANT_CHARS, false, _("What the buyer chooses")));
    TRY(shop_text(&out->grade, cx, v->grade, GRADE_CHARS, true, _("Grade")));
    if (v->price_minor < 1 || v->price_minor > PRICE_MAX_MINOR)
        return fail(cx, RC_INVALID, _("The price is more than nothing."), "price");
    if (v->unit == STOCK_GRAMS ? v->step < 1 || v->step > GRAMS_MAX || v->take != 1
                               : v->step != 1 || v->take < 1 || v->take > GRAMS_MAX * 100)
        return fail(cx, RC_INVALID, _("Say in which steps it is sold."), "step");
    if (v->net_grams < 0 || v->net_grams > GRAMS_MAX)
        return fail(cx, RC_INVALID, _("What is in it weighs at most 1,000 kg."), "net");
    if (v->weight_grams < 1 || v->weight_grams > GRAMS_MAX)
        return fail(cx, RC_INVALID, _("Say how much it weighs with its packing."), "weight");
    return RC_OK;
}

/* By weight only what lies in grams is sold. */
static enum rc item_fits(struct cx *cx, const struct variant *v)
{
    struct stock_item item;
    enum rc rc = stock_item_get(&item, cx, v->county, v->item_id);
    if (rc == RC_NOTFOUND || (!rc && v->unit == STOCK_GRAMS && item.unit != STOCK_GRAMS) ||
        (!rc && item.lot_id != v->lot_id))
        return fail(cx, RC_INVALID, _("Choose the store it is taken from."), "variant item");
    return rc;
}

enum rc variant_set(int64_t *id, struct cx *cx, const struct variant *v)
{
    struct variant clean;
    struct product p;
    struct shop shop;
    int64_t changed;
    TRY(product_read(&p, cx, v->county, v->product_id));
    TRY(shop_read(&shop, cx, v->county, p.shop_id));
    TRY(shop_require(cx, &shop));
    TRY(variant_ok(&clean, cx, v));
    *id = v->id;
    if (v->id) {
        TRY(DB_RUN_COUNT(&changed, cx, &VARIANT_CHANGE, V_I(v->county), V_I(v->id),
                         V_I(v->product_id), V_T(clean.name), V_T(clean.grade),
                         V_I(v->price_minor), V_I(v->net_grams), V_I(v->step),
                         V_I(v->weight_grams), V_I(v->ended)));
        if (!changed)
            return shop_stale(cx, v->id);
    } else {
        TRY(item_fits(cx, v));
        TRY(db_ids(id, cx, 1));
        TRY(DB_RUN(cx, &VARIANT_INSERT, V_I(v->county), V_I(*id), V_I(v->product_id),
                   V_T(clean.name), V_T(clean.grade), V_I(v->unit), V_I(v->price_minor),
                   V_I(v->net_grams), V_I(v->step), V_I(v->weight_grams), V_I(v->item_id),
                   V_I(v->take), V_I(v->lot_id), V_I(cx->now_at)));
    }
    TRY(DB_RUN(cx, &PRODUCT_LOW, V_I(v->county), V_I(v->product_id)));
    return seller_act_add(cx, v->county, shop.seller_id, "product.price", "", *id);
}

/* ---- buying ---- */

/* A season may go over new year: 1115 to 215. */
bool product_in_season(const struct cx *cx, const struct product *p)
{
    if (!p->season_from)
        return true;
    struct date d = day_date(local_day(cx->profile, cx->now_at));
    int32_t day = d.month * 100 + d.day;
    return p->season_from <= p->season_to ? day >= p->season_from && day <= p->season_to
                                          : day >= p->season_from || day <= p->season_to;
}

enum rc for_sale_get(struct for_sale *out, struct cx *cx, int64_t county, int64_t variant_id)
{
    struct seller seller;
    const struct actor *actor = cx->actor;
    TRY(variant_read(&out->variant, cx, county, variant_id));
    TRY(product_read(&out->product, cx, county, out->variant.product_id));
    TRY(shop_read(&out->shop, cx, county, out->product.shop_id));
    cx->actor = NULL; /* whether it sells, for whoever buys */
    enum rc rc = seller_get(&seller, cx, county, out->shop.seller_id);
    cx->actor = actor;
    TRY(rc);
    if (out->variant.ended || out->product.state != PRODUCT_SHOWN ||
        out->shop.state != SHOP_OPEN || !seller.consent_day || seller.state != SELLER_ACTIVE)
        return fail(cx, RC_NOTFOUND, _("There is no such product, or it is not sold now."),
                    "variant=%" PRId64, variant_id);
    if (!product_in_season(cx, &out->product))
        return fail(cx, RC_NOTFOUND, _("It is not the season for this. Come again later."),
                    "season of %" PRId64, variant_id);
    return RC_OK;
}

/* ---- showing ---- */

enum rc product_missing(const char ***out, size_t *count, struct cx *cx,
                        const struct product *p)
{
    enum { WANTS = 5 };
    struct variant *v;
    size_t variants, n = 0, open = 0;
    const char **list = arena_new(cx->arena, WANTS * sizeof *list);
    TRY(product_variants(&v, &variants, cx, p->county, p->id));
    for (size_t i = 0; i < variants; i++)
        open += !v[i].ended;
    if (!open)
        list[n++] = _("Say what a buyer can choose, with its price.");
    if (!p->category[0])
        list[n++] = _("Choose the kind of goods.");
    if (!p->claim_hours)
        list[n++] = _("Say until when after the delivery a buyer may complain.");
    *out = list;
    *count = n;
    return RC_OK;
}

static bool may_become(enum product_state from, enum product_state to)
{
    return (to == PRODUCT_SHOWN && (from == PRODUCT_DRAFT || from == PRODUCT_HIDDEN)) ||
           (to == PRODUCT_HIDDEN && from == PRODUCT_SHOWN) ||
           (to == PRODUCT_ENDED && from != PRODUCT_ENDED);
}

enum rc product_show(struct cx *cx, int64_t county, int64_t id, enum product_state to,
                     int32_t version)
{
    struct product p;
    struct shop shop;
    const char **missing;
    size_t count;
    int64_t changed;
    TRY(product_read(&p, cx, county, id));
    TRY(shop_read(&shop, cx, county, p.shop_id));
    TRY(shop_require(cx, &shop));
    if (!may_become(p.state, to))
        return shop_stale(cx, id);
    TRY(product_missing(&missing, &count, cx, &p));
    if (to == PRODUCT_SHOWN && count)
        return fail(cx, RC_INVALID, missing[0], "product=%" PRId64, id);
    TRY(DB_RUN_COUNT(&changed, cx, &PRODUCT_STATE_PUT, V_I(county), V_I(id), V_I(version),
                     V_I(to), V_I(cx->now_at)));
    if (!changed)
        return shop_stale(cx, id);
    return seller_act_add(cx, county, shop.seller_id, "product.show", "", id);
}
