/* The hash of what a check reads for a row: every value that its rule loads, of everybody it
 * loads it from, as raw numbers. It does not depend on the language, on labels or on the order
 * in which the rule was compiled; thresholds are the programme's and not part of it (when they
 * move, the check fires or it does not). */
#include "register/check_inner.h"

#include "rule/code.h"

#include <stdlib.h>
#include <string.h>

enum { LOADS_MAX = 256 };

struct load {
    enum rule_level level; /* of the name */
    enum rule_table table;
    int32_t id, back;
};
struct loads {
    struct load list[LOADS_MAX];
    size_t count;
    bool folds_people, folds_households; /* does it look at all of them? */
};

static int compare_loads(const void *a, const void *b)
{
    const struct load *x = a, *y = b;
    if (x->level != y->level)
        return x->level < y->level ? -1 : 1;
    if (x->table != y->table)
        return x->table < y->table ? -1 : 1;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return (x->back > y->back) - (x->back < y->back);
}

static void add_load(struct loads *l, const struct rule_program *p, const struct rule_ins *ins)
{
    const struct rule_name *name = &p->names[ins->k];
    if (name->table != RULE_FIELD && name->table != RULE_INCOME)
        return;
    struct load load = {name->level, name->table, name->id, ins->back};
    for (size_t i = 0; i < l->count; i++)
        if (!compare_loads(&l->list[i], &load))
            return;
    if (l->count < LOADS_MAX)
        l->list[l->count++] = load;
}

/* Everything that the root stands on. */
static void collect(struct loads *l, struct cx *cx, const struct rule_program *p, size_t root)
{
    int32_t last = p->roots[root].ins;
    bool *needed = arena_new(cx->arena, (size_t)last + 1);
    needed[last] = true;
    for (int32_t i = last; i >= 0; i--) {
        const struct rule_ins *ins = &p->ins[i];
        if (!needed[i])
            continue;
        const int32_t from[3] = {ins->a, ins->b, ins->c};
        for (int k = 0; k < 3; k++)
            if (from[k] >= 0 && from[k] < i)
                needed[from[k]] = true;
        if (ins->op == OP_LOAD)
            add_load(l, p, ins);
        if (ins->op >= OP_COUNT && ins->op <= OP_ALL) {
            l->folds_people = l->folds_people || ins->level == RULE_HOUSEHOLD;
            l->folds_households = l->folds_households || ins->level == RULE_AREA;
        }
    }
    qsort(l->list, l->count, sizeof l->list[0], compare_loads);
}

/* Rows by level that the check looks at for one row of its subject. */
struct reach {
    const uint32_t *rows[3];
    size_t count[3];
};

static enum rc reach_people(struct reach *r, struct cx *cx, const struct check_county *c)
{
    size_t cap = 64, count = 0;
    uint32_t *all = arena_new(cx->arena, cap * sizeof *all);
    for (size_t i = 0; i < r->count[RULE_HOUSEHOLD]; i++) {
        const uint32_t *people;
        size_t n;
        TRY(columns_people(&people, &n, cx, c->columns, c->year, r->rows[RULE_HOUSEHOLD][i]));
        if (count + n > cap) {
            cap = 2 * (count + n);
            uint32_t *wider = arena_new(cx->arena, cap * sizeof *wider);
            memcpy(wider, all, count * sizeof *all);
            all = wider;
        }
        memcpy(all + count, people, n * sizeof *all);
        count += n;
    }
    r->rows[RULE_PERSON] = all;
    r->count[RULE_PERSON] = count;
    return RC_OK;
}

static enum rc reach_of(struct reach *r, struct cx *cx, const struct check_county *c,
                        const struct loads *l, enum subject subject, uint32_t row)
{
    const struct columns_head *h = c->head;
    uint32_t *own = arena_new(cx->arena, 3 * sizeof *own);
    for (int level = 0; level < 3; level++) {
        r->rows[level] = &own[level];
        r->count[level] = 1;
    }
    if (subject == SUBJECT_AREA) {
        own[RULE_AREA] = row;
        r->count[RULE_HOUSEHOLD] = r->count[RULE_PERSON] = 0;
        if (!l->folds_households)
            return RC_OK;
        TRY(columns_rows(&r->rows[RULE_HOUSEHOLD], &r->count[RULE_HOUSEHOLD], cx, c->columns,
                         (int32_t)row));
        return l->folds_people ? reach_people(r, cx, c) : RC_OK;
    }
    uint32_t household = subject == SUBJECT_PERSON ? (uint32_t)h->household[row] : row;
    own[RULE_HOUSEHOLD] = household;
    own[RULE_AREA] = (uint32_t)h->area[household];
    own[RULE_PERSON] = row;
    if (subject == SUBJECT_PERSON && !l->folds_people)
        return RC_OK;
    return reach_people(r, cx, c);
}

static const enum subject subject_of[3] = {[RULE_AREA] = SUBJECT_AREA,
                                           [RULE_HOUSEHOLD] = SUBJECT_HOUSEHOLD,
                                           [RULE_PERSON] = SUBJECT_PERSON};

struct valued {
    int64_t id, value;
};
static int by_id(const void *a, const void *b)
{
    const struct valued *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static int64_t id_of_row(const struct columns_head *h, enum rule_level level, uint32_t row)
{
    switch (level) {
    case RULE_AREA:
        return h->areas[row].id;
    case RULE_HOUSEHOLD:
        return h->household_id[row];
    case RULE_PERSON:
        return h->person_id[row];
    }
    return 0;
}

static enum rc add_values(struct hash_state *state, struct cx *cx, const struct check_county *c,
                          const struct load *load, const struct reach *r)
{
    struct column column;
    int32_t year = c->year - load->back;
    TRY(load->table == RULE_INCOME
            ? columns_income(&column, cx, c->columns, load->id, year)
            : columns_get(&column, cx, c->columns, subject_of[load->level], load->id, year));
    size_t count = r->count[load->level];
    struct valued *values = arena_array(cx->arena, count + 1, sizeof *values);
    if (!values)
        return fail(cx, RC_LIMIT, "", "check reads too much rows=%zu", count);
    for (size_t i = 0; i < count; i++) {
        uint32_t row = r->rows[load->level][i];
        values[i] =
            (struct valued){id_of_row(c->head, load->level, row), column_at(column, row)};
    }
    qsort(values, count, sizeof *values, by_id);
    const int64_t head[5] = {(int64_t)load->level, (int64_t)load->table, load->id, load->back,
                             (int64_t)count};
    hash_add(state, head, sizeof head);
    hash_add(state, values, count * sizeof *values);
    return RC_OK;
}

enum rc check_hash(uint8_t out[HASH_BYTES], struct cx *cx, const struct check_county *c,
                   size_t check, uint32_t row)
{
    struct arena_mark mark = arena_mark(cx->arena);
    struct loads *l = arena_new(cx->arena, sizeof *l);
    struct reach reach;
    struct hash_state state;
    collect(l, cx, c->rules->check_program, check);
    TRY(reach_of(&reach, cx, c, l, c->rules->checks[check].subject, row));
    hash_begin(&state);
    for (size_t i = 0; i < l->count; i++)
        TRY(add_values(&state, cx, c, &l->list[i], &reach));
    hash_end(&state, out);
    arena_back(cx->arena, mark);
    return RC_OK;
}
