/* The workflow engine. A *flow* is one run of a workflow of the profile (profile/workflows.h)
 * about a household, an area or a plain thing: a case, a grievance, a recognition. It stands in
 * one state; a move takes it on. The engine checks who may, when, which answers are needed, and
 * that nobody moved it meanwhile; it makes and closes the task of the state, sets deadlines and
 * passes over switched-off states. It knows no household: guards are evaluated by the caller
 * (casework/guard.h), which hands the result in. Tables `flow`, `flow_move`, `flow_sign`.
 *
 * A profile may change under running flows: a flow keeps codes only. When its state or workflow
 * is gone, `state` is NULL; it is listed as stranded and may be set into a state that exists
 * (flow_set_state, permission flow.repair). */
#ifndef WORK_FLOW_H
#define WORK_FLOW_H

#include "profile/workflows.h"
#include "work/task.h"

struct flow {
    int64_t county, id;
    const char *workflow_code, *state_code;
    const struct workflow *workflow;    /* NULL: the profile has it no more */
    const struct workflow_state *state; /* NULL: the same */
    int64_t subject_id;                 /* household, area or thing */
    int64_t area_id;                    /* where: its people act */
    const char *area_path;              /* filled on reading */
    int32_t version;
    int32_t visit; /* number of the step that entered the state */
    int64_t opened_at, entered_at, due_at, closed_at; /* due_at 0 none; closed_at 0 open */
    int64_t opened_by, back_id; /* back_id: the closed flow of the same subject it reopens; 0 */
};
/* The result of a guard, by the caller. */
enum advice { ADVICE_NONE = 0, ADVICE_YES, ADVICE_NO, ADVICE_UNKNOWN };
struct flow_answer {
    const struct workflow_field *field;
    struct value value;
    int64_t document_id; /* FILE */
};
struct flow_ask {
    int64_t id;
    int32_t version; /* as it was seen */
    struct str event;
    struct str reason;
    const struct flow_answer *answers;
    size_t answer_count;
    enum advice advice;
    struct str advice_text; /* JSON of the rules that held and failed with their values */
    int64_t journal_seq, snapshot_id; /* the frozen data: journal number, document; 0 */
};
/* Opens one in its first state. RC_CONFLICT: an open flow of this workflow and subject exists
 * (*id is it). Permission of the workflow in the area. In a write closure or not. */
enum rc flow_open(int64_t *id, struct cx *cx, const struct workflow *w, int64_t county,
                  int64_t subject_id, int64_t area_id, int64_t back_id) MUST_USE;
/* Moves it. RC_DENIED (who may), RC_INVALID (no such move here; what is missing, which field;
 * too early and until when; guard not held), RC_CONFLICT (moved meanwhile: by whom, to what).
 * Calls the hook (below) in the same transaction. */
enum rc flow_move(struct cx *cx, const struct flow_ask *ask) MUST_USE;
/* Checks the same and writes nothing. Advice that is not followed needs a reason. */
enum rc flow_can(struct cx *cx, const struct flow *f, const struct flow_ask *ask) MUST_USE;
/* What is wrong with the reason and the answers of an ask, each at its field: for pages, after
 * RC_INVALID. `field` is the field's code, or "reason". Says nothing of who and when. */
struct flow_problem {
    const char *field, *text;
};
enum rc flow_problems(struct flow_problem **out, size_t *count, struct cx *cx,
                      const struct flow *f, const struct flow_ask *ask) MUST_USE;
/* Was the advice followed? A guard of the move itself advises that move (YES: make it); without
 * one the advice is that of the forward move. NONE and UNKNOWN count as followed. */
bool flow_followed(const struct workflow_move *move, enum advice advice);
/* One's name under the state, before a move with `two` (who makes that move counts as one of
 * the two). RC_CONFLICT: signed already, or moved meanwhile; RC_INVALID: no move of the state
 * needs it. The version stays. */
enum rc flow_sign(struct cx *cx, int64_t id, int32_t version) MUST_USE;
/* Who signed the state it stands in. */
enum rc flow_signers(int64_t **user_ids, size_t *count, struct cx *cx,
                     const struct flow *f) MUST_USE;
/* When a forward move may be made at the earliest (after_days); 0: at once. */
int64_t flow_earliest(const struct cx *cx, const struct flow *f);
/* The page of what the flow is about: /case/ID, or /grievance/SUBJECT. */
const char *flow_href(struct cx *cx, const struct flow *f);
/* The moves that the actor may try now: with why not, where it is too early or lacks a sign. */
struct flow_choice {
    const struct workflow_move *move;
    const char *why_not; /* NULL: may */
};
enum rc flow_choices(struct flow_choice **out, size_t *count, struct cx *cx,
                     const struct flow *f) MUST_USE;
/* RC_NOTFOUND also outside of the actor's areas (permission case.view; a flow's own people). */
enum rc flow_get(struct flow *out, struct cx *cx, int64_t id) MUST_USE;
struct flow_query {
    struct str workflow, state; /* codes; "" any; state "open" | "closed" | "stranded" too */
    int64_t area_id;            /* 0: all of the actor's areas */
    int64_t subject_id;         /* 0 any */
    bool late;
    struct str after;
    size_t limit;
};
enum rc flow_list(struct flow **out, size_t *count, const char **next, struct cx *cx,
                  const struct flow_query *q) MUST_USE;
/* Open flows by state of a workflow under an area (0: all of the actor's). counts[] by index of
 * state. */
enum rc flow_counts(int64_t *counts, struct cx *cx, const struct workflow *w,
                    int64_t area_id) MUST_USE;
/* Steps that no person made: "passed" (a switched-off state), "late", "repair" (set by hand).
 */
struct flow_step {
    int64_t seq, at, user_id;
    const char *event, *from, *to, *reason, *user_name;
    struct both label; /* of the move; the code where the profile has it no more */
    const struct flow_answer *answers;
    size_t answer_count;
    enum advice advice;
    bool followed; /* advice was followed (advice YES and forward, NO and not) */
    const char *advice_text;
    int64_t journal_seq, snapshot_id;
};
enum rc flow_history(struct flow_step **out, size_t *count, struct cx *cx, int64_t id) MUST_USE;
/* Sets a stranded flow into a state of its workflow, "" closes it (the only way when the
 * workflow is gone). Needs a reason. RC_INVALID: it is not stranded, unknown state. */
enum rc flow_set_state(struct cx *cx, int64_t id, int32_t version, struct str state,
                       struct str reason) MUST_USE;
/* What an open flow is about lives in another area of the county now: the people of that area
 * act. State, deadlines and history stay, the task of the state is given anew. RC_CONFLICT: the
 * flow was moved meanwhile. In a write closure or not; asks nobody's permission. */
enum rc flow_relocate(struct cx *cx, int64_t id, int32_t version, int64_t area_id) MUST_USE;
/* An area was merged into another. In a write closure. */
enum rc flow_area_merged(struct cx *cx, int64_t county, int64_t from_area,
                         int64_t to_area) MUST_USE;

/* Called in the transaction of every opening and move, after the engine's own writes: the rooms
 * above (casework, help, watch) do what follows from it. A failure undoes the move. `move`
 * NULL: opened. */
typedef enum rc (*flow_hook)(struct cx *cx, const struct flow *now,
                             const struct workflow_move *move, const struct flow_ask *ask);
void flow_hook_add(flow_hook hook);
/* Makes automatic moves (state's after_days over): the caller evaluates guards, freezes the
 * data and calls flow_move as the system. Called outside of write closures, by the job
 * "flow.auto", which the deadline "flow.auto" starts. RC_INVALID (the guard does not hold) or
 * RC_OK without moving: the next automatic move of the state is tried, then all again at the
 * end of the next working day. A move without guard, snapshot, fields and sets needs no caller:
 * the deadline makes it itself. */
typedef enum rc (*flow_auto_fn)(struct cx *cx, const struct flow *f,
                                const struct workflow_move *move);
void flow_auto_set(flow_auto_fn fn);
/* What the job does, for tests: tries the automatic moves of a flow whose time has come. */
enum rc flow_auto_run(struct cx *cx, int64_t id) MUST_USE;
/* "flow.due": the step "late" is written into the history (the task escalates by itself);
 * "flow.auto". */
extern const struct deadline_kind flow_deadline_kinds[];
extern const size_t flow_deadline_kind_count;
extern const struct job_kind flow_job_kinds[];
extern const size_t flow_job_kind_count;

#endif
