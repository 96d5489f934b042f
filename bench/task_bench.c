/* "My tasks" with a million open tasks: the page's own handler (query, sums, HTML) for village
 * workers, township and county officers and departments in turn, called 100 times a second by
 * an open clock: a request's time counts from when it should have begun.
 *     build/release/bench/task_bench [TASKS] [SECONDS] [RATE]
 * On SQLite in a temporary folder; with FUMIN_BENCH_PG (a libpq URL of an empty database)
 * there.
 */
#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"
#include "db/db.h"
#include "people/user.h"
#include "profile/calendar.h"
#include "web/page.h"
#include "work/task.sql.h"
#include "work/work_inner.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { COUNTIES = 10, TOWNS = 20, VILLAGES = 15, ORGS = 12, THREADS = 8, CHUNK = 5000 };
enum { VILLAGE_ALL = COUNTIES * TOWNS * VILLAGES, TOWN_ALL = COUNTIES * TOWNS };
enum { ORG_FIRST = 50000, USER_FIRST = 100000 };

extern const struct route_table task_routes;

#define SQL(id, text, arg_letters)                                                             \
    static const struct sql id = {.name = #id, .lite = text, .args = arg_letters, .cols = ""}
SQL(AREA_ADD,
    "INSERT INTO area (id, county, parent_id, level, path, code, name, name_key) "
    "VALUES ($1, $2, $3, $4, $5, '', $6, 'x')",
    "iiiitt");
SQL(USER_ADD,
    "INSERT INTO app_user (id, login, name, state, lang, password, must_change, keeper_id, "
    "created_at, signed_in_at) VALUES ($1, $2, $2, 1, 0, '', 0, 0, 0, 0)",
    "it");
SQL(GRANT_ADD,
    "INSERT INTO user_grant (user_id, role, area_id, created_at) VALUES ($1, $2, $3, 0)",
    "iti");
SQL(ORG_ADD,
    "INSERT INTO org (county, id, parent_id, area_id, kind, name, name_key, lead, from_day, "
    "ended_day, merged_into, version) VALUES ($1, $2, 0, $3, 'health', $4, $4, 0, 1, 0, 0, 1)",
    "iiit");
SQL(DUTY_ADD,
    "INSERT INTO duty (county, id, org_id, user_id, title, heads, from_day, to_day) VALUES "
    "($1, $2, $3, $4, 'x', 1, 1, 0)",
    "iiii");

struct world {
    int64_t village[VILLAGE_ALL], town[TOWN_ALL], county[COUNTIES];
    const char *village_path[VILLAGE_ALL];
    int64_t user_next, worker[VILLAGE_ALL], townsman[TOWN_ALL], officer[COUNTIES],
        member[COUNTIES * ORGS];
    int64_t task_next, task_count, now_at;
};
static struct world w;

static void must(struct cx *cx, enum rc rc, const char *what)
{
    if (rc == RC_OK)
        return;
    fprintf(stderr, "%s: %s: %s (%s)\n", what, rc_name(rc), cx->err.text, cx->err.detail);
    exit(1);
}

static uint64_t state = 1;
static uint32_t below(uint32_t n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % n);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- a made-up office ---- */

static enum rc add_user(int64_t *id, struct cx *cx, const char *role, int64_t area)
{
    *id = w.user_next++;
    TRY(DB_RUN(cx, &USER_ADD, V_I(*id), V_T(arena_printf(cx->arena, "u%" PRId64, *id))));
    return DB_RUN(cx, &GRANT_ADD, V_I(*id), V_T(role), V_I(area));
}

static enum rc add_area(struct cx *cx, int64_t id, int64_t county, int64_t parent, int level,
                        const char *path)
{
    return DB_RUN(cx, &AREA_ADD, V_I(id), V_I(county), V_I(parent), V_I(level), V_T(path),
                  V_T(arena_printf(cx->arena, "Area %" PRId64, id)));
}

static enum rc add_county(struct cx *cx, int c)
{
    int64_t area = w.county[c] = 100 + c;
    const char *path = arena_printf(cx->arena, "001001%03d", c + 1);
    TRY(add_area(cx, area, c + 1, 2, 2, path));
    TRY(add_user(&w.officer[c], cx, "county_officer", area));
    for (int i = 0; i < ORGS; i++) {
        int64_t org = ORG_FIRST + c * ORGS + i;
        TRY(DB_RUN(cx, &ORG_ADD, V_I(c + 1), V_I(org), V_I(area),
                   V_T(arena_printf(cx->arena, "Org %d", i))));
        TRY(add_user(&w.member[c * ORGS + i], cx, "department_officer", area));
        TRY(DB_RUN(cx, &DUTY_ADD, V_I(c + 1), V_I(org + 10000), V_I(org),
                   V_I(w.member[c * ORGS + i])));
    }
    for (int t = 0; t < TOWNS; t++) {
        int town = c * TOWNS + t;
        const char *town_path = arena_printf(cx->arena, "%s%03d", path, t + 1);
        w.town[town] = 1000 + town;
        TRY(add_area(cx, w.town[town], c + 1, area, 3, town_path));
        TRY(add_user(&w.townsman[town], cx, "township_officer", w.town[town]));
        for (int v = 0; v < VILLAGES; v++) {
            int n = town * VILLAGES + v;
            w.village[n] = 10000 + n;
            TRY(add_area(cx, w.village[n], c + 1, w.town[town], 4,
                         arena_printf(cx->arena, "%s%03d", town_path, v + 1)));
            TRY(add_user(&w.worker[n], cx, "village_worker", w.village[n]));
        }
    }
    return RC_OK;
}

static enum rc write_world(struct cx *cx, void *arg)
{
    (void)arg;
    w.user_next = USER_FIRST;
    TRY(add_area(cx, 1, 0, 0, 0, "001"));
    TRY(add_area(cx, 2, 0, 1, 1, "001001"));
    for (int c = 0; c < COUNTIES; c++)
        TRY(add_county(cx, c));
    return RC_OK;
}

/* Six of ten wait for a village, two for a township, the rest for departments and people. */
static struct owner any_owner(int village)
{
    static const char *const rights[] = {"case.check", "alert.handle", "plan.edit"};
    int town = village / VILLAGES, county = town / TOWNS;
    uint32_t dice = below(100);
    if (dice < 60)
        return (struct owner){OWNER_AREA, w.village[village], rights[below(3)]};
    if (dice < 80)
        return (struct owner){OWNER_AREA, w.town[town], "case.review"};
    if (dice < 83)
        return (struct owner){OWNER_AREA, w.county[county], "case.decide"};
    if (dice < 95)
        return (struct owner){OWNER_ORG, ORG_FIRST + county * ORGS + below(ORGS), ""};
    return (struct owner){OWNER_USER, w.worker[village], ""};
}

static enum rc write_tasks(struct cx *cx, void *arg)
{
    int64_t *left = arg;
    for (int i = 0; i < CHUNK && *left > 0; i++, (*left)--) {
        int v = (int)below(VILLAGE_ALL);
        struct owner o = any_owner(v);
        int64_t due = w.now_at - 3 * 86400 + (int64_t)below(60 * 86400);
        TRY(DB_RUN(cx, &TASK_INSERT, V_I(v / VILLAGES / TOWNS + 1), V_I(++w.task_next), V_I(0),
                   V_T("flow"), V_I(w.task_next), V_I(w.task_next), V_I(w.village[v]),
                   V_T(w.village_path[v]), V_I(o.kind), V_I(o.id), V_T(o.permission), V_I(0),
                   V_I(0), V_T("Two officers visit together and note the facts"),
                   V_T("两名以上工作人员入户核实情况"),
                   V_T("Recognising a household · Home check"), V_T("监测对象识别 · 入户核查"),
                   V_T("/case/1"), V_I(1), V_I(0), V_I(w.now_at), V_I(due), V_I(0)));
        if (due <= w.now_at && o.kind == OWNER_AREA)
            TRY(DB_RUN(cx, &TASK_LATE_ADD, V_I(v / VILLAGES / TOWNS + 1), V_I(w.task_next),
                       V_I(OWNER_AREA), V_I(w.town[v / VILLAGES]), V_T("case.check"), V_I(due),
                       V_I(w.now_at)));
    }
    return RC_OK;
}

static void make_world(struct cx *cx)
{
    double begun = seconds();
    must(cx, db_write(cx, 0, write_world, NULL), "world");
    for (int v = 0; v < VILLAGE_ALL; v++) {
        int town = v / VILLAGES;
        w.village_path[v] = arena_printf(cx->arena, "001001%03d%03d%03d", town / TOWNS + 1,
                                         town % TOWNS + 1, v % VILLAGES + 1);
    }
    w.task_next = INT64_C(1) << 40;
    for (int64_t left = w.task_count; left > 0;)
        must(cx, db_write(cx, 1, write_tasks, &left), "tasks");
    printf("   %d villages, %d users, %lld open tasks made in %.0f s\n", VILLAGE_ALL,
           (int)(w.user_next - USER_FIRST), (long long)w.task_count, seconds() - begun);
}

/* ---- asking ---- */

struct load {
    const struct cx *from;
    double *ms;
    size_t count, bytes;
    int rate;
    double begun;
};
static struct load load;
static atomic_size_t next_request;

static int64_t who(size_t i)
{
    uint64_t r = (i + 1) * 0x9E3779B97F4A7C15u;
    uint32_t dice = (uint32_t)(r >> 40) % 100, n = (uint32_t)(r >> 20);
    if (dice < 60)
        return w.worker[n % VILLAGE_ALL];
    if (dice < 80)
        return w.townsman[n % TOWN_ALL];
    return dice < 90 ? w.officer[n % COUNTIES] : w.member[n % (COUNTIES * ORGS)];
}

static void ask(struct cx *cx, size_t i)
{
    struct visitor visitor = {.signed_in = true, .csrf = "x", .office = "Bench"};
    struct request q = {.method = METHOD_GET, .path = STR("/task"), .session = &visitor};
    struct response a = {.file_fd = -1};
    const struct actor *actor;
    q.route = &task_routes.rows[0];
    must(cx, actor_of_user(&actor, cx, who(i)), "actor");
    cx->actor = actor;
    must(cx, task_routes.rows[0].handle(cx, &q, &a), "page");
    if (a.body.len < 2000)
        must(cx, RC_INVALID, "the page is empty");
    db_read_end(cx);
    cx->actor = NULL;
}

static void *run(void *arg)
{
    struct cx cx = *load.from;
    (void)arg;
    cx.arena = arena_open(64u << 20);
    cx.db = NULL;
    must(&cx, db_attach(&cx), "attach");
    for (;;) {
        size_t i = atomic_fetch_add(&next_request, 1);
        if (i >= load.count)
            break;
        double at = load.begun + (double)i / load.rate, wait = at - seconds();
        if (wait > 0)
            usleep((useconds_t)(wait * 1e6));
        ask(&cx, i);
        load.ms[i] = (seconds() - at) * 1e3;
        arena_reset(cx.arena);
    }
    db_detach(&cx);
    arena_free(cx.arena);
    return NULL;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void run_load(const struct cx *cx, size_t count, int rate)
{
    pthread_t threads[THREADS];
    load = (struct load){.from = cx,
                         .ms = calloc(count, sizeof(double)),
                         .count = count,
                         .rate = rate,
                         .begun = seconds() + 0.1};
    atomic_store(&next_request, 0);
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, run, NULL))
            exit(1);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    double took = seconds() - load.begun;
    qsort(load.ms, count, sizeof *load.ms, by_value);
    printf("   %zu pages at %d a second (%.0f reached): p50 %.1f ms, p90 %.1f, p99 %.1f, "
           "longest %.1f\n",
           count, rate, (double)count / took, load.ms[count / 2], load.ms[count * 9 / 10],
           load.ms[count * 99 / 100], load.ms[count - 1]);
    free(load.ms);
}

static int64_t number(int argc, char **argv, int i, int64_t otherwise)
{
    int64_t n;
    return argc > i && str_to_i64(&n, str_of(argv[i])) && n > 0 ? n : otherwise;
}

int main(int argc, char **argv)
{
    char dir[] = "/tmp/fumin-task-bench-XXXXXX";
    const char *pg = getenv("FUMIN_BENCH_PG"), *backup;
    struct cx cx;
    struct profile *profile;
    struct profile_faults faults = {0};
    int64_t count = number(argc, argv, 2, 30), rate = number(argc, argv, 3, 100);
    crypto_init();
    text_use(LANG_ZH, &messages_zh);
    cx_init(&cx, arena_open(512u << 20));
    if (!mkdtemp(dir))
        return 1;
    must(&cx, profile_load_embedded(&profile, &faults, &cx, "cn"), "profile");
    cx.profile = profile;
    must(&cx,
         db_open(&cx.pool, &cx,
                 &(struct db_options){.url = pg ? pg : dir, .reader_count_max = THREADS + 1}),
         "open");
    must(&cx, db_attach(&cx), "attach");
    must(&cx, db_migrate(&backup, &cx), "migrate");
    w.task_count = number(argc, argv, 1, 1000000);
    w.now_at = cx.now_at;
    make_world(&cx);
    run_load(&cx, 300, (int)rate); /* the caches warm */
    run_load(&cx, (size_t)(count * rate), (int)rate);
    db_detach(&cx);
    db_close(cx.pool);
    fflush(stdout);
    execlp("rm", "rm", "-rf", dir, (char *)NULL);
    return 1;
}
