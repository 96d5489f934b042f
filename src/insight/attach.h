/* Further facts for the rows of a population: the counties' columns are opened again, one after
 * another, and each row is found by its household. */
#ifndef INSIGHT_ATTACH_H
#define INSIGHT_ATTACH_H

#include "insight/population.h"

/* Called when a county's columns are open, before its rows: asks for the columns it needs. */
typedef enum rc (*attach_county_fn)(struct cx *cx, void *arg, struct columns *c);
/* Row i of the population stands in row `row` of the open columns; -1: it is gone since. */
typedef void (*attach_row_fn)(void *arg, size_t i, int64_t row);
/* The population must have been opened with POPULATION_ID. */
enum rc attach_rows(struct cx *cx, const struct population *p, attach_county_fn county,
                    attach_row_fn row, void *arg) MUST_USE;

#endif
