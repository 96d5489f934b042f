/* The page of one vacancy: who works there, the wages of a month, who could do it. */
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "help/vacancy.html.h"
#include "people/actor.h"
#include "profile/calendar.h"
#include "register/area.h"
#include "register/household_view.h"

#include <string.h>

enum { MONTHS = 18, ERRORS_MAX = 5 };

static int32_t month_of(int32_t day)
{
    struct date d = day_date(day);
    return d.year * 12 + d.month - 1;
}

/* "Age: 45 (2026) · Months of work: 0 (2026)" */
static const char *why_text(struct cx *cx, const struct candidate *c)
{
    const char *text = "";
    for (size_t i = 0; i < c->fact_count; i++)
        text = arena_printf(cx->arena, "%s%s%s: %s", text, i ? " · " : "", c->facts[i].label,
                            c->facts[i].value);
    return text;
}

static enum rc fill_candidates(struct vacancy_view *v, struct cx *cx)
{
    struct candidate *list;
    size_t count;
    int64_t total;
    TRY(vacancy_candidates(&list, &count, &total, cx, &v->v, EARN_ROWS));
    v->candidates = arena_new(cx->arena, (count + 1) * sizeof *v->candidates);
    for (size_t i = 0; i < count; i++) {
        struct candidate_line *l = &v->candidates[v->candidate_count++];
        *l = (struct candidate_line){.c = &list[i], .why = why_text(cx, &list[i])};
        TRY(earn_household(&l->household, &l->place, cx, list[i].household_id));
    }
    v->found = arena_printf(
        cx->arena,
        _("%s people fit or could fit; the first %zu are shown: those who surely fit before "
          "those of whom a fact is missing, households with a help plan first."),
        format_int(cx, total), count);
    return RC_OK;
}

static void fill_months(struct vacancy_view *v, struct cx *cx, int32_t chosen)
{
    int32_t now = month_of(local_day(cx->profile, cx->now_at));
    struct field_choice *list = arena_new(cx->arena, MONTHS * sizeof *list);
    for (int32_t i = 0; i < MONTHS; i++) {
        const char *text = earn_month(cx, now - i);
        list[i] = (struct field_choice){text, text, now - i == chosen};
    }
    v->months = list;
    v->month_count = MONTHS;
    v->month = earn_month(cx, chosen);
    const struct income_kind *kind = cx->profile->wage_income;
    v->has_income = kind != NULL;
    if (!kind)
        return;
    v->year_words = arena_printf(
        cx->arena,
        _("What you enter is kept as a document and becomes income of the household: kind "
          "“%s”, "
          "income year %d. An amount for the same month replaces the former one, 0 takes it "
          "back, an empty field changes nothing. Only wages of these jobs are of this kind: "
          "where a file counts the same wages under another kind, they stand twice."),
        LABEL(cx, kind->label), (int)wage_year(cx->profile, chosen));
}

static const char *amount_of(struct cx *cx, const struct wage *wages, size_t count,
                             int64_t placement)
{
    for (size_t i = 0; i < count; i++)
        if (wages[i].placement_id == placement)
            return wages[i].amount_minor ? earn_money_value(cx, wages[i].amount_minor) : "0";
    return "";
}

/* Those whom the actor may not see are left out of the names, not of the count. */
static enum rc fill_placements(struct vacancy_view *v, struct cx *cx, int32_t month)
{
    struct placement *list;
    struct wage *wages;
    size_t count, wage_count;
    TRY(placements_of(&list, &count, cx, v->v.county, 0, v->v.id));
    TRY(wages_of_month(&wages, &wage_count, cx, v->v.county, v->v.id, month));
    v->placements = arena_new(cx->arena, (count + 1) * sizeof *v->placements);
    for (size_t i = 0; i < count; i++) {
        struct placement_line *l = &v->placements[v->placement_count++];
        struct person person;
        *l = (struct placement_line){.p = list[i],
                                     .name = _("somebody of another area"),
                                     .runs = !list[i].to_day,
                                     .amount = amount_of(cx, wages, wage_count, list[i].id)};
        l->days = arena_printf(cx->arena, "%s – %s", format_day(cx, list[i].from_day),
                               list[i].to_day ? format_day(cx, list[i].to_day) : "");
        enum rc rc = person_get(&person, cx, list[i].person_id);
        if (rc == RC_NOTFOUND) {
            err_clear(cx);
            l->p.end_reason = "";
            continue;
        }
        TRY(rc);
        l->name = person_view_of(cx, &person).name;
        l->href = arena_printf(cx->arena, "/household/%" PRId64, person.household_id);
        l->may_end = v->may_edit && l->runs;
        l->in_month = month >= month_of(list[i].from_day) &&
                      (!list[i].to_day || month <= month_of(list[i].to_day));
        v->paid_count += l->in_month;
    }
    return RC_OK;
}

static const char *channel_label(struct cx *cx, int32_t channel)
{
    const struct code_list *list = profile_list(cx->profile, STR("job_channel"));
    const struct code *c = channel && list ? code_of(list, channel) : NULL;
    return c ? LABEL(cx, c->label) : "";
}

/* "2026-11" of a form or address; else the month of today. */
static int32_t month_asked(struct cx *cx, struct str text)
{
    int64_t year, month;
    struct str rest = text, head = str_cut(&rest, '-');
    if (rest.p && str_to_i64(&year, head) && str_to_i64(&month, rest) && year > 1970 &&
        year < 2200 && month >= 1 && month <= 12)
        return (int32_t)(year * 12 + month - 1);
    return month_of(local_day(cx->profile, cx->now_at));
}

static enum rc fill(struct vacancy_view *v, struct cx *cx, int32_t month)
{
    int32_t today = local_day(cx->profile, cx->now_at);
    v->place = area_label(cx, v->v.area_id);
    v->org = v->v.org_id ? org_name(cx, v->v.org_id) : "";
    v->wage = v->v.wage_month_minor ? earn_money(cx, v->v.wage_month_minor) : "";
    v->channel = channel_label(cx, v->v.channel);
    v->days = v->v.to_day
                  ? arena_printf(cx->arena, "%s – %s", format_day(cx, v->v.from_day),
                                 format_day(cx, v->v.to_day))
                  : arena_printf(cx->arena, _("from %s on"), format_day(cx, v->v.from_day));
    v->is_open = v->v.taken < v->v.places && (!v->v.to_day || v->v.to_day >= today);
    v->may_edit = actor_may_in(cx, "work.manage", str_of(v->v.area_path));
    v->today = day_iso(cx->arena, today);
    v->begin = day_iso(cx->arena, today < v->v.from_day ? v->v.from_day : today);
    fill_months(v, cx, month);
    TRY(fill_placements(v, cx, month));
    return fill_candidates(v, cx);
}

static const char *wage_field(struct cx *cx, const struct placement_line *l)
{
    return arena_printf(cx->arena, "wage-%" PRId64, l->p.id);
}

/* A form that comes back with an error holds what was typed. */
static enum rc show(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                    int32_t month, const char *error)
{
    struct vacancy_view v = {.csrf = visitor_of(q)->csrf, .error = error};
    TRY(db_read_begin(cx));
    TRY(vacancy_get(&v.v, cx, id));
    TRY(fill(&v, cx, month));
    for (size_t i = 0; error && i < v.placement_count; i++) {
        struct placement_line *l = &v.placements[i];
        const char *name = wage_field(cx, l);
        if (request_form(q, name).p)
            l->amount = typed_text(cx, q, name);
    }
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = v.v.title,
                                              .nav = "plan",
                                              .back_href = "/vacancy",
                                              .back_label = _("Jobs")});
    vacancy_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc one_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return show(cx, q, a, id, month_asked(cx, request_query(q, "month")), NULL);
}

static enum rc answer(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                      enum rc rc)
{
    int32_t month = month_asked(cx, request_form(q, "month"));
    if (typed_mistake(rc)) {
        a->status = http_status_of(rc);
        return show(cx, q, a, id, month, typed_error(cx));
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(
        cx, a,
        arena_printf(cx->arena, "/vacancy/%" PRId64 "?month=%s", id, earn_month(cx, month)));
    return RC_OK;
}

static enum rc place(struct cx *cx, const struct request *q, int64_t id)
{
    int64_t placement;
    int32_t day;
    TRY(typed_day(&day, cx, q, "day", _("First day"), local_day(cx->profile, cx->now_at)));
    return placement_add(&placement, cx, id, typed_id(q, "person"), day);
}

static enum rc place_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return answer(cx, q, a, id, place(cx, q, id));
}

static enum rc end(struct cx *cx, const struct request *q)
{
    int32_t day;
    TRY(typed_day(&day, cx, q, "day", _("Last day"), local_day(cx->profile, cx->now_at)));
    return placement_end(cx, typed_id(q, "placement"), day, request_form(q, "reason"));
}

static enum rc end_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return answer(cx, q, a, id, end(cx, q));
}

/* One wage of the form; what is unchanged or empty is passed over. */
static enum rc pay_one(struct cx *cx, const struct request *q, const struct placement_line *l,
                       int32_t month)
{
    const char *name = wage_field(cx, l);
    struct str typed = str_trim(request_form(q, name));
    int64_t amount;
    if (!l->in_month || !typed.len || str_eq_z(typed, l->amount))
        return RC_OK;
    TRY(earn_amount(&amount, cx, q, name, _("Wage that was paid")));
    return wage_paid(cx, l->p.id, month, amount);
}

/* What can be entered is entered; the rest is told by name. */
static enum rc pay(struct cx *cx, const struct request *q, int64_t id)
{
    struct vacancy_view v = {0};
    const char *faults = "";
    int told = 0;
    int32_t month = month_asked(cx, request_form(q, "month"));
    TRY(vacancy_get(&v.v, cx, id));
    TRY(actor_require_in(cx, "work.manage", str_of(v.v.area_path)));
    TRY(fill_placements(&v, cx, month));
    for (size_t i = 0; i < v.placement_count; i++) {
        enum rc rc = pay_one(cx, q, &v.placements[i], month);
        if (!typed_mistake(rc)) {
            TRY(rc);
            continue;
        }
        const char *error = typed_error(cx);
        if (told++ < ERRORS_MAX)
            faults = arena_printf(cx->arena, "%s%s%s: %s", faults, faults[0] ? " " : "",
                                  v.placements[i].name, error);
    }
    return told ? fail_f(cx, RC_INVALID, _("%d wages were not entered, the others were. %s"),
                         told, faults)
                : RC_OK;
}

static enum rc wages_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return answer(cx, q, a, id, pay(cx, q, id));
}

#define MANAGES                                                                                \
    .method = METHOD_POST, .scope = SCOPE_PERMISSION, .permission = "work.manage",             \
    .csrf = CSRF_TOKEN, .body_max = EARN_FORM_BYTES
static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/vacancy/{id}",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .time_ms_max = 30000,
     .handle = one_get,
     .test_path = "/vacancy/1"},
    {MANAGES, .path = "/vacancy/{id}/place", .handle = place_post,
     .test_path = "/vacancy/1/place"},
    {MANAGES, .path = "/vacancy/{id}/end", .handle = end_post, .test_path = "/vacancy/1/end"},
    {MANAGES, .path = "/vacancy/{id}/wages", .time_ms_max = 60000, .handle = wages_post,
     .test_path = "/vacancy/1/wages"},
};
const struct route_table vacancy_one_routes = ROUTE_TABLE(rows);
