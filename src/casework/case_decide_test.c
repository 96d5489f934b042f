/* Tests of deciding: the whole way of profile/cn by people of each role, what is frozen and
 * what the register says afterwards, rules that do not hold or are not known, two at once, a
 * crash between freezing and writing, data that change meanwhile, a profile that changes. */
#include "base/fault.h"
#include "base/file.h"
#include "base/format.h"
#include "casework/case_fixture.h"
#include "profile/calendar.h"

#include <jansson.h>
#include <pthread.h>

static json_t *frozen(struct cx *cx, int64_t id, const char *event)
{
    struct flow_step *steps;
    size_t count;
    struct str json;
    json_error_t error;
    int64_t document = 0;
    check_ok(cx, flow_history(&steps, &count, cx, id));
    for (size_t i = 0; i < count; i++)
        if (!strcmp(steps[i].event, event))
            document = steps[i].snapshot_id;
    assert_true(document > 0);
    check_ok(cx, case_frozen(&json, cx, f.county, document));
    json_t *root = json_loadb(json.p, json.len, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(root);
    return root;
}

static const char *plain_of(const json_t *values, const char *code)
{
    const json_t *x;
    size_t i;
    json_array_foreach(
        values, i, x) if (!strcmp(json_string_value(json_object_get(x, "code")),
                                  code)) return json_string_value(json_object_get(x, "plain"));
    return NULL;
}

/* The whole way: each step by the role it is for; the decision writes class, cause and risk
 * into the register with the frozen document as their source, and the frozen data are those
 * before it. */
static void way_on(struct cx *cx)
{
    struct journal_entry source_entry;
    case_fixture_open(cx);
    int64_t home = case_household(cx, 0, "A1", 0);
    int64_t id = case_to_decide(cx, home);
    as(cx, COUNTY);
    struct flow_ask ask = case_recognise(cx, id);
    check_ok(cx, case_decide(cx, &ask));
    assert_int_equal(ask.advice, ADVICE_YES);
    assert_true(ask.snapshot_id > 0);
    case_stands_at(cx, id, "watch");
    assert_int_equal(case_value(cx, home, "monitoring_class").i, 2);
    assert_int_equal(case_value(cx, home, "risk_1").i, 23);
    assert_int_equal(case_value(cx, home, "monitored_on").i, 2026 * 12 + 10);
    assert_int_equal(case_value(cx, home, "rigid_expense").i, 2500000);
    const struct indicator *class =
        profile_indicator(cx->profile, SUBJECT_HOUSEHOLD, STR("monitoring_class"));
    check_ok(cx, journal_source(&source_entry, cx, f.county, KIND_HOUSEHOLD_SHEET, home,
                                CASE_YEAR, class->number));
    assert_int_equal(source_entry.document_id, ask.snapshot_id);
    assert_int_equal(source_entry.user_id, actors[COUNTY]->user_id);
    json_t *root = frozen(cx, id, "recognise");
    const json_t *subject = json_object_get(root, "subject");
    const json_t *values = json_object_get(subject, "values");
    assert_string_equal(plain_of(values, "water_safe"), "0");
    assert_null(plain_of(values, "monitoring_class"));
    assert_int_equal(json_array_size(json_object_get(subject, "people")), 2);
    assert_int_equal(json_array_size(json_object_get(root, "answers")), 3);
    assert_non_null(strstr(json_string_value(json_object_get(root, "rules")), "\"yes\""));
    assert_int_equal(json_integer_value(json_object_get(root, "journal")), ask.journal_seq);
    json_decref(root);
    fixture_verify(cx);
    case_fixture_close(cx);
}
static void test_way(void **state)
{
    (void)state;
    db_fixture_each(way_on);
}

/* Nobody decides outside of their area or beyond their role, and nothing is left of the try. */
static void denied_on(struct cx *cx)
{
    int64_t id, other;
    case_fixture_open(cx);
    int64_t home = case_household(cx, 0, "A1", 0);
    as(cx, TOWN_B);
    assert_int_equal(case_open(&id, cx, "identify", home), RC_NOTFOUND);
    err_clear(cx);
    as(cx, COUNTY);
    assert_int_equal(case_open(&id, cx, "identify", home), RC_DENIED);
    err_clear(cx);
    as(cx, WORKER);
    check_ok(cx, case_open(&id, cx, "identify", home));
    assert_int_equal(case_open(&other, cx, "identify", home), RC_CONFLICT);
    err_clear(cx);
    assert_int_equal(other, id);
    assert_int_equal(case_open(&other, cx, "nothing", home), RC_INVALID);
    err_clear(cx);
    as(cx, TOWN_B);
    assert_int_equal(case_try(cx, id, "accept", ""), RC_NOTFOUND);
    err_clear(cx);
    struct case_view v;
    assert_int_equal(case_get(&v, cx, id), RC_NOTFOUND);
    err_clear(cx);
    as(cx, COUNTY);
    assert_int_equal(case_try(cx, id, "accept", ""), RC_DENIED);
    err_clear(cx);
    case_stands_at(cx, id, "tip");
    as(cx, WORKER);
    assert_int_equal(case_try(cx, id, "recognise", ""), RC_INVALID);
    err_clear(cx);
    case_fixture_close(cx);
}
static void test_denied(void **state)
{
    (void)state;
    db_fixture_each(denied_on);
}

/* A rule that must hold: refused with its values where it does not hold, refused with what is
 * missing where it is not known; made where it holds. */
static void must_on(struct cx *cx)
{
    int64_t id, unknown;
    case_fixture_open(cx);
    int64_t home = case_household(cx, 0, "A1", 1), blank = case_household(cx, 0, "A2", 1);
    case_set_value(cx, home, "monitoring_class", value_int(9));
    as(cx, WORKER);
    check_ok(cx, case_open(&id, cx, "exit", home));
    assert_int_equal(case_try(cx, id, "nominate", ""), RC_INVALID);
    assert_non_null(strstr(cx->err.text, "does not hold"));
    assert_non_null(strstr(cx->err.text, "Not monitored"));
    err_clear(cx);
    check_ok(cx, case_open(&unknown, cx, "exit", blank));
    assert_int_equal(case_try(cx, unknown, "nominate", ""), RC_INVALID);
    assert_non_null(strstr(cx->err.text, "cannot be answered"));
    assert_non_null(strstr(cx->err.text, "Monitoring class"));
    err_clear(cx);
    case_stands_at(cx, id, "nominate");
    case_set_value(cx, home, "monitoring_class", value_int(1));
    case_set_value(cx, home, "monitored_on", value_int(2025 * 12 + 1));
    check_ok(cx, case_try(cx, id, "nominate", ""));
    case_stands_at(cx, id, "check");
    case_fixture_close(cx);
}
static void test_must(void **state)
{
    (void)state;
    db_fixture_each(must_on);
}

/* Advice: who does not follow it gives a reason, and both are in the history; advice that
 * cannot be given is recorded as such. */
static void advice_on(struct cx *cx)
{
    struct flow_step *steps;
    size_t count;
    int64_t id;
    case_fixture_open(cx);
    int64_t home = case_household(cx, 0, "A1", 0), blank = case_household(cx, 0, "A2", -1);
    as(cx, WORKER);
    check_ok(cx, case_open(&id, cx, "identify", home));
    assert_int_equal(case_try(cx, id, "dismiss", ""), RC_INVALID);
    err_clear(cx);
    check_ok(cx, case_try(cx, id, "dismiss", "户主电话表示无困难"));
    check_ok(cx, flow_history(&steps, &count, cx, id));
    assert_int_equal(steps[count - 1].advice, ADVICE_YES);
    assert_false(steps[count - 1].followed);
    assert_string_equal(steps[count - 1].reason, "户主电话表示无困难");
    assert_non_null(strstr(steps[count - 1].advice_text, "\"yes\""));
    check_ok(cx, case_open(&id, cx, "identify", blank));
    check_ok(cx, case_try(cx, id, "accept", ""));
    check_ok(cx, flow_history(&steps, &count, cx, id));
    assert_int_equal(steps[count - 1].advice, ADVICE_UNKNOWN);
    case_fixture_close(cx);
}
static void test_advice(void **state)
{
    (void)state;
    db_fixture_each(advice_on);
}

/* Data that changed between the look and the decision: the decision rests on the newer. */
static void newer_on(struct cx *cx)
{
    struct case_view seen;
    case_fixture_open(cx);
    int64_t home = case_household(cx, 0, "A1", 0);
    int64_t id = case_to_decide(cx, home);
    as(cx, COUNTY);
    check_ok(cx, case_get(&seen, cx, id));
    assert_int_equal(seen.guard_count, 2);
    assert_int_equal(seen.guards[0].advice, ADVICE_YES);
    case_set_value(cx, home, "house_m2", value_int(9000));
    struct flow_ask ask = case_recognise(cx, id);
    check_ok(cx, case_decide(cx, &ask));
    assert_true(ask.journal_seq > seen.journal_seq);
    json_t *root = frozen(cx, id, "recognise");
    assert_string_equal(
        plain_of(json_object_get(json_object_get(root, "subject"), "values"), "house_m2"),
        "90");
    json_decref(root);
    case_fixture_close(cx);
}
static void test_newer(void **state)
{
    (void)state;
    db_fixture_each(newer_on);
}

/* A failure between freezing and writing, or between the flow and the register, leaves the case
 * and the register as they were; the same decision then goes through. */
static void faults_on(struct cx *cx)
{
    static const char *const points[] = {"store.write:1", "casework.frozen:1",
                                         "casework.moved:1"};
    case_fixture_open(cx);
    int64_t home = case_household(cx, 0, "A1", 0);
    int64_t id = case_to_decide(cx, home);
    as(cx, COUNTY);
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        struct flow_ask ask = case_recognise(cx, id);
        assert_true(fault_set(points[i]));
        assert_int_equal(case_decide(cx, &ask), RC_IO);
        err_clear(cx);
        fault_set(NULL);
        case_stands_at(cx, id, "decide");
        assert_int_equal(case_value(cx, home, "monitoring_class").kind, VALUE_MISSING);
    }
    struct flow_ask ask = case_recognise(cx, id);
    check_ok(cx, case_decide(cx, &ask));
    assert_int_equal(case_value(cx, home, "monitoring_class").i, 2);
    fixture_verify(cx);
    case_fixture_close(cx);
}
static void test_faults(void **state)
{
    (void)state;
    db_fixture_each(faults_on);
}

/* ---- two at once ---- */

struct racer {
    const struct cx *from;
    struct cx cx;
    struct flow_ask ask;
    const struct actor *actor;
    enum rc rc;
    char text[480];
};

static void *race(void *arg)
{
    struct racer *r = arg;
    r->cx = *r->from;
    r->cx.arena = arena_open(64 * 1024 * 1024);
    r->cx.actor = r->actor;
    r->cx.db = NULL;
    err_clear(&r->cx);
    r->rc = db_attach(&r->cx);
    if (!r->rc)
        r->rc = case_decide(&r->cx, &r->ask);
    snprintf(r->text, sizeof r->text, "%s", r->cx.err.text);
    db_detach(&r->cx);
    arena_free(r->cx.arena);
    return NULL;
}

/* Two officers decide one case at the same moment, again and again: one is told who was
 * quicker, and the register has what the other decided. */
static void race_on(struct cx *cx)
{
    case_fixture_open(cx);
    int64_t home = case_household(cx, 0, "A1", 0);
    int64_t id = case_to_decide(cx, home);
    struct racer r[2] = {{.from = cx, .actor = actors[COUNTY]},
                         {.from = cx, .actor = actors[ADMIN]}};
    pthread_t threads[2];
    as(cx, COUNTY);
    r[0].ask = case_recognise(cx, id);
    r[1].ask = case_ask(cx, id, "return", NULL, 0);
    r[1].ask.reason = STR("材料不全");
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, race, &r[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    int won = r[0].rc == RC_OK ? 0 : 1;
    assert_int_equal(r[won].rc, RC_OK);
    assert_int_equal(r[!won].rc, RC_CONFLICT);
    assert_non_null(strstr(r[!won].text, actors[won ? ADMIN : COUNTY]->name));
    case_stands_at(cx, id, won ? "review" : "watch");
    assert_int_equal(case_value(cx, home, "monitoring_class").kind,
                     won ? VALUE_MISSING : VALUE_INT);
    case_fixture_close(cx);
}
static void test_race(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        db_fixture_each(race_on);
}

/* ---- many ---- */

/* Each case for itself: one was moved meanwhile, one is not the actor's, the others are made.
 */
static void many_on(struct cx *cx)
{
    struct flow_ask asks[4];
    struct case_result *results;
    int64_t id[4];
    case_fixture_open(cx);
    for (int i = 0; i < 4; i++) {
        int64_t home = case_household(cx, i == 3 ? 2 : 0, arena_printf(cx->arena, "M%d", i), 0);
        as(cx, i == 3 ? TOWN_B : WORKER);
        check_ok(cx, case_open(&id[i], cx, "identify", home));
        asks[i] = case_ask(cx, id[i], "accept", NULL, 0);
    }
    as(cx, WORKER);
    check_ok(cx, case_try(cx, id[1], "accept", ""));
    check_ok(cx, case_decide_many(&results, cx, asks, 4));
    assert_int_equal(results[0].rc, RC_OK);
    assert_null(results[0].text);
    assert_int_equal(results[1].rc, RC_CONFLICT);
    assert_non_null(strstr(results[1].text, "worker"));
    assert_int_equal(results[2].rc, RC_OK);
    assert_int_equal(results[3].rc, RC_NOTFOUND);
    case_stands_at(cx, id[2], "check");
    case_stands_at(cx, id[3], "tip");
    case_fixture_close(cx);
}
static void test_many(void **state)
{
    (void)state;
    db_fixture_each(many_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_way),   cmocka_unit_test(test_denied),
        cmocka_unit_test(test_must),  cmocka_unit_test(test_advice),
        cmocka_unit_test(test_newer), cmocka_unit_test(test_faults),
        cmocka_unit_test(test_race),  cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
