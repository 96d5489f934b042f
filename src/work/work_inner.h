/* What the files of tasks and flows share among themselves; no other room includes this. */
#ifndef WORK_WORK_INNER_H
#define WORK_WORK_INNER_H

#include "db/db.h"
#include "people/actor.h"
#include "work/flow.h"
#include "work/place.h"

/* Stored where there is no deadline: the year 3000, so that lists by deadline end with them. */
#define NO_DUE INT64_C(32503680000)
static inline int64_t due_stored(int64_t due_at)
{
    return due_at > 0 ? due_at : NO_DUE;
}
static inline int64_t due_read(int64_t stored)
{
    return stored == NO_DUE ? 0 : stored;
}
enum { TEXT_MAX = 2000, TITLE_MAX = 200, REASON_MAX = 1000 }; /* characters */

/* The actor's own user id; 0 for the system. */
static inline int64_t work_user(const struct cx *cx)
{
    return cx->actor ? cx->actor->user_id : 0;
}
/* Makes room for one more element behind `count` in the arena. */
void *work_grow(struct cx *cx, void *rows, size_t count, size_t *cap, size_t size);

/* The actor and those whom the actor stands in for today, the actor first. */
enum rc work_selves(const struct actor *const **out, size_t *count, struct cx *cx) MUST_USE;
/* Does the actor, or one for whom the actor stands in, hold the permission there? */
enum rc work_may(bool *may, struct cx *cx, const char *permission, const char *path) MUST_USE;

/* ---- flows ---- */
struct flow flow_of_row(struct cx *cx, const struct db_rows *r);
/* Without looking at the actor. */
enum rc flow_read(struct flow *out, struct cx *cx, int64_t id) MUST_USE;
/* Where the people of a state or move are: the area at the level, at or above the flow's. */
enum rc flow_where(struct place *out, struct cx *cx, const struct flow *f,
                   const char *level) MUST_USE;
/* Everything flow_can looks at, but the version. */
enum rc flow_check(struct cx *cx, const struct flow *f, const struct workflow_move **move,
                   const struct flow_ask *ask) MUST_USE;
/* Why the move cannot be made yet by whoever may make it: too early, a sign is missing; NULL.
 */
enum rc flow_not_yet(const char **why, struct cx *cx, const struct flow *f,
                     const struct workflow_move *m) MUST_USE;

#endif
