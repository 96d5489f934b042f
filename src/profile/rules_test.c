/* Tests of what the profiles say by rules. Every check of the Chinese profile is run over a
 * made-up village of two households (checks_base.csv): it is silent there, and fires on the
 * values that checks_cases.csv names beside it. */
#include "base/check.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/time.h"
#include "profile/profile_impl.h"
#include "profile/rules.h"

#include <stdlib.h>
#include <string.h>

enum {
    YEAR = 2026,
    YEARS = 2,
    AREA_ROW = 0,
    HOUSEHOLDS = 2, /* rows 1, 2: h and q */
    PEOPLE = 8,     /* of each household: rows 3.. */
    ROWS = 1 + HOUSEHOLDS + HOUSEHOLDS * PEOPLE,
    NAMES_MAX = 1000,
    FILE_MAX = 1 << 20,
};

static struct cx cx;
static struct profile *p;

/* The village: values by year (0: now, 1: last year), row and name of the dictionary. */
struct village {
    int64_t value[YEARS][ROWS][NAMES_MAX];
    bool here[ROWS]; /* of people */
};
static struct village base, now;

static int setup(void **state)
{
    struct profile_faults faults;
    (void)state;
    crypto_init();
    check_open(&cx);
    assert_int_equal(profile_load_embedded(&p, &faults, &cx, "cn"), RC_OK);
    assert_true(p->rules->dictionary->count <= NAMES_MAX);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    profile_free(p);
    check_close(&cx);
    return 0;
}

/* ---- the village's values ---- */

static int32_t name_at(enum rule_level level, struct str name)
{
    const struct rule_dictionary *d = p->rules->dictionary;
    for (size_t i = 0; i < d->count; i++)
        if (d->names[i].level == level && str_eq(d->names[i].name, name))
            return (int32_t)i;
    fail_msg("no name %.*s", STR_ARG(name));
    return -1;
}

static int32_t name_of(enum rule_table table, int32_t id)
{
    const struct rule_dictionary *d = p->rules->dictionary;
    for (size_t i = 0; i < d->count; i++)
        if (d->names[i].table == table && d->names[i].id == id)
            return (int32_t)i;
    fail_msg("no name of id %d", id);
    return -1;
}

/* One of "h", "q", "l" (h last year), "i" (h's incomes), "a", "p3", "q1", "lp3". */
struct who {
    int year, row;
    enum rule_level level;
    bool income;
};
static struct who who_of(struct str s)
{
    struct who w = {.level = RULE_HOUSEHOLD, .row = 1};
    if (str_eq_z(s, "i")) {
        w.income = true;
        return w;
    }
    if (str_eq_z(s, "a"))
        return (struct who){.level = RULE_AREA, .row = AREA_ROW};
    if (s.len && s.p[0] == 'l') {
        w.year = 1;
        s.p++, s.len--;
    }
    bool second = s.len && s.p[0] == 'q';
    w.row = 1 + second;
    if (s.len == 2) {
        int number = s.p[1] - '0';
        assert_true(number >= 1 && number <= PEOPLE);
        w.level = RULE_PERSON;
        w.row = 1 + HOUSEHOLDS + second * PEOPLE + number - 1;
    }
    return w;
}

static int64_t read_value(const struct rule_name *name, struct str cell)
{
    struct value v = {0};
    const char *expected = "";
    int32_t day = 0;
    int64_t n = 0;
    if (!cell.len)
        return RULE_MISSING;
    if (name->table == RULE_INCOME) {
        assert_true(str_to_scaled(&n, cell, p->currency_decimals));
        return n;
    }
    if (name->id > 0) {
        const struct indicator *ind = profile_indicator_number(p, name->id);
        if (ind->type == TYPE_TEXT)
            return 1;
        if (value_parse(&v, &expected, &cx, ind, cell, false) || v.kind == VALUE_MISSING)
            fail_msg("%s = '%.*s': expected %s", ind->code, STR_ARG(cell), expected);
        return v.i;
    }
    if (name->type.kind == RULE_CODE) {
        const struct code *c = code_parse(name->type.list, &cx, cell);
        assert_non_null(c);
        return c->code;
    }
    if (name->type.kind == RULE_DAY) {
        assert_true(day_parse(&day, cell));
        return day;
    }
    if (name->type.kind == RULE_BOOL)
        return str_eq_z(cell, "yes");
    assert_true(str_to_i64(&n, cell));
    return n;
}

static void set(struct village *v, struct str who, struct str name, struct str cell)
{
    struct who w = who_of(who);
    if (w.income)
        name = str_of(arena_printf(cx.arena, "income.%.*s", STR_ARG(name)));
    int32_t at = name_at(w.level, name);
    v->value[w.year][w.row][at] = read_value(&p->rules->dictionary->names[at], cell);
    if (w.level == RULE_PERSON)
        v->here[w.row] = true;
}

/* "h.arable_mu=7;-p2;+p6.relation=12": one case's changes. */
static void set_all(struct village *v, struct str text)
{
    while (text.p) {
        struct str one = str_trim(str_cut(&text, ';'));
        if (one.len && one.p[0] == '-') {
            v->here[who_of((struct str){one.p + 1, one.len - 1}).row] = false;
            continue;
        }
        if (one.len && one.p[0] == '+')
            one.p++, one.len--;
        struct str who = str_cut(&one, '.');
        struct str name = str_cut(&one, '=');
        assert_non_null(one.p);
        set(v, who, name, one);
    }
}

/* ---- a source over the village ---- */

static bool below(const struct income_kind *kind, const struct income_kind *top)
{
    while (kind && kind != top)
        kind = kind->parent;
    return kind != NULL;
}

static int64_t income(const struct village *v, int year, int64_t row, int32_t id)
{
    const struct income_kind *top = profile_income(p, id);
    int64_t sum = 0;
    bool any = false;
    for (size_t i = 0; i < p->income_count; i++) {
        int64_t x = v->value[year][row][name_of(RULE_INCOME, p->incomes[i].number)];
        any = any || x != RULE_MISSING;
        sum += x != RULE_MISSING && below(&p->incomes[i], top) ? x : 0;
    }
    return any ? sum : RULE_MISSING;
}

static int64_t threshold(int32_t id, int back)
{
    int32_t day = profile_year_last(p, YEAR - back);
    const struct threshold *t =
        profile_threshold(p, str_of(p->thresholds[id].code), NULL, 0, day);
    return t ? t->value : RULE_MISSING;
}

static int64_t size_of_household(const struct village *v, int64_t row)
{
    int64_t count = 0;
    for (int i = 0; i < PEOPLE; i++)
        count += v->here[1 + HOUSEHOLDS + (row - 1) * PEOPLE + i];
    return count;
}

static int64_t one_value(const struct village *v, int64_t row, enum rule_table table,
                         int32_t id, int back)
{
    if (table == RULE_THRESHOLD)
        return threshold(id, back);
    if (back >= YEARS)
        return RULE_MISSING;
    if (table == RULE_INCOME)
        return income(v, back, row, id);
    int32_t at = name_of(table, id);
    int64_t x = v->value[back][row][at];
    bool is_size = str_eq_z(p->rules->dictionary->names[at].name, "size");
    return is_size && x == RULE_MISSING && !back ? size_of_household(v, row) : x;
}

static void load(void *arg, int64_t *out, const struct rule_block *b, enum rule_level level,
                 enum rule_table table, int32_t id, int back)
{
    const struct village *v = arg;
    bool of_area = table == RULE_FIELD &&
                   p->rules->dictionary->names[name_of(table, id)].level == RULE_AREA;
    for (size_t i = 0; i < b->count[level]; i++)
        out[i] = one_value(v, of_area ? AREA_ROW : b->row[level][i], table, id, back);
}

/* Runs all checks; fires[i]: check i fires somewhere. */
static void run(bool *fires, const struct village *v)
{
    static const int64_t area_rows[] = {AREA_ROW}, household_rows[] = {1, 2};
    static const uint32_t household_area[] = {0, 0};
    int64_t person_rows[HOUSEHOLDS * PEOPLE];
    uint32_t person_household[HOUSEHOLDS * PEOPLE];
    size_t people = 0;
    for (int row = 1 + HOUSEHOLDS; row < ROWS; row++)
        if (v->here[row]) {
            person_rows[people] = row;
            person_household[people++] = (uint32_t)((row - 1 - HOUSEHOLDS) / PEOPLE);
        }
    const struct rule_block block = {.count = {1, HOUSEHOLDS, people},
                                     .row = {area_rows, household_rows, person_rows},
                                     .parent = {NULL, household_area, person_household}};
    const struct rule_source source = {(void *)(uintptr_t)v, profile_year_last(p, YEAR), YEAR,
                                       load};
    struct rule_runner *runner;
    struct rule_figures figures = {0};
    const size_t max[3] = {1, HOUSEHOLDS, HOUSEHOLDS * PEOPLE};
    struct arena_mark mark = arena_mark(cx.arena);
    assert_int_equal(rule_runner_make(&runner, &cx, p->rules->check_program, max), RC_OK);
    rule_run(&figures, runner, &source, &block);
    for (size_t i = 0; i < p->rules->check_count; i++) {
        const int64_t *values = rule_value(runner, i);
        size_t count = block.count[rule_root_level(p->rules->check_program, i)];
        fires[i] = false;
        for (size_t k = 0; k < count; k++)
            fires[i] = fires[i] || values[k] == 1;
    }
    arena_back(cx.arena, mark);
}

/* ---- the tables ---- */

static struct str next_cell(struct str *line)
{
    if (line->len && line->p[0] == '"') {
        line->p++, line->len--;
        struct str cell = str_cut(line, '"');
        (void)str_cut(line, ','); /* nothing stands between the quote and the comma */
        return cell;
    }
    return str_cut(line, ',');
}

static struct str table(const char *file)
{
    struct str text;
    assert_int_equal(file_read(&text, &cx, file, FILE_MAX), RC_OK);
    if (str_starts(text, STR("\xEF\xBB\xBF")))
        text.p += 3, text.len -= 3;
    (void)str_cut(&text, '\n'); /* the header */
    return text;
}

static void clear(struct village *v)
{
    memset(v->here, 0, sizeof v->here);
    for (int y = 0; y < YEARS; y++)
        for (int r = 0; r < ROWS; r++)
            for (int n = 0; n < NAMES_MAX; n++)
                v->value[y][r][n] = RULE_MISSING;
}

static void read_base(void)
{
    struct str text = table("src/profile/checks_base.csv");
    clear(&base);
    while (text.p && text.len) {
        struct str line = str_cut(&text, '\n');
        struct str who = next_cell(&line), name = next_cell(&line);
        set(&base, who, name, str_trim(line));
    }
    for (int r = 1 + HOUSEHOLDS; r < ROWS; r++)
        base.here[r] =
            base.here[r] && base.value[0][r][name_at(RULE_PERSON, STR("sex"))] != RULE_MISSING;
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
