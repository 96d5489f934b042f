/* Organisations: the list with the usual ones to begin with, and the page of one: people and
 * duties, area, open tasks. Adding, changing and ending is org_edit_page.c. */
#include "base/format.h"
#include "base/limits.h"
#include "base/time.h"
#include "people/org.html.h"
#include "people/org.sql.h"
#include "people/org_inner.h"
#include "people/org_view.h"
#include "profile/workflows.h"
#include "register/area.h"
#include "work/task.h"

enum { ORG_COLUMNS = 5, FORM_BYTES = 65536 };

/* ---- the list ---- */

/* Kinds that a county has one of: up to the number `usual_orgs` of the profile's options (none:
 * all) are chosen already. */
static void fill_usual(struct org_list_view *v, struct cx *cx)
{
    const struct workflows *w = cx->profile->workflows;
    const struct option *o = profile_option(cx->profile, STR("usual_orgs"), NULL, 0);
    struct field_choice *list = arena_new(cx->arena, (w->org_kind_count + 1) * sizeof *list);
    int64_t most = INT32_MAX;
    if (o && !str_to_i64(&most, str_of(o->value)))
        most = INT32_MAX;
    for (size_t i = 0; i < w->org_kind_count; i++)
        list[i] = (struct field_choice){w->org_kinds[i].code, LABEL(cx, w->org_kinds[i].label),
                                        w->org_kinds[i].order <= most};
    v->usual = list;
    v->usual_count = w->org_kind_count;
}

static const struct table_filter *list_filters(size_t *count, struct cx *cx,
                                               const struct request *q,
                                               const struct office_place *place)
{
    const struct workflows *w = cx->profile->workflows;
    struct table_filter *f = arena_new(cx->arena, 4 * sizeof *f);
    struct filter_choice *kinds = arena_new(cx->arena, (w->org_kind_count + 1) * sizeof *kinds);
    struct filter_choice *ended = arena_new(cx->arena, 2 * sizeof *ended);
    kinds[0] = (struct filter_choice){"", _("all")};
    for (size_t i = 0; i < w->org_kind_count; i++)
        kinds[i + 1] =
            (struct filter_choice){w->org_kinds[i].code, LABEL(cx, w->org_kinds[i].label)};
    ended[0] = (struct filter_choice){"", _("no")};
    ended[1] = (struct filter_choice){"1", _("yes")};
    size_t n = 0;
    f[n++] = (struct table_filter){.kind = FILTER_SEARCH,
                                   .name = "q",
                                   .label = _("Its name"),
                                   .value = arena_copy(cx->arena, request_query(q, "q"))};
    f[n++] = (struct table_filter){.kind = FILTER_CHOICE,
                                   .name = "kind",
                                   .label = _("Kind"),
                                   .value = arena_copy(cx->arena, request_query(q, "kind")),
                                   .choices = kinds,
                                   .choice_count = w->org_kind_count + 1};
    f[n++] = (struct table_filter){.kind = FILTER_CHOICE,
                                   .name = "ended",
                                   .label = _("Ended ones too"),
                                   .value = request_query(q, "ended").len ? "1" : "",
                                   .choices = ended,
                                   .choice_count = 2};
    n += office_county_filter(&f[n], cx, place);
    *count = n;
    return f;
}

static enum rc fill_cells(struct table *t, struct cx *cx, const struct org *orgs, size_t count)
{
    struct table_cell *cells = arena_new(cx->arena, (count * ORG_COLUMNS + 1) * sizeof *cells);
    int64_t area = 0;
    const char *label = "";
    for (size_t i = 0; i < count; i++) {
        struct table_cell *c = cells + i * ORG_COLUMNS;
        struct db_rows rows;
        if (orgs[i].area_id != area) { /* many in a row are of the county */
            area = orgs[i].area_id;
            label = area_label(cx, area);
        }
        TRY(DB_ONE(&rows, cx, &ORG_DUTY_COUNT, V_I(orgs[i].id), V_I(people_today(cx))));
        int64_t people = row_i64(&rows, 0);
        TRY(db_done(&rows));
        c[0] = (struct table_cell){orgs[i].name,
                                   arena_printf(cx->arena, "/org/%" PRId64, orgs[i].id), NULL};
        c[1].text = org_kind_label(cx, orgs[i].kind);
        c[2].text = label;
        c[3] = (struct table_cell){people ? format_int(cx, people) : _("nobody yet"), NULL,
                                   people || orgs[i].ended_day ? NULL : "warn"};
        c[4] = (struct table_cell){
            orgs[i].ended_day
                ? arena_printf(cx->arena, _("ended %s"), format_day(cx, orgs[i].ended_day))
                : _("exists"),
            NULL, orgs[i].ended_day ? "muted" : "good"};
    }
    t->cells = cells;
    t->row_count = count;
    return RC_OK;
}

static const char *list_query(struct cx *cx, const struct request *q)
{
    static const char *const names[] = {"q", "kind", "ended", "county"};
    const char *out = "";
    for (size_t i = 0; i < 4; i++) {
        struct str value = request_query(q, names[i]);
        if (value.len)
            out = arena_printf(cx->arena, "%s%s%s=%s", out, out[0] ? "&" : "", names[i],
                               url_encode(cx->arena, value));
    }
    return out;
}

static enum rc org_list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct office_place place;
    struct org *orgs = NULL;
    size_t count = 0, from, shown;
    int64_t after = 0;
    TRY(db_read_begin(cx));
    TRY(office_place_of(&place, cx, q));
    struct str search = request_query(q, "q"), kind = request_query(q, "kind");
    bool ended = request_query(q, "ended").len > 0;
    if (place.has)
        TRY(org_list(&orgs, &count, cx, place.here.county, kind, search, ended));
    if (!str_to_i64(&after, request_query(q, "after")) || after < 0 || after > (int64_t)count)
        after = 0;
    bool file = page_wants_file(q);
    from = file ? 0 : (size_t)after;
    shown = file || count - from < LIMIT_PAGE_ROWS ? count - from : LIMIT_PAGE_ROWS;
    const struct table_column columns[ORG_COLUMNS] = {
        {NULL, _("Its name"), ALIGN_TEXT, false}, {NULL, _("Kind"), ALIGN_TEXT, true},
        {NULL, _("Area"), ALIGN_TEXT, true},      {NULL, _("People"), ALIGN_NUMBER, false},
        {NULL, _("State"), ALIGN_TEXT, true},
    };
    struct table t = {
        .caption = _("Organisations"),
        .base = "/org",
        .query = list_query(cx, q),
        .columns = columns,
        .column_count = ORG_COLUMNS,
        .is_first_page = !after,
        .can_export = actor_may(cx, "export.run"),
        .next_token =
            from + shown < count ? arena_printf(cx->arena, "%zu", from + shown) : NULL,
        .total = arena_printf(cx->arena, _n("%s organisation", "%s organisations", count),
                              format_int(cx, (int64_t)count)),
        .empty_title = _("No organisation fits"),
        .empty_href = "/org",
        .empty_action = _("Show all")};
    t.filters = list_filters(&t.filter_count, cx, q, &place);
    TRY(fill_cells(&t, cx, orgs + from, shown));
    if (file) {
        TRY(actor_require(cx, "export.run"));
        return page_table_file(cx, q, a, &t, "organisations");
    }
    struct org_list_view v = {.table = &t,
                              .place = &place,
                              .csrf = visitor_of(q)->csrf,
                              .may_edit = office_may(cx, "org.manage", &place),
                              .is_empty = !count && !search.len && !kind.len};
    fill_usual(&v, cx);
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Offices"), .nav = "org"});
    org_list_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc org_usual_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct office_place place;
    const char **kinds = arena_new(cx->arena, (q->form_count + 1) * sizeof *kinds);
    size_t count = 0;
    int64_t added;
    TRY(office_place_find(&place, cx, typed_id(q, "county")));
    if (!place.has)
        return fail(cx, RC_INVALID, _("There is no county yet: load its areas first."),
                    "no county");
    for (size_t i = 0; i < q->form_count; i++)
        if (str_eq_z(q->form[i].name, "kind"))
            kinds[count++] = arena_copy(cx->arena, q->form[i].value);
    TRY(org_add_usual(&added, cx, place.here.area_id, kinds, count));
    page_notice(cx, a, "created");
    response_redirect(cx, a,
                      arena_printf(cx->arena, "/org?county=%" PRId64, place.here.county));
    return RC_OK;
}

/* ---- one ---- */

static enum rc fill_people(struct org_one_view *v, struct cx *cx)
{
    struct duty *duties;
    size_t count;
    TRY(duties_of_org(&duties, &count, cx, v->org.id, v->shows_past));
    return duty_views(&v->duties, &v->duty_count, cx, duties, count);
}

static enum rc fill_below(struct org_one_view *v, struct cx *cx)
{
    struct org *orgs;
    size_t count, kept = 0;
    TRY(org_list(&orgs, &count, cx, v->org.county, STR(""), STR(""), false));
    for (size_t i = 0; i < count; i++)
        if (orgs[i].parent_id == v->org.id)
            orgs[kept++] = orgs[i];
    v->below = orgs;
    v->below_count = kept;
    return RC_OK;
}

static enum rc show_org(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                        const char *error)
{
    struct org_one_view v = {.csrf = visitor_of(q)->csrf,
                             .error = error,
                             .shows_past = request_query(q, "past").len > 0};
    struct office_place place;
    TRY(db_read_begin(cx));
    TRY(org_get(&v.org, cx, id));
    v.kind = org_kind_label(cx, v.org.kind);
    v.area = area_label(cx, v.org.area_id);
    v.parent = v.org.parent_id ? org_name(cx, v.org.parent_id) : NULL;
    v.merged = v.org.merged_into ? org_name(cx, v.org.merged_into) : NULL;
    v.may_edit = actor_may_in(cx, "org.manage", str_of(v.org.area_path));
    TRY(fill_people(&v, cx));
    TRY(fill_below(&v, cx));
    TRY(office_task_count(&v.task_count, cx, OWNER_ORG, id));
    if (v.may_edit) {
        TRY(office_place_find(&place, cx, v.org.county));
        TRY(office_user_choices(&v.users, &v.user_count, cx, &place.here));
        TRY(office_org_choices(&v.others, &v.other_count, cx, v.org.county, 0,
                               _("nobody: it simply ends")));
    }
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = v.org.name,
                                              .nav = "org",
                                              .back_href = "/org",
                                              .back_label = _("Organisations")});
    org_one_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc org_one_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return show_org(cx, q, a, id, NULL);
}

/* Back to the organisation with a notice, or shows it with what was wrong. */
static enum rc after_change(struct cx *cx, const struct request *q, struct response *a,
                            int64_t id, enum rc rc)
{
    if (typed_mistake(rc) && cx->err.text[0]) {
        a->status = rc == RC_CONFLICT ? 409 : 400;
        return show_org(cx, q, a, id, typed_error(cx));
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/org/%" PRId64, id));
    return RC_OK;
}

static enum rc add_duty(struct cx *cx, const struct request *q, int64_t org_id)
{
    struct duty d = {.org_id = org_id,
                     .title = typed_text(cx, q, "title"),
                     .heads = request_form(q, "heads").len > 0};
    int64_t id;
    TRY(typed_day(&d.from_day, cx, q, "from", _("First day"), people_today(cx)));
    TRY(office_user_typed(&d.user_id, cx, request_form(q, "login"), false));
    return duty_add(&id, cx, &d);
}

static enum rc duty_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct org o;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(org_get(&o, cx, id));
    return after_change(cx, q, a, id, add_duty(cx, q, id));
}

static enum rc duty_end_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, org_id = typed_id(q, "org");
    TRY(request_param_id(&id, cx, q, "id"));
    enum rc rc = duty_end(cx, id, people_today(cx) - 1);
    if (rc && !org_id)
        return rc;
    return after_change(cx, q, a, org_id, rc);
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/org",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .handle = org_list_get},
    {.method = METHOD_POST,
     .path = "/org/usual",
     .scope = SCOPE_PERMISSION,
     .permission = "org.manage",
     .csrf = CSRF_TOKEN,
     .body_max = FORM_BYTES,
     .handle = org_usual_post},
    {.method = METHOD_GET,
     .path = "/org/{id}",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .handle = org_one_get,
     .test_path = "/org/1"},
    {.method = METHOD_POST,
     .path = "/org/{id}/duty",
     .scope = SCOPE_PERMISSION,
     .permission = "org.manage",
     .csrf = CSRF_TOKEN,
     .body_max = FORM_BYTES,
     .handle = duty_post,
     .test_path = "/org/1/duty"},
    {.method = METHOD_POST,
     .path = "/duty/{id}/end",
     .scope = SCOPE_PERMISSION,
     .permission = "org.manage",
     .csrf = CSRF_TOKEN,
     .body_max = FORM_BYTES,
     .handle = duty_end_post,
     .test_path = "/duty/1/end"},
};
const struct route_table org_routes = ROUTE_TABLE(rows);
