/* One photo in the child: recognised, read, turned upright, made smaller, written. */
#include "shop/picture.h"

#include "base/file.h"
#include "base/text.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 64 << 20, RGB = 3, TURNS = 8 };
const int picture_sides[PICTURE_SIZES] = {320, 800, PICTURE_LARGE};

enum rc picture_broken(struct cx *cx, const char *detail)
{
    return fail(cx, RC_INVALID,
                _("This photo is damaged. Open it on your phone and save it once more, or take "
                  "another."),
                "photo: %s", detail);
}

enum rc picture_new(struct picture *out, struct cx *cx, int64_t width, int64_t height)
{
    if (width < 1 || height < 1)
        return picture_broken(cx, "size");
    if (width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX ||
        width * height > PICTURE_PIXELS_MAX)
        return fail(cx, RC_LIMIT,
                    _("This photo is too large: at most 64 million pixels. Send it smaller."),
                    "pixels=%" PRId64 "x%" PRId64, width, height);
    *out = (struct picture){.width = (int)width, .height = (int)height, .turn = 1};
    out->rgb = arena_try(cx->arena, (size_t)(width * height) * RGB);
    return out->rgb ? RC_OK
                    : fail(cx, RC_LIMIT, _("This photo is too large. Send it smaller."),
                           "photo memory");
}

/* ---- making smaller ---- */

/* The mean of the source's pixels under one of the result. */
static void mean_pixel(unsigned char *to, const struct picture *from, const int64_t x[2],
                       const int64_t y[2])
{
    int64_t sum[RGB] = {0}, n = (x[1] - x[0]) * (y[1] - y[0]);
    for (int64_t row = y[0]; row < y[1]; row++) {
        const unsigned char *p = from->rgb + (row * from->width + x[0]) * RGB;
        for (int64_t col = x[0]; col < x[1]; col++)
            for (int c = 0; c < RGB; c++)
                sum[c] += *p++;
    }
    for (int c = 0; c < RGB; c++)
        to[c] = (unsigned char)((sum[c] + n / 2) / n);
}

static enum rc smaller(struct picture *out, struct cx *cx, const struct picture *from, int side)
{
    int longest = from->width > from->height ? from->width : from->height;
    if (longest <= side) {
        *out = *from;
        return RC_OK;
    }
    int64_t w = ((int64_t)from->width * side + longest / 2) / longest;
    int64_t h = ((int64_t)from->height * side + longest / 2) / longest;
    w = w < 1 ? 1 : w;
    h = h < 1 ? 1 : h;
    TRY(picture_new(out, cx, w, h));
    out->turn = from->turn;
    for (int64_t y = 0; y < h; y++)
        for (int64_t x = 0; x < w; x++) {
            const int64_t xs[2] = {x * from->width / w, (x + 1) * from->width / w};
            const int64_t ys[2] = {y * from->height / h, (y + 1) * from->height / h};
            mean_pixel(out->rgb + (y * w + x) * RGB, from, xs, ys);
        }
    return RC_OK;
}

/* ---- upright ---- */

/* Where a pixel of the upright picture comes from. Source: EXIF 2.32, tag 274; rows are
 * {columns and rows changed places, from the right, from below}. */
static const struct {
    bool swap, right, below;
} turns[TURNS + 1] = {
    [1] = {false, false, false}, [2] = {false, true, false}, [3] = {false, true, true},
    [4] = {false, false, true},  [5] = {true, false, false}, [6] = {true, false, true},
    [7] = {true, true, true},    [8] = {true, true, false},
};

static enum rc upright(struct picture *out, struct cx *cx, const struct picture *from)
{
    int turn = from->turn >= 1 && from->turn <= TURNS ? from->turn : 1;
    if (turn == 1) {
        *out = *from;
        return RC_OK;
    }
    bool swap = turns[turn].swap;
    TRY(picture_new(out, cx, swap ? from->height : from->width,
                    swap ? from->width : from->height));
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++) {
            int sx = swap ? y : x, sy = swap ? x : y;
            sx = turns[turn].right ? from->width - 1 - sx : sx;
            sy = turns[turn].below ? from->height - 1 - sy : sy;
            memcpy(out->rgb + ((size_t)y * (size_t)out->width + (size_t)x) * RGB,
                   from->rgb + ((size_t)sy * (size_t)from->width + (size_t)sx) * RGB, RGB);
        }
    return RC_OK;
}

/* ---- EXIF ---- */

static unsigned number(const unsigned char *p, size_t bytes, bool low_first)
{
    unsigned n = 0;
    for (size_t i = 0; i < bytes; i++)
        n = n << 8 | p[low_first ? bytes - 1 - i : i];
    return n;
}

int picture_turn(const unsigned char *p, size_t len)
{
    enum { EXIF = 6, TIFF_HEAD = 8, ENTRY = 12, ORIENTATION = 0x0112 };
    if (len < EXIF + TIFF_HEAD || memcmp(p, "Exif\0", EXIF) != 0)
        return 1;
    p += EXIF;
    len -= EXIF;
    bool low = p[0] == 'I';
    size_t at = number(p + 4, 4, low);
    if (at > len || len - at < 2)
        return 1;
    size_t count = number(p + at, 2, low);
    at += 2;
    for (size_t i = 0; i < count && len - at >= ENTRY; i++, at += ENTRY) {
        unsigned turn = number(p + at + 8, 2, low);
        if (number(p + at, 2, low) == ORIENTATION)
            return turn >= 1 && turn <= TURNS ? (int)turn : 1;
    }
    return 1;
}

/* ---- all of it ---- */

static enum rc read_whole(struct str *out, struct cx *cx, int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || st.st_size < 1)
        return picture_broken(cx, "empty");
    if (st.st_size > FILE_MAX)
        return fail(cx, RC_LIMIT, _("This photo is too large. Send it smaller."), "bytes");
    char *p = arena_try(cx->arena, (size_t)st.st_size);
    if (!p)
        return fail(cx, RC_LIMIT, _("This photo is too large. Send it smaller."), "memory");
    size_t n = 0;
    while (n < (size_t)st.st_size) {
        ssize_t got = pread(fd, p + n, (size_t)st.st_size - n, (off_t)n);
        if (got <= 0)
            return picture_broken(cx, "read");
        n += (size_t)got;
    }
    *out = (struct str){p, n};
    return RC_OK;
}

static bool starts(struct str s, size_t at, const char *magic, size_t len)
{
    return s.len >= at + len && !memcmp(s.p + at, magic, len);
}

static enum rc read_picture(struct picture *out, struct cx *cx, struct str file)
{
    if (starts(file, 0, "\xff\xd8\xff", 3))
        return picture_jpeg(out, cx, file);
    if (starts(file, 0, "\x89PNG\r\n\x1a\n", 8))
        return picture_png(out, cx, file);
    if (starts(file, 0, "RIFF", 4) && starts(file, 8, "WEBP", 4))
        return picture_webp(out, cx, file);
    return fail(cx, RC_INVALID,
                _("This is not a photo that can be shown. Photos are JPEG, PNG or WebP; an "
                  "iPhone saves them so under Settings, Camera, Formats: Most Compatible."),
                "photo magic");
}

static void put_number(unsigned char *p, size_t n)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(n >> (8 * i) & 0xFF);
}

enum rc picture_run(struct cx *cx, int in, int out, struct str argument)
{
    struct str file = {NULL, 0}, parts[PICTURE_SIZES];
    struct picture read, part, now;
    unsigned char head[PICTURE_HEAD] = PICTURE_MAGIC;
    (void)argument;
    TRY(read_whole(&file, cx, in));
    TRY(read_picture(&read, cx, file));
    TRY(smaller(&part, cx, &read, PICTURE_LARGE));
    TRY(upright(&now, cx, &part));
    for (int i = PICTURE_SIZES - 1; i >= 0; i--) {
        TRY(smaller(&part, cx, &now, picture_sides[i]));
        now = part;
        TRY(picture_write(&parts[i], cx, &now));
        unsigned char *p = head + PICTURE_MAGIC_LEN + (size_t)i * 12;
        put_number(p, (size_t)now.width);
        put_number(p + 4, (size_t)now.height);
        put_number(p + 8, parts[i].len);
    }
    TRY(file_put(cx, out, head, sizeof head, "photo"));
    for (int i = 0; i < PICTURE_SIZES; i++)
        TRY(file_put(cx, out, parts[i].p, parts[i].len, "photo"));
    return RC_OK;
}
