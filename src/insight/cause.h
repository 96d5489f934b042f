/* Recorded causes of poverty: how many households name each, which come together, and how parts
 * of an area differ. The profile says which indicators hold causes (cause_columns); those that
 * share the first one's code list are taken together, each cause once per household. */
#ifndef INSIGHT_CAUSE_H
#define INSIGHT_CAUSE_H

#include "insight/population.h"

enum { CAUSES_MAX = 63 };
enum cause_who { CAUSE_ALL, CAUSE_POOR }; /* all who name a cause, or those below the line */
struct cause_table {
    const struct code_list *list;
    size_t count;             /* causes that occur, most frequent first */
    int32_t code[CAUSES_MAX]; /* of the list */
    int64_t households[CAUSES_MAX];
    double people[CAUSES_MAX];
    double mean[CAUSES_MAX]; /* mean welfare of the people concerned; NaN */
    int64_t *pairs;     /* count × count: households that name both; the diagonal: households */
    int64_t asked;      /* households of the scope (below the line) */
    int64_t with_cause; /* … that name at least one */
    size_t child_count;
    const struct population_group *children;
    int64_t *child_with; /* households with a cause, by child */
    int64_t *by_child;   /* child_count × count */
};
/* RC_INVALID with a sentence when the profile names no causes. `p` opened with CHILD | ID. */
enum rc cause_make(struct cause_table *out, struct cx *cx, const struct population *p,
                   enum cause_who who) MUST_USE;
/* How much more often two causes come together than by chance: p(ab) / (p(a) p(b)) among the
 * households with a cause (lift; Brin and others 1997). NaN when one does not occur. */
double cause_lift(const struct cause_table *t, size_t a, size_t b);

#endif
