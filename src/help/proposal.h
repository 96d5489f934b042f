/* Proposals: which measures of the catalogue fit a household, in words: the need and cause it
 * answers, the rule that fits with its values, what conflicts, what is missing, how sure.
 *
 * Every measure is looked at. Out: the rule is false (with the values: "why not"). In: the rule
 * is true, or not known (then what is missing is named and the measure stands below). Order: by
 * how many urgent needs and causes it answers, then by evidence, then by cost per head; of two
 * that exclude each other the better stays and says so. Sure: the share of the values read by
 * the rule, the causes and the needs that are known, times evidence / 3, in percent, floored.
 * The same data give the same proposal; the parameters are data of the profile. */
#ifndef HELP_PROPOSAL_H
#define HELP_PROPOSAL_H

#include "help/need.h"
#include "register/columns.h"

enum fit { FIT_YES, FIT_UNKNOWN, FIT_NO, FIT_HAS_IT, FIT_CONFLICT };
struct proposed {
    const struct measure *measure;
    enum fit fit;
    const struct need *const *needs; /* that it answers */
    size_t need_count;
    const struct derived *const *causes;
    size_t cause_count;
    struct columns_fact *facts; /* what the rule read */
    size_t fact_count;
    const struct columns_fact *const *missing; /* of those, what is not known */
    size_t missing_count;
    const struct measure *conflict; /* FIT_CONFLICT: with this one */
    int64_t cost_minor;
    int32_t sure;      /* percent */
    int64_t person_id; /* measures for people: for whom; 0 */
};
struct proposal {
    struct proposed *list; /* best first; those that do not fit last */
    size_t count, fit_count;
    int64_t journal_seq;
    int32_t year;
    const struct derived *const *unanswered; /* causes that nothing fits */
    size_t unanswered_count;
};
/* The caller has checked that the actor may see the household. */
enum rc proposal_make(struct proposal *out, struct cx *cx, int64_t county,
                      int64_t household_id) MUST_USE;

#endif
