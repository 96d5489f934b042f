/* The rule language: data checks, derived indicators, deprivations, eligibility, filters. A
 * text is parsed, type-checked against a dictionary of names and compiled to one program
 * (code.h) that runs over columns here, on the phone (web/rule.js) and, where it can, as SQL.
 * The room knows no profile and no register: a dictionary and a source are handed to it.
 *
 * The language (for people: doc/rules.md)
 *   or       = and { "or" and }
 *   and      = not { "and" not }
 *   not      = "not" not | relation
 *   relation = sum [ ("=" | "<>" | "<" | "<=" | ">" | ">=") sum
 *            | ["not"] "in" ( "(" item { "," item } ")" | sum ".." sum )
 *            | "is" ["not"] "missing" | "has" ["any" | "all"] ( item | "(" item {"," item} ")"
 * ) ] sum      = product { ("+" | "-") product }        product = unary { ("*" | "/") unary }
 *   unary    = "-" unary | primary
 *   primary  = number | day | month | 'text' | true | false | missing | name | call | "(" or
 * ")" call     = if(c, a, b) | first(a, b, …) | min(a, b, …) | max(a, b, …) | abs(x) | round(x,
 * decimals) | years(day [, until]) | months(day or month [, until]) | last_year(x) | earlier(n,
 * x) | count(scope [where c]) | sum(scope [where c], x) | min(…) | max(…) | any(scope [where
 * c]) | all(scope [where c], x)      scope = members | households name     = word { "." word }:
 * plain names are looked for at the rule's own level, then outwards (person, household, area),
 * then among thresholds and derived rules; `person.x`, `household.x`, `area.x` name the level;
 * `income.kind` is the year's money of a kind with all below it. `today` is the day, `year` the
 * year the rule is asked for. `members` are a household's people of that year; `households` an
 * area's. Literals: 12.50 (exact decimal); 2026-11-23 (a day), 2026-11 (a month: write blanks
 * around a minus); 'text' stands for a code of the list it is compared with (its label in any
 * language, alias or number). Comments run from # to the line's end. Words are ASCII, case
 * matters.
 *
 * Values: exact decimals (int64 scaled; + - * are exact, / keeps 6 decimals or the dividend's
 * if more, halves away from zero; an overflow gives missing and is counted), codes, sets of
 * codes, days, months, booleans; each can be missing. Logic is Kleene's: missing and false =
 * false, missing or true = true, else missing stays missing; a comparison or arithmetic with
 * missing is missing; if(missing, …) is missing. Division by zero is missing and is counted.
 * count and any take missing conditions as: count adds only what is true; any is true with one
 * true, else missing with one missing; all the other way round. sum, min, max skip missing
 * values; without any known value they are missing, but the sum over nobody is 0.
 * A day compared with a month is compared by its month. `earlier` around members( ) or
 * households( ) asks those of this year about that year. In a rule for people, members( ) are
 * those of the person's household. */
#ifndef RULE_RULE_H
#define RULE_RULE_H

#include "base/cx.h"

enum rule_level { RULE_AREA = 0, RULE_HOUSEHOLD = 1, RULE_PERSON = 2 };
enum rule_kind {
    RULE_NUMBER, /* int64 scaled by 10^decimals; money too */
    RULE_BOOL,
    RULE_CODE,  /* one code of `list` */
    RULE_CODES, /* set of codes of `list` as bits */
    RULE_DAY,
    RULE_MONTH,
    RULE_TEXT, /* only `is missing` is asked of it: 1 when there is one */
};
struct rule_type {
    enum rule_kind kind;
    unsigned decimals;
    const void *list; /* the dictionary's; compared by address */
};
enum rule_table {
    RULE_FIELD,     /* id: an indicator's number, or a negative fixed field */
    RULE_INCOME,    /* id: an income kind's number; level household */
    RULE_THRESHOLD, /* id: the dictionary's; level household (or area): looked up by area and
                       day */
    RULE_DERIVED,   /* a named rule: its text stands in for the name */
};
struct rule_name {
    struct str name; /* without its level: "age", "income.wages" */
    enum rule_level level;
    struct rule_type type;
    enum rule_table table;
    int32_t id;
    const char *label; /* for people; NULL */
    struct str text;   /* RULE_DERIVED */
};
struct rule_dictionary {
    const struct rule_name *names;
    size_t count;
    /* The code that a text means in a list; false: none. */
    bool (*code_find)(int32_t *code, struct cx *cx, const void *list, struct str text);
    /* All labels of a list for suggestions: label i in cx's language, NULL at the end. */
    const char *(*code_label)(struct cx *cx, const void *list, size_t i);
};

enum {
    RULE_TEXT_MAX = 16 * 1024,
    RULE_DEPTH_MAX = 100,
    RULE_NODES_MAX = 20000,
    RULE_EARLIER_MAX = 20
};
#define RULE_MISSING INT64_MIN

/* One text to compile. */
struct rule_text {
    const char *name; /* for messages; also guards against a derived rule that needs itself */
    enum rule_level level;
    struct str text;
    bool want_bool; /* a condition; else any type */
};
struct rule_fault {
    size_t rule;         /* index of the text */
    size_t at, length;   /* bytes of the text where the mistake stands */
    size_t line, column; /* from 1; columns in characters */
    const char *message; /* in cx's language: what is wrong and what was expected */
    const char *nearest; /* the nearest name or label, NULL */
};

struct rule_program; /* immutable; any thread may run it */
/* Compiles all texts into one program: root i is text i, common parts are shared. In cx->arena.
 * RC_INVALID: *fault is the first mistake (also in cx->err). */
enum rc rule_compile(const struct rule_program **out, struct rule_fault *fault, struct cx *cx,
                     const struct rule_dictionary *d, const struct rule_text *texts,
                     size_t count) MUST_USE;
size_t rule_root_count(const struct rule_program *p);
struct rule_type rule_root_type(const struct rule_program *p, size_t root);
enum rule_level rule_root_level(const struct rule_program *p, size_t root);
/* The names that root reads (of any year), without duplicates; in cx->arena. */
enum rc rule_root_names(const struct rule_name ***out, size_t *count, struct cx *cx,
                        const struct rule_program *p, size_t root) MUST_USE;

/* ---- running over columns ---- */
/* A block of rows on which a program runs at once: some areas (0 when the program has no roots
 * of that level), their households, their people. Parents are places in the block, ascending.
 */
struct rule_block {
    size_t count[3];       /* rows by enum rule_level */
    const int64_t *row[3]; /* the source's row numbers; NULL when count is 0 */
    const uint32_t
        *parent[3]; /* [HOUSEHOLD]: area of a household; [PERSON]: household of a person */
};
/* What a block's values are read from. Values out: RULE_MISSING where there is none. `back`:
 * that many years earlier. Threshold: by the row's area and the day. Called from one thread a
 * run. */
struct rule_source {
    void *arg;
    int32_t day;  /* today */
    int32_t year; /* year of the sheets */
    void (*load)(void *arg, int64_t *out, const struct rule_block *b, enum rule_level level,
                 enum rule_table table, int32_t id, int back);
};
struct rule_figures {
    int64_t zero_divisions, overflows;
};
/* A runner holds the working memory for blocks of at most `max` rows of each level; one thread
 * at a time. In cx->arena. */
struct rule_runner;
enum rc rule_runner_make(struct rule_runner **out, struct cx *cx, const struct rule_program *p,
                         const size_t max[3]) MUST_USE;
/* Runs all roots whose level has rows. Then rule_value reads them, until the next run. */
void rule_run(struct rule_figures *figures, struct rule_runner *r, const struct rule_source *s,
              const struct rule_block *b);
/* The values of a root, one per row of its level: scaled numbers, codes, 0/1 …, RULE_MISSING.
 */
const int64_t *rule_value(const struct rule_runner *r, size_t root);
/* A boolean root as bits (bit i of word i / 64): those that are true. `bits` has room for the
 * level's rows. */
void rule_bits(uint64_t *bits, const struct rule_runner *r, size_t root);

/* ---- why: the values that a root read for one row ---- */
struct rule_fact {
    const struct rule_name *name;
    int back;
    int64_t row; /* the source's row number at the name's level */
    int64_t value;
};
/* After rule_run: the facts behind root's value in place `place` of its level (people of a
 * household: each). At most `max`; in cx->arena. */
enum rc rule_explain(struct rule_fact **out, size_t *count, struct cx *cx,
                     const struct rule_runner *r, const struct rule_source *s,
                     const struct rule_block *b, size_t root, size_t place,
                     size_t max) MUST_USE;

/* ---- other back ends ---- */
/* The program for web/rule.js and phones: JSON, documented at its definition. */
enum rc rule_json(struct str *out, struct cx *cx, const struct rule_program *p) MUST_USE;
/* One root as an SQL expression for both databases: NULL is missing, booleans are conditions.
 * Only plain filters and arithmetic of the root's own level (no members, no earlier years, no
 * thresholds by area unless `column` gives them): else RC_INVALID with a text that says why.
 * `column` gives the SQL of a name (NULL: it cannot). */
typedef const char *(*rule_column_fn)(void *arg, struct cx *cx, const struct rule_name *name);
enum rc rule_sql(struct str *out, struct cx *cx, const struct rule_program *p, size_t root,
                 bool pg, rule_column_fn column, void *arg, int32_t day, int32_t year) MUST_USE;

#endif
