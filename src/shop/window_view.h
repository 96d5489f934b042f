/* What the templates of the shop window show; filled by window_page.c. */
#ifndef SHOP_WINDOW_VIEW_H
#define SHOP_WINDOW_VIEW_H

#include "shop/shop.h"
#include "stock/lot.h"
#include "web/page.h"

struct window_kind {
    const char *href, *label;
    bool current;
};
struct window_goods {
    const struct shown *shown;
    const char *href, *price, *per_kg, *from; /* per_kg, from: "" none */
    const char *photo;                        /* NULL */
    bool sold_out;
};
struct window_view {
    const char *search, *kind, *sort; /* as asked for */
    const struct window_kind *kinds;
    size_t kind_count;
    const struct window_goods *goods;
    size_t count;
    const char *next_href, *first_href; /* NULL */
    const struct shop *shop;            /* of one shop; NULL */
};
struct goods_choice {
    const struct variant *v;
    const char *price, *per_kg, *left; /* left: "12", "1.5 kg", "" */
    bool sold_out;
};
struct goods_photo {
    const char *middle, *large;
};
struct goods_view {
    const struct product *product;
    const struct shop *shop;
    const char *kind, *season, *csrf;
    const struct goods_choice *choices;
    size_t count;
    const struct lot *lot; /* what it is sold from, when one lot; NULL */
    const struct goods_photo *photos;
    size_t photo_count;
    const char *lot_share; /* "62 %": shown for ten households or more; NULL */
    const char *harvested;
    bool off_season;
};

#endif
