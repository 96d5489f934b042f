/* Weighting: inverse probability of treatment, augmented by regressions, entropy balancing. */
#include "stats/effect_cohort_inner.h"

#include "base/text.h"

#include <string.h>

struct weight_work {
    const struct cases *a;
    struct contrast c;
    struct contrast_fit f;
    double *score, *weight; /* by place */
    double *influence;      /* by place, over the number of rows */
};

static const double *row(const struct weight_work *w, size_t i)
{
    return w->a->x + i * w->a->columns;
}
static bool treated(const struct weight_work *w, size_t i)
{
    return i < w->a->treated;
}
static double dot(const double *a, const double *b, size_t k)
{
    double s = 0;
    for (size_t j = 0; j < k; j++)
        s += a[j] * b[j];
    return s;
}

static double error_of(const struct weight_work *w)
{
    struct sum s = {0};
    for (size_t i = 0; i < w->a->n; i++)
        sum_add(&s, w->influence[i] * w->influence[i]);
    return sqrt(s.hi);
}

/* ---- regressions ---- */

/* Regression of y on x over the places from … end with weights; RC_INVALID: dependent columns.
 */
static enum rc regress(double *b, struct cx *cx, const struct weight_work *w, size_t from,
                       size_t end, const double *weight)
{
    size_t k = w->a->columns;
    double *xx = arena_array(cx->arena, k * k, sizeof *xx);
    TRY(effect_room(cx, xx != NULL));
    memset(b, 0, k * sizeof *b);
    for (size_t i = from; i < end; i++)
        for (size_t p = 0; p < k; p++) {
            for (size_t q = 0; q <= p; q++)
                xx[p * k + q] += weight[i] * row(w, i)[p] * row(w, i)[q];
            b[p] += weight[i] * row(w, i)[p] * w->a->y[i];
        }
    if (spd_factor(xx, k, NULL))
        return fail(cx, RC_INVALID,
                    _("Among the treated or the controls the covariates are not independent of "
                      "each other (one is constant or a sum of others), or there are too few "
                      "rows. Take a covariate away."),
                    "k=%zu", k);
    spd_solve(xx, k, b);
    return RC_OK;
}

/* ---- inverse probabilities ---- */

static void weigh_all(struct weight_work *w)
{
    for (size_t i = 0; i < w->a->n; i++)
        w->weight[i] = case_w(w->a, i) / (treated(w, i) ? w->score[i] : 1 - w->score[i]);
}

/* Everybody's effect: means weighted by 1/score and 1/(1 - score) (Hájek), with what the
 * estimated score adds to the error. Source: Lunceford and Davidian 2004, eq. 21. */
static enum rc ipw_ate(double *out, struct cx *cx, struct weight_work *w)
{
    size_t k = w->a->columns;
    struct sum y[2] = {{0}}, all[2] = {{0}};
    double *info = arena_array(cx->arena, k * k, sizeof *info), mean[2];
    double *from = arena_array(cx->arena, k, sizeof *from);
    TRY(effect_room(cx, info && from));
    weigh_all(w);
    for (size_t i = 0; i < w->a->n; i++) {
        sum_add(&all[treated(w, i)], w->weight[i]);
        sum_add(&y[treated(w, i)], w->weight[i] * w->a->y[i]);
    }
    for (int d = 0; d < 2; d++)
        mean[d] = y[d].hi / all[d].hi;
    for (size_t i = 0; i < w->a->n; i++) {
        int d = treated(w, i);
        double p = w->score[i], e = w->weight[i] * (w->a->y[i] - mean[d]) / all[d].hi;
        w->influence[i] = d ? e : -e;
        for (size_t j = 0; j < k; j++) {
            from[j] -= e * (d ? 1 - p : p) * row(w, i)[j];
            for (size_t q = 0; q <= j; q++)
                info[j * k + q] += case_w(w->a, i) * p * (1 - p) * row(w, i)[j] * row(w, i)[q];
        }
    }
    (void)spd_factor(info, k, NULL); /* full: cases_fit would have refused */
    spd_solve(info, k, from);
    for (size_t i = 0; i < w->a->n; i++)
        w->influence[i] +=
            case_w(w->a, i) * (treated(w, i) - w->score[i]) * dot(from, row(w, i), k);
    *out = mean[1] - mean[0];
    return RC_OK;
}

static void ipw_att(double *out, struct weight_work *w)
{
    *out = w->f.att;
    for (size_t i = 0; i < w->a->n; i++) {
        w->weight[i] = case_w(w->a, i) * (treated(w, i) ? 1 : w->score[i] / (1 - w->score[i]));
        w->influence[i] = contrast_influence(&w->f, &w->c, i, treated(w, i));
    }
}

/* ---- augmented ---- */

/* psi by place into influence; the mean of psi over the weight `all` of those it is about. */
static void finish_augmented(double *out, struct weight_work *w, bool of_treated)
{
    struct sum sum = {0}, all = {0};
    double few = sqrt((double)w->a->n / ((double)w->a->n - 1)); /* sd(psi)/sqrt(n) */
    for (size_t i = 0; i < w->a->n; i++) {
        bool counts = !of_treated || treated(w, i);
        sum_add(&sum, case_w(w->a, i) * w->influence[i]);
        sum_add(&all, counts ? case_w(w->a, i) : 0);
    }
    *out = sum.hi / all.hi;
    for (size_t i = 0; i < w->a->n; i++) {
        bool counts = !of_treated || treated(w, i);
        w->influence[i] =
            few * case_w(w->a, i) * (w->influence[i] - (counts ? *out : 0)) / all.hi;
    }
}

static enum rc aipw(double *out, struct cx *cx, struct weight_work *w, bool of_treated)
{
    size_t k = w->a->columns;
    double *b0 = arena_array(cx->arena, k, sizeof *b0), *b1 = arena_array(cx->arena, k, 8);
    TRY(effect_room(cx, b0 && b1));
    for (size_t i = 0; i < w->a->n; i++)
        w->weight[i] = case_w(w->a, i);
    TRY(regress(b0, cx, w, w->a->treated, w->a->n, w->weight));
    if (!of_treated)
        TRY(regress(b1, cx, w, 0, w->a->treated, w->weight));
    for (size_t i = 0; i < w->a->n; i++) {
        double p = w->score[i], m0 = dot(b0, row(w, i), k), m1 = dot(b1, row(w, i), k);
        double y = w->a->y[i];
        if (of_treated)
            w->influence[i] = treated(w, i) ? y - m0 : -p / (1 - p) * (y - m0);
        else
            w->influence[i] = m1 - m0 + (treated(w, i) ? (y - m1) / p : -(y - m0) / (1 - p));
    }
    if (of_treated)
        for (size_t i = w->a->treated; i < w->a->n; i++)
            w->weight[i] *= w->score[i] / (1 - w->score[i]);
    else
        weigh_all(w);
    finish_augmented(out, w, of_treated);
    return RC_OK;
}

/* ---- entropy balancing ---- */

/* Weights of the controls at lambda, adding up to 1; the means' distance from the target (k -
 * 1) and its derivative. Returns log of the sum, less lambda·target. */
static double tilt(double *gap, double *slope, struct weight_work *w, const double *lambda,
                   const double *target)
{
    size_t k = w->a->columns, n = w->a->n, first = w->a->treated;
    double top = -INFINITY, sum = 0;
    for (size_t i = first; i < n; i++)
        top = fmax(top, dot(lambda + 1, row(w, i) + 1, k - 1));
    for (size_t i = first; i < n; i++)
        sum += w->weight[i] =
            case_w(w->a, i) * exp(dot(lambda + 1, row(w, i) + 1, k - 1) - top);
    memset(gap, 0, k * sizeof *gap);
    memset(slope, 0, k * k * sizeof *slope);
    for (size_t i = first; i < n; i++) {
        w->weight[i] /= sum;
        for (size_t p = 1; p < k; p++)
            gap[p] += w->weight[i] * row(w, i)[p];
    }
    for (size_t i = first; i < n; i++)
        for (size_t p = 1; p < k; p++)
            for (size_t q = 1; q <= p; q++)
                slope[p * k + q] +=
                    w->weight[i] * (row(w, i)[p] - gap[p]) * (row(w, i)[q] - gap[q]);
    for (size_t p = 1; p < k; p++)
        gap[p] -= target[p];
    slope[0] = 1;
    return top + log(sum) - dot(lambda + 1, target + 1, k - 1);
}

/* Newton's steps on the dual, halved while it grows. Source: Hainmueller 2012. */
static enum rc balance_means(struct cx *cx, struct weight_work *w, const double *target)
{
    size_t k = w->a->columns;
    double *lambda = arena_array(cx->arena, k, 8), *next = arena_array(cx->arena, k, 8);
    double *gap = arena_array(cx->arena, k, 8), *slope = arena_array(cx->arena, k * k, 8);
    double worst = INFINITY;
    TRY(effect_room(cx, lambda && next && gap && slope));
    double now = tilt(gap, slope, w, lambda, target);
    for (int n = 0; n < 200; n++) {
        double cut = 1, then = INFINITY;
        worst = 0;
        for (size_t j = 1; j < k; j++)
            worst = fmax(worst, fabs(gap[j]));
        if (worst < 1e-12)
            break;
        (void)spd_factor(slope, k, NULL); /* a column that is a sum of others moves with them */
        gap[0] = 0;
        spd_solve(slope, k, gap);
        double *step = arena_array(cx->arena, k, sizeof *step);
        TRY(effect_room(cx, step != NULL));
        memcpy(step, gap, k * sizeof *step);
        for (; cut > 1e-10 && !(then <= now + 1e-14 * fabs(now)); cut /= 2) {
            for (size_t j = 1; j < k; j++)
                next[j] = lambda[j] - cut * step[j];
            then = tilt(gap, slope, w, next, target);
        }
        memcpy(lambda, next, k * sizeof *next);
        now = then;
    }
    if (worst < 1e-7)
        return RC_OK;
    return fail(cx, RC_INVALID,
                _("No weights of the controls reach the means of the treated: the groups are "
                  "too far apart. Take a covariate away, or leave out the treated that have no "
                  "like."),
                "gap %g", worst);
}

/* The effect on the treated and its error: weighted controls' regression residuals and the
 * treated's distance from it (entropy balancing is doubly robust: Zhao and Percival 2017). */
static enum rc entropy(double *out, struct cx *cx, struct weight_work *w)
{
    size_t k = w->a->columns, n = w->a->n, first = w->a->treated;
    double *b = arena_array(cx->arena, k, sizeof *b), all = 0, mean[2] = {0};
    double *target = arena_array(cx->arena, k, sizeof *target);
    TRY(effect_room(cx, b && target));
    for (size_t i = 0; i < first; i++) {
        w->weight[i] = case_w(w->a, i);
        all += w->weight[i];
        for (size_t j = 1; j < k; j++)
            target[j] += w->weight[i] * row(w, i)[j];
    }
    for (size_t j = 1; j < k; j++)
        target[j] /= all;
    TRY(balance_means(cx, w, target));
    for (size_t i = 0; i < n; i++) {
        w->weight[i] *= i < first ? 1 : all;
        mean[i < first] += w->weight[i] * w->a->y[i] / all;
    }
    TRY(regress(b, cx, w, first, n, w->weight));
    *out = mean[1] - mean[0];
    for (size_t i = 0; i < n; i++) {
        double e = w->weight[i] * (w->a->y[i] - dot(b, row(w, i), k)) / all;
        w->influence[i] = i < first ? e - w->weight[i] * *out / all : -e;
    }
    return RC_OK;
}

/* ---- the whole ---- */

static enum rc scores(struct weighting *out, struct cx *cx, struct weight_work *w)
{
    TRY(cases_fit(&w->f, &w->c, cx, w->a, DID_IPW));
    out->smallest_score = w->f.smallest;
    out->largest_score = w->f.largest;
    for (size_t i = 0; i < w->a->n; i++)
        w->score[i] = contrast_score(&w->f, &w->c, i);
    return RC_OK;
}

static enum rc weigh(struct weighting *out, struct cx *cx, struct weight_work *w,
                     enum weighting_kind kind)
{
    if (kind == WEIGHT_ENTROPY_ATT) {
        out->smallest_score = out->largest_score = NAN;
        return entropy(&out->effect, cx, w);
    }
    TRY(scores(out, cx, w));
    if (kind == WEIGHT_IPW_ATE)
        return ipw_ate(&out->effect, cx, w);
    if (kind == WEIGHT_IPW_ATT) {
        ipw_att(&out->effect, w);
        return RC_OK;
    }
    return aipw(&out->effect, cx, w, kind == WEIGHT_AIPW_ATT);
}

enum rc weighting_make(struct weighting *out, struct cx *cx, const struct cohort *c,
                       enum weighting_kind kind)
{
    struct cases a;
    struct weight_work w = {.a = &a};
    struct weighting r = {0};
    TRY(cases_make(&a, cx, c));
    w.score = arena_array(cx->arena, a.n, sizeof *w.score);
    w.weight = arena_array(cx->arena, a.n, sizeof *w.weight);
    w.influence = arena_array(cx->arena, a.n, sizeof *w.influence);
    TRY(effect_room(cx, w.score && w.weight && w.influence));
    TRY(weigh(&r, cx, &w, kind));
    r.se = error_of(&w);
    r.effective_treated = effective_size(w.weight, 0, a.treated);
    r.effective_controls = effective_size(w.weight, a.treated, a.n);
    r.left_out = a.left_out;
    TRY(cases_balance(&r.balance, cx, &a, w.weight));
    TRY(cases_rows(&r.weight, cx, &a, w.weight));
    *out = r;
    return RC_OK;
}
