/* Merging areas: what it would concern, whether it may be, and the plan. The steps are done by
 * area_merge_run.c. */
#include "register/area_merge.h"

#include "base/text.h"
#include "people/actor.h"
#include "register/area_merge.sql.h"
#include "register/area_merge_inner.h"

#include <string.h>

/* ---- checks ---- */

static enum rc may_change(struct cx *cx, const struct area *a)
{
    if (!actor_may_in(cx, "area.view", str_of(a->path)) &&
        !actor_may_in(cx, "area.edit", str_of(a->path)))
        return fail(cx, RC_NOTFOUND, _("There is no such area."), "merge outside scope");
    return actor_require_in(cx, "area.edit", str_of(a->path));
}

static enum rc any_row(bool *any, struct cx *cx, const struct sql *sql, struct db_arg a,
                       struct db_arg b)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, sql, a, b));
    *any = db_next(&rows);
    return db_done(&rows);
}

/* Nothing at or below it may be on its way elsewhere. */
static enum rc at_rest(struct cx *cx, const struct area *a)
{
    bool busy;
    struct str path = str_of(a->path);
    if (a->ended_day)
        return fail_f(cx, RC_CONFLICT, _("“%s” was merged into another area."), a->name);
    TRY(any_row(&busy, cx, &AREA_MERGE_UNDER_WAY, V_S(path), V_S(area_path_end(cx, path))));
    if (busy || a->merged_into)
        return fail_f(cx, RC_CONFLICT,
                      _("“%s” or an area below it is being merged. Wait until that is done."),
                      a->name);
    return RC_OK;
}

static enum rc fit_together(struct cx *cx, const struct area *from, const struct area *into)
{
    if (from->id == into->id)
        return fail(cx, RC_INVALID, _("Choose another area: this is the same one."), "merge");
    if (from->level <= cx->profile->tenant_level)
        return fail_f(cx, RC_INVALID, _("Only areas below the level “%s” can be merged."),
                      LABEL(cx, cx->profile->levels[cx->profile->tenant_level].label));
    if (from->level != into->level)
        return fail_f(cx, RC_INVALID,
                      _("“%s” and “%s” are not of the same level: a village is merged into a "
                        "village, a township into a township."),
                      from->name, into->name);
    if (from->county != into->county)
        return fail_f(cx, RC_INVALID, _("The area “%s” lies in another county."), into->name);
    return RC_OK;
}

static enum rc no_hidden_import(struct cx *cx, const struct area *a)
{
    bool hidden;
    TRY(any_row(&hidden, cx, &AREA_MERGE_HIDDEN, V_I(a->county), V_I(a->id)));
    return hidden ? fail_f(cx, RC_CONFLICT,
                           _("An import has brought households to “%s” that are not taken over "
                             "yet. Let it end, or take it back, and merge then."),
                           a->name)
                  : RC_OK;
}

/* ---- the plan ---- */

/* Doubles an array of the arena when it is full. */
static void *grown(struct cx *cx, void *list, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return list;
    size_t wider = *cap ? 2 * *cap : 32;
    void *out = arena_new(cx->arena, wider * size);
    if (count > 0)
        memcpy(out, list, count * size);
    *cap = wider;
    return out;
}

/* The one of the same level and name; NULL: none. */
static const struct area *namesake(struct cx *cx, const struct area *a,
                                   const struct area *others, size_t count)
{
    struct str key = area_name_key(cx, str_of(a->name));
    for (size_t i = 0; i < count; i++)
        if (others[i].level == a->level &&
            str_eq(area_name_key(cx, str_of(others[i].name)), key))
            return &others[i];
    return NULL;
}

enum rc merge_plan_make(struct merge_plan *out, struct cx *cx, int64_t from_id, int64_t into_id)
{
    struct merge_plan p = {0};
    size_t pair_cap = 0, move_cap = 0;
    struct merge_pair first;
    TRY(area_get(&first.from, cx, from_id));
    TRY(may_change(cx, &first.from));
    TRY(area_get(&first.into, cx, into_id));
    TRY(may_change(cx, &first.into));
    TRY(fit_together(cx, &first.from, &first.into));
    TRY(at_rest(cx, &first.from));
    TRY(at_rest(cx, &first.into));
    p.pairs = grown(cx, NULL, 0, &pair_cap, sizeof *p.pairs);
    p.pairs[p.pair_count++] = first;
    for (size_t i = 0; i < p.pair_count; i++) {
        struct area *mine, *theirs;
        size_t count, there;
        TRY(no_hidden_import(cx, &p.pairs[i].from));
        TRY(area_children(&mine, &count, cx, p.pairs[i].from.id));
        TRY(area_children(&theirs, &there, cx, p.pairs[i].into.id));
        for (size_t k = 0; k < count; k++) {
            const struct area *same = namesake(cx, &mine[k], theirs, there);
            if (same) {
                p.pairs = grown(cx, p.pairs, p.pair_count, &pair_cap, sizeof *p.pairs);
                p.pairs[p.pair_count++] = (struct merge_pair){mine[k], *same};
            } else {
                p.moves = grown(cx, p.moves, p.move_count, &move_cap, sizeof *p.moves);
                p.moves[p.move_count++] = (struct merge_move){mine[k], i};
            }
        }
    }
    *out = p;
    return RC_OK;
}

/* ---- what it concerns ---- */

static enum rc one_count(int64_t *out, struct cx *cx, const struct sql *sql, struct str path)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, sql, V_S(path), V_S(area_path_end(cx, path))));
    *out = row_i64(&rows, 0);
    return db_done(&rows);
}

/* Different users with a role in one of the areas that end. */
static enum rc count_users(int64_t *out, struct cx *cx, const struct merge_plan *p)
{
    int64_t *ids = NULL;
    size_t count = 0, cap = 0;
    for (size_t i = 0; i < p->pair_count; i++) {
        struct db_rows rows;
        TRY(DB_SELECT(&rows, cx, &AREA_MERGE_USERS, V_I(p->pairs[i].from.id)));
        while (db_next(&rows)) {
            int64_t id = row_i64(&rows, AREA_MERGE_USERS_USER_ID);
            bool known = false;
            for (size_t k = 0; k < count && !known; k++)
                known = ids[k] == id;
            if (known)
                continue;
            ids = grown(cx, ids, count, &cap, sizeof *ids);
            ids[count++] = id;
        }
        TRY(db_done(&rows));
    }
    *out = (int64_t)count;
    return RC_OK;
}

enum rc area_merge_facts(struct area_merge_facts *out, struct cx *cx, int64_t from_id,
                         int64_t into_id)
{
    struct merge_plan p;
    TRY(merge_plan_make(&p, cx, from_id, into_id));
    struct area_merge_facts f = {.from = p.pairs[0].from,
                                 .into = p.pairs[0].into,
                                 .moves = p.move_count,
                                 .merges = p.pair_count - 1};
    struct str path = str_of(f.from.path);
    f.households = f.from.household_count;
    f.people = f.from.person_count;
    TRY(one_count(&f.tasks, cx, &AREA_MERGE_TASKS, path));
    TRY(one_count(&f.flows, cx, &AREA_MERGE_FLOWS, path));
    TRY(one_count(&f.orgs, cx, &AREA_MERGE_ORGS, path));
    TRY(count_users(&f.users, cx, &p));
    *out = f;
    return RC_OK;
}

enum rc area_merge_get(struct area_merging *out, struct cx *cx, int64_t from_id)
{
    struct db_rows rows;
    struct area a;
    TRY(area_get(&a, cx, from_id));
    TRY(DB_ONE(&rows, cx, &AREA_MERGE_ONE, V_I(a.county), V_I(from_id)));
    *out = (struct area_merging){
        .county = a.county,
        .from_id = from_id,
        .into_id = row_i64(&rows, AREA_MERGE_ONE_INTO_ID),
        .from_day = (int32_t)row_i64(&rows, AREA_MERGE_ONE_FROM_DAY),
        .user_id = row_i64(&rows, AREA_MERGE_ONE_USER_ID),
        .at = row_i64(&rows, AREA_MERGE_ONE_AT),
        .job_id = row_i64(&rows, AREA_MERGE_ONE_JOB_ID),
        .total = row_i64(&rows, AREA_MERGE_ONE_TOTAL),
        .moved = row_i64(&rows, AREA_MERGE_ONE_MOVED),
        .done_at = row_i64(&rows, AREA_MERGE_ONE_DONE_AT),
    };
    return db_done(&rows);
}

/* ---- beginning ---- */

struct beginning {
    int64_t from_id, into_id, job_id;
    int32_t from_day;
    bool with_job;
};

/* The deepest first: what is below is at its place before the area above ends. */
static enum rc write_steps(struct cx *cx, const struct merge_plan *p)
{
    const struct area *top = &p->pairs[0].from;
    int64_t n = 0;
    for (size_t i = p->pair_count; i-- > 0;) {
        const struct merge_pair *pair = &p->pairs[i];
        for (size_t k = 0; k < p->move_count; k++)
            if (p->moves[k].pair == i)
                TRY(DB_RUN(cx, &AREA_MERGE_STEP_ADD, V_I(top->county), V_I(top->id), V_I(++n),
                           V_I(p->moves[k].area.id), V_I(pair->into.id), V_I(1)));
        TRY(DB_RUN(cx, &AREA_MERGE_STEP_ADD, V_I(top->county), V_I(top->id), V_I(++n),
                   V_I(pair->from.id), V_I(pair->into.id), V_I(0)));
        TRY(DB_RUN(cx, &AREA_MERGE_MARK, V_I(pair->from.id), V_I(pair->into.id)));
    }
    return RC_OK;
}

static int64_t households_of(const struct merge_plan *p)
{
    int64_t sum = p->pairs[0].from.household_count;
    for (size_t i = 0; i < p->move_count; i++)
        sum -= p->moves[i].area.household_count;
    return sum;
}

static enum rc write_begin(struct cx *cx, void *arg)
{
    struct beginning *b = arg;
    struct merge_plan p;
    TRY(merge_plan_make(&p, cx, b->from_id, b->into_id));
    int64_t county = p.pairs[0].from.county;
    TRY(DB_RUN(cx, &AREA_MERGE_ADD, V_I(county), V_I(b->from_id), V_I(b->into_id),
               V_I(b->from_day), V_I(register_user(cx)), V_I(cx->now_at),
               V_I(households_of(&p))));
    TRY(write_steps(cx, &p));
    if (!b->with_job)
        return RC_OK;
    TRY(job_add(&b->job_id, cx, county, "area.merge",
                arena_printf(cx->arena, "%" PRId64, b->from_id), 0));
    return DB_RUN(cx, &AREA_MERGE_JOB, V_I(county), V_I(b->from_id), V_I(b->job_id));
}

enum rc area_merge_begin(int64_t *job_id, struct cx *cx, int64_t from_id, int64_t into_id,
                         int32_t from_day)
{
    struct beginning b = {.from_id = from_id,
                          .into_id = into_id,
                          .from_day = from_day,
                          .with_job = job_id != NULL};
    struct area from;
    if (from_day > register_today(cx))
        return fail(cx, RC_INVALID, _("The day of a merge cannot lie in the future."),
                    "merge day=%d", from_day);
    TRY(area_get(&from, cx, from_id));
    TRY(db_write(cx, from.county, write_begin, &b));
    if (job_id)
        *job_id = b.job_id;
    return RC_OK;
}

enum rc area_merge(struct cx *cx, int64_t from_id, int64_t into_id, int32_t from_day)
{
    struct area_merging m = {0};
    enum rc rc = area_merge_get(&m, cx, from_id);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        TRY(area_merge_begin(NULL, cx, from_id, into_id, from_day));
        TRY(area_merge_get(&m, cx, from_id));
    } else {
        struct area from;
        TRY(rc);
        TRY(area_get(&from, cx, from_id));
        TRY(may_change(cx, &from));
        if (m.done_at || m.into_id != into_id)
            return at_rest(cx, &from);
    }
    return area_merge_run(cx, NULL, m.county, from_id);
}
