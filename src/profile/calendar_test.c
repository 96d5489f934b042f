/* Tests of working days, deadlines and quiet hours on the small calendar of office_fixture.h:
 * the survey's zone is its own; the days expected are counted by hand on a calendar of 2026. */
#include "profile/calendar.h"

#include "base/check.h"
#include "base/crypto.h"
#include "base/time.h"
#include "profile/office_fixture.h"

static struct cx cx;
static struct profile *p;

static int setup(void **state)
{
    (void)state;
    crypto_init();
    check_open(&cx);
    struct source_file files[OFFICE_FILES_MAX];
    struct profile_faults faults;
    size_t n = office_profile(files, cx.arena);
    enum rc rc = profile_load_files(&p, &faults, &cx, files, n);
    for (size_t i = 0; i < faults.count; i++)
        print_error("%s %s: %s\n", faults.rows[i].file, faults.rows[i].field,
                    faults.rows[i].message);
    assert_int_equal(rc, RC_OK);
    cx.profile = p;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    profile_free(p);
    check_close(&cx);
    return 0;
}

static int32_t day(int32_t month, int32_t of_month)
{
    return day_of((struct date){2026, month, of_month});
}

/* A moment of the local day. */
static int64_t at(int32_t d, int64_t hour, int64_t minute)
{
    return (int64_t)d * 86400 + (hour * 60 + minute - p->zone_offset_min) * 60;
}

/* A weekday is worked, a Sunday not, a holiday's Thursday not, a made-up Saturday is. */
static void days_of_work_and_rest(void **state)
{
    (void)state;
    assert_true(calendar_works(p, day(9, 25)));  /* Friday */
    assert_false(calendar_works(p, day(9, 26))); /* Saturday */
    assert_false(calendar_works(p, day(9, 30)));
    assert_false(calendar_works(p, day(10, 7)));
    assert_true(calendar_works(p, day(10, 8)));
    assert_true(calendar_works(p, day(10, 10)));
    assert_false(calendar_works(p, day(10, 11)));
    assert_false(calendar_works(p, day(1, 1)));
    assert_string_equal(calendar_label(&cx, day(10, 1)), "National Day");
    assert_null(calendar_label(&cx, day(10, 8)));
    assert_true(calendar_covers(p, 2026));
    assert_true(calendar_covers(p, 2025)); /* its last day */
    assert_false(calendar_covers(p, 2027));
    assert_int_equal(p->calendar->summary_min, 6 * 60 + 15);
    assert_false(calendar_works(p, day_of((struct date){1969, 12, 28}))); /* a Sunday */
    assert_true(calendar_works(p, day_of((struct date){1969, 12, 29})));
}

/* Working days are counted over weekends, the week of holidays and the made-up Saturday; the
 * two functions agree with counting day by day. */
static void working_days_are_counted(void **state)
{
    (void)state;
    assert_int_equal(calendar_after(p, day(9, 25), 0), day(9, 25));
    assert_int_equal(calendar_after(p, day(9, 26), 0), day(9, 28));
    assert_int_equal(calendar_after(p, day(9, 25), 2), day(9, 29));
    assert_int_equal(calendar_after(p, day(9, 29), 1), day(10, 8));
    assert_int_equal(calendar_after(p, day(9, 29), 3), day(10, 10)); /* 8, 9, Saturday 10 */
    assert_int_equal(calendar_after(p, day(9, 29), 4), day(10, 12));
    for (int32_t from = day(9, 1); from < day(10, 20); from++)
        for (int32_t to = from - 3, n = 0; to < from + 60; to++) {
            n += to > from && calendar_works(p, to);
            assert_int_equal(calendar_between(p, from, to), n);
        }
    for (int32_t n = 1; n < 40; n++)
        assert_int_equal(calendar_between(p, day(9, 20), calendar_after(p, day(9, 20), n)), n);
}

/* A deadline ends with its local day: from Friday evening two working days are Tuesday's end;
 * one minute before local midnight counts for the old day; over new year the holiday is passed
 * over; calendar days pass over nothing. */
static void deadlines_over_midnight_and_new_year(void **state)
{
    (void)state;
    assert_int_equal(deadline_after(p, at(day(9, 18), 20, 0), 2, true), at(day(9, 23), 0, 0));
    assert_int_equal(deadline_after(p, at(day(9, 21), 23, 59), 1, true), at(day(9, 23), 0, 0));
    assert_int_equal(deadline_after(p, at(day(9, 22), 0, 0), 1, true), at(day(9, 24), 0, 0));
    int32_t tuesday = day_of((struct date){2025, 12, 30});
    assert_int_equal(deadline_after(p, at(tuesday, 9, 0), 1, true), at(day(1, 6), 0, 0));
    assert_int_equal(deadline_after(p, at(tuesday, 9, 0), 3, false), at(day(1, 3), 0, 0));
    assert_int_equal(deadline_after(p, at(day(9, 26), 9, 0), 0, true), at(day(9, 29), 0, 0));
    assert_int_equal(local_day(p, at(day(9, 22), 0, 0)), day(9, 22));
    assert_int_equal(local_day(p, at(day(9, 22), 0, 0) - 1), day(9, 21));
}

/* Quiet hours over midnight: until the same or the next local morning; their ends belong to the
 * day. */
static void quiet_over_midnight(void **state)
{
    (void)state;
    int64_t until = 0;
    assert_false(quiet_at(p, at(day(9, 22), 20, 59), &until));
    assert_true(quiet_at(p, at(day(9, 22), 21, 0), &until));
    assert_int_equal(until, at(day(9, 23), 7, 0));
    until = 0;
    assert_true(quiet_at(p, at(day(9, 23), 6, 59), &until));
    assert_int_equal(until, at(day(9, 23), 7, 0));
    assert_false(quiet_at(p, at(day(9, 23), 7, 0), &until));
}

/* A profile without a calendar works every day and is never quiet; so does one made by hand
 * that has none at all. */
static void without_calendar(void **state)
{
    (void)state;
    struct profile *bare;
    struct profile_faults faults;
    int64_t until;
    assert_int_equal(profile_load_embedded(&bare, &faults, &cx, "vlss"), RC_OK);
    assert_non_null(bare->calendar);
    assert_true(calendar_works(bare, day(9, 27)));
    assert_int_equal(calendar_after(bare, day(9, 25), 3), day(9, 28));
    assert_false(quiet_at(bare, at(day(9, 22), 23, 0), &until));
    assert_false(calendar_covers(bare, 2026));
    profile_free(bare);
    static const struct profile hand = {.code = "hand"};
    assert_int_equal(calendar_after(&hand, day(9, 25), 3), day(9, 28));
    assert_int_equal(calendar_between(&hand, day(9, 1), day(9, 11)), 10);
    assert_false(quiet_at(&hand, at(day(9, 22), 23, 0), &until));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(days_of_work_and_rest, setup, teardown),
        cmocka_unit_test_setup_teardown(working_days_are_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(deadlines_over_midnight_and_new_year, setup, teardown),
        cmocka_unit_test_setup_teardown(quiet_over_midnight, setup, teardown),
        cmocka_unit_test_setup_teardown(without_calendar, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
