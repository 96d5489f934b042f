/* The office's pages of grievances: the list, one with its answer, writing one down. */
#include "base/format.h"
#include "base/text.h"
#include "casework/grievance.html.h"
#include "casework/grievance_view.h"
#include "casework/public.html.h"
#include "html/qr.h"
#include "people/actor.h"
#include "people/user.h"
#include "profile/calendar.h"

enum { COLUMNS = 4, CHANNEL_COUNT = 4 };

static const char *channel_text(struct cx *cx, enum grievance_channel c)
{
    switch (c) {
    case BY_PAGE:
        return _("by page");
    case BY_PHONE:
        return _("by telephone");
    case BY_VISIT:
        return _("said in the office");
    case BY_LETTER:
        return _("by letter");
    case BY_OFFICER:
        return _("told to an officer");
    }
    return "";
}

static const char *due_text(struct cx *cx, const struct flow *f)
{
    return f->due_at && !f->closed_at ? format_day(cx, local_day(cx->profile, f->due_at - 1))
                                      : "–";
}

static bool is_late(const struct cx *cx, const struct flow *f)
{
    return !f->closed_at && f->due_at && f->due_at < cx->now_at;
}

static const char *state_text(struct cx *cx, const struct flow *f)
{
    return f->state ? LABEL(cx, f->state->label) : _("stranded");
}

static const char *state_tone(const struct flow *f)
{
    return f->closed_at ? "muted" : f->state && f->state->tone[0] == 'o' ? "good" : "warn";
}

/* ---- the list ---- */

static const struct table_filter *list_filters(struct cx *cx, const struct request *q,
                                               const char *state)
{
    struct table_filter *f = arena_new(cx->arena, 2 * sizeof *f);
    struct filter_choice *c = arena_new(cx->arena, 2 * sizeof *c);
    c[0] = (struct filter_choice){"open", _("open")};
    c[1] = (struct filter_choice){"closed", _("closed")};
    f[0] = (struct table_filter){FILTER_CHOICE, "state", _("State"), state, c, 2};
    f[1] = (struct table_filter){.kind = FILTER_HIDDEN,
                                 .name = "area",
                                 .value =
                                     arena_printf(cx->arena, "%" PRId64, query_id(q, "area"))};
    return f;
}

static const struct table *list_table(struct cx *cx, const struct request *q,
                                      const struct grievance *list, const struct flow *flows,
                                      size_t count, const char *state)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *c = arena_new(cx->arena, COLUMNS * sizeof *c);
    struct table_cell *cells = arena_new(cx->arena, (count + 1) * COLUMNS * sizeof *cells);
    const char *const titles[COLUMNS] = {_("Grievance"), _("Place"), _("Until"), _("State")};
    for (int i = 0; i < COLUMNS; i++)
        c[i] = (struct table_column){NULL, titles[i], ALIGN_TEXT, i == 1};
    for (size_t i = 0; i < count; i++) {
        struct table_cell *row = cells + i * COLUMNS;
        const struct flow *f = &flows[i];
        bool late = is_late(cx, f);
        row[0] = (struct table_cell){
            arena_printf(cx->arena, "%s · %s", format_time(cx, list[i].at),
                         channel_text(cx, list[i].channel)),
            arena_printf(cx->arena, "/grievance/%" PRId64, list[i].id), NULL};
        row[1].text = area_label(cx, list[i].area_id);
        row[2] = (struct table_cell){
            late ? arena_printf(cx->arena, "%s, %s", due_text(cx, f), _("late"))
                 : due_text(cx, f),
            NULL, late ? "bad" : NULL};
        row[3] = (struct table_cell){state_text(cx, f), NULL, state_tone(f)};
    }
    *t = (struct table){
        .caption = _("Grievances"),
        .base = "/grievance",
        .query = arena_printf(cx->arena, "state=%s&area=%" PRId64, state, query_id(q, "area")),
        .columns = c,
        .column_count = COLUMNS,
        .cells = cells,
        .row_count = count,
        .filters = list_filters(cx, q, state),
        .filter_count = query_id(q, "area") ? 2 : 1,
        .is_first_page = !request_query(q, "after").len,
        .empty_title = _("Nobody objects to anything here"),
        .empty_hint = _("Who comes to the office with a complaint: write it "
                        "down, so that it gets its answer in time.")};
    return t;
}

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct grievance *list;
    struct flow *flows;
    struct place_range range;
    size_t count;
    const char *next;
    const char *state = str_eq_z(request_query(q, "state"), "closed") ? "closed" : "open";
    TRY(db_read_begin(cx));
    TRY(place_range_find(&range, cx, query_id(q, "area")));
    TRY(grievance_list(&list, &flows, &count, &next, cx, str_of(state), query_id(q, "area"),
                       request_query(q, "after"), LIST_ROWS));
    struct table t = *list_table(cx, q, list, flows, count, state);
    t.next_token = next;
    struct office_list_view v = {.tab = "grievance",
                                 .place = range.area.name,
                                 .table = &t,
                                 .intro =
                                     _("Somebody objects: to a decision, a notice, a plan, "
                                       "an officer. Each is answered in time, by somebody "
                                       "else than the one objected to."),
                                 .new_href = "/grievance/new",
                                 .new_label = _("Write down a grievance")};
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Grievances"), .nav = "case"});
    office_list_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

/* ---- one ---- */

static enum rc fill_steps(struct grievance_page_view *v, struct cx *cx)
{
    struct flow_step *steps;
    TRY(flow_history(&steps, &v->step_count, cx, v->flow->id));
    struct grievance_step_view *list = arena_new(cx->arena, (v->step_count + 1) * sizeof *list);
    for (size_t i = 0; i < v->step_count; i++)
        list[i] = (struct grievance_step_view){format_time(cx, steps[i].at),
                                               user_name(cx, steps[i].user_id),
                                               steps[i].label.in[cx->lang], steps[i].reason};
    v->steps = list;
    return RC_OK;
}

/* Only moves of people who answer; an appeal is for the one who complained. */
static enum rc fill_choices(struct grievance_page_view *v, struct cx *cx)
{
    struct flow_choice *choices;
    size_t count, kept = 0;
    if (!actor_may(cx, "grievance.answer"))
        return RC_OK;
    TRY(flow_choices(&choices, &count, cx, v->flow));
    for (size_t i = 0; i < count; i++) {
        const struct workflow_move *m = choices[i].move;
        bool passes_on = m->kind == MOVE_FORWARD && !grievance_is_answer(m);
        if (choices[i].why_not || m->kind == MOVE_APPEAL || (v->is_against && !passes_on))
            continue;
        choices[kept++] = choices[i];
    }
    v->choices = choices;
    v->choice_count = kept;
    return RC_OK;
}

static enum rc show_one(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                        const char *error)
{
    struct grievance g;
    struct flow f;
    struct grievance_page_view v = {
        .g = &g, .flow = &f, .error = error, .csrf = visitor_of(q)->csrf};
    TRY(db_read_begin(cx));
    TRY(grievance_get(&g, &f, cx, id));
    v.typed = error ? form_text(cx, q, "answer") : "";
    v.place = area_label(cx, g.area_id);
    v.channel = channel_text(cx, g.channel);
    v.state = state_text(cx, &f);
    v.tone = state_tone(&f);
    v.at = format_time(cx, g.at);
    v.due = due_text(cx, &f);
    v.late = is_late(cx, &f);
    v.todo = f.state && !f.closed_at ? LABEL(cx, f.state->todo) : "";
    v.against = g.against_user ? user_name(cx, g.against_user) : "";
    v.is_against = cx->actor && g.against_user && cx->actor->user_id == g.against_user;
    v.answered = g.answered_at
                     ? arena_printf(cx->arena, "%s · %s", format_time(cx, g.answered_at),
                                    user_name(cx, g.answered_by))
                     : "";
    TRY(fill_choices(&v, cx));
    TRY(fill_steps(&v, cx));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Grievance"),
                                              .nav = "case",
                                              .back_href = "/grievance",
                                              .back_label = _("Grievances")});
    grievance_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc one_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return show_one(cx, q, a, id, NULL);
}

static enum rc answer_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, version = form_id(q, "version");
    const char *error;
    TRY(request_param_id(&id, cx, q, "id"));
    enum rc rc = grievance_answer(cx, id, version <= INT32_MAX ? (int32_t)version : 0,
                                  request_form(q, "event"), request_form(q, "answer"));
    if (!rc) {
        page_notice(cx, a, "saved");
        response_redirect(cx, a, arena_printf(cx->arena, "/grievance/%" PRId64, id));
        return RC_OK;
    }
    if (rc == RC_NOTFOUND || rc == RC_DENIED || !public_told(&error, cx, a, rc))
        return rc;
    return show_one(cx, q, a, id, error);
}

/* ---- writing one down ---- */

static enum rc show_new(struct cx *cx, const struct request *q, struct response *a,
                        struct grievance_new_view *v, enum grievance_channel chosen)
{
    static const enum grievance_channel channels[CHANNEL_COUNT] = {BY_VISIT, BY_PHONE,
                                                                   BY_LETTER, BY_OFFICER};
    struct field_choice *c = arena_new(cx->arena, CHANNEL_COUNT * sizeof *c);
    struct place_range range;
    struct area *areas;
    TRY(db_read_begin(cx));
    TRY(place_range_find(&range, cx, v->area_id));
    TRY(area_children(&areas, &v->area_count, cx, range.area.id));
    v->areas = areas;
    v->area_count = v->about_flow ? 0 : v->area_count;
    v->area_id = range.area.id;
    v->place = range.area.id ? area_label(cx, range.area.id) : "";
    if (!v->place[0])
        v->place = range.area.name;
    for (int i = 0; i < CHANNEL_COUNT; i++)
        c[i] = (struct field_choice){arena_printf(cx->arena, "%d", (int)channels[i]),
                                     channel_text(cx, channels[i]), channels[i] == chosen};
    v->channels = c;
    v->channel_count = CHANNEL_COUNT;
    v->csrf = visitor_of(q)->csrf;
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Write down a grievance"),
                                              .nav = "case",
                                              .back_href = "/grievance",
                                              .back_label = _("Grievances")});
    grievance_new_body(o, cx, v);
    return page_end(cx, q, a, o);
}

/* ?area=, and what it is about: ?flow=, ?plan=, ?household=. */
static enum rc new_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct grievance_new_view v = {.area_id = query_id(q, "area"),
                                   .about_flow = query_id(q, "flow"),
                                   .about_plan = query_id(q, "plan"),
                                   .household_id = query_id(q, "household"),
                                   .once = public_once(cx),
                                   .name = "",
                                   .phone = "",
                                   .text = ""};
    if (v.about_flow) {
        struct flow f;
        TRY(flow_get(&f, cx, v.about_flow));
        v.area_id = f.area_id;
    }
    return show_new(cx, q, a, &v, BY_VISIT);
}

static enum rc show_reference(struct cx *cx, const struct request *q, struct response *a,
                              int64_t id, const char *reference)
{
    struct grievance g;
    struct flow f;
    struct reference_view r = {
        .title = _("The grievance is written down"),
        .told = _("Give this code to the one who complained: it is shown only now."),
        .code = reference_shown(cx, reference),
        .status_href = arena_printf(cx->arena, "/report/status#%s", reference)};
    TRY(grievance_get(&g, &f, cx, id));
    r.due = due_text(cx, &f);
    TRY(qr_svg(&r.qr, cx, public_address(cx, q, g.county, r.status_href),
               _("Code for asking what became of it")));
    struct out *o = page_begin(
        cx, q,
        &(struct page){.title = r.title,
                       .nav = "case",
                       .back_href = arena_printf(cx->arena, "/grievance/%" PRId64, id),
                       .back_label = _("To the grievance")});
    reference_body(o, cx, &r);
    return page_end(cx, q, a, o);
}

static enum rc new_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct grievance_new_view v = {.area_id = form_id(q, "area"),
                                   .about_flow = form_id(q, "flow"),
                                   .about_plan = form_id(q, "plan"),
                                   .household_id = form_id(q, "household"),
                                   .once = form_text(cx, q, "once"),
                                   .name = form_text(cx, q, "name"),
                                   .phone = form_text(cx, q, "phone"),
                                   .text = form_text(cx, q, "text")};
    int64_t id, n = form_id(q, "channel");
    enum grievance_channel channel =
        n >= BY_PHONE && n <= BY_OFFICER ? (enum grievance_channel)n : BY_OFFICER;
    const char *reference;
    enum rc rc = grievance_add(&id, &reference, cx,
                               &(struct grievance){.area_id = v.area_id,
                                                   .about_flow = v.about_flow,
                                                   .about_plan = v.about_plan,
                                                   .household_id = v.household_id,
                                                   .channel = channel,
                                                   .name = v.name,
                                                   .phone = v.phone,
                                                   .text = v.text,
                                                   .reference = v.once});
    if (!rc)
        return show_reference(cx, q, a, id, reference);
    if (rc == RC_NOTFOUND || rc == RC_DENIED || !public_told(&v.error, cx, a, rc))
        return rc;
    return show_new(cx, q, a, &v, channel);
}

#define SEES                                                                                   \
    .method = METHOD_GET, .scope = SCOPE_PERMISSION, .permission = "case.view",                \
    .csrf = CSRF_NONE
static const struct route rows[] = {
    {SEES, .path = "/grievance", .handle = list_get},
    {SEES, .path = "/grievance/new", .handle = new_get},
    {.method = METHOD_POST,
     .path = "/grievance/new",
     .scope = SCOPE_PERMISSION,
     .permission = "case.view",
     .csrf = CSRF_TOKEN,
     .body_max = OFFICE_FORM_BYTES,
     .handle = new_post},
    {SEES, .path = "/grievance/{id}", .handle = one_get, .test_path = "/grievance/1"},
    {.method = METHOD_POST,
     .path = "/grievance/{id}/answer",
     .scope = SCOPE_PERMISSION,
     .permission = "grievance.answer",
     .csrf = CSRF_TOKEN,
     .body_max = OFFICE_FORM_BYTES,
     .handle = answer_post,
     .test_path = "/grievance/1/answer"},
};
const struct route_table grievance_routes = ROUTE_TABLE(rows);
