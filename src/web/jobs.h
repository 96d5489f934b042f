/* All kinds of jobs that the server runs, and those that come again. */
#ifndef WEB_JOBS_H
#define WEB_JOBS_H

#include "work/job.h"

/* The joined table; static memory, made at the first call (before threads start). */
const struct job_kind *jobs_all(size_t *count);
/* Joins the rooms: kinds of deadlines, clocks, what follows when a flow moves or a task ends.
 * Once, before anything is written (app_open does it). */
void office_begin(void);
/* Registers the recurring ones: the nightly look at documents and register. */
enum rc jobs_register(struct cx *cx) MUST_USE;

#endif
