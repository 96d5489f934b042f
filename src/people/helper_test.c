/* Tests of helpers, pairs, substitutes, contacts and a person who leaves; on both databases. */
#include "people/helper.sql.h"
#include "people/org_fixture.h"

#include "base/text.h"

static struct org_fixture f;

static int64_t add_helper(struct cx *cx, int64_t org, int64_t user, const char *name)
{
    int64_t id;
    check_ok(cx, helper_add(&id, cx,
                            &(struct helper){.org_id = org,
                                             .user_id = user,
                                             .name = name,
                                             .title = "",
                                             .phone = "138 0000 0001"}));
    return id;
}

/* The phone is sealed at rest, masked when read, plain only with the right to reveal; bad ones
 * are refused; an account is one helper's. */
static void helper_on(struct cx *cx)
{
    struct helper h, *list;
    struct db_rows rows;
    const char *phone;
    size_t count;
    int64_t id;
    org_fixture_open(&f, cx);
    people_fixture_as(cx, f.admin);
    int64_t org = fixture_org(cx, "health", "h", AREA_A, 0);
    int64_t one = add_helper(cx, org, f.town, "张三");
    check_ok(cx, helper_get(&h, cx, one));
    assert_string_equal(h.phone, "138******0001");
    check_ok(cx, helper_phone(&phone, cx, one));
    assert_string_equal(phone, "138 0000 0001");
    check_ok(cx, DB_ONE(&rows, cx, &HELPER_ONE, V_I(one)));
    struct str sealed = row_str(&rows, HELPER_ONE_PHONE);
    assert_true(sealed.len > 13 && str_find(sealed, STR("0001")) == SIZE_MAX);
    check_ok(cx, db_done(&rows));
    struct helper bad = {
        .org_id = org, .user_id = f.town, .name = "x", .title = "", .phone = ""};
    check_refused(cx, helper_add(&id, cx, &bad), RC_CONFLICT);
    bad.user_id = 0;
    bad.phone = "call me";
    check_refused(cx, helper_add(&id, cx, &bad), RC_INVALID);
    bad.phone = "";
    bad.name = " ";
    check_refused(cx, helper_add(&id, cx, &bad), RC_INVALID);
    check_ok(cx, helper_list(&list, &count, cx, 1, STR("ZHANG"), 0, 10));
    assert_int_equal(count, 1);
    check_ok(cx, helper_list(&list, &count, cx, 1, STR(""), one, 10));
    assert_int_equal(count, 0);
    h.name = "李四";
    h.phone = NULL;
    check_ok(cx, helper_set(cx, &h));
    check_ok(cx, helper_phone(&phone, cx, one));
    assert_string_equal(phone, "138 0000 0001");
    people_fixture_as(cx, f.village);
    check_refused(cx, helper_phone(&phone, cx, one), RC_DENIED);
    check_refused(cx, helper_set(cx, &h), RC_DENIED);
    people_fixture_as(cx, f.admin_b);
    check_refused(cx, helper_get(&h, cx, one), RC_NOTFOUND);
    org_fixture_close(&f, cx);
}
static void test_helper(void **state)
{
    (void)state;
    db_fixture_each(helper_on);
}

/* Pairs: once at a time, ended with a day; when a helper leaves, the households that nobody
 * else stands by are named, until somebody does. */
static void pairs_on(struct cx *cx)
{
    struct pairing *pairs;
    int64_t id, *left;
    size_t count;
    struct helper h;
    org_fixture_open(&f, cx);
    int32_t today = people_today(cx);
    int64_t org = fixture_org(cx, "health", "h", AREA_A, 0),
            one = add_helper(cx, org, 0, "one"), two = add_helper(cx, org, 0, "two");
    check_ok(cx, pair_add(&id, cx, 1, one, 501, today));
    check_ok(cx, pair_add(&id, cx, 1, one, 502, today));
    check_ok(cx, pair_add(&id, cx, 1, two, 502, 0));
    check_refused(cx, pair_add(&id, cx, 1, two, 502, 0), RC_CONFLICT);
    check_refused(cx, pair_end(cx, id, today + 1), RC_INVALID);
    check_refused(cx, pair_add(&id, cx, 1, two, 503, -5), RC_INVALID);
    check_ok(cx, helper_get(&h, cx, one));
    assert_int_equal(h.household_count, 2);
    check_ok(cx, pairs_of_household(&pairs, &count, cx, 1, 502, false));
    assert_int_equal(count, 2);
    assert_string_equal(pairs[0].helper_name, "one");
    check_refused(cx, helper_end(&left, &count, cx, one, today + 1), RC_INVALID);
    check_ok(cx, helper_end(&left, &count, cx, one, today));
    assert_int_equal(count, 1);
    assert_int_equal(left[0], 501);
    check_refused(cx, helper_end(&left, &count, cx, one, today), RC_CONFLICT);
    check_refused(cx, pair_add(&id, cx, 1, one, 504, 0), RC_INVALID);
    check_ok(cx, pairs_of_household(&pairs, &count, cx, 1, 502, false));
    assert_int_equal(count, 1);
    check_ok(cx, pairs_of_household(&pairs, &count, cx, 1, 502, true));
    assert_int_equal(count, 2);
    check_ok(cx, pairs_left(&left, &count, cx, one));
    assert_int_equal(count, 1);
    check_ok(cx, pair_add(&id, cx, 1, two, 501, 0));
    check_ok(cx, pairs_left(&left, &count, cx, one));
    assert_int_equal(count, 0);
    check_ok(cx, pair_end(cx, id, today - 1));
    check_refused(cx, pair_end(cx, id, today), RC_CONFLICT);
    org_fixture_close(&f, cx);
}
static void test_pairs(void **state)
{
    (void)state;
    db_fixture_each(pairs_on);
}

static enum rc stand_in(int64_t *id, struct cx *cx, int64_t user, int64_t by, int32_t from,
                        int32_t to)
{
    return substitute_add(id, cx,
                          &(struct substitute){.user_id = user,
                                               .by_user_id = by,
                                               .from_day = from,
                                               .to_day = to,
                                               .reason = "培训"});
}

/* Substitutes: one's own or of those one manages; no days twice, nobody for themselves; ending
 * early frees the days. */
static void substitutes_on(struct cx *cx)
{
    struct substitute *list;
    int64_t id, *ids;
    size_t count;
    org_fixture_open(&f, cx);
    int32_t t = people_today(cx);
    people_fixture_as(cx, f.town);
    check_refused(cx, stand_in(&id, cx, f.town, f.town, t, t), RC_INVALID);
    check_refused(cx, stand_in(&id, cx, f.town, f.village, t + 1, t), RC_INVALID);
    check_refused(cx, stand_in(&id, cx, f.town, f.village, t - 9, t - 1), RC_INVALID);
    check_refused(cx, stand_in(&id, cx, f.town, 4711, t, t), RC_NOTFOUND);
    check_ok(cx, stand_in(&id, cx, f.town, f.village, t, t + 5));
    int64_t other;
    check_refused(cx, stand_in(&other, cx, f.town, f.admin, t + 5, t + 9), RC_CONFLICT);
    check_ok(cx, stand_in(&other, cx, f.town, f.admin, t + 6, t + 9));
    people_fixture_as(cx, f.village);
    check_ok(cx, substituting_for(&ids, &count, cx));
    assert_int_equal(count, 1);
    check_refused(cx, stand_in(&other, cx, f.town, f.admin, t + 20, t + 21), RC_DENIED);
    check_refused(cx, substitute_end(cx, id), RC_NOTFOUND);
    people_fixture_as(cx, f.admin); /* manages town */
    check_ok(cx, substitute_end(cx, id));
    check_ok(cx, stand_in(&other, cx, f.town, f.admin, t, t + 5));
    check_ok(cx, substitutes_of(&list, &count, cx, f.town));
    assert_int_equal(count, 3);
    people_fixture_as(cx, f.village);
    check_ok(cx, substituting_for(&ids, &count, cx));
    assert_int_equal(count, 0);
    people_fixture_as(cx, f.admin_b);
    check_refused(cx, substitutes_of(&list, &count, cx, f.town), RC_NOTFOUND);
    org_fixture_close(&f, cx);
}
static void test_substitutes(void **state)
{
    (void)state;
    db_fixture_each(substitutes_on);
}

/* Contacts: sealed, own or managed; addresses that could break a mail's head are refused. */
static void contact_on(struct cx *cx)
{
    static const char *const bad[] = {"li",        "@x.org",  "li@x",       "li@x.org\r\nBcc:a",
                                      "li@@x.org", "a b@x.c", "<li@x.org>", "李@x.org",
                                      "li@x.",     "li@.org", "a,b@x.org"};
    struct contact c;
    org_fixture_open(&f, cx);
    people_fixture_as(cx, f.town);
    check_ok(cx, contact_get(&c, cx, f.town));
    assert_true(c.wants_summary && !c.wants_mail && !c.mail[0]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_refused(cx,
                      contact_set(cx, f.town, &(struct contact){.mail = bad[i], .phone = ""}),
                      RC_INVALID);
    check_refused(cx,
                  contact_set(cx, f.town, &(struct contact){.mail = "", .phone = "abc123456"}),
                  RC_INVALID);
    check_refused(
        cx,
        contact_set(cx, f.town, &(struct contact){.mail = "", .phone = "", .wants_mail = true}),
        RC_INVALID);
    c = (struct contact){.mail = " li@x.org ", .phone = "+86 138-0000-0001", .wants_sms = true};
    check_ok(cx, contact_set(cx, f.town, &c));
    check_ok(cx, contact_set(cx, f.town, &c));
    check_ok(cx, contact_get(&c, cx, f.town));
    assert_string_equal(c.mail, "li@x.org");
    assert_string_equal(c.phone, "+8613800000001");
    assert_true(c.wants_sms && !c.wants_mail && !c.wants_summary);
    struct db_rows rows;
    check_ok(cx, DB_ONE(&rows, cx, &CONTACT_ONE, V_I(f.town)));
    assert_true(str_find(row_str(&rows, CONTACT_ONE_MAIL), STR("li@")) == SIZE_MAX);
    check_ok(cx, db_done(&rows));
    people_fixture_as(cx, f.village);
    check_refused(cx, contact_get(&c, cx, f.town), RC_DENIED);
    people_fixture_as(cx, f.admin);
    check_ok(cx, contact_get(&c, cx, f.town));
    org_fixture_close(&f, cx);
}
static void test_contact(void **state)
{
    (void)state;
    db_fixture_each(contact_on);
}

/* A person leaves: duties, pairs and what they stand in for end; the account and its roles
 * stay. Only who manages the person or all of their organisations may. */
static void leaves_on(struct cx *cx)
{
    int64_t id, *left, *ids;
    size_t count;
    struct duty *duties;
    struct grant *grants;
    org_fixture_open(&f, cx);
    int32_t today = people_today(cx);
    int64_t org = fixture_org(cx, "health", "h", AREA_A, 0);
    fixture_duty(cx, org, f.town, true);
    int64_t helper = add_helper(cx, org, f.town, "town");
    check_ok(cx, pair_add(&id, cx, 1, helper, 501, today));
    check_ok(cx, stand_in(&id, cx, f.village, f.town, today, today + 9));
    people_fixture_as(cx, f.village);
    check_refused(cx, person_leaves(&left, &count, cx, f.town, today), RC_DENIED);
    people_fixture_as(cx, f.admin_b);
    check_refused(cx, person_leaves(&left, &count, cx, f.town, today), RC_NOTFOUND);
    people_fixture_as(cx, f.admin);
    check_refused(cx, person_leaves(&left, &count, cx, f.town, today + 1), RC_INVALID);
    check_ok(cx, person_leaves(&left, &count, cx, f.town, today - 1));
    assert_int_equal(count, 1);
    assert_int_equal(left[0], 501);
    check_ok(cx, duties_of_user(&duties, &count, cx, f.town, false));
    assert_int_equal(count, 0);
    check_ok(cx, org_users(&ids, &count, cx, org, false));
    assert_int_equal(count, 0);
    check_ok(cx, user_grants(&grants, &count, cx, f.town));
    assert_int_equal(count, 1);
    people_fixture_as(cx, f.town);
    check_ok(cx, substituting_for(&ids, &count, cx));
    assert_int_equal(count, 0);
    org_fixture_close(&f, cx);
}
static void test_leaves(void **state)
{
    (void)state;
    db_fixture_each(leaves_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_helper),      cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_substitutes), cmocka_unit_test(test_contact),
        cmocka_unit_test(test_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
