/* Sun and Abraham: effects of each cohort in each period beside those of units and periods, and
 * their means by period since treatment. */
#include "stats/effect_within_inner.h"

#include "base/text.h"

#include <stdlib.h>

enum { COLUMNS_MAX = 2000 };

struct sunab_work {
    struct within v;
    size_t columns; /* periods, then cells */
    size_t *cell;   /* [group][period]: column; 0: none (the first column is a period's) */
    double *a;      /* columns²: factor */
    double *b;      /* columns */
    size_t means;   /* overall, then events */
    double *mean;   /* means × columns: weights of cells, then these times a^-1 */
    double *value;
};

/* The last period before treatment, whose cell is left out; SIZE_MAX for the never treated. */
static size_t reference_of(const struct grid *g, size_t k)
{
    size_t t = 0;
    while (t + 1 < g->periods && !grid_treated(g, k, t + 1))
        t++;
    return t;
}

static enum rc number_columns(struct sunab_work *w, struct cx *cx)
{
    const struct grid *g = w->v.g;
    size_t n = g->periods;
    w->cell = arena_array(cx->arena, (g->groups + 1) * n, sizeof *w->cell);
    TRY(effect_room(cx, w->cell != NULL));
    w->columns = n;
    for (size_t k = 0; k < g->groups; k++)
        for (size_t t = 0; t < n; t++)
            if (t != reference_of(g, k) && w->v.rows[k * n + t] > 0)
                w->cell[k * n + t] = w->columns++;
    if (w->columns > COLUMNS_MAX)
        return fail_f(cx, RC_LIMIT,
                      _("%lld groups and %lld periods are too many. Join periods, for example "
                        "months to quarters."),
                      (long long)g->groups, (long long)g->periods);
    w->a = arena_array(cx->arena, w->columns * w->columns, sizeof *w->a);
    w->b = arena_array(cx->arena, w->columns, sizeof *w->b);
    return effect_room(cx, w->a && w->b);
}

/* Normal equations, solved; returns how many columns count. */
static size_t solve(struct sunab_work *w, bool *dropped)
{
    const struct grid *g = w->v.g;
    size_t n = g->periods, m = w->columns;
    within_total(w->a, &w->v); /* n × n, to be spread out */
    for (size_t t = n; t-- > 0;)
        for (size_t s = n; s-- > 0;) {
            double x = w->a[t * n + s];
            w->a[t * n + s] = 0;
            w->a[t * m + s] = x;
        }
    for (size_t k = 0; k <= g->groups; k++)
        for (size_t t = 0; t < n; t++) {
            size_t c = w->cell[k * n + t];
            w->b[t] += w->v.r[k * n + t];
            if (c)
                w->b[c] = w->v.r[k * n + t];
            for (size_t s = 0; c && s < n; s++) {
                size_t d = w->cell[k * n + s];
                double x = w->v.h[(k * n + t) * n + s];
                w->a[c * m + s] = w->a[s * m + c] = x;
                if (d)
                    w->a[c * m + d] = w->a[d * m + c] = x;
            }
        }
    size_t kept = m - spd_factor(w->a, m, dropped);
    spd_solve(w->a, m, w->b);
    return kept;
}

/* ---- means ---- */

static int by_number(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static enum rc list_events(struct effects *out, struct cx *cx, const struct sunab_work *w,
                           const bool *dropped)
{
    const struct grid *g = w->v.g;
    size_t n = g->periods, count = 0;
    int32_t *event = arena_array(cx->arena, w->columns, sizeof *event);
    TRY(effect_room(cx, event != NULL));
    for (size_t k = 0; k < g->groups; k++)
        for (size_t t = 0; t < n; t++)
            if (w->cell[k * n + t] && !dropped[w->cell[k * n + t]])
                event[count++] = g->period[t] - g->group[k];
    qsort(event, count, sizeof *event, by_number);
    for (size_t c = 0; c < count; c++)
        if (!c || event[c] != event[out->events - 1])
            event[out->events++] = event[c];
    out->event = event;
    return RC_OK;
}

static void weigh_cells(struct sunab_work *w, const struct effects *out, const bool *dropped)
{
    const struct grid *g = w->v.g;
    size_t n = g->periods, m = w->columns;
    for (size_t e = 0; e < w->means; e++) {
        double all = 0, *row = w->mean + e * m;
        for (size_t k = 0; k < g->groups; k++)
            for (size_t t = 0; t < n; t++) {
                size_t c = w->cell[k * n + t];
                int32_t event = g->period[t] - g->group[k];
                if (!c || dropped[c] || (e ? event != out->event[e - 1] : event < 0))
                    continue;
                row[c] = w->v.rows[k * n + t];
                all += row[c];
            }
        w->value[e] = 0;
        for (size_t c = 0; c < m; c++) {
            row[c] /= all;
            w->value[e] += row[c] * w->b[c];
        }
        spd_solve(w->a, m, row);
    }
}

/* Variances of the means: the squares of the clusters' sums of scores. */
static void sum_scores(double *variance, const struct sunab_work *w, double *cluster, double *f)
{
    const struct grid *g = w->v.g;
    size_t n = g->periods, m = w->columns;
    for (size_t k = 0; k <= g->groups; k++) {
        for (size_t t = 0; t < n; t++)
            f[t] = w->b[t] + (w->cell[k * n + t] ? w->b[w->cell[k * n + t]] : 0);
        for (size_t i = g->start[k]; i < g->start[k + 1]; i++) {
            double y = within_mean(&w->v, k, i, NULL), mean = within_mean(&w->v, k, i, f);
            double *own = cluster + (g->cluster ? g->cluster[i] : i) * w->means;
            for (size_t t = 0; t < n; t++) {
                if (!grid_has(g, t, i))
                    continue;
                double e = g->y[t * g->units + i] - y - (f[t] - mean);
                size_t c = w->cell[k * n + t];
                for (size_t q = 0; q < w->means; q++)
                    own[q] += grid_w(g, t, i) * e *
                              (w->mean[q * m + t] + (c ? w->mean[q * m + c] : 0));
            }
        }
    }
    for (size_t c = 0; c < g->clusters; c++)
        for (size_t q = 0; q < w->means; q++)
            variance[q] += cluster[c * w->means + q] * cluster[c * w->means + q];
}

/* ---- the whole ---- */

/* Without never treated units: the rows before the last cohort is treated, where that cohort
 * is one. */
static enum rc cut_panel(struct panel *out, struct cx *cx, const struct panel *p, int32_t last)
{
    size_t n = 0;
    uint32_t *unit = arena_array(cx->arena, p->n, sizeof *unit);
    uint32_t *cluster = arena_array(cx->arena, p->n, sizeof *cluster);
    int32_t *period = arena_array(cx->arena, p->n, sizeof *period);
    int32_t *first = arena_array(cx->arena, p->n, sizeof *first);
    double *y = arena_array(cx->arena, p->n, sizeof *y);
    double *w = arena_array(cx->arena, p->n, sizeof *w);
    TRY(effect_room(cx, unit && cluster && period && first && y && w));
    for (size_t i = 0; i < p->n; i++) {
        if (p->period[i] >= last)
            continue;
        unit[n] = p->unit[i];
        cluster[n] = p->cluster ? p->cluster[i] : 0;
        period[n] = p->period[i];
        first[n] = p->first[i];
        y[n] = p->y[i];
        w[n++] = p->w ? p->w[i] : 1;
    }
    *out = (struct panel){.n = n,
                          .unit = unit,
                          .units = p->units,
                          .period = period,
                          .first = first,
                          .y = y,
                          .w = p->w ? w : NULL,
                          .cluster = p->cluster ? cluster : NULL,
                          .clusters = p->clusters};
    return RC_OK;
}

static enum rc estimate(struct effects *out, struct cx *cx, struct sunab_work *w)
{
    const struct grid *g = w->v.g;
    bool *dropped = arena_array(cx->arena, w->columns, sizeof *dropped);
    TRY(effect_room(cx, dropped != NULL));
    size_t kept = solve(w, dropped);
    TRY(list_events(out, cx, w, dropped));
    w->means = out->events + 1;
    w->mean = arena_array(cx->arena, w->means * w->columns, sizeof *w->mean);
    w->value = arena_array(cx->arena, w->means, sizeof *w->value);
    double *variance = arena_array(cx->arena, w->means, sizeof *variance);
    double *cluster = arena_array(cx->arena, g->clusters * w->means, sizeof *cluster);
    double *f = arena_array(cx->arena, g->periods, sizeof *f);
    out->by_event = arena_array(cx->arena, w->means, sizeof *out->by_event);
    TRY(effect_room(cx, w->mean && w->value && variance && cluster && f && out->by_event));
    weigh_cells(w, out, dropped);
    sum_scores(variance, w, cluster, f);
    double G = (double)g->clusters;
    double factor = cluster_factor(G, (double)w->v.n, (double)kept + 1);
    for (size_t q = 0; q < w->means; q++) {
        struct did_sum s = effect_sum(w->value[q], sqrt(factor * variance[q]), 0.95, G - 1);
        *(q ? &out->by_event[q - 1] : &out->att) = s;
    }
    return RC_OK;
}

enum rc sunab_make(struct effects *out, struct cx *cx, const struct panel *p)
{
    struct grid g;
    struct sunab_work w = {0};
    struct effects r = {0};
    struct panel cut;
    const struct grid_spec spec = {.untreated_first = true};
    TRY(grid_make(&g, cx, p, &spec));
    r.dropped_units = g.dropped;
    if (g.start[g.groups] == g.units) {
        TRY(cut_panel(&cut, cx, p, g.group[g.groups - 1]));
        TRY(grid_make(&g, cx, &cut, &spec));
    }
    TRY(within_make(&w.v, cx, &g, false));
    TRY(number_columns(&w, cx));
    TRY(estimate(&r, cx, &w));
    r.n = w.v.n;
    r.clusters = (int64_t)g.clusters;
    *out = r;
    return RC_OK;
}
