/* Influence values of inequality: Gini, generalised entropy, Atkinson, shares. */
#include "stats/influence.h"

#include "stats/inner.h"

void influence_gini(double *u, const struct sample *s, double gini, bool convey)
{
    const struct ranked *r = &s->ranked;
    double n = r->weight, total = n * r->mean;
    struct sum below = {0}; /* welfare up to and with the row */
    for (size_t i = 0; i < r->n; i++) {
        double y = r->y[i], w = r->w[i];
        sum_add(&below, w * y);
        /* Standard form: N·Y·(G + 1) = sum of w_i w_j max(y_i, y_j). convey's: twice the sum of
         * w y W, less Y (2W - 1 in place of 2W - w). */
        double numerator = 2 * (y * r->cum[i] + total - below.hi);
        if (convey)
            numerator += 2 * w * y - y;
        u[i] = numerator / (n * total) - (gini + 1) * (y / total + 1 / n);
    }
}

/* ---- of the rows above zero ---- */

struct positive {
    size_t first;
    double weight, mean;
};

static struct positive positive_rows(double *u, const struct sample *s)
{
    struct positive p = {0};
    struct sum weight = {0}, total = {0};
    while (p.first < s->ranked.n && s->ranked.y[p.first] <= 0)
        u[p.first++] = 0;
    for (size_t i = p.first; i < s->ranked.n; i++) {
        sum_add(&weight, s->ranked.w[i]);
        sum_add(&total, s->ranked.w[i] * s->ranked.y[i]);
    }
    p.weight = weight.hi;
    p.mean = total.hi / weight.hi;
    return p;
}

void influence_ge(double *u, const struct sample *s, double alpha)
{
    struct positive p = positive_rows(u, s);
    const struct ranked *r = &s->ranked;
    struct sum t = {0};
    /* x = y/mean; GE = mean of k(x) (k: -ln x, x ln x, or (x^a - 1)/(a² - a)), and the mean
     * moves it by -mean(x k'(x)) · (x - 1). */
    for (size_t i = p.first; i < r->n; i++) {
        double x = r->y[i] / p.mean;
        u[i] = alpha == 0 ? -log(x) : alpha == 1 ? x * log(x) : pow(x, alpha);
        sum_add(&t, r->w[i] * u[i]);
    }
    double mean = t.hi / p.weight;
    for (size_t i = p.first; i < r->n; i++) {
        double x = r->y[i] / p.mean, moved = mean + 1; /* alpha 1: mean of x ln x + x */
        if (alpha == 0)
            moved = -1;
        else if (alpha != 1)
            moved = alpha * mean;
        u[i] = (u[i] - mean - moved * (x - 1)) / p.weight;
        if (alpha != 0 && alpha != 1)
            u[i] /= alpha * alpha - alpha;
    }
}

void influence_atkinson(double *u, const struct sample *s, double epsilon)
{
    struct positive p = positive_rows(u, s);
    const struct ranked *r = &s->ranked;
    struct sum t = {0};
    double power = 1 - epsilon;
    for (size_t i = p.first; i < r->n; i++) {
        double x = r->y[i] / p.mean;
        u[i] = epsilon == 1 ? log(x) : pow(x, power);
        sum_add(&t, r->w[i] * u[i]);
    }
    /* A = 1 - M^(1/power), M = mean of x^power; epsilon 1: A = 1 - exp(mean ln x). */
    double mean = t.hi / p.weight;
    double equal = epsilon == 1 ? exp(mean) : pow(mean, 1 / power);
    for (size_t i = p.first; i < r->n; i++) {
        double x = r->y[i] / p.mean;
        double own = epsilon == 1 ? u[i] - mean : (u[i] / mean - 1) / power;
        u[i] = -equal * (own - (x - 1)) / p.weight;
    }
}

/* ---- shares ---- */

/* Welfare up to a quantile, its influence being y·1(y <= q) - slope · (1(y <= q) - p): slope is
 * the quantile's, sum K w y / sum K w over the kernel around it. */
struct lower {
    double p, quantile, slope, total;
};

static struct lower lower_make(const struct sample *s, double p)
{
    const struct ranked *r = &s->ranked;
    struct lower l = {.p = p, .quantile = ranked_quantile(r, p, QUANTILE_LAEKEN)};
    struct sum k = {0}, ky = {0}, total = {0};
    for (size_t i = 0; i < r->n; i++) {
        double t = (l.quantile - r->y[i]) / s->bandwidth, w = r->w[i] * exp(-t * t / 2);
        sum_add(&k, w);
        sum_add(&ky, w * r->y[i]);
        if (r->y[i] <= l.quantile)
            sum_add(&total, r->w[i] * r->y[i]);
    }
    l.slope = s->bandwidth > 0 ? ky.hi / k.hi : l.quantile;
    l.total = total.hi;
    return l;
}

static double lower_influence(const struct lower *l, double y)
{
    bool in = y <= l->quantile;
    return (in ? y : 0) - l->slope * (in - l->p);
}

void influence_s80s20(double *u, const struct sample *s)
{
    const struct ranked *r = &s->ranked;
    struct lower poorest = lower_make(s, 0.2), rest = lower_make(s, 0.8);
    double ratio = (r->weight * r->mean - rest.total) / poorest.total;
    for (size_t i = 0; i < r->n; i++)
        u[i] = (r->y[i] - lower_influence(&rest, r->y[i]) -
                ratio * lower_influence(&poorest, r->y[i])) /
               poorest.total;
}

/* Adds sign times the influence of the Lorenz curve at p. A row that the quantile cuts gives
 * its part, so the quantile itself is the slope. */
static void add_lorenz(double *u, const struct sample *s, double p, double sign)
{
    const struct ranked *r = &s->ranked;
    double total = r->weight * r->mean, q = ranked_quantile(r, p, QUANTILE_LAEKEN);
    struct sum part = {0};
    if (p <= 0 || p >= 1)
        return;
    for (size_t i = 0; i < r->n && r->y[i] <= q; i++)
        sum_add(&part, r->w[i] * (r->y[i] - q));
    double share = (part.hi + p * r->weight * q) / total;
    for (size_t i = 0; i < r->n; i++) {
        double y = r->y[i];
        u[i] += sign * ((y <= q ? y - q : 0) + p * q - share * y) / total;
    }
}

void influence_share(double *u, const struct sample *s, double p, double q)
{
    for (size_t i = 0; i < s->ranked.n; i++)
        u[i] = 0;
    add_lorenz(u, s, q, 1);
    add_lorenz(u, s, p, -1);
}
