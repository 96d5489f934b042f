/* What the pages of those who sell share (sell_parts_page.c) and show. */
#ifndef SHOP_SELL_VIEW_H
#define SHOP_SELL_VIEW_H

#include "shop/card.h"
#include "shop/photo.h"
#include "stock/lot.h"
#include "web/page.h"

enum { SELL_FORM_BYTES = 64 * 1024, SELL_PRODUCTS_MAX = 500, SELL_SELLERS_MAX = 500 };

const char *sell_shop_href(struct cx *cx, const struct shop *s);
const char *sell_product_href(struct cx *cx, int64_t county, int64_t id);
const char *sell_seller_href(struct cx *cx, const struct seller *s);
const char *product_state_text(struct cx *cx, enum product_state s);
const char *product_state_tone(enum product_state s);
const char *shop_state_text(struct cx *cx, enum shop_state s);
/* "68.50", as typed into a field; "" for 0. */
const char *sell_money_value(struct cx *cx, int64_t minor);
/* "1.5" kilograms; "" for 0. */
const char *sell_kg_value(struct cx *cx, int64_t grams);
/* Empty is 0. RC_INVALID names the field: no number, or more decimals than there are. */
enum rc sell_money_read(int64_t *minor, struct cx *cx, const struct request *q,
                        const char *name, const char *label) MUST_USE;
enum rc sell_kg_read(int64_t *grams, struct cx *cx, const struct request *q, const char *name,
                     const char *label) MUST_USE;
enum rc sell_number_read(int64_t *n, struct cx *cx, const struct request *q, const char *name,
                         const char *label) MUST_USE;

/* ---- whom one sells for ---- */
struct sell_row {
    const char *href, *name, *kind, *shop;
    bool paused;
};
struct sell_home_view {
    const struct sell_row *rows;
    size_t count;
    const char *search;
};

/* ---- a seller: opening a shop, its card ---- */
struct sell_seller_view {
    const struct seller *seller;
    const struct card_state *card;
    const char *error, *csrf, *base, *shop_href; /* NULL: no shop */
    const char *made, *used;
    bool may_make, sells;
    /* Just made: shown this once. */
    const char *card_url;
    struct html qr;
};

/* ---- a shop ---- */
struct sell_product_row {
    const char *href, *name, *state, *tone, *price, *missing, *photo; /* photo NULL */
};
struct sell_shop_view {
    const struct shop *shop;
    const char *error, *csrf, *base, *orders_href, *seller_href;
    const struct field_choice *states;
    size_t state_count;
    const struct sell_product_row *rows;
    size_t count;
};

/* ---- a product ---- */
struct sell_choice {
    const struct variant *v;
    const char *price, *net, *weight, *left;
    int64_t on_hand;
    bool is_grams;                /* what lies in the store */
    const char *there, *reserved; /* "12", "1.5 kg" */
};
struct sell_photo {
    int64_t id;
    const char *src;
    bool first;
};
struct sell_product_view {
    const struct product *product;
    const struct shop *shop;
    const char *error, *csrf, *base, *state, *tone, *cost, *season_from, *season_to;
    const char *const *missing;
    size_t missing_count;
    const struct field_choice *kinds, *sources;
    size_t kind_count, source_count;
    const struct sell_choice *choices;
    size_t choice_count;
    const struct sell_photo *photos;
    size_t photo_count;
    bool may_show, may_hide, may_change;
};

/* ---- a card ---- */
struct card_view {
    const char *token, *error, *csrf;
};

#endif
