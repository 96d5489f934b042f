/* Poverty and inequality of money from weighted rows. Pure functions: no register, no database,
 * no threads of their own. Rows whose welfare or weight is NaN or infinite are left out and
 * counted, never guessed. Sums are taken in blocks of 1,024 rows in row order and kept as two
 * doubles across blocks (106 bits), so that any number of threads over whole blocks gives the
 * same bits. Formulas:
 * shared/domain/statistics.md a; Foster, Greer, Thorbecke 1984; Watts 1968; Shorrocks 1995;
 * Atkinson 1970; Cowell 2011. Standard errors come from design.h and influence.h. */
#ifndef STATS_POVERTY_H
#define STATS_POVERTY_H

#include "base/cx.h"

struct welfare {
    const double *y; /* one per row; NaN: missing */
    const double *w; /* survey weight of the row's people, >= 0; NULL: 1 */
    size_t n;
};
/* One figure as it goes to pages and JSON. */
struct estimate {
    double value;          /* NaN: cannot be had (see refused) */
    double se;             /* NaN: cannot be had (see se_refused) */
    double df;             /* of the interval; 0: there is none, low and high mean nothing */
    double low, high;      /* 95 % interval */
    double deff;           /* design effect; 0: not computed */
    int64_t rows;          /* rows used */
    int64_t rows_left_out; /* missing or refused by the measure (incomes <= 0) */
    double weight_left_out;
    const char *refused;    /* sentence when value is NaN, else NULL; translated where the
                               function has a cx, else (fgt_of) to be shown through _() */
    const char *se_refused; /* sentence when se is NaN or df is 0; NULL: nobody asked */
};

/* ---- sums over a line: they add up over areas, threads, files ---- */
struct fgt_sums {
    int64_t rows, poor_rows, missing_rows, not_positive_rows; /* y <= 0 among the known */
    double weight, poor, gap, gap2, y;                        /* sum w, w·1, w·g, w·g², w·y */
    double log_gap; /* w·ln(z/y) of the poor with y > 0 */
    double missing_weight, not_positive_weight;
    /* What the eight sums above lost to rounding; only fgt_add and fgt_merge touch it. */
    struct fgt_low {
        double weight, poor, gap, gap2, y, log_gap, missing_weight, not_positive_weight;
    } low;
};
/* Adds rows to sums[group[i]] (group NULL: sums[0]). Poor: y < line, or y <= line when `weak`.
 * line > 0 (checked by the caller: line_check). */
void fgt_add(struct fgt_sums *sums, const struct welfare *x, const uint32_t *group, double line,
             bool weak);
void fgt_merge(struct fgt_sums *into, const struct fgt_sums *from);
/* Headcount (0), gap (1), severity (2). */
struct estimate fgt_of(const struct fgt_sums *s, int power);
/* Mean of w·y over the rows used. */
struct estimate mean_of(struct cx *cx, const struct fgt_sums *s);
struct estimate watts_of(struct cx *cx, const struct fgt_sums *s); /* over weight with y > 0 */
/* RC_INVALID with a sentence: zero, negative, not a number. */
enum rc line_check(struct cx *cx, double line) MUST_USE;

/* ---- ranked rows: sorted by welfare, ties merged in any order ---- */
struct ranked {
    const double *y, *w; /* sorted ascending (ties in row order), rows with w > 0 only */
    const double *cum;   /* running weight, cum[n-1] = weight */
    size_t n;
    double weight, mean; /* mean: NaN when n is 0 */
    int64_t rows_left_out;
    double weight_left_out;
};
/* Needs 32 bytes of cx->arena a row while it works and 24 afterwards. RC_INVALID: a negative
 * weight; RC_LIMIT: more rows than the arena holds. No row with weight: n = 0. */
enum rc ranked_make(struct ranked *out, struct cx *cx, const struct welfare *x) MUST_USE;
enum quantile_kind {
    QUANTILE_LAEKEN, /* weighted, mean of neighbours when cum weight hits p exactly (laeken's
                        definition; its release 0.5.2 takes the upper neighbour instead) */
    QUANTILE_INVERSE /* smallest y whose running weight reaches p (convey) */
};
/* p is clamped to 0..1; NaN when nobody is left. */
double ranked_quantile(const struct ranked *r, double p, enum quantile_kind kind);
/* Standard form 1 (laeken); `convey` true: the form of R's convey, which changes with the scale
 * of the weights. Negative incomes are kept (may pass 1: the page says so); mean <= 0 is
 * refused. */
struct estimate ranked_gini(struct cx *cx, const struct ranked *r, bool convey);
/* Generalised entropy and Atkinson: of the rows with y > 0 for every parameter, so that a
 * family's members are of the same people; the others are in rows_left_out. epsilon >= 0. */
struct estimate ranked_ge(struct cx *cx, const struct ranked *r, double alpha);
struct estimate ranked_atkinson(struct cx *cx, const struct ranked *r, double epsilon);
/* Zenga's index of 2007 of the rows with y >= 0; the others are in rows_left_out. Standard
 * form: along the Lorenz curve (Langel and Tillé 2012); `convey` true: the sum that convey
 * takes, which changes a little with the order of equal rows and with repeated rows. */
struct estimate ranked_zenga(struct cx *cx, const struct ranked *r, bool convey);
/* Sen–Shorrocks–Thon: FGT1 · (1 + Gini of the gaps over everybody). */
struct estimate ranked_sst(struct cx *cx, const struct ranked *r, double line, bool weak);
/* Share of all welfare that the people between quantiles p and q have: a row that a quantile
 * cuts gives its part. */
struct estimate ranked_share(struct cx *cx, const struct ranked *r, double p, double q);
/* laeken's qsr: welfare of rows above the 80 % quantile over that of rows up to the 20 % one.
 */
struct estimate ranked_s80s20(struct cx *cx, const struct ranked *r);
/* `count` + 1 points of the Lorenz curve: people p = i/count, share of welfare l; all NaN when
 * nobody is left or the mean is not positive. */
void ranked_lorenz(double *l, const struct ranked *r, size_t count);

/* ---- lines ---- */
enum line_kind { LINE_FIXED, LINE_OF_MEDIAN, LINE_OF_MEAN, LINE_OF_QUANTILE };
struct line_spec {
    enum line_kind kind;
    double value;    /* LINE_FIXED: money; else share (0.6) */
    double quantile; /* LINE_OF_QUANTILE */
};
/* "3000", "60%median", "50%mean", "40%q0.5". RC_INVALID with a sentence. */
enum rc line_parse(struct line_spec *out, struct cx *cx, struct str text) MUST_USE;
/* RC_INVALID: nobody is left, or the line is not positive. */
enum rc line_value(double *out, struct cx *cx, const struct line_spec *l,
                   const struct ranked *r, enum quantile_kind kind) MUST_USE;

/* ---- two years ---- */
/* Growth incidence: q2(p)/q1(p) - 1 at `count` points p = (i + 0.5)/count; NaN where q1 is not
 * positive. */
void growth_incidence(double *out, const struct ranked *a, const struct ranked *b, size_t count,
                      enum quantile_kind kind);
/* Datt–Ravallion with both references and the Shapley average, of FGT `power` (0..2). Growth
 * scales one year's distribution to the other's mean. RC_INVALID: nobody in a year, a mean that
 * is not positive, a wrong line. */
struct change_parts {
    double before, after, growth_1, redistribution_1, residual_1; /* reference: before */
    double growth_2, redistribution_2, residual_2;                /* reference: after */
    double growth, redistribution;                                /* Shapley average */
};
enum rc datt_ravallion(struct change_parts *out, struct cx *cx, const struct ranked *a,
                       const struct ranked *b, double line, int power, bool weak) MUST_USE;

#endif
