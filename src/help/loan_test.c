/* Tests of stored loans, on both databases: every state with every step, receipts, payments,
 * two officers at once, a kill between, and the task of what is late. */
#include "help/earn_fixture.h"
#include "help/loan.h"

enum { STATES = LOAN_WRITTEN_OFF };

static struct loan loan_for(struct cx *cx, int64_t household, enum loan_kind kind)
{
    return (struct loan){.household_id = household,
                         .kind = kind,
                         .amount_minor = 1200000,
                         .months = 12,
                         .rate_bp = 360,
                         .subsidy_bp = 360,
                         .asked_day = help_today(cx) - 100,
                         .purpose = "两头猪"};
}

static struct loan read_loan(struct cx *cx, int64_t id)
{
    struct loan l;
    struct loan_entry *entries;
    size_t count;
    check_ok(cx, loan_get(&l, &entries, &count, cx, id));
    return l;
}

static size_t entry_count(struct cx *cx, int64_t id)
{
    struct loan l;
    struct loan_entry *entries;
    size_t count;
    check_ok(cx, loan_get(&l, &entries, &count, cx, id));
    return count;
}

static enum rc step(struct cx *cx, int64_t id, enum loan_state to, int32_t day)
{
    return loan_move(cx, id, read_loan(cx, id).version, to, day, STR("因为"));
}

/* A loan (grant) that was brought into a state; paid out 70 days ago. */
static int64_t loan_in(struct cx *cx, int64_t household, enum loan_kind kind,
                       enum loan_state state)
{
    int64_t id;
    int32_t today = help_today(cx);
    struct loan l = loan_for(cx, household, kind);
    check_ok(cx, loan_ask(&id, cx, &l));
    if (state == LOAN_REFUSED)
        check_ok(cx, step(cx, id, LOAN_REFUSED, today));
    if (state == LOAN_ASKED || state == LOAN_REFUSED)
        return id;
    check_ok(cx, step(cx, id, LOAN_GRANTED, today - 80));
    if (state != LOAN_GRANTED)
        check_ok(cx, step(cx, id, LOAN_PAID_OUT, today - 70));
    if (state == LOAN_WRITTEN_OFF)
        check_ok(cx, step(cx, id, LOAN_WRITTEN_OFF, today));
    if (state == LOAN_REPAID && kind == LOAN_GRANT)
        check_ok(cx, step(cx, id, LOAN_REPAID, today));
    else if (state == LOAN_REPAID)
        check_ok(cx, loan_repay(cx, id, today, 1200000, STR("all")));
    assert_int_equal(read_loan(cx, id).state, state);
    return id;
}

/* Which steps there are, written down apart from the program. */
static bool allowed(enum loan_kind kind, int from, int to)
{
    static const struct {
        int kind, from, to;
    } steps[] = {{0, LOAN_ASKED, LOAN_GRANTED},
                 {0, LOAN_ASKED, LOAN_REFUSED},
                 {0, LOAN_GRANTED, LOAN_REFUSED},
                 {0, LOAN_GRANTED, LOAN_PAID_OUT},
                 {LOAN_GRANT, LOAN_PAID_OUT, LOAN_REPAID},
                 {LOAN_SMALL, LOAN_PAID_OUT, LOAN_WRITTEN_OFF}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if ((!steps[i].kind || steps[i].kind == (int)kind) && steps[i].from == from &&
            steps[i].to == to)
            return true;
    return false;
}

static bool state_exists(enum loan_kind kind, int state)
{
    return kind == LOAN_SMALL || state != LOAN_WRITTEN_OFF;
}

/* Every state with every step: what is not allowed says so and changes nothing. */
static void pairs_on(struct cx *cx)
{
    earn_fixture_open(cx);
    int64_t home = earn_household(cx, 0, "H1", 0);
    for (int kind = LOAN_SMALL; kind <= LOAN_GRANT; kind++)
        for (int from = LOAN_ASKED; from <= STATES; from++)
            for (int to = LOAN_ASKED; to <= STATES && state_exists(kind, from); to++) {
                int64_t id = loan_in(cx, home, kind, from);
                int32_t version = read_loan(cx, id).version;
                enum rc rc = step(cx, id, to, help_today(cx));
                if (allowed(kind, from, to) != (rc == RC_OK))
                    fail_msg("kind %d: %d to %d gives %d", kind, from, to, rc);
                err_clear(cx);
                struct loan l = read_loan(cx, id);
                assert_int_equal(l.state, rc ? from : to);
                assert_int_equal(l.version, version + !rc);
                if (rc)
                    assert_int_equal(rc, RC_INVALID);
                if (l.state != LOAN_PAID_OUT) /* nothing to repay, and no day to wait for */
                    assert_int_equal(l.due_day, INT32_MIN);
                bool open = from == LOAN_PAID_OUT && kind == LOAN_SMALL && rc;
                rc = loan_repay(cx, id, help_today(cx), 100, STR("r"));
                assert_int_equal(rc, open || (to == LOAN_PAID_OUT && kind == LOAN_SMALL &&
                                              from == LOAN_GRANTED)
                                         ? RC_OK
                                         : RC_INVALID);
                err_clear(cx);
            }
    help_fixture_close(cx);
}
static void test_pairs(void **state)
{
    (void)state;
    db_fixture_each(pairs_on);
}

/* What is out of range is refused; days go forward; a stale form is told what it is now. */
static void limits_on(struct cx *cx)
{
    int64_t id;
    earn_fixture_open(cx);
    int32_t today = help_today(cx);
    int64_t home = earn_household(cx, 0, "H1", 0);
    struct loan good = loan_for(cx, home, LOAN_SMALL), l = good;
#define BAD(change)                                                                            \
    l = good;                                                                                  \
    l.change;                                                                                  \
    REFUSED(cx, RC_INVALID, loan_ask(&id, cx, &l))
    BAD(kind = 3);
    BAD(amount_minor = 0);
    BAD(amount_minor = 1000000000001);
    BAD(months = 0);
    BAD(months = LOAN_MONTHS_MAX + 1);
    BAD(amount_minor = 11);
    BAD(rate_bp = -1);
    BAD(rate_bp = LOAN_RATE_MAX_BP + 1);
    BAD(subsidy_bp = 361);
    BAD(purpose = " ");
    BAD(purpose = "\xff");
    l = good;
    l.household_id = 99999;
    REFUSED(cx, RC_NOTFOUND, loan_ask(&id, cx, &l));
    check_ok(cx, loan_ask(&id, cx, &good));
    REFUSED(cx, RC_INVALID, step(cx, id, LOAN_GRANTED, today + 1));
    REFUSED(cx, RC_INVALID, step(cx, id, LOAN_GRANTED, today - 101));
    REFUSED(cx, RC_INVALID, loan_move(cx, id, 1, LOAN_REFUSED, today, STR(" ")));
    check_ok(cx, step(cx, id, LOAN_GRANTED, today - 50));
    assert_int_equal(loan_move(cx, id, 1, LOAN_PAID_OUT, today, STR("")), RC_CONFLICT);
    assert_non_null(strstr(cx->err.text, loan_state_label(cx, LOAN_GRANTED)));
    err_clear(cx);
    REFUSED(cx, RC_INVALID, step(cx, id, LOAN_PAID_OUT, today - 51));
    check_ok(cx, step(cx, id, LOAN_PAID_OUT, today - 50));
    REFUSED(cx, RC_INVALID, step(cx, id, LOAN_WRITTEN_OFF, today - 51));
    assert_int_equal(read_loan(cx, id).state, LOAN_PAID_OUT);
    help_fixture_close(cx);
}
static void test_limits(void **state)
{
    (void)state;
    db_fixture_each(limits_on);
}

/* A receipt counts once; with another amount it is refused; more than is owed is refused; the
 * last payment ends the loan. The programme pays all interest here. */
static void receipts_on(struct cx *cx)
{
    earn_fixture_open(cx);
    int32_t today = help_today(cx);
    int64_t id = loan_in(cx, earn_household(cx, 0, "H1", 0), LOAN_SMALL, LOAN_PAID_OUT);
    check_ok(cx, loan_repay(cx, id, today - 5, 500000, STR("A-1")));
    check_ok(cx, loan_repay(cx, id, today - 5, 500000, STR(" A-1 ")));
    assert_int_equal(entry_count(cx, id), 1);
    REFUSED(cx, RC_CONFLICT, loan_repay(cx, id, today - 5, 500001, STR("A-1")));
    REFUSED(cx, RC_CONFLICT, loan_repay(cx, id, today - 4, 500000, STR("A-1")));
    REFUSED(cx, RC_INVALID, loan_repay(cx, id, today, 700001, STR("A-2")));
    REFUSED(cx, RC_INVALID, loan_repay(cx, id, today + 1, 1, STR("A-2")));
    REFUSED(cx, RC_INVALID, loan_repay(cx, id, today - 71, 1, STR("A-2")));
    REFUSED(cx, RC_INVALID, loan_repay(cx, id, today, 0, STR("A-2")));
    REFUSED(cx, RC_INVALID, loan_repay(cx, id, today, 1, STR("")));
    assert_int_equal(entry_count(cx, id), 1);
    check_ok(cx, loan_repay(cx, id, today, 700000, STR("A-2")));
    struct loan l = read_loan(cx, id);
    assert_int_equal(l.state, LOAN_REPAID);
    assert_int_equal(l.due_day, INT32_MIN);
    check_ok(cx, loan_repay(cx, id, today, 700000, STR("A-2"))); /* sent again */
    assert_int_equal(entry_count(cx, id), 2);
    help_fixture_close(cx);
}
static void test_receipts(void **state)
{
    (void)state;
    db_fixture_each(receipts_on);
}

struct paying {
    int64_t loan, amount;
    const char *receipt;
    int32_t day;
};
static enum rc pay(struct cx *cx, void *arg)
{
    const struct paying *p = arg;
    return loan_repay(cx, p->loan, p->day, p->amount, str_of(p->receipt));
}

/* Two clerks enter one receipt, and two enter the whole sum, at one moment: it counts once. */
static void race_on(struct cx *cx)
{
    earn_fixture_open(cx);
    int64_t home = earn_household(cx, 0, "H1", 0);
    int32_t today = help_today(cx);
    for (int same = 0; same < 2; same++) {
        int64_t id = loan_in(cx, home, LOAN_SMALL, LOAN_PAID_OUT);
        struct paying p[2] = {{id, 1200000, "B-1", today},
                              {id, 1200000, same ? "B-1" : "B-2", today}};
        struct earn_racer r[2] = {{.fn = pay, .arg = &p[0]}, {.fn = pay, .arg = &p[1]}};
        assert_int_equal(earn_race(cx, r, 2, RC_INVALID), 1 + same);
        assert_int_equal(entry_count(cx, id), 1);
        assert_int_equal(read_loan(cx, id).state, LOAN_REPAID);
    }
    help_fixture_close(cx);
}
static void test_race(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        db_fixture_each(race_on);
}

/* Killed between the entry and the rest: neither is there, and it can be entered again. */
static void killed_on(struct cx *cx)
{
    earn_fixture_open(cx);
    int64_t id = loan_in(cx, earn_household(cx, 0, "H1", 0), LOAN_SMALL, LOAN_PAID_OUT);
    struct paying p = {id, 1200000, "C-1", help_today(cx)};
    int32_t version = read_loan(cx, id).version;
    earn_killed(cx, "help.loan:1:kill", pay, &p);
    assert_int_equal(entry_count(cx, id), 0);
    assert_int_equal(read_loan(cx, id).version, version);
    assert_true(fault_set("help.loan:1"));
    REFUSED(cx, RC_IO, pay(cx, &p));
    fault_set(NULL);
    assert_int_equal(entry_count(cx, id), 0);
    check_ok(cx, pay(cx, &p));
    assert_int_equal(read_loan(cx, id).state, LOAN_REPAID);
    help_fixture_close(cx);
}
static void test_killed(void **state)
{
    (void)state;
    db_fixture_each(killed_on);
}

static struct task *late_task(struct cx *cx, int64_t household, const char *state,
                              size_t wanted)
{
    struct task *list;
    size_t count;
    const char *next;
    const struct task_query q = {.household_id = household,
                                 .kind = STR("loan_late"),
                                 .state = str_of(state),
                                 .limit = 10};
    check_ok(cx, task_list(&list, &count, &next, cx, &q));
    assert_int_equal(count, wanted);
    return list;
}

static void fire(struct cx *cx)
{
    int64_t fired;
    check_ok(cx, deadline_fire_due(&fired, cx));
}

/* A late part becomes one task of the bank, also when it fires twice and two parts are late;
 * paying what is late ends it and the deadline waits for the next part. */
static void late_on(struct cx *cx)
{
    struct loan *list;
    struct deadline d;
    size_t count;
    earn_fixture_open(cx);
    deadline_kinds_set(loan_deadline_kinds, loan_deadline_kind_count);
    int32_t today = help_today(cx);
    int64_t home = earn_household(cx, 0, "H1", 0), id;
    struct loan l = loan_for(cx, home, LOAN_SMALL);
    l.bank_org_id = earn_org(cx, "bank", "农商行");
    check_ok(cx, loan_ask(&id, cx, &l));
    check_ok(cx, step(cx, id, LOAN_GRANTED, today - 80));
    check_ok(cx, step(cx, id, LOAN_PAID_OUT, today - 70)); /* two parts are late */
    struct loan_query q = {.county = f.county, .late = true, .max = 10};
    check_ok(cx, loan_list(&list, &count, cx, &q));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].id, id);
    late_task(cx, home, "open", 0);
    fire(cx);
    fire(cx);
    struct task *t = late_task(cx, home, "open", 1);
    assert_int_equal(t->owner.kind, OWNER_ORG);
    assert_int_equal(t->owner.id, l.bank_org_id);
    assert_null(strstr(t->title.in[LANG_EN], "王"));
    check_ok(cx, loan_repay(cx, id, today, 100000, STR("D-1"))); /* one of two */
    fire(cx);
    late_task(cx, home, "open", 1);
    check_ok(cx, loan_repay(cx, id, today, 100000, STR("D-2")));
    late_task(cx, home, "open", 0);
    assert_int_equal(late_task(cx, home, "all", 1)->state, TASK_DONE);
    l = read_loan(cx, id);
    assert_true(l.due_day > today);
    check_ok(cx, deadline_get(&d, cx, f.county, "loan.late", id));
    assert_int_equal(d.at, help_day_end(cx, l.due_day));
    check_ok(cx, loan_list(&list, &count, cx, &q));
    assert_int_equal(count, 0);
    check_ok(cx, step(cx, id, LOAN_WRITTEN_OFF, today));
    assert_int_equal(deadline_get(&d, cx, f.county, "loan.late", id), RC_NOTFOUND);
    err_clear(cx);
    help_fixture_close(cx);
}
static void test_late(void **state)
{
    (void)state;
    db_fixture_each(late_on);
}

/* Without a bank the people who manage work are asked; written off, the task is no more. An
 * officer sees the loans of his township only, in a list that goes on. */
static void areas_on(struct cx *cx)
{
    struct loan *list;
    struct loan_entry *entries;
    struct loan l;
    size_t count;
    earn_fixture_open(cx);
    deadline_kinds_set(loan_deadline_kinds, loan_deadline_kind_count);
    int64_t here = earn_household(cx, 0, "H", 0), there = earn_household(cx, 2, "T", 0);
    int64_t mine = loan_in(cx, here, LOAN_SMALL, LOAN_PAID_OUT);
    int64_t other = loan_in(cx, there, LOAN_SMALL, LOAN_ASKED);
    fire(cx);
    struct task *t = late_task(cx, here, "open", 1);
    assert_int_equal(t->owner.kind, OWNER_AREA);
    assert_string_equal(t->owner.permission, "work.manage");
    check_ok(cx, step(cx, mine, LOAN_WRITTEN_OFF, help_today(cx)));
    assert_int_equal(late_task(cx, here, "all", 1)->state, TASK_CANCELLED);
    cx->actor = fixture_officer(cx, &f, f.town[0], "township_officer");
    struct loan_query q = {.county = f.county, .max = 10};
    check_ok(cx, loan_list(&list, &count, cx, &q));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].id, mine);
    REFUSED(cx, RC_NOTFOUND, loan_get(&l, &entries, &count, cx, other));
    REFUSED(cx, RC_NOTFOUND, loan_move(cx, other, 1, LOAN_GRANTED, 0, STR("")));
    cx->actor = NULL;
    for (int i = 0; i < 5; i++)
        loan_in(cx, here, LOAN_GRANT, LOAN_ASKED);
    q = (struct loan_query){.county = f.county, .state = LOAN_ASKED, .max = 4};
    check_ok(cx, loan_list(&list, &count, cx, &q));
    assert_int_equal(count, 4);
    q.before_id = list[3].id;
    check_ok(cx, loan_list(&list, &count, cx, &q));
    assert_int_equal(count, 2);
    assert_int_equal(list[1].id, other);
    help_fixture_close(cx);
}
static void test_areas(void **state)
{
    (void)state;
    db_fixture_each(areas_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),    cmocka_unit_test(test_limits),
        cmocka_unit_test(test_receipts), cmocka_unit_test(test_race),
        cmocka_unit_test(test_killed),   cmocka_unit_test(test_late),
        cmocka_unit_test(test_areas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
