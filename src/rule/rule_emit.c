/* Makes the list of instructions: constants are folded, trivial ones are simplified away, and
 * an instruction that stands already is found again, so that all rules of a program share what
 * they have in common. What no root needs is dropped later (rule_compile.c). */
#include "rule/rule_impl.h"
#include "rule/rule_scalar.h"

#include <assert.h>
#include <string.h>

bool rule_is_const(const struct compiler *c, int32_t ins, int64_t *k)
{
    if (ins < 0 || c->ins[ins].op != OP_CONST)
        return false;
    *k = c->ins[ins].k;
    return true;
}

bool rule_is_leaf(const struct compiler *c, int32_t ins)
{
    uint8_t op = c->ins[ins].op;
    return op == OP_CONST || op == OP_TODAY || op == OP_YEAR;
}

static uint64_t ins_hash(const struct rule_ins *i)
{
    uint64_t h = (uint64_t)i->op | (uint64_t)i->level << 8 | (uint64_t)i->back << 16 |
                 (uint64_t)i->decimals << 24;
    uint64_t parts[] = {(uint32_t)i->a, (uint32_t)i->b, (uint32_t)i->c, (uint64_t)i->k};
    for (size_t p = 0; p < 4; p++) {
        h = (h ^ parts[p]) * 0x9E3779B97F4A7C15u;
        h ^= h >> 29;
    }
    return h;
}

static bool same_ins(const struct rule_ins *x, const struct rule_ins *y)
{
    return x->op == y->op && x->level == y->level && x->back == y->back &&
           x->decimals == y->decimals && x->a == y->a && x->b == y->b && x->c == y->c &&
           x->k == y->k;
}

/* Room for one more, in list and table. */
static bool make_room(struct compiler *c)
{
    if (c->ins_count < c->ins_cap)
        return true;
    size_t cap = c->ins_cap ? c->ins_cap * 2 : 1024;
    struct rule_ins *ins = arena_array(c->cx->arena, cap, sizeof *ins);
    int32_t *hash = arena_array(c->cx->arena, cap * 2, sizeof *hash);
    if (!ins || !hash || c->ins_count >= RULE_PROGRAM_INS_MAX)
        return false;
    if (c->ins_count)
        memcpy(ins, c->ins, c->ins_count * sizeof *ins);
    for (size_t i = 0; i < cap * 2; i++)
        hash[i] = -1;
    for (size_t i = 0; i < c->ins_count; i++) {
        size_t at = ins_hash(&ins[i]) & (cap * 2 - 1);
        while (hash[at] >= 0)
            at = (at + 1) & (cap * 2 - 1);
        hash[at] = (int32_t)i;
    }
    c->ins = ins;
    c->ins_hash = hash;
    c->ins_cap = cap;
    c->ins_hash_size = cap * 2;
    return true;
}

/* The place of an equal instruction, or of the new one. */
static int32_t place(struct compiler *c, const struct rule_ins *ins)
{
    if (!make_room(c)) {
        c->full = true;
        return 0; /* the compiler stops at the next check of `full` */
    }
    size_t at = ins_hash(ins) & (c->ins_hash_size - 1);
    while (c->ins_hash[at] >= 0 && !same_ins(&c->ins[c->ins_hash[at]], ins))
        at = (at + 1) & (c->ins_hash_size - 1);
    if (c->ins_hash[at] < 0) {
        c->ins_hash[at] = (int32_t)c->ins_count;
        c->ins[c->ins_count++] = *ins;
    }
    return c->ins_hash[at];
}

static int32_t constant(struct compiler *c, const struct rule_ins *like, int64_t k)
{
    struct rule_ins ins = {.op = OP_CONST,
                           .level = like->level,
                           .decimals = like->decimals,
                           .a = -1,
                           .b = -1,
                           .c = -1,
                           .k = k};
    return place(c, &ins);
}

/* Logic with one constant side or two equal ones; -1: nothing to simplify. */
static int32_t simplify_logic(struct compiler *c, const struct rule_ins *i)
{
    int64_t k;
    bool is_and = i->op == OP_AND;
    if (i->a == i->b)
        return i->a;
    int32_t other = rule_is_const(c, i->a, &k) ? i->b : rule_is_const(c, i->b, &k) ? i->a : -1;
    if (other < 0 || k == RULE_MISSING)
        return -1;
    return (k == 1) == is_and ? other : constant(c, i, is_and ? 0 : 1);
}

/* An older instruction that says the same; -1: none. Values of numbers must keep their
 * decimals, so only what leaves operand and result alike is touched. */
static int32_t simplify(struct compiler *c, const struct rule_ins *i)
{
    int64_t k;
    if (i->op == OP_AND || i->op == OP_OR)
        return simplify_logic(c, i);
    if (i->op == OP_NOT && c->ins[i->a].op == OP_NOT)
        return c->ins[i->a].a;
    if ((i->op == OP_UP || i->op == OP_ROUND) && i->k == 0)
        return i->a;
    if (i->op == OP_IF && rule_is_const(c, i->a, &k))
        return k == RULE_MISSING ? constant(c, i, RULE_MISSING) : k ? i->b : i->c;
    if (i->op == OP_FIRST && (rule_is_const(c, i->a, &k) || i->a == i->b))
        return i->a != i->b && k == RULE_MISSING ? i->b : i->a;
    if ((i->op == OP_MIN || i->op == OP_MAX) && i->a == i->b)
        return i->a;
    if (i->op == OP_MISSING && c->ins[i->a].op == OP_MISSING)
        return constant(c, i, 0);
    return -1;
}

static bool commutes(uint8_t op)
{
    return op == OP_ADD || op == OP_MUL || op == OP_MIN || op == OP_MAX || op == OP_EQ ||
           op == OP_NE || op == OP_AND || op == OP_OR;
}

int32_t rule_emit(struct compiler *c, struct rule_ins i)
{
    int64_t a = 0, b = 0, e = 0;
    c->nodes++;
    if (c->full)
        return 0;
    if (commutes(i.op) && i.a > i.b) {
        int32_t swap = i.a;
        i.a = i.b;
        i.b = swap;
    }
    bool computes = i.op >= OP_NEG && i.op < OP_SPREAD;
    if (computes && rule_is_const(c, i.a, &a) && (i.b < 0 || rule_is_const(c, i.b, &b)) &&
        (i.c < 0 || rule_is_const(c, i.c, &e)))
        return constant(c, &i, rule_fold(&c->folded, &i, c->sets, (const int64_t[]){a, b, e}));
    int32_t simple = computes ? simplify(c, &i) : -1;
    return simple >= 0 ? simple : place(c, &i);
}

int32_t rule_lift(struct compiler *c, int32_t ins, enum rule_level level)
{
    if (c->full)
        return 0;
    struct rule_ins i = c->ins[ins];
    if (i.level == level)
        return ins;
    if (rule_is_leaf(c, ins)) {
        i.level = (uint8_t)level;
        return place(c, &i);
    }
    assert(i.level < level);
    while (i.level < level && !c->full) {
        i = (struct rule_ins){.op = OP_SPREAD,
                              .level = (uint8_t)(i.level + 1),
                              .decimals = i.decimals,
                              .a = ins,
                              .b = -1,
                              .c = -1};
        ins = place(c, &i);
    }
    return ins;
}

int32_t rule_set_add(struct compiler *c, const int64_t *items, size_t count)
{
    for (size_t s = 0; s < c->set_count; s++)
        if (c->sets[s].count == count &&
            memcmp(c->sets[s].items, items, count * sizeof *items) == 0)
            return (int32_t)s;
    if (c->set_count == c->set_cap) {
        size_t cap = c->set_cap ? c->set_cap * 2 : 64;
        struct rule_set *sets = arena_array(c->cx->arena, cap, sizeof *sets);
        if (!sets) {
            c->full = true;
            return 0;
        }
        if (c->set_count)
            memcpy(sets, c->sets, c->set_count * sizeof *sets);
        c->sets = sets;
        c->set_cap = cap;
    }
    c->sets[c->set_count] = (struct rule_set){items, count};
    return (int32_t)c->set_count++;
}
