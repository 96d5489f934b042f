/* Tests of the data checks of the Chinese profile. Every check is run over a made-up village of
 * two households (checks_base.csv): it is silent there, and fires on the values that
 * checks_cases.csv names beside it. */
#include "profile/village_fixture.h"

/* Runs all checks; fires[i]: check i fires somewhere. */
static void run(bool *fires, const struct village *v)
{
    size_t rows[3];
    struct arena_mark mark = arena_mark(cx.arena);
    const struct rule_program *program = p->rules->check_program;
    const struct rule_runner *runner = run_program(rows, program, v);
    for (size_t i = 0; i < p->rules->check_count; i++) {
        const int64_t *values = rule_value(runner, i);
        fires[i] = false;
        for (size_t k = 0; k < rows[rule_root_level(program, i)]; k++)
            fires[i] = fires[i] || values[k] == 1;
    }
    arena_back(cx.arena, mark);
}

static size_t check_at(struct str code)
{
    for (size_t i = 0; i < p->rules->check_count; i++)
        if (str_eq_z(code, p->rules->checks[i].code))
            return i;
    fail_msg("no check %.*s", STR_ARG(code));
    return 0;
}

static bool about_emptiness(const struct check *c)
{
    static const char *const others[] = {"measure_late", "place_half", "risk_gap",
                                         "cleared_no_indicators"};
    /* Without a public-welfare post nothing is entered: that is no gap. */
    static const char *const without_post[] = {"channel_post_none", "post_help_nobody",
                                               "wage_no_post", "wage_without_work"};
    if (strstr(c->group->code, "empty"))
        return true;
    for (size_t i = 0; i < sizeof without_post / sizeof *without_post; i++)
        if (!strcmp(c->code, without_post[i]))
            return true;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strcmp(c->code, others[i]))
            return true;
    return false;
}

/* Nothing fires in a village whose facts agree; each check fires on the facts that a person
 * wrote down for it, and is silent on those just beside. Every check has such facts. */
static void every_check_fires(void **state)
{
    (void)state;
    size_t count = p->rules->check_count, wrong = 0;
    bool *fires = arena_new(cx.arena, count), *proved = arena_new(cx.arena, count);
    read_base();
    run(fires, &base);
    for (size_t i = 0; i < count; i++)
        if (fires[i]) {
            print_error("%s fires on the clean village\n", p->rules->checks[i].code);
            wrong++;
        }
    struct str text = table("src/profile/checks_cases.csv");
    while (text.p && text.len) {
        struct str line = str_cut(&text, '\n');
        struct str code = next_cell(&line), word = next_cell(&line), sets = next_cell(&line);
        size_t at = check_at(code);
        bool should = str_eq_z(word, "yes");
        memcpy(&now, &base, sizeof now);
        set_all(&now, sets);
        run(fires, &now);
        proved[at] = proved[at] || should;
        if (fires[at] != should) {
            print_error("%.*s %s on %.*s\n", STR_ARG(code), should ? "is silent" : "fires",
                        STR_ARG(sets));
            wrong++;
        }
    }
    for (size_t i = 0; i < count; i++)
        if (!proved[i]) {
            print_error("%s has no case\n", p->rules->checks[i].code);
            wrong++;
        }
    assert_int_equal(wrong, 0);
}

/* A check says nothing about what is not known, unless that is its matter: in the clean village
 * any one value may be missing, and nothing fires but the checks of emptiness. */
static void missing_is_silent(void **state)
{
    (void)state;
    size_t count = p->rules->check_count, wrong = 0;
    bool *fires = arena_new(cx.arena, count);
    read_base();
    for (int year = 0; year < YEARS; year++)
        for (int row = 0; row < ROWS; row++)
            for (size_t n = 0; n < p->rules->dictionary->count; n++) {
                if (base.value[year][row][n] == RULE_MISSING ||
                    p->rules->dictionary->names[n].table == RULE_INCOME)
                    continue;
                memcpy(&now, &base, sizeof now);
                now.value[year][row][n] = RULE_MISSING;
                run(fires, &now);
                for (size_t i = 0; i < count; i++)
                    if (fires[i] && !about_emptiness(&p->rules->checks[i])) {
                        print_error("%s fires without %.*s of row %d\n",
                                    p->rules->checks[i].code,
                                    STR_ARG(p->rules->dictionary->names[n].name), row);
                        wrong++;
                    }
            }
    assert_int_equal(wrong, 0);
}

/* Of a household, its member and an area of which nothing is known, only that is said. */
static void nothing_known(void **state)
{
    (void)state;
    size_t count = p->rules->check_count, empty = 0;
    bool *fires = arena_new(cx.arena, count);
    clear(&now);
    now.here[1 + HOUSEHOLDS] = true;
    run(fires, &now);
    for (size_t i = 0; i < count; i++) {
        empty += fires[i];
        if (fires[i] && !about_emptiness(&p->rules->checks[i]))
            fail_msg("%s fires on nothing", p->rules->checks[i].code);
    }
    assert_true(fires[check_at(STR("household_type_empty"))]);
    assert_true(fires[check_at(STR("sex_empty"))]);
    assert_true(fires[check_at(STR("nobody"))]); /* the second household */
    assert_true(empty < 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_check_fires, setup, teardown),
        cmocka_unit_test_setup_teardown(missing_is_silent, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_known, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
