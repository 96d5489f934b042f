/* Poverty and inequality of money over a population: what the pages show, as plain numbers. */
#ifndef INSIGHT_POOR_H
#define INSIGHT_POOR_H

#include "insight/figures.h"
#include "insight/population.h"

enum { MONEY_BINS_MAX = 64, MONEY_LORENZ = 40, MONEY_GROWTH = 20, MONEY_YEARS_MAX = 15 };

struct money_group {
    const char *label;
    int64_t area_id, code, households;
    struct fgt_sums sums;
};
struct money_year {
    int32_t year;
    double line;         /* NaN: no line of that year, or several */
    const char *refused; /* why there is no figure; NULL */
    struct fgt_sums sums;
};
/* Weight by bins of income; bins end at the line where there is one. */
struct money_bins {
    double edge[MONEY_BINS_MAX + 1], weight[MONEY_BINS_MAX + 1];
    size_t count;
    double above; /* weight beyond the last edge */
};
struct money {
    double line, line_low, line_high;
    struct fgt_sums all;
    double poor_households; /* how many, whatever the unit */
    struct money_group *children, *codes;
    size_t child_count, code_count;
    struct money_bins bins;
    double median;
};
/* FGT of everybody, of child areas and of groups, the distribution. */
enum rc money_read(struct money *out, struct cx *cx, struct population *p) MUST_USE;
/* FGT over the scope's years, at most the last MONEY_YEARS_MAX. */
enum rc money_trend(struct money_year **out, size_t *count, struct cx *cx,
                    const struct scope *s) MUST_USE;

/* Who is poor at one line and not at another. */
struct money_newly {
    const struct scope_line *from; /* the line compared with; NULL: there is none */
    double line;                   /* its value; NaN: differs by area */
    int64_t rows, fewer_rows;      /* households newly poor, and no longer poor */
    double weight, fewer_weight;
    const char *refused; /* why there is no figure; NULL */
};
/* Compares p's line with scope->from_line, or else with the profile's first line when that is
 * another. Leaves p with its own line. */
enum rc money_newly(struct money_newly *out, struct cx *cx, struct population *p) MUST_USE;

struct inequality {
    struct estimate of[STATISTIC_COUNT]; /* by enum statistic; those of money */
    struct estimate share[5];
    double lorenz[MONEY_LORENZ + 1];
};
enum rc inequality_read(struct inequality *out, struct cx *cx, struct population *p) MUST_USE;

struct growth {
    int32_t from, to;
    double incidence[MONEY_GROWTH]; /* at p = (i + 0.5) / MONEY_GROWTH */
    struct change_parts parts[3];   /* of FGT 0, 1, 2 */
    double line;                    /* of `to`, for both years */
    double mean_from, mean_to;
    const char *refused; /* a sentence when it cannot be had; else NULL */
};
/* Between scope->from_year and p's year; refused where there is none. */
enum rc growth_read(struct growth *out, struct cx *cx, struct population *p) MUST_USE;

/* The figures of each as rows of a file. */
void money_figures(struct figures *f, struct cx *cx, const struct scope *s,
                   const struct money *m);
void trend_figures(struct figures *f, struct cx *cx, const struct money_year *years,
                   size_t count);
void inequality_figures(struct figures *f, struct cx *cx, const struct inequality *q);
void growth_figures(struct figures *f, struct cx *cx, const struct growth *g);

#endif
