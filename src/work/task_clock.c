/* Tasks and time: a late task is told to its owner and to one level more each working day;
 * tasks of areas find the people of today. */
#include "base/text.h"
#include "profile/calendar.h"
#include "work/task.sql.h"
#include "work/task_inner.h"

/* Deadlines fall on midnight, when the next day has begun: 0 is that day's end. */
enum { TOP_AGAIN_DAYS = 4, CHUNK = 200 };

static enum rc tell_late(struct cx *cx, const struct task *t, const struct owner *o, int step)
{
    return task_tell(
        cx, t, o, N_("Late"),
        arena_printf(cx->arena, "task:%" PRId64 ":due:%d:%d", t->id, t->version, step));
}

/* The owner, and one level more than last time; at the top again and again. */
static enum rc fire_due(struct cx *cx, const struct deadline *d)
{
    struct owner above[ABOVE_MAX];
    struct task t;
    size_t count;
    int32_t days = 0;
    TRY(task_read(&t, cx, d->subject_id));
    if (t.state != TASK_OPEN)
        return RC_OK;
    TRY(task_above(above, &count, cx, &t));
    TRY(tell_late(cx, &t, &t.owner, d->step));
    if (count) {
        size_t at = (size_t)d->step < count ? (size_t)d->step : count - 1;
        TRY(tell_late(cx, &t, &above[at], d->step));
        TRY(DB_RUN(cx, &TASK_LATE_ADD, V_I(t.county), V_I(t.id), V_I(above[at].kind),
                   V_I(above[at].id), V_T(above[at].permission), V_I(due_stored(t.due_at)),
                   V_I(cx->now_at)));
    }
    if ((size_t)d->step + 1 >= count)
        days = TOP_AGAIN_DAYS;
    if (!d->step)
        TRY(task_say(cx, &t, "late", STR(""), 0));
    TRY(DB_RUN(cx, &TASK_ESCALATED, V_I(t.county), V_I(t.id), V_I(d->step + 1)));
    return deadline_set(cx, t.county, "task.due", t.id,
                        deadline_after(cx->profile, cx->now_at, days, true), d->step + 1);
}

const struct deadline_kind task_deadline_kinds[] = {{"task.due", fire_due}};
const size_t task_deadline_kind_count =
    sizeof task_deadline_kinds / sizeof task_deadline_kinds[0];

/* ---- people of today ---- */

struct held {
    struct owner owner;
    int64_t held_id, now_id;
};
struct held_list {
    struct held *list;
    size_t count;
    int64_t moved;
};

static enum rc write_held(struct cx *cx, void *arg)
{
    struct held_list *l = arg;
    l->moved = 0;
    for (size_t i = 0; i < l->count; i++) {
        const struct held *h = &l->list[i];
        int64_t changed;
        TRY(DB_RUN_COUNT(&changed, cx, &TASK_HOLD, V_I(h->owner.id), V_T(h->owner.permission),
                         V_I(h->now_id)));
        l->moved += changed;
    }
    return RC_OK;
}

/* The owners behind (area, permission), at most 1,000; *last is where to go on. */
static enum rc read_owners(struct held_list *l, struct owner *last, bool *more, struct cx *cx)
{
    struct db_rows rows;
    size_t cap = 0;
    *l = (struct held_list){0};
    TRY(DB_SELECT(&rows, cx, &TASK_AREA_OWNED, V_I(last->id), V_T(last->permission)));
    while (db_next(&rows)) {
        l->list = work_grow(cx, l->list, l->count, &cap, sizeof *l->list);
        l->list[l->count++] =
            (struct held){{OWNER_AREA, row_i64(&rows, TASK_AREA_OWNED_OWNER_ID),
                           row_copy(&rows, TASK_AREA_OWNED_OWNER_PERMISSION).p},
                          row_i64(&rows, TASK_AREA_OWNED_HELD_ID),
                          0};
    }
    *more = l->count >= 1000;
    if (l->count)
        *last = l->list[l->count - 1].owner;
    return db_done(&rows);
}

static enum rc tend_owners(int64_t *moved, struct cx *cx, struct held_list *l)
{
    size_t kept = 0;
    for (size_t i = 0; i < l->count; i++) {
        struct held *h = &l->list[i];
        enum rc rc = task_holder(&h->now_id, cx, &h->owner);
        if (rc == RC_NOTFOUND) { /* an area that is gone */
            err_clear(cx);
            continue;
        }
        TRY(rc);
        if (h->now_id != h->held_id)
            l->list[kept++] = *h;
    }
    size_t all = kept;
    for (size_t at = 0; at < all; at += CHUNK) {
        struct held_list part = {.list = l->list + at,
                                 .count = all - at < CHUNK ? all - at : CHUNK};
        TRY(db_write(cx, 0, write_held, &part));
        *moved += part.moved;
    }
    return RC_OK;
}

enum rc task_tend(int64_t *moved, struct cx *cx)
{
    struct owner last = {OWNER_AREA, 0, ""};
    bool more = true;
    *moved = 0;
    while (more) {
        struct held_list l;
        TRY(read_owners(&l, &last, &more, cx));
        TRY(tend_owners(moved, cx, &l));
    }
    return RC_OK;
}

static enum rc run_tend(struct cx *cx, const struct job *job)
{
    int64_t moved;
    (void)job;
    return task_tend(&moved, cx);
}

const struct job_kind task_job_kinds[] = {{"task.tend", run_tend, 0}};
const size_t task_job_kind_count = sizeof task_job_kinds / sizeof task_job_kinds[0];
