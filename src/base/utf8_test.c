/* Tests of base/utf8: validity against ICU, normal forms against ICU and against the fast path.
 */
#include "base/utf8.h"

#include "base/check.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

static void test_bad_at(void **state)
{
    (void)state;
    /* The offset of the first bad byte: over-long forms, surrogates, too large, cut off, NUL.
     */
    static const struct {
        struct str s;
        size_t at;
    } cases[] = {
        {STR(""), 0},
        {STR("abcdefgh王小明abcdefghijk"), 28},
        {STR("ab\0c"), 2},
        {STR("abcdefgh\0abcdefg"), 8},
        {STR("\xC0\x80"), 0},
        {STR("a\xC1\xBF"), 1},
        {STR("\xE0\x9F\xBF"), 0},
        {STR("\xED\xA0\x80"), 0},
        {STR("\xED\x9F\xBF"), 3},
        {STR("\xF0\x8F\xBF\xBF"), 0},
        {STR("\xF4\x90\x80\x80"), 0},
        {STR("\xF4\x8F\xBF\xBF"), 4},
        {STR("\xF5\x80\x80\x80"), 0},
        {STR("王\xE7\x8E"), 3},
        {STR("abcdefg\x80"), 7},
        {STR("\xFF"), 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (utf8_bad_at(cases[i].s) != cases[i].at)
            fail_msg("case %zu: %zu", i, utf8_bad_at(cases[i].s));
}

static void test_validity_like_icu(void **state)
{
    (void)state;
    /* Random bytes near valid text: valid here exactly when ICU's strict conversion says so. */
    for_each_seed (seed, 3000) {
        uint64_t r = seed;
        struct buf b;
        buf_init(&b, NULL, 1000);
        for (int i = 0; i < 12; i++)
            utf8_put(&b, (uint32_t)check_int(&r, 1, seed % 2 ? 0x9FFF : 0x10FFFF));
        if (seed % 3)
            b.p[check_random(&r) % b.len] = (char)check_int(&r, 1, 255);
        UErrorCode status = U_ZERO_ERROR;
        int32_t wide = 0;
        u_strFromUTF8(NULL, 0, &wide, b.p, (int32_t)b.len, &status);
        bool valid = status != U_INVALID_CHAR_FOUND;
        assert_int_equal(utf8_bad_at(buf_view(&b)) == b.len, valid);
        buf_free(&b);
    }
}

static void test_code_points(void **state)
{
    (void)state;
    /* Every code point goes out and comes back; bad bytes are U+FFFD one by one. */
    for (uint32_t c = 1; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 7) {
        struct buf b;
        char z[64];
        buf_init(&b, NULL, 16);
        b.p = z;
        b.cap = sizeof z;
        utf8_put(&b, c);
        struct str s = {z, b.len};
        bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        assert_int_equal(utf8_length(s), 1);
        assert_int_equal(utf8_next(&s), surrogate ? 0xFFFD : c);
        assert_int_equal(s.len, 0);
    }
    struct str s = STR("a\xE7\x8Ex王");
    assert_int_equal(utf8_next(&s), 'a');
    assert_int_equal(utf8_next(&s), 0xFFFD);
    assert_int_equal(utf8_next(&s), 0xFFFD);
    assert_int_equal(utf8_next(&s), 'x');
    assert_int_equal(utf8_next(&s), 0x738B);
    assert_int_equal(utf8_next(&s), 0);
    assert_int_equal(utf8_length(STR("a王é")), 3);
}

static void test_plain_set(void **state)
{
    (void)state;
    /* Every character the fast path passes is, in ICU's data, a starter that NFC leaves alone.
     */
    for (UChar32 c = 1; c <= 0x10FFFF; c++) {
        if (!utf8_is_plain((uint32_t)c))
            continue;
        assert_int_equal(u_getIntPropertyValue(c, UCHAR_NFC_QUICK_CHECK), UNORM_YES);
        assert_int_equal(u_getCombiningClass(c), 0);
    }
    assert_true(utf8_is_plain(0x738B) && utf8_is_plain('a') && utf8_is_plain(0x3002));
}

static struct str icu_nfc(struct cx *cx, struct str s)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
    UChar wide[1000], normal[3000];
    int32_t len = 0, out_len = 0;
    char *out = arena_new(cx->arena, 9000);
    u_strFromUTF8(wide, 1000, &len, s.p, (int32_t)s.len, &status);
    len = unorm2_normalize(nfc, wide, len, normal, 3000, &status);
    u_strToUTF8(out, 9000, &out_len, normal, len, &status);
    assert_true(U_SUCCESS(status));
    return (struct str){out, (size_t)out_len};
}

static void test_normal_like_icu(void **state)
{
    (void)state;
    /* Random mixtures of ideographs, letters, combining marks, Hangul and wide forms: the same
     * as ICU alone; applied twice the same as once. */
    static const int64_t ranges[][2] = {{0x4E00, 0x9FFF},  {0x20, 0x7E},     {0x300, 0x330},
                                        {0xC0, 0x24F},     {0x1100, 0x11FF}, {0xAC00, 0xAD00},
                                        {0xFF01, 0xFF5E},  {0x3041, 0x309A}, {0xF900, 0xFAFF},
                                        {0x2F800, 0x2FA1D}};
    struct cx cx;
    check_open(&cx);
    for_each_seed (seed, 1500) {
        uint64_t r = seed;
        struct buf b;
        buf_init(&b, cx.arena, 1000);
        int kinds = seed % 2 ? 10 : 2;
        for (int i = 0; i < 20; i++) {
            const int64_t *range = ranges[check_random(&r) % (uint64_t)kinds];
            utf8_put(&b, (uint32_t)check_int(&r, range[0], range[1]));
        }
        struct str once = utf8_normal(&cx, buf_view(&b), false);
        check_str(once, icu_nfc(&cx, buf_view(&b)));
        check_str(utf8_normal(&cx, once, false), once);
        struct str folded = utf8_normal(&cx, buf_view(&b), true);
        check_str(utf8_normal(&cx, folded, true), folded);
        arena_reset(cx.arena);
    }
    check_close(&cx);
}

static void test_normal_examples(void **state)
{
    (void)state;
    /* Known pairs, and the width: letters and digits only, and those before combining marks. */
    struct cx cx;
    check_open(&cx);
    check_str_z(utf8_normal(&cx, STR("e\u0301"), false), "é");
    check_str_z(utf8_normal(&cx, STR("\u212B"), false), "Å");
    check_str_z(utf8_normal(&cx, STR("\uF900"), false), "豈");
    check_str_z(utf8_normal(&cx, STR("１２号楼Ａｂ（三）　：￥"), true),
                "12号楼Ab（三）　：￥");
    check_str_z(utf8_normal(&cx, STR("１２号"), false), "１２号");
    check_str_z(utf8_normal(&cx, STR("ｅ\u0301"), true), "é");
    check_str_z(utf8_normal(&cx, STR(""), true), "");
    check_close(&cx);
}

static void test_fold(void **state)
{
    (void)state;
    /* The search form: case, width, compatibility forms and blanks do not matter. */
    struct cx cx;
    check_open(&cx);
    check_str_z(utf8_fold(&cx, STR("  Wang \t XIAOMING ")), "wang xiaoming");
    check_str_z(utf8_fold(&cx, STR("ＡＢＣ　１２３")), "abc 123");
    check_str_z(utf8_fold(&cx, STR("Straße ﬁ")), "strasse fi");
    check_str_z(utf8_fold(&cx, STR("王\u200b小明")), "王小明");
    check_str_z(utf8_fold(&cx, STR("王A")), "王a");
    check_str_z(utf8_fold(&cx, STR("   ")), "");
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_at),
        cmocka_unit_test(test_validity_like_icu),
        cmocka_unit_test(test_code_points),
        cmocka_unit_test(test_plain_set),
        cmocka_unit_test(test_normal_like_icu),
        cmocka_unit_test(test_normal_examples),
        cmocka_unit_test(test_fold),
    };
    return cmocka_run_group_tests_name("base/utf8", tests, NULL, NULL);
}
