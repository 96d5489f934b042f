/* The sums that regressions with effects of units and periods need. */
#include "stats/effect_within_inner.h"

double within_mean(const struct within *v, size_t k, size_t i, const double *f)
{
    double w = 0, sum = 0;
    for (size_t t = 0; t < v->g->periods; t++)
        if (within_has(v, k, t, i)) {
            w += grid_w(v->g, t, i);
            sum += grid_w(v->g, t, i) * (f ? f[t] : v->g->y[t * v->g->units + i]);
        }
    return w > 0 ? sum / w : NAN;
}

static void add_unit(struct within *v, size_t k, size_t i)
{
    const struct grid *g = v->g;
    size_t n = g->periods;
    double w[2] = {0}, mean = within_mean(v, k, i, NULL), *h = v->h + k * n * n;
    for (size_t t = 0; t < n; t++)
        if (within_has(v, k, t, i))
            w[0] += grid_w(g, t, i);
    for (size_t t = 0; t < n; t++) {
        if (!within_has(v, k, t, i))
            continue;
        w[1] = grid_w(g, t, i);
        v->n++;
        v->rows[k * n + t] += w[1];
        v->r[k * n + t] += w[1] * (g->y[t * g->units + i] - mean);
        h[t * n + t] += w[1];
        for (size_t s = 0; s < n; s++)
            if (within_has(v, k, s, i))
                h[t * n + s] -= w[1] * grid_w(g, s, i) / w[0];
    }
}

enum rc within_make(struct within *out, struct cx *cx, const struct grid *g, bool untreated)
{
    size_t n = g->periods, groups = g->groups + 1;
    struct within v = {.g = g, .untreated = untreated};
    v.h = arena_array(cx->arena, groups * n * n, sizeof *v.h);
    v.r = arena_array(cx->arena, groups * n, sizeof *v.r);
    v.rows = arena_array(cx->arena, groups * n, sizeof *v.rows);
    TRY(effect_room(cx, v.h && v.r && v.rows));
    for (size_t k = 0; k < groups; k++)
        for (size_t i = g->start[k]; i < g->start[k + 1]; i++)
            add_unit(&v, k, i);
    *out = v;
    return RC_OK;
}

void within_total(double *out, const struct within *v)
{
    size_t n = v->g->periods * v->g->periods;
    for (size_t a = 0; a < n; a++) {
        out[a] = 0;
        for (size_t k = 0; k <= v->g->groups; k++)
            out[a] += v->h[k * n + a];
    }
}

double cluster_factor(double clusters, double n, double k)
{
    return clusters / (clusters - 1) * (n - 1) / (n - k);
}
