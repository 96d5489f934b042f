/* Tests of pinyin and search words: known names, the table against ICU, and threads. */
#include "base/utf8.h"

#include "base/check.h"

#include <pthread.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

static void test_names(void **state)
{
    (void)state;
    /* Names as their bearers write them (GB/T 28039-2011 spelling without tones). */
    static const struct {
        const char *name, *pinyin;
    } cases[] = {{"王小明", "wang xiao ming"},
                 {"曾国藩", "zeng guo fan"},
                 {"单雄信", "shan xiong xin"},
                 {"任正非", "ren zheng fei"},
                 {"吕布", "lu bu"},
                 {"阿依古丽·买买提", "a yi gu li mai mai ti"},
                 {"王小明 (2)", "wang xiao ming (2)"},
                 {"三社12号", "san she 12 hao"},
                 {"Nguyễn Văn Đức", "nguyen van duc"},
                 {"Ａbc", "abc"},
                 {"", ""},
                 {"·", ""}};
    struct cx cx;
    check_open(&cx);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_str_z(utf8_pinyin(&cx, str_of(cases[i].name)), cases[i].pinyin);
    check_close(&cx);
}

static void test_table_like_icu(void **state)
{
    (void)state;
    /* Each 23rd ideograph as second character: what the table says is what ICU's own chain
     * Han-Latin; Latin-ASCII says, asked anew. */
    struct cx cx;
    UErrorCode status = U_ZERO_ERROR;
    UChar id[40];
    check_open(&cx);
    u_uastrcpy(id, "Han-Latin; Latin-ASCII; Lower");
    UTransliterator *rules = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
    assert_true(U_SUCCESS(status));
    for (UChar c = 0x4E00; c < 0x9FA5; c += 23) {
        UChar text[40] = {c};
        int32_t len = 1, limit = 1;
        char want[64];
        struct buf b;
        utrans_transUChars(rules, text, &len, 40, 0, &limit, &status);
        u_strToUTF8(want, sizeof want, NULL, text, limit, &status);
        assert_true(U_SUCCESS(status));
        buf_init(&b, cx.arena, 100);
        buf_z(&b, "王");
        utf8_put(&b, c);
        struct str got = utf8_pinyin(&cx, buf_view(&b));
        assert_true(str_starts(got, STR("wang ")));
        struct str second = {got.p + 5, got.len - 5};
        /* A character ICU has no reading for stays; "m̀" and the like keep their mark in ICU's.
         */
        if (strspn(want, "abcdefghijklmnopqrstuvwxyz") == strlen(want))
            check_str_z(second, want);
        arena_reset(cx.arena);
    }
    utrans_close(rules);
    check_close(&cx);
}

static void *ask_all(void *result)
{
    struct cx cx;
    check_open(&cx);
    uint64_t sum = 0;
    for (uint32_t c = 0x3400; c < 0x9FFF; c += 11) {
        struct buf b;
        buf_init(&b, cx.arena, 100);
        utf8_put(&b, c);
        struct str p = utf8_pinyin(&cx, buf_view(&b));
        for (size_t i = 0; i < p.len; i++)
            sum = sum * 31 + (unsigned char)p.p[i];
        arena_reset(cx.arena);
    }
    *(uint64_t *)result = sum;
    check_close(&cx);
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    /* Four threads filling the table at once read the same as one alone afterwards. */
    pthread_t threads[4];
    uint64_t sums[5] = {0};
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_all, &sums[i]), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    ask_all(&sums[4]);
    for (int i = 0; i < 4; i++)
        assert_true(sums[i] == sums[4] && sums[i] != 0);
}

static bool has_word(struct str words, const char *word)
{
    while (words.p)
        if (str_eq_z(str_cut(&words, ' '), word))
            return true;
    return false;
}

static void test_words(void **state)
{
    (void)state;
    /* Without pinyin: characters, neighbours, other words. With it: all the ways to type a
     * name. */
    struct cx cx;
    check_open(&cx);
    check_str_z(utf8_search_words(&cx, STR("王小明, Tel. 138-00"), false),
                "王 小 王小 明 小明 tel 138 00");
    check_str_z(utf8_search_words(&cx, STR("  ,。 "), true), "");
    check_str_z(utf8_search_words(&cx, STR("王"), true), "王 wang");
    struct str words = utf8_search_words(&cx, STR("曾小明"), true);
    static const char *const want[] = {"曾",   "曾小",     "ceng",         "xiao", "cengxiao",
                                       "zeng", "xiaoming", "zengxiaoming", "zxm",  "cxm"};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        if (!has_word(words, want[i]))
            fail_msg("%s is not in %.*s", want[i], STR_ARG(words));
    words = utf8_search_words(&cx, STR("吕布"), true);
    assert_true(has_word(words, "lubu") && has_word(words, "lvbu") && has_word(words, "lv"));
    words = utf8_search_words(&cx, STR("Đức"), true);
    assert_true(has_word(words, "đức") && has_word(words, "duc"));
    check_close(&cx);
}

static void test_words_find_every_part(void **state)
{
    (void)state;
    /* Whatever part of a text is searched for, all its words are among the text's words: the
     * promise that search never misses. */
    struct cx cx;
    check_open(&cx);
    for_each_seed (seed, 300) {
        uint64_t r = seed;
        struct buf text;
        size_t starts[42], count = (size_t)check_int(&r, 2, 40);
        buf_init(&text, cx.arena, 1000);
        for (size_t i = 0; i < count; i++) {
            starts[i] = text.len;
            utf8_put(&text, (uint32_t)check_int(&r, 0x4E00, 0x9FA5));
        }
        starts[count] = text.len;
        size_t from = (size_t)check_int(&r, 0, (int64_t)count - 1);
        size_t to = (size_t)check_int(&r, (int64_t)from + 1, (int64_t)count);
        struct str part = {text.p + starts[from], starts[to] - starts[from]};
        struct str all = utf8_search_words(&cx, buf_view(&text), seed % 2);
        struct str query = utf8_search_words(&cx, part, false);
        while (query.p) {
            struct str word = str_cut(&query, ' ');
            assert_true(has_word(all, arena_copy(cx.arena, word)));
        }
        arena_reset(cx.arena);
    }
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads), /* first: on an empty table */
        cmocka_unit_test(test_names),   cmocka_unit_test(test_table_like_icu),
        cmocka_unit_test(test_words),   cmocka_unit_test(test_words_find_every_part),
    };
    return cmocka_run_group_tests_name("base/utf8_pinyin", tests, NULL, NULL);
}
