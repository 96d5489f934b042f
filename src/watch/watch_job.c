/* When the rules run: jobs of a county and the clock that queues them; what watch tells other
 * rooms at start. */
#include "watch/watch_inner.h"

#include "base/text.h"
#include "base/time.h"
#include "watch/watch.sql.h"
#include "work/job.h"
#include "work/notice.h"
#include "work/place.h"

#include <string.h>

enum { COUNTIES_MAX = 4000, OPEN_JOBS_MAX = 50 };
static const char kind_run[] = "watch.run", kind_tick[] = "watch.tick";

static enum rc watch_all(int64_t *raised, int64_t *over, struct cx *cx, int64_t county,
                         bool again, const struct job *job)
{
    *raised = *over = 0;
    TRY(watch_incoming(raised, over, cx, county));
    return watch_register(raised, over, cx, county, again, job);
}

enum rc watch_county(int64_t *raised, int64_t *over, struct cx *cx, int64_t county, bool again)
{
    return watch_all(raised, over, cx, county, again, NULL);
}

static enum rc run_county(struct cx *cx, const struct job *job)
{
    int64_t raised, over;
    TRY(watch_all(&raised, &over, cx, job->county, !strcmp(job->argument, "again"), job));
    job_say(cx, job,
            arena_printf(cx->arena, _("New alerts: %d; over: %d"), (int)raised, (int)over));
    return RC_OK;
}

/* ---- the clock ---- */

static enum rc queue_run(struct cx *cx, void *arg)
{
    const int64_t *county = arg;
    int64_t id;
    return job_add(&id, cx, *county, kind_run, "", 0);
}

static enum rc run_is_open(bool *is, struct cx *cx, int64_t county)
{
    struct job *jobs;
    size_t count;
    *is = false;
    TRY(job_list(&jobs, &count, cx, county, OPEN_JOBS_MAX));
    for (size_t i = 0; i < count; i++)
        *is = *is || (!strcmp(jobs[i].kind, kind_run) &&
                      (jobs[i].state == JOB_WAITING || jobs[i].state == JOB_RUNNING));
    return RC_OK;
}

static enum rc tick_county(struct cx *cx, int64_t county)
{
    int64_t raised = 0, over = 0;
    bool open, behind;
    TRY(run_is_open(&open, cx, county));
    if (open)
        return RC_OK;
    TRY(watch_incoming(&raised, &over, cx, county));
    TRY(watch_behind(&behind, cx, county));
    return behind ? db_write(cx, county, queue_run, &county) : RC_OK;
}

static enum rc tick(struct cx *cx, const struct job *job)
{
    struct db_rows rows;
    int64_t *counties = arena_new(cx->arena, COUNTIES_MAX * sizeof *counties);
    size_t count = 0;
    TRY(DB_SELECT(&rows, cx, &WATCH_COUNTIES, V_I(0), V_I(COUNTIES_MAX)));
    while (count < COUNTIES_MAX && db_next(&rows))
        counties[count++] = row_i64(&rows, WATCH_COUNTIES_COUNTY);
    TRY(db_done(&rows));
    for (size_t i = 0; i < count; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        TRY(tick_county(cx, counties[i]));
        arena_back(cx->arena, mark);
        TRY(job_progress(cx, job, (int64_t)i + 1, (int64_t)count, N_("rows")));
    }
    return RC_OK;
}

const struct job_kind watch_job_kinds[] = {{kind_run, run_county, 0}, {kind_tick, tick, 0}};
const size_t watch_job_kind_count = sizeof watch_job_kinds / sizeof watch_job_kinds[0];

/* ---- what others call ---- */

/* A check ends with what it found, which its page asks. */
static enum rc task_ended(struct cx *cx, const struct task *now)
{
    struct alert a;
    bool by_person = (now->state == TASK_REFUSED || now->state == TASK_CANCELLED) && cx->actor;
    if ((now->state != TASK_DONE && !by_person) || strcmp(now->kind, "alert") != 0 ||
        !now->subject_id)
        return RC_OK;
    enum rc rc = alert_read(&a, cx, now->subject_id);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    if (a.state == ALERT_CLOSED)
        return RC_OK;
    return fail(cx, RC_INVALID,
                _("Say on the alert's page what the check found; the task ends with it."),
                "alert task=%" PRId64, now->id);
}

/* "12 alerts wait for a check (3 red), 2 are late." */
static enum rc summary_line(struct cx *cx, struct buf *out, int64_t county, int64_t user_id,
                            enum lang lang)
{
    const char *const *paths;
    size_t count;
    int64_t open = 0, red = 0, late = 0;
    (void)user_id;
    (void)lang; /* cx's own */
    TRY(actor_paths(&paths, &count, cx, "alert.handle"));
    for (size_t i = 0; i < count; i++) {
        struct db_rows rows;
        TRY(DB_ONE(&rows, cx, &ALERT_OPEN_SUMS, V_I(county ? county : 0),
                   V_I(county ? county : INT64_MAX), V_T(paths[i]),
                   V_T(place_path_end(cx, paths[i])), V_I(cx->now_at)));
        open += row_i64(&rows, ALERT_OPEN_SUMS_OPEN);
        red += row_i64(&rows, ALERT_OPEN_SUMS_RED);
        late += row_i64(&rows, ALERT_OPEN_SUMS_LATE);
        TRY(db_done(&rows));
    }
    if (open)
        buf_printf(out, _("Alerts that wait for a check: %d; red: %d; late: %d"), (int)open,
                   (int)red, (int)late);
    return RC_OK;
}

void watch_begin(void)
{
    task_hook_add(task_ended);
    notice_summary_add(summary_line);
}
