/* The status page: versions, database, writer, jobs; and a liveness answer for supervisors. */
#include "base/format.h"
#include "db/db.h"
#include "profile/profile.h"
#include "web/status.html.h"
#include "web/status_view.h"
#include "web/version.h"
#include "work/deadline.h"
#include "work/notice.h"

enum { JOBS_MAX = 50 };

static void add_fact(struct status_view *v, const char *label, const char *value)
{
    v->facts[v->fact_count++] = (struct status_fact){label, value};
}

static const char *job_state_text(struct cx *cx, enum job_state state)
{
    switch (state) {
    case JOB_WAITING:
        return _("waiting");
    case JOB_RUNNING:
        return _("running");
    case JOB_DONE:
        return _("done");
    case JOB_FAILED:
        return _("failed");
    case JOB_CANCELLED:
        return _("cancelled");
    }
    return "";
}

/* Jobs of the counties in which the actor may see the status; all of them with a grant on
 * everything. */
static enum rc own_jobs(struct status_view *v, struct cx *cx)
{
    if (actor_may_in(cx, "status.view", STR("")))
        return job_list(&v->jobs, &v->job_count, cx, 0, JOBS_MAX);
    v->jobs = arena_new(cx->arena, JOBS_MAX * sizeof *v->jobs);
    for (size_t i = 0; i < cx->actor->grant_count && v->job_count < JOBS_MAX; i++) {
        const struct grant *g = &cx->actor->grants[i];
        struct job *jobs;
        size_t count;
        if (!g->county || !actor_may_in(cx, "status.view", str_of(g->area_path)))
            continue;
        TRY(job_list(&jobs, &count, cx, g->county, JOBS_MAX - v->job_count));
        memcpy(v->jobs + v->job_count, jobs, count * sizeof *jobs);
        v->job_count += count;
    }
    return RC_OK;
}

static const char *job_text(struct cx *cx, const char *kind)
{
    static const struct {
        const char *kind, *text;
    } texts[] = {
        {"import.check", N_("Check an import")},
        {"import.apply", N_("Take an import over")},
        {"import.undo", N_("Take an import back")},
        {"office.verify", N_("Nightly verification")},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (!strcmp(kind, texts[i].kind))
            return text_in(cx->lang, texts[i].text);
    return kind;
}

/* Whether deadlines and messages go their way. */
static enum rc add_work(struct status_view *v, struct cx *cx)
{
    struct deadline_figures d;
    struct notice_figures n;
    TRY(deadline_figures_get(&d, cx));
    TRY(notice_figures_get(&n, cx));
    add_fact(v, _("Deadlines late"), format_int(cx, d.late));
    add_fact(v, _("Deadlines whose work failed"), format_int(cx, d.failing));
    add_fact(v, _("Messages waiting"), format_int(cx, n.waiting));
    add_fact(v, _("Messages tried in vain"), format_int(cx, n.failing));
    add_fact(v, _("Messages given up"), format_int(cx, n.failed));
    return RC_OK;
}

static enum rc status_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct status_view v = {0};
    int schema;
    TRY(db_version(&schema, cx));
    struct db_figures f = db_figures_get(cx->pool);
    add_fact(&v, _("Program"), fumin_version);
    add_fact(&v, _("Profile"),
             arena_printf(cx->arena, "%s %s", cx->profile->code, cx->profile->version));
    add_fact(&v, _("Database"), db_is_pg(cx) ? "PostgreSQL" : "SQLite");
    add_fact(&v, _("Schema"), arena_printf(cx->arena, "%04d", schema));
    add_fact(&v, _("Commits since the start"), format_int(cx, f.commits));
    add_fact(&v, _("Writes since the start"), format_int(cx, f.closures));
    add_fact(&v, _("Largest group of writes"), format_int(cx, f.batch_max));
    add_fact(&v, _("Writes waiting"), format_int(cx, f.queue_length));
    TRY(add_work(&v, cx));
    TRY(own_jobs(&v, cx));
    v.states = arena_new(cx->arena, (v.job_count + 1) * sizeof *v.states);
    for (size_t i = 0; i < v.job_count; i++) {
        v.states[i] = job_state_text(cx, v.jobs[i].state);
        v.jobs[i].kind = job_text(cx, v.jobs[i].kind);
    }
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Status"), .nav = "status"});
    status_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc alive_get(struct cx *cx, const struct request *q, struct response *a)
{
    (void)q;
    int schema;
    TRY(db_version(&schema, cx));
    a->type = "text/plain; charset=utf-8";
    buf_init(&a->body, cx->arena, 64);
    buf_z(&a->body, "alive\n");
    return RC_OK;
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/status",
     .scope = SCOPE_PERMISSION,
     .permission = "status.view",
     .csrf = CSRF_NONE,
     .handle = status_get},
    {.method = METHOD_GET,
     .path = "/alive",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE,
     .handle = alive_get},
};
const struct route_table status_routes = ROUTE_TABLE(rows);
