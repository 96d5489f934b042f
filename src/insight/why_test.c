/* Tests of causes, changes between two years, figures for everybody and de-identified files. */
#include "base/file.h"
#include "insight/capability.h"
#include "insight/cause.h"
#include "insight/microdata.h"
#include "insight/publish.h"
#include "insight/split.h"
#include "insight/why_fixture.h"
#include "store/store.h"

#include <fcntl.h>
#include <math.h>
#include <unistd.h>

static struct register_fixture f;

static const char *code_of_household(struct cx *cx, int i)
{
    return arena_printf(cx->arena, "61%08d", i);
}

static void close_to(double is, double should)
{
    if (!(fabs(is - should) < 1e-9))
        fail_msg("%.12f should be %.12f", is, should);
}

/* Ten households of one person, five named below; line 4000.
 *   1: 3000 then 5000    leaves poverty
 *   2: 5000 then 3000    becomes poor
 *   3: 3000, corrected to 4500, then 4600
 *   4: 3500, no figure later (left)
 *   5: only later, 2000 (came)
 *   6–10: 6000 in both years */
static void make_two_years(struct cx *cx)
{
    static const int before[] = {3000, 5000, 3000, 3500, -1, 6000, 6000, 6000, 6000, 6000};
    static const int after[] = {5000, 3000, 4600, -1, 2000, 6000, 6000, 6000, 6000, 6000};
    for (int i = 0; i < 10; i++) {
        fixture_year(
            cx, &f,
            &(struct fixture_sheet){code_of_household(cx, i), 0, 2024, before[i], 0, 1});
        fixture_year(
            cx, &f, &(struct fixture_sheet){code_of_household(cx, i), 0, 2025, after[i], 0, 1});
    }
    fixture_year(cx, &f,
                 &(struct fixture_sheet){code_of_household(cx, 2), 0, 2024, 4500, 0, 1});
}

static void split(struct cx *cx)
{
    struct scope s;
    struct split t;
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    make_two_years(cx);
    fixture_scope(&s, cx, f.county_area, "4000", "2025", "2024");
    check_ok(cx, split_make(&t, cx, &s));
    close_to(t.step[SPLIT_FIRST].rate, 3.0 / 9);     /* 1, 3, 4 of nine */
    close_to(t.step[SPLIT_CORRECTED].rate, 2.0 / 9); /* 3 was corrected */
    close_to(t.step[SPLIT_LEFT].rate, 1.0 / 8);      /* without 4 */
    close_to(t.step[SPLIT_REAL].rate, 1.0 / 8);      /* 2 instead of 1 */
    close_to(t.step[SPLIT_CAME].rate, 2.0 / 9);      /* with 5 */
    close_to(t.step[SPLIT_LINE].rate, 2.0 / 9);
    assert_int_equal(t.step[SPLIT_CORRECTED].changed, 1);
    assert_int_equal(t.step[SPLIT_LEFT].changed, 1);
    assert_int_equal(t.step[SPLIT_CAME].changed, 1);
    assert_int_equal(t.became_poor, 1);
    assert_int_equal(t.left_poverty, 1);
    assert_int_equal(t.stayed_poor, 0);
    double sum = 0;
    for (int i = 1; i < SPLIT_STEPS; i++)
        sum += t.step[i].part;
    close_to(sum, t.step[SPLIT_LINE].rate - t.step[SPLIT_FIRST].rate);
    /* Another line in the earlier year only: all of it is the line's part. */
    struct pair pairs[] = {{STR("line"), STR("5500")},
                           {STR("from_line"), STR("4000")},
                           {STR("year"), STR("2025")},
                           {STR("from_year"), STR("2024")}};
    check_ok(cx, scope_of_pairs(&s, cx, pairs, 4));
    check_ok(cx, split_make(&t, cx, &s));
    close_to(t.step[SPLIT_CAME].rate, 2.0 / 9);
    close_to(t.step[SPLIT_LINE].rate, 4.0 / 9); /* 1, 2, 3, 5 */
    /* Poor also at the line: whoever stands at 3,000 counts, in the rates and in the moves. */
    struct pair at[] = {{STR("line"), STR("3000")},
                        {STR("poor"), STR("at")},
                        {STR("year"), STR("2025")},
                        {STR("from_year"), STR("2024")}};
    check_ok(cx, scope_of_pairs(&s, cx, at, 4));
    check_ok(cx, split_make(&t, cx, &s));
    close_to(t.step[SPLIT_FIRST].rate, 2.0 / 9); /* 1, 3 */
    close_to(t.step[SPLIT_LINE].rate, 2.0 / 9);  /* 2, 5 */
    assert_int_equal(t.became_poor, 1);
    assert_int_equal(t.left_poverty, 1);
    pairs[3].value = STR("2025");
    check_ok(cx, scope_of_pairs(&s, cx, pairs, 4));
    check_refused(cx, split_make(&t, cx, &s), RC_INVALID);
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

static void put_income(struct cx *cx, int household, int64_t yuan, int64_t import_id)
{
    struct source source = fixture_source(&f, 0, import_id);
    struct household_record *r = fixture_household(cx, 0, "", 0);
    r->household_id = fixture_id(cx, &f, code_of_household(cx, household));
    r->year = 2024;
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "net_income_per_head",
                  value_int(yuan * 100));
    fixture_apply(cx, &source, r);
    if (import_id)
        fixture_flip(cx, &f, import_id);
}

/* Household 1: an import says 3,000 and is undone, then 5,000 is written down: that is the
 * first. Household 2: 5,000, an import corrects it to 3,000 and is undone: never corrected. */
static void undone(struct cx *cx)
{
    struct scope s;
    struct split t;
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    fixture_year(cx, &f, &(struct fixture_sheet){code_of_household(cx, 1), 0, 2024, -1, 0, 1});
    fixture_year(cx, &f,
                 &(struct fixture_sheet){code_of_household(cx, 2), 0, 2024, 5000, 0, 1});
    for (int i = 1; i <= 2; i++)
        fixture_year(cx, &f,
                     &(struct fixture_sheet){code_of_household(cx, i), 0, 2025, 6000, 0, 1});
    put_income(cx, 1, 3000, 71);
    fixture_undo(cx, &f, 71);
    put_income(cx, 1, 5000, 0);
    put_income(cx, 2, 3000, 72);
    fixture_undo(cx, &f, 72);
    fixture_scope(&s, cx, f.county_area, "4000", "2025", "2024");
    check_ok(cx, split_make(&t, cx, &s));
    close_to(t.step[SPLIT_FIRST].rate, 0);
    close_to(t.step[SPLIT_CORRECTED].rate, 0);
    assert_int_equal(t.step[SPLIT_FIRST].households, 2);
    assert_int_equal(t.step[SPLIT_CORRECTED].changed, 0);
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

/* Causes by hand: illness 3, disability 2 (one household has both by its second column). */
static void causes(struct cx *cx)
{
    struct scope s;
    struct population *p;
    struct cause_table t;
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    fixture_year(cx, &f,
                 &(struct fixture_sheet){code_of_household(cx, 1), 0, 2025, 3000, 1, 2});
    fixture_year(cx, &f,
                 &(struct fixture_sheet){code_of_household(cx, 2), 0, 2025, 5000, 1, 2});
    fixture_year(cx, &f,
                 &(struct fixture_sheet){code_of_household(cx, 3), 2, 2025, 2000, 1, 1});
    fixture_year(cx, &f,
                 &(struct fixture_sheet){code_of_household(cx, 4), 2, 2025, 9000, 2, 3});
    fixture_year(cx, &f,
                 &(struct fixture_sheet){code_of_household(cx, 5), 2, 2025, 9000, 0, 1});
    struct source source = fixture_source(&f, 0, 0);
    struct household_record *r = fixture_household(cx, 0, "", 0);
    r->household_id = fixture_id(cx, &f, code_of_household(cx, 3));
    r->year = 2025;
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "other_causes", value_int(1 << 2 | 1 << 1));
    fixture_apply(cx, &source, r);
    fixture_scope(&s, cx, f.county_area, "4000", "2025", NULL);
    check_ok(cx, population_open(&p, cx, &s, 0, NULL, POPULATION_CHILD | POPULATION_ID));
    check_ok(cx, cause_make(&t, cx, p, CAUSE_ALL));
    assert_int_equal(t.asked, 5);
    assert_int_equal(t.with_cause, 4);
    assert_int_equal(t.count, 2);
    assert_int_equal(t.code[0], 1);
    assert_int_equal(t.households[0], 3);
    assert_int_equal(t.households[1], 2);
    close_to(t.people[0], 5);
    close_to(t.mean[0], (2 * 3000 + 2 * 5000 + 2000) / 5.0);
    assert_int_equal(t.pairs[1], 1);
    close_to(cause_lift(&t, 0, 1), 1.0 * 4 / (3 * 2));
    assert_int_equal(t.child_count, 2);
    check_ok(cx, cause_make(&t, cx, p, CAUSE_POOR));
    assert_int_equal(t.asked, 2);
    assert_int_equal(t.households[0], 2);
    population_close(p);
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

/* Town 0: 30 households of which 12 poor; town 1: 40 with 3 poor. */
static void make_towns(struct cx *cx)
{
    for (int i = 0; i < 70; i++) {
        bool first = i < 30, poor = first ? i < 12 : i < 33;
        fixture_year(cx, &f,
                     &(struct fixture_sheet){code_of_household(cx, i),
                                             first ? i % 2 : 2 + i % 2, 2025,
                                             poor ? 3000 : 8000, 0, 1});
    }
}

static void publish(struct cx *cx)
{
    struct scope s;
    struct publish_figure figure, back;
    int64_t id, second;
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    make_towns(cx);
    fixture_scope(&s, cx, f.county_area, "4000", "2025", NULL);
    check_ok(cx, publish_make(&figure, cx, &s));
    assert_int_equal(figure.row_count, 3);
    assert_int_equal(figure.rows[0].poor_households, 15);
    /* 3 poor would be told: both towns are hidden, or the sum would give it away. */
    assert_true(figure.rows[1].hidden && figure.rows[2].hidden);
    figure.title = "People below the line";
    check_ok(cx, publish_put(&id, cx, &figure));
    check_ok(cx, publish_get(&back, cx, id));
    assert_int_equal(back.row_count, 3);
    assert_true(back.rows[1].hidden);
    assert_int_equal(back.rows[1].poor_households, 0); /* what is hidden is not kept */
    assert_int_equal(back.rows[0].poor_people, 15);
    /* A line a little higher: 15 and 16 poor together would tell about one household. */
    fixture_year(cx, &f,
                 &(struct fixture_sheet){code_of_household(cx, 69), 2, 2025, 4100, 0, 1});
    fixture_scope(&s, cx, f.county_area, "4200", "2025", NULL);
    check_ok(cx, publish_make(&figure, cx, &s));
    figure.title = "The same, another line";
    check_refused(cx, publish_put(&second, cx, &figure), RC_CONFLICT);
    /* Town 0 alone would give town 1 away by subtraction. */
    fixture_scope(&s, cx, f.town[0], "4000", "2025", NULL);
    check_ok(cx, publish_make(&figure, cx, &s));
    figure.title = "A town";
    check_refused(cx, publish_put(&second, cx, &figure), RC_CONFLICT);
    /* Withdrawing does not help: readers may have kept the table. */
    check_ok(cx, publish_withdraw(cx, id));
    check_refused(cx, publish_put(&second, cx, &figure), RC_CONFLICT);
    /* 3 of 40: cannot be published at all. */
    fixture_scope(&s, cx, f.town[1], "4000", "2025", NULL);
    check_refused(cx, publish_make(&figure, cx, &s), RC_INVALID);
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

static void check_file(struct cx *cx, int64_t id, const struct microdata_risk *risk)
{
    int fd;
    static char text[256 * 1024];
    check_ok(cx, microdata_take(&fd, cx, id));
    ssize_t len = pread(fd, text, sizeof text - 1, 0);
    close(fd);
    assert_true(len > 0);
    text[len] = 0;
    int64_t lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, risk->records + 1);
    assert_non_null(strstr(text, "serial,part,size,net_income_per_head,main_cause"));
    assert_null(strstr(text, "王"));
    assert_null(strstr(text, "61000000"));
}

/* 150 households, one with a cause that nobody else has: it loses the answer. Names and numbers
 * are not in the file; the asker cannot approve; takings are logged. */
static void microdata(struct cx *cx)
{
    struct microdata_risk risk;
    struct microdata_access *accesses;
    size_t count;
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    for (int i = 0; i < 150; i++)
        fixture_year(cx, &f,
                     &(struct fixture_sheet){code_of_household(cx, i), i % 4, 2025,
                                             3000 + i * 37, i == 7 ? 13 : 1 + i % 2,
                                             1 + i % 2});
    const char *dir_before = cx->dir;
    cx->dir = f.dir;
    const struct actor *analyst = fixture_officer(cx, &f, f.county_area, "analyst");
    struct actor admin = *fixture_officer(cx, &f, f.county_area, "county_admin");
    admin.user_id = 8;
    cx->actor = analyst;
    struct microdata m = {.area_id = f.county_area,
                          .year = 2025,
                          .purpose = "How incomes differ by cause",
                          .variables = "net_income_per_head main_cause"};
    check_ok(cx, microdata_make(&risk, cx,
                                &(struct microdata){.county = f.county,
                                                    .area_id = f.county_area,
                                                    .year = 2025,
                                                    .variables = m.variables},
                                -1));
    assert_int_equal(risk.households, 150);
    assert_true(risk.alone_before >= 1);
    assert_true(risk.answers_blanked >= 1 || risk.dropped >= 1);
    assert_true(risk.least >= MICRODATA_K);
    assert_int_equal(risk.records + risk.dropped, 150);
    check_ok(cx, microdata_ask(&m, cx));
    check_refused(cx, microdata_decide(cx, m.id, true, STR("")), RC_DENIED);
    cx->actor = &admin;
    check_refused(cx, microdata_decide(cx, m.id, false, STR("")), RC_INVALID);
    check_ok(cx, microdata_decide(cx, m.id, true, STR("")));
    check_refused(cx, microdata_decide(cx, m.id, true, STR("")), RC_CONFLICT);
    cx->actor = analyst;
    check_file(cx, m.id, &risk);
    check_ok(cx, microdata_accesses(&accesses, &count, cx, &m));
    assert_int_equal(count, 1);
    struct actor other = *analyst;
    other.user_id = 9;
    cx->actor = &other;
    int fd;
    assert_int_equal(microdata_take(&fd, cx, m.id), RC_NOTFOUND); /* no text: as if not there */
    err_clear(cx);
    cx->actor = analyst;
    m.variables = "net_income_per_head longitude";
    check_refused(cx, microdata_ask(&m, cx), RC_INVALID);
    m.variables = "main_cause";
    m.area_id = f.village[0];
    check_refused(cx, microdata_ask(&m, cx), RC_INVALID); /* too few */
    cx->actor = NULL;
    cx->dir = dir_before;
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

/* Two households of two people: wages 20,000 and 4,000, production 6,000 (the first), transfers
 * 2,000 and 10,000. The second had support in 2024 and has none in 2025. */
static void put_incomes(struct cx *cx, int household, int32_t year, const int64_t yuan[3],
                        bool help)
{
    static const int32_t kinds[3] = {101, 202, 402}; /* wages, production, transfers */
    struct source source = fixture_source(&f, 0, 0);
    struct household_record *r = fixture_household(cx, 0, "", 0);
    r->household_id = fixture_id(cx, &f, code_of_household(cx, household));
    r->year = year;
    r->incomes = arena_new(cx->arena, 3 * sizeof *r->incomes);
    for (int i = 0; i < 3; i++)
        r->incomes[i] =
            (struct income_record){profile_income(f.profile, kinds[i]), yuan[i] * 100, 4};
    r->income_count = 3;
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "help_measures",
                  value_int(help ? 1 << 2 : 0));
    fixture_apply(cx, &source, r);
}

static void capability(struct cx *cx)
{
    struct scope s;
    struct capability c;
    struct capability_ended e;
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    for (int i = 1; i <= 3; i++)
        for (int32_t year = 2024; year <= 2025; year++)
            fixture_year(cx, &f,
                         &(struct fixture_sheet){code_of_household(cx, i), 0, year,
                                                 i == 2 ? 3000 : 9000, 0, 2});
    for (int32_t year = 2024; year <= 2025; year++) {
        put_incomes(cx, 1, year, (int64_t[]){20000, 6000, 2000}, false);
        put_incomes(cx, 2, year, (int64_t[]){year == 2024 ? 4000 : 5000, 0, 10000},
                    year == 2024);
    }
    fixture_scope(&s, cx, f.county_area, "4000", "2025", "2024");
    check_ok(cx, capability_make(&c, cx, &s));
    assert_int_equal(c.year_count, 2);
    assert_int_equal(c.years[0].households, 2);
    assert_int_equal(c.years[0].left_out, 1);
    close_to(c.years[0].earned, (20000 + 6000 + 4000) / 4.0);
    close_to(c.years[0].transferred, (2000 + 10000) / 4.0);
    close_to(c.years[0].kind[1], 6000 / 4.0);
    assert_int_equal(c.years[0].has_kind[0], 2);
    assert_int_equal(c.years[0].has_kind[1], 1);
    assert_int_equal(c.years[0].mostly_transfers, 1);
    check_ok(cx, capability_ended(&e, cx, &s));
    assert_int_equal(e.ended.households, 1);
    assert_int_equal(e.goes_on.households, 0);
    close_to(e.ended.earned[0], 2000);
    close_to(e.ended.earned[1], 2500);
    close_to(e.ended.transferred[1], 5000);
    close_to(e.ended.poor[0], 1);
    fixture_scope(&s, cx, f.county_area, "3000", "2025", "2024");
    check_ok(cx, capability_ended(&e, cx, &s));
    close_to(e.ended.poor[0], 0);
    s.weak = true; /* poor also at the line */
    check_ok(cx, capability_ended(&e, cx, &s));
    close_to(e.ended.poor[0], 1);
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

static void test_capability(void **state)
{
    (void)state;
    /* Earned and received per person by hand; what became of the one whose support ended. */
    db_fixture_each(capability);
}
static void test_split(void **state)
{
    (void)state;
    /* Each step of a change by hand, on ten households; the parts add up; another line. */
    db_fixture_each(split);
}
static void test_undone(void **state)
{
    (void)state;
    /* What an undone import had written was never first recorded, nor a correction. */
    db_fixture_each(undone);
}
static void test_causes(void **state)
{
    (void)state;
    /* Counts, people, means, pairs and lift of two causes by hand. */
    db_fixture_each(causes);
}
static void test_publish(void **state)
{
    (void)state;
    /* Small cells are hidden and not kept; two figures that would tell together are refused. */
    db_fixture_each(publish);
}
static void test_microdata(void **state)
{
    (void)state;
    /* Asking, checking, approving, taking; what must not be in the file is not. */
    db_fixture_each(microdata);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capability), cmocka_unit_test(test_split),
        cmocka_unit_test(test_undone),     cmocka_unit_test(test_causes),
        cmocka_unit_test(test_publish),    cmocka_unit_test(test_microdata),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
