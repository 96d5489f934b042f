/* Alkire–Foster over packed columns. Large groups: a histogram of patterns that stays in the
 * processor's cache, folded to its sums. Small groups: indicator by indicator over the rows.
 * All in unsigned 32 bits, exact because a part of a group is taken whose weights stay below
 * 2^32. */
#include "base/text.h"
#include "stats/kernel_inner.h"
#include "stats/mpi_inner.h"

#include <string.h>

enum {
    PART = 1 << 20,
    SURE_PART = 2047, /* that many rows of the greatest weight stay below 2^32 */
    FEW = 8           /* patterns / FEW rows: below, the histogram costs more than the rows */
};

struct counted {
    uint64_t weight, poor, deprived[MPI_INDICATORS_MAX], both[MPI_INDICATORS_MAX];
};
struct tables { /* 2^n places each; poor_weight: as many rows as take the second way */
    uint32_t *even, *odd, *poor, *poor_weight;
    size_t n;
};

/* ---- by histogram ---- */

/* Two tables, taken in turn: neighbours with the same pattern (nobody deprived is common) do
 * not wait for each other's store. */
static void count(const struct tables *t, const uint16_t *pattern, const int32_t *weight,
                  size_t rows)
{
    uint32_t *even = t->even, *odd = t->odd, full = (1U << t->n) - 1;
    size_t i = 0;
    for (; i + 2 <= rows; i += 2) {
        even[pattern[i] & full] += (uint32_t)weight[i];
        odd[pattern[i + 1] & full] += (uint32_t)weight[i + 1];
    }
    if (i < rows)
        even[pattern[i] & full] += (uint32_t)weight[i];
}

/* The tables become everybody (even) and the poor (odd), then each is folded in halves: the
 * upper half's sum is an indicator's. 2·2^n additions give all n sums. */
KERNEL_BODY fold_body(struct counted *c, const struct tables *t)
{
    uint32_t *all = t->even, *poor = t->odd;
    size_t half = (size_t)1 << t->n;
    for (size_t i = 0; i < half; i++) {
        uint32_t mass = all[i] + poor[i];
        all[i] = mass;
        poor[i] = mass & t->poor[i];
    }
    for (size_t j = t->n; j-- > 0;) {
        uint32_t deprived = 0, both = 0;
        half /= 2;
        for (size_t i = 0; i < half; i++) {
            deprived += all[half + i];
            both += poor[half + i];
            all[i] += all[half + i];
            poor[i] += poor[half + i];
        }
        c->deprived[j] += deprived;
        c->both[j] += both;
    }
    c->weight += all[0];
    c->poor += poor[0];
}
KERNEL_TWICE(fold, (struct counted * c, const struct tables *t), (c, t))

/* ---- row by row ---- */

KERNEL_BODY few_body(struct counted *c, const struct tables *t, const uint16_t *pattern,
                     const int32_t *weight, size_t rows)
{
    uint32_t *poor_weight = t->poor_weight, all = 0, poor = 0, full = (1U << t->n) - 1;
    for (size_t i = 0; i < rows; i++)
        poor_weight[i] = (uint32_t)weight[i] & t->poor[pattern[i] & full];
    for (size_t i = 0; i < rows; i++) {
        all += (uint32_t)weight[i];
        poor += poor_weight[i];
    }
    c->weight += all;
    c->poor += poor;
    for (unsigned j = 0; j < t->n; j++) {
        uint32_t deprived = 0, both = 0;
        for (size_t i = 0; i < rows; i++) {
            uint32_t bit = 0U - ((uint32_t)pattern[i] >> j & 1);
            deprived += (uint32_t)weight[i] & bit;
            both += poor_weight[i] & bit;
        }
        c->deprived[j] += deprived;
        c->both[j] += both;
    }
}
KERNEL_TWICE(few,
             (struct counted * c, const struct tables *t, const uint16_t *pattern,
              const int32_t *weight, size_t rows),
             (c, t, pattern, weight, rows))

/* ---- groups ---- */

KERNEL_BODY total_body(uint64_t *out, const int32_t *weight, size_t rows)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < rows; i++)
        sum += (uint32_t)weight[i];
    *out = sum;
}
KERNEL_TWICE(total, (uint64_t *out, const int32_t *weight, size_t rows), (out, weight, rows))

static void group_sums(struct counted *c, const struct tables *t, const struct packed *p,
                       size_t group)
{
    bool avx2 = kernel_avx2();
    for (size_t at = p->offset[group], end = p->offset[group + 1], rows; at < end; at += rows) {
        uint64_t weight;
        rows = end - at < PART ? end - at : PART;
        (avx2 ? total_avx2 : total_plain)(&weight, p->weight + at, rows);
        if (weight > UINT32_MAX && rows > SURE_PART)
            rows = SURE_PART;
        if (rows < ((size_t)1 << t->n) / FEW) {
            (avx2 ? few_avx2 : few_plain)(c, t, p->pattern + at, p->weight + at, rows);
            continue;
        }
        count(t, p->pattern + at, p->weight + at, rows);
        (avx2 ? fold_avx2 : fold_plain)(c, t);
        memset(t->even, 0, sizeof *t->even << t->n);
        memset(t->odd, 0, sizeof *t->odd << t->n);
    }
}

enum rc packed_mpi(struct mpi_result *out, struct cx *cx, const struct mpi_spec *s,
                   const struct packed *p)
{
    size_t patterns = (size_t)1 << s->n;
    struct arena_mark mark = arena_mark(cx->arena);
    uint32_t *place = arena_array(cx->arena, patterns * 3 + patterns / FEW + 1, sizeof *place);
    if (!place)
        return fail(cx, RC_LIMIT,
                    _("There are too many groups for so many indicators. Take fewer of one."),
                    "n=%zu", s->n);
    struct tables t = {place, place + patterns, place + 2 * patterns, place + 3 * patterns,
                       s->n};
    mpi_poor_patterns(t.poor, s, UINT32_MAX);
    for (size_t g = 0; g < p->groups; g++) {
        struct counted c = {0};
        struct mpi_sums sums;
        group_sums(&c, &t, p, g);
        sums.weight = (double)c.weight; /* exact: below 2^53 */
        sums.poor = (double)c.poor;
        for (size_t j = 0; j < s->n; j++) {
            sums.deprived[j] = (double)c.deprived[j];
            sums.both[j] = (double)c.both[j];
        }
        out[g] = (struct mpi_result){.rows = (int64_t)(p->offset[g + 1] - p->offset[g])};
        mpi_result_make(&out[g], s, &sums);
    }
    arena_back(cx->arena, mark);
    return RC_OK;
}
