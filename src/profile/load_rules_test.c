/* Tests of loading what a profile says by rules: what makes it wrong, what may be missing,
 * years and eras. Single wrong cells are in profile_load_test.c; what the rules mean, in
 * rules_test.c. */
#include "base/buf.h"
#include "base/check.h"
#include "base/crypto.h"
#include "base/embed.h"
#include "base/time.h"
#include "profile/profile_impl.h"
#include "profile/rules.h"

#include <string.h>

enum { FILES_MAX = 80 };

static struct cx cx;

static int setup(void **state)
{
    (void)state;
    crypto_init();
    check_open(&cx);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    check_close(&cx);
    return 0;
}

static size_t carried(struct source_file *files, const char *prefix)
{
    size_t count = 0;
    for (size_t i = 0; i < embedded_count; i++)
        if (str_starts(str_of(embedded_files[i].path), str_of(prefix))) {
            assert_true(count < FILES_MAX);
            files[count++] = (struct source_file){
                embedded_files[i].path + strlen(prefix),
                {(const char *)embedded_files[i].data, embedded_files[i].len}};
        }
    return count;
}

/* Further files beside those of the survey's profile, and the mistake that they make. */
struct further {
    const char *derived, *indexes, *deprivations, *file, *field, *says;
};
#define DERIVED "code,subject,rule,unit,label_en,label_zh,help_en,help_zh,source\n"
#define INDEXES "code,k,label_en,label_zh,help_en,help_zh,source\n"
#define DEPRIVATIONS                                                                           \
    "index,code,dimension,dimension_en,dimension_zh,weight,rule,label_en,label_zh,help_en,"    \
    "help_zh,source\n"

/* Loads the survey's profile with these files; RC_OK or the first fault in *fault. */
static enum rc load_further(struct profile **out, struct profile_fault *fault,
                            const struct further *f)
{
    struct source_file files[FILES_MAX];
    struct profile_faults faults;
    size_t count = carried(files, "profile/vlss/");
    files[count++] = (struct source_file){"derived.csv", str_of(f->derived)};
    files[count++] = (struct source_file){"indexes.csv", str_of(f->indexes)};
    files[count++] = (struct source_file){"deprivations.csv", str_of(f->deprivations)};
    enum rc rc = profile_load_files(out, &faults, &cx, files, count);
    *fault = rc ? faults.rows[0] : (struct profile_fault){0};
    return rc;
}

/* What one replaced word cannot make: two rules in a circle, an index without rows, one whose
 * weights are all 0, one of 17 deprivations. Each is named with its file, line and field; 16
 * deprivations are let in and compiled. */
static void rules_of_a_small_profile(void **state)
{
    (void)state;
    static const struct further wrong[] = {
        {DERIVED "a,household,b + 1,,A,甲,,,x\nb,household,a + 1,,B,乙,,,x\n", INDEXES,
         DEPRIVATIONS, "derived.csv", "rule", "itself"},
        {DERIVED, INDEXES "i,1/3,I,指数,,,x\n", DEPRIVATIONS, "indexes.csv", "code", "no rows"},
        {DERIVED, INDEXES "i,1/3,I,指数,,,x\n",
         DEPRIVATIONS "i,a,d,D,维,0,farm,A,甲,,,x\ni,b,d,D,维,0,urban,B,乙,,,x\n",
         "indexes.csv", "code", "All weights"},
        {DERIVED, INDEXES "i,1/3,I,指数,,,x\n", DEPRIVATIONS "i,a,d,D,维,1.5,farm,A,甲,,,x\n",
         "deprivations.csv", "weight", "whole number"},
        {DERIVED, INDEXES, DEPRIVATIONS "i,a,d,D,维,1,farm,A,甲,,,x\n", "deprivations.csv",
         "index", "Unknown"},
    };
    struct profile *p;
    struct profile_fault fault;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(load_further(&p, &fault, &wrong[i]), RC_INVALID);
        if (strcmp(fault.file, wrong[i].file) || strcmp(fault.field, wrong[i].field) ||
            !strstr(fault.message, wrong[i].says) || fault.row < 1)
            fail_msg("%zu: %s:%" PRId64 " %s: %s", i, fault.file, fault.row, fault.field,
                     fault.message);
    }
    struct buf b;
    buf_init(&b, cx.arena, 1 << 16);
    buf_z(&b, DEPRIVATIONS);
    for (int i = 0; i < 16; i++)
        buf_printf(&b, "i,a%d,d,D,维,1,hhsize > %d,A,甲,,,x\n", i, i);
    struct further many = {
        DERIVED, INDEXES "i,1/3,I,指数,,,x\n", arena_copy(cx.arena, buf_view(&b)), "", "", ""};
    assert_int_equal(load_further(&p, &fault, &many), RC_OK);
    const struct poverty_index *x = profile_index(p, STR("i"));
    assert_int_equal(x->count, 16);
    assert_int_equal(rule_root_count(x->program), 16);
    profile_free(p);
    buf_z(&b, "i,a16,d,D,维,1,farm,A,甲,,,x\n");
    many.deprivations = arena_copy(cx.arena, buf_view(&b));
    assert_int_equal(load_further(&p, &fault, &many), RC_INVALID);
    assert_string_equal(fault.field, "index");
    assert_int_equal(fault.row, 18);
}

/* A profile without any files of rules has none, and says so instead of being NULL. */
static void profile_without_rules(void **state)
{
    (void)state;
    struct profile *p;
    struct profile_faults faults;
    assert_int_equal(profile_load_embedded(&p, &faults, &cx, "vlss"), RC_OK);
    assert_non_null(p->rules);
    assert_int_equal(p->rules->check_count + p->rules->derived_count + p->rules->index_count,
                     0);
    assert_int_equal(rule_root_count(p->rules->check_program), 0);
    assert_null(profile_check(p, 101));
    assert_null(profile_index(p, STR("two_three")));
    profile_free(p);
}

/* The income year is named after the year in which it ends, and a check holds in the eras
 * between its two: 102 is from 2021 on, 101 always. */
static void years_and_eras(void **state)
{
    (void)state;
    struct profile *p;
    struct profile_faults faults;
    assert_int_equal(profile_load_embedded(&p, &faults, &cx, "cn"), RC_OK);
    assert_int_equal(profile_year_first(p, 2026), day_of((struct date){2025, 10, 1}));
    assert_int_equal(profile_year_last(p, 2026), day_of((struct date){2026, 9, 30}));
    assert_true(check_in_year(p, profile_check(p, 101), 2015));
    assert_false(check_in_year(p, profile_check(p, 102), 2015));
    assert_false(check_in_year(p, profile_check(p, 102), 2020));
    assert_true(check_in_year(p, profile_check(p, 102), 2021));
    assert_true(check_in_year(p, profile_check(p, 102), 2026));
    assert_true(check_in_year(p, profile_check(p, 102), 2040));
    for (size_t i = 0; i < p->rules->check_count; i++)
        assert_ptr_equal(profile_check(p, p->rules->checks[i].number), &p->rules->checks[i]);
    assert_int_equal(p->welfare_count, 2);
    assert_string_equal(p->poverty_lines[1], "monitoring_line");
    assert_int_equal(p->cause_column_count, 7);
    assert_string_equal(p->transferred_incomes[0]->code, "transfers");
    assert_string_equal(p->longitude->code, "longitude");
    profile_free(p);
    assert_int_equal(profile_load_embedded(&p, &faults, &cx, "vlss"), RC_OK);
    assert_int_equal(profile_year_first(p, 1998), day_of((struct date){1998, 1, 1}));
    assert_int_equal(profile_year_last(p, 1998), day_of((struct date){1998, 12, 31}));
    profile_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rules_of_a_small_profile, setup, teardown),
        cmocka_unit_test_setup_teardown(profile_without_rules, setup, teardown),
        cmocka_unit_test_setup_teardown(years_and_eras, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
