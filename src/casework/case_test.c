/* Tests of cases over time: poor again, clearing a risk, a household that moves or ends, cases
 * of areas, a profile that changes under a running case, values read and shown of fields. */
#include "base/file.h"
#include "base/time.h"
#include "casework/case_fixture.h"

#define SQL(id, text, arg_letters, col_letters)                                                \
    static const struct sql id = {                                                             \
        .name = #id, .lite = (text), .args = (arg_letters), .cols = (col_letters)}
SQL(TEST_END_HOUSEHOLD, "UPDATE household SET ended_day = $2, ended = 1 WHERE id = $1", "ii",
    "");

static enum rc end_write(struct cx *cx, void *arg)
{
    const int64_t *id = arg;
    return DB_RUN(cx, &TEST_END_HOUSEHOLD, V_I(*id), V_I(20700));
}

static void recognised(struct cx *cx, int64_t *home, int64_t *id)
{
    *home = case_household(cx, 0, "A1", 0);
    *id = case_to_decide(cx, *home);
    as(cx, COUNTY);
    struct flow_ask ask = case_recognise(cx, *id);
    check_ok(cx, case_decide(cx, &ask));
}

/* A risk is cleared by the case "exit" after the time of watching; the watching case ends by
 * itself, without waiting for the next day; poor again, a new case goes on from the old one,
 * and what clearing wrote is taken away. */
static void again_on(struct cx *cx)
{
    int64_t home, id, exit_id, again, fired;
    case_fixture_open(cx);
    recognised(cx, &home, &id);
    case_later(cx, 2);
    as(cx, WORKER);
    check_ok(cx, case_open(&exit_id, cx, "exit", home));
    assert_int_equal(case_try(cx, exit_id, "nominate", ""), RC_INVALID); /* too early */
    err_clear(cx);
    case_set_value(cx, home, "risk_cleared", value_int(1));
    case_set_value(cx, home, "risk_cleared_on", value_int(2026 * 12 + 10));
    as(cx, WORKER);
    check_ok(cx, case_try(cx, exit_id, "keep", "仍有困难"));
    cx->actor = NULL;
    check_ok(cx, deadline_fire_due(&fired, cx));
    check_ok(cx, flow_auto_run(cx, id));
    case_stands_at(cx, id, "cleared");
    assert_true(case_flow(cx, id).closed_at > 0);
    as(cx, WORKER);
    check_ok(cx, case_open(&again, cx, "identify", home));
    assert_true(again != id);
    int64_t back = case_flow(cx, again).back_id;
    assert_true(back == id || back == exit_id);
    struct flow *all;
    size_t count;
    check_ok(cx, case_history(&all, &count, cx, f.county, home));
    assert_int_equal(count, 3);
    assert_int_equal(all[0].id, again);
    case_fixture_close(cx);
}
static void test_again(void **state)
{
    (void)state;
    db_fixture_each(again_on);
}

/* Recognised again: `missing` of the workflow takes a value out of the register. */
static void erases_on(struct cx *cx)
{
    case_fixture_open(cx);
    int64_t home = case_household(cx, 0, "A1", 0);
    case_set_value(cx, home, "risk_cleared", value_int(1));
    case_set_value(cx, home, "risk_cleared_on", value_int(2025 * 12));
    int64_t id = case_to_decide(cx, home);
    as(cx, COUNTY);
    struct flow_ask ask = case_recognise(cx, id);
    check_ok(cx, case_decide(cx, &ask));
    assert_int_equal(case_value(cx, home, "risk_cleared").i, 0);
    assert_int_equal(case_value(cx, home, "risk_cleared_on").kind, VALUE_MISSING);
    columns_check_same(cx, f.county);
    fixture_verify(cx);
    case_fixture_close(cx);
}
static void test_erases(void **state)
{
    (void)state;
    db_fixture_each(erases_on);
}

/* A household that moves takes its case with it, once; one that ended has rules that nobody can
 * answer, and its case can be ended. */
static void moves_on(struct cx *cx)
{
    int64_t home, id, moved;
    case_fixture_open(cx);
    recognised(cx, &home, &id);
    struct household_record *r = fixture_household(cx, f.village[2], "", 0);
    cx->actor = NULL;
    r->household_id = home;
    r->values = NULL;
    r->year = 0;
    fixture_apply(cx, &source, r);
    /* A case that ended where it lived before is its history here too. */
    int64_t there = case_household(cx, 0, "B1", 0), before, after;
    as(cx, WORKER);
    check_ok(cx, case_open(&before, cx, "identify", there));
    check_ok(cx, case_try(cx, before, "accept", ""));
    as(cx, WORKER_2);
    check_ok(cx, flow_sign(cx, before, case_flow(cx, before).version));
    as(cx, WORKER);
    struct flow_ask no = case_ask(cx, before, "reject", NULL, 0);
    no.reason = STR("不符合");
    check_ok(cx, case_decide(cx, &no));
    assert_true(case_flow(cx, before).closed_at > 0);
    cx->actor = NULL;
    r->household_id = there;
    fixture_apply(cx, &source, r);
    as(cx, TOWN_B);
    check_ok(cx, case_open(&after, cx, "identify", there));
    assert_int_equal(case_flow(cx, after).back_id, before);
    cx->actor = NULL;
    r->household_id = home;
    check_ok(cx, case_follow(&moved, cx));
    assert_int_equal(moved, 1);
    assert_int_equal(case_flow(cx, id).area_id, f.village[2]);
    check_ok(cx, case_follow(&moved, cx));
    assert_int_equal(moved, 0);
    struct case_view v;
    as(cx, TOWN);
    assert_int_equal(case_get(&v, cx, id), RC_NOTFOUND);
    err_clear(cx);
    as(cx, TOWN_B);
    check_ok(cx, case_get(&v, cx, id));
    assert_int_equal(v.ended_day, 0);
    cx->actor = NULL;
    check_ok(cx, db_write(cx, f.county, end_write, &home));
    columns_fixture_close(cx);
    columns_fixture_open(cx);
    as(cx, COUNTY);
    check_ok(cx, case_get(&v, cx, id));
    assert_int_equal(v.ended_day, 20700);
    for (size_t i = 0; i < v.guard_count; i++)
        assert_int_equal(v.guards[i].advice, ADVICE_UNKNOWN);
    const struct case_said said[] = {{"end_reason", value_int(1)}};
    struct flow_ask ask = case_ask(cx, id, "end", said, 1);
    ask.reason = STR("全户死亡");
    check_ok(cx, case_decide(cx, &ask));
    case_stands_at(cx, id, "ended");
    int64_t other;
    as(cx, WORKER);
    assert_int_not_equal(case_open(&other, cx, "identify", home), RC_OK);
    err_clear(cx);
    case_fixture_close(cx);
}
static void test_moves(void **state)
{
    (void)state;
    db_fixture_each(moves_on);
}

/* A village is a case of its own: the rule over its sheet and households, and the decision in
 * its sheet with an entry in the journal. */
static void village_on(struct cx *cx)
{
    int64_t id;
    struct case_view v;
    case_fixture_open(cx);
    case_household(cx, 0, "A1", 1);
    as(cx, COUNTY);
    assert_int_equal(case_open_area(&id, cx, "exit", f.town[0]), RC_INVALID);
    err_clear(cx);
    as(cx, TOWN_B);
    assert_int_equal(case_open_area(&id, cx, "exit", f.village[0]), RC_NOTFOUND);
    err_clear(cx);
    as(cx, WORKER);
    check_ok(cx, case_open_area(&id, cx, "exit", f.village[0]));
    check_ok(cx, case_get(&v, cx, id));
    assert_string_equal(v.title, "新建村");
    assert_int_equal(v.guard_count, 1);
    assert_int_equal(v.guards[0].advice, ADVICE_UNKNOWN);
    assert_true(v.guards[0].fact_count > 3);
    check_ok(cx, case_try(cx, id, "apply", ""));
    case_stands_at(cx, id, "check");
    /* What a declaration writes, without a village that reaches all limits. */
    const struct flow x = case_flow(cx, id);
    const struct workflow_move *m = workflow_move(x.workflow, STR("decide"), STR("declare"));
    struct case_subject s;
    struct case_writes w;
    struct flow_ask ask = {.id = id};
    cx->actor = NULL;
    check_ok(cx, case_subject_get(&s, cx, &x));
    case_writes_collect(&w, cx, &s, m, &ask);
    assert_true(w.any);
    assert_int_equal(w.area_id, f.village[0]);
    const struct indicator *ind =
        profile_indicator(cx->profile, SUBJECT_AREA, STR("exited_village"));
    assert_int_equal(w.record.values[ind->index].i, 1);
    case_fixture_close(cx);
}
static void test_village(void **state)
{
    (void)state;
    db_fixture_each(village_on);
}

struct area_writing {
    struct case_writes w;
};
static enum rc write_area(struct cx *cx, void *arg)
{
    const struct area_writing *a = arg;
    return case_writes_apply(cx, &a->w, f.county, 77);
}

/* The same value written twice is one entry of the journal; columns follow it. */
static void area_sheet_on(struct cx *cx)
{
    struct area_writing a = {.w = {.any = true, .valid_day = 20000}};
    struct journal_entry e;
    struct columns *c;
    struct column col;
    case_fixture_open(cx);
    case_household(cx, 0, "A1", 1);
    cx->actor = NULL;
    size_t count = cx->profile->of_count[SUBJECT_AREA];
    const struct indicator *ind =
        profile_indicator(cx->profile, SUBJECT_AREA, STR("exited_village"));
    a.w.area_id = f.village[1];
    a.w.record.year = CASE_YEAR;
    a.w.record.values = arena_new(cx->arena, count * sizeof *a.w.record.values);
    a.w.record.erases = arena_new(cx->arena, count * sizeof *a.w.record.erases);
    a.w.record.values[ind->index] = value_int(1);
    check_ok(cx, columns_open(&c, cx, f.county));
    columns_close(c);
    check_ok(cx, db_write(cx, f.county, write_area, &a));
    check_ok(cx, journal_source(&e, cx, f.county, KIND_AREA_SHEET, f.village[1], CASE_YEAR,
                                ind->number));
    int64_t seq = e.seq;
    assert_int_equal(e.document_id, 77);
    check_ok(cx, db_write(cx, f.county, write_area, &a));
    check_ok(cx, journal_source(&e, cx, f.county, KIND_AREA_SHEET, f.village[1], CASE_YEAR,
                                ind->number));
    assert_int_equal(e.seq, seq);
    check_ok(cx, columns_open(&c, cx, f.county));
    check_ok(cx, columns_get(&col, cx, c, SUBJECT_AREA, ind->number, CASE_YEAR));
    assert_int_equal(column_at(col, (size_t)columns_area_index(c, f.village[1])), 1);
    columns_close(c);
    fixture_verify(cx);
    case_fixture_close(cx);
}
static void test_area_sheet(void **state)
{
    (void)state;
    db_fixture_each(area_sheet_on);
}

/* ---- a profile that changes ---- */

/* The embedded profile with one word of one file replaced everywhere. */
static struct profile *changed_profile(struct cx *cx, const char *file, const char *from,
                                       const char *to)
{
    struct profile_faults faults = {0};
    struct profile *p;
    struct str text;
    struct buf b;
    const char *folder = arena_printf(cx->arena, "%s/changed", f.dir);
    const char *path = arena_printf(cx->arena, "%s/%s", folder, file);
    check_ok(cx, profile_write_embedded(cx, "cn", folder));
    check_ok(cx, file_read(&text, cx, path, 1 << 20));
    buf_init(&b, cx->arena, 1 << 21);
    for (size_t at = 0; at < text.len;) {
        struct str rest = {text.p + at, text.len - at};
        size_t hit = str_find(rest, str_of(from));
        buf_put(&b, rest.p, hit == SIZE_MAX ? rest.len : hit);
        if (hit != SIZE_MAX)
            buf_z(&b, to);
        at += hit == SIZE_MAX ? rest.len : hit + strlen(from);
    }
    check_ok(cx, file_write(cx, path, buf_view(&b), 0600));
    enum rc rc = profile_load(&p, &faults, cx, folder);
    for (size_t i = 0; rc && i < faults.count; i++)
        fprintf(stderr, "%s:%d %s: %s\n", faults.rows[i].file, (int)faults.rows[i].row,
                faults.rows[i].field, faults.rows[i].message);
    check_ok(cx, rc);
    return p;
}

/* The kind of case is gone from the profile: the case is shown, says so, and is closed by
 * whoever may repair; nothing of it is lost. */
static void profile_on(struct cx *cx)
{
    int64_t id;
    struct case_view v;
    case_fixture_open(cx);
    int64_t home = case_household(cx, 0, "A1", 0);
    as(cx, WORKER);
    check_ok(cx, case_open(&id, cx, "identify", home));
    check_ok(cx, case_try(cx, id, "accept", ""));
    struct flow_ask ask = case_ask(cx, id, "reject", NULL, 0);
    ask.reason = STR("不符合");
    const struct profile *before = cx->profile;
    struct profile none = *before;
    static const struct workflows no_workflows;
    none.workflows = &no_workflows;
    cx->profile = &none;
    check_ok(cx, case_get(&v, cx, id));
    assert_null(v.flow.state);
    assert_int_equal(v.guard_count, 0);
    assert_int_equal(case_decide(cx, &ask), RC_INVALID);
    assert_non_null(strstr(cx->err.text, "no longer knows"));
    err_clear(cx);
    as(cx, ADMIN);
    check_ok(cx, flow_set_state(cx, id, v.flow.version, STR(""), STR("已停用")));
    cx->profile = before;
    assert_true(case_flow(cx, id).closed_at > 0);
    case_fixture_close(cx);
}
static void test_profile(void **state)
{
    (void)state;
    db_fixture_each(profile_on);
}

/* A rule that became stricter under a running case counts from then on. */
static void stricter_on(struct cx *cx)
{
    int64_t id;
    struct case_view v;
    case_fixture_open(cx);
    int64_t home = case_household(cx, 0, "A1", 0);
    as(cx, WORKER);
    check_ok(cx, case_open(&id, cx, "identify", home));
    check_ok(cx, case_get(&v, cx, id));
    assert_int_equal(v.guards[0].advice, ADVICE_YES);
    const struct profile *before = cx->profile;
    struct profile *changed = changed_profile(
        cx, "workflow_moves.csv", "identify,tip,accept,check,forward,,,in_trouble,advice",
        "identify,tip,accept,check,forward,,,not in_trouble,must");
    columns_fixture_close(cx);
    cx->profile = changed;
    columns_fixture_open(cx);
    assert_int_equal(case_try(cx, id, "accept", ""), RC_INVALID);
    assert_non_null(strstr(cx->err.text, "does not hold"));
    err_clear(cx);
    case_stands_at(cx, id, "tip");
    columns_fixture_close(cx);
    cx->profile = before;
    columns_fixture_open(cx);
    profile_free(changed);
    case_fixture_close(cx);
}
static void test_stricter(void **state)
{
    (void)state;
    db_fixture_each(stricter_on);
}

/* Answers become what the indicator holds. */
static void test_values(void **state)
{
    (void)state;
    struct indicator month = {.type = TYPE_MONTH},
                     tenth = {.type = TYPE_DECIMAL, .decimals = 1}, text = {.type = TYPE_TEXT},
                     yes = {.type = TYPE_BOOL};
    struct value day = value_int(day_of((struct date){2026, 11, 23}));
    assert_int_equal(case_value_for(&month, FIELD_TYPE_DAY, day).i, 2026 * 12 + 10);
    assert_int_equal(case_value_for(&month, FIELD_TYPE_MONTH, value_int(24317)).i, 24317);
    assert_int_equal(case_value_for(&tenth, FIELD_TYPE_INTEGER, value_int(12)).i, 120);
    assert_int_equal(case_value_for(&yes, FIELD_TYPE_BOOL, value_int(0)).kind, VALUE_INT);
    assert_int_equal(case_value_for(&yes, FIELD_TYPE_TEXT, value_text(STR("x"))).kind,
                     VALUE_MISSING);
    assert_int_equal(case_value_for(&text, FIELD_TYPE_TEXT, value_text(STR("x"))).kind,
                     VALUE_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_again),      cmocka_unit_test(test_erases),
        cmocka_unit_test(test_moves),      cmocka_unit_test(test_village),
        cmocka_unit_test(test_area_sheet), cmocka_unit_test(test_profile),
        cmocka_unit_test(test_stricter),   cmocka_unit_test(test_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
