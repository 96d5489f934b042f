/* The page of a help plan for officers, and what they do with the plan as a whole: make it,
 * take all, add by hand, approve, end, give its household page a new address. */
#include "base/format.h"
#include "base/text.h"
#include "help/help_inner.h"
#include "help/plan.html.h"
#include "html/qr.h"
#include "people/actor.h"
#include "people/user.h"
#include "register/area.h"
#include "register/household_view.h"

#include <jansson.h>
#include <string.h>

enum { PEOPLE_SHOWN = 60 };

/* ---- filling ---- */

static enum rc fill_needs(struct plan_view *v, struct cx *cx)
{
    struct need *needs;
    size_t count;
    TRY(needs_of(&needs, &count, cx, v->p->county, v->p->household_id, true));
    v->needs = arena_new(cx->arena, (count + 1) * sizeof *v->needs);
    for (size_t i = 0; i < count; i++)
        v->needs[v->need_count++] = (struct plan_line){
            .text = need_kind_label(cx, needs[i].kind),
            .more = arena_printf(cx->arena, "%s %s %s", urgency_label(cx, needs[i].urgency),
                                 help_money(cx, needs[i].amount_minor), needs[i].words)};
    return RC_OK;
}

static const struct derived *cause_of(const struct cx *cx, const char *code)
{
    const struct measures *m = cx->profile->measures;
    for (size_t i = 0; code && i < m->cause_count; i++)
        if (!strcmp(m->causes[i]->code, code))
            return m->causes[i];
    return NULL;
}

static void add_cause(struct plan_view *v, struct cx *cx, const char *code, bool answered)
{
    const struct derived *d = cause_of(cx, code);
    if (!d)
        return;
    const char *label = LABEL(cx, d->label);
    for (size_t i = 0; i < v->cause_count; i++)
        if (!strcmp(v->causes[i].text, label))
            return;
    v->causes[v->cause_count++] =
        (struct plan_line){.text = label, .more = answered ? NULL : _("nothing fits it")};
}

/* As they were when the plan was proposed. */
static void add_causes(struct plan_view *v, struct cx *cx, const json_t *frozen)
{
    const json_t *list = json_object_get(frozen, "list");
    const json_t *none = json_object_get(frozen, "unanswered");
    v->causes =
        arena_new(cx->arena, (cx->profile->measures->cause_count + 1) * sizeof *v->causes);
    for (size_t i = 0; i < json_array_size(none); i++)
        add_cause(v, cx, json_string_value(json_array_get(none, i)), false);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *causes = json_object_get(json_array_get(list, i), "causes");
        for (size_t k = 0; k < json_array_size(causes); k++)
            add_cause(v, cx, json_string_value(json_array_get(causes, k)), true);
    }
}

static enum rc fill_causes(struct plan_view *v, struct cx *cx)
{
    json_t *frozen;
    if (!v->p->proposal_id)
        return RC_OK;
    TRY(plan_frozen(&frozen, cx, v->p));
    add_causes(v, cx, frozen);
    json_decref(frozen);
    return RC_OK;
}

static enum rc fill_events(struct plan_view *v, struct cx *cx)
{
    struct plan_event *events;
    size_t count;
    TRY(plan_events(&events, &count, cx, v->p->id));
    v->events = arena_new(cx->arena, (count + 1) * sizeof *v->events);
    for (size_t i = 0; i < count; i++) {
        const struct plan_event *e = &events[i];
        const char *what = help_event_text(cx, e->what);
        for (size_t k = 0; e->item_id && k < v->card_count; k++)
            if (v->cards[k].item->id == e->item_id)
                what = arena_printf(cx->arena, "%s (%s)", what, v->cards[k].title);
        v->events[v->event_count++] =
            (struct plan_event_line){.when = format_time(cx, e->at),
                                     .who = e->by_household ? _("the household")
                                            : e->user_id    ? user_name(cx, e->user_id)
                                                            : _("the system"),
                                     .what = what,
                                     .text = e->text};
    }
    return RC_OK;
}

static enum rc fill_add(struct plan_view *v, struct cx *cx)
{
    const struct measures *m = cx->profile->measures;
    struct person *people = NULL;
    size_t count = 0;
    v->measures = arena_new(cx->arena, (m->count + 1) * sizeof *v->measures);
    for (size_t i = 0; i < m->count; i++) {
        if ((m->list[i].subject == SUBJECT_AREA) != (v->p->household_id == 0))
            continue;
        const char *value = arena_printf(cx->arena, "%d", (int)m->list[i].number);
        v->measures[v->measure_count++] =
            (struct field_choice){value, LABEL(cx, m->list[i].label),
                                  v->add_measure && !strcmp(value, v->add_measure)};
    }
    if (v->p->household_id)
        TRY(household_people(&people, &count, cx, v->p->county, v->p->household_id, false));
    v->people = arena_new(cx->arena, (count + 1) * sizeof *v->people);
    for (size_t i = 0; i < count && i < PEOPLE_SHOWN; i++) {
        const char *value = arena_printf(cx->arena, "%" PRId64, people[i].id);
        v->people[v->people_count++] =
            (struct field_choice){value, person_view_of(cx, &people[i]).name,
                                  v->add_person && !strcmp(value, v->add_person)};
    }
    return RC_OK;
}

static void count_cards(struct plan_view *v, struct cx *cx)
{
    int64_t total = 0;
    for (size_t i = 0; i < v->card_count; i++) {
        const struct plan_item *x = v->cards[i].item;
        v->undecided += x->state == ITEM_PROPOSED;
        v->waiting += v->cards[i].waits;
        if (x->state != ITEM_REFUSED && x->state != ITEM_STOPPED)
            total += x->cost_minor;
    }
    v->total = total ? help_money(cx, total) : NULL;
}

static const char *tone_of_plan(enum plan_state state)
{
    switch (state) {
    case PLAN_DRAFT:
        return "warn";
    case PLAN_RUNNING:
    case PLAN_DONE:
        return "good";
    case PLAN_STOPPED:
        break;
    }
    return "muted";
}

static enum rc fill_home(struct plan_view *v, struct cx *cx, const struct request *q)
{
    if (!plan_has_page(v->p, cx->now_at))
        return RC_OK;
    v->home_href = arena_printf(cx->arena, "/p/%s", v->p->token);
    v->home_address = plan_home_address(cx, q, v->p);
    return qr_svg(&v->qr, cx, v->home_address, _("The household's page"));
}

static enum rc fill(struct plan_view *v, struct cx *cx, const struct request *q,
                    const struct plan *p, struct plan_item *items, size_t count)
{
    struct area a;
    const char *title;
    v->p = p;
    v->csrf = visitor_of(q)->csrf;
    TRY(plan_titles(&title, &v->place, &v->household_href, cx, p));
    TRY(area_get(&a, cx, p->area_id));
    v->household = title;
    v->title = p->household_id ? arena_printf(cx->arena, _("Help plan: %s"), title) : title;
    v->may_edit = actor_may_in(cx, "plan.edit", str_of(a.path));
    v->may_change = v->may_edit && (p->state == PLAN_DRAFT || p->state == PLAN_RUNNING);
    v->may_approve = v->may_change && actor_may_in(cx, "plan.approve", str_of(a.path));
    v->state = plan_state_label(cx, p->state);
    v->tone = tone_of_plan(p->state);
    v->made = arena_printf(cx->arena, _("made %s by %s"), format_time(cx, p->made_at),
                           user_name(cx, p->made_by));
    if (p->approved_at)
        v->approved =
            arena_printf(cx->arena, _("approved %s by %s"), format_time(cx, p->approved_at),
                         user_name(cx, p->approved_by));
    if (p->flow_id && actor_may(cx, "case.view"))
        v->case_href = arena_printf(cx->arena, "/case/%" PRId64, p->flow_id);
    TRY(plan_cards_fill(&v->cards, cx, p, items, count, true));
    v->card_count = count;
    count_cards(v, cx);
    if (p->household_id) {
        TRY(fill_needs(v, cx));
        TRY(taper_words_fill(&v->taper, cx, p->county, p->household_id, true));
    }
    TRY(fill_causes(v, cx));
    TRY(fill_events(v, cx));
    if (v->may_change)
        TRY(fill_add(v, cx));
    return fill_home(v, cx, q);
}

static enum rc show(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                    struct plan_view *v)
{
    struct plan p;
    struct plan_item *items;
    size_t count;
    TRY(db_read_begin(cx));
    TRY(plan_get(&p, &items, &count, cx, id));
    v->add_why = v->add_why ? v->add_why : "";
    TRY(fill(v, cx, q, &p, items, count));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = v->title,
                                              .nav = "plan",
                                              .back_href = "/plan",
                                              .back_label = _("Help plans"),
                                              .no_index = true});
    plan_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc plan_page_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct plan_view v = {0};
    TRY(request_param_id(&id, cx, q, "id"));
    return show(cx, q, a, id, &v);
}

/* ---- doing ---- */

/* Shows the page again with what went wrong, or goes to it. */
static enum rc answer(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                      enum rc rc)
{
    struct plan_view v = {0};
    if (help_is_told(&v.error, cx, rc)) {
        a->status = http_status_of(rc);
        return show(cx, q, a, id, &v);
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/plan/%" PRId64, id));
    return RC_OK;
}

static enum rc all_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, version;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(help_form_number(&version, cx, q, "version", INT32_MAX));
    return answer(cx, q, a, id, plan_take_all(cx, id, (int32_t)version));
}

static enum rc approve_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, version;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(help_form_number(&version, cx, q, "version", INT32_MAX));
    return answer(cx, q, a, id, plan_approve(cx, id, (int32_t)version));
}

static enum rc stop_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, version;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(help_form_number(&version, cx, q, "version", INT32_MAX));
    return answer(cx, q, a, id, plan_stop(cx, id, (int32_t)version, request_form(q, "why")));
}

static enum rc token_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    const char *token;
    TRY(request_param_id(&id, cx, q, "id"));
    return answer(cx, q, a, id, plan_token_new(&token, cx, id));
}

/* A measure whose rule is false is added when it is sent a second time. */
static enum rc add_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, measure, person = 0, item;
    struct plan p;
    struct plan_item *items;
    size_t count;
    struct str measure_text = request_form(q, "measure"),
               person_text = request_form(q, "person");
    struct plan_view v = {.add_measure = arena_copy(cx->arena, measure_text),
                          .add_person = arena_copy(cx->arena, person_text),
                          .add_why = arena_copy(cx->arena, request_form(q, "why"))};
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(help_form_number(&measure, cx, q, "measure", INT32_MAX));
    if (person_text.len)
        TRY(help_form_number(&person, cx, q, "person", INT64_MAX));
    TRY(db_read_begin(cx));
    TRY(plan_get(&p, &items, &count, cx, id));
    if (!str_eq(request_form(q, "sure"), measure_text)) {
        TRY(plan_measure_doubt(&v.doubt, cx, &p, (int32_t)measure));
        if (v.doubt[0]) {
            db_read_end(cx);
            return show(cx, q, a, id, &v);
        }
        v.doubt = NULL;
    }
    db_read_end(cx);
    const struct plan_item x = {
        .plan_id = id, .measure = (int32_t)measure, .person_id = person, .why = v.add_why};
    enum rc rc = plan_item_add(&item, cx, &x);
    if (!help_is_told(&v.error, cx, rc))
        return answer(cx, q, a, id, rc);
    a->status = http_status_of(rc);
    return show(cx, q, a, id, &v);
}

static enum rc area_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, area;
    TRY(help_form_number(&area, cx, q, "area", INT64_MAX));
    enum rc rc = plan_open_area(&id, cx, area);
    if (rc == RC_CONFLICT) /* it is there: shown */
        err_clear(cx);
    else
        TRY(rc);
    response_redirect(cx, a, arena_printf(cx->arena, "/plan/%" PRId64, id));
    return RC_OK;
}

#define EDITS                                                                                  \
    .method = METHOD_POST, .scope = SCOPE_PERMISSION, .permission = "plan.edit",               \
    .csrf = CSRF_TOKEN, .body_max = HELP_FORM_BYTES, .time_ms_max = 30000
static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/plan/{id}",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .time_ms_max = 30000,
     .handle = plan_page_get,
     .test_path = "/plan/1"},
    {EDITS, .path = "/plan/area", .handle = area_post},
    {EDITS, .path = "/plan/{id}/all", .handle = all_post, .test_path = "/plan/1/all"},
    {EDITS, .path = "/plan/{id}/stop", .handle = stop_post, .test_path = "/plan/1/stop"},
    {EDITS, .path = "/plan/{id}/token", .handle = token_post, .test_path = "/plan/1/token"},
    {EDITS, .path = "/plan/{id}/add", .handle = add_post, .test_path = "/plan/1/add"},
    {.method = METHOD_POST,
     .path = "/plan/{id}/approve",
     .scope = SCOPE_PERMISSION,
     .permission = "plan.approve",
     .csrf = CSRF_TOKEN,
     .body_max = HELP_FORM_BYTES,
     .time_ms_max = 30000,
     .handle = approve_post,
     .test_path = "/plan/1/approve"},
};
const struct route_table plan_routes = ROUTE_TABLE(rows);
