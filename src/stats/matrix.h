/* Dense linear algebra for models: one pass over the rows of a table that makes weighted
 * cross-products and scores, and Cholesky with the collinear columns named. Rows go in blocks
 * of MATRIX_ROWS, blocks in chunks whose borders depend on n and k only, chunks are summed in
 * order: the same bits for any number of threads on one machine. Kernels for AVX-512, AVX2 and
 * plain C are chosen at run time (other bits than each other's, in the last places). Debian's
 * OpenBLAS is not used here: its build without threads does not say that it may be called from
 * several. Matrices are symmetric, row by row, k × k doubles. */
#ifndef STATS_MATRIX_H
#define STATS_MATRIX_H

#include "base/cx.h"

enum { MATRIX_ROWS = 256, MATRIX_SUMS = 4, MATRIX_COLUMNS_MAX = 4000 };

/* Columns z[j][i] = (x[j][row[i]] - shift[j]) · scale[j]. */
struct matrix_table {
    const double *const *x;
    size_t k, n;
    const uint32_t *row;         /* NULL: 0, 1, … */
    const double *shift, *scale; /* NULL: 0, 1 */
    int threads;                 /* 0: 1 */
};
/* At most MATRIX_ROWS rows, for the caller's function: rows first … first + n - 1. */
struct matrix_block {
    size_t first, n;
    const double *eta;      /* z b */
    const double *hat;      /* z' inverse z */
    double *weight, *right; /* to be filled */
    double *sums;           /* MATRIX_SUMS, to be added to */
};
/* Called from several threads at once, for different rows; fails not, allocates not. */
typedef void (*matrix_fill)(const struct matrix_block *b, void *arg);
struct matrix_pass {
    const double *b, *inverse; /* NULL: no eta, no hat */
    matrix_fill fill;
    void *arg;
    double *xx;   /* out: Z' diag(weight) Z, full; NULL: not wanted */
    double *xr;   /* out: Z' right; NULL: not wanted */
    double *sums; /* out: MATRIX_SUMS; NULL */
};
/* RC_LIMIT: memory, or more than MATRIX_COLUMNS_MAX columns. */
enum rc matrix_run(struct cx *cx, const struct matrix_table *t,
                   const struct matrix_pass *p) MUST_USE;

/* xx = Z'WZ (k × k), xy = Z'Wy; w NULL: 1, y NULL: no xy. By row of the table's n. */
enum rc matrix_cross(double *xx, double *xy, struct cx *cx, const struct matrix_table *t,
                     const double *w, const double *y) MUST_USE;
struct matrix_solution {
    double *b, *inverse; /* k, k × k; inverse NULL: not wanted; zero rows for dropped ones */
    bool *dropped;       /* k */
};
/* Solves A b = c by Cholesky in the order of the columns; those that are sums of the ones
 * before (pivot at most 1e-11 of the column's own square) get dropped[j] = true, b[j] = 0, as
 * R and Stata choose them. The caller gives the room. */
enum rc matrix_solve(const struct matrix_solution *out, struct cx *cx, const double *a,
                     const double *c, size_t k) MUST_USE;
/* out = A B A' for symmetric k × k matrices; `out` is none of them. */
enum rc matrix_sandwich(double *out, struct cx *cx, const double *a, const double *b,
                        size_t k) MUST_USE;
/* out = A b. */
void matrix_times(double *out, const double *a, const double *b, size_t k);

/* Runs part(arg, i) for i = 0 … count-1 on at most `threads` threads, each i once. */
typedef void (*matrix_part)(void *arg, size_t i, size_t thread);
void matrix_parts(size_t count, int threads, matrix_part part, void *arg);
enum { MATRIX_THREADS_MAX = 64 };

/* For tests: 0 plain C, 1 AVX2, 2 AVX-512, at most what the machine has. Not thread-safe. */
void matrix_use(int level);

#endif
