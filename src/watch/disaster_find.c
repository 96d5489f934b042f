/* Whom a disaster concerns: households inside a polygon or a circle by their coordinates, of
 * areas, or named by their codes. */
#include "watch/disaster_inner.h"

#include "base/text.h"
#include "register/household.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CORNERS_MIN = 3,
    CORNERS_MAX = 500,
    CODES_MAX = 20000,
    UNKNOWN_MAX = 200,
    YEARS_BACK = 3
};
static const double earth_km = 6371.0088, half_turn = 180.0, pi = 3.14159265358979323846;

static enum rc bad_polygon(struct cx *cx)
{
    return fail(cx, RC_INVALID,
                _("Give 3 to 500 corners, each longitude and latitude, with commas between the "
                  "corners, e.g. 106.1 26.5, 106.3 26.5, 106.2 26.7."),
                "polygon");
}

/* ---- shapes ---- */

static bool degrees(double *out, struct str s, double most)
{
    return str_to_f64(out, s) && *out >= -most && *out <= most;
}

/* "lon lat, lon lat"; also one corner a line. */
static enum rc read_polygon(struct disaster_shape *out, struct cx *cx, struct str text)
{
    char *copy = arena_new(cx->arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        copy[i] = text.p[i] == '\n' || text.p[i] == '\r' || text.p[i] == ';' ? ',' : text.p[i];
    struct str rest = {copy, text.len};
    out->corners = arena_new(cx->arena, (CORNERS_MAX + 1) * sizeof *out->corners);
    while (rest.p) {
        struct str lat = str_trim(str_cut(&rest, ','));
        if (!lat.len)
            continue;
        struct str lon = str_cut(&lat, ' ');
        struct shape_point p;
        if (out->corner_count == CORNERS_MAX || !lat.p || !degrees(&p.lon, lon, half_turn) ||
            !degrees(&p.lat, str_trim(lat), half_turn / 2))
            return bad_polygon(cx);
        out->corners[out->corner_count++] = p;
    }
    return out->corner_count >= CORNERS_MIN ? RC_OK : bad_polygon(cx);
}

enum rc disaster_shape_read(struct disaster_shape *out, struct cx *cx,
                            const struct disaster_ask *a)
{
    *out = (struct disaster_shape){.radius_km = a->radius_km};
    if (a->polygon.p && str_trim(a->polygon).len)
        TRY(read_polygon(out, cx, a->polygon));
    if (a->radius_km < 0 || a->radius_km > 500 || !isfinite(a->radius_km) ||
        (a->radius_km > 0 &&
         (!(fabs(a->longitude) <= half_turn) || !(fabs(a->latitude) <= half_turn / 2))))
        return fail(
            cx, RC_INVALID,
            _("Give the point as longitude and latitude in degrees, and a distance of at "
              "most 500 km."),
            "circle");
    out->centre = (struct shape_point){a->longitude, a->latitude};
    return RC_OK;
}

/* Even-odd rule. Source: Shimrat 1962, CACM 5(8), algorithm 112. A point on the line between
 * two corners may count as either. */
static bool in_polygon(const struct disaster_shape *s, struct shape_point p)
{
    bool inside = false;
    for (size_t i = 0, j = s->corner_count - 1; i < s->corner_count; j = i++) {
        const struct shape_point *a = &s->corners[i], *b = &s->corners[j];
        if ((a->lat > p.lat) != (b->lat > p.lat) &&
            p.lon < (b->lon - a->lon) * (p.lat - a->lat) / (b->lat - a->lat) + a->lon)
            inside = !inside;
    }
    return inside;
}

/* Great-circle distance. Source: Sinnott 1984, "Virtues of the haversine". */
static double distance_km(struct shape_point a, struct shape_point b)
{
    double to = pi / half_turn;
    double dlat = (b.lat - a.lat) * to / 2, dlon = (b.lon - a.lon) * to / 2;
    double h =
        sin(dlat) * sin(dlat) + cos(a.lat * to) * cos(b.lat * to) * sin(dlon) * sin(dlon);
    return 2 * earth_km * asin(sqrt(h < 1 ? h : 1));
}

bool disaster_shape_holds(const struct disaster_shape *s, double longitude, double latitude)
{
    struct shape_point p = {longitude, latitude};
    return (s->corner_count && in_polygon(s, p)) ||
           (s->radius_km > 0 && distance_km(s->centre, p) <= s->radius_km);
}

/* ---- finding ---- */

struct finding {
    struct cx *cx;
    struct columns *c;
    const struct columns_head *h;
    uint64_t *chosen;     /* by household row */
    const uint32_t *rows; /* of the disaster's area */
    size_t row_count;
    int64_t without_place;
};

static void choose(struct finding *f, size_t row)
{
    f->chosen[row / 64] |= UINT64_C(1) << (row % 64);
}

/* Where the coordinates stand: of the newest years. */
struct places {
    struct column at[2][YEARS_BACK];
    size_t years;
    double scale[2];
};

static enum rc read_places(struct places *out, struct finding *f)
{
    struct cx *cx = f->cx;
    const struct indicator *ind[2] = {cx->profile->longitude, cx->profile->latitude};
    *out = (struct places){.scale = {1, 1}};
    if (!ind[0] || !ind[1])
        return fail(cx, RC_INVALID,
                    _("This profile keeps no coordinates of households; choose areas or give "
                      "their codes."),
                    "no coordinates");
    for (int k = 0; k < 2; k++)
        for (unsigned i = 0; i < ind[k]->decimals; i++)
            out->scale[k] *= 10;
    out->years = f->h->year_count < YEARS_BACK ? f->h->year_count : YEARS_BACK;
    for (int k = 0; k < 2; k++)
        for (size_t y = 0; y < out->years; y++)
            TRY(columns_get(&out->at[k][y], cx, f->c, SUBJECT_HOUSEHOLD, ind[k]->number,
                            f->h->years[f->h->year_count - 1 - y]));
    return RC_OK;
}

/* Of the newest year that has both; false: not known. */
static bool place_of_row(struct shape_point *out, const struct places *p, size_t row)
{
    for (size_t y = 0; y < p->years; y++) {
        int64_t lon = column_at(p->at[0][y], row), lat = column_at(p->at[1][y], row);
        if (lon == COLUMN_MISSING || lat == COLUMN_MISSING)
            continue;
        *out = (struct shape_point){(double)lon / p->scale[0], (double)lat / p->scale[1]};
        return true;
    }
    return false;
}

static enum rc choose_by_shape(struct finding *f, const struct disaster_shape *s)
{
    struct places places;
    TRY(read_places(&places, f));
    for (size_t i = 0; i < f->row_count; i++) {
        struct shape_point p;
        if (!place_of_row(&p, &places, f->rows[i]))
            f->without_place++;
        else if (disaster_shape_holds(s, p.lon, p.lat))
            choose(f, f->rows[i]);
    }
    return RC_OK;
}

/* Evenly chosen of all that have coordinates. */
static enum rc take_points(struct disaster_found *out, struct finding *f)
{
    struct cx *cx = f->cx;
    struct places places;
    size_t step = f->row_count / DISASTER_POINTS_MAX + 1;
    if (!cx->profile->longitude || !cx->profile->latitude)
        return RC_OK;
    TRY(read_places(&places, f));
    out->points = arena_array(cx->arena, DISASTER_POINTS_MAX + 1, sizeof *out->points);
    if (!out->points)
        return RC_OK;
    for (size_t i = 0; i < f->row_count && out->point_count < DISASTER_POINTS_MAX; i += step) {
        size_t row = f->rows[i];
        struct shape_point p;
        if (place_of_row(&p, &places, row))
            out->points[out->point_count++] =
                (struct disaster_point){p.lon, p.lat, f->chosen[row / 64] >> (row % 64) & 1};
    }
    return RC_OK;
}

static enum rc choose_areas(struct finding *f, const struct disaster_ask *a, int32_t root)
{
    struct cx *cx = f->cx;
    for (size_t i = 0; i < a->area_count; i++) {
        const uint32_t *rows;
        size_t count;
        int32_t index = columns_area_index(f->c, a->area_ids[i]);
        if (index < root || index >= f->h->areas[root].end)
            return fail(cx, RC_NOTFOUND, _("There is no such area, or not for you to see."),
                        "disaster area=%" PRId64, a->area_ids[i]);
        TRY(columns_rows(&rows, &count, cx, f->c, index));
        for (size_t k = 0; k < count; k++)
            choose(f, rows[k]);
    }
    return RC_OK;
}

static enum rc choose_codes(struct finding *f, struct disaster_found *out,
                            const struct disaster_ask *a, int32_t root)
{
    struct cx *cx = f->cx;
    struct str rest = a->codes;
    const char **unknown = arena_new(cx->arena, (UNKNOWN_MAX + 1) * sizeof *unknown);
    size_t lines = 0;
    while (rest.p) {
        struct household h;
        struct str code = str_trim(str_cut(&rest, '\n'));
        if (!code.len)
            continue;
        if (++lines > CODES_MAX)
            return fail(cx, RC_LIMIT, _("At most 20,000 household codes at once."), "codes");
        struct arena_mark mark = arena_mark(cx->arena);
        enum rc rc = household_by_code(&h, cx, f->h->county, code);
        int64_t row = rc ? -1 : columns_household_row(f->c, h.id);
        arena_back(cx->arena, mark);
        if (rc && rc != RC_NOTFOUND && rc != RC_INVALID)
            return rc;
        err_clear(cx);
        if (row >= 0 && f->h->area[row] >= root && f->h->area[row] < f->h->areas[root].end)
            choose(f, (size_t)row);
        else if (out->unknown_count < UNKNOWN_MAX)
            unknown[out->unknown_count++] = arena_copy(cx->arena, code);
    }
    out->unknown = unknown;
    return RC_OK;
}

static enum rc take_chosen(struct disaster_found *out, const struct finding *f)
{
    struct cx *cx = f->cx;
    out->ids = arena_array(cx->arena, f->row_count + 1, sizeof *out->ids);
    if (!out->ids)
        return fail(cx, RC_LIMIT, _("This is too much at once."), "disaster rows");
    for (size_t i = 0; i < f->row_count; i++)
        if (f->chosen[f->rows[i] / 64] >> (f->rows[i] % 64) & 1)
            out->ids[out->count++] = f->h->household_id[f->rows[i]];
    return RC_OK;
}

static enum rc find_open(struct disaster_found *out, struct finding *f,
                         const struct disaster_ask *a, const struct disaster_shape *s)
{
    struct cx *cx = f->cx;
    int32_t root = columns_area_index(f->c, a->area_id);
    if (root < 0)
        return fail(cx, RC_NOTFOUND, _("There is no such area, or not for you to see."),
                    "disaster area=%" PRId64, a->area_id);
    f->chosen = arena_array(cx->arena, f->h->household_rows / 64 + 1, sizeof *f->chosen);
    if (!f->chosen)
        return fail(cx, RC_LIMIT, _("This is too much at once."), "disaster rows");
    TRY(columns_rows(&f->rows, &f->row_count, cx, f->c, root));
    if (s->corner_count || s->radius_km > 0)
        TRY(choose_by_shape(f, s));
    TRY(choose_areas(f, a, root));
    if (a->codes.p)
        TRY(choose_codes(f, out, a, root));
    out->without_place = f->without_place;
    TRY(take_chosen(out, f));
    return out->wants_points ? take_points(out, f) : RC_OK;
}

enum rc disaster_find(struct disaster_found *out, struct cx *cx, int64_t county,
                      const struct disaster_ask *a)
{
    struct disaster_shape shape;
    struct finding f = {.cx = cx};
    *out = (struct disaster_found){.wants_points = out->wants_points};
    TRY(disaster_shape_read(&shape, cx, a));
    TRY(columns_open(&f.c, cx, county));
    f.h = columns_head(f.c);
    enum rc rc = find_open(out, &f, a, &shape);
    columns_close(f.c);
    return rc;
}
