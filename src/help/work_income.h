/* What else brings a household money, and what it does to its help: vacancies matched to labour
 * and skills, whose wages become income of the register; small loans and start-up grants;
 * offers of donors matched to listed needs; the slow taper of help when new income comes.
 * Tables `vacancy`, `placement`, `wage`, `loan`, `loan_entry`, `offer`, `offer_match`. */
#ifndef HELP_WORK_INCOME_H
#define HELP_WORK_INCOME_H

#include "help/need.h"
#include "register/columns.h"

/* ---- jobs ---- */
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

/* ---- small loans and grants ---- */
enum loan_kind { LOAN_SMALL = 1, LOAN_GRANT = 2 };
enum loan_state {
    LOAN_ASKED = 1,
    LOAN_GRANTED,
    LOAN_PAID_OUT,
    LOAN_REPAID,
    LOAN_REFUSED,
    LOAN_WRITTEN_OFF
};
struct loan {
    int64_t county, id, household_id, bank_org_id, guarantor_org_id;
    enum loan_kind kind;
    enum loan_state state;
    int64_t amount_minor, outstanding_minor,
        overdue_minor; /* the last two computed from entries */
    int32_t months, rate_bp,
        subsidy_bp; /* basis points a year; subsidy: paid by the programme */
    int32_t asked_day, granted_day, paid_day;
    const char *purpose, *reason;
    int32_t version;
};
/* Entries: paid_out, due (schedule, equal principal; interest on the outstanding amount, actual
 * days / 360), repaid, interest_subsidy, written_off. Integers; halves go to the bank's side.
 */
struct loan_entry {
    int32_t day;
    const char *what;
    int64_t amount_minor, interest_minor;
};
enum rc loan_ask(int64_t *id, struct cx *cx, const struct loan *l) MUST_USE;
enum rc loan_move(struct cx *cx, int64_t id, int32_t version, enum loan_state state,
                  int32_t day, struct str reason) MUST_USE;
enum rc loan_repay(struct cx *cx, int64_t id, int32_t day, int64_t amount_minor,
                   struct str receipt) MUST_USE; /* idempotent by receipt */
enum rc loan_get(struct loan *out, struct loan_entry **entries, size_t *count, struct cx *cx,
                 int64_t id) MUST_USE;
enum rc loan_list(struct loan **out, size_t *count, struct cx *cx, int64_t county,
                  int64_t household_id, bool only_overdue) MUST_USE;

/* ---- offers ---- */
struct offer {
    int64_t county, id, org_id;
    const char *giver, *text; /* giver: sealed when a person */
    int32_t kind;             /* code of need_kind */
    int64_t amount_minor;     /* what is left */
    int32_t until_day;
    int32_t version;
};
enum rc offer_add(int64_t *id, struct cx *cx, const struct offer *o) MUST_USE;
enum rc offer_list(struct offer **out, size_t *count, struct cx *cx, int64_t county) MUST_USE;
/* Takes part of the offer for a need (conditional: never below zero); *id of the match. */
enum rc offer_match(int64_t *id, struct cx *cx, int64_t offer_id, int64_t need_id,
                    int64_t amount_minor) MUST_USE;
enum rc offer_delivered(struct cx *cx, int64_t match_id, int64_t document_id) MUST_USE;

/* ---- taper ---- */
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
