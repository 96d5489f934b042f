/* Callaway and Sant'Anna's effects by group and period and the covariance of all of them. The
 * sums over cells are effect_did_sum.c's work. */
#include "stats/effect_did_inner.h"

#include "base/text.h"

#include <string.h>

enum { PARTS = 64, CELLS_MAX = 20000 };

/* ---- cells ---- */

static bool is_pre_period(const struct grid *g, const struct did_spec *s, size_t t,
                          size_t group)
{
    return (int64_t)g->period[t] + s->anticipation < g->group[group];
}

/* The last period before treatment; grid_make left out groups without one. */
static size_t last_before(const struct grid *g, const struct did_spec *s, size_t group)
{
    size_t t = 0;
    while (t + 1 < g->periods && is_pre_period(g, s, t + 1, group))
        t++;
    return t;
}

/* Ranges of the treated and the controls of a cell. */
static void cell_ranges(struct contrast *c, const struct grid *g, const struct did_spec *s,
                        const struct did_place *place)
{
    size_t group = place->group, late = place->t > place->base ? place->t : place->base;
    size_t from = g->groups;
    if (s->not_yet)
        for (from = 0; from < g->groups; from++)
            if (g->group[from] > (int64_t)g->period[late] + s->anticipation)
                break;
    c->first[0] = g->start[group];
    c->end[0] = g->start[group + 1];
    c->first[1] = g->start[from];
    c->end[1] = from <= group ? c->first[0] : g->units;
    c->first[2] = from <= group ? c->end[0] : g->units;
    c->end[2] = g->units;
}

static enum rc list_cells(struct did_work *w, struct cx *cx)
{
    const struct grid *g = &w->g;
    size_t most = g->groups * g->periods;
    if (most > CELLS_MAX)
        return fail_f(cx, RC_LIMIT,
                      _("%lld groups and %lld periods are too many. Join periods, for example "
                        "months to quarters."),
                      (long long)g->groups, (long long)g->periods);
    w->place = arena_array(cx->arena, most + 1, sizeof *w->place);
    TRY(effect_room(cx, w->place != NULL));
    for (size_t k = 0; k < g->groups; k++) {
        size_t before = last_before(g, w->s, k);
        for (size_t t = w->s->universal ? 0 : 1; t < g->periods; t++) {
            bool post = g->group[k] <= g->period[t];
            w->place[w->cells++] =
                (struct did_place){k, t, post || w->s->universal ? before : t - 1, post};
        }
    }
    return RC_OK;
}

static enum rc make_room(struct did_work *w, struct cx *cx)
{
    size_t k = w->g.columns, each = 4 * k + contrast_scratch(k);
    w->fit = arena_array(cx->arena, w->cells + 1, sizeof *w->fit);
    w->contrast = arena_array(cx->arena, w->cells + 1, sizeof *w->contrast);
    w->scratch = arena_array(cx->arena, w->cells + 1, each * sizeof *w->scratch);
    TRY(effect_room(cx, w->fit && w->contrast && w->scratch));
    for (size_t c = 0; c < w->cells; c++) {
        double *own = w->scratch + c * each;
        const struct did_place *at = &w->place[c];
        w->fit[c] = (struct contrast_fit){.score = own,
                                          .outcome = own + k,
                                          .from_score = own + 2 * k,
                                          .from_outcome = own + 3 * k};
        w->contrast[c] = (struct contrast){.y1 = w->g.y + at->t * w->g.units,
                                           .y0 = w->g.y + at->base * w->g.units,
                                           .w = w->g.w,
                                           .x = w->g.x,
                                           .k = k,
                                           .method = w->s->method};
        cell_ranges(&w->contrast[c], &w->g, w->s, at);
    }
    return RC_OK;
}

static void fit_cell(void *arg, size_t c)
{
    struct did_work *w = arg;
    size_t k = w->g.columns;
    if (w->place[c].t != w->place[c].base)
        contrast_make(&w->fit[c], &w->contrast[c], 0.999,
                      w->scratch + c * (4 * k + contrast_scratch(k)) + 4 * k);
}

/* ---- covariance ---- */

/* For each group the cells that its units are in. */
static enum rc list_roles(struct did_work *w, struct cx *cx)
{
    size_t groups = w->g.groups + 1;
    w->role = arena_array(cx->arena, groups * w->cells + 1, sizeof *w->role);
    w->roles = arena_array(cx->arena, groups, sizeof *w->roles);
    TRY(effect_room(cx, w->role && w->roles));
    for (size_t k = 0; k < groups; k++)
        for (size_t c = 0; c < w->cells; c++) {
            const struct contrast *m = &w->contrast[c];
            size_t at = w->g.start[k];
            if (w->fit[c].refused || w->place[c].t == w->place[c].base)
                continue;
            bool treated = at >= m->first[0] && at < m->end[0];
            if (treated || (at >= m->first[1] && at < m->end[1]) ||
                (at >= m->first[2] && at < m->end[2]))
                w->role[k * w->cells + w->roles[k]++] = (struct did_role){(uint32_t)c, treated};
        }
    return RC_OK;
}

/* Positions in order of clusters: member[from[c]] … */
static enum rc list_clusters(struct did_work *w, struct cx *cx)
{
    const struct grid *g = &w->g;
    if (!g->cluster)
        return RC_OK;
    w->from = arena_array(cx->arena, g->clusters + 2, sizeof *w->from);
    w->member = arena_array(cx->arena, g->units + 1, sizeof *w->member);
    TRY(effect_room(cx, w->from && w->member));
    for (size_t i = 0; i < g->units; i++)
        w->from[g->cluster[i] + 2]++;
    for (size_t c = 2; c < g->clusters + 2; c++)
        w->from[c] += w->from[c - 1];
    for (size_t i = 0; i < g->units; i++)
        w->member[w->from[g->cluster[i] + 1]++] = (uint32_t)i;
    return RC_OK;
}

static size_t group_at(const struct grid *g, size_t i)
{
    size_t k = 0;
    while (i >= g->start[k + 1])
        k++;
    return k;
}

/* One part's sum of products of the clusters' totals: cells, weights of groups, units. */
struct part {
    double *square, *z;
    uint32_t *touched;
    bool *seen;
    size_t count;
};
static void touch(struct part *p, size_t at, double x)
{
    if (!p->seen[at]) {
        p->seen[at] = true;
        p->touched[p->count++] = (uint32_t)at;
    }
    p->z[at] += x;
}
static void add_unit(struct part *p, const struct did_work *w, size_t i, size_t group)
{
    double n = (double)w->g.units;
    const struct did_role *role = w->role + group * w->cells;
    for (size_t r = 0; r < w->roles[group]; r++)
        touch(p, role[r].cell,
              contrast_influence(&w->fit[role[r].cell], &w->contrast[role[r].cell], i,
                                 role[r].treated));
    if (group < w->g.groups)
        touch(p, w->cells + group, (w->g.w ? w->g.w[i] : 1) / n);
    touch(p, w->cells + w->g.groups, 1 / n);
}
/* Products below the diagonal only. */
static void end_cluster(struct part *p, size_t dim)
{
    for (size_t a = 0; a < p->count; a++) {
        uint32_t at = p->touched[a];
        double z = p->z[at], *row = p->square + at * dim;
        for (size_t b = 0; b < p->count; b++)
            if (p->touched[b] <= at)
                row[p->touched[b]] += z * p->z[p->touched[b]];
    }
    for (size_t a = 0; a < p->count; a++) {
        p->z[p->touched[a]] = 0;
        p->seen[p->touched[a]] = false;
    }
    p->count = 0;
}

static void sum_part(void *arg, size_t which)
{
    struct did_work *w = arg;
    struct part *p = &w->part[which];
    size_t first = w->g.clusters * which / PARTS, end = w->g.clusters * (which + 1) / PARTS;
    size_t group = first < end && !w->member ? group_at(&w->g, first) : 0;
    for (size_t c = first; c < end; c++) {
        if (!w->member) {
            while (c >= w->g.start[group + 1])
                group++;
            add_unit(p, w, c, group);
        } else {
            for (size_t m = w->from[c]; m < w->from[c + 1]; m++)
                add_unit(p, w, w->member[m], group_at(&w->g, w->member[m]));
        }
        end_cluster(p, w->dim + 1);
    }
}

/* From the sums of products: group weights as shares around their means. */
static void centre(struct did_work *w)
{
    size_t dim = w->dim, raw = dim + 1, n = w->cells;
    double *s = w->part[0].square;
    for (size_t a = 0; a < raw; a++)
        for (size_t b = a + 1; b < raw; b++)
            s[a * raw + b] = s[b * raw + a];
    for (size_t a = 0; a < dim; a++)
        for (size_t b = 0; b < dim; b++) {
            double pa = a < n ? 0 : w->share[a - n], pb = b < n ? 0 : w->share[b - n];
            w->v[a * dim + b] = s[a * raw + b] - pb * s[a * raw + dim] - pa * s[b * raw + dim] +
                                pa * pb * s[dim * raw + dim];
        }
}

static enum rc covariance(struct did_work *w, struct cx *cx)
{
    size_t raw = w->dim + 1;
    TRY(list_roles(w, cx));
    TRY(list_clusters(w, cx));
    w->v = arena_array(cx->arena, w->dim * w->dim, sizeof *w->v);
    w->share = arena_array(cx->arena, w->g.groups, sizeof *w->share);
    w->part = arena_array(cx->arena, PARTS, sizeof *w->part);
    TRY(effect_room(cx, w->v && w->share && w->part));
    for (size_t i = 0; i < PARTS; i++) {
        w->part[i] = (struct part){arena_array(cx->arena, raw * raw, sizeof(double)),
                                   arena_array(cx->arena, raw, sizeof(double)),
                                   arena_array(cx->arena, raw, sizeof(uint32_t)),
                                   arena_array(cx->arena, raw, sizeof(bool)), 0};
        TRY(effect_room(cx, w->part[i].square && w->part[i].z && w->part[i].touched &&
                                w->part[i].seen));
    }
    for (size_t k = 0; k < w->g.groups; k++) {
        struct sum s = {0};
        for (size_t i = w->g.start[k]; i < w->g.start[k + 1]; i++)
            sum_add(&s, w->g.w ? w->g.w[i] : 1);
        w->share[k] = s.hi / (double)w->g.units;
    }
    effect_run(w->s->threads, PARTS, sum_part, w);
    for (size_t i = 1; i < PARTS; i++)
        for (size_t a = 0; a < raw * raw; a++)
            w->part[0].square[a] += w->part[i].square[a];
    centre(w);
    return RC_OK;
}

/* ---- the whole ---- */

static enum rc check_spec(struct cx *cx, const struct did_spec *s)
{
    if (!(s->level > 0 && s->level < 1) || s->anticipation < 0 || s->draws < 0)
        return fail(cx, RC_INVALID,
                    _("The level lies between 0 and 1; anticipation and draws are zero or "
                      "more."),
                    "did_spec");
    return RC_OK;
}

static enum rc fill_cells(struct did *out, struct cx *cx, const struct did_work *w)
{
    out->cells = w->cells;
    out->cell = arena_array(cx->arena, w->cells + 1, sizeof *out->cell);
    TRY(effect_room(cx, out->cell != NULL));
    for (size_t c = 0; c < w->cells; c++) {
        const struct did_place *at = &w->place[c];
        bool base = at->t == at->base, refused = w->fit[c].refused != NULL;
        double v = w->v[c * w->dim + c];
        out->cell[c] = (struct did_cell){.group = w->g.group[at->group],
                                         .period = w->g.period[at->t],
                                         .att = base ? 0 : w->fit[c].att,
                                         .se = refused ? NAN : sqrt(v),
                                         .treated = w->share[at->group] * (double)w->g.units,
                                         .refused = w->fit[c].refused};
    }
    return RC_OK;
}

enum rc did_make(struct did *out, struct cx *cx, const struct panel *p,
                 const struct did_spec *s)
{
    struct did_spec spec = *s;
    struct did_work w = {.s = &spec};
    struct did result = {0};
    spec.level = s->level == 0 ? 0.95 : s->level;
    TRY(check_spec(cx, &spec));
    TRY(grid_make(&w.g, cx, p,
                  &(struct grid_spec){.balanced = true,
                                      .untreated_first = true,
                                      .covariates = true,
                                      .anticipation = s->anticipation}));
    if (!s->not_yet && w.g.start[w.g.groups] == w.g.units)
        return fail(cx, RC_INVALID,
                    _("Everybody is treated sooner or later: there is nobody never treated to "
                      "compare with. Compare with those not yet treated."),
                    "no never treated");
    TRY(list_cells(&w, cx));
    TRY(make_room(&w, cx));
    effect_run(spec.threads, w.cells, fit_cell, &w);
    w.dim = w.cells + w.g.groups;
    TRY(covariance(&w, cx));
    TRY(fill_cells(&result, cx, &w));
    TRY(did_sums(&result, cx, &w));
    result.units = (int64_t)w.g.units;
    result.clusters = (int64_t)w.g.clusters;
    result.dropped_units = w.g.dropped;
    *out = result;
    return RC_OK;
}
