/* For the tests of help/ only: the small register with the profile cn and a catalogue of seven
 * made-up measures, so that what is expected can be worked out by hand. */
#ifndef HELP_HELP_FIXTURE_H
#define HELP_HELP_FIXTURE_H

#include "help/plan.h"
#include "register/columns_fixture.h"

enum {
    REPAIR = 1,
    RESETTLE = 2,
    SCHOOL = 3,
    COURSE = 4,
    WATER = 5,
    VISIT = 6,
    ROAD = 7,
    MEASURES = 7,
    NEED_SCHOOL = 3,
    NEED_HOUSE = 4,
    NEED_WATER = 5,
    AT_ONCE = 3,
    CAN_WAIT = 1,
    YEAR = 2026,
};

static struct register_fixture f;
static struct source source;

static const char *const help_rules[MEASURES] = {
    "house_grade in ('C', 'D')",     "house_grade = 'D'", "age < 16",
    "age >= 16 and work_months < 6", "not water_safe",    "size > 0",
    "count(households) >= 1",
};
static const enum subject help_subjects[MEASURES] = {
    SUBJECT_HOUSEHOLD, SUBJECT_HOUSEHOLD, SUBJECT_PERSON, SUBJECT_PERSON,
    SUBJECT_HOUSEHOLD, SUBJECT_HOUSEHOLD, SUBJECT_AREA};

static CHECK_UNUSED const struct derived *help_cause(const struct cx *cx, const char *code)
{
    const struct profile_rules *r = cx->profile->rules;
    for (size_t i = 0; i < r->derived_count; i++)
        if (!strcmp(r->derived[i].code, code))
            return &r->derived[i];
    fail_msg("no derived rule %s", code);
    return NULL;
}

static CHECK_UNUSED void help_fixture_program(struct measures *m, struct cx *cx)
{
    static const enum rule_level levels[] = {RULE_HOUSEHOLD, RULE_PERSON, RULE_AREA};
    struct rule_fault fault;
    struct rule_text texts[MEASURES + 3];
    for (int i = 0; i < MEASURES; i++)
        texts[i] = (struct rule_text){.name = "measure",
                                      .level = levels[help_subjects[i]],
                                      .text = str_of(help_rules[i]),
                                      .want_bool = true};
    for (size_t i = 0; i < m->cause_count; i++)
        texts[MEASURES + i] = (struct rule_text){.name = m->causes[i]->code,
                                                 .level = RULE_HOUSEHOLD,
                                                 .text = str_of(m->causes[i]->rule),
                                                 .want_bool = true};
    check_ok(cx, rule_compile(&m->program, &fault, cx, cx->profile->rules->dictionary, texts,
                              MEASURES + m->cause_count));
}

/* Puts the catalogue in the place of the profile's. */
/* NOLINTNEXTLINE(readability-function-size): a catalogue is told in one piece */
static CHECK_UNUSED void help_fixture_measures(struct cx *cx)
{
    static const char *const codes[MEASURES] = {"repair", "resettle", "school", "course",
                                                "water",  "visit",    "road"};
    static const char *const labels[MEASURES] = {"Repair of the house",
                                                 "A new place to live",
                                                 "School grant",
                                                 "Course",
                                                 "Water pipe",
                                                 "Visit",
                                                 "Road"};
    static const int32_t evidence[MEASURES] = {3, 2, 2, 1, 3, 0, 1};
    static const int64_t costs[MEASURES] = {2000000, 10000000, 80000, 50000, 300000, 0, 900000};
    static const char *const departments[MEASURES] = {
        "housing", "housing", "education", "labour", "water", "township", "transport"};
    struct measures *m = arena_new(cx->arena, sizeof *m);
    struct measure *list = arena_new(cx->arena, MEASURES * sizeof *list);
    struct measure_group *group = arena_new(cx->arena, sizeof *group);
    const struct derived **causes = arena_new(cx->arena, 3 * sizeof *causes);
    int32_t *needs = arena_new(cx->arena, 3 * sizeof *needs);
    const struct measure **excluded = arena_new(cx->arena, sizeof *excluded);
    causes[0] = help_cause(cx, "cause_housing");
    causes[1] = help_cause(cx, "cause_work");
    causes[2] = help_cause(cx, "cause_water");
    needs[0] = NEED_SCHOOL;
    needs[1] = NEED_HOUSE;
    needs[2] = NEED_WATER;
    *group =
        (struct measure_group){.code = "all", .picture = "house", .label = {{"All", "全部"}}};
    for (int i = 0; i < MEASURES; i++)
        list[i] = (struct measure){.number = i + 1,
                                   .code = codes[i],
                                   .group = group,
                                   .subject = help_subjects[i],
                                   .rule = help_rules[i],
                                   .cost_minor = costs[i],
                                   .unit = "",
                                   .department = departments[i],
                                   .days = 10,
                                   .evidence = evidence[i],
                                   .label = {{labels[i], "措施"}},
                                   .help = {{"", ""}},
                                   .evidence_text = {{"", ""}},
                                   .unit_label = {{"", ""}},
                                   .source = "test",
                                   .root = (size_t)i};
    list[REPAIR - 1].answers = list[RESETTLE - 1].answers = &causes[0];
    list[REPAIR - 1].answer_count = list[RESETTLE - 1].answer_count = 1;
    list[REPAIR - 1].needs = &needs[1];
    list[REPAIR - 1].effect_column =
        profile_indicator(cx->profile, SUBJECT_HOUSEHOLD, STR("house_m2"));
    excluded[0] = &list[RESETTLE - 1];
    list[REPAIR - 1].excludes = excluded;
    list[SCHOOL - 1].needs = &needs[0];
    list[COURSE - 1].answers = &causes[1];
    list[WATER - 1].answers = &causes[2];
    list[WATER - 1].needs = &needs[2];
    list[REPAIR - 1].need_count = list[SCHOOL - 1].need_count = list[WATER - 1].need_count = 1;
    list[REPAIR - 1].exclude_count = list[COURSE - 1].answer_count = 1;
    list[WATER - 1].answer_count = 1;
    *m = (struct measures){.groups = group,
                           .group_count = 1,
                           .list = list,
                           .count = MEASURES,
                           .need_kinds = profile_list(cx->profile, STR("need_kind")),
                           .urgencies = profile_list(cx->profile, STR("urgency")),
                           .causes = causes,
                           .cause_count = 3,
                           .cause_root = MEASURES};
    assert_non_null(m->need_kinds);
    assert_non_null(m->urgencies);
    help_fixture_program(m, cx);
    f.profile->measures = m;
}

/* A household of a man of 45 and a child of 10 in the first village. */
struct help_family {
    const char *house_grade; /* label; NULL not known */
    const char *cause;       /* label of main_cause; NULL not known */
    int64_t work_months;     /* tenths; -1 not known */
    int water_safe;          /* -1 not known */
    int64_t house_m2;        /* hundredths; 0 not known */
};

static CHECK_UNUSED void help_code(struct cx *cx, struct value *values, const char *code,
                                   const char *label)
{
    const struct indicator *ind =
        profile_indicator(cx->profile, SUBJECT_HOUSEHOLD, str_of(code));
    assert_non_null(ind);
    const struct code *c = code_parse(ind->list, cx, str_of(label));
    assert_non_null(c);
    values[ind->index] = value_int(c->code);
}

static CHECK_UNUSED int64_t help_household(struct cx *cx, int village, const char *code,
                                           struct help_family x, int32_t year)
{
    struct household h;
    struct household_record *r = fixture_household(cx, f.village[village], code, 2);
    r->year = year;
    fixture_person(r, 0, "王明", 1, NULL);
    fixture_person(r, 1, "王小", 3, NULL);
    r->people[0].birth_day = 4000;
    r->people[1].birth_day = 17000;
    if (x.house_grade)
        help_code(cx, r->values, "house_grade", x.house_grade);
    if (x.cause)
        help_code(cx, r->values, "main_cause", x.cause);
    if (x.water_safe >= 0)
        fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "water_safe", value_int(x.water_safe));
    if (x.house_m2)
        fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "house_m2", value_int(x.house_m2));
    if (x.work_months >= 0)
        fixture_value(cx, r->people[0].values, SUBJECT_PERSON, "work_months",
                      value_int(x.work_months));
    fixture_value(cx, r->people[1].values, SUBJECT_PERSON, "work_months", value_int(0));
    if (household_by_code(&h, cx, f.county, str_of(code)) == RC_OK) {
        struct person *people;
        size_t count;
        r->household_id = h.id;
        check_ok(cx, household_people(&people, &count, cx, f.county, h.id, false));
        for (size_t i = 0; i < count; i++)
            r->people[people[i].birth_day == 17000].person_id = people[i].id;
    } else {
        err_clear(cx);
    }
    fixture_apply(cx, &source, r);
    return fixture_id(cx, &f, code);
}

static CHECK_UNUSED int64_t help_need(struct cx *cx, int64_t household, int32_t kind,
                                      int32_t urgency, int64_t amount_minor, const char *words)
{
    int64_t id;
    check_ok(cx, need_add(&id, cx,
                          &(struct need){.household_id = household,
                                         .kind = kind,
                                         .urgency = urgency,
                                         .amount_minor = amount_minor,
                                         .words = words}));
    return id;
}

/* A plan of a household with two offered measures (repair, school) and its items. */
struct help_plan {
    int64_t household, id;
    struct plan p;
    struct plan_item *items;
    size_t count;
};

static CHECK_UNUSED void help_plan_read(struct help_plan *h, struct cx *cx)
{
    check_ok(cx, plan_get(&h->p, &h->items, &h->count, cx, h->id));
}

static CHECK_UNUSED void help_plan_propose(struct help_plan *h, struct cx *cx, int village,
                                           const char *code)
{
    h->household = help_household(
        cx, village, code, (struct help_family){"D", "Unsafe housing", 30, -1, 6000}, YEAR);
    help_need(cx, h->household, NEED_HOUSE, AT_ONCE, 500000, "");
    help_need(cx, h->household, NEED_SCHOOL, CAN_WAIT, 0, "学费");
    check_ok(cx, plan_propose(&h->id, cx, h->household, 0));
    help_plan_read(h, cx);
    assert_int_equal(h->count, 2);
}

static CHECK_UNUSED void help_plan_approve(struct help_plan *h, struct cx *cx)
{
    check_ok(cx, plan_take_all(cx, h->id, h->p.version));
    help_plan_read(h, cx);
    check_ok(cx, plan_approve(cx, h->id, h->p.version));
    help_plan_read(h, cx);
}

static CHECK_UNUSED void help_fixture_open(struct cx *cx)
{
    register_fixture_open(&f, cx);
    cx->dir = f.dir;
    help_fixture_measures(cx);
    columns_fixture_open(cx);
    source = fixture_source(&f, 11, 0);
}

static CHECK_UNUSED void help_fixture_close(struct cx *cx)
{
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

#endif
