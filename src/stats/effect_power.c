/* How small an effect a study can find, and how many clusters it needs. */
#include "stats/effect_inner.h"

/* Variance of the difference of means times the number of clusters. Source: Duflo, Glennerster,
 * Kremer 2007, eq. 12; a baseline with correlation r takes r² of the variance: McKenzie 2012.
 */
static double spread(double sd, double per_cluster, double share, double icc, double r)
{
    return sd * sd * (1 - r * r) * (1 + (per_cluster - 1) * icc) /
           (share * (1 - share) * per_cluster);
}
static bool valid(double sd, double per_cluster, double share, double icc, double r)
{
    return sd > 0 && per_cluster >= 1 && share > 0 && share < 1 && icc >= 0 && icc <= 1 &&
           fabs(r) < 1;
}
static double quantiles(double clusters, double level, double power)
{
    return student_quantile(1 - level / 2, clusters - 2) +
           student_quantile(power, clusters - 2);
}

double power_smallest_effect(double sd, double clusters, double per_cluster,
                             double share_treated, double icc, double baseline_r, double level,
                             double power)
{
    if (!valid(sd, per_cluster, share_treated, icc, baseline_r) || !(clusters > 2) ||
        !(level > 0 && level < 1) || !(power > level && power < 1))
        return NAN;
    return quantiles(clusters, level, power) *
           sqrt(spread(sd, per_cluster, share_treated, icc, baseline_r) / clusters);
}

double power_clusters(double effect, double sd, double per_cluster, double share_treated,
                      double icc, double baseline_r, double level, double power)
{
    double low = 2, high = 4, limit = 1e9;
    if (effect == 0 || !valid(sd, per_cluster, share_treated, icc, baseline_r) ||
        !(level > 0 && level < 1) || !(power > level && power < 1) || !isfinite(effect))
        return NAN;
    while (high < limit && power_smallest_effect(sd, high, per_cluster, share_treated, icc,
                                                 baseline_r, level, power) > fabs(effect))
        high *= 2;
    while (high - low > 1) { /* whole numbers */
        double middle = floor((low + high) / 2);
        if (power_smallest_effect(sd, middle, per_cluster, share_treated, icc, baseline_r,
                                  level, power) > fabs(effect))
            low = middle;
        else
            high = middle;
    }
    return high;
}
