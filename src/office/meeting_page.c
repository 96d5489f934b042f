/* Meetings: the list, a new one, one with its agenda, minutes and decisions, and the minutes as
 * PDF. Printing the page gives the minutes too (web/style.css). */
#include "base/file.h"
#include "base/format.h"
#include "base/limits.h"
#include "base/time.h"
#include "db/db.h"
#include "html/pdf.h"
#include "office/meeting.html.h"
#include "office/office_inner.h"
#include "office/office_view.h"
#include "register/area.h"

#include <unistd.h>

enum { MEETING_COLUMNS = 4, FORM_BYTES = 262144, PDF_COLUMNS = 4 };

/* ---- the list ---- */

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct office_place place;
    struct meeting *list = NULL;
    size_t count = 0;
    bool file = page_wants_file(q);
    int64_t after = 0;
    TRY(db_read_begin(cx));
    TRY(office_place_of(&place, cx, q));
    if (!str_to_i64(&after, request_query(q, "after")) || after < 0)
        after = 0;
    if (place.has)
        TRY(meeting_list(&list, &count, cx, place.here.county, after,
                         file ? 5000 : LIMIT_PAGE_ROWS_DEFAULT + 1));
    bool more = !file && count > LIMIT_PAGE_ROWS_DEFAULT;
    count -= more;
    struct table_cell *cells =
        arena_new(cx->arena, (count * MEETING_COLUMNS + 1) * sizeof *cells);
    for (size_t i = 0; i < count; i++) {
        struct table_cell *c = cells + i * MEETING_COLUMNS;
        c[0] = (struct table_cell){
            list[i].title, arena_printf(cx->arena, "/meeting/%" PRId64, list[i].id), NULL};
        c[1].text = format_time(cx, list[i].at);
        c[2].text = list[i].place;
        c[3] = (struct table_cell){list[i].closed_at ? _("closed") : _("open"), NULL,
                                   list[i].closed_at ? "muted" : "good"};
    }
    const struct table_column columns[MEETING_COLUMNS] = {
        {NULL, _("Title"), ALIGN_TEXT, false},
        {NULL, _("When"), ALIGN_TEXT, false},
        {NULL, _("Place"), ALIGN_TEXT, true},
        {NULL, _("State"), ALIGN_TEXT, true},
    };
    struct table_filter filter;
    struct table t = {
        .caption = _("Meetings"),
        .base = "/meeting",
        .query = arena_printf(cx->arena, "county=%" PRId64, place.here.county),
        .columns = columns,
        .column_count = MEETING_COLUMNS,
        .cells = cells,
        .row_count = count,
        .filters = &filter,
        .filter_count = office_county_filter(&filter, cx, &place),
        .is_first_page = !after,
        .next_token = more ? arena_printf(cx->arena, "%" PRId64, list[count - 1].id) : NULL,
        .can_export = actor_may(cx, "export.run"),
        .empty_title = _("No meeting yet"),
        .empty_hint = _("A meeting invites organisations; what it decides becomes tasks with "
                        "owners and days when it is closed.")};
    if (file) {
        TRY(actor_require(cx, "export.run"));
        return page_table_file(cx, q, a, &t, "meetings");
    }
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Meetings"), .nav = "org"});
    meeting_list_body(o, cx, &t, office_may(cx, "meeting.run", &place));
    return page_end(cx, q, a, o);
}

/* ---- new, change ---- */

static bool is_invited(const int64_t *ids, size_t count, const char *value)
{
    int64_t id;
    for (size_t i = 0; i < count; i++)
        if (str_to_i64(&id, str_of(value)) && id == ids[i])
            return true;
    return false;
}

static enum rc show_form(struct cx *cx, const struct request *q, struct response *a,
                         struct meeting_edit_view *v, const int64_t *invited, size_t count)
{
    struct office_place place;
    const struct field_choice *orgs;
    TRY(office_place_find(&place, cx, v->county));
    if (!place.has)
        return fail(cx, RC_INVALID, _("There is no county yet: load its areas first."),
                    "no county");
    v->county = place.here.county;
    v->csrf = visitor_of(q)->csrf;
    TRY(office_area_choices(&v->areas, &v->area_count, cx, "meeting.run", &place.here,
                            v->m.area_id));
    TRY(office_org_choices(&orgs, &v->org_count, cx, v->county, 0, NULL));
    struct field_choice *chosen = arena_new(cx->arena, (v->org_count + 1) * sizeof *chosen);
    for (size_t i = 0; i < v->org_count; i++)
        chosen[i] = (struct field_choice){orgs[i].value, orgs[i].label,
                                          is_invited(invited, count, orgs[i].value)};
    v->orgs = chosen;
    struct out *o = page_begin(
        cx, q,
        &(struct page){.title = v->m.id ? _("Change a meeting") : _("Call a meeting"),
                       .nav = "org",
                       .back_href = "/meeting",
                       .back_label = _("Meetings")});
    meeting_edit_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc new_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct office_place place;
    TRY(db_read_begin(cx));
    TRY(office_place_of(&place, cx, q));
    struct meeting_edit_view v = {.m = {.title = "", .place = "", .agenda = ""},
                                  .action = "/meeting/new",
                                  .day = "",
                                  .time = "09:00",
                                  .county = place.here.county};
    return show_form(cx, q, a, &v, NULL, 0);
}

static enum rc edit_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct meeting_edit_view v = {0};
    int64_t id, *orgs;
    size_t count;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    TRY(meeting_get(&v.m, NULL, NULL, cx, id));
    TRY(actor_require_in(cx, "meeting.run", str_of(v.m.area_path)));
    TRY(meeting_orgs(&orgs, &count, cx, id));
    const char *when = office_time(cx, v.m.at);
    v.day = arena_printf(cx->arena, "%.10s", when);
    v.time = when + 11;
    v.county = v.m.county;
    v.action = arena_printf(cx->arena, "/meeting/%" PRId64 "/edit", id);
    return show_form(cx, q, a, &v, orgs, count);
}

/* "09:30" as minutes of the day; -1. */
static int minutes_typed(struct str s)
{
    int64_t hour, minute;
    struct str rest = str_trim(s);
    struct str first = str_cut(&rest, ':');
    if (!rest.p || !str_to_i64(&hour, first) || rest.len < 2 ||
        !str_to_i64(&minute, (struct str){rest.p, 2}) || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59)
        return -1;
    return (int)(hour * 60 + minute);
}

static enum rc form_read(struct meeting *m, struct cx *cx, const struct request *q)
{
    int32_t day;
    *m = (struct meeting){.title = typed_text(cx, q, "title"),
                          .place = typed_text(cx, q, "place"),
                          .agenda = typed_text(cx, q, "agenda"),
                          .area_id = typed_id(q, "area"),
                          .chair_id = cx->actor ? cx->actor->user_id : 0,
                          .version = (int32_t)typed_id(q, "version")};
    TRY(typed_day(&day, cx, q, "day", _("When"), 0));
    int minutes = minutes_typed(request_form(q, "time"));
    if (!day || minutes < 0)
        return fail(cx, RC_INVALID, _("When: give the day and the time."), "time");
    m->at = (int64_t)day * 86400 + minutes * 60 - (int64_t)format_zone() * 60;
    return RC_OK;
}

static enum rc save_post(struct cx *cx, const struct request *q, struct response *a, int64_t id)
{
    struct meeting_edit_view v = {0};
    struct meeting now = {0};
    int64_t *orgs = arena_new(cx->arena, (q->form_count + 1) * sizeof *orgs), saved;
    size_t count = 0;
    if (id) {
        TRY(meeting_get(&now, NULL, NULL, cx, id));
        TRY(actor_require_in(cx, "meeting.run", str_of(now.area_path)));
    }
    for (size_t i = 0; i < q->form_count; i++)
        if (str_eq_z(q->form[i].name, "org") && str_to_i64(&orgs[count], q->form[i].value))
            count++;
    enum rc rc = form_read(&v.m, cx, q);
    v.m.id = id;
    if (id)
        v.m.chair_id = now.chair_id;
    if (!rc)
        rc = meeting_save(&saved, cx, &v.m, orgs, count);
    if (typed_mistake(rc)) {
        a->status = rc == RC_CONFLICT ? 409 : 400;
        v.error = typed_error(cx);
        v.day = typed_text(cx, q, "day");
        v.time = typed_text(cx, q, "time");
        v.county = id ? now.county : typed_id(q, "county");
        v.action =
            id ? arena_printf(cx->arena, "/meeting/%" PRId64 "/edit", id) : "/meeting/new";
        return show_form(cx, q, a, &v, orgs, count);
    }
    TRY(rc);
    page_notice(cx, a, id ? "saved" : "created");
    response_redirect(cx, a, arena_printf(cx->arena, "/meeting/%" PRId64, saved));
    return RC_OK;
}
static enum rc new_post(struct cx *cx, const struct request *q, struct response *a)
{
    return save_post(cx, q, a, 0);
}
static enum rc edit_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return save_post(cx, q, a, id);
}

/* ---- one ---- */

static const char *join(struct cx *cx, const char *before, const char *name)
{
    return before ? arena_printf(cx->arena, _("%s, %s"), before, name) : name;
}

static enum rc fill_one(struct meeting_view *v, struct cx *cx, int64_t id)
{
    struct meeting_decision *list;
    int64_t *orgs;
    size_t count;
    TRY(meeting_get(&v->m, &list, &v->decision_count, cx, id));
    TRY(meeting_orgs(&orgs, &count, cx, id));
    for (size_t i = 0; i < count; i++)
        v->orgs = join(cx, v->orgs, org_name(cx, orgs[i]));
    v->decisions = arena_new(cx->arena, (v->decision_count + 1) * sizeof *v->decisions);
    for (size_t i = 0; i < v->decision_count; i++) {
        const char *owners = NULL;
        for (size_t k = 0; k < list[i].owner_count; k++)
            owners = join(cx, owners, owner_label(cx, &list[i].owners[k]));
        v->decisions[i] = (struct decision_view){
            &list[i], owners, list[i].due_day ? format_day(cx, list[i].due_day) : NULL};
    }
    v->when = format_time(cx, v->m.at);
    v->area = area_label(cx, v->m.area_id);
    v->chair = user_name(cx, v->m.chair_id);
    v->closed = v->m.closed_at ? format_time(cx, v->m.closed_at) : NULL;
    v->may_run = meeting_may_run(cx, &v->m);
    return RC_OK;
}

static enum rc show_one(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                        const char *error)
{
    struct meeting_view v = {.csrf = visitor_of(q)->csrf, .error = error};
    struct office_place place;
    TRY(db_read_begin(cx));
    TRY(fill_one(&v, cx, id));
    if (v.may_run && !v.m.closed_at) {
        TRY(office_place_find(&place, cx, v.m.county));
        TRY(office_org_choices(&v.owners, &v.owner_count, cx, v.m.county, 0, NULL));
        TRY(office_user_choices(&v.users, &v.user_count, cx, &place.here));
    }
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = v.m.title,
                                              .nav = "org",
                                              .back_href = "/meeting",
                                              .back_label = _("Meetings")});
    meeting_one_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc one_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return show_one(cx, q, a, id, NULL);
}

static enum rc after_change(struct cx *cx, const struct request *q, struct response *a,
                            int64_t id, enum rc rc)
{
    if (typed_mistake(rc)) {
        a->status = rc == RC_CONFLICT ? 409 : 400;
        return show_one(cx, q, a, id, typed_error(cx));
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/meeting/%" PRId64, id));
    return RC_OK;
}

/* The meeting of a form's address; RC_NOTFOUND before anything else is said. */
static enum rc meeting_of(struct meeting *m, struct cx *cx, const struct request *q)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return meeting_get(m, NULL, NULL, cx, id);
}

static enum rc minutes_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct meeting m;
    TRY(meeting_of(&m, cx, q));
    return after_change(cx, q, a, m.id,
                        meeting_minutes(cx, m.id, (int32_t)typed_id(q, "version"),
                                        typed_text(cx, q, "minutes")));
}

static enum rc read_decision(struct meeting_decision *d, struct cx *cx, const struct request *q)
{
    int64_t user, id;
    d->text = typed_text(cx, q, "text");
    TRY(typed_day(&d->due_day, cx, q, "due", _("Until when"), 0));
    TRY(office_user_typed(&user, cx, request_form(q, "login"), true));
    if (user)
        d->owners[d->owner_count++] =
            (struct owner){.kind = OWNER_USER, .id = user, .permission = ""};
    for (size_t i = 0; i < q->form_count && d->owner_count < MEETING_OWNERS_MAX; i++)
        if (str_eq_z(q->form[i].name, "owner") && str_to_i64(&id, q->form[i].value))
            d->owners[d->owner_count++] =
                (struct owner){.kind = OWNER_ORG, .id = id, .permission = ""};
    return RC_OK;
}

static enum rc decision_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct meeting m;
    struct meeting_decision d = {0};
    int64_t id;
    TRY(meeting_of(&m, cx, q));
    d.meeting_id = m.id;
    enum rc rc = read_decision(&d, cx, q);
    if (!rc)
        rc = meeting_decide(&id, cx, &d);
    return after_change(cx, q, a, m.id, rc);
}

static enum rc drop_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct meeting m;
    TRY(meeting_of(&m, cx, q));
    return after_change(cx, q, a, m.id, meeting_drop(cx, m.id, typed_id(q, "decision")));
}

static enum rc close_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct meeting m;
    TRY(meeting_of(&m, cx, q));
    return after_change(cx, q, a, m.id,
                        meeting_close(cx, m.id, (int32_t)typed_id(q, "version")));
}

/* ---- PDF ---- */

static enum rc write_pdf(struct cx *cx, const struct meeting_view *v, int fd)
{
    static const int widths[PDF_COLUMNS] = {8, 47, 27, 18};
    struct pdf *p;
    size_t n = v->decision_count;
    const char **cells = arena_new(cx->arena, (n + 1) * PDF_COLUMNS * sizeof *cells);
    TRY(pdf_begin(&p, cx, v->m.title, v->area));
    pdf_heading(p, v->m.title, 1);
    pdf_field(p, _("When"), v->when);
    pdf_field(p, _("Place"), v->m.place);
    pdf_field(p, _("Chair"), v->chair);
    pdf_field(p, _("Invited"), v->orgs ? v->orgs : "");
    pdf_heading(p, _("Agenda"), 2);
    pdf_text(p, v->m.agenda);
    pdf_heading(p, _("Minutes"), 2);
    pdf_text(p, v->m.minutes);
    pdf_heading(p, _("Decisions"), 2);
    cells[0] = _("No.");
    cells[1] = _("Decision");
    cells[2] = _("Who does it");
    cells[3] = _("Until when");
    for (size_t i = 0; i < n; i++) {
        const char **c = cells + (i + 1) * PDF_COLUMNS;
        c[0] = arena_printf(cx->arena, "%zu", i + 1);
        c[1] = v->decisions[i].d->text;
        c[2] = v->decisions[i].owners ? v->decisions[i].owners : "–";
        c[3] = v->decisions[i].due ? v->decisions[i].due : "–";
    }
    pdf_table(p, cells, n + 1, PDF_COLUMNS, widths);
    const char *const signs[] = {_("Chair"), _("Minutes taken by")};
    pdf_signatures(p, signs, 2);
    return pdf_end(cx, p, fd);
}

static enum rc pdf_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct meeting_view v = {0};
    struct file_temp temp;
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    TRY(fill_one(&v, cx, id));
    TRY(file_temp_open(&temp, cx, cx->dir));
    enum rc rc = write_pdf(cx, &v, temp.fd);
    int fd = rc ? -1 : dup(temp.fd);
    file_temp_drop(&temp);
    TRY(rc);
    if (fd < 0)
        return fail(cx, RC_IO, _("The file could not be made. Please try again."), "dup");
    a->file_fd = fd;
    a->file_len = lseek(fd, 0, SEEK_END);
    a->type = "application/pdf";
    response_download(cx, a, arena_printf(cx->arena, "meeting-%" PRId64 ".pdf", id));
    return RC_OK;
}

#define LOOKS                                                                                  \
    .method = METHOD_GET, .scope = SCOPE_PERMISSION, .permission = "household.view",           \
    .csrf = CSRF_NONE
#define RUNS  .scope = SCOPE_PERMISSION, .permission = "meeting.run"
#define POSTS .method = METHOD_POST, RUNS, .csrf = CSRF_TOKEN, .body_max = FORM_BYTES
static const struct route rows[] = {
    {LOOKS, .path = "/meeting", .handle = list_get},
    {.method = METHOD_GET, RUNS, .csrf = CSRF_NONE, .path = "/meeting/new", .handle = new_get},
    {POSTS, .path = "/meeting/new", .handle = new_post},
    {LOOKS, .path = "/meeting/{id}", .handle = one_get, .test_path = "/meeting/1"},
    {LOOKS, .path = "/meeting/{id}/pdf", .time_ms_max = 30000, .handle = pdf_get,
     .test_path = "/meeting/1/pdf"},
    {.method = METHOD_GET,
     RUNS,
     .csrf = CSRF_NONE,
     .path = "/meeting/{id}/edit",
     .handle = edit_get,
     .test_path = "/meeting/1/edit"},
    {POSTS, .path = "/meeting/{id}/edit", .handle = edit_post, .test_path = "/meeting/1/edit"},
    {POSTS, .path = "/meeting/{id}/minutes", .handle = minutes_post,
     .test_path = "/meeting/1/minutes"},
    {POSTS, .path = "/meeting/{id}/decision", .handle = decision_post,
     .test_path = "/meeting/1/decision"},
    {POSTS, .path = "/meeting/{id}/drop", .handle = drop_post, .test_path = "/meeting/1/drop"},
    {POSTS, .path = "/meeting/{id}/close", .time_ms_max = 15000, .handle = close_post,
     .test_path = "/meeting/1/close"},
};
const struct route_table meeting_routes = ROUTE_TABLE(rows);
