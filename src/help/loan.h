/* Small loans and start-up grants: asked for, granted, paid out, repaid, with the guarantor,
 * the interest that the programme pays, and what is late. Nobody's money is held here: entries
 * say what the bank did. When a part is late, the bank (without one: who manages work where the
 * household lives) gets one task, which ends when nothing is late any more. Tables `loan`,
 * `loan_entry`. */
#ifndef HELP_LOAN_H
#define HELP_LOAN_H

#include "work/deadline.h"

enum loan_kind { LOAN_SMALL = 1, LOAN_GRANT = 2 };
enum loan_state {
    LOAN_ASKED = 1,
    LOAN_GRANTED = 2,
    LOAN_PAID_OUT = 3,
    LOAN_REPAID = 4, /* nothing is owed any more; a grant: it was used as agreed */
    LOAN_REFUSED = 5,
    LOAN_WRITTEN_OFF = 6
};
enum { LOAN_MONTHS_MAX = 120, LOAN_RATE_MAX_BP = 3600 };
struct loan {
    int64_t county, id, household_id, area_id; /* area_id: where the household lives now */
    int64_t bank_org_id, guarantor_org_id;     /* 0: none */
    enum loan_kind kind;
    enum loan_state state;
    int64_t amount_minor;
    int32_t months;              /* equal parts of the principal, monthly */
    int32_t rate_bp, subsidy_bp; /* a year, of 10,000; subsidy: the part the programme pays */
    int32_t asked_day, granted_day, paid_day; /* INT32_MIN: not yet */
    int32_t due_day;              /* of the oldest part that is not paid; INT32_MIN: none */
    const char *purpose, *reason; /* reason: of a refusal or write-off */
    int32_t version;
};
/* What the household paid; a receipt counts once. */
struct loan_entry {
    int64_t id;
    int32_t day;
    int64_t amount_minor;
    const char *receipt;
    int64_t user_id, at;
};

/* ---- pure ---- */
struct loan_part {
    int32_t due_day;
    int64_t principal_minor, interest_minor; /* as due; interest 0 before its day */
    int64_t subsidy_minor;                   /* the programme's part of the interest */
    int64_t principal_left_minor, interest_left_minor; /* not yet paid */
    int32_t paid_day;                                  /* when nothing was left; INT32_MIN */
};
struct loan_sums {
    int64_t outstanding_minor; /* principal not yet repaid */
    int64_t late_minor;        /* due before `day` and not paid */
    int32_t late_since;        /* first day of the oldest late part; INT32_MIN */
    int64_t next_minor;
    int32_t next_day;        /* INT32_MIN: none */
    int64_t owed_minor;      /* to end it on `day`: late, principal, interest until then */
    int64_t subsidy_minor;   /* due by the programme up to `day` */
    int64_t too_much_minor;  /* paid beyond what was owed */
    struct loan_part *parts; /* months of them */
};
/* Where a loan stands on a day. Part k of n falls due k months after paid_day (the same day of
 * the month, or its last); its principal is amount / n, the last takes the rest. Interest runs
 * on the principal outstanding by actual days over 360; it is rounded half up, household's and
 * programme's part apart, when a part falls due and when something is paid before. A payment
 * goes to late parts first, oldest first, interest before principal; then to the interest until
 * that day and the principal of the next parts. Entries in order of day; later ones than `day`
 * are left out. In cx->arena. */
enum rc loan_sums_at(struct loan_sums *out, struct cx *cx, const struct loan *loan,
                     const struct loan_entry *entries, size_t count, int32_t day) MUST_USE;

/* ---- stored; permission work.manage where the household lives ---- */
/* RC_INVALID: amount, months or rates out of range. */
enum rc loan_ask(int64_t *id, struct cx *cx, const struct loan *l) MUST_USE;
/* Asked → granted, refused (reason); granted → paid out, refused; paid out → written off
 * (reason), a grant → repaid. RC_CONFLICT: moved meanwhile. RC_INVALID: no such step, or the
 * day lies before the step before it, or ahead. */
enum rc loan_move(struct cx *cx, int64_t id, int32_t version, enum loan_state state,
                  int32_t day, struct str reason) MUST_USE;
/* The same receipt again is RC_OK without effect when day and amount agree, else RC_CONFLICT.
 * More than is owed is RC_INVALID. The last payment makes it LOAN_REPAID. */
enum rc loan_repay(struct cx *cx, int64_t id, int32_t day, int64_t amount_minor,
                   struct str receipt) MUST_USE;
enum rc loan_get(struct loan *out, struct loan_entry **entries, size_t *count, struct cx *cx,
                 int64_t id) MUST_USE;
struct loan_query {
    int64_t county, household_id; /* household_id 0: of all the actor's areas */
    enum loan_state state;        /* 0: all; not for one household */
    bool late;                    /* only where a part is late today; not for one household */
    int64_t before_id;            /* 0: from the newest */
    size_t max;                   /* at most 5,000 */
};
/* Newest first. Permission household.view. */
enum rc loan_list(struct loan **out, size_t *count, struct cx *cx,
                  const struct loan_query *q) MUST_USE;
const char *loan_state_label(struct cx *cx, enum loan_state state);

/* "loan.late": the day after a part fell due. */
extern const struct deadline_kind loan_deadline_kinds[];
extern const size_t loan_deadline_kind_count;

#endif
