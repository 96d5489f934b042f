/* What the files of quantile regression share. */
#ifndef STATS_MODEL_QUANTILE_INNER_H
#define STATS_MODEL_QUANTILE_INNER_H

#include "stats/model_inner.h"

/* b near the best one by the interior point; m->dropped and m->kept are set. */
enum rc quantile_interior(struct model_state *m, struct cx *cx, double tau);
/* From there down to the vertex: exact. u: residuals by row, zero on it. *steps; false in
 * *settled: it was not reached. */
enum rc quantile_vertex(struct model_state *m, struct cx *cx, double tau, double *u, int *steps,
                        bool *settled);

#endif
