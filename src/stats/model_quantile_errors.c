/* Quantile regression as a family: its fit, the density of its residuals for the errors, and
 * its figures. Source: Koenker 2005, 3.4; Hall and Sheather 1988; as quantreg's summary.rq. */
#include "stats/model_quantile_inner.h"

#include "base/text.h"
#include "stats/inner.h"

static double normal_density(double t)
{
    return exp(-t * t / 2) / sqrt(2 * M_PI);
}

/* Hall and Sheather's bandwidth at level 0.05. */
static double bandwidth(double tau, double n)
{
    double x = student_quantile(tau, INFINITY), f = normal_density(x);
    double z = student_quantile(0.975, INFINITY);
    return cbrt(1 / n) * cbrt(z * z) * cbrt(1.5 * f * f / (2 * x * x + 1));
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    if (fabs(*x) != fabs(*y))
        return fabs(*x) < fabs(*y) ? -1 : 1;
    return ascending(a, b);
}

static enum rc solve(struct model_state *m, struct cx *cx, double tau, double *u, int *steps,
                     bool *settled)
{
    TRY(model_rows_centre_outcome(&m->rows, cx));
    TRY(quantile_interior(m, cx, tau));
    return quantile_vertex(m, cx, tau, u, steps, settled);
}

/* The slope of the ordered residuals around zero in their rank: a median regression. */
static enum rc sparsity(double *out, struct cx *cx, const struct model_state *m,
                        const double *u, double tau)
{
    size_t n = m->rows.n, zero = 0;
    double *sorted = arena_array(cx->arena, n + 1, sizeof *sorted);
    if (!sorted)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "n=%zu", n);
    memcpy(sorted, u, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_size);
    while (zero < n && fabs(sorted[zero]) < 1.5e-8 * m->rows.y_scale)
        zero++;
    size_t h = (size_t)ceil((double)n * bandwidth(tau, (double)n));
    h = h < m->kept + 1 ? m->kept + 1 : h;
    size_t count = zero + h + 1 < n ? h + 1 : n - zero;
    double *rank = arena_array(cx->arena, 3 * (count + 1), sizeof *rank);
    if (!rank || count < 3)
        return fail(
            cx, RC_INVALID,
            _("There are too few rows for the errors of a quantile. Leave columns out."),
            "n=%zu", n);
    double *one = rank + count, *left = one + count;
    qsort(sorted + zero, count, sizeof *sorted, ascending);
    for (size_t i = 0; i < count; i++) {
        rank[i] = (double)(zero + 1 + i) / (double)(n - m->kept);
        one[i] = 1;
    }
    const double *columns[] = {one, rank};
    struct model_spec s = {.family = MODEL_QUANTILE,
                           .tau = 0.5,
                           .n = count,
                           .k = 2,
                           .y = sorted + zero,
                           .x = columns,
                           .threads = 1};
    struct model_state line;
    int steps;
    bool settled;
    TRY(model_state_make(&line, cx, &s));
    TRY(solve(&line, cx, 0.5, left, &steps, &settled));
    *out = line.b[1] * line.rows.scale[1] / line.rows.y_scale;
    return RC_OK;
}

/* Powell's kernel: weights f(0) by row. */
static enum rc kernel(double *f, struct cx *cx, const struct model_rows *r, const double *u,
                      double tau)
{
    size_t n = r->n;
    double h = bandwidth(tau, (double)n), *sorted = f;
    struct sum mean = {0}, square = {0};
    (void)cx;
    while (tau - h < 0 || tau + h > 1)
        h /= 2;
    memcpy(sorted, u, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, ascending);
    double quarter[2];
    for (int q = 0; q < 2; q++) { /* R's type 7 */
        double at = (q ? 0.75 : 0.25) * (double)(n - 1);
        size_t i = (size_t)at;
        double next = i + 1 < n ? sorted[i + 1] : sorted[i];
        quarter[q] = sorted[i] + (at - (double)i) * (next - sorted[i]);
    }
    for (size_t i = 0; i < n; i++)
        sum_add(&mean, u[i] / (double)n);
    for (size_t i = 0; i < n; i++)
        sum_add(&square, (u[i] - mean.hi) * (u[i] - mean.hi));
    double sd = sqrt(square.hi / (double)(n - 1)), range = (quarter[1] - quarter[0]) / 1.34;
    double width = (student_quantile(tau + h, INFINITY) - student_quantile(tau - h, INFINITY)) *
                   fmin(sd, range);
    if (!(width > 0))
        return fail_f(
            cx, RC_INVALID,
            _("Half of the rows lie on the fitted quantile of “%s”: its errors cannot "
              "be had. Use a bootstrap, or an outcome with fewer equal values."),
            model_y_name(r->s));
    for (size_t i = 0; i < n; i++)
        f[i] = normal_density(u[i] / width) / width;
    return RC_OK;
}

/* Bread and scores for model_errors. */
static enum rc prepare_errors(struct model_state *m, struct cx *cx, const double *u, double tau)
{
    const struct model_rows *r = &m->rows;
    size_t k = r->s->k;
    double *xx = arena_array(cx->arena, k * k + k, sizeof *xx), s = 0, square = 0;
    enum model_errors errors = r->s->errors;
    if (!xx)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "k=%zu", k);
    if (errors == ERRORS_HC2 || errors == ERRORS_HC3)
        return fail(cx, RC_INVALID,
                    _("HC2 and HC3 errors are made for least squares and its kin. For a "
                      "quantile choose HC0, HC1, clusters or a survey design."),
                    "errors=%d", (int)errors);
    if (errors == ERRORS_IID)
        TRY(sparsity(&s, cx, m, u, tau));
    else
        TRY(kernel(m->omega, cx, r, u, tau));
    for (size_t i = 0; i < r->n; i++) {
        double w = model_weight(r, i), psi = u[i] < 0 ? tau - 1 : tau;
        bool clustered = errors == ERRORS_CLUSTER || errors == ERRORS_SURVEY;
        m->omega[i] = w * (errors == ERRORS_IID ? 1 : m->omega[i]);
        m->score[i] = w * (clustered ? psi : sqrt(tau * (1 - tau)));
        square += w * w;
    }
    TRY(model_cross(xx, NULL, cx, r, m->omega, NULL));
    TRY(matrix_solve(&(struct matrix_solution){xx + k * k, m->inverse, m->dropped}, cx, xx,
                     m->b, k));
    m->dispersion = s * s * tau * (1 - tau) * square / r->weight;
    return RC_OK;
}

static int by_value(const void *a, const void *b)
{
    return ascending(a, b);
}

/* Weighted deviations from the outcome's own quantile. */
static enum rc own_deviation(double *out, struct cx *cx, const struct model_rows *r, double tau)
{
    struct pair {
        double y, w;
    } *p = arena_array(cx->arena, r->n + 1, sizeof *p);
    double below = 0, sum = 0;
    size_t at = 0;
    if (!p)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "n=%zu", r->n);
    for (size_t i = 0; i < r->n; i++)
        p[i] = (struct pair){r->y[i], model_weight(r, i)};
    qsort(p, r->n, sizeof *p, by_value);
    while (at + 1 < r->n && (below += p[at].w) < tau * r->weight)
        at++;
    for (size_t i = 0; i < r->n; i++) {
        double u = p[i].y - p[at].y;
        sum += p[i].w * u * (u < 0 ? tau - 1 : tau);
    }
    *out = sum / r->y_scale;
    return RC_OK;
}

enum rc model_quantile(struct model_fit *f, struct model_state *m, struct cx *cx)
{
    double tau = m->rows.s->tau, none = NAN, *u;
    struct sum sum = {0};
    if (!(tau > 0 && tau < 1))
        return fail_f(cx, RC_INVALID, _("A quantile lies between 0 and 1; %g does not."), tau);
    if (!(u = arena_array(cx->arena, m->rows.n + 1, sizeof *u)))
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "n=%zu", m->rows.n);
    TRY(solve(m, cx, tau, u, &f->iterations, &f->converged));
    for (size_t i = 0; i < m->rows.n; i++)
        sum_add(&sum, model_weight(&m->rows, i) * u[i] * (u[i] < 0 ? tau - 1 : tau));
    f->objective = sum.hi / m->rows.y_scale;
    TRY(own_deviation(&none, cx, &m->rows, tau));
    f->r2 = 1 - f->objective / none;
    f->r2_adjusted = f->log_likelihood = f->log_likelihood_0 = NAN;
    if (!f->converged) {
        const char *why = _("The quantile's fit stopped before the best point; too many rows "
                            "have equal values.");
        m->rows.why = m->rows.why ? arena_printf(cx->arena, "%s %s", m->rows.why, why) : why;
    }
    return prepare_errors(m, cx, u, tau);
}
