/* Vacancies and who could fill them: packing room, station, workshop, public posts, matched to
 * labour and skills of people in the register. A month's wage that was paid is a document and
 * becomes income of the household. Tables `vacancy`, `placement`, `wage`. */
#ifndef HELP_VACANCY_H
#define HELP_VACANCY_H

#include "register/columns.h"

struct vacancy {
    int64_t county, id, org_id, area_id; /* org: who employs; area: where the work is */
    const char *area_path;               /* filled on reading */
    const char *title, *text;
    const char *rule; /* who fits: a condition at person level in the rule language */
    int32_t places, taken;
    int32_t from_day, to_day; /* of taking people on; to_day 0 open */
    int64_t wage_month_minor; /* 0: not said */
    bool public_post;
    int32_t channel; /* a code of the profile's; 0 */
    int32_t version;
};
/* id 0: a new one; else conditional on the version. Permission work.manage in the area.
 * RC_INVALID also with the place of a mistake in the rule; fewer places than are taken. */
enum rc vacancy_save(int64_t *id, struct cx *cx, const struct vacancy *v) MUST_USE;
/* Seen by everybody with household.view in the county: newest first, at most 500. */
enum rc vacancy_list(struct vacancy **out, size_t *count, struct cx *cx, int64_t county,
                     bool only_open) MUST_USE;
enum rc vacancy_get(struct vacancy *out, struct cx *cx, int64_t id) MUST_USE;

struct candidate {
    int64_t person_id, household_id, area_id;
    const char *name;
    bool helped;                /* the household has a running plan */
    bool unsure;                /* the rule is not known for lack of facts */
    struct columns_fact *facts; /* what the rule read */
    size_t fact_count;
};
/* People of the actor's areas whom the rule fits: sure ones before unsure ones, households with
 * a running plan first, then by place; who works there already is left out. *total: all whom it
 * fits or could fit. */
enum rc vacancy_candidates(struct candidate **out, size_t *count, int64_t *total, struct cx *cx,
                           const struct vacancy *v, size_t max) MUST_USE;

struct placement {
    int64_t county, id, vacancy_id, person_id, household_id;
    int32_t from_day, to_day; /* to_day 0: works there */
    const char *end_reason;
};
/* RC_CONFLICT: no place left (conditional, however many ask at once), or works there already.
 * Permission work.manage at the vacancy; the person must be one the actor may see. */
enum rc placement_add(int64_t *id, struct cx *cx, int64_t vacancy_id, int64_t person_id,
                      int32_t from_day) MUST_USE;
enum rc placement_end(struct cx *cx, int64_t id, int32_t to_day, struct str reason) MUST_USE;
/* Of a vacancy, or (0) of a household; the caller has checked that it may be seen. */
enum rc placements_of(struct placement **out, size_t *count, struct cx *cx, int64_t county,
                      int64_t household_id, int64_t vacancy_id) MUST_USE;

struct wage {
    int64_t placement_id;
    int32_t month; /* year × 12 + month − 1 */
    int64_t amount_minor, document_id, user_id, at;
};
/* A month's wage that was paid: the document (kind "wage") makes the sum of all such wages of
 * the household's income year its income of the profile's kind `wage_income` (money of that
 * kind comes from here alone: the profile has one for it that no file names, so that a file
 * with other wages neither erases nor doubles them). A corrected amount for the same placement
 * and month replaces, never adds; 0 takes it back. RC_INVALID: the profile names no kind; the
 * month lies ahead or outside of the placement. Not in a write closure. */
enum rc wage_paid(struct cx *cx, int64_t placement_id, int32_t month,
                  int64_t amount_minor) MUST_USE;
enum rc wages_of(struct wage **out, size_t *count, struct cx *cx, int64_t county,
                 int64_t placement_id) MUST_USE;
/* What is kept of one month, of all placements of a vacancy, by placement. */
enum rc wages_of_month(struct wage **out, size_t *count, struct cx *cx, int64_t county,
                       int64_t vacancy_id, int32_t month) MUST_USE;
/* The income year in which a month's wage counts. */
int32_t wage_year(const struct profile *p, int32_t month);

#endif
