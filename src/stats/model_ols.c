/* Weighted least squares: normal equations of centred and scaled columns, then refined with the
 * residuals until the step is lost in rounding, which gives the digits of a QR decomposition.
 */
#include "stats/model_inner.h"

#include "base/text.h"
#include "stats/inner.h"

struct squares {
    const struct model_rows *r;
    double *residual; /* weighted; NULL: the first pass */
};

static void fill(const struct matrix_block *b, void *arg)
{
    const struct squares *q = arg;
    for (size_t i = 0; i < b->n; i++) {
        size_t at = b->first + i;
        double w = model_weight(q->r, at), e = q->r->y[at] - (q->residual ? b->eta[i] : 0);
        b->weight[i] = w;
        b->right[i] = w * e;
        b->sums[0] += w * e * e;
        b->sums[1] += w * e;
        b->sums[2] += log(w);
        if (q->residual)
            q->residual[at] = w * e;
    }
}

/* b's last digits: b += inverse · score of the residuals. sums: of the residuals before the
 * last step, which is too small to move them. */
static enum rc refine(struct model_state *m, struct cx *cx, struct squares *q, double *sums)
{
    size_t k = m->rows.s->k;
    double *score = arena_array(cx->arena, 2 * k, sizeof *score);
    if (!score)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "k=%zu", k);
    double *step = score + k;
    struct matrix_pass pass = {.b = m->b, .fill = fill, .arg = q, .xr = score, .sums = sums};
    for (int i = 0; i < 6; i++) {
        double gain = 0;
        TRY(matrix_run(cx, &m->rows.t, &pass));
        matrix_times(step, m->inverse, score, k);
        for (size_t j = 0; j < k; j++) {
            m->b[j] += step[j];
            gain += step[j] * score[j];
        }
        if (!(gain > 1e-24 * sums[0]))
            break;
    }
    return RC_OK;
}

static void figures(struct model_fit *f, const struct model_state *m, const double *first,
                    const double *sums)
{
    const struct model_rows *r = &m->rows;
    bool constant = r->constant < r->s->k;
    double n = (double)r->n, df = n - (double)m->kept, scale = r->y_scale * r->y_scale;
    double total = first[0] - (constant ? first[1] * first[1] / r->weight : 0);
    double rss = sums[0] > 0 ? sums[0] : 0;
    f->objective = rss / scale;
    f->r2 = 1 - rss / total;
    f->r2_adjusted = 1 - (1 - f->r2) * (n - constant) / df;
    f->sigma = sqrt(rss / df / scale);
    f->log_likelihood = 0.5 * (sums[2] - n * (log(2 * M_PI) + 1 - log(n) + log(rss / scale)));
    f->log_likelihood_0 =
        0.5 * (sums[2] - n * (log(2 * M_PI) + 1 - log(n) + log(total / scale)));
}

enum rc model_ols(struct model_fit *f, struct model_state *m, struct cx *cx)
{
    TRY(model_rows_centre_outcome(&m->rows, cx));
    size_t k = m->rows.s->k;
    double *xx = arena_array(cx->arena, k * k + k, sizeof *xx), first[MATRIX_SUMS];
    double sums[MATRIX_SUMS];
    struct squares q = {.r = &m->rows};
    if (!xx)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "k=%zu", k);
    struct matrix_pass pass = {
        .fill = fill, .arg = &q, .xx = xx, .xr = xx + k * k, .sums = first};
    TRY(matrix_run(cx, &m->rows.t, &pass));
    TRY(matrix_solve(&(struct matrix_solution){m->b, m->inverse, m->dropped}, cx, xx,
                     xx + k * k, k));
    TRY(model_note_dropped(m, cx, xx));
    q.residual = m->score;
    TRY(refine(m, cx, &q, sums));
    for (size_t i = 0; i < m->rows.n; i++)
        m->omega[i] = model_weight(&m->rows, i);
    m->dispersion = sums[0] / (double)(m->rows.n - m->kept);
    f->iterations = 1;
    f->converged = true;
    figures(f, m, first, sums);
    return RC_OK;
}
