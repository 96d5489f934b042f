/* Inside of population: filling it out of one county's columns, and its line. */
#ifndef INSIGHT_POPULATION_IMPL_H
#define INSIGHT_POPULATION_IMPL_H

#include "insight/population.h"

/* What is being read. `wide` has the population's arena. */
struct population_reading {
    struct population *p;
    struct cx *wide;
    unsigned want;
    size_t room;         /* rows that the arrays hold */
    size_t place_room;   /* places */
    bool with_codes;     /* some line differs by area */
    struct str above[8]; /* official codes above the county, most specific first */
    size_t above_count;
};
/* All households of the county that lie in the scope's area. */
enum rc population_read_county(struct population_reading *r, struct columns *c,
                               const struct scope_county *county) MUST_USE;
/* Groups of the scope's indicator before reading, and what is left of them after it. */
void population_codes_begin(struct population_reading *r);

#endif
