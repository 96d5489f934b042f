/* Makes survey designs: numbers strata and clusters, checks finite populations and lonely
 * strata. Variances are design_variance.c's work, replicates replicate.c's. */
#include "stats/design.h"

#include "base/text.h"
#include "stats/inner.h"

#include <assert.h>

/* ---- numbering ---- */

struct numbering { /* (group, code) -> 0, 1, … in order of first appearance */
    uint64_t *key;
    uint32_t *slot; /* number + 1; 0: free */
    size_t slots, count;
};

/* Room for n different pairs. */
static enum rc numbering_open(struct numbering *out, struct cx *cx, size_t n)
{
    struct numbering t = {.slots = 16};
    while (t.slots < n * 2)
        t.slots *= 2;
    t.key = arena_array(cx->arena, n + 1, sizeof *t.key);
    t.slot = arena_array(cx->arena, t.slots, sizeof *t.slot);
    if (!t.key || !t.slot)
        return fail(cx, RC_LIMIT, _("There are too many rows for a survey design."), "n=%zu",
                    n);
    *out = t;
    return RC_OK;
}

static uint32_t number_of(struct numbering *t, uint32_t group, uint32_t code)
{
    uint64_t key = (uint64_t)group << 32 | code, h = key;
    assert(t->slot && t->key);
    h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9u; /* SplitMix64's finish */
    h = (h ^ (h >> 27)) * 0x94D049BB133111EBu;
    size_t at = (h ^ (h >> 31)) & (t->slots - 1);
    for (; t->slot[at]; at = (at + 1) & (t->slots - 1))
        if (t->key[t->slot[at] - 1] == key)
            return t->slot[at] - 1;
    t->key[t->count] = key;
    t->slot[at] = (uint32_t)++t->count;
    return (uint32_t)t->count - 1;
}

static bool in_sample(const struct design_columns *c, size_t row)
{
    return !c->w || isfinite(c->w[row]);
}

/* unit[row] becomes its stratum's number. */
static enum rc number_strata(size_t *count, struct cx *cx, uint32_t *unit,
                             const struct design_columns *c)
{
    struct arena_mark mark = arena_mark(cx->arena);
    struct numbering t = {0};
    TRY(numbering_open(&t, cx, c->strata ? c->n : 1));
    for (size_t i = 0; i < c->n; i++)
        unit[i] = in_sample(c, i) ? number_of(&t, 0, c->strata ? c->strata[i] : 0) : DESIGN_OUT;
    *count = t.count;
    arena_back(cx->arena, mark);
    return RC_OK;
}

/* unit[row], a unit of the stage before, becomes the row's unit of stage s. */
static enum rc number_stage(struct design_stage *stage, struct cx *cx, uint32_t *unit,
                            const struct design_columns *c, size_t s)
{
    size_t n = c->n + 1, groups = stage->groups + 1;
    struct numbering t = {0};
    stage->group = arena_array(cx->arena, n, sizeof *stage->group);
    stage->size = arena_array(cx->arena, groups, sizeof *stage->size);
    stage->share_out = arena_array(cx->arena, groups, sizeof *stage->share_out);
    stage->share_in = arena_array(cx->arena, groups, sizeof *stage->share_in);
    stage->factor = arena_array(cx->arena, groups, sizeof *stage->factor);
    if (!stage->group || !stage->size || !stage->share_out || !stage->share_in ||
        !stage->factor)
        return fail(cx, RC_LIMIT, _("There are too many rows for a survey design."), "n=%zu",
                    n);
    struct arena_mark mark = arena_mark(cx->arena);
    TRY(numbering_open(&t, cx, c->n));
    for (size_t i = 0; i < c->n; i++) {
        if (unit[i] == DESIGN_OUT)
            continue;
        uint32_t group = unit[i], before = (uint32_t)t.count;
        unit[i] = number_of(&t, group, c->stages ? c->cluster[s][i] : (uint32_t)i);
        if (unit[i] < before)
            continue;
        stage->group[unit[i]] = group;
        stage->size[group]++;
    }
    stage->units = t.count;
    arena_back(cx->arena, mark);
    return RC_OK;
}

/* Whether a cluster's number stands in several strata: fewer numbers than units. */
static enum rc find_crossing(struct design *d, struct cx *cx, const struct design_columns *c)
{
    struct arena_mark mark = arena_mark(cx->arena);
    struct numbering t = {0};
    if (!c->strata || !c->stages)
        return RC_OK;
    TRY(numbering_open(&t, cx, c->n));
    for (size_t i = 0; i < c->n; i++)
        if (in_sample(c, i))
            (void)number_of(&t, 0, c->cluster[0][i]); /* counted only */
    d->crossing = t.count < d->stage[0].units;
    arena_back(cx->arena, mark);
    return RC_OK;
}

/* ---- finite populations ---- */

static const char *fpc_name(const struct design_columns *c, size_t s)
{
    return c->fpc_name[s] ? c->fpc_name[s] : "-";
}

/* share_in[group] = share drawn, of rows' fpc; `group` is by row. */
static enum rc read_fpc(struct design_stage *stage, struct cx *cx,
                        const struct design_columns *c, size_t s, const uint32_t *group)
{
    const double *fpc = c->fpc[s];
    for (size_t g = 0; g < stage->groups; g++)
        stage->share_in[g] = -1;
    for (size_t i = 0; i < c->n; i++) {
        if (group[i] == DESIGN_OUT)
            continue;
        uint32_t g = group[i];
        if (!(fpc[i] > 0))
            return fail_f(cx, RC_INVALID,
                          _("Column %s, data row %lld: a finite population is a number "
                            "above zero (how many there are, or the share drawn)."),
                          fpc_name(c, s), (long long)i + 1);
        double f = fpc[i] <= 1 ? fpc[i] : stage->size[g] / fpc[i];
        if (f > 1)
            return fail_f(cx, RC_INVALID,
                          _("Column %s, data row %lld: the finite population is smaller "
                            "than the number of clusters that were drawn from it."),
                          fpc_name(c, s), (long long)i + 1);
        if (stage->share_in[g] >= 0 && stage->share_in[g] != f)
            return fail_f(cx, RC_INVALID,
                          _("Column %s, data row %lld: the finite population differs from "
                            "that of other rows of the same stratum or cluster."),
                          fpc_name(c, s), (long long)i + 1);
        stage->share_in[g] = f;
    }
    for (size_t g = 0; g < stage->groups; g++)
        stage->share_out[g] = 1 - stage->share_in[g];
    return RC_OK;
}

/* ---- lonely strata ---- */

static const char *stratum_label(struct cx *cx, const struct design *d,
                                 const struct design_columns *c, uint32_t stratum)
{
    /* A row of the first stratum tells its code. */
    for (size_t i = 0; i < c->n && c->strata; i++) {
        uint32_t g = d->unit[i];
        if (g == DESIGN_OUT)
            continue;
        for (size_t s = d->stages; s-- > 0;)
            g = d->stage[s].group[g];
        if (g == stratum)
            return c->strata_labels
                       ? c->strata_labels[c->strata[i]]
                       : arena_printf(cx->arena, "%lu", (unsigned long)c->strata[i]);
    }
    return "";
}

static enum rc check_lonely(struct design *d, struct cx *cx, const struct design_columns *c)
{
    const struct design_stage *first = &d->stage[0];
    uint32_t stratum = 0;
    for (uint32_t g = 0; g < first->groups; g++)
        if (first->size[g] == 1 && first->share_out[g] > 0) {
            stratum = d->lonely_strata++ ? stratum : g;
        }
    if (first->units == 1 && !c->stages)
        return fail(cx, RC_INVALID,
                    _("The sample has one row only: no standard error can be had."), "rows=1");
    if (first->units <= first->groups && first->groups == 1)
        return fail_f(cx, RC_INVALID,
                      _("The sample is one cluster (column %s): no standard error can be had. "
                        "Name the column of the clusters that were drawn."),
                      c->cluster_name ? c->cluster_name : "-");
    if (first->units <= first->groups && d->lonely_strata)
        return fail_f(cx, RC_INVALID,
                      _("Every stratum of column %s has one cluster only: no standard error "
                        "can be had. Name a coarser column of strata."),
                      c->strata_name ? c->strata_name : "-");
    if (d->lonely_strata && d->lonely == LONELY_FAIL)
        return fail_f(cx, RC_INVALID,
                      _("Stratum “%s” of column %s has one cluster only (%d such strata): its "
                        "variance cannot be had. Join it with another stratum, or choose "
                        "adjust, certainty or average for lonely strata."),
                      stratum_label(cx, d, c, stratum), c->strata_name ? c->strata_name : "-",
                      (int)d->lonely_strata);
    for (size_t s = 1; s < d->stages && d->lonely == LONELY_FAIL; s++)
        for (uint32_t g = 0; g < d->stage[s].groups; g++)
            if (d->stage[s].size[g] == 1 && d->stage[s].share_out[g] > 0)
                return fail_f(cx, RC_INVALID,
                              _("A cluster has one unit only at stage %d: its variance cannot "
                                "be had. Choose adjust, certainty or average."),
                              (int)s + 1);
    return RC_OK;
}

/* ---- all ---- */

static enum rc make_stages(struct design *d, struct cx *cx, const struct design_columns *c)
{
    size_t groups = 0, stages = c->stages ? c->stages : 1;
    uint32_t *before = arena_array(cx->arena, c->n + 1, sizeof *before);
    if (!before)
        return fail(cx, RC_LIMIT, _("There are too many rows for a survey design."), "n=%zu",
                    c->n);
    TRY(number_strata(&groups, cx, d->unit, c));
    for (size_t s = 0; s < stages; s++) {
        struct design_stage *stage = &d->stage[s];
        *stage = (struct design_stage){.groups = groups};
        memcpy(before, d->unit, c->n * sizeof *before);
        TRY(number_stage(stage, cx, d->unit, c, s));
        for (size_t g = 0; g < groups; g++) {
            const struct design_stage *up = s ? stage - 1 : NULL;
            uint32_t parent = up ? up->group[g] : 0;
            stage->share_out[g] = 1;
            stage->factor[g] = up ? up->factor[parent] * up->share_in[parent] : 1;
        }
        d->stages = s + 1;
        if (!c->fpc[s])
            break; /* ultimate clusters: what lies below adds nothing */
        TRY(read_fpc(stage, cx, c, s, before));
        groups = stage->units;
    }
    return RC_OK;
}

enum rc design_make(struct design *out, struct cx *cx, const struct design_columns *c)
{
    struct design d = {.n = c->n, .lonely = c->lonely};
    if (c->stages > DESIGN_STAGES_MAX)
        return fail_f(cx, RC_INVALID, _("A design has at most %d stages."),
                      (int)DESIGN_STAGES_MAX);
    if (c->n >= UINT32_MAX)
        return fail(cx, RC_LIMIT, _("There are too many rows for a survey design."), "n=%zu",
                    c->n);
    for (size_t i = 0; i < c->n; i++)
        d.rows += in_sample(c, i);
    if (!d.rows)
        return fail(cx, RC_INVALID, _(STATS_NOBODY), "empty design");
    d.unit = arena_array(cx->arena, c->n + 1, sizeof *d.unit);
    if (!d.unit)
        return fail(cx, RC_LIMIT, _("There are too many rows for a survey design."), "n=%zu",
                    c->n);
    TRY(make_stages(&d, cx, c));
    TRY(find_crossing(&d, cx, c));
    TRY(check_lonely(&d, cx, c));
    *out = d;
    return RC_OK;
}
