/* For tests, the fuzz target and the bench: a small dictionary with all kinds of names, and a
 * block of 2 areas, 3 households and 4 people (3 in the first household, 1 in the second, none
 * in the third) whose values a test sets. */
#ifndef RULE_RULE_FIXTURE_H
#define RULE_RULE_FIXTURE_H

#include "rule/code.h"

#include <assert.h>
#include <string.h>

enum { FIXTURE_NAMES = 40, FIXTURE_ROWS = 4, FIXTURE_BACK = 4 };
#define M RULE_MISSING

struct fixture_list {
    const char *labels[2][6]; /* by language; code i + 1 */
};
static const struct fixture_list fixture_grades = {
    {{"A", "B", "C", "D", NULL}, {"A级", "B级", "C级", "D级危房", NULL}}};
static const struct fixture_list fixture_causes = {
    {{"illness", "school", "disaster", "no water", NULL},
     {"因病", "因学", "因灾", "缺水", NULL}}};

#define FIXTURE_NAME(text_, level_, kind_, decimals_, list_, table_, label_)                   \
    {{"" text_, sizeof(text_) - 1},                                                            \
     level_,                                                                                   \
     {kind_, decimals_, list_},                                                                \
     table_,                                                                                   \
     0,                                                                                        \
     label_,                                                                                   \
     {NULL, 0}}
#define FIXTURE_RULE(text_, level_, rule_)                                                     \
    {{"" text_, sizeof(text_) - 1}, level_, {RULE_NUMBER, 0, NULL}, RULE_DERIVED, 0, NULL,     \
     {"" rule_, sizeof(rule_) - 1}}
static const struct rule_name fixture_names[] = {
    FIXTURE_NAME("birth", RULE_PERSON, RULE_DAY, 0, NULL, RULE_FIELD, "出生日期"),
    FIXTURE_NAME("student", RULE_PERSON, RULE_BOOL, 0, NULL, RULE_FIELD, "在校生"),
    FIXTURE_NAME("earned", RULE_PERSON, RULE_NUMBER, 2, NULL, RULE_FIELD, NULL),
    FIXTURE_NAME("phone", RULE_PERSON, RULE_TEXT, 0, NULL, RULE_FIELD, NULL),
    FIXTURE_NAME("size", RULE_HOUSEHOLD, RULE_NUMBER, 0, NULL, RULE_FIELD, "家庭人口数"),
    FIXTURE_NAME("housing_grade", RULE_HOUSEHOLD, RULE_CODE, 0, &fixture_grades, RULE_FIELD,
                 "住房等级"),
    FIXTURE_NAME("old_grade", RULE_HOUSEHOLD, RULE_CODE, 0, &fixture_grades, RULE_FIELD, NULL),
    FIXTURE_NAME("cause", RULE_HOUSEHOLD, RULE_CODE, 0, &fixture_causes, RULE_FIELD, NULL),
    FIXTURE_NAME("causes", RULE_HOUSEHOLD, RULE_CODES, 0, &fixture_causes, RULE_FIELD, NULL),
    FIXTURE_NAME("moved", RULE_HOUSEHOLD, RULE_MONTH, 0, NULL, RULE_FIELD, NULL),
    FIXTURE_NAME("visited", RULE_HOUSEHOLD, RULE_DAY, 0, NULL, RULE_FIELD, NULL),
    FIXTURE_NAME("note", RULE_HOUSEHOLD, RULE_TEXT, 0, NULL, RULE_FIELD, NULL),
    FIXTURE_NAME("land", RULE_HOUSEHOLD, RULE_NUMBER, 1, NULL, RULE_FIELD, NULL),
    FIXTURE_NAME("debt", RULE_HOUSEHOLD, RULE_NUMBER, 0, NULL, RULE_FIELD, NULL),
    FIXTURE_NAME("yes", RULE_HOUSEHOLD, RULE_BOOL, 0, NULL, RULE_FIELD, NULL),
    FIXTURE_NAME("no", RULE_HOUSEHOLD, RULE_BOOL, 0, NULL, RULE_FIELD, NULL),
    FIXTURE_NAME("maybe", RULE_HOUSEHOLD, RULE_BOOL, 0, NULL, RULE_FIELD, NULL),
    FIXTURE_NAME("income.total", RULE_HOUSEHOLD, RULE_NUMBER, 2, NULL, RULE_INCOME, NULL),
    FIXTURE_NAME("income.wages", RULE_HOUSEHOLD, RULE_NUMBER, 2, NULL, RULE_INCOME, NULL),
    FIXTURE_NAME("altitude", RULE_AREA, RULE_NUMBER, 0, NULL, RULE_FIELD, "海拔"),
    FIXTURE_NAME("size", RULE_AREA, RULE_NUMBER, 0, NULL, RULE_FIELD, NULL),
    FIXTURE_NAME("poverty_line", RULE_HOUSEHOLD, RULE_NUMBER, 2, NULL, RULE_THRESHOLD, NULL),
    FIXTURE_RULE("age", RULE_PERSON, "years(birth)"),
    FIXTURE_RULE("adults", RULE_HOUSEHOLD, "count(members where age >= 18)"),
    FIXTURE_RULE("per_head", RULE_HOUSEHOLD, "income.total / size"),
    FIXTURE_RULE("poor", RULE_HOUSEHOLD, "per_head < poverty_line"),
    FIXTURE_RULE("oldest", RULE_HOUSEHOLD, "max(members, age)"),
    FIXTURE_RULE("poor_rate", RULE_AREA, "count(households where poor) / count(households)"),
    FIXTURE_RULE("high", RULE_AREA, "altitude > 3000"),
    FIXTURE_RULE("ring_a", RULE_HOUSEHOLD, "ring_b + 1"),
    FIXTURE_RULE("ring_b", RULE_HOUSEHOLD, "size + ring_c"),
    FIXTURE_RULE("ring_c", RULE_HOUSEHOLD, "ring_a"),
    FIXTURE_RULE("broken", RULE_HOUSEHOLD, "size +\n  siez"),
};
enum { FIXTURE_COUNT = sizeof fixture_names / sizeof *fixture_names };

static bool fixture_code_find(int32_t *code, struct cx *cx, const void *list, struct str text)
{
    const struct fixture_list *l = list;
    int64_t number = 0;
    (void)cx;
    for (size_t lang = 0; lang < 2; lang++)
        for (int32_t i = 0; l->labels[lang][i]; i++)
            if (str_eq_z(text, l->labels[lang][i]) ||
                (str_to_i64(&number, text) && number == i + 1)) {
                *code = i + 1;
                return true;
            }
    return false;
}

static const char *fixture_code_label(struct cx *cx, const void *list, size_t i)
{
    return ((const struct fixture_list *)list)->labels[cx->lang][i];
}

/* Ids are places in the dictionary, and one more. */
static inline struct rule_dictionary fixture_dictionary(struct rule_name names[FIXTURE_NAMES])
{
    memcpy(names, fixture_names, sizeof fixture_names);
    for (int32_t i = 0; i < (int32_t)FIXTURE_COUNT; i++)
        names[i].id = i;
    return (struct rule_dictionary){names, FIXTURE_COUNT, fixture_code_find,
                                    fixture_code_label};
}

struct fixture {
    struct cx *cx;
    struct rule_name names[FIXTURE_NAMES];
    struct rule_dictionary d;
    int64_t values[FIXTURE_NAMES][FIXTURE_BACK][FIXTURE_ROWS];
    struct rule_block block;
    struct rule_source source;
    struct rule_figures figures;
    struct rule_fault fault;
};

static const int64_t fixture_rows[3][FIXTURE_ROWS] = {
    {10, 20}, {101, 102, 103}, {1001, 1002, 1003, 1004}};
static const uint32_t fixture_areas[] = {0, 0, 1}, fixture_households[] = {0, 0, 0, 1};

/* Areas' values and thresholds stand by area; asked at households, by their area. */
// NOLINTNEXTLINE(readability-function-size): the contract's parameters
static void fixture_load(void *arg, int64_t *out, const struct rule_block *b,
                         enum rule_level level, enum rule_table table, int32_t id, int back)
{
    const struct fixture *f = arg;
    bool of_area = table == RULE_THRESHOLD || f->names[id].level == RULE_AREA;
    for (size_t i = 0; i < b->count[level]; i++) {
        size_t row = of_area && level == RULE_HOUSEHOLD ? fixture_areas[i] : i;
        out[i] = back < FIXTURE_BACK ? f->values[id][back][row] : RULE_MISSING;
    }
}

static inline void fixture_open(struct fixture *f, struct cx *cx)
{
    memset(f, 0, sizeof *f);
    f->cx = cx;
    f->d = fixture_dictionary(f->names);
    for (size_t n = 0; n < FIXTURE_NAMES; n++)
        for (size_t back = 0; back < FIXTURE_BACK; back++)
            for (size_t row = 0; row < FIXTURE_ROWS; row++)
                f->values[n][back][row] = RULE_MISSING;
    f->block = (struct rule_block){
        .count = {2, 3, 4},
        .row = {fixture_rows[0], fixture_rows[1], fixture_rows[2]},
        .parent = {NULL, fixture_areas, fixture_households},
    };
    /* 2026-11-23 */
    f->source = (struct rule_source){f, 20780, 2026, fixture_load};
}

static inline int64_t *fixture_values(struct fixture *f, const char *name, int back)
{
    size_t i = 0;
    while (i < f->d.count && !str_eq_z(f->names[i].name, name))
        i++;
    assert(i < f->d.count);
    return f->values[i][back];
}

/* Compiles one text. */
static inline enum rc fixture_compile(const struct rule_program **p, struct fixture *f,
                                      enum rule_level level, const char *text, bool want_bool)
{
    const struct rule_text t = {"test", level, str_of(text), want_bool};
    return rule_compile(p, &f->fault, f->cx, &f->d, &t, 1);
}

#endif
