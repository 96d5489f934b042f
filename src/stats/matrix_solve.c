/* Small symmetric systems: Cholesky in the order of the columns, inverses, sandwiches. */
#include "stats/matrix.h"

#include "base/text.h"

#include <math.h>

#define PIVOT_LEAST 1e-11 /* of the column's own square */

static double dot(const double *a, const double *b, size_t n)
{
    double sum[4] = {0};
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t l = 0; l < 4; l++)
            sum[l] += a[i + l] * b[i + l];
    for (; i < n; i++)
        sum[0] += a[i] * b[i];
    return sum[0] + sum[1] + (sum[2] + sum[3]);
}

/* l: lower factor, row by row; rows of dropped columns are zero with 1 on the diagonal. */
static void factor(double *l, bool *dropped, const double *a, size_t k)
{
    for (size_t i = 0; i < k; i++) {
        double *row = l + i * k;
        for (size_t j = 0; j < i; j++)
            row[j] = dropped[j] ? 0 : (a[i * k + j] - dot(row, l + j * k, j)) / l[j * k + j];
        double own = a[i * k + i], pivot = own - dot(row, row, i);
        dropped[i] = !(pivot > PIVOT_LEAST * own);
        for (size_t j = 0; j < i && dropped[i]; j++)
            row[j] = 0;
        row[i] = dropped[i] ? 1 : sqrt(pivot);
    }
}

static void solve(double *b, const double *l, const bool *dropped, const double *c, size_t k)
{
    for (size_t i = 0; i < k; i++)
        b[i] = dropped[i] ? 0 : (c[i] - dot(l + i * k, b, i)) / l[i * k + i];
    for (size_t i = k; i-- > 0;) {
        b[i] = dropped[i] ? 0 : b[i] / l[i * k + i];
        for (size_t j = 0; j < i; j++)
            b[j] -= l[i * k + j] * b[i];
    }
}

/* inverse = M'M with M the inverse of the factor; t: k × k, M's transpose. */
static void invert(double *inverse, double *t, const double *l, const bool *dropped, size_t k)
{
    for (size_t j = 0; j < k; j++) {
        double *column = t + j * k; /* column j of M */
        column[j] = dropped[j] ? 0 : 1 / l[j * k + j];
        for (size_t i = j + 1; i < k; i++)
            column[i] = dropped[i] || dropped[j]
                            ? 0
                            : -dot(l + i * k + j, column + j, i - j) / l[i * k + i];
    }
    for (size_t i = 0; i < k; i++)
        for (size_t j = i; j < k; j++)
            inverse[i * k + j] = inverse[j * k + i] = dot(t + i * k + j, t + j * k + j, k - j);
}

enum rc matrix_solve(const struct matrix_solution *out, struct cx *cx, const double *a,
                     const double *c, size_t k)
{
    struct arena_mark mark = arena_mark(cx->arena);
    double *l = arena_array(cx->arena, k * k + 1, sizeof *l);
    double *t = out->inverse ? arena_array(cx->arena, k * k + 1, sizeof *t) : NULL;
    if (!l || (out->inverse && !t))
        return fail(cx, RC_LIMIT, _("There is too little memory for a model this large."),
                    "k=%zu", k);
    factor(l, out->dropped, a, k);
    solve(out->b, l, out->dropped, c, k);
    if (out->inverse)
        invert(out->inverse, t, l, out->dropped, k);
    arena_back(cx->arena, mark);
    return RC_OK;
}

enum rc matrix_sandwich(double *out, struct cx *cx, const double *a, const double *b, size_t k)
{
    struct arena_mark mark = arena_mark(cx->arena);
    double *t = arena_array(cx->arena, k * k + 1, sizeof *t);
    if (!t)
        return fail(cx, RC_LIMIT, _("There is too little memory for a model this large."),
                    "k=%zu", k);
    for (size_t i = 0; i < k; i++) /* t = A B: B is symmetric */
        for (size_t j = 0; j < k; j++)
            t[i * k + j] = dot(a + i * k, b + j * k, k);
    for (size_t i = 0; i < k; i++)
        for (size_t j = i; j < k; j++)
            out[i * k + j] = out[j * k + i] = dot(t + i * k, a + j * k, k);
    arena_back(cx->arena, mark);
    return RC_OK;
}

void matrix_times(double *out, const double *a, const double *b, size_t k)
{
    for (size_t i = 0; i < k; i++)
        out[i] = dot(a + i * k, b, k);
}
