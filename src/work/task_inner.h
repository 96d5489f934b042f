/* What the files of tasks share; no other room includes this. */
#ifndef WORK_TASK_INNER_H
#define WORK_TASK_INNER_H

#include "work/work_inner.h"

struct task task_of_row(const struct db_rows *r);
/* Without looking at the actor. */
enum rc task_read(struct task *out, struct cx *cx, int64_t id) MUST_USE;
/* A line of the task's thread. In a write closure. */
enum rc task_say(struct cx *cx, const struct task *t, const char *what, struct str text,
                 int64_t document_id) MUST_USE;
/* Number of the thread: the joint task, or the task itself. */
static inline int64_t task_thread_id(const struct task *t)
{
    return t->parent_id ? t->parent_id : t->id;
}
/* RC_CONFLICT: who was quicker, and what it is now. */
enum rc task_changed(struct cx *cx, int64_t id) MUST_USE;

/* The area whose people do what the area of the owner has nobody for; 0. */
enum rc task_holder(int64_t *held_id, struct cx *cx, const struct owner *o) MUST_USE;
/* The people who are the owner today. */
enum rc owner_users(int64_t **user_ids, size_t *count, struct cx *cx,
                    const struct owner *o) MUST_USE;
/* Tells the owner "TEXT: title"; not whoever does it. `n_text` is an N_(). Of tasks with
 * TASK_TOGETHER it is N_together without the title, once a day and person. */
enum rc task_tell(struct cx *cx, const struct task *t, const struct owner *o,
                  const char *n_text, const char *key) MUST_USE;
/* The levels above the owner that are told, one after another, when it is late. */
enum { ABOVE_MAX = 16 };
enum rc task_above(struct owner *out, size_t *count, struct cx *cx,
                   const struct task *t) MUST_USE;
/* Does such an owner exist, in the county? RC_INVALID. */
enum rc owner_exists(struct cx *cx, int64_t county, const struct owner *o) MUST_USE;

/* Keys under which the actor finds tasks. */
struct task_key {
    enum owner_kind kind;
    int64_t id;
    const char *permission; /* owners: of areas; "heads": told as head of an organisation */
};
enum rc task_keys(struct task_key **out, size_t *count, struct cx *cx) MUST_USE;
/* Is the owner one of the keys (for areas: has the right there)? */
enum rc task_is_owner(bool *is, struct cx *cx, const struct owner *o) MUST_USE;

/* Ends a task in a write closure: conditional on its version; parts, parent, those that wait,
 * deadline, lateness, event, hooks. `quiet`: the giver is not told. */
enum rc task_end(struct cx *cx, const struct task *t, enum task_state state, struct str outcome,
                 bool quiet) MUST_USE;
/* The open tasks that come after one wait again. */
enum rc task_afters_wait(struct cx *cx, const struct task *t) MUST_USE;
/* Opens a waiting task. */
enum rc task_open(struct cx *cx, const struct task *t) MUST_USE;
enum rc task_tell_hooks(struct cx *cx, int64_t id) MUST_USE;

#endif
