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

/* ---- imports ---- */

/* Everything in the register's tables but the journal, import marks and the time of change, as
 * one text. Sheets through sheet_get. */
static struct str dump(struct cx *cx, const struct register_fixture *f)
{
    static const struct sql tables[] = {
        {.name = "dump_household",
         .lite = "SELECT h.id, h.area_id, h.code, h.place, h.head_id, h.head_name, h.name_key, "
                 "h.people_count, h.sheet_year, h.ended, h.shown_0, h.shown_1 FROM household h "
                 "ORDER BY h.id",
         .args = "",
         .cols = "iitti"
                 "ttiiiii"},
        {.name = "dump_person",
         .lite =
             "SELECT id, household_id, code, name, sex, birth_day, relation, from_day, to_day, "
             "identity_key, phone_key, account_key FROM person ORDER BY id",
         .args = "",
         .cols = "iittiiiiibbb"},
        {.name = "dump_secret",
         .lite = "SELECT person_id, 0, wrapped, identity, phone, account FROM person_secret "
                 "ORDER BY person_id",
         .args = "",
         .cols = "iibbbb"},
        {.name = "dump_membership",
         .lite = "SELECT household_id, person_id, from_day, to_day, relation FROM membership "
                 "ORDER BY household_id, person_id, from_day",
         .args = "",
         .cols = "iiiii"},
        {.name = "dump_income",
         .lite = "SELECT household_id, year, kind, amount_minor, document_id, journal_seq FROM "
                 "income ORDER BY household_id, year, kind",
         .args = "",
         .cols = "iiiiii"},
        {.name = "dump_area",
         .lite = "SELECT id, household_count, person_count FROM area ORDER BY id",
         .args = "",
         .cols = "iii"},
        {.name = "dump_hidden",
         .lite = "SELECT import_id, county FROM import_hidden",
         .args = "",
         .cols = "ii"},
        {.name = "dump_change",
         .lite = "SELECT no, county FROM import_change",
         .args = "",
         .cols = "ii"},
    };
    struct buf b;
    buf_init(&b, cx->arena, 4 * 1024 * 1024);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct db_rows rows;
        buf_printf(&b, "%s\n", tables[i].name);
        check_ok(cx, DB_SELECT0(&rows, cx, &tables[i]));
        while (db_next(&rows)) {
            for (int c = 0; tables[i].cols[c]; c++)
                if (tables[i].cols[c] == 'i')
                    buf_printf(&b, "%lld|", (long long)row_i64(&rows, c));
                else if (tables[i].cols[c] == 't')
                    buf_printf(&b, "%.*s|", STR_ARG(row_str(&rows, c)));
                else
                    buf_printf(&b, "%s|",
                               hex_of(cx->arena, row_str(&rows, c).p, row_str(&rows, c).len));
            if (tables[i].name[5] == 'h' || tables[i].name[5] == 'p') {
                enum subject subject =
                    tables[i].name[5] == 'h' ? SUBJECT_HOUSEHOLD : SUBJECT_PERSON;
                size_t n = cx->profile->of_count[subject];
                struct value *v = arena_new(cx->arena, n * sizeof *v);
                if (sheet_get(v, cx, subject, f->county, row_i64(&rows, 0), 2026))
                    n = 0;
                for (size_t k = 0; k < n; k++)
                    if (v[k].kind == VALUE_INT)
                        buf_printf(&b, "%zu=%lld ", k, (long long)v[k].i);
                    else if (v[k].kind == VALUE_TEXT)
                        buf_printf(&b, "%zu=%.*s ", k, STR_ARG(v[k].s));
            }
            buf_char(&b, '\n');
        }
        check_ok(cx, db_done(&rows));
    }
    assert_true(buf_ok(&b));
    return arena_str(cx->arena, buf_view(&b));
}

/* Two households in the register before; an import brings a third, changes the first in every
 * way, and moves a person from the second into the third. */
static void send_import(struct cx *cx, const struct register_fixture *f, int64_t import_id)
{
    struct source s = fixture_source(f, 21, import_id);
    struct household_record *one = family(cx, f);
    identify(cx, f, one);
    one->area_id = f->village[2];
    one->people[0].name = STR("王大明");
    one->people[0].identity = STR("520181198001011250");
    one->people[0].birth_day = 4100;
    one->people[1].account = STR("6228480402564890018");
    one->people[0].relation = 2;
    one->people[1].relation = 1;
    fixture_value(cx, one->values, SUBJECT_HOUSEHOLD, "household_type", value_int(0));
    fixture_value(cx, one->values, SUBJECT_HOUSEHOLD, "risk_cleared", value_int(1));
    fixture_value(cx, one->people[1].values, SUBJECT_PERSON, "education", value_int(2));
    one->incomes[0].amount_minor = 777;
    one->incomes[1] =
        (struct income_record){.kind = &cx->profile->incomes[1], .amount_minor = 9};
    one->income_count = 2;
    struct person_record *people = arena_new(cx->arena, 3 * sizeof *people);
    people[0] = one->people[0];
    people[1] = one->people[1];
    people[2] = (struct person_record){.name = STR("王新生"),
                                       .relation = 3,
                                       .birth_day = 19000,
                                       .identity = STR("520181202201011239")};
    one->people = people;
    one->people_count = 3;
    fixture_apply(cx, &s, one);

    struct household_record *three = fixture_household(cx, f->village[3], "H003", 2);
    fixture_person(three, 0, "赵三", 1, "520181196601011231");
    three->people[1].name = STR("李四妹");
    three->people[1].relation = 2;
    check_ok(cx, register_find_person(&three->people[1].person_id, &three->household_id, cx,
                                      f->county, STR("520181197701011222"), STR("")));
    assert_true(three->people[1].person_id != 0);
    three->household_id = 0;
    struct change_counts c = fixture_apply(cx, &s, three);
    assert_int_equal(c.households[CHANGE_NEW], 1);
    assert_int_equal(c.people[CHANGE_NEW], 1);
    assert_int_equal(c.people[CHANGE_CHANGED], 1);
}

static void send_first(struct cx *cx, const struct register_fixture *f)
{
    struct source s = fixture_source(f, 11, 0);
    fixture_apply(cx, &s, family(cx, f));
    struct household_record *two = fixture_household(cx, f->village[1], "H002", 2);
    fixture_person(two, 0, "李四", 1, "520181197001011219");
    fixture_person(two, 1, "李四妹", 5, "520181197701011222");
    fixture_value(cx, two->people[1].values, SUBJECT_PERSON, "education", value_int(1));
    fixture_apply(cx, &s, two);
}

/* Nothing of an import is seen before the flip, all of it after; undone before or after the
 * flip, every table is as it was (the journal keeps both). */
static void import_on(struct cx *cx)
{
    struct register_fixture f;
    register_fixture_open(&f, cx);
    send_first(cx, &f);
    struct str before = dump(cx, &f);
    struct household h;

    send_import(cx, &f, 501);
    check_refused(cx, household_by_code(&h, cx, f.county, STR("H003")), RC_NOTFOUND);
    check_ok(cx, household_by_code(&h, cx, f.county, STR("H001")));
    assert_string_equal(h.head_name, "王小明");
    fixture_verify(cx);
    assert_int_equal(fixture_undo(cx, &f, 501), 0);
    check_str(dump(cx, &f), before);
    fixture_verify(cx);

    send_import(cx, &f, 502);
    fixture_flip(cx, &f, 502);
    check_ok(cx, household_by_code(&h, cx, f.county, STR("H003")));
    assert_int_equal(h.people_count, 2);
    check_ok(cx, household_by_code(&h, cx, f.county, STR("H001")));
    assert_string_equal(h.head_name, "李红");
    assert_int_equal(h.area_id, f.village[2]);
    assert_int_equal(h.people_count, 3);
    check_ok(cx, household_by_code(&h, cx, f.county, STR("H002")));
    assert_int_equal(h.people_count, 1);
    struct person *people;
    size_t count;
    check_ok(cx, household_people(&people, &count, cx, f.county, h.id, true));
    assert_int_equal(count, 2);
    assert_string_equal(people[1].name, "李四妹");
    assert_int_equal(people[1].to_day, 20000);
    struct area a;
    check_ok(cx, area_get(&a, cx, f.town[1]));
    assert_int_equal(a.household_count, 2);
    assert_int_equal(a.person_count, 5);
    fixture_verify(cx);
    assert_false(str_eq(dump(cx, &f), before));
    assert_int_equal(fixture_undo(cx, &f, 502), 0);
    check_str(dump(cx, &f), before);
    fixture_verify(cx);
    register_fixture_close(&f, cx);
}
static void import_flip_undo(void **state)
{
    (void)state;
    db_fixture_each(import_on);
}

/* What was changed by hand after an import is kept by its undo, counted, and everything else
 * goes back. */
static void kept_on(struct cx *cx)
{
    struct register_fixture f;
    register_fixture_open(&f, cx);
    send_first(cx, &f);
    send_import(cx, &f, 502);
    fixture_flip(cx, &f, 502);
    struct source hand = fixture_source(&f, 0, 0);
    struct household_record *r = fixture_household(cx, 0, "", 0);
    r->household_id = fixture_id(cx, &f, "H001");
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "household_type", value_int(2));
    fixture_apply(cx, &hand, r);
    r->household_id = fixture_id(cx, &f, "H003");
    fixture_apply(cx, &hand, r);
    /* The type of H001, all of H003, and the person who moved there and stays. */
    assert_true(fixture_undo(cx, &f, 502) >= 2);
    struct household h;
    check_ok(cx, household_by_code(&h, cx, f.county, STR("H003")));
    check_ok(cx, household_by_code(&h, cx, f.county, STR("H001")));
    assert_string_equal(h.head_name, "王小明");
    assert_int_equal(h.people_count, 2);
    struct value *v =
        arena_new(cx->arena, cx->profile->of_count[SUBJECT_HOUSEHOLD] * sizeof *v);
    check_ok(cx, sheet_get(v, cx, SUBJECT_HOUSEHOLD, f.county, h.id, 2026));
    assert_int_equal(
        v[profile_indicator(cx->profile, SUBJECT_HOUSEHOLD, STR("household_type"))->index].i,
        2);
    assert_int_equal(
        v[profile_indicator(cx->profile, SUBJECT_HOUSEHOLD, STR("risk_cleared"))->index].kind,
        VALUE_MISSING);
    /* Who put the value there is still the hand, not the undo that left it. */
    struct journal_entry e;
    const struct indicator *type =
        profile_indicator(cx->profile, SUBJECT_HOUSEHOLD, STR("household_type"));
    check_ok(cx,
             journal_source(&e, cx, f.county, KIND_HOUSEHOLD_SHEET, h.id, 2026, type->number));
    assert_int_equal(e.import_id, 0);
    fixture_verify(cx);
    register_fixture_close(&f, cx);
}
static void kept(void **state)
{
    (void)state;
    db_fixture_each(kept_on);
}

/* Two people who say they are the head: the first is; the other stays a member. A record that
 * names fewer people than are there reports them and removes nobody. */
static void heads_on(struct cx *cx)
{
    struct register_fixture f;
    register_fixture_open(&f, cx);
    struct source s = fixture_source(&f, 11, 0);
    struct household_record *r = family(cx, &f);
    r->people[1].relation = 1;
    fixture_apply(cx, &s, r);
    struct household h;
    check_ok(cx, household_by_code(&h, cx, f.county, STR("H001")));
    assert_string_equal(h.head_name, "王小明");
    identify(cx, &f, r);
    r->people_count = 1;
    r->people_complete = true;
    struct change_counts c = fixture_apply(cx, &s, r);
    assert_int_equal(c.missing_people, 1);
    check_ok(cx, household_by_code(&h, cx, f.county, STR("H001")));
    assert_int_equal(h.people_count, 2);
    register_fixture_close(&f, cx);
}
static void heads(void **state)
{
    (void)state;
    db_fixture_each(heads_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(once),
        cmocka_unit_test(import_flip_undo),
        cmocka_unit_test(kept),
        cmocka_unit_test(heads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
