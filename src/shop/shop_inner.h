/* What the files of the room shop share; no other room includes this. */
#ifndef SHOP_SHOP_INNER_H
#define SHOP_SHOP_INNER_H

#include "db/db.h"
#include "shop/shop.h"

/* A text of 1 (0 when optional) to `max` characters, trimmed, valid UTF-8 without control
 * characters but line ends. RC_INVALID names it by `label`. */
enum rc shop_text(const char **out, struct cx *cx, const char *text, size_t max, bool optional,
                  const char *label) MUST_USE;
/* The words of a product are those of its name, category and shop. In a write closure. */
enum rc product_words_put(struct cx *cx, int64_t county, int64_t id) MUST_USE;
enum rc product_read(struct product *out, struct cx *cx, int64_t county, int64_t id) MUST_USE;
enum rc shop_read(struct shop *out, struct cx *cx, int64_t county, int64_t id) MUST_USE;
enum rc shop_stale(struct cx *cx, int64_t id);

#endif
