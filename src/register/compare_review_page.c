/* Review of doubtful rows: the list's row and who it may be, side by side; a decision each. */
#include "base/format.h"
#include "register/compare.html.h"
#include "register/compare_inner.h"
#include "register/compare_view.h"

enum { CASES_ON_PAGE = 20 };

static const char *verdict_text(struct cx *cx, enum compare_verdict v, const char **tone)
{
    *tone = "muted";
    switch (v) {
    case VERDICT_NONE:
        return NULL;
    case VERDICT_SAME:
        *tone = "good";
        return _("same person");
    case VERDICT_OTHER:
        return _("not the same");
    case VERDICT_UNSURE:
        *tone = "warn";
        return _("unsure");
    }
    return NULL;
}

static const char *row_state_text(struct cx *cx, enum compare_row_state state,
                                  const char **tone)
{
    *tone = "muted";
    switch (state) {
    case ROW_IDENTITY:
        return _("found by number");
    case ROW_SCORE:
        *tone = "good";
        return _("found by score");
    case ROW_DECIDED:
        *tone = "good";
        return _("decided");
    case ROW_REVIEW:
        *tone = "warn";
        return _("to be decided");
    case ROW_LOST:
        return _("not in the register");
    case ROW_REFUSED:
        return _("refused");
    }
    return "";
}

static void fill_pair(struct pair_view *v, struct cx *cx, const struct compare_row *row,
                      const struct compare_pair *p)
{
    const char *listed[MATCH_FIELDS] = {row->name,  row->birth,    row->sex,
                                        row->place, row->identity, row->phone};
    const char *own[MATCH_FIELDS] = {p->name,  p->birth,    p->sex,
                                     p->place, p->identity, p->phone};
    *v = (struct pair_view){
        .p = p,
        .chance = compare_percent(cx, p->chance),
        .weight = format_f64(cx, p->weight, 1),
        .household_href = arena_printf(cx->arena, "/household/%" PRId64, p->household_id)};
    v->verdict = verdict_text(cx, p->verdict, &v->tone);
    if (p->verdict_at)
        v->decided = arena_printf(cx->arena, "%s, %s", user_name(cx, p->verdict_by),
                                  format_time(cx, p->verdict_at));
    for (int f = 0; f < MATCH_FIELDS; f++) {
        struct agree_view *a = &v->fields[f];
        a->field = match_field_text(cx, (enum match_field)f);
        a->listed = listed[f][0] ? listed[f] : "–";
        a->own = own[f][0] ? own[f] : "–";
        a->level = match_level_text(cx, (enum match_field)f, p->levels.of[f], &a->tone);
    }
}

static void fill_case(struct compare_case_view *v, struct cx *cx, const struct compare_case *c)
{
    *v = (struct compare_case_view){.c = c, .row = format_int(cx, c->row.number)};
    v->state = row_state_text(cx, c->row.state, &v->tone);
    v->pairs = arena_new(cx->arena, (c->pair_count + 1) * sizeof *v->pairs);
    for (size_t i = 0; i < c->pair_count; i++) {
        fill_pair(&v->pairs[i], cx, &c->row, &c->pairs[i]);
        v->pairs[i].region = arena_printf(cx->arena, _("Row %s beside %s, number %s"), v->row,
                                          c->pairs[i].name, format_int(cx, (int64_t)i + 1));
    }
}

static enum rc show(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                    const char *error)
{
    struct compare_review_view v = {.csrf = visitor_of(q)->csrf, .error = error};
    struct compare_case *cases;
    int64_t after = 0;
    struct str text = request_query(q, "after");
    v.decided = request_query(q, "decided").len > 0;
    if (text.len && (!str_to_i64(&after, text) || after < 0))
        after = 0;
    TRY(compare_get(&v.l, cx, id));
    TRY(actor_require_in(cx, "compare.run", str_of(v.l.area_path)));
    v.may_decide = v.l.state == COMPARE_DONE;
    TRY(compare_cases(&cases, &v.case_count, cx, &v.l, v.decided, after, CASES_ON_PAGE));
    v.cases = arena_new(cx->arena, (v.case_count + 1) * sizeof *v.cases);
    for (size_t i = 0; i < v.case_count; i++)
        fill_case(&v.cases[i], cx, &cases[i]);
    if (v.case_count == CASES_ON_PAGE)
        v.next_href =
            arena_printf(cx->arena, "/compare/%" PRId64 "/review?%safter=%" PRId64, id,
                         v.decided ? "decided=1&" : "", cases[CASES_ON_PAGE - 1].row.number);
    const char *title = v.l.kind ? LABEL(cx, v.l.kind->label) : v.l.kind_code;
    struct out *o =
        page_begin(cx, q,
                   &(struct page){.title = v.decided ? _("Decided rows") : _("Doubtful rows"),
                                  .nav = "compare",
                                  .back_href = arena_printf(cx->arena, "/compare/%" PRId64, id),
                                  .back_label = arena_printf(cx->arena, "%s, %s", title,
                                                             format_day(cx, v.l.list_day))});
    compare_review_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc review_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    return show(cx, q, a, id, NULL);
}

static enum rc decide(struct cx *cx, const struct request *q, int64_t id)
{
    int64_t row, person, verdict;
    if (!str_to_i64(&row, request_form(q, "row")) ||
        !str_to_i64(&person, request_form(q, "person")) ||
        !str_to_i64(&verdict, request_form(q, "verdict")) || verdict < VERDICT_NONE ||
        verdict > VERDICT_UNSURE)
        return fail(cx, RC_INVALID, _("Please choose same, not the same, or unsure."),
                    "verdict");
    return compare_decide(cx, id, row, person, (enum compare_verdict)verdict);
}

static enum rc review_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    enum rc rc = decide(cx, q, id);
    if (rc == RC_INVALID || rc == RC_CONFLICT) {
        const char *text = arena_copy(cx->arena, str_of(cx->err.text));
        err_clear(cx);
        a->status = rc == RC_CONFLICT ? 409 : 400;
        return show(cx, q, a, id, text);
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a,
                      arena_printf(cx->arena, "/compare/%" PRId64 "/review%s", id,
                                   request_form(q, "decided").len ? "?decided=1" : ""));
    return RC_OK;
}

#define RUNS .scope = SCOPE_PERMISSION, .permission = "compare.run"
static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/compare/{id}/review",
     RUNS,
     .csrf = CSRF_NONE,
     .handle = review_get,
     .test_path = "/compare/1/review"},
    {.method = METHOD_POST,
     .path = "/compare/{id}/review",
     RUNS,
     .csrf = CSRF_TOKEN,
     .body_max = 4096,
     .handle = review_post,
     .test_path = "/compare/1/review"},
};
const struct route_table compare_review_routes = ROUTE_TABLE(rows);
