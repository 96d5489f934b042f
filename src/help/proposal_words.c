/* Proposals in words, and as JSON to be frozen. No words of the household go into a reason:
 * they are sealed, and reasons are read by departments. */
#include "base/format.h"
#include "base/json.h"
#include "base/text.h"
#include "help/help_inner.h"
#include "help/proposal.h"

#include <string.h>

enum { WORDS_MAX = 8192, REASON_FACTS_MAX = 8, JSON_MAX = 4 * 1024 * 1024 };

const char *fit_label(struct cx *cx, enum fit fit)
{
    switch (fit) {
    case FIT_YES:
        return _("fits");
    case FIT_UNKNOWN:
        return _("may fit: something is not known");
    case FIT_NO:
        return _("does not fit");
    case FIT_HAS_IT:
        return _("has it already");
    case FIT_CONFLICT:
        break;
    }
    return _("not together with another");
}

const char *evidence_label(struct cx *cx, int32_t evidence)
{
    switch (evidence) {
    case 0:
        return _("nobody has studied whether it works");
    case 1:
        return _("weak evidence that it works");
    case 2:
        return _("some evidence that it works");
    default:
        return _("strong evidence that it works");
    }
}

static bool is_missing(const struct proposed *x, const struct columns_fact *fact)
{
    for (size_t i = 0; i < x->missing_count; i++)
        if (x->missing[i] == fact)
            return true;
    return false;
}

const char *proposal_facts(struct cx *cx, const struct proposed *x, bool missing, size_t max)
{
    struct buf b;
    size_t n = 0;
    buf_init(&b, cx->arena, WORDS_MAX);
    for (size_t i = 0; i < x->fact_count; i++) {
        const struct columns_fact *f = &x->facts[i];
        bool told = false;
        if (is_missing(x, f) != missing)
            continue;
        for (size_t j = 0; j < i && !told; j++) /* one label of several people, not known */
            told =
                missing && is_missing(x, &x->facts[j]) && !strcmp(x->facts[j].label, f->label);
        if (told)
            continue;
        if (n == max) {
            buf_z(&b, " …");
            break;
        }
        buf_z(&b, n++ ? _("; ") : "");
        if (missing)
            buf_z(&b, f->label);
        else
            buf_printf(&b, _("%s: %s"), f->label, f->value);
    }
    return arena_copy(cx->arena, buf_view(&b));
}

static const char *money_text(struct cx *cx, int64_t minor)
{
    return arena_printf(cx->arena, "%s %s", cx->profile->currency_sign,
                        format_money(cx, minor, cx->profile->currency_decimals));
}

/* "Housing (urgent, ¥ 5,000); Water" */
static const char *needs_text(struct cx *cx, const struct proposed *x)
{
    struct buf b;
    buf_init(&b, cx->arena, WORDS_MAX);
    for (size_t i = 0; i < x->need_count; i++) {
        const struct need *n = x->needs[i];
        buf_z(&b, i ? _("; ") : "");
        if (n->amount_minor)
            buf_printf(&b, _("%s (%s, %s)"), need_kind_label(cx, n->kind),
                       urgency_label(cx, n->urgency), money_text(cx, n->amount_minor));
        else
            buf_printf(&b, _("%s (%s)"), need_kind_label(cx, n->kind),
                       urgency_label(cx, n->urgency));
    }
    return arena_copy(cx->arena, buf_view(&b));
}

static const char *causes_text(struct cx *cx, const struct proposed *x)
{
    struct buf b;
    buf_init(&b, cx->arena, WORDS_MAX);
    for (size_t i = 0; i < x->cause_count; i++) {
        buf_z(&b, i ? _("; ") : "");
        buf_z(&b, LABEL(cx, x->causes[i]->label));
    }
    return arena_copy(cx->arena, buf_view(&b));
}

static void put_rule(struct buf *b, struct cx *cx, const struct proposed *x)
{
    const char *facts = proposal_facts(cx, x, false, REASON_FACTS_MAX);
    if (x->fit == FIT_NO && x->measure->subject == SUBJECT_PERSON)
        buf_z(b, _("It fits nobody in the household."));
    else if (x->fit == FIT_NO && facts[0])
        buf_printf(b, _("The rule does not fit: %s."), facts);
    else if (x->fit == FIT_NO)
        buf_z(b, _("The rule does not fit."));
    else if (x->fit == FIT_HAS_IT)
        buf_z(b, _("The household has it already or is getting it."));
    else if (x->fit == FIT_UNKNOWN && facts[0])
        buf_printf(b, _("Whether the rule fits is not known. Known: %s."), facts);
    else if (x->fit == FIT_UNKNOWN)
        buf_z(b, _("Whether the rule fits is not known."));
    else if (facts[0])
        buf_printf(b, _("The rule fits: %s."), facts);
    else
        buf_z(b, _("The rule fits everybody."));
}

/* What an offered measure keeps out. */
static void put_keeps_out(struct buf *b, struct cx *cx, const struct proposal *p,
                          const struct proposed *x)
{
    for (size_t i = 0; p && i < p->count; i++) {
        const struct proposed *other = &p->list[i];
        bool told = i && p->list[i - 1].measure == other->measure; /* of several people */
        if (!told && other->fit == FIT_CONFLICT && other->conflict == x->measure &&
            (!other->person_id || !x->person_id || other->person_id == x->person_id)) {
            buf_char(b, ' ');
            buf_printf(b, _("Not at the same time as “%s”, which stands below it."),
                       LABEL(cx, other->measure->label));
        }
    }
}

static void put_sure(struct buf *b, struct cx *cx, const struct proposed *x)
{
    const struct measure *m = x->measure;
    const char *text = LABEL(cx, m->evidence_text);
    buf_char(b, ' ');
    buf_printf(b, _("How sure: %d of 100 (%s)."), (int)x->sure,
               evidence_label(cx, m->evidence));
    if (text && text[0]) {
        buf_char(b, ' ');
        buf_z(b, text);
    }
}

const char *proposal_words(struct cx *cx, const struct proposal *p, const struct proposed *x)
{
    struct buf b;
    buf_init(&b, cx->arena, WORDS_MAX);
    if (x->need_count)
        buf_printf(&b, _("The household needs: %s. "), needs_text(cx, x));
    if (x->cause_count)
        buf_printf(&b, _("Cause that it answers: %s. "), causes_text(cx, x));
    if (!x->need_count && !x->cause_count && x->fit != FIT_NO)
        buf_z(&b, _("It answers no need that was said and no cause that is known. "));
    put_rule(&b, cx, x);
    const char *missing = proposal_facts(cx, x, true, REASON_FACTS_MAX);
    if (missing[0]) {
        buf_char(&b, ' ');
        buf_printf(&b, _("Not known: %s."), missing);
    }
    if (x->conflict) {
        buf_char(&b, ' ');
        buf_printf(&b, _("It cannot be given together with “%s”."),
                   LABEL(cx, x->conflict->label));
    }
    if (proposed_is_offered(x))
        put_keeps_out(&b, cx, p, x);
    if (x->fit != FIT_NO)
        put_sure(&b, cx, x);
    return arena_copy(cx->arena, buf_view(&b));
}

/* ---- frozen ---- */

static void put_facts(struct json *j, const char *key, const struct proposed *x)
{
    json_key(j, key);
    json_array_begin(j);
    for (size_t i = 0; i < x->fact_count; i++) {
        json_object_begin(j);
        json_put_z(j, "label", x->facts[i].label);
        json_put_z(j, "value", x->facts[i].value);
        json_put_i64(j, "year", x->facts[i].year);
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_ids(struct json *j, const struct proposed *x)
{
    json_key(j, "needs");
    json_array_begin(j);
    for (size_t i = 0; i < x->need_count; i++)
        json_i64(j, x->needs[i]->id);
    json_array_end(j);
    json_key(j, "causes");
    json_array_begin(j);
    for (size_t i = 0; i < x->cause_count; i++)
        json_z(j, x->causes[i]->code);
    json_array_end(j);
}

static void put_entry(struct json *j, struct cx *cx, const struct proposal by[LANG_COUNT],
                      size_t i)
{
    static const char *const fits[] = {"yes", "unknown", "no", "has_it", "conflict"};
    static const char *const facts[LANG_COUNT] = {"facts_en", "facts_zh"};
    static const char *const words[LANG_COUNT] = {"words_en", "words_zh"};
    const struct proposed *x = &by[0].list[i];
    enum lang before = cx->lang;
    json_object_begin(j);
    json_put_i64(j, "measure", x->measure->number);
    json_put_z(j, "code", x->measure->code);
    json_put_z(j, "fit", fits[x->fit]);
    json_put_i64(j, "sure", x->sure);
    json_put_i64(j, "evidence", x->measure->evidence);
    json_put_i64(j, "cost_minor", x->cost_minor);
    json_put_i64(j, "person", x->person_id);
    if (x->conflict)
        json_put_z(j, "conflict", x->conflict->code);
    json_put_z(j, "rule", x->measure->rule);
    put_ids(j, x);
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        cx->lang = (enum lang)lang;
        json_put_z(j, words[lang], proposal_words(cx, &by[lang], &by[lang].list[i]));
        put_facts(j, facts[lang], &by[lang].list[i]);
    }
    cx->lang = before;
    json_object_end(j);
}

enum rc proposal_json(struct str *out, struct cx *cx, const struct proposal by[LANG_COUNT],
                      int64_t household_id)
{
    struct buf b;
    struct json j;
    buf_init(&b, cx->arena, JSON_MAX);
    json_init(&j, &b);
    json_object_begin(&j);
    json_put_z(&j, "kind", "proposal");
    json_put_i64(&j, "household", household_id);
    json_put_i64(&j, "journal", by[0].journal_seq);
    json_put_i64(&j, "year", by[0].year);
    json_put_i64(&j, "at", cx->now_at);
    json_put_z(&j, "profile", cx->profile->version);
    json_key(&j, "unanswered");
    json_array_begin(&j);
    for (size_t i = 0; i < by[0].unanswered_count; i++)
        json_z(&j, by[0].unanswered[i]->code);
    json_array_end(&j);
    json_key(&j, "list");
    json_array_begin(&j);
    for (size_t i = 0; i < by[0].count; i++)
        put_entry(&j, cx, by, i);
    json_array_end(&j);
    json_object_end(&j);
    if (!buf_ok(&b))
        return fail(cx, RC_LIMIT, _("There are too many measures and people to look through."),
                    "proposal json");
    *out = buf_view(&b);
    return RC_OK;
}
