/* What a programme did: differences in differences (two periods, staggered), event study,
 * matching, weighting, synthetic control, power. Sources and numbers to reproduce:
 * domain/statistics.md f. Callaway and Sant'Anna 2021; Sant'Anna and Zhao 2020; Sun and Abraham
 * 2021; Borusyak, Jaravel and Spiess 2024; Goodman-Bacon 2021; Abadie, Diamond, Hainmueller
 * 2010; Arkhangelsky et al. 2021; Abadie and Imbens 2006; Lunceford and Davidian 2004;
 * Hainmueller 2012. */
#ifndef STATS_EFFECT_H
#define STATS_EFFECT_H

#include "stats/model.h"

/* A panel: rows of (unit, period, outcome); first[i]: period in which the unit was first
 * treated, INT32_MAX never; the same in all rows of a unit. A unit that is first treated after
 * the last period counts as never treated. Rows whose outcome is no number or whose weight is
 * zero count as missing. */
struct panel {
    size_t n, k;
    const uint32_t *unit; /* from 0 */
    size_t units;
    const int32_t *period, *first;
    const double *y, *w;      /* w NULL: 1 */
    const double *const *x;   /* did_make: k columns without constant; the value of each
                                 unit's first period counts */
    const char *const *names; /* of x, for sentences; NULL */
    const uint32_t *cluster;  /* by row, from 0, the same in all rows of a unit; NULL: the
                                 unit */
    size_t clusters;
};
/* All functions of a panel: RC_INVALID with a sentence naming the data row: a unit twice in a
 * period, with two first periods or in two clusters, a negative weight; and for nobody treated,
 * everybody treated always, one period, one cluster, a constant covariate. RC_LIMIT: the arena
 * is full. Memory: about 8 bytes a row (16 with weights), and 8·(k + 1) a unit. Two periods and
 * one treated group make the plain 2×2: did_make and twfe_make then give the same effect. */

enum did_method { DID_DR, DID_IPW, DID_REG };
struct did_spec {
    enum did_method method;
    bool not_yet;   /* controls: not yet treated too; else never treated only */
    bool universal; /* base period: always the last before treatment; else, before treatment,
                       the period before */
    int32_t anticipation; /* periods before the first treated one that it may already touch */
    double level;         /* of intervals; 0: 0.95 */
    int draws;            /* multiplier bootstrap for the uniform bands; 0: none */
    uint64_t seed;
    int threads; /* 0: 1; the result is the same bits for any number */
};
struct did_cell {
    int32_t group, period;
    double att, se;      /* 0 and 0 in a universal base period; NaN when refused */
    double treated;      /* weight of units */
    const char *refused; /* why it could not be estimated, to show through _(); NULL */
};
struct did_sum {
    double value, se, low, high; /* pointwise */
    double band_low, band_high;  /* uniform over its family (events, groups, periods); NaN
                                    without draws */
};
struct did {
    struct did_cell *cell;
    size_t cells;
    /* Overall: all cells after treatment by size of the group; the mean of the events from 0
     * on; of the groups by size; of the periods. NaN: no cell. */
    struct did_sum simple, dynamic, group, calendar;
    int32_t *event;
    struct did_sum *by_event; /* event study: periods since treatment (numbers' difference) */
    size_t events;
    struct did_sum *by_group, *by_period;
    int32_t *groups, *periods;
    size_t group_count, period_count;
    /* Wald test of all effects before treatment; NaN with 0 degrees: none, or singular */
    double pretrend, pretrend_df, pretrend_p;
    int64_t units, clusters;
    int64_t dropped_units; /* not in all periods, or treated from the first */
};
/* Callaway and Sant'Anna 2021, balanced panels. Errors: influence functions summed by cluster,
 * with their share for the sizes of the groups. Bands: Gaussian multipliers, whose sums over
 * clusters are exactly normal with the influence functions' covariance, so that draws are taken
 * from that. Cells without controls, overlap (score 0.999) or independent covariates are
 * refused and left out of the sums. */
enum rc did_make(struct did *out, struct cx *cx, const struct panel *p,
                 const struct did_spec *s) MUST_USE;

/* Two-way fixed effects (unit, period; x is not used) with its Bacon weights beside. */
struct twfe {
    double b;
    double se_iid;     /* s²/(n - k), k all effects of units and periods and b */
    double se_cluster; /* factor G/(G - 1)·(n - 1)/(n - k), the units' effects not in k (they
                          lie inside the clusters): as R's fixest */
    int64_t n, clusters;
    struct bacon {
        int32_t treated, control; /* groups; INT32_MAX never, INT32_MIN always */
        int kind; /* 0 treated v never, 1 earlier v later, 2 later v earlier (or always) */
        double weight, estimate;
    } *bacon;
    size_t bacon_count;
    const char *bacon_refused; /* why there are none; NULL */
    /* Weights of the treated cells (unit, period) in b add up to 1; this is minus the sum of
     * those below 0 (de Chaisemartin and D'Haultfœuille 2020), and how many they are. */
    double negative_weight;
    int64_t negative_cells, treated_cells;
};
enum rc twfe_make(struct twfe *out, struct cx *cx, const struct panel *p) MUST_USE;

/* Effects by period since treatment and their average over treated rows; 95 % intervals. */
struct effects {
    struct did_sum att;
    int32_t *event;
    struct did_sum *by_event;
    size_t events;
    int64_t n, clusters;
    int64_t dropped_units; /* treated from their first period on */
    int64_t dropped_rows;  /* treated rows for which no untreated ones exist */
};
/* Sun and Abraham 2021: cohort × period effects (reference: the period before treatment, the
 * never treated; without these the last cohort), weighted by rows; errors as se_cluster of
 * twfe, shares taken as given; t with clusters - 1. x is not used. */
enum rc sunab_make(struct effects *out, struct cx *cx, const struct panel *p) MUST_USE;
/* Borusyak, Jaravel and Spiess 2024: effects of units and periods from the untreated rows,
 * the mean of what the treated rows lie above them; events from 0 on; conservative clustered
 * errors around the weighted mean of each cohort and period; normal. x is not used. */
enum rc imputation_make(struct effects *out, struct cx *cx, const struct panel *p) MUST_USE;

/* ---- cross-sections ---- */

/* Rows with a missing y, d or x, or the weight zero, are left out and counted. Functions of a
 * cohort: RC_INVALID with a sentence for d other than 0 and 1, nobody or everybody treated,
 * negative weights, a constant covariate (named), covariates that separate the treated. */
struct cohort {
    size_t n, k;
    const double *y, *d;    /* d: treated 0/1 */
    const double *const *x; /* k columns without constant */
    const char *const *names;
    const double *w;
};
enum match_kind { MATCH_NEAREST, MATCH_SUBCLASS, MATCH_EXACT_COARSE };
/* The score is the logit's probability. Nearest, one to one: the treated with the largest score
 * chooses first (equal scores: the lowest row). It takes the nearest control; of controls with
 * the same score the first row where they lie at or above it, the last row where below; at
 * equal distances the one below (as R's MatchIt 4.5 on, whose sorted list is searched
 * outwards). Subclasses: cuts at the quantiles (R's type 7) of the treated's scores; one
 * without treated or controls joins the one before. */
struct matching_spec {
    enum match_kind kind;
    bool replace;
    double caliper;            /* in standard deviations of the score over all rows; 0 none */
    int subclasses;            /* 2–1000 */
    const double *const *cuts; /* MATCH_EXACT_COARSE: by column ascending cuts, NaN-terminated
                                  (a value on a cut lies above it); NULL, or a NULL column:
                                  Sturges' ceil(log2(n) + 1) bins of equal width */
};
struct balance {
    double mean_treated, mean_treated_after;    /* after: matched or weighted */
    double mean_before, mean_after;             /* controls */
    double difference_before, difference_after; /* standardised by all treated's deviation */
    double ratio_before, ratio_after;           /* of variances, treated over controls */
};
struct matching {
    double att, att_adjusted; /* adjusted by regression on x in the matched sample */
    /* Nearest: Abadie and Imbens 2006 (conditional variances from the next control by score),
     * the score taken as known; strata: by arm and stratum. */
    double se;
    double *weight;          /* by row: treated 1, controls what they stand for, times w */
    int64_t pairs, controls; /* matched treated; controls used */
    double effective_controls;
    struct balance *balance; /* k */
    int64_t left_out;
};
enum rc matching_make(struct matching *out, struct cx *cx, const struct cohort *c,
                      const struct matching_spec *s) MUST_USE;
enum weighting_kind {
    WEIGHT_IPW_ATT, /* Hájek: weights add up to those of the treated */
    WEIGHT_IPW_ATE,
    WEIGHT_AIPW_ATT, /* linear regressions of each arm, logit score */
    WEIGHT_AIPW_ATE,
    WEIGHT_ENTROPY_ATT /* means of x as those of the treated; no score */
};
/* With k = 0 IPW is the plain difference of means. Errors by influence functions, with the
 * score's own share for IPW; AIPW's does not move with it (to first order). */
struct weighting {
    double effect, se;
    double *weight; /* by row */
    double effective_treated, effective_controls, smallest_score, largest_score;
    struct balance *balance;
    int64_t left_out;
};
enum rc weighting_make(struct weighting *out, struct cx *cx, const struct cohort *c,
                       enum weighting_kind kind) MUST_USE;

/* ---- few treated units ---- */

struct synthetic_spec {
    size_t units, periods, treated_from; /* y[unit * periods + period]; the last treated_count
                                            units are treated from period treated_from */
    size_t treated_count;
    const double *y;
    const double *const *x; /* SYNTHETIC_CONTROL: predictors by unit, for the outer search of
                               their weights; NULL: all outcomes before */
    size_t k;
    uint64_t seed; /* placebos of several treated units */
};
/* SYNTHETIC_CONTROL with x as R's Synth (the simplex problem solved exactly), without as
 * sc_estimate of R's synthdid; SYNTHETIC_DID as its synthdid_estimate; both with its steps and
 * stopping rule, which is part of the number. */
enum synthetic_kind { SYNTHETIC_CONTROL, SYNTHETIC_DID, PLAIN_DID };
struct synthetic {
    double effect; /* mean gap after treatment */
    /* Deviation of the placebo effects: each control in turn for one treated unit, 200 draws
     * for more; NaN with too few controls. */
    double se;
    double *placebo; /* these effects; with one treated unit by control */
    size_t placebos;
    double *unit_weight; /* of the controls, in their order */
    double *time_weight; /* of the periods before; 0 for SYNTHETIC_CONTROL */
    double *gap;         /* by period, less the weighted gap before */
    double loss;         /* mean square of treated less weighted controls before */
};
/* RC_INVALID with a sentence: fewer than two controls or periods before, a missing outcome or
 * predictor, controls that never change. */
enum rc synthetic_make(struct synthetic *out, struct cx *cx, const struct synthetic_spec *s,
                       enum synthetic_kind kind) MUST_USE;

/* ---- power ---- */

/* Smallest effect that is found with `power` at `level` (two-sided, 0.05), for clusters of
 * equal size with intra-class correlation icc; baseline_r: correlation of the outcome with its
 * baseline (0: none is used). Student's t with clusters - 2. NaN: a number outside its range.
 */
double power_smallest_effect(double sd, double clusters, double per_cluster,
                             double share_treated, double icc, double baseline_r, double level,
                             double power);
/* The least whole number of clusters that finds `effect`. */
double power_clusters(double effect, double sd, double per_cluster, double share_treated,
                      double icc, double baseline_r, double level, double power);

#endif
