/* Tests of base/time: the calendar against the C library's, and dates as people write them. */
#include "base/time.h"

#include "base/check.h"

#include <math.h>
#include <time.h>

static void test_calendar(void **state)
{
    (void)state;
    /* Every day of 1800..2200 goes to a date and back, dates follow each other, and the C
     * library's timegm agrees. */
    struct date before = day_date(day_of((struct date){1799, 12, 31}));
    int32_t first = day_of((struct date){1800, 1, 1}),
            last = day_of((struct date){2200, 12, 31});
    assert_int_equal(before.year, 1799);
    assert_int_equal(last - first + 1,
                     401 * 365 + 97); /* 97 leap years: 1800, 1900, 2100, 2200 are none */
    for (int32_t day = first; day <= last; day++) {
        struct date d = day_date(day);
        struct tm tm = {.tm_year = d.year - 1900, .tm_mon = d.month - 1, .tm_mday = d.day};
        assert_true(date_valid(d));
        assert_int_equal(day_of(d), day);
        assert_int_equal(timegm(&tm), (int64_t)day * 86400);
        bool next = d.day == before.day + 1 && d.month == before.month;
        assert_true(next || d.day == 1);
        before = d;
    }
    assert_int_equal(day_of((struct date){1970, 1, 1}), 0);
    assert_int_equal(day_of((struct date){2000, 3, 1}), 11017); /* date -d 2000-03-01 +%s */
}

static void test_valid(void **state)
{
    (void)state;
    /* Days that are not: leap rules, month ends, years outside the range. */
    assert_true(date_valid((struct date){2000, 2, 29}));
    assert_false(date_valid((struct date){1900, 2, 29}));
    assert_false(date_valid((struct date){2026, 2, 29}));
    assert_false(date_valid((struct date){2026, 4, 31}));
    assert_false(date_valid((struct date){2026, 0, 1}));
    assert_false(date_valid((struct date){2026, 13, 1}));
    assert_false(date_valid((struct date){2026, 1, 0}));
    assert_false(date_valid((struct date){1799, 12, 31}));
    assert_false(date_valid((struct date){2201, 1, 1}));
}

static void test_parse(void **state)
{
    (void)state;
    /* The five ways to write a day give the same day; other texts are refused. */
    int32_t want = day_of((struct date){2026, 1, 3}), day = 0;
    static const char *const good[] = {"2026-01-03", "20260103",       "2026/01/03",
                                       "2026.01.03", "2026年01月03日", "2026-1-3",
                                       "2026/1/03",  "2026年1月3日"};
    static const char *const bad[] = {"",
                                      "2026",
                                      "2026-01",
                                      "2026-01-03 ",
                                      " 2026-1-3",
                                      "2026-1/3",
                                      "2026-02-30",
                                      "2026013",
                                      "202601031",
                                      "26-01-03",
                                      "2026年1月3",
                                      "2026-001-03",
                                      "20261301",
                                      "2026--1-03",
                                      "２０２６-01-03",
                                      "-026-01-03",
                                      "2026-01-03T00:00:00",
                                      "1799-01-01"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        day = -1;
        assert_true(day_parse(&day, str_of(good[i])));
        assert_int_equal(day, want);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        day = -7;
        if (day_parse(&day, str_of(bad[i])))
            fail_msg("“%s” was taken", bad[i]);
        assert_int_equal(day, -7);
    }
}

static void test_iso_round_trip(void **state)
{
    (void)state;
    /* day_parse reads what day_iso writes, and time_iso is what strftime gives. */
    struct arena *a = arena_open(1 << 20);
    for_each_seed (seed, 500) {
        uint64_t r = seed;
        int32_t day = (int32_t)check_int(&r, -62091, 84371), again = 0;
        assert_true(day_parse(&again, str_of(day_iso(a, day))));
        assert_int_equal(again, day);
        time_t at = check_int(&r, -5000000000, 7000000000);
        struct tm tm;
        char want[40];
        gmtime_r(&at, &tm);
        strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", &tm);
        assert_string_equal(time_iso(a, at), want);
        arena_reset(a);
    }
    arena_free(a);
}

static void test_day_at(void **state)
{
    (void)state;
    /* In China the day begins at 16:00 UTC; before 1970 it rounds down, not to zero. */
    assert_int_equal(day_at(16 * 3600 - 1, 480), 0);
    assert_int_equal(day_at(16 * 3600, 480), 1);
    assert_int_equal(day_at(-1, 0), -1);
    assert_int_equal(day_at(-86400, 0), -1);
    assert_int_equal(day_at(-86401, 0), -2);
    assert_int_equal(day_at(0, -60), -1);
    assert_int_equal(day_at(INT64_MAX, 480), INT32_MAX);
}

static void test_excel(void **state)
{
    (void)state;
    /* Known serials of both systems (Microsoft: 36526 is 2000-01-01; 61 is 1900-03-01; 1,462
     * days between the systems), and the day that never was. */
    int32_t day = 0;
    assert_true(day_from_excel(&day, 36526, false));
    assert_int_equal(day, day_of((struct date){2000, 1, 1}));
    assert_true(day_from_excel(&day, 36526.99, false));
    assert_int_equal(day, day_of((struct date){2000, 1, 1}));
    assert_true(day_from_excel(&day, 36526 - 1462, true));
    assert_int_equal(day, day_of((struct date){2000, 1, 1}));
    assert_true(day_from_excel(&day, 1, false));
    assert_int_equal(day, day_of((struct date){1900, 1, 1}));
    assert_true(day_from_excel(&day, 59, false));
    assert_int_equal(day, day_of((struct date){1900, 2, 28}));
    assert_true(day_from_excel(&day, 61, false));
    assert_int_equal(day, day_of((struct date){1900, 3, 1}));
    assert_true(day_from_excel(&day, 0, true));
    assert_int_equal(day, day_of((struct date){1904, 1, 1}));
    assert_false(day_from_excel(&day, 60, false));
    assert_false(day_from_excel(&day, 0, false));
    assert_false(day_from_excel(&day, -1, true));
    assert_false(day_from_excel(&day, 1e18, false));
    assert_false(day_from_excel(&day, (double)NAN, false));
}

static void test_clocks(void **state)
{
    (void)state;
    /* The clocks run forwards and tell the same time in their two units; FUMIN_NOW fixes one.
     */
    int64_t us = time_mono_us(), ms = time_mono_ms();
    assert_true(ms >= us / 1000 && ms - us / 1000 < 1000);
    assert_true(time_mono_us() >= us);
    assert_true(time_now() > 1600000000);
    check_env("FUMIN_NOW", "42");
    assert_int_equal(time_now(), 42);
    check_env("FUMIN_NOW", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calendar), cmocka_unit_test(test_valid),
        cmocka_unit_test(test_parse),    cmocka_unit_test(test_iso_round_trip),
        cmocka_unit_test(test_day_at),   cmocka_unit_test(test_excel),
        cmocka_unit_test(test_clocks),
    };
    return cmocka_run_group_tests_name("base/time", tests, NULL, NULL);
}
