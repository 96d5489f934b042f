/* Tests of base/str: cutting, trimming and strict numbers. */
#include "base/str.h"

#include "base/check.h"

static void test_compare(void **state)
{
    (void)state;
    /* Equality and byte order, with the empty text, prefixes and bytes over 0x7F. */
    assert_true(str_eq(STR(""), str_of(NULL)));
    assert_true(str_eq(STR("a"), STR("a")));
    assert_false(str_eq(STR("a"), STR("ab")));
    assert_true(str_eq_z(STR("ab"), "ab"));
    assert_true(str_cmp(STR("a"), STR("ab")) < 0);
    assert_true(str_cmp(STR("b"), STR("ab")) > 0);
    assert_int_equal(str_cmp(STR("王"), STR("王")), 0);
    assert_true(str_cmp(STR("z"), STR("王")) < 0);
    assert_true(str_starts(STR("abc"), STR("ab")) && str_starts(STR("abc"), STR("")));
    assert_false(str_starts(STR("a"), STR("ab")));
    assert_true(str_ends(STR("abc"), STR("bc")) && !str_ends(STR("c"), STR("bc")));
    assert_int_equal(str_find(STR("abcabd"), STR("abd")), 3);
    assert_int_equal(str_find(STR("abc"), STR("")), 0);
    assert_true(str_find(STR("abc"), STR("abcd")) == SIZE_MAX);
}

static void test_trim(void **state)
{
    (void)state;
    /* All blanks the header names go, at both ends only; a text of blanks becomes empty. */
    check_str_z(
        str_trim(STR(" \t\r\n\u00a0\u3000\u200b\ufeff王 小\u3000明\ufeff\u200b\u3000\u00a0 ")),
        "王 小\u3000明");
    check_str_z(str_trim(STR("\u3000\u3000 ")), "");
    check_str_z(str_trim(STR("")), "");
    check_str_z(str_trim(STR("村")), "村");
}

static void test_cut(void **state)
{
    (void)state;
    /* Cutting at a separator gives every field, empty ones too, and ends with p == NULL. */
    struct str rest = STR("a,,c,");
    check_str_z(str_cut(&rest, ','), "a");
    check_str_z(str_cut(&rest, ','), "");
    check_str_z(str_cut(&rest, ','), "c");
    assert_non_null(rest.p);
    check_str_z(str_cut(&rest, ','), "");
    assert_null(rest.p);
    check_str_z(str_cut(&rest, ','), "");
}

static void test_i64(void **state)
{
    (void)state;
    /* Only plain decimal integers within int64; refused texts leave the output untouched. */
    static const struct {
        const char *text;
        int64_t n;
    } good[] = {{"0", 0},
                {"-0", 0},
                {"007", 7},
                {"-12", -12},
                {"9223372036854775807", INT64_MAX},
                {"-9223372036854775808", INT64_MIN}};
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "0x1",
                                      "１",
                                      "--1",
                                      "1e3",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t n = 99;
        assert_true(str_to_i64(&n, str_of(good[i].text)));
        assert_int_equal(n, good[i].n);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t n = 99;
        assert_false(str_to_i64(&n, str_of(bad[i])));
        assert_int_equal(n, 99);
    }
}

static void test_i64_round_trip(void **state)
{
    (void)state;
    /* What printf prints is read back; the same with a digit added is refused or ten-fold. */
    for_each_seed (seed, 2000) {
        uint64_t r = seed;
        int64_t n = check_any_i64(&r), got = 0;
        char text[32];
        int len = snprintf(text, sizeof text, "%" PRId64, n);
        assert_true(str_to_i64(&got, (struct str){text, (size_t)len}));
        assert_int_equal(got, n);
        text[len] = '7';
        __extension__ typedef __int128 wide;
        wide ten = (wide)n * 10 + (n < 0 ? -7 : 7);
        if (n == 0 && text[0] == '0')
            ten = 7;
        bool fits = ten >= INT64_MIN && ten <= INT64_MAX;
        assert_int_equal(str_to_i64(&got, (struct str){text, (size_t)len + 1}), fits);
        if (fits)
            assert_int_equal(got, (int64_t)ten);
    }
}

static void test_f64(void **state)
{
    (void)state;
    /* C notation only; hex, nan, infinities, blanks, commas and signs other than - are refused.
     */
    double x = 0;
    assert_true(str_to_f64(&x, STR("-12.5")) && x == -12.5);
    assert_true(str_to_f64(&x, STR("1e3")) && x == 1000);
    assert_true(str_to_f64(&x, STR(".5")) && x == 0.5);
    assert_true(str_to_f64(&x, STR("5.")) && x == 5);
    assert_true(str_to_f64(&x, STR("1.7976931348623157E+308")) && x > 1e308);
    static const char *const bad[] = {"",   ".",     "-",      "nan",  "inf", "0x10",
                                      " 1", "1 ",    "+1",     "1,5",  "1e",  "1e+",
                                      "e5", "1e999", "-1e999", "1.2.3"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        x = 42;
        assert_false(str_to_f64(&x, str_of(bad[i])));
        assert_true(x == 42);
    }
}

static void test_scaled(void **state)
{
    (void)state;
    /* The header's rules: more decimals than given only when they are zeros, no overflow. */
    static const struct {
        const char *text;
        unsigned decimals;
        int64_t n;
    } good[] = {{"12.5", 2, 1250},
                {"-12.50", 2, -1250},
                {"12.5000", 1, 125},
                {"7", 0, 7},
                {"7.0", 0, 7},
                {"0.01", 2, 1},
                {"92233720368547758.07", 2, INT64_MAX},
                {"-92233720368547758.08", 2, INT64_MIN}};
    static const struct {
        const char *text;
        unsigned decimals;
    } bad[] = {{"", 2},
               {".5", 2},
               {"5.", 2},
               {"12.345", 2},
               {"1e2", 2},
               {"1,000", 2},
               {"92233720368547758.08", 2},
               {"1.2.3", 2},
               {"1.-5", 2},
               {"--1", 2},
               {"1. 5", 2},
               {"1.5x", 2},
               {"12.5", 0}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t n = 99;
        assert_true(str_to_scaled(&n, str_of(good[i].text), good[i].decimals));
        assert_int_equal(n, good[i].n);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t n = 99;
        assert_false(str_to_scaled(&n, str_of(bad[i].text), bad[i].decimals));
        assert_int_equal(n, 99);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_trim),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_i64),
        cmocka_unit_test(test_i64_round_trip),
        cmocka_unit_test(test_f64),
        cmocka_unit_test(test_scaled),
    };
    return cmocka_run_group_tests_name("base/str", tests, NULL, NULL);
}
