/* Tests of meetings and policy papers, on both databases. */
#include "office/meeting.h"
#include "office/office_fixture.h"
#include "office/paper.h"
#include "profile/workflows.h"

static struct office_fixture f;

static int64_t new_meeting(struct cx *cx, int64_t area)
{
    const int64_t orgs[] = {f.health, f.water};
    int64_t id;
    check_ok(cx, meeting_save(&id, cx,
                              &(struct meeting){.area_id = area,
                                                .at = cx->now_at + 86400,
                                                .title = "部门协调会",
                                                .place = "二楼会议室",
                                                .agenda = "1 饮水\n2 看病",
                                                .chair_id = f.admin},
                              orgs, 2));
    return id;
}
static struct meeting get(struct cx *cx, int64_t id)
{
    struct meeting m;
    check_ok(cx, meeting_get(&m, NULL, NULL, cx, id));
    return m;
}

/* Invitations reach the heads, or all people of an organisation that nobody heads, once per
 * time; fields are checked; changing needs the newest version. */
static void inviting_on(struct cx *cx)
{
    int64_t id, fresh, *orgs;
    size_t count;
    office_fixture_open(&f, cx);
    office_as(cx, f.admin);
    int64_t meeting = new_meeting(cx, f.r.county_area);
    struct meeting m = get(cx, meeting), bad = m;
    check_ok(cx, meeting_orgs(&orgs, &count, cx, meeting));
    assert_int_equal(count, 2);
    bad.title = "";
    check_refused(cx, meeting_save(&id, cx, &bad, orgs, count), RC_INVALID);
    bad = m;
    bad.at = 0;
    check_refused(cx, meeting_save(&id, cx, &bad, orgs, count), RC_INVALID);
    const int64_t nobody[] = {4242};
    check_refused(cx, meeting_save(&id, cx, &m, nobody, 1), RC_NOTFOUND);
    check_ok(cx, meeting_save(&id, cx, &m, orgs, count)); /* same time: nobody is told twice */
    check_refused(cx, meeting_save(&id, cx, &m, orgs, count), RC_CONFLICT);
    for (int i = 0; i < 2; i++) {
        office_as(cx, i ? f.helper_town : f.officer);
        check_ok(cx, notice_count_new(&fresh, cx));
        assert_int_equal(fresh, 1);
    }
    office_as(cx, f.admin);
    m = get(cx, meeting);
    m.at += 3600;
    check_ok(cx, meeting_save(&id, cx, &m, orgs, count));
    office_as(cx, f.officer);
    check_ok(cx, notice_count_new(&fresh, cx));
    assert_int_equal(fresh, 2);
    check_refused(cx, meeting_minutes(cx, meeting, 3, "x"), RC_DENIED);
    office_fixture_close(&f, cx);
}
static void test_inviting(void **state)
{
    (void)state;
    db_fixture_each(inviting_on);
}

static enum rc decide(int64_t *id, struct cx *cx, int64_t meeting, const char *text,
                      size_t owners)
{
    struct meeting_decision d = {
        .meeting_id = meeting, .text = text, .owner_count = owners, .due_day = f.today + 10};
    d.owners[0] = (struct owner){.kind = OWNER_ORG, .id = f.health, .permission = ""};
    d.owners[1] = (struct owner){.kind = OWNER_ORG, .id = f.water, .permission = ""};
    return meeting_decide(id, cx, &d);
}

/* Closing makes the tasks once: one owner, one task; two owners, a joint task with two parts;
 * no owner, none. Afterwards nothing changes any more. */
static void closing_on(struct cx *cx)
{
    struct meeting_decision *list;
    struct task task, *parts;
    const char *next;
    int64_t id, kept;
    size_t count;
    office_fixture_open(&f, cx);
    office_as(cx, f.admin);
    int64_t meeting = new_meeting(cx, f.r.county_area);
    check_refused(cx, decide(&id, cx, meeting, " ", 1), RC_INVALID);
    check_ok(cx, decide(&id, cx, meeting, "修水管", 1));
    check_ok(cx, decide(&id, cx, meeting, "联合走访", 2));
    check_ok(cx, decide(&kept, cx, meeting, "通报情况", 0));
    check_ok(cx, decide(&id, cx, meeting, "记错了", 1));
    check_ok(cx, meeting_drop(cx, meeting, id));
    check_refused(cx, meeting_drop(cx, meeting, id), RC_CONFLICT);
    check_ok(cx, meeting_minutes(cx, meeting, 1, "议定三项"));
    check_refused(cx, meeting_close(cx, meeting, 1), RC_CONFLICT);
    check_ok(cx, meeting_close(cx, meeting, 2));
    check_refused(cx, meeting_close(cx, meeting, 3), RC_CONFLICT);
    check_refused(cx, meeting_minutes(cx, meeting, 3, "x"), RC_CONFLICT);
    check_refused(cx, decide(&id, cx, meeting, "late", 1), RC_CONFLICT);
    check_refused(cx, meeting_drop(cx, meeting, kept), RC_CONFLICT);
    struct meeting m;
    check_ok(cx, meeting_get(&m, &list, &count, cx, meeting));
    assert_true(m.closed_at != 0);
    assert_int_equal(count, 3);
    assert_int_equal(list[2].task_id, 0);
    check_ok(cx, task_get(&task, cx, list[0].task_id));
    assert_int_equal(task.owner.kind, OWNER_ORG);
    assert_int_equal(task.owner.id, f.health);
    assert_int_equal(day_at(task.due_at - 1, 480), f.today + 10);
    assert_int_equal(day_at(task.due_at, 480), f.today + 11);
    const struct task_query q = {.parent_id = list[1].task_id, .limit = 10};
    check_ok(cx, task_list(&parts, &count, &next, cx, &q));
    assert_int_equal(count, 2);
    assert_true(parts[0].owner.id != parts[1].owner.id);
    office_fixture_close(&f, cx);
}
static void test_closing(void **state)
{
    (void)state;
    db_fixture_each(closing_on);
}

/* A township's meeting is not seen in another township; the county's is seen in both; lists go
 * on behind the last one seen. */
static void seeing_on(struct cx *cx)
{
    struct meeting *list, m;
    size_t count;
    office_fixture_open(&f, cx);
    int64_t county = new_meeting(cx, f.r.county_area), town = new_meeting(cx, f.r.town[0]);
    office_as(cx, f.town);
    check_ok(cx, meeting_list(&list, &count, cx, f.r.county, 0, 10));
    assert_int_equal(count, 2);
    check_ok(cx, meeting_list(&list, &count, cx, f.r.county, 0, 1));
    assert_int_equal(list[0].id, town);
    check_ok(cx, meeting_list(&list, &count, cx, f.r.county, town, 1));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].id, county);
    office_as(cx, f.helper_town);
    check_ok(cx, meeting_list(&list, &count, cx, f.r.county, 0, 1));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].id, county);
    check_refused(cx, meeting_get(&m, NULL, NULL, cx, town), RC_NOTFOUND);
    office_fixture_close(&f, cx);
}
static void test_seeing(void **state)
{
    (void)state;
    db_fixture_each(seeing_on);
}

/* Papers: number once, what they set is known, replacing ends the old one the day before; in
 * force on a day. */
static void papers_on(struct cx *cx)
{
    const char *workflow = NULL;
    struct paper *list, p;
    struct paper_link *links;
    size_t count;
    int64_t old, id, heir;
    office_fixture_open(&f, cx);
    workflow = cx->profile->workflows->list[0].code;
    const struct paper_link sets[] = {
        {.kind = "workflow", .code = workflow, .note = "第三条"},
        {.kind = "threshold", .code = cx->profile->thresholds[0].code, .note = ""}};
    const struct paper_link unknown = {.kind = "measure", .code = "no such", .note = ""};
    const struct paper_link strange = {.kind = "moon", .code = "1", .note = ""};
    office_as(cx, f.admin);
    struct paper first = {.area_id = f.r.county_area,
                          .number = "清府办〔2026〕1号",
                          .title = "防止返贫监测办法",
                          .summary = "",
                          .from_day = f.today - 100};
    check_refused(cx, paper_save(&id, cx, &first, &unknown, 1), RC_INVALID);
    check_refused(cx, paper_save(&id, cx, &first, &strange, 1), RC_INVALID);
    check_ok(cx, paper_save(&old, cx, &first, sets, 2));
    check_refused(cx, paper_save(&id, cx, &first, sets, 2), RC_CONFLICT);
    struct paper second = first;
    second.number = "清府办〔2026〕2号";
    second.to_day = second.from_day - 1;
    check_refused(cx, paper_save(&id, cx, &second, sets, 1), RC_INVALID);
    second.to_day = 0;
    second.replaces_id = old;
    check_refused(cx, paper_save(&id, cx, &second, sets, 1), RC_INVALID); /* not later */
    second.from_day = f.today;
    check_ok(cx, paper_save(&id, cx, &second, sets, 1));
    check_ok(cx, paper_get(&p, &links, &count, cx, old));
    assert_int_equal(p.to_day, f.today - 1);
    assert_int_equal(count, 2);
    assert_string_equal(links[0].code, workflow);
    check_ok(cx, paper_replaced_by(&heir, cx, f.r.county, old));
    assert_int_equal(heir, id);
    check_ok(cx, paper_list(&list, &count, cx, f.r.county, f.today, STR("")));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].id, id);
    check_ok(cx, paper_list(&list, &count, cx, f.r.county, f.today - 1, STR("")));
    assert_int_equal(list[0].id, old);
    check_ok(cx, paper_list(&list, &count, cx, f.r.county, 0, STR("fang zhi")));
    assert_int_equal(count, 2);
    check_ok(cx, papers_of(&list, &count, cx, f.r.county, "workflow", str_of(workflow)));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].id, id);
    p.title = "改";
    p.version = 1; /* the second saved it when it was replaced */
    check_refused(cx, paper_save(&id, cx, &p, sets, 1), RC_CONFLICT);
    office_as(cx, f.town);
    check_refused(cx, paper_save(&id, cx, &first, sets, 1), RC_DENIED);
    office_fixture_close(&f, cx);
}
static void test_papers(void **state)
{
    (void)state;
    db_fixture_each(papers_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inviting),
        cmocka_unit_test(test_closing),
        cmocka_unit_test(test_seeing),
        cmocka_unit_test(test_papers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
