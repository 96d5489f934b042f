/* Why a root has its value in one row: the facts it reads there. Walks from the root to its
 * loads with the range of rows that matter at each instruction. Parents are ascending, so a
 * household's people, and an area's households, are always one range. */
#include "rule/rule_impl.h"
#include "rule/rule_runner.h"

#include <string.h>

struct range {
    size_t from, to; /* places of the instruction's level; empty: not asked */
};
struct walk {
    struct cx *cx;
    const struct rule_program *p;
    const struct rule_block *b;
    struct range *ranges; /* by instruction */
};

/* First place whose parent is not below `parent`. */
static size_t first_child(const uint32_t *parents, size_t count, size_t parent)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (parents[middle] < parent)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void widen(struct range *r, struct range by)
{
    if (by.from >= by.to)
        return;
    if (r->from >= r->to) {
        *r = by;
        return;
    }
    r->from = by.from < r->from ? by.from : r->from;
    r->to = by.to > r->to ? by.to : r->to;
}

/* The rows of an instruction's operands that matter for the rows of its own. */
static struct range operand_range(const struct walk *w, const struct rule_ins *i,
                                  struct range own)
{
    const struct rule_block *b = w->b;
    if (i->op == OP_SPREAD) {
        const uint32_t *parent = b->parent[i->level];
        return (struct range){parent[own.from], parent[own.to - 1] + (size_t)1};
    }
    if (i->op < OP_COUNT)
        return own;
    const uint32_t *parent = b->parent[i->level + 1];
    size_t count = b->count[i->level + 1];
    return (struct range){first_child(parent, count, own.from),
                          first_child(parent, count, own.to)};
}

/* Operands stand before their instruction: one pass backwards reaches all. */
static void spread_ranges(const struct walk *w, size_t root, size_t place)
{
    const struct rule_root *of = &w->p->roots[root];
    w->ranges[of->ins] = (struct range){place, place + 1};
    for (size_t n = (size_t)of->ins + 1; n-- > 0;) {
        const struct rule_ins *i = &w->p->ins[n];
        const int32_t parts[] = {i->a, i->b, i->c};
        if (w->ranges[n].from >= w->ranges[n].to || i->op == OP_LOAD)
            continue;
        struct range r = operand_range(w, i, w->ranges[n]);
        for (size_t p = 0; p < 3; p++)
            if (parts[p] >= 0)
                widen(&w->ranges[parts[p]], r);
    }
}

/* The source's row of a place, at the name's own level where the block has it. */
static int64_t row_of(const struct rule_block *b, const struct rule_ins *i,
                      const struct rule_name *name, size_t place)
{
    if (name->table != RULE_THRESHOLD && name->level == RULE_AREA &&
        i->level == RULE_HOUSEHOLD && b->count[RULE_AREA] && b->parent[RULE_HOUSEHOLD])
        return b->row[RULE_AREA][b->parent[RULE_HOUSEHOLD][place]];
    return b->row[i->level][place];
}

static bool known(const struct rule_fact *facts, size_t count, const struct rule_fact *f)
{
    for (size_t i = count; i-- > 0;)
        if (facts[i].name == f->name && facts[i].back == f->back && facts[i].row == f->row)
            return true;
    return false;
}

/* Loads a name again (the run's columns have been used for others) and takes its rows. */
static enum rc take_facts(struct rule_fact *facts, size_t *count, struct walk *w,
                          const struct rule_source *s, size_t n, size_t max)
{
    struct cx *cx = w->cx;
    const struct rule_ins *i = &w->p->ins[n];
    const struct rule_name *name = &w->p->names[i->k];
    int64_t *column = arena_array(cx->arena, w->b->count[i->level] + 1, sizeof *column);
    if (!column)
        return fail(cx, RC_LIMIT, _("There is not enough memory to run the rules"), "explain");
    s->load(s->arg, column, w->b, (enum rule_level)i->level, name->table, name->id, i->back);
    for (size_t place = w->ranges[n].from; place < w->ranges[n].to && *count < max; place++) {
        const struct rule_fact f = {name, i->back, row_of(w->b, i, name, place), column[place]};
        if (!known(facts, *count, &f))
            facts[(*count)++] = f;
    }
    return RC_OK;
}

// NOLINTNEXTLINE(readability-function-size): the contract's parameters
enum rc rule_explain(struct rule_fact **out, size_t *count, struct cx *cx,
                     const struct rule_runner *r, const struct rule_source *s,
                     const struct rule_block *b, size_t root, size_t place, size_t max)
{
    struct walk w = {.cx = cx, .p = r->p, .b = b};
    size_t ins_count = (size_t)r->p->roots[root].ins + 1, n = 0;
    struct rule_fact *facts = arena_array(cx->arena, max + 1, sizeof *facts);
    w.ranges = arena_array(cx->arena, ins_count, sizeof *w.ranges);
    if (!facts || !w.ranges)
        return fail(cx, RC_LIMIT, _("There is not enough memory to run the rules"), "explain");
    spread_ranges(&w, root, place);
    for (size_t i = 0; i < ins_count && n < max; i++) {
        if (r->p->ins[i].op != OP_LOAD || w.ranges[i].from >= w.ranges[i].to)
            continue;
        struct arena_mark mark = arena_mark(cx->arena);
        TRY(take_facts(facts, &n, &w, s, i, max));
        arena_back(cx->arena, mark);
    }
    *out = facts;
    *count = n;
    return RC_OK;
}
