/* Closing an assembly: what each vote means, the moves, and what could not be made. First the
 * results are written down (state CLOSING), then the moves are made one by one, each noted by
 * the hook in its own transaction, then it is closed. A crash between leaves it CLOSING, and
 * closing again makes what is left. */
#include "base/fault.h"
#include "base/format.h"
#include "base/text.h"
#include "casework/assembly.sql.h"
#include "casework/assembly_inner.h"
#include "people/actor.h"
#include "profile/calendar.h"

#include <string.h>

/* ---- rules ---- */

static enum rc percent_of(int32_t *out, struct cx *cx, int64_t area_id, const char *code)
{
    const struct option *o;
    int64_t n;
    TRY(area_option(&o, cx, area_id, code));
    *out = o && str_to_i64(&n, str_of(o->value)) && n >= 0 && n <= 100 ? (int32_t)n : 0;
    return RC_OK;
}

enum rc assembly_rule_get(struct assembly_rule *out, struct cx *cx, int64_t area_id)
{
    TRY(percent_of(&out->quorum, cx, area_id, "vote_quorum"));
    return percent_of(&out->share, cx, area_id, "vote_share");
}

bool assembly_has_quorum(const struct assembly_rule *r, const struct assembly *a)
{
    if (a->entitled <= 0 || a->present <= 0)
        return false;
    return ((int64_t)a->present * 200 + a->entitled) / (2 * (int64_t)a->entitled) >= r->quorum;
}

bool assembly_passes(const struct assembly_rule *r, const struct assembly *a,
                     const struct assembly_item *item)
{
    if (!r->share)
        return item->agree > item->disagree;
    return (int64_t)item->agree * 100 > (int64_t)r->share * a->present;
}

/* The move that a result asks for: forward, or what refuses, else what sends back. */
static const struct workflow_move *move_of(const struct flow *f, bool passed)
{
    static const enum move_kind kinds[2][3] = {{MOVE_REFUSE, MOVE_BACK, MOVE_CLOSE},
                                               {MOVE_FORWARD, MOVE_FORWARD, MOVE_FORWARD}};
    for (size_t k = 0; f->workflow && k < 3; k++)
        for (size_t i = 0; i < f->workflow->move_count; i++) {
            const struct workflow_move *m = &f->workflow->moves[i];
            if (m->kind == kinds[passed][k] && !strcmp(m->from, f->state_code))
                return m;
        }
    return NULL;
}

/* ---- first step: the results ---- */

struct closing {
    struct assembly assembly;
    struct assembly_item *items;
    const struct flow *flows; /* of the items */
    const char **events;
    size_t count;
};

static enum rc check_ready(struct cx *cx, const struct closing *c,
                           const struct assembly_rule *rule)
{
    const struct assembly *a = &c->assembly;
    if (a->state == ASSEMBLY_CLOSED)
        return fail(cx, RC_CONFLICT, _("This meeting is closed already."), "closed");
    if (a->state == ASSEMBLY_CLOSING)
        return RC_OK;
    if (a->present < 0 || a->entitled <= 0)
        return fail(cx, RC_INVALID, _("Count the people first: entitled and present."),
                    "people");
    if (!a->minutes[0])
        return fail(cx, RC_INVALID, _("Write the minutes first."), "minutes");
    for (size_t i = 0; i < c->count; i++)
        if (!assembly_voted(&c->items[i]))
            return fail(cx, RC_INVALID,
                        _("Not every case has its votes. Enter them, or take the case off the "
                          "list."),
                        "flow=%" PRId64, c->items[i].flow_id);
    if (c->count && !assembly_has_quorum(rule, a))
        return fail_f(cx, RC_INVALID,
                      _("Only %d of %d people are here; at least %d %% are needed. The meeting "
                        "cannot decide: take the cases off its list and hold another one."),
                      (int)a->present, (int)a->entitled, (int)rule->quorum);
    return RC_OK;
}

/* Votes and the list change without the meeting's version: are they what was counted? */
static enum rc same_votes(struct cx *cx, const struct closing *c)
{
    struct assembly_item *now;
    size_t count;
    TRY(assembly_read_items(&now, &count, cx, &c->assembly));
    bool same = count == c->count;
    for (size_t i = 0; same && i < count; i++)
        same = now[i].flow_id == c->items[i].flow_id && now[i].version == c->items[i].version;
    return same ? RC_OK : assembly_stale(cx, c->assembly.id);
}

static enum rc write_results(struct cx *cx, void *arg)
{
    const struct closing *c = arg;
    const struct assembly *a = &c->assembly;
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &ASSEMBLY_BEGIN_CLOSE, V_I(a->county), V_I(a->id),
                     V_I(a->version), V_I(cx->actor ? cx->actor->user_id : 0)));
    if (!changed)
        return assembly_stale(cx, a->id);
    TRY(same_votes(cx, c));
    for (size_t i = 0; a->state != ASSEMBLY_CLOSING && i < c->count; i++)
        TRY(DB_RUN(cx, &ASSEMBLY_ITEM_RESULT, V_I(a->county), V_I(a->id),
                   V_I(c->items[i].flow_id), V_I(c->items[i].passed), V_T(c->events[i])));
    return RC_OK;
}

/* ---- second step: the moves ---- */

static bool names(const char *code, const char *what)
{
    return strstr(code, what) != NULL;
}

/* What the meeting answers to a field of the move, by the field's code and type. */
static bool answer_field(struct flow_answer *out, struct cx *cx, const struct workflow_field *f,
                         const struct assembly *a, const struct assembly_item *item)
{
    *out = (struct flow_answer){.field = f, .value = value_missing()};
    if (f->type == FIELD_TYPE_INTEGER) {
        int64_t n = names(f->code, "disagree") || names(f->code, "against")  ? item->disagree
                    : names(f->code, "agree") || names(f->code, "for")       ? item->agree
                    : names(f->code, "abstain")                              ? item->abstain
                    : names(f->code, "present")                              ? a->present
                    : names(f->code, "entitled") || names(f->code, "voters") ? a->entitled
                                                                             : -1;
        out->value = value_int(n);
        return n >= 0;
    }
    if (f->type == FIELD_TYPE_DAY) {
        out->value = value_int(local_day(cx->profile, a->at));
        return true;
    }
    if (f->type == FIELD_TYPE_FILE) {
        out->document_id = a->attendance_id;
        return a->attendance_id > 0;
    }
    if (f->type == FIELD_TYPE_SIGNATURE ||
        (f->type == FIELD_TYPE_TEXT && names(f->code, "chair"))) {
        out->value = value_text(str_of(a->chair));
        return a->chair[0] != '\0';
    }
    if (f->type == FIELD_TYPE_TEXT && (names(f->code, "minutes") || names(f->code, "note"))) {
        out->value = value_text(str_of(a->minutes));
        return true;
    }
    return false;
}

static void fill_ask(struct flow_ask *ask, struct cx *cx, const struct closing *c, size_t i)
{
    const struct flow *f = &c->flows[i];
    const struct assembly *a = &c->assembly;
    const struct assembly_item *item = &c->items[i];
    const struct workflow_move *m =
        f->workflow ? workflow_move(f->workflow, str_of(f->state_code), str_of(c->events[i]))
                    : NULL;
    size_t n = 0, fields = m ? m->field_count : 0;
    struct flow_answer *answers = arena_new(cx->arena, (fields + 1) * sizeof *answers);
    for (size_t k = 0; k < fields; k++)
        if (answer_field(&answers[n], cx, &m->fields[k], a, item))
            n++;
    const char *reason = arena_printf(
        cx->arena, _("Meeting of %s: %d for it, %d against, %d abstained; %d of %d present."),
        format_day(cx, local_day(cx->profile, a->at)), (int)item->agree, (int)item->disagree,
        (int)item->abstain, (int)a->present, (int)a->entitled);
    *ask = (struct flow_ask){.id = item->flow_id,
                             .version = item->flow_version,
                             .event = str_of(c->events[i]),
                             .reason = str_of(reason),
                             .answers = answers,
                             .answer_count = n};
}

static enum rc make_moves(struct case_result **out, size_t *count, struct cx *cx,
                          const struct closing *c)
{
    struct flow_ask *asks = arena_new(cx->arena, (c->count + 1) * sizeof *asks);
    size_t n = 0;
    for (size_t i = 0; i < c->count; i++)
        if (!c->items[i].moved && c->events[i][0])
            fill_ask(&asks[n++], cx, c, i);
    *count = n;
    *out = NULL;
    return n ? case_decide_many(out, cx, asks, n) : RC_OK;
}

/* ---- third step ---- */

struct finishing {
    const struct closing *closing;
    const struct case_result *results;
    size_t result_count;
};

static enum rc write_failed(struct cx *cx, const struct assembly *a, int64_t flow_id,
                            const char *text)
{
    return DB_RUN(cx, &ASSEMBLY_ITEM_FAILED, V_I(a->county), V_I(a->id), V_I(flow_id),
                  V_T(text));
}

static enum rc write_closed(struct cx *cx, void *arg)
{
    const struct finishing *f = arg;
    const struct closing *c = f->closing;
    const struct assembly *a = &c->assembly;
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &ASSEMBLY_END_CLOSE, V_I(a->county), V_I(a->id),
                     V_I(a->version + 1), V_I(cx->now_at)));
    if (!changed)
        return assembly_stale(cx, a->id);
    for (size_t i = 0; i < f->result_count; i++)
        if (f->results[i].rc)
            TRY(write_failed(cx, a, f->results[i].flow_id,
                             f->results[i].text && f->results[i].text[0]
                                 ? f->results[i].text
                                 : _("Its move could not be made.")));
    for (size_t i = 0; i < c->count; i++)
        if (!c->events[i][0])
            TRY(write_failed(cx, a, c->items[i].flow_id,
                             _("The case was decided in the meantime, moved to another area, "
                               "or knows no such move.")));
    return RC_OK;
}

/* What the first step wrote: results of an interrupted closing are not made anew. */
static enum rc read_events(struct closing *c, struct cx *cx)
{
    struct db_rows rows;
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &ASSEMBLY_ITEM_LIST, V_I(c->assembly.county), V_I(c->assembly.id),
                  V_I(ASSEMBLY_ITEMS_MAX)));
    while (n < c->count && db_next(&rows))
        c->events[n++] = row_copy(&rows, ASSEMBLY_ITEM_LIST_EVENT).p;
    return db_done(&rows);
}

static enum rc decide_results(struct closing *c, struct cx *cx,
                              const struct assembly_rule *rule)
{
    if (c->assembly.state == ASSEMBLY_CLOSING)
        return read_events(c, cx);
    for (size_t i = 0; i < c->count; i++) {
        const struct flow *f = &c->flows[i];
        bool waits = !f->closed_at && f->state && f->state->kind == STATE_VOTE;
        c->items[i].passed = assembly_passes(rule, &c->assembly, &c->items[i]);
        const struct workflow_move *m = waits ? move_of(f, c->items[i].passed) : NULL;
        c->events[i] = m ? m->event : "";
    }
    return RC_OK;
}

static enum rc read_flows(struct closing *c, struct cx *cx)
{
    struct flow *flows = arena_new(cx->arena, (c->count + 1) * sizeof *flows);
    struct case_subject s;
    for (size_t i = 0; i < c->count; i++)
        TRY(assembly_case(&flows[i], &s, cx, c->items[i].flow_id));
    c->flows = flows;
    return RC_OK;
}

static enum rc interrupted(struct cx *cx, int64_t id)
{
    return fail(cx, RC_IO, _("Closing was interrupted. Close the meeting once more."),
                "assembly=%" PRId64, id);
}

enum rc assembly_close(int64_t *failed, struct cx *cx, int64_t id, int32_t version)
{
    struct closing c;
    struct assembly_rule rule;
    struct case_result *results;
    size_t result_count;
    TRY(assembly_to_write(&c.assembly, cx, id));
    if (c.assembly.version != version)
        return assembly_stale(cx, id);
    TRY(assembly_read_items(&c.items, &c.count, cx, &c.assembly));
    c.events = arena_new(cx->arena, (c.count + 1) * sizeof *c.events);
    TRY(assembly_rule_get(&rule, cx, c.assembly.area_id));
    TRY(check_ready(cx, &c, &rule));
    TRY(read_flows(&c, cx));
    TRY(decide_results(&c, cx, &rule));
    db_read_end(cx); /* the moves read what others wrote */
    TRY(db_write(cx, c.assembly.county, write_results, &c));
    if (fault_hit("assembly.results"))
        return interrupted(cx, id);
    TRY(make_moves(&results, &result_count, cx, &c));
    if (fault_hit("assembly.moves"))
        return interrupted(cx, id);
    struct finishing f = {&c, results, result_count};
    TRY(db_write(cx, c.assembly.county, write_closed, &f));
    TRY(assembly_read_items(&c.items, &c.count, cx, &c.assembly));
    *failed = 0;
    for (size_t i = 0; i < c.count; i++)
        *failed += !c.items[i].moved;
    return RC_OK;
}

enum rc assembly_hook(struct cx *cx, const struct flow *now, const struct workflow_move *move,
                      const struct flow_ask *ask)
{
    (void)ask;
    if (!move || !now->workflow)
        return RC_OK;
    const struct workflow_state *from = workflow_state(now->workflow, str_of(move->from));
    if (!from || from->kind != STATE_VOTE)
        return RC_OK;
    return DB_RUN(cx, &ASSEMBLY_ITEM_MOVED, V_I(now->county), V_I(now->id), V_T(move->event));
}
