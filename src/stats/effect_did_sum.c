/* Sums of effects by group and period: overall, by event, group and period, with uniform bands
 * and the test of effects before treatment. Each sum is kept with its derivative in the effects
 * and in the groups' shares; its error is that derivative times their covariance. */
#include "stats/effect_did_inner.h"

#include <stdlib.h>

/* A family of sums: value and derivative (dim) of each. */
struct family {
    size_t count, dim;
    double *value, *slope;
};

static enum rc family_open(struct family *f, struct cx *cx, const struct did_work *w,
                           size_t count)
{
    *f = (struct family){.count = count, .dim = w->dim};
    f->value = arena_array(cx->arena, count + 1, sizeof *f->value);
    f->slope = arena_array(cx->arena, (count + 1) * w->dim, sizeof *f->slope);
    return effect_room(cx, f->value && f->slope);
}

/* Whether a cell counts in sums. */
static bool counts(const struct did *d, size_t c)
{
    return !d->cell[c].refused;
}

/* The mean of the cells in `in`, by the size of their groups: sum k of the family. */
static void mean_by_share(struct family *f, size_t k, const struct did *d,
                          const struct did_work *w, const bool *in)
{
    double all = 0, value = 0, *slope = f->slope + k * f->dim;
    for (size_t c = 0; c < w->cells; c++)
        if (in[c]) {
            all += w->share[w->place[c].group];
            value += w->share[w->place[c].group] * d->cell[c].att;
        }
    f->value[k] = value / all; /* NaN: no cell */
    for (size_t c = 0; c < w->cells; c++)
        if (in[c]) {
            slope[c] += w->share[w->place[c].group] / all;
            slope[w->cells + w->place[c].group] += (d->cell[c].att - f->value[k]) / all;
        }
}

static struct did_sum finish(const struct did_work *w, double value, const double *slope)
{
    double v = 0;
    for (size_t a = 0; a < w->dim; a++)
        for (size_t b = 0; slope[a] != 0 && b < w->dim; b++)
            v += slope[a] * slope[b] * w->v[a * w->dim + b];
    return effect_sum(value, isnan(value) ? NAN : sqrt(fmax(v, 0)), w->s->level, INFINITY);
}

/* The plain mean of the family's sums from `first` on; NaN ones (no cell) do not count. */
static struct did_sum plain_mean(const struct family *f, struct cx *cx,
                                 const struct did_work *w, size_t first)
{
    double value = 0, count = 0, *slope = arena_array(cx->arena, w->dim, sizeof *slope);
    for (size_t k = first; k < f->count && slope; k++)
        if (!isnan(f->value[k])) {
            count++;
            value += f->value[k];
            for (size_t a = 0; a < w->dim; a++)
                slope[a] += f->slope[k * w->dim + a];
        }
    for (size_t a = 0; slope && a < w->dim; a++)
        slope[a] /= count;
    return slope ? finish(w, value / count, slope)
                 : effect_sum(NAN, NAN, w->s->level, INFINITY);
}

/* ---- uniform bands ---- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Correlations of the family's sums, as a factor; sums without an error are left out. */
static void correlate(double *r, const struct family *f, const struct did_work *w,
                      const struct did_sum *sum)
{
    for (size_t i = 0; i < f->count; i++)
        for (size_t j = 0; j < f->count; j++) {
            double v = 0;
            const double *a = f->slope + i * f->dim, *b = f->slope + j * f->dim;
            for (size_t p = 0; p < f->dim; p++)
                for (size_t q = 0; a[p] != 0 && q < f->dim; q++)
                    v += a[p] * b[q] * w->v[p * f->dim + q];
            bool known = sum[i].se > 0 && sum[j].se > 0;
            r[i * f->count + j] = known ? v / (sum[i].se * sum[j].se) : 0;
        }
    (void)spd_factor(r, f->count, NULL); /* a sum of others moves with them */
}

/* The largest |t| among the family's sums that a share `level` of draws stays below. */
static enum rc critical(double *out, struct cx *cx, const struct family *f,
                        const struct did_work *w, const struct did_sum *sum)
{
    size_t n = f->count, draws = (size_t)w->s->draws;
    double *r = arena_array(cx->arena, n * n + 1, sizeof *r);
    double *z = arena_array(cx->arena, n + 1, sizeof *z);
    double *largest = arena_array(cx->arena, draws + 1, sizeof *largest);
    uint64_t state = w->s->seed;
    TRY(effect_room(cx, r && z && largest));
    correlate(r, f, w, sum);
    for (size_t d = 0; d < draws; d++) {
        for (size_t i = 0; i < n; i++)
            z[i] = effect_normal(&state);
        for (size_t i = 0; i < n; i++) {
            double t = 0;
            for (size_t j = 0; j <= i; j++)
                t += r[i * n + j] * z[j];
            largest[d] = fmax(largest[d], fabs(t));
        }
    }
    qsort(largest, draws, sizeof *largest, by_size);
    *out = largest[(size_t)fmin((double)draws - 1, ceil(w->s->level * (double)draws) - 1)];
    return RC_OK;
}

static enum rc family_close(struct did_sum **out, struct cx *cx, const struct family *f,
                            const struct did_work *w)
{
    struct did_sum *sum = arena_array(cx->arena, f->count + 1, sizeof *sum);
    double c = NAN;
    TRY(effect_room(cx, sum != NULL));
    for (size_t k = 0; k < f->count; k++)
        sum[k] = finish(w, f->value[k], f->slope + k * f->dim);
    if (w->s->draws && f->count)
        TRY(critical(&c, cx, f, w, sum));
    for (size_t k = 0; k < f->count; k++) {
        sum[k].band_low = sum[k].value - c * sum[k].se;
        sum[k].band_high = sum[k].value + c * sum[k].se;
    }
    *out = sum;
    return RC_OK;
}

/* ---- the families ---- */

static int by_number(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static int32_t event_of(const struct did_cell *c)
{
    return c->period - c->group;
}

static enum rc by_event(struct did *d, struct cx *cx, const struct did_work *w, bool *in)
{
    struct family f;
    size_t first = 0;
    d->event = arena_array(cx->arena, w->cells + 1, sizeof *d->event);
    TRY(effect_room(cx, d->event != NULL));
    for (size_t c = 0; c < w->cells; c++)
        d->event[c] = event_of(&d->cell[c]);
    qsort(d->event, w->cells, sizeof *d->event, by_number);
    for (size_t c = 0; c < w->cells; c++)
        if (!c || d->event[c] != d->event[d->events - 1])
            d->event[d->events++] = d->event[c];
    TRY(family_open(&f, cx, w, d->events));
    for (size_t e = 0; e < d->events; e++) {
        for (size_t c = 0; c < w->cells; c++)
            in[c] = counts(d, c) && event_of(&d->cell[c]) == d->event[e];
        mean_by_share(&f, e, d, w, in);
        first += d->event[e] < 0;
    }
    d->dynamic = plain_mean(&f, cx, w, first);
    return family_close(&d->by_event, cx, &f, w);
}

/* Overall by group: the groups' plain means over periods, by their shares. */
static void over_groups(struct did *d, struct cx *cx, const struct did_work *w,
                        const struct family *f)
{
    double all = 0, value = 0, *slope = arena_array(cx->arena, w->dim, sizeof *slope);
    for (size_t k = 0; k < f->count; k++)
        if (!isnan(f->value[k])) {
            all += w->share[k];
            value += w->share[k] * f->value[k];
        }
    value /= all;
    for (size_t k = 0; slope && k < f->count; k++) {
        if (isnan(f->value[k]))
            continue;
        for (size_t a = 0; a < w->cells; a++)
            slope[a] += w->share[k] / all * f->slope[k * w->dim + a];
        slope[w->cells + k] += (f->value[k] - value) / all;
    }
    d->group = slope ? finish(w, value, slope) : effect_sum(NAN, NAN, w->s->level, INFINITY);
}

static enum rc by_group(struct did *d, struct cx *cx, const struct did_work *w, bool *in)
{
    struct family f;
    TRY(family_open(&f, cx, w, w->g.groups));
    d->groups = w->g.group;
    d->group_count = w->g.groups;
    for (size_t k = 0; k < f.count; k++) {
        for (size_t c = 0; c < w->cells; c++)
            in[c] = counts(d, c) && w->place[c].group == k && w->place[c].post;
        mean_by_share(&f, k, d, w, in); /* one group: a plain mean */
    }
    over_groups(d, cx, w, &f);
    return family_close(&d->by_group, cx, &f, w);
}

static enum rc by_period(struct did *d, struct cx *cx, const struct did_work *w, bool *in)
{
    struct family f;
    size_t first = 0;
    while (first < w->g.periods && w->g.period[first] < w->g.group[0])
        first++;
    TRY(family_open(&f, cx, w, w->g.periods - first));
    d->periods = w->g.period + first;
    d->period_count = f.count;
    for (size_t k = 0; k < f.count; k++) {
        for (size_t c = 0; c < w->cells; c++)
            in[c] = counts(d, c) && w->place[c].t == first + k && w->place[c].post;
        mean_by_share(&f, k, d, w, in);
    }
    d->calendar = plain_mean(&f, cx, w, 0);
    return family_close(&d->by_period, cx, &f, w);
}

/* ---- before treatment ---- */

static enum rc pretrend(struct did *d, struct cx *cx, const struct did_work *w)
{
    size_t n = 0, *cell = arena_array(cx->arena, w->cells + 1, sizeof *cell);
    TRY(effect_room(cx, cell != NULL));
    d->pretrend = d->pretrend_p = NAN;
    for (size_t c = 0; c < w->cells; c++)
        if (counts(d, c) && !w->place[c].post && d->cell[c].se > 0)
            cell[n++] = c;
    if (!n)
        return RC_OK;
    double *v = arena_array(cx->arena, n * n, sizeof *v), *b = arena_array(cx->arena, n, 8);
    TRY(effect_room(cx, v && b));
    for (size_t i = 0; i < n; i++) {
        b[i] = d->cell[cell[i]].att;
        for (size_t j = 0; j < n; j++)
            v[i * n + j] = w->v[cell[i] * w->dim + cell[j]];
    }
    if (spd_factor(v, n, NULL)) /* fewer clusters than effects */
        return RC_OK;
    spd_solve(v, n, b);
    d->pretrend = 0;
    for (size_t i = 0; i < n; i++)
        d->pretrend += b[i] * d->cell[cell[i]].att;
    d->pretrend_df = (double)n;
    d->pretrend_p = chi2_tail(d->pretrend, d->pretrend_df);
    return RC_OK;
}

enum rc did_sums(struct did *d, struct cx *cx, const struct did_work *w)
{
    struct family f;
    bool *in = arena_array(cx->arena, w->cells + 1, sizeof *in);
    TRY(effect_room(cx, in != NULL));
    TRY(family_open(&f, cx, w, 1));
    for (size_t c = 0; c < w->cells; c++)
        in[c] = counts(d, c) && w->place[c].post;
    mean_by_share(&f, 0, d, w, in);
    d->simple = finish(w, f.value[0], f.slope);
    TRY(by_event(d, cx, w, in));
    TRY(by_group(d, cx, w, in));
    TRY(by_period(d, cx, w, in));
    return pretrend(d, cx, w);
}
