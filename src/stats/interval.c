/* Student's quantiles and confidence intervals. */
#include "stats/design.h"

#include "base/text.h"
#include "stats/inner.h"

/* Continued fraction of the incomplete beta function by Lentz's method.
 * Source: DLMF 8.17.22; Thompson and Barnett 1986. */
static double beta_fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1), f;
    d = 1 / (fabs(d) < tiny ? tiny : d);
    f = d;
    for (int m = 1; m < 10000; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 + even * d;
        c = 1 + even / c;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        f *= d * c;
        d = 1 + odd * d;
        c = 1 + odd / c;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        f *= d * c;
        if (fabs(d * c - 1) < 1e-16)
            break;
    }
    return f;
}

/* lgamma is not safe among threads (it writes signgam); ours are positive and at least 1/2.
 * Stirling's series from 12 on, upwards by the recurrence below it. Source: DLMF 5.11.1. */
static double log_gamma(double x)
{
    double shift = 0;
    while (x < 12) {
        shift += log(x);
        x += 1;
    }
    double y = 1 / (x * x);
    double series =
        1 / (12 * x) * (1 - y * (1.0 / 30 - y * (1.0 / 105 - y * (1.0 / 140 - y / 99))));
    return (x - 0.5) * log(x) - x + 0.918938533204672742 + series - shift;
}

/* P(T > t), t >= 0. */
static double student_tail(double t, double df)
{
    if (isinf(df) || df > 1e8)
        return erfc(t / sqrt(2)) / 2;
    double a = df / 2, b = 0.5, x = df / (df + t * t), y = t * t / (df + t * t);
    if (t <= 0)
        return 0.5;
    double front =
        exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log(y));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a / 2;
    return (1 - front * beta_fraction(b, a, y) / b) / 2;
}

double student_p(double t, double df)
{
    return isnan(t) || !(df > 0) ? NAN : 2 * student_tail(fabs(t), df);
}

double student_quantile(double p, double df)
{
    double tail = p < 0.5 ? p : 1 - p, low = 0, high = 2;
    while (student_tail(high, df) > tail && high < 1e300)
        high *= 2;
    for (int i = 0; i < 200 && high > low; i++) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            break;
        if (student_tail(middle, df) > tail)
            low = middle;
        else
            high = middle;
    }
    return p < 0.5 ? -high : high;
}

void estimate_error(struct estimate *e, struct cx *cx, double variance, double df,
                    bool proportion)
{
    double p = e->value;
    if (!isfinite(p))
        return; /* the figure's own sentence says why */
    if (!isfinite(variance)) {
        e->se_refused = _("The variance cannot be had from this design.");
        return;
    }
    if (proportion && (p <= 0 || p >= 1)) {
        e->se_refused = _("The same is true of every row: the sample does not tell how far off "
                          "that is.");
        return;
    }
    e->se = sqrt(variance > 0 ? variance : 0);
    if (!(e->se > 1e-13 * fabs(p))) { /* what is left is rounding */
        e->se = 0;
        e->se_refused = _("There is no spread between the clusters: all rows agree, or all "
                          "clusters were taken.");
        return;
    }
    if (!(df >= 1)) {
        e->se_refused =
            _("Only one cluster in each stratum has such rows: there are no degrees "
              "of freedom for an interval.");
        return;
    }
    e->df = df;
    double off = student_quantile(0.975, df) * e->se;
    e->low = p - off;
    e->high = p + off;
    if (proportion) {
        double logit = log(p / (1 - p)), width = off / (p * (1 - p));
        e->low = 1 / (1 + exp(-(logit - width)));
        e->high = 1 / (1 + exp(-(logit + width)));
    }
}
