/* Proposals: which measures of the catalogue fit a household, in words: the need and cause it
 * answers, the rule that fits with its values, what conflicts, what is missing, how sure.
 *
 * Every measure is looked at. Out: the rule is false (with the values: "why not"). In: the rule
 * is true, or not known (then what is missing is named and the measure stands below). Order: by
 * how many urgent needs and causes it answers, then by evidence, then by cost per head; of two
 * that exclude each other the better stays and says so. Sure: the share of the values read by
 * the rule, the causes and the needs that are known, times evidence / 3, in percent, floored.
 * The same data give the same proposal; the parameters are data of the profile. The exact order
 * and formula: doc/decisions/0018-proposals.md. */
#ifndef HELP_PROPOSAL_H
#define HELP_PROPOSAL_H

#include "help/need.h"
#include "register/columns.h"

enum {
    PROPOSAL_ITEMS_MAX = 8,   /* that become items of a plan: it is to be short */
    PROPOSAL_HAS_DAYS = 365,  /* what was confirmed within so many days is "has it" */
    PROPOSAL_LIST_MAX = 2000, /* measures times people */
};
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
/* Is it offered: does it fit, and answers a need or a cause? The first fit_count of the list.
 */
bool proposed_is_offered(const struct proposed *p);
/* The same proposal in every language (by enum lang), made on one state of the data. */
enum rc proposal_both(struct proposal out[LANG_COUNT], struct cx *cx, int64_t county,
                      int64_t household_id) MUST_USE;

/* ---- in words (proposal_words.c), in cx's language ---- */
/* What it answers, the rule and its values, what is not known, what it stands in the way of,
 * how sure and on what evidence; for those that do not fit: why not. Plain sentences. */
const char *proposal_words(struct cx *cx, const struct proposal *p, const struct proposed *x);
/* "House grade: D; People: 3"; at most `max`, then "…". Only known facts, or only missing ones'
 * labels. */
const char *proposal_facts(struct cx *cx, const struct proposed *x, bool missing, size_t max);
const char *fit_label(struct cx *cx, enum fit fit);
const char *evidence_label(struct cx *cx, int32_t evidence);
/* The whole as JSON, to be frozen; by[LANG_EN] and by[LANG_ZH] as proposal_both gives them. */
enum rc proposal_json(struct str *out, struct cx *cx, const struct proposal by[LANG_COUNT],
                      int64_t household_id) MUST_USE;

#endif
