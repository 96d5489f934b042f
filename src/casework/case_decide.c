/* Deciding a case: the rules are run, the data frozen, and one write moves the flow and changes
 * the register with the frozen document as the source. Between freezing and writing nothing is
 * held: when the household's data changed meanwhile, all is done again with the newer data; a
 * document that was frozen in vain stays in the store and nobody points to it. */
#include "casework/case_inner.h"

#include "base/fault.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { TRIES_MAX = 5, REFUSAL_FACTS = 6 };

/* One attempt. */
struct deciding {
    struct flow_ask *ask;
    struct flow flow;
    struct case_subject subject;
    struct case_rules rules;
    const struct workflow_move *move;
    bool freezes, stale, late; /* late: somebody moved it meanwhile */
    int frozen_fd;
    struct case_writes writes;
};

/* ---- rules ---- */

/* The facts that are not known, by name. */
static const char *unknown_facts(struct cx *cx, const struct case_rule *r)
{
    const struct columns_fact *facts = r->facts[cx->lang];
    const char *unknown = _("not known");
    struct buf b;
    size_t n = 0;
    buf_init(&b, cx->arena, CASE_ADVICE_BYTES);
    for (size_t i = 0; facts && i < r->fact_count && n < REFUSAL_FACTS; i++)
        if (!strcmp(facts[i].value, unknown))
            buf_printf(&b, "%s%s", n++ ? (cx->lang == LANG_ZH ? "、" : ", ") : "",
                       facts[i].label);
    return n ? buf_view(&b).p : _("nothing about it is in the register");
}

static enum rc check_must(struct cx *cx, const struct case_rule *r)
{
    size_t count = r->fact_count < REFUSAL_FACTS ? r->fact_count : REFUSAL_FACTS;
    const char *name = LABEL(cx, r->move->label);
    if (r->advice == ADVICE_NO)
        return fail_f(cx, RC_INVALID, _("The rule for \"%s\" does not hold: %s."), name,
                      case_facts_text(cx, r->facts[cx->lang], count));
    if (r->advice == ADVICE_UNKNOWN)
        return fail_f(
            cx, RC_INVALID,
            _("The rule for \"%s\" cannot be answered. Enter what is not known first: %s."),
            name, unknown_facts(cx, r));
    return RC_OK;
}

static enum rc take_advice(struct deciding *d, struct cx *cx)
{
    bool contrary;
    const struct case_rule *r = case_advice_on(&contrary, &d->rules, d->move);
    struct flow_ask *ask = d->ask;
    ask->advice = ADVICE_NONE;
    ask->advice_text = STR("");
    ask->journal_seq = d->rules.seq;
    ask->snapshot_id = 0;
    if (!r)
        return RC_OK;
    if (!contrary && d->move->guard_must)
        TRY(check_must(cx, r));
    ask->advice = r->advice;
    if (!flow_followed(d->move, r->advice) && str_trim(ask->reason).len == 0)
        return fail(cx, RC_INVALID,
                    _("The rules advise something else. Write the reason for deciding "
                      "differently."),
                    "flow=%" PRId64, ask->id);
    return case_rules_json(&ask->advice_text, cx, &d->rules, r);
}

/* ---- one attempt ---- */

static enum rc find_move(struct deciding *d, struct cx *cx)
{
    const struct flow *f = &d->flow;
    if (!f->workflow || !f->state)
        return fail(cx, RC_INVALID,
                    _("The profile no longer knows the state of this case. It must be set into "
                      "one that exists first."),
                    "flow=%" PRId64, f->id);
    if (!strcmp(f->workflow->kind, "grievance"))
        return fail(cx, RC_INVALID,
                    _("A grievance is answered on its own page, in words and not by the one it "
                      "is about."),
                    "flow=%" PRId64 " grievance", f->id);
    d->move = workflow_move(f->workflow, str_of(f->state_code), d->ask->event);
    return RC_OK;
}

/* Everything that is read. */
static enum rc prepare(struct deciding *d, struct cx *cx)
{
    struct flow_ask trial = *d->ask;
    TRY(flow_get(&d->flow, cx, d->ask->id));
    d->late = d->flow.version != d->ask->version;
    if (d->late)
        return RC_OK; /* flow_move says who and what */
    TRY(find_move(d, cx));
    /* Who and what first, so that a rule is told only to those who may decide. */
    trial.advice = d->move && d->move->root >= 0 ? ADVICE_YES : ADVICE_NONE;
    TRY(flow_can(cx, &d->flow, &trial));
    if (!d->move)
        return fail(cx, RC_INVALID, _("This step does not exist here."), "flow=%" PRId64,
                    d->flow.id);
    TRY(case_subject_get(&d->subject, cx, &d->flow));
    TRY(case_rules_run(&d->rules, cx, &d->flow, &d->subject));
    TRY(take_advice(d, cx));
    case_writes_collect(&d->writes, cx, &d->subject, d->move, d->ask);
    d->freezes = d->move->snapshot || d->writes.any;
    if (!d->freezes)
        return RC_OK;
    const struct case_decision decision = {.flow = &d->flow,
                                           .subject = &d->subject,
                                           .rules = &d->rules,
                                           .move = d->move,
                                           .ask = d->ask};
    return case_freeze_build(&d->frozen_fd, cx, &decision);
}

/* The only write: all of it or nothing. */
static enum rc decide_write(struct cx *cx, void *arg)
{
    struct deciding *d = arg;
    d->stale = false;
    if (!d->late && d->subject.kind == FLOW_HOUSEHOLD && !d->subject.gone) {
        int64_t seq;
        TRY(case_thing_seq(&seq, cx, d->flow.county, d->subject.h.id));
        if (seq != d->subject.seq) {
            d->stale = true;
            return RC_CONFLICT;
        }
    }
    TRY(flow_move(cx, d->ask));
    if (fault_hit("casework.moved"))
        return fail(cx, RC_IO, _("The decision could not be kept. Try again."), "errno=%d",
                    errno);
    if (d->late)
        return RC_OK;
    TRY(case_writes_apply(cx, &d->writes, d->flow.county, d->ask->snapshot_id));
    return case_wake_others(cx, &d->flow);
}

static enum rc attempt(bool *again, struct cx *cx, struct flow_ask *ask)
{
    struct deciding d = {.ask = ask, .frozen_fd = -1};
    *again = false;
    TRY(db_read_begin(cx));
    enum rc rc = prepare(&d, cx);
    db_read_end(cx);
    TRY(rc);
    if (d.freezes)
        TRY(case_freeze_put(&ask->snapshot_id, cx, &d.flow, d.frozen_fd));
    rc = db_write(cx, d.flow.county, decide_write, &d);
    *again = rc == RC_CONFLICT && d.stale;
    return rc;
}

enum rc case_decide(struct cx *cx, struct flow_ask *ask)
{
    db_read_end(cx);
    for (int i = 0; i < TRIES_MAX; i++) {
        bool again;
        struct arena_mark mark = arena_mark(cx->arena);
        enum rc rc = attempt(&again, cx, ask);
        if (!again)
            return rc;
        err_clear(cx);
        arena_back(cx->arena, mark);
    }
    return fail(cx, RC_BUSY,
                _("The data of this household are being changed right now. Look at them and "
                  "decide again."),
                "flow=%" PRId64, ask->id);
}

enum rc case_decide_many(struct case_result **out, struct cx *cx, const struct flow_ask *asks,
                         size_t count)
{
    *out = arena_new(cx->arena, (count + 1) * sizeof **out);
    for (size_t i = 0; i < count; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        struct flow_ask ask = asks[i];
        struct case_result *r = &(*out)[i];
        char text[sizeof cx->err.text];
        r->flow_id = ask.id;
        r->rc = case_decide(cx, &ask);
        snprintf(text, sizeof text, "%s", r->rc ? cx->err.text : "");
        err_clear(cx);
        arena_back(cx->arena, mark);
        r->text = r->rc ? arena_copy(cx->arena, str_of(text)) : NULL;
    }
    return RC_OK;
}
