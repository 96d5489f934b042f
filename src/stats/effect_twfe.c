/* The regression on treatment with effects of units and periods, and what is wrong with it: its
 * negative weights. Its Bacon weights are effect_bacon.c's work. */
#include "stats/effect_within_inner.h"

#include "base/text.h"

struct twfe_work {
    struct within v;
    double *total;    /* factor */
    double *share;    /* by period: what periods explain of treatment */
    double *effect;   /* by period: effects at b */
    double square, y; /* sums of w d̃² and w d̃ y */
    double *cluster;  /* by cluster: sum of w d̃ e */
};

/* d̃: treatment less what the unit and the period explain; 0 where there is no row. */
static void treatment(double *out, const struct twfe_work *w, size_t k, size_t i)
{
    const struct grid *g = w->v.g;
    for (size_t t = 0; t < g->periods; t++)
        out[t] = grid_treated(g, k, t) - w->share[t];
    double mean = within_mean(&w->v, k, i, out);
    for (size_t t = 0; t < g->periods; t++)
        out[t] = grid_has(g, t, i) ? out[t] - mean : 0;
}

/* Solves for the periods' effects on treatment (share) and, at b, on the outcome (effect). */
static void solve_periods(struct twfe_work *w, double *into, double b, bool outcome)
{
    const struct grid *g = w->v.g;
    size_t n = g->periods;
    for (size_t t = 0; t < n; t++) {
        into[t] = 0;
        for (size_t k = 0; k <= g->groups; k++) {
            if (outcome)
                into[t] += w->v.r[k * n + t];
            for (size_t s = 0; s < n; s++)
                into[t] +=
                    (outcome ? -b : 1) * w->v.h[(k * n + t) * n + s] * grid_treated(g, k, s);
        }
    }
    spd_solve(w->total, n, into);
}

static void sum_treatment(struct twfe *out, struct twfe_work *w, double *d)
{
    const struct grid *g = w->v.g;
    struct sum square = {0}, y = {0}, treated = {0}, negative = {0};
    for (size_t k = 0; k <= g->groups; k++)
        for (size_t i = g->start[k]; i < g->start[k + 1]; i++) {
            treatment(d, w, k, i);
            for (size_t t = 0; t < g->periods; t++) {
                if (!grid_has(g, t, i))
                    continue;
                double wd = grid_w(g, t, i) * d[t];
                sum_add(&square, wd * d[t]);
                sum_add(&y, wd * g->y[t * g->units + i]);
                if (!grid_treated(g, k, t))
                    continue;
                out->treated_cells++;
                out->negative_cells += wd < 0;
                sum_add(&treated, wd);
                sum_add(&negative, wd < 0 ? -wd : 0);
            }
        }
    w->square = square.hi;
    w->y = y.hi;
    out->negative_weight = negative.hi / treated.hi;
}

/* Sum of w e²; w d̃ e by cluster. */
static double sum_residuals(struct twfe_work *w, double b, double *d, double *f)
{
    const struct grid *g = w->v.g;
    struct sum square = {0};
    for (size_t k = 0; k <= g->groups; k++)
        for (size_t i = g->start[k]; i < g->start[k + 1]; i++) {
            for (size_t t = 0; t < g->periods; t++)
                f[t] = w->effect[t] + b * grid_treated(g, k, t);
            double y = within_mean(&w->v, k, i, NULL), mean = within_mean(&w->v, k, i, f);
            treatment(d, w, k, i);
            for (size_t t = 0; t < g->periods; t++) {
                if (!grid_has(g, t, i))
                    continue;
                double e = g->y[t * g->units + i] - y - (f[t] - mean), wt = grid_w(g, t, i);
                sum_add(&square, wt * e * e);
                w->cluster[g->cluster ? g->cluster[i] : i] += wt * d[t] * e;
            }
        }
    return square.hi;
}

static enum rc check_spread(struct cx *cx, const struct twfe_work *w, size_t dropped)
{
    if (dropped > 1)
        return fail(cx, RC_INVALID,
                    _("The units fall into parts that share no period: their periods cannot be "
                      "compared. Take one part at a time."),
                    "periods %zu", dropped);
    if (!(w->square > 1e-10 * (double)w->v.n))
        return fail(
            cx, RC_INVALID,
            _("Treatment follows from the unit and the period alone: there is nobody to "
              "compare with. Add units that are not treated, or earlier periods."),
            "no spread of treatment");
    return RC_OK;
}

enum rc twfe_make(struct twfe *out, struct cx *cx, const struct panel *p)
{
    struct grid g;
    struct twfe_work w = {0};
    struct twfe r = {0};
    TRY(grid_make(&g, cx, p, &(struct grid_spec){0}));
    TRY(within_make(&w.v, cx, &g, false));
    size_t n = g.periods;
    double *d = arena_array(cx->arena, n, sizeof *d), *f = arena_array(cx->arena, n, sizeof *f);
    w.total = arena_array(cx->arena, n * n, sizeof *w.total);
    w.share = arena_array(cx->arena, n, sizeof *w.share);
    w.effect = arena_array(cx->arena, n, sizeof *w.effect);
    w.cluster = arena_array(cx->arena, g.clusters, sizeof *w.cluster);
    TRY(effect_room(cx, d && f && w.total && w.share && w.effect && w.cluster));
    within_total(w.total, &w.v);
    size_t dropped = spd_factor(w.total, n, NULL);
    solve_periods(&w, w.share, 0, false);
    sum_treatment(&r, &w, d);
    TRY(check_spread(cx, &w, dropped));
    r.b = w.y / w.square;
    solve_periods(&w, w.effect, r.b, true);
    double square = sum_residuals(&w, r.b, d, f), scores = 0;
    for (size_t c = 0; c < g.clusters; c++)
        scores += w.cluster[c] * w.cluster[c];
    double rows = (double)w.v.n, k = 1 + (double)(g.units + n - dropped);
    r.n = w.v.n;
    r.clusters = (int64_t)g.clusters;
    r.se_iid = rows > k ? sqrt(square / (rows - k) / w.square) : NAN;
    r.se_cluster =
        sqrt(scores * cluster_factor((double)g.clusters, rows, k - (double)g.units + 1)) /
        w.square;
    TRY(bacon_make(&r, cx, &w.v));
    *out = r;
    return RC_OK;
}
