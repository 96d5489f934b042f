/* Merchant QR texts: the vectors of domain/market.md (the CRC's check value, EMVCo's own
 * specimen, ours with Chinese names), static and dynamic, lengths in characters, limits. */
#include "sale/emvco.h"

#include "base/check.h"
#include "base/utf8.h"

static const char specimen[] =
    "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802"
    "CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030"
    "412340603***0708A60086670902ME91320016A0112233449988770708123456786304A13A";
static const char ours[] =
    "00020101021226530023org.example.ruralmarket0110SELLER00120208PAY7K2Q9520454115303156540568"
    ".505802CN5912YUN NAN COOP6007KUNMING62290114ORD202611230010707STALL0764210002ZH0105云南合"
    "作社0202昆明63043B14";

static struct emvco sample(void)
{
    return (struct emvco){.account_id = "org.example.ruralmarket",
                          .account = "SELLER0012",
                          .account_reference = "PAY7K2Q9",
                          .category = "5411",
                          .currency = "156",
                          .amount_minor = 6850,
                          .decimals = 2,
                          .country = "CN",
                          .name = "YUN NAN COOP",
                          .city = "KUNMING",
                          .bill = "ORD20261123001",
                          .terminal = "STALL07",
                          .lang = "ZH",
                          .lang_name = "云南合作社",
                          .lang_city = "昆明"};
}

static void crc(void **state)
{
    (void)state;
    assert_int_equal(emvco_crc(STR("123456789")), 0x29B1);
    assert_true(emvco_crc_right(str_of(specimen)));
    assert_true(emvco_crc_right(str_of(ours)));
    char wrong[sizeof ours];
    memcpy(wrong, ours, sizeof ours);
    wrong[sizeof ours - 2] = '5';
    assert_false(emvco_crc_right(str_of(wrong)));
    assert_false(emvco_crc_right(STR("")));
    assert_false(emvco_crc_right(STR("63043B14x")));
}

static void texts(void **state)
{
    struct cx cx;
    struct emvco e = sample();
    const char *text;
    (void)state;
    check_open(&cx);
    check_ok(&cx, emvco_text(&text, &cx, &e));
    assert_string_equal(text, ours);
    assert_int_equal(strlen(text), 206);
    assert_int_equal(utf8_length(str_of(text)), 192);
    e.amount_minor = 0; /* static: the payer types the amount in */
    check_ok(&cx, emvco_text(&text, &cx, &e));
    assert_true(str_starts(str_of(text), STR("000201010211")));
    assert_true(str_find(str_of(text), STR("68.50")) == SIZE_MAX);
    assert_true(emvco_crc_right(str_of(text)));
    e.amount_minor = 5;
    check_ok(&cx, emvco_text(&text, &cx, &e));
    assert_true(str_find(str_of(text), STR("54040.05")) != SIZE_MAX);
    assert_string_equal(emvco_currency("CNY"), "156");
    assert_null(emvco_currency("ZZZ"));
    check_close(&cx);
}

static void limits(void **state)
{
    struct cx cx;
    struct emvco e;
    const char *text;
    (void)state;
    check_open(&cx);
    e = sample();
    e.name = "12345678901234567890123456";
    check_refused(&cx, emvco_text(&text, &cx, &e), RC_INVALID);
    e = sample();
    e.city = "";
    check_refused(&cx, emvco_text(&text, &cx, &e), RC_INVALID);
    e = sample();
    e.lang_name = "一二三四五六七八九十一二三四五六七八九十一二三四五六";
    check_refused(&cx, emvco_text(&text, &cx, &e), RC_INVALID);
    e = sample();
    e.amount_minor = -1;
    check_refused(&cx, emvco_text(&text, &cx, &e), RC_INVALID);
    e = sample();
    e.amount_minor = INT64_MAX;
    check_refused(&cx, emvco_text(&text, &cx, &e), RC_INVALID);
    e = sample();
    e.name = "bad\xff";
    check_refused(&cx, emvco_text(&text, &cx, &e), RC_INVALID);
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(crc), cmocka_unit_test(texts),
                                       cmocka_unit_test(limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
