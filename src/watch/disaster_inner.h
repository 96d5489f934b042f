/* What disaster.c and disaster_find.c share. */
#ifndef WATCH_DISASTER_INNER_H
#define WATCH_DISASTER_INNER_H

#include "watch/watch_inner.h"

struct shape_point {
    double lon, lat;
};
struct disaster_shape {
    struct shape_point *corners;
    size_t corner_count;
    struct shape_point centre;
    double radius_km;
};
struct disaster_found {
    int64_t *ids; /* households */
    size_t count;
    int64_t without_place;
    const char **unknown;
    size_t unknown_count;
    bool wants_points; /* in: the map's too */
    struct disaster_point *points;
    size_t point_count;
};
/* RC_INVALID with a sentence. */
enum rc disaster_shape_read(struct disaster_shape *out, struct cx *cx,
                            const struct disaster_ask *a) MUST_USE;
bool disaster_shape_holds(const struct disaster_shape *s, double longitude, double latitude);
/* *out: wants_points is set by the caller. Opens the county's columns. The caller has checked
 * the area and the permission. */
enum rc disaster_find(struct disaster_found *out, struct cx *cx, int64_t county,
                      const struct disaster_ask *a) MUST_USE;

#endif
