/* Findings of lists: the filtered table on a list's page, one's own, as a file, and what is
 * done to several at once. */
#include "base/format.h"
#include "base/limits.h"
#include "base/time.h"
#include "register/area.h"
#include "register/compare.html.h"
#include "register/compare_inner.h"
#include "register/compare_view.h"

#include <string.h>

enum { FILTERS = 5, FILE_ROWS = 20000, FILE_COLUMNS = 11, ACT_MAX = 200, BACK_MAX = 500 };

/* ---- filters ---- */

static const struct filter_choice *state_choices(size_t *count, struct cx *cx)
{
    const struct filter_choice all[] = {{"", _("all")},
                                        {"1", _("open")},
                                        {"2", _("explained")},
                                        {"3", _("closed")},
                                        {"4", _("another person")}};
    struct filter_choice *c = arena_new(cx->arena, sizeof all);
    *count = sizeof all / sizeof *all;
    for (size_t i = 0; i < *count; i++)
        c[i] = all[i];
    return c;
}

static struct table_filter rule_filter(struct cx *cx, const struct compare_list *l)
{
    size_t rules = l->kind ? l->kind->rule_count : 0;
    struct filter_choice *c = arena_new(cx->arena, (rules + 1) * sizeof *c);
    c[0] = (struct filter_choice){"", _("all")};
    for (size_t i = 0; i < rules; i++)
        c[i + 1] = (struct filter_choice){l->kind->rules[i].code,
                                          LABEL(cx, l->kind->rules[i].message)};
    return (struct table_filter){FILTER_CHOICE, "rule", _("Finding"), "", c, rules + 1};
}

static struct table_filter kind_filter(struct cx *cx)
{
    const struct list_kinds *k = cx->profile->compared;
    struct filter_choice *c = arena_new(cx->arena, (k->count + 1) * sizeof *c);
    c[0] = (struct filter_choice){"", _("all")};
    for (size_t i = 0; i < k->count; i++)
        c[i + 1] = (struct filter_choice){k->kinds[i].code, LABEL(cx, k->kinds[i].label)};
    return (struct table_filter){FILTER_CHOICE, "kind", _("List"), "", c, k->count + 1};
}

static enum rc area_filter(struct table_filter *out, struct cx *cx,
                           const struct compare_list *l)
{
    enum { MAX = 100 };
    struct area area = {0}, *children;
    size_t count = 0, n = 0;
    struct filter_choice *c = arena_new(cx->arena, (MAX + 1) * sizeof *c);
    c[n++] = (struct filter_choice){"", _("all")};
    TRY(area_by_path(&area, cx, str_of(l->area_path)));
    TRY(area_children(&children, &count, cx, area.id));
    for (size_t i = 0; i < count && n <= MAX; i++)
        c[n++] = (struct filter_choice){arena_printf(cx->arena, "%" PRId64, children[i].id),
                                        children[i].name};
    *out = (struct table_filter){FILTER_CHOICE, "area", _("Area"), "", c, n};
    return RC_OK;
}

static enum rc owner_filter(struct table_filter *out, struct cx *cx,
                            const struct compare_list *l)
{
    int64_t *owners;
    size_t count;
    TRY(compare_owners(&owners, &count, cx, l));
    struct filter_choice *c = arena_new(cx->arena, (count + 1) * sizeof *c);
    c[0] = (struct filter_choice){"", _("all")};
    for (size_t i = 0; i < count; i++)
        c[i + 1] = (struct filter_choice){arena_printf(cx->arena, "%" PRId64, owners[i]),
                                          user_name(cx, owners[i])};
    *out = (struct table_filter){FILTER_CHOICE, "owner", _("Owner"), "", c, count + 1};
    return RC_OK;
}

static struct table_filter late_filter(struct cx *cx)
{
    struct filter_choice *c = arena_new(cx->arena, 2 * sizeof *c);
    c[0] = (struct filter_choice){"", _("all")};
    c[1] = (struct filter_choice){"1", _("overdue only")};
    return (struct table_filter){FILTER_CHOICE, "overdue", _("Deadline"), "", c, 2};
}

static enum rc fill_filters(struct table *t, struct cx *cx, const struct request *q,
                            const struct compare_list *l)
{
    struct table_filter *f = arena_new(cx->arena, FILTERS * sizeof *f);
    size_t n = 0, states;
    f[n++] = l ? rule_filter(cx, l) : kind_filter(cx);
    const struct filter_choice *c = state_choices(&states, cx);
    f[n++] = (struct table_filter){FILTER_CHOICE, "state", _("State"), "", c, states};
    if (l) {
        TRY(area_filter(&f[n++], cx, l));
        TRY(owner_filter(&f[n++], cx, l));
    }
    f[n++] = late_filter(cx);
    for (size_t i = 0; i < n; i++)
        f[i].value = arena_copy(cx->arena, request_query(q, f[i].name));
    t->filters = f;
    t->filter_count = n;
    return RC_OK;
}

static enum rc read_query(struct compare_query *out, struct cx *cx, const struct request *q,
                          const struct compare_list *l)
{
    struct str area = request_query(q, "area"), state = request_query(q, "state"),
               owner = request_query(q, "owner");
    int64_t number;
    if ((state.len && !str_to_i64(&number, state)) ||
        (owner.len && !str_to_i64(&number, owner)))
        return fail(cx, RC_INVALID, _("A filter in the address is not a number."), "filter");
    *out = (struct compare_query){.list_id = l ? l->id : 0,
                                  .rule = l ? request_query(q, "rule") : STR(""),
                                  .kind = l ? STR("") : request_query(q, "kind"),
                                  .state = state,
                                  .owner = l ? owner : STR(""),
                                  .overdue = request_query(q, "overdue").len > 0,
                                  .sort = request_query(q, "sort"),
                                  .after = request_query(q, "after"),
                                  .limit = LIMIT_PAGE_ROWS_DEFAULT};
    if (area.len && (!str_to_i64(&out->area_id, area) || out->area_id < 0))
        return fail(cx, RC_INVALID, _("The area in the address is not a number."), "area");
    return RC_OK;
}

/* The address of this view with one more parameter. */
static const char *view_href(struct cx *cx, const struct request *q, const char *name,
                             const char *value)
{
    const char *query = url_with(cx, q, name, value);
    return arena_printf(cx->arena, "%.*s%s", STR_ARG(q->path), strcmp(query, "?") ? query : "");
}

static enum rc fill_choices(struct findings_view *v, struct cx *cx, int64_t county)
{
    struct compare_user *users;
    size_t count;
    TRY(compare_users(&users, &count, cx, county));
    struct field_choice *owners = compare_owner_choices(&v->owner_count, cx, users, count);
    v->owners = arena_new(cx->arena, (v->owner_count + 1) * sizeof *v->owners);
    v->owners[0] = (struct field_choice){"0", _("as it is"), true};
    memcpy(v->owners + 1, owners, v->owner_count * sizeof *owners);
    v->owner_count++;
    v->states = compare_mark_choices(&v->state_count, cx);
    return RC_OK;
}

static enum rc fill_findings(struct findings_view *v, struct cx *cx, const struct request *q,
                             const struct compare_list *l)
{
    struct compare_query query;
    struct compare_finding *all;
    const char *next;
    struct table *t = arena_new(cx->arena, sizeof *t);
    t->base = arena_copy(cx->arena, q->path);
    TRY(read_query(&query, cx, q, l));
    TRY(fill_filters(t, cx, q, l));
    TRY(compare_findings(&all, &v->count, &next, cx, &query));
    TRY(finding_views(&v->findings, cx, all, v->count));
    v->filters = t;
    v->csrf = visitor_of(q)->csrf;
    v->back = view_href(cx, q, "lang", NULL);
    if (next)
        v->next_href = view_href(cx, q, "after", next);
    v->list_id = arena_printf(cx->arena, "%" PRId64, l ? l->id : 0);
    int64_t county = l ? l->county : v->count ? all[0].county : 0;
    v->county = arena_printf(cx->arena, "%" PRId64, county);
    v->empty = _("No finding fits.");
    return county ? fill_choices(v, cx, county) : RC_OK;
}

enum rc compare_fill_findings(struct findings_view *v, struct cx *cx, const struct request *q,
                              const struct compare_list *l)
{
    TRY(fill_findings(v, cx, q, l));
    v->may_mark = v->may_assign = l->state == COMPARE_DONE;
    if (actor_may(cx, "export.run"))
        v->file_href = view_href(cx, q, "format", "");
    return RC_OK;
}

/* ---- as a file ---- */

static void file_cells(struct table_cell *c, struct cx *cx, const struct finding_view *v)
{
    c[0].text = v->f.place;
    c[1].text = v->f.household_code;
    c[2].text = v->f.head_name;
    c[3].text = v->f.person_name;
    c[4].text = v->what;
    c[5].text = v->detail;
    c[6].text = v->state;
    c[7].text = v->owner;
    c[8].text = day_iso(cx->arena, v->f.deadline_day);
    c[9].text = v->f.reason;
    c[10].text = v->f.row_number ? arena_printf(cx->arena, "%" PRId64, v->f.row_number) : "";
}

static void file_columns(struct table_column *c, struct cx *cx)
{
    const char *titles[FILE_COLUMNS] = {_("Village"),
                                        _("Household number"),
                                        _("Head of household"),
                                        _("Name"),
                                        _("Finding"),
                                        _("In the list"),
                                        _("State"),
                                        _("Owner"),
                                        _("Deadline"),
                                        _("Reason"),
                                        _("Row of the list")};
    for (size_t i = 0; i < FILE_COLUMNS; i++)
        c[i] = (struct table_column){NULL, titles[i], ALIGN_TEXT, false};
}

enum rc compare_findings_file(struct cx *cx, const struct request *q, struct response *a,
                              const struct compare_list *l)
{
    struct compare_query query;
    TRY(actor_require(cx, "export.run"));
    TRY(read_query(&query, cx, q, l));
    query.limit = LIMIT_PAGE_ROWS;
    query.after = STR("");
    struct table_cell *cells =
        arena_array(cx->arena, (size_t)FILE_ROWS * FILE_COLUMNS / 4, sizeof *cells);
    struct table_column *columns = arena_new(cx->arena, FILE_COLUMNS * sizeof *columns);
    struct table t = {.caption = _("Findings"), .columns = columns, .cells = cells};
    t.column_count = FILE_COLUMNS;
    file_columns(columns, cx);
    for (const char *next = ""; next && cells;) {
        struct compare_finding *all;
        struct finding_view *views;
        size_t count;
        query.after = str_of(next);
        TRY(compare_findings(&all, &count, &next, cx, &query));
        TRY(finding_views(&views, cx, all, count));
        if (t.row_count + count > FILE_ROWS / 4)
            return fail_f(
                cx, RC_LIMIT,
                _("A list of more than %s findings cannot be saved at once; choose an "
                  "area or a kind."),
                format_int(cx, FILE_ROWS / 4));
        for (size_t i = 0; i < count; i++)
            file_cells(cells + t.row_count++ * FILE_COLUMNS, cx, &views[i]);
    }
    if (!cells)
        return fail(cx, RC_LIMIT, _("The file is too large for this."), "findings file");
    return page_table_file(cx, q, a, &t, "findings");
}

/* ---- one's own ---- */

static enum rc show_mine(struct cx *cx, const struct request *q, struct response *a,
                         const char *error)
{
    struct findings_view v = {.shows_list = true};
    TRY(fill_findings(&v, cx, q, NULL));
    v.may_mark = actor_may(cx, "check.explain") || actor_may(cx, "compare.run");
    v.empty = _("Nothing is yours to look into.");
    bool lists = actor_may(cx, "compare.run");
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("My findings"),
                                              .nav = "compare",
                                              .back_href = lists ? "/compare" : NULL,
                                              .back_label = lists ? _("Comparisons") : NULL,
                                              .wide = true});
    compare_mine_body(o, cx, &v, error);
    return page_end(cx, q, a, o);
}

static enum rc mine_get(struct cx *cx, const struct request *q, struct response *a)
{
    TRY(db_read_begin(cx));
    return show_mine(cx, q, a, NULL);
}

/* ---- acting ---- */

static size_t read_ids(int64_t *ids, const struct request *q)
{
    const char *name = request_form(q, "all").len ? "shown" : "f";
    size_t n = 0;
    for (size_t i = 0; i < q->form_count && n < ACT_MAX; i++)
        if (str_eq_z(q->form[i].name, name) && str_to_i64(&ids[n], q->form[i].value))
            n++;
    return n;
}

static enum rc read_action(struct compare_action *out, struct cx *cx, const struct request *q)
{
    int64_t state = 0;
    int64_t *ids = arena_new(cx->arena, ACT_MAX * sizeof *ids);
    struct str deadline = str_trim(request_form(q, "deadline"));
    *out = (struct compare_action){.ids = ids,
                                   .count = read_ids(ids, q),
                                   .assigns = str_eq_z(request_form(q, "do"), "assign"),
                                   .reason = request_form(q, "reason")};
    if (!str_to_i64(&out->county, request_form(q, "county")))
        return fail(cx, RC_INVALID, _("Choose from 1 to 200 findings."), "county");
    if (out->assigns) {
        if (!str_to_i64(&out->owner_id, request_form(q, "owner")))
            return fail(cx, RC_INVALID, _("Choose an owner from the list."), "owner");
        if (deadline.len && !day_parse(&out->deadline_day, deadline))
            return fail(cx, RC_INVALID, _("Please write a date as 2026-11-23."), "deadline");
        return RC_OK;
    }
    if (!str_to_i64(&state, request_form(q, "state")))
        return fail(cx, RC_INVALID, _("Please choose what became of the findings."), "state");
    out->state = (enum compare_finding_state)state;
    return RC_OK;
}

/* Only addresses of these pages. */
static const char *back_of(struct cx *cx, const struct request *q)
{
    struct str back = request_form(q, "back");
    bool good = str_starts(back, STR("/compare/")) && back.len < BACK_MAX;
    for (size_t i = 0; i < back.len && good; i++)
        good = back.p[i] > ' ' && back.p[i] < 0x7f && back.p[i] != '\\';
    return good ? arena_copy(cx->arena, back) : "/compare/mine";
}

static enum rc show_error(struct cx *cx, const struct request *q, struct response *a)
{
    const char *text = arena_copy(cx->arena, str_of(cx->err.text));
    err_clear(cx);
    const char *back = back_of(cx, q);
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Findings"),
                                              .nav = "compare",
                                              .back_href = back,
                                              .back_label = _("Back")});
    compare_act_failed(o, cx, text, back);
    return page_end(cx, q, a, o);
}

static enum rc findings_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct compare_action action;
    enum rc rc = read_action(&action, cx, q);
    if (!rc)
        rc = compare_act(cx, &action);
    if (rc == RC_INVALID || rc == RC_CONFLICT) {
        a->status = rc == RC_CONFLICT ? 409 : 400;
        return show_error(cx, q, a);
    }
    TRY(rc);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, back_of(cx, q));
    return RC_OK;
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/compare/mine",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .handle = mine_get},
    /* The handler asks for compare.run, or check.explain of the owner, where each finding is.
     */
    {.method = METHOD_POST,
     .path = "/compare/findings",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_TOKEN,
     .body_max = 64 * 1024,
     .handle = findings_post},
};
const struct route_table difference_routes = ROUTE_TABLE(rows);
