/* Who sells on the market, and what: sellers, their shops, products with their variants,
 * photos. Runs in the market's process and database only (doc/architecture.md): a seller is
 * known by an alias that the office made; who is poor is not known here. Tables `seller`,
 * `seller_card`, `seller_act`, `shop`, `product`, `variant`, `photo`, `product_search`.
 * Permissions (profile roles.csv): shop.own (a seller, its own shop), shop.assist (a station:
 * for sellers of its areas who consented, each act kept with both names), shop.manage (the
 * county). */
#ifndef SHOP_SHOP_H
#define SHOP_SHOP_H

#include "base/cx.h"
#include "stock/stock.h"

/* ---- sellers ---- */
enum seller_kind {
    SELLER_HOUSEHOLD = 1,
    SELLER_COOPERATIVE = 2,
    SELLER_FIRM = 3,
    SELLER_STATION = 4
};
enum seller_state { SELLER_ACTIVE = 1, SELLER_PAUSED = 2, SELLER_ENDED = 3 };
struct seller {
    int64_t county, id; /* the id is given by the office */
    enum seller_kind kind;
    int64_t area_id;
    const char *area_path; /* filled on reading */
    const char *alias;     /* random, made by the office: all that both sides know it by */
    const char *name;      /* shown to itself, its station, its county; sealed at rest */
    const char *phone, *account; /* sealed; "" none */
    /* Signs in with card and PIN (shop/card.h; below 0), or an office's user. seller_set with 0
     * leaves what is there. */
    int64_t user_id;
    int64_t shop_id;     /* its own shop, or 0: it delivers to others' */
    int32_t consent_day; /* selling at all; 0 taken back: nothing new is sold of it */
    int32_t assist_day;  /* a station may act for it; 0 not */
    int32_t story_day;   /* its name and story may be shown; 0 not */
    enum seller_state state;
    int32_t version;
    int64_t created_at;
};
/* As the office tells it (message "seller.set"): adds or changes by id. In a write closure. */
enum rc seller_set(struct cx *cx, const struct seller *s) MUST_USE;
/* RC_NOTFOUND unless the actor is the seller itself, or holds shop.assist (and it consented) or
 * shop.manage in its area. cx->actor NULL: any. */
enum rc seller_get(struct seller *out, struct cx *cx, int64_t county, int64_t id) MUST_USE;
/* The seller of the signed-in user; RC_NOTFOUND without a text. */
enum rc seller_of_actor(struct seller *out, struct cx *cx) MUST_USE;
/* Those the actor may work for, by name; search in names. */
enum rc seller_list(struct seller **out, size_t *count, struct cx *cx, int64_t county,
                    struct str search, size_t max) MUST_USE;
/* Those the signed-in may work for in all counties of its roles, itself first. */
enum rc seller_mine(struct seller **out, size_t *count, struct cx *cx, struct str search,
                    size_t max) MUST_USE;
/* Something done for a seller, by itself or by another: kept for the seller to read. `what` is
 * a short key ("product.price"), `detail` plain words without personal data. */
enum rc seller_act_add(struct cx *cx, int64_t county, int64_t seller_id, const char *what,
                       const char *detail, int64_t thing_id) MUST_USE;

/* ---- shops ---- */
enum shop_state { SHOP_OPEN = 1, SHOP_PAUSED = 2, SHOP_CLOSED = 3 };
struct shop {
    int64_t county, id, seller_id, area_id;
    const char *area_path, *area_name;
    enum seller_kind kind;
    const char *slug; /* of its address: a-z 0-9 -, unique in the database */
    const char *name, *about;
    enum shop_state state;
    int32_t version;
    int64_t created_at;
};
enum rc shop_add(int64_t *id, struct cx *cx, const struct shop *s) MUST_USE;
enum rc shop_set(struct cx *cx, const struct shop *s) MUST_USE;
/* Anybody sees open shops. */
enum rc shop_get(struct shop *out, struct cx *cx, int64_t county, int64_t id) MUST_USE;
enum rc shop_by_slug(struct shop *out, struct cx *cx, struct str slug) MUST_USE;
/* An area was merged into another: its sellers and shops follow. In a write closure. */
enum rc shop_area_moved(struct cx *cx, int64_t county, int64_t from_area,
                        int64_t to_area) MUST_USE;
/* May the actor change this shop? RC_NOTFOUND when not. */
enum rc shop_require(struct cx *cx, const struct shop *s) MUST_USE;

/* ---- products ---- */
enum product_state {
    PRODUCT_DRAFT = 1,
    PRODUCT_SHOWN = 2,
    PRODUCT_HIDDEN = 3,
    PRODUCT_ENDED = 4
};
struct product {
    int64_t county, id, shop_id;
    const char *category;     /* code of the profile's goods.csv */
    const char *name, *story; /* plain text */
    enum product_state state;
    int32_t season_from, season_to; /* month-day 101 to 1231; 0 the whole year */
    int32_t claim_hours;            /* after delivery, for a claim with a photo */
    int64_t cost_minor; /* own cost of growing and packing per kg or piece: makes income net */
    int64_t photo_id;   /* the first photo, or 0 */
    int32_t version;
    int64_t created_at, shown_at;
};
/* What a buyer chooses. Sold by piece ("5 kg box") or by weight (asked in grams, weighed at
 * packing, the price follows). */
struct variant {
    int64_t county, id, product_id;
    const char *name, *grade;
    enum stock_unit unit; /* STOCK_PIECES: price is per piece; STOCK_GRAMS: per 1,000 g */
    int64_t price_minor;  /* 1 to 100,000,000 */
    int64_t net_grams; /* PIECES: what is in one (0 unknown): price per kg is shown from it */
    int64_t step;      /* GRAMS: multiples that can be asked for (500); PIECES: 1 */
    int64_t weight_grams; /* with packing, of one piece or per 1,000 g: for shipping */
    int64_t item_id;      /* stock it is taken from; several variants may share one */
    int64_t take;         /* units of stock for one piece (GRAMS: 1 per gram): a 5 kg box of a
                             lot takes 5,000 */
    int64_t lot_id;       /* the lot it is sold from, or 0 */
    bool ended;
    int64_t left; /* filled on reading: pieces or grams that can be bought now; -1: on demand */
};
enum rc product_add(int64_t *id, struct cx *cx, const struct product *p) MUST_USE;
enum rc product_set(struct cx *cx, const struct product *p) MUST_USE;
/* id 0 adds; else changes (price changes never touch orders). */
enum rc variant_set(int64_t *id, struct cx *cx, const struct variant *v) MUST_USE;
bool product_in_season(const struct cx *cx, const struct product *p);
/* As anybody sees it: RC_NOTFOUND unless it is shown in an open shop, whoever asks. */
enum rc product_public(struct product *out, struct cx *cx, int64_t county, int64_t id) MUST_USE;
/* Shown to anybody when PRODUCT_SHOWN in an open shop; else as shop_require. */
enum rc product_get(struct product *out, struct cx *cx, int64_t county, int64_t id) MUST_USE;
/* Of a shop, newest first, but the ended ones. Asks nobody: the caller has the shop. */
enum rc product_list(struct product **out, size_t *count, struct cx *cx, int64_t county,
                     int64_t shop_id, size_t max) MUST_USE;
enum rc product_variants(struct variant **out, size_t *count, struct cx *cx, int64_t county,
                         int64_t product_id) MUST_USE;
/* For a basket: variant, product and shop at once. RC_NOTFOUND with a text when it cannot be
 * bought (hidden, ended, paused, out of season). */
struct for_sale {
    struct variant variant;
    struct product product;
    struct shop shop;
};
enum rc for_sale_get(struct for_sale *out, struct cx *cx, int64_t county,
                     int64_t variant_id) MUST_USE;
/* What is missing before it can be shown, as sentences; count 0: nothing. */
enum rc product_missing(const char ***out, size_t *count, struct cx *cx,
                        const struct product *p) MUST_USE;
/* DRAFT/HIDDEN -> SHOWN (RC_INVALID with the first missing thing), SHOWN -> HIDDEN, -> ENDED.
 */
enum rc product_show(struct cx *cx, int64_t county, int64_t id, enum product_state to,
                     int32_t version) MUST_USE;

/* ---- the shop window ---- */
struct find {
    struct str search;    /* Chinese of two characters and more, Latin words, pinyin; "" all */
    const char *category; /* NULL: all */
    int64_t shop_id;      /* 0: all */
    struct str area_path; /* origin; "" all */
    int sort;             /* 0 newest, 1 price rising, 2 price falling */
    int64_t from;         /* token of the page before: 0 first */
    size_t max;
};
struct shown {
    int64_t county, product_id, shop_id, photo_id, price_minor; /* the lowest of its variants */
    enum stock_unit unit;
    int64_t net_grams, left;
    const char *name, *shop_name, *shop_slug, *area_name, *category;
    int64_t next; /* token: what follows this one */
};
enum rc product_find(struct shown **out, size_t *count, struct cx *cx,
                     const struct find *f) MUST_USE;

#endif
