/* The rules of a case: the guards of the moves that leave its state, run over the county's
 * columns for this one household (or area), with the facts behind each in both languages. */
#include "casework/case_inner.h"

#include "base/json.h"
#include "base/text.h"
#include "profile/calendar.h"

#include <string.h>

/* One run of the workflow's program. */
struct guard_run {
    struct case_rules *rules;
    enum rule_level level;
    int64_t row;
};

static enum rc take_values(struct cx *cx, void *arg, const struct rule_runner *r,
                           const struct rule_block *b)
{
    const struct guard_run *run = arg;
    size_t place = 0;
    (void)cx;
    while (place < b->count[run->level] && b->row[run->level][place] != run->row)
        place++;
    if (place == b->count[run->level])
        return RC_OK;
    for (size_t i = 0; i < run->rules->count; i++) {
        struct case_rule *rule = &run->rules->rules[i];
        int64_t v = rule_value(r, (size_t)rule->move->root)[place];
        rule->advice = v == RULE_MISSING ? ADVICE_UNKNOWN : v ? ADVICE_YES : ADVICE_NO;
    }
    return RC_OK;
}

static enum rc explain(struct case_rules *rules, struct cx *cx, struct columns *c,
                       const struct guard_run *run, const struct flow *f, int32_t year)
{
    enum lang before = cx->lang;
    enum rc rc = RC_OK;
    const struct case_where where = {.c = c,
                                     .subject = run->level == RULE_AREA ? SUBJECT_AREA
                                                                        : SUBJECT_HOUSEHOLD,
                                     .row = run->row,
                                     .year = year};
    for (size_t i = 0; !rc && i < rules->count; i++) {
        struct case_rule *rule = &rules->rules[i];
        rc = case_parts_of(&rule->parts, &rule->part_count, cx, &where, rule->move->guard);
        for (int lang = 0; !rc && lang < LANG_COUNT; lang++) {
            cx->lang = (enum lang)lang;
            rc =
                columns_explain(&rule->facts[lang], &rule->fact_count, cx, c,
                                f->workflow->program, (size_t)rule->move->root, run->row, year);
        }
    }
    cx->lang = before;
    return rc;
}

/* The row of the subject in the columns; -1: it is not there (ended, not yet visible). */
static int64_t row_of(const struct columns *c, const struct case_subject *s)
{
    if (s->gone)
        return -1;
    return s->kind == FLOW_HOUSEHOLD ? columns_household_row(c, s->h.id)
                                     : columns_area_index(c, s->area.id);
}

static enum rc run_open(struct case_rules *rules, struct cx *cx, struct columns *c,
                        const struct flow *f, const struct case_subject *s)
{
    bool household = s->kind == FLOW_HOUSEHOLD;
    struct guard_run run = {
        .rules = rules, .level = household ? RULE_HOUSEHOLD : RULE_AREA, .row = row_of(c, s)};
    /* Of the newest sheet, but on the day on which it is asked: months watched go on. */
    struct columns_run columns_run_ = {.program = f->workflow->program,
                                       .year = s->year,
                                       .day = local_day(cx->profile, cx->now_at),
                                       .area = household ? 0 : (int32_t)run.row,
                                       .household_row = household ? run.row : -1,
                                       .block = take_values,
                                       .arg = &run};
    rules->seq = columns_head(c)->seq;
    if (run.row < 0)
        return RC_OK;
    TRY(columns_run(cx, c, &columns_run_));
    return explain(rules, cx, c, &run, f, s->year);
}

enum rc case_rules_run(struct case_rules *out, struct cx *cx, const struct flow *f,
                       const struct case_subject *s)
{
    const struct workflow *w = f->workflow;
    struct columns *c;
    *out = (struct case_rules){.seq = s->seq};
    if (!w || !f->state || !w->program || s->kind == FLOW_PLAIN)
        return RC_OK;
    out->rules = arena_new(cx->arena, (w->move_count + 1) * sizeof *out->rules);
    for (size_t i = 0; i < w->move_count; i++)
        if (w->moves[i].root >= 0 && !strcmp(w->moves[i].from, f->state->code))
            out->rules[out->count++] =
                (struct case_rule){.move = &w->moves[i], .advice = ADVICE_UNKNOWN};
    if (!out->count)
        return RC_OK;
    TRY(columns_open(&c, cx, f->county));
    enum rc rc = run_open(out, cx, c, f, s);
    columns_close(c);
    return rc;
}

const struct case_rule *case_advice_on(bool *contrary, const struct case_rules *r,
                                       const struct workflow_move *move)
{
    *contrary = false;
    for (size_t i = 0; i < r->count; i++)
        if (r->rules[i].move == move)
            return &r->rules[i];
    if (move->kind != MOVE_REFUSE && move->kind != MOVE_CLOSE)
        return NULL;
    for (size_t i = 0; i < r->count; i++)
        if (r->rules[i].move->kind == MOVE_FORWARD) {
            *contrary = true;
            return &r->rules[i];
        }
    return NULL;
}

const char *case_facts_text(struct cx *cx, const struct columns_fact *facts, size_t count)
{
    struct buf b;
    buf_init(&b, cx->arena, CASE_ADVICE_BYTES);
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_z(&b, cx->lang == LANG_ZH ? "；" : "; ");
        buf_z(&b, facts[i].label);
        buf_z(&b, " ");
        buf_z(&b, facts[i].value);
    }
    return buf_ok(&b) ? buf_view(&b).p : "";
}

static const char *const advice_words[] = {[ADVICE_NONE] = "none",
                                           [ADVICE_YES] = "yes",
                                           [ADVICE_NO] = "no",
                                           [ADVICE_UNKNOWN] = "unknown"};

static void put_both(struct json *j, const char *key, const char *en, const char *zh)
{
    json_key(j, key);
    json_object_begin(j);
    json_put_z(j, "en", en);
    json_put_z(j, "zh", zh);
    json_object_end(j);
}

static void put_rule(struct json *j, const struct case_rule *r)
{
    const struct columns_fact *en = r->facts[LANG_EN], *zh = r->facts[LANG_ZH];
    json_object_begin(j);
    json_put_z(j, "event", r->move->event);
    put_both(j, "label", r->move->label.in[LANG_EN], r->move->label.in[LANG_ZH]);
    json_put_z(j, "rule", r->move->guard);
    json_key(j, "must");
    json_bool(j, r->move->guard_must);
    json_put_z(j, "advice", advice_words[r->advice]);
    json_key(j, "parts");
    json_array_begin(j);
    for (size_t i = 0; i < r->part_count; i++) {
        json_object_begin(j);
        put_both(j, "label", r->parts[i].label.in[LANG_EN], r->parts[i].label.in[LANG_ZH]);
        json_put_z(j, "value", advice_words[r->parts[i].value]);
        json_object_end(j);
    }
    json_array_end(j);
    json_key(j, "facts");
    json_array_begin(j);
    for (size_t i = 0; i < r->fact_count && en && zh; i++) {
        json_object_begin(j);
        put_both(j, "label", en[i].label, zh[i].label);
        put_both(j, "value", en[i].value, zh[i].value);
        json_put_i64(j, "year", en[i].year);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

enum rc case_rules_json(struct str *out, struct cx *cx, const struct case_rules *r,
                        const struct case_rule *only)
{
    struct buf b;
    struct json j;
    buf_init(&b, cx->arena, CASE_ADVICE_BYTES * 4);
    json_init(&j, &b);
    json_array_begin(&j);
    for (size_t i = 0; i < r->count; i++)
        if (!only || &r->rules[i] == only)
            put_rule(&j, &r->rules[i]);
    json_array_end(&j);
    if (!buf_ok(&b))
        return fail(cx, RC_LIMIT, _("The rules of this case read too many values."), "rules");
    *out = buf_view(&b);
    return RC_OK;
}

enum rc case_makes_sense(bool *out, struct cx *cx, const struct workflow *w,
                         const struct household *h)
{
    const struct workflow_state *start = workflow_start(w);
    struct flow f = {.county = h->county,
                     .workflow = w,
                     .workflow_code = w->code,
                     .state = start,
                     .state_code = start->code,
                     .subject_id = h->id,
                     .area_id = h->area_id,
                     .area_path = h->area_path};
    struct case_subject subject;
    struct case_rules rules;
    size_t barred = 0, ways = 0;
    TRY(case_subject_get(&subject, cx, &f));
    TRY(case_rules_run(&rules, cx, &f, &subject));
    for (size_t i = 0; i < w->move_count; i++)
        ways += w->moves[i].kind == MOVE_FORWARD && !strcmp(w->moves[i].from, start->code);
    for (size_t i = 0; i < rules.count; i++)
        barred += rules.rules[i].move->kind == MOVE_FORWARD &&
                  rules.rules[i].move->guard_must && rules.rules[i].advice == ADVICE_NO;
    *out = !ways || barred < ways;
    return RC_OK;
}
