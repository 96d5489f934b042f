/* The list of cases: filters, how many stand where, what is late, what waits for the actor; and
 * the same step for several cases at once. */
#include "casework/case_list.html.h"
#include "casework/case_view.h"

#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "people/actor.h"

#include <string.h>

enum {
    COLUMNS = 6,
    FILE_ROWS = 10000,
    SCAN_PAGES = 40,
    BATCH_MAX = 200,
    FILTERS = 5,
};

/* What the address asks for. */
struct list_query {
    struct str workflow, state;
    int64_t area_id;
    bool late, mine;
    const struct workflow *w;
    const struct workflow_state *s;
};

static enum rc read_query(struct list_query *out, struct cx *cx, const struct request *q)
{
    struct str area = request_query(q, "area");
    *out = (struct list_query){.workflow = request_query(q, "workflow"),
                               .state = request_query(q, "state"),
                               .late = request_query(q, "late").len > 0,
                               .mine = request_query(q, "mine").len > 0};
    if (area.len && (!str_to_i64(&out->area_id, area) || out->area_id < 0))
        return fail(cx, RC_INVALID, _("\"area\" in the address is not a number."), "area");
    out->w = out->workflow.len ? profile_workflow(cx->profile, out->workflow) : NULL;
    out->s = out->w && out->state.len ? workflow_state(out->w, out->state) : NULL;
    return RC_OK;
}

/* ---- rows ---- */

struct listing {
    struct flow *flows;
    size_t count;
    const char *next;
};

static enum rc waits_for_actor(bool *yes, struct cx *cx, const struct flow *f)
{
    struct flow_choice *choices;
    size_t count;
    *yes = false;
    if (!f->state || f->closed_at)
        return RC_OK;
    TRY(flow_choices(&choices, &count, cx, f));
    for (size_t i = 0; i < count; i++)
        *yes = *yes || !choices[i].why_not;
    return RC_OK;
}

/* Page after page until enough wait for the actor; the next page goes on where this one
 * stopped.
 */
static enum rc list_mine(struct listing *out, struct cx *cx, struct flow_query *fq,
                         size_t limit)
{
    out->flows = arena_new(cx->arena, (limit + fq->limit) * sizeof *out->flows);
    for (int page = 0; page < SCAN_PAGES && out->count < limit; page++) {
        struct flow *flows;
        size_t count;
        TRY(flow_list(&flows, &count, &out->next, cx, fq));
        for (size_t i = 0; i < count; i++) {
            bool yes;
            TRY(waits_for_actor(&yes, cx, &flows[i]));
            if (yes)
                out->flows[out->count++] = flows[i];
        }
        if (!out->next)
            return RC_OK;
        fq->after = str_of(out->next);
    }
    return RC_OK;
}

static enum rc list_flows(struct listing *out, struct cx *cx, const struct request *q,
                          const struct list_query *lq)
{
    struct flow_query fq = {.workflow = lq->workflow,
                            .state = lq->state.len ? lq->state : STR("open"),
                            .area_id = lq->area_id,
                            .late = lq->late,
                            .after = request_query(q, "after"),
                            .limit = LIMIT_PAGE_ROWS_DEFAULT};
    bool file = page_wants_file(q);
    /* An end holds closed cases only. */
    if (lq->s && lq->s->kind == STATE_END)
        fq.state = STR("closed");
    if (file)
        fq.after = STR("");
    *out = (struct listing){0};
    if (lq->mine)
        return list_mine(out, cx, &fq, file ? FILE_ROWS : LIMIT_PAGE_ROWS_DEFAULT);
    if (file)
        fq.limit = FILE_ROWS;
    TRY(flow_list(&out->flows, &out->count, &out->next, cx, &fq));
    size_t kept = 0;
    for (size_t i = 0; i < out->count; i++)
        if (!lq->s || out->flows[i].state == lq->s)
            out->flows[kept++] = out->flows[i];
    out->count = kept;
    return RC_OK;
}

static enum rc fill_cells(struct table *t, struct cx *cx, const struct listing *l)
{
    struct table_cell *cells = arena_new(cx->arena, (l->count + 1) * COLUMNS * sizeof *cells);
    for (size_t i = 0; i < l->count; i++) {
        const struct flow *f = &l->flows[i];
        struct table_cell *row = cells + i * COLUMNS;
        bool late;
        TRY(case_subject_label(&row[0].text, cx, f));
        row[0].href = flow_href(cx, f);
        row[1] = (struct table_cell){case_state_label(cx, f), NULL, case_state_tone(f)};
        row[2].text = case_due_text(&late, cx, f);
        if (late)
            row[2] = (struct table_cell){arena_printf(cx->arena, _("%s, late"), row[2].text),
                                         NULL, "bad"};
        row[3].text = case_workflow_label(cx, f);
        row[4].text = area_label(cx, f->area_id);
        row[5].text = format_day(cx, day_at(f->entered_at, format_zone()));
    }
    t->cells = cells;
    t->row_count = l->count;
    return RC_OK;
}

/* ---- filters ---- */

static struct table_filter workflow_filter(struct cx *cx, const struct list_query *lq)
{
    const struct workflows *all = cx->profile->workflows;
    struct filter_choice *c = arena_new(cx->arena, (all->count + 1) * sizeof *c);
    size_t n = 0;
    c[n++] = (struct filter_choice){"", _("all")};
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].subject != FLOW_PLAIN)
            c[n++] = (struct filter_choice){all->list[i].code, LABEL(cx, all->list[i].label)};
    return (struct table_filter){FILTER_CHOICE,
                                 "workflow",
                                 _("Kind of case"),
                                 arena_copy(cx->arena, lq->workflow),
                                 c,
                                 n};
}

static struct table_filter state_filter(struct cx *cx, const struct list_query *lq)
{
    size_t states = lq->w ? lq->w->state_count : 0, n = 0;
    struct filter_choice *c = arena_new(cx->arena, (states + 4) * sizeof *c);
    c[n++] = (struct filter_choice){"", _("open")};
    for (size_t i = 0; i < states; i++)
        c[n++] =
            (struct filter_choice){lq->w->states[i].code, LABEL(cx, lq->w->states[i].label)};
    c[n++] = (struct filter_choice){"closed", _("closed")};
    c[n++] = (struct filter_choice){"all", _("open and closed")};
    c[n++] = (struct filter_choice){"stranded", _("state no longer known")};
    return (struct table_filter){
        FILTER_CHOICE, "state", _("Stands at"), arena_copy(cx->arena, lq->state), c, n};
}

static enum rc area_filter(struct table_filter *out, struct cx *cx, const struct list_query *lq)
{
    struct area *children, here = {0};
    size_t count, n = 0;
    const char *const *paths;
    size_t path_count;
    TRY(actor_paths(&paths, &path_count, cx, "case.view"));
    TRY(area_children(&children, &count, cx, lq->area_id));
    struct filter_choice *c = arena_new(cx->arena, (count + 3) * sizeof *c);
    c[n++] = (struct filter_choice){"", _("all of mine")};
    if (lq->area_id) {
        TRY(area_get(&here, cx, lq->area_id));
        c[n++] =
            (struct filter_choice){arena_printf(cx->arena, "%" PRId64, here.id), here.name};
    }
    for (size_t i = 0; i < count; i++) {
        bool own = false;
        for (size_t k = 0; k < path_count; k++)
            own = own || str_starts(str_of(children[i].path), str_of(paths[k])) ||
                  str_starts(str_of(paths[k]), str_of(children[i].path));
        if (own)
            c[n++] = (struct filter_choice){arena_printf(cx->arena, "%" PRId64, children[i].id),
                                            arena_printf(cx->arena, "› %s", children[i].name)};
    }
    *out = (struct table_filter){FILTER_CHOICE,
                                 "area",
                                 _("Area"),
                                 lq->area_id ? arena_printf(cx->arena, "%" PRId64, lq->area_id)
                                             : "",
                                 c,
                                 n};
    return RC_OK;
}

static struct table_filter yes_filter(struct cx *cx, const char *name, const char *label,
                                      const char *yes, bool on)
{
    struct filter_choice *c = arena_new(cx->arena, 2 * sizeof *c);
    c[0] = (struct filter_choice){"", _("all")};
    c[1] = (struct filter_choice){"1", yes};
    return (struct table_filter){FILTER_CHOICE, name, label, on ? "1" : "", c, 2};
}

static enum rc fill_filters(struct table *t, struct cx *cx, const struct list_query *lq)
{
    struct table_filter *f = arena_new(cx->arena, FILTERS * sizeof *f);
    f[0] = workflow_filter(cx, lq);
    f[1] = state_filter(cx, lq);
    TRY(area_filter(&f[2], cx, lq));
    f[3] = yes_filter(cx, "late", _("Deadline"), _("late"), lq->late);
    f[4] = yes_filter(cx, "mine", _("Who acts"), _("waits for me"), lq->mine);
    t->filters = f;
    t->filter_count = FILTERS;
    return RC_OK;
}

static const char *query_text(struct cx *cx, const struct list_query *lq, const char *state)
{
    struct buf b;
    buf_init(&b, cx->arena, 1024);
    buf_printf(&b, "workflow=%s&state=%s",
               lq->w ? url_encode(cx->arena, str_of(lq->w->code)) : "",
               state ? url_encode(cx->arena, str_of(state)) : "");
    if (lq->area_id)
        buf_printf(&b, "&area=%" PRId64, lq->area_id);
    if (lq->late)
        buf_z(&b, "&late=1");
    if (lq->mine)
        buf_z(&b, "&mine=1");
    return buf_view(&b).p;
}

/* ---- how many stand where ---- */

static enum rc fill_funnel(struct case_list_view *v, struct cx *cx, const struct list_query *lq)
{
    struct list_query shown = {.area_id = lq->area_id};
    const struct workflow *w = lq->w ? lq->w : profile_workflow_kind(cx->profile, "identify");
    int64_t *counts, most = 1;
    if (!w)
        return RC_OK;
    shown.w = w;
    counts = arena_new(cx->arena, (w->state_count + 1) * sizeof *counts);
    TRY(flow_counts(counts, cx, w, lq->area_id));
    for (size_t i = 0; i < w->state_count; i++)
        most = counts[i] > most ? counts[i] : most;
    v->funnel = arena_new(cx->arena, (w->state_count + 1) * sizeof *v->funnel);
    v->funnel_title = LABEL(cx, w->label);
    for (size_t i = 0; i < w->state_count; i++) {
        const struct workflow_state *s = &w->states[i];
        if (s->kind == STATE_END)
            continue;
        v->funnel[v->funnel_count++] = (struct case_funnel_row){
            LABEL(cx, s->label),
            arena_printf(cx->arena, "/case?%s", query_text(cx, &shown, s->code)),
            format_int(cx, counts[i]),
            arena_printf(cx->arena, "%d%%", (int)(counts[i] * 100 / most)), lq->s == s};
    }
    return RC_OK;
}

/* ---- several at once ---- */

/* Moves that ask nothing of each case. */
static bool can_batch(const struct workflow_move *m)
{
    for (size_t i = 0; i < m->field_count; i++)
        if (m->fields[i].required)
            return false;
    return m->kind != MOVE_AUTO && !m->two;
}

static void fill_batch(struct case_list_view *v, struct cx *cx, const struct list_query *lq,
                       const struct listing *l, const struct table *t)
{
    if (!lq->s)
        return;
    v->batch = arena_new(cx->arena, (lq->w->move_count + 1) * sizeof *v->batch);
    for (size_t i = 0; i < lq->w->move_count; i++) {
        const struct workflow_move *m = &lq->w->moves[i];
        if (!strcmp(m->from, lq->s->code) && can_batch(m) && actor_may(cx, m->permission))
            v->batch[v->batch_count++] =
                (struct case_batch_choice){m->event, LABEL(cx, m->label), m->needs_reason};
    }
    if (!v->batch_count)
        return;
    v->ticks = arena_new(cx->arena, (l->count + 1) * sizeof *v->ticks);
    for (size_t i = 0; i < l->count; i++) {
        const struct table_cell *row = t->cells + i * COLUMNS;
        v->ticks[v->tick_count++] =
            (struct case_tick){.value = arena_printf(cx->arena, "%" PRId64 ".%d",
                                                     l->flows[i].id, (int)l->flows[i].version),
                               .label = row[0].text,
                               .href = row[0].href,
                               .place = row[4].text,
                               .due = row[2].text,
                               .late = row[2].tone != NULL};
    }
}

/* ---- the page ---- */

static void fill_table(struct table *t, struct cx *cx, const struct request *q,
                       const struct list_query *lq, const struct listing *l)
{
    struct table_column *c = arena_new(cx->arena, COLUMNS * sizeof *c);
    c[0] = (struct table_column){NULL, _("Case"), ALIGN_TEXT, false};
    c[1] = (struct table_column){NULL, _("Stands at"), ALIGN_TEXT, false};
    c[2] = (struct table_column){NULL, _("Until"), ALIGN_TEXT, false};
    c[3] = (struct table_column){NULL, _("Kind of case"), ALIGN_TEXT, true};
    c[4] = (struct table_column){NULL, _("Place"), ALIGN_TEXT, true};
    c[5] = (struct table_column){NULL, _("Since"), ALIGN_TEXT, true};
    *t = (struct table){
        .caption = _("Cases"),
        .base = "/case",
        .query = query_text(cx, lq, lq->state.len ? arena_copy(cx->arena, lq->state) : NULL),
        .columns = c,
        .column_count = COLUMNS,
        .is_first_page = request_query(q, "after").len == 0,
        .next_token = l->next,
        .can_export = actor_may(cx, "export.run"),
        .empty_title = _("No case here"),
        .empty_hint = lq->mine ? _("Nothing waits for you in this selection.")
                               : _("Cases are opened from a tip, or on the page of a "
                                   "household."),
        .empty_href = "/household",
        .empty_action = _("To the households")};
}

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct case_list_view v = {.csrf = visitor_of(q)->csrf};
    struct list_query lq;
    struct listing l;
    struct table t;
    TRY(read_query(&lq, cx, q));
    TRY(db_read_begin(cx));
    TRY(list_flows(&l, cx, q, &lq));
    fill_table(&t, cx, q, &lq, &l);
    TRY(fill_cells(&t, cx, &l));
    if (page_wants_file(q)) {
        TRY(actor_require(cx, "export.run"));
        return page_table_file(cx, q, a, &t, "cases");
    }
    TRY(fill_filters(&t, cx, &lq));
    TRY(fill_funnel(&v, cx, &lq));
    fill_batch(&v, cx, &lq, &l, &t);
    v.table = &t;
    v.workflow = lq.w ? lq.w->code : "";
    v.state = lq.s ? lq.s->code : "";
    v.back = arena_printf(cx->arena, "/case?%s", t.query);
    v.may_audit = actor_may(cx, "audit.view");
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Cases"), .nav = "case"});
    case_list_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

/* "812.3": a case and the version it was seen in. */
static bool read_tick(struct flow_ask *ask, struct str text)
{
    int64_t version;
    struct str rest = text, id = str_cut(&rest, '.');
    if (!rest.p || !str_to_i64(&ask->id, id) || ask->id < 1 || !str_to_i64(&version, rest) ||
        version < 1 || version > INT32_MAX)
        return false;
    ask->version = (int32_t)version;
    return true;
}

static enum rc fill_results(struct case_batch_view *v, struct cx *cx,
                            const struct case_result *results, size_t count)
{
    v->rows = arena_new(cx->arena, (count + 1) * sizeof *v->rows);
    TRY(db_read_begin(cx));
    for (size_t i = 0; i < count; i++) {
        struct case_result_view *r = &v->rows[v->count++];
        struct flow f;
        enum rc rc = flow_get(&f, cx, results[i].flow_id);
        r->label = _("A case that is not yours");
        r->made = results[i].rc == RC_OK;
        r->text = results[i].text;
        v->made += r->made;
        if (rc == RC_NOTFOUND) {
            err_clear(cx);
            continue;
        }
        TRY(rc);
        TRY(case_subject_label(&r->label, cx, &f));
        r->href = flow_href(cx, &f);
        if (r->made)
            r->text = case_state_label(cx, &f);
    }
    return RC_OK;
}

static enum rc batch_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct flow_ask *asks = arena_new(cx->arena, BATCH_MAX * sizeof *asks);
    struct str event = request_form(q, "event"), reason = request_form(q, "reason");
    struct str workflow = request_form(q, "workflow"), state = request_form(q, "state");
    const struct workflow *w = profile_workflow(cx->profile, workflow.p ? workflow : STR(""));
    const struct workflow_move *m =
        w && state.p && event.p ? workflow_move(w, state, event) : NULL;
    struct case_result *results;
    struct case_batch_view v = {.back = "/case"};
    size_t count = 0;
    if (!m || !can_batch(m))
        return fail(cx, RC_INVALID, _("Choose a step that can be made for several cases."),
                    "batch");
    for (size_t i = 0; i < q->form_count; i++) {
        if (!str_eq_z(q->form[i].name, "case"))
            continue;
        if (count == BATCH_MAX)
            return fail_f(cx, RC_LIMIT, _("At most %d cases at once."), BATCH_MAX);
        asks[count] =
            (struct flow_ask){.event = event, .reason = reason.p ? str_trim(reason) : STR("")};
        if (!read_tick(&asks[count++], q->form[i].value))
            return fail(cx, RC_INVALID, _("Choose the cases again."), "tick");
    }
    if (!count)
        return fail(cx, RC_INVALID, _("Tick at least one case."), "batch");
    TRY(case_decide_many(&results, cx, asks, count));
    TRY(fill_results(&v, cx, results, count));
    v.what = LABEL(cx, m->label);
    v.back = arena_printf(cx->arena, "/case?workflow=%s&state=%s",
                          url_encode(cx->arena, workflow), url_encode(cx->arena, state));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("What became of the cases"),
                                              .nav = "case",
                                              .back_href = v.back,
                                              .back_label = _("Cases")});
    case_batch_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

#define CASES .scope = SCOPE_PERMISSION, .permission = "case.view"
static const struct route rows[] = {
    {CASES, .method = METHOD_GET, .path = "/case", .csrf = CSRF_NONE, .time_ms_max = 30000,
     .handle = list_get},
    {CASES, .method = METHOD_POST, .path = "/case/batch", .csrf = CSRF_TOKEN,
     .body_max = CASE_FORM_BYTES, .time_ms_max = 120000, .heavy = true, .handle = batch_post},
};
const struct route_table case_list_routes = ROUTE_TABLE(rows);
