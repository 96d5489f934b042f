/* What the files model_*.c share: the rows of a model that count, centred and scaled, and what
 * a fit hands to its errors. Not for other rooms. */
#ifndef STATS_MODEL_INNER_H
#define STATS_MODEL_INNER_H

#include "stats/matrix.h"
#include "stats/model.h"

/* One sentence for memory; translate with _(). */
#define MODEL_MEMORY N_("There is too little memory for a model this large.")

struct model_rows {
    const struct model_spec *s;
    size_t n;            /* rows used */
    const uint32_t *row; /* their places; NULL: all */
    uint8_t *used;       /* by place */
    int64_t left_out, separated;
    const double *y, *w, *offset; /* of the rows used; w, offset NULL */
    double weight;                /* sum of w */
    double y_shift, y_scale; /* y is (y - offset - shift) · scale; 0, 1 but for OLS, quantile */
    double *low, *high;      /* by column, of the rows used */
    double *shift, *scale;   /* by column; a scale of 0 leaves the column out */
    size_t constant;         /* the first constant column; k: none */
    const char *why;
    struct matrix_table t; /* the rows used, centred and scaled */
};
/* Reads and checks all but the family's own conditions. */
enum rc model_rows_make(struct model_rows *out, struct cx *cx, const struct model_spec *s);
/* Again after used[] or scale[] changed; keeps columns with scale 0. */
enum rc model_rows_again(struct model_rows *r, struct cx *cx);
/* Centres and scales the outcome too. */
enum rc model_rows_centre_outcome(struct model_rows *r, struct cx *cx);
const char *model_name(struct cx *cx, const struct model_spec *s, size_t j);
const char *model_y_name(const struct model_spec *s);
static inline double model_weight(const struct model_rows *r, size_t i)
{
    return r->w ? r->w[i] : 1;
}

/* One pass with arrays by row: xx = Z' diag(weight) Z, xr = Z' right; NULL: not wanted, 1, 0.
 */
enum rc model_cross(double *xx, double *xr, struct cx *cx, const struct model_rows *r,
                    const double *weight, const double *right);
/* out = Z b. */
enum rc model_eta(double *out, struct cx *cx, const struct model_rows *r, const double *b);

/* What a family's fit leaves, in terms of the centred and scaled columns. */
struct model_state {
    struct model_rows rows;
    double *b, *inverse; /* k, k × k: of the information (the bread) */
    bool *dropped;
    double *score; /* by row used: the score of row i is score[i] · z_i, with its weight */
    double *omega; /* by row used: weight in the information */
    double dispersion;
    size_t kept;
};
enum rc model_state_make(struct model_state *out, struct cx *cx, const struct model_spec *s);
/* Counts kept columns, and says why others were dropped. */
enum rc model_note_dropped(struct model_state *m, struct cx *cx, const double *xx);
enum rc model_ols(struct model_fit *f, struct model_state *m, struct cx *cx);
enum rc model_glm(struct model_fit *f, struct model_state *m, struct cx *cx);
enum rc model_quantile(struct model_fit *f, struct model_state *m, struct cx *cx);
/* v: k × k. */
enum rc model_errors(double *v, struct model_fit *f, struct cx *cx,
                     const struct model_state *m);
/* Numbers of the clusters that have rows, from 0, by row used. RC_INVALID: one cluster. */
enum rc model_clusters(uint32_t **cluster, size_t *count, struct cx *cx,
                       const struct model_rows *r);

/* Looks for a column that separates the outcome. *found: rows or a column went out, fit again.
 * RC_INVALID: nothing can be done. */
enum rc model_separated(bool *found, struct cx *cx, struct model_rows *r);
/* Whether the direction d (k) predicts an outcome without a limit: then RC_INVALID, named. */
enum rc model_separated_along(struct cx *cx, const struct model_rows *r, const double *d);

/* A family's terms of one row: the log-likelihood (but for a constant of y), its slope in eta
 * and the expected information. */
struct model_term {
    double likelihood, slope, information;
};
struct model_term model_term(enum model_family family, double y, double eta);
/* First and second derivative of the mean in the link. */
double model_mean_slope(enum model_family family, double link);
double model_mean_bend(enum model_family family, double link);

#endif
