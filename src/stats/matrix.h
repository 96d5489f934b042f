/* Dense linear algebra for models: cross-products summed in fixed blocks (the same bits for any
 * number of threads), Cholesky with the collinear columns named, inverses. Matrices are
 * symmetric, row by row, k × k doubles. LAPACK and BLAS (OpenBLAS, one thread: ours are above).
 */
#ifndef STATS_MATRIX_H
#define STATS_MATRIX_H

#include "base/cx.h"

/* Columns x[j][i]; w NULL: 1. xx = X'WX (k × k), xy = X'Wy (y NULL: none). Rows in blocks of
 * STATS_BLOCK, block sums added in order; `threads` 0: 1. */
enum rc matrix_cross(double *xx, double *xy, struct cx *cx, const double *const *x, size_t k,
                     size_t n, const double *w, const double *y, int threads) MUST_USE;
/* Solves A b = c in place of a Cholesky factor with pivots; columns that are sums of others
 * (relative pivot below 1e-11 of the column's own square) get dropped[j] = true, b[j] = 0.
 * inverse (k × k) NULL: not wanted; zero rows for dropped ones. */
enum rc matrix_solve(double *b, double *inverse, bool *dropped, struct cx *cx, const double *a,
                     const double *c, size_t k) MUST_USE;

#endif
