/* How help with income gets less when a household earns more by new activity: slowly, by a rule
 * of the profile (profile/measures.h), shown to the household beforehand. Nothing here takes
 * help away: it says what the rule says, for plans, pages and whoever pays the help. */
#ifndef HELP_TAPER_H
#define HELP_TAPER_H

#include "profile/measures.h"
#include "register/columns.h"

enum { TAPER_STEPS_MAX = 12 };
struct taper_view {
    const struct taper *taper; /* NULL: none concerns this household */
    int32_t since_month; /* year × 12 + month − 1 in which its new income began; 0: none yet */
    int32_t month;       /* months since, the first is 0; -1: none yet */
    int32_t percent_now; /* of its help with income that it keeps; 100 before */
    /* What changes when: months since the beginning, and the calendar month when it is known.
     */
    struct {
        int32_t from_month, percent, calendar_month; /* 0: not known yet */
    } steps[TAPER_STEPS_MAX];
    size_t step_count;
};
/* The first taper of the profile whose rule is true of the household. New income is what comes
 * in by wages of placements (help/vacancy.h), counted from the first month of the last two
 * income years with such a wage. The caller has checked that the actor may see the household;
 * in a read transaction. */
enum rc taper_of(struct taper_view *out, struct cx *cx, int64_t county,
                 int64_t household_id) MUST_USE;
/* Pure: the view of a taper for a month (year × 12 + month − 1) of today. */
void taper_fill(struct taper_view *out, const struct taper *taper, int32_t since_month,
                int32_t this_month);

#endif
