/* One instruction on one row: for folding constants and for what is the same in all rows. */
#include "rule/rule_impl.h"
#include "rule/rule_scalar.h"

#include <assert.h>

static int64_t fold_arithmetic(struct rule_figures *figures, const struct rule_ins *i,
                               int64_t a, int64_t b)
{
    if (i->op == OP_ADD)
        return lane_add(a, b, &figures->overflows);
    if (i->op == OP_SUB)
        return lane_sub(a, b, &figures->overflows);
    if (i->op == OP_MUL)
        return lane_mul(a, b, &figures->overflows);
    if (i->op == OP_DIV)
        return lane_div(a, b, rule_power[i->k], figures);
    if (i->op == OP_UP)
        return lane_mul(a, rule_power[i->k], &figures->overflows);
    if (i->op == OP_NEG)
        return lane_neg(a);
    if (i->op == OP_ABS)
        return lane_abs(a);
    assert(i->op == OP_ROUND);
    return lane_round(a, rule_power[i->k]);
}

static int64_t fold_two(const struct rule_ins *i, int64_t a, int64_t b)
{
    if (i->op == OP_MIN)
        return lane_min(a, b);
    if (i->op == OP_MAX)
        return lane_max(a, b);
    if (i->op == OP_EQ)
        return lane_eq(a, b);
    if (i->op == OP_NE)
        return lane_ne(a, b);
    if (i->op == OP_LT)
        return lane_lt(a, b);
    if (i->op == OP_LE)
        return lane_le(a, b);
    if (i->op == OP_AND)
        return lane_and(a, b);
    if (i->op == OP_OR)
        return lane_or(a, b);
    if (i->op == OP_FIRST)
        return lane_first(a, b);
    if (i->op == OP_YEARS)
        return lane_years(a, b);
    assert(i->op == OP_MONTHS);
    return lane_months(a, b, i->k);
}

int64_t rule_fold(struct rule_figures *figures, const struct rule_ins *i,
                  const struct rule_set *sets, const int64_t v[3])
{
    if (i->op >= OP_NEG && i->op <= OP_ROUND)
        return fold_arithmetic(figures, i, v[0], v[1]);
    if (i->op == OP_NOT)
        return lane_not(v[0]);
    if (i->op == OP_MISSING)
        return lane_missing(v[0]);
    if (i->op == OP_IF)
        return lane_if(v[0], v[1], v[2]);
    if (i->op == OP_IN)
        return lane_in(v[0], &sets[i->k]);
    if (i->op == OP_HAS_ANY)
        return lane_has_any(v[0], i->k);
    if (i->op == OP_HAS_ALL)
        return lane_has_all(v[0], i->k);
    if (i->op == OP_MONTH_OF)
        return lane_month_of(v[0]);
    if (i->op == OP_SPREAD)
        return v[0];
    return fold_two(i, v[0], v[1]);
}
