/* The kernels of matrix.c: tiles of P'Q over the rows of a block. P and Q are in panels of
 * eight columns, row by row inside a panel. */
#ifndef STATS_MATRIX_INNER_H
#define STATS_MATRIX_INNER_H

#include <stddef.h>

enum { PANEL = 8 };
/* c (8 rows, `stride` apart, 16 columns) += p' [q, q + next]. */
typedef void (*matrix_tile)(double *c, size_t stride, const double *p, const double *q,
                            size_t next, size_t n);
matrix_tile matrix_tile_best(void);

#endif
