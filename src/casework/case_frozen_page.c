/* A frozen decision as it was, and beside it what the register says today where that differs.
 */
#include "casework/case.html.h"
#include "casework/case.sql.h"
#include "casework/case_view.h"

#include "base/crypto.h"
#include "base/format.h"
#include "base/text.h"
#include "profile/sheet.h"
#include "register/household.h"

#include <jansson.h>
#include <string.h>

enum { GROUPS_MAX = 64 };

/* One document while it is shown. */
struct showing {
    struct cx *cx;
    struct case_frozen_view *v;
    int64_t county;
};

static const char *text_of(struct cx *cx, const json_t *j)
{
    const char *text = json_string_value(j);
    return text ? arena_copy(cx->arena, str_of(text)) : "";
}

static const char *both_of_json(struct cx *cx, const json_t *j)
{
    return text_of(cx, json_object_get(j, cx->lang == LANG_ZH ? "zh" : "en"));
}

static const char *number_of(struct cx *cx, const json_t *j)
{
    return json_is_integer(j) ? arena_printf(cx->arena, "%lld", json_integer_value(j)) : "–";
}

/* Numbers beyond 2^53 are kept as texts. */
static int64_t id_of(const json_t *j)
{
    int64_t id = 0;
    if (json_is_integer(j))
        return json_integer_value(j);
    if (json_is_string(j))
        (void)str_to_i64(&id, str_of(json_string_value(j)));
    return id;
}

/* ---- values ---- */

static struct case_frozen_group *group_of(struct case_frozen_thing *t, struct cx *cx,
                                          const char *label, size_t room)
{
    for (size_t i = 0; i < t->group_count; i++)
        if (!strcmp(t->groups[i].label, label))
            return &t->groups[i];
    if (t->group_count == GROUPS_MAX)
        return &t->groups[GROUPS_MAX - 1];
    struct case_frozen_group *g = &t->groups[t->group_count++];
    g->label = label;
    g->values = arena_new(cx->arena, (room + 1) * sizeof *g->values);
    return g;
}

/* What the register says of the indicator now; `values` NULL: nothing. */
static void compare_today(struct case_frozen_value *f, struct cx *cx, enum subject subject,
                          const char *code, const char *plain, const struct value *values)
{
    const struct indicator *ind = profile_indicator(cx->profile, subject, str_of(code));
    if (!ind || ind->secret)
        return;
    struct value v = values ? values[ind->index] : value_missing();
    if (!strcmp(value_plain(cx, ind, v), plain))
        return;
    f->differs = true;
    f->today = v.kind == VALUE_MISSING ? _("nothing") : value_show(cx, ind, v);
}

/* May the actor see the household or person as it is now? It may have moved away since. */
static enum rc may_see(bool *may, struct cx *cx, enum subject subject, int64_t id)
{
    struct household h;
    struct person p;
    enum rc rc = subject == SUBJECT_HOUSEHOLD ? household_get(&h, cx, id)
                 : subject == SUBJECT_PERSON  ? person_get(&p, cx, id)
                                              : RC_OK;
    *may = rc == RC_OK;
    if (rc == RC_NOTFOUND)
        err_clear(cx);
    return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* The newest sheet of today; *values NULL when there is none. */
static enum rc sheet_today(struct value **values, struct cx *cx, enum subject subject,
                           int64_t county, int64_t id)
{
    int32_t year;
    size_t count = 1;
    *values = NULL;
    TRY(sheet_years(&year, &count, cx, subject, county, id));
    if (!count)
        return RC_OK;
    *values = arena_new(cx->arena, (cx->profile->of_count[subject] + 1) * sizeof **values);
    return sheet_get(*values, cx, subject, county, id, year);
}

static enum rc fill_values(struct case_frozen_thing *t, struct showing *s, const json_t *list,
                           enum subject subject, int64_t id)
{
    struct cx *cx = s->cx;
    const json_t *x;
    struct value *today = NULL;
    bool may;
    size_t i, room = json_array_size(list);
    TRY(may_see(&may, cx, subject, id));
    s->v->hidden += !may;
    if (may)
        TRY(sheet_today(&today, cx, subject, s->county, id));
    t->groups = arena_new(cx->arena, GROUPS_MAX * sizeof *t->groups);
    json_array_foreach(list, i, x)
    {
        const char *label = both_of_json(cx, json_object_get(x, "group"));
        struct case_frozen_group *g = group_of(t, cx, label[0] ? label : _("Other"), room);
        struct case_frozen_value *f = &g->values[g->count++];
        f->label = both_of_json(cx, json_object_get(x, "label"));
        if (json_object_get(x, "sealed")) {
            f->value = _("known, kept under seal");
            continue;
        }
        f->value = both_of_json(cx, json_object_get(x, "value"));
        if (may)
            compare_today(f, cx, subject, text_of(cx, json_object_get(x, "code")),
                          text_of(cx, json_object_get(x, "plain")), today);
        s->v->differing += f->differs;
    }
    return RC_OK;
}

static void fill_incomes(struct case_frozen_thing *t, struct showing *s, const json_t *list)
{
    struct cx *cx = s->cx;
    const json_t *x;
    size_t i;
    t->title = _("Incomes and costs");
    t->groups = arena_new(cx->arena, sizeof *t->groups);
    t->groups[0] = (struct case_frozen_group){
        .label = s->v->year,
        .values =
            arena_new(cx->arena, (json_array_size(list) + 1) * sizeof *t->groups->values)};
    t->group_count = json_array_size(list) ? 1 : 0;
    json_array_foreach(list, i, x)
    {
        t->groups[0].values[t->groups[0].count++] =
            (struct case_frozen_value){.label = both_of_json(cx, json_object_get(x, "label")),
                                       .value = both_of_json(cx, json_object_get(x, "value"))};
    }
}

static enum rc fill_people(struct showing *s, const json_t *people)
{
    struct cx *cx = s->cx;
    const json_t *x;
    size_t i;
    json_array_foreach(people, i, x)
    {
        struct case_frozen_thing *t = &s->v->things[s->v->thing_count++];
        t->title = text_of(cx, json_object_get(x, "name"));
        t->note = arena_printf(cx->arena, "%s %s %s",
                               both_of_json(cx, json_object_get(x, "relation")),
                               both_of_json(cx, json_object_get(x, "sex")),
                               text_of(cx, json_object_get(x, "birth")));
        TRY(fill_values(t, s, json_object_get(x, "values"), SUBJECT_PERSON,
                        id_of(json_object_get(x, "id"))));
    }
    return RC_OK;
}

static enum rc fill_things(struct showing *s, const json_t *subject)
{
    struct cx *cx = s->cx;
    const json_t *people = json_object_get(subject, "people");
    const char *kind = text_of(cx, json_object_get(subject, "kind"));
    bool household = !strcmp(kind, "household");
    s->v->things = arena_new(cx->arena, (json_array_size(people) + 2) * sizeof *s->v->things);
    if (!household && strcmp(kind, "area") != 0)
        return RC_OK;
    struct case_frozen_thing *t = &s->v->things[s->v->thing_count++];
    t->title = household ? _("The household") : _("The area");
    TRY(fill_values(t, s, json_object_get(subject, "values"),
                    household ? SUBJECT_HOUSEHOLD : SUBJECT_AREA,
                    id_of(json_object_get(subject, "id"))));
    if (household)
        fill_incomes(&s->v->things[s->v->thing_count++], s,
                     json_object_get(subject, "incomes"));
    return fill_people(s, people);
}

/* ---- rules, answers, head ---- */

static enum advice advice_of(const char *word)
{
    return !strcmp(word, "yes") ? ADVICE_YES : !strcmp(word, "no") ? ADVICE_NO : ADVICE_UNKNOWN;
}

static void fill_rule(struct case_rule_view *r, struct cx *cx, const json_t *x)
{
    const json_t *facts = json_object_get(x, "facts"), *fact;
    const json_t *parts = json_object_get(x, "parts"), *part;
    size_t i;
    enum advice advice = advice_of(text_of(cx, json_object_get(x, "advice")));
    struct columns_fact *out = arena_new(cx->arena, (json_array_size(facts) + 1) * sizeof *out);
    *r = (struct case_rule_view){.title = both_of_json(cx, json_object_get(x, "label")),
                                 .rule = text_of(cx, json_object_get(x, "rule")),
                                 .must = json_is_true(json_object_get(x, "must")),
                                 .tone = case_advice_tone(advice),
                                 .facts = out};
    r->answer = case_advice_word(cx, advice, r->must);
    r->parts = arena_new(cx->arena, (json_array_size(parts) + 1) * sizeof *r->parts);
    json_array_foreach(parts, i, part)
    {
        r->parts[r->part_count++] =
            case_part_view_of(cx, both_of_json(cx, json_object_get(part, "label")),
                              advice_of(text_of(cx, json_object_get(part, "value"))));
    }
    json_array_foreach(facts, i, fact)
    {
        out[r->fact_count++] = (struct columns_fact){
            .label = both_of_json(cx, json_object_get(fact, "label")),
            .value = both_of_json(cx, json_object_get(fact, "value")),
            .year = (int32_t)json_integer_value(json_object_get(fact, "year"))};
    }
}

static void fill_rules(struct showing *s, const json_t *text)
{
    json_error_t error;
    json_t *rules =
        json_is_string(text) ? json_loads(json_string_value(text), 0, &error) : NULL;
    const json_t *x;
    size_t i;
    s->v->rules = arena_new(s->cx->arena, (json_array_size(rules) + 1) * sizeof *s->v->rules);
    json_array_foreach(rules, i, x) fill_rule(&s->v->rules[s->v->rule_count++], s->cx, x);
    json_decref(rules);
}

static void fill_answers(struct showing *s, const json_t *list, const struct flow *f)
{
    struct cx *cx = s->cx;
    const json_t *x;
    size_t i;
    s->v->answers = arena_new(cx->arena, (json_array_size(list) + 1) * sizeof *s->v->answers);
    json_array_foreach(list, i, x)
    {
        struct case_answer_view *a = &s->v->answers[s->v->answer_count++];
        int64_t document = id_of(json_object_get(x, "document"));
        a->label = both_of_json(cx, json_object_get(x, "label"));
        a->value = both_of_json(cx, json_object_get(x, "value"));
        if (document)
            a->href =
                arena_printf(cx->arena, "/case/%" PRId64 "/document/%" PRId64, f->id, document);
    }
}

static enum rc fill_all(struct showing *s, const json_t *root, const struct flow *f)
{
    struct cx *cx = s->cx;
    struct case_frozen_view *v = s->v;
    const json_t *c = json_object_get(root, "case"),
                 *subject = json_object_get(root, "subject");
    v->title = text_of(cx, json_object_get(subject, "title"));
    v->place = text_of(cx, json_object_get(subject, "place"));
    v->year = number_of(cx, json_object_get(subject, "year"));
    v->when = format_time(cx, json_integer_value(json_object_get(root, "at")));
    v->who = text_of(cx, json_object_get(root, "user_name"));
    if (!v->who[0])
        v->who = user_name(cx, 0);
    v->step = arena_printf(cx->arena, "%s · %s",
                           both_of_json(cx, json_object_get(c, "workflow_label")),
                           both_of_json(cx, json_object_get(c, "event_label")));
    v->from_to =
        arena_printf(cx->arena, "%s → %s", both_of_json(cx, json_object_get(c, "from_label")),
                     both_of_json(cx, json_object_get(c, "to_label")));
    v->journal = number_of(cx, json_object_get(root, "journal"));
    v->profile = arena_printf(cx->arena, "%s %s", text_of(cx, json_object_get(root, "profile")),
                              text_of(cx, json_object_get(root, "profile_version")));
    v->reason = text_of(cx, json_object_get(root, "reason"));
    fill_rules(s, json_object_get(root, "rules"));
    fill_answers(s, json_object_get(root, "answers"), f);
    return fill_things(s, subject);
}

/* ---- pages ---- */

static enum rc find_step(int64_t *document_id, struct cx *cx, int64_t flow_id, int64_t seq)
{
    struct flow_step *steps;
    size_t count;
    TRY(flow_history(&steps, &count, cx, flow_id));
    for (size_t i = 0; i < count; i++)
        if (steps[i].seq == seq && steps[i].snapshot_id) {
            *document_id = steps[i].snapshot_id;
            return RC_OK;
        }
    return fail(cx, RC_NOTFOUND, _("There is no such decision."), "seq=%" PRId64, seq);
}

static enum rc frozen_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, seq, document_id = 0;
    struct flow f;
    struct document doc;
    struct str json;
    struct case_frozen_view v = {0};
    json_error_t error;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(request_param_id(&seq, cx, q, "number"));
    TRY(db_read_begin(cx));
    TRY(flow_get(&f, cx, id));
    TRY(find_step(&document_id, cx, id, seq));
    TRY(case_frozen(&json, cx, f.county, document_id));
    TRY(store_get(&doc, cx, f.county, document_id));
    if (str_eq_z(request_query(q, "format"), "json")) {
        a->type = "application/json";
        buf_init(&a->body, cx->arena, json.len + 1);
        buf_str(&a->body, json);
        response_download(cx, a, doc.name);
        return RC_OK;
    }
    json_t *root = json_loadb(json.p, json.len, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        return fail(cx, RC_IO, _("The frozen decision cannot be read. Run `fumin verify`."),
                    "frozen=%" PRId64 " %s", document_id, error.text);
    struct showing s = {.cx = cx, .v = &v, .county = f.county};
    v.hash = hex_of(cx->arena, doc.hash, sizeof doc.hash);
    v.download_href =
        arena_printf(cx->arena, "/case/%" PRId64 "/decision/%" PRId64 "?format=json", id, seq);
    enum rc rc = fill_all(&s, root, &f);
    json_decref(root);
    TRY(rc);
    struct out *o =
        page_begin(cx, q,
                   &(struct page){.title = _("The data a decision was taken on"),
                                  .nav = "case",
                                  .back_href = arena_printf(cx->arena, "/case/%" PRId64, id),
                                  .back_label = _("The case")});
    case_frozen_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

/* From a document, as the register's history knows it, to its step. */
static enum rc document_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t document_id, flow_id, seq;
    struct db_rows r;
    struct flow f;
    TRY(request_param_id(&document_id, cx, q, "number"));
    TRY(db_read_begin(cx));
    enum rc rc = DB_ONE(&r, cx, &CASE_OF_SNAPSHOT, V_I(document_id));
    if (rc == RC_NOTFOUND)
        return fail(cx, rc, _("There is no such decision."), "snapshot=%" PRId64, document_id);
    TRY(rc);
    flow_id = row_i64(&r, CASE_OF_SNAPSHOT_FLOW_ID);
    seq = row_i64(&r, CASE_OF_SNAPSHOT_SEQ);
    TRY(db_done(&r));
    TRY(flow_get(&f, cx, flow_id));
    response_redirect(
        cx, a, arena_printf(cx->arena, "/case/%" PRId64 "/decision/%" PRId64, flow_id, seq));
    return RC_OK;
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/case/frozen/{number}",
     .scope = SCOPE_PERMISSION,
     .permission = "case.view",
     .csrf = CSRF_NONE,
     .handle = document_get,
     .test_path = "/case/frozen/1"},
    {.method = METHOD_GET,
     .path = "/case/{id}/decision/{number}",
     .scope = SCOPE_PERMISSION,
     .permission = "case.view",
     .csrf = CSRF_NONE,
     .time_ms_max = 30000,
     .handle = frozen_get,
     .test_path = "/case/1/decision/1"},
};
const struct route_table case_frozen_routes = ROUTE_TABLE(rows);
