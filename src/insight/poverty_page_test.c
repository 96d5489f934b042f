/* The poverty pages as they are answered: figures in the markup, mistakes as sentences, the
 * list of newly poor households, access, and the same figures by command from the saved rows.
 */
#include "base/crypto.h"
#include "frame/rows.h"
#include "insight/dimension.h"
#include "insight/insight_fixture.h"
#include "insight/portrait.h"
#include "web/commands.h"
#include "web/routes.h"

#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <sys/mman.h>

enum { TEXT_MAX = 512 * 1024 };

static const struct route *route_of(const char *path)
{
    size_t count;
    const struct route *all = routes_all(&count);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(all[i].path, path) && all[i].method == METHOD_GET)
            return &all[i];
    fail_msg("no route %s", path);
    return NULL;
}

/* Answers "/poverty?line=4000"; the body or the file's bytes in *text. */
static enum rc get(const char **text, int *status, struct cx *cx, const char *address)
{
    static const struct visitor visitor = {.signed_in = true, .csrf = "", .office = ""};
    struct str rest = str_of(address);
    struct pair *pairs = arena_new(cx->arena, 32 * sizeof *pairs);
    struct request q = {.method = METHOD_GET, .path = str_cut(&rest, '?'), .query = pairs};
    while (rest.p && rest.len) {
        struct str value = str_cut(&rest, '&');
        struct str name = str_cut(&value, '=');
        pairs[q.query_count++] = (struct pair){name, value};
    }
    q.route = route_of(arena_copy(cx->arena, q.path));
    q.session = (void *)(uintptr_t)&visitor;
    struct response a = {.status = 200, .file_fd = -1};
    buf_init(&a.body, cx->arena, TEXT_MAX);
    db_read_end(cx);
    err_clear(cx);
    enum rc rc = q.route->handle(cx, &q, &a);
    *status = a.status;
    *text = arena_copy(cx->arena, buf_view(&a.body));
    if (a.file_fd >= 0) {
        char *z = arena_new(cx->arena, TEXT_MAX);
        assert_true(pread(a.file_fd, z, TEXT_MAX - 1, 0) > 0);
        close(a.file_fd);
        *text = z;
    }
    return rc;
}

static const char *get_ok(struct cx *cx, const char *address)
{
    const char *text;
    int status;
    check_ok(cx, get(&text, &status, cx, address));
    assert_int_equal(status, 200);
    return text;
}

static bool has(const char *text, const char *words)
{
    return strstr(text, words) != NULL;
}

/* The page says the hand-done figures: 3 of 12 people, 25.0 %, 2 households; by township 50 %
 * and none; the mistakes of an address give 400 with the sentence and the form. */
static void shows_figures(struct cx *cx)
{
    struct register_fixture f;
    const char *text;
    int status;
    insight_fixture_open(&f, cx);
    text = get_ok(cx, "/poverty?line=4000");
    assert_true(has(text, "25.0%") && has(text, "3 of 12 people"));
    assert_true(has(text, "50.0%") && has(text, "坝芒乡"));
    assert_true(has(text, "1 household is left out"));
    assert_true(has(text, "How was this computed?"));
    assert_true(has(text, "fumin poverty rows.csv --welfare net_income_per_head --weight size "
                          "--line 4000"));
    static const char *const pages[] = {"/poverty", "/poverty/inequality",
                                        "/poverty/households"};
    for (size_t i = 0; i < 3; i++) {
        check_ok(cx, get(&text, &status, cx,
                         arena_printf(cx->arena, "%s?line=0&unit=household", pages[i])));
        assert_int_equal(status, 400);
        assert_true(has(text, "role=\"alert\"") && has(text, "zero"));
        assert_true(has(text, "<option value=\"household\" selected>") || i == 2);
        assert_false(has(text, "25.0%"));
    }
    assert_int_equal(get(&text, &status, cx, "/poverty?area=x"), RC_INVALID);
    assert_int_equal(get(&text, &status, cx, "/poverty/dimensions?area=-1"), RC_INVALID);
    assert_int_equal(get(&text, &status, cx, "/poverty/households?area=999"), RC_NOTFOUND);
    err_clear(cx);
    text = get_ok(cx, "/poverty/inequality?line=4000");
    assert_true(has(text, "Gini") && has(text, "no other year"));
    insight_fixture_close(&f, cx);
}

/* Moving the line from 2,000 to 4,500 makes b and c newly poor: the page counts them, the list
 * names their heads and nobody else's, with a link to each. */
static void lists_newly_poor(struct cx *cx)
{
    struct register_fixture f;
    insight_fixture_open(&f, cx);
    const char *text = get_ok(cx, "/poverty?line=4500&from_line=2000");
    assert_true(has(text, "2 households (4 people) are newly poor"));
    text = get_ok(cx, "/poverty/households?line=4500&from_line=2000");
    assert_true(has(text, ">pb0</a>") && has(text, ">pc0</a>"));
    assert_false(has(text, "pa0") || has(text, "pd0") || has(text, "pf0"));
    assert_true(
        has(text, arena_printf(cx->arena, "/household/%" PRId64, fixture_id(cx, &f, "b"))));
    assert_true(has(text, "坝芒乡 · 新建村"));
    insight_fixture_close(&f, cx);
}

/* An officer of a township gets its pages, and "not found" for the other township and the
 * county; a role without household.view gets no list. */
static void keeps_to_the_area(struct cx *cx)
{
    static const char *const paths[] = {"/poverty",
                                        "/poverty/inequality",
                                        "/poverty/dimensions",
                                        "/poverty/households",
                                        "/poverty/dimensions/households",
                                        "/poverty/rows"};
    struct register_fixture f;
    const char *text;
    int status;
    insight_fixture_open(&f, cx);
    cx->actor = fixture_officer(cx, &f, f.town[0], "township_officer");
    assert_false(has(get_ok(cx, "/poverty?line=4000"), "青山镇"));
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        assert_int_equal(get(&text, &status, cx,
                             arena_printf(cx->arena, "%s?area=%" PRId64, paths[i], f.town[1])),
                         RC_NOTFOUND);
        assert_int_equal(
            get(&text, &status, cx,
                arena_printf(cx->arena, "%s?area=%" PRId64, paths[i], f.county_area)),
            RC_NOTFOUND);
    }
    cx->actor = fixture_officer(cx, &f, f.town[0], "village_worker");
    if (!actor_may(cx, "poverty.view"))
        assert_int_equal(get(&text, &status, cx, "/poverty"), RC_DENIED);
    err_clear(cx);
    cx->actor = NULL;
    insight_fixture_close(&f, cx);
}

/* ---- the same by command ---- */

static char output[64 * 1024];
static void command(struct cx *cx, const char *words)
{
    char *argv[24];
    int argc = 0, kept = dup(1), fd = memfd_create("poverty_page_test", MFD_CLOEXEC);
    for (struct str rest = str_of(words); rest.p && argc < 24;)
        argv[argc++] = (char *)(uintptr_t)arena_copy(cx->arena, str_cut(&rest, ' '));
    fflush(stdout);
    assert_true(kept >= 0 && fd >= 0 && dup2(fd, 1) == 1);
    int code = strcmp(argv[0], "mpi") ? poverty_cmd(cx, argc, argv) : mpi_cmd(cx, argc, argv);
    fflush(stdout);
    ssize_t n = pread(fd, output, sizeof output - 1, 0);
    output[n > 0 ? n : 0] = '\0';
    dup2(kept, 1);
    close(kept);
    close(fd);
    assert_int_equal(code, 0);
}

/* The estimate of a measure for everybody in rows of JSON. */
static double estimate(const char *json, const char *measure)
{
    json_t *rows = json_loads(json, 0, NULL);
    double found = (double)NAN;
    for (size_t i = 0; i < json_array_size(rows) && isnan(found); i++) {
        json_t *row = json_array_get(rows, i);
        if (!strcmp(json_string_value(json_object_get(row, "measure")), measure))
            found = json_number_value(json_object_get(row, "estimate"));
    }
    json_decref(rows);
    assert_false(isnan(found));
    return found;
}

static void same(double a, double b)
{
    if (!(fabs(a - b) <= 1e-12))
        print_error("%.17g is not %.17g\n", a, b);
    assert_true(fabs(a - b) <= 1e-12);
}

/* The rows that the page saves give the page's own numbers by `fumin poverty`, with the words
 * that the page prints, and hold no names. */
static void agrees_with_commands(struct cx *cx)
{
    static const char *const fgt[] = {"fgt0", "fgt1", "fgt2"};
    static const char *const spread[] = {"gini", "ge0", "ge1", "watts", "sst", "atkinson1"};
    struct register_fixture f;
    insight_fixture_open(&f, cx);
    cx->dir = f.dir;
    const char *page = get_ok(cx, "/poverty?line=4000&format=json");
    const char *more = get_ok(cx, "/poverty/inequality?line=4000&format=json");
    const char *rows = get_ok(cx, "/poverty/rows?line=4000");
    assert_false(has(rows, "pa0") || has(rows, "pf0"));
    const char *file = arena_printf(cx->arena, "%s/rows.csv", f.dir);
    check_ok(cx, file_write(cx, file, str_of(rows), 0600));
    command(cx, arena_printf(cx->arena,
                             "poverty %s --welfare net_income_per_head --weight size "
                             "--line 4000 --format json",
                             file));
    same(estimate(page, "fgt0"), 3. / 12);
    for (size_t i = 0; i < 3; i++)
        same(estimate(output, fgt[i]), estimate(page, fgt[i]));
    for (size_t i = 0; i < sizeof spread / sizeof spread[0]; i++)
        same(estimate(output, spread[i]), estimate(more, spread[i]));
    cx->dir = NULL;
    insight_fixture_close(&f, cx);
}

/* ---- many dimensions ---- */

/* Two households of one village: a (2 people) without safe water, f (2) with it; all else of
 * the profile's first index is known and fine for both, so that M0 is worked out by hand: one
 * of n equal weights, half of the people. With weight 0 for water nobody is poor. */
static void apply_known(struct cx *cx, const struct register_fixture *f, const char *code,
                        bool safe)
{
    struct source s = fixture_source(f, 1, 0);
    struct household_record *r = fixture_household(cx, f->village[0], code, 0);
    struct household h;
    check_ok(cx, household_by_code(&h, cx, f->county, str_of(code)));
    r->household_id = h.id;
    r->year = 2025;
    r->values[profile_indicator(cx->profile, SUBJECT_HOUSEHOLD, STR("water_safe"))->index] =
        value_int(safe);
    fixture_apply(cx, &s, r);
}

static void measures_dimensions(struct cx *cx)
{
    struct register_fixture f;
    struct scope s;
    struct dimension d;
    insight_fixture_open(&f, cx);
    check_ok(cx, insight_scope(&s, cx, ""));
    assert_non_null(s.index);
    size_t water = s.index->count;
    for (size_t j = 0; j < s.index->count; j++)
        if (!strcmp(s.index->deprivations[j].code, "water"))
            water = j;
    assert_true(water < s.index->count);
    apply_known(cx, &f, "a", false);
    apply_known(cx, &f, "f", true);
    struct buf b;
    buf_init(&b, cx->arena, 4096);
    for (size_t j = 0; j < s.index->count; j++)
        buf_printf(&b, "w_%s=%d&", s.index->deprivations[j].code, j == water ? 3 : 1);
    check_ok(cx, insight_scope(&s, cx, arena_copy(cx->arena, buf_view(&b))));
    struct population *p =
        insight_population(cx, &s, POPULATION_FLAGS | POPULATION_CHILD | POPULATION_NO_WELFARE);
    /* Whatever else is not known, water is: set the rest to known and free. */
    size_t known = 0;
    for (size_t i = 0; i < p->n; i++) {
        bool has_water = p->known[i] >> water & 1;
        known += has_water;
        p->deprived[i] = has_water ? (uint16_t)(p->deprived[i] & 1U << water) : 0;
        p->known[i] = has_water ? UINT16_MAX : 0;
    }
    assert_int_equal(known, 2);
    check_ok(cx, dimension_read(&d, cx, p));
    double sum = 3 + (double)(s.index->count - 1);
    same(d.all.h, .5);
    same(d.all.a, 3 / sum);
    same(d.all.m0, .5 * 3 / sum);
    same(d.all.share[water], 1);
    assert_int_equal(d.all.missing_rows, INSIGHT_HOUSEHOLDS - 2);
    population_close(p);
    insight_fixture_close(&f, cx);
}

/* The page with its form, rules, and settings in the address; mistakes keep the form. */
static void shows_dimensions(struct cx *cx)
{
    struct register_fixture f;
    struct scope s;
    const char *text;
    int status;
    insight_fixture_open(&f, cx);
    check_ok(cx, insight_scope(&s, cx, ""));
    const char *code = s.index->deprivations[0].code;
    text = get_ok(cx, "/poverty/dimensions");
    assert_true(has(text, "Move weights") && has(text, "rule says"));
    assert_true(has(text, arena_printf(cx->arena, "name=\"w_%s\" value=\"%d\"", code,
                                       s.index->deprivations[0].weight)));
    assert_false(has(text, "Back to the profile"));
    text = get_ok(cx, arena_printf(cx->arena, "/poverty/dimensions?w_%s=9", code));
    assert_true(has(text, "Back to the profile"));
    assert_true(has(text, arena_printf(cx->arena, "name=\"w_%s\" value=\"9\"", code)));
    check_ok(cx, get(&text, &status, cx, "/poverty/dimensions?k=5"));
    assert_int_equal(status, 400);
    assert_true(has(text, "role=\"alert\"") && has(text, "Move weights"));
    text =
        get_ok(cx, arena_printf(cx->arena, "/poverty/dimensions/households?deprived=%s", code));
    assert_true(has(text, LABEL(cx, s.index->deprivations[0].label)));
    check_ok(cx, get(&text, &status, cx, "/poverty/dimensions/households?deprived=nothing"));
    assert_int_equal(status, 400);
    insight_fixture_close(&f, cx);
}

/* A cut-off moved to the very number that the profile has gives the same flags by the compiled
 * rule as by the live columns; every index, every deprivation that has a number. */
static void moves_cut_offs(struct cx *cx)
{
    struct register_fixture f;
    struct scope s, moved;
    size_t tried = 0;
    insight_fixture_open(&f, cx);
    for (size_t i = 0; i < cx->profile->rules->index_count; i++) {
        const char *index =
            arena_printf(cx->arena, "index=%s", cx->profile->rules->indexes[i].code);
        check_ok(cx, insight_scope(&s, cx, index));
        for (size_t k = 0; k < s.cut_count; k++) {
            const char *query = arena_printf(cx->arena, "%s&%s=123456", index, s.cuts[k].name);
            check_ok(cx, insight_scope(&moved, cx, query));
            assert_non_null(moved.program);
            assert_string_equal(moved.cuts[k].text, "123456");
            struct population *p =
                insight_population(cx, &moved, POPULATION_FLAGS | POPULATION_NO_WELFARE);
            assert_int_equal(p->n, INSIGHT_HOUSEHOLDS);
            population_close(p);
            tried++;
        }
    }
    assert_true(tried > 0);
    insight_fixture_close(&f, cx);
}

/* A household's distance to each line by year, and no neighbours where they are too few. */
static void draws_a_portrait(struct cx *cx)
{
    struct register_fixture f;
    struct portrait p;
    insight_fixture_open(&f, cx);
    insight_apply(cx, &f, &insight_households[1], 2023, 2);
    db_read_end(cx);
    check_ok(cx, db_read_begin(cx));
    check_ok(cx, portrait_read(&p, cx, f.county, fixture_id(cx, &f, "b")));
    assert_int_equal(p.year_count, 2);
    same(p.income[0], 6000);
    same(p.income[1], 3000);
    for (size_t i = 0; i < p.line_count; i++)
        if (!strcmp(p.lines[i].code, "monitoring_line"))
            same(p.lines[i].distance[0], 6000 - 7300);
    assert_null(p.place);
    for (int i = 0; i < PORTRAIT_NEIGHBOURS_MIN; i++)
        insight_apply(cx, &f,
                      &(struct insight_household){arena_printf(cx->arena, "n%02d", i), 0, 1,
                                                  2000 + 100 * i},
                      2025, 1);
    db_read_end(cx);
    check_ok(cx, db_read_begin(cx));
    check_ok(cx, portrait_read(&p, cx, f.county, fixture_id(cx, &f, "b")));
    assert_string_equal(p.place, "新建村");
    assert_int_equal(p.neighbours, PORTRAIT_NEIGHBOURS_MIN + 2);
    /* below 3,000: a (2 people) and those of 2,000 … 2,900; of 20 + 3 people */
    same(p.percentile, 12. / 23);
    double drawn = 0;
    for (size_t i = 0; i < PORTRAIT_BINS; i++)
        drawn += p.count[i];
    same(drawn, PORTRAIT_NEIGHBOURS_MIN + 2);
    insight_fixture_close(&f, cx);
}

/* clang-format off */
static void on_each_figures(void **state) { (void)state; db_fixture_each(shows_figures); }
static void on_each_newly(void **state) { (void)state; db_fixture_each(lists_newly_poor); }
static void on_each_area(void **state) { (void)state; db_fixture_each(keeps_to_the_area); }
static void on_each_cmd(void **state) { (void)state; db_fixture_each(agrees_with_commands); }
static void on_each_mpi(void **state) { (void)state; db_fixture_each(measures_dimensions); }
static void on_each_dimension(void **state) { (void)state; db_fixture_each(shows_dimensions); }
static void on_each_cut(void **state) { (void)state; db_fixture_each(moves_cut_offs); }
static void on_each_portrait(void **state) { (void)state; db_fixture_each(draws_a_portrait); }
/* clang-format on */

int main(int argc, char **argv)
{
    crypto_init();
    sandbox_child_main(argc, argv, frame_sandbox_kinds, frame_sandbox_kind_count);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_each_figures), cmocka_unit_test(on_each_newly),
        cmocka_unit_test(on_each_area),    cmocka_unit_test(on_each_cmd),
        cmocka_unit_test(on_each_mpi),     cmocka_unit_test(on_each_dimension),
        cmocka_unit_test(on_each_cut),     cmocka_unit_test(on_each_portrait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
