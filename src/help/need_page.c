/* Needs: the form, what became of one, and the section "Help" of a household's page. */
#include "base/format.h"
#include "base/text.h"
#include "help/plan.html.h"
#include "people/actor.h"
#include "people/user.h"
#include "register/household_view.h"

#include <string.h>

/* ---- the section of the household's page ---- */

static const char *state_text(struct cx *cx, enum need_state state)
{
    return state == NEED_OPEN ? _("open") : state == NEED_SOLVED ? _("solved") : _("withdrawn");
}

static enum rc fill_plans(struct help_section *s, struct cx *cx, const struct household *h)
{
    struct plan *plans;
    size_t count;
    TRY(plans_of(&plans, &count, cx, h->county, h->id));
    s->plans = arena_new(cx->arena, (count + 1) * sizeof *s->plans);
    for (size_t i = 0; i < count; i++) {
        s->plans[s->plan_count++] =
            (struct plan_line){.text = arena_printf(cx->arena, _("Help plan of %s"),
                                                    format_time(cx, plans[i].made_at)),
                               .more = plan_state_label(cx, plans[i].state),
                               .href = arena_printf(cx->arena, "/plan/%" PRId64, plans[i].id)};
        s->has_open = s->has_open || plans[i].state <= PLAN_RUNNING;
    }
    return RC_OK;
}

enum rc help_section_fill(const struct help_section **out, struct cx *cx,
                          const struct request *q, const struct household *h)
{
    struct help_section *s = arena_new(cx->arena, sizeof *s);
    struct need *needs;
    size_t count;
    *out = NULL;
    if (!cx->profile->measures->count)
        return RC_OK; /* a profile without help */
    s->household_id = h->id;
    s->csrf = visitor_of(q)->csrf;
    s->may_edit = actor_may_in(cx, "plan.edit", str_of(h->area_path));
    TRY(needs_of(&needs, &count, cx, h->county, h->id, false));
    s->needs = arena_new(cx->arena, (count + 1) * sizeof *s->needs);
    for (size_t i = 0; i < count; i++)
        s->needs[s->need_count++] =
            (struct need_line){.need = &needs[i],
                               .kind = need_kind_label(cx, needs[i].kind),
                               .urgency = urgency_label(cx, needs[i].urgency),
                               .amount = help_money(cx, needs[i].amount_minor),
                               .state = state_text(cx, needs[i].state),
                               .when = format_time(cx, needs[i].at),
                               .who = user_name(cx, needs[i].user_id)};
    TRY(fill_plans(s, cx, h));
    TRY(earn_section_fill(&s->earn, cx, h));
    *out = s;
    return RC_OK;
}

/* ---- the form ---- */

static struct field choice_field(struct cx *cx, const char *name, const char *label,
                                 const struct code_list *list, struct str chosen)
{
    size_t count = list ? list->code_count : 0;
    struct field_choice *c = arena_new(cx->arena, (count + 1) * sizeof *c);
    for (size_t i = 0; i < count; i++) {
        const char *value = arena_printf(cx->arena, "%d", (int)list->codes[i].code);
        c[i] = (struct field_choice){value, LABEL(cx, list->codes[i].label),
                                     str_eq_z(chosen, value)};
    }
    return (struct field){
        .name = name, .label = label, .choices = c, .choice_count = count, .required = true};
}

static enum rc person_field(struct field *out, struct cx *cx, const struct household *h,
                            struct str chosen)
{
    struct person *people;
    size_t count;
    TRY(household_people(&people, &count, cx, h->county, h->id, false));
    struct field_choice *c = arena_new(cx->arena, (count + 1) * sizeof *c);
    c[0] = (struct field_choice){"0", _("the whole household"), !chosen.len};
    for (size_t i = 0; i < count; i++) {
        const char *value = arena_printf(cx->arena, "%" PRId64, people[i].id);
        c[i + 1] = (struct field_choice){value, person_view_of(cx, &people[i]).name,
                                         str_eq_z(chosen, value)};
    }
    *out = (struct field){
        .name = "person", .label = _("For whom"), .choices = c, .choice_count = count + 1};
    return RC_OK;
}

static enum rc show(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                    const char *error)
{
    struct household h;
    struct need_form v = {.h = &h, .csrf = visitor_of(q)->csrf, .error = error};
    const struct measures *m = cx->profile->measures;
    TRY(db_read_begin(cx));
    TRY(household_get(&h, cx, id));
    TRY(actor_require_in(cx, "plan.edit", str_of(h.area_path)));
    v.kind = choice_field(cx, "kind", _("What does the household need?"), m->need_kinds,
                          request_form(q, "kind"));
    v.urgency = choice_field(cx, "urgency", _("How urgent is it?"), m->urgencies,
                             request_form(q, "urgency"));
    v.amount = (struct field){
        .name = "amount",
        .label = arena_printf(cx->arena, _("How much, about (%s)"), cx->profile->currency_sign),
        .hint = _("Leave it empty if nobody said."),
        .value = arena_copy(cx->arena, request_form(q, "amount"))};
    v.words = (struct field){.name = "words",
                             .label = _("In its own words"),
                             .hint = _("Kept sealed; only those who may see the household "
                                       "read it."),
                             .value = arena_copy(cx->arena, request_form(q, "words"))};
    v.listed = (struct field){
        .name = "listed",
        .label = _("The household agrees that donors see this need and its words, without its "
                   "name"),
        .value = request_form(q, "listed").len ? "1" : ""};
    TRY(person_field(&v.person, cx, &h, request_form(q, "person")));
    struct out *o = page_begin(
        cx, q,
        &(struct page){.title =
                           arena_printf(cx->arena, _("A need: %s"), household_label(cx, &h)),
                       .nav = "household",
                       .back_href = arena_printf(cx->arena, "/household/%" PRId64, id),
                       .back_label = household_label(cx, &h)});
    need_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc need_get_page(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return show(cx, q, a, id, NULL);
}

static enum rc add(struct cx *cx, const struct request *q, int64_t household_id)
{
    int64_t id, kind, urgency, person = 0;
    struct need n = {.household_id = household_id};
    TRY(help_form_number(&kind, cx, q, "kind", INT32_MAX));
    if (!request_form(q, "urgency").len)
        return fail(cx, RC_INVALID, _("Choose how urgent it is."), "need urgency");
    TRY(help_form_number(&urgency, cx, q, "urgency", INT32_MAX));
    if (request_form(q, "person").len)
        TRY(help_form_number(&person, cx, q, "person", INT64_MAX));
    TRY(help_money_read(&n.amount_minor, cx, q, "amount", 0));
    n.kind = (int32_t)kind;
    n.urgency = (int32_t)urgency;
    n.person_id = person;
    n.words = arena_copy(cx->arena, str_trim(request_form(q, "words")));
    n.may_be_listed = request_form(q, "listed").len > 0;
    return need_add(&id, cx, &n);
}

static enum rc need_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    const char *error;
    TRY(request_param_id(&id, cx, q, "id"));
    enum rc rc = add(cx, q, id);
    if (help_is_told(&error, cx, rc)) {
        a->status = http_status_of(rc);
        return show(cx, q, a, id, error);
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/household/%" PRId64 "#help", id));
    return RC_OK;
}

static enum rc state_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, version;
    struct need n;
    bool solved = str_eq_z(request_form(q, "do"), "solved");
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(help_form_number(&version, cx, q, "version", INT32_MAX));
    TRY(need_get(&n, cx, id));
    TRY(need_set_state(cx, id, (int32_t)version, solved ? NEED_SOLVED : NEED_WITHDRAWN,
                       request_form(q, "why")));
    page_notice(cx, a, "saved");
    response_redirect(cx, a,
                      arena_printf(cx->arena, "/household/%" PRId64 "#help", n.household_id));
    return RC_OK;
}

#define EDITS .scope = SCOPE_PERMISSION, .permission = "plan.edit"
static const struct route rows[] = {
    {EDITS, .method = METHOD_GET, .path = "/household/{id}/need", .csrf = CSRF_NONE,
     .handle = need_get_page, .test_path = "/household/1/need"},
    {EDITS, .method = METHOD_POST, .path = "/household/{id}/need", .csrf = CSRF_TOKEN,
     .body_max = HELP_FORM_BYTES, .handle = need_post, .test_path = "/household/1/need"},
    {EDITS, .method = METHOD_POST, .path = "/need/{id}/state", .csrf = CSRF_TOKEN,
     .body_max = HELP_FORM_BYTES, .handle = state_post, .test_path = "/need/1/state"},
};
const struct route_table need_routes = ROUTE_TABLE(rows);
