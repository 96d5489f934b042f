/* A map as one SVG drawn on the server: places coloured by a figure, each a link; no
 * JavaScript, no tiles from elsewhere, a few kilobytes for a hundred places. Without boundaries
 * every place gets the ground that lies nearer to it than to the others (Voronoi 1908), inside
 * the hull of all; places without a position stand in rows beside. The caller puts the table
 * beside it. */
#ifndef HTML_MAP_H
#define HTML_MAP_H

#include "html/html.h"

enum { MAP_CLASSES = 5, MAP_PLACES_MAX = 600, MAP_POINTS_MAX = 3000 };
/* One closed line of degrees, longitude and latitude by turns. */
struct map_ring {
    const double *at;
    size_t count; /* points */
};
struct map_place {
    const char *label, *value; /* value: formatted; NULL: no figure */
    const char *href;          /* NULL: no link */
    bool placed;
    double longitude, latitude;   /* degrees, when placed */
    const struct map_ring *rings; /* boundary; NULL: none is known */
    size_t ring_count;
    double figure; /* NaN: none */
};
struct map_point {
    double longitude, latitude;
    bool strong; /* drawn dark and larger */
    const char *label, *href;
};
struct map {
    const char *title, *unit;
    const struct map_place *places;
    size_t place_count;
    const struct map_point *points;
    size_t point_count;
    unsigned decimals; /* of the legend's limits */
};
/* Five classes of equal counts (ties fall into the lower one). More than MAP_PLACES_MAX places:
 * only the table is of use, the map says so. */
void html_map(struct out *o, struct cx *cx, const struct map *m);

/* ---- geometry, for tests ---- */
struct map_xy {
    double x, y;
};
/* The corners of place i's cell (counter-clockwise, at most `room`) among `count` places inside
 * a convex outline. Returns how many, 0 when the cell is empty. Places at one point share a
 * cell. */
size_t map_cell(struct map_xy *out, size_t room, const struct map_xy *places, size_t count,
                size_t i, const struct map_xy *outline, size_t outline_count);
/* The convex hull of points with a margin, counter-clockwise; at most `room` >= 4 corners. */
size_t map_outline(struct map_xy *out, size_t room, struct map_xy *points, size_t count,
                   double margin);

#endif
