/* Deadlines: something is to happen at a moment. A row per deadline; the clock fires each once:
 * what the handler writes and the end of the row are one transaction, so that no crash loses or
 * doubles it. A moment that passed while no server ran fires at the next start. Table
 * `deadline`. Uses the real clock (FUMIN_NOW in tests). */
#ifndef WORK_DEADLINE_H
#define WORK_DEADLINE_H

#include "base/cx.h"

struct deadline {
    int64_t county, id, at;
    const char *kind; /* "task.due", "flow.due", "flow.auto", "posting.end" … */
    int64_t subject_id;
    int32_t step; /* how often it was set on: 0 first, 1 after the first escalation … */
};
/* Sets (or moves) the deadline of a kind for a subject; at 0 clears it. In a write closure. */
enum rc deadline_set(struct cx *cx, int64_t county, const char *kind, int64_t subject_id,
                     int64_t at, int32_t step) MUST_USE;
enum rc deadline_clear(struct cx *cx, int64_t county, const char *kind,
                       int64_t subject_id) MUST_USE;
/* RC_NOTFOUND: none is set. */
enum rc deadline_get(struct deadline *out, struct cx *cx, int64_t county, const char *kind,
                     int64_t subject_id) MUST_USE;
/* Fires one deadline, in the write closure that ends it; cx->actor is NULL. It may set it
 * again. RC_CONFLICT, RC_NOTFOUND: the subject is no longer there: it ends without effect.
 * Another failure: tried again after a minute, counted, and listed on the status page. */
typedef enum rc (*deadline_fn)(struct cx *cx, const struct deadline *d);
struct deadline_kind {
    const char *name;
    deadline_fn fire;
};
/* All kinds of the program (web/jobs.c joins the rooms' tables); before the clock runs. */
void deadline_kinds_set(const struct deadline_kind *kinds, size_t count);
/* Fires what is due now, county by county, in batches; *fired counts. A clock of the server
 * does this every second (job.h); commands and tests call it. Not in a write closure. */
enum rc deadline_fire_due(int64_t *fired, struct cx *cx) MUST_USE;
/* Due for more than 10 s but not yet fired (of each county at most 10,000 are counted), and
 * those whose handler failed; oldest_at: the next of all, 0 none. */
struct deadline_figures {
    int64_t late, failing;
    int64_t oldest_at;
};
enum rc deadline_figures_get(struct deadline_figures *out, struct cx *cx) MUST_USE;

#endif
