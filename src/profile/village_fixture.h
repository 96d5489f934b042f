/* A made-up village of two households on which tests run a profile's rules: values by year, row
 * and name, a source over them, and the clean village of checks_base.csv. */
#ifndef PROFILE_VILLAGE_FIXTURE_H
#define PROFILE_VILLAGE_FIXTURE_H

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

/* Places of the dictionary's fields and kinds of income by id. */
enum { ID_LOWEST = -200, FIELD_IDS = 5000, INCOME_IDS = 1000 };
static int16_t field_at[FIELD_IDS], income_at[INCOME_IDS];

static void find_names(void)
{
    const struct rule_dictionary *d = p->rules->dictionary;
    for (size_t i = 0; i < d->count; i++) {
        int32_t id = d->names[i].id;
        if (d->names[i].table == RULE_FIELD) {
            assert_true(id > ID_LOWEST && id < ID_LOWEST + FIELD_IDS);
            field_at[id - ID_LOWEST] = (int16_t)i;
        } else if (d->names[i].table == RULE_INCOME) {
            assert_true(id > 0 && id < INCOME_IDS);
            income_at[id] = (int16_t)i;
        }
    }
}

static int setup(void **state)
{
    struct profile_faults faults;
    (void)state;
    crypto_init();
    check_open(&cx);
    assert_int_equal(profile_load_embedded(&p, &faults, &cx, "cn"), RC_OK);
    assert_true(p->rules->dictionary->count <= NAMES_MAX);
    find_names();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    profile_free(p);
    check_close(&cx);
    return 0;
}

static int32_t name_of(enum rule_table table, int32_t id)
{
    return table == RULE_INCOME ? income_at[id] : field_at[id - ID_LOWEST];
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
        if (!one.len)
            continue;
        if (one.p[0] == '-') {
            v->here[who_of((struct str){one.p + 1, one.len - 1}).row] = false;
            continue;
        }
        if (one.p[0] == '+')
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

/* Runs a program over the village; the runner lives in cx's arena. */
static const struct rule_runner *run_program(size_t *rows, const struct rule_program *program,
                                             const struct village *v)
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
    assert_int_equal(rule_runner_make(&runner, &cx, program, max), RC_OK);
    rule_run(&figures, runner, &source, &block);
    memcpy(rows, block.count, sizeof block.count);
    return runner;
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

#endif
