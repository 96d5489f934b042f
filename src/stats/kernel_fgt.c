/* FGT over packed columns in whole numbers: sums of w, w·g and w·g² with g = line - income, so
 * that nothing is rounded before the last division. Written so that the compiler vectorises it:
 * compiled twice, for any x86-64 and for AVX2, and chosen at run time. */
#include "stats/inner.h"
#include "stats/kernel_inner.h"

__extension__ typedef unsigned __int128 wide;

/* Sums of a block of at most STATS_BLOCK rows: with weights below 2^21 and gaps below 2^32 none
 * passes 2^63. Incomes are taken as income + 2^31, which has no sign. */
struct block {
    uint64_t rows, poor_rows, not_positive_rows;
    uint64_t weight, all_weight, poor, not_positive;
    uint64_t gap, gap2_low, gap2_high, y; /* gap2 = high · 2^32 + low */
};
struct totals {
    uint64_t rows, poor_rows, not_positive_rows, weight, all_weight, poor, not_positive;
    wide gap, gap2, y;
};

KERNEL_BODY block_body(struct block *out, const int32_t *income, const int32_t *weight,
                       size_t n, int32_t line, int32_t poor_below)
{
    uint64_t gap = 0, low = 0, high = 0, y = 0;
    uint32_t rows = 0, poor_rows = 0, not_positive_rows = 0;
    uint64_t known_weight = 0, all_weight = 0, poor = 0, not_positive = 0;
    for (size_t i = 0; i < n; i++) {
        int32_t x = income[i];
        uint32_t w = (uint32_t)weight[i];
        uint32_t known = x == PACKED_MISSING ? 0 : UINT32_MAX; /* masks: no branch */
        uint32_t is_poor = x < poor_below ? known : 0, low_income = x <= 0 ? known : 0;
        uint32_t g = ((uint32_t)line - (uint32_t)x) & is_poor, wp = w & is_poor;
        uint64_t g2 = (uint64_t)g * g;
        rows += known & 1;
        poor_rows += is_poor & 1;
        not_positive_rows += low_income & 1;
        all_weight += w;
        known_weight += w & known;
        poor += wp;
        not_positive += w & low_income;
        gap += (uint64_t)wp * g;
        low += (uint64_t)wp * (uint32_t)g2;
        high += (uint64_t)wp * (uint32_t)(g2 >> 32);
        y += (uint64_t)(w & known) * ((uint32_t)x ^ 0x80000000U);
    }
    *out = (struct block){rows,         poor_rows,  not_positive_rows,
                          known_weight, all_weight, poor,
                          not_positive, gap,        low,
                          high,         y};
}

typedef void (*block_fn)(struct block *, const int32_t *, const int32_t *, size_t, int32_t,
                         int32_t);
KERNEL_TWICE(block,
             (struct block * out, const int32_t *income, const int32_t *weight, size_t n,
              int32_t line, int32_t poor_below),
             (out, income, weight, n, line, poor_below))

static bool avoid_avx2;

void kernel_use_avx2(bool use)
{
    avoid_avx2 = !use;
}

bool kernel_has_avx2(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") != 0;
#else
    return false;
#endif
}

bool kernel_avx2(void)
{
    return !avoid_avx2 && kernel_has_avx2();
}

static void add(struct totals *t, const struct block *b)
{
    t->rows += b->rows;
    t->poor_rows += b->poor_rows;
    t->not_positive_rows += b->not_positive_rows;
    t->weight += b->weight;
    t->all_weight += b->all_weight;
    t->poor += b->poor;
    t->not_positive += b->not_positive;
    t->gap += b->gap;
    t->gap2 += ((wide)b->gap2_high << 32) + b->gap2_low;
    t->y += b->y;
}

static void finish(struct fgt_sums *s, const struct totals *t, size_t rows, double line)
{
    __extension__ typedef __int128 signed_wide;
    signed_wide y = (signed_wide)t->y - ((signed_wide)t->weight << 31);
    *s = (struct fgt_sums){.rows = (int64_t)t->rows,
                           .poor_rows = (int64_t)t->poor_rows,
                           .missing_rows = (int64_t)(rows - t->rows),
                           .not_positive_rows = (int64_t)t->not_positive_rows,
                           .weight = (double)t->weight,
                           .poor = (double)t->poor,
                           .gap = (double)t->gap / line,
                           .gap2 = (double)t->gap2 / line / line,
                           .y = (double)y,
                           .log_gap = NAN,
                           .missing_weight = (double)(t->all_weight - t->weight),
                           .not_positive_weight = (double)t->not_positive};
}

void packed_fgt(struct fgt_sums *sums, const struct packed *p, int32_t line, bool weak)
{
    block_fn sum = kernel_avx2() ? block_avx2 : block_plain;
    int32_t poor_below = weak ? line + 1 : line;
    for (size_t g = 0; g < p->groups; g++) {
        struct totals t = {0};
        size_t from = p->offset[g], to = p->offset[g + 1];
        for (size_t i = from; i < to; i += STATS_BLOCK) {
            struct block b;
            size_t n = to - i < STATS_BLOCK ? to - i : STATS_BLOCK;
            sum(&b, p->income + i, p->weight + i, n, line, poor_below);
            add(&t, &b);
        }
        finish(&sums[g], &t, to - from, line);
    }
}
