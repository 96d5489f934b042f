/* Writing own rules: the editor with names and help, trying (as a page, or its part for the
 * script), saving, and the profile's rules to read and to copy. */
#include "base/embed.h"
#include "base/format.h"
#include "base/utf8.h"
#include "people/actor.h"
#include "register/own_edit.html.h"
#include "register/own_rule_view.h"

enum { FORM_BYTES = 64 * 1024, AREAS_MAX = 200, YEARS_MAX = 40, NAMES_PAGE = 400 };

/* What the form says. */
struct own_form {
    struct own_rule rule;
    int64_t area_id; /* where it is tried */
    int32_t year;
    struct str search; /* of names */
    struct own_place place;
};

/* ---- reading ---- */

static const char *form_text(struct cx *cx, const struct request *q, const char *name)
{
    struct str text = request_form(q, name);
    struct buf b;
    buf_init(&b, cx->arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++) /* browsers send \r\n */
        if (text.p[i] != '\r')
            buf_char(&b, text.p[i]);
    return arena_copy(cx->arena, buf_view(&b));
}

static int64_t form_number(const struct request *q, const char *name, int64_t max)
{
    int64_t n = 0;
    return str_to_i64(&n, request_form(q, name)) && n > 0 && n <= max ? n : 0;
}

static enum own_kind kind_named(struct str s)
{
    return str_eq_z(s, "list") ? OWN_LIST : str_eq_z(s, "figure") ? OWN_FIGURE : OWN_CHECK;
}
static enum own_state state_named(struct str s)
{
    return str_eq_z(s, "force")     ? OWN_IN_FORCE
           : str_eq_z(s, "retired") ? OWN_RETIRED
                                    : OWN_DRAFT;
}
static enum severity severity_named(struct str s)
{
    return str_eq_z(s, "error")  ? SEVERITY_ERROR
           : str_eq_z(s, "note") ? SEVERITY_NOTE
                                 : SEVERITY_WARNING;
}
static const char *const kind_names[] = {"check", "list", "figure"};
static const char *const state_names[] = {"force", "draft", "retired"};
static const char *const severity_names[] = {"error", "warning", "note"};

static enum rc find_county(struct own_form *f, struct cx *cx, int64_t area_id)
{
    TRY(own_place_find(&f->place, cx, area_id));
    if (!f->place.has_county)
        return fail(cx, RC_INVALID, _("Choose a county first."), "no county");
    if (!f->place.may_edit)
        return actor_require_in(cx, "rule.edit", str_of(f->place.county.path));
    f->rule.county = f->place.county.county;
    return RC_OK;
}

static enum rc form_read(struct own_form *f, struct cx *cx, const struct request *q)
{
    *f = (struct own_form){
        .rule = {.id = form_number(q, "id", INT64_MAX),
                 .version = (int32_t)form_number(q, "version", INT32_MAX - 1),
                 .code = arena_copy(cx->arena, str_trim(request_form(q, "code"))),
                 .subject = str_eq_z(request_form(q, "subject"), "person") ? SUBJECT_PERSON
                                                                           : SUBJECT_HOUSEHOLD,
                 .kind = kind_named(request_form(q, "kind")),
                 .severity = severity_named(request_form(q, "severity")),
                 .state = state_named(request_form(q, "state")),
                 .rule = form_text(cx, q, "rule"),
                 .message = form_text(cx, q, "message"),
                 .hint = form_text(cx, q, "hint"),
                 .note = form_text(cx, q, "note"),
                 .cases = form_text(cx, q, "cases")},
        .area_id = form_number(q, "area", INT64_MAX),
        .year = (int32_t)form_number(q, "year", 2200),
        .search = request_form(q, "q")};
    int64_t county_area = form_number(q, "county", INT64_MAX);
    if (f->rule.id) {
        struct own_rule now;
        struct check_place place;
        TRY(own_rule_get(&now, cx, f->rule.id));
        TRY(check_place_of_county(&place, cx, now.county));
        county_area = place.tenant.id;
    }
    return find_county(f, cx, county_area);
}

/* ---- showing ---- */

static const struct field_choice *choices(struct cx *cx, const char *const *values,
                                          const char *const *labels, size_t count,
                                          size_t chosen)
{
    struct field_choice *c = arena_new(cx->arena, count * sizeof *c);
    for (size_t i = 0; i < count; i++)
        c[i] = (struct field_choice){values[i], labels[i], i == chosen};
    return c;
}

static void fill_choices(struct own_edit_view *v, struct cx *cx, const struct own_rule *r)
{
    static const char *const subjects[] = {"household", "person"};
    const char *const subject_labels[] = {_("a household"), _("a person")};
    const char *const kind_labels[] = {_("Check: something that should not be"),
                                       _("List: a condition with a name"),
                                       _("Figure: a number or a day")};
    const char *const state_labels[] = {own_state_text(cx, OWN_IN_FORCE),
                                        own_state_text(cx, OWN_DRAFT),
                                        own_state_text(cx, OWN_RETIRED)};
    const char *const severity_labels[] = {severity_text(cx, SEVERITY_ERROR),
                                           severity_text(cx, SEVERITY_WARNING),
                                           severity_text(cx, SEVERITY_NOTE)};
    v->subjects = choices(cx, subjects, subject_labels, 2, r->subject == SUBJECT_PERSON);
    v->kinds = choices(cx, kind_names, kind_labels, 3, r->kind);
    v->states = choices(cx, state_names, state_labels, 3, r->state);
    v->severities = choices(cx, severity_names, severity_labels, 3, r->severity);
}

/* Where it can be tried: the way down to the area, and what lies below it. */
static enum rc fill_where(struct own_edit_view *v, struct cx *cx, const struct own_form *f)
{
    struct check_where w;
    struct field_choice *areas = arena_new(cx->arena, AREAS_MAX * sizeof *areas);
    struct field_choice *years = arena_new(cx->arena, (YEARS_MAX + 1) * sizeof *years);
    struct check_query query = {.area_id = f->area_id ? f->area_id : f->place.county.id,
                                .year = f->year};
    if (!actor_may(cx, "household.view"))
        return RC_OK;
    TRY(check_where_find(&w, cx, &query));
    for (size_t i = 0; i < w.chain_count && v->area_count < AREAS_MAX / 2; i++)
        if (str_starts(str_of(w.chain[i].path), str_of(f->place.county.path)))
            areas[v->area_count++] =
                (struct field_choice){arena_printf(cx->arena, "%" PRId64, w.chain[i].id),
                                      w.chain[i].name, w.chain[i].id == w.scope.area.id};
    for (size_t i = 0; i < w.scope.child_count && v->area_count < AREAS_MAX; i++)
        areas[v->area_count++] = (struct field_choice){
            arena_printf(cx->arena, "%" PRId64, w.scope.children[i].id),
            arena_printf(cx->arena, "› %s", w.scope.children[i].name), false};
    for (size_t i = 0; i < w.year_count && i < YEARS_MAX; i++) {
        const char *text = arena_printf(cx->arena, "%d", w.years[i]);
        years[v->year_count++] = (struct field_choice){text, text, w.years[i] == w.year};
    }
    v->areas = areas;
    v->years = years;
    return RC_OK;
}

static enum rc show_editor(struct own_edit_view *v, struct cx *cx, const struct request *q,
                           struct response *a, const struct own_form *f)
{
    struct own_names_view *names = arena_new(cx->arena, sizeof *names);
    const struct embedded *script = embed_find(STR("web/rule_edit.js"));
    own_names_fill(names, cx, f->search, f->rule.subject, OWN_NAMES_SHOWN);
    v->rule = &f->rule;
    v->names = names;
    v->area_id = f->place.county.id;
    v->county_name = f->place.county.name;
    v->csrf = visitor_of(q)->csrf;
    v->script = script ? embedded_url(cx, "/static/", script) : NULL;
    v->cancel_href = f->rule.id ? own_rule_href(cx, &f->rule) : "/rule";
    fill_choices(v, cx, &f->rule);
    TRY(fill_where(v, cx, f));
    const char *title = f->rule.id ? _("Change a rule") : _("Write a rule");
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = title,
                                              .nav = "rule",
                                              .back_href = v->cancel_href,
                                              .back_label = _("Rules")});
    own_edit_body(o, cx, v);
    return page_end(cx, q, a, o);
}

/* ---- trying ---- */

static enum rc try_cases(struct own_try_view *t, struct cx *cx, const struct own_rule *rule)
{
    struct own_case *cases;
    enum rc rc = own_cases_run(&cases, &t->case_count, cx, rule);
    if (rc == RC_LIMIT) {
        t->case_problem = arena_copy(cx->arena, str_of(cx->err.text));
        t->case_count = 0;
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    for (size_t i = 0; i < t->case_count; i++)
        t->failed += !cases[i].passed;
    t->cases = cases;
    return RC_OK;
}

static enum rc try_rule(struct own_try_view *t, struct cx *cx, const struct own_form *f)
{
    const struct rule_program *program;
    struct rule_fault fault;
    *t = (struct own_try_view){0};
    if (!str_trim(str_of(f->rule.rule)).len)
        return RC_OK;
    enum rc rc = own_rule_compile(&program, &fault, cx, &f->rule);
    if (rc == RC_INVALID) {
        struct own_fault_view *view = arena_new(cx->arena, sizeof *view);
        own_fault_fill(view, cx, &f->rule, &fault);
        t->fault = view;
        return RC_OK;
    }
    TRY(rc);
    struct own_result *result = arena_new(cx->arena, sizeof *result);
    TRY(own_result_fill(result, cx, &f->rule, program,
                        &(struct check_query){.area_id = f->area_id, .year = f->year}, NULL));
    t->result = result;
    return try_cases(t, cx, &f->rule);
}

static enum rc try_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct own_form f;
    struct own_try_view t;
    TRY(db_read_begin(cx));
    TRY(form_read(&f, cx, q));
    TRY(try_rule(&t, cx, &f));
    if (request_form(q, "part").len) {
        struct out *o = out_new(cx->arena, NULL);
        own_try_part(o, cx, &t);
        a->type = "text/html; charset=utf-8";
        a->body = o->buf;
        return out_ok(o)
                   ? RC_OK
                   : fail(cx, RC_LIMIT,
                          _("This page would be too large. Narrow it by a filter."), "part");
    }
    struct own_edit_view v = {.tried = &t};
    return show_editor(&v, cx, q, a, &f);
}

/* ---- a new one, a change ---- */

static void copy_label(struct own_form *f, struct cx *cx, const char *code, const char *rule,
                       enum subject subject)
{
    f->rule.code = arena_printf(cx->arena, "own_%.36s", code);
    f->rule.rule = rule;
    f->rule.subject = subject;
}

/* ?from=check.101, derived.CODE, deprivation.INDEX.CODE; false: there is no such rule. */
static bool copy_profile(struct own_form *f, struct cx *cx, struct str from)
{
    const struct profile_rules *rules = cx->profile->rules;
    struct str kind = str_cut(&from, '.');
    int64_t number;
    if (str_eq_z(kind, "check") && str_to_i64(&number, from)) {
        const struct check *c = profile_check(cx->profile, number);
        if (!c || c->subject == SUBJECT_AREA)
            return false;
        copy_label(f, cx, c->code, c->rule, c->subject);
        f->rule.severity = c->severity;
        f->rule.message = LABEL(cx, c->message);
        f->rule.hint = LABEL(cx, c->hint);
        return true;
    }
    for (size_t i = 0; str_eq_z(kind, "derived") && i < rules->derived_count; i++) {
        const struct derived *d = &rules->derived[i];
        if (!str_eq_z(from, d->code) || d->subject == SUBJECT_AREA)
            continue;
        copy_label(f, cx, d->code, d->rule, d->subject);
        f->rule.kind =
            rule_root_type(rules->derived_program, i).kind == RULE_BOOL ? OWN_LIST : OWN_FIGURE;
        f->rule.note = LABEL(cx, d->label);
        return true;
    }
    struct str index = str_cut(&from, '.');
    const struct poverty_index *x =
        str_eq_z(kind, "deprivation") ? profile_index(cx->profile, index) : NULL;
    for (size_t i = 0; x && i < x->count; i++)
        if (str_eq_z(from, x->deprivations[i].code)) {
            copy_label(f, cx, x->deprivations[i].code, x->deprivations[i].rule,
                       SUBJECT_HOUSEHOLD);
            f->rule.kind = OWN_LIST;
            f->rule.note = LABEL(cx, x->deprivations[i].label);
            return true;
        }
    return false;
}

static enum rc new_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct own_form f = {.rule = {.code = "",
                                  .state = OWN_DRAFT,
                                  .severity = SEVERITY_WARNING,
                                  .rule = "",
                                  .message = "",
                                  .hint = "",
                                  .note = "",
                                  .cases = ""}};
    struct str from = request_query(q, "from"), area = request_query(q, "area");
    int64_t area_id = 0;
    if (area.len && (!str_to_i64(&area_id, area) || area_id < 0))
        area_id = 0;
    TRY(db_read_begin(cx));
    TRY(find_county(&f, cx, area_id));
    if (from.len && !copy_profile(&f, cx, from))
        return fail(cx, RC_NOTFOUND, _("The profile has no such rule to copy."), "from");
    struct own_edit_view v = {0};
    return show_editor(&v, cx, q, a, &f);
}

static enum rc edit_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct own_form f = {0};
    struct check_place place;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    TRY(own_rule_get(&f.rule, cx, id));
    TRY(check_place_of_county(&place, cx, f.rule.county));
    TRY(find_county(&f, cx, place.tenant.id));
    struct own_edit_view v = {0};
    return show_editor(&v, cx, q, a, &f);
}

/* ---- saving ---- */

static enum rc show_conflict(struct own_edit_view *v, struct cx *cx, struct own_form *f,
                             const struct own_rule *newer)
{
    v->error = arena_copy(cx->arena, str_of(cx->err.text));
    err_clear(cx);
    v->newer_count = own_diff_fill(&v->newer, cx, newer, &f->rule);
    v->newer_who = arena_printf(cx->arena, "%s · %s", user_name(cx, newer->user_id),
                                format_time(cx, newer->at));
    f->rule.version = newer->version; /* the next saving knows theirs */
    return RC_OK;
}

static enum rc save_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct own_form f;
    struct own_edit_view v = {0};
    struct own_rule newer = {0};
    struct own_try_view t;
    TRY(db_read_begin(cx));
    TRY(form_read(&f, cx, q));
    enum rc rc = own_rule_save(&f.rule, &v.problem, &newer, cx);
    if (!rc) {
        page_notice(cx, a, "saved");
        response_redirect(cx, a, own_rule_href(cx, &f.rule));
        return RC_OK;
    }
    if (rc == RC_CONFLICT && newer.id)
        TRY(show_conflict(&v, cx, &f, &newer));
    else if (rc != RC_INVALID || cx->err.rc)
        return rc;
    a->status = http_status_of(rc);
    TRY(try_rule(&t, cx, &f));
    v.tried = &t;
    return show_editor(&v, cx, q, a, &f);
}

/* ---- names ---- */

static enum rc names_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct own_names_view names;
    bool part = request_query(q, "part").len > 0;
    enum subject subject =
        str_eq_z(request_query(q, "subject"), "person") ? SUBJECT_PERSON : SUBJECT_HOUSEHOLD;
    own_names_fill(&names, cx, request_query(q, "q"), subject,
                   part ? OWN_NAMES_SHOWN : NAMES_PAGE);
    if (part) {
        struct out *o = out_new(cx->arena, NULL);
        own_names_part(o, cx, &names);
        a->type = "text/html; charset=utf-8";
        a->body = o->buf;
        return RC_OK;
    }
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Names for rules"),
                                              .nav = "rule",
                                              .back_href = "/rule",
                                              .back_label = _("Rules")});
    own_names_body(o, cx, &names);
    return page_end(cx, q, a, o);
}

#define EDITS .scope = SCOPE_PERMISSION, .permission = "rule.edit", .time_ms_max = 60000
static const struct route rows[] = {
    {EDITS, .method = METHOD_GET, .path = "/rule/new", .csrf = CSRF_NONE, .handle = new_get},
    {EDITS, .method = METHOD_GET, .path = "/rule/{id}/edit", .csrf = CSRF_NONE,
     .handle = edit_get, .test_path = "/rule/1/edit"},
    {EDITS, .method = METHOD_POST, .path = "/rule/try", .csrf = CSRF_TOKEN,
     .body_max = FORM_BYTES, .heavy = true, .handle = try_post},
    {EDITS, .method = METHOD_POST, .path = "/rule/save", .csrf = CSRF_TOKEN,
     .body_max = FORM_BYTES, .heavy = true, .handle = save_post},
    {.method = METHOD_GET,
     .path = "/rule/names",
     .scope = SCOPE_PERMISSION,
     .permission = "profile.view",
     .csrf = CSRF_NONE,
     .handle = names_get},
};
const struct route_table own_edit_routes = ROUTE_TABLE(rows);
