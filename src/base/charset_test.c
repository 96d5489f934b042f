/* Tests of base/charset: other encodings, cut pieces, and the guess. */
#include "base/utf8.h"

#include "base/check.h"

static void test_known(void **state)
{
    (void)state;
    /* Bytes as iconv gives them for “王小明，𠀀1”, in each encoding. */
    static const struct {
        enum charset from;
        struct str bytes;
    } cases[] = {
        {CHARSET_GB18030, STR("\xcd\xf5\xd0\xa1\xc3\xf7\xa3\xac\x95\x32\x82\x36\x31")},
        {CHARSET_UTF16LE, STR("\x8b\x73\x0f\x5c\x0e\x66\x0c\xff\x40\xd8\x00\xdc\x31\x00")},
        {CHARSET_UTF16BE, STR("\x73\x8b\x5c\x0f\x66\x0e\xff\x0c\xd8\x40\xdc\x00\x00\x31")},
        {CHARSET_UTF8, STR("王小明，𠀀1")},
    };
    struct cx cx;
    struct str out;
    check_open(&cx);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_ok(&cx, utf8_from(&out, &cx, cases[i].bytes, cases[i].from));
        check_str_z(out, "王小明，𠀀1");
        check_ok(&cx, utf8_from(&out, &cx, STR(""), cases[i].from));
        check_str_z(out, "");
    }
    check_ok(&cx, utf8_from(&out, &cx, STR("plain ASCII"), CHARSET_GB18030));
    check_str_z(out, "plain ASCII");
    check_close(&cx);
}

static void test_bad(void **state)
{
    (void)state;
    /* Damage is refused with its offset, and the output is untouched. */
    static const struct {
        enum charset from;
        struct str bytes;
        const char *at;
    } cases[] = {
        {CHARSET_UTF8, STR("abc\xFFz"), "offset=3"},
        {CHARSET_GB18030, STR("\xcd\xf5\xff\x31"), "offset=2"},
        {CHARSET_GB18030, STR("ab\xcd"), "offset=2"},
        {CHARSET_GB18030, STR("a\0b"), ""},
        {CHARSET_UTF16LE, STR("\x31\x00\x00\xdc"), ""},
        {CHARSET_UTF16LE, STR("\x31\x00\x40\xd8"), ""},
        {CHARSET_UTF16LE, STR("\x31\x00\x31"), ""},
        {CHARSET_UTF16BE, STR("\x00\x31\x00\x00"), ""},
    };
    struct cx cx;
    struct str out = STR("untouched");
    check_open(&cx);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum rc rc = utf8_from(&out, &cx, cases[i].bytes, cases[i].from);
        if (!strstr(cx.err.detail, cases[i].at))
            fail_msg("case %zu: %s", i, cx.err.detail);
        check_refused(&cx, rc, RC_INVALID);
        check_str_z(out, "untouched");
    }
    check_close(&cx);
}

static struct str encode(struct cx *cx, const uint32_t *points, size_t count, enum charset to)
{
    struct buf b;
    buf_init(&b, cx->arena, 100000);
    for (size_t i = 0; i < count; i++) {
        uint32_t c = points[i];
        if (to == CHARSET_UTF8) {
            utf8_put(&b, c);
            continue;
        }
        if (to == CHARSET_GB18030) {
            /* Beyond the BMP GB18030 is a formula: 90308130 + (c - 0x10000), mixed radix. */
            uint32_t n = c < 0x80 ? c : c - 0x10000;
            if (c >= 0x80) {
                buf_char(&b, (char)(0x90 + n / 12600));
                buf_char(&b, (char)(0x30 + n / 1260 % 10));
                buf_char(&b, (char)(0x81 + n / 10 % 126));
            }
            buf_char(&b, (char)(c < 0x80 ? n : 0x30 + n % 10));
            continue;
        }
        uint32_t units[2] = {c, 0}, used = c > 0xFFFF ? 2 : 1;
        if (used == 2) {
            units[0] = 0xD7C0 + (c >> 10);
            units[1] = 0xDC00 + (c & 0x3FF);
        }
        for (uint32_t k = 0; k < used; k++) {
            bool little = to == CHARSET_UTF16LE;
            buf_char(&b, (char)(little ? units[k] & 0xFF : units[k] >> 8));
            buf_char(&b, (char)(little ? units[k] >> 8 : units[k] & 0xFF));
        }
    }
    return buf_view(&b);
}

static void test_pieces(void **state)
{
    (void)state;
    /* A text converted in pieces cut anywhere (the cut-off rest carried over) is the text
     * converted at once, and that is the code points it was made of; also over the converter's
     * own buffer of 1,024 units. */
    struct cx cx;
    static uint32_t points[3000];
    check_open(&cx);
    for_each_seed (seed, 120) {
        uint64_t r = seed;
        enum charset from = (enum charset)(seed % 4);
        size_t count = seed % 10 == 0 ? 3000 : (size_t)check_int(&r, 0, 60);
        for (size_t i = 0; i < count; i++)
            points[i] = (uint32_t)(check_random(&r) % 2 ? check_int(&r, 1, 0x7F)
                                                        : check_int(&r, 0x10000, 0x10FFFF));
        struct str bytes = encode(&cx, points, count, from), piece_out;
        struct buf all;
        buf_init(&all, cx.arena, 100000);
        for (size_t at = 0; at < bytes.len;) {
            size_t len = (size_t)check_int(&r, 1, 700);
            len = len > bytes.len - at ? bytes.len - at : len;
            size_t whole = utf8_whole((struct str){bytes.p + at, len}, from);
            assert_true(whole <= len && len - whole <= 3);
            if (whole == 0) {
                assert_true(len < 4);
                whole = utf8_whole((struct str){bytes.p + at, 4}, from);
            }
            check_ok(&cx, utf8_from(&piece_out, &cx, (struct str){bytes.p + at, whole}, from));
            buf_str(&all, piece_out);
            at += whole;
        }
        check_str(buf_view(&all), encode(&cx, points, count, CHARSET_UTF8));
        arena_reset(cx.arena);
    }
    check_close(&cx);
}

static void test_guess(void **state)
{
    (void)state;
    /* Marks first, then validity; samples cut inside a character and with NULs count as well.
     */
    static const struct {
        struct str sample;
        enum charset want;
        size_t bom;
    } cases[] = {
        {STR("\xEF\xBB\xBFname"), CHARSET_UTF8, 3},
        {STR("\xFF\xFE\x31\x00"), CHARSET_UTF16LE, 2},
        {STR("\xFE\xFF\x00\x31"), CHARSET_UTF16BE, 2},
        {STR("\x84\x31\x95\x33\xcd\xf5"), CHARSET_GB18030, 4},
        {STR("plain"), CHARSET_UTF8, 0},
        {STR(""), CHARSET_UTF8, 0},
        {STR("王小明"), CHARSET_UTF8, 0},
        {STR("王小\xE6\x98"), CHARSET_UTF8, 0},
        {STR("王\0小"), CHARSET_UTF8, 0},
        {STR("\xcd\xf5\xd0\xa1\xc3\xf7"), CHARSET_GB18030, 0},
        {STR("\xcd\xf5\xd0\xa1\xc3"), CHARSET_GB18030, 0},
        {STR("\xcd\xf5,\xff\xff"), CHARSET_UTF8, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t bom = 99;
        if (charset_guess(&bom, cases[i].sample) != cases[i].want || bom != cases[i].bom)
            fail_msg("case %zu, bom %zu", i, bom);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_guess),
    };
    return cmocka_run_group_tests_name("base/charset", tests, NULL, NULL);
}
