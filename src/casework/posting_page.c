/* Public notices: the page that everybody may read (never indexed, gone at its end), objecting
 * on it, the county's public list, and the office's own list. */
#include "base/format.h"
#include "base/text.h"
#include "casework/grievance.h"
#include "casework/posting.h"
#include "casework/public.html.h"
#include "casework/public_view.h"
#include "db/db.h"
#include "html/qr.h"
#include "profile/calendar.h"

enum { OBJECTIONS_FREE = 10, COLUMNS = 4, PUBLIC_COLUMNS = 3 };

static void not_indexed(struct cx *cx, struct response *a)
{
    response_header(cx, a, "X-Robots-Tag", "noindex, nofollow, noarchive");
    response_header(cx, a, "Referrer-Policy", "no-referrer");
}

static const char *day_text(struct cx *cx, int64_t at)
{
    return format_day(cx, local_day(cx->profile, at));
}

/* ---- one notice ---- */

static enum rc show_posting(struct cx *cx, const struct request *q, struct response *a,
                            struct posting_view *v)
{
    const struct posting *p = v->posting;
    const char *path = arena_printf(cx->arena, "/posting/%s", p->token);
    v->place = area_label(cx, p->area_id);
    v->from = day_text(cx, p->from_at);
    v->to = day_text(cx, p->to_at - 1);
    v->address = public_address(cx, q, p->county, path);
    v->csrf = visitor_of(q)->csrf;
    v->once = v->once && v->once[0] ? v->once : public_once(cx);
    TRY(qr_svg(&v->qr, cx, v->address, _("Address of this notice")));
    not_indexed(cx, a);
    struct out *o =
        page_begin(cx, q, &(struct page){.title = p->title.in[cx->lang], .no_index = true});
    posting_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc find_posting(struct posting *p, struct posting_view *v, struct cx *cx,
                            const struct request *q)
{
    struct posting_item *items;
    const struct actor *self = public_begin(cx);
    enum rc rc = posting_open(p, &items, &v->count, cx, request_param(q, "token"));
    cx->actor = self;
    TRY(rc);
    v->posting = p;
    v->items = items;
    return RC_OK;
}

static enum rc posting_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct posting p;
    struct posting_view v = {.name = "", .phone = "", .text = ""};
    not_indexed(cx, a);
    TRY(db_read_begin(cx));
    TRY(find_posting(&p, &v, cx, q));
    return show_posting(cx, q, a, &v);
}

static enum rc add_objection(const char **reference, struct cx *cx, const struct request *q,
                             const struct posting_view *v)
{
    int64_t id;
    if (public_is_robot(q))
        return fail(cx, RC_INVALID, _("Please leave the hidden field empty and send it again."),
                    "honeypot");
    const struct posting_item *item = NULL; /* by name: others may have been taken off since */
    for (size_t i = 0; i < v->count && !item; i++)
        if (str_eq_z(v->item, v->items[i].key))
            item = &v->items[i];
    if (!item)
        return fail(cx, RC_INVALID, _("Choose whom it is about."), "item");
    TRY(public_door_enter(cx, "object", q->client, OBJECTIONS_FREE));
    return grievance_add(&id, reference, cx,
                         &(struct grievance){.area_id = v->posting->area_id,
                                             .posting_id = v->posting->id,
                                             .about_flow = item->flow_id,
                                             .channel = BY_PAGE,
                                             .name = v->name,
                                             .phone = v->phone,
                                             .text = v->text,
                                             .reference = v->once});
}

static enum rc object_post(struct cx *cx, const struct request *q, struct response *a)
{
    const char *reference = "";
    struct posting p;
    struct posting_view v = {.once = form_text(cx, q, "once"),
                             .name = form_text(cx, q, "name"),
                             .phone = form_text(cx, q, "phone"),
                             .text = form_text(cx, q, "text"),
                             .item = request_form(q, "item")};
    TRY(find_posting(&p, &v, cx, q));
    const struct actor *self = public_begin(cx);
    enum rc rc = add_objection(&reference, cx, q, &v);
    cx->actor = self;
    if (rc) {
        if (!public_told(&v.error, cx, a, rc))
            return rc;
        return show_posting(cx, q, a, &v);
    }
    struct reference_view r = {
        .title = _("Your objection has arrived"),
        .told = _("The village looks at it before the case goes on, and you get an answer."),
        .due = "",
        .code = reference_shown(cx, reference),
        .status_href = arena_printf(cx->arena, "/report/status#%s", reference)};
    TRY(qr_svg(&r.qr, cx, public_address(cx, q, p.county, r.status_href),
               _("Code for asking what became of it")));
    not_indexed(cx, a);
    struct out *o = page_begin(cx, q, &(struct page){.title = r.title, .no_index = true});
    reference_body(o, cx, &r);
    return page_end(cx, q, a, o);
}

/* ---- lists ---- */

static const struct table *public_table(struct cx *cx, const struct posting *list, size_t count)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *c = arena_new(cx->arena, PUBLIC_COLUMNS * sizeof *c);
    struct table_cell *cells =
        arena_new(cx->arena, (count + 1) * PUBLIC_COLUMNS * sizeof *cells);
    c[0] = (struct table_column){NULL, _("Notice"), ALIGN_TEXT, false};
    c[1] = (struct table_column){NULL, _("First day"), ALIGN_TEXT, true};
    c[2] = (struct table_column){NULL, _("Last day"), ALIGN_TEXT, false};
    for (size_t i = 0; i < count; i++) {
        struct table_cell *row = cells + i * PUBLIC_COLUMNS;
        row[0] =
            (struct table_cell){list[i].title.in[cx->lang],
                                arena_printf(cx->arena, "/posting/%s", list[i].token), NULL};
        row[1].text = day_text(cx, list[i].from_at);
        row[2].text = day_text(cx, list[i].to_at - 1);
    }
    *t = (struct table){.caption = _("Public notices"),
                        .base = "/posting",
                        .query = "",
                        .columns = c,
                        .column_count = PUBLIC_COLUMNS,
                        .cells = cells,
                        .row_count = count,
                        .is_first_page = true,
                        .empty_title = _("No notice hangs here now"),
                        .empty_hint = _("Some villages show theirs only in the village.")};
    return t;
}

static enum rc fill_public(struct public_list_view *v, struct cx *cx)
{
    struct area a;
    struct posting *list;
    size_t count;
    enum rc rc = area_by_code(&a, cx, str_of(v->county), local_day(cx->profile, cx->now_at));
    if (rc == RC_NOTFOUND || rc == RC_INVALID || rc == RC_CONFLICT || (!rc && !a.county)) {
        err_clear(cx);
        v->error = _("There is no county with this code.");
        return RC_OK;
    }
    TRY(rc);
    TRY(posting_list_public(&list, &count, cx, a.county));
    v->table = public_table(cx, list, count);
    return RC_OK;
}

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct str code = str_trim(request_query(q, "county"));
    struct public_list_view v = {
        .county = code.len && code.len <= 30 ? arena_copy(cx->arena, code) : ""};
    not_indexed(cx, a);
    TRY(db_read_begin(cx));
    if (v.county[0])
        TRY(fill_public(&v, cx));
    struct out *o =
        page_begin(cx, q, &(struct page){.title = _("Public notices"), .no_index = true});
    public_list_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct table *office_table(struct cx *cx, const struct posting *list, size_t count,
                                        int64_t after, const char *query)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *c = arena_new(cx->arena, COLUMNS * sizeof *c);
    struct table_cell *cells = arena_new(cx->arena, (count + 1) * COLUMNS * sizeof *cells);
    bool more = count > LIST_ROWS;
    count = more ? LIST_ROWS : count;
    c[0] = (struct table_column){NULL, _("Notice"), ALIGN_TEXT, false};
    c[1] = (struct table_column){NULL, _("First day"), ALIGN_TEXT, true};
    c[2] = (struct table_column){NULL, _("Last day"), ALIGN_TEXT, false};
    c[3] = (struct table_column){NULL, _("State"), ALIGN_TEXT, false};
    for (size_t i = 0; i < count; i++) {
        const struct posting *p = &list[i];
        struct table_cell *row = cells + i * COLUMNS;
        bool stands = !p->ended_at && p->to_at > cx->now_at;
        row[0] = (struct table_cell){
            p->title.in[cx->lang],
            stands ? arena_printf(cx->arena, "/posting/%s", p->token) : NULL, NULL};
        row[1].text = day_text(cx, p->from_at);
        row[2].text = day_text(cx, p->to_at - 1);
        row[3] = (struct table_cell){!stands           ? _("over")
                                     : p->village_only ? _("hangs, village only")
                                                       : _("hangs"),
                                     NULL, stands ? "good" : "muted"};
    }
    *t = (struct table){.caption = _("Public notices"),
                        .base = "/posting/office",
                        .query = query,
                        .columns = c,
                        .column_count = COLUMNS,
                        .cells = cells,
                        .row_count = count,
                        .is_first_page = !after,
                        .empty_title = _("There was no public notice yet"),
                        .empty_hint = _("One is made by itself when a case comes to its time "
                                        "of notice.")};
    if (more)
        t->next_token = arena_printf(cx->arena, "%" PRId64, list[LIST_ROWS - 1].id);
    return t;
}

static enum rc office_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct posting *list;
    struct place_range range;
    size_t count;
    int64_t area = query_id(q, "area"), after = query_id(q, "after");
    TRY(db_read_begin(cx));
    TRY(place_range_find(&range, cx, area));
    TRY(posting_list(&list, &count, cx, area, after, LIST_ROWS + 1));
    struct office_list_view v = {
        .tab = "posting",
        .place = range.area.name,
        .intro = _("What hangs in public. Open a notice to print it with its code."),
        .table = office_table(cx, list, count, after,
                              area ? arena_printf(cx->arena, "area=%" PRId64, area) : "")};
    struct out *o =
        page_begin(cx, q, &(struct page){.title = _("Public notices"), .nav = "case"});
    office_list_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/posting",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE,
     .handle = list_get},
    {.method = METHOD_GET,
     .path = "/posting/{token}",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_NONE,
     .handle = posting_get,
     .test_path = "/posting/none"},
    {.method = METHOD_POST,
     .path = "/posting/{token}/object",
     .scope = SCOPE_PUBLIC,
     .csrf = CSRF_TOKEN,
     .body_max = PUBLIC_FORM_BYTES,
     .handle = object_post,
     .test_path = "/posting/none/object"},
    {.method = METHOD_GET,
     .path = "/posting/office",
     .scope = SCOPE_PERMISSION,
     .permission = "case.view",
     .csrf = CSRF_NONE,
     .handle = office_get},
};
const struct route_table posting_routes = ROUTE_TABLE(rows);
