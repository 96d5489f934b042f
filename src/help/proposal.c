/* Which measures fit a household: runs the catalogue's rules over the live columns, finds what
 * each measure answers and what conflicts, and puts them in order. The order and the formula of
 * `sure` are those of doc/decisions/0018-proposals.md; the words are proposal_words.c. */
#include "help/proposal.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "help/help.sql.h"
#include "help/help_inner.h"
#include "register/household.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What one run of the program over the household said. */
struct said {
    const struct measures *m;
    const struct columns_head *head;
    int64_t *cause;      /* by index of m->causes */
    int64_t *household;  /* by measure: its value, for household measures */
    int64_t **person;    /* by measure: values by place, for measures for people */
    int64_t *person_row; /* by place */
    size_t person_count;
    bool ran;
};
struct making {
    struct cx *cx;
    struct arena *scratch; /* of one explanation */
    struct columns *c;
    struct said said;
    int64_t household_row, people;
    int32_t year;
    struct need *needs;
    size_t need_count;
    struct running {
        int32_t measure;
        int64_t person_id;
    } *running;
    size_t running_count;
    struct proposed *list;
    size_t count;
};

/* ---- the run ---- */

static void said_open(struct said *s, struct cx *cx, const struct measures *m)
{
    *s = (struct said){.m = m,
                       .cause = arena_new(cx->arena, (m->cause_count + 1) * sizeof *s->cause),
                       .household = arena_new(cx->arena, (m->count + 1) * sizeof *s->household),
                       .person = arena_new(cx->arena, (m->count + 1) * sizeof *s->person)};
    for (size_t i = 0; i < m->cause_count; i++)
        s->cause[i] = COLUMN_MISSING;
    for (size_t i = 0; i < m->count; i++)
        s->household[i] = COLUMN_MISSING;
}

static enum rc keep_said(struct cx *cx, void *arg, const struct rule_runner *r,
                         const struct rule_block *b)
{
    struct said *s = arg;
    size_t people = b->count[RULE_PERSON], bytes = (people + 1) * sizeof(int64_t);
    assert(b->count[RULE_HOUSEHOLD] == 1 && !s->ran);
    s->ran = true;
    s->person_count = people;
    s->person_row = arena_new(cx->arena, bytes);
    if (people)
        memcpy(s->person_row, b->row[RULE_PERSON], people * sizeof(int64_t));
    for (size_t i = 0; i < s->m->cause_count; i++)
        s->cause[i] = rule_value(r, s->m->cause_root + i)[0];
    for (size_t i = 0; i < s->m->count; i++) {
        const struct measure *m = &s->m->list[i];
        if (m->subject == SUBJECT_HOUSEHOLD)
            s->household[i] = rule_value(r, m->root)[0];
        if (m->subject != SUBJECT_PERSON || !people)
            continue;
        s->person[i] = arena_new(cx->arena, bytes);
        memcpy(s->person[i], rule_value(r, m->root), people * sizeof(int64_t));
    }
    return RC_OK;
}

static enum rc run_rules(struct making *k)
{
    struct columns_run run = {.program = k->said.m->program,
                              .year = k->year,
                              .household_row = k->household_row,
                              .block = keep_said,
                              .arg = &k->said};
    k->said.head = columns_head(k->c);
    return columns_run(k->cx, k->c, &run);
}

/* ---- what a measure answers ---- */

static bool answers_need(const struct measure *m, int64_t person_id, const struct need *n)
{
    if (n->person_id && person_id && n->person_id != person_id)
        return false;
    for (size_t i = 0; i < m->need_count; i++)
        if (m->needs[i] == n->kind)
            return true;
    return false;
}

static int64_t cause_value(const struct said *s, const struct derived *cause)
{
    for (size_t i = 0; i < s->m->cause_count; i++)
        if (s->m->causes[i] == cause)
            return s->cause[i];
    return COLUMN_MISSING;
}

static void fill_answers(struct making *k, struct proposed *p)
{
    const struct measure *m = p->measure;
    const struct need **needs = arena_new(k->cx->arena, (k->need_count + 1) * sizeof *needs);
    const struct derived **causes =
        arena_new(k->cx->arena, (m->answer_count + 1) * sizeof *causes);
    for (size_t i = 0; i < k->need_count; i++)
        if (answers_need(m, p->person_id, &k->needs[i]))
            needs[p->need_count++] = &k->needs[i];
    for (size_t i = 0; i < m->answer_count; i++)
        if (cause_value(&k->said, m->answers[i]) == 1)
            causes[p->cause_count++] = m->answers[i];
    p->needs = needs;
    p->causes = causes;
}

static void fill_missing(struct cx *cx, struct proposed *p)
{
    const struct columns_fact **missing =
        arena_new(cx->arena, (p->fact_count + 1) * sizeof *missing);
    const char *text = _("not known"); /* as columns_explain says it */
    for (size_t i = 0; i < p->fact_count; i++)
        if (!strcmp(p->facts[i].value, text))
            missing[p->missing_count++] = &p->facts[i];
    p->missing = missing;
}

static int32_t how_sure(const struct making *k, const struct proposed *p)
{
    const struct measure *m = p->measure;
    int64_t all = (int64_t)p->fact_count, known = (int64_t)(p->fact_count - p->missing_count);
    for (size_t i = 0; i < m->answer_count; i++) {
        all++;
        known += cause_value(&k->said, m->answers[i]) != COLUMN_MISSING;
    }
    for (size_t i = 0; i < p->need_count; i++) {
        all++;
        known += p->needs[i]->amount_minor > 0 || p->needs[i]->words[0];
    }
    return (int32_t)(all ? known * 100 * m->evidence / (all * 3) : 100 * m->evidence / 3);
}

static bool has_it(const struct making *k, const struct measure *m, int64_t person_id)
{
    for (size_t i = 0; i < k->running_count; i++)
        if (k->running[i].measure == m->number &&
            (!person_id || !k->running[i].person_id || k->running[i].person_id == person_id))
            return true;
    return false;
}

/* ---- entries ---- */

static enum fit fit_of(int64_t value)
{
    return value == 1 ? FIT_YES : value == COLUMN_MISSING ? FIT_UNKNOWN : FIT_NO;
}

/* What the rule read. An explanation needs much memory for a moment: only its words are kept.
 */
static enum rc explain(struct making *k, struct proposed *p, int64_t row)
{
    struct columns_fact *facts;
    struct cx own = *k->cx;
    own.arena = k->scratch;
    enum rc rc = columns_explain(&facts, &p->fact_count, &own, k->c, k->said.m->program,
                                 p->measure->root, row, k->year);
    if (rc) {
        k->cx->err = own.err;
        return rc;
    }
    p->facts = arena_new(k->cx->arena, (p->fact_count + 1) * sizeof *p->facts);
    for (size_t i = 0; i < p->fact_count; i++)
        p->facts[i] = (struct columns_fact){arena_copy(k->cx->arena, str_of(facts[i].label)),
                                            arena_copy(k->cx->arena, str_of(facts[i].value)),
                                            facts[i].year};
    arena_reset(k->scratch);
    return RC_OK;
}

/* `row`: of the household or person that the rule is explained for; -1: there is none. */
static enum rc add_entry(struct making *k, const struct measure *m, enum fit fit,
                         int64_t person_id, int64_t row)
{
    struct cx *cx = k->cx;
    if (k->count == PROPOSAL_LIST_MAX)
        return fail(cx, RC_LIMIT, _("There are too many measures and people to look through."),
                    "proposal list");
    struct proposed *p = &k->list[k->count++];
    *p = (struct proposed){
        .measure = m, .fit = fit, .person_id = person_id, .cost_minor = m->cost_minor};
    if (row >= 0)
        TRY(explain(k, p, row));
    fill_missing(cx, p);
    fill_answers(k, p);
    p->sure = how_sure(k, p);
    if (has_it(k, m, person_id))
        p->fit = FIT_HAS_IT;
    return RC_OK;
}

static enum rc add_for_people(struct making *k, size_t i)
{
    const struct measure *m = &k->said.m->list[i];
    const struct said *s = &k->said;
    size_t before = k->count;
    for (size_t n = 0; n < s->person_count; n++) {
        enum fit fit = fit_of(s->person[i][n]);
        int64_t row = s->person_row[n];
        if (fit != FIT_NO)
            TRY(add_entry(k, m, fit, s->head->person_id[row], row));
    }
    if (k->count > before)
        return RC_OK;
    return add_entry(k, m, s->person_count ? FIT_NO : FIT_UNKNOWN, 0,
                     s->person_count ? s->person_row[0] : -1);
}

static enum rc add_entries(struct making *k)
{
    const struct measures *m = k->said.m;
    for (size_t i = 0; i < m->count; i++) {
        if (m->list[i].subject == SUBJECT_HOUSEHOLD)
            TRY(add_entry(k, &m->list[i], fit_of(k->said.household[i]), 0, k->household_row));
        else if (m->list[i].subject == SUBJECT_PERSON)
            TRY(add_for_people(k, i));
    }
    return RC_OK;
}

/* ---- order ---- */

bool proposed_is_offered(const struct proposed *p)
{
    return p->fit == FIT_YES && p->need_count + p->cause_count > 0;
}

struct place {
    int64_t group, weight, needs, evidence, cost, number, person;
};

static int group_of(const struct proposed *p)
{
    bool answers = p->need_count + p->cause_count > 0;
    switch (p->fit) {
    case FIT_YES:
        return answers ? 0 : 2;
    case FIT_UNKNOWN:
        return answers ? 1 : 3;
    case FIT_CONFLICT:
        return 4;
    case FIT_HAS_IT:
        return 5;
    case FIT_NO:
        break;
    }
    return 6;
}

/* All so that less comes first. */
static struct place place_of(const struct making *k, const struct proposed *p)
{
    const struct measure *m = p->measure;
    int64_t urgent = 0, people = k->people > 0 ? k->people : 1;
    for (size_t i = 0; i < p->need_count; i++)
        urgent += need_is_urgent(k->cx, p->needs[i]);
    if (m->subject == SUBJECT_PERSON)
        people = 1;
    return (struct place){.group = group_of(p),
                          .weight = -(urgent + (int64_t)p->cause_count),
                          .needs = -(int64_t)p->need_count,
                          .evidence = -(int64_t)m->evidence,
                          .cost = m->cost_minor ? m->cost_minor / people : INT64_MAX,
                          .number = m->number,
                          .person = p->person_id};
}

static int compare(const struct place *a, const struct place *b)
{
    const int64_t x[] = {a->group, a->weight, a->needs, a->evidence,
                         a->cost,  a->number, a->person};
    const int64_t y[] = {b->group, b->weight, b->needs, b->evidence,
                         b->cost,  b->number, b->person};
    for (size_t i = 0; i < sizeof x / sizeof x[0]; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

struct placed {
    struct place place;
    struct proposed p;
};

static int by_place(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    return compare(&x->place, &y->place);
}

static void put_in_order(struct making *k)
{
    struct placed *all = arena_new(k->cx->arena, (k->count + 1) * sizeof *all);
    for (size_t i = 0; i < k->count; i++)
        all[i] = (struct placed){place_of(k, &k->list[i]), k->list[i]};
    qsort(all, k->count, sizeof *all, by_place);
    for (size_t i = 0; i < k->count; i++)
        k->list[i] = all[i].p;
}

/* ---- conflicts ---- */

static bool excludes(const struct measure *a, const struct measure *b)
{
    for (size_t i = 0; i < a->exclude_count; i++)
        if (a->excludes[i] == b)
            return true;
    for (size_t i = 0; i < b->exclude_count; i++)
        if (b->excludes[i] == a)
            return true;
    return false;
}

static bool same_people(int64_t a, int64_t b)
{
    return !a || !b || a == b;
}

/* From the top: what stays keeps out what it excludes below it. */
static void find_conflicts(struct making *k)
{
    for (size_t i = 0; i < k->count; i++) {
        struct proposed *p = &k->list[i];
        if (p->fit != FIT_YES && p->fit != FIT_UNKNOWN)
            continue;
        for (size_t r = 0; r < k->running_count && !p->conflict; r++) {
            const struct measure *m = profile_measure(k->cx->profile, k->running[r].measure);
            if (m && excludes(p->measure, m) &&
                same_people(p->person_id, k->running[r].person_id))
                p->conflict = m;
        }
        for (size_t j = 0; j < i && !p->conflict; j++)
            if (proposed_is_offered(&k->list[j]) && excludes(p->measure, k->list[j].measure) &&
                same_people(p->person_id, k->list[j].person_id))
                p->conflict = k->list[j].measure;
        if (p->conflict)
            p->fit = FIT_CONFLICT;
    }
}

/* ---- the whole ---- */

static void find_unanswered(struct proposal *out, const struct making *k)
{
    const struct measures *m = k->said.m;
    const struct derived **list = arena_new(k->cx->arena, (m->cause_count + 1) * sizeof *list);
    for (size_t c = 0; c < m->cause_count; c++) {
        bool answered = k->said.cause[c] != 1;
        for (size_t i = 0; i < k->count && !answered; i++) {
            const struct proposed *p = &k->list[i];
            for (size_t a = 0; a < p->cause_count && !answered; a++)
                answered =
                    p->causes[a] == m->causes[c] && (p->fit == FIT_YES || p->fit == FIT_HAS_IT);
        }
        if (!answered)
            list[out->unanswered_count++] = m->causes[c];
    }
    out->unanswered = list;
}

static enum rc read_running(struct making *k, int64_t county, int64_t household_id)
{
    struct db_rows rows;
    enum { RUNNING_MAX = 500 };
    k->running = arena_new(k->cx->arena, RUNNING_MAX * sizeof *k->running);
    TRY(DB_SELECT(&rows, k->cx, &ITEM_RUNNING, V_I(county), V_I(household_id),
                  V_I(help_today(k->cx) - PROPOSAL_HAS_DAYS)));
    while (k->running_count < RUNNING_MAX && db_next(&rows))
        k->running[k->running_count++] =
            (struct running){(int32_t)row_i64(&rows, ITEM_RUNNING_MEASURE),
                             row_i64(&rows, ITEM_RUNNING_PERSON_ID)};
    return db_done(&rows);
}

/* The income year of today. */
static int32_t income_year(const struct cx *cx)
{
    int32_t today = help_today(cx), year = day_date(today).year;
    return today > profile_year_last(cx->profile, year) ? year + 1 : year;
}

static enum rc make_with(struct making *k, struct proposal *out, int64_t household_id)
{
    struct cx *cx = k->cx;
    const struct columns_head *h = columns_head(k->c);
    k->household_row = columns_household_row(k->c, household_id);
    if (k->household_row < 0)
        return fail(cx, RC_NOTFOUND, _("There is no such household, or not in your areas."),
                    "proposal household=%" PRId64, household_id);
    if (!k->year)
        k->year = h->year_count ? h->years[h->year_count - 1] : income_year(cx);
    out->journal_seq = h->seq;
    out->year = k->year;
    if (!k->said.m->program)
        return RC_OK;
    TRY(run_rules(k));
    TRY(add_entries(k));
    put_in_order(k);
    find_conflicts(k);
    put_in_order(k);
    return RC_OK;
}

enum rc proposal_make(struct proposal *out, struct cx *cx, int64_t county, int64_t household_id)
{
    struct household h;
    struct making k = {.cx = cx};
    struct proposal p = {0};
    TRY(household_get(&h, cx, household_id));
    k.people = h.people_count;
    k.year = h.sheet_year;
    said_open(&k.said, cx, cx->profile->measures);
    TRY(needs_of(&k.needs, &k.need_count, cx, county, household_id, true));
    TRY(read_running(&k, county, household_id));
    k.list = arena_array(cx->arena, PROPOSAL_LIST_MAX + 1, sizeof *k.list);
    if (!k.list)
        return fail(cx, RC_LIMIT, _("There are too many measures and people to look through."),
                    "proposal memory");
    TRY(columns_open(&k.c, cx, county));
    k.scratch = arena_open(LIMIT_JOB_ARENA);
    enum rc rc = make_with(&k, &p, household_id);
    arena_free(k.scratch);
    columns_close(k.c);
    TRY(rc);
    p.list = k.list;
    p.count = k.count;
    while (p.fit_count < p.count && proposed_is_offered(&p.list[p.fit_count]))
        p.fit_count++;
    find_unanswered(&p, &k);
    *out = p;
    return RC_OK;
}

enum rc proposal_both(struct proposal out[LANG_COUNT], struct cx *cx, int64_t county,
                      int64_t household_id)
{
    enum lang before = cx->lang;
    enum rc rc = RC_OK;
    for (int lang = 0; lang < LANG_COUNT && !rc; lang++) {
        cx->lang = (enum lang)lang;
        rc = proposal_make(&out[lang], cx, county, household_id);
    }
    cx->lang = before;
    TRY(rc);
    for (int lang = 1; lang < LANG_COUNT; lang++)
        if (out[lang].count != out[0].count || out[lang].journal_seq != out[0].journal_seq)
            return fail(cx, RC_BUSY, _("The register changed just now. Please try again."),
                        "proposal seq");
    return RC_OK;
}
