/* Tests of comparing with other departments' lists, on both databases: from a file's bytes to
 * findings. The people are invented; identity numbers follow MOD 11-2 by hand or are GB 11643's
 * own example. */
#include "register/compare.h"

#include "base/time.h"
#include "frame/rows.h"
#include "register/columns.h"
#include "register/compare_inner.h"
#include "register/register_fixture.h"
#include "store/store.h"

#include <fcntl.h>
#include <unistd.h>

#define ID_WANG "11010519491231002X"
#define ID_LI   "440524188001010014"
#define HEADER                                                                                 \
    "车辆登记名单\n乡镇,行政村,车主,身份证号,性别,出生日期,联系电话,号牌号码,车辆类型\n"

struct bench {
    struct register_fixture f;
    struct columns_cache *columns;
};

/* Three households: Wang (lifted out of poverty) and Li, Zhang monitored, Zhao ordinary. */
static void add_people(struct cx *cx, const struct register_fixture *f)
{
    static const struct {
        const char *code, *name, *identity;
        int village;
        int64_t type, class;
        const char *birth;
    } all[] = {{"H1", "王小明", ID_WANG, 0, 1, 9, "1949-12-31"},
               {"H2", "李秀英", ID_LI, 1, 0, 0, "1880-01-01"},
               {"H3", "张建国", NULL, 2, 0, 1, "1975-03-08"},
               {"H4", "赵大力", NULL, 3, 0, 9, "1980-06-15"},
               {"H5", "张建国", NULL, 3, 1, 9, "1975-11-20"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct source s = fixture_source(f, 11, 0);
        struct household_record *r =
            fixture_household(cx, f->village[all[i].village], all[i].code, 1);
        fixture_person(r, 0, all[i].name, 1, all[i].identity);
        r->people[0].sex = i == 1 ? 2 : 1;
        assert_true(day_parse(&r->people[0].birth_day, str_of(all[i].birth)));
        fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "household_type",
                      value_int(all[i].type));
        fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "monitoring_class",
                      value_int(all[i].class));
        fixture_value(cx, r->people[0].values, SUBJECT_PERSON, "health",
                      value_int(i == 0 ? 1 << 5 : 1 << 1));
        fixture_apply(cx, &s, r);
    }
}

static void open_bench(struct bench *b, struct cx *cx)
{
    register_fixture_open(&b->f, cx);
    cx->dir = b->f.dir;
    add_people(cx, &b->f);
    check_ok(cx, columns_cache_open(&b->columns, cx));
    cx->columns = b->columns;
}

static void close_bench(struct bench *b, struct cx *cx)
{
    cx->columns = NULL;
    cx->actor = NULL;
    columns_cache_close(b->columns);
    register_fixture_close(&b->f, cx);
}

static int64_t store_text(struct cx *cx, const char *text)
{
    struct file_temp temp;
    int64_t document;
    bool is_new;
    check_ok(cx, file_temp_open(&temp, cx, cx->dir));
    check_ok(cx, file_put(cx, temp.fd, text, strlen(text), "file"));
    check_ok(cx,
             store_put(&document, &is_new, cx, 0, "compare", "list.csv", "text/csv", temp.fd));
    file_temp_drop(&temp);
    return document;
}

static int32_t today(const struct cx *cx)
{
    return register_today(cx);
}

static int64_t add_list(struct cx *cx, const struct bench *b, const char *kind,
                        const char *text, int32_t days_old)
{
    int64_t id;
    bool is_new;
    struct compare_new n = {.area_id = b->f.county_area,
                            .kind = str_of(kind),
                            .document_id = store_text(cx, text),
                            .list_day = today(cx) - days_old};
    check_ok(cx, compare_add(&id, &is_new, cx, &n));
    assert_true(is_new);
    return id;
}

static struct compare_list run_list(struct cx *cx, int64_t id)
{
    struct compare_list l;
    check_ok(cx, compare_run_now(cx, id, 0, 0));
    check_ok(cx, compare_get(&l, cx, id));
    assert_int_equal(l.state, COMPARE_DONE);
    return l;
}

/* "rule:person:state" of a list's findings in order of area, by blanks. */
static const char *findings_of(struct cx *cx, int64_t list_id)
{
    struct compare_finding *all;
    size_t count;
    const char *next, *text = "";
    check_ok(cx, compare_findings(&all, &count, &next, cx,
                                  &(struct compare_query){
                                      .list_id = list_id, .sort = STR("area"), .limit = 200}));
    for (size_t i = 0; i < count; i++)
        text = arena_printf(cx->arena, "%s%s%s:%s:%d", text, *text ? " " : "", all[i].rule_code,
                            all[i].household_code, (int)all[i].state);
    return text;
}

static int64_t finding_id(struct cx *cx, int64_t list_id, const char *household)
{
    struct compare_finding *all;
    size_t count;
    const char *next;
    check_ok(cx, compare_findings(&all, &count, &next, cx,
                                  &(struct compare_query){.list_id = list_id, .limit = 200}));
    for (size_t i = 0; i < count; i++)
        if (!strcmp(all[i].household_code, household))
            return all[i].id;
    fail_msg("no finding of %s", household);
    return 0;
}

/* ---- by number and by score ---- */

/* A number finds its person whatever the name; a 20-digit certificate counts by its first 18; a
 * person without a number is found by name, birth and village; strangers and broken rows are
 * counted; only registered or monitored households get a finding. Nothing of the list stands in
 * the database unsealed. */
static void by_number_on(struct cx *cx)
{
    struct bench b;
    open_bench(&b, cx);
    int64_t id =
        add_list(cx, &b, "vehicle",
                 HEADER "坝芒乡,新建村,王晓明,11010519491231002x,男,,,贵A10001,小型轿车\n"
                        "坝芒乡,老寨村,李秀英,'44052418800101001412,女,,,贵A10002,货车\n"
                        "青山镇,新建村,张建国,,男,1975-03-08,,贵A10003,小型轿车\n"
                        "青山镇,高坡村,赵大力,,男,1980-06-15,,贵A10004,摩托车\n"
                        "坝芒乡,新建村,欧阳无名,,女,1999-09-09,,贵A10005,小型轿车\n"
                        "坝芒乡,新建村,,不详,女,,,贵A10006,小型轿车\n"
                        "坝芒乡,新建村,,,,,,贵A10007,小型轿车\n",
                 10);
    struct compare_list l = run_list(cx, id);
    assert_int_equal(l.rows_total, 7);
    assert_int_equal(l.rows_identity, 2);
    assert_int_equal(l.rows_score, 2);
    assert_int_equal(l.rows_lost, 1);
    assert_int_equal(l.rows_refused, 2);
    assert_string_equal(findings_of(cx, id),
                        "poor_with_car:H1:1 poor_with_car:H2:1 poor_with_car:H3:1");
    struct compare_row row;
    check_ok(cx, compare_row_get(&row, cx, &l, 3));
    assert_string_equal(row.name, "王晓明");
    assert_null(strstr(row.identity, "19491231"));
    assert_string_equal(row.details[0].title, "号牌号码");
    assert_string_equal(row.details[0].value, "贵A10001");
    check_refused(cx, compare_row_get(&row, cx, &l, 99), RC_NOTFOUND);
    close_bench(&b, cx);
}
static void by_number(void **state)
{
    (void)state;
    db_fixture_each(by_number_on);
}

/* A masked number with the right ends decides between two people of one name. */
static void masked_on(struct cx *cx)
{
    struct bench b;
    open_bench(&b, cx);
    struct compare_list l = run_list(
        cx, add_list(cx, &b, "vehicle",
                     HEADER "坝芒乡,新建村,王小明,1101**********002X,,,,贵A1,轿车\n", 10));
    assert_int_equal(l.rows_score, 1);
    struct compare_row row;
    check_ok(cx, compare_row_get(&row, cx, &l, 3));
    assert_string_equal(row.identity, "1101**********002X");
    close_bench(&b, cx);
}
static void masked(void **state)
{
    (void)state;
    db_fixture_each(masked_on);
}

/* ---- review ---- */

#define TWO_ZHANG HEADER "青山镇,,张建国,,男,,,贵A1,轿车\n"

/* Two people of one name are for a person to decide; until then neither has a finding. Saying
 * who it is makes one at once, taking it back takes it away; the decision holds in the next run
 * and in a newer list with the same row. */
static void review_on(struct cx *cx)
{
    struct bench b;
    open_bench(&b, cx);
    int64_t id = add_list(cx, &b, "vehicle", TWO_ZHANG, 10);
    struct compare_list l = run_list(cx, id);
    struct compare_case *cases;
    size_t count;
    assert_int_equal(l.rows_review, 1);
    assert_string_equal(findings_of(cx, id), "");
    check_ok(cx, compare_cases(&cases, &count, cx, &l, false, 0, 20));
    assert_int_equal(count, 1);
    assert_int_equal(cases[0].pair_count, 2);
    assert_string_equal(cases[0].pairs[0].name, "张建国");
    int64_t person = cases[0].pairs[0].person_id;
    const char *expected = cases[0].pairs[0].household_id == fixture_id(cx, &b.f, "H3")
                               ? "poor_with_car:H3:1"
                               : "poor_with_car:H5:1";
    check_ok(cx, compare_decide(cx, id, 3, person, VERDICT_SAME));
    assert_string_equal(findings_of(cx, id), expected);
    check_ok(cx, compare_get(&l, cx, id));
    assert_int_equal(l.rows_review, 0);
    assert_int_equal(l.rows_decided, 1);
    check_ok(cx, compare_cases(&cases, &count, cx, &l, true, 0, 20));
    assert_int_equal(count, 1);
    l = run_list(cx, id);
    assert_int_equal(l.rows_decided, 1);
    assert_string_equal(findings_of(cx, id), expected);
    int64_t newer =
        add_list(cx, &b, "vehicle", TWO_ZHANG ",,,,,,,,\n青山镇,,孙某,,男,,,贵A9,轿车\n", 5);
    l = run_list(cx, newer);
    assert_int_equal(l.rows_decided, 1);
    assert_string_equal(findings_of(cx, newer), expected);
    check_ok(cx, compare_decide(cx, newer, 3, person, VERDICT_NONE));
    check_ok(cx, compare_get(&l, cx, newer));
    assert_int_equal(l.rows_review, 1);
    assert_int_equal(l.rows_decided, 0);
    assert_null(strstr(findings_of(cx, newer), ":1")); /* closed: gone */
    check_refused(cx, compare_decide(cx, id, 3, person, VERDICT_SAME), RC_CONFLICT);
    check_refused(cx, compare_decide(cx, newer, 3, 12345, VERDICT_SAME), RC_NOTFOUND);
    close_bench(&b, cx);
}
static void review(void **state)
{
    (void)state;
    db_fixture_each(review_on);
}

/* Pairs compete: with a share of 1/2 the odds of a pair are 2^weight. Two pairs of weight 3
 * have 8/17 each: review. When one is refused the other has 8/9: above 80 % it is the person.
 * Refused ones have no part; unsure stays in review; a yes decides whatever the weight. */
static void judging(void **state)
{
    (void)state;
    const struct compare_list l = {.upper = 800000, .lower = 200000};
    const struct match_model model = {.share = 0.5};
    double weights[] = {3, 3, -4};
    enum compare_verdict v[3] = {VERDICT_NONE, VERDICT_NONE, VERDICT_OTHER};
    struct judged j;
    compare_judge(&j, &l, &model, weights, v, 3);
    assert_int_equal(j.state, ROW_REVIEW);
    assert_int_equal(j.chances[0], 470588);
    assert_int_equal(j.anybody, 941176);
    v[1] = VERDICT_OTHER;
    compare_judge(&j, &l, &model, weights, v, 3);
    assert_int_equal(j.state, ROW_SCORE);
    assert_int_equal(j.chosen, 0);
    assert_int_equal(j.chances[0], 888889);
    v[0] = VERDICT_UNSURE;
    compare_judge(&j, &l, &model, weights, v, 3);
    assert_int_equal(j.state, ROW_REVIEW);
    v[0] = VERDICT_OTHER;
    compare_judge(&j, &l, &model, weights, v, 3);
    assert_int_equal(j.state, ROW_LOST);
    v[2] = VERDICT_SAME;
    compare_judge(&j, &l, &model, weights, v, 3);
    assert_int_equal(j.state, ROW_DECIDED);
    assert_int_equal(j.chosen, 2);
    compare_judge(&j, &l, &model, weights, v, 0);
    assert_int_equal(j.state, ROW_LOST);
    v[0] = VERDICT_NONE;
    weights[0] = -3; /* 1/9 < 20 % */
    compare_judge(&j, &l, &model, weights, v, 1);
    assert_int_equal(j.state, ROW_LOST);
    weights[0] = 5000; /* no overflow */
    compare_judge(&j, &l, &model, weights, v, 1);
    assert_int_equal(j.state, ROW_SCORE);
}

/* ---- both directions ---- */

/* Disability: Wang's register entry says disabled and the list has not him; Li is in the list
 * and the register says nothing. */
static void both_ways_on(struct cx *cx)
{
    struct bench b;
    open_bench(&b, cx);
    int64_t id = add_list(cx, &b, "disability",
                          "姓名,身份证号,残疾人证号,残疾类别,残疾等级\n"
                          "李秀英," ID_LI "," ID_LI "42,肢体,二级\n",
                          10);
    struct compare_list l = run_list(cx, id);
    assert_string_equal(findings_of(cx, id), "register_disabled:H1:1 list_disabled:H2:1");
    struct compare_row row;
    check_ok(cx, compare_row_get(&row, cx, &l, 2));
    assert_null(
        strstr(row.details[0].value, "18800101")); /* a certificate's number is masked */
    close_bench(&b, cx);
}
static void both_ways(void **state)
{
    (void)state;
    db_fixture_each(both_ways_on);
}

/* A list of one township says nothing about people of the other. */
static void part_of_county_on(struct cx *cx)
{
    struct bench b;
    int64_t id;
    bool is_new;
    open_bench(&b, cx);
    struct compare_new n = {.area_id = b.f.town[1],
                            .kind = STR("medical"),
                            .document_id = store_text(cx, "姓名,身份证号\n赵大力,\n"),
                            .list_day = today(cx)};
    check_ok(cx, compare_add(&id, &is_new, cx, &n));
    run_list(cx, id);
    assert_string_equal(findings_of(cx, id), "poor_uninsured:H3:1 poor_uninsured:H5:1");
    close_bench(&b, cx);
}
static void part_of_county(void **state)
{
    (void)state;
    db_fixture_each(part_of_county_on);
}

/* ---- lists after one another ---- */

#define WANG "坝芒乡,新建村,王小明," ID_WANG ",,,,贵A1,轿车\n"
#define LI   "坝芒乡,老寨村,李秀英," ID_LI ",,,,贵A2,轿车\n"

static void act(struct cx *cx, const struct bench *b, int64_t finding,
                enum compare_finding_state state, const char *reason)
{
    struct compare_action a = {.county = b->f.county,
                               .ids = &finding,
                               .count = 1,
                               .state = state,
                               .reason = str_of(reason)};
    check_ok(cx, compare_act(cx, &a));
}

/* The same file is recognised. A newer list replaces the older: what it finds too keeps its
 * explanation, what it does not find is closed. Taking it back brings the older one's findings
 * again as they were. An older list behind a newer one is refused. */
static void newer_on(struct cx *cx)
{
    struct bench b;
    open_bench(&b, cx);
    int64_t old = add_list(cx, &b, "vehicle", HEADER WANG LI, 30);
    run_list(cx, old);
    assert_string_equal(findings_of(cx, old), "poor_with_car:H1:1 poor_with_car:H2:1");
    act(cx, &b, finding_id(cx, old, "H1"), DIFFERENCE_EXPLAINED, "三轮车，用于收购");
    struct compare_new again = {.area_id = b.f.county_area,
                                .kind = STR("vehicle"),
                                .document_id = store_text(cx, HEADER WANG LI),
                                .list_day = today(cx)};
    int64_t id;
    bool is_new;
    check_ok(cx, compare_add(&id, &is_new, cx, &again));
    assert_false(is_new);
    assert_int_equal(id, old);
    int64_t newer = add_list(cx, &b, "vehicle", HEADER WANG, 3);
    run_list(cx, newer);
    assert_string_equal(findings_of(cx, newer), "poor_with_car:H1:2");
    struct compare_finding *of;
    size_t count;
    check_ok(cx, compare_findings_of_household(&of, &count, cx, b.f.county,
                                               fixture_id(cx, &b.f, "H1")));
    assert_int_equal(count, 1);
    assert_string_equal(of[0].reason, "三轮车，用于收购");
    check_ok(cx, compare_findings_of_household(&of, &count, cx, b.f.county,
                                               fixture_id(cx, &b.f, "H2")));
    assert_int_equal(count, 0);
    assert_string_equal(findings_of(cx, old), "poor_with_car:H1:3 poor_with_car:H2:3");
    again.document_id = store_text(cx, HEADER LI);
    again.list_day = today(cx) - 20;
    check_refused(cx, compare_add(&id, &is_new, cx, &again), RC_CONFLICT);
    check_ok(cx, compare_undo_now(cx, newer));
    assert_string_equal(findings_of(cx, newer), "");
    assert_string_equal(findings_of(cx, old), "poor_with_car:H1:2 poor_with_car:H2:1");
    struct compare_list l;
    check_ok(cx, compare_get(&l, cx, old));
    assert_int_equal(l.state, COMPARE_DONE);
    check_ok(cx, compare_undo_now(cx, old));
    assert_string_equal(findings_of(cx, old), "");
    check_refused(cx, compare_undo_now(cx, old), RC_CONFLICT);
    close_bench(&b, cx);
}
static void newer(void **state)
{
    (void)state;
    db_fixture_each(newer_on);
}

/* Running again after the register changed: a finding that no longer holds is closed, and comes
 * back as it was when it holds again. */
static void again_on(struct cx *cx)
{
    struct bench b;
    open_bench(&b, cx);
    int64_t id = add_list(cx, &b, "vehicle", HEADER WANG, 3);
    run_list(cx, id);
    for (int type = 0; type < 2; type++) {
        struct source s = fixture_source(&b.f, 12, 0);
        struct household_record *r = fixture_household(cx, 0, "", 0);
        r->household_id = fixture_id(cx, &b.f, "H1");
        fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "household_type", value_int(type));
        fixture_apply(cx, &s, r);
        run_list(cx, id);
        assert_string_equal(findings_of(cx, id),
                            type ? "poor_with_car:H1:1" : "poor_with_car:H1:3");
    }
    close_bench(&b, cx);
}
static void again(void **state)
{
    (void)state;
    db_fixture_each(again_on);
}

/* ---- owners, deadlines, who may what ---- */

/* Assigning several at once, a deadline that passes, and refusals without a reason, for an
 * unknown owner and by people without the right. A township officer sees no list. */
static void acting_on(struct cx *cx)
{
    struct bench b;
    struct compare_finding *all;
    struct compare_list l;
    size_t count;
    const char *next;
    open_bench(&b, cx);
    int64_t id = add_list(cx, &b, "vehicle", HEADER WANG LI, 3);
    run_list(cx, id);
    int64_t ids[] = {finding_id(cx, id, "H1"), finding_id(cx, id, "H2")};
    struct compare_action a = {.county = b.f.county,
                               .ids = ids,
                               .count = 2,
                               .assigns = true,
                               .deadline_day = today(cx) + 3};
    check_ok(cx, compare_act(cx, &a));
    a.owner_id = 424242;
    check_refused(cx, compare_act(cx, &a), RC_INVALID);
    a = (struct compare_action){
        .county = b.f.county, .ids = ids, .count = 2, .state = DIFFERENCE_EXPLAINED};
    check_refused(cx, compare_act(cx, &a), RC_INVALID);
    struct compare_query overdue = {.list_id = id, .overdue = true};
    check_ok(cx, compare_findings(&all, &count, &next, cx, &overdue));
    assert_int_equal(count, 0);
    int64_t now = cx->now_at;
    cx->now_at += 5 * 86400;
    check_ok(cx, compare_findings(&all, &count, &next, cx, &overdue));
    assert_int_equal(count, 2);
    assert_true(all[0].overdue);
    cx->now_at = now;
    cx->actor = fixture_officer(cx, &b.f, b.f.town[0], "township_officer");
    check_refused(cx, compare_get(&l, cx, id), RC_NOTFOUND);
    a.reason = STR("看过");
    check_refused(cx, compare_act(cx, &a), RC_DENIED);
    cx->actor = fixture_officer(cx, &b.f, b.f.town[0], "county_officer");
    check_ok(cx, compare_get(&l, cx, id)); /* a part of the list is theirs */
    assert_false(compare_may_run(cx, &l));
    check_refused(cx, compare_undo_now(cx, id), RC_DENIED);
    check_ok(cx,
             compare_findings(&all, &count, &next, cx, &(struct compare_query){.list_id = id}));
    assert_int_equal(count, 2);
    cx->actor = fixture_officer(cx, &b.f, b.f.town[1], "county_officer");
    check_ok(cx,
             compare_findings(&all, &count, &next, cx, &(struct compare_query){.list_id = id}));
    assert_int_equal(count, 0);
    check_refused(cx, compare_act(cx, &a), RC_NOTFOUND);
    cx->actor = NULL;
    check_ok(cx, compare_act(cx, &a));
    assert_string_equal(findings_of(cx, id), "poor_with_car:H1:2 poor_with_car:H2:2");
    close_bench(&b, cx);
}
static void acting(void **state)
{
    (void)state;
    db_fixture_each(acting_on);
}

/* Files that are no list: without the needed column, without rows, of no known format. Nothing
 * is half there, and a better file goes in after. Refused rows come as a file with reasons. */
static void broken_on(struct cx *cx)
{
    struct bench b;
    struct compare_list l;
    open_bench(&b, cx);
    static const char *const texts[] = {"号牌号码,车辆类型\n贵A1,轿车\n", HEADER,
                                        "PK\x03\x04 not an archive"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t id = add_list(cx, &b, "vehicle", texts[i], 3);
        assert_int_equal(compare_run_now(cx, id, 0, 0), RC_INVALID);
        err_clear(cx);
        check_ok(cx, compare_get(&l, cx, id));
        assert_int_equal(l.state, COMPARE_FAILED);
        assert_true(l.message[0] != '\0');
        assert_string_equal(findings_of(cx, id), "");
    }
    int64_t id = add_list(cx, &b, "vehicle", HEADER WANG ",,,不详,,,,贵A3,轿车\n", 3);
    l = run_list(cx, id);
    assert_int_equal(l.rows_refused, 1);
    const char *path = arena_printf(cx->arena, "%s/refused.csv", cx->dir);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    check_ok(cx, compare_rows_write(cx, id, ROW_REFUSED, STR("csv"), fd));
    close(fd);
    struct str text;
    check_ok(cx, file_read(&text, cx, path, 10000));
    assert_true(str_find(text, STR("贵A3")) != SIZE_MAX);
    assert_true(str_find(text, STR("贵A1")) == SIZE_MAX);
    assert_true(str_find(text, STR("there is no name")) != SIZE_MAX);
    check_refused(cx, compare_run_now(cx, id, 300000, 400000), RC_INVALID);
    close_bench(&b, cx);
}
static void broken(void **state)
{
    (void)state;
    db_fixture_each(broken_on);
}

int main(int argc, char **argv)
{
    crypto_init();
    sandbox_child_main(argc, argv, frame_sandbox_kinds, frame_sandbox_kind_count);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_number), cmocka_unit_test(masked),
        cmocka_unit_test(review),    cmocka_unit_test(judging),
        cmocka_unit_test(both_ways), cmocka_unit_test(part_of_county),
        cmocka_unit_test(newer),     cmocka_unit_test(again),
        cmocka_unit_test(acting),    cmocka_unit_test(broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
