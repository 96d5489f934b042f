/* What the parts that play cases share (demo_cases.c, demo_grievance.c). */
#ifndef WEB_DEMO_CASES_H
#define WEB_DEMO_CASES_H

#include "casework/case.h"
#include "web/demo_office.h"

struct demo_said {
    const char *field;
    struct value value;
};
struct demo_move {
    const char *event, *reason; /* reason NULL: one is given when the rules advise otherwise */
    const struct demo_said *said;
    size_t said_count;
};
/* Makes a move of a case as cx's actor. */
enum rc demo_case_move(struct cx *cx, int64_t flow_id, const struct demo_move *m) MUST_USE;
enum rc demo_case_sign(struct cx *cx, int64_t flow_id) MUST_USE;
/* How many days ago the step `at` of a story is made whose last one was made `ended` days ago.
 */
int demo_step_day(const char *letters, int at, int ended);

#endif
