/* Influence values: how much each row of a domain moves a figure, so that the figure's variance
 * is that of the total sum w_i u_i under the survey design (design.h).
 * Source: Deville 1999; Osier 2009; Kovacevic and Binder 1997 (Lorenz curve);
 * shared/domain/statistics.md a and b. Points are those of poverty.h and mpi.h, of the same
 * rows. Where a figure depends on an estimated line, its influence is that at the fixed line,
 * over the domain, plus its slope in the line times the line's influence, over the rows that
 * the line was made from. Densities: Gaussian kernel of bandwidth sd_w / N^(1/5), N the sum
 * of weights of the domain. */
#ifndef STATS_INFLUENCE_H
#define STATS_INFLUENCE_H

#include "stats/mpi.h"

/* The rows of a domain in order of welfare, each with its place in the table. */
struct sample {
    struct ranked ranked;
    const uint32_t *row; /* by rank */
    double bandwidth;    /* of densities; NaN: no rows; 0: all rows have the same welfare */
};
/* Of the rows rows[0 .. count-1] of `all`; rows NULL: all of them. Needs as ranked_make, and 8
 * bytes more. RC_INVALID: a negative weight. */
enum rc sample_make(struct sample *out, struct cx *cx, const struct welfare *all,
                    const uint32_t *rows, size_t count) MUST_USE;
/* Density of welfare at x. */
double sample_density(const struct sample *s, double x, double bandwidth);

/* Each fills u[0 .. ranked.n - 1], by rank. Rows a measure leaves out get 0. Nobody there or a
 * figure that is refused: the caller does not ask. */
void influence_total(double *u, const struct sample *s, const double *x); /* x NULL: of 1 */
void influence_ratio(double *u, const struct sample *s, const double *x,
                     const double *y); /* sum w x / sum w y, by rank; y NULL: 1 */
void influence_mean(double *u, const struct sample *s);
void influence_fgt(double *u, const struct sample *s, double line, bool weak, int power);
void influence_watts(double *u, const struct sample *s, double line, bool weak);
/* Needs 8 bytes of cx->arena a row. */
enum rc influence_sst(double *u, struct cx *cx, const struct sample *s, double line) MUST_USE;
void influence_quantile(double *u, const struct sample *s, double p, double quantile);
void influence_gini(double *u, const struct sample *s, double gini, bool convey);
void influence_ge(double *u, const struct sample *s, double alpha);
void influence_atkinson(double *u, const struct sample *s, double epsilon);
void influence_zenga(double *u, const struct sample *s, bool convey);
/* The kernel form of convey's svyqsr, each density ratio included. */
void influence_s80s20(double *u, const struct sample *s);
/* The share of all welfare between quantiles p and q. */
void influence_share(double *u, const struct sample *s, double p, double q);
/* Of a relative line over the rows it was made from; a fixed one has none (all 0). */
void influence_line(double *u, const struct sample *s, const struct line_spec *l,
                    enum quantile_kind kind);

/* Slopes of figures in the line. `bandwidth` is that of the rows the line was made from. */
double slope_fgt(const struct sample *s, double line, bool weak, int power, double bandwidth);
double slope_watts(const struct sample *s, double line, bool weak);
double slope_sst(struct cx *cx, const struct sample *s, double line, bool weak);

/* ---- Alkire–Foster ---- */
enum mpi_figure { MPI_H, MPI_M0, MPI_A, MPI_HD, MPI_HDK, MPI_ACTB, MPI_PCTB };
/* u by pattern of deprivations (2^n places), for rows of which all is known; r: of the domain;
 * j: the indicator. A is of the poor subpopulation. */
void influence_mpi(double *u, const struct mpi_spec *s, const struct mpi_result *r,
                   enum mpi_figure figure, size_t j);

#endif
