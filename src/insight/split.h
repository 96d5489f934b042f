/* Why a poverty rate changed between two years: corrections of what was known, households that
 * left and came, real change of those who stayed, and another line. The parts add up to the
 * whole change exactly, because each step changes one thing and is measured where the one
 * before ended:
 *     first       the earlier year as it was first recorded, its line
 *   + corrected   the same year as it is recorded today                 (re-measurement)
 *   + left        without those who have no figure in the later year
 *   + real        the later year of those who stayed, still the earlier line
 *   + came        with those who have a figure in the later year only
 *   + line        the later year's line
 *   = last
 * Households are those of the register now, at their area of now: who was ended or merged since
 * is in no year, who moved between areas is in both years where it lives now.
 * Source of the idea: the telescoping (path) decomposition; the order is fixed and said on the
 * page. */
#ifndef INSIGHT_SPLIT_H
#define INSIGHT_SPLIT_H

#include "insight/population.h"

struct split_step {
    double rate;        /* headcount after this step */
    double part;        /* what this step added */
    int64_t households; /* rows the rate is of */
    int64_t changed;    /* corrected: values changed since; left, came: households; else 0 */
};
enum {
    SPLIT_FIRST,
    SPLIT_CORRECTED,
    SPLIT_LEFT,
    SPLIT_REAL,
    SPLIT_CAME,
    SPLIT_LINE,
    SPLIT_STEPS
};
struct split {
    struct split_step step[SPLIT_STEPS]; /* [SPLIT_FIRST].part is 0 */
    double low_before, low_after; /* lines used (one area); NaN when they differ by area */
    int64_t became_poor, left_poverty,
        stayed_poor; /* of those who stayed, at the earlier line */
};
/* Between scope->from_year (at scope->line of that year's last day) and scope->year (at its
 * own; or scope->from_line for the earlier year when given). RC_INVALID with a sentence when a
 * year is missing or they are the same. */
enum rc split_make(struct split *out, struct cx *cx, const struct scope *s) MUST_USE;

#endif
