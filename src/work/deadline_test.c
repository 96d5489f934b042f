/* Tests of deadlines on both databases: fired once, also by two servers, over a kill and with
 * the clock set back; failing handlers; days without a server; the clocks of a runner. The
 * program starts itself again as a child that is killed (child_main). */
#include "work/deadline.h"

#include "base/check.h"
#include "base/crypto.h"
#include "base/fault.h"
#include "base/time.h"
#include "db/db_fixture.h"
#include "work/job_inner.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#define SQL(id, text, arg_letters, col_letters)                                                \
    static const struct sql id = {                                                             \
        .name = #id, .lite = (text), .args = (arg_letters), .cols = (col_letters)}
SQL(TEST_MAKE, "CREATE TABLE test_fired (county BIGINT, subject BIGINT, step BIGINT)", "", "");
SQL(TEST_FIRED, "INSERT INTO test_fired (county, subject, step) VALUES ($1, $2, $3)", "iii",
    "");
SQL(TEST_COUNT,
    "SELECT count(*), (SELECT count(*) FROM (SELECT DISTINCT county, subject, step FROM "
    "test_fired) d) FROM test_fired",
    "", "ii");
SQL(TEST_OF, "SELECT count(*) FROM test_fired WHERE county = $1 AND subject = $2 AND step = $3",
    "iii", "i");

enum { NOW = 1800000000, DAY_S = 86400 };

static void set_now(struct cx *cx, int64_t at)
{
    check_env("FUMIN_NOW", arena_printf(cx->arena, "%" PRId64, at));
    cx->now_at = at;
}

/* ---- handlers ---- */

static enum rc fired(struct cx *cx, const struct deadline *d)
{
    return DB_RUN(cx, &TEST_FIRED, V_I(d->county), V_I(d->subject_id), V_I(d->step));
}

static bool is_ill; /* the handlers of "ill" fail */
static enum rc fire_ill(struct cx *cx, const struct deadline *d)
{
    TRY(fired(cx, d));
    if (is_ill && d->subject_id == 13)
        return fail(cx, RC_DB, "it is ill", "on purpose");
    return RC_OK;
}

/* What it wrote before it found out must not stay. */
static enum rc fire_gone(struct cx *cx, const struct deadline *d)
{
    TRY(fired(cx, d));
    return fail(cx, d->subject_id % 2 ? RC_NOTFOUND : RC_CONFLICT, "gone", "on purpose");
}

/* The next day again, five times: what escalation does. */
static enum rc fire_again(struct cx *cx, const struct deadline *d)
{
    TRY(fired(cx, d));
    if (d->step < 5)
        TRY(deadline_set(cx, d->county, d->kind, d->subject_id, d->at + DAY_S, d->step + 1));
    return RC_OK;
}

static const struct deadline_kind kinds[] = {
    {"plain", fired}, {"ill", fire_ill}, {"gone", fire_gone}, {"again", fire_again}};

struct setting {
    int64_t county, first, count, at;
    const char *kind;
};
static enum rc set_write(struct cx *cx, void *arg)
{
    const struct setting *s = arg;
    for (int64_t i = 0; i < s->count; i++)
        TRY(deadline_set(cx, s->county, s->kind, s->first + i, s->at, 0));
    return RC_OK;
}
static void set(struct cx *cx, int64_t county, const char *kind, int64_t first, int64_t count,
                int64_t at)
{
    struct setting s = {county, first, count, at, kind};
    check_ok(cx, db_write(cx, county, set_write, &s));
}

static enum rc clear_write(struct cx *cx, void *arg)
{
    const struct setting *s = arg;
    return deadline_clear(cx, s->county, s->kind, s->first);
}

static enum rc make_write(struct cx *cx, void *arg)
{
    (void)arg;
    return DB_RUN0(cx, &TEST_MAKE);
}

static void begin(struct cx *cx)
{
    is_ill = false;
    set_now(cx, NOW);
    deadline_kinds_set(kinds, sizeof kinds / sizeof kinds[0]);
    check_ok(cx, db_write(cx, 0, make_write, NULL));
}

static int64_t fire(struct cx *cx)
{
    int64_t n = -1;
    check_ok(cx, deadline_fire_due(&n, cx));
    return n;
}

/* How many rows handlers wrote; all different ones. */
static int64_t rows_of(struct cx *cx)
{
    struct db_rows rows;
    check_ok(cx, DB_ONE0(&rows, cx, &TEST_COUNT));
    int64_t all = row_i64(&rows, 0), different = row_i64(&rows, 1);
    check_ok(cx, db_done(&rows));
    assert_int_equal(all, different);
    return all;
}
static int64_t times(struct cx *cx, int64_t county, int64_t subject, int64_t step)
{
    struct db_rows rows;
    check_ok(cx, DB_ONE(&rows, cx, &TEST_OF, V_I(county), V_I(subject), V_I(step)));
    int64_t n = row_i64(&rows, 0);
    check_ok(cx, db_done(&rows));
    return n;
}

/* ---- tests ---- */

/* A deadline fires at its second and not before, once; setting it again moves it; cleared or
 * set to 0 it does not fire. The clock set back an hour and forward again fires nothing twice.
 */
static void once_on(struct cx *cx)
{
    struct deadline d;
    begin(cx);
    set(cx, 1, "plain", 1, 1, NOW + 10);
    set(cx, 2, "plain", 1, 1, NOW + 10);
    set(cx, 1, "plain", 2, 1, NOW + 10);
    set(cx, 1, "plain", 2, 1, NOW + 20);
    set(cx, 1, "plain", 3, 2, NOW + 5);
    set(cx, 1, "plain", 4, 1, 0);
    struct setting three = {.county = 1, .first = 3, .kind = "plain"};
    check_ok(cx, db_write(cx, 1, clear_write, &three));
    check_ok(cx, deadline_get(&d, cx, 1, "plain", 2));
    assert_int_equal(d.at, NOW + 20);
    assert_int_equal(deadline_get(&d, cx, 1, "plain", 4), RC_NOTFOUND);
    set_now(cx, NOW + 9);
    assert_int_equal(fire(cx), 0);
    set_now(cx, NOW + 10);
    assert_int_equal(fire(cx), 2);
    assert_int_equal(fire(cx), 0);
    set_now(cx, NOW - 3600);
    assert_int_equal(fire(cx), 0);
    set_now(cx, NOW + 30);
    assert_int_equal(fire(cx), 1);
    assert_int_equal(rows_of(cx), 3);
    assert_int_equal(times(cx, 1, 2, 0), 1);
    assert_int_equal(times(cx, 2, 1, 0), 1);
}

/* One handler of 250 fails: what it wrote is undone, the others fire, it is counted, and tried
 * again after a minute and not before. Subjects that are gone end without effect. A kind that
 * the program does not know is kept. */
static void failing_on(struct cx *cx)
{
    struct deadline_figures f;
    begin(cx);
    is_ill = true;
    set(cx, 1, "ill", 1, 250, NOW);
    set(cx, 1, "gone", 1000, 4, NOW);
    set(cx, 7, "unheard", 1, 1, NOW);
    set(cx, 8, "plain", 1, 1, NOW + 100);
    assert_int_equal(fire(cx), 249);
    assert_int_equal(rows_of(cx), 249);
    assert_int_equal(times(cx, 1, 13, 0), 0);
    check_ok(cx, deadline_figures_get(&f, cx));
    assert_int_equal(f.failing, 2);
    assert_int_equal(f.late, 0);
    assert_int_equal(f.oldest_at, NOW + 60);
    set_now(cx, NOW + 59);
    assert_int_equal(fire(cx), 0);
    is_ill = false;
    set_now(cx, NOW + 60);
    assert_int_equal(fire(cx), 1);
    assert_int_equal(times(cx, 1, 13, 0), 1);
    set_now(cx, NOW + 111);
    check_ok(cx, deadline_figures_get(&f, cx));
    assert_int_equal(f.failing, 1);
    assert_int_equal(f.late, 1); /* the one of county 8; the unknown one waits till +120 */
}

/* No server for ten days: what fell due meanwhile fires at the next start, and so do the steps
 * that follow from it. */
static void days_on(struct cx *cx)
{
    begin(cx);
    for (int day = 0; day < 10; day++)
        set(cx, 1 + day % 3, "plain", 100 + day, 1, NOW + day * DAY_S);
    set(cx, 1, "again", 1, 1, NOW + DAY_S);
    set_now(cx, NOW + 10 * DAY_S);
    assert_int_equal(fire(cx), 10 + 6);
    assert_int_equal(fire(cx), 0);
    for (int step = 0; step <= 5; step++)
        assert_int_equal(times(cx, 1, 1, step), 1);
    assert_int_equal(rows_of(cx), 16);
}

struct other {
    const char *url;
    int64_t fired;
    enum rc rc;
};
static void *other_main(void *arg)
{
    struct other *o = arg;
    struct cx cx;
    check_open(&cx);
    struct db_options options = {.url = o->url};
    o->rc = db_open(&cx.pool, &cx, &options);
    if (!o->rc)
        o->rc = db_attach(&cx);
    if (!o->rc)
        o->rc = deadline_fire_due(&o->fired, &cx);
    db_detach(&cx);
    db_close(cx.pool);
    check_close(&cx);
    return NULL;
}

/* Three servers on one database fire each deadline once. */
static void servers_on(struct cx *cx)
{
    enum { SERVERS = 3, PER_COUNTY = 1500 };
    pthread_t threads[SERVERS];
    struct other others[SERVERS];
    int64_t sum = 0;
    begin(cx);
    for (int64_t county = 1; county <= 3; county++)
        set(cx, county, "plain", 1, PER_COUNTY, NOW);
    for (int i = 0; i < SERVERS; i++) {
        others[i] = (struct other){.url = db_fixture_url(cx)};
        assert_int_equal(pthread_create(&threads[i], NULL, other_main, &others[i]), 0);
    }
    for (int i = 0; i < SERVERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(others[i].rc, RC_OK);
        sum += others[i].fired;
    }
    assert_int_equal(sum, 3 * PER_COUNTY);
    assert_int_equal(rows_of(cx), 3 * PER_COUNTY);
}

/* ---- killed ---- */

extern char **environ;

/* Fires with faults as the environment says, until it is killed. */
static int child_main(const char *url)
{
    struct other o = {.url = url};
    deadline_kinds_set(kinds, sizeof kinds / sizeof kinds[0]);
    other_main(&o);
    return o.rc ? 1 : 0;
}

static void run_child(struct cx *cx, const char *fault)
{
    char self[] = "/proc/self/exe", word[] = "child";
    char *url = arena_new(cx->arena, 1000);
    pid_t pid;
    int status;
    snprintf(url, 1000, "%s", db_fixture_url(cx));
    char *argv[] = {self, word, url, NULL};
    check_env("FUMIN_FAULT", fault);
    assert_int_equal(posix_spawn(&pid, self, NULL, NULL, argv, environ), 0);
    check_env("FUMIN_FAULT", NULL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* Killed before a commit and in the middle of it, every deadline still fires exactly once. */
static void killed_on(struct cx *cx)
{
    enum { COUNT = 2000 };
    int64_t counties = 4, before = 0;
    begin(cx);
    for (int64_t county = 1; county <= counties; county++)
        set(cx, county, "plain", 1, COUNT, NOW);
    for (int hit = 1; hit <= 3; hit++) {
        run_child(cx, arena_printf(cx->arena, "db.commit:%d:kill", hit));
        int64_t now = rows_of(cx);
        assert_true(hit == 1 ? now == 0 : now > before);
        assert_true(now < counties * COUNT);
        before = now;
    }
    assert_int_equal(fire(cx), counties * COUNT - before);
    assert_int_equal(rows_of(cx), counties * COUNT);
}

/* ---- clocks ---- */

static atomic_int ticks, bad_ticks;
static enum rc tick(struct cx *cx)
{
    assert_true(cx->db && !cx->actor && cx->profile);
    atomic_fetch_add(&ticks, 1);
    while (atomic_load(&ticks) == 3 && !job_clock_stopping()) {
        struct timespec t = {.tv_nsec = 5000000};
        nanosleep(&t, NULL);
    }
    return RC_OK;
}
static enum rc bad_tick(struct cx *cx)
{
    atomic_fetch_add(&bad_ticks, 1);
    return fail(cx, RC_DB, "it is ill", "on purpose");
}

/* A runner runs its clocks again and again without job rows, one that fails less and less
 * often, and a stop ends one that is in the middle of it. */
static void clocks_on(struct cx *cx)
{
    static const struct profile *no_profile = (const struct profile *)&no_profile;
    static const struct job_clock clocks[] = {{"good", 20, tick}, {"bad", 20, bad_tick}};
    struct job_runner *r = NULL;
    struct job *jobs;
    size_t count;
    begin(cx);
    cx->profile = no_profile;
    atomic_store(&ticks, 0);
    atomic_store(&bad_ticks, 0);
    job_clocks_set(clocks, 2);
    check_ok(cx, job_runner_start(&r, cx, NULL, 0, 1));
    for (int i = 0; i < 500 && atomic_load(&ticks) < 3; i++)
        job_wait(job_wake_mark(), 10);
    job_wait(job_wake_mark(), 400);
    assert_int_equal(atomic_load(&ticks), 3);
    int64_t begun_ms = time_mono_ms();
    job_runner_stop(r);
    assert_true(time_mono_ms() - begun_ms < 3000);
    assert_true(atomic_load(&bad_ticks) >= 2 && atomic_load(&bad_ticks) <= 8);
    check_ok(cx, job_list(&jobs, &count, cx, 0, 10));
    assert_int_equal(count, 0);
    assert_false(job_clock_stopping());
    job_clocks_set(NULL, 0);
    cx->profile = NULL;
}

#define EACH(name)                                                                             \
    static void test_##name(void **state)                                                      \
    {                                                                                          \
        (void)state;                                                                           \
        db_fixture_each(name##_on);                                                            \
    }
EACH(once)
EACH(failing)
EACH(days)
EACH(servers)
EACH(killed)
EACH(clocks)

int main(int argc, char **argv)
{
    crypto_init();
    if (argc == 3 && !strcmp(argv[1], "child"))
        return child_main(argv[2]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once),   cmocka_unit_test(test_failing),
        cmocka_unit_test(test_days),   cmocka_unit_test(test_servers),
        cmocka_unit_test(test_killed), cmocka_unit_test(test_clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
