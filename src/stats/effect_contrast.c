/* A treated group against controls, with covariates: outcome regression, inverse probability
 * weights, or both (doubly robust), and how each row moves the result. */
#include "stats/effect_inner.h"

#include "base/text.h"

#include <string.h>

static const double one = 1;

static const double *row(const struct contrast *c, size_t i)
{
    return c->x ? c->x + i * c->k : &one;
}
static double weight(const struct contrast *c, size_t i)
{
    return c->w ? c->w[i] : 1;
}
static double outcome(const struct contrast *c, size_t i)
{
    return c->y0 ? c->y1[i] - c->y0[i] : c->y1[i];
}
static double dot(const double *a, const double *b, size_t k)
{
    double s = a[0] * b[0];
    for (size_t j = 1; j < k; j++)
        s += a[j] * b[j];
    return s;
}
static double logistic(double z)
{
    return z < 0 ? exp(z) / (1 + exp(z)) : 1 / (1 + exp(-z));
}

/* a += f·x x' (lower part), b += h·x. */
static void add_row(double *a, double *b, const double *x, size_t k, double f, double h)
{
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j <= i; j++)
            a[i * k + j] += f * x[i] * x[j];
        b[i] += h * x[i];
    }
}

size_t contrast_scratch(size_t k)
{
    return 4 * k * k + 4 * k;
}

/* Block sums are taken first so that rounding does not grow with the rows. */
struct sums {
    double *a, *b, *part_a, *part_b;
    size_t k, rows;
};
static void sums_flush(struct sums *s)
{
    for (size_t j = 0; j < s->k * s->k; j++)
        s->a[j] += s->part_a[j];
    for (size_t j = 0; j < s->k; j++)
        s->b[j] += s->part_b[j];
    memset(s->part_a, 0, s->k * s->k * sizeof *s->part_a);
    memset(s->part_b, 0, s->k * sizeof *s->part_b);
    s->rows = 0;
}
static void sums_add(struct sums *s, const double *x, double f, double h)
{
    add_row(s->part_a, s->part_b, x, s->k, f, h);
    if (++s->rows == STATS_BLOCK)
        sums_flush(s);
}
static struct sums sums_open(double *a, double *b, double *part, size_t k)
{
    memset(a, 0, k * k * sizeof *a);
    memset(b, 0, k * sizeof *b);
    memset(part, 0, (k * k + k) * sizeof *part);
    return (struct sums){a, b, part, part + k * k, k, 0};
}

/* The controls' regression; xx is left factored. */
static void fit_outcome(struct contrast_fit *f, const struct contrast *c, double *xx,
                        double *part)
{
    struct sums s = sums_open(xx, f->outcome, part, c->k);
    for (int r = 1; r < 3; r++)
        for (size_t i = c->first[r]; i < c->end[r]; i++) {
            double w = weight(c, i);
            sums_add(&s, row(c, i), w, w * outcome(c, i));
        }
    sums_flush(&s);
    if (spd_factor(xx, c->k, NULL))
        f->refused = N_("Among the controls the covariates are not independent of each other "
                        "(one is constant or a sum of others), or there are too few controls. "
                        "Take a covariate away.");
    spd_solve(xx, c->k, f->outcome);
}

static double log_likelihood(const double *b, const struct contrast *c)
{
    struct sum l = {0};
    for (int r = 0; r < 3; r++)
        for (size_t i = c->first[r]; i < c->end[r]; i++) {
            double z = dot(row(c, i), b, c->k);
            z = r ? z : -z; /* -log(1 + exp(z)) */
            sum_add(&l, -weight(c, i) * (z > 0 ? z + log1p(exp(-z)) : log1p(exp(z))));
        }
    return l.hi;
}

/* Fisher information into `info` (factored), step into `step`; false: singular. */
static bool score_step(double *info, double *step, const double *b, const struct contrast *c,
                       double *part)
{
    struct sums s = sums_open(info, step, part, c->k);
    for (int r = 0; r < 3; r++)
        for (size_t i = c->first[r]; i < c->end[r]; i++) {
            double w = weight(c, i), p = logistic(dot(row(c, i), b, c->k));
            sums_add(&s, row(c, i), w * p * (1 - p), w * ((r == 0) - p));
        }
    sums_flush(&s);
    bool full = !spd_factor(info, c->k, NULL);
    spd_solve(info, c->k, step);
    return full;
}

/* Maximum likelihood by Newton's steps, halved while they make it worse. */
static void fit_score(struct contrast_fit *f, const struct contrast *c, double *info,
                      double *scratch)
{
    size_t k = c->k;
    double *step = scratch, *next = step + k, *part = next + k;
    double in = f->sum_treated, out = f->sum_control, size = 1;
    memset(f->score, 0, k * sizeof *f->score);
    f->score[0] = log(in / out);
    f->share = in / (in + out);
    bool full = score_step(info, step, f->score, c, part);
    if (k == 1)
        return;
    double now = log_likelihood(f->score, c);
    for (int n = 0; n < 60 && size > 1e-9 && full; n++) {
        double better = -INFINITY, cut = 1;
        for (; cut > 1e-6 && !(better >= now - 1e-12 * fabs(now)); cut /= 2) {
            for (size_t j = 0; j < k; j++)
                next[j] = f->score[j] + cut * step[j];
            better = log_likelihood(next, c);
        }
        size = 0;
        for (size_t j = 0; j < k; j++)
            size = fmax(size, fabs(next[j] - f->score[j]));
        memcpy(f->score, next, k * sizeof *next);
        now = better;
        full = score_step(info, step, f->score, c, part);
    }
    if (!full || size > 1e-6)
        f->refused = N_("The covariates tell the treated from the controls exactly (or one of "
                        "them is a sum of others): there is nobody to compare with. Take away "
                        "the covariate that decides who is treated.");
}

static void sum_weights(struct contrast_fit *f, const struct contrast *c)
{
    struct sum s[2] = {{0}};
    for (int r = 0; r < 3; r++)
        for (size_t i = c->first[r]; i < c->end[r]; i++)
            sum_add(&s[r > 0], weight(c, i));
    f->sum_treated = s[0].hi;
    f->sum_control = s[1].hi;
}

static double residual(const struct contrast_fit *f, const struct contrast *c, size_t i)
{
    return outcome(c, i) - (c->method == DID_IPW ? 0 : dot(row(c, i), f->outcome, c->k));
}

double contrast_score(const struct contrast_fit *f, const struct contrast *c, size_t i)
{
    return c->k == 1 ? f->share : logistic(dot(row(c, i), f->score, c->k));
}
/* Weight of a control: as the treated's by its score's odds. */
static double control_weight(const struct contrast_fit *f, const struct contrast *c, size_t i)
{
    double p = contrast_score(f, c, i);
    return weight(c, i) * p / (1 - p);
}

static void means(struct contrast_fit *f, const struct contrast *c)
{
    struct sum treated = {0}, control = {0}, odds = {0};
    f->smallest = INFINITY;
    f->largest = -INFINITY;
    for (size_t i = c->first[0]; i < c->end[0]; i++) {
        sum_add(&treated, weight(c, i) * residual(f, c, i));
        if (c->method != DID_REG) {
            double p = contrast_score(f, c, i);
            f->smallest = fmin(f->smallest, p);
            f->largest = fmax(f->largest, p);
        }
    }
    f->eta_treated = treated.hi / f->sum_treated;
    f->eta_control = 0;
    for (int r = 1; r < 3 && c->method != DID_REG; r++)
        for (size_t i = c->first[r]; i < c->end[r]; i++) {
            double w = control_weight(f, c, i), p = contrast_score(f, c, i);
            f->smallest = fmin(f->smallest, p);
            f->largest = fmax(f->largest, p);
            sum_add(&control, w * residual(f, c, i));
            sum_add(&odds, w);
        }
    if (c->method != DID_REG) {
        f->sum_control = odds.hi;
        f->eta_control = control.hi / odds.hi;
    }
    f->att = f->eta_treated - f->eta_control;
}

/* How errors of the two fits carry into att. */
static void carry(struct contrast_fit *f, const struct contrast *c, const double *xx,
                  const double *info)
{
    memset(f->from_outcome, 0, c->k * sizeof *f->from_outcome);
    memset(f->from_score, 0, c->k * sizeof *f->from_score);
    for (size_t i = c->first[0]; i < c->end[0]; i++)
        for (size_t j = 0; j < c->k; j++)
            f->from_outcome[j] -= weight(c, i) * row(c, i)[j] / f->sum_treated;
    for (int r = 1; r < 3 && c->method != DID_REG; r++)
        for (size_t i = c->first[r]; i < c->end[r]; i++) {
            double w = control_weight(f, c, i) / f->sum_control;
            double e = w * (residual(f, c, i) - f->eta_control);
            for (size_t j = 0; j < c->k; j++) {
                f->from_outcome[j] += w * row(c, i)[j];
                f->from_score[j] -= e * row(c, i)[j];
            }
        }
    spd_solve(xx, c->k, f->from_outcome);
    if (c->method != DID_REG)
        spd_solve(info, c->k, f->from_score);
    if (c->method == DID_IPW)
        memset(f->from_outcome, 0, c->k * sizeof *f->from_outcome);
}

void contrast_make(struct contrast_fit *f, const struct contrast *c, double overlap,
                   double *scratch)
{
    size_t k = c->k;
    double *xx = scratch, *info = xx + k * k, *rest = info + k * k;
    f->refused = NULL;
    f->att = NAN;
    sum_weights(f, c);
    if (!(f->sum_treated > 0) || !(f->sum_control > 0)) {
        f->refused = f->sum_treated > 0
                         ? N_("There are no controls for this group in this period.")
                         : N_("Nobody of this group is left: the weights are zero.");
        return;
    }
    memset(f->outcome, 0, k * sizeof *f->outcome);
    memset(xx, 0, k * k * sizeof *xx);
    if (c->method != DID_IPW)
        fit_outcome(f, c, xx, rest);
    if (c->method != DID_REG && !f->refused)
        fit_score(f, c, info, rest);
    if (f->refused)
        return;
    means(f, c);
    if (c->method != DID_REG && f->largest >= overlap) {
        f->att = NAN;
        f->refused = N_("Some of the treated have no like among the controls (their score is "
                        "0.999 or more). Take a covariate away, or leave them out.");
        return;
    }
    carry(f, c, xx, info);
}

double contrast_influence(const struct contrast_fit *f, const struct contrast *c, size_t i,
                          bool treated)
{
    const double *x = row(c, i);
    double w = weight(c, i), e = residual(f, c, i), p = 0, sum = 0;
    if (c->method != DID_REG && (c->k > 1 || !treated))
        p = contrast_score(f, c, i);
    if (treated)
        return w * (e - f->eta_treated) / f->sum_treated +
               (c->k > 1 ? w * (1 - p) * dot(x, f->from_score, c->k) : 0);
    sum = w * e * dot(x, f->from_outcome, c->k);
    if (c->method == DID_REG)
        return sum;
    sum -= w * p / (1 - p) * (e - f->eta_control) / f->sum_control;
    return c->k > 1 ? sum - w * p * dot(x, f->from_score, c->k) : sum;
}
