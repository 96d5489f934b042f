/* What the files of flows share; no other room includes this. */
#ifndef WORK_FLOW_INNER_H
#define WORK_FLOW_INNER_H

#include "work/work_inner.h"

/* A step as it is written. */
struct flow_written {
    const char *event, *from, *to;
    struct str reason, advice_text;
    enum advice advice;
    bool followed;
    int64_t journal_seq, snapshot_id;
};
/* In a write closure; *seq is its number. */
enum rc flow_step_add(int64_t *seq, struct cx *cx, const struct flow *f,
                      const struct flow_written *s) MUST_USE;
/* Puts the flow, as it was read, into a state: conditional on its version; ends the task of the
 * old state, makes that of the new one, sets the clock. *f is what it is then. */
enum rc flow_enter(struct cx *cx, struct flow *f, const struct workflow_state *to,
                   int64_t visit) MUST_USE;
/* The task of the state in which the flow stands. */
enum rc flow_task(struct cx *cx, const struct flow *f) MUST_USE;
/* Calls the hooks. */
enum rc flow_tell(struct cx *cx, const struct flow *f, const struct workflow_move *move,
                  const struct flow_ask *ask) MUST_USE;
/* RC_CONFLICT: who moved it meanwhile, and where it stands. */
enum rc flow_moved(struct cx *cx, const struct flow *f) MUST_USE;

#endif
