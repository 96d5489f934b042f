/* Small loans: schedules by hand, and for any payments what must always hold. */
#include "base/check.h"
#include "base/time.h"
#include "help/loan.h"

static int32_t day(int32_t y, int32_t m, int32_t d)
{
    return day_of((struct date){y, m, d});
}

static struct loan loan_of(int64_t amount, int32_t months, int32_t rate_bp, int32_t subsidy_bp,
                           int32_t paid_day)
{
    return (struct loan){.kind = LOAN_SMALL,
                         .state = LOAN_PAID_OUT,
                         .amount_minor = amount,
                         .months = months,
                         .rate_bp = rate_bp,
                         .subsidy_bp = subsidy_bp,
                         .paid_day = paid_day};
}

static void by_hand(void **state)
{
    /* 50,000.00 over 3 months at 4.35 %, all of it paid by the programme; paid out on 31
     * January 2026. Parts: 16,666.66, 16,666.66, 16,666.68 on 28 February, 31 March, 30 April.
     * Interest of the first 28 days: 50,000.00 x 28 x 0.0435 / 360 = 169.1666… = 169.17. */
    struct cx cx;
    struct loan_sums s;
    (void)state;
    check_open(&cx);
    struct loan l = loan_of(5000000, 3, 435, 435, day(2026, 1, 31));
    check_ok(&cx, loan_sums_at(&s, &cx, &l, NULL, 0, day(2026, 2, 28)));
    assert_int_equal(s.parts[0].due_day, day(2026, 2, 28));
    assert_int_equal(s.parts[1].due_day, day(2026, 3, 31));
    assert_int_equal(s.parts[2].due_day, day(2026, 4, 30));
    assert_int_equal(s.parts[0].principal_minor, 1666666);
    assert_int_equal(s.parts[2].principal_minor, 1666668);
    assert_int_equal(s.subsidy_minor, 16917);
    assert_int_equal(s.parts[0].interest_minor, 0);
    assert_int_equal(s.late_minor, 0);
    assert_int_equal(s.next_day, day(2026, 2, 28));
    assert_int_equal(s.next_minor, 1666666);
    /* The day after it is late. */
    check_ok(&cx, loan_sums_at(&s, &cx, &l, NULL, 0, day(2026, 3, 1)));
    assert_int_equal(s.late_minor, 1666666);
    assert_int_equal(s.late_since, day(2026, 3, 1));
    check_close(&cx);
}

static void paid_early_and_late(void **state)
{
    /* 1,200.00 over 12 months at 12 %, 2 % by the programme, from 1 January 2026. First due on
     * 1 February: 31 days x 1,200.00 x 10 % / 360 = 10.3333 = 10.33; the programme 2.0666
     * = 2.07. On 1 February 500.00 are paid: 110.33 for the part, 389.67 for the next ones:
     * three of 100.00 and 89.67 of the fifth. Outstanding: 1,200 - 100 - 389.67 = 710.33. */
    struct cx cx;
    struct loan_sums s;
    (void)state;
    check_open(&cx);
    struct loan l = loan_of(120000, 12, 1200, 200, day(2026, 1, 1));
    struct loan_entry paid[] = {{.day = day(2026, 2, 1), .amount_minor = 50000},
                                {.day = day(2026, 3, 1), .amount_minor = 0}};
    check_ok(&cx, loan_sums_at(&s, &cx, &l, paid, 1, day(2026, 2, 1)));
    assert_int_equal(s.parts[0].interest_minor, 1033);
    assert_int_equal(s.subsidy_minor, 207);
    assert_int_equal(s.parts[0].paid_day, day(2026, 2, 1));
    assert_int_equal(s.parts[3].principal_left_minor, 0);
    assert_int_equal(s.parts[4].principal_left_minor, 1033);
    assert_int_equal(s.outstanding_minor, 71033);
    assert_int_equal(s.late_minor, 0);
    /* 28 days later: 710.33 x 28 x 10 % / 360 = 5.5248 = 5.52 of interest is due. */
    check_ok(&cx, loan_sums_at(&s, &cx, &l, paid, 1, day(2026, 3, 1)));
    assert_int_equal(s.parts[1].interest_minor, 552);
    assert_int_equal(s.owed_minor, 71033 + 552);
    /* Ending it that day takes just this. */
    paid[1].amount_minor = s.owed_minor;
    check_ok(&cx, loan_sums_at(&s, &cx, &l, paid, 2, day(2026, 12, 31)));
    assert_int_equal(s.outstanding_minor, 0);
    assert_int_equal(s.owed_minor, 0);
    assert_int_equal(s.too_much_minor, 0);
    assert_int_equal(s.next_day, INT32_MIN);
    check_close(&cx);
}

static void always(void **state)
{
    /* Whatever is paid when: principal is paid once; nothing is below zero; what is owed on a
     * day ends the loan on that day, one unit less does not. */
    struct cx cx;
    (void)state;
    check_open(&cx);
    for_each_seed (seed, 400) {
        uint64_t r = seed;
        struct arena_mark mark = arena_mark(cx.arena);
        int32_t months = (int32_t)check_int(&r, 1, LOAN_MONTHS_MAX);
        int32_t rate = (int32_t)check_int(&r, 0, LOAN_RATE_MAX_BP);
        struct loan l =
            loan_of(check_int(&r, months, 100000000), months, rate,
                    (int32_t)check_int(&r, 0, rate), (int32_t)check_int(&r, 18000, 21000));
        struct loan_entry paid[12];
        size_t count = (size_t)check_int(&r, 0, 11);
        int32_t at = l.paid_day;
        struct loan_sums s;
        for (size_t i = 0; i < count; i++) {
            at += (int32_t)check_int(&r, 0, 120);
            paid[i] = (struct loan_entry){.day = at};
            check_ok(&cx, loan_sums_at(&s, &cx, &l, paid, i, at));
            paid[i].amount_minor = check_int(&r, 0, s.owed_minor / 3 + 1);
            if (paid[i].amount_minor > s.owed_minor)
                paid[i].amount_minor = s.owed_minor;
        }
        at += (int32_t)check_int(&r, 0, 400);
        check_ok(&cx, loan_sums_at(&s, &cx, &l, paid, count, at));
        int64_t principal = 0;
        for (int32_t k = 0; k < months; k++) {
            assert_true(s.parts[k].principal_left_minor >= 0);
            assert_true(s.parts[k].interest_left_minor >= 0);
            principal += s.parts[k].principal_left_minor;
        }
        assert_int_equal(principal, s.outstanding_minor);
        assert_int_equal(s.too_much_minor, 0);
        assert_true(s.late_minor <= s.owed_minor);
        if (s.owed_minor > 0) {
            struct loan_sums after;
            paid[count] = (struct loan_entry){.day = at, .amount_minor = s.owed_minor};
            check_ok(&cx, loan_sums_at(&after, &cx, &l, paid, count + 1, at + 500));
            assert_int_equal(after.owed_minor, 0);
            assert_int_equal(after.too_much_minor, 0);
            paid[count].amount_minor--;
            check_ok(&cx, loan_sums_at(&after, &cx, &l, paid, count + 1, at));
            assert_int_equal(after.owed_minor, 1);
        }
        arena_back(cx.arena, mark);
    }
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(paid_early_and_late),
        cmocka_unit_test(always),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
