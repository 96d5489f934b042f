/* Hiding small cells of a published table whose sums are published too: first the small ones,
 * then enough others that no hidden one can be worked out from its row's or column's sum.
 * Source: Hundepool and others, Statistical Disclosure Control (2012), chapter 4 (threshold
 * rule, secondary suppression); ours is the plain heuristic, not the cheapest set. */
#ifndef STATS_SUPPRESS_H
#define STATS_SUPPRESS_H

#include "base/cx.h"

struct suppress_table {
    const int64_t *count; /* rows × columns, row after row, >= 0 */
    size_t rows, columns;
    int64_t least; /* counts from 1 to least - 1 are hidden */
    bool *hidden;  /* rows × columns; cells set before the call are hidden as small ones */
};
/* Fills hidden. Afterwards every row and every column has no hidden cell, or at least two whose
 * sum is at least `least`; where that cannot be had all of the row or column is hidden (then
 * its sum should not be shown either: returned true). */
bool suppress_cells(const struct suppress_table *t);

#endif
