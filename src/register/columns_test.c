/* Tests of the live columns: after each kind of change, what was followed equals what is loaded
 * anew, cell by cell, and what the tables say; acknowledged writes are seen; readers beside a
 * writer see whole households. Rules over columns: columns_rule_test.c. */
#include "register/columns.h"

#include "base/time.h"
#include "register/columns_fixture.h"
#include "register/office.h"

#include <pthread.h>

static struct register_fixture f;

static struct household_record *family(struct cx *cx, const char *code, int village)
{
    struct household_record *r = fixture_household(cx, f.village[village], code, 3);
    fixture_person(r, 0, "王小明", 1, "520181199001011234");
    fixture_person(r, 1, "李华", 2, NULL);
    fixture_person(r, 2, "王一", 3, NULL);
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "household_type", value_int(1));
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "net_income_per_head", value_int(900000));
    r->incomes = arena_new(cx->arena, 4 * sizeof *r->incomes);
    r->incomes[0] = (struct income_record){profile_income(f.profile, 101), 100000, 4};
    r->incomes[1] = (struct income_record){profile_income(f.profile, 202), 20000, 4};
    r->incomes[2] = (struct income_record){profile_income(f.profile, 501), 7000, 4};
    r->income_count = 3;
    return r;
}

static struct source source;

static void check_sql_cell(struct cx *cx, const struct columns_view *v, enum subject subject,
                           size_t row, int64_t id, int32_t year)
{
    size_t count = cx->profile->of_count[subject];
    struct value *values = arena_new(cx->arena, (count + 1) * sizeof *values);
    enum rc rc = sheet_get(values, cx, subject, f.county, id, year);
    assert_true(rc == RC_OK || rc == RC_NOTFOUND);
    for (size_t i = 0; i < count; i++) {
        const struct indicator *ind = cx->profile->of[subject][i];
        struct column col;
        check_ok(cx, columns_get(&col, cx, v->c, subject, ind->number, year));
        int64_t is = column_at(col, row);
        int64_t should = rc || values[i].kind == VALUE_MISSING ? COLUMN_MISSING
                         : values[i].kind == VALUE_TEXT        ? 1
                                                               : values[i].i;
        assert_int_equal(is, should);
    }
}

/* Every cell of sheets equals sheet_get's. */
static void check_sql(struct cx *cx)
{
    struct columns_view v;
    columns_view_open(&v, cx, cx->columns, f.county);
    const struct columns_head *h = v.head;
    for (size_t y = 0; y < h->year_count; y++) {
        for (size_t r = 0; r < h->household_rows; r++)
            if (h->household_id[r])
                check_sql_cell(cx, &v, SUBJECT_HOUSEHOLD, r, h->household_id[r], h->years[y]);
        for (size_t r = 0; r < h->person_rows; r++)
            if (h->person_id[r])
                check_sql_cell(cx, &v, SUBJECT_PERSON, r, h->person_id[r], h->years[y]);
    }
    columns_view_close(&v);
}

static void check_same(struct cx *cx)
{
    columns_check_same(cx, f.county);
    check_sql(cx);
}

static int64_t cell(struct cx *cx, enum subject subject, int32_t number, int32_t year,
                    int64_t id)
{
    struct columns *c;
    struct column col;
    check_ok(cx, columns_open(&c, cx, f.county));
    check_ok(cx, columns_get(&col, cx, c, subject, number, year));
    int64_t row = columns_household_row(c, id);
    const struct columns_head *h = columns_head(c);
    for (size_t i = 0; subject == SUBJECT_PERSON && i < h->person_rows; i++)
        if (h->person_id[i] == id)
            row = (int64_t)i;
    int64_t value = row < 0 ? -1 : column_at(col, (size_t)row);
    columns_close(c);
    return value;
}

static int64_t income(struct cx *cx, int32_t kind, int32_t year, int64_t id)
{
    struct columns *c;
    struct column col;
    check_ok(cx, columns_open(&c, cx, f.county));
    check_ok(cx, columns_income(&col, cx, c, kind, year));
    int64_t row = columns_household_row(c, id);
    int64_t value = row < 0 ? -1 : column_at(col, (size_t)row);
    columns_close(c);
    return value;
}

static enum rc rename_write(struct cx *cx, void *arg)
{
    (void)arg;
    return area_rename(cx, f.village[0], STR("520181001209"), STR("新新村"), 20500);
}

static enum rc area_add_write(struct cx *cx, void *arg)
{
    return area_add(arg, cx, f.town[0], 4, STR("520181001203"), STR("中村"), 20500);
}

static struct household_record *change(struct cx *cx, int64_t id, int32_t year)
{
    struct household_record *r = fixture_household(cx, 0, "", 0);
    r->household_id = id;
    r->year = year;
    return r;
}

static void new_and_changed(struct cx *cx)
{
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    source = fixture_source(&f, 0, 0);
    check_same(cx);
    /* A new household: its sheets, people, incomes. */
    (void)fixture_apply(cx, &source, family(cx, "A1", 0));
    check_same(cx);
    int64_t a = fixture_id(cx, &f, "A1");
    const struct indicator *net =
        profile_indicator(f.profile, SUBJECT_HOUSEHOLD, STR("net_income_per_head"));
    assert_int_equal(cell(cx, SUBJECT_HOUSEHOLD, net->number, 2026, a), 900000);
    assert_int_equal(cell(cx, SUBJECT_HOUSEHOLD, net->number, 2025, a), COLUMN_MISSING);
    assert_int_equal(cell(cx, SUBJECT_HOUSEHOLD, FIX_SIZE, 2026, a), 3);
    /* wages hold wages_away; production holds rice; the cost tree is as written; an unnamed
     * kind is 0, another year missing. */
    assert_int_equal(income(cx, 100, 2026, a), 100000);
    assert_int_equal(income(cx, 200, 2026, a), 20000);
    assert_int_equal(income(cx, 500, 2026, a), 7000);
    assert_int_equal(income(cx, 304, 2026, a), 0);
    assert_int_equal(income(cx, 100, 2025, a), COLUMN_MISSING);
    /* A changed sheet, also with a value that is wider than what was there, and a new year. */
    struct household_record *r = change(cx, a, 2026);
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "net_income_per_head",
                  value_int(INT64_C(9000000000000)));
    (void)fixture_apply(cx, &source, r);
    check_same(cx);
    assert_int_equal(cell(cx, SUBJECT_HOUSEHOLD, net->number, 2026, a), INT64_C(9000000000000));
    r = change(cx, a, 2024);
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "household_type", value_int(2));
    (void)fixture_apply(cx, &source, r);
    check_same(cx);
    /* A changed income. */
    r = change(cx, a, 2026);
    r->incomes = arena_new(cx->arena, sizeof *r->incomes);
    r->incomes[0] = (struct income_record){profile_income(f.profile, 202), 50000, 4};
    r->income_count = 1;
    (void)fixture_apply(cx, &source, r);
    check_same(cx);
    assert_int_equal(income(cx, 200, 2026, a), 50000);
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

static void test_new_and_changed(void **state)
{
    (void)state;
    /* New households, changed sheets (wider values, new years) and incomes reach columns that
     * were loaded before; expected sums are worked out by hand from the tree of kinds. */
    db_fixture_each(new_and_changed);
}

static void people_move(struct cx *cx)
{
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    source = fixture_source(&f, 0, 0);
    (void)fixture_apply(cx, &source, family(cx, "A1", 0));
    struct household_record *other = fixture_household(cx, f.village[3], "B1", 1);
    fixture_person(other, 0, "张三", 1, NULL);
    fixture_value(cx, other->people[0].values, SUBJECT_PERSON, "education", value_int(1));
    (void)fixture_apply(cx, &source, other);
    check_same(cx);
    int64_t a = fixture_id(cx, &f, "A1"), b = fixture_id(cx, &f, "B1");
    struct person *people;
    size_t count;
    check_ok(cx, household_people(&people, &count, cx, f.county, a, false));
    assert_int_equal(count, 3);
    /* A member moves over; the sizes of both follow. In 2026 only 张三 of B has a sheet, so B's
     * people of 2026 are those with one. */
    struct household_record *r = fixture_household(cx, 0, "", 1);
    r->household_id = b;
    r->people[0].person_id = people[2].id;
    r->people[0].relation = 2;
    (void)fixture_apply(cx, &source, r);
    check_same(cx);
    assert_int_equal(cell(cx, SUBJECT_HOUSEHOLD, FIX_SIZE, 2026, a), 2);
    assert_int_equal(cell(cx, SUBJECT_HOUSEHOLD, FIX_SIZE, 2026, b), 1);
    /* The household moves to another village. */
    r = change(cx, a, 0);
    r->area_id = f.village[2];
    (void)fixture_apply(cx, &source, r);
    check_same(cx);
    struct columns *c;
    const uint32_t *rows;
    check_ok(cx, columns_open(&c, cx, f.county));
    check_ok(cx, columns_rows(&rows, &count, cx, c, columns_area_index(c, f.town[1])));
    assert_int_equal(count, 2);
    assert_int_equal(columns_head(c)->household_id[rows[0]], a); /* 高坡村 comes after 新建村 */
    assert_int_equal(columns_head(c)->household_id[rows[1]], b);
    columns_close(c);
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

static void test_people_move(void **state)
{
    (void)state;
    /* A member moves to another household and a household to another village: both households'
     * people, sizes and the order of place follow. */
    db_fixture_each(people_move);
}

static void imports(struct cx *cx)
{
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    source = fixture_source(&f, 0, 0);
    (void)fixture_apply(cx, &source, family(cx, "A1", 0));
    check_same(cx);
    int64_t a = fixture_id(cx, &f, "A1");
    struct source import = fixture_source(&f, 5, 9);
    (void)fixture_apply(cx, &import, family(cx, "I1", 1));
    (void)fixture_apply(cx, &import, family(cx, "I2", 2));
    struct household_record *r = change(cx, a, 2026);
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "household_type", value_int(2));
    (void)fixture_apply(cx, &import, r);
    check_same(cx);
    const struct indicator *type =
        profile_indicator(f.profile, SUBJECT_HOUSEHOLD, STR("household_type"));
    /* Hidden: nothing of it is seen. */
    struct columns *c;
    check_ok(cx, columns_open(&c, cx, f.county));
    assert_int_equal(columns_head(c)->household_rows, 1);
    columns_close(c);
    assert_int_equal(cell(cx, SUBJECT_HOUSEHOLD, type->number, 2026, a), 1);
    fixture_flip(cx, &f, 9);
    check_same(cx);
    int64_t i1 = fixture_id(cx, &f, "I1");
    assert_int_equal(cell(cx, SUBJECT_HOUSEHOLD, type->number, 2026, a), 2);
    assert_int_equal(cell(cx, SUBJECT_HOUSEHOLD, type->number, 2026, i1), 1);
    (void)fixture_undo(cx, &f, 9);
    check_same(cx);
    assert_int_equal(cell(cx, SUBJECT_HOUSEHOLD, type->number, 2026, a), 1);
    assert_int_equal(cell(cx, SUBJECT_HOUSEHOLD, type->number, 2026, i1), -1);
    /* Of an import that brings the whole county anew, and is undone before anybody saw it. */
    struct source second = fixture_source(&f, 6, 10);
    (void)fixture_apply(cx, &second, family(cx, "J1", 1));
    (void)fixture_undo(cx, &f, 10);
    check_same(cx);
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

static void test_imports(void **state)
{
    (void)state;
    /* An import's new households and waiting changes are not seen before its flip, are after
     * it, and are gone after its undo. */
    db_fixture_each(imports);
}

static void areas(struct cx *cx)
{
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    source = fixture_source(&f, 0, 0);
    (void)fixture_apply(cx, &source, family(cx, "A1", 0));
    (void)fixture_apply(cx, &source, family(cx, "A2", 2));
    check_same(cx);
    check_ok(cx, db_write(cx, f.county, rename_write, NULL));
    check_same(cx);
    struct columns *c;
    check_ok(cx, columns_open(&c, cx, f.county));
    const struct columns_head *h = columns_head(c);
    int32_t at = columns_area_index(c, f.village[0]);
    assert_string_equal(h->areas[at].name, "新新村");
    assert_string_equal(h->areas[at].code, "520181001209");
    assert_int_equal(h->areas[0].id, f.county_area);
    assert_int_equal(h->areas[0].end, h->area_count);
    assert_int_equal(h->areas[h->areas[at].parent].id, f.town[0]);
    columns_close(c);
    /* A new area stands between those that are there: places shift, households keep theirs. */
    int64_t made = 0;
    check_ok(cx, db_write(cx, f.county, area_add_write, &made));
    check_same(cx);
    check_ok(cx, columns_open(&c, cx, f.county));
    h = columns_head(c);
    int64_t row = columns_household_row(c, fixture_id(cx, &f, "A2"));
    assert_int_equal(h->areas[h->area[row]].id, f.village[2]);
    assert_int_equal(h->area_count, 8);
    columns_close(c);
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

static void test_areas(void **state)
{
    (void)state;
    /* A renamed area has its new name and code; a new one shifts the places of others, and
     * households stay where they are. */
    db_fixture_each(areas);
}

static int64_t person_fact(struct cx *cx, int64_t household, size_t which, int32_t number)
{
    struct columns *c;
    struct column col;
    const uint32_t *people;
    size_t count;
    check_ok(cx, columns_open(&c, cx, f.county));
    check_ok(cx, columns_get(&col, cx, c, SUBJECT_PERSON, number, 2026));
    check_ok(cx, columns_people(&people, &count, cx, c, 2026,
                                (size_t)columns_household_row(c, household)));
    assert_true(which < count);
    int64_t value = column_at(col, people[which]);
    columns_close(c);
    return value;
}

/* As a database from before the facts. */
static enum rc forget_facts(struct cx *cx, void *arg)
{
    struct member *m = arg;
    TRY(member_load(m, cx, f.county, m->p.id));
    struct member without = *m;
    without.facts = -1;
    return member_put(cx, &without);
}

static void identities(struct cx *cx)
{
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    source = fixture_source(&f, 0, 0);
    /* 11010519491231002X is the example of GB 11643-1999: born 1949-12-31, a woman, check X. */
    struct household_record *r = fixture_household(cx, f.village[0], "A1", 2);
    fixture_person(r, 0, "王小明", 1, "11010519491231002X");
    fixture_person(r, 1, "李华", 2, "110105194912310021"); /* another check character */
    r->people[0].birth_day = day_of((struct date){1949, 12, 31});
    r->people[0].phone = STR("13912345678");
    r->people[1].birth_day = day_of((struct date){1950, 1, 1});
    r->people[1].phone = STR("1391234");
    (void)fixture_apply(cx, &source, r);
    check_same(cx);
    int64_t a = fixture_id(cx, &f, "A1");
    assert_int_equal(person_fact(cx, a, 0, FIX_IDENTITY_LENGTH), 18);
    assert_int_equal(person_fact(cx, a, 0, FIX_IDENTITY_VALID), 1);
    assert_int_equal(person_fact(cx, a, 1, FIX_IDENTITY_VALID), 0);
    assert_int_equal(person_fact(cx, a, 0, FIX_IDENTITY_BIRTH), 1);
    assert_int_equal(person_fact(cx, a, 1, FIX_IDENTITY_BIRTH), 0);
    assert_int_equal(person_fact(cx, a, 0, FIX_IDENTITY_SEX), 0); /* the fixture says a man */
    assert_int_equal(person_fact(cx, a, 1, FIX_IDENTITY_SEX), 1);
    assert_int_equal(person_fact(cx, a, 0, FIX_IDENTITY_TWICE), 0);
    assert_int_equal(person_fact(cx, a, 0, FIX_PHONE_VALID), 1);
    assert_int_equal(person_fact(cx, a, 1, FIX_PHONE_VALID), 0);
    assert_int_equal(person_fact(cx, a, 0, FIX_PHONE_SHARED), 0);
    /* Another household has the same number and phone: both sides know. */
    struct household_record *other = fixture_household(cx, f.village[1], "B1", 1);
    fixture_person(other, 0, "张三", 1, "11010519491231002x");
    other->people[0].phone = STR("139 1234 5678");
    (void)fixture_apply(cx, &source, other);
    check_same(cx);
    int64_t b = fixture_id(cx, &f, "B1");
    assert_int_equal(person_fact(cx, a, 0, FIX_IDENTITY_TWICE), 1);
    assert_int_equal(person_fact(cx, a, 1, FIX_IDENTITY_TWICE), 0);
    assert_int_equal(person_fact(cx, b, 0, FIX_IDENTITY_TWICE), 1);
    assert_int_equal(person_fact(cx, a, 0, FIX_PHONE_SHARED), 1);
    /* The birth is corrected: compared anew although the number was not given again. */
    struct person *people;
    size_t count;
    check_ok(cx, household_people(&people, &count, cx, f.county, a, false));
    r = fixture_household(cx, 0, "", 1);
    r->household_id = a;
    r->people[0].person_id = people[1].id;
    r->people[0].birth_day = day_of((struct date){1949, 12, 31});
    (void)fixture_apply(cx, &source, r);
    check_same(cx);
    assert_int_equal(person_fact(cx, a, 1, FIX_IDENTITY_BIRTH), 1);
    /* An import corrects the number of 张三; its undo brings the old one back. */
    check_ok(cx, household_people(&people, &count, cx, f.county, b, false));
    struct source import = fixture_source(&f, 5, 9);
    r = fixture_household(cx, 0, "", 1);
    r->household_id = b;
    r->people[0].person_id = people[0].id;
    r->people[0].identity = STR("520181199001011234");
    r->people[0].sex = 2;
    (void)fixture_apply(cx, &import, r);
    fixture_flip(cx, &f, 9);
    check_same(cx);
    assert_int_equal(person_fact(cx, a, 0, FIX_IDENTITY_TWICE), 0);
    assert_int_equal(person_fact(cx, b, 0, FIX_IDENTITY_SEX), 0); /* 3 is a man's digit */
    (void)fixture_undo(cx, &f, 9);
    check_same(cx);
    assert_int_equal(person_fact(cx, a, 0, FIX_IDENTITY_TWICE), 1);
    assert_int_equal(person_fact(cx, b, 0, FIX_IDENTITY_SEX), 0); /* 2 against a man */
    assert_int_equal(person_fact(cx, b, 0, FIX_IDENTITY_VALID), 1);
    fixture_verify(cx);
    struct member before = {.p.id = people[0].id}, after;
    check_ok(cx, db_write(cx, f.county, forget_facts, &before));
    check_ok(cx, register_refresh_facts(cx));
    check_ok(cx, member_load(&after, cx, f.county, people[0].id));
    assert_true(before.facts > 0);
    assert_int_equal(after.facts, before.facts);
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

static void test_identities(void **state)
{
    (void)state;
    /* Facts about identity numbers and phones: the standard's example number, sharing between
     * households, and following births, numbers, flips and undos. */
    db_fixture_each(identities);
}

/* ---- readers beside a writer ---- */

struct reader {
    struct cx *cx;
    const struct indicator *type, *net;
    _Atomic bool stop;
    int64_t looks, mixed;
};

/* The writer gives both indicators the same number n. */
static void *read_all_the_time(void *arg)
{
    struct reader *r = arg;
    struct cx cx = *r->cx;
    cx.arena = arena_open(32 * 1024 * 1024);
    cx.db = NULL;
    err_clear(&cx);
    check_ok(&cx, db_attach(&cx));
    while (!r->stop) {
        struct columns *c;
        struct column type, net, size;
        arena_reset(cx.arena);
        check_ok(&cx, columns_open(&c, &cx, f.county));
        check_ok(&cx, columns_get(&type, &cx, c, SUBJECT_HOUSEHOLD, r->type->number, 2026));
        check_ok(&cx, columns_get(&net, &cx, c, SUBJECT_HOUSEHOLD, r->net->number, 2026));
        check_ok(&cx, columns_get(&size, &cx, c, SUBJECT_HOUSEHOLD, FIX_SIZE, 2026));
        for (size_t i = 0; i < columns_head(c)->household_rows; i++)
            r->mixed += column_at(type, i) % 10 != column_at(net, i) % 10;
        r->looks++;
        columns_close(c);
    }
    db_detach(&cx);
    arena_free(cx.arena);
    return NULL;
}

static void beside(struct cx *cx)
{
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    source = fixture_source(&f, 0, 0);
    const struct indicator *type =
        profile_indicator(f.profile, SUBJECT_HOUSEHOLD, STR("household_type"));
    const struct indicator *net =
        profile_indicator(f.profile, SUBJECT_HOUSEHOLD, STR("net_income_per_head"));
    struct household_record *first = family(cx, "A1", 0);
    fixture_value(cx, first->values, SUBJECT_HOUSEHOLD, "household_type", value_int(0));
    (void)fixture_apply(cx, &source, first);
    int64_t a = fixture_id(cx, &f, "A1");
    struct reader readers[2];
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        readers[i] = (struct reader){.cx = cx, .type = type, .net = net};
        pthread_create(&threads[i], NULL, read_all_the_time, &readers[i]);
    }
    for (int64_t n = 1; n <= 60; n++) {
        struct household_record *r =
            n % 10 == 5 ? family(cx, arena_printf(cx->arena, "N%d", (int)n), (int)n % 4)
                        : change(cx, a, 2026);
        fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "household_type", value_int(n % 10));
        fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "net_income_per_head",
                      value_int(n % 10));
        (void)fixture_apply(cx, &source, r);
        /* What was acknowledged is seen at once. */
        if (n % 10 != 5)
            assert_int_equal(cell(cx, SUBJECT_HOUSEHOLD, net->number, 2026, a), n % 10);
    }
    for (int i = 0; i < 2; i++) {
        readers[i].stop = true;
        pthread_join(threads[i], NULL);
        assert_true(readers[i].looks > 0);
        assert_int_equal(readers[i].mixed, 0);
    }
    check_same(cx);
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

static void test_beside(void **state)
{
    (void)state;
    /* Two readers compute while a writer changes two indicators of a household to the same
     * number and adds households: no reader ever sees two different ones, and the writer sees
     * each of its changes at once. */
    db_fixture_each(beside);
}

static void no_county(struct cx *cx)
{
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    struct columns *c;
    struct column col;
    assert_int_equal(columns_open(&c, cx, 99), RC_NOTFOUND);
    err_clear(cx);
    check_ok(cx, columns_open(&c, cx, f.county));
    assert_int_equal(columns_get(&col, cx, c, SUBJECT_HOUSEHOLD, 987654, 2026), RC_NOTFOUND);
    err_clear(cx);
    assert_int_equal(columns_get(&col, cx, c, SUBJECT_HOUSEHOLD, FIX_SEX, 2026), RC_NOTFOUND);
    err_clear(cx);
    assert_int_equal(columns_household_row(c, 12345), -1);
    assert_int_equal(columns_area_index(c, 12345), -1);
    columns_close(c);
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

static void test_no_county(void **state)
{
    (void)state;
    /* Counties, indicators, households and areas that are not there are told so. */
    db_fixture_each(no_county);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_and_changed), cmocka_unit_test(test_people_move),
        cmocka_unit_test(test_imports),         cmocka_unit_test(test_areas),
        cmocka_unit_test(test_identities),      cmocka_unit_test(test_beside),
        cmocka_unit_test(test_no_county),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
