/* What people do with tasks: with their rights, on the version they looked at. Handing over and
 * giving new ones is task_give.c. */
#include "base/text.h"
#include "base/time.h"
#include "base/utf8.h"
#include "profile/calendar.h"
#include "work/task.sql.h"
#include "work/task_inner.h"

#include <string.h>

enum { UNDO_S = 24 * 3600 };

struct act {
    struct task task; /* as it was looked at */
    int32_t version;
    enum task_state state;
    struct owner owner;
    int64_t due_at, document_id;
    struct str text;
    const char *note; /* of the event */
    bool same_open;
};

/* The task, when the actor may do it. */
static enum rc begin(struct act *a, struct cx *cx, int64_t id, int32_t version)
{
    a->version = version;
    TRY(task_get(&a->task, cx, id));
    if (!task_may(cx, &a->task))
        return fail(
            cx, RC_DENIED,
            _("This is for the task's owner, for whoever gave it, and for those who give "
              "tasks here."),
            "task=%" PRId64, id);
    return RC_OK;
}

static enum rc text_ok(struct str *text, struct cx *cx, bool required)
{
    *text = str_trim(*text);
    if (required && !text->len)
        return fail(cx, RC_INVALID, _("Say why, please."), "task reason");
    if (utf8_length(*text) > TEXT_MAX)
        return fail_f(cx, RC_LIMIT, _("At most %d characters, please."), (int)TEXT_MAX);
    return RC_OK;
}

/* The task of now, on the version that was looked at. */
static enum rc fresh(struct task *t, struct cx *cx, const struct act *a)
{
    TRY(task_read(t, cx, a->task.id));
    return t->version == a->version ? RC_OK : task_changed(cx, t->id);
}

/* ---- ending ---- */

static enum rc write_end(struct cx *cx, void *arg)
{
    const struct act *a = arg;
    struct task t;
    TRY(fresh(&t, cx, a));
    if (t.state != TASK_OPEN && t.state != TASK_WAITING)
        return task_changed(cx, t.id);
    return task_end(cx, &t, a->state, a->text, false);
}

static enum rc parts_open(int64_t *open, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &TASK_PARTS_SUM, V_I(id)));
    *open = row_i64(&rows, TASK_PARTS_SUM_OPEN);
    return db_done(&rows);
}

static enum rc evidence_there(struct cx *cx, const struct task *t)
{
    struct db_rows rows;
    if (!t->needs_evidence)
        return RC_OK;
    TRY(DB_ONE(&rows, cx, &TASK_EVIDENCE_COUNT, V_I(t->county), V_I(task_thread_id(t)),
               V_I(t->id)));
    int64_t count = row_i64(&rows, 0);
    TRY(db_done(&rows));
    return count ? RC_OK
                 : fail(cx, RC_INVALID,
                        _("Add the evidence first: a photo or a document that shows it."),
                        "task=%" PRId64 " evidence", t->id);
}

/* Work that is done on another page ends its task there. */
static enum rc done_here(struct cx *cx, const struct task *t)
{
    if (strcmp(t->kind, "flow") != 0)
        return RC_OK;
    return fail(cx, RC_INVALID,
                arena_printf(cx->arena,
                             _("This is done on its own page, and the task ends by itself: %s"),
                             t->href),
                "task=%" PRId64 " flow", t->id);
}

enum rc task_done(struct cx *cx, int64_t id, int32_t version, struct str outcome)
{
    struct act a = {.state = TASK_DONE, .text = outcome};
    int64_t open;
    TRY(begin(&a, cx, id, version));
    TRY(text_ok(&a.text, cx, false));
    TRY(done_here(cx, &a.task));
    if (a.task.state == TASK_WAITING && version == a.task.version)
        return fail(cx, RC_INVALID, _("This waits for another task that is not done yet."),
                    "task=%" PRId64 " waits", id);
    TRY(parts_open(&open, cx, id));
    if (open)
        return fail(cx, RC_INVALID,
                    _("Parts of this task are still open; it is done when they are."),
                    "task=%" PRId64 " parts", id);
    TRY(evidence_there(cx, &a.task));
    return db_write(cx, a.task.county, write_end, &a);
}

enum rc task_refuse(struct cx *cx, int64_t id, int32_t version, struct str reason)
{
    struct act a = {.state = TASK_REFUSED, .text = reason};
    TRY(begin(&a, cx, id, version));
    TRY(done_here(cx, &a.task));
    TRY(text_ok(&a.text, cx, true));
    return db_write(cx, a.task.county, write_end, &a);
}

enum rc task_cancel(struct cx *cx, int64_t id, int32_t version, struct str reason)
{
    struct act a = {.state = TASK_CANCELLED, .text = reason};
    TRY(begin(&a, cx, id, version));
    TRY(done_here(cx, &a.task));
    TRY(text_ok(&a.text, cx, true));
    return db_write(cx, a.task.county, write_end, &a);
}

/* ---- undo ---- */

static enum rc open_again(struct cx *cx, const struct task *t)
{
    struct db_rows rows;
    int64_t changed;
    TRY(DB_ONE(&rows, cx, &TASK_BEFORES_OPEN, V_I(t->county), V_I(t->id)));
    bool waits = row_i64(&rows, 0) > 0;
    TRY(db_done(&rows));
    TRY(DB_RUN_COUNT(&changed, cx, &TASK_OPEN_AGAIN, V_I(t->county), V_I(t->id),
                     V_I(t->version), V_I(waits ? TASK_WAITING : TASK_OPEN),
                     V_I(due_stored(t->due_at))));
    if (changed != 1)
        return task_changed(cx, t->id);
    TRY(deadline_set(cx, t->county, "task.due", t->id, waits ? 0 : t->due_at, 0));
    TRY(task_afters_wait(cx, t));
    TRY(task_say(cx, t, "reopened", STR(""), 0));
    return task_tell_hooks(cx, t->id);
}

static enum rc write_reopen(struct cx *cx, void *arg)
{
    struct act *a = arg;
    struct task t, parent;
    TRY(fresh(&t, cx, a));
    enum rc rc = open_again(cx, &t);
    a->same_open = rc == RC_CONFLICT && !cx->err.rc;
    TRY(rc);
    if (!t.parent_id)
        return RC_OK;
    TRY(task_read(&parent, cx, t.parent_id));
    return parent.state == TASK_DONE || parent.state == TASK_CANCELLED ? open_again(cx, &parent)
                                                                       : RC_OK;
}

enum rc task_reopen(struct cx *cx, int64_t id, int32_t version)
{
    struct act a = {.version = version};
    TRY(task_get(&a.task, cx, id));
    const struct task *t = &a.task;
    TRY(done_here(cx, t));
    if (t->state == TASK_OPEN || t->state == TASK_WAITING)
        return fail(cx, RC_INVALID, _("This task is open."), "task=%" PRId64, id);
    if (t->done_by != work_user(cx))
        return fail(cx, RC_DENIED, _("Only who ended the task can take that back."),
                    "task=%" PRId64, id);
    if (cx->now_at > t->done_at + UNDO_S)
        return fail(cx, RC_INVALID,
                    _("A task can be opened again within a day; give a new one instead."),
                    "task=%" PRId64, id);
    enum rc rc = db_write(cx, t->county, write_reopen, &a);
    if (rc == RC_CONFLICT && a.same_open)
        return fail(cx, rc, _("A newer task for the same is open already."), "task=%" PRId64,
                    id);
    return rc;
}

/* ---- owner and deadline ---- */

static enum rc write_give(struct cx *cx, void *arg)
{
    struct act *a = arg;
    struct task t;
    int64_t held, changed, due;
    a->same_open = false;
    TRY(fresh(&t, cx, a));
    TRY(task_holder(&held, cx, &a->owner));
    enum rc rc =
        DB_RUN_COUNT(&changed, cx, &TASK_SET_OWNER, V_I(t.county), V_I(t.id), V_I(t.version),
                     V_I(a->owner.kind), V_I(a->owner.id), V_T(a->owner.permission), V_I(held));
    a->same_open = rc == RC_CONFLICT;
    TRY(rc);
    if (changed != 1)
        return task_changed(cx, t.id);
    t.owner = a->owner;
    t.version++;
    due = t.due_at && t.due_at <= cx->now_at ? deadline_after(cx->profile, cx->now_at, 1, true)
                                             : t.due_at;
    TRY(DB_RUN(cx, &TASK_LATE_CLEAR, V_I(t.county), V_I(t.id)));
    TRY(deadline_set(cx, t.county, "task.due", t.id, t.state == TASK_OPEN ? due : 0, 0));
    TRY(task_say(cx, &t, "given", str_of(a->note), 0));
    return task_tell(cx, &t, &t.owner, N_("New task"),
                     arena_printf(cx->arena, "task:%" PRId64 ":new:%d", t.id, t.version));
}

enum rc task_give_to(struct cx *cx, int64_t id, int32_t version, struct owner owner,
                     struct str reason)
{
    struct act a = {.owner = owner, .text = reason};
    if (!a.owner.permission)
        a.owner.permission = "";
    TRY(begin(&a, cx, id, version));
    TRY(done_here(cx, &a.task));
    TRY(text_ok(&a.text, cx, true));
    TRY(owner_exists(cx, a.task.county, &a.owner));
    a.note = arena_printf(cx->arena, "→ %s · %.*s", owner_label(cx, &a.owner), STR_ARG(a.text));
    enum rc rc = db_write(cx, a.task.county, write_give, &a);
    if (rc == RC_CONFLICT && a.same_open)
        return fail(cx, rc, _("They have this task already."), "task=%" PRId64, id);
    return rc;
}

static enum rc write_due(struct cx *cx, void *arg)
{
    const struct act *a = arg;
    struct task t;
    int64_t changed;
    TRY(fresh(&t, cx, a));
    TRY(DB_RUN_COUNT(&changed, cx, &TASK_SET_DUE_AT, V_I(t.county), V_I(t.id), V_I(t.version),
                     V_I(due_stored(a->due_at))));
    if (changed != 1)
        return task_changed(cx, t.id);
    TRY(DB_RUN(cx, &TASK_LATE_CLEAR, V_I(t.county), V_I(t.id)));
    TRY(deadline_set(cx, t.county, "task.due", t.id, t.state == TASK_OPEN ? a->due_at : 0, 0));
    return task_say(cx, &t, "due", str_of(a->note), 0);
}

enum rc task_set_due(struct cx *cx, int64_t id, int32_t version, int64_t due_at,
                     struct str reason)
{
    struct act a = {.version = version, .due_at = due_at, .text = reason};
    TRY(task_get(&a.task, cx, id));
    if (cx->actor && (!a.task.giver_id || a.task.giver_id != work_user(cx)) &&
        !actor_may_in(cx, "task.give", str_of(a.task.area_path)))
        return fail(cx, RC_DENIED,
                    _("The deadline is changed by whoever gave the task, or by those who give "
                      "tasks here."),
                    "task=%" PRId64, id);
    TRY(done_here(cx, &a.task));
    TRY(text_ok(&a.text, cx, true));
    if (due_at <= cx->now_at)
        return fail(cx, RC_INVALID, _("The new deadline lies in the past."), "task=%" PRId64,
                    id);
    a.note =
        arena_printf(cx->arena, "→ %s · %.*s",
                     day_iso(cx->arena, local_day(cx->profile, due_at - 1)), STR_ARG(a.text));
    return db_write(cx, a.task.county, write_due, &a);
}

/* ---- thread ---- */

static enum rc write_remark(struct cx *cx, void *arg)
{
    const struct act *a = arg;
    return task_say(cx, &a->task, a->document_id ? "evidence" : "remark", a->text,
                    a->document_id);
}

enum rc task_remark(struct cx *cx, int64_t id, struct str text)
{
    struct act a = {.text = text};
    TRY(task_get(&a.task, cx, id));
    a.text = str_trim(text);
    if (!a.text.len)
        return fail(cx, RC_INVALID, _("The remark is empty."), "task=%" PRId64, id);
    TRY(text_ok(&a.text, cx, true));
    return db_write(cx, a.task.county, write_remark, &a);
}

enum rc task_evidence(struct cx *cx, int64_t id, int64_t document_id, struct str note)
{
    struct act a = {.text = note, .document_id = document_id};
    TRY(begin(&a, cx, id, 0));
    TRY(text_ok(&a.text, cx, false));
    if (document_id <= 0)
        return fail(cx, RC_INVALID, _("Choose a file."), "task=%" PRId64, id);
    return db_write(cx, a.task.county, write_remark, &a);
}
