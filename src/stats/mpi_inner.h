/* What the two ways to Alkire–Foster share: from a histogram (mpi.c) and from packed columns
 * (kernel_mpi.c). */
#ifndef STATS_MPI_INNER_H
#define STATS_MPI_INNER_H

#include "stats/mpi.h"

/* Weights of everybody, the poor, the deprived in j, and the poor and deprived in j. */
struct mpi_sums {
    double weight, poor, deprived[MPI_INDICATORS_MAX], both[MPI_INDICATORS_MAX];
};
/* Fills the figures of *r; its rows and missing rows stay as they are. */
void mpi_result_make(struct mpi_result *r, const struct mpi_spec *s,
                     const struct mpi_sums *sums);
/* Whether who has this score is poor; compared in whole numbers. */
bool mpi_is_poor(const struct mpi_spec *s, int64_t score);
/* poor[pattern] = yes or 0 for all 2^n patterns. */
void mpi_poor_patterns(uint32_t *poor, const struct mpi_spec *s, uint32_t yes);

#endif
