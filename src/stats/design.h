/* Survey designs: how the sample was drawn, and from it the variance of any figure whose
 * influence values are known (influence.h), or whose value under replicate weights is known.
 * Pure functions over arrays; labels come in as numbers.
 *
 * The estimator: for a total sum_i w_i u_i, with t_hc the sum over cluster c of stratum h,
 *     V = sum_h (1 - f_h) n_h/(n_h - 1) sum_c (t_hc - mean_h)²   (Särndal et al. 1992, 4.6)
 * and, when clusters were drawn in several stages and each has a finite population,
 *     V = V_1 + sum over clusters of f_h · V_2(cluster) + …      (Särndal et al. 1992, 4.3)
 * A stage without a finite population ends it there: then the clusters of that stage stand for
 * everything below them (ultimate clusters). Clusters are numbered inside their stratum: the
 * same number in two strata is two clusters. Rows of a domain keep the full design: clusters
 * and strata without a row of the domain count in n_h with the total zero.
 *
 * Weights are those of what is counted: to count persons where a row is a household, multiply
 * the household's weight by its persons before; the design itself does not change. Rows of
 * persons need their household among the clusters. */
#ifndef STATS_DESIGN_H
#define STATS_DESIGN_H

#include "stats/poverty.h"

/* A stratum with one cluster: refuse the design; take its total's square, that is, its
 * distance from zero, where all influence values together are; nothing; or the mean of the
 * other strata. (As R's survey, survey.lonely.psu.) */
enum design_lonely { LONELY_FAIL, LONELY_ADJUST, LONELY_CERTAINTY, LONELY_AVERAGE };
enum { DESIGN_STAGES_MAX = 4 };

struct design_columns {
    size_t n;
    const uint32_t *strata; /* by row; NULL: one stratum */
    size_t stages;          /* columns of clusters; 0: every row is a cluster */
    const uint32_t *cluster[DESIGN_STAGES_MAX];
    /* By row and stage; NULL: drawn with replacement or from very many. Above 1: how many
     * clusters there are in the stratum (in the cluster of the stage before); at most 1: the
     * share that was drawn. With stages = 0, fpc[0] is of rows. */
    const double *fpc[DESIGN_STAGES_MAX];
    const double *w; /* rows with a weight that is no number are not in the sample; NULL: all */
    enum design_lonely lonely;
    /* For sentences; NULL: the number, or no name. */
    const char *const *strata_labels;
    const char *strata_name, *cluster_name, *fpc_name[DESIGN_STAGES_MAX];
};
struct design_stage {
    size_t units, groups;
    uint32_t *group;   /* by unit: its stratum, or its unit of the stage before */
    uint32_t *size;    /* by group: units */
    double *share_out; /* by group: 1 - f; 1 without a finite population */
    double *share_in;  /* by group: f, 0 without */
    double *factor;    /* by group: product of f of the stages before */
};
struct design {
    size_t n, rows, stages; /* stages that count */
    uint32_t *unit;         /* by row: of the last stage; DESIGN_OUT: not in the sample */
    struct design_stage stage[DESIGN_STAGES_MAX];
    enum design_lonely lonely;
    size_t lonely_strata;
    bool crossing; /* some cluster's number stands in several strata */
};
#define DESIGN_OUT UINT32_MAX

/* RC_INVALID with a sentence: no rows, a lonely stratum with LONELY_FAIL, as many strata as
 * clusters, a finite population that differs inside a stratum, is not above zero or smaller
 * than its sample. In cx->arena. */
enum rc design_make(struct design *out, struct cx *cx, const struct design_columns *c) MUST_USE;

/* ---- totals by cluster and their variance ---- */

struct sum;            /* a sum in two doubles (inner.h) */
struct design_level {  /* of strata (0) or of the units of stage level - 1 */
    struct sum *total; /* by unit */
    double *square;    /* by unit: scratch of design_variance */
    uint32_t *inside;  /* by unit: touched units below it */
    uint32_t *touched;
    uint8_t *seen;
    size_t count; /* touched */
};
struct design_sums {
    const struct design *d;
    struct design_level level[DESIGN_STAGES_MAX + 1];
};
enum rc design_sums_make(struct design_sums *out, struct cx *cx,
                         const struct design *d) MUST_USE;
/* Adds w·u of the rows row[i] (NULL: 0, 1, …; w NULL: 1; u NULL: 0). The totals are the same
 * bits in whatever order and parts rows are added, but for about one in 2^50. */
void design_sums_add(struct design_sums *s, const uint32_t *row, const double *w,
                     const double *u, size_t n);
/* Adds factor times the other's totals. */
void design_sums_merge(struct design_sums *into, const struct design_sums *from, double factor);
void design_sums_clear(struct design_sums *s);
/* The variance; *df, where wanted, is clusters less strata among those with a row added, as
 * degf() of R's survey for a domain. Clears the sums. NaN: lonely strata only (`average`). */
double design_variance(struct design_sums *s, double *df);
/* Of two figures of one design; `scratch` is empty before and after. */
double design_covariance(struct design_sums *scratch, const struct design_sums *a,
                         const struct design_sums *b);
/* A figure's totals that many others move with (a line's), prepared once. */
struct design_shift {
    const struct design_sums *sums; /* stays as it is while the shift is used */
    double *stratum;                /* its total by stratum */
    double variance;
};
/* `scratch` is empty before and after. */
enum rc design_shift_make(struct design_shift *out, struct cx *cx, struct design_sums *scratch,
                          const struct design_sums *sums) MUST_USE;
/* The variance of s + factor · shift, as merging and design_variance give it but for rounding;
 * with one stage in the time of the clusters that s touches. Clears s. */
double design_variance_shifted(struct design_sums *s, const struct design_shift *shift,
                               double factor);
/* The variance over the one that a simple random sample with replacement of as many rows and
 * with these weights would have had; NaN: fewer than two rows, or no spread. */
double design_effect(double variance, const double *w, const double *u, size_t n);

/* ---- replicates ---- */

enum replicate_kind {
    REPLICATE_BRR,       /* given: scale 1/count, or 1/(count (1 - rho)²) with Fay's rho */
    REPLICATE_JACKKNIFE, /* given: scale (count - 1)/count; made: JK1, JKn */
    REPLICATE_BOOTSTRAP  /* given or made: scale 1/count */
};
struct replicates {
    enum replicate_kind kind;
    size_t n, count; /* rows; replicates */
    double scale;
    const double *const *column; /* given: weights by replicate; NULL: made from the design */
    const struct design *d;
    uint64_t seed; /* of a bootstrap */
    /* Made: a stratum's clusters are member[first[h]] …; scratch by cluster. */
    uint32_t *first, *member, *psu_of_row;
    double *factor;
};
enum { REPLICATES_MAX = 20000 };
/* Given columns of n rows, with the kind's scale; the caller may set another. RC_INVALID: fewer
 * than two. */
enum rc replicates_given(struct replicates *out, struct cx *cx, enum replicate_kind kind,
                         const double *const *column, size_t count, size_t n) MUST_USE;
/* Made: a jackknife that leaves out each cluster in turn (JKn; with one stratum JK1), or
 * `count` bootstraps that draw n_h - 1 of a stratum's n_h clusters with replacement (Rao and Wu
 * 1988), the same for the same seed. A lonely stratum keeps its weights. RC_LIMIT: more
 * than REPLICATES_MAX; RC_INVALID: fewer than two. */
enum rc replicates_made(struct replicates *out, struct cx *cx, const struct design *d,
                        enum replicate_kind kind, size_t count) MUST_USE;
/* Weights of replicate r; `w` are those of the rows, NULL: 1. */
void replicate_weights(double *out, const struct replicates *p, size_t r, const double *w);
/* scale · sum_r c_r (value_r - full)², c_r = (1 - f_h)(n_h - 1)/n_h of a made jackknife,
 * else 1. NaN when a value is. */
double replicate_variance(const struct replicates *p, const double *value, double full);
/* Clusters less strata of a made plan; count - 1 of a given one. */
double replicate_df(const struct replicates *p);

/* ---- intervals ---- */

/* t with P(T <= t) = p of Student's distribution, 0 < p < 1; df INFINITY: the normal. */
double student_quantile(double p, double df);
/* P(|T| >= |t|): the two-sided p of a test. NaN: t is no number, or df not above 0. */
double student_p(double t, double df);
/* Fills se, df and the 95 % interval: value ± t·se, or for a proportion inside (0, 1) by the
 * logit, se/(p(1 - p)) on its scale. df < 1: no interval, and why in se_refused. Variance NaN:
 * neither. A variance of zero: no interval; and where a proportion is 0 or 1, no se. */
void estimate_error(struct estimate *e, struct cx *cx, double variance, double df,
                    bool proportion);

#endif
