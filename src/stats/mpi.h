/* Multidimensional poverty by Alkire and Foster (2011): everything follows from how much weight
 * each pattern of deprivations has, so the histogram of patterns is the summary that adds up.
 * Scores are compared in integers: a household is poor when score · k_den >= k_num ·
 * weight_sum. */
#ifndef STATS_MPI_H
#define STATS_MPI_H

#include "stats/poverty.h"

enum { MPI_INDICATORS_MAX = 16, MPI_PATTERNS_MAX = 1 << 16 };
struct mpi_spec {
    size_t n;
    int32_t weight[MPI_INDICATORS_MAX]; /* index weights, >= 0, sum > 0 */
    int64_t k_num, k_den;               /* 0 < k <= 1; 0.33 is 33/100, not 1/3 */
};
/* RC_INVALID with a sentence: no indicator, a negative weight, all zero, k out of range. */
enum rc mpi_spec_check(struct cx *cx, const struct mpi_spec *s) MUST_USE;
/* "1/3", "33%", "0.33" exactly as written. */
enum rc mpi_k_parse(int64_t *num, int64_t *den, struct cx *cx, struct str text) MUST_USE;

/* Weight by pattern (bit j = deprived in indicator j) of groups: mass[group << n | pattern]. */
struct mpi_hist {
    size_t n, groups;
    double *mass;
    int64_t *rows;         /* by group: complete rows */
    int64_t *missing_rows; /* by group: some indicator unknown: left out */
    double *missing_weight;
};
enum rc mpi_hist_make(struct mpi_hist *out, struct cx *cx, size_t n, size_t groups) MUST_USE;
struct mpi_rows {
    const uint16_t *deprived, *known; /* bit j; known NULL: everything is known */
    const double *weight;             /* NULL: 1 */
    const uint32_t *group;            /* NULL: all in group 0 */
    size_t count;
};
void mpi_hist_add(struct mpi_hist *h, const struct mpi_rows *r);
void mpi_hist_merge(struct mpi_hist *into, const struct mpi_hist *from);

struct mpi_result {
    double weight, h, m0, a;               /* a = NaN when nobody is poor */
    double uncensored[MPI_INDICATORS_MAX]; /* mean of deprivation j */
    double censored[MPI_INDICATORS_MAX];   /* … among all, of the poor only */
    double absolute[MPI_INDICATORS_MAX];   /* contribution w_j · censored_j */
    double share[MPI_INDICATORS_MAX];      /* absolute / m0 */
    int64_t rows, missing_rows;
    double missing_weight;
};
void mpi_of(struct mpi_result *out, const struct mpi_spec *s, const struct mpi_hist *h,
            size_t group);
/* H and M0 at every score that occurs: k = score / weight_sum, ascending; at most 1 + sum of
 * weights entries; in cx->arena. */
struct mpi_at_k {
    int64_t score;
    double h, m0;
};
enum rc mpi_all_k(struct mpi_at_k **out, size_t *count, struct cx *cx, const struct mpi_spec *s,
                  const struct mpi_hist *h, size_t group) MUST_USE;

#endif
