/* For the tests of the office: the register's areas and profile cn, organisations and users. */
#ifndef OFFICE_OFFICE_FIXTURE_H
#define OFFICE_OFFICE_FIXTURE_H

#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "people/org.h"
#include "register/register_fixture.h"

struct office_fixture {
    struct register_fixture r;
    int64_t admin, officer, town, helper_town; /* users: county admin, department, townships */
    int64_t lead, health, water;               /* organisations */
    int32_t today;
};

static CHECK_UNUSED int64_t office_user(struct cx *cx, const char *login, const char *role,
                                        int64_t area)
{
    int64_t id;
    check_ok(cx,
             user_add(&id, cx, str_of(login), str_of(login), STR("seven green hills"), false));
    check_ok(cx, user_grant(cx, id, role, area));
    return id;
}
static CHECK_UNUSED int64_t office_org(struct cx *cx, const char *kind, int64_t area,
                                       int64_t parent)
{
    int64_t id;
    check_ok(cx,
             org_add(&id, cx,
                     &(struct org){
                         .kind = kind, .name = kind, .area_id = area, .parent_id = parent}));
    return id;
}
static CHECK_UNUSED void office_duty(struct cx *cx, int64_t org, int64_t user, bool heads)
{
    int64_t id;
    check_ok(cx, duty_add(&id, cx,
                          &(struct duty){
                              .org_id = org, .user_id = user, .title = "x", .heads = heads}));
}
/* Acts as this user; 0 = the system. */
static CHECK_UNUSED void office_as(struct cx *cx, int64_t user)
{
    cx->actor = NULL;
    if (user) {
        const struct actor *actor;
        check_ok(cx, actor_of_user(&actor, cx, user));
        cx->actor = actor;
    }
}

static CHECK_UNUSED void office_fixture_open(struct office_fixture *f, struct cx *cx)
{
    register_fixture_open(&f->r, cx);
    format_set_zone(480);
    f->today = day_at(cx->now_at, 480);
    f->admin = office_user(cx, "admin", "county_admin", f->r.county_area);
    f->officer = office_user(cx, "officer", "department_officer", f->r.county_area);
    f->town = office_user(cx, "town", "township_officer", f->r.town[0]);
    f->helper_town = office_user(cx, "town.two", "township_officer", f->r.town[1]);
    f->lead = office_org(cx, "lead_office", f->r.county_area, 0);
    f->health = office_org(cx, "health", f->r.county_area, f->lead);
    f->water = office_org(cx, "water", f->r.county_area, f->lead);
    office_duty(cx, f->health, f->officer, true);
    office_duty(cx, f->water, f->helper_town, false);
}

static CHECK_UNUSED void office_fixture_close(struct office_fixture *f, struct cx *cx)
{
    cx->actor = NULL;
    register_fixture_close(&f->r, cx);
}

#endif
