/* The kernels of matrix.c: tiles of P'Q over the rows of a block. P and Q are in panels of
 * eight columns, row by row inside a panel. */
#ifndef STATS_MATRIX_INNER_H
#define STATS_MATRIX_INNER_H

#include <stddef.h>

enum { PANEL = 8 };
struct matrix_panel { /* eight columns whose rows lie one behind the other */
    const double *const *x;
    const double *shift, *scale, *b;
    size_t first;
};
struct matrix_kernel {
    /* c (8 rows, `stride` apart, 16 columns) += p' [q, q + next]. */
    void (*tile)(double *c, size_t stride, const double *p, const double *q, size_t next,
                 size_t n);
    /* p = (x - shift) scale, n rows; eta += p b. */
    void (*load)(double *p, double *eta, const struct matrix_panel *from, size_t n);
    /* q = w p. */
    void (*weigh)(double *q, const double *p, const double *w, size_t n);
    /* sum (8) += p' right. */
    void (*score)(double *sum, const double *p, const double *right, size_t n);
};
const struct matrix_kernel *matrix_kernel_best(void);

#endif
