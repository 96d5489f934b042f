/* How the kernels are compiled twice, for any processor and for AVX2, and chosen at run time.
 * A body is an always-inline function; KERNEL_TWICE(name, (parameters), (arguments)) makes
 * name_plain and name_avx2 of name_body; kernel_avx2() says which to call. */
#ifndef STATS_KERNEL_INNER_H
#define STATS_KERNEL_INNER_H

#include "stats/kernel.h"

#define KERNEL_BODY static inline __attribute__((always_inline)) void
#if defined(__clang__)
#define KERNEL_VECTOR
#else
#define KERNEL_VECTOR __attribute__((optimize("O3")))
#endif
#if defined(__x86_64__)
#define KERNEL_AVX2 __attribute__((target("avx2")))
#else
#define KERNEL_AVX2
#endif
#define KERNEL_TWICE(name, parameters, arguments)                                              \
    KERNEL_VECTOR static void name##_plain parameters                                          \
    {                                                                                          \
        name##_body arguments;                                                                 \
    }                                                                                          \
    KERNEL_VECTOR KERNEL_AVX2 static void name##_avx2 parameters                               \
    {                                                                                          \
        name##_body arguments;                                                                 \
    }

/* Has it, and may use it. */
bool kernel_avx2(void);

#endif
