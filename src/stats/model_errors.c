/* Variances of a fitted model's coefficients, of the centred and scaled columns: the sandwich
 * of the information with the scores of rows, clusters or a survey design. */
#include "stats/model_inner.h"

#include "base/text.h"
#include "stats/inner.h"

/* ---- rows: HC0 to HC3 ---- */

struct rows_fill {
    const struct model_state *m;
    int power; /* of 1 - leverage */
};

static void fill(const struct matrix_block *b, void *arg)
{
    const struct rows_fill *f = arg;
    for (size_t i = 0; i < b->n; i++) {
        double r = f->m->score[b->first + i], free = 1;
        if (f->power) {
            free = 1 - f->m->omega[b->first + i] * b->hat[i];
            b->sums[0] += !(free > 1e-10);
        }
        b->weight[i] = r * r / (f->power == 2 ? free * free : free);
        b->right[i] = 0;
    }
}

static enum rc rows_meat(double *meat, struct model_fit *f, struct cx *cx,
                         const struct model_state *m)
{
    const struct model_spec *s = m->rows.s;
    double n = (double)m->rows.n, sums[MATRIX_SUMS];
    struct rows_fill filling = {m, s->errors == ERRORS_HC3 ? 2 : s->errors == ERRORS_HC2};
    struct matrix_pass pass = {.inverse = filling.power ? m->inverse : NULL,
                               .fill = fill,
                               .arg = &filling,
                               .xx = meat,
                               .sums = sums};
    TRY(matrix_run(cx, &m->rows.t, &pass));
    if (sums[0] > 0)
        return fail_f(cx, RC_INVALID,
                      _("%lld rows are each predicted by a column of their own (leverage 1): "
                        "HC2 and HC3 errors do not exist. Choose HC1, or leave out columns "
                        "that are non-zero in one row only."),
                      (long long)sums[0]);
    f->factor = s->errors == ERRORS_HC1 ? n / (n - (double)m->kept) : 1;
    return RC_OK;
}

/* ---- clusters ---- */

enum rc model_clusters(uint32_t **cluster, size_t *count, struct cx *cx,
                       const struct model_rows *r)
{
    const struct model_spec *s = r->s;
    uint32_t *out = arena_array(cx->arena, r->n + 1, sizeof *out);
    uint32_t *number = arena_array(cx->arena, s->cluster_count + 1, sizeof *number);
    uint32_t known = 0;
    if (!out || !number)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "clusters=%zu", s->cluster_count);
    for (size_t i = 0; i < r->n; i++) {
        uint32_t c = s->cluster[r->row ? r->row[i] : i];
        if (c >= s->cluster_count)
            return fail(cx, RC_INVALID, _("A cluster's number is out of range."),
                        "cluster=%lu of %zu", (unsigned long)c, s->cluster_count);
        if (!number[c])
            number[c] = ++known;
        out[i] = number[c] - 1;
    }
    if (known < 2)
        return fail(cx, RC_INVALID,
                    _("All rows are in one cluster: no standard error can be had. Name the "
                      "column of the clusters that were drawn or treated."),
                    "clusters=%lu", (unsigned long)known);
    *cluster = out;
    *count = known;
    return RC_OK;
}

struct by_cluster {
    const struct model_state *m;
    const uint32_t *cluster;
    double **sum; /* by column and cluster */
};

/* Column j's scores summed by cluster, rows in order: no thread shares a column. */
static void add_column(void *arg, size_t j, size_t thread)
{
    const struct by_cluster *b = arg;
    const struct model_rows *r = &b->m->rows;
    const double *x = r->s->x[j], *score = b->m->score;
    double shift = r->shift[j], scale = r->scale[j], *sum = b->sum[j];
    (void)thread;
    if (r->row)
        for (size_t i = 0; i < r->n; i++)
            sum[b->cluster[i]] += score[i] * ((x[r->row[i]] - shift) * scale);
    else
        for (size_t i = 0; i < r->n; i++)
            sum[b->cluster[i]] += score[i] * ((x[i] - shift) * scale);
}

static enum rc cluster_meat(double *meat, struct model_fit *f, struct cx *cx,
                            const struct model_state *m)
{
    const struct model_spec *s = m->rows.s;
    uint32_t *cluster;
    size_t count;
    TRY(model_clusters(&cluster, &count, cx, &m->rows));
    double **sum = arena_array(cx->arena, s->k, sizeof *sum);
    for (size_t j = 0; sum && j < s->k; j++)
        if (!(sum[j] = arena_array(cx->arena, count, sizeof **sum)))
            sum = NULL;
    if (!sum)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "clusters=%zu", count);
    struct by_cluster by = {m, cluster, sum};
    matrix_parts(s->k, s->threads, add_column, &by);
    struct matrix_table t = {
        .x = (const double *const *)sum, .k = s->k, .n = count, .threads = s->threads};
    TRY(matrix_cross(meat, NULL, cx, &t, NULL, NULL));
    double g = (double)count, n = (double)m->rows.n;
    bool squares = s->family == MODEL_OLS || s->family == MODEL_QUANTILE;
    f->factor = g / (g - 1) * (squares ? (n - 1) / (n - (double)m->kept) : 1);
    f->clusters = count;
    if (squares)
        f->df = g - 1;
    return RC_OK;
}

/* ---- survey design ---- */

static enum rc survey_meat(double *meat, struct model_fit *f, struct cx *cx,
                           const struct model_state *m)
{
    const struct model_rows *r = &m->rows;
    size_t k = r->s->k;
    struct design_sums scratch, *sums = arena_array(cx->arena, k, sizeof *sums);
    double *u = arena_array(cx->arena, r->n + 1, sizeof *u);
    if (!sums || !u)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "k=%zu", k);
    TRY(design_sums_make(&scratch, cx, r->s->design));
    for (size_t j = 0; j < k; j++) {
        const double *x = r->s->x[j];
        TRY(design_sums_make(&sums[j], cx, r->s->design));
        for (size_t i = 0; i < r->n; i++)
            u[i] = m->score[i] * ((x[r->row ? r->row[i] : i] - r->shift[j]) * r->scale[j]);
        design_sums_add(&sums[j], r->row, NULL, u, r->n);
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = i; j < k; j++)
            meat[i * k + j] = meat[j * k + i] = design_covariance(&scratch, &sums[i], &sums[j]);
    design_sums_add(&scratch, r->row, NULL, NULL, r->n);
    if (isnan(design_variance(&scratch, &f->df)) || isnan(meat[0]))
        return fail(cx, RC_INVALID,
                    _("The survey design has lonely strata only: no standard error can be "
                      "had. Join strata."),
                    "df=%g", f->df);
    return RC_OK;
}

/* ---- all ---- */

enum rc model_errors(double *v, struct model_fit *f, struct cx *cx, const struct model_state *m)
{
    size_t k = m->rows.s->k;
    double *meat = arena_array(cx->arena, k * k, sizeof *meat);
    if (!meat)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "k=%zu", k);
    if (m->rows.s->family == MODEL_OLS || m->rows.s->family == MODEL_QUANTILE)
        f->df = (double)m->rows.n - (double)m->kept;
    switch (m->rows.s->errors) {
    case ERRORS_IID:
        for (size_t i = 0; i < k * k; i++)
            v[i] = m->inverse[i] * m->dispersion;
        return RC_OK;
    case ERRORS_HC0:
    case ERRORS_HC1:
    case ERRORS_HC2:
    case ERRORS_HC3:
        TRY(rows_meat(meat, f, cx, m));
        break;
    case ERRORS_CLUSTER:
        TRY(cluster_meat(meat, f, cx, m));
        break;
    case ERRORS_SURVEY:
        TRY(survey_meat(meat, f, cx, m));
        break;
    }
    for (size_t i = 0; i < k * k; i++)
        meat[i] *= f->factor;
    return matrix_sandwich(v, cx, m->inverse, meat, k);
}
