/* Grievances: somebody objects: to a decision, a posting, a plan, an officer. A flow of the
 * workflow of kind "grievance" (deadline, answer, escalation and appeal are the profile's) with
 * what was said, sealed. The one objected to does not answer it. Table `grievance`. */
#ifndef CASEWORK_GRIEVANCE_H
#define CASEWORK_GRIEVANCE_H

#include "casework/case.h"

enum grievance_channel { BY_PAGE = 1, BY_PHONE, BY_VISIT, BY_LETTER, BY_OFFICER };
struct grievance {
    int64_t county, id, flow_id, area_id; /* id = subject of the flow */
    int64_t about_flow, about_plan, posting_id, tip_id, household_id; /* 0 */
    int64_t against_user; /* 0: on adding, with about_flow: whoever made its last move */
    enum grievance_channel channel;
    const char *name, *phone, *text, *answer; /* sealed at rest; name "" = without a name */
    /* On adding: the number of the form that was sent, so that the same form sent twice makes
     * one;
     * "" on reading. */
    const char *reference;
    int64_t at, answered_at, answered_by;
};
/* Permission: BY_PAGE none (the page throttles); else case.view in the area. area_id 0: that of
 * what it is about. *reference: eight characters, given once. An objection to a posting
 * (posting_id with about_flow) is also a task of those who may make the case's `object` move,
 * and while that task is open the notice does not end by itself. RC_INVALID names what is
 * missing, or that the profile has no grievances. In a write closure or not. */
enum rc grievance_add(int64_t *id, const char **reference, struct cx *cx,
                      const struct grievance *g) MUST_USE;
/* Makes a move with an answer that whoever complained may read. Permission grievance.answer
 * (and what the move asks for). RC_DENIED for the one objected to, who may only
 * pass it on; RC_CONFLICT: somebody was
 * quicker. An empty answer is allowed where the move leads to no answer (passing on: then it is
 * the reason, and stays in the office). */
enum rc grievance_answer(struct cx *cx, int64_t id, int32_t flow_version, struct str event,
                         struct str answer) MUST_USE;
/* The words; name and phone (masked) are "" for the one objected to. case.view in the area. */
enum rc grievance_get(struct grievance *out, struct flow *flow, struct cx *cx,
                      int64_t id) MUST_USE;
/* state as in struct flow_query; by deadline. *next: token or NULL. */
enum rc grievance_list(struct grievance **out, struct flow **flows, size_t *count,
                       const char **next, struct cx *cx, struct str state, int64_t area_id,
                       struct str after, size_t max) MUST_USE;
/* Grievances about a case, newest first, at most 50 (case.view). */
enum rc grievances_of_flow(struct grievance **out, size_t *count, struct cx *cx,
                           int64_t flow_id) MUST_USE;
/* Is the step an answer: forward, or the last word of a state? (Passing on and giving back are
 * not.) */
bool grievance_is_answer(const struct workflow_move *move);
/* The appeal that is open in the flow's state; NULL. */
const struct workflow_move *grievance_appeal_move(const struct flow *flow);
/* By the reference: state, deadline, answer; no words, no names. RC_NOTFOUND. */
enum rc grievance_ask(struct grievance *out, struct flow *flow, struct cx *cx,
                      struct str reference) MUST_USE;
/* With what the one who complained says to it (may be ""); it is added to the words.
 * RC_INVALID: no appeal is open now. */
enum rc grievance_appeal(struct cx *cx, struct str reference, struct str text) MUST_USE;

#endif
