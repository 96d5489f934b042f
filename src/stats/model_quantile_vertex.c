/* From a point near the best coefficients of a quantile to the exact ones: k rows are fitted
 * without error, and one of them at a time is given up for another while that makes the sum of
 * weighted deviations smaller. Source: Barrodale and Roberts 1973; Koenker and d'Orey 1987. */
#include "stats/model_quantile_inner.h"

#include "base/text.h"
#include "stats/inner.h"

struct near {
    double t;
    size_t row;
};
struct vertex {
    struct model_state *m;
    double tau;
    size_t p, *column;    /* kept columns */
    size_t *basis;        /* p rows */
    uint8_t *in;          /* by row */
    double *inverse;      /* p × p: of the basis' rows */
    double *work;         /* p × 2p */
    double *u, *a;        /* by row: residuals, their fall along the way */
    double *b, *g, *wide; /* wide: k */
    struct near *near;
};

static double cell(const struct vertex *v, size_t row, size_t j)
{
    const struct model_rows *r = &v->m->rows;
    size_t c = v->column[j];
    return (r->s->x[c][r->row ? r->row[row] : row] - r->shift[c]) * r->scale[c];
}

static int nearer(const void *a, const void *b)
{
    const struct near *x = a, *y = b;
    if (x->t != y->t)
        return x->t < y->t ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* The p independent rows with the smallest residuals, by elimination. */
static bool choose_basis(struct vertex *v)
{
    size_t n = v->m->rows.n, p = v->p, found = 0;
    double *kept = v->work; /* reduced rows */
    for (size_t i = 0; i < n; i++)
        v->near[i] = (struct near){fabs(v->u[i]), i};
    qsort(v->near, n, sizeof *v->near, nearer);
    for (size_t c = 0; c < n && found < p; c++) {
        double *row = kept + found * p, most = 0, whole = 0;
        size_t pivot = 0;
        for (size_t j = 0; j < p; j++) {
            row[j] = cell(v, v->near[c].row, j);
            whole = fmax(whole, fabs(row[j]));
        }
        for (size_t i = 0; i < found; i++) {
            const double *other = kept + i * p;
            size_t at = (size_t)v->g[i];
            double factor = row[at] / other[at];
            for (size_t j = 0; j < p; j++)
                row[j] -= factor * other[j];
            row[at] = 0;
        }
        for (size_t j = 0; j < p; j++)
            if (fabs(row[j]) > most) {
                most = fabs(row[j]);
                pivot = j;
            }
        if (most <= 1e-7 * whole)
            continue;
        v->g[found] = (double)pivot;
        v->in[v->near[c].row] = 1;
        v->basis[found++] = v->near[c].row;
    }
    return found == p;
}

/* Gauss–Jordan with row exchange; false: singular. */
static bool invert_basis(struct vertex *v)
{
    size_t p = v->p, wide = 2 * p;
    double *t = v->work;
    for (size_t i = 0; i < p; i++)
        for (size_t j = 0; j < p; j++) {
            t[i * wide + j] = cell(v, v->basis[i], j);
            t[i * wide + p + j] = i == j;
        }
    for (size_t c = 0; c < p; c++) {
        size_t best = c;
        for (size_t i = c + 1; i < p; i++)
            if (fabs(t[i * wide + c]) > fabs(t[best * wide + c]))
                best = i;
        if (t[best * wide + c] == 0)
            return false;
        for (size_t j = 0; j < wide && best != c; j++) {
            double keep = t[c * wide + j];
            t[c * wide + j] = t[best * wide + j];
            t[best * wide + j] = keep;
        }
        double pivot = t[c * wide + c];
        for (size_t j = 0; j < wide; j++)
            t[c * wide + j] /= pivot;
        for (size_t i = 0; i < p; i++) {
            double factor = i == c ? 0 : t[i * wide + c];
            for (size_t j = 0; j < wide && factor != 0; j++)
                t[i * wide + j] -= factor * t[c * wide + j];
        }
    }
    for (size_t i = 0; i < p; i++)
        for (size_t j = 0; j < p; j++)
            v->inverse[i * p + j] = t[i * wide + p + j];
    return true;
}

static enum rc spread(struct vertex *v, struct cx *cx, double *out, const double *b)
{
    memset(v->wide, 0, v->m->rows.s->k * sizeof *v->wide);
    for (size_t j = 0; j < v->p; j++)
        v->wide[v->column[j]] = b[j];
    return model_eta(out, cx, &v->m->rows, v->wide);
}

/* b of the basis, refined once, and the residuals. */
static enum rc settle(struct vertex *v, struct cx *cx)
{
    const struct model_rows *r = &v->m->rows;
    size_t p = v->p;
    for (size_t j = 0; j < p; j++)
        v->b[j] = 0;
    for (int pass = 0; pass < 3; pass++) {
        for (size_t i = 0; i < p; i++) {
            struct sum left = {.hi = r->y[v->basis[i]]};
            for (size_t j = 0; j < p; j++)
                sum_add(&left, -v->b[j] * cell(v, v->basis[i], j));
            v->g[i] = left.hi;
        }
        for (size_t j = 0; j < p; j++)
            for (size_t i = 0; i < p; i++)
                v->b[j] += v->inverse[j * p + i] * v->g[i];
    }
    TRY(spread(v, cx, v->u, v->b));
    for (size_t i = 0; i < r->n; i++)
        v->u[i] = v->in[i] ? 0 : r->y[i] - v->u[i];
    return RC_OK;
}

/* The basis row to give up: the one whose way down is steepest; p: none, this is the best. */
static enum rc leaving(size_t *out, double *sign, double *slope, struct vertex *v,
                       struct cx *cx)
{
    const struct model_rows *r = &v->m->rows;
    size_t p = v->p, best = p;
    double steepest = 0;
    for (size_t i = 0; i < r->n; i++)
        v->a[i] = v->in[i] ? 0 : model_weight(r, i) * (v->u[i] < 0 ? v->tau - 1 : v->tau);
    TRY(model_cross(NULL, v->wide, cx, r, NULL, v->a));
    for (size_t h = 0; h < p; h++) {
        double lambda = 0, w = model_weight(r, v->basis[h]);
        for (size_t j = 0; j < p; j++)
            lambda += v->wide[v->column[j]] * v->inverse[j * p + h];
        double up = w * (1 - v->tau) - lambda, down = w * v->tau + lambda;
        double least = fmin(up, down);
        if (least < -1e-9 * w && least / w < steepest) {
            steepest = least / w;
            best = h;
            *sign = up < down ? 1 : -1;
            *slope = least;
        }
    }
    *out = best;
    return RC_OK;
}

/* The row where the way down along the basis row's direction ends; n: nowhere. */
static enum rc entering(size_t *out, struct vertex *v, struct cx *cx, size_t h, double sign,
                        double slope)
{
    const struct model_rows *r = &v->m->rows;
    size_t count = 0;
    for (size_t j = 0; j < v->p; j++)
        v->g[j] = sign * v->inverse[j * v->p + h];
    TRY(spread(v, cx, v->a, v->g));
    for (size_t i = 0; i < r->n; i++)
        if (!v->in[i] &&
            ((v->u[i] >= 0 && v->a[i] > 1e-12) || (v->u[i] < 0 && v->a[i] < -1e-12)))
            v->near[count++] = (struct near){v->u[i] / v->a[i], i};
    qsort(v->near, count, sizeof *v->near, nearer);
    *out = r->n;
    for (size_t c = 0; c < count; c++) {
        size_t i = v->near[c].row;
        slope += model_weight(r, i) * fabs(v->a[i]);
        if (slope >= 0) {
            *out = i;
            break;
        }
    }
    return RC_OK;
}

static enum rc walk(struct vertex *v, struct cx *cx, int *steps, bool *settled)
{
    size_t h, next;
    double sign = 1, slope = 0;
    int most = 500 + 20 * (int)v->p;
    *settled = false;
    for (*steps = 0; *steps < most; ++*steps) {
        if (!invert_basis(v))
            return RC_OK;
        TRY(settle(v, cx));
        TRY(leaving(&h, &sign, &slope, v, cx));
        *settled = h == v->p;
        if (*settled)
            return RC_OK;
        TRY(entering(&next, v, cx, h, sign, slope));
        if (next == v->m->rows.n)
            return RC_OK;
        v->in[v->basis[h]] = 0;
        v->in[next] = 1;
        v->basis[h] = next;
    }
    return RC_OK;
}

enum rc quantile_vertex(struct model_state *m, struct cx *cx, double tau, double *u, int *steps,
                        bool *settled)
{
    const struct model_rows *r = &m->rows;
    size_t n = r->n + 1, k = r->s->k, p = m->kept;
    struct vertex v = {.m = m, .tau = tau, .p = p, .u = u};
    v.column = arena_array(cx->arena, k, sizeof *v.column);
    v.basis = arena_array(cx->arena, p + 1, sizeof *v.basis);
    v.in = arena_array(cx->arena, n, 1);
    v.inverse = arena_array(cx->arena, 3 * p * p + 1, sizeof *v.inverse);
    v.a = arena_array(cx->arena, n, sizeof *v.a);
    v.b = arena_array(cx->arena, 3 * k, sizeof *v.b);
    v.near = arena_array(cx->arena, n, sizeof *v.near);
    if (!v.column || !v.basis || !v.in || !v.inverse || !v.a || !v.b || !v.near)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "n=%zu", n);
    v.work = v.inverse + p * p;
    v.g = v.b + k;
    v.wide = v.g + k;
    for (size_t j = 0, c = 0; j < k; j++)
        if (!m->dropped[j])
            v.column[c++] = j;
    TRY(model_eta(u, cx, r, m->b));
    for (size_t i = 0; i < r->n; i++)
        u[i] = r->y[i] - u[i];
    *steps = 0;
    *settled = false;
    if (choose_basis(&v))
        TRY(walk(&v, cx, steps, settled));
    for (size_t j = 0; j < p && *settled; j++)
        m->b[v.column[j]] = v.b[j];
    return RC_OK;
}
