/* Geometry of the map: a convex outline round all places, and each place's cell inside it. The
 * cell is the outline cut by the middle line between the place and every other one. */
#include "html/map.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static double turn(struct map_xy a, struct map_xy b, struct map_xy c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

static int by_x(const void *a, const void *b)
{
    const struct map_xy *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return p->y < q->y ? -1 : p->y > q->y;
}

/* Keeps what lies on the left of the middle line between `own` and `other`: Sutherland and
 * Hodgman 1974 for one line. Returns the new number of corners. */
static size_t cut(struct map_xy *out, size_t room, const struct map_xy *in, size_t count,
                  struct map_xy own, struct map_xy other)
{
    double nx = other.x - own.x, ny = other.y - own.y;
    double at = (nx * (own.x + other.x) + ny * (own.y + other.y)) / 2;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        struct map_xy a = in[i], b = in[(i + 1) % count];
        double da = nx * a.x + ny * a.y - at, db = nx * b.x + ny * b.y - at;
        if (da <= 0 && n < room)
            out[n++] = a;
        if ((da < 0 && db > 0) || (da > 0 && db < 0)) {
            double t = da / (da - db);
            if (n < room)
                out[n++] = (struct map_xy){a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
        }
    }
    return n;
}

size_t map_cell(struct map_xy *out, size_t room, const struct map_xy *places, size_t count,
                size_t i, const struct map_xy *outline, size_t outline_count)
{
    enum { ROOM = 128 };
    struct map_xy a[ROOM], b[ROOM];
    assert(outline_count <= ROOM / 2);
    size_t n = outline_count;
    for (size_t k = 0; k < n; k++)
        a[k] = outline[k];
    for (size_t j = 0; j < count && n; j++) {
        double dx = places[j].x - places[i].x, dy = places[j].y - places[i].y;
        if (j == i || (dx == 0 && dy == 0))
            continue;
        n = cut(b, ROOM, a, n, places[i], places[j]);
        for (size_t k = 0; k < n; k++)
            a[k] = b[k];
    }
    if (n < 3 || n > room)
        return 0;
    for (size_t k = 0; k < n; k++)
        out[k] = a[k];
    return n;
}

/* Andrew's monotone chain (1979) over the points, each widened to an octagon of `margin`. */
size_t map_outline(struct map_xy *out, size_t room, struct map_xy *points, size_t count,
                   double margin)
{
    enum { SIDES = 8, HULL = 64 };
    struct map_xy hull[HULL * 2], wide[HULL * SIDES];
    size_t n = 0, w = 0;
    qsort(points, count, sizeof *points, by_x);
    /* The hull of the places themselves; a place in line with two others is left out. */
    for (int half = 0; half < 2; half++) {
        size_t base = n;
        for (size_t k = 0; k < count; k++) {
            struct map_xy p = half ? points[count - 1 - k] : points[k];
            while (n >= base + 2 && turn(hull[n - 2], hull[n - 1], p) <= 0)
                n--;
            if (n < HULL)
                hull[n++] = p;
        }
        if (n > base)
            n--;
    }
    n = n ? n : (count ? 1 : 0);
    if (count && n == 1)
        hull[0] = points[0];
    for (size_t k = 0; k < n && w + SIDES <= HULL * SIDES; k++)
        for (int s = 0; s < SIDES; s++) {
            double angle = 2 * 3.14159265358979323846 * s / SIDES;
            wide[w++] = (struct map_xy){hull[k].x + margin * cos(angle),
                                        hull[k].y + margin * sin(angle)};
        }
    qsort(wide, w, sizeof *wide, by_x);
    n = 0;
    for (int half = 0; half < 2; half++) {
        size_t base = n;
        for (size_t k = 0; k < w; k++) {
            struct map_xy p = half ? wide[w - 1 - k] : wide[k];
            while (n >= base + 2 && turn(hull[n - 2], hull[n - 1], p) <= 1e-9)
                n--;
            if (n < HULL)
                hull[n++] = p;
        }
        if (n > base)
            n--;
    }
    n = n < room ? n : room;
    for (size_t k = 0; k < n; k++)
        out[k] = hull[k];
    return n;
}
