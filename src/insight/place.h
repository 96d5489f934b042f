/* Where the parts of an area lie, by the positions of their households; and the households' own
 * points, for those who may see them. The profile says which indicators hold the position. */
#ifndef INSIGHT_PLACE_H
#define INSIGHT_PLACE_H

#include "insight/population.h"

struct place {
    int64_t area_id;
    const char *label;
    bool placed;
    double longitude, latitude; /* middle (median) of its households', degrees */
    int64_t households;         /* rows of the register, placed or not */
};
/* The parts of the scope's area (its children; nothing at the lowest level), in the tree's
 * order. Positions come from the newest sheet that has one, of the scope's year or earlier.
 * None is placed when there are more than 600, nor one that lies far off all others. */
enum rc place_children(struct place **out, size_t *count, struct cx *cx,
                       const struct scope *s) MUST_USE;

struct place_point {
    int64_t household_id;
    double longitude, latitude;
};
struct place_points {
    struct place_point *points;
    size_t count;
    size_t far; /* left out: they lie so far off the others that they must be mistakes */
};
/* The households of the scope's area that have a position, at most `max` (count may be 0).
 * RC_DENIED without household.view in the area. */
enum rc place_points(struct place_points *out, struct cx *cx, const struct scope *s,
                     size_t max) MUST_USE;

#endif
