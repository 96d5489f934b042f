/* For the tests of casework: the small register of register_fixture.h with live columns,
 * officers of each role, and households in trouble or not. */
#ifndef CASEWORK_CASE_FIXTURE_H
#define CASEWORK_CASE_FIXTURE_H

#include "base/fault.h"
#include "base/format.h"
#include "casework/case_inner.h"
#include "casework/posting.h"
#include "profile/calendar.h"
#include "register/columns_fixture.h"
#include "work/deadline.h"

enum { CASE_YEAR = 2026, CASE_NOW = 1795420800 /* 2026-11-23 08:00 UTC, a Monday */ };
enum case_actor { WORKER, WORKER_2, TOWN, TOWN_B, COUNTY, DEPARTMENT, ADMIN, ACTOR_COUNT };

static struct register_fixture f;
static struct source source;
static const struct actor *actors[ACTOR_COUNT];

static CHECK_UNUSED const struct actor *case_actor_new(struct cx *cx, int64_t area_id,
                                                       const char *role, const char *login)
{
    int64_t id;
    struct actor *a = arena_new(cx->arena, sizeof *a);
    *a = *fixture_officer(cx, &f, area_id, role);
    check_ok(cx,
             user_add(&id, cx, str_of(login), str_of(login), STR("seven green hills"), false));
    check_ok(cx, user_grant(cx, id, role, area_id));
    a->user_id = id;
    a->name = arena_copy(cx->arena, str_of(login));
    return a;
}

static CHECK_UNUSED void case_clock(struct cx *cx, int64_t at)
{
    cx->now_at = at;
    setenv("FUMIN_NOW", arena_printf(cx->arena, "%" PRId64, at), 1);
}

static CHECK_UNUSED void case_fixture_open(struct cx *cx)
{
    static struct deadline_kind kinds[16];
    const struct {
        const struct deadline_kind *kinds;
        size_t count;
    } rooms[] = {{flow_deadline_kinds, flow_deadline_kind_count},
                 {task_deadline_kinds, task_deadline_kind_count},
                 {posting_deadline_kinds, posting_deadline_kind_count}};
    size_t n = 0;
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        assert_true(n + rooms[i].count <= 16);
        memcpy(kinds + n, rooms[i].kinds, rooms[i].count * sizeof *kinds);
        n += rooms[i].count;
    }
    deadline_kinds_set(kinds, n);
    case_clock(cx, CASE_NOW);
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    cx->dir = cx->dir ? cx->dir : f.dir;
    format_set_zone(cx->profile->zone_offset_min);
    source = fixture_source(&f, 11, 0);
    actors[WORKER] = case_actor_new(cx, f.village[0], "village_worker", "worker");
    actors[WORKER_2] = case_actor_new(cx, f.village[0], "village_worker", "worker2");
    actors[TOWN] = case_actor_new(cx, f.town[0], "township_officer", "town");
    actors[TOWN_B] = case_actor_new(cx, f.town[1], "township_officer", "townb");
    actors[COUNTY] = case_actor_new(cx, f.county_area, "county_officer", "county");
    actors[DEPARTMENT] = case_actor_new(cx, f.county_area, "department_officer", "department");
    actors[ADMIN] = case_actor_new(cx, f.county_area, "county_admin", "admin");
    casework_begin();
}

static CHECK_UNUSED void case_fixture_close(struct cx *cx)
{
    fault_set(NULL);
    unsetenv("FUMIN_NOW");
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

static CHECK_UNUSED void as(struct cx *cx, enum case_actor who)
{
    cx->actor = actors[who];
}

/* A household of two; `water`: 1 safe, 0 not, -1 not known. */
static CHECK_UNUSED int64_t case_household(struct cx *cx, int village, const char *code,
                                           int water)
{
    const struct actor *before = cx->actor;
    cx->actor = NULL;
    struct household_record *r = fixture_household(cx, f.village[village], code, 2);
    r->year = CASE_YEAR;
    fixture_person(r, 0, "王明", 1, NULL);
    fixture_person(r, 1, "王小", 3, NULL);
    if (water >= 0)
        fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, "water_safe", value_int(water));
    fixture_apply(cx, &source, r);
    int64_t id = fixture_id(cx, &f, code);
    cx->actor = before;
    return id;
}

/* Sets one value of the household's sheet by another document. */
static CHECK_UNUSED void case_set_value(struct cx *cx, int64_t household_id, const char *code,
                                        struct value v)
{
    const struct actor *before = cx->actor;
    cx->actor = NULL;
    struct household_record *r = fixture_household(cx, 0, "", 0);
    r->household_id = household_id;
    r->year = CASE_YEAR;
    fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, code, v);
    fixture_apply(cx, &source, r);
    cx->actor = before;
}

static CHECK_UNUSED struct value case_value(struct cx *cx, int64_t household_id,
                                            const char *code)
{
    const struct indicator *ind =
        profile_indicator(cx->profile, SUBJECT_HOUSEHOLD, str_of(code));
    struct value *values =
        arena_new(cx->arena, cx->profile->of_count[SUBJECT_HOUSEHOLD] * sizeof *values);
    assert_non_null(ind);
    check_ok(cx, sheet_get(values, cx, SUBJECT_HOUSEHOLD, f.county, household_id, CASE_YEAR));
    return values[ind->index];
}

/* ---- moves ---- */

enum { CASE_ANSWERS = 8 };
struct case_said {
    const char *field;
    struct value value;
};

static CHECK_UNUSED struct flow case_flow(struct cx *cx, int64_t id)
{
    struct flow x;
    const struct actor *before = cx->actor;
    cx->actor = NULL;
    check_ok(cx, flow_get(&x, cx, id));
    cx->actor = before;
    return x;
}

/* The answers are those of the fields that are named; texts as they are. */
static CHECK_UNUSED struct flow_ask case_ask(struct cx *cx, int64_t id, const char *event,
                                             const struct case_said *said, size_t count)
{
    struct flow x = case_flow(cx, id);
    const struct workflow_move *m =
        workflow_move(x.workflow, str_of(x.state_code), str_of(event));
    struct flow_answer *answers = arena_new(cx->arena, (count + 1) * sizeof *answers);
    size_t n = 0;
    for (size_t s = 0; m && s < count; s++)
        for (size_t i = 0; i < m->field_count; i++)
            if (!strcmp(m->fields[i].code, said[s].field))
                answers[n++] = (struct flow_answer){&m->fields[i], said[s].value, 0};
    return (struct flow_ask){.id = id,
                             .version = x.version,
                             .event = str_of(event),
                             .answers = answers,
                             .answer_count = n};
}

static CHECK_UNUSED enum rc case_try(struct cx *cx, int64_t id, const char *event,
                                     const char *reason)
{
    struct flow_ask ask = case_ask(cx, id, event, NULL, 0);
    ask.reason = str_of(reason);
    return case_decide(cx, &ask);
}

static CHECK_UNUSED void case_stands_at(struct cx *cx, int64_t id, const char *state)
{
    assert_string_equal(case_flow(cx, id).state_code, state);
}

static CHECK_UNUSED void case_later(struct cx *cx, int days)
{
    int64_t fired;
    case_clock(cx, cx->now_at + (int64_t)days * 86400);
    check_ok(cx, deadline_fire_due(&fired, cx));
}

static CHECK_UNUSED void case_confirm(struct cx *cx, int64_t id)
{
    const struct case_said said[] = {
        {"visited_on", value_int(local_day(cx->profile, cx->now_at))},
        {"household_signed", value_text(STR("王明"))},
        {"main_reason", value_int(1)},
        {"rigid_expense", value_int(2500000)},
        {"words", value_text(STR("房屋漏雨，饮水困难"))}};
    as(cx, WORKER);
    check_ok(cx, flow_sign(cx, id, case_flow(cx, id).version));
    as(cx, WORKER_2);
    struct flow_ask ask = case_ask(cx, id, "confirm", said, 5);
    check_ok(cx, case_decide(cx, &ask));
}

/* From the tip to the county's desk. */
static CHECK_UNUSED int64_t case_to_decide(struct cx *cx, int64_t household)
{
    int64_t id;
    as(cx, WORKER);
    check_ok(cx, case_open(&id, cx, "identify", household));
    check_ok(cx, case_try(cx, id, "accept", ""));
    case_confirm(cx, id);
    as(cx, DEPARTMENT);
    check_ok(cx, case_try(cx, id, "matches", ""));
    as(cx, WORKER);
    check_ok(cx, case_try(cx, id, "agree", ""));
    case_stands_at(cx, id, "notice");
    cx->actor = NULL;
    case_later(cx, 6);
    case_stands_at(cx, id, "review");
    as(cx, TOWN);
    check_ok(cx, case_try(cx, id, "pass", ""));
    case_stands_at(cx, id, "decide");
    return id;
}

static CHECK_UNUSED struct flow_ask case_recognise(struct cx *cx, int64_t id)
{
    static const struct case_said said[] = {{"class", {VALUE_INT, 2, {0, 0}}},
                                            {"main_cause", {VALUE_INT, 1, {0, 0}}},
                                            {"risk", {VALUE_INT, 23, {0, 0}}}};
    return case_ask(cx, id, "recognise", said, 3);
}

#endif
