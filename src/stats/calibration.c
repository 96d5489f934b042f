/* Whether probabilities mean what they say: Brier, log loss, the calibration line and bins. */
#include "base/text.h"
#include "stats/inner.h"
#include "stats/validate_inner.h"

#define NO_PROBABILITY                                                                         \
    N_("Some scores lie outside 0 to 1: they rank people but are no probabilities, so only "   \
       "the ranking is judged.")
#define NO_LINE                                                                                \
    N_("Some scores are exactly 0 or 1, all are the same, or they part the outcomes "          \
       "perfectly: there is no calibration line.")

/* Weighted logit of truth on x = logit(score), centred at `middle`. */
struct line_fit {
    double middle, a, b; /* a + b (x - middle) */
};

static double logit(double p)
{
    return log(p / (1 - p));
}

/* ln(1 + exp(z)) */
static double softplus(double z)
{
    return z > 0 ? z + log1p(exp(-z)) : log1p(exp(z));
}

static double likelihood(const struct by_score *s, const double *x, const struct line_fit *f)
{
    struct sum l = {0};
    for (size_t i = 0; i < s->n; i++) {
        double z = f->a + f->b * (x[i] - f->middle);
        sum_add(&l, s->w[i] * (s->truth[i] * z - softplus(z)));
    }
    return l.hi;
}

/* One step of Newton, halved until the likelihood does not fall. False: it cannot be taken.
 * *change: how far it went. */
static bool newton(struct line_fit *f, double *change, const struct by_score *s,
                   const double *x)
{
    struct sum g0 = {0}, g1 = {0}, h00 = {0}, h01 = {0}, h11 = {0};
    for (size_t i = 0; i < s->n; i++) {
        double t = x[i] - f->middle, m = 1 / (1 + exp(-(f->a + f->b * t)));
        double v = s->w[i] * m * (1 - m), off = s->w[i] * (s->truth[i] - m);
        sum_add(&g0, off);
        sum_add(&g1, off * t);
        sum_add(&h00, v);
        sum_add(&h01, v * t);
        sum_add(&h11, v * t * t);
    }
    double det = h00.hi * h11.hi - h01.hi * h01.hi, now = likelihood(s, x, f);
    if (!(det > 1e-12 * h00.hi * h11.hi))
        return false;
    double da = (h11.hi * g0.hi - h01.hi * g1.hi) / det;
    double db = (h00.hi * g1.hi - h01.hi * g0.hi) / det;
    *change = fabs(da) / (1 + fabs(f->a)) + fabs(db) / (1 + fabs(f->b));
    for (int halved = 0; halved < 40; halved++, da /= 2, db /= 2) {
        struct line_fit to = {f->middle, f->a + da, f->b + db};
        if (likelihood(s, x, &to) >= now - 1e-12 * fabs(now)) {
            *f = to;
            return isfinite(to.a) && isfinite(to.b);
        }
    }
    return false;
}

/* False: there is no line. */
static bool calibrate(struct validation *v, const struct by_score *s, double *x)
{
    struct sum middle = {0};
    struct line_fit f = {.b = 1};
    double change = INFINITY;
    if (s->score[0] <= 0 || s->score[s->n - 1] >= 1 || s->score[0] == s->score[s->n - 1])
        return false;
    for (size_t i = 0; i < s->n; i++) {
        x[i] = logit(s->score[i]);
        sum_add(&middle, s->w[i] * x[i]);
    }
    f.middle = middle.hi / s->weight;
    f.a = logit(s->positive / s->weight);
    for (int step = 0; step < 100 && change > 1e-11; step++)
        if (!newton(&f, &change, s, x))
            return false;
    /* Perfectly parted outcomes: the line grows steeper for ever. */
    if (change > 1e-11 || likelihood(s, x, &f) > -1e-9 * s->weight)
        return false;
    v->calibration_slope = f.b;
    v->calibration_intercept = f.a - f.b * f.middle;
    return true;
}

static void losses(struct validation *v, const struct by_score *s)
{
    struct sum brier = {0}, loss = {0}, mean = {0};
    for (size_t i = 0; i < s->n; i++) {
        double p = s->score[i], t = s->truth[i];
        sum_add(&brier, s->w[i] * (t - p) * (t - p));
        sum_add(&mean, s->w[i] * p);
        if (isfinite(v->log_loss)) {
            double l = t == 1 ? -log(p) : -log1p(-p);
            if (isfinite(l))
                sum_add(&loss, s->w[i] * l);
            else
                v->log_loss = INFINITY;
        }
    }
    v->brier = brier.hi / s->weight;
    v->calibration_in_large = (s->positive - mean.hi) / s->weight;
    if (isfinite(v->log_loss))
        v->log_loss = loss.hi / s->weight;
}

enum rc validate_score(struct validation *out, struct cx *cx, const struct scored *scored)
{
    struct arena_mark mark = arena_mark(cx->arena);
    struct by_score s = {0};
    TRY(by_score_make(&s, cx, scored, NULL));
    double *x = arena_array(cx->arena, s.n + 1, sizeof *x);
    struct validation v = {.brier = NAN,
                           .log_loss = NAN,
                           .calibration_intercept = NAN,
                           .calibration_slope = NAN,
                           .calibration_in_large = NAN,
                           .weight = s.weight,
                           .weight_left_out = s.weight_left_out,
                           .rows = (int64_t)s.n,
                           .rows_left_out = s.rows_left_out};
    if (!x)
        return fail(cx, RC_LIMIT, _("There are too many rows to rank in the memory allowed."),
                    "n=%zu", s.n);
    v.auc = auc_of_ranks(&s);
    if (s.score[0] < 0 || s.score[s.n - 1] > 1) {
        v.why = _(NO_PROBABILITY);
    } else {
        v.log_loss = 0;
        losses(&v, &s);
        if (!calibrate(&v, &s, x))
            v.why = _(NO_LINE);
    }
    arena_back(cx->arena, mark);
    *out = v;
    return RC_OK;
}

enum rc validate_calibration(struct calibration_bin *bin, size_t bins, struct cx *cx,
                             const struct scored *scored)
{
    struct arena_mark mark = arena_mark(cx->arena);
    struct by_score s = {0};
    struct sum below = {0};
    TRY(by_score_make(&s, cx, scored, NULL));
    for (size_t k = 0; k < bins; k++)
        bin[k] = (struct calibration_bin){0};
    for (size_t i = 0; i < s.n; i++) {
        /* A row that an edge cuts gives each side its part. */
        double from = below.hi / s.weight * (double)bins, to;
        sum_add(&below, s.w[i]);
        to = below.hi / s.weight * (double)bins;
        for (size_t k = (size_t)from; k < bins && (double)k < to; k++) {
            double low = from > (double)k ? from : (double)k;
            double high = to < (double)k + 1 ? to : (double)k + 1;
            double w = (high - low) * s.weight / (double)bins;
            bin[k].weight += w;
            bin[k].score += w * s.score[i];
            bin[k].truth += w * s.truth[i];
        }
    }
    for (size_t k = 0; k < bins; k++) {
        bin[k].score = bin[k].weight > 0 ? bin[k].score / bin[k].weight : NAN;
        bin[k].truth = bin[k].weight > 0 ? bin[k].truth / bin[k].weight : NAN;
    }
    arena_back(cx->arena, mark);
    return RC_OK;
}
