/* Positions of areas and households out of the live columns. */
#include "insight/place.h"

#include "base/text.h"
#include "people/actor.h"

#include <math.h>
#include <string.h>

enum { PATH_STEP = 3, YEARS_BACK = 5 };

/* What is added up while the counties are read one after another. */
struct reading {
    const struct scope *s;
    struct place *places;
    struct area *children;
    size_t child_count;
    double *sums; /* longitude, latitude, count by child */
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
        return true;
    }
    return false;
}

static void add_row(struct reading *r, size_t child, int64_t household, bool placed, double x,
                    double y)
{
    if (child != SIZE_MAX && r->places) {
        r->places[child].households++;
        if (placed) {
            r->sums[child * 3] += x;
            r->sums[child * 3 + 1] += y;
            r->sums[child * 3 + 2] += 1;
        }
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

enum rc place_children(struct place **out, size_t *count, struct cx *cx, const struct scope *s)
{
    struct reading r = {.s = s};
    TRY(area_children(&r.children, &r.child_count, cx, s->area.id));
    r.places = arena_array(cx->arena, r.child_count + 1, sizeof *r.places);
    r.sums = arena_array(cx->arena, 3 * (r.child_count + 1), sizeof *r.sums);
    if (!r.places || !r.sums)
        return fail(cx, RC_LIMIT, _("Too many areas for one map."), "place");
    TRY(read_counties(&r, cx));
    for (size_t i = 0; i < r.child_count; i++) {
        struct place *p = &r.places[i];
        double n = r.sums[i * 3 + 2];
        p->area_id = r.children[i].id;
        p->label = r.children[i].name;
        p->placed = n > 0;
        p->longitude = n > 0 ? r.sums[i * 3] / n : 0;
        p->latitude = n > 0 ? r.sums[i * 3 + 1] / n : 0;
    }
    *out = r.places;
    *count = r.child_count;
    return RC_OK;
}

enum rc place_points(struct place_point **out, size_t *count, struct cx *cx,
                     const struct scope *s, size_t max)
{
    struct reading r = {.s = s, .point_max = max};
    TRY(actor_require_in(cx, "household.view", str_of(s->area.path)));
    r.points = arena_array(cx->arena, max + 1, sizeof *r.points);
    if (!r.points)
        return fail(cx, RC_LIMIT, _("Too many points for one map."), "place");
    TRY(read_counties(&r, cx));
    *out = r.points;
    *count = r.point_count;
    return RC_OK;
}
