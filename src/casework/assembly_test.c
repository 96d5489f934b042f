/* Tests of assemblies on both databases: never more hands than people whatever is typed, who is
 * quicker, quorum and share, closing with its moves, cases that others decided meanwhile,
 * closing twice, and a crash at each step of closing. */
#include "casework/public_fixture.h"

#include <fcntl.h>

SQL(TEST_BROKEN,
    "SELECT count(*) FROM assembly s JOIN assembly_item i ON i.county = s.county AND "
    "i.assembly_id = s.id WHERE s.present > s.entitled OR i.agree + i.disagree + i.abstain > "
    "CASE WHEN s.present < 0 THEN -3 ELSE s.present END OR (i.agree < 0 AND i.agree <> -1)",
    "", "i");

SQL(TEST_MOVE_AWAY,
    "UPDATE flow SET area_id = $2, area_path = (SELECT path FROM area WHERE id = $2) WHERE id "
    "= "
    "$1",
    "ii", "");

static enum rc move_away(struct cx *cx, void *arg)
{
    return DB_RUN(cx, &TEST_MOVE_AWAY, V_I(*(const int64_t *)arg), V_I(f.village[1]));
}

static struct assembly meeting(int64_t area)
{
    return (struct assembly){.area_id = area,
                             .place = "村委会",
                             .chair = "李主任",
                             .recorder = "王会计",
                             .minutes = "",
                             .at = CASE_NOW + 3600,
                             .entitled = 30,
                             .present = -1};
}

static int64_t plan(struct cx *cx)
{
    struct assembly a = meeting(f.village[0]);
    int64_t id;
    as(cx, WORKER);
    check_ok(cx, assembly_add(&id, cx, &a));
    return id;
}

static enum rc set_people(struct cx *cx, int64_t id, int32_t entitled, int32_t present,
                          const char *minutes)
{
    struct assembly a;
    check_ok(cx, assembly_get(&a, cx, id));
    a.entitled = entitled;
    a.present = present;
    a.minutes = minutes;
    return assembly_set(cx, &a);
}

static struct assembly_item item_of(struct cx *cx, int64_t id, int64_t flow)
{
    struct assembly_item *items;
    size_t count;
    check_ok(cx, assembly_items(&items, &count, cx, id));
    for (size_t i = 0; i < count; i++)
        if (items[i].flow_id == flow)
            return items[i];
    fail_msg("the case is not on the list");
    return items[0];
}

static enum rc vote(struct cx *cx, int64_t id, int64_t flow, int32_t agree, int32_t disagree,
                    int32_t abstain)
{
    struct assembly_item v = item_of(cx, id, flow);
    v.agree = agree;
    v.disagree = disagree;
    v.abstain = abstain;
    return assembly_vote(cx, id, &v);
}

static int32_t version_of(struct cx *cx, int64_t id)
{
    struct assembly a;
    check_ok(cx, assembly_get(&a, cx, id));
    return a.version;
}

static void never_broken(struct cx *cx)
{
    struct db_rows rows;
    check_ok(cx, DB_ONE0(&rows, cx, &TEST_BROKEN));
    assert_int_equal(row_i64(&rows, 0), 0);
    check_ok(cx, db_done(&rows));
}

/* Any numbers, typed in any order: what is refused changes nothing, what is taken keeps
 * present <= entitled and hands <= present. */
static void any_numbers_on(struct cx *cx)
{
    public_fixture_open(cx);
    int64_t flow = public_to_vote(cx, case_household(cx, 0, "H1", 0)), id = plan(cx);
    int taken = 0, refused = 0;
    check_ok(cx, assembly_put(cx, id, flow));
    for_each_seed (seed, 150) {
        uint64_t r = seed;
        struct arena_mark mark = arena_mark(cx->arena);
        enum rc rc = check_random(&r) % 2
                         ? set_people(cx, id, (int32_t)check_int(&r, -2, 40),
                                      (int32_t)check_int(&r, -2, 40), "记录")
                         : vote(cx, id, flow, (int32_t)check_int(&r, -1, 30),
                                (int32_t)check_int(&r, -1, 15), (int32_t)check_int(&r, -1, 9));
        assert_true(rc == RC_OK || rc == RC_INVALID);
        rc ? refused++ : taken++;
        err_clear(cx);
        never_broken(cx);
        arena_back(cx->arena, mark);
    }
    if (!getenv("FUMIN_SEED"))
        assert_true(taken > 20 && refused > 20);
    check_refused(cx, vote(cx, id, flow, INT32_MAX, INT32_MAX, INT32_MAX), RC_INVALID);
    case_fixture_close(cx);
}
static void test_any_numbers(void **state)
{
    (void)state;
    db_fixture_each(any_numbers_on);
}

/* Two who write at once: the second is told, of the meeting and of each case by itself. */
static void two_at_once_on(struct cx *cx)
{
    struct assembly mine, yours;
    public_fixture_open(cx);
    int64_t a = public_to_vote(cx, case_household(cx, 0, "H1", 0));
    int64_t b = public_to_vote(cx, case_household(cx, 0, "H2", 0)), id = plan(cx);
    check_ok(cx, assembly_put(cx, id, a));
    check_ok(cx, assembly_put(cx, id, b));
    check_ok(cx, assembly_get(&mine, cx, id));
    yours = mine;
    mine.present = yours.present = 25;
    check_ok(cx, assembly_set(cx, &mine));
    yours.present = 20;
    check_refused(cx, assembly_set(cx, &yours), RC_CONFLICT);
    struct assembly_item of_a = item_of(cx, id, a), again = of_a;
    of_a.agree = 20, of_a.disagree = 3, of_a.abstain = 2;
    again.agree = 10, again.disagree = 13, again.abstain = 2;
    check_ok(cx, assembly_vote(cx, id, &of_a));
    check_ok(cx, vote(cx, id, b, 5, 5, 5)); /* another case: no conflict */
    check_refused(cx, assembly_vote(cx, id, &again), RC_CONFLICT);
    assert_int_equal(item_of(cx, id, a).agree, 20);
    /* fewer people than hands that were counted */
    check_refused(cx, set_people(cx, id, 30, 24, ""), RC_INVALID);
    case_fixture_close(cx);
}
static void test_two_at_once(void **state)
{
    (void)state;
    db_fixture_each(two_at_once_on);
}

/* Which cases wait, and where a case may be listed. */
static void list_on(struct cx *cx)
{
    struct flow *waiting;
    size_t count;
    struct assembly a;
    public_fixture_open(cx);
    int64_t flow = public_to_vote(cx, case_household(cx, 0, "H1", 0)), other, id = plan(cx);
    struct assembly elsewhere = meeting(f.village[1]);
    int64_t noticed = public_to_notice(cx, case_household(cx, 0, "H2", 0)), second = plan(cx);
    check_ok(cx, assembly_waiting(&waiting, &count, cx, f.village[0]));
    assert_int_equal(count, 1);
    assert_int_equal(waiting[0].id, flow);
    check_ok(cx, assembly_put(cx, id, flow));
    check_refused(cx, assembly_put(cx, id, flow), RC_CONFLICT);
    check_refused(cx, assembly_put(cx, second, flow), RC_CONFLICT);
    check_refused(cx, assembly_put(cx, id, noticed), RC_INVALID);
    check_ok(cx, assembly_waiting(&waiting, &count, cx, f.village[0]));
    assert_int_equal(count, 0);
    as(cx, TOWN);
    check_ok(cx, assembly_add(&other, cx, &elsewhere));
    check_ok(cx, assembly_take_off(cx, id, flow));
    check_refused(cx, assembly_put(cx, other, flow), RC_INVALID);
    as(cx, WORKER);
    check_refused(cx, assembly_get(&a, cx, other), RC_NOTFOUND);
    check_refused(cx, assembly_add(&other, cx, &elsewhere), RC_NOTFOUND);
    as(cx, TOWN_B);
    check_refused(cx, assembly_put(cx, id, flow), RC_NOTFOUND);
    as(cx, COUNTY);
    check_refused(cx, assembly_take_off(cx, id, flow), RC_DENIED);
    case_fixture_close(cx);
}
static void test_list(void **state)
{
    (void)state;
    db_fixture_each(list_on);
}

static void test_rules(void **state)
{
    const struct {
        int32_t quorum, share, entitled, present, agree, disagree;
        bool meets, passes;
    } rows[] = {
        {67, 50, 30, 20, 11, 9, true, true},  /* two thirds are 67 % */
        {67, 50, 30, 19, 19, 0, false, true}, /* 63 % */
        {67, 50, 30, 20, 10, 4, true, false}, /* half is not more than half */
        {0, 0, 30, 1, 1, 0, true, true},      /* more for than against */
        {0, 0, 30, 10, 4, 4, true, false},    /* as many */
        {50, 0, 30, 10, 10, 0, false, true},  /* 33 % */
        {100, 66, 9, 9, 6, 3, true, true},    /* 66.7 % */
        {100, 67, 9, 9, 6, 3, true, false},   {0, 50, 0, 0, 0, 0, false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct assembly_rule r = {rows[i].quorum, rows[i].share};
        struct assembly a = {.entitled = rows[i].entitled, .present = rows[i].present};
        struct assembly_item v = {.agree = rows[i].agree, .disagree = rows[i].disagree};
        assert_int_equal(assembly_has_quorum(&r, &a), rows[i].meets);
        assert_int_equal(assembly_passes(&r, &a, &v), rows[i].passes);
    }
}

struct held {
    int64_t id, passed, refused, gone;
};
/* A meeting with three voted cases: one passes, one does not, one was decided by others. */
static struct held hold(struct cx *cx)
{
    struct held h;
    h.passed = public_to_vote(cx, case_household(cx, 0, "H1", 0));
    h.refused = public_to_vote(cx, case_household(cx, 0, "H2", 0));
    h.gone = public_to_vote(cx, case_household(cx, 0, "H3", 0));
    h.id = plan(cx);
    check_ok(cx, assembly_put(cx, h.id, h.passed));
    check_ok(cx, assembly_put(cx, h.id, h.refused));
    check_ok(cx, assembly_put(cx, h.id, h.gone));
    check_refused(cx, vote(cx, h.id, h.passed, 1, 0, 0), RC_INVALID); /* nobody counted */
    check_ok(cx, set_people(cx, h.id, 30, 25, "会上逐户评议。"));
    check_ok(cx, vote(cx, h.id, h.passed, 20, 3, 2));
    check_ok(cx, vote(cx, h.id, h.refused, 5, 20, 0));
    check_ok(cx, vote(cx, h.id, h.gone, 20, 0, 0));
    return h;
}

/* Closed, each case goes on by its vote, in a notice or rejected, with the counts in the step's
 * reason; the case that somebody moved is listed; closing twice is refused; nothing can be
 * changed after. */
static void closing_on(struct cx *cx)
{
    struct flow_step *steps;
    size_t count;
    int64_t failed;
    struct assembly a;
    public_fixture_open(cx);
    struct held h = hold(cx);
    check_ok(cx, case_try(cx, h.gone, "disagree", ""));
    int32_t version = version_of(cx, h.id);
    check_refused(cx, assembly_close(&failed, cx, h.id, version - 1), RC_CONFLICT);
    check_ok(cx, assembly_close(&failed, cx, h.id, version));
    assert_int_equal(failed, 1);
    case_stands_at(cx, h.passed, "notice");
    case_stands_at(cx, h.refused, "rejected");
    case_stands_at(cx, h.gone, "rejected");
    assert_true(item_of(cx, h.id, h.passed).moved && item_of(cx, h.id, h.passed).passed);
    assert_true(item_of(cx, h.id, h.refused).moved && !item_of(cx, h.id, h.refused).passed);
    assert_non_null(item_of(cx, h.id, h.gone).failed);
    assert_false(item_of(cx, h.id, h.gone).moved);
    check_ok(cx, flow_history(&steps, &count, cx, h.passed));
    assert_string_equal(steps[count - 1].event, "agree");
    assert_non_null(strstr(steps[count - 1].reason, "20"));
    check_ok(cx, assembly_get(&a, cx, h.id));
    assert_int_equal(a.state, ASSEMBLY_CLOSED);
    check_refused(cx, assembly_close(&failed, cx, h.id, version), RC_CONFLICT);
    check_refused(cx, assembly_close(&failed, cx, h.id, a.version), RC_CONFLICT);
    check_refused(cx, assembly_set(cx, &a), RC_CONFLICT);
    check_refused(cx, assembly_take_off(cx, h.id, h.passed), RC_CONFLICT);
    check_refused(cx, vote(cx, h.id, h.passed, 1, 1, 1), RC_INVALID);
    case_fixture_close(cx);
}
static void test_closing(void **state)
{
    (void)state;
    db_fixture_each(closing_on);
}

/* What is missing is said, and nothing moves: people, minutes, votes, quorum. */
static void not_ready_on(struct cx *cx)
{
    int64_t failed;
    public_fixture_open(cx);
    int64_t flow = public_to_vote(cx, case_household(cx, 0, "H1", 0)), id = plan(cx);
    check_ok(cx, assembly_put(cx, id, flow));
    check_refused(cx, assembly_close(&failed, cx, id, version_of(cx, id)), RC_INVALID);
    check_ok(cx, set_people(cx, id, 30, 10, ""));
    check_refused(cx, assembly_close(&failed, cx, id, version_of(cx, id)), RC_INVALID);
    check_ok(cx, set_people(cx, id, 30, 10, "记录"));
    check_refused(cx, assembly_close(&failed, cx, id, version_of(cx, id)), RC_INVALID);
    check_ok(cx, vote(cx, id, flow, 10, 0, 0));
    check_refused(cx, assembly_close(&failed, cx, id, version_of(cx, id)), RC_INVALID);
    case_stands_at(cx, flow, "vote");
    check_ok(cx, assembly_take_off(cx, id, flow)); /* a meeting that decided nothing */
    check_ok(cx, assembly_close(&failed, cx, id, version_of(cx, id)));
    assert_int_equal(failed, 0);
    case_stands_at(cx, flow, "vote");
    case_fixture_close(cx);
}
static void test_not_ready(void **state)
{
    (void)state;
    db_fixture_each(not_ready_on);
}

/* A crash after the results are written or after the moves: closing
 * again makes what is left, each move once, and lists nothing as failed that was made. */
static void crash_at(struct cx *cx, const char *point)
{
    int64_t failed;
    struct flow_step *steps;
    size_t count, agreed = 0;
    struct assembly a;
    public_fixture_open(cx);
    struct held h = hold(cx);
    assert_true(fault_set(point));
    check_refused(cx, assembly_close(&failed, cx, h.id, version_of(cx, h.id)), RC_IO);
    fault_set(NULL);
    check_ok(cx, assembly_get(&a, cx, h.id));
    assert_int_equal(a.state, ASSEMBLY_CLOSING);
    check_refused(cx, assembly_set(cx, &a), RC_CONFLICT);
    check_ok(cx, assembly_close(&failed, cx, h.id, a.version));
    assert_int_equal(failed, 0);
    case_stands_at(cx, h.passed, "notice");
    case_stands_at(cx, h.refused, "rejected");
    case_stands_at(cx, h.gone, "notice");
    check_ok(cx, flow_history(&steps, &count, cx, h.passed));
    for (size_t k = 0; k < count; k++)
        agreed += !strcmp(steps[k].event, "agree");
    assert_int_equal(agreed, 1);
    assert_null(item_of(cx, h.id, h.passed).failed);
    case_fixture_close(cx);
}
static void crash_before_on(struct cx *cx)
{
    crash_at(cx, "assembly.results:1");
}
static void crash_after_on(struct cx *cx)
{
    crash_at(cx, "assembly.moves:1");
}
static void test_crash(void **state)
{
    (void)state;
    db_fixture_each(crash_before_on);
    db_fixture_each(crash_after_on);
}

/* One case's move fails in the middle: the others are made, that one is listed. */
static void one_fails_on(struct cx *cx)
{
    int64_t failed;
    public_fixture_open(cx);
    struct held h = hold(cx);
    assert_true(fault_set("casework.moved:2"));
    check_ok(cx, assembly_close(&failed, cx, h.id, version_of(cx, h.id)));
    fault_set(NULL);
    assert_int_equal(failed, 1);
    assert_int_equal(item_of(cx, h.id, h.passed).moved + item_of(cx, h.id, h.refused).moved +
                         item_of(cx, h.id, h.gone).moved,
                     2);
    case_fixture_close(cx);
}
static void test_one_fails(void **state)
{
    (void)state;
    db_fixture_each(one_fails_on);
}

/* A case whose household moved to another village: the meeting is still there for its people,
 * votes on that case are refused, and closing says what became of it. */
static void moved_away_on(struct cx *cx)
{
    int64_t failed;
    public_fixture_open(cx);
    struct held h = hold(cx);
    check_ok(cx, db_write(cx, f.county, move_away, &h.passed));
    as(cx, WORKER);
    check_refused(cx, vote(cx, h.id, h.passed, 19, 3, 2), RC_INVALID);
    int fd = open(arena_printf(cx->arena, "%s/minutes.pdf", f.dir), O_RDWR | O_CREAT, 0600);
    assert_true(fd >= 0);
    check_ok(cx, assembly_pdf(cx, h.id, fd));
    close(fd);
    check_ok(cx, assembly_close(&failed, cx, h.id, version_of(cx, h.id)));
    assert_int_equal(failed, 1);
    assert_true(item_of(cx, h.id, h.passed).failed != NULL);
    assert_true(item_of(cx, h.id, h.refused).moved);
    case_fixture_close(cx);
}
static void test_moved_away(void **state)
{
    (void)state;
    db_fixture_each(moved_away_on);
}

/* The minutes are a PDF, before and after closing. */
static void minutes_on(struct cx *cx)
{
    char head[5] = "";
    int64_t failed;
    public_fixture_open(cx);
    struct held h = hold(cx);
    const char *path = arena_printf(cx->arena, "%s/minutes.pdf", f.dir);
    for (int round = 0; round < 2; round++) {
        int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
        assert_true(fd >= 0);
        check_ok(cx, assembly_pdf(cx, h.id, fd));
        assert_int_equal(pread(fd, head, 4, 0), 4);
        assert_string_equal(head, "%PDF");
        assert_true(lseek(fd, 0, SEEK_END) > 2000);
        close(fd);
        if (!round)
            check_ok(cx, assembly_close(&failed, cx, h.id, version_of(cx, h.id)));
    }
    as(cx, TOWN_B);
    check_refused(cx, assembly_pdf(cx, h.id, -1), RC_NOTFOUND);
    case_fixture_close(cx);
}
static void test_minutes(void **state)
{
    (void)state;
    db_fixture_each(minutes_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_numbers), cmocka_unit_test(test_two_at_once),
        cmocka_unit_test(test_list),        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_closing),     cmocka_unit_test(test_not_ready),
        cmocka_unit_test(test_crash),       cmocka_unit_test(test_one_fails),
        cmocka_unit_test(test_moved_away),  cmocka_unit_test(test_minutes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
