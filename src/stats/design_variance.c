/* Totals by cluster and their variance, stage by stage from the last drawn upwards. */
#include "stats/design.h"

#include "base/text.h"
#include "stats/inner.h"

#include <assert.h>

static size_t level_units(const struct design *d, size_t level)
{
    return level ? d->stage[level - 1].units : d->stage[0].groups;
}

enum rc design_sums_make(struct design_sums *out, struct cx *cx, const struct design *d)
{
    struct design_sums s = {.d = d};
    for (size_t k = 0; k <= d->stages; k++) {
        struct design_level *l = &s.level[k];
        size_t n = level_units(d, k) + 1;
        l->total = arena_array(cx->arena, n, sizeof *l->total);
        l->square = arena_array(cx->arena, n, sizeof *l->square);
        l->inside = arena_array(cx->arena, n, sizeof *l->inside);
        l->touched = arena_array(cx->arena, n, sizeof *l->touched);
        l->seen = arena_array(cx->arena, n, sizeof *l->seen);
        if (!l->total || !l->square || !l->inside || !l->touched || !l->seen)
            return fail(cx, RC_LIMIT, _("There are too many rows for a survey design."),
                        "units=%zu", n);
    }
    *out = s;
    return RC_OK;
}

static struct sum *touch(struct design_level *l, uint32_t unit)
{
    if (!l->seen[unit]) {
        l->seen[unit] = 1;
        l->touched[l->count++] = unit;
    }
    return &l->total[unit];
}

void design_sums_add(struct design_sums *s, const uint32_t *row, const double *w,
                     const double *u, size_t n)
{
    struct design_level *last = &s->level[s->d->stages];
    for (size_t i = 0; i < n; i++) {
        uint32_t unit = s->d->unit[row ? row[i] : i];
        if (unit == DESIGN_OUT)
            continue;
        struct sum *total = touch(last, unit);
        if (u)
            sum_add(total, (w ? w[i] : 1.0) * u[i]);
    }
}

void design_sums_merge(struct design_sums *into, const struct design_sums *from, double factor)
{
    size_t last = from->d->stages;
    const struct design_level *l = &from->level[last];
    assert(into->d == from->d);
    for (size_t i = 0; i < l->count; i++) {
        uint32_t unit = l->touched[i];
        struct sum *total = touch(&into->level[last], unit);
        sum_add(total, factor * l->total[unit].hi);
        sum_add(total, factor * l->total[unit].lo);
    }
}

void design_sums_clear(struct design_sums *s)
{
    for (size_t k = 0; k <= s->d->stages; k++) {
        struct design_level *l = &s->level[k];
        for (size_t i = 0; i < l->count; i++) {
            uint32_t unit = l->touched[i];
            l->total[unit] = (struct sum){0};
            l->square[unit] = 0;
            l->inside[unit] = 0;
            l->seen[unit] = 0;
        }
        l->count = 0;
    }
}

/* What one group adds to a stage's variance, times (n - 1)/n; lonely by the rule. */
static double group_part(const struct design_stage *stage, enum design_lonely lonely,
                         const struct design_level *groups, uint32_t g)
{
    double n = stage->size[g], mean = groups->total[g].hi / n;
    if (stage->size[g] == 1)
        return lonely == LONELY_ADJUST ? groups->total[g].hi * groups->total[g].hi : 0;
    return (groups->square[g] + (n - groups->inside[g]) * mean * mean) * n / (n - 1);
}

/* With LONELY_AVERAGE lonely groups stand for the mean of the good ones. */
static double average_factor(const struct design *d, size_t s)
{
    const struct design_stage *stage = &d->stage[s];
    size_t good = 0;
    if (d->lonely != LONELY_AVERAGE)
        return 1;
    for (size_t g = 0; g < stage->groups; g++)
        good += stage->size[g] > 1 || stage->share_out[g] <= 0;
    return good ? (double)stage->groups / (double)good : s ? 0 : NAN;
}

/* Variance of stage s, and the totals of the level above it. */
static double stage_variance(struct design_sums *sums, size_t s)
{
    const struct design_stage *stage = &sums->d->stage[s];
    struct design_level *groups = &sums->level[s], *units = &sums->level[s + 1];
    struct sum v = {0};
    for (size_t i = 0; i < units->count; i++) {
        uint32_t unit = units->touched[i], g = stage->group[unit];
        struct sum *total = touch(groups, g);
        sum_add(total, units->total[unit].hi);
        sum_add(total, units->total[unit].lo);
        groups->inside[g]++;
    }
    for (size_t i = 0; i < units->count; i++) {
        uint32_t unit = units->touched[i], g = stage->group[unit];
        double off = units->total[unit].hi - groups->total[g].hi / stage->size[g];
        groups->square[g] += off * off;
    }
    for (size_t i = 0; i < groups->count; i++) {
        uint32_t g = groups->touched[i];
        sum_add(&v, stage->factor[g] * stage->share_out[g] *
                        group_part(stage, sums->d->lonely, groups, g));
    }
    return v.hi * average_factor(sums->d, s);
}

double design_variance(struct design_sums *s, double *df)
{
    double v = 0;
    for (size_t stage = s->d->stages; stage-- > 0;)
        v += stage_variance(s, stage);
    if (df)
        *df = (double)s->level[1].count - (double)s->level[0].count;
    design_sums_clear(s);
    return v;
}

double design_covariance(struct design_sums *scratch, const struct design_sums *a,
                         const struct design_sums *b)
{
    double both, apart;
    design_sums_merge(scratch, a, 1);
    design_sums_merge(scratch, b, 1);
    both = design_variance(scratch, NULL);
    design_sums_merge(scratch, a, 1);
    design_sums_merge(scratch, b, -1);
    apart = design_variance(scratch, NULL);
    return (both - apart) / 4;
}

enum rc design_shift_make(struct design_shift *out, struct cx *cx, struct design_sums *scratch,
                          const struct design_sums *sums)
{
    const struct design *d = sums->d;
    const struct design_level *l = &sums->level[d->stages];
    double *stratum = arena_array(cx->arena, d->stage[0].groups + 1, sizeof *stratum);
    if (!stratum)
        return fail(cx, RC_LIMIT, _("There are too many rows for a survey design."),
                    "strata=%zu", d->stage[0].groups);
    for (size_t i = 0; i < l->count && d->stages == 1; i++)
        stratum[d->stage[0].group[l->touched[i]]] += l->total[l->touched[i]].hi;
    design_sums_merge(scratch, sums, 1);
    *out = (struct design_shift){sums, stratum, design_variance(scratch, NULL)};
    return RC_OK;
}

double design_variance_shifted(struct design_sums *s, const struct design_shift *shift,
                               double factor)
{
    const struct design *d = s->d;
    const struct design_stage *stage = &d->stage[0];
    const struct design_level *own = &s->level[1], *other = &shift->sums->level[1];
    struct sum covariance = {0};
    if (d->stages != 1) {
        design_sums_merge(s, shift->sums, factor);
        return design_variance(s, NULL);
    }
    /* sum over c of (a_c - mean a)(b_c - mean b) = sum of a_c (b_c - mean b): only clusters
     * with a row of a count. */
    for (size_t i = 0; i < own->count; i++) {
        uint32_t c = own->touched[i], g = stage->group[c];
        double n = stage->size[g], a = own->total[c].hi, b = other->total[c].hi;
        double part = a * (b - shift->stratum[g] / n) * n / (n - 1);
        if (stage->size[g] == 1)
            part = d->lonely == LONELY_ADJUST ? a * b : 0;
        sum_add(&covariance, stage->share_out[g] * part);
    }
    double v = design_variance(s, NULL);
    return v + 2 * factor * covariance.hi * average_factor(d, 0) +
           factor * factor * shift->variance;
}

double design_effect(double variance, const double *w, const double *u, size_t n)
{
    struct sum weight = {0}, total = {0}, square = {0};
    for (size_t i = 0; i < n; i++) {
        sum_add(&weight, w ? w[i] : 1.0);
        sum_add(&total, (w ? w[i] : 1.0) * u[i]);
    }
    double mean = total.hi / weight.hi;
    for (size_t i = 0; i < n; i++)
        sum_add(&square, (w ? w[i] : 1.0) * (u[i] - mean) * (u[i] - mean));
    /* N²/n · S², S² = n/(n - 1) · sum w (u - mean)²/N */
    double simple = weight.hi * square.hi / ((double)n - 1);
    return n > 1 && simple > 0 ? variance / simple : NAN;
}
