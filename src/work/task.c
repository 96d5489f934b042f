/* Tasks: adding one, ending it, and what follows from that: parts and parents, those that wait,
 * deadlines, hooks. What people ask for with their rights is task_act.c, owners are
 * task_owner.c, lists task_list.c, clock task_clock.c. */
#include "work/task.h"
#include "people/org.h"

#include "base/text.h"
#include "people/user.h"
#include "profile/calendar.h"
#include "work/task.sql.h"
#include "work/task_inner.h"

#include <assert.h>
#include <string.h>

enum { HOOKS_MAX = 8, SEEN_MAX = 1000, OPEN_MAX = 1000 };

static task_hook hooks[HOOKS_MAX]; /* filled at start, before threads */
static size_t hook_count;

void task_hook_add(task_hook hook)
{
    for (size_t i = 0; i < hook_count; i++)
        if (hooks[i] == hook)
            return;
    assert(hook_count < HOOKS_MAX);
    hooks[hook_count++] = hook;
}

enum rc task_tell_hooks(struct cx *cx, int64_t id)
{
    struct task now;
    if (!hook_count)
        return RC_OK;
    TRY(task_read(&now, cx, id));
    for (size_t i = 0; i < hook_count; i++)
        TRY(hooks[i](cx, &now));
    return RC_OK;
}

/* ---- reading ---- */

struct task task_of_row(const struct db_rows *r)
{
    return (struct task){
        .county = row_i64(r, TASK_GET_COUNTY),
        .id = row_i64(r, TASK_GET_ID),
        .parent_id = row_i64(r, TASK_GET_PARENT_ID),
        .kind = row_copy(r, TASK_GET_KIND).p,
        .subject_id = row_i64(r, TASK_GET_SUBJECT_ID),
        .household_id = row_i64(r, TASK_GET_HOUSEHOLD_ID),
        .area_id = row_i64(r, TASK_GET_AREA_ID),
        .area_path = row_copy(r, TASK_GET_AREA_PATH).p,
        .owner = {(enum owner_kind)row_i64(r, TASK_GET_OWNER_KIND),
                  row_i64(r, TASK_GET_OWNER_ID), row_copy(r, TASK_GET_OWNER_PERMISSION).p},
        .giver_id = row_i64(r, TASK_GET_GIVER_ID),
        .title = {{row_copy(r, TASK_GET_TITLE_EN).p, row_copy(r, TASK_GET_TITLE_ZH).p}},
        .why = {{row_copy(r, TASK_GET_WHY_EN).p, row_copy(r, TASK_GET_WHY_ZH).p}},
        .href = row_copy(r, TASK_GET_HREF).p,
        .state = (enum task_state)row_i64(r, TASK_GET_STATE),
        .weight = (int32_t)row_i64(r, TASK_GET_WEIGHT),
        .made_at = row_i64(r, TASK_GET_MADE_AT),
        .due_at = due_read(row_i64(r, TASK_GET_DUE_AT)),
        .done_at = row_i64(r, TASK_GET_DONE_AT),
        .done_by = row_i64(r, TASK_GET_DONE_BY),
        .escalated = (int32_t)row_i64(r, TASK_GET_ESCALATED),
        .version = (int32_t)row_i64(r, TASK_GET_VERSION),
        .needs_evidence = row_i64(r, TASK_GET_NEEDS_EVIDENCE) != 0,
        .outcome = row_copy(r, TASK_GET_OUTCOME).p,
        .held_id = row_i64(r, TASK_GET_HELD_ID),
    };
}

enum rc task_read(struct task *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &TASK_GET, V_I(id));
    if (rc == RC_NOTFOUND)
        return fail(cx, rc, _("There is no such task, or not for you to see."), "task=%" PRId64,
                    id);
    TRY(rc);
    *out = task_of_row(&rows);
    return db_done(&rows);
}

enum rc task_changed(struct cx *cx, int64_t id)
{
    struct task t;
    TRY(task_read(&t, cx, id));
    if (t.state == TASK_OPEN || t.state == TASK_WAITING)
        return fail(cx, RC_CONFLICT,
                    _("Somebody changed this task since you opened it. Look at it again."),
                    "task=%" PRId64 " version=%d", id, t.version);
    return fail(cx, RC_CONFLICT,
                arena_printf(cx->arena, _("%s was quicker: the task is %s."),
                             user_name(cx, t.done_by), task_state_text(cx, t.state)),
                "task=%" PRId64 " version=%d", id, t.version);
}

enum rc task_say(struct cx *cx, const struct task *t, const char *what, struct str text,
                 int64_t document_id)
{
    int64_t id;
    TRY(db_ids(&id, cx, 1));
    return DB_RUN(cx, &TASK_EVENT_ADD, V_I(t->county), V_I(task_thread_id(t)), V_I(id),
                  V_I(t->id), V_I(cx->now_at), V_I(work_user(cx)), V_T(what),
                  V_S(text.p ? text : STR("")), V_I(document_id));
}

/* ---- adding ---- */

static enum rc find_same(int64_t *id, struct cx *cx, const struct task *t)
{
    struct db_rows rows;
    *id = 0;
    if (!t->subject_id)
        return RC_OK;
    enum rc rc = DB_ONE(&rows, cx, &TASK_OPEN_SAME, V_I(t->county), V_T(t->kind),
                        V_I(t->subject_id), V_I(t->parent_id), V_I(t->owner.kind),
                        V_I(t->owner.id), V_T(t->owner.permission));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    *id = row_i64(&rows, TASK_OPEN_SAME_ID);
    return db_done(&rows);
}

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

static enum rc insert_task(int64_t *changed, struct cx *cx, const struct task *t)
{
    return DB_RUN_COUNT(
        changed, cx, &TASK_INSERT, V_I(t->county), V_I(t->id), V_I(t->parent_id), V_T(t->kind),
        V_I(t->subject_id), V_I(t->household_id), V_I(t->area_id), V_T(t->area_path),
        V_I(t->owner.kind), V_I(t->owner.id), V_T(t->owner.permission), V_I(t->held_id),
        V_I(t->giver_id), V_T(t->title.in[LANG_EN]), V_T(t->title.in[LANG_ZH]),
        V_T(text_or_empty(t->why.in[LANG_EN])), V_T(text_or_empty(t->why.in[LANG_ZH])),
        V_T(text_or_empty(t->href)), V_I(t->state), V_I(t->weight), V_I(t->made_at),
        V_I(due_stored(t->due_at)), V_I(t->needs_evidence));
}

static enum rc start_task(struct cx *cx, const struct task *t)
{
    TRY(deadline_set(cx, t->county, "task.due", t->id, t->due_at, 0));
    return task_tell(cx, t, &t->owner, N_("New task"),
                     arena_printf(cx->arena, "task:%" PRId64 ":new:%d", t->id, t->version));
}

/* An organisation may have ended between the plan and its task: its heir's, else the area's. */
static enum rc owner_now(struct task *t, struct cx *cx)
{
    int64_t now;
    if (t->owner.kind != OWNER_ORG)
        return RC_OK;
    enum rc rc = org_now(&now, cx, t->owner.id);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    if (now)
        t->owner.id = now;
    else
        t->owner = (struct owner){OWNER_AREA, t->area_id, "task.give"};
    return RC_OK;
}

enum rc task_add(int64_t *id, struct cx *cx, const struct task *given)
{
    struct task t = *given;
    struct place place;
    int64_t changed = 0;
    assert(t.county > 0 && t.kind && t.kind[0] && t.area_id > 0 && t.owner.id > 0);
    assert(t.title.in[LANG_EN] && t.title.in[LANG_ZH]);
    t.owner.permission = text_or_empty(t.owner.permission);
    assert(t.owner.kind != OWNER_AREA || t.owner.permission[0]);
    TRY(find_same(id, cx, &t));
    if (*id)
        return RC_OK;
    TRY(owner_now(&t, cx));
    TRY(place_get(&place, cx, t.area_id));
    t.area_path = place.path;
    t.state = given->state == TASK_WAITING ? TASK_WAITING : TASK_OPEN;
    t.made_at = cx->now_at;
    t.version = 1;
    TRY(task_holder(&t.held_id, cx, &t.owner));
    TRY(db_ids(&t.id, cx, 1));
    TRY(insert_task(&changed, cx, &t));
    if (!changed) { /* another server made it just now */
        TRY(find_same(id, cx, &t));
        return *id ? RC_OK : RC_CONFLICT;
    }
    TRY(task_say(cx, &t, "made", STR(""), 0));
    *id = t.id;
    return t.state == TASK_OPEN ? start_task(cx, &t) : RC_OK;
}

/* ---- waiting ---- */

/* Does `from` wait, over any steps, for `goal`? */
static enum rc leads_to(bool *leads, struct cx *cx, int64_t county, int64_t from, int64_t goal)
{
    int64_t *seen = arena_new(cx->arena, (SEEN_MAX + 1) * sizeof *seen);
    size_t count = 0, at = 0;
    seen[count++] = from;
    *leads = from == goal;
    while (at < count && !*leads) {
        struct db_rows rows;
        int64_t next = seen[at++];
        TRY(DB_SELECT(&rows, cx, &TASK_NEEDS, V_I(county), V_I(next)));
        while (db_next(&rows)) {
            int64_t id = row_i64(&rows, TASK_NEEDS_ID);
            bool known = false;
            *leads |= id == goal;
            for (size_t i = 0; i < count && !known; i++)
                known = seen[i] == id;
            if (!known && count <= SEEN_MAX)
                seen[count++] = id;
        }
        TRY(db_done(&rows));
        if (count > SEEN_MAX)
            return fail(cx, RC_LIMIT, _("Too many tasks wait for each other."), "task=%" PRId64,
                        from);
    }
    return RC_OK;
}

static enum rc befores_open(int64_t *open, struct cx *cx, const struct task *t)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &TASK_BEFORES_OPEN, V_I(t->county), V_I(t->id)));
    *open = row_i64(&rows, 0);
    return db_done(&rows);
}

enum rc task_open(struct cx *cx, const struct task *t)
{
    int64_t changed, due = t->due_at;
    struct task now = *t;
    if (due && due <= cx->now_at) /* it could not be begun before */
        due = deadline_after(cx->profile, cx->now_at, 1, true);
    TRY(DB_RUN_COUNT(&changed, cx, &TASK_OPEN_AGAIN, V_I(t->county), V_I(t->id),
                     V_I(t->version), V_I(TASK_OPEN), V_I(due_stored(due))));
    if (changed != 1)
        return task_changed(cx, t->id);
    now.state = TASK_OPEN;
    now.due_at = due;
    now.version++;
    TRY(task_say(cx, &now, "opened", STR(""), 0));
    return start_task(cx, &now);
}

static enum rc begin_waiting(struct cx *cx, const struct task *t)
{
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &TASK_OPEN_AGAIN, V_I(t->county), V_I(t->id),
                     V_I(t->version), V_I(TASK_WAITING), V_I(due_stored(t->due_at))));
    if (changed != 1)
        return task_changed(cx, t->id);
    TRY(DB_RUN(cx, &TASK_LATE_CLEAR, V_I(t->county), V_I(t->id)));
    return deadline_clear(cx, t->county, "task.due", t->id);
}

enum rc task_after(struct cx *cx, int64_t county, int64_t id, int64_t before)
{
    struct task t, b;
    bool circle;
    int64_t open;
    TRY(task_read(&t, cx, id));
    TRY(task_read(&b, cx, before));
    if (t.county != county || b.county != county)
        return fail(cx, RC_NOTFOUND, _("There is no such task, or not for you to see."),
                    "task=%" PRId64 " county", id);
    TRY(leads_to(&circle, cx, county, before, id));
    if (circle)
        return fail(cx, RC_INVALID,
                    _("These two tasks would wait for each other, and neither could begin."),
                    "task=%" PRId64 " before=%" PRId64, id, before);
    TRY(DB_RUN(cx, &TASK_AFTER_ADD, V_I(county), V_I(id), V_I(before)));
    TRY(befores_open(&open, cx, &t));
    if (open && t.state == TASK_OPEN)
        return begin_waiting(cx, &t);
    return !open && t.state == TASK_WAITING ? task_open(cx, &t) : RC_OK;
}

static enum rc afters(int64_t *ids, size_t *count, struct cx *cx, const struct task *t,
                      enum task_state state)
{
    struct db_rows rows;
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &TASK_AFTERS, V_I(t->county), V_I(t->id), V_I(state)));
    while (n < OPEN_MAX && db_next(&rows))
        ids[n++] = row_i64(&rows, TASK_AFTERS_ID);
    *count = n;
    return db_done(&rows);
}

static enum rc open_afters(struct cx *cx, const struct task *t)
{
    int64_t *ids = arena_new(cx->arena, OPEN_MAX * sizeof *ids);
    size_t count;
    TRY(afters(ids, &count, cx, t, TASK_WAITING));
    for (size_t i = 0; i < count; i++) {
        struct task waiting;
        int64_t open;
        TRY(task_read(&waiting, cx, ids[i]));
        TRY(befores_open(&open, cx, &waiting));
        if (!open)
            TRY(task_open(cx, &waiting));
    }
    return RC_OK;
}

enum rc task_afters_wait(struct cx *cx, const struct task *t)
{
    int64_t *ids = arena_new(cx->arena, OPEN_MAX * sizeof *ids);
    size_t count;
    TRY(afters(ids, &count, cx, t, TASK_OPEN));
    for (size_t i = 0; i < count; i++) {
        struct task open;
        TRY(task_read(&open, cx, ids[i]));
        TRY(begin_waiting(cx, &open));
    }
    return RC_OK;
}

/* ---- ending ---- */

static enum rc end_parts(struct cx *cx, const struct task *t, enum task_state state)
{
    struct db_rows rows;
    int64_t *ids = arena_new(cx->arena, OPEN_MAX * sizeof *ids);
    size_t n = 0;
    TRY(DB_SELECT(&rows, cx, &TASK_PARTS, V_I(t->id)));
    while (n < OPEN_MAX && db_next(&rows))
        ids[n++] = row_i64(&rows, TASK_PARTS_ID);
    TRY(db_done(&rows));
    for (size_t i = 0; i < n; i++) {
        struct task part;
        TRY(task_read(&part, cx, ids[i]));
        part.parent_id = 0; /* the parent is ending already */
        if (part.state == TASK_OPEN || part.state == TASK_WAITING)
            TRY(task_end(cx, &part, state, STR(""), true));
    }
    return RC_OK;
}

/* The last part of a joint task ended: it is done, unless a part was refused. */
static enum rc end_parent(struct cx *cx, const struct task *part)
{
    struct db_rows rows;
    struct task parent;
    TRY(DB_ONE(&rows, cx, &TASK_PARTS_SUM, V_I(part->parent_id)));
    int64_t open = row_i64(&rows, TASK_PARTS_SUM_OPEN);
    int64_t refused = row_i64(&rows, TASK_PARTS_SUM_REFUSED);
    int64_t done = row_i64(&rows, TASK_PARTS_SUM_DONE);
    TRY(db_done(&rows));
    if (open)
        return RC_OK;
    TRY(task_read(&parent, cx, part->parent_id));
    if (parent.state != TASK_OPEN && parent.state != TASK_WAITING)
        return RC_OK;
    if (!refused)
        return task_end(cx, &parent, done ? TASK_DONE : TASK_CANCELLED, STR(""), false);
    return task_tell(
        cx, &parent, &parent.owner, N_("All parts have ended, one of them refused"),
        arena_printf(cx->arena, "task:%" PRId64 ":parts:%" PRId64, parent.id, part->id));
}

static enum rc tell_giver(struct cx *cx, const struct task *t, enum task_state state)
{
    const struct owner giver = {OWNER_USER, t->giver_id, ""};
    const char *text = state == TASK_DONE      ? N_("Done")
                       : state == TASK_REFUSED ? N_("Refused")
                                               : N_("Cancelled");
    if (!t->giver_id)
        return RC_OK;
    return task_tell(cx, t, &giver, text,
                     arena_printf(cx->arena, "task:%" PRId64 ":end:%d", t->id, t->version));
}

static const char *what_of(enum task_state state)
{
    return state == TASK_DONE ? "done" : state == TASK_REFUSED ? "refused" : "cancelled";
}

enum rc task_end(struct cx *cx, const struct task *t, enum task_state state, struct str outcome,
                 bool quiet)
{
    int64_t changed;
    TRY(DB_RUN_COUNT(&changed, cx, &TASK_END, V_I(t->county), V_I(t->id), V_I(t->version),
                     V_I(state), V_I(cx->now_at), V_I(work_user(cx)),
                     V_S(outcome.p ? outcome : STR(""))));
    if (changed != 1)
        return task_changed(cx, t->id);
    TRY(deadline_clear(cx, t->county, "task.due", t->id));
    TRY(DB_RUN(cx, &TASK_LATE_CLEAR, V_I(t->county), V_I(t->id)));
    TRY(task_say(cx, t, what_of(state), outcome, 0));
    TRY(end_parts(cx, t, state));
    if (state != TASK_REFUSED)
        TRY(open_afters(cx, t));
    if (!quiet)
        TRY(tell_giver(cx, t, state));
    TRY(task_tell_hooks(cx, t->id));
    return t->parent_id ? end_parent(cx, t) : RC_OK;
}

enum rc task_close_of(struct cx *cx, int64_t county, const char *kind, int64_t subject_id,
                      enum task_state state)
{
    struct db_rows rows;
    int64_t *ids = arena_new(cx->arena, OPEN_MAX * sizeof *ids);
    size_t n = 0;
    assert(state == TASK_DONE || state == TASK_CANCELLED);
    TRY(DB_SELECT(&rows, cx, &TASK_OPEN_OF, V_I(county), V_T(kind), V_I(subject_id)));
    while (n < OPEN_MAX && db_next(&rows))
        ids[n++] = row_i64(&rows, TASK_OPEN_OF_ID);
    TRY(db_done(&rows));
    for (size_t i = 0; i < n; i++) {
        struct task t;
        TRY(task_read(&t, cx, ids[i]));
        if (t.state == TASK_OPEN ||
            t.state == TASK_WAITING) /* a part may have ended just now */
            TRY(task_end(cx, &t, state, STR(""), true));
    }
    return RC_OK;
}
