/* The page of a case: where it stands, what to do next, the rules, the form of each possible
 * move, its history; the posts that move, sign and repair it. */
#include "casework/case.html.h"
#include "casework/case_view.h"

#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "casework/posting.h"
#include "casework/tip.h"
#include "people/actor.h"
#include "people/user.h"

#include <string.h>

enum { LINKS_MAX = 20 };

/* ---- the chain ---- */

static bool is_side_end(const struct flow *f, const struct workflow_state *s)
{
    return s->kind == STATE_END && f->state != s;
}

/* Is the switch of the state off where the case is? */
static bool is_off(struct cx *cx, const struct workflow_state *s, const struct str *codes,
                   size_t count)
{
    return s->option[0] &&
           !option_on(profile_option(cx->profile, str_of(s->option), codes, count));
}

static enum rc area_codes(struct str **out, size_t *count, struct cx *cx, int64_t area_id)
{
    struct area *chain;
    TRY(area_chain(&chain, count, cx, area_id));
    *out = arena_new(cx->arena, (*count + 1) * sizeof **out);
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = str_of(chain[*count - 1 - i].code);
    return RC_OK;
}

/* When the state was entered last; 0: never. */
static int64_t entered_at(const struct flow_step *steps, size_t count, const char *code)
{
    int64_t at = 0;
    for (size_t i = 0; i < count; i++)
        if (!strcmp(steps[i].to, code) && strcmp(steps[i].event, "passed") != 0)
            at = steps[i].at;
    return at;
}

static void fill_step(struct case_step_view *out, struct cx *cx, const struct flow *f,
                      const struct workflow_state *s, int64_t at)
{
    bool before = f->state && s < f->state;
    out->label = LABEL(cx, s->label);
    out->now = f->state == s;
    out->done = !out->now && before && at;
    out->mark = out->now ? (f->closed_at ? "■" : "▶") : out->done ? "✓" : before ? "–" : "○";
    out->word = out->now    ? (f->closed_at ? _("ended here") : _("now"))
                : out->done ? _("done")
                : before    ? _("passed over")
                            : _("to come");
    if (out->now || out->done)
        out->when = at ? format_day(cx, day_at(at, format_zone())) : NULL;
}

static enum rc fill_steps(struct case_page_view *v, struct cx *cx)
{
    const struct flow *f = &v->c->flow;
    struct flow_step *steps;
    struct str *codes;
    size_t step_count, code_count;
    if (!f->workflow)
        return RC_OK;
    TRY(flow_history(&steps, &step_count, cx, f->id));
    TRY(area_codes(&codes, &code_count, cx, f->area_id));
    v->steps = arena_new(cx->arena, (f->workflow->state_count + 1) * sizeof *v->steps);
    for (size_t i = 0; i < f->workflow->state_count; i++) {
        const struct workflow_state *s = &f->workflow->states[i];
        int64_t at = entered_at(steps, step_count, s->code);
        if (is_side_end(f, s) || (is_off(cx, s, codes, code_count) && f->state != s))
            continue;
        fill_step(&v->steps[v->step_count++], cx, f, s, at);
    }
    return RC_OK;
}

/* ---- rules and forms ---- */

static void fill_rules(struct case_page_view *v, struct cx *cx)
{
    const struct case_view *c = v->c;
    v->rules = arena_new(cx->arena, (c->guard_count + 1) * sizeof *v->rules);
    for (size_t i = 0; i < c->guard_count; i++) {
        const struct case_guard *g = &c->guards[i];
        v->rules[v->rule_count++] = (struct case_rule_view){
            .title = LABEL(cx, g->move->label),
            .about = LABEL(cx, g->move->help),
            .answer = case_advice_word(cx, g->advice, g->move->guard_must),
            .tone = case_advice_tone(g->advice),
            .rule = g->move->guard,
            .must = g->move->guard_must,
            .facts = g->facts,
            .fact_count = g->fact_count};
        struct case_rule_view *r = &v->rules[v->rule_count - 1];
        r->parts = arena_new(cx->arena, (g->part_count + 1) * sizeof *r->parts);
        for (size_t k = 0; k < g->part_count; k++)
            r->parts[r->part_count++] =
                case_part_view_of(cx, LABEL(cx, g->parts[k].label), g->parts[k].value);
    }
}

static void fill_advice(struct case_move_view *m, struct cx *cx, const struct case_view *c)
{
    for (size_t i = 0; i < c->guard_count; i++)
        if (c->guards[i].move == m->move) {
            m->advice =
                case_advice_word(cx, c->guards[i].advice, c->guards[i].move->guard_must);
            m->advice_tone = case_advice_tone(c->guards[i].advice);
        }
}

static enum rc fill_moves(struct case_page_view *v, struct cx *cx, const struct case_form *form)
{
    const struct flow *f = &v->c->flow;
    struct flow_choice *choices;
    size_t count;
    TRY(flow_choices(&choices, &count, cx, f));
    v->moves = arena_new(cx->arena, (count + 1) * sizeof *v->moves);
    for (size_t i = 0; i < count; i++) {
        struct case_move_view *m = &v->moves[v->move_count++];
        bool asked = form && str_eq_z(form->event, choices[i].move->event);
        case_move_fill(m, cx, choices[i].move, asked ? form : NULL, f->county);
        m->why_not = choices[i].why_not;
        m->open = m->open || (!form && count == 1);
        fill_advice(m, cx, v->c);
    }
    return RC_OK;
}

static enum rc fill_signers(struct case_page_view *v, struct cx *cx)
{
    const struct flow *f = &v->c->flow;
    int64_t *ids;
    size_t count;
    bool mine = false;
    struct buf b;
    for (size_t i = 0; i < v->move_count; i++)
        v->signs_wanted = v->signs_wanted || v->moves[i].move->two;
    if (!v->signs_wanted)
        return RC_OK;
    TRY(flow_signers(&ids, &count, cx, f));
    buf_init(&b, cx->arena, 4096);
    for (size_t i = 0; i < count; i++) {
        buf_printf(&b, "%s%s", i ? ", " : "", user_name(cx, ids[i]));
        mine = mine || (cx->actor && ids[i] == cx->actor->user_id);
    }
    v->signers = count ? buf_view(&b).p : NULL;
    v->may_sign = !mine && cx->actor;
    return RC_OK;
}

/* ---- what belongs to it ---- */

static enum rc fill_others(struct case_page_view *v, struct cx *cx)
{
    const struct flow *f = &v->c->flow;
    struct flow *list;
    size_t count;
    if (f->workflow && f->workflow->subject == FLOW_PLAIN)
        return RC_OK;
    TRY(case_history(&list, &count, cx, f->county, f->subject_id));
    v->others = arena_new(cx->arena, (count + 1) * sizeof *v->others);
    for (size_t i = 0; i < count; i++) {
        if (list[i].id == f->id)
            continue;
        int64_t end = list[i].closed_at;
        v->others[v->other_count++] = (struct case_link_view){
            arena_printf(cx->arena, "%s · %s", case_workflow_label(cx, &list[i]),
                         case_state_label(cx, &list[i])),
            arena_printf(cx->arena, "/case/%" PRId64, list[i].id),
            arena_printf(cx->arena, "%s – %s",
                         format_day(cx, day_at(list[i].opened_at, format_zone())),
                         end ? format_day(cx, day_at(end, format_zone())) : _("open"))};
    }
    return RC_OK;
}

static enum rc fill_tasks(struct case_page_view *v, struct cx *cx)
{
    const struct flow *f = &v->c->flow;
    const struct task_query q = {.household_id = v->c->household.id,
                                 .area_id = f->area_id,
                                 .state = STR("all"),
                                 .limit = LINKS_MAX};
    struct task *tasks;
    const char *next;
    size_t count;
    if (!v->c->household.id || !actor_may_in(cx, "task.view", str_of(f->area_path)))
        return RC_OK;
    TRY(task_list(&tasks, &count, &next, cx, &q));
    v->tasks = arena_new(cx->arena, (count + 1) * sizeof *v->tasks);
    for (size_t i = 0; i < count; i++)
        v->tasks[v->task_count++] = (struct case_link_view){
            tasks[i].title.in[cx->lang], arena_printf(cx->arena, "/task/%" PRId64, tasks[i].id),
            arena_printf(cx->arena, "%s · %s",
                         tasks[i].state == TASK_OPEN      ? _("open")
                         : tasks[i].state == TASK_WAITING ? _("waits for another")
                         : tasks[i].state == TASK_DONE    ? _("done")
                         : tasks[i].state == TASK_REFUSED ? _("could not be done")
                                                          : _("cancelled"),
                         owner_label(cx, &tasks[i].owner))};
    return RC_OK;
}

static enum rc fill_tips(struct case_page_view *v, struct cx *cx)
{
    struct tip *tips;
    size_t count;
    TRY(tips_of_flow(&tips, &count, cx, v->c->flow.id));
    v->tips = arena_new(cx->arena, (count + 1) * sizeof *v->tips);
    for (size_t i = 0; i < count; i++)
        v->tips[v->tip_count++] = (struct case_link_view){
            arena_printf(cx->arena, _("Tip of %s"), format_time(cx, tips[i].at)),
            arena_printf(cx->arena, "/tip/%" PRId64, tips[i].id), tips[i].text};
    return RC_OK;
}

static enum rc fill_postings(struct case_page_view *v, struct cx *cx)
{
    struct posting *postings;
    size_t count;
    TRY(postings_of_flow(&postings, &count, cx, v->c->flow.id));
    v->postings = arena_new(cx->arena, (count + 1) * sizeof *v->postings);
    for (size_t i = 0; i < count; i++) {
        const struct posting *p = &postings[i];
        bool stands = !p->ended_at && p->to_at > cx->now_at;
        v->postings[v->posting_count++] = (struct case_link_view){
            p->title.in[cx->lang],
            stands ? arena_printf(cx->arena, "/posting/%s", p->token) : NULL,
            arena_printf(cx->arena, "%s – %s",
                         format_day(cx, day_at(p->from_at, format_zone())),
                         format_day(cx, day_at(p->to_at - 1, format_zone())))};
    }
    return RC_OK;
}

/* ---- the page ---- */

static void fill_repair(struct case_page_view *v, struct cx *cx)
{
    const struct flow *f = &v->c->flow;
    v->stranded = !v->closed && (!f->workflow || !f->state);
    v->may_repair = v->stranded && actor_may_in(cx, "flow.repair", str_of(f->area_path));
    if (!v->may_repair)
        return;
    size_t n = f->workflow ? f->workflow->state_count : 0;
    struct field_choice *c = arena_new(cx->arena, (n + 1) * sizeof *c);
    for (size_t i = 0; i < n; i++)
        c[i] = (struct field_choice){f->workflow->states[i].code,
                                     LABEL(cx, f->workflow->states[i].label), false};
    c[n] = (struct field_choice){"", _("Close the case"), false};
    v->repair = (struct field){
        .name = "state", .label = _("Into which state?"), .choices = c, .choice_count = n + 1};
}

static void fill_head(struct case_page_view *v, struct cx *cx)
{
    const struct case_view *c = v->c;
    const struct flow *f = &c->flow;
    v->workflow = case_workflow_label(cx, f);
    v->state = case_state_label(cx, f);
    v->state_tone = case_state_tone(f);
    v->closed = f->closed_at != 0;
    v->due = case_due_text(&v->is_late, cx, f);
    v->who = case_who(cx, f);
    v->todo = f->state ? LABEL(cx, f->state->todo) : NULL;
    v->told = f->state ? LABEL(cx, f->state->told) : NULL;
    v->title = arena_printf(cx->arena, "%s · %s", c->title, v->workflow);
    int64_t earliest = v->closed ? 0 : flow_earliest(cx, f);
    if (earliest > cx->now_at)
        v->earliest = format_time(cx, earliest);
    if (c->gone)
        v->problem =
            _("What this case is about can no longer be found in the register, or lies "
              "outside of your areas.");
    else if (c->ended_day && !v->closed)
        v->problem = arena_printf(cx->arena,
                                  _("This has ended in the register on %s. Rules can no longer "
                                    "be answered; close the "
                                    "case."),
                                  format_day(cx, c->ended_day));
    if (f->workflow && f->workflow->subject == FLOW_HOUSEHOLD && !c->gone)
        v->subject_href = arena_printf(cx->arena, "/household/%" PRId64, f->subject_id);
    else if (f->workflow && f->workflow->subject == FLOW_AREA)
        v->subject_href = arena_printf(cx->arena, "/area/%" PRId64, f->subject_id);
}

/* `form`: what came back with mistakes, or NULL. In a read transaction. */
static enum rc show_case(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                         const struct case_form *form, const char *error)
{
    struct case_view c;
    struct case_page_view v = {.c = &c, .csrf = visitor_of(q)->csrf, .error = error};
    TRY(case_get(&c, cx, id));
    fill_head(&v, cx);
    TRY(fill_steps(&v, cx));
    fill_rules(&v, cx);
    TRY(fill_moves(&v, cx, form));
    TRY(fill_signers(&v, cx));
    fill_repair(&v, cx);
    TRY(case_history_fill(&v.history, &v.history_count, cx, &c.flow));
    TRY(fill_others(&v, cx));
    TRY(fill_tasks(&v, cx));
    TRY(fill_tips(&v, cx));
    TRY(fill_postings(&v, cx));
    struct out *o = page_begin(
        cx, q,
        &(struct page){
            .title = v.title, .nav = "case", .back_href = "/case", .back_label = _("Cases")});
    case_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc case_page_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    return show_case(cx, q, a, id, NULL, NULL);
}

/* ---- moving ---- */

static enum rc form_version(int32_t *out, struct cx *cx, const struct request *q)
{
    int64_t version;
    if (!str_to_i64(&version, request_form(q, "version")) || version < 1 || version > INT32_MAX)
        return fail(cx, RC_INVALID, _("Open the page of the case again and repeat the step."),
                    "version");
    *out = (int32_t)version;
    return RC_OK;
}

/* What was uploaded goes to the first field for files that has none yet. */
static enum rc take_upload(struct case_form *form, struct flow_answer *answers, size_t *count,
                           struct cx *cx, const struct request *q, int64_t county)
{
    bool is_new;
    if (q->body_fd < 0 || q->body_len == 0)
        return RC_OK;
    for (size_t i = 0; i < form->value_count; i++) {
        struct case_form_value *v = &form->values[i];
        if (v->field->type != FIELD_TYPE_FILE || v->document_id)
            continue;
        const char *name =
            q->file_name.len ? arena_copy(cx->arena, q->file_name) : "attachment";
        TRY(store_put(&v->document_id, &is_new, cx, county, "case", name,
                      "application/octet-stream", q->body_fd));
        answers[(*count)++] =
            (struct flow_answer){.field = v->field, .document_id = v->document_id};
        return RC_OK;
    }
    return RC_OK;
}

/* Documents that came with an earlier try must be of this kind, of this county, and one's own.
 */
static enum rc check_kept(struct cx *cx, const struct flow_answer *answers, size_t count,
                          int64_t county)
{
    struct document doc;
    for (size_t i = 0; i < count; i++) {
        if (!answers[i].document_id)
            continue;
        TRY(store_get(&doc, cx, county, answers[i].document_id));
        if (strcmp(doc.kind, "case") != 0 || (cx->actor && doc.user_id != cx->actor->user_id))
            return fail(cx, RC_NOTFOUND, _("There is no such document."), "kept");
    }
    return RC_OK;
}

static enum rc show_again(struct cx *cx, const struct request *q, struct response *a,
                          const struct flow_ask *ask, struct case_form *form, enum rc rc)
{
    const char *error = cx->err.text[0] ? arena_copy(cx->arena, str_of(cx->err.text)) : NULL;
    struct flow_problem *problems;
    struct flow f;
    size_t count;
    err_clear(cx);
    TRY(db_read_begin(cx));
    if (rc == RC_CONFLICT) {
        a->status = http_status_of(rc);
        return show_case(cx, q, a, ask->id, NULL, error);
    }
    TRY(flow_get(&f, cx, ask->id));
    TRY(flow_problems(&problems, &count, cx, &f, ask));
    case_form_problems(form, problems, count);
    form->error = error ? error : _("Some answers cannot be taken. Look at the marked fields.");
    a->status = http_status_of(RC_INVALID);
    return show_case(cx, q, a, ask->id, form, NULL);
}

static enum rc read_move(const struct workflow_move **move, struct flow *f, struct cx *cx,
                         const struct request *q, int64_t id)
{
    TRY(db_read_begin(cx));
    enum rc rc = flow_get(f, cx, id);
    db_read_end(cx);
    TRY(rc);
    *move = f->state
                ? workflow_move(f->workflow, str_of(f->state_code), request_form(q, "event"))
                : NULL;
    return RC_OK;
}

static enum rc move_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct flow_answer *answers = arena_new(cx->arena, CASE_ANSWERS_MAX * sizeof *answers);
    struct flow_ask ask = {.event = request_form(q, "event"), .answers = answers};
    const struct workflow_move *move;
    struct case_form form = {.event = ask.event};
    struct flow f;
    TRY(request_param_id(&ask.id, cx, q, "id"));
    TRY(form_version(&ask.version, cx, q));
    TRY(read_move(&move, &f, cx, q, ask.id));
    if (!move || move->field_count > CASE_ANSWERS_MAX || f.version != ask.version) {
        /* Moved meanwhile: the engine says by whom. */
        enum rc rc = case_decide(cx, &ask);
        return rc == RC_CONFLICT ? show_again(cx, q, a, &ask, &form, rc) : rc;
    }
    struct str reason = request_form(q, arena_printf(cx->arena, "reason_%s", move->event));
    form.reason = ask.reason = reason.p ? str_trim(reason) : STR("");
    bool good = case_form_read(&form, answers, &ask.answer_count, cx, q, move);
    TRY(check_kept(cx, answers, ask.answer_count, f.county));
    TRY(take_upload(&form, answers, &ask.answer_count, cx, q, f.county));
    if (!good)
        return show_again(cx, q, a, &ask, &form, RC_INVALID);
    enum rc rc = case_decide(cx, &ask);
    if (rc == RC_INVALID || rc == RC_CONFLICT)
        return show_again(cx, q, a, &ask, &form, rc);
    TRY(rc);
    page_notice(cx, a, "case-moved");
    response_redirect(cx, a, arena_printf(cx->arena, "/case/%" PRId64, ask.id));
    return RC_OK;
}

static enum rc sign_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    int32_t version = 0;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(form_version(&version, cx, q));
    TRY(flow_sign(cx, id, version));
    page_notice(cx, a, "case-signed");
    response_redirect(cx, a, arena_printf(cx->arena, "/case/%" PRId64, id));
    return RC_OK;
}

static enum rc repair_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    int32_t version = 0;
    struct str state = request_form(q, "state"), reason = request_form(q, "reason");
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(form_version(&version, cx, q));
    TRY(flow_set_state(cx, id, version, state.p ? state : STR(""),
                       reason.p ? str_trim(reason) : STR("")));
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/case/%" PRId64, id));
    return RC_OK;
}

#define CASES .scope = SCOPE_PERMISSION, .permission = "case.view", .time_ms_max = 30000
static const struct route rows[] = {
    {CASES, .method = METHOD_GET, .path = "/case/{id}", .csrf = CSRF_NONE,
     .handle = case_page_get, .test_path = "/case/1"},
    {CASES, .method = METHOD_POST, .path = "/case/{id}/move", .csrf = CSRF_TOKEN,
     .body_max = CASE_FILE_BYTES, .body_to_file = true, .heavy = true, .handle = move_post,
     .test_path = "/case/1/move"},
    {CASES, .method = METHOD_POST, .path = "/case/{id}/sign", .csrf = CSRF_TOKEN,
     .body_max = 4096, .handle = sign_post, .test_path = "/case/1/sign"},
    {.scope = SCOPE_PERMISSION,
     .permission = "flow.repair",
     .method = METHOD_POST,
     .path = "/case/{id}/repair",
     .csrf = CSRF_TOKEN,
     .body_max = CASE_FORM_BYTES,
     .handle = repair_post,
     .test_path = "/case/1/repair"},
};
const struct route_table case_routes = ROUTE_TABLE(rows);
