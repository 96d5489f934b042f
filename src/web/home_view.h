/* What the start page shows. */
#ifndef WEB_HOME_VIEW_H
#define WEB_HOME_VIEW_H

#include "register/area.h"
#include "web/page.h"
#include "work/task_view.h"

struct home_view {
    int64_t households, people;
    struct area *areas;
    size_t area_count;
    struct task_next_view next; /* what to do first */
    bool may_import, may_poverty, may_households;
};

#endif
