/* Counting recorded causes. */
#include "insight/cause.h"

#include "base/text.h"
#include "insight/attach.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 8 };

struct counting {
    const struct population *p;
    const struct code_list *list;
    const struct indicator *fields[FIELDS_MAX];
    struct column columns[FIELDS_MAX];
    size_t field_count;
    enum cause_who who;
    uint64_t *sets; /* causes of row i as bits; bit 63: the row is asked for */
};
static const uint64_t asked_bit = (uint64_t)1 << 63;

static enum rc open_fields(struct cx *cx, void *arg, struct columns *c)
{
    struct counting *t = arg;
    for (size_t f = 0; f < t->field_count; f++)
        TRY(columns_get(&t->columns[f], cx, c, SUBJECT_HOUSEHOLD, t->fields[f]->number,
                        t->p->year));
    return RC_OK;
}

static void read_row(void *arg, size_t i, int64_t row)
{
    struct counting *t = arg;
    const struct population *p = t->p;
    bool below = p->y && (p->scope->weak ? p->y[i] <= population_line_of(p, i)
                                         : p->y[i] < population_line_of(p, i));
    if (row < 0 || (t->who == CAUSE_POOR && !below))
        return;
    t->sets[i] = asked_bit;
    for (size_t f = 0; f < t->field_count; f++) {
        int64_t v = column_at(t->columns[f], (size_t)row);
        if (v == COLUMN_MISSING)
            continue;
        if (t->fields[f]->type == TYPE_CODES)
            t->sets[i] |= (uint64_t)v & ~asked_bit;
        else if (v >= 0 && v < CAUSES_MAX)
            t->sets[i] |= (uint64_t)1 << v;
    }
}

struct tally {
    int32_t code;
    int64_t households;
};
static int most_first(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;
    if (x->households != y->households)
        return x->households > y->households ? -1 : 1;
    return x->code < y->code ? -1 : x->code > y->code;
}

/* Which causes occur, most frequent first. */
static void find_causes(struct cause_table *out, const struct counting *t)
{
    struct tally tally[CAUSES_MAX];
    for (int32_t code = 0; code < CAUSES_MAX; code++)
        tally[code] = (struct tally){code, 0};
    for (size_t i = 0; i < t->p->n; i++) {
        uint64_t causes = t->sets[i] & ~asked_bit;
        out->asked += (t->sets[i] & asked_bit) != 0;
        out->with_cause += causes != 0;
        for (; causes; causes &= causes - 1)
            tally[__builtin_ctzll(causes)].households++;
    }
    qsort(tally, CAUSES_MAX, sizeof *tally, most_first);
    for (size_t k = 0; k < CAUSES_MAX && tally[k].households; k++) {
        out->code[k] = tally[k].code;
        out->households[k] = tally[k].households;
        out->count++;
    }
}

/* People and welfare by cause, pairs, and parts of the area. */
static void add_up(struct cause_table *out, const struct counting *t)
{
    const struct population *p = t->p;
    double known[CAUSES_MAX] = {0}, sum[CAUSES_MAX] = {0};
    for (size_t i = 0; i < p->n; i++) {
        uint64_t set = t->sets[i] & ~asked_bit;
        if (!set)
            continue;
        out->child_with[p->child[i]]++;
        for (size_t a = 0; a < out->count; a++) {
            if (!(set >> out->code[a] & 1))
                continue;
            out->people[a] += p->w[i];
            if (p->y && !isnan(p->y[i])) {
                known[a] += p->w[i];
                sum[a] += p->w[i] * p->y[i];
            }
            out->by_child[p->child[i] * out->count + a]++;
            for (size_t b = 0; b < out->count; b++)
                out->pairs[a * out->count + b] += (int64_t)(set >> out->code[b] & 1);
        }
    }
    for (size_t a = 0; a < out->count; a++)
        out->mean[a] = known[a] > 0 ? sum[a] / known[a] : NAN;
}

/* The names must outlive the population, whose room is given back before the page is written.
 */
static const struct population_group *copy_children(struct cx *cx, const struct population *p)
{
    struct population_group *all = arena_new(cx->arena, (p->child_count + 1) * sizeof *all);
    for (size_t i = 0; i < p->child_count; i++) {
        all[i] = p->children[i];
        all[i].label = arena_copy(cx->arena, str_of(p->children[i].label));
        all[i].path = arena_copy(cx->arena, str_of(p->children[i].path));
    }
    return all;
}

enum rc cause_make(struct cause_table *out, struct cx *cx, const struct population *p,
                   enum cause_who who)
{
    const struct profile *profile = cx->profile;
    struct counting t = {.p = p, .who = who};
    if (!profile->cause_column_count)
        return fail(cx, RC_INVALID, _("This profile records no causes of poverty."), "causes");
    t.list = profile->cause_columns[0]->list;
    for (size_t i = 0; i < profile->cause_column_count && t.field_count < FIELDS_MAX; i++)
        if (profile->cause_columns[i]->list == t.list)
            t.fields[t.field_count++] = profile->cause_columns[i];
    struct cx wide = population_cx(cx, p);
    t.sets = arena_array(wide.arena, p->n + 1, sizeof *t.sets);
    if (!t.sets)
        return fail(cx, RC_LIMIT, _("There are too many households for this page."), "causes");
    TRY(attach_rows(cx, p, open_fields, read_row, &t));
    *out = (struct cause_table){
        .list = t.list, .child_count = p->child_count, .children = copy_children(cx, p)};
    find_causes(out, &t);
    out->pairs = arena_new(cx->arena, (out->count * out->count + 1) * sizeof *out->pairs);
    out->child_with = arena_new(cx->arena, (p->child_count + 1) * sizeof *out->child_with);
    out->by_child =
        arena_new(cx->arena, (p->child_count * out->count + 1) * sizeof *out->by_child);
    add_up(out, &t);
    return RC_OK;
}

double cause_lift(const struct cause_table *t, size_t a, size_t b)
{
    double both = (double)t->pairs[a * t->count + b];
    double one = (double)t->households[a] * (double)t->households[b];
    return one > 0 ? both * (double)t->with_cause / one : NAN;
}
