/* For the tests of notices only: profile cn with a calendar of its own, two counties, a key
 * file, users with contacts, and the receivers of test/notice_servers.py. */
#ifndef WORK_NOTICE_FIXTURE_H
#define WORK_NOTICE_FIXTURE_H

#include "base/check.h"
#include "base/file.h"
#include "base/time.h"
#include "base/vault.h"
#include "db/db_fixture.h"
#include "people/org.h"
#include "profile/calendar.h"
#include "work/notice_inner.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#define TEST_SQL(id, text, arg_letters, col_letters)                                           \
    static CHECK_UNUSED const struct sql id = {                                                \
        .name = #id, .lite = (text), .args = (arg_letters), .cols = (col_letters)}
TEST_SQL(FIXTURE_AREA,
         "INSERT INTO area (id, county, parent_id, level, path, code, name, name_key) VALUES "
         "($1, $2, 0, 2, $3, '', 'x', 'x')",
         "iit", "");
TEST_SQL(SEND_STATES,
         "SELECT coalesce(sum(CASE WHEN state = 0 THEN 1 ELSE 0 END), 0), coalesce(sum(CASE "
         "WHEN state = 1 THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN state = 2 THEN 1 ELSE "
         "0 END), 0) FROM notice_send",
         "", "iii");
TEST_SQL(SEND_ALL_DUE, "UPDATE notice_send SET next_at = $1 WHERE state = 0", "i", "");

enum { NOTICE_NOW = 1800000000 }; /* 2027-01-15 16:00 in China: nobody sleeps */
enum { AREA_ONE = 201, AREA_TWO = 202 };

struct notice_fixture {
    const char *dir, *log;
    struct profile *loaded;
    struct profile profile;
    struct calendar calendar;
    int64_t wang, li, zhao; /* mail and SMS; mail in English; no contact */
    pid_t servers;
    int servers_in, mail_port, web_port;
};
static CHECK_UNUSED struct notice_fixture nf;

static CHECK_UNUSED void set_now(struct cx *cx, int64_t at)
{
    check_env("FUMIN_NOW", arena_printf(cx->arena, "%" PRId64, at));
    cx->now_at = at;
}

static CHECK_UNUSED enum rc fixture_areas(struct cx *cx, void *arg)
{
    (void)arg;
    TRY(DB_RUN(cx, &FIXTURE_AREA, V_I(AREA_ONE), V_I(1), V_T("001")));
    return DB_RUN(cx, &FIXTURE_AREA, V_I(AREA_TWO), V_I(2), V_T("002"));
}

static CHECK_UNUSED int64_t fixture_user(struct cx *cx, const char *login, int64_t area)
{
    int64_t id;
    check_ok(cx,
             user_add(&id, cx, str_of(login), str_of(login), STR("seven green hills"), false));
    check_ok(cx, user_grant(cx, id, "county_admin", area));
    return id;
}

static CHECK_UNUSED void act_as(struct cx *cx, int64_t user_id)
{
    const struct actor *actor;
    check_ok(cx, actor_of_user(&actor, cx, user_id));
    cx->actor = actor;
}

static CHECK_UNUSED void notice_fixture_open(struct cx *cx)
{
    struct profile_faults faults = {0};
    crypto_init();
    nf.dir = check_dir(cx);
    check_ok(cx, profile_load_embedded(&nf.loaded, &faults, cx, "cn"));
    nf.profile = *nf.loaded;
    nf.calendar = (struct calendar){
        .quiet_from_min = 21 * 60, .quiet_to_min = 7 * 60, .summary_min = 7 * 60 + 30};
    nf.profile.calendar = &nf.calendar;
    const char *key = arena_printf(cx->arena, "%s/key", nf.dir);
    check_ok(cx, vault_create(cx, key));
    check_ok(cx, vault_open(&cx->vault, cx, key));
    cx->profile = &nf.profile;
    set_now(cx, NOTICE_NOW);
    check_ok(cx, db_write(cx, 0, fixture_areas, NULL));
    nf.wang = fixture_user(cx, "wang", AREA_ONE);
    nf.li = fixture_user(cx, "li", AREA_ONE);
    nf.zhao = fixture_user(cx, "zhao", AREA_TWO);
    act_as(cx, nf.wang);
    check_ok(cx, user_set_lang(cx, LANG_ZH));
    act_as(cx, nf.li);
    check_ok(cx, user_set_lang(cx, LANG_EN));
    cx->actor = NULL;
    check_ok(cx, contact_set(cx, nf.wang,
                             &(struct contact){.mail = "wang@example.org",
                                               .phone = "13900000001",
                                               .wants_mail = true,
                                               .wants_sms = true,
                                               .wants_summary = true}));
    check_ok(cx, contact_set(cx, nf.li,
                             &(struct contact){.mail = "li@example.org",
                                               .phone = "",
                                               .wants_mail = true,
                                               .wants_summary = true}));
}

static CHECK_UNUSED void notice_fixture_close(struct cx *cx)
{
    vault_close(cx->vault);
    profile_free(nf.loaded);
    cx->vault = NULL;
    cx->profile = NULL;
    cx->actor = NULL;
    check_env("FUMIN_NOW", NULL);
    check_dir_remove(cx, nf.dir);
}

/* ---- the receivers ---- */

extern char **environ;

/* Started with the log in nf.dir; after notice_fixture_open. */
static CHECK_UNUSED void servers_start(struct cx *cx)
{
    char python[] = "python3", script[] = "test/notice_servers.py", line[64] = "";
    char *log = arena_new(cx->arena, 300);
    int in[2], out[2];
    posix_spawn_file_actions_t actions;
    snprintf(log, 300, "%s/log", nf.dir);
    nf.log = log;
    char *argv[] = {python, script, log, NULL};
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    assert_int_equal(posix_spawnp(&nf.servers, python, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    nf.servers_in = in[1];
    for (size_t n = 0; n < sizeof line - 1 && !strchr(line, '\n'); n++)
        assert_int_equal(read(out[0], line + n, 1), 1);
    close(out[0]);
    struct str rest = str_of(line), first = str_cut(&rest, ' ');
    int64_t mail, web;
    assert_true(str_to_i64(&mail, first) && str_to_i64(&web, str_trim(rest)));
    nf.mail_port = (int)mail;
    nf.web_port = (int)web;
}

static CHECK_UNUSED void servers_stop(void)
{
    int status;
    close(nf.servers_in); /* they end by themselves */
    assert_int_equal(waitpid(nf.servers, &status, 0), nf.servers);
}

static CHECK_UNUSED void servers_mode(struct cx *cx, const char *text)
{
    check_ok(cx,
             file_write(cx, arena_printf(cx->arena, "%s.mode", nf.log), str_of(text), 0600));
}

/* All that was received, a line of JSON each. */
static CHECK_UNUSED struct str received(struct cx *cx)
{
    struct str text;
    if (access(nf.log, R_OK))
        return STR("");
    check_ok(cx, file_read(&text, cx, nf.log, 16 << 20));
    return text;
}

static CHECK_UNUSED int lines_with(struct cx *cx, const char *word)
{
    struct str text = received(cx);
    int n = 0;
    while (text.p && text.len)
        n += str_find(str_cut(&text, '\n'), str_of(word)) != SIZE_MAX;
    return n;
}

static CHECK_UNUSED const char *web_url(struct cx *cx, const char *path)
{
    return arena_printf(cx->arena, "http://127.0.0.1:%d%s", nf.web_port, path);
}

/* Settings of all counties that lead to the receivers. */
static CHECK_UNUSED void servers_use(struct cx *cx)
{
    const char *field;
    struct notice_settings s = {
        .mail_url = arena_printf(cx->arena, "smtp://127.0.0.1:%d", nf.mail_port),
        .mail_from = "office@example.org",
        .mail_user = "",
        .mail_password = "",
        .sms_url = web_url(cx, "/ok?sms"),
        .sms_token = "token-of-sms",
        .page_url = "https://office.example.org/"};
    check_ok(cx, notice_settings_set(&field, cx, 0, &s));
}

/* ---- rows ---- */

struct telling {
    struct notice n;
    const char *event;
    int64_t count;
};

static CHECK_UNUSED enum rc tell_write(struct cx *cx, void *arg)
{
    const struct telling *t = arg;
    for (int64_t i = 0; i < t->count; i++) {
        struct notice n = t->n;
        n.key = arena_printf(cx->arena, "%s:%" PRId64, t->n.key, i);
        TRY(notice_add(cx, &n));
    }
    return RC_OK;
}

static CHECK_UNUSED void tell(struct cx *cx, int64_t user_id, enum notice_weight weight,
                              const char *key, int64_t count)
{
    struct telling t = {.n = {.county = 1,
                              .user_id = user_id,
                              .weight = weight,
                              .key = key,
                              .text = {{"A household waits for a check", "有一户待入户核实"}},
                              .href = "/task/1"},
                        .count = count};
    check_ok(cx, db_write(cx, 1, tell_write, &t));
}

static CHECK_UNUSED enum rc event_write(struct cx *cx, void *arg)
{
    const struct telling *t = arg;
    for (int64_t i = 0; i < t->count; i++)
        TRY(webhook_tell(cx, t->n.county, t->event,
                         str_of(arena_printf(cx->arena, "{\"n\":%" PRId64 "}", i))));
    return RC_OK;
}

static CHECK_UNUSED void happen(struct cx *cx, int64_t county, const char *event, int64_t count)
{
    struct telling t = {.n = {.county = county}, .event = event, .count = count};
    check_ok(cx, db_write(cx, county, event_write, &t));
}

static CHECK_UNUSED int64_t hook(struct cx *cx, int64_t county, const char *path,
                                 const char *events)
{
    int64_t id;
    const char *secret;
    struct webhook w = {.county = county, .url = web_url(cx, path), .events = events};
    check_ok(cx, webhook_add(&id, &secret, cx, &w));
    return id;
}

static CHECK_UNUSED int64_t send_now(struct cx *cx)
{
    int64_t sent = -1;
    check_ok(cx, notice_send_due(&sent, cx));
    return sent;
}

static CHECK_UNUSED void expect_states(struct cx *cx, int64_t waiting, int64_t sent,
                                       int64_t failed)
{
    struct db_rows rows;
    check_ok(cx, DB_ONE0(&rows, cx, &SEND_STATES));
    int64_t got[3] = {row_i64(&rows, 0), row_i64(&rows, 1), row_i64(&rows, 2)};
    check_ok(cx, db_done(&rows));
    if (got[0] != waiting || got[1] != sent || got[2] != failed)
        fail_msg("waiting %d sent %d failed %d", (int)got[0], (int)got[1], (int)got[2]);
}

#endif
