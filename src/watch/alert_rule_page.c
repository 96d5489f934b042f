/* Pages of alert rules: what they are in plain words, what came of them, and trying one on the
 * past. */
#include "base/format.h"
#include "base/text.h"
#include "db/db.h"
#include "people/actor.h"
#include "profile/lists.h"
#include "register/area.h"
#include "watch/watch.html.h"
#include "watch/watch_view.h"
#include "work/place.h"

#include <string.h>

enum { RULE_COLUMNS = 6, TRY_COLUMNS = 9, NAMES_SHOWN = 20, TRY_BYTES = 4096 };

static const char *source_text(struct cx *cx, const struct alert_rule *r)
{
    switch (r->kind) {
    case ALERT_REGISTER:
        return _("The register: whenever something changes, and every day");
    case ALERT_LIST: {
        struct str rest = str_of(r->list), code = str_cut(&rest, '.');
        const struct list_kind *k = profile_list_kind(cx->profile, code);
        return k ? arena_printf(cx->arena, _("A list of another department: %s"),
                                LABEL(cx, k->label))
                 : _("A list of another department");
    }
    case ALERT_TASK:
        return _("A task that is late");
    case ALERT_DISASTER:
        return _("Disaster mode");
    }
    return "";
}

/* ---- the list ---- */

static enum rc rules_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct alert_sum *sums;
    size_t count;
    struct table t;
    struct table_column c[RULE_COLUMNS] = {
        {NULL, _("Rule"), ALIGN_TEXT, false},      {NULL, _("Colour"), ALIGN_TEXT, false},
        {NULL, _("Comes from"), ALIGN_TEXT, true}, {NULL, _("Open"), ALIGN_NUMBER, false},
        {NULL, _("Closed"), ALIGN_NUMBER, true},   {NULL, _("Were right"), ALIGN_NUMBER, false},
    };
    TRY(db_read_begin(cx));
    TRY(alert_sums(&sums, &count, cx, watch_number(request_query(q, "area"))));
    struct table_cell *cells = arena_new(cx->arena, (count + 1) * RULE_COLUMNS * sizeof *cells);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const struct alert_sum *s = &sums[i];
        struct table_cell *row = cells + n * RULE_COLUMNS;
        if (!s->rule)
            continue;
        row[0] = (struct table_cell){LABEL(cx, s->rule->label),
                                     arena_printf(cx->arena, "/alert/rules/%s", s->rule->code),
                                     NULL};
        row[1] = (struct table_cell){colour_text(cx, s->rule->colour), NULL,
                                     colour_tone(s->rule->colour)};
        row[2].text = source_text(cx, s->rule);
        row[3].text = format_int(cx, s->open);
        row[4].text = format_int(cx, s->closed);
        row[5].text = share_text(cx, s->right, s->answered);
        n++;
    }
    t = (struct table){.caption = _("Alert rules"),
                       .base = "/alert/rules",
                       .query = "",
                       .columns = c,
                       .column_count = RULE_COLUMNS,
                       .cells = cells,
                       .row_count = n,
                       .is_first_page = true,
                       .can_export = actor_may(cx, "export.run"),
                       .empty_title = _("The profile has no alert rules"),
                       .empty_hint = _("They stand in alerts.csv of the profile.")};
    if (page_wants_file(q)) {
        TRY(actor_require(cx, "export.run"));
        return page_table_file(cx, q, a, &t, "alert-rules");
    }
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = _("Alert rules"),
                                              .nav = "alert",
                                              .back_href = "/alert",
                                              .back_label = _("Alerts")});
    alert_rules_body(o, cx, &t);
    return page_end(cx, q, a, o);
}

/* ---- one rule ---- */

static enum rc rule_of(const struct alert_rule **out, struct cx *cx, const struct request *q)
{
    *out = profile_alert_code(cx->profile, request_param(q, "code"));
    return *out ? RC_OK
                : fail(cx, RC_NOTFOUND, _("The profile has no such alert rule."), "alert rule");
}

/* The names that the rule reads, as people call them. */
static enum rc fill_words(struct alert_rule_view *v, struct cx *cx)
{
    const struct rule_name **names;
    struct buf b;
    size_t count;
    v->in_words = "";
    if (v->rule->root < 0)
        return RC_OK;
    TRY(rule_root_names(&names, &count, cx, cx->profile->alerts->program,
                        (size_t)v->rule->root));
    buf_init(&b, cx->arena, 4096);
    for (size_t i = 0; i < count && i < NAMES_SHOWN; i++)
        buf_printf(&b, "%s%s", i ? " · " : "", profile_name_label(cx, cx->profile, names[i]));
    v->in_words = buf_ok(&b) ? arena_copy(cx->arena, buf_view(&b)) : "";
    return RC_OK;
}

/* Areas in one county: the actor's own and those below; above counties, the counties. */
static enum rc fill_areas(struct alert_rule_view *v, struct cx *cx)
{
    const char *const *paths;
    size_t path_count, chain_count, child_count = 0, n = 0;
    struct place *chain = NULL;
    struct area *children = NULL;
    int64_t own = 0;
    TRY(actor_paths(&paths, &path_count, cx, "alert.view"));
    if (path_count && paths[0][0]) {
        TRY(place_chain(&chain, &chain_count, cx, paths[0]));
        own = chain_count ? chain[chain_count - 1].id : 0;
    }
    TRY(area_children(&children, &child_count, cx, own));
    struct field_choice *c = arena_new(cx->arena, (child_count + 1) * sizeof *c);
    if (own)
        c[n++] = (struct field_choice){arena_printf(cx->arena, "%" PRId64, own),
                                       area_label(cx, own), own == v->area_id};
    for (size_t i = 0; i < child_count; i++)
        c[n++] = (struct field_choice){arena_printf(cx->arena, "%" PRId64, children[i].id),
                                       children[i].name, children[i].id == v->area_id};
    v->areas = c;
    v->area_choice_count = n;
    return RC_OK;
}

static const struct table *trial_table(struct cx *cx, const struct watch_trial *trial,
                                       size_t count)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *c = arena_new(cx->arena, TRY_COLUMNS * sizeof *c);
    struct table_cell *cells = arena_new(cx->arena, (count + 1) * TRY_COLUMNS * sizeof *cells);
    const char *const titles[TRY_COLUMNS] = {_("Year"),       _("Households"), _("Named"),
                                             _("Right"),      _("Wrong"),      _("Missed"),
                                             _("Told early"), _("Were right"), _("Found")};
    for (int i = 0; i < TRY_COLUMNS; i++)
        c[i] = (struct table_column){NULL, titles[i], i ? ALIGN_NUMBER : ALIGN_TEXT,
                                     i == 1 || i == 4};
    for (size_t i = 0; i < count; i++) {
        const struct watch_trial *y = &trial[i];
        struct table_cell *row = cells + i * TRY_COLUMNS;
        row[0].text = arena_printf(cx->arena, "%d", (int)y->year);
        row[1].text = format_int(cx, y->households);
        row[2].text = format_int(cx, y->named);
        row[3].text = format_int(cx, y->right);
        row[4].text = format_int(cx, y->wrong);
        row[5].text = format_int(cx, y->missed);
        row[6].text = format_int(cx, y->early);
        row[7].text = share_text(cx, y->right, y->right + y->wrong);
        row[8].text = share_text(cx, y->right, y->right + y->missed);
    }
    *t = (struct table){.caption = _("What the rule would have named"),
                        .base = "/alert/rules",
                        .query = "",
                        .columns = c,
                        .column_count = TRY_COLUMNS,
                        .cells = cells,
                        .row_count = count,
                        .is_first_page = true,
                        .empty_title = _("Nothing to try it on"),
                        .empty_hint = _("Two years of data are needed: one to ask, one to see "
                                        "what came of it.")};
    return t;
}

static enum rc try_rule(struct alert_rule_view *v, struct cx *cx, struct response *a)
{
    struct watch_trial *trial;
    struct rule_fault fault;
    size_t count;
    if (!v->area_id) {
        v->error = _("Choose an area.");
        a->status = 400;
        return RC_OK;
    }
    enum rc rc = watch_try(&trial, &count, &fault, cx, v->area_id, v->rule, str_of(v->text));
    if (rc == RC_INVALID && fault.message) {
        v->error = _("The rule is not understood.");
        v->where = arena_printf(cx->arena, _("Line %zu, character %zu: %s"), fault.line,
                                fault.column, fault.message);
        a->status = 400;
        return RC_OK;
    }
    if (rc && watch_told(&v->error, cx, a, rc))
        return RC_OK;
    TRY(rc);
    v->place = area_label(cx, v->area_id);
    v->trial = trial_table(cx, trial, count);
    return RC_OK;
}

static enum rc show_rule(struct cx *cx, const struct request *q, struct response *a,
                         struct alert_rule_view *v)
{
    struct alert_sum *sums;
    size_t count;
    const struct alert_rule *r = v->rule;
    TRY(alert_sums(&sums, &count, cx, 0));
    for (size_t i = 0; i < count; i++)
        if (sums[i].rule == r)
            v->sum = sums[i];
    v->open = format_int(cx, v->sum.open);
    v->late = format_int(cx, v->sum.late);
    v->closed = format_int(cx, v->sum.closed);
    v->right = share_text(cx, v->sum.right, v->sum.answered);
    v->colour = colour_text(cx, r->colour);
    v->tone = colour_tone(r->colour);
    v->subject = r->subject == SUBJECT_PERSON ? _("people") : _("households");
    v->source = source_text(cx, r);
    v->cause = r->cause ? LABEL(cx, r->cause->label) : "";
    v->measure = r->measure ? LABEL(cx, r->measure->label) : "";
    v->can_try = r->kind == ALERT_REGISTER && r->truth[0];
    v->csrf = visitor_of(q)->csrf;
    TRY(fill_words(v, cx));
    TRY(fill_areas(v, cx));
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = LABEL(cx, r->label),
                                              .nav = "alert",
                                              .back_href = "/alert/rules",
                                              .back_label = _("Alert rules")});
    alert_rule_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc rule_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct alert_rule_view v = {.error = NULL};
    TRY(rule_of(&v.rule, cx, q));
    TRY(db_read_begin(cx));
    v.text = v.rule->rule;
    return show_rule(cx, q, a, &v);
}

static enum rc try_post(struct cx *cx, const struct request *q, struct response *a)
{
    struct alert_rule_view v = {.error = NULL};
    struct str text = request_form(q, "rule");
    TRY(rule_of(&v.rule, cx, q));
    text = str_trim(text.p ? text : STR(""));
    if (text.len > TRY_BYTES)
        return fail(cx, RC_INVALID, _("The rule is too long."), "try");
    v.text = text.len ? arena_copy(cx->arena, text) : v.rule->rule;
    v.area_id = watch_number(request_form(q, "area"));
    TRY(db_read_begin(cx));
    TRY(try_rule(&v, cx, a));
    return show_rule(cx, q, a, &v);
}

#define LOOK                                                                                   \
    .scope = SCOPE_PERMISSION, .permission = "alert.view", .heavy = true, .time_ms_max = 60000
static const struct route rows[] = {
    {LOOK, .method = METHOD_GET, .path = "/alert/rules", .csrf = CSRF_NONE,
     .handle = rules_get},
    {LOOK, .method = METHOD_GET, .path = "/alert/rules/{code}", .csrf = CSRF_NONE,
     .handle = rule_get, .test_path = "/alert/rules/income_collapse"},
    {LOOK, .method = METHOD_POST, .path = "/alert/rules/{code}/try", .csrf = CSRF_TOKEN,
     .body_max = WATCH_FORM_BYTES, .handle = try_post,
     .test_path = "/alert/rules/income_collapse/try"},
};
const struct route_table alert_rule_routes = ROUTE_TABLE(rows);
