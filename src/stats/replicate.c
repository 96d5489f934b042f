/* Replicate weights, given or made, and the variance from figures computed with each. */
#include "stats/design.h"

#include "base/text.h"
#include "stats/inner.h"

enum rc replicates_given(struct replicates *out, struct cx *cx, enum replicate_kind kind,
                         const double *const *column, size_t count, size_t n)
{
    if (count < 2)
        return fail(cx, RC_INVALID, _("Replicate weights are two columns or more."),
                    "replicates=%zu", count);
    *out = (struct replicates){.kind = kind, .n = n, .count = count, .column = column};
    out->scale = 1 / (double)count;
    if (kind == REPLICATE_JACKKNIFE)
        out->scale = ((double)count - 1) / (double)count;
    return RC_OK;
}

/* Clusters by stratum, and each row's cluster of the first stage. */
static enum rc list_members(struct replicates *p, struct cx *cx)
{
    const struct design_stage *first = &p->d->stage[0];
    p->first = arena_array(cx->arena, first->groups + 2, sizeof *p->first);
    p->member = arena_array(cx->arena, first->units + 1, sizeof *p->member);
    p->factor = arena_array(cx->arena, first->units + 1, sizeof *p->factor);
    p->psu_of_row = arena_array(cx->arena, p->d->n + 1, sizeof *p->psu_of_row);
    if (!p->first || !p->member || !p->factor || !p->psu_of_row)
        return fail(cx, RC_LIMIT, _("There are too many rows for a survey design."), "n=%zu",
                    p->d->n);
    for (size_t c = 0; c < first->units; c++)
        p->first[first->group[c] + 2]++;
    for (size_t h = 2; h < first->groups + 2; h++)
        p->first[h] += p->first[h - 1];
    for (uint32_t c = 0; c < first->units; c++)
        p->member[p->first[first->group[c] + 1]++] = c;
    for (size_t i = 0; i < p->d->n; i++) {
        uint32_t unit = p->d->unit[i];
        for (size_t s = p->d->stages; unit != DESIGN_OUT && s-- > 1;)
            unit = p->d->stage[s].group[unit];
        p->psu_of_row[i] = unit;
    }
    return RC_OK;
}

enum rc replicates_made(struct replicates *out, struct cx *cx, const struct design *d,
                        enum replicate_kind kind, size_t count)
{
    struct replicates p = {.kind = kind, .n = d->n, .count = count, .scale = 1, .d = d};
    if (kind == REPLICATE_JACKKNIFE)
        p.count = d->stage[0].units;
    if (p.count < 2)
        return fail(cx, RC_INVALID, _("A variance needs two replicates or more."),
                    "replicates=%zu", p.count);
    if (p.count > REPLICATES_MAX)
        return fail_f(cx, RC_LIMIT,
                      _("That would be %lld replicates; the most is %d. Take a bootstrap, or "
                        "the linearised errors."),
                      (long long)p.count, (int)REPLICATES_MAX);
    TRY(list_members(&p, cx));
    if (kind == REPLICATE_BOOTSTRAP)
        p.scale = 1 / (double)p.count;
    *out = p;
    return RC_OK;
}

/* SplitMix64. Source: Steele, Lea, Flood 2014. */
static uint64_t random_next(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static void jackknife_factors(const struct replicates *p, size_t r)
{
    const struct design_stage *first = &p->d->stage[0];
    uint32_t h = first->group[r];
    double n = first->size[h];
    for (size_t c = 0; c < first->units; c++)
        p->factor[c] = 1;
    if (n < 2)
        return;
    for (uint32_t k = p->first[h]; k < p->first[h + 1]; k++)
        p->factor[p->member[k]] = n / (n - 1);
    p->factor[r] = 0;
}

/* n - 1 of n drawn with replacement; each draw counts n/(n - 1), and with a finite population
 * 1 - sqrt(1 - f) of the weight stays. Source: Rao and Wu 1988; Rao, Wu, Yue 1992. */
static void bootstrap_factors(const struct replicates *p, size_t r)
{
    const struct design_stage *first = &p->d->stage[0];
    uint64_t state = p->seed * 0x9E3779B97F4A7C15u + r;
    (void)random_next(&state);
    for (uint32_t h = 0; h < first->groups; h++) {
        uint32_t n = first->size[h];
        double kept = sqrt(first->share_out[h]);
        const uint32_t *member = p->member + p->first[h];
        for (uint32_t k = 0; k < n; k++)
            p->factor[member[k]] = n < 2 ? 1 : 1 - kept;
        for (uint32_t draw = 1; draw < n; draw++) {
            uint32_t k = (uint32_t)((random_next(&state) >> 32) * n >> 32);
            p->factor[member[k]] += kept * n / (n - 1.0);
        }
    }
}

void replicate_weights(double *out, const struct replicates *p, size_t r, const double *w)
{
    if (p->column) {
        memcpy(out, p->column[r], p->n * sizeof *out);
        return;
    }
    if (p->kind == REPLICATE_JACKKNIFE)
        jackknife_factors(p, r);
    else
        bootstrap_factors(p, r);
    for (size_t i = 0; i < p->d->n; i++) {
        uint32_t c = p->psu_of_row[i];
        out[i] = c == DESIGN_OUT ? NAN : (w ? w[i] : 1.0) * p->factor[c];
    }
}

double replicate_variance(const struct replicates *p, const double *value, double full)
{
    struct sum v = {0};
    for (size_t r = 0; r < p->count; r++) {
        double off = value[r] - full, c = 1;
        if (!p->column && p->kind == REPLICATE_JACKKNIFE) {
            const struct design_stage *first = &p->d->stage[0];
            uint32_t h = first->group[r];
            c = first->share_out[h] * (first->size[h] - 1.0) / first->size[h];
        }
        sum_add(&v, c * off * off);
    }
    return p->scale * v.hi;
}

double replicate_df(const struct replicates *p)
{
    return p->column ? (double)p->count - 1
                     : (double)p->d->stage[0].units - (double)p->d->stage[0].groups;
}
