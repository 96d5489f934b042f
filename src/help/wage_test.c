/* Tests of wages, on both databases: what was paid becomes income of its own kind, of the right
 * year, with its document; a corrected amount replaces; who moved counts once. */
#include "help/earn_fixture.h"
#include "store/store.h"

enum { WAGES_YEAR = 2025 };

struct work {
    int64_t vacancy, placement, household, person;
};

static struct work job_of(struct cx *cx, int village, const char *code, int32_t from_day)
{
    struct work j = {.vacancy = earn_vacancy(cx, 3, "age >= 16")};
    j.household = earn_household(cx, village, code, 0);
    /* Columns know the years that have sheets. */
    help_household(cx, village, code, (struct help_family){"A", NULL, 0, 1, 0}, WAGES_YEAR);
    j.person = earn_head(cx, j.household).id;
    check_ok(cx, placement_add(&j.placement, cx, j.vacancy, j.person, from_day));
    return j;
}

static int32_t day(int year, int month, int d)
{
    return day_of((struct date){year, month, d});
}

/* The household's income of the profile's kind; the number of such rows in *rows. */
static struct income income_of(struct cx *cx, int64_t household, int32_t year, int *rows)
{
    struct income *list, found = {0};
    size_t count;
    check_ok(cx, household_incomes(&list, &count, cx, f.county, household));
    *rows = 0;
    for (size_t i = 0; i < count; i++)
        if (list[i].kind == cx->profile->wage_income && list[i].year == year) {
            found = list[i];
            (*rows)++;
        }
    return found;
}

static int64_t sum_of(struct cx *cx, int64_t household, int32_t year)
{
    int rows;
    struct income i = income_of(cx, household, year, &rows);
    assert_true(rows <= 1);
    return i.amount_minor;
}

static int64_t column_of(struct cx *cx, const char *kind, int64_t household, int32_t year)
{
    struct columns *c;
    struct column column;
    const struct income_kind *k = profile_income_code(cx->profile, str_of(kind));
    assert_non_null(k);
    check_ok(cx, columns_open(&c, cx, f.county));
    check_ok(cx, columns_income(&column, cx, c, k->number, year));
    int64_t row = columns_household_row(c, household);
    assert_true(row >= 0);
    int64_t value = column_at(column, (size_t)row);
    columns_close(c);
    return value;
}

/* The income year of profile cn ends on its own day; the last day of a month decides. The
 * document holds what was said, the columns see it, a correction replaces, 0 takes back. */
static void paid_on(struct cx *cx)
{
    struct wage *wages;
    struct document d;
    size_t count;
    int rows;
    earn_fixture_open(cx);
    struct work j = job_of(cx, 0, "H1", day(2025, 6, 15));
    int32_t last_day = profile_year_last(cx->profile, WAGES_YEAR);
    int32_t june = 2025 * 12 + 5, last = earn_month(last_day);
    check_ok(cx, wage_paid(cx, j.placement, june, 300000));
    check_ok(cx, wage_paid(cx, j.placement, june + 1, 310000));
    assert_int_equal(sum_of(cx, j.household, WAGES_YEAR), 610000);
    check_ok(cx, wage_paid(cx, j.placement, last, 100000));
    check_ok(cx, wage_paid(cx, j.placement, last + 1, 200000));
    assert_int_equal(sum_of(cx, j.household, WAGES_YEAR), 710000);
    assert_int_equal(sum_of(cx, j.household, WAGES_YEAR + 1), 200000);
    check_ok(cx, wage_paid(cx, j.placement, june, 290000)); /* corrected */
    struct income i = income_of(cx, j.household, WAGES_YEAR, &rows);
    assert_int_equal(rows, 1);
    assert_int_equal(i.amount_minor, 700000);
    check_ok(cx, store_get(&d, cx, f.county, i.document_id));
    assert_string_equal(d.kind, "wage");
    assert_int_equal(column_of(cx, "wages_placed", j.household, WAGES_YEAR), 700000);
    assert_int_equal(column_of(cx, "wages", j.household, WAGES_YEAR), 700000);
    check_ok(cx, wages_of(&wages, &count, cx, f.county, j.placement));
    assert_int_equal(count, 4);
    assert_int_equal(wages[0].month, last + 1);
    assert_int_equal(wages[3].amount_minor, 290000);
    assert_int_equal(wages[3].document_id, i.document_id);
    check_ok(cx, wage_paid(cx, j.placement, june, 0));
    check_ok(cx, wage_paid(cx, j.placement, june + 1, 0));
    check_ok(cx, wage_paid(cx, j.placement, last, 0));
    assert_int_equal(sum_of(cx, j.household, WAGES_YEAR), 0);
    assert_int_equal(sum_of(cx, j.household, WAGES_YEAR + 1), 200000);
    fixture_verify(cx);
    help_fixture_close(cx);
}
static void test_paid(void **state)
{
    (void)state;
    db_fixture_each(paid_on);
}

/* A file that names wages earned nearby neither adds to what the program wrote nor is erased by
 * it: each has its own kind. A later file does not touch the program's kind. */
static void file_on(struct cx *cx)
{
    earn_fixture_open(cx);
    struct work j = job_of(cx, 0, "H1", day(2025, 6, 1));
    struct income_record local = {.kind = profile_income_code(cx->profile, STR("wages_local")),
                                  .amount_minor = 500000};
    struct household_record r = {
        .household_id = j.household, .year = WAGES_YEAR, .incomes = &local, .income_count = 1};
    assert_ptr_not_equal(local.kind, cx->profile->wage_income);
    check_ok(cx, wage_paid(cx, j.placement, 2025 * 12 + 5, 300000));
    fixture_apply(cx, &source, &r);
    assert_int_equal(sum_of(cx, j.household, WAGES_YEAR), 300000);
    assert_int_equal(column_of(cx, "wages_local", j.household, WAGES_YEAR), 500000);
    check_ok(cx, wage_paid(cx, j.placement, 2025 * 12 + 6, 100000));
    assert_int_equal(column_of(cx, "wages_local", j.household, WAGES_YEAR), 500000);
    assert_int_equal(column_of(cx, "wages", j.household, WAGES_YEAR), 900000);
    fixture_apply(cx, &source, &r);
    assert_int_equal(column_of(cx, "wages", j.household, WAGES_YEAR), 900000);
    help_fixture_close(cx);
}
static void test_file(void **state)
{
    (void)state;
    db_fixture_each(file_on);
}

/* Two jobs of a household add up; what is outside of the job or ahead is refused and leaves
 * nothing. */
static void months_on(struct cx *cx)
{
    int64_t second;
    earn_fixture_open(cx);
    struct work j = job_of(cx, 0, "H1", day(2025, 3, 31));
    int64_t other = earn_vacancy(cx, 1, "age >= 16");
    check_ok(cx, placement_add(&second, cx, other, j.person, day(2025, 4, 1)));
    check_ok(cx, placement_end(cx, second, day(2025, 5, 2), STR("做完了")));
    int32_t march = 2025 * 12 + 2, now = earn_month(help_today(cx));
    REFUSED(cx, RC_INVALID, wage_paid(cx, j.placement, march - 1, 100));
    REFUSED(cx, RC_INVALID, wage_paid(cx, j.placement, now + 1, 100));
    REFUSED(cx, RC_INVALID, wage_paid(cx, second, march + 3, 100));
    REFUSED(cx, RC_INVALID, wage_paid(cx, j.placement, march, -1));
    REFUSED(cx, RC_INVALID, wage_paid(cx, j.placement, march, 10000000001));
    REFUSED(cx, RC_NOTFOUND, wage_paid(cx, 99999, march, 100));
    assert_int_equal(sum_of(cx, j.household, WAGES_YEAR), 0);
    check_ok(cx, wage_paid(cx, j.placement, march, 100));
    check_ok(cx, wage_paid(cx, second, march + 2, 1000));
    assert_int_equal(sum_of(cx, j.household, WAGES_YEAR), 1100);
    check_ok(cx, wage_paid(cx, j.placement, now, 0));
    const struct income_kind *kind = f.profile->wage_income;
    f.profile->wage_income = NULL;
    REFUSED(cx, RC_INVALID, wage_paid(cx, j.placement, march, 5));
    f.profile->wage_income = kind;
    cx->actor = fixture_officer(cx, &f, f.town[0], "township_officer");
    REFUSED(cx, RC_DENIED, wage_paid(cx, j.placement, march, 5));
    cx->actor = NULL;
    help_fixture_close(cx);
}
static void test_months(void **state)
{
    (void)state;
    db_fixture_each(months_on);
}

static enum rc move_write(struct cx *cx, void *arg)
{
    struct change_counts counts = {0};
    return register_apply(&counts, cx, &source, arg);
}

/* The person moves to another household between two entries of the same month: the wage leaves
 * the first household's year and is in the second's, once. */
static void moved_on(struct cx *cx)
{
    earn_fixture_open(cx);
    struct work j = job_of(cx, 0, "H1", day(2025, 6, 1));
    int64_t to = earn_household(cx, 1, "H2", 0);
    int32_t june = 2025 * 12 + 5;
    check_ok(cx, wage_paid(cx, j.placement, june, 300000));
    check_ok(cx, wage_paid(cx, j.placement, june + 1, 40000));
    struct household_record *r = fixture_household(cx, f.village[1], "H2", 1);
    r->household_id = to;
    r->people[0].person_id = j.person;
    check_ok(cx, db_write(cx, f.county, move_write, r));
    struct person p;
    check_ok(cx, person_get(&p, cx, j.person));
    assert_int_equal(p.household_id, to);
    check_ok(cx, wage_paid(cx, j.placement, june, 310000));
    assert_int_equal(sum_of(cx, j.household, WAGES_YEAR), 40000);
    assert_int_equal(sum_of(cx, to, WAGES_YEAR), 310000);
    fixture_verify(cx);
    help_fixture_close(cx);
}
static void test_moved(void **state)
{
    (void)state;
    db_fixture_each(moved_on);
}

struct paying_now {
    int64_t placement, amount;
    int32_t month;
};
static enum rc pay_now(struct cx *cx, void *arg)
{
    const struct paying_now *p = arg;
    return wage_paid(cx, p->placement, p->month, p->amount);
}

/* Eight officers enter the wages of eight months at one moment: the sum is theirs together. */
static void race_on(struct cx *cx)
{
    struct earn_racer r[8] = {0};
    struct paying_now p[8];
    earn_fixture_open(cx);
    struct work j = job_of(cx, 0, "H1", day(2025, 1, 1));
    for (int i = 0; i < 8; i++) {
        p[i] = (struct paying_now){j.placement, 1000 * (i + 1), 2025 * 12 + i};
        r[i] = (struct earn_racer){.fn = pay_now, .arg = &p[i]};
    }
    assert_int_equal(earn_race(cx, r, 8, RC_CONFLICT), 8);
    assert_int_equal(sum_of(cx, j.household, WAGES_YEAR), 36000);
    help_fixture_close(cx);
}
static void test_race(void **state)
{
    (void)state;
    db_fixture_each(race_on);
}

/* Killed when the change is about to be committed: neither wage nor income. */
static void killed_on(struct cx *cx)
{
    struct wage *wages;
    size_t count;
    earn_fixture_open(cx);
    struct work j = job_of(cx, 0, "H1", day(2025, 6, 1));
    struct paying_now p = {j.placement, 5000, 2025 * 12 + 5};
    earn_killed(cx, "db.commit:2:kill", pay_now, &p); /* 1: the document */
    check_ok(cx, wages_of(&wages, &count, cx, f.county, j.placement));
    assert_int_equal(count, 0);
    assert_int_equal(sum_of(cx, j.household, WAGES_YEAR), 0);
    check_ok(cx, pay_now(cx, &p));
    assert_int_equal(sum_of(cx, j.household, WAGES_YEAR), 5000);
    help_fixture_close(cx);
}
static void test_killed(void **state)
{
    (void)state;
    db_fixture_each(killed_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paid),   cmocka_unit_test(test_file),
        cmocka_unit_test(test_months), cmocka_unit_test(test_moved),
        cmocka_unit_test(test_race),   cmocka_unit_test(test_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
