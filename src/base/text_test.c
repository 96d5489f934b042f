/* Tests of base/text: catalogues and the choice of a language. */
#include "base/text.h"

#include "base/check.h"

static const struct message rows[] = {
    {"", "header"}, {"%d row", "%d 行"}, {"Apple", ""}, {"Save", "保存"}, {"Zero", "零"}};
static const struct message_catalogue catalogue = {rows, sizeof rows / sizeof *rows};

static void test_lookup(void **state)
{
    (void)state;
    /* Known texts are translated; unknown, untranslated and empty ones come back as they are.
     */
    struct cx here, *cx = &here;
    check_open(cx);
    assert_string_equal(text_in(LANG_ZH, "Save"), "Save");
    text_use(LANG_ZH, &catalogue);
    cx->lang = LANG_ZH;
    assert_string_equal(_("Save"), "保存");
    assert_string_equal(_("Zero"), "零");
    assert_string_equal(_("Apple"), "Apple");
    assert_string_equal(_("Unknown"), "Unknown");
    assert_string_equal(text_in(LANG_ZH, ""), "");
    assert_string_equal(_n("%d row", "%d rows", 1), "%d 行");
    assert_string_equal(_n("%d row", "%d rows", 5), "%d 行");
    cx->lang = LANG_EN;
    assert_string_equal(_("Save"), "Save");
    assert_string_equal(_n("%d row", "%d rows", 1), "%d row");
    assert_string_equal(_n("%d row", "%d rows", 0), "%d rows");
    text_use(LANG_ZH, NULL);
    check_close(cx);
}

static void test_accept_language(void **state)
{
    (void)state;
    /* The highest quality wins, the first of equals; tags of all usual shapes are known. */
    static const struct {
        const char *header;
        enum lang fallback, want;
    } cases[] = {
        {"", LANG_ZH, LANG_ZH},
        {"fr, de", LANG_ZH, LANG_ZH},
        {"zh-TW", LANG_EN, LANG_ZH},
        {"zh", LANG_EN, LANG_ZH},
        {"zh_CN.UTF-8", LANG_EN, LANG_ZH},
        {"EN-us", LANG_ZH, LANG_EN},
        {"fr-CH, fr;q=0.9, en;q=0.8, zh;q=0.7, *;q=0.5", LANG_ZH, LANG_EN},
        {"en;q=0.5,zh-CN;q=0.9", LANG_EN, LANG_ZH},
        {"en; q=0.5 , zh ; q=0.6", LANG_EN, LANG_ZH},
        {"en, zh", LANG_ZH, LANG_EN},
        {"zh;q=0, en;q=0.1", LANG_ZH, LANG_EN},
        {"zhx, enx", LANG_EN, LANG_EN},
        {"zh;q=banana,en;q=0.1", LANG_ZH, LANG_EN},
        {",,,;;;=", LANG_ZH, LANG_ZH},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (lang_parse(str_of(cases[i].header), cases[i].fallback) != cases[i].want)
            fail_msg("“%s”", cases[i].header);
    assert_string_equal(lang_tag(LANG_EN), "en");
    assert_string_equal(lang_tag(LANG_ZH), "zh-CN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lookup),
        cmocka_unit_test(test_accept_language),
    };
    return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}
