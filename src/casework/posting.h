/* Postings: the public notice of cases. A page without identity numbers, phones or addresses,
 * never indexed, reached by its own address (on paper as QR), gone at its end; village-only:
 * not in the county's public list either. It shows what the profile's option `posting_shows`
 * allows (name | masked_name | household_code), nothing when the option `public_naming` is "no"
 * (then no posting is made and the state is passed over). Made and ended by the engine's hook
 * for states of kind `notice`. An objection made on the page makes the `object` move's task and
 * a grievance. Table `posting`, `posting_item`. */
#ifndef CASEWORK_POSTING_H
#define CASEWORK_POSTING_H

#include "casework/case.h"

struct posting {
    int64_t county, id, area_id;
    const char *token; /* 22 characters of the address */
    int64_t from_at, to_at, ended_at;
    bool village_only;
    struct both title;
};
struct posting_item {
    int64_t flow_id;
    const char *key;   /* names it to the public; the same as long as it hangs there */
    const char *shown; /* what the profile allows, as it was at the beginning */
    struct both what;  /* the workflow's label, as it was at the beginning */
};
/* Of an area (that whose people act in the state: the village of a hamlet) and workflow state
 * one posting a day is shared by its cases. *id 0: the option
 * public_naming is "no" in the area, nothing was made. Stands until the end of the state's
 * after_days (else days, else 7). In a write closure. */
enum rc posting_add(int64_t *id, struct cx *cx, const struct flow *flow,
                    struct str shown) MUST_USE;
/* Flow hook (work/flow.h), added by casework_begin: a flow that enters a state of kind `notice`
 * is put on a posting with what the option `posting_shows` allows; one that moves on is taken
 * off. */
enum rc posting_hook(struct cx *cx, const struct flow *now, const struct workflow_move *move,
                     const struct flow_ask *ask) MUST_USE;
/* What the option posting_shows of the area lets everybody see of a case's subject: the head's
 * name, "王**" or the household's code; an area's name. Never "" (then "–"). For projectors
 * too.
 */
enum rc posting_shown(const char **out, struct cx *cx, const struct flow *flow) MUST_USE;
/* The name of which only the first character (the initials where the given name is first) is
 * left. */
const char *posting_mask(struct cx *cx, struct str name);
/* Of the public: RC_NOTFOUND when it has ended, whatever the token, and where public naming was
 * switched off since. */
enum rc posting_open(struct posting *out, struct posting_item **items, size_t *count,
                     struct cx *cx, struct str token) MUST_USE;
/* Those that stand now and are not of their village only. */
enum rc posting_list_public(struct posting **out, size_t *count, struct cx *cx,
                            int64_t county) MUST_USE;
/* For officers (case.view); newest first. */
enum rc postings_of_flow(struct posting **out, size_t *count, struct cx *cx,
                         int64_t flow_id) MUST_USE;
enum rc posting_list(struct posting **out, size_t *count, struct cx *cx, int64_t area_id,
                     int64_t after, size_t max) MUST_USE;
extern const struct deadline_kind posting_deadline_kinds[];
extern const size_t posting_deadline_kind_count;

#endif
