/* What the checks find in one household, evaluated now, and findings that somebody explained.
 */
#include "base/text.h"
#include "db/db.h"
#include "people/actor.h"
#include "register/check.sql.h"
#include "register/check_inner.h"
#include "register/inner.h"

#include <stdlib.h>
#include <string.h>

enum { EXPLANATIONS_MAX = 200000, FINDINGS_MAX = 2000, REASON_MIN = 3 };

/* ---- what was explained ---- */

static struct check_explanation explanation_of_row(const struct db_rows *rows, int64_t county,
                                                   int32_t year)
{
    struct check_explanation e = {
        .id = row_i64(rows, CHECK_EXPLAINED_LIST_ID),
        .county = county,
        .household_id = row_i64(rows, CHECK_EXPLAINED_LIST_HOUSEHOLD_ID),
        .subject_id = row_i64(rows, CHECK_EXPLAINED_LIST_SUBJECT_ID),
        .year = year,
        .number = (int32_t)row_i64(rows, CHECK_EXPLAINED_LIST_CHECK_NUMBER),
        .reason = row_copy(rows, CHECK_EXPLAINED_LIST_REASON).p,
        .user_id = row_i64(rows, CHECK_EXPLAINED_LIST_USER_ID),
        .at = row_i64(rows, CHECK_EXPLAINED_LIST_AT),
    };
    struct str facts = row_str(rows, CHECK_EXPLAINED_LIST_FACTS);
    memcpy(e.facts, facts.p, facts.len < HASH_BYTES ? facts.len : HASH_BYTES);
    return e;
}

enum rc check_explanations(struct check_explanation **out, size_t *count, struct cx *cx,
                           int64_t county, int32_t year, int64_t household_id)
{
    struct db_rows rows;
    size_t n = 0, cap = 64;
    struct check_explanation *all = arena_new(cx->arena, cap * sizeof *all);
    TRY(household_id ? DB_SELECT(&rows, cx, &CHECK_EXPLAINED_OF_HOUSEHOLD, V_I(county),
                                 V_I(year), V_I(household_id))
                     : DB_SELECT(&rows, cx, &CHECK_EXPLAINED_LIST, V_I(county), V_I(year)));
    enum rc rc = RC_OK;
    while (!rc && db_next(&rows)) {
        if (n == cap) {
            struct check_explanation *wider = arena_array(cx->arena, 4 * cap, sizeof *wider);
            if (!wider || n >= EXPLANATIONS_MAX) {
                rc = RC_LIMIT;
                break;
            }
            memcpy(wider, all, n * sizeof *all);
            all = wider;
            cap *= 4;
        }
        all[n++] = explanation_of_row(&rows, county, year);
    }
    TRY(db_done(&rows));
    if (rc)
        return fail(cx, rc, _("Too many findings are explained to be shown at once."),
                    "county=%" PRId64, county);
    *out = all;
    *count = n;
    return RC_OK;
}

/* ---- one household ---- */

struct look {
    struct check_county c;
    int64_t household_id, household_row;
    const struct check_explanation *explanations;
    size_t explanation_count;
    struct check_finding *out;
    uint32_t *rows; /* of each finding's subject */
    size_t count;
};

static void put_finding(struct look *l, size_t index, int64_t row)
{
    const struct check *check = &l->c.rules->checks[index];
    if (l->count == FINDINGS_MAX)
        return;
    l->rows[l->count] = (uint32_t)row;
    l->out[l->count++] = (struct check_finding){
        .check = check,
        .index = index,
        .person_id = check->subject == SUBJECT_PERSON ? l->c.head->person_id[row] : 0};
}

/* The block holds the household with its people. */
static enum rc read_block(struct cx *cx, void *arg, const struct rule_runner *r,
                          const struct rule_block *b)
{
    struct look *l = arg;
    (void)cx;
    for (size_t i = 0; i < l->c.rules->check_count; i++) {
        enum subject subject = l->c.rules->checks[i].subject;
        enum rule_level level = subject == SUBJECT_PERSON ? RULE_PERSON : RULE_HOUSEHOLD;
        if (subject == SUBJECT_AREA || !l->c.in_force[i])
            continue;
        const int64_t *value = rule_value(r, i);
        for (size_t place = 0; place < b->count[level]; place++)
            if (value[place] == 1)
                put_finding(l, i, b->row[level][place]);
    }
    return RC_OK;
}

static enum rc fill_finding(struct check_finding *f, struct cx *cx, const struct look *l,
                            uint32_t row)
{
    TRY(check_facts(&f->facts, &f->fact_count, cx, &l->c, f->index, row));
    TRY(check_hash(f->hash, cx, &l->c, f->index, row));
    for (size_t i = 0; i < l->explanation_count; i++) {
        const struct check_explanation *e = &l->explanations[i];
        int64_t subject = f->person_id ? f->person_id : l->household_id;
        if (e->number == f->check->number && e->subject_id == subject)
            f->explanation = e;
    }
    f->explained = f->explanation && memcmp(f->explanation->facts, f->hash, HASH_BYTES) == 0;
    return RC_OK;
}

static enum rc look_open(struct look *l, struct cx *cx, int32_t year)
{
    bool *in_force = arena_new(cx->arena, cx->profile->rules->check_count + 1);
    l->c.head = columns_head(l->c.columns);
    l->c.rules = cx->profile->rules;
    l->c.year = year;
    for (size_t i = 0; i < l->c.rules->check_count; i++)
        in_force[i] = check_in_year(cx->profile, &l->c.rules->checks[i], year);
    l->c.in_force = in_force;
    l->household_row = columns_household_row(l->c.columns, l->household_id);
    if (l->household_row < 0 || !l->c.rules->check_count)
        return RC_OK;
    struct columns_run run = {.program = l->c.rules->check_program,
                              .year = year,
                              .household_row = l->household_row,
                              .block = read_block,
                              .arg = l};
    TRY(columns_run(cx, l->c.columns, &run));
    for (size_t i = 0; i < l->count; i++)
        TRY(fill_finding(&l->out[i], cx, l, l->rows[i]));
    return RC_OK;
}

static int by_severity(const void *a, const void *b)
{
    const struct check_finding *x = a, *y = b;
    if (x->explained != y->explained)
        return x->explained ? 1 : -1;
    if (x->check->severity != y->check->severity)
        return x->check->severity < y->check->severity ? -1 : 1;
    if (x->check->number != y->check->number)
        return x->check->number < y->check->number ? -1 : 1;
    return (x->person_id > y->person_id) - (x->person_id < y->person_id);
}

enum rc check_household(struct check_finding **out, size_t *count, struct cx *cx,
                        int64_t county, int64_t household_id, int32_t year)
{
    struct look *l = arena_new(cx->arena, sizeof *l);
    struct check_explanation *explanations;
    l->household_id = household_id;
    TRY(check_explanations(&explanations, &l->explanation_count, cx, county, year,
                           household_id));
    l->explanations = explanations;
    l->out = arena_new(cx->arena, FINDINGS_MAX * sizeof *l->out);
    l->rows = arena_new(cx->arena, FINDINGS_MAX * sizeof *l->rows);
    TRY(columns_open(&l->c.columns, cx, county));
    enum rc rc = look_open(l, cx, year);
    columns_close(l->c.columns);
    TRY(rc);
    qsort(l->out, l->count, sizeof *l->out, by_severity);
    *out = l->out;
    *count = l->count;
    return RC_OK;
}

/* ---- explaining ---- */

struct explain_write {
    int64_t county, household_id, subject_id, user_id;
    int32_t number, year;
    uint8_t facts[HASH_BYTES];
    struct str reason;
};

static enum rc write_explained(struct cx *cx, void *arg)
{
    struct explain_write *w = arg;
    int64_t id;
    TRY(db_ids(&id, cx, 1));
    TRY(DB_RUN(cx, &CHECK_EXPLAINED_REPLACE, V_I(w->county), V_I(w->year), V_I(w->number),
               V_I(w->subject_id), V_I(cx->now_at), V_I(w->user_id)));
    return DB_RUN(cx, &CHECK_EXPLAINED_ADD, V_I(w->county), V_I(id), V_I(w->year),
                  V_I(w->number), V_I(w->household_id), V_I(w->subject_id),
                  V_B(w->facts, HASH_BYTES), V_S(w->reason), V_I(w->user_id), V_I(cx->now_at));
}

static enum rc not_firing(struct cx *cx, const struct check_explain *e)
{
    return fail(cx, RC_CONFLICT,
                _("The check does not find this any more. Look at the page again."), "check=%d",
                e->number);
}

static enum rc find_in_household(struct explain_write *w, struct cx *cx,
                                 const struct check_explain *e)
{
    struct household h;
    struct check_finding *findings;
    size_t count;
    TRY(household_get(&h, cx, e->household_id));
    TRY(actor_require_in(cx, "check.explain", str_of(h.area_path)));
    TRY(check_household(&findings, &count, cx, h.county, h.id, e->year));
    w->county = h.county;
    w->household_id = h.id;
    w->subject_id = e->person_id ? e->person_id : h.id;
    for (size_t i = 0; i < count; i++)
        if (findings[i].check->number == e->number && findings[i].person_id == e->person_id) {
            memcpy(w->facts, findings[i].hash, HASH_BYTES);
            return RC_OK;
        }
    return not_firing(cx, e);
}

/* RC_NOTFOUND: the check does not fire there. */
static enum rc hash_area(uint8_t out[HASH_BYTES], struct cx *cx,
                         const struct check_place *place, const struct check_explain *e,
                         size_t check)
{
    struct check_county c;
    TRY(check_county_open(&c, cx, &(struct check_ask){.place = place, .year = e->year}));
    int32_t row = columns_area_index(c.columns, e->area_id);
    enum rc rc = check_fires(&c, check, row) ? check_hash(out, cx, &c, check, (uint32_t)row)
                                             : RC_NOTFOUND;
    check_county_close(&c);
    return rc;
}

static enum rc find_in_area(struct explain_write *w, struct cx *cx,
                            const struct check_explain *e, const struct check *check)
{
    struct area area;
    struct check_place place;
    TRY(area_get(&area, cx, e->area_id));
    if (!area.county || !actor_may_in(cx, "household.view", str_of(area.path)))
        return fail(cx, RC_NOTFOUND, _("There is no such area, or not for you to see."),
                    "area outside scope");
    TRY(actor_require_in(cx, "check.explain", str_of(area.path)));
    TRY(check_place_of_county(&place, cx, area.county));
    w->county = area.county;
    w->subject_id = area.id;
    enum rc rc =
        hash_area(w->facts, cx, &place, e, (size_t)(check - cx->profile->rules->checks));
    return rc == RC_NOTFOUND ? not_firing(cx, e) : rc;
}

enum rc check_explain_add(struct cx *cx, const struct check_explain *e)
{
    const struct check *check = profile_check(cx->profile, e->number);
    struct explain_write w = {.number = e->number,
                              .year = e->year,
                              .user_id = register_user(cx),
                              .reason = str_trim(e->reason)};
    if (w.reason.len < REASON_MIN || w.reason.len > (size_t)CHECK_REASON_MAX * 4)
        return fail_f(cx, RC_INVALID,
                      _("Please say why this is right as it is, in at most %d characters."),
                      (int)CHECK_REASON_MAX);
    if (!check || (check->subject == SUBJECT_AREA) != (e->area_id != 0))
        return fail(cx, RC_NOTFOUND, _("There is no such check."), "check=%d", e->number);
    TRY(check->subject == SUBJECT_AREA ? find_in_area(&w, cx, e, check)
                                       : find_in_household(&w, cx, e));
    return db_write(cx, w.county, write_explained, &w);
}

struct end_write {
    int64_t county, id, household_id, area_id, user_id, changed;
};

static enum rc write_end(struct cx *cx, void *arg)
{
    struct end_write *w = arg;
    return DB_RUN_COUNT(&w->changed, cx, &CHECK_EXPLAINED_END, V_I(w->county), V_I(w->id),
                        V_I(w->household_id), V_I(w->area_id), V_I(cx->now_at),
                        V_I(w->user_id));
}

enum rc check_explain_end(struct cx *cx, int64_t household_id, int64_t area_id, int64_t id)
{
    struct end_write w = {.id = id,
                          .household_id = household_id,
                          .area_id = area_id,
                          .user_id = register_user(cx)};
    struct household h;
    struct area area;
    if (household_id) {
        TRY(household_get(&h, cx, household_id));
        TRY(actor_require_in(cx, "check.explain", str_of(h.area_path)));
        w.county = h.county;
    } else {
        TRY(area_get(&area, cx, area_id));
        if (!actor_may_in(cx, "household.view", str_of(area.path)))
            return fail(cx, RC_NOTFOUND, _("There is no such area, or not for you to see."),
                        "area outside scope");
        TRY(actor_require_in(cx, "check.explain", str_of(area.path)));
        w.county = area.county;
    }
    TRY(db_write(cx, w.county, write_end, &w));
    if (!w.changed)
        return fail(cx, RC_CONFLICT, _("This explanation was taken back already."),
                    "explanation=%" PRId64, id);
    return RC_OK;
}
