/* Tests of rules of the office's own, on both databases: versions, going back, two people at
 * once, what keeps a rule from being in force, counts against plain SQL, who may look and
 * change, and what a household's page is told. */
#include "register/own_rule.h"

#include "register/check_fixture.h"

#define SQL(id, text, arg_letters, col_letters)                                                \
    static const struct sql id = {                                                             \
        .name = #id, .lite = text, .args = arg_letters, .cols = col_letters}
SQL(TEST_HOUSES,
    "SELECT count(*), sum(CASE WHEN s.house_m2 > 20000 THEN 1 ELSE 0 END), "
    "sum(CASE WHEN s.house_m2 IS NULL THEN 1 ELSE 0 END), "
    "CAST(coalesce(min(s.house_m2), 0) AS BIGINT), "
    "CAST(coalesce(max(s.house_m2), 0) AS BIGINT) FROM household h LEFT JOIN household_sheet "
    "s ON s.county = h.county AND s.household_id = h.id AND s.year = 2026 WHERE h.ended = 0 "
    "AND h.area_path >= $1 AND h.area_path < $2",
    "tt", "iiiii");
SQL(TEST_HOUSE_VALUES,
    "SELECT s.house_m2 FROM household h JOIN household_sheet s ON s.county = h.county AND "
    "s.household_id = h.id AND s.year = 2026 WHERE h.ended = 0 AND s.house_m2 IS NOT NULL "
    "ORDER BY s.house_m2",
    "", "i");

static struct own_rule new_rule(const char *code, const char *rule)
{
    return (struct own_rule){.county = f.county,
                             .code = code,
                             .subject = SUBJECT_HOUSEHOLD,
                             .kind = OWN_CHECK,
                             .severity = SEVERITY_WARNING,
                             .state = OWN_DRAFT,
                             .rule = rule,
                             .message = "面积过大",
                             .hint = "",
                             .note = "",
                             .cases = ""};
}

static enum rc save(struct own_rule *r, struct own_problem *problem, struct cx *cx)
{
    struct own_rule newer = {0};
    return own_rule_save(r, problem, &newer, cx);
}

static void save_ok(struct own_rule *r, struct cx *cx)
{
    struct own_problem problem;
    enum rc rc = save(r, &problem, cx);
    if (rc == RC_INVALID)
        print_error("%s: %s\n", problem.field, problem.text);
    check_ok(cx, rc);
}

static void refused(struct own_rule r, struct cx *cx, const char *field)
{
    struct own_problem problem;
    assert_int_equal(save(&r, &problem, cx), RC_INVALID);
    assert_string_equal(problem.field, field);
    assert_true(problem.text[0]);
    err_clear(cx);
}

static void undo_to(struct cx *cx, int64_t id, const char *rule, int32_t version)
{
    struct own_rule now, back;
    struct own_problem problem;
    check_ok(cx, own_rule_get(&now, cx, id));
    check_ok(cx, own_rule_undo(&back, &problem, cx, id, now.version));
    check_ok(cx, own_rule_get(&now, cx, id));
    assert_string_equal(now.rule, rule);
    assert_int_equal(now.version, version);
}

/* Each saving is a version; undoing goes back one, then further, and after a new saving to what
 * was before that. Saving the same again makes none. */
static void versions_on(struct cx *cx)
{
    struct own_rule *all, r;
    struct own_problem problem;
    size_t count;
    check_fixture_open(cx);
    r = new_rule("big", "house_m2 > 100");
    save_ok(&r, cx);
    int64_t id = r.id;
    assert_int_equal(r.version, 1);
    save_ok(&r, cx);
    assert_int_equal(r.version, 1);
    r.rule = "house_m2 > 200";
    save_ok(&r, cx);
    r.rule = "house_m2 > 300";
    save_ok(&r, cx);
    undo_to(cx, id, "house_m2 > 200", 4);
    r.version = 4;
    r.rule = "house_m2 > 400";
    save_ok(&r, cx);
    assert_int_equal(r.version, 5);
    undo_to(cx, id, "house_m2 > 200", 6);
    undo_to(cx, id, "house_m2 > 100", 7);
    assert_int_equal(own_rule_undo(&r, &problem, cx, id, 7), RC_INVALID);
    check_ok(cx, own_rule_get(&r, cx, id));
    check_ok(cx, own_rule_versions(&all, &count, cx, &r));
    assert_int_equal(count, 7);
    assert_int_equal(all[0].version, 7);
    assert_string_equal(all[6].rule, "house_m2 > 100");
    check_ok(cx, own_rule_list(&all, &count, cx, f.county));
    assert_int_equal(count, 1);
    check_fixture_close(cx);
}
static void test_versions(void **state)
{
    (void)state;
    db_fixture_each(versions_on);
}

/* Who saves over a newer version is refused and told it, and nothing is written; the same for
 * undo. A short name is used once in a county. */
static void conflicts_on(struct cx *cx)
{
    struct own_rule mine, yours, newer, out;
    struct own_problem problem;
    check_fixture_open(cx);
    mine = new_rule("big", "house_m2 > 100");
    save_ok(&mine, cx);
    yours = mine;
    yours.rule = "house_m2 > 200";
    save_ok(&yours, cx);
    mine.rule = "house_m2 > 300";
    assert_int_equal(own_rule_save(&mine, &problem, &newer, cx), RC_CONFLICT);
    assert_string_equal(newer.rule, "house_m2 > 200");
    assert_int_equal(newer.version, 2);
    err_clear(cx);
    assert_int_equal(own_rule_undo(&out, &problem, cx, mine.id, 1), RC_CONFLICT);
    err_clear(cx);
    check_ok(cx, own_rule_get(&out, cx, mine.id));
    assert_int_equal(out.version, 2);
    mine.version = newer.version;
    save_ok(&mine, cx);
    assert_int_equal(mine.version, 3);
    refused(new_rule("big", "size = 1"), cx, "code");
    check_fixture_close(cx);
}
static void test_conflicts(void **state)
{
    (void)state;
    db_fixture_each(conflicts_on);
}

/* A draft may hold a mistake; in force are only rules that compile, have their sentence and
 * pass every case. Going back to a version whose case fails now brings it back as a draft. */
static void force_on(struct cx *cx)
{
    struct own_rule r, out;
    struct own_problem problem;
    check_fixture_open(cx);
    refused(new_rule("B", "size = 1"), cx, "code");
    refused(new_rule("house_m2", "size = 1"), cx, "code");
    refused(new_rule("empty", "  "), cx, "rule");
    r = new_rule("wrong", "hous_m2 > 100");
    save_ok(&r, cx);
    r.state = OWN_IN_FORCE;
    refused(r, cx, "rule");
    r.rule = "house_m2";
    refused(r, cx, "rule"); /* no condition */
    r.rule = "house_m2 > 100";
    r.message = "";
    refused(r, cx, "message");
    r.message = "Too large";
    r.cases = "yes: house_m2 = 101\nno: house_m2 = 100\nunknown: size = 2\nyes: house_m2 = 99";
    refused(r, cx, "cases");
    assert_int_equal(save(&r, &problem, cx), RC_INVALID);
    assert_non_null(strstr(problem.text, "line 4"));
    r.cases = "yes: house_m2 = 101\nno: house_m = 100";
    refused(r, cx, "cases");
    r.cases = "yes: house_m2 = 101\nno: house_m2 = 100\nunknown: size = 2";
    save_ok(&r, cx);
    check_ok(cx, own_rule_get(&out, cx, r.id));
    assert_int_equal(out.state, OWN_IN_FORCE);
    /* limits of the profile are looked up in cases: an income of 3,000 is under 4,000 */
    r.rule = "net_income_per_head < national_line";
    r.cases = "yes: net_income_per_head = 3000\nno: net_income_per_head = 4000";
    save_ok(&r, cx);
    check_fixture_close(cx);
}
static void test_force(void **state)
{
    (void)state;
    db_fixture_each(force_on);
}

static void sql_houses(int64_t out[5], struct cx *cx, int64_t area_id)
{
    struct db_rows rows;
    struct area area;
    check_ok(cx, area_get(&area, cx, area_id));
    check_ok(cx, DB_ONE(&rows, cx, &TEST_HOUSES, V_T(area.path),
                        V_S(area_path_end(cx, str_of(area.path)))));
    for (int i = 0; i < 5; i++)
        out[i] = row_i64(&rows, i);
    check_ok(cx, db_done(&rows));
}

static void count_area(struct cx *cx, const struct own_rule *rule, int64_t area_id)
{
    struct check_scope scope;
    struct own_tally *many, one[2] = {{0}};
    struct own_open o;
    const struct rule_program *program;
    struct rule_fault fault;
    const int32_t *node_of;
    int64_t sql[5];
    check_ok(cx, check_scope_find(&scope, cx, area_id));
    assert_int_equal(scope.place_count, 1);
    check_ok(cx, own_rules_count(&many, cx, &scope.places[0], YEAR, rule, 1));
    check_ok(cx, own_rule_compile(&program, &fault, cx, rule));
    check_ok(cx, own_rule_open(&o, cx, rule, program, &scope.places[0], YEAR));
    check_ok(cx, check_nodes_of(&node_of, cx, &o.c, NULL, 0));
    own_rule_tally(one, &o, node_of);
    own_rule_close(&o);
    sql_houses(sql, cx, area_id);
    assert_int_equal(one[0].yes, sql[1]);
    assert_int_equal(one[0].unknown, sql[2]);
    assert_int_equal(one[0].no, sql[0] - sql[1] - sql[2]);
    assert_int_equal(one[0].households, sql[1]);
    assert_memory_equal(one, many, sizeof *one);
    assert_true(sql[1] > 0 && sql[1] < sql[0]);
}

/* What is true, false and not known equals plain SQL in every area, counted alone and together
 * with other rules; a person's rule counts its households once. */
static void counts_on(struct cx *cx)
{
    struct own_rule rules[3];
    struct own_tally *tally;
    struct check_place place;
    check_fixture_open(cx);
    const int64_t areas[] = {f.county_area, f.town[0],    f.town[1],   f.village[0],
                             f.village[1],  f.village[2], f.village[3]};
    rules[0] = new_rule("big", "house_m2 > 200");
    for (size_t i = 0; i < sizeof areas / sizeof areas[0]; i++)
        count_area(cx, &rules[0], areas[i]);
    rules[1] = new_rule("wrong", "hous > 1");
    rules[2] = new_rule("anybody", "work_months >= 0");
    rules[2].subject = SUBJECT_PERSON;
    check_ok(cx, check_place_of_county(&place, cx, f.county));
    check_ok(cx, own_rules_count(&tally, cx, &place, YEAR, rules, 3));
    assert_int_equal(tally[1].yes, -1);
    assert_int_equal(tally[2].yes, 2 * HOUSEHOLDS);
    assert_int_equal(tally[2].households, HOUSEHOLDS);
    check_fixture_close(cx);
}
static void test_counts(void **state)
{
    (void)state;
    db_fixture_each(counts_on);
}

/* Smallest, median and largest of a figure equal those of the sorted table, and a division by
 * zero is counted and not known. */
static void figure_on(struct cx *cx)
{
    struct own_rule r;
    struct own_open o;
    struct own_spread spread;
    struct check_place place;
    struct db_rows rows;
    const struct rule_program *program;
    struct rule_fault fault;
    int64_t values[HOUSEHOLDS];
    size_t n = 0;
    check_fixture_open(cx);
    r = new_rule("area", "house_m2");
    r.kind = OWN_FIGURE;
    check_ok(cx, check_place_of_county(&place, cx, f.county));
    check_ok(cx, own_rule_compile(&program, &fault, cx, &r));
    check_ok(cx, own_rule_open(&o, cx, &r, program, &place, YEAR));
    assert_true(own_rule_spread(&spread, &o));
    assert_string_equal(own_rule_show(cx, o.type, 12050), "120.5");
    own_rule_close(&o);
    check_ok(cx, DB_SELECT0(&rows, cx, &TEST_HOUSE_VALUES));
    while (db_next(&rows))
        values[n++] = row_i64(&rows, 0);
    check_ok(cx, db_done(&rows));
    assert_int_equal(spread.least, values[0]);
    assert_int_equal(spread.median, values[(n - 1) / 2]);
    assert_int_equal(spread.most, values[n - 1]);
    r.rule = "house_m2 / (size - 2)";
    check_ok(cx, own_rule_compile(&program, &fault, cx, &r));
    check_ok(cx, own_rule_open(&o, cx, &r, program, &place, YEAR));
    assert_int_equal(o.figures.zero_divisions, (int64_t)n);
    assert_false(own_rule_spread(&spread, &o));
    own_rule_close(&o);
    check_fixture_close(cx);
}
static void test_figure(void **state)
{
    (void)state;
    db_fixture_each(figure_on);
}

/* A township's officer reads the county's rules, counts his own households only and cannot save
 * or undo; an officer of the county can; who has nothing there sees no rule. */
static void scope_on(struct cx *cx)
{
    struct own_rule r, out;
    struct own_problem problem;
    struct own_place place;
    struct own_tally *tally;
    struct check_scope scope;
    check_fixture_open(cx);
    cx->actor = fixture_officer(cx, &f, f.county_area, "county_officer");
    r = new_rule("anybody", "size > 0");
    save_ok(&r, cx);
    cx->actor = fixture_officer(cx, &f, f.town[0], "township_officer");
    check_ok(cx, own_rule_get(&out, cx, r.id));
    check_ok(cx, own_place_find(&place, cx, 0));
    assert_true(place.has_county && !place.may_edit && place.area.id == f.town[0]);
    assert_int_equal(save(&out, &problem, cx), RC_DENIED);
    err_clear(cx);
    assert_int_equal(own_rule_undo(&out, &problem, cx, r.id, 1), RC_DENIED);
    err_clear(cx);
    check_ok(cx, check_scope_find(&scope, cx, f.county_area));
    check_ok(cx, own_rules_count(&tally, cx, &scope.places[0], YEAR, &r, 1));
    assert_int_equal(tally[0].yes, HOUSEHOLDS / 2);
    assert_int_equal(own_place_find(&place, cx, f.town[1]), RC_NOTFOUND);
    err_clear(cx);
    struct grant elsewhere = {"county_officer", f.county_area, 99, "zzzzzz"};
    struct actor stranger = {.user_id = 9, .name = "x", .grants = &elsewhere, .grant_count = 1};
    cx->actor = &stranger;
    assert_int_equal(own_rule_get(&out, cx, r.id), RC_NOTFOUND);
    err_clear(cx);
    check_fixture_close(cx);
}
static void test_scope(void **state)
{
    (void)state;
    db_fixture_each(scope_on);
}

/* A household is told what the checks in force find in it, with the values; drafts, lists and
 * retired checks say nothing. The list of whom it concerns is the same households. */
static void household_on(struct cx *cx)
{
    struct own_rule big, person, draft;
    struct own_finding *findings;
    struct own_open o;
    struct check_place place;
    struct check_found *found;
    const struct rule_program *program;
    struct rule_fault fault;
    size_t count, found_count;
    bool more;
    check_fixture_open(cx);
    big = new_rule("big", "house_m2 > 200");
    big.state = OWN_IN_FORCE;
    save_ok(&big, cx);
    person = new_rule("old", "age > 30");
    person.subject = SUBJECT_PERSON;
    person.state = OWN_IN_FORCE;
    person.severity = SEVERITY_NOTE;
    save_ok(&person, cx);
    draft = new_rule("all_of_them", "size > 0");
    save_ok(&draft, cx);
    check_ok(cx, check_place_of_county(&place, cx, f.county));
    check_ok(cx, own_rule_compile(&program, &fault, cx, &big));
    check_ok(cx, own_rule_open(&o, cx, &big, program, &place, YEAR));
    check_ok(cx, check_list(&found, &found_count, &more, cx, &o.c,
                            &(struct check_find){0, CHECK_OPEN, 0, HOUSEHOLDS}));
    own_rule_close(&o);
    assert_true(found_count > 0 && found_count < HOUSEHOLDS);
    for (int i = 0; i < HOUSEHOLDS; i++) {
        int64_t id = fixture_id(cx, &f, arena_printf(cx->arena, "H%03d", i));
        size_t expected = 1;
        for (size_t k = 0; k < found_count; k++)
            expected += found[k].household_id == id;
        check_ok(cx, own_rule_household(&findings, &count, cx, f.county, id, YEAR));
        assert_int_equal(count, expected);
        assert_true(findings[count - 1].person_id > 0 && findings[count - 1].fact_count > 0);
        assert_string_equal(findings[count - 1].rule->code, "old");
    }
    person.state = OWN_RETIRED;
    save_ok(&person, cx);
    check_ok(cx,
             own_rule_household(&findings, &count, cx, f.county, found[0].household_id, YEAR));
    assert_int_equal(count, 1);
    assert_int_equal(findings[0].person_id, 0);
    check_fixture_close(cx);
}
static void test_household(void **state)
{
    (void)state;
    db_fixture_each(household_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions), cmocka_unit_test(test_conflicts),
        cmocka_unit_test(test_force),    cmocka_unit_test(test_counts),
        cmocka_unit_test(test_figure),   cmocka_unit_test(test_scope),
        cmocka_unit_test(test_household)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
