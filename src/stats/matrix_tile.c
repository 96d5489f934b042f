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

static void load_rows(double *p, double *eta, const struct matrix_panel *from, size_t begin,
                      size_t n)
{
    for (size_t j = 0; j < PANEL; j++) {
        const double *x = from->x[j] + from->first;
        for (size_t r = begin; r < n; r++)
            p[r * PANEL + j] = (x[r] - from->shift[j]) * from->scale[j];
        for (size_t r = begin; r < n; r++)
            eta[r] += from->b[j] * p[r * PANEL + j];
    }
}

static void load_plain(double *p, double *eta, const struct matrix_panel *from, size_t n)
{
    load_rows(p, eta, from, 0, n);
}

static void weigh_plain(double *q, const double *p, const double *w, size_t n)
{
    for (size_t r = 0; r < n; r++)
        for (size_t j = 0; j < PANEL; j++)
            q[r * PANEL + j] = w[r] * p[r * PANEL + j];
}

static void score_plain(double *sum, const double *p, const double *right, size_t n)
{
    for (size_t r = 0; r < n; r++)
        for (size_t j = 0; j < PANEL; j++)
            sum[j] += right[r] * p[r * PANEL + j];
}

static const struct matrix_kernel plain = {tile_plain, load_plain, weigh_plain, score_plain};

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

#define AVX2 __attribute__((target("avx2,fma")))

/* Four rows of four columns, turned. */
AVX2 static void turn_avx2(double *p, double *eta, const struct matrix_panel *from, size_t r,
                           size_t j)
{
    __m256d c[4], sum = _mm256_loadu_pd(eta + r);
    for (size_t l = 0; l < 4; l++) {
        const double *x = from->x[j + l] + from->first + r;
        _mm_prefetch((const char *)(x + MATRIX_ROWS), _MM_HINT_T1);
        c[l] =
            _mm256_mul_pd(_mm256_sub_pd(_mm256_loadu_pd(x), _mm256_set1_pd(from->shift[j + l])),
                          _mm256_set1_pd(from->scale[j + l]));
        sum = _mm256_fmadd_pd(c[l], _mm256_set1_pd(from->b[j + l]), sum);
    }
    _mm256_storeu_pd(eta + r, sum);
    __m256d a = _mm256_unpacklo_pd(c[0], c[1]), b = _mm256_unpackhi_pd(c[0], c[1]);
    __m256d d = _mm256_unpacklo_pd(c[2], c[3]), e = _mm256_unpackhi_pd(c[2], c[3]);
    double *to = p + r * PANEL + j;
    _mm256_storeu_pd(to, _mm256_permute2f128_pd(a, d, 0x20));
    _mm256_storeu_pd(to + PANEL, _mm256_permute2f128_pd(b, e, 0x20));
    _mm256_storeu_pd(to + 2 * PANEL, _mm256_permute2f128_pd(a, d, 0x31));
    _mm256_storeu_pd(to + 3 * PANEL, _mm256_permute2f128_pd(b, e, 0x31));
}

AVX2 static void load_avx2(double *p, double *eta, const struct matrix_panel *from, size_t n)
{
    size_t r = 0;
    for (; r + 4 <= n; r += 4)
        for (size_t j = 0; j < PANEL; j += 4)
            turn_avx2(p, eta, from, r, j);
    load_rows(p, eta, from, r, n);
}

AVX2 static void weigh_avx2(double *q, const double *p, const double *w, size_t n)
{
    for (size_t r = 0; r < n; r++) {
        __m256d one = _mm256_broadcast_sd(w + r);
        for (size_t j = 0; j < PANEL; j += 4)
            _mm256_storeu_pd(q + r * PANEL + j,
                             _mm256_mul_pd(one, _mm256_loadu_pd(p + r * PANEL + j)));
    }
}

AVX2 static void score_avx2(double *sum, const double *p, const double *right, size_t n)
{
    __m256d s[2][2] = {0};
    for (size_t r = 0; r < n; r++) {
        __m256d one = _mm256_broadcast_sd(right + r);
        for (size_t j = 0; j < 2; j++)
            s[r & 1][j] =
                _mm256_fmadd_pd(one, _mm256_loadu_pd(p + r * PANEL + 4 * j), s[r & 1][j]);
    }
    for (size_t j = 0; j < 2; j++)
        _mm256_storeu_pd(sum + 4 * j, _mm256_add_pd(_mm256_loadu_pd(sum + 4 * j),
                                                    _mm256_add_pd(s[0][j], s[1][j])));
}

/* From AVX2 on, loading, weighing and scores are bound by memory. */
static const struct matrix_kernel avx2 = {tile_avx2, load_avx2, weigh_avx2, score_avx2};

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

static const struct matrix_kernel avx512 = {tile_avx512, load_avx2, weigh_avx2, score_avx2};
#endif

static int level_most = 2;

void matrix_use(int level)
{
    level_most = level;
}

const struct matrix_kernel *matrix_kernel_best(void)
{
#if defined(__x86_64__)
    if (level_most >= 2 && __builtin_cpu_supports("avx512f"))
        return &avx512;
    if (level_most >= 1 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &avx2;
#endif
    return &plain;
}
