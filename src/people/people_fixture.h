/* For the tests of people only: a small tree of areas, a profile made by hand, users of each
 * kind. Users get one ready-made password hash, because hashing takes a tenth of a second. */
#ifndef PEOPLE_PEOPLE_FIXTURE_H
#define PEOPLE_PEOPLE_FIXTURE_H

#include "base/check.h"
#include "base/crypto.h"
#include "db/db.h"
#include "people/people_inner.h"
#include "people/user.sql.h"
#include "profile/profile.h"

enum { PROVINCE = 100, AREA_A = 101, TOWN_A = 102, VILLAGE_A = 103, AREA_B = 104 };
#define PATH_TOWN_A "001001001"

#define VIEW   "household.view"
#define REVEAL "household.reveal"
static const char *const fixture_admin[] = {VIEW, REVEAL, "user.manage", "audit.view", NULL};
static const char *const fixture_manager[] = {VIEW, "user.manage", NULL};
static const char *const fixture_worker[] = {VIEW, REVEAL, NULL};
static const char *const fixture_analyst[] = {VIEW, NULL};
static const char *const fixture_auditor[] = {VIEW, "audit.view", NULL};
static const struct role fixture_roles[] = {
    {.code = "county_admin", .level = "county", .permissions = fixture_admin},
    {.code = "user_manager", .level = "county", .permissions = fixture_manager},
    {.code = "township_officer", .level = "township", .permissions = fixture_worker},
    {.code = "village_worker", .level = "village", .permissions = fixture_worker},
    {.code = "analyst", .level = "", .permissions = fixture_analyst},
    {.code = "auditor", .level = "", .permissions = fixture_auditor},
};
static const struct level fixture_levels[] = {
    {.number = 0, .code = "province"},
    {.number = 1, .code = "county", .tenant = true},
    {.number = 2, .code = "township"},
    {.number = 3, .code = "village"},
};
static const struct profile fixture_profile = {.roles = fixture_roles,
                                               .role_count = 6,
                                               .levels = fixture_levels,
                                               .level_count = 4,
                                               .tenant_level = 1};

/* Statements of the test itself: table area is the register's. */
static const struct sql FIXTURE_AREA = {
    .name = "fixture_area",
    .lite = "INSERT INTO area (id, county, parent_id, level, path, code, name, name_key) "
            "VALUES ($1, $2, $3, $4, $5, '', 'x', 'x')",
    .args = "iiiit",
    .cols = ""};
static const struct sql FIXTURE_AREA_DROP = {.name = "fixture_area_drop",
                                             .lite = "DELETE FROM area WHERE id = $1",
                                             .args = "i",
                                             .cols = ""};
static const struct sql FIXTURE_EVENT_CHANGE = {.name = "fixture_event_change",
                                                .lite = "UPDATE user_event SET at = 0",
                                                .args = "",
                                                .cols = ""};
static const struct sql FIXTURE_EVENT_DELETE = {
    .name = "fixture_event_delete", .lite = "DELETE FROM user_event", .args = "", .cols = ""};
static const struct sql FIXTURE_LOOK_DELETE = {
    .name = "fixture_look_delete", .lite = "DELETE FROM look", .args = "", .cols = ""};

struct people_fixture {
    int64_t top, admin_a, admin_b, manager_a, worker_a, worker_b;
};

static CHECK_UNUSED enum rc fixture_areas_write(struct cx *cx, void *arg)
{
    (void)arg;
    TRY(DB_RUN(cx, &FIXTURE_AREA, V_I(PROVINCE), V_I(0), V_I(0), V_I(0), V_T("001")));
    TRY(DB_RUN(cx, &FIXTURE_AREA, V_I(AREA_A), V_I(1), V_I(PROVINCE), V_I(1), V_T("001001")));
    TRY(DB_RUN(cx, &FIXTURE_AREA, V_I(TOWN_A), V_I(1), V_I(AREA_A), V_I(2), V_T(PATH_TOWN_A)));
    TRY(DB_RUN(cx, &FIXTURE_AREA, V_I(VILLAGE_A), V_I(1), V_I(TOWN_A), V_I(3),
               V_T("001001001001")));
    return DB_RUN(cx, &FIXTURE_AREA, V_I(AREA_B), V_I(2), V_I(PROVINCE), V_I(1), V_T("001002"));
}

static CHECK_UNUSED void people_fixture_open(struct cx *cx)
{
    cx->profile = &fixture_profile;
    cx->actor = NULL;
    check_ok(cx, db_write(cx, 0, fixture_areas_write, NULL));
}

static CHECK_UNUSED void people_fixture_close(struct cx *cx)
{
    cx->actor = NULL;
    cx->profile = NULL;
}

struct fixture_user {
    const char *login, *hash;
    int64_t id;
};
static CHECK_UNUSED enum rc fixture_user_write(struct cx *cx, void *arg)
{
    struct fixture_user *u = arg;
    TRY(db_ids(&u->id, cx, 1));
    TRY(DB_RUN(cx, &USER_INSERT, V_I(u->id), V_T(u->login), V_T(u->login), V_I(0), V_T(u->hash),
               V_I(0), V_I(0), V_I(cx->now_at)));
    return people_event(cx, u->id, "add", "", 0);
}

/* The password of every fixture user. */
#define FIXTURE_PASSWORD STR("correct horse battery")
static CHECK_UNUSED int64_t fixture_user(struct cx *cx, const char *login, const char *role,
                                         int64_t area_id)
{
    static char hash[200];
    if (!hash[0]) {
        const char *made;
        check_ok(cx, password_hash(&made, cx, FIXTURE_PASSWORD));
        snprintf(hash, sizeof hash, "%s", made);
    }
    struct fixture_user u = {.login = login, .hash = hash};
    check_ok(cx, db_write(cx, 0, fixture_user_write, &u));
    check_ok(cx, user_grant(cx, u.id, role, area_id));
    return u.id;
}

static CHECK_UNUSED void people_fixture_users(struct people_fixture *f, struct cx *cx)
{
    people_fixture_open(cx);
    f->top = fixture_user(cx, "top", "county_admin", 0);
    f->admin_a = fixture_user(cx, "admin_a", "county_admin", AREA_A);
    f->admin_b = fixture_user(cx, "admin_b", "county_admin", AREA_B);
    f->manager_a = fixture_user(cx, "manager_a", "user_manager", AREA_A);
    f->worker_a = fixture_user(cx, "worker_a", "township_officer", TOWN_A);
    f->worker_b = fixture_user(cx, "worker_b", "analyst", AREA_B);
}

/* Acts as this user from now on; 0 = the system. */
static CHECK_UNUSED void people_fixture_as(struct cx *cx, int64_t user_id)
{
    const struct actor *actor;
    check_ok(cx, actor_of_user(&actor, cx, user_id));
    cx->actor = actor;
}

static CHECK_UNUSED enum rc fixture_drop_write(struct cx *cx, void *arg)
{
    const int64_t *id = arg;
    return DB_RUN(cx, &FIXTURE_AREA_DROP, V_I(*id));
}
static CHECK_UNUSED void people_fixture_drop_area(struct cx *cx, int64_t id)
{
    check_ok(cx, db_write(cx, 0, fixture_drop_write, &id));
}

static CHECK_UNUSED struct str people_fixture_upper(struct cx *cx, const char *z)
{
    char out[64];
    size_t n = 0;
    for (; n < sizeof out && z[n]; n++)
        out[n] = z[n] >= 'a' && z[n] <= 'z' ? (char)(z[n] - 32) : z[n] == '-' ? ' ' : z[n];
    return arena_str(cx->arena, (struct str){out, n});
}

static CHECK_UNUSED enum rc fixture_door_write(struct cx *cx, void *arg)
{
    const struct door *door = arg;
    return people_door_enter(cx, door, 1);
}
/* A failed attempt at a login, or at a client's door, without the slow hashing. */
static CHECK_UNUSED enum rc people_fixture_attempt(struct cx *cx, const char *login)
{
    struct door door = people_door(cx, "login", str_of(login));
    return db_write(cx, 0, fixture_door_write, &door);
}
static CHECK_UNUSED enum rc people_fixture_knock(struct cx *cx, const char *client)
{
    struct door door = people_door(cx, "client", str_of(client));
    return db_write(cx, 0, fixture_door_write, &door);
}

static CHECK_UNUSED enum rc fixture_run_write(struct cx *cx, void *arg)
{
    const struct sql *sql = arg;
    return DB_RUN0(cx, sql);
}
/* Neither log lets a line be changed or taken away. */
static CHECK_UNUSED void people_fixture_refuses_changes(struct cx *cx)
{
    const struct sql *const bad[] = {&FIXTURE_EVENT_CHANGE, &FIXTURE_EVENT_DELETE,
                                     &FIXTURE_LOOK_DELETE};
    check_ok(cx, look_log(cx, 1, 1, "phone", STR("reason")));
    for (size_t i = 0; i < 3; i++) {
        assert_int_not_equal(db_write(cx, 0, fixture_run_write, (void *)(uintptr_t)bad[i]),
                             RC_OK);
        err_clear(cx);
    }
}

#endif
