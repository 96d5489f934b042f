/* Inequality of ranked rows: Gini, generalised entropy, Atkinson, SST, shares, Lorenz curve. */
#include "stats/poverty.h"

#include "base/text.h"
#include "stats/inner.h"

static struct estimate with_left_out(struct estimate e, const struct ranked *r)
{
    e.rows_left_out += r->rows_left_out;
    e.weight_left_out += r->weight_left_out;
    return e;
}

/* Refuses an empty group and a mean that shares cannot be taken of; .refused NULL: go on. */
static struct estimate checked(struct cx *cx, const struct ranked *r, bool needs_mean)
{
    if (!r->n)
        return with_left_out(estimate_refused(_(STATS_NOBODY)), r);
    if (needs_mean && !(r->mean > 0))
        return with_left_out(
            estimate_refused(_("The mean is not above zero: shares of it have no meaning.")),
            r);
    return with_left_out(estimate_value(NAN, (int64_t)r->n), r);
}

struct estimate ranked_gini(struct cx *cx, const struct ranked *r, bool convey)
{
    struct estimate e = checked(cx, r, true);
    if (e.refused)
        return e;
    /* sum w y (2W - w) / (N sum w y) - 1; since sum w (2W - w) = N², the mean can be taken off
     * y first, which loses no digits to the "- 1". */
    struct sum s = {0}, excess = {0};
    for (size_t i = 0; i < r->n; i++) {
        double before = i ? r->cum[i - 1] : 0.0;
        sum_add(&s, r->w[i] * (r->y[i] - r->mean) * (r->cum[i] + before));
        sum_add(&excess, r->w[i] * r->y[i] * (r->w[i] - 1));
    }
    double n2_mean = r->weight * r->weight * r->mean;
    e.value = s.hi / n2_mean;
    if (convey) /* 2W - 1 in place of 2W - w. Source: convey 1.0, svygini.R, CalcGini */
        e.value += excess.hi / n2_mean;
    return e;
}

/* ---- figures of the rows above zero ---- */

struct positive {
    const double *y, *w;
    size_t n;
    double weight, mean;
};

/* The rows with y > 0 stand at the end; the others go to e's rows left out. */
static struct estimate positive_rows(struct positive *out, struct cx *cx,
                                     const struct ranked *r)
{
    struct estimate e = checked(cx, r, false);
    size_t first = 0;
    struct sum weight = {0}, total = {0}, dropped = {0};
    while (first < r->n && r->y[first] <= 0)
        sum_add(&dropped, r->w[first++]);
    for (size_t i = first; i < r->n; i++) {
        sum_add(&weight, r->w[i]);
        sum_add(&total, r->w[i] * r->y[i]);
    }
    *out = (struct positive){r->y + first, r->w + first, r->n - first, weight.hi,
                             total.hi / weight.hi};
    e.rows -= (int64_t)first;
    e.rows_left_out += (int64_t)first;
    e.weight_left_out += dropped.hi;
    if (!e.refused && first == r->n) {
        e.rows = 0;
        e.refused = _("This figure needs values above zero; there are none.");
    }
    return e;
}

struct estimate ranked_ge(struct cx *cx, const struct ranked *r, double alpha)
{
    struct positive p;
    struct estimate e = positive_rows(&p, cx, r);
    struct sum s = {0};
    if (e.refused)
        return e;
    for (size_t i = 0; i < p.n; i++) {
        double x = p.y[i] / p.mean, term;
        if (alpha == 0)
            term = -log(x);
        else if (alpha == 1)
            term = x * log(x);
        else if (alpha == 2)
            term = (x - 1) * (x - 1); /* mean of x² - 1, without the cancellation */
        else
            term = pow(x, alpha) - 1;
        sum_add(&s, p.w[i] * term);
    }
    e.value = s.hi / p.weight;
    if (alpha != 0 && alpha != 1)
        e.value /= alpha * alpha - alpha;
    return e;
}

struct estimate ranked_atkinson(struct cx *cx, const struct ranked *r, double epsilon)
{
    struct positive p;
    struct estimate e = positive_rows(&p, cx, r);
    struct sum s = {0};
    if (e.refused)
        return e;
    if (!(epsilon >= 0)) {
        e.refused = _("Atkinson's aversion to inequality is zero or more.");
        return e;
    }
    for (size_t i = 0; i < p.n; i++) {
        double x = p.y[i] / p.mean;
        sum_add(&s, p.w[i] * (epsilon == 1 ? log(x) : pow(x, 1 - epsilon)));
    }
    double mean = s.hi / p.weight;
    e.value = 1 - (epsilon == 1 ? exp(mean) : pow(mean, 1 / (1 - epsilon)));
    return e;
}

/* ---- the poor ---- */

struct estimate ranked_sst(struct cx *cx, const struct ranked *r, double line, bool weak)
{
    struct estimate e = checked(cx, r, false);
    struct sum s = {0};
    (void)weak; /* a row on the line has no gap: both readings agree */
    if (e.refused)
        return e;
    /* FGT1 (1 + Gini of the gaps): the largest gap stands first here, so its running weight
     * from the smallest gap on is N - cum + w. */
    for (size_t i = 0; i < r->n && r->y[i] < line; i++) {
        double before = i ? r->cum[i - 1] : 0.0;
        double rank = (r->weight - r->cum[i]) + (r->weight - before);
        sum_add(&s, r->w[i] * ((line - r->y[i]) / line) * rank);
    }
    e.value = s.hi / (r->weight * r->weight);
    return e;
}

/* ---- shares ---- */

void ranked_lorenz(double *l, const struct ranked *r, size_t count)
{
    struct sum s = {0};
    size_t row = 0;
    double total = r->weight * r->mean;
    for (size_t i = 0; i <= count; i++) {
        double target = r->weight * ((double)i / (double)count);
        while (row < r->n && r->cum[row] <= target) {
            sum_add(&s, r->w[row] * r->y[row]);
            row++;
        }
        double before = row ? r->cum[row - 1] : 0.0;
        double part = row < r->n ? (target - before) * r->y[row] : 0.0;
        l[i] = r->mean > 0 ? (s.hi + part) / total : NAN;
    }
}

/* Welfare of the poorest share p of people, as a share of all. */
static double lorenz_at(const struct ranked *r, double p)
{
    struct sum s = {0};
    double target = p * r->weight;
    for (size_t i = 0; i < r->n; i++) {
        double before = i ? r->cum[i - 1] : 0.0;
        if (r->cum[i] > target) {
            sum_add(&s, (target - before) * r->y[i]);
            break;
        }
        sum_add(&s, r->w[i] * r->y[i]);
    }
    return s.hi / (r->weight * r->mean);
}

struct estimate ranked_share(struct cx *cx, const struct ranked *r, double p, double q)
{
    struct estimate e = checked(cx, r, true);
    if (!e.refused && !(p >= 0 && p <= q && q <= 1))
        e.refused = _("The quantiles of a share lie between 0 and 1, the smaller one first.");
    if (!e.refused)
        e.value = lorenz_at(r, q) - lorenz_at(r, p);
    return e;
}

struct estimate ranked_s80s20(struct cx *cx, const struct ranked *r)
{
    struct estimate e = checked(cx, r, true);
    struct sum poorest = {0}, richest = {0};
    if (e.refused)
        return e;
    double q20 = ranked_quantile(r, 0.2, QUANTILE_LAEKEN);
    double q80 = ranked_quantile(r, 0.8, QUANTILE_LAEKEN);
    for (size_t i = 0; i < r->n; i++) {
        if (r->y[i] <= q20)
            sum_add(&poorest, r->w[i] * r->y[i]);
        if (r->y[i] > q80)
            sum_add(&richest, r->w[i] * r->y[i]);
    }
    if (poorest.hi > 0)
        e.value = richest.hi / poorest.hi;
    else
        e.refused = _("The poorest fifth has nothing above zero: there is no ratio to it.");
    return e;
}
