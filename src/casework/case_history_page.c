/* The history of a case as people read it, and the documents that were attached to its steps.
 */
#include "casework/case_view.h"

#include "base/format.h"
#include "base/text.h"
#include "people/user.h"

#include <jansson.h>
#include <string.h>

enum { FACTS_MAX = 200 };

const char *case_advice_word(struct cx *cx, enum advice advice, bool must)
{
    switch (advice) {
    case ADVICE_YES:
        return _("holds");
    case ADVICE_NO:
        return must ? _("does not hold: the step cannot be made")
                    : _("does not hold: the rules advise against the step");
    case ADVICE_UNKNOWN:
        return must ? _("not known: the step cannot be made yet") : _("not known");
    case ADVICE_NONE:
        return "";
    }
    return "";
}

const char *case_advice_tone(enum advice advice)
{
    return advice == ADVICE_YES ? "good" : advice == ADVICE_NO ? "bad" : "warn";
}

struct case_part_view case_part_view_of(struct cx *cx, const char *label, enum advice value)
{
    return (struct case_part_view){.label = label,
                                   .mark = value == ADVICE_YES  ? "✓"
                                           : value == ADVICE_NO ? "✗"
                                                                : "?",
                                   .word = value == ADVICE_YES  ? _("yes")
                                           : value == ADVICE_NO ? _("no")
                                                                : _("not known")};
}

static const char *in_language(struct cx *cx, const json_t *both)
{
    const char *text =
        json_string_value(json_object_get(both, lang_tag(cx->lang)[0] == 'z' ? "zh" : "en"));
    return text ? arena_copy(cx->arena, str_of(text)) : "";
}

void case_advice_facts(struct columns_fact **out, size_t *count, struct cx *cx,
                       const char *advice_text)
{
    json_error_t error;
    json_t *rules = advice_text && advice_text[0] ? json_loads(advice_text, 0, &error) : NULL;
    const json_t *rule, *fact;
    size_t i, j;
    *out = arena_new(cx->arena, FACTS_MAX * sizeof **out);
    *count = 0;
    json_array_foreach(rules, i, rule)
    {
        json_array_foreach(json_object_get(rule, "facts"), j, fact)
        {
            if (*count == FACTS_MAX)
                break;
            (*out)[(*count)++] = (struct columns_fact){
                .label = in_language(cx, json_object_get(fact, "label")),
                .value = in_language(cx, json_object_get(fact, "value")),
                .year = (int32_t)json_integer_value(json_object_get(fact, "year"))};
        }
    }
    json_decref(rules);
}

static void fill_answers(struct case_history_view *v, struct cx *cx, const struct flow *f,
                         const struct flow_step *s)
{
    v->answers = arena_new(cx->arena, (s->answer_count + 1) * sizeof *v->answers);
    for (size_t i = 0; i < s->answer_count; i++) {
        const struct flow_answer *a = &s->answers[i];
        struct case_answer_view *out = &v->answers[v->answer_count++];
        out->label = LABEL(cx, a->field->label);
        out->value = case_answer_text(cx, a);
        if (a->document_id)
            out->href = arena_printf(cx->arena, "/case/%" PRId64 "/document/%" PRId64, f->id,
                                     a->document_id);
    }
}

static const char *state_word(struct cx *cx, const struct flow *f, const char *code)
{
    const struct workflow_state *s =
        f->workflow && code && code[0] ? workflow_state(f->workflow, str_of(code)) : NULL;
    return s ? LABEL(cx, s->label) : code ? code : "";
}

static void fill_step(struct case_history_view *v, struct cx *cx, const struct flow *f,
                      const struct flow_step *s)
{
    *v = (struct case_history_view){.when = format_time(cx, s->at),
                                    .who = s->user_name,
                                    .what = s->label.in[cx->lang],
                                    .reason = s->reason};
    if (s->from && s->from[0] && strcmp(s->from, s->to) != 0)
        v->from_to = arena_printf(cx->arena, "%s → %s", state_word(cx, f, s->from),
                                  state_word(cx, f, s->to));
    fill_answers(v, cx, f, s);
    if (s->advice != ADVICE_NONE) {
        v->advice = s->advice == ADVICE_UNKNOWN ? _("The rules could not say.")
                    : s->followed               ? _("As the rules advised.")
                                                : _("Other than the rules advised.");
        v->advice_tone = s->advice == ADVICE_UNKNOWN ? "muted" : s->followed ? "good" : "warn";
        case_advice_facts(&v->facts, &v->fact_count, cx, s->advice_text);
    }
    if (s->snapshot_id)
        v->frozen_href =
            arena_printf(cx->arena, "/case/%" PRId64 "/decision/%" PRId64, f->id, s->seq);
}

enum rc case_history_fill(struct case_history_view **out, size_t *count, struct cx *cx,
                          const struct flow *f)
{
    struct flow_step *steps;
    size_t n;
    TRY(flow_history(&steps, &n, cx, f->id));
    *out = arena_new(cx->arena, (n + 1) * sizeof **out);
    for (size_t i = 0; i < n; i++)
        fill_step(&(*out)[n - 1 - i], cx, f, &steps[i]);
    *count = n;
    return RC_OK;
}

/* ---- what was attached ---- */

static enum rc find_answer(bool *found, struct cx *cx, int64_t flow_id, int64_t document_id)
{
    struct flow_step *steps;
    size_t n;
    *found = false;
    TRY(flow_history(&steps, &n, cx, flow_id));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < steps[i].answer_count; k++)
            *found = *found || steps[i].answers[k].document_id == document_id;
    return RC_OK;
}

static enum rc document_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, document_id;
    struct flow f;
    struct document doc;
    bool found;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(request_param_id(&document_id, cx, q, "number"));
    TRY(db_read_begin(cx));
    TRY(flow_get(&f, cx, id));
    TRY(find_answer(&found, cx, id, document_id));
    if (!found)
        return fail(cx, RC_NOTFOUND, _("There is no such document."), "document");
    TRY(store_get(&doc, cx, f.county, document_id));
    TRY(store_open(&a->file_fd, cx, f.county, document_id));
    a->file_len = doc.len;
    /* Never shown inside the office's pages, whatever it says it is. */
    a->type = "application/octet-stream";
    response_download(cx, a, doc.name);
    return RC_OK;
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/case/{id}/document/{number}",
     .scope = SCOPE_PERMISSION,
     .permission = "case.view",
     .csrf = CSRF_NONE,
     .time_ms_max = 30000,
     .handle = document_get,
     .test_path = "/case/1/document/1"},
};
const struct route_table case_document_routes = ROUTE_TABLE(rows);
