/* For the tests of work only: a profile with a chain of areas from its top level down to two
 * villages, users with roles, and a role that may do everything. */
#ifndef WORK_WORK_FIXTURE_H
#define WORK_WORK_FIXTURE_H

#include "base/check.h"
#include "base/crypto.h"
#include "base/time.h"
#include "db/db_fixture.h"
#include "people/user.h"
#include "profile/calendar.h"
#include "work/work_inner.h"

enum {
    COUNTY = 7,
    OTHER_TOWN = 801,
    OTHER_VILLAGE = 802,
    AREA_FIRST = 700,
    NEXT_VILLAGE = 803
};

static const struct sql FIXTURE_PLACE = {
    .name = "work_fixture_place",
    .lite = "INSERT INTO area (id, county, parent_id, level, path, code, name, name_key) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, 'x')",
    .args = "iiiittt",
    .cols = ""};
static const struct sql FIXTURE_PERSON = {
    .name = "work_fixture_person",
    .lite = "INSERT INTO app_user (id, login, name, state, lang, password, must_change, "
            "keeper_id, created_at, signed_in_at) VALUES ($1, $2, $2, 1, 0, '', 0, 0, 0, 0)",
    .args = "it",
    .cols = ""};
static const struct sql FIXTURE_GRANT = {
    .name = "work_fixture_grant",
    .lite =
        "INSERT INTO user_grant (user_id, role, area_id, created_at) VALUES ($1, $2, $3, 0)",
    .args = "iti",
    .cols = ""};
static const struct sql FIXTURE_UNGRANT = {.name = "work_fixture_ungrant",
                                           .lite = "DELETE FROM user_grant WHERE user_id = $1",
                                           .args = "i",
                                           .cols = ""};

struct work_fixture {
    struct profile *loaded;
    struct profile profile; /* with the role "all" */
    struct role *roles;
    int levels, tenant;
    int64_t area[8]; /* by level */
    const char *path[8];
    int64_t county_area, town, village;
};
static struct work_fixture f;

static CHECK_UNUSED enum rc fixture_places(struct cx *cx, void *arg)
{
    const char *path = "";
    (void)arg;
    for (int i = 0; i < f.levels; i++) {
        path = arena_printf(cx->arena, "%s001", path);
        TRY(DB_RUN(cx, &FIXTURE_PLACE, V_I(AREA_FIRST + i), V_I(i < f.tenant ? 0 : COUNTY),
                   V_I(i ? AREA_FIRST + i - 1 : 0), V_I(i), V_T(path),
                   V_T(arena_printf(cx->arena, "9%d", i)),
                   V_T(arena_printf(cx->arena, "Level%d", i))));
    }
    const char *town = arena_printf(cx->arena, "%s002", f.path[f.tenant]);
    TRY(DB_RUN(cx, &FIXTURE_PLACE, V_I(OTHER_TOWN), V_I(COUNTY), V_I(f.county_area),
               V_I(f.tenant + 1), V_T(town), V_T("81"), V_T("Other town")));
    TRY(DB_RUN(cx, &FIXTURE_PLACE, V_I(NEXT_VILLAGE), V_I(COUNTY), V_I(f.town),
               V_I(f.tenant + 2), V_T(arena_printf(cx->arena, "%s002", f.path[f.tenant + 1])),
               V_T("83"), V_T("Next village")));
    return DB_RUN(cx, &FIXTURE_PLACE, V_I(OTHER_VILLAGE), V_I(COUNTY), V_I(OTHER_TOWN),
                  V_I(f.tenant + 2), V_T(arena_printf(cx->arena, "%s001", town)), V_T("82"),
                  V_T("Other village"));
}

static CHECK_UNUSED void fixture_profile(struct cx *cx, const char *name)
{
    struct profile_faults faults = {0};
    static const char *all[64];
    size_t n = 0;
    check_ok(cx, profile_load_embedded(&f.loaded, &faults, cx, name));
    f.profile = *f.loaded;
    f.roles = arena_new(cx->arena, (f.profile.role_count + 1) * sizeof *f.roles);
    memcpy(f.roles, f.loaded->roles, f.profile.role_count * sizeof *f.roles);
    for (const struct permission *p = permissions; p->code; p++)
        all[n++] = p->code;
    all[n] = NULL;
    f.roles[f.profile.role_count++] = (struct role){
        .code = "all", .label = {{"All", "All"}}, .level = "", .permissions = all};
    f.profile.roles = f.roles;
    cx->profile = &f.profile;
}

static CHECK_UNUSED void work_fixture_open(struct cx *cx, const char *name)
{
    crypto_init();
    f = (struct work_fixture){0};
    fixture_profile(cx, name);
    f.tenant = f.profile.tenant_level;
    f.levels = f.tenant + 3;
    assert_true((int)f.profile.level_count >= f.levels);
    for (int i = 0; i < f.levels; i++) {
        f.area[i] = AREA_FIRST + i;
        f.path[i] = arena_printf(cx->arena, "%s001", i ? f.path[i - 1] : "");
    }
    f.county_area = f.area[f.tenant];
    f.town = f.area[f.tenant + 1];
    f.village = f.area[f.tenant + 2];
    cx->actor = NULL;
    check_ok(cx, db_write(cx, 0, fixture_places, NULL));
}

static CHECK_UNUSED void work_fixture_close(struct cx *cx)
{
    cx->actor = NULL;
    cx->profile = NULL;
    profile_free(f.loaded);
}

struct fixture_user {
    int64_t id, area_id;
    const char *login, *role;
};
static CHECK_UNUSED enum rc fixture_user_write(struct cx *cx, void *arg)
{
    const struct fixture_user *u = arg;
    TRY(DB_RUN(cx, &FIXTURE_PERSON, V_I(u->id), V_T(u->login)));
    return u->role ? DB_RUN(cx, &FIXTURE_GRANT, V_I(u->id), V_T(u->role), V_I(u->area_id))
                   : RC_OK;
}
static CHECK_UNUSED void fixture_user(struct cx *cx, int64_t id, const char *role,
                                      int64_t area_id)
{
    struct fixture_user u = {id, area_id, arena_printf(cx->arena, "user%" PRId64, id), role};
    check_ok(cx, db_write(cx, 0, fixture_user_write, &u));
}
static CHECK_UNUSED enum rc fixture_ungrant_write(struct cx *cx, void *arg)
{
    const int64_t *id = arg;
    return DB_RUN(cx, &FIXTURE_UNGRANT, V_I(*id));
}
static CHECK_UNUSED void fixture_ungrant(struct cx *cx, int64_t id)
{
    check_ok(cx, db_write(cx, 0, fixture_ungrant_write, &id));
}

/* Acts as this user from now on; 0: the system. */
static CHECK_UNUSED void fixture_as(struct cx *cx, int64_t id)
{
    const struct actor *a = NULL;
    cx->actor = NULL;
    if (id)
        check_ok(cx, actor_of_user(&a, cx, id));
    cx->actor = a;
}

/* Somebody with every right in everything, without a row. */
static CHECK_UNUSED const struct actor *fixture_all(struct cx *cx, int64_t user_id)
{
    struct grant *g = arena_new(cx->arena, sizeof *g);
    struct actor *a = arena_new(cx->arena, sizeof *a);
    *g = (struct grant){.role = "all", .area_path = ""};
    *a = (struct actor){.user_id = user_id, .name = "all", .grants = g, .grant_count = 1};
    return a;
}

struct fixture_sql {
    const struct sql *sql;
    const struct db_arg *args;
    size_t count;
};
static CHECK_UNUSED enum rc fixture_sql_write(struct cx *cx, void *arg)
{
    const struct fixture_sql *s = arg;
    return db_run(cx, s->sql, s->args, s->count);
}
/* Runs a statement of the test in a write. */
#define FIXTURE_RUN(cx, sql_, ...)                                                             \
    check_ok(cx, db_write(cx, COUNTY, fixture_sql_write,                                       \
                          &(struct fixture_sql){sql_, (const struct db_arg[]){__VA_ARGS__},    \
                                                sizeof((const struct db_arg[]){__VA_ARGS__}) / \
                                                    sizeof(struct db_arg)}))

static CHECK_UNUSED int64_t fixture_i64(struct cx *cx, const struct sql *sql, int64_t arg)
{
    struct db_rows rows;
    check_ok(cx, DB_ONE(&rows, cx, sql, V_I(arg)));
    int64_t n = row_i64(&rows, 0);
    check_ok(cx, db_done(&rows));
    return n;
}

/* Local noon of a day. */
static CHECK_UNUSED int64_t fixture_noon(const char *iso)
{
    int32_t day = 0;
    assert_true(day_parse(&day, str_of(iso)));
    return (int64_t)day * 86400 - f.profile.zone_offset_min * 60 + 12 * 3600;
}

#endif
