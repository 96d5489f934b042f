/* Pages of alerts: the list with its sums, one alert with what the rule read, and the check. */
#include "base/format.h"
#include "base/limits.h"
#include "base/text.h"
#include "people/actor.h"
#include "profile/calendar.h"
#include "register/area.h"
#include "register/household_view.h"
#include "watch/watch.html.h"
#include "watch/watch_view.h"

#include <jansson.h>
#include <string.h>

enum {
    COLUMNS = 6,
    SUM_COLUMNS = 5,
    FILE_ROWS = 20000,
    FILTERS = 5,
    OUTCOMES = 3,
    DAY_S = 86400
};

/* ---- words ---- */

const char *colour_text(struct cx *cx, enum alert_colour colour)
{
    switch (colour) {
    case ALERT_RED:
        return _("Red");
    case ALERT_ORANGE:
        return _("Orange");
    case ALERT_YELLOW:
        break;
    }
    return _("Yellow");
}

const char *colour_tone(enum alert_colour colour)
{
    return colour == ALERT_RED ? "bad" : colour == ALERT_ORANGE ? "warn" : "muted";
}

static const char *state_text(struct cx *cx, enum alert_state state)
{
    switch (state) {
    case ALERT_OPEN:
        return _("open");
    case ALERT_CHECKING:
        return _("being checked");
    case ALERT_CLOSED:
        break;
    }
    return _("closed");
}

static const char *outcome_text(struct cx *cx, enum alert_outcome outcome)
{
    switch (outcome) {
    case OUTCOME_TRUE:
        return _("In trouble: handed on");
    case OUTCOME_FALSE:
        return _("Not in trouble");
    case OUTCOME_KNOWN:
        return _("Being dealt with already");
    case OUTCOME_OVER:
        return _("Over: the rule is no longer true");
    case OUTCOME_NONE:
        break;
    }
    return "";
}

const char *alert_rule_label(struct cx *cx, const struct alert_rule *rule, int32_t number)
{
    return rule ? LABEL(cx, rule->label)
                : arena_printf(cx->arena, _("Rule %d, no longer in the profile"), (int)number);
}

const char *share_text(struct cx *cx, int64_t part, int64_t of)
{
    return of > 0 ? arena_printf(cx->arena, "%d%%", (int)((part * 100 + of / 2) / of)) : "–";
}

int64_t watch_number(struct str text)
{
    int64_t n;
    return text.p && str_to_i64(&n, str_trim(text)) && n > 0 ? n : 0;
}

bool watch_told(const char **error, struct cx *cx, struct response *a, enum rc rc)
{
    if (rc != RC_INVALID && rc != RC_CONFLICT && rc != RC_LIMIT)
        return false;
    *error = arena_copy(cx->arena, str_of(cx->err.text));
    a->status = rc == RC_CONFLICT ? 409 : 400;
    err_clear(cx);
    return true;
}

static const char *due_day(struct cx *cx, int64_t due_at)
{
    return format_day(cx, local_day(cx->profile, due_at - 1));
}

static enum rc household_name(const char **label, bool *seen, struct cx *cx, int64_t id)
{
    struct household h;
    enum rc rc = household_get(&h, cx, id);
    *seen = rc == RC_OK;
    *label = _("A household");
    if (rc == RC_NOTFOUND || rc == RC_DENIED) {
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    *label = household_label(cx, &h);
    return RC_OK;
}

/* ---- the list ---- */

static enum rc read_query(struct alert_query *out, struct cx *cx, const struct request *q)
{
    struct str state = request_query(q, "state");
    *out = (struct alert_query){.area_id = watch_number(request_query(q, "area")),
                                .rule = (int32_t)watch_number(request_query(q, "rule")),
                                .colour = (int32_t)watch_number(request_query(q, "colour")),
                                .disaster_id = watch_number(request_query(q, "disaster")),
                                .household_id = watch_number(request_query(q, "household")),
                                .state = state.p ? state : STR(""),
                                .after = request_query(q, "after"),
                                .limit = LIMIT_PAGE_ROWS_DEFAULT};
    if (page_wants_file(q)) {
        out->limit = FILE_ROWS;
        out->after = STR("");
        return actor_require(cx, "export.run");
    }
    return RC_OK;
}

static const char *query_text(struct cx *cx, const struct alert_query *q)
{
    struct buf b;
    buf_init(&b, cx->arena, 512);
    buf_printf(&b, "state=%s", url_encode(cx->arena, q->state));
    if (q->area_id)
        buf_printf(&b, "&area=%" PRId64, q->area_id);
    if (q->rule)
        buf_printf(&b, "&rule=%d", (int)q->rule);
    if (q->colour)
        buf_printf(&b, "&colour=%d", (int)q->colour);
    if (q->disaster_id)
        buf_printf(&b, "&disaster=%" PRId64, q->disaster_id);
    if (q->household_id)
        buf_printf(&b, "&household=%" PRId64, q->household_id);
    return arena_copy(cx->arena, buf_view(&b));
}

enum rc watch_area_choices(const struct filter_choice **out, size_t *count, struct cx *cx,
                           int64_t area_id)
{
    const char *const *paths;
    struct area *children, here;
    size_t path_count, child_count, n = 0;
    TRY(actor_paths(&paths, &path_count, cx, "alert.view"));
    TRY(area_children(&children, &child_count, cx, area_id));
    struct filter_choice *c = arena_new(cx->arena, (child_count + 3) * sizeof *c);
    c[n++] = (struct filter_choice){"", _("all of mine")};
    if (area_id) {
        TRY(area_get(&here, cx, area_id));
        c[n++] =
            (struct filter_choice){arena_printf(cx->arena, "%" PRId64, here.id), here.name};
    }
    for (size_t i = 0; i < child_count; i++) {
        bool own = false;
        for (size_t k = 0; k < path_count; k++)
            own = own || str_starts(str_of(children[i].path), str_of(paths[k])) ||
                  str_starts(str_of(paths[k]), str_of(children[i].path));
        if (own)
            c[n++] = (struct filter_choice){arena_printf(cx->arena, "%" PRId64, children[i].id),
                                            arena_printf(cx->arena, "› %s", children[i].name)};
    }
    *out = c;
    *count = n;
    return RC_OK;
}

static const char *number_text(struct cx *cx, int64_t n)
{
    return n ? arena_printf(cx->arena, "%" PRId64, n) : "";
}

static enum rc fill_filters(struct table *t, struct cx *cx, const struct alert_query *q)
{
    const struct alert_rules *rules = cx->profile->alerts;
    struct table_filter *f = arena_new(cx->arena, FILTERS * sizeof *f);
    struct filter_choice *r = arena_new(cx->arena, (rules->count + 1) * sizeof *r);
    struct filter_choice *c = arena_new(cx->arena, 4 * sizeof *c);
    struct filter_choice *s = arena_new(cx->arena, 3 * sizeof *s);
    const struct filter_choice *areas;
    size_t area_count;
    TRY(watch_area_choices(&areas, &area_count, cx, q->area_id));
    r[0] = c[0] = (struct filter_choice){"", _("all")};
    for (size_t i = 0; i < rules->count; i++)
        r[i + 1] = (struct filter_choice){number_text(cx, rules->list[i].number),
                                          LABEL(cx, rules->list[i].label)};
    for (int i = ALERT_RED; i >= ALERT_YELLOW; i--)
        c[1 + ALERT_RED - i] =
            (struct filter_choice){number_text(cx, i), colour_text(cx, (enum alert_colour)i)};
    s[0] = (struct filter_choice){"", _("open")};
    s[1] = (struct filter_choice){"closed", _("closed")};
    s[2] = (struct filter_choice){"all", _("open and closed")};
    f[0] = (struct table_filter){
        FILTER_CHOICE, "area", _("Area"), number_text(cx, q->area_id), areas, area_count};
    f[1] = (struct table_filter){
        FILTER_CHOICE, "rule", _("Rule"), number_text(cx, q->rule), r, rules->count + 1};
    f[2] = (struct table_filter){
        FILTER_CHOICE, "colour", _("Colour"), number_text(cx, q->colour), c, 4};
    f[3] = (struct table_filter){
        FILTER_CHOICE, "state", _("State"), arena_copy(cx->arena, q->state), s, 3};
    f[4] = (struct table_filter){
        .kind = FILTER_HIDDEN, .name = "disaster", .value = number_text(cx, q->disaster_id)};
    t->filters = f;
    t->filter_count = q->disaster_id ? FILTERS : FILTERS - 1;
    return RC_OK;
}

static enum rc fill_cells(struct table *t, struct cx *cx, const struct alert *list,
                          size_t count)
{
    struct table_cell *cells = arena_array(cx->arena, (count + 1) * COLUMNS, sizeof *cells);
    if (!cells)
        return fail(cx, RC_LIMIT, _("There are too many; choose a smaller area."), "alerts");
    for (size_t i = 0; i < count; i++) {
        const struct alert *a = &list[i];
        struct table_cell *row = cells + i * COLUMNS;
        bool seen, open = a->state != ALERT_CLOSED, late = open && a->due_at <= cx->now_at;
        TRY(household_name(&row[0].text, &seen, cx, a->household_id));
        row[0].href = arena_printf(cx->arena, "/alert/%" PRId64, a->id);
        row[1].text = alert_rule_label(cx, a->rule, a->rule_number);
        row[2] = (struct table_cell){colour_text(cx, a->colour), NULL, colour_tone(a->colour)};
        row[3].text = open ? state_text(cx, a->state) : outcome_text(cx, a->outcome);
        row[4].text = open ? due_day(cx, a->due_at) : "";
        if (late)
            row[4] = (struct table_cell){arena_printf(cx->arena, _("%s, late"), row[4].text),
                                         NULL, "bad"};
        row[5].text = area_label(cx, a->area_id);
    }
    t->cells = cells;
    t->row_count = count;
    return RC_OK;
}

static struct table list_table(struct cx *cx, const struct request *q,
                               const struct alert_query *aq, const char *next)
{
    struct table_column *c = arena_new(cx->arena, COLUMNS * sizeof *c);
    c[0] = (struct table_column){NULL, _("Household"), ALIGN_TEXT, false};
    c[1] = (struct table_column){NULL, _("Alert"), ALIGN_TEXT, false};
    c[2] = (struct table_column){NULL, _("Colour"), ALIGN_TEXT, false};
    c[3] = (struct table_column){NULL, _("State"), ALIGN_TEXT, true};
    c[4] = (struct table_column){NULL, _("Check until"), ALIGN_TEXT, false};
    c[5] = (struct table_column){NULL, _("Place"), ALIGN_TEXT, true};
    return (struct table){.caption = _("Alerts"),
                          .base = "/alert",
                          .query = query_text(cx, aq),
                          .columns = c,
                          .column_count = COLUMNS,
                          .is_first_page = request_query(q, "after").len == 0,
                          .next_token = next,
                          .can_export = actor_may(cx, "export.run"),
                          .empty_title = _("No alert here"),
                          .empty_hint = _("The rules run by themselves as soon as something "
                                          "changes in the register or a list comes in."),
                          .empty_href = "/alert/rules",
                          .empty_action = _("To the rules")};
}

static const struct table *sums_table(struct cx *cx, struct alert_list_view *v,
                                      const struct alert_sum *sums, size_t count,
                                      const struct alert_query *q)
{
    struct table *t = arena_new(cx->arena, sizeof *t);
    struct table_column *c = arena_new(cx->arena, SUM_COLUMNS * sizeof *c);
    struct table_cell *cells = arena_new(cx->arena, (count + 1) * SUM_COLUMNS * sizeof *cells);
    int64_t open = 0, late = 0, right = 0, answered = 0;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const struct alert_sum *s = &sums[i];
        struct table_cell *row = cells + n * SUM_COLUMNS;
        open += s->open, late += s->late, right += s->right, answered += s->answered;
        if (!s->open && !s->closed)
            continue;
        struct alert_query link = {.area_id = q->area_id, .rule = s->rule_number};
        link.state = STR("all");
        row[0] = (struct table_cell){
            alert_rule_label(cx, s->rule, s->rule_number),
            arena_printf(cx->arena, "/alert?%s", query_text(cx, &link)), NULL};
        row[1].text = format_int(cx, s->open);
        row[2].text = format_int(cx, s->late);
        row[3].text = format_int(cx, s->closed);
        row[4].text = share_text(cx, s->right, s->answered);
        n++;
    }
    c[0] = (struct table_column){NULL, _("Alert"), ALIGN_TEXT, false};
    c[1] = (struct table_column){NULL, _("Open"), ALIGN_NUMBER, false};
    c[2] = (struct table_column){NULL, _("Late"), ALIGN_NUMBER, false};
    c[3] = (struct table_column){NULL, _("Closed"), ALIGN_NUMBER, true};
    c[4] = (struct table_column){NULL, _("Were right"), ALIGN_NUMBER, false};
    *t = (struct table){.caption = _("Alerts by rule"),
                        .base = "/alert",
                        .query = "",
                        .columns = c,
                        .column_count = SUM_COLUMNS,
                        .cells = cells,
                        .row_count = n,
                        .is_first_page = true,
                        .empty_title = _("No alert here")};
    v->open = format_int(cx, open);
    v->late = format_int(cx, late);
    v->right = share_text(cx, right, answered);
    return n ? t : NULL;
}

static enum rc list_get(struct cx *cx, const struct request *q, struct response *a)
{
    struct alert_list_view v = {0};
    struct alert_query aq;
    struct alert *list;
    struct alert_sum *sums;
    const char *next;
    size_t count, sum_count;
    TRY(read_query(&aq, cx, q));
    TRY(db_read_begin(cx));
    TRY(alert_list(&list, &count, &next, cx, &aq));
    struct table t = list_table(cx, q, &aq, next);
    TRY(fill_cells(&t, cx, list, count));
    if (page_wants_file(q))
        return page_table_file(cx, q, a, &t, "alerts");
    TRY(fill_filters(&t, cx, &aq));
    TRY(alert_sums(&sums, &sum_count, cx, aq.area_id));
    v.sums = sums_table(cx, &v, sums, sum_count, &aq);
    v.table = &t;
    v.may_disaster = actor_may(cx, "alert.disaster");
    struct out *o = page_begin(cx, q, &(struct page){.title = _("Alerts"), .nav = "alert"});
    alert_list_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

/* ---- one alert ---- */

static const char *in_language(struct cx *cx, const json_t *pair)
{
    const char *text = json_string_value(json_array_get(pair, (size_t)cx->lang));
    return arena_copy(cx->arena, str_of(text ? text : ""));
}

static void fill_facts(struct alert_page_view *v, struct cx *cx)
{
    json_t *all = json_loads(v->alert->facts, 0, NULL);
    size_t count = json_array_size(all);
    struct alert_fact_view *facts = arena_new(cx->arena, (count + 1) * sizeof *facts);
    for (size_t i = 0; i < count; i++) {
        const json_t *f = json_array_get(all, i);
        int64_t year = json_integer_value(json_object_get(f, "year"));
        facts[i] = (struct alert_fact_view){in_language(cx, json_object_get(f, "label")),
                                            in_language(cx, json_object_get(f, "value")),
                                            number_text(cx, year)};
    }
    json_decref(all);
    v->facts = facts;
    v->fact_count = count;
}

static void fill_rule(struct alert_page_view *v, struct cx *cx)
{
    const struct alert_rule *r = v->alert->rule;
    v->rule = alert_rule_label(cx, r, v->alert->rule_number);
    v->message = r ? LABEL(cx, r->message) : v->rule;
    v->todo = r ? LABEL(cx, r->todo) : "";
    v->cause = r && r->cause ? LABEL(cx, r->cause->label) : "";
    v->measure = r && r->measure ? LABEL(cx, r->measure->label) : "";
    v->measure_help = r && r->measure ? LABEL(cx, r->measure->help) : "";
    v->rule_href = r ? arena_printf(cx->arena, "/alert/rules/%s", r->code) : NULL;
}

static enum rc fill_disaster(struct alert_page_view *v, struct cx *cx)
{
    struct disaster d;
    v->disaster = "";
    if (!v->alert->disaster_id)
        return RC_OK;
    enum rc rc = disaster_get(&d, cx, v->alert->disaster_id);
    if (rc == RC_NOTFOUND) { /* of a larger area than the actor's */
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    v->disaster = d.name;
    return RC_OK;
}

/* Of whom a rule about people, or a list, spoke. */
static enum rc fill_person(struct alert_page_view *v, struct cx *cx)
{
    struct person p;
    if (!v->alert->person_id)
        return RC_OK;
    enum rc rc = person_get(&p, cx, v->alert->person_id);
    if (rc == RC_NOTFOUND) { /* moved out of the actor's areas, or erased */
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    v->person = person_view_of(cx, &p).name;
    return RC_OK;
}

static enum rc show(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                    struct alert_page_view *v)
{
    struct alert *alert = arena_new(cx->arena, sizeof *alert);
    bool seen;
    TRY(db_read_begin(cx));
    TRY(alert_get(alert, cx, id));
    v->alert = alert;
    fill_rule(v, cx);
    fill_facts(v, cx);
    TRY(fill_disaster(v, cx));
    TRY(fill_person(v, cx));
    TRY(household_name(&v->household, &seen, cx, alert->household_id));
    v->household_href =
        seen ? arena_printf(cx->arena, "/household/%" PRId64, alert->household_id) : NULL;
    v->colour = colour_text(cx, alert->colour);
    v->tone = colour_tone(alert->colour);
    v->state = state_text(cx, alert->state);
    v->state_tone = alert->state == ALERT_CLOSED ? "muted" : "warn";
    v->place = area_label(cx, alert->area_id);
    v->at = format_time(cx, alert->at);
    v->due = due_day(cx, alert->due_at);
    v->late = alert->state != ALERT_CLOSED && alert->due_at <= cx->now_at;
    v->outcome = outcome_text(cx, alert->outcome);
    v->closed_at = alert->closed_at ? format_time(cx, alert->closed_at) : "";
    v->closed_by = alert->closed_by ? user_name(cx, alert->closed_by) : "";
    v->may_handle = actor_may_in(cx, "alert.handle", str_of(alert->area_path));
    v->can_reopen = v->may_handle && alert->rule && cx->now_at - alert->closed_at <= DAY_S;
    v->csrf = visitor_of(q)->csrf;
    struct field_choice *c = arena_new(cx->arena, OUTCOMES * sizeof *c);
    c[0] = (struct field_choice){
        "1", _("In trouble: hand it on to the village as a tip (or to its open case)"), false};
    c[1] = (struct field_choice){"2", _("Not in trouble"), false};
    c[2] =
        (struct field_choice){"3", _("In trouble, but it is being dealt with already"), false};
    v->outcomes = c;
    v->outcome_count = OUTCOMES;
    struct out *o = page_begin(cx, q,
                               &(struct page){.title = v->rule,
                                              .nav = "alert",
                                              .back_href = "/alert",
                                              .back_label = _("Alerts")});
    alert_body(o, cx, v);
    return page_end(cx, q, a, o);
}

static enum rc one_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct alert_page_view v = {.error = NULL};
    TRY(request_param_id(&id, cx, q, "id"));
    return show(cx, q, a, id, &v);
}

static enum rc after(struct cx *cx, const struct request *q, struct response *a, int64_t id,
                     enum rc rc)
{
    struct alert_page_view v = {.error = NULL};
    if (rc && !watch_told(&v.error, cx, a, rc))
        return rc;
    if (rc)
        return show(cx, q, a, id, &v);
    page_notice(cx, a, "saved");
    response_redirect(cx, a, arena_printf(cx->arena, "/alert/%" PRId64, id));
    return RC_OK;
}

static int32_t version_of(const struct request *q)
{
    int64_t n = watch_number(request_form(q, "version"));
    return n <= INT32_MAX ? (int32_t)n : 0;
}

static enum rc take_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return after(cx, q, a, id, alert_take(cx, id, version_of(q)));
}

static enum rc close_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, outcome = watch_number(request_form(q, "outcome"));
    struct str words = request_form(q, "words");
    TRY(request_param_id(&id, cx, q, "id"));
    if (outcome > OUTCOME_KNOWN)
        outcome = OUTCOME_NONE;
    return after(cx, q, a, id,
                 alert_close(cx, id, version_of(q), (enum alert_outcome)outcome,
                             words.p ? words : STR("")));
}

static enum rc reopen_post(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    return after(cx, q, a, id, alert_reopen(cx, id, version_of(q)));
}

#define LOOK                                                                                   \
    .method = METHOD_GET, .scope = SCOPE_PERMISSION, .permission = "alert.view",               \
    .csrf = CSRF_NONE, .time_ms_max = 30000
#define CHANGE                                                                                 \
    .method = METHOD_POST, .scope = SCOPE_PERMISSION, .permission = "alert.handle",            \
    .csrf = CSRF_TOKEN, .body_max = WATCH_FORM_BYTES, .time_ms_max = 30000
static const struct route rows[] = {
    {LOOK, .path = "/alert", .handle = list_get},
    {LOOK, .path = "/alert/{id}", .handle = one_get, .test_path = "/alert/1"},
    {CHANGE, .path = "/alert/{id}/take", .handle = take_post, .test_path = "/alert/1/take"},
    {CHANGE, .path = "/alert/{id}/close", .handle = close_post, .test_path = "/alert/1/close"},
    {CHANGE, .path = "/alert/{id}/reopen", .handle = reopen_post,
     .test_path = "/alert/1/reopen"},
};
const struct route_table alert_routes = ROUTE_TABLE(rows);
