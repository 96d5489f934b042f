/* Doing a merge: its steps one after the other, each in a transaction of its own, households in
 * chunks. Every step looks first whether it is still to be done. */
#include "base/fault.h"
#include "base/text.h"
#include "people/org.h"
#include "register/area.sql.h"
#include "register/area_merge.sql.h"
#include "register/area_merge_inner.h"
#include "work/flow.h"
#include "work/place.h"
#include "work/task.h"

#include <assert.h>
#include <string.h>

enum { HOOKS_MAX = 8, AT_ONCE = 50 };

static area_moved_hook hooks[HOOKS_MAX];
static size_t hook_count;

void area_moved_hook_add(area_moved_hook hook)
{
    for (size_t i = 0; i < hook_count; i++)
        if (hooks[i] == hook)
            return;
    assert(hook_count < HOOKS_MAX);
    hooks[hook_count++] = hook;
}

struct step {
    const struct job *job; /* NULL: none */
    int64_t county, from_id, n, area_id, into_id;
    int32_t from_day;
    bool moves;
    int64_t moved; /* households in this chunk */
    bool left;     /* there are households yet */
};

static enum rc fence(struct cx *cx, const struct step *s)
{
    return s->job ? job_fence(cx, s->job) : RC_OK;
}

/* *first: this transaction does the step. */
static enum rc take(bool *first, struct cx *cx, const struct step *s)
{
    int64_t changed;
    TRY(fence(cx, s));
    TRY(DB_RUN_COUNT(&changed, cx, &AREA_MERGE_STEP_DONE, V_I(s->county), V_I(s->from_id),
                     V_I(s->n)));
    *first = changed == 1;
    return RC_OK;
}

/* ---- an area with all below it goes below another ---- */

/* Everything that keeps the path of an area of the part that moves. */
static enum rc tell_moved(struct cx *cx, const struct area_moved *m)
{
    TRY(place_moved(cx, m->county, m->from_id, m->from_path, m->to_path));
    for (size_t i = 0; i < hook_count; i++)
        TRY(hooks[i](cx, m));
    return RC_OK;
}

static enum rc move_paths(struct cx *cx, int64_t county, const char *old, const char *new)
{
    struct db_rows rows;
    struct area_moved list[AT_ONCE];
    struct str from = str_of(old), end = area_path_end(cx, from);
    size_t count;
    for (int ended = 0; ended <= 1; ended++)
        TRY(DB_RUN(cx, &AREA_MERGE_PLACES, V_I(county), V_I(ended), V_S(from), V_S(end),
                   V_T(new), V_I(from.len + 1)));
    TRY(DB_RUN(cx, &AREA_MERGE_LISTS, V_I(county), V_S(from), V_S(end), V_T(new),
               V_I(from.len + 1)));
    do {
        count = 0;
        TRY(DB_SELECT(&rows, cx, &AREA_MERGE_SUBTREE, V_S(from), V_S(end)));
        while (count < AT_ONCE && db_next(&rows)) {
            const char *path = row_copy(&rows, AREA_MERGE_SUBTREE_PATH).p;
            int64_t id = row_i64(&rows, AREA_MERGE_SUBTREE_ID);
            list[count++] = (struct area_moved){
                county, id, id, path, arena_printf(cx->arena, "%s%s", new, path + from.len)};
        }
        TRY(db_done(&rows));
        for (size_t i = 0; i < count; i++) {
            TRY(DB_RUN(cx, &AREA_MERGE_SET_PATH, V_I(list[i].to_id), V_T(list[i].to_path)));
            TRY(tell_moved(cx, &list[i]));
        }
    } while (count > 0);
    return RC_OK;
}

static enum rc move_counts(struct cx *cx, const struct area *a, const struct area *from,
                           const struct area *into)
{
    struct tally t = {0};
    TRY(tally_add(&t, cx, from->id, str_of(from->path), -a->household_count, -a->person_count));
    TRY(tally_add(&t, cx, into->id, str_of(into->path), a->household_count, a->person_count));
    return tally_flush(cx, &t, a->county);
}

static enum rc write_move(struct cx *cx, void *arg)
{
    const struct step *s = arg;
    struct area a, from, into;
    const char *path;
    bool first;
    TRY(take(&first, cx, s));
    if (!first)
        return RC_OK;
    TRY(area_get(&a, cx, s->area_id));
    TRY(area_get(&from, cx, a.parent_id));
    TRY(area_get(&into, cx, s->into_id));
    TRY(area_child_path(&path, cx, into.id, into.path));
    TRY(move_counts(cx, &a, &from, &into));
    TRY(DB_RUN(cx, &AREA_MERGE_SET_PARENT, V_I(a.id), V_I(into.id)));
    TRY(move_paths(cx, a.county, a.path, path));
    if (fault_hit("area.move"))
        return fail(cx, RC_IO, _("Please try again."), "fault area.move");
    const struct journal_field field = {
        .field = FIELD_PARENT, .from = value_int(from.id), .to = value_int(into.id)};
    return area_journal(cx, &a, s->from_day, &field, 1);
}

/* ---- an area ends in another ---- */

static enum rc direct_households(int64_t *ids, size_t *count, struct cx *cx,
                                 const struct area *a, size_t max)
{
    size_t n = 0;
    const char *place = arena_printf(cx->arena, "%s/", a->path);
    const char *end = arena_printf(cx->arena, "%s0", a->path); /* '0' follows '/' */
    for (int ended = 0; ended <= 1 && n == 0; ended++) {
        struct db_rows rows;
        TRY(DB_SELECT(&rows, cx, &AREA_MERGE_HOUSEHOLDS, V_I(a->county), V_I(ended), V_T(place),
                      V_T(end), V_I(max)));
        while (n < max && db_next(&rows))
            ids[n++] = row_i64(&rows, AREA_MERGE_HOUSEHOLDS_ID);
        TRY(db_done(&rows));
    }
    *count = n;
    return RC_OK;
}

static enum rc move_some(struct cx *cx, const struct step *s, const int64_t *ids, size_t count)
{
    const struct source source = {.county = s->county, .valid_day = s->from_day};
    struct household_record *records = arena_new(cx->arena, count * sizeof *records);
    struct prepared *list[AT_ONCE];
    struct change_counts counts = {0};
    assert(count <= AT_ONCE);
    for (size_t i = 0; i < count; i++) {
        records[i] = (struct household_record){.household_id = ids[i], .area_id = s->into_id};
        TRY(register_prepare(&list[i], cx, &source, &records[i]));
    }
    return register_write(&counts, cx, &source, list, count);
}

static enum rc write_chunk(struct cx *cx, void *arg)
{
    struct step *s = arg;
    struct area from;
    TRY(fence(cx, s));
    TRY(area_get(&from, cx, s->area_id));
    s->moved = 0;
    s->left = true;
    do {
        int64_t ids[AT_ONCE];
        size_t count;
        struct arena_mark mark = arena_mark(cx->arena);
        TRY(direct_households(ids, &count, cx, &from, AT_ONCE));
        s->left = count > 0;
        if (count > 0)
            TRY(move_some(cx, s, ids, count));
        s->moved += (int64_t)count;
        arena_back(cx->arena, mark);
    } while (s->left && db_chunk_left_ms(cx) > 0);
    if (fault_hit("area.chunk"))
        return fail(cx, RC_IO, _("Please try again."), "fault area.chunk");
    return s->moved > 0 ? DB_RUN(cx, &AREA_MERGE_PROGRESS, V_I(s->county), V_I(s->from_id),
                                 V_I(s->moved))
                        : RC_OK;
}

/* One more name of an area. Two names cannot begin on the same day with the same code: a day
 * earlier then. */
static enum rc former_name(struct cx *cx, int64_t area_id, const struct area_name *n,
                           int32_t to_day)
{
    int32_t from_day = n->from_day;
    bool taken = true;
    while (taken) {
        struct db_rows rows;
        TRY(DB_SELECT(&rows, cx, &AREA_MERGE_NAMED, V_I(area_id), V_I(from_day), V_T(n->code)));
        taken = db_next(&rows);
        TRY(db_done(&rows));
        from_day -= taken;
    }
    return area_former_add(cx, area_id, str_of(n->code), str_of(n->name), from_day, to_day);
}

/* What the area was called leads to the other one. */
static enum rc hand_names(struct cx *cx, const struct area *from, const struct area *into,
                          int32_t day)
{
    struct area_name *names;
    size_t count;
    int32_t end = day;
    TRY(area_names(&names, &count, cx, from->id));
    for (size_t i = 0; i < count; i++) {
        int32_t to_day = names[i].to_day ? names[i].to_day : day;
        if (to_day <= names[i].from_day) /* named today and merged today */
            to_day = names[i].from_day + 1;
        if (!names[i].to_day)
            end = to_day;
        TRY(former_name(cx, into->id, &names[i], to_day));
    }
    return DB_RUN(cx, &AREA_NAME_END, V_I(from->id), V_I(end));
}

static enum rc rooms_follow(struct cx *cx, const struct area *from, const struct area *into)
{
    const struct area_moved m = {from->county, from->id, into->id, from->path, into->path};
    struct str path = str_of(from->path);
    TRY(org_area_merged(cx, m.county, m.from_id, m.to_id));
    TRY(user_area_merged(cx, m.from_id, m.to_id));
    TRY(flow_area_merged(cx, m.county, m.from_id, m.to_id));
    TRY(task_area_merged(cx, m.county, m.from_id, m.to_id));
    TRY(DB_RUN(cx, &AREA_MERGE_LISTS, V_I(m.county), V_S(path), V_S(area_path_end(cx, path)),
               V_T(into->path), V_I(path.len + 1)));
    for (size_t i = 0; i < hook_count; i++)
        TRY(hooks[i](cx, &m));
    return RC_OK;
}

static enum rc write_end(struct cx *cx, void *arg)
{
    struct step *s = arg;
    struct area from, into;
    int64_t id;
    size_t count;
    bool first;
    TRY(area_get(&from, cx, s->area_id));
    TRY(area_get(&into, cx, s->into_id));
    TRY(direct_households(&id, &count, cx, &from, 1));
    s->left = count > 0;
    if (s->left)
        return RC_OK;
    TRY(take(&first, cx, s));
    if (!first)
        return RC_OK;
    TRY(rooms_follow(cx, &from, &into));
    TRY(hand_names(cx, &from, &into, s->from_day));
    TRY(DB_RUN(cx, &AREA_MERGE_END, V_I(from.id), V_I(s->from_day ? s->from_day : 1)));
    const struct journal_field fields[] = {
        {.field = FIELD_EXISTS, .from = value_int(1)},
        {.field = FIELD_AREA, .to = value_int(into.id)},
    };
    TRY(area_journal(cx, &from, s->from_day, fields, 2));
    if (fault_hit("area.end"))
        return fail(cx, RC_IO, _("Please try again."), "fault area.end");
    return s->area_id == s->from_id
               ? DB_RUN(cx, &AREA_MERGE_DONE, V_I(s->county), V_I(s->from_id), V_I(cx->now_at))
               : RC_OK;
}

/* ---- one after the other ---- */

static enum rc next_step(bool *more, struct step *s, struct cx *cx)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &AREA_MERGE_STEP_NEXT, V_I(s->county), V_I(s->from_id));
    *more = rc != RC_NOTFOUND;
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    s->n = row_i64(&rows, AREA_MERGE_STEP_NEXT_N);
    s->area_id = row_i64(&rows, AREA_MERGE_STEP_NEXT_AREA_ID);
    s->into_id = row_i64(&rows, AREA_MERGE_STEP_NEXT_INTO_ID);
    s->moves = row_i64(&rows, AREA_MERGE_STEP_NEXT_MOVES) != 0;
    return db_done(&rows);
}

static enum rc do_step(struct cx *cx, struct step *s, struct area_merging *m)
{
    if (s->moves)
        return db_write(cx, s->county, write_move, s);
    do {
        do {
            TRY(db_write_bulk(cx, s->county, write_chunk, s));
            m->moved += s->moved;
            if (s->job)
                TRY(job_progress(cx, s->job, m->moved, m->total, N_("households")));
        } while (s->left);
        TRY(db_write(cx, s->county, write_end, s));
    } while (s->left);
    return RC_OK;
}

enum rc area_merge_run(struct cx *cx, const struct job *job, int64_t county, int64_t from_id)
{
    struct area_merging m;
    struct step s = {.job = job, .county = county, .from_id = from_id};
    bool more = true;
    TRY(area_merge_get(&m, cx, from_id));
    s.from_day = m.from_day;
    while (more) {
        struct arena_mark mark = arena_mark(cx->arena);
        TRY(next_step(&more, &s, cx));
        if (more)
            TRY(do_step(cx, &s, &m));
        arena_back(cx->arena, mark);
    }
    return RC_OK;
}

static enum rc run_job(struct cx *cx, const struct job *job)
{
    int64_t from_id;
    if (!str_to_i64(&from_id, str_of(job->argument)))
        return fail(cx, RC_INVALID, _("There is no such area."), "area.merge argument");
    return area_merge_run(cx, job, job->county, from_id);
}

const struct job_kind area_merge_job_kinds[] = {{"area.merge", run_job, 0}};
const size_t area_merge_job_kind_count = 1;
