/* What a hand at the database changes past the triggers is found, with the id of the transfer
 * or account; and a process that dies between the steps of a batch leaves nothing of it. */
#include "ledger/ledger_fixture.h"

#include <signal.h>
#include <sys/wait.h>

/* ---- tampering ---- */

static void unlock(struct cx *cx)
{
    static const char *const lite[] = {
        "DROP TRIGGER ledger_transfer_update", "DROP TRIGGER ledger_transfer_delete",
        "DROP TRIGGER ledger_account_update", "DROP TRIGGER ledger_account_delete",
        "DROP INDEX ledger_transfer_end"};
    static const char *const pg[] = {"ALTER TABLE ledger_transfer DISABLE TRIGGER ALL",
                                     "ALTER TABLE ledger_account DISABLE TRIGGER ALL",
                                     "DROP INDEX ledger_transfer_end"};
    const char *const *list = db_is_pg(cx) ? pg : lite;
    size_t count = db_is_pg(cx) ? sizeof pg / sizeof *pg : sizeof lite / sizeof *lite;
    for (size_t i = 0; i < count; i++)
        check_ok(cx, fixture_run(cx, list[i]));
}

struct tamper {
    const char *text;
    const char *what; /* how the fault that must be among them begins */
    int64_t id;
    const char *back;
};
static const struct tamper tampers[] = {
    {"UPDATE ledger_transfer SET amount = 101 WHERE id = 11", "transfer: it, or what", 11,
     "UPDATE ledger_transfer SET amount = 100 WHERE id = 11"},
    {"UPDATE ledger_transfer SET amount = 101 WHERE id = 11", "account: posted credits", SELLER,
     "UPDATE ledger_transfer SET amount = 100 WHERE id = 11"},
    {"UPDATE ledger_transfer SET amount = 9223372036854775807 WHERE id IN (11, 12)",
     "account: its transfers add up", BANK,
     "UPDATE ledger_transfer SET amount = 100 WHERE id IN (11, 12)"},
    {"UPDATE ledger_transfer SET document_id = 4 WHERE id = 12", "transfer: it, or what", 12,
     "UPDATE ledger_transfer SET document_id = 0 WHERE id = 12"},
    {"UPDATE ledger_transfer SET at = at - 5 WHERE id = 12", "transfer: it is older", 12,
     "UPDATE ledger_transfer SET at = at + 5 WHERE id = 12"},
    {"UPDATE ledger_transfer SET debit_id = 98 WHERE id = 12", "transfer: one of its accounts",
     12, "UPDATE ledger_transfer SET debit_id = 1 WHERE id = 12"},
    {"UPDATE ledger_transfer SET credit_id = 5 WHERE id = 12", "transfer: its accounts count",
     12, "UPDATE ledger_transfer SET credit_id = 2 WHERE id = 12"},
    {"UPDATE ledger_transfer SET id = -12 WHERE id = 12", "transfer: its number", -12,
     "UPDATE ledger_transfer SET id = 12 WHERE id = -12"},
    {"UPDATE ledger_transfer SET released = 7 WHERE id = 14", "transfer: its amount does not",
     14, "UPDATE ledger_transfer SET released = 50 WHERE id = 14"},
    {"UPDATE ledger_transfer SET released = 7 WHERE id = 12", "transfer: it releases", 12,
     "UPDATE ledger_transfer SET released = 0 WHERE id = 12"},
    {"UPDATE ledger_transfer SET pending_id = 12 WHERE id = 14", "transfer: what it ends", 14,
     "UPDATE ledger_transfer SET pending_id = 13 WHERE id = 14"},
    {"UPDATE ledger_transfer SET pending_id = 15 WHERE id = 14", "transfer: it ends a pending",
     14, "UPDATE ledger_transfer SET pending_id = 13 WHERE id = 14"},
    {"UPDATE ledger_transfer SET pending_id = 13 WHERE id = 16", "transfer: the pending one en",
     13, "UPDATE ledger_transfer SET pending_id = 15 WHERE id = 16"},
    {"UPDATE ledger_transfer SET debit_id = 3 WHERE id = 16", "transfer: the pending one is",
     16, "UPDATE ledger_transfer SET debit_id = 1 WHERE id = 16"},
    {"UPDATE ledger_transfer SET type = 4 WHERE id = 16", "transfer: it expired before", 16,
     "UPDATE ledger_transfer SET type = 3 WHERE id = 16"},
    {"UPDATE ledger_transfer SET seq = 1000 WHERE id = 18", "transfer: one before it", 18,
     "UPDATE ledger_transfer SET seq = 8 WHERE id = 18"},
    {"UPDATE ledger_account SET debits_posted = 5 WHERE id = 5", "account: posted debits",
     STORE, "UPDATE ledger_account SET debits_posted = 0 WHERE id = 5"},
    {"UPDATE ledger_account SET debits_posted = 5 WHERE id = 5", "county: debits and credits",
     0, "UPDATE ledger_account SET debits_posted = 0 WHERE id = 5"},
    {"UPDATE ledger_account SET credits_pending = 5 WHERE id = 5", "account: pending credits",
     STORE, "UPDATE ledger_account SET credits_pending = 0 WHERE id = 5"},
    {"UPDATE ledger_head SET seq = seq + 1", "county: the last transfers", 8,
     "UPDATE ledger_head SET seq = seq - 1"},
    {"UPDATE ledger_head SET county = 8", "county: the head of its ledger", 0,
     "UPDATE ledger_head SET county = 7"},
};

static void tampered(struct cx *cx)
{
    struct verify_fault *list;
    fixture_open(cx);
    check_result(give(cx, plain(11, BANK, SELLER, 100)), LEDGER_OK);
    fixture_now(cx, time_now() + 1);
    check_result(give(cx, plain(12, BANK, SELLER, 100)), LEDGER_OK);
    check_result(give(cx, pend(13, BANK, SELLER, 50, 0)), LEDGER_OK);
    check_result(give(cx, ends(14, LEDGER_POST, 13, 40)), LEDGER_OK);
    check_result(give(cx, pend(15, BANK, SELLER, 50, 500)), LEDGER_OK);
    check_result(give(cx, ends(16, LEDGER_VOID, 15, 0)), LEDGER_OK);
    check_result(give(cx, pend(17, BANK, DRAWER, 50, 0)), LEDGER_CREDIT_LIMIT);
    check_result(give(cx, pend(17, DRAWER, BANK, 50, 0)), LEDGER_OK);
    check_result(give(cx, plain(18, SELLER, BANK, 10)), LEDGER_OK);
    check_sound(cx);
    unlock(cx);
    for (size_t i = 0; i < sizeof tampers / sizeof *tampers; i++) {
        const struct tamper *t = &tampers[i];
        size_t count, k = 0;
        check_ok(cx, fixture_run(cx, t->text));
        check_ok(cx, ledger_verify(&list, &count, cx));
        while (k < count &&
               (strncmp(list[k].what, t->what, strlen(t->what)) != 0 || list[k].id != t->id))
            k++;
        for (size_t n = 0; k == count && n < count; n++)
            print_error("%s %" PRId64 "\n", list[n].what, list[n].id);
        if (k == count)
            fail_msg("not found: %s", t->text);
        check_ok(cx, fixture_run(cx, t->back));
        check_sound(cx);
    }
    /* The last one gone, and the account made to agree: the head knows. */
    check_ok(cx, fixture_run(cx, "DELETE FROM ledger_transfer WHERE id = 18"));
    check_ok(cx, fixture_run(cx, "UPDATE ledger_account SET debits_posted = 0 WHERE id = 2"));
    check_ok(cx, fixture_run(cx, "UPDATE ledger_account SET credits_posted = 0 WHERE id = 1"));
    assert_int_equal(faults(cx), 1);
    /* A county without head, and one with transfers only: proved all the same. */
    check_ok(cx, fixture_run(cx, "DELETE FROM ledger_head"));
    check_ok(cx, fixture_run(cx, "UPDATE ledger_account SET credits_posted = 7 WHERE id = 3"));
    assert_int_equal(faults(cx), 3);
    check_ok(cx, fixture_run(cx, "DELETE FROM ledger_account"));
    assert_int_equal(faults(cx), 1 + 7); /* the head; each transfer's accounts */
    check_env("FUMIN_NOW", NULL);
}

static void damaged(struct cx *cx)
{
    enum ledger_result r;
    struct ledger_transfer t = ends(3, LEDGER_POST, 2, 0);
    fixture_open(cx);
    check_result(give(cx, pend(2, BANK, SELLER, 100, 0)), LEDGER_OK);
    unlock(cx);
    /* Pending balances that cannot give back what is released: refused as a whole. */
    check_ok(cx,
             fixture_run(cx, "UPDATE ledger_account SET credits_pending = 50 WHERE id = 2"));
    check_refused(cx, ledger_apply(&r, cx, COUNTY, &t, 1), RC_DB);
    struct ledger_transfer end;
    assert_int_equal(ledger_end_get(&end, cx, COUNTY, 2), RC_NOTFOUND);
    assert_int_equal(faults(cx), 2);
    /* A head that fell behind: its next row is in the way. */
    check_ok(cx, fixture_run(cx, "UPDATE ledger_head SET seq = seq - 1"));
    t = plain(9, BANK, OTHER, 1);
    check_refused(cx, ledger_apply(&r, cx, COUNTY, &t, 1), RC_DB);
    assert_int_equal(ledger_transfer_get(&end, cx, COUNTY, 9), RC_NOTFOUND);
}

/* ---- faults and death between the steps ---- */

static const char *const points[] = {"ledger.inserted:1", "ledger.account:1",
                                     "ledger.account:2", "ledger.written:1", "db.commit:1"};
enum { POINTS = sizeof points / sizeof *points };

static size_t three(struct ledger_transfer t[3])
{
    t[0] = plain(21, BANK, SELLER, 70);
    t[1] = pend(22, SELLER, BANK, 20, 600);
    t[2] = plain(23, SELLER, OTHER, 30);
    t[0].flags = t[1].flags = LEDGER_LINKED;
    return 3;
}

static void stopped(struct cx *cx)
{
    struct ledger_transfer t[3], got;
    enum ledger_result r[3];
    struct deadline d;
    fixture_open(cx);
    for (size_t i = 0; i + 1 < POINTS; i++) {
        assert_true(fault_set(points[i]));
        check_refused(cx, ledger_apply(r, cx, COUNTY, t, three(t)), RC_IO);
        assert_true(fault_set(NULL));
        check_account(cx, SELLER, 0, 0, 0, 0);
        assert_int_equal(ledger_transfer_get(&got, cx, COUNTY, 21), RC_NOTFOUND);
        assert_int_equal(deadline_get(&d, cx, COUNTY, "ledger.expire", 22), RC_NOTFOUND);
        check_sound(cx);
    }
    check_ok(cx, ledger_apply(r, cx, COUNTY, t, three(t)));
    check_account(cx, SELLER, 20, 30, 0, 70);
    check_ok(cx, deadline_get(&d, cx, COUNTY, "ledger.expire", 22));
    check_sound(cx);
}

/* A program of its own (SQLite must not be carried over a fork) that dies at the point. */
_Noreturn static void child_run(const char *url, const char *point)
{
    struct cx cx;
    struct db_pool *pool;
    struct ledger_transfer t[3];
    enum ledger_result r[3];
    crypto_init();
    check_open(&cx);
    if (db_open(&pool, &cx, &(struct db_options){.url = url}))
        _exit(3);
    cx.pool = pool;
    char specification[64];
    snprintf(specification, sizeof specification, "%s:kill", point);
    if (!fault_set(specification))
        _exit(4);
    _exit(ledger_apply(r, &cx, COUNTY, t, three(t)) ? 5 : 6);
}

static void killed(struct cx *cx)
{
    struct ledger_transfer t[3], got;
    enum ledger_result r[3];
    const char *url = arena_copy(cx->arena, str_of(db_fixture_url(cx)));
    fixture_open(cx);
    for (size_t i = 0; i < POINTS; i++) {
        int status = 0;
        pid_t pid = fork();
        if (pid == 0) {
            execl("/proc/self/exe", "child", url, points[i], (char *)NULL);
            _exit(7);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
            fail_msg("%s: status %d", points[i], status);
        assert_int_equal(ledger_transfer_get(&got, cx, COUNTY, 21), RC_NOTFOUND);
        check_account(cx, SELLER, 0, 0, 0, 0);
        check_sound(cx);
    }
    check_ok(cx, ledger_apply(r, cx, COUNTY, t, three(t)));
    for (int i = 0; i < 3; i++)
        check_result(r[i], LEDGER_OK);
    check_sound(cx);
}

#define TEST(name)                                                                             \
    static void test_##name(void **state)                                                      \
    {                                                                                          \
        (void)state;                                                                           \
        db_fixture_each(name);                                                                 \
    }
TEST(tampered)
TEST(damaged)
TEST(stopped)
TEST(killed)

int main(int argc, char **argv)
{
    if (argc == 3)
        child_run(argv[1], argv[2]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tampered),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_stopped),
        cmocka_unit_test(test_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
