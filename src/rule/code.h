/* The compiled form of rules: a list of instructions in single assignment, each making one
 * value per row of its level. Every back end (run.c, sql.c, json.c with web/rule.js) reads this
 * and nothing else. All lanes are int64; RULE_MISSING is missing; booleans are 0 and 1. */
#ifndef RULE_CODE_H
#define RULE_CODE_H

#include "rule/rule.h"

enum rule_op {
    OP_CONST, /* k (may be RULE_MISSING) */
    OP_LOAD,  /* name k of the program's names; back = years earlier */
    OP_TODAY, /* the day; back years earlier: the same month and day (29 Feb: 28 Feb) */
    OP_YEAR,  /* the year less back */
    OP_NEG,   /* -a */
    OP_ABS,
    OP_ADD, /* a + b, same scale; overflow: missing, counted */
    OP_SUB,
    OP_MUL,   /* a * b, scales added */
    OP_DIV,   /* a * 10^k / b, half away from zero (128 bit); b = 0: missing, counted */
    OP_UP,    /* a * 10^k */
    OP_ROUND, /* a / 10^k, half away from zero */
    OP_MIN,   /* of a and b, missing if one is */
    OP_MAX,
    OP_EQ, /* comparisons: missing if one is */
    OP_NE,
    OP_LT,
    OP_LE,
    OP_AND, /* Kleene */
    OP_OR,
    OP_NOT,
    OP_MISSING,  /* 1 when a is missing, else 0: never missing */
    OP_IF,       /* a ? b : c; a missing: missing */
    OP_FIRST,    /* a unless missing, else b */
    OP_IN,       /* a is one of set k (sorted list) of the program; a missing: missing */
    OP_HAS_ANY,  /* a & k != 0; a missing: missing. Bit c of the set is code c, 0..62 */
    OP_HAS_ALL,  /* a & k == k */
    OP_YEARS,    /* full years from day a to day b: years of the calendar, less one when b's
                    month and day come before a's; b before a: minus the years from b to a */
    OP_MONTHS,   /* full months likewise, less one when b's day of the month comes before a's.
                    k & 1: a is a month, k & 2: b is a month: their first days */
    OP_MONTH_OF, /* day a → month */
    OP_SPREAD,   /* value of the row's parent: a is one level above */
    /* folds: a row of this level from its children's rows. a: value, b: condition or -1 (all)
     */
    OP_COUNT, /* children whose b is true (b = -1: all) */
    OP_SUM,   /* of a where b is true; skips missing; none known: missing, nobody chosen: 0;
                 the total must fit an int64, not what is added on the way */
    OP_LEAST, /* smallest a where b is true; none: missing */
    OP_MOST,
    OP_ANY, /* Kleene over b */
    OP_ALL, /* Kleene over "not b, or a" */
    OP_OPS
};
struct rule_ins {
    uint8_t op, level, back, decimals;
    int32_t a, b, c; /* instructions before this one; -1 none */
    int64_t k;
};
struct rule_set {
    const int64_t *items; /* ascending */
    size_t count;
};
struct rule_root {
    const char *name;
    int32_t ins;
    enum rule_level level;
    struct rule_type type;
};
struct rule_program {
    const struct rule_ins *ins;
    size_t ins_count;
    const struct rule_name *names; /* copies of the dictionary's that are used */
    size_t name_count;
    const struct rule_set *sets;
    size_t set_count;
    const struct rule_root *roots;
    size_t root_count;
};
/* A month is year * 12 + month - 1. A level two above is spread twice. Operands are of the
 * instruction's own level, but for OP_SPREAD (one above) and folds (one below). A fold's
 * OP_ANY always has its b; OP_CONST, OP_TODAY and OP_YEAR stand at any level. Areas' values in
 * a household rule are OP_LOAD at level household of a name of level area: the source gives the
 * value of the household's area. Thresholds likewise. */

#endif
