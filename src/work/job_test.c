/* Tests of jobs on both databases: their rows, the runner, crashes, two runners, the clock. The
 * program starts itself again as a child that is killed (child_main). */
#include "work/job.h"

#include "base/check.h"
#include "base/crypto.h"
#include "base/time.h"
#include "db/db_fixture.h"
#include "db/db_impl.h"
#include "people/actor.h"
#include "profile/profile.h"
#include "work/job_inner.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

static const struct profile no_profile;

static const struct sql STEP_TABLE = {
    .name = "test_step_table",
    .lite = "CREATE TABLE test_step (job BIGINT, n BIGINT, PRIMARY KEY (job, n))",
    .args = "",
    .cols = ""};
static const struct sql STEP_ADD = {.name = "test_step_add",
                                    .lite = "INSERT INTO test_step (job, n) VALUES ($1, $2)",
                                    .args = "ii",
                                    .cols = ""};
static const struct sql STEP_LAST = {
    .name = "test_step_last",
    .lite = "SELECT coalesce(max(n), 0), count(*) FROM test_step WHERE job = $1",
    .args = "i",
    .cols = "ii"};
static const struct sql JOB_STOLEN = {
    .name = "test_job_stolen",
    .lite =
        "UPDATE job SET state = 1, server = $2, lease_until = $3, crashes = $4 WHERE id = $1",
    .args = "itii",
    .cols = ""};
static const struct sql EVERY_BACK = {.name = "test_every_back",
                                      .lite = "UPDATE job_every SET next_at = next_at - $1",
                                      .args = "i",
                                      .cols = ""};

static void pause_ms(int64_t ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

/* Waits until the job is in this state; false after 20 s. */
static bool wait_for(struct cx *cx, int64_t id, enum job_state state)
{
    struct job j;
    for (int i = 0; i < 2000; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        check_ok(cx, job_get(&j, cx, id));
        arena_back(cx->arena, mark);
        if (j.state == state)
            return true;
        pause_ms(10);
    }
    return false;
}

/* ---- kinds ---- */

static atomic_int runs_now, runs_most, runs_all;
static atomic_llong order[64]; /* counties in the order in which their jobs ran */
static atomic_int inside[64];  /* by argument: is it running? */
static atomic_bool doubled;

static enum rc run_short(struct cx *cx, const struct job *job)
{
    int64_t n = 0;
    (void)str_to_i64(&n, str_of(job->argument));
    if (atomic_fetch_add(&inside[n % 64], 1) != 0)
        atomic_store(&doubled, true);
    int now = atomic_fetch_add(&runs_now, 1) + 1;
    if (now > atomic_load(&runs_most))
        atomic_store(&runs_most, now);
    atomic_store(&order[atomic_fetch_add(&runs_all, 1) % 64], job->county);
    pause_ms(5);
    atomic_fetch_sub(&runs_now, 1);
    atomic_fetch_sub(&inside[n % 64], 1);
    return job_progress(cx, job, 1, 1, "steps");
}

static enum rc run_say(struct cx *cx, const struct job *job)
{
    TRY(job_progress(cx, job, 7, 10, "rows"));
    job_say(cx, job, "seven of ten");
    return RC_OK;
}

static enum rc run_fail(struct cx *cx, const struct job *job)
{
    atomic_fetch_add(&runs_all, 1);
    (void)job;
    return fail(cx, RC_IO, "the disk is ill", "test");
}

static enum rc run_refuse(struct cx *cx, const struct job *job)
{
    (void)job;
    atomic_fetch_add(&runs_all, 1);
    return fail(cx, RC_INVALID, "row 7 is wrong", "test");
}

/* Until it is told to end. */
static enum rc run_long(struct cx *cx, const struct job *job)
{
    for (int64_t n = job->done;; n++) {
        TRY(job_progress(cx, job, n, 0, "rounds"));
        pause_ms(5);
    }
}

struct step {
    const struct job *job;
    int64_t n;
};
static enum rc step_write(struct cx *cx, void *arg)
{
    const struct step *s = arg;
    TRY(job_fence(cx, s->job));
    return DB_RUN(cx, &STEP_ADD, V_I(s->job->id), V_I(s->n));
}
static enum rc last_step(int64_t *last, int64_t *count, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &STEP_LAST, V_I(id)));
    *last = row_i64(&rows, 0);
    *count = row_i64(&rows, 1);
    return db_done(&rows);
}

/* Commits its steps one by one and goes on behind the last one committed. */
enum { STEPS = 300 };
static enum rc run_steps(struct cx *cx, const struct job *job)
{
    int64_t last, count;
    TRY(last_step(&last, &count, cx, job->id));
    for (int64_t n = last + 1; n <= STEPS; n++) {
        struct step s = {job, n};
        TRY(db_write(cx, job->county, step_write, &s));
        TRY(job_progress(cx, job, n, STEPS, "steps"));
        pause_ms(4);
    }
    return RC_OK;
}

static const struct job_kind kinds[] = {
    {"short", run_short, 0},   {"say", run_say, 0},   {"fail", run_fail, 2},
    {"refuse", run_refuse, 0}, {"long", run_long, 0}, {"steps", run_steps, 0},
};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

static void begin(struct cx *cx)
{
    cx->profile = &no_profile;
    atomic_store(&runs_all, 0);
    atomic_store(&runs_most, 0);
    atomic_store(&doubled, false);
}

static struct job_runner *start(struct cx *cx, int threads)
{
    struct job_runner *r = NULL;
    check_ok(cx, job_runner_start(&r, cx, kinds, KIND_COUNT, threads));
    return r;
}

/* ---- tests ---- */

/* Rows: what was added comes back; lists are newest first and by county; a waiting job is
 * cancelled at once, an ended one cannot be. */
static void rows_on(struct cx *cx)
{
    int64_t a, b, c;
    struct job j, *list;
    size_t count;
    begin(cx);
    check_ok(cx, job_add(&a, cx, 1, "import.check", "{\"file\":3}", 0));
    check_ok(cx, job_add(&b, cx, 2, "import.check", NULL, cx->now_at + 3600));
    check_ok(cx, job_add(&c, cx, 1, "export", "x", 0));
    check_ok(cx, job_get(&j, cx, a));
    assert_string_equal(j.kind, "import.check");
    assert_string_equal(j.argument, "{\"file\":3}");
    assert_int_equal(j.state, JOB_WAITING);
    assert_int_equal(j.run_at, cx->now_at);
    assert_int_equal(j.county, 1);
    check_ok(cx, job_list(&list, &count, cx, 1, 10));
    assert_int_equal(count, 2);
    assert_int_equal(list[0].id, c);
    check_ok(cx, job_list(&list, &count, cx, 0, 2));
    assert_int_equal(count, 2);
    assert_int_equal(list[1].id, b);
    check_ok(cx, job_cancel(cx, a));
    check_ok(cx, job_get(&j, cx, a));
    assert_int_equal(j.state, JOB_CANCELLED);
    assert_string_equal(j.message, "Cancelled.");
    check_refused(cx, job_cancel(cx, a), RC_CONFLICT);
    check_refused(cx, job_cancel(cx, 12345), RC_NOTFOUND);
    check_refused(cx, job_get(&j, cx, 12345), RC_NOTFOUND);
}

/* Who may cancel: the job's user, an administrator of its county or above; nobody else. */
static void cancel_rights_on(struct cx *cx)
{
    static const char *const rights[] = {"user.manage", NULL};
    static const struct role roles[] = {{.code = "admin", .level = "", .permissions = rights}};
    static const struct profile profile = {.roles = roles, .role_count = 1};
    static const struct grant county1[] = {
        {.role = "admin", .county = 1, .area_path = "001001"}};
    static const struct grant county2[] = {
        {.role = "admin", .county = 2, .area_path = "001002"}};
    static const struct grant all[] = {{.role = "admin", .county = 0, .area_path = ""}};
    const struct actor owner = {.user_id = 5}, other = {.user_id = 6};
    const struct actor admin1 = {.user_id = 7, .grants = county1, .grant_count = 1};
    const struct actor admin2 = {.user_id = 8, .grants = county2, .grant_count = 1};
    const struct actor top = {.user_id = 9, .grants = all, .grant_count = 1};
    int64_t id[4];
    begin(cx);
    cx->profile = &profile;
    cx->actor = &owner;
    for (int i = 0; i < 3; i++)
        check_ok(cx, job_add(&id[i], cx, 1, "x", "", 0));
    cx->actor = NULL;
    check_ok(cx, job_add(&id[3], cx, 0, "x", "", 0)); /* of the office as a whole */
    cx->actor = &other;
    check_refused(cx, job_cancel(cx, id[0]), RC_DENIED);
    cx->actor = &admin2;
    check_refused(cx, job_cancel(cx, id[0]), RC_DENIED);
    cx->actor = &owner;
    check_ok(cx, job_cancel(cx, id[0]));
    check_refused(cx, job_cancel(cx, id[3]), RC_DENIED);
    cx->actor = &admin1;
    check_ok(cx, job_cancel(cx, id[1]));
    check_refused(cx, job_cancel(cx, id[3]), RC_DENIED);
    cx->actor = &top;
    check_ok(cx, job_cancel(cx, id[2]));
    check_ok(cx, job_cancel(cx, id[3]));
    cx->actor = NULL;
}

/* Rate and time left count from the present run, not from before a restart. */
static void rate(void **state)
{
    (void)state;
    double per_s = 0;
    int64_t left_s = 0;
    struct job j = {.from_at = 1000, .from_done = 500, .done = 700, .total = 1700};
    assert_true(job_rate(&per_s, &left_s, &j, 1010)); /* 200 in 10 s; 1000 are left */
    assert_true(per_s > 19.999 && per_s < 20.001);
    assert_int_equal(left_s, 50);
    assert_false(job_rate(&per_s, &left_s, &j, 1001));
    j.done = 500;
    assert_false(job_rate(&per_s, &left_s, &j, 1010));
    j.from_at = 0;
    assert_false(job_rate(&per_s, &left_s, &j, 1010));
}

/* The ends of jobs: done with the last word and progress; refused data end at once with their
 * sentence; other failures are tried again (2 runs here, a second apart); a kind that the
 * program does not know fails; one of a user who is gone fails. */
static void ends_on(struct cx *cx)
{
    int64_t say, refuse, failing, unknown, orphan;
    struct job j;
    const struct actor ghost = {.user_id = 999};
    begin(cx);
    check_ok(cx, job_add(&failing, cx, 1, "fail", "", 0));
    check_ok(cx, job_add(&say, cx, 1, "say", "", 0));
    check_ok(cx, job_add(&refuse, cx, 1, "refuse", "", 0));
    check_ok(cx, job_add(&unknown, cx, 1, "unheard.of", "", 0));
    cx->actor = &ghost;
    check_ok(cx, job_add(&orphan, cx, 1, "say", "", 0));
    cx->actor = NULL;
    struct job_runner *r = start(cx, 2);
    assert_true(wait_for(cx, say, JOB_DONE));
    check_ok(cx, job_get(&j, cx, say));
    assert_string_equal(j.message, "seven of ten");
    assert_int_equal(j.done, 7);
    assert_int_equal(j.total, 10);
    assert_string_equal(j.unit, "rows");
    assert_true(j.started_at > 0 && j.ended_at >= j.started_at);
    assert_true(wait_for(cx, refuse, JOB_FAILED));
    check_ok(cx, job_get(&j, cx, refuse));
    assert_string_equal(j.message, "row 7 is wrong");
    assert_int_equal(j.tries, 1);
    assert_true(wait_for(cx, unknown, JOB_FAILED));
    assert_true(wait_for(cx, orphan, JOB_FAILED));
    assert_true(wait_for(cx, failing, JOB_FAILED));
    check_ok(cx, job_get(&j, cx, failing));
    assert_int_equal(j.tries, 2);
    assert_string_equal(j.message, "the disk is ill");
    assert_int_equal(atomic_load(&runs_all), 3); /* refuse once, fail twice */
    job_runner_stop(r);
}

/* A running job is cancelled within a second; one that runs when the server stops stays running
 * and goes on where it was when a runner starts again. */
static void stop_on(struct cx *cx)
{
    int64_t cancelled, stopped;
    struct job j;
    begin(cx);
    check_ok(cx, job_add(&cancelled, cx, 1, "long", "", 0));
    struct job_runner *r = start(cx, 1);
    assert_true(wait_for(cx, cancelled, JOB_RUNNING));
    check_ok(cx, job_cancel(cx, cancelled));
    assert_true(wait_for(cx, cancelled, JOB_CANCELLED));
    check_ok(cx, job_add(&stopped, cx, 1, "long", "", 0));
    assert_true(wait_for(cx, stopped, JOB_RUNNING));
    pause_ms(700); /* progress is written twice a second */
    job_runner_stop(r);
    check_ok(cx, job_get(&j, cx, stopped));
    assert_int_equal(j.state, JOB_RUNNING);
    assert_int_equal(j.tries, 0);
    assert_true(j.done > 10);
    int64_t before = j.done;
    r = start(cx, 1);
    pause_ms(700);
    check_ok(cx, job_get(&j, cx, stopped));
    assert_int_equal(j.from_done, before);
    assert_true(j.done >= before);
    check_ok(cx, job_cancel(cx, stopped));
    assert_true(wait_for(cx, stopped, JOB_CANCELLED));
    job_runner_stop(r);
}

/* With one thread, a county with one job does not wait behind the twelve of another. */
static void fair_on(struct cx *cx)
{
    int64_t id, last;
    char argument[16];
    begin(cx);
    for (int i = 0; i < 12; i++) {
        snprintf(argument, sizeof argument, "%d", i);
        check_ok(cx, job_add(&last, cx, 1, "short", argument, 0));
    }
    check_ok(cx, job_add(&id, cx, 2, "short", "20", 0));
    check_ok(cx, job_add(&id, cx, 3, "short", "21", 0));
    struct job_runner *r = start(cx, 1);
    assert_true(wait_for(cx, last, JOB_DONE));
    job_runner_stop(r);
    assert_int_equal(atomic_load(&runs_all), 14);
    assert_int_equal(atomic_load(&runs_most), 1);
    bool seen[4] = {false};
    for (int i = 0; i < 3; i++)
        seen[atomic_load(&order[i])] = true;
    assert_true(seen[1] && seen[2] && seen[3]);
}

/* Two runners with connections of their own on one database run each job once, never two at a
 * time (each job notes that it is inside). */
static void two_runners_on(struct cx *cx)
{
    enum { JOBS = 60 };
    int64_t id;
    char argument[16];
    struct cx second = *cx;
    struct db_options options = {.url = cx->pool->url};
    begin(cx);
    second.profile = &no_profile;
    second.arena = arena_open(8 * 1024 * 1024);
    second.db = NULL;
    check_ok(&second, db_open(&second.pool, &second, &options));
    for (int i = 0; i < JOBS; i++) {
        snprintf(argument, sizeof argument, "%d", i);
        check_ok(cx, job_add(&id, cx, 1 + i % 3, "short", argument, 0));
    }
    struct job_runner *a = start(cx, 2), *b = start(&second, 2);
    for (int i = 0; i < 1000 && atomic_load(&runs_all) < JOBS; i++)
        pause_ms(10);
    pause_ms(100);
    job_runner_stop(a);
    job_runner_stop(b);
    db_close(second.pool);
    arena_free(second.arena);
    assert_int_equal(atomic_load(&runs_all), JOBS);
    assert_false(atomic_load(&doubled));
    struct job *list;
    size_t count;
    check_ok(cx, job_list(&list, &count, cx, 0, 100));
    assert_int_equal(count, JOBS);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(list[i].state, JOB_DONE);
}

struct stolen {
    int64_t id, lease_until, crashes;
};
static enum rc steal_write(struct cx *cx, void *arg)
{
    const struct stolen *s = arg;
    return DB_RUN(cx, &JOB_STOLEN, V_I(s->id), V_T("feedfeedfeedfeedfeedfeedfeedfeed"),
                  V_I(s->lease_until), V_I(s->crashes));
}

/* A job that a server of another machine holds (no lock file here) is left alone while its
 * lease lasts and taken when it is over; a job that another server takes over from us ends at
 * its next progress and does not touch the row; one that crashed 20 times in a row is given up.
 */
static void leases_on(struct cx *cx)
{
    int64_t held, expired, ours, poison;
    struct job j;
    begin(cx);
    check_ok(cx, job_add(&held, cx, 1, "say", "", 0));
    check_ok(cx, job_add(&expired, cx, 1, "say", "", 0));
    check_ok(cx, job_add(&poison, cx, 1, "say", "", 0));
    struct stolen s = {.id = held, .lease_until = job_wall_at() + 60};
    check_ok(cx, db_write(cx, 0, steal_write, &s));
    s = (struct stolen){.id = expired, .lease_until = job_wall_at() - 1};
    check_ok(cx, db_write(cx, 0, steal_write, &s));
    s = (struct stolen){.id = poison, .crashes = 20};
    check_ok(cx, db_write(cx, 0, steal_write, &s));
    struct job_runner *r = start(cx, 2);
    assert_true(wait_for(cx, expired, JOB_DONE));
    assert_true(wait_for(cx, poison, JOB_FAILED));
    check_ok(cx, job_add(&ours, cx, 1, "long", "", 0));
    assert_true(wait_for(cx, ours, JOB_RUNNING));
    pause_ms(100);
    s = (struct stolen){.id = ours, .lease_until = job_wall_at() + 60};
    check_ok(cx, db_write(cx, 0, steal_write, &s));
    pause_ms(700);
    check_ok(cx, job_cancel(cx, ours)); /* would be seen if we still ran it */
    pause_ms(700);
    job_runner_stop(r);
    check_ok(cx, job_get(&j, cx, ours));
    assert_int_equal(j.state, JOB_RUNNING);
    check_ok(cx, job_get(&j, cx, held));
    assert_int_equal(j.state, JOB_RUNNING);
}

static enum rc back_write(struct cx *cx, void *arg)
{
    const int64_t *seconds = arg;
    return DB_RUN(cx, &EVERY_BACK, V_I(*seconds));
}

/* The clock: registered twice it is one; it adds a job when the time has come, once for many
 * missed times, none while the last one is open; it can be taken off. */
static void ticking_on(struct cx *cx)
{
    struct job *list;
    size_t count;
    int64_t hour = 3600, days = 3 * 86400;
    begin(cx);
    check_ok(cx, job_every(cx, "store.verify", "", 3600));
    check_ok(cx, job_every(cx, "store.verify", "", 3600));
    check_ok(cx, job_clock_tick(cx));
    check_ok(cx, job_list(&list, &count, cx, 0, 10));
    assert_int_equal(count, 0);
    check_ok(cx, db_write(cx, 0, back_write, &days));
    check_ok(cx, job_clock_tick(cx));
    check_ok(cx, job_clock_tick(cx));
    check_ok(cx, job_list(&list, &count, cx, 0, 10));
    assert_int_equal(count, 1);
    assert_string_equal(list[0].kind, "store.verify");
    check_ok(cx, db_write(cx, 0, back_write, &hour));
    check_ok(cx, job_clock_tick(cx)); /* the first is still open */
    check_ok(cx, job_cancel(cx, list[0].id));
    check_ok(cx, db_write(cx, 0, back_write, &hour));
    check_ok(cx, job_clock_tick(cx));
    check_ok(cx, job_list(&list, &count, cx, 0, 10));
    assert_int_equal(count, 2);
    check_ok(cx, job_never(cx, "store.verify", NULL));
    check_ok(cx, job_cancel(cx, list[0].id));
    check_ok(cx, db_write(cx, 0, back_write, &days));
    check_ok(cx, job_clock_tick(cx));
    check_ok(cx, job_list(&list, &count, cx, 0, 10));
    assert_int_equal(count, 2);
}

/* A command's own job: its row tells the end, its failure is the command's; a server beside
 * does not take it (the kind is unknown to nobody: the runner runs too). */
static void run_now_on(struct cx *cx)
{
    struct job *list;
    size_t count;
    begin(cx);
    struct job_runner *r = start(cx, 2);
    check_ok(cx, job_run_now(cx, &kinds[1], 4, "file"));
    check_refused(cx, job_run_now(cx, &kinds[3], 4, "file"), RC_INVALID);
    for (int i = 0; i < 5; i++)
        check_ok(cx, job_run_now(cx, &kinds[0], 4, "33"));
    job_runner_stop(r);
    assert_int_equal(atomic_load(&runs_all), 6);
    check_ok(cx, job_list(&list, &count, cx, 4, 10));
    assert_int_equal(count, 7);
    assert_int_equal(list[6].state, JOB_DONE);
    assert_int_equal(list[5].state, JOB_FAILED);
    assert_string_equal(list[5].message, "row 7 is wrong");
}

/* ---- kill -9 ---- */

static enum rc table_write(struct cx *cx, void *arg)
{
    (void)arg;
    return DB_RUN0(cx, &STEP_TABLE);
}

/* The child: a server with one runner, until it is killed. */
static int child_main(const char *url, const char *dir)
{
    struct cx cx;
    struct job_runner *r;
    struct db_options options = {.url = url};
    cx_init(&cx, arena_open(16 * 1024 * 1024));
    cx.dir = dir;
    cx.profile = &no_profile;
    if (db_open(&cx.pool, &cx, &options) || job_runner_start(&r, &cx, kinds, KIND_COUNT, 2))
        return 1;
    for (;;)
        pause_ms(1000);
}

extern char **environ;

static pid_t spawn(struct cx *cx)
{
    pid_t pid = 0;
    char *const argv[] = {(char *)(uintptr_t)"job_test", (char *)(uintptr_t)"--child",
                          cx->pool->url, (char *)(uintptr_t)cx->dir, NULL};
    assert_int_equal(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ), 0);
    return pid;
}

/* Servers are killed at 20 moments while they run a job of 300 steps, each committed by itself.
 * In the end the job is done and every step was committed once (the key refuses a second). The
 * dead server is noticed by its lock file, long before its lease of 30 s is over. */
static void killed_on(struct cx *cx)
{
    int64_t id, last = 0, count = 0, random = 4711, grown = 0;
    begin(cx);
    check_ok(cx, db_write(cx, 0, table_write, NULL));
    check_ok(cx, job_add(&id, cx, 1, "steps", "", 0));
    for (int i = 0; i < 20; i++) {
        int64_t before = last;
        pid_t pid = spawn(cx);
        random = (random * 1103515245 + 12345) % 2147483648;
        /* Every other one is killed at any moment, also while it starts; the others soon after
         * they have committed something. */
        for (int ms = 0; i % 2 && ms < 5000 && last == before; ms += 5) {
            pause_ms(5);
            check_ok(cx, last_step(&last, &count, cx, id));
        }
        pause_ms(random / 65536 % (i % 2 ? 50 : 150));
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        check_ok(cx, last_step(&last, &count, cx, id));
        assert_int_equal(last, count);
        grown += last > before;
    }
    struct job_runner *r = start(cx, 1);
    assert_true(wait_for(cx, id, JOB_DONE));
    job_runner_stop(r);
    check_ok(cx, last_step(&last, &count, cx, id));
    assert_int_equal(last, STEPS);
    assert_int_equal(count, STEPS);
    assert_true(grown >= 8); /* the children did take it over from each other */
}

#define ON_BOTH(name)                                                                          \
    static void name(void **state)                                                             \
    {                                                                                          \
        (void)state;                                                                           \
        db_fixture_each(name##_on);                                                            \
    }
ON_BOTH(rows)
ON_BOTH(cancel_rights)
ON_BOTH(ends)
ON_BOTH(stop)
ON_BOTH(fair)
ON_BOTH(two_runners)
ON_BOTH(leases)
ON_BOTH(ticking)
ON_BOTH(run_now)
ON_BOTH(killed)

int main(int argc, char **argv)
{
    crypto_init();
    if (argc == 4 && strcmp(argv[1], "--child") == 0)
        return child_main(argv[2], argv[3]);
    if (getenv("ONLY"))
        cmocka_set_test_filter(getenv("ONLY"));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),    cmocka_unit_test(cancel_rights), cmocka_unit_test(rate),
        cmocka_unit_test(ends),    cmocka_unit_test(stop),          cmocka_unit_test(fair),
        cmocka_unit_test(leases),  cmocka_unit_test(two_runners),   cmocka_unit_test(ticking),
        cmocka_unit_test(run_now), cmocka_unit_test(killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
