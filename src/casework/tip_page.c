/* The office's pages of tips: the list, one tip and what is done with it, writing one down, the
 * village's poster. */
#include "base/format.h"
#include "base/text.h"
#include "casework/public.html.h"
#include "casework/tip.html.h"
#include "casework/tip_view.h"
#include "html/pdf.h"
#include "html/qr.h"
#include "people/actor.h"
#include "people/user.h"
#include "profile/calendar.h"

#include <string.h>

enum { COLUMNS = 5, FOUND_MAX = 10, SOURCE_COUNT = 3 };

static const char *source_text(struct cx *cx, enum tip_source s)
{
    switch (s) {
    case TIP_SELF:
        return _("reported by page");
    case TIP_OFFICER:
        return _("seen by an officer");
    case TIP_LIST:
        return _("list of a department");
    case TIP_ALERT:
        return _("alert");
    case TIP_MEDIA:
        return _("media");
    case TIP_PHONE:
        return _("telephone");
    }
    return "";
}

static const char *state_text(struct cx *cx, enum tip_state s)
{
    switch (s) {
    case TIP_NEW:
        return _("new");
    case TIP_TAKEN:
        return _("taken");
    case TIP_CLOSED:
        return _("closed");
    case TIP_ANY:
        break;
    }
    return "";
}

static const char *state_tone(enum tip_state s)
{
    return s == TIP_NEW ? "warn" : s == TIP_TAKEN ? "good" : "muted";
}

static const char *due_text(struct cx *cx, const struct tip *t)
{
    return t->due_at ? format_day(cx, local_day(cx->profile, t->due_at - 1)) : "–";
}

static bool is_late(const struct cx *cx, const struct tip *t)
{
    return t->state == TIP_NEW && t->due_at && t->due_at < cx->now_at;
}

/* ---- the list ---- */

static void fill_row(struct table_cell *row, struct cx *cx, const struct tip *t)
{
    bool late = is_late(cx, t);
    row[0] = (struct table_cell){
        arena_printf(cx->arena, "%s · %s", format_time(cx, t->at), source_text(cx, t->source)),
        arena_printf(cx->arena, "/tip/%" PRId64, t->id), NULL};
    row[1].text = area_label(cx, t->area_id);
    row[2].text = t->household_id ? _("known") : _("not known yet");
    row[3] = (struct table_cell){
        late ? arena_printf(cx->arena, "%s, %s", due_text(cx, t), _("late")) : due_text(cx, t),
        NULL, late ? "bad" : NULL};
    row[4] = (struct table_cell){state_text(cx, t->state), NULL, state_tone(t->state)};
}

static struct table_filter *list_filters(struct cx *cx, const struct request *q,
                                         enum tip_state state, int64_t area)
{
    static const char *const values[] = {"1", "2", "3", "all"};
    struct table_filter *f = arena_new(cx->arena, 2 * sizeof *f);
    struct filter_choice *c = arena_new(cx->arena, 4 * sizeof *c);
    (void)q;
    for (int i = 0; i < 4; i++)
        c[i] = (struct filter_choice){values[i], i < 3 ? state_text(cx, (enum tip_state)(i + 1))
                                                       : _("all")};
    f[0] = (struct table_filter){
        FILTER_CHOICE, "state", _("State"), values[state ? state - 1 : 3], c, 4};
    f[1] = (struct table_filter){.kind = FILTER_HIDDEN,
                                 .name = "area",
                                 .value = arena_printf(cx->arena, "%" PRId64, area)};
    return f;
}

static struct table *list_table(struct cx *cx, const struct request *q, const struct tip *list,
                                size_t count, enum tip_state state)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *c = arena_new(cx->arena, COLUMNS * sizeof *c);
    struct table_cell *cells = arena_new(cx->arena, (count + 1) * COLUMNS * sizeof *cells);
    int64_t area = query_id(q, "area");
    bool more = count > LIST_ROWS && !page_wants_file(q);
    count = more ? LIST_ROWS : count;
    const char *const titles[COLUMNS] = {_("Tip"), _("Place"), _("Household"), _("Until"),
                                         _("State")};
    for (int i = 0; i < COLUMNS; i++)
        c[i] = (struct table_column){NULL, titles[i], ALIGN_TEXT, i == 2};
    for (size_t i = 0; i < count; i++)
        fill_row(cells + i * COLUMNS, cx, &list[i]);
    *t = (struct table){
        .caption = _("Tips"),
        .base = "/tip",
        .query = arena_printf(cx->arena, "state=%s&area=%" PRId64,
                              state ? arena_printf(cx->arena, "%d", (int)state) : "all", area),
        .columns = c,
        .column_count = COLUMNS,
        .cells = cells,
        .row_count = count,
        .filters = list_filters(cx, q, state, area),
        .filter_count = area ? 2 : 1,
        .is_first_page = !query_id(q, "after"),
        .can_export = actor_may(cx, "export.run"),
        .empty_title = _("No tip waits here"),
        .empty_hint = _("Hang up the poster, so that people know how to report."),
        .empty_href = "/tip/poster",
        .empty_action = _("Poster to print")};
    if (more)
        t->next_token = arena_printf(cx->arena, "%" PRId64, list[LIST_ROWS - 1].id);
    return t;
}

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    enum { FILE_ROWS = 5000 };
    struct tip *list;
    struct place_range range;
    size_t count;
    struct str s = request_query(q, "state");
    enum tip_state state = str_eq_z(s, "all") ? TIP_ANY
                           : str_eq_z(s, "2") ? TIP_TAKEN
                           : str_eq_z(s, "3") ? TIP_CLOSED
                                              : TIP_NEW;
    size_t max = page_wants_file(q) ? FILE_ROWS : LIST_ROWS + 1;
    TRY(db_read_begin(cx));
    TRY(place_range_find(&range, cx, query_id(q, "area")));
    TRY(tip_list(&list, &count, cx, state, query_id(q, "area"), query_id(q, "after"), max));
    struct table *t = list_table(cx, q, list, count, state);
    if (page_wants_file(q)) {
        TRY(actor_require(cx, "export.run"));
        return page_table_file(cx, q, a, t, "tips");
    }
    struct office_list_view v = {.tab = "tip",
                                 .table = t,
                                 .place = range.area.name,
                                 .intro = _("What people, officers, lists and alerts say of "
                                            "households in trouble. Each is taken or closed."),
                                 .more_href = "/tip/poster",
                                 .more_label = _("Poster to print")};
    if (actor_may_in(cx, "case.check", str_of(range.path))) {
        v.new_href = "/tip/new";
        v.new_label = _("Write down a tip");
    }
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Tips"), .nav = "case"});
    office_list_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

/* ---- one tip ---- */

static enum rc search(struct tip_page_view *v, struct cx *cx, struct str text)
{
    struct household_row *rows;
    const char *next;
    size_t count;
    v->search = arena_copy(cx->arena, text);
    v->searched = text.len > 0;
    if (!text.len || !actor_may(cx, "household.view"))
        return RC_OK;
    const struct household_query query = {
        .search = text, .area_id = v->tip->area_id, .limit = FOUND_MAX};
    TRY(household_list(&rows, &count, &next, cx, &query));
    struct tip_candidate *found = arena_new(cx->arena, (count + 1) * sizeof *found);
    for (size_t i = 0; i < count; i++)
        found[i] = (struct tip_candidate){
            rows[i].h.id, arena_printf(cx->arena, "%s %s", rows[i].h.head_name, rows[i].h.code),
            rows[i].village};
    v->found = found;
    v->found_count = count;
    return RC_OK;
}

static enum rc fill_household(struct tip_page_view *v, struct cx *cx)
{
    struct household h;
    v->household = _("Household");
    if (!v->tip->household_id)
        return RC_OK;
    enum rc rc = household_get(&h, cx, v->tip->household_id);
    if (rc == RC_NOTFOUND || rc == RC_DENIED) {
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    v->household = arena_printf(cx->arena, "%s %s", h.head_name, h.code);
    return RC_OK;
}

static enum rc show_tip(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                        const struct tip_page_view *given)
{
    struct tip_page_view view = *given, *v = &view;
    struct tip t;
    struct area area;
    TRY(db_read_begin(cx));
    TRY(tip_get(&t, cx, id));
    TRY(area_get(&area, cx, t.area_id));
    v->tip = &t;
    v->place = area_label(cx, t.area_id);
    v->source = source_text(cx, t.source);
    v->state = state_text(cx, t.state);
    v->tone = state_tone(t.state);
    v->at = format_time(cx, t.at);
    v->due = due_text(cx, &t);
    v->late = is_late(cx, &t);
    v->closed_by = t.state == TIP_NEW ? "" : user_name(cx, t.closed_by);
    v->csrf = visitor_of(q)->csrf;
    v->may_work = t.state == TIP_NEW && actor_may_in(cx, "case.check", str_of(area.path));
    v->may_reveal = t.phone[0] && actor_may_in(cx, "household.reveal", str_of(area.path));
    TRY(fill_household(v, cx));
    TRY(search(v, cx, q->method == METHOD_POST ? STR("") : str_trim(request_query(q, "q"))));
    struct out *o = page_begin(
        cx, q,
        &(struct page){
            .title = _("Tip"), .nav = "case", .back_href = "/tip", .back_label = _("Tips")});
    tip_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc tip_page_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct tip_page_view v = {.error = NULL};
    TRY(request_param_id(&id, cx, q, "id"));
    return show_tip(cx, q, a, id, &v);
}

/* Goes back to the tip, or shows it with what was wrong. */
static enum rc after(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                     enum rc rc)
{
    struct tip_page_view v = {.error = NULL};
    if (!rc) {
        page_notice(cx, a, "saved");
        response_redirect(cx, a, arena_printf(cx->arena, "/tip/%" PRId64, id));
        return RC_OK;
    }
    if (rc == RC_NOTFOUND || rc == RC_DENIED || !public_told(&v.error, cx, a, rc))
        return rc;
    return show_tip(cx, q, a, id, &v);
}

static int32_t version_of(const struct request *q)
{
    int64_t n = form_id(q, "version");
    return n <= INT32_MAX ? (int32_t)n : 0;
}

static enum rc household_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return after(cx, q, a, id,
                 tip_set_household(cx, id, version_of(q), form_id(q, "household")));
}

static enum rc take_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, flow_id;
    TRY(request_param_id(&id, cx, q, "id"));
    enum rc rc = tip_take(&flow_id, cx, id, version_of(q));
    if (rc)
        return after(cx, q, a, id, rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/case/%" PRId64, flow_id));
    return RC_OK;
}

static enum rc close_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return after(cx, q, a, id, tip_close(cx, id, version_of(q), request_form(q, "reason")));
}

static enum rc reveal_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct tip_page_view v = {.error = NULL};
    TRY(request_param_id(&id, cx, q, "id"));
    enum rc rc = tip_reveal(&v.phone, cx, id, request_form(q, "reason"));
    if (rc && (rc != RC_INVALID || !public_told(&v.error, cx, a, rc)))
        return rc;
    if (rc)
        v.phone = NULL;
    return show_tip(cx, q, a, id, &v);
}

/* ---- writing one down ---- */

static enum rc show_form(struct cx *cx, const struct request *q, struct response *a,
                         struct tip_form_view *v, enum tip_source chosen)
{
    static const enum tip_source sources[SOURCE_COUNT] = {TIP_OFFICER, TIP_PHONE, TIP_MEDIA};
    struct field_choice *c = arena_new(cx->arena, SOURCE_COUNT * sizeof *c);
    struct place_range range;
    struct area *areas, *chain;
    TRY(place_range_find(&range, cx, v->area_id));
    v->area_id = range.area.id;
    v->place = range.area.id ? area_label(cx, range.area.id) : _("Choose a place:");
    TRY(area_children(&areas, &v->area_count, cx, range.area.id));
    v->areas = areas;
    if (range.area.id)
        TRY(area_chain(&chain, &v->chain_count, cx, range.area.id));
    for (int i = 0; i < SOURCE_COUNT; i++)
        c[i] = (struct field_choice){arena_printf(cx->arena, "%d", (int)sources[i]),
                                     source_text(cx, sources[i]), sources[i] == chosen};
    v->sources = c;
    v->source_count = SOURCE_COUNT;
    v->csrf = visitor_of(q)->csrf;
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Write down a tip"),
                                              .nav = "case",
                                              .back_href = "/tip",
                                              .back_label = _("Tips")});
    tip_form_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc new_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct tip_form_view v = {
        .area_id = query_id(q, "area"), .name = "", .phone = "", .text = "", .household = ""};
    TRY(db_read_begin(cx));
    return show_form(cx, q, a, &v, TIP_PHONE);
}

static enum rc add_from_form(int64_t *id, struct cx *cx, const struct tip_form_view *v,
                             enum tip_source source)
{
    const char *reference;
    struct household h = {.id = 0};
    struct area area;
    TRY(area_get(&area, cx, v->area_id));
    TRY(place_require(cx, "case.check", area.path));
    struct str code = str_trim(str_of(v->household));
    if (code.len) {
        enum rc rc = household_by_code(&h, cx, area.county, code);
        if (rc == RC_NOTFOUND) {
            err_clear(cx);
            return fail(cx, RC_INVALID,
                        _("There is no household with this code. Leave it empty if you do not "
                          "know it."),
                        "code");
        }
        TRY(rc);
    }
    const struct tip t = {.area_id = h.id ? h.area_id : v->area_id,
                          .household_id = h.id,
                          .source = source,
                          .name = v->name,
                          .phone = v->phone,
                          .text = v->text,
                          .reference = ""};
    return tip_add(id, &reference, cx, &t);
}

static enum rc new_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct tip_form_view v = {.area_id = form_id(q, "area"),
                              .name = form_text(cx, q, "name"),
                              .phone = form_text(cx, q, "phone"),
                              .text = form_text(cx, q, "text"),
                              .household = form_text(cx, q, "household")};
    int64_t id, n = form_id(q, "source");
    enum tip_source source = n == TIP_PHONE   ? TIP_PHONE
                             : n == TIP_MEDIA ? TIP_MEDIA
                                              : TIP_OFFICER;
    enum rc rc = add_from_form(&id, cx, &v, source);
    if (!rc)
        return after(cx, q, a, id, RC_OK);
    if (rc == RC_NOTFOUND || rc == RC_DENIED || !public_told(&v.error, cx, a, rc))
        return rc;
    TRY(db_read_begin(cx));
    return show_form(cx, q, a, &v, source);
}

/* ---- the poster ---- */

static enum rc find_poster(struct poster_view *v, struct area *area, struct cx *cx,
                           const struct request *q)
{
    struct place_range range;
    struct area *areas;
    TRY(place_range_find(&range, cx, query_id(q, "area")));
    *area = range.area;
    const char *path =
        !area->id ? "/report"
        : area->code[0]
            ? arena_printf(cx->arena, "/report?v=%s", html_encode(cx, str_of(area->code)))
            : arena_printf(cx->arena, "/report?a=%" PRId64, area->id);
    v->place = area->id ? area_label(cx, area->id) : "";
    if (!v->place[0])
        v->place = area->name;
    v->address = public_address(cx, q, area->county, path);
    v->pdf_href = arena_printf(cx->arena, "/tip/poster.pdf?area=%" PRId64, area->id);
    TRY(area_children(&areas, &v->area_count, cx, area->id));
    v->areas = areas;
    return RC_OK;
}

static enum rc poster_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct poster_view v = {.place = ""};
    struct area area;
    TRY(db_read_begin(cx));
    TRY(find_poster(&v, &area, cx, q));
    TRY(qr_svg(&v.qr, cx, v.address, _("Address for reports")));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Poster for reports"),
                                              .nav = "case",
                                              .back_href = "/tip",
                                              .back_label = _("Tips")});
    poster_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc write_poster(struct cx *cx, void *arg, int fd)
{
    const struct poster_view *v = arg;
    struct pdf *p;
    TRY(pdf_begin(&p, cx, _("In trouble? Tell us."), v->place));
    pdf_heading(p, v->place, 1);
    pdf_heading(p, _("In trouble? Tell us."), 1);
    pdf_qr(p, v->address, v->address);
    pdf_text(p, _("Scan the code, or open the address on any phone."));
    pdf_text(p,
             _("Say in a few words what happened: illness, an accident, lost work, a damaged "
               "house, school money."));
    pdf_text(p, _("You get a code. With it you can ask what became of your report."));
    pdf_text(p, _("You do not agree with what was decided? Object on the same page, with the "
                  "code. Somebody else answers."));
    pdf_text(p, _("No phone? Tell any officer of the village: they write it down for you."));
    return pdf_end(cx, p, fd);
}

static enum rc poster_pdf_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct poster_view v = {.place = ""};
    struct area area;
    TRY(db_read_begin(cx));
    TRY(find_poster(&v, &area, cx, q));
    return public_pdf(cx, a, "poster", write_poster, &v);
}

#define SEES                                                                                   \
    .method = METHOD_GET, .scope = SCOPE_PERMISSION, .permission = "case.view",                \
    .csrf = CSRF_NONE
#define WORKS                                                                                  \
    .method = METHOD_POST, .scope = SCOPE_PERMISSION, .permission = "case.check",              \
    .csrf = CSRF_TOKEN, .body_max = OFFICE_FORM_BYTES
static const struct route rows[] = {
    {SEES, .path = "/tip", .handle = list_get},
    {SEES, .path = "/tip/{id}", .handle = tip_page_get, .test_path = "/tip/1"},
    {.method = METHOD_GET,
     .path = "/tip/new",
     .scope = SCOPE_PERMISSION,
     .permission = "case.check",
     .csrf = CSRF_NONE,
     .handle = new_get},
    {WORKS, .path = "/tip/new", .handle = new_post},
    {WORKS, .path = "/tip/{id}/household", .handle = household_post,
     .test_path = "/tip/1/household"},
    {WORKS, .path = "/tip/{id}/take", .time_ms_max = 15000, .handle = take_post,
     .test_path = "/tip/1/take"},
    {WORKS, .path = "/tip/{id}/close", .handle = close_post, .test_path = "/tip/1/close"},
    {.method = METHOD_POST,
     .path = "/tip/{id}/reveal",
     .scope = SCOPE_PERMISSION,
     .permission = "household.reveal",
     .csrf = CSRF_TOKEN,
     .body_max = OFFICE_FORM_BYTES,
     .handle = reveal_post,
     .test_path = "/tip/1/reveal"},
    {SEES, .path = "/tip/poster", .handle = poster_get},
    {SEES, .path = "/tip/poster.pdf", .time_ms_max = 15000, .heavy = true,
     .handle = poster_pdf_get},
};
const struct route_table tip_routes = ROUTE_TABLE(rows);
