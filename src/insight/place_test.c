/* Where areas and houses lie, with the mistakes that positions have. */
#include "insight/place.h"
#include "insight/why_fixture.h"

#include <math.h>

static struct register_fixture f;
enum { NOWHERE = -200 };

static void put_house(struct cx *cx, int i, int village, double longitude, double latitude)
{
    struct source s = fixture_source(&f, 0, 0);
    struct household_record *r =
        fixture_household(cx, f.village[village], arena_printf(cx->arena, "61%08d", i), 1);
    fixture_person(r, 0, "王小明", 1, NULL);
    r->year = 2025;
    if (longitude > NOWHERE) {
        const struct indicator *x = cx->profile->longitude, *y = cx->profile->latitude;
        fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, x->code,
                      value_int((int64_t)(longitude * pow(10, x->decimals))));
        fixture_value(cx, r->values, SUBJECT_HOUSEHOLD, y->code,
                      value_int((int64_t)(latitude * pow(10, y->decimals))));
    }
    fixture_apply(cx, &s, r);
}

static void near(double is, double should)
{
    if (!(fabs(is - should) < 0.02))
        fail_msg("%.6f should be %.6f", is, should);
}

/* Town 0: seven houses round 107.1, 26.1, one of 0, 0, one by the Atlantic, one with its
 * coordinates swapped (no latitude). Town 1: one house without a position. */
static void mistakes(struct cx *cx)
{
    struct scope s;
    struct place *places;
    struct place_points points;
    size_t count;
    register_fixture_open(&f, cx);
    columns_fixture_open(cx);
    for (int i = 0; i < 7; i++)
        put_house(cx, i, i % 2, 107.1 + 0.001 * i, 26.1 - 0.001 * i);
    put_house(cx, 7, 0, 0, 0);
    put_house(cx, 8, 0, 10.5, 26.1);
    put_house(cx, 9, 0, 26.1, 107.1);
    put_house(cx, 10, 2, NOWHERE, NOWHERE);
    fixture_scope(&s, cx, f.county_area, "4000", "2025", NULL);
    check_ok(cx, place_children(&places, &count, cx, &s));
    assert_int_equal(count, 2);
    assert_true(places[0].placed && !places[1].placed);
    near(places[0].longitude, 107.1);
    near(places[0].latitude, 26.1);
    assert_int_equal(places[0].households, 10);
    assert_int_equal(places[1].households, 1);
    fixture_scope(&s, cx, f.town[0], "4000", "2025", NULL);
    cx->actor = fixture_officer(cx, &f, f.town[1], "township_officer");
    check_refused(cx, place_points(&points, cx, &s, 100), RC_DENIED);
    cx->actor = fixture_officer(cx, &f, f.town[0], "township_officer");
    check_ok(cx, place_points(&points, cx, &s, 100));
    assert_int_equal(points.count, 7);
    assert_int_equal(points.far, 1);
    for (size_t i = 0; i < points.count; i++)
        near(points.points[i].longitude, 107.1);
    cx->actor = NULL;
    columns_fixture_close(cx);
    register_fixture_close(&f, cx);
}

static void test_mistakes(void **state)
{
    (void)state;
    /* Wrong positions neither move an area's middle nor are drawn; dots only for those who may
     * see the households. */
    db_fixture_each(mistakes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_mistakes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
