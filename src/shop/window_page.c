/* The shop window, for everybody: the newest, searching, one product, one shop. */
#include "base/format.h"
#include "base/time.h"
#include "profile/calendar.h"
#include "profile/goods.h"
#include "sale/sale_view.h"
#include "shop/photo.h"
#include "shop/shop.sql.h"
#include "shop/shop_inner.h"
#include "shop/window.html.h"
#include "shop/window_view.h"

#include <string.h>

enum { PAGE_GOODS = 24, SEASON_BYTES = 32 };

/* ---- prices ---- */

/* What a kilogram costs, for pieces whose content is known. */
static const char *per_kg(struct cx *cx, enum stock_unit unit, int64_t minor, int64_t net_grams)
{
    if (unit == STOCK_GRAMS || net_grams <= 0)
        return "";
    return sale_price(cx, STOCK_GRAMS, (minor * 1000 + net_grams / 2) / net_grams);
}

static const char *kind_label(struct cx *cx, const char *code)
{
    const struct goods_kind *k = profile_goods(cx->profile, str_of(code));
    return k ? LABEL(cx, k->label) : "";
}

/* ---- lists ---- */

static const char *goods_href(struct cx *cx, const char *search, const char *kind,
                              const char *sort, int64_t from)
{
    const char *href =
        arena_printf(cx->arena, "/goods?q=%s&kind=%s", url_encode(cx->arena, str_of(search)),
                     url_encode(cx->arena, str_of(kind)));
    if (sort[0])
        href = arena_printf(cx->arena, "%s&sort=%s", href, sort);
    return from ? arena_printf(cx->arena, "%s&from=%" PRId64, href, from) : href;
}

static void fill_kinds(struct window_view *v, struct cx *cx)
{
    const struct goods *g = cx->profile->goods;
    size_t count = g ? g->count : 0;
    struct window_kind *kinds = arena_new(cx->arena, (count + 1) * sizeof *kinds);
    kinds[v->kind_count++] = (struct window_kind){goods_href(cx, v->search, "", v->sort, 0),
                                                  _("All"), v->kind[0] == '\0'};
    for (size_t i = 0; i < count; i++)
        kinds[v->kind_count++] = (struct window_kind){
            goods_href(cx, v->search, g->kinds[i].code, v->sort, 0),
            LABEL(cx, g->kinds[i].label), !strcmp(v->kind, g->kinds[i].code)};
    v->kinds = kinds;
}

static enum rc fill_goods(struct window_view *v, struct cx *cx, const struct find *find)
{
    struct shown *shown;
    size_t count;
    TRY(product_find(&shown, &count, cx, find));
    struct window_goods *goods = arena_new(cx->arena, (count + 1) * sizeof *goods);
    for (size_t i = 0; i < count && i < PAGE_GOODS; i++) {
        const struct shown *s = &shown[i];
        goods[v->count++] = (struct window_goods){
            .shown = s,
            .href = arena_printf(cx->arena, "/goods/%" PRId64, s->product_id),
            .price = sale_price(cx, s->unit, s->price_minor),
            .per_kg = per_kg(cx, s->unit, s->price_minor, s->net_grams),
            .from = "",
            .sold_out = s->left == 0};
        if (s->photo_id)
            goods[i].photo = arena_printf(cx->arena, "/photo/%" PRId64 "/s", s->photo_id);
    }
    if (count > PAGE_GOODS)
        v->next_href = goods_href(cx, v->search, v->kind, v->sort, shown[PAGE_GOODS - 1].next);
    if (find->from)
        v->first_href = goods_href(cx, v->search, v->kind, v->sort, 0);
    v->goods = goods;
    return RC_OK;
}

static const char *query_text(struct cx *cx, const struct request *q, const char *name)
{
    struct str s = str_trim(request_query(q, name));
    return s.len ? arena_copy(cx->arena, s) : "";
}

static enum rc show_window(struct cx *cx, const struct request *q, struct response *a,
                           const char *title)
{
    struct window_view v = {.search = query_text(cx, q, "q"),
                            .kind = query_text(cx, q, "kind"),
                            .sort = query_text(cx, q, "sort")};
    struct find f = {.search = str_of(v.search),
                     .category = v.kind,
                     .sort = !strcmp(v.sort, "cheap")  ? 1
                             : !strcmp(v.sort, "dear") ? 2
                                                       : 0,
                     .max = PAGE_GOODS + 1};
    struct str from = request_query(q, "from");
    if (from.len && !str_to_i64(&f.from, from))
        f.from = 0;
    TRY(db_read_begin(cx));
    fill_kinds(&v, cx);
    TRY(fill_goods(&v, cx, &f));
    struct out *o = page_begin(cx, q, &(struct page){.title = title, .nav = "market"});
    window_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc home_get(struct cx *cx, const struct request *q, struct response *a)
{
    return show_window(cx, q, a, _("From the villages, fresh"));
}

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct str search = str_trim(request_query(q, "q"));
    const char *title = search.len ? arena_printf(cx->arena, _("Goods: %.*s"), STR_ARG(search))
                                   : _("All goods");
    return show_window(cx, q, a, title);
}

static enum rc shop_page_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct shop shop;
    struct window_view v = {.search = "", .kind = "", .sort = ""};
    TRY(db_read_begin(cx));
    TRY(shop_by_slug(&shop, cx, request_param(q, "slug")));
    /* Without an account one is nobody here, not the system. */
    if (!cx->actor && shop.state != SHOP_OPEN)
        return fail(cx, RC_NOTFOUND, _("There is no such shop, or it is closed."), "shop");
    struct find f = {.shop_id = shop.id, .max = PAGE_GOODS + 1};
    v.shop = &shop;
    TRY(fill_goods(&v, cx, &f));
    struct out *o = page_begin(cx, q, &(struct page){.title = shop.name, .nav = "market"});
    window_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

/* ---- one product ---- */

static void fill_choices(struct goods_view *v, struct cx *cx, const struct variant *list,
                         size_t count)
{
    struct goods_choice *choices = arena_new(cx->arena, (count + 1) * sizeof *choices);
    for (size_t i = 0; i < count; i++)
        if (!list[i].ended)
            choices[v->count++] = (struct goods_choice){
                .v = &list[i],
                .price = sale_price(cx, list[i].unit, list[i].price_minor),
                .per_kg = per_kg(cx, list[i].unit, list[i].price_minor, list[i].net_grams),
                .left = list[i].left > 0 ? sale_quantity(cx, list[i].unit, list[i].left) : "",
                .sold_out = list[i].left == 0};
    v->choices = choices;
}

/* The lot that all choices are taken from. Its helped share only where no one is told by it. */
static enum rc fill_lot(struct goods_view *v, struct cx *cx)
{
    struct lot *lot = arena_new(cx->arena, sizeof *lot);
    int64_t id = v->count ? v->choices[0].v->lot_id : 0;
    for (size_t i = 1; i < v->count; i++)
        if (v->choices[i].v->lot_id != id)
            id = 0;
    if (!id)
        return RC_OK;
    TRY(lot_get(lot, cx, v->product->county, id));
    v->lot = lot;
    if (lot->harvested_day)
        v->harvested = format_day(cx, lot->harvested_day);
    if (lot->helped_households >= LOT_SHARE_HOUSEHOLDS_MIN && lot->grams > 0)
        v->lot_share =
            arena_printf(cx->arena, "%" PRId64 " %%", lot->helped_grams * 100 / lot->grams);
    return RC_OK;
}

static enum rc fill_pictures(struct goods_view *v, struct cx *cx)
{
    struct photo *list;
    size_t count;
    TRY(photo_list(&list, &count, cx, v->product->county, v->product->id));
    struct goods_photo *p = arena_new(cx->arena, (count + 1) * sizeof *p);
    /* The one that was chosen stands first, the others by age. */
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < count; i++)
            if ((list[i].id == v->product->photo_id) == (pass == 0))
                p[v->photo_count++] = (struct goods_photo){
                    arena_printf(cx->arena, "/photo/%" PRId64 "/m", list[i].id),
                    arena_printf(cx->arena, "/photo/%" PRId64 "/l", list[i].id)};
    v->photos = p;
    return RC_OK;
}

static const char *season_text(struct cx *cx, const struct product *p)
{
    if (!p->season_from)
        return "";
    return arena_printf(cx->arena, "%02d-%02d – %02d-%02d", (int)p->season_from / 100,
                        (int)p->season_from % 100, (int)p->season_to / 100,
                        (int)p->season_to % 100);
}

static enum rc goods_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct db_rows rows;
    struct product p;
    struct shop shop;
    struct variant *variants;
    size_t count;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    enum rc rc = DB_ONE(&rows, cx, &PRODUCT_COUNTY, V_I(id));
    if (rc == RC_NOTFOUND)
        return fail(cx, RC_NOTFOUND, _("There is no such product, or it is not sold now."),
                    "product=%" PRId64, id);
    TRY(rc);
    int64_t county = row_i64(&rows, PRODUCT_COUNTY_COUNTY);
    TRY(db_done(&rows));
    bool signed_in = cx->actor != NULL;
    TRY(signed_in ? product_get(&p, cx, county, id) : product_public(&p, cx, county, id));
    TRY(shop_read(&shop, cx, county, p.shop_id));
    TRY(product_variants(&variants, &count, cx, county, id));
    struct goods_view v = {.product = &p,
                           .shop = &shop,
                           .kind = kind_label(cx, p.category),
                           .season = season_text(cx, &p),
                           .harvested = "",
                           .csrf = visitor_of(q)->csrf,
                           .off_season = !product_in_season(cx, &p)};
    fill_choices(&v, cx, variants, count);
    TRY(fill_lot(&v, cx));
    TRY(fill_pictures(&v, cx));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = p.name,
                                              .nav = "market",
                                              .back_href = "/goods",
                                              .back_label = _("All goods")});
    goods_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE,
     .handle = home_get},
    {.method = METHOD_GET,
     .path = "/goods",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE,
     .handle = list_get},
    {.method = METHOD_GET,
     .path = "/goods/{id}",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE,
     .handle = goods_get,
     .test_path = "/goods/1"},
    {.method = METHOD_GET,
     .path = "/shop/{slug}",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE,
     .handle = shop_page_get,
     .test_path = "/shop/none"},
};
const struct route_table window_routes = ROUTE_TABLE(rows);
