/* Exact matching on coarsened covariates, and the errors of matched differences. */
#include "stats/effect_match_inner.h"

#include "base/text.h"

#include <stdlib.h>

/* ---- cuts ---- */

/* Bin of x: how many of the cuts lie at or below it. */
static uint32_t bin_of(double x, const double *cut)
{
    uint32_t b = 0;
    for (size_t i = 0; !isnan(cut[i]); i++)
        b += x >= cut[i];
    return b;
}

/* Sturges' number of bins of equal width between the smallest and the largest value. */
static enum rc sturges(double **out, struct cx *cx, const struct cases *a, size_t j)
{
    const double *x = a->c->x[j];
    double low = INFINITY, high = -INFINITY;
    size_t bins = (size_t)ceil(log2((double)a->n) + 1);
    double *cut = arena_array(cx->arena, bins, sizeof *cut);
    TRY(effect_room(cx, cut != NULL));
    for (size_t i = 0; i < a->n; i++) {
        low = fmin(low, x[a->row[i]]);
        high = fmax(high, x[a->row[i]]);
    }
    for (size_t b = 1; b < bins; b++)
        cut[b - 1] = low + (high - low) / (double)bins * (double)b;
    cut[bins - 1] = NAN;
    *out = cut;
    return RC_OK;
}

struct bins {
    const uint32_t *bin; /* of the place: k bins */
    uint32_t place;
    size_t k;
};
static int by_bins(const void *a, const void *b)
{
    const struct bins *x = a, *y = b;
    for (size_t j = 0; j < x->k; j++)
        if (x->bin[j] != y->bin[j])
            return x->bin[j] < y->bin[j] ? -1 : 1;
    return 0;
}

enum rc match_coarse(struct match_work *m, struct cx *cx)
{
    const struct cases *a = m->a;
    size_t k = a->c->k;
    uint32_t *bin = arena_array(cx->arena, a->n * k, sizeof *bin);
    struct bins *who = arena_array(cx->arena, a->n, sizeof *who);
    TRY(effect_room(cx, bin && who));
    for (size_t j = 0; j < k; j++) {
        double *made = NULL;
        const double *cut = m->s->cuts ? m->s->cuts[j] : NULL;
        if (!cut) {
            TRY(sturges(&made, cx, a, j));
            cut = made;
        }
        for (size_t i = 0; i < a->n; i++)
            bin[i * k + j] = bin_of(a->c->x[j][a->row[i]], cut);
    }
    for (size_t i = 0; i < a->n; i++)
        who[i] = (struct bins){bin + i * k, (uint32_t)i, k};
    qsort(who, a->n, sizeof *who, by_bins);
    for (size_t i = 0; i < a->n; i++) {
        m->strata += !i || by_bins(&who[i - 1], &who[i]) != 0;
        m->stratum[who[i].place] = (uint32_t)m->strata;
    }
    return RC_OK;
}

/* ---- errors ---- */

struct spot {
    double score;
    uint32_t place;
};
static int by_score(const void *a, const void *b)
{
    const struct spot *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

/* By place of the controls: (y - y of the control next to it by score)²/2.
 * Source: Abadie and Imbens 2006, eq. 14 with one neighbour. */
static enum rc neighbour_variance(double **out, struct cx *cx, const struct match_work *m)
{
    const struct cases *a = m->a;
    size_t n = a->n - a->treated;
    struct spot *at = arena_array(cx->arena, n, sizeof *at);
    double *v = arena_array(cx->arena, a->n, sizeof *v);
    TRY(effect_room(cx, at && v));
    for (size_t i = 0; i < n; i++)
        at[i] = (struct spot){m->score[a->treated + i], (uint32_t)(a->treated + i)};
    qsort(at, n, sizeof *at, by_score);
    for (size_t i = 0; i < n && n > 1; i++) {
        bool left = i > 0 && (i + 1 == n ||
                              at[i].score - at[i - 1].score <= at[i + 1].score - at[i].score);
        double d = a->y[at[i].place] - a->y[at[left ? i - 1 : i + 1].place];
        v[at[i].place] = d * d / 2;
    }
    *out = v;
    return RC_OK;
}

static enum rc pair_error(double *out, struct cx *cx, const struct match_work *m, double att)
{
    const struct cases *a = m->a;
    struct sum all = {0}, square = {0};
    double *v;
    TRY(neighbour_variance(&v, cx, m));
    for (size_t i = 0; i < a->treated; i++)
        if (m->weight[i] > 0) {
            double d = m->weight[i] * (a->y[i] - a->y[m->partner[i]] - att);
            sum_add(&all, m->weight[i]);
            sum_add(&square, d * d);
        }
    for (size_t i = a->treated; i < a->n; i++) {
        double times = m->weight[i] / case_w(a, i), w = case_w(a, i);
        if (times > 1)
            sum_add(&square, w * w * times * (times - 1) * v[i]);
    }
    *out = sqrt(square.hi) / all.hi;
    return RC_OK;
}

/* One arm of a stratum. */
struct arm {
    double n, w, y, square;
};

/* Sum over strata and arms of (weight of the stratum's treated)²·s²/n; an arm of one row takes
 * the arms' common variance. */
static enum rc strata_error(double *out, struct cx *cx, const struct match_work *m)
{
    const struct cases *a = m->a;
    struct arm *arm = arena_array(cx->arena, 2 * (m->strata + 1), sizeof *arm), *own;
    double pooled[2] = {0}, freedom[2] = {0}, all = 0, v = 0;
    TRY(effect_room(cx, arm != NULL));
    for (size_t i = 0; i < a->n; i++)
        if (m->weight[i] > 0) {
            own = &arm[2 * m->stratum[i] + (i >= a->treated)];
            own->n++;
            own->w += m->weight[i];
            own->y += a->y[i];
        }
    for (size_t i = 0; i < a->n; i++)
        if (m->weight[i] > 0) {
            own = &arm[2 * m->stratum[i] + (i >= a->treated)];
            own->square += (a->y[i] - own->y / own->n) * (a->y[i] - own->y / own->n);
        }
    for (size_t s = 0; s < 2 * (m->strata + 1); s++)
        if (arm[s].n > 0) {
            pooled[s % 2] += arm[s].square;
            freedom[s % 2] += arm[s].n - 1;
            all += s % 2 ? 0 : arm[s].w;
        }
    for (size_t s = 0; s < 2 * (m->strata + 1); s++)
        if (arm[s].n > 0) {
            double variance =
                arm[s].n > 1 ? arm[s].square / (arm[s].n - 1) : pooled[s % 2] / freedom[s % 2];
            double share = arm[s - s % 2].w / all;
            v += share * share * variance / arm[s].n;
        }
    *out = sqrt(v);
    return RC_OK;
}

enum rc match_error(double *out, struct cx *cx, const struct match_work *m, double att)
{
    return m->partner ? pair_error(out, cx, m, att) : strata_error(out, cx, m);
}
