/* Positions of areas and households out of the live columns. */
#include "insight/place.h"

#include "base/text.h"
#include "people/actor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_STEP = 3, YEARS_BACK = 5, SAMPLE = 256, FAR_TIMES = 12, PLACES_MAX = 600 };
/* What may lie this many degrees off in any case: places of an area, houses of a village. */
#define PLACES_APART 1.0
#define HOUSES_APART 0.1

/* What is added up while the counties are read one after another. */
struct reading {
    const struct scope *s;
    struct place *places;
    struct area *children;
    size_t child_count;
    double *sample; /* SAMPLE longitudes, then SAMPLE latitudes, by child; NULL: none wanted */
    int64_t *seen;  /* positions by child */
    uint64_t dice;
    struct place_point *points;
    size_t point_count, point_max;
};

static double degrees(const struct indicator *ind, int64_t value)
{
    return (double)value / pow(10, ind->decimals);
}

/* The child whose path begins this lowest area's path. */
static size_t child_of(const struct reading *r, const char *path)
{
    size_t len = strlen(r->s->area.path) + PATH_STEP;
    if (strlen(path) < len)
        return SIZE_MAX;
    for (size_t i = 0; i < r->child_count; i++)
        if (!strncmp(r->children[i].path, path, len))
            return i;
    return SIZE_MAX;
}

/* Columns of the positions, newest year first; false when the county has none. */
struct positions {
    struct column longitude[YEARS_BACK], latitude[YEARS_BACK];
    size_t count;
};

static enum rc find_positions(struct positions *p, struct cx *cx, struct columns *c,
                              int32_t year)
{
    const struct columns_head *h = columns_head(c);
    p->count = 0;
    for (size_t i = h->year_count; i-- > 0 && p->count < YEARS_BACK;) {
        if (h->years[i] > year)
            continue;
        TRY(columns_get(&p->longitude[p->count], cx, c, SUBJECT_HOUSEHOLD,
                        cx->profile->longitude->number, h->years[i]));
        TRY(columns_get(&p->latitude[p->count], cx, c, SUBJECT_HOUSEHOLD,
                        cx->profile->latitude->number, h->years[i]));
        p->count++;
    }
    return RC_OK;
}

static bool position_of(double *longitude, double *latitude, const struct cx *cx,
                        const struct positions *p, size_t row)
{
    for (size_t i = 0; i < p->count; i++) {
        int64_t x = column_at(p->longitude[i], row), y = column_at(p->latitude[i], row);
        if (x == COLUMN_MISSING || y == COLUMN_MISSING)
            continue;
        *longitude = degrees(cx->profile->longitude, x);
        *latitude = degrees(cx->profile->latitude, y);
        /* On the globe, and not the 0, 0 of an empty form. */
        if (fabs(*longitude) <= 180 && fabs(*latitude) <= 90 && (x || y))
            return true;
    }
    return false;
}

/* Keeps SAMPLE positions of a child, each with the same chance: Vitter 1985, algorithm R. The
 * dice are the same each time, so that the map does not move. */
static void add_sample(struct reading *r, size_t child, double x, double y)
{
    int64_t at = r->seen[child]++;
    if (at >= SAMPLE) {
        r->dice = r->dice * 6364136223846793005U + 1442695040888963407U;
        at = (int64_t)((r->dice >> 33) % (uint64_t)r->seen[child]);
    }
    if (at >= SAMPLE)
        return;
    double *of = r->sample + child * 2 * SAMPLE;
    of[at] = x;
    of[SAMPLE + at] = y;
}

static void add_row(struct reading *r, size_t child, int64_t household, bool placed, double x,
                    double y)
{
    if (child != SIZE_MAX && r->places) {
        r->places[child].households++;
        if (placed && r->sample)
            add_sample(r, child, x, y);
    }
    if (r->points && placed && r->point_count < r->point_max)
        r->points[r->point_count++] = (struct place_point){household, x, y};
}

static enum rc read_columns(struct reading *r, struct cx *cx, struct columns *c)
{
    const struct columns_head *h = columns_head(c);
    struct positions p;
    TRY(find_positions(&p, cx, c, r->s->year));
    size_t *child = arena_array(cx->arena, h->area_count + 1, sizeof *child);
    bool *inside = arena_array(cx->arena, h->area_count + 1, sizeof *inside);
    if (!child || !inside)
        return fail(cx, RC_LIMIT, _("Too many areas for one map."), "place");
    for (size_t i = 0; i < h->area_count; i++) {
        child[i] = r->places ? child_of(r, h->areas[i].path) : SIZE_MAX;
        inside[i] = str_starts(str_of(h->areas[i].path), str_of(r->s->area.path));
    }
    for (size_t row = 0; row < h->household_rows; row++) {
        if (!h->household_id[row] || !inside[h->area[row]])
            continue;
        double x = 0, y = 0;
        bool placed = position_of(&x, &y, cx, &p, row);
        add_row(r, child[h->area[row]], h->household_id[row], placed, x, y);
    }
    return RC_OK;
}

static enum rc read_counties(struct reading *r, struct cx *cx)
{
    if (!cx->profile->longitude || !cx->profile->latitude)
        return RC_OK;
    for (size_t i = 0; i < r->s->county_count; i++) {
        struct columns *c;
        struct arena_mark mark = arena_mark(cx->arena);
        TRY(columns_open(&c, cx, r->s->counties[i].county));
        enum rc rc = read_columns(r, cx, c);
        columns_close(c);
        TRY(rc);
        arena_back(cx->arena, mark);
    }
    return RC_OK;
}

/* ---- the middle, and what lies far off ---- */

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Orders the numbers. A mistaken position does not move the middle, as it would a mean. */
static double median(double *x, size_t n)
{
    qsort(x, n, sizeof *x, by_number);
    return n ? (x[(n - 1) / 2] + x[n / 2]) / 2 : 0;
}

struct middle {
    double at, far; /* more than `far` degrees from it is a mistake */
};

static enum rc middle_of(struct middle *out, struct cx *cx, const double *x, size_t n,
                         double apart)
{
    double *copy = arena_array(cx->arena, n + 1, sizeof *copy);
    if (!copy)
        return fail(cx, RC_LIMIT, _("Too many points for one map."), "place");
    for (size_t i = 0; i < n; i++)
        copy[i] = x[i];
    double at = median(copy, n);
    for (size_t i = 0; i < n; i++)
        copy[i] = fabs(x[i] - at);
    *out = (struct middle){at, fmax(apart, FAR_TIMES * median(copy, n))};
    return RC_OK;
}

/* far[i]: the position lies far off the others. */
static enum rc find_far(bool **far, struct cx *cx, const double *x, const double *y, size_t n,
                        double apart)
{
    struct middle mx = {0}, my = {0};
    TRY(middle_of(&mx, cx, x, n, apart));
    TRY(middle_of(&my, cx, y, n, apart));
    *far = arena_array(cx->arena, n + 1, sizeof **far);
    if (!*far)
        return fail(cx, RC_LIMIT, _("Too many points for one map."), "place");
    for (size_t i = 0; i < n; i++)
        (*far)[i] = fabs(x[i] - mx.at) > mx.far || fabs(y[i] - my.at) > my.far;
    return RC_OK;
}

/* Places whose middle is far off all others have no position that can be trusted. */
static enum rc drop_far_places(struct reading *r, struct cx *cx)
{
    double *x = arena_new(cx->arena, (r->child_count + 1) * sizeof *x);
    double *y = arena_new(cx->arena, (r->child_count + 1) * sizeof *y);
    size_t n = 0;
    bool *far;
    for (size_t i = 0; i < r->child_count; i++)
        if (r->places[i].placed) {
            x[n] = r->places[i].longitude;
            y[n++] = r->places[i].latitude;
        }
    TRY(find_far(&far, cx, x, y, n, PLACES_APART));
    n = 0;
    for (size_t i = 0; i < r->child_count; i++)
        if (r->places[i].placed)
            r->places[i].placed = !far[n++];
    return RC_OK;
}

enum rc place_children(struct place **out, size_t *count, struct cx *cx, const struct scope *s)
{
    struct reading r = {.s = s};
    TRY(area_children(&r.children, &r.child_count, cx, s->area.id));
    r.places = arena_array(cx->arena, r.child_count + 1, sizeof *r.places);
    r.seen = arena_array(cx->arena, r.child_count + 1, sizeof *r.seen);
    bool wanted = r.child_count <= PLACES_MAX;
    if (wanted)
        r.sample = arena_array(cx->arena, r.child_count + 1, 2 * SAMPLE * sizeof *r.sample);
    if (!r.places || !r.seen || (wanted && !r.sample))
        return fail(cx, RC_LIMIT, _("Too many areas for one map."), "place");
    TRY(read_counties(&r, cx));
    for (size_t i = 0; i < r.child_count; i++) {
        struct place *p = &r.places[i];
        size_t n = r.seen[i] < SAMPLE ? (size_t)r.seen[i] : SAMPLE;
        p->area_id = r.children[i].id;
        p->label = r.children[i].name;
        p->placed = n > 0 && wanted;
        p->longitude = p->placed ? median(r.sample + i * 2 * SAMPLE, n) : 0;
        p->latitude = p->placed ? median(r.sample + i * 2 * SAMPLE + SAMPLE, n) : 0;
    }
    TRY(drop_far_places(&r, cx));
    *out = r.places;
    *count = r.child_count;
    return RC_OK;
}

static enum rc drop_far_points(struct reading *r, struct cx *cx)
{
    size_t n = r->point_count;
    double *x = arena_new(cx->arena, (n + 1) * sizeof *x);
    double *y = arena_new(cx->arena, (n + 1) * sizeof *y);
    bool *far;
    for (size_t i = 0; i < n; i++) {
        x[i] = r->points[i].longitude;
        y[i] = r->points[i].latitude;
    }
    TRY(find_far(&far, cx, x, y, n, HOUSES_APART));
    r->point_count = 0;
    for (size_t i = 0; i < n; i++)
        if (!far[i])
            r->points[r->point_count++] = r->points[i];
    return RC_OK;
}

enum rc place_points(struct place_points *out, struct cx *cx, const struct scope *s, size_t max)
{
    struct reading r = {.s = s, .point_max = max};
    TRY(actor_require_in(cx, "household.view", str_of(s->area.path)));
    r.points = arena_array(cx->arena, max + 1, sizeof *r.points);
    if (!r.points)
        return fail(cx, RC_LIMIT, _("Too many points for one map."), "place");
    TRY(read_counties(&r, cx));
    size_t all = r.point_count;
    TRY(drop_far_points(&r, cx));
    *out = (struct place_points){r.points, r.point_count, all - r.point_count};
    return RC_OK;
}
