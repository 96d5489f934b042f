/* Tests of photos on both databases: what is read, refused or made harmless, who may add and
 * see them, which one is first. */
#include "sale/sale_fixture.h"
#include "shop/photo.h"
#include "shop/picture.h"
#include "shop/shop_inner.h"

#include <jpeglib.h>
#include <png.h>
#include <sys/mman.h>
#include <webp/encode.h>

enum { WIDE = 900, HIGH = 600, HUGE_WIDE = 8200, HUGE_HIGH = 6400 };

/* ---- files ---- */

static int file_of(struct str s)
{
    int fd = memfd_create("photo", MFD_CLOEXEC);
    assert_true(fd >= 0);
    while (s.len) {
        ssize_t n = write(fd, s.p, s.len);
        assert_true(n > 0);
        s.p += n;
        s.len -= (size_t)n;
    }
    return fd;
}

/* Red above, blue below. */
static struct picture flag(struct cx *cx)
{
    struct picture p;
    check_ok(cx, picture_new(&p, cx, WIDE, HIGH));
    for (int y = 0; y < HIGH; y++)
        for (int x = 0; x < WIDE; x++) {
            unsigned char *rgb = p.rgb + (y * WIDE + x) * 3;
            rgb[0] = y < HIGH / 2 ? 250 : 5;
            rgb[1] = 5;
            rgb[2] = y < HIGH / 2 ? 5 : 250;
        }
    return p;
}

static struct str joined(struct cx *cx, struct str a, const void *b, size_t len, struct str c)
{
    char *p = arena_new(cx->arena, a.len + len + c.len + 1);
    memcpy(p, a.p, a.len);
    memcpy(p + a.len, b, len);
    memcpy(p + a.len + len, c.p, c.len);
    return (struct str){p, a.len + len + c.len};
}

static struct str jpeg_file(struct cx *cx)
{
    struct str s;
    struct picture p = flag(cx);
    check_ok(cx, picture_write(&s, cx, &p));
    return s;
}

/* A camera's EXIF with this orientation behind the first two bytes. */
static struct str turned(struct cx *cx, struct str jpeg, unsigned char turn)
{
    const unsigned char exif[] = {0xFF, 0xE1, 0, 34, 'E', 'x',  'i', 'f', 0, 0,    'M', 'M',
                                  0,    42,   0, 0,  0,   8,    0,   1,   1, 0x12, 0,   3,
                                  0,    0,    0, 1,  0,   turn, 0,   0,   0, 0,    0,   0};
    return joined(cx, (struct str){jpeg.p, 2}, exif, sizeof exif,
                  (struct str){jpeg.p + 2, jpeg.len - 2});
}

static struct str png_file(struct cx *cx)
{
    struct picture p = flag(cx);
    png_image image = {
        .version = PNG_IMAGE_VERSION, .width = WIDE, .height = HIGH, .format = PNG_FORMAT_RGB};
    png_alloc_size_t len = 0;
    assert_true(png_image_write_to_memory(&image, NULL, &len, 0, p.rgb, 0, NULL));
    char *out = arena_new(cx->arena, len);
    assert_true(png_image_write_to_memory(&image, out, &len, 0, p.rgb, 0, NULL));
    return (struct str){out, len};
}

static struct str webp_file(struct cx *cx)
{
    struct picture p = flag(cx);
    uint8_t *out = NULL;
    size_t len = WebPEncodeRGB(p.rgb, WIDE, HIGH, WIDE * 3, 80, &out);
    assert_true(len > 0);
    struct str s = {arena_copy(cx->arena, (struct str){(const char *)out, len}), len};
    WebPFree(out);
    return s;
}

/* 52 million pixels, written line by line. */
static struct str huge_file(struct cx *cx)
{
    struct jpeg_compress_struct c = {0};
    struct jpeg_error_mgr errors;
    unsigned char *made = NULL, *line = arena_new(cx->arena, (size_t)HUGE_WIDE * 3);
    unsigned long len = 0;
    memset(line, 90, (size_t)HUGE_WIDE * 3);
    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &made, &len);
    c.image_width = HUGE_WIDE;
    c.image_height = HUGE_HIGH;
    c.input_components = 3;
    c.in_color_space = JCS_RGB;
    jpeg_set_defaults(&c);
    jpeg_start_compress(&c, TRUE);
    while (c.next_scanline < c.image_height)
        jpeg_write_scanlines(&c, &line, 1);
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    struct str s = {arena_copy(cx->arena, (struct str){(const char *)made, len}), len};
    free(made);
    return s;
}

static int64_t walnuts(struct cx *cx)
{
    struct for_sale sale;
    check_ok(cx, for_sale_get(&sale, cx, f.county, variants[V_BOX]));
    return sale.product.id;
}

static enum rc add(int64_t *id, struct cx *cx, int64_t product_id, struct str file)
{
    int fd = file_of(file);
    cx->dir = f.dir;
    enum rc rc = photo_add(id, cx, f.county, product_id, fd);
    close(fd);
    return rc;
}

static enum rc refused(struct cx *cx, int64_t product_id, struct str file)
{
    int64_t id;
    enum rc rc = add(&id, cx, product_id, file);
    assert_true(rc == RC_OK || cx->err.text[0]);
    err_clear(cx);
    return rc;
}

static struct str kept(struct cx *cx, int64_t id, enum photo_size size)
{
    int fd;
    check_ok(cx, photo_open(&fd, cx, id, size, true));
    off_t len = lseek(fd, 0, SEEK_END);
    char *p = arena_new(cx->arena, (size_t)len);
    assert_int_equal(pread(fd, p, (size_t)len, 0), len);
    close(fd);
    return (struct str){p, (size_t)len};
}

static bool red_at(const struct picture *p, int x, int y)
{
    const unsigned char *rgb = p->rgb + (y * p->width + x) * 3;
    return rgb[0] > 200 && rgb[2] < 60;
}

/* ---- tests ---- */

static void formats(struct cx *cx)
{
    const struct str files[] = {jpeg_file(cx), png_file(cx), webp_file(cx)};
    int64_t id, product_id = walnuts(cx);
    for (size_t i = 0; i < 3; i++) {
        struct picture p;
        check_ok(cx, add(&id, cx, product_id, files[i]));
        check_ok(cx, picture_jpeg(&p, cx, kept(cx, id, PHOTO_LARGE)));
        assert_int_equal(p.width, WIDE); /* not blown up */
        assert_int_equal(p.height, HIGH);
        check_ok(cx, picture_jpeg(&p, cx, kept(cx, id, PHOTO_SMALL)));
        assert_int_equal(p.width, 320);
        assert_int_equal(p.height, 213);
        assert_true(red_at(&p, 100, 20));
        assert_false(red_at(&p, 100, 200));
    }
    check_ok(cx, add(&id, cx, product_id, huge_file(cx)));
    struct picture p;
    check_ok(cx, picture_jpeg(&p, cx, kept(cx, id, PHOTO_LARGE)));
    assert_int_equal(p.width, PICTURE_LARGE);
}

/* Upright whatever way the phone was held; where the red half goes, by EXIF's picture of it. */
static void upright(struct cx *cx)
{
    static const struct {
        unsigned char turn;
        int x, y; /* of the small one: red here */
    } ways[] = {{1, 10, 10}, {2, 10, 10},  {3, 10, 200}, {4, 10, 200},
                {5, 10, 10}, {6, 200, 10}, {7, 200, 10}, {8, 10, 10}};
    struct str plain = jpeg_file(cx);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct picture p;
        int64_t id, product_id = walnuts(cx);
        check_ok(cx, add(&id, cx, product_id, turned(cx, plain, ways[i].turn)));
        struct str file = kept(cx, id, PHOTO_SMALL);
        assert_true(str_find(file, STR("Exif")) == SIZE_MAX);
        check_ok(cx, picture_jpeg(&p, cx, file));
        assert_int_equal(p.width, ways[i].turn > 4 ? 213 : 320);
        assert_true(red_at(&p, ways[i].x, ways[i].y));
        assert_false(red_at(&p, p.width - 1 - ways[i].x, p.height - 1 - ways[i].y));
        check_ok(cx, photo_remove(cx, f.county, product_id, id));
    }
}

/* Two kinds of file in one, damaged, too large, no photo at all. */
static void hostile(struct cx *cx)
{
    static const char script[] = "<script>alert(1)</script>PK\3\4";
    struct str jpeg = jpeg_file(cx), png = png_file(cx), webp = webp_file(cx);
    int64_t id, product_id = walnuts(cx);
    struct str both = joined(cx, jpeg, script, sizeof script, STR(""));
    check_ok(cx, add(&id, cx, product_id, both));
    for (int size = PHOTO_SMALL; size <= PHOTO_LARGE; size++)
        assert_true(str_find(kept(cx, id, (enum photo_size)size), STR("script")) == SIZE_MAX);
    assert_int_equal(refused(cx, product_id, STR("<html><script>")), RC_INVALID);
    assert_int_equal(refused(cx, product_id, STR("GIF89a\1\0\1\0\0\0\0;")), RC_INVALID);
    assert_int_equal(refused(cx, product_id, STR("\xff\xd8\xff\xe0<script>")), RC_INVALID);
    assert_int_equal(refused(cx, product_id, STR("")), RC_INVALID);
    assert_int_equal(refused(cx, product_id, (struct str){png.p, png.len / 2}), RC_INVALID);
    assert_int_equal(refused(cx, product_id, (struct str){webp.p, webp.len / 3}), RC_INVALID);
    char *large = arena_new(cx->arena, jpeg.len);
    memcpy(large, jpeg.p, jpeg.len);
    for (size_t i = 0; i + 9 < jpeg.len; i++)
        if ((unsigned char)large[i] == 0xFF && (unsigned char)large[i + 1] == 0xC0) {
            memset(large + i + 5, 0xFE, 4); /* 65,278 on each side */
            break;
        }
    assert_int_equal(refused(cx, product_id, (struct str){large, jpeg.len}), RC_LIMIT);
}

/* Each byte changed in turn, a few hundred times: never more than a refusal. In this process,
 * so that a bad step would be seen. */
static void damaged(struct cx *cx)
{
    const struct str files[] = {turned(cx, jpeg_file(cx), 6), png_file(cx), webp_file(cx)};
    enum { STEPS = 60, HEADS = 200 };
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < HEADS + STEPS; k++) {
            struct picture p;
            struct cx own = *cx;
            own.arena = arena_open((size_t)256 << 20);
            size_t at = k < HEADS ? k : k * (files[i].len / (HEADS + STEPS));
            char *copy = arena_new(own.arena, files[i].len);
            memcpy(copy, files[i].p, files[i].len);
            copy[at] = (char)(copy[at] ^ (k % 2 ? 0xFF : 0x01));
            struct str s = {copy, files[i].len};
            enum rc rc = i == 0   ? picture_jpeg(&p, &own, s)
                         : i == 1 ? picture_png(&p, &own, s)
                                  : picture_webp(&p, &own, s);
            assert_true(rc == RC_OK || rc == RC_INVALID || rc == RC_LIMIT);
            arena_free(own.arena);
        }
}

static enum rc hide_write(struct cx *cx, void *arg)
{
    const struct product *p = arg;
    return product_show(cx, f.county, p->id, PRODUCT_HIDDEN, p->version);
}

static void rights(struct cx *cx)
{
    int64_t a, b, other, product_id = walnuts(cx);
    int fd;
    struct photo *list;
    size_t count;
    struct product p;
    struct str file = webp_file(cx);
    cx->actor = fixture_officer(cx, &f, f.village[1], "station_operator");
    assert_int_equal(refused(cx, product_id, file), RC_NOTFOUND);
    cx->actor = fixture_officer(cx, &f, f.village[0], "station_operator");
    check_ok(cx, add(&a, cx, product_id, file));
    check_ok(cx, add(&b, cx, product_id, file));
    check_ok(cx, product_get(&p, cx, f.county, product_id));
    assert_int_equal(p.photo_id, a);
    check_ok(cx, photo_first(cx, f.county, product_id, b));
    check_ok(cx, product_get(&p, cx, f.county, product_id));
    assert_int_equal(p.photo_id, b);
    for (int i = 2; i < PHOTOS_MAX; i++)
        check_ok(cx, add(&other, cx, product_id, file));
    assert_int_equal(refused(cx, product_id, file), RC_LIMIT);
    check_ok(cx, photo_remove(cx, f.county, product_id, b));
    check_ok(cx, product_get(&p, cx, f.county, product_id));
    assert_int_equal(p.photo_id, a);
    check_ok(cx, photo_list(&list, &count, cx, f.county, product_id));
    assert_int_equal(count, PHOTOS_MAX - 1);
    assert_int_equal(photo_first(cx, f.county, product_id, b), RC_NOTFOUND);
    err_clear(cx);
    cx->actor = fixture_officer(cx, &f, f.village[1], "station_operator");
    assert_int_equal(photo_remove(cx, f.county, product_id, a), RC_NOTFOUND);
    err_clear(cx);
    check_ok(cx, photo_open(&fd, cx, a, PHOTO_SMALL, true)); /* anybody sees what is shown */
    close(fd);
    cx->actor = NULL;
    check_ok(cx, product_get(&p, cx, f.county, product_id));
    check_ok(cx, db_write(cx, f.county, hide_write, &p));
    assert_int_equal(photo_open(&fd, cx, a, PHOTO_SMALL, true), RC_NOTFOUND);
    err_clear(cx);
}

#define EACH(test)                                                                             \
    static void test##_on(struct cx *cx)                                                       \
    {                                                                                          \
        sale_fixture_open(cx);                                                                 \
        test(cx);                                                                              \
        sale_fixture_close(cx);                                                                \
    }                                                                                          \
    static void test##_each(void **state)                                                      \
    {                                                                                          \
        (void)state;                                                                           \
        db_fixture_each(test##_on);                                                            \
    }
EACH(formats)
EACH(upright)
EACH(hostile)
EACH(rights)

/* No database. */
static void damaged_each(void **state)
{
    struct cx cx;
    (void)state;
    cx_init(&cx, arena_open((size_t)64 << 20));
    damaged(&cx);
    arena_free(cx.arena);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_each), cmocka_unit_test(upright_each),
        cmocka_unit_test(hostile_each), cmocka_unit_test(damaged_each),
        cmocka_unit_test(rights_each),
    };
    sandbox_child_main(argc, argv, &photo_sandbox_kind, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
