/* Poverty in many dimensions over a population: what the page shows, as plain numbers. */
#ifndef INSIGHT_DIMENSION_H
#define INSIGHT_DIMENSION_H

#include "insight/figures.h"
#include "insight/population.h"

struct dimension_group {
    const char *label;
    int64_t area_id, code, households;
    struct mpi_result result;
};
struct dimension_year {
    int32_t year;
    struct mpi_result result;
};
struct dimension {
    struct mpi_result all;
    struct dimension_group *children, *codes;
    size_t child_count, code_count;
    struct mpi_at_k *at_k; /* all k at once, ascending */
    size_t at_k_count;
};
/* Of a population opened with POPULATION_FLAGS. */
enum rc dimension_read(struct dimension *out, struct cx *cx,
                       const struct population *p) MUST_USE;
/* Over the scope's years, at most the last 15. */
enum rc dimension_trend(struct dimension_year **out, size_t *count, struct cx *cx,
                        const struct scope *s) MUST_USE;
void dimension_figures(struct figures *f, struct cx *cx, const struct scope *s,
                       const struct dimension *d);
void dimension_trend_figures(struct figures *f, struct cx *cx, const struct scope *s,
                             const struct dimension_year *years, size_t count);

/* Weighted score of a household's deprivations; *complete: all of them are known. */
int64_t dimension_score(bool *complete, const struct mpi_spec *s, uint16_t deprived,
                        uint16_t known);
/* Is it poor: complete and score · k_den >= k_num · sum of weights. */
bool dimension_poor(const struct mpi_spec *s, uint16_t deprived, uint16_t known);

#endif
