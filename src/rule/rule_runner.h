/* A runner's inside, shared by rule_run.c and rule_explain.c. */
#ifndef RULE_RULE_RUNNER_H
#define RULE_RULE_RUNNER_H

#include "rule/rule_lanes.h"

/* How one instruction is run. */
struct rule_step {
    int64_t *out; /* NULL: nobody needs it as a column */
    lanes_fn run; /* NULL: leaves, loads, and what is the same in all rows */
    int64_t same; /* the value when is_same */
    uint64_t mask;
    int64_t from;    /* OP_IN with a mask: the value of bit 0 */
    uint8_t is_same; /* one value for all rows, computed once a run */
};
struct rule_runner {
    const struct rule_program *p;
    struct rule_step *steps; /* one per instruction */
    int64_t *scratch[3];     /* by level of the parents */
    size_t max[3];
    size_t rows[3]; /* of the last run */
};
/* "today" some years earlier: 29 February becomes the 28th. */
int64_t rule_day_earlier(int32_t day, int back);

#endif
