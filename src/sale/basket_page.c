/* The basket: /basket shows it, POST /basket sets, adds or takes out (fields county, variant,
 * quantity in pieces or kilograms, add). Its token lies in a cookie. */
#include "base/format.h"
#include "sale/basket.html.h"
#include "sale/sale_view.h"

enum { COOKIE_AGE_S = BASKET_DAYS * 86400 };

static enum rc show(struct cx *cx, const struct request *q, struct response *a,
                    struct str token, const char *error)
{
    struct basket b;
    const struct actor *self = sale_public(cx);
    enum rc rc = basket_get(&b, cx, token);
    cx->actor = self;
    TRY(rc);
    struct basket_view v = {.basket = &b, .error = error, .csrf = visitor_of(q)->csrf};
    struct out *o = page_begin(
        cx, q, &(struct page){.title = _("Your basket"), .nav = "basket", .no_index = true});
    basket_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc basket_page_get(struct cx *cx, const struct request *q, struct response *a)
{
    TRY(db_read_begin(cx));
    return show(cx, q, a, request_cookie(q, basket_cookie), NULL);
}

/* The unit decides how the quantity is read; what is gone can only be taken out. */
static enum rc read_change(struct basket_change *c, struct cx *cx, const struct request *q)
{
    struct for_sale sale;
    struct str typed = str_trim(request_form(q, "quantity"));
    *c = (struct basket_change){.county = sale_form_id(q, "county"),
                                .variant_id = sale_form_id(q, "variant"),
                                .add = request_form(q, "add").len > 0};
    if (request_form(q, "remove").len || str_eq_z(typed, "0"))
        return RC_OK;
    TRY(for_sale_get(&sale, cx, c->county, c->variant_id));
    if (!sale_quantity_parse(&c->quantity, sale.variant.unit, typed))
        return fail(cx, RC_INVALID, _("Write the quantity as a number, for example 2 or 1.5."),
                    "quantity");
    return RC_OK;
}

static enum rc change(const char **token, struct cx *cx, const struct request *q)
{
    struct basket_change c;
    struct str old = request_cookie(q, basket_cookie);
    TRY(read_change(&c, cx, q));
    if (!c.quantity)
        c.add = false;
    return basket_set(token, cx, old, &c);
}

static enum rc basket_page_post(struct cx *cx, const struct request *q, struct response *a)
{
    const char *token = "", *error = NULL;
    const struct actor *self = sale_public(cx);
    enum rc rc = change(&token, cx, q);
    cx->actor = self;
    if (rc) {
        if (!sale_told(&error, cx, a, rc))
            return rc;
        TRY(db_read_begin(cx));
        return show(cx, q, a, request_cookie(q, basket_cookie), error);
    }
    response_cookie(cx, a, basket_cookie, token, COOKIE_AGE_S, q->tls);
    response_redirect(cx, a, "/basket");
    return RC_OK;
}

#define OPEN .scope = SCOPE_PUBLIC
static const struct route rows[] = {
    {OPEN, .method = METHOD_GET, .path = "/basket", .csrf = CSRF_NONE,
     .handle = basket_page_get},
    {OPEN, .method = METHOD_POST, .path = "/basket", .csrf = CSRF_TOKEN,
     .body_max = SALE_FORM_BYTES, .handle = basket_page_post},
};
const struct route_table basket_routes = ROUTE_TABLE(rows);
