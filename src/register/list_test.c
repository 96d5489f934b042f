/* Tests of the list: search in Chinese, pinyin, code, identity number, phone and village; who
 * may see what; paging that meets every household once in every order; on both databases. */
#include "register/household.h"

#include "register/register_fixture.h"

#define ID_WANG   "520181198001011234"
#define ID_OUYANG "520181198203041228"

static void add(struct cx *cx, const struct register_fixture *f, int village, const char *code,
                const char *head, const char *wife)
{
    struct source s = fixture_source(f, 11, 0);
    struct household_record *r = fixture_household(cx, f->village[village], code, wife ? 2 : 1);
    fixture_person(r, 0, head, 1, NULL);
    if (wife)
        fixture_person(r, 1, wife, 2, NULL);
    if (strcmp(code, "H001") == 0) {
        r->people[0].identity = STR(ID_WANG);
        r->people[0].phone = STR("13800001111");
    }
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "household_type", value_int(village % 2));
    fixture_apply(cx, &s, r);
}

/* The codes found, by blanks, in the list's order. */
static const char *found(struct cx *cx, const char *typed, int64_t area_id)
{
    struct household_query q = {
        .search = str_of(typed), .area_id = area_id, .sort = STR("code"), .limit = 50};
    struct household_row *rows;
    size_t count;
    const char *next, *all = "";
    check_ok(cx, household_list(&rows, &count, &next, cx, &q));
    for (size_t i = 0; i < count; i++)
        all = arena_printf(cx->arena, "%s%s%s", all, i ? " " : "", rows[i].h.code);
    return all;
}

static void fill(struct cx *cx, const struct register_fixture *f)
{
    add(cx, f, 0, "H001", "王小明", "欧阳娜娜");
    add(cx, f, 1, "H002", "王大力", "李小明");
    add(cx, f, 2, "H003", "Nguyễn Văn An", NULL);
    add(cx, f, 3, "K004", "张老寨", NULL);
    add(cx, f, 3, "K005", "单于", "小明王");
}

/* Names are found by one, two or three characters, in either script, by syllables, joined or as
 * initials; numbers and codes exactly or by their beginning; villages by their name. */
static void search_on(struct cx *cx)
{
    struct register_fixture f;
    register_fixture_open(&f, cx);
    fill(cx, &f);
    assert_string_equal(found(cx, "王", 0), "H001 H002 K005");
    assert_string_equal(found(cx, "小明", 0), "H001 H002 K005");
    assert_string_equal(found(cx, "王小明", 0), "H001");
    assert_string_equal(found(cx, "wang", 0), "H001 H002 K005");
    assert_string_equal(found(cx, "WangXiaoming", 0), "H001");
    assert_string_equal(found(cx, "xiaoming", 0), "H001 H002 K005");
    assert_string_equal(found(cx, "wang dali", 0), "H002");
    assert_string_equal(found(cx, "wangxm", 0), "H001");
    assert_string_equal(found(cx, "wxm", 0), "H001");
    assert_string_equal(found(cx, "欧阳", 0), "H001");
    assert_string_equal(found(cx, "nguyen", 0), "H003");
    assert_string_equal(found(cx, "Văn", 0), "H003");
    assert_string_equal(found(cx, "shan", 0), "K005");
    assert_string_equal(found(cx, "李大", 0), "");
    assert_string_equal(found(cx, "H00", 0), "H001 H002 H003");
    assert_string_equal(found(cx, "K005", 0), "K005");
    assert_string_equal(found(cx, ID_WANG, 0), "H001");
    assert_string_equal(found(cx, "５２０１８１１９８００１０１１２３４", 0), "H001");
    assert_string_equal(found(cx, ID_OUYANG, 0), "");
    assert_string_equal(found(cx, "13800001111", 0), "H001");
    assert_string_equal(found(cx, "新建村", 0), "H001 H003");
    assert_string_equal(found(cx, "青山", 0), "H003 K004 K005");
    assert_string_equal(found(cx, "老寨村", 0), "H002");
    assert_string_equal(found(cx, "老寨", 0), "K004"); /* a person is called so: names first */
    assert_string_equal(found(cx, "王", f.town[1]), "K005");
    assert_string_equal(found(cx, "?!'\"*", 0), "");
    assert_string_equal(found(cx, "\" OR 1", 0), "");
    register_fixture_close(&f, cx);
}
static void search(void **state)
{
    (void)state;
    db_fixture_each(search_on);
}

/* A renamed head is found by the new name only, and sorted by it. */
static void renamed_on(struct cx *cx)
{
    struct register_fixture f;
    register_fixture_open(&f, cx);
    fill(cx, &f);
    struct source s = fixture_source(&f, 12, 0);
    struct household_record *r = fixture_household(cx, 0, "", 1);
    struct person *people;
    size_t count;
    r->household_id = fixture_id(cx, &f, "H001");
    check_ok(cx, household_people(&people, &count, cx, f.county, r->household_id, false));
    r->people[0].person_id = people[0].id;
    r->people[0].name = STR("艾青");
    fixture_apply(cx, &s, r);
    assert_string_equal(found(cx, "王小明", 0), "");
    assert_string_equal(found(cx, "aiqing", 0), "H001");
    struct household_query q = {.sort = STR("name"), .limit = 1};
    struct household_row *rows;
    const char *next;
    check_ok(cx, household_list(&rows, &count, &next, cx, &q));
    assert_string_equal(rows[0].h.head_name, "艾青");
    assert_string_equal(rows[0].village, "坝芒乡 · 新建村");
    register_fixture_close(&f, cx);
}
static void renamed(void **state)
{
    (void)state;
    db_fixture_each(renamed_on);
}

/* An officer of township A sees nothing of township B: not by id, code, list, search, person or
 * secret; someone without the permission sees nothing at all. */
static void scopes_on(struct cx *cx)
{
    struct register_fixture f;
    register_fixture_open(&f, cx);
    fill(cx, &f);
    int64_t own = fixture_id(cx, &f, "H001"), other = fixture_id(cx, &f, "K004");
    struct person *people;
    size_t count;
    check_ok(cx, household_people(&people, &count, cx, f.county, other, false));
    int64_t stranger = people[0].id;
    check_ok(cx, household_people(&people, &count, cx, f.county, own, false));
    int64_t friend = people[0].id;
    struct household h;
    struct person p;
    const char *text;
    struct income *incomes;
    cx->actor = fixture_officer(cx, &f, f.town[0], "township_officer");
    check_ok(cx, household_get(&h, cx, own));
    check_refused(cx, household_get(&h, cx, other), RC_NOTFOUND);
    check_refused(cx, household_get(&h, cx, 12345), RC_NOTFOUND);
    check_refused(cx, household_by_code(&h, cx, f.county, STR("K004")), RC_NOTFOUND);
    check_refused(cx, household_people(&people, &count, cx, f.county, other, false),
                  RC_NOTFOUND);
    check_refused(cx, household_incomes(&incomes, &count, cx, f.county, other), RC_NOTFOUND);
    check_refused(cx, person_get(&p, cx, stranger), RC_NOTFOUND);
    check_refused(cx, person_masked(&text, cx, f.county, stranger, SECRET_PHONE), RC_NOTFOUND);
    check_refused(cx, person_reveal(&text, cx, f.county, stranger, SECRET_PHONE, STR("x")),
                  RC_NOTFOUND);
    check_ok(cx, person_masked(&text, cx, f.county, friend, SECRET_IDENTITY));
    assert_string_equal(text, "5201**********1234");
    assert_string_equal(found(cx, "", 0), "H001 H002");
    assert_string_equal(found(cx, "小明", 0), "H001 H002");
    assert_string_equal(found(cx, "", f.county_area), "H001 H002");
    assert_string_equal(found(cx, "新建村", 0), "H001");
    struct household_query q = {.area_id = f.town[1]};
    struct household_row *rows;
    const char *next;
    check_refused(cx, household_list(&rows, &count, &next, cx, &q), RC_NOTFOUND);
    int64_t n;
    bool more;
    q.area_id = 0;
    check_ok(cx, household_count(&n, &more, cx, &q, 100));
    assert_int_equal(n, 2);
    cx->actor = fixture_officer(cx, &f, f.town[0], "no such role");
    check_refused(cx, household_get(&h, cx, own), RC_NOTFOUND);
    check_refused(cx, household_list(&rows, &count, &next, cx, &q), RC_DENIED);
    /* An analyst may look but not reveal. */
    cx->actor = fixture_officer(cx, &f, f.county_area, "analyst");
    check_ok(cx, household_get(&h, cx, other));
    check_refused(cx, person_reveal(&text, cx, f.county, friend, SECRET_IDENTITY, STR("x")),
                  RC_DENIED);
    register_fixture_close(&f, cx);
}
static void scopes(void **state)
{
    (void)state;
    db_fixture_each(scopes_on);
}

/* Someone with two villages in different townships sees those two, in one list. */
static void two_areas_on(struct cx *cx)
{
    struct register_fixture f;
    register_fixture_open(&f, cx);
    fill(cx, &f);
    struct grant *grants = arena_new(cx->arena, 2 * sizeof *grants);
    const struct actor *one = fixture_officer(cx, &f, f.village[0], "village_worker");
    const struct actor *two = fixture_officer(cx, &f, f.village[3], "village_worker");
    struct actor both = *one;
    grants[0] = two->grants[0];
    grants[1] = one->grants[0];
    both.grants = grants;
    both.grant_count = 2;
    cx->actor = &both;
    struct household_query q = {.limit = 2};
    struct household_row *rows;
    size_t count;
    const char *next;
    check_ok(cx, household_list(&rows, &count, &next, cx, &q));
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].h.code, "H001");
    assert_string_equal(rows[1].h.code, "K004");
    q.after = str_of(next);
    check_ok(cx, household_list(&rows, &count, &next, cx, &q));
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].h.code, "K005");
    assert_null(next);
    int64_t n;
    bool more;
    check_ok(cx, household_count(&n, &more, cx, &q, 10));
    assert_int_equal(n, 3);
    assert_string_equal(found(cx, "小明", 0), "H001 K005");
    assert_string_equal(found(cx, "", f.town[1]), "K004 K005");
    register_fixture_close(&f, cx);
}
static void two_areas(void **state)
{
    (void)state;
    db_fixture_each(two_areas_on);
}

/* 130 households with many ties; pages of 7 in every order, up and down, with and without a
 * filter, meet each household once and in order. */
static void paging_on(struct cx *cx)
{
    static const char *const heads[] = {"王一", "李二", "王一", "张三", ""};
    static const char *const orders[] = {"", "area", "code", "name", "size", "changed"};
    struct register_fixture f;
    register_fixture_open(&f, cx);
    for (int i = 0; i < 130; i++)
        add(cx, &f, i % 4, i % 3 ? "" : arena_printf(cx->arena, "H%03d", i), heads[i % 5],
            i % 3 ? NULL : "李梅");
    for (size_t o = 0; o < sizeof orders / sizeof *orders; o++)
        for (int variant = 0; variant < 6; variant++) {
            struct household_query q = {.sort = str_of(orders[o]),
                                        .limit = 7,
                                        .descending = variant & 1,
                                        .search = variant / 2 == 2 ? STR("wang") : STR("")};
            q.list_column[0] = variant / 2 == 1 ? STR("1") : STR("");
            int64_t seen[140];
            size_t total = 0, count = 0;
            const char *next = "";
            do {
                struct household_row *rows;
                q.after = str_of(next);
                check_ok(cx, household_list(&rows, &count, &next, cx, &q));
                for (size_t i = 0; i < count; i++) {
                    for (size_t k = 0; k < total; k++)
                        assert_true(seen[k] != rows[i].h.id);
                    seen[total++] = rows[i].h.id;
                }
            } while (next);
            int64_t expected = variant / 2 == 0 ? 130 : variant / 2 == 1 ? 65 : 52, n;
            bool more;
            assert_int_equal(total, expected);
            check_ok(cx, household_count(&n, &more, cx, &q, 1000));
            assert_int_equal(n, expected);
            assert_false(more);
        }
    register_fixture_close(&f, cx);
}
static void paging(void **state)
{
    (void)state;
    db_fixture_each(paging_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(search),    cmocka_unit_test(renamed), cmocka_unit_test(scopes),
        cmocka_unit_test(two_areas), cmocka_unit_test(paging),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
