/* "How was this computed": what stands under every figure, so that anybody can do it again. */
#ifndef INSIGHT_HOW_H
#define INSIGHT_HOW_H

#include "insight/population.h"

/* A named statistic with its definition, formula and source: in how.c, one row each. */
enum statistic {
    STATISTIC_HEADCOUNT,
    STATISTIC_GAP,
    STATISTIC_SEVERITY,
    STATISTIC_WATTS,
    STATISTIC_SST,
    STATISTIC_GINI,
    STATISTIC_GE0,
    STATISTIC_GE1,
    STATISTIC_GE2,
    STATISTIC_ATKINSON_HALF,
    STATISTIC_ATKINSON_1,
    STATISTIC_ATKINSON_2,
    STATISTIC_MEAN,
    STATISTIC_MEDIAN,
    STATISTIC_SHARES,
    STATISTIC_S80S20,
    STATISTIC_LORENZ,
    STATISTIC_GROWTH_INCIDENCE,
    STATISTIC_DATT_RAVALLION,
    STATISTIC_NEWLY_POOR,
    STATISTIC_H,
    STATISTIC_A,
    STATISTIC_M0,
    STATISTIC_UNCENSORED,
    STATISTIC_CENSORED,
    STATISTIC_CONTRIBUTION,
    STATISTIC_PERCENTILE,
    STATISTIC_COUNT
};
struct statistic_text {
    const char *code;       /* in exports and commands: "fgt0" */
    const char *name;       /* N_() */
    const char *definition; /* N_(): one or two sentences */
    const char *formula;    /* plain text, symbols as in the source */
    const char *source;
};
const struct statistic_text *statistic_text(enum statistic m); /* static */
const char *statistic_name(struct cx *cx, enum statistic m);

/* What is shown. how_begin fills everything but exports and the page's own notes. */
struct how_fact {
    const char *label, *value;
};
struct how {
    const enum statistic *statistics;
    size_t statistic_count;
    struct how_fact *facts; /* area, year, welfare, line, unit, rows used and left out … */
    size_t fact_count;
    const struct population_source *sources;
    size_t source_count;
    const char *profile;                          /* "cn, version 1 (a1b2c3d4)" */
    const char *csv_href, *xlsx_href, *json_href; /* the figure's numbers; NULL: none */
    const char *rows_href;                        /* the rows for those who may; NULL */
    const char *command;                          /* the same by command line; NULL */
    const char *note;                             /* what else must be known; NULL */
};
enum { HOW_FACTS_MAX = 16 };
/* Facts of the scope and the population (NULL: none was read). In cx->arena. */
struct how *how_of(struct cx *cx, const struct scope *s, const struct population *p,
                   const enum statistic *statistics, size_t statistic_count);
void how_add(struct cx *cx, struct how *h, const char *label, const char *value);
/* "fumin poverty FILE --welfare … --weight size --line …" of the scope and population. */
const char *how_poverty_command(struct cx *cx, const struct scope *s,
                                const struct population *p);
const char *how_mpi_command(struct cx *cx, const struct scope *s);

#endif
