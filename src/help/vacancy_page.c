/* Vacancies: the list and the form. */
#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "help/earn_part.html.h"
#include "help/vacancy.html.h"
#include "people/actor.h"
#include "profile/calendar.h"
#include "profile/measures.h"
#include "register/area.h"

enum { COLUMNS = 6 };

/* ---- the list ---- */

static enum rc fill_cells(struct table *t, struct cx *cx, const struct request *q,
                          const struct vacancy *list, size_t count)
{
    struct table_cell *cells = arena_new(cx->arena, (count + 1) * COLUMNS * sizeof *cells);
    int32_t today = local_day(cx->profile, cx->now_at);
    for (size_t i = 0; i < count; i++) {
        const struct vacancy *v = &list[i];
        struct table_cell *c = cells + i * COLUMNS;
        int32_t left = v->places - v->taken;
        bool over = v->to_day && v->to_day < today;
        c[0] = (struct table_cell){v->title,
                                   arena_printf(cx->arena, "/vacancy/%" PRId64, v->id), NULL};
        c[1].text = area_label(cx, v->area_id);
        c[2].text = v->org_id ? org_name(cx, v->org_id) : "";
        c[3] = (struct table_cell){over ? _("closed") : format_int(cx, left), NULL,
                                   over || !left ? "muted" : "good"};
        c[4].text = format_int(cx, v->taken);
        c[5].text = v->wage_month_minor ? earn_money_cell(cx, q, v->wage_month_minor) : "";
    }
    t->cells = cells;
    t->row_count = count;
    return RC_OK;
}

static enum rc list_table(struct table *t, struct cx *cx, const struct request *q,
                          const struct office_place *place)
{
    struct vacancy *list = NULL;
    size_t count = 0;
    int64_t from = 0;
    bool all = str_eq_z(request_query(q, "state"), "all"), file = page_wants_file(q);
    struct table_column *columns = arena_new(cx->arena, COLUMNS * sizeof *columns);
    struct table_filter *f = arena_new(cx->arena, 2 * sizeof *f);
    struct filter_choice *states = arena_new(cx->arena, 2 * sizeof *states);
    if (place->has)
        TRY(vacancy_list(&list, &count, cx, place->here.county, !all));
    if (!str_to_i64(&from, request_query(q, "after")) || from < 0 || from > (int64_t)count ||
        file)
        from = 0;
    size_t rest = count - (size_t)from;
    size_t shown = file || rest < LIMIT_PAGE_ROWS_DEFAULT ? rest : LIMIT_PAGE_ROWS_DEFAULT;
    columns[0] = (struct table_column){NULL, _("Job"), ALIGN_TEXT, false};
    columns[1] = (struct table_column){NULL, _("Place"), ALIGN_TEXT, true};
    columns[2] = (struct table_column){NULL, _("Who employs"), ALIGN_TEXT, true};
    columns[3] = (struct table_column){NULL, _("Free places"), ALIGN_NUMBER, false};
    columns[4] = (struct table_column){NULL, _("Placed"), ALIGN_NUMBER, true};
    columns[5] = (struct table_column){NULL, _("Wage of a month"), ALIGN_NUMBER, false};
    states[0] = (struct filter_choice){"", _("open")};
    states[1] = (struct filter_choice){"all", _("all")};
    f[0] =
        (struct table_filter){FILTER_CHOICE, "state", _("State"), all ? "all" : "", states, 2};
    *t = (struct table){
        .caption = _("Jobs"),
        .base = "/vacancy",
        .query = arena_printf(cx->arena, "state=%s&county=%" PRId64, all ? "all" : "",
                              place->here.county),
        .columns = columns,
        .column_count = COLUMNS,
        .filters = f,
        .filter_count = 1 + (size_t)office_county_filter(&f[1], cx, place),
        .is_first_page = !from,
        .next_token =
            shown < rest ? arena_printf(cx->arena, "%zu", (size_t)from + shown) : NULL,
        .can_export = actor_may(cx, "export.run"),
        .empty_title = all ? _("No job yet") : _("No open job"),
        .empty_hint =
            _("Jobs of packing rooms, stations, workshops and public posts stand here, "
              "with the people of the register who could do them."),
        .empty_href = all ? NULL : "/vacancy?state=all",
        .empty_action = _("Show all")};
    return fill_cells(t, cx, q, list + from, shown);
}

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct table t;
    struct office_place place;
    TRY(db_read_begin(cx));
    TRY(office_place_of(&place, cx, q));
    TRY(list_table(&t, cx, q, &place));
    if (page_wants_file(q)) {
        TRY(actor_require(cx, "export.run"));
        return page_table_file(cx, q, a, &t, "jobs");
    }
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Jobs"), .nav = "plan"});
    earn_list_body(o, cx, &t, HELP_JOBS,
                   office_may(cx, "work.manage", &place) ? "/vacancy/new" : NULL,
                   _("Add a job"));
    return page_end(cx, q, a, o);
}

/* ---- the form ---- */

/* Rules of measures for people, to begin with. */
static void fill_rules(struct vacancy_form *f, struct cx *cx)
{
    const struct measures *m = cx->profile->measures;
    struct field_choice *list = arena_new(cx->arena, (m->count + 1) * sizeof *list);
    for (size_t i = 0; i < m->count; i++)
        if (m->list[i].subject == SUBJECT_PERSON)
            list[f->rule_count++] =
                (struct field_choice){m->list[i].rule, LABEL(cx, m->list[i].label), false};
    f->rules = list;
}

static void fill_channels(struct vacancy_form *f, struct cx *cx)
{
    const struct code_list *codes = profile_list(cx->profile, STR("job_channel"));
    size_t n = codes ? codes->code_count : 0;
    struct field_choice *list = arena_new(cx->arena, (n + 1) * sizeof *list);
    list[f->channel_count++] = (struct field_choice){"0", _("not said"), !f->v.channel};
    for (size_t i = 0; i < n; i++)
        list[f->channel_count++] = (struct field_choice){
            arena_printf(cx->arena, "%d", (int)codes->codes[i].code),
            LABEL(cx, codes->codes[i].label), codes->codes[i].code == f->v.channel};
    f->channels = list;
}

static enum rc show_form(struct cx *cx, const struct request *q, struct response *a,
                         struct vacancy_form *f)
{
    struct office_place place;
    TRY(office_place_find(&place, cx, f->v.id ? f->v.county : f->county));
    if (!place.has)
        return fail(cx, RC_INVALID, _("There is no county yet: load its areas first."),
                    "no county");
    f->county = place.here.county;
    f->csrf = visitor_of(q)->csrf;
    f->v.title = f->v.title ? f->v.title : "";
    f->v.text = f->v.text ? f->v.text : "";
    f->v.rule = f->v.rule ? f->v.rule : "";
    fill_rules(f, cx);
    fill_channels(f, cx);
    TRY(office_org_choices(&f->orgs, &f->org_count, cx, f->county, f->v.org_id,
                           _("not one of the list")));
    if (!f->v.id)
        TRY(office_area_choices(&f->areas, &f->area_count, cx, "work.manage", &place.here,
                                f->v.area_id));
    f->action = f->v.id ? arena_printf(cx->arena, "/vacancy/%" PRId64 "/edit", f->v.id)
                        : "/vacancy/new";
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = f->v.id ? f->v.title : _("A new job"),
                                              .nav = "plan",
                                              .back_href = "/vacancy",
                                              .back_label = _("Jobs")});
    vacancy_form_body(o, cx, f);
    return page_end(cx, q, a, o);
}

static void fill_texts(struct vacancy_form *f, struct cx *cx)
{
    f->places = arena_printf(cx->arena, "%d", (int)f->v.places);
    f->from = day_iso(cx->arena, f->v.from_day);
    f->to = f->v.to_day ? day_iso(cx->arena, f->v.to_day) : "";
    f->wage = earn_money_value(cx, f->v.wage_month_minor);
}

static enum rc new_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct vacancy_form f = {.v = {.places = 1}};
    TRY(db_read_begin(cx));
    f.v.from_day = local_day(cx->profile, cx->now_at);
    fill_texts(&f, cx);
    return show_form(cx, q, a, &f);
}

static enum rc edit_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct vacancy_form f = {0};
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    TRY(vacancy_get(&f.v, cx, id));
    TRY(actor_require_in(cx, "work.manage", str_of(f.v.area_path)));
    fill_texts(&f, cx);
    return show_form(cx, q, a, &f);
}

/* What was typed, also when it is wrong. */
static enum rc read_form(struct vacancy_form *f, struct cx *cx, const struct request *q)
{
    struct vacancy *v = &f->v;
    int64_t places = 0, version = 0;
    f->county = typed_id(q, "county");
    f->places = typed_text(cx, q, "places");
    f->from = typed_text(cx, q, "from");
    f->to = typed_text(cx, q, "to");
    f->wage = typed_text(cx, q, "wage");
    v->title = typed_text(cx, q, "title");
    v->text = typed_text(cx, q, "text");
    v->rule = typed_text(cx, q, "rule");
    v->org_id = typed_id(q, "org");
    v->channel = (int32_t)typed_id(q, "channel");
    v->public_post = request_form(q, "public").len > 0;
    if (!v->id)
        v->area_id = typed_id(q, "area");
    if (str_to_i64(&version, request_form(q, "version")))
        v->version = (int32_t)version;
    if (str_to_i64(&places, str_of(f->places)) && places > 0 && places < INT32_MAX)
        v->places = (int32_t)places;
    else
        v->places = 0;
    TRY(typed_day(&v->from_day, cx, q, "from", _("People are taken on from"),
                  local_day(cx->profile, cx->now_at)));
    TRY(typed_day(&v->to_day, cx, q, "to", _("Until"), 0));
    return earn_amount(&v->wage_month_minor, cx, q, "wage", _("Wage of a month"));
}

static enum rc save(struct cx *cx, const struct request *q, struct response *a,
                    struct vacancy_form *f)
{
    int64_t id;
    enum rc rc = read_form(f, cx, q);
    if (!rc)
        rc = vacancy_save(&id, cx, &f->v);
    if (typed_mistake(rc)) {
        a->status = http_status_of(rc);
        f->error = typed_error(cx);
        TRY(db_read_begin(cx));
        return show_form(cx, q, a, f);
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/vacancy/%" PRId64, id));
    return RC_OK;
}

static enum rc new_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct vacancy_form f = {0};
    return save(cx, q, a, &f);
}

static enum rc edit_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct vacancy_form f = {0};
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(vacancy_get(&f.v, cx, id));
    return save(cx, q, a, &f);
}

#define MANAGES .scope = SCOPE_PERMISSION, .permission = "work.manage"
static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/vacancy",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .handle = list_get},
    {MANAGES, .method = METHOD_GET, .path = "/vacancy/new", .csrf = CSRF_NONE,
     .handle = new_get},
    {MANAGES, .method = METHOD_POST, .path = "/vacancy/new", .csrf = CSRF_TOKEN,
     .body_max = EARN_FORM_BYTES, .handle = new_post},
    {MANAGES, .method = METHOD_GET, .path = "/vacancy/{id}/edit", .csrf = CSRF_NONE,
     .handle = edit_get, .test_path = "/vacancy/1/edit"},
    {MANAGES, .method = METHOD_POST, .path = "/vacancy/{id}/edit", .csrf = CSRF_TOKEN,
     .body_max = EARN_FORM_BYTES, .handle = edit_post, .test_path = "/vacancy/1/edit"},
};
const struct route_table vacancy_routes = ROUTE_TABLE(rows);
