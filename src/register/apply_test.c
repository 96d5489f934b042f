/* Tests of applying records: new, unchanged, changed, moved, hidden until the flip, undone; on
 * both databases. */
#include "register/apply.h"

#include "register/register_fixture.h"

#define ID_1 "520181198001011234"
#define ID_2 "520181198203041228"

static struct household_record *family(struct cx *cx, const struct register_fixture *f)
{
    struct household_record *r = fixture_household(cx, f->village[0], "H001", 2);
    fixture_person(r, 0, "王小明", 1, ID_1);
    fixture_person(r, 1, "李红", 2, ID_2);
    r->people[0].phone = STR("13800001111");
    r->people[0].code = STR("P1");
    r->people[1].code = STR("P2");
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "household_type", value_int(1));
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "cause_remark", value_text(STR("缺水")));
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "risk_2", value_int(3));
    r->incomes = arena_new(cx->arena, 2 * sizeof *r->incomes);
    r->incomes[0] =
        (struct income_record){.kind = &cx->profile->incomes[0], .amount_minor = 123456};
    r->income_count = 1;
    return r;
}

/* The record with the ids that the register gave, as an importer would send it again. */
static void identify(struct cx *cx, const struct register_fixture *f,
                     struct household_record *r)
{
    r->household_id = fixture_id(cx, f, "H001");
    for (size_t i = 0; i < r->people_count; i++) {
        int64_t household;
        check_ok(cx, register_find_person(&r->people[i].person_id, &household, cx, f->county,
                                          r->people[i].identity, r->people[i].code));
    }
}

/* A new household is there with its people, sheets, incomes and counts; sent again it changes
 * nothing; with one value changed it changes that, and the journal says from, to and whence. */
static void once_on(struct cx *cx)
{
    struct register_fixture f;
    register_fixture_open(&f, cx);
    struct source s = fixture_source(&f, 11, 0);
    struct household_record *r = family(cx, &f);
    struct change_counts c = fixture_apply(cx, &s, r);
    assert_int_equal(c.households[CHANGE_NEW], 1);
    assert_int_equal(c.people[CHANGE_NEW], 2);
    assert_int_equal(c.incomes[CHANGE_NEW], 1);
    struct household h;
    check_ok(cx, household_by_code(&h, cx, f.county, STR("H001")));
    assert_int_equal(h.people_count, 2);
    assert_string_equal(h.head_name, "王小明");
    assert_int_equal(h.sheet_year, 2026);
    struct area a;
    check_ok(cx, area_get(&a, cx, f.village[0]));
    assert_int_equal(a.household_count, 1);
    check_ok(cx, area_get(&a, cx, f.county_area));
    assert_int_equal(a.person_count, 2);
    check_ok(cx, area_get(&a, cx, f.province));
    assert_int_equal(a.person_count, 2);

    identify(cx, &f, r);
    c = (struct change_counts){0};
    check_ok(cx, register_compare(&c, cx, &s, r));
    assert_int_equal(c.households[CHANGE_NONE], 1);
    assert_int_equal(c.people[CHANGE_NONE], 2);
    assert_int_equal(c.incomes[CHANGE_NONE], 1);
    struct source again = fixture_source(&f, 12, 0);
    c = fixture_apply(cx, &again, r);
    assert_int_equal(c.households[CHANGE_NONE] + c.people[CHANGE_NONE], 3);
    struct journal_entry *entries;
    size_t count;
    check_ok(cx, journal_of_household(&entries, &count, cx, f.county, h.id, 0, 10));
    int64_t last = entries[0].seq;
    assert_int_equal(entries[0].document_id, 11);

    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "risk_2", value_int(4));
    r->people[1].phone = STR("13900002222");
    r->incomes[0].amount_minor = 5;
    c = fixture_apply(cx, &again, r);
    assert_int_equal(c.households[CHANGE_CHANGED], 1);
    assert_int_equal(c.people[CHANGE_CHANGED], 1);
    assert_int_equal(c.people[CHANGE_NONE], 1);
    assert_int_equal(c.incomes[CHANGE_CHANGED], 1);
    const struct indicator *risk =
        profile_indicator(cx->profile, SUBJECT_HOUSEHOLD, STR("risk_2"));
    struct journal_entry e;
    check_ok(cx,
             journal_source(&e, cx, f.county, KIND_HOUSEHOLD_SHEET, h.id, 2026, risk->number));
    assert_true(e.seq > last);
    assert_int_equal(e.document_id, 12);
    assert_int_equal(e.field_count, 1);
    assert_int_equal(e.fields[0].from.i, 3);
    assert_int_equal(e.fields[0].to.i, 4);
    check_ok(cx, journal_source(&e, cx, f.county, KIND_PERSON, r->people[0].person_id, 0,
                                FIELD_NAME));
    assert_int_equal(e.document_id, 11);
    assert_int_equal(e.document_row, 4);
    check_str_z(e.fields[2].to.s, "王小明");
    struct income *incomes;
    check_ok(cx, household_incomes(&incomes, &count, cx, f.county, h.id));
    assert_int_equal(count, 1);
    assert_int_equal(incomes[0].amount_minor, 5);
    assert_int_equal(incomes[0].document_id, 12);
    fixture_verify(cx);
    register_fixture_close(&f, cx);
}
static void once(void **state)
{
    (void)state;
    db_fixture_each(once_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
