/* For tests of the data checks only: the small register with a profile whose checks are five of
 * our own, and sixty households with random values. */
#ifndef REGISTER_CHECK_FIXTURE_H
#define REGISTER_CHECK_FIXTURE_H

#include "register/check.h"
#include "register/columns_fixture.h"

enum { BIG_HOUSE, NO_LAND, CHILD_WORKS, MANY_BIG, RETIRED, FIXTURE_CHECKS };
enum { NUMBER = 9001, HOUSEHOLDS = 60, YEAR = 2026, CHILD_BORN = 17000, GROWN_BORN = 4000 };

static struct register_fixture f;
static struct source source;

static const char groups_csv[] = "code,label_en,label_zh,order\n"
                                 "house,House,住房,1\nwork,Work,务工,2\n";
static const char checks_csv[] =
    "number,code,subject,severity,group,rule,from,to,message_en,message_zh,hint_en,hint_zh,"
    "source\n"
    "9001,big,household,error,house,house_m2 > 300,,,Very large,面积过大,Measure,请核实,test\n"
    "9002,land,household,warning,house,arable_mu is missing,,,No land,缺耕地,Ask,请询问,test\n"
    "9003,child,person,error,work,age < 16 and work_months > "
    "0,,,Child works,童工,Visit,请走访,test\n"
    "9004,many,area,note,house,count(households where house_m2 > 300) >= 3,,,Many,很多,Look,"
    "请看,test\n"
    "9005,old,household,error,house,house_m2 > 1,,2014,Old,旧,None,无,test\n";

/* The profile cn with our own checks instead of its. */
static CHECK_UNUSED void check_fixture_profile(struct cx *cx)
{
    struct profile_faults faults = {0};
    const char *folder = arena_printf(cx->arena, "%s/profile", f.dir);
    check_ok(cx, profile_write_embedded(cx, "cn", folder));
    check_ok(cx, file_write(cx, arena_printf(cx->arena, "%s/checks.csv", folder),
                            str_of(checks_csv), 0600));
    check_ok(cx, file_write(cx, arena_printf(cx->arena, "%s/check_groups.csv", folder),
                            str_of(groups_csv), 0600));
    profile_free(f.profile);
    f.profile = NULL;
    enum rc rc = profile_load(&f.profile, &faults, cx, folder);
    for (size_t i = 0; rc && i < faults.count; i++)
        fprintf(stderr, "%s:%d %s: %s\n", faults.rows[i].file, (int)faults.rows[i].row,
                faults.rows[i].field, faults.rows[i].message);
    check_ok(cx, rc);
    cx->profile = f.profile;
    assert_int_equal(f.profile->rules->check_count, FIXTURE_CHECKS);
}

struct check_family {
    int64_t house_m2; /* hundredths; 0 unknown */
    bool land, child_works;
};

/* The record is of a household that is there already: its people by birth. */
static CHECK_UNUSED void check_fixture_existing(struct household_record *r, struct cx *cx)
{
    struct household h;
    struct person *people;
    size_t count;
    enum rc rc = household_by_code(&h, cx, f.county, r->code);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return;
    }
    check_ok(cx, rc);
    r->household_id = h.id;
    check_ok(cx, household_people(&people, &count, cx, f.county, h.id, false));
    for (size_t i = 0; i < count; i++)
        r->people[people[i].birth_day == CHILD_BORN].person_id = people[i].id;
}

static CHECK_UNUSED void check_fixture_put(struct cx *cx, int i, int village,
                                           struct check_family x)
{
    struct household_record *r =
        fixture_household(cx, f.village[village], arena_printf(cx->arena, "H%03d", i), 2);
    fixture_person(r, 0, "王明", 1, NULL);
    fixture_person(r, 1, "王小", 3, NULL);
    r->people[0].birth_day = GROWN_BORN;
    r->people[1].birth_day = CHILD_BORN;
    if (x.house_m2)
        fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "house_m2", value_int(x.house_m2));
    if (x.land)
        fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "arable_mu", value_int(250));
    fixture_value(cx, r->people[0].values, SUBJECT_PERSON, "work_months", value_int(60));
    fixture_value(cx, r->people[1].values, SUBJECT_PERSON, "work_months",
                  value_int(x.child_works ? 30 : 0));
    check_fixture_existing(r, cx);
    fixture_apply(cx, &source, r);
}

static CHECK_UNUSED void check_fixture_open(struct cx *cx)
{
    uint64_t random = 7;
    register_fixture_open(&f, cx);
    check_fixture_profile(cx);
    columns_fixture_open(cx);
    source = fixture_source(&f, 11, 0);
    for (int i = 0; i < HOUSEHOLDS; i++)
        check_fixture_put(cx, i, i % 4,
                          (struct check_family){check_int(&random, 0, 40000),
                                                check_int(&random, 0, 2) > 0,
                                                check_int(&random, 0, 3) == 0});
}

static CHECK_UNUSED void check_fixture_close(struct cx *cx)
{
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

#endif
