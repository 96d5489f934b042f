/* Tests of what the rules of the office mean in the Chinese profile: on which facts an alert is
 * raised, a risk may be cleared, a measure fits. Each is run over the clean village of
 * checks_base.csv with the facts named beside it; expected answers follow domain/register.md
 * 2.7 and the limits of thresholds.csv on 2026-09-30. */
#include "profile/alerts.h"
#include "profile/measures.h"
#include "profile/village_fixture.h"
#include "profile/workflows.h"

enum { NO, YES, UNKNOWN };
struct expected {
    const char *code, *sets;
    int is; /* of the first household, or of its first person */
};

static int answer(const struct rule_program *program, size_t root, const char *sets)
{
    size_t rows[3];
    struct arena_mark mark = arena_mark(cx.arena);
    memcpy(&now, &base, sizeof now);
    set_all(&now, str_of(sets));
    int64_t value = rule_value(run_program(rows, program, &now), root)[0];
    arena_back(cx.arena, mark);
    return value == RULE_MISSING ? UNKNOWN : value ? YES : NO;
}

static const char *word(int is)
{
    static const char *const words[] = {"no", "yes", "unknown"};
    return words[is];
}

/* Nothing is raised in the clean village; each alert over the register is raised on its facts
 * and not on those just beside. */
static void alerts_of_the_register(void **state)
{
    (void)state;
    static const struct expected cases[] = {
        {"income_collapse", "lh.net_income_per_head=22000", YES},
        {"income_collapse", "lh.net_income_per_head=21440", YES}, /* just half */
        {"income_collapse", "lh.net_income_per_head=21000", NO},
        {"income_collapse", "lh.net_income_per_head=", UNKNOWN},
        {"income_fall", "lh.net_income_per_head=16000", YES},
        {"income_fall", "lh.net_income_per_head=15000", NO},
        {"income_fall", "lh.net_income_per_head=22000", NO}, /* the red one is raised */
        {"below_line", "h.net_income_per_head=8000;h.monitoring_class=9", YES},
        {"below_line", "h.net_income_per_head=8800;h.monitoring_class=9", NO},
        {"below_line", "h.net_income_per_head=8000", NO}, /* watched already */
        {"below_line", "h.net_income_per_head=8000;h.risk_cleared=yes", YES},
        {"illness_cost", "p5.medical_self_paid=10000", YES},
        {"illness_cost", "p1.medical_self_paid=6000;p2.medical_self_paid=4000", YES},
        {"illness_cost", "p1.medical_self_paid=6000;p5.medical_self_paid=0", NO},
        {"rigid_expense", "h.rigid_expense=28800", YES},
        {"rigid_expense", "h.rigid_expense=28000", NO},
        {"rigid_expense", "h.rigid_expense=28800;p5.medical_self_paid=10000", NO},
        {"dropout", "p3.student=0", YES},
        {"dropout", "p3.student=", UNKNOWN},
        {"lost_job", "lp1.work_place=4;p1.work_place=0", YES},
        {"lost_job", "lp1.work_place=4", NO},
        {"lost_job", "lp1.work_place=4;p1.work_place=0;p1.birth=1960-01-01", NO},
        {"newly_disabled", "lh.size=5;p5.disability_grade=1", YES},
        {"newly_disabled", "lh.size=5;p5.disability_grade=1;lp5.disability_grade=2", NO},
        {"newly_disabled", "lh.size=5;p5.disability_grade=3", NO},
        {"newly_disabled", "p5.disability_grade=1", NO}, /* not in the register last year */
        {"unsafe_house", "h.house_grade=4;h.dangerous_house=yes", YES},
        {"unsafe_water", "h.water_safe=no", YES},
        {"unsafe_water", "h.water_difficult=yes", YES},
        {"uninsured", "p1.medical_resident=no", YES},
        {"uninsured", "p1.medical_resident=no;h.household_type=0;h.monitoring_class=9", NO},
        {"no_visit_watched", "h.visited_on=2026-07-10", YES},
        {"no_visit_watched", "h.visited_on=2026-08-01", NO},
        {"no_visit_watched", "h.visited_on=2026-07-10;h.risk_cleared=yes", NO},
        {"no_visit", "h.visited_on=2025-09-01;h.risk_cleared=yes", YES},
        {"no_visit", "h.visited_on=2025-11-01;h.risk_cleared=yes", NO},
        {"debts", "h.debt=200000", YES},
        {"debts", "h.microloan_overdue=yes", YES},
        {"nobody_works", "p1.labour_skill=4;p2.labour_skill=5;h.net_income_per_head=5000", YES},
        {"nobody_works",
         "p1.labour_skill=4;p2.labour_skill=5;h.net_income_per_head=5000;"
         "p1.low_income_allowance=1",
         NO},
        {"idle", "p1.work_place=0", YES},
        {"idle", "p1.work_place=0;lp1.work_place=4", NO},
        {"measure_late", "h.monitored_on=2026-07;h.help_measures=", YES},
        {"measure_late", "h.monitored_on=2026-07", NO},
        {"measure_late", "h.monitored_on=2026-09;h.help_measures=", NO},
    };
    size_t wrong = 0;
    read_base();
    for (size_t i = 0; i < p->alerts->count; i++) {
        const struct alert_rule *a = &p->alerts->list[i];
        bool raised = false;
        if (a->root < 0)
            continue;
        if (answer(p->alerts->program, (size_t)a->root, "") == YES) {
            print_error("%s is raised in the clean village\n", a->code);
            wrong++;
        }
        for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
            if (strcmp(cases[k].code, a->code) != 0)
                continue;
            int is = answer(p->alerts->program, (size_t)a->root, cases[k].sets);
            raised = raised || cases[k].is == YES;
            if (is != cases[k].is) {
                print_error("%s: %s on %s\n", a->code, word(is), cases[k].sets);
                wrong++;
            }
        }
        if (!raised) {
            print_error("%s: no facts raise it\n", a->code);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* A risk is cleared only after the time, above the line, with house, water, school and
 * insurance in order, with stable income and cost under control, and never where nobody can
 * work. Source: domain/register.md 2.7 "clearing". */
static void clearing_a_risk(void **state)
{
    (void)state;
    static const struct expected cases[] = {
        {"clear", "", YES},
        {"clear", "h.monitored_on=2026-04", NO}, /* five months */
        {"clear", "h.monitored_on=2026-03", YES},
        {"clear", "h.monitored_on=", UNKNOWN},
        {"clear", "h.net_income_per_head=8799", NO},
        {"clear", "h.net_income_per_head=8800;lh.net_income_per_head=9000", YES},
        {"clear", "h.net_income_per_head=", UNKNOWN},
        {"clear", "lh.net_income_per_head=16000", NO},     /* fell by a third */
        {"clear", "p1.work_place=0;p2.welfare_post=", NO}, /* lived on wages, no job now */
        {"clear", "h.rigid_expense=30000", NO},
        {"clear", "p5.medical_self_paid=10000", NO},
        {"clear", "h.house_grade=3;h.dangerous_house=yes", NO},
        {"clear", "h.house_grade=;h.dangerous_house=", UNKNOWN},
        {"clear", "h.water_safe=no", NO},
        {"clear", "h.water_safe=", UNKNOWN},
        {"clear", "p3.student=0", NO},
        {"clear", "p1.medical_resident=no", NO},
        {"clear", "h.no_labour=yes", NO},
        {"clear", "h.monitoring_class=9", NO},
        {"clear", "h.risk_cleared=yes", NO},
    };
    const struct workflow *w = profile_workflow(p, STR("exit"));
    const struct workflow_move *m = workflow_move(w, STR("decide"), STR("clear"));
    read_base();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int is = answer(w->program, (size_t)m->root, cases[i].sets);
        if (is != cases[i].is)
            fail_msg("clear: %s on %s", word(is), cases[i].sets);
    }
    m = workflow_move(w, STR("nominate"), STR("nominate"));
    assert_true(m->guard_must);
    assert_int_equal(answer(w->program, (size_t)m->root, ""), YES);
    assert_int_equal(answer(w->program, (size_t)m->root, "h.monitored_on=2026-09"), NO);
    w = profile_workflow(p, STR("identify"));
    m = workflow_move(w, STR("check"), STR("confirm")); /* signs of becoming poor */
    assert_int_equal(answer(w->program, (size_t)m->root, ""), NO);
    assert_int_equal(answer(w->program, (size_t)m->root, "p5.medical_self_paid=10000"), YES);
    assert_int_equal(
        answer(w->program, (size_t)m->root, "p5.medical_self_paid=10000;h.house_grade="), YES);
    assert_int_equal(answer(w->program, (size_t)m->root, "h.net_income_per_head="), UNKNOWN);
}

/* Who may get a measure, and whether its causes hold where its story is told. */
static void who_gets_what(void **state)
{
    (void)state;
    static const struct expected cases[] = {
        {"medical_relief", "p5.medical_self_paid=12000", YES},
        {"medical_relief", "p1.medical_self_paid=0;p5.medical_self_paid=0", NO},
        {"living_allowance", "h.net_income_per_head=5000", YES},
        {"living_allowance", "h.net_income_per_head=5000;p2.low_income_allowance=1", NO},
        {"living_allowance", "", NO},
        {"house_repair", "h.house_grade=3", YES},
        {"house_repair", "h.house_grade=4", NO},
        {"house_rebuild", "h.house_grade=4", YES},
        {"microloan", "h.microloan=0", YES},
        {"microloan", "", NO},
        {"microloan", "h.microloan=0;h.microloan_overdue=yes", NO},
        {"microloan", "h.microloan=0;p1.birth=1950-01-01", NO},
        {"join_cooperative", "h.cooperative=no", YES},
        {"join_cooperative", "h.cooperative=", UNKNOWN},
        {"water_tap", "h.water_safe=no;h.water_supply=4", YES},
        {"job_matching", "p1.work_place=0", YES},
        {"job_matching", "", NO},
        {"post_cleaning", "p1.work_place=0;p2.welfare_post=", YES},
        {"post_cleaning", "p1.birth=1950-01-01;p2.welfare_post=", NO},
        {"insurance_premium", "p1.medical_resident=no", YES},
        {"disability_care", "p1.disability_grade=1", YES},
        {"disability_care", "p1.disability_grade=3", NO},
    };
    read_base();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct measure *m = profile_measure_code(p, str_of(cases[i].code));
        assert_non_null(m);
        int is = answer(p->measures->program, m->root, cases[i].sets);
        if (is != cases[i].is)
            fail_msg("%s: %s on %s", m->code, word(is), cases[i].sets);
    }
}

/* A village reaches its limits with all of them, and not without any one of them. Source:
 * domain/register.md 2.7 "village exit". */
static void village_limits(void **state)
{
    (void)state;
    static const char all[] =
        "a.households_total=100;a.dangerous_households=1;a.houseless_households=1;"
        "a.medical_share=98;a.water_unsafe_households=2;a.no_power_households=0;"
        "a.road_paved=yes;a.clinic=yes;a.court=yes;a.culture_rooms=1;"
        "a.village_broadband=yes;a.special_industries=1;a.industry_cover=60;"
        "a.cooperatives=1;a.collective_income=50000;a.pension_share=90;"
        "a.pension_60_share=100;a.good_committees=yes;a.poverty_rate=2.9";
    static const struct expected cases[] = {
        {"", "", YES},
        {"", "a.dangerous_households=2", NO},
        {"", "a.medical_share=97.9", NO},
        {"", "a.water_unsafe_households=3", NO},
        {"", "a.road_paved=no", NO},
        {"", "a.clinic=no", NO},
        {"", "a.clinic=", UNKNOWN},
        {"", "a.industry_cover=59", NO},
        {"", "a.cooperatives=0", NO},
        {"", "a.pension_60_share=99", NO},
        {"", "a.poverty_rate=3", NO},
        {"", "a.households_total=0", UNKNOWN},
    };
    const struct workflow *w = profile_workflow(p, STR("village_exit"));
    const struct workflow_move *m = workflow_move(w, STR("decide"), STR("declare"));
    assert_true(m->guard_must);
    read_base();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *sets = arena_printf(cx.arena, "%s;%s", all, cases[i].sets);
        int is = answer(w->program, (size_t)m->root, sets);
        if (is != cases[i].is)
            fail_msg("village: %s on %s", word(is), cases[i].sets);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alerts_of_the_register),
        cmocka_unit_test(clearing_a_risk),
        cmocka_unit_test(who_gets_what),
        cmocka_unit_test(village_limits),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
