/* What people decide about rows that a score alone does not place: same person, another one,
 * unsure; taking that back. The row and the findings of those concerned follow at once. */
#include "base/format.h"
#include "base/text.h"
#include "people/actor.h"
#include "register/compare.sql.h"
#include "register/compare_inner.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { CASES_MAX = 100, MILLI = 1000, WEIGHT_MAX = 200 };
#define ODDS_MAX 1e12

void compare_judge(struct judged *out, const struct compare_list *l,
                   const struct match_model *model, const double *weights,
                   const enum compare_verdict *verdicts, size_t count)
{
    double odds[COMPARE_PAIRS_OF_ROW], all = 0, prior = model->share / (1 - model->share);
    bool found = false, chosen = false;
    *out = (struct judged){.state = ROW_LOST};
    assert(count <= COMPARE_PAIRS_OF_ROW);
    for (size_t i = 0; i < count; i++) {
        odds[i] = fmin(prior * exp2(fmin(weights[i], WEIGHT_MAX)), ODDS_MAX);
        if (verdicts[i] != VERDICT_OTHER)
            all += odds[i];
    }
    for (size_t i = 0; i < count; i++) {
        double others = verdicts[i] == VERDICT_OTHER ? all + odds[i] : all;
        out->chances[i] = llround(odds[i] / (1 + others) * MATCH_UNIT);
        bool better = verdicts[i] != VERDICT_OTHER &&
                      (!found || out->chances[i] > out->chances[out->chosen]);
        if (!chosen && (better || verdicts[i] == VERDICT_SAME))
            out->chosen = i;
        found = found || verdicts[i] != VERDICT_OTHER;
        chosen = chosen || verdicts[i] == VERDICT_SAME;
    }
    out->anybody = llround(all / (1 + all) * MATCH_UNIT);
    if (chosen)
        out->state = ROW_DECIDED;
    else if (found && out->anybody >= l->lower)
        out->state =
            out->chances[out->chosen] >= l->upper && verdicts[out->chosen] != VERDICT_UNSURE
                ? ROW_SCORE
                : ROW_REVIEW;
}

/* ---- reading ---- */

struct stored_row {
    struct compare_row row;
    struct str key, sealed;
};

static enum rc load_row(struct stored_row *out, struct cx *cx, const struct compare_list *l,
                        int64_t number)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &COMPARE_ROW_GET, V_I(l->county), V_I(l->id), V_I(l->run),
                        V_I(number));
    if (rc == RC_NOTFOUND)
        return fail(cx, rc, _("The list has no such row any more; reload the page."), "row");
    TRY(rc);
    *out = (struct stored_row){
        .row = {.number = number,
                .state = (enum compare_row_state)row_i64(&rows, COMPARE_ROW_GET_STATE),
                .person_id = row_i64(&rows, COMPARE_ROW_GET_PERSON_ID),
                .chance = row_i64(&rows, COMPARE_ROW_GET_CHANCE)},
        .key = row_copy(&rows, COMPARE_ROW_GET_ROW_KEY),
        .sealed = row_copy(&rows, COMPARE_ROW_GET_SEALED)};
    return db_done(&rows);
}

enum rc compare_row_get(struct compare_row *out, struct cx *cx, const struct compare_list *l,
                        int64_t number)
{
    struct stored_row s;
    TRY(load_row(&s, cx, l, number));
    TRY(record_open(&s.row, cx, s.sealed));
    *out = s.row;
    return RC_OK;
}

static enum rc load_pairs(struct compare_pair **out, size_t *count, struct cx *cx,
                          const struct compare_list *l, const struct stored_row *row)
{
    struct db_rows rows;
    struct compare_pair *pairs = arena_new(cx->arena, COMPARE_PAIRS_OF_ROW * sizeof *pairs);
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &COMPARE_PAIRS, V_I(l->county), V_I(l->id), V_I(l->run),
                  V_I(row->row.number)));
    while (db_next(&rows) && n < COMPARE_PAIRS_OF_ROW)
        pairs[n++] = (struct compare_pair){
            .person_id = row_i64(&rows, COMPARE_PAIRS_PERSON_ID),
            .chance = row_i64(&rows, COMPARE_PAIRS_CHANCE),
            .weight = (double)row_i64(&rows, COMPARE_PAIRS_WEIGHT) / MILLI,
            .levels = match_levels_of((int)row_i64(&rows, COMPARE_PAIRS_PATTERN))};
    TRY(db_done(&rows));
    TRY(DB_SELECT(&rows, cx, &COMPARE_VERDICTS_OF_ROW, V_I(l->county), V_T(l->kind_code),
                  V_B(row->key.p ? row->key.p : "", row->key.len)));
    while (db_next(&rows))
        for (size_t i = 0; i < n; i++)
            if (pairs[i].person_id == row_i64(&rows, COMPARE_VERDICTS_OF_ROW_PERSON_ID)) {
                pairs[i].verdict =
                    (enum compare_verdict)row_i64(&rows, COMPARE_VERDICTS_OF_ROW_VERDICT);
                pairs[i].verdict_by = row_i64(&rows, COMPARE_VERDICTS_OF_ROW_USER_ID);
                pairs[i].verdict_at = row_i64(&rows, COMPARE_VERDICTS_OF_ROW_AT);
            }
    TRY(db_done(&rows));
    *out = pairs;
    *count = n;
    return RC_OK;
}

/* What the register says of a pair's person, masked; false: it is gone, or not for this actor.
 */
static enum rc describe_person(bool *there, struct cx *cx, struct compare_pair *p,
                               const struct places *places)
{
    struct person person;
    struct household h;
    *there = false;
    enum rc rc = person_get(&person, cx, p->person_id);
    if (!rc)
        rc = household_get(&h, cx, person.household_id);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    const struct profile *profile = cx->profile;
    const struct code *sex = profile->sex_list ? code_of(profile->sex_list, person.sex) : NULL;
    p->household_id = person.household_id;
    p->name = person.name;
    p->sex = sex ? LABEL(cx, sex->label) : "";
    p->birth = person.birth_day == INT32_MIN ? "" : day_iso(cx->arena, person.birth_day);
    p->place = places_label(places, cx, str_of(h.area_path));
    p->identity = p->phone = "";
    if (person.has_identity)
        TRY(person_masked(&p->identity, cx, person.county, person.id, SECRET_IDENTITY));
    if (person.has_phone)
        TRY(person_masked(&p->phone, cx, person.county, person.id, SECRET_PHONE));
    *there = true;
    return RC_OK;
}

static enum rc fill_case(struct compare_case *out, struct cx *cx, const struct compare_list *l,
                         const struct places *places, int64_t number)
{
    struct stored_row row;
    struct compare_pair *pairs;
    size_t count, n = 0;
    TRY(load_row(&row, cx, l, number));
    TRY(record_open(&row.row, cx, row.sealed));
    TRY(load_pairs(&pairs, &count, cx, l, &row));
    for (size_t i = 0; i < count && n < COMPARE_PAIRS_KEPT; i++) {
        bool there;
        TRY(describe_person(&there, cx, &pairs[i], places));
        if (there)
            pairs[n++] = pairs[i];
    }
    *out = (struct compare_case){row.row, pairs, n};
    return RC_OK;
}

static enum rc case_numbers(int64_t *numbers, size_t *count, struct cx *cx,
                            const struct compare_list *l, bool decided, int64_t after)
{
    struct db_rows rows;
    size_t n = 0;
    const struct sql *sql = decided ? &COMPARE_ROWS_DECIDED : &COMPARE_ROWS;
    TRY(DB_SELECT(&rows, cx, sql, V_I(l->county), V_I(l->id), V_I(l->run),
                  decided ? V_T(l->kind_code) : V_I(ROW_REVIEW), V_I(after),
                  V_I((int64_t)*count)));
    while (db_next(&rows) && n < *count)
        numbers[n++] = row_i64(&rows, COMPARE_ROWS_ROW_NUMBER);
    *count = n;
    return db_done(&rows);
}

enum rc compare_cases(struct compare_case **out, size_t *count, struct cx *cx,
                      const struct compare_list *l, bool decided, int64_t after, size_t max)
{
    int64_t numbers[CASES_MAX];
    struct places *places;
    size_t n = max < CASES_MAX ? max : CASES_MAX;
    TRY(places_load(&places, cx, l->county));
    TRY(case_numbers(numbers, &n, cx, l, decided, after));
    *out = arena_new(cx->arena, (n + 1) * sizeof **out);
    for (size_t i = 0; i < n; i++)
        TRY(fill_case(&(*out)[i], cx, l, places, numbers[i]));
    *count = n;
    return RC_OK;
}

/* ---- deciding ---- */

/* A person whose findings may change, and what the rules say of it. */
struct concerned {
    int64_t person_id, household_id;
    uint32_t rules;
};
struct deciding {
    struct compare_list l;
    int64_t row_number, person_id;
    enum compare_verdict verdict;
    struct concerned all[COMPARE_PAIRS_OF_ROW + 1];
    size_t count;
};

static enum rc rules_of(struct cx *cx, struct deciding *d, const struct compare_pair *pairs,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct person person;
        struct household h;
        struct holding *holdings = NULL;
        size_t n = 0;
        enum rc rc = person_get(&person, cx, pairs[i].person_id);
        if (!rc)
            rc = household_get(&h, cx, person.household_id);
        if (rc == RC_NOTFOUND) {
            err_clear(cx);
            continue;
        }
        TRY(rc);
        if (str_starts(str_of(h.area_path), str_of(d->l.area_path)))
            TRY(rules_hold(&holdings, &n, cx, cx->arena, &d->l, person.household_id));
        struct concerned *c = &d->all[d->count++];
        *c = (struct concerned){person.id, person.household_id, 0};
        for (size_t k = 0; k < n; k++)
            if (holdings[k].person_id == person.id)
                c->rules = holdings[k].rules;
    }
    return RC_OK;
}

static enum rc set_verdict(struct cx *cx, const struct deciding *d,
                           const struct stored_row *row)
{
    const struct compare_list *l = &d->l;
    if (d->verdict == VERDICT_NONE)
        return DB_RUN(cx, &COMPARE_VERDICT_DROP, V_I(l->county), V_T(l->kind_code),
                      V_B(row->key.p, row->key.len), V_I(d->person_id));
    return DB_RUN(cx, &COMPARE_VERDICT_PUT, V_I(l->county), V_T(l->kind_code),
                  V_B(row->key.p, row->key.len), V_I(d->person_id), V_I(d->verdict),
                  V_I(register_user(cx)), V_I(cx->now_at));
}

static int64_t change_of(enum compare_row_state state, enum compare_row_state before,
                         enum compare_row_state after)
{
    return (after == state) - (before == state);
}

/* The row's state after the verdict, and the list's counts. */
static enum rc place_row(struct cx *cx, const struct deciding *d, const struct stored_row *row)
{
    const struct compare_list *l = &d->l;
    struct compare_pair *pairs;
    size_t count;
    double *weights = arena_new(cx->arena, COMPARE_PAIRS_OF_ROW * sizeof *weights);
    enum compare_verdict verdicts[COMPARE_PAIRS_OF_ROW];
    struct judged *judged = arena_new(cx->arena, sizeof *judged);
    TRY(load_pairs(&pairs, &count, cx, l, row));
    for (size_t i = 0; i < count; i++) {
        weights[i] = pairs[i].weight;
        verdicts[i] = pairs[i].verdict;
    }
    compare_judge(judged, l, &l->model, weights, verdicts, count);
    enum compare_row_state state = judged->state;
    bool is_person = state == ROW_SCORE || state == ROW_DECIDED;
    TRY(DB_RUN(cx, &COMPARE_ROW_SET, V_I(l->county), V_I(l->id), V_I(l->run),
               V_I(d->row_number), V_I(state),
               V_I(is_person ? pairs[judged->chosen].person_id : 0),
               V_I(judged->chances[judged->chosen])));
    enum compare_row_state before = row->row.state;
    return DB_RUN(
        cx, &COMPARE_LIST_COUNTS, V_I(l->id), V_I(change_of(ROW_SCORE, before, state)),
        V_I(change_of(ROW_DECIDED, before, state)), V_I(change_of(ROW_REVIEW, before, state)),
        V_I(change_of(ROW_LOST, before, state)));
}

/* Is the person in the list, perhaps in it, or not? */
struct standing {
    bool listed, perhaps;
    int64_t row_number, chance;
};

static enum rc standing_of(struct standing *out, struct cx *cx, const struct compare_list *l,
                           int64_t person_id)
{
    struct db_rows rows;
    *out = (struct standing){0};
    TRY(DB_SELECT(&rows, cx, &COMPARE_PERSON_ROWS, V_I(l->county), V_I(l->id), V_I(l->run),
                  V_I(person_id)));
    if (db_next(&rows))
        *out = (struct standing){true, false, row_i64(&rows, COMPARE_PERSON_ROWS_ROW_NUMBER),
                                 row_i64(&rows, COMPARE_PERSON_ROWS_CHANCE)};
    TRY(db_done(&rows));
    TRY(DB_SELECT(&rows, cx, &COMPARE_PERSON_PAIRS, V_I(l->county), V_I(l->id), V_I(l->run),
                  V_I(person_id), V_T(l->kind_code)));
    out->perhaps = db_next(&rows) && !out->listed;
    return db_done(&rows);
}

static enum rc refresh_person(struct cx *cx, const struct compare_list *l,
                              const struct concerned *c)
{
    struct standing s;
    TRY(standing_of(&s, cx, l, c->person_id));
    for (size_t k = 0; k < l->kind->rule_count; k++) {
        const struct list_rule *rule = &l->kind->rules[k];
        bool holds = (c->rules >> k & 1) && !s.perhaps && rule->listed == s.listed;
        if (!holds) {
            TRY(DB_RUN(cx, &COMPARE_FINDING_GONE, V_I(l->county), V_I(l->id), V_T(rule->code),
                       V_I(c->person_id), V_I(cx->now_at)));
            continue;
        }
        int64_t id;
        TRY(db_ids(&id, cx, 1));
        TRY(DB_RUN(cx, &COMPARE_FINDING_ADD, V_I(l->county), V_I(id), V_I(l->id),
                   V_T(l->kind_code), V_T(rule->code), V_I(c->household_id), V_I(c->person_id),
                   V_I(s.row_number), V_I(s.chance), V_I(l->owner_id), V_I(l->deadline_day),
                   V_I(cx->now_at)));
    }
    return RC_OK;
}

static enum rc write_decision(struct cx *cx, void *arg)
{
    const struct deciding *d = arg;
    struct stored_row row;
    TRY(load_row(&row, cx, &d->l, d->row_number));
    TRY(set_verdict(cx, d, &row));
    TRY(place_row(cx, d, &row));
    for (size_t i = 0; i < d->count; i++)
        TRY(refresh_person(cx, &d->l, &d->all[i]));
    return RC_OK;
}

enum rc compare_decide(struct cx *cx, int64_t list_id, int64_t row_number, int64_t person_id,
                       enum compare_verdict verdict)
{
    struct deciding *d = arena_new(cx->arena, sizeof *d);
    struct stored_row row;
    struct compare_pair *pairs;
    size_t count;
    bool is_pair = false;
    TRY(compare_get(&d->l, cx, list_id));
    TRY(actor_require_in(cx, "compare.run", str_of(d->l.area_path)));
    if (d->l.state != COMPARE_DONE || !d->l.kind)
        return fail(cx, RC_CONFLICT,
                    _("This list is not in force: it was replaced, taken back, or is running."),
                    "state=%d", (int)d->l.state);
    TRY(load_row(&row, cx, &d->l, row_number));
    TRY(load_pairs(&pairs, &count, cx, &d->l, &row));
    for (size_t i = 0; i < count; i++)
        is_pair = is_pair || pairs[i].person_id == person_id;
    if (!is_pair || !row.key.len)
        return fail(cx, RC_NOTFOUND, _("The list has no such row any more; reload the page."),
                    "pair");
    d->row_number = row_number;
    d->person_id = person_id;
    d->verdict = verdict;
    TRY(rules_of(cx, d, pairs, count));
    return db_write(cx, d->l.county, write_decision, d);
}
