/* Needs: what a household says it lacks, in its own words, how much and how urgent. Said by the
 * household (visit, page, telephone) or recorded by an officer; solved or not. Table `need`. */
#ifndef HELP_NEED_H
#define HELP_NEED_H

#include "base/cx.h"
#include "profile/measures.h"

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
enum rc need_add(int64_t *id, struct cx *cx, const struct need *n) MUST_USE;
enum rc need_set_state(struct cx *cx, int64_t id, int32_t version, enum need_state state,
                       struct str why) MUST_USE;
enum rc needs_of(struct need **out, size_t *count, struct cx *cx, int64_t county,
                 int64_t household_id, bool only_open) MUST_USE;
/* For donors: listed needs of an area by kind, without names. */
enum rc needs_listed(struct need **out, size_t *count, struct cx *cx, int64_t area_id,
                     int32_t kind, int64_t after, size_t max) MUST_USE;

#endif
