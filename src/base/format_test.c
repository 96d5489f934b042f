/* Tests of base/format: what people see, in both languages. */
#include "base/format.h"

#include "base/check.h"
#include "base/text.h"
#include "base/time.h"

#include <math.h>

static void test_numbers(void **state)
{
    (void)state;
    /* Grouping, decimals, signs and the extremes. */
    struct cx cx;
    check_open(&cx);
    assert_string_equal(format_int(&cx, 0), "0");
    assert_string_equal(format_int(&cx, -999), "-999");
    assert_string_equal(format_int(&cx, 12345), "12,345");
    assert_string_equal(format_int(&cx, INT64_MIN), "-9,223,372,036,854,775,808");
    assert_string_equal(format_scaled(&cx, 1250, 2), "12.5");
    assert_string_equal(format_scaled(&cx, -1200, 2), "-12");
    assert_string_equal(format_scaled(&cx, 5, 3), "0.005");
    assert_string_equal(format_scaled(&cx, 100000, 0), "100,000");
    assert_string_equal(format_money(&cx, 123450, 2), "1,234.50");
    assert_string_equal(format_money(&cx, -5, 2), "-0.05");
    assert_string_equal(format_money(&cx, 1500, 0), "1,500");
    assert_string_equal(format_f64(&cx, 1234.567, 2), "1,234.57");
    assert_string_equal(format_f64(&cx, -0.001, 2), "0.00");
    assert_string_equal(format_f64(&cx, -1234567, 0), "-1,234,567");
    assert_string_equal(format_f64(&cx, NAN, 2), "–");
    assert_string_equal(format_percent(&cx, 0.1234), "12.3 %");
    cx.lang = LANG_ZH;
    assert_string_equal(format_percent(&cx, 0.1234), "12.3%");
    check_close(&cx);
}

static void test_money_read_back(void **state)
{
    (void)state;
    /* A formatted amount without its commas is the decimal that printf makes of the parts. */
    struct cx cx;
    check_open(&cx);
    for_each_seed (seed, 1000) {
        uint64_t r = seed;
        int64_t n = check_any_i64(&r), again = 0;
        const char *text = format_money(&cx, n, 2);
        char plain[64];
        size_t len = 0;
        for (const char *p = text; *p; p++)
            if (*p != ',')
                plain[len++] = *p;
        assert_true(str_to_scaled(&again, (struct str){plain, len}, 2));
        assert_int_equal(again, n);
        arena_reset(cx.arena);
    }
    check_close(&cx);
}

static void test_days(void **state)
{
    (void)state;
    /* Days and times in the office's zone, in both languages. */
    struct cx cx;
    check_open(&cx);
    int32_t day = day_of((struct date){2026, 11, 3});
    int64_t at = (int64_t)day * 86400 + 20 * 3600 + 5 * 60 + 59; /* 20:05:59 UTC */
    assert_string_equal(format_day(&cx, day), "2026-11-03");
    assert_string_equal(format_time(&cx, at), "2026-11-03 20:05");
    format_set_zone(480);
    assert_int_equal(format_zone(), 480);
    assert_string_equal(format_time(&cx, at), "2026-11-04 04:05");
    cx.lang = LANG_ZH;
    assert_string_equal(format_day(&cx, day), "2026年11月3日");
    assert_string_equal(format_time(&cx, at), "2026年11月4日 04:05");
    format_set_zone(-60);
    assert_string_equal(format_time(&cx, -1), "1969年12月31日 22:59");
    format_set_zone(0);
    check_close(&cx);
}

static void test_sizes(void **state)
{
    (void)state;
    /* Units change where the number would get a fourth digit; durations name two units. */
    struct cx cx;
    check_open(&cx);
    assert_string_equal(format_bytes(&cx, 0), "0 B");
    assert_string_equal(format_bytes(&cx, 999), "999 B");
    assert_string_equal(format_bytes(&cx, 1000), "1.0 kB");
    assert_string_equal(format_bytes(&cx, 999949), "999.9 kB");
    assert_string_equal(format_bytes(&cx, 999950), "1.0 MB");
    assert_string_equal(format_bytes(&cx, 1234567), "1.2 MB");
    assert_string_equal(format_bytes(&cx, 5000000000000), "5.0 TB");
    assert_string_equal(format_duration(&cx, 0), "0 s");
    assert_string_equal(format_duration(&cx, 200), "3 min 20 s");
    assert_string_equal(format_duration(&cx, 3599), "59 min 59 s");
    assert_string_equal(format_duration(&cx, 3600), "1 h 0 min");
    assert_string_equal(format_duration(&cx, 90000), "1 d 1 h");
    assert_string_equal(format_duration(&cx, -5), "0 s");
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_money_read_back),
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests_name("base/format", tests, NULL, NULL);
}
