/* The resource book: the list, one with its calendar of free days and its bookings, asking,
 * giving, refusing. */
#include "base/format.h"
#include "base/time.h"
#include "db/db.h"
#include "office/office_view.h"
#include "office/resource.html.h"
#include "profile/profile.h"
#include "register/area.h"

enum { RESOURCE_COLUMNS = 5, FORM_BYTES = 65536, WEEKS = 6, WEEK = 7, WEEKS_AHEAD_MAX = 104 };

static int32_t today_of(const struct cx *cx)
{
    return day_at(cx->now_at, format_zone());
}

static const char *kind_label(struct cx *cx, const char *kind)
{
    const struct code_list *list = profile_list(cx->profile, STR("resource_kind"));
    int64_t number;
    for (size_t i = 0; list && str_to_i64(&number, str_of(kind)) && i < list->code_count; i++)
        if (list->codes[i].code == number)
            return LABEL(cx, list->codes[i].label);
    return kind;
}

/* ---- the list ---- */

static const struct filter_choice *kind_filter(size_t *count, struct cx *cx)
{
    const struct code_list *list = profile_list(cx->profile, STR("resource_kind"));
    size_t n = list ? list->code_count : 0;
    struct filter_choice *c = arena_new(cx->arena, (n + 1) * sizeof *c);
    c[0] = (struct filter_choice){"", _("all")};
    for (size_t i = 0; list && i < n; i++)
        c[i + 1] = (struct filter_choice){arena_printf(cx->arena, "%d", list->codes[i].code),
                                          LABEL(cx, list->codes[i].label)};
    *count = n + 1;
    return c;
}

static enum rc list_cells(struct table *t, struct cx *cx, const struct resource *list,
                          size_t count)
{
    struct table_cell *cells =
        arena_new(cx->arena, (count * RESOURCE_COLUMNS + 1) * sizeof *cells);
    int32_t today = today_of(cx);
    for (size_t i = 0; i < count; i++) {
        struct table_cell *c = cells + i * RESOURCE_COLUMNS;
        int32_t left;
        TRY(resource_free(&left, cx, list[i].id, today, today));
        c[0] = (struct table_cell){
            list[i].name, arena_printf(cx->arena, "/resource/%" PRId64, list[i].id), NULL};
        c[1].text = kind_label(cx, list[i].kind);
        c[2].text = org_name(cx, list[i].org_id);
        c[3].text = arena_printf(cx->arena, "%d %s", (int)list[i].amount, list[i].unit);
        c[4] = (struct table_cell){left > 0 ? arena_printf(cx->arena, _("%d free"), (int)left)
                                            : _("full"),
                                   NULL, left > 0 ? "good" : "warn"};
    }
    t->cells = cells;
    t->row_count = count;
    return RC_OK;
}

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct office_place place;
    struct resource *list = NULL;
    size_t count = 0;
    struct str kind = request_query(q, "kind");
    TRY(db_read_begin(cx));
    TRY(office_place_of(&place, cx, q));
    if (place.has)
        TRY(resource_list(&list, &count, cx, place.here.county, kind));
    const struct table_column columns[RESOURCE_COLUMNS] = {
        {NULL, _("Its name"), ALIGN_TEXT, false},   {NULL, _("Kind"), ALIGN_TEXT, true},
        {NULL, _("Whose it is"), ALIGN_TEXT, true}, {NULL, _("How many"), ALIGN_TEXT, true},
        {NULL, _("Today"), ALIGN_TEXT, false},
    };
    struct table_filter filters[2] = {{.kind = FILTER_CHOICE,
                                       .name = "kind",
                                       .label = _("Kind"),
                                       .value = arena_copy(cx->arena, kind)}};
    filters[0].choices = kind_filter(&filters[0].choice_count, cx);
    struct table t = {
        .caption = _("Resources"),
        .base = "/resource",
        .query =
            kind.len ? arena_printf(cx->arena, "kind=%s", url_encode(cx->arena, kind)) : "",
        .columns = columns,
        .column_count = RESOURCE_COLUMNS,
        .filters = filters,
        .filter_count = 1 + (size_t)office_county_filter(&filters[1], cx, &place),
        .is_first_page = true,
        .can_export = actor_may(cx, "export.run"),
        .empty_title = kind.len ? _("No resource of this kind") : _("No resource yet"),
        .empty_hint =
            _("Trucks, cold rooms, trainers: what one organisation has and others may "
              "book. Who manages the book adds them."),
        .empty_href = kind.len ? "/resource" : NULL,
        .empty_action = _("Show all")};
    TRY(list_cells(&t, cx, list, count));
    if (page_wants_file(q)) {
        TRY(actor_require(cx, "export.run"));
        return page_table_file(cx, q, a, &t, "resources");
    }
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Resources"), .nav = "org"});
    resource_list_body(o, cx, &t, office_may(cx, "resource.manage", &place));
    return page_end(cx, q, a, o);
}

/* ---- new, change ---- */

static enum rc show_form(struct cx *cx, const struct request *q, struct response *a,
                         struct resource_edit_view *v)
{
    const struct code_list *list = profile_list(cx->profile, STR("resource_kind"));
    struct office_place place;
    TRY(office_place_find(&place, cx, v->county));
    if (!place.has)
        return fail(cx, RC_INVALID, _("There is no county yet: load its areas first."),
                    "no county");
    v->county = place.here.county;
    v->csrf = visitor_of(q)->csrf;
    v->kind_count = list ? list->code_count : 0;
    struct field_choice *kinds = arena_new(cx->arena, (v->kind_count + 1) * sizeof *kinds);
    for (size_t i = 0; i < v->kind_count; i++) {
        const char *code = arena_printf(cx->arena, "%d", list->codes[i].code);
        kinds[i] = (struct field_choice){code, LABEL(cx, list->codes[i].label),
                                         !strcmp(code, v->r.kind)};
    }
    v->kinds = kinds;
    TRY(office_area_choices(&v->areas, &v->area_count, cx, "resource.manage", &place.here,
                            v->r.area_id));
    TRY(office_org_choices(&v->orgs, &v->org_count, cx, v->county, v->r.org_id, NULL));
    struct out *o = page_begin(
        cx, q,
        &(struct page){.title = v->r.id ? _("Change a resource") : _("Add a resource"),
                       .nav = "org",
                       .back_href = "/resource",
                       .back_label = _("Resources")});
    resource_edit_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc new_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct office_place place;
    TRY(db_read_begin(cx));
    TRY(office_place_of(&place, cx, q));
    struct resource_edit_view v = {
        .r = {.kind = "", .name = "", .unit = "", .note = "", .amount = 1},
        .action = "/resource/new",
        .county = place.here.county};
    return show_form(cx, q, a, &v);
}

static enum rc edit_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct resource_edit_view v = {0};
    int64_t id;
    bool may;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    TRY(resource_get(&v.r, cx, id));
    TRY(resource_may(&may, cx, &v.r));
    if (!may)
        return actor_require_in(cx, "resource.manage", str_of(v.r.area_path));
    v.county = v.r.county;
    v.action = arena_printf(cx->arena, "/resource/%" PRId64 "/edit", id);
    return show_form(cx, q, a, &v);
}

static enum rc save_post(struct cx *cx, const struct request *q, struct response *a, int64_t id)
{
    struct resource now = {0};
    int64_t saved, amount = typed_id(q, "amount");
    if (id)
        TRY(resource_get(&now, cx, id));
    struct resource_edit_view v = {
        .r = {.id = id,
              .org_id = typed_id(q, "org"),
              .area_id = typed_id(q, "area"),
              .kind = typed_text(cx, q, "kind"),
              .name = typed_text(cx, q, "name"),
              .unit = typed_text(cx, q, "unit"),
              .note = typed_text(cx, q, "note"),
              .amount = (int32_t)(amount < INT32_MAX ? amount : 0),
              .ended = request_form(q, "ended").len > 0,
              .version = (int32_t)typed_id(q, "version")},
        .action =
            id ? arena_printf(cx->arena, "/resource/%" PRId64 "/edit", id) : "/resource/new",
        .county = id ? now.county : typed_id(q, "county")};
    enum rc rc = resource_save(&saved, cx, &v.r);
    if (typed_mistake(rc) || rc == RC_NOTFOUND) {
        a->status = rc == RC_CONFLICT ? 409 : 400;
        v.error = typed_error(cx);
        return show_form(cx, q, a, &v);
    }
    TRY(rc);
    page_notice(cx, a, id ? "saved" : "created");
    response_redirect(cx, a, arena_printf(cx->arena, "/resource/%" PRId64, saved));
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

/* Six weeks from the Monday of this week, or as many weeks later as ?week= says. */
static enum rc fill_weeks(struct resource_view *v, struct cx *cx, int64_t shift)
{
    int32_t today = today_of(cx), left[WEEKS * WEEK];
    int32_t monday = today - (today + 3) % WEEK + (int32_t)shift * WEEK; /* 1970-01-01: Thu */
    TRY(resource_free(left, cx, v->r.id, monday, monday + WEEKS * WEEK - 1));
    v->weeks = arena_new(cx->arena, WEEKS * sizeof *v->weeks);
    v->week_count = WEEKS;
    for (int w = 0; w < WEEKS; w++) {
        v->weeks[w].label = day_iso(cx->arena, monday + w * WEEK) + 5;
        for (int d = 0; d < WEEK; d++) {
            int32_t day = monday + w * WEEK + d, n = left[w * WEEK + d];
            struct date date = day_date(day);
            v->weeks[w].days[d] =
                day < today
                    ? (struct day_view){arena_printf(cx->arena, "%d", date.day), NULL, "muted"}
                    : (struct day_view){arena_printf(cx->arena, "%d", date.day),
                                        n > 0 ? arena_printf(cx->arena, _("%d free"), (int)n)
                                              : _("full"),
                                        n == v->r.amount ? "good"
                                        : n > 0          ? "warn"
                                                         : "bad"};
        }
    }
    v->range = arena_printf(cx->arena, _("%s to %s"), format_day(cx, monday),
                            format_day(cx, monday + WEEKS * WEEK - 1));
    if (shift > 0)
        v->back_href = arena_printf(cx->arena, "/resource/%" PRId64 "?week=%" PRId64, v->r.id,
                                    shift > WEEKS ? shift - WEEKS : 0);
    if (shift + WEEKS <= WEEKS_AHEAD_MAX)
        v->next_href = arena_printf(cx->arena, "/resource/%" PRId64 "?week=%" PRId64, v->r.id,
                                    shift + WEEKS);
    return RC_OK;
}

static const char *state_text(struct cx *cx, enum booking_state state, const char **tone)
{
    *tone = "muted";
    switch (state) {
    case BOOKING_ASKED:
        *tone = "warn";
        return _("asked");
    case BOOKING_GIVEN:
        *tone = "good";
        return _("given");
    case BOOKING_REFUSED:
        *tone = "bad";
        return _("refused");
    case BOOKING_CANCELLED:
        return _("cancelled");
    }
    return "";
}

static enum rc fill_bookings(struct resource_view *v, struct cx *cx)
{
    struct booking *list;
    size_t count;
    int32_t today = today_of(cx);
    TRY(booking_list(&list, &count, cx, v->r.county, v->r.id, today, today + 10000));
    v->bookings = arena_new(cx->arena, (count + 1) * sizeof *v->bookings);
    v->booking_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct booking *b = &list[i];
        bool own = cx->actor && cx->actor->user_id == b->user_id;
        struct booking_view *x = &v->bookings[i];
        *x = (struct booking_view){
            .b = *b,
            .days = arena_printf(cx->arena, _("%s to %s"), format_day(cx, b->from_day),
                                 format_day(cx, b->to_day)),
            .who = user_name(cx, b->user_id),
            .may_decide = v->may_edit && b->state == BOOKING_ASKED,
            .may_cancel = (v->may_edit || own) &&
                          (b->state == BOOKING_GIVEN || (own && b->state == BOOKING_ASKED))};
        x->state = state_text(cx, b->state, &x->tone);
    }
    return RC_OK;
}

static enum rc show_one(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                        const char *error)
{
    struct resource_view v = {.csrf = visitor_of(q)->csrf,
                              .error = error,
                              .from = typed_text(cx, q, "from"),
                              .to = typed_text(cx, q, "to"),
                              .amount = typed_text(cx, q, "amount"),
                              .purpose = typed_text(cx, q, "purpose")};
    int64_t shift;
    TRY(db_read_begin(cx));
    TRY(resource_get(&v.r, cx, id));
    if (!str_to_i64(&shift, request_query(q, "week")) || shift < 0 || shift > WEEKS_AHEAD_MAX)
        shift = 0;
    if (!v.amount[0])
        v.amount = "1";
    TRY(resource_may(&v.may_edit, cx, &v.r));
    v.kind = kind_label(cx, v.r.kind);
    v.owner = org_name(cx, v.r.org_id);
    v.area = area_label(cx, v.r.area_id);
    TRY(fill_weeks(&v, cx, shift));
    TRY(fill_bookings(&v, cx));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = v.r.name,
                                              .nav = "org",
                                              .back_href = "/resource",
                                              .back_label = _("Resources")});
    resource_one_body(o, cx, &v);
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
    response_redirect(cx, a, arena_printf(cx->arena, "/resource/%" PRId64, id));
    return RC_OK;
}

static enum rc ask(struct cx *cx, const struct request *q, int64_t resource_id)
{
    int64_t id, amount = typed_id(q, "amount");
    struct booking b = {.resource_id = resource_id,
                        .amount = (int32_t)(amount < INT32_MAX ? amount : 0),
                        .purpose = typed_text(cx, q, "purpose")};
    TRY(typed_day(&b.from_day, cx, q, "from", _("First day"), 0));
    TRY(typed_day(&b.to_day, cx, q, "to", _("Last day"), b.from_day));
    return booking_ask(&id, cx, &b);
}

static enum rc ask_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct resource r;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(resource_get(&r, cx, id));
    return after_change(cx, q, a, id, ask(cx, q, id));
}

static enum rc set_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct booking b;
    struct str what = request_form(q, "what");
    enum booking_state state = str_eq_z(what, "give")     ? BOOKING_GIVEN
                               : str_eq_z(what, "refuse") ? BOOKING_REFUSED
                                                          : BOOKING_CANCELLED;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(booking_get(&b, cx, id));
    return after_change(
        cx, q, a, b.resource_id,
        booking_set(cx, id, (int32_t)typed_id(q, "version"), state, request_form(q, "reason")));
}

#define LOOKS                                                                                  \
    .method = METHOD_GET, .scope = SCOPE_PERMISSION, .permission = "household.view",           \
    .csrf = CSRF_NONE
#define MANAGES .scope = SCOPE_PERMISSION, .permission = "resource.manage"
#define POSTS   .method = METHOD_POST, .csrf = CSRF_TOKEN, .body_max = FORM_BYTES
#define ASKS    POSTS, .scope = SCOPE_PERMISSION, .permission = "household.view"
static const struct route rows[] = {
    {LOOKS, .path = "/resource", .handle = list_get},
    {.method = METHOD_GET,
     MANAGES,
     .csrf = CSRF_NONE,
     .path = "/resource/new",
     .handle = new_get},
    {POSTS, MANAGES, .path = "/resource/new", .handle = new_post},
    {LOOKS, .path = "/resource/{id}", .handle = one_get, .test_path = "/resource/1"},
    {.method = METHOD_GET,
     MANAGES,
     .csrf = CSRF_NONE,
     .path = "/resource/{id}/edit",
     .handle = edit_get,
     .test_path = "/resource/1/edit"},
    {POSTS, MANAGES, .path = "/resource/{id}/edit", .handle = edit_post,
     .test_path = "/resource/1/edit"},
    {ASKS, .path = "/resource/{id}/ask", .handle = ask_post, .test_path = "/resource/1/ask"},
    {ASKS, .path = "/booking/{id}", .handle = set_post, .test_path = "/booking/1"},
};
const struct route_table resource_routes = ROUTE_TABLE(rows);
