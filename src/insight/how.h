/* "How was this computed": what stands under every figure, so that anybody can do it again. */
#ifndef INSIGHT_HOW_H
#define INSIGHT_HOW_H

#include "insight/population.h"

/* A named measure with its definition, formula and source: in how.c, one row each. */
enum measure {
    MEASURE_HEADCOUNT,
    MEASURE_GAP,
    MEASURE_SEVERITY,
    MEASURE_WATTS,
    MEASURE_SST,
    MEASURE_GINI,
    MEASURE_GE0,
    MEASURE_GE1,
    MEASURE_GE2,
    MEASURE_ATKINSON_HALF,
    MEASURE_ATKINSON_1,
    MEASURE_ATKINSON_2,
    MEASURE_MEAN,
    MEASURE_MEDIAN,
    MEASURE_SHARES,
    MEASURE_S80S20,
    MEASURE_LORENZ,
    MEASURE_GROWTH_INCIDENCE,
    MEASURE_DATT_RAVALLION,
    MEASURE_NEWLY_POOR,
    MEASURE_H,
    MEASURE_A,
    MEASURE_M0,
    MEASURE_UNCENSORED,
    MEASURE_CENSORED,
    MEASURE_CONTRIBUTION,
    MEASURE_PERCENTILE,
    MEASURE_COUNT
};
struct measure_text {
    const char *code;       /* in exports and commands: "fgt0" */
    const char *name;       /* N_() */
    const char *definition; /* N_(): one or two sentences */
    const char *formula;    /* plain text, symbols as in the source */
    const char *source;
};
const struct measure_text *measure_text(enum measure m); /* static */
const char *measure_name(struct cx *cx, enum measure m);

/* What is shown. how_begin fills everything but exports and the page's own notes. */
struct how_fact {
    const char *label, *value;
};
struct how {
    const enum measure *measures;
    size_t measure_count;
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
                   const enum measure *measures, size_t measure_count);
void how_add(struct cx *cx, struct how *h, const char *label, const char *value);
/* "fumin poverty FILE --welfare … --weight size --line …" of the scope and population. */
const char *how_poverty_command(struct cx *cx, const struct scope *s,
                                const struct population *p);
const char *how_mpi_command(struct cx *cx, const struct scope *s);

#endif
