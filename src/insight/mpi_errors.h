/* Linearised standard errors of the figures of `fumin mpi`. */
#ifndef INSIGHT_MPI_ERRORS_H
#define INSIGHT_MPI_ERRORS_H

#include "insight/survey.h"
#include "stats/mpi.h"

struct mpi_errors {
    struct survey *survey;
    struct mpi_spec spec;        /* k of each row of figures is its own */
    const struct mpi_hist *hist; /* group 0: all rows; then the groups */
    const uint16_t *deprived, *known;
    const double *w;          /* NULL: 1 */
    const char *const *names; /* of the indicators */
    size_t n;
};
/* Fills se, df, intervals and deff of all rows of `out`, differences included. */
enum rc mpi_errors_fill(struct figure_rows *out, struct cx *cx,
                        const struct mpi_errors *e) MUST_USE;

#endif
