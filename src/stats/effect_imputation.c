/* Borusyak, Jaravel and Spiess: effects of units and periods from the untreated rows, and how
 * far the treated rows lie above what these foresee. */
#include "stats/effect_within_inner.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct imputation_work {
    struct within v;   /* of the untreated rows */
    double *total;     /* factor */
    double *effect;    /* by period */
    double *unit;      /* by position: its effect */
    double *weight;    /* by position: of its untreated rows */
    double *c, *above; /* by period; [group][period]: weighted mean above */
    double *square;    /* [group][period] */
    double *cluster;
};
enum { EVERY_EVENT = INT32_MIN };

/* Whether a treated row can be imputed: its unit and period have untreated rows. */
static bool is_known(const struct imputation_work *w, size_t t, size_t i)
{
    size_t n = w->v.g->periods;
    double rows = 0;
    for (size_t k = 0; k <= w->v.g->groups && !(rows > 0); k++)
        rows += w->v.rows[k * n + t];
    return grid_has(w->v.g, t, i) && rows > 0 && w->weight[i] > 0;
}

/* Outcome less what is foreseen. */
static double above(const struct imputation_work *w, size_t t, size_t i)
{
    return w->v.g->y[t * w->v.g->units + i] - w->unit[i] - w->effect[t];
}

static enum rc first_stage(struct imputation_work *w, struct cx *cx)
{
    const struct grid *g = w->v.g;
    size_t n = g->periods, empty = 0;
    within_total(w->total, &w->v);
    for (size_t t = 0; t < n; t++) {
        double rows = 0;
        for (size_t k = 0; k <= g->groups; k++) {
            w->effect[t] += w->v.r[k * n + t];
            rows += w->v.rows[k * n + t];
        }
        empty += rows <= 0;
    }
    size_t dropped = spd_factor(w->total, n, NULL);
    if (dropped > empty + 1)
        return fail(cx, RC_INVALID,
                    _("The untreated rows fall into parts that share no unit: their periods "
                      "cannot be compared. Add units that are not treated."),
                    "periods %zu", dropped);
    spd_solve(w->total, n, w->effect);
    for (size_t k = 0; k <= g->groups; k++)
        for (size_t i = g->start[k]; i < g->start[k + 1]; i++) {
            for (size_t t = 0; t < n; t++)
                if (within_has(&w->v, k, t, i))
                    w->weight[i] += grid_w(g, t, i);
            w->unit[i] = within_mean(&w->v, k, i, NULL) - within_mean(&w->v, k, i, w->effect);
        }
    return RC_OK;
}

static bool in_event(const struct grid *g, size_t k, size_t t, int32_t event)
{
    return grid_treated(g, k, t) &&
           (event == EVERY_EVENT || g->period[t] - g->group[k] == event);
}

/* The sum of weights of the event's rows, and the mean above. */
static double event_mean(double *value, const struct imputation_work *w, int32_t event)
{
    const struct grid *g = w->v.g;
    struct sum all = {0}, sum = {0};
    for (size_t k = 0; k < g->groups; k++)
        for (size_t t = 0; t < g->periods; t++)
            for (size_t i = g->start[k]; in_event(g, k, t, event) && i < g->start[k + 1]; i++)
                if (is_known(w, t, i)) {
                    sum_add(&all, grid_w(g, t, i));
                    sum_add(&sum, grid_w(g, t, i) * above(w, t, i));
                }
    *value = sum.hi / all.hi;
    return all.hi;
}

/* What unit i's treated rows weigh in the event. */
static double own_weight(const struct imputation_work *w, size_t k, size_t i, int32_t event,
                         double all)
{
    double sum = 0;
    for (size_t t = 0; t < w->v.g->periods; t++)
        if (in_event(w->v.g, k, t, event) && is_known(w, t, i))
            sum += grid_w(w->v.g, t, i) / all;
    return sum;
}

/* c: the periods' part of (Z0'W Z0)^-1 Z1'weights. */
static void carry(struct imputation_work *w, int32_t event, double all)
{
    const struct grid *g = w->v.g;
    size_t n = g->periods;
    memset(w->c, 0, n * sizeof *w->c);
    for (size_t k = 0; k < g->groups; k++)
        for (size_t i = g->start[k]; i < g->start[k + 1]; i++) {
            double own = own_weight(w, k, i, event, all);
            for (size_t t = 0; own != 0 && t < n; t++) {
                if (in_event(g, k, t, event) && is_known(w, t, i))
                    w->c[t] += grid_w(g, t, i) / all;
                if (within_has(&w->v, k, t, i))
                    w->c[t] -= grid_w(g, t, i) * own / w->weight[i];
            }
        }
    spd_solve(w->total, n, w->c);
}

/* Weights v of unit i's rows in the estimate (0: no row or no part in it). */
static void row_weights(double *v, const struct imputation_work *w, size_t k, size_t i,
                        int32_t event, double all)
{
    const struct grid *g = w->v.g;
    double own = k < g->groups ? own_weight(w, k, i, event, all) : 0, mean = own;
    for (size_t t = 0; t < g->periods; t++)
        if (within_has(&w->v, k, t, i))
            mean -= grid_w(g, t, i) * w->c[t];
    mean /= w->weight[i];
    for (size_t t = 0; t < g->periods; t++) {
        v[t] = 0;
        if (within_has(&w->v, k, t, i))
            v[t] = -grid_w(g, t, i) * (mean + w->c[t]);
        else if (in_event(g, k, t, event) && is_known(w, t, i))
            v[t] = grid_w(g, t, i) / all;
    }
}

/* The means that treated rows are taken from: by cohort and period, weighted by v². */
static void centre(struct imputation_work *w, int32_t event, double all, double *v)
{
    const struct grid *g = w->v.g;
    size_t n = g->periods;
    memset(w->above, 0, g->groups * n * sizeof *w->above);
    memset(w->square, 0, g->groups * n * sizeof *w->square);
    for (size_t k = 0; k < g->groups; k++)
        for (size_t i = g->start[k]; i < g->start[k + 1]; i++) {
            row_weights(v, w, k, i, event, all);
            for (size_t t = 0; t < n; t++)
                if (v[t] != 0 && grid_treated(g, k, t)) {
                    w->above[k * n + t] += v[t] * v[t] * above(w, t, i);
                    w->square[k * n + t] += v[t] * v[t];
                }
        }
    for (size_t a = 0; a < g->groups * n; a++)
        w->above[a] = w->square[a] > 0 ? w->above[a] / w->square[a] : 0;
}

static struct did_sum event_effect(struct imputation_work *w, int32_t event, double *v)
{
    const struct grid *g = w->v.g;
    size_t n = g->periods;
    double value, variance = 0, all = event_mean(&value, w, event);
    if (!(all > 0))
        return effect_sum(NAN, NAN, 0.95, INFINITY);
    carry(w, event, all);
    centre(w, event, all, v);
    memset(w->cluster, 0, g->clusters * sizeof *w->cluster);
    for (size_t k = 0; k <= g->groups; k++)
        for (size_t i = g->start[k]; i < g->start[k + 1]; i++) {
            double *own = &w->cluster[g->cluster ? g->cluster[i] : i];
            if (!(w->weight[i] > 0))
                continue;
            row_weights(v, w, k, i, event, all);
            for (size_t t = 0; t < n; t++)
                if (v[t] != 0)
                    *own += v[t] * (above(w, t, i) -
                                    (grid_treated(g, k, t) ? w->above[k * n + t] : 0));
        }
    for (size_t c = 0; c < g->clusters; c++)
        variance += w->cluster[c] * w->cluster[c];
    return effect_sum(value, sqrt(variance), 0.95, INFINITY);
}

static int by_number(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static enum rc list_events(struct effects *out, struct cx *cx, const struct imputation_work *w)
{
    const struct grid *g = w->v.g;
    size_t count = 0;
    out->event = arena_array(cx->arena, g->groups * g->periods + 1, sizeof *out->event);
    TRY(effect_room(cx, out->event != NULL));
    for (size_t k = 0; k < g->groups; k++)
        for (size_t t = 0; t < g->periods; t++) {
            bool any = false;
            if (!grid_treated(g, k, t))
                continue;
            for (size_t i = g->start[k]; i < g->start[k + 1]; i++) {
                bool known = is_known(w, t, i);
                out->dropped_rows += grid_has(g, t, i) && !known;
                out->n += known;
                any |= known;
            }
            if (any)
                out->event[count++] = g->period[t] - g->group[k];
        }
    qsort(out->event, count, sizeof *out->event, by_number);
    for (size_t c = 0; c < count; c++)
        if (!c || out->event[c] != out->event[out->events - 1])
            out->event[out->events++] = out->event[c];
    out->n += w->v.n;
    return RC_OK;
}

enum rc imputation_make(struct effects *out, struct cx *cx, const struct panel *p)
{
    struct grid g;
    struct imputation_work w = {0};
    struct effects r = {0};
    TRY(grid_make(&g, cx, p, &(struct grid_spec){.untreated_first = true}));
    TRY(within_make(&w.v, cx, &g, true));
    size_t n = g.periods, cells = (g.groups + 1) * n;
    double *v = arena_array(cx->arena, n, sizeof *v);
    w.total = arena_array(cx->arena, n * n, sizeof *w.total);
    w.effect = arena_array(cx->arena, n, sizeof *w.effect);
    w.c = arena_array(cx->arena, n, sizeof *w.c);
    w.unit = arena_array(cx->arena, g.units, sizeof *w.unit);
    w.weight = arena_array(cx->arena, g.units, sizeof *w.weight);
    w.above = arena_array(cx->arena, cells, sizeof *w.above);
    w.square = arena_array(cx->arena, cells, sizeof *w.square);
    w.cluster = arena_array(cx->arena, g.clusters, sizeof *w.cluster);
    TRY(effect_room(cx, v && w.total && w.effect && w.c && w.unit && w.weight && w.above &&
                            w.square && w.cluster));
    TRY(first_stage(&w, cx));
    TRY(list_events(&r, cx, &w));
    r.by_event = arena_array(cx->arena, r.events + 1, sizeof *r.by_event);
    TRY(effect_room(cx, r.by_event != NULL));
    r.att = event_effect(&w, EVERY_EVENT, v);
    for (size_t e = 0; e < r.events; e++)
        r.by_event[e] = event_effect(&w, r.event[e], v);
    r.clusters = (int64_t)g.clusters;
    r.dropped_units = g.dropped;
    *out = r;
    return RC_OK;
}
