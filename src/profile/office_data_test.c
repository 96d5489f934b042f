/* Tests of what the carried profiles say to the office: workflows, measures, alerts, days.
 * The loader has compiled the rules; here stands what it cannot know: that somebody may make
 * each move, that every way ends, that every cause is answered. */
#include "base/check.h"
#include "base/crypto.h"
#include "base/time.h"
#include "profile/alerts.h"
#include "profile/calendar.h"
#include "profile/lists.h"
#include "profile/workflows.h"

#include <string.h>

enum { STATES = 64 };
static const char *const with_office[] = {"cn", "mirea"};
static const char *const without[] = {"mpi", "vlss"};
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

static struct profile *load(const char *name)
{
    struct profile *p = NULL;
    struct profile_faults faults = {0};
    enum rc rc = profile_load_embedded(&p, &faults, &cx, name);
    for (size_t i = 0; i < faults.count; i++)
        print_error("%s/%s:%" PRId64 " %s “%s”: %s\n", name, faults.rows[i].file,
                    faults.rows[i].row, faults.rows[i].field, faults.rows[i].value,
                    faults.rows[i].message);
    assert_int_equal(rc, RC_OK);
    return p;
}

static size_t place(const struct workflow *w, const char *code)
{
    const struct workflow_state *s = workflow_state(w, str_of(code));
    if (!s)
        fail_msg("%s has no state %s", w->code, code);
    return (size_t)(s - w->states);
}

/* ---- who may ---- */

static bool role_has(const struct role *r, const char *permission)
{
    for (const char *const *p = r->permissions; *p; p++)
        if (!strcmp(*p, permission))
            return true;
    return false;
}

/* Does a role that is given for areas of that level (or for any) hold the permission? */
static bool somebody_may(const struct profile *p, const char *permission, const char *level)
{
    for (size_t i = 0; i < p->role_count; i++)
        if ((!*p->roles[i].level || !strcmp(p->roles[i].level, level)) &&
            role_has(&p->roles[i], permission))
            return true;
    return false;
}

static void check_may(const struct profile *p, const struct workflow *w)
{
    if (!somebody_may(p, w->permission, w->level))
        fail_msg("nobody of level %s may open %s", w->level, w->code);
    for (size_t i = 0; i < w->state_count; i++) {
        const struct workflow_state *s = &w->states[i];
        if (s->kind != STATE_END && !somebody_may(p, s->permission, s->level))
            fail_msg("nobody of level %s may act in %s.%s", s->level, w->code, s->code);
    }
    for (size_t i = 0; i < w->move_count; i++) {
        const struct workflow_move *m = &w->moves[i];
        if (m->kind != MOVE_AUTO && !somebody_may(p, m->permission, m->level))
            fail_msg("nobody of level %s may %s in %s.%s", m->level, m->event, w->code,
                     m->from);
    }
}

/* ---- ways ---- */

static bool goes_on(const struct workflow_move *m)
{
    return m->kind == MOVE_FORWARD || m->kind == MOVE_AUTO || m->kind == MOVE_CLOSE;
}

/* States that can be reached from `from`; `only_on`: by moves that go on. */
static void reach(bool out[STATES], const struct workflow *w, size_t from, bool only_on)
{
    assert_true(w->state_count <= STATES);
    memset(out, 0, STATES * sizeof *out);
    out[from] = true;
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < w->move_count; i++) {
            size_t a = place(w, w->moves[i].from), b = place(w, w->moves[i].to);
            if (out[a] && !out[b] && (!only_on || goes_on(&w->moves[i])))
                out[b] = more = true;
        }
    }
}

/* Every state is reached from the start, and from every state moves that go on lead to an
 * end, whatever was sent back before. */
static void check_ways(const struct workflow *w)
{
    bool seen[STATES];
    reach(seen, w, place(w, workflow_start(w)->code), false);
    for (size_t i = 0; i < w->state_count; i++) {
        if (!seen[i])
            fail_msg("%s.%s cannot be reached", w->code, w->states[i].code);
        bool onward[STATES], end = false;
        reach(onward, w, i, true);
        for (size_t k = 0; k < w->state_count; k++)
            end = end || (onward[k] && w->states[k].kind == STATE_END);
        if (!end)
            fail_msg("%s.%s leads to no end", w->code, w->states[i].code);
    }
    for (size_t i = 0; i < w->move_count; i++) {
        const struct workflow_move *m = &w->moves[i];
        if (workflow_move(w, str_of(m->from), str_of(m->event)) != m)
            fail_msg("%s: %s in %s stands twice", w->code, m->event, m->from);
    }
}

/* A meeting closes its vote by the state's only forward and only refusing move: there must be
 * one of each, and nothing that its minutes do not hold may be asked. */
static void check_votes(const struct workflow *w)
{
    for (size_t i = 0; i < w->state_count; i++) {
        int forward = 0, refuse = 0;
        if (w->states[i].kind != STATE_VOTE)
            continue;
        for (size_t k = 0; k < w->move_count; k++) {
            const struct workflow_move *m = &w->moves[k];
            if (strcmp(m->from, w->states[i].code) != 0)
                continue;
            forward += m->kind == MOVE_FORWARD;
            refuse += m->kind == MOVE_REFUSE;
            for (size_t f = 0; f < m->field_count; f++)
                assert_false(m->fields[f].required);
            assert_false(m->needs_reason);
        }
        assert_int_equal(forward, 1);
        assert_int_equal(refuse, 1);
    }
}

static void workflows_of_every_profile(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof with_office / sizeof *with_office; k++) {
        struct profile *p = load(with_office[k]);
        static const char *const kinds[] = {"identify", "exit", "grievance"};
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            assert_non_null(profile_workflow_kind(p, kinds[i]));
        assert_int_equal(profile_workflow_kind(p, "identify")->subject, FLOW_HOUSEHOLD);
        assert_int_equal(profile_workflow_kind(p, "exit")->subject, FLOW_HOUSEHOLD);
        assert_int_equal(profile_workflow_kind(p, "grievance")->subject, FLOW_PLAIN);
        for (size_t i = 0; i < p->workflows->count; i++) {
            check_may(p, &p->workflows->list[i]);
            check_ways(&p->workflows->list[i]);
            check_votes(&p->workflows->list[i]);
        }
        profile_free(p);
    }
    for (size_t k = 0; k < sizeof without / sizeof *without; k++) {
        struct profile *p = load(without[k]);
        assert_int_equal(p->workflows->count, 0);
        assert_int_equal(p->measures->count, 0);
        assert_int_equal(p->alerts->count, 0);
        profile_free(p);
    }
}

/* Goes through a workflow by the first move that goes on in each state, as with all switches
 * on or all off, and compares the states it comes through. */
static void check_walk(const struct profile *p, const char *workflow, bool on,
                       const char *expected)
{
    const struct workflow *w = profile_workflow(p, str_of(workflow));
    assert_non_null(w);
    const struct workflow_state *s = workflow_start(w);
    const char *walked = s->code;
    for (size_t steps = 0; s->kind != STATE_END; steps++) {
        const struct workflow_move *next = NULL;
        for (size_t i = 0; i < w->move_count && !next; i++)
            if (!strcmp(w->moves[i].from, s->code) && goes_on(&w->moves[i]) &&
                strcmp(w->moves[i].to, s->code) != 0)
                next = &w->moves[i];
        assert_non_null(next);
        assert_true(steps < STATES);
        s = workflow_state(w, str_of(next->to));
        while (!on && *s->option)
            s = workflow_state(w, str_of(s->skip_to));
        walked = arena_printf(cx.arena, "%s %s", walked, s->code);
    }
    assert_string_equal(walked, expected);
}

/* The chains of domain/register.md, whole and with the switches off; Mirea's have neither
 * naming nor voting. */
static void chains(void **state)
{
    (void)state;
    struct profile *p = load("cn");
    check_walk(p, "identify", true,
               "tip check compare vote notice review decide watch cleared");
    check_walk(p, "identify", false, "tip check review decide watch cleared");
    check_walk(p, "exit", true, "nominate check vote notice review decide cleared");
    check_walk(p, "exit", false, "nominate check review decide cleared");
    check_walk(p, "village_exit", true, "apply check notice decide watch done");
    check_walk(p, "county_exit", true, "apply assess notice decide done");
    check_walk(p, "grievance", true, "new answered settled");
    profile_free(p);
    p = load("mirea");
    check_walk(p, "support", true, "referral visit panel award support graduated");
    check_walk(p, "graduation", true, "proposal visit panel graduated");
    for (size_t i = 0; i < p->workflows->count; i++)
        for (size_t k = 0; k < p->workflows->list[i].state_count; k++) {
            enum state_kind kind = p->workflows->list[i].states[k].kind;
            assert_true(kind != STATE_NOTICE && kind != STATE_VOTE);
        }
    assert_false(option_on(profile_option(p, STR("public_naming"), NULL, 0)));
    profile_free(p);
}

/* What a decision writes: a recognised household is watched from now on, a cleared one is not
 * any more; a county may switch naming off for itself. */
static void decisions_write(void **state)
{
    (void)state;
    struct profile *p = load("cn");
    const struct workflow *w = profile_workflow(p, STR("identify"));
    const struct workflow_move *m = workflow_move(w, STR("decide"), STR("recognise"));
    assert_non_null(m);
    assert_true(m->snapshot);
    const struct indicator *class =
        profile_indicator(p, SUBJECT_HOUSEHOLD, STR("monitoring_class"));
    bool asked = false;
    for (size_t i = 0; i < m->field_count; i++)
        asked = asked || (m->fields[i].sets == class && m->fields[i].required);
    assert_true(asked);
    assert_true(m->set_count >= 4);
    assert_string_equal(m->sets[0].indicator->code, "monitored_on");
    assert_true(m->sets[0].today);
    m = workflow_move(w, STR("check"), STR("confirm"));
    assert_true(m->two);
    w = profile_workflow(p, STR("exit"));
    m = workflow_move(w, STR("decide"), STR("clear"));
    assert_true(m->guard_must && m->root >= 0 && m->snapshot);
    assert_string_equal(m->sets[0].indicator->code, "risk_cleared");
    assert_int_equal(m->sets[0].value.i, 1);
    const struct str here[] = {STR("999902101"), STR("999902")};
    assert_false(option_on(profile_option(p, STR("public_naming"), here, 2)));
    assert_true(option_on(profile_option(p, STR("public_naming"), here, 1)));
    profile_free(p);
}

/* ---- measures and alerts ---- */

static bool answered(const struct profile *p, const struct derived *cause)
{
    for (size_t i = 0; i < p->measures->cause_count; i++)
        if (p->measures->causes[i] == cause)
            return true;
    return false;
}

/* Every group has a measure, every cause of the register and of an alert is answered by one,
 * evidence above 0 says what it is, and what excludes is excluded in turn. */
static void measures_of_every_profile(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof with_office / sizeof *with_office; k++) {
        struct profile *p = load(with_office[k]);
        const struct measures *m = p->measures;
        for (size_t g = 0; g < m->group_count; g++) {
            size_t n = 0;
            for (size_t i = 0; i < m->count; i++)
                n += m->list[i].group == &m->groups[g];
            if (!n)
                fail_msg("%s: no measure of group %s", p->code, m->groups[g].code);
            assert_true(*m->groups[g].picture != 0);
        }
        for (size_t i = 0; i < p->rules->derived_count; i++)
            if (!strncmp(p->rules->derived[i].code, "cause_", 6) &&
                !answered(p, &p->rules->derived[i]))
                fail_msg("%s: nothing answers %s", p->code, p->rules->derived[i].code);
        for (size_t i = 0; i < m->count; i++) {
            const struct measure *a = &m->list[i];
            assert_true(*a->rule && *a->source && a->days > 0);
            assert_true(a->subject == SUBJECT_AREA || a->answer_count > 0);
            for (size_t x = 0; x < a->exclude_count; x++) {
                bool back = false;
                for (size_t y = 0; y < a->excludes[x]->exclude_count; y++)
                    back = back || a->excludes[x]->excludes[y] == a;
                if (!back)
                    fail_msg("%s: %s excludes %s, not the other way", p->code, a->code,
                             a->excludes[x]->code);
            }
        }
        for (size_t i = 0; i < m->taper_count; i++)
            for (size_t s = 1; s < m->tapers[i].step_count; s++)
                assert_true(m->tapers[i].steps[s].percent < m->tapers[i].steps[s - 1].percent);
        profile_free(p);
    }
    struct profile *p = load("cn");
    assert_int_equal(p->measures->group_count, 14);
    assert_true(p->measures->count >= 60);
    profile_free(p);
}

/* An alert names a measure that answers its cause; one without a measure has no cause and says
 * what to look at instead. Every finding of a department's list of cn raises one. */
static void alerts_of_every_profile(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof with_office / sizeof *with_office; k++) {
        struct profile *p = load(with_office[k]);
        bool disaster = false, task = false;
        for (size_t i = 0; i < p->alerts->count; i++) {
            const struct alert_rule *a = &p->alerts->list[i];
            bool fits = false;
            for (size_t x = 0; a->measure && x < a->measure->answer_count; x++)
                fits = fits || a->measure->answers[x] == a->cause;
            if (a->cause ? !fits : a->measure || !*a->todo.in[LANG_EN])
                fail_msg("%s: alert %s and its measure", p->code, a->code);
            if (a->cause && a->kind == ALERT_REGISTER && a->truth_root < 0)
                fail_msg("%s: alert %s cannot be tried", p->code, a->code);
            disaster = disaster || a->kind == ALERT_DISASTER;
            task = task || a->kind == ALERT_TASK;
        }
        assert_true(disaster && task);
        for (size_t i = 0; i < p->compared->count; i++)
            for (size_t r = 0; r < p->compared->kinds[i].rule_count; r++)
                if (!profile_alert_of_list(p, str_of(p->compared->kinds[i].code),
                                           str_of(p->compared->kinds[i].rules[r].code)))
                    fail_msg("%s: no alert of %s.%s", p->code, p->compared->kinds[i].code,
                             p->compared->kinds[i].rules[r].code);
        profile_free(p);
    }
}

/* ---- days ---- */

static int32_t day(const char *iso)
{
    int32_t out;
    assert_true(day_parse(&out, str_of(iso)));
    return out;
}

/* Source: the notices of the State Council on holidays of 2024 to 2026, from memory. Mirea
 * rests on Friday and Saturday. */
static void working_days(void **state)
{
    (void)state;
    struct profile *p = load("cn");
    static const struct {
        const char *iso;
        bool works;
    } cn[] = {{"2024-02-04", true},  {"2024-02-10", false}, {"2024-10-07", false},
              {"2024-10-12", true},  {"2025-01-26", true},  {"2025-01-28", false},
              {"2025-10-08", false}, {"2025-10-11", true},  {"2026-01-04", true},
              {"2026-02-23", false}, {"2026-02-28", true},  {"2026-10-08", true},
              {"2026-10-10", true},  {"2026-10-11", false}, {"2026-11-23", true}};
    for (size_t i = 0; i < sizeof cn / sizeof *cn; i++)
        if (calendar_works(p, day(cn[i].iso)) != cn[i].works)
            fail_msg("%s", cn[i].iso);
    assert_true(calendar_covers(p, 2026));
    assert_false(calendar_covers(p, 2027));
    /* A home check of three working days from 30 September is due on the 10th, a worked
     * Saturday. */
    assert_int_equal(calendar_after(p, day("2026-09-30"), 3), day("2026-10-10"));
    profile_free(p);
    p = load("mirea");
    assert_false(calendar_works(p, day("2026-11-27"))); /* a Friday */
    assert_true(calendar_works(p, day("2026-11-29")));  /* a Sunday */
    assert_false(calendar_works(p, day("2026-07-15")));
    assert_true(calendar_works(p, day("2026-10-09"))); /* a Friday that is worked */
    assert_int_equal(p->currency_decimals, 0);
    profile_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(workflows_of_every_profile),
        cmocka_unit_test(chains),
        cmocka_unit_test(decisions_write),
        cmocka_unit_test(measures_of_every_profile),
        cmocka_unit_test(alerts_of_every_profile),
        cmocka_unit_test(working_days),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
