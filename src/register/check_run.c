/* Runs of all checks over a whole county, as jobs, and the trend that they leave. A run's
 * counts are written in chunks and become visible by its last write; what a run that died left
 * behind is removed by the next one. Old runs are thinned out: the newest of a year stay, and
 * the last of each month. */
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "db/db.h"
#include "people/actor.h"
#include "register/check.sql.h"
#include "register/check_inner.h"
#include "register/inner.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROWS_AT_ONCE = 200, /* between two looks at the clock */
    RUNS_KEPT = 30,
    RUNS_MAX = 1000,
    DEAD_MAX = 64,
    OPEN_JOBS_MAX = 50,
    NIGHTLY_COUNTIES_MAX = 4000,
};

static const char kind_run[] = "check.run", kind_nightly[] = "check.nightly";

/* ---- one run ---- */

struct count_row {
    int64_t area_id;
    int32_t number;
    int64_t open, people, explained;
};
struct run {
    const struct job *job;
    struct check_place place;
    int32_t year;
    int64_t id, seq, household_count, finding_count, from_ms;
    struct count_row *rows;
    size_t row_count, written;
    int64_t drop[DEAD_MAX];
    size_t drop_count;
};

static enum rc tell(struct cx *cx, void *arg, int64_t done, int64_t total)
{
    const struct run *r = arg;
    return job_progress(cx, r->job, done, total, N_("rows"));
}

/* What lies in an area lies in all above it. */
static void sum_upwards(struct check_sum *sum, const struct columns_head *h, size_t check_count)
{
    for (size_t a = h->area_count; a-- > 0;) {
        int32_t parent = h->areas[a].parent;
        if (parent < 0)
            continue;
        for (size_t i = 0; i < check_count; i++) {
            const struct check_sum *from = &sum[a * check_count + i];
            struct check_sum *to = &sum[(size_t)parent * check_count + i];
            to->households += from->households;
            to->people += from->people;
            to->areas += from->areas;
            to->explained += from->explained;
        }
    }
}

static enum rc keep_rows(struct run *r, struct cx *cx, const struct check_county *c,
                         const struct check_sum *sum)
{
    size_t checks = c->rules->check_count, cells = c->head->area_count * checks, n = 0;
    for (size_t i = 0; i < cells; i++)
        n += sum[i].households || sum[i].areas || sum[i].explained;
    r->rows = arena_array(cx->arena, n + 1, sizeof *r->rows);
    if (!r->rows)
        return fail(cx, RC_LIMIT, _("There are too many areas here; choose a smaller one."),
                    "rows=%zu", n);
    for (size_t i = 0; i < cells; i++) {
        const struct check_sum *s = &sum[i];
        const struct check *check = &c->rules->checks[i % checks];
        int64_t open = check_sum_shown(check, s);
        if (!open && !s->explained)
            continue;
        r->rows[r->row_count++] = (struct count_row){
            c->head->areas[i / checks].id, check->number, open, s->people, s->explained};
        if (i / checks == 0)
            r->finding_count += open;
    }
    return RC_OK;
}

/* Everything is computed anew and counted for every area of the county. */
static enum rc count_all(struct run *r, struct cx *cx, const struct check_county *c)
{
    size_t areas = c->head->area_count, checks = c->rules->check_count;
    struct check_nodes nodes = {0};
    int32_t *node_of = arena_array(cx->arena, areas + 1, sizeof *node_of);
    nodes.sum = arena_array(cx->arena, areas * checks + 1, sizeof *nodes.sum);
    if (!node_of || !nodes.sum)
        return fail(cx, RC_LIMIT, _("There are too many areas here; choose a smaller one."),
                    "areas=%zu", areas);
    for (size_t i = 0; i < areas; i++)
        node_of[i] = (int32_t)i;
    nodes.node_of = node_of;
    TRY(check_count(&nodes, cx, c));
    sum_upwards(nodes.sum, c->head, checks);
    r->seq = c->head->seq;
    for (size_t i = 0; i < c->head->household_rows; i++)
        r->household_count += c->head->household_id[i] != 0;
    return keep_rows(r, cx, c, nodes.sum);
}

/* The newest year with sheets. */
static enum rc newest_year(int32_t *year, struct cx *cx, int64_t county)
{
    struct columns *c;
    TRY(columns_open(&c, cx, county));
    const struct columns_head *h = columns_head(c);
    *year = h->year_count ? h->years[h->year_count - 1] : 0;
    columns_close(c);
    return RC_OK;
}

static enum rc evaluate(struct run *r, struct cx *cx)
{
    struct check_county c;
    TRY(check_county_open(
        &c, cx,
        &(struct check_ask){
            .place = &r->place, .year = r->year, .again = true, .progress = tell, .arg = r}));
    enum rc rc = count_all(r, cx, &c);
    check_county_close(&c);
    return rc;
}

/* ---- writing ---- */

static enum rc write_begin(struct cx *cx, void *arg)
{
    struct run *r = arg;
    struct db_rows rows;
    int64_t dead[DEAD_MAX];
    size_t count = 0;
    TRY(job_fence(cx, r->job));
    TRY(DB_SELECT(&rows, cx, &CHECK_RUN_DEAD, V_I(r->place.county)));
    while (count < DEAD_MAX && db_next(&rows))
        dead[count++] = row_i64(&rows, CHECK_RUN_DEAD_ID);
    TRY(db_done(&rows));
    for (size_t i = 0; i < count; i++) {
        TRY(DB_RUN(cx, &CHECK_COUNT_DROP, V_I(r->place.county), V_I(dead[i])));
        TRY(DB_RUN(cx, &CHECK_RUN_DROP, V_I(r->place.county), V_I(dead[i])));
    }
    TRY(db_ids(&r->id, cx, 1));
    return DB_RUN(cx, &CHECK_RUN_ADD, V_I(r->place.county), V_I(r->id), V_I(r->job->id),
                  V_I(r->year), V_I(cx->now_at), V_I(r->job->user_id), V_I(r->seq),
                  V_I(r->household_count));
}

static enum rc write_rows(struct cx *cx, void *arg)
{
    struct run *r = arg;
    size_t at = r->written;
    TRY(job_fence(cx, r->job));
    do {
        size_t end = at + ROWS_AT_ONCE < r->row_count ? at + ROWS_AT_ONCE : r->row_count;
        for (; at < end; at++) {
            const struct count_row *c = &r->rows[at];
            TRY(DB_RUN(cx, &CHECK_COUNT_ADD, V_I(r->place.county), V_I(r->id), V_I(c->area_id),
                       V_I(c->number), V_I(c->open), V_I(c->people), V_I(c->explained)));
        }
    } while (at < r->row_count && db_chunk_left_ms(cx) > 0);
    r->written = at;
    return RC_OK;
}

static enum rc write_end(struct cx *cx, void *arg)
{
    struct run *r = arg;
    TRY(job_fence(cx, r->job));
    for (size_t i = 0; i < r->drop_count; i++) {
        TRY(DB_RUN(cx, &CHECK_COUNT_DROP, V_I(r->place.county), V_I(r->drop[i])));
        TRY(DB_RUN(cx, &CHECK_RUN_DROP, V_I(r->place.county), V_I(r->drop[i])));
    }
    return DB_RUN(cx, &CHECK_RUN_END, V_I(r->place.county), V_I(r->id), V_I(time_now()),
                  V_I(r->finding_count), V_I(time_mono_ms() - r->from_ms));
}

static int month_of(int64_t at)
{
    struct date d = day_date(day_at(at, 0));
    return d.year * 12 + d.month;
}

/* Runs that are neither among the newest nor the last of their month. */
static enum rc choose_drops(struct run *r, struct cx *cx)
{
    struct check_run *runs;
    size_t count;
    TRY(check_runs(&runs, &count, cx, r->place.county, r->year, RUNS_MAX));
    for (size_t i = RUNS_KEPT; i < count && r->drop_count < DEAD_MAX; i++)
        if (month_of(runs[i].at) == month_of(runs[i - 1].at))
            r->drop[r->drop_count++] = runs[i].id;
    return RC_OK;
}

static enum rc write_all(struct run *r, struct cx *cx)
{
    int64_t county = r->place.county;
    TRY(db_write(cx, county, write_begin, r));
    while (r->written < r->row_count)
        TRY(db_write_bulk(cx, county, write_rows, r));
    TRY(choose_drops(r, cx));
    return db_write(cx, county, write_end, r);
}

static enum rc run_county(struct cx *cx, const struct job *job)
{
    struct run *r = arena_new(cx->arena, sizeof *r);
    int64_t year = 0;
    r->job = job;
    r->from_ms = time_mono_ms();
    if (!str_to_i64(&year, str_of(job->argument)) || year < 0 || year > 2200)
        return fail(cx, RC_INVALID, _("The year should be a number such as 2025."), "year");
    TRY(check_place_of_county(&r->place, cx, job->county));
    TRY(actor_require_in(cx, "check.explain", str_of(r->place.tenant.path)));
    r->year = (int32_t)year;
    if (!r->year)
        TRY(newest_year(&r->year, cx, job->county));
    if (!r->year) {
        job_say(cx, job, _("There is nothing to check yet."));
        return RC_OK;
    }
    TRY(evaluate(r, cx));
    TRY(job_progress(cx, job, r->household_count, r->household_count, N_("rows")));
    return write_all(r, cx);
}

/* ---- every night ---- */

static enum rc queue_write(struct cx *cx, void *arg)
{
    const int64_t *county = arg;
    int64_t id;
    return job_add(&id, cx, *county, kind_run, "0", 0);
}

static enum rc run_nightly(struct cx *cx, const struct job *job)
{
    struct db_rows rows;
    int64_t *counties = arena_new(cx->arena, NIGHTLY_COUNTIES_MAX * sizeof *counties);
    size_t count = 0;
    (void)job;
    TRY(DB_SELECT(&rows, cx, &CHECK_COUNTIES, V_I(cx->profile->tenant_level)));
    while (count < NIGHTLY_COUNTIES_MAX && db_next(&rows))
        counties[count++] = row_i64(&rows, CHECK_COUNTIES_COUNTY);
    TRY(db_done(&rows));
    for (size_t i = 0; i < count; i++) {
        int64_t open;
        TRY(check_run_open(&open, cx, counties[i]));
        if (!open)
            TRY(db_write(cx, counties[i], queue_write, &counties[i]));
    }
    return RC_OK;
}

const struct job_kind check_job_kinds[] = {{kind_run, run_county, 0},
                                           {kind_nightly, run_nightly, 0}};
const size_t check_job_kind_count = sizeof check_job_kinds / sizeof check_job_kinds[0];

/* ---- asking ---- */

enum rc check_run_open(int64_t *job_id, struct cx *cx, int64_t county)
{
    struct job *jobs;
    size_t count;
    *job_id = 0;
    TRY(job_list(&jobs, &count, cx, county, OPEN_JOBS_MAX));
    for (size_t i = 0; i < count; i++)
        if (!strcmp(jobs[i].kind, kind_run) &&
            (jobs[i].state == JOB_WAITING || jobs[i].state == JOB_RUNNING))
            *job_id = jobs[i].id;
    return RC_OK;
}

enum rc check_run_queue(int64_t *job_id, struct cx *cx, int64_t county, int32_t year)
{
    struct check_place place;
    TRY(check_place_of_county(&place, cx, county));
    TRY(actor_require_in(cx, "check.explain", str_of(place.tenant.path)));
    TRY(check_run_open(job_id, cx, county));
    if (*job_id)
        return RC_OK;
    return job_add(job_id, cx, county, kind_run, arena_printf(cx->arena, "%d", year), 0);
}

enum rc check_runs(struct check_run **out, size_t *count, struct cx *cx, int64_t county,
                   int32_t year, size_t max)
{
    struct db_rows rows;
    struct check_run *runs = arena_new(cx->arena, (max + 1) * sizeof *runs);
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &CHECK_RUN_LIST, V_I(county), V_I(year), V_I((int64_t)max)));
    while (n < max && db_next(&rows))
        runs[n++] = (struct check_run){
            .id = row_i64(&rows, CHECK_RUN_LIST_ID),
            .job_id = row_i64(&rows, CHECK_RUN_LIST_JOB_ID),
            .year = (int32_t)row_i64(&rows, CHECK_RUN_LIST_YEAR),
            .at = row_i64(&rows, CHECK_RUN_LIST_AT),
            .user_id = row_i64(&rows, CHECK_RUN_LIST_USER_ID),
            .seq = row_i64(&rows, CHECK_RUN_LIST_SEQ),
            .household_count = row_i64(&rows, CHECK_RUN_LIST_HOUSEHOLD_COUNT),
            .finding_count = row_i64(&rows, CHECK_RUN_LIST_FINDING_COUNT),
            .duration_ms = row_i64(&rows, CHECK_RUN_LIST_DURATION_MS)};
    TRY(db_done(&rows));
    *out = runs;
    *count = n;
    return RC_OK;
}

static enum rc add_counts(int64_t *open, struct cx *cx, int64_t county, int64_t run_id,
                          int64_t area_id)
{
    const struct profile_rules *rules = cx->profile->rules;
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &CHECK_COUNT_OF_RUN, V_I(county), V_I(run_id), V_I(area_id)));
    while (db_next(&rows)) {
        const struct check *check =
            profile_check(cx->profile, row_i64(&rows, CHECK_COUNT_OF_RUN_CHECK_NUMBER));
        if (check)
            open[check - rules->checks] += row_i64(&rows, CHECK_COUNT_OF_RUN_OPEN_COUNT);
    }
    return db_done(&rows);
}

enum rc check_trend_get(struct check_trend *out, struct cx *cx, const struct check_place *place,
                        int32_t year)
{
    struct check_run *runs;
    size_t count, checks = cx->profile->rules->check_count;
    *out = (struct check_trend){0};
    TRY(check_runs(&runs, &count, cx, place->county, year, CHECK_TREND_MAX));
    if (!count)
        return RC_OK;
    out->open = arena_new(cx->arena, count * (checks + 1) * sizeof *out->open);
    for (size_t i = 0; i < count; i++) {
        const struct check_run *run = &runs[count - 1 - i];
        out->runs[i] = *run;
        for (size_t p = 0; p < place->path_count; p++)
            TRY(add_counts(out->open + i * checks, cx, place->county, run->id,
                           place->area_ids[p]));
    }
    out->run_count = count;
    return RC_OK;
}
