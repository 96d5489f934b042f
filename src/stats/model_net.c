/* Penalised least squares and logit along a path of penalties, by cyclical coordinate descent
 * on the cross-products; and cross-validation by folds. Source: Friedman, Hastie, Tibshirani
 * 2010. */
#include "stats/model_inner.h"

#include "base/text.h"
#include "stats/inner.h"

enum { LAMBDAS = 100, SWEEPS_MOST = 100000, OUTER_MOST = 200, FOLDS_MOST = 1000 };
#define CHANGE_LEAST 1e-12 /* of a standardised coefficient, outcome's deviation 1 */

struct net {
    const struct net_spec *s;
    struct model_rows r;
    size_t k;
    uint32_t *fold;         /* by row used */
    uint32_t out;           /* fold that is left out; UINT32_MAX: none */
    double weight, wy, wyy; /* of the rows in */
    double *w;              /* by row: 0 in the fold left out */
    double *right, *eta;
    double *xx, *xy;           /* of the rows in, with their weights */
    double *mean, *sd;         /* of the scaled columns, rows in */
    double *q, *c;             /* the quadratic: 1/2 b'Qb - c'b, standardised */
    double *beta, *before, *z; /* z: coefficients of the scaled columns */
    double *grad;
};

static bool penalised(const struct net *n, size_t j)
{
    return j != n->r.constant;
}

/* Cross-products, means and deviations of the rows that are in. */
static enum rc take_rows(struct net *n, struct cx *cx, uint32_t out)
{
    struct sum weight = {0}, wy = {0}, wyy = {0};
    size_t k = n->k, c = n->r.constant;
    n->out = out;
    for (size_t i = 0; i < n->r.n; i++) {
        double w = n->fold && n->fold[i] == out ? 0 : model_weight(&n->r, i), y = n->r.y[i];
        n->w[i] = w;
        n->right[i] = w * y;
        sum_add(&weight, w);
        sum_add(&wy, w * y);
        sum_add(&wyy, w * y * y);
    }
    n->weight = weight.hi;
    n->wy = wy.hi;
    n->wyy = wyy.hi;
    if (!(n->weight > 0))
        return fail(cx, RC_INVALID,
                    _("A fold holds all rows: choose fewer folds or smaller groups."),
                    "fold=%lu", (unsigned long)out);
    TRY(model_cross(n->xx, n->xy, cx, &n->r, n->w, n->right));
    double one = n->r.low[c] * n->r.scale[c];
    for (size_t j = 0; j < k; j++) {
        n->mean[j] = n->xx[j * k + c] / (n->weight * one);
        double v = n->xx[j * k + j] / n->weight - n->mean[j] * n->mean[j];
        n->sd[j] = j == c ? one : v > 1e-14 * n->xx[j * k + j] / n->weight ? sqrt(v) : 0;
    }
    return RC_OK;
}

static double soft(double g, double by)
{
    return g > by ? g - by : g < -by ? g + by : 0;
}

/* Descends in beta from where it is. */
static void descend(struct net *n, double lambda)
{
    size_t k = n->k;
    double alpha = n->s->alpha;
    for (size_t j = 0; j < k; j++) {
        n->grad[j] = n->c[j];
        for (size_t l = 0; l < k; l++)
            n->grad[j] -= n->q[j * k + l] * n->beta[l];
    }
    for (int sweep = 0; sweep < SWEEPS_MOST; sweep++) {
        double most = 0;
        for (size_t j = 0; j < k; j++) {
            double own = n->q[j * k + j], p = penalised(n, j) ? lambda : 0;
            if (!(own > 0) || n->sd[j] == 0)
                continue;
            double b = soft(n->grad[j] + own * n->beta[j], p * alpha) / (own + p * (1 - alpha));
            double d = b - n->beta[j];
            if (d == 0)
                continue;
            n->beta[j] = b;
            for (size_t l = 0; l < k; l++)
                n->grad[l] -= d * n->q[j * k + l];
            most = fmax(most, d * d * own);
        }
        if (most < CHANGE_LEAST * CHANGE_LEAST)
            break;
    }
}

/* Least squares: the constant goes out by the means; coefficients of an outcome of deviation 1
 * make the stop the same for all units. */
static void path_squares(struct net *n, double lambda, double deviation)
{
    size_t k = n->k, c = n->r.constant;
    double y = n->wy / n->weight;
    for (size_t j = 0; j < k; j++)
        for (size_t l = 0; l < k; l++)
            n->q[j * k + l] = j == c || l == c || n->sd[j] == 0 || n->sd[l] == 0
                                  ? 0
                                  : (n->xx[j * k + l] / n->weight - n->mean[j] * n->mean[l]) /
                                        (n->sd[j] * n->sd[l]);
    for (size_t j = 0; j < k; j++)
        n->c[j] = j == c || n->sd[j] == 0
                      ? 0
                      : (n->xy[j] / n->weight - n->mean[j] * y) / (n->sd[j] * deviation);
    descend(n, lambda / deviation);
    double constant = y;
    for (size_t j = 0; j < k; j++) {
        n->z[j] = j == c || n->sd[j] == 0 ? 0 : n->beta[j] * deviation / n->sd[j];
        constant -= n->z[j] * n->mean[j];
    }
    n->z[c] = constant / n->sd[c];
}

/* Score and information of the logit at z, with the weights of the rows in; from xx and xy. */
static enum rc logit_terms(struct net *n, struct cx *cx, double *xx, double *xy, double *omega)
{
    TRY(model_eta(n->eta, cx, &n->r, n->z));
    for (size_t i = 0; i < n->r.n; i++) {
        double offset = n->r.offset ? n->r.offset[i] : 0;
        struct model_term t = model_term(MODEL_LOGIT, n->r.y[i], n->eta[i] + offset);
        omega[i] = n->w[i] * t.information;
        n->right[i] = n->w[i] * t.slope;
    }
    return model_cross(xx, xy, cx, &n->r, omega, n->right);
}

static enum rc path_logit(struct net *n, struct cx *cx, double lambda)
{
    size_t k = n->k;
    for (int outer = 0; outer < OUTER_MOST; outer++) {
        double most = 0;
        for (size_t j = 0; j < k; j++)
            n->z[j] = n->sd[j] > 0 ? n->beta[j] / n->sd[j] : 0;
        TRY(logit_terms(n, cx, n->xx, n->xy, n->eta));
        for (size_t j = 0; j < k; j++) {
            n->before[j] = n->beta[j];
            n->c[j] = n->sd[j] > 0 ? n->xy[j] / (n->weight * n->sd[j]) : 0;
            for (size_t l = 0; l < k; l++) {
                double both = n->sd[j] * n->sd[l];
                n->q[j * k + l] = both > 0 ? n->xx[j * k + l] / (n->weight * both) : 0;
                n->c[j] += n->q[j * k + l] * n->beta[l];
            }
        }
        descend(n, lambda);
        for (size_t j = 0; j < k; j++)
            most = fmax(most, fabs(n->beta[j] - n->before[j]));
        if (most < 1e-10)
            break;
    }
    for (size_t j = 0; j < k; j++)
        n->z[j] = n->sd[j] > 0 ? n->beta[j] / n->sd[j] : 0;
    return RC_OK;
}

static double deviation_of(const struct net *n)
{
    double y = n->wy / n->weight, v = n->wyy / n->weight - y * y;
    return v > 0 ? sqrt(v) : 1;
}

static enum rc start(struct net *n, struct cx *cx, uint32_t out)
{
    TRY(take_rows(n, cx, out));
    memset(n->beta, 0, n->k * sizeof *n->beta);
    memset(n->z, 0, n->k * sizeof *n->z);
    if (n->s->model.family == MODEL_LOGIT) {
        double p = n->wy / n->weight;
        if (!(p > 0 && p < 1))
            return fail_f(
                cx, RC_INVALID,
                _("Without one fold the outcome “%s” is the same in every row: choose "
                  "fewer folds or other rows."),
                model_y_name(&n->s->model));
        n->beta[n->r.constant] = log(p / (1 - p));
    }
    return RC_OK;
}

static enum rc step(struct net *n, struct cx *cx, double lambda)
{
    if (n->s->model.family == MODEL_LOGIT)
        return path_logit(n, cx, lambda);
    path_squares(n, lambda, deviation_of(n));
    return RC_OK;
}

/* ---- penalties ---- */

static enum rc make_lambda(struct net_fit *f, struct net *n, struct cx *cx)
{
    const struct net_spec *s = n->s;
    f->count = s->lambda_count ? s->lambda_count : LAMBDAS;
    f->lambda = arena_array(cx->arena, f->count, sizeof *f->lambda);
    if (!f->lambda)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "lambdas=%zu", f->count);
    for (size_t l = 0; s->lambda && l < f->count; l++) {
        f->lambda[l] = s->lambda[l];
        if (!(s->lambda[l] >= 0) || (l && s->lambda[l] > s->lambda[l - 1]))
            return fail(cx, RC_INVALID, _("Penalties are zero or more, the largest first."),
                        "l=%zu", l);
    }
    if (s->lambda)
        return RC_OK;
    double most = 0, y = n->wy / n->weight;
    for (size_t j = 0; j < n->k; j++)
        if (penalised(n, j) && n->sd[j] > 0)
            most = fmax(most, fabs(n->xy[j] / n->weight - n->mean[j] * y) / n->sd[j]);
    most /= fmax(s->alpha, 1e-3);
    double least = n->r.n < n->k ? 1e-2 : 1e-4;
    for (size_t l = 0; l < f->count; l++)
        f->lambda[l] =
            f->count > 1 ? most * pow(least, (double)l / (double)(f->count - 1)) : most;
    return RC_OK;
}

/* ---- folds ---- */

static uint64_t mix(uint64_t z) /* SplitMix64 */
{
    z += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* Rows, or whole clusters, dealt in a random order. */
static enum rc make_folds(struct net *n, struct cx *cx)
{
    const struct net_spec *s = n->s;
    size_t units = n->r.n;
    uint32_t *unit = NULL;
    if (s->folds < 2 || s->folds > FOLDS_MOST)
        return fail_f(cx, RC_INVALID, _("Cross-validation takes 2 to %d folds."),
                      (int)FOLDS_MOST);
    n->fold = arena_array(cx->arena, n->r.n + 1, sizeof *n->fold);
    if (!n->fold)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "n=%zu", n->r.n);
    for (size_t i = 0; s->fold && i < n->r.n; i++)
        n->fold[i] = s->fold[n->r.row ? n->r.row[i] : i];
    if (s->fold)
        return RC_OK;
    if (s->model.cluster)
        TRY(model_clusters(&unit, &units, cx, &n->r));
    if (units < s->folds)
        return fail_f(cx, RC_INVALID,
                      _("There are %lld groups for %lld folds: choose fewer folds."),
                      (long long)units, (long long)s->folds);
    uint32_t *order = arena_array(cx->arena, 2 * units, sizeof *order);
    if (!order)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "units=%zu", units);
    uint32_t *dealt = order + units;
    for (uint32_t i = 0; i < units; i++)
        order[i] = i;
    for (size_t i = units; i-- > 1;) { /* Fisher and Yates */
        size_t at = (size_t)(mix(s->seed ^ mix(i)) % (i + 1));
        uint32_t keep = order[i];
        order[i] = order[at];
        order[at] = keep;
    }
    for (size_t i = 0; i < units; i++)
        dealt[order[i]] = (uint32_t)(i % s->folds);
    for (size_t i = 0; i < n->r.n; i++)
        n->fold[i] = dealt[unit ? unit[i] : i];
    return RC_OK;
}

/* Mean error of the fold left out at z. */
static enum rc fold_error(double *error, struct net *n, struct cx *cx)
{
    struct sum sum = {0}, weight = {0};
    TRY(model_eta(n->eta, cx, &n->r, n->z));
    for (size_t i = 0; i < n->r.n; i++) {
        if (n->fold[i] != n->out)
            continue;
        double w = model_weight(&n->r, i), e = n->r.y[i] - n->eta[i];
        double eta = n->eta[i] + (n->r.offset ? n->r.offset[i] : 0);
        sum_add(&weight, w);
        sum_add(&sum, n->s->model.family == MODEL_LOGIT
                          ? -2 * w * model_term(MODEL_LOGIT, n->r.y[i], eta).likelihood
                          : w * e * e / (n->r.y_scale * n->r.y_scale));
    }
    *error = weight.hi > 0 ? sum.hi / weight.hi : NAN;
    return RC_OK;
}

static enum rc validate(struct net_fit *f, struct net *n, struct cx *cx)
{
    size_t folds = n->s->folds, count = f->count;
    double *by_fold = arena_array(cx->arena, folds * count + folds, sizeof *by_fold);
    f->error = arena_array(cx->arena, count, sizeof *f->error);
    f->error_se = arena_array(cx->arena, count, sizeof *f->error_se);
    if (!by_fold || !f->error || !f->error_se)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "folds=%zu", folds);
    double *weight = by_fold + folds * count, all = 0;
    for (size_t i = 0; i < n->r.n; i++)
        if (n->fold[i] < folds)
            weight[n->fold[i]] += model_weight(&n->r, i);
    for (uint32_t o = 0; o < folds; o++) {
        if (weight[o] == 0)
            continue;
        all += weight[o];
        TRY(start(n, cx, o));
        for (size_t l = 0; l < count; l++) {
            TRY(step(n, cx, f->lambda[l] * n->r.y_scale));
            TRY(fold_error(&by_fold[o * count + l], n, cx));
        }
    }
    for (size_t l = 0; l < count; l++) {
        double mean = 0, square = 0;
        for (size_t o = 0; o < folds; o++)
            mean += weight[o] * by_fold[o * count + l] / all;
        for (size_t o = 0; o < folds; o++) {
            double d = by_fold[o * count + l] - mean;
            square += weight[o] * d * d / all;
        }
        f->error[l] = mean;
        f->error_se[l] = sqrt(square / (double)(folds - 1));
        f->best = f->error[l] < f->error[f->best] ? l : f->best;
    }
    while (f->error[f->best_1se] > f->error[f->best] + f->error_se[f->best])
        f->best_1se++;
    return RC_OK;
}

/* ---- all ---- */

static enum rc open_net(struct net *n, struct cx *cx, struct model_spec *model)
{
    const struct net_spec *s = n->s;
    if (s->model.family != MODEL_OLS && s->model.family != MODEL_LOGIT)
        return fail(cx, RC_INVALID, _("Lasso and ridge are for least squares and the logit."),
                    "family=%d", (int)s->model.family);
    if (!(s->alpha >= 0 && s->alpha <= 1))
        return fail_f(
            cx, RC_INVALID,
            _("The mix of lasso (1) and ridge (0) lies between 0 and 1; %g does not."),
            s->alpha);
    *model = s->model;
    model->errors = s->model.cluster ? ERRORS_CLUSTER : ERRORS_IID;
    TRY(model_rows_make(&n->r, cx, model));
    size_t k = n->k = s->model.k, rows = n->r.n + 1;
    if (n->r.constant == k)
        return fail(cx, RC_INVALID,
                    _("A penalised model needs a constant among its columns; it is not "
                      "penalised."),
                    "k=%zu", k);
    if (s->model.family == MODEL_OLS)
        TRY(model_rows_centre_outcome(&n->r, cx));
    for (size_t i = 0; i < n->r.n && s->model.family == MODEL_LOGIT; i++)
        if (n->r.y[i] != 0 && n->r.y[i] != 1)
            return fail_f(
                cx, RC_INVALID,
                _("Data row %lld: the outcome “%s” is %g. This model needs an outcome "
                  "of 0 and 1: make one, for instance with a line."),
                (long long)(n->r.row ? n->r.row[i] : i) + 1, model_y_name(model), n->r.y[i]);
    double *row = arena_array(cx->arena, 3 * rows, sizeof *row);
    double *room = arena_array(cx->arena, 2 * k * k + 8 * k, sizeof *room);
    if (!row || !room)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "k=%zu", k);
    double **const part[] = {&n->xy,   &n->mean,   &n->sd, &n->c,
                             &n->beta, &n->before, &n->z,  &n->grad};
    n->w = row;
    n->right = row + rows;
    n->eta = row + 2 * rows;
    n->xx = room;
    n->q = room + k * k;
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        *part[i] = room + 2 * k * k + i * k;
    return RC_OK;
}

/* Coefficients of the columns as they were given. */
static void give(double *b, const struct net *n)
{
    const struct model_rows *r = &n->r;
    struct sum moved = {.hi = r->y_shift};
    for (size_t j = 0; j < n->k; j++) {
        b[j] = n->z[j] * r->scale[j] / r->y_scale;
        if (j != r->constant)
            sum_add(&moved, -r->shift[j] * b[j]);
    }
    b[r->constant] += moved.hi / r->low[r->constant];
}

enum rc net_fit_make(struct net_fit *out, struct cx *cx, const struct net_spec *s)
{
    struct model_spec model;
    struct net n = {.s = s};
    struct net_fit f = {.k = s->model.k};
    TRY(open_net(&n, cx, &model));
    TRY(start(&n, cx, UINT32_MAX));
    TRY(make_lambda(&f, &n, cx));
    for (size_t l = 0; l < f.count && !s->lambda; l++)
        f.lambda[l] /= n.r.y_scale; /* into the outcome's own units */
    f.b = arena_array(cx->arena, f.count * f.k, sizeof *f.b);
    if (!f.b)
        return fail(cx, RC_LIMIT, _(MODEL_MEMORY), "lambdas=%zu", f.count);
    for (size_t l = 0; l < f.count; l++) {
        TRY(step(&n, cx, f.lambda[l] * n.r.y_scale));
        give(f.b + l * f.k, &n);
    }
    if (s->folds) {
        TRY(make_folds(&n, cx));
        TRY(validate(&f, &n, cx));
    }
    *out = f;
    return RC_OK;
}
