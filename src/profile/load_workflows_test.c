/* Tests of loading the tables of the office: a small profile's are read as written, and each
 * single mistake is named with its file, line and field. */
#include "base/buf.h"
#include "base/check.h"
#include "base/crypto.h"
#include "profile/alerts.h"
#include "profile/calendar.h"
#include "profile/office_fixture.h"
#include "profile/workflows.h"

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

/* In `text` the first `from` replaced by `to`. */
static struct str replaced(struct str text, const char *from, const char *to)
{
    size_t at = str_find(text, str_of(from));
    if (at == SIZE_MAX)
        fail_msg("no %s", from);
    size_t end = at + strlen(from);
    return str_of(arena_printf(cx.arena, "%.*s%s%.*s", (int)at, text.p, to,
                               (int)(text.len - end), text.p + end));
}

static struct profile *loaded(void)
{
    struct source_file files[OFFICE_FILES_MAX];
    struct profile_faults faults;
    struct profile *p = NULL;
    size_t n = office_profile(files, cx.arena);
    enum rc rc = profile_load_files(&p, &faults, &cx, files, n);
    for (size_t i = 0; i < faults.count; i++)
        print_error("%s:%" PRId64 " %s '%s': %s\n", faults.rows[i].file, faults.rows[i].row,
                    faults.rows[i].field, faults.rows[i].value, faults.rows[i].message);
    assert_int_equal(rc, RC_OK);
    return p;
}

/* States, moves and their fields stand as written; what a move leaves out is its state's. */
static void workflows_as_written(void **state)
{
    (void)state;
    struct profile *p = loaded();
    const struct workflow *w = profile_workflow(p, STR("identify"));
    assert_ptr_equal(profile_workflow_kind(p, "identify"), w);
    assert_null(profile_workflow_kind(p, "exit"));
    assert_int_equal(w->state_count, 6);
    assert_string_equal(workflow_start(w)->code, "tip");
    const struct workflow_state *notice = workflow_state(w, STR("notice"));
    assert_int_equal(notice->after_days, 5);
    assert_int_equal(notice->days, -1);
    assert_string_equal(notice->skip_to, "decide");
    assert_string_equal(workflow_state(w, STR("check"))->level, "file"); /* the workflow's */
    const struct workflow_move *agree = workflow_move(w, STR("check"), STR("agree"));
    assert_string_equal(agree->permission, "case.check");
    assert_true(agree->two);
    assert_false(agree->guard_must);
    assert_int_equal(agree->field_count, 2);
    assert_ptr_equal(agree->fields[1].sets,
                     profile_indicator(p, SUBJECT_HOUSEHOLD, STR("hhsize")));
    const struct workflow_move *decide = workflow_move(w, STR("decide"), STR("agree"));
    assert_ptr_equal(decide->fields, agree->fields);
    assert_string_equal(decide->level, "country");
    assert_true(decide->snapshot);
    const struct workflow_move *over = workflow_move(w, STR("notice"), STR("over"));
    assert_int_equal(over->kind, MOVE_AUTO);
    assert_string_equal(over->permission, "");
    assert_true(over->guard_must);
    assert_int_equal(rule_root_count(w->program), 2);
    assert_int_equal(over->root, 1);
    assert_int_equal(decide->root, -1);
    const struct workflow_move *refuse = workflow_move(w, STR("check"), STR("refuse"));
    assert_int_equal(refuse->set_count, 2);
    assert_int_equal(refuse->sets[0].value.kind, VALUE_INT);
    assert_int_equal(refuse->sets[1].value.kind, VALUE_MISSING);
    assert_null(workflow_move(w, STR("tip"), STR("agree")));
    assert_null(profile_workflow(p, STR("wish"))->program);
    assert_int_equal(profile_level(p, "file"), 1);
    assert_int_equal(profile_level(p, "moon"), -1);
    profile_free(p);
}

/* The nearest area's value of a switch is in force. */
static void options_by_area(void **state)
{
    (void)state;
    struct profile *p = loaded();
    const struct str here[] = {STR("1001"), STR("10")}, near[] = {STR("1002"), STR("10")},
                     far[] = {STR("2001"), STR("")};
    assert_true(option_on(profile_option(p, STR("naming"), here, 2)));
    assert_false(option_on(profile_option(p, STR("naming"), near, 2)));
    assert_true(option_on(profile_option(p, STR("naming"), far, 2)));
    assert_string_equal(profile_option(p, STR("naming"), near, 2)->label.in[LANG_ZH], "公示");
    assert_null(profile_option(p, STR("moon"), near, 2));
    assert_string_equal(profile_option(p, STR("share"), NULL, 0)->value, "50");
    assert_true(profile_org_kind(p, STR("lead"))->lead);
    assert_null(profile_org_kind(p, STR("moon")));
    profile_free(p);
}

/* Measures and alerts are found by number and code, in order of number; their roots are those
 * of one program; causes stand once. */
static void measures_and_alerts(void **state)
{
    (void)state;
    struct profile *p = loaded();
    const struct measures *m = p->measures;
    assert_int_equal(m->count, 2);
    assert_string_equal(m->list[0].code, "training");
    assert_ptr_equal(profile_measure(p, 7), &m->list[1]);
    assert_null(profile_measure(p, 4));
    assert_ptr_equal(m->list[0].excludes[0], profile_measure_code(p, STR("post")));
    assert_int_equal(m->list[0].need_count, 2);
    assert_int_equal(m->list[1].cost_minor, 120); /* the survey's money has no decimals */
    assert_int_equal(m->cause_count, 2);
    assert_int_equal(m->cause_root, 3);
    assert_int_equal(rule_root_count(m->program), 5);
    assert_int_equal(rule_root_level(m->program, m->list[0].root), RULE_PERSON);
    assert_int_equal(m->tapers[0].step_count, 3);
    assert_int_equal(m->tapers[0].steps[1].percent, 50);
    const struct alert_rules *a = p->alerts;
    assert_int_equal(a->count, 3);
    assert_string_equal(a->list[0].code, "late");
    assert_int_equal(profile_alert(p, 20)->colour, ALERT_RED);
    assert_ptr_equal(profile_alert(p, 20)->measure, &m->list[0]);
    assert_int_equal(profile_alert(p, 20)->truth_root, 1);
    assert_int_equal(profile_alert(p, 10)->root, -1);
    assert_null(profile_alert(p, 11));
    assert_non_null(profile_alert_code(p, STR("flood")));
    assert_null(profile_alert_of_list(p, STR("a"), STR("b")));
    profile_free(p);
}

/* One word of one table replaced, and the mistake that it is. */
static const struct wrong {
    const char *file, *from, *to, *in, *field, *says;
} wrongs[] = {
    {"profile.csv", "rest_days,6 7", "rest_days,6 8", NULL, "rest_days", "Monday"},
    {"profile.csv", "rest_days,6 7", "rest_days,1 2 3 4 5 6 7", NULL, "rest_days", "One day"},
    {"profile.csv", "21:00-07:00", "21:00", NULL, "quiet_hours", "21:00-07:00"},
    {"profile.csv", "21:00-07:00", "25:00-07:00", NULL, "quiet_hours", "times"},
    {"profile.csv", "summary_at,06:15", "summary_at,6:5", NULL, "summary_at", "07:30"},
    {"profile.csv", "summary_at,06:15", "wage_income,moon", NULL, "wage_income", "kind"},
    {"calendar.csv", "2026-10-10,,work", "2026-10-05,,work", NULL, "day", "working day"},
    {"calendar.csv", "2026-10-10,,workday", "2026-10-07,,holiday", NULL, "day", "overlap"},
    {"calendar.csv", "2026-10-07", "2026-09-07", NULL, "to", "before"},
    {"calendar.csv", "2026-10-07", "2028-10-07", NULL, "to", "366"},
    {"org_kinds.csv", "卫生,no", "卫生,yes", NULL, "lead", "one kind"},
    {"options.csv", "naming,1001,yes", "naming,10,yes", NULL, "area", "already"},
    {"options.csv", "share,,50", "share,12,50", NULL, "area", "everywhere"},
    {"options.csv", "share,,50", "share,,=5", NULL, "value", "number"},
    {"workflows.csv", "household,identify,file", "household,identify,moon", NULL, "level",
     "Unknown"},
    {"workflows.csv", "case.check", "case.chek", NULL, "permission", "case.check"},
    {"workflows.csv", "wish,plain", "wosh,plain", "workflow_states.csv", "workflow", "wosh"},
    {"workflow_states.csv", "check,work,warn,case.check,,5", "check,work,warn,case.check,,",
     NULL, "days", "deadline"},
    {"workflow_states.csv", "check,work,warn,case.check", "check,work,warn,", NULL,
     "permission", "Somebody"},
    {"workflow_states.csv", "5,naming,decide", ",naming,decide", NULL, "after_days", "days"},
    {"workflow_states.csv", "5,naming,decide", "5,namin,decide", NULL, "option", "naming"},
    {"workflow_states.csv", "5,naming,decide", "5,share,decide", NULL, "option", "switch"},
    {"workflow_states.csv", "5,naming,decide", "5,naming,", NULL, "skip_to", "together"},
    {"workflow_states.csv", "5,naming,decide", "5,naming,decde", NULL, "skip_to", "decide"},
    {"workflow_states.csv", "5,naming,decide", "5,naming,notice", NULL, "skip_to", "circle"},
    {"workflow_states.csv", "yes,end,ok", "yes,start,ok", NULL, "kind", "one start"},
    {"workflow_states.csv", "tip,start,", "tip,watch,", "workflows.csv", "code", "start"},
    {"workflow_states.csv", "done,end,ok,,,", "done,end,ok,,,5", NULL, "kind", "end"},
    {"workflow_moves.csv", "check,refuse,no", "check,refuse,nno", NULL, "to", "no such"},
    {"workflow_moves.csv", "check,refuse,no", "chek,refuse,no", NULL, "from", "check"},
    {"workflow_moves.csv", "check,refuse,no", "check,agree,no", NULL, "event", "already"},
    {"workflow_moves.csv", "large or old_head", "large or old_hed", NULL, "guard", "old_head"},
    {"workflow_moves.csv", "large or old_head", "hhsize + 1", NULL, "guard", "Character"},
    {"workflow_moves.csv", "large or old_head,advice", ",advice", NULL, "guard_kind",
     "no guard"},
    {"workflow_moves.csv", "answer,done,forward,,,,", "answer,done,forward,,,true,must", NULL,
     "guard", "plain"},
    {"workflow_moves.csv", "over,decide,auto,", "over,decide,auto,case.check", NULL,
     "permission", "clock"},
    {"workflow_moves.csv", "tip,open,check,forward", "tip,open,check,auto", NULL, "kind",
     "after_days"},
    {"workflow_moves.csv", "no,appeal,check,appeal", "no,appeal,check,forward", NULL, "from",
     "end"},
    {"workflow_moves.csv", "no,appeal,check,appeal,case.check", "no,appeal,check,appeal,", NULL,
     "permission", "Somebody"},
    {"workflow_moves.csv", "tip,open,check", "tip,open,decide", "workflow_states.csv", "code",
     "No way"},
    {"workflow_moves.csv", "decide,agree,yes", "decide,agree,decide", "workflow_states.csv",
     "code", "No"},
    {"workflow_fields.csv", "answer,kind,code,sex", "answer,kind,code,sx", NULL, "list", "sex"},
    {"workflow_fields.csv", "answer,kind", "anser,kind", NULL, "event", "answer"},
    {"workflow_fields.csv", "人数,hhsize", "人数,farm", NULL, "sets", "type"},
    {"workflow_fields.csv", "1,20", "20,1", NULL, "max", "smallest"},
    {"workflow_fields.csv", "people,integer", "words,integer", NULL, "code", "twice"},
    {"workflow_sets.csv", "farm,0", "farm,today", NULL, "value", "day or month"},
    {"workflow_sets.csv", "farm,0", "farm,7", NULL, "value", ""},
    {"workflow_sets.csv", "head_age", "head_ag", NULL, "indicator", "head_age"},
    {"workflow_sets.csv", "head_age,", "farm,", NULL, "indicator", "already"},
    {"measures.csv", "not large", "not largee", NULL, "rule", "large"},
    {"measures.csv", "old_head,2", "size_twice,2", NULL, "answers", "condition"},
    {"measures.csv", "old_head,2", "old_heat,2", NULL, "answers", "old_head"},
    {"measures.csv", "old_head,2", "old_head,9", NULL, "needs", "need_kind"},
    {"measures.csv", "1 2,post", "1 2,training", NULL, "excludes", "itself"},
    {"measures.csv", "1 2,post", "1 2,pst", NULL, "excludes", "post"},
    {"measures.csv", "dong_per_head,health", ",health", NULL, "unit", "unit"},
    {"measures.csv", ",health,", ",helth,", NULL, "department", "health"},
    {"measures.csv", "3,training", "7,training", NULL, "number", "twice"},
    {"measures.csv", "30,0,hhsize", "30,4,hhsize", NULL, "evidence", "0 to 3"},
    {"measures.csv", "30,0,hhsize", "30,0,size", NULL, "effect_column", "no such"},
    {"tapers.csv", "slow,,12", "slow,,24", NULL, "from_month", "later"},
    {"tapers.csv", "slow,large,0", "slow,large,1", NULL, "from_month", "month 0"},
    {"alerts.csv", "illness > 3", "illnes > 3", NULL, "rule", "illness"},
    {"alerts.csv", ",old_head,Ill", ",hhsize,Ill", NULL, "truth", "Character"},
    {"alerts.csv", "large,training", "large,trainin", NULL, "measure", "training"},
    {"alerts.csv", "5,large", "5,lrge", NULL, "cause", "large"},
    {"alerts.csv", "task,,,", "task,,farm,", NULL, "rule", "register"},
    {"alerts.csv", "task,,,", "list,a.b,,", NULL, "list", "lists.csv"},
    {"alerts.csv", "flood,household", "flood,person", NULL, "subject", "household"},
    {"alerts.csv", "10,late", "20,late", NULL, "number", "twice"},
};

/* Each of them is told with its line, field and what was expected. */
static void each_mistake_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        const struct wrong *w = &wrongs[i];
        struct source_file files[OFFICE_FILES_MAX];
        struct profile_faults faults;
        struct profile *p = NULL;
        size_t n = office_profile(files, cx.arena), found = 0;
        for (size_t k = 0; k < n; k++)
            if (!strcmp(files[k].name, w->file))
                files[k].bytes = replaced(files[k].bytes, w->from, w->to);
        enum rc rc = profile_load_files(&p, &faults, &cx, files, n);
        for (size_t k = 0; k < faults.count; k++)
            found += !strcmp(faults.rows[k].file, w->in ? w->in : w->file) &&
                     !strcmp(faults.rows[k].field, w->field) && faults.rows[k].row > 0 &&
                     strstr(faults.rows[k].message, w->says);
        if (rc != RC_INVALID || !found)
            fail_msg("%s %s -> %s: rc %d, %zu faults, first %s:%" PRId64 " %s: %s", w->file,
                     w->from, w->to, rc, faults.count, faults.count ? faults.rows[0].file : "",
                     faults.count ? faults.rows[0].row : 0,
                     faults.count ? faults.rows[0].field : "",
                     faults.count ? faults.rows[0].message : "");
        arena_reset(cx.arena);
    }
}

/* A profile without these files has none of them and says so; one made by hand that lacks even
 * the empty tables is asked without harm. */
static void profile_without_office(void **state)
{
    (void)state;
    static const struct profile hand = {.code = "hand"};
    struct profile *p;
    struct profile_faults faults;
    assert_int_equal(profile_load_embedded(&p, &faults, &cx, "vlss"), RC_OK);
    assert_non_null(p->calendar);
    assert_int_equal(p->workflows->count + p->measures->count + p->alerts->count, 0);
    assert_null(p->wage_income);
    const struct profile *both[] = {p, &hand};
    for (int i = 0; i < 2; i++) {
        assert_null(profile_workflow(both[i], STR("identify")));
        assert_null(profile_workflow_kind(both[i], "identify"));
        assert_null(profile_option(both[i], STR("naming"), NULL, 0));
        assert_null(profile_org_kind(both[i], STR("lead")));
        assert_null(profile_measure(both[i], 1));
        assert_null(profile_measure_code(both[i], STR("post")));
        assert_null(profile_alert(both[i], 1));
        assert_null(profile_alert_code(both[i], STR("ill")));
        assert_null(profile_alert_of_list(both[i], STR("a"), STR("b")));
    }
    assert_true(option_on(NULL));
    profile_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(workflows_as_written, setup, teardown),
        cmocka_unit_test_setup_teardown(options_by_area, setup, teardown),
        cmocka_unit_test_setup_teardown(measures_and_alerts, setup, teardown),
        cmocka_unit_test_setup_teardown(each_mistake_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(profile_without_office, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
