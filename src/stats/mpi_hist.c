/* Histograms of patterns from rows in memory. Packed columns: kernel_mpi.c. */
#include "base/text.h"
#include "stats/inner.h"
#include "stats/mpi.h"

enum rc mpi_hist_make(struct mpi_hist *out, struct cx *cx, size_t n, size_t groups)
{
    struct mpi_hist h = {.n = n, .groups = groups};
    if (n < 1 || n > MPI_INDICATORS_MAX)
        return fail_f(cx, RC_INVALID, _("An index has 1 to %d indicators."),
                      (int)MPI_INDICATORS_MAX);
    h.mass = arena_array(cx->arena, groups ? groups : 1, sizeof *h.mass << n);
    h.rows = arena_array(cx->arena, groups + 1, sizeof *h.rows);
    h.missing_rows = arena_array(cx->arena, groups + 1, sizeof *h.missing_rows);
    h.missing_weight = arena_array(cx->arena, groups + 1, sizeof *h.missing_weight);
    if (!h.mass || !h.rows || !h.missing_rows || !h.missing_weight)
        return fail(cx, RC_LIMIT,
                    _("There are too many groups for so many indicators. Take fewer of one."),
                    "n=%zu groups=%zu", n, groups);
    *out = h;
    return RC_OK;
}

void mpi_hist_add(struct mpi_hist *h, const struct mpi_rows *r)
{
    unsigned full = (1U << h->n) - 1;
    for (size_t i = 0; i < r->count; i++) {
        size_t group = r->group ? r->group[i] : 0;
        double w = r->weight ? r->weight[i] : 1.0;
        if ((r->known && (r->known[i] & full) != full) || !isfinite(w)) {
            h->missing_rows[group]++;
            h->missing_weight[group] += isfinite(w) ? w : 0.0;
            continue;
        }
        h->rows[group]++;
        h->mass[group << h->n | (r->deprived[i] & full)] += w;
    }
}

void mpi_hist_merge(struct mpi_hist *into, const struct mpi_hist *from)
{
    for (size_t i = 0; i < into->groups << into->n; i++)
        into->mass[i] += from->mass[i];
    for (size_t g = 0; g < into->groups; g++) {
        into->rows[g] += from->rows[g];
        into->missing_rows[g] += from->missing_rows[g];
        into->missing_weight[g] += from->missing_weight[g];
    }
}
