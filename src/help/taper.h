/* How help with income gets less when a household earns more by new activity: slowly, by a rule
 * of the profile (profile/measures.h), shown to the household beforehand. */
#ifndef HELP_TAPER_H
#define HELP_TAPER_H

#include "profile/measures.h"
#include "register/columns.h"

struct taper_view {
    const struct taper *taper; /* NULL: none concerns this household */
    int32_t new_income_month;  /* when its new income began; RULE_MISSING none */
    int32_t month;             /* months since */
    int32_t percent_now, percent_next;
    int32_t next_month; /* when it changes */
};
/* What happens to the household's help, for its page: before it earns and while. */
enum rc taper_of(struct taper_view *out, struct cx *cx, int64_t county,
                 int64_t household_id) MUST_USE;

#endif
