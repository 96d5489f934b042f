/* Tests of vacancies, candidates and placements, on both databases: places are never given
 * twice, mistakes of a rule are named, who fits comes in the promised order. */
#include "help/earn_fixture.h"

enum { RACERS = 8 };

struct asking {
    int64_t vacancy, person;
};
static enum rc place(struct cx *cx, void *arg)
{
    const struct asking *a = arg;
    int64_t id;
    return placement_add(&id, cx, a->vacancy, a->person, help_today(cx));
}

/* Eight officers give two places at one moment: two get them, the others are told; the count
 * agrees with the placements. */
static void race_on(struct cx *cx)
{
    struct asking a[RACERS];
    struct earn_racer r[RACERS] = {0};
    struct placement *list;
    size_t count;
    earn_fixture_open(cx);
    int64_t id = earn_vacancy(cx, 2, "age >= 16");
    for (int i = 0; i < RACERS; i++) {
        int64_t home = earn_household(cx, i % 4, arena_printf(cx->arena, "H%d", i), 0);
        a[i] = (struct asking){id, earn_head(cx, home).id};
        r[i] = (struct earn_racer){.fn = place, .arg = &a[i]};
    }
    assert_int_equal(earn_race(cx, r, RACERS, RC_CONFLICT), 2);
    assert_int_equal(earn_vacancy_read(cx, id).taken, 2);
    check_ok(cx, placements_of(&list, &count, cx, f.county, 0, id));
    assert_int_equal(count, 2);
    help_fixture_close(cx);
}
static void test_race(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        db_fixture_each(race_on);
}

static void check_ends(struct cx *cx, int64_t vacancy, int64_t placement, int64_t person)
{
    int64_t again;
    int32_t today = help_today(cx);
    REFUSED(cx, RC_INVALID, placement_end(cx, placement, today + 1, STR("病了")));
    REFUSED(cx, RC_INVALID, placement_end(cx, placement, today - 11, STR("病了")));
    REFUSED(cx, RC_INVALID, placement_end(cx, placement, today, STR("  ")));
    check_ok(cx, placement_end(cx, placement, today, STR("病了")));
    assert_int_equal(earn_vacancy_read(cx, vacancy).taken, 0);
    REFUSED(cx, RC_CONFLICT, placement_end(cx, placement, today, STR("病了")));
    assert_int_equal(earn_vacancy_read(cx, vacancy).taken, 0);
    check_ok(cx, placement_add(&again, cx, vacancy, person, today));
    assert_true(again != placement);
}

/* One person has one place of a vacancy at a time; an ended one frees it, once. */
static void twice_on(struct cx *cx)
{
    int64_t first, second;
    struct placement *list;
    size_t count;
    earn_fixture_open(cx);
    int32_t today = help_today(cx);
    int64_t id = earn_vacancy(cx, 5, "age >= 16");
    int64_t home = earn_household(cx, 0, "H1", 0), person = earn_head(cx, home).id;
    check_ok(cx, placement_add(&first, cx, id, person, today - 10));
    REFUSED(cx, RC_CONFLICT, placement_add(&second, cx, id, person, today));
    assert_int_equal(earn_vacancy_read(cx, id).taken, 1);
    REFUSED(cx, RC_INVALID, placement_add(&second, cx, id, person, today - 801));
    REFUSED(cx, RC_NOTFOUND, placement_add(&second, cx, id, 99999, today));
    check_ends(cx, id, first, person);
    check_ok(cx, placements_of(&list, &count, cx, f.county, home, 0));
    assert_int_equal(count, 2);
    assert_int_equal(list[0].to_day, 0);
    assert_string_equal(list[1].end_reason, "病了");
    help_fixture_close(cx);
}
static void test_twice(void **state)
{
    (void)state;
    db_fixture_each(twice_on);
}

/* What is wrong with a vacancy is said; a stale form and too few places are refused. */
static void save_on(struct cx *cx)
{
    int64_t id, other;
    earn_fixture_open(cx);
    int32_t today = help_today(cx);
    struct vacancy v = {.area_id = f.county_area,
                        .title = "护林员",
                        .rule = "age >= ",
                        .places = 1,
                        .from_day = today};
    REFUSED(cx, RC_INVALID, vacancy_save(&id, cx, &v));
    v.rule = "moon > 3";
    assert_int_equal(vacancy_save(&id, cx, &v), RC_INVALID);
    assert_non_null(strstr(cx->err.text, "moon"));
    err_clear(cx);
    v.rule = "  ";
    REFUSED(cx, RC_INVALID, vacancy_save(&id, cx, &v));
    v.rule = "age";
    REFUSED(cx, RC_INVALID, vacancy_save(&id, cx, &v));
    v.rule = "age >= 16";
    v.places = 0;
    REFUSED(cx, RC_INVALID, vacancy_save(&id, cx, &v));
    v.places = 2;
    v.to_day = today - 1;
    REFUSED(cx, RC_INVALID, vacancy_save(&id, cx, &v));
    v.to_day = 0;
    v.title = "\xff";
    REFUSED(cx, RC_INVALID, vacancy_save(&id, cx, &v));
    v.title = " ";
    REFUSED(cx, RC_INVALID, vacancy_save(&id, cx, &v));
    v.title = "护林员";
    v.area_id = f.province;
    REFUSED(cx, RC_INVALID, vacancy_save(&id, cx, &v));
    v.area_id = f.county_area;
    check_ok(cx, vacancy_save(&id, cx, &v));
    for (int i = 0; i < 2; i++)
        check_ok(cx, placement_add(&other, cx, id,
                                   earn_head(cx, earn_household(cx, i, i ? "B" : "A", 0)).id,
                                   today));
    v = earn_vacancy_read(cx, id);
    v.places = 1;
    REFUSED(cx, RC_CONFLICT, vacancy_save(&other, cx, &v));
    v.places = 3;
    check_ok(cx, vacancy_save(&other, cx, &v));
    assert_int_equal(other, id);
    v.title = "保洁员";
    REFUSED(cx, RC_CONFLICT, vacancy_save(&other, cx, &v)); /* the version is old */
    assert_string_equal(earn_vacancy_read(cx, id).title, "护林员");
    help_fixture_close(cx);
}
static void test_save(void **state)
{
    (void)state;
    db_fixture_each(save_on);
}

/* An ended vacancy is no longer in the list of open ones and takes nobody. */
static void open_on(struct cx *cx)
{
    struct vacancy *list;
    size_t count;
    int64_t id;
    earn_fixture_open(cx);
    int32_t today = help_today(cx);
    int64_t old = earn_vacancy(cx, 1, "age >= 16"), person;
    struct vacancy v = earn_vacancy_read(cx, old);
    v.to_day = today - 1;
    check_ok(cx, vacancy_save(&id, cx, &v));
    int64_t now = earn_vacancy(cx, 1, "age >= 16");
    person = earn_head(cx, earn_household(cx, 0, "H1", 0)).id;
    REFUSED(cx, RC_INVALID, placement_add(&id, cx, old, person, today));
    check_ok(cx, vacancy_list(&list, &count, cx, f.county, true));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].id, now);
    check_ok(cx, vacancy_list(&list, &count, cx, f.county, false));
    assert_int_equal(count, 2);
    help_fixture_close(cx);
}
static void test_open(void **state)
{
    (void)state;
    db_fixture_each(open_on);
}

static size_t candidates(struct candidate **out, struct cx *cx, int64_t id, int64_t *total)
{
    size_t count;
    struct vacancy v = earn_vacancy_read(cx, id);
    check_ok(cx, vacancy_candidates(out, &count, total, cx, &v, 10));
    return count;
}

/* A man of 45 with a sheet that does not say how long he works. */
static int64_t unsure_household(struct cx *cx)
{
    struct household_record *r = fixture_household(cx, f.village[0], "U", 1);
    fixture_person(r, 0, "李四", 1, NULL);
    r->year = YEAR;
    fixture_value(cx, r->people[0].values, SUBJECT_PERSON, "wants_training", value_int(0));
    fixture_apply(cx, &source, r);
    return fixture_id(cx, &f, "U");
}

/* Surely fitting before unsure, households with a running plan first, then by place; children
 * and who has work do not fit; who works there is left out; the facts say why. */
static void candidates_on(struct cx *cx)
{
    struct candidate *c;
    struct help_plan h;
    int64_t total, id;
    help_fixture_open(cx);
    int64_t job = earn_vacancy(cx, 5, "age >= 16 and work_months < 6");
    int64_t unsure = unsure_household(cx);
    int64_t later = earn_household(cx, 3, "L", 0), first = earn_household(cx, 1, "F", 0);
    earn_household(cx, 0, "W", 110); /* works eleven months */
    help_plan_propose(&h, cx, 2, "P");
    help_plan_approve(&h, cx);
    assert_int_equal(candidates(&c, cx, job, &total), 4);
    assert_int_equal(total, 4);
    assert_int_equal(c[0].household_id, h.household);
    assert_true(c[0].helped && !c[0].unsure);
    assert_int_equal(c[1].household_id, first);
    assert_int_equal(c[2].household_id, later);
    assert_true(!c[2].helped && !c[2].unsure);
    assert_int_equal(c[3].household_id, unsure);
    assert_true(c[3].unsure);
    assert_string_equal(c[1].name, "王明");
    assert_int_equal(c[1].area_id, f.village[1]);
    assert_true(c[1].fact_count >= 2 && c[1].facts[0].label[0] && c[1].facts[0].value[0]);
    check_ok(cx, placement_add(&id, cx, job, c[1].person_id, help_today(cx)));
    assert_int_equal(candidates(&c, cx, job, &total), 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(c[i].household_id != first);
    check_ok(cx, placement_end(cx, id, help_today(cx), STR("合同到期")));
    assert_int_equal(candidates(&c, cx, job, &total), 4);
    struct vacancy v = earn_vacancy_read(cx, job);
    size_t count;
    check_ok(cx, vacancy_candidates(&c, &count, &total, cx, &v, 2));
    assert_int_equal(count, 2); /* the best two, and how many there are */
    assert_int_equal(total, 4);
    assert_int_equal(c[0].household_id, h.household);
    help_fixture_close(cx);
}
static void test_candidates(void **state)
{
    (void)state;
    db_fixture_each(candidates_on);
}

/* An officer of one township sees the county's vacancy and its own people, places nobody of
 * another township and may not change the vacancy; of another county nothing. */
static void areas_on(struct cx *cx)
{
    struct candidate *c;
    int64_t total, id;
    earn_fixture_open(cx);
    int64_t job = earn_vacancy(cx, 5, "age >= 16");
    int64_t here = earn_household(cx, 0, "H", 0), there = earn_household(cx, 2, "T", 0);
    int64_t person = earn_head(cx, there).id;
    cx->actor = fixture_officer(cx, &f, f.town[0], "township_officer");
    assert_int_equal(candidates(&c, cx, job, &total), 1);
    assert_int_equal(total, 1);
    assert_int_equal(c[0].household_id, here);
    struct vacancy v = earn_vacancy_read(cx, job);
    REFUSED(cx, RC_DENIED, vacancy_save(&id, cx, &v));
    REFUSED(cx, RC_DENIED, placement_add(&id, cx, job, person, help_today(cx)));
    cx->actor = fixture_officer(cx, &f, f.county_area, "county_officer");
    assert_int_equal(candidates(&c, cx, job, &total), 2);
    check_ok(cx, placement_add(&id, cx, job, person, help_today(cx)));
    struct actor *nobody = arena_new(cx->arena, sizeof *nobody);
    *nobody = (struct actor){.user_id = 9, .name = "x"};
    cx->actor = nobody;
    REFUSED(cx, RC_NOTFOUND, vacancy_get(&v, cx, job));
    REFUSED(cx, RC_NOTFOUND, placement_end(cx, id, help_today(cx), STR("x")));
    cx->actor = NULL;
    help_fixture_close(cx);
}
static void test_areas(void **state)
{
    (void)state;
    db_fixture_each(areas_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_race),       cmocka_unit_test(test_twice),
        cmocka_unit_test(test_save),       cmocka_unit_test(test_open),
        cmocka_unit_test(test_candidates), cmocka_unit_test(test_areas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
