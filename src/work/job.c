/* Jobs as rows: adding, reading, cancelling, rate, and the clock of jobs that come again. The
 * threads that run them are in runner.c, what a running job says in progress.c. */
#include "base/time.h"
#include "people/actor.h"
#include "work/job.sql.h"
#include "work/job_inner.h"

#include <assert.h>

enum { FORGET_S = 90 * 24 * 3600, LIST_MAX = 1000, EVERY_MAX = 256 };

int64_t job_wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t job_wall_at(void)
{
    return job_wall_ms() / 1000;
}

/* ---- waking ---- */

static pthread_mutex_t wake_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake_cond;
static pthread_once_t wake_once = PTHREAD_ONCE_INIT;
static uint64_t wake_count;

static void wake_make(void)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&wake_cond, &attr);
    pthread_condattr_destroy(&attr);
}

void job_wake(void)
{
    pthread_once(&wake_once, wake_make);
    pthread_mutex_lock(&wake_lock);
    wake_count++;
    pthread_cond_broadcast(&wake_cond);
    pthread_mutex_unlock(&wake_lock);
}

uint64_t job_wake_mark(void)
{
    pthread_mutex_lock(&wake_lock);
    uint64_t mark = wake_count;
    pthread_mutex_unlock(&wake_lock);
    return mark;
}

void job_wait(uint64_t mark, int64_t ms)
{
    struct timespec until;
    pthread_once(&wake_once, wake_make);
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + ms % 1000 * 1000000;
    until.tv_sec += ms / 1000 + ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&wake_lock);
    int late = 0;
    while (wake_count == mark && late == 0)
        late = pthread_cond_timedwait(&wake_cond, &wake_lock, &until);
    pthread_mutex_unlock(&wake_lock);
}

/* ---- adding ---- */

struct adding {
    int64_t id, county, run_at;
    const char *kind, *argument;
};

enum rc job_add_row(int64_t *id, struct cx *cx, int64_t county, const char *kind,
                    const char *argument, int64_t run_at)
{
    assert(kind && kind[0]);
    TRY(db_ids(id, cx, 1));
    return DB_RUN(cx, &JOB_INSERT, V_I(*id), V_I(county),
                  V_I(cx->actor ? cx->actor->user_id : 0), V_I(cx->lang), V_T(kind),
                  V_T(argument ? argument : ""), V_I(cx->now_at), V_I(run_at));
}

static enum rc add_write(struct cx *cx, void *arg)
{
    struct adding *a = arg;
    return job_add_row(&a->id, cx, a->county, a->kind, a->argument, a->run_at);
}

enum rc job_add(int64_t *id, struct cx *cx, int64_t county, const char *kind,
                const char *argument, int64_t run_at)
{
    struct adding a = {.county = county, .run_at = run_at, .kind = kind, .argument = argument};
    TRY(db_write(cx, county, add_write, &a));
    *id = a.id;
    job_wake();
    return RC_OK;
}

/* ---- reading ---- */

struct job job_read(struct cx *cx, const struct db_rows *rows, enum lang *lang,
                    int64_t *crashes)
{
    struct job j = {
        .id = row_i64(rows, JOB_GET_ROW_ID),
        .county = row_i64(rows, JOB_GET_ROW_COUNTY),
        .user_id = row_i64(rows, JOB_GET_ROW_USER_ID),
        .kind = arena_copy(cx->arena, row_str(rows, JOB_GET_ROW_KIND)),
        .argument = arena_copy(cx->arena, row_str(rows, JOB_GET_ROW_ARGUMENT)),
        .state = (enum job_state)row_i64(rows, JOB_GET_ROW_STATE),
        .done = row_i64(rows, JOB_GET_ROW_DONE),
        .total = row_i64(rows, JOB_GET_ROW_TOTAL),
        .unit = arena_copy(cx->arena, row_str(rows, JOB_GET_ROW_UNIT)),
        .message = arena_copy(cx->arena, row_str(rows, JOB_GET_ROW_MESSAGE)),
        .created_at = row_i64(rows, JOB_GET_ROW_CREATED_AT),
        .run_at = row_i64(rows, JOB_GET_ROW_RUN_AT),
        .started_at = row_i64(rows, JOB_GET_ROW_STARTED_AT),
        .ended_at = row_i64(rows, JOB_GET_ROW_ENDED_AT),
        .tries = (int)row_i64(rows, JOB_GET_ROW_TRIES),
        .cancel_wanted = row_i64(rows, JOB_GET_ROW_CANCEL_WANTED) != 0,
        .from_at = row_i64(rows, JOB_GET_ROW_FROM_AT),
        .from_done = row_i64(rows, JOB_GET_ROW_FROM_DONE),
    };
    if (j.run_at == 0)
        j.run_at = j.created_at;
    if (lang)
        *lang = row_i64(rows, JOB_GET_ROW_LANG) == LANG_ZH ? LANG_ZH : LANG_EN;
    if (crashes)
        *crashes = row_i64(rows, JOB_GET_ROW_CRASHES);
    return j;
}

static enum rc no_job(struct cx *cx)
{
    return fail(cx, RC_NOTFOUND, _("There is no such job."), "job");
}

enum rc job_get(struct job *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &JOB_GET_ROW, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_job(cx);
    TRY(rc);
    struct job j = job_read(cx, &rows, NULL, NULL);
    TRY(db_done(&rows));
    *out = j;
    return RC_OK;
}

enum rc job_list(struct job **out, size_t *count, struct cx *cx, int64_t county, size_t max)
{
    struct db_rows rows;
    size_t most = max < LIST_MAX ? max : LIST_MAX, n = 0;
    struct job *list = arena_array(cx->arena, most + 1, sizeof *list);
    if (!list)
        return fail(cx, RC_LIMIT, _("The list is too long to be shown at once."), "jobs");
    if (county == 0)
        TRY(DB_SELECT(&rows, cx, &JOB_OF_ALL, V_I(most)));
    else
        TRY(DB_SELECT(&rows, cx, &JOB_OF_COUNTY, V_I(county), V_I(most)));
    while (n < most && db_next(&rows))
        list[n++] = job_read(cx, &rows, NULL, NULL);
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

bool job_rate(double *per_s, int64_t *left_s, const struct job *job, int64_t now_at)
{
    int64_t end_at = job->ended_at ? job->ended_at : now_at;
    int64_t seconds = end_at - job->from_at, units = job->done - job->from_done;
    if (job->from_at == 0 || seconds < 2 || units <= 0)
        return false;
    *per_s = (double)units / (double)seconds;
    int64_t left = job->total > job->done ? job->total - job->done : 0;
    *left_s = (int64_t)((double)left / *per_s + 0.5);
    return true;
}

/* ---- cancelling ---- */

/* One's own, or as an administrator of the county or above it. */
static bool may_cancel(const struct cx *cx, const struct job *j)
{
    const struct actor *a = cx->actor;
    if (!a || (j->user_id != 0 && a->user_id == j->user_id))
        return true;
    if (!actor_may(cx, "user.manage"))
        return false;
    for (size_t i = 0; i < a->grant_count; i++) {
        struct cx one = *cx;
        struct actor alone = *a;
        alone.grants = &a->grants[i];
        alone.grant_count = 1;
        one.actor = &alone;
        bool covers =
            a->grants[i].area_path[0] == '\0' ||
            (j->county != 0 && (a->grants[i].county == j->county || a->grants[i].county == 0));
        if (covers && actor_may(&one, "user.manage"))
            return true;
    }
    return false;
}

static enum rc cancel_write(struct cx *cx, void *arg)
{
    const int64_t *id = arg;
    struct job j;
    int64_t changed;
    TRY(job_get(&j, cx, *id));
    if (!may_cancel(cx, &j))
        return fail(cx, RC_DENIED,
                    _("Only the person who started the job or an administrator of the county "
                      "can cancel it."),
                    "job=%" PRId64, *id);
    TRY(DB_RUN_COUNT(&changed, cx, &JOB_CANCEL_WAITING, V_I(*id), V_T(_("Cancelled.")),
                     V_I(cx->now_at)));
    if (changed == 0)
        TRY(DB_RUN_COUNT(&changed, cx, &JOB_CANCEL_RUNNING, V_I(*id)));
    if (changed == 0)
        return fail(cx, RC_CONFLICT, _("The job has ended already."), "job=%" PRId64, *id);
    return RC_OK;
}

enum rc job_cancel(struct cx *cx, int64_t id)
{
    struct job j;
    TRY(job_get(&j, cx, id));
    return db_write(cx, j.county, cancel_write, &id);
}

/* ---- the clock ---- */

struct every {
    const char *kind, *argument;
    int64_t seconds, next_at, wall_at;
};

static enum rc every_write(struct cx *cx, void *arg)
{
    const struct every *e = arg;
    return DB_RUN(cx, &JOB_EVERY_PUT, V_T(e->kind), V_T(e->argument), V_I(e->seconds),
                  V_I(e->wall_at + e->seconds));
}

enum rc job_every(struct cx *cx, const char *kind, const char *argument, int64_t seconds)
{
    assert(seconds > 0);
    struct every e = {.kind = kind,
                      .argument = argument ? argument : "",
                      .seconds = seconds,
                      .wall_at = job_wall_at()};
    return db_write(cx, 0, every_write, &e);
}

static enum rc never_write(struct cx *cx, void *arg)
{
    const struct every *e = arg;
    return DB_RUN(cx, &JOB_EVERY_DELETE, V_T(e->kind), V_T(e->argument));
}

enum rc job_never(struct cx *cx, const char *kind, const char *argument)
{
    struct every e = {.kind = kind, .argument = argument ? argument : ""};
    return db_write(cx, 0, never_write, &e);
}

/* One that is due: moved on (by whoever is first), and added unless the last one still is open.
 */
static enum rc tick_write(struct cx *cx, void *arg)
{
    const struct every *e = arg;
    struct db_rows rows;
    int64_t moved, id, late = e->wall_at - e->next_at;
    int64_t next_at = e->next_at + (late / e->seconds + 1) * e->seconds;
    TRY(DB_RUN_COUNT(&moved, cx, &JOB_EVERY_MOVE, V_T(e->kind), V_T(e->argument),
                     V_I(e->next_at), V_I(next_at)));
    if (moved == 0)
        return RC_OK;
    TRY(DB_SELECT(&rows, cx, &JOB_OPEN_SAME, V_T(e->kind), V_T(e->argument)));
    bool open = db_next(&rows);
    TRY(db_done(&rows));
    if (!open)
        TRY(job_add_row(&id, cx, 0, e->kind, e->argument, 0));
    return DB_RUN(cx, &JOB_FORGET, V_I(cx->now_at - FORGET_S));
}

enum rc job_clock_tick(struct cx *cx)
{
    struct db_rows rows;
    struct every due[16];
    size_t count = 0;
    int64_t wall_at = job_wall_at();
    TRY(DB_SELECT(&rows, cx, &JOB_EVERY_DUE, V_I(wall_at)));
    while (count < sizeof due / sizeof due[0] && db_next(&rows)) {
        due[count++] = (struct every){
            .kind = arena_copy(cx->arena, row_str(&rows, JOB_EVERY_DUE_KIND)),
            .argument = arena_copy(cx->arena, row_str(&rows, JOB_EVERY_DUE_ARGUMENT)),
            .seconds = row_i64(&rows, JOB_EVERY_DUE_SECONDS),
            .next_at = row_i64(&rows, JOB_EVERY_DUE_NEXT_AT),
            .wall_at = wall_at};
    }
    TRY(db_done(&rows));
    for (size_t i = 0; i < count; i++)
        TRY(db_write(cx, 0, tick_write, &due[i]));
    return RC_OK;
}
