/* A household as the evidence sees it: its deprivations over the years, how far it is from each
 * line, and its place among the incomes of its neighbourhood. Others are never named: they are
 * counts in bins. The caller has checked that the actor may see the household. */
#ifndef INSIGHT_PORTRAIT_H
#define INSIGHT_PORTRAIT_H

#include "insight/scope.h"
#include "register/household.h"

enum { PORTRAIT_YEARS_MAX = 6, PORTRAIT_BINS = 14, PORTRAIT_NEIGHBOURS_MIN = 20 };
enum portrait_state { PORTRAIT_UNKNOWN, PORTRAIT_FREE, PORTRAIT_DEPRIVED };
struct portrait_index {
    const struct poverty_index *index;
    uint16_t deprived[PORTRAIT_YEARS_MAX], known[PORTRAIT_YEARS_MAX];
};
/* One line: its value and the household's distance from it (above is positive), by year. */
struct portrait_line {
    const char *code;
    double line[PORTRAIT_YEARS_MAX], distance[PORTRAIT_YEARS_MAX]; /* NaN: none */
};
struct portrait {
    int32_t years[PORTRAIT_YEARS_MAX]; /* that have sheets, oldest first */
    size_t year_count;
    const struct indicator *welfare; /* NULL: the profile names none */
    double income[PORTRAIT_YEARS_MAX];
    struct portrait_index *indexes;
    size_t index_count;
    struct portrait_line *lines;
    size_t line_count;
    /* Among its neighbours: the lowest area with enough known incomes. */
    const char *place; /* its name; NULL: too few, nothing is shown */
    int32_t place_year;
    int64_t neighbours; /* households with a known income, itself among them */
    double percentile;  /* share of the people there who have less */
    double median;
    double edge[PORTRAIT_BINS + 1], count[PORTRAIT_BINS + 1]; /* households by income */
};
/* RC_NOTFOUND: the household is not among the live columns (ended, or hidden). */
enum rc portrait_read(struct portrait *out, struct cx *cx, int64_t county,
                      int64_t household_id) MUST_USE;

#endif
