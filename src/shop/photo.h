/* Photos of products: what is uploaded goes through a sandboxed child (shop/picture.h); kept
 * and shown are only the three JPEG files that came out. Table `photo`. */
#ifndef SHOP_PHOTO_H
#define SHOP_PHOTO_H

#include "sandbox/sandbox.h"
#include "shop/shop.h"

enum { PHOTOS_MAX = 8, PHOTO_BYTES_MAX = 24 << 20 };
enum photo_size { PHOTO_SMALL, PHOTO_MIDDLE, PHOTO_LARGE }; /* 320, 800, 1600 pixels at most */

struct photo {
    int64_t id;
    int width, height; /* of the large one */
};
/* Reads the photo in fd and adds it to the product: for those who may change its shop.
 * RC_INVALID with a sentence: no photo, damaged; RC_LIMIT: too large, or the product has
 * PHOTOS_MAX. Needs cx->dir. Not inside a write closure. */
enum rc photo_add(int64_t *id, struct cx *cx, int64_t county, int64_t product_id,
                  int fd) MUST_USE;
/* Makes it the first one, or takes it away (its documents stay in the store). RC_NOTFOUND when
 * it is not this product's. */
enum rc photo_first(struct cx *cx, int64_t county, int64_t product_id, int64_t id) MUST_USE;
enum rc photo_remove(struct cx *cx, int64_t county, int64_t product_id, int64_t id) MUST_USE;
/* By age. Asks nobody: the caller has the product. */
enum rc photo_list(struct photo **out, size_t *count, struct cx *cx, int64_t county,
                   int64_t product_id) MUST_USE;
/* The JPEG file, for those who may see the product; `anybody`: only when everybody may. The
 * caller closes *fd. */
enum rc photo_open(int *fd, struct cx *cx, int64_t id, enum photo_size size,
                   bool anybody) MUST_USE;

extern const struct sandbox_kind photo_sandbox_kind;

#endif
