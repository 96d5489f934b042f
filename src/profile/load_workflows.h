/* What the loader of workflows hands from file to file of this room (load_workflows.c,
 * load_moves.c, load_answers.c, workflow_check.c); other rooms see profile/workflows.h. */
#ifndef PROFILE_LOAD_WORKFLOWS_H
#define PROFILE_LOAD_WORKFLOWS_H

#include "profile/load_rules.h"
#include "profile/workflows.h"

enum { WORKFLOWS_MAX = 64, STATES_MAX = 64, MOVES_MAX = 200 };

/* A workflow while its tables are read. */
struct loose_workflow {
    struct workflow *w; /* in profile->workflows->list */
    int64_t line;
    struct workflow_state *states;
    struct workflow_move *moves;
    int64_t state_lines[STATES_MAX], move_lines[MOVES_MAX];
};
struct workflow_load {
    struct loader *l;
    struct workflows *out;
    struct loose_workflow *list; /* out->count of them */
};

/* The workflow that a cell names; NULL after a mistake. */
struct loose_workflow *row_workflow(const struct row *r, int column,
                                    const struct workflow_load *load);
/* The permission or level that a cell names; "" when it is empty, or after a mistake. */
const char *row_permission(const struct row *r, int column);
const char *row_level_code(const struct row *r, int column);
/* The kind of organisation a cell names; "" after a mistake (load_options.c). */
const char *row_org_kind(const struct row *r, int column);
/* In the order in which they must be loaded. */
void load_org_kinds(struct workflows *out, struct loader *l);
void load_options(struct workflows *out, struct loader *l);
void load_moves(struct workflow_load *load);
void load_answers(struct workflow_load *load);
/* What no single row shows: ways in and out of each state (workflow_check.c). */
void workflow_check(const struct workflow_load *load, const struct loose_workflow *w);

#endif
