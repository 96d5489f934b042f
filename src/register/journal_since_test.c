/* Tests of asking what happened since an entry: each household once, those of before left out,
 * areas and too many mean everybody. */
#include "register/journal.h"

#include "register/register_fixture.h"

static struct register_fixture f;

static void add(struct cx *cx, const char *code)
{
    struct source s = fixture_source(&f, 0, 0);
    struct household_record *r = fixture_household(cx, f.village[0], code, 1);
    fixture_person(r, 0, "王", 1, NULL);
    fixture_apply(cx, &s, r);
}

static enum rc rename_area(struct cx *cx, void *arg)
{
    (void)arg;
    int64_t seq;
    const struct journal_field field = {
        .field = FIELD_NAME, .from = value_text(STR("a")), .to = value_text(STR("b"))};
    const struct journal_entry e = {.county = f.county,
                                    .at = cx->now_at,
                                    .kind = KIND_AREA,
                                    .subject_id = f.village[1],
                                    .fields = &field,
                                    .field_count = 1};
    return journal_append(&seq, cx, &e);
}

static void since_on(struct cx *cx)
{
    struct journal_since s;
    int64_t before, middle, last;
    register_fixture_open(&f, cx);
    add(cx, "H1");
    check_ok(cx, journal_last(&before, cx, f.county));
    assert_true(before > 0);
    check_ok(cx, journal_households_since(&s, cx, f.county, before, before, 10));
    assert_int_equal(s.count, 0);
    assert_false(s.all);
    add(cx, "H2");
    add(cx, "H3");
    check_ok(cx, journal_last(&middle, cx, f.county));
    check_ok(cx, journal_households_since(&s, cx, f.county, before, middle, 10));
    assert_int_equal(s.count, 2);
    assert_int_equal(s.households[0], fixture_id(cx, &f, "H2"));
    assert_int_equal(s.households[1], fixture_id(cx, &f, "H3"));
    check_ok(cx, journal_households_since(&s, cx, f.county, before, middle, 1));
    assert_true(s.all); /* more than one */
    check_ok(cx, journal_households_since(&s, cx, f.county, 0, middle, 3));
    assert_false(s.all && s.count);
    check_ok(cx, db_write(cx, f.county, rename_area, NULL));
    check_ok(cx, journal_last(&last, cx, f.county));
    assert_int_equal(last, middle + 1);
    check_ok(cx, journal_households_since(&s, cx, f.county, middle, last, 10));
    assert_true(s.all);
    check_ok(cx, journal_last(&last, cx, 4000));
    assert_int_equal(last, 0);
    register_fixture_close(&f, cx);
}

static void test_since(void **state)
{
    (void)state;
    db_fixture_each(since_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_since)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
