/* Figures of many groups from packed columns: households of a country, one group (county,
 * village) behind the other. All sums are whole numbers, so the answers are exact and the same
 * for any number of threads: a thread takes some groups (offset + first, fewer groups).
 * Figures are those of mpi.h and poverty.h on the same rows. */
#ifndef STATS_KERNEL_H
#define STATS_KERNEL_H

#include "stats/mpi.h"

#define PACKED_MISSING INT32_MIN /* an income that is not known: the row is left out */
enum { PACKED_WEIGHT_MAX = (1 << 21) - 1 };
struct packed {
    const uint16_t *pattern; /* bit j: deprived in indicator j; every indicator known */
    const int32_t *income;   /* whole units (yuan or fen) */
    const int32_t *weight;   /* 0..PACKED_WEIGHT_MAX */
    const uint64_t *offset;  /* group g has the rows offset[g] <= i < offset[g + 1] */
    size_t groups;
};

/* Alkire–Foster of each group, out[groups]; needs pattern, weight. RC_LIMIT: no memory for two
 * tables of 2^n numbers. */
enum rc packed_mpi(struct mpi_result *out, struct cx *cx, const struct mpi_spec *s,
                   const struct packed *p) MUST_USE;
/* FGT of each group, sums[groups] overwritten; needs income, weight. 0 < line < INT32_MAX.
 * log_gap is NaN: Watts' figure needs logarithms (fgt_add). */
void packed_fgt(struct fgt_sums *sums, const struct packed *p, int32_t line, bool weak);

/* Gini of all rows together (standard form): exact, by sorting; needs 16 bytes of cx->arena a
 * row. RC_INVALID: nobody, mean not above zero; RC_LIMIT: memory, or weights above 2^44 in all.
 */
enum rc packed_gini(double *out, struct cx *cx, const struct packed *p) MUST_USE;
/* The same between two bounds, in one pass without sorting: incomes in 2,048 classes per power
 * of two. low counts no inequality inside a class, high the most that its range and mean allow.
 */
struct gini_bounds {
    double low, high;
};
enum rc packed_gini_bounds(struct gini_bounds *out, struct cx *cx,
                           const struct packed *p) MUST_USE;

/* For tests and the bench: false keeps the kernels from using AVX2. Not thread-safe. */
void kernel_use_avx2(bool use);
bool kernel_has_avx2(void);

#endif
