/* Policy papers: the list of those in force on a day, one with what it sets, entering and
 * changing with the text as a file. */
#include "base/format.h"
#include "base/time.h"
#include "db/db.h"
#include "office/office_view.h"
#include "office/paper.html.h"
#include "register/area.h"
#include "register/own_rule.h"
#include "store/store.h"

#include <sys/stat.h>

enum { PAPER_COLUMNS = 4, FORM_BYTES = 33554432, SPARE_LINKS = 3 };

static int32_t today_of(const struct cx *cx)
{
    return day_at(cx->now_at, format_zone());
}

static const char *state_of(struct cx *cx, const struct paper *p, const char **tone)
{
    int32_t today = today_of(cx);
    *tone = "muted";
    if (p->from_day > today)
        return _("not yet in force");
    if (p->to_day && p->to_day < today)
        return _("no longer in force");
    *tone = "good";
    return _("in force");
}

static const char *days_of(struct cx *cx, const struct paper *p)
{
    const char *from = format_day(cx, p->from_day);
    return p->to_day ? arena_printf(cx->arena, _("%s to %s"), from, format_day(cx, p->to_day))
                     : arena_printf(cx->arena, _("since %s"), from);
}

/* ---- the list ---- */

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct office_place place;
    struct paper *list = NULL;
    size_t count = 0;
    int32_t day = 0;
    struct str search = request_query(q, "q"), on = str_trim(request_query(q, "day"));
    TRY(db_read_begin(cx));
    TRY(office_place_of(&place, cx, q));
    if (on.len && !day_parse(&day, on))
        return fail(cx, RC_INVALID, _("This is not a day: write it as 2026-11-23."), "day");
    if (place.has)
        TRY(paper_list(&list, &count, cx, place.here.county, day, search));
    struct table_cell *cells =
        arena_new(cx->arena, (count * PAPER_COLUMNS + 1) * sizeof *cells);
    for (size_t i = 0; i < count; i++) {
        struct table_cell *c = cells + i * PAPER_COLUMNS;
        const char *tone, *state = state_of(cx, &list[i], &tone);
        c[0] = (struct table_cell){
            list[i].title, arena_printf(cx->arena, "/paper/%" PRId64, list[i].id), NULL};
        c[1].text = list[i].number;
        c[2].text = days_of(cx, &list[i]);
        c[3] = (struct table_cell){state, NULL, tone};
    }
    const struct table_column columns[PAPER_COLUMNS] = {
        {NULL, _("Title"), ALIGN_TEXT, false},
        {NULL, _("Number"), ALIGN_TEXT, true},
        {NULL, _("In force"), ALIGN_TEXT, true},
        {NULL, _("State"), ALIGN_TEXT, false},
    };
    struct table_filter filters[3] = {{.kind = FILTER_SEARCH,
                                       .name = "q",
                                       .label = _("Number or title"),
                                       .value = arena_copy(cx->arena, search)},
                                      {.kind = FILTER_SEARCH,
                                       .name = "day",
                                       .label = _("In force on (2026-11-23)"),
                                       .value = arena_copy(cx->arena, on)}};
    struct table t = {
        .caption = _("Policy papers"),
        .base = "/paper",
        .query = arena_printf(cx->arena, "q=%s&day=%s", url_encode(cx->arena, search),
                              url_encode(cx->arena, on)),
        .columns = columns,
        .column_count = PAPER_COLUMNS,
        .cells = cells,
        .row_count = count,
        .filters = filters,
        .filter_count = 2 + (size_t)office_county_filter(&filters[2], cx, &place),
        .is_first_page = true,
        .can_export = actor_may(cx, "export.run"),
        .empty_title = search.len || on.len ? _("No paper fits") : _("No policy paper yet"),
        .empty_hint = _("A paper says since when something holds and which rules, measures and "
                        "limits it sets."),
        .empty_href = search.len || on.len ? "/paper" : NULL,
        .empty_action = _("Show all")};
    if (page_wants_file(q)) {
        TRY(actor_require(cx, "export.run"));
        return page_table_file(cx, q, a, &t, "papers");
    }
    struct out *o =
        page_begin(cx, q, &(struct page){.title = _("Policy papers"), .nav = "org"});
    paper_list_body(o, cx, &t, office_may(cx, "paper.edit", &place));
    return page_end(cx, q, a, o);
}

/* ---- one ---- */

/* A rule of the county's own is named by its code, when the actor may see it. */
static const char *own_rule_name(struct cx *cx, const char *code)
{
    struct own_rule rule;
    int64_t id = 0;
    if (!str_to_i64(&id, str_of(code)) || !actor_may(cx, "profile.view") ||
        own_rule_get(&rule, cx, id)) {
        err_clear(cx);
        return code;
    }
    return rule.message[0] ? rule.message : rule.code;
}

static enum rc one_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct paper_view v = {.csrf = visitor_of(q)->csrf};
    struct paper_link *links;
    struct paper other;
    struct document doc;
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    TRY(paper_get(&v.p, &links, &v.link_count, cx, id));
    v.links = arena_new(cx->arena, (v.link_count + 1) * sizeof *v.links);
    for (size_t i = 0; i < v.link_count; i++) {
        bool own = !strcmp(links[i].kind, "own_rule");
        v.links[i] = (struct link_view){.link = &links[i],
                                        .kind = paper_kind_label(cx, links[i].kind),
                                        .label = own ? own_rule_name(cx, links[i].code)
                                                     : paper_link_label(cx, &links[i]),
                                        .href = paper_link_href(cx, &links[i]),
                                        .known = paper_link_known(cx, &links[i])};
    }
    v.area = area_label(cx, v.p.area_id);
    v.days = days_of(cx, &v.p);
    v.state = state_of(cx, &v.p, &v.tone);
    v.may_edit = actor_may_in(cx, "paper.edit", str_of(v.p.area_path));
    if (v.p.document_id) {
        TRY(store_get(&doc, cx, v.p.county, v.p.document_id));
        v.document = doc.name;
    }
    if (v.p.replaces_id && !paper_get(&other, NULL, NULL, cx, v.p.replaces_id))
        v.replaces = other.number;
    TRY(paper_replaced_by(&v.heir_id, cx, v.p.county, id));
    if (v.heir_id && !paper_get(&other, NULL, NULL, cx, v.heir_id))
        v.heir = other.number;
    err_clear(cx);
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = v.p.title,
                                              .nav = "org",
                                              .back_href = "/paper",
                                              .back_label = _("Policy papers")});
    paper_one_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc file_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct paper p;
    struct document doc;
    struct stat info;
    int64_t id;
    int fd;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(paper_get(&p, NULL, NULL, cx, id));
    if (!p.document_id)
        return fail(cx, RC_NOTFOUND, _("No text is kept of this paper."), "paper=%" PRId64, id);
    TRY(store_get(&doc, cx, p.county, p.document_id));
    TRY(store_open(&fd, cx, p.county, p.document_id));
    a->file_fd = fd;
    a->file_len = fstat(fd, &info) ? 0 : info.st_size;
    a->type = "application/octet-stream"; /* as received: never shown by the browser itself */
    response_download(cx, a, doc.name);
    return RC_OK;
}

/* ---- new, change ---- */

static enum rc other_choices(struct paper_edit_view *v, struct cx *cx)
{
    struct paper *list;
    size_t count, n = 0;
    TRY(paper_list(&list, &count, cx, v->county, 0, STR("")));
    struct field_choice *c = arena_new(cx->arena, (count + 1) * sizeof *c);
    c[n++] = (struct field_choice){"", _("none"), !v->p.replaces_id};
    for (size_t i = 0; i < count; i++)
        if (list[i].id != v->p.id)
            c[n++] = (struct field_choice){
                arena_printf(cx->arena, "%" PRId64, list[i].id),
                arena_printf(cx->arena, "%s %s", list[i].number, list[i].title),
                list[i].id == v->p.replaces_id};
    v->others = c;
    v->other_count = n;
    return RC_OK;
}

static enum rc show_form(struct cx *cx, const struct request *q, struct response *a,
                         struct paper_edit_view *v, const struct paper_link *links,
                         size_t count)
{
    struct office_place place;
    TRY(office_place_find(&place, cx, v->county));
    if (!place.has)
        return fail(cx, RC_INVALID, _("There is no county yet: load its areas first."),
                    "no county");
    v->county = place.here.county;
    v->csrf = visitor_of(q)->csrf;
    struct paper_link *shown = arena_new(cx->arena, (count + SPARE_LINKS) * sizeof *shown);
    for (size_t i = 0; i < count + SPARE_LINKS; i++)
        shown[i] =
            i < count ? links[i] : (struct paper_link){.kind = "", .code = "", .note = ""};
    v->links = shown;
    v->link_count = count + SPARE_LINKS;
    TRY(office_area_choices(&v->areas, &v->area_count, cx, "paper.edit", &place.here,
                            v->p.area_id));
    TRY(other_choices(v, cx));
    struct out *o =
        page_begin(cx, q,
                   &(struct page){.title = v->p.id ? _("Change a paper") : _("Enter a paper"),
                                  .nav = "org",
                                  .back_href = "/paper",
                                  .back_label = _("Policy papers")});
    paper_edit_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc new_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct office_place place;
    TRY(db_read_begin(cx));
    TRY(office_place_of(&place, cx, q));
    struct paper_edit_view v = {.p = {.number = "", .title = "", .summary = ""},
                                .action = "/paper/new",
                                .from = day_iso(cx->arena, today_of(cx)),
                                .to = "",
                                .county = place.here.county};
    return show_form(cx, q, a, &v, NULL, 0);
}

static enum rc edit_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct paper_edit_view v = {0};
    struct paper_link *links;
    size_t count;
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    TRY(paper_get(&v.p, &links, &count, cx, id));
    TRY(actor_require_in(cx, "paper.edit", str_of(v.p.area_path)));
    v.county = v.p.county;
    v.action = arena_printf(cx->arena, "/paper/%" PRId64 "/edit", id);
    v.from = day_iso(cx->arena, v.p.from_day);
    v.to = v.p.to_day ? day_iso(cx->arena, v.p.to_day) : "";
    return show_form(cx, q, a, &v, links, count);
}

/* Lines of kind, code and note, in order; those without code are left out. */
static size_t links_read(struct paper_link *out, struct cx *cx, const struct request *q)
{
    size_t n = 0;
    struct paper_link now = {.kind = "", .code = "", .note = ""};
    for (size_t i = 0; i < q->form_count; i++) {
        const char *value = arena_copy(cx->arena, str_trim(q->form[i].value));
        if (str_eq_z(q->form[i].name, "link_kind"))
            now = (struct paper_link){.kind = value, .code = "", .note = ""};
        else if (str_eq_z(q->form[i].name, "link_code"))
            now.code = value;
        else if (str_eq_z(q->form[i].name, "link_note")) {
            now.note = value;
            if (now.code[0] && n <= PAPER_LINKS_MAX)
                out[n++] = now;
        }
    }
    return n;
}

static enum rc save(int64_t *saved, struct cx *cx, const struct request *q, struct paper *p,
                    const struct paper_link *links, size_t count)
{
    bool is_new;
    TRY(typed_day(&p->from_day, cx, q, "from", _("In force"), 0));
    TRY(typed_day(&p->to_day, cx, q, "to", _("In force"), 0));
    if (q->body_fd >= 0 && q->body_len > 0) {
        const char *name = q->file_name.len ? arena_copy(cx->arena, q->file_name) : "paper";
        struct office_place place;
        struct area area;
        TRY(area_get(&area, cx, p->area_id));
        TRY(office_place_find(&place, cx, area.county));
        TRY(actor_require_in(cx, "paper.edit", str_of(area.path)));
        TRY(store_put(&p->document_id, &is_new, cx, area.county, "paper", name,
                      "application/octet-stream", q->body_fd));
    }
    return paper_save(saved, cx, p, links, count);
}

static enum rc save_post(struct cx *cx, const struct request *q, struct response *a, int64_t id)
{
    struct paper now = {0};
    struct paper_link *links = arena_new(cx->arena, (PAPER_LINKS_MAX + 1) * sizeof *links);
    int64_t saved;
    if (id) {
        TRY(paper_get(&now, NULL, NULL, cx, id));
        TRY(actor_require_in(cx, "paper.edit", str_of(now.area_path)));
    }
    struct paper_edit_view v = {
        .p = {.id = id,
              .area_id = typed_id(q, "area"),
              .document_id = now.document_id,
              .replaces_id = typed_id(q, "replaces"),
              .number = typed_text(cx, q, "number"),
              .title = typed_text(cx, q, "title"),
              .summary = typed_text(cx, q, "summary"),
              .version = (int32_t)typed_id(q, "version")},
        .action = id ? arena_printf(cx->arena, "/paper/%" PRId64 "/edit", id) : "/paper/new",
        .from = typed_text(cx, q, "from"),
        .to = typed_text(cx, q, "to"),
        .county = id ? now.county : typed_id(q, "county")};
    size_t count = links_read(links, cx, q);
    enum rc rc = save(&saved, cx, q, &v.p, links, count);
    if (typed_mistake(rc)) {
        a->status = rc == RC_CONFLICT ? 409 : 400;
        v.error = typed_error(cx);
        return show_form(cx, q, a, &v, links, count);
    }
    TRY(rc);
    page_notice(cx, a, id ? "saved" : "created");
    response_redirect(cx, a, arena_printf(cx->arena, "/paper/%" PRId64, saved));
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

#define LOOKS                                                                                  \
    .method = METHOD_GET, .scope = SCOPE_PERMISSION, .permission = "household.view",           \
    .csrf = CSRF_NONE
#define EDITS .scope = SCOPE_PERMISSION, .permission = "paper.edit"
#define POSTS                                                                                  \
    .method = METHOD_POST, EDITS, .csrf = CSRF_TOKEN, .body_max = FORM_BYTES,                  \
    .body_to_file = true, .time_ms_max = 30000
static const struct route rows[] = {
    {LOOKS, .path = "/paper", .handle = list_get},
    {.method = METHOD_GET, EDITS, .csrf = CSRF_NONE, .path = "/paper/new", .handle = new_get},
    {POSTS, .path = "/paper/new", .handle = new_post},
    {LOOKS, .path = "/paper/{id}", .handle = one_get, .test_path = "/paper/1"},
    {LOOKS, .path = "/paper/{id}/file", .time_ms_max = 30000, .handle = file_get,
     .test_path = "/paper/1/file"},
    {.method = METHOD_GET,
     EDITS,
     .csrf = CSRF_NONE,
     .path = "/paper/{id}/edit",
     .handle = edit_get,
     .test_path = "/paper/1/edit"},
    {POSTS, .path = "/paper/{id}/edit", .handle = edit_post, .test_path = "/paper/1/edit"},
};
const struct route_table paper_routes = ROUTE_TABLE(rows);
