/* What the pages of those who sell share. */
#include "profile/profile.h"
#include "sale/sale_view.h"
#include "shop/sell_view.h"

#include <string.h>

const char *sell_shop_href(struct cx *cx, const struct shop *s)
{
    return arena_printf(cx->arena, "/sell/shop/%" PRId64 "/%" PRId64, s->county, s->id);
}

const char *sell_product_href(struct cx *cx, int64_t county, int64_t id)
{
    return arena_printf(cx->arena, "/sell/product/%" PRId64 "/%" PRId64, county, id);
}

const char *sell_seller_href(struct cx *cx, const struct seller *s)
{
    return arena_printf(cx->arena, "/sell/seller/%" PRId64 "/%" PRId64, s->county, s->id);
}

const char *product_state_text(struct cx *cx, enum product_state s)
{
    switch (s) {
    case PRODUCT_DRAFT:
        return _("Being prepared");
    case PRODUCT_SHOWN:
        return _("Shown to buyers");
    case PRODUCT_HIDDEN:
        return _("Hidden");
    case PRODUCT_ENDED:
        return _("Ended");
    }
    return "";
}

const char *product_state_tone(enum product_state s)
{
    return s == PRODUCT_SHOWN ? "good" : s == PRODUCT_DRAFT ? "warn" : "muted";
}

const char *shop_state_text(struct cx *cx, enum shop_state s)
{
    switch (s) {
    case SHOP_OPEN:
        return _("Open");
    case SHOP_PAUSED:
        return _("Paused for a while");
    case SHOP_CLOSED:
        return _("Closed");
    }
    return "";
}

const char *sell_money_value(struct cx *cx, int64_t minor)
{
    int64_t one = 1;
    int decimals = (int)cx->profile->currency_decimals;
    for (int i = 0; i < decimals; i++)
        one *= 10;
    if (!minor)
        return "";
    if (!decimals)
        return arena_printf(cx->arena, "%" PRId64, minor);
    return arena_printf(cx->arena, "%" PRId64 ".%0*" PRId64, minor / one, decimals,
                        minor % one);
}

const char *sell_kg_value(struct cx *cx, int64_t grams)
{
    return grams ? sale_quantity_value(cx, STOCK_GRAMS, grams) : "";
}

enum rc sell_money_read(int64_t *minor, struct cx *cx, const struct request *q,
                        const char *name, const char *label)
{
    struct str s = str_trim(request_form(q, name));
    unsigned decimals = (unsigned)cx->profile->currency_decimals;
    *minor = 0;
    if (!s.len || str_to_scaled(minor, s, decimals))
        return RC_OK;
    return fail_f(
        cx, RC_INVALID,
        _("%s: write an amount such as 68.50, with at most %d digits after the point."), label,
        (int)decimals);
}

enum rc sell_kg_read(int64_t *grams, struct cx *cx, const struct request *q, const char *name,
                     const char *label)
{
    struct str s = str_trim(request_form(q, name));
    *grams = 0;
    if (!s.len || sale_quantity_parse(grams, STOCK_GRAMS, s))
        return RC_OK;
    return fail_f(cx, RC_INVALID, _("%s: write kilograms such as 2 or 1.455."), label);
}

enum rc sell_number_read(int64_t *n, struct cx *cx, const struct request *q, const char *name,
                         const char *label)
{
    struct str s = str_trim(request_form(q, name));
    *n = 0;
    if (!s.len || str_to_i64(n, s))
        return RC_OK;
    return fail_f(cx, RC_INVALID, _("%s: write a whole number."), label);
}
