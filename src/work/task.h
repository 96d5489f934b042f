/* Tasks: what somebody is to do until when, and what came of it. The owner is a user, an
 * organisation, or whoever holds a permission at an area ("the village worker of Xinjian").
 * A task late past its deadline is told to its owner and to the next level above, again and
 * again (escalation). Joint work of several departments is one task with parts; all of it has
 * one thread of remarks. Tables `task`, `task_late`, `task_after`, `task_event`. */
#ifndef WORK_TASK_H
#define WORK_TASK_H

#include "work/deadline.h"
#include "work/notice.h"

enum owner_kind { OWNER_USER = 1, OWNER_ORG = 2, OWNER_AREA = 3 };
struct owner {
    enum owner_kind kind;
    int64_t id;             /* user, organisation or area */
    const char *permission; /* OWNER_AREA; else "" */
};
enum task_state {
    TASK_OPEN = 1,
    TASK_WAITING = 2, /* for the tasks it comes after */
    TASK_DONE = 3,
    TASK_REFUSED = 4, /* the owner says it cannot be done, with the reason */
    TASK_CANCELLED = 5
};
/* Added to the weight of a task that comes with many others (alerts of a whole county): nobody
 * gets a notice for each, but one a day that there are new ones, and one that some are late. */
enum { TASK_TOGETHER = 10 };
struct task {
    int64_t county, id, parent_id; /* parent_id: the joint task it is part of; 0 */
    const char *kind;   /* "flow", "plan_item", "alert", "meeting", "disaster", "free" … */
    int64_t subject_id; /* flow, plan item, alert …; 0 */
    int64_t household_id, area_id; /* what it is about: 0; area_id always set (scope) */
    const char *area_path;         /* filled on reading */
    struct owner owner;
    int64_t giver_id; /* user; 0 = the system */
    struct both title, why;
    const char *href; /* page where it is done; "" = its own page */
    enum task_state state;
    int32_t weight; /* enum notice_weight; + TASK_TOGETHER: one of many */
    int64_t made_at, due_at, done_at, done_by;
    int32_t escalated; /* steps up so far */
    int32_t version;
    bool needs_evidence;
    const char *outcome; /* what the owner said at the end */
    int64_t held_id;     /* on reading: the area above whose people act, because nobody of the
                            owner's area holds the permission; else 0 */
};
/* In a write closure. Sets the deadline, tells the owner (one notice). Of a (kind, subject,
 * parent, owner) only one is open: the existing one is returned with *id; subject 0: any
 * number. No permission is asked: task_give_new and the other rooms ask. With state
 * TASK_WAITING (task_after follows) nobody is told and no deadline runs until it opens. */
enum rc task_add(int64_t *id, struct cx *cx, const struct task *t) MUST_USE;
/* `id` waits until `before` is done (or cancelled); what it waits for may have ended already.
 * RC_INVALID: a circle, also through parts. RC_NOTFOUND: not of this county. In a write
 * closure. */
enum rc task_after(struct cx *cx, int64_t county, int64_t id, int64_t before) MUST_USE;
/* A free task given by a person, with parts for several owners (then the task is a joint one,
 * kept by the giver) and what it comes after. Permission task.give at the area. RC_INVALID: a
 * text, day or owner is wrong; *field (may be NULL) is its name: title, why, owner, due, after.
 * Opens its own write. */
struct task_new {
    struct task
        task; /* title, why, area_id, owner (no parts), due_at, needs_evidence, weight */
    const struct owner *parts;
    size_t part_count;
    int64_t after_id; /* 0 */
};
enum rc task_give_new(int64_t *id, const char **field, struct cx *cx,
                      const struct task_new *n) MUST_USE;
/* Outside or inside a write closure. The owner, the giver, or who holds task.give at the area.
 * RC_CONFLICT: somebody was quicker (cx->err says who and what). RC_INVALID: a joint task whose
 * parts are open, evidence is missing, no reason; or the work is done elsewhere (kind "flow"):
 * cx->err says so, and task.href is where. */
enum rc task_done(struct cx *cx, int64_t id, int32_t version, struct str outcome) MUST_USE;
enum rc task_refuse(struct cx *cx, int64_t id, int32_t version, struct str reason) MUST_USE;
enum rc task_cancel(struct cx *cx, int64_t id, int32_t version, struct str reason) MUST_USE;
/* Undo of done, refused or cancelled by whoever did it, within a day. Those that waited for it
 * wait again. */
enum rc task_reopen(struct cx *cx, int64_t id, int32_t version) MUST_USE;
enum rc task_give_to(struct cx *cx, int64_t id, int32_t version, struct owner owner,
                     struct str reason) MUST_USE;
/* The giver or task.give; not of kind "flow", whose deadlines are the profile's. */
enum rc task_set_due(struct cx *cx, int64_t id, int32_t version, int64_t due_at,
                     struct str reason) MUST_USE;
enum rc task_remark(struct cx *cx, int64_t id, struct str text) MUST_USE;
/* A stored document (store/store.h) as proof. */
enum rc task_evidence(struct cx *cx, int64_t id, int64_t document_id, struct str note) MUST_USE;
/* Ends open tasks of a thing without a word of a person (the flow moved on): done or cancelled.
 * In a write closure; no permission is asked. */
enum rc task_close_of(struct cx *cx, int64_t county, const char *kind, int64_t subject_id,
                      enum task_state state) MUST_USE;
/* A person leaves, an organisation ends: their open tasks go to others (to.id 0: back to the
 * organisation's heads, or to those who give tasks in the task's area). *moved counts. The
 * system, org.manage, user.manage or task.give in the county. Opens its own writes. */
enum rc task_hand_over(int64_t *moved, struct cx *cx, int64_t county, struct owner from,
                       struct owner to) MUST_USE;
/* An area was merged into another: what belonged to it follows. In a write closure. */
enum rc task_area_merged(struct cx *cx, int64_t county, int64_t from_area,
                         int64_t to_area) MUST_USE;

/* Area tasks find the people of today: those whose holder is gone or came are held anew. The
 * job "task.tend" does it every night; pages that give or take roles may call it. *moved
 * counts. */
enum rc task_tend(int64_t *moved, struct cx *cx) MUST_USE;

/* Called in the transaction in which a task became done, refused or cancelled, or open again:
 * rooms above do what follows (a plan's item goes on). A failure undoes it. */
typedef enum rc (*task_hook)(struct cx *cx, const struct task *now);
void task_hook_add(task_hook hook);

/* RC_NOTFOUND also when it is not for the actor: owner, giver, told of its lateness, of the
 * same thread, or task.view in the area. */
enum rc task_get(struct task *out, struct cx *cx, int64_t id) MUST_USE;
struct task_query {
    bool mine;       /* own, of one's organisations, areas and of those one stands in for */
    bool given;      /* that the actor gave */
    bool late_below; /* escalated to the actor */
    int64_t area_id; /* of an area (permission task.view); 0 */
    int64_t household_id, parent_id;
    struct str kind, state; /* "open" (default), "waiting", "done" (all that ended; mine: by the
                               actor, newest first), "all" */
    struct str after;       /* keyset */
    size_t limit;
};
/* By deadline, then id. *next: token or NULL. */
enum rc task_list(struct task **out, size_t *count, const char **next, struct cx *cx,
                  const struct task_query *q) MUST_USE;
struct task_sums {
    int64_t open, late, due_today, escalated; /* each counted to at most 1,000 */
};
enum rc task_sums_mine(struct task_sums *out, struct cx *cx) MUST_USE;
/* What happened to a task, oldest first: made, given, remarks, evidence, done. */
struct task_event {
    int64_t at, user_id, document_id, task_id; /* task_id: of the thread's tasks, whose */
    const char *what, *text;
};
enum rc task_thread(struct task_event **out, size_t *count, struct cx *cx, int64_t id) MUST_USE;
/* May the actor do the task (see task_done)? */
bool task_may(struct cx *cx, const struct task *t);
/* "Civil Affairs Bureau", "village worker of Xinjian Village". */
const char *owner_label(struct cx *cx, const struct owner *o);

/* "Done", "waits" … and what happened, in the context's language. */
const char *task_state_text(struct cx *cx, enum task_state state);
const char *task_event_text(struct cx *cx, const char *what);

extern const struct deadline_kind task_deadline_kinds[];
extern const size_t task_deadline_kind_count;
extern const struct job_kind task_job_kinds[];
extern const size_t task_job_kind_count;

#endif
