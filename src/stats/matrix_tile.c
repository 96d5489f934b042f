/* The tile kernels of matrix.c: 8 × 16 sums of products over the rows of a block, in plain C
 * and with fused multiply-adds of AVX2 and AVX-512. */
#include "stats/matrix.h"
#include "stats/matrix_inner.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static void tile_plain(double *c, size_t stride, const double *p, const double *q, size_t next,
                       size_t n)
{
    for (size_t half = 0; half < 2; half++)
        for (size_t i = 0; i < PANEL; i++) {
            double sum[PANEL] = {0};
            for (size_t r = 0; r < n; r++)
                for (size_t j = 0; j < PANEL; j++)
                    sum[j] += p[r * PANEL + i] * q[half * next + r * PANEL + j];
            for (size_t j = 0; j < PANEL; j++)
                c[i * stride + half * PANEL + j] += sum[j];
        }
}

#if defined(__x86_64__)
#define EACH_4(X) X(0) X(1) X(2) X(3)
#define EACH_8(X) EACH_4(X) X(4) X(5) X(6) X(7)

/* Four rows by eight columns: eight sums in registers. */
__attribute__((target("avx2,fma"))) static void
quarter_avx2(double *c, size_t stride, const double *p, const double *q, size_t n)
{
#define ZERO(i) __m256d low##i = _mm256_setzero_pd(), high##i = _mm256_setzero_pd();
#define STEP(i)                                                                                \
    one = _mm256_broadcast_sd(p + r * PANEL + i);                                              \
    low##i = _mm256_fmadd_pd(one, low, low##i);                                                \
    high##i = _mm256_fmadd_pd(one, high, high##i);
#define KEEP(i)                                                                                \
    _mm256_storeu_pd(c + i * stride, _mm256_add_pd(_mm256_loadu_pd(c + i * stride), low##i));  \
    _mm256_storeu_pd(c + i * stride + 4,                                                       \
                     _mm256_add_pd(_mm256_loadu_pd(c + i * stride + 4), high##i));
    EACH_4(ZERO)
    for (size_t r = 0; r < n; r++) {
        __m256d low = _mm256_loadu_pd(q + r * PANEL), high = _mm256_loadu_pd(q + r * PANEL + 4);
        __m256d one;
        EACH_4(STEP)
    }
    EACH_4(KEEP)
#undef ZERO
#undef STEP
#undef KEEP
}

static void tile_avx2(double *c, size_t stride, const double *p, const double *q, size_t next,
                      size_t n)
{
    for (size_t half = 0; half < 2; half++)
        for (size_t top = 0; top < PANEL; top += 4)
            quarter_avx2(c + top * stride + half * PANEL, stride, p + top, q + half * next, n);
}

__attribute__((target("avx512f"))) static void
tile_avx512(double *c, size_t stride, const double *p, const double *q, size_t next, size_t n)
{
#define ZERO(i) __m512d left##i = _mm512_setzero_pd(), right##i = _mm512_setzero_pd();
#define STEP(i)                                                                                \
    one = _mm512_set1_pd(p[r * PANEL + i]);                                                    \
    left##i = _mm512_fmadd_pd(one, left, left##i);                                             \
    right##i = _mm512_fmadd_pd(one, right, right##i);
#define KEEP(i)                                                                                \
    _mm512_storeu_pd(c + i * stride, _mm512_add_pd(_mm512_loadu_pd(c + i * stride), left##i)); \
    _mm512_storeu_pd(c + i * stride + PANEL,                                                   \
                     _mm512_add_pd(_mm512_loadu_pd(c + i * stride + PANEL), right##i));
    EACH_8(ZERO)
    for (size_t r = 0; r < n; r++) {
        __m512d left = _mm512_loadu_pd(q + r * PANEL);
        __m512d right = _mm512_loadu_pd(q + next + r * PANEL);
        __m512d one;
        EACH_8(STEP)
    }
    EACH_8(KEEP)
#undef ZERO
#undef STEP
#undef KEEP
}
#endif

static int level_most = 2;

void matrix_use(int level)
{
    level_most = level;
}

matrix_tile matrix_tile_best(void)
{
#if defined(__x86_64__)
    if (level_most >= 2 && __builtin_cpu_supports("avx512f"))
        return tile_avx512;
    if (level_most >= 1 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return tile_avx2;
#endif
    return tile_plain;
}
