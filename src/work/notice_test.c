/* Tests of notices on both databases: telling once, reading, settings sealed and by county,
 * daily summaries, mails' texts, signatures, private addresses. Sending: notice_send_test.c. */
#include "work/notice_fixture.h"

#include <arpa/inet.h>

TEST_SQL(STORED_SECRETS,
         "SELECT mail_password || sms_token || (SELECT coalesce(max(secret), '') FROM webhook) "
         "FROM notice_setting",
         "", "t");
TEST_SQL(SEND_BODIES,
         "SELECT subject, body FROM notice_send WHERE user_id = $1 ORDER BY id DESC LIMIT 1",
         "i", "tt");

/* A notice is told once per user and key, in both languages; lists are newest first, by pages;
 * reading one or all counts down; others' notices are not there. */
static void rows_on(struct cx *cx)
{
    struct notice *list;
    size_t count;
    int64_t n;
    notice_fixture_open(cx);
    tell(cx, nf.wang, NOTICE_ORDINARY, "a", 5);
    tell(cx, nf.wang, NOTICE_URGENT, "a", 5);
    tell(cx, nf.li, NOTICE_ORDINARY, "a", 1);
    tell(cx, 0, NOTICE_ORDINARY, "a", 1);
    check_ok(cx, notice_count_new(&n, cx));
    assert_int_equal(n, 0);
    act_as(cx, nf.li);
    check_ok(cx, notice_list(&list, &count, cx, 0, false, 10));
    assert_int_equal(count, 1);
    int64_t lis = list[0].id;
    act_as(cx, nf.wang);
    check_ok(cx, notice_count_new(&n, cx));
    assert_int_equal(n, 5);
    check_ok(cx, notice_list(&list, &count, cx, 0, false, 3));
    assert_int_equal(count, 3);
    assert_true(list[0].id > list[1].id);
    assert_int_equal(list[0].weight, NOTICE_ORDINARY);
    assert_string_equal(list[0].text.in[LANG_ZH], "有一户待入户核实");
    assert_string_equal(list[0].href, "/task/1");
    check_ok(cx, notice_list(&list, &count, cx, list[2].id, false, 10));
    assert_int_equal(count, 2);
    check_ok(cx, notice_read(cx, list[0].id));
    check_ok(cx, notice_read(cx, list[0].id));
    check_refused(cx, notice_read(cx, lis), RC_NOTFOUND);
    check_ok(cx, notice_list(&list, &count, cx, 0, true, 10));
    assert_int_equal(count, 4);
    check_ok(cx, notice_read(cx, 0));
    check_ok(cx, notice_count_new(&n, cx));
    assert_int_equal(n, 0);
    act_as(cx, nf.li);
    check_ok(cx, notice_count_new(&n, cx));
    assert_int_equal(n, 1);
    notice_fixture_close(cx);
}

static struct notice_settings settings(void)
{
    return (struct notice_settings){.mail_url = "smtps://mail.example.org:465",
                                    .mail_from = "office@example.org",
                                    .mail_user = "office",
                                    .mail_password = "plain-password",
                                    .sms_url = "https://sms.example.org/send",
                                    .sms_token = "plain-token",
                                    .page_url = "https://office.example.org/"};
}

static void bad(struct cx *cx, const struct notice_settings *s, const char *field)
{
    const char *got;
    check_refused(cx, notice_settings_set(&got, cx, 1, s), RC_INVALID);
    assert_string_equal(got, field);
}

/* Secrets are sealed where they are stored, masked for people, kept by the mask and taken away
 * by an empty field; a county without its own uses those of all; wrong fields are named; a
 * county is changed only by who manages it. */
static void settings_on(struct cx *cx)
{
    struct notice_settings s = settings(), got;
    struct webhook w = {.county = 1, .url = "https://hook.example.org/", .events = "*"}, *hooks;
    const char *field, *secret;
    struct db_rows rows;
    int64_t id;
    size_t count;
    notice_fixture_open(cx);
    check_ok(cx, notice_settings_set(&field, cx, 0, &s));
    check_ok(cx, notice_settings_used(&got, cx, 2));
    assert_string_equal(got.mail_password, "plain-password");
    assert_string_equal(got.page_url, "https://office.example.org");
    act_as(cx, nf.wang);
    check_refused(cx, notice_settings_get(&got, cx, 0), RC_NOTFOUND);
    check_refused(cx, notice_settings_set(&field, cx, 2, &s), RC_NOTFOUND);
    check_refused(cx, webhook_list(&hooks, &count, cx, 2), RC_NOTFOUND);
    check_ok(cx, webhook_add(&id, &secret, cx, &w));
    check_ok(cx, notice_settings_get(&got, cx, 1));
    assert_string_equal(got.mail_url, "");
    s.mail_url = "smtp://own.example.org";
    s.mail_password = "own-password";
    check_ok(cx, notice_settings_set(&field, cx, 1, &s));
    s.mail_password = NOTICE_MASK;
    s.sms_token = "";
    check_ok(cx, notice_settings_set(&field, cx, 1, &s));
    check_ok(cx, notice_settings_get(&got, cx, 1));
    assert_string_equal(got.mail_password, NOTICE_MASK);
    assert_string_equal(got.sms_token, "");
    bad(cx, &(struct notice_settings){"smtp://a b", "a@b", "", "", "", "", ""}, "mail_url");
    bad(cx, &(struct notice_settings){"http://a.org", "a@b", "", "", "", "", ""}, "mail_url");
    bad(cx, &(struct notice_settings){"smtp://a.org", "a", "", "", "", "", ""}, "mail_from");
    bad(cx, &(struct notice_settings){"smtp://a.org", "a@b\r\nBcc: x", "", "", "", "", ""},
        "mail_from");
    bad(cx, &(struct notice_settings){"smtp://a.org", "a@b", "", "x", "", "", ""}, "mail_user");
    bad(cx, &(struct notice_settings){"", "", "", "", "sms.org", "", ""}, "sms_url");
    bad(cx, &(struct notice_settings){"", "", "", "", "", "", "javascript:x"}, "page_url");
    bad(cx, &(struct notice_settings){"", "", "", "", "", "a\nb", ""}, "sms_token");
    act_as(cx, nf.zhao);
    check_refused(cx, webhook_set_active(cx, id, false), RC_NOTFOUND);
    cx->actor = NULL;
    check_ok(cx, notice_settings_used(&got, cx, 1));
    assert_string_equal(got.mail_password, "own-password");
    assert_string_equal(got.sms_token, "");
    check_ok(cx, DB_SELECT0(&rows, cx, &STORED_SECRETS));
    while (db_next(&rows)) {
        struct str stored = row_str(&rows, 0);
        assert_true(stored.len > 100);
        assert_true(str_find(stored, STR("plain")) == SIZE_MAX);
        assert_true(str_find(stored, STR("own-")) == SIZE_MAX);
        assert_true(str_find(stored, str_of(secret)) == SIZE_MAX);
    }
    check_ok(cx, db_done(&rows));
    notice_fixture_close(cx);
}

/* ---- summaries ---- */

static int64_t line_user;
static bool line_fails;
static enum rc line(struct cx *cx, struct buf *out, int64_t county, int64_t user_id,
                    enum lang lang)
{
    assert_true(cx->actor && cx->actor->user_id == user_id && cx->lang == lang);
    if (user_id != line_user || county != 1)
        return RC_OK;
    buf_z(out, "12 households of yours wait for a check");
    return line_fails ? fail(cx, RC_DB, "ill", "on purpose") : RC_OK;
}

static int64_t summaries(struct cx *cx)
{
    int64_t made = -1;
    check_ok(cx, notice_summaries_due(&made, cx));
    return made;
}

static void body_of(struct cx *cx, int64_t user_id, const char **subject, const char **body)
{
    struct db_rows rows;
    check_ok(cx, DB_ONE(&rows, cx, &SEND_BODIES, V_I(user_id)));
    *subject = arena_copy(cx->arena, row_str(&rows, 0));
    *body = arena_copy(cx->arena, row_str(&rows, 1));
    check_ok(cx, db_done(&rows));
}

/* One summary a day, from 07:30 of the office's zone on, with what is new and unread since the
 * last and the rooms' lines; none when there is nothing to tell, to the blocked, or to those
 * without contact; a server that was down makes it when it is back. */
static void summary_on(struct cx *cx)
{
    int64_t half_past_seven = NOTICE_NOW + 15 * 3600 + 1800, day_s = 86400;
    struct notice_settings s = settings();
    const char *field, *subject, *body;
    notice_fixture_open(cx);
    notice_summary_add(line);
    notice_summary_add(line);
    check_ok(cx, notice_settings_set(&field, cx, 0, &s));
    tell(cx, nf.wang, NOTICE_ORDINARY, "a", 12);
    tell(cx, nf.li, NOTICE_ORDINARY, "a", 1);
    tell(cx, nf.zhao, NOTICE_ORDINARY, "a", 1);
    set_now(cx, half_past_seven - 1);
    assert_int_equal(summaries(cx), 0);
    set_now(cx, half_past_seven);
    line_user = nf.li;
    assert_int_equal(summaries(cx), 2);
    assert_int_equal(summaries(cx), 0);
    body_of(cx, nf.li, &subject, &body);
    assert_string_equal(subject, "Summary of 2027-01-16");
    assert_string_equal(body, "1 new notice:\n- A household waits for a check\n"
                              "12 households of yours wait for a check\n\n"
                              "https://office.example.org/notice\n");
    body_of(cx, nf.wang, &subject, &body);
    assert_non_null(strstr(body, "- 有一户待入户核实\n- …\n"));
    set_now(cx, half_past_seven + day_s);
    line_user = 0;
    assert_int_equal(summaries(cx), 0);
    tell(cx, nf.wang, NOTICE_ORDINARY, "b", 1);
    tell(cx, nf.li, NOTICE_ORDINARY, "b", 1);
    check_ok(cx, user_set_state(cx, nf.li, USER_BLOCKED));
    set_now(cx, half_past_seven + 2 * day_s + 3 * 3600);
    line_user = nf.wang;
    line_fails = true;
    assert_int_equal(summaries(cx), 1);
    line_fails = false;
    body_of(cx, nf.wang, &subject, &body);
    assert_null(strstr(body, "12 households"));
    assert_null(strstr(body, "…"));
    expect_states(cx, 3, 0, 0);
    notice_fixture_close(cx);
}

/* ---- without a database ---- */

/* Expected: Python's hmac.new(key, b"1800000000." + body, sha256). */
static void test_sign(void **state)
{
    struct cx cx;
    (void)state;
    check_open(&cx);
    assert_string_equal(
        webhook_sign(cx.arena, STR("the secret"), 1800000000, STR("{\"event\":\"测试\"}")),
        "f224e2ff60f95b12a4fc2b1fdcf9aae89e4325675bc4a5db4fd177e5c2ab1fe3");
    check_close(&cx);
}

/* Encoded words hold whole characters, at most 75 characters each (RFC 2047, 2), and no line
 * end of the text comes through. */
static void test_mail_word(void **state)
{
    struct cx cx;
    (void)state;
    check_open(&cx);
    assert_string_equal(notice_mail_word(cx.arena, STR("A\r\nBcc: x")),
                        "=?UTF-8?B?QQ0KQmNjOiB4?=");
    assert_string_equal(notice_mail_word(cx.arena, STR("")), "=?UTF-8?B?"
                                                             "?=");
    for_each_seed (seed, 100) {
        struct buf b;
        uint64_t r = seed;
        buf_init(&b, cx.arena, 1000);
        for (int64_t i = check_int(&r, 1, 80); i > 0; i--)
            buf_z(&b, check_int(&r, 0, 2) ? "汉" : "a");
        struct str words = str_of(notice_mail_word(cx.arena, buf_view(&b)));
        while (words.p) {
            struct str one = str_trim(str_cut(&words, '\n'));
            assert_true(one.len <= 75);
            assert_true(str_starts(one, STR("=?UTF-8?B?")) && str_ends(one, STR("?=")));
        }
    }
    check_close(&cx);
}

/* This machine, private networks and what leads there in other spellings; and some that do not.
 */
static void test_local(void **state)
{
    static const struct {
        const char *address;
        bool local;
    } rows[] = {
        {"127.0.0.1", true},
        {"10.255.0.1", true},
        {"172.16.0.1", true},
        {"172.32.0.1", false},
        {"192.168.1.1", true},
        {"169.254.169.254", true},
        {"100.64.0.1", true},
        {"100.128.0.1", false},
        {"0.0.0.0", true},
        {"224.0.0.1", true},
        {"255.255.255.255", true},
        {"8.8.8.8", false},
        {"::1", true},
        {"::", true},
        {"fd00::1", true},
        {"fe80::1", true},
        {"ff02::1", true},
        {"::ffff:127.0.0.1", true},
        {"::127.0.0.1", true},
        {"64:ff9b::a00:1", true},
        {"2002:7f00:1::", true},
        {"2001:db8::1", true},
        {"2606:4700::1", false},
        {"::ffff:8.8.8.8", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned char address[16];
        int family = strchr(rows[i].address, ':') ? AF_INET6 : AF_INET;
        assert_int_equal(inet_pton(family, rows[i].address, address), 1);
        if (carrier_is_local(family, address) != rows[i].local)
            fail_msg("%s", rows[i].address);
    }
}

/* Texts in both languages from one source. */
static void test_both(void **state)
{
    struct cx cx;
    (void)state;
    check_open(&cx);
    struct both b = both_f(&cx, "%d of %s", 3, "x");
    assert_string_equal(b.in[LANG_EN], "3 of x");
    assert_string_equal(b.in[LANG_ZH], "3 of x"); /* no catalogue in use here */
    assert_string_equal(both_typed("y").in[LANG_ZH], "y");
    assert_string_equal(both_of((struct label){{"a", "b"}}).in[LANG_ZH], "b");
    check_close(&cx);
}

#define EACH(name)                                                                             \
    static void test_##name(void **state)                                                      \
    {                                                                                          \
        (void)state;                                                                           \
        db_fixture_each(name##_on);                                                            \
    }
EACH(rows)
EACH(settings)
EACH(summary)

int main(void)
{
    crypto_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),    cmocka_unit_test(test_settings),
        cmocka_unit_test(test_summary), cmocka_unit_test(test_sign),
        cmocka_unit_test(test_local),   cmocka_unit_test(test_mail_word),
        cmocka_unit_test(test_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
