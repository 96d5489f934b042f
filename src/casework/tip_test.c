/* Tests of tips on both databases: what is kept sealed, codes, the same form sent twice, what a
 * reporter may know, taking and closing by two at once, areas, switches, bad words, throttle.
 */
#include "casework/public_fixture.h"

SQL(TEST_TASK_AREA,
    "SELECT area_id, household_id FROM task WHERE kind = 'tip' AND subject_id = $1 AND state < "
    "3",
    "i", "ii");

static struct tip page_tip(const char *once)
{
    return (struct tip){.area_id = f.village[0],
                        .source = TIP_SELF,
                        .name = "赵六",
                        .phone = "13900001234",
                        .text = "房子塌了一半",
                        .reference = once};
}

static int64_t report(struct cx *cx, const char **code, const char *once)
{
    const struct actor *before = cx->actor;
    const struct tip t = page_tip(once);
    int64_t id;
    cx->actor = NULL;
    check_ok(cx, tip_add(&id, code, cx, &t));
    cx->actor = before;
    return id;
}

/* What is said is not to be read in the table; the code shows state and deadline, never words;
 * the same form gives the same code; another code finds nothing. */
static void report_on(struct cx *cx)
{
    const char *code, *again;
    struct tip t;
    struct db_rows rows;
    public_fixture_open(cx);
    int64_t id = report(cx, &code, "form 1");
    assert_int_equal(strlen(code), REFERENCE_LEN);
    assert_int_equal(report(cx, &again, "form 1"), id);
    assert_string_equal(code, again);
    assert_int_not_equal(report(cx, &again, "form 2"), id);
    assert_string_not_equal(code, again);
    check_ok(cx, DB_ONE(&rows, cx, &TEST_WORDS, V_I(id)));
    struct str words = row_copy(&rows, 0);
    check_ok(cx, db_done(&rows));
    assert_true(str_find(words, STR("塌")) == SIZE_MAX);
    assert_true(str_find(words, STR("13900001234")) == SIZE_MAX);
    check_ok(cx, tip_ask(&t, cx, str_of(code)));
    assert_int_equal(t.state, TIP_NEW);
    assert_string_equal(t.text, "");
    assert_string_equal(t.phone, "");
    assert_int_equal(t.household_id, 0);
    /* Monday afternoon, two working days: the end of Wednesday in the office's zone. */
    assert_int_equal(t.due_at, 1795622400);
    check_ok(cx,
             tip_ask(&t, cx,
                     str_of(arena_printf(cx->arena, " %.4s-%c%s ", code,
                                         code[4] >= 'A' ? code[4] + 32 : code[4], code + 5))));
    assert_int_equal(t.id, id);
    check_refused(cx, tip_ask(&t, cx, STR("AAAAAAAA")), RC_NOTFOUND);
    check_refused(cx, tip_ask(&t, cx, STR("")), RC_NOTFOUND);
    check_refused(cx, tip_ask(&t, cx, STR("\xff\xfe")), RC_NOTFOUND);
    assert_int_equal(test_tasks(cx, "tip", id), 1);
    /* Its task does not end beside it. */
    struct task *tasks;
    const char *next;
    size_t count;
    as(cx, WORKER);
    check_ok(cx, task_list(&tasks, &count, &next, cx,
                           &(struct task_query){.mine = true, .limit = 10}));
    assert_true(count > 0 && !strcmp(tasks[0].kind, "tip"));
    check_refused(cx, task_done(cx, tasks[0].id, tasks[0].version, STR("")), RC_INVALID);
    check_refused(cx, task_refuse(cx, tasks[0].id, tasks[0].version, STR("不管")), RC_INVALID);
    assert_int_equal(test_tasks(cx, "tip", tasks[0].subject_id), 1);
    cx->actor = NULL;
    /* Gone back and written anew: another report, not lost. */
    struct tip other = page_tip("form 1");
    other.text = "还有人受伤";
    int64_t second;
    check_ok(cx, tip_add(&second, &again, cx, &other));
    assert_int_not_equal(second, id);
    assert_string_not_equal(code, again);
    case_fixture_close(cx);
}
static void test_report(void **state)
{
    (void)state;
    db_fixture_each(report_on);
}

/* The officer reads the words with a masked phone; showing it needs a reason and is written
 * down; other villages' officers find nothing. */
static void reading_on(struct cx *cx)
{
    const char *code, *phone;
    struct tip t, *list;
    struct look *looks;
    size_t count;
    public_fixture_open(cx);
    int64_t id = report(cx, &code, "");
    as(cx, WORKER);
    check_ok(cx, tip_get(&t, cx, id));
    assert_string_equal(t.text, "房子塌了一半");
    assert_string_equal(t.phone, "139****1234");
    check_ok(cx, tip_list(&list, &count, cx, TIP_NEW, 0, 0, 10));
    assert_int_equal(count, 1);
    check_refused(cx, tip_reveal(&phone, cx, id, STR("")), RC_INVALID);
    check_ok(cx, tip_reveal(&phone, cx, id, STR("回访")));
    assert_string_equal(phone, "13900001234");
    as(cx, ADMIN);
    check_ok(cx, look_list(&looks, &count, cx, f.county, 0));
    assert_int_equal(count, 1);
    assert_string_equal(looks[0].field, "tip.phone");
    as(cx, TOWN_B);
    check_refused(cx, tip_get(&t, cx, id), RC_NOTFOUND);
    check_refused(cx, tip_reveal(&phone, cx, id, STR("回访")), RC_NOTFOUND);
    check_refused(cx, tip_close(cx, id, 1, STR("无")), RC_NOTFOUND);
    check_ok(cx, tip_list(&list, &count, cx, 0, 0, 0, 10));
    assert_int_equal(count, 0);
    check_refused(cx, tip_list(&list, &count, cx, 0, f.village[0], 0, 10), RC_NOTFOUND);
    case_fixture_close(cx);
}
static void test_reading(void **state)
{
    (void)state;
    db_fixture_each(reading_on);
}

/* Taken, a tip opens a case and its task ends; a second tip of the household joins that case;
 * who comes second with an old version is refused, and so is whoever closes what is taken. */
static void taking_on(struct cx *cx)
{
    const char *code;
    struct tip t, *list;
    int64_t flow, other;
    size_t count;
    public_fixture_open(cx);
    int64_t household = case_household(cx, 0, "H1", 0);
    int64_t a = report(cx, &code, "a"), b = report(cx, &code, "b");
    as(cx, WORKER);
    check_refused(cx, tip_take(&flow, cx, a, 1), RC_INVALID);
    check_ok(cx, tip_set_household(cx, a, 1, household));
    check_refused(cx, tip_take(&flow, cx, a, 1), RC_CONFLICT);
    check_ok(cx, tip_take(&flow, cx, a, 2));
    check_ok(cx, tip_get(&t, cx, a));
    assert_int_equal(t.state, TIP_TAKEN);
    assert_int_equal(t.flow_id, flow);
    assert_int_equal(test_tasks(cx, "tip", a), 0);
    case_stands_at(cx, flow, "tip");
    check_refused(cx, tip_take(&other, cx, a, 2), RC_CONFLICT);
    check_refused(cx, tip_close(cx, a, t.version, STR("无")), RC_CONFLICT);
    check_ok(cx, tip_set_household(cx, b, 1, household));
    check_ok(cx, tip_take(&other, cx, b, 2));
    assert_int_equal(other, flow);
    check_ok(cx, tips_of_flow(&list, &count, cx, flow));
    assert_int_equal(count, 2);
    case_fixture_close(cx);
}
/* The household turns out to live in another village: its people get the task. */
static void other_village_on(struct cx *cx)
{
    const char *code;
    struct db_rows rows;
    public_fixture_open(cx);
    int64_t household = case_household(cx, 1, "H1", 0);
    int64_t id = report(cx, &code, "a");
    as(cx, TOWN);
    check_ok(cx, tip_set_household(cx, id, 1, household));
    assert_int_equal(test_tasks(cx, "tip", id), 1);
    check_ok(cx, DB_ONE(&rows, cx, &TEST_TASK_AREA, V_I(id)));
    assert_int_equal(row_i64(&rows, 0), f.village[1]);
    assert_int_equal(row_i64(&rows, 1), household);
    check_ok(cx, db_done(&rows));
    case_fixture_close(cx);
}
static void test_other_village(void **state)
{
    (void)state;
    db_fixture_each(other_village_on);
}

static void test_taking(void **state)
{
    (void)state;
    db_fixture_each(taking_on);
}

/* Closed with a reason, which the reporter reads and may object to; the one who closed it may
 * not answer. Without a reason it stays open. */
static void closing_on(struct cx *cx)
{
    const char *code, *second;
    struct tip t;
    struct flow flow;
    struct grievance g;
    int64_t id, objection;
    public_fixture_open(cx);
    id = report(cx, &code, "");
    as(cx, TOWN);
    check_refused(cx, tip_close(cx, id, 1, STR("  ")), RC_INVALID);
    check_ok(cx, tip_close(cx, id, 1, STR("已有保险赔付")));
    assert_int_equal(test_tasks(cx, "tip", id), 0);
    cx->actor = NULL;
    check_ok(cx, tip_ask(&t, cx, str_of(code)));
    assert_int_equal(t.state, TIP_CLOSED);
    assert_string_equal(t.reason, "已有保险赔付");
    check_ok(cx, grievance_add(&objection, &second, cx,
                               &(struct grievance){.area_id = t.area_id,
                                                   .tip_id = t.id,
                                                   .channel = BY_PAGE,
                                                   .name = "",
                                                   .phone = "",
                                                   .text = "没有赔付",
                                                   .reference = ""}));
    as(cx, TOWN);
    check_ok(cx, grievance_get(&g, &flow, cx, objection));
    assert_int_equal(g.against_user, actors[TOWN]->user_id);
    check_refused(cx, grievance_answer(cx, objection, flow.version, STR("answer"), STR("有的")),
                  RC_DENIED);
    as(cx, ADMIN);
    check_ok(cx, grievance_answer(cx, objection, flow.version, STR("answer"), STR("已核实")));
    case_fixture_close(cx);
}
static void test_closing(void **state)
{
    (void)state;
    db_fixture_each(closing_on);
}

static int64_t officer_tip(struct cx *cx, int64_t household)
{
    const char *code;
    int64_t id;
    check_ok(cx, tip_add(&id, &code, cx,
                         &(struct tip){.area_id = f.village[0],
                                       .household_id = household,
                                       .source = TIP_OFFICER,
                                       .name = "",
                                       .phone = "",
                                       .text = "住院",
                                       .reference = ""}));
    assert_string_equal(code, "");
    return id;
}

/* Of one household and source a tip a day; the day after it is a new one; of another source
 * too. */
static void once_a_day_on(struct cx *cx)
{
    const char *code;
    int64_t other;
    public_fixture_open(cx);
    int64_t household = case_household(cx, 0, "H1", 0);
    as(cx, WORKER);
    int64_t id = officer_tip(cx, household);
    assert_int_equal(officer_tip(cx, household), id);
    check_ok(cx, tip_add(&other, &code, cx,
                         &(struct tip){.area_id = f.village[0],
                                       .household_id = household,
                                       .source = TIP_ALERT,
                                       .name = "",
                                       .phone = "",
                                       .text = "",
                                       .reference = ""}));
    assert_int_not_equal(other, id);
    /* Something else that somebody says the same day is kept. */
    check_ok(cx, tip_add(&other, &code, cx,
                         &(struct tip){.area_id = f.village[0],
                                       .household_id = household,
                                       .source = TIP_OFFICER,
                                       .name = "",
                                       .phone = "",
                                       .text = "房顶塌了",
                                       .reference = ""}));
    assert_int_not_equal(other, id);
    case_clock(cx, CASE_NOW + 86400);
    int64_t next = officer_tip(cx, household);
    assert_int_not_equal(next, id);
    /* What is told after somebody closed one was not looked at with it. */
    check_ok(cx, tip_close(cx, next, 1, STR("同一件事")));
    assert_int_not_equal(officer_tip(cx, household), next);
    case_fixture_close(cx);
}
static void test_once_a_day(void **state)
{
    (void)state;
    db_fixture_each(once_a_day_on);
}

/* Who may not, where it is switched off, and what is not understood. */
static void refused_on(struct cx *cx)
{
    const char *code;
    struct tip t;
    int64_t id;
    bool allowed;
    public_fixture_open(cx);
    t = page_tip("");
    t.text = " \t";
    check_refused(cx, tip_add(&id, &code, cx, &t), RC_INVALID);
    t = page_tip("");
    t.text = "\xff";
    check_refused(cx, tip_add(&id, &code, cx, &t), RC_INVALID);
    t = page_tip("");
    t.phone = "call me";
    check_refused(cx, tip_add(&id, &code, cx, &t), RC_INVALID);
    t = page_tip("");
    char *text = arena_new(cx->arena, TEXT_MAX_CHARS + 2);
    memset(text, 'x', TEXT_MAX_CHARS + 1);
    t.text = text;
    check_refused(cx, tip_add(&id, &code, cx, &t), RC_INVALID);
    t = page_tip("");
    t.area_id = f.province;
    check_refused(cx, tip_add(&id, &code, cx, &t), RC_INVALID);
    t = page_tip("");
    t.source = TIP_PHONE;
    as(cx, TOWN_B);
    check_refused(cx, tip_add(&id, &code, cx, &t), RC_NOTFOUND);
    as(cx, COUNTY); /* sees cases, does not work on tips */
    check_refused(cx, tip_add(&id, &code, cx, &t), RC_DENIED);
    as(cx, WORKER);
    check_ok(cx, tip_add(&id, &code, cx, &t));
    cx->actor = NULL;
    public_option(cx, "self_report", "no");
    check_ok(cx, tip_self_allowed(&allowed, cx, f.village[0]));
    assert_false(allowed);
    t = page_tip("");
    check_refused(cx, tip_add(&id, &code, cx, &t), RC_DENIED);
    case_fixture_close(cx);
}
static void test_refused(void **state)
{
    (void)state;
    db_fixture_each(refused_on);
}

/* A client has its free attempts, then waits; another client does not; an hour later all is
 * forgotten; an attempt that is taken back does not count. */
static void door_on(struct cx *cx)
{
    public_fixture_open(cx);
    for (int i = 0; i < 3; i++)
        check_ok(cx, public_door_enter(cx, "ask", "192.0.2.7", 3));
    check_ok(cx, public_door_enter(cx, "ask", "192.0.2.8", 3));
    check_refused(cx, public_door_enter(cx, "ask", "192.0.2.7", 3), RC_BUSY);
    check_ok(cx, public_door_enter(cx, "report", "192.0.2.7", 3));
    check_ok(cx, public_door_leave(cx, "ask", "192.0.2.7"));
    check_ok(cx, public_door_enter(cx, "ask", "192.0.2.7", 3));
    check_refused(cx, public_door_enter(cx, "ask", "192.0.2.7", 3), RC_BUSY);
    case_clock(cx, CASE_NOW + 3601);
    check_ok(cx, public_door_enter(cx, "ask", "192.0.2.7", 3));
    /* A network of IPv6 is one client. */
    for (int i = 0; i < 3; i++)
        check_ok(cx, public_door_enter(cx, "ask",
                                       arena_printf(cx->arena, "2001:db8:1:2::%d", i), 3));
    check_refused(cx, public_door_enter(cx, "ask", "2001:db8:1:2:ffff::1", 3), RC_BUSY);
    check_ok(cx, public_door_enter(cx, "ask", "2001:db8:1:3::1", 3));
    case_fixture_close(cx);
}
static void test_door(void **state)
{
    (void)state;
    db_fixture_each(door_on);
}

struct merge {
    int64_t from, to;
};
static enum rc write_merge(struct cx *cx, void *arg)
{
    const struct merge *m = arg;
    return casework_area_merged(cx, f.county, m->from, m->to);
}

/* An area that goes into another takes its tips and postings along. */
static void merged_on(struct cx *cx)
{
    const char *code;
    struct tip t;
    public_fixture_open(cx);
    int64_t id = report(cx, &code, "");
    (void)public_to_notice(cx, case_household(cx, 0, "H1", 0));
    struct merge m = {f.village[0], f.village[1]};
    check_ok(cx, db_write(cx, f.county, write_merge, &m));
    /* another of the same day goes the same way */
    (void)public_to_notice(cx, case_household(cx, 0, "H2", 0));
    check_ok(cx, db_write(cx, f.county, write_merge, &m));
    cx->actor = NULL;
    check_ok(cx, tip_get(&t, cx, id));
    assert_int_equal(t.area_id, f.village[1]);
    as(cx, WORKER);
    check_refused(cx, tip_get(&t, cx, id), RC_NOTFOUND);
    case_fixture_close(cx);
}
static void test_merged(void **state)
{
    (void)state;
    db_fixture_each(merged_on);
}

/* Codes have no look-alikes and come out of the hash only in one form. */
static void test_codes(void **state)
{
    struct cx cx;
    uint8_t a[REFERENCE_BYTES], b[REFERENCE_BYTES];
    (void)state;
    check_open(&cx);
    crypto_init();
    const char *dir = check_dir(&cx), *key = arena_printf(cx.arena, "%s/key", dir);
    check_ok(&cx, vault_create(&cx, key));
    check_ok(&cx, vault_open(&cx.vault, &cx, key));
    for_each_seed (seed, 300) {
        char code[REFERENCE_LEN + 1], same[REFERENCE_LEN + 1];
        struct str form = str_of(arena_printf(cx.arena, "%" PRIu64, seed));
        reference_make(code, &cx, seed % 2 ? form : STR(""), "tip");
        assert_int_equal(strcspn(code, "01258BILOQSUZabcdefghijklmnopqrstuvwxyz"),
                         REFERENCE_LEN);
        assert_true(reference_hash(a, &cx, str_of(code)));
        assert_true(reference_hash(b, &cx, str_of(reference_shown(&cx, code))));
        assert_memory_equal(a, b, sizeof a);
        if (seed % 2) {
            reference_make(same, &cx, form, "tip");
            assert_string_equal(code, same);
            reference_make(same, &cx, form, "grievance");
            assert_string_not_equal(code, same);
        }
    }
    assert_false(reference_hash(a, &cx, STR("ABCDEFGHJ")));
    assert_false(reference_hash(a, &cx, STR("ABCDEFG")));
    assert_false(reference_hash(a, &cx, STR("ABCDEFG0")));
    vault_close(cx.vault);
    check_dir_remove(&cx, dir);
    check_close(&cx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report),  cmocka_unit_test(test_reading),
        cmocka_unit_test(test_taking),  cmocka_unit_test(test_other_village),
        cmocka_unit_test(test_closing), cmocka_unit_test(test_once_a_day),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_door),
        cmocka_unit_test(test_merged),  cmocka_unit_test(test_codes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
