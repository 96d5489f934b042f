/* Tests of the indexes of deprivation that the profiles carry: each deprivation with the facts
 * that make it, those just beside, and without them. */
#include "profile/village_fixture.h"

enum { NO, YES, UNKNOWN };
struct deprived {
    const char *deprivation, *sets;
    int is; /* of the first household */
};

static void check_deprived(const char *index, const struct village *from,
                           const struct deprived *cases, size_t count)
{
    const struct poverty_index *x = profile_index(p, str_of(index));
    assert_non_null(x);
    for (size_t i = 0; i < count; i++) {
        size_t rows[3], at = 0;
        while (at < x->count && strcmp(x->deprivations[at].code, cases[i].deprivation) != 0)
            at++;
        assert_true(at < x->count);
        memcpy(&now, from, sizeof now);
        set_all(&now, str_of(cases[i].sets));
        int64_t value = rule_value(run_program(rows, x->program, &now), at)[0];
        int is = value == RULE_MISSING ? UNKNOWN : value ? YES : NO;
        if (is != cases[i].is)
            fail_msg("%s of %s: %d on %s", cases[i].deprivation, index, is, cases[i].sets);
    }
}

/* The household of the clean village is deprived of nothing; each deprivation comes with the
 * facts that make it, and is unknown without them. */
static void deprivations_of_cn(void **state)
{
    (void)state;
    static const struct deprived two_three[] = {
        {"food", "", NO},
        {"food", "h.guarantees_held=2|3|4|5|6", YES},
        {"food", "h.guarantees_held=", UNKNOWN},
        {"clothes", "", NO},
        {"clothes", "h.guarantees_held=1|3", YES},
        {"clothes", "h.guarantees_held=", UNKNOWN},
        {"schooling", "", NO},
        {"schooling", "p4.student=0", YES},
        {"schooling", "p4.student=;p4.education=2", YES},
        {"schooling", "p4.student=", UNKNOWN},
        {"schooling", "p4.student=0;p4.birth=2021-01-01", NO},
        {"medical", "", NO},
        {"medical", "p4.medical_resident=no", YES},
        {"medical", "p4.medical_resident=no;p4.medical_worker=yes", NO},
        {"medical", "p4.medical_resident=", UNKNOWN},
        {"housing", "", NO},
        {"housing", "h.house_grade=3", YES},
        {"housing", "h.dangerous_house=yes", YES},
        {"housing", "h.has_house=no;h.house_grade=;h.dangerous_house=", YES},
        {"housing", "h.house_grade=4;h.dangerous_house=", YES},
        {"housing", "h.house_grade=1;h.dangerous_house=", NO},
        {"housing", "h.house_grade=;h.dangerous_house=", UNKNOWN},
        {"water", "", NO},
        {"water", "h.water_safe=no", YES},
        {"water", "h.water_difficult=yes", YES},
        {"water", "h.water_safe=", UNKNOWN},
    };
    static const struct deprived rural_life[] = {
        {"adult_schooling", "", NO},
        {"adult_schooling", "p1.education=2", YES},
        {"adult_schooling", "p1.education=", UNKNOWN},
        {"adult_schooling", "p1.education=2;p3.birth=2009-01-01;p3.student=7", NO},
        {"child_out", "p3.student=0", YES},
        {"uninsured", "p1.medical_resident=no", YES},
        {"illness", "", NO},
        {"illness", "p5.health=4", YES},
        {"illness", "p5.health=5;p5.disability_grade=2", YES},
        {"illness", "p5.health=5;p5.disability_grade=3", NO},
        {"illness", "p5.health=", UNKNOWN},
        {"no_worker", "", NO},
        {"no_worker", "p1.labour_skill=4;p2.labour_skill=5", YES},
        {"no_worker", "p1.labour_skill=4;p2.labour_skill=", UNKNOWN},
        {"no_job", "", NO},
        {"no_job", "h.production_income=0", NO},
        {"no_job", "h.production_income=0;p1.work_place=0;p2.welfare_post=", YES},
        {"no_job", "h.production_income=;p1.work_place=0;p2.welfare_post=", UNKNOWN},
        {"house", "h.house_grade=4", YES},
        {"unsafe_water", "h.water_safe=no", YES},
        {"toilet", "", NO},
        {"toilet", "h.toilet=no", YES},
        {"power", "h.power=no", YES},
        {"fuel", "", NO},
        {"fuel", "h.fuel=1", YES},
        {"road", "", NO},
        {"road", "h.road_type=1", YES},
    };
    read_base();
    check_deprived("two_three", &base, two_three, sizeof two_three / sizeof *two_three);
    check_deprived("rural_life", &base, rural_life, sizeof rural_life / sizeof *rural_life);
}

/* The ten indicators of the global index at their cut-offs; the weights are those of
 * domain/statistics.md b: a third for each dimension, 1/6 and 1/18, k = 1/3. */
static void deprivations_of_mpi(void **state)
{
    (void)state;
    static const char household[] =
        "h.child_deaths=0;h.fuel=2;h.toilet=1;h.toilet_shared=no;h.water_source=1;"
        "h.water_minutes=0;h.electricity=yes;h.floor=3;h.roof=4;h.walls=4;h.assets=2|3;"
        "p1.age_years=40;p1.school_years=6;p1.undernourished=no;p1.attending=no;"
        "p2.age_years=9;p2.school_years=3;p2.undernourished=no;p2.attending=yes";
    static const struct deprived cases[] = {
        {"nutrition", "", NO},
        {"nutrition", "p2.undernourished=yes", YES},
        {"nutrition", "p1.age_years=70;p1.undernourished=yes", NO},
        {"nutrition", "p1.age_years=69;p1.undernourished=yes", YES},
        {"nutrition", "p2.undernourished=", UNKNOWN},
        {"child_mortality", "", NO},
        {"child_mortality", "h.child_deaths=1", YES},
        {"child_mortality", "h.child_deaths=", UNKNOWN},
        {"years_of_schooling", "", NO},
        {"years_of_schooling", "p1.school_years=5", YES},
        {"years_of_schooling", "p1.school_years=", UNKNOWN},
        {"attendance", "", NO},
        {"attendance", "p2.attending=no", YES},
        {"attendance", "p2.attending=no;p2.age_years=15", NO},
        {"attendance", "p2.attending=no;p2.age_years=14", YES},
        {"attendance", "p2.attending=no;p2.age_years=5", NO},
        {"cooking_fuel", "", NO},
        {"cooking_fuel", "h.fuel=5", YES},
        {"cooking_fuel", "h.fuel=4", NO},
        {"sanitation", "", NO},
        {"sanitation", "h.toilet_shared=yes", YES},
        {"sanitation", "h.toilet=5;h.toilet_shared=", YES},
        {"sanitation", "h.toilet_shared=", UNKNOWN},
        {"drinking_water", "", NO},
        {"drinking_water", "h.water_source=8", YES},
        {"drinking_water", "h.water_minutes=29", NO},
        {"drinking_water", "h.water_minutes=30", YES},
        {"electricity", "", NO},
        {"electricity", "h.electricity=no", YES},
        {"housing", "", NO},
        {"housing", "h.floor=1", YES},
        {"housing", "h.floor=2", NO},
        {"housing", "h.roof=3", YES},
        {"housing", "h.walls=2;h.roof=", YES},
        {"assets", "", NO},
        {"assets", "h.assets=2", YES},
        {"assets", "h.assets=10", YES},
        {"assets", "h.assets=9", NO},
        {"assets", "h.assets=1|8", NO},
        {"assets", "h.assets=", UNKNOWN},
    };
    struct profile *cn = p;
    struct profile_faults faults;
    assert_int_equal(profile_load_embedded(&p, &faults, &cx, "mpi"), RC_OK);
    find_names();
    clear(&base);
    set_all(&base, str_of(household));
    check_deprived("global_mpi", &base, cases, sizeof cases / sizeof *cases);
    const struct poverty_index *x = profile_index(p, STR("global_mpi"));
    int sum = 0, of_dimension[3] = {0};
    static const char *const dimensions[] = {"health", "education", "living"};
    for (size_t i = 0; i < x->count; i++) {
        sum += x->deprivations[i].weight;
        for (int d = 0; d < 3; d++)
            if (!strcmp(x->deprivations[i].dimension, dimensions[d]))
                of_dimension[d] += x->deprivations[i].weight;
    }
    assert_int_equal(x->count, 10);
    assert_int_equal(sum, 18);
    for (int d = 0; d < 3; d++)
        assert_int_equal(of_dimension[d], 6);
    assert_int_equal(x->k_num, 1);
    assert_int_equal(x->k_den, 3);
    profile_free(p);
    p = cn;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(deprivations_of_cn, setup, teardown),
        cmocka_unit_test_setup_teardown(deprivations_of_mpi, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
