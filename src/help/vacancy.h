/* Vacancies and who could fill them: packing room, station, workshop, public posts, matched to
 * labour and skills of people in the register. A month's wage that was paid is a document and
 * becomes income of the household. Tables `vacancy`, `placement`, `wage`. */
#ifndef HELP_VACANCY_H
#define HELP_VACANCY_H

#include "register/columns.h"

struct vacancy {
    int64_t county, id, org_id, area_id;
    const char *title, *text;
    const char *rule; /* who fits: a condition at person level in the rule language; "" all able
                         to work by the profile's derived rule can_work, where it has one */
    int32_t places, from_day, to_day; /* to_day 0 open */
    int64_t wage_month_minor;
    bool public_post;
    int32_t channel; /* code of job_channel; 0 */
    int32_t version;
};
struct candidate {
    int64_t person_id, household_id;
    const char *name, *place;
    struct columns_fact *facts;
    size_t fact_count;
    bool unsure; /* the rule is not known for lack of facts */
};
enum rc vacancy_save(int64_t *id, struct cx *cx, const struct vacancy *v) MUST_USE;
enum rc vacancy_list(struct vacancy **out, size_t *count, struct cx *cx, int64_t county,
                     bool only_open) MUST_USE;
enum rc vacancy_get(struct vacancy *out, struct cx *cx, int64_t id) MUST_USE;
/* In the actor's areas; households being helped first. */
enum rc vacancy_candidates(struct candidate **out, size_t *count, struct cx *cx, int64_t id,
                           size_t max) MUST_USE;
struct placement {
    int64_t county, id, vacancy_id, person_id, household_id;
    int32_t from_day, to_day;
    const char *end_reason;
};
/* RC_CONFLICT: no place left (conditional), or already placed there. */
enum rc placement_add(int64_t *id, struct cx *cx, int64_t vacancy_id, int64_t person_id,
                      int32_t from_day) MUST_USE;
enum rc placement_end(struct cx *cx, int64_t id, int32_t to_day, struct str reason) MUST_USE;
enum rc placements_of(struct placement **out, size_t *count, struct cx *cx, int64_t county,
                      int64_t household_id, int64_t vacancy_id) MUST_USE;
/* A month's wage that was paid: a document whose amount becomes income of the household (kind
 * of the profile's key `wage_income`) of the income year; idempotent by (placement, month): a
 * corrected amount replaces, never adds. Not in a write closure. */
enum rc wage_paid(struct cx *cx, int64_t placement_id, int32_t month,
                  int64_t amount_minor) MUST_USE;

#endif
