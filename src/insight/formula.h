/* A model as one line: `y ~ x + i.region + c.age#c.age + spline(dist, 5, 10)`.
 *
 *   formula = outcome "~" terms
 *   outcome = name | log(name)
 *   terms   = ["-" "1" | "0"] term { "+" term } { "-" "1" }      without "- 1" or "0": a
 * constant term    = part { "#" part } | part { "##" part }   a##b is a + b + a#b, and so on
 *   part    = name | "c." name | "i." name | "ib" level "." name | log(name) | sqrt(name)
 *           | name "^" 2 … 9 | spline(name, knot, …)
 *   name    = letters, digits, "_", "." and whatever is not ASCII; anything in `back quotes`
 *
 * i. makes groups of the column's values, each against the first (or the one named by ib); in
 * an interaction every part says whether it is a number (c.) or groups (i.). spline is linear:
 * the column itself and for each knot how far above it the value is, so a coefficient is the
 * change of slope at the knot. */
#ifndef INSIGHT_FORMULA_H
#define INSIGHT_FORMULA_H

#include "base/cx.h"

enum {
    FORMULA_BYTES_MAX = 16 * 1024,
    FORMULA_TERMS_MAX = 1000,
    FORMULA_PARTS_MAX = 4, /* of one term */
    FORMULA_KNOTS_MAX = 20,
};
enum formula_kind {
    FORMULA_NUMBER,
    FORMULA_GROUPS,
    FORMULA_LOG,
    FORMULA_SQRT,
    FORMULA_POWER,
    FORMULA_SPLINE
};
struct formula_part {
    enum formula_kind kind;
    const char *name;
    const char *base; /* FORMULA_GROUPS: the level compared with; NULL: the first */
    int power;        /* FORMULA_POWER */
    size_t knot_count;
    double knot[FORMULA_KNOTS_MAX]; /* ascending */
};
struct formula_term {
    size_t count;
    struct formula_part part[FORMULA_PARTS_MAX];
};
struct formula {
    struct formula_part outcome; /* FORMULA_NUMBER or FORMULA_LOG */
    bool constant;
    struct formula_term *terms; /* none twice */
    size_t count;
};
/* In cx->arena. RC_INVALID with a sentence that says at which character, what stands there and
 * what was expected; RC_LIMIT: too long. */
enum rc formula_parse(struct formula *out, struct cx *cx, const char *text) MUST_USE;
/* The same values: kind, name, power and knots. */
bool formula_same_part(const struct formula_part *a, const struct formula_part *b);
/* "log(x)", "x^2": for tables. */
const char *formula_part_name(struct cx *cx, const struct formula_part *p);

#endif
