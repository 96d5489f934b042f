/* Quantile regression: the interior point method on the bounded dual. The way to the vertex is
 * model_quantile_vertex.c's, the errors model_quantile_errors.c's.
 * Source: Portnoy and Koenker 1997; Koenker, Quantile Regression, 2005, 6.4. */
#include "stats/model_quantile_inner.h"

#include "base/text.h"
#include "stats/inner.h"

/* All by row, each row and outcome times its weight: x in (0, 1) is the dual, s = 1 - x; z, w
 * the multipliers of its bounds, z - w = -(y - Z b). */
struct interior {
    struct model_state *m;
    double tau;
    double *x, *s, *z, *w, *dx, *dz, *dw, *q, *r, *weight, *right, *eta;
    double *xx, *inverse, *score, *db;
};

static enum rc open_interior(struct interior *p, struct cx *cx, struct model_state *m)
{
    size_t n = m->rows.n + 1, k = m->rows.s->k;
    double **part[] = {&p->x,  &p->s, &p->z, &p->w,      &p->dx,    &p->dz,
                       &p->dw, &p->q, &p->r, &p->weight, &p->right, &p->eta};
    double *room = arena_array(cx->arena, n * 12 + 2 * k * k + 2 * k, sizeof *room);
    if (!room)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "n=%zu", n);
    for (size_t i = 0; i < sizeof part / sizeof *part; i++, room += n)
        *part[i] = room;
    p->xx = room;
    p->inverse = room + k * k;
    p->score = room + 2 * k * k;
    p->db = p->score + k;
    p->m = m;
    return RC_OK;
}

/* How far along d until a positive v reaches zero. */
static double reach(const double *v, const double *d, double sign, size_t n)
{
    double least = 1e20;
    for (size_t i = 0; i < n; i++)
        if (sign * d[i] < 0)
            least = fmin(least, -v[i] / (sign * d[i]));
    return fmin(1, 0.9995 * least);
}

static void steps(double *primal, double *dual, const struct interior *p, size_t n)
{
    *primal = fmin(reach(p->x, p->dx, 1, n), reach(p->s, p->dx, -1, n));
    *dual = fmin(reach(p->z, p->dz, 1, n), reach(p->w, p->dw, 1, n));
}

/* The direction for the right side in p->r; `fresh`: of new weights q. */
static enum rc direction(struct interior *p, struct cx *cx, bool fresh)
{
    const struct model_rows *r = &p->m->rows;
    size_t k = r->s->k;
    bool *dropped = p->m->dropped;
    for (size_t i = 0; i < r->n; i++) {
        double w = model_weight(r, i);
        p->right[i] = p->q[i] * p->r[i] * w;
        p->weight[i] = p->q[i] * w * w;
    }
    TRY(model_cross(fresh ? p->xx : NULL, p->score, cx, r, p->weight, p->right));
    if (fresh)
        TRY(matrix_solve(&(struct matrix_solution){p->db, p->inverse, dropped}, cx, p->xx,
                         p->score, k));
    matrix_times(p->db, p->inverse, p->score, k);
    return model_eta(p->eta, cx, r, p->db);
}

static void predict_step(struct interior *p)
{
    const struct model_rows *r = &p->m->rows;
    for (size_t i = 0; i < r->n; i++) {
        double a = p->eta[i] * model_weight(r, i);
        p->dx[i] = p->q[i] * (a - p->r[i]);
        p->dz[i] = -p->z[i] * (1 + p->dx[i] / p->x[i]);
        p->dw[i] = -p->w[i] * (1 - p->dx[i] / p->s[i]);
    }
}

/* Mehrotra's corrector: towards the central path, with the second-order terms. */
static enum rc correct_step(struct interior *p, struct cx *cx, double primal, double dual)
{
    const struct model_rows *r = &p->m->rows;
    struct sum mu = {0}, next = {0};
    for (size_t i = 0; i < r->n; i++) {
        sum_add(&mu, p->z[i] * p->x[i] + p->w[i] * p->s[i]);
        sum_add(&next, (p->z[i] + dual * p->dz[i]) * (p->x[i] + primal * p->dx[i]) +
                           (p->w[i] + dual * p->dw[i]) * (p->s[i] - primal * p->dx[i]));
    }
    double t = next.hi / mu.hi, aim = mu.hi * t * t * t / (2 * (double)r->n);
    for (size_t i = 0; i < r->n; i++) {
        double second = p->dx[i] * (p->dz[i] / p->x[i] + p->dw[i] / p->s[i]);
        p->r[i] += second - aim * (1 / p->x[i] - 1 / p->s[i]);
    }
    TRY(direction(p, cx, false));
    for (size_t i = 0; i < r->n; i++) {
        double before = p->dx[i], a = p->eta[i] * model_weight(r, i);
        double dx = p->q[i] * (a - p->r[i]);
        p->dz[i] = (aim - before * p->dz[i] - p->z[i] * dx) / p->x[i] - p->z[i];
        p->dw[i] = (aim + before * p->dw[i] + p->w[i] * dx) / p->s[i] - p->w[i];
        p->dx[i] = dx;
    }
    return RC_OK;
}

/* What is still between the primal and the dual. */
static double gap(const struct interior *p)
{
    struct sum sum = {0};
    for (size_t i = 0; i < p->m->rows.n; i++)
        sum_add(&sum, p->z[i] * p->x[i] + p->w[i] * p->s[i]);
    return sum.hi;
}

static enum rc iterate(struct interior *p, struct cx *cx)
{
    size_t n = p->m->rows.n, k = p->m->rows.s->k;
    double first = gap(p);
    for (int step = 0; step < 60 && gap(p) > 1e-11 * first; step++) {
        double primal, dual;
        for (size_t i = 0; i < n; i++) {
            p->q[i] = 1 / (p->z[i] / p->x[i] + p->w[i] / p->s[i]);
            p->r[i] = p->z[i] - p->w[i];
        }
        TRY(direction(p, cx, true));
        predict_step(p);
        steps(&primal, &dual, p, n);
        if (fmin(primal, dual) < 1) {
            TRY(correct_step(p, cx, primal, dual));
            steps(&primal, &dual, p, n);
        }
        for (size_t i = 0; i < n; i++) {
            p->x[i] += primal * p->dx[i];
            p->s[i] -= primal * p->dx[i];
            p->z[i] += dual * p->dz[i];
            p->w[i] += dual * p->dw[i];
        }
        for (size_t j = 0; j < k; j++)
            p->m->b[j] -= dual * p->db[j];
    }
    return RC_OK;
}

enum rc quantile_interior(struct model_state *m, struct cx *cx, double tau)
{
    const struct model_rows *r = &m->rows;
    size_t k = r->s->k;
    struct interior p = {.tau = tau};
    TRY(open_interior(&p, cx, m));
    for (size_t i = 0; i < r->n; i++) {
        p.weight[i] = model_weight(r, i);
        p.right[i] = p.weight[i] * r->y[i];
    }
    TRY(model_cross(p.xx, p.score, cx, r, p.weight, p.right));
    TRY(matrix_solve(&(struct matrix_solution){m->b, p.inverse, m->dropped}, cx, p.xx, p.score,
                     k));
    TRY(model_note_dropped(m, cx, p.xx));
    bool *dropped = arena_array(cx->arena, k, sizeof *dropped);
    if (!dropped)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "k=%zu", k);
    memcpy(dropped, m->dropped, k * sizeof *dropped);
    for (size_t j = 0; j < k; j++)
        if (dropped[j])
            m->rows.scale[j] = 0; /* stays out while weights change */
    TRY(model_eta(p.eta, cx, r, m->b));
    for (size_t i = 0; i < r->n; i++) {
        double u = -(r->y[i] - p.eta[i]) * model_weight(r, i);
        u += u == 0 ? 0.001 : 0;
        p.x[i] = 1 - tau;
        p.s[i] = tau;
        p.z[i] = fmax(u, 0);
        p.w[i] = fmax(-u, 0);
    }
    TRY(iterate(&p, cx));
    memcpy(m->dropped, dropped, k * sizeof *dropped);
    return RC_OK;
}
