/* The shop window: newest, by price, by words. See shop.h. */
#include "shop/shop_inner.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "db/search_words.h"
#include "shop/shop.sql.h"
#include "work/place.h"

#include <string.h>

enum { FIND_MAX = 100, SKIP_MAX = 10000, WORDS_MAX = 16 * 1024 };

enum rc product_words_put(struct cx *cx, int64_t county, int64_t id)
{
    struct product p;
    struct shop shop;
    struct buf b;
    TRY(product_read(&p, cx, county, id));
    TRY(shop_read(&shop, cx, county, p.shop_id));
    buf_init(&b, cx->arena, WORDS_MAX);
    buf_str(&b, utf8_search_words(cx, str_of(p.name), true));
    buf_char(&b, ' ');
    buf_str(&b, utf8_search_words(cx, str_of(shop.name), true));
    buf_char(&b, ' ');
    buf_str(&b, utf8_search_words(cx, str_of(shop.area_name), true));
    TRY(DB_RUN(cx, &PRODUCT_WORDS_DROP, V_I(county), V_I(id)));
    return DB_RUN(cx, &PRODUCT_WORDS_ADD, V_I(county), V_I(id), V_S(buf_view(&b)));
}

static enum rc read_shown(struct shown *list, size_t *count, struct db_rows *rows,
                          const struct find *f)
{
    size_t n = 0;
    while (n < f->max && db_next(rows)) {
        struct str area = row_copy(rows, PRODUCT_WINDOW_AREA_NAME);
        list[n] = (struct shown){.county = row_i64(rows, PRODUCT_WINDOW_COUNTY),
                                 .product_id = row_i64(rows, PRODUCT_WINDOW_ID),
                                 .shop_id = row_i64(rows, PRODUCT_WINDOW_SHOP_ID),
                                 .photo_id = row_i64(rows, PRODUCT_WINDOW_PHOTO_ID),
                                 .price_minor = row_i64(rows, PRODUCT_WINDOW_LOW_MINOR),
                                 .name = row_copy(rows, PRODUCT_WINDOW_NAME).p,
                                 .shop_name = row_copy(rows, PRODUCT_WINDOW_SHOP_NAME).p,
                                 .shop_slug = row_copy(rows, PRODUCT_WINDOW_SLUG).p,
                                 .area_name = area.p ? area.p : "",
                                 .category = row_copy(rows, PRODUCT_WINDOW_CATEGORY).p,
                                 .next = f->from + (int64_t)n + 1};
        n++;
    }
    *count = n;
    return db_done(rows);
}

/* The cheapest variant says the unit; what is left is of all of them. */
static enum rc fill_variant(struct shown *s, struct cx *cx)
{
    struct variant *v;
    size_t count;
    TRY(product_variants(&v, &count, cx, s->county, s->product_id));
    for (size_t i = 0; i < count; i++) {
        if (v[i].ended)
            continue;
        if (v[i].price_minor == s->price_minor && !s->unit) {
            s->unit = v[i].unit;
            s->net_grams = v[i].net_grams;
        }
        if (v[i].left && s->left >= 0)
            s->left = v[i].left < 0 ? -1 : s->left + v[i].left;
    }
    s->unit = s->unit ? s->unit : STOCK_PIECES;
    return RC_OK;
}

enum rc product_find(struct shown **out, size_t *count, struct cx *cx, const struct find *given)
{
    struct find f = *given;
    struct db_rows rows;
    f.max = f.max < FIND_MAX ? f.max : FIND_MAX;
    f.from = f.from > 0 && f.from < SKIP_MAX ? f.from : 0;
    struct shown *list = arena_new(cx->arena, (f.max + 1) * sizeof *list);
    const char *path = arena_copy(cx->arena, f.area_path), *category = f.category;
    struct str query = words_query(cx, f.search);
    const char *end = path[0] ? place_path_end(cx, path) : "";
    category = category ? category : "";
    if (query.len)
        TRY(DB_SELECT(&rows, cx, &PRODUCT_SEARCHED, V_S(query), V_T(category), V_I(f.shop_id),
                      V_T(path), V_T(end), V_I(f.sort), V_I(f.from), V_I(f.max)));
    else
        TRY(DB_SELECT(&rows, cx, &PRODUCT_WINDOW, V_T(category), V_I(f.shop_id), V_T(path),
                      V_T(end), V_I(f.sort), V_I(f.from), V_I(f.max)));
    TRY(read_shown(list, count, &rows, &f));
    for (size_t i = 0; i < *count; i++)
        TRY(fill_variant(&list[i], cx));
    *out = list;
    return RC_OK;
}
