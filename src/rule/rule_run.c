/* Runs a program over blocks of columns. Each instruction is one loop over the rows of its
 * level. Working columns are used again as soon as nobody needs what they hold; what is the
 * same in all rows (constants, today, and what is computed from these alone) needs none. */
#include "rule/rule_impl.h"
#include "rule/rule_runner.h"

#include "base/time.h"

#include <assert.h>

enum { LINE = 64 / sizeof(int64_t), NEVER = INT32_MAX };

/* ---- making a runner ---- */

/* What is found out about a program before it is laid out. */
struct layout {
    struct cx *cx;
    const struct rule_program *p;
    struct rule_step *steps;
    int32_t *last;      /* the instruction that reads it last; NEVER: a root */
    bool *as_column;    /* somebody reads it as a column */
    int32_t *next_dead; /* chain of instructions that die at the same one */
    int32_t *dead_at;   /* head of that chain, by instruction */
    int64_t **free[3];  /* columns that may be used again */
    size_t free_count[3], max[3];
};

static bool is_fold(uint8_t op)
{
    return op >= OP_COUNT;
}

static bool takes_same(uint8_t op)
{
    return op == OP_ADD || op == OP_SUB || op == OP_MUL || op == OP_DIV || op == OP_FIRST ||
           (op >= OP_MIN && op <= OP_OR) || op == OP_YEARS || op == OP_MONTHS;
}

/* Leaves, and computations on such alone; loads and folds never. */
static bool is_same(const struct rule_step *steps, const struct rule_ins *i)
{
    const int32_t parts[] = {i->a, i->b, i->c};
    if (i->op == OP_CONST || i->op == OP_TODAY || i->op == OP_YEAR)
        return true;
    if (i->op == OP_LOAD || is_fold(i->op))
        return false;
    for (size_t p = 0; p < 3; p++)
        if (parts[p] >= 0 && !steps[parts[p]].is_same)
            return false;
    return true;
}

static enum lanes_form form_of(const struct rule_step *steps, const struct rule_ins *i)
{
    if (i->op == OP_IF) {
        bool b = steps[i->b].is_same, c = steps[i->c].is_same;
        return b ? (c ? LANES_KK : LANES_KV) : c ? LANES_VK : LANES_VV;
    }
    if (!takes_same(i->op))
        return LANES_VV;
    return steps[i->a].is_same ? LANES_KV : steps[i->b].is_same ? LANES_VK : LANES_VV;
}

static void read_part(struct layout *l, int32_t part, size_t reader, bool column)
{
    if (part < 0)
        return;
    if (l->last[part] != NEVER)
        l->last[part] = (int32_t)reader;
    if (column)
        l->as_column[part] = true;
}

/* Marks for each instruction who reads it last and as what. */
static void find_readers(struct layout *l)
{
    for (size_t r = 0; r < l->p->root_count; r++) {
        l->last[l->p->roots[r].ins] = NEVER;
        l->as_column[l->p->roots[r].ins] = true;
    }
    for (size_t n = 0; n < l->p->ins_count; n++) {
        const struct rule_ins *i = &l->p->ins[n];
        struct rule_step *s = &l->steps[n];
        s->is_same = is_same(l->steps, i);
        if (s->is_same)
            continue; /* its parts are never read as columns by it */
        bool pair = takes_same(i->op), choice = i->op == OP_IF;
        read_part(l, i->a, n, !(pair && l->steps[i->a].is_same));
        read_part(l, i->b, n, i->b >= 0 && !((pair || choice) && l->steps[i->b].is_same));
        read_part(l, i->c, n, i->c >= 0 && !(choice && l->steps[i->c].is_same));
    }
}

/* NULL: the arena is full. */
static int64_t *new_column(struct layout *l, size_t level)
{
    size_t rows = (l->max[level] / LINE + 2) * LINE;
    return arena_array(l->cx->arena, rows, sizeof(int64_t));
}

/* A column of a level, used before or new. */
static int64_t *take_column(struct layout *l, size_t level)
{
    if (l->free_count[level])
        return l->free[level][--l->free_count[level]];
    return new_column(l, level);
}

/* Columns whose last reader is n go back. */
static void give_back(struct layout *l, size_t n)
{
    for (int32_t d = l->dead_at[n]; d >= 0; d = l->next_dead[d]) {
        size_t level = l->p->ins[d].level;
        l->free[level][l->free_count[level]++] = l->steps[d].out;
    }
}

static bool lay_out(struct layout *l)
{
    for (size_t n = 0; n < l->p->ins_count; n++) {
        struct rule_step *s = &l->steps[n];
        const struct rule_ins *i = &l->p->ins[n];
        if (l->as_column[n]) {
            s->out = take_column(l, i->level);
            if (!s->out)
                return false;
            if (l->last[n] != NEVER) {
                l->next_dead[n] = l->dead_at[l->last[n]];
                l->dead_at[l->last[n]] = (int32_t)n;
            }
        }
        if (!s->is_same && i->op != OP_LOAD)
            s->run = rule_lanes((enum rule_op)i->op, form_of(l->steps, i));
        give_back(l, n);
    }
    return true;
}

/* A set whose values lie within 64 of each other is looked up in a word. */
static void make_masks(struct layout *l)
{
    for (size_t n = 0; n < l->p->ins_count; n++) {
        if (l->p->ins[n].op != OP_IN || l->steps[n].is_same)
            continue;
        const struct rule_set *set = &l->p->sets[l->p->ins[n].k];
        uint64_t span = (uint64_t)set->items[set->count - 1] - (uint64_t)set->items[0];
        if (span > 63)
            continue;
        l->steps[n].run = rule_lanes_in_mask;
        l->steps[n].from = set->items[0];
        for (size_t i = 0; i < set->count; i++)
            l->steps[n].mask |= (uint64_t)1 << (set->items[i] - set->items[0]);
    }
}

static bool has_sums(const struct rule_program *p, size_t level)
{
    for (size_t n = 0; n < p->ins_count; n++)
        if (p->ins[n].op == OP_SUM && p->ins[n].level == level)
            return true;
    return false;
}

enum rc rule_runner_make(struct rule_runner **out, struct cx *cx, const struct rule_program *p,
                         const size_t max[3])
{
    size_t count = p->ins_count + 1;
    struct rule_runner *r = arena_try(cx->arena, sizeof *r);
    struct layout l = {.cx = cx, .p = p};
    l.steps = arena_array(cx->arena, count, sizeof *l.steps);
    l.last = arena_array(cx->arena, count, sizeof *l.last);
    l.as_column = arena_array(cx->arena, count, sizeof *l.as_column);
    l.next_dead = arena_array(cx->arena, count, sizeof *l.next_dead);
    l.dead_at = arena_array(cx->arena, count, sizeof *l.dead_at);
    bool good = r && l.steps && l.last && l.as_column && l.next_dead && l.dead_at;
    for (size_t level = 0; level < 3; level++) {
        l.max[level] = max[level];
        l.free[level] = arena_array(cx->arena, count, sizeof(int64_t *));
        good = good && l.free[level];
    }
    for (size_t n = 0; good && n < p->ins_count; n++)
        l.last[n] = l.dead_at[n] = l.next_dead[n] = -1;
    if (good) {
        find_readers(&l);
        good = lay_out(&l);
    }
    for (size_t level = 0; good && level < 3; level++)
        if (has_sums(p, level))
            good = (r->scratch[level] = new_column(&l, level)) != NULL;
    if (!good)
        return fail(cx, RC_LIMIT, _("There is not enough memory to run the rules"),
                    "ins=%zu households=%zu people=%zu", p->ins_count, max[RULE_HOUSEHOLD],
                    max[RULE_PERSON]);
    make_masks(&l);
    r->p = p;
    r->steps = l.steps;
    for (size_t level = 0; level < 3; level++)
        r->max[level] = max[level];
    *out = r;
    return RC_OK;
}

/* ---- running ---- */

int64_t rule_day_earlier(int32_t day, int back)
{
    struct date d = day_date(day);
    d.year -= back;
    if (!date_valid(d))
        d.day = 28; /* of February */
    return day_of(d);
}

/* The value of what is the same in all rows. */
static int64_t same_value(const struct rule_runner *r, const struct rule_ins *i,
                          const struct rule_source *s, struct rule_figures *figures)
{
    if (i->op == OP_CONST)
        return i->k;
    if (i->op == OP_TODAY)
        return rule_day_earlier(s->day, i->back);
    if (i->op == OP_YEAR)
        return (int64_t)s->year - i->back;
    const int64_t v[3] = {i->a < 0 ? 0 : r->steps[i->a].same,
                          i->b < 0 ? 0 : r->steps[i->b].same,
                          i->c < 0 ? 0 : r->steps[i->c].same};
    return rule_fold(figures, i, r->p->sets, v);
}

static void run_step(struct rule_figures *figures, struct rule_runner *r,
                     const struct rule_block *b, size_t n)
{
    const struct rule_ins *i = &r->p->ins[n];
    const struct rule_step *s = &r->steps[n], *steps = r->steps;
    struct lanes x = {.out = s->out,
                      .k = s->mask ? s->from : i->k,
                      .mask = s->mask,
                      .count = b->count[i->level],
                      .figures = figures};
    if (i->a >= 0) {
        x.a = steps[i->a].out;
        x.ka = steps[i->a].same;
    }
    if (i->b >= 0) {
        x.b = steps[i->b].out;
        x.kb = steps[i->b].same;
    }
    if (i->c >= 0) {
        x.c = steps[i->c].out;
        x.kc = steps[i->c].same;
    }
    if (i->op == OP_IN)
        x.set = &r->p->sets[i->k];
    if (i->op == OP_SPREAD)
        x.parent = b->parent[i->level];
    if (is_fold(i->op)) {
        x.parent = b->parent[i->level + 1];
        x.child_count = b->count[i->level + 1];
        x.scratch = r->scratch[i->level];
    }
    s->run(&x);
}

void rule_run(struct rule_figures *figures, struct rule_runner *r, const struct rule_source *s,
              const struct rule_block *b)
{
    *figures = (struct rule_figures){0};
    for (size_t level = 0; level < 3; level++) {
        assert(b->count[level] <= r->max[level]);
        r->rows[level] = b->count[level];
    }
    for (size_t n = 0; n < r->p->ins_count; n++) {
        const struct rule_ins *i = &r->p->ins[n];
        struct rule_step *step = &r->steps[n];
        size_t rows = b->count[i->level];
        if (step->is_same) {
            step->same = same_value(r, i, s, figures);
            if (step->out)
                rule_lanes_fill(step->out, step->same, rows);
        } else if (!rows)
            continue;
        else if (i->op == OP_LOAD) {
            const struct rule_name *name = &r->p->names[i->k];
            s->load(s->arg, step->out, b, (enum rule_level)i->level, name->table, name->id,
                    i->back);
        } else
            run_step(figures, r, b, n);
    }
}

const int64_t *rule_value(const struct rule_runner *r, size_t root)
{
    return r->steps[r->p->roots[root].ins].out;
}

void rule_bits(uint64_t *bits, const struct rule_runner *r, size_t root)
{
    const struct rule_root *of = &r->p->roots[root];
    rule_lanes_bits(bits, rule_value(r, root), r->rows[of->level]);
}
