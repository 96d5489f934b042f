/* Pages of own rules: the county's list with live counts, one rule with what it finds, whom and
 * its history, undo, and the list of whom it concerns as a file. Editing is own_edit_page.c. */
#include "base/format.h"
#include "base/limits.h"
#include "people/actor.h"
#include "register/check_file_view.h"
#include "register/own_rule.html.h"
#include "register/own_rule_view.h"

enum { LIST_COLUMNS = 5, ITEM_COLUMNS = 4, FORM_BYTES = 4096, FILTERS_MAX = 3 };

/* ---- the list ---- */

static const char *last_change(struct cx *cx, const struct own_rule *r)
{
    return arena_printf(cx->arena, "%s · %s", format_time(cx, r->at),
                        user_name(cx, r->user_id));
}

static const char *count_text(struct cx *cx, const struct own_rule *r,
                              const struct own_tally *t)
{
    if (!t)
        return "–";
    if (t->yes < 0)
        return _("has a mistake");
    return format_int(cx, r->subject == SUBJECT_PERSON && r->kind != OWN_FIGURE ? t->households
                                                                                : t->yes);
}

static const struct table *rules_table(struct cx *cx, const struct own_rule *rules,
                                       size_t count, const struct own_tally *tally,
                                       const struct check_where *w)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *c = arena_new(cx->arena, LIST_COLUMNS * sizeof *c);
    struct table_cell *cells = arena_new(cx->arena, (count + 1) * LIST_COLUMNS * sizeof *cells);
    c[0] = (struct table_column){NULL, _("Rule"), ALIGN_TEXT, false};
    c[1] = (struct table_column){NULL, _("Kind"), ALIGN_TEXT, true};
    c[2] = (struct table_column){NULL, _("State"), ALIGN_TEXT, false};
    c[3] = (struct table_column){NULL, _("Households now"), ALIGN_NUMBER, false};
    c[4] = (struct table_column){NULL, _("Last change"), ALIGN_TEXT, true};
    for (size_t i = 0; i < count; i++) {
        const struct own_rule *r = &rules[i];
        struct table_cell *row = cells + i * LIST_COLUMNS;
        const char *href = own_rule_href(cx, r);
        row[0] = (struct table_cell){
            own_rule_title(cx, r),
            w && w->scope.has_area ? check_href(cx, href, w->scope.area.id, w->year) : href,
            NULL};
        row[1].text = arena_printf(cx->arena, "%s, %s", own_kind_text(cx, r),
                                   own_subject_text(cx, r->subject));
        row[2] =
            (struct table_cell){own_state_text(cx, r->state), NULL, own_state_tone(r->state)};
        row[3].text = count_text(cx, r, tally ? &tally[i] : NULL);
        row[4].text = last_change(cx, r);
    }
    *t =
        (struct table){.caption = _("The county's own rules"),
                       .base = "/rule",
                       .query = "",
                       .columns = c,
                       .column_count = LIST_COLUMNS,
                       .cells = cells,
                       .row_count = count,
                       .is_first_page = true,
                       .empty_title = _("The county has no rules of its own yet"),
                       .empty_hint = _("Write one, or copy one of the profile and change it.")};
    return t;
}

static const struct table *choices_table(struct cx *cx, const struct own_place *p)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *c = arena_new(cx->arena, 2 * sizeof *c);
    struct table_cell *cells = arena_new(cx->arena, (p->choice_count + 1) * 2 * sizeof *cells);
    c[0] = (struct table_column){NULL, _("Area"), ALIGN_TEXT, false};
    c[1] = (struct table_column){NULL, _("Households"), ALIGN_NUMBER, false};
    for (size_t i = 0; i < p->choice_count; i++) {
        cells[i * 2] = (struct table_cell){
            p->choices[i].name,
            arena_printf(cx->arena, "/rule?area=%" PRId64, p->choices[i].id), NULL};
        cells[i * 2 + 1].text = format_int(cx, p->choices[i].household_count);
    }
    *t = (struct table){.caption = _("Whose rules?"),
                        .base = "/rule",
                        .query = "",
                        .columns = c,
                        .column_count = 2,
                        .cells = cells,
                        .row_count = p->choice_count,
                        .is_first_page = true,
                        .empty_title = _("No area here has households")};
    return t;
}

/* Counts that cannot be made are left out; the list is shown all the same. */
static enum rc fill_counts(struct own_list_view *v, struct cx *cx,
                           const struct check_query *query, struct own_rule *rules,
                           size_t count)
{
    struct own_tally *tally = NULL;
    struct check_where *w = NULL;
    if (!actor_may(cx, "household.view")) {
        v->why_not = _("Counts are shown to those who may see households.");
    } else {
        struct check_query q = *query;
        w = arena_new(cx->arena, sizeof *w);
        q.area_id = v->place->area.id;
        TRY(check_where_find(w, cx, &q));
        v->where = w;
        enum rc rc =
            w->year && w->scope.place_count
                ? own_rules_count(&tally, cx, &w->scope.places[0], w->year, rules, count)
                : RC_OK;
        if (rc == RC_LIMIT || rc == RC_INVALID) {
            v->why_not = _("All rules together take too long to count; open one of them.");
            tally = NULL;
            err_clear(cx);
        } else {
            TRY(rc);
        }
    }
    v->rules = rules_table(cx, rules, count, tally, w);
    return RC_OK;
}

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct own_list_view v = {0};
    struct check_query query;
    struct own_place place;
    TRY(check_query_read(&query, cx, q));
    TRY(db_read_begin(cx));
    TRY(own_place_find(&place, cx, query.area_id));
    v.place = &place;
    if (place.has_county) {
        struct own_rule *rules;
        size_t count;
        TRY(own_rule_list(&rules, &count, cx, place.county.county));
        TRY(fill_counts(&v, cx, &query, rules, count));
        if (place.may_edit)
            v.new_href = arena_printf(cx->arena, "/rule/new?area=%" PRId64, place.county.id);
    } else {
        v.choices = choices_table(cx, &place);
    }
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Rules"), .nav = "rule"});
    own_list_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

/* ---- one rule ---- */

static enum rc fill_names(struct own_one_view *v, struct cx *cx,
                          const struct rule_program *program)
{
    const struct rule_name **names;
    size_t count;
    TRY(rule_root_names(&names, &count, cx, program, 0));
    struct named_name *out = arena_new(cx->arena, (count + 1) * sizeof *out);
    for (size_t i = 0; i < count; i++)
        out[i] = (struct named_name){arena_copy(cx->arena, names[i]->name),
                                     profile_name_label(cx, cx->profile, names[i])};
    v->names = out;
    v->name_count = count;
    return RC_OK;
}

static enum rc fill_history(struct own_one_view *v, struct cx *cx)
{
    struct own_rule *all;
    size_t count;
    TRY(own_rule_versions(&all, &count, cx, v->rule));
    struct own_version_view *out = arena_new(cx->arena, (count + 1) * sizeof *out);
    for (size_t i = 0; i < count; i++) {
        out[i] = (struct own_version_view){.rule = &all[i],
                                           .who = user_name(cx, all[i].user_id),
                                           .when = format_time(cx, all[i].at),
                                           .state = own_state_text(cx, all[i].state),
                                           .first = i + 1 == count};
        if (all[i].origin != all[i].version)
            out[i].back = arena_printf(cx->arena, _("brought back version %d"), all[i].origin);
        if (i + 1 < count)
            out[i].diff_count = own_diff_fill(&out[i].diffs, cx, &all[i + 1], &all[i]);
    }
    int before = own_rule_before(all, count);
    v->can_undo = v->may_edit && before >= 0;
    v->undo_to = before >= 0 ? all[before].version : 0;
    v->versions = out;
    v->version_count = count;
    return RC_OK;
}

static struct table *list_table(struct cx *cx, const struct own_one_view *v,
                                const struct check_query *query)
{
    const struct own_result *r = v->result;
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *c = arena_new(cx->arena, ITEM_COLUMNS * sizeof *c);
    struct table_cell *cells =
        arena_new(cx->arena, (r->item_count + 1) * ITEM_COLUMNS * sizeof *cells);
    size_t width = 0;
    c[width++] = (struct table_column){NULL, _("Household"), ALIGN_TEXT, false};
    c[width++] = (struct table_column){NULL, _("Village"), ALIGN_TEXT, true};
    if (r->of_people)
        c[width++] = (struct table_column){NULL, _("Person concerned"), ALIGN_TEXT, true};
    c[width++] = (struct table_column){NULL, _("What the register says"), ALIGN_TEXT, false};
    for (size_t i = 0; i < r->item_count; i++) {
        struct table_cell *row = cells + i * width;
        size_t n = 0;
        row[n++] = (struct table_cell){r->items[i].label, r->items[i].href, NULL};
        row[n++].text = r->items[i].place;
        if (r->of_people)
            row[n++].text = r->items[i].people;
        row[n].text = r->items[i].values;
    }
    *t = (struct table){.caption = _("Households concerned"),
                        .base = own_rule_href(cx, v->rule),
                        .query = v->file_query,
                        .columns = c,
                        .column_count = width,
                        .cells = cells,
                        .row_count = r->item_count,
                        .is_first_page = !query->after,
                        .empty_title = _("Nobody here"),
                        .empty_hint = _("The rule is true of nobody in this area and year.")};
    if (r->more)
        t->next_token = arena_printf(cx->arena, "%" PRId64, r->last);
    return t;
}

static const struct table *year_form(struct cx *cx, const struct own_one_view *v)
{
    const struct check_where *w = v->result->where;
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_filter *f = arena_new(cx->arena, FILTERS_MAX * sizeof *f);
    struct filter_choice *years = arena_new(cx->arena, (w->year_count + 1) * sizeof *years);
    for (size_t i = 0; i < w->year_count; i++)
        years[i].value = years[i].label = arena_printf(cx->arena, "%d", w->years[i]);
    f[0] = (struct table_filter){FILTER_CHOICE, "year",
                                 _("Year"),     arena_printf(cx->arena, "%d", w->year),
                                 years,         w->year_count};
    f[1] =
        (struct table_filter){.kind = FILTER_HIDDEN,
                              .name = "area",
                              .value = arena_printf(cx->arena, "%" PRId64, w->scope.area.id)};
    *t = (struct table){.caption = "",
                        .base = own_rule_href(cx, v->rule),
                        .query = "",
                        .filters = f,
                        .filter_count = 2,
                        .is_first_page = true};
    return t;
}

static enum rc fill_result(struct own_one_view *v, struct cx *cx,
                           const struct rule_program *program, const struct check_query *query)
{
    struct own_result *r = arena_new(cx->arena, sizeof *r);
    struct own_case *cases;
    TRY(fill_names(v, cx, program));
    TRY(own_cases_run(&cases, &v->case_count, cx, v->rule));
    v->cases = cases;
    TRY(own_result_fill(r, cx, v->rule, program, query, own_rule_href(cx, v->rule)));
    v->result = r;
    if (!r->where)
        return RC_OK;
    const char *href = check_href(cx, "?", r->where->scope.area.id, r->where->year);
    v->file_query = href + 2;
    v->filter = year_form(cx, v);
    if (r->is_bool && r->counted)
        v->list = list_table(cx, v, query);
    v->may_export = actor_may(cx, "export.run");
    return RC_OK;
}

static enum rc fill_one(struct own_one_view *v, struct cx *cx, const struct check_query *query)
{
    const struct rule_program *program;
    struct rule_fault fault;
    struct check_place place;
    const struct own_rule *r = v->rule;
    TRY(check_place_of_county(&place, cx, r->county));
    v->may_edit = actor_may_in(cx, "rule.edit", str_of(place.tenant.path));
    v->title = own_rule_title(cx, r);
    v->state = own_state_text(cx, r->state);
    v->tone = own_state_tone(r->state);
    v->kind = own_kind_text(cx, r);
    v->subject = own_subject_text(cx, r->subject);
    v->severity = severity_text(cx, r->severity);
    v->severity_tone = severity_tone(r->severity);
    v->who = user_name(cx, r->user_id);
    v->when = format_time(cx, r->at);
    TRY(fill_history(v, cx));
    enum rc rc = own_rule_compile(&program, &fault, cx, r);
    if (rc != RC_INVALID) {
        TRY(rc);
        return fill_result(v, cx, program, query);
    }
    struct own_fault_view *f = arena_new(cx->arena, sizeof *f);
    own_fault_fill(f, cx, r, &fault);
    v->fault = f;
    return RC_OK;
}

static enum rc one_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct own_rule rule;
    struct check_query query;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(check_query_read(&query, cx, q));
    TRY(db_read_begin(cx));
    TRY(own_rule_get(&rule, cx, id));
    struct own_one_view v = {.rule = &rule, .csrf = visitor_of(q)->csrf, .file_query = ""};
    TRY(fill_one(&v, cx, &query));
    struct out *o = page_begin(
        cx, q,
        &(struct page){
            .title = v.title, .nav = "rule", .back_href = "/rule", .back_label = _("Rules")});
    own_one_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

/* ---- undo, file ---- */

static enum rc undo_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, version = 0;
    struct own_rule out;
    struct own_problem problem;
    TRY(request_param_id(&id, cx, q, "id"));
    if (!str_to_i64(&version, request_form(q, "version")) || version < 1 || version > INT32_MAX)
        return fail(cx, RC_INVALID, _("There is no earlier version to go back to."), "version");
    TRY(db_read_begin(cx));
    enum rc rc = own_rule_undo(&out, &problem, cx, id, (int32_t)version);
    db_read_end(cx);
    if (rc == RC_INVALID && !cx->err.rc)
        return fail(cx, rc, problem.text, "undo rule=%" PRId64, id);
    TRY(rc);
    page_notice(cx, a, problem.text ? "rule-draft" : "rule-undone");
    response_redirect(cx, a, arena_printf(cx->arena, "/rule/%" PRId64, id));
    return RC_OK;
}

static enum rc write_to(struct cx *cx, int fd, enum frame_format format, void *arg)
{
    struct check_file *f = arg;
    int64_t count;
    f->format = format;
    return check_file_write(&count, cx, f, fd);
}

static enum rc file_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct own_rule rule;
    struct check_query query;
    struct check_where where;
    struct rule_fault fault;
    enum frame_format format;
    struct check_file file = {.show = CHECK_ALL, .own = &rule, .scope = &where.scope};
    struct str name = request_query(q, "format");
    if (!frame_format_parse(&format, name.len ? name : STR("csv")) ||
        (format != FRAME_CSV && format != FRAME_XLSX && format != FRAME_JSON))
        return fail(cx, RC_INVALID, _("Lists are saved as csv, xlsx or json."), "format");
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(check_query_read(&query, cx, q));
    TRY(db_read_begin(cx));
    TRY(own_rule_get(&rule, cx, id));
    TRY(own_where_find(&where, cx, &rule, &query));
    enum rc rc = own_rule_compile(&file.own_program, &fault, cx, &rule);
    if (rc == RC_INVALID)
        return fail_f(cx, rc, _("Line %zu of the rule: %s"), fault.line, fault.message);
    TRY(rc);
    if (rule.kind == OWN_FIGURE && rule_root_type(file.own_program, 0).kind != RULE_BOOL)
        return fail(cx, RC_INVALID, _("Only conditions have a list of households."), "figure");
    file.check = own_rule_check(cx, &rule);
    file.year = where.year;
    return page_file(cx, a, arena_printf(cx->arena, "rule-%s-%d", rule.code, (int)where.year),
                     format, write_to, &file);
}

#define LOOKS                                                                                  \
    .method = METHOD_GET, .scope = SCOPE_PERMISSION, .permission = "profile.view",             \
    .csrf = CSRF_NONE, .time_ms_max = 60000, .heavy = true
static const struct route rows[] = {
    {LOOKS, .path = "/rule", .handle = list_get},
    {LOOKS, .path = "/rule/{id}", .handle = one_get, .test_path = "/rule/1"},
    {.method = METHOD_GET,
     .path = "/rule/{id}/file",
     .scope = SCOPE_PERMISSION,
     .permission = "export.run",
     .csrf = CSRF_NONE,
     .time_ms_max = 120000,
     .heavy = true,
     .handle = file_get,
     .test_path = "/rule/1/file"},
    {.method = METHOD_POST,
     .path = "/rule/{id}/undo",
     .scope = SCOPE_PERMISSION,
     .permission = "rule.edit",
     .csrf = CSRF_TOKEN,
     .body_max = FORM_BYTES,
     .time_ms_max = 30000,
     .handle = undo_post,
     .test_path = "/rule/1/undo"},
};
const struct route_table own_rule_routes = ROUTE_TABLE(rows);
