/* Maps: from degrees to the drawing, classes and labels; the markup is in map.html. */
#include "html/map.h"

#include "base/format.h"
#include "base/text.h"
#include "html/map.html.h"
#include "html/map_parts.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIDTH = 640,
    HEIGHT_MAX = 560,
    BORDER = 4,
    OUTLINE_MAX = 48,
    CELL_MAX = 96,
    TILE_W = 118,
    TILE_H = 40,
    TILES_ACROSS = 5,
    LETTER = 6, /* pixels of a Latin letter; a Chinese character takes two */
    LINE = 13,  /* pixels of a line of text */
    APART = 14, /* pixels between places that have one position */
    RING_STEP = 2,
    PATH_MAX_BYTES = 64 * 1024,
};
#define PHONE_TIMES  1.9
#define LATITUDE_MAX 80.0
static const char *const class_names[] = {"map-0", "map-1", "map-2", "map-3", "map-4"};

/* From degrees to pixels: plate carrée at the middle latitude. */
struct frame {
    double west, north, per_degree_x, per_degree_y, width, height;
};

static struct map_xy project(const struct frame *f, double longitude, double latitude)
{
    return (struct map_xy){BORDER + (longitude - f->west) * f->per_degree_x,
                           BORDER + (f->north - latitude) * f->per_degree_y};
}

struct bounds {
    double west, east, south, north;
    size_t count;
};

static void widen(struct bounds *b, double longitude, double latitude)
{
    b->west = b->count ? fmin(b->west, longitude) : longitude;
    b->east = b->count ? fmax(b->east, longitude) : longitude;
    b->south = b->count ? fmin(b->south, latitude) : latitude;
    b->north = b->count ? fmax(b->north, latitude) : latitude;
    b->count++;
}

static struct bounds bounds_of(const struct map *m)
{
    struct bounds b = {0};
    for (size_t i = 0; i < m->place_count; i++) {
        const struct map_place *p = &m->places[i];
        for (size_t r = 0; r < p->ring_count; r++)
            for (size_t k = 0; k < p->rings[r].count; k++)
                widen(&b, p->rings[r].at[2 * k], p->rings[r].at[2 * k + 1]);
        if (p->placed && !p->ring_count)
            widen(&b, p->longitude, p->latitude);
    }
    for (size_t i = 0; i < m->point_count; i++)
        widen(&b, m->points[i].longitude, m->points[i].latitude);
    return b;
}

/* With room for the outline's margin round places that have no boundary. */
static struct frame frame_of(struct bounds b)
{
    double margin = 0.08 * fmax(fmax(b.east - b.west, b.north - b.south), 0.01);
    b.west -= margin;
    b.east += margin;
    b.south -= margin;
    b.north += margin;
    /* Near the poles, where nobody lives, one parallel is as good as another. */
    double middle = fmax(-LATITUDE_MAX, fmin(LATITUDE_MAX, (b.south + b.north) / 2));
    double narrow = cos(middle * 3.14159265358979323846 / 180);
    double wide = (b.east - b.west) * narrow, high = b.north - b.south;
    double scale = fmin((WIDTH - 2 * BORDER) / wide, (HEIGHT_MAX - 2 * BORDER) / high);
    return (struct frame){.west = b.west,
                          .north = b.north,
                          .per_degree_x = scale * narrow,
                          .per_degree_y = scale,
                          .width = wide * scale + 2 * BORDER,
                          .height = high * scale + 2 * BORDER};
}

/* ---- classes ---- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Upper limits of the classes; the number of classes that differ. */
static size_t limits_of(double limits[MAP_CLASSES], struct cx *cx, const struct map *m)
{
    double *sorted = arena_array(cx->arena, m->place_count + 1, sizeof *sorted);
    size_t n = 0, classes = 0;
    for (size_t i = 0; i < m->place_count; i++)
        if (!isnan(m->places[i].figure))
            sorted[n++] = m->places[i].figure;
    qsort(sorted, n, sizeof *sorted, by_value);
    for (size_t c = 1; c <= MAP_CLASSES && n; c++) {
        double limit = sorted[(n * c + MAP_CLASSES - 1) / MAP_CLASSES - 1];
        if (!classes || limit > limits[classes - 1])
            limits[classes++] = limit;
    }
    return classes;
}

static const char *class_of(const double *limits, size_t classes, double figure)
{
    if (isnan(figure) || !classes)
        return "map-none";
    size_t c = 0;
    while (c + 1 < classes && figure > limits[c])
        c++;
    /* Few classes are spread over the whole scale of colours. */
    return class_names[classes == 1 ? 2 : c * (MAP_CLASSES - 1) / (classes - 1)];
}

static void fill_legend(struct map_drawing *d, struct cx *cx, const double *limits,
                        size_t classes)
{
    const struct map *m = d->map;
    bool some_missing = false;
    for (size_t i = 0; i < m->place_count; i++)
        some_missing = some_missing || isnan(m->places[i].figure);
    for (size_t c = 0; c < classes; c++) {
        const char *upto = format_f64(cx, limits[c], m->decimals);
        d->classes[d->class_count++] = (struct map_class){
            class_of(limits, classes, limits[c]),
            c ? arena_printf(cx->arena, _("over %s to %s"),
                             format_f64(cx, limits[c - 1], m->decimals), upto)
              : arena_printf(cx->arena, _("up to %s"), upto)};
    }
    if (some_missing)
        d->classes[d->class_count++] = (struct map_class){"map-none", _("no figure")};
}

/* ---- shapes ---- */

static const char *path_of(struct cx *cx, const struct map_xy *at, size_t count)
{
    struct buf b;
    buf_init(&b, cx->arena, PATH_MAX_BYTES);
    for (size_t i = 0; i < count; i++)
        buf_printf(&b, "%c%.1f %.1f", i ? 'L' : 'M', at[i].x, at[i].y);
    buf_z(&b, "Z");
    return arena_copy(cx->arena, buf_view(&b));
}

/* Corners nearer than RING_STEP pixels to the one before are left out. */
static const char *ring_path(struct cx *cx, const struct frame *f, const struct map_place *p)
{
    struct buf b;
    buf_init(&b, cx->arena, PATH_MAX_BYTES);
    for (size_t r = 0; r < p->ring_count; r++) {
        struct map_xy last = {-1e9, -1e9};
        size_t drawn = 0;
        for (size_t k = 0; k < p->rings[r].count; k++) {
            struct map_xy at = project(f, p->rings[r].at[2 * k], p->rings[r].at[2 * k + 1]);
            if (fabs(at.x - last.x) + fabs(at.y - last.y) < RING_STEP)
                continue;
            buf_printf(&b, "%c%.1f %.1f", drawn++ ? 'L' : 'M', at.x, at.y);
            last = at;
        }
        if (drawn)
            buf_z(&b, "Z");
    }
    return arena_copy(cx->arena, buf_view(&b));
}

static int text_width(const char *z)
{
    int width = 0;
    for (; *z; z++)
        if (((unsigned char)*z & 0xc0) != 0x80)
            width += (unsigned char)*z < 0x80 ? LETTER : 2 * LETTER;
    return width;
}

static bool overlaps(const struct map_text *t, struct map_xy at, double width)
{
    return fabs(t->at.x - at.x) < (t->width + width) / 2 && fabs(t->at.y - at.y) < LINE;
}

/* Phones show the map at half its size with larger letters: what is tight then is left out, as
 * is everywhere what would lie on another label. */
static void add_text(struct map_drawing *d, struct cx *cx, struct map_xy at, double room,
                     const char *label, const char *fill_class)
{
    double width = text_width(label);
    bool free = width <= room;
    for (size_t i = 0; i < d->text_count && free; i++)
        free = !overlaps(&d->texts[i], at, width);
    if (!free)
        return;
    bool light = !strcmp(fill_class, "map-3") || !strcmp(fill_class, "map-4");
    bool tight = width * PHONE_TIMES > room;
    d->texts[d->text_count++] = (struct map_text){
        .x = arena_printf(cx->arena, "%.0f", at.x),
        .y = arena_printf(cx->arena, "%.0f", at.y + 4),
        .text = label,
        .style = light ? (tight ? "light tight" : "light") : (tight ? "tight" : ""),
        .at = at,
        .width = width};
}

/* The middle of a cell (its corners' area-weighted mean): labels of neighbours keep apart. */
static struct map_xy middle_of(const struct map_xy *at, size_t count)
{
    double x = 0, y = 0, twice = 0;
    for (size_t i = 0; i < count; i++) {
        struct map_xy a = at[i], b = at[(i + 1) % count];
        double cross = a.x * b.y - b.x * a.y;
        twice += cross;
        x += (a.x + b.x) * cross;
        y += (a.y + b.y) * cross;
    }
    bool is_flat = fabs(twice) < 1e-6;
    return is_flat ? at[0] : (struct map_xy){x / (3 * twice), y / (3 * twice)};
}

static const char *title_of(struct cx *cx, const struct map_place *p)
{
    return arena_printf(cx->arena, "%s: %s", p->label, p->value ? p->value : _("no figure"));
}

static double width_of(const struct map_xy *at, size_t count)
{
    double low = at[0].x;
    double high = low;
    for (size_t i = 1; i < count; i++) {
        low = fmin(low, at[i].x);
        high = fmax(high, at[i].x);
    }
    return high - low;
}

struct layout_of_map {
    struct map_drawing *d;
    struct frame frame;
    struct map_xy *at; /* of placed places without a boundary */
    size_t *place_of;  /* their index */
    size_t at_count;
    struct map_xy outline[OUTLINE_MAX];
    size_t outline_count;
    double limits[MAP_CLASSES];
    size_t classes;
};

static void add_shape(struct layout_of_map *l, struct cx *cx, const struct map_place *p,
                      const char *path)
{
    struct map_drawing *d = l->d;
    d->shapes[d->shape_count++] = (struct map_shape){
        path, class_of(l->limits, l->classes, p->figure), p->href, title_of(cx, p)};
}

static void draw_boundaries(struct layout_of_map *l, struct cx *cx)
{
    const struct map *m = l->d->map;
    for (size_t i = 0; i < m->place_count; i++) {
        const struct map_place *p = &m->places[i];
        if (!p->ring_count)
            continue;
        add_shape(l, cx, p, ring_path(cx, &l->frame, p));
        if (p->placed)
            add_text(l->d, cx, project(&l->frame, p->longitude, p->latitude), WIDTH, p->label,
                     class_of(l->limits, l->classes, p->figure));
    }
}

static void draw_cells(struct layout_of_map *l, struct cx *cx)
{
    const struct map *m = l->d->map;
    struct map_xy cell[CELL_MAX];
    for (size_t k = 0; k < l->at_count; k++) {
        const struct map_place *p = &m->places[l->place_of[k]];
        size_t n =
            map_cell(cell, CELL_MAX, l->at, l->at_count, k, l->outline, l->outline_count);
        if (!n)
            continue;
        add_shape(l, cx, p, path_of(cx, cell, n));
        add_text(l->d, cx, middle_of(cell, n), width_of(cell, n), p->label,
                 class_of(l->limits, l->classes, p->figure));
        l->d->approximate = true;
    }
}

/* What has no place on the ground stands in rows below the map. */
static double draw_tiles(struct layout_of_map *l, struct cx *cx, double top)
{
    const struct map *m = l->d->map;
    size_t n = 0;
    for (size_t i = 0; i < m->place_count; i++) {
        const struct map_place *p = &m->places[i];
        if (p->placed || p->ring_count)
            continue;
        size_t row = n / TILES_ACROSS, across = n % TILES_ACROSS;
        double x = BORDER + (double)across * (TILE_W + 8);
        double y = top + (double)row * (TILE_H + 6);
        const struct map_xy box[] = {
            {x, y}, {x + TILE_W, y}, {x + TILE_W, y + TILE_H}, {x, y + TILE_H}};
        add_shape(l, cx, p, path_of(cx, box, 4));
        add_text(l->d, cx, (struct map_xy){x + TILE_W / 2.0, y + TILE_H / 2.0}, TILE_W,
                 p->label, class_of(l->limits, l->classes, p->figure));
        n++;
    }
    size_t rows = (n + TILES_ACROSS - 1) / TILES_ACROSS;
    return top + (double)rows * (TILE_H + 6) + BORDER;
}

static void draw_dots(struct layout_of_map *l, struct cx *cx)
{
    const struct map *m = l->d->map;
    size_t count = m->point_count < MAP_POINTS_MAX ? m->point_count : MAP_POINTS_MAX;
    l->d->dots = arena_array(cx->arena, count + 1, sizeof *l->d->dots);
    for (size_t i = 0; i < count; i++) {
        const struct map_point *p = &m->points[i];
        struct map_xy at = project(&l->frame, p->longitude, p->latitude);
        l->d->dots[l->d->dot_count++] = (struct map_dot){arena_printf(cx->arena, "%.1f", at.x),
                                                         arena_printf(cx->arena, "%.1f", at.y),
                                                         p->strong ? "3.4" : "2.2",
                                                         p->strong ? "dot-strong" : "dot",
                                                         p->href,
                                                         p->label};
    }
}

/* Places with one position would have one cell: they step aside in a growing circle. */
static struct map_xy step_aside(const struct layout_of_map *l, struct map_xy at)
{
    struct map_xy free = at;
    size_t tries = 0;
    for (size_t k = 0; k < l->at_count; k++) {
        if (fabs(l->at[k].x - free.x) >= 1 || fabs(l->at[k].y - free.y) >= 1)
            continue;
        double turn = (double)++tries, far = APART * sqrt(turn);
        free = (struct map_xy){at.x + far * cos(2.4 * turn), at.y + far * sin(2.4 * turn)};
        k = SIZE_MAX; /* from the beginning, in the new place */
    }
    return free;
}

/* Places in pixels and the outline round them. */
static void find_cells(struct layout_of_map *l, struct cx *cx)
{
    const struct map *m = l->d->map;
    l->at = arena_array(cx->arena, m->place_count + 1, sizeof *l->at);
    l->place_of = arena_array(cx->arena, m->place_count + 1, sizeof *l->place_of);
    struct map_xy *sorted = arena_array(cx->arena, m->place_count + 1, sizeof *sorted);
    for (size_t i = 0; i < m->place_count; i++)
        if (m->places[i].placed && !m->places[i].ring_count) {
            l->place_of[l->at_count] = i;
            l->at[l->at_count] = step_aside(
                l, project(&l->frame, m->places[i].longitude, m->places[i].latitude));
            sorted[l->at_count] = l->at[l->at_count];
            l->at_count++;
        }
    double margin = 0.055 * fmax(l->frame.width, l->frame.height);
    l->outline_count = map_outline(l->outline, OUTLINE_MAX, sorted, l->at_count, margin);
}

struct map_box {
    double left, top, right, bottom;
};

/* The frame, and what of the outline goes beyond it. */
static struct map_box box_of(const struct layout_of_map *l, double width_min)
{
    struct map_box b = {0, 0, fmax(l->frame.width, width_min), l->frame.height};
    for (size_t i = 0; i < l->outline_count; i++) {
        b.left = fmin(b.left, l->outline[i].x - BORDER);
        b.right = fmax(b.right, l->outline[i].x + BORDER);
        b.top = fmin(b.top, l->outline[i].y - BORDER);
        b.bottom = fmax(b.bottom, l->outline[i].y + BORDER);
    }
    return b;
}

void html_map(struct out *o, struct cx *cx, const struct map *m)
{
    struct map_drawing d = {.map = m, .summary = m->title};
    d.too_many = m->place_count > MAP_PLACES_MAX;
    if (!d.too_many && (m->place_count || m->point_count)) {
        struct layout_of_map l = {.d = &d};
        struct bounds b = bounds_of(m);
        d.shapes = arena_array(cx->arena, m->place_count + 1, sizeof *d.shapes);
        d.texts = arena_array(cx->arena, m->place_count + 1, sizeof *d.texts);
        l.classes = limits_of(l.limits, cx, m);
        struct map_box box = {0, 0, WIDTH, BORDER};
        if (b.count) {
            l.frame = frame_of(b);
            find_cells(&l, cx);
            draw_boundaries(&l, cx);
            draw_cells(&l, cx);
            draw_dots(&l, cx);
            box = box_of(&l, d.shape_count < m->place_count ? WIDTH : 0);
        }
        if (d.shape_count < m->place_count)
            box.bottom = draw_tiles(&l, cx, box.bottom);
        d.view_box = arena_printf(cx->arena, "%.0f %.0f %.0f %.0f", box.left, box.top,
                                  box.right - box.left, box.bottom - box.top);
        fill_legend(&d, cx, l.limits, l.classes);
    }
    map_svg(o, cx, &d);
}
