/* Tests of single alerts on both databases: who may, closing with each outcome, two at once,
 * taking back, tasks, findings of lists, late tasks, the daily line. */
#include "casework/tip.h"
#include "watch/watch.sql.h"
#include "watch/watch_fixture.h"

static int64_t one_alert(struct cx *cx)
{
    size_t count;
    (void)watch_household(cx, 0, "H1", 1, 4000, 2026);
    watch_now(1, 0, cx, false);
    struct alert *list = watch_list(&count, cx, RULE_LOW, "open");
    assert_int_equal(count, 1);
    return list[0].id;
}

/* In trouble: the alert is closed with sealed words, its task done, and the village has a tip;
 * whoever comes second is told. */
static void closing(struct cx *cx)
{
    struct alert a;
    struct tip tip;
    watch_fixture_open(cx);
    int64_t id = one_alert(cx);
    cx->actor = fixture_officer(cx, &w.f, w.f.county_area, "county_admin");
    check_ok(cx, alert_take(cx, id, 1));
    assert_int_equal(alert_take(cx, id, 1), RC_CONFLICT);
    err_clear(cx);
    assert_int_equal(alert_close(cx, id, 2, OUTCOME_OVER, STR("x")), RC_INVALID);
    err_clear(cx);
    check_ok(cx, alert_close(cx, id, 2, OUTCOME_TRUE, STR(" 住院 ")));
    assert_int_equal(alert_close(cx, id, 2, OUTCOME_FALSE, STR("")), RC_CONFLICT);
    err_clear(cx);
    check_ok(cx, alert_get(&a, cx, id));
    assert_int_equal(a.state, ALERT_CLOSED);
    assert_int_equal(a.outcome, OUTCOME_TRUE);
    assert_string_equal(a.words, "住院");
    assert_int_equal(a.closed_by, 7);
    assert_int_equal(watch_task_state(cx, id), TASK_DONE);
    check_ok(cx, tip_get(&tip, cx, a.tip_id));
    assert_int_equal(tip.source, TIP_ALERT);
    assert_int_equal(tip.household_id, a.household_id);
    assert_int_equal(tip.source_id, id);
    assert_string_equal(tip.text, a.rule->message.in[LANG_EN]);
    cx->lang = LANG_ZH;
    check_ok(cx, tip_get(&tip, cx, a.tip_id));
    cx->lang = LANG_EN;
    assert_string_equal(tip.text, a.rule->message.in[LANG_ZH]);
    struct alert_sum *sums;
    size_t count;
    check_ok(cx, alert_sums(&sums, &count, cx, 0));
    assert_int_equal(count, FIXTURE_RULES);
    assert_int_equal(sums[0].closed, 1);
    assert_int_equal(sums[0].right, 1);
    assert_int_equal(sums[0].open, 0);
    watch_fixture_close(cx);
}

static const struct sql RAW_WORDS = {.name = "watch_test_words",
                                     .lite = "SELECT words FROM alert WHERE id = $1",
                                     .args = "i",
                                     .cols = "b"};

/* What the checker writes is not to be read in the table. */
static void words_are_sealed(struct cx *cx)
{
    struct db_rows rows;
    watch_fixture_open(cx);
    int64_t id = one_alert(cx);
    check_ok(cx, alert_close(cx, id, 1, OUTCOME_FALSE, STR("secret words")));
    check_ok(cx, DB_ONE(&rows, cx, &RAW_WORDS, V_I(id)));
    struct str raw = row_str(&rows, 0);
    assert_true(raw.len > 12);
    assert_int_equal(str_find(raw, STR("secret")), SIZE_MAX);
    check_ok(cx, db_done(&rows));
    watch_fixture_close(cx);
}

/* Officers of the other township do not know of it; who may look but not check is refused. */
static void who_may(struct cx *cx)
{
    struct alert a;
    size_t count;
    watch_fixture_open(cx);
    int64_t id = one_alert(cx);
    cx->actor = fixture_officer(cx, &w.f, w.f.town[1], "township_officer");
    assert_int_equal(alert_get(&a, cx, id), RC_NOTFOUND);
    err_clear(cx);
    assert_int_equal(alert_close(cx, id, 1, OUTCOME_FALSE, STR("")), RC_NOTFOUND);
    err_clear(cx);
    assert_int_equal(watch_count(cx, 0, "all"), 0);
    cx->actor = fixture_officer(cx, &w.f, w.f.town[0], "township_officer");
    (void)watch_list(&count, cx, 0, "all");
    assert_int_equal(count, 1);
    struct alert_query q = {.area_id = w.f.town[1]};
    struct alert *list;
    const char *next;
    assert_int_equal(alert_list(&list, &count, &next, cx, &q), RC_NOTFOUND);
    err_clear(cx);
    static const char *const look[] = {"alert.view", NULL};
    static const struct role looker = {.code = "looker", .level = "", .permissions = look};
    struct profile looking = w.profile;
    looking.roles = &looker;
    looking.role_count = 1;
    cx->profile = &looking;
    cx->actor = fixture_officer(cx, &w.f, w.f.county_area, "looker");
    check_ok(cx, alert_get(&a, cx, id));
    assert_int_equal(alert_close(cx, id, 1, OUTCOME_FALSE, STR("")), RC_DENIED);
    err_clear(cx);
    cx->profile = &w.profile;
    watch_fixture_close(cx);
}

/* A check can be taken back within a day, with a new task; not later, and not when the rule
 * raised another one. */
static void taking_back(struct cx *cx)
{
    struct alert a;
    watch_fixture_open(cx);
    int64_t id = one_alert(cx);
    check_ok(cx, alert_close(cx, id, 1, OUTCOME_FALSE, STR("")));
    check_ok(cx, alert_reopen(cx, id, 2));
    check_ok(cx, alert_get(&a, cx, id));
    assert_int_equal(a.state, ALERT_OPEN);
    assert_int_equal(watch_task_state(cx, id), TASK_OPEN);
    assert_int_equal(alert_reopen(cx, id, 3), RC_CONFLICT);
    err_clear(cx);
    check_ok(cx, alert_close(cx, id, 3, OUTCOME_FALSE, STR("")));
    w.list[0].colour = ALERT_RED;
    watch_now(1, 0, cx, true);
    assert_int_equal(alert_reopen(cx, id, 4), RC_CONFLICT);
    err_clear(cx);
    cx->now_at += 2 * FIXTURE_DAY_S;
    assert_int_equal(alert_reopen(cx, id, 4), RC_INVALID);
    err_clear(cx);
    watch_fixture_close(cx);
}

/* The task of an alert is not ended beside its check. */
static void task_needs_the_result(struct cx *cx)
{
    struct alert a;
    struct task t;
    watch_fixture_open(cx);
    int64_t id = one_alert(cx);
    check_ok(cx, alert_get(&a, cx, id));
    check_ok(cx, task_get(&t, cx, a.task_id));
    assert_string_equal(t.href, arena_printf(cx->arena, "/alert/%" PRId64, id));
    assert_non_null(strstr(t.title.in[LANG_EN], "Low income"));
    assert_null(strstr(t.title.in[LANG_ZH], "王")); /* names nobody */
    assert_int_equal(task_done(cx, t.id, t.version, STR("seen")), RC_INVALID);
    err_clear(cx);
    cx->actor = fixture_officer(cx, &w.f, w.f.county_area, "county_admin");
    assert_int_equal(task_refuse(cx, t.id, t.version, STR("not mine")), RC_INVALID);
    err_clear(cx);
    cx->actor = NULL;
    assert_int_equal(watch_task_state(cx, id), TASK_OPEN);
    watch_fixture_close(cx);
}

/* ---- lists ---- */

static const struct sql ADD_LIST = {
    .name = "watch_test_list",
    .lite = "INSERT INTO compare_list (id, county, kind, area_path, document_id, file_name, "
            "user_id, owner_id, list_day, deadline_day, state, job_id, run, upper, lower, "
            "rows_total, rows_refused, rows_identity, rows_score, rows_decided, rows_review, "
            "rows_lost, pairs, dropped, model, newer_id, created_at, done_at, message) "
            "VALUES ($1, $2, 'vehicle', '', $1, 'x', 0, 0, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, "
            "0, 0, 0, 0, '', 0, 0, 0, '')",
    .args = "ii",
    .cols = ""};
static const struct sql ADD_FINDING = {
    .name = "watch_test_finding",
    .lite = "INSERT INTO compare_finding (county, id, list_id, kind, rule, household_id, "
            "person_id, row_number, chance, state, gone, was_state, newer_id, owner_id, "
            "deadline_day, reason, opened_at, changed_at, changed_by) VALUES ($1, $2, $3, "
            "'vehicle', 'poor_with_car', $4, $5, 1, 0, 1, 0, 1, 0, 0, 0, '', $6, $6, 0)",
    .args = "iiiiii",
    .cols = ""};
static const struct sql CLOSE_FINDING = {
    .name = "watch_test_finding_wrong",
    .lite = "UPDATE compare_finding SET state = 4 WHERE id = $1",
    .args = "i",
    .cols = ""};
struct finding_write {
    int64_t id, household, person, at;
    bool with_list;
};
static enum rc add_finding(struct cx *cx, void *arg)
{
    const struct finding_write *f = arg;
    if (f->with_list)
        TRY(DB_RUN(cx, &ADD_LIST, V_I(5), V_I(w.f.county)));
    return DB_RUN(cx, &ADD_FINDING, V_I(w.f.county), V_I(f->id), V_I(5), V_I(f->household),
                  V_I(f->person), V_I(f->at));
}
static enum rc close_finding(struct cx *cx, void *arg)
{
    const struct finding_write *f = arg;
    return DB_RUN(cx, &CLOSE_FINDING, V_I(f->id));
}

/* A finding of a list raises its rule's alert once, with the person and the list's words; a
 * second person of the household raises none beside it; a finding that was a wrong match ends
 * it. One that was written a little late is not passed over. */
static void findings_of_lists(struct cx *cx)
{
    size_t count;
    watch_fixture_open(cx);
    int64_t id = watch_household(cx, 0, "H1", 1, 9000, 2026);
    int64_t other = watch_household(cx, 1, "H2", 1, 9000, 2026);
    struct finding_write f = {901, id, 77, cx->now_at, true};
    check_ok(cx, db_write(cx, w.f.county, add_finding, &f));
    watch_now(1, 0, cx, false);
    struct alert *list = watch_list(&count, cx, RULE_CAR, "open");
    assert_int_equal(count, 1);
    assert_int_equal(list[0].person_id, 77);
    assert_int_equal(list[0].source_id, 901);
    assert_int_equal(list[0].household_id, id);
    assert_true(strlen(list[0].facts) > 20);
    f = (struct finding_write){902, id, 78, cx->now_at, false};
    check_ok(cx, db_write(cx, w.f.county, add_finding, &f));
    watch_now(0, 0, cx, false);
    f = (struct finding_write){903, other, 79, cx->now_at - 60, false};
    check_ok(cx, db_write(cx, w.f.county, add_finding, &f));
    watch_now(1, 0, cx, false);
    f.id = 901;
    check_ok(cx, db_write(cx, w.f.county, close_finding, &f));
    watch_now(0, 1, cx, false);
    watch_fixture_close(cx);
}

/* ---- late tasks ---- */

static enum rc add_task(struct cx *cx, void *arg)
{
    const int64_t *household = arg;
    int64_t id;
    const struct task t = {.county = w.f.county,
                           .kind = "free",
                           .household_id = *household,
                           .area_id = w.f.village[0],
                           .owner = {OWNER_AREA, w.f.village[0], "case.check"},
                           .title = {{"Mend the roof", "修房顶"}},
                           .due_at = cx->now_at + 60,
                           .outcome = ""};
    return task_add(&id, cx, &t);
}
static enum rc end_tasks(struct cx *cx, void *arg)
{
    (void)arg;
    struct db_rows rows;
    int64_t id;
    static const struct sql FREE = {.name = "watch_test_free_task",
                                    .lite = "SELECT id FROM task WHERE kind = 'free'",
                                    .args = "",
                                    .cols = "i"};
    static const struct sql END = {.name = "watch_test_end_task",
                                   .lite = "UPDATE task SET state = 3 WHERE id = $1",
                                   .args = "i",
                                   .cols = ""};
    TRY(DB_ONE0(&rows, cx, &FREE));
    id = row_i64(&rows, 0);
    TRY(db_done(&rows));
    return DB_RUN(cx, &END, V_I(id));
}

/* A task about a household that is late by the rule's days raises an alert, whose own task does
 * not; done, it is over. */
static void late_tasks(struct cx *cx)
{
    size_t count;
    watch_fixture_open(cx);
    int64_t id = watch_household(cx, 0, "H1", 1, 9000, 2026);
    check_ok(cx, db_write(cx, w.f.county, add_task, &id));
    cx->now_at += 2 * FIXTURE_DAY_S;
    watch_now(0, 0, cx, false);
    cx->now_at += 2 * FIXTURE_DAY_S;
    watch_now(1, 0, cx, false);
    struct alert *list = watch_list(&count, cx, RULE_LATE, "open");
    assert_non_null(strstr(list[0].facts, "修房顶"));
    cx->now_at += 20 * FIXTURE_DAY_S;
    watch_now(0, 0, cx, false);
    check_ok(cx, db_write(cx, w.f.county, end_tasks, NULL));
    watch_now(0, 1, cx, false);
    watch_fixture_close(cx);
}

#define EACH(test)                                                                             \
    static void test##_each(void **state)                                                      \
    {                                                                                          \
        (void)state;                                                                           \
        db_fixture_each(test);                                                                 \
    }
EACH(closing)
EACH(words_are_sealed)
EACH(who_may)
EACH(taking_back)
EACH(task_needs_the_result)
EACH(findings_of_lists)
EACH(late_tasks)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closing_each),           cmocka_unit_test(words_are_sealed_each),
        cmocka_unit_test(who_may_each),           cmocka_unit_test(taking_back_each),
        cmocka_unit_test(late_tasks_each),        cmocka_unit_test(task_needs_the_result_each),
        cmocka_unit_test(findings_of_lists_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
