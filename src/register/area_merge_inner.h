/* What the files of merging areas share: area_merge.c plans, area_merge_run.c does it. */
#ifndef REGISTER_AREA_MERGE_INNER_H
#define REGISTER_AREA_MERGE_INNER_H

#include "register/area_merge.h"
#include "register/inner.h"

/* An area that ends in another; and one that goes below another as it is (`pair`: of which it
 * lay below `from`). */
struct merge_pair {
    struct area from, into;
};
struct merge_move {
    struct area area;
    size_t pair;
};
struct merge_plan {
    struct merge_pair *pairs; /* the first is the one asked for; parents before children */
    struct merge_move *moves; /* in the order of pairs */
    size_t pair_count, move_count;
};
/* Reads and checks, as area_merge_facts says. */
enum rc merge_plan_make(struct merge_plan *out, struct cx *cx, int64_t from_id,
                        int64_t into_id) MUST_USE;
/* Does the steps that are left. `job` NULL: none. */
enum rc area_merge_run(struct cx *cx, const struct job *job, int64_t county,
                       int64_t from_id) MUST_USE;

#endif
