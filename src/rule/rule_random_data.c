/* Random rows for random rules; see rule_random.h. */
#include "rule/rule_random.h"

#include "base/time.h"

static const int64_t extremes[] = {INT64_MAX,
                                   -INT64_MAX,
                                   INT64_MAX - 1,
                                   INT64_MAX / 2 + 1,
                                   INT64_MAX / 2,
                                   -(INT64_MAX / 2),
                                   -(INT64_MAX / 2) - 1,
                                   9223372036855,
                                   3037000500,
                                   -9223372036854,
                                   1000000000000,
                                   INT32_MAX,
                                   INT32_MIN,
                                   0,
                                   1,
                                   -1,
                                   2,
                                   -2,
                                   1000000000000000001,
                                   -7,
                                   1000000};
enum { EXTREMES = sizeof extremes / sizeof *extremes };

static int64_t random_number(uint64_t *r, bool wild)
{
    if (wild && rule_random_pick(r, 2) == 0)
        return extremes[rule_random_pick(r, EXTREMES)];
    if (wild && rule_random_pick(r, 2) == 0) {
        int64_t any = (int64_t)rule_random_next(r) >> rule_random_pick(r, 60);
        return any == RULE_MISSING ? 0 : any;
    }
    int64_t span = rule_random_pick(r, 2) ? 8 : 1000000;
    int64_t n = (int64_t)rule_random_pick(r, (size_t)span);
    return rule_random_pick(r, 4) ? n : -n;
}

/* Around the ends of months, leap days and centuries more often than by chance. */
static int64_t random_day(uint64_t *r)
{
    static const struct date near[] = {
        {0, 2, 28}, {0, 3, 1}, {0, 12, 31}, {0, 1, 1}, {0, 1, 31}};
    static const int32_t years[] = {1896, 1900, 1904, 1999, 2000, 2004,
                                    2024, 2025, 2096, 2100, 2400};
    if (rule_random_pick(r, 2))
        return (int64_t)rule_random_pick(r, 40000) - 18000;
    struct date d = near[rule_random_pick(r, sizeof near / sizeof *near)];
    d.year = years[rule_random_pick(r, sizeof years / sizeof *years)];
    return day_of(d) + (int64_t)rule_random_pick(r, 2); /* 28 February and the day after */
}

static int64_t random_value(uint64_t *r, const struct rule_type *type, bool wild)
{
    static const int64_t codes[] = {0, 1, 2, 9, 62}, kinds[] = {1, 2, 3, 20, 40};
    int64_t set = 0;
    if (rule_random_pick(r, 5) == 0)
        return RULE_MISSING;
    switch (type->kind) {
    case RULE_NUMBER:
        return random_number(r, wild);
    case RULE_BOOL:
        return (int64_t)rule_random_pick(r, 2);
    case RULE_CODE:
        return (type->list == rule_random_dictionary()->names[6].type.list
                    ? codes
                    : kinds)[rule_random_pick(r, 5)];
    case RULE_CODES:
        for (size_t i = 0; i < 5; i++)
            set |= (int64_t)rule_random_pick(r, 2) << codes[i];
        return set;
    case RULE_DAY:
        if (wild && rule_random_pick(r, 8) == 0)
            return random_number(r, true);
        return random_day(r);
    case RULE_MONTH:
        if (wild && rule_random_pick(r, 8) == 0)
            return random_number(r, true);
        return (int64_t)rule_random_pick(r, 400) + (int64_t)2000 * 12;
    case RULE_TEXT:
        return 1;
    }
    return RULE_MISSING;
}

/* Rows in ascending order of their parents; some parents have none. */
static void place_rows(struct random_rows *d, uint64_t *r, enum rule_level level, size_t count)
{
    d->count[level] = count;
    for (size_t i = 0; i < count; i++) {
        d->row[level][i] = (int64_t)((size_t)level * 1000 + i);
        if (level == RULE_AREA)
            continue;
        size_t parents = d->count[level - 1];
        size_t left = rule_random_pick(r, 2);
        uint32_t before = i ? d->parent[level][i - 1] : 0;
        size_t parent =
            before + (rule_random_pick(r, 2) ? left : 0) + (rule_random_pick(r, 9) == 0);
        d->parent[level][i] = (uint32_t)(parent < parents ? parent : parents - 1);
    }
}

struct random_rows *rule_random_data(struct arena *arena, uint64_t *state)
{
    struct random_rows *d = arena_new(arena, sizeof *d);
    const struct rule_dictionary *dictionary = rule_random_dictionary();
    d->value = arena_new(arena, RANDOM_NAMES_MAX * sizeof *d->value);
    d->day = (int32_t)rule_random_pick(state, 20000) + 5000;
    if (rule_random_pick(state, 4) == 0)
        d->day = 19782; /* 2024-02-29 */
    d->year = 1970 + d->day / 366;
    bool wild = rule_random_pick(state, 2) == 0;
    place_rows(d, state, RULE_AREA, 3);
    place_rows(d, state, RULE_HOUSEHOLD, 13);
    place_rows(d, state, RULE_PERSON, RANDOM_ROWS - 16);
    for (size_t n = 0; n < dictionary->count; n++)
        for (size_t back = 0; back < RANDOM_YEARS; back++)
            for (size_t i = 0; i < RANDOM_ROWS; i++)
                d->value[n][back][i] = random_value(state, &dictionary->names[n].type, wild);
    return d;
}

size_t rule_random_climb(const struct random_rows *d, enum rule_level level, size_t row,
                         enum rule_level up)
{
    for (; level > up; level = (enum rule_level)(level - 1))
        row = d->parent[level][row];
    return row;
}

enum rule_level rule_random_stored(int32_t id)
{
    const struct rule_name *name = &rule_random_dictionary()->names[id];
    return name->table == RULE_THRESHOLD ? RULE_AREA : name->level;
}

/* NOLINTNEXTLINE(readability-function-size): the contract of struct rule_source. */
static void load(void *arg, int64_t *out, const struct rule_block *b, enum rule_level level,
                 enum rule_table table, int32_t id, int back)
{
    const struct random_rows *d = arg;
    (void)table;
    for (size_t i = 0; i < b->count[level]; i++) {
        size_t row = rule_random_climb(d, level, i, rule_random_stored(id));
        out[i] = back < RANDOM_YEARS ? d->value[id][back][row] : RULE_MISSING;
    }
}

struct rule_block rule_random_block(const struct random_rows *d)
{
    struct rule_block b = {.parent = {NULL, d->parent[1], d->parent[2]}};
    for (size_t level = 0; level < 3; level++) {
        b.count[level] = d->count[level];
        b.row[level] = d->row[level];
    }
    return b;
}

struct rule_source rule_random_source(struct random_rows *d)
{
    return (struct rule_source){.arg = d, .day = d->day, .year = d->year, .load = load};
}

const char *const rule_random_edge_rules[] = {
    "p_num + p_many",
    "p_num - p_many",
    "p_num * p_many",
    "p_num / p_many",
    "p_money / p_part",
    "p_part / p_money",
    "p_num + 1",
    "p_num - 7",
    "1 - p_num",
    "p_num * 3",
    "p_num * (-3)",
    "p_num * (-1)",
    "p_num / 7",
    "7 / p_num",
    "p_num + 0.01",
    "round(p_part, 2)",
    "round(p_part, 5)",
    "min(p_num, p_many)",
    "max(p_num, p_many)",
    "p_num < p_many",
    "abs(p_num) = -p_many",
    "years(p_day)",
    "months(p_day)",
    "months(p_day, p_month)",
    "months(p_month, p_day)",
    "p_day = p_month",
    NULL,
};

void rule_random_edges(struct random_rows *d, size_t batch)
{
    static const int64_t days[] = {
        0,       -1,        11015,     11016,      11017,      19782,  19783,  19417,
        157112,  157113,    157114,    47540,      47541,      -25509, -25508, -719468,
        -719469, 700000000, 700000001, -700000000, -700000001, 20118,  20119,  -719529};
    static const int64_t months[] = {24000000, 24000001, -24000000, -24000001,
                                     0,        -1,       24289,     23999};
    static const int32_t todays[] = {0,     11016, 19782, 19783, 20118,
                                     20119, 47540, 47541, -25509};
    const size_t day_count = sizeof days / sizeof *days;
    enum { NUM = 2 * 13, MANY, MONEY, PART, DAY = NUM + 9, MONTH };
    d->day = todays[batch % (sizeof todays / sizeof *todays)];
    for (size_t i = 0; i < d->count[RULE_PERSON]; i++) {
        size_t pair = batch * d->count[RULE_PERSON] + i;
        int64_t x = extremes[pair % EXTREMES], y = extremes[pair / EXTREMES % EXTREMES];
        d->value[NUM][0][i] = d->value[MONEY][0][i] = x;
        d->value[MANY][0][i] = d->value[PART][0][i] = y;
        d->value[DAY][0][i] = days[i % day_count];
        d->value[MONTH][0][i] = months[pair % (sizeof months / sizeof *months)];
    }
}
