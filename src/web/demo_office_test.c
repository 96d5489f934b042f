/* The office of a small made-up county on both databases: every state of a case, tip, plan,
 * loan and alert is there to be looked at, something is late, something is public; whoever
 * signs in has tasks; and the register still agrees with itself. */
#include "base/check.h"
#include "base/crypto.h"
#include "base/format.h"
#include "base/vault.h"
#include "casework/posting.h"
#include "db/db_fixture.h"
#include "frame/rows.h"
#include "profile/sheet.h"
#include "register/apply.h"
#include "register/columns.h"
#include "web/demo_office.h"
#include "web/jobs.h"
#include "work/task.h"

#define SQL(id, text, arg_letters, col_letters)                                                \
    static CHECK_UNUSED const struct sql id = {                                                \
        .name = #id, .lite = text, .args = arg_letters, .cols = col_letters}

enum { HOUSEHOLDS = 200, YEAR = 2025, SEED = 1 };

SQL(TEST_FLOWS, "SELECT count(*) FROM flow WHERE workflow = $1 AND state = $2", "tt", "i");
SQL(TEST_TIPS, "SELECT count(DISTINCT source * 10 + state) FROM tip", "", "i");
SQL(TEST_SOURCES, "SELECT count(DISTINCT source) FROM tip", "", "i");
SQL(TEST_PLANS, "SELECT count(DISTINCT state) FROM plan", "", "i");
SQL(TEST_ITEMS, "SELECT count(DISTINCT state) FROM plan_item", "", "i");
SQL(TEST_NEEDS, "SELECT count(DISTINCT state) FROM need", "", "i");
SQL(TEST_LOANS, "SELECT count(DISTINCT state) FROM loan", "", "i");
SQL(TEST_WAGES, "SELECT count(*) FROM wage", "", "i");
SQL(TEST_MATCHES, "SELECT count(*) FROM offer_match WHERE delivered_at > 0", "", "i");
SQL(TEST_TASKS, "SELECT count(DISTINCT kind) FROM task", "", "i");
SQL(TEST_LATE, "SELECT count(*) FROM task WHERE state = 1 AND escalated > 0", "", "i");
SQL(TEST_ALERTS, "SELECT count(DISTINCT state * 10 + outcome) FROM alert", "", "i");
SQL(TEST_VISITS, "SELECT count(*) FROM alert WHERE rule IN (112, 113)", "", "i");
SQL(TEST_DISASTERS, "SELECT count(*) FROM disaster WHERE ended_at > 0", "", "i");
SQL(TEST_ASSEMBLIES, "SELECT count(DISTINCT state) FROM assembly", "", "i");
SQL(TEST_BOOKINGS, "SELECT count(DISTINCT state) FROM booking", "", "i");
SQL(TEST_PAPERS, "SELECT count(*) FROM paper WHERE document_id > 0", "", "i");
SQL(TEST_MEETINGS, "SELECT count(*) FROM meeting WHERE closed_at > 0", "", "i");
SQL(TEST_PAIRS, "SELECT count(*) FROM helper_pair", "", "i");

static enum rc install_sheets(struct cx *cx, void *arg)
{
    (void)arg;
    return sheet_install(cx);
}

static int64_t number(struct cx *cx, const struct sql *sql)
{
    struct db_rows rows;
    check_ok(cx, DB_ONE(&rows, cx, sql));
    int64_t n = row_i64(&rows, 0);
    check_ok(cx, db_done(&rows));
    return n;
}

static void stands_at(struct cx *cx, const char *workflow, const char *const *states)
{
    for (size_t i = 0; states[i]; i++) {
        struct db_rows rows;
        check_ok(cx, DB_ONE(&rows, cx, &TEST_FLOWS, V_T(workflow), V_T(states[i])));
        if (!row_i64(&rows, 0))
            print_error("no case of %s stands at %s\n", workflow, states[i]);
        assert_true(row_i64(&rows, 0) > 0);
        check_ok(cx, db_done(&rows));
    }
}

static void all_states(struct cx *cx)
{
    static const char *const identify[] = {"tip",      "check",  "compare", "vote",    "notice",
                                           "review",   "decide", "watch",   "cleared", "ended",
                                           "rejected", "closed", NULL};
    static const char *const grievance[] = {"new", "county", "settled", NULL};
    static const char *const exits[] = {"check", "notice", "cleared", NULL};
    static const char *const villages[] = {"apply", "check", NULL};
    stands_at(cx, "identify", identify);
    stands_at(cx, "grievance", grievance);
    stands_at(cx, "exit", exits);
    stands_at(cx, "village_exit", villages);
}

/* What the pages of the office list. */
static void nothing_empty(struct cx *cx)
{
    assert_int_equal(number(cx, &TEST_SOURCES), 6);
    assert_in_range(number(cx, &TEST_TIPS), 9, 18);
    assert_int_equal(number(cx, &TEST_PLANS), 3);
    assert_in_range(number(cx, &TEST_ITEMS), 5, 8);
    assert_int_equal(number(cx, &TEST_NEEDS), 3);
    assert_int_equal(number(cx, &TEST_LOANS), 5);
    assert_in_range(number(cx, &TEST_WAGES), 6, 40);
    assert_int_equal(number(cx, &TEST_MATCHES), 1);
    assert_in_range(number(cx, &TEST_TASKS), 6, 20);
    assert_in_range(number(cx, &TEST_LATE), 5, 200);
    assert_in_range(number(cx, &TEST_ALERTS), 6, 6);
    assert_true(number(cx, &TEST_VISITS) > 0);
    assert_int_equal(number(cx, &TEST_DISASTERS), 1);
    assert_int_equal(number(cx, &TEST_ASSEMBLIES), 2);
    assert_int_equal(number(cx, &TEST_BOOKINGS), 3);
    assert_int_equal(number(cx, &TEST_PAPERS), 3);
    assert_int_equal(number(cx, &TEST_MEETINGS), 1);
    assert_in_range(number(cx, &TEST_PAIRS), 3, 63);
}

/* Each of the office's people signs in and finds something to do; the public sees a notice. */
static void people_have_work(struct cx *cx)
{
    static const char *const logins[] = {
        "county_admin",       "county_officer", "township_officer",  "village_worker",
        "department_officer", "health_officer", "education_officer", "civil_affairs_officer"};
    struct posting *postings;
    size_t count;
    for (size_t i = 0; i < sizeof logins / sizeof *logins; i++) {
        struct user user;
        struct task_sums sums;
        cx->actor = NULL;
        check_ok(cx, user_by_login(&user, cx, str_of(logins[i])));
        check_ok(cx, actor_of_user(&cx->actor, cx, user.id));
        check_ok(cx, task_sums_mine(&sums, cx));
        if (!sums.open)
            print_error("%s has no task\n", logins[i]);
        assert_true(sums.open > 0);
    }
    cx->actor = NULL;
    check_ok(cx, posting_list_public(&postings, &count, cx, 1));
    assert_true(count > 0);
}

static void office_on(struct cx *cx)
{
    struct profile_faults faults = {0};
    struct profile *profile;
    struct columns_cache *columns;
    struct vault *vault;
    struct demo_county *c;
    struct demo_files *f;
    struct verify_fault *broken;
    size_t broken_count;
    const char *dir = check_dir(cx), *key = arena_printf(cx->arena, "%s/key", dir);
    check_ok(cx, profile_load_embedded(&profile, &faults, cx, "cn"));
    check_ok(cx, vault_create(cx, key));
    check_ok(cx, vault_open(&vault, cx, key));
    cx->profile = profile;
    cx->vault = vault;
    cx->dir = dir;
    format_set_zone(profile->zone_offset_min);
    office_begin();
    check_ok(cx, db_write(cx, 0, install_sheets, NULL));
    check_ok(cx, columns_cache_open(&columns, cx));
    cx->columns = columns;
    check_ok(cx, demo_county_make(&c, cx, SEED, HOUSEHOLDS, YEAR));
    check_ok(cx, demo_files_open(&f, cx, arena_printf(cx->arena, "%s/files", dir), SEED));
    check_ok(cx, demo_files_year(cx, f, c));
    check_ok(cx, demo_files_close(cx, f));
    FILE *accounts = tmpfile();
    check_ok(cx, demo_load(cx, c, f, accounts));
    fclose(accounts);

    all_states(cx);
    nothing_empty(cx);
    people_have_work(cx);
    check_ok(cx, register_verify(&broken, &broken_count, cx, 0));
    assert_int_equal(broken_count, 0);

    columns_cache_close(columns);
    cx->columns = NULL;
    cx->profile = NULL;
    cx->vault = NULL;
    cx->dir = NULL;
    vault_close(vault);
    profile_free(profile);
    check_dir_remove(cx, dir);
}

static void test_office(void **state)
{
    (void)state;
    db_fixture_each(office_on);
}

int main(int argc, char **argv)
{
    crypto_init();
    sandbox_child_main(argc, argv, frame_sandbox_kinds, frame_sandbox_kind_count);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_office)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
