/* Runs over a whole county: starting one, its progress, stopping it, and the list of runs. */
#include "base/format.h"
#include "people/actor.h"
#include "people/user.h"
#include "register/check.html.h"
#include "register/check_view.h"

enum { RUN_COLUMNS = 6, RUNS_SHOWN = 50, REFRESH_S = 2 };

static const char *state_text(struct cx *cx, enum job_state state, const char **tone)
{
    *tone = "muted";
    switch (state) {
    case JOB_WAITING:
        return _("waiting");
    case JOB_RUNNING:
        return _("running");
    case JOB_DONE:
        *tone = "good";
        return _("finished");
    case JOB_FAILED:
        *tone = "bad";
        return _("failed");
    case JOB_CANCELLED:
        *tone = "warn";
        return _("stopped");
    }
    return "";
}

/* The county of an area that the actor may see something of. */
static enum rc find_place(struct check_place *out, struct cx *cx, int64_t area_id)
{
    struct check_scope scope;
    TRY(check_scope_find(&scope, cx, area_id));
    if (scope.place_count != 1)
        return fail(cx, RC_INVALID, _("Choose one county: runs are made county by county."),
                    "counties=%zu", scope.place_count);
    *out = scope.places[0];
    return RC_OK;
}

/* A run's job, when it is one and of a county that the actor sees. */
static enum rc find_job(struct job *out, struct check_place *place, struct cx *cx, int64_t id)
{
    struct job job;
    struct check_place whole;
    enum rc rc = job_get(&job, cx, id);
    if (rc == RC_NOTFOUND || (!rc && strcmp(job.kind, "check.run")))
        return fail(cx, RC_NOTFOUND, _("There is no such run."), "job=%" PRId64, id);
    TRY(rc);
    TRY(check_place_of_county(&whole, cx, job.county));
    TRY(find_place(place, cx, whole.tenant.id));
    *out = job;
    return RC_OK;
}

/* The sums are of the whole county: only for those who see all of it. */
static const struct table *runs_table(struct cx *cx, const struct check_run *runs, size_t count,
                                      bool sees_all)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *c = arena_new(cx->arena, RUN_COLUMNS * sizeof *c);
    struct table_cell *cells = arena_new(cx->arena, (count + 1) * RUN_COLUMNS * sizeof *cells);
    c[0] = (struct table_column){NULL, _("When"), ALIGN_TEXT, false};
    c[1] = (struct table_column){NULL, _("Year"), ALIGN_TEXT, true};
    c[2] = (struct table_column){NULL, _("Households"), ALIGN_NUMBER, true};
    c[3] = (struct table_column){NULL, _("Findings"), ALIGN_NUMBER, false};
    c[4] = (struct table_column){NULL, _("Took"), ALIGN_NUMBER, true};
    c[5] = (struct table_column){NULL, _("By"), ALIGN_TEXT, true};
    for (size_t i = 0; i < count; i++) {
        struct table_cell *row = cells + i * RUN_COLUMNS;
        row[0].text = format_time(cx, runs[i].at);
        row[1].text = arena_printf(cx->arena, "%d", runs[i].year);
        row[2].text = sees_all ? format_int(cx, runs[i].household_count) : "–";
        row[3].text = sees_all ? format_int(cx, runs[i].finding_count) : "–";
        row[4].text =
            arena_printf(cx->arena, _("%s s"), format_scaled(cx, runs[i].duration_ms / 100, 1));
        row[5].text = user_name(cx, runs[i].user_id);
    }
    *t = (struct table){.caption = _("Runs"),
                        .base = "/check/run",
                        .query = "",
                        .columns = c,
                        .column_count = RUN_COLUMNS,
                        .cells = cells,
                        .row_count = count,
                        .is_first_page = true,
                        .empty_title = _("No complete run yet"),
                        .empty_hint = _("One is made every night, or when you start it.")};
    return t;
}

static void fill_progress(struct check_run_view *v, struct cx *cx)
{
    double per_s;
    int64_t left_s;
    v->percent = v->job.total > 0 ? (int)(v->job.done * 100 / v->job.total) : -1;
    v->state = state_text(cx, v->job.state, &v->tone);
    v->running = v->job.state == JOB_WAITING || v->job.state == JOB_RUNNING;
    v->progress = "";
    if (v->job.state == JOB_RUNNING && job_rate(&per_s, &left_s, &v->job, cx->now_at))
        v->progress = arena_printf(cx->arena, _("%s of %s rows, about %s left"),
                                   format_int(cx, v->job.done), format_int(cx, v->job.total),
                                   format_duration(cx, left_s));
}

static enum rc query_id(int64_t *out, struct cx *cx, struct str text)
{
    *out = 0;
    if (text.len && (!str_to_i64(out, text) || *out <= 0))
        return fail(cx, RC_NOTFOUND, _("There is no such run."), "id");
    return RC_OK;
}

static enum rc run_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t job_id, area_id;
    struct check_place place = {0};
    struct check_run *runs;
    size_t count;
    struct check_run_view v = {.csrf = visitor_of(q)->csrf};
    TRY(query_id(&job_id, cx, request_query(q, "job")));
    TRY(query_id(&area_id, cx, request_query(q, "area")));
    TRY(db_read_begin(cx));
    if (job_id) {
        TRY(find_job(&v.job, &place, cx, job_id));
        v.has_job = true;
        fill_progress(&v, cx);
    } else {
        struct check_scope scope;
        TRY(check_scope_find(&scope, cx, area_id));
        if (scope.place_count != 1) { /* which one? */
            response_redirect(cx, a, "/check");
            return RC_OK;
        }
        place = scope.places[0];
    }
    v.county = place.county;
    v.county_name = place.tenant.name;
    v.may_run = actor_may_in(cx, "check.explain", str_of(place.tenant.path));
    v.may_cancel = v.running && v.may_run;
    TRY(check_runs(&runs, &count, cx, place.county, 0, RUNS_SHOWN));
    v.runs = runs_table(cx, runs, count,
                        actor_may_in(cx, "household.view", str_of(place.tenant.path)));
    struct out *o = page_begin(
        cx, q,
        &(struct page){.title = arena_printf(cx->arena, _("Checking %s"), v.county_name),
                       .nav = "check",
                       .back_href = check_href(cx, "/check", place.tenant.id, 0),
                       .back_label = _("Data checks"),
                       .refresh_s = v.running ? REFRESH_S : 0});
    check_run_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc form_id(int64_t *out, struct cx *cx, const struct request *q, const char *name)
{
    struct str text = request_form(q, name);
    if (!str_to_i64(out, text) || *out <= 0)
        return fail(cx, RC_NOTFOUND, _("There is no such run."), "form");
    return RC_OK;
}

static void show_job(struct cx *cx, struct response *a, int64_t id)
{
    response_redirect(cx, a, arena_printf(cx->arena, "/check/run?job=%" PRId64, id));
}

static enum rc run_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t county, year = 0, job;
    TRY(form_id(&county, cx, q, "county"));
    if (!str_to_i64(&year, request_form(q, "year")) || year < 1900 || year > 2200)
        year = 0;
    TRY(check_run_queue(&job, cx, county, (int32_t)year));
    show_job(cx, a, job);
    return RC_OK;
}

static enum rc cancel_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct job job;
    struct check_place place = {0};
    TRY(form_id(&id, cx, q, "job"));
    TRY(find_job(&job, &place, cx, id));
    TRY(actor_require_in(cx, "check.explain", str_of(place.tenant.path)));
    enum rc rc = job_cancel(cx, id);
    if (rc == RC_CONFLICT) /* it has ended by itself */
        err_clear(cx);
    else
        TRY(rc);
    show_job(cx, a, id);
    return RC_OK;
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/check/run",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .handle = run_get},
    {.method = METHOD_POST,
     .path = "/check/run",
     .scope = SCOPE_PERMISSION,
     .permission = "check.explain",
     .csrf = CSRF_TOKEN,
     .body_max = 4096,
     .handle = run_post},
    {.method = METHOD_POST,
     .path = "/check/run/cancel",
     .scope = SCOPE_PERMISSION,
     .permission = "check.explain",
     .csrf = CSRF_TOKEN,
     .body_max = 4096,
     .handle = cancel_post},
};
const struct route_table check_run_routes = ROUTE_TABLE(rows);
