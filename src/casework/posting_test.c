/* Tests of public notices on both databases: what is shown, who shares one, the end, objections
 * that hold it up, villages of their own, and that nothing is public where naming is off. */
#include "casework/public_fixture.h"

SQL(TEST_POSTINGS, "SELECT count(*) FROM posting", "", "i");

static int64_t posting_count(struct cx *cx)
{
    struct db_rows rows;
    check_ok(cx, DB_ONE0(&rows, cx, &TEST_POSTINGS));
    int64_t n = row_i64(&rows, 0);
    check_ok(cx, db_done(&rows));
    return n;
}

static struct posting posting_of(struct cx *cx, int64_t flow)
{
    struct posting *list;
    size_t count;
    const struct actor *before = cx->actor;
    cx->actor = NULL;
    check_ok(cx, postings_of_flow(&list, &count, cx, flow));
    cx->actor = before;
    assert_true(count > 0);
    return list[0];
}

static size_t items_of(struct posting_item **items, struct cx *cx, const char *token)
{
    struct posting p;
    size_t count;
    const struct actor *before = cx->actor;
    cx->actor = NULL;
    check_ok(cx, posting_open(&p, items, &count, cx, str_of(token)));
    cx->actor = before;
    return count;
}

/* Two cases of one village on one day stand on one notice, with masked names; another village's
 * has its own. All are gone at the end of their last day, whether or not the clock has fired,
 * and their cases go on. */
static void life_on(struct cx *cx)
{
    struct posting p, q, *list;
    struct posting_item *items;
    size_t count;
    int64_t fired;
    public_fixture_open(cx);
    int64_t a = public_to_notice(cx, case_household(cx, 0, "H1", 0));
    int64_t b = public_to_notice(cx, case_household(cx, 0, "H2", 0));
    p = posting_of(cx, a);
    assert_string_equal(posting_of(cx, b).token, p.token);
    assert_int_equal(strlen(p.token), 22);
    assert_int_equal(items_of(&items, cx, p.token), 2);
    assert_string_equal(items[0].shown, "王*");
    assert_true(items[0].what.in[LANG_ZH][0] && items[0].what.in[LANG_EN][0]);
    /* five days after Monday the 23rd: to the end of Saturday the 28th, local */
    assert_int_equal(p.to_at, 1795881600);
    check_ok(cx, posting_list_public(&list, &count, cx, f.county));
    assert_int_equal(count, 1);
    check_ok(cx, posting_list_public(&list, &count, cx, f.county + 1));
    assert_int_equal(count, 0);
    case_clock(cx, p.to_at - 1);
    assert_int_equal(items_of(&items, cx, p.token), 2);
    case_clock(cx, p.to_at);
    check_refused(cx, posting_open(&q, &items, &count, cx, str_of(p.token)), RC_NOTFOUND);
    check_ok(cx, posting_list_public(&list, &count, cx, f.county));
    assert_int_equal(count, 0);
    cx->actor = NULL;
    check_ok(cx, deadline_fire_due(&fired, cx));
    assert_int_equal(posting_of(cx, a).ended_at, cx->now_at);
    check_refused(cx, posting_open(&q, &items, &count, cx, str_of(p.token)), RC_NOTFOUND);
    case_stands_at(cx, a, "review");
    as(cx, TOWN_B);
    check_ok(cx, posting_list(&list, &count, cx, 0, 0, 10));
    assert_int_equal(count, 0);
    as(cx, TOWN);
    check_ok(cx, posting_list(&list, &count, cx, 0, 0, 10));
    assert_int_equal(count, 1);
    case_fixture_close(cx);
}
static void test_life(void **state)
{
    (void)state;
    db_fixture_each(life_on);
}

/* Where naming in public is off no notice is made; where it is switched off later the ones that
 * hang are gone at once. */
static void unnamed_on(struct cx *cx)
{
    struct posting p, *list;
    struct posting_item *items;
    struct flow flow;
    const char *shown;
    size_t count;
    public_fixture_open(cx);
    int64_t a = public_to_notice(cx, case_household(cx, 0, "H1", 0));
    p = posting_of(cx, a);
    public_option(cx, "public_naming", "no");
    check_refused(cx, posting_open(&p, &items, &count, cx, str_of(p.token)), RC_NOTFOUND);
    check_ok(cx, posting_list_public(&list, &count, cx, f.county));
    assert_int_equal(count, 0);
    int64_t before = posting_count(cx);
    int64_t b = public_to_vote(cx, case_household(cx, 0, "H2", 0));
    as(cx, WORKER);
    check_ok(cx, case_try(cx, b, "agree", ""));
    case_stands_at(cx, b, "review"); /* the notice was passed over */
    assert_int_equal(posting_count(cx), before);
    /* Also for a state of notice that no switch passes over. */
    flow = case_flow(cx, a);
    check_ok(cx, posting_shown(&shown, cx, &flow));
    case_fixture_close(cx);
}
static void test_unnamed(void **state)
{
    (void)state;
    db_fixture_each(unnamed_on);
}

static enum rc write_hamlet(struct cx *cx, void *arg)
{
    return area_add(arg, cx, f.village[0], 5, STR(""), STR("一组"), 0);
}

/* A household of a hamlet hangs with those of its village. */
static void hamlet_on(struct cx *cx)
{
    struct posting_item *items;
    int64_t hamlet;
    public_fixture_open(cx);
    check_ok(cx, db_write(cx, f.county, write_hamlet, &hamlet));
    int64_t a = public_to_notice(cx, case_household(cx, 0, "H1", 0));
    f.village[1] = hamlet;
    int64_t b = public_to_notice(cx, case_household(cx, 1, "H2", 0));
    assert_int_equal(case_flow(cx, b).area_id, hamlet);
    assert_string_equal(posting_of(cx, a).token, posting_of(cx, b).token);
    assert_int_equal(items_of(&items, cx, posting_of(cx, a).token), 2);
    case_fixture_close(cx);
}
static void test_hamlet(void **state)
{
    (void)state;
    db_fixture_each(hamlet_on);
}

/* The switches: what is shown, and whether it is in the county's list. */
static void switches_on(struct cx *cx)
{
    struct posting_item *items;
    struct posting *list;
    size_t count;
    public_fixture_open(cx);
    public_option(cx, "posting_shows", "household_code");
    public_option(cx, "posting_village_only", "yes");
    int64_t a = public_to_notice(cx, case_household(cx, 0, "H1", 0));
    struct posting p = posting_of(cx, a);
    assert_true(p.village_only);
    assert_int_equal(items_of(&items, cx, p.token), 1);
    assert_string_equal(items[0].shown, "H1");
    check_ok(cx, posting_list_public(&list, &count, cx, f.county));
    assert_int_equal(count, 0);
    public_option(cx, "posting_shows", "name");
    case_clock(cx, CASE_NOW + 86400);
    int64_t b = public_to_notice(cx, case_household(cx, 0, "H2", 0));
    assert_int_equal(items_of(&items, cx, posting_of(cx, b).token), 1);
    assert_string_equal(items[0].shown, "王明");
    assert_string_not_equal(posting_of(cx, b).token, p.token);
    case_fixture_close(cx);
}
static void test_switches(void **state)
{
    (void)state;
    db_fixture_each(switches_on);
}

static int64_t object(struct cx *cx, const struct posting *p, int64_t flow, const char **code)
{
    const struct actor *before = cx->actor;
    int64_t id;
    cx->actor = NULL;
    check_ok(cx, grievance_add(&id, code, cx,
                               &(struct grievance){.posting_id = p->id,
                                                   .about_flow = flow,
                                                   .channel = BY_PAGE,
                                                   .name = "",
                                                   .phone = "",
                                                   .text = "他家有车",
                                                   .reference = ""}));
    cx->actor = before;
    return id;
}

/* An objection is a task of the village; until it is looked at the notice does not pass, and
 * when the case goes back its name is off the notice at once. */
static void objection_on(struct cx *cx)
{
    struct posting_item *items;
    const char *code;
    struct task *tasks;
    size_t count;
    const char *next;
    public_fixture_open(cx);
    int64_t a = public_to_notice(cx, case_household(cx, 0, "H1", 0));
    int64_t b = public_to_notice(cx, case_household(cx, 0, "H2", 0));
    struct posting p = posting_of(cx, a);
    int64_t g = object(cx, &p, a, &code);
    assert_int_equal(test_tasks(cx, "objection", a), 1);
    (void)object(cx, &p, b, &code);
    as(cx, WORKER);
    check_ok(cx, case_try(cx, a, "object", "核实异议"));
    case_stands_at(cx, a, "check");
    assert_int_equal(test_tasks(cx, "objection", a), 0);
    assert_int_equal(items_of(&items, cx, p.token), 1);
    assert_int_equal(items[0].flow_id, b);
    cx->actor = NULL;
    case_later(cx, 7);
    case_stands_at(cx, b, "notice");
    as(cx, WORKER);
    check_ok(cx, task_list(&tasks, &count, &next, cx,
                           &(struct task_query){
                               .mine = true, .kind = STR("objection"), .limit = 10}));
    assert_int_equal(count, 1);
    check_refused(cx, task_done(cx, tasks[0].id, tasks[0].version, STR(" ")), RC_INVALID);
    check_ok(cx, task_done(cx, tasks[0].id, tasks[0].version, STR("异议不成立：车是别人的")));
    cx->actor = NULL;
    case_later(cx, 1);
    case_stands_at(cx, b, "review");
    as(cx, TOWN);
    struct grievance *about;
    check_ok(cx, grievances_of_flow(&about, &count, cx, a));
    assert_int_equal(count, 1);
    assert_int_equal(about[0].id, g);
    case_fixture_close(cx);
}
static void test_objection(void **state)
{
    (void)state;
    db_fixture_each(objection_on);
}

/* Whatever the token, nothing is found but a notice that hangs. */
static void tokens_on(struct cx *cx)
{
    struct posting p;
    struct posting_item *items;
    size_t count;
    static const char *const bad[] = {"", "x", "AAAAAAAAAAAAAAAAAAAAAA",
                                      "' OR 1=1 --aaaaaaaaaa", "AAAAAAAAAAAAAAAAAAAAA\xff"};
    public_fixture_open(cx);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        check_refused(cx, posting_open(&p, &items, &count, cx, str_of(bad[i])), RC_NOTFOUND);
    case_fixture_close(cx);
}
static void test_tokens(void **state)
{
    (void)state;
    db_fixture_each(tokens_on);
}

/* Of a name only its first character is left; where the given name is first, initials. */
static void test_masks(void **state)
{
    struct cx cx;
    struct profile p = {.name_order = "family_first"};
    (void)state;
    check_open(&cx);
    cx.profile = &p;
    assert_string_equal(posting_mask(&cx, STR("王小明")), "王**");
    assert_string_equal(posting_mask(&cx, STR(" 李四 ")), "李*");
    assert_string_equal(posting_mask(&cx, STR("赵")), "赵");
    assert_string_equal(posting_mask(&cx, STR("")), "");
    p.name_order = "given_first";
    assert_string_equal(posting_mask(&cx, STR("Ana María Ruiz")), "A. M. R.");
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life),      cmocka_unit_test(test_unnamed),
        cmocka_unit_test(test_switches),  cmocka_unit_test(test_hamlet),
        cmocka_unit_test(test_objection), cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_masks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
