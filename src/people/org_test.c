/* Tests of organisations and duties: who may, what is refused, ending and merging, two at
 * once, and who is to be told; on both databases. */
#include "people/org_fixture.h"

#include "base/text.h"

#include <pthread.h>

static struct org_fixture f;

static struct org get(struct cx *cx, int64_t id)
{
    struct org o;
    check_ok(cx, org_get(&o, cx, id));
    return o;
}

/* Kinds, names and parents that cannot be are refused, each with its sentence; names are kept
 * in one form; one leads a county, two may not have one name. */
static void adding_on(struct cx *cx)
{
    int64_t id;
    org_fixture_open(&f, cx);
    people_fixture_as(cx, f.admin);
    int64_t lead = fixture_org(cx, "lead", "  牵头办公室 ", AREA_A, 0);
    assert_string_equal(get(cx, lead).name, "牵头办公室");
    assert_int_equal(get(cx, lead).county, 1);
    const struct org bad[] = {
        {.kind = "circus", .name = "x", .area_id = AREA_A},
        {.kind = "health", .name = "   ", .area_id = AREA_A},
        {.kind = "health", .name = "\xff\xfe", .area_id = AREA_A},
        {.kind = "health",
         .name =
             "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
             "一二三四五六七八九十一二三四五六七八九十一",
         .area_id = AREA_A},
        {.kind = "health", .name = "x", .area_id = PROVINCE},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_refused(cx, org_add(&id, cx, &bad[i]), RC_INVALID);
    check_refused(
        cx, org_add(&id, cx, &(struct org){.kind = "health", .name = "x", .area_id = 999}),
        RC_NOTFOUND);
    check_refused(
        cx, org_add(&id, cx, &(struct org){.kind = "health", .name = "x", .area_id = AREA_B}),
        RC_NOTFOUND);
    check_refused(
        cx, org_add(&id, cx, &(struct org){.kind = "lead", .name = "y", .area_id = AREA_A}),
        RC_CONFLICT);
    int64_t health = fixture_org(cx, "health", "卫健局", AREA_A, lead);
    check_refused(
        cx,
        org_add(&id, cx, &(struct org){.kind = "health", .name = "卫健局 ", .area_id = AREA_A}),
        RC_CONFLICT);
    struct org o = get(cx, lead);
    o.parent_id = health; /* a circle */
    check_refused(cx, org_set(cx, &o), RC_INVALID);
    o.parent_id = lead;
    check_refused(cx, org_set(cx, &o), RC_INVALID);
    people_fixture_as(cx, f.town);
    check_refused(
        cx, org_add(&id, cx, &(struct org){.kind = "water", .name = "w", .area_id = TOWN_A}),
        RC_DENIED);
    assert_int_equal(get(cx, lead).id, lead); /* everybody of the county may look */
    people_fixture_as(cx, f.admin_b);
    check_refused(cx, org_get(&o, cx, lead), RC_NOTFOUND);
    org_fixture_close(&f, cx);
}
static void test_adding(void **state)
{
    (void)state;
    db_fixture_each(adding_on);
}

/* Lists are in the order of kinds, found by name and pinyin; ended ones only when asked for;
 * changing needs the newest version. */
static void listing_on(struct cx *cx)
{
    struct org *list;
    size_t count;
    int64_t added;
    const char *const kinds[] = {"health", "water", "lead"};
    const char *const unknown[] = {"water", "circus"};
    org_fixture_open(&f, cx);
    people_fixture_as(cx, f.admin);
    cx->lang = LANG_ZH;
    check_refused(cx, org_add_usual(&added, cx, AREA_A, unknown, 2), RC_INVALID);
    check_ok(cx, org_add_usual(&added, cx, AREA_A, kinds, 3));
    assert_int_equal(added, 3);
    check_ok(cx, org_add_usual(&added, cx, AREA_A, kinds, 3)); /* again: nothing new */
    assert_int_equal(added, 0);
    check_ok(cx, org_list(&list, &count, cx, 1, STR(""), STR(""), false));
    assert_int_equal(count, 3);
    assert_string_equal(list[0].kind, "lead");
    assert_string_equal(list[1].kind, "water");
    assert_int_equal(list[1].parent_id, list[0].id);
    struct org health = list[2];
    check_ok(cx, org_list(&list, &count, cx, 1, STR(""), STR("WEI JIAN"), false));
    assert_int_equal(count, 1);
    check_ok(cx, org_list(&list, &count, cx, 1, STR("water"), STR(""), false));
    assert_int_equal(count, 1);
    check_ok(cx, org_list(&list, &count, cx, 1, STR(""), STR("\xff"), false));
    assert_int_equal(count, 0);
    struct org older = health;
    health.name = "卫生健康局";
    check_ok(cx, org_set(cx, &health));
    check_refused(cx, org_set(cx, &older), RC_CONFLICT);
    check_refused(cx, org_end(cx, health.id, older.version, 0), RC_CONFLICT);
    check_ok(cx, org_end(cx, health.id, older.version + 1, 0));
    check_refused(cx, org_end(cx, health.id, older.version + 2, 0), RC_INVALID);
    check_ok(cx, org_list(&list, &count, cx, 1, STR(""), STR(""), false));
    assert_int_equal(count, 2);
    check_ok(cx, org_list(&list, &count, cx, 1, STR(""), STR(""), true));
    assert_int_equal(count, 3);
    int64_t again = fixture_org(cx, "health", "卫生健康局", AREA_A, 0); /* the name is free */
    assert_true(again != health.id);
    people_fixture_as(cx, f.admin_b);
    check_ok(cx, org_list(&list, &count, cx, 1, STR(""), STR(""), true));
    assert_int_equal(count, 0);
    struct org_county *counties;
    check_ok(cx, org_counties(&counties, &count, cx));
    assert_int_equal(count, 1);
    assert_int_equal(counties[0].county, 2);
    cx->lang = LANG_EN;
    org_fixture_close(&f, cx);
}
static void test_listing(void **state)
{
    (void)state;
    db_fixture_each(listing_on);
}

/* Merging: duties go on in the other one (once), what stood below follows, and a later question
 * for the old one leads to the new. */
static void merging_on(struct cx *cx)
{
    struct duty *duties;
    size_t count;
    int64_t now;
    org_fixture_open(&f, cx);
    people_fixture_as(cx, f.admin);
    int64_t old = fixture_org(cx, "health", "old", AREA_A, 0),
            new = fixture_org(cx, "health", "new", AREA_A, 0),
            below = fixture_org(cx, "water", "below", TOWN_A, old);
    fixture_duty(cx, old, f.town, true);
    fixture_duty(cx, old, f.village, false);
    fixture_duty(cx, new, f.village, false);
    check_refused(cx, org_end(cx, old, 1, old), RC_INVALID);
    check_refused(cx, org_end(cx, old, 1, below), RC_INVALID);
    check_refused(cx, org_end(cx, old, 1, 999), RC_NOTFOUND);
    check_ok(cx, org_end(cx, old, 1, new));
    check_ok(cx, duties_of_org(&duties, &count, cx, new, false));
    assert_int_equal(count, 2);
    check_ok(cx, duties_of_org(&duties, &count, cx, old, false));
    assert_int_equal(count, 0);
    check_ok(cx, duties_of_org(&duties, &count, cx, old, true));
    assert_int_equal(count, 2);
    assert_int_equal(get(cx, below).parent_id, new);
    check_ok(cx, org_now(&now, cx, old));
    assert_int_equal(now, new);
    int64_t id;
    check_refused(
        cx, duty_add(&id, cx, &(struct duty){.org_id = old, .user_id = f.admin, .title = "x"}),
        RC_INVALID);
    org_fixture_close(&f, cx);
}
static void test_merging(void **state)
{
    (void)state;
    db_fixture_each(merging_on);
}

/* The only one of its kind that works at a place, the nearest above; two at one place: none. */
static void nearest_on(struct cx *cx)
{
    int64_t id;
    org_fixture_open(&f, cx);
    int64_t county = fixture_org(cx, "health", "county", AREA_A, 0);
    check_ok(cx, org_for(&id, cx, 1, "health", STR("001001001001")));
    assert_int_equal(id, county);
    int64_t town = fixture_org(cx, "health", "town", TOWN_A, 0);
    check_ok(cx, org_for(&id, cx, 1, "health", STR("001001001001")));
    assert_int_equal(id, town);
    check_ok(cx, org_for(&id, cx, 1, "health", STR("001001")));
    assert_int_equal(id, county);
    fixture_org(cx, "health", "town two", TOWN_A, 0);
    check_ok(cx, org_for(&id, cx, 1, "health", STR("001001001001")));
    assert_int_equal(id, 0);
    check_ok(cx, org_for(&id, cx, 1, "water", STR("001001")));
    assert_int_equal(id, 0);
    check_ok(cx, org_lead(&id, cx, 1));
    assert_int_equal(id, 0);
    assert_string_equal(org_name(cx, 12345), "");
    org_fixture_close(&f, cx);
}
static void test_nearest(void **state)
{
    (void)state;
    db_fixture_each(nearest_on);
}

/* Who is told: present duties of active users, heads alone when asked, and whoever stands in
 * for those who are away, also through one who is away too; blocked ones never. */
static void told_on(struct cx *cx)
{
    int64_t *ids, id;
    size_t count;
    org_fixture_open(&f, cx);
    int64_t org = fixture_org(cx, "health", "h", AREA_A, 0);
    int32_t today = people_today(cx);
    fixture_duty(cx, org, f.town, true);
    int64_t clerk = fixture_duty(cx, org, f.village, false);
    check_ok(cx, org_users(&ids, &count, cx, org, true));
    assert_int_equal(count, 1);
    assert_int_equal(ids[0], f.town);
    check_ok(cx, org_users(&ids, &count, cx, org, false));
    assert_int_equal(count, 2);
    check_ok(cx, substitute_add(&id, cx,
                                &(struct substitute){.user_id = f.town,
                                                     .by_user_id = f.admin,
                                                     .from_day = today,
                                                     .to_day = today + 2}));
    check_ok(cx, substitute_add(&id, cx,
                                &(struct substitute){.user_id = f.admin,
                                                     .by_user_id = f.admin_b,
                                                     .from_day = today,
                                                     .to_day = today}));
    check_ok(cx, org_users(&ids, &count, cx, org, true));
    assert_int_equal(count, 3);
    assert_int_equal(ids[1], f.admin);
    assert_int_equal(ids[2], f.admin_b);
    people_fixture_as(cx, f.admin_b);
    check_ok(cx, substituting_for(&ids, &count, cx));
    assert_int_equal(count, 2); /* for admin, and so for town */
    assert_int_equal(ids[1], f.town);
    cx->actor = NULL;
    cx->now_at += 86400; /* admin is back: the chain ends there */
    check_ok(cx, org_users(&ids, &count, cx, org, true));
    assert_int_equal(count, 2);
    fixture_user(cx, "admin_two", "county_admin", AREA_A); /* the last one cannot be blocked */
    check_ok(cx, user_set_state(cx, f.admin, USER_BLOCKED));
    check_ok(cx, org_users(&ids, &count, cx, org, true));
    assert_int_equal(count, 1);
    check_ok(cx, duty_end(cx, clerk, people_today(cx) - 1));
    check_ok(cx, org_users(&ids, &count, cx, org, false));
    assert_int_equal(count, 1);
    org_fixture_close(&f, cx);
}
static void test_told(void **state)
{
    (void)state;
    db_fixture_each(told_on);
}

/* An area's people: those of just this area; none: of the nearest above; with the right that is
 * asked for, and not blocked. */
static void area_on(struct cx *cx)
{
    int64_t *ids;
    size_t count;
    org_fixture_open(&f, cx);
    check_ok(cx, area_users(&ids, &count, cx, VILLAGE_A, "case.check"));
    assert_int_equal(count, 1);
    assert_int_equal(ids[0], f.village);
    check_ok(cx, area_users(&ids, &count, cx, VILLAGE_A, "case.decide"));
    assert_int_equal(count, 1);
    assert_int_equal(ids[0], f.admin);
    check_ok(cx, user_set_state(cx, f.village, USER_BLOCKED));
    check_ok(cx, area_users(&ids, &count, cx, VILLAGE_A, "case.check"));
    assert_int_equal(count, 1);
    assert_int_equal(ids[0], f.town);
    check_ok(cx, area_users(&ids, &count, cx, AREA_B, "case.check"));
    assert_int_equal(count, 0);
    int64_t top = fixture_user(cx, "top", "county_admin", 0);
    check_ok(cx, area_users(&ids, &count, cx, PROVINCE, "case.decide"));
    assert_int_equal(count, 1);
    assert_int_equal(ids[0], top);
    check_refused(cx, area_users(&ids, &count, cx, 98765, "case.check"), RC_NOTFOUND);
    org_fixture_close(&f, cx);
}
static void test_area(void **state)
{
    (void)state;
    db_fixture_each(area_on);
}

/* Two at once: of two who add a lead office one is refused; of two who end the same
 * organisation one is. */
struct thread {
    struct cx cx;
    int64_t org;
    const char *name;
    enum rc rc;
};
static void *add_lead(void *arg)
{
    struct thread *t = arg;
    int64_t id;
    t->rc =
        org_add(&id, &t->cx, &(struct org){.kind = "lead", .name = t->name, .area_id = AREA_A});
    return NULL;
}
static void *end_it(void *arg)
{
    struct thread *t = arg;
    t->rc = org_end(&t->cx, t->org, 1, 0);
    return NULL;
}
static void race(struct cx *cx, void *(*run)(void *), int64_t org)
{
    struct thread t[2];
    pthread_t ids[2];
    for (int i = 0; i < 2; i++) {
        check_open(&t[i].cx);
        t[i].cx.pool = cx->pool;
        t[i].cx.profile = cx->profile;
        t[i].cx.vault = cx->vault;
        t[i].org = org;
        t[i].name = i ? "one" : "two";
        check_ok(cx, db_attach(&t[i].cx));
        assert_int_equal(pthread_create(&ids[i], NULL, run, &t[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(ids[i], NULL);
        db_detach(&t[i].cx);
        check_close(&t[i].cx);
    }
    assert_int_equal((t[0].rc == RC_OK) + (t[1].rc == RC_OK), 1);
    assert_true(t[0].rc == RC_CONFLICT || t[1].rc == RC_CONFLICT || t[0].rc == RC_INVALID ||
                t[1].rc == RC_INVALID);
}
static void at_once_on(struct cx *cx)
{
    org_fixture_open(&f, cx);
    int64_t org = fixture_org(cx, "health", "h", AREA_A, 0);
    race(cx, add_lead, 0);
    race(cx, end_it, org);
    org_fixture_close(&f, cx);
}
static void test_at_once(void **state)
{
    (void)state;
    db_fixture_each(at_once_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adding),  cmocka_unit_test(test_listing),
        cmocka_unit_test(test_merging), cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_told),    cmocka_unit_test(test_area),
        cmocka_unit_test(test_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
