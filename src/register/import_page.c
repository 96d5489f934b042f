/* Imports: upload and check, progress, findings, taking over, taking back. */
#include "base/format.h"
#include "base/limits.h"
#include "base/time.h"
#include "profile/lists.h"
#include "register/import.html.h"
#include "register/import_view.h"
#include "store/store.h"

#include <fcntl.h>
#include <unistd.h>

enum { LIST_COLUMNS = 6, LIST_ROWS = 100, FINDINGS_ON_PAGE = 100, REFRESH_S = 2 };

static const char *state_text(struct cx *cx, enum import_state state, const char **tone)
{
    *tone = "muted";
    switch (state) {
    case IMPORT_CREATED:
        return _("waiting to be checked");
    case IMPORT_CHECKING:
        return _("being checked");
    case IMPORT_CHECKED:
        *tone = "warn";
        return _("checked, not yet taken over");
    case IMPORT_APPLYING:
        return _("being taken over");
    case IMPORT_DONE:
        *tone = "good";
        return _("taken over");
    case IMPORT_UNDOING:
        return _("being taken back");
    case IMPORT_UNDONE:
        return _("taken back");
    case IMPORT_FAILED:
        *tone = "bad";
        return _("failed");
    }
    return "";
}

static bool is_running(enum import_state s)
{
    return s == IMPORT_CREATED || s == IMPORT_CHECKING || s == IMPORT_APPLYING ||
           s == IMPORT_UNDOING;
}

static void fill_list(struct table *t, struct cx *cx, const struct import *imports,
                      size_t count)
{
    struct table_column *columns = arena_new(cx->arena, LIST_COLUMNS * sizeof *columns);
    columns[0] = (struct table_column){NULL, _("File"), ALIGN_TEXT, false};
    columns[1] = (struct table_column){NULL, _("State"), ALIGN_TEXT, false};
    columns[2] = (struct table_column){NULL, _("Rows"), ALIGN_NUMBER, true};
    columns[3] = (struct table_column){NULL, _("Refused"), ALIGN_NUMBER, true};
    columns[4] = (struct table_column){NULL, _("By"), ALIGN_TEXT, true};
    columns[5] = (struct table_column){NULL, _("When"), ALIGN_TEXT, true};
    struct table_cell *cells = arena_new(cx->arena, (count * LIST_COLUMNS + 1) * sizeof *cells);
    for (size_t i = 0; i < count; i++) {
        struct table_cell *c = cells + i * LIST_COLUMNS;
        const char *tone;
        const char *state = state_text(cx, imports[i].state, &tone);
        c[0] = (struct table_cell){imports[i].file_name,
                                   arena_printf(cx->arena, "/import/%" PRId64, imports[i].id),
                                   NULL};
        c[1] = (struct table_cell){state, NULL, tone};
        c[2].text = format_int(cx, imports[i].rows_total);
        c[3].text = format_int(cx, imports[i].rows_refused);
        c[4].text = user_name(cx, imports[i].user_id);
        c[5].text = format_time(cx, imports[i].created_at);
    }
    t->columns = columns;
    t->column_count = LIST_COLUMNS;
    t->cells = cells;
    t->row_count = count;
}

static void fill_mappings(struct import_list_view *v, struct cx *cx)
{
    const struct profile *p = cx->profile;
    struct field_choice *choices =
        arena_new(cx->arena, (p->mapping_count + 1) * sizeof *choices);
    choices[0] = (struct field_choice){"", _("Recognise it by its columns"), true};
    size_t n = 1;
    for (size_t i = 0; i < p->mapping_count; i++)
        if (!profile_is_list_mapping(p, p->mappings[i]))
            choices[n++] = (struct field_choice){p->mappings[i]->name,
                                                 LABEL(cx, p->mappings[i]->label), false};
    v->mappings = choices;
    v->mapping_count = n;
}

static enum rc show_list(struct cx *cx, const struct request *q, struct response *a,
                         const char *error)
{
    struct import *imports;
    size_t count;
    TRY(import_list(&imports, &count, cx, 0, LIST_ROWS));
    struct table t = {.caption = _("Imports"),
                      .base = "/import",
                      .query = "",
                      .is_first_page = true,
                      .empty_title = _("No imports yet"),
                      .empty_hint = _("The first file makes the register.")};
    fill_list(&t, cx, imports, count);
    struct import_list_view v = {.table = &t,
                                 .csrf = visitor_of(q)->csrf,
                                 .error = error,
                                 .year = day_date(day_at(cx->now_at, format_zone())).year,
                                 .may_run = actor_may(cx, "import.run")};
    fill_mappings(&v, cx);
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Imports"), .nav = "import"});
    import_list_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc import_list_get(struct cx *cx, const struct request *q, struct response *a)
{
    return show_list(cx, q, a, NULL);
}

static const char *take_error(struct cx *cx)
{
    const char *text = arena_copy(cx->arena, str_of(cx->err.text));
    err_clear(cx);
    return text;
}

static enum rc start_import(int64_t *id, struct cx *cx, const struct request *q)
{
    if (q->body_fd < 0 || !q->body_len)
        return fail(cx, RC_INVALID, _("Please choose a file; an empty one cannot be imported."),
                    "no file");
    int64_t year = 0;
    struct str year_text = str_trim(request_form(q, "year"));
    if (year_text.len && (!str_to_i64(&year, year_text) || year < 1900 || year > 2200))
        return fail(cx, RC_INVALID, _("The year should be a number such as 2025."), "year");
    int64_t document;
    bool is_new;
    const char *name = q->file_name.len ? arena_copy(cx->arena, q->file_name) : "upload";
    TRY(store_put(&document, &is_new, cx, 0, "import", name, "application/octet-stream",
                  q->body_fd));
    TRY(import_add(id, cx, 0, document, request_form(q, "mapping"), (int32_t)year));
    return import_queue_check(cx, *id);
}

static enum rc import_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    enum rc rc = start_import(&id, cx, q);
    if (rc == RC_INVALID || rc == RC_NOTFOUND || rc == RC_CONFLICT || rc == RC_LIMIT) {
        a->status = 400;
        return show_list(cx, q, a, take_error(cx));
    }
    TRY(rc);
    response_redirect(cx, a, arena_printf(cx->arena, "/import/%" PRId64, id));
    return RC_OK;
}

static enum rc fill_progress(struct import_page_view *v, struct cx *cx)
{
    v->progress_percent = -1;
    v->progress_text = v->state;
    if (!v->i.job_id)
        return RC_OK;
    TRY(job_get(&v->job, cx, v->i.job_id));
    v->has_job = true;
    double per_s;
    int64_t left_s;
    if (v->job.total > 0)
        v->progress_percent = (int)(v->job.done * 100 / v->job.total);
    if (v->job.state == JOB_RUNNING && job_rate(&per_s, &left_s, &v->job, cx->now_at))
        v->progress_text =
            arena_printf(cx->arena, _("%s: %s of %s rows, %s rows/s, about %s left"), v->state,
                         format_int(cx, v->job.done), format_int(cx, v->job.total),
                         format_int(cx, (int64_t)per_s), format_duration(cx, left_s));
    return RC_OK;
}

static const char *mapping_label(struct cx *cx, const char *name)
{
    const struct mapping *m = profile_mapping(cx->profile, str_of(name));
    return m ? LABEL(cx, m->label) : name;
}

static enum rc fill_findings(struct import_page_view *v, struct cx *cx, const struct request *q)
{
    int64_t after = 0;
    struct str after_text = request_query(q, "after"), code = request_query(q, "code");
    if (after_text.len && (!str_to_i64(&after, after_text) || after < 0))
        after = 0;
    v->shown_code = code.p ? arena_copy(cx->arena, code) : "";
    TRY(import_finding_counts(&v->kinds, &v->kind_count, cx, v->i.id));
    TRY(import_findings(&v->findings, &v->finding_count, cx,
                        &(struct finding_query){v->i.id, FINDING_ANY, str_of(v->shown_code),
                                                after, FINDINGS_ON_PAGE}));
    if (v->finding_count == FINDINGS_ON_PAGE)
        v->older_href = arena_printf(cx->arena, "/import/%" PRId64 "?code=%s&after=%" PRId64,
                                     v->i.id, url_encode(cx->arena, str_of(v->shown_code)),
                                     after + FINDINGS_ON_PAGE);
    return RC_OK;
}

static enum rc show_import(struct cx *cx, const struct request *q, struct response *a,
                           int64_t id, const char *error)
{
    struct import_page_view v = {.csrf = visitor_of(q)->csrf, .error = error};
    TRY(import_get(&v.i, cx, id));
    v.state = state_text(cx, v.i.state, &v.tone);
    v.running = is_running(v.i.state);
    v.who = user_name(cx, v.i.user_id);
    v.mapping_label = mapping_label(cx, v.i.mapping);
    TRY(fill_progress(&v, cx));
    bool may_run = actor_may(cx, "import.run");
    v.may_apply = may_run && v.i.state == IMPORT_CHECKED && v.i.rows_good > 0;
    v.may_check = may_run && (v.i.state == IMPORT_CHECKED || v.i.state == IMPORT_FAILED);
    v.may_undo =
        actor_may(cx, "import.undo") &&
        (v.i.state == IMPORT_DONE || (v.i.state == IMPORT_FAILED && v.i.rows_done > 0));
    if (v.i.checked_at)
        TRY(fill_findings(&v, cx, q));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = v.i.file_name,
                                              .nav = "import",
                                              .back_href = "/import",
                                              .back_label = _("Imports"),
                                              .refresh_s = v.running ? REFRESH_S : 0});
    import_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc import_page_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return show_import(cx, q, a, id, NULL);
}

/* Queues one step and shows the import again; a refusal is shown above it. */
static enum rc step_post(struct cx *cx, const struct request *q, struct response *a,
                         enum rc (*step)(struct cx *, int64_t))
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    enum rc rc = step(cx, id);
    if (rc == RC_CONFLICT || rc == RC_INVALID) {
        a->status = 409;
        return show_import(cx, q, a, id, take_error(cx));
    }
    TRY(rc);
    response_redirect(cx, a, arena_printf(cx->arena, "/import/%" PRId64, id));
    return RC_OK;
}

static enum rc check_post(struct cx *cx, const struct request *q, struct response *a)
{
    return step_post(cx, q, a, import_queue_check);
}

static enum rc apply_post(struct cx *cx, const struct request *q, struct response *a)
{
    page_notice(cx, a, "import-apply");
    return step_post(cx, q, a, import_queue_apply);
}

static enum rc undo_post(struct cx *cx, const struct request *q, struct response *a)
{
    page_notice(cx, a, "import-undo");
    return step_post(cx, q, a, import_queue_undo);
}

static enum rc write_refused(struct cx *cx, int fd, enum frame_format format, void *arg)
{
    const int64_t *id = arg;
    return import_refused_write(cx, *id, str_of(frame_format_ending(format) + 1), fd);
}

static enum rc refused_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    enum frame_format format;
    struct str name = request_query(q, "format");
    if (!frame_format_parse(&format, name) || (format != FRAME_CSV && format != FRAME_XLSX))
        return fail(cx, RC_INVALID, _("Refused rows come as csv or xlsx."), "format");
    struct import i;
    TRY(import_get(&i, cx, id));
    return page_file(cx, a, arena_printf(cx->arena, "refused-%" PRId64, id), format,
                     write_refused, &id);
}

#define RUNS .scope = SCOPE_PERMISSION, .permission = "import.run"
static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/import",
     RUNS,
     .csrf = CSRF_NONE,
     .handle = import_list_get},
    {.method = METHOD_POST,
     .path = "/import",
     RUNS,
     .csrf = CSRF_TOKEN,
     .body_max = LIMIT_UPLOAD_BODY,
     .body_to_file = true,
     .time_ms_max = 120000,
     .heavy = true,
     .handle = import_post},
    {.method = METHOD_GET,
     .path = "/import/{id}",
     RUNS,
     .csrf = CSRF_NONE,
     .handle = import_page_get,
     .test_path = "/import/1"},
    {.method = METHOD_POST,
     .path = "/import/{id}/check",
     RUNS,
     .csrf = CSRF_TOKEN,
     .body_max = 4096,
     .handle = check_post,
     .test_path = "/import/1/check"},
    {.method = METHOD_POST,
     .path = "/import/{id}/apply",
     RUNS,
     .csrf = CSRF_TOKEN,
     .body_max = 4096,
     .handle = apply_post,
     .test_path = "/import/1/apply"},
    {.method = METHOD_POST,
     .path = "/import/{id}/undo",
     .scope = SCOPE_PERMISSION,
     .permission = "import.undo",
     .csrf = CSRF_TOKEN,
     .body_max = 4096,
     .handle = undo_post,
     .test_path = "/import/1/undo"},
    {.method = METHOD_GET,
     .path = "/import/{id}/refused",
     RUNS,
     .csrf = CSRF_NONE,
     .time_ms_max = 120000,
     .heavy = true,
     .handle = refused_get,
     .test_path = "/import/1/refused?format=csv"},
};
const struct route_table import_routes = ROUTE_TABLE(rows);
