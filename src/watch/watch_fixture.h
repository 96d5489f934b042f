/* For the tests of watch: the register's fixture with live columns and a profile whose alert
 * rules are few and easily told by hand. */
#ifndef WATCH_WATCH_FIXTURE_H
#define WATCH_WATCH_FIXTURE_H

#include "register/columns_fixture.h"
#include "watch/disaster_inner.h"
#include "watch/watch_inner.h"
#include "work/deadline.h"

enum { RULE_LOW = 1, RULE_GIRL = 2, RULE_CAR = 3, RULE_LATE = 4, RULE_FLOOD = 5 };
enum { AGAIN_LOW = 10, FIXTURE_DAY_S = 86400, FIXTURE_RULES = 5 };

struct watch_fixture {
    struct register_fixture f;
    struct profile profile;
    struct alert_rules alerts;
    struct alert_rule list[FIXTURE_RULES];
};
static struct watch_fixture w;

static const struct alert_rule fixture_rules[FIXTURE_RULES] = {
    {.number = RULE_LOW,
     .code = "low",
     .subject = SUBJECT_HOUSEHOLD,
     .kind = ALERT_REGISTER,
     .rule = "net_income_per_head < 5000",
     .colour = ALERT_ORANGE,
     .again_days = AGAIN_LOW,
     .days = 3,
     .truth = "net_income_per_head < 3000",
     .label = {{"Low income", "收入低"}}},
    {.number = RULE_GIRL,
     .code = "girl",
     .subject = SUBJECT_PERSON,
     .kind = ALERT_REGISTER,
     .rule = "sex = 'Female' and relation <> 'Head'",
     .colour = ALERT_RED,
     .days = 2,
     .truth = "",
     .label = {{"A woman who is not the head", "女性非户主"}}},
    {.number = RULE_CAR,
     .code = "car",
     .subject = SUBJECT_HOUSEHOLD,
     .kind = ALERT_LIST,
     .list = "vehicle.poor_with_car",
     .rule = "",
     .colour = ALERT_YELLOW,
     .again_days = 30,
     .days = 5,
     .truth = "",
     .label = {{"A car", "有车"}}},
    {.number = RULE_LATE,
     .code = "late",
     .subject = SUBJECT_HOUSEHOLD,
     .kind = ALERT_TASK,
     .rule = "",
     .colour = ALERT_YELLOW,
     .again_days = 3,
     .days = 2,
     .truth = "",
     .label = {{"Late task", "任务逾期"}}},
    {.number = RULE_FLOOD,
     .code = "flood",
     .subject = SUBJECT_HOUSEHOLD,
     .kind = ALERT_DISASTER,
     .rule = "",
     .colour = ALERT_ORANGE,
     .days = 1,
     .truth = "",
     .label = {{"Disaster", "受灾"}}},
};

/* Girl first: a rule of people among those of households. */
static CHECK_UNUSED void watch_fixture_rules(struct cx *cx, const char *low)
{
    struct rule_text texts[3];
    struct rule_fault fault = {0};
    for (int i = 0; i < FIXTURE_RULES; i++) {
        struct alert_rule *a = &w.list[i];
        *a = fixture_rules[i];
        a->list = a->list ? a->list : "";
        a->source = "";
        a->message = a->todo = a->label;
        a->root = a->truth_root = -1;
    }
    w.list[0].rule = low;
    w.list[0].root = 0;
    w.list[1].root = 1;
    w.list[0].truth_root = 2;
    texts[0] = (struct rule_text){"alert low", RULE_HOUSEHOLD, str_of(low), true};
    texts[1] = (struct rule_text){"alert girl", RULE_PERSON, str_of(w.list[1].rule), true};
    texts[2] = (struct rule_text){"truth low", RULE_HOUSEHOLD, str_of(w.list[0].truth), true};
    enum rc rc =
        rule_compile(&w.alerts.program, &fault, cx, w.f.profile->rules->dictionary, texts, 3);
    if (rc)
        fail_msg("rule %zu: %s", fault.rule, fault.message);
    w.alerts.list = w.list;
    w.alerts.count = FIXTURE_RULES;
    w.profile.alerts = &w.alerts;
}

static CHECK_UNUSED void watch_fixture_open(struct cx *cx)
{
    w = (struct watch_fixture){0};
    register_fixture_open(&w.f, cx);
    cx->dir = w.f.dir;
    w.profile = *w.f.profile;
    cx->profile = &w.profile;
    watch_fixture_rules(cx, "net_income_per_head < 5000");
    columns_fixture_open(cx);
    watch_begin();
}

static CHECK_UNUSED void watch_fixture_close(struct cx *cx)
{
    columns_fixture_close(cx);
    register_fixture_close(&w.f, cx);
}

/* A household of `people` (the second is a woman) with an income per head in yuan; -1: not
 * known. */
static CHECK_UNUSED int64_t watch_household(struct cx *cx, int village, const char *code,
                                            size_t people, int64_t income, int32_t year)
{
    struct source s = fixture_source(&w.f, 0, 0);
    struct household_record *r = fixture_household(cx, w.f.village[village], code, people);
    r->year = year;
    for (size_t i = 0; i < people; i++)
        fixture_person(r, i, "王", i ? 2 : 1, NULL);
    if (income >= 0)
        fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "net_income_per_head",
                      value_int(income * 100));
    fixture_apply(cx, &s, r);
    return fixture_id(cx, &w.f, code);
}

/* Sets one indicator of a household that is there. */
static CHECK_UNUSED void watch_set(struct cx *cx, int64_t id, const char *code, struct value v,
                                   int32_t year)
{
    struct source s = fixture_source(&w.f, 0, 0);
    struct household_record *r = fixture_household(cx, 0, "", 0);
    r->household_id = id;
    r->code = STR("");
    r->area_id = 0;
    r->year = year;
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, code, v);
    fixture_apply(cx, &s, r);
}

static CHECK_UNUSED void watch_income(struct cx *cx, int64_t id, int64_t income)
{
    watch_set(cx, id, "net_income_per_head", value_int(income * 100), 2026);
}

static CHECK_UNUSED void watch_now(int64_t raised, int64_t over, struct cx *cx, bool again)
{
    int64_t r = -1, o = -1;
    check_ok(cx, watch_county(&r, &o, cx, w.f.county, again));
    assert_int_equal(r, raised);
    assert_int_equal(o, over);
}

/* The alerts of a rule (0 any) in a state, newest first. */
static CHECK_UNUSED struct alert *watch_list(size_t *count, struct cx *cx, int32_t rule,
                                             const char *state)
{
    struct alert *list;
    const char *next;
    struct alert_query q = {.rule = rule, .state = str_of(state), .limit = 1000};
    check_ok(cx, alert_list(&list, count, &next, cx, &q));
    assert_null(next);
    return list;
}

static CHECK_UNUSED size_t watch_count(struct cx *cx, int32_t rule, const char *state)
{
    size_t count;
    (void)watch_list(&count, cx, rule, state);
    return count;
}

static const struct sql FIXTURE_TASK_STATE = {
    .name = "watch_fixture_task_state",
    .lite = "SELECT state FROM task WHERE kind = 'alert' AND subject_id = $1 ORDER BY id DESC",
    .args = "i",
    .cols = "i"};
static CHECK_UNUSED int64_t watch_task_state(struct cx *cx, int64_t alert_id)
{
    struct db_rows rows;
    check_ok(cx, DB_ONE(&rows, cx, &FIXTURE_TASK_STATE, V_I(alert_id)));
    int64_t state = row_i64(&rows, 0);
    check_ok(cx, db_done(&rows));
    return state;
}

#endif
