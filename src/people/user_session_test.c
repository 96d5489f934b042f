/* Tests of signing in, the throttle and sessions, on both databases. */
#include "base/check.h"
#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"
#include "db/db_fixture.h"
#include "db/db_impl.h"
#include "people/people_fixture.h"
#include "people/user.h"
#include "people/user_session.sql.h"

#include <pthread.h>

static enum rc sign_in(const char **token, struct cx *cx, const char *login,
                       struct str password, const char *client)
{
    return session_open(token, cx, str_of(login), password, str_of(client),
                        STR("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36"));
}

/* A right password opens a session whose token finds user and grants; the list shows the
 * browser's family and a shortened address; a wrong password and an unknown login get the same
 * answer, a blocked user another one. */
static void signing_in_on(struct cx *cx)
{
    struct people_fixture f;
    const char *token, *other;
    struct session s, *list;
    const struct actor *actor;
    size_t count;
    people_fixture_users(&f, cx);
    check_ok(cx, sign_in(&token, cx, "Worker_A", FIXTURE_PASSWORD, "192.0.2.77"));
    assert_int_equal(strlen(token), 43);
    check_ok(cx, session_find(&s, &actor, cx, str_of(token)));
    assert_int_equal(s.user_id, f.worker_a);
    assert_int_equal(actor->user_id, f.worker_a);
    assert_int_equal(actor->session_id, s.id);
    assert_int_equal(actor->grant_count, 1);
    assert_string_equal(actor->grants[0].area_path, PATH_TOWN_A);
    assert_int_equal(actor->grants[0].county, 1);
    assert_string_equal(s.device, "Chrome, Windows");
    assert_string_equal(s.client, "192.0.2.0/24");
    assert_int_equal(strlen(s.csrf), 64);
    check_ok(cx, sign_in(&other, cx, "worker_a", FIXTURE_PASSWORD, "2001:db8:1:2::7"));
    assert_string_not_equal(token, other);
    people_fixture_as(cx, f.worker_a);
    check_ok(cx, session_list(&list, &count, cx, f.worker_a));
    assert_int_equal(count, 2);
    assert_string_equal(list[0].client, "2001:db8:1::/48");
    assert_string_equal(list[0].csrf, "");
    people_fixture_as(cx, 0);
    char wrong_text[480];
    assert_int_equal(sign_in(&other, cx, "worker_a", STR("wrong password"), ""), RC_DENIED);
    snprintf(wrong_text, sizeof wrong_text, "%s", cx->err.text);
    err_clear(cx);
    assert_int_equal(sign_in(&other, cx, "nobody.here", FIXTURE_PASSWORD, ""), RC_DENIED);
    assert_string_equal(wrong_text, cx->err.text);
    err_clear(cx);
    assert_int_equal(sign_in(&other, cx, "\xff\xfe", FIXTURE_PASSWORD, "not an address"),
                     RC_DENIED);
    err_clear(cx);
    check_ok(cx, user_set_state(cx, f.worker_a, USER_BLOCKED));
    check_refused(cx, session_find(&s, &actor, cx, str_of(token)), RC_DENIED);
    assert_int_equal(sign_in(&other, cx, "worker_a", FIXTURE_PASSWORD, ""), RC_DENIED);
    assert_string_not_equal(wrong_text, cx->err.text);
    err_clear(cx);
    people_fixture_close(cx);
}

/* After 5 failures the wait doubles from 1 s to 15 min (1, 2, 4 … 512, 900); a right password
 * within the wait is refused too, after it clears the count; another login is not touched; a
 * second pool on the same database, as after a restart, knows the failures. */
static void throttle_on(struct cx *cx)
{
    struct people_fixture f;
    const char *token;
    people_fixture_users(&f, cx);
    int64_t at = cx->now_at;
    for (int i = 0; i < 5; i++)
        check_refused(cx, sign_in(&token, cx, "worker_a", STR("wrong wrong"), ""), RC_DENIED);
    struct cx again = *cx;
    struct db_options options = {.url = cx->pool->url};
    again.arena = arena_open(8 * 1024 * 1024);
    again.db = NULL;
    check_ok(&again, db_open(&again.pool, &again, &options));
    check_ok(&again, db_attach(&again));
    check_refused(&again, sign_in(&token, &again, "worker_a", FIXTURE_PASSWORD, ""), RC_BUSY);
    db_detach(&again);
    db_close(again.pool);
    arena_free(again.arena);
    /* What must be waited after the n-th failure, from the rule itself. */
    static const int64_t waits[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900};
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        cx->now_at += waits[i] - 1;
        check_refused(cx, sign_in(&token, cx, "worker_a", FIXTURE_PASSWORD, ""), RC_BUSY);
        cx->now_at += 1;
        if (i % 4 == 0) /* hashing is slow: the others are counted at the door alone */
            check_refused(cx, sign_in(&token, cx, "worker_a", STR("wrong wrong"), ""),
                          RC_DENIED);
        else
            check_ok(cx, people_fixture_attempt(cx, "worker_a"));
    }
    check_ok(cx, sign_in(&token, cx, "admin_b", FIXTURE_PASSWORD, ""));
    cx->now_at += 900;
    check_ok(cx, sign_in(&token, cx, "worker_a", FIXTURE_PASSWORD, ""));
    check_refused(cx, sign_in(&token, cx, "worker_a", STR("wrong wrong"), ""), RC_DENIED);
    cx->now_at = at;
    people_fixture_close(cx);
}

/* A client has 30 free failures over all logins; who signs in well takes the own attempt back,
 * so that an office behind one address is not locked out. Attempts are counted at the door. */
static void clients_on(struct cx *cx)
{
    struct people_fixture f;
    const char *token;
    people_fixture_users(&f, cx);
    check_ok(cx, sign_in(&token, cx, "worker_a", FIXTURE_PASSWORD, "198.51.100.9"));
    for (int i = 0; i < 30; i++)
        check_ok(cx, people_fixture_knock(cx, "198.51.100.0/24"));
    check_refused(cx, sign_in(&token, cx, "worker_a", FIXTURE_PASSWORD, "198.51.100.200"),
                  RC_BUSY);
    check_ok(cx, sign_in(&token, cx, "worker_a", FIXTURE_PASSWORD, "198.51.101.9"));
    cx->now_at += 3601;
    check_ok(cx, sign_in(&token, cx, "worker_a", FIXTURE_PASSWORD, "198.51.100.9"));
    people_fixture_close(cx);
}

struct attacker {
    pthread_t thread;
    struct cx cx;
    enum rc rc;
};
static void *attack(void *arg)
{
    struct attacker *a = arg;
    const char *token;
    a->rc = db_attach(&a->cx);
    if (a->rc == RC_OK)
        a->rc = sign_in(&token, &a->cx, "worker_a", STR("guess guess guess"), "");
    db_detach(&a->cx);
    return NULL;
}

/* Twelve guesses at the same moment do not get past the limit of five. */
static void at_once_on(struct cx *cx)
{
    struct people_fixture f;
    struct attacker a[12];
    int tried = 0, refused = 0;
    people_fixture_users(&f, cx);
    for (int i = 0; i < 12; i++) {
        a[i].cx = *cx;
        a[i].cx.arena = arena_open(4 * 1024 * 1024);
        a[i].cx.db = NULL;
        assert_int_equal(pthread_create(&a[i].thread, NULL, attack, &a[i]), 0);
    }
    for (int i = 0; i < 12; i++) {
        pthread_join(a[i].thread, NULL);
        tried += a[i].rc == RC_DENIED;
        refused += a[i].rc == RC_BUSY;
        arena_free(a[i].cx.arena);
    }
    assert_int_equal(tried, 5);
    assert_int_equal(refused, 7);
    people_fixture_close(cx);
}

/* An unknown login costs as much time as a wrong password: the fastest of three each differ by
 * less than half. (One Argon2id is far above everything else in the path.) */
static void same_time_on(struct cx *cx)
{
    struct people_fixture f;
    const char *token;
    int64_t known = INT64_MAX, unknown = INT64_MAX;
    people_fixture_users(&f, cx);
    (void)sign_in(&token, cx, "nobody", STR("wrong wrong"), ""); /* makes the stand-in hash */
    for (int i = 0; i < 3; i++) {
        int64_t t0 = time_mono_us();
        check_refused(cx, sign_in(&token, cx, "worker_a", STR("wrong wrong"), ""), RC_DENIED);
        int64_t t1 = time_mono_us();
        check_refused(cx, sign_in(&token, cx, "nobody", STR("wrong wrong"), ""), RC_DENIED);
        int64_t t2 = time_mono_us();
        known = t1 - t0 < known ? t1 - t0 : known;
        unknown = t2 - t1 < unknown ? t2 - t1 : unknown;
    }
    assert_true(known < unknown * 2 && unknown < known * 2);
    people_fixture_close(cx);
}

/* Sessions end after 12 idle hours and after 30 days whatever happens; being seen is written at
 * most once a minute; what has ended stays on the list for 30 days. */
static void lapsing_on(struct cx *cx)
{
    struct people_fixture f;
    const char *token, *second;
    struct session s, *list;
    const struct actor *actor;
    size_t count;
    people_fixture_users(&f, cx);
    int64_t at = cx->now_at;
    check_ok(cx, sign_in(&token, cx, "worker_a", FIXTURE_PASSWORD, ""));
    cx->now_at = at + 59;
    check_ok(cx, session_find(&s, &actor, cx, str_of(token)));
    assert_int_equal(s.seen_at, at);
    cx->now_at = at + 60;
    check_ok(cx, session_find(&s, &actor, cx, str_of(token)));
    assert_int_equal(s.seen_at, at + 60);
    cx->now_at = at + 60 + 12 * 3600;
    check_refused(cx, session_find(&s, &actor, cx, str_of(token)), RC_DENIED);
    cx->now_at = at + 60 + 12 * 3600 - 1;
    check_ok(cx, session_find(&s, &actor, cx, str_of(token)));
    for (int64_t t = cx->now_at; t < at + 30 * 24 * 3600; t += 11 * 3600) {
        cx->now_at = t;
        check_ok(cx, session_find(&s, &actor, cx, str_of(token)));
    }
    cx->now_at = at + 30 * 24 * 3600;
    check_refused(cx, session_find(&s, &actor, cx, str_of(token)), RC_DENIED);
    check_ok(cx, session_list(&list, &count, cx, f.worker_a));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].ended_at, at + 30 * 24 * 3600);
    cx->now_at = at + 60 * 24 * 3600 + 1;
    check_ok(cx, session_list(&list, &count, cx, f.worker_a));
    assert_int_equal(count, 0);
    check_ok(cx, sign_in(&second, cx, "worker_a", FIXTURE_PASSWORD, ""));
    check_refused(cx, session_end(cx, s.id), RC_NOTFOUND); /* forgotten for good */
    people_fixture_close(cx);
}

/* One ends one's own sessions; an administrator those of the own area, nobody else any; a new
 * password ends the others. Neither a token's hash nor another length finds anything. */
static void ending_on(struct cx *cx)
{
    struct people_fixture f;
    const char *token, *second, *admin;
    struct session s, t;
    const struct actor *actor;
    people_fixture_users(&f, cx);
    check_ok(cx, sign_in(&token, cx, "worker_a", FIXTURE_PASSWORD, ""));
    check_ok(cx, sign_in(&second, cx, "worker_a", FIXTURE_PASSWORD, ""));
    check_ok(cx, sign_in(&admin, cx, "admin_b", FIXTURE_PASSWORD, ""));
    check_ok(cx, session_find(&s, &actor, cx, str_of(token)));
    people_fixture_as(cx, f.worker_b);
    check_refused(cx, session_end(cx, s.id), RC_NOTFOUND);
    people_fixture_as(cx, f.admin_b);
    check_refused(cx, session_end(cx, s.id), RC_NOTFOUND);
    check_refused(cx, session_end_all(cx, f.worker_a), RC_NOTFOUND);
    people_fixture_as(cx, f.admin_a);
    check_ok(cx, session_end(cx, s.id));
    check_ok(cx, session_end(cx, s.id)); /* again: already so */
    people_fixture_as(cx, 0);
    check_refused(cx, session_find(&t, &actor, cx, str_of(token)), RC_DENIED);
    check_ok(cx, session_find(&t, &actor, cx, str_of(second)));
    check_ok(cx, sign_in(&token, cx, "worker_a", FIXTURE_PASSWORD, ""));
    cx->actor = actor; /* of the second session */
    check_refused(cx, user_change_password(cx, STR("wrong old one"), STR("another secret")),
                  RC_DENIED);
    check_refused(cx, user_change_password(cx, FIXTURE_PASSWORD, FIXTURE_PASSWORD), RC_INVALID);
    check_ok(cx, user_change_password(cx, FIXTURE_PASSWORD, STR("another secret")));
    cx->actor = NULL;
    check_ok(cx, session_find(&t, &actor, cx, str_of(second)));
    check_refused(cx, session_find(&t, &actor, cx, str_of(token)), RC_DENIED);
    people_fixture_as(cx, f.worker_a);
    check_ok(cx, session_end(cx, t.id));
    people_fixture_as(cx, 0);
    check_refused(cx, session_find(&t, &actor, cx, str_of(second)), RC_DENIED);
    check_refused(cx, session_find(&t, &actor, cx, STR("")), RC_DENIED);
    check_refused(cx, session_find(&t, &actor, cx, STR("short")), RC_DENIED);
    people_fixture_close(cx);
}

#define ON_BOTH(name)                                                                          \
    static void name(void **state)                                                             \
    {                                                                                          \
        (void)state;                                                                           \
        db_fixture_each(name##_on);                                                            \
    }
ON_BOTH(signing_in)
ON_BOTH(throttle)
ON_BOTH(clients)
ON_BOTH(at_once)
ON_BOTH(same_time)
ON_BOTH(lapsing)
ON_BOTH(ending)

int main(void)
{
    crypto_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signing_in), cmocka_unit_test(throttle),  cmocka_unit_test(clients),
        cmocka_unit_test(at_once),    cmocka_unit_test(same_time), cmocka_unit_test(lapsing),
        cmocka_unit_test(ending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
