/* Cases: a household (or a village, a county) on its way through a workflow of the profile:
 * identified, watched, leaving; poor again. A case is a flow (work/flow.h); here it gets its
 * rules evaluated, its decision frozen and written into the register.
 *
 * Deciding is three steps: (1) in a read transaction the guards of the state's moves are run
 * over the columns (case_guards); (2) the data that the decision rests on are frozen as one
 * sealed document (kind "decision": every value of household and people with the journal
 * number, the rules that held and failed with the values they read, the answers, who decides);
 * (3) one write moves the flow (conditional on its version), writes the answers into the
 * register with that document as their source, and tells who has to act next. */
#ifndef CASEWORK_CASE_H
#define CASEWORK_CASE_H

#include "register/columns.h"
#include "register/household.h"
#include "work/flow.h"
#include "work/job.h"

/* One of the profile's conditions out of which a rule is made: "Income below the line", no. */
struct case_part {
    struct label label;
    enum advice value; /* YES, NO, UNKNOWN */
};
/* What a guard says of the case now. */
struct case_guard {
    const struct workflow_move *move;
    enum advice advice;
    const struct case_part *parts;
    size_t part_count;
    struct columns_fact *facts; /* what the rule read */
    size_t fact_count;
};
struct case_view {
    struct flow flow;
    struct household household; /* FLOW_HOUSEHOLD */
    const char *title;          /* head's name or area's name */
    const char *place;
    int32_t ended_day;         /* the household or area ended while its case runs; 0 */
    bool gone;                 /* … or the actor cannot see it (any more) */
    struct case_guard *guards; /* of the moves that leave the state */
    size_t guard_count;
    int64_t journal_seq; /* up to which the guards know the register */
};
enum rc case_get(struct case_view *out, struct cx *cx, int64_t flow_id) MUST_USE;

/* Opens a case of a household by the workflow of a kind ("identify", "exit", "watch"); a former
 * closed case of the same subject becomes its back_id, so that becoming poor again shows the
 * whole history. RC_CONFLICT: one is open (*flow_id). */
enum rc case_open(int64_t *flow_id, struct cx *cx, const char *kind,
                  int64_t household_id) MUST_USE;
/* Is there anything to do in such a case? False: each move forward from its first state has a
 * rule that must hold and does not (clearing the risk of a household that is not watched). */
enum rc case_makes_sense(bool *out, struct cx *cx, const struct workflow *w,
                         const struct household *h) MUST_USE;
/* … of an area (village, county): workflows with subject area of its level. */
enum rc case_open_area(int64_t *flow_id, struct cx *cx, const char *kind,
                       int64_t area_id) MUST_USE;

/* Makes a move of a case. `ask`: id, version, event, reason, answers; advice and snapshot are
 * filled here. RC_INVALID with `must` guards that do not hold: the text names the rule and its
 * values; or when the rules advise otherwise and no reason is given. RC_CONFLICT: moved
 * meanwhile; the text says by whom, to what. When the household's data changed since they were
 * looked at, the newer are judged and frozen. Not in a write closure; ends a read transaction
 * that cx has open. Fault points "casework.frozen" (frozen, nothing written), "casework.moved"
 * (in the write, between flow and register). */
enum rc case_decide(struct cx *cx, struct flow_ask *ask) MUST_USE;
/* The same for many cases at once (an assembly, a township's list); each for itself: what fails
 * is listed with its reason, the others are made. */
struct case_result {
    int64_t flow_id;
    enum rc rc;
    const char *text; /* why not */
};
enum rc case_decide_many(struct case_result **out, struct cx *cx, const struct flow_ask *asks,
                         size_t count) MUST_USE;

/* An answer as people read it; "" none. */
const char *case_answer_text(struct cx *cx, const struct flow_answer *answer);
/* An answer of a field as the indicator holds it: days as months, whole numbers as decimals. */
struct value case_value_for(const struct indicator *ind, enum field_type type, struct value v);

/* All cases of a household (or area), newest first, with those that they reopen. */
enum rc case_history(struct flow **out, size_t *count, struct cx *cx, int64_t county,
                     int64_t household_id) MUST_USE;
/* The frozen decision as it was kept: JSON; the caller has checked case.view. */
enum rc case_frozen(struct str *json, struct cx *cx, int64_t county,
                    int64_t document_id) MUST_USE;

/* Job kind "casework.follow" (hourly): open cases of households that moved within the county go
 * to the people of the new place. */
extern const struct job_kind casework_job_kinds[];
extern const size_t casework_job_kind_count;
/* Called at start: puts the hooks of postings and assemblies and the automatic moves into the
 * engine. */
void casework_begin(void);

#endif
