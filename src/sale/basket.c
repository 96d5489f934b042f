/* A guest's basket, and the arithmetic of its lines. */
#include "sale/basket.h"

#include "base/format.h"
#include "base/money.h"
#include "base/text.h"
#include "db/db.h"
#include "sale/order.sql.h"
#include "sale/sale_inner.h"

#include <assert.h>
#include <string.h>

enum { GRAMS_PER_PRICE = 1000 };

/* ---- arithmetic ---- */

bool sale_amount(int64_t *minor, enum stock_unit unit, int64_t price_minor, int64_t quantity)
{
    int64_t product;
    if (!money_mul(&product, price_minor, quantity))
        return false;
    if (unit == STOCK_GRAMS)
        return money_div_half_up(minor, product, GRAMS_PER_PRICE);
    *minor = product;
    return true;
}

static enum rc check_quantity(struct cx *cx, const struct variant *v, int64_t quantity)
{
    int64_t max = v->unit == STOCK_GRAMS ? SALE_GRAMS_MAX : SALE_PIECES_MAX;
    if (quantity <= 0)
        return fail(cx, RC_INVALID, _("The quantity must be more than 0."), "quantity");
    if (quantity > max)
        return fail_f(cx, RC_LIMIT, _("At most %s of one thing in one order."),
                      v->unit == STOCK_GRAMS
                          ? arena_printf(cx->arena, "%s kg",
                                         format_int(cx, SALE_GRAMS_MAX / GRAMS_PER_PRICE))
                          : format_int(cx, max));
    if (v->step > 1 && quantity % v->step != 0)
        return fail_f(cx, RC_INVALID, _("This is sold in steps of %s g."),
                      format_int(cx, v->step));
    return RC_OK;
}

enum rc sale_line_of(struct sale_line *out, struct cx *cx, const struct variant *v,
                     int64_t quantity)
{
    struct sale_line l;
    TRY(check_quantity(cx, v, quantity));
    bool fits = sale_amount(&l.amount_minor, v->unit, v->price_minor, quantity) &&
                money_mul(&l.take, quantity, v->unit == STOCK_GRAMS ? 1 : v->take) &&
                money_mul(&l.weight_grams, quantity, v->weight_grams);
    if (fits && v->unit == STOCK_GRAMS)
        l.weight_grams = (l.weight_grams + GRAMS_PER_PRICE - 1) / GRAMS_PER_PRICE;
    if (!fits || l.amount_minor > SALE_TOTAL_MAX || l.take > STOCK_QUANTITY_MAX)
        return fail(cx, RC_LIMIT, _("This is too much for one order. Please order less."),
                    "line overflow");
    if (l.amount_minor <= 0 || l.take <= 0)
        return fail(cx, RC_INVALID, _("This is too little to be sold."), "line of nothing");
    *out = l;
    return RC_OK;
}

const char *sale_title(struct cx *cx, const struct for_sale *s)
{
    const char *name = s->product.name, *variant = s->variant.name;
    return variant && variant[0] ? arena_printf(cx->arena, "%s, %s", name, variant) : name;
}

/* ---- reading ---- */

/* A known refusal becomes the line's problem; anything else is a failure. */
static enum rc as_problem(struct basket_line *l, struct cx *cx, enum rc rc)
{
    if (rc != RC_NOTFOUND && rc != RC_INVALID && rc != RC_LIMIT)
        return rc;
    l->problem = arena_copy(
        cx->arena, str_of(cx->err.text[0] ? cx->err.text : _("This is no longer sold.")));
    err_clear(cx);
    return RC_OK;
}

static enum rc fill_line(struct basket_line *l, struct cx *cx)
{
    struct sale_line line;
    l->title = "";
    enum rc rc = for_sale_get(&l->sale, cx, l->county, l->variant_id);
    if (rc)
        return as_problem(l, cx, rc);
    l->title = sale_title(cx, &l->sale);
    rc = sale_line_of(&line, cx, &l->sale.variant, l->quantity);
    if (rc)
        return as_problem(l, cx, rc);
    l->amount_minor = line.amount_minor;
    l->weight_grams = line.weight_grams;
    int64_t left = l->sale.variant.left;
    if (left == 0)
        l->problem = _("Sold out.");
    else if (left > 0 && left < l->quantity)
        l->problem = arena_printf(cx->arena, _("Only %s left."),
                                  l->sale.variant.unit == STOCK_GRAMS
                                      ? arena_printf(cx->arena, "%s g", format_int(cx, left))
                                      : format_int(cx, left));
    else
        l->can_buy = true;
    return RC_OK;
}

static enum rc find_basket(int64_t *id, struct cx *cx, struct str token)
{
    struct db_rows rows;
    uint8_t hash[HASH_BYTES];
    *id = 0;
    if (!token.len || token.len > SALE_TOKEN_MAX)
        return RC_OK;
    sale_token_hash(hash, cx, "basket", token);
    enum rc rc = DB_ONE(&rows, cx, &BASKET_OF_TOKEN, V_B(hash, sizeof hash));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    *id = row_i64(&rows, BASKET_OF_TOKEN_ID);
    return db_done(&rows);
}

enum rc basket_get(struct basket *out, struct cx *cx, struct str token)
{
    struct db_rows rows;
    struct basket b = {.can_buy = true};
    b.lines = arena_new(cx->arena, SALE_ITEMS_MAX * sizeof *b.lines);
    TRY(find_basket(&b.id, cx, token));
    if (b.id) {
        TRY(DB_SELECT(&rows, cx, &BASKET_ITEMS, V_I(b.id)));
        while (b.count < SALE_ITEMS_MAX && db_next(&rows))
            b.lines[b.count++] =
                (struct basket_line){.county = row_i64(&rows, BASKET_ITEMS_COUNTY),
                                     .variant_id = row_i64(&rows, BASKET_ITEMS_VARIANT_ID),
                                     .quantity = row_i64(&rows, BASKET_ITEMS_QUANTITY)};
        TRY(db_done(&rows));
    }
    for (size_t i = 0; i < b.count; i++) {
        struct basket_line *l = &b.lines[i];
        TRY(fill_line(l, cx));
        b.can_buy = b.can_buy && l->can_buy;
        b.county = i == 0 || b.county == l->county ? l->county : -1;
        if (l->can_buy && !money_add(&b.items_minor, b.items_minor, l->amount_minor))
            return fail(cx, RC_LIMIT, _("This is too much for one order. Please order less."),
                        "basket overflow");
    }
    b.can_buy = b.can_buy && b.count && b.county > 0 && b.items_minor <= SALE_TOTAL_MAX;
    *out = b;
    return RC_OK;
}

/* ---- writing ---- */

struct setting {
    const struct basket_change *c;
    struct str old_token;
    const char *new_token; /* made before the closure: the same when it runs again */
    bool is_new;
};

static enum rc open_basket(int64_t *id, struct cx *cx, struct setting *s)
{
    uint8_t hash[HASH_BYTES];
    TRY(find_basket(id, cx, s->old_token));
    s->is_new = !*id;
    if (*id)
        return DB_RUN(cx, &BASKET_TOUCH, V_I(*id), V_I(cx->now_at));
    sale_token_hash(hash, cx, "basket", str_of(s->new_token));
    TRY(db_ids(id, cx, 1));
    return DB_RUN(cx, &BASKET_INSERT, V_I(*id), V_B(hash, sizeof hash), V_I(cx->now_at));
}

static enum rc present_quantity(int64_t *quantity, struct cx *cx, int64_t basket_id,
                                const struct basket_change *c)
{
    struct db_rows rows;
    *quantity = 0;
    enum rc rc =
        DB_ONE(&rows, cx, &BASKET_ITEM_ONE, V_I(basket_id), V_I(c->county), V_I(c->variant_id));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    *quantity = row_i64(&rows, BASKET_ITEM_ONE_QUANTITY);
    return db_done(&rows);
}

static enum rc check_room(struct cx *cx, int64_t basket_id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &BASKET_COUNT, V_I(basket_id)));
    int64_t lines = row_i64(&rows, BASKET_COUNT_LINES);
    TRY(db_done(&rows));
    if (lines >= SALE_ITEMS_MAX)
        return fail_f(cx, RC_LIMIT, _("A basket holds at most %d different things."),
                      SALE_ITEMS_MAX);
    return RC_OK;
}

static enum rc set_write(struct cx *cx, void *arg)
{
    struct setting *s = arg;
    const struct basket_change *c = s->c;
    struct for_sale sale;
    struct sale_line line;
    int64_t id, before, quantity = c->quantity;
    TRY(open_basket(&id, cx, s));
    TRY(present_quantity(&before, cx, id, c));
    if (quantity < 0 || (c->add && __builtin_add_overflow(before, quantity, &quantity)))
        return fail(cx, RC_INVALID, _("The quantity must be more than 0."), "quantity");
    if (!quantity)
        return DB_RUN(cx, &BASKET_ITEM_DELETE, V_I(id), V_I(c->county), V_I(c->variant_id));
    TRY(for_sale_get(&sale, cx, c->county, c->variant_id));
    TRY(sale_line_of(&line, cx, &sale.variant, quantity));
    if (!before)
        TRY(check_room(cx, id));
    return DB_RUN(cx, &BASKET_ITEM_PUT, V_I(id), V_I(c->county), V_I(c->variant_id),
                  V_I(quantity), V_I(cx->now_at));
}

enum rc basket_set(const char **token, struct cx *cx, struct str old_token,
                   const struct basket_change *c)
{
    struct setting s = {c, old_token, token_new(cx->arena), false};
    /* Baskets belong to no county. */
    TRY(db_write(cx, 0, set_write, &s));
    *token = s.is_new ? s.new_token : arena_copy(cx->arena, old_token);
    return RC_OK;
}
