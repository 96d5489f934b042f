/* Alkire–Foster over packed columns: a histogram of patterns per group, small enough to stay in
 * the processor's cache, then mpi_of. A histogram is bound by its stores, not by arithmetic, so
 * it is plain C for every processor. */
#include "base/text.h"
#include "stats/kernel.h"

#include <string.h>

/* Two tables, taken in turn: neighbours with the same pattern (nobody deprived is common) do
 * not wait for each other's store. */
static void count(int64_t *even, int64_t *odd, const struct packed *p, size_t from, size_t to,
                  unsigned full)
{
    const uint16_t *pattern = p->pattern;
    const int32_t *weight = p->weight;
    size_t i = from;
    for (; i + 2 <= to; i += 2) {
        even[pattern[i] & full] += weight[i];
        odd[pattern[i + 1] & full] += weight[i + 1];
    }
    if (i < to)
        even[pattern[i] & full] += weight[i];
}

enum rc packed_mpi(struct mpi_result *out, struct cx *cx, const struct mpi_spec *s,
                   const struct packed *p)
{
    size_t patterns = (size_t)1 << s->n;
    struct arena_mark mark = arena_mark(cx->arena);
    int64_t *even = arena_array(cx->arena, patterns * 2, sizeof *even), *odd = even + patterns;
    double *mass = arena_array(cx->arena, patterns, sizeof *mass);
    int64_t rows = 0, none = 0;
    double no_weight = 0;
    struct mpi_hist h = {s->n, 1, mass, &rows, &none, &no_weight};
    if (!even || !mass)
        return fail(cx, RC_LIMIT,
                    _("There are too many groups for so many indicators. Take fewer of one."),
                    "n=%zu", s->n);
    for (size_t g = 0; g < p->groups; g++) {
        size_t from = p->offset[g], to = p->offset[g + 1];
        count(even, odd, p, from, to, (unsigned)patterns - 1);
        for (size_t i = 0; i < patterns; i++)
            mass[i] = (double)(even[i] + odd[i]); /* exact: below 2^53 */
        memset(even, 0, 2 * patterns * sizeof *even);
        rows = (int64_t)(to - from);
        mpi_of(&out[g], s, &h, 0);
    }
    arena_back(cx->arena, mark);
    return RC_OK;
}
