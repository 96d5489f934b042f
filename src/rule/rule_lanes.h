/* Loops over columns: one function per instruction and kind of operands. For rule_run.c only.
 */
#ifndef RULE_RULE_LANES_H
#define RULE_RULE_LANES_H

#include "rule/code.h"

struct lanes {
    int64_t *out;
    const int64_t *a, *b, *c; /* operands that are columns */
    int64_t ka, kb, kc;       /* operands that are the same in all rows */
    int64_t k;                /* the instruction's */
    size_t count;             /* rows of out; of the children in folds: child_count */
    size_t child_count;
    const uint32_t *parent; /* OP_SPREAD: of out's rows; folds: of the children */
    const struct rule_set *set;
    uint64_t mask;    /* OP_IN: bit i is set for the value k + i; 0: search the set */
    int64_t *scratch; /* a column of count for OP_SUM */
    struct rule_figures *figures;
};
/* Which operands are columns; the others are the same in all rows. */
enum lanes_form { LANES_VV, LANES_VK, LANES_KV, LANES_KK, LANES_FORMS };
/* For OP_IF the form is that of b and c; a is a column. For unary ones LANES_VV. */
typedef void (*lanes_fn)(struct lanes *x);
lanes_fn rule_lanes(enum rule_op op, enum lanes_form form);
void rule_lanes_fill(int64_t *out, int64_t k, size_t count);
/* OP_IN with a mask. */
void rule_lanes_in_mask(struct lanes *x);
/* Bit i of word i / 64 is set where a[i] is 1. */
void rule_lanes_bits(uint64_t *bits, const int64_t *a, size_t count);

#endif
