/* Tests of users, grants, recovery, looks and the log of changes, on both databases. */
#include "people/user.h"

#include "base/check.h"
#include "base/crypto.h"
#include "base/text.h"
#include "db/db_fixture.h"
#include "people/people_fixture.h"

#define PASSWORD STR("correct horse battery")

/* Each password rule has its own sentence; good ones pass, also in Chinese. */
static void password_rules(void **state)
{
    (void)state;
    struct cx cx;
    check_open(&cx);
    struct str login = STR("li.wei");
    check_refused(&cx, user_password_ok(&cx, login, STR("")), RC_INVALID);
    check_refused(&cx, user_password_ok(&cx, login, STR("short pas")), RC_INVALID);
    check_refused(&cx, user_password_ok(&cx, STR("li.wei.2026"), STR("LI.wei.2026")),
                  RC_INVALID);
    check_refused(&cx, user_password_ok(&cx, login, STR("Password123")), RC_INVALID);
    check_refused(&cx, user_password_ok(&cx, login, STR("WOAINI1314520")), RC_INVALID);
    check_refused(&cx, user_password_ok(&cx, login, STR("aaaaaaaaaaaa")), RC_INVALID);
    check_refused(&cx, user_password_ok(&cx, login, STR("abcdefghijkl")), RC_INVALID);
    check_refused(&cx, user_password_ok(&cx, login, STR("zyxwvutsrqpo")), RC_INVALID);
    check_refused(&cx,
                  user_password_ok(&cx, login, STR("\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7\xf6")),
                  RC_INVALID);
    char long_one[257];
    memset(long_one, 'x', sizeof long_one);
    long_one[3] = 'y';
    check_refused(&cx, user_password_ok(&cx, login, (struct str){long_one, 257}), RC_INVALID);
    check_ok(&cx, user_password_ok(&cx, login, (struct str){long_one, 256}));
    check_ok(&cx, user_password_ok(&cx, login, PASSWORD));
    check_ok(&cx, user_password_ok(&cx, login, STR("山里的苹果真甜")));
    check_close(&cx);
}

/* Logins are kept in one form, so that the same person cannot be added twice by writing it
 * otherwise; bad ones are refused with RC_INVALID. */
static void adding_on(struct cx *cx)
{
    int64_t id = 0, other;
    struct user u;
    people_fixture_open(cx);
    check_ok(cx, user_add(&id, cx, STR(" Li.Wei "), STR("李伟"), PASSWORD, true));
    check_refused(cx, user_add(&other, cx, STR("ＬＩ.wei"), STR("x"), PASSWORD, false),
                  RC_CONFLICT);
    check_refused(cx, user_add(&other, cx, STR("a"), STR("x"), PASSWORD, false), RC_INVALID);
    check_refused(cx, user_add(&other, cx, STR("two words"), STR("x"), PASSWORD, false),
                  RC_INVALID);
    check_refused(cx, user_add(&other, cx, STR("a'; --"), STR("x"), PASSWORD, false),
                  RC_INVALID);
    check_refused(cx, user_add(&other, cx, STR("\xff\xff\xff"), STR("x"), PASSWORD, false),
                  RC_INVALID);
    check_refused(cx, user_add(&other, cx, STR("good"), STR("  "), PASSWORD, false),
                  RC_INVALID);
    check_refused(cx, user_add(&other, cx, STR("good"), STR("x"), STR("short"), false),
                  RC_INVALID);
    check_ok(cx, user_by_login(&u, cx, STR("LI.WEI")));
    assert_int_equal(u.id, id);
    assert_string_equal(u.login, "li.wei");
    assert_string_equal(u.name, "李伟");
    assert_true(u.must_change_password);
    assert_int_equal(u.state, USER_ACTIVE);
    assert_int_equal(u.signed_in_at, 0);
    check_refused(cx, user_by_login(&u, cx, STR("nobody")), RC_NOTFOUND);
    check_ok(cx, user_add(&other, cx, STR("王小明"), STR("王小明"), PASSWORD, false));
    struct user *list;
    size_t count;
    check_ok(cx, user_list(&list, &count, cx, STR("")));
    assert_int_equal(count, 2);
    check_ok(cx, user_list(&list, &count, cx, STR("xiao")));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].id, other);
    check_ok(cx, user_list(&list, &count, cx, STR("WEI")));
    assert_int_equal(count, 1);
    check_ok(cx, user_list(&list, &count, cx, STR("\xff")));
    assert_int_equal(count, 0);
    people_fixture_close(cx);
}

/* An administrator of county A: sees and changes A's people only, gives nothing beyond what
 * the administrator holds, takes nobody over who holds more. Everybody refused is refused. */
static void scopes_on(struct cx *cx)
{
    struct people_fixture f;
    people_fixture_users(&f, cx);
    struct user u, *list;
    struct grant *grants;
    size_t count;
    int64_t fresh;
    people_fixture_as(cx, f.admin_a);
    check_ok(cx, user_list(&list, &count, cx, STR("")));
    assert_int_equal(count, 3); /* itself, A's manager and A's worker */
    check_ok(cx, user_get(&u, cx, f.worker_a));
    check_refused(cx, user_get(&u, cx, f.admin_b), RC_NOTFOUND);
    check_refused(cx, user_get(&u, cx, f.top), RC_NOTFOUND);
    check_refused(cx, user_grants(&grants, &count, cx, f.admin_b), RC_NOTFOUND);
    check_refused(cx, user_set_state(cx, f.admin_b, USER_BLOCKED), RC_NOTFOUND);
    check_refused(cx, user_set_state(cx, f.top, USER_BLOCKED), RC_NOTFOUND);
    check_refused(cx, user_set_password(cx, f.top, PASSWORD, false), RC_NOTFOUND);
    check_refused(cx, user_rename(cx, f.top, STR("x")), RC_NOTFOUND);
    check_refused(cx, user_revoke(cx, f.admin_b, "county_admin", AREA_B), RC_NOTFOUND);
    check_refused(cx, user_grant(cx, f.worker_a, "county_admin", AREA_B), RC_DENIED);
    check_refused(cx, user_grant(cx, f.admin_a, "analyst", 0), RC_DENIED);
    check_refused(cx, user_grant(cx, f.admin_b, "analyst", AREA_A), RC_NOTFOUND);
    check_refused(cx, user_grant(cx, f.worker_a, "nonsense", AREA_A), RC_INVALID);
    check_refused(cx, user_grant(cx, f.worker_a, "analyst", 999), RC_NOTFOUND);
    check_refused(cx, user_grant(cx, f.worker_a, "county_admin", TOWN_A), RC_INVALID);
    check_ok(cx, user_grant(cx, f.worker_a, "analyst", AREA_A));
    check_ok(cx, user_grant(cx, f.worker_a, "analyst", AREA_A)); /* again: nothing changes */
    check_ok(cx, user_revoke(cx, f.worker_a, "analyst", AREA_A));
    check_refused(cx, user_revoke(cx, f.worker_a, "analyst", AREA_A), RC_NOTFOUND);
    /* A user whom A made and who has no grants yet is A's; B does not see the user. */
    check_ok(cx, user_add(&fresh, cx, STR("fresh"), STR("Fresh"), PASSWORD, true));
    check_ok(cx, user_get(&u, cx, fresh));
    people_fixture_as(cx, f.admin_b);
    check_refused(cx, user_get(&u, cx, fresh), RC_NOTFOUND);
    check_refused(cx, user_grant(cx, fresh, "analyst", AREA_B), RC_NOTFOUND);
    people_fixture_as(cx, f.worker_a);
    check_refused(cx, user_list(&list, &count, cx, STR("")), RC_DENIED);
    check_refused(cx, user_add(&fresh, cx, STR("more"), STR("More"), PASSWORD, true),
                  RC_DENIED);
    check_ok(cx, user_get(&u, cx, f.worker_a)); /* oneself */
    check_ok(cx, user_grants(&grants, &count, cx, f.worker_a));
    assert_int_equal(count, 1);
    assert_string_equal(grants[0].area_path, PATH_TOWN_A);
    people_fixture_as(cx, 0);
    people_fixture_close(cx);
}

/* A grant on an area that is gone counts for nothing: not as everything, and its holder can be
 * managed by an administrator of everything only. */
static void lost_area_on(struct cx *cx)
{
    struct people_fixture f;
    struct grant *grants;
    struct user u;
    size_t count;
    const struct actor *actor;
    people_fixture_users(&f, cx);
    people_fixture_drop_area(cx, TOWN_A);
    check_ok(cx, actor_of_user(&actor, cx, f.worker_a));
    assert_int_equal(actor->grant_count, 0);
    check_ok(cx, user_grants(&grants, &count, cx, f.worker_a));
    assert_string_equal(grants[0].area_path, "?");
    people_fixture_as(cx, f.admin_a);
    check_refused(cx, user_get(&u, cx, f.worker_a), RC_NOTFOUND);
    people_fixture_as(cx, f.top);
    check_ok(cx, user_get(&u, cx, f.worker_a));
    people_fixture_as(cx, 0);
    people_fixture_close(cx);
}

/* No area loses its last administrator, by blocking or by revoking, not even by the system; as
 * soon as another one covers the area it may. */
static void last_admin_on(struct cx *cx)
{
    struct people_fixture f;
    people_fixture_users(&f, cx);
    check_refused(cx, user_set_state(cx, f.top, USER_BLOCKED), RC_CONFLICT);
    check_refused(cx, user_revoke(cx, f.top, "county_admin", 0), RC_CONFLICT);
    check_ok(cx, user_set_state(cx, f.admin_b, USER_BLOCKED)); /* the top one covers B */
    check_ok(cx, user_grant(cx, f.admin_a, "county_admin", 0));
    check_ok(cx, user_set_state(cx, f.top, USER_BLOCKED));
    check_refused(cx, user_set_state(cx, f.admin_a, USER_BLOCKED), RC_CONFLICT);
    check_ok(cx, user_set_state(cx, f.top, USER_ACTIVE));
    people_fixture_as(cx, f.admin_a);
    check_refused(cx, user_set_state(cx, f.admin_a, USER_BLOCKED), RC_INVALID); /* oneself */
    people_fixture_as(cx, 0);
    people_fixture_close(cx);
}

/* Somebody who may manage but lacks a right that the user holds may neither set the user's
 * password nor make a recovery code: both would let them act as that user. */
static void takeover_on(struct cx *cx)
{
    struct people_fixture f;
    const char *code;
    people_fixture_users(&f, cx);
    check_ok(cx, user_grant(cx, f.worker_a, "auditor", 0));
    people_fixture_as(cx, f.admin_a);
    check_refused(cx, user_set_password(cx, f.worker_a, PASSWORD, true), RC_NOTFOUND);
    check_refused(cx, user_recovery_new(&code, cx, f.worker_a), RC_NOTFOUND);
    people_fixture_as(cx, 0);
    check_ok(cx, user_revoke(cx, f.worker_a, "auditor", 0));
    people_fixture_as(cx, f.manager_a); /* user.manage without household.reveal */
    check_refused(cx, user_set_password(cx, f.worker_a, PASSWORD, true), RC_DENIED);
    check_refused(cx, user_recovery_new(&code, cx, f.worker_a), RC_DENIED);
    check_refused(cx, user_grant(cx, f.worker_a, "village_worker", VILLAGE_A), RC_DENIED);
    check_ok(cx, user_rename(cx, f.worker_a, STR("新名")));
    people_fixture_as(cx, f.admin_a);
    check_ok(cx, user_recovery_new(&code, cx, f.worker_a));
    people_fixture_as(cx, 0);
    people_fixture_close(cx);
}

/* A recovery code works once, within 24 hours, for its login, however it is typed; guesses are
 * throttled like passwords. */
static void recovery_on(struct cx *cx)
{
    struct people_fixture f;
    const char *code, *token;
    people_fixture_users(&f, cx);
    struct str fresh = STR("a brand new secret");
    int64_t at = cx->now_at;
    check_ok(cx, user_recovery_new(&code, cx, f.worker_a));
    struct str typed = people_fixture_upper(cx, code);
    check_refused(cx, user_recovery_use(cx, STR("admin_a"), typed, fresh), RC_DENIED);
    check_refused(cx, user_recovery_use(cx, STR("nobody"), typed, fresh), RC_DENIED);
    check_refused(cx, user_recovery_use(cx, STR("worker_a"), STR("wrong"), fresh), RC_DENIED);
    check_refused(cx, user_recovery_use(cx, STR("worker_a"), typed, STR("short")), RC_INVALID);
    cx->now_at = at + 24 * 3600;
    check_refused(cx, user_recovery_use(cx, STR("worker_a"), typed, fresh), RC_DENIED);
    cx->now_at = at + 24 * 3600 - 1;
    check_ok(cx, user_recovery_use(cx, STR("worker_a"), typed, fresh));
    check_refused(cx, user_recovery_use(cx, STR("worker_a"), typed, fresh), RC_DENIED);
    check_ok(cx, session_open(&token, cx, STR("worker_a"), fresh, STR(""), STR("")));
    enum rc rc = RC_DENIED;
    for (int i = 0; i < 10 && rc == RC_DENIED; i++) {
        rc = user_recovery_use(cx, STR("admin_b"), STR("guess"), fresh);
        assert_true(rc == RC_BUSY ? i == 5 : i < 5);
        err_clear(cx);
    }
    assert_int_equal(rc, RC_BUSY);
    people_fixture_close(cx);
}

/* Every change is a line with who, whom and what; lines cannot be changed or deleted; an
 * administrator sees those of the own area only. */
static void events_on(struct cx *cx)
{
    struct people_fixture f;
    struct user_event *list;
    size_t count;
    people_fixture_users(&f, cx);
    people_fixture_as(cx, f.admin_a);
    check_ok(cx, user_set_state(cx, f.worker_a, USER_BLOCKED));
    check_ok(cx, user_event_list(&list, &count, cx, f.worker_a, 0, 100));
    assert_int_equal(count, 3);
    assert_string_equal(list[0].what, "block");
    assert_int_equal(list[0].by_user_id, f.admin_a);
    assert_string_equal(list[0].by_login, "admin_a");
    assert_string_equal(list[1].what, "grant");
    assert_string_equal(list[1].role, "township_officer");
    assert_int_equal(list[1].area_id, TOWN_A);
    assert_string_equal(list[2].what, "add");
    check_ok(cx, user_event_list(&list, &count, cx, f.worker_a, list[1].id, 100));
    assert_int_equal(count, 1);
    check_refused(cx, user_event_list(&list, &count, cx, f.admin_b, 0, 100), RC_NOTFOUND);
    check_ok(cx, user_event_list(&list, &count, cx, 0, 0, 100));
    for (size_t i = 0; i < count; i++)
        assert_true(list[i].user_id == f.worker_a || list[i].user_id == f.admin_a ||
                    list[i].user_id == f.manager_a);
    people_fixture_as(cx, f.worker_b);
    check_refused(cx, user_event_list(&list, &count, cx, 0, 0, 100), RC_DENIED);
    people_fixture_as(cx, 0);
    people_fixture_refuses_changes(cx);
    people_fixture_close(cx);
}

/* A look is written with its reason before anything is shown; without a reason it is refused;
 * reading needs audit.view. */
static void looks_on(struct cx *cx)
{
    struct people_fixture f;
    struct look *list;
    size_t count;
    people_fixture_users(&f, cx);
    people_fixture_as(cx, f.worker_a);
    check_refused(cx, look_log(cx, 1, 42, "phone", STR("　 ")), RC_INVALID);
    check_refused(cx, look_log(cx, 1, 42, "phone", STR("\xff")), RC_INVALID);
    check_ok(cx, look_log(cx, 1, 42, "phone", STR(" 电话核实 ")));
    check_ok(cx, look_log(cx, 1, 43, "identity", STR("second")));
    check_ok(cx, look_log(cx, 2, 42, "phone", STR("another county")));
    check_refused(cx, look_list(&list, &count, cx, 1, 42), RC_DENIED);
    people_fixture_as(cx, f.admin_a);
    check_ok(cx, look_list(&list, &count, cx, 1, 42));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].user_id, f.worker_a);
    assert_string_equal(list[0].reason, "电话核实");
    assert_string_equal(list[0].field, "phone");
    assert_string_equal(list[0].user_name, "worker_a");
    check_ok(cx, look_list(&list, &count, cx, 1, 0));
    assert_int_equal(count, 2);
    assert_int_equal(list[0].person_id, 43);
    people_fixture_as(cx, 0);
    people_fixture_close(cx);
}

#define ON_BOTH(name)                                                                          \
    static void name(void **state)                                                             \
    {                                                                                          \
        (void)state;                                                                           \
        db_fixture_each(name##_on);                                                            \
    }
ON_BOTH(adding)
ON_BOTH(scopes)
ON_BOTH(lost_area)
ON_BOTH(last_admin)
ON_BOTH(takeover)
ON_BOTH(recovery)
ON_BOTH(events)
ON_BOTH(looks)

int main(void)
{
    crypto_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(password_rules), cmocka_unit_test(adding),
        cmocka_unit_test(scopes),         cmocka_unit_test(lost_area),
        cmocka_unit_test(last_admin),     cmocka_unit_test(takeover),
        cmocka_unit_test(recovery),       cmocka_unit_test(events),
        cmocka_unit_test(looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
