/* Capability beside hand-outs: what households earn against what is transferred to them, year
 * by year; what they can (the profile names rules that say it: `capability`); and what became
 * of households whose support ended (`support_rule`). */
#ifndef INSIGHT_CAPABILITY_H
#define INSIGHT_CAPABILITY_H

#include "insight/population.h"

enum { CAPABILITY_KINDS = 8, CAPABILITY_RULES = 8, CAPABILITY_YEARS = 12 };
struct capability_year {
    int32_t year;
    int64_t households; /* with incomes by kind of that year */
    int64_t left_out;   /* without */
    double people;
    double earned, transferred;    /* mean per person, whole units of money */
    int64_t mostly_transfers;      /* households that live on transfers by more than half */
    double kind[CAPABILITY_KINDS]; /* mean per person of each earned kind */
    int64_t has_kind[CAPABILITY_KINDS]; /* households with more than zero of it */
    double rule[CAPABILITY_RULES];      /* mean over households of each capability rule */
    int64_t rule_rows[CAPABILITY_RULES];
};
struct capability {
    struct capability_year years[CAPABILITY_YEARS]; /* oldest first */
    size_t year_count;
};
/* RC_INVALID with a sentence when the profile names neither earned nor transferred incomes. */
enum rc capability_make(struct capability *out, struct cx *cx, const struct scope *s) MUST_USE;

/* Households that had support in scope->from_year, by whether they still have it in
 * scope->year. */
struct capability_after {
    int64_t households; /* with incomes of both years */
    double people;
    double earned[2], transferred[2]; /* mean per person before and after */
    double poor[2];                   /* share of people below the line */
};
struct capability_ended {
    struct capability_after ended, goes_on;
};
/* RC_INVALID with a sentence: no support_rule in the profile, or not two years. */
enum rc capability_ended(struct capability_ended *out, struct cx *cx,
                         const struct scope *s) MUST_USE;

#endif
