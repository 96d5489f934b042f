/* What the files about scores share: rows in order of score. Not for other rooms. */
#ifndef STATS_VALIDATE_INNER_H
#define STATS_VALIDATE_INNER_H

#include "stats/validate.h"

/* Ascending by score; by rank. Rows that do not count are not there. */
struct by_score {
    size_t n;
    const uint32_t *row;
    const double *score, *truth, *w;
    double weight, positive; /* positive: weight with truth 1 */
    double weight_left_out;
    int64_t rows_left_out;
};
/* `also` (NULL: nothing): rows where it is no number are left out too. Errors: validate.h. */
enum rc by_score_make(struct by_score *out, struct cx *cx, const struct scored *s,
                      const double *also) MUST_USE;
/* The first rank above `first` with another score; n at the end. */
static inline size_t by_score_next(const struct by_score *b, size_t first)
{
    size_t next = first + 1;
    while (next < b->n && b->score[next] == b->score[first])
        next++;
    return next;
}
/* Ties count half. */
double auc_of_ranks(const struct by_score *b);
/* taken[i] by rank: the part of the row among the top share `quota` of weight by score. */
void by_score_take(double *taken, const struct by_score *b, double quota);
/* RC_INVALID: not inside (0, 1). */
enum rc quota_check(struct cx *cx, double quota) MUST_USE;

#endif
