/* Random rules and rows; see rule_random.h. */
#include "rule/rule_random.h"

#include "base/buf.h"

#include <assert.h>
#include <string.h>

uint64_t rule_random_next(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

size_t rule_random_pick(uint64_t *state, size_t count)
{
    return (size_t)(rule_random_next(state) % count);
}
#define PICK_OF(state, array)                                                                  \
    (array)[rule_random_pick((state), sizeof(array) / sizeof *(array))]

/* ---- dictionary ---- */

enum { LISTS = 2, CODES = 5 };
struct list {
    int32_t codes[CODES];
    const char *labels[CODES];
};
static const struct list lists[LISTS] = {
    {{0, 1, 2, 9, 62}, {"none", "one", "two words", "nine", "last"}},
    {{1, 2, 3, 20, 40}, {"red", "green", "blue", "grey", "white"}},
};

static bool code_find(int32_t *code, struct cx *cx, const void *list, struct str text)
{
    const struct list *l = list;
    (void)cx;
    for (size_t i = 0; i < CODES; i++)
        if (str_eq_z(text, l->labels[i])) {
            *code = l->codes[i];
            return true;
        }
    return false;
}

static const char *code_label(struct cx *cx, const void *list, size_t i)
{
    (void)cx;
    return i < CODES ? ((const struct list *)list)->labels[i] : NULL;
}

#define NAME(name_, level_, kind_, decimals_, list_, table_, id_)                              \
    {.name = {(name_), sizeof(name_) - 1},                                                     \
     .level = RULE_##level_,                                                                   \
     .type = {RULE_##kind_, (decimals_), (list_)},                                             \
     .table = RULE_##table_,                                                                   \
     .id = (id_)}
#define LEVEL(letter, level_, id_)                                                             \
    NAME(letter "_num", level_, NUMBER, 0, NULL, FIELD, (id_)),                                \
        NAME(letter "_many", level_, NUMBER, 0, NULL, FIELD, (id_) + 1),                       \
        NAME(letter "_money", level_, NUMBER, 2, NULL, FIELD, (id_) + 2),                      \
        NAME(letter "_part", level_, NUMBER, 6, NULL, FIELD, (id_) + 3),                       \
        NAME(letter "_yes", level_, BOOL, 0, NULL, FIELD, (id_) + 4),                          \
        NAME(letter "_is", level_, BOOL, 0, NULL, FIELD, (id_) + 5),                           \
        NAME(letter "_code", level_, CODE, 0, &lists[0], FIELD, (id_) + 6),                    \
        NAME(letter "_kind", level_, CODE, 0, &lists[1], FIELD, (id_) + 7),                    \
        NAME(letter "_set", level_, CODES, 0, &lists[0], FIELD, (id_) + 8),                    \
        NAME(letter "_day", level_, DAY, 0, NULL, FIELD, (id_) + 9),                           \
        NAME(letter "_month", level_, MONTH, 0, NULL, FIELD, (id_) + 10),                      \
        NAME(letter "_text", level_, TEXT, 0, NULL, FIELD, (id_) + 11),                        \
        NAME("same", level_, NUMBER, 2, NULL, FIELD, (id_) + 12)
enum { NAMES_OF_LEVEL = 13, NAME_COUNT = 3 * NAMES_OF_LEVEL + 4 };

static const struct rule_name names[NAME_COUNT] = {
    LEVEL("a", AREA, 0),
    LEVEL("h", HOUSEHOLD, NAMES_OF_LEVEL),
    LEVEL("p", PERSON, 2 * NAMES_OF_LEVEL),
    NAME("income.wages", HOUSEHOLD, NUMBER, 2, NULL, INCOME, 3 * NAMES_OF_LEVEL),
    NAME("line", HOUSEHOLD, NUMBER, 2, NULL, THRESHOLD, 3 * NAMES_OF_LEVEL + 1),
    {.name = {"twice", 5},
     .level = RULE_HOUSEHOLD,
     .type = {RULE_NUMBER, 0, NULL},
     .table = RULE_DERIVED,
     .id = 3 * NAMES_OF_LEVEL + 2,
     .text = {"h_num * 2", 9}},
    {.name = {"crowd", 5},
     .level = RULE_HOUSEHOLD,
     .type = {RULE_BOOL, 0, NULL},
     .table = RULE_DERIVED,
     .id = 3 * NAMES_OF_LEVEL + 3,
     .text = {"count(members where p_yes) > 1 or h_is", 38}},
};
_Static_assert((int)NAME_COUNT <= (int)RANDOM_NAMES_MAX, "RANDOM_NAMES_MAX holds all");

const struct rule_dictionary *rule_random_dictionary(void)
{
    static const struct rule_dictionary d = {
        .names = names, .count = NAME_COUNT, .code_find = code_find, .code_label = code_label};
    return &d;
}

/* ---- trees ---- */

struct maker {
    struct arena *arena;
    uint64_t *state;
    int back;  /* years that earlier( ) around has gone */
    int folds; /* members( ) around */
};

static struct random_node *node(struct maker *m, const char *form, enum rule_kind kind,
                                enum rule_level at)
{
    struct random_node *n = arena_new(m->arena, sizeof *n);
    *n = (struct random_node){.form = form, .kind = kind, .at = at, .nodes = 1};
    return n;
}

static struct random_node *tree(struct maker *m, enum rule_level at, enum rule_kind kind,
                                int depth);

/* A new node over children of the kinds of `kinds`: n number, b bool, c code, s set, d day,
 * m month; capitals: one level below (inside a fold). */
static struct random_node *over(struct maker *m, const char *form, enum rule_kind kind,
                                enum rule_level at, const char *kinds, int depth)
{
    struct random_node *n = node(m, form, kind, at);
    for (; *kinds; kinds++) {
        bool below = *kinds >= 'A' && *kinds <= 'Z';
        char letter = (char)(*kinds | 32);
        enum rule_kind of = letter == 'n'   ? RULE_NUMBER
                            : letter == 'b' ? RULE_BOOL
                            : letter == 'c' ? RULE_CODE
                            : letter == 's' ? RULE_CODES
                            : letter == 'd' ? RULE_DAY
                                            : RULE_MONTH;
        enum rule_level inside = at == RULE_AREA ? RULE_HOUSEHOLD : RULE_PERSON;
        m->folds += below && inside == RULE_PERSON;
        struct random_node *child = tree(m, below ? inside : at, of, depth - 1);
        m->folds -= below && inside == RULE_PERSON;
        n->child[n->child_count++] = child;
        n->nodes += child->nodes;
        if (kind == RULE_NUMBER && of == RULE_NUMBER && child->decimals > n->decimals)
            n->decimals = child->decimals;
    }
    return n;
}

/* A name of the kind, of this level or one outwards; NULL: none. Codes are of list 0 only, so
 * that any two may be compared; list 1 is met in comparisons with texts. */
static struct random_node *name_leaf(struct maker *m, enum rule_level at, enum rule_kind kind)
{
    static const char *const words[] = {"area", "household", "person"};
    size_t first = rule_random_pick(m->state, NAME_COUNT);
    for (size_t i = 0; i < NAME_COUNT; i++) {
        const struct rule_name *n = &names[(first + i) % NAME_COUNT];
        if (n->type.kind != kind || (n->level > at && n->table != RULE_THRESHOLD) ||
            (kind == RULE_CODE && n->type.list != &lists[0]))
            continue;
        bool qualified = n->table == RULE_FIELD && rule_random_pick(m->state, 4) == 0;
        struct random_node *leaf = node(
            m,
            qualified ? arena_printf(m->arena, "%s.%.*s", words[n->level], STR_ARG(n->name))
                      : arena_printf(m->arena, "%.*s", STR_ARG(n->name)),
            kind, at);
        leaf->decimals = n->type.decimals;
        return leaf;
    }
    return NULL;
}

static struct random_node *literal(struct maker *m, enum rule_level at, enum rule_kind kind)
{
    static const char *const numbers[] = {"0",      "1",          "2",    "3",    "7",
                                          "10",     "12.50",      "0.5",  "0.05", "0.000001",
                                          "1000",   "4000",       "1.10", "year", "1000000",
                                          "333.33", "2147483648", "62",   "(-1)", "(-2.5)"};
    static const char *const days[] = {"today",      "2026-11-23", "2024-02-29",
                                       "2000-01-31", "1970-01-01", "2100-03-01"};
    static const char *const months[] = {"2026-11", "2024-02", "1999-12"};
    const char *text;
    if (kind == RULE_NUMBER)
        text = rule_random_pick(m->state, 24) == 0 ? "922337203685477580"
                                                   : PICK_OF(m->state, numbers);
    else if (kind == RULE_BOOL)
        text = rule_random_pick(m->state, 2) ? "true" : "false";
    else if (kind == RULE_DAY)
        text = PICK_OF(m->state, days);
    else if (kind == RULE_MONTH)
        text = PICK_OF(m->state, months);
    else
        return name_leaf(m, at, kind);
    struct random_node *leaf = node(m, text, kind, at);
    struct str digits = str_of(text);
    size_t dot = str_find(digits, STR("."));
    if (dot != SIZE_MAX)
        leaf->decimals = (unsigned)(digits.len - dot - 1);
    return leaf;
}

/* One way to make a value: see over() for kinds. `down`: needs a level below. */
struct way {
    const char *form, *kinds;
    bool down;
};

static const struct way number_ways[] = {
    {"(# + #)", "nn", 0},
    {"(# - #)", "nn", 0},
    {"(# * #)", "nn", 0},
    {"(# / #)", "nn", 0},
    {"(-#)", "n", 0},
    {"abs(#)", "n", 0},
    {"round(#, 0)", "n", 0},
    {"round(#, 1)", "n", 0},
    {"round(#, 2)", "n", 0},
    {"min(#, #)", "nn", 0},
    {"max(#, #, #)", "nnn", 0},
    {"if(#, #, #)", "bnn", 0},
    {"if(#, #, missing)", "bn", 0},
    {"first(#, #)", "nn", 0},
    {"years(#)", "d", 0},
    {"years(#, #)", "dd", 0},
    {"months(#)", "d", 0},
    {"months(#)", "m", 0},
    {"months(#, #)", "dd", 0},
    {"months(#, #)", "dm", 0},
    {"months(#, #)", "md", 0},
    {"months(#, #)", "mm", 0},
    {"count(@)", "", 1},
    {"count(@ where #)", "B", 1},
    {"sum(@, #)", "N", 1},
    {"sum(@ where #, #)", "BN", 1},
    {"min(@, #)", "N", 1},
    {"min(@ where #, #)", "BN", 1},
    {"max(@, #)", "N", 1},
    {"max(@ where #, #)", "BN", 1},
};
static const struct way bool_ways[] = {
    {"# = #", "nn", 0},
    {"# <> #", "nn", 0},
    {"# < #", "nn", 0},
    {"# <= #", "nn", 0},
    {"# > #", "nn", 0},
    {"# >= #", "nn", 0},
    {"# < #", "dd", 0},
    {"# >= #", "dd", 0},
    {"# = #", "dd", 0},
    {"# <= #", "mm", 0},
    {"# <> #", "mm", 0},
    {"# = #", "cc", 0},
    {"# <> #", "cc", 0},
    {"# = 'two words'", "c", 0},
    {"# <> 'last'", "c", 0},
    {"# in ('one', 'nine', 'last')", "c", 0},
    {"# not in ('none')", "c", 0},
    {"# in (1, 2.5, -3, 4000)", "n", 0},
    {"# in 0 + # .. #", "nnn", 0},
    {"# in first(#, today) .. #", "ddd", 0},
    {"# not in 2020-01 .. 2026-12", "m", 0},
    {"# has 'one'", "s", 0},
    {"# has any ('none', 'last')", "s", 0},
    {"# has all ('two words', 'nine')", "s", 0},
    {"# is missing", "n", 0},
    {"# is not missing", "s", 0},
    {"# is missing", "b", 0},
    {"# is missing", "d", 0},
    {"not #", "b", 0},
    {"# and #", "bb", 0},
    {"# or #", "bb", 0},
    {"# and # or #", "bbb", 0},
    {"# = #", "bb", 0},
    {"if(#, #, #)", "bbb", 0},
    {"first(#, #)", "bb", 0},
    {"any(@ where #)", "B", 1},
    {"all(@, #)", "B", 1},
    {"all(@ where #, #)", "BB", 1},
};
static const struct way code_ways[] = {{"if(#, #, #)", "bcc", 0}, {"first(#, #)", "cc", 0}};
static const struct way codes_ways[] = {{"if(#, #, #)", "bss", 0}, {"first(#, #)", "ss", 0}};
static const struct way day_ways[] = {{"if(#, #, #)", "bdd", 0}, {"first(#, #)", "dd", 0}};
static const struct way month_ways[] = {{"if(#, #, #)", "bmm", 0}, {"first(#, #)", "mm", 0}};

static const struct way *ways_of(size_t *count, enum rule_kind kind)
{
#define WAYS(array) (*count = sizeof(array) / sizeof *(array), (array))
    if (kind == RULE_NUMBER)
        return WAYS(number_ways);
    if (kind == RULE_BOOL)
        return WAYS(bool_ways);
    if (kind == RULE_CODE)
        return WAYS(code_ways);
    if (kind == RULE_CODES)
        return WAYS(codes_ways);
    if (kind == RULE_DAY)
        return WAYS(day_ways);
    return WAYS(month_ways);
}

/* What a number's form makes of its children's decimals; more than 12 are not asked for. */
static bool decimals_fit(struct random_node *n)
{
    const char *form = n->form;
    if (n->kind != RULE_NUMBER)
        return true;
    if (strcmp(form, "(# * #)") == 0)
        n->decimals = n->child[0]->decimals + n->child[1]->decimals;
    else if (strcmp(form, "(# / #)") == 0)
        n->decimals = n->child[0]->decimals > 6 ? n->child[0]->decimals : 6;
    else if (strncmp(form, "round", 5) == 0)
        n->decimals = (unsigned)(form[9] - '0');
    return n->decimals <= 8;
}

static struct random_node *earlier(struct maker *m, enum rule_level at, enum rule_kind kind,
                                   int depth)
{
    int years = 1 + (int)rule_random_pick(m->state, 3);
    m->back += years;
    struct random_node *below = tree(m, at, kind, depth - 1);
    m->back -= years;
    const char *form =
        years == 1 ? "last_year(#)" : arena_printf(m->arena, "earlier(%d, #)", years);
    struct random_node *n = node(m, form, kind, at);
    n->child[n->child_count++] = below;
    n->nodes += below->nodes;
    n->decimals = below->decimals;
    return n;
}

static struct random_node *grow(struct maker *m, enum rule_level at, enum rule_kind kind,
                                int depth)
{
    size_t count;
    const struct way *ways = ways_of(&count, kind);
    const struct way *w = &ways[rule_random_pick(m->state, count)];
    if (rule_random_pick(m->state, 24) == 0 && m->back < 6)
        return earlier(m, at, kind, depth);
    if (w->down && m->folds)
        return NULL;
    const char *form = w->form, *scope = at == RULE_AREA ? "households" : "members";
    size_t hole = str_find(str_of(form), STR("@"));
    if (hole != SIZE_MAX)
        form = arena_printf(m->arena, "%.*s%s%s", (int)hole, form, scope, form + hole + 1);
    bool closed = form[0] == '(' || form[str_of(form).len - 1] == ')';
    if (kind == RULE_BOOL && !(closed && form[0] >= 'a'))
        form = arena_printf(m->arena, "(%s)", form);
    struct random_node *n = over(m, form, kind, at, w->kinds, depth);
    return decimals_fit(n) ? n : NULL;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the caller asks. */
static struct random_node *tree(struct maker *m, enum rule_level at, enum rule_kind kind,
                                int depth)
{
    struct random_node *n = NULL;
    if (depth > 0 && rule_random_pick(m->state, 6) != 0)
        for (int tries = 0; tries < 4 && !n; tries++)
            n = grow(m, at, kind, depth);
    if (!n && rule_random_pick(m->state, 3) != 0)
        n = name_leaf(m, at, kind);
    return n ? n : literal(m, at, kind);
}

struct random_node *rule_random_tree(struct arena *arena, uint64_t *state,
                                     enum rule_level level, enum rule_kind kind, int depth)
{
    struct maker m = {.arena = arena, .state = state};
    return tree(&m, level, kind, depth);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the tree. */
static void put(struct buf *b, const struct random_node *n)
{
    size_t child = 0;
    for (const char *p = n->form; *p; p++)
        if (*p == '#')
            put(b, n->child[child++]);
        else
            buf_char(b, *p);
}

struct str rule_random_text(struct arena *arena, const struct random_node *tree_)
{
    struct buf b;
    buf_init(&b, arena, (size_t)1 << 20);
    put(&b, tree_);
    return buf_view(&b);
}
