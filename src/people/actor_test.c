/* Tests of what actors may: pure functions, no database. */
#include "people/actor.h"

#include "base/check.h"
#include "base/text.h"
#include "profile/profile.h"

static const char *const admin_rights[] = {"user.manage", "household.view", NULL};
static const char *const worker_rights[] = {"household.view", NULL};
static const char *const wrong_rights[] = {"household.view", "household.eat", NULL};
static const struct role roles[] = {
    {.code = "admin", .level = "county", .permissions = admin_rights},
    {.code = "worker", .level = "", .permissions = worker_rights},
    {.code = "wrong", .level = "", .permissions = wrong_rights},
};
static const struct profile profile = {.roles = roles, .role_count = 2};
static const struct profile bad_profile = {.roles = roles, .role_count = 3};

static void open_as(struct cx *cx, struct actor *actor, const struct grant *grants,
                    size_t count)
{
    check_open(cx);
    *actor = (struct actor){.user_id = 7, .grants = grants, .grant_count = count};
    cx->profile = &profile;
    cx->actor = actor;
}

/* A grant covers its area and everything whose path begins with it, and nothing else; a role
 * that the profile does not know gives nothing. */
static void covers(void **state)
{
    (void)state;
    static const struct grant grants[] = {
        {.role = "worker", .area_id = 5, .area_path = "001002"},
        {.role = "admin", .area_id = 6, .area_path = "003"},
        {.role = "gone", .area_id = 7, .area_path = ""},
    };
    struct cx cx;
    struct actor actor;
    open_as(&cx, &actor, grants, 3);
    assert_true(actor_may(&cx, "household.view"));
    assert_true(actor_may(&cx, "user.manage"));
    assert_false(actor_may(&cx, "import.run"));
    assert_true(actor_may_in(&cx, "household.view", STR("001002")));
    assert_true(actor_may_in(&cx, "household.view", STR("001002009")));
    assert_false(actor_may_in(&cx, "household.view", STR("001")));
    assert_false(actor_may_in(&cx, "household.view", STR("001003")));
    assert_false(actor_may_in(&cx, "household.view", STR("")));
    assert_true(actor_may_in(&cx, "user.manage", STR("003001")));
    assert_false(actor_may_in(&cx, "user.manage", STR("001002")));
    check_close(&cx);
}

/* The system may everything; an actor without grants nothing. */
static void extremes(void **state)
{
    (void)state;
    struct cx cx;
    struct actor actor;
    open_as(&cx, &actor, NULL, 0);
    for (const struct permission *p = permissions; p->code; p++) {
        assert_false(actor_may(&cx, p->code));
        assert_false(actor_may_in(&cx, p->code, STR("")));
    }
    cx.actor = NULL;
    for (const struct permission *p = permissions; p->code; p++) {
        assert_true(actor_may(&cx, p->code));
        assert_true(actor_may_in(&cx, p->code, STR("")));
    }
    check_close(&cx);
}

/* A refusal names the right and says who can give it. */
static void refusal(void **state)
{
    (void)state;
    struct cx cx;
    struct actor actor;
    open_as(&cx, &actor, NULL, 0);
    assert_int_equal(actor_require(&cx, "import.run"), RC_DENIED);
    assert_non_null(strstr(cx.err.text, "Import files"));
    assert_non_null(strstr(cx.err.text, "administrator"));
    err_clear(&cx);
    check_refused(&cx, actor_require_in(&cx, "household.view", STR("001")), RC_DENIED);
    check_close(&cx);
}

/* Paths come shortest, sorted, without those that others cover. */
static void paths(void **state)
{
    (void)state;
    static const struct grant grants[] = {
        {.role = "worker", .area_path = "002001"}, {.role = "worker", .area_path = "001002"},
        {.role = "admin", .area_path = "002"},     {.role = "worker", .area_path = "002003"},
        {.role = "worker", .area_path = "001002"},
    };
    struct cx cx;
    struct actor actor;
    const char *const *list;
    size_t count;
    open_as(&cx, &actor, grants, 5);
    check_ok(&cx, actor_paths(&list, &count, &cx, "household.view"));
    assert_int_equal(count, 2);
    assert_string_equal(list[0], "001002");
    assert_string_equal(list[1], "002");
    check_ok(&cx, actor_paths(&list, &count, &cx, "import.run"));
    assert_int_equal(count, 0);
    cx.actor = NULL;
    check_ok(&cx, actor_paths(&list, &count, &cx, "import.run"));
    assert_int_equal(count, 1);
    assert_string_equal(list[0], "");
    check_close(&cx);
}

/* By comparison with the definition: a path is covered by the list exactly where the actor may,
 * and no path of the list covers another; on random grants over a small tree. */
static void paths_random(void **state)
{
    (void)state;
    struct cx cx;
    for_each_seed (seed, 300) {
        uint64_t r = seed;
        struct grant grants[6];
        struct actor actor;
        size_t count = (size_t)check_int(&r, 0, 6), n;
        const char *const *list;
        open_as(&cx, &actor, grants, count);
        for (size_t i = 0; i < count; i++) {
            static const char *const tree[] = {"", "001", "001001", "001002", "002", "002001"};
            grants[i] =
                (struct grant){.role = check_int(&r, 0, 2) ? "worker" : "gone",
                               .area_path = tree[check_int(&r, check_int(&r, 0, 1), 5)]};
        }
        check_ok(&cx, actor_paths(&list, &n, &cx, "household.view"));
        static const char *const probes[] = {"",       "001",    "001001", "001001001",
                                             "001002", "002001", "002",    "003"};
        for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++) {
            bool covered = false;
            for (size_t k = 0; k < n; k++)
                covered |= strncmp(probes[i], list[k], strlen(list[k])) == 0;
            assert_int_equal(covered, actor_may_in(&cx, "household.view", str_of(probes[i])));
        }
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k < n; k++)
                assert_true(i == k || strncmp(list[i], list[k], strlen(list[k])) != 0);
        }
        check_close(&cx);
    }
}

/* A profile that gives a right nobody knows is found out. */
static void unknown_permission(void **state)
{
    (void)state;
    const char *role = NULL, *right = NULL;
    assert_true(permissions_known(&role, &right, &profile));
    assert_false(permissions_known(&role, &right, &bad_profile));
    assert_string_equal(role, "wrong");
    assert_string_equal(right, "household.eat");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(covers),       cmocka_unit_test(extremes),
        cmocka_unit_test(refusal),      cmocka_unit_test(paths),
        cmocka_unit_test(paths_random), cmocka_unit_test(unknown_permission),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
