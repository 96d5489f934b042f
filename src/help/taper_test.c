/* Tests of tapers: the steps over the months without a database; which one concerns a household
 * and since when, on both databases with the profile cn. */
#include "help/taper.h"

#include "help/earn_fixture.h"

static const struct taper_step steps[] = {{0, 100}, {7, 50}, {13, 0}};
static const struct taper taper = {.code = "t", .steps = steps, .step_count = 3};

/* Before any new income all is kept; the first month is month 0; each step holds from its month
 * on; the calendar goes over the year's end. */
static void test_steps(void **state)
{
    static const struct {
        int32_t since, now, month, percent;
    } cases[] = {
        {0, 2026 * 12, -1, 100},
        {2026 * 12 + 3, 2026 * 12 + 2, -1, 100}, /* begins next month */
        {2026 * 12 + 3, 2026 * 12 + 3, 0, 100},
        {2026 * 12 + 3, 2026 * 12 + 9, 6, 100},
        {2026 * 12 + 3, 2026 * 12 + 10, 7, 50},
        {2026 * 12 + 3, 2027 * 12 + 3, 12, 50},
        {2026 * 12 + 3, 2027 * 12 + 4, 13, 0},
        {2026 * 12 + 3, 2036 * 12, 117, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct taper_view v;
        taper_fill(&v, &taper, cases[i].since, cases[i].now);
        assert_int_equal(v.month, cases[i].month);
        assert_int_equal(v.percent_now, cases[i].percent);
        assert_int_equal(v.step_count, 3);
        assert_int_equal(v.steps[1].from_month, 7);
        assert_int_equal(v.steps[1].percent, 50);
        assert_int_equal(v.steps[2].calendar_month, cases[i].since ? cases[i].since + 13 : 0);
    }
}

/* More steps than are shown do not run over. */
static void test_many(void **state)
{
    struct taper_step many[TAPER_STEPS_MAX + 3];
    struct taper_view v;
    (void)state;
    for (int i = 0; i < TAPER_STEPS_MAX + 3; i++)
        many[i] = (struct taper_step){i, 100 - i};
    const struct taper t = {.steps = many, .step_count = TAPER_STEPS_MAX + 3};
    taper_fill(&v, &t, 24000, 24100);
    assert_int_equal(v.step_count, TAPER_STEPS_MAX);
    assert_int_equal(v.percent_now, 100 - (TAPER_STEPS_MAX - 1));
}

/* A man of 45 who gets the low-income allowance, or not. */
static int64_t household_of(struct cx *cx, const char *code, int32_t allowance)
{
    struct household_record *r = fixture_household(cx, f.village[0], code, 1);
    fixture_person(r, 0, "李四", 1, NULL);
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "water_safe", value_int(1));
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "household_type", value_int(0));
    fixture_value(cx, r->people[0].values, SUBJECT_PERSON, "low_income_allowance",
                  value_int(allowance));
    fixture_apply(cx, &source, r);
    return fixture_id(cx, &f, code);
}

static struct taper_view view_of(struct cx *cx, int64_t household)
{
    struct taper_view v;
    check_ok(cx, taper_of(&v, cx, f.county, household));
    return v;
}

/* A household on the allowance is shown its taper before it earns; the first wage begins it, 0
 * takes it back; one that gets nothing has none. */
static void household_on(struct cx *cx)
{
    int64_t id;
    earn_fixture_open(cx);
    int32_t now = earn_month(help_today(cx));
    int64_t home = household_of(cx, "A", 1), other = household_of(cx, "B", 0);
    struct taper_view v = view_of(cx, home);
    assert_non_null(v.taper);
    assert_string_equal(v.taper->code, "allowance");
    assert_int_equal(v.month, -1);
    assert_int_equal(v.percent_now, 100);
    assert_int_equal(v.steps[0].calendar_month, 0);
    assert_null(view_of(cx, other).taper);
    int64_t job = earn_vacancy(cx, 1, "age >= 16");
    check_ok(cx, placement_add(&id, cx, job, earn_head(cx, home).id, help_today(cx) - 800));
    assert_int_equal(view_of(cx, home).month, -1); /* a job without a wage yet */
    check_ok(cx, wage_paid(cx, id, now - 8, 100000));
    v = view_of(cx, home);
    assert_int_equal(v.since_month, now - 8);
    assert_int_equal(v.month, 8);
    assert_int_equal(v.percent_now, 50);
    assert_int_equal(v.steps[2].calendar_month, now - 8 + 13);
    check_ok(cx, wage_paid(cx, id, now - 3, 100000));
    assert_int_equal(view_of(cx, home).month, 8); /* counted from the first */
    check_ok(cx, wage_paid(cx, id, now - 8, 0));
    assert_int_equal(view_of(cx, home).month, 3);
    /* It does not begin anew with each year. */
    check_ok(cx, wage_paid(cx, id, now - 24, 100000));
    assert_int_equal(view_of(cx, home).month, 24);
    check_ok(cx, wage_paid(cx, id, now - 24, 0));
    check_ok(cx, wage_paid(cx, id, now - 3, 0));
    assert_int_equal(view_of(cx, home).percent_now, 100);
    assert_null(view_of(cx, 99999).taper);
    help_fixture_close(cx);
}
static void test_household(void **state)
{
    (void)state;
    db_fixture_each(household_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_household),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
