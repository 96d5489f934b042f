/* De-identified files: the list of requests, asking, deciding, taking. */
#include "base/format.h"
#include "db/db.h"
#include "insight/microdata.html.h"
#include "insight/microdata_view.h"
#include "people/actor.h"

#include <string.h>
#include <unistd.h>

enum { COLUMNS = 5, FORM_MAX = 32 * 1024, AREAS_MAX = 200 };

static const char *state_label(enum microdata_state s)
{
    switch (s) {
    case MICRODATA_ASKED:
        return N_("waits for a decision");
    case MICRODATA_APPROVED:
        return N_("approved");
    case MICRODATA_REFUSED:
        return N_("refused");
    }
    return "";
}

static const char *state_tone(enum microdata_state s)
{
    return s == MICRODATA_APPROVED ? "good" : s == MICRODATA_ASKED ? "warn" : "muted";
}

/* ---- list ---- */

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct microdata *list;
    size_t count;
    TRY(db_read_begin(cx));
    TRY(microdata_list(&list, &count, cx));
    struct table_cell *cells = arena_new(cx->arena, (count * COLUMNS + 1) * sizeof *cells);
    const struct table_column columns[COLUMNS] = {
        {NULL, _("What for"), ALIGN_TEXT, false}, {NULL, _("Area"), ALIGN_TEXT, true},
        {NULL, _("Year"), ALIGN_NUMBER, true},    {NULL, _("Asked by"), ALIGN_TEXT, true},
        {NULL, _("State"), ALIGN_TEXT, false},
    };
    for (size_t i = 0; i < count; i++) {
        struct table_cell *c = cells + i * COLUMNS;
        c[0] = (struct table_cell){
            list[i].purpose, arena_printf(cx->arena, "/microdata/%" PRId64, list[i].id), NULL};
        c[1].text = area_label(cx, list[i].area_id);
        c[2].text = arena_printf(cx->arena, "%d", list[i].year);
        c[3].text = list[i].user_name;
        c[4] = (struct table_cell){text_in(cx->lang, state_label(list[i].state)), NULL,
                                   state_tone(list[i].state)};
    }
    struct table t = {.caption = _("Files for research"),
                      .base = "/microdata",
                      .query = "",
                      .columns = columns,
                      .column_count = COLUMNS,
                      .cells = cells,
                      .row_count = count,
                      .is_first_page = true,
                      .empty_title = _("Nobody has asked for a file yet")};
    struct microdata_list_view v = {.table = &t, .can_ask = actor_may(cx, "microdata.request")};
    struct out *o =
        page_begin(cx, q, &(struct page){.title = _("Files for research"), .nav = "poverty"});
    microdata_list_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

/* ---- asking ---- */

static void fill_variables(struct microdata_view *v, struct cx *cx, const struct request *q)
{
    const struct profile *p = cx->profile;
    struct microdata_choice *list =
        arena_new(cx->arena, (p->of_count[SUBJECT_HOUSEHOLD] + 1) * sizeof *list);
    const char *group = NULL;
    for (size_t i = 0; i < p->of_count[SUBJECT_HOUSEHOLD]; i++) {
        const struct indicator *ind = p->of[SUBJECT_HOUSEHOLD][i];
        if (!microdata_allowed(cx, ind))
            continue;
        struct microdata_choice *c = &list[v->variable_count++];
        const char *field = arena_printf(cx->arena, "v_%s", ind->code);
        *c = (struct microdata_choice){.code = ind->code,
                                       .label = LABEL(cx, ind->label),
                                       .chosen = request_form(q, field).len > 0};
        for (size_t g = 0; g < p->group_count; g++)
            if (ind->group && !strcmp(p->groups[g].code, ind->group) &&
                (!group || strcmp(group, ind->group)))
                c->group = LABEL(cx, p->groups[g].label);
        group = ind->group;
    }
    v->variables = list;
}

/* The actor's own counties and what lies directly below them. */
static enum rc fill_areas(struct microdata_view *v, struct cx *cx, const struct scope *s,
                          int64_t chosen)
{
    struct field_choice *list = arena_new(cx->arena, AREAS_MAX * sizeof *list);
    size_t n = 0;
    for (size_t i = 0; i < s->county_count; i++) {
        struct area *children;
        size_t count;
        TRY(area_children(&children, &count, cx, s->counties[i].area_id));
        for (size_t k = 0; k <= count && n < AREAS_MAX; k++) {
            int64_t id = k ? children[k - 1].id : s->counties[i].area_id;
            const char *path = k ? children[k - 1].path : s->counties[i].path;
            if (!actor_may_in(cx, "microdata.request", str_of(path)))
                continue;
            const char *name = k ? children[k - 1].name : s->counties[i].name;
            list[n++] = (struct field_choice){
                arena_printf(cx->arena, "%" PRId64, id),
                k ? arena_printf(cx->arena, "%s › %s", s->counties[i].name, name) : name,
                id == chosen};
        }
    }
    v->areas = list;
    v->area_count = n;
    return RC_OK;
}

static enum rc show_form(struct microdata_view *v, struct cx *cx, const struct request *q,
                         struct response *a)
{
    struct scope s;
    TRY(db_read_begin(cx));
    TRY(scope_of_pairs(&s, cx, NULL, 0));
    TRY(fill_areas(v, cx, &s, v->m.area_id));
    struct field_choice *years = arena_new(cx->arena, (s.year_count + 1) * sizeof *years);
    for (size_t i = 0; i < s.year_count; i++) {
        int32_t year = s.years[s.year_count - 1 - i];
        const char *text = arena_printf(cx->arena, "%d", year);
        years[i] = (struct field_choice){text, text, year == v->m.year};
    }
    v->years = years;
    v->year_count = s.year_count;
    fill_variables(v, cx, q);
    v->csrf = visitor_of(q)->csrf;
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Ask for a file"),
                                              .nav = "poverty",
                                              .back_href = "/microdata",
                                              .back_label = _("Files for research")});
    microdata_form_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc new_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct microdata_view v = {0};
    return show_form(&v, cx, q, a);
}

static int64_t form_number(const struct request *q, const char *name)
{
    int64_t n = 0;
    struct str text = request_form(q, name);
    return str_to_i64(&n, text) ? n : 0;
}

static enum rc new_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct microdata_view v = {0};
    struct buf codes;
    buf_init(&codes, cx->arena, FORM_MAX);
    for (size_t i = 0; i < q->form_count; i++)
        if (str_starts(q->form[i].name, STR("v_"))) {
            buf_str(&codes, (struct str){q->form[i].name.p + 2, q->form[i].name.len - 2});
            buf_char(&codes, ' ');
        }
    v.m.variables = arena_copy(cx->arena, str_trim(buf_view(&codes)));
    v.m.purpose = arena_copy(cx->arena, str_trim(request_form(q, "purpose")));
    v.m.area_id = form_number(q, "area");
    v.m.year = (int32_t)form_number(q, "year");
    TRY(db_read_begin(cx));
    enum rc rc = microdata_ask(&v.m, cx);
    db_read_end(cx);
    if (!rc) {
        response_redirect(cx, a, arena_printf(cx->arena, "/microdata/%" PRId64, v.m.id));
        return RC_OK;
    }
    if (rc != RC_INVALID)
        return rc;
    v.error = arena_copy(cx->arena, str_of(cx->err.text));
    err_clear(cx);
    a->status = 400;
    return show_form(&v, cx, q, a);
}

/* ---- one request ---- */

static enum rc show_one(struct microdata_view *v, struct cx *cx, const struct request *q,
                        struct response *a, int64_t id)
{
    struct microdata_access *accesses;
    TRY(db_read_begin(cx));
    TRY(microdata_get(&v->m, cx, id));
    TRY(microdata_accesses(&accesses, &v->access_count, cx, &v->m));
    v->accesses = accesses;
    v->user_name = v->m.user_name;
    v->area_label = area_label(cx, v->m.area_id);
    v->state_label = text_in(cx->lang, state_label(v->m.state));
    v->state_tone = state_tone(v->m.state);
    bool own = cx->actor && v->m.user_id == cx->actor->user_id;
    v->can_decide = v->m.state == MICRODATA_ASKED && !own &&
                    actor_may_in(cx, "microdata.approve", str_of(v->m.path));
    if (v->m.state == MICRODATA_ASKED) {
        struct microdata_risk *risk = arena_new(cx->arena, sizeof *risk);
        if (microdata_make(risk, cx, &v->m, -1) == RC_OK)
            v->risk = risk;
        else
            err_clear(cx);
        TRY(microdata_approved(&v->approved, cx, &v->m));
        v->reidentify =
            arena_printf(cx->arena, "%s %%", format_f64(cx, 100 * risk->reidentify, 2));
    }
    v->csrf = visitor_of(q)->csrf;
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("File for research"),
                                              .nav = "poverty",
                                              .back_href = "/microdata",
                                              .back_label = _("Files for research")});
    microdata_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc one_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct microdata_view v = {0};
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return show_one(&v, cx, q, a, id);
}

static enum rc decide_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct microdata_view v = {0};
    int64_t id;
    bool approve = str_eq_z(request_form(q, "decision"), "approve");
    TRY(request_param_id(&id, cx, q, "id"));
    if (!approve && !str_eq_z(request_form(q, "decision"), "refuse"))
        return fail(cx, RC_INVALID, _("Say whether to approve or to refuse."), "decision");
    TRY(db_read_begin(cx));
    enum rc rc = microdata_decide(cx, id, approve, str_trim(request_form(q, "reason")));
    db_read_end(cx);
    if (!rc) {
        response_redirect(cx, a, arena_printf(cx->arena, "/microdata/%" PRId64, id));
        return RC_OK;
    }
    if (rc != RC_INVALID && rc != RC_CONFLICT)
        return rc;
    v.error = arena_copy(cx->arena, str_of(cx->err.text));
    a->status = http_status_of(rc);
    err_clear(cx);
    return show_one(&v, cx, q, a, id);
}

static enum rc file_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    TRY(microdata_take(&a->file_fd, cx, id));
    a->file_len = lseek(a->file_fd, 0, SEEK_END);
    a->type = "text/csv; charset=utf-8";
    response_download(cx, a, arena_printf(cx->arena, "microdata-%" PRId64 ".csv", id));
    return RC_OK;
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/microdata",
     .scope = SCOPE_PERMISSION,
     .permission = "poverty.view",
     .csrf = CSRF_NONE,
     .handle = list_get},
    {.method = METHOD_GET,
     .path = "/microdata/new",
     .scope = SCOPE_PERMISSION,
     .permission = "microdata.request",
     .csrf = CSRF_NONE,
     .handle = new_get},
    {.method = METHOD_POST,
     .path = "/microdata/new",
     .scope = SCOPE_PERMISSION,
     .permission = "microdata.request",
     .body_max = FORM_MAX,
     .time_ms_max = 60000,
     .heavy = true,
     .handle = new_post},
    {.method = METHOD_GET,
     .path = "/microdata/{id}",
     .scope = SCOPE_PERMISSION,
     .permission = "poverty.view",
     .csrf = CSRF_NONE,
     .time_ms_max = 60000,
     .heavy = true,
     .handle = one_get,
     .test_path = "/microdata/1"},
    {.method = METHOD_POST,
     .path = "/microdata/{id}/decide",
     .scope = SCOPE_PERMISSION,
     .permission = "microdata.approve",
     .body_max = FORM_MAX,
     .time_ms_max = 60000,
     .heavy = true,
     .handle = decide_post,
     .test_path = "/microdata/1/decide"},
    {.method = METHOD_GET,
     .path = "/microdata/{id}/file",
     .scope = SCOPE_PERMISSION,
     .permission = "poverty.view",
     .csrf = CSRF_NONE,
     .heavy = true,
     .handle = file_get,
     .test_path = "/microdata/1/file"},
};
const struct route_table microdata_routes = ROUTE_TABLE(rows);
