/* A guest's basket: kept in the database under the hash of a random token, which only the
 * guest's cookie holds. It reserves nothing and promises no price. Belongs to nobody: no actor
 * is looked at. Forgotten after BASKET_DAYS without a touch. */
#ifndef SALE_BASKET_H
#define SALE_BASKET_H

#include "sale/sale.h"

enum { BASKET_DAYS = 30 };

struct basket_line {
    int64_t county, variant_id, quantity;
    bool can_buy;         /* false: `problem` says why; what follows may be empty */
    const char *problem;  /* NULL; else what is wrong, translated (less left, hidden, ended) */
    struct for_sale sale; /* filled unless it is gone */
    const char *title;    /* as it will be frozen */
    int64_t amount_minor; /* at today's price */
    int64_t weight_grams; /* with packing */
};
struct basket {
    int64_t id; /* 0: empty, not kept yet */
    struct basket_line *lines;
    size_t count;
    int64_t county;      /* of all lines; -1: of several counties; 0: empty */
    int64_t items_minor; /* of what can be bought */
    bool can_buy;        /* not empty, one county, every line can be bought */
};
/* The basket of a token; an unknown or empty token gives an empty basket. */
enum rc basket_get(struct basket *out, struct cx *cx, struct str token) MUST_USE;
/* Sets (add false) or adds to the quantity of a variant; 0 takes the line out. Without a basket
 * of that token one is made: *token is the token to keep in the cookie (the same or a new one).
 * RC_INVALID with a sentence: not a whole number of steps, too much, below 0; RC_NOTFOUND: not
 * for sale; RC_LIMIT: too many lines. Its own write. */
struct basket_change {
    int64_t county, variant_id, quantity;
    bool add;
};
enum rc basket_set(const char **token, struct cx *cx, struct str old_token,
                   const struct basket_change *c) MUST_USE;

/* The arithmetic of a line, checked for limits, steps and overflow; RC_INVALID or RC_LIMIT with
 * a sentence. `take` is in units of stock. */
struct sale_line {
    int64_t amount_minor, weight_grams, take;
};
enum rc sale_line_of(struct sale_line *out, struct cx *cx, const struct variant *v,
                     int64_t quantity) MUST_USE;
/* price of a quantity: per piece, or per 1,000 g rounded half up. False on overflow. */
bool sale_amount(int64_t *minor, enum stock_unit unit, int64_t price_minor, int64_t quantity);
/* "Walnuts, 5 kg box". */
const char *sale_title(struct cx *cx, const struct for_sale *s);

#endif
