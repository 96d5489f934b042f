/* Offers of donors and volunteers: the list, a new one, and the page of one, where it is
 * matched to needs and its delivery is proved. */
#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "help/earn_part.html.h"
#include "help/offer.html.h"
#include "people/actor.h"
#include "profile/calendar.h"
#include "profile/measures.h"
#include "register/area.h"
#include "register/household_view.h"
#include "store/store.h"

enum { COLUMNS = 6 };

static bool is_over(struct cx *cx, const struct offer *o)
{
    return o->until_day && o->until_day < local_day(cx->profile, cx->now_at);
}

static const char *giver_of(struct cx *cx, const struct offer *o)
{
    return o->org_id ? org_name(cx, o->org_id) : o->giver;
}

/* ---- the list ---- */

static enum rc list_table(struct table *t, struct cx *cx, const struct request *q,
                          const struct office_place *place)
{
    struct offer *list = NULL;
    size_t count = 0;
    int64_t from = 0;
    bool file = page_wants_file(q);
    struct table_column *columns = arena_new(cx->arena, COLUMNS * sizeof *columns);
    struct table_filter *f = arena_new(cx->arena, sizeof *f);
    if (place->has)
        TRY(offer_list(&list, &count, cx, place->here.county));
    if (file || !str_to_i64(&from, request_query(q, "after")) || from < 0 ||
        from > (int64_t)count)
        from = 0;
    size_t rest = count - (size_t)from;
    size_t shown = file || rest < LIMIT_PAGE_ROWS_DEFAULT ? rest : LIMIT_PAGE_ROWS_DEFAULT;
    struct table_cell *cells = arena_new(cx->arena, (shown + 1) * COLUMNS * sizeof *cells);
    for (size_t i = 0; i < shown; i++) {
        const struct offer *o = &list[(size_t)from + i];
        struct table_cell *c = cells + i * COLUMNS;
        c[0] = (struct table_cell){o->text, arena_printf(cx->arena, "/offer/%" PRId64, o->id),
                                   NULL};
        c[1].text = need_kind_label(cx, o->kind);
        c[2].text = giver_of(cx, o);
        c[3].text = earn_money_cell(cx, q, o->amount_minor);
        c[4] = (struct table_cell){earn_money_cell(cx, q, o->left_minor), NULL,
                                   o->left_minor && !is_over(cx, o) ? "good" : "muted"};
        c[5].text = o->until_day ? format_day(cx, o->until_day) : _("stays open");
    }
    columns[0] = (struct table_column){NULL, _("What is offered"), ALIGN_TEXT, false};
    columns[1] = (struct table_column){NULL, _("Need"), ALIGN_TEXT, true};
    columns[2] = (struct table_column){NULL, _("Who gives"), ALIGN_TEXT, true};
    columns[3] = (struct table_column){NULL, _("Amount"), ALIGN_NUMBER, true};
    columns[4] = (struct table_column){NULL, _("Still to give"), ALIGN_NUMBER, false};
    columns[5] = (struct table_column){NULL, _("Until"), ALIGN_TEXT, true};
    *t = (struct table){
        .caption = _("Offers"),
        .base = "/offer",
        .query = arena_printf(cx->arena, "county=%" PRId64, place->here.county),
        .columns = columns,
        .column_count = COLUMNS,
        .cells = cells,
        .row_count = shown,
        .filters = f,
        .filter_count = (size_t)office_county_filter(f, cx, place),
        .is_first_page = !from,
        .next_token =
            shown < rest ? arena_printf(cx->arena, "%zu", (size_t)from + shown) : NULL,
        .can_export = actor_may(cx, "export.run"),
        .empty_title = _("No offer yet"),
        .empty_hint =
            _("What donors and volunteers offer stands here and is given to needs that "
              "households let be listed.")};
    return RC_OK;
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
        return page_table_file(cx, q, a, &t, "offers");
    }
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Offers"), .nav = "plan"});
    earn_list_body(o, cx, &t, HELP_OFFERS,
                   office_may(cx, "work.manage", &place) ? "/offer/new" : NULL,
                   _("Add an offer"));
    return page_end(cx, q, a, o);
}

/* ---- a new one ---- */

static enum rc show_form(struct cx *cx, const struct request *q, struct response *a,
                         struct offer_form *f)
{
    struct office_place place;
    const struct code_list *kinds = cx->profile->measures->need_kinds;
    struct field_choice *list;
    TRY(db_read_begin(cx));
    TRY(office_place_find(&place, cx, f->county));
    if (!place.has)
        return fail(cx, RC_INVALID, _("There is no county yet: load its areas first."),
                    "no county");
    f->county = place.here.county;
    f->csrf = visitor_of(q)->csrf;
    f->kind_count = kinds ? kinds->code_count : 0;
    f->kinds = list = arena_new(cx->arena, (f->kind_count + 1) * sizeof *list);
    for (size_t i = 0; i < f->kind_count; i++)
        list[i] = (struct field_choice){
            arena_printf(cx->arena, "%d", (int)kinds->codes[i].code),
            LABEL(cx, kinds->codes[i].label), kinds->codes[i].code == typed_id(q, "kind")};
    TRY(office_org_choices(&f->orgs, &f->org_count, cx, f->county, typed_id(q, "org"),
                           _("a person")));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("A new offer"),
                                              .nav = "plan",
                                              .back_href = "/offer",
                                              .back_label = _("Offers")});
    offer_form_body(o, cx, f);
    return page_end(cx, q, a, o);
}

static enum rc new_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct offer_form f = {.giver = "", .text = "", .amount = "", .until = ""};
    return show_form(cx, q, a, &f);
}

static enum rc add(int64_t *id, struct cx *cx, const struct request *q,
                   const struct offer_form *f)
{
    struct office_place place;
    struct offer o = {.org_id = typed_id(q, "org"),
                      .giver = f->giver,
                      .text = f->text,
                      .kind = (int32_t)typed_id(q, "kind")};
    TRY(office_place_find(&place, cx, f->county));
    if (!place.has)
        return fail(cx, RC_INVALID, _("There is no county yet: load its areas first."),
                    "no county");
    TRY(typed_day(&o.until_day, cx, q, "until", _("Until"), 0));
    TRY(earn_amount(&o.amount_minor, cx, q, "amount", _("Amount")));
    return offer_add(id, cx, place.here.area_id, &o);
}

static enum rc new_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct offer_form f = {.giver = typed_text(cx, q, "giver"),
                           .text = typed_text(cx, q, "text"),
                           .amount = typed_text(cx, q, "amount"),
                           .until = typed_text(cx, q, "until"),
                           .county = typed_id(q, "county")};
    enum rc rc = add(&id, cx, q, &f);
    if (typed_mistake(rc)) {
        a->status = http_status_of(rc);
        f.error = typed_error(cx);
        return show_form(cx, q, a, &f);
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/offer/%" PRId64, id));
    return RC_OK;
}

/* ---- one ---- */

static enum rc fill_needs(struct offer_view *v, struct cx *cx, int64_t county_area)
{
    struct need *needs;
    size_t count;
    TRY(needs_listed(&needs, &count, cx, county_area, v->o.kind, 0, EARN_ROWS));
    v->needs = arena_new(cx->arena, (count + 1) * sizeof *v->needs);
    for (size_t i = 0; i < count; i++)
        v->needs[v->need_count++] = (struct offer_need_line){
            needs[i].id, needs[i].amount_minor ? earn_money(cx, needs[i].amount_minor) : "",
            urgency_label(cx, needs[i].urgency), needs[i].words, format_time(cx, needs[i].at)};
    return RC_OK;
}

static enum rc fill_match(struct offer_match_line *l, struct cx *cx,
                          const struct offer_match *m)
{
    struct need n;
    struct document d;
    *l = (struct offer_match_line){.m = *m,
                                   .household = "",
                                   .place = "",
                                   .amount = earn_money(cx, m->amount_minor),
                                   .when = format_time(cx, m->at),
                                   .state = m->delivered_at ? _("delivered")
                                            : m->ended_at   ? _("taken back")
                                                            : _("to be delivered"),
                                   .tone = m->delivered_at ? "good"
                                           : m->ended_at   ? "muted"
                                                           : "warn"};
    enum rc rc = need_get(&n, cx, m->need_id);
    if (rc && rc != RC_NOTFOUND)
        return rc;
    if (rc) {
        err_clear(cx); /* not for the actor to see */
    } else {
        l->href = arena_printf(cx->arena, "/household/%" PRId64 "#help", n.household_id);
        TRY(earn_household(&l->household, &l->place, cx, n.household_id));
    }
    if (!m->document_id)
        return RC_OK;
    TRY(store_get(&d, cx, m->county, m->document_id));
    l->proof = d.name;
    return RC_OK;
}

static enum rc fill(struct offer_view *v, struct cx *cx)
{
    struct office_place place;
    struct offer_match *list;
    TRY(office_place_find(&place, cx, v->o.county));
    v->may_edit = actor_may_in(cx, "work.manage", str_of(place.here.path));
    v->is_open = v->o.left_minor > 0 && !is_over(cx, &v->o);
    v->giver = giver_of(cx, &v->o);
    v->kind = need_kind_label(cx, v->o.kind);
    v->amount = earn_money(cx, v->o.amount_minor);
    v->left = earn_money(cx, v->o.left_minor);
    v->until = v->o.until_day ? format_day(cx, v->o.until_day) : _("stays open");
    TRY(offer_matches(&list, &v->match_count, cx, v->o.county, v->o.id));
    v->matches = arena_new(cx->arena, (v->match_count + 1) * sizeof *v->matches);
    for (size_t i = 0; i < v->match_count; i++)
        TRY(fill_match(&v->matches[i], cx, &list[i]));
    return v->may_edit && v->is_open ? fill_needs(v, cx, place.here.area_id) : RC_OK;
}

static enum rc show(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                    const char *error)
{
    struct offer_view v = {.csrf = visitor_of(q)->csrf, .error = error, .typed_amount = ""};
    TRY(db_read_begin(cx));
    TRY(offer_get(&v.o, cx, id));
    TRY(fill(&v, cx));
    struct out *o =
        page_begin(cx, q,
                   &(struct page){.title = arena_printf(cx->arena, _("An offer: %s"), v.kind),
                                  .nav = "plan",
                                  .back_href = "/offer",
                                  .back_label = _("Offers")});
    offer_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc one_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return show(cx, q, a, id, NULL);
}

static enum rc answer(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                      enum rc rc)
{
    if (typed_mistake(rc)) {
        a->status = http_status_of(rc);
        return show(cx, q, a, id, typed_error(cx));
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/offer/%" PRId64, id));
    return RC_OK;
}

static enum rc match(struct cx *cx, const struct request *q, int64_t id)
{
    int64_t amount, match_id;
    TRY(earn_amount(&amount, cx, q, "amount", _("Amount")));
    return offer_match_add(&match_id, cx, id, typed_id(q, "need"), amount);
}

static enum rc match_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return answer(cx, q, a, id, match(cx, q, id));
}

static enum rc deliver(struct cx *cx, const struct request *q, const struct offer_match *m)
{
    int64_t document;
    bool is_new;
    if (q->body_fd < 0 || q->body_len == 0)
        return fail(cx, RC_INVALID, _("Add the proof: a photo, a list or a receipt."),
                    "no proof");
    const char *name = q->file_name.len ? arena_copy(cx->arena, q->file_name) : "upload";
    TRY(store_put(&document, &is_new, cx, m->county, "delivery", name,
                  "application/octet-stream", q->body_fd));
    return offer_delivered(cx, m->id, document);
}

static enum rc deliver_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct offer_match m;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(offer_match_get(&m, cx, id));
    return answer(cx, q, a, m.offer_id, deliver(cx, q, &m));
}

static enum rc end_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct offer_match m;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(offer_match_get(&m, cx, id));
    return answer(cx, q, a, m.offer_id, offer_match_end(cx, id));
}

#define MANAGES .scope = SCOPE_PERMISSION, .permission = "work.manage"
static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/offer",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .handle = list_get},
    {MANAGES, .method = METHOD_GET, .path = "/offer/new", .csrf = CSRF_NONE, .handle = new_get},
    {MANAGES, .method = METHOD_POST, .path = "/offer/new", .csrf = CSRF_TOKEN,
     .body_max = EARN_FORM_BYTES, .handle = new_post},
    {.method = METHOD_GET,
     .path = "/offer/{id}",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .handle = one_get,
     .test_path = "/offer/1"},
    {MANAGES, .method = METHOD_POST, .path = "/offer/{id}/match", .csrf = CSRF_TOKEN,
     .body_max = EARN_FORM_BYTES, .handle = match_post, .test_path = "/offer/1/match"},
    {MANAGES, .method = METHOD_POST, .path = "/offer/match/{id}/deliver", .csrf = CSRF_TOKEN,
     .body_max = EARN_FILE_BYTES, .body_to_file = true, .time_ms_max = 60000,
     .handle = deliver_post, .test_path = "/offer/match/1/deliver"},
    {MANAGES, .method = METHOD_POST, .path = "/offer/match/{id}/end", .csrf = CSRF_TOKEN,
     .body_max = EARN_FORM_BYTES, .handle = end_post, .test_path = "/offer/match/1/end"},
};
const struct route_table offer_routes = ROUTE_TABLE(rows);
