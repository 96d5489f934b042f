/* Puts a cross-section in order for matching and weighting; scores and balance tables. */
#include "stats/effect_cohort_inner.h"

#include "base/text.h"

static const char *name_of(const struct cohort *c, size_t j)
{
    return c->names && c->names[j] ? c->names[j] : "-";
}

static bool is_complete(const struct cohort *c, size_t i)
{
    bool ok = isfinite(c->y[i]) && isfinite(c->d[i]) && (!c->w || c->w[i] != 0);
    for (size_t j = 0; ok && j < c->k; j++)
        ok = isfinite(c->x[j][i]);
    return ok;
}

static enum rc list_rows(struct cases *a, struct cx *cx)
{
    const struct cohort *c = a->c;
    a->row = arena_array(cx->arena, c->n + 1, sizeof *a->row);
    TRY(effect_room(cx, a->row != NULL));
    for (int treated = 1; treated >= 0; treated--) {
        for (size_t i = 0; i < c->n; i++) {
            if (c->w && !(c->w[i] >= 0))
                return fail_f(cx, RC_INVALID,
                              _("Data row %lld: the weight is negative or no number. Weights "
                                "are zero or more."),
                              (long long)i + 1);
            if (!is_complete(c, i)) {
                a->left_out += treated;
                continue;
            }
            if (c->d[i] != 0 && c->d[i] != 1)
                return fail_f(cx, RC_INVALID,
                              _("Data row %lld: treatment is 1 (treated) or 0 (not treated)."),
                              (long long)i + 1);
            if (c->d[i] == treated)
                a->row[a->n++] = (uint32_t)i;
        }
        if (treated)
            a->treated = a->n;
    }
    if (!a->treated)
        return fail(cx, RC_INVALID,
                    _("Nobody is treated among the complete rows: there is no effect to find. "
                      "Check the column of treatment."),
                    "n=%zu", a->n);
    if (a->treated == a->n)
        return fail(cx, RC_INVALID,
                    _("Everybody is treated among the complete rows: there is nobody to "
                      "compare with. Add rows that are not treated."),
                    "n=%zu", a->n);
    return RC_OK;
}

static enum rc standardise(struct cases *a, struct cx *cx, size_t j)
{
    struct sum mean = {0}, square = {0};
    const double *x = a->c->x[j];
    double n = (double)a->n;
    for (size_t i = 0; i < a->n; i++)
        sum_add(&mean, x[a->row[i]]);
    double m = mean.hi / n;
    for (size_t i = 0; i < a->n; i++)
        sum_add(&square, (x[a->row[i]] - m) * (x[a->row[i]] - m));
    double sd = sqrt(square.hi / n);
    if (!(sd > 1e-12 * fabs(m)))
        return fail_f(cx, RC_INVALID,
                      _("The covariate %s has the same value in every row. Take it away."),
                      name_of(a->c, j));
    for (size_t i = 0; i < a->n; i++)
        a->x[i * a->columns + j + 1] = (x[a->row[i]] - m) / sd;
    return RC_OK;
}

enum rc cases_make(struct cases *out, struct cx *cx, const struct cohort *c)
{
    struct cases a = {.c = c, .columns = c->k + 1};
    TRY(list_rows(&a, cx));
    a.y = arena_array(cx->arena, a.n, sizeof *a.y);
    a.w = c->w ? arena_array(cx->arena, a.n, sizeof *a.w) : NULL;
    a.x = arena_array(cx->arena, a.n * a.columns, sizeof *a.x);
    TRY(effect_room(cx, a.y && (a.w || !c->w) && a.x));
    for (size_t i = 0; i < a.n; i++) {
        a.y[i] = c->y[a.row[i]];
        a.x[i * a.columns] = 1;
        if (a.w)
            a.w[i] = c->w[a.row[i]];
    }
    for (size_t j = 0; j < c->k; j++)
        TRY(standardise(&a, cx, j));
    *out = a;
    return RC_OK;
}

enum rc cases_fit(struct contrast_fit *f, struct contrast *c, struct cx *cx,
                  const struct cases *a, enum did_method method)
{
    size_t k = a->columns;
    double *room = arena_array(cx->arena, 4 * k + contrast_scratch(k), sizeof *room);
    TRY(effect_room(cx, room != NULL));
    *c = (struct contrast){.y1 = a->y,
                           .w = a->w,
                           .x = a->x,
                           .k = k,
                           .first = {0, a->treated, a->n},
                           .end = {a->treated, a->n, a->n},
                           .method = method};
    *f = (struct contrast_fit){.score = room,
                               .outcome = room + k,
                               .from_score = room + 2 * k,
                               .from_outcome = room + 3 * k};
    contrast_make(f, c, 2, room + 4 * k);
    if (f->refused)
        return fail(cx, RC_INVALID, text_in(cx->lang, f->refused), "score of a cohort");
    return RC_OK;
}

struct moments {
    double mean, variance;
};

/* Weighted mean and variance (reliability weights) of the caller's column j. */
static struct moments moments_of(const struct cases *a, size_t j, const double *weight,
                                 size_t from, size_t end)
{
    struct sum w = {0}, w2 = {0}, x = {0}, square = {0};
    for (size_t i = from; i < end; i++) {
        double own = weight ? weight[i] : case_w(a, i);
        sum_add(&w, own);
        sum_add(&w2, own * own);
        sum_add(&x, own * a->c->x[j][a->row[i]]);
    }
    double mean = x.hi / w.hi;
    for (size_t i = from; i < end; i++) {
        double own = weight ? weight[i] : case_w(a, i), d = a->c->x[j][a->row[i]] - mean;
        sum_add(&square, own * d * d);
    }
    return (struct moments){mean, square.hi / (w.hi - w2.hi / w.hi)};
}

enum rc cases_balance(struct balance **out, struct cx *cx, const struct cases *a,
                      const double *weight)
{
    struct balance *b = arena_array(cx->arena, a->c->k + 1, sizeof *b);
    TRY(effect_room(cx, b != NULL));
    for (size_t j = 0; j < a->c->k; j++) {
        struct moments all = moments_of(a, j, NULL, 0, a->treated);
        struct moments treated = moments_of(a, j, weight, 0, a->treated);
        struct moments before = moments_of(a, j, NULL, a->treated, a->n);
        struct moments after = moments_of(a, j, weight, a->treated, a->n);
        double sd = sqrt(all.variance);
        b[j] = (struct balance){.mean_treated = all.mean,
                                .mean_treated_after = treated.mean,
                                .mean_before = before.mean,
                                .mean_after = after.mean,
                                .difference_before = (all.mean - before.mean) / sd,
                                .difference_after = (treated.mean - after.mean) / sd,
                                .ratio_before = all.variance / before.variance,
                                .ratio_after = treated.variance / after.variance};
    }
    *out = b;
    return RC_OK;
}

enum rc cases_adjusted(double *out, struct cx *cx, const struct cases *a, const double *weight)
{
    size_t k = a->columns + 1; /* treatment comes first, so that it is never the one dropped */
    double *xx = arena_array(cx->arena, k * k, sizeof *xx);
    double *b = arena_array(cx->arena, k, sizeof *b), *x = arena_array(cx->arena, k, sizeof *x);
    TRY(effect_room(cx, xx && b && x));
    for (size_t i = 0; i < a->n; i++) {
        x[0] = i < a->treated;
        for (size_t j = 0; j < a->columns; j++)
            x[j + 1] = a->x[i * a->columns + j];
        for (size_t p = 0; weight[i] > 0 && p < k; p++) {
            for (size_t q = 0; q <= p; q++)
                xx[p * k + q] += weight[i] * x[p] * x[q];
            b[p] += weight[i] * x[p] * a->y[i];
        }
    }
    (void)spd_factor(xx, k, NULL); /* a column that is a sum of others adds nothing */
    spd_solve(xx, k, b);
    *out = b[0];
    return RC_OK;
}

double effective_size(const double *weight, size_t from, size_t end)
{
    struct sum w = {0}, w2 = {0};
    for (size_t i = from; i < end; i++) {
        sum_add(&w, weight[i]);
        sum_add(&w2, weight[i] * weight[i]);
    }
    return w2.hi > 0 ? w.hi * w.hi / w2.hi : 0;
}

enum rc cases_rows(double **out, struct cx *cx, const struct cases *a, const double *weight)
{
    double *rows = arena_array(cx->arena, a->c->n + 1, sizeof *rows);
    TRY(effect_room(cx, rows != NULL));
    for (size_t i = 0; i < a->n; i++)
        rows[a->row[i]] = weight[i];
    *out = rows;
    return RC_OK;
}
