/* Tests of sending, on both databases, with real receivers (test/notice_servers.py): what
 * arrives, quiet hours, slow and failing targets, retries, two servers, and kills between
 * sending and writing down. The program starts itself again as a child that is killed. */
#include "work/notice_fixture.h"

#include <fcntl.h>
#include <pthread.h>

static void begin(struct cx *cx)
{
    check_env("FUMIN_ALLOW_LOCAL", "1");
    notice_fixture_open(cx);
    servers_start(cx);
    servers_use(cx);
    notice_send_limits(0, 0);
}
static void end(struct cx *cx)
{
    servers_stop();
    notice_fixture_close(cx);
}

static enum rc all_due_write(struct cx *cx, void *arg)
{
    const int64_t *at = arg;
    return DB_RUN(cx, &SEND_ALL_DUE, V_I(*at));
}

/* An urgent notice arrives once as mail and as SMS, in the reader's language, with the link and
 * no name; an ordinary one, a repeated one, one that was read, one to a blocked user or without
 * contact are not sent. */
static void arrive_on(struct cx *cx)
{
    struct notice *list;
    size_t count;
    begin(cx);
    tell(cx, nf.wang, NOTICE_URGENT, "a", 1);
    tell(cx, nf.wang, NOTICE_ORDINARY, "b", 1);
    tell(cx, nf.li, NOTICE_URGENT, "c", 1);
    tell(cx, nf.zhao, NOTICE_URGENT, "d", 1);
    assert_int_equal(send_now(cx), 3);
    assert_int_equal(lines_with(cx, ""), 3);
    assert_int_equal(lines_with(cx, "\"kind\": \"mail\""), 2);
    assert_int_equal(lines_with(cx, "\"subject\": \"有一户待入户核实\""), 1);
    assert_int_equal(lines_with(cx, "\"body\": \"有一户待入户核实\\n\\nhttps://"
                                    "office.example.org/task/1\\n\""),
                     1);
    assert_int_equal(lines_with(cx, "A household waits for a check\\n\\nhttps"), 1);
    assert_int_equal(lines_with(cx, "\"raw_ascii\": true"), 2);
    assert_int_equal(lines_with(cx, "Fri, 15 Jan 2027 08:00:00 +0000"), 2);
    assert_int_equal(lines_with(cx, "RCPT TO:<wang@example.org>"), 1);
    assert_int_equal(lines_with(cx, "{\\\"to\\\":\\\"13900000001\\\",\\\"text\\\":"
                                    "\\\"有一户待入户核实 https://office.example.org/task/1"),
                     1);
    assert_int_equal(lines_with(cx, "\"authorization\": \"Bearer token-of-sms\""), 1);
    assert_int_equal(lines_with(cx, "\"idempotency-key\": \"fumin-1-"), 1);
    tell(cx, nf.wang, NOTICE_URGENT, "a", 1);
    tell(cx, nf.li, NOTICE_URGENT, "read", 1);
    act_as(cx, nf.li);
    check_ok(cx, notice_list(&list, &count, cx, 0, false, 10));
    check_ok(cx, notice_read(cx, list[0].id));
    cx->actor = NULL;
    check_ok(cx, user_set_state(cx, nf.wang, USER_BLOCKED));
    tell(cx, nf.wang, NOTICE_URGENT, "e", 1);
    assert_int_equal(send_now(cx), 0);
    assert_int_equal(lines_with(cx, ""), 3);
    expect_states(cx, 0, 3, 0);
    end(cx);
}

/* At 23:00 only an emergency goes out; the urgent one follows at 07:00. A user who is blocked
 * between decision and sending gets nothing. */
static void quiet_on(struct cx *cx)
{
    int64_t night = NOTICE_NOW + 7 * 3600, morning = NOTICE_NOW + 15 * 3600;
    begin(cx);
    set_now(cx, night);
    tell(cx, nf.li, NOTICE_URGENT, "a", 1);
    tell(cx, nf.li, NOTICE_EMERGENCY, "b", 1);
    assert_int_equal(send_now(cx), 1);
    set_now(cx, morning - 1);
    assert_int_equal(send_now(cx), 0);
    set_now(cx, morning);
    assert_int_equal(send_now(cx), 1);
    servers_mode(cx, "smtp busy\n");
    tell(cx, nf.li, NOTICE_URGENT, "c", 1);
    assert_int_equal(send_now(cx), 0);
    check_ok(cx, user_set_state(cx, nf.li, USER_BLOCKED));
    servers_mode(cx, "smtp ok\n");
    set_now(cx, morning + 60);
    assert_int_equal(send_now(cx), 0);
    expect_states(cx, 0, 2, 1);
    assert_int_equal(lines_with(cx, ""), 2);
    end(cx);
}

/* Webhooks get the events they listen to, of their county and those of all; signed. One that is
 * switched off gets nothing, also of what waited. */
static void webhooks_on(struct cx *cx)
{
    begin(cx);
    hook(cx, 1, "/ok?one", "case.moved task.late");
    hook(cx, 2, "/ok?two", "*");
    hook(cx, 0, "/ok?all", "*");
    int64_t off = hook(cx, 1, "/ok?off", "*");
    check_ok(cx, webhook_set_active(cx, off, false));
    happen(cx, 1, "case.moved", 1);
    happen(cx, 1, "alert.new", 1);
    happen(cx, 2, "task.late", 1);
    assert_int_equal(send_now(cx), 5);
    assert_int_equal(lines_with(cx, "/ok?one"), 1);
    assert_int_equal(lines_with(cx, "/ok?two"), 1);
    assert_int_equal(lines_with(cx, "/ok?all"), 3);
    assert_int_equal(lines_with(cx, "/ok?off"), 0);
    assert_int_equal(lines_with(cx, "\"x-fumin-event\": \"case.moved\""), 2);
    assert_int_equal(lines_with(cx, "\"x-fumin-time\": \"1800000000\""), 5);
    assert_int_equal(lines_with(cx, "\"body\": \"{\\\"n\\\":0}\""), 5);
    check_ok(cx, webhook_set_active(cx, off, true));
    happen(cx, 1, "task.late", 1);
    check_ok(cx, webhook_set_active(cx, off, false));
    assert_int_equal(send_now(cx), 2);
    expect_states(cx, 0, 7, 1);
    end(cx);
}

static double at_of(struct cx *cx, const char *word)
{
    struct str text = received(cx);
    while (text.p && text.len) {
        struct str line = str_cut(&text, '\n');
        double at;
        size_t from = str_find(line, STR("\"at\": "));
        if (str_find(line, str_of(word)) == SIZE_MAX || from == SIZE_MAX)
            continue;
        struct str number = {line.p + from + 6, line.len - from - 6};
        number = str_cut(&number, ',');
        assert_true(str_to_f64(&at, number));
        return at;
    }
    fail_msg("%s did not arrive", word);
    return 0;
}

/* A mail server and a webhook that hang, and one that answers 500, each with many messages, do
 * not hold up an SMS and another webhook that come after them. */
static void fair_on(struct cx *cx)
{
    struct timespec now;
    begin(cx);
    notice_send_limits(1000, 1200);
    servers_mode(cx, "smtp hang\n");
    hook(cx, 1, "/hang", "slow.event");
    hook(cx, 1, "/500", "slow.event");
    tell(cx, nf.li, NOTICE_URGENT, "mail", 4);
    happen(cx, 1, "slow.event", 4);
    hook(cx, 1, "/ok?last", "fast.event");
    happen(cx, 1, "fast.event", 1);
    tell(cx, nf.wang, NOTICE_URGENT, "sms", 1);
    clock_gettime(CLOCK_REALTIME, &now);
    double begun = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
    assert_int_equal(send_now(cx), 2);
    assert_true(at_of(cx, "/ok?last") - begun < 1.0);
    assert_true(at_of(cx, "/ok?sms") - begun < 1.0);
    expect_states(cx, 13, 2, 0);
    assert_int_equal(lines_with(cx, "/500"), 4);
    end(cx);
}

/* After a failure: again after 1 min, 2 min, … 6 h; given up after three days and shown; tried
 * again by hand it arrives, with the id it had. */
static void retry_on(struct cx *cx)
{
    struct notice_send *list;
    struct webhook *hooks;
    size_t count;
    int64_t at = NOTICE_NOW, wait_s = 60;
    begin(cx);
    servers_mode(cx, "http 500\n");
    hook(cx, 1, "/flip", "*");
    happen(cx, 1, "x.y", 1);
    for (int tries = 1; at - NOTICE_NOW < 3 * 86400; tries++) {
        assert_int_equal(send_now(cx), 0);
        check_ok(cx, notice_send_list(&list, &count, cx, 1, STR("waiting"), 10));
        assert_int_equal(count, 1);
        assert_int_equal(list[0].tries, tries);
        assert_int_equal(list[0].next_at, at + wait_s);
        assert_string_equal(list[0].error, "http 500");
        set_now(cx, at + wait_s - 1);
        assert_int_equal(send_now(cx), 0);
        assert_int_equal(lines_with(cx, "/flip"), tries);
        at += wait_s;
        set_now(cx, at);
        wait_s = wait_s * 2 < 21600 ? wait_s * 2 : 21600;
    }
    assert_int_equal(send_now(cx), 0);
    expect_states(cx, 0, 0, 1);
    check_ok(cx, webhook_list(&hooks, &count, cx, 1));
    assert_int_equal(hooks[0].failed_since, NOTICE_NOW);
    assert_string_equal(notice_error_text(cx, hooks[0].last_error), "the server answered 500");
    servers_mode(cx, "http ok\n");
    check_ok(cx, notice_send_again(cx, 1, list[0].id));
    assert_int_equal(send_now(cx), 1);
    check_refused(cx, notice_send_again(cx, 1, list[0].id), RC_CONFLICT);
    check_refused(cx, notice_send_again(cx, 2, list[0].id), RC_NOTFOUND);
    check_ok(cx, webhook_list(&hooks, &count, cx, 1));
    assert_int_equal(hooks[0].failed_since, 0);
    const char *id =
        arena_printf(cx->arena, "\"x-fumin-delivery\": \"fumin-1-%" PRId64 "-", list[0].id);
    assert_int_equal(lines_with(cx, id), lines_with(cx, "/flip"));
    end(cx);
}

/* Webhooks never go to this machine or along a redirect; mails refused by the receiver are kept
 * as waiting with the reason. */
static void refused_on(struct cx *cx)
{
    int64_t id;
    const char *secret;
    struct notice_send *list;
    size_t count;
    begin(cx);
    hook(cx, 1, "/redirect", "go");
    happen(cx, 1, "go", 1);
    assert_int_equal(send_now(cx), 0);
    assert_int_equal(lines_with(cx, "/stolen"), 0);
    check_env("FUMIN_ALLOW_LOCAL", NULL);
    static const char *const bad[] = {"http://127.0.0.1/x",
                                      "http://localhost:80/",
                                      "http://[::1]/",
                                      "http://2130706433/",
                                      "http://0x7f.1/",
                                      "http://10.1.2.3/",
                                      "file:///etc/x",
                                      "gopher://a.org/",
                                      "http://user:pw@a.org/",
                                      "http://a b.org/",
                                      "http:///x",
                                      "ftp://a.org/",
                                      "http://[::ffff:10.0.0.1]/"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct webhook w = {.county = 1, .url = bad[i], .events = "*"};
        check_refused(cx, webhook_add(&id, &secret, cx, &w), RC_INVALID);
    }
    set_now(cx, NOTICE_NOW + 60);
    assert_int_equal(send_now(cx), 0);
    assert_int_equal(lines_with(cx, "/redirect"), 1); /* not the second time: local */
    check_ok(cx, notice_send_list(&list, &count, cx, 1, STR("waiting"), 10));
    assert_string_equal(list[0].error, "local");
    servers_mode(cx, "smtp refuse\n");
    tell(cx, nf.li, NOTICE_URGENT, "a", 1);
    assert_int_equal(send_now(cx), 0);
    check_ok(cx, notice_send_list(&list, &count, cx, 1, STR(""), 10));
    assert_string_equal(list[0].error, "smtp 550");
    end(cx);
}

/* ---- two servers, kills ---- */

struct other {
    const char *url;
    struct vault *vault;
    int64_t sent;
    enum rc rc;
};
static void *other_main(void *arg)
{
    struct other *o = arg;
    struct cx cx;
    check_open(&cx);
    cx.vault = o->vault;
    cx.profile = &nf.profile;
    struct db_options options = {.url = o->url};
    o->rc = db_open(&cx.pool, &cx, &options);
    if (!o->rc)
        o->rc = db_attach(&cx);
    if (!o->rc)
        o->rc = notice_send_due(&o->sent, &cx);
    db_detach(&cx);
    db_close(cx.pool);
    check_close(&cx);
    return NULL;
}

/* Three servers on one database send each message once. */
static void servers_on(struct cx *cx)
{
    enum { SERVERS = 3, NOTICES = 30 };
    pthread_t threads[SERVERS];
    struct other others[SERVERS];
    int64_t sum = 0;
    begin(cx);
    hook(cx, 1, "/slow", "*");
    tell(cx, nf.wang, NOTICE_URGENT, "n", NOTICES);
    happen(cx, 1, "e", 10);
    for (int i = 0; i < SERVERS; i++) {
        others[i] = (struct other){.url = db_fixture_url(cx), .vault = cx->vault};
        assert_int_equal(pthread_create(&threads[i], NULL, other_main, &others[i]), 0);
    }
    for (int i = 0; i < SERVERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(others[i].rc, RC_OK);
        sum += others[i].sent;
    }
    sum += send_now(cx);
    assert_int_equal(sum, 2 * NOTICES + 10);
    assert_int_equal(lines_with(cx, ""), 2 * NOTICES + 10);
    expect_states(cx, 0, 2 * NOTICES + 10, 0);
    end(cx);
}

/* Sends with faults as the environment says, until it is killed. */
static int child_main(const char *url, const char *key)
{
    struct cx cx;
    struct other o = {.url = url};
    struct profile_faults faults = {0};
    check_open(&cx);
    if (profile_load_embedded(&nf.loaded, &faults, &cx, "cn") || vault_open(&o.vault, &cx, key))
        return 2;
    nf.profile = *nf.loaded;
    nf.profile.calendar = &nf.calendar;
    other_main(&o);
    return o.rc ? 1 : 0;
}

static void run_child(struct cx *cx, const char *fault)
{
    char self[] = "/proc/self/exe", word[] = "child", url[1000], key[300];
    pid_t pid;
    int status;
    snprintf(url, sizeof url, "%s", db_fixture_url(cx));
    snprintf(key, sizeof key, "%s/key", nf.dir);
    char *argv[] = {self, word, url, key, NULL};
    check_env("FUMIN_FAULT", fault);
    assert_int_equal(posix_spawn(&pid, self, NULL, NULL, argv, environ), 0);
    check_env("FUMIN_FAULT", NULL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
        fail_msg("%s: the child ended by itself (%d)", fault, status);
}

/* How many different ids arrived. */
static int different_ids(struct cx *cx)
{
    const char *seen[200];
    int count = 0;
    struct str text = received(cx);
    while (text.p && text.len) {
        struct str line = str_cut(&text, '\n');
        size_t from = str_find(line, STR("fumin-1-"));
        if (from == SIZE_MAX)
            continue;
        struct str rest = {line.p + from + 8, line.len - from - 8};
        const char *id = arena_copy(cx->arena, str_cut(&rest, '-'));
        bool known = false;
        for (int i = 0; i < count; i++)
            known = known || !strcmp(seen[i], id);
        if (!known && count < 200)
            seen[count++] = id;
    }
    return count;
}

/* Killed between the decision and the making of messages, between claiming and sending, and
 * between sending and writing it down: after a restart everything has arrived. What arrived
 * twice did so with the same id. */
static void killed_on(struct cx *cx)
{
    enum { NOTICES = 10 };
    static const char *const faults[] = {"db.commit:1:kill", "db.commit:2:kill",
                                         "notice.record:1:kill", "db.commit:3:kill",
                                         "notice.record:2:kill"};
    int64_t at = NOTICE_NOW;
    begin(cx);
    hook(cx, 1, "/ok?hook", "*");
    tell(cx, nf.wang, NOTICE_URGENT, "n", NOTICES);
    happen(cx, 1, "e", NOTICES);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        run_child(cx, faults[i]);
        at += NOTICE_LEASE_S;
        set_now(cx, at);
        check_ok(cx, db_write(cx, 0, all_due_write, &at));
    }
    int before = lines_with(cx, "");
    assert_true(before > 0);
    int64_t sent = send_now(cx);
    assert_true(sent > 0 && sent < 3 * NOTICES); /* some were written down before */
    expect_states(cx, 0, 3 * NOTICES, 0);
    assert_int_equal(different_ids(cx), 3 * NOTICES);
    int all = lines_with(cx, "");
    assert_true(all > 3 * NOTICES); /* the kills after sending did repeat some */
    assert_int_equal(send_now(cx), 0);
    assert_int_equal(lines_with(cx, ""), all);
    end(cx);
}

#define EACH(name)                                                                             \
    static void test_##name(void **state)                                                      \
    {                                                                                          \
        (void)state;                                                                           \
        db_fixture_each(name##_on);                                                            \
    }
EACH(arrive)
EACH(quiet)
EACH(webhooks)
EACH(fair)
EACH(retry)
EACH(refused)
EACH(servers)
EACH(killed)

int main(int argc, char **argv)
{
    crypto_init();
    if (argc == 4 && !strcmp(argv[1], "child"))
        return child_main(argv[2], argv[3]);
    if (getenv("ONLY"))
        cmocka_set_test_filter(getenv("ONLY"));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arrive),   cmocka_unit_test(test_quiet),
        cmocka_unit_test(test_webhooks), cmocka_unit_test(test_fair),
        cmocka_unit_test(test_retry),    cmocka_unit_test(test_refused),
        cmocka_unit_test(test_servers),  cmocka_unit_test(test_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
