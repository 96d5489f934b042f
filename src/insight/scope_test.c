/* What an address asks for is read, refused with a sentence, and written back. */
#include "insight/insight_fixture.h"

/* An empty address gives the county (the only one), the newest year with sheets, the profile's
 * first income and line. */
static void has_defaults(struct cx *cx)
{
    struct register_fixture f;
    struct scope s;
    insight_fixture_open(&f, cx);
    insight_apply(cx, &f, &insight_households[0], 2023, 1);
    check_ok(cx, insight_scope(&s, cx, ""));
    assert_int_equal(s.area.id, f.county_area);
    assert_int_equal(s.year, 2025);
    assert_int_equal(s.from_year, 2023);
    assert_string_equal(s.welfare->code, "net_income_per_head");
    assert_string_equal(s.line.text, cx->profile->poverty_lines[0]);
    assert_false(s.weak || s.households || s.by_size);
    assert_string_equal(scope_query(cx, &s, NULL, NULL), "");
    insight_fixture_close(&f, cx);
}

/* A number may be typed with full width, separators and blanks; shares and thresholds too. The
 * address is written back with one thing changed, encoded, and without what is empty. */
static void reads_and_writes(struct cx *cx)
{
    struct register_fixture f;
    struct scope s;
    insight_fixture_open(&f, cx);
    check_ok(cx, insight_scope(&s, cx, "line=６，０００&unit=household&poor=at&group=&x=1"));
    assert_string_equal(s.line.text, "6000");
    assert_true(s.weak && s.households);
    assert_string_equal(scope_query(cx, &s, "line", "60%median"),
                        "line=60%25median&unit=household&poor=at");
    assert_string_equal(scope_query(cx, &s, "line", NULL), "unit=household&poor=at");
    assert_string_equal(scope_query_i64(cx, &s, "area", 7),
                        "line=6000&unit=household&poor=at&area=7");
    check_ok(cx, insight_scope(&s, cx, "line=monitoring_line&group=size"));
    assert_string_equal(s.line.threshold, "monitoring_line");
    assert_true(s.by_size);
    const char *label = scope_threshold_label(cx, "monitoring_line", 2025);
    check_ok(cx, insight_scope(&s, cx, arena_printf(cx->arena, "line=%s&line=5", label)));
    assert_string_equal(scope_query(cx, &s, NULL, NULL), "line=monitoring_line");
    insight_fixture_close(&f, cx);
}

/* Each mistake is refused with a sentence that says what was expected. */
static void refuses_mistakes(struct cx *cx)
{
    struct register_fixture f;
    insight_fixture_open(&f, cx);
    insight_refuses(cx, "line=0", "zero");
    insight_refuses(cx, "line=-5", "zero");
    insight_refuses(cx, "line=much", "national_line");
    insight_refuses(cx, "line=0%median", "zero");
    insight_refuses(cx, "year=1999", "2025");
    insight_refuses(cx, "welfare=beauty", "net_income_per_head");
    insight_refuses(cx, "group=beauty", "household_type");
    insight_refuses(cx, "unit=village", "unit");
    insight_refuses(cx, "index=none", "none");
    insight_refuses(cx, "area=x", "number");
    insight_fixture_close(&f, cx);
}

/* After a mistake the rest of the address is there all the same, for showing the form again. */
static void keeps_the_rest(struct cx *cx)
{
    struct register_fixture f;
    struct scope s;
    insight_fixture_open(&f, cx);
    assert_int_equal(insight_scope(&s, cx, "line=much&unit=household"), RC_INVALID);
    err_clear(cx);
    assert_true(s.households);
    assert_string_equal(s.line.text, cx->profile->poverty_lines[0]);
    assert_int_equal(s.year, 2025);
    insight_fixture_close(&f, cx);
}

/* An officer of a township starts there and cannot ask for the other township or the county. */
static void stays_in_the_area(struct cx *cx)
{
    struct register_fixture f;
    struct scope s;
    insight_fixture_open(&f, cx);
    cx->actor = fixture_officer(cx, &f, f.town[1], "township_officer");
    check_ok(cx, insight_scope(&s, cx, ""));
    assert_int_equal(s.area.id, f.town[1]);
    assert_true(scope_may_households(cx, &s));
    assert_int_equal(insight_scope(&s, cx, arena_printf(cx->arena, "area=%" PRId64, f.town[0])),
                     RC_NOTFOUND);
    err_clear(cx);
    assert_int_equal(
        insight_scope(&s, cx, arena_printf(cx->arena, "area=%" PRId64, f.county_area)),
        RC_NOTFOUND);
    err_clear(cx);
    cx->actor = NULL;
    insight_fixture_close(&f, cx);
}

/* Weights, k and cut-offs: integers and exact fractions, mistakes refused; another index drops
 * them from the address. */
static void moves_an_index(struct cx *cx)
{
    struct register_fixture f;
    struct scope s;
    insight_fixture_open(&f, cx);
    check_ok(cx, insight_scope(&s, cx, ""));
    if (s.index) {
        const struct deprivation *d = &s.index->deprivations[0];
        const char *query = arena_printf(cx->arena, "w_%s=7&k=1/2", d->code);
        assert_false(s.index_moved);
        check_ok(cx, insight_scope(&s, cx, query));
        assert_int_equal(s.spec.weight[0], 7);
        assert_int_equal(s.spec.k_den, 2 * s.spec.k_num);
        assert_true(s.index_moved);
        assert_string_equal(scope_query(cx, &s, "index", "other"), "index=other");
        insight_refuses(cx, arena_printf(cx->arena, "w_%s=-1", d->code), "whole number");
        insight_refuses(cx, arena_printf(cx->arena, "w_%s=1.5", d->code), "whole number");
        insight_refuses(cx, "w_nothing=1", "nothing");
        insight_refuses(cx, "c_nothing=1", "nothing");
        insight_refuses(cx, "k=2", "k");
        insight_refuses(cx, "k=0", "k");
        struct buf zero;
        buf_init(&zero, cx->arena, 4096);
        for (size_t j = 0; j < s.index->count; j++)
            buf_printf(&zero, "w_%s=0&", s.index->deprivations[j].code);
        insight_refuses(cx, arena_copy(cx->arena, buf_view(&zero)), "weight");
    }
    insight_fixture_close(&f, cx);
}

/* clang-format off */
static void on_each_has_defaults(void **state) { (void)state; db_fixture_each(has_defaults); }
static void on_each_reads(void **state) { (void)state; db_fixture_each(reads_and_writes); }
static void on_each_refuses(void **state) { (void)state; db_fixture_each(refuses_mistakes); }
static void on_each_keeps(void **state) { (void)state; db_fixture_each(keeps_the_rest); }
static void on_each_stays(void **state) { (void)state; db_fixture_each(stays_in_the_area); }
static void on_each_moves(void **state) { (void)state; db_fixture_each(moves_an_index); }
/* clang-format on */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_each_has_defaults), cmocka_unit_test(on_each_reads),
        cmocka_unit_test(on_each_refuses),      cmocka_unit_test(on_each_keeps),
        cmocka_unit_test(on_each_stays),        cmocka_unit_test(on_each_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
