/* Shops: see shop.h. */
#include "shop/shop_inner.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/text.h"
#include "base/utf8.h"
#include "shop/shop.sql.h"

#include <string.h>

enum { NAME_CHARS = 60, ABOUT_CHARS = 2000, SLUG_MAX = 40, TRIES = 20 };

enum rc shop_text(const char **out, struct cx *cx, const char *text, size_t max, bool optional,
                  const char *label)
{
    struct str s = str_trim(str_of(text ? text : ""));
    if (utf8_bad_at(s) != s.len)
        return fail_f(cx, RC_INVALID, _("%s: these characters cannot be read."), label);
    s = utf8_normal(cx, s, false);
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.p[i] < 0x20 && s.p[i] != '\n' && s.p[i] != '\r')
            return fail_f(cx, RC_INVALID, _("%s: these characters cannot be read."), label);
    if ((!s.len && !optional) || utf8_length(s) > max)
        return fail_f(cx, RC_INVALID,
                      optional ? _("%s: at most %zu characters.")
                               : _("%s: 1 to %zu characters."),
                      label, max);
    *out = arena_copy(cx->arena, s);
    return RC_OK;
}

enum rc shop_stale(struct cx *cx, int64_t id)
{
    return fail(cx, RC_CONFLICT,
                _("Somebody changed this since you opened it. Reload the page and try again."),
                "version of %" PRId64, id);
}

static struct shop read_row(const struct db_rows *r)
{
    struct str path = row_copy(r, SHOP_ONE_PATH), area = row_copy(r, SHOP_ONE_AREA_NAME);
    return (struct shop){.county = row_i64(r, SHOP_ONE_COUNTY),
                         .id = row_i64(r, SHOP_ONE_ID),
                         .seller_id = row_i64(r, SHOP_ONE_SELLER_ID),
                         .area_id = row_i64(r, SHOP_ONE_AREA_ID),
                         .area_path = path.p ? path.p : "?",
                         .area_name = area.p ? area.p : "",
                         .kind = (enum seller_kind)row_i64(r, SHOP_ONE_KIND),
                         .slug = row_copy(r, SHOP_ONE_SLUG).p,
                         .name = row_copy(r, SHOP_ONE_NAME).p,
                         .about = row_copy(r, SHOP_ONE_ABOUT).p,
                         .state = (enum shop_state)row_i64(r, SHOP_ONE_STATE),
                         .version = (int32_t)row_i64(r, SHOP_ONE_VERSION),
                         .created_at = row_i64(r, SHOP_ONE_CREATED_AT)};
}

static enum rc no_shop(struct cx *cx)
{
    return fail(cx, RC_NOTFOUND, _("There is no such shop, or it is closed."), "shop");
}

enum rc shop_read(struct shop *out, struct cx *cx, int64_t county, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &SHOP_ONE, V_I(county), V_I(id));
    if (rc == RC_NOTFOUND)
        return no_shop(cx);
    TRY(rc);
    *out = read_row(&rows);
    return db_done(&rows);
}

enum rc shop_require(struct cx *cx, const struct shop *s)
{
    struct seller seller;
    enum rc rc = seller_get(&seller, cx, s->county, s->seller_id);
    if (rc != RC_NOTFOUND)
        return rc;
    err_clear(cx);
    return no_shop(cx);
}

static enum rc seen(struct cx *cx, const struct shop *s)
{
    return s->state == SHOP_OPEN ? RC_OK : shop_require(cx, s);
}

enum rc shop_get(struct shop *out, struct cx *cx, int64_t county, int64_t id)
{
    TRY(shop_read(out, cx, county, id));
    return seen(cx, out);
}

enum rc shop_by_slug(struct shop *out, struct cx *cx, struct str slug)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &SHOP_OF_SLUG, V_S(slug));
    if (rc == RC_NOTFOUND)
        return no_shop(cx);
    TRY(rc);
    *out = read_row(&rows);
    TRY(db_done(&rows));
    return seen(cx, out);
}

enum rc shop_area_moved(struct cx *cx, int64_t county, int64_t from_area, int64_t to_area)
{
    TRY(DB_RUN(cx, &SELLER_AREA_MERGED, V_I(county), V_I(from_area), V_I(to_area)));
    return DB_RUN(cx, &SHOP_AREA_MERGED, V_I(county), V_I(from_area), V_I(to_area));
}

/* ---- adding and changing ---- */

static bool slug_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* "ba-mang-he-tao" of 坝芒核桃. */
static const char *slug_of(struct cx *cx, const char *wanted)
{
    struct str from = utf8_pinyin(cx, str_of(wanted));
    char out[SLUG_MAX + 1];
    size_t n = 0;
    for (size_t i = 0; i < from.len && n < SLUG_MAX; i++) {
        char c = from.p[i];
        c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        if (slug_char(c))
            out[n++] = c;
        else if (n && out[n - 1] != '-')
            out[n++] = '-';
    }
    while (n && out[n - 1] == '-')
        n--;
    return n ? arena_copy(cx->arena, (struct str){out, n}) : "shop";
}

static enum rc free_slug(const char **slug, struct cx *cx, const char *wanted)
{
    const char *base = slug_of(cx, wanted);
    *slug = base;
    for (int i = 0; i < TRIES; i++) {
        struct db_rows rows;
        uint32_t random;
        TRY(DB_ONE(&rows, cx, &SHOP_SLUG_TAKEN, V_T(*slug)));
        int64_t taken = row_i64(&rows, 0);
        TRY(db_done(&rows));
        if (!taken)
            return RC_OK;
        crypto_random(&random, sizeof random);
        *slug = arena_printf(cx->arena, "%s-%" PRIu32, base, random % 10000);
    }
    return fail(cx, RC_CONFLICT, _("This address is taken. Choose another one."), "slug");
}

static enum rc shop_texts(struct shop *out, struct cx *cx, const struct shop *s)
{
    *out = *s;
    TRY(shop_text(&out->name, cx, s->name, NAME_CHARS, false, _("Name of the shop")));
    TRY(shop_text(&out->about, cx, s->about, ABOUT_CHARS, true, _("About the shop")));
    if (s->state < SHOP_OPEN || s->state > SHOP_CLOSED)
        return fail(cx, RC_INVALID, _("Choose whether the shop is open."), "shop state");
    return RC_OK;
}

enum rc shop_add(int64_t *id, struct cx *cx, const struct shop *s)
{
    struct shop clean;
    struct seller seller;
    const char *slug;
    TRY(shop_texts(&clean, cx, s));
    TRY(seller_get(&seller, cx, s->county, s->seller_id));
    if (!seller.consent_day || seller.state != SELLER_ACTIVE)
        return fail(cx, RC_INVALID, _("This seller does not sell (any more)."), "seller state");
    if (seller.shop_id)
        return fail(cx, RC_CONFLICT, _("This seller has a shop already."), "shop exists");
    TRY(free_slug(&slug, cx, s->slug && s->slug[0] ? s->slug : clean.name));
    TRY(db_ids(id, cx, 1));
    TRY(DB_RUN(cx, &SHOP_INSERT, V_I(s->county), V_I(*id), V_I(seller.id), V_I(seller.area_id),
               V_T(slug), V_T(clean.name), V_T(clean.about), V_I(s->state), V_I(cx->now_at)));
    TRY(DB_RUN(cx, &SELLER_SHOP_PUT, V_I(s->county), V_I(seller.id), V_I(*id)));
    return seller_act_add(cx, s->county, seller.id, "shop.add", "", *id);
}

enum rc shop_set(struct cx *cx, const struct shop *s)
{
    struct shop now, clean;
    int64_t changed;
    TRY(shop_read(&now, cx, s->county, s->id));
    TRY(shop_require(cx, &now));
    TRY(shop_texts(&clean, cx, s));
    TRY(DB_RUN_COUNT(&changed, cx, &SHOP_CHANGE, V_I(s->county), V_I(s->id), V_I(s->version),
                     V_T(clean.name), V_T(clean.about), V_I(s->state)));
    if (!changed)
        return shop_stale(cx, s->id);
    return seller_act_add(cx, s->county, now.seller_id, "shop.set", "", s->id);
}
