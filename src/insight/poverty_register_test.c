/* `fumin poverty DIR` on the six households of insight_fixture.h, as JSON, against sums done by
 * hand (money_test.c); on both databases. */
#include "insight/insight_fixture.h"
#include "insight/poverty_figures.h"

#include <jansson.h>
#include <math.h>

struct call {
    struct cx *cx;
    struct poverty_asked asked;
    enum rc rc;
};

static void run(void *argument)
{
    struct call *c = argument;
    c->rc = poverty_of_register(c->cx, &c->asked);
}

/* The rows that the command prints. */
static json_t *rows_of(struct call *c)
{
    c->asked.format = FIGURE_JSON;
    struct str text = check_captured(c->cx, STDOUT_FILENO, run, c);
    check_ok(c->cx, c->rc);
    json_t *rows = json_loadb(text.p, text.len, 0, NULL);
    assert_true(json_is_array(rows));
    return rows;
}

/* The n-th row of a measure: 0 is everybody, then the groups in order. */
static void is(json_t *rows, const char *measure, int n, double want, const char *by)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        if (strcmp(json_string_value(json_object_get(row, "measure")), measure) != 0 || n-- > 0)
            continue;
        double got = json_number_value(json_object_get(row, "estimate"));
        if (fabs(got - want) > 1e-12)
            fail_msg("%s is %.15g, not %.15g", measure, got, want);
        assert_int_equal(json_object_size(json_object_get(row, "by")), by ? 1 : 0);
        assert_true(!by || json_object_get(json_object_get(row, "by"), by));
        return;
    }
    fail_msg("no row %s", measure);
}

/* 12 people are known, 3 of them below 4,000, 6 at it or below; one household of two people is
 * left out; by area the first of the two has 3 of 6. */
static void prints_people(struct cx *cx)
{
    struct register_fixture f;
    insight_fixture_open(&f, cx);
    struct call c = {cx, {.line = "4000", .by = "area"}, RC_OK};
    json_t *rows = rows_of(&c);
    is(rows, "fgt0", 0, 3. / 12, NULL);
    is(rows, "fgt1", 0, 1.75 / 12, NULL);
    is(rows, "line", 0, 4000, NULL);
    is(rows, "weight", 0, 12, NULL);
    is(rows, "fgt0", 1, 3. / 6, "area");
    is(rows, "fgt0", 2, 0, "area");
    json_t *first = json_array_get(rows, 0);
    assert_int_equal(json_integer_value(json_object_get(first, "rows")), 5);
    assert_int_equal(json_integer_value(json_object_get(first, "rows_left_out")), 1);
    json_decref(rows);
    c.asked = (struct poverty_asked){.line = "4000", .weak = true};
    rows = rows_of(&c);
    is(rows, "fgt0", 0, 6. / 12, NULL);
    json_decref(rows);
    c.asked = (struct poverty_asked){.line = "4000", .households = true, .by = "size"};
    rows = rows_of(&c);
    is(rows, "fgt0", 0, 2. / 5, NULL);
    is(rows, "fgt0", 1, 1, "size");
    is(rows, "fgt0", 2, 1. / 2, "size");
    json_decref(rows);
    insight_fixture_close(&f, cx);
}

/* An unknown area, year, line, indicator or group is refused with a sentence. */
static void refuses(struct cx *cx)
{
    struct register_fixture f;
    insight_fixture_open(&f, cx);
    static const struct poverty_asked wrong[] = {
        {.line = "0"},         {.line = "nosuch"}, {.line = "4000", .year = "1950"},
        {.welfare = "nosuch"}, {.by = "nosuch"},   {.line = "4000", .area = "999999"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct call c = {cx, wrong[i], RC_OK};
        struct str text = check_captured(cx, STDOUT_FILENO, run, &c);
        assert_int_equal(text.len, 0);
        check_refused(cx, c.rc, wrong[i].area ? RC_NOTFOUND : RC_INVALID);
    }
    insight_fixture_close(&f, cx);
}

static void test_people(void **state)
{
    (void)state;
    db_fixture_each(prints_people);
}

static void test_refused(void **state)
{
    (void)state;
    db_fixture_each(refuses);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_people),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
