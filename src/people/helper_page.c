/* Helpers: the list, one with their households, adding, pairing, leaving; and the part of the
 * household's page that says who stands by it. */
#include "base/format.h"
#include "base/limits.h"
#include "base/time.h"
#include "people/helper.html.h"
#include "people/org_inner.h"
#include "people/org_view.h"
#include "register/household.h"
#include "register/household_view.h"

enum { HELPER_COLUMNS = 4, FORM_BYTES = 65536, CHOICES_MAX = 500, ALL_MAX = 20000 };

enum rc helper_choices(const struct field_choice **out, size_t *count, struct cx *cx,
                       int64_t county, int64_t but)
{
    struct helper *list;
    size_t all, n = 0;
    TRY(helper_list(&list, &all, cx, county, STR(""), 0, CHOICES_MAX));
    struct field_choice *c = arena_new(cx->arena, (all + 1) * sizeof *c);
    for (size_t i = 0; i < all; i++)
        if (list[i].id != but)
            c[n++] = (struct field_choice){arena_printf(cx->arena, "%" PRId64, list[i].id),
                                           arena_printf(cx->arena, "%s (%" PRId64 ")",
                                                        list[i].name, list[i].household_count),
                                           false};
    *out = c;
    *count = n;
    return RC_OK;
}

/* ---- the list ---- */

static const struct table_cell *list_cells(struct cx *cx, const struct helper *list,
                                           size_t count)
{
    struct table_cell *cells =
        arena_new(cx->arena, (count * HELPER_COLUMNS + 1) * sizeof *cells);
    for (size_t i = 0; i < count; i++) {
        struct table_cell *c = cells + i * HELPER_COLUMNS;
        int64_t n = list[i].household_count;
        c[0] = (struct table_cell){
            list[i].name, arena_printf(cx->arena, "/helper/%" PRId64, list[i].id), NULL};
        c[1].text = list[i].title;
        c[2].text = org_name(cx, list[i].org_id);
        c[3] = (struct table_cell){format_int(cx, n), NULL, n ? NULL : "warn"};
    }
    return cells;
}

static enum rc helper_list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct office_place place;
    struct helper *list = NULL;
    size_t count = 0, max = page_wants_file(q) ? ALL_MAX : LIMIT_PAGE_ROWS_DEFAULT + 1;
    int64_t after = 0;
    struct str search = request_query(q, "q");
    TRY(db_read_begin(cx));
    TRY(office_place_of(&place, cx, q));
    if (!str_to_i64(&after, request_query(q, "after")) || after < 0)
        after = 0;
    if (place.has)
        TRY(helper_list(&list, &count, cx, place.here.county, search, after, max));
    bool more = !page_wants_file(q) && count > LIMIT_PAGE_ROWS_DEFAULT;
    count -= more;
    const struct table_column columns[HELPER_COLUMNS] = {
        {NULL, _("Name"), ALIGN_TEXT, false},
        {NULL, _("Title"), ALIGN_TEXT, true},
        {NULL, _("Organisation"), ALIGN_TEXT, true},
        {NULL, _("Households"), ALIGN_NUMBER, false},
    };
    struct table_filter filters[2] = {{.kind = FILTER_SEARCH,
                                       .name = "q",
                                       .label = _("Name"),
                                       .value = arena_copy(cx->arena, search)}};
    size_t filter_count = 1;
    filter_count += office_county_filter(&filters[1], cx, &place);
    struct table t = {
        .caption = _("Helpers"),
        .base = "/helper",
        .query = arena_printf(cx->arena, "q=%s&county=%" PRId64, url_encode(cx->arena, search),
                              place.here.county),
        .columns = columns,
        .column_count = HELPER_COLUMNS,
        .cells = list_cells(cx, list, count),
        .row_count = count,
        .filters = filters,
        .filter_count = filter_count,
        .is_first_page = !after,
        .can_export = actor_may(cx, "export.run"),
        .next_token = more ? arena_printf(cx->arena, "%" PRId64, list[count - 1].id) : NULL,
        .empty_title = search.len ? _("No helper fits") : _("No helper yet"),
        .empty_hint = _("A helper stands by households: visits them, knows what they need. Add "
                        "the first one here, then pair them with households."),
        .empty_href = search.len ? "/helper" : NULL,
        .empty_action = _("Show all")};
    if (page_wants_file(q)) {
        TRY(actor_require(cx, "export.run"));
        return page_table_file(cx, q, a, &t, "helpers");
    }
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Helpers"), .nav = "org"});
    helper_list_body(
        o, cx, &t,
        office_may(cx, "org.manage", &place)
            ? arena_printf(cx->arena, "/helper/new?county=%" PRId64, place.here.county)
            : NULL);
    return page_end(cx, q, a, o);
}

/* ---- one ---- */

/* Names only of households that lie in the actor's areas. */
static enum rc pair_views(struct pairing_view **out, size_t *count, struct cx *cx,
                          const struct pairing *pairs, size_t n)
{
    struct pairing_view *list = arena_new(cx->arena, (n + 1) * sizeof *list);
    for (size_t i = 0; i < n; i++) {
        struct household h;
        const char *from = format_day(cx, pairs[i].from_day);
        list[i] = (struct pairing_view){.pairing = pairs[i]};
        if (pairs[i].from_day)
            list[i].days = pairs[i].to_day ? arena_printf(cx->arena, _("%s to %s"), from,
                                                          format_day(cx, pairs[i].to_day))
                                           : arena_printf(cx->arena, _("since %s"), from);
        enum rc rc = household_get(&h, cx, pairs[i].household_id);
        if (rc == RC_OK)
            list[i].label = household_label(cx, &h);
        else if (rc != RC_NOTFOUND && rc != RC_DENIED)
            return rc;
        else
            err_clear(cx);
    }
    *out = list;
    *count = n;
    return RC_OK;
}

static enum rc fill_left(struct helper_view *v, struct cx *cx)
{
    int64_t *ids;
    size_t count;
    TRY(pairs_left(&ids, &count, cx, v->helper.id));
    struct pairing *pairs = arena_new(cx->arena, (count + 1) * sizeof *pairs);
    for (size_t i = 0; i < count; i++)
        pairs[i] = (struct pairing){.household_id = ids[i]};
    return pair_views(&v->left, &v->left_count, cx, pairs, count);
}

static enum rc fill_rights(struct helper_view *v, struct cx *cx)
{
    struct org o = {.area_path = "?"};
    if (v->helper.org_id)
        TRY(org_load(&o, cx, v->helper.org_id));
    v->org = o.name ? o.name : "";
    v->may_edit = actor_may_in(cx, "org.manage", str_of(o.area_path));
    v->may_reveal =
        v->helper.phone[0] && actor_may_in(cx, "household.reveal", str_of(o.area_path));
    v->may_pair = actor_may(cx, "household.edit");
    return RC_OK;
}

static enum rc show_helper(struct cx *cx, const struct request *q, struct response *a,
                           int64_t id, const char *error, const char *phone)
{
    struct helper_view v = {.csrf = visitor_of(q)->csrf,
                            .error = error,
                            .phone = phone,
                            .shows_past = request_query(q, "past").len > 0};
    struct office_place place;
    struct pairing *pairs;
    size_t count;
    TRY(db_read_begin(cx));
    TRY(helper_get(&v.helper, cx, id));
    TRY(fill_rights(&v, cx));
    v.today = people_today(cx);
    v.days = format_day(cx, v.helper.from_day);
    v.login = v.helper.user_id ? user_name(cx, v.helper.user_id) : NULL;
    TRY(pairs_of_helper(&pairs, &count, cx, id, v.shows_past));
    TRY(pair_views(&v.pairs, &v.pair_count, cx, pairs, count));
    TRY(fill_left(&v, cx));
    if (v.left_count && v.may_pair)
        TRY(helper_choices(&v.helpers, &v.helper_count, cx, v.helper.county, id));
    if (v.may_edit) {
        TRY(office_place_find(&place, cx, v.helper.county));
        TRY(office_org_choices(&v.orgs, &v.org_count, cx, v.helper.county, v.helper.org_id,
                               NULL));
    }
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = v.helper.name,
                                              .nav = "org",
                                              .back_href = "/helper",
                                              .back_label = _("Helpers")});
    helper_one_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc helper_one_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return show_helper(cx, q, a, id, NULL, NULL);
}

static enum rc phone_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    const char *phone;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(helper_phone(&phone, cx, id));
    return show_helper(cx, q, a, id, NULL, phone);
}

/* ---- adding and changing ---- */

static enum rc show_new(struct cx *cx, const struct request *q, struct response *a,
                        struct helper_view *v, int64_t county)
{
    struct office_place place;
    TRY(office_place_find(&place, cx, county));
    v->csrf = visitor_of(q)->csrf;
    v->helper.county = place.here.county;
    if (place.has) {
        TRY(office_org_choices(&v->orgs, &v->org_count, cx, place.here.county, v->helper.org_id,
                               NULL));
        TRY(office_user_choices(&v->users, &v->user_count, cx, &place.here));
    }
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Add a helper"),
                                              .nav = "org",
                                              .back_href = "/helper",
                                              .back_label = _("Helpers")});
    helper_new_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc new_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct office_place place;
    struct helper_view v = {.helper = {.name = "", .title = "", .phone = ""}};
    TRY(db_read_begin(cx));
    TRY(office_place_of(&place, cx, q));
    return show_new(cx, q, a, &v, place.here.county);
}

static enum rc add_helper(int64_t *id, struct cx *cx, const struct request *q, struct helper *h)
{
    *h = (struct helper){.name = typed_text(cx, q, "name"),
                         .title = typed_text(cx, q, "title"),
                         .phone = typed_text(cx, q, "phone"),
                         .org_id = typed_id(q, "org")};
    TRY(office_user_typed(&h->user_id, cx, request_form(q, "login"), true));
    if (!h->org_id)
        return fail(cx, RC_INVALID,
                    _("Organisation: choose one. If there is none yet, add it first."), "org");
    return helper_add(id, cx, h);
}

static enum rc new_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct helper_view v = {0};
    int64_t id;
    enum rc rc = add_helper(&id, cx, q, &v.helper);
    if (typed_mistake(rc)) {
        a->status = 400;
        v.error = typed_error(cx);
        return show_new(cx, q, a, &v, typed_id(q, "county"));
    }
    TRY(rc);
    page_notice(cx, a, "created");
    response_redirect(cx, a, arena_printf(cx->arena, "/helper/%" PRId64, id));
    return RC_OK;
}

/* Back to the helper with a notice, or shows it with what was wrong. */
static enum rc after_change(struct cx *cx, const struct request *q, struct response *a,
                            int64_t id, enum rc rc)
{
    if (typed_mistake(rc) && cx->err.text[0]) {
        a->status = 400;
        return show_helper(cx, q, a, id, typed_error(cx), NULL);
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/helper/%" PRId64, id));
    return RC_OK;
}

static enum rc edit_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct helper h;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(helper_get(&h, cx, id));
    h.name = typed_text(cx, q, "name");
    h.title = typed_text(cx, q, "title");
    h.phone = str_trim(request_form(q, "phone")).len ? typed_text(cx, q, "phone") : NULL;
    if (request_form(q, "no_phone").len)
        h.phone = "";
    h.org_id = typed_id(q, "org");
    return after_change(cx, q, a, id, helper_set(cx, &h));
}

static enum rc end_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, *left;
    size_t count;
    int32_t last;
    TRY(request_param_id(&id, cx, q, "id"));
    enum rc rc = typed_day(&last, cx, q, "last", _("Last day"), people_today(cx));
    if (!rc)
        rc = helper_end(&left, &count, cx, id, last);
    return after_change(cx, q, a, id, rc);
}

/* ---- pairs ---- */

static enum rc pair_by_code(struct cx *cx, const struct request *q, const struct helper *h)
{
    struct household home;
    int64_t pair;
    int32_t from;
    enum rc rc = household_by_code(&home, cx, h->county, str_trim(request_form(q, "code")));
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return fail(cx, RC_INVALID,
                    _("Household number: there is no such household in your areas."), "code");
    }
    TRY(rc);
    TRY(actor_require_in(cx, "household.edit", str_of(home.area_path)));
    TRY(typed_day(&from, cx, q, "from", _("First day"), people_today(cx)));
    return pair_add(&pair, cx, h->county, h->id, home.id, from);
}

static enum rc pair_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct helper h;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(helper_get(&h, cx, id));
    return after_change(cx, q, a, id, pair_by_code(cx, q, &h));
}

/* The households a helper leaves behind go to another: those ticked. All or none. */
struct giving {
    const struct request *q;
    int64_t county, to;
    int32_t today;
};
static enum rc give_write(struct cx *cx, void *arg)
{
    const struct giving *g = arg;
    for (size_t i = 0; i < g->q->form_count; i++) {
        struct household home;
        int64_t id, pair;
        if (!str_eq_z(g->q->form[i].name, "household") || !str_to_i64(&id, g->q->form[i].value))
            continue;
        TRY(household_get(&home, cx, id));
        TRY(actor_require_in(cx, "household.edit", str_of(home.area_path)));
        enum rc rc = home.county == g->county
                         ? pair_add(&pair, cx, g->county, g->to, id, g->today)
                         : RC_NOTFOUND;
        TRY(rc);
    }
    return RC_OK;
}

static enum rc give_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct helper h;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(helper_get(&h, cx, id));
    struct giving g = {
        .q = q, .county = h.county, .to = typed_id(q, "to"), .today = people_today(cx)};
    return after_change(cx, q, a, id, db_write(cx, h.county, give_write, &g));
}

/* From the helper's page or the household's; back to where it was asked. */
static enum rc pair_end_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, household_id = typed_id(q, "household"), back = typed_id(q, "helper");
    struct household home;
    struct pairing *pairs;
    size_t count, i = 0;
    TRY(request_param_id(&id, cx, q, "id"));
    if (!household_id)
        return fail(cx, RC_NOTFOUND, _("There is no such help, or not for you to see."),
                    "pair=%" PRId64, id);
    TRY(household_get(&home, cx, household_id));
    TRY(actor_require_in(cx, "household.edit", str_of(home.area_path)));
    TRY(pairs_of_household(&pairs, &count, cx, home.county, home.id, false));
    while (i < count && pairs[i].id != id)
        i++;
    if (i == count)
        return fail(cx, RC_NOTFOUND, _("There is no such help, or not for you to see."),
                    "pair=%" PRId64, id);
    TRY(pair_end(cx, id, people_today(cx)));
    page_notice(cx, a, "saved");
    response_redirect(cx, a,
                      back ? arena_printf(cx->arena, "/helper/%" PRId64, back)
                           : arena_printf(cx->arena, "/household/%" PRId64, home.id));
    return RC_OK;
}

/* ---- the household's page ---- */

enum rc household_helpers_load(struct household_helpers_view *out, struct cx *cx,
                               const struct request *q, int64_t county, int64_t household_id,
                               struct str area_path)
{
    *out = (struct household_helpers_view){.household_id = household_id,
                                           .csrf = visitor_of(q)->csrf,
                                           .may_edit =
                                               actor_may_in(cx, "household.edit", area_path)};
    TRY(pairs_of_household(&out->pairs, &out->pair_count, cx, county, household_id, false));
    return out->may_edit ? helper_choices(&out->helpers, &out->helper_count, cx, county, 0)
                         : RC_OK;
}

static enum rc household_pair_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, pair, helper_id = typed_id(q, "helper");
    struct household home;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(household_get(&home, cx, id));
    TRY(actor_require_in(cx, "household.edit", str_of(home.area_path)));
    if (!helper_id)
        return fail(cx, RC_INVALID, _("Choose a helper."), "helper");
    TRY(pair_add(&pair, cx, home.county, helper_id, id, people_today(cx)));
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/household/%" PRId64, id));
    return RC_OK;
}

#define MANAGES .scope = SCOPE_PERMISSION, .permission = "org.manage"
#define PAIRS   .scope = SCOPE_PERMISSION, .permission = "household.edit"
#define LOOKS                                                                                  \
    .method = METHOD_GET, .scope = SCOPE_PERMISSION, .permission = "household.view",           \
    .csrf = CSRF_NONE
#define POSTS .method = METHOD_POST, .csrf = CSRF_TOKEN, .body_max = FORM_BYTES
static const struct route rows[] = {
    {LOOKS, .path = "/helper", .handle = helper_list_get},
    {.method = METHOD_GET,
     MANAGES,
     .csrf = CSRF_NONE,
     .path = "/helper/new",
     .handle = new_get},
    {POSTS, MANAGES, .path = "/helper/new", .handle = new_post},
    {LOOKS, .path = "/helper/{id}", .handle = helper_one_get, .test_path = "/helper/1"},
    {POSTS, MANAGES, .path = "/helper/{id}/edit", .handle = edit_post,
     .test_path = "/helper/1/edit"},
    {POSTS, MANAGES, .path = "/helper/{id}/end", .handle = end_post,
     .test_path = "/helper/1/end"},
    {POSTS, .scope = SCOPE_PERMISSION, .permission = "household.reveal",
     .path = "/helper/{id}/phone", .handle = phone_post, .test_path = "/helper/1/phone"},
    {POSTS, PAIRS, .path = "/helper/{id}/pair", .handle = pair_post,
     .test_path = "/helper/1/pair"},
    {POSTS, PAIRS, .path = "/helper/{id}/give", .handle = give_post,
     .test_path = "/helper/1/give"},
    {POSTS, PAIRS, .path = "/pair/{id}/end", .handle = pair_end_post,
     .test_path = "/pair/1/end"},
    {POSTS, PAIRS, .path = "/household/{id}/helper", .handle = household_pair_post,
     .test_path = "/household/1/helper"},
};
const struct route_table helper_routes = ROUTE_TABLE(rows);
