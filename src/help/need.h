/* Needs: what a household says it lacks, in its own words, how much and how urgent. Said by the
 * household (visit, page, telephone) or recorded by an officer; solved or not. Table `need`. */
#ifndef HELP_NEED_H
#define HELP_NEED_H

#include "base/cx.h"
#include "profile/measures.h"

enum { NEED_WORDS_MAX = 1000, NEEDS_MAX = 100 /* of a household, read at once */ };
enum need_state { NEED_OPEN = 1, NEED_SOLVED = 2, NEED_WITHDRAWN = 3 };
struct need {
    int64_t county, id, household_id, person_id;
    int32_t kind, urgency; /* codes of need_kind, urgency */
    int64_t amount_minor;  /* 0: not said */
    const char *words;
    enum need_state state;
    int64_t at, user_id, solved_at, plan_item_id;
    bool may_be_listed; /* the household agrees that donors see it without its name */
    int32_t version;
};
/* Permission plan.edit at the household. Of n: household_id, person_id, kind, urgency,
 * amount_minor, words (sealed at rest), may_be_listed. RC_INVALID: an unknown kind or urgency,
 * a negative amount, words too long, a person of another household. */
enum rc need_add(int64_t *id, struct cx *cx, const struct need *n) MUST_USE;
/* RC_NOTFOUND also outside of the actor's areas (household.view). */
enum rc need_get(struct need *out, struct cx *cx, int64_t id) MUST_USE;
/* Solved, withdrawn (with the reason) or open again. RC_CONFLICT: changed meanwhile. Permission
 * plan.edit. */
enum rc need_set_state(struct cx *cx, int64_t id, int32_t version, enum need_state state,
                       struct str why) MUST_USE;
/* The caller has checked that the actor may see the household. Open ones first, then oldest
 * first. */
enum rc needs_of(struct need **out, size_t *count, struct cx *cx, int64_t county,
                 int64_t household_id, bool only_open) MUST_USE;
/* For donors: listed open needs of an area by kind, after an id, without household, person and
 * officer; words only where the household agreed that they are shown (may_be_listed). */
enum rc needs_listed(struct need **out, size_t *count, struct cx *cx, int64_t area_id,
                     int32_t kind, int64_t after, size_t max) MUST_USE;
/* Labels in cx's language; "" for a code that the profile does not know. */
const char *need_kind_label(struct cx *cx, int32_t kind);
const char *urgency_label(struct cx *cx, int32_t urgency);
/* Is it the last, most urgent code of the list `urgency`? */
bool need_is_urgent(const struct cx *cx, const struct need *n);

#endif
