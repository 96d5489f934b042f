/* Regression models on weighted rows: least squares, logit, probit, Poisson, quantile,
 * penalised; with errors of several kinds. Pure: columns in, figures out.
 *
 * Sources: OLS/WLS and HC0–HC3: MacKinnon and White 1985; clusters: Liang and Zeger 1986,
 * small-sample factor G/(G-1)·(n-1)/(n-k) for least squares and quantiles, G/(G-1) for the
 * other families (Stata's; sandwich's defaults); k counts the columns kept, dummies of fixed
 * effects among them (fixest does not count nested ones). GLM by iterated weighted least
 * squares with the expected information: McCullagh and Nelder 1989. Quantile: Koenker and
 * Bassett 1978 (interior point, Portnoy and Koenker 1997, then to a vertex, so that the answer
 * is exact), errors by the kernel sandwich (Powell) with quantreg's bandwidth (Hall and
 * Sheather); ERRORS_IID: its sparsity. Weights are sampling weights: with ERRORS_IID they are
 * what R's lm and glm take them for, in the others what sandwich and survey do. HC1 is n/(n-k)
 * everywhere. elastic net: Friedman, Hastie, Tibshirani 2010 (coordinate descent, cyclical,
 * standardised columns); wild cluster bootstrap: Cameron, Gelbach, Miller 2008 (restricted
 * residuals; Rademacher, Webb's six points below 12 clusters; all sign vectors when 2^G is at
 * most the draws asked for). */
#ifndef STATS_MODEL_H
#define STATS_MODEL_H

#include "stats/design.h"

enum model_family {
    MODEL_OLS,
    MODEL_LOGIT,
    MODEL_PROBIT,
    MODEL_POISSON,
    MODEL_CLOGLOG,
    MODEL_QUANTILE
};
enum model_errors {
    ERRORS_IID,
    ERRORS_HC0,
    ERRORS_HC1,
    ERRORS_HC2,
    ERRORS_HC3,
    ERRORS_CLUSTER, /* of `cluster` */
    ERRORS_SURVEY   /* of `design`: linearised */
};
struct model_spec {
    enum model_family family;
    double tau; /* MODEL_QUANTILE */
    size_t n, k;
    const double *y;          /* NaN: row left out */
    const double *const *x;   /* k columns, the constant among them; NaN: row left out */
    const char *const *names; /* of the columns, for sentences */
    const char *y_name;
    const double *w;      /* NULL: 1; negative: refused; 0: left out */
    const double *offset; /* NULL */
    enum model_errors errors;
    const uint32_t *cluster; /* by row, from 0; UINT32_MAX: missing */
    size_t cluster_count;
    const struct design *design;
    int threads; /* 0: 1 */
};
struct model_fit {
    size_t n, k, dropped_count; /* n: rows used */
    double *b, *se, *vcov;      /* k, k, k × k; NaN for dropped columns */
    bool *dropped;              /* collinear, or separates the outcome perfectly */
    const char *why;            /* why columns were dropped, or the fit refused; NULL */
    /* Of the t: n-k, clusters-1, the design's clusters less strata; INFINITY: normal (families
     * but least squares and quantile, unless ERRORS_SURVEY). */
    double df;
    double factor;   /* small-sample factor that vcov was multiplied with; 1: none */
    size_t clusters; /* with rows; 0: not clustered */
    /* r2: least squares, centred when there is a constant; other families McFadden's 1 - l/l0,
     * quantile Koenker and Machado's 1 - V/V0. sigma: least squares; NaN else. objective:
     * weighted squares, deviance, or sum of w·rho. */
    double r2, r2_adjusted, sigma, log_likelihood, log_likelihood_0, objective;
    int64_t left_out;  /* rows with a missing value */
    int64_t separated; /* rows left out because a dropped column predicts them perfectly */
    int iterations;
    bool converged;      /* false: `why` says so, the figures are the last ones */
    const uint8_t *used; /* by row */
};
/* RC_INVALID with a sentence naming the variable and what to do: constant outcome, nobody left,
 * no more rows than columns, one cluster, outcome of a logit not 0/1, negative weights, values
 * that are infinite or above 1e150, an outcome that a column or a sum of columns separates
 * perfectly (a dummy that does so on one side only is dropped with its rows, as Stata does).
 * RC_LIMIT: memory. In cx->arena: about 40 bytes a row; clusters 8·k bytes each. */
enum rc model_fit_make(struct model_fit *out, struct cx *cx,
                       const struct model_spec *s) MUST_USE;
/* X b (and its standard error; se NULL: not wanted), on the scale of the link; NaN where an x
 * is missing. */
enum rc model_predict(double *out, double *se, struct cx *cx, const struct model_fit *f,
                      const double *const *x, size_t n) MUST_USE;
double model_mean(enum model_family family, double link); /* inverse link */
/* Average marginal effects of columns over the fitted rows (weighted), delta-method errors; a
 * column of only 0 and 1: the difference of the predictions at 1 and at 0. Other columns stay
 * as they are: of a square or an interaction the caller asks for none. NaN: dropped, constant.
 */
struct model_margin {
    double effect, se;
};
enum rc model_margins(struct model_margin *out, struct cx *cx, const struct model_spec *s,
                      const struct model_fit *f, const size_t *columns, size_t count) MUST_USE;
/* Wild cluster bootstrap of least squares (ERRORS_CLUSTER): p-value of b[j] = value, the share
 * of draws whose |t| is at least the sample's; and, where wanted, the 95 % interval of the
 * values that it does not refuse, with the same draws (INFINITY: no end found). The same seed,
 * the same p. RC_INVALID: other families, the constant, a dropped column. */
struct wild_spec {
    size_t j;
    double value;
    int draws; /* 0: 9,999 */
    uint64_t seed;
    bool interval;
};
struct wild {
    double p, low, high; /* NaN: not wanted */
    size_t draws;        /* made: 2^clusters when those are no more than asked for */
};
enum rc model_wild(struct wild *out, struct cx *cx, const struct model_spec *s,
                   const struct wild_spec *w) MUST_USE;

/* ---- penalised ---- */
struct net_spec {
    struct model_spec model; /* OLS, LOGIT; the constant is not penalised */
    double alpha;            /* 1 lasso, 0 ridge */
    size_t lambda_count;     /* 0: 100 from the largest down to 1e-4 (1e-2 if n < k) of it */
    const double *lambda;    /* NULL: made */
    size_t folds;            /* 0: no cross-validation; rows of a cluster stay together */
    const uint32_t *fold;    /* by row, from 0; NULL: made */
    uint64_t seed;
};
struct net_fit {
    size_t count, k;
    double *lambda, *b;       /* count; count × k on the original scale */
    double *error, *error_se; /* cross-validated deviance by lambda; NULL */
    size_t best, best_1se;    /* smallest error; largest lambda within one se of it */
};
enum rc net_fit_make(struct net_fit *out, struct cx *cx, const struct net_spec *s) MUST_USE;

#endif
