/* What the status page shows. */
#ifndef WEB_STATUS_VIEW_H
#define WEB_STATUS_VIEW_H

#include "web/page.h"
#include "work/job.h"

struct status_fact {
    const char *label, *value;
};
struct status_view {
    struct status_fact facts[16];
    size_t fact_count;
    struct job *jobs;
    const char **states;
    size_t job_count;
};

#endif
