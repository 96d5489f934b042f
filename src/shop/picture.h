/* Hostile photos become plain ones; runs in the sandboxed child only. JPEG, PNG or WebP in; out
 * come three JPEG files, upright, without anything that the camera or anybody else added. */
#ifndef SHOP_PICTURE_H
#define SHOP_PICTURE_H

#include "base/cx.h"

/* What the child writes: the magic, then for each size width, height and length as 4 bytes,
 * lowest first, then the three files. */
#define PICTURE_MAGIC "FMPHOTO1"
enum {
    PICTURE_SIZES = 3,
    PICTURE_MAGIC_LEN = 8,
    PICTURE_HEAD = PICTURE_MAGIC_LEN + PICTURE_SIZES * 12,
    PICTURE_SIDE_MAX = 20000,
    PICTURE_PIXELS_MAX = 64 * 1000 * 1000,
    PICTURE_LARGE = 1600,
};
/* The longest side of each size, rising. Smaller pictures are not blown up. */
extern const int picture_sides[PICTURE_SIZES];

struct picture {
    int width, height;
    int turn;           /* EXIF's orientation 1 to 8: how it has to be turned */
    unsigned char *rgb; /* width * height * 3 */
};
/* RC_LIMIT: more than 64 million pixels or 20,000 on a side; asked before memory is taken. */
enum rc picture_new(struct picture *out, struct cx *cx, int64_t width, int64_t height) MUST_USE;
enum rc picture_broken(struct cx *cx, const char *detail);
/* Each reads its format into a picture at least PICTURE_LARGE long where the file is. */
enum rc picture_jpeg(struct picture *out, struct cx *cx, struct str file) MUST_USE;
enum rc picture_png(struct picture *out, struct cx *cx, struct str file) MUST_USE;
enum rc picture_webp(struct picture *out, struct cx *cx, struct str file) MUST_USE;
enum rc picture_write(struct str *out, struct cx *cx, const struct picture *p) MUST_USE;
/* EXIF's orientation in an APP1 segment; 1 when there is none. */
int picture_turn(const unsigned char *p, size_t len);
/* sandbox_fn of the kind "photo". */
enum rc picture_run(struct cx *cx, int in, int out, struct str argument) MUST_USE;

#endif
