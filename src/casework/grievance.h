/* Grievances: somebody objects: to a decision, a posting, a plan, an officer. A flow of the
 * workflow of kind "grievance" (deadline, answer, escalation and appeal are the profile's) with
 * what was said, sealed. The one objected to does not answer it. Table `grievance`. */
#ifndef CASEWORK_GRIEVANCE_H
#define CASEWORK_GRIEVANCE_H

#include "casework/case.h"

enum grievance_channel { BY_PAGE = 1, BY_PHONE, BY_VISIT, BY_LETTER, BY_OFFICER };
struct grievance {
    int64_t county, id, flow_id, area_id;                     /* id = subject of the flow */
    int64_t about_flow, about_plan, posting_id, household_id; /* 0 */
    int64_t against_user;                                     /* 0 */
    enum grievance_channel channel;
    const char *name, *phone, *text, *answer; /* sealed at rest; name "" = without a name */
    const char *reference;                    /* as in tip.h */
    int64_t at;
};
enum rc grievance_add(int64_t *id, const char **reference, struct cx *cx,
                      const struct grievance *g) MUST_USE;
enum rc grievance_answer(struct cx *cx, int64_t id, int32_t flow_version, struct str event,
                         struct str answer) MUST_USE;
enum rc grievance_get(struct grievance *out, struct flow *flow, struct cx *cx,
                      int64_t id) MUST_USE;
enum rc grievance_list(struct grievance **out, struct flow **flows, size_t *count,
                       struct cx *cx, struct str state, int64_t area_id, int64_t after,
                       size_t max) MUST_USE;
/* By the reference: state, deadline, answer; *next_event: "appeal" when that is open. */
enum rc grievance_ask(struct grievance *out, struct flow *flow, struct cx *cx,
                      struct str reference) MUST_USE;
enum rc grievance_appeal(struct cx *cx, struct str reference, struct str text) MUST_USE;

#endif
