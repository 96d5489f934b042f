/* What the files of this room share: a sum in two doubles, and the forms of struct estimate. */
#ifndef STATS_INNER_H
#define STATS_INNER_H

#include "stats/poverty.h"

#include <math.h>

enum { STATS_BLOCK = 1024 }; /* rows summed plainly before the sum in two doubles is touched */

/* An unevaluated sum hi + lo with |lo| <= half a unit of hi: hi is the result. Adding loses
 * about 2^-104 of the largest partial sum. Source: Knuth TwoSum; Hida, Li, Bailey 2001. */
struct sum {
    double hi, lo;
};
static inline void sum_add(struct sum *s, double x)
{
    double t = s->hi + x, b = t - s->hi;
    double e = ((s->hi - (t - b)) + (x - b)) + s->lo;
    s->hi = t + e;
    s->lo = e - (s->hi - t);
}

static inline struct estimate estimate_value(double value, int64_t rows)
{
    return (struct estimate){.value = value, .se = NAN, .rows = rows};
}
static inline struct estimate estimate_refused(const char *sentence)
{
    return (struct estimate){.value = NAN, .se = NAN, .refused = sentence};
}
/* The one sentence for an empty group; translate with _(). */
#define STATS_NOBODY N_("Nobody is left to count: every row is missing or has the weight zero.")

#endif
