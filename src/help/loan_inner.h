/* What loan.c and loan_late.c share; private to help/. */
#ifndef HELP_LOAN_INNER_H
#define HELP_LOAN_INNER_H

#include "help/loan.h"
#include "register/household.h"

/* The loan and the household it is of, which the actor may see. */
enum rc loan_load(struct loan *out, struct household *h, struct cx *cx, int64_t id) MUST_USE;
/* In order of day. */
enum rc loan_entries(struct loan_entry **out, size_t *count, struct cx *cx,
                     const struct loan *l) MUST_USE;
/* After any change of a loan, in its write closure: the day on which its oldest part falls due,
 * the deadline behind it, and the task of what was late. */
enum rc loan_follow(struct cx *cx, const struct loan *l) MUST_USE;

#endif
