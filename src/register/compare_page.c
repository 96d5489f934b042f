/* Lists of other departments: all lists, a new one, the result of one, its steps. */
#include "base/format.h"
#include "base/limits.h"
#include "base/time.h"
#include "register/area.h"
#include "register/compare.html.h"
#include "register/compare.sql.h"
#include "register/compare_inner.h"
#include "register/compare_view.h"
#include "store/store.h"

#include <math.h>

enum { LIST_COLUMNS = 7, REFRESH_S = 2, AREAS_MAX = 200, PER_MILLE = 1000 };

static const char *take_error(struct cx *cx)
{
    const char *text = arena_copy(cx->arena, str_of(cx->err.text));
    err_clear(cx);
    return text;
}

static bool is_told(enum rc rc)
{
    return rc == RC_INVALID || rc == RC_CONFLICT || rc == RC_LIMIT;
}

static const char *kind_label(struct cx *cx, const struct compare_list *l)
{
    return l->kind ? LABEL(cx, l->kind->label) : l->kind_code;
}

static const char *list_title(struct cx *cx, const struct compare_list *l)
{
    return arena_printf(cx->arena, "%s, %s", kind_label(cx, l), format_day(cx, l->list_day));
}

/* ---- all lists ---- */

static void fill_list_cells(struct table_cell *c, struct cx *cx, const struct compare_list *l)
{
    const char *tone, *state = compare_state_text(cx, l->state, &tone);
    c[0] = (struct table_cell){list_title(cx, l),
                               arena_printf(cx->arena, "/compare/%" PRId64, l->id), NULL};
    c[1] = (struct table_cell){state, NULL, tone};
    c[2].text = format_int(cx, l->rows_total);
    c[3].text = format_int(cx, l->rows_identity + l->rows_score + l->rows_decided);
    c[4].text = format_int(cx, l->rows_review);
    c[5].text = format_int(cx, l->rows_lost);
    c[6].text = user_name(cx, l->owner_id);
}

static enum rc lists_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct compare_list *lists;
    size_t count;
    TRY(db_read_begin(cx));
    TRY(compare_list_all(&lists, &count, cx));
    struct table_column *columns = arena_new(cx->arena, LIST_COLUMNS * sizeof *columns);
    columns[0] = (struct table_column){NULL, _("List"), ALIGN_TEXT, false};
    columns[1] = (struct table_column){NULL, _("State"), ALIGN_TEXT, false};
    columns[2] = (struct table_column){NULL, _("Rows"), ALIGN_NUMBER, true};
    columns[3] = (struct table_column){NULL, _("Found"), ALIGN_NUMBER, true};
    columns[4] = (struct table_column){NULL, _("To be decided"), ALIGN_NUMBER, true};
    columns[5] = (struct table_column){NULL, _("Not in the register"), ALIGN_NUMBER, true};
    columns[6] = (struct table_column){NULL, _("Owner"), ALIGN_TEXT, true};
    struct table_cell *cells = arena_new(cx->arena, (count * LIST_COLUMNS + 1) * sizeof *cells);
    for (size_t i = 0; i < count; i++)
        fill_list_cells(cells + i * LIST_COLUMNS, cx, &lists[i]);
    struct table t = {.caption = _("Comparisons"),
                      .base = "/compare",
                      .query = "",
                      .columns = columns,
                      .column_count = LIST_COLUMNS,
                      .cells = cells,
                      .row_count = count,
                      .is_first_page = true,
                      .empty_title = _("No lists were compared yet"),
                      .empty_hint = _("Ask a department for its list and compare it."),
                      .empty_href = "/compare/new",
                      .empty_action = _("Compare a list")};
    struct compare_lists_view v = {.table = &t, .may_run = actor_may(cx, "compare.run")};
    struct out *o =
        page_begin(cx, q, &(struct page){.title = _("Comparisons"), .nav = "compare"});
    compare_lists_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

/* ---- a new one ---- */

static void add_area(struct compare_new_view *v, struct cx *cx, const struct area *area,
                     const char *before)
{
    if (v->area_count < AREAS_MAX && !area->ended_day &&
        actor_may_in(cx, "compare.run", str_of(area->path)))
        v->areas[v->area_count++] =
            (struct field_choice){arena_printf(cx->arena, "%" PRId64, area->id),
                                  arena_printf(cx->arena, "%s%s", before, area->name), false};
}

/* Counties and their townships, as far as the actor may compare there. */
static enum rc fill_areas(struct compare_new_view *v, int64_t *county, struct cx *cx)
{
    struct db_rows rows;
    struct area *counties = arena_new(cx->arena, AREAS_MAX * sizeof *counties);
    size_t n = 0;
    v->areas = arena_new(cx->arena, (AREAS_MAX + 1) * sizeof *v->areas);
    TRY(DB_SELECT(&rows, cx, &COMPARE_TENANTS, V_I(cx->profile->tenant_level)));
    while (db_next(&rows) && n < AREAS_MAX)
        counties[n++] = (struct area){.id = row_i64(&rows, COMPARE_TENANTS_ID),
                                      .county = row_i64(&rows, COMPARE_TENANTS_COUNTY),
                                      .path = row_copy(&rows, COMPARE_TENANTS_PATH).p,
                                      .name = row_copy(&rows, COMPARE_TENANTS_NAME).p};
    TRY(db_done(&rows));
    for (size_t i = 0; i < n && v->area_count < AREAS_MAX; i++) {
        struct area *children;
        size_t count, before = v->area_count;
        add_area(v, cx, &counties[i], "");
        TRY(area_children(&children, &count, cx, counties[i].id));
        for (size_t k = 0; k < count; k++)
            add_area(v, cx, &children[k], arena_printf(cx->arena, "%s › ", counties[i].name));
        if (!*county && v->area_count > before)
            *county = counties[i].county;
    }
    return RC_OK;
}

static enum rc fill_owners(struct compare_new_view *v, struct cx *cx, int64_t county)
{
    struct compare_user *users;
    size_t count;
    int64_t me = cx->actor ? cx->actor->user_id : 0;
    TRY(compare_users(&users, &count, cx, county));
    v->owners = compare_owner_choices(&v->owner_count, cx, users, count);
    for (size_t i = 0; i < count; i++)
        v->owners[i].chosen = users[i].id == me;
    return RC_OK;
}

static enum rc show_new(struct cx *cx, const struct request *q, struct response *a,
                        const char *error)
{
    const struct list_kinds *kinds = cx->profile->compared;
    int64_t county = 0;
    struct compare_new_view v = {.csrf = visitor_of(q)->csrf,
                                 .error = error,
                                 .all_kinds = kinds->kinds,
                                 .all_kind_count = kinds->count,
                                 .today = day_iso(cx->arena, register_today(cx))};
    v.kinds = arena_new(cx->arena, (kinds->count + 1) * sizeof *v.kinds);
    for (size_t i = 0; i < kinds->count; i++)
        v.kinds[v.kind_count++] = (struct field_choice){
            kinds->kinds[i].code, LABEL(cx, kinds->kinds[i].label), false};
    TRY(fill_areas(&v, &county, cx));
    TRY(fill_owners(&v, cx, county));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Compare a list"),
                                              .nav = "compare",
                                              .back_href = "/compare",
                                              .back_label = _("Comparisons")});
    compare_new_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc new_get(struct cx *cx, const struct request *q, struct response *a)
{
    return show_new(cx, q, a, NULL);
}

static enum rc read_day(int32_t *out, struct cx *cx, const struct request *q, const char *name)
{
    struct str text = str_trim(request_form(q, name));
    *out = 0;
    if (text.len && !day_parse(out, text))
        return fail(cx, RC_INVALID, _("Please write a date as 2026-11-23."), "%s", name);
    return RC_OK;
}

static enum rc start(int64_t *id, bool *is_new, struct cx *cx, const struct request *q)
{
    struct compare_new n = {.kind = request_form(q, "kind")};
    bool new_document;
    if (q->body_fd < 0 || !q->body_len)
        return fail(cx, RC_INVALID, _("Please choose a file; an empty one cannot be imported."),
                    "no file");
    if (!str_to_i64(&n.area_id, request_form(q, "area")))
        return fail(cx, RC_INVALID, _("Choose a county, or an area of one."), "area");
    if (request_form(q, "owner").len && !str_to_i64(&n.owner_id, request_form(q, "owner")))
        return fail(cx, RC_INVALID, _("Choose an owner from the list."), "owner");
    TRY(read_day(&n.list_day, cx, q, "day"));
    TRY(read_day(&n.deadline_day, cx, q, "deadline"));
    const char *name = q->file_name.len ? arena_copy(cx->arena, q->file_name) : "upload";
    TRY(store_put(&n.document_id, &new_document, cx, 0, "compare", name,
                  "application/octet-stream", q->body_fd));
    TRY(compare_add(id, is_new, cx, &n));
    return *is_new ? compare_queue_run(cx, *id, 0, 0) : RC_OK;
}

static enum rc new_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    bool is_new;
    enum rc rc = start(&id, &is_new, cx, q);
    if (is_told(rc) || rc == RC_NOTFOUND) {
        a->status = 400;
        return show_new(cx, q, a, take_error(cx));
    }
    TRY(rc);
    if (!is_new)
        page_notice(cx, a, "compare-known");
    response_redirect(cx, a, arena_printf(cx->arena, "/compare/%" PRId64, id));
    return RC_OK;
}

/* ---- the result of one ---- */

static enum rc fill_progress(struct compare_result_view *v, struct cx *cx)
{
    struct job job;
    double per_s;
    int64_t left_s;
    v->progress_percent = -1;
    v->progress_text = v->state;
    if (!v->running || !v->l.job_id)
        return RC_OK;
    TRY(job_get(&job, cx, v->l.job_id));
    if (job.total > 0)
        v->progress_percent = (int)(job.done * 100 / job.total);
    if (job.state == JOB_RUNNING && job_rate(&per_s, &left_s, &job, cx->now_at))
        v->progress_text =
            arena_printf(cx->arena, _("%s: %s of %s rows, %s rows/s, about %s left"), v->state,
                         format_int(cx, job.done), format_int(cx, job.total),
                         format_int(cx, (int64_t)per_s), format_duration(cx, left_s));
    return RC_OK;
}

static void fill_levels(struct compare_result_view *v, struct cx *cx)
{
    const struct match_model *m = &v->l.model;
    v->levels = arena_new(cx->arena, sizeof(struct level_view[MATCH_FIELDS * MATCH_LEVELS]));
    for (int f = 0; v->l.has_model && f < MATCH_FIELDS; f++)
        for (int k = match_level_count((enum match_field)f) - 1; k >= 0; k--) {
            const char *tone;
            struct match_levels one;
            for (int i = 0; i < MATCH_FIELDS; i++)
                one.of[i] = MATCH_MISSING;
            one.of[f] = (int8_t)k;
            double weight = match_weight(m, one);
            v->levels[v->level_count++] =
                (struct level_view){match_field_text(cx, (enum match_field)f),
                                    match_level_text(cx, (enum match_field)f, k, &tone),
                                    compare_percent(cx, llround(m->m[f][k] * MATCH_UNIT)),
                                    compare_percent(cx, llround(m->u[f][k] * MATCH_UNIT)),
                                    arena_printf(cx->arena, "%s%s", weight > 0 ? "+" : "",
                                                 format_f64(cx, weight, 1))};
        }
    v->share = compare_percent(cx, llround(m->share * MATCH_UNIT));
}

static const char *plain_percent(struct cx *cx, int64_t millionths)
{
    return arena_printf(cx->arena, "%g", (double)millionths / 10000);
}

static enum rc fill_rules(struct compare_result_view *v, struct cx *cx)
{
    struct compare_rule_count *counts;
    TRY(compare_rule_counts(&counts, &v->rule_count, cx, &v->l));
    v->rules = arena_new(cx->arena, (v->rule_count + 1) * sizeof *v->rules);
    for (size_t i = 0; i < v->rule_count; i++) {
        const struct list_rule *rule = counts[i].rule;
        bool error = rule && rule->severity == SEVERITY_ERROR;
        v->rules[i] = (struct rule_count_view){
            .what = rule ? LABEL(cx, rule->message) : counts[i].rule_code,
            .hint = rule ? LABEL(cx, rule->hint) : "",
            .href = arena_printf(cx->arena, "/compare/%" PRId64 "?rule=%s", v->l.id,
                                 counts[i].rule_code),
            .severity = error ? _("urgent") : "",
            .tone = error ? "bad" : "muted",
            .c = &counts[i]};
    }
    return RC_OK;
}

static enum rc fill_head(struct compare_result_view *v, struct cx *cx)
{
    const struct compare_list *l = &v->l;
    struct places *places;
    struct db_rows rows;
    v->state = compare_state_text(cx, l->state, &v->tone);
    v->running = l->state == COMPARE_WAITING || l->state == COMPARE_RUNNING ||
                 l->state == COMPARE_UNDOING;
    v->is_done = l->state == COMPARE_DONE || l->state == COMPARE_REPLACED;
    v->may_run = compare_may_run(cx, l) && l->state != COMPARE_REPLACED;
    v->may_undo = v->may_run && (l->state == COMPARE_DONE || l->state == COMPARE_FAILED);
    v->kind_label = kind_label(cx, l);
    v->department = l->kind ? LABEL(cx, l->kind->department) : "";
    v->who = user_name(cx, l->user_id);
    v->owner = user_name(cx, l->owner_id);
    v->upper = plain_percent(cx, l->upper);
    v->lower = plain_percent(cx, l->lower);
    if (l->newer_id && l->state == COMPARE_REPLACED)
        v->newer_href = arena_printf(cx->arena, "/compare/%" PRId64, l->newer_id);
    TRY(DB_ONE(&rows, cx, &COMPARE_TENANT, V_I(cx->profile->tenant_level), V_I(l->county)));
    const char *county = row_copy(&rows, COMPARE_TENANT_NAME).p;
    TRY(db_done(&rows));
    TRY(places_load(&places, cx, l->county));
    const char *below = places_label(places, cx, str_of(l->area_path));
    v->area_label = arena_printf(cx->arena, "%s%s%s", county, *below ? " · " : "", below);
    return RC_OK;
}

static enum rc show_list(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                         const char *error)
{
    struct compare_result_view v = {.csrf = visitor_of(q)->csrf, .error = error};
    TRY(compare_get(&v.l, cx, id));
    TRY(fill_head(&v, cx));
    TRY(fill_progress(&v, cx));
    if (v.is_done) {
        fill_levels(&v, cx);
        TRY(fill_rules(&v, cx));
        TRY(compare_fill_findings(&v.findings, cx, q, &v.l));
    }
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = list_title(cx, &v.l),
                                              .nav = "compare",
                                              .back_href = "/compare",
                                              .back_label = _("Comparisons"),
                                              .refresh_s = v.running ? REFRESH_S : 0,
                                              .wide = true});
    compare_result_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct compare_list l;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    if (!page_wants_file(q))
        return show_list(cx, q, a, id, NULL);
    TRY(compare_get(&l, cx, id));
    return compare_findings_file(cx, q, a, &l);
}

/* ---- steps ---- */

static enum rc read_percent(int64_t *out, struct cx *cx, const struct request *q,
                            const char *name)
{
    struct str text = str_trim(request_form(q, name));
    *out = 0;
    if (text.len && (!str_to_scaled(out, text, 4) || *out <= 0 || *out > MATCH_UNIT))
        return fail(cx, RC_INVALID, _("A threshold is a percentage such as 95 or 99.5."), "%s",
                    name);
    return RC_OK;
}

static enum rc again(struct cx *cx, const struct request *q, int64_t id)
{
    int64_t upper, lower;
    TRY(read_percent(&upper, cx, q, "upper"));
    TRY(read_percent(&lower, cx, q, "lower"));
    return compare_queue_run(cx, id, upper, lower);
}

static enum rc undo(struct cx *cx, const struct request *q, int64_t id)
{
    (void)q;
    return compare_queue_undo(cx, id);
}

static enum rc step_post(struct cx *cx, const struct request *q, struct response *a,
                         enum rc (*step)(struct cx *, const struct request *, int64_t))
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    enum rc rc = step(cx, q, id);
    if (is_told(rc)) {
        a->status = rc == RC_CONFLICT ? 409 : 400;
        return show_list(cx, q, a, id, take_error(cx));
    }
    TRY(rc);
    response_redirect(cx, a, arena_printf(cx->arena, "/compare/%" PRId64, id));
    return RC_OK;
}

static enum rc again_post(struct cx *cx, const struct request *q, struct response *a)
{
    return step_post(cx, q, a, again);
}

static enum rc undo_post(struct cx *cx, const struct request *q, struct response *a)
{
    return step_post(cx, q, a, undo);
}

struct rows_wanted {
    int64_t id;
    enum compare_row_state state;
};

static enum rc write_rows(struct cx *cx, int fd, enum frame_format format, void *arg)
{
    const struct rows_wanted *w = arg;
    return compare_rows_write(cx, w->id, w->state, str_of(frame_format_ending(format) + 1), fd);
}

static enum rc rows_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct rows_wanted w;
    struct compare_list l;
    enum frame_format format;
    TRY(request_param_id(&w.id, cx, q, "id"));
    TRY(compare_get(&l, cx, w.id));
    w.state = str_eq_z(request_query(q, "state"), "lost") ? ROW_LOST : ROW_REFUSED;
    if (!frame_format_parse(&format, request_query(q, "format")) ||
        (format != FRAME_CSV && format != FRAME_XLSX))
        return fail(cx, RC_INVALID, _("These rows come as csv or xlsx."), "format");
    const char *name = w.state == ROW_LOST ? "not-in-register" : "refused";
    return page_file(cx, a, arena_printf(cx->arena, "%s-%" PRId64, name, w.id), format,
                     write_rows, &w);
}

#define RUNS .scope = SCOPE_PERMISSION, .permission = "compare.run"
static const struct route rows[] = {
    {.method = METHOD_GET, .path = "/compare", RUNS, .csrf = CSRF_NONE, .handle = lists_get},
    {.method = METHOD_GET, .path = "/compare/new", RUNS, .csrf = CSRF_NONE, .handle = new_get},
    {.method = METHOD_POST,
     .path = "/compare/new",
     RUNS,
     .csrf = CSRF_TOKEN,
     .body_max = LIMIT_UPLOAD_BODY,
     .body_to_file = true,
     .time_ms_max = 120000,
     .heavy = true,
     .handle = new_post},
    {.method = METHOD_GET,
     .path = "/compare/{id}",
     RUNS,
     .csrf = CSRF_NONE,
     .time_ms_max = 30000,
     .handle = list_get,
     .test_path = "/compare/1"},
    {.method = METHOD_POST,
     .path = "/compare/{id}/again",
     RUNS,
     .csrf = CSRF_TOKEN,
     .body_max = 4096,
     .handle = again_post,
     .test_path = "/compare/1/again"},
    {.method = METHOD_POST,
     .path = "/compare/{id}/undo",
     RUNS,
     .csrf = CSRF_TOKEN,
     .body_max = 4096,
     .handle = undo_post,
     .test_path = "/compare/1/undo"},
    {.method = METHOD_GET,
     .path = "/compare/{id}/rows",
     RUNS,
     .csrf = CSRF_NONE,
     .time_ms_max = 120000,
     .heavy = true,
     .handle = rows_get,
     .test_path = "/compare/1/rows?state=refused&format=csv"},
};
const struct route_table compare_routes = ROUTE_TABLE(rows);
