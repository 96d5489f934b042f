/* For the tests of organisations: the areas of people_fixture.h with a profile that has kinds
 * of organisations and the rights of the office, and a key file. */
#ifndef PEOPLE_ORG_FIXTURE_H
#define PEOPLE_ORG_FIXTURE_H

#include "base/vault.h"
#include "db/db_fixture.h"
#include "people/org_inner.h"
#include "people/people_fixture.h"
#include "profile/workflows.h"

static const char *const office_admin[] = {VIEW,          REVEAL,      "user.manage",
                                           "org.manage",  "task.view", "household.edit",
                                           "case.decide", NULL};
static const char *const office_worker[] = {VIEW, "case.check", NULL};
static const struct role office_roles[] = {
    {.code = "county_admin", .level = "county", .permissions = office_admin},
    {.code = "township_officer", .level = "township", .permissions = office_worker},
    {.code = "village_worker", .level = "village", .permissions = office_worker},
};
static const struct org_kind office_kinds[] = {
    {.code = "lead", .label = {{"Lead office", "牵头办"}}, .lead = true, .order = 1},
    {.code = "health", .label = {{"Health", "卫健局"}}, .order = 3},
    {.code = "water", .label = {{"Water", "水利局"}}, .order = 2},
    {.code = "village", .label = {{"Village committee", "村委会"}}, .order = 9},
};
static const struct workflows office_workflows = {.org_kinds = office_kinds,
                                                  .org_kind_count = 4};

struct org_fixture {
    const char *dir;
    struct vault *vault;
    struct profile profile;
    int64_t admin, admin_b, town, village; /* users */
};

static CHECK_UNUSED void org_fixture_open(struct org_fixture *f, struct cx *cx)
{
    crypto_init();
    people_fixture_open(cx);
    *f = (struct org_fixture){.dir = check_dir(cx), .profile = fixture_profile};
    f->profile.roles = office_roles;
    f->profile.role_count = 3;
    f->profile.workflows = &office_workflows;
    cx->profile = &f->profile;
    const char *key = arena_printf(cx->arena, "%s/key", f->dir);
    check_ok(cx, vault_create(cx, key));
    check_ok(cx, vault_open(&f->vault, cx, key));
    cx->vault = f->vault;
    f->admin = fixture_user(cx, "admin", "county_admin", AREA_A);
    f->admin_b = fixture_user(cx, "admin_b", "county_admin", AREA_B);
    f->town = fixture_user(cx, "town", "township_officer", TOWN_A);
    f->village = fixture_user(cx, "village", "village_worker", VILLAGE_A);
}

static CHECK_UNUSED void org_fixture_close(struct org_fixture *f, struct cx *cx)
{
    cx->actor = NULL;
    cx->vault = NULL;
    vault_close(f->vault);
    check_dir_remove(cx, f->dir);
    people_fixture_close(cx);
}

static CHECK_UNUSED int64_t fixture_org(struct cx *cx, const char *kind, const char *name,
                                        int64_t area_id, int64_t parent_id)
{
    int64_t id;
    check_ok(
        cx,
        org_add(&id, cx,
                &(struct org){
                    .kind = kind, .name = name, .area_id = area_id, .parent_id = parent_id}));
    return id;
}

static CHECK_UNUSED int64_t fixture_duty(struct cx *cx, int64_t org_id, int64_t user_id,
                                         bool heads)
{
    int64_t id;
    check_ok(cx, duty_add(&id, cx,
                          &(struct duty){.org_id = org_id,
                                         .user_id = user_id,
                                         .title = heads ? "head" : "clerk",
                                         .heads = heads}));
    return id;
}

#endif
