/* Tests of the map: its geometry, and what it draws. */
#include "base/check.h"
#include "html/map.h"

#include <math.h>
#include <stdlib.h>

enum { PLACES = 60, OUTLINE = 48, CELL = 96 };

static double area_of(const struct map_xy *at, size_t count)
{
    double twice = 0;
    for (size_t i = 0; i < count; i++) {
        struct map_xy a = at[i], b = at[(i + 1) % count];
        twice += a.x * b.y - b.x * a.y;
    }
    return twice / 2;
}

static bool inside(const struct map_xy *at, size_t count, struct map_xy p)
{
    for (size_t i = 0; i < count; i++) {
        struct map_xy a = at[i], b = at[(i + 1) % count];
        if ((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x) < -1e-6)
            return false;
    }
    return true;
}

static size_t nearest(const struct map_xy *places, size_t count, struct map_xy p)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (hypot(places[i].x - p.x, places[i].y - p.y) <
            hypot(places[best].x - p.x, places[best].y - p.y))
            best = i;
    return best;
}

static double dice(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (double)(*seed >> 8) / (1 << 24);
}

/* The cells of 60 places at random cover the outline once, hold their own place, and a point of
 * the ground lies in the cell of the place nearest to it. */
static void test_cells(void **state)
{
    (void)state;
    struct map_xy places[PLACES], sorted[PLACES], outline[OUTLINE], cell[CELL];
    uint32_t seed = 7;
    for (size_t i = 0; i < PLACES; i++)
        sorted[i] = places[i] = (struct map_xy){dice(&seed) * 600, dice(&seed) * 400};
    size_t corners = map_outline(outline, OUTLINE, sorted, PLACES, 30);
    assert_in_range(corners, 8, OUTLINE);
    double all = 0;
    for (size_t i = 0; i < PLACES; i++) {
        size_t n = map_cell(cell, CELL, places, PLACES, i, outline, corners);
        assert_in_range(n, 3, CELL);
        assert_true(inside(cell, n, places[i]));
        assert_true(inside(outline, corners, places[i]));
        all += area_of(cell, n);
        for (int k = 0; k < 50; k++) {
            struct map_xy p = {dice(&seed) * 600, dice(&seed) * 400};
            if (inside(outline, corners, p) && nearest(places, PLACES, p) == i)
                assert_true(inside(cell, n, p));
        }
    }
    assert_true(fabs(all - area_of(outline, corners)) < 1e-6 * all);
}

/* One place, places in line, places at one point: an outline of the margin round them, no
 * crash. */
static void test_corner_cases(void **state)
{
    (void)state;
    struct map_xy outline[OUTLINE], cell[CELL];
    struct map_xy one[] = {{5, 5}};
    assert_int_equal(map_outline(outline, OUTLINE, one, 1, 10), 8);
    assert_int_equal(map_cell(cell, CELL, one, 1, 0, outline, 8), 8);
    struct map_xy line[] = {{0, 0}, {10, 0}, {20, 0}};
    size_t corners = map_outline(outline, OUTLINE, line, 3, 10);
    assert_true(map_cell(cell, CELL, line, 3, 1, outline, corners) >= 4);
    struct map_xy same[] = {{1, 1}, {1, 1}};
    corners = map_outline(outline, OUTLINE, same, 2, 10);
    assert_true(map_cell(cell, CELL, same, 2, 0, outline, corners) >= 4);
    assert_int_equal(map_outline(outline, OUTLINE, one, 0, 10), 0);
}

static bool drawn_has(struct out *o, const char *what)
{
    return str_find(out_view(o), str_of(what)) != SIZE_MAX;
}

/* Five places, one without position and figure: links with their values, classes from light to
 * dark, the lone one as a tile; labels are escaped. */
static void test_drawing(void **state)
{
    (void)state;
    struct cx cx;
    cx_init(&cx, arena_open(4 * 1024 * 1024));
    struct map_place places[5] = {0};
    for (size_t i = 0; i < 5; i++)
        places[i] = (struct map_place){.label = arena_printf(cx.arena, "Place %zu", i),
                                       .value = i < 4 ? "12.5" : NULL,
                                       .href = "/poverty/map?area=1",
                                       .placed = i < 4,
                                       .longitude = 107 + 0.1 * (double)(i % 2),
                                       .latitude = 26 + 0.1 * floor((double)i / 2),
                                       .figure = i < 4 ? (double)i : NAN};
    places[0].label = "A & B";
    struct map m = {.title = "Poor people by township", .places = places, .place_count = 5};
    struct out *o = out_new(cx.arena, NULL);
    html_map(o, &cx, &m);
    assert_true(out_ok(o));
    assert_true(drawn_has(o, "A &amp; B: 12.5"));
    assert_true(drawn_has(o, "map-0") && drawn_has(o, "map-4") && drawn_has(o, "map-none"));
    assert_true(drawn_has(o, "Place 4: no figure"));
    assert_true(drawn_has(o, "approximate"));
    assert_true(drawn_has(o, " d=\"M") && !drawn_has(o, " d=\"\""));
    assert_false(drawn_has(o, "nan"));
    arena_free(cx.arena);
}

/* Draws `count` places from the first position, each one step further; labels alike. */
static const char *draw(struct cx *cx, size_t count, struct map_xy first, struct map_xy step,
                        size_t dots)
{
    struct map_place *places = arena_new(cx->arena, count * sizeof *places);
    struct map_point *points = arena_new(cx->arena, (dots + 1) * sizeof *points);
    for (size_t i = 0; i < count; i++)
        places[i] = (struct map_place){.label = "青山镇",
                                       .href = "/a",
                                       .placed = true,
                                       .longitude = first.x + step.x * (double)i,
                                       .latitude = first.y + step.y * (double)i,
                                       .figure = (double)i};
    for (size_t i = 0; i < dots; i++)
        points[i] = (struct map_point){first.x, first.y, false, "a household", "/h"};
    struct map m = {.title = "t",
                    .places = places,
                    .place_count = count,
                    .points = points,
                    .point_count = dots};
    struct out *o = out_new(cx->arena, NULL);
    html_map(o, cx, &m);
    assert_true(out_ok(o));
    const char *drawn = arena_copy(cx->arena, out_view(o));
    assert_null(strstr(drawn, "nan"));
    assert_null(strstr(drawn, "inf"));
    return drawn;
}

static size_t occurs(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
        n++;
    return n;
}

static void read_numbers(double *out, int count, const char *text)
{
    for (int i = 0; i < count; i++) {
        char *end;
        out[i] = strtod(text, &end);
        assert_ptr_not_equal(end, text);
        text = end;
    }
}

/* All places at one point get a cell each, inside the view; labels that would lie on each other
 * are left out; poles and the date line are numbers; 601 places are no map; the Tab key does
 * not go through the dots beside places. */
static void test_strange_places(void **state)
{
    (void)state;
    struct cx cx;
    cx_init(&cx, arena_open(32 * 1024 * 1024));
    const char *drawn = draw(&cx, 40, (struct map_xy){107, 26}, (struct map_xy){0, 0}, 0);
    assert_int_equal(occurs(drawn, "<path"), 40);
    double view[4], corner[2]; /* left, top, width, height */
    read_numbers(view, 4, strstr(drawn, "viewBox=\"") + strlen("viewBox=\""));
    for (const char *at = drawn; (at = strstr(at, " d=\"M")); at++) {
        read_numbers(corner, 2, at + strlen(" d=\"M"));
        for (int axis = 0; axis < 2; axis++)
            assert_true(corner[axis] >= view[axis] &&
                        corner[axis] <= view[axis] + view[2 + axis]);
    }
    assert_true(occurs(drawn, "<text") < 40);
    assert_int_equal(
        occurs(draw(&cx, 1, (struct map_xy){107, 26}, (struct map_xy){0, 0}, 0), "<path"), 1);
    draw(&cx, 3, (struct map_xy){180, 90}, (struct map_xy){0, 0}, 0);
    draw(&cx, 3, (struct map_xy){-180, -90}, (struct map_xy){180, 90}, 0);
    draw(&cx, 2, (struct map_xy){26, 107}, (struct map_xy){0, 60}, 0);
    drawn =
        draw(&cx, MAP_PLACES_MAX + 1, (struct map_xy){107, 26}, (struct map_xy){0.01, 0}, 0);
    assert_int_equal(occurs(drawn, "<svg"), 0);
    assert_int_equal(occurs(drawn, "too many places"), 1);
    draw(&cx, MAP_PLACES_MAX, (struct map_xy){107, 26}, (struct map_xy){0, 0}, 0);
    drawn = draw(&cx, 1, (struct map_xy){107, 26}, (struct map_xy){0, 0}, 100);
    assert_int_equal(occurs(drawn, "tabindex=\"-1\""), 100);
    arena_free(cx.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_corner_cases),
        cmocka_unit_test(test_drawing),
        cmocka_unit_test(test_strange_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
