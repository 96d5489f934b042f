/* Tests of grievances on both databases: who answers and who may not, appeal by code, every
 * event in every state, what is sealed, areas, the same form twice. */
#include "casework/public_fixture.h"

SQL(TEST_GRIEVANCE, "SELECT words, answer FROM grievance WHERE id = $1", "i", "bb");

static struct grievance complaint(const char *once)
{
    return (struct grievance){.area_id = f.village[0],
                              .channel = BY_PAGE,
                              .name = "钱七",
                              .phone = "13900005678",
                              .text = "评议不公",
                              .reference = once};
}

static int64_t complain(struct cx *cx, const struct grievance *g, const char **code)
{
    const struct actor *before = cx->actor;
    int64_t id;
    cx->actor = NULL;
    check_ok(cx, grievance_add(&id, code, cx, g));
    cx->actor = before;
    return id;
}

static struct flow flow_of(struct cx *cx, int64_t id)
{
    struct grievance g;
    struct flow flow;
    const struct actor *before = cx->actor;
    cx->actor = NULL;
    check_ok(cx, grievance_get(&g, &flow, cx, id));
    cx->actor = before;
    return flow;
}

static enum rc answer(struct cx *cx, int64_t id, const char *event, const char *text)
{
    return grievance_answer(cx, id, flow_of(cx, id).version, str_of(event), str_of(text));
}

/* Sealed in the table; the township answers in time; who complained reads the answer by the
 * code and appeals; the county has the last word. An answer without words is none. */
static void way_on(struct cx *cx)
{
    const char *code, *again;
    struct grievance g, c;
    struct flow flow;
    struct db_rows rows;
    public_fixture_open(cx);
    c = complaint("form 1");
    int64_t id = complain(cx, &c, &code);
    assert_int_equal(complain(cx, &c, &again), id);
    assert_string_equal(code, again);
    check_ok(cx, grievance_ask(&g, &flow, cx, str_of(code)));
    assert_string_equal(flow.state_code, "new");
    assert_true(flow.due_at > cx->now_at);
    assert_string_equal(g.text, "");
    assert_string_equal(g.answer, "");
    check_refused(cx, grievance_appeal(cx, str_of(code), STR("")), RC_INVALID);
    assert_int_equal(test_tasks(cx, "flow", flow.id), 1);
    as(cx, TOWN);
    check_ok(cx, grievance_get(&g, &flow, cx, id));
    assert_string_equal(g.text, "评议不公");
    assert_string_equal(g.phone, "139****5678");
    check_refused(cx, answer(cx, id, "answer", " "), RC_INVALID);
    check_refused(cx, grievance_answer(cx, id, flow.version + 1, STR("answer"), STR("好")),
                  RC_CONFLICT);
    check_ok(cx, answer(cx, id, "answer", "已复查会议记录，程序符合规定。"));
    check_ok(cx, DB_ONE(&rows, cx, &TEST_GRIEVANCE, V_I(id)));
    assert_true(str_find(row_str(&rows, 0), STR("评议")) == SIZE_MAX);
    assert_true(str_find(row_str(&rows, 1), STR("会议")) == SIZE_MAX);
    assert_true(row_str(&rows, 1).len > 40);
    check_ok(cx, db_done(&rows));
    cx->actor = NULL;
    check_ok(cx, grievance_ask(&g, &flow, cx, str_of(code)));
    assert_string_equal(g.answer, "已复查会议记录，程序符合规定。");
    assert_non_null(grievance_appeal_move(&flow));
    check_ok(cx, grievance_appeal(cx, str_of(code), STR("没有通知我参加")));
    check_refused(cx, grievance_appeal(cx, str_of(code), STR("")), RC_INVALID);
    check_refused(cx, grievance_appeal(cx, STR("AAAAAAAA"), STR("")), RC_NOTFOUND);
    assert_string_equal(flow_of(cx, id).state_code, "county");
    as(cx, COUNTY);
    check_ok(cx, grievance_get(&g, &flow, cx, id));
    assert_non_null(strstr(g.text, "没有通知我参加"));
    assert_non_null(strstr(g.text, "评议不公"));
    check_ok(cx, answer(cx, id, "answer", "县里另行组织评议。"));
    cx->actor = NULL;
    check_ok(cx, grievance_ask(&g, &flow, cx, str_of(code)));
    assert_string_equal(g.answer, "县里另行组织评议。");
    assert_true(flow.closed_at > 0);
    case_fixture_close(cx);
}
static void test_way(void **state)
{
    (void)state;
    db_fixture_each(way_on);
}

/* The one objected to (by name, or as the last who moved the case) sees no name, cannot answer,
 * may pass it on; officers of elsewhere find nothing; the village reads but does not answer. */
static void against_on(struct cx *cx)
{
    const char *code;
    struct grievance g, c;
    struct flow flow;
    int64_t id;
    public_fixture_open(cx);
    c = complaint("");
    c.against_user = actors[TOWN]->user_id;
    id = complain(cx, &c, &code);
    as(cx, TOWN);
    check_ok(cx, grievance_get(&g, &flow, cx, id));
    assert_string_equal(g.name, "");
    assert_string_equal(g.phone, "");
    check_refused(cx, answer(cx, id, "answer", "没有的事"), RC_DENIED);
    check_refused(cx, answer(cx, id, "withdraw", "他撤回了"), RC_DENIED);
    /* … nor by the page of cases, where no answer would be kept either. */
    struct flow_ask ask = {.id = flow.id,
                           .version = flow.version,
                           .event = STR("answer"),
                           .reason = STR("没有的事")};
    check_refused(cx, case_decide(cx, &ask), RC_INVALID);
    check_ok(cx, answer(cx, id, "pass_up", "涉及本人，转县级"));
    check_ok(cx, grievance_get(&g, &flow, cx, id));
    assert_string_equal(g.answer, "");
    as(cx, TOWN_B);
    check_refused(cx, grievance_get(&g, &flow, cx, id), RC_NOTFOUND);
    check_refused(cx, answer(cx, id, "answer", "好"), RC_NOTFOUND);
    as(cx, WORKER);
    check_ok(cx, grievance_get(&g, &flow, cx, id));
    check_refused(cx, answer(cx, id, "answer", "好"), RC_DENIED);
    c = complaint("");
    c.about_flow = public_to_vote(cx, case_household(cx, 0, "H1", 0));
    c.area_id = 0;
    id = complain(cx, &c, &code);
    as(cx, COUNTY);
    check_ok(cx, grievance_get(&g, &flow, cx, id));
    assert_int_equal(g.against_user, actors[DEPARTMENT]->user_id);
    assert_int_equal(g.area_id, f.village[0]);
    case_fixture_close(cx);
}
static void test_against(void **state)
{
    (void)state;
    db_fixture_each(against_on);
}

/* Brings one into a state by its own way. */
static int64_t into(struct cx *cx, const char *state)
{
    const char *code;
    struct grievance c = complaint("");
    int64_t id = complain(cx, &c, &code);
    as(cx, ADMIN);
    if (!strcmp(state, "answered") || !strcmp(state, "settled"))
        check_ok(cx, answer(cx, id, "answer", "答复"));
    if (!strcmp(state, "settled"))
        check_ok(cx, answer(cx, id, "content", ""));
    if (!strcmp(state, "county"))
        check_ok(cx, answer(cx, id, "pass_up", "转"));
    if (!strcmp(state, "withdrawn"))
        check_ok(cx, answer(cx, id, "withdraw", "撤回"));
    assert_string_equal(flow_of(cx, id).state_code, state);
    return id;
}

/* Every event in every state: what the table of moves has is made and leads where it says; all
 * else is refused and nothing changes. */
static void every_pair_on(struct cx *cx)
{
    public_fixture_open(cx);
    const struct workflow *w = profile_workflow_kind(cx->profile, "grievance");
    for (size_t s = 0; s < w->state_count; s++)
        for (size_t m = 0; m < w->move_count; m++) {
            const char *state = w->states[s].code, *event = w->moves[m].event;
            struct arena_mark mark = arena_mark(cx->arena);
            bool first = true;
            for (size_t k = 0; k < m; k++)
                first = first && strcmp(w->moves[k].event, event) != 0;
            if (!first)
                continue;
            int64_t id = into(cx, state);
            const struct workflow_move *move = workflow_move(w, str_of(state), str_of(event));
            enum rc rc = answer(cx, id, event, "话");
            bool made = move && move->kind != MOVE_AUTO;
            if (made != (rc == RC_OK))
                fail_msg("%s in %s: %s %s", event, state, rc_name(rc), cx->err.text);
            assert_string_equal(flow_of(cx, id).state_code, made ? move->to : state);
            err_clear(cx);
            arena_back(cx->arena, mark);
        }
    case_fixture_close(cx);
}
static void test_every_pair(void **state)
{
    (void)state;
    db_fixture_each(every_pair_on);
}

/* Lists by state and area; what cannot be written down. */
static void list_on(struct cx *cx)
{
    const char *code, *next;
    struct grievance *list, c;
    struct flow *flows;
    size_t count;
    int64_t id;
    public_fixture_open(cx);
    int64_t open = into(cx, "new");
    (void)into(cx, "settled");
    as(cx, TOWN);
    check_ok(cx, grievance_list(&list, &flows, &count, &next, cx, STR("open"), 0, STR(""), 10));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].id, open);
    assert_int_equal(flows[0].subject_id, open);
    check_ok(cx,
             grievance_list(&list, &flows, &count, &next, cx, STR("closed"), 0, STR(""), 10));
    assert_int_equal(count, 1);
    as(cx, TOWN_B);
    check_ok(cx, grievance_list(&list, &flows, &count, &next, cx, STR("open"), 0, STR(""), 10));
    assert_int_equal(count, 0);
    c = complaint("");
    c.channel = BY_VISIT;
    check_refused(cx, grievance_add(&id, &code, cx, &c), RC_NOTFOUND);
    as(cx, WORKER);
    check_ok(cx, grievance_add(&id, &code, cx, &c));
    assert_int_equal(strlen(code), REFERENCE_LEN);
    c.text = " ";
    check_refused(cx, grievance_add(&id, &code, cx, &c), RC_INVALID);
    c = complaint("");
    c.phone = "\xff";
    check_refused(cx, grievance_add(&id, &code, cx, &c), RC_INVALID);
    c = complaint("");
    c.channel = 0;
    check_refused(cx, grievance_add(&id, &code, cx, &c), RC_INVALID);
    c = complaint("");
    c.about_flow = 4242;
    check_refused(cx, grievance_add(&id, &code, cx, &c), RC_NOTFOUND);
    case_fixture_close(cx);
}
static void test_list(void **state)
{
    (void)state;
    db_fixture_each(list_on);
}

/* Late, the engine escalates its task; not appealed in time it settles by itself. */
static void time_on(struct cx *cx)
{
    struct task *tasks;
    const char *next;
    size_t count;
    public_fixture_open(cx);
    int64_t late = into(cx, "new"), answered = into(cx, "answered");
    cx->actor = NULL;
    case_later(cx, 20);
    assert_string_equal(flow_of(cx, late).state_code, "new");
    assert_string_equal(flow_of(cx, answered).state_code, "settled");
    as(cx, COUNTY);
    check_ok(cx, task_list(&tasks, &count, &next, cx,
                           &(struct task_query){.late_below = true, .limit = 50}));
    bool found = false;
    for (size_t i = 0; i < count; i++)
        found = found || tasks[i].subject_id == flow_of(cx, late).id;
    assert_true(found);
    case_fixture_close(cx);
}
static void test_time(void **state)
{
    (void)state;
    db_fixture_each(time_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_way), cmocka_unit_test(test_against),
        cmocka_unit_test(test_every_pair), cmocka_unit_test(test_list),
        cmocka_unit_test(test_time)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
