/* For the tests of the register only: the profile cn, a small tree of areas, a key file, and
 * records made by short calls. */
#ifndef REGISTER_REGISTER_FIXTURE_H
#define REGISTER_REGISTER_FIXTURE_H

#include "base/check.h"
#include "base/file.h"
#include "base/vault.h"
#include "db/db_fixture.h"
#include "people/actor.h"
#include "people/user.h"
#include "profile/sheet.h"
#include "register/inner.h"

/* Two townships with two villages each. */
struct register_fixture {
    int64_t province, prefecture, county_area, county, town[2], village[4];
    const char *town_path[2];
    const char *dir;
    struct profile *profile;
    struct vault *vault;
};

static CHECK_UNUSED enum rc fixture_install(struct cx *cx, void *arg)
{
    struct register_fixture *f = arg;
    TRY(sheet_install(cx));
    TRY(area_add(&f->province, cx, 0, 0, STR("52"), STR("贵州省"), 0));
    TRY(area_add(&f->prefecture, cx, f->province, 1, STR("5201"), STR("贵阳市"), 0));
    TRY(area_add(&f->county_area, cx, f->prefecture, 2, STR("520181"), STR("清镇市"), 0));
    struct area county;
    TRY(area_get(&county, cx, f->county_area));
    f->county = county.county;
    return RC_OK;
}

static CHECK_UNUSED enum rc fixture_villages(struct cx *cx, void *arg)
{
    static const struct {
        const char *code, *name;
        int town;
    } villages[] = {{"520181001201", "新建村", 0},
                    {"520181001202", "老寨村", 0},
                    {"520181002201", "新建村", 1},
                    {"520181002202", "高坡村", 1}};
    struct register_fixture *f = arg;
    TRY(area_add(&f->town[0], cx, f->county_area, 3, STR("520181001"), STR("坝芒乡"), 0));
    TRY(area_add(&f->town[1], cx, f->county_area, 3, STR("520181002"), STR("青山镇"), 0));
    for (int i = 0; i < 4; i++)
        TRY(area_add(&f->village[i], cx, f->town[villages[i].town], 4, str_of(villages[i].code),
                     str_of(villages[i].name), 0));
    for (int i = 0; i < 2; i++) {
        struct area a;
        TRY(area_get(&a, cx, f->town[i]));
        f->town_path[i] = a.path; /* the writer's arena ends: copied by the caller */
    }
    return RC_OK;
}

static CHECK_UNUSED void register_fixture_open(struct register_fixture *f, struct cx *cx)
{
    struct profile_faults faults = {0};
    crypto_init();
    *f = (struct register_fixture){.dir = check_dir(cx)};
    check_ok(cx, profile_load_embedded(&f->profile, &faults, cx, "cn"));
    const char *key = arena_printf(cx->arena, "%s/key", f->dir);
    check_ok(cx, vault_create(cx, key));
    check_ok(cx, vault_open(&f->vault, cx, key));
    cx->profile = f->profile;
    cx->vault = f->vault;
    cx->actor = NULL;
    check_ok(cx, db_write(cx, 0, fixture_install, f));
    check_ok(cx, db_write(cx, f->county, fixture_villages, f));
    for (int i = 0; i < 2; i++) {
        struct area a;
        check_ok(cx, area_get(&a, cx, f->town[i]));
        f->town_path[i] = a.path;
    }
}

static CHECK_UNUSED void register_fixture_close(struct register_fixture *f, struct cx *cx)
{
    cx->profile = NULL;
    cx->vault = NULL;
    cx->actor = NULL;
    vault_close(f->vault);
    profile_free(f->profile);
    check_dir_remove(cx, f->dir);
}

/* An officer of one area. */
static CHECK_UNUSED const struct actor *fixture_officer(struct cx *cx,
                                                        const struct register_fixture *f,
                                                        int64_t area_id, const char *role)
{
    struct area a;
    check_ok(cx, area_get(&a, cx, area_id));
    struct grant *g = arena_new(cx->arena, sizeof *g);
    *g = (struct grant){
        .role = role, .area_id = area_id, .county = f->county, .area_path = a.path};
    struct actor *actor = arena_new(cx->arena, sizeof *actor);
    *actor = (struct actor){.user_id = 7, .name = "li", .grants = g, .grant_count = 1};
    return actor;
}

/* ---- records ---- */

static CHECK_UNUSED struct source fixture_source(const struct register_fixture *f,
                                                 int64_t document_id, int64_t import_id)
{
    return (struct source){.county = f->county,
                           .document_id = document_id,
                           .import_id = import_id,
                           .valid_day = 20000};
}

static CHECK_UNUSED struct household_record *fixture_household(struct cx *cx, int64_t area_id,
                                                               const char *code, size_t people)
{
    struct household_record *r = arena_new(cx->arena, sizeof *r);
    *r = (struct household_record){
        .area_id = area_id, .code = str_of(code), .year = 2026, .row = 4};
    r->values =
        arena_new(cx->arena, cx->profile->of_count[SUBJECT_HOUSEHOLD] * sizeof *r->values);
    r->people = arena_new(cx->arena, (people + 1) * sizeof *r->people);
    r->people_count = people;
    for (size_t i = 0; i < people; i++) {
        r->people[i].birth_day = BIRTH_UNKNOWN;
        r->people[i].row = (int64_t)i + 4;
        r->people[i].values =
            arena_new(cx->arena, cx->profile->of_count[SUBJECT_PERSON] * sizeof(struct value));
    }
    return r;
}

static CHECK_UNUSED void fixture_person(struct household_record *r, size_t i, const char *name,
                                        int32_t relation, const char *identity)
{
    r->people[i].name = str_of(name);
    r->people[i].relation = relation;
    r->people[i].sex = i % 2 ? 2 : 1;
    r->people[i].birth_day = 4000 + (int32_t)i;
    if (identity)
        r->people[i].identity = str_of(identity);
}

static CHECK_UNUSED void fixture_value(struct cx *cx, struct value *values,
                                       enum subject subject, const char *code, struct value v)
{
    const struct indicator *ind = profile_indicator(cx->profile, subject, str_of(code));
    assert_non_null(ind);
    values[ind->index] = v;
}

struct fixture_apply {
    struct change_counts counts;
    const struct source *s;
    const struct household_record *r;
};
static CHECK_UNUSED enum rc fixture_apply_write(struct cx *cx, void *arg)
{
    struct fixture_apply *a = arg;
    a->counts = (struct change_counts){0};
    return register_apply(&a->counts, cx, a->s, a->r);
}
static CHECK_UNUSED struct change_counts fixture_apply(struct cx *cx, const struct source *s,
                                                       const struct household_record *r)
{
    struct fixture_apply a = {.s = s, .r = r};
    check_ok(cx, db_write(cx, s->county, fixture_apply_write, &a));
    return a.counts;
}

struct fixture_import {
    int64_t county, import_id, kept;
    bool more;
};
static CHECK_UNUSED enum rc fixture_flip_write(struct cx *cx, void *arg)
{
    const struct fixture_import *i = arg;
    return register_flip(cx, i->county, i->import_id);
}
static CHECK_UNUSED enum rc fixture_undo_write(struct cx *cx, void *arg)
{
    struct fixture_import *i = arg;
    return register_undo(&i->kept, &i->more, cx, i->county, i->import_id);
}
static CHECK_UNUSED void fixture_flip(struct cx *cx, const struct register_fixture *f,
                                      int64_t import_id)
{
    struct fixture_import i = {.county = f->county, .import_id = import_id};
    check_ok(cx, db_write(cx, f->county, fixture_flip_write, &i));
}
static CHECK_UNUSED int64_t fixture_undo(struct cx *cx, const struct register_fixture *f,
                                         int64_t import_id)
{
    struct fixture_import i = {.county = f->county, .import_id = import_id};
    do
        check_ok(cx, db_write_bulk(cx, f->county, fixture_undo_write, &i));
    while (i.more);
    return i.kept;
}

/* The id behind a household's code. */
static CHECK_UNUSED int64_t fixture_id(struct cx *cx, const struct register_fixture *f,
                                       const char *code)
{
    struct household h;
    check_ok(cx, household_by_code(&h, cx, f->county, str_of(code)));
    return h.id;
}

/* Everything recomputes to what is stored. */
static CHECK_UNUSED void fixture_verify(struct cx *cx)
{
    struct verify_fault *faults;
    size_t count;
    check_ok(cx, register_verify(&faults, &count, cx, 0));
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, "fault: %s county %lld id %lld\n", faults[i].what,
                (long long)faults[i].county, (long long)faults[i].id);
    assert_int_equal(count, 0);
}

#endif
