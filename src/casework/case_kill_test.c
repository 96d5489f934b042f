/* kill -9 while a case is decided: after freezing, between flow and register, at the commit.
 * The case and the register are as before or both decided, never half; the same decision then
 * goes through. The test program starts itself again as a child that is killed (child_main). */
#include "casework/case_fixture.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

/* Decides as an officer until it is killed. */
static int child_main(const char *url, const char *dir, int64_t flow_id, int64_t user_id)
{
    struct cx cx;
    struct profile_faults faults = {0};
    struct profile *p;
    const struct db_options options = {.url = url};
    check_open(&cx);
    cx.dir = dir;
    check_ok(&cx, profile_load_embedded(&p, &faults, &cx, "cn"));
    cx.profile = p;
    check_ok(&cx, vault_open(&cx.vault, &cx, arena_printf(cx.arena, "%s/key", f.dir)));
    check_ok(&cx, db_open(&cx.pool, &cx, &options));
    check_ok(&cx, db_attach(&cx));
    columns_fixture_open(&cx);
    casework_begin();
    check_ok(&cx, actor_of_user(&cx.actor, &cx, user_id));
    struct flow_ask ask = case_recognise(&cx, flow_id);
    return case_decide(&cx, &ask) == RC_OK ? 0 : 1;
}

static void run_child(struct cx *cx, int64_t flow_id, const char *fault)
{
    char self[] = "/proc/self/exe", word[] = "child";
    char *text = arena_new(cx->arena, 4096);
    pid_t pid;
    int status;
    snprintf(text, 1024, "%s", db_fixture_url(cx));
    snprintf(text + 1024, 1024, "%s", cx->dir);
    snprintf(text + 2048, 512, "%s", f.dir);
    snprintf(text + 2560, 64, "%" PRId64, flow_id);
    snprintf(text + 2624, 64, "%" PRId64, actors[COUNTY]->user_id);
    char *argv[] = {self, word, text, text + 1024, text + 2048, text + 2560, text + 2624, NULL};
    check_env("FUMIN_FAULT", fault);
    assert_int_equal(posix_spawn(&pid, self, NULL, NULL, argv, environ), 0);
    check_env("FUMIN_FAULT", NULL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void killed_on(struct cx *cx)
{
    static const char *const points[] = {"casework.frozen:1:kill", "casework.moved:1:kill",
                                         "db.commit:1:kill", "db.commit:2:kill"};
    case_fixture_open(cx);
    int64_t home = case_household(cx, 0, "A1", 0);
    int64_t id = case_to_decide(cx, home);
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        run_child(cx, id, points[i]);
        bool decided = !strcmp(case_flow(cx, id).state_code, "watch");
        assert_int_equal(case_value(cx, home, "monitoring_class").kind,
                         decided ? VALUE_INT : VALUE_MISSING);
        assert_false(decided && i < 2);
        if (decided)
            break;
    }
    if (!strcmp(case_flow(cx, id).state_code, "decide")) {
        as(cx, COUNTY);
        struct flow_ask ask = case_recognise(cx, id);
        check_ok(cx, case_decide(cx, &ask));
    }
    case_stands_at(cx, id, "watch");
    assert_int_equal(case_value(cx, home, "monitoring_class").i, 2);
    fixture_verify(cx);
    int64_t checked, damaged;
    check_ok(cx, store_verify(&checked, &damaged, cx));
    assert_true(checked > 0);
    assert_int_equal(damaged, 0);
    case_fixture_close(cx);
}
static void test_killed(void **state)
{
    (void)state;
    db_fixture_each(killed_on);
}

int main(int argc, char **argv)
{
    crypto_init();
    if (argc == 7 && !strcmp(argv[1], "child")) {
        int64_t flow_id = 0, user_id = 0;
        f.dir = argv[4];
        (void)str_to_i64(&flow_id, str_of(argv[5]));
        (void)str_to_i64(&user_id, str_of(argv[6]));
        return child_main(argv[2], argv[3], flow_id, user_id);
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_killed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
